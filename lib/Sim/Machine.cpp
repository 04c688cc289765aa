//===- Machine.cpp - A microengine that runs a BPF program ----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Sim/Machine.h"
#include "Contexts.h"

using namespace llvm;

namespace nfpbpf::sim {

/// The driver refuses a program if both the last packet byte it may access and
/// the port's MTU, which does not count the Ethernet header, are beyond the
/// inline part of a packet.
static uint32_t longestFrameOf(const Profile &P, const LoadInfo &Load) {
  constexpr uint32_t EthernetHeader = 14;
  uint32_t Inline = P.inlinePacketBytes();
  return Inline == 0 || Load.MaxPacketOffset <= Inline
             ? rt::PacketBuffer::MaxFrame
             : Inline + EthernetHeader;
}

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

struct Machine::Impl {
  Profile Prof;
  Microengine ME;
  Program Prog;
  rt::MapStore *Maps = nullptr;
  rt::EventLog *Events = nullptr;
  rt::Random *Random = nullptr;
  /// By half the context number; made when they are first used.
  std::unique_ptr<State> Contexts[NumContexts];
  State *Last = nullptr; ///< that has run a packet
  uint64_t PacketNumber = 0;
  std::vector<int64_t> Counts;
  std::vector<WordCharge> Charges;
  std::vector<Preset> Presets;

  State &context(unsigned Index);
};

State &Machine::Impl::context(unsigned Index) {
  std::unique_ptr<State> &S = Contexts[Index];
  if (S)
    return *S;
  S = std::make_unique<State>();
  S->ME = &ME;
  S->LM = ME.LM;
  S->Prof = &Prof;
  S->Prog = &Prog;
  S->Maps = Maps;
  S->Events = Events;
  S->Random = Random;
  S->Limit = ME.Options.InstructionLimit;
  S->Counts = Counts.data();
  S->Charges = Charges.data();
  for (unsigned N = 0; N < NumPlaces; ++N)
    S->R[N] = 0;
  for (unsigned V = 0; V < 256; ++V)
    S->R[PlaceImm + V] = V;
  return *S;
}

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
  I->Maps = &Maps;
  I->Events = &Events;
  I->Random = &Random;
  I->ME.Options = Options;
  for (unsigned N = 0; N < LMWords; ++N)
    I->ME.LM[N] = undefined(N);
  I->Last = &I->context(0);
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
      if (B.Map >= I->Maps->size())
        return createStringError("map id " + Twine(B.Id) + " is bound to map " +
                                 Twine(B.Map) + ", but the store has " +
                                 Twine(I->Maps->size()));
  predecode(I->Prog, Words, Load, I->Prof, I->ME.Options.CheckEcc);
  I->Counts.assign(I->Prog.Ops.size() + 1, 0);
  I->Charges.assign(I->Prog.Ops.size(), WordCharge());
  for (std::unique_ptr<State> &S : I->Contexts)
    if (S) {
      S->Counts = I->Counts.data();
      S->Charges = I->Charges.data();
      S->AllWritten = true;
    }
  I->Prog.LongestFrame = longestFrameOf(I->Prof, Load);
  I->PacketNumber = 0;
  resetStatistics();
  return Error::success();
}

uint32_t Machine::longestFrame() const { return I->Prog.LongestFrame; }

void Machine::resetStatistics() {
  Microengine &ME = I->ME;
  ME.Stats = RunStatistics();
  ME.Faults.clear();
  llvm::fill(I->Counts, 0);
  llvm::fill(I->Charges, WordCharge());
}

PacketResult Machine::runPacket(rt::PacketBuffer &Packet) {
  State &S = I->context(0);
  S.Interleaved = false;
  S.Packet = &Packet;
  S.PacketNumber = I->PacketNumber++;
  S.Context = 2 * (S.PacketNumber % NumContexts);
  S.Offset = 0;
  if (beginPacket(S, I->Presets))
    run(S, S.Prog->entry());
  I->Last = &S;
  return finishPacket(S);
}

Expected<ContextRun> Machine::runContexts(unsigned InFlight, PacketFeed Feed,
                                          PacketSink Sink) {
  if (InFlight == 0 || InFlight > NumContexts)
    return createStringError(Twine(InFlight) +
                             " packets in flight; a microengine has " +
                             Twine(NumContexts) + " contexts");
  State *Contexts[NumContexts];
  for (unsigned N = 0; N < NumContexts; ++N) {
    Contexts[N] = &I->context(N);
    Contexts[N]->Context = 2 * N;
  }
  ContextScheduler Scheduler(Contexts, I->Presets, I->PacketNumber, InFlight);
  ContextRun Result = Scheduler.run(Feed, Sink);
  if (State *Last = Scheduler.last())
    I->Last = Last;
  return Result;
}

const RunStatistics &Machine::statistics() const { return I->ME.Stats; }
ArrayRef<Fault> Machine::faults() const { return I->ME.Faults; }

std::vector<WordCost> Machine::wordCosts() const {
  std::vector<WordCost> R(I->Prog.Words);
  int64_t Running = 0;
  for (size_t N = 0; N < I->Prog.Ops.size(); ++N) {
    Running += I->Counts[N];
    const MicroOp &Op = I->Prog.Ops[N];
    if (Op.Word >= R.size())
      continue;
    WordCost &W = R[Op.Word];
    const WordCharge &Charge = I->Charges[N];
    W.Taken += Charge.Taken;
    W.Cycles += Charge.Cycles;
    W.MemoryWaits += Charge.MemoryWaits;
    W.HelperCycles += Charge.HelperCycles;
    if (Op.IsPseudo)
      continue;
    W.Executed += static_cast<uint64_t>(Running);
    if (!Op.InEpilogue)
      W.Cycles += static_cast<uint64_t>(Running);
  }
  return R;
}

uint64_t Machine::mapBytes() const {
  uint64_t Entries = 0;
  std::vector<bool> Seen(I->Maps->size());
  for (const MapBinding &B : I->Prog.Load.Tables) {
    if (Seen[B.Map])
      continue;
    Seen[B.Map] = true;
    Entries += I->Maps->entries(B.Map);
  }
  return Entries * I->Prof.Timing.MapBucketBytes;
}

static double meanFrame(const RunStatistics &S) {
  return S.Packets == 0 ? 0
                        : static_cast<double>(S.InputBytes) /
                              static_cast<double>(S.Packets);
}

Rate Machine::accountingRate() const {
  const RunStatistics &Stats = I->ME.Stats;
  return sim::accountingRate(I->Prof, Stats.Cost, Stats.Packets,
                             meanFrame(Stats), mapBytes());
}

Rate Machine::eventRate() const {
  const RunStatistics &Stats = I->ME.Stats;
  return sim::eventRate(I->Prof, Stats.Cost, Stats.Packets, meanFrame(Stats),
                        mapBytes());
}

void Machine::preset(RegFile File, unsigned Number, uint32_t Value) {
  I->Presets.push_back(
      {false, static_cast<uint16_t>(placeOf(File, Number)), Value});
}
void Machine::presetLocalMemory(unsigned Word, uint32_t Value) {
  I->Presets.push_back({true, static_cast<uint16_t>(Word % LMWords), Value});
}
void Machine::clearPresets() {
  I->Presets.clear();
  for (std::unique_ptr<State> &S : I->Contexts)
    if (S)
      S->AllWritten = true;
}

uint32_t Machine::readRegister(RegFile File, unsigned Number) const {
  return bitsOf(I->Last->R[placeOf(File, Number)]);
}
uint32_t Machine::readLocalMemory(unsigned Word) const {
  return bitsOf(I->ME.LM[Word % LMWords]);
}
uint32_t Machine::undefinedBits(RegFile File, unsigned Number) const {
  return undefOf(I->Last->R[placeOf(File, Number)]);
}
Machine::Flags Machine::readFlags() const {
  const State &S = *I->Last;
  return {(bitsOf(S.FlagResult) >> 31) != 0, bitsOf(S.FlagResult) == 0,
          S.FlagC != 0, (S.FlagV >> 31) != 0};
}
unsigned Machine::lastContext() const { return I->Last->Context; }

} // namespace nfpbpf::sim
