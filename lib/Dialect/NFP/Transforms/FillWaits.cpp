//===- FillWaits.cpp - nfp-fill-waits -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A microengine starts commands of one program no closer than some cycles to
// each other, the start of the program counting as one. What is executed in
// between costs nothing.
//
//===----------------------------------------------------------------------===//

#include "BlockWeights.h"
#include "ExpandMacros.h"
#include "FrameAccesses.h"
#include "MachineRules.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/GenericDomTreeConstruction.h"

#define DEBUG_TYPE "nfp-fill-waits"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_FILLWAITS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

/// No command waits longer for its turn.
constexpr unsigned MostFree = 22;
/// Ways that are a smaller part of all that lead to a block may take longer
/// than others.
constexpr float RareWay = 0.05F;
/// Constants of rarer blocks are not worth a place.
constexpr float LeastWeight = 0.2F;
/// Constants that may be kept over helper calls, which leave few registers; and
/// how often what needs them must be executed.
constexpr unsigned MaxOverHelpers = 4;
constexpr float LeastWeightOverHelpers = 0.5F;

struct FillWaits : nfpbpf::nfp::impl::FillWaitsBase<FillWaits> {
  using FillWaitsBase::FillWaitsBase;
  void runOnOperation() override;

private:
  /// A command, or the first access to the stack, that waits.
  struct Wait {
    Operation *cmd;
    unsigned room;
  };

  void findWaits(FuncOp function, ArrayRef<Block *> blocks,
                 const BlockWeights &weights);
  Wait *lastWait(Block *block, Operation *before, unsigned words,
                 bool overHelpers, bool &blocked, bool &crossed);
  float waitsBehind(Block *block, unsigned words, const BlockWeights &weights,
                    SmallVectorImpl<Wait *> &found);
  void moveInFront(Operation *op, Operation *place);
  void moveInBlock(Block &block);
  void moveConstants(FuncOp function, ArrayRef<Block *> blocks,
                     const BlockWeights &weights);
  void moveStores(FuncOp function, ArrayRef<Block *> blocks,
                  const BlockWeights &weights);
  void report(FuncOp function, ArrayRef<Block *> blocks);

  llvm::DenseMap<Block *, SmallVector<Wait, 2>> waits;
  llvm::DenseMap<Block *, SmallVector<Operation *, 2>> calls;
  /// The first command or call of each block that has one.
  llvm::DenseMap<Block *, Operation *> first;
  /// Places in the block: even numbers, odd ones for what has moved.
  llvm::DenseMap<Operation *, unsigned> order;
};

} // namespace

/// Cycles of an operation that has not been expanded yet.
static unsigned cyclesOf(Operation *op) {
  return isa<LmLoadOp, LmStoreOp>(op) ? 1 : numWords(op);
}

/// A branch can leave the program, with a word that nfp-direct-exits will load
/// in front of the first command if it can.
static bool leavesByBranch(ArrayRef<Block *> blocks) {
  return llvm::any_of(blocks, [](Block *block) {
    return isa<ExitOp>(block->getTerminator()) &&
           llvm::all_of(block->without_terminator(),
                        [](Operation &op) {
                          return isOperandOp(&op) || isa<ConstOp>(op);
                        }) &&
           llvm::any_of(block->getPredecessors(), [](Block *predecessor) {
             return predecessor->getNumSuccessors() == 2;
           });
  });
}

void FillWaits::findWaits(FuncOp function, ArrayRef<Block *> blocks,
                          const BlockWeights &weights) {
  // The most cycles since the last command at the start of a block, on ways
  // that are not rare: what is not known leaves no room.
  llvm::DenseMap<Block *, unsigned> since;
  llvm::DenseSet<Block *> visited;
  for (Block *block : blocks) {
    unsigned cycles = 0;
    if (block->isEntryBlock() && !function.isEntry())
      cycles = MostFree;
    for (auto it = block->pred_begin(); it != block->pred_end(); ++it)
      if (weights.ofEdge(*it, it.getSuccessorIndex()) >=
          RareWay * weights.of(block))
        cycles = std::max(cycles,
                          visited.contains(*it) ? since.lookup(*it) : MostFree);
    visited.insert(block);
    unsigned place = 0;
    bool waitsForPointer = block->isEntryBlock() && function.isEntry();
    for (Operation &op : *block) {
      order[&op] = place += 2;
      if (isa<CallOp, HelperOp>(op))
        calls[block].push_back(&op);
      if (isa<CmdOp, CallOp, HelperOp>(op))
        first.try_emplace(block, &op);
      // The firmware sets pointer 0 just before the program.
      if (waitsForPointer && isa<LmLoadOp, LmStoreOp>(op)) {
        if (cycles < PointerLatency)
          waits[block].push_back({&op, PointerLatency - cycles});
        waitsForPointer = false;
      }
      auto cmd = dyn_cast<CmdOp>(op);
      if (cmd && !cmd.getPosted()) {
        const unsigned free = freeCycles(cmd);
        if (needsOverride(cmd))
          ++cycles;
        if (cycles < free)
          waits[block].push_back({cmd, free - cycles});
      }
      if (cmd)
        cycles = 0;
      else if (isa<CallOp, HelperOp>(op))
        cycles = MostFree; // the routine's
      else if (op.hasTrait<OpTrait::IsTerminator>())
        cycles += 1;
      else
        cycles += cyclesOf(&op);
    }
    since[block] = std::min(cycles, MostFree);
  }
  const auto *firstWait = llvm::find_if(
      blocks, [&](Block *block) { return waits.contains(block); });
  if (firstWait != blocks.end() && leavesByBranch(blocks))
    --waits[*firstWait].front().room;
}

/// The last wait of a block in front of an operation (null: the block's end)
/// with room; `blocked` if a call stands behind it or instead of it, and
/// `crossed` if that is a helper's, which is none with `overHelpers`.
FillWaits::Wait *FillWaits::lastWait(Block *block, Operation *before,
                                     unsigned words, bool overHelpers,
                                     bool &blocked, bool &crossed) {
  unsigned end = before ? order.lookup(before) : ~0U;
  unsigned call = 0;
  if (auto it = calls.find(block); it != calls.end()) {
    const auto *behind = llvm::partition_point(
        it->second, [&](Operation *op) { return order.lookup(op) < end; });
    while (behind != it->second.begin() && !call) {
      --behind;
      if (overHelpers && isa<HelperOp>(*behind))
        crossed = true;
      else
        call = order.lookup(*behind);
    }
  }
  blocked = call != 0;
  auto it = waits.find(block);
  if (it == waits.end())
    return nullptr;
  const auto *behind = llvm::partition_point(it->second, [&](const Wait &wait) {
    return order.lookup(wait.cmd) < end;
  });
  // A few commands are enough to look at.
  unsigned looked = 0;
  for (auto *wait = it->second.begin() + (behind - it->second.begin());
       wait != it->second.begin() && looked < maxLevels; ++looked) {
    --wait;
    if (order.lookup(wait->cmd) < call)
      return nullptr;
    if (wait->room >= words)
      return wait;
  }
  return nullptr;
}

/// Waits with room that a block leads to, with nothing in front of them but
/// blocks that only it leads to, and how often they are executed.
float FillWaits::waitsBehind(Block *block, unsigned words,
                             const BlockWeights &weights,
                             SmallVectorImpl<Wait *> &found) {
  float executed = 0;
  SmallVector<Block *> worklist{block};
  for (unsigned looked = 0; !worklist.empty() && looked <= maxLevels; ++looked)
    for (Block *next : worklist.pop_back_val()->getSuccessors()) {
      if (!next->getSinglePredecessor())
        continue;
      Operation *command = first.lookup(next);
      auto it = waits.find(next);
      if (!command) {
        worklist.push_back(next);
      } else if (it != waits.end() && it->second.front().cmd == command &&
                 it->second.front().room >= words) {
        found.push_back(&it->second.front());
        executed += weights.of(next);
      }
    }
  return executed;
}

void FillWaits::moveInFront(Operation *op, Operation *place) {
  remark::passed(op->getLoc(), remarkOf(op, DEBUG_TYPE, "MovedToWait"))
      << remark::add("done while a memory command waits for its turn");
  op->moveBefore(place);
  order[op] = order.lookup(place) - 1;
  ++numMoved;
}

/// An instruction that makes a register from registers and constants alone.
static bool isPlain(Operation *op) {
  if (!isa<AluOp, ShfOp, LdFieldOp>(op) || op->getNumResults() != 1 ||
      !isa<GprType>(op->getResult(0).getType()))
    return false;
  return llvm::all_of(op->getOperandTypes(), [](Type type) {
    return isa<GprType, XferType, ImmType>(type);
  });
}

/// Instructions behind a command that do not need it go in front.
void FillWaits::moveInBlock(Block &block) {
  auto it = waits.find(&block);
  if (it == waits.end())
    return;
  for (Wait &wait : it->second) {
    Operation *place = getBundleStart(wait.cmd);
    for (Operation *op = wait.cmd->getNextNode(); op && wait.room > 0;) {
      Operation *next = op->getNextNode();
      if (isa<CmdOp, CallOp, HelperOp>(op))
        break;
      bool isReady =
          isPlain(op) && llvm::all_of(op->getOperands(), [&](Value operand) {
            Operation *producer = operand.getDefiningOp();
            return !producer || producer->getBlock() != &block ||
                   order.lookup(producer) < order.lookup(place) ||
                   (isa<ImmOp>(producer) && operand.hasOneUse());
          });
      if (isReady) {
        for (Value operand : op->getOperands())
          if (auto imm = operand.getDefiningOp<ImmOp>();
              imm && imm->getBlock() == &block &&
              order.lookup(imm) > order.lookup(place)) {
            imm->moveBefore(place);
            order[imm] = order.lookup(place) - 1;
          }
        moveInFront(op, place);
        --wait.room;
      }
      op = next;
    }
  }
}

/// True if an instruction reads the constant itself: others want it in a
/// certain register anyway.
static bool isRead(ConstOp constant) {
  return llvm::any_of(constant->getUsers(), [](Operation *user) {
    return isa<AluOp, ShfOp, LdFieldOp, MulOp>(user);
  });
}

void FillWaits::moveConstants(FuncOp function, ArrayRef<Block *> blocks,
                              const BlockWeights &weights) {
  llvm::DominatorTreeBase<Block, false> tree;
  tree.recalculate(function.getBody());
  // What is executed most often first, while there is room.
  SmallVector<std::tuple<float, unsigned, ConstOp>> constants;
  for (Block *block : blocks)
    for (auto constant : block->getOps<ConstOp>())
      if (isRead(constant))
        constants.emplace_back(-weights.of(block),
                               static_cast<unsigned>(constants.size()),
                               constant);
  llvm::sort(constants, [](const auto &left, const auto &right) {
    return std::tie(std::get<0>(left), std::get<1>(left)) <
           std::tie(std::get<0>(right), std::get<1>(right));
  });
  unsigned overHelpers = 0;
  // One register serves all that want the same number in the same place.
  llvm::DenseMap<std::pair<Operation *, uint32_t>, ConstOp> made;
  for (auto &[weight, index, constant] : constants) {
    Operation *before = constant;
    DominanceInfoNode *node = tree.getNode(constant->getBlock());
    const auto value = static_cast<uint32_t>(constant.getValue());
    bool hasCrossed = false;
    for (unsigned level = 0; node && level <= maxLevels; ++level) {
      Block *place = node->getBlock();
      const float least = hasCrossed ? LeastWeightOverHelpers : LeastWeight;
      if (-weight < least * weights.of(place))
        break;
      bool isBlocked = false;
      const unsigned end = before ? order.lookup(before) : ~0U;
      ConstOp same;
      if (auto it = waits.find(place); it != waits.end())
        for (Wait &wait : it->second)
          if (order.lookup(wait.cmd) < end)
            if (ConstOp known = made.lookup({wait.cmd, value}))
              same = known;
      if (ConstOp known = made.lookup({place->getTerminator(), value});
          known && level > 0)
        same = known;
      Wait *wait =
          lastWait(place, before, numWords(constant),
                   overHelpers < MaxOverHelpers, isBlocked, hasCrossed);
      if (hasCrossed && -weight < LeastWeightOverHelpers * weights.of(place))
        break;
      if (same && !isBlocked) {
        constant.getDst().replaceAllUsesWith(same.getDst());
        constant.erase();
        break;
      }
      if (wait) {
        wait->room -= numWords(constant);
        overHelpers += hasCrossed;
        moveInFront(constant, getBundleStart(wait->cmd));
        made[{wait->cmd, value}] = constant;
        break;
      }
      // Not all ways from here wait, but most.
      SmallVector<Wait *> behind;
      if (level > 0 && !isBlocked &&
          2 * (weights.of(place) -
               waitsBehind(place, numWords(constant), weights, behind)) <
              -weight) {
        for (Wait *each : behind)
          each->room -= numWords(constant);
        overHelpers += hasCrossed;
        moveInFront(constant, place->getTerminator());
        made[{place->getTerminator(), value}] = constant;
        break;
      }
      if (isBlocked)
        break;
      before = nullptr;
      node = node->getIDom();
    }
  }
}

/// Numbers that are stored in the frame, in front of what decides whether they
/// are.
void FillWaits::moveStores(FuncOp function, ArrayRef<Block *> blocks,
                           const BlockWeights &weights) {
  if (!function.isEntry())
    return;
  FrameAccesses frame(function);
  if (!frame.isKnown() || frame.all().empty())
    return;
  llvm::DominatorTreeBase<Block, false> tree;
  tree.recalculate(function.getBody());
  SmallVector<std::tuple<float, unsigned, LmStoreOp>> stores;
  for (Block *block : blocks)
    for (auto store : block->getOps<LmStoreOp>())
      if (store.getSize() == 4 && !store.getAddress() &&
          store.getValue().getDefiningOp<ImmOp>())
        stores.emplace_back(-weights.of(block),
                            static_cast<unsigned>(stores.size()), store);
  llvm::sort(stores, [](const auto &left, const auto &right) {
    return std::tie(std::get<0>(left), std::get<1>(left)) <
           std::tie(std::get<0>(right), std::get<1>(right));
  });
  /// What has moved, by the offset: one number for each, since what is needed
  /// where has been found before.
  struct Moved {
    uint32_t number;
    SmallVector<std::pair<Operation *, LmStoreOp>, 2> places;
  };
  llvm::DenseMap<unsigned, Moved> moved;
  SmallVector<LmStoreOp> redundant;
  for (auto &[weight, index, store] : stores) {
    const auto number = static_cast<uint32_t>(
        store.getValue().getDefiningOp<ImmOp>().getValue());
    auto known = moved.find(store.getOffset());
    if (known != moved.end() && known->second.number != number)
      continue;
    Operation *before = store;
    DominanceInfoNode *node = tree.getNode(store->getBlock());
    for (unsigned level = 0; node && level <= maxLevels;
         ++level, node = node->getIDom()) {
      Block *block = node->getBlock();
      if (-weight < LeastWeight * weights.of(block))
        break;
      LmStoreOp same;
      if (known != moved.end())
        for (auto &[place, other] : known->second.places)
          if (place->getBlock() == block &&
              (!before || order.lookup(place) < order.lookup(before)))
            same = other;
      bool isBlocked = false, hasCrossed = false;
      Wait *wait =
          same ? nullptr
               : lastWait(block, before, 1, false, isBlocked, hasCrossed);
      Operation *place = same   ? same.getOperation()
                         : wait ? getBundleStart(wait->cmd)
                                : nullptr;
      if (place && place != store && frame.canMoveUp(store, place, same)) {
        if (same) {
          redundant.push_back(store);
        } else {
          auto imm = store.getValue().getDefiningOp<ImmOp>();
          OpBuilder builder(place);
          store.getValueMutable().assign(builder.clone(*imm)->getResult(0));
          --wait->room;
          Operation *cmd = wait->cmd;
          moveInFront(store, place);
          Moved &entry = moved[store.getOffset()];
          entry.number = number;
          entry.places.emplace_back(cmd, store);
        }
        break;
      }
      if (isBlocked)
        break;
      before = nullptr;
    }
  }
  for (LmStoreOp store : redundant)
    store.erase();
}

/// What could not be filled.
void FillWaits::report(FuncOp function, ArrayRef<Block *> blocks) {
  if (!hasRemarks(function))
    return;
  for (Block *block : blocks)
    if (auto it = waits.find(block); it != waits.end())
      for (const Wait &wait : it->second)
        if (wait.room)
          remark::missed(wait.cmd->getLoc(),
                         remarkOf(wait.cmd, DEBUG_TYPE, "WaitLeft"))
              << remark::add("up to {0} of waiting for the command's turn",
                             countOf(wait.room, "cycle"))
              << remark::reason("nothing behind it that is ready in front of "
                                "it is left");
}

void FillWaits::runOnOperation() {
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    waits.clear();
    calls.clear();
    first.clear();
    order.clear();
    SmallVector<Block *> blocks;
    for (Block *block :
         llvm::ReversePostOrderTraversal<Region *>(&function.getBody()))
      blocks.push_back(block);
    const BlockWeights weights(function);
    findWaits(function, blocks, weights);
    if (waits.empty())
      continue;
    for (Block *block : blocks)
      moveInBlock(*block);
    moveConstants(function, blocks, weights);
    // A store would have to wait for the pointer itself.
    for (auto &[block, own] : waits)
      llvm::erase_if(own,
                     [](const Wait &wait) { return !isa<CmdOp>(wait.cmd); });
    moveStores(function, blocks, weights);
    report(function, blocks);
  }
}
