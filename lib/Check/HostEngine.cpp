//===- HostEngine.cpp - A program on the host's processor -----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/HostEngine.h"

using namespace nfpbpf;
using namespace nfpbpf::check;

llvm::Expected<std::unique_ptr<HostEngine>>
HostEngine::create(std::string Name, const object::LinkedProgram &Program,
                   const Profile &P, unsigned OptLevel) {
  std::unique_ptr<HostEngine> E(new HostEngine(std::move(Name), Program));
  if (llvm::Error Err = addMaps(E->maps(), mapSpecsOf(Program)))
    return std::move(Err);
  host::Options Options;
  Options.OptLevel = OptLevel;
  if (P.AdjustHead) {
    Options.Adjust.OffMin = P.AdjustHead->OffMin;
    Options.Adjust.OffMax = P.AdjustHead->OffMax;
  }
  llvm::Expected<host::Program> Compiled =
      host::Program::compile(Program, Options);
  if (!Compiled)
    return Compiled.takeError();
  E->Compiled.emplace(std::move(*Compiled));
  return E;
}

Outcome HostEngine::run() {
  const host::Result Result =
      Compiled->run({packet(), maps(), events(), random(), nextMoment()});
  Outcome Out;
  if (Result.Error) {
    Out.Failed = true;
    Out.Error = host::describe(Program, *Result.Error);
    return Out;
  }
  Out.Verdict = Result.Verdict;
  Out.Queue = Result.Queue;
  return Out;
}
