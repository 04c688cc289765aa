//===- LinkedProgram.h - A program as the kernel would see it ---*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A linked program is one eBPF program of an object with every function it
// reaches, laid out one after the other in one array of 8-byte instructions, as
// a loader hands it to the kernel's verifier. It owns everything it refers to:
// the object it came from may be destroyed.
//
// Indices. "Instruction index" always means the index of an 8-byte slot in
// LinkedProgram::Insns; the two slots of LD_IMM64 count as two. "Map index"
// always means an index into LinkedProgram::Maps.
//
// Units. Sizes and offsets are in bytes unless a name says otherwise.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_OBJECT_BPF_LINKEDPROGRAM_H
#define NFPBPF_OBJECT_BPF_LINKEDPROGRAM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nfpbpf {
namespace object {

/// What a program is attached to. `Other` is a type that was recognized and is
/// neither XDP nor TC (tracing, socket filter, cgroup ...): its name is then in
/// Program::TypeName.
enum class ProgramType : uint8_t { Unknown, XDP, TC, Other };

/// "unknown", "xdp", "tc", "other".
llvm::StringRef stringifyProgramType(ProgramType Type);

/// Reads "xdp" or "tc"; nothing for any other text.
std::optional<ProgramType> parseProgramType(llvm::StringRef Text);

/// Where a map definition was found.
enum class MapStyle : uint8_t {
  Legacy,     ///< section "maps" or "maps/NAME", struct bpf_map_def (16 bytes
              ///< or more)
  IProute2,   ///< section "maps", struct bpf_elf_map of iproute2 (36 or more)
  BTF,        ///< section ".maps", defined by BTF types
  GlobalData, ///< a data section seen as an array of one entry
};

/// Which global data section a map stands for; None for real maps.
enum class GlobalDataKind : uint8_t { None, Data, ROData, BSS };

/// One initial entry of a map that holds programs or maps.
struct MapSlot {
  uint32_t Index = 0;     ///< the key
  bool IsProgram = false; ///< a program, else a map
  std::string Symbol;     ///< name of the program or map
};

/// Shape of the inner maps of a map of maps. Type 0 means not given.
struct InnerMapInfo {
  uint32_t Type = 0;
  uint32_t KeySize = 0;
  uint32_t ValueSize = 0;
  uint32_t MaxEntries = 0;
  uint32_t Flags = 0;
};

/// A map of an object. Type is the kernel's enum bpf_map_type.
struct MapInfo {
  std::string Name;
  uint32_t Type = 0;
  uint32_t KeySize = 0;
  uint32_t ValueSize = 0;
  uint32_t MaxEntries = 0;
  uint32_t Flags = 0; ///< BPF_F_* of the map
  uint32_t Pinning = 0;
  uint32_t NumaNode = 0;
  uint64_t MapExtra = 0;

  MapStyle Style = MapStyle::BTF;
  std::string Section;        ///< ELF section of the definition
  uint64_t SectionOffset = 0; ///< of the definition within it

  /// Global data only: which section, and its contents. The map is then an
  /// array with one entry of ValueSize bytes; Contents has ValueSize bytes.
  GlobalDataKind Global = GlobalDataKind::None;
  std::vector<uint8_t> Contents;

  /// Maps of maps: the shape of the inner maps.
  InnerMapInfo Inner;
  /// Initial entries (BTF `values`).
  std::vector<MapSlot> Values;

  /// Names of the key's and value's BTF types, empty when there are none.
  std::string KeyTypeName;
  std::string ValueTypeName;

  bool isGlobalData() const { return Global != GlobalDataKind::None; }
  /// True for .rodata sections.
  bool isReadOnlyData() const { return Global == GlobalDataKind::ROData; }
};

/// A place in the source, from the object's line information. Line and Column
/// are 1-based; 0 means unknown. The strings belong to the linked program and
/// live as long as any copy of it.
struct SourceLocation {
  llvm::StringRef File;
  uint32_t Line = 0;
  uint32_t Column = 0;
  llvm::StringRef Text; ///< the source line, without surrounding white space
};

/// What the first slot of an instruction refers to.
enum class RefKind : uint8_t {
  Map,      ///< LD_IMM64, src_reg 1: the map itself; Index is a map index
  MapValue, ///< LD_IMM64, src_reg 2: into a map's value; Index is a map index,
            ///< Offset a byte offset into the value
  Function, ///< LD_IMM64, src_reg 4: address of a function; Index into
            ///< Functions
  Call,     ///< call between functions (src_reg 1); Index into Functions
};

struct Reference {
  uint32_t Insn = 0;
  RefKind Kind = RefKind::Map;
  uint32_t Index = 0;
  uint64_t Offset = 0;
};

/// Why an instruction cannot run as it stands.
enum class UnresolvedKind : uint8_t {
  ExternFunction, ///< call of a kernel function (kfunc) or undefined function
  ExternVariable, ///< address of a kernel variable (.ksyms)
  KConfig,        ///< address of a kernel configuration value (.kconfig)
  /// Compile-once-run-everywhere record on the instruction: without the
  /// target's types, or for something the target does not have. In the latter
  /// case the instruction calls helper 0xbad2310, as libbpf leaves it.
  CoreRelocation,
};

/// Something a user of the program must refuse if it cannot provide it.
struct Unresolved {
  uint32_t Insn = 0;
  UnresolvedKind Kind = UnresolvedKind::ExternFunction;
  std::string Name;    ///< symbol, or type name of a CO-RE record
  std::string Message; ///< a full description, without the instruction index
  /// A CO-RE record against a type whose layout is the user-space interface's
  /// or a network protocol's: what the compiler wrote is what every kernel has,
  /// so the instruction can run as it stands.
  bool IsStable = false;
};

/// One function of a linked program.
struct Function {
  std::string Name;
  uint32_t First = 0; ///< instruction index of its first slot
  uint32_t Count = 0; ///< slots
  bool IsGlobal = false;
  std::string Section;
  uint64_t SectionOffset = 0; ///< of its first instruction

  uint32_t end() const { return First + Count; }
  bool contains(uint32_t Insn) const { return Insn >= First && Insn < end(); }
};

/// A program ready for import or interpretation.
///
/// Insns holds each 8-byte slot as the number its little-endian bytes make:
/// opcode in bits 7..0, destination register 11..8, source register 15..12,
/// offset 31..16, immediate 63..32. References are already patched in:
///   map        src_reg 1, immediate = map index, second immediate 0
///   map value  src_reg 2, immediate = map index, second immediate = offset
///   function   src_reg 4, immediate = relative slot offset of the function
///   call       src_reg 1, immediate = relative slot offset of the callee
/// (relative to the slot after the call, as in the kernel; for function
/// addresses relative to the slot after the first half, as libbpf sets it).
class LinkedProgram {
public:
  /// Most slots a program may have (the kernel's own limit).
  static constexpr uint32_t MaxInsns = 1000000;

  std::string Name;
  std::string Section;
  std::string FileName;
  std::string License;
  ProgramType Type = ProgramType::Unknown;

  std::vector<uint64_t> Insns;
  std::vector<Function> Functions; ///< [0] is the entry; ascending First
  /// Maps, then global data that programs can write, then read-only data; each
  /// in order of first reference.
  std::vector<MapInfo> Maps;
  std::vector<Reference> References;      ///< ascending Insn
  std::vector<Unresolved> UnresolvedList; ///< ascending Insn

  /// Makes a program of raw instruction bytes (8 per slot, little-endian) with
  /// one function per pc-relative call target. Nothing is relocated: LD_IMM64
  /// with src_reg 1 or 2 must index `Maps`. Errors: a size that is no multiple
  /// of 8, no instructions, an LD_IMM64 cut off, a call target or map index out
  /// of range.
  static llvm::Expected<LinkedProgram>
  fromBytes(llvm::ArrayRef<uint8_t> Bytes, llvm::StringRef Name,
            ProgramType Type = ProgramType::Unknown,
            std::vector<MapInfo> Maps = {});

  uint32_t size() const { return static_cast<uint32_t>(Insns.size()); }

  uint8_t opcode(uint32_t Insn) const {
    return static_cast<uint8_t>(Insns[Insn]);
  }
  /// True when the slot is the first of an LD_IMM64.
  bool isLdImm64(uint32_t Insn) const { return opcode(Insn) == 0x18; }

  /// Function that holds the slot; the index is into Functions.
  uint32_t functionIndexOf(uint32_t Insn) const;
  const Function &functionOf(uint32_t Insn) const {
    return Functions[functionIndexOf(Insn)];
  }

  /// Byte offset of the slot in its function's ELF section.
  uint64_t sectionOffset(uint32_t Insn) const {
    const Function &F = functionOf(Insn);
    return F.SectionOffset + 8 * static_cast<uint64_t>(Insn - F.First);
  }

  /// Source location of the slot, or null. A slot without a record of its own
  /// has the location of the nearest one before it in its function.
  const SourceLocation *location(uint32_t Insn) const;

  /// The reference of an instruction, or null.
  const Reference *reference(uint32_t Insn) const;

  /// The things an instruction needs and does not have, or an empty list.
  llvm::ArrayRef<Unresolved> unresolved(uint32_t Insn) const;

  /// Number of line records that fell into this program.
  uint32_t lineRecordCount() const {
    return static_cast<uint32_t>(LineStarts.size());
  }

  /// The instructions as 8 little-endian bytes per slot.
  std::vector<uint8_t> bytes() const;

  /// A line record: the location holds from this slot to the next record or
  /// the end of the function. Slots must be added in ascending order. The
  /// strings must live as long as the program: in storage given to
  /// keepStrings, or static. (For builders.)
  void addLineRecord(uint32_t Insn, SourceLocation Loc);
  void keepStrings(std::shared_ptr<const std::string> Storage) {
    Strings = std::move(Storage);
  }

private:
  std::vector<SourceLocation> Locations;
  std::vector<uint32_t> LineStarts; ///< slot of Locations[i]; ascending
  std::shared_ptr<const std::string> Strings;
};

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_OBJECT_BPF_LINKEDPROGRAM_H
