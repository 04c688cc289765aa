//===- Build.h - Hand-made eBPF code for tests -*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Encodes instructions field by field, independent of the library under test.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_UNITTESTS_INTERP_BUILD_H
#define NFPBPF_UNITTESTS_INTERP_BUILD_H

#include "nfpbpf/Interp/Interpreter.h"
#include "gtest/gtest.h"

namespace nfpbpf::interp::test {

inline uint64_t insn(uint8_t Code, unsigned Dst, unsigned Src, int Off,
                     int64_t Imm) {
  return uint64_t(Code) | uint64_t(Dst) << 8 | uint64_t(Src) << 12 |
         uint64_t(static_cast<uint16_t>(Off)) << 16 |
         uint64_t(static_cast<uint32_t>(Imm)) << 32;
}
inline uint64_t mov(unsigned Dst, int64_t Imm) {
  return insn(0xb7, Dst, 0, 0, Imm);
}
inline uint64_t movReg(unsigned Dst, unsigned Src) {
  return insn(0xbf, Dst, Src, 0, 0);
}
inline uint64_t call(int Helper) { return insn(0x85, 0, 0, 0, Helper); }
inline uint64_t exit() { return insn(0x95, 0, 0, 0, 0); }

using Insns = std::vector<uint64_t>;

/// dst = 64-bit value, two slots.
inline Insns &imm64(Insns &C, unsigned Dst, uint64_t Value) {
  C.push_back(insn(0x18, Dst, 0, 0, static_cast<uint32_t>(Value)));
  C.push_back(Value >> 32 << 32);
  return C;
}
inline void mapHandle(Insns &C, unsigned Dst, uint32_t Map) {
  C.push_back(insn(0x18, Dst, 1, 0, Map));
  C.push_back(0);
}

/// r0 after the code on an empty memory; a failure if it faults.
inline uint64_t eval(Insns C) {
  Result R = Interpreter::forCode(std::move(C)).runOn({});
  if (R.Error)
    ADD_FAILURE() << "instruction " << R.Error->Insn << ": "
                  << R.Error->Message;
  return R.R0;
}

inline std::string faultOf(Insns C, const Options &O = {}) {
  Result R = Interpreter::forCode(std::move(C), O).runOn({});
  return R.Error ? std::to_string(R.Error->Insn) + ": " + R.Error->Message
                 : "none";
}

} // namespace nfpbpf::interp::test

#endif // NFPBPF_UNITTESTS_INTERP_BUILD_H
