//===- nfp-bpf-support.cpp - The matrix of supported features -------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints docs/SupportedFeatures.md. The rows are the compiler's own tables of
// instructions, helpers, map types and context fields; what stands in a cell is
// found out by translating and running a program for each.
//
//===----------------------------------------------------------------------===//

#include "Probe.h"
#include "Snippets.h"

#include "nfpbpf/ISA/BPF/MapTypes.h"
#include "nfpbpf/ISA/BPF/Printer.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace nfpbpf;
using namespace nfpbpf::support;

namespace {

llvm::cl::OptionCategory Category("nfp-bpf-support options");

const char *const Overview =
    R"(nfp-bpf-support: prints what is supported, as docs/SupportedFeatures.md

  Instructions, memory, helpers, map types and context fields, for the
  interpreter and for each firmware profile. Nothing is looked up in a list: a
  program for each feature is translated and run.
)";
const char *const Examples = R"(
EXAMPLES:
  nfp-bpf-support > docs/SupportedFeatures.md
)";

class Report {
public:
  Report(const Prober &P, llvm::raw_ostream &OS) : P(P), OS(OS) {}

  void print();

private:
  void printLimits();
  void printInstructions();
  void printMemory();
  void printHelpers();
  void printMaps();
  void printContext(object::ProgramType Type, llvm::StringRef Name);
  /// The head of a table whose first columns are given.
  void printHead(llvm::ArrayRef<llvm::StringRef> Before,
                 llvm::ArrayRef<llvm::StringRef> After = {});

  const Prober &P;
  llvm::raw_ostream &OS;
};

} // namespace

/// Text for a table's cell.
static std::string escape(llvm::StringRef Text) {
  std::string Result;
  for (char C : Text) {
    if (C == '|')
      Result += '\\';
    Result += C;
  }
  return Result;
}

static std::string code(llvm::StringRef Text) {
  return "`" + escape(Text) + "`";
}

static llvm::StringRef mark(bool Works) { return Works ? "yes" : "–"; }

/// The reason of the first profile that refuses what the interpreter runs.
static std::string reasonOf(llvm::ArrayRef<Answer> Answers) {
  for (const Answer &A : Answers)
    if (!A.Works)
      return escape(A.Why);
  return "";
}

/// An instruction's text for the table.
static std::string textOf(const ebpf::OpcodeInfo &Info) {
  switch (Info.Operation) {
  case ebpf::Op::Call:
    return "call helper";
  case ebpf::Op::CallLocal:
    return "call function";
  case ebpf::Op::CallKfunc:
    return "call kernel function";
  default:
    break;
  }
  const uint64_t Words[2] = {exampleOf(Info).toWord(), 0};
  return ebpf::toString(Words, 0);
}

static bool isMemory(const ebpf::OpcodeInfo &Info) {
  switch (Info.Shape) {
  case ebpf::Form::Load:
  case ebpf::Form::StoreImm:
  case ebpf::Form::StoreReg:
  case ebpf::Form::AtomicReg:
    return true;
  default:
    return false;
  }
}

void Report::printHead(llvm::ArrayRef<llvm::StringRef> Before,
                       llvm::ArrayRef<llvm::StringRef> After) {
  std::vector<std::string> Names(Before.begin(), Before.end());
  for (std::string &Name : P.columns())
    Names.push_back(std::move(Name));
  Names.insert(Names.end(), After.begin(), After.end());
  OS << "| " << llvm::join(Names, " | ") << " |\n|";
  for (size_t I = 0; I < Names.size(); ++I)
    OS << " --- |";
  OS << '\n';
}

void Report::printLimits() {
  OS << "\n## Limits\n\n| |";
  for (const Profile &Of : P.profiles())
    OS << ' ' << Of.Name << " |";
  OS << "\n|";
  for (size_t I = 0; I <= P.profiles().size(); ++I)
    OS << " --- |";
  OS << '\n';
  auto row = [&](llvm::StringRef Name, auto Value) {
    OS << "| " << Name << " |";
    for (const Profile &Of : P.profiles())
      OS << ' ' << Value(Of) << " |";
    OS << '\n';
  };
  row("instruction words of a program",
      [](const Profile &Of) { return Of.MaxLength; });
  row("bytes of stack", [](const Profile &Of) { return Of.StackBytes; });
  row("packet bytes in reach",
      [](const Profile &Of) { return Of.inlinePacketBytes(); });
  auto maps = [&](llvm::StringRef Name, uint32_t MapLimits::*Member) {
    row(Name, [&](const Profile &Of) {
      return Of.Maps ? llvm::utostr((*Of.Maps).*Member) : std::string("–");
    });
  };
  maps("maps", &MapLimits::MaxMaps);
  maps("entries of all maps", &MapLimits::MaxElems);
  maps("bytes of a key", &MapLimits::MaxKeySize);
  maps("bytes of a value", &MapLimits::MaxValueSize);
  maps("bytes of key and value, each rounded up to 8", &MapLimits::MaxElemSize);
  auto flags = [&](llvm::StringRef Name, bool MapLimits::*Member) {
    row(Name,
        [&](const Profile &Of) { return mark(Of.Maps && (*Of.Maps).*Member); });
  };
  flags("all elements of an array exist", &MapLimits::CompleteArrays);
  flags("programs know where arrays lie", &MapLimits::ArrayAddresses);
}

void Report::printInstructions() {
  OS << "\n## Instructions\n\n"
        "`-mcpu` is the lowest level at which clang emits the instruction.\n\n";
  printHead({"instruction", "opcode", "-mcpu"}, {"why not"});
  auto row = [&](const std::string &Text, const ebpf::OpcodeInfo &Info,
                 const object::LinkedProgram &Program) {
    const std::vector<Answer> Answers = P.ask(Program);
    OS << "| " << code(Text) << llvm::formatv(" | {0:x2} | ", Info.Code)
       << (Info.Standard || isMemory(Info) ? "v" + llvm::utostr(Info.Cpu)
                                           : std::string("–"));
    for (const Answer &A : Answers)
      OS << " | " << mark(A.Works);
    OS << " | " << reasonOf(Answers) << " |\n";
  };
  for (const ebpf::OpcodeInfo &Info : ebpf::opcodeTable()) {
    if (isMemory(Info))
      continue;
    if (Info.Operation != ebpf::Op::LdImm64) {
      row(textOf(Info), Info, programFor(Info, Place::Stack));
      continue;
    }
    static constexpr struct {
      ebpf::ImmKind Kind;
      const char *Text;
    } Kinds[] = {
        {ebpf::ImmKind::Value, "r1 = number ll"},
        {ebpf::ImmKind::MapFd, "r1 = map ll"},
        {ebpf::ImmKind::MapFdValue, "r1 = place in a map value ll"},
        {ebpf::ImmKind::Function, "r1 = function ll"},
        {ebpf::ImmKind::Variable, "r1 = kernel variable ll"},
        {ebpf::ImmKind::MapIndex, "r1 = map by loader's index ll"},
        {ebpf::ImmKind::MapIndexValue,
         "r1 = place in a map value by loader's index ll"},
    };
    for (const auto &Kind : Kinds)
      row(Kind.Text, Info, programFor(Kind.Kind));
  }
}

void Report::printMemory() {
  OS << "\n## Memory\n\n"
        "The kernel allows no atomics on packets. Accesses to the context are "
        "below.\n\n";
  printHead({"instruction", "opcode", "-mcpu"}, {"why not"});
  static constexpr std::pair<Place, const char *> Places[] = {
      {Place::Stack, "stack"},
      {Place::Packet, "packet"},
      {Place::MapValue, "map value"}};
  for (const ebpf::OpcodeInfo &Info : ebpf::opcodeTable()) {
    if (!isMemory(Info))
      continue;
    std::vector<std::string> Cells(P.columns().size());
    std::string Why;
    for (auto [Where, Name] : Places) {
      const bool IsOrdered = Info.Operation == ebpf::Op::LoadAcquire ||
                             Info.Operation == ebpf::Op::StoreRelease;
      if (Where == Place::Packet &&
          (Info.Shape == ebpf::Form::AtomicReg || IsOrdered))
        continue;
      const std::vector<Answer> Answers = P.ask(programFor(Info, Where));
      for (auto [Cell, A] : llvm::zip(Cells, Answers))
        if (A.Works)
          Cell += (Cell.empty() ? "" : ", ") + std::string(Name);
      if (std::string Reason = reasonOf(Answers);
          !Reason.empty() && Why.empty())
        Why = std::string(Name) + ": " + Reason;
    }
    OS << "| " << code(textOf(Info))
       << llvm::formatv(" | {0:x2} | v{1}", Info.Code, unsigned(Info.Cpu));
    for (const std::string &Cell : Cells)
      OS << " | " << (Cell.empty() ? "–" : Cell);
    OS << " | " << Why << " |\n";
  }
}

void Report::printHelpers() {
  OS << "\n## Helpers\n\n";
  printHead({"helper", "id"}, {"why not"});
  const uint32_t Hash = *ebpf::mapTypeByName("hash");
  const uint32_t Events = *ebpf::mapTypeByName("perf_event_array");
  unsigned Others = 0;
  for (uint32_t Id = 1; !ebpf::helperName(Id).empty(); ++Id) {
    const std::vector<Answer> Answers =
        P.ask(programFor(Id, Id == ebpf::PerfEventOutput ? Events : Hash));
    if (llvm::none_of(Answers, [](const Answer &A) { return A.Works; })) {
      ++Others;
      continue;
    }
    OS << "| " << code(ebpf::helperName(Id)) << " | " << Id;
    for (const Answer &A : Answers)
      OS << " | " << mark(A.Works);
    OS << " | " << reasonOf(Answers) << " |\n";
  }
  OS << "\nThe other " << Others
     << " helpers that the kernel has are refused by name.\n";
}

void Report::printMaps() {
  OS << "\n## Map types\n\nHelpers that work with maps of the type.\n\n";
  printHead({"map type", "number"});
  static constexpr uint32_t Helpers[] = {
      ebpf::MapLookupElem, ebpf::MapUpdateElem, ebpf::MapDeleteElem,
      ebpf::PerfEventOutput};
  unsigned Others = 0;
  for (uint32_t Type = 1; ebpf::mapTypeByName(ebpf::mapTypeName(Type));
       ++Type) {
    std::vector<std::string> Cells(P.columns().size());
    for (uint32_t Helper : Helpers) {
      const std::vector<Answer> Answers = P.ask(programFor(Helper, Type));
      for (auto [Cell, A] : llvm::zip(Cells, Answers))
        if (A.Works)
          Cell += (Cell.empty() ? "" : ", ") + ebpf::helperName(Helper).str();
    }
    if (llvm::all_of(Cells, [](const std::string &C) { return C.empty(); })) {
      ++Others;
      continue;
    }
    OS << "| " << code(ebpf::mapTypeName(Type)) << " | " << Type;
    for (const std::string &Cell : Cells)
      OS << " | " << (Cell.empty() ? "–" : Cell);
    OS << " |\n";
  }
  OS << "\nThe other " << Others
     << " types that the kernel has are refused by name where a program uses "
        "them.\n";
}

void Report::printContext(object::ProgramType Type, llvm::StringRef Name) {
  OS << "\n## Context of " << Name << " programs\n\n";
  printHead({"field", "offset", "bytes"}, {"why not"});
  for (const importer::ContextField &Field : importer::contextFields(Type)) {
    const std::vector<Answer> Reads = P.ask(programFor(Type, Field, false));
    const std::vector<Answer> Writes = P.ask(programFor(Type, Field, true));
    OS << llvm::formatv("| {0} | {1} | {2}", code(Field.Name), Field.Offset,
                        Field.Size);
    for (auto [Read, Write] : llvm::zip(Reads, Writes))
      OS << " | "
         << (Read.Works ? Write.Works ? "read, write" : "read"
                        : (Write.Works ? "write" : "–"));
    OS << " | " << reasonOf(Reads) << " |\n";
  }
}

void Report::print() {
  OS << R"(# Supported features

This page is the output of `nfp-bpf-support`, which translates and runs a small program for every feature; a test compares
the two. In the columns:

* *interpreter*: the plain eBPF interpreter runs the program;
* *host*: code for the host's processor does what the interpreter does;
* a firmware profile: the program is translated at every optimisation level, and the simulator does what the interpreter
  does.

"–" means that a program that needs the feature is refused, with the instruction, its source line and the reason; the last
column gives the first reason of a row.
)";
  printLimits();
  printInstructions();
  printMemory();
  printHelpers();
  printMaps();
  printContext(object::ProgramType::XDP, "XDP");
  printContext(object::ProgramType::TC, "TC");
}

int main(int argc, char **argv) {
  llvm::InitLLVM X(argc, argv);
  llvm::setBugReportMsg("Please report this to the maintainers of nfp-bpf.\n");
  llvm::cl::HideUnrelatedOptions(Category);
  llvm::cl::extrahelp Help(Examples);
  llvm::cl::ParseCommandLineOptions(argc, argv, Overview);
  llvm::Expected<Prober> P = Prober::create();
  if (!P) {
    llvm::WithColor::error(llvm::errs(), "nfp-bpf-support")
        << llvm::toString(P.takeError()) << '\n';
    return 1;
  }
  Report(*P, llvm::outs()).print();
  return 0;
}
