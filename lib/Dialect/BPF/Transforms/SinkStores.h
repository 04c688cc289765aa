//===- SinkStores.h - Stack stores where they are needed --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A key is often filled where its value is found out, some decisions in front
// of the lookup: packets that leave at these decisions store it in vain, and
// its place on the stack is taken meanwhile.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_SINKSTORES_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_SINKSTORES_H

#include "MemoryAccesses.h"

namespace nfpbpf::bpf {

/// Moves stores to the function's frame down to the block from which all that
/// reads them can be reached, if there are ways that do not come there. What is
/// stored in front of the first read of the packet stays: there is time.
/// Returns the number of stores moved.
unsigned sinkStores(FuncOp function, const MemoryAccesses &accesses);

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_SINKSTORES_H
