//===- BPFFolds.cpp - Folders and canonicalization ------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace nfpbpf::bpf;

/// The number of a constant operand's attribute.
static std::optional<APInt> constant(Attribute attr) {
  if (auto integer = dyn_cast_if_present<IntegerAttr>(attr))
    return integer.getValue();
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Pointers
//===----------------------------------------------------------------------===//

/// Null is folded to a unit attribute, which the dialect materializes.
static bool isNull(Value value) { return value.getDefiningOp<NullOp>(); }

/// Pointers that are never null by construction.
static bool isNeverNull(Value value) {
  while (auto add = value.getDefiningOp<PtrAddOp>())
    value = add.getPtr();
  return isa_and_present<FrameOp, MapRefOp, MapValueRefOp, ArrayElementOp,
                         PacketDataOp, PacketEndOp, PacketMetaOp>(
      value.getDefiningOp());
}

OpFoldResult IsNullOp::fold(FoldAdaptor) {
  if (isNull(getPtr()))
    return BoolAttr::get(getContext(), true);
  if (isNeverNull(getPtr()))
    return BoolAttr::get(getContext(), false);
  return {};
}

OpFoldResult PtrAddOp::fold(FoldAdaptor adaptor) {
  if (std::optional<APInt> offset = constant(adaptor.getOffset()))
    if (offset->isZero())
      return getPtr();
  return {};
}

/// A pointer as a base and a constant byte offset.
static std::pair<Value, APInt> splitConstantOffset(Value ptr) {
  APInt offset(64, 0), step;
  while (auto add = ptr.getDefiningOp<PtrAddOp>()) {
    if (!matchPattern(add.getOffset(), m_ConstantInt(&step)))
      break;
    offset += step;
    ptr = add.getPtr();
  }
  return {ptr, offset};
}

OpFoldResult PtrDiffOp::fold(FoldAdaptor) {
  auto [left, leftOffset] = splitConstantOffset(getLhs());
  auto [right, rightOffset] = splitConstantOffset(getRhs());
  if (left != right)
    return {};
  return IntegerAttr::get(getType(), leftOffset - rightOffset);
}

OpFoldResult PtrCmpOp::fold(FoldAdaptor) {
  if (getLhs() != getRhs())
    return {};
  PtrPred predicate = getPredicate();
  return BoolAttr::get(getContext(), predicate == PtrPred::Eq ||
                                         predicate == PtrPred::Ule ||
                                         predicate == PtrPred::Uge);
}

OpFoldResult PtrToIntOp::fold(FoldAdaptor) {
  if (isNull(getPtr()))
    return IntegerAttr::get(getType(), 0);
  return {};
}

namespace {

/// ptr_add(ptr_add(p, c1), c2) -> ptr_add(p, c1 + c2)
struct MergePtrAdds : public OpRewritePattern<PtrAddOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(PtrAddOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getPtr().getDefiningOp<PtrAddOp>();
    APInt first, second;
    if (!inner || !matchPattern(inner.getOffset(), m_ConstantInt(&first)) ||
        !matchPattern(op.getOffset(), m_ConstantInt(&second)))
      return rewriter.notifyMatchFailure(op, "not a sum of constants");
    auto sum = arith::ConstantOp::create(
        rewriter, op.getLoc(),
        rewriter.getIntegerAttr(rewriter.getI64Type(), first + second));
    rewriter.replaceOpWithNewOp<PtrAddOp>(op, inner.getPtr(), sum);
    return success();
  }
};

/// Moves a constant addition in front of an access into its offset.
template <typename OpTy>
struct FoldOffset : public OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto add = op.getPtr().template getDefiningOp<PtrAddOp>();
    APInt step;
    if (!add || !matchPattern(add.getOffset(), m_ConstantInt(&step)))
      return rewriter.notifyMatchFailure(op, "no constant addition");
    APInt sum = step + APInt(64, op.getOffset(), /*isSigned=*/true);
    if (!sum.isSignedIntN(32))
      return rewriter.notifyMatchFailure(op, "offset exceeds 32 bits");
    rewriter.modifyOpInPlace(op, [&] {
      op.setOffset(static_cast<int32_t>(sum.getSExtValue()));
      op.getPtrMutable().assign(add.getPtr());
    });
    return success();
  }
};

/// A branch one way only, together with the code that nothing reaches then.
/// Left where it is until the driver removes it, a loop of such code would have
/// operations that are their own operands, and patterns that merge chains of
/// operations would go round for ever.
struct RemoveDeadSide : public OpRewritePattern<cf::CondBranchOp> {
  explicit RemoveDeadSide(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/1000) {}

  LogicalResult matchAndRewrite(cf::CondBranchOp op,
                                PatternRewriter &rewriter) const override {
    APInt condition;
    if (!matchPattern(op.getCondition(), m_ConstantInt(&condition)))
      return rewriter.notifyMatchFailure(op, "not constant");
    Region *region = op->getParentRegion();
    if (!isReachable(op->getBlock(), region))
      return rewriter.notifyMatchFailure(op, "nothing reaches it");
    bool taken = condition.isOne();
    rewriter.replaceOpWithNewOp<cf::BranchOp>(
        op, taken ? op.getTrueDest() : op.getFalseDest(),
        taken ? op.getTrueDestOperands() : op.getFalseDestOperands());
    (void)eraseUnreachableBlocks(rewriter, *region);
    return success();
  }

private:
  static bool isReachable(Block *block, Region *region) {
    llvm::SmallPtrSet<Block *, 16> reached{&region->front()};
    SmallVector<Block *> worklist{&region->front()};
    while (!worklist.empty() && !reached.contains(block))
      for (Block *next : worklist.pop_back_val()->getSuccessors())
        if (reached.insert(next).second)
          worklist.push_back(next);
    return reached.contains(block);
  }
};

} // namespace

void BPFDialect::getCanonicalizationPatterns(
    RewritePatternSet &patterns) const {
  patterns.add<RemoveDeadSide>(getContext());
}

void PtrAddOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<MergePtrAdds>(context);
}

void LoadOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<FoldOffset<LoadOp>>(context);
}

void StoreOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<FoldOffset<StoreOp>>(context);
}

void AtomicRMWOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<FoldOffset<AtomicRMWOp>>(context);
}

void AtomicFetchRMWOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                   MLIRContext *context) {
  patterns.add<FoldOffset<AtomicFetchRMWOp>>(context);
}

void AtomicCmpXchgOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                  MLIRContext *context) {
  patterns.add<FoldOffset<AtomicCmpXchgOp>>(context);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

OpFoldResult BswapOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getValue().getDefiningOp<BswapOp>())
    return inner.getValue();
  if (std::optional<APInt> value = constant(adaptor.getValue()))
    return IntegerAttr::get(getType(), value->byteSwap());
  return {};
}

OpFoldResult UDivOp::fold(FoldAdaptor adaptor) {
  std::optional<APInt> lhs = constant(adaptor.getLhs());
  std::optional<APInt> rhs = constant(adaptor.getRhs());
  if (rhs && rhs->isZero())
    return IntegerAttr::get(getType(), 0);
  if (rhs && rhs->isOne())
    return getLhs();
  if (lhs && rhs)
    return IntegerAttr::get(getType(), lhs->udiv(*rhs));
  return {};
}

OpFoldResult UModOp::fold(FoldAdaptor adaptor) {
  std::optional<APInt> lhs = constant(adaptor.getLhs());
  std::optional<APInt> rhs = constant(adaptor.getRhs());
  if (rhs && rhs->isZero())
    return getLhs();
  if (rhs && rhs->isOne())
    return IntegerAttr::get(getType(), 0);
  if (lhs && rhs)
    return IntegerAttr::get(getType(), lhs->urem(*rhs));
  return {};
}

OpFoldResult SDivOp::fold(FoldAdaptor adaptor) {
  std::optional<APInt> lhs = constant(adaptor.getLhs());
  std::optional<APInt> rhs = constant(adaptor.getRhs());
  if (rhs && rhs->isZero())
    return IntegerAttr::get(getType(), 0);
  if (rhs && rhs->isOne())
    return getLhs();
  // APInt's overflow case (smallest / -1) wraps to the smallest number.
  if (lhs && rhs)
    return IntegerAttr::get(getType(), lhs->sdiv(*rhs));
  return {};
}

OpFoldResult SModOp::fold(FoldAdaptor adaptor) {
  std::optional<APInt> lhs = constant(adaptor.getLhs());
  std::optional<APInt> rhs = constant(adaptor.getRhs());
  if (rhs && rhs->isZero())
    return getLhs();
  if (rhs && (rhs->isOne() || rhs->isAllOnes()))
    return IntegerAttr::get(getType(), 0);
  if (lhs && rhs)
    return IntegerAttr::get(getType(), lhs->srem(*rhs));
  return {};
}
