//===- ByteBranches.cpp - nfp-byte-branches -------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A number of at most two bytes is compared by a branch for each byte: the
// first one tells most of the other numbers apart, the second one stands in a
// block of its own. Where nothing but comparisons reads a field, the branches
// read its word, and the instruction that takes it out goes.
//
//===----------------------------------------------------------------------===//

#include "ByteSources.h"
#include "EqualityChains.h"
#include "ExpandMacros.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include <algorithm>
#include <cmath>

#define DEBUG_TYPE "nfp-byte-branches"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_BYTEBRANCHES
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

/// Branches that compare one number.
constexpr size_t MaxBranches = 2;
/// Of 100 numbers with one byte right how many are equal.
constexpr int32_t SecondIsEqual = 95;

/// A byte that is compared.
struct ByteCompare {
  ByteSource source;
  unsigned position; ///< in the number
};
using ByteCompares = SmallVector<ByteCompare, MaxBranches>;

/// A case of a chain; no bytes where its test stays as it is.
struct PlannedTest {
  unsigned chain, place;
  float executions;
  ByteCompares bytes;
};

/// How many constants of a chain have a value at a place.
class ByteCounts {
public:
  explicit ByteCounts(ArrayRef<EqualityCase> cases);
  unsigned of(unsigned position, uint8_t value) const {
    return counts[position][value];
  }

private:
  std::array<std::array<unsigned, UINT8_MAX + 1>, 4> counts = {};
};

struct ByteBranches : nfpbpf::nfp::impl::ByteBranchesBase<ByteBranches> {
  using ByteBranchesBase::ByteBranchesBase;
  void runOnOperation() override;

private:
  void runOnFunction(FuncOp function);
  void plan(Value number, MutableArrayRef<PlannedTest> tests,
            const BlockWeights &weights);
  void rewrite(unsigned chain, ArrayRef<ByteCompares> bytes);
  void createTest(EqualityChain &chain, unsigned place, ByteCompares bytes,
                  const ByteCounts &counts);

  std::vector<EqualityChain> chains;
  /// Tests of flags that the chains were found by.
  llvm::SmallPtrSet<Operation *, 16> flagTests;
  /// Blocks of the current chain behind the first one.
  llvm::SmallPtrSet<Block *, 16> inner;
};

} // namespace

static uint8_t byteOf(uint32_t constant, unsigned position) {
  constexpr unsigned bitsOfByte = 8;
  return static_cast<uint8_t>(constant >> (bitsOfByte * position));
}

/// The bytes to compare with those of a constant; none if they are too many or
/// never equal.
static ByteCompares findBytes(const ByteSources &sources, uint32_t constant) {
  ByteCompares bytes;
  for (unsigned n = 0; n < sources.size(); ++n) {
    if (!sources[n].isZero())
      bytes.push_back({sources[n], n});
    else if (byteOf(constant, n) != 0)
      return {};
  }
  return bytes.size() <= MaxBranches ? bytes : ByteCompares();
}

/// The number as it is in its register.
static ByteSources inRegister(Value number, const ByteSources &sources) {
  ByteSources result;
  for (unsigned n = 0; n < sources.size(); ++n)
    if (!sources[n].isZero())
      result[n] = {number, n};
  return result;
}

/// The instruction that computes the number can set the flags (nfp-peephole).
static bool hasFlags(Value number, Block *block) {
  Operation *made = number.getDefiningOp();
  if (!made || made->getBlock() != block)
    return false;
  auto alu = dyn_cast<AluOp>(made);
  return alu ? alu.getOpcode() != AluOpcode::Ffs : isa<ShfOp, LdFieldOp>(made);
}

/// Cycles that branches on bytes save, without those of the number itself.
static float gainOf(const EqualityChain &chain, unsigned place,
                    const ByteCompares &bytes) {
  constexpr float taken = 4, notTaken = 1;
  const EqualityCase &entry = chain.cases[place];
  float gain =
      entry.constant == 0 && hasFlags(chain.number, chain.blocks[place]) ? 0
                                                                         : 1;
  if (entry.constant > MaxImm)
    ++gain;
  if (bytes.size() < MaxBranches)
    return gain;
  // A destination that others share follows only one of them.
  const bool isElsewhere =
      entry.probability < 0.5F && !entry.dest->getSinglePredecessor();
  return gain - entry.probability * (isElsewhere ? taken : notTaken);
}

/// Decides which of the tests of a number become branches on bytes.
void ByteBranches::plan(Value number, MutableArrayRef<PlannedTest> tests,
                        const BlockWeights &weights) {
  const ByteSources sources = findByteSources(number);
  if (llvm::count_if(sources, [](const ByteSource &source) {
        return !source.isZero();
      }) > int(MaxBranches))
    return;
  const ByteSources own = inRegister(number, sources);
  // The number is not needed if all its users can do without it.
  bool canGo = llvm::none_of(sources,
                             [&](const ByteSource &source) {
                               return source.word == number;
                             }) &&
               llvm::all_of(number.getUsers(), [&](Operation *user) {
                 return flagTests.contains(user);
               });
  float gainWithout = weights.of(number.getParentBlock()), gainWith = 0;
  for (PlannedTest &test : tests) {
    const EqualityChain &chain = chains[test.chain];
    test.bytes = findBytes(own, chain.cases[test.place].constant);
    canGo &= !test.bytes.empty();
    if (test.bytes.empty())
      continue;
    const float gain = gainOf(chain, test.place, test.bytes) * test.executions;
    gainWithout += gain;
    gainWith += std::max(gain, 0.0F);
  }
  const bool goes = canGo && gainWithout > gainWith;
  for (PlannedTest &test : tests) {
    const EqualityChain &chain = chains[test.chain];
    const EqualityCase &entry = chain.cases[test.place];
    if (goes) {
      test.bytes = findBytes(sources, entry.constant);
    } else if (!test.bytes.empty() &&
               gainOf(chain, test.place, test.bytes) <= 0) {
      test.bytes.clear();
      remark::missed(entry.loc, remarkOf(chain.blocks.front()->getParentOp(),
                                         DEBUG_TYPE, "FlagsStay"))
          << remark::add("equality is asked by flags")
          << remark::reason("branches on bytes would take no fewer cycles");
    }
  }
}

ByteCounts::ByteCounts(ArrayRef<EqualityCase> cases) {
  for (const EqualityCase &entry : cases)
    for (unsigned n = 0; n < counts.size(); ++n)
      ++counts[n][byteOf(entry.constant, n)];
}

/// Puts the byte first that tells the constant from most of the others; among
/// equals one that is not the most frequent in any number.
static void orderBytes(const ByteCounts &counts, uint32_t constant,
                       ByteCompares &bytes) {
  auto rank = [&](const ByteCompare &compare) {
    const uint8_t value = byteOf(constant, compare.position);
    return std::tuple(counts.of(compare.position, value),
                      value == 0 || value == UINT8_MAX, compare.position);
  };
  llvm::sort(bytes, [&](const auto &left, const auto &right) {
    return rank(left) < rank(right);
  });
}

static void setProbability(Operation *branch, const EqualityCase &entry,
                           bool isSecond) {
  if (entry.counts) {
    cast<WeightedBranchOpInterface>(branch).setWeights(
        {entry.counts->first, isSecond ? 0 : entry.counts->second});
    return;
  }
  const auto percent =
      static_cast<int32_t>(std::lround(entry.probability * 100));
  if (auto byte = dyn_cast<BrByteOp>(branch))
    byte.setExpected(isSecond ? SecondIsEqual : std::clamp(percent, 1, 99));
}

/// The test of a case at the end of its block.
void ByteBranches::createTest(EqualityChain &chain, unsigned place,
                              ByteCompares bytes, const ByteCounts &counts) {
  const EqualityCase &entry = chain.cases[place];
  Block *block = chain.blocks[place];
  OpBuilder builder = OpBuilder::atBlockEnd(block);
  // Constants of other blocks of the chain are made where they are needed.
  auto available = [&](ValueRange operands) {
    SmallVector<Value> values;
    for (Value value : operands) {
      auto constant = value.getDefiningOp<ConstOp>();
      if (constant && constant->getBlock() != block &&
          inner.contains(constant->getBlock()))
        value = builder.clone(*constant)->getResult(0);
      values.push_back(value);
    }
    return values;
  };
  const bool isLast = place + 1 == chain.blocks.size();
  Block *other = isLast ? chain.otherwise : chain.blocks[place + 1];
  SmallVector<Value> operands = available(entry.operands);
  SmallVector<Value> otherOperands;
  if (isLast)
    otherOperands = available(chain.otherwiseOperands);
  Location loc = entry.loc;

  if (bytes.empty()) {
    Value constant;
    if (entry.constant <= MaxImm)
      constant = ImmOp::create(builder, loc, entry.constant);
    else
      constant = ConstOp::create(builder, loc, entry.constant);
    auto test = AluOp::create(builder, loc, AluOpcode::Sub,
                              ValueRange{chain.number, constant}, Value(),
                              Value(), Type(), /*setsCC=*/true,
                              /*setsPrev=*/false);
    setProbability(BrCCOp::create(builder, loc, Cond::EQ, test.getCcOut(),
                                  entry.dest, operands, other, otherOperands),
                   entry, /*isSecond=*/false);
    return;
  }
  orderBytes(counts, entry.constant, bytes);
  auto branch = [&](const ByteCompare &compare, Block *dest,
                    ValueRange destOperands) {
    return BrByteOp::create(builder, loc, ByteTest::EQ, compare.source.byte,
                            byteOf(entry.constant, compare.position),
                            compare.source.word, dest, destOperands, other,
                            otherOperands);
  };
  Block *dest = entry.dest;
  if (bytes.size() > 1) {
    dest = new Block;
    block->getParent()->getBlocks().insertAfter(block->getIterator(), dest);
    builder.setInsertionPointToEnd(dest);
    setProbability(branch(bytes.back(), entry.dest, operands), entry,
                   /*isSecond=*/true);
    builder.setInsertionPointToEnd(block);
    operands.clear();
    ++numPairs;
  } else {
    ++numSingle;
  }
  auto first = branch(bytes.front(), dest, operands);
  setProbability(first, entry, /*isSecond=*/false);
  remark::passed(loc, remarkOf(first, DEBUG_TYPE, "ByteBranch")) << remark::add(
      "equality is asked by {0}{1}",
      bytes.size() == 1 ? "a branch on a byte" : "branches on two bytes",
      bytes.front().source.word == chain.number
          ? ""
          : ", without taking the number out of its word");
}

/// Erases instructions that nothing needs any longer.
static void eraseUnneeded(llvm::SmallSetVector<Operation *, 16> candidates) {
  while (!candidates.empty()) {
    Operation *op = candidates.pop_back_val();
    if (!op->use_empty() || !isRemovable(op))
      continue;
    SmallVector<Operation *> producers;
    for (Value operand : op->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        producers.push_back(producer);
    op->erase();
    candidates.insert(producers.begin(), producers.end());
  }
}

void ByteBranches::rewrite(unsigned number, ArrayRef<ByteCompares> bytes) {
  EqualityChain &chain = chains[number];
  llvm::SmallSetVector<Operation *, 16> unneeded;
  // All of them first: they may be each other's.
  SmallVector<EqualityTest> replaced;
  for (auto [block, compares] : llvm::zip_equal(chain.blocks, bytes))
    if (chain.isReordered || !compares.empty())
      replaced.push_back(*findEqualityTest(*block));
  if (replaced.empty())
    return;
  const ByteCounts counts(chain.cases);
  inner.clear();
  inner.insert(chain.blocks.begin() + 1, chain.blocks.end());
  for (unsigned place = 0; place < chain.blocks.size(); ++place)
    if (chain.isReordered || !bytes[place].empty())
      createTest(chain, place, bytes[place], counts);
  for (EqualityTest &old : replaced) {
    for (Value operand : old.branch->getOperands())
      if (Operation *made = operand.getDefiningOp())
        unneeded.insert(made);
    old.branch.erase();
  }
  eraseUnneeded(std::move(unneeded));
  if (chain.isReordered) {
    ++numOrdered;
    remark::passed(chain.cases.front().loc,
                   remarkOf(chain.blocks.front()->getTerminator(), DEBUG_TYPE,
                            "LikeliestFirst"))
        << remark::add("of {0} constants that the number is compared with, {1} "
                       "is asked for first",
                       chain.cases.size(), chain.cases.front().constant);
  }
}

void ByteBranches::runOnFunction(FuncOp function) {
  const BlockWeights weights(function);
  chains = findChains(function, weights);
  flagTests.clear();
  llvm::MapVector<Value, SmallVector<PlannedTest>> planned;
  for (auto [n, chain] : llvm::enumerate(chains)) {
    orderByLikelihood(chain, weights);
    float executions = weights.of(chain.blocks.front());
    for (auto [place, block] : llvm::enumerate(chain.blocks)) {
      flagTests.insert(findEqualityTest(*block)->test);
      planned[chain.number].push_back({static_cast<unsigned>(n),
                                       static_cast<unsigned>(place),
                                       executions,
                                       {}});
      executions *= 1 - chain.cases[place].probability;
    }
  }
  SmallVector<SmallVector<ByteCompares>> bytes(chains.size());
  for (auto [chain, ofChain] : llvm::zip_equal(chains, bytes))
    ofChain.resize(chain.blocks.size());
  for (auto &[number, tests] : planned) {
    plan(number, tests, weights);
    for (PlannedTest &test : tests)
      bytes[test.chain][test.place] = std::move(test.bytes);
  }
  for (auto [n, ofChain] : llvm::enumerate(bytes))
    rewrite(static_cast<unsigned>(n), ofChain);
}

void ByteBranches::runOnOperation() {
  for (auto function : getOperation().getOps<FuncOp>())
    runOnFunction(function);
}
