//===- NFPOps.td - Operations of the nfp dialect -----------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_NFP_IR_NFPOPS_TD
#define NFPBPF_DIALECT_NFP_IR_NFPOPS_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/CallInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "nfpbpf/Dialect/NFP/IR/NFPDialect.td"
include "nfpbpf/Dialect/NFP/IR/NFPEnums.td"
include "nfpbpf/Dialect/NFP/IR/NFPTypes.td"

class NFP_Op<string mnemonic, list<Trait> traits = []>
    : Op<NFP_Dialect, mnemonic, traits>;

/// One machine word on the data path. Its effects follow from its operands:
/// local-memory words read or written, flags, previous result.
class NFP_DataOp<string mnemonic, list<Trait> traits = []>
    : NFP_Op<mnemonic, !listconcat(traits,
        [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>])>;

//===----------------------------------------------------------------------===//
// Module level
//===----------------------------------------------------------------------===//

def NFP_MapOp : NFP_Op<"map", [Symbol]> {
  let summary = "a map that the program uses";
  let description = [{
    `uses` has one entry for every 4-byte word of the value: 0 unused, 1 read,
    2 written, 3 atomic. `index` is the map's table id in the linked program.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I32Attr:$type, I32Attr:$key_size,
                       I32Attr:$value_size, I32Attr:$max_entries, I32Attr:$flags,
                       I32Attr:$index, DenseI8ArrayAttr:$uses);
  let assemblyFormat = "$sym_name attr-dict";
}

def NFP_FuncOp : NFP_Op<"func", [
    FunctionOpInterface, IsolatedFromAbove, HasParent<"::mlir::ModuleOp">]> {
  let summary = "function of machine code";
  let description = [{
    `frame_size`: bytes of the function's own stack frame (without spill
    slots), a multiple of 4. Set by `nfp-allocate-registers`: `frame_offset`
    (bytes from the stack base), `spill_size` (bytes of spill slots, which lie
    above the frame), `written_regs` (what a call clobbers: register number,
    plus 32 for bank B; the function's callees included).
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       TypeAttrOf<FunctionType>:$function_type,
                       NFP_FuncKindAttr:$kind,
                       DefaultValuedAttr<I32Attr, "0">:$frame_size,
                       OptionalAttr<I32Attr>:$frame_offset,
                       OptionalAttr<I32Attr>:$spill_size,
                       OptionalAttr<DenseI32ArrayAttr>:$written_regs,
                       OptionalAttr<StrAttr>:$section,
                       OptionalAttr<StrAttr>:$prog_type,
                       OptionalAttr<DictArrayAttr>:$arg_attrs,
                       OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region AnyRegion:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name,
                                 "::mlir::FunctionType":$type,
                                 "::nfpbpf::nfp::FuncKind":$kind,
                                 CArg<"int32_t", "0">:$frameSize)>];
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    bool isEntry() { return getKind() == FuncKind::Entry; }
  }];
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

def NFP_ImmOp : NFP_Op<"imm", [Pure, ConstantLike]> {
  let summary = "small constant as an operand; no instruction";
  let description = [{
    0 to 255. Fits unrestricted operands (alu, csr) and shift and load-field
    operands; in command addresses only 0 to 127 fit and a larger one is moved
    to a register by `nfp-expand-macros`.
  }];
  let arguments = (ins I32Attr:$value);
  let results = (outs NFP_Imm:$result);
  let builders = [OpBuilder<(ins "uint32_t":$value)>];
  let assemblyFormat = "$value attr-dict";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def NFP_LMOp : NFP_Op<"lm", [Pure]> {
  let summary = "location of a local-memory word; no instruction";
  let description = [{
    `index1[k]` is word 8 + k of the packet vector. `index0`, `index2` and
    `index3` are reserved for the expansion of `nfp.lm_load`, `nfp.lm_store`
    and spills: conversions use those macros instead.
    The word is read (or written) by the user of the location.
  }];
  let arguments = (ins I32Attr:$pointer, I32Attr:$offset);
  let results = (outs NFP_LM:$result);
  let builders = [OpBuilder<(ins "unsigned":$pointer, "unsigned":$offset)>];
  let assemblyFormat = "custom<LMPointer>($pointer) `[` $offset `]` attr-dict";
  let hasVerifier = 1;
}

def NFP_LiveInOp : NFP_Op<"live_in", []> {
  let summary = "what a physical register holds here; no instruction";
  let description = [{
    For registers that another block has written, or one half of a pair that
    had one value. The result may be used until the register is written.
  }];
  let results = (outs NFP_Reg:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Data path
//===----------------------------------------------------------------------===//

def NFP_AluOp : NFP_DataOp<"alu", [AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "ALU instruction";
  let description = [{
    `b`, `not` and `ffs` take one source (the right operand), all others two.
    `addc` and `subc` need the carry as `cc(...)`. Carry after a subtraction is
    1 when there was no borrow. The result goes to a register, to a
    transfer-out register, to a local-memory word (`to`), or nowhere. Without
    a `!nfp.cc` result the instruction leaves the flags alone.

    ```mlir
    %lo, %c = nfp.alu add %a, %b : !nfp.gpr, !nfp.gpr -> !nfp.gpr flags !nfp.cc
    %hi = nfp.alu addc %x, %y cc(%c) : !nfp.gpr, !nfp.gpr -> !nfp.gpr
    %len = nfp.alu and %mask, %w : !nfp.gpr, !nfp.lm -> !nfp.gpr
    nfp.alu add %w, %d to %w : !nfp.lm, !nfp.gpr
    ```
  }];
  let arguments = (ins NFP_AluOpcodeAttr:$opcode, Variadic<NFP_Src>:$srcs,
                       Optional<NFP_CC>:$cc_in, Optional<NFP_LM>:$dst_lm);
  let results = (outs Optional<NFP_Dst>:$dst, Optional<NFP_CC>:$cc_out,
                      Optional<NFP_Prev>:$prev_out);
  let assemblyFormat = [{
    $opcode $srcs (`cc` `(` $cc_in^ `)`)? (`to` $dst_lm^)? attr-dict `:` type($srcs)
    (`->` type($dst)^)? (`flags` type($cc_out)^)? (`prev` type($prev_out)^)?
  }];
  let builders = [
    // One register result, nothing else; `ccIn` for addc and subc.
    OpBuilder<(ins "::nfpbpf::nfp::AluOpcode":$opcode, "::mlir::ValueRange":$srcs,
                   CArg<"::mlir::Value", "{}">:$ccIn)>,
    // Chosen results (null type: none) and destination.
    OpBuilder<(ins "::nfpbpf::nfp::AluOpcode":$opcode, "::mlir::ValueRange":$srcs,
                   "::mlir::Value":$ccIn, "::mlir::Value":$dstLM,
                   "::mlir::Type":$dstType, "bool":$setsCC, "bool":$setsPrev)>];
  let hasVerifier = 1;
}

def NFP_ShfOp : NFP_DataOp<"shf", [AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "shift, then logic: left OP shift(right)";
  let description = [{
    `b`, `not` and `asr` take one source, the others and every `dbl` shift two
    (`dbl`: left is the high word). Amounts: `rotr` 0 to 31 (0: no shift),
    `shr`, `shl`, `dbl` and `asr` 1 to 31. `indirect` takes the amount (low
    five bits; 0 shifts by 0, in `dbl` 0 gives the right operand) from the
    left operand of the instruction that made `prev(...)`. `asr` takes its
    fill bit from the result of that instruction and therefore always has a
    `prev`; its shift kind is `shr`. The result goes to a register, to a
    transfer-out register, to a local-memory word (`to`), or nowhere.

    ```mlir
    %p = nfp.alu or %amount, %zero : !nfp.gpr, !nfp.imm prev !nfp.prev
    %r = nfp.shf b shl 0 indirect %x prev(%p) : !nfp.gpr -> !nfp.gpr
    ```
  }];
  let arguments = (ins NFP_ShfOpcodeAttr:$opcode, NFP_ShiftKindAttr:$shift,
                       I32Attr:$amount, UnitAttr:$indirect, Variadic<NFP_Src>:$srcs,
                       Optional<NFP_LM>:$dst_lm, Optional<NFP_Prev>:$prev);
  let results = (outs Optional<NFP_Dst>:$dst, Optional<NFP_CC>:$cc_out,
                      Optional<NFP_Prev>:$prev_out);
  let assemblyFormat = [{
    $opcode $shift $amount (`indirect` $indirect^)? $srcs (`to` $dst_lm^)?
    (`prev` `(` $prev^ `)`)? attr-dict `:` type($srcs)
    (`->` type($dst)^)? (`flags` type($cc_out)^)? (`prev` type($prev_out)^)?
  }];
  let builders = [
    // Immediate amount, one register result.
    OpBuilder<(ins "::nfpbpf::nfp::ShfOpcode":$opcode, "::nfpbpf::nfp::ShiftKind":$shift,
                   "unsigned":$amount, "::mlir::ValueRange":$srcs,
                   CArg<"::mlir::Value", "{}">:$prev)>,
    // Indirect amount, one register result.
    OpBuilder<(ins "::nfpbpf::nfp::ShfOpcode":$opcode, "::nfpbpf::nfp::ShiftKind":$shift,
                   "::mlir::ValueRange":$srcs, "::mlir::Value":$prev)>];
  let hasVerifier = 1;
}

def NFP_LdFieldOp : NFP_DataOp<"ld_field", [AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "merge bytes of the shifted source into a register";
  let description = [{
    Byte k of the result is byte k of the shifted source where bit k of `mask`
    is set, else that of `into(...)`, or 0 when there is no `into`. The result
    takes the register of `into` (the allocator copies when it lives on).
    With `to` the bytes go into a local-memory word and there is neither
    `into` nor register result; with `clear` the others become 0.
  }];
  let arguments = (ins I32Attr:$mask, NFP_ShiftKindAttr:$shift, I32Attr:$amount,
                       UnitAttr:$indirect, UnitAttr:$clear, NFP_Src:$src,
                       Optional<NFP_Gpr>:$into, Optional<NFP_LM>:$dst_lm,
                       Optional<NFP_Prev>:$prev);
  let results = (outs Optional<NFP_Gpr>:$dst, Optional<NFP_CC>:$cc_out,
                      Optional<NFP_Prev>:$prev_out);
  let assemblyFormat = [{
    $mask $shift $amount (`indirect` $indirect^)? (`clear` $clear^)? $src
    (`into` `(` $into^ `:` type($into) `)`)? (`to` $dst_lm^)? (`prev` `(` $prev^ `)`)?
    attr-dict `:` type($src)
    (`->` type($dst)^)? (`flags` type($cc_out)^)? (`prev` type($prev_out)^)?
  }];
  let builders = [
    // Register result; null `into` clears the bytes outside the mask.
    OpBuilder<(ins "unsigned":$mask, "::mlir::Value":$into, "::mlir::Value":$src,
                   CArg<"::nfpbpf::nfp::ShiftKind", "ShiftKind::RotR">:$shift,
                   CArg<"unsigned", "0">:$amount)>];
  let hasVerifier = 1;
}

def NFP_ImmedOp : NFP_DataOp<"immed", [AttrSizedResultSegments]> {
  let summary = "16-bit constant, shifted by whole bytes, optionally complemented";
  let description = [{
    Result: `value << (8 * byte_shift)`, complemented after the shift if
    `invert`. Without a destination it only sets the previous result (an
    override word for `nfp.cmd`). For any 32-bit constant use `nfp.const`.
  }];
  let arguments = (ins I32Attr:$value, DefaultValuedAttr<I32Attr, "0">:$byte_shift, UnitAttr:$invert,
                       Optional<NFP_LM>:$dst_lm);
  let results = (outs Optional<NFP_Dst>:$dst, Optional<NFP_Prev>:$prev_out);
  let assemblyFormat = [{
    $value (`shl8` $byte_shift^)? (`invert` $invert^)? (`to` $dst_lm^)? attr-dict
    (`->` type($dst)^)? (`prev` type($prev_out)^)?
  }];
  let hasVerifier = 1;
}

def NFP_ImmedWOp : NFP_Op<"immed_w", [Pure]> {
  let summary = "replace the low (half 0) or high (half 1) 16 bits of a register";
  let arguments = (ins I32Attr:$value, I32Attr:$half, NFP_Gpr:$old);
  let results = (outs NFP_Gpr:$dst);
  let assemblyFormat = [{
    $value `half` $half `of` $old attr-dict `:` type($old) `->` type($dst)
  }];
  let hasVerifier = 1;
}

def NFP_ConstOp : NFP_Op<"const", [Pure, ConstantLike]> {
  let summary = "32-bit constant in a register (one or two instructions)";
  let arguments = (ins I32Attr:$value);
  let results = (outs NFP_Gpr:$dst);
  let builders = [OpBuilder<(ins "uint32_t":$value)>];
  let assemblyFormat = "$value attr-dict `:` type($dst)";
  let hasFolder = 1;
}

def NFP_MapAddressOp : NFP_Op<"map_address", [
    Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "high word of an array's address (two instructions)";
  let description = [{
    Bits 8 to 39 of the address of the array's first element, which lies at a
    multiple of 256 bytes: what the pair of a `pair40` command has in front. The
    loader puts them in; firmware profiles say whether it does.

    ```mlir
    %hi = nfp.map_address @counters : !nfp.gpr
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$map);
  let results = (outs NFP_Gpr:$dst);
  let builders = [OpBuilder<(ins "::llvm::StringRef":$map)>];
  let assemblyFormat = "$map attr-dict `:` type($dst)";
}

def NFP_MulOp : NFP_Op<"mul", [Pure, AttrSizedResultSegments]> {
  let summary = "unsigned multiplication (three to seven instructions)";
  let description = [{
    Types: 24x8 and 16x16 (low result only; operands must fit the widths), 32x32 (low
    and/or high result).

    ```mlir
    %lo, %hi = nfp.mul m32x32 %a, %b : !nfp.gpr, !nfp.gpr -> lo !nfp.gpr hi !nfp.gpr
    ```
  }];
  let arguments = (ins NFP_MulTypeAttr:$type, NFP_Src:$lhs, NFP_Src:$rhs);
  let results = (outs Optional<NFP_Gpr>:$lo, Optional<NFP_Gpr>:$hi);
  let assemblyFormat = [{
    $type $lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->`
    (`lo` type($lo)^)? (`hi` type($hi)^)?
  }];
  let builders = [
    // Register results, each if wanted.
    OpBuilder<(ins "::nfpbpf::nfp::MulType":$type, "::mlir::Value":$lhs,
                   "::mlir::Value":$rhs, "bool":$wantLo, "bool":$wantHi)>];
  let hasVerifier = 1;
}

def NFP_CsrWrOp : NFP_Op<"csr_wr", []> {
  let summary = "write a control register";
  let description = [{
    The waiting slots before a local-memory pointer may be used are inserted
    by `nfp-insert-hazard-slots`.
  }];
  let arguments = (ins NFP_CSRAttr:$csr, NFP_Src:$src);
  let assemblyFormat = "$csr $src attr-dict `:` type($src)";
}

def NFP_CsrRdOp : NFP_Op<"csr_rd", []> {
  let summary = "read a control register (two instructions)";
  let arguments = (ins NFP_CSRAttr:$csr);
  let results = (outs NFP_Gpr:$dst);
  let assemblyFormat = "$csr attr-dict `:` type($dst)";
}

def NFP_NopOp : NFP_Op<"nop", []> {
  let summary = "no operation (one instruction)";
  let assemblyFormat = "attr-dict";
}

//===----------------------------------------------------------------------===//
// Memory commands
//===----------------------------------------------------------------------===//

def NFP_CmdOp : NFP_Op<"cmd", [AttrSizedOperandSegments]> {
  let summary = "memory command";
  let description = [{
    Address: `sum32` adds the two address operands (packet and CTM), `pair40`
    is `(first << 8) + second` (map values: high word, low word). `count` is
    the length in the unit of the command: words of 32 bits for `read32*` and
    `write32*`, bytes for `read8` and `write8*`, elements (of 32 or 64 bits)
    for the atomics. Up to 8 fit the instruction; up to 32 for reads and
    writes are done with an override word that `nfp-expand-macros` adds.

    Data operands (32-bit words, in order) may be any source; they are moved
    to consecutive transfer-out registers right before the command. Results
    may be declared `!nfp.xfer` (used in place) or `!nfp.gpr` (moved to a
    register right after). `xfer` values may be used anywhere, in other blocks
    too: `nfp-expand-macros` moves those that a call or another command would
    destroy.

    A command waits for completion (context swap on signal 1) unless it has a
    signal of its own, 2 to 7, or is `posted`. With `signal` the program goes
    on; an `nfp.wait` of the same block takes the signal. Up to there results
    may not be read, transfer registers with data keep it, and no other command
    touches the same bytes unless both only read. `nfp-overlap-commands` gives
    signals. Of commands without any, `add_imm` and `add64_imm` may be posted, and they take their operand from
    `prev(...)`: bits 31:16 are the 16-bit operand, bits 12:8 the length (8 for 32, 12 for 64
    bit), bit 7 and bits 5:3 = 2 select the overrides.

    ```mlir
    %w = nfp.cmd read32_swap sum32 %pkt, %off count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
    nfp.cmd write8_swap sum32 %pkt, %off data(%v : !nfp.gpr) count 2 : (!nfp.gpr, !nfp.imm)
    ```
  }];
  let arguments = (ins NFP_MemCommandAttr:$command, NFP_AddressModeAttr:$mode,
                       NFP_Src:$addr0, NFP_Src:$addr1,
                       Variadic<NFP_CmdData>:$data, Optional<NFP_Prev>:$prev,
                       I32Attr:$count, UnitAttr:$posted,
                       OptionalAttr<I32Attr>:$signal);
  let results = (outs Variadic<NFP_CmdResult>:$results);
  let assemblyFormat = [{
    $command $mode $addr0 `,` $addr1 (`data` `(` $data^ `:` type($data) `)`)?
    (`prev` `(` $prev^ `)`)? `count` $count (`posted` $posted^)?
    (`signal` $signal^)? attr-dict
    `:` `(` type($addr0) `,` type($addr1) `)` (`->` type($results)^)?
  }];
  let builders = [
    // Without a signal of its own.
    OpBuilder<(ins "::mlir::TypeRange":$results, "::nfpbpf::nfp::MemCommand":$command,
                   "::nfpbpf::nfp::AddressMode":$mode, "::mlir::Value":$addr0,
                   "::mlir::Value":$addr1, "::mlir::ValueRange":$data,
                   "::mlir::Value":$prev, "uint32_t":$count, "bool":$posted), [{
      build($_builder, $_state, results, command, mode, addr0, addr1, data, prev,
            count, posted, ::mlir::IntegerAttr());
    }]>];
  let extraClassDeclaration = [{
    /// The program waits here until the command is done.
    bool swaps() { return !getPosted() && !getSignal(); }
    /// Bytes of memory that it reads or changes.
    unsigned getNumBytes();
    /// Changes memory.
    bool isWrite();
  }];
  let hasVerifier = 1;
}

def NFP_WaitOp : NFP_Op<"wait", []> {
  let summary = "wait until commands are done";
  let description = [{
    Other packets are served until all commands with these signals are done.
    Takes the signals. Flags, previous result and CAM are lost.

    ```mlir
    %a = nfp.cmd read32_swap sum32 %p, %q count 1 signal 2 : (!nfp.gpr, !nfp.gpr) -> !nfp.xfer
    %b = nfp.cmd read32_swap sum32 %p, %r count 1 signal 3 : (!nfp.gpr, !nfp.gpr) -> !nfp.xfer
    nfp.wait [2, 3]
    ```
  }];
  let arguments = (ins DenseI32ArrayAttr:$signals);
  let assemblyFormat = "$signals attr-dict";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Stack
//===----------------------------------------------------------------------===//

def NFP_FrameAddrOp : NFP_Op<"frame_addr", [Pure]> {
  let summary = "local-memory address of a byte of the function's frame";
  let arguments = (ins I32Attr:$offset);
  let results = (outs NFP_Gpr:$dst);
  let builders = [OpBuilder<(ins "int32_t":$offset)>];
  let assemblyFormat = "$offset attr-dict `:` type($dst)";
  let hasVerifier = 1;
}

def NFP_LmLoadOp : NFP_Op<"lm_load", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "load from the stack (macro)";
  let description = [{
    Loads `size` bytes (1, 2, 4), zero-extended, from byte `offset` of the
    function's own frame, or from `at(%address)` + offset. The access must be
    naturally aligned; alignment of a dynamic address is the verifier's
    promise, and `offset` must then keep it (a multiple of `size`).
    Words are little-endian: byte k of a word are bits 8k+7 to 8k.

    ```mlir
    %v = nfp.lm_load 12 size 2 : !nfp.gpr
    %w = nfp.lm_load 0 size 4 at(%p : !nfp.gpr) : !nfp.gpr
    ```
  }];
  let arguments = (ins I32Attr:$offset, I32Attr:$size, Optional<NFP_Gpr>:$address);
  let results = (outs NFP_Gpr:$dst);
  let builders = [OpBuilder<(ins "int32_t":$offset, "unsigned":$size,
                                 CArg<"::mlir::Value", "{}">:$address)>];
  let assemblyFormat = [{
    $offset `size` $size (`at` `(` $address^ `:` type($address) `)`)? attr-dict `:` type($dst)
  }];
  let hasVerifier = 1;
}

def NFP_LmStoreOp : NFP_Op<"lm_store", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "store to the stack (macro)";
  let description = [{
    Stores the low `size` bytes (1, 2, 4) of the value; otherwise as `nfp.lm_load`.
  }];
  let arguments = (ins NFP_Src:$value, I32Attr:$offset, I32Attr:$size,
                       Optional<NFP_Gpr>:$address);
  let builders = [OpBuilder<(ins "::mlir::Value":$value, "int32_t":$offset,
                                 "unsigned":$size, CArg<"::mlir::Value", "{}">:$address)>];
  let assemblyFormat = [{
    $value `,` $offset `size` $size (`at` `(` $address^ `:` type($address) `)`)?
    attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

class NFP_TerminatorOp<string mnemonic, list<Trait> traits = []>
    : NFP_Op<mnemonic, !listconcat(traits, [Terminator])>;

def NFP_BrOp : NFP_TerminatorOp<"br", [DeclareOpInterfaceMethods<BranchOpInterface>]> {
  let summary = "branch";
  let arguments = (ins Variadic<NFP_Gpr>:$dest_operands);
  let successors = (successor AnySuccessor:$dest);
  let builders = [OpBuilder<(ins "::mlir::Block *":$dest,
                                 CArg<"::mlir::ValueRange", "{}">:$destOperands)>];
  let assemblyFormat = "$dest (`(` $dest_operands^ `:` type($dest_operands) `)`)? attr-dict";
}

class NFP_CondBranchOp<string mnemonic> : NFP_TerminatorOp<mnemonic, [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<BranchOpInterface>,
    WeightedBranchOpInterface]> {
  let successors = (successor AnySuccessor:$true_dest, AnySuccessor:$false_dest);
}

def NFP_BrCCOp : NFP_CondBranchOp<"br_cc"> {
  let summary = "branch on condition codes";
  let description = [{
    `hs`/`lo` are unsigned >= and < after a subtraction, `mi`/`pl` the sign of
    the result, `ge`, `lt`, `le`, `gt` signed.
  }];
  let arguments = (ins NFP_CondAttr:$cond, NFP_CC:$cc, Variadic<NFP_Gpr>:$true_operands,
                       Variadic<NFP_Gpr>:$false_operands,
                       OptionalAttr<DenseI32ArrayAttr>:$branch_weights);
  let builders = [OpBuilder<(ins "::nfpbpf::nfp::Cond":$cond, "::mlir::Value":$cc,
                                 "::mlir::Block *":$trueDest, "::mlir::ValueRange":$trueOperands,
                                 "::mlir::Block *":$falseDest, "::mlir::ValueRange":$falseOperands)>];
  let assemblyFormat = [{
    $cond $cc (`weights` `(` $branch_weights^ `)`)? `,` $true_dest (`(` $true_operands^ `:` type($true_operands) `)`)? `,`
    $false_dest (`(` $false_operands^ `:` type($false_operands) `)`)? attr-dict
  }];
}

def NFP_BrBitOp : NFP_CondBranchOp<"br_bit"> {
  let summary = "branch on one bit of a register";
  let arguments = (ins NFP_BitTestAttr:$test, I32Attr:$bit, NFP_Src:$src,
                       Variadic<NFP_Gpr>:$true_operands, Variadic<NFP_Gpr>:$false_operands,
                       OptionalAttr<DenseI32ArrayAttr>:$branch_weights);
  let builders = [OpBuilder<(ins "::nfpbpf::nfp::BitTest":$test, "unsigned":$bit, "::mlir::Value":$src,
                                 "::mlir::Block *":$trueDest, "::mlir::ValueRange":$trueOperands,
                                 "::mlir::Block *":$falseDest, "::mlir::ValueRange":$falseOperands)>];
  let assemblyFormat = [{
    $test $bit $src `:` type($src) (`weights` `(` $branch_weights^ `)`)? `,` $true_dest (`(` $true_operands^ `:` type($true_operands) `)`)?
    `,` $false_dest (`(` $false_operands^ `:` type($false_operands) `)`)? attr-dict
  }];
  let hasVerifier = 1;
}

def NFP_BrByteOp : NFP_CondBranchOp<"br_byte"> {
  let summary = "branch on the value of one byte of a register";
  let description = [{
    Byte 0 is the lowest one. `expect(n)`: as far as is known without a profile,
    n of 100 executions branch. What the byte is a part of says more about that
    than the byte.

    ```mlir
    nfp.br_byte eq 1 129 %w : !nfp.xfer expect(30), ^vlan, ^plain
    ```
  }];
  let arguments = (ins NFP_ByteTestAttr:$test, I32Attr:$byte, I32Attr:$value, NFP_Src:$src,
                       Variadic<NFP_Gpr>:$true_operands, Variadic<NFP_Gpr>:$false_operands,
                       OptionalAttr<DenseI32ArrayAttr>:$branch_weights,
                       OptionalAttr<I32Attr>:$expected);
  let builders = [OpBuilder<(ins "::nfpbpf::nfp::ByteTest":$test, "unsigned":$byte,
                                 "unsigned":$value, "::mlir::Value":$src,
                                 "::mlir::Block *":$trueDest, "::mlir::ValueRange":$trueOperands,
                                 "::mlir::Block *":$falseDest, "::mlir::ValueRange":$falseOperands)>];
  let assemblyFormat = [{
    $test $byte $value $src `:` type($src) (`expect` `(` $expected^ `)`)?
    (`weights` `(` $branch_weights^ `)`)? `,` $true_dest (`(` $true_operands^ `:` type($true_operands) `)`)?
    `,` $false_dest (`(` $false_operands^ `:` type($false_operands) `)`)? attr-dict
  }];
  let hasVerifier = 1;
}

def NFP_ExitOp : NFP_TerminatorOp<"exit"> {
  let summary = "leave the program: A0 = code, branch to the firmware";
  let description = [{
    The code is the complete word for A0 (for example 0x110000 for XDP_PASS). Also allowed in
    subprograms (it leaves the whole program).
  }];
  let arguments = (ins NFP_Gpr:$code);
  let assemblyFormat = "$code attr-dict `:` type($code)";
}

def NFP_ReturnOp : NFP_TerminatorOp<"return", [Pure, ReturnLike]> {
  let summary = "return from a subprogram";
  let arguments = (ins Variadic<NFP_Gpr>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let hasVerifier = 1;
}

def NFP_RtnOp : NFP_TerminatorOp<"rtn"> {
  let summary = "jump to the address in a register (what `nfp.return` becomes)";
  let arguments = (ins NFP_Gpr:$address, Variadic<NFP_Gpr>:$values);
  let assemblyFormat = [{
    $address attr-dict `:` type($address) (`with` $values^ `:` type($values))?
  }];
}

def NFP_CallOp : NFP_Op<"call", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "call of a subprogram";
  let description = [{
    Operands and results are plain registers before allocation; argument k goes
    in register 2 + k/2 of bank A (k even) or B (k odd), result k likewise from
    register 0, the return address in A21. The allocator does that.
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<NFP_Gpr>:$args);
  let results = (outs Variadic<NFP_Gpr>:$results);
  let assemblyFormat = "$callee `(` $args `)` attr-dict `:` functional-type($args, $results)";
}

def NFP_HelperOp : NFP_Op<"helper", [AttrSizedOperandSegments]> {
  let summary = "call of a firmware routine";
  let description = [{
    `args` go to the registers that `arg_regs` names, one `!nfp.gpr<bank n>`
    each (`ab` loads both banks). `lm0` and `lm2` are the addresses for the
    local-memory pointers (key and value); pointer 0 is set back to the stack
    base afterwards. The two results are R0, low and high word. The helper
    clobbers registers 0 to 11, 20, 21 and 23 of both banks, all transfer
    registers, flags and LM2, LM3. Helpers write the stack only as their
    contract says (a masked key); they read it through the pointers.

    ```mlir
    %lo, %hi = nfp.helper 1 "map_lookup_elem" (%tid) in [!nfp.gpr<a 0>] lm0(%key)
        : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
    ```
  }];
  let arguments = (ins I32Attr:$id, StrAttr:$name, Variadic<NFP_Gpr>:$args,
                       TypeArrayAttr:$arg_regs, Optional<NFP_Gpr>:$lm0,
                       Optional<NFP_Gpr>:$lm2);
  let results = (outs Variadic<NFP_Gpr>:$results);
  let assemblyFormat = [{
    $id $name `(` $args `)` `in` $arg_regs (`lm0` `(` $lm0^ `:` type($lm0) `)`)?
    (`lm2` `(` $lm2^ `:` type($lm2) `)`)? attr-dict `:` functional-type($args, $results)
  }];
  let hasVerifier = 1;
}

#endif // NFPBPF_DIALECT_NFP_IR_NFPOPS_TD
