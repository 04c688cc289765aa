//===- DeferSlots.h - Instructions behind a branch --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A branch, exit, call or helper call with the attribute `nfp.defer = n` is
// emitted in front of the n instruction words that precede it in its block:
// they fill its defer slots and are executed whether or not it is taken. The
// branch reads its flags and register before them (NFP instruction set,
// section "Branches"), so they may change neither.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_NFP_IR_DEFERSLOTS_H
#define NFPBPF_DIALECT_NFP_IR_DEFERSLOTS_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

namespace nfpbpf::nfp {

/// Number of slots that an operation may fill: 2 for an unconditional branch,
/// one of them taken by the return address of a call; 3 for conditional
/// branches and returns; 0 for operations that are no branch.
unsigned maxDeferSlots(mlir::Operation *op);

/// Words in the slots of a branch.
unsigned getDeferSlots(mlir::Operation *branch);
void setDeferSlots(mlir::Operation *branch, unsigned words);

/// The instructions in the slots, in order. Empty without slots, or if the
/// operations before the branch do not add up to its number of words.
llvm::SmallVector<mlir::Operation *, 3> getDeferredOps(mlir::Operation *branch);

/// The instruction right before a posted command that makes its override word;
/// null if there is none, or the command waits.
mlir::Operation *overrideOf(CmdOp command);

/// True if the operation may stand in a slot at all: an instruction on the data
/// path that neither makes nor reads flags and previous result, or a posted
/// command and the instruction that makes its override word, which stay
/// together.
bool canBeDeferred(mlir::Operation *op);

/// True if all that the block does is to branch to the firmware, with the exit
/// word in A0 already. It is not emitted: branches to it go there themselves.
bool onlyExits(mlir::Block *block);

/// The call or helper call right before a branch that returns to the branch's
/// target itself: its return address is that block, not the word behind it.
/// Null if something stands between, or the target has no address.
mlir::Operation *callReturningTo(BrOp branch);

/// True if the branch is emitted: not if it goes to the next block, unless that
/// is none, or if the call before it returns to where it goes.
bool isEmitted(mlir::Operation *branch);

} // namespace nfpbpf::nfp

#endif // NFPBPF_DIALECT_NFP_IR_DEFERSLOTS_H
