//===- NFPImageELFTest.cpp - ELF form: round trip and damaged files -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Word.h"
#include "nfpbpf/Object/NFP/NFPELF.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <random>

using namespace nfpbpf;
using namespace nfpbpf::object;
using ::testing::HasSubstr;

namespace {

NFPProgram program(llvm::StringRef Name) {
  const uint64_t Br = 0x00d800008038;
  NFPProgram P;
  P.Name = Name.str();
  P.Section = "xdp";
  P.Type = "xdp";
  P.Profile = "agilio";
  P.Words = {{0x00f003f05bff, RelocKind::None, 0},
             {Br | uint64_t(4) << 22, RelocKind::Branch, 0},
             {Br, RelocKind::Helper, 1},
             {0x00f0000c0000, RelocKind::Immediate, 0},
             {Br, RelocKind::Done, 0},
             {isa::NopWord, RelocKind::None, 0}};
  P.Functions = {{Name.str(), 0, 4}, {"sub", 4, 2}};
  NFPMap M;
  M.Name = "counters";
  M.Type = 2;
  M.KeySize = 4;
  M.ValueSize = 8;
  M.MaxEntries = 256;
  M.Id = 3;
  M.Uses = {rt::WordUse::Atomic, rt::WordUse::Read};
  M.ReadOnly = true;
  M.Contents = {1, 2, 3};
  P.Maps = {M};
  P.Files = {"a.c", "b.h"};
  P.Lines = {{0, 0, 0, 10, 3}, {2, 1, 1, 4, 0}, {4, NFPLine::NoInsn, 0, 0, 0}};
  P.Instructions = 9;
  P.StackBytes = 64;
  P.MaxPacketOffset = 34;
  P.OptLevel = 2;
  P.EpilogueBegin = 4;
  P.EpilogueEnd = 6;
  return P;
}

std::string write(const NFPImage &Image) {
  std::string Data;
  llvm::raw_string_ostream OS(Data);
  if (llvm::Error E = writeELF(Image, OS))
    ADD_FAILURE() << llvm::toString(std::move(E));
  return Data;
}

/// A copy in fresh memory, so that AddressSanitizer sees reads past its end.
llvm::Expected<NFPImage> read(llvm::StringRef Data) {
  std::unique_ptr<llvm::MemoryBuffer> Copy =
      llvm::MemoryBuffer::getMemBufferCopy(Data, "test.elf");
  return readELF(Copy->getMemBufferRef());
}

std::string readError(llvm::StringRef Data) {
  llvm::Expected<NFPImage> Image = read(Data);
  return Image ? "read" : llvm::toString(Image.takeError());
}

TEST(NFPImageELF, RoundTrip) {
  NFPImage Image;
  Image.Programs = {program("one"), program("two")};
  Image.Programs[1].Words[2].Id = 25;
  Image.Programs[1].Words[0].Reloc = RelocKind::ArrayHigh;
  Image.Programs[1].Words[0].Id = 3;
  std::string Data = write(Image);
  EXPECT_EQ(Data, write(Image)) << "the writer must be deterministic";
  llvm::Expected<NFPImage> Back = read(Data);
  ASSERT_TRUE(bool(Back)) << llvm::toString(Back.takeError());
  EXPECT_EQ(write(*Back), Data);
  ASSERT_EQ(Back->Programs.size(), 2u);
  const NFPProgram &A = Image.Programs[1], &B = Back->Programs[1];
  EXPECT_EQ(A.Name, B.Name);
  EXPECT_EQ(A.Section, B.Section);
  EXPECT_EQ(A.Type, B.Type);
  EXPECT_EQ(A.Profile, B.Profile);
  EXPECT_TRUE(A.Words == B.Words);
  EXPECT_EQ(B.Instructions, 9u);
  EXPECT_EQ(B.StackBytes, 64u);
  EXPECT_EQ(B.MaxPacketOffset, 34u);
  EXPECT_EQ(B.OptLevel, 2u);
  EXPECT_EQ(B.EpilogueBegin, 4u);
  EXPECT_EQ(B.EpilogueEnd, 6u);
  ASSERT_EQ(B.Functions.size(), 2u);
  EXPECT_EQ(B.Functions[1].Name, "sub");
  EXPECT_EQ(B.Functions[1].First, 4u);
  EXPECT_EQ(B.Functions[1].Count, 2u);
  ASSERT_EQ(B.Maps.size(), 1u);
  EXPECT_EQ(B.Maps[0].Name, "counters");
  EXPECT_EQ(B.Maps[0].Type, 2u);
  EXPECT_EQ(B.Maps[0].KeySize, 4u);
  EXPECT_EQ(B.Maps[0].ValueSize, 8u);
  EXPECT_EQ(B.Maps[0].MaxEntries, 256u);
  EXPECT_EQ(B.Maps[0].Id, 3u);
  EXPECT_TRUE(B.Maps[0].ReadOnly);
  EXPECT_EQ(B.Maps[0].Contents, A.Maps[0].Contents);
  EXPECT_EQ(B.Maps[0].Uses, A.Maps[0].Uses);
  EXPECT_EQ(B.Files, A.Files);
  ASSERT_EQ(B.Lines.size(), 3u);
  EXPECT_EQ(B.Lines[1].Word, 2u);
  EXPECT_EQ(B.Lines[1].Insn, 1u);
  EXPECT_EQ(B.Lines[1].File, 1u);
  EXPECT_EQ(B.Lines[1].Line, 4u);
  EXPECT_EQ(B.Lines[0].Column, 3u);
  EXPECT_EQ(B.Lines[2].Insn, NFPLine::NoInsn);
}

// Read with LLVM's own ELF reader, which shares no code with the writer.
TEST(NFPImageELF, OrdinaryReadersUnderstandIt) {
  NFPImage Image;
  Image.Programs = {program("one")};
  std::string Data = write(Image);
  auto File = llvm::object::ELFFile<llvm::object::ELF64LE>::create(Data);
  ASSERT_TRUE(bool(File)) << llvm::toString(File.takeError());
  EXPECT_EQ(File->getHeader().e_machine, 250);
  EXPECT_EQ(File->getHeader().e_flags, 0x600000u);
  EXPECT_EQ(File->getHeader().e_type, llvm::ELF::ET_REL);
  unsigned Code = 0, Undefined = 0, Functions = 0, Relocations = 0;
  for (const auto &S : llvm::cantFail(File->sections())) {
    if (S.sh_flags & llvm::ELF::SHF_EXECINSTR) {
      ++Code;
      EXPECT_EQ(S.sh_type, llvm::ELF::SHT_PROGBITS);
      llvm::ArrayRef<uint8_t> Bytes =
          llvm::cantFail(File->getSectionContents(S));
      ASSERT_EQ(Bytes.size(), 6u * 8);
      EXPECT_EQ(llvm::support::endian::read64le(Bytes.data() + 5 * 8),
                isa::NopWord);
    }
    if (S.sh_type == llvm::ELF::SHT_RELA)
      Relocations += llvm::cantFail(File->relas(S)).size();
    if (S.sh_type != llvm::ELF::SHT_SYMTAB)
      continue;
    llvm::StringRef Names = llvm::cantFail(File->getStringTableForSymtab(S));
    for (const auto &Sym : llvm::cantFail(File->symbols(&S))) {
      llvm::StringRef Name = llvm::cantFail(Sym.getName(Names));
      Undefined += Name == "bpf_done" || Name == "bpf_helper_1";
      if (Sym.getType() == llvm::ELF::STT_FUNC)
        ++Functions;
      if (Name == "sub") {
        EXPECT_EQ(Sym.st_value, 32u);
        EXPECT_EQ(Sym.st_size, 16u);
      }
    }
  }
  EXPECT_EQ(Code, 1u);
  EXPECT_EQ(Undefined, 2u);
  EXPECT_EQ(Functions, 2u);
  EXPECT_EQ(Relocations, 4u);
}

TEST(NFPImageELF, WriterRefuses) {
  NFPImage Image;
  Image.Programs = {program("one"), program("one")};
  std::string Data;
  llvm::raw_string_ostream OS(Data);
  EXPECT_THAT(llvm::toString(writeELF(Image, OS)),
              HasSubstr("two programs named 'one'"));
  Image.Programs.pop_back();
  Image.Programs[0].Words[0].Insn |= uint64_t(1) << 60;
  EXPECT_THAT(llvm::toString(writeELF(Image, OS)), HasSubstr("45 bits"));
}

TEST(NFPImageELF, OtherFilesAreRefused) {
  EXPECT_THAT(readError(""), HasSubstr("test.elf: not an ELF file"));
  EXPECT_THAT(readError(std::string(200, 'x')), HasSubstr("not an ELF file"));
  NFPImage Image;
  Image.Programs = {program("one")};
  std::string Data = write(Image);
  std::string Other = Data;
  llvm::support::endian::write16le(&Other[18], 247); // machine eBPF
  EXPECT_THAT(readError(Other), HasSubstr("not an ELF file for the NFP"));
}

TEST(NFPImageELF, TruncatedFilesAreRefused) {
  NFPImage Image;
  Image.Programs = {program("one")};
  std::string Data = write(Image);
  for (size_t Size = 0; Size != Data.size(); ++Size)
    EXPECT_NE(readError(Data.substr(0, Size)), "read") << Size;
}

TEST(NFPImageELF, DamagedFilesDoNoHarm) {
  NFPImage Image;
  Image.Programs = {program("one"), program("two")};
  const std::string Data = write(Image);
  std::mt19937 Rng(7);
  unsigned Refused = 0;
  constexpr unsigned Rounds = 20000;
  for (unsigned N = 0; N != Rounds; ++N) {
    std::string Damaged = Data;
    for (unsigned K = Rng() % 4 + 1; K; --K) {
      // Half of the damage goes to the headers at both ends.
      size_t At = Rng() % 2 ? Rng() % 64 : Rng() % Damaged.size();
      if (Rng() % 4 == 0)
        At = Damaged.size() - 1 - Rng() % (64 * 8);
      Damaged[At] = Rng() % 3 ? char(Rng()) : char(0xff);
    }
    llvm::Expected<NFPImage> Result = read(Damaged);
    if (!Result) {
      ++Refused;
      EXPECT_FALSE(llvm::toString(Result.takeError()).empty());
      continue;
    }
    for (const NFPProgram &P : Result->Programs)
      EXPECT_FALSE(bool(verify(P)));
  }
  EXPECT_GT(Refused, Rounds / 4);
}

} // namespace
