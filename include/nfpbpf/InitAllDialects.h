//===- InitAllDialects.h - Every dialect programs need ----------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_INITALLDIALECTS_H
#define NFPBPF_INITALLDIALECTS_H

#include "nfpbpf/Dialect/BPF/IR/BPF.h"
#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/DialectRegistry.h"

namespace nfpbpf {

/// Adds this project's dialects and the upstream ones they are used with.
inline void registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<bpf::BPFDialect, nfp::NFPDialect>();
  registry.insert<mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect,
                  mlir::ub::UBDialect>();
}

} // namespace nfpbpf

#endif // NFPBPF_INITALLDIALECTS_H
