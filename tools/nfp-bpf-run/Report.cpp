//===- Report.cpp - What a run prints -------------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace nfpbpf;
using namespace nfpbpf::run;

/// Mean over the packets.
static double mean(double Sum, uint64_t Packets) {
  return Packets ? Sum / static_cast<double>(Packets) : 0;
}

static void printRate(llvm::raw_ostream &OS, llvm::StringRef Name,
                      const sim::Rate &R) {
  OS << llvm::formatv("  {0,-20} {1,10:f2} Mpps, bound by {2} ({3:f1} cycles "
                      "with firmware '{4}')\n",
                      Name, R.Pps / 1e6, sim::stringifyBound(R.By),
                      R.CyclesPerPacket, R.Firmware);
}

void run::printText(llvm::raw_ostream &OS, const Totals &T) {
  OS << "program " << T.Program << " on " << T.Engine << ", profile "
     << T.Profile;
  if (T.Words)
    OS << ", " << T.Words << " words";
  OS << '\n';
  OS << llvm::formatv("{0} packets", T.Packets);
  if (T.Skipped)
    OS << llvm::formatv(", {0} too long for the card", T.Skipped);
  if (T.Failed)
    OS << llvm::formatv(", {0} ended by an error", T.Failed);
  OS << "\n\nverdict      packets        bytes\n";
  for (unsigned V = 0; V < rt::NumVerdicts; ++V)
    if (T.VerdictPackets[V])
      OS << llvm::formatv("{0,-8} {1,11} {2,12}\n",
                          rt::stringifyVerdict(static_cast<rt::Verdict>(V)),
                          T.VerdictPackets[V], T.VerdictBytes[V]);
  if (T.QueuesChosen)
    OS << llvm::formatv("receive queue chosen for {0} packets\n",
                        T.QueuesChosen);
  if (T.Events)
    OS << llvm::formatv("{0} events\n", T.Events);
  // Every program has an instruction; an engine that counts none does not
  // count.
  if (T.Executed)
    OS << llvm::formatv("\nper packet\n  {0,-20} {1,10:f1}\n", "instructions",
                        mean(static_cast<double>(T.Executed), T.Packets));
  if (!T.Statistics)
    return;
  const sim::RunStatistics &S = *T.Statistics;
  const sim::PacketCost &C = S.Cost;
  auto line = [&](llvm::StringRef Name, double Sum) {
    OS << llvm::formatv("  {0,-20} {1,10:f1}\n", Name, mean(Sum, S.Packets));
  };
  line("program cycles", static_cast<double>(C.ProgramCycles));
  line("helper cycles", C.HelperCycles);
  line("memory waits", static_cast<double>(C.MemoryWaits));
  line("map lookups", static_cast<double>(C.Lookups));
  line("memory engine cycles", C.EngineCycles);
  OS << llvm::formatv("  {0,-20} {1,10:f0} to {2:f0} cycles, one context "
                      "alone\n",
                      "latency", mean(C.LatencyLow, S.Packets),
                      mean(C.LatencyHigh, S.Packets));
  OS << llvm::formatv("  {0,-20} {1,10}\n", "most program cycles",
                      S.MaxProgramCycles);
  OS << "\ncard\n";
  printRate(OS, "accounting model", T.Accounting);
  printRate(OS, "event model", T.Event);
  if (C.Unvalidated)
    OS << "  rules not validated on hardware: "
       << sim::describeUnvalidated(C.Unvalidated) << '\n';
  if (S.TxOffsetErrors)
    OS << llvm::formatv("  {0} frames not sent: outside the card's offsets\n",
                        S.TxOffsetErrors);
  for (unsigned K = 0; K < sim::NumFaultKinds; ++K)
    if (S.FaultsByKind[K])
      OS << llvm::formatv(
          "  {0} faults: {1}\n", S.FaultsByKind[K],
          sim::stringifyFaultKind(static_cast<sim::FaultKind>(K)));
}

/// JSON has no infinity: a limit that is none is left out.
static void addLimit(llvm::json::Object &O, llvm::StringRef Name,
                     double Value) {
  if (std::isfinite(Value))
    O[Name] = Value;
}

static llvm::json::Value rateJSON(const sim::Rate &R) {
  llvm::json::Object O{{"pps", R.Pps},
                       {"bound", sim::stringifyBound(R.By)},
                       {"cycles_per_packet", R.CyclesPerPacket},
                       {"firmware", R.Firmware}};
  addLimit(O, "microengines_pps", R.MicroenginesPps);
  addLimit(O, "memory_engine_pps", R.MemoryEnginePps);
  addLimit(O, "mac_pps", R.MacPps);
  addLimit(O, "link_pps", R.LinkPps);
  addLimit(O, "map_cache_pps", R.MapCachePps);
  return O;
}

llvm::json::Object run::toJSON(const Totals &T) {
  llvm::json::Object Verdicts;
  for (unsigned V = 0; V < rt::NumVerdicts; ++V)
    Verdicts[rt::stringifyVerdict(static_cast<rt::Verdict>(V))] =
        llvm::json::Object{
            {"packets", static_cast<int64_t>(T.VerdictPackets[V])},
            {"bytes", static_cast<int64_t>(T.VerdictBytes[V])}};
  llvm::json::Object O{
      {"program", T.Program},
      {"engine", T.Engine},
      {"profile", T.Profile},
      {"packets", static_cast<int64_t>(T.Packets)},
      {"skipped", static_cast<int64_t>(T.Skipped)},
      {"failed", static_cast<int64_t>(T.Failed)},
      {"verdicts", std::move(Verdicts)},
      {"events", static_cast<int64_t>(T.Events)},
      {"instructions", mean(static_cast<double>(T.Executed), T.Packets)}};
  if (!T.Statistics)
    return O;
  const sim::RunStatistics &S = *T.Statistics;
  const sim::PacketCost &C = S.Cost;
  O["words"] = static_cast<int64_t>(T.Words);
  O["program_cycles"] = mean(static_cast<double>(C.ProgramCycles), S.Packets);
  O["helper_cycles"] = mean(C.HelperCycles, S.Packets);
  O["memory_waits"] = mean(static_cast<double>(C.MemoryWaits), S.Packets);
  O["lookups"] = mean(static_cast<double>(C.Lookups), S.Packets);
  O["latency_low"] = mean(C.LatencyLow, S.Packets);
  O["latency_high"] = mean(C.LatencyHigh, S.Packets);
  O["max_program_cycles"] = static_cast<int64_t>(S.MaxProgramCycles);
  O["unvalidated"] = sim::describeUnvalidated(C.Unvalidated);
  O["accounting"] = rateJSON(T.Accounting);
  O["event"] = rateJSON(T.Event);
  llvm::json::Object Faults;
  for (unsigned K = 0; K < sim::NumFaultKinds; ++K)
    if (S.FaultsByKind[K])
      Faults[sim::stringifyFaultKind(static_cast<sim::FaultKind>(K))] =
          static_cast<int64_t>(S.FaultsByKind[K]);
  O["faults"] = std::move(Faults);
  return O;
}
