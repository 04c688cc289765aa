//===- NFPImage.h - Generated machine code and what goes with it -*- C++ -*-==//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program for the NFP before it is given a place in the code store: words
// with relocations, the maps it uses, the line table, and facts about it. An
// image file holds one or more programs.
//
// Forms. The driver's two raw forms are arrays of 64-bit little-endian words:
// unrelocated (relocation kind in bits 63..56, no ECC, as the driver holds its
// own translations) and loaded (start address applied, ECC in bits 51..45).
// The file form is an ELF (see NFPELF.h). Source: NFP BPF offload ABI, sections
// "Image format" and "Relocation".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_OBJECT_NFP_NFPIMAGE_H
#define NFPBPF_OBJECT_NFP_NFPIMAGE_H

#include "nfpbpf/Profile/Profile.h"
#include "nfpbpf/Runtime/MapStore.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nfpbpf {
namespace object {

/// Relocation kinds: the numbers of the driver.
enum class RelocKind : uint8_t {
  None = 0,
  Branch = 1,    ///< branch within the image: += start
  Out = 2,       ///< branch to the common exit (kernel translator only)
  Abort = 3,     ///< branch to the abort exit (kernel translator only)
  PushRegs = 4,  ///< branch to the register save routine (likewise)
  PopRegs = 5,   ///< branch to the register restore routine (likewise)
  Done = 6,      ///< branch to the firmware: = done address
  Helper = 7,    ///< branch to a firmware routine: = its address
  Immediate = 8, ///< 16-bit immediate: += start
  // Not the driver's: only for firmware that tells where arrays lie.
  ArrayLow = 9,   ///< 16-bit immediate: bits 8 to 23 of an array's address
  ArrayHigh = 10, ///< 16-bit immediate: bits 24 to 39 of an array's address
};

/// The word is patched with the address of one of the program's arrays.
inline bool isArrayAddress(RelocKind Kind) {
  return Kind == RelocKind::ArrayLow || Kind == RelocKind::ArrayHigh;
}

/// "none", "branch", "done", "helper" ...
llvm::StringRef stringifyRelocKind(RelocKind Kind);

/// The branch target that stands for an unresolved one in the unrelocated raw
/// form; a helper's is this plus the helper id.
constexpr uint32_t RawPlaceholder = 15000;

/// What stands for the offset of a packet access without a known bound.
constexpr uint32_t UnboundedPacketOffset = 0xffff;

/// Words of padding after the last instruction, for the prefetcher.
constexpr unsigned PrefetchPadding = 8;

/// One instruction. Targets inside the image count from its first word; the
/// target field of other relocation kinds is 0.
struct NFPWord {
  uint64_t Insn = 0; ///< 45 bits, no ECC
  RelocKind Reloc = RelocKind::None;
  /// Helper: kernel helper id. ArrayLow, ArrayHigh: number of the map.
  uint32_t Id = 0;

  bool operator==(const NFPWord &O) const {
    return Insn == O.Insn && Reloc == O.Reloc && Id == O.Id;
  }
};

/// A map that the program uses.
struct NFPMap {
  std::string Name;
  uint32_t Type = 0; ///< kernel map type
  uint32_t KeySize = 0, ValueSize = 0, MaxEntries = 0, Flags = 0;
  /// The number the code uses for it: table id, or host map id of a perf event
  /// array.
  uint32_t Id = 0;
  bool ReadOnly = false;
  std::vector<uint8_t> Contents; ///< global data: first value
  /// Use of each 4-byte word of the value; may be shorter than the value (the
  /// rest is unused).
  std::vector<rt::WordUse> Uses;
};

/// A function of the program; the first one is the entry.
struct NFPFunction {
  std::string Name;
  uint32_t First = 0, Count = 0; ///< words
};

/// Where a word came from. Holds up to the next entry.
struct NFPLine {
  uint32_t Word = 0;
  /// Instruction index in the linked eBPF program, or NoInsn (prologue, padding
  /// and other words of no instruction).
  uint32_t Insn = NoInsn;
  uint32_t File = 0; ///< index into NFPProgram::Files; only with Line != 0
  uint32_t Line = 0, Column = 0; ///< 1-based; 0 unknown

  static constexpr uint32_t NoInsn = 0xffffffff;
};

/// A program.
struct NFPProgram {
  std::string Name;
  std::string Section; ///< of the eBPF object
  std::string Type;    ///< "xdp" or "tc"
  std::string Profile; ///< firmware profile it was made for
  std::vector<NFPWord> Words;
  std::vector<NFPFunction> Functions;
  std::vector<NFPMap> Maps;
  std::vector<std::string> Files;
  std::vector<NFPLine> Lines; ///< ascending Word

  uint32_t Instructions = 0; ///< slots of the eBPF program
  uint32_t StackBytes = 0;   ///< deepest call chain
  /// Offset of the last packet byte that the program may access, counted as the
  /// kernel's verifier does: 0 if it accesses none, UnboundedPacketOffset if
  /// there is no bound.
  uint32_t MaxPacketOffset = 0;
  uint32_t OptLevel = 0;
  /// Words [EpilogueBegin, EpilogueEnd) turn the return code into the exit
  /// word; both 0 if there is no such block.
  uint32_t EpilogueBegin = 0, EpilogueEnd = 0;

  /// Targets of the kernel translator's own relocation kinds.
  std::optional<uint32_t> OutTarget, AbortTarget, PushTarget, PopTarget;

  /// The line entry that covers a word, or null.
  const NFPLine *lineOf(uint32_t Word) const;
};

/// An image file's contents.
struct NFPImage {
  std::vector<NFPProgram> Programs;

  /// Index of a program by name. Error: none or several.
  llvm::Expected<uint32_t> find(llvm::StringRef Name) const;
};

/// Where an array of the program lies.
struct ArrayAddress {
  uint32_t Id = 0;      ///< the program's number for the map
  uint64_t Address = 0; ///< of its first element; a multiple of 256
};

/// Where a program is to run.
struct LoadParams {
  uint32_t Start = 0; ///< code-store address of the first word
  uint32_t Done = 0;
  uint32_t MaxLength = 0x4000; ///< words
  std::vector<ProfileHelper> Helpers;
  std::vector<ArrayAddress> Arrays; ///< those whose places are known

  static LoadParams fromProfile(const Profile &P);
};

/// Checks a program's structure: targets inside the image, line table and
/// functions in order, words of 45 bits. For programs that come from a file.
llvm::Error verify(const NFPProgram &P);

/// The loaded form: relocated, with ECC. Errors: a program too long (says by
/// how many words), a helper that the firmware does not have, a target beyond
/// 14 bits, an array whose place is not known.
llvm::Expected<std::vector<uint64_t>> link(const NFPProgram &P,
                                           const LoadParams &Params);

/// The unrelocated raw form. Error: the program needs addresses of arrays, for
/// which the driver's form has no relocation.
llvm::Expected<std::vector<uint64_t>> toRaw(const NFPProgram &P);
/// Reads it back; targets of the kernel translator's kinds are not in the
/// words.
llvm::Expected<std::vector<NFPWord>> fromRaw(llvm::ArrayRef<uint64_t> Words);

/// Words as little-endian bytes, and back (error: no multiple of 8).
std::vector<uint8_t> toBytes(llvm::ArrayRef<uint64_t> Words);
llvm::Expected<std::vector<uint64_t>>
wordsFromBytes(llvm::ArrayRef<uint8_t> Bytes);

/// The kernel translator's image as the test harness of its sources writes it:
/// a raw form with a text file of names, addresses and maps beside it.
struct KernelImage {
  NFPProgram Program; ///< Words unrelocated; Type, Name, Section, Maps, lines
  uint32_t Start = 0, Done = 0; ///< addresses the loaded file was made for
  std::vector<ProfileHelper> Helpers;
};
/// \p Raw is the unrelocated form, \p Meta the text. Errors name the line.
llvm::Expected<KernelImage> readKernelImage(llvm::ArrayRef<uint8_t> Raw,
                                            llvm::StringRef Meta);

/// Text of an eBPF instruction for a listing.
using InsnPrinter = llvm::function_ref<std::string(uint32_t Insn)>;
/// Text of a source line for a listing; empty if unknown.
using SourcePrinter =
    llvm::function_ref<std::string(llvm::StringRef File, uint32_t Line)>;

/// Prints a program side by side with the eBPF instructions and source lines
/// it came from. Either printer may be null.
void printListing(llvm::raw_ostream &OS, const NFPProgram &P,
                  InsnPrinter Insn = nullptr, SourcePrinter Source = nullptr);

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_OBJECT_NFP_NFPIMAGE_H
