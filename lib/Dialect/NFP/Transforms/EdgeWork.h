//===- EdgeWork.h - What is better done on the ways to a block --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EDGEWORK_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EDGEWORK_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

namespace nfpbpf::nfp {

/// Computes on the ways to a block what becomes a constant, or part of another
/// instruction, on some of them. Returns the number of operations moved.
unsigned computeOnEdges(FuncOp function);

/// Stores block arguments, which nothing else needs, on the ways to the block.
/// Returns the number of stores moved.
unsigned storeOnEdges(FuncOp function);

/// Moves what only one way behind a branch needs to that way. Returns the
/// number of instructions moved.
unsigned sinkIntoWays(FuncOp function);

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EDGEWORK_H
