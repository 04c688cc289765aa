//===- Verdict.cpp - What happens to a packet ---------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Runtime/Verdict.h"

using namespace nfpbpf::rt;

llvm::StringRef nfpbpf::rt::stringifyVerdict(Verdict V) {
  switch (V) {
  case Verdict::Pass:
    return "pass";
  case Verdict::Drop:
    return "drop";
  case Verdict::Tx:
    return "tx";
  case Verdict::Aborted:
    return "aborted";
  case Verdict::Stolen:
    return "stolen";
  }
  return "";
}

Verdict nfpbpf::rt::verdictOf(Hook H, uint32_t R0) {
  if (H == Hook::XDP) {
    switch (R0) {
    case 1:
      return Verdict::Drop;
    case 2:
      return Verdict::Pass;
    case 3:
      return Verdict::Tx;
    default:
      return Verdict::Aborted;
    }
  }
  switch (R0) {
  case 2:
    return Verdict::Drop;
  case 4:
  case 5:
    return Verdict::Stolen;
  case 7:
    return Verdict::Tx;
  default:
    return Verdict::Pass;
  }
}

Verdict nfpbpf::rt::abortVerdict(Hook H) {
  return H == Hook::XDP ? Verdict::Aborted : Verdict::Pass;
}

std::optional<Verdict> nfpbpf::rt::verdictOfExitWord(uint32_t A0) {
  switch (A0) {
  case 0x110000:
    return Verdict::Pass;
  case 0x220000:
    return Verdict::Drop;
  case 0x440000:
    return Verdict::Tx;
  case 0x820000:
    return Verdict::Aborted;
  case 0x020000:
    return Verdict::Stolen;
  default:
    return std::nullopt;
  }
}
