//===- LikelyTargets.h - Work of targets in slots of branches ---*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_LIKELYTARGETS_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_LIKELYTARGETS_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

namespace nfpbpf::nfp {

/// Ends the block in front of `rest`, behind the operations `head`, and returns
/// the block that begins there. Values of the head stay in their registers.
mlir::Block *splitBehind(mlir::Block *block,
                         llvm::ArrayRef<mlir::Operation *> head,
                         mlir::Operation *rest);

/// Puts the first instructions of the targets of conditional branches into
/// slots that are empty, where the way behind the branch does not notice and
/// cycles are gained. Returns the words.
unsigned fillFromLikelyTargets(FuncOp function);

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_LIKELYTARGETS_H
