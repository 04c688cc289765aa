//===- TestMachine.cpp - Compile and run bpf dialect text -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestMachine.h"

#include "nfpbpf/Driver/Driver.h"
#include "nfpbpf/InitAllDialects.h"
#include "nfpbpf/Target/NFP/Emit.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

using namespace nfpbpf;
using namespace nfpbpf::test;

TestMachine::TestMachine() : ctx(mlir::MLIRContext::Threading::DISABLED) {
  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  ctx.appendDialectRegistry(registry);
  ctx.loadAllAvailableDialects();
  llvm::Expected<Profile> loaded = loadProfile("");
  if (loaded)
    profile = *loaded;
  else
    message = llvm::toString(loaded.takeError());
  // Programs here are many small ones in a row.
  profile.MaxLength = 5120;
}

mlir::OwningOpRef<mlir::ModuleOp> TestMachine::parse(const std::string &text) {
  message.clear();
  mlir::ScopedDiagnosticHandler handler(
      &ctx, [&](mlir::Diagnostic &d) { message += d.str() + "\n"; });
  return mlir::parseSourceString<mlir::ModuleOp>(text, &ctx);
}

bool TestMachine::load(mlir::ModuleOp module, unsigned optLevel) {
  message.clear();
  mlir::ScopedDiagnosticHandler handler(
      &ctx, [&](mlir::Diagnostic &d) { message += d.str() + "\n"; });
  mlir::PassManager passes(&ctx);
  PipelineSettings settings;
  settings.OptLevel = optLevel;
  buildPipeline(passes, profile, settings);
  if (mlir::failed(passes.run(module)))
    return false;
  mlir::FailureOr<object::NFPProgram> image = emitProgram(module);
  if (mlir::failed(image))
    return false;
  llvm::Expected<check::SimProgram> program =
      check::makeSimProgram(*image, profile);
  if (!program) {
    message += llvm::toString(program.takeError());
    return false;
  }
  llvm::Expected<std::unique_ptr<check::SimEngine>> made =
      check::SimEngine::create("sim", profile, *program);
  if (!made) {
    message += llvm::toString(made.takeError());
    return false;
  }
  engine = std::move(*made);
  return true;
}

bool TestMachine::load(const std::string &text, unsigned optLevel) {
  mlir::OwningOpRef<mlir::ModuleOp> module = parse(text);
  return module && load(*module, optLevel);
}

std::vector<uint8_t> TestMachine::run(llvm::ArrayRef<uint8_t> packet) {
  message.clear();
  if (llvm::Error err = engine->packet().load(packet)) {
    message = llvm::toString(std::move(err));
    return {};
  }
  check::Outcome outcome = engine->run();
  if (outcome.Failed) {
    message = outcome.Error;
    return {};
  }
  lastVerdict = outcome.Verdict;
  return engine->packet().frame().vec();
}
