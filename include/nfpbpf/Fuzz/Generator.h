//===- Generator.h - Random valid programs ----------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes programs that the kernel's verifier would load: while it writes
// instructions it knows what every register and stack byte holds (a number, a
// pointer and how far it may be followed, nothing), as the verifier does. Every
// run ends, reads only what was written, and depends on nothing but packets,
// maps and the card's random numbers.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_FUZZ_GENERATOR_H
#define NFPBPF_FUZZ_GENERATOR_H

#include "nfpbpf/Fuzz/Case.h"

namespace nfpbpf::fuzz {

struct GeneratorOptions {
  /// About how many instructions the entry function gets at most.
  unsigned Size = 60;
  /// Only what Linux 6.1 loads for any device: no instruction of -mcpu=v4, no
  /// choice of a queue.
  bool Kernel61 = false;
  /// No program type but this one.
  std::optional<object::ProgramType> Type;
};

/// Case number \p Index of a seed: a function of the arguments alone, on every
/// machine.
Case generate(uint64_t Seed, uint64_t Index,
              const GeneratorOptions &Options = {});

} // namespace nfpbpf::fuzz

#endif // NFPBPF_FUZZ_GENERATOR_H
