//===- Passes.h - Conversions between dialects ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CONVERSION_PASSES_H
#define NFPBPF_CONVERSION_PASSES_H

#include "nfpbpf/Conversion/BPFToNFP/BPFToNFP.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/Pass.h"

namespace nfpbpf {

#define GEN_PASS_DECL
#include "nfpbpf/Conversion/Passes.h.inc"

/// registerConversionPasses(): for command lines.
#define GEN_PASS_REGISTRATION
#include "nfpbpf/Conversion/Passes.h.inc"

} // namespace nfpbpf

#endif // NFPBPF_CONVERSION_PASSES_H
