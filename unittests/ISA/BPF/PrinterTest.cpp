//===- PrinterTest.cpp - eBPF text against LLVM's -----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/BPF/Printer.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "gtest/gtest.h"
#include <cstdlib>
#include <string>

using namespace nfpbpf::ebpf;

namespace {

std::vector<uint64_t> words(llvm::StringRef Hex) {
  std::string Packed;
  for (char C : Hex)
    if (C != ' ')
      Packed += C;
  std::string Bytes = llvm::fromHex(Packed);
  llvm::Expected<std::vector<Slot>> Slots =
      slotsFromBytes(llvm::arrayRefFromStringRef(Bytes));
  if (!Slots) {
    ADD_FAILURE() << llvm::toString(Slots.takeError());
    return {};
  }
  std::vector<uint64_t> Words;
  for (const Slot &S : *Slots)
    Words.push_back(S.toWord());
  return Words;
}

std::string text(llvm::StringRef Hex, const PrintOptions &Options = {}) {
  return toString(words(Hex), 0, Options);
}

TEST(BPFPrinter, TextOfTheAssembler) {
  // Bytes and text as llvm-mc 22 and llvm-objdump 22 pair them.
  const std::pair<const char *, const char *> Cases[] = {
      {"b7 00 00 00 01 00 00 00", "r0 = 1"},
      {"b4 01 00 00 fb ff ff ff", "w1 = -5"},
      {"c7 01 00 00 18 00 00 00", "r1 s>>= 24"},
      {"cc 21 00 00 00 00 00 00", "w1 s>>= w2"},
      {"3f 21 01 00 00 00 00 00", "r1 s/= r2"},
      {"97 01 01 00 03 00 00 00", "r1 s%= 3"},
      {"bf 21 08 00 00 00 00 00", "r1 = (s8)r2"},
      {"bf 21 20 00 00 00 00 00", "r1 = (s32)r2"},
      {"bc 21 10 00 00 00 00 00", "w1 = (s16)w2"},
      {"dc 01 00 00 10 00 00 00", "r1 = be16 r1"},
      {"d4 01 00 00 40 00 00 00", "r1 = le64 r1"},
      {"d7 01 00 00 20 00 00 00", "r1 = bswap32 r1"},
      {"87 01 00 00 00 00 00 00", "r1 = -r1"},
      {"84 01 00 00 00 00 00 00", "w1 = -w1"},
      {"91 21 04 00 00 00 00 00", "r1 = *(s8 *)(r2 + 4)"},
      {"79 21 f8 ff 00 00 00 00", "r1 = *(u64 *)(r2 - 8)"},
      {"61 21 f8 ff 00 00 00 00", "w1 = *(u32 *)(r2 - 8)"},
      {"63 0a fc ff 00 00 00 00", "*(u32 *)(r10 - 4) = w0"},
      {"7b 0a f8 ff 00 00 00 00", "*(u64 *)(r10 - 8) = r0"},
      {"72 0a f8 ff 07 00 00 00", "*(u8 *)(r10 - 8) = 7"},
      {"db 0a f8 ff 00 00 00 00", "lock *(u64 *)(r10 - 8) += r0"},
      {"c3 0a f8 ff 50 00 00 00", "lock *(u32 *)(r10 - 8) &= w0"},
      {"db 0a f8 ff 01 00 00 00",
       "r0 = atomic_fetch_add((u64 *)(r10 - 8), r0)"},
      {"c3 0a f8 ff a1 00 00 00",
       "w0 = atomic_fetch_xor((u32 *)(r10 - 8), w0)"},
      {"db 1a f8 ff e1 00 00 00", "r1 = xchg_64(r10 - 8, r1)"},
      {"c3 1a f8 ff e1 00 00 00", "w1 = xchg32_32(r10 - 8, w1)"},
      {"db 1a f8 ff f1 00 00 00", "r0 = cmpxchg_64(r10 - 8, r0, r1)"},
      {"c3 1a f8 ff f1 00 00 00", "w0 = cmpxchg32_32(r10 - 8, w0, w1)"},
      {"d3 10 04 00 00 01 00 00", "w0 = load_acquire((u8 *)(r1 + 4))"},
      {"db 10 04 00 00 01 00 00", "r0 = load_acquire((u64 *)(r1 + 4))"},
      {"cb 21 04 00 10 01 00 00", "store_release((u16 *)(r1 + 4), w2)"},
      {"30 00 00 00 05 00 00 00", "r0 = *(u8 *)skb[5]"},
      {"40 50 00 00 00 00 00 00", "r0 = *(u32 *)skb[r5]"},
      {"25 01 03 00 05 00 00 00", "if r1 > 5 goto +3"},
      {"de 21 fd ff 00 00 00 00", "if w1 s<= w2 goto -3"},
      {"45 01 03 00 05 00 00 00", "if r1 & 5 goto +3"},
      {"15 01 03 00 ff ff ff ff", "if r1 == -1 goto +3"},
      {"05 00 02 00 00 00 00 00", "goto +2"},
      {"06 00 00 00 64 00 00 00", "gotol +100"},
      {"e5 00 02 00 00 00 00 00", "may_goto +2"},
      {"85 00 00 00 01 00 00 00", "call 1"},
      {"8d 03 00 00 00 00 00 00", "callx r3"},
      {"0d 01 00 00 00 00 00 00", "gotox r1"},
      {"18 01 00 00 89 67 45 23 00 00 00 00 01 00 00 00", "r1 = 4886718345 ll"},
      {"18 01 00 00 ff ff ff ff 00 00 00 00 ff ff ff ff", "r1 = -1 ll"},
      {"95 00 00 00 00 00 00 00", "exit"},
  };
  for (const auto &[Bytes, Text] : Cases)
    EXPECT_EQ(text(Bytes), Text) << Bytes;
}

TEST(BPFPrinter, Names) {
  PrintOptions Names;
  Names.Names = true;
  EXPECT_EQ(text("85 00 00 00 01 00 00 00", Names), "call map_lookup_elem");
  EXPECT_EQ(text("85 00 00 00 ff ff 00 00", Names), "call 65535");
  EXPECT_EQ(text("85 10 00 00 fe ff ff ff", Names), "call pc-2");
  EXPECT_EQ(text("18 11 00 00 02 00 00 00 00 00 00 00 00 00 00 00", Names),
            "r1 = map[2] ll");
  EXPECT_EQ(text("18 21 00 00 02 00 00 00 00 00 00 00 10 00 00 00", Names),
            "r1 = map[2][0]+16 ll");
}

TEST(BPFPrinter, ProgramAndInvalid) {
  std::string Text;
  llvm::raw_string_ostream OS(Text);
  printProgram(OS, words("18 01 00 00 ff ff ff ff 00 00 00 00 ff ff ff ff"
                         "ff 00 00 00 00 00 00 00 95 00 00 00 00 00 00 00"));
  EXPECT_EQ(Text, "0: r1 = -1 ll\n2: <invalid 0x00000000000000ff>\n3: exit\n");
}

/// Every instruction of the corpus against llvm-objdump, which prints bytes and
/// text side by side.
TEST(BPFPrinter, AgreesWithObjdumpOnTheCorpus) {
  const char *Shared = std::getenv("NFPBPF_SHARED");
  if (!Shared)
    GTEST_SKIP() << "NFPBPF_SHARED is not set";
  llvm::ErrorOr<std::string> Objdump =
      llvm::sys::findProgramByName("llvm-objdump-22");
  if (!Objdump)
    GTEST_SKIP() << "llvm-objdump-22 is not installed";

  std::vector<std::string> Args = {*Objdump, "-d", "--no-print-imm-hex",
                                   "--mattr=+alu32"};
  std::error_code EC;
  for (llvm::sys::fs::recursive_directory_iterator
           It(std::string(Shared) + "/corpus/obj", EC),
       End;
       It != End && !EC; It.increment(EC))
    if (llvm::StringRef(It->path()).ends_with(".o"))
      Args.push_back(It->path());
  ASSERT_FALSE(bool(EC)) << EC.message();
  ASSERT_GT(Args.size(), 200u);
  llvm::SmallString<64> Output;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("objdump", "txt", Output));
  std::vector<llvm::StringRef> ArgRefs(Args.begin(), Args.end());
  int Status = llvm::sys::ExecuteAndWait(
      *Objdump, ArgRefs, std::nullopt,
      {std::nullopt, llvm::StringRef(Output), std::nullopt});
  auto File = llvm::MemoryBuffer::getFile(Output);
  llvm::sys::fs::remove(Output);
  ASSERT_EQ(Status, 0);
  ASSERT_TRUE(bool(File));

  llvm::SmallVector<llvm::StringRef> Lines;
  (*File)->getBuffer().split(Lines, '\n', -1, false);
  unsigned Compared = 0, Different = 0;
  for (llvm::StringRef Line : Lines) {
    // "      12:\tb7 00 ... 00\tr0 = 1 <label>"
    auto [Number, Rest] = Line.split(":\t");
    uint64_t Index;
    if (Number.trim().getAsInteger(10, Index))
      continue;
    auto [Bytes, Text] = Rest.split('\t');
    size_t Label = Text.rfind(" <");
    if (Label != llvm::StringRef::npos && Text.ends_with(">"))
      Text = Text.take_front(Label);
    ++Compared;
    std::string Ours = text(Bytes.trim());
    if (Ours != Text && ++Different <= 20)
      ADD_FAILURE() << "bytes " << Bytes.str() << ": ours '" << Ours
                    << "', llvm-objdump's '" << Text.str() << "'";
  }
  EXPECT_EQ(Different, 0u);
  EXPECT_GT(Compared, 50000u);
}

} // namespace
