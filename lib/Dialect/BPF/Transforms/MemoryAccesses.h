//===- MemoryAccesses.h - Bytes of packets and map values -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which bytes of a packet or map value an operation reads or may change, in
// terms of a root pointer and a constant distance from it.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_MEMORYACCESSES_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_MEMORYACCESSES_H

#include "nfpbpf/Dialect/BPF/IR/BPF.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

namespace nfpbpf::bpf {

/// A byte of memory: `offset` bytes behind what `root` points to.
struct Place {
  mlir::Value root;
  int64_t offset = 0;
};

/// Bytes [begin, end) behind a root.
struct ByteRange {
  int64_t begin = 0;
  int64_t end = 0;
  bool empty() const { return begin >= end; }
};

/// The pointer before constant distances are added, and their sum.
Place stripConstants(mlir::Value pointer, int64_t offset);

enum class MapPart : uint8_t { Key, Value };

/// Bytes of a key or value of the map that a helper is given; the most that any
/// map of the module has where it is not known which one.
uint64_t mapEntryBytes(mlir::Value map, MapPart part);

class MemoryAccesses {
public:
  explicit MemoryAccesses(mlir::ModuleOp module);

  /// The byte at `pointer` plus `offset`. Two places with the same root and
  /// offset are the same byte; the root may be a packet start before the one
  /// that the pointer comes from.
  Place placeOf(mlir::Value pointer, int64_t offset) const;

  /// A number of the packet or a map value that a plain load reads, and where;
  /// nothing for other operations, and for words of map values that the card
  /// may keep as counters.
  struct Read {
    Place place;
    unsigned size; // bytes
    Space space;
  };
  std::optional<Read> readOf(mlir::Operation *op) const;

  /// Bytes behind `root`, within `window`, that may be others after `op` than
  /// before; empty for an operation that changes none.
  ByteRange changedBy(mlir::Operation *op, mlir::Value root, Space space,
                      ByteRange window) const;

  /// No byte behind one root is a byte behind the other, whatever the
  /// distances.
  bool areApart(mlir::Value root, mlir::Value other) const;

  /// Plain accesses to the bytes may be joined: none of them is in a word that
  /// the card keeps in another order than the packet's bytes.
  bool mayJoin(Place place, unsigned size, Space space) const;

  /// The map of a handle; null if it is not one certain map.
  MapOp mapOfHandle(mlir::Value handle) const;

  /// Bytes of the value that a map-value root points to; nothing if not known.
  std::optional<int64_t> valueSize(mlir::Value root) const;

private:
  /// The bytes may be part of words that are counters.
  bool hasCounters(Place place, unsigned size) const;
  void noteWrite(mlir::Operation *op);
  bool isNeverWritten(MapOp map) const;
  void findCounters(mlir::ModuleOp module);
  /// The map that a pointer into a value was looked up in; nothing if several.
  MapOp mapOf(mlir::Value root) const;

  llvm::StringMap<MapOp> maps;
  /// Packet starts in terms of one before them, where the distance is known.
  llvm::DenseMap<mlir::Value, Place> packetStarts;
  /// The 4-byte words of each map's values that the card keeps in the byte
  /// order of counters.
  llvm::DenseMap<mlir::Operation *, llvm::BitVector> counterWords;
  /// Maps whose values the program changes.
  llvm::DenseSet<mlir::Operation *> writtenMaps;
  bool anyMapIsWritten = false;
};

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_MEMORYACCESSES_H
