//===- MachineRules.cpp - Waiting times of pointers -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MachineRules.h"

#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <deque>

using namespace mlir;
using namespace nfpbpf::nfp;

bool PointerState::meet(const PointerState &other) {
  bool changed = false;
  for (unsigned p = 0; p < 4; ++p) {
    if (other.age[p] < age[p]) {
      age[p] = other.age[p];
      changed = true;
    }
    if (isSet[p] && !other.isSet[p]) {
      isSet[p] = false;
      changed = true;
    }
  }
  return changed;
}

void PointerState::advance(unsigned words) {
  for (unsigned &a : age)
    a = std::min(a + words, PointerLatency);
}

bool PointerState::operator==(const PointerState &other) const {
  return std::equal(std::begin(age), std::end(age), std::begin(other.age)) &&
         std::equal(std::begin(isSet), std::end(isSet),
                    std::begin(other.isSet));
}

llvm::StringSet<> nfpbpf::nfp::functionsThatSetPointer0(ModuleOp module) {
  llvm::StringSet<> result;
  bool changed = true;
  while (changed) {
    changed = false;
    for (FuncOp function : module.getOps<FuncOp>()) {
      if (result.contains(function.getSymName()))
        continue;
      bool sets = false;
      function.walk([&](Operation *op) {
        if (auto helper = dyn_cast<HelperOp>(op))
          sets |= helper.getLm0() != nullptr;
        else if (auto call = dyn_cast<CallOp>(op))
          sets |= result.contains(call.getCallee());
        else if (auto csr = dyn_cast<CsrWrOp>(op))
          sets |= csr.getCsr() == CSR::LMAddr0;
      });
      if (sets) {
        result.insert(function.getSymName());
        changed = true;
      }
    }
  }
  return result;
}

unsigned nfpbpf::nfp::minWords(Operation *op) {
  // A branch to the next block becomes nothing.
  if (isa<BrOp>(op))
    return isEmitted(op) ? 1 : 0;
  if (isa<BrCCOp, BrBitOp, BrByteOp>(op))
    return 1;
  return numWords(op);
}

llvm::DenseMap<Operation *, Operation *>
nfpbpf::nfp::findDeferredOps(Block &block) {
  llvm::DenseMap<Operation *, Operation *> slots;
  for (Operation &op : block) {
    SmallVector<Operation *, 3> deferred = getDeferredOps(&op);
    for (Operation *slot : deferred)
      slots[slot] = deferred.front();
  }
  return slots;
}

SmallVector<unsigned, 2> nfpbpf::nfp::usedPointers(Operation *op) {
  SmallVector<unsigned, 2> pointers;
  for (Value operand : op->getOperands())
    if (auto lm = operand.getDefiningOp<LMOp>())
      pointers.push_back(lm.getPointer());
  return pointers;
}

bool nfpbpf::nfp::fillsPointerWait(Operation *op, unsigned used) {
  unsigned words = 0;
  for (Operation *before = op->getPrevNode(); before && words < PointerLatency;
       before = before->getPrevNode()) {
    if (auto csr = dyn_cast<CsrWrOp>(before)) {
      const unsigned pointer = csr.getCsr() == CSR::LMAddr0   ? 0
                               : csr.getCsr() == CSR::LMAddr2 ? 2
                                                              : 3;
      if (used >> pointer & 1)
        return true;
    }
    // Its last word sets pointer 0 back.
    if (auto helper = dyn_cast<HelperOp>(before))
      return (used & 1) && restoresPointer0(helper);
    words += minWords(before);
  }
  return (used & 1) && words < PointerLatency && op->getBlock()->isEntryBlock();
}

void PointerAnalysis::apply(Operation *op, PointerState &state) const {
  if (isOperandOp(op))
    return;
  state.advance(minWords(op));
  if (auto csr = dyn_cast<CsrWrOp>(op)) {
    if (csr.getCsr() == CSR::LMAddr0)
      state.write(0);
    else if (csr.getCsr() == CSR::LMAddr2)
      state.write(2);
    else if (csr.getCsr() == CSR::LMAddr3)
      state.write(3);
    return;
  }
  if (auto helper = dyn_cast<HelperOp>(op)) {
    state.invalidate(2);
    state.invalidate(3);
    // Its last word sets pointer 0 back to the stack base.
    if (restoresPointer0(helper))
      state.write(0);
    else if (helper.getLm0())
      state.invalidate(0);
  } else if (auto call = dyn_cast<CallOp>(op)) {
    state.invalidate(2);
    state.invalidate(3);
    if (setsPointer0.contains(call.getCallee())) {
      state.write(0);
      state.advance(1); // the return
    }
  }
}

PointerAnalysis::PointerAnalysis(FuncOp function,
                                 const llvm::StringSet<> &setsPointer0)
    : setsPointer0(setsPointer0) {
  // At entry pointer 0 has only just been written: by the firmware, or by a
  // caller before the call.
  PointerState entry;
  entry.write(0);
  Block *first = &function.getBody().front();
  starts[first] = entry;
  std::deque<Block *> worklist = {first};
  while (!worklist.empty()) {
    Block *block = worklist.front();
    worklist.pop_front();
    PointerState state = starts[block];
    for (Operation &op : *block)
      apply(&op, state);
    for (Block *successor : block->getSuccessors()) {
      auto [it, isNew] = starts.try_emplace(successor, state);
      if (isNew || it->second.meet(state))
        worklist.push_back(successor);
    }
  }
}
