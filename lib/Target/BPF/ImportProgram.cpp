//===- ImportProgram.cpp - eBPF programs to the bpf dialect ---------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Target/BPF/Import.h"

#include "Code.h"
#include "FunctionImporter.h"
#include "InsnError.h"
#include "KindAnalysis.h"

#include "nfpbpf/Dialect/BPF/IR/BPFLocation.h"
#include "nfpbpf/ISA/BPF/Printer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::importer;

void nfpbpf::registerImportDialects(DialectRegistry &registry) {
  registry
      .insert<bpf::BPFDialect, arith::ArithDialect, cf::ControlFlowDialect>();
}

namespace {

class ProgramImporter : public ModuleContext {
public:
  ProgramImporter(const object::LinkedProgram &Program, MLIRContext *Context,
                  const object::BranchProfile *Profile)
      : Program(Program), Context(Context), Profile(Profile) {}

  OwningOpRef<ModuleOp> run();

  bpf::FuncOp functionFor(const Specialization &Spec) override;
  StringRef mapSymbol(uint32_t Index) override { return MapSymbols[Index]; }
  Location locationOf(uint32_t Insn) override;
  DenseI32ArrayAttr weightsOf(uint32_t Insn, bool Swapped) override;

private:
  void startModule();
  llvm::Error import(const Code &C, bool Split);
  void importMaps();
  void dropFoldedData();
  void report(llvm::Error E);
  std::string uniqueSymbol(StringRef Name);

  const object::LinkedProgram &Program;
  MLIRContext *Context;
  const object::BranchProfile *Profile; ///< may be null
  OwningOpRef<ModuleOp> Module;
  llvm::StringSet<> Symbols;
  std::vector<std::string> MapSymbols;
  /// Functions by their specialization's code key.
  std::map<std::string, bpf::FuncOp> Functions;
  /// Functions whose bodies are still to be made.
  std::vector<std::pair<const Specialization *, bpf::FuncOp>> Pending;
};

} // namespace

Location ProgramImporter::locationOf(uint32_t Insn) {
  if (const object::SourceLocation *L = Program.location(Insn))
    return bpf::makeInsnLocation(Context, Insn, L->File, L->Line, L->Column);
  return bpf::makeInsnLocation(Context, Insn, Program.FileName, 0, 0);
}

DenseI32ArrayAttr ProgramImporter::weightsOf(uint32_t Insn, bool Swapped) {
  if (!Profile)
    return {};
  auto Found = Profile->Branches.find(Insn);
  if (Found == Profile->Branches.end())
    return {};
  uint64_t First = Found->second.Taken, Second = Found->second.NotTaken;
  if (Swapped)
    std::swap(First, Second);
  // Weights are sums of 32 bits.
  while (First + Second > std::numeric_limits<int32_t>::max()) {
    First /= 2;
    Second /= 2;
  }
  if (First + Second == 0)
    return {};
  return DenseI32ArrayAttr::get(
      Context, {static_cast<int32_t>(First), static_cast<int32_t>(Second)});
}

std::string ProgramImporter::uniqueSymbol(StringRef Name) {
  std::string Symbol = Name.empty() ? "anonymous" : Name.str();
  for (unsigned N = 1; !Symbols.insert(Symbol).second; ++N)
    Symbol = (Name + "." + Twine(N)).str();
  return Symbol;
}

void ProgramImporter::importMaps() {
  OpBuilder B = OpBuilder::atBlockEnd(Module->getBody());
  Location Loc = FileLineColLoc::get(Context, Program.FileName, 0, 0);
  for (const auto &[Index, Map] : llvm::enumerate(Program.Maps)) {
    MapSymbols.push_back(uniqueSymbol(Map.Name));
    DenseI8ArrayAttr Contents;
    if (Map.isGlobalData())
      Contents = B.getDenseI8ArrayAttr(
          ArrayRef(reinterpret_cast<const int8_t *>(Map.Contents.data()),
                   Map.Contents.size()));
    bpf::MapOp::create(B, Loc, MapSymbols.back(), Map.Type, Map.KeySize,
                       Map.ValueSize, Map.MaxEntries, Map.Flags,
                       static_cast<uint32_t>(Index), Contents,
                       Map.isReadOnlyData());
  }
}

static bpf::ProgType progType(object::ProgramType Type) {
  switch (Type) {
  case object::ProgramType::XDP:
    return bpf::ProgType::XDP;
  case object::ProgramType::TC:
    return bpf::ProgType::TC;
  case object::ProgramType::Unknown:
  case object::ProgramType::Other:
    return bpf::ProgType::Other;
  }
  return bpf::ProgType::Other;
}

bpf::FuncOp ProgramImporter::functionFor(const Specialization &Spec) {
  bpf::FuncOp &Func = Functions[Spec.codeKey()];
  if (Func)
    return Func;
  const object::Function &F = Program.Functions[Spec.Sig.FuncIndex];
  bool IsEntry = Spec.Sig.FuncIndex == 0;
  OpBuilder B = OpBuilder::atBlockEnd(Module->getBody());
  FunctionType Type = functionType(Context, Spec);
  bpf::ProgTypeAttr ProgType;
  if (IsEntry) {
    // A program takes the context and returns a number, whatever it does.
    Type = B.getFunctionType(bpf::PtrType::get(Context, bpf::Space::Ctx),
                             B.getI64Type());
    ProgType = bpf::ProgTypeAttr::get(Context, progType(Program.Type));
  }
  Func = bpf::FuncOp::create(B, locationOf(F.First), uniqueSymbol(F.Name), Type,
                             ProgType, B.getStringAttr(F.Section));
  if (!IsEntry)
    Func.setPrivate();
  Pending.push_back({&Spec, Func});
  return Func;
}

llvm::Error ProgramImporter::import(const Code &C, bool Split) {
  startModule();
  importMaps();
  KindAnalysis Analysis(C, Split);
  bpf::FuncOp Entry = functionFor(Analysis.analyzeEntry());
  (*Module)->setAttr("bpf.program", FlatSymbolRefAttr::get(Entry));
  for (size_t N = 0; N < Pending.size(); ++N) {
    auto [Spec, Func] = Pending[N];
    if (llvm::Error E = importFunction(C, Analysis, *Spec, *this, Func))
      return E;
  }
  dropFoldedData();
  return llvm::Error::success();
}

/// Constant data whose loads all became constants needs no map.
void ProgramImporter::dropFoldedData() {
  for (auto Map : llvm::make_early_inc_range(Module->getOps<bpf::MapOp>()))
    if (Program.Maps[Map.getIndex()].isReadOnlyData() &&
        SymbolTable::symbolKnownUseEmpty(Map, *Module))
      Map.erase();
}

/// Emits errors as diagnostics at their instruction.
void ProgramImporter::report(llvm::Error E) {
  llvm::handleAllErrors(
      std::move(E),
      [&](const InsnError &Insn) {
        uint32_t Index = Insn.insn();
        if (Index >= Program.size()) {
          emitError(FileLineColLoc::get(Context, Program.FileName, 0, 0))
              << Insn.text();
          return;
        }
        InFlightDiagnostic Diag = emitError(locationOf(Index));
        Diag << "instruction " << Index << " ("
             << ebpf::toString(Program.Insns, Index) << "): " << Insn.text();
        const object::SourceLocation *L = Program.location(Index);
        if (L && !L->Text.empty())
          Diag.attachNote(locationOf(Index)) << "source: " << L->Text;
      },
      [&](const llvm::ErrorInfoBase &Other) {
        emitError(FileLineColLoc::get(Context, Program.FileName, 0, 0))
            << Other.message();
      });
}

void ProgramImporter::startModule() {
  Symbols.clear();
  MapSymbols.clear();
  Functions.clear();
  Pending.clear();
  Module =
      ModuleOp::create(FileLineColLoc::get(Context, Program.FileName, 0, 0));
  Builder B(Context);
  (*Module)->setAttr("bpf.file", B.getStringAttr(Program.FileName));
  (*Module)->setAttr("bpf.license", B.getStringAttr(Program.License));
}

OwningOpRef<ModuleOp> ProgramImporter::run() {
  DialectRegistry Registry;
  registerImportDialects(Registry);
  Context->appendDialectRegistry(Registry);
  Context->loadDialect<bpf::BPFDialect, arith::ArithDialect,
                       cf::ControlFlowDialect>();
  llvm::Expected<Code> C = Code::create(Program);
  if (!C) {
    report(C.takeError());
    return nullptr;
  }
  // Code that uses a register for different pointers on different paths is
  // rare; it is worth a copy of the blocks only where it cannot do without.
  llvm::Error First = import(*C, /*Split=*/false);
  if (!First)
    return std::move(Module);
  if (llvm::Error Second = import(*C, /*Split=*/true)) {
    llvm::consumeError(std::move(Second));
    report(std::move(First));
    return nullptr;
  }
  llvm::consumeError(std::move(First));
  return std::move(Module);
}

OwningOpRef<ModuleOp>
nfpbpf::importProgram(const object::LinkedProgram &program,
                      MLIRContext *context, const ImportOptions &options) {
  OwningOpRef<ModuleOp> module =
      ProgramImporter(program, context, options.Profile).run();
  if (module && options.Verify && failed(verify(*module)))
    return nullptr;
  return module;
}
