//===- MapTypes.h - Kernel map types ----------------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Numbers and names of the kernel's map types (enum bpf_map_type of the
// user-space interface, linux/bpf.h). Names are lower case without
// BPF_MAP_TYPE_.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_BPF_MAPTYPES_H
#define NFPBPF_ISA_BPF_MAPTYPES_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>

namespace nfpbpf::ebpf {

/// The types that something here treats in a way of their own.
enum MapType : uint32_t { MapHash = 1, MapArray = 2, MapPerfEventArray = 4 };

/// "hash", "array", "percpu_hash" ...; "map_type_N" for a number without a
/// name.
std::string mapTypeName(uint32_t Type);

/// The number of a name, or nothing.
std::optional<uint32_t> mapTypeByName(llvm::StringRef Name);

} // namespace nfpbpf::ebpf

#endif // NFPBPF_ISA_BPF_MAPTYPES_H
