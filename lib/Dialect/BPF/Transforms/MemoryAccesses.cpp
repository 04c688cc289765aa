//===- MemoryAccesses.cpp - Bytes of packets and map values ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MemoryAccesses.h"

#include "PacketStarts.h"
#include "nfpbpf/Dialect/BPF/Analysis/PointerAnalysis.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nfpbpf::bpf;

Place nfpbpf::bpf::stripConstants(Value pointer, int64_t offset) {
  while (auto add = pointer.getDefiningOp<PtrAddOp>()) {
    APInt constant;
    if (!matchPattern(add.getOffset(), m_ConstantInt(&constant)))
      break;
    offset += constant.getSExtValue();
    pointer = add.getPtr();
  }
  return {pointer, offset};
}

static std::optional<Space> spaceOf(Value pointer) {
  if (auto type = dyn_cast<PtrType>(pointer.getType()))
    return type.getSpace();
  return std::nullopt;
}

MemoryAccesses::MemoryAccesses(ModuleOp module) {
  for (auto map : module.getOps<MapOp>())
    maps[map.getSymName()] = map;
  bool hasAtomics = false;
  module.walk([&](Operation *op) {
    noteWrite(op);
    hasAtomics |= isa<AtomicRMWOp, AtomicFetchRMWOp, AtomicCmpXchgOp>(op) &&
                  llvm::any_of(op->getOperands(), [](Value operand) {
                    return spaceOf(operand) == Space::MapValue;
                  });
  });
  if (hasAtomics)
    findCounters(module);
  for (auto function : module.getOps<FuncOp>()) {
    if (function.getBody().empty())
      continue;
    const PacketStarts starts(function);
    for (const auto &[data, start] : starts.starts())
      packetStarts[data] = {start.root, start.distance};
  }
}

/// Bytes of the value in front of what the pointer points to; nothing if it is
/// not the result of a lookup or the like.
static std::optional<int64_t> distanceInValue(Value root) {
  Operation *op = root.getDefiningOp();
  if (auto ref = dyn_cast_if_present<MapValueRefOp>(op))
    return ref.getOffset();
  if (isa_and_present<MapLookupOp, ArrayElementOp>(op))
    return 0;
  return std::nullopt;
}

/// Notes the map whose values the operation may change.
void MemoryAccesses::noteWrite(Operation *op) {
  auto note = [&](MapOp map) {
    if (map)
      writtenMaps.insert(map);
    else
      anyMapIsWritten = true;
  };
  auto notePointer = [&](Value pointer) {
    std::optional<Space> space = spaceOf(pointer);
    if (space == Space::MapValue)
      note(mapOf(stripConstants(pointer, 0).root));
    else if (space == Space::Opaque)
      anyMapIsWritten = true;
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case<StoreOp, StoreWordsOp, AtomicRMWOp, AtomicFetchRMWOp,
            AtomicCmpXchgOp>([&](auto store) { notePointer(store.getPtr()); })
      .Case<MapUpdateOp, MapDeleteOp>(
          [&](auto change) { note(mapOfHandle(change.getMap())); })
      .Case<CallHelperOp>([&](auto) { anyMapIsWritten = true; });
}

MapOp MemoryAccesses::mapOfHandle(Value handle) const {
  auto ref = handle.getDefiningOp<MapRefOp>();
  return ref ? maps.lookup(ref.getMap()) : MapOp();
}

/// No operation of the program changes a value of the map.
bool MemoryAccesses::isNeverWritten(MapOp map) const {
  return map && !anyMapIsWritten && !writtenMaps.contains(map);
}

void MemoryAccesses::findCounters(ModuleOp module) {
  const PointerAnalysis pointers(module);
  for (auto [index, map] : llvm::enumerate(pointers.maps())) {
    ArrayRef<WordUse> uses = pointers.usesOf(index);
    if (!llvm::is_contained(uses, WordUse::Atomic))
      continue;
    llvm::BitVector &words = counterWords[map];
    words.resize(static_cast<unsigned>(uses.size()));
    for (auto [word, use] : llvm::enumerate(uses))
      if (use == WordUse::Atomic)
        words.set(static_cast<unsigned>(word));
  }
}

uint64_t nfpbpf::bpf::mapEntryBytes(Value map, MapPart part) {
  ModuleOp module = map.getParentRegion()->getParentOfType<ModuleOp>();
  auto ref = map.getDefiningOp<MapRefOp>();
  uint64_t size = 0;
  for (auto declared : module.getOps<MapOp>())
    if (!ref || ref.getMap() == declared.getSymName())
      size = std::max<uint64_t>(size, part == MapPart::Key
                                          ? declared.getKeySize()
                                          : declared.getValueSize());
  return size;
}

Place MemoryAccesses::placeOf(Value pointer, int64_t offset) const {
  Place place = stripConstants(pointer, offset);
  if (auto it = packetStarts.find(place.root); it != packetStarts.end())
    return {it->second.root, it->second.offset + place.offset};
  return place;
}

MapOp MemoryAccesses::mapOf(Value root) const {
  MapOp result;
  SmallVector<Value> worklist{root};
  llvm::SmallDenseSet<Value> seen;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    MapOp map;
    if (auto add = value.getDefiningOp<PtrAddOp>()) {
      // Only the distance is lost where something variable was added.
      worklist.push_back(add.getPtr());
      continue;
    }
    if (auto select = value.getDefiningOp<arith::SelectOp>()) {
      worklist.push_back(select.getTrueValue());
      worklist.push_back(select.getFalseValue());
      continue;
    }
    if (value.getDefiningOp<NullOp>())
      continue; // never followed
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      Block *block = argument.getOwner();
      if (block->isEntryBlock())
        return MapOp();
      for (auto it = block->pred_begin(); it != block->pred_end(); ++it) {
        auto branch = dyn_cast<BranchOpInterface>((*it)->getTerminator());
        Value passed =
            branch ? branch.getSuccessorOperands(
                         it.getSuccessorIndex())[argument.getArgNumber()]
                   : Value();
        if (!passed)
          return MapOp();
        worklist.push_back(passed);
      }
      continue;
    }
    if (auto ref = value.getDefiningOp<MapValueRefOp>()) {
      map = maps.lookup(ref.getMap());
    } else if (auto element = value.getDefiningOp<ArrayElementOp>()) {
      map = maps.lookup(element.getMap());
    } else if (auto lookup = value.getDefiningOp<MapLookupOp>()) {
      map = mapOfHandle(lookup.getMap());
    }
    if (!map || (result && result != map))
      return MapOp();
    result = map;
  }
  return result;
}

bool MemoryAccesses::areApart(Value root, Value other) const {
  MapOp map = spaceOf(root) == Space::MapValue ? mapOf(root) : MapOp();
  MapOp theirs = spaceOf(other) == Space::MapValue ? mapOf(other) : MapOp();
  return map && theirs && map != theirs;
}

bool MemoryAccesses::hasCounters(Place place, unsigned size) const {
  if (counterWords.empty())
    return false;
  MapOp map = mapOf(place.root);
  if (!map)
    return true;
  auto it = counterWords.find(map);
  if (it == counterWords.end())
    return false;
  const llvm::BitVector &words = it->second;
  std::optional<int64_t> distance = distanceInValue(place.root);
  if (!distance)
    return words.any();
  const int64_t begin = *distance + place.offset, end = begin + size;
  if (begin < 0 || llvm::divideCeil(end, 4) > words.size())
    return true;
  return words.find_first_in(static_cast<unsigned>(begin / 4),
                             static_cast<unsigned>(llvm::divideCeil(end, 4))) >=
         0;
}

bool MemoryAccesses::mayJoin(Place place, unsigned size, Space space) const {
  return space != Space::MapValue || !hasCounters(place, size);
}

std::optional<int64_t> MemoryAccesses::valueSize(Value root) const {
  if (!isa_and_present<MapLookupOp, ArrayElementOp>(root.getDefiningOp()))
    return std::nullopt;
  if (MapOp map = mapOf(root))
    return map.getValueSize();
  return std::nullopt;
}

std::optional<MemoryAccesses::Read>
MemoryAccesses::readOf(Operation *op) const {
  auto load = dyn_cast<LoadOp>(op);
  if (!load || !isa<IntegerType>(load.getResult().getType()))
    return std::nullopt;
  Space space = *spaceOf(load.getPtr());
  Place place = placeOf(load.getPtr(), load.getOffset());
  if (space != Space::Packet &&
      (space != Space::MapValue || hasCounters(place, load.getSize())))
    return std::nullopt;
  return Read{place, load.getSize(), space};
}

ByteRange MemoryAccesses::changedBy(Operation *op, Value root, Space space,
                                    ByteRange window) const {
  const ByteRange none;
  if (isMemoryEffectFree(op))
    return none;
  // Other engines may write map values; what orders accesses ends a window.
  if (space == Space::MapValue && isa<FenceOp>(op))
    return window;
  if (isa<StoreOp, StoreWordsOp, AtomicRMWOp>(op)) {
    Value pointer;
    int64_t offset = 0;
    unsigned size = 0;
    if (auto store = dyn_cast<StoreOp>(op)) {
      pointer = store.getPtr();
      offset = store.getOffset();
      size = store.getSize();
    } else if (auto words = dyn_cast<StoreWordsOp>(op)) {
      pointer = words.getPtr();
      offset = words.getOffset();
      size = words.getSize();
    } else {
      auto rmw = cast<AtomicRMWOp>(op);
      pointer = rmw.getPtr();
      offset = rmw.getOffset();
      size = getSizeInBytes(rmw.getValue().getType());
    }
    std::optional<Space> written = spaceOf(pointer);
    if (written != Space::Opaque && written != space)
      return none;
    Place place = placeOf(pointer, offset);
    if (place.root == root)
      return {std::max(window.begin, place.offset),
              std::min<int64_t>(window.end, place.offset + size)};
    return areApart(place.root, root) ? none : window;
  }
  if (space == Space::MapValue) {
    MapOp map = mapOf(root);
    if (isNeverWritten(map))
      return none;
    // An update or deletion is of one map.
    MapOp changed = llvm::TypeSwitch<Operation *, MapOp>(op)
                        .Case<MapUpdateOp, MapDeleteOp>([&](auto change) {
                          return mapOfHandle(change.getMap());
                        })
                        .Default([](Operation *) { return MapOp(); });
    if (map && changed && changed != map)
      return none;
  }
  // The start moves over the bytes.
  if (isa<AdjustHeadOp>(op))
    return none;
  std::optional<SmallVector<MemoryEffects::EffectInstance>> effects =
      getEffectsRecursively(op);
  if (!effects)
    return window;
  bool changes = llvm::any_of(*effects, [&](const auto &effect) {
    if (isa<MemoryEffects::Read>(effect.getEffect()))
      return false;
    SideEffects::Resource *resource = effect.getResource();
    if (resource == SideEffects::DefaultResource::get())
      return true;
    return space == Space::Packet ? resource == PacketResource::get() ||
                                        resource == PacketVectorResource::get()
                                  : resource == MapResource::get();
  });
  return changes ? window : none;
}
