//===- BoundsChecks.h - How long the packet is known to be ------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_BOUNDSCHECKS_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_BOUNDSCHECKS_H

#include "MemoryAccesses.h"
#include "PacketStarts.h"

#include "mlir/IR/Dominance.h"
#include <limits>

namespace nfpbpf::bpf {

/// A comparison of a place in the packet with the packet's end.
struct BoundsCheck {
  Place place;
  const void *end;   ///< as PacketStarts names it
  PtrPred predicate; ///< of the place and the end, in this order
};

/// What is known of the distance from a root to the packet's end, in bytes.
struct EndRange {
  int64_t least = std::numeric_limits<int64_t>::min();
  int64_t most = std::numeric_limits<int64_t>::max();

  void learn(const BoundsCheck &check, bool outcome);
  std::optional<bool> decide(const BoundsCheck &check) const;
};

/// Nothing for other conditions.
std::optional<BoundsCheck> boundsCheckOf(mlir::Value condition,
                                         const PacketStarts &starts);

/// The bytes from a root to the packet's end that branches above the block
/// promise; the lowest number there is if they say nothing.
int64_t leastEndAt(mlir::Block *block, mlir::Value root, const void *end,
                   mlir::DominanceInfo &dominance, const PacketStarts &starts);

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_BOUNDSCHECKS_H
