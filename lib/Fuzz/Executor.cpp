//===- Executor.cpp - One case on every engine ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Fuzz/Executor.h"

#include "nfpbpf/Check/Compare.h"
#include "nfpbpf/Check/HostEngine.h"
#include "nfpbpf/Check/InterpEngine.h"
#include "nfpbpf/Check/SimEngine.h"

using namespace nfpbpf;
using namespace nfpbpf::fuzz;

Executor::Executor(Profile P) : Firmware(std::move(P)) {}

static Outcome invalid(std::string Why) {
  return {Outcome::Invalid, "interp", std::move(Why), 0};
}

/// Levels need different amounts of code and stack.
static bool isAboutSize(llvm::StringRef Reason) {
  return Reason.contains("bytes of stack") ||
         Reason.contains("instruction words");
}

/// Levels, and the default one without a pass.
static std::vector<std::pair<std::string, PipelineSettings>>
cardVariants(llvm::StringRef LeftOut) {
  std::vector<std::pair<std::string, PipelineSettings>> Variants;
  for (unsigned Level = 0; Level <= MaxOptLevel; ++Level) {
    Variants.emplace_back("sim-O" + std::to_string(Level), PipelineSettings());
    Variants.back().second.OptLevel = Level;
  }
  if (!LeftOut.empty()) {
    Variants.emplace_back("sim-O" + std::to_string(DefaultOptLevel) +
                              "-without-" + LeftOut.str(),
                          PipelineSettings());
    Variants.back().second.DisabledPasses = {LeftOut.str()};
  }
  return Variants;
}

Outcome Executor::run(const Case &Test, const Engines &On) {
  llvm::Expected<object::LinkedProgram> Program = Test.P.link();
  if (!Program)
    return invalid(llvm::toString(Program.takeError()));
  llvm::Expected<std::unique_ptr<check::InterpEngine>> Reference =
      check::InterpEngine::create("interp", *Program, Firmware);
  if (!Reference)
    return invalid(llvm::toString(Reference.takeError()));

  if (!C || ++Compiled > ProgramsPerCompiler) {
    C = std::make_unique<Compiler>(Firmware);
    Compiled = 1;
  }
  std::vector<std::unique_ptr<check::Engine>> Others;
  std::string Refusal;
  unsigned Refusals = 0;
  bool IsTooBig = false;
  for (auto &[Name, Pipeline] : cardVariants(On.LeftOut)) {
    CompileOptions Options;
    Options.Pipeline = Pipeline;
    CompileResult Result = C->compile(*Program, Options);
    if (!Result.Succeeded) {
      ++Refusals;
      Refusal = Result.firstError()->Text;
      IsTooBig |= isAboutSize(Refusal);
      continue;
    }
    auto fail = [Engine = Name](llvm::Error Err) {
      return Outcome{Outcome::Different, Engine, llvm::toString(std::move(Err)),
                     0};
    };
    llvm::Expected<check::SimProgram> Loaded =
        check::makeSimProgram(*Result.Image, Firmware);
    if (!Loaded)
      return fail(Loaded.takeError());
    auto E = check::SimEngine::create(Name, Firmware, *Loaded);
    if (!E)
      return fail(E.takeError());
    Others.push_back(std::move(*E));
  }
  const bool IsTaken = !Others.empty();
  for (unsigned Level = 0; On.WithHost && Level <= host::MaxHostOptLevel;
       ++Level) {
    const std::string Name = "host-O" + std::to_string(Level);
    auto E = check::HostEngine::create(Name, *Program, Firmware, Level);
    // What the card takes, the host must take, and more.
    if (!E && IsTaken)
      return {Outcome::Different, Name, llvm::toString(E.takeError()), 0};
    if (E)
      Others.push_back(std::move(*E));
    else
      llvm::consumeError(E.takeError());
  }
  std::vector<check::Engine *> Compared;
  Compared.reserve(Others.size());
  for (const auto &E : Others)
    Compared.push_back(E.get());
  check::CompareResult Result = check::compare(
      **Reference, Compared, Test.State, "packets", Test.Packets);
  if (Result.ReferenceFailure)
    return invalid(Result.ReferenceFailure->What);
  if (!Result.Differences.empty()) {
    const check::Difference &D = Result.Differences.front();
    return {Outcome::Different, D.Engine,
            "packet " + std::to_string(D.Packet) + ": " + D.What,
            Result.Packets};
  }
  if (Refusals && IsTaken && !IsTooBig)
    return {Outcome::Different, "levels",
            "some levels refuse the program, others do not: " + Refusal,
            Result.Packets};
  if (Refusals)
    return {Outcome::Refused, "", Refusal, 0};
  return {Outcome::Agree, "", "", Result.Packets};
}
