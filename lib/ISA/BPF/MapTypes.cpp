//===- MapTypes.cpp - Kernel map types ------------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/BPF/MapTypes.h"

#include <iterator>

using namespace nfpbpf;

/// By number.
static constexpr const char *Names[] = {
    "unspec",
    "hash",
    "array",
    "prog_array",
    "perf_event_array",
    "percpu_hash",
    "percpu_array",
    "stack_trace",
    "cgroup_array",
    "lru_hash",
    "lru_percpu_hash",
    "lpm_trie",
    "array_of_maps",
    "hash_of_maps",
    "devmap",
    "sockmap",
    "cpumap",
    "xskmap",
    "sockhash",
    "cgroup_storage",
    "reuseport_sockarray",
    "percpu_cgroup_storage",
    "queue",
    "stack",
    "sk_storage",
    "devmap_hash",
    "struct_ops",
    "ringbuf",
    "inode_storage",
    "task_storage",
    "bloom_filter",
    "user_ringbuf",
    "cgrp_storage",
    "arena",
};

std::string ebpf::mapTypeName(uint32_t Type) {
  if (Type < std::size(Names))
    return Names[Type];
  return "map_type_" + std::to_string(Type);
}

std::optional<uint32_t> ebpf::mapTypeByName(llvm::StringRef Name) {
  for (uint32_t Type = 0; Type < std::size(Names); ++Type)
    if (Name == Names[Type])
      return Type;
  return std::nullopt;
}
