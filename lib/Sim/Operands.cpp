//===- Operands.cpp - Operands that are not plain registers ---------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, sections 1.3, 1.6, 3 and 4.1; undefined bits of results.
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"

using namespace llvm;

namespace nfpbpf::sim {

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

bool fetchSlowly(State &S, const MicroOp *Op, uint16_t Place, Value &V) {
  const Value *P = Place & PlaceLM ? lmWord(S, Op, Place, false)
                                   : indexedPlace(S, Op, Place, false);
  if (!P)
    return false;
  V = *P;
  return true;
}

bool fetch(State &S, const MicroOp *Op, uint16_t Place, Value &V) {
  return fetchPlace(S, Op, Place, V);
}

bool storeSlowly(State &S, const MicroOp *Op, uint16_t Place, Value V) {
  Value *P = Place & PlaceLM ? lmWord(S, Op, Place, true)
                             : indexedPlace(S, Op, Place, true);
  if (!P)
    return false;
  *P = V;
  return true;
}

/// Moves the pointers of operands with post-modify, each once.
void postModify(State &S, const MicroOp *Op) {
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

/// The predicate of an instruction: 1 run, 0 suppress, -1 stop.
int predicate(State &S, const MicroOp *Op) {
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

/// All bits from the lowest undefined one upwards.
static inline uint32_t upward(uint32_t Undef) {
  return Undef ? ~0u << llvm::countr_zero(Undef) : 0;
}

uint32_t undefOfLogic(isa::AluOp Op, Value A, Value B) {
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

} // namespace nfpbpf::sim
