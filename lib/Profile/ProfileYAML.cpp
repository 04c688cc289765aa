//===- ProfileYAML.cpp - Profiles as YAML ---------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Profile/Profile.h"

#include "nfpbpf/ISA/BPF/MapTypes.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLTraits.h"

using namespace llvm;
using namespace nfpbpf;

namespace {
/// A map type, spelled as the kernel does without BPF_MAP_TYPE_, in lower case.
struct MapTypeName {
  uint32_t Type = 0;
};

/// A double that is written without loss and, if whole, without a fraction.
struct Number {
  double Value = 0;
};

/// A map limit section with its types as a list.
struct MapSection {
  std::vector<MapTypeName> Types;
  MapLimits Limits;
};

struct CodeSection {
  Profile &P;
};
struct CapabilitySection {
  Profile &P;
};
struct MachineSection {
  Profile &P;
};
} // namespace

LLVM_YAML_IS_SEQUENCE_VECTOR(ProfileHelper)
LLVM_YAML_IS_SEQUENCE_VECTOR(FirmwareVariant)
LLVM_YAML_IS_FLOW_SEQUENCE_VECTOR(MapTypeName)

namespace llvm {
namespace yaml {

template <>
struct ScalarTraits<MapTypeName> {
  static void output(const MapTypeName &V, void *, raw_ostream &OS) {
    OS << nfpbpf::ebpf::mapTypeName(V.Type);
  }
  static StringRef input(StringRef Text, void *, MapTypeName &V) {
    // The limits are a bit for each type.
    std::optional<uint32_t> Type = nfpbpf::ebpf::mapTypeByName(Text);
    if (Type && *Type < 32) {
      V.Type = *Type;
      return {};
    }
    return "unknown map type";
  }
  static QuotingType mustQuote(StringRef) { return QuotingType::None; }
};

template <>
struct ScalarTraits<Number> {
  static void output(const Number &V, void *, raw_ostream &OS) {
    if (V.Value == static_cast<double>(static_cast<int64_t>(V.Value)))
      OS << static_cast<int64_t>(V.Value);
    else
      OS << format("%.17g", V.Value);
  }
  static StringRef input(StringRef Text, void *, Number &V) {
    if (!to_float(Text, V.Value))
      return "invalid number";
    if (!(V.Value >= 0) || V.Value > 1e18)
      return "number must not be negative or above 1e18";
    return {};
  }
  static QuotingType mustQuote(StringRef) { return QuotingType::None; }
};

/// Maps a double member through Number.
static void mapNumber(IO &Io, const char *Key, double &Value) {
  Number N{Value};
  Io.mapRequired(Key, N);
  Value = N.Value;
}

template <>
struct MappingTraits<ProfileHelper> {
  static void mapping(IO &Io, ProfileHelper &H) {
    Io.mapRequired("id", H.Id);
    Io.mapRequired("address", H.Address);
  }
  static const bool flow = true;
};

template <>
struct MappingTraits<FirmwareVariant> {
  static void mapping(IO &Io, FirmwareVariant &V) {
    Io.mapRequired("name", V.Name);
    mapNumber(Io, "cycles", V.Cycles);
  }
  static const bool flow = true;
};

template <>
struct MappingTraits<LatencyRange> {
  static void mapping(IO &Io, LatencyRange &L) {
    mapNumber(Io, "low", L.Low);
    mapNumber(Io, "high", L.High);
  }
  static const bool flow = true;
};

template <>
struct MappingTraits<AdjustHeadLimits> {
  static void mapping(IO &Io, AdjustHeadLimits &L) {
    Io.mapRequired("no_meta", L.NoMeta);
    Io.mapRequired("off_min", L.OffMin);
    Io.mapRequired("off_max", L.OffMax);
    Io.mapRequired("guaranteed_sub", L.GuaranteedSub);
    Io.mapRequired("guaranteed_add", L.GuaranteedAdd);
  }
  static const bool flow = true;
};

template <>
struct MappingTraits<MapSection> {
  static void mapping(IO &Io, MapSection &S) {
    Io.mapRequired("types", S.Types);
    Io.mapRequired("max_maps", S.Limits.MaxMaps);
    Io.mapRequired("max_elems", S.Limits.MaxElems);
    Io.mapRequired("max_key_size", S.Limits.MaxKeySize);
    Io.mapRequired("max_value_size", S.Limits.MaxValueSize);
    Io.mapRequired("max_elem_size", S.Limits.MaxElemSize);
    Io.mapOptional("complete_arrays", S.Limits.CompleteArrays, true);
    Io.mapOptional("array_addresses", S.Limits.ArrayAddresses, false);
  }
};

template <>
struct MappingTraits<CodeSection> {
  static void mapping(IO &Io, CodeSection &S) {
    Io.mapRequired("abi", S.P.AbiVersion);
    Io.mapRequired("start", S.P.Start);
    Io.mapRequired("max_length", S.P.MaxLength);
    Io.mapRequired("done", S.P.Done);
    Io.mapOptional("live_reload", S.P.LiveReload, false);
  }
};

template <>
struct MappingTraits<CapabilitySection> {
  static void mapping(IO &Io, CapabilitySection &S) {
    Io.mapOptional("helpers", S.P.Helpers);
    Io.mapOptional("adjust_head", S.P.AdjustHead);
    std::optional<MapSection> Maps;
    if (Io.outputting() && S.P.Maps) {
      Maps.emplace();
      Maps->Limits = *S.P.Maps;
      for (uint32_t I = 0; I < 32; ++I)
        if (S.P.Maps->allowsType(I))
          Maps->Types.push_back({I});
    }
    Io.mapOptional("maps", Maps);
    if (!Io.outputting() && Maps) {
      S.P.Maps = Maps->Limits;
      for (MapTypeName T : Maps->Types)
        S.P.Maps->Types |= 1u << T.Type;
    }
    Io.mapOptional("random", S.P.Random, false);
    Io.mapOptional("queue_select", S.P.QueueSelect, false);
    Io.mapOptional("adjust_tail", S.P.AdjustTail, false);
    Io.mapOptional("multi_entry_messages", S.P.MultiEntryMessages, false);
  }
};

template <>
struct MappingTraits<MachineSection> {
  static void mapping(IO &Io, MachineSection &S) {
    Io.mapRequired("clock_hz", S.P.ClockHz);
    Io.mapRequired("microengines", S.P.Microengines);
    Io.mapRequired("contexts", S.P.Contexts);
    Io.mapRequired("queues", S.P.Queues);
  }
};

template <>
struct MappingTraits<TimingModel> {
  static void mapping(IO &Io, TimingModel &T) {
    Io.mapRequired("firmware", T.Firmware);
    Io.mapRequired("firmware_variants", T.FirmwareVariants);
    mapNumber(Io, "firmware_wait", T.FirmwareWait);
    Io.mapRequired("branch", T.BranchCycles);
    Io.mapRequired("branch_taken", T.BranchTakenCycles);
    Io.mapRequired("branch_taken_old_flags", T.BranchTakenOldCycles);
    Io.mapRequired("branch_not_taken", T.BranchNotTakenCycles);
    Io.mapRequired("bit_branch_taken", T.BitBranchTakenCycles);
    Io.mapRequired("return", T.ReturnCycles);
    Io.mapRequired("blocking_minimum", T.BlockingMinimumCycles);
    Io.mapRequired("spacing_32", T.Spacing32);
    Io.mapRequired("spacing_40", T.Spacing40);
    mapNumber(Io, "latency_ctm", T.LatencyCtm);
    mapNumber(Io, "latency_emem", T.LatencyEmem);
    mapNumber(Io, "engine_read", T.EngineReadCycles);
    mapNumber(Io, "engine_add", T.EngineAddCycles);
    Io.mapRequired("ctm_latency_range", T.CtmLatency);
    Io.mapRequired("emem_latency_range", T.EmemLatency);
    mapNumber(Io, "lookup_hit", T.LookupHitCycles);
    mapNumber(Io, "lookup_miss", T.LookupMissCycles);
    mapNumber(Io, "update", T.UpdateCycles);
    mapNumber(Io, "delete", T.DeleteCycles);
    mapNumber(Io, "perf_event", T.PerfEventCycles);
    Io.mapRequired("helper_memory_ops", T.HelperMemoryOps);
    Io.mapRequired("helper_engine_atomics", T.HelperEngineAtomics);
    Io.mapRequired("map_cache_bytes", T.MapCacheBytes);
    Io.mapRequired("map_bucket_bytes", T.MapBucketBytes);
    mapNumber(Io, "map_misses_per_second", T.MapMissesPerSecond);
    mapNumber(Io, "map_contention", T.MapContention);
    mapNumber(Io, "map_add_nanoseconds", T.MapAddNanoseconds);
    mapNumber(Io, "mac_limit_pps", T.MacLimitPps);
    mapNumber(Io, "link_bits_per_second", T.LinkBitsPerSecond);
    Io.mapRequired("link_overhead_bytes", T.LinkOverheadBytes);
  }
};

template <>
struct MappingTraits<Profile> {
  static void mapping(IO &Io, Profile &P) {
    Io.mapRequired("name", P.Name);
    Io.mapOptional("description", P.Description);
    CodeSection Code{P};
    Io.mapRequired("code", Code);
    Io.mapRequired("stack_bytes", P.StackBytes);
    Io.mapRequired("inline_mtu", P.InlineMtu);
    CapabilitySection Capabilities{P};
    Io.mapRequired("capabilities", Capabilities);
    MachineSection Machine{P};
    Io.mapRequired("machine", Machine);
    Io.mapRequired("timing", P.Timing);
  }
};

} // namespace yaml
} // namespace llvm

static void collectDiagnostic(const SMDiagnostic &Diag, void *Context) {
  auto &Text = *static_cast<std::string *>(Context);
  if (!Text.empty())
    return;
  raw_string_ostream OS(Text);
  OS << Diag.getFilename() << ":" << Diag.getLineNo() << ":"
     << Diag.getColumnNo() + 1 << ": " << Diag.getMessage();
}

Expected<Profile> nfpbpf::parseProfile(StringRef Text, StringRef Origin) {
  Profile P;
  std::string Message;
  yaml::Input In(MemoryBufferRef(Text, Origin), nullptr, collectDiagnostic,
                 &Message);
  In >> P;
  if (std::error_code EC = In.error())
    return createStringError(EC, "firmware profile " +
                                     (Message.empty()
                                          ? Twine(Origin) + ": " + EC.message()
                                          : Twine(Message)));
  if (Error E = P.validate())
    return std::move(E);
  return P;
}

void Profile::writeYAML(raw_ostream &OS) const {
  // YAML output does not change what it writes, but takes it non-const.
  Profile Copy = *this;
  yaml::Output Out(OS, nullptr, /*WrapColumn=*/100);
  Out << Copy;
}
