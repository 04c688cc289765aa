//===- ByteTracking.h - Where the bytes of numbers come from ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shifts, masks, extensions and byte swaps by whole bytes only move bytes. This
// follows a byte of a number to where it was made, and builds a number from
// bytes with as few operations as their neighbourhood allows.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_BYTETRACKING_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_BYTETRACKING_H

#include "mlir/IR/Builders.h"
#include "llvm/ADT/SmallVector.h"

namespace nfpbpf::bpf {

/// A byte of a number, the least significant one being byte 0, or a constant.
struct ByteSource {
  mlir::Value root; ///< null: a constant
  uint8_t byte = 0; ///< of the root; the constant itself

  bool isConstant() const { return !root; }
  bool isZero() const { return !root && byte == 0; }
  bool operator==(const ByteSource &other) const {
    return root == other.root && byte == other.byte;
  }
  bool operator!=(const ByteSource &other) const { return !(*this == other); }
};

/// Where byte `byte` of an integer comes from; at least the value itself.
ByteSource traceByte(mlir::Value value, unsigned byte);

/// All bytes of an integer of whole bytes, the least significant one first.
llvm::SmallVector<ByteSource, 8> traceBytes(mlir::Value value);

/// Neighbouring bytes of one root (in either direction) or constants; what
/// building the number costs grows with their number.
unsigned countPieces(llvm::ArrayRef<ByteSource> bytes);

/// The number with these bytes, the least significant one first (1 to 8; the
/// width is the next one of 8, 16, 32 and 64 bits, with zeros above).
mlir::Value assembleBytes(mlir::OpBuilder &b, mlir::Location loc,
                          llvm::ArrayRef<ByteSource> bytes);

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_BYTETRACKING_H
