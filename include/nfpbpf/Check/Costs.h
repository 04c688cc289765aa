//===- Costs.h - What an engine's packets cost ------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums of the simulator's cycle model over several runs of one engine, from
// which means per packet and the card's packet rate follow. Units: cycles of
// the microengine, packets, seconds of the card.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CHECK_COSTS_H
#define NFPBPF_CHECK_COSTS_H

#include "nfpbpf/Check/SimEngine.h"

#include "llvm/Support/JSON.h"

namespace nfpbpf {
namespace check {

/// Costs of the packets of several runs (one for each map state and trace).
class CostTotals {
public:
  /// Adds what \p Engine has run since its last reset. The packet rates are
  /// those of this run's traffic alone, so a sum of runs is weighted by the
  /// time the card needs for each.
  void add(const SimEngine &Engine);

  uint64_t packets() const { return Packets; }

  /// Means per packet (latency: of one context alone, outside firmware and
  /// helper routines), the card's rates in packets per second, what bounds the
  /// event model's rate (where most of the time goes), and the unvalidated
  /// rules that were used.
  llvm::json::Object toJSON() const;

private:
  uint64_t Packets = 0;
  sim::PacketCost Cost;
  double AccountingSeconds = 0;
  double EventSeconds = 0;
  double SecondsByBound[sim::NumBounds] = {}; ///< indexed by sim::Bound
};

} // namespace check
} // namespace nfpbpf

#endif // NFPBPF_CHECK_COSTS_H
