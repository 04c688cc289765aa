//===- BPFToNFP.h - From bpf to nfp -----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Instruction selection. Value representation: see docs/Architecture.md.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CONVERSION_BPFTONFP_BPFTONFP_H
#define NFPBPF_CONVERSION_BPFTONFP_BPFTONFP_H

#include "nfpbpf/Profile/Profile.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"

#include <memory>

namespace mlir {
class Pass;
} // namespace mlir

namespace nfpbpf {

/// Replaces every bpf.func and bpf.map of a module by nfp.func and nfp.map for
/// the given firmware. What cannot be translated is reported as an error at
/// its location, one for each function; the module then keeps its bpf
/// operations.
mlir::LogicalResult convertBPFToNFP(mlir::ModuleOp module,
                                    const Profile &profile);

/// The pass convert-bpf-to-nfp for a profile that is already loaded (for one
/// by name use the pass option).
std::unique_ptr<mlir::Pass> createConvertBPFToNFPPass(const Profile &profile);

} // namespace nfpbpf

#endif // NFPBPF_CONVERSION_BPFTONFP_BPFTONFP_H
