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

  sim::Machine &machine() { return *Machine; }
  const sim::Machine &machine() const { return *Machine; }
  /// Result of the last run() in full.
  const sim::PacketResult &last() const { return Last; }

private:
  explicit SimEngine(std::string Name) : Engine(std::move(Name)) {}

  std::unique_ptr<sim::Machine> Machine;
  sim::PacketResult Last;
};

} // namespace check
} // namespace nfpbpf

#endif // NFPBPF_CHECK_SIMENGINE_H
