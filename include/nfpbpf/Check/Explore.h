//===- Explore.h - Packets that reach what traffic does not -----*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CHECK_EXPLORE_H
#define NFPBPF_CHECK_EXPLORE_H

#include "nfpbpf/Check/InterpEngine.h"
#include "nfpbpf/Check/MapState.h"

namespace nfpbpf {
namespace check {

struct ExploreOptions {
  uint32_t Seed = 1;
  /// Numbers to write into packets (see decidingNumbers()).
  std::vector<uint32_t> Dictionary;
  unsigned Attempts = 20000;
  /// Bytes at the start of a frame that are changed.
  uint32_t MaxOffset = 160;
};

/// Instructions executed so far, by index.
using Coverage = std::vector<bool>;

/// Marks what the interpreter executed since its counts were cleared. True if
/// something was new.
bool addCoverage(Coverage &Covered, const interp::Interpreter &Interp);

/// Changes packets at random (numbers of the dictionary, single bytes, lengths)
/// and keeps those that execute an instruction not yet in \p Covered, which
/// grows. A function of its arguments alone. The engine starts from \p State
/// and is reset afterwards.
std::vector<rt::Packet> exploreTraffic(InterpEngine &E, const MapState &State,
                                       llvm::ArrayRef<rt::Packet> Packets,
                                       const ExploreOptions &Options,
                                       Coverage &Covered);

} // namespace check
} // namespace nfpbpf

#endif // NFPBPF_CHECK_EXPLORE_H
