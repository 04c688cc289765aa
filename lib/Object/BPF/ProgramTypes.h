//===- ProgramTypes.h - Program types from names and contexts ---*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_OBJECT_BPF_PROGRAMTYPES_H
#define NFPBPF_LIB_OBJECT_BPF_PROGRAMTYPES_H

#include "nfpbpf/Object/BPF/BPFObject.h"

namespace nfpbpf {
namespace object {

struct DeducedType {
  ProgramType Type = ProgramType::Unknown;
  TypeOrigin Origin = TypeOrigin::None;
  std::string Name = "unknown";
};

/// Deduces the type of a program from the name of its section (a leading '?'
/// removed) and the struct name its first parameter points to (empty when
/// unknown). In this order: an XDP context makes an XDP program unless the
/// section is of a kind that borrows contexts (freplace, fentry ...); a
/// section name that libbpf knows, whole or up to its first '/', '.' or '+'; a
/// packet buffer context makes a TC program; the loose prefixes "xdp",
/// "classifier" and "action" of early libbpf; the tail call sections ID/INDEX
/// of iproute2.
DeducedType deduceProgramType(llvm::StringRef Section,
                              llvm::StringRef ContextStruct);

/// Reads the "ID/INDEX" of an iproute2 tail call section, both numbers in
/// decimal or 0x form.
std::optional<std::pair<uint32_t, uint32_t>>
parseTailCallSection(llvm::StringRef Section);

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_LIB_OBJECT_BPF_PROGRAMTYPES_H
