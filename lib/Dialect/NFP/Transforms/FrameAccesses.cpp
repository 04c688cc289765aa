//===- FrameAccesses.cpp - Who accesses which bytes of the frame ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FrameAccesses.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nfpbpf::nfp;

/// Blocks and operations between a store and where it moves.
constexpr size_t MaxBlocksBetween = 64;
constexpr unsigned MaxOpsBetween = 1024;

static constexpr unsigned WordBytes = 4;

void nfpbpf::nfp::forEachBackwards(
    ArrayRef<FrameAccess> accesses,
    function_ref<void(const FrameAccess &)> write,
    function_ref<void(const FrameAccess &)> read) {
  for (const FrameAccess &access : accesses)
    if (access.isWrite)
      write(access);
  for (const FrameAccess &access : accesses)
    if (!access.isWrite)
      read(access);
}

/// Helpers that read a key through pointer 0 and a value through pointer 2, and
/// nothing else of the stack.
static bool isMapHelper(HelperOp helper) {
  return helper.getId() == 1 || helper.getId() == 2 || helper.getId() == 3;
}

/// Bytes that routines access through an address.
bool FrameAccesses::collectUses(FrameAddrOp address) {
  const auto begin = static_cast<unsigned>(address.getOffset());
  for (OpOperand &use : address->getUses()) {
    auto helper = dyn_cast<HelperOp>(use.getOwner());
    if (!helper || !isMapHelper(helper) ||
        (use.get() != helper.getLm0() && use.get() != helper.getLm2()) ||
        llvm::is_contained(helper.getArgs(), use.get()) ||
        begin % WordBytes != 0)
      return false;
    auto id = helper.getArgs().empty()
                  ? ConstOp()
                  : helper.getArgs()[0].getDefiningOp<ConstOp>();
    auto map = id ? maps.find(static_cast<int32_t>(id.getValue())) : maps.end();
    if (map == maps.end())
      return false;
    const bool isKey = use.get() == helper.getLm0();
    auto size = static_cast<unsigned>(isKey ? map->second.getKeySize()
                                            : map->second.getValueSize());
    if (isKey && use.get() == helper.getLm2())
      size = std::max(size, static_cast<unsigned>(map->second.getValueSize()));
    const unsigned end =
        begin + static_cast<unsigned>(llvm::alignTo(size, WordBytes));
    if (end > bytes)
      return false;
    accesses[helper].push_back({begin, begin + size, false});
    // Routines may clear what a key leaves of its last word.
    if (begin + size < end)
      accesses[helper].push_back({begin + size, end, true});
  }
  return true;
}

bool FrameAccesses::collect(Operation *op) {
  auto add = [&](auto access, bool isWrite) {
    const auto begin = static_cast<unsigned>(access.getOffset());
    const auto end = begin + static_cast<unsigned>(access.getSize());
    if (access.getAddress() || end > bytes)
      return false;
    accesses[op].push_back({begin, end, isWrite});
    return true;
  };
  if (auto load = dyn_cast<LmLoadOp>(op))
    return add(load, false);
  if (auto store = dyn_cast<LmStoreOp>(op))
    return add(store, true);
  if (auto address = dyn_cast<FrameAddrOp>(op))
    return collectUses(address);
  return true;
}

void FrameAccesses::findLiveBytes(FuncOp function) {
  llvm::SetVector<Block *> worklist;
  for (Block *block : llvm::post_order(&function.getBody().front())) {
    BlockBytes &of = blocks[block];
    for (llvm::BitVector *set :
         {&of.read, &of.written, &of.liveAtStart, &of.liveAtEnd})
      set->resize(bytes);
    for (Operation &op : llvm::reverse(*block))
      forEachBackwards(
          this->of(&op),
          [&](const FrameAccess &access) {
            of.written.set(access.begin, access.end);
            of.read.reset(access.begin, access.end);
          },
          [&](const FrameAccess &access) {
            of.read.set(access.begin, access.end);
          });
    worklist.insert(block);
  }
  while (!worklist.empty()) {
    Block *block = worklist.pop_back_val();
    BlockBytes &of = blocks[block];
    of.liveAtStart = of.liveAtEnd;
    of.liveAtStart.reset(of.written);
    of.liveAtStart |= of.read;
    for (Block *predecessor : block->getPredecessors()) {
      auto it = blocks.find(predecessor);
      if (it == blocks.end() || !of.liveAtStart.test(it->second.liveAtEnd))
        continue;
      it->second.liveAtEnd |= of.liveAtStart;
      worklist.insert(predecessor);
    }
  }
}

FrameAccesses::FrameAccesses(FuncOp function) : bytes(function.getFrameSize()) {
  for (auto map : function->getParentOfType<ModuleOp>().getOps<MapOp>())
    maps[static_cast<int32_t>(map.getIndex())] = map;
  for (Block *block : llvm::post_order(&function.getBody().front()))
    for (Operation &op : *block)
      known = known && collect(&op);
  if (known && !accesses.empty())
    findLiveBytes(function);
}

bool FrameAccesses::canMoveUp(LmStoreOp store, Operation *place,
                              LmStoreOp same) const {
  const auto begin = static_cast<unsigned>(store.getOffset());
  const unsigned end = begin + static_cast<unsigned>(store.getSize());
  unsigned looked = 0;
  auto isAccessed = [&](Block::iterator from, Block::iterator to) {
    for (Operation &op : llvm::make_range(from, to)) {
      if (++looked > MaxOpsBetween)
        return true;
      if (&op != store && &op != same)
        for (const FrameAccess &access : of(&op))
          if (access.begin < end && begin < access.end)
            return true;
    }
    return false;
  };
  Block *from = place->getBlock(), *to = store->getBlock();
  if (from == to)
    return !isAccessed(place->getIterator(), store->getIterator());
  if (isAccessed(place->getIterator(), from->end()) ||
      isAccessed(to->begin(), store->getIterator()))
    return false;
  // Backwards from the store's block.
  llvm::SmallSetVector<Block *, 16> between;
  SmallVector<Block *> worklist{to};
  while (!worklist.empty() && between.size() <= MaxBlocksBetween)
    for (Block *predecessor : worklist.pop_back_val()->getPredecessors())
      if (predecessor != from && between.insert(predecessor))
        worklist.push_back(predecessor);
  if (between.size() > MaxBlocksBetween || between.contains(to))
    return false;
  for (Block *block : between)
    if (isAccessed(block->begin(), block->end()))
      return false;
  between.insert(from);
  return llvm::all_of(between, [&](Block *block) {
    return llvm::all_of(block->getSuccessors(), [&](Block *successor) {
      if (successor == to || between.contains(successor))
        return successor != from;
      const llvm::BitVector &live = liveAtStart(successor);
      return live.find_first_in(begin, end) < 0;
    });
  });
}
