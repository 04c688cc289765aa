//===- Timing.cpp - Cycles and packet rates -------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Sim/Timing.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;

namespace nfpbpf::sim {

/// Shortest frame on a wire, without FCS.
constexpr double MinFrameBytes = 60;

StringRef stringifyUnvalidated(UnvalidatedRule Rule) {
  switch (Rule) {
  case UnvalidatedOldFlags:
    return "branch on older flags";
  case UnvalidatedBitBranch:
    return "bit or byte branch";
  case UnvalidatedReturn:
    return "rtn or jump";
  case UnvalidatedDefer:
    return "filled defer slots";
  case UnvalidatedCsrRead:
    return "CSR read";
  case UnvalidatedSpecial:
    return "crc, cam or bit search";
  case UnvalidatedArb:
    return "ctx_arb";
  case UnvalidatedMapWrite:
    return "blocking map write or atomic";
  case UnvalidatedHelper:
    return "helper routine";
  }
  return "";
}

std::string describeUnvalidated(uint32_t Mask) {
  std::string Text;
  for (unsigned Bit = 0; Bit < 32; ++Bit) {
    if (!(Mask >> Bit & 1))
      continue;
    if (!Text.empty())
      Text += ", ";
    Text += stringifyUnvalidated(static_cast<UnvalidatedRule>(1u << Bit));
  }
  return Text;
}

StringRef stringifyBound(Bound B) {
  switch (B) {
  case Bound::Microengines:
    return "microengines";
  case Bound::Waits:
    return "memory waits";
  case Bound::MemoryEngine:
    return "memory engine";
  case Bound::Mac:
    return "MAC";
  case Bound::Link:
    return "link";
  case Bound::MapCache:
    return "map cache";
  }
  return "";
}

double mapLookupLimit(const Profile &P, uint64_t MapBytes) {
  const TimingModel &T = P.Timing;
  if (MapBytes <= T.MapCacheBytes)
    return std::numeric_limits<double>::infinity();
  double Hits =
      static_cast<double>(T.MapCacheBytes) / static_cast<double>(MapBytes);
  return T.MapMissesPerSecond / (1 - Hits);
}

/// Rate of two stations in a row that hinder each other.
static double combine(double First, double Second, double Exponent) {
  if (std::isinf(Second))
    return First;
  return 1 / std::pow(std::pow(1 / First, Exponent) +
                          std::pow(1 / Second, Exponent),
                      1 / Exponent);
}

/// Fills every limit but the microengines' and takes the lowest.
static void applyLimits(Rate &R, const Profile &P, const PacketCost &Total,
                        double Packets, double MeanFrameBytes,
                        uint64_t MapBytes) {
  const double None = std::numeric_limits<double>::infinity();
  const TimingModel &T = P.Timing;
  R.Firmware = T.Firmware;
  R.MemoryEnginePps = Total.EngineCycles > 0 ? static_cast<double>(P.ClockHz) *
                                                   Packets / Total.EngineCycles
                                             : None;
  R.MacPps = T.MacLimitPps > 0 ? T.MacLimitPps : None;
  double Frame = std::max(MeanFrameBytes, MinFrameBytes) + T.LinkOverheadBytes;
  R.LinkPps =
      T.LinkBitsPerSecond > 0 ? T.LinkBitsPerSecond / (8 * Frame) : None;
  double Seconds = 0;
  if (MapBytes > T.MapCacheBytes)
    Seconds = static_cast<double>(Total.Lookups) / mapLookupLimit(P, MapBytes) +
              static_cast<double>(Total.MapAdds) * T.MapAddNanoseconds * 1e-9;
  R.MapCachePps = Seconds > 0 ? Packets / Seconds : None;
  R.Pps = R.MicroenginesPps;
  auto limit = [&](double Pps, Bound By) {
    if (Pps < R.Pps) {
      R.Pps = Pps;
      R.By = By;
    }
  };
  limit(R.MemoryEnginePps, Bound::MemoryEngine);
  limit(combine(R.MicroenginesPps, R.MapCachePps, T.MapContention),
        R.MapCachePps < R.MicroenginesPps ? Bound::MapCache : R.By);
  limit(R.MacPps, Bound::Mac);
  limit(R.LinkPps, Bound::Link);
}

/// Packets per second of all microengines at a number of cycles per packet.
static double microenginesPps(const Profile &P, double Cycles) {
  return P.Microengines * static_cast<double>(P.ClockHz) / Cycles;
}

Rate accountingRate(const Profile &P, const PacketCost &Total, uint64_t Packets,
                    double MeanFrameBytes, uint64_t MapBytes) {
  Rate R;
  if (Packets == 0)
    return R;
  double N = static_cast<double>(Packets);
  R.CyclesPerPacket =
      P.firmwareCycles() +
      (static_cast<double>(Total.ProgramCycles) + Total.HelperCycles) / N;
  R.MicroenginesPps = microenginesPps(P, R.CyclesPerPacket);
  applyLimits(R, P, Total, N, MeanFrameBytes, MapBytes);
  return R;
}

Rate eventRate(const Profile &P, const PacketCost &Total, uint64_t Packets,
               double MeanFrameBytes, uint64_t MapBytes) {
  Rate R;
  if (Packets == 0)
    return R;
  double N = static_cast<double>(Packets);
  double Issue = P.firmwareCycles() + Total.IssueCycles / N;
  double Wait = P.Timing.FirmwareWait + Total.WaitCycles / N;
  double Share = (Issue + Wait) / P.Contexts;
  R.By = Share > Issue ? Bound::Waits : Bound::Microengines;
  R.CyclesPerPacket = std::max(Issue, Share);
  R.MicroenginesPps = microenginesPps(P, R.CyclesPerPacket);
  applyLimits(R, P, Total, N, MeanFrameBytes, MapBytes);
  return R;
}

} // namespace nfpbpf::sim
