//===- Passes.h - Passes of the nfp dialect ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_NFP_TRANSFORMS_PASSES_H
#define NFPBPF_DIALECT_NFP_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"
#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

namespace mlir {
class OpPassManager;
class ModuleOp;
} // namespace mlir

namespace nfpbpf::nfp {

#define GEN_PASS_DECL
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"

/// Decides about a pass that is there to make code better: given its name and
/// the lowest level that it belongs to, true to run it.
using PassFilter = llvm::function_ref<bool(llvm::StringRef, unsigned)>;

/// Adds all passes between conversion and emission, in their order; those that
/// code can do without only if the filter wants them.
void buildMachinePipeline(mlir::OpPassManager &manager, PassFilter isWanted);

/// Registers the passes (registerNFPPasses) for command lines.
#define GEN_PASS_REGISTRATION
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"

} // namespace nfpbpf::nfp

#endif // NFPBPF_DIALECT_NFP_TRANSFORMS_PASSES_H
