//===- Program.cpp - From a linked program to host code -------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Host/Program.h"
#include "Run.h"

#include "nfpbpf/Conversion/BPFToLLVM/BPFToLLVM.h"
#include "nfpbpf/Conversion/Passes.h"
#include "nfpbpf/Dialect/BPF/IR/BPFLocation.h"
#include "nfpbpf/Target/BPF/Import.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <mutex>

using namespace nfpbpf;
using namespace nfpbpf::host;
namespace orc = llvm::orc;

struct Program::Impl {
  Options O;
  rt::Hook Hook = rt::Hook::XDP;
  std::unique_ptr<orc::LLJIT> Jit;
  EntryFunction Entry = nullptr;
  std::vector<uint8_t> Stacks;
};

Program::Program(std::unique_ptr<Impl> I) : I(std::move(I)) {}
Program::Program(Program &&) = default;
Program &Program::operator=(Program &&) = default;
Program::~Program() = default;

static llvm::Error error(const object::LinkedProgram &P,
                         const llvm::Twine &What) {
  return llvm::createStringError("program " + P.Name + ": " + What);
}

static llvm::Expected<rt::Hook> hookOf(const object::LinkedProgram &P) {
  switch (P.Type) {
  case object::ProgramType::XDP:
    return rt::Hook::XDP;
  case object::ProgramType::TC:
    return rt::Hook::TC;
  case object::ProgramType::Unknown:
  case object::ProgramType::Other:
    break;
  }
  return error(P, "only XDP and TC programs run on the host");
}

/// The first error of a module, with its place.
static std::string describe(mlir::Diagnostic &D) {
  std::string Text;
  if (std::optional<mlir::FileLineColLoc> Place =
          bpf::getSourceLocation(D.getLocation())) {
    Text = Place->getFilename().str() + ":";
    if (Place->getLine())
      Text +=
          llvm::formatv("{0}:{1}:", Place->getLine(), Place->getColumn()).str();
    Text += " ";
  }
  return Text + D.str();
}

/// Linked program to the llvm dialect, diagnosed if it fails.
static mlir::OwningOpRef<mlir::ModuleOp> lower(const object::LinkedProgram &P,
                                               unsigned OptLevel,
                                               mlir::MLIRContext &Context) {
  mlir::OwningOpRef<mlir::ModuleOp> Module = importProgram(P, &Context);
  if (!Module)
    return nullptr;
  mlir::PassManager Passes(&Context);
  if (OptLevel) {
    Passes.addPass(mlir::createCanonicalizerPass());
    Passes.addPass(mlir::createSCCPPass());
    Passes.addPass(mlir::createCSEPass());
    Passes.addPass(mlir::createCanonicalizerPass());
  }
  Passes.addPass(createConvertBPFToLLVM());
  if (mlir::failed(Passes.run(*Module)))
    return nullptr;
  return Module;
}

/// The program in LLVM IR.
static llvm::Expected<orc::ThreadSafeModule>
translate(const object::LinkedProgram &P, unsigned OptLevel) {
  mlir::DialectRegistry Registry;
  registerImportDialects(Registry);
  mlir::registerBuiltinDialectTranslation(Registry);
  mlir::registerLLVMDialectTranslation(Registry);
  // One thread: programs are small, and callers run several processes.
  mlir::MLIRContext Context(Registry, mlir::MLIRContext::Threading::DISABLED);
  std::string FirstError;
  mlir::ScopedDiagnosticHandler Handler(&Context, [&](mlir::Diagnostic &D) {
    if (D.getSeverity() == mlir::DiagnosticSeverity::Error &&
        FirstError.empty())
      FirstError = describe(D);
  });
  mlir::OwningOpRef<mlir::ModuleOp> Module = lower(P, OptLevel, Context);
  auto LLVMContext = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> Translated;
  if (Module)
    Translated = mlir::translateModuleToLLVMIR(*Module, *LLVMContext, P.Name);
  if (!Translated)
    return llvm::createStringError(
        FirstError.empty() ? "program " + P.Name +
                                 ": the compiler gave up without saying why; "
                                 "this is a defect"
                           : FirstError);
  return orc::ThreadSafeModule(std::move(Translated), std::move(LLVMContext));
}

/// LLVM's own passes.
static void optimise(llvm::Module &Module, llvm::TargetMachine &Machine) {
  llvm::LoopAnalysisManager Loops;
  llvm::FunctionAnalysisManager Functions;
  llvm::CGSCCAnalysisManager Components;
  llvm::ModuleAnalysisManager Modules;
  llvm::PassBuilder Builder(&Machine);
  Builder.registerModuleAnalyses(Modules);
  Builder.registerCGSCCAnalyses(Components);
  Builder.registerFunctionAnalyses(Functions);
  Builder.registerLoopAnalyses(Loops);
  Builder.crossRegisterProxies(Loops, Functions, Components, Modules);
  Builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2)
      .run(Module, Modules);
}

static llvm::Expected<std::unique_ptr<orc::LLJIT>>
makeJit(const orc::JITTargetMachineBuilder &Machine) {
  llvm::Expected<std::unique_ptr<orc::LLJIT>> Jit =
      orc::LLJITBuilder().setJITTargetMachineBuilder(Machine).create();
  if (!Jit)
    return Jit;
  orc::SymbolMap Symbols;
  for (const EnvironmentFunction &F : environmentFunctions())
    Symbols[(*Jit)->mangleAndIntern(F.Name)] = {
        orc::ExecutorAddr::fromPtr(F.Address), llvm::JITSymbolFlags::Exported};
  if (llvm::Error Err = (*Jit)->getMainJITDylib().define(
          orc::absoluteSymbols(std::move(Symbols))))
    return std::move(Err);
  return Jit;
}

llvm::Expected<Program> Program::compile(const object::LinkedProgram &P,
                                         const Options &O) {
  static std::once_flag Initialised;
  std::call_once(Initialised, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  static_assert(llvm::endianness::native == llvm::endianness::little,
                "program memory is little-endian, as the host must be");

  auto I = std::make_unique<Impl>();
  I->O = O;
  I->O.MaxDepth = std::max<uint32_t>(O.MaxDepth, 1);
  I->Stacks.resize(size_t(I->O.MaxDepth) * FrameBytes);
  llvm::Expected<rt::Hook> Hook = hookOf(P);
  if (!Hook)
    return Hook.takeError();
  I->Hook = *Hook;
  if (P.Insns.empty())
    return error(P, "there are no instructions");

  llvm::Expected<orc::ThreadSafeModule> Module = translate(P, O.OptLevel);
  if (!Module)
    return Module.takeError();
  llvm::Expected<orc::JITTargetMachineBuilder> Builder =
      orc::JITTargetMachineBuilder::detectHost();
  if (!Builder)
    return Builder.takeError();
  Builder->setCodeGenOptLevel(O.OptLevel ? llvm::CodeGenOptLevel::Default
                                         : llvm::CodeGenOptLevel::None);
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> Machine =
      Builder->createTargetMachine();
  if (!Machine)
    return Machine.takeError();
  std::string EntryName;
  Module->withModuleDo([&](llvm::Module &M) {
    M.setDataLayout((*Machine)->createDataLayout());
    M.setTargetTriple((*Machine)->getTargetTriple());
    // The program is the one function that is defined and visible.
    for (const llvm::Function &F : M)
      if (!F.isDeclaration() && F.hasExternalLinkage())
        EntryName = F.getName().str();
    if (O.OptLevel)
      optimise(M, **Machine);
  });
  llvm::Expected<std::unique_ptr<orc::LLJIT>> Jit = makeJit(*Builder);
  if (!Jit)
    return Jit.takeError();
  if (llvm::Error Err = (*Jit)->addIRModule(std::move(*Module)))
    return std::move(Err);
  llvm::Expected<orc::ExecutorAddr> Entry = (*Jit)->lookup(EntryName);
  if (!Entry)
    return Entry.takeError();
  I->Entry = Entry->toPtr<EntryFunction>();
  I->Jit = std::move(*Jit);
  return Program(std::move(I));
}

Result Program::run(const World &W) {
  return Run(I->O, I->Hook, W, I->Stacks).call(I->Entry);
}

std::string host::describe(const object::LinkedProgram &P, const Fault &F) {
  std::string Where;
  if (F.Insn) {
    Where = llvm::formatv(", instruction {0}", *F.Insn).str();
    if (const object::SourceLocation *L =
            *F.Insn < P.size() ? P.location(*F.Insn) : nullptr)
      Where +=
          llvm::formatv(" ({0}:{1}:{2})", L->File, L->Line, L->Column).str();
  }
  return "program " + P.Name + Where + ": " + F.Message;
}
