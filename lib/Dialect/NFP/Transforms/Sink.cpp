//===- Sink.cpp - Work only for the way that needs it ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EdgeWork.h"
#include "ExpandMacros.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/Support/GenericDomTreeConstruction.h"

#define DEBUG_TYPE "nfp-combine"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

using Dominators = llvm::DominatorTreeBase<Block, false>;

/// Nothing moves over it: in front of commands work may be free, calls leave
/// few registers, and the packet's address and length may change.
static bool isBoundary(Operation *op) {
  if (isa<CmdOp, CallOp, HelperOp>(op))
    return true;
  Value written = getWrittenWord(op);
  auto lm = written ? written.getDefiningOp<LMOp>() : LMOp();
  return lm && lm.getPointer() == 1;
}

/// The successor that alone needs what an operation makes, or null.
static Block *onlyUser(Operation *op, const Dominators &tree) {
  Block *block = op->getBlock();
  for (Block *next : block->getSuccessors())
    if (next != block && next->getSinglePredecessor() == block &&
        llvm::all_of(op->getUsers(), [&](Operation *user) {
          return tree.dominates(next, user->getBlock());
        }))
      return next;
  return nullptr;
}

/// An instruction that makes a register of constants, the packet vector, and
/// registers that are needed in the block in any case.
static bool canSinkTo(Operation *op, Block *next, const Dominators &tree) {
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    if (isa<ImmType>(operand.getType()))
      return true;
    if (auto lm = operand.getDefiningOp<LMOp>())
      return lm.getPointer() == 1;
    return isa<GprType>(operand.getType()) &&
           llvm::any_of(operand.getUsers(), [&](Operation *user) {
             return user != op && tree.dominates(next, user->getBlock());
           });
  });
}

unsigned nfpbpf::nfp::sinkIntoWays(FuncOp function) {
  Dominators tree;
  tree.recalculate(function.getBody());
  unsigned moved = 0;
  for (Block &block : function.getBody()) {
    if (block.getNumSuccessors() != 2 || !tree.getNode(&block))
      continue;
    Operation *above = block.getTerminator()->getPrevNode();
    while (Operation *op = above) {
      above = op->getPrevNode();
      if (isBoundary(op))
        break;
      if (!isa<AluOp, ShfOp, LdFieldOp>(op) || !isRemovable(op) ||
          op->getNumResults() != 1 ||
          !isa<GprType>(op->getResult(0).getType()) || op->use_empty())
        continue;
      Block *next = onlyUser(op, tree);
      if (!next || !canSinkTo(op, next, tree))
        continue;
      remark::passed(op->getLoc(), remarkOf(op, DEBUG_TYPE, "OneWayOnly"))
          << remark::add("done behind the branch, on the way that needs it");
      op->moveBefore(&next->front());
      ++moved;
    }
  }
  return moved;
}
