//===- SinkStores.cpp - Stack stores where they are needed ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SinkStores.h"

#include "FrameEffects.h"
#include "Remarks.h"

#include "mlir/Analysis/CFGLoopInfo.h"
#include "mlir/IR/Dominance.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace nfpbpf::bpf;

constexpr llvm::StringLiteral PassName = "bpf-fuse-memcpy";

/// Blocks looked at behind a store; bounds the time for huge functions.
constexpr size_t MaxBlocks = 64;

namespace {

class StoreSinker {
public:
  StoreSinker(FuncOp function, FrameOp frame, const MemoryAccesses &accesses)
      : function(function), frame(frame), accesses(accesses),
        dominance(function), postDominance(function),
        loops(dominance.getDomTree(&function.getBody())) {}

  /// Returns the number of stores moved.
  unsigned run();

private:
  Operation *findPlace(StoreOp store);
  bool isBehindCommand(StoreOp store) const;
  bool touches(ByteRange range, ByteRange bytes) const {
    return range.begin < bytes.end && bytes.begin < range.end;
  }
  bool findReaders(StoreOp store, ByteRange bytes);
  bool isOverwrittenOnTheWayTo(Block *block) const;
  Block *commonDominator(StoreOp store);

  FuncOp function;
  FrameOp frame;
  const MemoryAccesses &accesses;
  DominanceInfo dominance;
  PostDominanceInfo postDominance;
  CFGLoopInfo loops;
  SmallVector<Operation *> commands;
  SmallVector<Operation *> readers;
  SmallVector<Block *> overwriting;
};

} // namespace

/// The first operations behind the store that read its bytes, on all ways, and
/// the blocks in which others overwrite them. False if not all are known.
bool StoreSinker::findReaders(StoreOp store, ByteRange bytes) {
  readers.clear();
  overwriting.clear();
  llvm::SmallPtrSet<Block *, 16> seen;
  SmallVector<Block::iterator> worklist{std::next(store->getIterator())};
  Block *home = store->getBlock();
  while (!worklist.empty()) {
    Block::iterator it = worklist.pop_back_val();
    Block *block = it->getBlock();
    bool isEnd = false;
    for (; it != block->end() && !isEnd; ++it) {
      std::optional<ByteRange> written = writtenBy(&*it, frame, accesses);
      const bool isRead =
          llvm::any_of(readBy(&*it, frame, accesses),
                       [&](ByteRange range) { return touches(range, bytes); });
      if (written && touches(*written, bytes)) {
        if (isRead || !isa<StoreOp>(*it) || written->begin > bytes.begin ||
            written->end < bytes.end)
          return false;
        overwriting.push_back(block);
        isEnd = true;
      } else if (isRead) {
        readers.push_back(&*it);
        isEnd = true;
      }
    }
    if (isEnd)
      continue;
    for (Block *next : block->getSuccessors()) {
      // The value may be another one round a loop.
      if (dominance.dominates(next, home))
        return false;
      if (seen.insert(next).second)
        worklist.push_back(next->begin());
    }
    if (seen.size() > MaxBlocks)
      return false;
  }
  return !readers.empty();
}

/// The block that all readers are reached through, in the loop of the store.
Block *StoreSinker::commonDominator(StoreOp store) {
  Block *common = readers.front()->getBlock();
  for (Operation *reader : ArrayRef(readers).drop_front())
    common = dominance.findNearestCommonDominator(common, reader->getBlock());
  auto *loop = loops.getLoopFor(store->getBlock());
  while (common && loops.getLoopFor(common) != loop &&
         common != store->getBlock()) {
    auto *node = dominance.getNode(common)->getIDom();
    common = node ? node->getBlock() : nullptr;
  }
  return common;
}

/// The block may be reached behind a store to the same bytes.
bool StoreSinker::isOverwrittenOnTheWayTo(Block *block) const {
  llvm::SmallPtrSet<Block *, 16> seen;
  SmallVector<Block *> worklist(overwriting);
  while (!worklist.empty()) {
    Block *from = worklist.pop_back_val();
    if (from == block || seen.size() > MaxBlocks)
      return true;
    for (Block *next : from->getSuccessors())
      if (seen.insert(next).second)
        worklist.push_back(next);
  }
  return false;
}

/// Where the store can stand as well; null if nowhere better.
Operation *StoreSinker::findPlace(StoreOp store) {
  const Place place = accesses.placeOf(store.getPtr(), store.getOffset());
  if (place.root != frame.getResult() ||
      !findReaders(store, {place.offset, place.offset + store.getSize()}))
    return nullptr;
  Block *home = store->getBlock();
  Block *common = commonDominator(store);
  if (!common || common == home || !dominance.properlyDominates(home, common) ||
      postDominance.postDominates(common, home) ||
      isOverwrittenOnTheWayTo(common))
    return nullptr;
  for (Operation &op : *common)
    if (llvm::is_contained(readers, &op))
      return &op;
  return common->getTerminator();
}

/// Reads the packet or a map, and is waited for.
static bool isCommand(Operation *op) {
  if (auto load = dyn_cast<LoadOp>(op))
    return cast<PtrType>(load.getPtr().getType()).getSpace() != Space::Stack;
  return isa<LoadWordsOp, MapLookupOp>(op);
}

/// A command is waited for on every way here.
bool StoreSinker::isBehindCommand(StoreOp store) const {
  return llvm::any_of(commands, [&](Operation *command) {
    return dominance.properlyDominates(command, store);
  });
}

unsigned StoreSinker::run() {
  // The first ones are those that dominate most.
  constexpr size_t maxCommands = 16;
  SmallVector<StoreOp> stores;
  for (Block &block : function.getBody())
    for (Operation &op : block) {
      if (isCommand(&op) && commands.size() < maxCommands)
        commands.push_back(&op);
      if (auto store = dyn_cast<StoreOp>(op))
        stores.push_back(store);
    }
  unsigned count = 0;
  for (StoreOp store : llvm::reverse(stores)) {
    if (!isBehindCommand(store))
      continue;
    Operation *place = findPlace(store);
    if (!place)
      continue;
    remark::passed(store.getLoc(), remarkOf(store, PassName, "StoreSunk"))
        << remark::add("{0} of the stack written on the way to {1} only",
                       countOf(store.getSize(), "byte"),
                       describePlace(place->getLoc()));
    store->moveBefore(place);
    ++count;
  }
  return count;
}

unsigned nfpbpf::bpf::sinkStores(FuncOp function,
                                 const MemoryAccesses &accesses) {
  auto frames = function.getBody().front().getOps<FrameOp>();
  if (frames.empty() || function.getBody().hasOneBlock())
    return 0;
  return StoreSinker(function, *frames.begin(), accesses).run();
}
