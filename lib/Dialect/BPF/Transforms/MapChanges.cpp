//===- MapChanges.cpp - What changes which map ----------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MapChanges.h"

#include "nfpbpf/ISA/BPF/MapTypes.h"

using namespace mlir;
using namespace nfpbpf::bpf;

static Value changedHandle(Operation *op) {
  if (auto update = dyn_cast<MapUpdateOp>(op))
    return update.getMap();
  if (auto remove = dyn_cast<MapDeleteOp>(op))
    return remove.getMap();
  return {};
}

MapChanges::MapChanges(ModuleOp module, const MemoryAccesses &accesses)
    : accesses(accesses) {
  module.walk([&](Operation *op) {
    if (isa<CallHelperOp>(op))
      anyMapChanges = true;
    Value handle = changedHandle(op);
    if (!handle)
      return;
    if (MapOp map = accesses.mapOfHandle(handle))
      changed.insert(map);
    else
      anyMapChanges = true;
  });
}

MapOp MapChanges::plainMapOf(MapLookupOp lookup) const {
  MapOp map = accesses.mapOfHandle(lookup.getMap());
  const bool isPlain = map && (map.getMapType() == ebpf::MapHash ||
                               map.getMapType() == ebpf::MapArray);
  return isPlain ? map : MapOp();
}

bool MapChanges::changesEntries(Operation *op, MapOp map) const {
  if (map.getMapType() == ebpf::MapArray)
    return false;
  // What orders accesses may be there to see what others have done.
  if (isa<FenceOp, CallHelperOp>(op))
    return true;
  if (isa<CallOp>(op))
    return anyMapChanges || changed.contains(map);
  Value handle = changedHandle(op);
  if (!handle)
    return false;
  MapOp other = accesses.mapOfHandle(handle);
  return !other || other == map;
}
