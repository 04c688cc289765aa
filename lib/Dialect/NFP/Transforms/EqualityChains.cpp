//===- EqualityChains.cpp - Comparisons of one number ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EqualityChains.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <numeric>

using namespace mlir;
using namespace nfpbpf::nfp;

std::optional<EqualityTest> nfpbpf::nfp::findEqualityTest(Block &block) {
  EqualityTest result;
  result.branch = dyn_cast<BrCCOp>(block.getTerminator());
  if (!result.branch ||
      result.branch.getTrueDest() == result.branch.getFalseDest())
    return std::nullopt;
  const Cond cond = result.branch.getCond();
  result.test = result.branch.getCc().getDefiningOp<AluOp>();
  if ((cond != Cond::EQ && cond != Cond::NE) || !result.test ||
      result.test->getBlock() != &block ||
      !result.test.getCcOut().hasOneUse() || result.test.getDst() ||
      result.test.getDstLm() || result.test.getPrevOut() ||
      result.test.getCcIn())
    return std::nullopt;
  result.equal = cond == Cond::EQ ? 0 : 1;
  OperandRange sources = result.test.getSrcs();
  switch (result.test.getOpcode()) {
  case AluOpcode::B:
    result.number = sources[0];
    break;
  case AluOpcode::Sub:
  case AluOpcode::Xor:
    for (unsigned n : {0u, 1u})
      if (std::optional<uint32_t> constant = constantOf(sources[n])) {
        result.constant = *constant;
        result.number = sources[1 - n];
      }
    break;
  default:
    break;
  }
  if (!result.number || !isa<GprType, XferType>(result.number.getType()) ||
      constantOf(result.number))
    return std::nullopt;
  return result;
}

/// The block is there for its test alone.
static bool onlyTests(Block &block, const EqualityTest &test) {
  if (block.getNumArguments() != 0)
    return false;
  for (Operation &op : block) {
    if (!isa<ImmOp, ConstOp>(op) && &op != test.test && &op != test.branch)
      return false;
    if (op.isUsedOutsideOfBlock(&block))
      return false;
  }
  return true;
}

/// Puts a test at the end of a chain.
static void append(EqualityChain &chain, Block *block, EqualityTest &test,
                   const BlockWeights &weights) {
  EqualityCase entry = {test.constant,
                        test.branch.getLoc(),
                        test.equalDest(),
                        llvm::to_vector(test.operands(true)),
                        weights.probability(block, test.equal),
                        std::nullopt};
  auto weighted = cast<WeightedBranchOpInterface>(test.branch.getOperation());
  if (ArrayRef<int32_t> counts = weighted.getWeights(); !counts.empty())
    entry.counts = {counts[test.equal], counts[1 - test.equal]};
  chain.blocks.push_back(block);
  chain.cases.push_back(std::move(entry));
  chain.otherwise = test.otherDest();
  chain.otherwiseOperands = llvm::to_vector(test.operands(false));
}

std::vector<EqualityChain>
nfpbpf::nfp::findChains(FuncOp function, const BlockWeights &weights) {
  llvm::DenseMap<Block *, EqualityTest> tests;
  for (Block &block : function.getBody())
    if (std::optional<EqualityTest> test = findEqualityTest(block))
      tests[&block] = *test;
  // Whether a block continues the chain of the one before it.
  auto continues = [&](Block *block) {
    auto test = tests.find(block);
    auto before = tests.find(block->getSinglePredecessor());
    return test != tests.end() && before != tests.end() &&
           before->first != block && before->second.otherDest() == block &&
           before->second.number == test->second.number &&
           onlyTests(*block, test->second);
  };
  std::vector<EqualityChain> chains;
  for (Block &block : function.getBody()) {
    if (!tests.contains(&block) || continues(&block))
      continue;
    EqualityChain &chain = chains.emplace_back();
    chain.number = tests[&block].number;
    append(chain, &block, tests[&block], weights);
    while (continues(chain.otherwise)) {
      Block *next = chain.otherwise;
      append(chain, next, tests[next], weights);
    }
  }
  return chains;
}

namespace {

/// Cycles of a branch that is taken, and of one that is not.
constexpr float Taken = 4, NotTaken = 1;

/// Which case comes at each place, and the probability of each of all.
struct Order {
  SmallVector<unsigned> cases;
  SmallVector<float> probabilities;
};

} // namespace

/// Cycles of the branches: the likelier case of each follows without a jump.
static float costOf(ArrayRef<unsigned> order, ArrayRef<float> probabilities) {
  float cost = 0, left = 1;
  for (unsigned n : order) {
    const float equal = probabilities[n], other = left - equal;
    cost += NotTaken * std::max(equal, other) + Taken * std::min(equal, other);
    left = other;
  }
  return cost;
}

/// The order that a profile or, without one, the constants suggest.
static Order suggestOrder(const EqualityChain &chain,
                          const BlockWeights &weights) {
  ArrayRef<EqualityCase> cases = chain.cases;
  Order order;
  order.cases.resize(cases.size());
  std::iota(order.cases.begin(), order.cases.end(), 0);
  order.probabilities.resize(cases.size());
  auto sortBy = [&](ArrayRef<float> likelihood) {
    llvm::sort(order.cases, [&](unsigned left, unsigned right) {
      return std::pair(-likelihood[left], left) <
             std::pair(-likelihood[right], right);
    });
  };
  if (cases.front().counts) {
    // One more of each: what was never seen may still happen.
    float sum = static_cast<float>(cases.back().counts->second) + 1;
    for (auto [n, entry] : llvm::enumerate(cases)) {
      order.probabilities[n] = static_cast<float>(entry.counts->first) + 1;
      sum += order.probabilities[n];
    }
    for (float &probability : order.probabilities)
      probability /= sum;
    sortBy(order.probabilities);
    return order;
  }
  const bool otherwiseLeaves = weights.leaves(chain.otherwise);
  auto guess = [&](const EqualityCase &entry, ArrayRef<uint32_t> excluded) {
    const float equal = guessEqual(entry.constant, excluded);
    return weights.leaves(entry.dest) && !otherwiseLeaves
               ? std::min(equal, guessLeaves())
               : equal;
  };
  SmallVector<float> likelihood;
  for (const EqualityCase &entry : cases)
    likelihood.push_back(guess(entry, {}));
  sortBy(likelihood);
  SmallVector<uint32_t> excluded;
  float left = 1;
  for (unsigned n : order.cases) {
    order.probabilities[n] = left * guess(cases[n], excluded);
    left -= order.probabilities[n];
    excluded.push_back(cases[n].constant);
  }
  return order;
}

void nfpbpf::nfp::orderByLikelihood(EqualityChain &chain,
                                    const BlockWeights &weights) {
  // Of equal constants only the first one is ever found.
  llvm::DenseSet<uint64_t> constants;
  const bool hasCounts = chain.cases.front().counts.has_value();
  for (const EqualityCase &entry : chain.cases)
    if (!constants.insert(entry.constant).second ||
        entry.counts.has_value() != hasCounts)
      return;
  if (chain.cases.size() < 2 ||
      (!hasCounts && llvm::any_of(chain.blocks, [&](Block *block) {
        return weights.decidesLoop(block);
      })))
    return;
  const Order order = suggestOrder(chain, weights);
  auto before = llvm::to_vector(llvm::seq<unsigned>(0, chain.cases.size()));
  if (costOf(order.cases, order.probabilities) >=
      costOf(before, order.probabilities))
    return;

  SmallVector<EqualityCase> cases;
  float left = 1;
  int64_t countsLeft = 0;
  if (hasCounts) {
    countsLeft = chain.cases.back().counts->second;
    for (const EqualityCase &entry : chain.cases)
      countsLeft += entry.counts->first;
  }
  for (unsigned n : order.cases) {
    EqualityCase &entry = cases.emplace_back(std::move(chain.cases[n]));
    entry.probability = order.probabilities[n] / left;
    left -= order.probabilities[n];
    if (hasCounts) {
      countsLeft -= entry.counts->first;
      entry.counts->second = static_cast<int32_t>(
          std::min<int64_t>(countsLeft, std::numeric_limits<int32_t>::max()));
    }
  }
  chain.cases = std::move(cases);
  chain.isReordered = true;
}
