//===- BPFLocation.h - Locations of eBPF instructions -----------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The location of an operation: a fused location with the metadata
// `#bpf.insn<index>` around the place in the source.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_IR_BPFLOCATION_H
#define NFPBPF_DIALECT_BPF_IR_BPFLOCATION_H

#include "mlir/IR/Location.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>

namespace nfpbpf::bpf {

/// The location of an instruction (index of its first slot in the linked
/// program) around the place in the source. Line and column are 1-based, 0
/// when unknown; without line information `file` is the object's name.
mlir::Location makeInsnLocation(mlir::MLIRContext *context, uint32_t insn,
                                llvm::StringRef file, uint32_t line,
                                uint32_t column);

/// Instruction index of a location. Looks through name and call-site
/// locations; of a fused location without an index, the first part that has
/// one.
std::optional<uint32_t> getInsnIndex(mlir::Location loc);

/// The place in the source: the first file location in it.
std::optional<mlir::FileLineColLoc> getSourceLocation(mlir::Location loc);

} // namespace nfpbpf::bpf

#endif // NFPBPF_DIALECT_BPF_IR_BPFLOCATION_H
