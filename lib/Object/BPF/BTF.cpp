//===- BTF.cpp - BPF type format, bounded readers -------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BTF.h"
#include "ObjectError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

#include <limits>

using namespace llvm;
using llvm::support::endian::read16le;
using llvm::support::endian::read32le;

namespace nfpbpf {
namespace object {

namespace {

constexpr uint16_t Magic = 0xeb9f;
/// Bound on chains of typedefs, pointers and nested arrays, as in the kernel.
constexpr unsigned MaxDepth = 32;

} // namespace

/// Bytes that follow the 12-byte head of a type; nothing for unknown kinds.
static std::optional<uint64_t> trailingSize(BTFKind Kind, uint32_t VLen) {
  uint64_t N = VLen;
  switch (Kind) {
  case BTFKind::Int:
  case BTFKind::Var:
  case BTFKind::DeclTag:
    return 4;
  case BTFKind::Array:
    return 12;
  case BTFKind::Struct:
  case BTFKind::Union:
  case BTFKind::DataSec:
  case BTFKind::Enum64:
    return 12 * N;
  case BTFKind::Enum:
  case BTFKind::FuncProto:
    return 8 * N;
  case BTFKind::Ptr:
  case BTFKind::Fwd:
  case BTFKind::Typedef:
  case BTFKind::Volatile:
  case BTFKind::Const:
  case BTFKind::Restrict:
  case BTFKind::Func:
  case BTFKind::Float:
  case BTFKind::TypeTag:
    return 0;
  case BTFKind::Void:
    break;
  }
  return std::nullopt;
}

/// A part of a section given by offset and length after its header.
static Expected<ArrayRef<uint8_t>> part(StringRef Section,
                                        ArrayRef<uint8_t> Data,
                                        uint64_t HeaderLength, uint64_t Offset,
                                        uint64_t Length, const Twine &What) {
  uint64_t Begin = HeaderLength + Offset;
  if (Begin > Data.size() || Length > Data.size() - Begin)
    return sectionError(Section, Begin, What + " goes past the end");
  return Data.slice(Begin, Length);
}

/// Checks magic, version and header length.
static Error checkHeader(StringRef Section, ArrayRef<uint8_t> Data,
                         uint32_t MinLength) {
  if (Data.size() < MinLength)
    return sectionError(Section, 0, "too short for a header");
  if (read16le(Data.data()) != Magic)
    return sectionError(Section, 0, "wrong magic number");
  if (Data[2] != 1)
    return sectionError(Section, 2,
                        "version " + Twine(unsigned(Data[2])) +
                            " is not supported");
  uint32_t Length = read32le(Data.data() + 4);
  if (Length < MinLength || Length > Data.size())
    return sectionError(Section, 4, "bad header length " + Twine(Length));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

uint32_t BTF::word(uint64_t Offset) const {
  if (Offset + 4 > TypeData.size())
    return 0;
  return read32le(TypeData.data() + Offset);
}

Expected<BTF> BTF::parse(ArrayRef<uint8_t> Section) {
  constexpr StringLiteral Name = ".BTF";
  if (Error E = checkHeader(Name, Section, 24))
    return std::move(E);
  const uint8_t *H = Section.data();
  uint32_t HeaderLength = read32le(H + 4);
  Expected<ArrayRef<uint8_t>> TypePart = part(
      Name, Section, HeaderLength, read32le(H + 8), read32le(H + 12), "types");
  if (!TypePart)
    return TypePart.takeError();
  Expected<ArrayRef<uint8_t>> StringPart =
      part(Name, Section, HeaderLength, read32le(H + 16), read32le(H + 20),
           "string table");
  if (!StringPart)
    return StringPart.takeError();
  if (StringPart->empty() || StringPart->front() != 0 ||
      StringPart->back() != 0)
    return sectionError(Name, HeaderLength + uint64_t(read32le(H + 16)),
                        "string table does not begin and end with 0");

  BTF Result;
  Result.TypeData.assign(TypePart->begin(), TypePart->end());
  Result.Strings = std::make_shared<const std::string>(StringPart->begin(),
                                                       StringPart->end());
  Result.Types.emplace_back();
  uint64_t Base = HeaderLength + uint64_t(read32le(H + 8));
  uint64_t Pos = 0;
  uint64_t End = Result.TypeData.size();
  while (Pos < End) {
    if (End - Pos < 12)
      return sectionError(Name, Base + Pos, "type is cut off");
    BTFType T;
    T.Name = Result.word(Pos);
    uint32_t Info = Result.word(Pos + 4);
    T.SizeOrType = Result.word(Pos + 8);
    T.VLen = Info & 0xffff;
    T.KindFlag = Info >> 31;
    T.Kind = static_cast<BTFKind>((Info >> 24) & 0x1f);
    T.Extra = static_cast<uint32_t>(Pos + 12);
    std::optional<uint64_t> Extra = trailingSize(T.Kind, T.VLen);
    if (!Extra)
      return sectionError(Name, Base + Pos,
                          "type " + Twine(Result.Types.size()) +
                              " has the unknown kind " +
                              Twine(unsigned(T.Kind)));
    if (*Extra > End - Pos - 12)
      return sectionError(Name, Base + Pos,
                          "type " + Twine(Result.Types.size()) + " is cut off");
    if (T.Name >= Result.Strings->size())
      return sectionError(Name, Base + Pos,
                          "type " + Twine(Result.Types.size()) +
                              " has a name outside of the string table");
    Result.Types.push_back(T);
    Pos += 12 + *Extra;
  }
  return std::move(Result);
}

StringRef BTF::string(uint32_t Offset, size_t MaxLength) const {
  if (Offset >= Strings->size())
    return StringRef();
  StringRef Rest = StringRef(*Strings).substr(Offset, MaxLength);
  return Rest.take_front(Rest.find('\0'));
}

BTFMember BTF::member(const BTFType &T, uint32_t I) const {
  uint64_t At = T.Extra + 12 * uint64_t(I);
  uint32_t Offset = word(At + 8);
  if (!T.KindFlag)
    return {word(At), word(At + 4), Offset, 0};
  return {word(At), word(At + 4), Offset & 0xffffff, Offset >> 24};
}

BTFVarInfo BTF::varInfo(const BTFType &T, uint32_t I) const {
  uint64_t At = T.Extra + 12 * uint64_t(I);
  return {word(At), word(At + 4), word(At + 8)};
}

BTFArray BTF::array(const BTFType &T) const {
  return {word(T.Extra), word(T.Extra + 8)};
}

uint32_t BTF::paramType(const BTFType &T, uint32_t I) const {
  return word(T.Extra + 8 * uint64_t(I) + 4);
}

uint32_t BTF::varLinkage(const BTFType &T) const { return word(T.Extra); }

uint64_t BTF::enumValue(const BTFType &T, uint32_t I) const {
  if (T.Kind == BTFKind::Enum) {
    uint32_t Value = word(T.Extra + 8 * uint64_t(I) + 4);
    return T.KindFlag ? static_cast<int64_t>(static_cast<int32_t>(Value))
                      : uint64_t(Value);
  }
  uint64_t At = T.Extra + 12 * uint64_t(I);
  return word(At + 4) | uint64_t(word(At + 8)) << 32;
}

StringRef BTF::enumName(const BTFType &T, uint32_t I) const {
  uint64_t Entry = T.Kind == BTFKind::Enum ? 8 : 12;
  return string(word(T.Extra + Entry * I));
}

BTFIntInfo BTF::intInfo(const BTFType &T) const {
  uint32_t Word = word(T.Extra);
  return {(Word >> 24 & 1) != 0, Word >> 16 & 0xff, Word & 0xff};
}

std::optional<uint32_t> BTF::skipModifiers(uint32_t Id) const {
  for (unsigned Depth = 0; Depth <= MaxDepth; ++Depth) {
    const BTFType *T = type(Id);
    if (!T)
      return std::nullopt;
    switch (T->Kind) {
    case BTFKind::Typedef:
    case BTFKind::Volatile:
    case BTFKind::Const:
    case BTFKind::Restrict:
    case BTFKind::TypeTag:
      Id = T->SizeOrType;
      continue;
    default:
      return Id;
    }
  }
  return std::nullopt;
}

std::optional<uint64_t> BTF::sizeOf(uint32_t Id) const {
  uint64_t Count = 1;
  for (unsigned Depth = 0; Depth <= MaxDepth; ++Depth) {
    std::optional<uint32_t> Plain = skipModifiers(Id);
    if (!Plain)
      return std::nullopt;
    const BTFType *T = type(*Plain);
    uint64_t Size = 0;
    switch (T->Kind) {
    case BTFKind::Int:
    case BTFKind::Struct:
    case BTFKind::Union:
    case BTFKind::Enum:
    case BTFKind::Enum64:
    case BTFKind::Float:
    case BTFKind::DataSec:
      Size = T->SizeOrType;
      break;
    case BTFKind::Ptr:
      Size = 8;
      break;
    case BTFKind::Var:
      Id = T->SizeOrType;
      continue;
    case BTFKind::Array: {
      BTFArray A = array(*T);
      if (A.Count != 0 &&
          Count > std::numeric_limits<uint32_t>::max() / A.Count)
        return std::nullopt;
      Count *= A.Count;
      Id = A.Element;
      continue;
    }
    default:
      return std::nullopt;
    }
    if (Size != 0 && Count > std::numeric_limits<uint32_t>::max() / Size)
      return std::nullopt;
    return Count * Size;
  }
  return std::nullopt;
}

std::string BTF::typeName(uint32_t Id) const {
  std::string Suffix;
  for (unsigned Depth = 0; Depth <= MaxDepth; ++Depth) {
    const BTFType *T = type(Id);
    if (!T)
      return "type " + std::to_string(Id);
    StringRef Name = name(*T);
    StringRef Shown = Name.empty() ? StringRef("(anonymous)") : Name;
    switch (T->Kind) {
    case BTFKind::Void:
      return "void" + Suffix;
    case BTFKind::Ptr:
      Suffix = " *" + Suffix;
      Id = T->SizeOrType;
      continue;
    case BTFKind::Array: {
      BTFArray A = array(*T);
      Suffix += "[" + std::to_string(A.Count) + "]";
      Id = A.Element;
      continue;
    }
    case BTFKind::Volatile:
    case BTFKind::Const:
    case BTFKind::Restrict:
    case BTFKind::TypeTag:
      Id = T->SizeOrType;
      continue;
    case BTFKind::Struct:
      return ("struct " + Shown + Suffix).str();
    case BTFKind::Union:
      return ("union " + Shown + Suffix).str();
    case BTFKind::Enum:
    case BTFKind::Enum64:
      return ("enum " + Shown + Suffix).str();
    case BTFKind::Fwd:
      return ((T->KindFlag ? "union " : "struct ") + Shown + Suffix).str();
    default:
      return (Shown + Suffix).str();
    }
  }
  return "type " + std::to_string(Id);
}

//===----------------------------------------------------------------------===//
// Records
//===----------------------------------------------------------------------===//

std::string coreKindName(uint32_t Kind) {
  static constexpr const char *Names[] = {
      "field_byte_offset", "field_byte_size",  "field_exists",
      "field_signed",      "field_lshift_u64", "field_rshift_u64",
      "type_id_local",     "type_id_target",   "type_exists",
      "type_size",         "enumval_exists",   "enumval_value",
      "type_matches"};
  if (Kind < std::size(Names))
    return Names[Kind];
  return "kind " + std::to_string(Kind);
}

namespace {

constexpr StringLiteral ExtName = ".BTF.ext";

} // namespace

/// Walks one of the record tables: a record size, then for each code section
/// a name, a count and the records. `Add` gets each record's bytes.
template <typename AddFn>
static Error readTable(ArrayRef<uint8_t> Section, uint64_t HeaderLength,
                       uint32_t FieldOffset, uint32_t MinRecord, StringRef What,
                       const BTF &Types, StringMap<BTFExtSection> &Sections,
                       AddFn Add) {
  uint64_t Offset = read32le(Section.data() + FieldOffset);
  uint64_t Length = read32le(Section.data() + FieldOffset + 4);
  if (Length == 0)
    return Error::success();
  Expected<ArrayRef<uint8_t>> Table =
      part(ExtName, Section, HeaderLength, Offset, Length, What);
  if (!Table)
    return Table.takeError();
  uint64_t Base = HeaderLength + Offset;
  if (Table->size() < 4)
    return sectionError(ExtName, Base, What + " has no record size");
  uint64_t RecordSize = read32le(Table->data());
  if (RecordSize < MinRecord || RecordSize % 4 != 0)
    return sectionError(ExtName, Base,
                        What + ": bad record size " + Twine(RecordSize));
  uint64_t Pos = 4;
  while (Pos < Table->size()) {
    if (Table->size() - Pos < 8)
      return sectionError(ExtName, Base + Pos, What + ": cut off");
    uint32_t NameOffset = read32le(Table->data() + Pos);
    uint64_t Count = read32le(Table->data() + Pos + 4);
    StringRef Name = Types.string(NameOffset, 1025);
    if (Name.empty())
      return sectionError(ExtName, Base + Pos, What + ": bad section name");
    Pos += 8;
    if (Count == 0)
      return sectionError(ExtName, Base + Pos,
                          What + ": section without records");
    if (Count > (Table->size() - Pos) / RecordSize)
      return sectionError(ExtName, Base + Pos,
                          What + ": " + Twine(Count) +
                              " records do not fit the table");
    BTFExtSection &Out = Sections[Name];
    for (uint64_t I = 0; I < Count; ++I, Pos += RecordSize)
      Add(Out, Table->data() + Pos);
  }
  return Error::success();
}

template <typename T>
static void sortByOffset(std::vector<T> &List) {
  auto Less = [](const T &A, const T &B) { return A.Offset < B.Offset; };
  if (!llvm::is_sorted(List, Less))
    llvm::sort(List, Less);
}

Expected<BTFExt> BTFExt::parse(ArrayRef<uint8_t> Section, const BTF &Types) {
  if (Error E = checkHeader(ExtName, Section, 24))
    return std::move(E);
  uint32_t HeaderLength = read32le(Section.data() + 4);
  BTFExt Result;
  if (Error E =
          readTable(Section, HeaderLength, 8, 8, "function records", Types,
                    Result.Sections, [](BTFExtSection &Out, const uint8_t *R) {
                      Out.Funcs.push_back({read32le(R), read32le(R + 4)});
                    }))
    return std::move(E);
  if (Error E = readTable(
          Section, HeaderLength, 16, 16, "line records", Types, Result.Sections,
          [](BTFExtSection &Out, const uint8_t *R) {
            uint32_t LineColumn = read32le(R + 12);
            Out.Lines.push_back({read32le(R), read32le(R + 4), read32le(R + 8),
                                 LineColumn >> 10, LineColumn & 0x3ff});
          }))
    return std::move(E);
  // The CO-RE table came later: a shorter header has none.
  if (HeaderLength >= 32)
    if (Error E = readTable(
            Section, HeaderLength, 24, 16, "CO-RE records", Types,
            Result.Sections, [](BTFExtSection &Out, const uint8_t *R) {
              Out.Cores.push_back({read32le(R), read32le(R + 4),
                                   read32le(R + 8), read32le(R + 12)});
            }))
      return std::move(E);
  for (auto &Entry : Result.Sections) {
    sortByOffset(Entry.second.Funcs);
    sortByOffset(Entry.second.Lines);
    sortByOffset(Entry.second.Cores);
    std::vector<BTFLineRecord> &Lines = Entry.second.Lines;
    Lines.erase(
        llvm::unique(Lines,
                     [](const BTFLineRecord &A, const BTFLineRecord &B) {
                       return A.Offset == B.Offset;
                     }),
        Lines.end());
  }
  return std::move(Result);
}

} // namespace object
} // namespace nfpbpf
