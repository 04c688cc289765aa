//===- EventModel.cpp - All contexts of all microengines ------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hardware timing, section 2.2: contexts in round robin without preemption; an
// access makes its context ready L cycles after it was issued; the memory
// engine serves one operation at a time for all microengines. The firmware's
// part of a packet is half before and half after the program, in pieces of work
// with waits between. Eight pieces each are as good as any larger number: the
// rates then lie within 5 % above the closed form of that section,
// max(issue, (issue + waits) / 4), because contexts sometimes wait for each
// other.
//
//===----------------------------------------------------------------------===//

#include "FirmwareWork.h"
#include "RateLimits.h"

#include <algorithm>
#include <limits>
#include <queue>

using namespace llvm;

namespace nfpbpf::sim {

namespace {
struct Context {
  double Ready = 0;
  uint32_t Packet = 0;
  /// FirmwarePieces, then the program's steps, then FirmwarePieces.
  uint32_t Step = 0;
};

class Simulation {
public:
  Simulation(const Profile &P, const Timelines &T, unsigned Microengines,
             double EngineScale)
      : P(P), T(T), EngineScale(EngineScale), Contexts(Microengines),
        Next(Microengines, 0) {
    for (auto &List : Contexts) {
      List.resize(P.Contexts);
      for (Context &C : List)
        C.Packet = NextPacket++ % Count();
    }
  }

  /// Time at which \p Packets have been finished.
  double runUntil(uint64_t Packets);

private:
  const Profile &P;
  const Timelines &T;
  double EngineScale;
  std::vector<std::vector<Context>> Contexts;
  std::vector<unsigned> Next;
  uint32_t NextPacket = 0;
  double EngineFree = 0;
  uint64_t Done = 0;
  double Last = 0;
  using Entry = std::pair<double, unsigned>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> Queue;

  uint32_t Count() const { return static_cast<uint32_t>(T.packets()); }
  /// Runs one context until it waits. Returns when the microengine is free.
  double runContext(Context &C, double Now);
  /// Delay until the engine starts on an operation that arrives now.
  double engine(double Now, double Cycles) {
    double Start = std::max(Now, EngineFree);
    EngineFree = Start + Cycles * EngineScale;
    return Start - Now;
  }
};
} // namespace

double Simulation::runContext(Context &C, double Now) {
  const TimingModel &M = P.Timing;
  while (true) {
    ArrayRef<TimelineStep> Steps = T.packet(C.Packet);
    if (C.Step < FirmwarePieces || C.Step >= FirmwarePieces + Steps.size()) {
      Now += firmwarePieceCycles(P);
      C.Ready = Now + firmwarePieceWait(P);
      if (++C.Step == 2 * FirmwarePieces + Steps.size()) {
        C.Step = 0;
        C.Packet = NextPacket++ % Count();
        ++Done;
        Last = Now;
      }
      return Now;
    }
    const TimelineStep &S = Steps[C.Step++ - FirmwarePieces];
    Now += S.Issue;
    double Latency = 0;
    switch (S.Wait) {
    case TimelineStep::None:
      continue;
    case TimelineStep::PostedAdd:
      engine(Now, M.EngineAddCycles);
      continue;
    case TimelineStep::PostedRead:
      engine(Now, M.EngineReadCycles);
      continue;
    case TimelineStep::Ctm:
      Latency = M.LatencyCtm;
      break;
    case TimelineStep::EmemRead:
      Latency = M.LatencyEmem + engine(Now, M.EngineReadCycles);
      break;
    case TimelineStep::EmemAdd:
      Latency = M.LatencyEmem + engine(Now, M.EngineAddCycles);
      break;
    case TimelineStep::EmemWait:
    case TimelineStep::Firmware:
      Latency = M.LatencyEmem;
      break;
    }
    C.Ready = Now + std::max(0.0, Latency - S.Overlap);
    return Now;
  }
}

double Simulation::runUntil(uint64_t Packets) {
  if (Queue.empty())
    for (unsigned I = 0; I < Contexts.size(); ++I)
      Queue.push({0, I});
  while (Done < Packets) {
    auto [Now, Index] = Queue.top();
    Queue.pop();
    std::vector<Context> &List = Contexts[Index];
    // The next ready context in turn, or the one that will be ready first.
    unsigned Pick = List.size();
    double Earliest = std::numeric_limits<double>::infinity();
    for (unsigned K = 0; K < List.size(); ++K) {
      unsigned C = (Next[Index] + K) % List.size();
      if (List[C].Ready <= Now) {
        Pick = C;
        break;
      }
      Earliest = std::min(Earliest, List[C].Ready);
    }
    if (Pick == List.size()) {
      Queue.push({Earliest, Index});
      continue;
    }
    Next[Index] = (Pick + 1) % List.size();
    Queue.push({runContext(List[Pick], Now), Index});
  }
  return Last;
}

Rate eventRate(const Profile &P, const Timelines &T, double MeanFrameBytes,
               double LookupsPerPacket, uint64_t MapBytes,
               const EventOptions &Options) {
  Rate R;
  if (T.packets() == 0)
    return R;
  unsigned Microengines =
      Options.Microengines ? Options.Microengines : P.Microengines;
  // Fewer microengines see the same share of the engine.
  double Scale = static_cast<double>(P.Microengines) / Microengines;
  Simulation S(P, T, Microengines, Scale);
  uint64_t Warm = Options.Packets / 4 + 4 * Microengines;
  double Begin = S.runUntil(Warm);
  double End = S.runUntil(Warm + Options.Packets);
  double PerPacket = (End - Begin) / static_cast<double>(Options.Packets);
  R.MicroenginesPps = static_cast<double>(P.ClockHz) / PerPacket * Scale;
  R.CyclesPerPacket = PerPacket * Microengines;

  double Engine = 0;
  for (const TimelineStep &Step : T.Steps) {
    if (Step.Wait == TimelineStep::EmemRead ||
        Step.Wait == TimelineStep::PostedRead)
      Engine += P.Timing.EngineReadCycles;
    if (Step.Wait == TimelineStep::EmemAdd ||
        Step.Wait == TimelineStep::PostedAdd)
      Engine += P.Timing.EngineAddCycles;
  }
  applyLimits(R, P, Engine / static_cast<double>(T.packets()), MeanFrameBytes,
              LookupsPerPacket, MapBytes);
  return R;
}

} // namespace nfpbpf::sim
