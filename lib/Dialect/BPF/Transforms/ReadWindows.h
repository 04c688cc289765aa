//===- ReadWindows.h - Loads that one read can serve ------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_READWINDOWS_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_READWINDOWS_H

#include "MemoryAccesses.h"

#include "mlir/IR/Dominance.h"
#include "llvm/ADT/MapVector.h"
#include <bitset>

namespace nfpbpf::bpf {

/// Words that a read command delivers at most (NFP instruction set, section
/// "Commands").
constexpr unsigned MaxCommandWords = 32;
constexpr int64_t Reach = 4 * MaxCommandWords;
/// Operations looked at behind one load; bounds the time for huge functions.
constexpr unsigned MaxScanned = 20000;

/// Bytes from `Reach` before the leader's to `Reach` behind it.
using ByteSet = std::bitset<static_cast<size_t>(2 * Reach)>;

/// A load.
struct Candidate {
  LoadOp load;
  int64_t offset; // from the root
  unsigned size;  // bytes
  // Offset of what the load's own pointer starts from: no read begins before a
  // value or before the packet as it was there.
  int64_t lowest;
  // Where the load stands, and stood when it is done and gone.
  mlir::Block *block;
  mlir::Location loc;
  bool done = false;
};

/// The loads of one root.
struct Group {
  mlir::Value root;
  Space space = Space::Packet;
  llvm::SmallVector<Candidate, 4> loads; // those that dominate others first
};

/// Follows the bytes that change behind the leader through the blocks that its
/// block dominates.
class ChangedBytes {
public:
  ChangedBytes(const Group &group, const Candidate &leader,
               const MemoryAccesses &accesses, mlir::DominanceInfo &dominance)
      : group(group), leader(leader), accesses(accesses), dominance(dominance) {
  }

  /// Loads of the group behind the leader whose bytes are what they were there.
  llvm::SmallPtrSet<mlir::Operation *, 16> unchanged();
  /// The bytes of a candidate are what they were there, at the start of a block
  /// behind the leader. Once `unchanged` has been called.
  bool isUnchangedAt(mlir::Block *block, const Candidate &candidate) const {
    auto it = atStart.find(block);
    return it != atStart.end() &&
           (it->second & bytesOf(candidate.offset, candidate.size)).none();
  }

private:
  void scan(mlir::Block *block, mlir::Operation *first, ByteSet state);
  ByteSet bytesOf(int64_t offset, int64_t size) const;

  const Group &group;
  const Candidate &leader;
  const MemoryAccesses &accesses;
  mlir::DominanceInfo &dominance;
  llvm::MapVector<mlir::Block *, ByteSet> pending;
  llvm::DenseMap<mlir::Block *, ByteSet> atStart;
  llvm::DenseMap<mlir::Operation *, const Candidate *> candidates;
  llvm::SmallPtrSet<mlir::Operation *, 16> same, other;
  unsigned scanned = 0;
};

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_READWINDOWS_H
