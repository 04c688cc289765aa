//===- ContextFields.cpp - User-space context structures ------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Target/BPF/ContextFields.h"

using namespace nfpbpf;
using namespace nfpbpf::importer;

static constexpr ContextField XDPFields[] = {
    {"data", 0, 4, FieldRole::Data},
    {"data_end", 4, 4, FieldRole::DataEnd},
    {"data_meta", 8, 4, FieldRole::DataMeta},
    {"ingress_ifindex", 12, 4, FieldRole::Plain},
    {"rx_queue_index", 16, 4, FieldRole::Plain},
    {"egress_ifindex", 20, 4, FieldRole::Plain},
};

static constexpr ContextField TCFields[] = {
    {"len", 0, 4, FieldRole::Length},
    {"pkt_type", 4, 4, FieldRole::Plain},
    {"mark", 8, 4, FieldRole::Plain},
    {"queue_mapping", 12, 4, FieldRole::Plain},
    {"protocol", 16, 4, FieldRole::Plain},
    {"vlan_present", 20, 4, FieldRole::Plain},
    {"vlan_tci", 24, 4, FieldRole::Plain},
    {"vlan_proto", 28, 4, FieldRole::Plain},
    {"priority", 32, 4, FieldRole::Plain},
    {"ingress_ifindex", 36, 4, FieldRole::Plain},
    {"ifindex", 40, 4, FieldRole::Plain},
    {"tc_index", 44, 4, FieldRole::Plain},
    {"cb", 48, 20, FieldRole::Plain},
    {"hash", 68, 4, FieldRole::Plain},
    {"tc_classid", 72, 4, FieldRole::Plain},
    {"data", 76, 4, FieldRole::Data},
    {"data_end", 80, 4, FieldRole::DataEnd},
    {"napi_id", 84, 4, FieldRole::Plain},
    {"family", 88, 4, FieldRole::Plain},
    {"remote_ip4", 92, 4, FieldRole::Plain},
    {"local_ip4", 96, 4, FieldRole::Plain},
    {"remote_ip6", 100, 16, FieldRole::Plain},
    {"local_ip6", 116, 16, FieldRole::Plain},
    {"remote_port", 132, 4, FieldRole::Plain},
    {"local_port", 136, 4, FieldRole::Plain},
    {"data_meta", 140, 4, FieldRole::DataMeta},
    {"flow_keys", 144, 8, FieldRole::Plain},
    {"tstamp", 152, 8, FieldRole::Plain},
    {"wire_len", 160, 4, FieldRole::Plain},
    {"gso_segs", 164, 4, FieldRole::Plain},
    {"sk", 168, 8, FieldRole::Plain},
    {"gso_size", 176, 4, FieldRole::Plain},
    {"tstamp_type", 180, 1, FieldRole::Plain},
    {"hwtstamp", 184, 8, FieldRole::Plain},
};

llvm::ArrayRef<ContextField> importer::contextFields(object::ProgramType Type) {
  switch (Type) {
  case object::ProgramType::XDP:
    return XDPFields;
  case object::ProgramType::TC:
    return TCFields;
  case object::ProgramType::Unknown:
  case object::ProgramType::Other:
    return {};
  }
  return {};
}

const ContextField *importer::findContextField(object::ProgramType Type,
                                               int64_t Offset, unsigned Size) {
  for (const ContextField &F : contextFields(Type))
    if (Offset >= F.Offset && Offset + Size <= F.Offset + F.Size)
      return &F;
  return nullptr;
}

bool importer::isContextKnown(object::ProgramType Type) {
  return !contextFields(Type).empty();
}
