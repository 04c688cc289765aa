//===- Special.cpp - CAM, CRC, bit search, CSRs, multiplication -----------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, sections 1.6, 4.9 to 4.12 and 5.2.
//
//===----------------------------------------------------------------------===//

#include "Dispatch.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace nfpbpf::sim {

/// Cycles between the write of a CSR and its first use.
constexpr unsigned CsrLatency = 3;
/// Instructions between a crc and the read of CRC_REMAINDER.
constexpr unsigned CrcReadLatency = 5;

//===----------------------------------------------------------------------===//
// alu: ffs, pop_count, cam, crc
//===----------------------------------------------------------------------===//

static bool usesCamContents(isa::AluOp O) {
  switch (O) {
  case isa::AluOp::CamReadTag:
  case isa::AluOp::CamReadState:
  case isa::AluOp::CamLookup:
  case isa::AluOp::CamWrite:
  case isa::AluOp::CamWriteState:
    return true;
  default:
    return false;
  }
}

static unsigned camOldest(const State &S) {
  unsigned Best = 0;
  for (unsigned I = 1; I < 16; ++I)
    if (S.Cam[I].Age < S.Cam[Best].Age)
      Best = I;
  return Best;
}

static void camTouch(State &S, unsigned Entry) {
  uint8_t Age = S.Cam[Entry].Age;
  for (CamEntry &E : S.Cam)
    if (E.Age > Age)
      --E.Age;
  S.Cam[Entry].Age = 15;
}

/// One byte into the remainder, most significant bit first.
static uint32_t crcByte(uint32_t Remainder, uint32_t Byte, uint32_t Polynomial,
                        unsigned Width) {
  uint32_t Top = 1u << (Width - 1);
  uint32_t Mask = Width == 32 ? ~0u : (1u << Width) - 1;
  for (int Bit = 7; Bit >= 0; --Bit) {
    bool Out = ((Remainder & Top) != 0) != ((Byte >> Bit) & 1);
    Remainder = (Remainder << 1) & Mask;
    if (Out)
      Remainder ^= Polynomial;
  }
  return Remainder & Mask;
}

/// The crc form: \p Control is the left operand's field.
static bool crc(State &S, const MicroOp *Op, unsigned Control, Value Source) {
  struct Poly {
    uint32_t Value;
    unsigned Width;
  };
  static constexpr Poly Polys[8] = {
      {0, 0},           {0, 0},           {0x1021, 16}, {0, 0},
      {0x04c11db7, 32}, {0x1edc6f41, 32}, {0x233, 10},  {0x05, 5}};
  // First and last byte counted from the most significant one.
  static constexpr uint8_t Ranges[8][2] = {{0, 3}, {1, 3}, {2, 3}, {3, 3},
                                           {0, 2}, {0, 1}, {0, 0}, {0, 0}};
  const Poly &P = Polys[(Control >> 5) & 7];
  if (P.Width == 0)
    return true;
  if (S.archAt(Op) < S.CrcReady &&
      !S.fault(FaultKind::StaleCsr, Op,
               "crc directly after another crc: one instruction must be "
               "between"))
    return false;
  if (undefOf(S.CrcRemainder)) {
    S.fatal(FaultKind::UndefinedCsr, Op, "CRC_REMAINDER has no defined value");
    return false;
  }
  unsigned Select = Control & 7;
  if (Select == 7) {
    S.fatal(FaultKind::Unsupported, Op, "crc with byte selection 7");
    return false;
  }
  bool LittleEndian = Control & 8, BitSwap = Control & 16;
  uint32_t Remainder = bitsOf(S.CrcRemainder);
  uint32_t Undef = 0;
  unsigned First = Ranges[Select][0], Last = Ranges[Select][1];
  for (unsigned I = First; I <= Last; ++I) {
    unsigned FromTop = LittleEndian ? Last - (I - First) : I;
    unsigned Shift = 8 * (3 - FromTop);
    uint32_t Byte = (bitsOf(Source) >> Shift) & 0xff;
    Undef |= (undefOf(Source) >> Shift) & 0xff;
    if (BitSwap)
      Byte = reverseBits(static_cast<uint8_t>(Byte));
    Remainder = crcByte(Remainder, Byte, P.Value, P.Width);
  }
  S.CrcRemainder = makeValue(Remainder, Undef ? ~0u : 0);
  S.CrcReady = S.archAt(Op) + 2;
  S.CrcReadable = S.archAt(Op) + CrcReadLatency + 1;
  return true;
}

const MicroOp *specialAluHandler(State &S, const MicroOp *Op) {
  const isa::Instruction &I = S.Prog->Side[Op->Side].Insn;
  if (Op->Predicated) {
    S.fatal(FaultKind::Unsupported, Op, "predicate_cc on " + isa::toString(I));
    return nullptr;
  }
  bool IsCrc = I.AluOpcode == isa::AluOp::Crc;
  Value A = 0, B = 0;
  if ((!IsCrc && !fetch(S, Op, Op->A, A)) || !fetch(S, Op, Op->B, B))
    return nullptr;
  if (((A | B) >> 32) && S.PendingIn && !checkPendingOperands(S, Op))
    return nullptr;
  if (!S.Exited)
    S.Unvalidated |= UnvalidatedSpecial;
  bool HasResult = true;
  Value R = 0;
  auto entryOf = [&](Value V) { return bitsOf(V) & 15; };
  auto needDefined = [&](Value V) {
    if (!undefOf(V))
      return true;
    S.fatal(FaultKind::UndefinedCsr, Op,
            "undefined operand of " + isa::toString(I));
    return false;
  };
  if (usesCamContents(I.AluOpcode) && !S.CamKnown &&
      !S.fault(FaultKind::UndefinedCsr, Op,
               isa::toString(I) + ": the CAM holds what other contexts left in "
                                  "it; no cam_clear since the last swap"))
    return nullptr;
  switch (I.AluOpcode) {
  case isa::AluOp::Ffs:
    R = makeValue(bitsOf(B) ? llvm::countr_zero(bitsOf(B)) : 0,
                  undefOf(B) || bitsOf(B) == 0 ? ~0u : 0);
    break;
  case isa::AluOp::PopCount1:
  case isa::AluOp::PopCount2:
    HasResult = false;
    break;
  case isa::AluOp::PopCount3:
    R = makeValue(static_cast<uint32_t>(llvm::popcount(bitsOf(B))),
                  undefOf(B) ? ~0u : 0);
    break;
  case isa::AluOp::CamClear:
    HasResult = false;
    S.CamKnown = true;
    for (unsigned N = 0; N < 16; ++N)
      S.Cam[N] = {0, 0, static_cast<uint8_t>(N)};
    break;
  case isa::AluOp::CamReadTag:
    if (!needDefined(B))
      return nullptr;
    R = S.Cam[entryOf(B)].Tag;
    break;
  case isa::AluOp::CamReadState:
    if (!needDefined(B))
      return nullptr;
    R = static_cast<uint32_t>(S.Cam[entryOf(B)].State) << 8;
    break;
  case isa::AluOp::CamLookup: {
    if (!needDefined(A))
      return nullptr;
    if ((I.Control & 3) != 0) {
      S.fatal(FaultKind::Unsupported, Op,
              "cam_lookup that loads a local memory pointer");
      return nullptr;
    }
    unsigned Entry = camOldest(S);
    uint32_t Hit = 0, State = 0;
    for (unsigned N = 0; N < 16; ++N) {
      if (S.Cam[N].Tag != bitsOf(A))
        continue;
      Entry = N;
      Hit = 1;
      State = S.Cam[N].State;
      camTouch(S, N);
      break;
    }
    R = State << 8 | Hit << 7 | Entry << 3;
    break;
  }
  case isa::AluOp::CamWrite: {
    if (!needDefined(A) || !needDefined(B))
      return nullptr;
    HasResult = false;
    CamEntry &E = S.Cam[entryOf(B)];
    E.Tag = bitsOf(A);
    E.State = static_cast<uint8_t>(I.Dst.Value & 15);
    camTouch(S, entryOf(B));
    break;
  }
  case isa::AluOp::CamWriteState:
    if (!needDefined(B))
      return nullptr;
    HasResult = false;
    S.Cam[entryOf(B)].State = static_cast<uint8_t>(I.Dst.Value & 15);
    break;
  case isa::AluOp::Crc:
    R = B;
    if (!crc(S, Op, I.Control, B))
      return nullptr;
    break;
  default:
    S.fatal(FaultKind::Undecodable, Op,
            "undefined operation in " + isa::toString(I));
    return nullptr;
  }
  if (HasResult) {
    if (!isSimple(Op->D)) {
      S.fatal(FaultKind::Unsupported, Op, "destination of " + isa::toString(I));
      return nullptr;
    }
    S.R[Op->D] = R;
    S.R[Op->D2] = R;
    if (!I.NoCC) {
      S.FlagResult = R;
      S.FlagC = S.FlagV = 0;
      S.FlagCVUndef = 1;
    }
    S.PrevAlu = R;
  } else {
    S.PrevAlu = StaleLatch;
    if (!I.NoCC) {
      S.FlagResult = StaleLatch;
      S.FlagCVUndef = 1;
    }
  }
  S.PrevA = IsCrc || Op->A == PlaceNone ? StaleLatch : A;
  NFPSIM_NEXT(S, Op + 1);
}

//===----------------------------------------------------------------------===//
// CSRs
//===----------------------------------------------------------------------===//

const MicroOp *csrReadHandler(State &S, const MicroOp *Op) {
  const isa::Instruction &I = S.Prog->Side[Op->Side].Insn;
  if (!S.Exited)
    S.Unvalidated |= UnvalidatedCsrRead;
  Value V = 0;
  switch (I.CsrAddress) {
  case isa::csr::PseudoRndNum:
    V = S.Random->next();
    break;
  case isa::csr::ActLMAddr0:
  case isa::csr::ActLMAddr1:
  case isa::csr::ActLMAddr2:
  case isa::csr::ActLMAddr3: {
    unsigned P = I.CsrAddress == isa::csr::ActLMAddr0   ? 0
                 : I.CsrAddress == isa::csr::ActLMAddr1 ? 1
                 : I.CsrAddress == isa::csr::ActLMAddr2 ? 2
                                                        : 3;
    V = S.LMReady[P] == Never ? StaleLatch : makeValue(S.LMWord[P] << 2);
    break;
  }
  case isa::csr::ActCtxStatus:
    // Running, microengine 4, this context; island and PC left 0.
    V = makeValue(1u << 31 | 4u << 3 | S.Context);
    break;
  case isa::csr::ByteIndex:
    V = S.ByteIndex;
    break;
  case isa::csr::XferIndex:
    V = S.XferIndex;
    break;
  case isa::csr::NNPut:
    V = S.NNPut;
    break;
  case isa::csr::NNGet:
    V = S.NNGet;
    break;
  case isa::csr::CRCRemainder:
    if (S.archAt(Op) < S.CrcReadable &&
        !S.fault(FaultKind::StaleCsr, Op,
                 "CRC_REMAINDER is read " +
                     Twine(S.CrcReadable - S.archAt(Op)) +
                     " cycles before the last crc has reached it"))
      return nullptr;
    V = S.CrcRemainder;
    break;
  case isa::csr::TimestampLow:
    V = makeValue(static_cast<uint32_t>(S.archAt(Op) / 16));
    break;
  case isa::csr::TimestampHgh:
    V = 0;
    break;
  default:
    S.fatal(FaultKind::Unsupported, Op,
            "read of CSR " + isa::csrName(I.CsrAddress));
    return nullptr;
  }
  S.CsrLatch = V;
  S.CsrValid = true;
  NFPSIM_NEXT(S, Op + 1);
}

const MicroOp *csrWriteHandler(State &S, const MicroOp *Op) {
  const isa::Instruction &I = S.Prog->Side[Op->Side].Insn;
  Value V;
  if (!fetch(S, Op, Op->A, V))
    return nullptr;
  if (undefOf(V)) {
    if (S.PendingIn && !checkPendingOperands(S, Op))
      return nullptr;
    if (!S.fault(FaultKind::UndefinedCsr, Op,
                 "undefined value written to CSR " +
                     isa::csrName(I.CsrAddress)))
      return nullptr;
  }
  uint64_t Ready = S.archAt(Op) + CsrLatency + 1;
  auto pointer = [&](unsigned P) {
    // What the pointer was until the write takes effect.
    S.LMOld[P] = S.LMWord[P];
    S.LMWord[P] = (bitsOf(V) >> 2) & (LMWords - 1);
    S.LMReady[P] = undefOf(V) ? Never : Ready;
  };
  auto byteIndex = [&] {
    S.ByteIndex = makeValue(bitsOf(V) & 3, undefOf(V) & 3);
    S.ByteIndexReady = Ready;
  };
  switch (I.CsrAddress) {
  case isa::csr::ActLMAddr0:
    pointer(0);
    break;
  case isa::csr::ActLMAddr2:
    pointer(2);
    break;
  case isa::csr::ActLMAddr3:
    pointer(3);
    break;
  case isa::csr::ActLMAddr0BytIdx:
    pointer(0);
    byteIndex();
    break;
  case isa::csr::ActLMAddr2BytIdx:
    pointer(2);
    byteIndex();
    break;
  case isa::csr::ActLMAddr3BytIdx:
    pointer(3);
    byteIndex();
    break;
  case isa::csr::ByteIndex:
    byteIndex();
    break;
  case isa::csr::XfrAndBytIdx:
    byteIndex();
    S.XferIndex = makeValue(bitsOf(V) & 0x3fc, undefOf(V) & 0x3fc);
    S.XferIndexReady = Ready;
    break;
  case isa::csr::XferIndex:
    S.XferIndex = makeValue(bitsOf(V) & 0x3fc, undefOf(V) & 0x3fc);
    S.XferIndexReady = Ready;
    break;
  case isa::csr::NNPut:
    S.NNPut = makeValue(bitsOf(V) & 127, undefOf(V) & 127);
    S.NNReady = Ready;
    break;
  case isa::csr::NNGet:
    S.NNGet = makeValue(bitsOf(V) & 127, undefOf(V) & 127);
    S.NNReady = Ready;
    break;
  case isa::csr::IndPredCC:
    S.PredCC = makeValue(bitsOf(V) & 15, undefOf(V) & 15);
    S.PredReady = Ready;
    break;
  case isa::csr::CRCRemainder:
    S.CrcRemainder = V;
    S.CrcReady = S.archAt(Op) + CsrLatency + 2;
    S.CrcReadable = S.CrcReady;
    break;
  case isa::csr::CmdIndirectRef0:
    S.IndirectRef0 = V;
    break;
  default:
    // The predecoder has made every other CSR a fault.
    if (!S.fault(FaultKind::FirmwareRegister, Op,
                 "write to CSR " + isa::csrName(I.CsrAddress) +
                     ", which the firmware owns"))
      return nullptr;
    break;
  }
  NFPSIM_NEXT(S, Op + 1);
}

//===----------------------------------------------------------------------===//
// mul_step
//===----------------------------------------------------------------------===//

const MicroOp *mulHandler(State &S, const MicroOp *Op) {
  const isa::Instruction &I = S.Prog->Side[Op->Side].Insn;
  using isa::MulPhase;
  using isa::MulType;
  enum : uint8_t { Idle, Started, Delivered };
  if (Op->Predicated) {
    S.fatal(FaultKind::Unsupported, Op, "predicate_cc on mul_step");
    return nullptr;
  }
  auto order = [&](const Twine &Why) {
    return S.fault(FaultKind::MulSequence, Op, Why);
  };
  bool IsStart = I.MulKind == MulType::Start;
  bool IsLast =
      !IsStart && (I.MulStep == MulPhase::Last || I.MulStep == MulPhase::Last2);
  if (!IsStart && (S.MulState == Idle || S.MulNext != Op)) {
    if (!order("mul_step that does not directly follow the step before it"))
      return nullptr;
  }
  if (!IsLast) {
    Value A, B;
    if (!fetch(S, Op, Op->A, A) || !fetch(S, Op, Op->B, B))
      return nullptr;
    if (((A | B) >> 32) && S.PendingIn && !checkPendingOperands(S, Op))
      return nullptr;
    if (IsStart) {
      S.MulA = A;
      S.MulB = B;
      S.MulType = 0;
      S.MulSteps = 0;
      S.MulState = Started;
    } else {
      unsigned Type = static_cast<unsigned>(I.MulKind);
      unsigned Step = static_cast<unsigned>(I.MulStep);
      if (((A ^ S.MulA) | (B ^ S.MulB)) != 0 &&
          !order("mul_step with other operands than its start"))
        return nullptr;
      if ((S.MulSteps != Step || (Step != 0 && S.MulType != Type)) &&
          !order("mul_step out of order: step " + Twine(Step + 1) + " after " +
                 Twine(unsigned(S.MulSteps))))
        return nullptr;
      S.MulType = static_cast<uint8_t>(Type);
      S.MulSteps = static_cast<uint8_t>(Step + 1);
    }
    S.MulNext = Op + 1;
    // What a step leaves behind is not specified.
    S.PrevAlu = S.PrevA = StaleLatch;
    NFPSIM_NEXT(S, Op + 1);
  }

  unsigned Type = static_cast<unsigned>(I.MulKind);
  static constexpr uint8_t StepsOf[4] = {0, 1, 2, 4};
  static constexpr uint32_t LeftMask[4] = {0, 0xffffff, 0xffff, ~0u};
  static constexpr uint32_t RightMask[4] = {0, 0xff, 0xffff, ~0u};
  bool IsLast2 = I.MulStep == MulPhase::Last2;
  if (IsLast2 ? S.MulState != Delivered || Type != 3
              : S.MulState != Started || S.MulType != Type ||
                    S.MulSteps != StepsOf[Type])
    if (!order("mul_step " + Twine(IsLast2 ? "last2" : "last") +
               " without the steps before it"))
      return nullptr;
  uint32_t TooWide = (bitsOf(S.MulA) & ~undefOf(S.MulA) & ~LeftMask[Type]) |
                     (bitsOf(S.MulB) & ~undefOf(S.MulB) & ~RightMask[Type]);
  if (TooWide && !order("operand too wide for the multiplication: 0x" +
                        Twine::utohexstr(bitsOf(S.MulA)) + " times 0x" +
                        Twine::utohexstr(bitsOf(S.MulB))))
    return nullptr;
  uint64_t Product = uint64_t(bitsOf(S.MulA) & LeftMask[Type]) *
                     (bitsOf(S.MulB) & RightMask[Type]);
  // Undefined bits reach every higher bit of the product.
  uint32_t UndefIn =
      (undefOf(S.MulA) & LeftMask[Type]) | (undefOf(S.MulB) & RightMask[Type]);
  uint64_t Undef = UndefIn ? ~uint64_t(0) << llvm::countr_zero(UndefIn) : 0;
  unsigned Shift = IsLast2 ? 32 : 0;
  Value R = makeValue(static_cast<uint32_t>(Product >> Shift),
                      static_cast<uint32_t>(Undef >> Shift));
  if (!isSimple(Op->D)) {
    S.fatal(FaultKind::Unsupported, Op, "destination of " + isa::toString(I));
    return nullptr;
  }
  S.R[Op->D] = R;
  S.R[Op->D2] = R;
  if (!I.NoCC) {
    S.FlagResult = R;
    S.FlagC = S.FlagV = 0;
    S.FlagCVUndef = 1;
  }
  S.MulState = IsLast2 ? Idle : Delivered;
  S.MulNext = Op + 1;
  // The instruction set names no latch for mul_step.
  S.PrevAlu = S.PrevA = StaleLatch;
  NFPSIM_NEXT(S, Op + 1);
}

} // namespace nfpbpf::sim
