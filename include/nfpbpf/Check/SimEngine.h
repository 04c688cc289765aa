//===- SimEngine.h - A program on the NFP simulator -------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CHECK_SIMENGINE_H
#define NFPBPF_CHECK_SIMENGINE_H

#include "nfpbpf/Check/Engine.h"
#include "nfpbpf/Object/NFP/NFPImage.h"
#include "nfpbpf/Sim/Machine.h"

namespace nfpbpf {
namespace check {

/// A loaded image with the maps it uses.
struct SimProgram {
  std::vector<uint64_t> Words; ///< relocated, with ECC
  sim::LoadInfo Load;
  std::vector<rt::MapSpec> Maps;
  /// For each map the use of each 4-byte word of the value; may be shorter
  /// than Maps (nothing is atomic then).
  std::vector<std::vector<rt::WordUse>> WordUses;
};

/// Loads a program where the profile says.
llvm::Expected<SimProgram> makeSimProgram(const object::NFPProgram &P,
                                          const Profile &Firmware);
/// Loads an image of the kernel's translator at its own addresses. Words that
/// \p Uses marks as counters (by map name) are kept in the card's byte order.
llvm::Expected<SimProgram> makeSimProgram(const object::KernelImage &Image,
                                          const Profile &Firmware,
                                          llvm::ArrayRef<object::NFPMap> Uses);

class SimEngine : public Engine {
public:
  static llvm::Expected<std::unique_ptr<SimEngine>>
  create(std::string Name, const Profile &P, const SimProgram &Program,
         sim::MachineOptions Options = {});

  Outcome run() override;
  void reset() override;
  uint32_t longestFrame() const override { return Machine->longestFrame(); }

  /// A packet that ran among others: its number in the feed, its frame after
  /// the program's changes, what happened.
  struct Leaving {
    uint64_t Number = 0;
    std::vector<uint8_t> Frame;
    Outcome Result;
    sim::PacketResult Full;
  };
  using LeavingSink = llvm::function_ref<llvm::Error(const Leaving &)>;
  /// Runs packets on several contexts (see sim::Machine::runContexts) and hands
  /// them over in the order of the feed, as the card's reorder unit does. After
  /// an error of the sink nothing more is fed or handed over.
  llvm::Expected<sim::ContextRun>
  runContexts(unsigned InFlight, sim::PacketFeed Feed, LeavingSink Sink);

  sim::Machine &machine() { return *Machine; }
  const sim::Machine &machine() const { return *Machine; }
  /// Result of the last run() in full.
  const sim::PacketResult &last() const { return Last; }

private:
  explicit SimEngine(std::string Name) : Engine(std::move(Name)) {}

  Outcome outcomeOf(const sim::PacketResult &R) const;

  std::unique_ptr<sim::Machine> Machine;
  sim::PacketResult Last;
};

} // namespace check
} // namespace nfpbpf

#endif // NFPBPF_CHECK_SIMENGINE_H
