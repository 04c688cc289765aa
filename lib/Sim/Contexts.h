//===- Contexts.h - Packets in flight on one microengine --------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, sections 1.1 and 4.14: contexts run until they wait, the
// ready ones in round robin; times as in the event model (hardware timing,
// 2.2).
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_SIM_CONTEXTS_H
#define NFPBPF_LIB_SIM_CONTEXTS_H

#include "State.h"

namespace nfpbpf::sim {

class ContextScheduler {
public:
  /// \p Contexts has NumContexts states, \p PacketNumber counts the machine's
  /// packets.
  ContextScheduler(llvm::ArrayRef<State *> Contexts,
                   llvm::ArrayRef<Preset> Presets, uint64_t &PacketNumber,
                   unsigned InFlight);

  ContextRun run(PacketFeed Feed, PacketSink Sink);
  /// The context that ended a packet last.
  State *last() const { return Last; }

private:
  enum class Phase : uint8_t { Idle, Before, Program, After };
  struct Slot {
    State *S = nullptr;
    Phase At = Phase::Idle;
    uint32_t Piece = 0; ///< of the firmware's work before or after
    double Ready = 0;
    rt::PacketBuffer Packet;
    uint64_t Number = 0;      ///< in the order of the feed
    uint64_t EventNumber = 0; ///< as the feed set it
  };

  void fill(PacketFeed Feed);
  Slot &pick();
  void runSlot(Slot &C, PacketSink Sink);
  bool firmwarePiece(Slot &C);
  /// True if the context goes on without a swap.
  bool routinePiece(Slot &C);
  bool runProgram(Slot &C, PacketSink Sink);
  bool endPacket(Slot &C, PacketSink Sink);

  llvm::ArrayRef<Preset> Presets;
  uint64_t &PacketNumber;
  unsigned InFlight;
  Slot Slots[NumContexts];
  unsigned Busy = 0;
  unsigned NextFree = 0; ///< context that looks for a packet first
  unsigned NextRun = 0;  ///< context that runs first if it is ready
  bool Drained = false;
  double PieceCycles = 0, PieceWait = 0; ///< of the firmware's work
  double Now = 0;
  State *Last = nullptr;
  ContextRun Result;
};

} // namespace nfpbpf::sim

#endif // NFPBPF_LIB_SIM_CONTEXTS_H
