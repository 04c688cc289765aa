//===- Numbers.h - Random choices of the generator --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_FUZZ_NUMBERS_H
#define NFPBPF_LIB_FUZZ_NUMBERS_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>

namespace nfpbpf::fuzz {

/// splitmix64: the same numbers everywhere for the same start.
class Numbers {
public:
  Numbers(uint64_t Seed, uint64_t Index)
      : State(Seed * 0x9e3779b97f4a7c15ull ^
              (Index + 1) * 0xd1b54a32d192ed03ull) {
    next();
  }

  uint64_t next() {
    State += 0x9e3779b97f4a7c15ull;
    uint64_t Z = State;
    Z = (Z ^ (Z >> 30)) * 0xbf58476d1ce4e5b9ull;
    Z = (Z ^ (Z >> 27)) * 0x94d049bb133111ebull;
    return Z ^ (Z >> 31);
  }
  /// 0 to Limit - 1.
  uint32_t below(uint32_t Limit) {
    return static_cast<uint32_t>((next() >> 32) * Limit >> 32);
  }
  /// Low to High, both included.
  int32_t between(int32_t Low, int32_t High) {
    return Low +
           static_cast<int32_t>(below(static_cast<uint32_t>(High - Low + 1)));
  }
  bool chance(uint32_t Percent) { return below(100) < Percent; }
  template <typename T>
  T oneOf(llvm::ArrayRef<T> List) {
    return List[below(static_cast<uint32_t>(List.size()))];
  }
  template <typename T>
  T oneOf(std::initializer_list<T> List) {
    return oneOf(llvm::ArrayRef<T>(List));
  }

  /// Numbers at which arithmetic goes wrong, or any.
  uint64_t value();

private:
  uint64_t State;
};

inline uint64_t Numbers::value() {
  // One choice a statement: operands may be evaluated in any order.
  const uint32_t Sort = below(8);
  const uint32_t Small = below(8);
  const uint32_t Bit = below(64);
  switch (Sort) {
  case 0:
    return Small;
  case 1:
    return 0 - uint64_t(Small) - 1;
  case 2: // around a power of two
    return (uint64_t(1) << Bit) + Small % 3 - 1;
  case 3: // the same, negative
    return 0 - (uint64_t(1) << Bit) + Small % 3 - 1;
  case 4:
    return oneOf<uint64_t>({0x7fffffff, 0x80000000, 0xffffffff, 0x7fff, 0x8000,
                            0xffff, 0x7f, 0x80, 0xff, 0x8000000000000000,
                            0x7fffffffffffffff, 0xffffffff00000000, 0x100000000,
                            0xffffffff80000000});
  case 5:
    return below(256);
  default:
    return next();
  }
}

} // namespace nfpbpf::fuzz

#endif // NFPBPF_LIB_FUZZ_NUMBERS_H
