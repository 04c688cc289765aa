//===- Engine.h - One way to execute a program ------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the plain interpreter and the simulator have in common for whoever feeds
// them packets: a world of their own (maps, events, random numbers, one packet
// buffer) and "run the program on the packet in the buffer".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CHECK_ENGINE_H
#define NFPBPF_CHECK_ENGINE_H

#include "nfpbpf/Object/BPF/LinkedProgram.h"
#include "nfpbpf/Profile/Profile.h"
#include "nfpbpf/Runtime/Events.h"
#include "nfpbpf/Runtime/MapStore.h"
#include "nfpbpf/Runtime/PacketBuffer.h"
#include "nfpbpf/Runtime/Random.h"
#include "nfpbpf/Runtime/Verdict.h"

#include <memory>
#include <optional>
#include <string>

namespace nfpbpf {
namespace check {

/// The result of one packet. The frame is in the engine's packet buffer.
struct Outcome {
  /// The execution stopped with an error (an access out of bounds, a hardware
  /// fault); the other members then mean nothing.
  bool Failed = false;
  std::string Error;
  rt::Verdict Verdict = rt::Verdict::Aborted;
  /// Queue the program chose, if it did (64: none of the card's).
  std::optional<uint8_t> Queue;
  /// Instructions executed, of whichever instruction set the engine runs.
  uint64_t Executed = 0;
};

/// The maps of a linked program as a map store wants them.
std::vector<rt::MapSpec> mapSpecsOf(const object::LinkedProgram &Program);

/// Adds maps to a store. The error names the map.
llvm::Error addMaps(rt::MapStore &Store, llvm::ArrayRef<rt::MapSpec> Specs);

/// One execution of one program with its own maps, events, random numbers and
/// packet buffer. Not copyable; engines do not share anything.
class Engine {
public:
  virtual ~Engine();

  /// "interp", "sim-O1", "kernel-jit" ...
  llvm::StringRef name() const { return Name; }
  rt::MapStore &maps() { return Maps; }
  const rt::MapStore &maps() const { return Maps; }
  rt::EventLog &events() { return Events; }
  const rt::EventLog &events() const { return Events; }
  rt::Random &random() { return Rng; }
  rt::PacketBuffer &packet() { return Packet; }
  const rt::PacketBuffer &packet() const { return Packet; }

  /// Runs the program on the packet in the buffer.
  virtual Outcome run() = 0;

  /// Bytes of the longest frame that reaches the program. Longer ones are none
  /// of its business: the port's MTU cannot be set that high.
  virtual uint32_t longestFrame() const { return rt::PacketBuffer::MaxFrame; }

  /// Empty maps, no events, the first random number and moment again.
  virtual void reset();

protected:
  explicit Engine(std::string Name) : Name(std::move(Name)) {}

  /// The clock of the next run: a microsecond after the last one's, on all
  /// engines alike.
  uint64_t nextMoment() { return Nanoseconds += 1000; }

private:
  std::string Name;
  uint64_t Nanoseconds = 0;
  rt::MapStore Maps;
  rt::EventLog Events;
  rt::Random Rng;
  rt::PacketBuffer Packet;
};

} // namespace check
} // namespace nfpbpf

#endif // NFPBPF_CHECK_ENGINE_H
