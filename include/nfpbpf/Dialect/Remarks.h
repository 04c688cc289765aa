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

#ifndef NFPBPF_DIALECT_REMARKS_H
#define NFPBPF_DIALECT_REMARKS_H

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/Twine.h"

#include <string>

namespace nfpbpf {

/// \p pass and \p name must be literals.
inline mlir::remark::RemarkOpts
remarkOf(mlir::Operation *op, llvm::StringRef pass, llvm::StringRef name) {
  auto opts = mlir::remark::RemarkOpts::name(name).category(pass);
  auto function = mlir::dyn_cast<mlir::FunctionOpInterface>(op);
  if (!function)
    function = op->getParentOfType<mlir::FunctionOpInterface>();
  if (function)
    opts = opts.function(function.getName());
  return opts;
}

/// Somebody listens: what costs time to find out is worth it.
inline bool hasRemarks(mlir::Operation *op) {
  return op->getContext()->getRemarkEngine() != nullptr;
}

/// "1 byte", "2 bytes" ...
inline std::string countOf(size_t number, llvm::StringRef what) {
  return (llvm::Twine(number) + " " + what + (number == 1 ? "" : "s")).str();
}

} // namespace nfpbpf

#endif // NFPBPF_DIALECT_REMARKS_H
