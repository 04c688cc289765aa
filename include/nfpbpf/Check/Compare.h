//===- Compare.h - The same packets through several executions --*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs packets through engines in step and reports the first difference in
// verdict, frame bytes, queue, events or, at the end of the trace, map
// contents.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CHECK_COMPARE_H
#define NFPBPF_CHECK_COMPARE_H

#include "nfpbpf/Check/Engine.h"
#include "nfpbpf/Check/MapState.h"

namespace nfpbpf {
namespace check {

/// The first difference of an engine from the reference.
struct Difference {
  std::string Engine;
  std::string State; ///< name of the map state
  std::string Trace;
  uint64_t Packet = 0; ///< number in the trace, from 0
  std::string What;    ///< one sentence
};

struct CompareOptions {
  /// Frames are padded to this many bytes with zeros, as a sending MAC does; 0
  /// leaves them as they are.
  uint32_t PadTo = 0;
  /// At most this many packets of the trace; 0 is all.
  uint64_t Limit = 0;
};

struct CompareResult {
  uint64_t Packets = 0; ///< packets run
  /// The reference itself failed: what, and on which packet.
  std::optional<Difference> ReferenceFailure;
  /// At most one for each engine, in the order of the engines.
  std::vector<Difference> Differences;
};

/// Runs \p Packets through the reference and each of \p Others, all starting
/// from \p State. An engine that differed is left out from there on; a packet
/// on which the reference fails ends the run.
CompareResult compare(Engine &Reference, llvm::ArrayRef<Engine *> Others,
                      const MapState &State, llvm::StringRef TraceName,
                      llvm::ArrayRef<rt::Packet> Packets,
                      const CompareOptions &Options = {});

} // namespace check
} // namespace nfpbpf

#endif // NFPBPF_CHECK_COMPARE_H
