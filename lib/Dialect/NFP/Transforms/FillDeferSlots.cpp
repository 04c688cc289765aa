//===- FillDeferSlots.cpp - nfp-fill-defer-slots --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Effects.h"
#include "LikelyTargets.h"
#include "MachineRules.h"
#include "SinkWork.h"
#include "mlir/IR/IRMapping.h"
#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/STLExtras.h"

#define DEBUG_TYPE "nfp-fill-defer-slots"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_FILLDEFERSLOTS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

struct FillDeferSlots : nfpbpf::nfp::impl::FillDeferSlotsBase<FillDeferSlots> {
  using FillDeferSlotsBase::FillDeferSlotsBase;
  void runOnOperation() override;

private:
  unsigned fillWithCommand(Operation *branch);
  void fillFromBefore(Operation *branch);
  void fillFromTarget(BrOp branch);
};

} // namespace

/// What moving instructions behind the branch itself must respect.
static Effects effectsOfBranch(Operation *branch) {
  if (isa<ExitOp>(branch))
    return Effects(); // the firmware reads A0 behind the slots
  if (auto rtn = dyn_cast<RtnOp>(branch)) {
    Effects effects;
    effects.gprsRead = registerMask(cast<GprType>(rtn.getAddress().getType()));
    return effects;
  }
  Effects effects;
  if (auto helper = dyn_cast<HelperOp>(branch)) {
    // Its pointers are set in front of the branch.
    for (Value address : {helper.getLm0(), helper.getLm2()})
      if (address)
        effects.gprsRead |= registerMask(cast<GprType>(address.getType()));
    effects.pointersWritten =
        (helper.getLm0() ? 1u : 0u) | (helper.getLm2() ? 4u : 0u);
    return effects;
  }
  if (isa<CallOp>(branch))
    return effects;
  return Effects(branch);
}

/// It stays in front of the command that takes its result.
static bool makesOverride(Operation *op) {
  return llvm::any_of(op->getResultTypes(),
                      [](Type type) { return isa<PrevType>(type); });
}

/// Moves the last posted command before the branch into its slots, with its
/// override word. Returns the words.
unsigned FillDeferSlots::fillWithCommand(Operation *branch) {
  constexpr unsigned words = 2;
  if (maxDeferSlots(branch) < words)
    return 0;
  Effects between = effectsOfBranch(branch);
  unsigned looked = 0;
  for (Operation *op = branch->getPrevNode(); op && looked < window;
       op = op->getPrevNode()) {
    if (isOperandOp(op))
      continue;
    ++looked;
    Effects effects(op);
    auto command = dyn_cast<CmdOp>(op);
    if (!command) {
      if (effects.isBarrier)
        return 0;
      between |= effects;
      continue;
    }
    // Commands keep their order.
    Operation *override = overrideOf(command);
    if (!override || !canBeDeferred(override))
      return 0;
    effects |= Effects(override);
    if (effects.conflictsWith(between))
      return 0;
    override->moveBefore(branch);
    command->moveBefore(branch);
    return words;
  }
  return 0;
}

/// Moves instructions that nothing up to the branch needs or disturbs.
void FillDeferSlots::fillFromBefore(Operation *branch) {
  unsigned limit = maxDeferSlots(branch);
  if (auto exit = dyn_cast<ExitOp>(branch))
    // A code that is elsewhere is moved in a slot by the emitter.
    if (!(registerMask(cast<GprType>(exit.getCode().getType())) & 1))
      return;
  bool isConditional = isa<BrCCOp, BrBitOp, BrByteOp>(branch);
  unsigned filled = fillWithCommand(branch), looked = 0;
  Effects between = effectsOfBranch(branch);
  Operation *firstSlot = branch;
  setDeferSlots(branch, filled);
  for (Operation *slot : getDeferredOps(branch)) {
    between |= Effects(slot);
    if (firstSlot == branch)
      firstSlot = slot;
  }
  for (Operation *op = firstSlot->getPrevNode();
       op && filled < limit && looked < window;) {
    Operation *previous = op->getPrevNode();
    if (isa<ImmOp, LMOp>(op)) {
      op = previous;
      continue;
    }
    ++looked;
    Effects effects(op);
    // In front of a command that waits, work costs nothing; behind it only if
    // a conditional branch is taken.
    if (effects.isBarrier || (isConditional && waitsForMemory(op)))
      break;
    if (!isOperandOp(op) && !isa<CmdOp>(op) && canBeDeferred(op) &&
        !makesOverride(op) && numWords(op) <= limit - filled &&
        !effects.conflictsWith(between) &&
        !fillsPointerWait(op, between.usedPointers())) {
      op->moveBefore(firstSlot);
      firstSlot = op;
      filled += numWords(op);
    } else {
      between |= effects;
    }
    op = previous;
  }
  numFilled += filled;
  setDeferSlots(branch, filled);
  if (!hasRemarks(branch))
    return;
  if (filled)
    remark::passed(branch->getLoc(),
                   remarkOf(branch, DEBUG_TYPE, "SlotsFilled"))
        << remark::add(
               "{0} of {1} behind the branch filled from in front of it",
               filled, countOf(limit, "defer slot"));
  if (filled < limit)
    remark::missed(branch->getLoc(), remarkOf(branch, DEBUG_TYPE, "SlotsLeft"))
        << remark::add("{0} behind the branch left empty",
                       countOf(limit - filled, "defer slot"))
        << remark::reason("no other instruction in front of it can be done "
                          "behind it");
}

/// Copies the first instructions of the target into the slots that are left and
/// branches behind them.
void FillDeferSlots::fillFromTarget(BrOp branch) {
  unsigned filled = getDeferSlots(branch);
  unsigned room = maxDeferSlots(branch) - filled;
  Block *target = branch.getDest();
  if (target->isEntryBlock() || target == branch->getBlock())
    return;
  SmallVector<Operation *> copied;
  unsigned words = 0;
  Operation *rest = nullptr;
  for (Operation &op : *target) {
    rest = &op;
    if (isOperandOp(&op)) {
      copied.push_back(&op);
      continue;
    }
    bool hasPlainResults = llvm::all_of(
        op.getResultTypes(), [](Type type) { return isa<GprType>(type); });
    if (!canBeDeferred(&op) || !hasPlainResults || words + numWords(&op) > room)
      break;
    words += numWords(&op);
    copied.push_back(&op);
  }
  if (words == 0)
    return;
  // The slots of the target's own branch stay with it.
  for (Operation &op : *target)
    if (getDeferSlots(&op))
      for (Operation *slot : getDeferredOps(&op))
        if (llvm::is_contained(copied, slot))
          return;

  OpBuilder builder(branch);
  IRMapping mapping;
  for (Operation *op : copied)
    builder.clone(*op, mapping);
  setDeferSlots(branch, filled + words);
  remark::passed(branch.getLoc(), remarkOf(branch, DEBUG_TYPE, "TargetCopied"))
      << remark::add("{0} of the branch's target done in its defer slots",
                     countOf(words, "word"));
  numCopied += words;

  branch->setSuccessor(splitBehind(target, copied, rest), 0);
}

void FillDeferSlots::runOnOperation() {
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    if (sink)
      numSunk += sinkWork(function);
    for (Block &block : function.getBody()) {
      // Calls first: what they leave may serve the terminator.
      for (Operation &op : llvm::make_early_inc_range(block))
        if (isa<CallOp, HelperOp>(op))
          fillFromBefore(&op);
      Operation *terminator = block.getTerminator();
      if (maxDeferSlots(terminator) && isEmitted(terminator))
        fillFromBefore(terminator);
    }
    if (!copyTargets)
      continue;
    numTaken += fillFromLikelyTargets(function);
    SmallVector<BrOp> branches;
    function.walk([&](BrOp branch) {
      if (isEmitted(branch))
        branches.push_back(branch);
    });
    for (BrOp branch : branches)
      fillFromTarget(branch);
  }
}
