//===- ProgramTypes.cpp - Program types from names and contexts -----------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProgramTypes.h"

using namespace llvm;

namespace nfpbpf {
namespace object {

StringRef stringifyProgramType(ProgramType Type) {
  switch (Type) {
  case ProgramType::Unknown:
    return "unknown";
  case ProgramType::XDP:
    return "xdp";
  case ProgramType::TC:
    return "tc";
  case ProgramType::Other:
    return "other";
  }
  return "unknown";
}

std::optional<ProgramType> parseProgramType(StringRef Text) {
  if (Text == "xdp")
    return ProgramType::XDP;
  if (Text == "tc")
    return ProgramType::TC;
  return std::nullopt;
}

std::optional<std::pair<uint32_t, uint32_t>>
parseTailCallSection(StringRef Section) {
  auto [First, Second] = Section.split('/');
  uint32_t Id, Index;
  if (First.getAsInteger(0, Id) || Second.getAsInteger(0, Index))
    return std::nullopt;
  return std::make_pair(Id, Index);
}

namespace {

struct Rule {
  StringLiteral Prefix;
  ProgramType Type;
  /// The program takes the context of what it is attached to.
  bool BorrowsContext;
};

/// Section names of libbpf. A rule matches the whole name, or a name that goes
/// on with '/', '.' or '+' after it.
constexpr Rule Rules[] = {
    {"xdp", ProgramType::XDP, false},
    {"xdp_devmap", ProgramType::XDP, false},
    {"xdp_cpumap", ProgramType::XDP, false},
    {"tc", ProgramType::TC, false},
    {"tcx", ProgramType::TC, false},
    {"netkit", ProgramType::TC, false},
    {"classifier", ProgramType::TC, false},
    {"action", ProgramType::TC, false},
    {"socket", ProgramType::Other, false},
    {"sk_reuseport", ProgramType::Other, false},
    {"kprobe", ProgramType::Other, false},
    {"kretprobe", ProgramType::Other, false},
    {"uprobe", ProgramType::Other, false},
    {"uretprobe", ProgramType::Other, false},
    {"ksyscall", ProgramType::Other, false},
    {"kretsyscall", ProgramType::Other, false},
    {"usdt", ProgramType::Other, false},
    {"tracepoint", ProgramType::Other, false},
    {"tp", ProgramType::Other, false},
    {"raw_tracepoint", ProgramType::Other, false},
    {"raw_tp", ProgramType::Other, false},
    {"tp_btf", ProgramType::Other, true},
    {"fentry", ProgramType::Other, true},
    {"fmod_ret", ProgramType::Other, true},
    {"fexit", ProgramType::Other, true},
    {"freplace", ProgramType::Other, true},
    {"lsm", ProgramType::Other, true},
    {"lsm_cgroup", ProgramType::Other, true},
    {"iter", ProgramType::Other, true},
    {"syscall", ProgramType::Other, true},
    {"struct_ops", ProgramType::Other, true},
    {"perf_event", ProgramType::Other, false},
    {"lwt_in", ProgramType::Other, false},
    {"lwt_out", ProgramType::Other, false},
    {"lwt_xmit", ProgramType::Other, false},
    {"lwt_seg6local", ProgramType::Other, false},
    {"sockops", ProgramType::Other, false},
    {"sk_skb", ProgramType::Other, false},
    {"sk_msg", ProgramType::Other, false},
    {"lirc_mode2", ProgramType::Other, false},
    {"flow_dissector", ProgramType::Other, false},
    {"cgroup_skb", ProgramType::Other, false},
    {"cgroup", ProgramType::Other, false},
    {"sk_lookup", ProgramType::Other, false},
    {"netfilter", ProgramType::Other, false},
};

} // namespace

static const Rule *findRule(StringRef Section) {
  for (const Rule &R : Rules) {
    StringRef Rest = Section;
    if (!Rest.consume_front(R.Prefix))
      continue;
    if (Rest.empty() || Rest[0] == '/' || Rest[0] == '.' || Rest[0] == '+')
      return &R;
  }
  return nullptr;
}

static DeducedType result(ProgramType Type, TypeOrigin Origin, StringRef Name) {
  DeducedType D;
  D.Type = Type;
  D.Origin = Origin;
  D.Name = Name.str();
  return D;
}

DeducedType deduceProgramType(StringRef Section, StringRef ContextStruct) {
  Section.consume_front("?");
  const Rule *R = findRule(Section);
  if (ContextStruct == "xdp_md" && !(R && R->BorrowsContext))
    return result(ProgramType::XDP,
                  R && R->Type == ProgramType::XDP ? TypeOrigin::Section
                                                   : TypeOrigin::ContextType,
                  "xdp");
  if (R)
    return result(R->Type, TypeOrigin::Section,
                  R->Type == ProgramType::Other
                      ? StringRef(R->Prefix)
                      : stringifyProgramType(R->Type));
  if (ContextStruct == "__sk_buff")
    return result(ProgramType::TC, TypeOrigin::ContextType, "tc");
  // A context of another kind rules out what the name alone suggests.
  if (!ContextStruct.empty())
    return DeducedType();
  if (Section.starts_with("xdp"))
    return result(ProgramType::XDP, TypeOrigin::Section, "xdp");
  if (Section.starts_with("classifier") || Section.starts_with("action") ||
      parseTailCallSection(Section))
    return result(ProgramType::TC, TypeOrigin::Section, "tc");
  return DeducedType();
}

} // namespace object
} // namespace nfpbpf
