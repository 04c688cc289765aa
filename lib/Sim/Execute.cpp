//===- Execute.cpp - Handlers of plain instructions and branches ----------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, sections 4.1 to 4.8 and 4.13. A handler exists for every
// combination of operation and of three properties: operands that are not plain
// registers (General), flags that may be read (Flags), a result that may be
// read as PREV_ALU or PREV_A (Latch).
//
//===----------------------------------------------------------------------===//

#include "Dispatch.h"
#include "nfpbpf/ISA/NFP/Text.h"

using namespace llvm;

namespace nfpbpf::sim {

namespace {
enum : unsigned { General = 1, Flags = 2, Latch = 4, NumVariants = 8 };
} // namespace

//===----------------------------------------------------------------------===//
// Operands that are not plain registers
//===----------------------------------------------------------------------===//

static std::string wordText(uint32_t Word) {
  return ("word " + Twine(Word)).str();
}

/// The local memory word of an operand, or null after a fault that stops.
static Value *lmWord(State &S, const MicroOp *Op, uint16_t Place, bool Write) {
  unsigned Pointer = lmPointer(Place);
  uint32_t Base = S.LMWord[Pointer];
  if (LLVM_UNLIKELY(S.archAt(Op) < S.LMReady[Pointer])) {
    if (S.LMReady[Pointer] == Never) {
      if (!S.fault(FaultKind::UndefinedAddress, Op,
                   "local memory pointer " + Twine(Pointer) +
                       " has no defined value"))
        return nullptr;
    } else {
      if (!S.fault(FaultKind::StaleLMPointer, Op,
                   "*l$index" + Twine(Pointer) + " is used " +
                       Twine(S.LMReady[Pointer] - S.archAt(Op)) +
                       " cycles before the write of its pointer takes effect"))
        return nullptr;
    }
    Base = S.LMOld[Pointer];
  }
  uint32_t Address = (Base | lmOffset(Place)) & (LMWords - 1);
  if (LLVM_LIKELY(Address - S.StackLo < S.StackHi - S.StackLo)) {
    if (Write)
      S.noteStackWrite(Address);
    return &S.LM[Address];
  }
  uint32_t InVector = Address - S.VectorLo;
  if (InVector < 8) {
    bool Owned = InVector == VectorLength || InVector == VectorPointer ||
                 InVector == VectorFlags || InVector == VectorQueue;
    if (Write && !Owned &&
        !S.fault(FaultKind::PacketVector, Op,
                 "write to word " + Twine(8 + InVector) +
                     " of the packet vector, which the firmware owns"))
      return nullptr;
    return &S.LM[Address];
  }
  if (!S.fault(FaultKind::LocalMemoryAccess, Op,
               "local memory " + wordText(Address) +
                   " is outside of the stack (words " + Twine(S.StackLo) +
                   " to " + Twine(S.StackHi) +
                   ") and of the packet vector (pointer " + Twine(Pointer) +
                   ")"))
    return nullptr;
  return &S.LM[Address];
}

static Value *indexedPlace(State &S, const MicroOp *Op, uint16_t Place,
                           bool Write) {
  bool IsNN = Place & 1;
  Value Index = IsNN ? (Write ? S.NNPut : S.NNGet) : S.XferIndex;
  uint64_t Ready = IsNN ? S.NNReady : S.XferIndexReady;
  const char *Name = IsNN ? (Write ? "NN_PUT" : "NN_GET") : "T_INDEX";
  if (undefOf(Index) || Ready == Never) {
    S.fatal(FaultKind::UndefinedAddress, Op,
            Twine(Name) + " has no defined value");
    return nullptr;
  }
  if (S.archAt(Op) < Ready &&
      !S.fault(FaultKind::StaleCsr, Op,
               Twine(Name) + " is used " + Twine(Ready - S.archAt(Op)) +
                   " cycles before its write takes effect"))
    return nullptr;
  if (IsNN) {
    unsigned N = bitsOf(Index) & 127;
    unsigned Base = S.Context * 16;
    if (N - Base >= 32) {
      S.fatal(FaultKind::FirmwareRegister, Op,
              "next-neighbour register " + Twine(N) +
                  " is not of this context");
      return nullptr;
    }
    return &S.R[PlaceNN + N - Base];
  }
  unsigned N = (bitsOf(Index) >> 2) & 255;
  unsigned Base = S.Context * 32;
  if (N - Base >= (Write ? NumXferOwned : 64)) {
    S.fatal(FaultKind::FirmwareRegister, Op,
            "T_INDEX selects transfer register " + Twine(N) +
                ", which is not the program's");
    return nullptr;
  }
  return &S.R[(Write ? PlaceXferOut : PlaceXferIn) + N - Base];
}

/// The common case of lmWord(): a settled pointer into the stack, or a read of
/// the packet vector. Null otherwise.
static inline Value *plainWord(State &S, const MicroOp *Op, uint16_t Place,
                               bool Write) {
  unsigned Pointer = lmPointer(Place);
  if (!(Place & PlaceLM) || S.archAt(Op) < S.LMReady[Pointer])
    return nullptr;
  uint32_t Address = (S.LMWord[Pointer] | lmOffset(Place)) & (LMWords - 1);
  if (Address - S.StackLo < S.StackHi - S.StackLo) {
    if (Write)
      S.noteStackWrite(Address);
    return &S.LM[Address];
  }
  return !Write && Address - S.VectorLo < 8 ? &S.LM[Address] : nullptr;
}

LLVM_ATTRIBUTE_NOINLINE static bool fetchSlowly(State &S, const MicroOp *Op,
                                                uint16_t Place, Value &V) {
  const Value *P = Place & PlaceLM ? lmWord(S, Op, Place, false)
                                   : indexedPlace(S, Op, Place, false);
  if (!P)
    return false;
  V = *P;
  return true;
}

static inline bool fetchPlace(State &S, const MicroOp *Op, uint16_t Place,
                              Value &V) {
  if (isSimple(Place)) {
    V = S.R[Place];
    return true;
  }
  if (const Value *P = plainWord(S, Op, Place, false)) {
    V = *P;
    return true;
  }
  return fetchSlowly(S, Op, Place, V);
}

bool fetch(State &S, const MicroOp *Op, uint16_t Place, Value &V) {
  return fetchPlace(S, Op, Place, V);
}

LLVM_ATTRIBUTE_NOINLINE static bool storeSlowly(State &S, const MicroOp *Op,
                                                uint16_t Place, Value V) {
  Value *P = Place & PlaceLM ? lmWord(S, Op, Place, true)
                             : indexedPlace(S, Op, Place, true);
  if (!P)
    return false;
  *P = V;
  return true;
}

static inline bool store(State &S, const MicroOp *Op, uint16_t Place, Value V) {
  if (isSimple(Place)) {
    S.R[Place] = V;
    return true;
  }
  if (Value *P = plainWord(S, Op, Place, true)) {
    *P = V;
    return true;
  }
  return storeSlowly(S, Op, Place, V);
}

/// Moves the pointers of operands with post-modify, each once.
static void postModify(State &S, const MicroOp *Op) {
  unsigned Done = 0;
  for (uint16_t Place : {Op->A, Op->B, Op->D}) {
    if (isSimple(Place) || modifyOf(Place) == ModifyNone)
      continue;
    uint32_t Delta = modifyOf(Place) == ModifyInc ? 1 : ~0u;
    if (Place & PlaceLM) {
      unsigned Pointer = lmPointer(Place);
      if (Done & (1u << Pointer))
        continue;
      Done |= 1u << Pointer;
      S.LMWord[Pointer] = (S.LMWord[Pointer] + Delta) & (LMWords - 1);
      S.LMOld[Pointer] = (S.LMOld[Pointer] + Delta) & (LMWords - 1);
    } else if (Place & 1) {
      Value &Index = Place == Op->D ? S.NNPut : S.NNGet;
      Index = makeValue((bitsOf(Index) + Delta) & 127, undefOf(Index));
    } else {
      if (Done & 16)
        continue;
      Done |= 16;
      S.XferIndex = makeValue((bitsOf(S.XferIndex) + Delta * 4) & 0x3fc,
                              undefOf(S.XferIndex));
    }
  }
}

//===----------------------------------------------------------------------===//
// Conditions
//===----------------------------------------------------------------------===//

/// Decides a condition of codes 0 to 11. Sets \p Undef if it rests on undefined
/// flags.
static inline bool condition(const State &S, unsigned Code, bool &Undef) {
  uint32_t Result = bitsOf(S.FlagResult);
  uint32_t ResultUndef = undefOf(S.FlagResult);
  bool N = Result >> 31, Z = Result == 0;
  bool V = S.FlagV >> 31;
  Undef = false;
  switch (Code >> 1) {
  case 0: // Z. A defined bit that is set decides it.
    Undef = ResultUndef != 0 && (Result & ~ResultUndef) == 0;
    return Z != (Code & 1);
  case 1:
    Undef = ResultUndef >> 31;
    return N != (Code & 1);
  case 2:
    Undef = S.FlagCVUndef != 0;
    return (S.FlagC != 0) != (Code & 1);
  case 3:
    Undef = S.FlagCVUndef != 0;
    return V != (Code & 1);
  case 4:
    Undef = S.FlagCVUndef != 0 || (ResultUndef >> 31);
    return (N == V) != (Code & 1);
  default:
    Undef = S.FlagCVUndef != 0 || ResultUndef != 0;
    return (Z || N != V) != (Code & 1);
  }
}

/// The predicate of an instruction: 1 run, 0 suppress, -1 stop.
static int predicate(State &S, const MicroOp *Op) {
  if (undefOf(S.PredCC) || S.PredReady == Never) {
    S.fatal(FaultKind::UndefinedBranch, Op,
            "IndPredCC has no defined value for predicate_cc");
    return -1;
  }
  if (S.archAt(Op) < S.PredReady &&
      !S.fault(FaultKind::StaleCsr, Op,
               "predicate_cc within 3 cycles of the write of IndPredCC"))
    return -1;
  unsigned Code = bitsOf(S.PredCC) & 15;
  if (Code > 11) {
    S.fatal(FaultKind::Unsupported, Op,
            "IndPredCC holds condition " + Twine(Code));
    return -1;
  }
  bool Undef;
  bool Taken = condition(S, Code, Undef);
  if (Undef && !S.fault(FaultKind::UndefinedBranch, Op,
                        "predicate_cc rests on undefined flags"))
    return -1;
  return Taken;
}

//===----------------------------------------------------------------------===//
// Undefined bits
//===----------------------------------------------------------------------===//

/// All bits from the lowest undefined one upwards.
static inline uint32_t upward(uint32_t Undef) {
  return Undef ? ~0u << llvm::countr_zero(Undef) : 0;
}

static uint32_t undefOfLogic(isa::AluOp Op, Value A, Value B) {
  uint32_t AB = bitsOf(A), AU = undefOf(A), BB = bitsOf(B), BU = undefOf(B);
  switch (Op) {
  case isa::AluOp::B:
  case isa::AluOp::NotB:
    return BU;
  case isa::AluOp::NotAnd:
    AB = ~AB;
    [[fallthrough]];
  case isa::AluOp::And:
    return (AU & BU) | (AU & BB) | (BU & AB);
  case isa::AluOp::AndNot:
    return (AU & BU) | (AU & ~BB) | (BU & AB);
  case isa::AluOp::Or:
    return (AU & BU) | (AU & ~BB) | (BU & ~AB);
  case isa::AluOp::Xor:
    return AU | BU;
  case isa::AluOp::Add16:
    return upward(AU | (BU & 0xffff));
  case isa::AluOp::Add8:
    return upward(AU | (BU & 0xff));
  default:
    return upward(AU | BU);
  }
}

//===----------------------------------------------------------------------===//
// alu
//===----------------------------------------------------------------------===//

/// Everything after the result is known: destination, flags, latches.
template <unsigned Variant>
static inline bool finish(State &S, const MicroOp *Op, Value A, Value R,
                          bool Suppress) {
  if constexpr (Variant & General) {
    if (!Suppress) {
      if (!store(S, Op, Op->D, R))
        return false;
      if (Op->D2 != PlaceSink)
        S.R[Op->D2] = R;
    }
    if (Op->PostModifies)
      postModify(S, Op);
  } else {
    S.R[Op->D] = R;
    S.R[Op->D2] = R;
  }
  if constexpr (Variant & Latch) {
    S.PrevAlu = R;
    S.PrevA = A;
  }
  return true;
}

static constexpr bool isUnary(isa::AluOp O) {
  return O == isa::AluOp::B || O == isa::AluOp::NotB;
}
static constexpr bool isArith(isa::AluOp O) {
  switch (O) {
  case isa::AluOp::Add:
  case isa::AluOp::Add16:
  case isa::AluOp::Add8:
  case isa::AluOp::AddCarry:
  case isa::AluOp::Sub:
  case isa::AluOp::SubCarry:
  case isa::AluOp::RevSub:
    return true;
  default:
    return false;
  }
}

template <isa::AluOp O, unsigned Variant>
static const MicroOp *aluHandler(State &S, const MicroOp *Op) {
  Value A = 0, B;
  bool Suppress = false;
  if constexpr (Variant & General) {
    if (Op->Predicated) {
      int P = predicate(S, Op);
      if (P < 0)
        return nullptr;
      Suppress = P == 0;
    }
    if (!fetchPlace(S, Op, Op->A, A) || !fetchPlace(S, Op, Op->B, B))
      return nullptr;
  } else {
    if constexpr (!isUnary(O) || (Variant & Latch))
      A = S.R[Op->A];
    B = S.R[Op->B];
  }
  uint32_t X = bitsOf(A), Y = bitsOf(B), R;
  uint32_t C = 0, V = 0;
  if constexpr (O == isa::AluOp::B)
    R = Y;
  else if constexpr (O == isa::AluOp::NotB)
    R = ~Y;
  else if constexpr (O == isa::AluOp::And)
    R = X & Y;
  else if constexpr (O == isa::AluOp::NotAnd)
    R = ~X & Y;
  else if constexpr (O == isa::AluOp::AndNot)
    R = X & ~Y;
  else if constexpr (O == isa::AluOp::Or)
    R = X | Y;
  else if constexpr (O == isa::AluOp::Xor)
    R = X ^ Y;
  else {
    // Every addition is X + Y + carry in; subtractions add the complement.
    uint32_t Carry = 0;
    if constexpr (O == isa::AluOp::Add16)
      Y &= 0xffff;
    if constexpr (O == isa::AluOp::Add8)
      Y &= 0xff;
    if constexpr (O == isa::AluOp::RevSub)
      std::swap(X, Y);
    if constexpr (O == isa::AluOp::Sub || O == isa::AluOp::RevSub) {
      Y = ~Y;
      Carry = 1;
    }
    if constexpr (O == isa::AluOp::SubCarry)
      Y = ~Y;
    if constexpr (O == isa::AluOp::AddCarry || O == isa::AluOp::SubCarry)
      Carry = S.FlagC;
    uint64_t Sum = uint64_t(X) + Y + Carry;
    R = static_cast<uint32_t>(Sum);
    C = static_cast<uint32_t>(Sum >> 32);
    V = (X ^ R) & (Y ^ R);
  }
  uint32_t Undef = 0;
  if (LLVM_UNLIKELY((A | B) >> 32)) {
    if (S.PendingIn && !checkPendingOperands(S, Op))
      return nullptr;
    Undef = undefOfLogic(O, A, B);
  }
  if constexpr (O == isa::AluOp::AddCarry || O == isa::AluOp::SubCarry)
    if (LLVM_UNLIKELY(S.FlagCVUndef))
      Undef = ~0u;
  Value Result = makeValue(R, Undef);
  if constexpr (Variant & Flags) {
    if (!Suppress) {
      S.FlagResult = Result;
      S.FlagC = C;
      S.FlagV = V;
      S.FlagCVUndef = isArith(O) ? Undef : 1;
    }
  }
  // A left operand that is absent gives no shift amount.
  if constexpr (isUnary(O) && (Variant & Latch))
    if (Op->A == PlaceNone)
      A = StaleLatch;
  if (!finish<Variant>(S, Op, A, Result, Suppress))
    return nullptr;
  NFPSIM_NEXT(S, Op + 1);
}

//===----------------------------------------------------------------------===//
// Shifts
//===----------------------------------------------------------------------===//

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
    if (Op->Predicated) {
      int P = predicate(S, Op);
      if (P < 0)
        return nullptr;
      Suppress = P == 0;
    }
    if (!fetchPlace(S, Op, Op->A, A) || !fetchPlace(S, Op, Op->B, B))
      return nullptr;
  } else {
    if constexpr (IsDouble || (Variant & Latch))
      A = S.R[Op->A];
    B = S.R[Op->B];
  }
  if (LLVM_UNLIKELY((A | B) >> 32) && S.PendingIn &&
      !checkPendingOperands(S, Op))
    return nullptr;
  Value R;
  if (!shift<Kind>(S, Op, IsDouble ? A : 0, B, R))
    return nullptr;
  if constexpr (Variant & Flags) {
    if (!Suppress) {
      S.FlagResult = R;
      S.FlagC = S.FlagV = 0;
      S.FlagCVUndef = 1;
    }
  }
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
  bool Suppress = false;
  if (Op->Predicated) {
    int P = predicate(S, Op);
    if (P < 0)
      return nullptr;
    Suppress = P == 0;
  }
  if (!fetchPlace(S, Op, Op->A, A) || !fetchPlace(S, Op, Op->B, B))
    return nullptr;
  if (LLVM_UNLIKELY((A | B) >> 32) && S.PendingIn &&
      !checkPendingOperands(S, Op))
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
  if constexpr (Variant & Flags) {
    if (!Suppress) {
      S.FlagResult = Result;
      S.FlagC = S.FlagV = 0;
      S.FlagCVUndef = 1;
    }
  }
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
  bool Suppress = false;
  if (Op->Predicated) {
    int P = predicate(S, Op);
    if (P < 0)
      return nullptr;
    Suppress = P == 0;
  }
  if (!fetchPlace(S, Op, Op->A, A) || !fetchPlace(S, Op, Op->B, B))
    return nullptr;
  if (LLVM_UNLIKELY(B >> 32) && S.PendingIn && !checkPendingOperands(S, Op))
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
  if constexpr (Variant & Flags) {
    if (!Suppress) {
      S.FlagResult = R;
      S.FlagC = S.FlagV = 0;
      S.FlagCVUndef = 1;
    }
  }
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
  bool Suppress = false;
  if (Op->Predicated) {
    int P = predicate(S, Op);
    if (P < 0)
      return nullptr;
    Suppress = P == 0;
  }
  if (!fetchPlace(S, Op, Op->A, A) || !fetchPlace(S, Op, Op->B, B))
    return nullptr;
  if (LLVM_UNLIKELY((A | B) >> 32) && S.PendingIn &&
      !checkPendingOperands(S, Op))
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
  if constexpr (Variant & Flags) {
    if (!Suppress) {
      S.FlagResult = R;
      S.FlagC = S.FlagV = 0;
      S.FlagCVUndef = 1;
    }
  }
  if (!finish<Variant>(S, Op, A, R, Suppress))
    return nullptr;
  NFPSIM_NEXT(S, Op + 1);
}

//===----------------------------------------------------------------------===//
// ld_field and immed
//===----------------------------------------------------------------------===//

/// ld_field. Op->A is the destination as a source, Op->Imm the mask of the bits
/// taken from the shifted source. Op->Code: bit 0 clear the rest, bit 1
/// load_cc.
template <unsigned Kind, unsigned Variant>
static const MicroOp *ldFieldHandler(State &S, const MicroOp *Op) {
  Value Old, B;
  bool Suppress = false;
  if constexpr (Variant & General) {
    if (Op->Predicated) {
      int P = predicate(S, Op);
      if (P < 0)
        return nullptr;
      Suppress = P == 0;
    }
    if (!fetchPlace(S, Op, Op->A, Old) || !fetchPlace(S, Op, Op->B, B))
      return nullptr;
  } else {
    Old = S.R[Op->A];
    B = S.R[Op->B];
  }
  if (LLVM_UNLIKELY(B >> 32) && S.PendingIn && !checkPendingOperands(S, Op))
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

/// immed of all 32 bits to plain registers, and nop.
template <unsigned Variant>
static const MicroOp *immedHandler(State &S, const MicroOp *Op) {
  S.R[Op->D] = Op->Imm;
  S.R[Op->D2] = Op->Imm;
  if constexpr (Variant & Latch) {
    S.PrevAlu = Op->Imm;
    S.PrevA = StaleLatch;
  }
  NFPSIM_NEXT(S, Op + 1);
}

/// Every other immed. Op->Amount is the lowest bit written, Op->Code the number
/// of bits.
static const MicroOp *immedGeneralHandler(State &S, const MicroOp *Op) {
  bool Suppress = false;
  if (Op->Predicated) {
    int P = predicate(S, Op);
    if (P < 0)
      return nullptr;
    Suppress = P == 0;
  }
  Value R = Op->Imm;
  if (S.CsrValid) {
    // The instruction after local_csr_rd: the predecoder has seen that it is an
    // immed of 0.
    R = S.CsrLatch;
    S.CsrValid = false;
  } else if (Op->Code != 32) {
    Value Old;
    // Sources and destinations of transfer registers are different storage; a
    // partial write keeps what is in the transfer-out register.
    if (!fetchPlace(S, Op, Op->D, Old))
      return nullptr;
    uint32_t Mask = ((1u << Op->Code) - 1) << Op->Amount;
    R = makeValue((bitsOf(Old) & ~Mask) | (Op->Imm & Mask),
                  undefOf(Old) & ~Mask);
    if (Op->D2 != PlaceSink && !Suppress) {
      Value Other = S.R[Op->D2];
      S.R[Op->D2] = makeValue((bitsOf(Other) & ~Mask) | (Op->Imm & Mask),
                              undefOf(Other) & ~Mask);
    }
  }
  if (!Suppress) {
    if (!store(S, Op, Op->D, R))
      return nullptr;
    if (Op->D2 != PlaceSink && Op->Code == 32)
      S.R[Op->D2] = R;
  }
  if (Op->PostModifies)
    postModify(S, Op);
  S.PrevAlu = R;
  S.PrevA = StaleLatch;
  NFPSIM_NEXT(S, Op + 1);
}

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

LLVM_ATTRIBUTE_NOINLINE static bool limitReached(State &S, const MicroOp *Op) {
  S.RunClosed = true;
  S.fatal(FaultKind::InstructionLimit, Op,
          "the packet has executed " + Twine(S.Executed) +
              " instructions without leaving the program");
  return false;
}

/// Takes a branch: \p Cost accounting cycles, with the deferred instructions'
/// credit already in it.
LLVM_ATTRIBUTE_ALWAYS_INLINE static bool
take(State &S, const MicroOp *Op, const MicroOp *To, unsigned Cost) {
  if (LLVM_UNLIKELY(Op->InEpilogue))
    noteEpilogue(S, Op);
  leaveRun(S, Op + 1, To);
  S.T += Cost - 1;
  S.Arch += Op->ArchCost - 1;
  S.EntryCC = false;
  if (!S.Exited) {
    S.Unvalidated |= Op->Unvalidated;
    if (LLVM_UNLIKELY(To->InEpilogue)) {
      S.Exited = true;
      S.ExitT = S.T;
    }
  }
  if (LLVM_UNLIKELY(S.Executed > S.Limit))
    return limitReached(S, Op);
  return true;
}

static const MicroOp *branchHandler(State &S, const MicroOp *Op) {
  const MicroOp *To = Op->Target;
  if (!take(S, Op, To, Op->CostNew))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

/// The instruction executed just before wrote condition codes.
static inline bool flagsAreNew(const State &S, const MicroOp *Op) {
  return Op == S.RunStart ? S.EntryCC : Op[-1].WritesCC;
}

template <unsigned Code>
static const MicroOp *condHandler(State &S, const MicroOp *Op) {
  bool Undef;
  bool Taken = condition(S, Code, Undef);
  if (LLVM_UNLIKELY(Undef) &&
      !S.fault(FaultKind::UndefinedBranch, Op,
               "the branch rests on undefined condition codes"))
    return nullptr;
  if (!Taken)
    NFPSIM_NEXT(S, Op + 1);
  const MicroOp *To = Op->Target;
  bool New = flagsAreNew(S, Op);
  if (!New && !S.Exited)
    S.Unvalidated |= UnvalidatedOldFlags;
  if (!take(S, Op, To, New ? Op->CostNew : Op->CostOld))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

/// br_bset (Op->Code 1), br_bclr (0) of bit Op->Amount.
static const MicroOp *bitHandler(State &S, const MicroOp *Op) {
  Value A;
  if (!fetchPlace(S, Op, Op->A, A))
    return nullptr;
  if (LLVM_UNLIKELY((undefOf(A) >> Op->Amount) & 1)) {
    if (S.PendingIn && !checkPendingOperands(S, Op))
      return nullptr;
    if (!S.fault(FaultKind::UndefinedBranch, Op,
                 "bit " + Twine(unsigned(Op->Amount)) +
                     " of the tested register is undefined"))
      return nullptr;
  }
  if (((bitsOf(A) >> Op->Amount) & 1) != Op->Code)
    NFPSIM_NEXT(S, Op + 1);
  const MicroOp *To = Op->Target;
  if (!take(S, Op, To, Op->CostNew))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

/// br=byte (Op->Code 1), br!=byte (0): byte at bit Op->Amount against Op->Imm.
static const MicroOp *byteHandler(State &S, const MicroOp *Op) {
  Value A;
  if (!fetchPlace(S, Op, Op->A, A))
    return nullptr;
  if (LLVM_UNLIKELY((undefOf(A) >> Op->Amount) & 0xff)) {
    if (S.PendingIn && !checkPendingOperands(S, Op))
      return nullptr;
    if (!S.fault(FaultKind::UndefinedBranch, Op,
                 "the compared byte has undefined bits"))
      return nullptr;
  }
  bool Equal = ((bitsOf(A) >> Op->Amount) & 0xff) == Op->Imm;
  if (Equal != (Op->Code == 1))
    NFPSIM_NEXT(S, Op + 1);
  const MicroOp *To = Op->Target;
  if (!take(S, Op, To, Op->CostNew))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

/// br=ctx (Op->Code 1), br!=ctx (0).
static const MicroOp *contextBranchHandler(State &S, const MicroOp *Op) {
  if ((S.Context == Op->Imm) != (Op->Code == 1))
    NFPSIM_NEXT(S, Op + 1);
  const MicroOp *To = Op->Target;
  if (!take(S, Op, To, Op->CostNew))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

const MicroOp *findTarget(const Program &P, uint32_t Address) {
  if (Address >= P.Load.Start && Address - P.Load.Start < P.Words)
    return &P.Ops[Address - P.Load.Start];
  // The exit, then the helper routines.
  for (size_t I = 0; I <= P.Load.Helpers.size(); ++I) {
    const MicroOp &Op = P.Ops[P.ExitOp + I];
    if (P.Side[Op.Side].Address == Address)
      return &Op;
  }
  return nullptr;
}

/// rtn and jump: the register (Op->A) plus Op->Imm.
static const MicroOp *returnHandler(State &S, const MicroOp *Op) {
  Value A;
  if (!fetchPlace(S, Op, Op->A, A))
    return nullptr;
  if (undefOf(A)) {
    if (S.PendingIn && !checkPendingOperands(S, Op))
      return nullptr;
    S.fatal(FaultKind::UndefinedAddress, Op,
            "the return address is not defined");
    return nullptr;
  }
  uint32_t Address = bitsOf(A) + Op->Imm;
  S.JumpTarget = findTarget(*S.Prog, Address);
  if (!S.JumpTarget) {
    S.fatal(FaultKind::BadTarget, Op,
            "jump to address " + Twine(Address) +
                ", which is neither in the program nor an entry point");
    return nullptr;
  }
  const MicroOp *To = Op->Filled ? Op->Target : S.JumpTarget;
  if (!take(S, Op, To, Op->CostNew))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

/// End of a trampoline: the deferred instructions are done.
static const MicroOp *endTrampoline(State &S, const MicroOp *Op,
                                    const MicroOp *To) {
  bool CC = Op != S.RunStart && Op[-1].WritesCC;
  leaveRun(S, Op, To);
  S.EntryCC = CC;
  if (LLVM_UNLIKELY(To->InEpilogue) && !S.Exited) {
    S.Exited = true;
    S.ExitT = S.T;
  }
  return To;
}

const MicroOp *gotoHandler(State &S, const MicroOp *Op) {
  const MicroOp *To = endTrampoline(S, Op, Op->Target);
  NFPSIM_NEXT(S, To);
}

const MicroOp *gotoIndirectHandler(State &S, const MicroOp *Op) {
  const MicroOp *To = endTrampoline(S, Op, S.JumpTarget);
  NFPSIM_NEXT(S, To);
}

const MicroOp *jumpTo(State &S, uint32_t Address, const MicroOp *Op) {
  const MicroOp *To = findTarget(*S.Prog, Address);
  if (!To)
    S.fatal(FaultKind::BadTarget, Op,
            "return to address " + Twine(Address) +
                ", which is neither in the program nor an entry point");
  return To;
}

const MicroOp *badTargetHandler(State &S, const MicroOp *Op) {
  const SideInfo &Info = S.Prog->Side[Op->Side];
  S.fatal(Info.Kind, Op, Info.Text);
  return nullptr;
}

const MicroOp *faultHandler(State &S, const MicroOp *Op) {
  const SideInfo &Info = S.Prog->Side[Op->Side];
  if (!Info.Continue) {
    S.fatal(Info.Kind, Op, Info.Text);
    return nullptr;
  }
  if (!S.fault(Info.Kind, Op, Info.Text))
    return nullptr;
  Handler Continue = Info.Continue;
#ifdef NFPSIM_HAS_MUSTTAIL
  [[clang::musttail]] return Continue(S, Op);
#else
  return Continue(S, Op);
#endif
}

//===----------------------------------------------------------------------===//
// Handler tables
//===----------------------------------------------------------------------===//

template <isa::AluOp O>
static Handler aluVariant(unsigned Variant) {
  static constexpr Handler Table[NumVariants] = {
      aluHandler<O, 0>, aluHandler<O, 1>, aluHandler<O, 2>, aluHandler<O, 3>,
      aluHandler<O, 4>, aluHandler<O, 5>, aluHandler<O, 6>, aluHandler<O, 7>};
  return Table[Variant];
}

static Handler pickAlu(isa::AluOp O, unsigned Variant) {
  using isa::AluOp;
  switch (O) {
  case AluOp::B:
    return aluVariant<AluOp::B>(Variant);
  case AluOp::Add:
    return aluVariant<AluOp::Add>(Variant);
  case AluOp::NotB:
    return aluVariant<AluOp::NotB>(Variant);
  case AluOp::Add16:
    return aluVariant<AluOp::Add16>(Variant);
  case AluOp::And:
    return aluVariant<AluOp::And>(Variant);
  case AluOp::Add8:
    return aluVariant<AluOp::Add8>(Variant);
  case AluOp::NotAnd:
    return aluVariant<AluOp::NotAnd>(Variant);
  case AluOp::SubCarry:
    return aluVariant<AluOp::SubCarry>(Variant);
  case AluOp::AndNot:
    return aluVariant<AluOp::AndNot>(Variant);
  case AluOp::AddCarry:
    return aluVariant<AluOp::AddCarry>(Variant);
  case AluOp::Or:
    return aluVariant<AluOp::Or>(Variant);
  case AluOp::Sub:
    return aluVariant<AluOp::Sub>(Variant);
  case AluOp::Xor:
    return aluVariant<AluOp::Xor>(Variant);
  case AluOp::RevSub:
    return aluVariant<AluOp::RevSub>(Variant);
  default:
    return specialAluHandler;
  }
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

static Handler pickShift(const isa::Instruction &I, MicroOp &Op,
                         unsigned Variant) {
  unsigned Kind = shiftKind(I);
  switch (I.ShfOpcode) {
  case isa::ShfOp::Asr: {
    static constexpr Handler Table[2] = {asrHandler<General>,
                                         asrHandler<General | Flags | Latch>};
    Op.Code = static_cast<uint8_t>(Kind);
    return Table[(Variant & (Flags | Latch)) != 0];
  }
  case isa::ShfOp::ByteAlign:
    Op.Code = I.Shift == isa::ShiftMode::Left;
    return byteAlignHandler<General | Flags | Latch>;
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

static Handler pickLdField(const isa::Instruction &I, MicroOp &Op,
                           unsigned Variant) {
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

static Handler pickImmed(const isa::Instruction &I, MicroOp &Op,
                         bool AfterCsrRead, unsigned Variant) {
  Op.Amount = 0;
  Op.Code = 32;
  switch (I.Width) {
  case isa::ImmedWidth::All:
    Op.Imm = isa::immedValue(I);
    break;
  case isa::ImmedWidth::Byte:
    Op.Code = 8;
    Op.Amount = static_cast<uint8_t>(8 * I.ImmShift);
    Op.Imm = ((I.Invert ? ~I.Imm16 : I.Imm16) & 0xffu) << Op.Amount;
    break;
  case isa::ImmedWidth::Word:
    Op.Code = 16;
    Op.Amount = static_cast<uint8_t>(8 * (I.ImmShift & 2));
    Op.Imm = ((I.Invert ? ~I.Imm16 : I.Imm16) & 0xffffu) << Op.Amount;
    break;
  }
  if (AfterCsrRead || (Variant & General) || Op.Code != 32)
    return immedGeneralHandler;
  return Variant & Latch ? immedHandler<Latch> : immedHandler<0>;
}

template <unsigned... Codes>
static Handler pickCondition(unsigned Code,
                             std::integer_sequence<unsigned, Codes...>) {
  static constexpr Handler Table[] = {condHandler<Codes>...};
  return Table[Code];
}

static Handler pickBranch(const isa::Instruction &I, MicroOp &Op) {
  using isa::BranchOp;
  switch (I.BrOp) {
  case BranchOp::Always:
    return branchHandler;
  case BranchOp::CtxEq:
  case BranchOp::CtxNe:
    Op.Code = I.BrOp == BranchOp::CtxEq;
    Op.Imm = I.BranchState;
    return contextBranchHandler;
  case BranchOp::SignalSet:
  case BranchOp::SignalClear:
    Op.Code = I.BrOp == BranchOp::SignalSet;
    Op.Imm = I.BranchState;
    return signalBranchHandler;
  case BranchOp::InpStateSet:
  case BranchOp::InpStateClear:
  case BranchOp::ClsStateSet:
  case BranchOp::ClsStateClear:
    return nullptr;
  default:
    break;
  }
  unsigned Code = static_cast<unsigned>(I.BrOp);
  if (Code > 11)
    return nullptr;
  return pickCondition(Code, std::make_integer_sequence<unsigned, 12>());
}

Handler pickHandler(const isa::Instruction &I, MicroOp &Op, HandlerNeeds Needs,
                    bool AfterCsrRead) {
  if (I.Fmt == isa::Format::Shf || I.Fmt == isa::Format::LdField)
    Op.Amount = I.ShiftAmount;
  bool Simple =
      isSimple(Op.A) && isSimple(Op.B) && isSimple(Op.D) && !Op.Predicated;
  unsigned Variant = 0;
  if (!Simple)
    Variant |= General;
  if (Needs.Flags && Op.WritesCC)
    Variant |= Flags;
  if (Needs.Latch)
    Variant |= Latch;
  switch (I.Fmt) {
  case isa::Format::Alu:
    return pickAlu(I.AluOpcode, Variant);
  case isa::Format::Shf:
    return pickShift(I, Op, Variant);
  case isa::Format::LdField:
    return pickLdField(I, Op, Variant);
  case isa::Format::Immed:
    return pickImmed(I, Op, AfterCsrRead, Variant);
  case isa::Format::MulStep:
    return mulHandler;
  case isa::Format::LocalCsr:
    return I.CsrWrite ? csrWriteHandler : csrReadHandler;
  case isa::Format::Branch:
    return pickBranch(I, Op);
  case isa::Format::BranchBit:
    Op.Code = I.BitSet;
    Op.Amount = I.Bit;
    return bitHandler;
  case isa::Format::BranchByte:
    Op.Code = I.ByteEqual;
    Op.Amount = static_cast<uint8_t>(8 * I.ByteIndex);
    Op.Imm = I.ByteValue;
    return byteHandler;
  case isa::Format::Return:
    Op.Imm = I.Target;
    return returnHandler;
  case isa::Format::CtxArb:
    return ctxArbHandler;
  case isa::Format::Cmd:
    return commandHandler;
  case isa::Format::Invalid:
    break;
  }
  return nullptr;
}

void run(State &S, const MicroOp *From) {
  const MicroOp *Op = From;
  while (Op)
    Op = Op->Fn(S, Op);
}

} // namespace nfpbpf::sim
