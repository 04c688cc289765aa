//===- MapStore.h - The maps of a run ---------------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Maps with their entries in memory that a program reaches by address, the
// operations of the data path with the kernel's error codes, and the host's
// view of the contents. Sources: NFP BPF offload ABI, section "Maps"; NFP
// offload environment, section "Maps".
//
// Addresses are 40-bit card addresses. Map n owns the 4 GiB that start at
// (FirstWindow + n) << 32; entries lie there one after the other in the order
// they were made, each key rounded up to 8 bytes, then the value rounded up to
// 8. A program sees a value as {high: address >> 8, low: address & 0xff}.
// An entry's address never changes; a deleted entry's place is used again by
// the next new one (last deleted first).
//
// Byte order. Keys and values are byte strings as the host writes them, but for
// the 4-byte words of a value whose use is Atomic: the card's memory engine
// adds big-endian words, so those are kept reversed in card memory. Functions
// whose name says "host" convert, the others give memory as it is. A store
// without word uses (the interpreter's) is the host's view everywhere.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_RUNTIME_MAPSTORE_H
#define NFPBPF_RUNTIME_MAPSTORE_H

#include "nfpbpf/ISA/BPF/MapTypes.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nfpbpf::rt {

/// Kernel map types (enum bpf_map_type) the store knows.
enum MapType : uint32_t {
  Hash = ebpf::MapHash,
  Array = ebpf::MapArray,
  PerfEventArray = ebpf::MapPerfEventArray
};

/// Whether programs can use maps of the type.
inline bool isMapTypeKnown(uint32_t Type) {
  return Type == Hash || Type == Array || Type == PerfEventArray;
}

/// Update flags.
enum UpdateFlag : uint64_t { Any = 0, NoExist = 1, Exist = 2 };

/// Kernel error numbers that map operations return, negated.
enum MapErrno : int32_t { NoEntry = 2, TooBig = 7, Exists = 17, Invalid = 22 };

/// What a map is.
struct MapSpec {
  std::string Name;
  uint32_t Type = 0; ///< kernel map type
  uint32_t KeySize = 0;
  uint32_t ValueSize = 0;
  uint32_t MaxEntries = 0;
  uint32_t Flags = 0;
  /// Programs must not write the values (.rodata).
  bool ReadOnly = false;
  /// Arrays of one entry: its first value (global data). Empty: zero.
  std::vector<uint8_t> Contents;
};

/// Limits of a card; fill from the profile.
struct MapLimits {
  uint32_t Types = ~0u; ///< bit n: kernel map type n
  uint32_t MaxMaps = ~0u;
  uint64_t MaxElems = ~0ull; ///< sum of max_entries
  uint32_t MaxKeySize = ~0u;
  uint32_t MaxValueSize = ~0u;
  uint32_t MaxElemSize = ~0u; ///< key and value, each rounded up to 8
};

/// Checks maps against a card's limits as the driver does. Perf event arrays
/// live on the host and are not counted. The error names map and limit.
llvm::Error checkMapLimits(llvm::ArrayRef<MapSpec> Maps,
                           const MapLimits &Limits);

/// Bytes from the start of an entry to its value.
constexpr uint32_t valueOffset(uint32_t KeySize) {
  return (KeySize + 7) / 8 * 8;
}
/// Bytes from one entry of a map to the next.
constexpr uint32_t entryBytes(uint32_t KeySize, uint32_t ValueSize) {
  return valueOffset(KeySize) + (ValueSize + 7) / 8 * 8;
}

/// How a program uses a 4-byte word of a map's value.
enum class WordUse : uint8_t { Unused, Read, Write, Atomic };

/// Where a value address points.
struct ValueRef {
  uint32_t Map = 0;
  uint32_t Entry = 0;  ///< place in the map's memory
  uint32_t Offset = 0; ///< bytes into the value
};

class MapStore {
public:
  static constexpr unsigned FirstWindow = 0x20;
  static constexpr unsigned MaxMaps = 0x100 - FirstWindow;

  MapStore();
  MapStore(MapStore &&);
  MapStore &operator=(MapStore &&);
  ~MapStore();

  /// Adds a map and returns its index. Arrays get all their entries, zeroed. A
  /// map of a type that the store does not know has no entries, ever: programs
  /// may name it, engines stop those that use it. Errors (naming the map): a
  /// size of zero, a key that is not 4 bytes for an array, more than 4 GiB of
  /// entries.
  llvm::Expected<uint32_t> addMap(MapSpec Spec);

  uint32_t size() const;
  /// Card address of the memory of the store's map \p Map, known before the
  /// map is added.
  static uint64_t firstAddress(uint32_t Map) {
    return static_cast<uint64_t>(FirstWindow + Map) << 32;
  }
  const MapSpec &spec(uint32_t Map) const;
  std::optional<uint32_t> find(llvm::StringRef Name) const;

  //===--- Data path
  //-------------------------------------------------------===//
  // Keys must have key_size, values value_size bytes. A map index out of range
  // is a "bad map": no entry, or -22.

  /// Card address of the value, or 0.
  uint64_t lookup(uint32_t Map, llvm::ArrayRef<uint8_t> Key);
  /// 0, -17 (NoExist and there is one), -2 (Exist and there is none), -7 (map
  /// full, array index out of range), -22 (bad map, flags above 2).
  int32_t update(uint32_t Map, llvm::ArrayRef<uint8_t> Key,
                 llvm::ArrayRef<uint8_t> Value, uint64_t Flags);
  /// 0, -2 (none), -22 (bad map, array).
  int32_t remove(uint32_t Map, llvm::ArrayRef<uint8_t> Key);

  //===--- Memory
  //----------------------------------------------------------===//

  /// Memory behind a card address, or null when [Address, Address + Bytes) is
  /// not all in one map's memory (which ends 64 bytes after its last entry).
  uint8_t *memory(uint64_t Address, uint32_t Bytes);
  /// The value an address points into. Nothing when [Address, Address + Bytes)
  /// is not all inside the value of one entry that was ever made.
  std::optional<ValueRef> value(uint64_t Address, uint32_t Bytes) const;
  /// Card address of the first byte of a map's only value (global data).
  uint64_t globalAddress(uint32_t Map) const;

  //===--- Host view
  //-------------------------------------------------------===//

  /// Declares the uses of the words of a map's values, which converts the
  /// entries there are. Missing words at the end are Unused.
  void setWordUses(uint32_t Map, llvm::ArrayRef<WordUse> Uses);
  llvm::ArrayRef<WordUse> wordUses(uint32_t Map) const;

  uint32_t entries(uint32_t Map) const;
  std::optional<std::vector<uint8_t>>
  hostLookup(uint32_t Map, llvm::ArrayRef<uint8_t> Key) const;
  int32_t hostUpdate(uint32_t Map, llvm::ArrayRef<uint8_t> Key,
                     llvm::ArrayRef<uint8_t> Value, uint64_t Flags = Any);

  /// Keys and values in the host's byte order, ascending by key bytes (arrays:
  /// by index).
  using Entry = std::pair<std::vector<uint8_t>, std::vector<uint8_t>>;
  std::vector<Entry> hostEntries(uint32_t Map) const;

  /// Removes all entries of hashes and zeroes arrays (global data gets its
  /// first contents).
  void clear();

  /// {"map": [{"key": "0a000001", "value": "..."}, ...], ...}: bytes as hex in
  /// the host's memory order, maps by name, entries as hostEntries().
  /// Array elements that are all zero are left out unless \p AllElements.
  llvm::json::Value toJSON(bool AllElements = false) const;
  /// Puts the entries of such a document into the maps. Hex may have spaces
  /// between bytes and a leading 0x; a JSON integer instead of a string means
  /// that number, little-endian, in as many bytes as the key or value has.
  /// Errors name map and entry: unknown map, wrong size, map full ...
  llvm::Error loadJSON(const llvm::json::Value &V);
  /// The same from text or to a file. \p Origin names it in messages.
  llvm::Error loadJSONText(llvm::StringRef Text, llvm::StringRef Origin);

  /// A copy of all contents, addresses included.
  class Snapshot;
  std::shared_ptr<const Snapshot> snapshot() const;
  /// Back to a snapshot of this store, or of one with the same maps. Word uses
  /// stay those of this store; memory is converted.
  void restore(const Snapshot &S);

  /// The first difference in the host's view of the maps of both stores that
  /// have the same name ("map flows, key 0a000001: value ... against ...").
  /// Nothing when they are equal.
  static std::optional<std::string> firstDifference(const MapStore &A,
                                                    const MapStore &B);

  //===--- Missed lookups
  //--------------------------------------------------===//

  /// Records the keys of lookups in hashes that found nothing, each once per
  /// map, at most \p Limit, in order. 0 switches it off and forgets them.
  void recordMisses(uint32_t Limit);
  struct Miss {
    uint32_t Map;
    std::vector<uint8_t> Key;
  };
  llvm::ArrayRef<Miss> misses() const;
  void clearMisses();

private:
  struct Impl;
  std::unique_ptr<Impl> I;
};

} // namespace nfpbpf::rt

#endif // NFPBPF_RUNTIME_MAPSTORE_H
