//===- FaultTest.cpp - Hazards are reported -------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimFixture.h"

#include "nfpbpf/ISA/NFP/Builder.h"

using namespace nfpbpf;
using namespace nfpbpf::sim;
using testing::HasSubstr;

namespace {

class Faults : public SimFixture {};

TEST_F(Faults, Ecc) {
  std::vector<uint64_t> Words =
      assemble({"nop", "immed[gprA_0, 0x11, <<16]", "br[.1]"});
  Words[1] ^= uint64_t(1) << 47;
  loadWords(Words);
  Last = machine().runPacket(Packet);
  ASSERT_EQ(machine().faults().size(), 1u);
  EXPECT_EQ(machine().faults()[0].Kind, FaultKind::BadEcc);
  EXPECT_EQ(machine().faults()[0].Word, 1u);
  EXPECT_THAT(firstFault(), HasSubstr("word 1: bad-ecc"));
  // A word that is never reached does no harm.
  Words = assemble({"br[.3074]", "nop", "immed[gprA_0, 0x11, <<16]", "br[.1]"});
  Words[1] ^= uint64_t(1) << 47;
  loadWords(Words);
  EXPECT_EQ(machine().runPacket(Packet).FaultCount, 0u);
}

TEST_F(Faults, EccCanBeSwitchedOff) {
  Options.CheckEcc = false;
  std::vector<uint64_t> Words =
      assemble({"immed[gprA_0, 0x11, <<16]", "br[.1]"});
  for (uint64_t &W : Words)
    W &= isa::InsnMask;
  loadWords(Words);
  EXPECT_EQ(machine().runPacket(Packet).FaultCount, 0u);
}

TEST_F(Faults, Undecodable) {
  loadWords({isa::addECC(0x00e800000000 | uint64_t(1) << 31)});
  Last = machine().runPacket(Packet);
  ASSERT_EQ(machine().faults().size(), 1u);
  EXPECT_EQ(machine().faults()[0].Kind, FaultKind::Undecodable);
}

TEST_F(Faults, RunsPastTheEnd) {
  faults(FaultKind::PastEnd, 1, {"nop", "nop"}, false);
  EXPECT_EQ(Last.Cost.Instructions, 2u);
}

TEST_F(Faults, BadTargets) {
  faults(FaultKind::BadTarget, 0, {"br[.100]"}, false);
  EXPECT_THAT(firstFault(), HasSubstr("address 100"));
  faults(FaultKind::BadTarget, 1, {"immed[gprA_21, 0x64]", "rtn[gprA_21]"},
         false);
  faults(FaultKind::UndefinedAddress, 0, {"rtn[gprA_21]"}, false);
}

TEST_F(Faults, EndlessLoop) {
  Options.InstructionLimit = 1000;
  faults(FaultKind::InstructionLimit, 0, {"br[.3072]"}, false);
  EXPECT_EQ(Last.Cost.Instructions, 1001u);
}

TEST_F(Faults, StaleLocalMemoryPointer) {
  for (unsigned Gap = 0; Gap < 4; ++Gap) {
    std::vector<std::string> L = {"local_csr_wr[ActLMAddr3, gprA_22]"};
    L.insert(L.end(), Gap, "nop");
    L.push_back("alu[*l$index3, --, B, gprA_22]");
    if (Gap < 3) {
      faults(FaultKind::StaleLMPointer, Gap + 1, L);
    } else {
      good(L);
    }
  }
}

TEST_F(Faults, EntryPointerNeedsThreeSlots) {
  faults(FaultKind::StaleLMPointer, 2,
         {"nop", "nop", "alu[*l$index0, --, B, gprA_22]"});
  good({"nop", "nop", "nop", "alu[*l$index0, --, B, gprA_22]"});
}

TEST_F(Faults, BranchShadowsCountAsSlots) {
  // br and its two shadow cycles, filled or not.
  good({"nop", "local_csr_wr[ActLMAddr3, gprA_22]", "br[.3075]",
        "alu[*l$index3, --, B, gprA_22]"});
  good({"nop", "local_csr_wr[ActLMAddr3, gprA_22]", "br[.3077], defer[2]",
        "nop", "nop", "alu[*l$index3, --, B, gprA_22]"});
}

TEST_F(Faults, UndefinedPointer) {
  faults(FaultKind::UndefinedAddress, 0, {"alu[gprA_1, --, B, *l$index2[1]]"});
}

TEST_F(Faults, StaleShiftAmounts) {
  setA(4, 3);
  setB(5, 64);
  faults(FaultKind::StaleShiftAmount, 1,
         {"immed[gprA_1, 0x3]", "alu_shf[gprA_2, --, B, gprB_5, >>indirect]"});
  faults(FaultKind::StaleShiftAmount, 1,
         {"alu[gprA_1, --, B, gprA_4]",
          "alu_shf[gprA_2, --, B, gprB_5, >>indirect]"});
  faults(FaultKind::StaleShiftAmount, 0,
         {"alu_shf[gprA_2, --, B, gprB_5, <<indirect]"});
  faults(FaultKind::StaleSign, 0, {"asr[gprA_2, gprB_5, >>3]"});
}

TEST_F(Faults, DivisionWithPostShiftZero) {
  // What the kernel's translator makes of a division by 28, 56, 112 ...: the
  // multiplication's high word shifted by an amount that nobody set.
  setA(4, 100);
  setB(5, 0x24924925);
  faults(FaultKind::StaleShiftAmount, 7,
         {"mul_step[gprA_4, gprB_5], start",
          "mul_step[gprA_4, gprB_5], 32x32_step1",
          "mul_step[gprA_4, gprB_5], 32x32_step2",
          "mul_step[gprA_4, gprB_5], 32x32_step3",
          "mul_step[gprA_4, gprB_5], 32x32_step4",
          "mul_step[0x0, --], 32x32_last",
          "mul_step[gprA_4, --], 32x32_last2, gpr_wrboth",
          "alu_shf[gprA_4, --, B, gprB_4, >>indirect], gpr_wrboth"});
}

TEST_F(Faults, DoubleShiftBy32) {
  setA(4, 32);
  setA(5, 1);
  setB(6, 2);
  faults(FaultKind::DoubleShiftAmount, 1,
         {"alu[--, gprA_4, OR, 0x0]",
          "dbl_shf[gprA_1, gprA_5, gprB_6, >>indirect]"});
  EXPECT_THAT(firstFault(), HasSubstr("by 32"));
}

TEST_F(Faults, MultiplySequences) {
  setA(4, 0x10000);
  setB(5, 2);
  faults(FaultKind::MulSequence, 3,
         {"mul_step[gprA_4, gprB_5], start",
          "mul_step[gprA_4, gprB_5], 16x16_step1",
          "mul_step[gprA_4, gprB_5], 16x16_step2",
          "mul_step[gprA_1, --], 16x16_last"});
  EXPECT_THAT(firstFault(), HasSubstr("too wide"));
  faults(FaultKind::MulSequence, 2,
         {"mul_step[gprA_4, gprB_5], start", "nop",
          "mul_step[gprA_4, gprB_5], 32x32_step1"});
  faults(FaultKind::MulSequence, 2,
         {"mul_step[gprA_4, gprB_5], start",
          "mul_step[gprA_4, gprB_5], 32x32_step1",
          "mul_step[gprA_1, --], 32x32_last"});
  setA(6, 7);
  faults(FaultKind::MulSequence, 1,
         {"mul_step[gprA_4, gprB_5], start",
          "mul_step[gprA_6, gprB_5], 32x32_step1"});
}

TEST_F(Faults, SameKindOperands) {
  // The assembler refuses it, so the word is patched: transfer register 1 in
  // both source fields.
  std::vector<uint64_t> Words =
      assemble({"alu[gprA_1, $xfer_1, +, gprB_2]", "immed[gprA_0, 0x11, <<16]",
                "br[.1]"});
  uint64_t W = Words[0] & isa::InsnMask;
  W = (W & ~(uint64_t(0x3ff) << 10)) | uint64_t(0x181) << 10;
  Words[0] = isa::addECC(W);
  loadWords(Words);
  Last = machine().runPacket(Packet);
  ASSERT_FALSE(machine().faults().empty());
  EXPECT_EQ(machine().faults()[0].Kind, FaultKind::SameKindOperands);
}

TEST_F(Faults, BranchInDeferSlot) {
  setA(4, 1);
  faults(FaultKind::BranchInDefer, 0,
         {"br[.3075], defer[1]", "br[.3075]", "nop"});
  // Even if the branch is not taken.
  faults(FaultKind::BranchInDefer, 1,
         {"alu[--, gprA_4, -, 0x1]", "bne[.3075], defer[1]", "beq[.3075]"});
  faults(FaultKind::BranchInDefer, 0,
         {"br[.3074], defer[1]",
          "mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], ctx_swap[sig1]"});
}

TEST_F(Faults, MoreDeferSlotsThanThereAre) {
  // br has two; the field could say three.
  std::vector<uint64_t> Words = assemble(
      {"br[.3075], defer[2]", "immed[gprA_1, 0x1]", "immed[gprA_2, 0x2]", "nop",
       "immed[gprA_0, 0x11, <<16]", "br[.1]"});
  Words[0] = isa::addECC((Words[0] & isa::InsnMask) | uint64_t(3) << 20);
  loadWords(Words);
  Last = machine().runPacket(Packet);
  ASSERT_EQ(machine().faults().size(), 1u);
  EXPECT_EQ(firstFault(), "word 0: defer-limit: defer[3] where at most 2 can "
                          "be filled");
  EXPECT_TRUE(Last.Faulted);
  // A conditional branch has three.
  setA(4, 1);
  good(
      {"alu[--, gprA_4, -, 0x1]", "beq[.3077], defer[3]", "nop", "nop", "nop"});
}

TEST_F(Faults, StaleCsrs) {
  // Three cycles from the write to the use, for each CSR that is used in an
  // operand or a condition.
  setA(4, 4);
  setB(5, 0);
  struct {
    const char *Write, *Use, *Text;
  } Cases[] = {
      {"local_csr_wr[XferIndex, 0x0]", "alu[*$index, --, B, gprA_4]",
       "T_INDEX"},
      {"local_csr_wr[NNPut, 0x0]", "alu[*n$index, --, B, gprA_4]", "NN_PUT"},
      {"local_csr_wr[IndPredCC, 0x0]",
       "alu[gprA_6, gprA_4, -, 0x1], predicate_cc", "IndPredCC"},
      {"local_csr_wr[ByteIndex, 0x1]", "byte_align_be[--, gprB_5]",
       "BYTE_INDEX"},
  };
  for (const auto &C : Cases) {
    for (unsigned Gap = 0; Gap < 4; ++Gap) {
      // Flags for the predicate; context 0.
      std::vector<std::string> L = {"alu[--, gprA_4, -, 0x1]", C.Write};
      L.insert(L.end(), Gap, "nop");
      L.push_back(C.Use);
      M.reset();
      setA(4, 4);
      setB(5, 0);
      if (Gap < 3) {
        faults(FaultKind::StaleCsr, Gap + 2, L);
        EXPECT_THAT(firstFault(), HasSubstr(C.Text));
      } else {
        good(L);
      }
    }
  }
  // A crc needs an instruction after the one before, and five before its
  // remainder is read.
  std::vector<std::string> Crc = {
      "local_csr_wr[CRCRemainder, 0x0]", "nop", "nop", "nop", "nop",
      "crc_be[crc_32, --, gprB_5]"};
  faults(FaultKind::StaleCsr, 6,
         {Crc[0], Crc[1], Crc[2], Crc[3], Crc[4], Crc[5], Crc[5]});
  faults(FaultKind::StaleCsr, 8,
         {Crc[0], Crc[1], Crc[2], Crc[3], Crc[4], Crc[5], "nop", "nop",
          "local_csr_rd[CRCRemainder]", "immed[gprA_1, 0x0]"});
}

TEST_F(Faults, ByteAlignWithoutAnOperandBefore) {
  setB(5, 0x04050607);
  faults(FaultKind::ByteAlignState, 4,
         {"local_csr_wr[ByteIndex, 0x1]", "nop", "nop", "nop",
          "byte_align_be[gprA_1, gprB_5]"});
  // The first one only fills the latch.
  good({"local_csr_wr[ByteIndex, 0x1]", "nop", "nop", "nop",
        "byte_align_be[--, gprB_5]", "byte_align_be[gprA_1, gprB_5]"});
  EXPECT_EQ(a(1), 0x05060704u);
}

TEST_F(Faults, OutsideTheModel) {
  auto unsupported = [&](const char *Line, const char *Text) {
    faults(FaultKind::Unsupported, 0, {Line});
    EXPECT_THAT(firstFault(), HasSubstr(Text));
  };
  unsupported("alu[gprA_1, --, B, @gprB_5]", "absolute register @gprB_5");
  unsupported("ctx_arb[bpt]", "stops the microengine");
  unsupported("ctx_arb[kill]", "stops the microengine");
  unsupported("ctx_arb[--]", "wake-up mask is the firmware's");
  unsupported("br_inp_state[nn_empty, .3073]", "not modelled");
  unsupported("mem[ticket_release, $xfer_0, *l$index1[2], 0x0, 1], "
              "ctx_swap[sig1]",
              "not modelled");
  faults(FaultKind::Unsupported, 0,
         {"local_csr_rd[Mailbox0]", "immed[gprA_1, 0x0]"});
  EXPECT_THAT(firstFault(), HasSubstr("read of CSR Mailbox0"));
  // Words that are never reached do no harm.
  good({"br[.3074]", "ctx_arb[kill]"});
}

TEST_F(Faults, ContentAddressableMemoryOfOthers) {
  // Other contexts use it too: nothing is known before cam_clear or after a
  // swap.
  setA(4, 7);
  faults(FaultKind::UndefinedCsr, 0, {"cam_lookup[gprA_1, gprA_4]"});
  faults(FaultKind::UndefinedCsr, 2,
         {"cam_clear",
          "mem[read32, $xfer_0, *l$index1[2], 0x0, 1], ctx_swap[sig1]",
          "cam_lookup[gprA_1, gprA_4]"});
  good({"cam_clear", "cam_lookup[gprA_1, gprA_4]"});
}

TEST_F(Faults, CsrRead) {
  faults(FaultKind::CsrReadNotTaken, 0,
         {"local_csr_rd[PseudoRndNum]", "alu[gprA_1, --, B, 0x0]"});
}

TEST_F(Faults, UndefinedFlagsAndBits) {
  faults(FaultKind::UndefinedBranch, 1,
         {"alu[--, gprA_4, -, 0x1]", "beq[.3074]"});
  faults(FaultKind::UndefinedBranch, 0, {"br_bset[gprA_4, 3, .3073]"});
  // C after a logic operation is not defined; Z is.
  setA(4, 1);
  faults(FaultKind::UndefinedBranch, 1,
         {"alu[--, gprA_4, AND, 0x1]", "bcs[.3074]"});
  good({"alu[--, gprA_4, AND, 0x1]", "bne[.3074]"});
  // Masked bits do not matter.
  good({"alu[gprA_5, gprA_6, AND, 0x0]", "alu[--, gprA_5, OR, 0x0]",
        "beq[.3075]"});
}

TEST_F(Faults, UndefinedCsrAndExit) {
  faults(FaultKind::UndefinedCsr, 0, {"local_csr_wr[ActLMAddr3, gprA_4]"});
  faults(FaultKind::UndefinedExit, 0, {"br[.1]"}, false);
  faults(FaultKind::ExitWord, 1, {"immed[gprA_0, 0x99, <<16]", "br[.1]"},
         false);
}

TEST_F(Faults, FirmwareOwned) {
  faults(FaultKind::FirmwareRegister, 0, {"immed[gprA_24, 0x1]"});
  faults(FaultKind::FirmwareRegister, 0, {"immed[gprB_29, 0x1]"});
  faults(FaultKind::FirmwareRegister, 0, {"immed[$xfer_32, 0x1]"});
  faults(FaultKind::FirmwareRegister, 0, {"local_csr_wr[ActLMAddr1, 0x5]"});
  faults(FaultKind::FirmwareRegister, 0, {"local_csr_wr[CtxEnables, 0x5]"});
  // Register 23 and transfer register 31 are the program's.
  good({"immed[gprA_23, 0x1]", "immed[$xfer_31, 0x1]"});
}

TEST_F(Faults, LocalMemoryOutsideTheStack) {
  // Another context's stack.
  setB(5, 2048);
  faults(FaultKind::LocalMemoryAccess, 6,
         {"immed[gprA_4, 0x200]", "alu[gprA_4, gprA_4, +, gprB_5]",
          "local_csr_wr[ActLMAddr3, gprA_4]", "nop", "nop", "nop",
          "alu[*l$index3, --, B, 0x1]"});
}

TEST_F(Faults, PacketVectorFields) {
  faults(FaultKind::PacketVector, 0, {"alu[*l$index1[3], --, B, 0x1]"});
  // The packet number in the length word: seen at the exit.
  setA(4, 1);
  faults(FaultKind::PacketVector, 2,
         {"alu_shf[*l$index1[0], *l$index1[0], OR, gprA_4, <<20]"});
  faults(FaultKind::PacketWindow, 2, {"immed_w0[*l$index1[0], 0x3fff]"});
}

TEST_F(Faults, FramesThatReachBeyondPacketMemory) {
  // 30 * 64 - 32 bytes of a packet are inline.
  ASSERT_EQ(P.inlinePacketBytes(), 1888u);
  auto faultAt = [&](unsigned Length, uint32_t MaxOffset) {
    Load.MaxPacketOffset = MaxOffset;
    setFrame(Length);
    run({"nop"});
    return Last.Faulted;
  };
  EXPECT_FALSE(faultAt(1902, 65535));
  EXPECT_FALSE(faultAt(9014, 1888));
  EXPECT_FALSE(faultAt(9014, 0));
  EXPECT_TRUE(faultAt(1903, 1889));
  EXPECT_EQ(firstFault(),
            "word 0: packet-access: a frame of 1903 bytes: the driver refuses "
            "the program on a port whose MTU allows it, since it may access "
            "packet bytes up to offset 1889, and only 1888 are kept in packet "
            "memory");
  EXPECT_EQ(machine().longestFrame(), 1902u);
  EXPECT_EQ(Last.Cost.Instructions, 0u);
  EXPECT_TRUE(faultAt(9014, 65535));
}

TEST_F(Faults, CountedOnly) {
  Options.StopOnFault = false;
  run({"alu[--, gprA_4, -, 0x1]", "beq[.3074]", "immed[gprA_24, 0x1]"});
  EXPECT_FALSE(Last.Faulted);
  EXPECT_EQ(Last.FaultCount, 2u);
  EXPECT_EQ(Last.Verdict, rt::Verdict::Pass);
  EXPECT_EQ(machine().statistics().Faults, 2u);
  EXPECT_EQ(machine().statistics().FaultsByKind[static_cast<unsigned>(
                FaultKind::UndefinedBranch)],
            1u);
}

TEST_F(Faults, LoadErrors) {
  auto error = [&](llvm::ArrayRef<uint64_t> Words) {
    return llvm::toString(machine().loadProgram(Words, Load));
  };
  EXPECT_THAT(error({}), HasSubstr("without words"));
  Load.Done = 3072;
  EXPECT_THAT(error(assemble({"nop"})), HasSubstr("exit address 3072"));
  Load.Done = 1;
  Load.Start = 16383;
  EXPECT_THAT(error(assemble({"nop", "nop"})), HasSubstr("14-bit"));
  Load.Start = 2304;
  EXPECT_THAT(error(assemble({"nop"})), HasSubstr("helper 1"));
  Load.Start = 3072;
  Load.Tables.push_back({1, 0});
  EXPECT_THAT(error(assemble({"nop"})), HasSubstr("bound to map 0"));
}

/// Random words, mostly of real classes: nothing may crash or hang, whether
/// faults stop a packet or not.
TEST_F(Faults, RandomWords) {
  static const uint64_t Classes[] = {
      0x0a000000000, 0x08000000000, 0x0f000000000, 0x0c000000000, 0x0d800000020,
      0x0d000000000, 0x0c800000000, 0x0e800000000, 0x0fc00000000, 0x0f800000000,
      0x0e000000000, 0x05c10000000, 0x14210080000, 0x04710000000};
  rt::MapSpec Spec;
  Spec.Name = "m";
  Spec.Type = rt::Array;
  Spec.KeySize = 4;
  Spec.ValueSize = 16;
  Spec.MaxEntries = 4;
  ASSERT_TRUE(bool(Maps.addMap(Spec)));
  Load.Tables.push_back({0, 0});
  uint64_t Seed = 1;
  auto random = [&] {
    Seed = Seed * 6364136223846793005ull + 1442695040888963407ull;
    return Seed >> 20;
  };
  Options.InstructionLimit = 500;
  uint64_t Instructions = 0;
  for (bool Stop : {true, false}) {
    Options.StopOnFault = Stop;
    M.reset();
    for (unsigned N = 0; N < 32; ++N) {
      // Registers that are defined, small numbers among them.
      setA(N, static_cast<uint32_t>(random()) >> (N & 31));
      setB(N, static_cast<uint32_t>(random()) >> (N & 31));
    }
    setB(0, 3080);
    for (unsigned Round = 0; Round < 3000; ++Round) {
      std::vector<uint64_t> Words;
      for (unsigned I = 0; I < 40; ++I) {
        uint64_t W = 0;
        // Three of four words obey the encoder's rules.
        bool Legal = random() % 4 != 0;
        for (unsigned Try = 0; Try < 50; ++Try) {
          // Half of the words compute, so that packets get somewhere.
          W = Classes[random() % (random() % 2 ? 4 : std::size(Classes))];
          uint64_t Bits = random();
          Bits &= random(); // a quarter of the bits
          W ^= Bits & (Legal ? 0x1ffffffffull : isa::InsnMask);
          llvm::Expected<uint64_t> T = isa::setBranchTarget(
              W, random() % 8 ? 3072 + random() % 42 : random() % 3072);
          if (T)
            W = *T;
          else
            llvm::consumeError(T.takeError());
          llvm::Error Bad = isa::verify(isa::decode(W));
          bool IsLegal = !Bad;
          llvm::consumeError(std::move(Bad));
          if (!Legal || IsLegal)
            break;
        }
        Words.push_back(isa::addECC(W));
      }
      setFrame(60 + random() % 200);
      loadWords(Words);
      Last = machine().runPacket(Packet);
      Instructions += Last.Cost.Instructions;
    }
  }
  EXPECT_GT(Instructions, 10000u);
}

} // namespace
