//===- nfp-bpf-translate.cpp - eBPF objects to NFP machine code -----------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Translates every XDP and TC program of an object and prints a table; options
// choose programs, what to print, and what to write.
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include "nfpbpf/Driver/Options.h"
#include "nfpbpf/ISA/BPF/Printer.h"
#include "nfpbpf/Object/NFP/NFPELF.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

#include <map>

using namespace nfpbpf;
using namespace nfpbpf::driver;
using namespace nfpbpf::translate;

namespace {

/// Exit codes, as --help tells them.
enum ExitCode { AllTranslated = 0, BadUse = 1, SomeRefused = 2, NoProgram = 3 };

enum class Emit { Table, Json, Ebpf, MlirBpf, MlirNfp, Asm };
enum class Form { Elf, Raw, Loaded };

llvm::cl::OptionCategory Category("nfp-bpf-translate options");

llvm::cl::opt<std::string> InputFile(llvm::cl::Positional,
                                     llvm::cl::desc("OBJECT"),
                                     llvm::cl::Required,
                                     llvm::cl::cat(Category));
InputFlags Input(Category);
llvm::cl::list<std::string>
    Programs("program", llvm::cl::value_desc("name"), llvm::cl::CommaSeparated,
             llvm::cl::desc("Only these programs (function names)"),
             llvm::cl::cat(Category));
llvm::cl::list<std::string>
    Sections("section", llvm::cl::value_desc("name"), llvm::cl::CommaSeparated,
             llvm::cl::desc("Only programs of these sections"),
             llvm::cl::cat(Category));
ProfileFlag FirmwareProfile(Category);
CompileFlags Compilation(Category);
llvm::cl::opt<Emit> EmitKind(
    "emit", llvm::cl::desc("What to print (programs that are not refused):"),
    llvm::cl::values(
        clEnumValN(Emit::Table, "table", "a line for each program (default)"),
        clEnumValN(Emit::Json, "json", "the same as JSON"),
        clEnumValN(Emit::Ebpf, "ebpf", "the linked eBPF program"),
        clEnumValN(Emit::MlirBpf, "mlir-bpf", "the imported bpf dialect"),
        clEnumValN(Emit::MlirNfp, "mlir-nfp",
                   "the nfp dialect before emission"),
        clEnumValN(Emit::Asm, "asm",
                   "machine code beside eBPF and source lines")),
    llvm::cl::init(Emit::Table), llvm::cl::cat(Category));
llvm::cl::opt<std::string>
    OutputFile("o", llvm::cl::value_desc("file"),
               llvm::cl::desc("Write the machine code to a file ('-': standard "
                              "output); with --emit of text, write that"),
               llvm::cl::cat(Category));
llvm::cl::opt<Form> OutputForm(
    "form", llvm::cl::desc("Form of the machine code:"),
    llvm::cl::values(
        clEnumValN(Form::Elf, "elf", "ELF with relocations (default)"),
        clEnumValN(Form::Raw, "raw",
                   "the driver's image before relocation, one program"),
        clEnumValN(Form::Loaded, "loaded",
                   "relocated for the profile, with ECC, one program")),
    llvm::cl::init(Form::Elf), llvm::cl::cat(Category));
llvm::cl::opt<bool>
    Locations("locations",
              llvm::cl::desc("Print the location of every operation with "
                             "--emit=mlir-bpf and mlir-nfp"),
              llvm::cl::cat(Category));
llvm::cl::opt<bool>
    Explain("explain",
            llvm::cl::desc("Print every diagnostic of refused programs in full "
                           "on standard error"),
            llvm::cl::cat(Category));

const char *const Overview =
    R"(nfp-bpf-translate: translates eBPF programs to NFP-6000 machine code

  Translates every XDP and TC program of an object and prints a table: program,
  section, type, eBPF instructions, NFP words, stack bytes, highest packet byte
  it may access, maps, or the first reason why a program was refused.
)";

const char *const Examples = R"(
EXAMPLES:
  nfp-bpf-translate prog.o                       the table
  nfp-bpf-translate prog.o -o prog.nffw          and the machine code as ELF
  nfp-bpf-translate prog.o --program=fw --emit=asm
                                                 listing beside eBPF and source
  nfp-bpf-translate prog.o --program=fw --form=loaded -o fw.bin
                                                 as it lies in the code store
  nfp-bpf-translate prog.s --emit=mlir-bpf       the bpf dialect of a text
  nfp-bpf-translate --input=raw insns.bin --type=tc

EXIT CODES:
  0  every program was translated
  1  wrong usage, unreadable input, unwritable output
  2  at least one program was refused
  3  the input has no XDP or TC program
)";

} // namespace

static int fail(llvm::Error Err) {
  llvm::WithColor::error(llvm::errs(), "nfp-bpf-translate")
      << llvm::toString(std::move(Err)) << '\n';
  return BadUse;
}

/// Opens an output file and hands its stream to a writer that may fail.
template <typename Writer>
static llvm::Error writeFile(llvm::StringRef Path, bool IsText, Writer Write) {
  std::error_code EC;
  llvm::ToolOutputFile File(
      Path, EC, IsText ? llvm::sys::fs::OF_Text : llvm::sys::fs::OF_None);
  if (EC)
    return llvm::createStringError(EC, "cannot write '%s': %s",
                                   Path.str().c_str(), EC.message().c_str());
  if (llvm::Error Err = Write(File.os()))
    return Err;
  File.os().flush();
  if (File.os().has_error()) {
    EC = File.os().error();
    File.os().clear_error();
    return llvm::createStringError(EC, "cannot write '%s': %s",
                                   Path.str().c_str(), EC.message().c_str());
  }
  File.keep();
  return llvm::Error::success();
}

/// The machine code of the translated programs in the chosen form.
static llvm::Error writeImage(llvm::raw_ostream &OS,
                              llvm::ArrayRef<ProgramReport> Reports,
                              const Profile &P) {
  object::NFPImage Image;
  for (const ProgramReport &R : Reports)
    if (R.Image)
      Image.Programs.push_back(*R.Image);
  if (OutputForm == Form::Elf)
    return object::writeELF(Image, OS);
  if (Image.Programs.size() != 1)
    return llvm::createStringError(
        "the %s form holds one program, and %zu were translated; choose one "
        "with --program",
        OutputForm == Form::Raw ? "raw" : "loaded", Image.Programs.size());
  const object::NFPProgram &Program = Image.Programs.front();
  llvm::Expected<std::vector<uint64_t>> Words =
      OutputForm == Form::Raw
          ? object::toRaw(Program)
          : object::link(Program, object::LoadParams::fromProfile(P));
  if (!Words)
    return Words.takeError();
  std::vector<uint8_t> Bytes = object::toBytes(*Words);
  OS.write(reinterpret_cast<const char *>(Bytes.data()), Bytes.size());
  return llvm::Error::success();
}

/// Machine code beside the eBPF instructions and source lines of a program.
static void printAsm(llvm::raw_ostream &OS, const object::NFPProgram &Image,
                     const object::LinkedProgram &Linked) {
  std::map<std::pair<llvm::StringRef, uint32_t>, llvm::StringRef> Lines;
  for (uint32_t I = 0; I < Linked.size(); ++I)
    if (const object::SourceLocation *Loc = Linked.location(I))
      Lines.try_emplace({Loc->File, Loc->Line}, Loc->Text);
  object::printListing(
      OS, Image,
      [&](uint32_t Insn) {
        ebpf::PrintOptions Names;
        Names.Names = true;
        return ebpf::toString(Linked.Insns, Insn, Names);
      },
      [&](llvm::StringRef File, uint32_t Line) {
        auto It = Lines.find({File, Line});
        return It == Lines.end() ? std::string() : It->second.str();
      });
}

/// Prints the linked eBPF program with function names and source lines.
static void printEbpf(llvm::raw_ostream &OS,
                      const object::LinkedProgram &Linked) {
  ebpf::PrintOptions Names;
  Names.Names = true;
  const object::SourceLocation *Last = nullptr;
  for (uint32_t I = 0; I < Linked.size(); ++I) {
    const object::Function &F = Linked.functionOf(I);
    if (I == F.First)
      OS << F.Name << ":\n";
    const object::SourceLocation *Loc = Linked.location(I);
    if (Loc && (!Last || Loc->Line != Last->Line || Loc->File != Last->File))
      OS << llvm::formatv("; {0}:{1} {2}\n", Loc->File, Loc->Line, Loc->Text);
    Last = Loc;
    OS << llvm::formatv("{0,5}: {1}\n", I,
                        ebpf::toString(Linked.Insns, I, Names));
    if (Linked.isLdImm64(I))
      ++I;
  }
}

/// The first error of a program that was refused.
static Refusal refusalOf(const CompileResult &Result) {
  Refusal Why;
  const Diagnosis &D = *Result.firstError();
  Why.Insn = D.Insn;
  Why.InsnText = D.InsnText;
  Why.Text = D.Text;
  if (D.Line)
    Why.Place = llvm::formatv("{0}:{1}", D.File, D.Line);
  return Why;
}

/// Takes one program as far as --emit says; text of --emit goes to \p OS.
static ProgramReport translateProgram(Compiler &C, const InputProgram &In,
                                      CompileOptions Options,
                                      llvm::raw_ostream &OS) {
  ProgramReport R;
  R.Name = In.Name;
  R.Section = In.Section;
  R.Type = object::stringifyProgramType(In.Type).str();
  if (!In.Linked) {
    R.Why.Text = In.Error;
    return R;
  }
  R.Instructions = In.Linked->size();
  if (EmitKind == Emit::Ebpf) {
    printEbpf(OS, *In.Linked);
    R.Done = true;
    return R;
  }

  Options.KeepModule = true;
  Options.ModuleLocations = Locations;
  Options.Until = EmitKind == Emit::MlirBpf   ? CompileStage::Imported
                  : EmitKind == Emit::MlirNfp ? CompileStage::Allocated
                                              : CompileStage::Image;
  CompileResult Result = C.compile(*In.Linked, Options);
  if (Explain)
    for (const Diagnosis &D : Result.Diagnostics)
      llvm::errs() << R.Name << ": " << D.str() << '\n';
  R.Remarks = std::move(Result.Remarks);
  R.Done = Result.Succeeded;
  if (!R.Done) {
    R.Why = refusalOf(Result);
    return R;
  }
  R.Image = std::move(Result.Image);
  OS << Result.Module;
  if (EmitKind == Emit::Asm)
    printAsm(OS, *R.Image, *In.Linked);
  return R;
}

int main(int argc, char **argv) {
  llvm::InitLLVM Init(argc, argv);
  driver::parseCommandLine(argc, argv, Category, Overview, Examples);
  llvm::Expected<CompileOptions> Compile = Compilation.options();
  if (!Compile)
    return fail(Compile.takeError());
  llvm::Expected<Profile> P = FirmwareProfile.load();
  if (!P)
    return fail(P.takeError());
  InputOptions Options = Input.options();
  Options.Programs.assign(Programs.begin(), Programs.end());
  Options.Sections.assign(Sections.begin(), Sections.end());
  llvm::Expected<std::vector<InputProgram>> Inputs =
      readInput(InputFile, Options);
  if (!Inputs)
    return fail(Inputs.takeError());
  if (Inputs->empty()) {
    llvm::WithColor::error(llvm::errs(), "nfp-bpf-translate")
        << "'" << InputFile
        << "' has no XDP or TC program; --program=NAME --type=xdp|tc "
           "translates one of another type\n";
    return NoProgram;
  }

  Compiler TheCompiler(*P);
  std::vector<ProgramReport> Reports;
  std::string Text;
  llvm::raw_string_ostream TextOS(Text);
  for (const InputProgram &In : *Inputs)
    Reports.push_back(translateProgram(TheCompiler, In, *Compile, TextOS));

  std::vector<OptimizationRemark> Remarks;
  for (ProgramReport &R : Reports)
    llvm::append_range(Remarks, R.Remarks);
  if (llvm::Error Err = Compilation.showRemarks(Remarks))
    return fail(std::move(Err));

  const ReportHeader Header{InputFile, P->Name, Compile->Pipeline.OptLevel};
  const bool EmitsText = EmitKind != Emit::Table && EmitKind != Emit::Json;
  const bool Refused =
      llvm::any_of(Reports, [](const ProgramReport &R) { return !R.Done; });

  // A text goes to the output file if there is one, else machine code does.
  if (EmitsText) {
    llvm::Error Err = writeFile(OutputFile.empty() ? "-" : OutputFile.c_str(),
                                /*IsText=*/true, [&](llvm::raw_ostream &OS) {
                                  OS << Text;
                                  return llvm::Error::success();
                                });
    if (Err)
      return fail(std::move(Err));
    if (Refused && !Explain)
      for (const ProgramReport &R : Reports)
        if (!R.Done)
          llvm::WithColor::error(llvm::errs(), "nfp-bpf-translate")
              << R.Name << ": " << describeRefusal(R.Why) << '\n';
    return Refused ? SomeRefused : AllTranslated;
  }

  if (!OutputFile.empty() && llvm::any_of(Reports, [](const ProgramReport &R) {
        return R.Image.has_value();
      }))
    if (llvm::Error Err =
            writeFile(OutputFile, /*IsText=*/false, [&](llvm::raw_ostream &OS) {
              return writeImage(OS, Reports, *P);
            }))
      return fail(std::move(Err));
  // Machine code on standard output leaves no room for a table there.
  llvm::raw_ostream &OS = OutputFile == "-" ? llvm::errs() : llvm::outs();
  if (EmitKind == Emit::Json)
    OS << llvm::formatv("{0:2}\n", toJSON(Header, Reports));
  else
    printTable(OS, Header, Reports);
  return Refused ? SomeRefused : AllTranslated;
}
