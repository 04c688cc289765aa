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

/// Adds all passes between conversion and emission, in their order:
/// nfp-simplify, nfp-expand-macros, nfp-allocate-registers, nfp-peephole,
/// nfp-layout-blocks, nfp-fill-defer-slots, nfp-insert-hazard-slots,
/// nfp-verify-machine. At level 0 without nfp-simplify, nfp-peephole and
/// nfp-fill-defer-slots.
void buildMachinePipeline(mlir::OpPassManager &manager, unsigned optLevel = 0);

/// Registers the passes (registerNFPPasses) for command lines.
#define GEN_PASS_REGISTRATION
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"

} // namespace nfpbpf::nfp

#endif // NFPBPF_DIALECT_NFP_TRANSFORMS_PASSES_H
