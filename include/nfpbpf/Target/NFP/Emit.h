//===- Emit.h - Allocated nfp dialect to machine words ----------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_TARGET_NFP_EMIT_H
#define NFPBPF_TARGET_NFP_EMIT_H

#include "mlir/IR/BuiltinOps.h"
#include "nfpbpf/Object/NFP/NFPImage.h"

namespace nfpbpf {

/// Turns a module of allocated nfp functions into a program: every operation
/// into its words, branches and calls into relocations, locations into the line
/// table, and the padding behind. Branches to the block that follows are left
/// out; conditions are inverted where that saves one.
///
/// The module must have passed nfp-allocate-registers and the passes behind it;
/// what is left unexpanded is an error at its location. The error for a program
/// longer than the module's `nfp.code_limit` says how many words it needs.
mlir::FailureOr<object::NFPProgram> emitProgram(mlir::ModuleOp module);

} // namespace nfpbpf

#endif // NFPBPF_TARGET_NFP_EMIT_H
