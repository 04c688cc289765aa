//===- TestSupport.h - Random functions and a checker -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_UNITTESTS_REGALLOC_TESTSUPPORT_H
#define NFPBPF_UNITTESTS_REGALLOC_TESTSUPPORT_H

#include "nfpbpf/RegAlloc/RegAlloc.h"
#include <random>
#include <string>

namespace nfpbpf::ra::test {

struct RandomOptions {
  unsigned Blocks = 8;
  unsigned InstrsPerBlock = 20;
  /// Instructions prefer the last values defined, of this many: small means
  /// low register pressure.
  unsigned Window = 12;
  bool Calls = true;
  unsigned NearSlots = 4;
};

/// A valid random function, entry values and all kinds of constraints included.
Function makeRandomFunction(std::mt19937 &Rng, const RandomOptions &Options);

/// Checks the rules every instruction must keep and runs both functions side by
/// side along random paths, comparing the value of every use. Returns what is
/// wrong, or an empty string.
std::string checkAllocation(const Function &F, const Allocation &A,
                            unsigned Paths, unsigned MaxBlocks, unsigned Seed);

} // namespace nfpbpf::ra::test

#endif // NFPBPF_UNITTESTS_REGALLOC_TESTSUPPORT_H
