//===- Driver.h - eBPF program in, NFP image out ----------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler as one call, and its pipelines by name. All tools use this, so
// that they agree on what an optimisation level means.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DRIVER_DRIVER_H
#define NFPBPF_DRIVER_DRIVER_H

#include "nfpbpf/Driver/Remarks.h"
#include "nfpbpf/Object/BPF/BranchProfile.h"
#include "nfpbpf/Object/BPF/LinkedProgram.h"
#include "nfpbpf/Object/NFP/NFPImage.h"
#include "nfpbpf/Profile/Profile.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace nfpbpf {

/// The highest optimisation level, and the one if nothing else is said.
constexpr unsigned MaxOptLevel = 3;
constexpr unsigned DefaultOptLevel = 2;

/// MTU of an Ethernet port, in bytes, if nothing else is said.
constexpr uint32_t DefaultMtu = 1500;

/// What the pipeline is built from.
struct PipelineSettings {
  /// 0 translates instruction by instruction; 1 cleans up without moving or
  /// joining memory accesses; 2 does all that makes programs faster; 3 also
  /// what makes them larger for it.
  unsigned OptLevel = DefaultOptLevel;
  /// A program that may access bytes of a frame of so many bytes that the card
  /// keeps out of its reach is an error.
  uint32_t Mtu = DefaultMtu;
  /// Names of passes that are left out whatever the level says.
  std::vector<std::string> DisabledPasses;
};

/// Adds the passes that take a module of the bpf dialect to allocated code of
/// the nfp dialect, ready for emission.
void buildPipeline(mlir::OpPassManager &Manager, const Profile &P,
                   const PipelineSettings &Settings = {});

/// The passes that can be disabled, in the order in which they first run.
std::vector<std::string> getOptionalPasses();

/// Error: not all of the names are of passes that can be disabled.
llvm::Error checkDisabledPasses(llvm::ArrayRef<std::string> Names);

/// Registers the pipelines `bpf-to-nfp-O0` to `bpf-to-nfp-O3` for command
/// lines. They are for the default profile and MTU; their options `profile` and
/// `mtu` name others, `disable-pass` leaves passes out.
void registerPipelines();

/// A diagnostic with its place in the program and in the source.
struct Diagnosis {
  enum Severity : uint8_t { Error, Warning, Remark, Note };
  Severity Kind = Error;
  std::optional<uint32_t> Insn; ///< index in the linked program
  std::string InsnText;         ///< the instruction, if the message had it
  std::string File;             ///< empty if unknown
  uint32_t Line = 0, Column = 0;
  std::string Text;

  /// "prog.c:12:3: error: instruction 5 (r0 = r3): text"
  std::string str() const;
};

/// How far a program is taken.
enum class CompileStage : uint8_t {
  Imported,  ///< bpf dialect as the importer makes it
  Allocated, ///< nfp dialect before emission
  Image,     ///< machine code
};

struct CompileOptions {
  PipelineSettings Pipeline;
  CompileStage Until = CompileStage::Image;
  /// Branch counts by program name. A program that has none is compiled by
  /// guesses; one whose instructions are others is an error.
  std::vector<object::BranchProfile> Profiles;
  /// Keep the remarks of passes whose names match this regular expression;
  /// empty: of none.
  std::string Remarks;
  /// Print the pipeline's text form on standard error.
  bool ShowPipeline = false;
  /// Keep the text of the module of a stage before Image.
  bool KeepModule = false;
  /// With the location of every operation in it.
  bool ModuleLocations = false;
};

struct CompileResult {
  /// The program came as far as it was to be taken. Otherwise Diagnostics has
  /// at least one error.
  bool Succeeded = false;
  std::optional<object::NFPProgram> Image;
  std::string Module; ///< text, if it was to be kept
  /// In the order they were emitted; notes follow what they belong to.
  std::vector<Diagnosis> Diagnostics;
  /// Those that were to be kept, by line of the source.
  std::vector<OptimizationRemark> Remarks;

  /// The first error, or null.
  const Diagnosis *firstError() const;
};

/// Compiles programs for one profile. Not for several threads at a time.
class Compiler {
public:
  explicit Compiler(Profile P);
  Compiler(Compiler &&);
  ~Compiler();

  const Profile &profile() const;

  /// Never fails by other means than the result.
  CompileResult compile(const object::LinkedProgram &Program,
                        const CompileOptions &Options = {});

private:
  struct Impl;
  std::unique_ptr<Impl> I;
};

} // namespace nfpbpf

#endif // NFPBPF_DRIVER_DRIVER_H
