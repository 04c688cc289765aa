//===- ImportCorpusTest.cpp - Imports every program of the corpus ---------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every program of every object in the shared corpus either imports, verifies
// and survives the clean-up passes, or is refused with a located error that
// names the instruction. Set NFPBPF_SHARED to the folder of shared inputs.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/BPF/IR/BPF.h"
#include "nfpbpf/Dialect/BPF/IR/BPFLocation.h"
#include "nfpbpf/Object/BPF/BPFObject.h"
#include "nfpbpf/Target/BPF/Import.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <cstdlib>
#include <map>

using namespace mlir;
using namespace nfpbpf;

namespace {

/// All object files below a folder, sorted.
std::vector<std::string> objectsBelow(StringRef folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (llvm::sys::fs::recursive_directory_iterator it(folder, error), end;
       it != end && !error; it.increment(error))
    if (it->type() == llvm::sys::fs::file_type::regular_file &&
        StringRef(it->path()).ends_with(".o"))
      paths.push_back(it->path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Fields of a line of comma-separated values.
std::vector<std::string> splitCSV(StringRef line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (char c : line.rtrim()) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

/// Bytes of stack that the corpus's manifest counts for a program without its
/// callees, by object, section and program.
std::map<std::string, unsigned> stackOfManifest(StringRef path) {
  std::map<std::string, unsigned> stacks;
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> file =
      llvm::MemoryBuffer::getFile(path);
  if (!file)
    return stacks;
  SmallVector<StringRef> lines;
  (*file)->getBuffer().split(lines, '\n', -1, /*KeepEmpty=*/false);
  std::vector<std::string> header = splitCSV(lines[0]);
  auto column = [&](StringRef name) {
    return llvm::find(header, name) - header.begin();
  };
  size_t object = column("object"), section = column("section"),
         program = column("program"), stack = column("stack_own");
  for (StringRef line : llvm::drop_begin(lines)) {
    std::vector<std::string> fields = splitCSV(line);
    unsigned bytes;
    if (fields.size() == header.size() &&
        !StringRef(fields[stack]).getAsInteger(10, bytes))
      stacks[fields[object] + " " + fields[section] + " " + fields[program]] =
          bytes;
  }
  return stacks;
}

struct Outcome {
  bool imported = false;
  std::string message; ///< the error, when it was refused
  unsigned frame = 0;  ///< bytes of the program's frame
};

Outcome importOne(const object::LinkedProgram &program) {
  Outcome outcome;
  MLIRContext context(MLIRContext::Threading::DISABLED);
  bool located = true;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diag) {
    if (diag.getSeverity() != DiagnosticSeverity::Error)
      return success();
    outcome.message = diag.str();
    located &= bpf::getInsnIndex(diag.getLocation()).has_value();
    return success();
  });
  OwningOpRef<ModuleOp> module = importProgram(program, &context);
  if (!module) {
    EXPECT_FALSE(outcome.message.empty());
    EXPECT_TRUE(located) << outcome.message;
    return outcome;
  }
  module->walk([&](Operation *op) {
    if (isa<ModuleOp, bpf::MapOp>(op))
      return;
    EXPECT_TRUE(bpf::getInsnIndex(op->getLoc()).has_value())
        << op->getName().getStringRef().str() << " has no instruction";
  });
  PassManager passes(&context);
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  EXPECT_TRUE(succeeded(passes.run(*module))) << outcome.message;
  EXPECT_TRUE(outcome.message.empty()) << outcome.message;
  outcome.imported = true;
  auto entry = module->lookupSymbol<bpf::FuncOp>(
      module->getOperation()->getAttrOfType<FlatSymbolRefAttr>("bpf.program"));
  EXPECT_TRUE(entry);
  for (bpf::FrameOp frame : entry.getOps<bpf::FrameOp>())
    outcome.frame = frame.getSize();
  return outcome;
}

TEST(ImportCorpus, EveryProgramImportsOrIsRefusedWithALocation) {
  const char *shared = std::getenv("NFPBPF_SHARED");
  if (!shared)
    GTEST_SKIP() << "NFPBPF_SHARED is not set";
  bool verbose = std::getenv("NFPBPF_VERBOSE") != nullptr;
  SmallString<128> folder(shared);
  llvm::sys::path::append(folder, "corpus", "obj");
  std::vector<std::string> paths = objectsBelow(folder);
  ASSERT_FALSE(paths.empty());

  SmallString<128> manifest(shared);
  llvm::sys::path::append(manifest, "corpus", "corpus.csv");
  std::map<std::string, unsigned> stacks = stackOfManifest(manifest);
  unsigned imported = 0, refused = 0, framesCompared = 0;
  std::map<std::string, std::pair<unsigned, unsigned>> byFolder;
  for (const std::string &path : paths) {
    StringRef name = StringRef(path).drop_front(folder.size() + 1);
    SCOPED_TRACE(path);
    llvm::Expected<object::BPFObject> object = object::BPFObject::load(path);
    if (!object) {
      if (verbose)
        llvm::outs() << name << ": " << llvm::toString(object.takeError())
                     << "\n";
      else
        llvm::consumeError(object.takeError());
      continue;
    }
    for (uint32_t i = 0; i < object->programs().size(); ++i) {
      const object::Program &p = object->programs()[i];
      SCOPED_TRACE(p.Name);
      llvm::Expected<object::LinkedProgram> program = object->link(i);
      if (!program) {
        if (verbose)
          llvm::outs() << name << " " << p.Name
                       << ": link: " << llvm::toString(program.takeError())
                       << "\n";
        else
          llvm::consumeError(program.takeError());
        continue;
      }
      Outcome outcome = importOne(*program);
      auto &[good, bad] = byFolder[name.split('/').first.str()];
      ++(outcome.imported ? good : bad);
      ++(outcome.imported ? imported : refused);
      if (verbose && !outcome.imported)
        llvm::outs() << name << " " << p.Section << " " << p.Name << ": "
                     << outcome.message << "\n";
      auto stack =
          stacks.find("obj/" + name.str() + " " + p.Section + " " + p.Name);
      if (outcome.imported && stack != stacks.end()) {
        EXPECT_EQ(outcome.frame, (stack->second + 7) / 8 * 8);
        ++framesCompared;
      }
      // These are real programs of the two supported types; what may be
      // refused comes later (helpers), not here.
      EXPECT_TRUE(outcome.imported || !name.starts_with("linux-ports/"))
          << outcome.message;
    }
  }
  llvm::outs() << "imported " << imported << ", refused " << refused << "\n";
  for (const auto &[name, counts] : byFolder)
    llvm::outs() << "  " << name << ": " << counts.first << " of "
                 << counts.first + counts.second << "\n";
  EXPECT_GT(imported, 0u);
  EXPECT_GT(framesCompared, imported / 2);
}

} // namespace
