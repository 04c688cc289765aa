//===- FrameEffects.h - What operations do to the stack frame ---*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which bytes of a function's own frame an operation may read or write. Offsets
// are bytes from the frame's lowest address.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_FRAMEEFFECTS_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_FRAMEEFFECTS_H

#include "MemoryAccesses.h"

namespace nfpbpf::bpf {

/// Bytes behind `frame` that `op` may write; nothing if it writes none of the
/// stack, all if the place is not known.
std::optional<ByteRange> writtenBy(mlir::Operation *op, mlir::Value frame,
                                   const MemoryAccesses &accesses);

/// Bytes behind `frame` that `op` may read; all if the place is not known.
llvm::SmallVector<ByteRange, 2> readBy(mlir::Operation *op, mlir::Value frame,
                                       const MemoryAccesses &accesses);

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_FRAMEEFFECTS_H
