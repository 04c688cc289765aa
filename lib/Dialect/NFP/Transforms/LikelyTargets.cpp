//===- LikelyTargets.cpp - Work of targets in slots of branches -----------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A slot costs a cycle if the branch is not taken and nothing if it is. What
// stands there must be dead where the branch is not taken. A target that
// becomes empty is skipped: its own branch costs nothing then.
//
//===----------------------------------------------------------------------===//

#include "LikelyTargets.h"
#include "AllocatedLiveness.h"
#include "BlockWeights.h"
#include "Effects.h"
#include "mlir/IR/IRMapping.h"
#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace {

/// Cycles for one of the function below which a copied word is not worth it.
constexpr float MinGain = 1.0F / 32;
/// An unconditional branch without slots.
constexpr float BranchCycles = 4;
/// From one command on packet memory to the next, less what it costs itself: a
/// command behind fewer instructions waits.
constexpr unsigned WaitingWords = 13;

/// A conditional branch with the case behind it.
struct Candidate {
  Operation *branch;
  float weight, taken;
};

/// The start of a target.
struct Head {
  SmallVector<Operation *> ops; ///< with constants and locations
  unsigned words = 0;
  Operation *rest = nullptr;
};

class TargetTaker {
public:
  explicit TargetTaker(FuncOp function) : function(function) {}
  unsigned run();

private:
  void findCandidates();
  bool mayBeTaken(Operation *op, Operation *branch) const;
  Head findHead(Operation *branch) const;
  float gainOf(const Candidate &candidate, const Head &head) const;
  bool take(const Candidate &candidate);
  Block *exitBlock(ExitOp exit);

  FuncOp function;
  SmallVector<Candidate> candidates;
  std::optional<AllocatedLiveness> live;
  /// Blocks that some branch no longer leads to.
  llvm::SmallSetVector<Block *, 8> left;
  Block *directExit = nullptr;
  unsigned words = 0;
};

} // namespace

Block *nfpbpf::nfp::splitBehind(Block *block, ArrayRef<Operation *> head,
                                Operation *rest) {
  Block *tail = block->splitBlock(rest);
  OpBuilder builder = OpBuilder::atBlockEnd(block);
  BrOp::create(builder, rest->getLoc(), tail);
  builder.setInsertionPointToStart(tail);
  for (Operation *op : head) {
    if (!op->isUsedOutsideOfBlock(block))
      continue;
    Value inTail = isa<ImmOp, LMOp>(op)
                       ? builder.clone(*op)->getResult(0)
                       : LiveInOp::create(builder, op->getLoc(),
                                          op->getResult(0).getType())
                             .getResult();
    op->getResult(0).replaceUsesWithIf(inTail, [&](OpOperand &use) {
      return use.getOwner()->getBlock() == tail;
    });
  }
  return tail;
}

void TargetTaker::findCandidates() {
  SmallVector<Operation *> branches;
  for (Block &block : function.getBody()) {
    Operation *branch = block.getTerminator();
    if (isa<BrCCOp, BrBitOp, BrByteOp>(branch) &&
        getDeferSlots(branch) < maxDeferSlots(branch) &&
        branch->getSuccessor(1) == block.getNextNode())
      branches.push_back(branch);
  }
  if (branches.empty())
    return;
  const BlockWeights weights(function);
  for (Operation *branch : branches) {
    Block *block = branch->getBlock();
    if (const float weight = weights.of(block); weight > 0)
      candidates.push_back({branch, weight, weights.ofEdge(block, 0) / weight});
  }
}

/// The instruction changes nothing that matters if the branch is not taken.
bool TargetTaker::mayBeTaken(Operation *op, Operation *branch) const {
  constexpr uint64_t pointer0 = 0xffff;
  if (isa<CmdOp>(op) || !canBeDeferred(op) ||
      !llvm::all_of(op->getResultTypes(),
                    [](Type type) { return isa<GprType>(type); }))
    return false;
  const Effects effects(op);
  Block *behind = branch->getSuccessor(1);
  return !effects.conflictsWith(Effects(branch)) &&
         !(effects.gprsWritten & live->registersAt(behind)) &&
         !(effects.wordsWritten & ~pointer0) &&
         !(effects.wordsWritten & live->wordsAt(behind));
}

/// True if the target's branch is not needed any more.
static bool isWhole(const Head &head, Operation *branch) {
  if (auto br = dyn_cast<BrOp>(head.rest))
    return br.getDest() != branch->getSuccessor(1);
  auto exit = dyn_cast<ExitOp>(head.rest);
  return exit && (registerMask(cast<GprType>(exit.getCode().getType())) & 1);
}

/// What of the target fits into the slots of the branch.
Head TargetTaker::findHead(Operation *branch) const {
  Block *target = branch->getSuccessor(0);
  const unsigned room = maxDeferSlots(branch) - getDeferSlots(branch);
  llvm::SmallPtrSet<Operation *, 4> slots;
  for (Operation &op : *target)
    for (Operation *slot : getDeferredOps(&op))
      slots.insert(slot);
  Head head;
  // In front of the slots of the target's own branch.
  std::optional<Head> before;
  for (Operation &op : *target) {
    head.rest = &op;
    if (isOperandOp(&op)) {
      head.ops.push_back(&op);
      continue;
    }
    if (!mayBeTaken(&op, branch) || head.words + numWords(&op) > room)
      break;
    if (slots.contains(&op) && !before)
      before = head;
    head.words += numWords(&op);
    head.ops.push_back(&op);
  }
  // These slots stay with the branch, unless it goes.
  if (before && !isWhole(head, branch))
    return *before;
  return head;
}

/// The block behind waits for memory, and little has been done since the last
/// command or the start of the branch's block: a word more in front of that
/// costs nothing.
static bool waitsSoon(Operation *branch) {
  Block *behind = branch->getSuccessor(1);
  if (!behind->getSinglePredecessor())
    return false;
  unsigned words = 1;
  for (Operation *op = branch->getPrevNode();
       op && !waitsForMemory(op) && !isa<CallOp, HelperOp>(op);
       op = op->getPrevNode())
    words += numWords(op);
  for (Operation &op : *behind) {
    if (words >= WaitingWords || isa<CallOp, HelperOp>(op))
      return false;
    if (waitsForMemory(&op))
      return true;
    words += numWords(&op);
  }
  return false;
}

/// Cycles for one execution of the branch.
float TargetTaker::gainOf(const Candidate &candidate, const Head &head) const {
  const auto words = static_cast<float>(head.words);
  float saved = words;
  if (isWhole(head, candidate.branch) && isEmitted(head.rest))
    saved += BranchCycles - static_cast<float>(getDeferSlots(head.rest));
  const float cost = waitsSoon(candidate.branch) ? 0 : 1 - candidate.taken;
  return candidate.taken * saved - cost * words;
}

/// A block that only leaves the program.
Block *TargetTaker::exitBlock(ExitOp exit) {
  if (directExit)
    return directExit;
  for (Block &block : function.getBody())
    if (onlyExits(&block))
      return directExit = &block;
  Region &body = function.getBody();
  OpBuilder builder(function.getContext());
  directExit = builder.createBlock(&body, body.end());
  Value code = LiveInOp::create(
      builder, exit.getLoc(), GprType::get(function.getContext(), Bank::A, 0));
  ExitOp::create(builder, exit.getLoc(), code);
  return directExit;
}

bool TargetTaker::take(const Candidate &candidate) {
  Operation *branch = candidate.branch;
  Block *target = branch->getSuccessor(0);
  if (getDeferSlots(branch) == maxDeferSlots(branch) ||
      target == branch->getBlock() || target == branch->getSuccessor(1) ||
      target->isEntryBlock() || onlyExits(target))
    return false;
  const Head head = findHead(branch);
  if (head.words == 0)
    return false;
  // Without other ways to the target its words move.
  const auto copied =
      static_cast<float>(target->getSinglePredecessor() ? 0 : head.words);
  const float gain = gainOf(candidate, head);
  if (gain <= 0 || gain * candidate.weight < copied * MinGain)
    return false;

  OpBuilder builder(branch);
  IRMapping mapping;
  for (Operation *op : head.ops)
    builder.clone(*op, mapping);
  setDeferSlots(branch, getDeferSlots(branch) + head.words);
  words += head.words;
  Block *next = nullptr;
  if (!isWhole(head, branch))
    next = splitBehind(target, head.ops, head.rest);
  else if (auto br = dyn_cast<BrOp>(head.rest))
    next = br.getDest();
  else
    next = exitBlock(cast<ExitOp>(head.rest));
  branch->setSuccessor(next, 0);
  left.insert(target);
  remark::passed(branch->getLoc(),
                 remarkOf(branch, "nfp-fill-defer-slots", "TargetTaken"))
      << remark::add("{0} of the branch's target done in its defer slots",
                     countOf(head.words, "word"));
  return true;
}

unsigned TargetTaker::run() {
  findCandidates();
  if (candidates.empty())
    return 0;
  live.emplace(function);
  for (const Candidate &candidate : candidates)
    while (take(candidate))
      ;
  for (Block *block : left)
    if (block->hasNoPredecessors())
      block->erase();
  return words;
}

unsigned nfpbpf::nfp::fillFromLikelyTargets(FuncOp function) {
  return TargetTaker(function).run();
}
