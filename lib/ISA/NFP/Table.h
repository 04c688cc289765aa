//===- Table.h - The NFP instruction table ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one description of the instruction set inside this library: bit fields of
// every format, operations with their text and effects, CSR names. Encoder,
// decoder, printer, assembler, verifier and queries read it.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_ISA_NFP_TABLE_H
#define NFPBPF_LIB_ISA_NFP_TABLE_H

#include "nfpbpf/ISA/NFP/Instruction.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace nfpbpf::isa::detail {

/// Bit fields. One name may lie elsewhere in another format.
enum class Field : uint8_t {
  ASrc,
  BSrc,
  Dst,
  DstBank,
  Op,
  Swap,
  NoCC,
  WrBoth,
  SrcLM,
  DstLM,
  Pred,
  LoadCC,
  ShiftMode,
  ShiftAmount,
  ImmBit7,
  ByteMask,
  ClearRest,
  ImmHigh,
  Width,
  Invert,
  ImmShift,
  Cond,
  Hint,
  State,
  Defer,
  Target,
  BitSet,
  ByteIndex,
  ByteEqual,
  Displacement,
  Events,
  AnyEvent,
  Breakpoint,
  HasTarget,
  KeepMask,
  CsrAddress,
  CsrWrite,
  MulPhase,
  MulType,
  CmdSwap,
  Token,
  Xfer,
  Count,
  Signal,
  TargetCmd,
  Indirect,
  Mode,
};
constexpr unsigned NumFields = static_cast<unsigned>(Field::Mode) + 1;
llvm::StringRef fieldName(Field F);

/// A field is Width bits from bit Lo, followed by HighWidth more from HighLo.
struct FieldInfo {
  Field F;
  uint8_t Lo, Width, HighLo, HighWidth;
  unsigned bits() const { return Width + HighWidth; }
};

/// How many bits an operand field of the format has.
enum class OperandForm : uint8_t { Nothing, Unrestricted, Restricted };

struct FormatInfo {
  Format Fmt;
  uint64_t Mask, Match;
  OperandForm Operands;
  /// Largest immediate a source operand can hold.
  uint16_t MaxImm;
  uint8_t MaxDefer;
  llvm::ArrayRef<FieldInfo> Fields;
};
/// Null for Format::Invalid.
const FormatInfo *formatInfo(Format F);
/// First class in the order of the table that matches, or null.
const FormatInfo *classify(uint64_t Word);

/// Values of the fields of one word.
struct FieldValues {
  uint32_t V[NumFields] = {};
  uint32_t &operator[](Field F) { return V[static_cast<unsigned>(F)]; }
  uint32_t operator[](Field F) const { return V[static_cast<unsigned>(F)]; }
};
FieldValues extract(const FormatInfo &FI, uint64_t Word);
/// Error if a value does not fit its field.
llvm::Expected<uint64_t> insert(const FormatInfo &FI, const FieldValues &FV);

/// Text forms of the alu format.
enum class AluForm : uint8_t {
  Binary,        ///< alu[dst, left, op, right]
  Unary,         ///< alu[dst, --, op, right]
  DstSrc,        ///< name[dst, right]
  Src,           ///< name[right]
  Bare,          ///< name
  CamLookup,     ///< name[dst, left], lm_addrP[off]
  CamWrite,      ///< name[right, left, state]
  CamWriteState, ///< name[right, state]
  Crc,           ///< crc_be[type, dst, right], bytes
};
struct AluInfo {
  AluOp Op;
  const char *Text;
  AluForm Form;
  FlagsEffect Flags;
  bool ReadsCarry;
};
const AluInfo *aluInfo(AluOp Op);
llvm::ArrayRef<AluInfo> aluTable();

struct ShfInfo {
  ShfOp Op;
  const char *Text;
  bool UsesLeft;
};
const ShfInfo &shfInfo(ShfOp Op);
llvm::ArrayRef<ShfInfo> shfTable();

enum class BranchForm : uint8_t {
  Flags,
  Always,
  Context,
  Signal,
  InputState,
  ClsState,
};
struct BranchInfo {
  BranchOp Op;
  const char *Text;
  BranchForm Form;
  uint8_t MaxDefer;
  uint8_t Hint;
};
const BranchInfo *branchInfo(BranchOp Op);
llvm::ArrayRef<BranchInfo> branchTable();

struct CsrInfo {
  uint16_t Address;
  const char *Name;
};
llvm::ArrayRef<CsrInfo> csrTable();

/// TGT_CMD field to target and action. Target Invalid if undefined.
void splitTargetCmd(unsigned Field, CmdTarget &Target, unsigned &Action);
/// The reverse; -1 if the pair has no code.
int joinTargetCmd(CmdTarget Target, unsigned Action);

/// Operand fields. \p PortB says which bank a general register is in; \p LMHigh
/// is the high bit of the local memory pointer number; \p ImmBit7 is bit 7 of a
/// restricted immediate.
Operand decodeUnrestricted(unsigned Field, bool PortB, bool LMHigh, bool IsDst);
Operand decodeRestricted(unsigned Field, bool PortB, bool LMHigh, bool ImmBit7,
                         bool IsDst);
/// \p What names the operand in errors. The bank is not checked here.
llvm::Expected<unsigned> encodeUnrestricted(const Operand &O, bool IsDst,
                                            llvm::StringRef What);
/// Sets \p ImmBit7 if the immediate has bit 7.
llvm::Expected<unsigned> encodeRestricted(const Operand &O, bool IsDst,
                                          bool &ImmBit7, llvm::StringRef What);

llvm::Error makeError(const llvm::Twine &Message);

/// Calls the member function of an encoder or decoder that handles a format.
template <typename Codec>
void dispatch(Codec &C, Format F) {
  switch (F) {
  case Format::Invalid:
    return;
  case Format::Cmd:
    return C.command();
  case Format::Shf:
    return C.shf();
  case Format::Alu:
    return C.alu();
  case Format::Immed:
    return C.immed();
  case Format::LdField:
    return C.ldField();
  case Format::CtxArb:
    return C.ctxArb();
  case Format::LocalCsr:
    return C.localCsr();
  case Format::Branch:
    return C.branch();
  case Format::BranchByte:
    return C.branchByte();
  case Format::BranchBit:
    return C.branchBit();
  case Format::Return:
    return C.ret();
  case Format::MulStep:
    return C.mulStep();
  }
}

} // namespace nfpbpf::isa::detail

#endif // NFPBPF_LIB_ISA_NFP_TABLE_H
