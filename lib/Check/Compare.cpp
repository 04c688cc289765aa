//===- Compare.cpp - The same packets through several executions ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/Compare.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace nfpbpf;
using namespace nfpbpf::check;

/// The bytes of a dropped frame leave the card nowhere.
static bool frameMatters(rt::Verdict V) {
  return V == rt::Verdict::Pass || V == rt::Verdict::Tx;
}

static std::string describeQueue(std::optional<uint8_t> Queue) {
  return Queue ? llvm::formatv("queue {0}", *Queue).str() : "no queue";
}

/// How two frames differ, as "byte 12 is 0x08, expected 0x86".
static std::optional<std::string> frameDifference(llvm::ArrayRef<uint8_t> Want,
                                                  llvm::ArrayRef<uint8_t> Got) {
  if (Want.size() != Got.size())
    return llvm::formatv("frame has {0} bytes, expected {1}", Got.size(),
                         Want.size())
        .str();
  for (size_t I = 0; I < Want.size(); ++I)
    if (Want[I] != Got[I])
      return llvm::formatv("frame byte {0} is {1:x-2}, expected {2:x-2}", I,
                           Got[I], Want[I])
          .str();
  return std::nullopt;
}

static std::optional<std::string>
eventDifference(llvm::ArrayRef<rt::Event> Want, llvm::ArrayRef<rt::Event> Got,
                size_t From) {
  for (size_t I = From; I < std::min(Want.size(), Got.size()); ++I)
    if (Want[I] != Got[I])
      return llvm::formatv(
                 "event {0} is {{map {1}, packet {2}, data {3}}, expected "
                 "{{map {4}, packet {5}, data {6}}",
                 I, Got[I].Map, llvm::toHex(Got[I].Packet, true),
                 llvm::toHex(Got[I].Data, true), Want[I].Map,
                 llvm::toHex(Want[I].Packet, true),
                 llvm::toHex(Want[I].Data, true))
          .str();
  if (Want.size() != Got.size())
    return llvm::formatv("{0} events, expected {1}", Got.size(), Want.size())
        .str();
  return std::nullopt;
}

/// What one packet did in two engines.
static std::optional<std::string>
packetDifference(const Engine &Reference, const Outcome &Want,
                 const Engine &Other, const Outcome &Got, size_t FirstEvent) {
  if (Got.Failed)
    return "stops: " + Got.Error;
  if (Want.Verdict != Got.Verdict)
    return llvm::formatv("verdict is {0}, expected {1}",
                         rt::stringifyVerdict(Got.Verdict),
                         rt::stringifyVerdict(Want.Verdict))
        .str();
  if (frameMatters(Want.Verdict))
    if (auto D =
            frameDifference(Reference.packet().frame(), Other.packet().frame()))
      return D;
  if (Want.Queue != Got.Queue)
    return describeQueue(Got.Queue) + ", expected " + describeQueue(Want.Queue);
  return eventDifference(Reference.events().events(), Other.events().events(),
                         FirstEvent);
}

namespace {
struct Lane {
  Engine *E;
  bool Active = true;
};
} // namespace

/// Loads a frame; frames that one of the engines does not take are skipped by
/// all.
static bool loadFrame(Engine &E, const rt::Packet &Packet,
                      const CompareOptions &Options) {
  if (llvm::Error Err = E.packet().load(Packet.Bytes, Options.PadTo)) {
    llvm::consumeError(std::move(Err));
    return false;
  }
  return true;
}

CompareResult check::compare(Engine &Reference, llvm::ArrayRef<Engine *> Others,
                             const MapState &State, llvm::StringRef TraceName,
                             llvm::ArrayRef<rt::Packet> Packets,
                             const CompareOptions &Options) {
  CompareResult Result;
  if (Options.Limit && Packets.size() > Options.Limit)
    Packets = Packets.take_front(Options.Limit);

  auto makeDifference = [&](llvm::StringRef Name, uint64_t Number,
                            std::string What) {
    return Difference{Name.str(), State.Name, TraceName.str(), Number,
                      std::move(What)};
  };

  std::vector<Lane> Lanes;
  for (Engine *E : Others)
    Lanes.push_back({E});
  std::vector<std::optional<Difference>> Found(Lanes.size());

  if (llvm::Error Err = applyState(Reference, State)) {
    Result.ReferenceFailure =
        makeDifference(Reference.name(), 0, llvm::toString(std::move(Err)));
    return Result;
  }
  for (auto [Lane, Slot] : llvm::zip(Lanes, Found))
    if (llvm::Error Err = applyState(*Lane.E, State)) {
      Slot = makeDifference(Lane.E->name(), 0, llvm::toString(std::move(Err)));
      Lane.Active = false;
    }

  uint32_t Longest = Reference.longestFrame();
  for (Engine *E : Others)
    Longest = std::min(Longest, E->longestFrame());

  uint64_t Number = 0;
  for (const rt::Packet &Packet : Packets) {
    const uint64_t This = Number++;
    if (Packet.Bytes.size() > Longest || !loadFrame(Reference, Packet, Options))
      continue;
    const size_t FirstEvent = Reference.events().events().size();
    Reference.events().CurrentPacket = This;
    const Outcome Want = Reference.run();
    if (Want.Failed) {
      Result.ReferenceFailure =
          makeDifference(Reference.name(), This, Want.Error);
      break;
    }
    ++Result.Packets;
    for (auto [Lane, Slot] : llvm::zip(Lanes, Found)) {
      if (!Lane.Active)
        continue;
      Lane.E->events().CurrentPacket = This;
      if (!loadFrame(*Lane.E, Packet, Options))
        continue;
      const Outcome Got = Lane.E->run();
      if (auto What =
              packetDifference(Reference, Want, *Lane.E, Got, FirstEvent)) {
        Slot = makeDifference(Lane.E->name(), This, std::move(*What));
        Lane.Active = false;
      }
    }
  }

  for (auto [Lane, Slot] : llvm::zip(Lanes, Found))
    if (Lane.Active && !Result.ReferenceFailure)
      if (auto What =
              rt::MapStore::firstDifference(Reference.maps(), Lane.E->maps()))
        Slot = makeDifference(Lane.E->name(), Result.Packets,
                              "after the trace: " + *What);

  for (std::optional<Difference> &Slot : Found)
    if (Slot)
      Result.Differences.push_back(std::move(*Slot));
  return Result;
}
