//===- JoinLoads.h - Loads behind joins, done in front of them --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// clang merges the ends of ways that load the same field from different
// places: what was one read of neighbouring bytes on each way is two then, the
// second one through a block argument.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_JOINLOADS_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_JOINLOADS_H

#include "MemoryAccesses.h"

namespace nfpbpf::bpf {

/// Loads of the packet at a constant distance from a pointer that a block is
/// given are done at the ends of the ways into the block, where on most of them
/// a load from the same root, at most `reach` bytes away, can take them along.
/// The number goes on as a block argument. No way loads more than before.
/// Returns the number of loads that were replaced.
unsigned loadInFrontOfJoins(FuncOp function, const MemoryAccesses &accesses,
                            int64_t reach);

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_JOINLOADS_H
