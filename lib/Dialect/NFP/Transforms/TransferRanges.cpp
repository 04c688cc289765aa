//===- TransferRanges.cpp - Where transfer registers are live -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TransferRanges.h"
#include "ExpandMacros.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/GenericDomTreeConstruction.h"

using namespace mlir;
using namespace nfpbpf::nfp;

namespace {

/// Blocks that the ranges of a function may have together, for each of its
/// blocks and transfer registers.
constexpr size_t BlocksPerRegister = 4;
/// A block in a loop is executed this many times as often.
constexpr float LoopFactor = 8;
constexpr unsigned MaxDepth = 6;

} // namespace

TransferRanges::TransferRanges(FuncOp function) {
  Region &body = function.getBody();
  domTree.recalculate(body);
  domTree.updateDFSNumbers();
  loops = std::make_unique<CFGLoopInfo>(domTree);
  size_t numBlocks = 0;
  for (Block &block : body) {
    ++numBlocks;
    // Moves that are inserted get the odd numbers between.
    unsigned number = 0;
    for (Operation &op : block) {
      order[&op] = number += 2;
      if (isa<CallOp, HelperOp>(op))
        calls[&block].push_back(&op);
    }
  }
  budget = numBlocks * NumProgramXfers * BlocksPerRegister;
}

float TransferRanges::frequency(Block *block) const {
  float result = 1;
  for (unsigned n = std::min(loops->getLoopDepth(block), MaxDepth); n > 0; --n)
    result *= LoopFactor;
  return result;
}

bool TransferRanges::isLiveAfter(const TransferValue &transfer,
                                 Operation *op) const {
  auto it = transfer.range.find(op->getBlock());
  if (it == transfer.range.end())
    return false;
  return !it->second || order.lookup(it->second) > order.lookup(op);
}

/// From the uses backwards to the definition. False, with an empty range, if
/// that takes too many blocks.
bool TransferRanges::computeRange(TransferValue &transfer) {
  budget += transfer.range.size();
  transfer.range.clear();
  Block *definition = transfer.definingBlock();
  SmallVector<Block *> worklist;
  for (Operation *user : transfer.value.getUsers()) {
    Block *block = user->getBlock();
    auto [it, isNew] = transfer.range.try_emplace(block, user);
    if (isNew && block != definition)
      worklist.push_back(block);
    else if (order.lookup(it->second) < order.lookup(user))
      it->second = user;
  }
  while (!worklist.empty()) {
    Block *block = worklist.pop_back_val();
    for (Block *predecessor : block->getPredecessors()) {
      auto [it, isNew] = transfer.range.try_emplace(predecessor, nullptr);
      it->second = nullptr;
      if (isNew && predecessor != definition)
        worklist.push_back(predecessor);
    }
    if (transfer.range.size() > budget) {
      transfer.range.clear();
      return false;
    }
  }
  budget -= std::min(budget, size_t(transfer.range.size()));
  return true;
}

/// The first operation of a block behind the definition that destroys the
/// value's register, where it is live.
Operation *TransferRanges::firstDestroyer(const TransferValue &transfer,
                                          Block *block) const {
  Operation *first = nullptr;
  unsigned begin = block == transfer.definingBlock()
                       ? order.lookup(transfer.value.getOwner())
                       : 0;
  auto consider = [&](Operation *op) {
    if (order.lookup(op) > begin &&
        (!first || order.lookup(op) < order.lookup(first)))
      first = op;
  };
  if (auto it = calls.find(block); it != calls.end()) {
    const auto *call = llvm::partition_point(
        it->second, [&](Operation *op) { return order.lookup(op) <= begin; });
    if (call != it->second.end())
      consider(*call);
  }
  for (Operation *op : transfer.evictedBy)
    if (op->getBlock() == block)
      consider(op);
  return first;
}

/// Blocks of the range that a path from the definition reaches over something
/// that destroys the register.
llvm::SmallPtrSet<Block *, 8>
TransferRanges::blocksBehindDestroyers(const TransferValue &transfer) const {
  llvm::SmallPtrSet<Block *, 8> behind;
  SmallVector<Block *> worklist;
  for (const auto &[block, lastUse] : transfer.range)
    if (!lastUse && firstDestroyer(transfer, block))
      worklist.push_back(block);
  while (!worklist.empty())
    for (Block *successor : worklist.pop_back_val()->getSuccessors())
      if (transfer.isLiveAtStart(successor) && behind.insert(successor).second)
        worklist.push_back(successor);
  return behind;
}

/// True if a loop around `block` does not contain `other`; `header` is that of
/// the outermost such loop.
bool TransferRanges::isInLoopWithout(Block *block, Block *other,
                                     Block *&header) const {
  bool found = false;
  for (CFGLoop *loop = loops->getLoopFor(block); loop && !loop->contains(other);
       loop = loop->getParentLoop()) {
    header = loop->getHeader();
    found = true;
  }
  return found;
}

/// The latest place that dominates a block's uses behind a destroyer, where the
/// register holds the value on every path.
TransferRanges::Place TransferRanges::latestPlace(
    const TransferValue &transfer, Block *block,
    const llvm::SmallPtrSetImpl<Block *> &behind) const {
  Block *header = nullptr;
  for (;;) {
    if (behind.contains(block))
      block = domTree.getNode(block)->getIDom()->getBlock();
    else if (isInLoopWithout(block, transfer.definingBlock(), header))
      block = domTree.getNode(header)->getIDom()->getBlock();
    else
      break;
  }
  Operation *place = firstDestroyer(transfer, block);
  return {block, place ? getBundleStart(place) : block->getTerminator()};
}

/// A move whose result can be any other copy of its operand.
static bool isPlainMove(Operation *op) {
  auto alu = dyn_cast<AluOp>(op);
  return alu && alu.getOpcode() == AluOpcode::B && !alu.getDstLm() &&
         alu.getDst() && isa<GprType>(alu.getDst().getType()) &&
         op->getNumResults() == 1;
}

/// Gives uses copies in general registers, each in a place that others dominate
/// only if it must.
unsigned TransferRanges::cutOff(TransferValue &transfer,
                                ArrayRef<OpOperand *> uses,
                                const llvm::SmallPtrSetImpl<Block *> &behind) {
  struct Cut {
    OpOperand *use;
    Place place;
    unsigned preorder;
  };
  SmallVector<Cut> cuts;
  for (OpOperand *use : uses) {
    Place place = latestPlace(transfer, use->getOwner()->getBlock(), behind);
    cuts.push_back({use, place, domTree.getNode(place.first)->getDFSNumIn()});
  }
  llvm::sort(cuts, [](const Cut &left, const Cut &right) {
    return left.preorder < right.preorder;
  });
  unsigned moves = 0;
  Block *copyBlock = nullptr;
  Value copy;
  OpBuilder builder(transfer.value.getContext());
  for (const Cut &cut : cuts) {
    // One place for each block; in preorder what dominates comes first.
    if (!copyBlock || !domTree.dominates(copyBlock, cut.place.first)) {
      builder.setInsertionPoint(cut.place.second);
      copy = createMove(builder, transfer.value.getOwner()->getLoc(),
                        transfer.value);
      order[copy.getDefiningOp()] = order.lookup(cut.place.second) - 1;
      copyBlock = cut.place.first;
      ++moves;
    }
    Operation *user = cut.use->getOwner();
    if (isPlainMove(user)) {
      user->getResult(0).replaceAllUsesWith(copy);
      order.erase(user);
      user->erase();
    } else {
      cut.use->set(copy);
    }
  }
  return moves;
}

/// Everything is used from a copy right behind the command.
void TransferRanges::moveAtOnce(TransferValue &transfer) {
  Operation *cmd = transfer.value.getOwner();
  OpBuilder builder(cmd->getContext());
  Operation *ready = getReadyPlace(cast<CmdOp>(cmd));
  builder.setInsertionPointAfter(ready);
  Value copy = createMove(builder, cmd->getLoc(), transfer.value);
  order[copy.getDefiningOp()] = order.lookup(ready) + 1;
  transfer.value.replaceAllUsesExcept(copy, copy.getDefiningOp());
  transfer.range.try_emplace(cmd->getBlock(), copy.getDefiningOp());
}

unsigned TransferRanges::update(TransferValue &transfer) {
  if (!computeRange(transfer)) {
    moveAtOnce(transfer);
    return 1;
  }
  llvm::SmallPtrSet<Block *, 8> behind = blocksBehindDestroyers(transfer);
  llvm::SmallDenseMap<Block *, Operation *, 4> destroyers;
  SmallVector<OpOperand *> cut;
  for (OpOperand &use : transfer.value.getUses()) {
    Block *block = use.getOwner()->getBlock();
    bool isCut = behind.contains(block);
    if (!isCut) {
      auto [it, isNew] = destroyers.try_emplace(block, nullptr);
      if (isNew)
        it->second = firstDestroyer(transfer, block);
      isCut =
          it->second && order.lookup(it->second) < order.lookup(use.getOwner());
    }
    if (isCut)
      cut.push_back(&use);
  }
  if (cut.empty())
    return 0;
  unsigned moves = cutOff(transfer, cut, behind);
  if (computeRange(transfer))
    return moves;
  moveAtOnce(transfer);
  return moves + 1;
}
