//===- Events.cpp - perf_event_output records ---------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Runtime/Events.h"
#include <algorithm>

using namespace nfpbpf::rt;

int32_t EventLog::output(uint32_t Map, uint64_t Flags,
                         llvm::ArrayRef<uint8_t> Frame,
                         llvm::ArrayRef<uint8_t> Data) {
  if (static_cast<uint32_t>(Flags) != CurrentCpu || Flags >> 52 != 0)
    return -22;
  size_t PacketBytes = std::min<size_t>(Frame.size(), Flags >> 32);
  Event E;
  E.Map = Map;
  E.PacketNumber = CurrentPacket;
  E.Packet.assign(Frame.begin(), Frame.begin() + PacketBytes);
  E.Data.assign(Data.begin(), Data.end());
  List.push_back(std::move(E));
  return 0;
}
