//===- Costs.cpp - What an engine's packets cost --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/Costs.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <iterator>

using namespace nfpbpf;
using namespace nfpbpf::check;

void CostTotals::add(const SimEngine &Engine) {
  const sim::Machine &Machine = Engine.machine();
  const sim::RunStatistics &Statistics = Machine.statistics();
  if (Statistics.Packets == 0)
    return;
  Packets += Statistics.Packets;
  Cost += Statistics.Cost;
  const double Count = static_cast<double>(Statistics.Packets);
  AccountingSeconds += Count / Machine.accountingRate().Pps;
  const sim::Rate Event = Machine.eventRate();
  EventSeconds += Count / Event.Pps;
  SecondsByBound[static_cast<unsigned>(Event.By)] += Count / Event.Pps;
}

llvm::json::Object CostTotals::toJSON() const {
  const double Count = static_cast<double>(std::max<uint64_t>(Packets, 1));
  auto mean = [&](double Sum) { return Sum / Count; };
  const auto *Most = llvm::max_element(SecondsByBound);
  return llvm::json::Object{
      {"packets", static_cast<int64_t>(Packets)},
      {"instructions", mean(static_cast<double>(Cost.Instructions))},
      {"program_cycles", mean(static_cast<double>(Cost.ProgramCycles))},
      {"helper_cycles", mean(Cost.HelperCycles)},
      {"memory_waits", mean(static_cast<double>(Cost.MemoryWaits))},
      {"engine_cycles", mean(Cost.EngineCycles)},
      {"lookups", mean(static_cast<double>(Cost.Lookups))},
      {"latency_low", mean(Cost.LatencyLow - Cost.HelperLatencyLow)},
      {"latency_high", mean(Cost.LatencyHigh - Cost.HelperLatencyHigh)},
      {"accounting_pps", AccountingSeconds > 0 ? Count / AccountingSeconds : 0},
      {"card_pps", EventSeconds > 0 ? Count / EventSeconds : 0},
      {"bound", sim::stringifyBound(static_cast<sim::Bound>(
                    Most - std::begin(SecondsByBound)))},
      {"unvalidated", sim::describeUnvalidated(Cost.Unvalidated)}};
}
