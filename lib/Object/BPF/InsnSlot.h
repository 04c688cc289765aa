//===- InsnSlot.h - Fields of an instruction slot ---------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading and changing slots in the form of LinkedProgram::Insns.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_OBJECT_BPF_INSNSLOT_H
#define NFPBPF_LIB_OBJECT_BPF_INSNSLOT_H

#include <cstdint>

namespace nfpbpf {
namespace object {

constexpr uint8_t OpLdImm64 = 0x18, OpCall = 0x85;

inline unsigned sourceOf(uint64_t Insn) { return (Insn >> 12) & 15; }
inline int32_t immediateOf(uint64_t Insn) {
  return static_cast<int32_t>(Insn >> 32);
}
inline uint64_t withSource(uint64_t Insn, unsigned Source) {
  return (Insn & ~uint64_t(0xf000)) | uint64_t(Source) << 12;
}
inline uint64_t withImmediate(uint64_t Insn, uint32_t Immediate) {
  return (Insn & 0xffffffff) | uint64_t(Immediate) << 32;
}

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_LIB_OBJECT_BPF_INSNSLOT_H
