//===- BPFToLLVM.h - From bpf to llvm ---------------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code for the processor that the compiler itself runs on. Value
// representation and what the code needs around it: see RunState.h.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CONVERSION_BPFTOLLVM_BPFTOLLVM_H
#define NFPBPF_CONVERSION_BPFTOLLVM_BPFTOLLVM_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace nfpbpf {

/// Symbol of the function made from a bpf.func. No C identifier, so that it
/// meets neither the environment nor a library.
inline std::string hostSymbol(llvm::StringRef Function) {
  return "bpf." + Function.str();
}

} // namespace nfpbpf

#endif // NFPBPF_CONVERSION_BPFTOLLVM_BPFTOLLVM_H
