//===- Instruction.h - Decoded NFP instructions -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The decoded form of one instruction of the NFP-6000 microengine in 4-context
// mode, its encoder and decoder, and what the simulator, the scheduler and the
// emitter ask about it. Instruction words are 45 bits in the low bits of a
// uint64_t; bits above are ECC (see Word.h) and ignored by decode().
//
// Source of the facts: NFP instruction set, sections "Instruction encodings",
// "Operand encodings" and "Semantics".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_NFP_INSTRUCTION_H
#define NFPBPF_ISA_NFP_INSTRUCTION_H

#include "nfpbpf/ISA/NFP/Opcodes.h"
#include "nfpbpf/ISA/NFP/Operand.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace nfpbpf::isa {

/// A decoded instruction. Only the members of its format (named in each
/// comment) have a meaning, the others keep their default. Two instructions
/// that encode to the same word compare equal.
struct Instruction {
  Format Fmt = Format::Invalid;

  /// Alu, Shf, Immed, LdField (read and written), MulStep (last phases).
  Operand Dst;
  /// Left operand of the text, "A" of the semantics, whatever port it is on.
  /// Alu, Shf, MulStep; the register of Return, BranchBit, BranchByte and the
  /// source of a LocalCsr write; the first address operand of Cmd. An operation
  /// without left operand (B, ~B, asr) keeps what the field holds, because the
  /// hardware still latches it in PREV_A; see usesLeft(). None there stands for
  /// field value 0, which makes the hardware latch register 0 of the port.
  Operand Left;
  /// Right operand, "B" of the semantics. Alu, Shf, MulStep; the source of
  /// LdField; the second address operand of Cmd.
  Operand Right;
  /// The left operand is on port B and the right one on port A. Alu, Shf,
  /// MulStep, Cmd. For LdField, Immed, Return, BranchBit, BranchByte, LocalCsr:
  /// the register (destination, tested or source register) is on port B.
  bool Swap = false;

  /// Alu, Shf, MulStep: leave the condition codes alone.
  bool NoCC = false;
  /// Alu, Shf, Immed, LdField, MulStep: write the same-numbered register of
  /// both banks. Dst names bank A (or B) of it.
  bool WrBoth = false;
  /// Alu, Shf, Immed, LdField, MulStep: only if CSR IndPredCC's condition
  /// holds.
  bool PredCC = false;
  /// LdField: update N and Z.
  bool LoadCC = false;

  AluOp AluOpcode = AluOp::B; ///< Alu.
  ShfOp ShfOpcode = ShfOp::B; ///< Shf.
  /// Alu: the 10-bit operand field that holds control bits instead of an
  /// operand: the left one of Crc, the right one of CamLookup.
  uint16_t Control = 0;

  /// Shf, LdField. Amount 1..31 is the amount as written in the text (a left
  /// shift by n is n here); 0 is none for RotateRight and indirect otherwise.
  ShiftMode Shift = ShiftMode::RotateRight;
  uint8_t ShiftAmount = 0;

  uint8_t ByteMask = 0;   ///< LdField: bit k selects byte k (0 is lowest).
  bool ClearRest = false; ///< LdField: `_w_clr`.

  /// Immed: the 16-bit constant as stored (before shift and complement). For
  /// an effective value see immedValue().
  uint16_t Imm16 = 0;
  ImmedWidth Width = ImmedWidth::All; ///< Immed.
  bool Invert = false;                ///< Immed: complement.
  uint8_t ImmShift = 0;               ///< Immed: byte position 0..3.

  /// Branch, BranchBit, BranchByte, CtxArb with HasTarget: absolute instruction
  /// number, 14 bits. Return: 17-bit displacement.
  uint32_t Target = 0;
  /// Branch, BranchBit, BranchByte, Return 0..3, CtxArb 0..2. (Cmd: see
  /// Swapping.)
  uint8_t Defer = 0;

  BranchOp BrOp = BranchOp::Always; ///< Branch.
  /// Branch: context, signal or state number of the forms that have one; else
  /// 2 in generated code.
  uint8_t BranchState = 2;
  /// Branch: pipeline hint, 0..3; no effect on the meaning.
  uint8_t PipeHint = 0;

  bool BitSet = false; ///< BranchBit: true is br_bset.
  /// BranchBit: 0..31.
  uint8_t Bit = 0;
  /// BranchBit: bit 31 is stored as 0 instead of 32.
  bool BitField0 = false;
  bool ByteEqual = false; ///< BranchByte: true is br=byte.
  uint8_t ByteIndex = 0;  ///< BranchByte: 0..3, 0 is lowest.
  uint8_t ByteValue = 0;  ///< BranchByte.

  uint16_t Events = 0;     ///< CtxArb: bit n is signal n, bit 0 voluntary.
  bool AnyEvent = false;   ///< CtxArb: any of the signals, not all.
  bool Breakpoint = false; ///< CtxArb.
  bool HasTarget = false;  ///< CtxArb: resume at Target.
  bool KeepMask = false;   ///< CtxArb: keep the wake-up mask (`--`).

  uint16_t CsrAddress = 0; ///< LocalCsr: byte address, multiple of 4.
  bool CsrWrite = false;   ///< LocalCsr.

  MulType MulKind = MulType::Start;   ///< MulStep.
  MulPhase MulStep = MulPhase::Step1; ///< MulStep.

  CmdTarget CmdTgt = CmdTarget::Invalid;   ///< Cmd.
  uint8_t CmdAction = 0;                   ///< Cmd.
  uint8_t CmdToken = 0;                    ///< Cmd: 0..3.
  CmdAddress Address = CmdAddress::Addr40; ///< Cmd.
  uint8_t CmdXfer = 0; ///< Cmd: first transfer register, 0..63.
  /// Cmd: the CNT field, 0..7; the length in the text is one more.
  uint8_t CmdCount = 0;
  uint8_t CmdSignal = 0;            ///< Cmd: 0 is none.
  CmdSwap Swapping = CmdSwap::None; ///< Cmd.
  bool IndirectRef = false;         ///< Cmd: overrides come from PREV_ALU.
  uint32_t CmdImm = 0;              ///< Cmd: immediate address or data.
  uint32_t CmdData = 0;             ///< Cmd: data reference or immediate data.

  /// Invalid: the 45 bits as found.
  uint64_t Raw = 0;

  bool operator==(const Instruction &O) const;
  bool operator!=(const Instruction &O) const { return !(*this == O); }
};

//===----------------------------------------------------------------------===//
// Encoding
//===----------------------------------------------------------------------===//

/// Checks every rule of the hardware that an encoder can check: operands that
/// fit their field, ports and banks, two sources of one kind, local memory
/// pointers of different halves, defer limits, operation codes. The message
/// names the rule and the operand.
llvm::Error verify(const Instruction &I);

/// verify(), then the 45-bit word (no ECC).
llvm::Expected<uint64_t> encode(const Instruction &I);

/// Decodes the low 45 bits of \p Word. Never fails: a word of no class gives
/// Format::Invalid with Raw set, an undefined operand pattern OperandKind::
/// Invalid. For every word that passes verify() and has no ignored bit set,
/// encode(decode(w)) == w.
Instruction decode(uint64_t Word);

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

/// The operation reads its left / right operand.
bool usesLeft(const Instruction &I);
bool usesRight(const Instruction &I);

bool isNop(const Instruction &I);

/// May change the flow of control: Branch, BranchBit, BranchByte, Return.
bool isBranch(const Instruction &I);
/// A branch that may also fall through.
bool isConditionalBranch(const Instruction &I);
/// Has an absolute target in Target (including ctx_arb with br).
bool hasTarget(const Instruction &I);
/// Instructions after this one that run before control moves or the context
/// swaps (branches, ctx_arb, swapping commands), else 0.
unsigned deferCount(const Instruction &I);
/// The limit of deferCount() for this instruction's form.
unsigned maxDefer(const Instruction &I);
/// A command that swaps the context out until its signal arrives.
bool isBlockingCommand(const Instruction &I);
/// Gives up the processor: blocking command or ctx_arb.
bool swapsContext(const Instruction &I);

/// What an instruction does to the four condition codes.
enum class FlagsEffect : uint8_t {
  None,  ///< All unchanged.
  NZ,    ///< N and Z from the result; C and V unchanged.
  Logic, ///< N and Z from the result; C and V disturbed (modelled as 0).
  Arith, ///< N, Z, C, V from the addition or subtraction.
};
/// The effect with NoCC and LoadCC taken into account. A predicated instruction
/// may also leave the flags alone.
FlagsEffect flagsEffect(const Instruction &I);
inline bool writesFlags(const Instruction &I) {
  return flagsEffect(I) != FlagsEffect::None;
}
/// Reads condition codes: carry forms, conditional branches, predication.
bool readsFlags(const Instruction &I);
/// Reads C (a subset of readsFlags).
bool readsCarry(const Instruction &I);

/// Reads the hidden results of the instruction immediately before.
bool readsPrevA(const Instruction &I);   ///< indirect shifts
bool readsPrevAlu(const Instruction &I); ///< asr's sign, indirect_ref
/// Latches PREV_ALU / defines PREV_A and PREV_B (immed leaves those undefined).
bool writesPrevAlu(const Instruction &I);
bool writesPrevAB(const Instruction &I);

/// The 32-bit value that a full-width immed produces: (Imm16 << 8*ImmShift),
/// complemented if Invert.
uint32_t immedValue(const Instruction &I);

TimingClass timingClass(const Instruction &I);

/// A register that an instruction reads or writes. Local memory and indexed
/// registers are given as operands with their pointer.
struct RegisterSet {
  llvm::SmallVector<Operand, 4> Reads;
  llvm::SmallVector<Operand, 4> Writes;
};
/// Registers read and written by the instruction itself, in the order read:
/// sources, then destination if it is also read. wr_both gives two writes.
/// Transfer registers that a command pulls are reads, those it pushes are
/// writes (both are accessed after the instruction; see Commands.h); overridden
/// lengths are not known here and count as CmdCount says.
RegisterSet registersOf(const Instruction &I);

} // namespace nfpbpf::isa

#endif // NFPBPF_ISA_NFP_INSTRUCTION_H
