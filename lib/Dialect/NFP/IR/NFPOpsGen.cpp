//===- NFPOpsGen.cpp - Generated definitions of the nfp operations --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file of its own, since the generated code is slow to compile.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Builders.h"
#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "nfpbpf/Dialect/NFP/IR/NFPOps.cpp.inc"
