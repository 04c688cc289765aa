//===- Machine.cpp - A microengine that runs a BPF program ----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Sim/Machine.h"
#include "State.h"

using namespace llvm;

namespace nfpbpf::sim {

/// Branch targets are 14 bits.
constexpr uint32_t CodeStoreWords = 1u << 14;

LoadInfo LoadInfo::fromProfile(const Profile &P) {
  LoadInfo L;
  L.Start = P.Start;
  L.Done = P.Done;
  L.Helpers = P.Helpers;
  L.StackBytes = P.StackBytes;
  return L;
}

namespace {
struct Preset {
  bool IsLocalMemory = false;
  uint16_t Index = 0;
  uint32_t Value = 0;
};
} // namespace

struct Machine::Impl {
  Profile Prof;
  State S;
  Program Prog;
  std::vector<int64_t> Counts;
  std::vector<Preset> Presets;
};

static unsigned placeOf(RegFile File, unsigned Number) {
  switch (File) {
  case RegFile::A:
    return PlaceA + Number;
  case RegFile::B:
    return PlaceB + Number;
  case RegFile::XferIn:
    return PlaceXferIn + Number;
  case RegFile::XferOut:
    return PlaceXferOut + Number;
  case RegFile::NN:
    break;
  }
  return PlaceNN + Number;
}

Machine::Machine(const Profile &P, rt::MapStore &Maps, rt::EventLog &Events,
                 rt::Random &Random, MachineOptions Options)
    : I(std::make_unique<Impl>()) {
  I->Prof = P;
  State &S = I->S;
  S.Prof = &I->Prof;
  S.Prog = &I->Prog;
  S.Maps = &Maps;
  S.Events = &Events;
  S.Random = &Random;
  S.Options = Options;
  S.Limit = Options.InstructionLimit;
  for (unsigned N = 0; N < LMWords; ++N)
    S.LM[N] = undefined(N);
  for (unsigned N = 0; N < NumPlaces; ++N)
    S.R[N] = 0;
  for (unsigned V = 0; V < 256; ++V)
    S.R[PlaceImm + V] = V;
}
Machine::~Machine() = default;
Machine::Machine(Machine &&) = default;
Machine &Machine::operator=(Machine &&) = default;

Error Machine::loadProgram(ArrayRef<uint64_t> Words, const LoadInfo &Load) {
  if (Words.empty())
    return createStringError("cannot load a program without words");
  uint64_t End = uint64_t(Load.Start) + Words.size();
  if (End > CodeStoreWords)
    return createStringError("program of " + Twine(Words.size()) +
                             " words at " + Twine(Load.Start) +
                             " does not fit the 14-bit code addresses");
  auto inside = [&](uint32_t Address) {
    return Address >= Load.Start && Address < End;
  };
  if (inside(Load.Done))
    return createStringError("exit address " + Twine(Load.Done) +
                             " lies inside the program (" + Twine(Load.Start) +
                             " to " + Twine(End - 1) + ")");
  for (const ProfileHelper &H : Load.Helpers)
    if (inside(H.Address))
      return createStringError("address " + Twine(H.Address) + " of helper " +
                               Twine(H.Id) + " lies inside the program (" +
                               Twine(Load.Start) + " to " + Twine(End - 1) +
                               ")");
  if (Load.StackBytes % 4 || Load.StackBytes > 512)
    return createStringError("stack of " + Twine(Load.StackBytes) +
                             " bytes; a context has at most 512");
  for (ArrayRef<MapBinding> List :
       {ArrayRef<MapBinding>(Load.Tables), ArrayRef<MapBinding>(Load.Events)})
    for (const MapBinding &B : List)
      if (B.Map >= I->S.Maps->size())
        return createStringError("map id " + Twine(B.Id) + " is bound to map " +
                                 Twine(B.Map) + ", but the store has " +
                                 Twine(I->S.Maps->size()));
  predecode(I->Prog, Words, Load, I->Prof, I->S.Options.CheckEcc);
  I->Counts.assign(I->Prog.Ops.size() + 1, 0);
  I->S.Counts = I->Counts.data();
  I->S.PacketNumber = 0;
  resetStatistics();
  return Error::success();
}

void Machine::resetStatistics() {
  State &S = I->S;
  S.Stats = RunStatistics();
  S.Faults.clear();
  S.Line.Steps.clear();
  S.Line.Ends.clear();
  std::fill(I->Counts.begin(), I->Counts.end(), 0);
}

PacketResult Machine::runPacket(rt::PacketBuffer &Packet) {
  State &S = I->S;
  S.Packet = &Packet;
  S.Context = 2 * (S.PacketNumber % NumContexts);
  S.Recording = S.Line.Ends.size() < S.Options.TimelinePackets;
  size_t StepsBefore = S.Line.Steps.size();
  uint32_t InputLength = Packet.length();
  enterProgram(S);
  for (const Preset &P : I->Presets) {
    if (P.IsLocalMemory)
      S.LM[P.Index] = P.Value;
    else
      S.R[P.Index] = P.Value;
  }
  run(S);
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
  PacketCost &C = Result.Cost;
  C.Instructions = S.Executed;
  C.ProgramCycles = S.ExitT;
  C.HelperCycles = S.HelperCycles;
  C.MemoryWaits = S.Waits;
  C.EngineCycles = S.Engine;
  C.Lookups = S.Lookups;
  double Issue = static_cast<double>(S.ExitT - S.Stall) + S.HelperCycles;
  C.LatencyLow = Issue + S.LatLow;
  C.LatencyHigh = Issue + S.LatHigh;
  C.HelperLatencyLow = S.HelperCycles + S.HelperLatLow;
  C.HelperLatencyHigh = S.HelperCycles + S.HelperLatHigh;
  C.Unvalidated = S.Unvalidated;
  if (Ended) {
    Result.ExitWord = bitsOf(S.R[PlaceA]);
    if (std::optional<rt::Verdict> V = rt::verdictOfExitWord(Result.ExitWord))
      Result.Verdict = *V;
    Result.TxOffsetError = Result.Verdict == rt::Verdict::Tx && S.TxOffsetError;
  }
  if (S.Recording) {
    if (!Ended) {
      S.Line.Steps.resize(StepsBefore);
    } else {
      S.Line.Steps.push_back(
          {static_cast<uint32_t>(S.ExitT - S.Stall - S.StepT),
           TimelineStep::None, 0});
      S.Line.Ends.push_back(static_cast<uint32_t>(S.Line.Steps.size()));
    }
  }

  RunStatistics &Stats = S.Stats;
  ++Stats.Packets;
  VerdictCounter &Counter =
      Stats.Verdicts[static_cast<unsigned>(Result.Verdict)];
  ++Counter.Packets;
  Counter.Bytes += Packet.length();
  Stats.TxOffsetErrors += Result.TxOffsetError;
  Stats.QueueSelected += Result.Queue.has_value();
  Stats.InputBytes += InputLength;
  Stats.Cost += C;
  Stats.MaxProgramCycles = std::max(Stats.MaxProgramCycles, C.ProgramCycles);
  ++S.PacketNumber;
  return Result;
}

const RunStatistics &Machine::statistics() const { return I->S.Stats; }
ArrayRef<Fault> Machine::faults() const { return I->S.Faults; }
const Timelines &Machine::timelines() const { return I->S.Line; }

std::vector<uint64_t> Machine::wordCounts() const {
  std::vector<uint64_t> R(I->Prog.Words, 0);
  int64_t Running = 0;
  for (size_t N = 0; N < I->Prog.Ops.size(); ++N) {
    Running += I->Counts[N];
    const MicroOp &Op = I->Prog.Ops[N];
    if (!Op.IsPseudo && Op.Word < R.size())
      R[Op.Word] += static_cast<uint64_t>(Running);
  }
  return R;
}

uint64_t Machine::mapBytes() const {
  uint64_t Entries = 0;
  std::vector<bool> Seen(I->S.Maps->size());
  for (const MapBinding &B : I->Prog.Load.Tables) {
    if (Seen[B.Map])
      continue;
    Seen[B.Map] = true;
    Entries += I->S.Maps->entries(B.Map);
  }
  return Entries * I->Prof.Timing.MapBucketBytes;
}

static double meanFrame(const RunStatistics &S) {
  return S.Packets == 0 ? 0
                        : static_cast<double>(S.InputBytes) /
                              static_cast<double>(S.Packets);
}

Rate Machine::accountingRate() const {
  const RunStatistics &Stats = I->S.Stats;
  return sim::accountingRate(I->Prof, Stats.Cost, Stats.Packets,
                             meanFrame(Stats), mapBytes());
}

Rate Machine::eventRate(const EventOptions &Options) const {
  const RunStatistics &Stats = I->S.Stats;
  double Lookups = Stats.Packets == 0
                       ? 0
                       : static_cast<double>(Stats.Cost.Lookups) /
                             static_cast<double>(Stats.Packets);
  return sim::eventRate(I->Prof, I->S.Line, meanFrame(Stats), Lookups,
                        mapBytes(), Options);
}

void Machine::preset(RegFile File, unsigned Number, uint32_t Value) {
  I->Presets.push_back(
      {false, static_cast<uint16_t>(placeOf(File, Number)), Value});
}
void Machine::presetLocalMemory(unsigned Word, uint32_t Value) {
  I->Presets.push_back({true, static_cast<uint16_t>(Word % LMWords), Value});
}
void Machine::clearPresets() { I->Presets.clear(); }

uint32_t Machine::readRegister(RegFile File, unsigned Number) const {
  return bitsOf(I->S.R[placeOf(File, Number)]);
}
uint32_t Machine::readLocalMemory(unsigned Word) const {
  return bitsOf(I->S.LM[Word % LMWords]);
}
uint32_t Machine::undefinedBits(RegFile File, unsigned Number) const {
  return undefOf(I->S.R[placeOf(File, Number)]);
}
Machine::Flags Machine::readFlags() const {
  const State &S = I->S;
  return {(bitsOf(S.FlagResult) >> 31) != 0, bitsOf(S.FlagResult) == 0,
          S.FlagC != 0, (S.FlagV >> 31) != 0};
}
unsigned Machine::lastContext() const { return I->S.Context; }

} // namespace nfpbpf::sim
