//===- MapState.cpp - Map contents before a run ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/MapState.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/xxhash.h"

#include <set>

using namespace nfpbpf;
using namespace nfpbpf::check;

MapState check::captureState(const Engine &E, std::string Name) {
  MapState State;
  State.Name = std::move(Name);
  const rt::MapStore &Maps = E.maps();
  for (uint32_t Map = 0; Map < Maps.size(); ++Map) {
    const bool IsArray = Maps.spec(Map).Type == rt::Array;
    for (rt::MapStore::Entry &Entry : Maps.hostEntries(Map)) {
      if (IsArray &&
          llvm::all_of(Entry.second, [](uint8_t Byte) { return Byte == 0; }))
        continue;
      State.Entries.push_back(
          {Map, std::move(Entry.first), std::move(Entry.second)});
    }
  }
  return State;
}

llvm::Error check::applyState(Engine &E, const MapState &State) {
  E.reset();
  for (const MapState::Entry &Entry : State.Entries)
    if (int32_t Code = E.maps().hostUpdate(Entry.Map, Entry.Key, Entry.Value))
      return llvm::createStringError(
          "map state '%s': map '%s', key %s: update fails with %d",
          State.Name.c_str(), E.maps().spec(Entry.Map).Name.c_str(),
          llvm::toHex(Entry.Key, /*LowerCase=*/true).c_str(), Code);
  return llvm::Error::success();
}

namespace {
/// A stream of numbers that depends on a fill's arguments only.
class FillNumbers {
public:
  FillNumbers(const rt::MapSpec &Spec, llvm::ArrayRef<uint8_t> Key,
              uint32_t Seed)
      : State(llvm::xxh3_64bits(Spec.Name) ^
              (llvm::xxh3_64bits(Key) * 0x9e3779b97f4a7c15ull) ^
              (static_cast<uint64_t>(Seed) << 32)) {}

  /// splitmix64
  uint32_t next() {
    State += 0x9e3779b97f4a7c15ull;
    uint64_t Z = State;
    Z = (Z ^ (Z >> 30)) * 0xbf58476d1ce4e5b9ull;
    Z = (Z ^ (Z >> 27)) * 0x94d049bb133111ebull;
    return static_cast<uint32_t>((Z ^ (Z >> 31)) >> 16);
  }

private:
  uint64_t State;
};
} // namespace

std::vector<uint8_t> check::fillValue(const rt::MapSpec &Spec,
                                      llvm::ArrayRef<uint8_t> Key,
                                      FillStyle Style, uint32_t Seed) {
  std::vector<uint8_t> Value(Spec.ValueSize);
  FillNumbers Numbers(Spec, Key, Seed);
  for (uint32_t Offset = 0; Offset < Spec.ValueSize; Offset += 4) {
    FillStyle Sort = Style;
    bool Zero = false;
    if (Style == FillStyle::Mixed) {
      const uint32_t Choice = Numbers.next() % 4;
      Zero = Choice == 3;
      Sort = static_cast<FillStyle>(Choice % 3);
    }
    uint32_t Word = Numbers.next();
    if (Sort == FillStyle::Small)
      Word &= 7;
    else if (Sort == FillStyle::Ones)
      Word = 1;
    if (Zero)
      Word = 0;
    uint8_t Bytes[4];
    llvm::support::endian::write32le(Bytes, Word);
    for (uint32_t I = 0; I < 4 && Offset + I < Spec.ValueSize; ++I)
      Value[Offset + I] = Bytes[I];
  }
  return Value;
}

/// Values for the elements of an array map.
static void fillArray(MapState &State, const rt::MapStore &Maps, uint32_t Map,
                      FillStyle Style, uint32_t Seed, uint32_t MaxEntries) {
  const rt::MapSpec &Spec = Maps.spec(Map);
  for (uint32_t I = 0; I < std::min(Spec.MaxEntries, MaxEntries); ++I) {
    std::vector<uint8_t> Key(4);
    llvm::support::endian::write32le(Key.data(), I);
    std::vector<uint8_t> Value = fillValue(Spec, Key, Style, Seed);
    State.Entries.push_back({Map, std::move(Key), std::move(Value)});
  }
}

MapState check::fillFromTraffic(Engine &E, llvm::ArrayRef<rt::Packet> Packets,
                                FillStyle Style, uint32_t Seed,
                                uint32_t MaxEntries, unsigned Rounds) {
  MapState State;
  rt::MapStore &Maps = E.maps();
  std::vector<uint32_t> Count(Maps.size());
  std::set<std::pair<uint32_t, std::vector<uint8_t>>> Known;
  for (uint32_t Map = 0; Map < Maps.size(); ++Map)
    if (Maps.spec(Map).Type == rt::Array && Maps.spec(Map).Contents.empty())
      fillArray(State, Maps, Map, Style, Seed, MaxEntries);

  for (unsigned Round = 0; Round < Rounds; ++Round) {
    // Only keys that fit their map were collected, so this cannot fail.
    llvm::cantFail(applyState(E, State));
    Maps.recordMisses(MaxEntries);
    for (const rt::Packet &Packet : Packets) {
      if (llvm::Error Err = E.packet().load(Packet.Bytes)) {
        llvm::consumeError(std::move(Err));
        continue;
      }
      E.run();
    }
    bool Added = false;
    for (const rt::MapStore::Miss &Miss : Maps.misses()) {
      const rt::MapSpec &Spec = Maps.spec(Miss.Map);
      // Half a map stays free for the program's own insertions.
      if (Count[Miss.Map] >= std::min(MaxEntries, (Spec.MaxEntries + 1) / 2))
        continue;
      // Entries that the program deleted itself are no news.
      if (!Known.insert({Miss.Map, Miss.Key}).second)
        continue;
      State.Entries.push_back(
          {Miss.Map, Miss.Key, fillValue(Spec, Miss.Key, Style, Seed)});
      ++Count[Miss.Map];
      Added = true;
    }
    Maps.recordMisses(0);
    if (!Added)
      break;
  }
  E.reset();
  return State;
}
