//===- Handlers.h - What handlers of instructions share ---------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operands, conditions, and what follows a result. A handler exists for every
// combination of operation and of three properties: operands that are not plain
// registers (General), flags that may be read (Flags), a result that may be
// read as PREV_ALU or PREV_A (Latch).
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_SIM_HANDLERS_H
#define NFPBPF_LIB_SIM_HANDLERS_H

#include "Dispatch.h"

namespace nfpbpf::sim {

enum : unsigned { General = 1, Flags = 2, Latch = 4, NumVariants = 8 };

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// Operands for which plainWord() is not enough.
bool fetchSlowly(State &S, const MicroOp *Op, uint16_t Place, Value &V);
bool storeSlowly(State &S, const MicroOp *Op, uint16_t Place, Value V);
/// Moves the pointers of operands with post-modify, each once.
void postModify(State &S, const MicroOp *Op);

/// The common case of lmWord(): a settled pointer into the stack, or a read of
/// the packet vector. Null otherwise.
inline Value *plainWord(State &S, const MicroOp *Op, uint16_t Place,
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
inline bool fetchPlace(State &S, const MicroOp *Op, uint16_t Place, Value &V) {
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

inline bool store(State &S, const MicroOp *Op, uint16_t Place, Value V) {
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

/// The predicate of an instruction: 1 run, 0 suppress, -1 stop.
int predicate(State &S, const MicroOp *Op);

/// Reads both operands and the predicate, if there is one. False: stop.
LLVM_ATTRIBUTE_ALWAYS_INLINE bool
readOperands(State &S, const MicroOp *Op, Value &A, Value &B, bool &Suppress) {
  Suppress = false;
  if (LLVM_UNLIKELY(Op->Predicated)) {
    int P = predicate(S, Op);
    if (P < 0)
      return false;
    Suppress = P == 0;
  }
  return fetchPlace(S, Op, Op->A, A) && fetchPlace(S, Op, Op->B, B);
}

/// False after a fault that stops: undefined bits of \p Used come from a
/// command whose data is not there yet.
inline bool hasArrived(State &S, const MicroOp *Op, Value Used) {
  return LLVM_LIKELY(Used >> 32 == 0) || !S.PendingIn ||
         checkPendingOperands(S, Op);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Undefined bits of an operation's result.
uint32_t undefOfLogic(isa::AluOp Op, Value A, Value B);

/// Flags of an operation that gives no carry and no overflow.
template <unsigned Variant>
inline void setLogicFlags(State &S, Value R, bool Suppress) {
  if constexpr (Variant & Flags) {
    if (Suppress)
      return;
    S.FlagResult = R;
    S.FlagC = S.FlagV = 0;
    S.FlagCVUndef = 1;
  }
}

/// Everything after the result is known: destination, flags, latches.
template <unsigned Variant>
inline bool finish(State &S, const MicroOp *Op, Value A, Value R,
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

//===----------------------------------------------------------------------===//
// Conditions
//===----------------------------------------------------------------------===//

/// Decides a condition of codes 0 to 11. Sets \p Undef if it rests on undefined
/// flags.
inline bool condition(const State &S, unsigned Code, bool &Undef) {
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

//===----------------------------------------------------------------------===//
// Handlers by format
//===----------------------------------------------------------------------===//

Handler pickAlu(isa::AluOp O, unsigned Variant);
Handler pickImmed(const isa::Instruction &I, MicroOp &Op, bool AfterCsrRead,
                  unsigned Variant);
Handler pickShift(const isa::Instruction &I, MicroOp &Op, unsigned Variant);
Handler pickLdField(const isa::Instruction &I, MicroOp &Op, unsigned Variant);
/// Branches, rtn and jump. Null if the simulator does not model it.
Handler pickBranch(const isa::Instruction &I, MicroOp &Op);

} // namespace nfpbpf::sim

#endif // NFPBPF_LIB_SIM_HANDLERS_H
