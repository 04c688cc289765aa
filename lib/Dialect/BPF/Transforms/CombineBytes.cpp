//===- CombineBytes.cpp - bpf-combine-bytes -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ByteTracking.h"
#include "Remarks.h"

#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_COMBINEBYTES
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

#define DEBUG_TYPE "bpf-combine-bytes"

using namespace mlir;
using namespace nfpbpf::bpf;

namespace {
struct CombineBytes : nfpbpf::bpf::impl::CombineBytesBase<CombineBytes> {
  using CombineBytesBase::CombineBytesBase;
  void runOnOperation() override;

private:
  void combine(arith::OrIOp op);
  void compareUnswapped(arith::CmpIOp op);
};
} // namespace

/// The numbers that a tree of `or` joins, as far as nobody else reads the sums
/// in between.
static unsigned countLeaves(arith::OrIOp op) {
  unsigned leaves = 0;
  SmallVector<Value> worklist{op.getLhs(), op.getRhs()};
  while (!worklist.empty()) {
    auto inner = worklist.pop_back_val().getDefiningOp<arith::OrIOp>();
    if (inner && inner->hasOneUse()) {
      worklist.push_back(inner.getLhs());
      worklist.push_back(inner.getRhs());
    } else {
      ++leaves;
    }
  }
  return leaves;
}

void CombineBytes::combine(arith::OrIOp op) {
  auto type = dyn_cast<IntegerType>(op.getType());
  if (!type ||
      (type.getWidth() != 16 && type.getWidth() != 32 && type.getWidth() != 64))
    return;
  SmallVector<ByteSource, 8> bytes = traceBytes(op);
  bool anyConstant = false, anyRoot = false;
  for (const ByteSource &source : bytes) {
    if (source.root == op.getResult())
      return;
    anyConstant |= source.isConstant() && !source.isZero();
    anyRoot |= !source.isConstant();
  }
  if (!anyRoot || countPieces(bytes) + (anyConstant ? 1 : 0) >= countLeaves(op))
    return;
  remark::passed(op.getLoc(), remarkOf(op, DEBUG_TYPE, "Field"))
      << remark::add("a number of {0} bits is put together from {1} pieces "
                     "instead of {2}",
                     type.getWidth(), countPieces(bytes), countLeaves(op));
  OpBuilder b(op);
  op.replaceAllUsesWith(assembleBytes(b, op.getLoc(), bytes));
  op.erase();
  ++numFields;
}

/// A constant can be swapped here instead of the number there.
void CombineBytes::compareUnswapped(arith::CmpIOp op) {
  if (op.getPredicate() != arith::CmpIPredicate::eq &&
      op.getPredicate() != arith::CmpIPredicate::ne)
    return;
  APInt constant;
  if (!matchPattern(op.getRhs(), m_ConstantInt(&constant)))
    return;
  Value swapped = op.getLhs();
  unsigned width = constant.getBitWidth();
  if (auto ext = swapped.getDefiningOp<arith::ExtUIOp>()) {
    swapped = ext.getIn();
    unsigned inner = swapped.getType().getIntOrFloatBitWidth();
    if (constant.getActiveBits() > inner)
      return;
    constant = constant.trunc(inner);
    width = inner;
  }
  auto swap = swapped.getDefiningOp<BswapOp>();
  if (!swap || width % 16 != 0)
    return;
  remark::passed(op.getLoc(), remarkOf(op, DEBUG_TYPE, "Comparison"))
      << remark::add("the constant is swapped instead of the number");
  OpBuilder b(op);
  Value value = swap->getOperand(0);
  Value other = arith::ConstantOp::create(
      b, op.getLoc(), b.getIntegerAttr(value.getType(), constant.byteSwap()));
  op.getLhsMutable().assign(value);
  op.getRhsMutable().assign(other);
  ++numComparisons;
}

void CombineBytes::runOnOperation() {
  SmallVector<arith::OrIOp> ors;
  getOperation().walk([&](arith::OrIOp op) { ors.push_back(op); });
  // Whole trees before the sums in them.
  for (arith::OrIOp op : llvm::reverse(ors))
    combine(op);
  getOperation().walk([&](arith::CmpIOp op) { compareUnswapped(op); });
}
