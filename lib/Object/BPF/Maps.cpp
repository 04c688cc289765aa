//===- Maps.cpp - Maps of an eBPF object ----------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BTFMaps.h"
#include "ObjectError.h"
#include "ObjectImpl.h"
#include "ProgramTypes.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

#include <algorithm>

using namespace llvm;
using llvm::support::endian::read32le;

namespace nfpbpf {
namespace object {

namespace {

/// struct bpf_map_def: type, key size, value size, entries; then flags.
constexpr uint64_t MinLegacySize = 16;
/// struct bpf_elf_map of iproute2: the same, then id, pinning, inner id, inner
/// index.
constexpr uint64_t IProute2Size = 36;
/// More contents of data sections than any loader would take.
constexpr uint64_t MaxGlobalData = 64 << 20;
/// Map flag BPF_F_RDONLY_PROG.
constexpr uint32_t FlagReadOnlyProgram = 1 << 7;
constexpr uint32_t TypeArray = 2, TypeProgArray = 3, TypeArrayOfMaps = 12,
                   TypeHashOfMaps = 13;

struct LegacyExtra {
  uint32_t Id = 0;
  uint32_t InnerId = 0;
  uint32_t InnerIndex = 0;
};

class MapReader {
public:
  explicit MapReader(BPFObject::Impl &Object) : O(Object) {}

  Error read();

private:
  Error readSection(uint32_t Index);
  Error readLegacy(uint32_t Section);
  void linkIProute2();
  Error readBTF(uint32_t Section);
  Error readValues(uint32_t Section);
  Error readGlobalData(uint32_t Section, GlobalDataKind Kind);
  void addData(StringRef Section, GlobalDataKind Kind, uint64_t Size,
               ArrayRef<uint8_t> Contents);
  std::string dataMapName(StringRef Section) const;
  Error readExterns();
  std::vector<const ELFSymbol *> symbolsOf(uint32_t Section) const;
  bool hasType(StringRef Variable, StringRef Struct) const;
  void add(MapInfo Map, uint32_t Section, uint64_t Offset) {
    Map.Section = O.sectionName(Section).str();
    Map.SectionOffset = Offset;
    O.MapAt[{Section, Offset}] = static_cast<uint32_t>(O.Maps.size());
    O.Maps.push_back(std::move(Map));
  }

  BPFObject::Impl &O;
  uint64_t GlobalBytes = 0;
  bool SeenLegacy = false;
  bool SeenBTF = false;
  std::vector<std::pair<uint32_t, LegacyExtra>> Extras; ///< by map index
  struct Slots {
    uint64_t Begin;         ///< of `values` in the section
    uint64_t DefinitionEnd; ///< of the map's definition
  };
  std::map<uint32_t, Slots> ValueSlots; ///< by map index
};

} // namespace

/// Named symbols of a section by offset, one for each place.
std::vector<const ELFSymbol *> MapReader::symbolsOf(uint32_t Section) const {
  std::vector<const ELFSymbol *> List;
  for (const ELFSymbol &S : O.ELF.Symbols)
    if (S.Section == Section && !S.Name.empty() &&
        (S.Type == ELF::STT_OBJECT || S.Type == ELF::STT_NOTYPE))
      List.push_back(&S);
  llvm::sort(List, [](const ELFSymbol *A, const ELFSymbol *B) {
    return std::make_tuple(A->Value, A->Binding == ELF::STB_LOCAL, A->Name) <
           std::make_tuple(B->Value, B->Binding == ELF::STB_LOCAL, B->Name);
  });
  List.erase(llvm::unique(List,
                          [](const ELFSymbol *A, const ELFSymbol *B) {
                            return A->Value == B->Value;
                          }),
             List.end());
  return List;
}

/// True when BTF says that the variable is a struct of that name.
bool MapReader::hasType(StringRef Variable, StringRef Struct) const {
  if (!O.Types)
    return false;
  for (uint32_t Id = 1; Id < O.Types->size(); ++Id) {
    const BTFType *T = O.Types->type(Id);
    if (T->Kind != BTFKind::Var || O.Types->name(*T) != Variable)
      continue;
    std::optional<uint32_t> P = O.Types->skipModifiers(T->SizeOrType);
    return P && O.Types->name(*O.Types->type(*P)) == Struct;
  }
  return false;
}

Error MapReader::readLegacy(uint32_t Section) {
  const ELFSection &S = O.ELF.Sections[Section];
  std::vector<const ELFSymbol *> Symbols = symbolsOf(Section);
  if (Symbols.empty()) {
    if (S.Data.empty())
      return Error::success();
    return sectionError(S.Name, 0, "map definitions without symbols");
  }
  // All definitions of a section have one size, as for every loader.
  uint64_t Size = S.Data.size() / Symbols.size();
  if (S.Data.size() % Symbols.size() != 0 || Size < MinLegacySize ||
      Size % 4 != 0)
    return sectionError(S.Name, 0,
                        Twine(S.Data.size()) + " bytes do not hold " +
                            Twine(Symbols.size()) + " map definitions");
  // Loaders that give every map a section share no more than five fields.
  bool IsOwnSection = S.Name != "maps";
  bool IsIProute2 =
      !IsOwnSection &&
      (Size >= IProute2Size ||
       (Size > 20 && hasType(Symbols.front()->Name, "bpf_elf_map")));
  for (size_t I = 0; I < Symbols.size(); ++I) {
    const ELFSymbol &Symbol = *Symbols[I];
    if (Symbol.Value != I * Size)
      return sectionError(S.Name, Symbol.Value,
                          "map definition '" + Symbol.Name +
                              "' is not at a "
                              "multiple of " +
                              Twine(Size));
    const uint8_t *Data = S.Data.data() + Symbol.Value;
    auto Field = [&](unsigned Word) -> uint32_t {
      return 4 * (Word + 1) <= Size ? read32le(Data + 4 * Word) : 0;
    };
    MapInfo Map;
    Map.Name = Symbol.Name.str();
    Map.Type = Field(0);
    Map.KeySize = Field(1);
    Map.ValueSize = Field(2);
    Map.MaxEntries = Field(3);
    Map.Flags = Field(4);
    LegacyExtra Extra;
    if (IsIProute2) {
      Map.Style = MapStyle::IProute2;
      Extra.Id = Field(5);
      Map.Pinning = Field(6);
      Extra.InnerId = Field(7);
      Extra.InnerIndex = Field(8);
    } else if (IsOwnSection) {
      Map.Style = MapStyle::Legacy;
    } else {
      Map.Style = MapStyle::Legacy;
      // Early kernel samples: index of the inner map, NUMA node.
      Map.NumaNode = Field(6);
      if (uint32_t Inner = Field(5);
          Map.Type == TypeArrayOfMaps || Map.Type == TypeHashOfMaps) {
        if (Inner >= Symbols.size())
          return sectionError(S.Name, Symbol.Value + 20,
                              "map '" + Symbol.Name + "': inner map " +
                                  Twine(Inner) + " does not exist");
        const uint8_t *D = S.Data.data() + Inner * Size;
        Map.Inner = {read32le(D), read32le(D + 4), read32le(D + 8),
                     read32le(D + 12), Size >= 20 ? read32le(D + 16) : 0};
      }
    }
    Extras.emplace_back(static_cast<uint32_t>(O.Maps.size()), Extra);
    add(std::move(Map), Section, Symbol.Value);
  }
  return Error::success();
}

/// iproute2 joins maps and programs by numbers: a map that is an inner map
/// names the id of its outer one and its place in it (or the other way round
/// when only the shape is meant); the section "ID/INDEX" holds the program for
/// that place of the program array.
void MapReader::linkIProute2() {
  DenseMap<uint32_t, uint32_t> ById;
  for (auto [Index, Extra] : Extras)
    if (Extra.Id != 0 && Extra.Id < UINT32_MAX - 1)
      ById.try_emplace(Extra.Id, Index);
  for (auto [Index, Extra] : Extras) {
    MapInfo &Outer = O.Maps[Index];
    if (Outer.Style != MapStyle::IProute2 || Extra.InnerId == 0 ||
        (Outer.Type != TypeArrayOfMaps && Outer.Type != TypeHashOfMaps))
      continue;
    for (auto [InnerIndex, InnerExtra] : Extras) {
      const MapInfo &I = O.Maps[InnerIndex];
      if (InnerIndex == Index || InnerExtra.Id != Extra.InnerId)
        continue;
      Outer.Inner = {I.Type, I.KeySize, I.ValueSize, I.MaxEntries, I.Flags};
      Outer.Values.push_back({InnerExtra.InnerIndex, false, I.Name});
      break;
    }
  }
  if (ById.empty())
    return;
  for (const Program &P : O.Programs) {
    auto Place = parseTailCallSection(P.Section);
    if (!Place || Place->first >= UINT32_MAX - 1)
      continue;
    auto It = ById.find(Place->first);
    if (It == ById.end() || O.Maps[It->second].Type != TypeProgArray)
      continue;
    O.Maps[It->second].Values.push_back({Place->second, true, P.Name});
  }
}

Error MapReader::readBTF(uint32_t Section) {
  const ELFSection &S = O.ELF.Sections[Section];
  if (!O.Types)
    return sectionError(S.Name, 0, "map definitions without section .BTF");
  const BTF &Types = *O.Types;
  // The offsets in BTF are filled in by the linker, if at all: the symbols
  // tell.
  StringMap<uint64_t> Places;
  for (const ELFSymbol *Symbol : symbolsOf(Section))
    Places.try_emplace(Symbol->Name, Symbol->Value);

  struct Found {
    uint64_t Offset;
    BTFMapDefinition Definition;
  };
  std::vector<Found> All;
  for (uint32_t Id = 1; Id < Types.size(); ++Id) {
    const BTFType *T = Types.type(Id);
    if (T->Kind != BTFKind::DataSec || Types.name(*T) != S.Name)
      continue;
    for (uint32_t I = 0; I < T->VLen; ++I) {
      BTFVarInfo Info = Types.varInfo(*T, I);
      const BTFType *Var = Types.type(Info.Type);
      if (!Var || Var->Kind != BTFKind::Var)
        return sectionError(S.Name, Info.Offset,
                            "BTF names no variable for entry " + Twine(I));
      StringRef Name = Types.name(*Var);
      auto It = Places.find(Name);
      uint64_t Offset = It != Places.end() ? It->second : Info.Offset;
      Expected<BTFMapDefinition> D = decodeBTFMap(Types, Info.Type);
      if (!D)
        return sectionError(S.Name, Offset,
                            "map '" + Name + "': " + toString(D.takeError()));
      if (Offset > S.Size || D->Size > S.Size - Offset)
        return sectionError(S.Name, Offset,
                            "map '" + Name + "' of " + Twine(D->Size) +
                                " bytes is outside of the section");
      D->Map.Name = Name.str();
      All.push_back({Offset, std::move(*D)});
    }
  }
  llvm::sort(All, [](const Found &A, const Found &B) {
    return std::make_tuple(A.Offset, StringRef(A.Definition.Map.Name)) <
           std::make_tuple(B.Offset, StringRef(B.Definition.Map.Name));
  });
  for (size_t I = 0; I < All.size(); ++I) {
    // A flexible `values` makes the variable longer than its type.
    uint64_t End = I + 1 < All.size() ? All[I + 1].Offset : S.Size;
    Found &F = All[I];
    if (I != 0 && F.Offset == All[I - 1].Offset)
      return sectionError(S.Name, F.Offset,
                          "maps '" + All[I - 1].Definition.Map.Name +
                              "' and '" + F.Definition.Map.Name +
                              "' are at the same place");
    if (F.Definition.ValuesOffset)
      ValueSlots[static_cast<uint32_t>(O.Maps.size())] = {
          F.Offset + *F.Definition.ValuesOffset, End};
    add(std::move(F.Definition.Map), Section, F.Offset);
  }
  return readValues(Section);
}

Error MapReader::readValues(uint32_t Section) {
  const ELFSection &S = O.ELF.Sections[Section];
  for (const ELFRelocation &R : O.ELF.relocations(Section)) {
    const ELFSymbol &Symbol = O.ELF.Symbols[R.Symbol];
    if (R.Type != ELF::R_BPF_64_ABS64)
      return sectionError(S.Name, R.Offset,
                          relocationName(R.Type) +
                              " does not belong in map definitions");
    auto It = O.MapAt.upper_bound({Section, R.Offset});
    if (It == O.MapAt.begin() || std::prev(It)->first.first != Section)
      return sectionError(S.Name, R.Offset, "initial entry outside of any map");
    uint32_t MapIndex = std::prev(It)->second;
    MapInfo &Map = O.Maps[MapIndex];
    auto Slots = ValueSlots.find(MapIndex);
    if (Slots == ValueSlots.end() || R.Offset < Slots->second.Begin ||
        R.Offset >= Slots->second.DefinitionEnd ||
        (R.Offset - Slots->second.Begin) % 8 != 0)
      return sectionError(S.Name, R.Offset,
                          "map '" + Map.Name +
                              "' has no initial entry at this place");
    MapSlot Slot;
    Slot.Index = static_cast<uint32_t>((R.Offset - Slots->second.Begin) / 8);
    Slot.IsProgram = Map.Type == TypeProgArray;
    if (Slot.IsProgram) {
      auto F = O.functionAt(Symbol.Section, Symbol.Value);
      if (!F)
        return sectionError(S.Name, R.Offset,
                            "initial entry '" + Symbol.Name +
                                "' is no function");
      Slot.Symbol = O.Functions[*F].Name.str();
    } else {
      auto Inner = O.MapAt.find({Symbol.Section, Symbol.Value});
      if (Inner == O.MapAt.end())
        return sectionError(S.Name, R.Offset,
                            "initial entry '" + Symbol.Name + "' is no map");
      Slot.Symbol = O.Maps[Inner->second].Name;
    }
    Map.Values.push_back(std::move(Slot));
  }
  return Error::success();
}

/// The name libbpf gives the map of a data section: the section's name behind
/// as much of the object's name as fits 15 characters, or the section's name
/// alone where that has a part of its own (".rodata.str1.1").
std::string MapReader::dataMapName(StringRef Section) const {
  constexpr size_t MaxLength = 15;
  if (Section.drop_front().contains('.'))
    return Section.str();
  StringRef Object = sys::path::filename(O.FileName).split('.').first;
  size_t Suffix = std::min(std::max<size_t>(7, Section.size()), MaxLength);
  std::string Name = (Object.take_front(MaxLength - Suffix) + Section).str();
  for (char &C : Name)
    if (!isAlnum(C) && C != '_' && C != '.')
      C = '_';
  return Name;
}

/// Alignment of a variable as libbpf lays out configuration values: scalars and
/// arrays of them by their size.
static uint64_t alignmentOf(const BTF &Types, uint32_t Id) {
  std::optional<uint32_t> Plain = Types.skipModifiers(Id);
  while (Plain && Types.type(*Plain)->Kind == BTFKind::Array)
    Plain = Types.skipModifiers(Types.array(*Types.type(*Plain)).Element);
  std::optional<uint64_t> Size = Plain ? Types.sizeOf(*Plain) : std::nullopt;
  return Size && isPowerOf2_64(*Size) ? std::min<uint64_t>(*Size, 8) : 1;
}

/// Finds which undefined symbols the kernel would provide, and makes a map of
/// zeros for its configuration values.
Error MapReader::readExterns() {
  struct Value {
    uint64_t Align, Size;
    StringRef Name;
  };
  std::vector<Value> Values;
  for (uint32_t Id = 1; O.Types && Id < O.Types->size(); ++Id) {
    const BTFType *T = O.Types->type(Id);
    StringRef Section = O.Types->name(*T);
    if (T->Kind != BTFKind::DataSec ||
        (Section != ".kconfig" && Section != ".ksyms"))
      continue;
    for (uint32_t I = 0; I < T->VLen; ++I) {
      const BTFType *V = O.Types->type(O.Types->varInfo(*T, I).Type);
      if (!V ||
          !O.ExternSections.try_emplace(O.Types->name(*V), Section).second)
        continue;
      if (Section != ".kconfig" || V->Kind != BTFKind::Var)
        continue;
      std::optional<uint64_t> Size = O.Types->sizeOf(V->SizeOrType);
      if (!Size || *Size > MaxGlobalData)
        return sectionError(Section, 0,
                            "'" + O.Types->name(*V) +
                                "' has no size, or too big a one");
      Values.push_back(
          {alignmentOf(*O.Types, V->SizeOrType), *Size, O.Types->name(*V)});
    }
  }
  if (Values.empty())
    return Error::success();
  llvm::sort(Values, [](const Value &A, const Value &B) {
    return std::make_tuple(B.Align, A.Size, A.Name) <
           std::make_tuple(A.Align, B.Size, B.Name);
  });
  uint64_t Size = 0;
  for (const Value &V : Values) {
    Size = alignTo(Size, V.Align);
    O.KConfigOffsets[V.Name] = static_cast<uint32_t>(Size);
    Size += V.Size;
    if (Size > MaxGlobalData)
      return sectionError(".kconfig", 0, "too many bytes");
  }
  O.KConfigMap = static_cast<uint32_t>(O.Maps.size());
  addData(".kconfig", GlobalDataKind::ROData, Size, {});
  return Error::success();
}

/// Adds the map of a data section.
void MapReader::addData(StringRef Section, GlobalDataKind Kind, uint64_t Size,
                        ArrayRef<uint8_t> Contents) {
  MapInfo Map;
  Map.Name = dataMapName(Section);
  Map.Type = TypeArray;
  Map.KeySize = 4;
  Map.ValueSize = static_cast<uint32_t>(Size);
  Map.MaxEntries = 1;
  Map.Style = MapStyle::GlobalData;
  Map.Global = Kind;
  if (Kind == GlobalDataKind::ROData)
    Map.Flags = FlagReadOnlyProgram;
  Map.Contents.assign(Contents.begin(), Contents.end());
  Map.Contents.resize(Size);
  Map.Section = Section.str();
  O.Maps.push_back(std::move(Map));
}

Error MapReader::readGlobalData(uint32_t Section, GlobalDataKind Kind) {
  const ELFSection &S = O.ELF.Sections[Section];
  if (S.Size > MaxGlobalData - GlobalBytes)
    return sectionError(S.Name, 0,
                        "more than " + Twine(MaxGlobalData) +
                            " bytes of global data");
  GlobalBytes += S.Size;
  O.DataMapOf[Section] = static_cast<uint32_t>(O.Maps.size());
  addData(S.Name, Kind, S.Size, S.Data);
  return Error::success();
}

static bool isSectionOrPart(StringRef Name, StringRef Section) {
  return Name.consume_front(Section) && (Name.empty() || Name[0] == '.');
}

Error MapReader::readSection(uint32_t Index) {
  const ELFSection &S = O.ELF.Sections[Index];
  bool IsData = S.Type == ELF::SHT_PROGBITS;
  if (IsData && (S.Name == "maps" || S.Name == ".maps")) {
    bool &Seen = S.Name == "maps" ? SeenLegacy : SeenBTF;
    if (Seen)
      return sectionError(S.Name, 0, "a second section of this name");
    Seen = true;
    return S.Name == "maps" ? readLegacy(Index) : readBTF(Index);
  }
  if (IsData && S.Name.starts_with("maps/"))
    return readLegacy(Index);
  if (IsData && isSectionOrPart(S.Name, ".data"))
    return readGlobalData(Index, GlobalDataKind::Data);
  if (IsData && isSectionOrPart(S.Name, ".rodata"))
    return readGlobalData(Index, GlobalDataKind::ROData);
  if (S.Type == ELF::SHT_NOBITS && isSectionOrPart(S.Name, ".bss"))
    return readGlobalData(Index, GlobalDataKind::BSS);
  return Error::success();
}

Error MapReader::read() {
  for (uint32_t I = 1; I < O.ELF.Sections.size(); ++I) {
    const ELFSection &S = O.ELF.Sections[I];
    if (!(S.Flags & ELF::SHF_ALLOC) || S.Size == 0)
      continue;
    if (Error E = readSection(I))
      return E;
  }
  linkIProute2();
  return readExterns();
}

Error readMaps(BPFObject::Impl &Object) { return MapReader(Object).read(); }

} // namespace object
} // namespace nfpbpf
