//===- Branch.cpp - Handlers of branches ----------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, section 4.13.
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Handlers.h"

using namespace llvm;

namespace nfpbpf::sim {

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
  S.LastTaken = Op;
  WordCharge &Charge = S.chargeOf(Op);
  ++Charge.Taken;
  if (!S.Exited) {
    Charge.Cycles += Cost - 1;
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

/// br_signal (Op->Code 1), br_!signal (0).
static const MicroOp *signalBranchHandler(State &S, const MicroOp *Op) {
  unsigned Signal = Op->Imm & 15;
  Pending &P = S.Slots[Signal];
  bool Arrives = P.Active && P.Arrival <= S.timeOfEngine(Op);
  bool Set = Arrives || P.Arrived;
  if (Arrives && !deliver(S, Op, Signal))
    return nullptr;
  P.Arrived = false;
  if (!S.Exited)
    S.Unvalidated |= UnvalidatedBitBranch | UnvalidatedArb;
  if (Set != (Op->Code == 1))
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

template <unsigned... Codes>
static Handler pickCondition(unsigned Code,
                             std::integer_sequence<unsigned, Codes...>) {
  static constexpr Handler Table[] = {condHandler<Codes>...};
  return Table[Code];
}

/// br and its relatives: what is decided by flags, contexts and signals.
static Handler pickStateBranch(const isa::Instruction &I, MicroOp &Op) {
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

Handler pickBranch(const isa::Instruction &I, MicroOp &Op) {
  switch (I.Fmt) {
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
  default:
    return pickStateBranch(I, Op);
  }
}

} // namespace nfpbpf::sim
