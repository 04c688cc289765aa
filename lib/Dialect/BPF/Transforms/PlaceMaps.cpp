//===- PlaceMaps.cpp - bpf-place-maps -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lookups that a program need not make: a second one of the same key, one in
// every round of a loop, and null tests of array elements.
//
//===----------------------------------------------------------------------===//

#include "HoistLookups.h"
#include "KeyBytes.h"
#include "MapChanges.h"
#include "Remarks.h"
#include "ValueRanges.h"

#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"
#include "nfpbpf/ISA/BPF/MapTypes.h"

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
using namespace nfpbpf;
using namespace nfpbpf::bpf;
using llvm::ConstantRange;

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
  void place(FuncOp function, const MemoryAccesses &accesses,
             const MapChanges &changes);
  void share(MapOp map, SmallVectorImpl<Lookup> &lookups,
             const MapChanges &changes, DominanceInfo &dominance);
  void decideArray(MapOp map, MapLookupOp op, const ConstantRange &index);
  void address(MapOp map, MapLookupOp op, const ConstantRange &index);
};

} // namespace

static bool isIndexed(MapOp map) {
  return map.getMapType() == ebpf::MapArray && map.getKeySize() == 4;
}

/// On a way from one lookup to the other, which it dominates, the entry may
/// come, go or move.
static bool mayBeOther(MapOp map, MapLookupOp before, MapLookupOp after,
                       const MapChanges &changes) {
  unsigned lookedAt = 0;
  auto changed = [&](Operation *first, Operation *end) {
    for (Operation *op = first; op != end; op = op->getNextNode())
      if (++lookedAt > MaxBetween || changes.changesEntries(op, map))
        return true;
    return false;
  };
  // Elements of an array do not move, however far apart the lookups are.
  if (map.getMapType() == ebpf::MapArray)
    return false;
  Block *top = before->getBlock();
  if (top == after->getBlock())
    return changed(before->getNextNode(), after);
  if (changed(before->getNextNode(), nullptr) ||
      changed(&after->getBlock()->front(), after))
    return true;
  llvm::SmallPtrSet<Block *, 16> seen;
  SmallVector<Block *> worklist(after->getBlock()->pred_begin(),
                                after->getBlock()->pred_end());
  while (!worklist.empty()) {
    Block *block = worklist.pop_back_val();
    if (block == top || !seen.insert(block).second)
      continue;
    if (changed(&block->front(), nullptr))
      return true;
    worklist.append(block->pred_begin(), block->pred_end());
  }
  return false;
}

/// Replaces lookups by earlier ones of the same key and leaves the others.
void PlaceMaps::share(MapOp map, SmallVectorImpl<Lookup> &lookups,
                      const MapChanges &changes, DominanceInfo &dominance) {
  SmallVector<Lookup> leaders;
  for (Lookup &lookup : lookups) {
    MapLookupOp op = lookup.op, same, shared;
    for (Lookup &leader : llvm::reverse(leaders)) {
      if (leader.key != lookup.key ||
          !dominance.dominates(leader.op.getOperation(), op))
        continue;
      same = leader.op;
      if (mayBeOther(map, same, op, changes))
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

/// The operation accesses memory through the pointer or computes a pointer from
/// it, so that it is not null there.
static bool isFollowed(OpOperand &use) {
  Operation *op = use.getOwner();
  if (auto store = dyn_cast<StoreOp>(op))
    return &use == &store.getPtrMutable();
  return isa<LoadOp, LoadWordsOp, StoreWordsOp, AtomicRMWOp, AtomicFetchRMWOp,
             AtomicCmpXchgOp, PtrAddOp>(op);
}

/// Computes the address of an element instead of asking the firmware.
void PlaceMaps::address(MapOp map, MapLookupOp op, const ConstantRange &range) {
  const Location loc = op.getLoc();
  OpBuilder b(op);
  remark::passed(loc, remarkOf(op, DEBUG_TYPE, "AddressedElement"))
      << remark::add("the address of the element of array {0} is computed",
                     map.getSymName());
  ++numAddressed;
  Value index;
  if (const APInt *known = range.getSingleElement())
    index = arith::ConstantIntOp::create(
        b, loc, b.getI32Type(), static_cast<int64_t>(known->getZExtValue()));
  else
    index = LoadOp::create(b, loc, b.getI32Type(), op.getKey(), 0);
  Value element = ArrayElementOp::create(b, loc, op.getResult().getType(),
                                         map.getSymName(), index);
  if (range.getUnsignedMax().ult(map.getMaxEntries())) {
    op.getResult().replaceAllUsesWith(element);
    op.erase();
    return;
  }
  Value entries =
      arith::ConstantIntOp::create(b, loc, b.getI32Type(), map.getMaxEntries());
  Value behind =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, index, entries);
  Value orNull;
  for (OpOperand &use : llvm::make_early_inc_range(op.getResult().getUses())) {
    if (auto test = dyn_cast<IsNullOp>(use.getOwner())) {
      test.getResult().replaceAllUsesWith(behind);
      test.erase();
      continue;
    }
    if (isFollowed(use)) {
      use.set(element);
      continue;
    }
    if (!orNull)
      orNull = arith::SelectOp::create(
          b, loc, behind, NullOp::create(b, loc, element.getType()), element);
    use.set(orNull);
  }
  op.erase();
}

/// Elements of an array are always there, and behind its end is never one.
void PlaceMaps::decideArray(MapOp map, MapLookupOp op,
                            const ConstantRange &index) {
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
  if (arrayAddresses) {
    address(map, op, index);
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

/// Names the places of global data by their distance from its start, so that
/// one lookup of it does for all.
static void unifyGlobals(FuncOp function) {
  function.walk([](MapValueRefOp ref) {
    const uint32_t offset = ref.getOffset();
    if (offset == 0)
      return;
    OpBuilder b(ref);
    const Location loc = ref.getLoc();
    Value start = MapValueRefOp::create(b, loc, ref.getResult().getType(),
                                        ref.getMap(), 0);
    Value place = PtrAddOp::create(
        b, loc, start, arith::ConstantIntOp::create(b, loc, offset, 64));
    ref.getResult().replaceAllUsesWith(place);
    ref.erase();
  });
}

void PlaceMaps::place(FuncOp function, const MemoryAccesses &accesses,
                      const MapChanges &changes) {
  unifyGlobals(function);
  numHoisted += hoistLookups(function, accesses, changes, arrayAddresses);
  DominanceInfo dominance(function);
  KeyReader keys(accesses, dominance);
  llvm::MapVector<MapOp, SmallVector<Lookup>> lookups;
  llvm::MapVector<MapLookupOp, MapOp> unknownElements;
  llvm::ReversePostOrderTraversal<Region *> order(&function.getBody());
  for (Block *block : order)
    for (auto lookup : block->getOps<MapLookupOp>()) {
      MapOp map = changes.plainMapOf(lookup);
      if (!map)
        continue;
      KeyBytes key = keys.read(lookup, lookup.getKey(), map.getKeySize());
      if (!key.empty())
        lookups[map].push_back({lookup, std::move(key)});
      else if (isIndexed(map))
        unknownElements[lookup] = map;
    }
  ValueRanges ranges(dominance);
  for (auto &[map, ofMap] : lookups) {
    share(map, ofMap, changes, dominance);
    if (isIndexed(map))
      for (Lookup &lookup : ofMap)
        decideArray(map, lookup.op, indexOf(lookup, ranges));
  }
  for (auto &[lookup, map] : unknownElements)
    decideArray(map, lookup, ConstantRange::getFull(32));
}

void PlaceMaps::runOnOperation() {
  const MemoryAccesses accesses(getOperation());
  const MapChanges changes(getOperation(), accesses);
  for (FuncOp function : getOperation().getOps<FuncOp>())
    if (!function.getBody().empty())
      place(function, accesses, changes);
}
