//===- InterpEngine.cpp - A program on the plain interpreter --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/InterpEngine.h"

using namespace nfpbpf;
using namespace nfpbpf::check;

llvm::Expected<std::unique_ptr<InterpEngine>>
InterpEngine::create(std::string Name, const object::LinkedProgram &Program,
                     const Profile &P) {
  std::unique_ptr<InterpEngine> E(new InterpEngine(std::move(Name), Program));
  if (llvm::Error Err = addMaps(E->maps(), mapSpecsOf(Program)))
    return std::move(Err);
  interp::Options Options;
  if (P.AdjustHead) {
    Options.Adjust.OffMin = P.AdjustHead->OffMin;
    Options.Adjust.OffMax = P.AdjustHead->OffMax;
  }
  llvm::Expected<interp::Interpreter> Interp =
      interp::Interpreter::create(Program, Options);
  if (!Interp)
    return Interp.takeError();
  E->Interp.emplace(std::move(*Interp));
  return E;
}

Outcome InterpEngine::run() {
  const interp::World World{packet(), maps(), events(), random(), nextMoment()};
  const interp::Result Result = Interp->run(World);
  Outcome Out;
  Out.Executed = Result.Executed;
  if (Result.Error) {
    Out.Failed = true;
    Out.Error = interp::describe(Program, *Result.Error);
    return Out;
  }
  Out.Verdict = Result.Verdict;
  Out.Queue = Result.Queue;
  return Out;
}
