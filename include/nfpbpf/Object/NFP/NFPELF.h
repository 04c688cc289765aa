//===- NFPELF.h - Images as ELF files ---------------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file form of an image: ELF64, little-endian, relocatable, machine 250,
// e_flags 0x6000 << 8 (NFP-6000), so that GNU objdump for NFP disassembles it.
//
//   .text.NAME       one for each program: its words, unrelocated, without ECC
//   .rela.text.NAME  relocations; type R_NFP_NOTYPE (0), addend = RelocKind:
//                    binutils has no types for what the driver relocates, and
//                    refuses to list a file with types of other numbers
//   .nfpbpf          JSON: facts, maps, functions, line table of every program
//   .nfp_init_csr    registers of the microengine as GNU binutils knows them:
//                    four contexts, which decides how registers are named
//   .symtab          programs and their functions; undefined: bpf_done,
//                    bpf_helper_ID and, where the firmware tells programs the
//                    addresses of arrays, bpf_array_ID
//
// Reading is safe on damaged and hostile files: every size and index is
// checked, and every error says what is wrong and where.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_OBJECT_NFP_NFPELF_H
#define NFPBPF_OBJECT_NFP_NFPELF_H

#include "nfpbpf/Object/NFP/NFPImage.h"

#include "llvm/Support/MemoryBufferRef.h"

namespace nfpbpf {
namespace object {

/// Writes an image. Errors: two programs of one name, a broken program.
llvm::Error writeELF(const NFPImage &Image, llvm::raw_ostream &OS);

/// Reads an image that writeELF() wrote.
llvm::Expected<NFPImage> readELF(llvm::MemoryBufferRef Buffer);

/// Whether a buffer starts like an ELF file for the NFP.
bool isNFPELF(llvm::MemoryBufferRef Buffer);

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_OBJECT_NFP_NFPELF_H
