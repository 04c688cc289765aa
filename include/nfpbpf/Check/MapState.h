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
  Small,      ///< each 32-bit word between 0 and 7
  Random,     ///< any bytes
  Ones,       ///< each 32-bit word 1
  Dictionary, ///< numbers the program compares with, as words, halves or bytes
  Mixed,      ///< words of the sorts above and zero, at random
};

/// Numbers that decide in a program: constants of its comparisons and masks,
/// ascending, each once.
std::vector<uint32_t> decidingNumbers(const object::LinkedProgram &Program);

struct FillOptions {
  FillStyle Style = FillStyle::Small;
  uint32_t Seed = 1;
  /// For FillStyle::Dictionary; may be empty (small numbers then).
  std::vector<uint32_t> Dictionary;
  uint32_t MaxEntries = 4096; ///< of each map
  /// Per cent of the missed keys of hashes that stay missing: a map in which
  /// every lookup hits hides what happens after a miss.
  uint32_t LeaveOut = 0;
  unsigned Rounds = 6;
};

/// A value for a key: a function of its arguments alone.
std::vector<uint8_t> fillValue(const rt::MapSpec &Spec,
                               llvm::ArrayRef<uint8_t> Key,
                               const FillOptions &Options);

/// Makes a state from traffic: arrays get a value in every element, hashes get
/// a value for every key that a run over the packets looked up and did not
/// find, again and again until a run misses nothing new or the rounds are over.
/// \p E is reset before and after.
MapState fillFromTraffic(Engine &E, llvm::ArrayRef<rt::Packet> Packets,
                         const FillOptions &Options);

} // namespace check
} // namespace nfpbpf

#endif // NFPBPF_CHECK_MAPSTATE_H
