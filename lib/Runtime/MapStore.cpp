//===- MapStore.cpp - The maps of a run ---------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Runtime/MapStore.h"
#include "MapMemory.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace nfpbpf::rt;

static llvm::Error mapError(const MapSpec &Spec, const llvm::Twine &What) {
  return llvm::createStringError((Spec.Name.empty()
                                      ? llvm::Twine("map without a name")
                                      : llvm::Twine("map ") + Spec.Name) +
                                 ": " + What);
}

llvm::Error nfpbpf::rt::checkMapLimits(llvm::ArrayRef<MapSpec> Maps,
                                       const MapLimits &Limits) {
  uint64_t Elems = 0, Count = 0;
  for (const MapSpec &Spec : Maps) {
    if (Spec.Type == PerfEventArray)
      continue;
    if (Spec.Type >= 32 || !((Limits.Types >> Spec.Type) & 1))
      return mapError(
          Spec, llvm::formatv("map type {0} is not supported", Spec.Type));
    // BPF_F_RDONLY_PROG and BPF_F_MMAPABLE describe global data to the host.
    constexpr uint32_t HostFlags = 1u << 7 | 1u << 10;
    if (Spec.Flags & ~HostFlags)
      return mapError(
          Spec, llvm::formatv("map flags {0:x} are not supported", Spec.Flags));
    if (++Count > Limits.MaxMaps)
      return mapError(Spec, llvm::formatv("too many maps: the card takes {0}",
                                          Limits.MaxMaps));
    Elems += Spec.MaxEntries;
    if (Elems > Limits.MaxElems)
      return mapError(
          Spec,
          llvm::formatv("too many elements: {0}, left: {1}", Spec.MaxEntries,
                        Limits.MaxElems - (Elems - Spec.MaxEntries)));
    uint64_t Elem = llvm::alignTo<8>(uint64_t(Spec.KeySize)) +
                    llvm::alignTo<8>(uint64_t(Spec.ValueSize));
    if (Elem > Limits.MaxElemSize)
      return mapError(Spec, llvm::formatv("element of {0} bytes (key and value "
                                          "rounded up to 8) is too large: the "
                                          "card takes {1}",
                                          Elem, Limits.MaxElemSize));
    if (Spec.KeySize > Limits.MaxKeySize)
      return mapError(Spec, llvm::formatv("key of {0} bytes is too large: the "
                                          "card takes {1}",
                                          Spec.KeySize, Limits.MaxKeySize));
    if (Spec.ValueSize > Limits.MaxValueSize)
      return mapError(Spec, llvm::formatv("value of {0} bytes is too large: "
                                          "the card takes {1}",
                                          Spec.ValueSize, Limits.MaxValueSize));
  }
  return llvm::Error::success();
}

struct MapStore::Impl {
  std::vector<std::unique_ptr<MapMemory>> Maps;
  uint32_t MissLimit = 0;
  std::vector<Miss> Misses;
  std::vector<llvm::StringSet<>> MissSeen;

  MapMemory *get(uint32_t Map) {
    return Map < Maps.size() ? Maps[Map].get() : nullptr;
  }

  void recordMiss(uint32_t Map, llvm::ArrayRef<uint8_t> Key) {
    if (Misses.size() >= MissLimit || !Maps[Map]->isHash())
      return;
    MissSeen.resize(Maps.size());
    if (MissSeen[Map].insert(llvm::toStringRef(Key)).second)
      Misses.push_back({Map, std::vector<uint8_t>(Key.begin(), Key.end())});
  }
};

class MapStore::Snapshot {
public:
  std::vector<MapMemory::Contents> Maps;
};

MapStore::MapStore() : I(std::make_unique<Impl>()) {}
MapStore::MapStore(MapStore &&) = default;
MapStore &MapStore::operator=(MapStore &&) = default;
MapStore::~MapStore() = default;

llvm::Expected<uint32_t> MapStore::addMap(MapSpec Spec) {
  if (I->Maps.size() == MaxMaps)
    return mapError(Spec,
                    llvm::formatv("more than {0} maps", unsigned(MaxMaps)));
  switch (Spec.Type) {
  case Hash:
  case Array: {
    if (Spec.KeySize == 0 || Spec.ValueSize == 0 || Spec.MaxEntries == 0)
      return mapError(Spec, llvm::formatv("key size {0}, value size {1} and "
                                          "entries {2} must not be zero",
                                          Spec.KeySize, Spec.ValueSize,
                                          Spec.MaxEntries));
    if (Spec.Type == Array && Spec.KeySize != 4)
      return mapError(Spec, llvm::formatv("array with a key of {0} bytes "
                                          "instead of 4",
                                          Spec.KeySize));
    llvm::APInt Bytes(128, llvm::alignTo<8>(uint64_t(Spec.KeySize)) +
                               llvm::alignTo<8>(uint64_t(Spec.ValueSize)));
    Bytes *= Spec.MaxEntries;
    if (Bytes.getActiveBits() > 32)
      return mapError(Spec, llvm::formatv("{0} entries of {1} and {2} bytes "
                                          "are more than 4 GiB",
                                          Spec.MaxEntries, Spec.KeySize,
                                          Spec.ValueSize));
    break;
  }
  default: // without entries
    break;
  }
  if (!Spec.Contents.empty() && (Spec.Type != Array || Spec.MaxEntries != 1 ||
                                 Spec.Contents.size() > Spec.ValueSize))
    return mapError(Spec, "first contents are only for the one value of an "
                          "array, and must fit it");
  llvm::Expected<std::unique_ptr<MapMemory>> M =
      MapMemory::create(std::move(Spec));
  if (!M)
    return M.takeError();
  I->Maps.push_back(std::move(*M));
  return static_cast<uint32_t>(I->Maps.size() - 1);
}

uint32_t MapStore::size() const {
  return static_cast<uint32_t>(I->Maps.size());
}

const MapSpec &MapStore::spec(uint32_t Map) const { return I->Maps[Map]->Spec; }

std::optional<uint32_t> MapStore::find(llvm::StringRef Name) const {
  for (uint32_t Map = 0; Map != size(); ++Map)
    if (spec(Map).Name == Name)
      return Map;
  return std::nullopt;
}

uint64_t MapStore::lookup(uint32_t Map, llvm::ArrayRef<uint8_t> Key) {
  MapMemory *M = I->get(Map);
  if (!M || !(M->isArray() || M->isHash()))
    return 0;
  std::optional<uint32_t> Entry = M->find(Key);
  if (!Entry) {
    if (I->MissLimit != 0)
      I->recordMiss(Map, Key);
    return 0;
  }
  return MapStore::firstAddress(Map) + uint64_t(*Entry) * M->stride() +
         M->keyBytes();
}

int32_t MapStore::update(uint32_t Map, llvm::ArrayRef<uint8_t> Key,
                         llvm::ArrayRef<uint8_t> Value, uint64_t Flags) {
  MapMemory *M = I->get(Map);
  return M ? M->update(Key, Value, Flags) : -Invalid;
}

int32_t MapStore::remove(uint32_t Map, llvm::ArrayRef<uint8_t> Key) {
  MapMemory *M = I->get(Map);
  return M ? M->remove(Key) : -Invalid;
}

/// Map index of a card address, or MaxMaps and above.
static uint64_t mapOf(uint64_t Address) {
  return (Address >> 32) - MapStore::FirstWindow;
}

uint8_t *MapStore::memory(uint64_t Address, uint32_t Bytes) {
  uint64_t Map = mapOf(Address);
  if (Map >= I->Maps.size())
    return nullptr;
  MapMemory &M = *I->Maps[Map];
  uint64_t Offset = Address & 0xffffffff;
  if (M.bytes() == 0 || Offset + Bytes > M.bytes() + MapMemory::Slack)
    return nullptr;
  return M.data() + Offset;
}

std::optional<ValueRef> MapStore::value(uint64_t Address,
                                        uint32_t Bytes) const {
  uint64_t Map = mapOf(Address);
  if (Map >= I->Maps.size())
    return std::nullopt;
  const MapMemory &M = *I->Maps[Map];
  if (M.bytes() == 0)
    return std::nullopt;
  uint64_t Offset = Address & 0xffffffff;
  uint64_t Entry = Offset / M.stride(), In = Offset % M.stride();
  if (Entry >= M.highWater() || In < M.keyBytes() ||
      In - M.keyBytes() + Bytes > M.Spec.ValueSize)
    return std::nullopt;
  return ValueRef{static_cast<uint32_t>(Map), static_cast<uint32_t>(Entry),
                  static_cast<uint32_t>(In - M.keyBytes())};
}

uint64_t MapStore::globalAddress(uint32_t Map) const {
  return MapStore::firstAddress(Map) + I->Maps[Map]->keyBytes();
}

void MapStore::setWordUses(uint32_t Map, llvm::ArrayRef<WordUse> Uses) {
  I->Maps[Map]->setUses(Uses);
}

llvm::ArrayRef<WordUse> MapStore::wordUses(uint32_t Map) const {
  return I->Maps[Map]->Uses;
}

uint32_t MapStore::entries(uint32_t Map) const { return I->Maps[Map]->count(); }

/// A value in the host's byte order.
static std::vector<uint8_t> hostValue(const MapMemory &M, uint32_t Entry) {
  std::vector<uint8_t> Value(M.value(Entry), M.value(Entry) + M.Spec.ValueSize);
  M.swapAtomic(Value.data(), M.Uses);
  return Value;
}

std::optional<std::vector<uint8_t>>
MapStore::hostLookup(uint32_t Map, llvm::ArrayRef<uint8_t> Key) const {
  MapMemory *M = I->get(Map);
  if (!M || !(M->isArray() || M->isHash()))
    return std::nullopt;
  std::optional<uint32_t> Entry = M->find(Key);
  if (!Entry)
    return std::nullopt;
  return hostValue(*M, *Entry);
}

int32_t MapStore::hostUpdate(uint32_t Map, llvm::ArrayRef<uint8_t> Key,
                             llvm::ArrayRef<uint8_t> Value, uint64_t Flags) {
  MapMemory *M = I->get(Map);
  if (!M || Value.size() != M->Spec.ValueSize)
    return -Invalid;
  std::vector<uint8_t> Card(Value.begin(), Value.end());
  M->swapAtomic(Card.data(), M->Uses);
  return M->update(Key, Card, Flags);
}

std::vector<MapStore::Entry> MapStore::hostEntries(uint32_t Map) const {
  const MapMemory &M = *I->Maps[Map];
  std::vector<Entry> List;
  if (!M.isArray() && !M.isHash())
    return List;
  for (uint32_t Number : M.sorted())
    List.emplace_back(M.key(Number), hostValue(M, Number));
  return List;
}

void MapStore::clear() {
  for (auto &M : I->Maps)
    M->clear();
}

std::shared_ptr<const MapStore::Snapshot> MapStore::snapshot() const {
  auto S = std::make_shared<Snapshot>();
  for (const auto &M : I->Maps)
    S->Maps.push_back(M->save());
  return S;
}

void MapStore::restore(const Snapshot &S) {
  for (size_t Map = 0; Map != std::min(S.Maps.size(), I->Maps.size()); ++Map)
    I->Maps[Map]->load(S.Maps[Map]);
}

std::optional<std::string> MapStore::firstDifference(const MapStore &A,
                                                     const MapStore &B) {
  auto Hex = [](llvm::ArrayRef<uint8_t> Bytes) {
    return llvm::toHex(Bytes, /*LowerCase=*/true);
  };
  for (uint32_t Map = 0; Map != A.size(); ++Map) {
    const MapMemory &L = *A.I->Maps[Map];
    std::optional<uint32_t> Other = B.find(L.Spec.Name);
    if (!Other)
      continue;
    const MapMemory &R = *B.I->Maps[*Other];
    if (!L.isArray() && !L.isHash())
      continue;
    if (L.isArray() && R.isArray() && L.Uses == R.Uses &&
        L.bytes() == R.bytes() &&
        std::memcmp(L.data(), R.data(), L.bytes()) == 0)
      continue;
    std::vector<Entry> Left = A.hostEntries(Map), Right = B.hostEntries(*Other);
    size_t At = 0;
    while (At < Left.size() && At < Right.size() && Left[At] == Right[At])
      ++At;
    if (At == Left.size() && At == Right.size())
      continue;
    std::string Name = "map " + L.Spec.Name + ", key ";
    if (At == Right.size() ||
        (At < Left.size() && L.isHash() && Left[At].first < Right[At].first))
      return Name + Hex(Left[At].first) + ": value " + Hex(Left[At].second) +
             " against no entry";
    if (At == Left.size() || (L.isHash() && Right[At].first < Left[At].first))
      return Name + Hex(Right[At].first) + ": no entry against value " +
             Hex(Right[At].second);
    return Name + Hex(Left[At].first) + ": value " + Hex(Left[At].second) +
           " against " + Hex(Right[At].second);
  }
  return std::nullopt;
}

void MapStore::recordMisses(uint32_t Limit) {
  I->MissLimit = Limit;
  if (Limit == 0)
    clearMisses();
}

llvm::ArrayRef<MapStore::Miss> MapStore::misses() const { return I->Misses; }

void MapStore::clearMisses() {
  I->Misses.clear();
  I->MissSeen.clear();
}
