//===- FunctionImporter.h - One function to SSA -----------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds the operations of one specialization of a function.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_TARGET_BPF_FUNCTIONIMPORTER_H
#define NFPBPF_LIB_TARGET_BPF_FUNCTIONIMPORTER_H

#include "KindAnalysis.h"
#include "mlir/IR/Builders.h"
#include "nfpbpf/Dialect/BPF/IR/BPF.h"

namespace nfpbpf::importer {

/// What the importer of a function needs of the module.
class ModuleContext {
public:
  virtual ~ModuleContext() = default;
  /// The function that a specialization becomes; made on first demand.
  virtual bpf::FuncOp functionFor(const Specialization &Spec) = 0;
  /// Symbol of a map.
  virtual llvm::StringRef mapSymbol(uint32_t Index) = 0;
  /// Location of an instruction.
  virtual mlir::Location locationOf(uint32_t Insn) = 0;
  /// How often the jump is taken and not taken; null if that is not known.
  virtual mlir::DenseI32ArrayAttr weightsOf(uint32_t Insn, bool Swapped) = 0;
};

/// Type of a value of a kind.
mlir::Type typeOf(mlir::MLIRContext *Context, const Kind &K);
/// Whether a value of the kind is passed between blocks and functions. Those
/// of the other kinds can be made anywhere.
bool isPassed(const Kind &K);
/// Type of the function that a specialization becomes.
mlir::FunctionType functionType(mlir::MLIRContext *Context,
                                const Specialization &Spec);

/// Replaces block arguments that have one possible value only.
void removeRedundantArguments(mlir::Region &Region);

/// Fills the body of `Func`. Errors: InsnError.
llvm::Error importFunction(const Code &C, KindAnalysis &Analysis,
                           const Specialization &Spec, ModuleContext &Module,
                           bpf::FuncOp Func);

} // namespace nfpbpf::importer

#endif // NFPBPF_LIB_TARGET_BPF_FUNCTIONIMPORTER_H
