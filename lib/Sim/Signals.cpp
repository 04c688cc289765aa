//===- Signals.cpp - Commands that are under way, and waiting for them ----===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, section 4.14. A command without swap acts when it is
// issued; what it reads becomes visible when its signal is taken, and what it
// pulls must not change before that. A signal arrives the event model's latency
// after the issue. A command with swap is one with a signal and a ctx_arb:
// right behind each other these two cost what it does.
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

using namespace llvm;

namespace nfpbpf::sim {

bool checkPendingOperands(State &S, const MicroOp *Op) {
  for (uint16_t Place : {Op->A, Op->B}) {
    if (Place < PlaceXferIn || Place >= PlaceXferOut)
      continue;
    unsigned N = Place - PlaceXferIn;
    if (!(S.PendingIn >> N & 1))
      continue;
    unsigned Signal = 0;
    for (unsigned I = 1; I < 16; ++I)
      if (S.Slots[I].Active && N - S.Slots[I].First < S.Slots[I].InCount)
        Signal = I;
    if (!S.fault(FaultKind::ReadBeforeSignal, Op,
                 "$xfer_" + Twine(N) + " is read before signal " +
                     Twine(Signal) + " says that its data is there"))
      return false;
  }
  return true;
}

/// Faults if transfer-out registers changed that a command may not have pulled.
static bool checkOut(State &S, const MicroOp *Op, unsigned First,
                     unsigned Count, const Value *Then, const char *What) {
  for (unsigned I = 0; I < Count; ++I) {
    if (S.R[PlaceXferOut + First + I] == Then[I])
      continue;
    return S.fault(FaultKind::TransferOverwritten, Op,
                   "transfer-out register " + Twine(First + I) +
                       " was changed while " + What +
                       " might not have pulled it");
  }
  return true;
}

bool checkPosted(State &S, const MicroOp *Op) {
  uint32_t Mask = S.PostedOut;
  S.PostedOut = 0;
  while (Mask) {
    unsigned N = static_cast<unsigned>(llvm::countr_zero(Mask));
    Mask &= Mask - 1;
    if (!checkOut(S, Op, N, 1, &S.PostedOutValue[N], "a posted command"))
      return false;
  }
  return true;
}

bool deliver(State &S, const MicroOp *Op, unsigned Signal) {
  Pending &P = S.Slots[Signal];
  P.Active = false;
  --S.ActivePending;
  for (unsigned I = 0; I < P.InCount; ++I) {
    S.R[PlaceXferIn + P.First + I] = P.In[I];
    S.PendingIn &= ~(uint64_t(1) << (P.First + I));
  }
  return checkOut(S, Op, P.First, P.OutCount, P.Out, "a command");
}

bool checkPendingAtExit(State &S, const MicroOp *Op) {
  if (S.ActivePending)
    for (unsigned I = 1; I < 16; ++I)
      if (S.Slots[I].Active &&
          !S.fault(FaultKind::SignalReused, Op,
                   "the program leaves while signal " + Twine(I) +
                       " of a command is outstanding"))
        return false;
  return S.PostedOut == 0 || checkPosted(S, Op);
}

/// The signal of a set that arrives first, or 0.
static unsigned firstToArrive(const State &S, uint16_t Events) {
  unsigned First = 0;
  for (unsigned N = 1; N < 16; ++N)
    if ((Events >> N & 1) && S.Slots[N].Active &&
        (!First || S.Slots[N].Arrival < S.Slots[First].Arrival))
      First = N;
  return First;
}

static bool anyArrived(const State &S, uint16_t Events) {
  for (unsigned N = 1; N < 16; ++N)
    if ((Events >> N & 1) && S.Slots[N].Arrived)
      return true;
  return false;
}

/// Takes the signals a ctx_arb waits for. \p WakeAt is when the last of them
/// arrives.
static bool arbitrate(State &S, const MicroOp *Op, double &WakeAt) {
  const isa::Instruction &I = S.Prog->Side[Op->Side].Insn;
  uint64_t Now = S.timeAt(Op);
  const TimingModel &M = S.Prof->Timing;
  uint16_t Events = I.Events & 0xfffe;
  const uint64_t Least =
      Events ? M.waitMinimumCycles() : uint64_t(M.BlockingMinimumCycles);
  const uint64_t SinceAny = Now - S.LastMem;
  uint64_t Cost = Least;
  double Wait = 0;
  double Low = 0, High = 0;
  unsigned Delivered = 0;
  WakeAt = 0;
  auto wait = [&](unsigned Signal) {
    const Pending &P = S.Slots[Signal];
    uint64_t Since = Now - P.IssueT;
    uint32_t Spacing = P.Is40 ? M.Spacing40 : M.Spacing32;
    if (Spacing > SinceAny)
      Cost = std::max<uint64_t>(Cost, Spacing - SinceAny);
    const LatencyRange &L = P.Is40 ? M.EmemLatency : M.CtmLatency;
    Low = std::max(Low, L.Low - static_cast<double>(Since));
    High = std::max(High, L.High - static_cast<double>(Since));
    Wait = std::max(Wait, latencyOf(S, P.Is40) - static_cast<double>(Since));
    WakeAt = std::max(WakeAt, P.Arrival);
    ++Delivered;
    return deliver(S, Op, Signal);
  };
  if (I.AnyEvent && anyArrived(S, Events)) {
    // Goes on at once.
  } else if (I.AnyEvent) {
    unsigned First = firstToArrive(S, Events);
    if (!First) {
      S.fatal(FaultKind::SignalNeverSent, Op,
              "ctx_arb waits for signals that no command will send");
      return false;
    }
    // The signal stays set until br_signal takes it.
    if (!wait(First))
      return false;
    S.Slots[First].Arrived = true;
    S.AnyArrived = true;
  } else {
    for (unsigned N = 1; N < 16; ++N) {
      if (!(Events >> N & 1))
        continue;
      if (S.Slots[N].Arrived) {
        S.Slots[N].Arrived = false;
        continue;
      }
      if (!S.Slots[N].Active) {
        S.fatal(FaultKind::SignalNeverSent, Op,
                "ctx_arb waits for signal " + Twine(N) +
                    ", which no command will send");
        return false;
      }
      if (!wait(N))
        return false;
    }
  }
  S.T += Cost - 1;
  S.Stall += Cost - Least;
  if (Delivered)
    S.LastMem = Now + Cost;
  if (!S.Exited) {
    S.Unvalidated |= UnvalidatedArb;
    WordCharge &Charge = S.chargeOf(Op);
    Charge.Cycles += Cost - 1;
    if (Delivered) {
      ++S.OtherWaits;
      ++Charge.MemoryWaits;
      S.LatLow += Low;
      S.LatHigh += High;
      S.Wait += Wait;
    }
  }
  return true;
}

static bool finishArb(State &S, const MicroOp *Op) {
  if (S.PostedOut && !checkPosted(S, Op))
    return false;
  S.forgetAcrossSwap();
  return true;
}

const MicroOp *ctxArbHandler(State &S, const MicroOp *Op) {
  const MicroOp *To = Op->Target;
  bool Swaps = Op->Filled == 0;
  double WakeAt = 0;
  if (Swaps && (!arbitrate(S, Op, WakeAt) || !finishArb(S, Op)))
    return nullptr;
  leaveRun(S, Op + 1, To);
  S.EntryCC = false;
  if (Swaps && !S.sleepUntil(WakeAt, To))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

const MicroOp *ctxArbCompleteHandler(State &S, const MicroOp *Op) {
  const MicroOp *To = Op->Target;
  // The completion itself is no instruction: it costs what the swap does beyond
  // the one cycle of the ctx_arb.
  double WakeAt;
  if (!arbitrate(S, Op, WakeAt) || !finishArb(S, Op))
    return nullptr;
  leaveRun(S, Op, To);
  S.EntryCC = false;
  if (!S.sleepUntil(WakeAt, To))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

} // namespace nfpbpf::sim
