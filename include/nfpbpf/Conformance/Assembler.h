//===- Assembler.h - The test vectors' assembly text ------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The assembly dialect of the eBPF conformance vectors, which names operations
// instead of writing expressions: `mov %r0, 1`, `ldxdw %r1, [%r10-8]`,
// `jne32 %r1, 0, out`, `lock fetch add [%r10-8], %r1`. LLVM's assembler does
// not read it. One instruction or label a line; `#` starts a comment.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CONFORMANCE_ASSEMBLER_H
#define NFPBPF_CONFORMANCE_ASSEMBLER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <vector>

namespace nfpbpf::conformance {

/// Instruction slots as numbers of their little-endian bytes. A jump to `exit`
/// goes to the first exit instruction, unless a label has that name. \p
/// FirstLine is the number of the text's first line, for messages. Error: the
/// first line that cannot be assembled, as "line 12: no register '%r11'".
llvm::Expected<std::vector<uint64_t>> assemble(llvm::StringRef Text,
                                               unsigned FirstLine = 1);

} // namespace nfpbpf::conformance

#endif // NFPBPF_CONFORMANCE_ASSEMBLER_H
