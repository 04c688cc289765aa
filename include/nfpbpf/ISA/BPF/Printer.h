//===- Printer.h - eBPF text in verifier syntax -----------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Text of eBPF instructions, as LLVM's assembler reads it and llvm-objdump
// (with --no-print-imm-hex) writes it: `w1 s>>= 24`, `*(u32 *)(r10 - 4) = w0`,
// `if r1 > 5 goto +3`.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_BPF_PRINTER_H
#define NFPBPF_ISA_BPF_PRINTER_H

#include "nfpbpf/ISA/BPF/Instruction.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace nfpbpf::ebpf {

struct PrintOptions {
  /// `call map_lookup_elem` instead of `call 1`, `call pc+3` instead of
  /// `call 3` for local calls, `map[0]` instead of a number for map loads.
  bool Names = false;
};

void print(llvm::raw_ostream &OS, const Instruction &I,
           const PrintOptions &Options = {});
std::string toString(const Instruction &I, const PrintOptions &Options = {});

/// The instruction at a slot; `<invalid 0x...>` when it does not decode.
std::string toString(llvm::ArrayRef<uint64_t> Words, uint32_t Index,
                     const PrintOptions &Options = {});

/// One line per instruction: index, colon, text.
void printProgram(llvm::raw_ostream &OS, llvm::ArrayRef<uint64_t> Words,
                  const PrintOptions &Options = {});

} // namespace nfpbpf::ebpf

#endif // NFPBPF_ISA_BPF_PRINTER_H
