//===- Alternatives.h - What programs can do instead ------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For helpers and map types that only the kernel has: what a program that is to
// run on a card can do instead, as the end of a sentence in a message.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_BPF_ALTERNATIVES_H
#define NFPBPF_ISA_BPF_ALTERNATIVES_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace nfpbpf::ebpf {

/// Empty where there is nothing to say.
llvm::StringRef helperAlternative(uint32_t Id);
llvm::StringRef mapTypeAlternative(uint32_t Type);

} // namespace nfpbpf::ebpf

#endif // NFPBPF_ISA_BPF_ALTERNATIVES_H
