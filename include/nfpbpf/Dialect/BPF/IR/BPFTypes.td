//===- BPFTypes.td - Types of the bpf dialect --------------*- tablegen -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_IR_BPFTYPES_TD
#define NFPBPF_DIALECT_BPF_IR_BPFTYPES_TD

include "mlir/IR/AttrTypeBase.td"
include "nfpbpf/Dialect/BPF/IR/BPFDialect.td"
include "nfpbpf/Dialect/BPF/IR/BPFEnums.td"

def BPF_PtrType : TypeDef<BPF_Dialect, "Ptr"> {
  let mnemonic = "ptr";
  let summary = "pointer with an address space";
  let description = [{
    A pointer that a program computes with. The space says what it points to:

    | space | points to |
    | --- | --- |
    | `ctx` | the program's context; accessed by the context operations only |
    | `packet` | packet bytes |
    | `packet_end` | one past the last packet byte; never dereferenced |
    | `packet_meta` | the metadata in front of the packet |
    | `stack` | a stack frame of this function or of a caller |
    | `map_value` | a value of a map, or null |
    | `map` | a map itself; not dereferenced |
    | `opaque` | any other memory of the kernel |
  }];
  let parameters = (ins EnumParameter<BPF_SpaceEnum>:$space);
  let assemblyFormat = "`<` $space `>`";
  let extraClassDeclaration = [{
    /// Loads and stores may go through it.
    bool isDereferenceable() const {
      return getSpace() == Space::Packet || getSpace() == Space::PacketMeta ||
             getSpace() == Space::Stack || getSpace() == Space::MapValue ||
             getSpace() == Space::Opaque;
    }
    /// One of the three spaces that bound the packet.
    bool isPacketFamily() const {
      return getSpace() == Space::Packet || getSpace() == Space::PacketEnd ||
             getSpace() == Space::PacketMeta;
    }
    /// Differences and comparisons with the other pointer have a meaning.
    bool isComparableTo(PtrType other) const {
      return getSpace() == other.getSpace() ||
             (isPacketFamily() && other.isPacketFamily());
    }
  }];
}

class BPF_PtrTo<string cpp, string keyword>
    : Type<And<[
        CPred<"::llvm::isa<::nfpbpf::bpf::PtrType>($_self)">,
        CPred<"::llvm::cast<::nfpbpf::bpf::PtrType>($_self).getSpace() == "
              "::nfpbpf::bpf::Space::" # cpp>
      ]>, keyword # " pointer", "::nfpbpf::bpf::PtrType">,
      BuildableType<"$_builder.getType<::nfpbpf::bpf::PtrType>("
                    "::nfpbpf::bpf::Space::" # cpp # ")">;

def BPF_CtxPtr : BPF_PtrTo<"Ctx", "context">;
def BPF_PacketPtr : BPF_PtrTo<"Packet", "packet">;
def BPF_PacketEndPtr : BPF_PtrTo<"PacketEnd", "packet end">;
def BPF_PacketMetaPtr : BPF_PtrTo<"PacketMeta", "packet metadata">;
def BPF_StackPtr : BPF_PtrTo<"Stack", "stack">;
def BPF_MapValuePtr : BPF_PtrTo<"MapValue", "map value">;
def BPF_MapPtr : BPF_PtrTo<"Map", "map">;

/// Pointers that loads, stores and helpers may go through.
def BPF_MemPtr
    : Type<And<[
        CPred<"::llvm::isa<::nfpbpf::bpf::PtrType>($_self)">,
        CPred<"::llvm::cast<::nfpbpf::bpf::PtrType>($_self)"
              ".isDereferenceable()">
      ]>, "packet, metadata, stack, map value or opaque pointer",
      "::nfpbpf::bpf::PtrType">;

def BPF_WordInt : AnyTypeOf<[I32, I64]>;
def BPF_MemType : AnyTypeOf<[I8, I16, I32, I64, BPF_PtrType]>;
def BPF_ValueType : AnyTypeOf<[I8, I16, I32, I64, BPF_PtrType]>;

#endif // NFPBPF_DIALECT_BPF_IR_BPFTYPES_TD
