//===- NFPImageTest.cpp - Relocation, raw forms, verification, listing ----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/NFP/NFPImage.h"
#include "nfpbpf/ISA/NFP/Builder.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include "llvm/ADT/StringExtras.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace nfpbpf;
using namespace nfpbpf::object;
using ::testing::HasSubstr;

namespace {

/// `r0 = 2; exit` as the kernel's translator writes it (offload ABI, appendix
/// "Golden image"), before relocation.
NFPProgram passProgram() {
  NFPProgram P;
  P.Name = "pass";
  P.Type = "xdp";
  P.Profile = "test";
  auto Add = [&](uint64_t Insn, RelocKind Kind = RelocKind::None) {
    NFPWord W;
    W.Insn = Insn;
    W.Reloc = Kind;
    P.Words.push_back(W);
  };
  Add(0x00f003f05bff);
  Add(0x00b441605a20);
  Add(0x02f0000c0800);
  Add(0x02f0000c0001);
  Add(0x00d800008038, RelocKind::Out);
  Add(0x00d800208038 | 0x400000, RelocKind::Done); // replaced below
  Add(0x00a0000c0000);
  Add(0x00c10c048a00);
  Add(0x00aab0000303);
  Add(0x00d800008125, RelocKind::Abort);
  Add(0x00f002200b82);
  Add(0x00f444400b11);
  Add(0x0081d0100200);
  Add(0x00aa300c0001);
  Add(0x0094002409ff);
  Add(0x00d800208038, RelocKind::Done);
  Add(0x00a0000c0000);
  Add(0x00c10c000a00);
  for (unsigned I = 0; I != PrefetchPadding; ++I)
    Add(isa::NopWord);
  P.Words[5].Insn = 0x00d800208038;
  P.OutTarget = 8;
  P.AbortTarget = 5;
  return P;
}

LoadParams published() {
  LoadParams Params;
  Params.Start = 3072;
  Params.Done = 1;
  Params.MaxLength = 2560;
  return Params;
}

std::string text(uint64_t Word) { return isa::toString(isa::decode(Word)); }

std::string linkError(const NFPProgram &P, const LoadParams &Params) {
  llvm::Expected<std::vector<uint64_t>> Words = link(P, Params);
  return Words ? "linked" : llvm::toString(Words.takeError());
}

TEST(NFPImage, GoldenImage) {
  const uint64_t Golden[] = {
      0x000f20f003f05bff, 0x000700b441605a20, 0x000502f0000c0800,
      0x000cc2f0000c0001, 0x000ae0db02008038, 0x000060d800608038,
      0x000a00a0000c0000, 0x000800c10c048a00, 0x000460aab0000303,
      0x000540db01408125, 0x000da0f002200b82, 0x000b60f444400b11,
      0x000b0081d0100200, 0x000200aa300c0001, 0x000bc094002409ff,
      0x000060d800608038, 0x000a00a0000c0000, 0x000100c10c000a00,
      0x000000f0000c0300, 0x000000f0000c0300, 0x000000f0000c0300,
      0x000000f0000c0300, 0x000000f0000c0300, 0x000000f0000c0300,
      0x000000f0000c0300, 0x000000f0000c0300};
  NFPProgram P = passProgram();
  ASSERT_FALSE(bool(verify(P)));
  llvm::Expected<std::vector<uint64_t>> Words = link(P, published());
  ASSERT_TRUE(bool(Words)) << llvm::toString(Words.takeError());
  ASSERT_EQ(Words->size(), std::size(Golden));
  for (size_t I = 0; I != Words->size(); ++I)
    EXPECT_EQ(llvm::utohexstr((*Words)[I]), llvm::utohexstr(Golden[I]))
        << I << ' ' << text((*Words)[I]);
}

/// Both halves of the address of map 7.
NFPProgram addressingProgram() {
  NFPProgram P;
  P.Name = "addressing";
  NFPMap Map;
  Map.Name = "array";
  Map.Id = 7;
  P.Maps.push_back(Map);
  const isa::Operand Dst = isa::Operand::gprA(3);
  auto Add = [&](llvm::Expected<isa::Instruction> Insn, RelocKind Kind) {
    P.Words.push_back(
        {llvm::cantFail(isa::encode(llvm::cantFail(std::move(Insn)))), Kind,
         7});
  };
  Add(isa::makeImmed(Dst, 0), RelocKind::ArrayLow);
  Add(isa::makeImmed(Dst, 0, 2, false, isa::ImmedWidth::Word),
      RelocKind::ArrayHigh);
  return P;
}

TEST(NFPImage, ArrayAddresses) {
  NFPProgram P = addressingProgram();
  ASSERT_FALSE(bool(verify(P)));
  LoadParams Params = published();
  Params.Arrays.push_back({7, 0x8123456700});
  llvm::Expected<std::vector<uint64_t>> Words = link(P, Params);
  ASSERT_TRUE(bool(Words)) << llvm::toString(Words.takeError());
  EXPECT_EQ(text((*Words)[0]), "immed[gprA_3, 0x4567]");
  EXPECT_EQ(text((*Words)[1]), "immed_w1[gprA_3, 0x8123]");
}

TEST(NFPImage, ArrayAddressErrors) {
  NFPProgram P = addressingProgram();
  EXPECT_EQ(linkError(P, published()),
            "program 'addressing', word 0: needs the address of map 7, which "
            "is known only where the program is loaded");
  llvm::Expected<std::vector<uint64_t>> Raw = toRaw(P);
  ASSERT_FALSE(bool(Raw));
  EXPECT_EQ(llvm::toString(Raw.takeError()),
            "program 'addressing', word 0: needs the address of a map, for "
            "which the raw form has no relocation; use the ELF form");
  P.Maps.clear();
  llvm::Error Err = verify(P);
  ASSERT_TRUE(bool(Err));
  EXPECT_EQ(llvm::toString(std::move(Err)),
            "program 'addressing', word 0: address of a map that is not there");
}

TEST(NFPImage, EveryRelocationKind) {
  NFPProgram P;
  P.Name = "all";
  const uint64_t Br = 0x00d800008038;
  auto Add = [&](uint64_t Insn, RelocKind Kind, uint32_t Id = 0) {
    P.Words.push_back({Insn, Kind, Id});
  };
  Add(Br | uint64_t(3) << 22, RelocKind::Branch);
  Add(Br, RelocKind::Out);
  Add(Br, RelocKind::Abort);
  Add(Br, RelocKind::PushRegs);
  Add(Br, RelocKind::PopRegs);
  Add(Br, RelocKind::Done);
  Add(Br, RelocKind::Helper, 25);
  Add(0x00f0000c0306 & ~0x3ffull, RelocKind::Immediate);
  P.OutTarget = 1;
  P.AbortTarget = 2;
  P.PushTarget = 4;
  P.PopTarget = 5;
  LoadParams Params = published();
  ProfileHelper H;
  H.Id = 25;
  H.Address = 0x3abc;
  Params.Helpers.push_back(H);
  ASSERT_FALSE(bool(verify(P)));
  llvm::Expected<std::vector<uint64_t>> Words = link(P, Params);
  ASSERT_TRUE(bool(Words)) << llvm::toString(Words.takeError());
  const char *Texts[] = {"br[.3075]",  "br[.3073]",           "br[.3074]",
                         "br[.3076]",  "br[.3077]",           "br[.1]",
                         "br[.15036]", "immed[gprA_0, 0xc00]"};
  for (size_t I = 0; I != std::size(Texts); ++I) {
    EXPECT_EQ(text((*Words)[I]), Texts[I]);
    EXPECT_TRUE(isa::checkECC((*Words)[I]));
  }

  // The raw form keeps kinds and placeholders, without check bits.
  llvm::Expected<std::vector<uint64_t>> Raw = toRaw(P);
  ASSERT_TRUE(bool(Raw)) << llvm::toString(Raw.takeError());
  const char *RawTexts[] = {"br[.3]",     "br[.15000]",        "br[.15000]",
                            "br[.15000]", "br[.15000]",        "br[.15000]",
                            "br[.15025]", "immed[gprA_0, 0x0]"};
  for (size_t I = 0; I != std::size(RawTexts); ++I) {
    EXPECT_EQ((*Raw)[I] >> 56, I + 1);
    EXPECT_EQ((*Raw)[I] >> isa::InsnBits & 0x7ff, 0u);
    // The immed's text at value 0 has a destination, so it is no nop.
    EXPECT_EQ(text((*Raw)[I]), RawTexts[I]);
  }
  llvm::Expected<std::vector<NFPWord>> Back = fromRaw(*Raw);
  ASSERT_TRUE(bool(Back)) << llvm::toString(Back.takeError());
  EXPECT_TRUE(*Back == P.Words);
  EXPECT_TRUE(llvm::cantFail(wordsFromBytes(toBytes(*Raw))) == *Raw);
}

TEST(NFPImage, LinkErrors) {
  NFPProgram P = passProgram();
  LoadParams Params = published();
  Params.MaxLength = 25;
  EXPECT_THAT(linkError(P, Params),
              HasSubstr("needs 26 words, the firmware has room for 25 (1 too "
                        "many)"));
  Params = published();
  Params.Start = 0x4000 - 25;
  EXPECT_THAT(linkError(P, Params), HasSubstr("beyond the last code-store"));
  Params = published();
  Params.Done = 0x4000;
  EXPECT_THAT(linkError(P, Params), HasSubstr("beyond 14 bits"));
  P.OutTarget.reset();
  EXPECT_THAT(linkError(P, published()), HasSubstr("without a target"));
  P = passProgram();
  P.Words[4].Reloc = RelocKind::Helper;
  P.Words[4].Id = 7;
  EXPECT_THAT(linkError(P, published()),
              HasSubstr("the firmware has no helper 7"));
}

TEST(NFPImage, VerifyRefuses) {
  auto Error = [](NFPProgram P) { return llvm::toString(verify(P)); };
  NFPProgram P = passProgram();
  P.Words[0].Insn |= uint64_t(1) << 45;
  EXPECT_THAT(Error(P), HasSubstr("word 0: more than 45 bits"));
  P = passProgram();
  P.Words[0].Reloc = RelocKind::Branch;
  EXPECT_THAT(Error(P), HasSubstr("has no branch target"));
  P = passProgram();
  P.Words[4] = {0x00d800008038 | uint64_t(26) << 22, RelocKind::Branch, 0};
  EXPECT_THAT(Error(P), HasSubstr("branch leaves the image"));
  P = passProgram();
  P.Words[1].Reloc = RelocKind::Immediate;
  EXPECT_THAT(Error(P), HasSubstr("is not an immed"));
  P = passProgram();
  P.Lines = {{4, 0, 0, 0, 0}, {4, 1, 0, 0, 0}};
  EXPECT_THAT(Error(P), HasSubstr("line table is not in order"));
  P = passProgram();
  P.Lines = {{4, 0, 0, 7, 0}};
  EXPECT_THAT(Error(P), HasSubstr("names a file"));
  P = passProgram();
  P.Functions = {{"f", 20, 7}};
  EXPECT_THAT(Error(P), HasSubstr("leaves the image"));
  P = passProgram();
  P.EpilogueBegin = 5;
  P.EpilogueEnd = 27;
  EXPECT_THAT(Error(P), HasSubstr("epilogue outside"));
  P.Words.clear();
  EXPECT_THAT(Error(P), HasSubstr("no instructions"));
}

TEST(NFPImage, RawErrors) {
  auto Error = [](uint64_t Word) {
    llvm::Expected<std::vector<NFPWord>> W = fromRaw({Word});
    return W ? "read" : llvm::toString(W.takeError());
  };
  EXPECT_THAT(Error(uint64_t(9) << 56 | isa::NopWord),
              HasSubstr("unknown relocation kind 9"));
  EXPECT_THAT(Error(uint64_t(1) << 50 | isa::NopWord),
              HasSubstr("bits between instruction and relocation kind"));
  EXPECT_THAT(Error(uint64_t(6) << 56 | isa::NopWord),
              HasSubstr("no branch target"));
  EXPECT_THAT(Error(uint64_t(6) << 56 | 0x00d819008038),
              HasSubstr("without a placeholder"));
  for (size_t Size : {0u, 7u, 9u}) {
    std::vector<uint8_t> Bytes(Size);
    llvm::Expected<std::vector<uint64_t>> W = wordsFromBytes(Bytes);
    ASSERT_FALSE(bool(W));
    EXPECT_THAT(llvm::toString(W.takeError()), HasSubstr("8-byte words"));
  }
}

TEST(NFPImage, LineTable) {
  NFPProgram P = passProgram();
  P.Lines = {{2, 0, 0, 3, 1}, {4, 1, 0, 0, 0}, {5, NFPLine::NoInsn, 0, 0, 0}};
  P.Files = {"pass.c"};
  EXPECT_EQ(P.lineOf(0), nullptr);
  EXPECT_EQ(P.lineOf(1), nullptr);
  ASSERT_NE(P.lineOf(3), nullptr);
  EXPECT_EQ(P.lineOf(3)->Insn, 0u);
  EXPECT_EQ(P.lineOf(4)->Insn, 1u);
  EXPECT_EQ(P.lineOf(25)->Insn, NFPLine::NoInsn);

  std::string Text;
  llvm::raw_string_ostream OS(Text);
  printListing(
      OS, P, [](uint32_t I) { return I ? "exit" : "r0 = 2"; },
      [](llvm::StringRef File, uint32_t Line) {
        EXPECT_EQ(File, "pass.c");
        EXPECT_EQ(Line, 3u);
        return std::string("return XDP_PASS;");
      });
  EXPECT_THAT(Text, HasSubstr("pass.c:3: return XDP_PASS;"));
  EXPECT_THAT(Text, HasSubstr("0: r0 = 2"));
  EXPECT_THAT(Text, HasSubstr("1: exit"));
  EXPECT_THAT(Text, HasSubstr("immed[gprA_0, 0x2], gpr_wrboth"));
  EXPECT_THAT(Text, HasSubstr("-> out"));
}

TEST(NFPImage, FindByName) {
  NFPImage Image;
  Image.Programs.push_back(passProgram());
  EXPECT_EQ(llvm::cantFail(Image.find("pass")), 0u);
  auto Error = [&](llvm::StringRef Name) {
    llvm::Expected<uint32_t> Index = Image.find(Name);
    return Index ? "found" : llvm::toString(Index.takeError());
  };
  EXPECT_THAT(Error("drop"), HasSubstr("no program named 'drop'"));
  Image.Programs.push_back(passProgram());
  EXPECT_THAT(Error("pass"), HasSubstr("several programs named 'pass'"));
}

} // namespace
