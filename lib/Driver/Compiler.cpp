//===- Compiler.cpp - eBPF program in, NFP image out ----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RemarkCollector.h"
#include "nfpbpf/Driver/Driver.h"

#include "nfpbpf/Dialect/BPF/IR/BPFLocation.h"
#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"
#include "nfpbpf/Target/BPF/Import.h"
#include "nfpbpf/Target/NFP/Emit.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FormatVariadic.h"

using namespace nfpbpf;

std::string Diagnosis::str() const {
  static constexpr const char *Names[] = {"error", "warning", "remark", "note"};
  std::string Result;
  if (!File.empty()) {
    Result += File + ":";
    if (Line)
      Result += llvm::formatv("{0}:{1}:", Line, Column);
    Result += " ";
  }
  Result += std::string(Names[Kind]) + ": ";
  if (Insn) {
    Result += llvm::formatv("instruction {0}", *Insn);
    if (!InsnText.empty())
      Result += " (" + InsnText + ")";
    Result += ": ";
  }
  return Result + Text;
}

const Diagnosis *CompileResult::firstError() const {
  for (const Diagnosis &D : Diagnostics)
    if (D.Kind == Diagnosis::Error)
      return &D;
  return nullptr;
}

static Diagnosis::Severity severityOf(mlir::DiagnosticSeverity Severity) {
  switch (Severity) {
  case mlir::DiagnosticSeverity::Error:
    return Diagnosis::Error;
  case mlir::DiagnosticSeverity::Warning:
    return Diagnosis::Warning;
  case mlir::DiagnosticSeverity::Remark:
    return Diagnosis::Remark;
  case mlir::DiagnosticSeverity::Note:
    return Diagnosis::Note;
  }
  llvm_unreachable("covered");
}

/// Moves "instruction 5: " or "instruction 5 (r0 = r3): " from the text to the
/// members for it.
static void splitInsn(Diagnosis &D) {
  llvm::StringRef Rest = D.Text;
  if (!Rest.consume_front(llvm::formatv("instruction {0}", *D.Insn).str()))
    return;
  if (Rest.consume_front(" (")) {
    const size_t End = Rest.find("): ");
    if (End == llvm::StringRef::npos)
      return;
    D.InsnText = Rest.take_front(End).str();
    Rest = Rest.drop_front(End + 1);
  }
  if (Rest.consume_front(": "))
    D.Text = Rest.str();
}

/// Keeps a diagnostic and its notes.
static void record(std::vector<Diagnosis> &List, mlir::Diagnostic &Source) {
  Diagnosis D;
  D.Kind = severityOf(Source.getSeverity());
  D.Insn = bpf::getInsnIndex(Source.getLocation());
  if (std::optional<mlir::FileLineColLoc> Place =
          bpf::getSourceLocation(Source.getLocation())) {
    D.File = Place->getFilename().str();
    D.Line = Place->getLine();
    D.Column = Place->getColumn();
  }
  D.Text = Source.str();
  if (D.Insn)
    splitInsn(D);
  List.push_back(std::move(D));
  for (mlir::Diagnostic &Note : Source.getNotes())
    record(List, Note);
}

struct Compiler::Impl {
  explicit Impl(Profile P) : P(std::move(P)) {
    mlir::DialectRegistry Registry;
    registerImportDialects(Registry);
    Registry.insert<nfp::NFPDialect>();
    Context.appendDialectRegistry(Registry);
  }

  /// The stages one after the other; failures have been diagnosed.
  mlir::LogicalResult run(const object::LinkedProgram &Program,
                          const CompileOptions &Options, CompileResult &Result);

  Profile P;
  // One thread: programs are small, and callers run several processes.
  mlir::MLIRContext Context{mlir::MLIRContext::Threading::DISABLED};
};

mlir::LogicalResult Compiler::Impl::run(const object::LinkedProgram &Program,
                                        const CompileOptions &Options,
                                        CompileResult &Result) {
  auto keep = [&](mlir::ModuleOp Module) {
    if (!Options.KeepModule)
      return;
    llvm::raw_string_ostream OS(Result.Module);
    mlir::OpPrintingFlags Flags;
    Flags.enableDebugInfo(Options.ModuleLocations);
    Module->print(OS, Flags);
    OS << '\n';
  };

  ImportOptions Import;
  for (const object::BranchProfile &Candidate : Options.Profiles)
    if (Candidate.Name == Program.Name)
      Import.Profile = &Candidate;
  if (Import.Profile)
    if (llvm::Error Err = Import.Profile->check(Program)) {
      mlir::emitError(
          mlir::FileLineColLoc::get(&Context, Program.FileName, 0, 0))
          << llvm::toString(std::move(Err));
      return mlir::failure();
    }
  mlir::OwningOpRef<mlir::ModuleOp> Module =
      importProgram(Program, &Context, Import);
  if (!Module)
    return mlir::failure();
  if (Options.Until == CompileStage::Imported) {
    keep(*Module);
    return mlir::success();
  }

  mlir::PassManager Passes(&Context);
  buildPipeline(Passes, P, Options.Pipeline);
  if (Options.ShowPipeline) {
    Passes.printAsTextualPipeline(llvm::errs());
    llvm::errs() << '\n';
  }
  if (mlir::failed(Passes.run(*Module)))
    return mlir::failure();
  if (Options.Until == CompileStage::Allocated) {
    keep(*Module);
    return mlir::success();
  }

  mlir::FailureOr<object::NFPProgram> Image = emitProgram(*Module);
  if (mlir::failed(Image))
    return mlir::failure();
  Image->Name = Program.Name;
  Image->Section = Program.Section;
  Image->Type = object::stringifyProgramType(Program.Type).str();
  Image->Profile = P.Name;
  Image->Instructions = Program.size();
  Image->OptLevel = Options.Pipeline.OptLevel;
  // Contents of global data are no part of the code.
  for (object::NFPMap &Map : Image->Maps)
    for (const object::MapInfo &Source : Program.Maps)
      if (Source.Name == Map.Name) {
        Map.Contents = Source.Contents;
        Map.ReadOnly = Source.isReadOnlyData();
      }
  Result.Image = std::move(*Image);
  return mlir::success();
}

Compiler::Compiler(Profile P) : I(std::make_unique<Impl>(std::move(P))) {}
Compiler::Compiler(Compiler &&) = default;
Compiler::~Compiler() = default;

const Profile &Compiler::profile() const { return I->P; }

CompileResult Compiler::compile(const object::LinkedProgram &Program,
                                const CompileOptions &Options) {
  CompileResult Result;
  mlir::ScopedDiagnosticHandler Handler(
      &I->Context, [&](mlir::Diagnostic &D) { record(Result.Diagnostics, D); });
  {
    std::optional<RemarkCollector> Collector;
    if (!Options.Remarks.empty())
      Collector.emplace(I->Context, Options.Remarks, Result.Remarks);
    Result.Succeeded = mlir::succeeded(I->run(Program, Options, Result));
  }
  sortRemarks(Result.Remarks);
  if (!Result.Succeeded && !Result.firstError()) {
    Diagnosis D;
    D.File = Program.FileName;
    D.Text = "the compiler gave up without saying why; this is a defect";
    Result.Diagnostics.push_back(std::move(D));
  }
  return Result;
}
