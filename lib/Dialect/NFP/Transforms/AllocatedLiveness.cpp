//===- AllocatedLiveness.cpp - What blocks need at their start ------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AllocatedLiveness.h"
#include "Effects.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace nfpbpf::nfp;

static constexpr uint16_t AllWords = 0xffff;

/// The word that the instruction writes as a whole.
static Value replacedWord(Operation *op) {
  if (auto alu = dyn_cast<AluOp>(op))
    return alu.getDstLm();
  if (auto immed = dyn_cast<ImmedOp>(op))
    return immed.getDstLm();
  auto field = dyn_cast<LdFieldOp>(op);
  return field && field.getClear() ? field.getDstLm() : Value();
}

void AllocatedLiveness::applyBackwards(Operation *op, State &state) {
  const Effects effects(op);
  state.gprs = (state.gprs & ~effects.gprsWritten) | effects.gprsRead;
  if (effects.isBarrier || effects.pointersWritten || isa<RtnOp>(op)) {
    state.words = AllWords;
    return;
  }
  auto bitOf = [](LMOp lm) {
    return lm.getPointer() == 0
               ? static_cast<uint16_t>(1u << (lm.getOffset() % 16))
               : uint16_t(0);
  };
  Value replaced = replacedWord(op);
  if (replaced)
    if (auto lm = replaced.getDefiningOp<LMOp>())
      state.words &= static_cast<uint16_t>(~bitOf(lm));
  bool isWritten = false;
  for (Value operand : op->getOperands()) {
    auto lm = operand.getDefiningOp<LMOp>();
    if (!lm)
      continue;
    // The word may be a source as well.
    if (operand == replaced && !isWritten) {
      isWritten = true;
      continue;
    }
    // Pointer 1 is that of the packet vector; others reach any word.
    if (lm.getPointer() == 0)
      state.words |= bitOf(lm);
    else if (lm.getPointer() != 1)
      state.words = AllWords;
  }
}

AllocatedLiveness::AllocatedLiveness(FuncOp function) {
  llvm::SmallSetVector<Block *, 32> worklist;
  SmallVector<Block *> order(llvm::post_order(&function.getBody().front()));
  // The last one is taken first.
  worklist.insert(order.rbegin(), order.rend());
  while (!worklist.empty()) {
    Block *block = worklist.pop_back_val();
    State state;
    for (Block *successor : block->getSuccessors()) {
      const State &next = starts[successor];
      state.gprs |= next.gprs;
      state.words |= next.words;
    }
    for (Operation &op : llvm::reverse(*block))
      applyBackwards(&op, state);
    State &start = starts[block];
    if (start.gprs == state.gprs && start.words == state.words)
      continue;
    start = state;
    worklist.insert(block->pred_begin(), block->pred_end());
  }
}
