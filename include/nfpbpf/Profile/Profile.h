//===- Profile.h - What a card's firmware offers ----------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A firmware profile is everything about a card that is data and not code:
// where programs live in the code store, what the firmware offers, the limits
// of maps, and the constants of the cycle model. The compiler and the simulator
// take all of it from here.
//
// Sources of the facts: NFP BPF offload ABI, sections "Where the code lives",
// "Capabilities TLV area", "Packet vector"; hardware timing, sections 1 to 4.
//
// Units: code-store addresses and lengths are in instruction words, times in
// microengine cycles, everything else in bytes unless the name says otherwise.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_PROFILE_PROFILE_H
#define NFPBPF_PROFILE_PROFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nfpbpf {

/// Helper ids of the kernel (enum bpf_func_id) that profiles and generated code
/// talk about.
enum HelperId : uint32_t {
  HelperMapLookup = 1,
  HelperMapUpdate = 2,
  HelperMapDelete = 3,
  HelperPrandom = 7,
  HelperPerfEventOutput = 25,
  HelperXdpAdjustHead = 44,
  HelperXdpAdjustTail = 65,
};

/// One firmware routine a program may branch to.
struct ProfileHelper {
  uint32_t Id = 0;      ///< kernel helper id
  uint32_t Address = 0; ///< absolute code-store address
};

/// Limits of xdp_adjust_head. Present when the firmware allows it.
struct AdjustHeadLimits {
  bool NoMeta = true;         ///< no metadata needs to be moved
  uint32_t OffMin = 0;        ///< lowest frame offset in the packet buffer
  uint32_t OffMax = 0;        ///< highest frame offset
  uint32_t GuaranteedSub = 0; ///< the head may always grow by this much
  uint32_t GuaranteedAdd = 0; ///< and shrink by this much
};

/// Limits of maps. Present when the firmware has maps.
struct MapLimits {
  uint32_t Types = 0;    ///< bit n: kernel map type n
  uint32_t MaxMaps = 0;  ///< maps at one time
  uint32_t MaxElems = 0; ///< sum of max_entries over all maps
  uint32_t MaxKeySize = 0;
  uint32_t MaxValueSize = 0;
  uint32_t MaxElemSize = 0; ///< key and value, each rounded up to 8
  /// Every element of an array exists, zeroed, before it is first written
  /// (released firmware; NFP offload environment, section "Array maps").
  bool CompleteArrays = true;
  /// The loader tells programs where arrays lie: tables begin at multiples of
  /// 256 bytes, elements follow each other, keys and values rounded up to 8.
  /// No released firmware does, and no capability TLV says so.
  bool ArrayAddresses = false;

  bool allowsType(uint32_t Type) const {
    return Type < 32 && ((Types >> Type) & 1);
  }
};

/// A name and a per-packet firmware cost in cycles.
struct FirmwareVariant {
  std::string Name;
  double Cycles = 0;
};

/// Range of the latency of one memory access in cycles.
struct LatencyRange {
  double Low = 0;
  double High = 0;
};

/// Constants of the cycle model (hardware timing, sections 1 to 3).
struct TimingModel {
  /// Which firmware constant is charged to every packet.
  std::string Firmware = "bare";
  std::vector<FirmwareVariant> FirmwareVariants;
  /// Waiting cycles per packet outside the program (event model).
  double FirmwareWait = 0;

  // Issue costs of the accounting pass.
  uint32_t BranchCycles = 4;          ///< br
  uint32_t BranchTakenCycles = 4;     ///< flags written just before
  uint32_t BranchTakenOldCycles = 3;  ///< flags at least one cycle old
  uint32_t BranchNotTakenCycles = 1;  ///< any conditional branch
  uint32_t BitBranchTakenCycles = 4;  ///< br_bset, br=byte
  uint32_t ReturnCycles = 5;          ///< rtn, jump
  uint32_t BlockingMinimumCycles = 3; ///< a command with context swap
  uint32_t Spacing32 = 16;            ///< S of a 32-bit (packet) address
  uint32_t Spacing40 = 25;            ///< S of a 40-bit (map) address

  // Event model.
  double LatencyCtm = 0;  ///< L of a packet access under load
  double LatencyEmem = 0; ///< L of a map access under load

  // Memory engine: cycles of service per operation.
  double EngineReadCycles = 0;
  double EngineAddCycles = 0;

  // Latency of one context alone.
  LatencyRange CtmLatency, EmemLatency;

  // Firmware routines: cycles on the microengine, and blocking map-memory
  // operations inside (for latency).
  double LookupHitCycles = 0;
  double LookupMissCycles = 0;
  double UpdateCycles = 0;
  double DeleteCycles = 0;
  double PerfEventCycles = 0;
  uint32_t HelperMemoryOps = 0;
  /// Of these, atomics on one place, which the memory engine serves one by one.
  uint32_t HelperEngineAtomics = 0;

  // Map cache.
  uint64_t MapCacheBytes = 0;
  uint32_t MapBucketBytes = 0;
  /// Of the card. A lookup misses with probability 1 - cache / touched bytes.
  double MapMissesPerSecond = 0;
  /// Exponent p with which the microengines' time and the map memory's combine
  /// to (a^p + b^p)^(1/p): both are slower when both are busy.
  double MapContention = 1;
  /// Of the card, for one atomic on a map beyond the cache.
  double MapAddNanoseconds = 0;

  // Ends of the card.
  double MacLimitPps = 0;
  double LinkBitsPerSecond = 0; ///< sum of the ports
  /// Bytes of a frame on the wire beyond its own: FCS, preamble, gap.
  uint32_t LinkOverheadBytes = 24;

  /// A ctx_arb: what a command with context swap costs beyond its issue.
  uint32_t waitMinimumCycles() const {
    return std::max(BlockingMinimumCycles, 2u) - 1;
  }
};

/// A firmware profile.
class Profile {
public:
  std::string Name;
  std::string Description;

  // Code store.
  uint32_t AbiVersion = 2; ///< 2 or 3
  uint32_t Start = 0;      ///< address of a program's first word
  uint32_t MaxLength = 0;  ///< words of a program, padding included
  uint32_t Done = 0;       ///< address a program leaves to
  bool LiveReload = false;

  // Per-program resources.
  uint32_t StackBytes = 0; ///< per context, multiple of 64
  uint32_t InlineMtu = 0;  ///< packet split offset in units of 64 bytes

  // Capabilities.
  std::vector<ProfileHelper> Helpers; ///< ascending Id
  std::optional<AdjustHeadLimits> AdjustHead;
  std::optional<MapLimits> Maps;
  bool Random = false;
  bool QueueSelect = false;
  bool AdjustTail = false;
  bool MultiEntryMessages = false;

  // Machine.
  uint64_t ClockHz = 0;
  uint32_t Microengines = 0;
  uint32_t Contexts = 4;
  uint32_t Queues = 0; ///< receive queues of the port

  TimingModel Timing;

  /// Address of a firmware routine, or nothing.
  std::optional<uint32_t> helperAddress(uint32_t Id) const;
  bool hasHelper(uint32_t Id) const { return helperAddress(Id).has_value(); }

  /// Whether a program may call the helper at all: firmware routines, and the
  /// ones a compiler expands (random number, adjust_head, adjust_tail) if the
  /// matching capability is there.
  bool allowsHelper(uint32_t Id) const;

  /// Bytes of a packet that are certainly in the packet buffer.
  uint32_t inlinePacketBytes() const {
    return InlineMtu == 0 ? 0 : InlineMtu * 64 - 32;
  }

  /// Cycles of the selected firmware variant. 0 if the name is unknown, which
  /// validate() refuses.
  double firmwareCycles() const;

  /// Checks the numbers against each other and against the hardware (14-bit
  /// code addresses, local memory, 8-bit adjust_head limits). The message names
  /// the field.
  llvm::Error validate() const;

  /// Applies the profile's capability section to a stream of driver TLVs
  /// (little-endian type, length, value; no end marker).
  void writeCapabilities(std::vector<uint8_t> &Out) const;

  /// Replaces helpers, limits and flags by what a TLV area says. Errors are the
  /// driver's: truncated entries, off_min above off_max, an unusable ABI
  /// version. A non-fatal one (adjust_head limits above 255 switch the
  /// capability off) is added to \p Warnings when that is not null.
  llvm::Error readCapabilities(llvm::ArrayRef<uint8_t> Area,
                               std::vector<std::string> *Warnings = nullptr);

  /// Writes YAML that parseProfile() reads back to an equal profile.
  void writeYAML(llvm::raw_ostream &OS) const;
};

/// Reads a profile in YAML. \p Origin names it in messages.
llvm::Expected<Profile> parseProfile(llvm::StringRef Text,
                                     llvm::StringRef Origin);

/// A shipped profile by name (see shippedProfiles()), or a file. A name
/// containing '/' or ending in ".yaml" is always a file. The empty name is the
/// default profile.
llvm::Expected<Profile> loadProfile(llvm::StringRef NameOrPath);

/// Names of the profiles compiled into the library; the first is the default.
llvm::ArrayRef<llvm::StringRef> shippedProfiles();

/// The first of shippedProfiles() that could run a program with the given needs
/// and is not \p Except; empty if none. Used in messages that say which profile
/// would do.
struct ProfileNeeds {
  std::vector<uint32_t> Helpers;  ///< helper ids
  std::vector<uint32_t> MapTypes; ///< kernel map types
  uint32_t KeySize = 0;           ///< of a map, bytes
  uint32_t ValueSize = 0;
  uint32_t ElemSize = 0; ///< key and value, each rounded up to 8
  uint64_t Elems = 0;    ///< of all maps
  uint32_t MapCount = 0;
  uint32_t Words = 0; ///< program length
  uint32_t StackBytes = 0;
};
std::string findProfileFor(const ProfileNeeds &Needs, llvm::StringRef Except);

} // namespace nfpbpf

#endif // NFPBPF_PROFILE_PROFILE_H
