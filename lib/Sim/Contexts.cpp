//===- Contexts.cpp - Packets in flight on one microengine ----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contexts.h"

using namespace llvm;

namespace nfpbpf::sim {

/// Pieces of the firmware's work before, and after, the program. The firmware
/// issues its constant and waits FirmwareWait cycles per packet; half of both
/// is before and half after the program, in equal pieces with a wait after
/// each.
constexpr uint32_t FirmwarePieces = 8;

ContextScheduler::ContextScheduler(ArrayRef<State *> Contexts,
                                   ArrayRef<Preset> Presets,
                                   uint64_t &PacketNumber, unsigned InFlight)
    : Presets(Presets), PacketNumber(PacketNumber), InFlight(InFlight) {
  for (unsigned N = 0; N < NumContexts; ++N)
    Slots[N].S = Contexts[N];
  const Profile &P = *Contexts[0]->Prof;
  PieceCycles = P.firmwareCycles() / (2 * FirmwarePieces);
  PieceWait = P.Timing.FirmwareWait / (2 * FirmwarePieces);
}

ContextRun ContextScheduler::run(PacketFeed Feed, PacketSink Sink) {
  while (true) {
    fill(Feed);
    if (Busy == 0)
      break;
    runSlot(pick(), Sink);
  }
  Result.Cycles = Now;
  return Result;
}

/// Idle contexts take packets in turn.
void ContextScheduler::fill(PacketFeed Feed) {
  while (!Drained && Busy < InFlight) {
    while (Slots[NextFree].At != Phase::Idle)
      NextFree = (NextFree + 1) % NumContexts;
    Slot &C = Slots[NextFree];
    if (!Feed(C.Packet)) {
      Drained = true;
      return;
    }
    NextFree = (NextFree + 1) % NumContexts;
    C.Number = Result.Packets++;
    C.EventNumber = C.S->Events->CurrentPacket;
    C.S->PacketNumber = PacketNumber++;
    C.At = Phase::Before;
    C.Piece = 0;
    C.Ready = Now;
    ++Busy;
  }
}

/// The next ready context in turn; if none is, the microengine waits for the
/// one that will be first.
ContextScheduler::Slot &ContextScheduler::pick() {
  Slot *Best = nullptr;
  for (unsigned K = 0; K < NumContexts; ++K) {
    Slot &C = Slots[(NextRun + K) % NumContexts];
    if (C.At == Phase::Idle)
      continue;
    if (!Best || (Best->Ready > Now && C.Ready < Best->Ready))
      Best = &C;
  }
  Now = std::max(Now, Best->Ready);
  NextRun = static_cast<unsigned>(Best - Slots + 1) % NumContexts;
  return *Best;
}

/// A piece of work and the wait after it. False: all are done.
bool ContextScheduler::firmwarePiece(Slot &C) {
  if (C.Piece == FirmwarePieces) {
    C.Piece = 0;
    return false;
  }
  ++C.Piece;
  Now += PieceCycles;
  C.Ready = Now + PieceWait;
  return true;
}

bool ContextScheduler::routinePiece(Slot &C) {
  Routine &R = C.S->Helper;
  if (R.Waits == 0) {
    Now += R.Rest;
    R.Rest = 0;
    return true;
  }
  --R.Waits;
  Now += R.Piece;
  C.Ready = Now + C.S->Prof->Timing.LatencyEmem;
  return false;
}

/// Runs the program to its next wait or to its end.
bool ContextScheduler::runProgram(Slot &C, PacketSink Sink) {
  State &S = *C.S;
  const MicroOp *From = S.Resume;
  if (!From) {
    S.Interleaved = true;
    S.Packet = &C.Packet;
    S.Offset = 0;
    if (!beginPacket(S, Presets))
      return endPacket(C, Sink);
    From = S.Prog->entry();
  }
  S.Offset = 0;
  S.Offset = Now - S.timeOfEngine(From);
  S.Resume = nullptr;
  S.Events->CurrentPacket = C.EventNumber;
  sim::run(S, From);
  if (S.Resume) {
    Now = S.timeOfEngine(S.Resume);
    C.Ready = S.WakeAt;
    return S.Helper.Waits != 0;
  }
  return endPacket(C, Sink);
}

bool ContextScheduler::endPacket(Slot &C, PacketSink Sink) {
  State &S = *C.S;
  PacketResult R = finishPacket(S);
  // The epilogue is part of the firmware's work.
  Now = std::max(Now, static_cast<double>(S.ExitT - S.Stall) + S.Offset);
  C.At = Phase::After;
  Last = &S;
  Sink(C.Number, C.Packet, R);
  return true;
}

/// Runs a context until it waits.
void ContextScheduler::runSlot(Slot &C, PacketSink Sink) {
  bool GoesOn = true;
  while (GoesOn) {
    switch (C.At) {
    case Phase::Before:
      if (firmwarePiece(C))
        return;
      C.At = Phase::Program;
      break;
    case Phase::After:
      if (firmwarePiece(C))
        return;
      C.At = Phase::Idle;
      --Busy;
      return;
    case Phase::Program:
      GoesOn = routinePiece(C) && runProgram(C, Sink);
      break;
    case Phase::Idle:
      return;
    }
  }
}

} // namespace nfpbpf::sim
