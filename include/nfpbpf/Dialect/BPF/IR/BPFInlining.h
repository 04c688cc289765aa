//===- BPFInlining.h - Inlining of subprograms ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The bpf dialect's part of MLIR's inliner. A subprogram with `bpf.may_goto` is
// not inlined: every activation has a counter of its own.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_IR_BPFINLINING_H
#define NFPBPF_DIALECT_BPF_IR_BPFINLINING_H

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include <optional>

namespace nfpbpf::bpf {

/// Makes the frame of a subprogram that has been inlined, wherever in the
/// function it is now, a part of the function's own frame: from byte `offset`
/// on (a multiple of 8), by default behind all that is there. The function's
/// frame grows as far as that takes.
void mergeFrame(FrameOp inlined, std::optional<int32_t> offset = std::nullopt);

/// Adds the dialect's inliner interface.
void addInlinerInterface(BPFDialect &dialect);

} // namespace nfpbpf::bpf

#endif // NFPBPF_DIALECT_BPF_IR_BPFINLINING_H
