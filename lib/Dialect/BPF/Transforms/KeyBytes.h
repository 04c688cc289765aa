//===- KeyBytes.h - What a program puts into a key --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The bytes of a key in the stack, as what was stored there. Two keys with the
// same bytes are equal wherever they lie, if the place of one dominates that of
// the other.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_KEYBYTES_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_KEYBYTES_H

#include "ByteTracking.h"
#include "MemoryAccesses.h"

#include "mlir/IR/Dominance.h"

namespace nfpbpf::bpf {

/// A byte of memory as the last operation that wrote it left it: a byte of a
/// number, or whatever is at a place since an operation or the start of a
/// block.
struct KeyByte {
  ByteSource source;
  /// An operation or a block behind which nothing changes the byte; null if
  /// `source` says what it is.
  const void *since = nullptr;
  Place place; ///< with `since`
  /// What the byte was stored with, before shifts and masks are looked
  /// through, and which byte of it.
  mlir::Value stored;
  unsigned storedByte = 0;

  bool operator==(const KeyByte &other) const {
    return source == other.source && since == other.since &&
           place.root == other.place.root && place.offset == other.place.offset;
  }
};

using KeyBytes = llvm::SmallVector<KeyByte, 0>;

class KeyReader {
public:
  KeyReader(const MemoryAccesses &accesses, mlir::DominanceInfo &dominance)
      : accesses(accesses), dominance(dominance) {}

  /// The bytes at `pointer` in front of `op`; none for pointers that do not
  /// lead to a constant place of the function's own frame.
  KeyBytes read(mlir::Operation *op, mlir::Value pointer, unsigned size);

private:
  struct Request;
  void scanBack(Request &request, mlir::Operation *last);
  bool isChangedBetween(const Request &request, mlir::Block *top,
                        mlir::Block *block);

  const MemoryAccesses &accesses;
  mlir::DominanceInfo &dominance;
};

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_KEYBYTES_H
