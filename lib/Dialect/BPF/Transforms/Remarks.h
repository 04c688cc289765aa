//===- Remarks.h - Remarks of the bpf passes --------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_REMARKS_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_REMARKS_H

#include "nfpbpf/Dialect/BPF/IR/BPF.h"
#include "nfpbpf/Dialect/BPF/IR/BPFLocation.h"
#include "nfpbpf/Dialect/Remarks.h"

namespace nfpbpf::bpf {

using nfpbpf::countOf;
using nfpbpf::remarkOf;

/// "line 12", "instruction 5" or "there".
inline std::string describePlace(mlir::Location loc) {
  if (std::optional<mlir::FileLineColLoc> source = getSourceLocation(loc);
      source && source->getLine())
    return "line " + std::to_string(source->getLine());
  if (std::optional<uint32_t> insn = getInsnIndex(loc))
    return "instruction " + std::to_string(*insn);
  return "there";
}

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_REMARKS_H
