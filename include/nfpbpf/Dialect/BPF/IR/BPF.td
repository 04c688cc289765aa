//===- BPF.td - Everything of the bpf dialect --------------*- tablegen -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_IR_BPF_TD
#define NFPBPF_DIALECT_BPF_IR_BPF_TD

include "nfpbpf/Dialect/BPF/IR/BPFDialect.td"
include "nfpbpf/Dialect/BPF/IR/BPFEnums.td"
include "nfpbpf/Dialect/BPF/IR/BPFTypes.td"
include "nfpbpf/Dialect/BPF/IR/BPFAttributes.td"
include "nfpbpf/Dialect/BPF/IR/BPFOps.td"

#endif // NFPBPF_DIALECT_BPF_IR_BPF_TD
