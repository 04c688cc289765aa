//===- Snippets.h - Programs that use one feature each ----------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_TOOLS_NFP_BPF_SUPPORT_SNIPPETS_H
#define NFPBPF_TOOLS_NFP_BPF_SUPPORT_SNIPPETS_H

#include "nfpbpf/ISA/BPF/Helpers.h"
#include "nfpbpf/ISA/BPF/Instruction.h"
#include "nfpbpf/Object/BPF/LinkedProgram.h"
#include "nfpbpf/Target/BPF/ContextFields.h"

namespace nfpbpf::support {

/// What a memory instruction accesses.
enum class Place { Stack, Packet, MapValue };

/// The slot that stands for a row of the instruction table in the matrix.
ebpf::Slot exampleOf(const ebpf::OpcodeInfo &Info);

/// A program around an instruction whose operands are not known before it runs
/// and whose result is its own. `Where` counts for memory accesses only.
object::LinkedProgram programFor(const ebpf::OpcodeInfo &Info, Place Where);
/// The same for the forms of LD_IMM64.
object::LinkedProgram programFor(ebpf::ImmKind Kind);

/// A program that reads or writes a context field.
object::LinkedProgram programFor(object::ProgramType Type,
                                 const importer::ContextField &Field,
                                 bool IsWrite);

/// A program that calls a helper with arguments of the right kinds, maps being
/// of a given type.
object::LinkedProgram programFor(uint32_t Helper, uint32_t MapType);

} // namespace nfpbpf::support

#endif // NFPBPF_TOOLS_NFP_BPF_SUPPORT_SNIPPETS_H
