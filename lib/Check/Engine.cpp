//===- Engine.cpp - What all executions have in common --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/Engine.h"

using namespace nfpbpf;
using namespace nfpbpf::check;

Engine::~Engine() = default;

void Engine::reset() {
  Maps.clear();
  Events.clear();
  Events.CurrentPacket = 0;
  Rng.seed(rt::Random::DefaultSeed);
}

llvm::Expected<std::vector<rt::MapSpec>>
check::mapSpecsOf(const object::LinkedProgram &Program) {
  std::vector<rt::MapSpec> Specs;
  for (const object::MapInfo &Map : Program.Maps) {
    rt::MapSpec Spec;
    Spec.Name = Map.Name;
    Spec.Type = Map.Type;
    Spec.KeySize = Map.KeySize;
    Spec.ValueSize = Map.ValueSize;
    Spec.MaxEntries = Map.MaxEntries;
    Spec.Flags = Map.Flags;
    Spec.ReadOnly = Map.isReadOnlyData();
    Spec.Contents = Map.Contents;
    Specs.push_back(std::move(Spec));
  }
  return Specs;
}

llvm::Error check::addMaps(rt::MapStore &Store,
                           llvm::ArrayRef<rt::MapSpec> Specs) {
  for (const rt::MapSpec &Spec : Specs)
    if (llvm::Expected<uint32_t> Index = Store.addMap(Spec); !Index)
      return Index.takeError();
  return llvm::Error::success();
}
