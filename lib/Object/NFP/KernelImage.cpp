//===- KernelImage.cpp - Images of the kernel's translator ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The text beside the image has one fact a line: a name and a number, or
//   map N NAME tid ID type T key K value V entries E
//   insn N OPCODE FIRSTWORD ...
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/NFP/NFPImage.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace nfpbpf;
using namespace nfpbpf::object;

namespace {
class MetaReader {
public:
  explicit MetaReader(KernelImage &Image) : Image(Image) {}

  llvm::Error read(llvm::StringRef Meta) {
    llvm::SmallVector<llvm::StringRef, 0> Lines;
    Meta.split(Lines, '\n', -1, /*KeepEmpty=*/true);
    for (llvm::StringRef Line : Lines) {
      ++Number;
      Line = Line.trim();
      if (Line.empty() || Line.starts_with("#"))
        continue;
      if (llvm::Error Err = readLine(Line))
        return Err;
    }
    return llvm::Error::success();
  }

private:
  llvm::Error fail(const llvm::Twine &What) const {
    return llvm::createStringError("image description, line " +
                                   llvm::Twine(Number) + ": " + What);
  }

  llvm::Error number(llvm::StringRef Text, uint32_t &To) const {
    if (Text.getAsInteger(0, To))
      return fail("'" + Text + "' is not a number");
    return llvm::Error::success();
  }

  llvm::Error readLine(llvm::StringRef Line) {
    auto [Key, Rest] = Line.split(' ');
    Rest = Rest.trim();
    if (Key == "map")
      return readMap(Rest);
    if (Key == "insn")
      return readInsn(Rest);
    if (std::string *Text = llvm::StringSwitch<std::string *>(Key)
                                .Case("section", &Image.Program.Section)
                                .Case("program", &Image.Program.Name)
                                .Case("type", &Image.Program.Type)
                                .Default(nullptr)) {
      *Text = Rest.str();
      return llvm::Error::success();
    }
    if (std::optional<uint32_t> *Target =
            llvm::StringSwitch<std::optional<uint32_t> *>(Key)
                .Case("tgt_out", &Image.Program.OutTarget)
                .Case("tgt_abort", &Image.Program.AbortTarget)
                .Case("call_push_regs", &Image.Program.PushTarget)
                .Case("call_pop_regs", &Image.Program.PopTarget)
                .Default(nullptr)) {
      uint32_t Value = 0;
      if (llvm::Error Err = number(Rest, Value))
        return Err;
      // 0 means that there is no such routine.
      if (Value)
        *Target = Value;
      return llvm::Error::success();
    }
    if (uint32_t *Value =
            llvm::StringSwitch<uint32_t *>(Key)
                .Case("bpf_insns", &Image.Program.Instructions)
                .Case("stack_size", &Image.Program.StackBytes)
                .Case("max_pkt_offset", &Image.Program.MaxPacketOffset)
                .Case("start_off", &Image.Start)
                .Case("tgt_done", &Image.Done)
                .Default(nullptr))
      return number(Rest, *Value);
    if (std::optional<uint32_t> Id =
            llvm::StringSwitch<std::optional<uint32_t>>(Key)
                .Case("helper_lookup", HelperMapLookup)
                .Case("helper_update", HelperMapUpdate)
                .Case("helper_delete", HelperMapDelete)
                .Case("helper_perf", HelperPerfEventOutput)
                .Default(std::nullopt)) {
      ProfileHelper Helper;
      Helper.Id = *Id;
      if (llvm::Error Err = number(Rest, Helper.Address))
        return Err;
      Image.Helpers.push_back(Helper);
    }
    // Other facts are of no use here.
    return llvm::Error::success();
  }

  llvm::Error readMap(llvm::StringRef Rest) {
    llvm::SmallVector<llvm::StringRef, 16> Words;
    Rest.split(Words, ' ', -1, /*KeepEmpty=*/false);
    if (Words.size() < 2)
      return fail("map without a name");
    NFPMap Map;
    Map.Name = Words[1].str();
    for (size_t I = 2; I + 1 < Words.size(); I += 2) {
      uint32_t *To = llvm::StringSwitch<uint32_t *>(Words[I])
                         .Case("tid", &Map.Id)
                         .Case("type", &Map.Type)
                         .Case("key", &Map.KeySize)
                         .Case("value", &Map.ValueSize)
                         .Case("entries", &Map.MaxEntries)
                         .Default(nullptr);
      if (!To)
        continue;
      if (llvm::Error Err = number(Words[I + 1], *To))
        return Err;
    }
    Image.Program.Maps.push_back(std::move(Map));
    return llvm::Error::success();
  }

  llvm::Error readInsn(llvm::StringRef Rest) {
    llvm::SmallVector<llvm::StringRef, 8> Words;
    Rest.split(Words, ' ', -1, /*KeepEmpty=*/false);
    NFPLine Line;
    if (Words.size() < 3)
      return fail("instruction without a place");
    if (llvm::Error Err = number(Words[0], Line.Insn))
      return Err;
    if (llvm::Error Err = number(Words[2], Line.Word))
      return Err;
    std::vector<NFPLine> &Lines = Image.Program.Lines;
    // An instruction without code of its own shares its place with the next.
    if (!Lines.empty() && Lines.back().Word >= Line.Word) {
      if (Lines.back().Word == Line.Word)
        Lines.back() = Line;
      return llvm::Error::success();
    }
    Lines.push_back(Line);
    return llvm::Error::success();
  }

  KernelImage &Image;
  unsigned Number = 0;
};
} // namespace

llvm::Expected<KernelImage> object::readKernelImage(llvm::ArrayRef<uint8_t> Raw,
                                                    llvm::StringRef Meta) {
  KernelImage Image;
  llvm::Expected<std::vector<uint64_t>> Words = wordsFromBytes(Raw);
  if (!Words)
    return Words.takeError();
  llvm::Expected<std::vector<NFPWord>> Decoded = fromRaw(*Words);
  if (!Decoded)
    return Decoded.takeError();
  Image.Program.Words = std::move(*Decoded);
  if (llvm::Error Err = MetaReader(Image).read(Meta))
    return std::move(Err);
  NFPProgram &P = Image.Program;
  while (!P.Lines.empty() && P.Lines.back().Word >= P.Words.size())
    P.Lines.pop_back();
  if (P.OutTarget && P.AbortTarget) {
    // The exits are one block, ended by the padding or the register routines.
    P.EpilogueBegin = std::min(*P.OutTarget, *P.AbortTarget);
    P.EpilogueEnd = static_cast<uint32_t>(P.Words.size());
    for (std::optional<uint32_t> Routine : {P.PushTarget, P.PopTarget})
      if (Routine && *Routine > P.EpilogueBegin)
        P.EpilogueEnd = std::min(P.EpilogueEnd, *Routine);
  }
  if (llvm::Error Err = verify(P))
    return std::move(Err);
  return Image;
}
