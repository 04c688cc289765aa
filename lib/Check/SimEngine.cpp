//===- SimEngine.cpp - A program on the NFP simulator ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/SimEngine.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

using namespace nfpbpf;
using namespace nfpbpf::check;

/// Everything but addresses.
static llvm::Error fill(SimProgram &To, const object::NFPProgram &P,
                        const object::LoadParams &Params) {
  llvm::Expected<std::vector<uint64_t>> Words = object::link(P, Params);
  if (!Words)
    return Words.takeError();
  To.Words = std::move(*Words);
  To.Load.MaxPacketOffset = P.MaxPacketOffset;
  To.Load.EpilogueBegin = Params.Start + P.EpilogueBegin;
  To.Load.EpilogueEnd = Params.Start + P.EpilogueEnd;
  for (const object::NFPMap &Map : P.Maps) {
    rt::MapSpec Spec;
    Spec.Name = Map.Name;
    Spec.Type = Map.Type;
    Spec.KeySize = Map.KeySize;
    Spec.ValueSize = Map.ValueSize;
    Spec.MaxEntries = Map.MaxEntries;
    Spec.Flags = Map.Flags;
    Spec.ReadOnly = Map.ReadOnly;
    Spec.Contents = Map.Contents;
    const auto Index = static_cast<uint32_t>(To.Maps.size());
    (Map.Type == rt::PerfEventArray ? To.Load.Events : To.Load.Tables)
        .push_back({Map.Id, Index});
    To.Maps.push_back(std::move(Spec));
    To.WordUses.push_back(Map.Uses);
  }
  return llvm::Error::success();
}

llvm::Expected<SimProgram> check::makeSimProgram(const object::NFPProgram &P,
                                                 const Profile &Firmware) {
  SimProgram Result;
  Result.Load = sim::LoadInfo::fromProfile(Firmware);
  auto Params = object::LoadParams::fromProfile(Firmware);
  // Maps get their places in the store in the program's order.
  if (Firmware.Maps && Firmware.Maps->ArrayAddresses)
    for (const auto &[Index, Map] : llvm::enumerate(P.Maps))
      if (Map.Type == rt::Array)
        Params.Arrays.push_back(
            {Map.Id, rt::MapStore::firstAddress(static_cast<uint32_t>(Index))});
  if (llvm::Error Err = fill(Result, P, Params))
    return std::move(Err);
  return Result;
}

llvm::Expected<SimProgram>
check::makeSimProgram(const object::KernelImage &Image, const Profile &Firmware,
                      llvm::ArrayRef<object::NFPMap> Uses) {
  object::LoadParams Params;
  Params.Start = Image.Start;
  Params.Done = Image.Done;
  Params.Helpers = Image.Helpers;
  SimProgram Result;
  Result.Load = sim::LoadInfo::fromProfile(Firmware);
  Result.Load.Start = Image.Start;
  Result.Load.Done = Image.Done;
  Result.Load.Helpers = Image.Helpers;
  if (llvm::Error Err = fill(Result, Image.Program, Params))
    return std::move(Err);
  for (size_t I = 0; I < Result.Maps.size(); ++I)
    for (const object::NFPMap &Map : Uses)
      if (Map.Name == Result.Maps[I].Name)
        Result.WordUses[I] = Map.Uses;
  return Result;
}

llvm::Expected<std::unique_ptr<SimEngine>>
SimEngine::create(std::string Name, const Profile &P, const SimProgram &Program,
                  sim::MachineOptions Options) {
  std::unique_ptr<SimEngine> E(new SimEngine(std::move(Name)));
  if (llvm::Error Err = addMaps(E->maps(), Program.Maps))
    return std::move(Err);
  for (uint32_t Map = 0; Map < Program.WordUses.size(); ++Map)
    E->maps().setWordUses(Map, Program.WordUses[Map]);
  E->Machine = std::make_unique<sim::Machine>(P, E->maps(), E->events(),
                                              E->random(), Options);
  if (llvm::Error Err = E->Machine->loadProgram(Program.Words, Program.Load))
    return std::move(Err);
  return E;
}

Outcome SimEngine::outcomeOf(const sim::PacketResult &R) const {
  Outcome Result;
  Result.Executed = R.Cost.Instructions;
  if (R.Faulted) {
    Result.Failed = true;
    Result.Error =
        Machine->faults().empty() ? "fault" : Machine->faults().back().str();
    return Result;
  }
  Result.Verdict = R.Verdict;
  Result.Queue = R.Queue;
  return Result;
}

Outcome SimEngine::run() {
  Last = Machine->runPacket(packet());
  return outcomeOf(Last);
}

llvm::Expected<sim::ContextRun> SimEngine::runContexts(unsigned InFlight,
                                                       sim::PacketFeed Feed,
                                                       LeavingSink Sink) {
  std::map<uint64_t, Leaving> Early;
  uint64_t Next = 0;
  llvm::Error Failure = llvm::Error::success();
  auto feed = [&](rt::PacketBuffer &Buffer) {
    return !Failure && Feed(Buffer);
  };
  auto sink = [&](uint64_t Number, rt::PacketBuffer &Buffer,
                  const sim::PacketResult &R) {
    Last = R;
    llvm::ArrayRef<uint8_t> Frame = Buffer.frame();
    Early.emplace(Number, Leaving{Number, Frame.vec(), outcomeOf(R), R});
    for (auto It = Early.begin();
         !Failure && It != Early.end() && It->first == Next; ++Next) {
      Failure = Sink(It->second);
      It = Early.erase(It);
    }
  };
  llvm::Expected<sim::ContextRun> Run =
      Machine->runContexts(InFlight, feed, sink);
  if (!Failure)
    return Run;
  llvm::consumeError(Run.takeError());
  return std::move(Failure);
}

void SimEngine::reset() {
  Engine::reset();
  Machine->resetStatistics();
}
