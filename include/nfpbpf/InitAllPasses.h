//===- InitAllPasses.h - Every pass and pipeline ----------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_INITALLPASSES_H
#define NFPBPF_INITALLPASSES_H

#include "nfpbpf/Conversion/Passes.h"
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Driver/Driver.h"

#include "mlir/Transforms/Passes.h"

namespace nfpbpf {

/// Registers this project's passes and pipelines and the upstream passes that
/// are useful beside them (canonicalize, cse, sccp, mem2reg, ...).
inline void registerAllPasses() {
  registerConversionPasses();
  bpf::registerBPFPasses();
  nfp::registerNFPPasses();
  registerPipelines();
  mlir::registerTransformsPasses();
}

} // namespace nfpbpf

#endif // NFPBPF_INITALLPASSES_H
