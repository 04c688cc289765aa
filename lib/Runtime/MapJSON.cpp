//===- MapJSON.cpp - Map contents as JSON -------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Runtime/MapStore.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>

using namespace nfpbpf::rt;

llvm::json::Value MapStore::toJSON(bool AllElements) const {
  llvm::json::Object Maps;
  for (uint32_t Map = 0; Map != size(); ++Map) {
    llvm::json::Array List;
    bool SkipZero = spec(Map).Type == Array && !AllElements;
    for (const Entry &E : hostEntries(Map)) {
      if (SkipZero &&
          llvm::all_of(E.second, [](uint8_t Byte) { return Byte == 0; }))
        continue;
      List.push_back(llvm::json::Object{
          {"key", llvm::toHex(E.first, /*LowerCase=*/true)},
          {"value", llvm::toHex(E.second, /*LowerCase=*/true)}});
    }
    Maps[spec(Map).Name] = std::move(List);
  }
  return Maps;
}

/// The bytes of a key or value, \p Size of them.
static llvm::Expected<std::vector<uint8_t>> bytesOf(const llvm::json::Value &V,
                                                    uint32_t Size) {
  std::vector<uint8_t> Bytes;
  if (std::optional<llvm::StringRef> Text = V.getAsString()) {
    std::string Digits;
    llvm::StringRef Rest = Text->trim();
    Rest.consume_front("0x");
    for (char C : Rest)
      if (C != ' ')
        Digits += C;
    std::string Packed;
    if (Digits.size() % 2 != 0 || !llvm::tryGetFromHex(Digits, Packed))
      return llvm::createStringError("'" + *Text +
                                     "' is no sequence of hex bytes");
    if (Packed.size() != Size)
      return llvm::createStringError(llvm::formatv(
          "'{0}' has {1} bytes instead of {2}", *Text, Packed.size(), Size));
    Bytes.assign(Packed.begin(), Packed.end());
    return Bytes;
  }
  uint64_t Number;
  uint8_t Fill = 0;
  if (std::optional<uint64_t> Unsigned = V.getAsUINT64()) {
    Number = *Unsigned;
  } else if (std::optional<int64_t> Signed = V.getAsInteger()) {
    Number = static_cast<uint64_t>(*Signed);
    Fill = 0xff;
  } else {
    return llvm::createStringError("neither hex text nor a whole number");
  }
  for (uint32_t At = 0; At != Size; ++At)
    Bytes.push_back(At < 8 ? static_cast<uint8_t>(Number >> (At * 8)) : Fill);
  bool Fits = Size >= 8;
  if (!Fits && Fill == 0)
    Fits = Number >> (Size * 8) == 0;
  else if (!Fits)
    Fits = static_cast<int64_t>(Number) >= -(int64_t(1) << (Size * 8 - 1));
  if (!Fits)
    return llvm::createStringError(
        llvm::formatv("number does not fit {0} bytes", Size));
  return Bytes;
}

static llvm::Error store(MapStore &Store, uint32_t Map,
                         const llvm::json::Value &Key,
                         const std::vector<uint8_t> &ValueBytes) {
  const MapSpec &Spec = Store.spec(Map);
  llvm::Expected<std::vector<uint8_t>> KeyBytes = bytesOf(Key, Spec.KeySize);
  if (!KeyBytes)
    return llvm::createStringError("key: " +
                                   llvm::toString(KeyBytes.takeError()));
  switch (Store.hostUpdate(Map, *KeyBytes, ValueBytes)) {
  case 0:
    return llvm::Error::success();
  case -TooBig:
    return llvm::createStringError(
        llvm::formatv("{0}: the map has {1} entries",
                      Spec.Type == Array ? "index out of range" : "map full",
                      Spec.MaxEntries));
  default:
    return llvm::createStringError("a map of this type has no entries");
  }
}

static llvm::Error loadEntry(MapStore &Store, uint32_t Map,
                             const llvm::json::Value &V) {
  const llvm::json::Object *Entry = V.getAsObject();
  const llvm::json::Value *Key = Entry ? Entry->get("key") : nullptr;
  const llvm::json::Value *Value = Entry ? Entry->get("value") : nullptr;
  const bool IsRange =
      Entry && !Key && Entry->get("first") && Entry->get("last");
  if ((!Key && !IsRange) || !Value)
    return llvm::createStringError(
        "not an object with value and either key or first and last");
  llvm::Expected<std::vector<uint8_t>> ValueBytes =
      bytesOf(*Value, Store.spec(Map).ValueSize);
  if (!ValueBytes)
    return llvm::createStringError("value: " +
                                   llvm::toString(ValueBytes.takeError()));
  if (Key)
    return store(Store, Map, *Key, *ValueBytes);
  std::optional<uint64_t> First = Entry->get("first")->getAsUINT64();
  std::optional<uint64_t> Last = Entry->get("last")->getAsUINT64();
  if (!First || !Last || *First > *Last)
    return llvm::createStringError(
        "first and last must be whole numbers in this order");
  // A range of keys that is too long ends at the key that does not fit.
  for (uint64_t Number = *First;; ++Number) {
    if (llvm::Error E = store(Store, Map, Number, *ValueBytes))
      return E;
    if (Number == *Last)
      return llvm::Error::success();
  }
}

llvm::Error MapStore::loadJSON(const llvm::json::Value &V) {
  const llvm::json::Object *Maps = V.getAsObject();
  if (!Maps)
    return llvm::createStringError(
        "map contents must be an object with a list of entries for each map");
  // Objects have no order of their own: go by name.
  std::vector<llvm::StringRef> Names;
  for (const auto &Pair : *Maps)
    Names.push_back(Pair.first);
  llvm::sort(Names);
  for (llvm::StringRef Name : Names) {
    std::optional<uint32_t> Map = find(Name);
    if (!Map)
      return llvm::createStringError("map " + Name +
                                     ": the program has no such map");
    const llvm::json::Array *List = Maps->get(Name)->getAsArray();
    if (!List)
      return llvm::createStringError("map " + Name + ": not a list of entries");
    for (size_t Number = 0; Number != List->size(); ++Number)
      if (llvm::Error E = loadEntry(*this, *Map, (*List)[Number]))
        return llvm::createStringError(
            llvm::formatv("map {0}, entry {1}: {2}", Name, Number,
                          llvm::toString(std::move(E))));
  }
  return llvm::Error::success();
}

llvm::Error MapStore::loadJSONText(llvm::StringRef Text,
                                   llvm::StringRef Origin) {
  llvm::Expected<llvm::json::Value> V = llvm::json::parse(Text);
  if (!V)
    return llvm::createStringError(Origin + ": " +
                                   llvm::toString(V.takeError()));
  if (llvm::Error E = loadJSON(*V))
    return llvm::createStringError(Origin + ": " +
                                   llvm::toString(std::move(E)));
  return llvm::Error::success();
}
