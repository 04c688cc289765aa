//===- Pipeline.cpp - The passes between conversion and emission ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Pass/PassManager.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"

void nfpbpf::nfp::buildMachinePipeline(mlir::OpPassManager &manager,
                                       unsigned optLevel) {
  if (optLevel > 0) {
    manager.addPass(createSimplify());
    manager.addPass(createCombine());
    manager.addPass(createPlaceKeys());
    manager.addPass(createFillWaits());
  }
  manager.addPass(createExpandMacros());
  manager.addPass(createAllocateRegisters());
  if (optLevel > 0)
    manager.addPass(createPeephole());
  manager.addPass(createLayoutBlocks());
  if (optLevel > 0)
    manager.addPass(createFillDeferSlots());
  manager.addPass(createInsertHazardSlots());
  manager.addPass(createVerifyMachine());
}
