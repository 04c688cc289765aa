//===- Validity.h - Would the verifier load it? -----------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A small verifier: follows every path of a program and knows of each register
// and stack byte what it holds. It refuses what makes engines differ without
// anybody being wrong: reads of what was never written, arithmetic on pointers,
// pointers that leave as numbers. Packet and value bounds it leaves to the
// interpreter, which has the packets. Programs made smaller are held against
// it.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_FUZZ_VALIDITY_H
#define NFPBPF_FUZZ_VALIDITY_H

#include "nfpbpf/Fuzz/Case.h"

namespace nfpbpf::fuzz {

/// Success, or the first instruction that is wrong and why.
llvm::Error checkValidity(const Program &P);

} // namespace nfpbpf::fuzz

#endif // NFPBPF_FUZZ_VALIDITY_H
