//===- SimEngine.cpp - A program on the NFP simulator ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/SimEngine.h"

using namespace nfpbpf;
using namespace nfpbpf::check;

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

Outcome SimEngine::run() {
  Last = Machine->runPacket(packet());
  Outcome Result;
  Result.Executed = Last.Cost.Instructions;
  if (Last.Faulted) {
    Result.Failed = true;
    Result.Error =
        Machine->faults().empty() ? "fault" : Machine->faults().back().str();
    return Result;
  }
  Result.Verdict = Last.Verdict;
  Result.Queue = Last.Queue;
  return Result;
}

void SimEngine::reset() {
  Engine::reset();
  Machine->resetStatistics();
}
