//===- MapChanges.h - What changes which map --------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether an operation may give a key another entry, or none. Entries that the
// host or other programs change are not counted: nothing promises a program
// that they do it between two operations of its own, unless one of them orders
// memory accesses.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_MAPCHANGES_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_MAPCHANGES_H

#include "MemoryAccesses.h"

namespace nfpbpf::bpf {

class MapChanges {
public:
  /// The accesses know the module's maps and must live as long.
  MapChanges(mlir::ModuleOp module, const MemoryAccesses &accesses);

  /// The map whose entry the lookup finds, if lookups in it change nothing
  /// (those of LRU maps refresh what they find); else null.
  MapOp plainMapOf(MapLookupOp lookup) const;

  /// After the operation another entry of the map, or none, may have a key.
  /// Elements of arrays are where they are.
  bool changesEntries(mlir::Operation *op, MapOp map) const;

private:
  const MemoryAccesses &accesses;
  /// Maps that an update or deletion of the module names.
  llvm::DenseSet<mlir::Operation *> changed;
  /// Something may change any map.
  bool anyMapChanges = false;
};

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_MAPCHANGES_H
