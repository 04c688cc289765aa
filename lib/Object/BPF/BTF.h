//===- BTF.h - BPF type format, bounded readers -----------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Readers of the sections .BTF (types and strings) and .BTF.ext (function and
// line records, CO-RE relocations). All accesses are checked; the cost of
// reading is linear in the size of the sections.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_OBJECT_BPF_BTF_H
#define NFPBPF_LIB_OBJECT_BPF_BTF_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nfpbpf {
namespace object {

/// Type kinds; the numbers are those of the format.
enum class BTFKind : uint8_t {
  Void = 0,
  Int = 1,
  Ptr = 2,
  Array = 3,
  Struct = 4,
  Union = 5,
  Enum = 6,
  Fwd = 7,
  Typedef = 8,
  Volatile = 9,
  Const = 10,
  Restrict = 11,
  Func = 12,
  FuncProto = 13,
  Var = 14,
  DataSec = 15,
  Float = 16,
  DeclTag = 17,
  TypeTag = 18,
  Enum64 = 19,
};

struct BTFType {
  BTFKind Kind = BTFKind::Void;
  bool KindFlag = false;
  uint32_t VLen = 0;
  uint32_t Name = 0;       ///< string offset
  uint32_t SizeOrType = 0; ///< bytes, or a type id, by kind
  uint32_t Extra = 0;      ///< offset of the trailing data in the type section
};

struct BTFMember {
  uint32_t Name;      ///< string offset
  uint32_t Type;      ///< type id
  uint32_t BitOffset; ///< bits from the start
  uint32_t BitSize;   ///< of a bit field, otherwise 0
};
struct BTFVarInfo {
  uint32_t Type; ///< id of a Var
  uint32_t Offset;
  uint32_t Size;
};
/// The encoding word of an Int.
struct BTFIntInfo {
  bool IsSigned;
  unsigned Offset; ///< bits; always 0 since members say where they are
  unsigned Bits;
};
struct BTFArray {
  uint32_t Element; ///< type id
  uint32_t Count;
};

/// The types and strings of an object.
class BTF {
public:
  /// Copies what it needs from the section's contents.
  static llvm::Expected<BTF> parse(llvm::ArrayRef<uint8_t> Section);

  /// Number of ids, void (0) included.
  uint32_t size() const { return static_cast<uint32_t>(Types.size()); }
  /// The type, or null for an id that does not exist.
  const BTFType *type(uint32_t Id) const {
    return Id < Types.size() ? &Types[Id] : nullptr;
  }
  /// A string, cut off after MaxLength characters; empty for a bad offset.
  llvm::StringRef string(uint32_t Offset, size_t MaxLength = 512) const;
  llvm::StringRef name(const BTFType &T) const { return string(T.Name); }

  /// Members of a struct or union (I < VLen).
  BTFMember member(const BTFType &T, uint32_t I) const;
  /// Entries of a DataSec (I < VLen).
  BTFVarInfo varInfo(const BTFType &T, uint32_t I) const;
  BTFArray array(const BTFType &T) const;
  /// Type of a parameter of a FuncProto (I < VLen).
  uint32_t paramType(const BTFType &T, uint32_t I) const;
  /// Linkage of a Var: 0 static, 1 global, 2 extern.
  uint32_t varLinkage(const BTFType &T) const;
  /// Value of an entry of an Enum or Enum64 (I < VLen), sign-extended when
  /// the enumeration is a signed Enum.
  uint64_t enumValue(const BTFType &T, uint32_t I) const;
  /// Name of an entry of an Enum or Enum64 (I < VLen).
  llvm::StringRef enumName(const BTFType &T, uint32_t I) const;
  BTFIntInfo intInfo(const BTFType &T) const;

  /// Id behind typedefs and qualifiers, or nothing when there are too many.
  std::optional<uint32_t> skipModifiers(uint32_t Id) const;
  /// Size of a value of the type in bytes.
  std::optional<uint64_t> sizeOf(uint32_t Id) const;
  /// "struct flow", "__u32", "struct flow *" ...
  std::string typeName(uint32_t Id) const;

  /// The storage that string() refers to.
  std::shared_ptr<const std::string> strings() const { return Strings; }

private:
  uint32_t word(uint64_t Offset) const;

  std::vector<BTFType> Types;
  std::vector<uint8_t> TypeData;
  std::shared_ptr<const std::string> Strings;
};

struct BTFFuncRecord {
  uint32_t Offset; ///< bytes in the section
  uint32_t Type;   ///< id of a Func
};
struct BTFLineRecord {
  uint32_t Offset;
  uint32_t File; ///< string offset
  uint32_t Text; ///< string offset
  uint32_t Line;
  uint32_t Column;
};
struct BTFCoreRecord {
  uint32_t Offset;
  uint32_t Type;
  uint32_t Access; ///< string offset
  uint32_t Kind;
};

/// "field_byte_offset", "type_exists" ...
std::string coreKindName(uint32_t Kind);

/// The records of one code section, each list by ascending offset.
struct BTFExtSection {
  std::vector<BTFFuncRecord> Funcs;
  std::vector<BTFLineRecord> Lines;
  std::vector<BTFCoreRecord> Cores;
};

/// The section .BTF.ext.
class BTFExt {
public:
  static llvm::Expected<BTFExt> parse(llvm::ArrayRef<uint8_t> Section,
                                      const BTF &Types);
  /// Records of a code section, or null.
  const BTFExtSection *section(llvm::StringRef Name) const {
    auto It = Sections.find(Name);
    return It == Sections.end() ? nullptr : &It->second;
  }

private:
  llvm::StringMap<BTFExtSection> Sections;
};

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_LIB_OBJECT_BPF_BTF_H
