//===- CopyCalls.cpp - Calls in the place of branches to them -------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A call takes its return address from a register, so that it costs the same
// from any place, and a branch to the call costs as much as the call's own. The
// block behind the call becomes one of its own, to which all copies return.
//
//===----------------------------------------------------------------------===//

#include "CopyCalls.h"
#include "BlockWeights.h"
#include "mlir/IR/IRMapping.h"
#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "nfpbpf/Dialect/Remarks.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace {

/// Cycles for one of the function below which a word more is not worth it.
constexpr float MinGain = 1.0F / 32;
/// Cycles of a branch, with a slot filled mostly.
constexpr float BranchCycles = 3;
/// A call and its return address, less the branch.
constexpr float CallWords = 2;

/// A block that begins with a call behind some words, and the branches that
/// become copies of it.
struct CallStart {
  Operation *call = nullptr;
  unsigned words = 0;
  SmallVector<BrOp> branches;
};

} // namespace

/// What can be made again behind the call: locations and constants are copied,
/// registers keep what they hold.
static bool canCross(Value value) {
  return isa<GprType>(value.getType()) ||
         isa<ImmOp, LMOp>(value.getDefiningOp());
}

/// The call that the block begins with, behind at most `maxWords` words.
static CallStart findCall(Block &block, unsigned maxWords) {
  unsigned words = 0;
  for (Operation &op : block.without_terminator()) {
    if (op.isUsedOutsideOfBlock(&block))
      break;
    if (isa<CallOp, HelperOp>(op)) {
      auto helper = dyn_cast<HelperOp>(op);
      // What sets pointer 0 back stands behind the return.
      if (helper && restoresPointer0(helper))
        break;
      return {&op, words, {}};
    }
    words += numWords(&op);
    if (words > maxWords)
      break;
  }
  return {};
}

/// The branches to the block that are emitted and worth a copy, but for one if
/// it leads there most often.
static SmallVector<BrOp> branchesTo(Block &block, float minWeight,
                                    const BlockWeights &weights) {
  SmallVector<BrOp> branches;
  BrOp often;
  float most = -1;
  for (Block *predecessor : block.getPredecessors()) {
    Operation *terminator = predecessor->getTerminator();
    auto branch = dyn_cast<BrOp>(terminator);
    if (branch && !callReturningTo(branch) &&
        weights.of(predecessor) >= minWeight)
      branches.push_back(branch);
    for (unsigned n = 0; n < terminator->getNumSuccessors(); ++n)
      if (float weight = weights.ofEdge(predecessor, n);
          terminator->getSuccessor(n) == &block && weight > most) {
        most = weight;
        often = branch;
      }
  }
  llvm::erase(branches, often);
  return branches;
}

/// Ends the block behind the call. The rest becomes the block that the call
/// returns to; none is needed if it is only a branch.
static bool splitBehind(Operation *call) {
  Block *block = call->getBlock();
  Operation *next = call->getNextNode();
  if (isa<BrOp>(next))
    return callReturningTo(cast<BrOp>(next)) == call;
  SmallVector<Value> crossing;
  for (Operation *op = call; op; op = op->getPrevNode())
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            return call->isBeforeInBlock(user);
          })) {
        if (!canCross(result))
          return false;
        crossing.push_back(result);
      }
  Block *rest = block->splitBlock(next);
  OpBuilder builder = OpBuilder::atBlockBegin(rest);
  for (Value value : llvm::reverse(crossing)) {
    Operation *made = value.getDefiningOp();
    Value inRest =
        isa<ImmOp, LMOp>(made)
            ? builder.clone(*made)->getResult(0)
            : LiveInOp::create(builder, made->getLoc(), value.getType())
                  .getResult();
    value.replaceUsesWithIf(inRest, [&](OpOperand &use) {
      return use.getOwner()->getBlock() == rest;
    });
  }
  builder.setInsertionPointToEnd(block);
  BrOp::create(builder, call->getLoc(), rest);
  return true;
}

unsigned nfpbpf::nfp::copyCalls(FuncOp function, unsigned maxWords) {
  constexpr llvm::StringLiteral pass = "nfp-layout-blocks";
  SmallVector<CallStart> starts;
  for (Block &block : llvm::drop_begin(function.getBody()))
    if (!block.getSinglePredecessor())
      if (CallStart start = findCall(block, maxWords); start.call)
        starts.push_back(std::move(start));
  if (starts.empty())
    return 0;

  // All is decided before the first block is split: new ones have no weight.
  const BlockWeights weights(function);
  for (CallStart &start : starts)
    start.branches = branchesTo(
        *start.call->getBlock(),
        MinGain * (static_cast<float>(start.words) + CallWords) / BranchCycles,
        weights);

  unsigned copied = 0;
  for (const CallStart &start : starts) {
    if (start.branches.empty() || !splitBehind(start.call))
      continue;
    for (BrOp branch : start.branches) {
      OpBuilder builder(branch);
      IRMapping mapping;
      for (Operation &op : *start.call->getBlock())
        builder.clone(op, mapping);
      remark::passed(branch.getLoc(), remarkOf(branch, pass, "CallCopied"))
          << remark::add("the call at the branch's target takes its place and "
                         "returns there");
      branch.erase();
      ++copied;
    }
  }
  return copied;
}
