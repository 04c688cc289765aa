//===- Timing.h - Cycles, packet rates and what bounds them -----*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The cycle model. Source: hardware timing, sections 1 to 3: the accounting
// pass (2.1) charges every packet, the event model (2.2) gives the steady state
// on all contexts of all microengines. Every constant comes from the profile.
//
// Units: microengine cycles unless the name says otherwise.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_SIM_TIMING_H
#define NFPBPF_SIM_TIMING_H

#include "nfpbpf/Profile/Profile.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <string>
#include <vector>

namespace nfpbpf::sim {

/// Rules of the accounting pass that no measurement covers. A set bit says that
/// the rule was used.
enum UnvalidatedRule : uint32_t {
  UnvalidatedOldFlags = 1u << 0,  ///< taken branch on older flags: 3 cycles
  UnvalidatedBitBranch = 1u << 1, ///< br_bset, br=byte, other state branches
  UnvalidatedReturn = 1u << 2,    ///< rtn, jump
  UnvalidatedDefer = 1u << 3,     ///< credit for filled defer slots
  UnvalidatedCsrRead = 1u << 4,   ///< local_csr_rd
  UnvalidatedSpecial = 1u << 5,   ///< crc, cam, popcount, ffs
  UnvalidatedArb = 1u << 6,       ///< ctx_arb, commands completed by it
  UnvalidatedMapWrite = 1u << 7,  ///< blocking write or atomic on a map value
  UnvalidatedHelper = 1u << 8,    ///< a routine whose cycles are assumed
};
/// "old flags", "bit branch" ... for one bit.
llvm::StringRef stringifyUnvalidated(UnvalidatedRule Rule);
/// All of a mask, separated by ", ".
std::string describeUnvalidated(uint32_t Mask);

/// What one packet cost. Sums of several packets are meaningful too.
struct PacketCost {
  uint64_t Instructions = 0; ///< executed, epilogue included, helpers not
  /// Accounting pass: program without firmware constant, epilogue and helper
  /// routines.
  uint64_t ProgramCycles = 0;
  double HelperCycles = 0;  ///< in firmware routines
  uint64_t MemoryWaits = 0; ///< blocking commands and waits of the program
  double EngineCycles = 0;  ///< memory engine (D)
  uint64_t Lookups = 0;     ///< calls of the map routines
  uint64_t MapAdds = 0;     ///< atomics of the program on map values
  /// Event model: cycles in which the packet needs the microengine (no stalls,
  /// firmware not included) and in which it waits for memory.
  double IssueCycles = 0;
  double WaitCycles = 0;
  double LatencyLow = 0; ///< of one context alone, without firmware
  double LatencyHigh = 0;
  double HelperLatencyLow = 0; ///< the part of it that helper routines take
  double HelperLatencyHigh = 0;
  uint32_t Unvalidated = 0; ///< UnvalidatedRule bits

  PacketCost &operator+=(const PacketCost &O) {
    Instructions += O.Instructions;
    ProgramCycles += O.ProgramCycles;
    HelperCycles += O.HelperCycles;
    MemoryWaits += O.MemoryWaits;
    EngineCycles += O.EngineCycles;
    Lookups += O.Lookups;
    MapAdds += O.MapAdds;
    IssueCycles += O.IssueCycles;
    WaitCycles += O.WaitCycles;
    LatencyLow += O.LatencyLow;
    LatencyHigh += O.LatencyHigh;
    HelperLatencyLow += O.HelperLatencyLow;
    HelperLatencyHigh += O.HelperLatencyHigh;
    Unvalidated |= O.Unvalidated;
    return *this;
  }
};

/// What bounds a packet rate.
enum class Bound : uint8_t {
  Microengines, ///< their instructions
  Waits,        ///< their contexts' waits for memory (event model)
  MemoryEngine,
  Mac,
  Link,
  MapCache,
};
constexpr unsigned NumBounds = 6;
/// "microengines", "memory waits", "memory engine", "MAC", "link", "map cache".
llvm::StringRef stringifyBound(Bound B);

/// A packet rate of the card.
struct Rate {
  double Pps = 0;
  Bound By = Bound::Microengines;
  /// Every limit on its own, packets per second; infinity where none.
  double MicroenginesPps = 0, MemoryEnginePps = 0, MacPps = 0, LinkPps = 0,
         MapCachePps = 0;
  /// Cycles per packet on a microengine, firmware included (C).
  double CyclesPerPacket = 0;
  /// Which firmware constant is in it.
  std::string Firmware;
};

/// The accounting figure: packet-weighted means over \p Packets packets whose
/// costs sum to \p Total. \p MeanFrameBytes is without FCS. \p MapBytes is the
/// bucket bytes the program's maps occupy (for the map cache).
Rate accountingRate(const Profile &P, const PacketCost &Total, uint64_t Packets,
                    double MeanFrameBytes, uint64_t MapBytes);

/// Lookups per second of a card whose maps occupy \p MapBytes of buckets;
/// infinity while they fit the cache.
double mapLookupLimit(const Profile &P, uint64_t MapBytes);

/// The event model's figure for the same packets: the microengine's contexts
/// take turns without preemption, so a packet takes its issue cycles, or a
/// context's share of issue and waits, whichever is more (hardware
/// timing, 2.2). Cards come to that: packets do not stay in step.
Rate eventRate(const Profile &P, const PacketCost &Total, uint64_t Packets,
               double MeanFrameBytes, uint64_t MapBytes);

} // namespace nfpbpf::sim

#endif // NFPBPF_SIM_TIMING_H
