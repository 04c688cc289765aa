//===- ELFContents.cpp - Sections and symbols of an object ----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ELFContents.h"
#include "ObjectError.h"

#include "llvm/Object/ELF.h"

#include <algorithm>
#include <cstring>

using namespace llvm;
using llvm::object::ELF64LE;
using llvm::object::ELFFile;

namespace nfpbpf {
namespace object {

namespace {

/// Longest name taken from a string table. The kernel's own limit for symbol
/// names is 512; a bound keeps the cost of hostile tables linear.
constexpr size_t MaxName = 1024;

class Reader {
public:
  Reader(ELFFile<ELF64LE> File, StringRef Data)
      : File(std::move(File)), Data(Data) {}

  Error read();
  ELFContents Out;

private:
  Error readSections();
  Error readSymbols(uint32_t Index);
  Error readRelocations(uint32_t Index);
  Expected<StringRef> stringTable(uint64_t Index, const Twine &Use);
  Expected<StringRef> nameAt(StringRef Table, uint64_t Offset,
                             const Twine &Use);

  ELFFile<ELF64LE> File;
  StringRef Data;
  ELFFile<ELF64LE>::Elf_Shdr_Range Headers;
  uint64_t RelocationBytes = 0;
};

} // namespace

Expected<StringRef> Reader::nameAt(StringRef Table, uint64_t Offset,
                                   const Twine &Use) {
  if (Offset >= Table.size()) {
    if (Offset == 0)
      return StringRef();
    return objectError(Use + ": name at offset " + Twine(Offset) +
                       " is outside of its string table");
  }
  StringRef Rest = Table.substr(Offset, MaxName + 1);
  size_t Length = Rest.find('\0');
  if (Length == StringRef::npos)
    return objectError(Use + ": name has no end or more than " +
                       Twine(MaxName) + " characters");
  return Rest.take_front(Length);
}

Expected<StringRef> Reader::stringTable(uint64_t Index, const Twine &Use) {
  if (Index == 0 || Index >= Headers.size())
    return objectError(Use + ": string table section " + Twine(Index) +
                       " does not exist");
  if (Headers[Index].sh_type != ELF::SHT_STRTAB)
    return objectError(Use + ": section " + Twine(Index) +
                       " is not a string table");
  Expected<ArrayRef<uint8_t>> Bytes = File.getSectionContents(Headers[Index]);
  if (!Bytes)
    return Bytes.takeError();
  return StringRef(reinterpret_cast<const char *>(Bytes->data()),
                   Bytes->size());
}

Error Reader::readSections() {
  auto Range = File.sections();
  if (!Range)
    return Range.takeError();
  Headers = *Range;
  if (Headers.empty())
    return objectError("the file has no sections");

  uint64_t NameIndex = File.getHeader().e_shstrndx;
  if (NameIndex == ELF::SHN_XINDEX)
    NameIndex = Headers[0].sh_link;
  Expected<StringRef> Names = stringTable(NameIndex, "section names");
  if (!Names)
    return Names.takeError();

  Out.Sections.reserve(Headers.size());
  for (size_t I = 0; I < Headers.size(); ++I) {
    const auto &H = Headers[I];
    ELFSection S;
    S.Type = H.sh_type;
    S.Flags = H.sh_flags;
    S.Size = H.sh_size;
    if (I != 0 && S.Type != ELF::SHT_NULL) {
      Expected<StringRef> Name =
          nameAt(*Names, H.sh_name, "section " + Twine(I));
      if (!Name)
        return Name.takeError();
      S.Name = *Name;
      if (S.Type != ELF::SHT_NOBITS) {
        Expected<ArrayRef<uint8_t>> Bytes = File.getSectionContents(H);
        if (!Bytes)
          return objectError("section '" + S.Name +
                             "': " + toString(Bytes.takeError()));
        S.Data = *Bytes;
      }
    }
    Out.Sections.push_back(S);
  }
  return Error::success();
}

Error Reader::readSymbols(uint32_t Index) {
  const auto &H = Headers[Index];
  auto Range = File.symbols(&H);
  if (!Range)
    return Range.takeError();
  Expected<StringRef> Names = stringTable(H.sh_link, "symbol table");
  if (!Names)
    return Names.takeError();

  ArrayRef<support::ulittle32_t> Extended;
  for (size_t I = 1; I < Headers.size(); ++I) {
    if (Headers[I].sh_type != ELF::SHT_SYMTAB_SHNDX ||
        Headers[I].sh_link != Index)
      continue;
    ArrayRef<uint8_t> Bytes = Out.Sections[I].Data;
    Extended = ArrayRef<support::ulittle32_t>(
        reinterpret_cast<const support::ulittle32_t *>(Bytes.data()),
        Bytes.size() / 4);
  }

  Out.Symbols.reserve(Range->size());
  for (size_t I = 0; I < Range->size(); ++I) {
    const auto &Sym = (*Range)[I];
    ELFSymbol S;
    S.Value = Sym.st_value;
    S.Size = Sym.st_size;
    S.Type = Sym.getType();
    S.Binding = Sym.getBinding();
    uint32_t Section = Sym.st_shndx;
    if (Section == ELF::SHN_XINDEX) {
      if (I >= Extended.size())
        return objectError("symbol " + Twine(I) +
                           ": no extended section index");
      Section = Extended[I];
    } else if (Section >= ELF::SHN_LORESERVE) {
      Section = 0;
    } else if (Section == ELF::SHN_UNDEF) {
      S.IsUndefined = true;
    }
    if (Section >= Out.Sections.size())
      return objectError("symbol " + Twine(I) + ": section " + Twine(Section) +
                         " does not exist");
    S.Section = Section;
    Expected<StringRef> Name =
        nameAt(*Names, Sym.st_name, "symbol " + Twine(I));
    if (!Name)
      return Name.takeError();
    S.Name = *Name;
    if (S.Type == ELF::STT_SECTION && Section != 0)
      S.Name = Out.Sections[Section].Name;
    Out.Symbols.push_back(S);
  }
  return Error::success();
}

static bool isKnownRelocation(uint32_t Type) {
  switch (Type) {
  case ELF::R_BPF_NONE:
  case ELF::R_BPF_64_64:
  case ELF::R_BPF_64_ABS64:
  case ELF::R_BPF_64_ABS32:
  case ELF::R_BPF_64_NODYLD32:
  case ELF::R_BPF_64_32:
    return true;
  default:
    return false;
  }
}

Error Reader::readRelocations(uint32_t Index) {
  const auto &H = Headers[Index];
  StringRef OwnName = Out.Sections[Index].Name;
  uint32_t Target = H.sh_info;
  if (Target == 0 || Target >= Out.Sections.size())
    return objectError("section '" + OwnName + "': relocates section " +
                       Twine(Target) + ", which does not exist");
  const ELFSection &Section = Out.Sections[Target];
  if (H.sh_type == ELF::SHT_RELA)
    return objectError("section '" + OwnName +
                       "': relocations with addends are not used by eBPF");
  // Distinct sections never overlap, so that their sizes fit the file.
  RelocationBytes += Out.Sections[Index].Size;
  if (RelocationBytes > Data.size())
    return objectError("section '" + OwnName +
                       "': relocation sections overlap");
  auto Range = File.rels(H);
  if (!Range)
    return objectError("section '" + OwnName +
                       "': " + toString(Range.takeError()));

  bool Loaded = Section.Flags & ELF::SHF_ALLOC;
  std::vector<ELFRelocation> List;
  for (const auto &R : *Range) {
    ELFRelocation Rel;
    Rel.Offset = R.r_offset;
    Rel.Type = R.getType(false);
    Rel.Symbol = R.getSymbol(false);
    if (!isKnownRelocation(Rel.Type))
      return sectionError(Section.Name, Rel.Offset,
                          "unknown " + relocationName(Rel.Type));
    if (!Loaded || Rel.Type == ELF::R_BPF_NONE)
      continue;
    if (Rel.Symbol >= Out.Symbols.size())
      return sectionError(Section.Name, Rel.Offset,
                          relocationName(Rel.Type) + " against symbol " +
                              Twine(Rel.Symbol) + ", which does not exist");
    if (Rel.Offset >= Section.Size)
      return sectionError(Section.Name, Rel.Offset,
                          relocationName(Rel.Type) + " outside of the section");
    List.push_back(Rel);
  }
  if (List.empty())
    return Error::success();
  std::vector<ELFRelocation> &All = Out.Relocations[Target];
  All.insert(All.end(), List.begin(), List.end());
  return Error::success();
}

Error Reader::read() {
  const auto &Header = File.getHeader();
  if (Header.e_machine != ELF::EM_BPF)
    return objectError("the ELF file is for machine " +
                       Twine(Header.e_machine) + ", not for eBPF (" +
                       Twine(unsigned(ELF::EM_BPF)) + ")");
  if (Header.e_type != ELF::ET_REL)
    return objectError("the ELF file is not a relocatable object (type " +
                       Twine(Header.e_type) + ")");
  if (Error E = readSections())
    return E;

  bool HaveSymbols = false;
  for (size_t I = 1; I < Headers.size(); ++I) {
    if (Headers[I].sh_type != ELF::SHT_SYMTAB)
      continue;
    if (HaveSymbols)
      return objectError("the ELF file has more than one symbol table");
    HaveSymbols = true;
    if (Error E = readSymbols(I))
      return E;
  }
  for (size_t I = 1; I < Headers.size(); ++I)
    if (Headers[I].sh_type == ELF::SHT_REL ||
        Headers[I].sh_type == ELF::SHT_RELA)
      if (Error E = readRelocations(I))
        return E;

  for (auto &[Target, List] : Out.Relocations) {
    llvm::sort(List, [](const ELFRelocation &A, const ELFRelocation &B) {
      return A.Offset < B.Offset;
    });
    for (size_t I = 1; I < List.size(); ++I)
      if (List[I].Offset == List[I - 1].Offset)
        return sectionError(Out.Sections[Target].Name, List[I].Offset,
                            "more than one relocation of one place");
  }
  return Error::success();
}

std::string relocationName(uint32_t Type) {
  switch (Type) {
  case ELF::R_BPF_NONE:
    return "R_BPF_NONE";
  case ELF::R_BPF_64_64:
    return "R_BPF_64_64";
  case ELF::R_BPF_64_ABS64:
    return "R_BPF_64_ABS64";
  case ELF::R_BPF_64_ABS32:
    return "R_BPF_64_ABS32";
  case ELF::R_BPF_64_NODYLD32:
    return "R_BPF_64_NODYLD32";
  case ELF::R_BPF_64_32:
    return "R_BPF_64_32";
  default:
    return ("relocation type " + Twine(Type)).str();
  }
}

Expected<ELFContents> readELF(StringRef Data) {
  if (Data.size() < ELF::EI_NIDENT || !Data.starts_with("\x7f"
                                                        "ELF"))
    return objectError("not an ELF file");
  if (Data[ELF::EI_CLASS] != ELF::ELFCLASS64)
    return objectError("not a 64-bit ELF file");
  if (Data[ELF::EI_DATA] != ELF::ELFDATA2LSB)
    return objectError(
        "not a little-endian ELF file; the card runs little-endian eBPF ("
        "clang -target bpfel)");
  Expected<ELFFile<ELF64LE>> File = ELFFile<ELF64LE>::create(Data);
  if (!File)
    return File.takeError();
  Reader R(std::move(*File), Data);
  if (Error E = R.read())
    return std::move(E);
  return std::move(R.Out);
}

} // namespace object
} // namespace nfpbpf
