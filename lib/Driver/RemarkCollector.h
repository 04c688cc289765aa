//===- RemarkCollector.h - Keeps the remarks of passes ----------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DRIVER_REMARKCOLLECTOR_H
#define NFPBPF_LIB_DRIVER_REMARKCOLLECTOR_H

#include "nfpbpf/Driver/Remarks.h"

#include "mlir/IR/MLIRContext.h"

namespace nfpbpf {

/// While it lives, remarks of passes whose names match go to a list.
class RemarkCollector {
public:
  /// \p Filter is a regular expression.
  RemarkCollector(mlir::MLIRContext &Context, llvm::StringRef Filter,
                  std::vector<OptimizationRemark> &List);
  ~RemarkCollector();
  RemarkCollector(const RemarkCollector &) = delete;
  RemarkCollector &operator=(const RemarkCollector &) = delete;

private:
  mlir::MLIRContext &Context;
};

} // namespace nfpbpf

#endif // NFPBPF_LIB_DRIVER_REMARKCOLLECTOR_H
