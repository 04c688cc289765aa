//===- InsertHazardSlots.cpp - nfp-insert-hazard-slots --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExpandMacros.h"
#include "MachineRules.h"
#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"

#define DEBUG_TYPE "nfp-insert-hazard-slots"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_INSERTHAZARDSLOTS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

struct InsertHazardSlots
    : nfpbpf::nfp::impl::InsertHazardSlotsBase<InsertHazardSlots> {
  void runOnOperation() override;

private:
  void processBlock(Block &block, const PointerAnalysis &analysis);
};

} // namespace

void InsertHazardSlots::processBlock(Block &block,
                                     const PointerAnalysis &analysis) {
  PointerState state = analysis.atStart(&block);
  const llvm::DenseMap<Operation *, Operation *> slots = findDeferredOps(block);
  for (Operation &op : block) {
    unsigned missing = 0;
    for (unsigned pointer : usedPointers(&op))
      missing = std::max(missing, PointerLatency - state.age[pointer]);
    // The branch comes before its slots.
    if (missing && slots.contains(&op))
      --missing;
    if (missing) {
      // Not between an instruction and the one that makes its previous result,
      // nor into the slots of a branch.
      Operation *start = getBundleStart(&op);
      if (Operation *firstSlot = slots.lookup(&op))
        start = firstSlot;
      OpBuilder builder(start);
      for (unsigned n = 0; n < missing; ++n)
        NopOp::create(builder, op.getLoc());
      remark::missed(op.getLoc(), remarkOf(&op, DEBUG_TYPE, "PointerWait"))
          << remark::add("{0} of waiting for a pointer into the stack",
                         countOf(missing, "cycle"))
          << remark::reason("nothing else is there to do between setting and "
                            "using it");
      numNops += missing;
      state.advance(missing);
    }
    analysis.apply(&op, state);
  }
}

void InsertHazardSlots::runOnOperation() {
  llvm::StringSet<> setsPointer0 = functionsThatSetPointer0(getOperation());
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    // More waiting in one block only makes pointers older in the next.
    PointerAnalysis analysis(function, setsPointer0);
    for (Block &block : function.getBody())
      processBlock(block, analysis);
  }
}
