//===- nfp-bpf-opt.cpp - Runs passes on bpf and nfp dialect code ----------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/InitAllDialects.h"
#include "nfpbpf/InitAllPasses.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  nfpbpf::registerAllDialects(registry);
  nfpbpf::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv,
      "nfp-bpf-opt: runs passes on code of the bpf and nfp dialects\n",
      registry));
}
