//===- ValueRanges.cpp - Bounds of integers in bpf code -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ValueRanges.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::bpf;
using llvm::ConstantRange;

/// Values behind more operations than this are not followed further.
static constexpr unsigned MaxDepth = 128;

static unsigned widthOf(Value value) {
  return value.getType().getIntOrFloatBitWidth();
}

static llvm::CmpInst::Predicate predicateOf(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return llvm::CmpInst::ICMP_EQ;
  case arith::CmpIPredicate::ne:
    return llvm::CmpInst::ICMP_NE;
  case arith::CmpIPredicate::slt:
    return llvm::CmpInst::ICMP_SLT;
  case arith::CmpIPredicate::sle:
    return llvm::CmpInst::ICMP_SLE;
  case arith::CmpIPredicate::sgt:
    return llvm::CmpInst::ICMP_SGT;
  case arith::CmpIPredicate::sge:
    return llvm::CmpInst::ICMP_SGE;
  case arith::CmpIPredicate::ult:
    return llvm::CmpInst::ICMP_ULT;
  case arith::CmpIPredicate::ule:
    return llvm::CmpInst::ICMP_ULE;
  case arith::CmpIPredicate::ugt:
    return llvm::CmpInst::ICMP_UGT;
  case arith::CmpIPredicate::uge:
    return llvm::CmpInst::ICMP_UGE;
  }
  llvm_unreachable("covered");
}

/// The operand of `x << n >> n`, how code without 32-bit operations clears
/// upper bits, and n.
static std::pair<Value, unsigned> shiftedOut(Value value) {
  auto right = value.getDefiningOp<arith::ShRUIOp>();
  auto left = right ? right.getLhs().getDefiningOp<arith::ShLIOp>() : nullptr;
  APInt up, down;
  if (!left || !matchPattern(right.getRhs(), m_ConstantInt(&down)) ||
      !matchPattern(left.getRhs(), m_ConstantInt(&up)) || up != down ||
      up.uge(up.getBitWidth()))
    return {};
  return {left.getLhs(), static_cast<unsigned>(up.getZExtValue())};
}

ValueRanges::View ValueRanges::viewOf(Value value) {
  unsigned bits = widthOf(value);
  while (true) {
    if (auto trunc = value.getDefiningOp<arith::TruncIOp>()) {
      value = trunc.getIn();
    } else if (auto ext = value.getDefiningOp<arith::ExtUIOp>()) {
      value = ext.getIn();
      bits = std::min(bits, widthOf(value));
    } else if (auto [shifted, count] = shiftedOut(value); shifted) {
      bits = std::min(bits, widthOf(value) - count);
      value = shifted;
    } else {
      return {value, bits};
    }
  }
}

ConstantRange ValueRanges::rangeAt(Value value, Block *block) {
  const ConstantRange full = ConstantRange::getFull(widthOf(value));
  if (depth > MaxDepth)
    return full;
  // Until it is known (a loop), anything.
  auto [it, inserted] = known.try_emplace({value, block}, full);
  if (!inserted)
    return it->second;
  ++depth;
  llvm::scope_exit leave([&] { --depth; });
  ConstantRange range = fromDefinition(value, block);
  applyDominatingConditions(value, block, range);
  known.insert_or_assign({value, block}, range);
  return range;
}

ConstantRange ValueRanges::fromDefinition(Value value, Block *block) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return ConstantRange(constant);
  if (auto argument = dyn_cast<BlockArgument>(value))
    return fromPredecessors(argument);
  return fromOperation(value.getDefiningOp(), block);
}

ConstantRange ValueRanges::fromOperation(Operation *op, Block *block) {
  // Operands count with what is known of them at the block: every way there
  // from their definitions leads through this operation.
  auto in = [&](unsigned n) { return rangeAt(op->getOperand(n), block); };
  const unsigned width = widthOf(op->getResult(0));
  return TypeSwitch<Operation *, ConstantRange>(op)
      .Case<arith::ExtUIOp>([&](auto) { return in(0).zeroExtend(width); })
      .Case<arith::ExtSIOp>([&](auto) { return in(0).signExtend(width); })
      .Case<arith::TruncIOp>([&](auto) { return in(0).truncate(width); })
      .Case<arith::AddIOp>([&](auto) { return in(0).add(in(1)); })
      .Case<arith::SubIOp>([&](auto) { return in(0).sub(in(1)); })
      .Case<arith::MulIOp>([&](auto) { return in(0).multiply(in(1)); })
      .Case<arith::AndIOp>([&](auto) { return in(0).binaryAnd(in(1)); })
      .Case<arith::OrIOp>([&](auto) { return in(0).binaryOr(in(1)); })
      .Case<arith::XOrIOp>([&](auto) { return in(0).binaryXor(in(1)); })
      .Case<arith::ShLIOp>([&](auto) { return in(0).shl(in(1)); })
      .Case<arith::ShRUIOp>([&](auto) { return in(0).lshr(in(1)); })
      .Case<arith::ShRSIOp>([&](auto) { return in(0).ashr(in(1)); })
      .Case<arith::SelectOp>([&](auto) { return in(1).unionWith(in(2)); })
      .Case<UDivOp>([&](auto) {
        // By zero: zero.
        return in(0).udiv(in(1)).unionWith(ConstantRange(APInt(width, 0)));
      })
      .Case<UModOp>([&](auto) {
        ConstantRange divisor = in(1);
        return divisor.contains(APInt(width, 0))
                   ? in(0).unionWith(in(0).urem(divisor))
                   : in(0).urem(divisor);
      })
      .Default([&](Operation *) { return ConstantRange::getFull(width); });
}

std::optional<ConstantRange> ValueRanges::fromCounting(BlockArgument argument) {
  Block *block = argument.getOwner();
  std::optional<uint64_t> first, step, end;
  unsigned bits = widthOf(argument);
  // One number for all edges of a kind, or none.
  auto agree = [](std::optional<uint64_t> &known, const APInt &number) {
    const uint64_t value = number.getLimitedValue();
    if (known && *known != value)
      return false;
    known = value;
    return true;
  };
  for (Block *from : block->getPredecessors()) {
    auto branch = dyn_cast<BranchOpInterface>(from->getTerminator());
    if (!branch || llvm::count(from->getSuccessors(), block) != 1)
      return std::nullopt;
    const bool taken = from->getSuccessors()[0] == block;
    Value passed =
        branch.getSuccessorOperands(taken ? 0 : 1)[argument.getArgNumber()];
    if (!passed)
      return std::nullopt;
    APInt number;
    if (matchPattern(passed, m_ConstantInt(&number))) {
      if (!agree(first, number))
        return std::nullopt;
      continue;
    }
    // argument + step, and back here only while that is not the end.
    const View next = viewOf(passed);
    auto add = next.root.getDefiningOp<arith::AddIOp>();
    if (!add || viewOf(add.getLhs()).root != argument ||
        !matchPattern(add.getRhs(), m_ConstantInt(&number)) ||
        !agree(step, number))
      return std::nullopt;
    auto cond = dyn_cast<cf::CondBranchOp>(from->getTerminator());
    auto compare =
        cond ? cond.getCondition().getDefiningOp<arith::CmpIOp>() : nullptr;
    if (!compare ||
        compare.getPredicate() !=
            (taken ? arith::CmpIPredicate::ne : arith::CmpIPredicate::eq) ||
        viewOf(compare.getLhs()).root != next.root ||
        !matchPattern(compare.getRhs(), m_ConstantInt(&number)) ||
        !agree(end, number))
      return std::nullopt;
    bits = std::min({bits, next.bits, viewOf(add.getLhs()).bits,
                     viewOf(compare.getLhs()).bits});
  }
  // The end is met exactly, before any of the bits that count overflow.
  if (!first || !step || !end || *step == 0 || *end <= *first ||
      (*end - *first) % *step != 0 || !llvm::isUIntN(bits - 1, *end))
    return std::nullopt;
  const unsigned width = widthOf(argument);
  return ConstantRange(APInt(width, *first), APInt(width, *end - *step + 1));
}

ConstantRange ValueRanges::fromPredecessors(BlockArgument argument) {
  Block *block = argument.getOwner();
  const unsigned width = widthOf(argument);
  ConstantRange range = ConstantRange::getEmpty(width);
  if (block->isEntryBlock())
    return ConstantRange::getFull(width);
  if (std::optional<ConstantRange> counted = fromCounting(argument))
    return *counted;
  for (Block *from : block->getPredecessors()) {
    Operation *terminator = from->getTerminator();
    auto branch = dyn_cast<BranchOpInterface>(terminator);
    if (!branch)
      return ConstantRange::getFull(width);
    for (unsigned i = 0, e = terminator->getNumSuccessors(); i != e; ++i) {
      if (terminator->getSuccessor(i) != block)
        continue;
      Value passed = branch.getSuccessorOperands(i)[argument.getArgNumber()];
      if (!passed)
        return ConstantRange::getFull(width);
      ConstantRange one = rangeAt(passed, from);
      if (auto cond = dyn_cast<cf::CondBranchOp>(terminator))
        if (cond.getTrueDest() != cond.getFalseDest())
          applyCondition(cond.getCondition(), i == 0, passed, one);
      range = range.unionWith(one);
    }
  }
  return range;
}

void ValueRanges::applyCondition(Value condition, bool outcome, Value value,
                                 ConstantRange &range) {
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  if (!compare)
    return;
  arith::CmpIPredicate predicate = compare.getPredicate();
  Value left = compare.getLhs(), right = compare.getRhs();
  APInt constant;
  llvm::CmpInst::Predicate relation = predicateOf(predicate);
  if (matchPattern(left, m_ConstantInt(&constant))) {
    std::swap(left, right);
    relation = llvm::CmpInst::getSwappedPredicate(relation);
  } else if (!matchPattern(right, m_ConstantInt(&constant))) {
    return;
  }
  if (!outcome)
    relation = llvm::CmpInst::getInversePredicate(relation);
  const View compared = viewOf(left), wanted = viewOf(value);
  if (compared.root != wanted.root)
    return;
  ConstantRange allowed =
      ConstantRange::makeExactICmpRegion(relation, constant);
  // Both are zero-extended low bits of one value. The comparison says nothing
  // of bits that it did not see.
  if (compared.bits < wanted.bits)
    return;
  // A compared value that is itself wider than its bits has zeros above.
  const unsigned comparedWidth = allowed.getBitWidth();
  if (compared.bits < comparedWidth)
    allowed = allowed.intersectWith(
        ConstantRange(APInt::getZero(comparedWidth),
                      APInt::getOneBitSet(comparedWidth, compared.bits)));
  if (compared.bits > wanted.bits &&
      allowed.getUnsignedMax().getActiveBits() > wanted.bits)
    return;
  range = range.intersectWith(allowed.zextOrTrunc(range.getBitWidth()));
}

void ValueRanges::findConditions(Region &region) {
  for (Block &reached : region) {
    Block *from = reached.getSinglePredecessor();
    auto cond =
        from ? dyn_cast<cf::CondBranchOp>(from->getTerminator()) : nullptr;
    if (!cond || cond.getTrueDest() == cond.getFalseDest())
      continue;
    auto compare = cond.getCondition().getDefiningOp<arith::CmpIOp>();
    if (!compare)
      continue;
    for (Value side : {compare.getLhs(), compare.getRhs()})
      conditions[viewOf(side).root].push_back(
          {&reached, cond.getCondition(), &reached == cond.getTrueDest()});
  }
}

void ValueRanges::applyDominatingConditions(Value value, Block *block,
                                            ConstantRange &range) {
  Region *region = block->getParent();
  if (searched.insert(region).second)
    findConditions(*region);
  auto it = conditions.find(viewOf(value).root);
  if (it == conditions.end())
    return;
  for (const Condition &known : it->second)
    if (dominance.dominates(known.reached, block))
      applyCondition(known.condition, known.outcome, value, range);
}
