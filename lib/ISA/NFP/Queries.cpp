//===- Queries.cpp - Effects and classes of NFP instructions --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Source: NFP instruction set, sections "Semantics" and "Hidden datapath
// state".
//
//===----------------------------------------------------------------------===//

#include "Table.h"
#include "nfpbpf/ISA/NFP/Commands.h"
#include <tuple>

using namespace nfpbpf::isa;
using namespace nfpbpf::isa::detail;

static auto key(const Instruction &I) {
  return std::make_tuple(
      I.NoCC, I.WrBoth, I.PredCC, I.LoadCC, I.AluOpcode, I.ShfOpcode, I.Control,
      I.Shift, I.ShiftAmount, I.ByteMask, I.ClearRest, I.Imm16, I.Width,
      I.Invert, I.ImmShift, I.Target, I.Defer, I.BrOp, I.BranchState,
      I.PipeHint, I.BitSet, I.Bit, I.BitField0, I.ByteEqual, I.ByteIndex,
      I.ByteValue, I.Events, I.AnyEvent, I.Breakpoint, I.HasTarget, I.KeepMask,
      I.CsrAddress, I.CsrWrite, I.MulKind, I.MulStep, I.CmdTgt, I.CmdAction,
      I.CmdToken, I.Address, I.CmdXfer, I.CmdCount, I.CmdSignal, I.Swapping,
      I.IndirectRef, I.CmdImm, I.CmdData, I.Raw);
}

bool Instruction::operator==(const Instruction &O) const {
  return Fmt == O.Fmt && Dst == O.Dst && Left == O.Left && Right == O.Right &&
         Swap == O.Swap && key(*this) == key(O);
}

static bool isMulLast(const Instruction &I) {
  return static_cast<unsigned>(I.MulStep) >= 4;
}

bool nfpbpf::isa::usesLeft(const Instruction &I) {
  switch (I.Fmt) {
  case Format::Alu: {
    const AluInfo *Op = aluInfo(I.AluOpcode);
    return Op &&
           (Op->Form == AluForm::Binary || Op->Form == AluForm::CamLookup ||
            Op->Form == AluForm::CamWrite);
  }
  case Format::Shf:
    if (I.ShfOpcode == ShfOp::ByteAlign)
      return I.Shift == ShiftMode::Left;
    return I.Shift == ShiftMode::Double || shfInfo(I.ShfOpcode).UsesLeft;
  case Format::MulStep:
    return !isMulLast(I);
  case Format::Return:
  case Format::BranchBit:
  case Format::BranchByte:
    return true;
  case Format::LocalCsr:
    return I.CsrWrite;
  case Format::Cmd:
    return I.Address <= CmdAddress::Addr32;
  default:
    return false;
  }
}

bool nfpbpf::isa::usesRight(const Instruction &I) {
  switch (I.Fmt) {
  case Format::Alu: {
    const AluInfo *Op = aluInfo(I.AluOpcode);
    return Op && Op->Form != AluForm::Bare && Op->Form != AluForm::CamLookup;
  }
  case Format::Shf:
    return I.ShfOpcode != ShfOp::ByteAlign || I.Shift != ShiftMode::Left;
  case Format::LdField:
    return true;
  case Format::MulStep:
    return !isMulLast(I);
  case Format::Cmd:
    return I.Address <= CmdAddress::Addr32;
  default:
    return false;
  }
}

bool nfpbpf::isa::isNop(const Instruction &I) {
  return I.Fmt == Format::Immed && I.Dst.isNone() && I.Imm16 == 0;
}

bool nfpbpf::isa::isBranch(const Instruction &I) {
  return I.Fmt == Format::Branch || I.Fmt == Format::BranchBit ||
         I.Fmt == Format::BranchByte || I.Fmt == Format::Return;
}

bool nfpbpf::isa::isConditionalBranch(const Instruction &I) {
  return I.Fmt == Format::BranchBit || I.Fmt == Format::BranchByte ||
         (I.Fmt == Format::Branch && I.BrOp != BranchOp::Always);
}

bool nfpbpf::isa::hasTarget(const Instruction &I) {
  return I.Fmt == Format::Branch || I.Fmt == Format::BranchBit ||
         I.Fmt == Format::BranchByte ||
         (I.Fmt == Format::CtxArb && I.HasTarget);
}

unsigned nfpbpf::isa::deferCount(const Instruction &I) {
  if (isBranch(I) || I.Fmt == Format::CtxArb)
    return I.Defer;
  if (isBlockingCommand(I))
    return static_cast<unsigned>(I.Swapping);
  return 0;
}

unsigned nfpbpf::isa::maxDefer(const Instruction &I) {
  if (I.Fmt == Format::Branch) {
    const BranchInfo *Op = branchInfo(I.BrOp);
    return Op ? Op->MaxDefer : 0;
  }
  const FormatInfo *FI = formatInfo(I.Fmt);
  return FI ? FI->MaxDefer : 0;
}

bool nfpbpf::isa::isBlockingCommand(const Instruction &I) {
  return I.Fmt == Format::Cmd && I.Swapping != CmdSwap::None;
}

bool nfpbpf::isa::swapsContext(const Instruction &I) {
  return I.Fmt == Format::CtxArb || isBlockingCommand(I);
}

FlagsEffect nfpbpf::isa::flagsEffect(const Instruction &I) {
  switch (I.Fmt) {
  case Format::Alu: {
    const AluInfo *Op = aluInfo(I.AluOpcode);
    return Op && !I.NoCC ? Op->Flags : FlagsEffect::None;
  }
  case Format::Shf:
  case Format::MulStep:
    return I.NoCC ? FlagsEffect::None : FlagsEffect::Logic;
  case Format::LdField:
    return I.LoadCC ? FlagsEffect::NZ : FlagsEffect::None;
  default:
    return FlagsEffect::None;
  }
}

bool nfpbpf::isa::readsCarry(const Instruction &I) {
  if (I.Fmt == Format::Alu) {
    const AluInfo *Op = aluInfo(I.AluOpcode);
    return Op && Op->ReadsCarry;
  }
  return I.Fmt == Format::Branch &&
         (I.BrOp == BranchOp::Cs || I.BrOp == BranchOp::Cc);
}

bool nfpbpf::isa::readsFlags(const Instruction &I) {
  if (I.PredCC || readsCarry(I))
    return true;
  const BranchInfo *Op = I.Fmt == Format::Branch ? branchInfo(I.BrOp) : nullptr;
  return Op && Op->Form == BranchForm::Flags;
}

static bool indirectShift(const Instruction &I) {
  if (I.Fmt != Format::Shf && I.Fmt != Format::LdField)
    return false;
  if (I.Fmt == Format::Shf && I.ShfOpcode == ShfOp::ByteAlign)
    return false;
  return I.Shift != ShiftMode::RotateRight && I.ShiftAmount == 0;
}

bool nfpbpf::isa::readsPrevA(const Instruction &I) { return indirectShift(I); }

bool nfpbpf::isa::readsPrevAlu(const Instruction &I) {
  return (I.Fmt == Format::Shf && I.ShfOpcode == ShfOp::Asr) ||
         (I.Fmt == Format::Cmd && I.IndirectRef);
}

bool nfpbpf::isa::writesPrevAlu(const Instruction &I) {
  return I.Fmt == Format::Alu || I.Fmt == Format::Shf ||
         I.Fmt == Format::LdField || I.Fmt == Format::Immed;
}

bool nfpbpf::isa::writesPrevAB(const Instruction &I) {
  return I.Fmt == Format::Alu || I.Fmt == Format::Shf ||
         I.Fmt == Format::LdField;
}

uint32_t nfpbpf::isa::immedValue(const Instruction &I) {
  uint32_t V = uint32_t(I.Imm16) << (8 * I.ImmShift);
  return I.Invert ? ~V : V;
}

TimingClass nfpbpf::isa::timingClass(const Instruction &I) {
  switch (I.Fmt) {
  case Format::Invalid:
    return TimingClass::Invalid;
  case Format::Alu:
  case Format::Shf:
  case Format::Immed:
  case Format::LdField:
    return TimingClass::Datapath;
  case Format::MulStep:
    return TimingClass::MulStep;
  case Format::LocalCsr:
    return I.CsrWrite ? TimingClass::CsrWrite : TimingClass::CsrRead;
  case Format::CtxArb:
    return TimingClass::CtxArb;
  case Format::Return:
    return TimingClass::Return;
  case Format::BranchBit:
  case Format::BranchByte:
    return TimingClass::BitBranch;
  case Format::Branch: {
    const BranchInfo *Op = branchInfo(I.BrOp);
    if (!Op)
      return TimingClass::Invalid;
    return Op->Form == BranchForm::Always  ? TimingClass::Branch
           : Op->Form == BranchForm::Flags ? TimingClass::CondBranch
                                           : TimingClass::BitBranch;
  }
  case Format::Cmd:
    if (!isBlockingCommand(I))
      return TimingClass::Posted;
    return I.Address == CmdAddress::Addr32 ? TimingClass::BlockingCmd32
                                           : TimingClass::BlockingCmd40;
  }
  return TimingClass::Invalid;
}

static void addWrite(RegisterSet &S, const Operand &Dst, bool Both) {
  if (Dst.isNone() || Dst.isImm())
    return;
  S.Writes.push_back(Dst);
  if (!Both)
    return;
  Operand Other = Dst;
  switch (Dst.Kind) {
  case OperandKind::GprA:
    Other.Kind = OperandKind::GprB;
    break;
  case OperandKind::GprB:
    Other.Kind = OperandKind::GprA;
    break;
  case OperandKind::AbsGprA:
    Other.Kind = OperandKind::AbsGprB;
    break;
  case OperandKind::AbsGprB:
    Other.Kind = OperandKind::AbsGprA;
    break;
  default:
    return;
  }
  S.Writes.push_back(Other);
}

RegisterSet nfpbpf::isa::registersOf(const Instruction &I) {
  RegisterSet S;
  auto Read = [&](const Operand &O) {
    if (!O.isNone() && !O.isImm())
      S.Reads.push_back(O);
  };
  if (usesLeft(I))
    Read(I.Left);
  if (usesRight(I))
    Read(I.Right);
  // Destinations that are merged into are also read.
  bool Merges = (I.Fmt == Format::LdField && !I.ClearRest) ||
                (I.Fmt == Format::Immed && I.Width != ImmedWidth::All);
  if (Merges) {
    RegisterSet Both;
    addWrite(Both, I.Dst, I.WrBoth);
    for (const Operand &O : Both.Writes)
      Read(O);
  }
  switch (I.Fmt) {
  case Format::Alu:
  case Format::Shf:
  case Format::Immed:
  case Format::LdField:
  case Format::MulStep:
    addWrite(S, I.Dst, I.WrBoth);
    break;
  case Format::Cmd: {
    const CommandInfo *Info = lookupCommand(I);
    if (!Info || I.Address == CmdAddress::ThirdParty ||
        I.Address == CmdAddress::ImmAddrData ||
        I.Address == CmdAddress::ImmData)
      break;
    std::optional<unsigned> Bytes = commandBytes(I);
    unsigned Regs = Bytes ? (*Bytes + 3) / 4 : 0;
    for (unsigned R = 0; R != Regs && I.CmdXfer + R < NumXferRegs; ++R) {
      if (Info->Direction == CmdDirection::Pull ||
          Info->Direction == CmdDirection::PullPush)
        S.Reads.push_back(Operand::xfer(I.CmdXfer + R));
      if (Info->Direction == CmdDirection::Push ||
          Info->Direction == CmdDirection::PullPush)
        S.Writes.push_back(Operand::xfer(I.CmdXfer + R));
    }
    break;
  }
  default:
    break;
  }
  return S;
}
