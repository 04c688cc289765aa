//===- Explore.cpp - Packets that reach what traffic does not -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Check/Explore.h"

#include "Numbers.h"

#include "llvm/Support/Error.h"

using namespace nfpbpf;
using namespace nfpbpf::check;

bool check::addCoverage(Coverage &Covered, const interp::Interpreter &Interp) {
  llvm::ArrayRef<uint64_t> Counts = Interp.counts();
  Covered.resize(std::max(Covered.size(), Counts.size()));
  bool IsNew = false;
  for (size_t I = 0; I < Counts.size(); ++I)
    if (Counts[I] && !Covered[I])
      Covered[I] = IsNew = true;
  return IsNew;
}

namespace {
class Mutator {
public:
  explicit Mutator(const ExploreOptions &Options)
      : Options(Options), Source(Options.Seed) {}

  rt::Packet mutate(rt::Packet Packet) {
    for (unsigned Count = 1 + random(3); Count; --Count)
      change(Packet.Bytes);
    Packet.WireLength = static_cast<uint32_t>(Packet.Bytes.size());
    return Packet;
  }

  uint32_t random(uint32_t Below) { return Below ? Source.next() % Below : 0; }

private:
  void change(std::vector<uint8_t> &Bytes) {
    const uint32_t Kind = random(16);
    if (Kind == 0) {
      // Lengths decide as much as contents do.
      const auto Size = static_cast<uint32_t>(Bytes.size());
      Bytes.resize(14 + random(std::max(Size, Options.MaxOffset)));
      return;
    }
    const auto Limit = static_cast<uint32_t>(
        std::min<size_t>(Bytes.size(), Options.MaxOffset));
    if (Limit == 0)
      return;
    const uint32_t Offset = random(Limit);
    if (Kind < 4 || Options.Dictionary.empty()) {
      Bytes[Offset] = static_cast<uint8_t>(random(256));
      return;
    }
    const uint32_t Number = Options.Dictionary[random(
        static_cast<uint32_t>(Options.Dictionary.size()))];
    // As a byte, a half or a word, the way a little-endian load sees it.
    const uint32_t Width = Kind < 10 ? 1 : Kind < 14 ? 2 : 4;
    for (uint32_t I = 0; I < Width && Offset + I < Bytes.size(); ++I)
      Bytes[Offset + I] = static_cast<uint8_t>(Number >> (8 * I));
  }

  const ExploreOptions &Options;
  Numbers Source;
};
} // namespace

std::vector<rt::Packet>
check::exploreTraffic(InterpEngine &E, const MapState &State,
                      llvm::ArrayRef<rt::Packet> Packets,
                      const ExploreOptions &Options, Coverage &Covered) {
  std::vector<rt::Packet> Kept;
  if (Packets.empty() || llvm::errorToBool(applyState(E, State)))
    return Kept;
  Mutator Mutations(Options);
  for (unsigned I = 0; I < Options.Attempts; ++I) {
    // Every other attempt goes on from a packet that reached something.
    const bool GoOn = !Kept.empty() && (I & 1);
    const rt::Packet &Base =
        GoOn ? Kept[Mutations.random(static_cast<uint32_t>(Kept.size()))]
             : Packets[Mutations.random(static_cast<uint32_t>(Packets.size()))];
    rt::Packet Packet = Mutations.mutate(Base);
    if (llvm::errorToBool(E.packet().load(Packet.Bytes)))
      continue;
    E.interpreter().clearCounts();
    if (E.run().Failed)
      continue;
    if (addCoverage(Covered, E.interpreter()))
      Kept.push_back(std::move(Packet));
  }
  E.reset();
  return Kept;
}
