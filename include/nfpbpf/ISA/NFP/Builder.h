//===- Builder.h - Making legal NFP instructions ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builders place operands on the two ports (setting the swap bit), choose the
// bank of OperandKind::GprAB operands, and refuse what the hardware cannot do:
// two sources of one bank or one kind, a local memory offset or an immediate
// too large for the field, source pointers from different halves, too many
// defer slots. Every instruction they return encodes.
//
// Placement follows the kernel's translator where there is a choice: an unused
// source is field value 0, an instruction that needs no swap has none.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_NFP_BUILDER_H
#define NFPBPF_ISA_NFP_BUILDER_H

#include "nfpbpf/ISA/NFP/Instruction.h"

namespace nfpbpf::isa {

/// Bits common to the result-writing formats.
struct ResultFlags {
  bool NoCC = false;
  bool PredCC = false;
};

/// `alu[Dst, Left, Op, Right]`. For B and NotB pass Operand::none() as Left (or
/// a register to latch in PREV_A). A destination GprAB writes both banks; if
/// the destination's own number is wanted in one bank use gprA()/gprB().
llvm::Expected<Instruction> makeAlu(AluOp Op, Operand Dst, Operand Left,
                                    Operand Right, ResultFlags F = {});

/// `alu_shf`, `asr` (Left is none), with ShiftMode Right/Left/RotateRight;
/// `dbl_shf` with ShfOp::B and ShiftMode::Double (Left is the upper word).
/// Amount 1..31; 0 is none for RotateRight, refused otherwise (see
/// makeShfIndirect).
llvm::Expected<Instruction> makeShf(ShfOp Op, Operand Dst, Operand Left,
                                    Operand Right, ShiftMode Mode,
                                    unsigned Amount, ResultFlags F = {});
/// As makeShf with the amount from PREV_A; Mode Right, Left or Double.
llvm::Expected<Instruction> makeShfIndirect(ShfOp Op, Operand Dst, Operand Left,
                                            Operand Right, ShiftMode Mode,
                                            ResultFlags F = {});

/// `ld_field[Dst, Mask, Src, shift]`; ByteMask bit k is byte k. Amount as in
/// makeShf (rotate right, right, left).
llvm::Expected<Instruction> makeLdField(Operand Dst, unsigned ByteMask,
                                        Operand Src, bool ClearRest = false,
                                        ShiftMode Mode = ShiftMode::RotateRight,
                                        unsigned Amount = 0,
                                        bool LoadCC = false);

/// `immed[Dst, Imm << 8*ByteShift]`, complemented if Invert.
llvm::Expected<Instruction> makeImmed(Operand Dst, uint16_t Imm,
                                      unsigned ByteShift = 0,
                                      bool Invert = false,
                                      ImmedWidth Width = ImmedWidth::All);
/// The instructions (one or two) that put a 32-bit constant into Dst, as the
/// kernel's translator chooses them.
llvm::Expected<llvm::SmallVector<Instruction, 2>> makeConstant(Operand Dst,
                                                               uint32_t Value);
Instruction makeNop();

/// `br` and conditional branches.
llvm::Expected<Instruction> makeBranch(BranchOp Op, unsigned Target,
                                       unsigned Defer = 0);
/// `br_bset` / `br_bclr`.
llvm::Expected<Instruction> makeBranchBit(bool Set, Operand Reg, unsigned Bit,
                                          unsigned Target, unsigned Defer = 0);
/// `br=byte` / `br!=byte`.
llvm::Expected<Instruction> makeBranchByte(bool Equal, Operand Reg,
                                           unsigned ByteIndex,
                                           unsigned ByteValue, unsigned Target,
                                           unsigned Defer = 0);
/// `rtn[Reg]`, or `jump[Reg, .Displacement]`.
llvm::Expected<Instruction> makeReturn(Operand Reg, unsigned Defer = 0,
                                       unsigned Displacement = 0);

/// `ctx_arb[signals]`: waits for all (or any) signals of the mask.
llvm::Expected<Instruction> makeCtxArb(uint16_t Signals, bool Any = false,
                                       unsigned Defer = 0);

/// `local_csr_wr[Csr, Src]` and `local_csr_rd[Csr]`; byte addresses.
llvm::Expected<Instruction> makeCsrWrite(unsigned CsrByteAddress, Operand Src);
llvm::Expected<Instruction> makeCsrRead(unsigned CsrByteAddress);

/// `mul_step` that feeds operands: start (Type Start) and steps 1..4.
llvm::Expected<Instruction> makeMulStep(MulType Type, MulPhase Step,
                                        Operand Left, Operand Right);
/// `mul_step` last / last2, which deliver the product.
llvm::Expected<Instruction> makeMulLast(MulType Type, MulPhase Last,
                                        Operand Dst);

/// Address of a command. For Addr40 the address is (High << 8) + Low; the
/// builder picks the mode by the banks (no preference: high word on port B, as
/// the kernel's translator does). For Addr32 it is Low + High.
struct CmdAddressOperands {
  CmdAddress Mode;
  Operand High;
  Operand Low;
  /// (High << 8) + Low.
  static CmdAddressOperands addr40(Operand High, Operand Low) {
    return {CmdAddress::Addr40, High, Low};
  }
  /// Base + Offset. Bank A or xfer/LM base goes to port A.
  static CmdAddressOperands addr32(Operand Base, Operand Offset) {
    return {CmdAddress::Addr32, Base, Offset};
  }
};

/// A command. \p Count is the CNT field (length - 1, or the sub-operation).
llvm::Expected<Instruction> makeCmd(CmdCode Code, unsigned Xfer,
                                    CmdAddressOperands Address, unsigned Count,
                                    CmdSwap Swap, unsigned Signal,
                                    bool IndirectRef = false);

} // namespace nfpbpf::isa

#endif // NFPBPF_ISA_NFP_BUILDER_H
