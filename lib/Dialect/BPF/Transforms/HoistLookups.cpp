//===- HoistLookups.cpp - Lookups out of loops ----------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HoistLookups.h"

#include "KeyBytes.h"
#include "Remarks.h"

#include "nfpbpf/ISA/BPF/MapTypes.h"

#include "mlir/Analysis/CFGLoopInfo.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#define DEBUG_TYPE "bpf-place-maps"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::bpf;

/// Bytes of stack of all functions together, up to which frames may grow: half
/// of what a program has, which leaves the rest to what code generation keeps
/// there.
constexpr uint64_t MaxGrownFrames = 256;

/// Lookups moved in one function; bounds the time.
constexpr unsigned MaxHoisted = 64;

namespace {

class Hoisting {
public:
  Hoisting(FuncOp function, const MemoryAccesses &accesses,
           const MapChanges &changes, bool onlyHashes)
      : function(function), accesses(accesses), changes(changes),
        onlyHashes(onlyHashes) {}

  /// Moves one lookup, if there is one to move.
  bool moveOne();

private:
  /// Where a lookup goes, and how its key comes there.
  struct Plan {
    CFGLoop *loop = nullptr;
    KeyBytes made; ///< bytes to store; empty: the key lies at its place
  };
  std::optional<KeyBytes> keyInFront(MapLookupOp lookup, MapOp map,
                                     CFGLoop *loop, KeyReader &keys) const;
  Plan planFor(Operation *op, CFGLoopInfo &loops, DominanceInfo &dominance);
  bool hasRoomFor(unsigned bytes) const;
  void move(Operation *op, const Plan &plan);
  Value placeKey(OpBuilder &b, MapLookupOp lookup, const Plan &plan);

  FuncOp function;
  const MemoryAccesses &accesses;
  const MapChanges &changes;
  bool onlyHashes;
  llvm::SmallPtrSet<Operation *, 8> leftAlone;
};

} // namespace

static bool isOnEveryRound(Block *block, CFGLoop *loop,
                           DominanceInfo &dominance) {
  SmallVector<Block *, 4> latches;
  loop->getLoopLatches(latches);
  return llvm::all_of(
      latches, [&](Block *latch) { return dominance.dominates(block, latch); });
}

/// The frame may grow by a key without a want of stack.
bool Hoisting::hasRoomFor(unsigned bytes) const {
  uint64_t all = llvm::alignTo(bytes, 8);
  function->getParentOfType<ModuleOp>().walk(
      [&](FrameOp frame) { all += frame.getSize(); });
  return all <= MaxGrownFrames;
}

/// How the key of every round comes to be in front of the loop: no bytes if it
/// lies there already, the bytes to store, or nothing if rounds have keys of
/// their own.
std::optional<KeyBytes> Hoisting::keyInFront(MapLookupOp lookup, MapOp map,
                                             CFGLoop *loop,
                                             KeyReader &keys) const {
  KeyBytes inside = keys.read(lookup, lookup.getKey(), map.getKeySize());
  if (inside.empty())
    return std::nullopt;
  Operation *front = loop->getLoopPredecessor()->getTerminator();
  if (keys.read(front, lookup.getKey(), map.getKeySize()) == inside)
    return KeyBytes();
  const bool isMade = llvm::all_of(inside, [&](const KeyByte &byte) {
    Value root = byte.source.root;
    return !byte.since && (!root || !loop->contains(root.getParentBlock()));
  });
  if (!isMade || !hasRoomFor(map.getKeySize()))
    return std::nullopt;
  return inside;
}

Hoisting::Plan Hoisting::planFor(Operation *op, CFGLoopInfo &loops,
                                 DominanceInfo &dominance) {
  Plan plan;
  auto lookup = dyn_cast<MapLookupOp>(op);
  MapOp map = lookup ? changes.plainMapOf(lookup) : MapOp();
  if ((lookup && !map) ||
      (onlyHashes && (!map || map.getMapType() != ebpf::MapHash)))
    return plan;
  KeyReader keys(accesses, dominance);
  for (CFGLoop *loop = loops.getLoopFor(op->getBlock()); loop;
       loop = loop->getParentLoop()) {
    if (!loop->getLoopPredecessor() ||
        !isOnEveryRound(op->getBlock(), loop, dominance))
      break;
    if (!lookup) {
      plan.loop = loop;
      continue;
    }
    auto missed = [&](StringRef why) {
      if (!plan.loop)
        remark::missed(op->getLoc(), remarkOf(op, DEBUG_TYPE, "LookupInLoop"))
            << remark::add("map {0} is asked in every round of the loop",
                           map.getSymName())
            << remark::reason("{0}", why);
      return plan;
    };
    const bool changed = llvm::any_of(loop->getBlocks(), [&](Block *block) {
      return llvm::any_of(*block, [&](Operation &other) {
        return changes.changesEntries(&other, map);
      });
    });
    if (changed)
      return missed("the loop may change its entries");
    std::optional<KeyBytes> key = keyInFront(lookup, map, loop, keys);
    if (!key)
      return missed("the key is not known to be the same in all rounds");
    plan.loop = loop;
    plan.made = std::move(*key);
  }
  return plan;
}

/// A place in front of a loop that control reaches only on the way into it.
static Operation *placeInFrontOf(CFGLoop *loop) {
  Block *before = loop->getLoopPredecessor(), *header = loop->getHeader();
  Operation *branch = before->getTerminator();
  if (llvm::all_equal(branch->getSuccessors()))
    return branch;
  auto *edge = new Block();
  edge->insertBefore(header);
  OpBuilder b = OpBuilder::atBlockEnd(edge);
  for (auto [index, successor] : llvm::enumerate(branch->getSuccessors())) {
    if (successor != header)
      continue;
    SuccessorOperands operands =
        cast<BranchOpInterface>(branch).getSuccessorOperands(index);
    auto jump = cf::BranchOp::create(b, branch->getLoc(), header,
                                     operands.getForwardedOperands());
    operands.getMutableForwardedOperands().clear();
    branch->setSuccessor(edge, index);
    return jump;
  }
  llvm_unreachable("the predecessor of a header branches to it");
}

/// The address of the key in front of the loop, stored there if need be.
Value Hoisting::placeKey(OpBuilder &b, MapLookupOp lookup, const Plan &plan) {
  const Location loc = lookup.getLoc();
  const Place place = accesses.placeOf(lookup.getKey(), 0);
  auto frame = place.root.getDefiningOp<FrameOp>();
  auto addressOf = [&](int64_t offset) -> Value {
    if (offset == 0)
      return frame.getResult();
    return PtrAddOp::create(b, loc, frame.getResult(),
                            arith::ConstantIntOp::create(b, loc, offset, 64));
  };
  if (plan.made.empty())
    return addressOf(place.offset);
  // Nothing reads behind the lookup what is stored for it.
  const uint32_t slot = frame.getSize();
  const auto size = static_cast<unsigned>(plan.made.size());
  frame.setSize(slot + static_cast<uint32_t>(llvm::alignTo(size, 8)));
  Value address = addressOf(slot);
  for (unsigned done = 0; done < size;) {
    const unsigned piece = std::min(4u, llvm::bit_floor(size - done));
    SmallVector<ByteSource, 4> bytes;
    for (const KeyByte &byte : llvm::ArrayRef(plan.made).slice(done, piece))
      bytes.push_back(byte.source);
    StoreOp::create(b, loc, assembleBytes(b, loc, bytes), address, done);
    done += piece;
  }
  return address;
}

void Hoisting::move(Operation *op, const Plan &plan) {
  OpBuilder b(placeInFrontOf(plan.loop));
  auto lookup = dyn_cast<MapLookupOp>(op);
  if (!lookup) {
    remark::passed(op->getLoc(), remarkOf(op, DEBUG_TYPE, "HoistedAddress"))
        << remark::add("the address of global data {0} is asked once, in "
                       "front of the loop",
                       cast<MapValueRefOp>(op).getMap());
    op->moveBefore(&*b.getInsertionPoint());
    return;
  }
  MapOp map = changes.plainMapOf(lookup);
  remark::passed(op->getLoc(), remarkOf(op, DEBUG_TYPE, "HoistedLookup"))
      << remark::add("map {0} is asked once, in front of the loop",
                     map.getSymName());
  Value key = placeKey(b, lookup, plan);
  Value handle = MapRefOp::create(b, lookup.getLoc(), lookup.getMap().getType(),
                                  map.getSymName());
  auto moved = MapLookupOp::create(b, lookup.getLoc(),
                                   lookup.getResult().getType(), handle, key);
  lookup.getResult().replaceAllUsesWith(moved.getResult());
  lookup.erase();
}

bool Hoisting::moveOne() {
  Region &body = function.getBody();
  if (body.hasOneBlock())
    return false;
  DominanceInfo dominance(function);
  CFGLoopInfo loops(dominance.getDomTree(&body));
  if (loops.empty())
    return false;
  for (Block &block : body) {
    if (!loops.getLoopFor(&block))
      continue;
    for (Operation &op : block) {
      if (!isa<MapLookupOp, MapValueRefOp>(op) || leftAlone.contains(&op))
        continue;
      const Plan plan = planFor(&op, loops, dominance);
      if (plan.loop) {
        move(&op, plan);
        return true;
      }
      leftAlone.insert(&op);
    }
  }
  return false;
}

unsigned nfpbpf::bpf::hoistLookups(FuncOp function,
                                   const MemoryAccesses &accesses,
                                   const MapChanges &changes, bool onlyHashes) {
  Hoisting hoisting(function, accesses, changes, onlyHashes);
  unsigned hoisted = 0;
  while (hoisted < MaxHoisted && hoisting.moveOne())
    ++hoisted;
  return hoisted;
}
