//===- TestLengths.cpp - nfp-test-lengths ---------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A frame on the wire has at least 60 bytes, and most checks of a packet's
// length are of fewer. The difference of the length and the largest bound that
// every such frame keeps is computed once, where it costs nothing: its sign is
// one bit, which one instruction tests. Only where it is set the exact question
// is asked.
//
//===----------------------------------------------------------------------===//

#include "BlockWeights.h"
#include "ExpandMacros.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"

#define DEBUG_TYPE "nfp-test-lengths"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_TESTLENGTHS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

/// Bytes of the shortest Ethernet frame, without its check sequence.
constexpr uint32_t LeastFrame = 60;
/// Word of the packet vector with the packet's length, and its bits.
constexpr unsigned LengthWord = 0;
constexpr uint32_t MaxLength = 0xffff;
constexpr unsigned SignBit = 31;
/// Rarer checks are not worth the words of the exact question, if there is one.
constexpr float LeastWeight = 0.1F;
/// Frames that are too short, beside those that are not.
constexpr int32_t ShortWeights[] = {0, 1000};

struct TestLengths : nfpbpf::nfp::impl::TestLengthsBase<TestLengths> {
  void runOnOperation() override;

private:
  void testLengths(FuncOp function);
};

/// A branch on whether the length is below a constant.
struct Check {
  AluOp compare;
  BrCCOp branch;
  uint32_t bound;

  /// The successor that follows when it is.
  unsigned shortWay() const {
    const Cond cond = BrCCOp(branch).getCond();
    return cond == Cond::LO || cond == Cond::LT ? 0 : 1;
  }
};

/// A value that is the packet's length, or that and a constant.
struct Length {
  uint32_t added = 0; ///< the constant
};

} // namespace

/// Small enough that differences of two have a sign bit of their own.
static std::optional<uint32_t> smallConstant(Value value) {
  const std::optional<uint32_t> constant = constantOf(value);
  return constant && *constant <= MaxLength ? constant : std::nullopt;
}

static std::optional<Length> lengthOf(Value value) {
  auto alu = value.getDefiningOp<AluOp>();
  if (!alu || alu.getSrcs().size() != 2 || alu.getDst() != value)
    return std::nullopt;
  for (unsigned n = 0; n < 2; ++n) {
    std::optional<uint32_t> constant = smallConstant(alu.getSrcs()[n]);
    Value other = alu.getSrcs()[1 - n];
    if (!constant)
      continue;
    auto word = other.getDefiningOp<LMOp>();
    if (alu.getOpcode() == AluOpcode::And && word && word.getPointer() == 1 &&
        word.getOffset() == LengthWord)
      return Length{};
    if (alu.getOpcode() == AluOpcode::Add && !alu.getCcIn())
      if (std::optional<Length> length = lengthOf(other);
          length && length->added + *constant <= MaxLength)
        return Length{length->added + *constant};
  }
  return std::nullopt;
}

/// Nothing for other branches.
static std::optional<Check> checkOf(BrCCOp branch) {
  switch (branch.getCond()) {
  case Cond::LO:
  case Cond::HS:
  case Cond::LT:
  case Cond::GE:
    break;
  default:
    return std::nullopt;
  }
  auto compare = branch.getCc().getDefiningOp<AluOp>();
  if (!compare || compare->getBlock() != branch->getBlock() ||
      compare.getOpcode() != AluOpcode::Sub || compare.getDst() ||
      compare.getDstLm() || compare.getPrevOut() ||
      !compare.getCcOut().hasOneUse() || compare.getSrcs().size() != 2)
    return std::nullopt;
  std::optional<uint32_t> bound = smallConstant(compare.getSrcs()[1]);
  if (!bound || !lengthOf(compare.getSrcs()[0]))
    return std::nullopt;
  return Check{compare, branch, *bound};
}

/// A profile has seen short packets: they are not those that a bit is for.
static bool isOftenShort(const Check &check) {
  constexpr int64_t often = 5; // one in so many
  BrCCOp branch = check.branch;
  const std::optional<ArrayRef<int32_t>> weights = branch.getBranchWeights();
  return weights && often * (*weights)[check.shortWay()] >
                        int64_t((*weights)[0]) + (*weights)[1];
}

/// The exact question, in a block of its own.
static Block *askExactly(const Check &check) {
  Region *region = check.branch->getParentRegion();
  OpBuilder builder(region->getContext());
  Block *block = builder.createBlock(region, region->end());
  IRMapping mapping;
  builder.clone(*check.compare, mapping);
  auto branch = cast<BrCCOp>(builder.clone(*check.branch, mapping));
  branch.removeBranchWeightsAttr();
  return block;
}

/// Leads the short way to the exact question, if that is another one.
static void leadShortWay(const Check &check, uint32_t bound, Operation *branch,
                         unsigned successor) {
  if (check.bound == bound)
    return;
  Block *exact = askExactly(check);
  cast<BranchOpInterface>(branch)
      .getSuccessorOperands(successor)
      .getMutableForwardedOperands()
      .clear();
  branch->setSuccessor(exact, successor);
}

/// The check becomes a test of the difference's sign.
static void testSign(const Check &check, Value difference, uint32_t bound) {
  const unsigned shortWay = check.shortWay();
  BrCCOp old = check.branch;
  OpBuilder builder(old);
  auto operands = [&](unsigned successor) -> ValueRange {
    return successor == 0 ? ValueRange(old.getTrueOperands())
                          : ValueRange(old.getFalseOperands());
  };
  auto test =
      BrBitOp::create(builder, old.getLoc(), BitTest::Set, SignBit, difference,
                      old->getSuccessor(shortWay), operands(shortWay),
                      old->getSuccessor(1 - shortWay), operands(1 - shortWay));
  test.setWeights(ShortWeights);
  leadShortWay(check, bound, test, 0);
  remark::passed(old.getLoc(), remarkOf(old, DEBUG_TYPE, "SignTested"))
      << remark::add("a bit says whether the packet has {0} bytes", bound)
      << remark::metric("Bytes", bound);
  AluOp compare = check.compare;
  old.erase();
  compare.erase();
}

/// The first check of all computes the difference.
static Value computeInCheck(const Check &check, uint32_t bound) {
  AluOp compare = check.compare;
  OpBuilder builder(compare);
  Value constant = ImmOp::create(builder, compare.getLoc(), bound);
  auto difference = AluOp::create(
      builder, compare.getLoc(), AluOpcode::Sub,
      ValueRange{compare.getSrcs()[0], constant}, Value(), Value(),
      GprType::get(builder.getContext()), /*setsCC=*/true, /*setsPrev=*/false);
  const unsigned shortWay = check.shortWay();
  leadShortWay(check, bound, check.branch, shortWay);
  BrCCOp branch = check.branch;
  branch.getCcMutable().assign(difference.getCcOut());
  branch.setWeights(
      shortWay == 0 ? ArrayRef<int32_t>({ShortWeights[0], ShortWeights[1]})
                    : ArrayRef<int32_t>({ShortWeights[1], ShortWeights[0]}));
  compare.erase();
  return difference.getDst();
}

void TestLengths::testLengths(FuncOp function) {
  llvm::MapVector<Value, SmallVector<Check>> checksOf;
  for (Block &block : function.getBody())
    if (auto branch = dyn_cast<BrCCOp>(block.getTerminator()))
      if (std::optional<Check> check = checkOf(branch))
        checksOf[check->compare.getSrcs()[0]].push_back(*check);
  if (checksOf.empty())
    return;
  const BlockWeights weights(function);
  for (auto &[value, checks] : checksOf) {
    if (llvm::any_of(checks, isOftenShort))
      continue;
    // Every frame has that many bytes.
    const uint32_t least =
        std::min(LeastFrame + lengthOf(value)->added, MaxImm);
    Block *definition = value.getParentBlock();
    uint32_t bound = 0;
    for (const Check &check : checks)
      if (check.bound <= least)
        bound = std::max(bound, check.bound);
    std::optional<Check> first;
    SmallVector<Check> others;
    float gain = 0;
    for (const Check &check : checks) {
      Block *block = check.branch->getBlock();
      if (check.bound > least)
        continue;
      if (block == definition) {
        first = check;
      } else if (check.bound == bound || weights.of(block) >= LeastWeight) {
        others.push_back(check);
        gain += weights.of(block);
      }
    }
    // One cycle for each test, less the one for the difference.
    if (others.empty() || (!first && gain <= weights.of(definition)))
      continue;
    Value difference;
    if (first) {
      difference = computeInCheck(*first, bound);
    } else {
      OpBuilder builder(function.getContext());
      builder.setInsertionPointAfterValue(value);
      AluOp compare = others.front().compare;
      const Location loc = compare.getLoc();
      Value constant = ImmOp::create(builder, loc, bound);
      difference = AluOp::create(builder, loc, AluOpcode::Sub,
                                 ValueRange{value, constant})
                       .getDst();
    }
    for (const Check &check : others)
      testSign(check, difference, bound);
    numTests += others.size();
  }
}

void TestLengths::runOnOperation() {
  for (FuncOp function : getOperation().getOps<FuncOp>())
    if (!function.getBody().hasOneBlock())
      testLengths(function);
}
