//===- HoistLookups.h - Lookups out of loops --------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A lookup that every round of a loop makes with the same key finds the same
// entry, unless the loop changes entries of the map: it is made once, in front
// of the loop. The same for the addresses of global data.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_HOISTLOOKUPS_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_HOISTLOOKUPS_H

#include "MapChanges.h"
#include "MemoryAccesses.h"

namespace nfpbpf::bpf {

/// Moves lookups of the function in front of the outermost loop that they do
/// not depend on, and returns how many. Keys that only the loop makes get a
/// place of their own in the frame. With \p onlyHashes, arrays and global data
/// are left where they are.
unsigned hoistLookups(FuncOp function, const MemoryAccesses &accesses,
                      const MapChanges &changes, bool onlyHashes);

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_HOISTLOOKUPS_H
