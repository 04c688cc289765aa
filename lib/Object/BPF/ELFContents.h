//===- ELFContents.h - Sections and symbols of an object --------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ELF layer of the object reader: sections, symbols and relocations as
// plain checked values. Everything refers into the buffer it was read from.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_OBJECT_BPF_ELFCONTENTS_H
#define NFPBPF_LIB_OBJECT_BPF_ELFCONTENTS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/Error.h"

#include <map>
#include <vector>

namespace nfpbpf {
namespace object {

struct ELFSection {
  llvm::StringRef Name;
  uint32_t Type = 0;
  uint64_t Flags = 0;
  uint64_t Size = 0;
  llvm::ArrayRef<uint8_t> Data; ///< empty for SHT_NOBITS

  bool isCode() const {
    return Type == llvm::ELF::SHT_PROGBITS && (Flags & llvm::ELF::SHF_ALLOC) &&
           (Flags & llvm::ELF::SHF_EXECINSTR) && Size != 0;
  }
};

struct ELFSymbol {
  llvm::StringRef Name; ///< of the section for a section symbol
  uint64_t Value = 0;
  uint64_t Size = 0;
  uint32_t Section = 0; ///< section index; 0 when undefined or special
  uint8_t Type = 0;
  uint8_t Binding = 0;
  bool IsUndefined = false;
};

struct ELFRelocation {
  uint64_t Offset = 0;
  uint32_t Type = 0;
  uint32_t Symbol = 0; ///< checked index into ELFContents::Symbols
};

struct ELFContents {
  std::vector<ELFSection> Sections; ///< by ELF section index
  std::vector<ELFSymbol> Symbols;   ///< by ELF symbol index
  /// Relocations of sections that are loaded, by section index, ascending
  /// offset. Those of debug sections and of .BTF are left out.
  std::map<uint32_t, std::vector<ELFRelocation>> Relocations;

  llvm::ArrayRef<ELFRelocation> relocations(uint32_t Section) const {
    auto It = Relocations.find(Section);
    if (It == Relocations.end())
      return {};
    return It->second;
  }
};

/// "R_BPF_64_64" and so on; "relocation type N" for unknown numbers.
std::string relocationName(uint32_t Type);

/// Reads the tables of an object. The result refers into `Data`.
llvm::Expected<ELFContents> readELF(llvm::StringRef Data);

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_LIB_OBJECT_BPF_ELFCONTENTS_H
