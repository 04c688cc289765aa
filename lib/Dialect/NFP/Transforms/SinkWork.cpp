//===- SinkWork.cpp - Work of one case behind the decision ----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On the way behind a conditional branch an instruction costs the same in front
// of the branch, in its slots and behind it; on the other way it costs nothing
// only if it is dead and stands behind the branch. Once there it may go on to
// the next branch.
//
//===----------------------------------------------------------------------===//

#include "SinkWork.h"
#include "AllocatedLiveness.h"
#include "Effects.h"
#include "MachineRules.h"
#include "mlir/IR/IRMapping.h"
#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "nfpbpf/Dialect/Remarks.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

/// The instruction changes nothing but general registers, and words that
/// pointer 0 reaches.
static bool canSink(Operation *op, const Effects &effects) {
  constexpr uint64_t pointer0 = 0xffff;
  return !isOperandOp(op) && !isa<CmdOp>(op) && canBeDeferred(op) &&
         llvm::all_of(op->getResultTypes(),
                      [](Type type) { return isa<GprType>(type); }) &&
         !(effects.wordsWritten & ~pointer0);
}

/// A pointer may have been written only just before the instruction, which is
/// in the way of uses that must wait then.
static bool followsPointer(Operation *op) {
  unsigned words = 0;
  for (op = op->getPrevNode(); op && words < PointerLatency;
       op = op->getPrevNode()) {
    if (isa<CsrWrOp, CallOp, HelperOp>(op))
      return true;
    words += numWords(op);
  }
  return words < PointerLatency;
}

/// Moves an instruction to the start of the block, with what it reads.
static void moveToStart(Operation *op, Block *block) {
  OpBuilder builder = OpBuilder::atBlockBegin(block);
  IRMapping mapping;
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    if (!mapping.contains(value)) {
      Operation *made = value.getDefiningOp();
      if (isa_and_present<ImmOp, LMOp>(made))
        builder.clone(*made, mapping);
      else if (isa<GprType>(value.getType()))
        mapping.map(value,
                    LiveInOp::create(builder, op->getLoc(), value.getType()));
    }
    operand.set(mapping.lookupOrDefault(value));
  }
  op->moveBefore(block, builder.getInsertionPoint());
}

/// Work for the way behind the branch that ends the block.
static unsigned sinkBehind(Block &block, const AllocatedLiveness &live) {
  Operation *branch = block.getTerminator();
  if (!isa<BrCCOp, BrBitOp, BrByteOp>(branch))
    return 0;
  Block *behind = branch->getSuccessor(1), *target = branch->getSuccessor(0);
  if (behind != block.getNextNode() || behind->getSinglePredecessor() != &block)
    return 0;
  unsigned words = 0;
  Effects between(branch);
  for (Operation *op = branch->getPrevNode(); op;) {
    Operation *previous = op->getPrevNode();
    // What has moved reads its registers elsewhere.
    if (isa<LiveInOp>(op) && op->use_empty()) {
      op->erase();
      op = previous;
      continue;
    }
    const Effects effects(op);
    // In front of a command that waits it costs nothing.
    if (effects.isBarrier || waitsForMemory(op))
      break;
    if (canSink(op, effects) && op->use_empty() &&
        !effects.conflictsWith(between) &&
        !(effects.gprsWritten & live.registersAt(target)) &&
        !(effects.wordsWritten & live.wordsAt(target)) &&
        !((between.wordsRead | between.wordsWritten) && followsPointer(op))) {
      words += numWords(op);
      moveToStart(op, behind);
    } else {
      between |= effects;
    }
    op = previous;
  }
  return words;
}

unsigned nfpbpf::nfp::sinkWork(FuncOp function) {
  const AllocatedLiveness live(function);
  unsigned words = 0;
  // Blocks follow the branches that lead to them.
  for (Block &block : function.getBody())
    if (unsigned sunk = sinkBehind(block, live)) {
      words += sunk;
      Operation *branch = block.getTerminator();
      remark::passed(branch->getLoc(),
                     remarkOf(branch, "nfp-fill-defer-slots", "WorkSunk"))
          << remark::add("{0} done only if the branch is not taken",
                         countOf(sunk, "word"));
    }
  return words;
}
