//===- BPFObject.h - Relocatable eBPF ELF objects ---------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reader of relocatable eBPF objects (ELF64, EM_BPF, little endian) as clang
// and bpftool write them. Every error names the section, the offset in it
// and the reason; damaged and hostile files give an error, never a crash.
//
// Section names, map definitions and the order of functions follow libbpf; the
// 36-byte and longer definitions in section "maps" follow iproute2.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_OBJECT_BPF_BPFOBJECT_H
#define NFPBPF_OBJECT_BPF_BPFOBJECT_H

#include "nfpbpf/Object/BPF/LinkedProgram.h"
#include "nfpbpf/Object/BPF/TargetTypes.h"

#include "llvm/Support/MemoryBufferRef.h"

#include <memory>

namespace nfpbpf {
namespace object {

/// How a program's type was found.
enum class TypeOrigin : uint8_t { None, Section, ContextType, Forced };

/// A program of an object: a function of an executable section other than
/// .text (or of .text when that is the only one).
struct Program {
  std::string Name;    ///< function name
  std::string Section; ///< ELF section
  ProgramType Type = ProgramType::Unknown;
  TypeOrigin Origin = TypeOrigin::None;
  /// Text for the type: "xdp", "tc", or e.g. "kprobe", "cgroup_skb", "unknown".
  std::string TypeName;
  uint64_t SectionOffset = 0; ///< of the first instruction
  uint32_t InsnCount = 0;     ///< slots of this function alone
  bool IsGlobal = false;
  /// True for sections starting with '?': not loaded by default.
  bool IsOptional = false;
};

/// A relocatable eBPF object. Movable; owns a copy of what it needs.
class BPFObject {
public:
  /// Reads an object. `Buffer` is not used after the call.
  static llvm::Expected<BPFObject> parse(llvm::MemoryBufferRef Buffer);
  /// Reads a file.
  static llvm::Expected<BPFObject> load(llvm::StringRef Path);

  BPFObject(BPFObject &&);
  BPFObject &operator=(BPFObject &&);
  ~BPFObject();

  llvm::StringRef fileName() const;
  llvm::StringRef license() const; ///< empty without a license section
  std::optional<uint32_t> kernelVersion() const; ///< section "version"

  /// All programs in order of section and offset.
  llvm::ArrayRef<Program> programs() const;
  /// All maps, global data sections included, in order of section and offset.
  llvm::ArrayRef<MapInfo> maps() const;
  bool hasBTF() const;

  /// Index of the program of that function name, or of "section:name" where a
  /// name alone would be ambiguous. Error: none, or more than one.
  llvm::Expected<uint32_t> findProgram(llvm::StringRef Name) const;

  /// Links a program. `Type` forces the program type when given. `Target` gives
  /// the types that CO-RE relocations are resolved against; null leaves what
  /// needs them in LinkedProgram::UnresolvedList. Errors: a relocation of an
  /// unknown type or to an unsupported place, a call to something that is no
  /// function, a reference out of bounds, a CO-RE record that does not fit its
  /// instruction or for which the target's types disagree.
  llvm::Expected<LinkedProgram>
  link(uint32_t ProgramIndex, std::optional<ProgramType> Type = std::nullopt,
       const TargetTypes *Target = nullptr) const;

  /// Contents, known to the library's sources only.
  struct Impl;

private:
  explicit BPFObject(std::unique_ptr<Impl> I);
  std::unique_ptr<Impl> P;
};

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_OBJECT_BPF_BPFOBJECT_H
