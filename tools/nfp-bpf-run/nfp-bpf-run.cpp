//===- nfp-bpf-run.cpp - Packets in, verdicts, packets and cycles out -----===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs an eBPF object (compiled on the way) or an image over packet traces, on
// the simulator, on the plain interpreter, or as code for the host.
//
//===----------------------------------------------------------------------===//

#include "CycleReport.h"
#include "Report.h"

#include "nfpbpf/Check/HostEngine.h"
#include "nfpbpf/Check/InterpEngine.h"
#include "nfpbpf/Check/MapState.h"
#include "nfpbpf/Check/SimEngine.h"
#include "nfpbpf/Driver/Options.h"
#include "nfpbpf/Object/NFP/NFPELF.h"
#include "nfpbpf/Runtime/Pcap.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/WithColor.h"

#include <chrono>
#include <deque>

using namespace nfpbpf;
using namespace nfpbpf::check;

namespace {
enum class EngineKind { Sim, Interp, Host };
enum ExitCode { Success = 0, Faulted = 1, Usage = 2, Refused = 3 };

llvm::cl::OptionCategory Category("nfp-bpf-run options");

llvm::cl::opt<std::string> InputFile(llvm::cl::Positional,
                                     llvm::cl::desc("<object or image>"),
                                     llvm::cl::Required,
                                     llvm::cl::cat(Category));
llvm::cl::list<std::string>
    PcapFiles("pcap", llvm::cl::value_desc("file"), llvm::cl::OneOrMore,
              llvm::cl::desc("Packet trace; several run one after the other"),
              llvm::cl::cat(Category));
llvm::cl::opt<std::string>
    ProgramName("program", llvm::cl::value_desc("name"),
                llvm::cl::desc("Program to run, if there are several"),
                llvm::cl::cat(Category));
driver::InputFlags Input(Category);
llvm::cl::opt<EngineKind> EngineOption(
    "engine", llvm::cl::desc("What executes the program:"),
    llvm::cl::values(
        clEnumValN(EngineKind::Sim, "sim",
                   "generated code on the NFP simulator (default)"),
        clEnumValN(EngineKind::Interp, "interp", "the plain eBPF interpreter"),
        clEnumValN(EngineKind::Host, "host",
                   "code for this machine's own processor")),
    llvm::cl::init(EngineKind::Sim), llvm::cl::cat(Category));
llvm::cl::opt<bool>
    IsKernelImage("kernel-image",
                  llvm::cl::desc("The input is an image of the kernel's "
                                 "translator (with FILE.raw and FILE.meta)"),
                  llvm::cl::cat(Category));
driver::ProfileFlag FirmwareProfile(Category);
driver::CompileFlags Compilation(Category);
llvm::cl::opt<std::string>
    OutputFile("out", llvm::cl::value_desc("file"),
               llvm::cl::desc("Write passed and sent frames to a trace"),
               llvm::cl::cat(Category));
llvm::cl::opt<bool> Verdicts("verdicts",
                             llvm::cl::desc("Print a line for each packet"),
                             llvm::cl::cat(Category));
llvm::cl::opt<std::string>
    MapsFile("maps", llvm::cl::value_desc("file"),
             llvm::cl::desc("Map contents before the first packet, JSON"),
             llvm::cl::cat(Category));
llvm::cl::opt<std::string> DumpBefore(
    "dump-maps-before", llvm::cl::value_desc("file"),
    llvm::cl::desc("Write map contents before the first packet ('-': here)"),
    llvm::cl::cat(Category));
llvm::cl::opt<std::string> DumpAfter(
    "dump-maps", llvm::cl::value_desc("file"),
    llvm::cl::desc("Write map contents after the last packet ('-': here)"),
    llvm::cl::cat(Category));
llvm::cl::opt<bool> PrintEvents("events",
                                llvm::cl::desc("Print the perf events"),
                                llvm::cl::cat(Category));
llvm::cl::opt<std::string> JsonFile(
    "json", llvm::cl::value_desc("file"),
    llvm::cl::desc("Write the figures as JSON ('-': instead of the text)"),
    llvm::cl::cat(Category));
llvm::cl::opt<std::string> ProfileOut(
    "profile-out", llvm::cl::value_desc("file"),
    llvm::cl::desc("Write how often the program's branches were taken, for "
                   "--profile-use. They are counted by the interpreter, which "
                   "runs the same packets"),
    llvm::cl::cat(Category));
llvm::cl::list<run::Place> CyclesBy(
    "cycles-by", llvm::cl::CommaSeparated,
    llvm::cl::desc("Print where the cycles go, by:"),
    llvm::cl::values(clEnumValN(run::Place::Line, "line", "line of the source"),
                     clEnumValN(run::Place::Function, "function",
                                "function of the image"),
                     clEnumValN(run::Place::Insn, "insn", "eBPF instruction"),
                     clEnumValN(run::Place::Word, "word", "word of the image")),
    llvm::cl::cat(Category));
llvm::cl::opt<uint64_t> Limit("limit", llvm::cl::init(0),
                              llvm::cl::value_desc("packets"),
                              llvm::cl::desc("Stop after this many packets"),
                              llvm::cl::cat(Category));
llvm::cl::opt<unsigned> Repeat("repeat", llvm::cl::init(1),
                               llvm::cl::value_desc("times"),
                               llvm::cl::desc("Run the traces this many times"),
                               llvm::cl::cat(Category));
llvm::cl::opt<uint32_t>
    PadTo("pad", llvm::cl::init(0), llvm::cl::value_desc("bytes"),
          llvm::cl::desc("Pad shorter frames with zeros, as a sender does"),
          llvm::cl::cat(Category));

llvm::cl::opt<unsigned> Contexts(
    "contexts", llvm::cl::init(0), llvm::cl::value_desc("packets"),
    llvm::cl::desc("Packets in flight on the contexts of the simulated "
                   "microengine, 1 to 4; they take turns where they wait. "
                   "Without it packets run one after the other"),
    llvm::cl::cat(Category));

const char *const Overview =
    R"(nfp-bpf-run: runs a program over packet traces

  Takes an eBPF object (compiled on the way), an image of nfp-bpf-translate, or
  an image of the kernel's translator. Prints verdicts, statistics and, on the
  simulator, instructions and cycles per packet and packets per second of the
  card.
)";
const char *const Examples = R"(
EXAMPLES:
  nfp-bpf-run prog.o --pcap=traffic.pcap --maps=maps.json --dump-maps=-
  nfp-bpf-run prog.o --pcap=traffic.pcap --cycles-by=line
  nfp-bpf-run prog.o --pcap=traffic.pcap --profile-out=prog.json
  nfp-bpf-run prog.o --pcap=traffic.pcap --profile-use=prog.json
  nfp-bpf-run prog.o --engine=interp --pcap=traffic.pcap --verdicts
  nfp-bpf-run prog.o --engine=host --pcap=traffic.pcap --json=-
  nfp-bpf-run prog.o --pcap=traffic.pcap --contexts=4 --dump-maps=-
  nfp-bpf-run --input=raw insns.bin --type=tc --pcap=traffic.pcap
  nfp-bpf-run prog.nffw --pcap=traffic.pcap --out=result.pcap --json=-

EXIT CODES:
  0  every packet ran to its end
  1  a packet was ended by a fault or an access out of bounds
  2  the command line, or a file that cannot be read or written
  3  the program cannot be translated
)";

/// Something to say and an exit code.
struct Stop {
  ExitCode Code;
  std::string Text;
};

} // namespace

static int report(const Stop &S) {
  llvm::WithColor::error(llvm::errs(), "nfp-bpf-run") << S.Text << '\n';
  return S.Code;
}

namespace {

/// An engine and what it was made from.
struct Prepared {
  std::optional<object::LinkedProgram> Linked; ///< must outlive the engine
  std::unique_ptr<Engine> E;
  SimEngine *Sim = nullptr;                ///< the same, if it is the simulator
  std::optional<object::NFPProgram> Image; ///< what the simulator runs
  std::string Name;
};
} // namespace

static Stop usage(llvm::Error Err) {
  return {Usage, llvm::toString(std::move(Err))};
}

static std::optional<Stop> prepareSim(Prepared &To, const Profile &P,
                                      llvm::Expected<SimProgram> Program) {
  if (!Program)
    return usage(Program.takeError());
  llvm::Expected<std::unique_ptr<SimEngine>> E =
      SimEngine::create("sim", P, *Program);
  if (!E)
    return usage(E.takeError());
  To.Sim = E->get();
  To.E = std::move(*E);
  return std::nullopt;
}

static std::optional<Stop> prepareKernelImage(Prepared &To, const Profile &P) {
  auto Raw = llvm::MemoryBuffer::getFile(InputFile + ".raw");
  auto Meta = llvm::MemoryBuffer::getFile(InputFile + ".meta");
  for (auto *File : {&Raw, &Meta})
    if (std::error_code EC = File->getError())
      return Stop{Usage, "cannot read '" + InputFile +
                             "' with .raw and .meta: " + EC.message()};
  llvm::StringRef Bytes = (*Raw)->getBuffer();
  llvm::Expected<object::KernelImage> Image = object::readKernelImage(
      llvm::ArrayRef<uint8_t>(Bytes.bytes_begin(), Bytes.size()),
      (*Meta)->getBuffer());
  if (!Image)
    return usage(Image.takeError());
  To.Name = Image->Program.Name;
  To.Image = Image->Program;
  return prepareSim(To, P, makeSimProgram(*Image, P, {}));
}

static std::optional<Stop> prepareImage(Prepared &To, const Profile &P,
                                        llvm::MemoryBufferRef Buffer) {
  llvm::Expected<object::NFPImage> Image = object::readELF(Buffer);
  if (!Image)
    return usage(Image.takeError());
  uint32_t Index = 0;
  if (!ProgramName.empty()) {
    llvm::Expected<uint32_t> Found = Image->find(ProgramName);
    if (!Found)
      return usage(Found.takeError());
    Index = *Found;
  } else if (Image->Programs.size() != 1) {
    std::string Names;
    for (const object::NFPProgram &Program : Image->Programs)
      Names += " " + Program.Name;
    return Stop{Usage, "choose one of the programs with --program:" + Names};
  }
  const object::NFPProgram &Program = Image->Programs[Index];
  if (Program.Profile != P.Name)
    llvm::WithColor::warning(llvm::errs(), "nfp-bpf-run")
        << "the image was made for profile '" << Program.Profile
        << "' and runs on '" << P.Name << "'\n";
  To.Name = Program.Name;
  To.Image = Program;
  return prepareSim(To, P, makeSimProgram(Program, P));
}

static std::optional<Stop> prepareObject(Prepared &To, const Profile &P) {
  driver::InputOptions Options = Input.options();
  if (!ProgramName.empty())
    Options.Programs.push_back(ProgramName);
  llvm::Expected<std::vector<driver::InputProgram>> Inputs =
      driver::readInput(InputFile, Options);
  if (!Inputs)
    return usage(Inputs.takeError());
  if (Inputs->empty())
    return Stop{Usage, "'" + InputFile + "' has no XDP or TC program"};
  if (Inputs->size() > 1) {
    std::string Names;
    for (const driver::InputProgram &In : *Inputs)
      Names += " " + In.Name;
    return Stop{Usage, "choose one of the programs with --program:" + Names};
  }
  driver::InputProgram &In = Inputs->front();
  To.Name = In.Name;
  if (!In.Linked)
    return Stop{Refused, In.Error};
  To.Linked = std::move(*In.Linked);
  if (EngineOption == EngineKind::Interp) {
    llvm::Expected<std::unique_ptr<InterpEngine>> E =
        InterpEngine::create("interp", *To.Linked, P);
    if (!E)
      return usage(E.takeError());
    To.E = std::move(*E);
    return std::nullopt;
  }
  llvm::Expected<CompileOptions> Compile = Compilation.options();
  if (!Compile)
    return usage(Compile.takeError());
  if (EngineOption == EngineKind::Host) {
    llvm::Expected<std::unique_ptr<HostEngine>> E = HostEngine::create(
        "host", *To.Linked, P,
        std::min(Compile->Pipeline.OptLevel, host::MaxHostOptLevel));
    if (!E)
      return Stop{Refused, llvm::toString(E.takeError())};
    To.E = std::move(*E);
    return std::nullopt;
  }
  CompileResult Result = Compiler(P).compile(*To.Linked, *Compile);
  if (llvm::Error Err = Compilation.showRemarks(Result.Remarks))
    return usage(std::move(Err));
  if (!Result.Succeeded)
    return Stop{Refused, Result.firstError()->str()};
  To.Image = std::move(*Result.Image);
  return prepareSim(To, P, makeSimProgram(*To.Image, P));
}

static std::optional<Stop> prepare(Prepared &To, const Profile &P) {
  if (IsKernelImage)
    return prepareKernelImage(To, P);
  if (Input.isKindGiven())
    return prepareObject(To, P);
  auto File = llvm::MemoryBuffer::getFileOrSTDIN(
      InputFile, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (std::error_code EC = File.getError())
    return Stop{Usage, "cannot read '" + InputFile + "': " + EC.message()};
  if (!object::isNFPELF((*File)->getMemBufferRef()))
    return prepareObject(To, P);
  if (EngineOption != EngineKind::Sim)
    return Stop{Usage, "an image runs on the simulator only"};
  return prepareImage(To, P, (*File)->getMemBufferRef());
}

static llvm::Error writeJSON(llvm::StringRef Path, llvm::json::Value V) {
  std::error_code EC;
  llvm::raw_fd_ostream OS(Path, EC, llvm::sys::fs::OF_Text);
  if (EC)
    return llvm::createStringError(EC, "cannot write '" + Path +
                                           "': " + EC.message());
  OS << llvm::formatv("{0:2}\n", V);
  return llvm::Error::success();
}

/// How many packets are to run.
static uint64_t packetsInAll(llvm::ArrayRef<rt::Packet> Packets) {
  const uint64_t Total = Packets.size() * static_cast<uint64_t>(Repeat);
  return Limit ? std::min<uint64_t>(Total, Limit) : Total;
}

namespace {
/// Feeds packets to an engine and counts what happens.
class Runner {
public:
  Runner(Prepared &P, run::Totals &T) : P(P), T(T) {}

  llvm::Error run(llvm::ArrayRef<rt::Packet> Packets);
  std::optional<rt::PcapWriter> Writer;

private:
  llvm::Error runInOrder(llvm::ArrayRef<rt::Packet> Packets, uint64_t Total);
  llvm::Error runContexts(llvm::ArrayRef<rt::Packet> Packets, uint64_t Total);
  /// False if the packet cannot be loaded.
  bool load(rt::PacketBuffer &Buffer, const rt::Packet &Packet);
  void skip(uint64_t From, uint64_t To);
  llvm::Error conclude(uint64_t This, const rt::Packet &Packet,
                       const Outcome &Out, llvm::ArrayRef<uint8_t> Frame,
                       const sim::PacketResult *Full);
  void showProgress(uint64_t Total);

  Prepared &P;
  run::Totals &T;
  uint64_t Number = 0;
  std::chrono::steady_clock::time_point LastShown =
      std::chrono::steady_clock::now();
  bool Shown = false;
};
} // namespace

void Runner::showProgress(uint64_t Total) {
  if (!llvm::errs().is_displayed())
    return;
  const auto Now = std::chrono::steady_clock::now();
  if (Now - LastShown < std::chrono::seconds(1))
    return;
  LastShown = Now;
  Shown = true;
  llvm::errs() << llvm::formatv("\r{0}/{1} packets", Number, Total);
}

bool Runner::load(rt::PacketBuffer &Buffer, const rt::Packet &Packet) {
  llvm::Error Err = Buffer.load(Packet.Bytes, PadTo);
  const bool Loaded = !Err;
  llvm::consumeError(std::move(Err));
  return Loaded;
}

/// Packets that could not be loaded.
void Runner::skip(uint64_t From, uint64_t To) {
  T.Skipped += To - From;
  for (uint64_t This = From; Verdicts && This < To; ++This)
    llvm::outs() << This << " skipped\n";
}

/// Reports a packet that has run.
llvm::Error Runner::conclude(uint64_t This, const rt::Packet &Packet,
                             const Outcome &Out, llvm::ArrayRef<uint8_t> Frame,
                             const sim::PacketResult *Full) {
  ++T.Packets;
  T.Executed += Out.Executed;
  if (Out.Failed) {
    ++T.Failed;
    // The first is shown in any case: it is what the exit code is about.
    if (Verdicts)
      llvm::outs() << This << " error " << Out.Error << '\n';
    else if (T.Failed == 1)
      llvm::WithColor::warning(llvm::errs(), "nfp-bpf-run")
          << "packet " << This << ": " << Out.Error << '\n';
    return llvm::Error::success();
  }
  const auto V = static_cast<unsigned>(Out.Verdict);
  ++T.VerdictPackets[V];
  T.VerdictBytes[V] += Frame.size();
  T.QueuesChosen += Out.Queue.has_value();
  if (Verdicts) {
    llvm::outs() << This << ' ' << rt::stringifyVerdict(Out.Verdict) << ' '
                 << Frame.size();
    if (Out.Queue)
      llvm::outs() << " queue " << unsigned(*Out.Queue);
    if (Full)
      llvm::outs() << " cycles " << Full->Cost.ProgramCycles;
    llvm::outs() << '\n';
  }
  if (Writer &&
      (Out.Verdict == rt::Verdict::Pass || Out.Verdict == rt::Verdict::Tx))
    return Writer->write(Frame, Packet.TimeNs);
  return llvm::Error::success();
}

llvm::Error Runner::runInOrder(llvm::ArrayRef<rt::Packet> Packets,
                               uint64_t Total) {
  Engine &E = *P.E;
  while (Number < Total) {
    const rt::Packet &Packet = Packets[Number % Packets.size()];
    const uint64_t This = Number++;
    if (!load(E.packet(), Packet)) {
      skip(This, Number);
      continue;
    }
    E.events().CurrentPacket = This;
    const Outcome Out = E.run();
    if (llvm::Error Err = conclude(This, Packet, Out, E.packet().frame(),
                                   P.Sim ? &P.Sim->last() : nullptr))
      return Err;
    showProgress(Total);
  }
  return llvm::Error::success();
}

llvm::Error Runner::runContexts(llvm::ArrayRef<rt::Packet> Packets,
                                uint64_t Total) {
  std::deque<uint64_t> Fed; // numbers of the packets not yet concluded
  auto feed = [&](rt::PacketBuffer &Buffer) {
    while (Number < Total) {
      const uint64_t This = Number++;
      if (!load(Buffer, Packets[This % Packets.size()]))
        continue;
      P.E->events().CurrentPacket = This;
      Fed.push_back(This);
      return true;
    }
    return false;
  };
  uint64_t Next = 0; // after the last packet reported
  auto sink = [&](const SimEngine::Leaving &L) {
    const uint64_t This = Fed.front();
    Fed.pop_front();
    skip(Next, This);
    Next = This + 1;
    showProgress(Total);
    return conclude(This, Packets[This % Packets.size()], L.Result, L.Frame,
                    &L.Full);
  };
  llvm::Expected<sim::ContextRun> Run =
      P.Sim->runContexts(Contexts, feed, sink);
  if (!Run)
    return Run.takeError();
  skip(Next, Total);
  return llvm::Error::success();
}

llvm::Error Runner::run(llvm::ArrayRef<rt::Packet> Packets) {
  const uint64_t Total = packetsInAll(Packets);
  const auto Begin = std::chrono::steady_clock::now();
  if (llvm::Error Err =
          Contexts ? runContexts(Packets, Total) : runInOrder(Packets, Total))
    return Err;
  T.Seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - Begin)
          .count();
  if (Shown)
    llvm::errs() << '\n';
  return llvm::Error::success();
}

static void printEvents(const Engine &E) {
  for (const rt::Event &Event : E.events().events())
    llvm::outs() << llvm::formatv(
        "event packet {0} map {1} bytes {2} data {3}\n", Event.PacketNumber,
        E.maps().spec(Event.Map).Name, llvm::toHex(Event.Packet, true),
        llvm::toHex(Event.Data, true));
}

/// Totals and where the cycles went.
static llvm::Error reportFigures(const Prepared &Program,
                                 const run::Totals &Totals) {
  llvm::json::Object Figures = run::toJSON(Totals);
  if (JsonFile != "-")
    run::printText(llvm::outs(), Totals);
  if (Program.Sim) {
    const std::vector<sim::WordCost> Costs = Program.Sim->machine().wordCosts();
    for (const run::Place By : CyclesBy) {
      const std::vector<run::CycleRow> Rows = run::cycleRows(
          *Program.Image, Program.Linked ? &*Program.Linked : nullptr, Costs,
          By);
      const uint64_t Packets = Totals.Statistics->Packets;
      if (JsonFile != "-")
        run::printCycles(llvm::outs(), Rows, By, Packets);
      Figures[("cycles_by_" + run::stringifyPlace(By)).str()] =
          run::cyclesJSON(Rows, Packets);
    }
  }
  return JsonFile.empty() ? llvm::Error::success()
                          : writeJSON(JsonFile, std::move(Figures));
}

static std::optional<Stop> loadMaps(Engine &E) {
  if (MapsFile.empty())
    return std::nullopt;
  auto File = llvm::MemoryBuffer::getFileOrSTDIN(MapsFile);
  if (std::error_code EC = File.getError())
    return Stop{Usage, "cannot read '" + MapsFile + "': " + EC.message()};
  if (llvm::Error Err = E.maps().loadJSONText((*File)->getBuffer(), MapsFile))
    return usage(std::move(Err));
  return std::nullopt;
}

/// Counts the branches of the program over the packets, from the same maps.
static std::optional<Stop> writeProfile(const Prepared &Program,
                                        const Profile &P,
                                        llvm::ArrayRef<rt::Packet> Packets) {
  if (!Program.Linked)
    return Stop{Usage, "--profile-out is for programs, not for images"};
  llvm::Expected<std::unique_ptr<InterpEngine>> E =
      InterpEngine::create("interp", *Program.Linked, P);
  if (!E)
    return usage(E.takeError());
  if (std::optional<Stop> S = loadMaps(**E))
    return S;
  uint64_t Ran = 0;
  const uint64_t Total = packetsInAll(Packets);
  for (uint64_t N = 0; N < Total; ++N) {
    llvm::Error Err =
        (*E)->packet().load(Packets[N % Packets.size()].Bytes, PadTo);
    if (Err) {
      llvm::consumeError(std::move(Err));
      continue;
    }
    (*E)->run();
    ++Ran;
  }
  interp::Interpreter &I = (*E)->interpreter();
  if (llvm::Error Err = writeJSON(
          ProfileOut, object::toJSON({object::BranchProfile::make(
                          *Program.Linked, I.counts(), I.jumps(), Ran)})))
    return usage(std::move(Err));
  return std::nullopt;
}

int main(int argc, char **argv) {
  llvm::InitLLVM X(argc, argv);
  driver::parseCommandLine(argc, argv, Category, Overview, Examples);

  llvm::Expected<Profile> P = FirmwareProfile.load();
  if (!P)
    return report(usage(P.takeError()));
  Prepared Program;
  if (std::optional<Stop> S = prepare(Program, *P))
    return report(*S);
  if (!CyclesBy.empty() && !Program.Sim)
    return report({Usage, "--cycles-by is for the simulator"});
  if (Contexts.getNumOccurrences() && !Program.Sim)
    return report({Usage, "--contexts is for the simulator"});
  if (Contexts.getNumOccurrences() && (Contexts == 0 || Contexts > 4))
    return report({Usage, "--contexts takes 1 to 4 packets in flight"});
  if (std::optional<Stop> S = loadMaps(*Program.E))
    return report(*S);
  if (!DumpBefore.empty())
    if (llvm::Error Err = writeJSON(DumpBefore, Program.E->maps().toJSON()))
      return report(usage(std::move(Err)));

  run::Totals Totals;
  Totals.Program = Program.Name;
  Totals.Engine = Program.Sim ? "the NFP simulator"
                  : EngineOption == EngineKind::Host
                      ? "this machine's processor"
                      : "the interpreter";
  Totals.Profile = P->Name;
  if (Program.Image)
    Totals.Words = Program.Image->Words.size();
  Runner Run(Program, Totals);
  if (!OutputFile.empty()) {
    llvm::Expected<rt::PcapWriter> Writer = rt::PcapWriter::create(OutputFile);
    if (!Writer)
      return report(usage(Writer.takeError()));
    Run.Writer.emplace(std::move(*Writer));
  }
  std::vector<rt::Packet> Packets;
  for (const std::string &File : PcapFiles) {
    llvm::Expected<std::vector<rt::Packet>> More = rt::readPcap(File);
    if (!More)
      return report(usage(More.takeError()));
    Packets.insert(Packets.end(), std::make_move_iterator(More->begin()),
                   std::make_move_iterator(More->end()));
  }
  if (llvm::Error Err = Run.run(Packets))
    return report(usage(std::move(Err)));
  if (!ProfileOut.empty())
    if (std::optional<Stop> S = writeProfile(Program, *P, Packets))
      return report(*S);
  if (Run.Writer)
    if (llvm::Error Err = Run.Writer->close())
      return report(usage(std::move(Err)));

  Totals.Events = Program.E->events().events().size();
  if (Program.Sim) {
    Totals.Statistics = Program.Sim->machine().statistics();
    Totals.Accounting = Program.Sim->machine().accountingRate();
    Totals.Event = Program.Sim->machine().eventRate();
  }
  if (PrintEvents)
    printEvents(*Program.E);
  if (llvm::Error Err = reportFigures(Program, Totals))
    return report(usage(std::move(Err)));
  if (!DumpAfter.empty())
    if (llvm::Error Err = writeJSON(DumpAfter, Program.E->maps().toJSON()))
      return report(usage(std::move(Err)));
  return Totals.Failed ? Faulted : Success;
}
