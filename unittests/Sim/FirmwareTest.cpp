//===- FirmwareTest.cpp - Entry, exit, helpers ----------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimFixture.h"

using namespace nfpbpf;
using namespace nfpbpf::sim;
using testing::HasSubstr;

namespace {

/// `r0 = 2; exit`, loaded at 3072 with exit address 1 (NFP BPF offload ABI,
/// appendix A): instruction words without check bits, and the check bits'
/// words.
const uint64_t GoldenImage[26] = {
    0x000f20f003f05bff, 0x000700b441605a20, 0x000502f0000c0800,
    0x000cc2f0000c0001, 0x000ae0db02008038, 0x000060d800608038,
    0x000a00a0000c0000, 0x000800c10c048a00, 0x000460aab0000303,
    0x000540db01408125, 0x000da0f002200b82, 0x000b60f444400b11,
    0x000b0081d0100200, 0x000200aa300c0001, 0x000bc094002409ff,
    0x000060d800608038, 0x000a00a0000c0000, 0x000100c10c000a00,
    0x000000f0000c0300, 0x000000f0000c0300, 0x000000f0000c0300,
    0x000000f0000c0300, 0x000000f0000c0300, 0x000000f0000c0300,
    0x000000f0000c0300, 0x000000f0000c0300};

class Firmware : public SimFixture {
protected:
  uint32_t Map = 0;
  uint32_t addMap(rt::MapSpec Spec, uint32_t Tid) {
    llvm::Expected<uint32_t> E = Maps.addMap(std::move(Spec));
    if (!E) {
      ADD_FAILURE() << llvm::toString(E.takeError());
      return 0;
    }
    (Tid >= 1000 ? Load.Events : Load.Tables).push_back({Tid, *E});
    return *E;
  }
  void addHash(uint32_t Tid, uint32_t KeySize = 4, uint32_t ValueSize = 8) {
    rt::MapSpec Spec;
    Spec.Name = "flows";
    Spec.Type = rt::Hash;
    Spec.KeySize = KeySize;
    Spec.ValueSize = ValueSize;
    Spec.MaxEntries = 4;
    Map = addMap(Spec, Tid);
  }
  /// Calls a helper from word \p At: three words. A2 is the table id.
  static std::vector<std::string> call(uint32_t Address, unsigned At) {
    char Text[64];
    std::snprintf(Text, sizeof(Text), "immed[gprB_0, 0x%x]", 3072 + At + 3);
    return {"br[." + std::to_string(Address) + "], defer[2]",
            "alu[gprA_0, --, B, gprA_2]", Text};
  }
};

TEST_F(Firmware, GoldenImagePasses) {
  Load.EpilogueBegin = 3072 + 5;
  Load.EpilogueEnd = 3072 + 18;
  loadWords(GoldenImage);
  Last = machine().runPacket(Packet);
  EXPECT_EQ(Last.FaultCount, 0u) << firstFault();
  EXPECT_EQ(Last.Verdict, rt::Verdict::Pass);
  EXPECT_EQ(Last.ExitWord, 0x00110000u);
  // Five words, the branch to the epilogue among them, then ten.
  EXPECT_EQ(Last.Cost.Instructions, 15u);
  EXPECT_EQ(Last.Cost.ProgramCycles, 4u + 4u);
  EXPECT_EQ(machine().readRegister(RegFile::B, 22), 60u);
}

TEST_F(Firmware, EpilogueCodes) {
  struct {
    uint32_t R0;
    rt::Verdict Verdict;
  } Cases[] = {{0, rt::Verdict::Aborted}, {1, rt::Verdict::Drop},
               {2, rt::Verdict::Pass},    {3, rt::Verdict::Tx},
               {4, rt::Verdict::Aborted}, {255, rt::Verdict::Aborted}};
  for (auto &C : Cases) {
    std::vector<uint64_t> Words(GoldenImage, GoldenImage + 26);
    llvm::Expected<uint64_t> W =
        isa::setImmediate(Words[2], static_cast<uint16_t>(C.R0));
    ASSERT_TRUE(bool(W)) << llvm::toString(W.takeError());
    Words[2] = isa::addECC(*W);
    loadWords(Words);
    Last = machine().runPacket(Packet);
    EXPECT_EQ(Last.FaultCount, 0u) << firstFault();
    EXPECT_EQ(Last.Verdict, C.Verdict) << C.R0;
    EXPECT_EQ(
        machine().statistics().Verdicts[static_cast<unsigned>(C.Verdict)].Bytes,
        60u);
  }
}

TEST_F(Firmware, EntryState) {
  setFrame(300);
  good({"alu[gprA_1, --, B, *l$index1[0]]", "alu[gprA_2, --, B, *l$index1[1]]",
        "alu[gprA_3, --, B, *l$index1[2]]", "alu[gprA_4, --, B, *l$index1[4]]",
        "alu[gprA_5, --, B, *l$index1[6]]"});
  EXPECT_EQ(a(1) & 0x3fff, 300u);
  EXPECT_EQ(a(2) >> 29, 1u); // a buffer of 512 bytes, not split
  EXPECT_EQ(a(3) >> 31, 1u);
  EXPECT_EQ(a(3) & 0x1fff, 136u);
  EXPECT_EQ((a(3) >> 16) & 0x3ff, (a(1) >> 16) & 0x3ff);
  EXPECT_EQ(a(4) & 0x10, 0u);
  EXPECT_EQ(a(5), 0x800fff00u);
  EXPECT_EQ(a(22), 2048u);
  EXPECT_EQ(undefA(7), 0xffffffffu);
}

TEST_F(Firmware, AdjustHeadAndTail) {
  std::vector<uint8_t> Bytes(100);
  for (unsigned I = 0; I < 100; ++I)
    Bytes[I] = static_cast<uint8_t>(I);
  setFrame(Bytes);
  // Four bytes off the front, six off the end.
  good({"alu[*l$index1[2], *l$index1[2], +, 0x4]",
        "alu[*l$index1[0], *l$index1[0], -, 0xa]"});
  EXPECT_EQ(Packet.offset(), 140u);
  EXPECT_EQ(Packet.length(), 90u);
  EXPECT_EQ(Packet.frame()[0], 4);
  EXPECT_EQ(Packet.frame()[89], 93);
}

TEST_F(Firmware, QueueSelected) {
  setB(4, 17);
  setB(5, 1);
  good({"alu_shf[*l$index1[4], *l$index1[4], OR, gprB_5, <<4]",
        "ld_field[*l$index1[6], 0001, gprB_4]"});
  ASSERT_TRUE(Last.Queue);
  EXPECT_EQ(*Last.Queue, 17);
}

TEST_F(Firmware, TxOffsetLimits) {
  setA(4, 0x440000);
  // 136 + 112 = 248 is the last offset that can be sent; frame 200 bytes.
  for (unsigned Delta : {112u, 113u}) {
    setFrame(200);
    char Head[64], Length[64];
    std::snprintf(Head, sizeof(Head),
                  "alu[*l$index1[2], *l$index1[2], +, 0x%x]", Delta);
    std::snprintf(Length, sizeof(Length),
                  "alu[*l$index1[0], *l$index1[0], -, 0x%x]", Delta);
    good({Head, Length, "alu[gprA_0, --, B, gprA_4]", "br[.1]"}, false);
    EXPECT_EQ(Last.Verdict, rt::Verdict::Tx);
    EXPECT_EQ(Last.TxOffsetError, Delta == 113);
  }
}

TEST_F(Firmware, LookupHitAndMiss) {
  addHash(7);
  uint8_t Key[4] = {0x44, 0x33, 0x22, 0x11};
  ASSERT_EQ(Maps.hostUpdate(Map, Key, std::vector<uint8_t>(8, 0x5a)), 0);
  uint64_t Address = Maps.lookup(Map, Key);
  for (bool Hit : {true, false}) {
    M.reset();
    setA(2, 7);
    setB(2, 7);
    setA(5, Hit ? 0x11223344 : 1);
    setA(12, 0x1212);
    setB(19, 0x1919);
    std::vector<std::string> L = {"nop", "nop", "nop",
                                  "alu[*l$index0[0], --, B, gprA_5]"};
    std::vector<std::string> C = call(*P.helperAddress(1), 4);
    L.insert(L.end(), C.begin(), C.end());
    L.push_back("alu[gprA_13, --, B, gprA_0], gpr_wrboth");
    L.push_back("alu[gprA_14, --, B, gprB_1]");
    // LM0 is the key's address again, without waiting.
    L.push_back("alu[gprA_15, --, B, *l$index0[0]]");
    good(L);
    EXPECT_EQ(a(13), Hit ? Address & 0xff : 0);
    EXPECT_EQ(a(14), Hit ? static_cast<uint32_t>(Address >> 8) : 0);
    EXPECT_EQ(a(15), Hit ? 0x11223344u : 1u);
    EXPECT_EQ(a(12), 0x1212u);
    EXPECT_EQ(b(19), 0x1919u);
    EXPECT_NE(undefA(5), 0u);
    EXPECT_EQ(Last.Cost.HelperCycles, 178);
    EXPECT_EQ(Last.Cost.Lookups, 1u);
    // 4 nops and moves, br 4 - 2, two slots, three moves, then the exit.
    EXPECT_EQ(Last.Cost.ProgramCycles, 4u + 2 + 2 + 3 + 1 + 4);
  }
}

TEST_F(Firmware, OddKeysAreMaskedInPlace) {
  addHash(1, /*KeySize=*/6);
  setA(2, 1);
  setA(4, 0xffffffff);
  std::vector<std::string> L = {"nop", "nop",
                                "alu[*l$index0[0], --, B, gprA_4]",
                                "alu[*l$index0[1], --, B, gprA_4]"};
  L[0] = "nop";
  L.insert(L.begin(), "nop");
  std::vector<std::string> C = call(*P.helperAddress(1), 5);
  L.insert(L.end(), C.begin(), C.end());
  good(L);
  EXPECT_EQ(machine().readLocalMemory(512), 0xffffffffu);
  EXPECT_EQ(machine().readLocalMemory(513), 0x0000ffffu);
}

TEST_F(Firmware, UpdateAndDelete) {
  addHash(3);
  setA(2, 3);
  for (unsigned N : {8u, 9u}) {
    setA(N, 0);
    setB(N, 0);
  }
  setA(4, 0x01020304);
  // Value behind the key: LM2 at +4.
  std::vector<std::string> L = {"alu[gprA_5, gprA_22, +, 0x4]",
                                "local_csr_wr[ActLMAddr2, gprA_5]",
                                "nop",
                                "alu[*l$index0[0], --, B, gprA_4]",
                                "alu[*l$index0[1], --, B, gprA_4]",
                                "immed[*l$index0[2], 0x7]"};
  std::vector<std::string> C = call(*P.helperAddress(2), 6);
  L.insert(L.end(), C.begin(), C.end());
  L.push_back("alu[gprA_12, --, B, gprA_0]");
  L.push_back("immed[gprA_2, 0x3]");
  C = call(*P.helperAddress(3), 11);
  L.insert(L.end(), C.begin(), C.end());
  L.push_back("alu[gprA_13, --, B, gprA_0]");
  L.push_back("immed[gprA_2, 0x3]");
  C = call(*P.helperAddress(3), 16);
  L.insert(L.end(), C.begin(), C.end());
  L.push_back("alu[gprA_14, --, B, gprA_0]");
  L.push_back("alu[gprA_15, --, B, gprA_1]");
  good(L);
  EXPECT_EQ(a(12), 0u);
  EXPECT_EQ(a(13), 0u);
  EXPECT_EQ(a(14), static_cast<uint32_t>(-2));
  EXPECT_EQ(a(15), 0xffffffffu);
  EXPECT_EQ(Maps.entries(Map), 0u);
  EXPECT_EQ(Last.Cost.Lookups, 3u);
  EXPECT_TRUE(Last.Cost.Unvalidated & UnvalidatedHelper);
}

TEST_F(Firmware, PerfEvents) {
  rt::MapSpec Spec;
  Spec.Name = "events";
  Spec.Type = rt::PerfEventArray;
  Spec.KeySize = 4;
  Spec.ValueSize = 4;
  Spec.MaxEntries = 8;
  uint32_t Index = addMap(Spec, 1234);
  auto both = [&](unsigned N, uint32_t V) {
    setA(N, V);
    setB(N, V);
  };
  both(4, 1234);
  both(6, 0xffffffff);
  both(7, 20); // packet bytes
  both(10, 8); // record bytes
  setA(11, 0x01020304);
  both(8, 2048);
  both(9, 0);
  good({"nop", "nop", "nop", "alu[*l$index0[0], --, B, gprA_11]",
        "alu[*l$index0[1], --, B, 0x5]",
        "br[." + std::to_string(*P.helperAddress(25)) + "], defer[2]",
        "immed[gprA_1, 0x6]", "immed[gprB_0, 0xc08]",
        "alu[gprA_12, --, B, gprA_0]"});
  EXPECT_EQ(a(12), 0u);
  ASSERT_EQ(Events.events().size(), 1u);
  const rt::Event &E = Events.events()[0];
  EXPECT_EQ(E.Map, Index);
  EXPECT_EQ(E.Packet.size(), 20u);
  EXPECT_EQ(E.Packet[19], 19);
  EXPECT_EQ(E.Data, (std::vector<uint8_t>{4, 3, 2, 1, 5, 0, 0, 0}));
}

TEST_F(Firmware, HelperArgumentFaults) {
  addHash(7);
  std::vector<std::string> L = {"nop", "nop", "nop",
                                "immed[*l$index0[0], 0x5]"};
  std::vector<std::string> C = call(*P.helperAddress(1), 4);
  L.insert(L.end(), C.begin(), C.end());
  // Table id undefined, then wrong.
  faults(FaultKind::UndefinedArgument, 6, L);
  setA(2, 9);
  faults(FaultKind::HelperArgument, 6, L);
  EXPECT_THAT(firstFault(), HasSubstr("table id 9"));
  // Key undefined.
  setA(2, 7);
  L[3] = "nop";
  faults(FaultKind::UndefinedArgument, 6, L);
  EXPECT_THAT(firstFault(), HasSubstr("key"));
  // LM0 written too late: two slots and the branch are three cycles.
  L[3] = "local_csr_wr[ActLMAddr0, gprA_22]";
  machine().presetLocalMemory(512, 5);
  good(L);
  L[5] = "local_csr_wr[ActLMAddr0, gprA_22]";
  setA(0, 7);
  faults(FaultKind::StaleLMPointer, 6, L);
}

TEST_F(Firmware, ClobbersAreReal) {
  addHash(7);
  setA(2, 7);
  std::vector<std::string> L = {"nop", "nop", "nop",
                                "immed[*l$index0[0], 0x5]"};
  std::vector<std::string> C = call(*P.helperAddress(1), 4);
  L.insert(L.end(), C.begin(), C.end());
  setA(23, 1);
  std::vector<std::string> Flags = L;
  Flags.push_back("beq[.3080]");
  faults(FaultKind::UndefinedBranch, 7, Flags);
  std::vector<std::string> R23 = L;
  R23.push_back("alu[--, gprA_23, OR, 0x0]");
  R23.push_back("beq[.3081]");
  faults(FaultKind::UndefinedBranch, 8, R23);
  std::vector<std::string> LM3 = L;
  LM3.push_back("alu[gprA_1, --, B, *l$index3]");
  faults(FaultKind::UndefinedAddress, 7, LM3);
}

TEST_F(Firmware, StartAddressIsFree) {
  // Like the kernel translator's default: start 0, exit 16000.
  Load.Start = 0;
  Load.Done = 16000;
  Load.Helpers = {{1, 16001}};
  good({"br[.2]", "nop", "immed[gprA_0, 0x11, <<16]", "br[.16000]"}, false);
  EXPECT_EQ(Last.Verdict, rt::Verdict::Pass);
}

} // namespace
