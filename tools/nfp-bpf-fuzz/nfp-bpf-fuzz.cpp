//===- nfp-bpf-fuzz.cpp - Random programs on every engine -----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Generates valid programs with packets and map contents, runs each on every
// engine and level, and makes the first difference small.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Driver/Options.h"
#include "nfpbpf/Fuzz/Executor.h"
#include "nfpbpf/Fuzz/Generator.h"
#include "nfpbpf/Fuzz/Reducer.h"
#include "nfpbpf/Fuzz/TestFile.h"
#include "nfpbpf/Fuzz/Validity.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/WithColor.h"

#include <chrono>
#include <map>
#include <set>

using namespace nfpbpf;
using namespace nfpbpf::fuzz;

namespace {
llvm::cl::OptionCategory Category("nfp-bpf-fuzz options");

llvm::cl::opt<uint64_t> Seed("seed", llvm::cl::init(1),
                             llvm::cl::value_desc("number"),
                             llvm::cl::desc("Seed (default 1)"),
                             llvm::cl::cat(Category));
llvm::cl::opt<uint64_t> Start("start", llvm::cl::init(0),
                              llvm::cl::value_desc("number"),
                              llvm::cl::desc("First program (default 0)"),
                              llvm::cl::cat(Category));
llvm::cl::opt<uint64_t> Count("count", llvm::cl::init(1000),
                              llvm::cl::value_desc("number"),
                              llvm::cl::desc("Programs (default 1000)"),
                              llvm::cl::cat(Category));
llvm::cl::opt<unsigned>
    Size("size", llvm::cl::init(60), llvm::cl::value_desc("instructions"),
         llvm::cl::desc("About this many in the entry function (default 60)"),
         llvm::cl::cat(Category));
llvm::cl::opt<std::string> OutputDir(
    "out", llvm::cl::value_desc("directory"),
    llvm::cl::desc("Where tests for differences are written (default: none)"),
    llvm::cl::cat(Category));
llvm::cl::opt<unsigned>
    Reductions("reduce", llvm::cl::init(1), llvm::cl::value_desc("number"),
               llvm::cl::desc("Differences that are made small (default 1); "
                              "the others are written as they are"),
               llvm::cl::cat(Category));
llvm::cl::opt<unsigned> HostEvery(
    "host-every", llvm::cl::init(10), llvm::cl::value_desc("number"),
    llvm::cl::desc("Engine 'host' runs one program in so many, because its "
                   "compiler is slow; 1: all, 0: none (default 10)"),
    llvm::cl::cat(Category));
llvm::cl::opt<bool> LeaveOneOut(
    "leave-one-out", llvm::cl::init(true),
    llvm::cl::desc("Also run the default level without one optimisation, "
                   "another one for each program (default: yes)"),
    llvm::cl::cat(Category));
llvm::cl::opt<bool>
    Kernel61("kernel-6.1",
             llvm::cl::desc("Only what Linux 6.1 loads for every device: no "
                            "-mcpu=v4, no choice of a queue"),
             llvm::cl::cat(Category));
llvm::cl::opt<bool> Emit("emit",
                         llvm::cl::desc("Run nothing: print each case as a "
                                        "test, or write it with --out"),
                         llvm::cl::cat(Category));
driver::ProfileFlag FirmwareProfile(Category);

const char *const Overview =
    R"(nfp-bpf-fuzz: random programs on every engine

  Generates valid eBPF programs with packets and map contents, runs each on the
  interpreter and on every other engine at every optimisation level and without
  one optimisation, and compares verdicts, frames, queues, events and maps. A program is a function of
  seed and number alone. The last line is a JSON object with the totals.
  utils/fuzz runs many on all processors and can be interrupted.
)";
const char *const Examples = R"(
EXAMPLES:
  nfp-bpf-fuzz --seed=7 --count=10000 --out=found
  nfp-bpf-fuzz --seed=7 --start=123 --count=1 --emit

EXIT CODES:
  0  no difference
  1  a difference, or a generated program that is not valid
  2  the command line, or a file that cannot be written
)";

struct Totals {
  uint64_t Refused = 0, Different = 0, Invalid = 0, Packets = 0;
  uint64_t OnHost = 0; ///< programs that engine 'host' ran too
  uint64_t Instructions = 0;
  std::map<std::string, uint64_t> Reasons;
  /// Sorts of differences that were seen.
  std::set<std::string> Seen;
};

} // namespace

/// The optimisation that is left out for a program.
static std::string leftOut(uint64_t Number) {
  static const std::vector<std::string> Passes = getOptionalPasses();
  return LeaveOneOut ? Passes[Number % Passes.size()] : "";
}

static int fail(llvm::Error Err) {
  llvm::WithColor::error(llvm::errs(), "nfp-bpf-fuzz")
      << llvm::toString(std::move(Err)) << '\n';
  return 2;
}

/// A text with its numbers and bytes left out: the sort of a message.
static std::string withoutNumbers(llvm::StringRef Text) {
  std::string Result;
  for (char C : Text)
    if (!llvm::isDigit(C))
      Result.push_back(C);
  return Result;
}

/// Differences of one sort have one cause often enough.
static std::string sortOf(const Outcome &O) {
  // Bytes follow the first words.
  const std::string Plain = withoutNumbers(O.What);
  return O.Engine + ": " + (O.Engine == "levels" ? Plain : Plain.substr(0, 24));
}

static llvm::Error write(uint64_t Number, const Case &C, const Outcome &O) {
  std::vector<std::string> Notes = {
      llvm::formatv("nfp-bpf-fuzz --seed={0} --start={1} --count=1 --size={2}",
                    Seed.getValue(), Number, Size.getValue())
          .str()};
  if (!O.What.empty())
    Notes.push_back(O.Engine + ": " + O.What);
  const bool IsWithout = llvm::StringRef(O.Engine).contains("-without-");
  llvm::Expected<std::string> Text =
      testFileOf(C, Notes, IsWithout ? leftOut(Number) : "");
  if (!Text)
    return Text.takeError();
  if (OutputDir.empty()) {
    llvm::outs() << *Text;
    return llvm::Error::success();
  }
  if (std::error_code EC = llvm::sys::fs::create_directories(OutputDir))
    return llvm::createStringError(EC, "cannot make '" + OutputDir +
                                           "': " + EC.message());
  llvm::SmallString<128> Path(OutputDir);
  llvm::sys::path::append(
      Path, llvm::formatv("fuzz-{0}-{1}.test", Seed.getValue(), Number));
  std::error_code EC;
  llvm::raw_fd_ostream OS(Path, EC, llvm::sys::fs::OF_Text);
  if (!EC) {
    OS << *Text;
    OS.close();
    EC = OS.error();
  }
  if (EC)
    return llvm::createStringError(EC, "cannot write '" + llvm::Twine(Path) +
                                           "': " + EC.message());
  return llvm::Error::success();
}

static llvm::Error report(Executor &E, uint64_t Number, const Case &C,
                          const Outcome &O, Totals &T) {
  llvm::outs() << llvm::formatv("differ   {0}: {1}: {2}\n", Number, O.Engine,
                                O.What);
  llvm::outs().flush();
  const std::string Sort = sortOf(O);
  const Engines On = {llvm::StringRef(O.Engine).starts_with("host"),
                      leftOut(Number)};
  if (OutputDir.empty() || !T.Seen.insert(Sort).second)
    return llvm::Error::success();
  if (T.Seen.size() > Reductions)
    return write(Number, C, O);
  const Case Small = reduce(C, [&](const Case &Candidate) {
    const Outcome Again = E.run(Candidate, On);
    return Again.K == Outcome::Different && sortOf(Again) == Sort;
  });
  return write(Number, Small, E.run(Small, On));
}

/// One program. Errors: a file that cannot be written.
static llvm::Error runOne(Executor &E, uint64_t Number,
                          const GeneratorOptions &Options, Totals &T) {
  const Case C = generate(Seed, Number, Options);
  if (Emit)
    return write(Number, C, {});
  T.Instructions += C.P.Code.size();
  if (llvm::Error Err = checkValidity(C.P)) {
    ++T.Invalid;
    llvm::outs() << llvm::formatv("invalid  {0}: {1}\n", Number,
                                  llvm::toString(std::move(Err)));
    return llvm::Error::success();
  }
  const bool WithHost = HostEvery && Number % HostEvery == 0;
  const Outcome O = E.run(C, {WithHost, leftOut(Number)});
  T.OnHost += WithHost;
  T.Packets += O.Packets;
  switch (O.K) {
  case Outcome::Agree:
    break;
  case Outcome::Refused:
    ++T.Refused;
    ++T.Reasons[withoutNumbers(O.What)];
    break;
  case Outcome::Different:
    ++T.Different;
    return report(E, Number, C, O, T);
  case Outcome::Invalid:
    ++T.Invalid;
    llvm::outs() << llvm::formatv("invalid  {0}: {1}\n", Number, O.What);
    break;
  }
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM X(argc, argv);
  llvm::setBugReportMsg("Please report this to the maintainers of nfp-bpf, "
                        "with the command line.\n");
  driver::parseCommandLine(argc, argv, Category, Overview, Examples);

  llvm::Expected<Profile> P = FirmwareProfile.load();
  if (!P)
    return fail(P.takeError());
  GeneratorOptions Options;
  Options.Size = std::max(Size.getValue(), 4u);
  Options.Kernel61 = Kernel61;

  Executor E(std::move(*P));
  Totals T;
  const auto Begin = std::chrono::steady_clock::now();
  for (uint64_t Number = Start; Number < Start + Count; ++Number) {
    // Who crashes says on which program.
    llvm::PrettyStackTraceFormat Where(
        "nfp-bpf-fuzz --seed=%llu --start=%llu --count=1",
        static_cast<unsigned long long>(Seed),
        static_cast<unsigned long long>(Number));
    if (llvm::Error Err = runOne(E, Number, Options, T))
      return fail(std::move(Err));
  }
  if (Emit)
    return 0;
  const double Seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - Begin)
          .count();
  llvm::json::Object Reasons;
  for (const auto &[Text, Number] : T.Reasons)
    Reasons[Text] = static_cast<int64_t>(Number);
  llvm::outs() << llvm::json::Value(llvm::json::Object{
                      {"seed", static_cast<int64_t>(Seed)},
                      {"start", static_cast<int64_t>(Start)},
                      {"programs", static_cast<int64_t>(Count)},
                      {"instructions", static_cast<int64_t>(T.Instructions)},
                      {"programs_on_host", static_cast<int64_t>(T.OnHost)},
                      {"packets", static_cast<int64_t>(T.Packets)},
                      {"refused", static_cast<int64_t>(T.Refused)},
                      {"refused_by_reason", std::move(Reasons)},
                      {"differ", static_cast<int64_t>(T.Different)},
                      {"invalid", static_cast<int64_t>(T.Invalid)},
                      {"seconds", Seconds},
                      {"programs_per_second",
                       static_cast<double>(Count) / std::max(Seconds, 1e-9)}})
               << '\n';
  return T.Different || T.Invalid ? 1 : 0;
}
