//===- NFPImageKernelTest.cpp - Images of the kernel's translator ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Instruction.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include "nfpbpf/Object/NFP/NFPELF.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cstdlib>

using namespace nfpbpf;
using namespace nfpbpf::object;
using ::testing::HasSubstr;

namespace {

const char Meta[] = "object x.o\n"
                    "section xdp\n"
                    "program prog\n"
                    "type xdp\n"
                    "bpf_insns 2\n"
                    "nfp_insns 4\n"
                    "stack_size 64\n"
                    "max_pkt_offset 57\n"
                    "tgt_out 2\n"
                    "tgt_abort 1\n"
                    "call_push_regs 0\n"
                    "call_pop_regs 0\n"
                    "start_off 3072\n"
                    "tgt_done 1\n"
                    "helper_lookup 16001\n"
                    "map 0 counters tid 5 type 1 key 4 value 8 entries 16\n"
                    "# insn n code nfp_off flags subprog\n"
                    "insn 0 0xb7 0 0 0 -1 0\n"
                    "insn 1 0x95 2 0 0 -1 0\n";

std::vector<uint8_t> rawImage() {
  const uint64_t Br =
      0x00d800008038 | uint64_t(15000 & 0x1fff) << 22 | uint64_t(1) << 40;
  return toBytes({uint64_t(2) << 56 | Br, isa::NopWord, uint64_t(6) << 56 | Br,
                  isa::NopWord});
}

TEST(NFPImageKernel, ReadsDescription) {
  llvm::Expected<KernelImage> K = readKernelImage(rawImage(), Meta);
  ASSERT_TRUE(bool(K)) << llvm::toString(K.takeError());
  const NFPProgram &P = K->Program;
  EXPECT_EQ(P.Name, "prog");
  EXPECT_EQ(P.Section, "xdp");
  EXPECT_EQ(P.Type, "xdp");
  EXPECT_EQ(P.Instructions, 2u);
  EXPECT_EQ(P.StackBytes, 64u);
  EXPECT_EQ(P.MaxPacketOffset, 57u);
  EXPECT_EQ(K->Start, 3072u);
  EXPECT_EQ(K->Done, 1u);
  ASSERT_EQ(K->Helpers.size(), 1u);
  EXPECT_EQ(K->Helpers[0].Id, 1u);
  EXPECT_EQ(K->Helpers[0].Address, 16001u);
  ASSERT_EQ(P.Maps.size(), 1u);
  EXPECT_EQ(P.Maps[0].Name, "counters");
  EXPECT_EQ(P.Maps[0].Id, 5u);
  EXPECT_EQ(P.Maps[0].ValueSize, 8u);
  EXPECT_EQ(P.Maps[0].MaxEntries, 16u);
  ASSERT_NE(P.lineOf(3), nullptr);
  EXPECT_EQ(P.lineOf(3)->Insn, 1u);
  EXPECT_FALSE(P.PushTarget.has_value());
  LoadParams Params;
  Params.Start = K->Start;
  Params.Done = K->Done;
  llvm::Expected<std::vector<uint64_t>> Words = link(P, Params);
  ASSERT_TRUE(bool(Words)) << llvm::toString(Words.takeError());
  EXPECT_EQ(isa::toString(isa::decode((*Words)[0])), "br[.3074]");
  EXPECT_EQ(isa::toString(isa::decode((*Words)[2])), "br[.1]");
}

TEST(NFPImageKernel, Errors) {
  auto Error = [](llvm::StringRef Text) {
    llvm::Expected<KernelImage> K = readKernelImage(rawImage(), Text);
    return K ? "read" : llvm::toString(K.takeError());
  };
  EXPECT_THAT(Error("program x\nstack_size many\n"),
              HasSubstr("line 2: 'many' is not a number"));
  EXPECT_THAT(Error("map 0\n"), HasSubstr("line 1: map without a name"));
  EXPECT_THAT(Error("insn 0\n"), HasSubstr("line 1: instruction without"));
  EXPECT_THAT(Error("tgt_out 4\n"), HasSubstr("outside the image"));
}

/// Runs the kernel's translator over objects of the shared corpus.
class KernelCorpus : public ::testing::Test {
protected:
  void SetUp() override {
    const char *Shared = std::getenv("NFPBPF_SHARED");
    if (!Shared)
      GTEST_SKIP() << "NFPBPF_SHARED is not set";
    const char *Peers = std::getenv("NFP_PEERS");
    if (!Peers)
      GTEST_SKIP() << "NFP_PEERS is not set";
    std::string Tool = std::string(Peers) + "/bin/knfp-jit";
    if (!llvm::sys::fs::can_execute(Tool))
      GTEST_SKIP() << Tool << " is not built";
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("nfpbpf-kernel", Folder));
    std::error_code EC;
    std::vector<std::string> Objects;
    llvm::sys::fs::directory_iterator It(
        std::string(Shared) + "/corpus/obj/linux-ports/v2", EC),
        End;
    for (; !EC && It != End; It.increment(EC))
      if (llvm::StringRef(It->path()).ends_with(".o"))
        Objects.push_back(It->path());
    ASSERT_FALSE(EC) << EC.message();
    ASSERT_FALSE(Objects.empty());
    for (const std::string &Object : Objects)
      llvm::sys::ExecuteAndWait(
          Tool,
          {Tool, "--start", "3072", "--done", "1", "--out-dir", Folder, Object},
          std::nullopt,
          {llvm::StringRef(""), llvm::StringRef(""), llvm::StringRef("")},
          /*SecondsToWait=*/30);
  }

  void TearDown() override {
    if (!Folder.empty())
      llvm::sys::fs::remove_directories(Folder);
  }

  std::vector<uint8_t> file(llvm::StringRef Path) {
    auto Buffer = llvm::MemoryBuffer::getFile(Path);
    if (!Buffer) {
      ADD_FAILURE() << Path.str() << ": " << Buffer.getError().message();
      return {};
    }
    llvm::StringRef Data = (*Buffer)->getBuffer();
    return {Data.bytes_begin(), Data.bytes_end()};
  }

  llvm::SmallString<128> Folder;
};

TEST_F(KernelCorpus, SameWordsAllTheWay) {
  unsigned Images = 0, Words = 0;
  std::error_code EC;
  llvm::sys::fs::directory_iterator It(Folder, EC), End;
  for (; !EC && It != End; It.increment(EC)) {
    llvm::StringRef Path = It->path();
    if (!Path.ends_with(".bin"))
      continue;
    ++Images;
    std::vector<uint64_t> Loaded = llvm::cantFail(wordsFromBytes(file(Path)));
    std::vector<uint8_t> RawBytes = file((Path + ".raw").str());
    std::vector<uint8_t> MetaBytes = file((Path + ".meta").str());
    llvm::Expected<KernelImage> K =
        readKernelImage(RawBytes, llvm::toStringRef(MetaBytes));
    ASSERT_TRUE(bool(K)) << Path.str() << llvm::toString(K.takeError());

    // Our relocation and check bits are the driver's.
    LoadParams Params;
    Params.Start = K->Start;
    Params.Done = K->Done;
    Params.Helpers = K->Helpers;
    llvm::Expected<std::vector<uint64_t>> Linked = link(K->Program, Params);
    ASSERT_TRUE(bool(Linked))
        << Path.str() << llvm::toString(Linked.takeError());
    EXPECT_TRUE(*Linked == Loaded) << Path.str();
    EXPECT_TRUE(toBytes(llvm::cantFail(toRaw(K->Program))) == RawBytes)
        << Path.str();

    // Every instruction is one our encoder accepts and writes the same way.
    for (uint64_t Word : Loaded) {
      ++Words;
      isa::Instruction I = isa::decode(Word);
      llvm::Expected<uint64_t> Again = isa::encode(I);
      ASSERT_TRUE(bool(Again))
          << isa::toString(I) << llvm::toString(Again.takeError());
      EXPECT_EQ(isa::addECC(*Again), Word) << isa::toString(I);
    }
  }
  ASSERT_FALSE(EC) << EC.message();
  EXPECT_GT(Images, 3u);
  EXPECT_GT(Words, 500u);
}

} // namespace
