//===- Assembler.h - eBPF assembly text to an object ------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Assembles text in verifier syntax with LLVM's assembler, in process.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_TARGET_BPF_ASSEMBLER_H
#define NFPBPF_TARGET_BPF_ASSEMBLER_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace nfpbpf {

/// Assembles `text` (for example `r0 = 2`, `exit`, with the directives of
/// LLVM's assembler) to a relocatable little-endian eBPF object, for
/// object::BPFObject::parse. `cpu` is v1 to v4; `name` stands for the text in
/// messages. Error: every message of the assembler, one per line, each with
/// name, line and column.
llvm::Expected<llvm::SmallVector<char, 0>>
assembleBPF(llvm::StringRef text, llvm::StringRef cpu = "v4",
            llvm::StringRef name = "<assembly>");

} // namespace nfpbpf

#endif // NFPBPF_TARGET_BPF_ASSEMBLER_H
