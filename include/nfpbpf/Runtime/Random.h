//===- Random.h - The card's random numbers ---------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One definition of the numbers that get_prandom_u32 gives in every execution.
// The card's firmware seeds its generator with 42 (NFP offload environment,
// section "Random numbers"); the generator's algorithm is not public, so
// Marsaglia's 32-bit xorshift stands in for it.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_RUNTIME_RANDOM_H
#define NFPBPF_RUNTIME_RANDOM_H

#include <cstdint>

namespace nfpbpf::rt {

class Random {
public:
  static constexpr uint32_t DefaultSeed = 42;
  explicit Random(uint32_t Seed = DefaultSeed) { seed(Seed); }

  /// A seed of 0, where xorshift would stay, is taken as the default.
  void seed(uint32_t Seed) { State = Seed ? Seed : DefaultSeed; }
  uint32_t next() {
    State ^= State << 13;
    State ^= State >> 17;
    State ^= State << 5;
    return State;
  }
  uint32_t state() const { return State; }

private:
  uint32_t State = DefaultSeed;
};

} // namespace nfpbpf::rt

#endif // NFPBPF_RUNTIME_RANDOM_H
