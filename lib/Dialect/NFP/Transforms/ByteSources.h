//===- ByteSources.h - Where the bytes of a number come from ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_BYTESOURCES_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_BYTESOURCES_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"
#include <array>

namespace nfpbpf::nfp {

/// A byte that is zero, or the same as one of a register that an instruction
/// may read in its place.
struct ByteSource {
  /// Null where the byte is zero.
  mlir::Value word;
  unsigned byte = 0;

  bool isZero() const { return !word; }
};

/// The lowest byte first.
using ByteSources = std::array<ByteSource, 4>;

/// Looks through what only moves whole bytes: shifts, masks, bytes merged. A
/// byte that is computed comes from the number itself, and so does the argument
/// of a block, of which the bytes are known that are always zero. The number is
/// a general or a transfer register before register allocation.
ByteSources findByteSources(mlir::Value number);

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_BYTESOURCES_H
