//===- PacketStarts.h - Where the packet begins -----------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program that moves the packet's start by a known number of bytes, and sees
// that it worked, knows how far the new start is from the old one. The bytes
// themselves do not move.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_PACKETSTARTS_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_PACKETSTARTS_H

#include "nfpbpf/Dialect/BPF/IR/BPF.h"
#include "llvm/ADT/DenseMap.h"

namespace nfpbpf::bpf {

/// Finds the starts of one function's packet.
class PacketStarts {
public:
  /// `root` is the first `bpf.packet_data` from which the distance is known,
  /// possibly the operation's own result.
  struct Start {
    mlir::Value root;
    int64_t distance = 0; ///< bytes behind root
  };

  explicit PacketStarts(FuncOp function);

  const llvm::DenseMap<mlir::Value, Start> &starts() const { return found; }

  /// The end that a `bpf.packet_end` gives: two with the same one are equal.
  const void *endOf(PacketEndOp end) const {
    return ends.lookup(end.getResult());
  }

  /// The end that a `bpf.packet_end` in front of the operation would give; null
  /// in blocks that the function did not have then.
  const void *endBefore(mlir::Block *block, mlir::Block::iterator op) const;

private:
  /// Where the packet begins at some point of the program.
  struct Position {
    /// What `distance` counts from: the function's start, an operation that
    /// moves the packet by an unknown distance, or a block in which ways with
    /// different starts meet.
    const void *since = nullptr;
    int64_t distance = 0;
    /// Whose outcome has not been asked yet.
    AdjustHeadOp pending;
    /// What has moved the packet's end last, as with `since`.
    const void *endSince = nullptr;

    bool hasStartOf(const Position &other) const {
      return since == other.since && distance == other.distance &&
             pending == other.pending;
    }
    void setStart(const void *newSince) {
      since = newSince;
      distance = 0;
      pending = {};
    }
  };

  Position throughBlock(mlir::Block &block, Position position, bool record);
  static Position onEdge(mlir::Operation *branch, unsigned successor,
                         Position position);

  llvm::DenseMap<mlir::Block *, Position> atStart;
  llvm::DenseMap<const void *, Start> firstSince;
  llvm::DenseMap<mlir::Value, Start> found;
  llvm::DenseMap<mlir::Value, const void *> ends;
};

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_PACKETSTARTS_H
