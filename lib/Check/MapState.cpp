//===- MapState.cpp - Map contents before a run ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/MapState.h"

#include "Numbers.h"

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
    // An engine may have no use for constants, and none can change them.
    if (Maps.spec(Map).ReadOnly)
      continue;
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

/// Numbers that depend on a fill's arguments only.
static Numbers numbersFor(const rt::MapSpec &Spec, llvm::ArrayRef<uint8_t> Key,
                          uint32_t Seed) {
  return Numbers(llvm::xxh3_64bits(Spec.Name) ^
                 (llvm::xxh3_64bits(Key) * 0x9e3779b97f4a7c15ull) ^
                 (static_cast<uint64_t>(Seed) << 32));
}

std::vector<uint32_t>
check::decidingNumbers(const object::LinkedProgram &Program) {
  // Classes JMP and JMP32 with a constant, and AND with a constant (RFC 9669,
  // section "Instruction encoding").
  std::set<uint32_t> Found;
  for (uint32_t I = 0; I < Program.size(); ++I) {
    const uint8_t Opcode = Program.opcode(I);
    const unsigned Class = Opcode & 7, Operation = Opcode >> 4;
    const bool IsConstant = !(Opcode & 8);
    const bool IsJump = (Class == 5 || Class == 6) && Operation != 0 &&
                        Operation != 8 && Operation != 9;
    const bool IsMask = (Class == 4 || Class == 7) && Operation == 5;
    const auto Imm = static_cast<uint32_t>(Program.Insns[I] >> 32);
    if (IsConstant && (IsJump || IsMask))
      Found.insert(Imm);
    if (Program.isLdImm64(I))
      ++I;
  }
  return {Found.begin(), Found.end()};
}

/// One 32-bit word of a value.
static uint32_t fillWord(Numbers &Source, const FillOptions &Options,
                         FillStyle Style) {
  const uint32_t Number = Source.next();
  switch (Style) {
  case FillStyle::Small:
    return Number & 7;
  case FillStyle::Ones:
    return 1;
  case FillStyle::Random:
    return Number;
  case FillStyle::Dictionary: {
    auto pick = [&]() -> uint32_t {
      if (Options.Dictionary.empty())
        return Source.next() & 7;
      return Options.Dictionary[Source.next() % Options.Dictionary.size()];
    };
    if (Number % 4 == 0)
      return pick();
    const uint32_t Low = pick() & 0xffff, High = pick() & 0xffff;
    return Low | High << 16;
  }
  case FillStyle::Mixed:
    if (Number % 8 == 0)
      return 0;
    return fillWord(Source, Options, static_cast<FillStyle>((Number >> 8) % 4));
  }
  return 0;
}

std::vector<uint8_t> check::fillValue(const rt::MapSpec &Spec,
                                      llvm::ArrayRef<uint8_t> Key,
                                      const FillOptions &Options) {
  std::vector<uint8_t> Value(Spec.ValueSize);
  Numbers Source = numbersFor(Spec, Key, Options.Seed);
  for (uint32_t Offset = 0; Offset < Spec.ValueSize; Offset += 4) {
    uint8_t Bytes[4];
    llvm::support::endian::write32le(Bytes,
                                     fillWord(Source, Options, Options.Style));
    for (uint32_t I = 0; I < 4 && Offset + I < Spec.ValueSize; ++I)
      Value[Offset + I] = Bytes[I];
  }
  return Value;
}

/// Values for the elements of an array map.
static void fillArray(MapState &State, const rt::MapStore &Maps, uint32_t Map,
                      const FillOptions &Options) {
  const rt::MapSpec &Spec = Maps.spec(Map);
  for (uint32_t I = 0; I < std::min(Spec.MaxEntries, Options.MaxEntries); ++I) {
    std::vector<uint8_t> Key(4);
    llvm::support::endian::write32le(Key.data(), I);
    std::vector<uint8_t> Value = fillValue(Spec, Key, Options);
    State.Entries.push_back({Map, std::move(Key), std::move(Value)});
  }
}

MapState check::fillFromTraffic(Engine &E, llvm::ArrayRef<rt::Packet> Packets,
                                const FillOptions &Options) {
  MapState State;
  rt::MapStore &Maps = E.maps();
  std::vector<uint32_t> Count(Maps.size());
  std::set<std::pair<uint32_t, std::vector<uint8_t>>> Known;
  for (uint32_t Map = 0; Map < Maps.size(); ++Map)
    if (Maps.spec(Map).Type == rt::Array && Maps.spec(Map).Contents.empty())
      fillArray(State, Maps, Map, Options);

  for (unsigned Round = 0; Round < Options.Rounds; ++Round) {
    // Only keys that fit their map were collected, so this cannot fail.
    llvm::cantFail(applyState(E, State));
    Maps.recordMisses(Options.MaxEntries);
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
      if (Count[Miss.Map] >=
          std::min(Options.MaxEntries, (Spec.MaxEntries + 1) / 2))
        continue;
      // Entries that the program deleted itself are no news.
      if (!Known.insert({Miss.Map, Miss.Key}).second)
        continue;
      if (numbersFor(Spec, Miss.Key, ~Options.Seed).next() % 100 <
          Options.LeaveOut)
        continue;
      State.Entries.push_back(
          {Miss.Map, Miss.Key, fillValue(Spec, Miss.Key, Options)});
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
