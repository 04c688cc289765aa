//===- Predecode.cpp - Words to micro-ops ---------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that can be decided once per word is decided here: operands,
// costs, which flags and latches are ever read, the rules a word breaks.
//
//===----------------------------------------------------------------------===//

#include "State.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"

using namespace llvm;

namespace nfpbpf::sim {

namespace {

/// A rule that a word breaks; the first one found counts.
struct Problem {
  bool Found = false;
  /// The word can still be executed.
  bool Recoverable = true;
  FaultKind Kind = FaultKind::Undecodable;
  std::string Text;
};

class Predecoder {
public:
  Predecoder(Program &P, ArrayRef<uint64_t> Words, const LoadInfo &Load,
             const Profile &Prof, bool CheckEcc)
      : P(P), Words(Words), Load(Load), Prof(Prof), CheckEcc(CheckEcc) {}
  void run();

private:
  Program &P;
  ArrayRef<uint64_t> Words;
  const LoadInfo &Load;
  const Profile &Prof;
  bool CheckEcc;

  std::vector<isa::Instruction> Insns;
  /// Word is in the shadow of a branch or swap with deferred instructions.
  std::vector<bool> InShadow;
  /// Problem of each word.
  std::vector<Problem> Problems;
  /// Where a taken branch goes, as an index into Ops, fixed up at the end.
  struct Fixup {
    uint32_t Op;
    uint32_t Target;
  };
  std::vector<Fixup> Fixups;
  std::vector<std::pair<uint32_t, uint32_t>> BadTargets; ///< address, op

  void problem(uint32_t Word, FaultKind Kind, const Twine &Text,
               bool Recoverable = true);
  uint16_t place(uint32_t Word, const isa::Operand &O, bool IsDst);
  void operands(uint32_t Word, MicroOp &Op);
  void command(uint32_t Word, MicroOp &Op, SideInfo &Side);
  void checkRules(uint32_t Word);
  void checkDestination(uint32_t Word, const isa::Operand &O);
  void costs(uint32_t Word, MicroOp &Op);
  HandlerNeeds needs(uint32_t Word) const;
  MicroOp translate(uint32_t Word, bool Copy);
  uint32_t targetOp(uint32_t Address);
  uint32_t addPseudo(Handler Fn, uint32_t Word, uint32_t Side);
  void addTrampoline(uint32_t Word);
  void findWritten();
};

} // namespace

void Predecoder::problem(uint32_t Word, FaultKind Kind, const Twine &Text,
                         bool Recoverable) {
  Problem &Q = Problems[Word];
  if (Q.Found && (!Q.Recoverable || Recoverable))
    return;
  Q = {true, Recoverable, Kind, Text.str()};
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

uint16_t Predecoder::place(uint32_t Word, const isa::Operand &O, bool IsDst) {
  using isa::OperandKind;
  auto modify = [&]() -> unsigned {
    switch (O.Modify) {
    case isa::PostModify::None:
      return ModifyNone;
    case isa::PostModify::Increment:
      return ModifyInc;
    case isa::PostModify::Decrement:
      return ModifyDec;
    }
    return ModifyNone;
  };
  switch (O.Kind) {
  case OperandKind::None:
    return IsDst ? PlaceSink : PlaceNone;
  case OperandKind::GprA:
    return static_cast<uint16_t>(PlaceA + O.Value);
  case OperandKind::GprB:
    return static_cast<uint16_t>(PlaceB + O.Value);
  case OperandKind::Xfer:
    return static_cast<uint16_t>((IsDst ? PlaceXferOut : PlaceXferIn) +
                                 O.Value);
  case OperandKind::NN:
    return static_cast<uint16_t>(PlaceNN + O.Value);
  case OperandKind::Imm:
    return static_cast<uint16_t>(IsDst ? PlaceSink : PlaceImm + O.Value);
  case OperandKind::LM:
    return static_cast<uint16_t>(unsigned(PlaceLM) | modify() << 6 |
                                 O.LMPointer << 4 | O.Value);
  case OperandKind::XferIndex:
    return static_cast<uint16_t>(unsigned(PlaceIndexed) | modify() << 6);
  case OperandKind::NNIndex:
    return static_cast<uint16_t>(unsigned(PlaceIndexed) | modify() << 6 | 1);
  case OperandKind::AbsGprA:
  case OperandKind::AbsGprB:
    problem(Word, FaultKind::Unsupported,
            "absolute register " + isa::toString(O), /*Recoverable=*/false);
    return PlaceNone;
  case OperandKind::GprAB:
  case OperandKind::Invalid:
    break;
  }
  problem(Word, FaultKind::Undecodable,
          "operand pattern 0x" + Twine::utohexstr(O.Value) + " has no meaning",
          /*Recoverable=*/false);
  return PlaceNone;
}

/// True for what encoders put into a source field that is not used.
static bool isEmptySource(const isa::Operand &O) {
  return O.isNone() || (O.isImm() && O.Value == 0) ||
         (O.Kind == isa::OperandKind::GprA && O.Value == 0) ||
         (O.Kind == isa::OperandKind::GprB && O.Value == 0);
}

void Predecoder::operands(uint32_t Word, MicroOp &Op) {
  const isa::Instruction &I = Insns[Word];
  using isa::Format;
  switch (I.Fmt) {
  case Format::Alu:
  case Format::Shf:
    if (isa::usesLeft(I) || !isEmptySource(I.Left)) {
      // crc's left operand is control bits.
      if (!(I.Fmt == Format::Alu && I.AluOpcode == isa::AluOp::Crc))
        Op.A = place(Word, I.Left, false);
    }
    if (isa::usesRight(I) || !isEmptySource(I.Right))
      Op.B = place(Word, I.Right, false);
    Op.D = place(Word, I.Dst, true);
    // cam forms keep a state number in the destination field.
    if (I.Fmt == Format::Alu && (I.AluOpcode == isa::AluOp::CamWrite ||
                                 I.AluOpcode == isa::AluOp::CamWriteState ||
                                 I.AluOpcode == isa::AluOp::CamClear))
      Op.D = PlaceSink;
    break;
  case Format::LdField:
    // Read and written: a transfer register is read as transfer-in.
    Op.A = place(Word, I.Dst, false);
    Op.B = place(Word, I.Right, false);
    Op.D = place(Word, I.Dst, true);
    if (I.Dst.Modify != isa::PostModify::None)
      problem(Word, FaultKind::Undecodable, "ld_field with post-modify", false);
    break;
  case Format::Immed:
    Op.D = place(Word, I.Dst, true);
    break;
  case Format::MulStep:
    if (I.MulKind != isa::MulType::Start &&
        (I.MulStep == isa::MulPhase::Last ||
         I.MulStep == isa::MulPhase::Last2)) {
      Op.D = place(Word, I.Dst, true);
    } else {
      Op.A = place(Word, I.Left, false);
      Op.B = place(Word, I.Right, false);
    }
    break;
  case Format::Return:
  case Format::BranchBit:
  case Format::BranchByte:
    Op.A = place(Word, I.Left, false);
    break;
  case Format::LocalCsr:
    if (I.CsrWrite)
      Op.A = place(Word, I.Left, false);
    break;
  case Format::Cmd:
  case Format::Branch:
  case Format::CtxArb:
  case Format::Invalid:
    break;
  }
  if (I.WrBoth && Op.D < PlaceXferIn)
    Op.D2 = Op.D < PlaceB ? Op.D + PlaceB : Op.D - PlaceB;
}

/// What an instruction must be for a shift directly after it to take its
/// amount from there: one that has a left operand and keeps nothing of it, for
/// lack of a destination or because its operation ignores it.
static bool givesAmount(const isa::Instruction &I, const MicroOp &Op) {
  if ((I.Fmt != isa::Format::Alu && I.Fmt != isa::Format::Shf) ||
      Op.A == PlaceNone)
    return false;
  return Op.D == PlaceSink || !isa::usesLeft(I);
}

void Predecoder::checkDestination(uint32_t Word, const isa::Operand &O) {
  if ((O.Kind == isa::OperandKind::GprA || O.Kind == isa::OperandKind::GprB) &&
      O.Value >= NumGprOwned)
    problem(Word, FaultKind::FirmwareRegister,
            "write to " + isa::toString(O) +
                ": general registers from 24 on are the firmware's");
  if (O.Kind == isa::OperandKind::Xfer && O.Value >= NumXferOwned)
    problem(Word, FaultKind::FirmwareRegister,
            "write to " + isa::toString(O) +
                ": transfer registers from 32 on are the firmware's");
}

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

void Predecoder::checkRules(uint32_t Word) {
  const isa::Instruction &I = Insns[Word];
  using isa::Format;
  if (CheckEcc && !isa::checkECC(Words[Word]))
    problem(
        Word, FaultKind::BadEcc,
        "check bits 0x" +
            Twine::utohexstr((Words[Word] & isa::ECCMask) >> isa::InsnBits) +
            " instead of 0x" +
            Twine::utohexstr(isa::computeECC(Words[Word] & isa::InsnMask)) +
            (Words[Word] >> 52 ? ", or bits above the check bits" : ""));
  if (I.Fmt == Format::Invalid) {
    problem(Word, FaultKind::Undecodable,
            "0x" + Twine::utohexstr(Words[Word] & isa::InsnMask) +
                " is no instruction",
            false);
    return;
  }

  if (I.Fmt == Format::Alu || I.Fmt == Format::Shf ||
      I.Fmt == Format::LdField || I.Fmt == Format::Immed ||
      I.Fmt == Format::MulStep)
    checkDestination(Word, I.Dst);

  // One read port for each register file.
  if (I.Fmt == Format::Alu || I.Fmt == Format::Shf || I.Fmt == Format::Cmd ||
      (I.Fmt == Format::MulStep && isa::usesLeft(I))) {
    bool IsCrc = I.Fmt == Format::Alu && I.AluOpcode == isa::AluOp::Crc;
    if (isa::usesLeft(I) && isa::usesRight(I) && !IsCrc) {
      const isa::Operand &L = I.Left, &R = I.Right;
      bool Same = (L.isImm() && R.isImm()) || (L.isXfer() && R.isXfer()) ||
                  (L.isLM() && R.isLM()) || (L.isNN() && R.isNN());
      if (Same)
        problem(Word, FaultKind::SameKindOperands,
                "both sources of " + isa::toString(I) +
                    " are in one register file");
    }
  }

  unsigned Defer = isa::deferCount(I);
  if (Defer > isa::maxDefer(I))
    problem(Word, FaultKind::DeferLimit,
            "defer[" + Twine(Defer) + "] where at most " +
                Twine(isa::maxDefer(I)) + " can be filled");
  for (unsigned K = 1; K <= Defer; ++K) {
    if (Word + K >= Insns.size()) {
      problem(Word, FaultKind::PastEnd,
              "the defer slots are beyond the end of the program", false);
      break;
    }
    const isa::Instruction &Slot = Insns[Word + K];
    if (isa::isBranch(Slot) || isa::swapsContext(Slot))
      problem(Word, FaultKind::BranchInDefer,
              "defer slot " + Twine(K) + " holds " + isa::toString(Slot),
              false);
  }

  switch (I.Fmt) {
  case Format::LdField:
    if (I.Shift == isa::ShiftMode::Double)
      problem(Word, FaultKind::Undecodable, "ld_field with a double shift",
              false);
    break;
  case Format::Shf:
    if (I.ShfOpcode == isa::ShfOp::Asr && I.Shift != isa::ShiftMode::Right)
      problem(Word, FaultKind::Undecodable, "asr that does not shift right",
              false);
    if (I.ShfOpcode == isa::ShfOp::ByteAlign &&
        I.Shift != isa::ShiftMode::Right && I.Shift != isa::ShiftMode::Left)
      problem(Word, FaultKind::Undecodable, "byte_align without a direction",
              false);
    if (I.ShfOpcode != isa::ShfOp::B && I.ShfOpcode != isa::ShfOp::Asr &&
        I.ShfOpcode != isa::ShfOp::ByteAlign &&
        I.Shift == isa::ShiftMode::Double)
      problem(Word, FaultKind::Undecodable,
              "dbl_shf with an operation other than B", false);
    break;
  case Format::LocalCsr:
    if (!I.CsrWrite) {
      bool Taken = Word + 1 < Insns.size() &&
                   Insns[Word + 1].Fmt == Format::Immed &&
                   Insns[Word + 1].Imm16 == 0 && !Insns[Word + 1].Invert &&
                   Insns[Word + 1].Width == isa::ImmedWidth::All;
      if (!Taken)
        problem(Word, FaultKind::CsrReadNotTaken,
                "local_csr_rd without an immed of 0 behind it");
    } else if (I.CsrAddress == isa::csr::ActLMAddr1 ||
               I.CsrAddress == isa::csr::ActLMAddr1BytIdx) {
      problem(Word, FaultKind::FirmwareRegister,
              "write to local memory pointer 1, which is the packet vector's");
    }
    break;
  case Format::CtxArb:
    if (I.Breakpoint || (I.Events == 0 && !I.KeepMask))
      problem(Word, FaultKind::Unsupported,
              isa::toString(I) + " stops the microengine", false);
    else if (I.KeepMask)
      problem(Word, FaultKind::Unsupported,
              isa::toString(I) + ": the wake-up mask is the firmware's", false);
    else if (I.Events >> (LastOwnedSignal + 1))
      problem(Word, FaultKind::FirmwareRegister,
              isa::toString(I) + ": signals from 8 on are the firmware's",
              false);
    break;
  case Format::Branch:
    if ((I.BrOp == isa::BranchOp::SignalSet ||
         I.BrOp == isa::BranchOp::SignalClear) &&
        (I.BranchState == 0 || I.BranchState > LastOwnedSignal))
      problem(Word, FaultKind::FirmwareRegister,
              isa::toString(I) + ": the program owns signals 1 to 7", false);
    break;
  default:
    break;
  }
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

void Predecoder::command(uint32_t Word, MicroOp &Op, SideInfo &Side) {
  const isa::Instruction &I = Insns[Word];
  CmdInfo &C = Side.Cmd;
  const isa::CommandInfo *Info = isa::lookupCommand(I);
  C.Name = Info ? Info->Name : "command";
  C.Token = I.CmdToken;
  C.Indirect = I.IndirectRef;
  C.Blocking = isa::isBlockingCommand(I);
  C.Signal = I.CmdSignal;
  C.Count = I.CmdCount;
  C.Xfer = I.CmdXfer;
  C.Defer = static_cast<uint8_t>(isa::deferCount(I));

  if (I.CmdTgt != isa::CmdTarget::MU) {
    problem(Word, FaultKind::CommandTarget,
            isa::toString(I) + ": programs use the memory unit only", false);
    return;
  }
  switch (I.Address) {
  case isa::CmdAddress::Addr40:
    C.Address40 = true;
    break;
  case isa::CmdAddress::Addr32:
    C.Address40 = false;
    break;
  default:
    problem(Word, FaultKind::Unsupported,
            isa::toString(I) + ": address mode is not modelled", false);
    return;
  }
  // The shifted word of a 40-bit address is the left operand.
  Op.A = place(Word, I.Left, false);
  Op.B = place(Word, I.Right, false);

  bool HasTokenForm = true;
  switch (I.CmdAction) {
  case 0:
    C.Family = CmdFamily::Read64;
    HasTokenForm = false;
    break;
  case 1:
    C.Family = CmdFamily::Write64;
    HasTokenForm = false;
    break;
  case 2:
    C.Family = CmdFamily::Write8;
    HasTokenForm = false;
    break;
  case 3:
    C.Family = I.CmdToken == 1 ? CmdFamily::Read8 : CmdFamily::AtomicRead;
    HasTokenForm = false;
    if (I.CmdToken >= 2)
      problem(Word, FaultKind::Unsupported,
              isa::toString(I) + " is not modelled", false);
    break;
  case 4:
    C.Family = CmdFamily::AtomicWrite;
    break;
  case 5:
    C.Family = CmdFamily::Set;
    break;
  case 6:
    C.Family = CmdFamily::Clear;
    break;
  case 7:
    C.Family = CmdFamily::Add;
    break;
  case 8:
    C.Family = CmdFamily::AddSat;
    break;
  case 9:
    C.Family = CmdFamily::Sub;
    break;
  case 10:
    C.Family = CmdFamily::SubSat;
    break;
  case 15:
    C.Family = CmdFamily::Xor;
    break;
  case 28:
    C.Family = CmdFamily::Read32;
    HasTokenForm = false;
    break;
  case 31:
    C.Family = CmdFamily::Write32;
    HasTokenForm = false;
    break;
  default:
    problem(Word, FaultKind::Unsupported, isa::toString(I) + " is not modelled",
            false);
    return;
  }
  if (HasTokenForm) {
    C.Test = I.CmdToken & 1;
    C.Immediate = I.CmdToken & 2;
  }
  if (C.Blocking && C.Signal == 0)
    problem(Word, FaultKind::SignalNeverSent,
            isa::toString(I) + " waits without a signal", false);
  if (C.Signal > LastOwnedSignal)
    problem(Word, FaultKind::FirmwareRegister,
            isa::toString(I) + ": the program owns signals 1 to 7", false);
  Op.Unvalidated = 0;
}

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

void Predecoder::costs(uint32_t Word, MicroOp &Op) {
  const isa::Instruction &I = Insns[Word];
  const TimingModel &T = Prof.Timing;
  unsigned Filled = isa::deferCount(I);
  // Cycles after the branch that nothing but deferred instructions can fill.
  unsigned Shadow = 0;
  unsigned New = 1, Old = 1;
  switch (isa::timingClass(I)) {
  case isa::TimingClass::Branch:
    Shadow = 2;
    New = Old = T.BranchCycles;
    break;
  case isa::TimingClass::CondBranch:
    Shadow = 3;
    New = T.BranchTakenCycles;
    Old = T.BranchTakenOldCycles;
    break;
  case isa::TimingClass::BitBranch:
    Shadow = 3;
    New = Old = T.BitBranchTakenCycles;
    Op.Unvalidated |= UnvalidatedBitBranch;
    break;
  case isa::TimingClass::Return:
    Shadow = 4;
    New = Old = T.ReturnCycles;
    Op.Unvalidated |= UnvalidatedReturn;
    break;
  default:
    return;
  }
  if (Filled)
    Op.Unvalidated |= UnvalidatedDefer;
  auto credit = [&](unsigned Cost) {
    return static_cast<uint8_t>(Cost > Filled ? Cost - Filled : 1);
  };
  Op.CostNew = credit(New);
  Op.CostOld = credit(Old);
  Op.ArchCost =
      static_cast<uint8_t>(1 + (Shadow > Filled ? Shadow - Filled : 0));
}

/// What anything executed after this word, before it is overwritten, may read
/// of its flags and its result. Anything uncertain counts as a need.
HandlerNeeds Predecoder::needs(uint32_t Word) const {
  HandlerNeeds N;
  if (InShadow[Word])
    return N;
  auto plain = [&](uint32_t W) {
    return W < Insns.size() && !isa::isBranch(Insns[W]) &&
           !isa::swapsContext(Insns[W]) && Insns[W].Fmt != isa::Format::Invalid;
  };
  uint32_t Next = Word + 1;
  if (plain(Next) && isa::writesPrevAlu(Insns[Next]) &&
      !isa::readsPrevA(Insns[Next]) && !isa::readsPrevAlu(Insns[Next]))
    N.Latch = false;
  for (uint32_t W = Next; plain(W); ++W) {
    const isa::Instruction &I = Insns[W];
    if (isa::readsFlags(I) || I.PredCC)
      break;
    isa::FlagsEffect Effect = isa::flagsEffect(I);
    if (Effect == isa::FlagsEffect::Logic ||
        Effect == isa::FlagsEffect::Arith) {
      N.Flags = false;
      break;
    }
  }
  return N;
}

//===----------------------------------------------------------------------===//
// Micro-ops
//===----------------------------------------------------------------------===//

MicroOp Predecoder::translate(uint32_t Word, bool Copy) {
  const isa::Instruction &I = Insns[Word];
  MicroOp Op;
  Op.Word = Word;
  Op.Filled = static_cast<uint8_t>(isa::deferCount(I));
  Op.WritesCC = isa::writesFlags(I);
  Op.Predicated = I.PredCC;
  uint32_t Address = Load.Start + Word;
  Op.InEpilogue = Address >= Load.EpilogueBegin && Address < Load.EpilogueEnd;

  SideInfo Side;
  Side.Insn = I;
  if (I.Fmt != isa::Format::Invalid) {
    operands(Word, Op);
    Op.GivesAmount = givesAmount(I, Op);
    for (uint16_t Place : {Op.A, Op.B, Op.D})
      Op.PostModifies |= !isSimple(Place) && modifyOf(Place) != ModifyNone;
    if (I.Fmt == isa::Format::Cmd)
      command(Word, Op, Side);
    costs(Word, Op);
    bool AfterCsrRead = Word > 0 &&
                        Insns[Word - 1].Fmt == isa::Format::LocalCsr &&
                        !Insns[Word - 1].CsrWrite;
    Op.Fn =
        pickHandler(I, Op, Copy ? HandlerNeeds() : needs(Word), AfterCsrRead);
    if (!Op.Fn)
      problem(Word, FaultKind::Unsupported,
              isa::toString(I) + " is not modelled", false);
  }
  const Problem &Q = Problems[Word];
  if (Q.Found) {
    Side.Kind = Q.Kind;
    Side.Text = Q.Text;
    Side.Continue = Q.Recoverable ? Op.Fn : nullptr;
    Op.Fn = faultHandler;
  }
  Op.Side = static_cast<uint32_t>(P.Side.size());
  P.Side.push_back(std::move(Side));
  return Op;
}

uint32_t Predecoder::addPseudo(Handler Fn, uint32_t Word, uint32_t Side) {
  MicroOp Op;
  Op.Fn = Fn;
  Op.Word = Word;
  Op.Side = Side;
  Op.IsPseudo = true;
  P.Ops.push_back(Op);
  return static_cast<uint32_t>(P.Ops.size() - 1);
}

uint32_t Predecoder::targetOp(uint32_t Address) {
  if (Address >= Load.Start && Address - Load.Start < P.Words)
    return Address - Load.Start;
  for (uint32_t I = P.ExitOp; I < P.ExitOp + 1 + Load.Helpers.size(); ++I)
    if (P.Side[P.Ops[I].Side].Address == Address)
      return I;
  for (const auto &[Known, Index] : BadTargets)
    if (Known == Address)
      return Index;
  SideInfo Side;
  Side.Kind = FaultKind::BadTarget;
  Side.Text =
      ("branch to address " + Twine(Address) +
       ", which is neither in the program (" + Twine(Load.Start) + " to " +
       Twine(Load.Start + P.Words - 1) + ") nor an entry point")
          .str();
  Side.Address = Address;
  P.Side.push_back(std::move(Side));
  uint32_t Index = addPseudo(badTargetHandler, P.Words,
                             static_cast<uint32_t>(P.Side.size() - 1));
  BadTargets.push_back({Address, Index});
  return Index;
}

/// Whether the program looks at time, and the registers that its commands and
/// instructions write. Routines
/// clobber more than a program usually uses: then it is all of them.
void Predecoder::findWritten() {
  uint16_t Most[5] = {};
  static constexpr uint16_t Begin[6] = {PlaceA,       PlaceB,  PlaceXferIn,
                                        PlaceXferOut, PlaceNN, PlaceSink};
  auto write = [&](unsigned Place, unsigned Count) {
    for (unsigned File = 0; File < 5; ++File)
      if (Place >= Begin[File] && Place < Begin[File + 1])
        Most[File] = std::max<uint16_t>(
            Most[File],
            std::min<unsigned>(Place + Count, Begin[File + 1]) - Begin[File]);
  };
  bool All = false;
  P.UsesSignals = false;
  for (uint32_t W = 0; W < P.Words; ++W) {
    const MicroOp &Op = P.Ops[W];
    const isa::Instruction &I = Insns[W];
    write(Op.D, 1);
    write(Op.D2, 1);
    All |= (Op.D & PlaceIndexed) != 0 && !(Op.D & PlaceLM);
    P.UsesSignals |= I.Fmt == isa::Format::Cmd && I.CmdSignal != 0 &&
                     !isa::isBlockingCommand(I);
    if (I.Fmt == isa::Format::Cmd)
      write(PlaceXferIn + I.CmdXfer, I.IndirectRef ? NumXferOwned : 16);
    All |= I.Fmt == isa::Format::Return;
    if (isa::hasTarget(I))
      for (const ProfileHelper &H : Load.Helpers)
        All |= I.Target == H.Address;
  }
  P.Written.clear();
  if (All) {
    P.Written.push_back({PlaceA, PlaceSink});
    return;
  }
  for (unsigned File = 0; File < 5; ++File)
    if (Most[File])
      P.Written.push_back(
          {Begin[File], static_cast<uint16_t>(Begin[File] + Most[File])});
}

void Predecoder::addTrampoline(uint32_t Word) {
  const isa::Instruction &I = Insns[Word];
  bool Swaps = isa::swapsContext(I);
  if (!isa::isBranch(I) && !Swaps)
    return;
  unsigned Filled = isa::deferCount(I);
  // The word after the deferred instructions; Words is the past-the-end op.
  uint32_t After = std::min(Word + 1 + Filled, P.Words);
  uint32_t To;
  bool Indirect = I.Fmt == isa::Format::Return;
  if (Indirect)
    To = P.ExitOp; // not used
  else if (isa::hasTarget(I))
    To = targetOp(I.Target);
  else
    To = After;
  if (Filled == 0 || Word + Filled >= P.Words) {
    Fixups.push_back({Word, To});
    return;
  }
  uint32_t Begin = static_cast<uint32_t>(P.Ops.size());
  for (unsigned K = 1; K <= Filled; ++K)
    P.Ops.push_back(translate(Word + K, /*Copy=*/true));
  Handler End = gotoHandler;
  if (I.Fmt == isa::Format::Cmd)
    End = commandCompleteHandler;
  else if (I.Fmt == isa::Format::CtxArb)
    End = ctxArbCompleteHandler;
  else if (Indirect)
    End = gotoIndirectHandler;
  uint32_t Index = addPseudo(End, Word, P.Ops[Word].Side);
  Fixups.push_back({Index, To});
  Fixups.push_back({Word, Begin});
}

void Predecoder::run() {
  P.Ops.clear();
  P.Side.clear();
  P.Words = static_cast<uint32_t>(Words.size());
  P.Load = Load;
  for (uint64_t W : Words)
    Insns.push_back(isa::decode(W & isa::InsnMask));
  Problems.resize(P.Words);
  InShadow.resize(P.Words);
  for (uint32_t W = 0; W < P.Words; ++W)
    for (unsigned K = 1; K <= isa::deferCount(Insns[W]); ++K)
      if (W + K < P.Words)
        InShadow[W + K] = true;
  for (uint32_t W = 0; W < P.Words; ++W)
    checkRules(W);
  for (uint32_t W = 0; W < P.Words; ++W)
    P.Ops.push_back(translate(W, /*Copy=*/false));

  auto addEntry = [&](Handler Fn, FaultKind Kind, const Twine &Text,
                      uint32_t Address) {
    SideInfo Side;
    Side.Kind = Kind;
    Side.Text = Text.str();
    Side.Address = Address;
    P.Side.push_back(std::move(Side));
    return addPseudo(Fn, P.Words, static_cast<uint32_t>(P.Side.size() - 1));
  };
  addEntry(badTargetHandler, FaultKind::PastEnd,
           "execution runs past the last word of the program",
           Load.Start + P.Words);
  P.ExitOp = addEntry(exitHandler, FaultKind::BadTarget, "", Load.Done);
  for (const ProfileHelper &H : Load.Helpers) {
    uint32_t Index =
        addEntry(helperHandler, FaultKind::BadTarget, "", H.Address);
    P.Ops[Index].Imm = H.Id;
  }
  findWritten();
  for (uint32_t W = 0; W < P.Words; ++W)
    addTrampoline(W);
  for (const Fixup &F : Fixups)
    P.Ops[F.Op].Target = &P.Ops[F.Target];
}

void predecode(Program &P, ArrayRef<uint64_t> Words, const LoadInfo &Load,
               const Profile &Prof, bool CheckEcc) {
  Predecoder(P, Words, Load, Prof, CheckEcc).run();
}

} // namespace nfpbpf::sim
