//===- Alu.cpp - Handlers of alu and immed --------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, sections 4.2 and 4.8.
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"

using namespace llvm;

namespace nfpbpf::sim {

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
    if (!readOperands(S, Op, A, B, Suppress))
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

template <isa::AluOp O>
static Handler aluVariant(unsigned Variant) {
  static constexpr Handler Table[NumVariants] = {
      aluHandler<O, 0>, aluHandler<O, 1>, aluHandler<O, 2>, aluHandler<O, 3>,
      aluHandler<O, 4>, aluHandler<O, 5>, aluHandler<O, 6>, aluHandler<O, 7>};
  return Table[Variant];
}

Handler pickAlu(isa::AluOp O, unsigned Variant) {
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

Handler pickImmed(const isa::Instruction &I, MicroOp &Op, bool AfterCsrRead,
                  unsigned Variant) {
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

} // namespace nfpbpf::sim
