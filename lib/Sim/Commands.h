//===- Commands.h - What commands and signals share -------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_SIM_COMMANDS_H
#define NFPBPF_LIB_SIM_COMMANDS_H

#include "Dispatch.h"
#include <string>

namespace nfpbpf::sim {

inline std::string hex(uint64_t V) {
  return "0x" + llvm::Twine::utohexstr(V).str();
}

/// Registers a command delivers and uses.
struct Transfer {
  Value *In; ///< where to put them
  unsigned InCount = 0;
  unsigned OutCount = 0;
  uint32_t Bytes = 0;     ///< of memory that is read or changed
  uint8_t AddedBytes = 0; ///< of each sum, if nothing but sums is made
};

inline bool isWrite(CmdFamily F) {
  return F == CmdFamily::Write64 || F == CmdFamily::Write32 ||
         F == CmdFamily::Write8;
}
inline bool isAddLike(CmdFamily F) { return F >= CmdFamily::AtomicWrite; }

/// Cycles from the issue of an access to its signal.
inline double latencyOf(const State &S, bool Is40) {
  const TimingModel &M = S.Prof->Timing;
  return Is40 ? M.LatencyEmem : M.LatencyCtm;
}

// Transfer.cpp
/// Does what a command does in memory, at S.CmdAddress. False: stop.
bool perform(State &S, const MicroOp *Op, const CmdInfo &C, Transfer &X);

// Signals.cpp
/// The data of a pending command arrives.
bool deliver(State &S, const MicroOp *Op, unsigned Signal);
/// Faults if a register changed that a command without signal may still pull.
bool checkPosted(State &S, const MicroOp *Op);

} // namespace nfpbpf::sim

#endif // NFPBPF_LIB_SIM_COMMANDS_H
