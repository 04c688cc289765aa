//===- Engine.cpp - What all executions have in common --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/Engine.h"

#include "nfpbpf/Interp/Interpreter.h"

using namespace nfpbpf;
using namespace nfpbpf::check;

Engine::~Engine() = default;

void Engine::reset() {
  Maps.clear();
  Events.clear();
  Events.CurrentPacket = 0;
  Rng.seed(rt::Random::DefaultSeed);
  Nanoseconds = 0;
}

std::vector<rt::MapSpec>
check::mapSpecsOf(const object::LinkedProgram &Program) {
  std::vector<rt::MapSpec> Specs;
  Specs.reserve(Program.Maps.size());
  for (const object::MapInfo &Map : Program.Maps)
    Specs.push_back(interp::mapSpec(Map));
  return Specs;
}

llvm::Error check::addMaps(rt::MapStore &Store,
                           llvm::ArrayRef<rt::MapSpec> Specs) {
  for (const rt::MapSpec &Spec : Specs)
    if (llvm::Expected<uint32_t> Index = Store.addMap(Spec); !Index)
      return Index.takeError();
  return llvm::Error::success();
}
