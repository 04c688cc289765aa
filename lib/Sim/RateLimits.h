//===- RateLimits.h - Limits beyond the microengines ------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_SIM_RATELIMITS_H
#define NFPBPF_LIB_SIM_RATELIMITS_H

#include "nfpbpf/Sim/Timing.h"

namespace nfpbpf::sim {

/// Fills every limit but the microengines' and takes the lowest.
void applyLimits(Rate &R, const Profile &P, double EnginePerPacket,
                 double MeanFrameBytes, double LookupsPerPacket,
                 uint64_t MapBytes);

} // namespace nfpbpf::sim

#endif // NFPBPF_LIB_SIM_RATELIMITS_H
