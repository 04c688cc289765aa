//===- Import.h - eBPF programs to the bpf dialect --------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns a linked program into a module of the bpf dialect: one bpf.func for
// the program and one for each subprogram and kind of arguments it is called
// with, and one bpf.map for each map. Only reachable code is imported.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_TARGET_BPF_IMPORT_H
#define NFPBPF_TARGET_BPF_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "nfpbpf/Object/BPF/BranchProfile.h"
#include "nfpbpf/Object/BPF/LinkedProgram.h"

namespace nfpbpf {

struct ImportOptions {
  /// Verify the module before it is returned. Off only for debugging the
  /// importer itself.
  bool Verify = true;
  /// Counts that become the weights of branches, or null. It belongs to the
  /// program.
  const object::BranchProfile *Profile = nullptr;
};

/// The dialects that imported modules consist of.
void registerImportDialects(mlir::DialectRegistry &registry);

/// Imports a program. The module has the attributes `bpf.program` (symbol of
/// the entry function), `bpf.file`, `bpf.license`. On failure returns null; the
/// error has been emitted as a diagnostic at the location of the instruction,
/// its text starting with the instruction's index and text. The dialects are
/// loaded into the context if need be.
mlir::OwningOpRef<mlir::ModuleOp>
importProgram(const object::LinkedProgram &program, mlir::MLIRContext *context,
              const ImportOptions &options = {});

} // namespace nfpbpf

#endif // NFPBPF_TARGET_BPF_IMPORT_H
