//===- DirectExits.cpp - nfp-direct-exits ---------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where A0 is free, it can hold the exit word before anything is decided; a
// conditional branch then leaves the program itself. What an exit needs is made
// available the way partial redundancies are: at the ends of the blocks that
// branch to it, and from there up where that costs less.
//
//===----------------------------------------------------------------------===//

#include "BlockWeights.h"
#include "Effects.h"

#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"

#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

#define DEBUG_TYPE "nfp-direct-exits"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_DIRECTEXITS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

/// Cycles of the branch that a branch out of the program does not need.
constexpr float CyclesSaved = 4;

struct DirectExits : nfpbpf::nfp::impl::DirectExitsBase<DirectExits> {
  void runOnOperation() override;
};

/// One function.
class ExitPlanner {
public:
  explicit ExitPlanner(FuncOp function);
  unsigned run();

private:
  /// A conditional branch to a block that loads a word and leaves.
  struct Edge {
    Block *from;
    unsigned successor;
    float weight;
  };
  using Blocks = llvm::SmallSetVector<Block *, 16>;

  void findFree();
  bool isEntry(Block *block, const Blocks &chosen) const;
  float costOf(Block *block) const;
  void moveUp(Blocks &chosen) const;
  unsigned plan(uint32_t word, ArrayRef<Edge> edges);
  Operation *insertionPoint(Block *block) const;
  Operation *waitingCommand(Block *block) const;

  FuncOp function;
  BlockWeights weights;
  /// Blocks at whose end nothing needs A0, with the last operation that has to
  /// do with it; null if it is free all through.
  llvm::DenseMap<Block *, Operation *> freeAtEnd;
  /// Blocks in which A0 holds an exit word already.
  llvm::SmallPtrSet<Block *, 16> taken;
};

} // namespace

/// The word with which a block that does nothing else leaves the program.
static std::optional<uint32_t> exitWordOf(Block *block) {
  auto exit = dyn_cast<ExitOp>(block->getTerminator());
  if (!exit || block->isEntryBlock())
    return std::nullopt;
  ConstOp word;
  for (Operation &op : block->without_terminator()) {
    if (isOperandOp(&op))
      continue;
    if (word || !isa<ConstOp>(op))
      return std::nullopt;
    word = cast<ConstOp>(op);
  }
  if (!word || exit.getCode() != word.getDst())
    return std::nullopt;
  return static_cast<uint32_t>(word.getValue());
}

static bool touchesA0(Operation *op) {
  const Effects effects(op);
  return effects.isBarrier || ((effects.gprsRead | effects.gprsWritten) & 1);
}

ExitPlanner::ExitPlanner(FuncOp function)
    : function(function), weights(function) {
  findFree();
}

void ExitPlanner::findFree() {
  // Backwards: blocks into which A0 comes with something that is still read.
  llvm::SmallPtrSet<Block *, 16> liveIn;
  SmallVector<Block *> worklist;
  llvm::DenseMap<Block *, Operation *> last;
  llvm::SmallPtrSet<Block *, 16> passes;
  for (Block &block : function.getBody()) {
    Operation *first = nullptr;
    for (Operation &op : block)
      if (touchesA0(&op)) {
        if (!first)
          first = &op;
        last[&block] = &op;
      }
    if (!first)
      passes.insert(&block);
    else if (Effects(first).gprsRead & 1) {
      liveIn.insert(&block);
      worklist.push_back(&block);
    }
  }
  while (!worklist.empty())
    for (Block *predecessor : worklist.pop_back_val()->getPredecessors())
      if (passes.contains(predecessor) && liveIn.insert(predecessor).second)
        worklist.push_back(predecessor);
  for (Block &block : function.getBody()) {
    Operation *touched = last.lookup(&block);
    const bool isLive = llvm::any_of(block.getSuccessors(), [&](Block *next) {
      return liveIn.contains(next);
    });
    if (!isLive && touched != block.getTerminator() &&
        block.getNumSuccessors() != 0)
      freeAtEnd[&block] = touched;
  }
}

/// The first command behind which the context sleeps: work before it is done
/// while the memory engine is busy anyway.
Operation *ExitPlanner::waitingCommand(Block *block) const {
  Operation *touched = freeAtEnd.lookup(block);
  for (Operation *op = touched ? touched->getNextNode() : &block->front(); op;
       op = op->getNextNode())
    if (waitsForMemory(op))
      return op;
  return nullptr;
}

Operation *ExitPlanner::insertionPoint(Block *block) const {
  Operation *point = waitingCommand(block);
  if (!point)
    point = block->getTerminator();
  // What makes flags or the previous result stays next to what takes it.
  Operation *touched = freeAtEnd.lookup(block);
  for (bool moved = true; moved;) {
    moved = false;
    for (Value operand : point->getOperands()) {
      Operation *made = operand.getDefiningOp();
      if (made && made->getBlock() == block &&
          isa<CCType, PrevType>(operand.getType()) && made != touched &&
          (!touched || touched->isBeforeInBlock(made))) {
        point = made;
        moved = true;
        break;
      }
    }
  }
  return point;
}

/// A0 does not come into the block with the word.
bool ExitPlanner::isEntry(Block *block, const Blocks &chosen) const {
  return freeAtEnd.lookup(block) || block->isEntryBlock() ||
         llvm::any_of(block->getPredecessors(), [&](Block *predecessor) {
           return !chosen.contains(predecessor);
         });
}

/// Cycles that loading the word in the block takes.
float ExitPlanner::costOf(Block *block) const {
  return waitingCommand(block) ? 0 : weights.of(block);
}

/// Adds the blocks before one where that makes loading cheaper.
void ExitPlanner::moveUp(Blocks &chosen) const {
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t n = 0; n < chosen.size(); ++n) {
      Block *block = chosen[n];
      if (freeAtEnd.lookup(block) || block->isEntryBlock() ||
          !isEntry(block, chosen))
        continue;
      Blocks more;
      bool possible = true;
      for (Block *predecessor : block->getPredecessors()) {
        possible &=
            freeAtEnd.contains(predecessor) && !taken.contains(predecessor);
        if (!chosen.contains(predecessor))
          more.insert(predecessor);
      }
      if (!possible)
        continue;
      // Only here and behind the new blocks something changes.
      Blocks affected = more;
      affected.insert(block);
      for (Block *added : more)
        for (Block *successor : added->getSuccessors())
          if (chosen.contains(successor))
            affected.insert(successor);
      // Cycles, then words.
      auto cost = [&] {
        std::pair<float, unsigned> sum;
        for (Block *each : affected)
          if (chosen.contains(each) && isEntry(each, chosen))
            sum = {sum.first + costOf(each), sum.second + 1};
        return sum;
      };
      const std::pair<float, unsigned> now = cost();
      chosen.insert(more.begin(), more.end());
      if (cost() <= now) {
        changed = true;
        continue;
      }
      for ([[maybe_unused]] Block *added : more)
        chosen.pop_back();
    }
  }
}

unsigned ExitPlanner::plan(uint32_t word, ArrayRef<Edge> edges) {
  Blocks chosen;
  for (const Edge &edge : edges)
    if (freeAtEnd.contains(edge.from) && !taken.contains(edge.from))
      chosen.insert(edge.from);
  moveUp(chosen);
  // What hangs together is worth it or not.
  llvm::EquivalenceClasses<Block *> parts;
  llvm::DenseMap<Block *, float> gain;
  for (Block *block : chosen) {
    parts.insert(block);
    if (!isEntry(block, chosen))
      for (Block *predecessor : block->getPredecessors())
        parts.unionSets(block, predecessor);
  }
  for (Block *block : chosen)
    if (isEntry(block, chosen))
      gain[parts.getLeaderValue(block)] -= costOf(block);
  for (const Edge &edge : edges)
    if (chosen.contains(edge.from))
      gain[parts.getLeaderValue(edge.from)] += CyclesSaved * edge.weight;
  auto isWorth = [&](Block *block) {
    return chosen.contains(block) && gain[parts.getLeaderValue(block)] > 0;
  };

  auto type = GprType::get(function.getContext(), Bank::A, 0);
  OpBuilder builder(function.getContext());
  for (Block *block : chosen) {
    if (!isWorth(block))
      continue;
    taken.insert(block);
    if (!isEntry(block, chosen))
      continue;
    Operation *point = insertionPoint(block);
    builder.setInsertionPoint(point);
    ConstOp::create(builder, point->getLoc(), type, word);
  }
  unsigned led = 0;
  Block *direct = nullptr;
  for (const Edge &edge : edges) {
    if (!isWorth(edge.from))
      continue;
    Operation *branch = edge.from->getTerminator();
    if (!direct) {
      Operation *exit = branch->getSuccessor(edge.successor)->getTerminator();
      direct =
          builder.createBlock(&function.getBody(), function.getBody().end());
      Value code = LiveInOp::create(builder, exit->getLoc(), type);
      ExitOp::create(builder, exit->getLoc(), code);
    }
    remark::passed(branch->getLoc(), remarkOf(branch, DEBUG_TYPE, "DirectExit"))
        << remark::add("leaves the program itself, with the exit word in A0");
    branch->setSuccessor(direct, edge.successor);
    ++led;
  }
  for (const Edge &edge : edges)
    if (!isWorth(edge.from))
      remark::missed(
          edge.from->getTerminator()->getLoc(),
          remarkOf(edge.from->getTerminator(), DEBUG_TYPE, "ExitByBranch"))
          << remark::add("leaves the program by way of another branch")
          << remark::reason(
                 "{0}", !freeAtEnd.contains(edge.from)
                            ? "A0, where the exit word must be, holds something"
                        : taken.contains(edge.from)
                            ? "A0 holds another exit word"
                            : "loading A0 in time costs other ways more");
  return led;
}

unsigned ExitPlanner::run() {
  llvm::MapVector<uint32_t, SmallVector<Edge>> exits;
  for (Block &block : function.getBody()) {
    Operation *terminator = block.getTerminator();
    if (terminator->getNumSuccessors() != 2 ||
        terminator->getSuccessor(0) == terminator->getSuccessor(1))
      continue;
    for (unsigned n = 0; n < 2; ++n)
      if (std::optional<uint32_t> word =
              exitWordOf(terminator->getSuccessor(n)))
        exits[*word].push_back({&block, n, weights.ofEdge(&block, n)});
  }
  // The most frequent word first; it decides where A0 is taken.
  SmallVector<std::tuple<float, uint32_t, SmallVector<Edge>>> order;
  for (auto &[word, edges] : exits) {
    float sum = 0;
    for (const Edge &edge : edges)
      sum += edge.weight;
    order.emplace_back(-sum, word, std::move(edges));
  }
  llvm::sort(order, [](const auto &left, const auto &right) {
    return std::tie(std::get<0>(left), std::get<1>(left)) <
           std::tie(std::get<0>(right), std::get<1>(right));
  });
  unsigned led = 0;
  for (const auto &[sum, word, edges] : order)
    led += plan(word, edges);
  return led;
}

void DirectExits::runOnOperation() {
  for (FuncOp function : getOperation().getOps<FuncOp>())
    numDirect += ExitPlanner(function).run();
}
