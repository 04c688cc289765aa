//===- CoreRelocation.h - Compile-once relocations --------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_OBJECT_BPF_CORERELOCATION_H
#define NFPBPF_LIB_OBJECT_BPF_CORERELOCATION_H

#include "BTF.h"

#include "nfpbpf/Object/BPF/TargetTypes.h"

#include "llvm/ADT/StringMap.h"

namespace nfpbpf {
namespace object {

struct TargetTypes::Impl {
  BTF Types;
  /// Ids of named types by essential name, ascending.
  llvm::StringMap<std::vector<uint32_t>> ByName;
};

/// What a relocation puts into an instruction.
struct CoreValue {
  /// The field or entry does not exist in the target: the instruction must not
  /// be reached. Says why; empty for all other relocations.
  std::string Poison;
  uint64_t Old = 0; ///< what the compiler wrote
  uint64_t New = 0;
  bool CheckOld = false;
  /// Bytes of the field before and after; 0 when there is no field to load.
  uint64_t OldSize = 0;
  uint64_t NewSize = 0;
  /// The sizes differ and zero-extension does not bridge that.
  bool SizesClash = false;
};

/// Resolves a record of an object. `Target` may be null: then only a
/// type_id_local can be resolved, and a null optional says that the target's
/// types are needed. Errors, without a place: a damaged record, candidates of
/// the target that disagree, a relocation of an anonymous type.
llvm::Expected<std::optional<CoreValue>>
resolveCoreRelocation(const BTF &Local, const BTFCoreRecord &Record,
                      const TargetTypes::Impl *Target);

/// Puts the value into the instruction whose slots (two for LD_IMM64) are
/// given. A poisoned instruction becomes a call of a helper that does not
/// exist; the result is then the reason, otherwise empty. Errors, without a
/// place: an instruction that cannot have the relocation or does not hold what
/// the record says.
llvm::Expected<std::string> applyCoreValue(llvm::MutableArrayRef<uint64_t> Insn,
                                           const CoreValue &Value);

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_LIB_OBJECT_BPF_CORERELOCATION_H
