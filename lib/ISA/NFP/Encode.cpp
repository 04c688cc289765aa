//===- Encode.cpp - NFP instruction to word -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Table.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace nfpbpf::isa;
using namespace nfpbpf::isa::detail;

namespace {

/// Fills the fields of one instruction, checking the hardware's rules on the
/// way. The first broken rule is kept as the error.
class Encoder {
public:
  Encoder(const FormatInfo &FI, const Instruction &I) : FI(FI), I(I) {}

  llvm::Expected<uint64_t> run() {
    dispatch(*this, FI.Fmt);
    if (!Error.empty())
      return makeError(Error);
    llvm::Expected<uint64_t> Word = insert(FI, FV);
    if (Word && classify(*Word) != &FI)
      return makeError("the fields make a word of another class");
    return Word;
  }

private:
  template <typename Codec>
  friend void detail::dispatch(Codec &, Format);

  void fail(const llvm::Twine &Message) {
    if (Error.empty())
      Error = Message.str();
  }
  void fail(llvm::Error E) { fail(llvm::toString(std::move(E))); }

  void put(const Operand &O, Field Where, bool IsDst, llvm::StringRef What) {
    bool Bit7 = false;
    llvm::Expected<unsigned> F = FI.Operands == OperandForm::Unrestricted
                                     ? encodeUnrestricted(O, IsDst, What)
                                     : encodeRestricted(O, IsDst, Bit7, What);
    if (!F) {
      fail(F.takeError());
      return;
    }
    if (O.isImm() && O.Value > FI.MaxImm)
      fail(What + " " + toString(O) + ": immediate must be at most " +
           llvm::Twine(FI.MaxImm));
    FV[Where] = *F;
    if (Bit7)
      FV[Field::ImmBit7] = 1;
  }

  /// A source operand on port A or B.
  void source(const Operand &O, bool PortB, llvm::StringRef What) {
    if (PortB ? O.isBankA() : O.isBankB())
      fail(What + " " + toString(O) + ": port " + (PortB ? "B" : "A") +
           " reads bank " + (PortB ? "B" : "A") + " only");
    if (O.isLM()) {
      bool High = O.LMPointer & 2;
      if (FI.Fmt == Format::Cmd && High)
        fail(What + " " + toString(O) +
             ": commands reach local memory through pointers 0 and 1 only");
      else if (SrcLM && *SrcLM != High)
        fail(What + " " + toString(O) +
             ": the other source uses a local memory pointer of the other "
             "half (0, 1 or 2, 3)");
      SrcLM = High;
      FV[Field::SrcLM] = High;
    }
    put(O, PortB ? Field::BSrc : Field::ASrc, false, What);
  }

  /// Two sources of one operation, both read.
  void checkPair() {
    auto Kind = [](const Operand &O) {
      if (O.isXfer())
        return OperandKind::Xfer;
      if (O.isNN())
        return OperandKind::NN;
      if (O.isBankA())
        return OperandKind::GprA;
      if (O.isBankB())
        return OperandKind::GprB;
      return O.Kind;
    };
    if (Kind(I.Left) == Kind(I.Right) && !I.Left.isNone())
      fail("sources " + toString(I.Left) + " and " + toString(I.Right) +
           " are of one kind, which has one read port");
  }

  void required(const Operand &O, llvm::StringRef What) {
    if (O.isNone())
      fail(What + " is missing");
  }

  /// Both sources of alu, alu_shf, mul_step by use.
  void sources() {
    bool L = usesLeft(I), R = usesRight(I);
    if (L)
      required(I.Left, "left source");
    if (R)
      required(I.Right, "right source");
    if (L && R)
      checkPair();
    source(I.Left, I.Swap, "left source");
    source(I.Right, !I.Swap, "right source");
    FV[Field::Swap] = I.Swap;
  }

  void destination(const Operand &O, Field Where) {
    if (O.isLM())
      FV[Field::DstLM] = (O.LMPointer >> 1) & 1;
    if (I.WrBoth && !O.isGpr())
      fail("destination " + toString(O) +
           ": gpr_wrboth needs a general register");
    put(O, Where, true, "destination");
  }

  void commonBits() {
    FV[Field::NoCC] = I.NoCC;
    FV[Field::WrBoth] = I.WrBoth;
    FV[Field::Pred] = I.PredCC;
  }

  void shift(bool AllowDouble) {
    if (static_cast<unsigned>(I.Shift) > 3) {
      fail("unknown shift mode");
      return;
    }
    if (I.Shift == ShiftMode::Double && !AllowDouble)
      fail("double shift is a form of alu_shf only");
    if (I.ShiftAmount > 31)
      fail("shift amount " + llvm::Twine(unsigned(I.ShiftAmount)) +
           " must be at most 31");
    FV[Field::ShiftMode] = static_cast<unsigned>(I.Shift);
    FV[Field::ShiftAmount] = I.Shift == ShiftMode::Left && I.ShiftAmount
                                 ? 32 - I.ShiftAmount
                                 : I.ShiftAmount;
  }

  void defer(unsigned Limit) {
    if (I.Defer > Limit)
      fail("defer count " + llvm::Twine(unsigned(I.Defer)) +
           " must be at most " + llvm::Twine(Limit) + " here");
    FV[Field::Defer] = I.Defer;
  }

  void target() {
    if (I.Target > MaxTarget)
      fail("branch target " + llvm::Twine(I.Target) +
           " does not fit in 14 bits");
    else
      FV[Field::Target] = I.Target;
  }

  void alu() {
    commonBits();
    const AluInfo *Op = aluInfo(I.AluOpcode);
    if (!Op) {
      fail("undefined alu operation 0x" +
           llvm::utohexstr(static_cast<unsigned>(I.AluOpcode), true));
      return;
    }
    FV[Field::Op] = static_cast<unsigned>(I.AluOpcode);
    FV[Field::Swap] = I.Swap;
    Field LeftField = I.Swap ? Field::BSrc : Field::ASrc;
    Field RightField = I.Swap ? Field::ASrc : Field::BSrc;
    bool StateInDst =
        Op->Form == AluForm::CamWrite || Op->Form == AluForm::CamWriteState;
    if (Op->Form == AluForm::CamLookup) {
      required(I.Left, "source");
      source(I.Left, I.Swap, "source");
      if (I.Control > 0x3ff)
        fail("control field does not fit in 10 bits");
      FV[RightField] = I.Control;
    } else if (Op->Form == AluForm::Crc) {
      required(I.Right, "source");
      source(I.Right, !I.Swap, "source");
      if (I.Control > 0x3ff)
        fail("control field does not fit in 10 bits");
      if ((I.Control & 7) == 7)
        fail("undefined CRC byte selection");
      if ((I.Control & 0xe0) == 0x20 || (I.Control & 0xe0) == 0x60)
        fail("undefined CRC type");
      FV[LeftField] = I.Control;
    } else {
      sources();
    }
    if (StateInDst) {
      if (!I.Dst.isImm() || I.Dst.Value > 15)
        fail("CAM state must be 0 to 15");
      if (I.WrBoth)
        fail("gpr_wrboth needs a general register as destination");
      FV[Field::Dst] = 0x300 | (I.Dst.Value & 0xff);
      FV[Field::DstBank] = 1;
      return;
    }
    if ((Op->Form == AluForm::Src || Op->Form == AluForm::Bare) &&
        !I.Dst.isNone())
      fail(llvm::Twine(Op->Text) + " has no destination");
    destination(I.Dst, Field::Dst);
    FV[Field::DstBank] = I.Dst.isBankB() || Op->Form == AluForm::Bare;
  }

  void shf() {
    commonBits();
    if (static_cast<unsigned>(I.ShfOpcode) > 7) {
      fail("undefined shift operation");
      return;
    }
    FV[Field::Op] = static_cast<unsigned>(I.ShfOpcode);
    sources();
    shift(/*AllowDouble=*/true);
    if (I.Shift == ShiftMode::Double && I.ShfOpcode != ShfOp::B)
      fail("double shift takes no operation");
    if (I.ShfOpcode == ShfOp::Asr && I.Shift != ShiftMode::Right)
      fail("asr shifts right only");
    if (I.ShfOpcode == ShfOp::ByteAlign &&
        ((I.Shift != ShiftMode::Right && I.Shift != ShiftMode::Left) ||
         I.ShiftAmount))
      fail("byte_align takes its amount from BYTE_INDEX");
    // Bit 7 of immediates is one bit of the word for both sources.
    if (FV[Field::ImmBit7] && I.Left.isImm() && I.Right.isImm() &&
        I.Left.Value / 128 != I.Right.Value / 128)
      fail("both immediates share bit 7");
    destination(I.Dst, Field::Dst);
    FV[Field::DstBank] = I.Dst.isBankB();
  }

  void ldField() {
    if (I.NoCC)
      fail("ld_field has load_cc instead of no_cc");
    commonBits();
    FV[Field::LoadCC] = I.LoadCC;
    FV[Field::ClearRest] = I.ClearRest;
    if (I.ByteMask > 15)
      fail("byte mask must be 0 to 15");
    FV[Field::ByteMask] = I.ByteMask;
    FV[Field::Swap] = I.Swap;
    required(I.Dst, "destination");
    required(I.Right, "source");
    bankMatchesSlot(I.Dst, I.Swap, "destination");
    source(I.Right, !I.Swap, "source");
    destination(I.Dst, I.Swap ? Field::BSrc : Field::ASrc);
    shift(/*AllowDouble=*/false);
  }

  /// A register that sits in an operand slot has the bank of that slot.
  void bankMatchesSlot(const Operand &O, bool PortB, llvm::StringRef What) {
    if (PortB ? O.isBankA() : O.isBankB())
      fail(What + " " + toString(O) + ": the slot is of bank " +
           (PortB ? "B" : "A"));
  }

  void immed() {
    if (I.NoCC)
      fail("immed has no no_cc");
    commonBits();
    bankMatchesSlot(I.Dst, I.Swap, "destination");
    if (I.Swap && I.Dst.isNone())
      fail("an immed without destination is not swapped");
    destination(I.Dst, I.Swap ? Field::BSrc : Field::ASrc);
    FV[I.Swap ? Field::ASrc : Field::BSrc] = 0x300 | (I.Imm16 & 0xff);
    FV[Field::ImmHigh] = I.Imm16 >> 8;
    unsigned Width = static_cast<unsigned>(I.Width);
    if (Width > 2)
      fail("undefined immed width");
    if (I.ImmShift > 3 || (I.ImmShift == 3 && I.Width != ImmedWidth::Byte))
      fail("immed byte position " + llvm::Twine(unsigned(I.ImmShift)) +
           " is too large");
    if (I.Width == ImmedWidth::Word && (I.ImmShift & 1))
      fail("immed_w takes byte position 0 or 2");
    FV[Field::Width] = Width;
    FV[Field::Invert] = I.Invert;
    FV[Field::ImmShift] = I.ImmShift;
  }

  void ctxArb() {
    FV[Field::Events] = I.Events;
    FV[Field::AnyEvent] = I.AnyEvent;
    FV[Field::Breakpoint] = I.Breakpoint;
    FV[Field::HasTarget] = I.HasTarget;
    FV[Field::KeepMask] = I.KeepMask;
    defer(FI.MaxDefer);
    target();
    if (!I.HasTarget && I.Target)
      fail("ctx_arb without br has no target");
  }

  void localCsr() {
    if (I.CsrAddress & 3)
      fail("CSR address must be a multiple of 4");
    FV[Field::CsrAddress] = I.CsrAddress / 4;
    FV[Field::CsrWrite] = I.CsrWrite;
    if (I.CsrWrite) {
      required(I.Left, "source");
      oneRegister(I.Left.isImm() ? I.Left : Operand::imm(0));
      return;
    }
    source(I.Left, false, "ignored source");
    source(I.Right, true, "ignored source");
  }

  /// Left in the slot of its bank, \p Other in the other one.
  void oneRegister(const Operand &Other) {
    if (I.Swap && !I.Left.isBankB() && I.Left.isImm())
      fail("an immediate is not swapped");
    source(I.Left, I.Swap, "source");
    put(Other, I.Swap ? Field::ASrc : Field::BSrc, false, "immediate");
  }

  void branch() {
    const BranchInfo *Op = branchInfo(I.BrOp);
    if (!Op) {
      fail("undefined branch condition " +
           llvm::Twine(static_cast<unsigned>(I.BrOp)));
      return;
    }
    FV[Field::Cond] = static_cast<unsigned>(I.BrOp);
    FV[Field::Hint] = I.PipeHint;
    FV[Field::State] = I.BranchState;
    defer(Op->MaxDefer);
    target();
  }

  void branchByte() {
    required(I.Left, "register");
    if (I.Left.isImm())
      fail("br=byte tests a register");
    oneRegister(Operand::imm(I.ByteValue));
    FV[Field::ByteIndex] = I.ByteIndex;
    FV[Field::ByteEqual] = I.ByteEqual;
    defer(FI.MaxDefer);
    target();
  }

  void branchBit() {
    required(I.Left, "register");
    if (I.Left.isImm())
      fail("br_bset tests a register");
    if (I.Bit > 31)
      fail("bit number " + llvm::Twine(unsigned(I.Bit)) +
           " must be at most 31");
    if (I.BitField0 && I.Bit != 31)
      fail("only bit 31 has a second encoding");
    oneRegister(Operand::imm(I.BitField0 ? 0 : I.Bit + 1));
    FV[Field::BitSet] = I.BitSet;
    defer(FI.MaxDefer);
    target();
  }

  void ret() {
    required(I.Left, "register");
    if (I.Left.isImm())
      fail("rtn needs a register");
    if (I.Target > 0x1ffff)
      fail("displacement does not fit in 17 bits");
    oneRegister(Operand::imm(I.Target & 0xff));
    FV[Field::Displacement] = (I.Target >> 8) & 0x1ff;
    defer(FI.MaxDefer);
  }

  void mulStep() {
    commonBits();
    unsigned Phase = static_cast<unsigned>(I.MulStep);
    unsigned Type = static_cast<unsigned>(I.MulKind);
    // By type: the highest step, and whether last2 exists.
    static const uint8_t Steps[] = {0, 0, 1, 3};
    if (Type > 3 || Phase > 5 || (Phase < 4 && Phase > Steps[Type]) ||
        (Phase >= 4 && I.MulKind == MulType::Start) ||
        (Phase == 5 && I.MulKind != MulType::Mul32x32)) {
      fail("no such multiply step");
      return;
    }
    FV[Field::MulPhase] = Phase;
    FV[Field::MulType] = Type;
    FV[Field::Swap] = I.Swap;
    if (Phase < 4) {
      if (I.WrBoth)
        fail("only the last multiply steps write a register");
      sources();
      return;
    }
    if (I.Swap)
      fail("the last multiply steps have nothing to swap");
    source(I.Right, true, "ignored source");
    destination(I.Dst, Field::ASrc);
    FV[Field::DstBank] = I.Dst.isBankB();
  }

  void command() {
    int Code = joinTargetCmd(I.CmdTgt, I.CmdAction);
    if (Code < 0) {
      fail("no code for this command target and action");
      return;
    }
    FV[Field::TargetCmd] = Code;
    FV[Field::Token] = I.CmdToken;
    FV[Field::Count] = I.CmdCount;
    FV[Field::Signal] = I.CmdSignal;
    FV[Field::CmdSwap] = static_cast<unsigned>(I.Swapping);
    FV[Field::Indirect] = I.IndirectRef;
    FV[Field::Xfer] = I.CmdXfer;
    if (I.CmdXfer >= NumXferRegs)
      fail("transfer register number must be below 64");
    switch (I.Address) {
    case CmdAddress::Addr40:
    case CmdAddress::ThirdParty:
    case CmdAddress::Addr32:
      required(I.Left, "first address operand");
      required(I.Right, "second address operand");
      checkPair();
      source(I.Left, I.Swap, "first address operand");
      source(I.Right, !I.Swap, "second address operand");
      if (I.Address == CmdAddress::Addr32) {
        if (I.Swap)
          fail("a 32-bit address has its first operand on port A");
        FV[Field::Mode] = 4;
        return;
      }
      FV[Field::Mode] = unsigned(I.Swap);
      if (I.Address == CmdAddress::ThirdParty) {
        if (I.CmdData > 0x7f)
          fail("data reference must be at most 0x7f");
        if (I.IndirectRef)
          fail("a third-party command has no indirect_ref");
        FV[Field::Mode] |= 2;
        FV[Field::Xfer] = I.CmdData & 0x3f;
        FV[Field::Indirect] = I.CmdData >> 6 & 1;
      }
      return;
    case CmdAddress::ImmAddr:
    case CmdAddress::ImmAddrData:
      if (I.CmdImm > 0xffff)
        fail("immediate address must be at most 0xffff");
      immediateBytes();
      FV[Field::Mode] = I.Address == CmdAddress::ImmAddr ? 5 : 6;
      if (I.Address == CmdAddress::ImmAddr)
        return;
      if (I.CmdData > 0x3fff)
        fail("immediate data must be at most 0x3fff");
      if (I.CmdSignal || I.CmdCount || I.CmdToken || I.CmdXfer)
        fail("immediate data takes the place of signal, length, token and "
             "transfer register");
      FV[Field::Signal] = I.CmdData >> 10 & 0xf;
      FV[Field::Count] = I.CmdData >> 7 & 7;
      FV[Field::Xfer] = I.CmdData >> 2 & 0x1f;
      FV[Field::Token] = I.CmdData & 3;
      return;
    case CmdAddress::ImmData:
      if (I.CmdImm > 0x3fffff)
        fail("immediate data must be at most 0x3fffff");
      if (I.CmdXfer)
        fail("immediate data takes the place of the transfer register");
      immediateBytes();
      FV[Field::Xfer] = I.CmdImm >> 16 & 0x3f;
      FV[Field::Mode] = 7;
      return;
    }
    fail("unknown address mode");
  }
  void immediateBytes() {
    FV[Field::ASrc] = I.CmdImm & 0xff;
    FV[Field::BSrc] = I.CmdImm >> 8 & 0xff;
  }

  const FormatInfo &FI;
  const Instruction &I;
  FieldValues FV;
  std::optional<bool> SrcLM;
  std::string Error;
};

} // namespace

llvm::Expected<uint64_t> nfpbpf::isa::encode(const Instruction &I) {
  const FormatInfo *FI = formatInfo(I.Fmt);
  if (!FI)
    return makeError("word 0x" + llvm::utohexstr(I.Raw, true) +
                     " is not an instruction");
  return Encoder(*FI, I).run();
}

llvm::Error nfpbpf::isa::verify(const Instruction &I) {
  llvm::Expected<uint64_t> Word = encode(I);
  return Word ? llvm::Error::success() : Word.takeError();
}
