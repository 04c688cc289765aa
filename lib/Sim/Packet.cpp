//===- Packet.cpp - A packet's way through the program --------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "State.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace nfpbpf::sim {

static bool mayEnter(State &S) {
  if (S.InputLength <= S.Prog->LongestFrame)
    return true;
  S.RunClosed = !S.fault(
      FaultKind::PacketAccess, S.Prog->entry(),
      "a frame of " + Twine(S.InputLength) +
          " bytes: the driver refuses the program on a port whose MTU allows "
          "it, since it may access packet bytes up to offset " +
          Twine(S.Prog->Load.MaxPacketOffset) + ", and only " +
          Twine(S.Prof->inlinePacketBytes()) + " are kept in packet memory");
  return !S.RunClosed;
}

bool beginPacket(State &S, ArrayRef<Preset> Presets) {
  S.InputLength = S.Packet->length();
  S.Resume = nullptr;
  S.Helper = Routine();
  enterProgram(S);
  for (const Preset &P : Presets) {
    (P.IsLocalMemory ? S.LM : S.R)[P.Index] = P.Value;
    if (P.IsLocalMemory)
      llvm::fill(S.ME->StackUsed, S.StackHi - S.StackLo);
  }
  return mayEnter(S);
}

static void setCost(PacketCost &C, const State &S) {
  C.Instructions = S.Executed;
  C.ProgramCycles = S.ExitT;
  C.HelperCycles = S.HelperCycles;
  C.MemoryWaits = S.PacketWaits + S.MapWaits + S.OtherWaits;
  C.EngineCycles = S.Engine;
  C.Lookups = S.Lookups;
  C.MapAdds = S.MapAdds;
  double Issue = static_cast<double>(static_cast<int64_t>(S.ExitT - S.Stall)) +
                 S.HelperCycles;
  C.IssueCycles = Issue;
  const TimingModel &M = S.Prof->Timing;
  auto waits = [&](double OfPacket, double OfMap) {
    return static_cast<double>(static_cast<int64_t>(S.PacketWaits)) * OfPacket +
           static_cast<double>(static_cast<int64_t>(S.MapWaits)) * OfMap;
  };
  C.WaitCycles = S.Wait + waits(M.LatencyCtm, M.LatencyEmem);
  C.LatencyLow = Issue + S.LatLow + waits(M.CtmLatency.Low, M.EmemLatency.Low);
  C.LatencyHigh =
      Issue + S.LatHigh + waits(M.CtmLatency.High, M.EmemLatency.High);
  C.HelperLatencyLow = S.HelperCycles + S.HelperLatLow;
  C.HelperLatencyHigh = S.HelperCycles + S.HelperLatHigh;
  C.Unvalidated = S.Unvalidated;
}

PacketResult finishPacket(State &S) {
  if (!S.Finished) {
    // Stopped by a fault: charge what ran.
    if (S.StopOp && !S.RunClosed)
      S.endRun(S.StopOp + (S.StopOp->IsPseudo ? 0 : 1));
    if (!S.Exited)
      S.ExitT = S.T;
  }

  PacketResult Result;
  Result.FaultCount = S.PacketFaults;
  bool Ended = S.Finished && !S.Stopped;
  Result.Faulted = !Ended;
  Result.Queue = S.Queue;
  setCost(Result.Cost, S);
  if (Ended) {
    Result.ExitWord = bitsOf(S.R[PlaceA]);
    if (std::optional<rt::Verdict> V = rt::verdictOfExitWord(Result.ExitWord))
      Result.Verdict = *V;
    Result.TxOffsetError = Result.Verdict == rt::Verdict::Tx && S.TxOffsetError;
  }

  RunStatistics &Stats = S.ME->Stats;
  ++Stats.Packets;
  VerdictCounter &Counter =
      Stats.Verdicts[static_cast<unsigned>(Result.Verdict)];
  ++Counter.Packets;
  Counter.Bytes += S.Packet->length();
  Stats.TxOffsetErrors += Result.TxOffsetError;
  Stats.QueueSelected += Result.Queue.has_value();
  Stats.InputBytes += S.InputLength;
  Stats.Cost += Result.Cost;
  Stats.MaxProgramCycles =
      std::max(Stats.MaxProgramCycles, Result.Cost.ProgramCycles);
  return Result;
}

} // namespace nfpbpf::sim
