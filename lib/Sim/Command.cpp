//===- Command.cpp - Handlers of memory commands --------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, sections 2.14 to 2.16 and 4.15; accounting after
// hardware timing, sections 1.3, 1.5 and 2.1. A swapping command samples its
// address when it is issued and its data registers after its deferred
// instructions.
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Handlers.h"

using namespace llvm;

namespace nfpbpf::sim {

/// Faults if bytes that a command under way changes are read or changed, or
/// bytes that it reads are changed: nothing says which of the two comes first.
/// Additions to the same sums whose results nobody sees may come in any order.
static bool checkOrder(State &S, const MicroOp *Op, const CmdInfo &C,
                       const Transfer &X) {
  const bool Changes = isWrite(C.Family) || isAddLike(C.Family);
  for (unsigned N = 1; N < 16; ++N) {
    const Pending &P = S.Slots[N];
    if (!P.Active || P.Is40 != C.Address40 || !(Changes || P.Changes) ||
        (X.AddedBytes && X.AddedBytes == P.AddedBytes) ||
        S.CmdAddress >= P.Address + P.Bytes ||
        P.Address >= S.CmdAddress + X.Bytes)
      continue;
    return S.fault(FaultKind::MemoryOrder, Op,
                   Twine(C.Name) + " of " + Twine(X.Bytes) + " bytes at " +
                       hex(S.CmdAddress) + " while the command of signal " +
                       Twine(N) + (P.Changes ? " changes " : " reads ") +
                       Twine(P.Bytes) + " bytes at " + hex(P.Address));
  }
  return true;
}

/// A swapping command after its deferred instructions.
static bool completeBlocking(State &S, const MicroOp *Op, const CmdInfo &C) {
  Transfer X{&S.R[PlaceXferIn + C.Xfer]};
  if (!perform(S, Op, C, X))
    return false;
  if (LLVM_UNLIKELY(S.ActivePending) && !checkOrder(S, Op, C, X))
    return false;
  uint64_t Mask = ((uint64_t(1) << X.InCount) - 1) << C.Xfer;
  if (LLVM_UNLIKELY(S.PendingIn & Mask) &&
      !S.fault(FaultKind::TransferOverwritten, Op,
               Twine(C.Name) +
                   " into transfer registers that another command will write"))
    return false;
  if (LLVM_UNLIKELY(S.PostedOut) && !checkPosted(S, Op))
    return false;
  S.forgetAcrossSwap();
  return true;
}

static void account(State &S, const MicroOp *Op, const CmdInfo &C) {
  const TimingModel &M = S.Prof->Timing;
  uint64_t Now = S.timeAt(Op);
  bool IsAdd = isAddLike(C.Family);
  if (C.Address40 && !S.Exited) {
    S.Engine += IsAdd ? M.EngineAddCycles : M.EngineReadCycles;
    S.MapAdds += IsAdd;
  }
  if (!C.Blocking) {
    // Of a command with a signal the wait is what has to keep its distance.
    if (C.Signal == 0)
      S.LastMem = Now + 1;
    else if (!S.Exited)
      S.Unvalidated |= UnvalidatedArb;
    return;
  }
  uint32_t Spacing = C.Address40 ? M.Spacing40 : M.Spacing32;
  uint64_t Since = Now - S.LastMem;
  uint64_t Cost = M.BlockingMinimumCycles;
  if (Spacing > Since)
    Cost = std::max<uint64_t>(Cost, Spacing - Since);
  S.T += Cost - 1;
  S.Stall += Cost - M.BlockingMinimumCycles;
  S.LastMem = Now + Cost;
  if (S.KeepsTime)
    S.CmdArrival = S.timeOfEngine(Op + 1) + latencyOf(S, C.Address40);
  if (S.Exited)
    return;
  ++(C.Address40 ? S.MapWaits : S.PacketWaits);
  WordCharge &Charge = S.chargeOf(Op);
  Charge.Cycles += Cost - 1;
  ++Charge.MemoryWaits;
  if (C.Address40 && (IsAdd || isWrite(C.Family)))
    S.Unvalidated |= UnvalidatedMapWrite;
}

/// A command that goes on: with a signal or without.
static bool issuePosted(State &S, const MicroOp *Op, const CmdInfo &C) {
  if (C.Signal && S.Slots[C.Signal].Active &&
      !S.fault(FaultKind::SignalReused, Op,
               "signal " + Twine(unsigned(C.Signal)) +
                   " is requested again before it was taken"))
    return false;
  Pending &P = S.Slots[C.Signal];
  Transfer X{P.In};
  if (!perform(S, Op, C, X))
    return false;
  if (LLVM_UNLIKELY(S.ActivePending) && !checkOrder(S, Op, C, X))
    return false;
  if (C.Signal == 0) {
    if (X.InCount &&
        !S.fault(FaultKind::SignalNeverSent, Op,
                 Twine(C.Name) + " without a signal: nothing says when its "
                                 "data has arrived"))
      return false;
    for (unsigned I = 0; I < X.OutCount; ++I) {
      S.PostedOut |= 1u << (C.Xfer + I);
      S.PostedOutValue[C.Xfer + I] = S.R[PlaceXferOut + C.Xfer + I];
    }
    return true;
  }
  if (!P.Active)
    ++S.ActivePending;
  P.Active = true;
  P.Is40 = C.Address40;
  P.Changes = isWrite(C.Family) || isAddLike(C.Family);
  P.AddedBytes = X.AddedBytes;
  P.Address = S.CmdAddress;
  P.Bytes = X.Bytes;
  P.First = C.Xfer;
  P.InCount = static_cast<uint8_t>(X.InCount);
  P.OutCount = static_cast<uint8_t>(X.OutCount);
  P.IssueT = S.timeAt(Op) + 1;
  P.Arrival = S.timeOfEngine(Op + 1) + S.Prof->Timing.waitMinimumCycles() +
              latencyOf(S, P.Is40);
  for (unsigned I = 0; I < X.InCount; ++I) {
    S.R[PlaceXferIn + C.Xfer + I] = undefined(C.Xfer + I);
    S.PendingIn |= uint64_t(1) << (C.Xfer + I);
  }
  for (unsigned I = 0; I < X.OutCount; ++I)
    P.Out[I] = S.R[PlaceXferOut + C.Xfer + I];
  return true;
}

const MicroOp *commandHandler(State &S, const MicroOp *Op) {
  const CmdInfo &C = S.Prog->Side[Op->Side].Cmd;
  Value A, B;
  if (!fetchPlace(S, Op, Op->A, A) || !fetchPlace(S, Op, Op->B, B))
    return nullptr;
  if (LLVM_UNLIKELY((A | B) >> 32)) {
    if (S.PendingIn && !checkPendingOperands(S, Op))
      return nullptr;
    S.fatal(FaultKind::UndefinedAddress, Op,
            Twine(C.Name) + " with an undefined address");
    return nullptr;
  }
  if (C.Address40)
    S.CmdAddress = ((uint64_t(bitsOf(A)) << 8) + bitsOf(B)) & 0xffffffffffull;
  else
    S.CmdAddress = bitsOf(A) + bitsOf(B);
  S.CmdOverride = S.PrevAlu;
  account(S, Op, C);
  if (!C.Blocking) {
    if (!issuePosted(S, Op, C))
      return nullptr;
    NFPSIM_NEXT(S, Op + 1);
  }
  if (LLVM_UNLIKELY(S.Slots[C.Signal].Active) &&
      !S.fault(FaultKind::SignalReused, Op,
               "signal " + Twine(unsigned(C.Signal)) +
                   " is requested again before it was taken"))
    return nullptr;
  if (C.Defer) {
    const MicroOp *To = Op->Target;
    if (!S.Exited)
      S.Unvalidated |= UnvalidatedDefer;
    leaveRun(S, Op + 1, To);
    NFPSIM_NEXT(S, To);
  }
  if (!completeBlocking(S, Op, C) || !S.sleepUntil(S.CmdArrival, Op + 1))
    return nullptr;
  NFPSIM_NEXT(S, Op + 1);
}

const MicroOp *commandCompleteHandler(State &S, const MicroOp *Op) {
  const CmdInfo &C = S.Prog->Side[Op->Side].Cmd;
  const MicroOp *To = Op->Target;
  if (!completeBlocking(S, Op, C))
    return nullptr;
  leaveRun(S, Op, To);
  S.EntryCC = false;
  if (!S.sleepUntil(S.CmdArrival, To))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

} // namespace nfpbpf::sim
