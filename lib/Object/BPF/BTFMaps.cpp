//===- BTFMaps.cpp - Map definitions by BTF types -------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BTFMaps.h"
#include "ObjectError.h"

using namespace llvm;

namespace nfpbpf {
namespace object {

namespace {

class Decoder {
public:
  explicit Decoder(const BTF &Types) : Types(Types) {}

  Expected<BTFMapDefinition> decode(uint32_t Struct, bool IsInner);

private:
  Error member(BTFMapDefinition &D, const BTFMember &M, StringRef Name,
               bool IsInner, bool IsLast);
  Error values(BTFMapDefinition &D, const BTFMember &M, bool IsInner,
               bool IsLast);
  Expected<uint64_t> number(uint32_t Type, StringRef Name);
  Error sized(uint32_t Type, StringRef Name, uint32_t &Size,
              std::string &TypeName);
  Error setSize(uint32_t &Size, uint64_t New, StringRef Name);

  const BTF &Types;
};

} // namespace

/// The type behind modifiers, or null.
static const BTFType *plain(const BTF &Types, uint32_t Id) {
  std::optional<uint32_t> P = Types.skipModifiers(Id);
  return P ? Types.type(*P) : nullptr;
}

Expected<uint64_t> Decoder::number(uint32_t Type, StringRef Name) {
  const BTFType *T = plain(Types, Type);
  if (T && (T->Kind == BTFKind::Enum || T->Kind == BTFKind::Enum64) &&
      T->VLen == 1)
    return Types.enumValue(*T, 0);
  if (T && T->Kind == BTFKind::Ptr)
    if (const BTFType *A = plain(Types, T->SizeOrType);
        A && A->Kind == BTFKind::Array)
      return Types.array(*A).Count;
  return objectError("member '" + Name + "' has no number for its type");
}

Error Decoder::setSize(uint32_t &Size, uint64_t New, StringRef Name) {
  if (Size != 0 && Size != New)
    return objectError("member '" + Name + "' gives the size " + Twine(New) +
                       ", another one gave " + Twine(Size));
  if (New > UINT32_MAX)
    return objectError("member '" + Name + "' is too big");
  Size = static_cast<uint32_t>(New);
  return Error::success();
}

Error Decoder::sized(uint32_t Type, StringRef Name, uint32_t &Size,
                     std::string &TypeName) {
  const BTFType *T = plain(Types, Type);
  if (!T || T->Kind != BTFKind::Ptr)
    return objectError("member '" + Name + "' is no pointer");
  std::optional<uint64_t> Bytes = Types.sizeOf(T->SizeOrType);
  if (!Bytes)
    return objectError("member '" + Name + "' points to a type without size");
  TypeName = Types.typeName(T->SizeOrType);
  return setSize(Size, *Bytes, Name);
}

Error Decoder::values(BTFMapDefinition &D, const BTFMember &M, bool IsInner,
                      bool IsLast) {
  if (IsInner)
    return objectError("an inner map has itself inner maps");
  if (!IsLast)
    return objectError("member 'values' is not the last one");
  const BTFType *A = plain(Types, M.Type);
  if (!A || A->Kind != BTFKind::Array)
    return objectError("member 'values' is no array");
  const BTFType *P = plain(Types, Types.array(*A).Element);
  if (!P || P->Kind != BTFKind::Ptr)
    return objectError("member 'values' is no array of pointers");
  if (M.BitOffset % 64 != 0)
    return objectError("member 'values' is not aligned");
  D.ValuesOffset = M.BitOffset / 8;
  if (Error E = setSize(D.Map.ValueSize, 4, "values"))
    return E;
  std::optional<uint32_t> Target = Types.skipModifiers(P->SizeOrType);
  const BTFType *T = Target ? Types.type(*Target) : nullptr;
  if (T && T->Kind == BTFKind::FuncProto)
    return Error::success();
  if (!T || T->Kind != BTFKind::Struct)
    return objectError("member 'values' points to neither maps nor functions");
  Expected<BTFMapDefinition> Inner = decode(*Target, /*IsInner=*/true);
  if (!Inner)
    return objectError("inner map: " + toString(Inner.takeError()));
  const MapInfo &I = Inner->Map;
  D.Map.Inner = {I.Type, I.KeySize, I.ValueSize, I.MaxEntries, I.Flags};
  return Error::success();
}

Error Decoder::member(BTFMapDefinition &D, const BTFMember &M, StringRef Name,
                      bool IsInner, bool IsLast) {
  MapInfo &Map = D.Map;
  if (Name == "key")
    return sized(M.Type, Name, Map.KeySize, Map.KeyTypeName);
  if (Name == "value")
    return sized(M.Type, Name, Map.ValueSize, Map.ValueTypeName);
  if (Name == "values")
    return values(D, M, IsInner, IsLast);

  bool IsKeySize = Name == "key_size", IsValueSize = Name == "value_size";
  uint32_t *Field = nullptr;
  if (Name == "type")
    Field = &Map.Type;
  else if (Name == "max_entries")
    Field = &Map.MaxEntries;
  else if (Name == "map_flags")
    Field = &Map.Flags;
  else if (Name == "numa_node")
    Field = &Map.NumaNode;
  else if (Name == "pinning")
    Field = &Map.Pinning;
  else if (!IsKeySize && !IsValueSize && Name != "map_extra")
    return objectError("unknown member '" + Name + "'");

  Expected<uint64_t> Value = number(M.Type, Name);
  if (!Value)
    return Value.takeError();
  if (IsKeySize)
    return setSize(Map.KeySize, *Value, Name);
  if (IsValueSize)
    return setSize(Map.ValueSize, *Value, Name);
  if (!Field) {
    Map.MapExtra = *Value;
    return Error::success();
  }
  if (*Value > UINT32_MAX)
    return objectError("member '" + Name + "' is too big");
  *Field = static_cast<uint32_t>(*Value);
  return Error::success();
}

Expected<BTFMapDefinition> Decoder::decode(uint32_t Struct, bool IsInner) {
  const BTFType *T = plain(Types, Struct);
  if (!T || T->Kind != BTFKind::Struct)
    return objectError("the definition is no struct");
  BTFMapDefinition D;
  D.Map.Style = MapStyle::BTF;
  D.Size = T->SizeOrType;
  for (uint32_t I = 0; I < T->VLen; ++I) {
    BTFMember M = Types.member(*T, I);
    StringRef Name = Types.string(M.Name);
    if (Error E = member(D, M, Name, IsInner, I + 1 == T->VLen))
      return std::move(E);
  }
  if (D.Map.Type == 0)
    return objectError("the definition has no map type");
  return D;
}

Expected<BTFMapDefinition> decodeBTFMap(const BTF &Types, uint32_t Var) {
  const BTFType *V = Types.type(Var);
  if (!V || V->Kind != BTFKind::Var)
    return objectError("type " + Twine(Var) + " is no variable");
  return Decoder(Types).decode(V->SizeOrType, /*IsInner=*/false);
}

} // namespace object
} // namespace nfpbpf
