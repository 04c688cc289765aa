//===- AllocatedLiveness.h - What blocks need at their start ----*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_ALLOCATEDLIVENESS_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_ALLOCATEDLIVENESS_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"
#include "llvm/ADT/DenseMap.h"

namespace nfpbpf::nfp {

/// After register allocation. General registers are a mask as of registerMask;
/// words are the 16 that local-memory pointer 0 reaches, where it points to.
class AllocatedLiveness {
public:
  explicit AllocatedLiveness(FuncOp function);

  /// Registers that the block or one behind it may read before it writes them.
  uint64_t registersAt(mlir::Block *block) const {
    return starts.lookup(block).gprs;
  }
  /// The same for words. All of them are needed where other pointers are used,
  /// pointer 0 is set, or a routine is called.
  uint16_t wordsAt(mlir::Block *block) const {
    return starts.lookup(block).words;
  }

private:
  struct State {
    uint64_t gprs = 0;
    uint16_t words = 0;
  };
  static void applyBackwards(mlir::Operation *op, State &state);

  llvm::DenseMap<mlir::Block *, State> starts;
};

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_ALLOCATEDLIVENESS_H
