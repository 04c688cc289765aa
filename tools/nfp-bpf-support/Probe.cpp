//===- Probe.cpp - Asking the engines what they support -------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Probe.h"

#include "nfpbpf/Check/Compare.h"
#include "nfpbpf/Check/HostEngine.h"
#include "nfpbpf/Check/InterpEngine.h"
#include "nfpbpf/Check/SimEngine.h"
#include "nfpbpf/Driver/Driver.h"

using namespace nfpbpf;
using namespace nfpbpf::support;
using namespace nfpbpf::check;

/// One frame, no two words of it alike.
static std::vector<rt::Packet> makePackets() {
  std::vector<rt::Packet> Packets(1);
  for (unsigned I = 0; I < 128; ++I)
    Packets[0].Bytes.push_back(static_cast<uint8_t>(I * 37 + 11));
  Packets[0].WireLength = Packets[0].Bytes.size();
  return Packets;
}

llvm::Expected<Prober> Prober::create() {
  Prober P;
  for (llvm::StringRef Name : shippedProfiles()) {
    llvm::Expected<Profile> Loaded = loadProfile(Name);
    if (!Loaded)
      return Loaded.takeError();
    P.Profiles.push_back(std::move(*Loaded));
  }
  return std::move(P);
}

std::vector<std::string> Prober::columns() const {
  std::vector<std::string> Names = {"interpreter", "host"};
  for (const Profile &P : Profiles)
    Names.push_back(P.Name);
  return Names;
}

/// The reason without the place, which is the probe's.
static std::string reasonIn(llvm::StringRef Text) {
  if (Text.starts_with("program probe, instruction "))
    Text = Text.split(": ").second;
  return Text.str();
}

static Answer askInterpreter(Engine &Interp) {
  const CompareResult Result =
      compare(Interp, {}, MapState(), "probe", makePackets());
  if (Result.ReferenceFailure)
    return {false, reasonIn(Result.ReferenceFailure->What)};
  return {true, ""};
}

/// Whether another engine does what the interpreter does.
static Answer agree(Engine &Reference, Engine &Other) {
  const CompareResult Result =
      compare(Reference, {&Other}, MapState(), "probe", makePackets());
  if (Result.ReferenceFailure)
    return {false, "the interpreter cannot run it to compare: " +
                       reasonIn(Result.ReferenceFailure->What)};
  if (!Result.Differences.empty())
    return {false, Result.Differences.front().What};
  return {true, ""};
}

static Answer askHost(const object::LinkedProgram &Program, Engine &Reference,
                      const Profile &P) {
  llvm::Expected<std::unique_ptr<HostEngine>> Host =
      HostEngine::create("host", Program, P);
  if (!Host)
    return {false, llvm::toString(Host.takeError())};
  return agree(Reference, **Host);
}

static Answer askSimulator(const object::LinkedProgram &Program,
                           Engine &Reference, const Profile &P) {
  Compiler C(P);
  for (unsigned Level = 0; Level <= MaxOptLevel; ++Level) {
    CompileOptions Options;
    Options.Pipeline.OptLevel = Level;
    const CompileResult Compiled = C.compile(Program, Options);
    if (!Compiled.Succeeded)
      return {false, Compiled.firstError()->Text};
    llvm::Expected<SimProgram> Loaded = makeSimProgram(*Compiled.Image, P);
    if (!Loaded)
      return {false, llvm::toString(Loaded.takeError())};
    llvm::Expected<std::unique_ptr<SimEngine>> E =
        SimEngine::create("sim-O" + std::to_string(Level), P, *Loaded);
    if (!E)
      return {false, llvm::toString(E.takeError())};
    Answer A = agree(Reference, **E);
    if (!A.Works)
      return A;
  }
  return {true, ""};
}

std::vector<Answer> Prober::ask(const object::LinkedProgram &Program) const {
  std::vector<Answer> Answers;
  auto add = [&](const Profile &P, llvm::function_ref<Answer(Engine &)> Ask) {
    llvm::Expected<std::unique_ptr<InterpEngine>> Interp =
        InterpEngine::create("interp", Program, P);
    if (Interp)
      Answers.push_back(Ask(**Interp));
    else
      Answers.push_back({false, llvm::toString(Interp.takeError())});
  };
  // What the first two can do does not depend on the card.
  add(Profiles.front(), askInterpreter);
  add(Profiles.front(), [&](Engine &Interp) {
    return askHost(Program, Interp, Profiles.front());
  });
  for (const Profile &P : Profiles)
    add(P, [&](Engine &Interp) { return askSimulator(Program, Interp, P); });
  return Answers;
}
