//===- MapMemory.cpp - One map's entries in memory ----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MapMemory.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cstring>

using namespace nfpbpf::rt;

llvm::Expected<std::unique_ptr<MapMemory>> MapMemory::create(MapSpec Spec) {
  auto M = std::make_unique<MapMemory>();
  M->Spec = std::move(Spec);
  if (M->isArray() || M->isHash()) {
    M->KeyBytes = valueOffset(M->Spec.KeySize);
    M->Stride = entryBytes(M->Spec.KeySize, M->Spec.ValueSize);
    M->Places = M->Spec.MaxEntries;
  }
  if (llvm::Error E = M->allocate())
    return E;
  M->fillFirst();
  return M;
}

llvm::Error MapMemory::allocate() {
  // Zeroed pages that nothing touches cost no memory.
  Memory.reset(static_cast<uint8_t *>(std::calloc(bytes() + Slack, 1)));
  if (!Memory)
    return llvm::createStringError(
        llvm::formatv("map {0}: no memory for {1} entries of {2} bytes",
                      Spec.Name, Spec.MaxEntries, stride()));
  return llvm::Error::success();
}

void MapMemory::fillFirst() {
  if (!isArray() || Spec.Contents.empty())
    return;
  std::memcpy(value(0), Spec.Contents.data(),
              std::min<size_t>(Spec.Contents.size(), Spec.ValueSize));
  swapAtomic(value(0), Uses);
}

std::optional<uint32_t> MapMemory::find(llvm::ArrayRef<uint8_t> Key) const {
  if (Key.size() != Spec.KeySize)
    return std::nullopt;
  if (isArray()) {
    uint32_t Number = llvm::support::endian::read32le(Key.data());
    if (Number < Spec.MaxEntries)
      return Number;
    return std::nullopt;
  }
  auto It = Index.find(llvm::toStringRef(Key));
  if (It == Index.end())
    return std::nullopt;
  return It->second;
}

int32_t MapMemory::update(llvm::ArrayRef<uint8_t> Key,
                          llvm::ArrayRef<uint8_t> Value, uint64_t Flags) {
  if (!(isArray() || isHash()) || Flags > Exist || Key.size() != Spec.KeySize ||
      Value.size() != Spec.ValueSize)
    return -Invalid;
  std::optional<uint32_t> Entry = find(Key);
  if (isArray() && !Entry)
    return -TooBig;
  if (Entry && Flags == NoExist)
    return -Exists;
  if (!Entry && Flags == Exist)
    return -NoEntry;
  if (!Entry) {
    if (Live == Spec.MaxEntries)
      return -TooBig;
    if (Free.empty()) {
      Entry = High++;
    } else {
      Entry = Free.back();
      Free.pop_back();
    }
    ++Live;
    Index[llvm::toStringRef(Key)] = *Entry;
    std::memcpy(Memory.get() + uint64_t(*Entry) * stride(), Key.data(),
                Key.size());
  }
  std::memcpy(value(*Entry), Value.data(), Value.size());
  return 0;
}

int32_t MapMemory::remove(llvm::ArrayRef<uint8_t> Key) {
  if (!isHash() || Key.size() != Spec.KeySize)
    return -Invalid;
  auto It = Index.find(llvm::toStringRef(Key));
  if (It == Index.end())
    return -NoEntry;
  Free.push_back(It->second);
  Index.erase(It);
  --Live;
  return 0;
}

std::vector<uint8_t> MapMemory::key(uint32_t Entry) const {
  if (isArray()) {
    std::vector<uint8_t> Key(4);
    llvm::support::endian::write32le(Key.data(), Entry);
    return Key;
  }
  const uint8_t *At = Memory.get() + uint64_t(Entry) * stride();
  return std::vector<uint8_t>(At, At + Spec.KeySize);
}

std::vector<uint32_t> MapMemory::sorted() const {
  std::vector<uint32_t> Entries;
  if (isArray()) {
    Entries.resize(Spec.MaxEntries);
    for (uint32_t Entry = 0; Entry != Spec.MaxEntries; ++Entry)
      Entries[Entry] = Entry;
    return Entries;
  }
  for (const auto &Pair : Index)
    Entries.push_back(Pair.second);
  std::sort(Entries.begin(), Entries.end(), [&](uint32_t L, uint32_t R) {
    return std::memcmp(Memory.get() + uint64_t(L) * stride(),
                       Memory.get() + uint64_t(R) * stride(), Spec.KeySize) < 0;
  });
  return Entries;
}

void MapMemory::swapAtomic(uint8_t *Value,
                           llvm::ArrayRef<WordUse> WordUses) const {
  for (size_t Word = 0; Word != WordUses.size(); ++Word)
    if (WordUses[Word] == WordUse::Atomic && Word * 4 + 4 <= Spec.ValueSize)
      std::reverse(Value + Word * 4, Value + Word * 4 + 4);
}

void MapMemory::setUses(llvm::ArrayRef<WordUse> NewUses) {
  // Words whose order changes, in the shape swapAtomic takes.
  std::vector<WordUse> Change(std::max(Uses.size(), NewUses.size()));
  bool Any = false;
  auto IsAtomic = [](llvm::ArrayRef<WordUse> List, size_t Word) {
    return Word < List.size() && List[Word] == WordUse::Atomic;
  };
  for (size_t Word = 0; Word != Change.size(); ++Word)
    if (IsAtomic(Uses, Word) != IsAtomic(NewUses, Word)) {
      Change[Word] = WordUse::Atomic;
      Any = true;
    }
  Uses.assign(NewUses.begin(), NewUses.end());
  if (!Any)
    return;
  for (uint32_t Entry = 0; Entry != highWater(); ++Entry) {
    uint8_t *Value = value(Entry);
    bool Zero = std::all_of(Value, Value + Spec.ValueSize,
                            [](uint8_t Byte) { return Byte == 0; });
    if (!Zero)
      swapAtomic(Value, Change);
  }
}

void MapMemory::clear() {
  Index.clear();
  Free.clear();
  uint64_t Used = uint64_t(highWater()) * stride();
  High = Live = 0;
  // Large memories go back to the system instead of being written.
  constexpr uint64_t SmallBytes = 1 << 16;
  uint8_t *Fresh = nullptr;
  if (Used > SmallBytes)
    Fresh = static_cast<uint8_t *>(std::calloc(bytes() + Slack, 1));
  if (Fresh)
    Memory.reset(Fresh);
  else
    std::memset(Memory.get(), 0, Used);
  fillFirst();
}

MapMemory::Contents MapMemory::save() const {
  Contents C;
  C.Bytes.assign(Memory.get(), Memory.get() + uint64_t(highWater()) * stride());
  if (llvm::is_contained(Uses, WordUse::Atomic))
    for (uint32_t Entry = 0; Entry != highWater(); ++Entry)
      swapAtomic(C.Bytes.data() + uint64_t(Entry) * stride() + KeyBytes, Uses);
  C.Index = Index;
  C.Free = Free;
  C.High = High;
  C.Live = Live;
  return C;
}

void MapMemory::load(const Contents &C) {
  uint64_t Size = std::min<uint64_t>(C.Bytes.size(), bytes());
  uint64_t Used = uint64_t(highWater()) * stride();
  if (Size)
    std::memcpy(Memory.get(), C.Bytes.data(), Size);
  if (Used > Size)
    std::memset(Memory.get() + Size, 0, Used - Size);
  Index = C.Index;
  Free = C.Free;
  High = C.High;
  Live = C.Live;
  if (llvm::is_contained(Uses, WordUse::Atomic))
    for (uint32_t Entry = 0; Entry != highWater(); ++Entry)
      swapAtomic(value(Entry), Uses);
}
