//===- CopyCalls.h - Calls in the place of branches to them -----*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_COPYCALLS_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_COPYCALLS_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

namespace nfpbpf::nfp {

/// After register allocation. Replaces branches to a block that begins with at
/// most `maxWords` words and a call by copies of those, which return to where
/// the call in the block does; the branch that leads there most often stays,
/// since the block can follow it. Returns the number of branches replaced.
unsigned copyCalls(FuncOp function, unsigned maxWords);

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_COPYCALLS_H
