//===- BPFAttributes.td - Attributes of the bpf dialect ----*- tablegen -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_IR_BPFATTRIBUTES_TD
#define NFPBPF_DIALECT_BPF_IR_BPFATTRIBUTES_TD

include "mlir/IR/AttrTypeBase.td"
include "nfpbpf/Dialect/BPF/IR/BPFDialect.td"
include "nfpbpf/Dialect/BPF/IR/BPFEnums.td"

def BPF_InsnAttr : AttrDef<BPF_Dialect, "Insn"> {
  let mnemonic = "insn";
  let summary = "index of an eBPF instruction";
  let description = [{
    Metadata of a fused location: the index of the 8-byte slot in the linked
    program, as in the kernel's verifier log.
  }];
  let parameters = (ins "uint32_t":$index);
  let assemblyFormat = "`<` $index `>`";
}

def BPF_ProgTypeAttr : EnumAttr<BPF_Dialect, BPF_ProgTypeEnum, "prog_type"> {
  let assemblyFormat = "`<` $value `>`";
}

#endif // NFPBPF_DIALECT_BPF_IR_BPFATTRIBUTES_TD
