//===- Options.h - Command-line options of several tools --------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What tools that read and compile programs ask for in the same way. A tool
// makes the objects it needs as globals, beside its own options.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DRIVER_OPTIONS_H
#define NFPBPF_DRIVER_OPTIONS_H

#include "nfpbpf/Driver/Driver.h"
#include "nfpbpf/Driver/Input.h"

#include "llvm/Support/CommandLine.h"

namespace nfpbpf {
namespace driver {

/// Parses a tool's command line. --help shows the options of \p Category
/// between
/// \p Overview and \p Examples. A wrong command line ends the process.
void parseCommandLine(int argc, char **argv, llvm::cl::OptionCategory &Category,
                      const char *Overview, const char *Examples);

/// --input, --type, --btf: what the input file is.
class InputFlags {
public:
  explicit InputFlags(llvm::cl::OptionCategory &Category);

  /// Without a choice of programs.
  InputOptions options() const;
  /// --input says something.
  bool isKindGiven() const { return Kind != InputKind::Auto; }

private:
  llvm::cl::opt<InputKind> Kind;
  llvm::cl::opt<object::ProgramType> Type;
  llvm::cl::opt<std::string> BTFFile;
};

/// --profile.
class ProfileFlag {
public:
  explicit ProfileFlag(llvm::cl::OptionCategory &Category);

  /// Error: no such profile or file.
  llvm::Expected<Profile> load() const;
  bool isGiven() const { return Name.getNumOccurrences() != 0; }

private:
  llvm::cl::opt<std::string> Name;
};

/// -O, --disable-pass, --print-pipeline and --mtu.
class CompileFlags {
public:
  explicit CompileFlags(llvm::cl::OptionCategory &Category);

  /// Error: no such level or pass.
  llvm::Expected<CompileOptions> options() const;

  /// Prints remarks on standard error, or writes them to --remarks-file: what
  /// one command asks for, of all of its programs.
  llvm::Error showRemarks(llvm::ArrayRef<OptimizationRemark> List) const;

private:
  llvm::cl::opt<unsigned> OptLevel;
  llvm::cl::list<std::string> DisabledPasses;
  llvm::cl::opt<bool> ShowPipeline;
  llvm::cl::opt<uint32_t> Mtu;
  llvm::cl::opt<std::string> ProfileFile;
  llvm::cl::opt<std::string> Remarks, RemarksFile;
};

} // namespace driver
} // namespace nfpbpf

#endif // NFPBPF_DRIVER_OPTIONS_H
