//===- Helpers.h - Kernel helper functions ----------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Numbers and names of the kernel's helper functions (enum bpf_func_id of the
// user-space interface), and argument kinds of those a card can run. Source:
// linux/bpf.h; NFP BPF offload ABI, section "Helpers".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_BPF_HELPERS_H
#define NFPBPF_ISA_BPF_HELPERS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>

namespace nfpbpf::ebpf {

/// Ids of the helpers that have argument information, and of bpf_loop, which is
/// made of instructions.
enum Helper : uint32_t {
  MapLookupElem = 1,
  MapUpdateElem = 2,
  MapDeleteElem = 3,
  KtimeGetNs = 5,
  GetPrandomU32 = 7,
  PerfEventOutput = 25,
  XdpAdjustHead = 44,
  XdpAdjustTail = 65,
  KtimeGetBootNs = 125,
  Loop = 181,
};

/// The most rounds that bpf_loop takes (the kernel's BPF_MAX_LOOPS).
constexpr uint32_t MaxLoopRounds = 8u << 20;

enum class ArgKind : uint8_t {
  Ctx,      ///< the program's context pointer
  Map,      ///< map handle
  MapKey,   ///< pointer to key_size readable bytes
  MapValue, ///< pointer to value_size readable bytes
  Memory,   ///< pointer to readable bytes; the next argument is their number
  MemorySize,
  Scalar,
};

enum class RetKind : uint8_t {
  Scalar,         ///< a number (zero or negative errno, or data)
  MapValueOrNull, ///< pointer to the value, or null
};

struct HelperInfo {
  uint32_t Id;
  const char *Name;             ///< without the bpf_ prefix
  llvm::ArrayRef<ArgKind> Args; ///< r1 upwards
  RetKind Ret;
  /// Packet pointers obtained before the call are invalid after it.
  bool InvalidatesPacket;
};

/// Helpers that read a clock and do nothing else.
inline bool isClock(uint32_t Id) {
  return Id == KtimeGetNs || Id == KtimeGetBootNs;
}

/// Name of a helper without the bpf_ prefix; empty for an unknown id.
llvm::StringRef helperName(uint32_t Id);
/// Id of a helper, with or without the bpf_ prefix.
std::optional<uint32_t> helperId(llvm::StringRef Name);
/// Argument information, or null if this helper has none.
const HelperInfo *helperInfo(uint32_t Id);

} // namespace nfpbpf::ebpf

#endif // NFPBPF_ISA_BPF_HELPERS_H
