//===- PointerPlacement.h - Where to set a pointer into the stack -*- C++ -*-=//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A local-memory pointer that serves one window of the stack all through a
// function is lost with every call and every access elsewhere. It is set again
// behind that, or where ways part, if it is more likely than not to be used
// before it is lost again.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_POINTERPLACEMENT_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_POINTERPLACEMENT_H

#include "BlockWeights.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace nfpbpf::nfp {

/// Operations in front of which a pointer is to be set, in no order.
/// `isUsed` says whether an operation goes through the pointer, `isLost`
/// whether the pointer is somewhere else behind it.
llvm::SmallVector<mlir::Operation *>
placePointer(FuncOp function, const BlockWeights &weights,
             llvm::function_ref<bool(mlir::Operation *)> isUsed,
             llvm::function_ref<bool(mlir::Operation *)> isLost);

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_POINTERPLACEMENT_H
