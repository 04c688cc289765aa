//===- NFPDialect.td - The nfp dialect ---------------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_NFP_IR_NFPDIALECT_TD
#define NFPBPF_DIALECT_NFP_IR_NFPDIALECT_TD

include "mlir/IR/OpBase.td"

def NFP_Dialect : Dialect {
  let name = "nfp";
  let cppNamespace = "::nfpbpf::nfp";
  let summary = "Machine code of an NFP-6000 microengine, before and after register allocation";
  let description = [{
    The operations are families of machine instructions with an opcode enum.
    Values are registers by class; condition codes and the previous result are
    values too, so that no instruction depends on luck.

    **Operands.** Every data operand of an instruction may be a register
    (`!nfp.gpr`), a transfer-in register (`!nfp.xfer`), a small constant
    (`!nfp.imm`, made by `nfp.imm`) or a local-memory word (`!nfp.lm`, made by
    `nfp.lm`; the word is read by the *user*, not by `nfp.lm`). Any
    combination may be written before register allocation:
    `nfp-expand-macros` inserts the moves that the operand ports need (two
    constants, two transfer registers, two local-memory words, constants too
    wide for their field, offsets out of reach). Bank conflicts between
    general registers are the register allocator's business.

    **Flags and previous result.** A `!nfp.cc` or `!nfp.prev` value must be
    consumed in the block that makes it, before another instruction changes
    it: `!nfp.cc` by any later instruction as long as nothing in between sets
    flags (an instruction without a cc result leaves them alone), `!nfp.prev`
    by the very next instruction (constants and locations made by `nfp.imm`,
    `nfp.lm` and `nfp.live_in` are no instructions). Passes keep this; the
    machine verifier proves it.

    **Functions.** The `nfp.func` of kind `entry` takes no arguments and ends
    in `nfp.exit`; those of kind `subprogram` take and return `!nfp.gpr`
    values and end in `nfp.return` or `nfp.exit`. The stack frame of a
    function has `frame_size` bytes, addressed from 0 upwards (eBPF address
    R10 + off is frame byte `frame_size + off`).

    **After `nfp-allocate-registers`** every register type names its register
    (`!nfp.gpr<a 3>`), blocks have no arguments, values live inside one block
    only, and what was in a register before comes from `nfp.live_in`.

    Module attributes (all optional): `nfp.profile` (string),
    `nfp.stack_limit` (i64, bytes of stack one program may use),
    `nfp.code_limit` (i64, instruction words), `nfp.max_packet_offset` (i64,
    last packet byte the program may access). Set by
    `nfp-allocate-registers`: `nfp.stack_bytes` (i64, deepest call chain).
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
    void registerTypes();
    void registerAttributes();
    static constexpr llvm::StringLiteral kProfileAttr = "nfp.profile";
    static constexpr llvm::StringLiteral kStackLimitAttr = "nfp.stack_limit";
    static constexpr llvm::StringLiteral kCodeLimitAttr = "nfp.code_limit";
    static constexpr llvm::StringLiteral kMaxPacketOffsetAttr =
        "nfp.max_packet_offset";
    static constexpr llvm::StringLiteral kStackBytesAttr = "nfp.stack_bytes";
  }];
}

#endif // NFPBPF_DIALECT_NFP_IR_NFPDIALECT_TD
