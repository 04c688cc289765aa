//===- ContextFields.h - User-space context structures ----------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fields of struct xdp_md and struct __sk_buff as programs see them.
// Source: linux/bpf.h (user-space interface).
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_TARGET_BPF_CONTEXTFIELDS_H
#define NFPBPF_TARGET_BPF_CONTEXTFIELDS_H

#include "nfpbpf/Object/BPF/LinkedProgram.h"

#include "llvm/ADT/ArrayRef.h"

namespace nfpbpf::importer {

enum class FieldRole : uint8_t { Plain, Data, DataEnd, DataMeta, Length };

struct ContextField {
  const char *Name;
  uint16_t Offset; ///< bytes
  uint16_t Size;   ///< bytes
  FieldRole Role;
};

/// All fields in order of offset; empty for a program type whose context is not
/// known here.
llvm::ArrayRef<ContextField> contextFields(object::ProgramType Type);
/// The field that holds all bytes of an access, or null: no such field, or a
/// program type whose context is not known here.
const ContextField *findContextField(object::ProgramType Type, int64_t Offset,
                                     unsigned Size);
/// Whether the context structure of the type is known here.
bool isContextKnown(object::ProgramType Type);

} // namespace nfpbpf::importer

#endif // NFPBPF_TARGET_BPF_CONTEXTFIELDS_H
