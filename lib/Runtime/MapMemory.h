//===- MapMemory.h - One map's entries in memory -*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_RUNTIME_MAPMEMORY_H
#define NFPBPF_LIB_RUNTIME_MAPMEMORY_H

#include "nfpbpf/Runtime/MapStore.h"
#include "llvm/ADT/StringMap.h"
#include <cstdlib>

namespace nfpbpf::rt {

/// The entries of one map, in card byte order.
class MapMemory {
public:
  MapSpec Spec;
  std::vector<WordUse> Uses;

  /// Takes a checked spec. Error: no memory.
  static llvm::Expected<std::unique_ptr<MapMemory>> create(MapSpec Spec);

  bool isArray() const { return Spec.Type == Array; }
  bool isHash() const { return Spec.Type == Hash; }

  /// Entry number of a key, if there is one.
  std::optional<uint32_t> find(llvm::ArrayRef<uint8_t> Key) const;
  int32_t update(llvm::ArrayRef<uint8_t> Key, llvm::ArrayRef<uint8_t> Value,
                 uint64_t Flags);
  int32_t remove(llvm::ArrayRef<uint8_t> Key);
  /// Entries that exist.
  uint32_t count() const { return isArray() ? Spec.MaxEntries : Live; }

  uint32_t stride() const { return Stride; }
  uint32_t keyBytes() const { return KeyBytes; }
  /// Bytes of memory, without the slack behind the last entry.
  uint64_t bytes() const { return uint64_t(Places) * stride(); }
  uint8_t *data() { return Memory.get(); }
  const uint8_t *data() const { return Memory.get(); }
  uint8_t *value(uint32_t Entry) {
    return Memory.get() + uint64_t(Entry) * stride() + KeyBytes;
  }
  const uint8_t *value(uint32_t Entry) const {
    return Memory.get() + uint64_t(Entry) * stride() + KeyBytes;
  }
  /// Entries that were ever made.
  uint32_t highWater() const { return isArray() ? Spec.MaxEntries : High; }

  /// Entry numbers in the order of their keys' bytes (arrays: by index).
  std::vector<uint32_t> sorted() const;
  std::vector<uint8_t> key(uint32_t Entry) const;

  /// Reverses the words of one value that are atomic.
  void swapAtomic(uint8_t *Value, llvm::ArrayRef<WordUse> WordUses) const;
  void setUses(llvm::ArrayRef<WordUse> NewUses);

  void clear();

  /// Contents apart from spec and uses.
  struct Contents {
    std::vector<uint8_t> Bytes; ///< host byte order, entries up to the highest
    llvm::StringMap<uint32_t> Index;
    std::vector<uint32_t> Free;
    uint32_t High = 0;
    uint32_t Live = 0;
  };
  Contents save() const;
  void load(const Contents &C);

  /// Readable bytes behind the last entry (the memory engine reads whole
  /// words).
  static constexpr uint32_t Slack = 64;

private:
  struct FreeMemory {
    void operator()(uint8_t *P) const { std::free(P); }
  };
  uint32_t KeyBytes = 0; ///< rounded up to 8
  uint32_t Stride = 0;
  uint32_t Places = 0; ///< entries there is memory for
  std::unique_ptr<uint8_t, FreeMemory> Memory;
  llvm::StringMap<uint32_t> Index; ///< hash: key bytes to entry
  std::vector<uint32_t> Free;      ///< hash: deleted entries, last used first
  uint32_t High = 0;
  uint32_t Live = 0;

  llvm::Error allocate();
  void fillFirst();
};

} // namespace nfpbpf::rt

#endif // NFPBPF_LIB_RUNTIME_MAPMEMORY_H
