//===- Events.h - perf_event_output records ---------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Events that programs send to the host. Source: NFP BPF offload ABI, section
// "perf_event_output"; NFP offload environment, section "Perf events".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_RUNTIME_EVENTS_H
#define NFPBPF_RUNTIME_EVENTS_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace nfpbpf::rt {

/// Flag value in the low half of perf_event_output's flags: the only ring a
/// card can name.
constexpr uint32_t CurrentCpu = 0xffffffff;

struct Event {
  uint32_t Map = 0;            ///< index in the map store
  uint64_t PacketNumber = 0;   ///< EventLog::CurrentPacket when it was sent
  std::vector<uint8_t> Packet; ///< leading bytes of the frame
  std::vector<uint8_t> Data;   ///< the program's record

  bool operator==(const Event &O) const {
    return Map == O.Map && PacketNumber == O.PacketNumber &&
           Packet == O.Packet && Data == O.Data;
  }
  bool operator!=(const Event &O) const { return !(*this == O); }
};

/// The events of a run, in the order the programs sent them.
class EventLog {
public:
  /// The number events are recorded under; whoever runs packets sets it.
  uint64_t CurrentPacket = 0;

  /// perf_event_output. \p Flags: low 32 bits CurrentCpu, bits 51..32 the
  /// number of packet bytes to add, others zero. A number above the frame's
  /// length is taken as the frame's length: the card reports no errors.
  /// Returns 0, or -22 for other flags.
  int32_t output(uint32_t Map, uint64_t Flags, llvm::ArrayRef<uint8_t> Frame,
                 llvm::ArrayRef<uint8_t> Data);

  llvm::ArrayRef<Event> events() const { return List; }
  void clear() { List.clear(); }

private:
  std::vector<Event> List;
};

} // namespace nfpbpf::rt

#endif // NFPBPF_RUNTIME_EVENTS_H
