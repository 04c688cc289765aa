//===- PlaceMaps.cpp - bpf-place-maps -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lookups that a program need not make: a second one of the same key, and null
// tests of array elements.
//
//===----------------------------------------------------------------------===//

#include "KeyBytes.h"
#include "Remarks.h"
#include "ValueRanges.h"

#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_PLACEMAPS
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

#define DEBUG_TYPE "bpf-place-maps"

using namespace mlir;
using namespace nfpbpf::bpf;
using llvm::ConstantRange;

/// The kernel's numbers of map types (enum bpf_map_type) whose lookups change
/// nothing; those of LRU maps refresh what they find.
constexpr uint32_t TypeHash = 1, TypeArray = 2;

/// Operations looked at between two lookups; bounds the time for huge
/// functions.
constexpr unsigned MaxBetween = 4000;

namespace {

struct Lookup {
  MapLookupOp op;
  KeyBytes key;
};

struct PlaceMaps : nfpbpf::bpf::impl::PlaceMapsBase<PlaceMaps> {
  using PlaceMapsBase::PlaceMapsBase;
  void runOnOperation() override;

private:
  void place(FuncOp function, const MemoryAccesses &accesses);
  void share(MapOp map, SmallVectorImpl<Lookup> &lookups,
             DominanceInfo &dominance);
  bool mayBeOther(MapOp map, MapLookupOp before, MapLookupOp after) const;
  bool changesEntries(Operation *op, MapOp map) const;
  void decideArray(MapOp map, Lookup &lookup, ValueRanges &ranges);

  llvm::StringMap<MapOp> maps;
  /// Maps that an update or deletion of the module names.
  llvm::DenseSet<Operation *> changed;
  /// Something may change any map.
  bool anyMapChanges = false;
};

} // namespace

/// The map of a handle; nothing if it is not one certain map.
static MapOp mapOfHandle(Value handle, const llvm::StringMap<MapOp> &maps) {
  auto ref = handle.getDefiningOp<MapRefOp>();
  return ref ? maps.lookup(ref.getMap()) : MapOp();
}

static Value changedHandle(Operation *op) {
  if (auto update = dyn_cast<MapUpdateOp>(op))
    return update.getMap();
  if (auto remove = dyn_cast<MapDeleteOp>(op))
    return remove.getMap();
  return {};
}

/// After the operation another entry, or none, may have the key.
bool PlaceMaps::changesEntries(Operation *op, MapOp map) const {
  // What orders accesses may be there to see what others have done.
  if (isa<FenceOp, CallHelperOp>(op))
    return true;
  if (isa<CallOp>(op))
    return anyMapChanges || changed.contains(map);
  Value handle = changedHandle(op);
  if (!handle)
    return false;
  MapOp other = mapOfHandle(handle, maps);
  return !other || other == map;
}

/// On a way from one lookup to the other, which it dominates, the entry may
/// come, go or move.
bool PlaceMaps::mayBeOther(MapOp map, MapLookupOp before,
                           MapLookupOp after) const {
  // The elements of an array are where they are.
  if (map.getMapType() == TypeArray)
    return false;
  unsigned lookedAt = 0;
  auto changes = [&](Operation *first, Operation *end) {
    for (Operation *op = first; op != end; op = op->getNextNode())
      if (++lookedAt > MaxBetween || changesEntries(op, map))
        return true;
    return false;
  };
  Block *top = before->getBlock();
  if (top == after->getBlock())
    return changes(before->getNextNode(), after);
  if (changes(before->getNextNode(), nullptr) ||
      changes(&after->getBlock()->front(), after))
    return true;
  llvm::SmallPtrSet<Block *, 16> seen;
  SmallVector<Block *> worklist(after->getBlock()->pred_begin(),
                                after->getBlock()->pred_end());
  while (!worklist.empty()) {
    Block *block = worklist.pop_back_val();
    if (block == top || !seen.insert(block).second)
      continue;
    if (changes(&block->front(), nullptr))
      return true;
    worklist.append(block->pred_begin(), block->pred_end());
  }
  return false;
}

/// Replaces lookups by earlier ones of the same key and leaves the others.
void PlaceMaps::share(MapOp map, SmallVectorImpl<Lookup> &lookups,
                      DominanceInfo &dominance) {
  SmallVector<Lookup> leaders;
  for (Lookup &lookup : lookups) {
    MapLookupOp op = lookup.op, same, shared;
    for (Lookup &leader : llvm::reverse(leaders)) {
      if (leader.key != lookup.key ||
          !dominance.dominates(leader.op.getOperation(), op))
        continue;
      same = leader.op;
      if (mayBeOther(map, same, op))
        continue;
      shared = same;
      break;
    }
    if (shared) {
      remark::passed(op.getLoc(), remarkOf(op, DEBUG_TYPE, "SharedLookup"))
          << remark::add("the entry of map {0} found at {1} is used again",
                         map.getSymName(), describePlace(shared.getLoc()));
      op.getResult().replaceAllUsesWith(shared.getResult());
      op.erase();
      ++numShared;
      continue;
    }
    if (same)
      remark::missed(op.getLoc(), remarkOf(op, DEBUG_TYPE, "LookupRepeated"))
          << remark::add("map {0} is asked for the same key as at {1} again",
                         map.getSymName(), describePlace(same.getLoc()))
          << remark::reason("its entries may have changed between");
    leaders.push_back(std::move(lookup));
  }
  lookups = std::move(leaders);
}

/// What the index of an array lookup can be.
static ConstantRange indexOf(Lookup &lookup, ValueRanges &ranges) {
  ConstantRange result = ConstantRange::getFull(32);
  ArrayRef<KeyByte> key = lookup.key;
  Block *block = lookup.op->getBlock();
  if (llvm::any_of(key, [](const KeyByte &byte) { return byte.since; }))
    return result;
  if (llvm::all_of(
          key, [](const KeyByte &byte) { return byte.source.isConstant(); })) {
    APInt index(32, 0);
    for (auto [k, byte] : llvm::enumerate(key))
      index.insertBits(APInt(8, byte.source.byte),
                       static_cast<unsigned>(8 * k));
    return ConstantRange(index);
  }
  // The low bytes of one number with zeros above.
  auto low = [&](Value root, unsigned count) {
    unsigned width = root.getType().getIntOrFloatBitWidth();
    ConstantRange range = ranges.rangeAt(root, block);
    if (8 * count < width)
      range = range.truncate(8 * count);
    return range.zextOrTrunc(32);
  };
  Value root = key.front().source.root;
  unsigned count = 0;
  while (root && count < key.size() && key[count].source.root == root &&
         key[count].source.byte == count)
    ++count;
  if (count > 0 && llvm::all_of(key.drop_front(count), [](const KeyByte &byte) {
        return byte.source.isZero();
      }))
    result = result.intersectWith(low(root, count));
  // The same of what one store of all bytes wrote.
  Value stored = key.front().stored;
  bool isWhole = true;
  for (auto [k, byte] : llvm::enumerate(key))
    isWhole &= byte.stored == stored && byte.storedByte == k;
  if (isWhole)
    result = result.intersectWith(low(stored, 4));
  return result;
}

/// Elements of an array are always there, and behind its end is never one.
void PlaceMaps::decideArray(MapOp map, Lookup &lookup, ValueRanges &ranges) {
  MapLookupOp op = lookup.op;
  ConstantRange index = indexOf(lookup, ranges);
  OpBuilder b(op);
  if (index.getUnsignedMin().uge(map.getMaxEntries())) {
    remark::passed(op.getLoc(), remarkOf(op, DEBUG_TYPE, "BehindTheEnd"))
        << remark::add("array {0} has no such element: the lookup is null",
                       map.getSymName());
    op.getResult().replaceAllUsesWith(
        NullOp::create(b, op.getLoc(), op.getResult().getType()).getResult());
    op.erase();
    ++numNull;
    return;
  }
  if (!completeArrays || index.getUnsignedMax().uge(map.getMaxEntries()))
    return;
  SmallVector<IsNullOp> tests;
  for (Operation *user : op.getResult().getUsers())
    if (auto test = dyn_cast<IsNullOp>(user))
      tests.push_back(test);
  if (tests.empty())
    return;
  remark::passed(op.getLoc(), remarkOf(op, DEBUG_TYPE, "NeverNull"))
      << remark::add("array {0} always has this element: no test for null",
                     map.getSymName());
  Value no = arith::ConstantOp::create(b, op.getLoc(), b.getBoolAttr(false))
                 .getResult();
  for (IsNullOp test : tests) {
    test.getResult().replaceAllUsesWith(no);
    test.erase();
  }
  ++numNeverNull;
}

void PlaceMaps::place(FuncOp function, const MemoryAccesses &accesses) {
  DominanceInfo dominance(function);
  KeyReader keys(accesses, dominance);
  llvm::MapVector<MapOp, SmallVector<Lookup>> lookups;
  llvm::ReversePostOrderTraversal<Region *> order(&function.getBody());
  for (Block *block : order)
    for (Operation &op : *block) {
      auto lookup = dyn_cast<MapLookupOp>(op);
      MapOp map = lookup ? mapOfHandle(lookup.getMap(), maps) : MapOp();
      if (!map ||
          (map.getMapType() != TypeHash && map.getMapType() != TypeArray))
        continue;
      KeyBytes key = keys.read(lookup, lookup.getKey(), map.getKeySize());
      if (!key.empty())
        lookups[map].push_back({lookup, std::move(key)});
    }
  ValueRanges ranges(dominance);
  for (auto &[map, ofMap] : lookups) {
    share(map, ofMap, dominance);
    if (map.getMapType() == TypeArray && map.getKeySize() == 4)
      for (Lookup &lookup : ofMap)
        decideArray(map, lookup, ranges);
  }
}

void PlaceMaps::runOnOperation() {
  for (auto map : getOperation().getOps<MapOp>())
    maps[map.getSymName()] = map;
  getOperation().walk([&](Operation *op) {
    if (isa<CallHelperOp>(op))
      anyMapChanges = true;
    Value handle = changedHandle(op);
    if (!handle)
      return;
    if (MapOp map = mapOfHandle(handle, maps))
      changed.insert(map);
    else
      anyMapChanges = true;
  });
  const MemoryAccesses accesses(getOperation());
  for (FuncOp function : getOperation().getOps<FuncOp>())
    if (!function.getBody().empty())
      place(function, accesses);
}
