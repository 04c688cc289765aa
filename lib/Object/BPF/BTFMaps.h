//===- BTFMaps.h - Map definitions by BTF types -----------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_OBJECT_BPF_BTFMAPS_H
#define NFPBPF_LIB_OBJECT_BPF_BTFMAPS_H

#include "BTF.h"

#include "nfpbpf/Object/BPF/LinkedProgram.h"

namespace nfpbpf {
namespace object {

/// A decoded definition: the map without name and place, and where its
/// initial entries are.
struct BTFMapDefinition {
  MapInfo Map;
  uint64_t Size = 0; ///< bytes of the definition in its section
  /// Byte offset of `values` within the definition.
  std::optional<uint64_t> ValuesOffset;
};

/// Decodes the struct that a variable of section ".maps" has as its type:
/// members `type`, `max_entries`, `map_flags`, `numa_node`, `key_size`,
/// `value_size`, `pinning` (a pointer to an array of that many elements),
/// `map_extra` (the same, or an enumeration of one value), `key` and `value`
/// (pointers to the type), and `values` (an array of pointers to an inner
/// definition or to functions). The error has no place.
llvm::Expected<BTFMapDefinition> decodeBTFMap(const BTF &Types, uint32_t Var);

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_LIB_OBJECT_BPF_BTFMAPS_H
