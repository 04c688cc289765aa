//===- Executor.h - One case on every engine --------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a case on the plain interpreter and on the other engines at every
// optimisation level, and says what came out.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_FUZZ_EXECUTOR_H
#define NFPBPF_FUZZ_EXECUTOR_H

#include "nfpbpf/Driver/Driver.h"
#include "nfpbpf/Fuzz/Case.h"
#include "nfpbpf/Profile/Profile.h"

#include <memory>
#include <string>

namespace nfpbpf::fuzz {

struct Outcome {
  enum Kind : uint8_t {
    Agree,
    Refused,   ///< no level compiles it, all for a reason
    Different, ///< engines differ, or one level refuses what another takes
    Invalid,   ///< the interpreter itself stopped: no valid program
  };
  Kind K = Agree;
  std::string Engine; ///< Different: which
  std::string What;   ///< reason, difference or fault
  uint64_t Packets = 0;
};

/// What a case runs on beside the interpreter and every level.
struct Engines {
  /// Also compiled for the processor this runs on, which takes several times as
  /// long as all the rest.
  bool WithHost = false;
  /// Also the default level without this pass; empty: none.
  std::string LeftOut;
};

class Executor {
public:
  explicit Executor(Profile P);

  Outcome run(const Case &C, const Engines &On);

private:
  /// Engines keep what they have seen in their context; a new one now and then
  /// bounds the memory.
  static constexpr unsigned ProgramsPerCompiler = 400;

  Profile Firmware;
  std::unique_ptr<Compiler> C;
  unsigned Compiled = 0;
};

} // namespace nfpbpf::fuzz

#endif // NFPBPF_FUZZ_EXECUTOR_H
