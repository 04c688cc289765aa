//===- TestWorld.h - One program on the host and interpreted ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_UNITTESTS_HOST_TESTWORLD_H
#define NFPBPF_UNITTESTS_HOST_TESTWORLD_H

#include "nfpbpf/Host/Program.h"

#include <string>
#include <vector>

namespace nfpbpf::test {

/// What a run left behind.
struct After {
  bool Failed = false;
  std::string Error;
  uint64_t R0 = 0;
  rt::Verdict Verdict = rt::Verdict::Aborted;
  std::vector<uint8_t> Frame;
  std::string Maps; ///< JSON
  size_t Events = 0;
};

/// Assembles text as function `test` of a section; there are the maps `flows`
/// (hash, key 4, value 8, 16 entries), `slots` (array, value 8, 4 entries) and
/// `events`.
object::LinkedProgram assemble(llvm::StringRef Text,
                               llvm::StringRef Section = "xdp");

/// Runs the program on a frame of 64 bytes 0, 1, 2 ...
After runOnHost(const object::LinkedProgram &P, unsigned OptLevel = 1);
After interpret(const object::LinkedProgram &P);

/// Runs the text at both levels and interpreted, expects the same result from
/// all, and returns it.
After runEverywhere(llvm::StringRef Text, llvm::StringRef Section = "xdp");

} // namespace nfpbpf::test

#endif // NFPBPF_UNITTESTS_HOST_TESTWORLD_H
