//===- Opcodes.h - Operations of the NFP instruction set --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Instruction formats and the operations in each. Enumerator values are the
// hardware's codes unless stated, so a decoded instruction may hold a code that
// has no enumerator. Source: NFP instruction set, section "Instruction
// encodings" and appendix "Command mnemonics".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_NFP_OPCODES_H
#define NFPBPF_ISA_NFP_OPCODES_H

#include <cstdint>

namespace nfpbpf::isa {

/// Encoding format (instruction class). Values are this project's own.
enum class Format : uint8_t {
  Invalid,    ///< No class matches; Instruction::Raw keeps the word.
  Cmd,        ///< I/O command.
  Shf,        ///< alu_shf, dbl_shf, asr, byte_align.
  Alu,        ///< alu, ffs, pop_count, cam, crc.
  Immed,      ///< immed, immed_bN, immed_wN, nop.
  LdField,    ///< ld_field, ld_field_w_clr.
  CtxArb,     ///< ctx_arb.
  LocalCsr,   ///< local_csr_rd, local_csr_wr.
  Branch,     ///< br, bcc, br=ctx, br_signal, br_inp_state, br_cls_state.
  BranchByte, ///< br=byte, br!=byte.
  BranchBit,  ///< br_bset, br_bclr.
  Return,     ///< rtn, jump.
  MulStep,    ///< mul_step.
};

/// Operations of the alu format. "A" is the left operand of the text, "B" the
/// right one. NotAnd is (~A) & B, AndNot is A & (~B).
enum class AluOp : uint8_t {
  B = 0x00,
  Add = 0x01,
  PopCount3 = 0x03,
  NotB = 0x04,
  Add16 = 0x05, ///< A + (B & 0xffff)
  PopCount1 = 0x06,
  PopCount2 = 0x07,
  And = 0x08,
  Add8 = 0x09, ///< A + (B & 0xff)
  CamClear = 0x0b,
  NotAnd = 0x0c,
  SubCarry = 0x0d, ///< A + ~B + C
  Ffs = 0x0e,
  CamReadTag = 0x0f,
  AndNot = 0x10,
  AddCarry = 0x11, ///< A + B + C
  Crc = 0x12,
  CamWrite = 0x13,
  Or = 0x14,
  Sub = 0x15,
  CamLookup = 0x17,
  Xor = 0x18,
  RevSub = 0x19, ///< B - A
  CamWriteState = 0x1b,
  CamReadState = 0x1f,
};

/// Operations of the alu_shf format.
enum class ShfOp : uint8_t {
  B = 0,
  NotB = 1,
  And = 2,
  NotAnd = 3,
  AndNot = 4,
  Or = 5,
  Asr = 6,
  ByteAlign = 7,
};

/// How the shifter is used. With Amount 0, RotateRight is no shift at all and
/// the others take the amount from PREV_A ("indirect").
enum class ShiftMode : uint8_t {
  RotateRight = 0,
  Right = 1,
  Left = 2,
  Double = 3, ///< (A:B) >> amount, low word.
};

/// Codes of the branch format.
enum class BranchOp : uint8_t {
  Eq = 0,
  Ne = 1,
  Mi = 2,
  Pl = 3,
  Cs = 4,
  Cc = 5,
  Vs = 6,
  Vc = 7,
  Ge = 8,
  Lt = 9,
  Le = 10,
  Gt = 11,
  CtxEq = 16,
  CtxNe = 17,
  SignalSet = 18,
  SignalClear = 19,
  InpStateSet = 20,
  InpStateClear = 21,
  ClsStateSet = 22,
  ClsStateClear = 23,
  Always = 24,
};

enum class MulType : uint8_t {
  Start = 0,
  Mul24x8 = 1,
  Mul16x16 = 2,
  Mul32x32 = 3,
};

enum class MulPhase : uint8_t {
  Step1 = 0, ///< Also the code of start (type Start ignores the phase).
  Step2 = 1,
  Step3 = 2,
  Step4 = 3,
  Last = 4,
  Last2 = 5,
};

enum class ImmedWidth : uint8_t { All = 0, Byte = 1, Word = 2 };

/// CSRs by byte address; the instruction field holds the address divided by 4.
namespace csr {
enum : uint16_t {
  UstorAddr = 0x000,
  CtxEnables = 0x018,
  CondCodeEn = 0x01c,
  CSRCtxPtr = 0x020,
  ActCtxStatus = 0x044,
  ActCtxSglEvt = 0x04c,
  ActCtxWkpEvt = 0x054,
  ActLMAddr0 = 0x064,
  ActLMAddr1 = 0x06c,
  ByteIndex = 0x070,
  XferIndex = 0x074,
  NNPut = 0x080,
  NNGet = 0x084,
  ActLMAddr2 = 0x094,
  ActLMAddr3 = 0x09c,
  ActLMAddr2BytIdx = 0x0a4,
  ActLMAddr3BytIdx = 0x0ac,
  IndPredCC = 0x0b0,
  TimestampLow = 0x0c0,
  TimestampHgh = 0x0c4,
  ActLMAddr0BytIdx = 0x0e4,
  ActLMAddr1BytIdx = 0x0ec,
  XfrAndBytIdx = 0x0f4,
  CRCRemainder = 0x140,
  PseudoRndNum = 0x148,
  CmdIndirectRef0 = 0x190,
};
} // namespace csr

/// Command targets (the interconnect's numbers).
enum class CmdTarget : uint8_t {
  Invalid = 0,
  NBI = 1,
  VQDR = 2,
  ILA = 6,
  MU = 7,
  PCIe = 9,
  ARM = 10,
  Crypto = 12,
  CT = 14,
  CLS = 15,
};

/// How the two operands of a command form its address. Values are this
/// project's own; the 3-bit field also says which port the left operand is on.
enum class CmdAddress : uint8_t {
  Addr40,      ///< (left << 8) + right, 40 bits.
  ThirdParty,  ///< As Addr40; the transfer register fields form a data
               ///< reference (CmdData, 7 bits).
  Addr32,      ///< left + right, 32 bits.
  ImmAddr,     ///< 16-bit address in CmdImm.
  ImmAddrData, ///< 16-bit address in CmdImm, 14-bit data in CmdData.
  ImmData,     ///< 22-bit data in CmdImm, no transfer register.
};

/// What the context does after issuing a command. Values are the hardware's.
enum class CmdSwap : uint8_t {
  Swap = 0,       ///< ctx_swap, waits for the signal.
  SwapDefer1 = 1, ///< ctx_swap with one deferred instruction.
  SwapDefer2 = 2, ///< ctx_swap with two deferred instructions.
  None = 3,       ///< Goes on; SIG != 0 is sig_done.
};

/// Numbers of the commands BPF programs use: action and token for target MU.
struct CmdCode {
  CmdTarget Target;
  uint8_t Action;
  uint8_t Token;
};

namespace cmd {
constexpr CmdCode Read8{CmdTarget::MU, 3, 1};
constexpr CmdCode Read32{CmdTarget::MU, 28, 0};
constexpr CmdCode Read32Swap{CmdTarget::MU, 28, 2};
constexpr CmdCode Write32{CmdTarget::MU, 31, 0};
constexpr CmdCode Write32Swap{CmdTarget::MU, 31, 2};
constexpr CmdCode Write8{CmdTarget::MU, 2, 0};
constexpr CmdCode Write8Swap{CmdTarget::MU, 2, 2};
constexpr CmdCode Add{CmdTarget::MU, 7, 0};
constexpr CmdCode TestAdd{CmdTarget::MU, 7, 1};
constexpr CmdCode AddImm{CmdTarget::MU, 7, 2};
constexpr CmdCode TestAddImm{CmdTarget::MU, 7, 3};
constexpr CmdCode AtomicRead{CmdTarget::MU, 3, 0};
constexpr CmdCode AtomicWrite{CmdTarget::MU, 4, 0};
constexpr CmdCode Swap{CmdTarget::MU, 4, 1};
constexpr CmdCode Set{CmdTarget::MU, 5, 0};
constexpr CmdCode Clr{CmdTarget::MU, 6, 0};
constexpr CmdCode Sub{CmdTarget::MU, 9, 0};
constexpr CmdCode Xor{CmdTarget::MU, 15, 0};
} // namespace cmd

/// Cost class of an instruction, for the scheduler and the cycle model. The
/// numbers belong to those; this says only what the classes are.
enum class TimingClass : uint8_t {
  Datapath,      ///< alu, shf, ld_field, immed, nop: one cycle.
  MulStep,       ///< mul_step, any phase.
  CsrRead,       ///< local_csr_rd.
  CsrWrite,      ///< local_csr_wr; pointer CSRs take effect 3 cycles later.
  Branch,        ///< br.
  CondBranch,    ///< Branch on condition codes.
  BitBranch,     ///< br_bset, br_bclr, br=byte and branches on other state.
  Return,        ///< rtn, jump.
  CtxArb,        ///< ctx_arb.
  Posted,        ///< Command without context swap.
  BlockingCmd32, ///< Command with context swap, 32-bit address.
  BlockingCmd40, ///< Command with context swap, any other address.
  Invalid,
};

} // namespace nfpbpf::isa

#endif // NFPBPF_ISA_NFP_OPCODES_H
