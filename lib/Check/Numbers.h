//===- Numbers.h - Deterministic numbers for made-up data -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_CHECK_NUMBERS_H
#define NFPBPF_LIB_CHECK_NUMBERS_H

#include <cstdint>

namespace nfpbpf {
namespace check {

/// splitmix64, which unlike a shift register has independent low bits.
class Numbers {
public:
  explicit Numbers(uint64_t Seed) : State(Seed) {}

  uint32_t next() {
    State += 0x9e3779b97f4a7c15ull;
    uint64_t Z = State;
    Z = (Z ^ (Z >> 30)) * 0xbf58476d1ce4e5b9ull;
    Z = (Z ^ (Z >> 27)) * 0x94d049bb133111ebull;
    return static_cast<uint32_t>((Z ^ (Z >> 31)) >> 16);
  }

private:
  uint64_t State;
};

} // namespace check
} // namespace nfpbpf

#endif // NFPBPF_LIB_CHECK_NUMBERS_H
