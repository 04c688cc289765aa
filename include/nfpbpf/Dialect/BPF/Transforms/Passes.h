//===- Passes.h - Passes of the bpf dialect ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_TRANSFORMS_PASSES_H
#define NFPBPF_DIALECT_BPF_TRANSFORMS_PASSES_H

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/Pass/Pass.h"

namespace nfpbpf::bpf {

#define GEN_PASS_DECL
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"

/// Module attribute (i64) of `bpf-packet-bounds`: offset of the last packet
/// byte that the program may access, as the kernel's verifier counts it.
constexpr llvm::StringLiteral kMaxPacketOffsetAttr = "bpf.max_packet_offset";

/// What the attribute says of an access without a known bound.
constexpr uint32_t UnboundedPacketOffset = 0xffff;

/// Registers the passes (registerBPFPasses) for command lines.
#define GEN_PASS_REGISTRATION
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"

} // namespace nfpbpf::bpf

#endif // NFPBPF_DIALECT_BPF_TRANSFORMS_PASSES_H
