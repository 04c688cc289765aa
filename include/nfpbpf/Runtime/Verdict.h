//===- Verdict.h - What happens to a packet ---------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fate of a packet, from a program's return code or from the word the
// generated code leaves in A0. Source: NFP BPF offload ABI, sections "Exit
// protocol", "XDP epilogue" and "TC direct-action epilogue".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_RUNTIME_VERDICT_H
#define NFPBPF_RUNTIME_VERDICT_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>

namespace nfpbpf::rt {

/// Where a program is attached.
enum class Hook : uint8_t { XDP, TC };

enum class Verdict : uint8_t {
  Pass,    ///< to the host, counted as pass
  Drop,    ///< counted as discard
  Tx,      ///< out of the port it came from, counted as tx
  Aborted, ///< dropped, counted as abort
  Stolen,  ///< dropped and not counted (TC_ACT_STOLEN, TC_ACT_QUEUED)
};
constexpr unsigned NumVerdicts = 5;

/// "pass", "drop", "tx", "aborted", "stolen".
llvm::StringRef stringifyVerdict(Verdict V);

/// Verdict of a return code (the low word of r0).
Verdict verdictOf(Hook H, uint32_t R0);

/// Verdict of a program that a failed legacy packet load ends.
Verdict abortVerdict(Hook H);

/// Verdict of the word that generated code leaves in A0; nothing for a
/// combination of bits that no epilogue makes.
std::optional<Verdict> verdictOfExitWord(uint32_t A0);

} // namespace nfpbpf::rt

#endif // NFPBPF_RUNTIME_VERDICT_H
