//===- MemoryAccesses.cpp - Bytes of packets and map values ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MemoryAccesses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace nfpbpf::bpf;

/// The pointer before constant distances are added, and their sum.
static Place stripConstants(Value pointer, int64_t offset) {
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
  bool movesPacket = false;
  module.walk([&](Operation *op) {
    if (isa<AdjustHeadOp, AdjustTailOp, CallHelperOp>(op))
      movesPacket = true;
    if (!isa<AtomicRMWOp, AtomicFetchRMWOp, AtomicCmpXchgOp>(op))
      return;
    for (Value operand : op->getOperands())
      if (spaceOf(operand) == Space::MapValue) {
        if (MapOp map = mapOf(stripConstants(operand, 0).root))
          counterMaps.insert(map);
        else
          anyMapHasCounters = true;
      }
  });
  if (movesPacket)
    return;
  module.walk([&](PacketDataOp data) {
    packetStart.try_emplace(data->getParentRegion(), data.getResult());
  });
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
  if (place.root.getDefiningOp<PacketDataOp>())
    if (Value start = packetStart.lookup(place.root.getParentRegion()))
      place.root = start;
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
    } else if (auto lookup = value.getDefiningOp<MapLookupOp>()) {
      if (auto ref = lookup.getMap().getDefiningOp<MapRefOp>())
        map = maps.lookup(ref.getMap());
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

bool MemoryAccesses::hasCounters(Value root) const {
  MapOp map = mapOf(root);
  return !map || anyMapHasCounters || counterMaps.contains(map);
}

bool MemoryAccesses::mayJoinStores(Value root, Space space) const {
  return space != Space::MapValue || !hasCounters(root);
}

std::optional<int64_t> MemoryAccesses::valueSize(Value root) const {
  if (!root.getDefiningOp<MapLookupOp>())
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
      (space != Space::MapValue || hasCounters(place.root)))
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
