//===- TargetTypes.h - Types of the system a program runs on ----*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The BTF that compile-once relocations are resolved against: that of a kernel
// (/sys/kernel/btf/vmlinux), of a vmlinux file, or of any ELF file with a
// section .BTF.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_OBJECT_BPF_TARGETTYPES_H
#define NFPBPF_OBJECT_BPF_TARGETTYPES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <memory>

namespace nfpbpf {
namespace object {

/// Read once, used by any number of links. Cheap to copy; the contents never
/// change.
class TargetTypes {
public:
  /// Reads raw BTF, or section .BTF of an ELF file. Errors: neither of the two,
  /// no such section, damaged contents, big-endian BTF.
  static llvm::Expected<TargetTypes> parse(llvm::MemoryBufferRef Buffer);
  /// Reads a file.
  static llvm::Expected<TargetTypes> load(llvm::StringRef Path);

  /// Contents, known to the library's sources only.
  struct Impl;
  const Impl &impl() const { return *P; }

private:
  explicit TargetTypes(std::shared_ptr<const Impl> P) : P(std::move(P)) {}
  std::shared_ptr<const Impl> P;
};

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_OBJECT_BPF_TARGETTYPES_H
