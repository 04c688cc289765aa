//===- BPFLocation.cpp - Locations of eBPF instructions -------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/BPF/IR/BPFLocation.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

using namespace mlir;
using namespace nfpbpf;

Location bpf::makeInsnLocation(MLIRContext *context, uint32_t insn,
                               StringRef file, uint32_t line, uint32_t column) {
  Location source = FileLineColLoc::get(context, file, line, column);
  return FusedLoc::get({source}, InsnAttr::get(context, insn), context);
}

std::optional<uint32_t> bpf::getInsnIndex(Location loc) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    if (auto insn = dyn_cast_if_present<InsnAttr>(fused.getMetadata()))
      return insn.getIndex();
    for (Location part : fused.getLocations())
      if (std::optional<uint32_t> index = getInsnIndex(part))
        return index;
    return std::nullopt;
  }
  if (auto name = dyn_cast<NameLoc>(loc))
    return getInsnIndex(name.getChildLoc());
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return getInsnIndex(call.getCallee());
  return std::nullopt;
}

std::optional<FileLineColLoc> bpf::getSourceLocation(Location loc) {
  if (FileLineColLoc file = loc->findInstanceOf<FileLineColLoc>())
    return file;
  return std::nullopt;
}
