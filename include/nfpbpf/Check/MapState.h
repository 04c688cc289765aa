//===- MapState.h - Map contents before a run -------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Contents that maps have before the first packet, in the host's byte order:
// none, given by a file, or made from the traffic itself so that lookups hit
// and the paths behind them run.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CHECK_MAPSTATE_H
#define NFPBPF_CHECK_MAPSTATE_H

#include "nfpbpf/Check/Engine.h"
#include "nfpbpf/Runtime/Pcap.h"

namespace nfpbpf {
namespace check {

/// Entries by map name; maps that a program does not have are left out.
struct MapState {
  struct Entry {
    uint32_t Map = 0; ///< index in the program's map list
    std::vector<uint8_t> Key, Value;
  };
  std::string Name; ///< "empty", "given", "filled-3"
  std::vector<Entry> Entries;
};

/// The contents of an engine's maps (host view), all-zero array elements left
/// out.
MapState captureState(const Engine &E, std::string Name);

/// Resets the engine and puts the entries in. An error names map and key; a
/// full map is one.
llvm::Error applyState(Engine &E, const MapState &State);

/// Sorts of values that a fill puts into maps. Programs take their values for
/// indices, addresses, flags and verdicts, so one sort alone leaves paths dark.
enum class FillStyle : uint8_t {
  Small,  ///< each 32-bit word between 0 and 7
  Random, ///< any bytes
  Ones,   ///< each 32-bit word 1
  Mixed,  ///< words of the three sorts above and zero, at random
};

/// A value for a key: a function of its arguments alone.
std::vector<uint8_t> fillValue(const rt::MapSpec &Spec,
                               llvm::ArrayRef<uint8_t> Key, FillStyle Style,
                               uint32_t Seed);

/// Makes a state from traffic: arrays get a value in every element (at most
/// \p MaxEntries), hashes get a value for every key that a run over the packets
/// looked up and did not find, again and again until a run misses nothing new
/// or \p Rounds are over. \p E is reset before and after.
MapState fillFromTraffic(Engine &E, llvm::ArrayRef<rt::Packet> Packets,
                         FillStyle Style, uint32_t Seed,
                         uint32_t MaxEntries = 4096, unsigned Rounds = 6);

} // namespace check
} // namespace nfpbpf

#endif // NFPBPF_CHECK_MAPSTATE_H
