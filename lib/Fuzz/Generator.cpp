//===- Generator.cpp - Random valid programs ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Fuzz/Generator.h"

#include "FunctionGenerator.h"
#include "nfpbpf/Runtime/MapStore.h"

#include "llvm/ADT/STLExtras.h"

using namespace nfpbpf;
using namespace nfpbpf::fuzz;

/// Up to three arrays and hashes, and sometimes events.
static void makeMaps(ProgramContext &P) {
  Numbers &Rng = P.Rng;
  const uint32_t Count = Rng.below(4);
  for (uint32_t I = 0; I < Count; ++I) {
    object::MapInfo Map;
    Map.Name = "map" + std::to_string(I);
    Map.Style = object::MapStyle::Legacy;
    const bool IsHash = Rng.chance(60);
    Map.Type = IsHash ? rt::Hash : rt::Array;
    Map.KeySize = IsHash ? Rng.oneOf<uint32_t>({4, 4, 8, 5, 12, 16, 3}) : 4;
    Map.ValueSize = Rng.oneOf<uint32_t>({4, 8, 8, 12, 16, 24, 32, 40});
    Map.MaxEntries = IsHash ? 2 + Rng.below(7) : 1 + Rng.below(8);
    uint32_t Counters = 0;
    if (Rng.chance(40))
      Counters = static_cast<uint32_t>(Rng.next()) &
                 static_cast<uint32_t>(Rng.next()) &
                 ((1u << (Map.ValueSize / 4)) - 1);
    P.Maps.push_back(std::move(Map));
    P.Counters.push_back(Counters);
  }
  if (Rng.chance(25)) {
    object::MapInfo Map;
    Map.Name = "events";
    Map.Style = object::MapStyle::Legacy;
    Map.Type = rt::PerfEventArray;
    Map.KeySize = Map.ValueSize = 4;
    Map.MaxEntries = 64;
    P.Maps.push_back(std::move(Map));
    P.Counters.push_back(0);
  }
}

/// Data, zeroes and constants, each in a section of its own. Constants come
/// last: an image without use for them leaves them out.
static void makeGlobalData(ProgramContext &P) {
  using object::GlobalDataKind;
  static constexpr std::pair<const char *, GlobalDataKind> Sections[] = {
      {".data.fuzz", GlobalDataKind::Data},
      {".bss.fuzz", GlobalDataKind::BSS},
      {".rodata.fuzz", GlobalDataKind::ROData}};
  Numbers &Rng = P.Rng;
  for (const auto &[Name, Kind] : Sections) {
    if (!Rng.chance(25))
      continue;
    object::MapInfo Map;
    Map.Name = Name;
    Map.Section = Name;
    Map.Style = object::MapStyle::GlobalData;
    Map.Global = Kind;
    Map.Type = rt::Array;
    Map.KeySize = 4;
    Map.ValueSize = Rng.oneOf<uint32_t>({4, 8, 16, 24, 40, 56});
    Map.MaxEntries = 1;
    Map.Contents.resize(Map.ValueSize);
    if (Kind != GlobalDataKind::BSS)
      for (uint8_t &Byte : Map.Contents)
        Byte = static_cast<uint8_t>(Rng.next());
    uint32_t Counters = 0;
    if (Kind != GlobalDataKind::ROData && Rng.chance(30))
      Counters =
          static_cast<uint32_t>(Rng.next()) & ((1u << (Map.ValueSize / 4)) - 1);
    P.Maps.push_back(std::move(Map));
    P.Counters.push_back(Counters);
  }
}

/// What bpf_loop passes: the number of the round, and memory of its caller.
static std::vector<Content> callbackSignature() {
  Content Round, Data;
  Round.K = Content::Scalar;
  Data.K = Content::Stack;
  Data.Bytes = 16;
  return {Round, Data};
}

static std::vector<Content> makeSignature(ProgramContext &P) {
  Numbers &Rng = P.Rng;
  std::vector<Content> Args;
  const uint32_t Count = 1 + Rng.below(5);
  unsigned Pointers = 0; // as many as registers that calls leave alone
  for (uint32_t I = 0; I < Count; ++I) {
    Content C;
    const uint32_t What = Pointers < 2 ? Rng.below(10) : 9;
    C.K = Content::Scalar;
    if (What == 0 && I == 0) {
      C.K = Content::Ctx;
    } else if (What == 1) {
      C.K = Content::Stack;
      C.Bytes = 16;
    } else if (What == 2) {
      C.K = Content::Packet;
      C.Bytes = 8;
    } else if (What == 3) {
      for (uint32_t M = 0; M < P.Maps.size(); ++M)
        if (P.Maps[M].Type != rt::PerfEventArray) {
          C.K = Content::MapValue;
          C.Map = M;
        }
    }
    Pointers += C.K != Content::Scalar && C.K != Content::Ctx;
    Args.push_back(C);
  }
  return Args;
}

/// Frames of different lengths: random bytes, small numbers, headers.
static std::vector<rt::Packet> makePackets(Numbers &Rng) {
  std::vector<rt::Packet> Packets;
  const uint32_t Count = 3 + Rng.below(3);
  for (uint32_t I = 0; I < Count; ++I) {
    rt::Packet Packet;
    const uint32_t Long = 96 + Rng.below(160);
    const uint32_t Short = 14 + Rng.below(60);
    Packet.Bytes.resize(Rng.chance(80) ? Long : Short);
    const uint32_t Style = Rng.below(3);
    for (uint8_t &Byte : Packet.Bytes) {
      const uint64_t N = Rng.next();
      Byte = static_cast<uint8_t>(Style == 0   ? N
                                  : Style == 1 ? N & 7
                                  : (N & 3)    ? 0
                                               : N >> 8);
    }
    if (Style == 2) {
      Packet.Bytes[12] = 8;
      Packet.Bytes[13] = 0;
    }
    Packet.WireLength = static_cast<uint32_t>(Packet.Bytes.size());
    Packets.push_back(std::move(Packet));
  }
  return Packets;
}

static check::MapState makeState(ProgramContext &P) {
  Numbers &Rng = P.Rng;
  check::MapState State;
  State.Name = "random";
  if (Rng.chance(25))
    return State;
  for (uint32_t M = 0; M < P.Maps.size(); ++M) {
    const object::MapInfo &Map = P.Maps[M];
    if (Map.Type == rt::PerfEventArray || Map.isGlobalData())
      continue;
    for (uint32_t I = 0; I < Map.MaxEntries; ++I) {
      if (Rng.chance(40))
        continue;
      check::MapState::Entry Entry;
      Entry.Map = M;
      Entry.Key.resize(Map.KeySize);
      Entry.Key[0] = static_cast<uint8_t>(I);
      Entry.Value.resize(Map.ValueSize);
      const bool Small = Rng.chance(40);
      for (uint8_t &Byte : Entry.Value) {
        const uint64_t N = Rng.next();
        Byte = static_cast<uint8_t>(Small ? N & 7 : N);
      }
      State.Entries.push_back(std::move(Entry));
    }
  }
  return State;
}

/// One function behind the other, the entry first.
static std::vector<Insn> layOut(const Callee &Entry,
                                const std::vector<Callee> &Functions) {
  // Only what is called, directly or not.
  std::vector<const Callee *> Order{&Entry};
  std::map<uint32_t, uint32_t> Place;
  for (size_t I = 0; I < Order.size(); ++I)
    for (const auto &[At, Which] : Order[I]->Calls)
      if (Place.try_emplace(Which, Order.size()).second)
        Order.push_back(&Functions[Which]);
  std::vector<int32_t> Starts;
  int32_t Total = 0;
  for (const Callee *F : Order) {
    Starts.push_back(Total);
    Total += static_cast<int32_t>(F->Code.size());
  }
  std::vector<Insn> Code;
  for (size_t I = 0; I < Order.size(); ++I) {
    for (const Insn &From : Order[I]->Code) {
      Insn To = From;
      if (To.Target != Insn::NoTarget)
        To.Target += Starts[I];
      Code.push_back(To);
    }
    for (const auto &[At, Which] : Order[I]->Calls)
      Code[static_cast<size_t>(Starts[I]) + At].Target = Starts[Place[Which]];
  }
  return Code;
}

Case fuzz::generate(uint64_t Seed, uint64_t Index,
                    const GeneratorOptions &Options) {
  Numbers Rng(Seed, Index);
  const bool IsXDP = Rng.chance(65);
  ProgramContext P{Rng,
                   Options,
                   Options.Type.value_or(IsXDP ? object::ProgramType::XDP
                                               : object::ProgramType::TC),
                   {},
                   {},
                   {},
                   false,
                   false,
                   false};
  makeMaps(P);
  if (!Options.Kernel61)
    makeGlobalData(P);
  P.LegacyLoads = P.Type == object::ProgramType::TC && Rng.chance(40);
  const uint32_t Functions = P.LegacyLoads ? 0 : Rng.below(3);
  const bool HasGlobalData = llvm::any_of(
      P.Maps, [](const object::MapInfo &Map) { return Map.isGlobalData(); });
  P.VariableStack = Functions == 0 && !HasGlobalData && Rng.chance(60);
  for (uint32_t I = 0; I < Functions; ++I) {
    const uint32_t Frame = 48 + 16 * Rng.below(2);
    const uint32_t Size = 4 + Rng.below(std::max(Options.Size / 4, 2u));
    const bool IsCallback = !Options.Kernel61 && Rng.chance(30);
    std::vector<Content> Args =
        IsCallback ? callbackSignature() : makeSignature(P);
    Callee F = FunctionGenerator(P, Frame, static_cast<int>(Size))
                   .callee(std::move(Args), IsCallback);
    P.Functions.push_back(std::move(F));
  }
  uint32_t Frame = 48 + 16 * Rng.below(6);
  if (Rng.chance(8) && P.Functions.empty())
    Frame = MaxFrame;
  const uint32_t Size = Options.Size / 4 + Rng.below(Options.Size);
  const Callee Entry =
      FunctionGenerator(P, Frame, static_cast<int>(Size)).entry();

  Case C;
  C.P.Type = P.Type;
  C.P.Code = layOut(Entry, P.Functions);
  C.Packets = makePackets(Rng);
  C.State = makeState(P);
  C.P.Maps = std::move(P.Maps);
  return C;
}
