//===- Machine.h - A microengine that runs a BPF program --------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Interprets NFP instruction words inside a model of the card's firmware:
// packet vector, packet buffer, maps and helper routines, exit protocol. It
// knows nothing of how the words were made. Sources: NFP instruction set,
// section "Semantics" with its modelling choices; NFP BPF offload ABI, sections
// 4 to 9; NFP offload environment; hardware timing, section 2.
//
// Two modes. In order (runPacket): packets run one after the other, packet n on
// context 2 * (n mod 4), and waits complete at the swap. Interleaved
// (runContexts): up to four packets are in flight on the contexts of one
// microengine, which take turns where they wait; whatever they share they touch
// in that order. Nothing is allocated while a packet runs, except for faults
// and events.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_SIM_MACHINE_H
#define NFPBPF_SIM_MACHINE_H

#include "nfpbpf/Profile/Profile.h"
#include "nfpbpf/Runtime/Events.h"
#include "nfpbpf/Runtime/MapStore.h"
#include "nfpbpf/Runtime/PacketBuffer.h"
#include "nfpbpf/Runtime/Random.h"
#include "nfpbpf/Runtime/Verdict.h"
#include "nfpbpf/Sim/Fault.h"
#include "nfpbpf/Sim/Timing.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace nfpbpf::sim {

/// A number that code uses for a map, and the map it means.
struct MapBinding {
  uint32_t Id = 0;  ///< table id, or host map id of a perf event array
  uint32_t Map = 0; ///< index in the map store
};

/// Where an image lies and what it refers to.
struct LoadInfo {
  uint32_t Start = 0; ///< code-store address of the first word
  uint32_t Done = 0;  ///< address a program leaves to
  std::vector<ProfileHelper> Helpers;
  std::vector<MapBinding> Tables; ///< of hash and array maps (tid)
  std::vector<MapBinding> Events; ///< of perf event arrays (host map id)
  /// The epilogue, as absolute addresses [Begin, End): its cycles are part of
  /// the firmware constant, so accounting stops where it is entered. Empty: it
  /// stops at the branch to Done.
  uint32_t EpilogueBegin = 0, EpilogueEnd = 0;
  uint32_t StackBytes = 512; ///< of a context
  /// Offset of the last packet byte the program may access, as the kernel's
  /// verifier counts; 0 if it accesses none or if that is not known. The driver
  /// refuses a program that may go beyond the inline part of a packet that the
  /// port's MTU allows, and so a frame that needs such an MTU is a fault.
  uint32_t MaxPacketOffset = 0;

  /// Start, Done, helpers and stack as the profile says.
  static LoadInfo fromProfile(const Profile &P);
};

struct MachineOptions {
  /// A fault ends the packet (verdict Aborted). Otherwise it is counted and the
  /// packet goes on where that is possible.
  bool StopOnFault = true;
  /// Words must have right check bits (loaded images do).
  bool CheckEcc = true;
  /// Instructions one packet may execute.
  uint64_t InstructionLimit = 4u << 20;
  /// Faults kept with their text; more are only counted.
  uint32_t KeepFaults = 64;
};

/// What happened to one packet. The frame itself is in the packet buffer.
struct PacketResult {
  rt::Verdict Verdict = rt::Verdict::Aborted;
  uint32_t ExitWord = 0; ///< A0 at the exit; 0 after a fault
  /// The packet ended in a fault, which is the last of Machine::faults() (or
  /// only counted, if many).
  bool Faulted = false;
  uint32_t FaultCount = 0; ///< faults of this packet
  /// Queue the program chose, if it did; 64 means the card's own choice.
  std::optional<uint8_t> Queue;
  /// A Tx frame was dropped because of its offset in the buffer (44..248).
  bool TxOffsetError = false;
  PacketCost Cost;
};

/// Per-verdict counters as the card's statistics have them.
struct VerdictCounter {
  uint64_t Packets = 0;
  uint64_t Bytes = 0; ///< frame length after the program's changes
};

/// Sums over the packets since loadProgram() or resetStatistics().
struct RunStatistics {
  uint64_t Packets = 0;
  VerdictCounter Verdicts[rt::NumVerdicts]; ///< indexed by rt::Verdict
  uint64_t TxOffsetErrors = 0;
  uint64_t QueueSelected = 0;
  uint64_t Faults = 0; ///< all kinds
  uint64_t FaultsByKind[NumFaultKinds] = {};
  uint64_t InputBytes = 0; ///< frame lengths before the program
  PacketCost Cost;         ///< sum
  uint64_t MaxProgramCycles = 0;
};

/// What one word of the image cost, summed over the packets.
struct WordCost {
  uint64_t Executed = 0;
  uint64_t Taken = 0; ///< taken branches
  /// Accounting pass. All words together: PacketCost::ProgramCycles.
  uint64_t Cycles = 0;
  uint64_t MemoryWaits = 0; ///< as PacketCost::MemoryWaits
  double HelperCycles = 0;  ///< of the routines it calls

  WordCost &operator+=(const WordCost &O) {
    Executed += O.Executed;
    Taken += O.Taken;
    Cycles += O.Cycles;
    MemoryWaits += O.MemoryWaits;
    HelperCycles += O.HelperCycles;
    return *this;
  }
  bool operator==(const WordCost &O) const {
    return Executed == O.Executed && Taken == O.Taken && Cycles == O.Cycles &&
           MemoryWaits == O.MemoryWaits && HelperCycles == O.HelperCycles;
  }
};

/// Puts the next packet into a buffer. False: there is none. An event log's
/// number of that packet is taken from EventLog::CurrentPacket on return.
using PacketFeed = llvm::function_ref<bool(rt::PacketBuffer &)>;
/// Takes a packet that has left the program, in the order in which they leave.
/// The number counts the feed's packets from 0.
using PacketSink = llvm::function_ref<void(
    uint64_t Number, rt::PacketBuffer &Packet, const PacketResult &Result)>;

/// What an interleaved run took.
struct ContextRun {
  uint64_t Packets = 0;
  /// Cycles of the microengine from the first packet's arrival to the end of
  /// the last one's work, the firmware's part included.
  double Cycles = 0;
};

/// Register files, for tests and debuggers.
enum class RegFile : uint8_t { A, B, XferIn, XferOut, NN };

class Machine {
public:
  /// The stores must outlive the machine.
  Machine(const Profile &P, rt::MapStore &Maps, rt::EventLog &Events,
          rt::Random &Random, MachineOptions Options = {});
  ~Machine();
  Machine(Machine &&);
  Machine &operator=(Machine &&);

  /// Puts a loaded image (relocated, with ECC) into the code store and resets
  /// statistics. Words that cannot run are faults only if they are reached.
  /// Errors: no words, more than the 14-bit address space holds, Done or a
  /// helper inside the image, a map binding out of range.
  llvm::Error loadProgram(llvm::ArrayRef<uint64_t> Words, const LoadInfo &Load);

  /// The longest frame that the driver lets to the loaded program
  /// (LoadInfo::MaxPacketOffset). Longer ones are a fault.
  uint32_t longestFrame() const;

  /// Runs one packet. On return the buffer's window is the frame as the packet
  /// vector says (after a fault: as it was at that moment, if it is a window).
  PacketResult runPacket(rt::PacketBuffer &Packet);

  /// Runs packets on the contexts of one microengine, at most \p InFlight (1 to
  /// 4) at a time. A context runs until it waits for memory; then the next one
  /// in turn that is ready does. The times at which signals arrive and the
  /// firmware's work before and after the program are the event model's, so the
  /// order is the same in every run. One packet in flight gives exactly the
  /// results of runPacket(). Error: another number of packets in flight.
  llvm::Expected<ContextRun> runContexts(unsigned InFlight, PacketFeed Feed,
                                         PacketSink Sink);

  const RunStatistics &statistics() const;
  void resetStatistics();

  llvm::ArrayRef<Fault> faults() const;

  /// Costs of each word, by index in the image.
  std::vector<WordCost> wordCosts() const;

  /// Bucket bytes that the bound maps occupy now (map cache model).
  uint64_t mapBytes() const;

  /// The two packet rates for the packets since the last reset.
  Rate accountingRate() const;
  Rate eventRate() const;

  //===--- For tests: state of the context that the next packet runs on
  //----===//

  /// Values to have at entry instead of undefined ones, until clearPresets().
  void preset(RegFile File, unsigned Number, uint32_t Value);
  void presetLocalMemory(unsigned Word, uint32_t Value);
  void clearPresets();
  /// State after the last packet. Undefined bits read as they happen to be.
  uint32_t readRegister(RegFile File, unsigned Number) const;
  uint32_t readLocalMemory(unsigned Word) const;
  /// Bits of the register that are undefined.
  uint32_t undefinedBits(RegFile File, unsigned Number) const;
  struct Flags {
    bool N, Z, C, V;
  };
  Flags readFlags() const;
  /// Hardware context of the last packet: 0, 2, 4 or 6.
  unsigned lastContext() const;

private:
  struct Impl;
  std::unique_ptr<Impl> I;
};

} // namespace nfpbpf::sim

#endif // NFPBPF_SIM_MACHINE_H
