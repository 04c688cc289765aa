//===- BPFInlining.cpp - Inlining of subprograms --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/BPF/IR/BPFInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/Transforms/InliningUtils.h"

using namespace mlir;
using namespace nfpbpf::bpf;

/// The frame of the function itself, in the entry block unless a call in front
/// of it has split that block.
static FrameOp ownFrame(FuncOp function, FrameOp inlined) {
  Region &body = function.getBody();
  for (auto frame : body.front().getOps<FrameOp>())
    if (frame != inlined)
      return frame;
  for (auto frame : body.getOps<FrameOp>())
    if (frame != inlined)
      return frame;
  return {};
}

void nfpbpf::bpf::mergeFrame(FrameOp inlined, std::optional<int32_t> offset) {
  auto function = inlined->getParentOfType<FuncOp>();
  Block &entry = function.getBody().front();
  const Location loc = inlined.getLoc();
  FrameOp own = ownFrame(function, inlined);
  const int32_t begin =
      offset.value_or(own ? static_cast<int32_t>(own.getSize()) : 0);
  const int32_t end = begin + static_cast<int32_t>(inlined.getSize());
  OpBuilder b(function.getContext());
  if (own) {
    own->moveBefore(&entry, entry.begin());
    own.setSize(std::max(static_cast<int32_t>(own.getSize()), end));
  } else {
    b.setInsertionPointToStart(&entry);
    own = FrameOp::create(b, loc, end);
  }
  b.setInsertionPoint(inlined);
  Value distance = arith::ConstantIntOp::create(b, loc, begin, 64);
  Value address = PtrAddOp::create(b, loc, own, distance);
  inlined.replaceAllUsesWith(address);
  inlined.erase();
}

namespace {

struct BPFInlinerInterface : public DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;

  bool isLegalToInline(Operation *call, Operation *callable,
                       bool wouldBeCloned) const override {
    return isa<CallOp>(call) && isa<FuncOp>(callable);
  }
  bool isLegalToInline(Region *dest, Region *src, bool wouldBeCloned,
                       IRMapping &mapping) const override {
    return isa<FuncOp>(dest->getParentOp()) && isa<FuncOp>(src->getParentOp());
  }
  bool isLegalToInline(Operation *op, Region *dest, bool wouldBeCloned,
                       IRMapping &mapping) const override {
    return !isa<MayGotoOp>(op);
  }
  void handleTerminator(Operation *op, Block *next) const override {
    auto back = cast<ReturnOp>(op);
    OpBuilder b(op);
    cf::BranchOp::create(b, op->getLoc(), next, back.getValue());
    op->erase();
  }
  void handleTerminator(Operation *op, ValueRange results) const override {
    results.front().replaceAllUsesWith(cast<ReturnOp>(op).getValue());
  }
  /// Each frame becomes a part of the caller's own, behind all that is there:
  /// right whatever else is inlined, in whatever order.
  void processInlinedCallBlocks(
      Operation *call, iterator_range<Region::iterator> blocks) const override {
    for (Block &block : blocks)
      for (auto frame : llvm::make_early_inc_range(block.getOps<FrameOp>()))
        mergeFrame(frame);
  }
};

} // namespace

void nfpbpf::bpf::addInlinerInterface(BPFDialect &dialect) {
  dialect.addInterfaces<BPFInlinerInterface>();
}
