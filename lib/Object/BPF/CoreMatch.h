//===- CoreMatch.h - Finding a type again in other types --------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a CO-RE relocation names ("the third member of struct a's first member")
// as a path through the object's types, and the search for the same path in the
// types of the target. The rules are libbpf's. They are written anew here
// because libbpf applies them only while it loads an object into a running
// kernel: its interface has no call that relocates an object offline.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_OBJECT_BPF_COREMATCH_H
#define NFPBPF_LIB_OBJECT_BPF_COREMATCH_H

#include "BTF.h"

#include "llvm/ADT/SmallVector.h"

namespace nfpbpf {
namespace object {

/// The kinds of relocation; the numbers are those of the format.
enum class CoreKind : uint32_t {
  FieldByteOffset = 0,
  FieldByteSize = 1,
  FieldExists = 2,
  FieldSigned = 3,
  FieldLShiftU64 = 4,
  FieldRShiftU64 = 5,
  TypeIdLocal = 6,
  TypeIdTarget = 7,
  TypeExists = 8,
  TypeSize = 9,
  EnumValueExists = 10,
  EnumValue = 11,
  TypeMatches = 12,
};

bool isFieldKind(CoreKind Kind);
bool isEnumKind(CoreKind Kind);

/// One step of a path. The first indexes the root type as an array (or names
/// an entry of an enumeration).
struct CoreStep {
  uint32_t Type = 0;    ///< struct, union or enum, or type of the array element
  uint32_t Index = 0;   ///< member, entry or element
  llvm::StringRef Name; ///< of the member or entry; empty for an element
};

/// A path through types. Steps through anonymous members are not listed but
/// count in BitOffset.
struct CorePath {
  const BTF *Types = nullptr;
  uint32_t Root = 0;
  llvm::SmallVector<CoreStep, 8> Steps;
  uint64_t BitOffset = 0;

  /// "struct flow.key.ports[1]"
  std::string str() const;
};

/// The part of a name before "___flavour".
llvm::StringRef essentialName(llvm::StringRef Name);

/// Whether types of the two kinds can be the same type at all.
bool areKindsCompatible(BTFKind A, BTFKind B);

/// Reads the access text of a relocation. The error has no place.
llvm::Expected<CorePath> readCorePath(const BTF &Types, CoreKind Kind,
                                      uint32_t Root, llvm::StringRef Access);

/// Finds what a path names below a type of the target with the same essential
/// name; nothing when there is no such thing there. Errors: damaged types.
llvm::Expected<std::optional<CorePath>> matchCorePath(CoreKind Kind,
                                                      const CorePath &Local,
                                                      const BTF &Target,
                                                      uint32_t TargetRoot);

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_LIB_OBJECT_BPF_COREMATCH_H
