//===- ObjectImpl.h - Contents of an eBPF object ----------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_OBJECT_BPF_OBJECTIMPL_H
#define NFPBPF_LIB_OBJECT_BPF_OBJECTIMPL_H

#include "BTF.h"
#include "ELFContents.h"

#include "nfpbpf/Object/BPF/BPFObject.h"

#include "llvm/Support/MemoryBuffer.h"

#include <map>

namespace nfpbpf {
namespace object {

/// A function of a code section, subprograms included.
struct FunctionSymbol {
  llvm::StringRef Name;
  uint32_t Section = 0;
  uint64_t Offset = 0; ///< multiple of 8
  uint64_t Size = 0;   ///< multiple of 8, not 0
  bool IsGlobal = false;
};

struct BPFObject::Impl {
  std::unique_ptr<llvm::MemoryBuffer> Buffer;
  std::string FileName;
  std::string License;
  std::optional<uint32_t> Version;

  ELFContents ELF;
  std::optional<BTF> Types;
  std::optional<BTFExt> Records;

  /// Every function, by section and offset; ranges do not overlap.
  std::vector<FunctionSymbol> Functions;
  std::vector<Program> Programs;
  /// Index into Functions of each program.
  std::vector<uint32_t> ProgramFunctions;

  std::vector<MapInfo> Maps;
  /// Map that starts at a place of a map section, by (section, offset).
  std::map<std::pair<uint32_t, uint64_t>, uint32_t> MapAt;
  /// Map of a global data section, by section index.
  std::map<uint32_t, uint32_t> DataMapOf;
  /// Section that BTF lists an undefined symbol in: ".kconfig" or ".ksyms".
  llvm::StringMap<llvm::StringRef> ExternSections;
  /// Byte offset of each kernel configuration value in the map for them.
  llvm::StringMap<uint32_t> KConfigOffsets;
  uint32_t KConfigMap = 0; ///< its index, if there are such values

  llvm::StringRef sectionName(uint32_t Index) const {
    return ELF.Sections[Index].Name;
  }
  /// Function that starts at a place, or nothing.
  std::optional<uint32_t> functionAt(uint32_t Section, uint64_t Offset) const;

  llvm::Error readTypes();
  llvm::Error readFunctions();
  llvm::Error readPrograms();
  void readStrings();
};

/// Reads legacy, BTF and global data maps into the object.
llvm::Error readMaps(BPFObject::Impl &Object);

/// Links the function and those it reaches. `Target` may be null.
llvm::Expected<LinkedProgram> linkFunction(const BPFObject::Impl &Object,
                                           uint32_t Function,
                                           const TargetTypes *Target);

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_LIB_OBJECT_BPF_OBJECTIMPL_H
