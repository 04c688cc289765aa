//===- Report.h - What a run prints -----------------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_TOOLS_RUN_REPORT_H
#define NFPBPF_TOOLS_RUN_REPORT_H

#include "nfpbpf/Check/Engine.h"
#include "nfpbpf/Sim/Machine.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace nfpbpf {
namespace run {

/// Counts of a run, whatever the engine.
struct Totals {
  std::string Program, Engine, Profile;
  uint64_t Packets = 0, Skipped = 0, Failed = 0;
  uint64_t VerdictPackets[rt::NumVerdicts] = {};
  uint64_t VerdictBytes[rt::NumVerdicts] = {};
  uint64_t QueuesChosen = 0;
  uint64_t Executed = 0; ///< instructions
  uint64_t Events = 0;
  double Seconds = 0; ///< host time of the run

  /// Simulator only.
  std::optional<sim::RunStatistics> Statistics;
  sim::Rate Accounting, Event;
  size_t Words = 0;
};

void printText(llvm::raw_ostream &OS, const Totals &T);
llvm::json::Object toJSON(const Totals &T);

} // namespace run
} // namespace nfpbpf

#endif // NFPBPF_TOOLS_RUN_REPORT_H
