//===- nfp-bpf-check.cpp - The same program in several executions ---------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs every program of an object over packet traces on the plain interpreter,
// as code for the host, on the simulator at the chosen optimisation levels and,
// where an image of the kernel's translator is given, on the simulator with
// that image. Prints one JSON object a line for each program.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/Compare.h"
#include "nfpbpf/Check/Costs.h"
#include "nfpbpf/Check/Explore.h"
#include "nfpbpf/Check/HostEngine.h"
#include "nfpbpf/Check/InterpEngine.h"
#include "nfpbpf/Check/MapState.h"
#include "nfpbpf/Check/SimEngine.h"
#include "nfpbpf/Driver/Options.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

using namespace nfpbpf;
using namespace nfpbpf::check;

namespace {
llvm::cl::OptionCategory Category("nfp-bpf-check options");

llvm::cl::opt<std::string> InputFile(llvm::cl::Positional,
                                     llvm::cl::desc("<object>"),
                                     llvm::cl::Required,
                                     llvm::cl::cat(Category));
llvm::cl::list<std::string>
    PcapFiles("pcap", llvm::cl::value_desc("file"), llvm::cl::OneOrMore,
              llvm::cl::desc("Packet trace; may be repeated"),
              llvm::cl::cat(Category));
llvm::cl::list<unsigned>
    OptLevels("opt", llvm::cl::value_desc("level"), llvm::cl::CommaSeparated,
              llvm::cl::desc("Optimisation levels (default: all)"),
              llvm::cl::cat(Category));
llvm::cl::list<std::string> OffPasses(
    "off", llvm::cl::CommaSeparated, llvm::cl::value_desc("passes"),
    llvm::cl::desc("Also compare the default level without each of these "
                   "optimisations, one left out at a time ('all': every one)"),
    llvm::cl::cat(Category));
/// OffPasses with 'all' resolved.
std::vector<std::string> LeftOut;
enum class EngineKind { Host, Sim, Jit };
llvm::cl::list<EngineKind> EngineKinds(
    "engine", llvm::cl::CommaSeparated,
    llvm::cl::desc("What is compared with the interpreter (default: all):"),
    llvm::cl::values(
        clEnumValN(EngineKind::Host, "host",
                   "code for this machine's own processor"),
        clEnumValN(EngineKind::Sim, "sim",
                   "generated code on the simulator, at each level"),
        clEnumValN(EngineKind::Jit, "jit",
                   "the images of the kernel's translator on the simulator")),
    llvm::cl::cat(Category));
llvm::cl::list<std::string> KernelImages(
    "jit-image", llvm::cl::value_desc("file"),
    llvm::cl::desc("Image of the kernel's translator (FILE.raw and FILE.meta "
                   "beside it); used for the program it names"),
    llvm::cl::cat(Category));
llvm::cl::opt<std::string> MapsFile(
    "maps", llvm::cl::value_desc("file"),
    llvm::cl::desc("Map contents in JSON, as a further state to start from"),
    llvm::cl::cat(Category));
llvm::cl::opt<unsigned> FillStates(
    "fill-states", llvm::cl::init(6), llvm::cl::value_desc("number"),
    llvm::cl::desc(
        "At most this many states made from the traffic (default 6)"),
    llvm::cl::cat(Category));
llvm::cl::opt<unsigned> Explore(
    "explore", llvm::cl::init(20000), llvm::cl::value_desc("attempts"),
    llvm::cl::desc("Packets changed at random for each state, to reach what "
                   "the traces do not (default 20000)"),
    llvm::cl::cat(Category));
llvm::cl::opt<bool>
    WithCosts("costs",
              llvm::cl::desc("Report what the packets cost on the "
                             "card, for each simulated image"),
              llvm::cl::cat(Category));
llvm::cl::list<std::string> Programs("program", llvm::cl::value_desc("name"),
                                     llvm::cl::CommaSeparated,
                                     llvm::cl::desc("Only these programs"),
                                     llvm::cl::cat(Category));
driver::InputFlags Input(Category);
driver::ProfileFlag FirmwareProfile(Category);
llvm::cl::opt<uint32_t>
    PadTo("pad", llvm::cl::init(0), llvm::cl::value_desc("bytes"),
          llvm::cl::desc("Pad shorter frames with zeros, as a sender does"),
          llvm::cl::cat(Category));
llvm::cl::opt<uint64_t>
    Limit("limit", llvm::cl::init(0), llvm::cl::value_desc("packets"),
          llvm::cl::desc("At most this many packets of each trace"),
          llvm::cl::cat(Category));

const char *const Overview =
    R"(nfp-bpf-check: the same program, packets and maps in several executions

  Compares verdict, frame bytes, queue, events and map contents of the plain
  interpreter, of code for the host, of generated code on the simulator at each
  optimisation level, and of images of the kernel's translator. A program that
  the card refuses is compared on the host alone. Map states: empty, given
  (--maps), and made from the traffic so that lookups hit. Prints a JSON object
  for each program; utils/check-corpus runs it over many objects.
)";
const char *const Examples = R"(
EXAMPLES:
  nfp-bpf-check prog.o --pcap=a.pcap --pcap=b.pcap
  nfp-bpf-check prog.o --pcap=a.pcap --opt=0 --maps=maps.json
  nfp-bpf-check prog.o --pcap=a.pcap --engine=jit --jit-image=prog.bin

EXIT CODES:
  0  no difference (refused programs are none)
  1  a difference, or an execution that stopped with an error
  2  the command line, or a file that cannot be read
)";

/// Fills in a row that execute nothing new before no more are tried.
constexpr unsigned MaxUselessFills = 15;

struct Trace {
  std::string Name;
  std::vector<rt::Packet> Packets;
};

} // namespace

static bool isCompared(EngineKind Kind) {
  return EngineKinds.empty() || llvm::is_contained(EngineKinds, Kind);
}

static CompareOptions compareOptions() {
  CompareOptions Options;
  Options.Limit = Limit;
  Options.PadTo = PadTo;
  return Options;
}

namespace {

/// What came out for one program.
struct Verdict {
  llvm::json::Object Report;
  bool IsDifferent = false;
};

class Checker {
public:
  Checker(Profile P, std::vector<Trace> Traces)
      : Firmware(P), C(std::move(P)), Traces(std::move(Traces)) {}

  llvm::Error addKernelImage(llvm::StringRef Path);
  llvm::Expected<Verdict> check(const driver::InputProgram &In);

private:
  /// States to start from, and what they together execute.
  llvm::Error chooseStates(const object::LinkedProgram &Program,
                           InterpEngine &Reference,
                           std::vector<MapState> &States, Coverage &Covered);
  /// What is compared with the interpreter.
  struct Others {
    std::vector<std::unique_ptr<Engine>> Engines;
    std::vector<SimEngine *> Simulated; ///< null where it is no simulator
    bool CardRefuses = false;
    bool HasHost = false; ///< as the last engine

    void add(std::unique_ptr<SimEngine> E) {
      Simulated.push_back(E.get());
      Engines.push_back(std::move(E));
    }
  };
  /// Adds the card's images, none of them if the card refuses the program, and
  /// says in the report what there is to say of them.
  llvm::Error addCardEngines(const driver::InputProgram &In,
                             llvm::json::Object &Report, Others &To);
  void addHostEngine(const object::LinkedProgram &Program,
                     llvm::json::Object &Report, Others &To);
  /// Runs traces, for the coverage counts of the engine.
  static void runTraces(InterpEngine &E, const MapState &State,
                        llvm::ArrayRef<Trace> Traces);

  std::vector<rt::Packet> allPackets() const;

  Profile Firmware;
  Compiler C;
  std::vector<Trace> Traces;
  std::vector<object::KernelImage> Images;
};
} // namespace

llvm::Error Checker::addKernelImage(llvm::StringRef Path) {
  auto read = [](const llvm::Twine &Name)
      -> llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> {
    auto File = llvm::MemoryBuffer::getFile(Name);
    if (std::error_code EC = File.getError())
      return llvm::createStringError(EC, "cannot read '" + Name +
                                             "': " + EC.message());
    return std::move(*File);
  };
  auto Raw = read(Path + ".raw");
  if (!Raw)
    return Raw.takeError();
  auto Meta = read(Path + ".meta");
  if (!Meta)
    return Meta.takeError();
  llvm::StringRef Bytes = (*Raw)->getBuffer();
  llvm::Expected<object::KernelImage> Image = object::readKernelImage(
      llvm::ArrayRef<uint8_t>(Bytes.bytes_begin(), Bytes.size()),
      (*Meta)->getBuffer());
  if (!Image)
    return llvm::createStringError("'" + Path +
                                   "': " + llvm::toString(Image.takeError()));
  Images.push_back(std::move(*Image));
  return llvm::Error::success();
}

void Checker::runTraces(InterpEngine &E, const MapState &State,
                        llvm::ArrayRef<Trace> Traces) {
  for (const Trace &T : Traces)
    compare(E, {}, State, T.Name, T.Packets, compareOptions());
}

std::vector<rt::Packet> Checker::allPackets() const {
  std::vector<rt::Packet> All;
  for (const Trace &T : Traces) {
    const size_t Take =
        Limit ? std::min<size_t>(Limit, T.Packets.size()) : T.Packets.size();
    All.insert(All.end(), T.Packets.begin(), T.Packets.begin() + Take);
  }
  return All;
}

llvm::Error Checker::chooseStates(const object::LinkedProgram &Program,
                                  InterpEngine &Reference,
                                  std::vector<MapState> &States,
                                  Coverage &Covered) {
  // True if the state executes something new.
  auto runState = [&](const MapState &State) {
    Reference.interpreter().clearCounts();
    runTraces(Reference, State, Traces);
    return addCoverage(Covered, Reference.interpreter());
  };

  States.push_back({"empty", {}});
  runState(States.back());
  if (!MapsFile.empty()) {
    auto File = llvm::MemoryBuffer::getFile(MapsFile);
    if (std::error_code EC = File.getError())
      return llvm::createStringError(EC, "cannot read '" + MapsFile +
                                             "': " + EC.message());
    Reference.reset();
    if (llvm::Error Err =
            Reference.maps().loadJSONText((*File)->getBuffer(), MapsFile))
      return Err;
    States.push_back(captureState(Reference, "given"));
    runState(States.back());
  }

  std::vector<rt::Packet> All;
  for (const Trace &T : Traces) {
    const size_t Take =
        Limit ? std::min<size_t>(Limit, T.Packets.size()) : T.Packets.size();
    All.insert(All.end(), T.Packets.begin(), T.Packets.begin() + Take);
  }
  // What a value must look like for a path to run is the program's secret, so
  // several sorts are tried; a state that executes nothing new is dropped.
  static constexpr FillStyle Styles[] = {FillStyle::Dictionary,
                                         FillStyle::Small, FillStyle::Mixed,
                                         FillStyle::Ones, FillStyle::Random};
  FillOptions Fill;
  Fill.Dictionary = decidingNumbers(Program);
  unsigned Kept = 0, Useless = 0;
  for (Fill.Seed = 1; Kept < FillStates && Useless < MaxUselessFills;
       ++Fill.Seed) {
    Fill.LeaveOut = Fill.Seed % 2 ? 0 : 40;
    for (FillStyle Style : Styles) {
      if (Kept >= FillStates)
        break;
      Fill.Style = Style;
      MapState State = fillFromTraffic(Reference, All, Fill);
      if (State.Entries.empty())
        return llvm::Error::success(); // the program looks nothing up
      // One filled state is kept in any case: hits change more than coverage.
      if (!runState(State) && Kept) {
        ++Useless;
        continue;
      }
      ++Kept;
      Useless = 0;
      State.Name = "filled-" + std::to_string(Kept);
      States.push_back(std::move(State));
    }
  }
  return llvm::Error::success();
}

static llvm::json::Value toJSON(const Difference &D) {
  return llvm::json::Object{{"engine", D.Engine},
                            {"state", D.State},
                            {"trace", D.Trace},
                            {"packet", static_cast<int64_t>(D.Packet)},
                            {"what", D.What}};
}

static llvm::json::Value toJSON(const Diagnosis &D) {
  llvm::json::Object O{{"text", D.Text}, {"message", D.str()}};
  if (D.Insn)
    O["instruction"] = *D.Insn;
  if (!D.File.empty())
    O["file"] = D.File;
  if (D.Line)
    O["line"] = D.Line;
  return O;
}

static bool isImageOf(const object::KernelImage &Image,
                      const driver::InputProgram &In) {
  return Image.Program.Name == In.Name && Image.Program.Section == In.Section;
}

static std::string levelName(unsigned Level) {
  return "sim-O" + std::to_string(Level);
}

llvm::Error Checker::addCardEngines(const driver::InputProgram &In,
                                    llvm::json::Object &Report, Others &To) {
  const object::LinkedProgram &Program = *In.Linked;
  std::vector<unsigned> Levels(OptLevels.begin(), OptLevels.end());
  // The kernel's images run with the uses of map words that ours found.
  if (!isCompared(EngineKind::Sim))
    Levels = {DefaultOptLevel};
  if (Levels.empty())
    for (unsigned Level = 0; Level <= MaxOptLevel; ++Level)
      Levels.push_back(Level);

  if (!LeftOut.empty() && !llvm::is_contained(Levels, DefaultOptLevel))
    Levels.push_back(DefaultOptLevel);

  std::vector<object::NFPMap> Uses;
  llvm::json::Object Words;
  Report["default_level"] = levelName(DefaultOptLevel);
  auto add = [&](const std::string &Name,
                 llvm::Expected<SimProgram> Loaded) -> llvm::Error {
    if (!Loaded)
      return Loaded.takeError();
    Words[Name] = static_cast<int64_t>(Loaded->Words.size());
    llvm::Expected<std::unique_ptr<SimEngine>> E =
        SimEngine::create(Name, Firmware, *Loaded);
    if (!E)
      return E.takeError();
    To.add(std::move(*E));
    return llvm::Error::success();
  };
  struct Variant {
    std::string Name;
    PipelineSettings Pipeline;
  };
  std::vector<Variant> Variants;
  for (unsigned Level : Levels) {
    Variants.push_back({levelName(Level), {}});
    Variants.back().Pipeline.OptLevel = Level;
  }
  for (const std::string &Pass : LeftOut) {
    Variants.push_back({levelName(DefaultOptLevel) + "-without-" + Pass, {}});
    Variants.back().Pipeline.DisabledPasses = {Pass};
  }
  for (const Variant &V : Variants) {
    CompileOptions Options;
    Options.Pipeline = V.Pipeline;
    CompileResult Result = C.compile(Program, Options);
    if (!Result.Succeeded) {
      Report["refusal"] = toJSON(*Result.firstError());
      Report["reason"] = Result.firstError()->Text;
      To = Others();
      To.CardRefuses = true;
      return llvm::Error::success();
    }
    Uses = Result.Image->Maps;
    if (!isCompared(EngineKind::Sim))
      continue;
    if (llvm::Error Err = add(V.Name, makeSimProgram(*Result.Image, Firmware)))
      return Err;
  }
  for (const object::KernelImage &Image : Images)
    if (isImageOf(Image, In))
      if (llvm::Error Err =
              add("kernel-jit", makeSimProgram(Image, Firmware, Uses)))
        return Err;
  Report["words"] = std::move(Words);
  return llvm::Error::success();
}

void Checker::addHostEngine(const object::LinkedProgram &Program,
                            llvm::json::Object &Report, Others &To) {
  llvm::Expected<std::unique_ptr<HostEngine>> E =
      HostEngine::create("host", Program, Firmware);
  if (!E) {
    Report["host"] = llvm::json::Object{
        {"status", "refused"}, {"reason", llvm::toString(E.takeError())}};
    return;
  }
  To.HasHost = true;
  To.Simulated.push_back(nullptr);
  To.Engines.push_back(std::move(*E));
}

llvm::Expected<Verdict> Checker::check(const driver::InputProgram &In) {
  Verdict V;
  V.Report =
      llvm::json::Object{{"object", InputFile.getValue()},
                         {"program", In.Name},
                         {"section", In.Section},
                         {"type", object::stringifyProgramType(In.Type)}};
  auto finish = [&](llvm::StringRef Status) {
    V.Report["status"] = Status;
    return std::move(V);
  };
  if (!In.Linked) {
    V.Report["reason"] = In.Error;
    return finish("refused");
  }
  const object::LinkedProgram &Program = *In.Linked;
  V.Report["instructions"] = Program.size();
  V.Report["kernel_image"] = llvm::any_of(
      Images, [&](const auto &Image) { return isImageOf(Image, In); });

  Others Compared;
  if (llvm::Error Err = addCardEngines(In, V.Report, Compared))
    return std::move(Err);
  if (isCompared(EngineKind::Host))
    addHostEngine(Program, V.Report, Compared);
  const std::vector<std::unique_ptr<Engine>> &Engines = Compared.Engines;
  if (Engines.empty() && Compared.CardRefuses)
    return finish("refused");
  if (Engines.empty()) {
    V.Report["reason"] = "nothing to compare with the interpreter";
    return finish("skipped");
  }

  llvm::Expected<std::unique_ptr<InterpEngine>> Reference =
      InterpEngine::create("interp", Program, Firmware);
  if (!Reference) {
    std::string Reason = llvm::toString(Reference.takeError());
    if (!Compared.CardRefuses)
      V.Report["reason"] = std::move(Reason);
    return finish("refused");
  }

  std::vector<MapState> States;
  Coverage Covered;
  if (llvm::Error Err = chooseStates(Program, **Reference, States, Covered))
    return std::move(Err);

  // What no packet of the traces reaches, changed ones may.
  std::vector<Trace> AllTraces = Traces;
  if (Explore) {
    Trace Explored;
    Explored.Name = "explored";
    ExploreOptions Options;
    Options.Attempts = Explore;
    Options.Dictionary = decidingNumbers(Program);
    const std::vector<rt::Packet> Base = allPackets();
    for (const MapState &State : States)
      for (rt::Packet &Packet :
           exploreTraffic(**Reference, State, Base, Options, Covered))
        Explored.Packets.push_back(std::move(Packet));
    if (!Explored.Packets.empty())
      AllTraces.push_back(std::move(Explored));
    // What counts is what the comparison below executes.
    Covered.clear();
  }
  (*Reference)->interpreter().clearCounts();

  llvm::json::Array Differences, StateNames;
  uint64_t Packets = 0;
  std::vector<bool> Differs(Engines.size());
  std::vector<CostTotals> Costs(Engines.size());
  std::string ReferenceFailure;
  for (const MapState &State : States) {
    StateNames.push_back(State.Name);
    for (const Trace &T : AllTraces) {
      llvm::SmallVector<Engine *> Left;
      for (auto [E, Bad] : llvm::zip(Engines, Differs))
        if (!Bad)
          Left.push_back(E.get());
      CompareResult Result = compare(**Reference, Left, State, T.Name,
                                     T.Packets, compareOptions());
      Packets += Result.Packets;
      if (Result.ReferenceFailure) {
        // What the card refuses the interpreter need not know either.
        if (ReferenceFailure.empty() && !Compared.CardRefuses)
          Differences.push_back(toJSON(*Result.ReferenceFailure));
        ReferenceFailure = Result.ReferenceFailure->What;
      }
      for (const Difference &D : Result.Differences) {
        Differences.push_back(toJSON(D));
        for (size_t I = 0; I < Engines.size(); ++I)
          if (Engines[I]->name() == D.Engine)
            Differs[I] = true;
      }
      if (WithCosts)
        for (auto [E, Bad, Cost] :
             llvm::zip(Compared.Simulated, Differs, Costs))
          if (E && !Bad)
            Cost.add(*E);
    }
  }

  addCoverage(Covered, (*Reference)->interpreter());
  int64_t Total = 0, Executed = 0;
  llvm::json::Array Missed;
  for (uint32_t I = 0; I < Program.size(); ++I) {
    ++Total;
    const bool Ran = I < Covered.size() && Covered[I];
    Executed += Ran;
    if (!Ran)
      Missed.push_back(I);
    if (Program.isLdImm64(I))
      ++I;
  }
  llvm::json::Array Names;
  for (const auto &E : Engines)
    Names.push_back(E->name().str());
  V.Report["engines"] = std::move(Names);
  if (WithCosts) {
    llvm::json::Object ByEngine;
    for (auto [E, Cost] : llvm::zip(Compared.Simulated, Costs))
      if (E)
        ByEngine[E->name().str()] = Cost.toJSON();
    V.Report["costs"] = std::move(ByEngine);
  }
  V.Report["states"] = std::move(StateNames);
  V.Report["packets"] = static_cast<int64_t>(Packets);
  V.Report["coverage"] = llvm::json::Object{
      {"executed", Executed}, {"total", Total}, {"missed", std::move(Missed)}};
  V.IsDifferent = !Differences.empty();
  V.Report["differences"] = std::move(Differences);
  if (Compared.HasHost) {
    llvm::json::Object Host{{"status", "agree"}};
    if (Differs.back()) {
      Host["status"] = "differ";
    } else if (!ReferenceFailure.empty()) {
      Host["status"] = "not compared";
      Host["reason"] = ReferenceFailure;
    }
    V.Report["host"] = std::move(Host);
  }
  if (V.IsDifferent)
    return finish("differ");
  return finish(Compared.CardRefuses ? "refused" : "agree");
}

/// Prints an error and returns the exit code for it.
static int fail(llvm::Error Err) {
  llvm::WithColor::error(llvm::errs(), "nfp-bpf-check")
      << llvm::toString(std::move(Err)) << '\n';
  return 2;
}

int main(int argc, char **argv) {
  llvm::InitLLVM X(argc, argv);
  driver::parseCommandLine(argc, argv, Category, Overview, Examples);

  for (unsigned Level : OptLevels)
    if (Level > MaxOptLevel)
      return fail(llvm::createStringError("no optimisation level %u", Level));
  LeftOut.assign(OffPasses.begin(), OffPasses.end());
  if (llvm::is_contained(LeftOut, "all"))
    LeftOut = getOptionalPasses();
  if (llvm::Error Err = checkDisabledPasses(LeftOut))
    return fail(std::move(Err));
  llvm::Expected<Profile> P = FirmwareProfile.load();
  if (!P)
    return fail(P.takeError());
  std::vector<Trace> Traces;
  for (const std::string &File : PcapFiles) {
    llvm::Expected<std::vector<rt::Packet>> Packets = rt::readPcap(File);
    if (!Packets)
      return fail(Packets.takeError());
    Traces.push_back(
        {llvm::sys::path::filename(File).str(), std::move(*Packets)});
  }
  Checker Check(std::move(*P), std::move(Traces));
  if (isCompared(EngineKind::Jit))
    for (const std::string &File : KernelImages)
      if (llvm::Error Err = Check.addKernelImage(File))
        return fail(std::move(Err));

  driver::InputOptions Options = Input.options();
  Options.Programs.assign(Programs.begin(), Programs.end());
  llvm::Expected<std::vector<driver::InputProgram>> Inputs =
      driver::readInput(InputFile, Options);
  if (!Inputs)
    return fail(Inputs.takeError());

  bool AnyDifferent = false;
  for (const driver::InputProgram &In : *Inputs) {
    llvm::Expected<Verdict> V = Check.check(In);
    if (!V)
      return fail(V.takeError());
    AnyDifferent |= V->IsDifferent;
    llvm::outs() << llvm::json::Value(std::move(V->Report)) << '\n';
    llvm::outs().flush();
  }
  return AnyDifferent ? 1 : 0;
}
