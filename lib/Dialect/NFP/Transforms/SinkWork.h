//===- SinkWork.h - Work of one case behind the decision --------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_SINKWORK_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_SINKWORK_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

namespace nfpbpf::nfp {

/// After nfp-layout-blocks, without defer slots. Moves instructions in front of
/// a conditional branch whose results only the way behind it needs to that way,
/// as far as that costs nothing there. Returns the words.
unsigned sinkWork(FuncOp function);

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_SINKWORK_H
