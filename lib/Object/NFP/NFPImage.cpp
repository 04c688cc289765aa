//===- NFPImage.cpp - Generated machine code and its raw forms ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/NFP/NFPImage.h"

#include "nfpbpf/ISA/NFP/Word.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

using namespace nfpbpf;
using namespace nfpbpf::object;

llvm::StringRef object::stringifyRelocKind(RelocKind Kind) {
  switch (Kind) {
  case RelocKind::None:
    return "none";
  case RelocKind::Branch:
    return "branch";
  case RelocKind::Out:
    return "out";
  case RelocKind::Abort:
    return "abort";
  case RelocKind::PushRegs:
    return "push registers";
  case RelocKind::PopRegs:
    return "pop registers";
  case RelocKind::Done:
    return "done";
  case RelocKind::Helper:
    return "helper";
  case RelocKind::Immediate:
    return "immediate";
  case RelocKind::ArrayLow:
    return "array low";
  case RelocKind::ArrayHigh:
    return "array high";
  }
  return "unknown";
}

const NFPLine *NFPProgram::lineOf(uint32_t Word) const {
  auto After = llvm::upper_bound(
      Lines, Word, [](uint32_t W, const NFPLine &L) { return W < L.Word; });
  return After == Lines.begin() ? nullptr : &*std::prev(After);
}

llvm::Expected<uint32_t> NFPImage::find(llvm::StringRef Name) const {
  std::optional<uint32_t> Found;
  for (auto [Index, P] : llvm::enumerate(Programs)) {
    if (P.Name != Name)
      continue;
    if (Found)
      return llvm::createStringError("image has several programs named '%s'",
                                     Name.str().c_str());
    Found = static_cast<uint32_t>(Index);
  }
  if (!Found)
    return llvm::createStringError("image has no program named '%s'",
                                   Name.str().c_str());
  return *Found;
}

LoadParams LoadParams::fromProfile(const nfpbpf::Profile &P) {
  LoadParams Params;
  Params.Start = P.Start;
  Params.Done = P.Done;
  Params.MaxLength = P.MaxLength;
  Params.Helpers = P.Helpers;
  return Params;
}

static llvm::Error wordError(const NFPProgram &P, size_t Word,
                             const llvm::Twine &What) {
  return llvm::createStringError("program '" + P.Name + "', word " +
                                 llvm::Twine(Word) + ": " + What);
}

static llvm::Error programError(const NFPProgram &P, const llvm::Twine &What) {
  return llvm::createStringError("program '" + P.Name + "': " + What);
}

static llvm::Error verifyWord(const NFPProgram &P, size_t Index) {
  const NFPWord &W = P.Words[Index];
  if (W.Insn & ~isa::InsnMask)
    return wordError(P, Index, "more than 45 bits");
  switch (W.Reloc) {
  case RelocKind::None:
    return llvm::Error::success();
  case RelocKind::ArrayLow:
  case RelocKind::ArrayHigh: {
    llvm::Expected<uint16_t> Value = isa::getImmediate(W.Insn);
    if (!Value)
      return wordError(P, Index, llvm::toString(Value.takeError()));
    if (llvm::none_of(P.Maps, [&](const NFPMap &M) { return M.Id == W.Id; }))
      return wordError(P, Index, "address of a map that is not there");
    return llvm::Error::success();
  }
  case RelocKind::Immediate: {
    llvm::Expected<uint16_t> Value = isa::getImmediate(W.Insn);
    if (!Value)
      return wordError(P, Index, llvm::toString(Value.takeError()));
    if (*Value >= P.Words.size())
      return wordError(P, Index, "immediate names a word outside the image");
    return llvm::Error::success();
  }
  case RelocKind::Branch: {
    llvm::Expected<uint32_t> Target = isa::getBranchTarget(W.Insn);
    if (!Target)
      return wordError(P, Index, llvm::toString(Target.takeError()));
    if (*Target >= P.Words.size())
      return wordError(P, Index, "branch leaves the image");
    return llvm::Error::success();
  }
  default:
    if (llvm::Expected<uint32_t> Target = isa::getBranchTarget(W.Insn); !Target)
      return wordError(P, Index, llvm::toString(Target.takeError()));
    return llvm::Error::success();
  }
}

llvm::Error object::verify(const NFPProgram &P) {
  if (P.Words.empty())
    return programError(P, "no instructions");
  for (size_t I = 0; I < P.Words.size(); ++I)
    if (llvm::Error Err = verifyWord(P, I))
      return Err;
  for (const NFPFunction &F : P.Functions)
    if (F.First > P.Words.size() || F.Count > P.Words.size() - F.First)
      return programError(P, "function '" + F.Name + "' leaves the image");
  for (size_t I = 0; I < P.Lines.size(); ++I) {
    if (P.Lines[I].Word >= P.Words.size() ||
        (I && P.Lines[I].Word <= P.Lines[I - 1].Word))
      return programError(P, "line table is not in order");
    if (P.Lines[I].Line && P.Lines[I].File >= P.Files.size())
      return programError(P, "line table names a file that is not there");
  }
  for (std::optional<uint32_t> Target :
       {P.OutTarget, P.AbortTarget, P.PushTarget, P.PopTarget})
    if (Target && *Target >= P.Words.size())
      return programError(P, "exit or register routine outside the image");
  if (P.EpilogueBegin > P.EpilogueEnd || P.EpilogueEnd > P.Words.size())
    return programError(P, "epilogue outside the image");
  for (const NFPMap &M : P.Maps)
    if (M.Uses.size() > (static_cast<uint64_t>(M.ValueSize) + 3) / 4)
      return programError(P,
                          "map '" + M.Name + "' has more word uses than words");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Relocation
//===----------------------------------------------------------------------===//

namespace {
/// Gives the words of one program their places.
class Relocator {
public:
  Relocator(const NFPProgram &P, const LoadParams &Params)
      : P(P), Params(Params) {}

  llvm::Expected<uint64_t> relocate(size_t Index) const {
    const NFPWord &W = P.Words[Index];
    switch (W.Reloc) {
    case RelocKind::None:
      return W.Insn;
    case RelocKind::Immediate: {
      llvm::Expected<uint16_t> Value = isa::getImmediate(W.Insn);
      if (!Value)
        return wordError(P, Index, llvm::toString(Value.takeError()));
      return located(Index,
                     isa::setImmediate(
                         W.Insn, static_cast<uint16_t>(*Value + Params.Start)));
    }
    case RelocKind::Branch: {
      llvm::Expected<uint32_t> Target = isa::getBranchTarget(W.Insn);
      if (!Target)
        return wordError(P, Index, llvm::toString(Target.takeError()));
      return branch(Index, *Target + Params.Start);
    }
    case RelocKind::Out:
      return routine(Index, P.OutTarget);
    case RelocKind::Abort:
      return routine(Index, P.AbortTarget);
    case RelocKind::PushRegs:
      return routine(Index, P.PushTarget);
    case RelocKind::PopRegs:
      return routine(Index, P.PopTarget);
    case RelocKind::Done:
      return branch(Index, Params.Done);
    case RelocKind::Helper:
      for (const ProfileHelper &H : Params.Helpers)
        if (H.Id == W.Id)
          return branch(Index, H.Address);
      return wordError(P, Index,
                       "the firmware has no helper " + llvm::Twine(W.Id));
    case RelocKind::ArrayLow:
      return array(Index, 8);
    case RelocKind::ArrayHigh:
      return array(Index, 24);
    }
    return wordError(P, Index, "unknown relocation");
  }

private:
  llvm::Expected<uint64_t> located(size_t Index,
                                   llvm::Expected<uint64_t> Word) const {
    if (Word)
      return Word;
    return wordError(P, Index, llvm::toString(Word.takeError()));
  }

  llvm::Expected<uint64_t> branch(size_t Index, uint32_t Target) const {
    if (Target > isa::MaxTarget)
      return wordError(P, Index,
                       "branch target " + llvm::Twine(Target) +
                           " is beyond 14 bits");
    return located(Index, isa::setBranchTarget(P.Words[Index].Insn, Target));
  }

  /// 16 bits of an array's address, from \p Shift on.
  llvm::Expected<uint64_t> array(size_t Index, unsigned Shift) const {
    const NFPWord &W = P.Words[Index];
    for (const ArrayAddress &Array : Params.Arrays)
      if (Array.Id == W.Id)
        return located(
            Index, isa::setImmediate(
                       W.Insn, static_cast<uint16_t>(Array.Address >> Shift)));
    return wordError(P, Index,
                     "needs the address of map " + llvm::Twine(W.Id) +
                         ", which is known only where the program is loaded");
  }

  llvm::Expected<uint64_t> routine(size_t Index,
                                   std::optional<uint32_t> Target) const {
    if (!Target)
      return wordError(P, Index,
                       "relocation '" +
                           stringifyRelocKind(P.Words[Index].Reloc) +
                           "' without a target");
    return branch(Index, *Target + Params.Start);
  }

  const NFPProgram &P;
  const LoadParams &Params;
};
} // namespace

llvm::Expected<std::vector<uint64_t>> object::link(const NFPProgram &P,
                                                   const LoadParams &Params) {
  if (P.Words.size() > Params.MaxLength)
    return programError(P, "needs " + llvm::Twine(P.Words.size()) +
                               " words, the firmware has room for " +
                               llvm::Twine(Params.MaxLength) + " (" +
                               llvm::Twine(P.Words.size() - Params.MaxLength) +
                               " too many)");
  if (Params.Start + P.Words.size() > isa::MaxTarget + 1)
    return programError(P, "ends beyond the last code-store address");
  const Relocator R(P, Params);
  std::vector<uint64_t> Words;
  Words.reserve(P.Words.size());
  for (size_t I = 0; I < P.Words.size(); ++I) {
    llvm::Expected<uint64_t> Word = R.relocate(I);
    if (!Word)
      return Word.takeError();
    Words.push_back(isa::addECC(*Word));
  }
  return Words;
}

//===----------------------------------------------------------------------===//
// Raw forms
//===----------------------------------------------------------------------===//

static bool hasPlaceholder(RelocKind Kind) {
  return Kind >= RelocKind::Out && Kind <= RelocKind::Helper;
}

llvm::Expected<std::vector<uint64_t>> object::toRaw(const NFPProgram &P) {
  std::vector<uint64_t> Words;
  Words.reserve(P.Words.size());
  for (const auto &[Index, W] : llvm::enumerate(P.Words)) {
    uint64_t Word = W.Insn;
    if (isArrayAddress(W.Reloc))
      return wordError(P, Index,
                       "needs the address of a map, for which the raw form has "
                       "no relocation; use the ELF form");
    if (hasPlaceholder(W.Reloc)) {
      llvm::Expected<uint64_t> Patched =
          isa::setBranchTarget(Word, RawPlaceholder + W.Id);
      if (!Patched)
        return wordError(P, Index, llvm::toString(Patched.takeError()));
      Word = *Patched;
    }
    Words.push_back(Word | static_cast<uint64_t>(W.Reloc) << 56);
  }
  return Words;
}

llvm::Expected<std::vector<NFPWord>>
object::fromRaw(llvm::ArrayRef<uint64_t> Words) {
  std::vector<NFPWord> Result;
  Result.reserve(Words.size());
  for (const auto &[Index, Raw] : llvm::enumerate(Words)) {
    const uint64_t Kind = Raw >> 56;
    if (Kind > static_cast<uint64_t>(RelocKind::Immediate))
      return llvm::createStringError("raw image, word %zu: unknown relocation "
                                     "kind %u",
                                     static_cast<size_t>(Index),
                                     static_cast<unsigned>(Kind));
    NFPWord W;
    W.Insn = Raw & isa::InsnMask;
    W.Reloc = static_cast<RelocKind>(Kind);
    if ((Raw & 0x00ffffffffffffffull) != W.Insn)
      return llvm::createStringError(
          "raw image, word %zu: bits between instruction and relocation kind",
          static_cast<size_t>(Index));
    if (hasPlaceholder(W.Reloc)) {
      llvm::Expected<uint32_t> Target = isa::getBranchTarget(W.Insn);
      if (!Target)
        return Target.takeError();
      if (*Target < RawPlaceholder)
        return llvm::createStringError(
            "raw image, word %zu: relocation without a placeholder",
            static_cast<size_t>(Index));
      if (W.Reloc == RelocKind::Helper)
        W.Id = *Target - RawPlaceholder;
      llvm::Expected<uint64_t> Cleared = isa::setBranchTarget(W.Insn, 0);
      if (!Cleared)
        return Cleared.takeError();
      W.Insn = *Cleared;
    }
    Result.push_back(W);
  }
  return Result;
}

std::vector<uint8_t> object::toBytes(llvm::ArrayRef<uint64_t> Words) {
  std::vector<uint8_t> Bytes(Words.size() * 8);
  for (size_t I = 0; I < Words.size(); ++I)
    llvm::support::endian::write64le(&Bytes[8 * I], Words[I]);
  return Bytes;
}

llvm::Expected<std::vector<uint64_t>>
object::wordsFromBytes(llvm::ArrayRef<uint8_t> Bytes) {
  if (Bytes.empty() || Bytes.size() % 8)
    return llvm::createStringError(
        "an image is a positive number of 8-byte words, not %zu bytes",
        Bytes.size());
  std::vector<uint64_t> Words(Bytes.size() / 8);
  for (size_t I = 0; I < Words.size(); ++I)
    Words[I] = llvm::support::endian::read64le(&Bytes[8 * I]);
  return Words;
}
