//===- Runner.h - r0 of a bare program, on any engine -----------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Instruction tests are functions of a memory area that return 64 bits; a card
// runs packet programs that return a verdict. The interpreter takes a test as
// it is. For the other engines it becomes a function that an XDP program calls:
// the memory lies in the packet, or in a map's value if no packet reaches that
// far, and the program stores the function's result into the packet before it
// passes it.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CONFORMANCE_RUNNER_H
#define NFPBPF_CONFORMANCE_RUNNER_H

#include "nfpbpf/Driver/Driver.h"
#include "nfpbpf/Profile/Profile.h"

#include "llvm/ADT/ArrayRef.h"
#include <optional>
#include <string>
#include <vector>

namespace nfpbpf::conformance {

/// An engine at a level.
struct Configuration {
  enum Kind : uint8_t {
    Interp, ///< plain interpreter, which has no levels
    Host,   ///< compiled for the processor this runs on
    Sim,    ///< machine code on the NFP simulator
  };
  Kind Engine = Interp;
  unsigned OptLevel = DefaultOptLevel;
  /// Passes that the card's code does without.
  std::vector<std::string> DisabledPasses = {};

  bool hasLevels() const { return Engine != Interp; }
  /// Of the engine; one without levels takes any that there are.
  unsigned highestLevel() const;
  /// "interp", "sim-O1", "sim-O2-without-cse".
  std::string name() const;
};

/// "interp", "host", "sim".
llvm::StringRef engineName(Configuration::Kind Engine);

/// Reads an engine's name and a level ("1", "O1"; empty: the default). Errors
/// say what is known.
llvm::Expected<Configuration> parseConfiguration(llvm::StringRef Engine,
                                                 llvm::StringRef Level);

/// Every engine of this build at each of its levels.
std::vector<Configuration> allConfigurations();

/// How the program is entered.
enum class Entry : uint8_t {
  Memory,  ///< r1 = address of the memory, r2 = its length; both 0 without
  Context, ///< r1 = struct xdp_md, whose packet is the memory
};

struct RunResult {
  enum Kind : uint8_t {
    Value,   ///< it ran to its end
    Stopped, ///< it ran and an access, an opcode or a limit ended it
    Refused, ///< it cannot be loaded or compiled
  };
  Kind Status = Value;
  uint64_t R0 = 0;
  std::string Message; ///< why, if there is no value
  /// Name of the profile that it took instead of the first, or empty.
  std::string LargerProfile = {};
};

/// Runs bare programs; keeps one compiler for all of them. Not for several
/// threads at a time.
class Runner {
public:
  /// \p Larger: on the simulator, for what \p P has no room for.
  explicit Runner(Profile P, std::optional<Profile> Larger = std::nullopt);

  /// \p Code are slots; \p Memory is not changed.
  RunResult run(llvm::ArrayRef<uint64_t> Code, llvm::ArrayRef<uint8_t> Memory,
                Entry How, const Configuration &C);

private:
  /// A profile and its compiler.
  struct Card {
    explicit Card(Profile P) : Firmware(P), C(std::move(P)) {}
    Profile Firmware;
    Compiler C;
  };

  RunResult interpret(llvm::ArrayRef<uint64_t> Code,
                      llvm::ArrayRef<uint8_t> Memory, Entry How);
  static RunResult simulate(llvm::ArrayRef<uint64_t> Code,
                            llvm::ArrayRef<uint8_t> Memory, Entry How,
                            const Configuration &Config, Card &On);

  Card Default;
  std::optional<Card> Larger;
};

} // namespace nfpbpf::conformance

#endif // NFPBPF_CONFORMANCE_RUNNER_H
