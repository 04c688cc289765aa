//===- BPFEnums.td - Enumerations of the bpf dialect -------*- tablegen -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_IR_BPFENUMS_TD
#define NFPBPF_DIALECT_BPF_IR_BPFENUMS_TD

include "mlir/IR/EnumAttr.td"
include "nfpbpf/Dialect/BPF/IR/BPFDialect.td"

class BPF_I32Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::nfpbpf::bpf";
}

def BPF_SpaceEnum : BPF_I32Enum<"Space", "address space of a pointer", [
  I32EnumAttrCase<"Ctx", 0, "ctx">,
  I32EnumAttrCase<"Packet", 1, "packet">,
  I32EnumAttrCase<"PacketEnd", 2, "packet_end">,
  I32EnumAttrCase<"PacketMeta", 3, "packet_meta">,
  I32EnumAttrCase<"Stack", 4, "stack">,
  I32EnumAttrCase<"MapValue", 5, "map_value">,
  I32EnumAttrCase<"Map", 6, "map">,
  I32EnumAttrCase<"Opaque", 7, "opaque">
]> {
  let genSpecializedAttr = 0;
}

def BPF_ProgTypeEnum : BPF_I32Enum<"ProgType", "what a program attaches to", [
  I32EnumAttrCase<"XDP", 0, "xdp">,
  I32EnumAttrCase<"TC", 1, "tc">,
  I32EnumAttrCase<"Other", 2, "other">
]> {
  let genSpecializedAttr = 0;
}

def BPF_ByteOrder : BPF_I32Enum<"ByteOrder", "byte order in memory", [
  I32EnumAttrCase<"LE", 0, "le">,
  I32EnumAttrCase<"BE", 1, "be">
]>;

def BPF_AtomicKind : BPF_I32Enum<"AtomicKind", "atomic operation", [
  I32EnumAttrCase<"Add", 0, "add">,
  I32EnumAttrCase<"And", 1, "and">,
  I32EnumAttrCase<"Or", 2, "or">,
  I32EnumAttrCase<"Xor", 3, "xor">,
  I32EnumAttrCase<"Xchg", 4, "xchg">
]>;

def BPF_PtrPred : BPF_I32Enum<"PtrPred", "pointer comparison", [
  I32EnumAttrCase<"Eq", 0, "eq">,
  I32EnumAttrCase<"Ne", 1, "ne">,
  I32EnumAttrCase<"Ult", 2, "ult">,
  I32EnumAttrCase<"Ule", 3, "ule">,
  I32EnumAttrCase<"Ugt", 4, "ugt">,
  I32EnumAttrCase<"Uge", 5, "uge">
]>;

#endif // NFPBPF_DIALECT_BPF_IR_BPFENUMS_TD
