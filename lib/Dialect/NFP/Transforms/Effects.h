//===- Effects.h - What allocated instructions read and write ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EFFECTS_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EFFECTS_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

namespace nfpbpf::nfp {

/// Registers that a type names: bit n is An, bit 32 + n is Bn.
uint64_t registerMask(GprType type);

/// What one or several instructions read and write after register allocation.
/// Sets of registers are masks as of registerMask; of transfer registers bit n
/// is number n; of local-memory words bit 16 * pointer + offset.
struct Effects {
  uint64_t gprsRead = 0, gprsWritten = 0;
  uint64_t xfersRead = 0, xfersWritten = 0;
  uint64_t xferOutsRead = 0, xferOutsWritten = 0;
  uint64_t wordsRead = 0, wordsWritten = 0;
  unsigned pointersWritten = 0;
  bool readsFlags = false, writesFlags = false;
  /// Nothing moves over a call.
  bool isBarrier = false;

  Effects() = default;
  explicit Effects(mlir::Operation *op);

  /// Bit n: words at pointer n are read or written.
  unsigned usedPointers() const;

  Effects &operator|=(const Effects &other);
  /// True if an instruction with these effects may not change places with one
  /// that has the others.
  bool conflictsWith(const Effects &other) const;
};

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EFFECTS_H
