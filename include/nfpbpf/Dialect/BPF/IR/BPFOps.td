//===- BPFOps.td - Operations of the bpf dialect -----------*- tablegen -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_IR_BPFOPS_TD
#define NFPBPF_DIALECT_BPF_IR_BPFOPS_TD

include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/CallInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/MemorySlotInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "nfpbpf/Dialect/BPF/IR/BPFAttributes.td"
include "nfpbpf/Dialect/BPF/IR/BPFTypes.td"

class BPF_Op<string mnemonic, list<Trait> traits = []>
    : Op<BPF_Dialect, mnemonic, traits>;

def BPF_PacketResource : Resource<"::nfpbpf::bpf::PacketResource">;
def BPF_PacketVectorResource : Resource<"::nfpbpf::bpf::PacketVectorResource">;
def BPF_StackResource : Resource<"::nfpbpf::bpf::StackResource">;
def BPF_MapResource : Resource<"::nfpbpf::bpf::MapResource">;
def BPF_RandomResource : Resource<"::nfpbpf::bpf::RandomResource">;
def BPF_EventResource : Resource<"::nfpbpf::bpf::EventResource">;
def BPF_ContextResource : Resource<"::nfpbpf::bpf::ContextResource">;

/// Effects that depend on the address space of an operand: see BPFEffects.cpp.
def BPF_SpaceEffects : DeclareOpInterfaceMethods<MemoryEffectsOpInterface>;

//===----------------------------------------------------------------------===//
// Maps and functions
//===----------------------------------------------------------------------===//

def BPF_MapOp : BPF_Op<"map", [Symbol]> {
  let summary = "a map of the program";
  let description = [{
    Declares a map. `map_type` is the kernel's number (enum bpf_map_type), sizes
    are bytes, `index` is the map's index in the linked program. A section of
    global data is an array map of one entry with `contents`; `read_only` says
    that the program cannot write it.

    ```mlir
    bpf.map @counters type 2 key 4 value 8 entries 256 flags 0 index 0
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, UI32Attr:$map_type,
      UI32Attr:$key_size, UI32Attr:$value_size, UI32Attr:$max_entries,
      UI32Attr:$flags, UI32Attr:$index,
      OptionalAttr<DenseI8ArrayAttr>:$contents, UnitAttr:$read_only);
  let assemblyFormat = [{
    $sym_name `type` $map_type `key` $key_size `value` $value_size
    `entries` $max_entries `flags` $flags `index` $index
    (`read_only` $read_only^)? (`contents` $contents^)? attr-dict
  }];
  let hasVerifier = 1;
}

def BPF_FuncOp : BPF_Op<"func", [
    AffineScope, AutomaticAllocationScope, IsolatedFromAbove,
    FunctionOpInterface]> {
  let summary = "a program or a subprogram";
  let description = [{
    An entry program has a `prog_type`, takes the context pointer and returns
    R0. A subprogram (no `prog_type`) takes those of R1 to R5 that it reads,
    typed; one eBPF function becomes several of these when it is called with
    different kinds of pointers. `section` is the object's ELF section.

    ```mlir
    bpf.func @main(%ctx: !bpf.ptr<ctx>) -> i64
        attributes {prog_type = #bpf.prog_type<xdp>, section = "xdp"} {
      %c2 = arith.constant 2 : i64
      bpf.return %c2 : i64
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
      TypeAttrOf<FunctionType>:$function_type,
      OptionalAttr<StrAttr>:$sym_visibility,
      OptionalAttr<DictArrayAttr>:$arg_attrs,
      OptionalAttr<DictArrayAttr>:$res_attrs,
      OptionalAttr<BPF_ProgTypeAttr>:$prog_type,
      OptionalAttr<StrAttr>:$section);
  let regions = (region AnyRegion:$body);
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name,
      "::mlir::FunctionType":$type,
      CArg<"::nfpbpf::bpf::ProgTypeAttr", "{}">:$progType,
      CArg<"::mlir::StringAttr", "{}">:$section)>];
  let skipDefaultBuilders = 1;
  let extraClassDeclaration = [{
    ::mlir::ArrayRef<::mlir::Type> getArgumentTypes() {
      return getFunctionType().getInputs();
    }
    ::mlir::ArrayRef<::mlir::Type> getResultTypes() {
      return getFunctionType().getResults();
    }
    ::mlir::Region *getCallableRegion() {
      return isExternal() ? nullptr : &getBody();
    }
    /// A program that the system calls, not a subprogram.
    bool isEntry() { return getProgType().has_value(); }
  }];
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def BPF_ReturnOp : BPF_Op<"return", [
    Pure, HasParent<"FuncOp">, ReturnLike, Terminator]> {
  let summary = "leaves a function (exit)";
  let description = [{
    ```mlir
    bpf.return %r0 : i64
    ```
  }];
  let arguments = (ins BPF_ValueType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def BPF_CallOp : BPF_Op<"call", [
    DeclareOpInterfaceMethods<CallOpInterface>,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "calls a subprogram";
  let description = [{
    ```mlir
    %r0 = bpf.call @parse(%data, %end)
        : (!bpf.ptr<packet>, !bpf.ptr<packet_end>) -> i64
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee,
      Variadic<BPF_ValueType>:$args,
      OptionalAttr<DictArrayAttr>:$arg_attrs,
      OptionalAttr<DictArrayAttr>:$res_attrs);
  let results = (outs BPF_ValueType:$result);
  let assemblyFormat =
      "$callee `(` $args `)` attr-dict `:` functional-type($args, $result)";
}

def BPF_FrameOp : BPF_Op<"frame", [
    Pure, HasParent<"FuncOp">,
    DeclareOpInterfaceMethods<PromotableAllocationOpInterface>]> {
  let summary = "the function's own stack frame";
  let description = [{
    The lowest address of the frame of `size` bytes (a multiple of 8). R10 is
    the frame's address plus `size`. At most one, in the entry block.

    For MLIR's `mem2reg` a frame is one variable of up to 8 bytes, or a pointer;
    `bpf-promote-stack` makes variables of parts of larger ones.

    ```mlir
    %frame = bpf.frame 16
    ```
  }];
  let arguments = (ins ConfinedAttr<I32Attr, [IntNonNegative]>:$size);
  let results = (outs BPF_StackPtr:$result);
  let assemblyFormat = "$size attr-dict";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Pointers
//===----------------------------------------------------------------------===//

def BPF_NullOp : BPF_Op<"null", [Pure]> {
  let summary = "the null pointer";
  let description = [{
    ```mlir
    %p = bpf.null : !bpf.ptr<map_value>
    ```
  }];
  let results = (outs BPF_PtrType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def BPF_IsNullOp : BPF_Op<"is_null", [Pure]> {
  let summary = "compares a pointer with null";
  let description = [{
    ```mlir
    %c = bpf.is_null %p : !bpf.ptr<map_value>
    ```
  }];
  let arguments = (ins BPF_PtrType:$ptr);
  let results = (outs I1:$result);
  let assemblyFormat = "$ptr attr-dict `:` type($ptr)";
  let hasFolder = 1;
}

def BPF_PtrAddOp : BPF_Op<"ptr_add", [
    Pure, AllTypesMatch<["ptr", "result"]>]> {
  let summary = "adds a byte offset to a pointer";
  let description = [{
    ```mlir
    %q = bpf.ptr_add %p, %offset : !bpf.ptr<packet>
    ```
  }];
  let arguments = (ins BPF_PtrType:$ptr, I64:$offset);
  let results = (outs BPF_PtrType:$result);
  let assemblyFormat = "$ptr `,` $offset attr-dict `:` type($ptr)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def BPF_PtrDiffOp : BPF_Op<"ptr_diff", [Pure]> {
  let summary = "distance of two pointers in bytes";
  let description = [{
    `lhs - rhs`, signed. Both in the same space, or both of the packet (packet,
    packet end, metadata).

    ```mlir
    %n = bpf.ptr_diff %end, %data : !bpf.ptr<packet_end>, !bpf.ptr<packet>
    ```
  }];
  let arguments = (ins BPF_PtrType:$lhs, BPF_PtrType:$rhs);
  let results = (outs I64:$result);
  let assemblyFormat =
      "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def BPF_PtrCmpOp : BPF_Op<"ptr_cmp", [Pure]> {
  let summary = "compares two pointers";
  let description = [{
    Unsigned comparison of addresses. Both in the same space, or both of the
    packet (packet, packet end, metadata).

    ```mlir
    %c = bpf.ptr_cmp ugt %p, %end : !bpf.ptr<packet>, !bpf.ptr<packet_end>
    ```
  }];
  let arguments = (ins BPF_PtrPred:$predicate, BPF_PtrType:$lhs,
      BPF_PtrType:$rhs);
  let results = (outs I1:$result);
  let assemblyFormat =
      "$predicate $lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def BPF_PtrToIntOp : BPF_Op<"ptr_to_int", [Pure]> {
  let summary = "the number of a pointer";
  let description = [{
    An unsigned number whose order within the space is that of the addresses; 0
    for null and only for null.

    ```mlir
    %n = bpf.ptr_to_int %p : !bpf.ptr<packet>
    ```
  }];
  let arguments = (ins BPF_PtrType:$ptr);
  let results = (outs I64:$result);
  let assemblyFormat = "$ptr attr-dict `:` type($ptr)";
  let hasFolder = 1;
}

def BPF_IntToPtrOp : BPF_Op<"int_to_ptr", [Pure]> {
  let summary = "a number used as a pointer";
  let description = [{
    Inverse of `bpf.ptr_to_int`.

    ```mlir
    %p = bpf.int_to_ptr %n : !bpf.ptr<opaque>
    ```
  }];
  let arguments = (ins I64:$value);
  let results = (outs BPF_PtrType:$result);
  let assemblyFormat = "$value attr-dict `:` type($result)";
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// An access to a variable of the stack: see BPFMemorySlots.cpp.
def BPF_SlotAccess : DeclareOpInterfaceMethods<PromotableMemOpInterface>;

def BPF_LoadOp : BPF_Op<"load", [BPF_SpaceEffects, BPF_SlotAccess]> {
  let summary = "loads from memory";
  let description = [{
    Loads the bytes at pointer plus offset, by default with the first byte
    least significant. A pointer result takes 8 bytes.

    ```mlir
    %a = bpf.load %p[12] : !bpf.ptr<packet> -> i16
    %b = bpf.load %p[12] order be : !bpf.ptr<packet> -> i16
    %c = bpf.load %frame[8] : !bpf.ptr<stack> -> !bpf.ptr<packet>
    ```
  }];
  let arguments = (ins BPF_MemPtr:$ptr, SI32Attr:$offset,
      DefaultValuedAttr<BPF_ByteOrder, "::nfpbpf::bpf::ByteOrder::LE">:$order);
  let results = (outs BPF_MemType:$result);
  let builders = [OpBuilder<(ins "::mlir::Type":$type, "::mlir::Value":$ptr,
      "int32_t":$offset), [{
    build($_builder, $_state, type, ptr, offset, ByteOrder::LE);
  }]>];
  let assemblyFormat = [{
    $ptr `[` $offset `]` (`order` $order^)? attr-dict `:` type($ptr) `->`
    type($result)
  }];
  let extraClassDeclaration = "/// Bytes of the access.\nunsigned getSize();";
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def BPF_LoadWordsOp : BPF_Op<"load_words", [BPF_SpaceEffects]> {
  let summary = "loads neighbouring words with one command";
  let description = [{
    Loads a word of 4 bytes for every result (at most 32), the first at pointer
    plus offset. With the order `le` the first byte of each word is the least
    significant one, with `be` the most significant one. The bytes may lie
    outside of the frame, up to the size of the card's buffer; what is there is
    undefined. Of map values, the bytes must be in the value; where counters are
    among them, each word takes a command. `bpf-promote-packet-cache` makes this operation for the card; the
    host engine does not take it.

    ```mlir
    %w:2 = bpf.load_words %data[12] : !bpf.ptr<packet> -> i32, i32
    ```
  }];
  let arguments = (ins BPF_MemPtr:$ptr, SI32Attr:$offset,
      DefaultValuedAttr<BPF_ByteOrder, "::nfpbpf::bpf::ByteOrder::LE">:$order);
  let results = (outs Variadic<I32>:$words);
  let assemblyFormat = [{
    $ptr `[` $offset `]` (`order` $order^)? attr-dict `:` type($ptr) `->`
    type($words)
  }];
  let hasVerifier = 1;
}

def BPF_StoreOp : BPF_Op<"store", [BPF_SpaceEffects, BPF_SlotAccess]> {
  let summary = "stores to memory";
  let description = [{
    ```mlir
    bpf.store %v, %p[4] : i32, !bpf.ptr<packet>
    bpf.store %v, %p[4] order be : i32, !bpf.ptr<packet>
    ```
  }];
  let arguments = (ins BPF_MemType:$value, BPF_MemPtr:$ptr, SI32Attr:$offset,
      DefaultValuedAttr<BPF_ByteOrder, "::nfpbpf::bpf::ByteOrder::LE">:$order);
  let builders = [OpBuilder<(ins "::mlir::Value":$value, "::mlir::Value":$ptr,
      "int32_t":$offset), [{
    build($_builder, $_state, value, ptr, offset, ByteOrder::LE);
  }]>];
  let assemblyFormat = [{
    $value `,` $ptr `[` $offset `]` (`order` $order^)? attr-dict `:`
    type($value) `,` type($ptr)
  }];
  let extraClassDeclaration = "/// Bytes of the access.\nunsigned getSize();";
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def BPF_StoreWordsOp : BPF_Op<"store_words", [BPF_SpaceEffects]> {
  let summary = "stores neighbouring bytes with as few commands as possible";
  let description = [{
    Stores `size` bytes (at most 128), four from each word; of the last word
    only as many as are left. With the order `le` the first byte of each word is
    the least significant one, with `be` the most significant one. Where counters of
    map values are among them, each word takes a command. `bpf-fuse-memcpy`
    makes this operation for the card; the host engine does not take it.

    ```mlir
    bpf.store_words (%a, %b), %data[6] size 6 : !bpf.ptr<packet>
    ```
  }];
  let arguments = (ins Variadic<I32>:$words, BPF_MemPtr:$ptr, SI32Attr:$offset,
      I32Attr:$size,
      DefaultValuedAttr<BPF_ByteOrder, "::nfpbpf::bpf::ByteOrder::LE">:$order);
  let assemblyFormat = [{
    `(` $words `)` `,` $ptr `[` $offset `]` `size` $size (`order` $order^)?
    attr-dict `:` type($ptr)
  }];
  let hasVerifier = 1;
}

def BPF_AtomicRMWOp : BPF_Op<"atomic_rmw", [BPF_SpaceEffects]> {
  let summary = "atomic read-modify-write without a result";
  let description = [{
    ```mlir
    bpf.atomic_rmw add %v, %p[0] : i64, !bpf.ptr<map_value>
    ```
  }];
  let arguments = (ins BPF_AtomicKind:$kind, BPF_WordInt:$value,
      BPF_MemPtr:$ptr, SI32Attr:$offset);
  let assemblyFormat = [{
    $kind $value `,` $ptr `[` $offset `]` attr-dict `:` type($value) `,`
    type($ptr)
  }];
  let hasCanonicalizer = 1;
}

def BPF_AtomicFetchRMWOp : BPF_Op<"atomic_fetch_rmw", [
    BPF_SpaceEffects, AllTypesMatch<["value", "result"]>]> {
  let summary = "atomic read-modify-write that returns the old value";
  let description = [{
    ```mlir
    %old = bpf.atomic_fetch_rmw add %v, %p[0] : i64, !bpf.ptr<map_value>
    ```
  }];
  let arguments = (ins BPF_AtomicKind:$kind, BPF_WordInt:$value,
      BPF_MemPtr:$ptr, SI32Attr:$offset);
  let results = (outs BPF_WordInt:$result);
  let assemblyFormat = [{
    $kind $value `,` $ptr `[` $offset `]` attr-dict `:` type($value) `,`
    type($ptr)
  }];
  let hasCanonicalizer = 1;
}

def BPF_AtomicCmpXchgOp : BPF_Op<"atomic_cmpxchg", [
    BPF_SpaceEffects, AllTypesMatch<["expected", "value", "result"]>]> {
  let summary = "atomic compare and exchange";
  let description = [{
    Stores `value` if memory equals `expected`; returns the old value.

    ```mlir
    %old = bpf.atomic_cmpxchg %expected, %v, %p[0] : i64, !bpf.ptr<map_value>
    ```
  }];
  let arguments = (ins BPF_WordInt:$expected, BPF_WordInt:$value,
      BPF_MemPtr:$ptr, SI32Attr:$offset);
  let results = (outs BPF_WordInt:$result);
  let assemblyFormat = [{
    $expected `,` $value `,` $ptr `[` $offset `]` attr-dict `:` type($value)
    `,` type($ptr)
  }];
  let hasCanonicalizer = 1;
}

//===----------------------------------------------------------------------===//
// Context and packet
//===----------------------------------------------------------------------===//

class BPF_PacketPointerOp<string mnemonic, Type type, string what>
    : BPF_Op<mnemonic, [MemoryEffects<[MemRead<BPF_PacketVectorResource>]>]> {
  let summary = what;
  let description = [{
    Valid until the next `bpf.adjust_head` or `bpf.adjust_tail`.

    ```mlir
    %p = bpf.}] # mnemonic # [{ %ctx
    ```
  }];
  let arguments = (ins BPF_CtxPtr:$ctx);
  let results = (outs type:$result);
  let assemblyFormat = "$ctx attr-dict";
}

def BPF_PacketDataOp
    : BPF_PacketPointerOp<"packet_data", BPF_PacketPtr, "first packet byte">;
def BPF_PacketEndOp
    : BPF_PacketPointerOp<"packet_end", BPF_PacketEndPtr,
                          "one past the last packet byte">;
def BPF_PacketMetaOp
    : BPF_PacketPointerOp<"packet_meta", BPF_PacketMetaPtr,
                          "first byte of the packet's metadata">;
def BPF_PacketLenOp
    : BPF_PacketPointerOp<"packet_len", I32, "bytes of the packet">;

def BPF_CtxLoadOp : BPF_Op<"ctx_load", [
    MemoryEffects<[MemRead<BPF_ContextResource>]>]> {
  let summary = "reads any other field of the context";
  let description = [{
    `field` names the field in the program type's user-space context structure,
    `offset` is the byte offset of the access in it.

    ```mlir
    %v = bpf.ctx_load %ctx["ingress_ifindex", 12] : i32
    ```
  }];
  let arguments = (ins BPF_CtxPtr:$ctx, StrAttr:$field, SI32Attr:$offset);
  let results = (outs AnyTypeOf<[I8, I16, I32, I64]>:$result);
  let assemblyFormat =
      "$ctx `[` $field `,` $offset `]` attr-dict `:` type($result)";
}

def BPF_CtxStoreOp : BPF_Op<"ctx_store", [
    MemoryEffects<[MemWrite<BPF_ContextResource>]>]> {
  let summary = "writes a field of the context";
  let description = [{
    ```mlir
    bpf.ctx_store %v, %ctx["mark", 8] : i32
    ```
  }];
  let arguments = (ins AnyTypeOf<[I8, I16, I32, I64]>:$value, BPF_CtxPtr:$ctx,
      StrAttr:$field, SI32Attr:$offset);
  let assemblyFormat =
      "$value `,` $ctx `[` $field `,` $offset `]` attr-dict `:` type($value)";
}

def BPF_LdPacketOp : BPF_Op<"ld_packet"> {
  let summary = "legacy packet load (LD_ABS, LD_IND)";
  let description = [{
    Loads `size` bytes (1, 2 or 4) at the offset from the packet's first byte as
    a big-endian number, zero-extended. Ends the whole program with the result 0
    when they are not all inside the packet, so it has unknown effects.

    ```mlir
    %v = bpf.ld_packet 2, %ctx[%offset]
    ```
  }];
  let arguments = (ins ConfinedAttr<I32Attr, [IntPositive]>:$size,
      BPF_CtxPtr:$ctx, I32:$offset);
  let results = (outs I32:$result);
  let assemblyFormat = "$size `,` $ctx `[` $offset `]` attr-dict";
  let hasVerifier = 1;
}

class BPF_AdjustOp<string mnemonic, string what>
    : BPF_Op<mnemonic, [MemoryEffects<[
        MemRead<BPF_PacketVectorResource>, MemWrite<BPF_PacketVectorResource>,
        MemRead<BPF_PacketResource>, MemWrite<BPF_PacketResource>]>]> {
  let summary = what;
  let description = [{
    Returns 0, or a negative error number and changes nothing. Packet pointers
    obtained before are invalid after it.

    ```mlir
    %r = bpf.}] # mnemonic # [{ %ctx, %delta
    ```
  }];
  let arguments = (ins BPF_CtxPtr:$ctx, I64:$delta);
  let results = (outs I64:$result);
  let assemblyFormat = "$ctx `,` $delta attr-dict";
}

def BPF_AdjustHeadOp
    : BPF_AdjustOp<"adjust_head", "moves the packet's first byte">;
def BPF_AdjustTailOp : BPF_AdjustOp<"adjust_tail", "moves the packet's end">;

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

def BPF_BswapOp : BPF_Op<"bswap", [Pure, SameOperandsAndResultType]> {
  let summary = "reverses the bytes of an integer";
  let description = [{
    ```mlir
    %r = bpf.bswap %v : i16
    ```
  }];
  let arguments = (ins AnyTypeOf<[I16, I32, I64]>:$value);
  let results = (outs AnyTypeOf<[I16, I32, I64]>:$result);
  let assemblyFormat = "$value attr-dict `:` type($value)";
  let hasFolder = 1;
}

class BPF_DivOp<string mnemonic, string what, string corner>
    : BPF_Op<mnemonic, [Pure, SameOperandsAndResultType]> {
  let summary = what;
  let description = corner # [{

    ```mlir
    %r = bpf.}] # mnemonic # [{ %a, %b : i64
    ```
  }];
  let arguments = (ins BPF_WordInt:$lhs, BPF_WordInt:$rhs);
  let results = (outs BPF_WordInt:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs)";
  let hasFolder = 1;
}

def BPF_UDivOp : BPF_DivOp<"udiv", "unsigned division",
    "A number divided by zero is zero.">;
def BPF_UModOp : BPF_DivOp<"umod", "unsigned remainder",
    "A number modulo zero is itself.">;
def BPF_SDivOp : BPF_DivOp<"sdiv", "signed division",
    "Rounds toward zero. A number divided by zero is zero; the smallest number "
    "divided by -1 is itself.">;
def BPF_SModOp : BPF_DivOp<"smod", "signed remainder",
    "Has the sign of the dividend. A number modulo zero is itself; the "
    "smallest number modulo -1 is zero.">;

def BPF_FenceOp : BPF_Op<"fence", [MemoryEffects<[
    MemRead<BPF_PacketResource>, MemWrite<BPF_PacketResource>,
    MemRead<BPF_StackResource>, MemWrite<BPF_StackResource>,
    MemRead<BPF_MapResource>, MemWrite<BPF_MapResource>]>]> {
  let summary = "orders memory accesses";
  let description = [{
    All accesses before it are done before any access after it. A load-acquire
    is a load and a fence behind it, a store-release a fence and a store.

    ```mlir
    bpf.fence
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def BPF_MayGotoOp : BPF_Op<"may_goto", [
    MemoryEffects<[MemRead<BPF_ContextResource>,
                   MemWrite<BPF_ContextResource>]>]> {
  let summary = "counts a loop iteration against the run-time limit";
  let description = [{
    True when the function has used up its iterations and must leave the loop.
    Every activation of a function has one counter for all of its `may_goto`s;
    it starts at 65535 (`ebpf::MayGotoRounds`), and each execution that finds it
    above zero counts it down.

    ```mlir
    %leave = bpf.may_goto
    ```
  }];
  let results = (outs I1:$result);
  let assemblyFormat = "attr-dict";
}

//===----------------------------------------------------------------------===//
// Maps and helpers
//===----------------------------------------------------------------------===//

def BPF_MapRefOp : BPF_Op<"map_ref", [
    Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "handle of a map";
  let description = [{
    ```mlir
    %m = bpf.map_ref @counters
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$map);
  let results = (outs BPF_MapPtr:$result);
  let assemblyFormat = "$map attr-dict";
}

def BPF_MapValueRefOp : BPF_Op<"map_value_ref", [
    Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "address in the only value of an array map";
  let description = [{
    Global data: the address of the byte at `offset` in the value of entry 0.

    ```mlir
    %p = bpf.map_value_ref @".rodata"[16]
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$map, UI32Attr:$offset);
  let results = (outs BPF_MapValuePtr:$result);
  let assemblyFormat = "$map `[` $offset `]` attr-dict";
}

def BPF_ArrayElementOp : BPF_Op<"array_element", [
    Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "address of the value of an array's element";
  let description = [{
    The address that a lookup of the element gives, computed: for firmware that
    tells programs where arrays lie. Nothing may be accessed through it unless
    `index` is less than the array's number of entries.

    ```mlir
    %v = bpf.array_element @counters[%index]
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$map, I32:$index);
  let results = (outs BPF_MapValuePtr:$result);
  let assemblyFormat = "$map `[` $index `]` attr-dict";
}

def BPF_MapLookupOp : BPF_Op<"map_lookup", [BPF_SpaceEffects]> {
  let summary = "looks an entry up";
  let description = [{
    The address of the value, or null when there is no such key.

    ```mlir
    %v = bpf.map_lookup %m, %key : !bpf.ptr<stack>
    ```
  }];
  let arguments = (ins BPF_MapPtr:$map, BPF_MemPtr:$key);
  let results = (outs BPF_MapValuePtr:$result);
  let assemblyFormat = "$map `,` $key attr-dict `:` type($key)";
}

def BPF_MapUpdateOp : BPF_Op<"map_update", [BPF_SpaceEffects]> {
  let summary = "sets an entry";
  let description = [{
    Returns 0 or a negative error number.

    ```mlir
    %r = bpf.map_update %m, %key, %value, %flags
        : !bpf.ptr<stack>, !bpf.ptr<stack>
    ```
  }];
  let arguments = (ins BPF_MapPtr:$map, BPF_MemPtr:$key, BPF_MemPtr:$value,
      I64:$flags);
  let results = (outs I64:$result);
  let assemblyFormat = [{
    $map `,` $key `,` $value `,` $flags attr-dict `:` type($key) `,`
    type($value)
  }];
}

def BPF_MapDeleteOp : BPF_Op<"map_delete", [BPF_SpaceEffects]> {
  let summary = "removes an entry";
  let description = [{
    Returns 0 or a negative error number.

    ```mlir
    %r = bpf.map_delete %m, %key : !bpf.ptr<stack>
    ```
  }];
  let arguments = (ins BPF_MapPtr:$map, BPF_MemPtr:$key);
  let results = (outs I64:$result);
  let assemblyFormat = "$map `,` $key attr-dict `:` type($key)";
}

def BPF_PerfEventOutputOp : BPF_Op<"perf_event_output", [BPF_SpaceEffects]> {
  let summary = "sends an event to user space";
  let description = [{
    `size` bytes at `data`, followed by packet bytes if the upper half of
    `flags` asks for them. Returns 0 or a negative error number.

    ```mlir
    %r = bpf.perf_event_output %ctx, %m, %flags, %data, %size
        : !bpf.ptr<stack>
    ```
  }];
  let arguments = (ins BPF_CtxPtr:$ctx, BPF_MapPtr:$map, I64:$flags,
      BPF_MemPtr:$data, I64:$size);
  let results = (outs I64:$result);
  let assemblyFormat = [{
    $ctx `,` $map `,` $flags `,` $data `,` $size attr-dict `:` type($data)
  }];
}

def BPF_GetPrandomU32Op : BPF_Op<"get_prandom_u32", [
    MemoryEffects<[MemRead<BPF_RandomResource>,
                   MemWrite<BPF_RandomResource>]>]> {
  let summary = "a random number";
  let description = [{
    32 random bits, zero-extended. Every call advances the generator.

    ```mlir
    %r = bpf.get_prandom_u32
    ```
  }];
  let results = (outs I64:$result);
  let assemblyFormat = "attr-dict";
}

def BPF_CallHelperOp : BPF_Op<"call_helper"> {
  let summary = "calls a kernel helper that has no operation of its own";
  let description = [{
    `id` is the kernel's number (enum bpf_func_id). The operands are the
    registers R1 upwards that hold a value; for helpers whose arguments are not
    known these may be more than the helper takes. Effects are unknown.

    ```mlir
    %r = bpf.call_helper 5 "ktime_get_ns"() : () -> i64
    ```
  }];
  let arguments = (ins UI32Attr:$id, StrAttr:$name,
      Variadic<BPF_ValueType>:$args);
  let results = (outs BPF_ValueType:$result);
  let assemblyFormat = [{
    $id $name `(` $args `)` attr-dict `:` functional-type($args, $result)
  }];
}

#endif // NFPBPF_DIALECT_BPF_IR_BPFOPS_TD
