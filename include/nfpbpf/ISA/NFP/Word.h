//===- Word.h - Raw NFP instruction words -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Raw instruction words: bits 44..0 instruction, bits 51..45 ECC, bits 63..52
// zero in a loaded image (an unrelocated image keeps its relocation type in
// bits 63..56). Relocations patch branch targets and immediates here, without
// decoding. Source: NFP instruction set, section "Instruction word, ECC and
// storage"; offload ABI, section "Relocation".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_NFP_WORD_H
#define NFPBPF_ISA_NFP_WORD_H

#include "llvm/Support/Error.h"
#include <cstdint>

namespace nfpbpf::isa {

constexpr unsigned InsnBits = 45;
constexpr uint64_t InsnMask = (uint64_t(1) << InsnBits) - 1;
/// Mask of the seven ECC bits in a word.
constexpr uint64_t ECCMask = uint64_t(0x7f) << InsnBits;
/// The word of nop, without ECC.
constexpr uint64_t NopWord = 0x00f0000c0300;
/// Highest branch target (14 bits).
constexpr unsigned MaxTarget = 0x3fff;

/// The seven check bits of the low 45 bits of \p Insn.
uint8_t computeECC(uint64_t Insn);
/// The low 45 bits of \p Insn with their ECC in bits 51..45; bits above clear.
uint64_t addECC(uint64_t Insn);
/// True if the ECC is right and bits 63..52 are zero.
bool checkECC(uint64_t Word);

/// Branch target of a word with one (branches and ctx_arb with br). Bits
/// outside the field, ECC included, are kept as they are by the setter.
llvm::Expected<uint32_t> getBranchTarget(uint64_t Word);
llvm::Expected<uint64_t> setBranchTarget(uint64_t Word, uint32_t Target);

/// The 16-bit constant of an immed of full width, not inverted, not shifted.
llvm::Expected<uint16_t> getImmediate(uint64_t Word);
llvm::Expected<uint64_t> setImmediate(uint64_t Word, uint16_t Value);

} // namespace nfpbpf::isa

#endif // NFPBPF_ISA_NFP_WORD_H
