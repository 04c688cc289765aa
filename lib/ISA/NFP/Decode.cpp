//===- Decode.cpp - NFP word to instruction -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Table.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include <utility>

using namespace nfpbpf::isa;
using namespace nfpbpf::isa::detail;

namespace {

/// Decodes the fields of one word of a known class.
class Decoder {
public:
  Decoder(const FormatInfo &FI, uint64_t Word)
      : FI(FI), FV(extract(FI, Word)) {}

  Instruction run() {
    I.Fmt = FI.Fmt;
    dispatch(*this, FI.Fmt);
    return I;
  }

private:
  template <typename Codec>
  friend void detail::dispatch(Codec &, Format);

  bool flag(Field F) const { return FV[F] != 0; }

  /// The source operand on port A or B.
  Operand source(bool PortB) const {
    unsigned F = FV[PortB ? Field::BSrc : Field::ASrc];
    bool High = flag(Field::SrcLM);
    if (FI.Operands == OperandForm::Unrestricted)
      return decodeUnrestricted(F, PortB, High, /*IsDst=*/false);
    return decodeRestricted(F, PortB, High, flag(Field::ImmBit7),
                            /*IsDst=*/false);
  }
  /// As source(), for an operand the operation ignores: register 0, which is
  /// how "none" is encoded, is no operand.
  Operand unusedSource(bool PortB) const {
    Operand O = source(PortB);
    bool IsGpr = O.Kind == OperandKind::GprA || O.Kind == OperandKind::GprB;
    return IsGpr && O.Value == 0 ? Operand::none() : O;
  }
  /// The destination held in \p F.
  Operand destination(Field F, bool BankB) const {
    bool High = flag(Field::DstLM);
    if (FI.Operands == OperandForm::Unrestricted)
      return decodeUnrestricted(FV[F], BankB, High, /*IsDst=*/true);
    return decodeRestricted(FV[F], BankB, High, false, /*IsDst=*/true);
  }
  bool isImmField(Field F) const {
    return FI.Operands == OperandForm::Unrestricted ? (FV[F] & 0x300) == 0x300
                                                    : (FV[F] & 0x20) != 0;
  }
  /// The port A field holds an immediate pattern and port B does not, so the
  /// register of a one-register format is on port B.
  bool registerOnPortB() const {
    return isImmField(Field::ASrc) && !isImmField(Field::BSrc);
  }
  void commonBits() {
    I.NoCC = flag(Field::NoCC);
    I.WrBoth = flag(Field::WrBoth);
    I.PredCC = flag(Field::Pred);
  }
  void shift() {
    I.Shift = static_cast<ShiftMode>(FV[Field::ShiftMode]);
    unsigned S = FV[Field::ShiftAmount];
    I.ShiftAmount = I.Shift == ShiftMode::Left && S ? 32 - S : S;
  }

  void alu() {
    commonBits();
    I.AluOpcode = static_cast<AluOp>(FV[Field::Op]);
    I.Swap = flag(Field::Swap);
    I.Dst = destination(Field::Dst, flag(Field::DstBank));
    const AluInfo *Op = aluInfo(I.AluOpcode);
    AluForm Form = Op ? Op->Form : AluForm::Binary;
    bool LeftB = I.Swap, RightB = !I.Swap;
    switch (Form) {
    case AluForm::Binary:
      I.Left = source(LeftB);
      I.Right = source(RightB);
      break;
    case AluForm::Unary:
    case AluForm::DstSrc:
    case AluForm::Src:
      I.Left = unusedSource(LeftB);
      I.Right = source(RightB);
      break;
    case AluForm::Bare:
      I.Left = unusedSource(LeftB);
      I.Right = unusedSource(RightB);
      break;
    case AluForm::CamLookup:
      I.Left = source(LeftB);
      I.Control = FV[RightB ? Field::BSrc : Field::ASrc];
      break;
    case AluForm::CamWrite:
      I.Left = source(LeftB);
      I.Right = source(RightB);
      I.Dst = Operand::imm(FV[Field::Dst] & 0xff);
      break;
    case AluForm::CamWriteState:
      I.Left = unusedSource(LeftB);
      I.Right = source(RightB);
      I.Dst = Operand::imm(FV[Field::Dst] & 0xff);
      break;
    case AluForm::Crc:
      I.Control = FV[LeftB ? Field::BSrc : Field::ASrc];
      I.Right = source(RightB);
      break;
    }
  }

  void shf() {
    commonBits();
    I.ShfOpcode = static_cast<ShfOp>(FV[Field::Op]);
    I.Swap = flag(Field::Swap);
    I.Dst = destination(Field::Dst, flag(Field::DstBank));
    shift();
    I.Left = usesLeft(I) ? source(I.Swap) : unusedSource(I.Swap);
    I.Right = usesRight(I) ? source(!I.Swap) : unusedSource(!I.Swap);
  }

  void ldField() {
    commonBits();
    I.LoadCC = flag(Field::LoadCC);
    I.ClearRest = flag(Field::ClearRest);
    I.ByteMask = FV[Field::ByteMask];
    I.Swap = flag(Field::Swap);
    // The destination is also read: an immediate there is no "none".
    I.Dst = decodeRestricted(FV[I.Swap ? Field::BSrc : Field::ASrc], I.Swap,
                             flag(Field::DstLM), flag(Field::ImmBit7),
                             /*IsDst=*/false);
    I.Right = source(!I.Swap);
    shift();
  }

  void immed() {
    commonBits();
    I.Swap = registerOnPortB();
    I.Dst = destination(I.Swap ? Field::BSrc : Field::ASrc, I.Swap);
    unsigned Low = FV[I.Swap ? Field::ASrc : Field::BSrc];
    // Neither field is an immediate: no constant to speak of.
    if ((Low & 0x300) != 0x300)
      I.Dst = Operand::invalid(FV[Field::ASrc]);
    I.Imm16 = FV[Field::ImmHigh] << 8 | (Low & 0xff);
    I.Width = static_cast<ImmedWidth>(FV[Field::Width]);
    I.Invert = flag(Field::Invert);
    I.ImmShift = FV[Field::ImmShift];
  }

  void ctxArb() {
    I.Events = FV[Field::Events];
    I.AnyEvent = flag(Field::AnyEvent);
    I.Breakpoint = flag(Field::Breakpoint);
    I.HasTarget = flag(Field::HasTarget);
    I.KeepMask = flag(Field::KeepMask);
    I.Defer = FV[Field::Defer];
    I.Target = FV[Field::Target];
  }

  void localCsr() {
    I.CsrAddress = FV[Field::CsrAddress] * 4;
    I.CsrWrite = flag(Field::CsrWrite);
    if (I.CsrWrite) {
      I.Swap = registerOnPortB();
      I.Left = source(I.Swap);
      return;
    }
    I.Left = unusedSource(false);
    I.Right = unusedSource(true);
  }

  void branch() {
    I.BrOp = static_cast<BranchOp>(FV[Field::Cond]);
    I.PipeHint = FV[Field::Hint];
    I.BranchState = FV[Field::State];
    I.Defer = FV[Field::Defer];
    I.Target = FV[Field::Target];
  }

  void branchByte() {
    I.Swap = isImmField(Field::ASrc);
    I.Left = source(I.Swap);
    Operand Value = source(!I.Swap);
    I.ByteValue = Value.Value;
    if (!Value.isImm())
      I.Left = Operand::invalid(FV[Field::ASrc]);
    I.ByteIndex = FV[Field::ByteIndex];
    I.ByteEqual = flag(Field::ByteEqual);
    I.Defer = FV[Field::Defer];
    I.Target = FV[Field::Target];
  }

  void branchBit() {
    I.Swap = isImmField(Field::ASrc);
    I.Left = source(I.Swap);
    Operand Amount = source(!I.Swap);
    if (!Amount.isImm())
      I.Left = Operand::invalid(FV[Field::ASrc]);
    I.Bit = (Amount.Value - 1) & 31;
    I.BitField0 = Amount.Value == 0;
    I.BitSet = flag(Field::BitSet);
    I.Defer = FV[Field::Defer];
    I.Target = FV[Field::Target];
  }

  void ret() {
    I.Swap = isImmField(Field::ASrc);
    I.Left = source(I.Swap);
    Operand Low = source(!I.Swap);
    if (!Low.isImm())
      I.Left = Operand::invalid(FV[Field::ASrc]);
    I.Target = FV[Field::Displacement] << 8 | (Low.Value & 0xff);
    I.Defer = FV[Field::Defer];
  }

  void mulStep() {
    commonBits();
    I.MulKind = static_cast<MulType>(FV[Field::MulType]);
    I.MulStep = static_cast<MulPhase>(FV[Field::MulPhase]);
    I.Swap = flag(Field::Swap);
    if (usesLeft(I)) {
      I.Left = source(I.Swap);
      I.Right = source(!I.Swap);
      return;
    }
    // The destination is in a source field; immediate 0 there is none.
    I.Dst = decodeUnrestricted(FV[I.Swap ? Field::BSrc : Field::ASrc],
                               flag(Field::DstBank), flag(Field::DstLM),
                               /*IsDst=*/false);
    if (I.Dst == Operand::imm(0))
      I.Dst = Operand::none();
    I.Right = unusedSource(!I.Swap);
  }

  void command() {
    unsigned Action;
    splitTargetCmd(FV[Field::TargetCmd], I.CmdTgt, Action);
    I.CmdAction = Action;
    unsigned Mode = FV[Field::Mode];
    unsigned Xfer = FV[Field::Xfer];
    I.CmdToken = FV[Field::Token];
    I.CmdCount = FV[Field::Count];
    I.CmdSignal = FV[Field::Signal];
    I.Swapping = static_cast<CmdSwap>(FV[Field::CmdSwap]);
    I.CmdXfer = Xfer;
    I.IndirectRef = flag(Field::Indirect);
    unsigned Both = FV[Field::BSrc] << 8 | FV[Field::ASrc];
    if (Mode <= 4) {
      I.Address = Mode == 4   ? CmdAddress::Addr32
                  : Mode >= 2 ? CmdAddress::ThirdParty
                              : CmdAddress::Addr40;
      I.Swap = Mode < 4 && (Mode & 1);
      I.Left = source(I.Swap);
      I.Right = source(!I.Swap);
      if (I.Address == CmdAddress::ThirdParty) {
        I.CmdData = Xfer | unsigned(I.IndirectRef) << 6;
        I.CmdXfer = 0;
        I.IndirectRef = false;
      }
      return;
    }
    if (Mode == 5) {
      I.Address = CmdAddress::ImmAddr;
      I.CmdImm = Both;
      return;
    }
    if (Mode == 6) {
      I.Address = CmdAddress::ImmAddrData;
      I.CmdImm = Both;
      I.CmdData =
          I.CmdSignal << 10 | I.CmdCount << 7 | (Xfer & 0x1f) << 2 | I.CmdToken;
      I.CmdSignal = I.CmdCount = I.CmdToken = 0;
      I.CmdXfer = 0;
      return;
    }
    I.Address = CmdAddress::ImmData;
    I.CmdImm = Xfer << 16 | Both;
    I.CmdXfer = 0;
  }

  const FormatInfo &FI;
  FieldValues FV;
  Instruction I;
};

} // namespace

Instruction nfpbpf::isa::decode(uint64_t Word) {
  Word &= InsnMask;
  if (const FormatInfo *FI = classify(Word))
    return Decoder(*FI, Word).run();
  Instruction I;
  I.Raw = Word;
  return I;
}
