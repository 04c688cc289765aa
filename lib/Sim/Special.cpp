//===- Special.cpp - Handlers of CAM, CRC and bit search ------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, sections 4.9 to 4.11.
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace nfpbpf::sim {

/// Instructions between a crc and the read of CRC_REMAINDER.
constexpr unsigned CrcReadLatency = 5;

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
  if (!hasArrived(S, Op, A | B))
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

} // namespace nfpbpf::sim
