//===- FillPointerWaits.cpp - nfp-fill-pointer-waits ----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three instructions stand between setting a local-memory pointer and using it.
// Where useful ones can, nfp-insert-hazard-slots has nothing to insert.
//
//===----------------------------------------------------------------------===//

#include "Effects.h"
#include "ExpandMacros.h"
#include "MachineRules.h"
#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"

#include "llvm/ADT/STLExtras.h"

#define DEBUG_TYPE "nfp-fill-pointer-waits"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_FILLPOINTERWAITS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

struct FillPointerWaits
    : nfpbpf::nfp::impl::FillPointerWaitsBase<FillPointerWaits> {
  using FillPointerWaitsBase::FillPointerWaitsBase;
  void runOnOperation() override;

private:
  void processBlock(Block &block, const PointerAnalysis &analysis);
  unsigned setEarlier(unsigned pointer, Operation *user, unsigned missing);
  unsigned pullFromBehind(Operation *user, unsigned missing);
};

} // namespace

/// Nothing moves over it.
static bool isFence(Operation *op) {
  return isa<CmdOp, WaitOp>(op) || Effects(op).isBarrier ||
         op->hasTrait<OpTrait::IsTerminator>();
}

/// An instruction by itself: it neither makes nor takes flags or the previous
/// result.
static bool isAlone(Operation *op) {
  return canBeDeferred(op) && !isa<CmdOp>(op) &&
         llvm::none_of(op->getResultTypes(),
                       [](Type type) { return isa<PrevType>(type); });
}

/// With the locations, constants and registers that it names, as far as they
/// stand behind the place.
static void moveInFrontOf(Operation *op, Operation *place) {
  for (Value operand : op->getOperands()) {
    Operation *named = operand.getDefiningOp();
    if (named && isOperandOp(named) && named->getBlock() == place->getBlock() &&
        place->isBeforeInBlock(named))
      named->moveBefore(place);
  }
  op->moveBefore(place);
}

/// Moves instructions behind the user in front of it. Returns their words.
unsigned FillPointerWaits::pullFromBehind(Operation *user, unsigned missing) {
  Operation *start = getBundleStart(user);
  Effects between;
  for (Operation *op = start; op != user; op = op->getNextNode())
    between |= Effects(op);
  between |= Effects(user);
  const SmallVector<unsigned, 2> pointers = usedPointers(user);
  unsigned moved = 0, looked = 0;
  Operation *next = nullptr;
  for (Operation *op = user->getNextNode();
       op && moved < missing && looked < window; op = next) {
    next = op->getNextNode();
    if (isOperandOp(op))
      continue;
    if (isFence(op))
      break;
    ++looked;
    const Effects effects(op);
    const bool usesPointer =
        llvm::any_of(usedPointers(op), [&](unsigned pointer) {
          return llvm::is_contained(pointers, pointer);
        });
    if (isAlone(op) && !usesPointer && !effects.conflictsWith(between)) {
      moveInFrontOf(op, start);
      moved += numWords(op);
    } else {
      between |= effects;
    }
  }
  return moved;
}

static bool sets(Operation *op, unsigned pointer) {
  auto csr = dyn_cast<CsrWrOp>(op);
  return csr && Effects(op).pointersWritten == 1u << pointer;
}

/// Moves the instruction that sets the pointer up. Returns the words that it
/// has passed.
unsigned FillPointerWaits::setEarlier(unsigned pointer, Operation *user,
                                      unsigned missing) {
  Operation *set = user;
  while (set && !sets(set, pointer))
    set = set->getPrevNode();
  if (!set)
    return 0;
  // The sum that makes the address goes along if it is for that alone.
  Operation *address = cast<CsrWrOp>(set).getSrc().getDefiningOp();
  const bool isSum = isa_and_present<FrameAddrOp>(address) &&
                     address->hasOneUse() &&
                     address->getBlock() == set->getBlock();
  Effects effects(set);
  if (isSum)
    effects |= Effects(address);
  // Not between an instruction and what makes its flags or previous result,
  // which `open` is.
  Operation *place = nullptr, *open = nullptr;
  unsigned words = 0, passed = 0, looked = 0;
  for (Operation *op = set->getPrevNode();
       op && passed < missing && looked < window; op = op->getPrevNode()) {
    if (isOperandOp(op) || (isSum && op == address))
      continue;
    if (isFence(op) || Effects(op).conflictsWith(effects))
      break;
    ++looked;
    words += numWords(op);
    Operation *start = getBundleStart(op);
    if (start != op && (!open || start->isBeforeInBlock(open)))
      open = start;
    if (open && open != op)
      continue;
    open = nullptr;
    place = op;
    passed = words;
  }
  if (!place)
    return 0;
  if (isSum)
    moveInFrontOf(address, place);
  moveInFrontOf(set, place);
  return passed;
}

void FillPointerWaits::processBlock(Block &block,
                                    const PointerAnalysis &analysis) {
  PointerState state = analysis.atStart(&block);
  for (Operation &op : llvm::make_early_inc_range(block)) {
    unsigned missing = 0, pointer = 0;
    for (unsigned used : usedPointers(&op))
      if (const unsigned age = state.age[used];
          PointerLatency - age > missing) {
        missing = PointerLatency - age;
        pointer = used;
      }
    if (missing && !op.hasTrait<OpTrait::IsTerminator>()) {
      unsigned found = setEarlier(pointer, &op, missing);
      if (found < missing)
        found += pullFromBehind(&op, missing - found);
      if (found) {
        remark::passed(op.getLoc(), remarkOf(&op, DEBUG_TYPE, "WaitFilled"))
            << remark::add("{0} between setting a pointer into the stack and "
                           "using it",
                           countOf(found, "useful instruction"));
        numFilled += std::min(found, missing);
        state.advance(found);
      }
    }
    analysis.apply(&op, state);
  }
}

void FillPointerWaits::runOnOperation() {
  llvm::StringSet<> setsPointer0 = functionsThatSetPointer0(getOperation());
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    const PointerAnalysis analysis(function, setsPointer0);
    for (Block &block : function.getBody())
      processBlock(block, analysis);
  }
}
