//===- FirmwareWork.h - The firmware's part of a packet ---------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hardware timing, section 2.2: the firmware issues its constant and waits
// FirmwareWait cycles per packet. Half of both is before and half after the
// program, in pieces of work with a wait after each.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_SIM_FIRMWAREWORK_H
#define NFPBPF_LIB_SIM_FIRMWAREWORK_H

#include "nfpbpf/Profile/Profile.h"

namespace nfpbpf::sim {

/// Pieces of the firmware's work before, and after, the program.
constexpr uint32_t FirmwarePieces = 8;

inline double firmwarePieceCycles(const Profile &P) {
  return P.firmwareCycles() / (2 * FirmwarePieces);
}
inline double firmwarePieceWait(const Profile &P) {
  return P.Timing.FirmwareWait / (2 * FirmwarePieces);
}

} // namespace nfpbpf::sim

#endif // NFPBPF_LIB_SIM_FIRMWAREWORK_H
