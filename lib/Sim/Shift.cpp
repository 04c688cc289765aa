//===- Shift.cpp - Handlers of shifts and ld_field ------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, sections 4.3 to 4.7.
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"
#include "nfpbpf/ISA/NFP/Text.h"

using namespace llvm;

namespace nfpbpf::sim {

namespace {
/// How a shifter works, with the amount resolved as far as it can be.
enum ShiftKind : unsigned {
  ShiftRotate, ///< by Amount, 0 is none
  ShiftRight,
  ShiftLeft,
  ShiftDouble,
  ShiftRightIndirect,
  ShiftLeftIndirect,
  ShiftDoubleIndirect,
  NumShiftKinds
};
} // namespace

static inline uint32_t rotateRight(uint32_t V, unsigned N) {
  return N == 0 ? V : (V >> N) | (V << (32 - N));
}

/// The amount must have been put there for this shift. The hardware would take
/// whatever the instruction before had as its left operand.
static bool amountIsMeant(State &S, const MicroOp *Op) {
  const MicroOp *Before = Op == S.RunStart ? S.LastOp : Op - 1;
  if (S.PrevA == StaleLatch || !Before)
    return S.fault(FaultKind::StaleShiftAmount, Op,
                   "indirect shift, but the instruction before gave no amount");
  if (Before->GivesAmount)
    return true;
  return S.fault(FaultKind::StaleShiftAmount, Op,
                 "indirect shift by what '" +
                     isa::toString(S.Prog->Side[Before->Side].Insn) +
                     "' left behind: it has another purpose than an amount");
}

/// Resolves PREV_A as a shift amount.
static bool indirectAmount(State &S, const MicroOp *Op, unsigned &Amount,
                           bool &Undef, bool IsDouble) {
  if (!amountIsMeant(S, Op))
    return false;
  Undef = (undefOf(S.PrevA) & 31) != 0;
  Amount = bitsOf(S.PrevA) & 31;
  if (Undef || !IsDouble || (bitsOf(S.PrevA) & 63) < 32)
    return true;
  return S.fault(FaultKind::DoubleShiftAmount, Op,
                 "indirect dbl_shf by " + Twine(bitsOf(S.PrevA) & 63) +
                     ": amounts of 32 and more are not defined");
}

/// Shifts a value with its undefined bits. \p A is the upper word of a double
/// shift.
template <unsigned Kind>
static inline bool shift(State &S, const MicroOp *Op, Value A, Value B,
                         Value &R) {
  unsigned N = Op->Amount;
  bool UndefAmount = false;
  if constexpr (Kind >= ShiftRightIndirect)
    if (!indirectAmount(S, Op, N, UndefAmount, Kind == ShiftDoubleIndirect))
      return false;
  auto word = [&](uint32_t X, uint32_t Upper) -> uint32_t {
    if constexpr (Kind == ShiftRotate)
      return rotateRight(X, N);
    else if constexpr (Kind == ShiftRight || Kind == ShiftRightIndirect)
      return X >> N;
    else if constexpr (Kind == ShiftLeft || Kind == ShiftLeftIndirect)
      return X << N;
    else
      return static_cast<uint32_t>((uint64_t(Upper) << 32 | X) >> N);
  };
  uint32_t Undef = 0;
  if (LLVM_UNLIKELY((A | B) >> 32))
    Undef = word(undefOf(B), undefOf(A));
  if (UndefAmount)
    Undef = ~0u;
  R = makeValue(word(bitsOf(B), bitsOf(A)), Undef);
  return true;
}

template <unsigned Kind>
static bool shiftByKind(State &S, const MicroOp *Op, Value A, Value B,
                        Value &R) {
  return shift<Kind>(S, Op, A, B, R);
}
static constexpr decltype(&shiftByKind<0>) ShiftTable[NumShiftKinds] = {
    shiftByKind<ShiftRotate>,         shiftByKind<ShiftRight>,
    shiftByKind<ShiftLeft>,           shiftByKind<ShiftDouble>,
    shiftByKind<ShiftRightIndirect>,  shiftByKind<ShiftLeftIndirect>,
    shiftByKind<ShiftDoubleIndirect>,
};

/// alu_shf with operation B, and dbl_shf.
template <unsigned Kind, unsigned Variant>
static const MicroOp *shfHandler(State &S, const MicroOp *Op) {
  constexpr bool IsDouble = Kind == ShiftDouble || Kind == ShiftDoubleIndirect;
  Value A = 0, B;
  bool Suppress = false;
  if constexpr (Variant & General) {
    if (!readOperands(S, Op, A, B, Suppress))
      return nullptr;
  } else {
    if constexpr (IsDouble || (Variant & Latch))
      A = S.R[Op->A];
    B = S.R[Op->B];
  }
  if (!hasArrived(S, Op, A | B))
    return nullptr;
  Value R;
  if (!shift<Kind>(S, Op, IsDouble ? A : 0, B, R))
    return nullptr;
  setLogicFlags<Variant>(S, R, Suppress);
  if constexpr (Variant & Latch)
    if (!IsDouble && Op->A == PlaceNone)
      A = StaleLatch;
  if (!finish<Variant>(S, Op, A, R, Suppress))
    return nullptr;
  NFPSIM_NEXT(S, Op + 1);
}

/// alu_shf with another operation. Op->Code is operation * 8 + shift kind.
template <unsigned Variant>
static const MicroOp *shfOpHandler(State &S, const MicroOp *Op) {
  Value A, B;
  bool Suppress;
  if (!readOperands(S, Op, A, B, Suppress))
    return nullptr;
  if (!hasArrived(S, Op, A | B))
    return nullptr;
  Value Shifted;
  if (!ShiftTable[Op->Code & 7](S, Op, 0, B, Shifted))
    return nullptr;
  uint32_t X = bitsOf(A), Y = bitsOf(Shifted), R = 0;
  isa::AluOp Logic = isa::AluOp::B;
  switch (static_cast<isa::ShfOp>(Op->Code >> 3)) {
  case isa::ShfOp::NotB:
    R = ~Y;
    Logic = isa::AluOp::NotB;
    break;
  case isa::ShfOp::And:
    R = X & Y;
    Logic = isa::AluOp::And;
    break;
  case isa::ShfOp::NotAnd:
    R = ~X & Y;
    Logic = isa::AluOp::NotAnd;
    break;
  case isa::ShfOp::AndNot:
    R = X & ~Y;
    Logic = isa::AluOp::AndNot;
    break;
  case isa::ShfOp::Or:
    R = X | Y;
    Logic = isa::AluOp::Or;
    break;
  default:
    R = Y;
    break;
  }
  uint32_t Undef = 0;
  if (LLVM_UNLIKELY((A | Shifted) >> 32))
    Undef = undefOfLogic(Logic, A, Shifted);
  Value Result = makeValue(R, Undef);
  setLogicFlags<Variant>(S, Result, Suppress);
  if (Logic == isa::AluOp::NotB && Op->A == PlaceNone)
    A = StaleLatch;
  if (!finish<Variant>(S, Op, A, Result, Suppress))
    return nullptr;
  NFPSIM_NEXT(S, Op + 1);
}

/// asr: the fill bit is bit 31 of PREV_ALU. Op->Code is the shift kind.
template <unsigned Variant>
static const MicroOp *asrHandler(State &S, const MicroOp *Op) {
  Value A, B;
  bool Suppress;
  if (!readOperands(S, Op, A, B, Suppress))
    return nullptr;
  if (!hasArrived(S, Op, B))
    return nullptr;
  unsigned N = Op->Amount;
  bool UndefAmount = false;
  if (Op->Code == ShiftRightIndirect &&
      !indirectAmount(S, Op, N, UndefAmount, false))
    return nullptr;
  if (S.PrevAlu == StaleLatch &&
      !S.fault(FaultKind::StaleSign, Op,
               "asr, but the instruction before left no result to take the "
               "sign from"))
    return nullptr;
  uint32_t Top = N == 0 ? 0 : ~(~0u >> N);
  uint32_t Fill = bitsOf(S.PrevAlu) >> 31 ? Top : 0;
  uint32_t FillUndef = undefOf(S.PrevAlu) >> 31 ? Top : 0;
  Value R = makeValue((bitsOf(B) >> N) | Fill, (undefOf(B) >> N) | FillUndef);
  if (UndefAmount)
    R = makeValue(bitsOf(R), ~0u);
  setLogicFlags<Variant>(S, R, Suppress);
  if (Op->A == PlaceNone)
    A = StaleLatch;
  if (!finish<Variant>(S, Op, A, R, Suppress))
    return nullptr;
  NFPSIM_NEXT(S, Op + 1);
}

/// byte_align_be (Op->Code 0) and byte_align_le (1).
template <unsigned Variant>
static const MicroOp *byteAlignHandler(State &S, const MicroOp *Op) {
  Value A, B;
  bool Suppress;
  if (!readOperands(S, Op, A, B, Suppress))
    return nullptr;
  if (!hasArrived(S, Op, A | B))
    return nullptr;
  Value Source = Op->Code ? A : B;
  if (S.ByteIndexReady == Never || undefOf(S.ByteIndex)) {
    S.fatal(FaultKind::UndefinedAddress, Op, "BYTE_INDEX has no defined value");
    return nullptr;
  }
  if (S.archAt(Op) < S.ByteIndexReady &&
      !S.fault(FaultKind::StaleCsr, Op,
               "byte_align within 3 cycles of the write of BYTE_INDEX"))
    return nullptr;
  bool Drops = Op->D == PlaceSink;
  if (S.ByteAlignPrev == StaleLatch && !Drops &&
      !S.fault(FaultKind::ByteAlignState, Op,
               "byte_align without an earlier byte_align operand"))
    return nullptr;
  unsigned I = bitsOf(S.ByteIndex) & 3;
  auto align = [&](uint32_t Prev, uint32_t Src) {
    uint64_t Pair =
        Op->Code ? uint64_t(Src) << 32 | Prev : uint64_t(Prev) << 32 | Src;
    return static_cast<uint32_t>(Pair >> (Op->Code ? 8 * I : 32 - 8 * I));
  };
  Value R = makeValue(align(bitsOf(S.ByteAlignPrev), bitsOf(Source)),
                      align(undefOf(S.ByteAlignPrev), undefOf(Source)));
  S.ByteAlignPrev = Source;
  setLogicFlags<Variant>(S, R, Suppress);
  if (!finish<Variant>(S, Op, A, R, Suppress))
    return nullptr;
  NFPSIM_NEXT(S, Op + 1);
}

/// ld_field. Op->A is the destination as a source, Op->Imm the mask of the bits
/// taken from the shifted source. Op->Code: bit 0 clear the rest, bit 1
/// load_cc.
template <unsigned Kind, unsigned Variant>
static const MicroOp *ldFieldHandler(State &S, const MicroOp *Op) {
  Value Old, B;
  bool Suppress = false;
  if constexpr (Variant & General) {
    if (!readOperands(S, Op, Old, B, Suppress))
      return nullptr;
  } else {
    Old = S.R[Op->A];
    B = S.R[Op->B];
  }
  if (!hasArrived(S, Op, B))
    return nullptr;
  Value Shifted;
  if (!shift<Kind>(S, Op, 0, B, Shifted))
    return nullptr;
  uint32_t Mask = Op->Imm;
  uint32_t Keep = Op->Code & 1 ? 0 : ~Mask;
  Value R = makeValue((bitsOf(Shifted) & Mask) | (bitsOf(Old) & Keep),
                      (undefOf(Shifted) & Mask) | (undefOf(Old) & Keep));
  if constexpr (Variant & Flags)
    if ((Op->Code & 2) && !Suppress)
      S.FlagResult = R;
  // The left operand is the destination register as it was.
  if (!finish<Variant>(S, Op, Old, R, Suppress))
    return nullptr;
  NFPSIM_NEXT(S, Op + 1);
}

template <unsigned Kind>
static Handler shfVariant(unsigned Variant) {
  static constexpr Handler Table[NumVariants] = {
      shfHandler<Kind, 0>, shfHandler<Kind, 1>, shfHandler<Kind, 2>,
      shfHandler<Kind, 3>, shfHandler<Kind, 4>, shfHandler<Kind, 5>,
      shfHandler<Kind, 6>, shfHandler<Kind, 7>};
  return Table[Variant];
}

template <unsigned Kind>
static Handler ldFieldVariant(unsigned Variant) {
  static constexpr Handler Table[NumVariants] = {
      ldFieldHandler<Kind, 0>, ldFieldHandler<Kind, 1>, ldFieldHandler<Kind, 2>,
      ldFieldHandler<Kind, 3>, ldFieldHandler<Kind, 4>, ldFieldHandler<Kind, 5>,
      ldFieldHandler<Kind, 6>, ldFieldHandler<Kind, 7>};
  return Table[Variant];
}

static unsigned shiftKind(const isa::Instruction &I) {
  bool Indirect = I.ShiftAmount == 0;
  switch (I.Shift) {
  case isa::ShiftMode::RotateRight:
    return ShiftRotate;
  case isa::ShiftMode::Right:
    return Indirect ? ShiftRightIndirect : ShiftRight;
  case isa::ShiftMode::Left:
    return Indirect ? ShiftLeftIndirect : ShiftLeft;
  case isa::ShiftMode::Double:
    break;
  }
  return Indirect ? ShiftDoubleIndirect : ShiftDouble;
}

Handler pickShift(const isa::Instruction &I, MicroOp &Op, unsigned Variant) {
  unsigned Kind = shiftKind(I);
  switch (I.ShfOpcode) {
  case isa::ShfOp::Asr: {
    Op.Code = static_cast<uint8_t>(Kind);
    if (Variant & Flags)
      return asrHandler<General | Flags | Latch>;
    return Variant & Latch ? asrHandler<General | Latch> : asrHandler<General>;
  }
  case isa::ShfOp::ByteAlign:
    Op.Code = I.Shift == isa::ShiftMode::Left;
    return Variant & Flags ? byteAlignHandler<General | Flags | Latch>
                           : byteAlignHandler<General | Latch>;
  case isa::ShfOp::B:
    break;
  default:
    if (I.Shift == isa::ShiftMode::Double)
      break;
    Op.Code =
        static_cast<uint8_t>(static_cast<unsigned>(I.ShfOpcode) << 3 | Kind);
    // Its handler latches in any case.
    return Variant & Flags ? shfOpHandler<General | Flags | Latch>
                           : shfOpHandler<General | Latch>;
  }
  switch (Kind) {
  case ShiftRotate:
    return shfVariant<ShiftRotate>(Variant);
  case ShiftRight:
    return shfVariant<ShiftRight>(Variant);
  case ShiftLeft:
    return shfVariant<ShiftLeft>(Variant);
  case ShiftDouble:
    return shfVariant<ShiftDouble>(Variant);
  case ShiftRightIndirect:
    return shfVariant<ShiftRightIndirect>(Variant);
  case ShiftLeftIndirect:
    return shfVariant<ShiftLeftIndirect>(Variant);
  default:
    return shfVariant<ShiftDoubleIndirect>(Variant);
  }
}

Handler pickLdField(const isa::Instruction &I, MicroOp &Op, unsigned Variant) {
  Op.Code = static_cast<uint8_t>(I.ClearRest | I.LoadCC << 1);
  Op.Imm = 0;
  for (unsigned Byte = 0; Byte < 4; ++Byte)
    if (I.ByteMask >> Byte & 1)
      Op.Imm |= 0xffu << (8 * Byte);
  switch (shiftKind(I)) {
  case ShiftRotate:
    return ldFieldVariant<ShiftRotate>(Variant);
  case ShiftRight:
    return ldFieldVariant<ShiftRight>(Variant);
  case ShiftLeft:
    return ldFieldVariant<ShiftLeft>(Variant);
  case ShiftRightIndirect:
    return ldFieldVariant<ShiftRightIndirect>(Variant);
  case ShiftLeftIndirect:
    return ldFieldVariant<ShiftLeftIndirect>(Variant);
  default:
    // ld_field with a double shift; the predecoder makes it a fault.
    return nullptr;
  }
}

} // namespace nfpbpf::sim
