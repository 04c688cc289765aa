//===- nfp-bpf-vectors.cpp - Instruction tests on one engine --------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs files of instruction tests in one process and prints what differed and,
// as the last line, a JSON object with the totals.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Conformance/Runner.h"
#include "nfpbpf/Conformance/Vectors.h"
#include "nfpbpf/Driver/Options.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/WithColor.h"

#include <map>

using namespace nfpbpf;
using namespace nfpbpf::conformance;

namespace {
llvm::cl::OptionCategory Category("nfp-bpf-vectors options");

llvm::cl::list<std::string>
    Paths(llvm::cl::Positional, llvm::cl::ZeroOrMore,
          llvm::cl::desc("<vectors: .data, .jsonl, directories>..."),
          llvm::cl::cat(Category));
llvm::cl::opt<std::string>
    EngineName("engine", llvm::cl::init("sim"), llvm::cl::value_desc("name"),
               llvm::cl::desc("interp, host or sim (default sim)"),
               llvm::cl::cat(Category));
llvm::cl::opt<std::string>
    Level("opt", llvm::cl::value_desc("level"),
          llvm::cl::desc("Optimisation level, as 1 or O1 (default: the default "
                         "one of the compiler)"),
          llvm::cl::cat(Category));
llvm::cl::list<std::string>
    DisabledPasses("disable-pass", llvm::cl::CommaSeparated,
                   llvm::cl::value_desc("passes"),
                   llvm::cl::desc("Optimisations that engine sim leaves out"),
                   llvm::cl::cat(Category));
driver::ProfileFlag FirmwareProfile(Category);
llvm::cl::opt<bool>
    ListPasses("list-passes",
               llvm::cl::desc("Print the optimisations that can be left out"),
               llvm::cl::cat(Category));
llvm::cl::opt<bool> List("list-configurations",
                         llvm::cl::desc("Print the engines with their levels"),
                         llvm::cl::cat(Category));
llvm::cl::opt<bool> Verbose("verbose",
                            llvm::cl::desc("A line for every vector"),
                            llvm::cl::cat(Category));

const char *const Overview =
    R"(nfp-bpf-vectors: instruction tests with known results, on one engine

  Runs every vector of the files and directories: the conformance suite's .data
  files, and .jsonl files of conformance and of the kernel's translator tests.
  The last line is a JSON object with the totals. Without --profile, vectors
  that the default profile has no room for run with profile 'extended';
  "took_profile" names them. utils/check-conformance runs all engines and
  levels.
)";
const char *const Examples = R"(
EXAMPLES:
  nfp-bpf-vectors --engine=interp tests/
  nfp-bpf-vectors --engine=sim --opt=O0 vectors.jsonl add.data

EXIT CODES:
  0  nothing failed (refused and skipped vectors are no failures)
  1  a vector failed
  2  the command line, or a file that cannot be read
)";

} // namespace

static int fail(llvm::Error Err) {
  llvm::WithColor::error(llvm::errs(), "nfp-bpf-vectors")
      << llvm::toString(std::move(Err)) << '\n';
  return 2;
}

namespace {

enum Status : unsigned { Passed, Failed, Refused, Skipped, NumStatuses };
constexpr const char *StatusNames[] = {"passed", "failed", "refused",
                                       "skipped"};

struct Verdict {
  Status S = Passed;
  std::string Reason;
  std::string LargerProfile = {}; ///< that it took
};

} // namespace

static Verdict judge(Runner &R, const Vector &V, const Configuration &Config) {
  if (!V.Unsupported.empty())
    return {Skipped, V.Unsupported};
  const RunResult Result = R.run(V.Code, V.Memory, Entry::Memory, Config);
  if (V.ExpectedError) {
    if (Result.Status == RunResult::Value)
      return {Failed, llvm::formatv("r0 is {0:x}, expected the error '{1}'",
                                    Result.R0, *V.ExpectedError)};
    if (Result.Message == *V.ExpectedError)
      return {};
    return {Failed, "expected the error '" + *V.ExpectedError + "', got '" +
                        Result.Message + "'"};
  }
  switch (Result.Status) {
  case RunResult::Refused:
    return {Refused, Result.Message};
  case RunResult::Stopped:
    return {Failed, Result.Message};
  case RunResult::Value:
    break;
  }
  if ((Result.R0 & V.ResultMask) == (V.Result & V.ResultMask))
    return {Passed, "", Result.LargerProfile};
  return {
      Failed,
      llvm::formatv("r0 is {0:x}, expected {1:x}{2}", Result.R0, V.Result,
                    V.ResultMask == ~uint64_t(0) ? "" : " in the low 32 bits"),
      Result.LargerProfile};
}

int main(int argc, char **argv) {
  llvm::InitLLVM X(argc, argv);
  driver::parseCommandLine(argc, argv, Category, Overview, Examples);

  if (List) {
    for (const Configuration &Each : allConfigurations())
      llvm::outs() << Each.name() << '\n';
    return 0;
  }
  if (ListPasses) {
    for (const std::string &Name : getOptionalPasses())
      llvm::outs() << Name << '\n';
    return 0;
  }
  if (Paths.empty())
    return fail(llvm::createStringError("no vectors given"));
  llvm::Expected<Configuration> Config = parseConfiguration(EngineName, Level);
  if (!Config)
    return fail(Config.takeError());
  Config->DisabledPasses.assign(DisabledPasses.begin(), DisabledPasses.end());
  if (llvm::Error Err = checkDisabledPasses(Config->DisabledPasses))
    return fail(std::move(Err));
  if (!DisabledPasses.empty() && Config->Engine != Configuration::Sim)
    return fail(llvm::createStringError("--disable-pass is for engine sim"));
  llvm::Expected<Profile> P = FirmwareProfile.load();
  if (!P)
    return fail(P.takeError());
  std::vector<Vector> Vectors;
  for (const std::string &Path : Paths) {
    llvm::Expected<std::vector<Vector>> More = readVectors(Path);
    if (!More)
      return fail(More.takeError());
    Vectors.insert(Vectors.end(), std::make_move_iterator(More->begin()),
                   std::make_move_iterator(More->end()));
  }

  // What the default profile has no room for takes the extended one.
  std::optional<Profile> Larger;
  if (!FirmwareProfile.isGiven()) {
    llvm::Expected<Profile> Extended = loadProfile("extended");
    if (!Extended)
      return fail(Extended.takeError());
    Larger = std::move(*Extended);
  }
  Runner R(std::move(*P), std::move(Larger));
  int64_t Counts[NumStatuses] = {};
  std::map<std::string, std::vector<std::string>> Reasons[NumStatuses];
  std::map<std::string, std::vector<std::string>> LargerProfiles;
  for (const Vector &V : Vectors) {
    Verdict Result = judge(R, V, *Config);
    ++Counts[Result.S];
    if (Result.S != Passed || Verbose)
      llvm::outs() << llvm::formatv(
          "{0,-8} {1}: {2}{3}{4}\n", StatusNames[Result.S], Config->name(),
          V.Name, Result.Reason.empty() ? "" : ": ", Result.Reason);
    if (Result.S != Passed)
      Reasons[Result.S][Result.Reason].push_back(V.Name);
    if (!Result.LargerProfile.empty())
      LargerProfiles[Result.LargerProfile].push_back(V.Name);
  }

  llvm::json::Object Totals{{"engine", engineName(Config->Engine)},
                            {"vectors", static_cast<int64_t>(Vectors.size())}};
  if (Config->hasLevels())
    Totals["opt"] = static_cast<int64_t>(Config->OptLevel);
  if (!DisabledPasses.empty())
    Totals["without"] = llvm::join(DisabledPasses, ",");
  llvm::json::Object ByStatus;
  for (unsigned S = 0; S < NumStatuses; ++S) {
    Totals[StatusNames[S]] = Counts[S];
    if (Reasons[S].empty())
      continue;
    llvm::json::Object Texts;
    for (const auto &[Text, Names] : Reasons[S])
      Texts[Text] = llvm::json::Array(Names);
    ByStatus[StatusNames[S]] = std::move(Texts);
  }
  Totals["reasons"] = std::move(ByStatus);
  if (!LargerProfiles.empty()) {
    llvm::json::Object ByProfile;
    for (const auto &[Profile, Names] : LargerProfiles)
      ByProfile[Profile] = llvm::json::Array(Names);
    Totals["took_profile"] = std::move(ByProfile);
  }
  llvm::outs() << llvm::json::Value(std::move(Totals)) << '\n';
  return Counts[Failed] ? 1 : 0;
}
