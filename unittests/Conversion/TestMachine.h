//===- TestMachine.h - Compile and run bpf dialect text ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_UNITTESTS_CONVERSION_TESTMACHINE_H
#define NFPBPF_UNITTESTS_CONVERSION_TESTMACHINE_H

#include "nfpbpf/Check/SimEngine.h"
#include "nfpbpf/Profile/Profile.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/ArrayRef.h"

#include <memory>
#include <string>
#include <vector>

namespace nfpbpf::test {

/// Compiles a module of the bpf dialect and runs it on packets.
class TestMachine {
public:
  TestMachine();

  mlir::MLIRContext &context() { return ctx; }

  /// Parses text; null (with the diagnostics in error()) if it is wrong.
  mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &text);

  /// Compiles and loads. Returns false with error() set.
  bool load(mlir::ModuleOp module, unsigned optLevel);
  bool load(const std::string &text, unsigned optLevel);

  /// Runs on a packet and returns the packet as it is afterwards; empty with
  /// error() set if the run failed.
  std::vector<uint8_t> run(llvm::ArrayRef<uint8_t> packet);

  /// The maps of the loaded program.
  rt::MapStore &maps() { return engine->maps(); }

  const std::string &error() const { return message; }
  rt::Verdict verdict() const { return lastVerdict; }

private:
  Profile profile;
  mlir::MLIRContext ctx;
  std::unique_ptr<check::SimEngine> engine;
  std::string message;
  rt::Verdict lastVerdict = rt::Verdict::Aborted;
};

} // namespace nfpbpf::test

#endif // NFPBPF_UNITTESTS_CONVERSION_TESTMACHINE_H
