//===- Program.h - eBPF programs on the host's processor --------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a linked program through the bpf dialect and LLVM to code of the
// processor this runs on, and runs it. Packets, maps, events and random numbers
// are those of the runtime library, helpers behave as on the card (NFP BPF
// offload ABI, section "Helpers"), contexts as section "Context access" says.
//
// Programs need not have passed a verifier: whatever they do ends in a result
// or a Fault. The host must be little-endian.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_HOST_PROGRAM_H
#define NFPBPF_HOST_PROGRAM_H

#include "nfpbpf/Object/BPF/LinkedProgram.h"
#include "nfpbpf/Runtime/Events.h"
#include "nfpbpf/Runtime/MapStore.h"
#include "nfpbpf/Runtime/PacketBuffer.h"
#include "nfpbpf/Runtime/Random.h"
#include "nfpbpf/Runtime/Verdict.h"

#include <memory>
#include <optional>
#include <string>

namespace nfpbpf::host {

/// The highest optimisation level.
constexpr unsigned MaxHostOptLevel = 1;

struct Options {
  /// 0: as imported; 1: clean-up of the bpf dialect, then LLVM's -O2.
  unsigned OptLevel = MaxHostOptLevel;
  /// Rounds of loops in one run; more is a fault.
  uint64_t LoopLimit = 1000000;
  /// Functions active at one time.
  uint32_t MaxDepth = 8;
  /// Limits of xdp_adjust_head.
  rt::AdjustLimits Adjust;
  /// Context fields of the same names.
  uint32_t IngressIfindex = 1;
  uint32_t RxQueueIndex = 0;
};

/// Why a run ended early.
struct Fault {
  std::optional<uint32_t> Insn; ///< instruction index, if known
  std::string Message;          ///< what and why, without the instruction
};

struct Result {
  uint64_t R0 = 0;
  /// Fate of the packet; Aborted when there is an Error.
  rt::Verdict Verdict = rt::Verdict::Aborted;
  /// A legacy packet load was out of bounds and ended the program.
  bool Aborted = false;
  /// What the program stored to rx_queue_index, as selectedQueue() gives it.
  std::optional<uint8_t> Queue;
  std::optional<Fault> Error;
};

/// What a program runs in. Map n of the program is map n of the store.
struct World {
  rt::PacketBuffer &Packet;
  rt::MapStore &Maps;
  rt::EventLog &Events;
  rt::Random &Rng;
  /// What the clock helpers return: time stands still during a run.
  uint64_t Nanoseconds = 0;
};

/// A compiled program. Not for several threads at a time.
class Program {
public:
  /// Errors: neither XDP nor TC, or a diagnostic of the importer ("prog.c:3:1:
  /// instruction 5 (r0 = r3): text"). \p P may be destroyed afterwards.
  static llvm::Expected<Program> compile(const object::LinkedProgram &P,
                                         const Options &O = {});
  Program(Program &&);
  Program &operator=(Program &&);
  ~Program();

  /// Runs the program on the packet in the world.
  Result run(const World &W);

private:
  struct Impl;
  explicit Program(std::unique_ptr<Impl> I);
  std::unique_ptr<Impl> I;
};

/// "program xdp_prog, instruction 12 (prog.c:31:9): read of 1 byte ..."
std::string describe(const object::LinkedProgram &P, const Fault &F);

} // namespace nfpbpf::host

#endif // NFPBPF_HOST_PROGRAM_H
