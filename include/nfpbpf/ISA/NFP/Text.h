//===- Text.h - Assembly text of NFP instructions ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The text is exactly that of GNU objdump for NFP with options `no-pc,ctx4`.
// It does not show the unused left operand of B, ~B and asr, nor other ignored
// fields; the assembler also accepts a register in place of the left `--`.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_NFP_TEXT_H
#define NFPBPF_ISA_NFP_TEXT_H

#include "nfpbpf/ISA/NFP/Instruction.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace nfpbpf::isa {

/// One operand as it stands in a text (`gprA_3`, `*l$index1[2]`, `0x7`, `--`).
std::string toString(const Operand &O);
/// The whole instruction on one line, without newline.
std::string toString(const Instruction &I);
void print(llvm::raw_ostream &OS, const Instruction &I);

/// Assembles one line of text. Branch targets are numbers (`.100`). The error
/// says what was wrong and the column (from 1).
llvm::Expected<Instruction> parse(llvm::StringRef Text);

/// Name of the CSR at a byte address, or its address in hexadecimal.
std::string csrName(uint16_t ByteAddress);

} // namespace nfpbpf::isa

#endif // NFPBPF_ISA_NFP_TEXT_H
