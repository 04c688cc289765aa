//===- Pipeline.cpp - The passes between conversion and emission ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Pass/PassManager.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"

void nfpbpf::nfp::buildMachinePipeline(mlir::OpPassManager &manager,
                                       PassFilter isWanted) {
  auto optional = [&](unsigned fromLevel, std::unique_ptr<mlir::Pass> pass) {
    if (isWanted(pass->getArgument(), fromLevel))
      manager.addPass(std::move(pass));
  };
  optional(1, createSimplify());
  optional(1, createCombine());
  optional(1, createByteBranches());
  optional(1, createLayoutFrame());
  optional(2, createTestLengths());
  optional(1, createFillWaits());
  optional(2, createOverlapCommands());
  manager.addPass(createExpandMacros());
  manager.addPass(createAllocateRegisters());
  optional(1, createPeephole());
  optional(2, createThreadBranches());
  optional(1, createDirectExits());
  manager.addPass(createLayoutBlocks());
  optional(1, createFillPointerWaits());
  optional(1, createFillDeferSlots());
  manager.addPass(createInsertHazardSlots());
  manager.addPass(createVerifyMachine());
}
