//===- Remarks.h - Remarks of the passes ------------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A remark is of a pass, about an operation: its category is the pass's name in
// a pipeline, so that one regular expression chooses remarks and passes alike.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_REMARKS_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_REMARKS_H

#include "mlir/IR/Remarks.h"
#include "nfpbpf/Dialect/BPF/IR/BPF.h"
#include "nfpbpf/Dialect/BPF/IR/BPFLocation.h"

namespace nfpbpf::bpf {

/// \p pass and \p name must be literals.
inline mlir::remark::RemarkOpts
remarkOf(mlir::Operation *op, llvm::StringRef pass, llvm::StringRef name) {
  auto opts = mlir::remark::RemarkOpts::name(name).category(pass);
  if (auto function = op->getParentOfType<FuncOp>())
    opts = opts.function(function.getSymName());
  return opts;
}

/// "1 byte", "2 bytes" ...
inline std::string countOf(size_t number, llvm::StringRef what) {
  return (llvm::Twine(number) + " " + what + (number == 1 ? "" : "s")).str();
}

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
