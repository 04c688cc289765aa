//===- SpecializePaths.cpp - bpf-specialize-paths -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A parser that skips optional headers goes on with a variable offset. Where
// one way into a block brings a constant for such an offset, that way gets code
// of its own, up to where nothing depends on the offset any more: its packet
// accesses are at constant distances then.
//
//===----------------------------------------------------------------------===//

#include "Remarks.h"
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_SPECIALIZEPATHS
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

#define DEBUG_TYPE "bpf-specialize-paths"

using namespace mlir;
using namespace nfpbpf::bpf;

namespace {

struct SpecializePaths
    : nfpbpf::bpf::impl::SpecializePathsBase<SpecializePaths> {
  using SpecializePathsBase::SpecializePathsBase;
  void runOnOperation() override;

private:
  bool specializeOne(FuncOp function, unsigned &budget);
};

/// An edge that brings a constant offset, and the blocks that depend on it.
struct Candidate {
  Operation *branch;
  unsigned successor;
  llvm::SetVector<Block *> blocks; // the target first
  unsigned numOps = 0;
};

} // namespace

/// The argument is added to a packet pointer, possibly after constants were
/// added to it.
static bool isPacketOffset(Value argument) {
  constexpr size_t maxSeen = 64;
  SmallVector<Value> worklist{argument};
  llvm::SmallDenseSet<Value> seen;
  while (!worklist.empty() && seen.size() < maxSeen) {
    Value value = worklist.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    for (Operation *user : value.getUsers()) {
      if (auto add = dyn_cast<PtrAddOp>(user)) {
        if (add.getOffset() == value &&
            cast<PtrType>(add.getPtr().getType()).getSpace() == Space::Packet)
          return true;
      } else if (isa<arith::AddIOp, arith::ExtUIOp, arith::TruncIOp>(user)) {
        worklist.push_back(user->getResult(0));
      } else if (auto branch = dyn_cast<BranchOpInterface>(user)) {
        for (unsigned s = 0; s < user->getNumSuccessors(); ++s)
          for (auto [n, passed] : llvm::enumerate(
                   branch.getSuccessorOperands(s).getForwardedOperands()))
            if (passed == value)
              worklist.push_back(
                  user->getSuccessor(s)->getArgument(static_cast<unsigned>(n)));
      }
    }
  }
  return false;
}

/// A constant, or a sum of constants.
static bool isConstant(Value value) {
  if (matchPattern(value, m_Constant()))
    return true;
  Operation *op = value.getDefiningOp();
  return isa_and_nonnull<arith::AddIOp, arith::ExtUIOp, arith::TruncIOp>(op) &&
         llvm::all_of(op->getOperands(), isConstant);
}

/// A place at a constant distance from the packet's start.
static bool isPacketPlace(Value pointer) {
  while (auto add = pointer.getDefiningOp<PtrAddOp>()) {
    if (!isConstant(add.getOffset()))
      return false;
    pointer = add.getPtr();
  }
  return pointer.getDefiningOp<PacketDataOp>() != nullptr;
}

/// What comes in is a constant place of the packet, or the constant distance of
/// one.
static bool bringsPlace(BlockArgument argument, Value passed) {
  if (auto pointer = dyn_cast<PtrType>(argument.getType()))
    return pointer.getSpace() == Space::Packet && isPacketPlace(passed);
  return isConstant(passed) && isPacketOffset(argument);
}

/// What the only way into a block brings needs no argument.
static void forwardArguments(FuncOp function) {
  for (Block &block : function.getBody()) {
    if (block.isEntryBlock() || block.getNumArguments() == 0 ||
        !block.getUniquePredecessor() || !block.getSinglePredecessor())
      continue;
    auto branch = dyn_cast<BranchOpInterface>(
        block.getSinglePredecessor()->getTerminator());
    if (!branch)
      continue;
    SuccessorOperands operands =
        branch.getSuccessorOperands(block.pred_begin().getSuccessorIndex());
    if (operands.getProducedOperandCount() != 0)
      continue;
    for (BlockArgument argument : block.getArguments())
      argument.replaceAllUsesWith(operands[argument.getArgNumber()]);
    operands.getMutableForwardedOperands().clear();
    block.eraseArguments(0, block.getNumArguments());
  }
}

/// The target, the blocks that use values of such blocks, and the blocks
/// between them; nothing if they have more operations than may be copied.
/// Behind them nothing depends on the way that was taken.
static std::optional<Candidate> dependentBlocks(Block *target,
                                                unsigned budget) {
  Candidate candidate{nullptr, 0, {}, 0};
  candidate.blocks.insert(target);
  for (size_t n = 0; n < candidate.blocks.size(); ++n) {
    Block *block = candidate.blocks[n];
    candidate.numOps += static_cast<unsigned>(block->getOperations().size());
    if (candidate.numOps > budget)
      return std::nullopt;
    auto addUsers = [&](Value value) {
      for (Operation *user : value.getUsers())
        candidate.blocks.insert(user->getBlock());
    };
    for (BlockArgument argument : block->getArguments())
      addUsers(argument);
    for (Operation &op : *block)
      for (Value result : op.getResults())
        addUsers(result);
    // The target dominates the blocks, so it dominates what leads to them.
    if (block != target)
      candidate.blocks.insert(block->pred_begin(), block->pred_end());
  }
  return candidate;
}

static std::optional<Candidate> findCandidate(FuncOp function,
                                              unsigned budget) {
  DominanceInfo dominance(function);
  llvm::ReversePostOrderTraversal<Region *> order(&function.getBody());
  llvm::DenseMap<Block *, size_t> position;
  for (auto [n, block] : llvm::enumerate(order))
    position[block] = n;
  for (Block *block : order) {
    if (block->isEntryBlock() || block->getSinglePredecessor())
      continue;
    // The shortest way first: it skips most.
    SmallVector<Block::pred_iterator> edges;
    for (auto it = block->pred_begin(); it != block->pred_end(); ++it)
      edges.push_back(it);
    auto key = [&](Block::pred_iterator edge) {
      return std::make_pair(position.lookup(*edge), edge.getSuccessorIndex());
    };
    llvm::sort(edges,
               [&](auto left, auto right) { return key(left) < key(right); });
    for (Block::pred_iterator it : edges) {
      Operation *terminator = (*it)->getTerminator();
      auto branch = dyn_cast<BranchOpInterface>(terminator);
      // Not a loop, and an edge that can be led elsewhere by itself.
      if (!branch || dominance.dominates(block, *it))
        continue;
      unsigned successor = it.getSuccessorIndex();
      SuccessorOperands operands = branch.getSuccessorOperands(successor);
      bool brings = false;
      for (BlockArgument argument : block->getArguments()) {
        Value passed = operands[argument.getArgNumber()];
        brings |= passed && bringsPlace(argument, passed);
      }
      if (!brings)
        continue;
      std::optional<Candidate> candidate = dependentBlocks(block, budget);
      if (!candidate)
        break;
      candidate->branch = terminator;
      candidate->successor = successor;
      // A loop in it would be copied for one round.
      bool loops = llvm::any_of(candidate->blocks, [&](Block *part) {
        return llvm::any_of(part->getSuccessors(), [&](Block *next) {
          return dominance.dominates(next, part);
        });
      });
      if (!loops)
        return candidate;
    }
  }
  return std::nullopt;
}

static void copyForEdge(const Candidate &candidate) {
  Block *target = candidate.blocks.front();
  auto branch = cast<BranchOpInterface>(candidate.branch);
  SuccessorOperands operands = branch.getSuccessorOperands(candidate.successor);
  IRMapping mapping;
  for (BlockArgument argument : target->getArguments())
    mapping.map(argument, operands[argument.getArgNumber()]);
  OpBuilder b(target->getParentOp()->getContext());
  Block *where = candidate.blocks.back()->getNextNode();
  Region *region = target->getParent();
  for (Block *block : candidate.blocks) {
    Block *copy =
        b.createBlock(region, where ? Region::iterator(where) : region->end());
    mapping.map(block, copy);
    if (block == target)
      continue;
    for (BlockArgument argument : block->getArguments())
      mapping.map(argument,
                  copy->addArgument(argument.getType(), argument.getLoc()));
  }
  // Definitions before uses: the blocks stand in an order in which a block
  // comes after one that leads to it, but not after all of them.
  llvm::ReversePostOrderTraversal<Block *> order(target);
  for (Block *block : order) {
    if (!candidate.blocks.contains(block))
      continue;
    b.setInsertionPointToEnd(mapping.lookup(block));
    for (Operation &op : *block)
      b.clone(op, mapping);
  }
  operands.getMutableForwardedOperands().clear();
  candidate.branch->setSuccessor(mapping.lookup(target), candidate.successor);
}

bool SpecializePaths::specializeOne(FuncOp function, unsigned &budget) {
  std::optional<Candidate> candidate = findCandidate(function, budget);
  if (!candidate)
    return false;
  Operation *branch = candidate->branch;
  remark::passed(branch->getLoc(), remarkOf(branch, DEBUG_TYPE, "Path"))
      << remark::add("{0} operations are copied for this way, on which packet "
                     "offsets are constant",
                     candidate->numOps)
      << remark::metric("Operations", candidate->numOps);
  copyForEdge(*candidate);
  forwardArguments(function);
  budget -= candidate->numOps;
  ++numPaths;
  numCopied += candidate->numOps;
  return true;
}

void SpecializePaths::runOnOperation() {
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    if (function.getBody().empty())
      continue;
    unsigned budget = maxCopied;
    while (specializeOne(function, budget)) {
    }
  }
}
