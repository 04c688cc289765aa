//===- SemanticsTest.cpp - What instructions compute ----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The semantic examples of the NFP instruction set (section 7.1), one by one,
// and the cases around them.
//
//===----------------------------------------------------------------------===//

#include "SimFixture.h"

using namespace nfpbpf;
using namespace nfpbpf::sim;

namespace {

struct AluCase {
  const char *Op;
  uint32_t A, B;
  int Carry; ///< -1: none needed
  uint32_t Result;
  const char *Flags; ///< null: not defined
};

const AluCase AluCases[] = {
    {"+", 1, 2, -1, 3, "N0 Z0 C0 V0"},
    {"+", 0xffffffff, 1, -1, 0, "N0 Z1 C1 V0"},
    {"+", 0x7fffffff, 1, -1, 0x80000000, "N1 Z0 C0 V1"},
    {"-", 5, 3, -1, 2, "N0 Z0 C1 V0"},
    {"-", 3, 5, -1, 0xfffffffe, "N1 Z0 C0 V0"},
    {"-", 0x80000000, 1, -1, 0x7fffffff, "N0 Z0 C1 V1"},
    {"-", 7, 7, -1, 0, "N0 Z1 C1 V0"},
    {"-carry", 5, 3, 0, 1, "N0 Z0 C1 V0"},
    {"-carry", 0, 0, 0, 0xffffffff, "N1 Z0 C0 V0"},
    {"-carry", 0, 0, 1, 0, "N0 Z1 C1 V0"},
    {"+carry", 0xffffffff, 0, 1, 0, "N0 Z1 C1 V0"},
    {"+carry", 2, 3, 0, 5, "N0 Z0 C0 V0"},
    {"B-A", 5, 3, -1, 0xfffffffe, "N1 Z0 C0 V0"},
    {"+8", 0xff, 0x12345601, -1, 0x100, "N0 Z0 C0 V0"},
    {"+16", 0x10, 0x12345601, -1, 0x5611, "N0 Z0 C0 V0"},
    {"~AND", 0x0f, 0xff, -1, 0xf0, nullptr},
    {"AND~", 0xff, 0x0f, -1, 0xf0, nullptr},
    {"AND", 0xf0f0, 0xff00, -1, 0xf000, nullptr},
    {"OR", 0xf0f0, 0x0f00, -1, 0xfff0, nullptr},
    {"XOR", 0xffff0000, 0xf0f0f0f0, -1, 0x0f0ff0f0, nullptr},
};

class AluTest : public SimFixture,
                public testing::WithParamInterface<AluCase> {};

TEST_P(AluTest, Result) {
  const AluCase &C = GetParam();
  for (bool Swapped : {false, true}) {
    M.reset();
    std::string L = Swapped ? "gprB_4" : "gprA_4";
    std::string R = Swapped ? "gprA_5" : "gprB_5";
    if (Swapped) {
      setB(4, C.A);
      setA(5, C.B);
    } else {
      setA(4, C.A);
      setB(5, C.B);
    }
    std::vector<std::string> Code;
    if (C.Carry == 0)
      Code.push_back("alu[--, 0x0, -, gprA_6]");
    if (C.Carry == 1)
      Code.push_back("alu[--, gprA_6, -, gprB_6]");
    setA(6, 1);
    setB(6, 1);
    Code.push_back("alu[gprA_3, " + L + ", " + C.Op + ", " + R +
                   "], gpr_wrboth");
    good(Code);
    EXPECT_EQ(a(3), C.Result);
    EXPECT_EQ(b(3), C.Result);
    EXPECT_EQ(undefA(3), 0u);
    if (C.Flags) {
      EXPECT_EQ(flags(), C.Flags);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, AluTest, testing::ValuesIn(AluCases));

class Semantics : public SimFixture {};

TEST_F(Semantics, UnaryAndNoCC) {
  setA(4, 0x80000000);
  setB(5, 0x0000ffff);
  good({"alu[gprA_1, --, B, gprB_5]", "alu[gprA_2, --, ~B, gprA_4]",
        "alu[--, 0x0, -, gprA_4], no_cc"});
  EXPECT_EQ(a(1), 0xffffu);
  EXPECT_EQ(a(2), 0x7fffffffu);
  EXPECT_EQ(flags().substr(0, 5), "N0 Z0");
}

TEST_F(Semantics, Shifts) {
  setB(4, 0x80000001);
  setA(5, 0xff);
  setB(6, 0x12345678);
  good({"alu_shf[gprA_1, --, B, gprB_4, >>4]",
        "alu_shf[gprA_2, --, B, gprB_4, <<4]",
        "alu_shf[gprA_3, --, B, gprB_4, >>rot4]",
        "alu_shf[gprA_7, gprA_5, AND, gprB_6, >>8]",
        "alu_shf[gprA_8, gprA_5, OR, gprB_6, <<8]",
        "alu_shf[gprA_9, gprA_5, ~AND, gprB_6, >>rot0]"});
  EXPECT_EQ(a(1), 0x08000000u);
  EXPECT_EQ(a(2), 0x00000010u);
  EXPECT_EQ(a(3), 0x18000000u);
  EXPECT_EQ(a(7), 0x56u);
  EXPECT_EQ(a(8), 0x345678ffu);
  EXPECT_EQ(a(9), 0x12345600u);
}

TEST_F(Semantics, IndirectShifts) {
  setA(4, 0x25);
  setB(5, 1);
  setA(6, 0x40);
  setB(7, 0x80000001);
  good({"alu[--, gprA_4, OR, 0x0]",
        "alu_shf[gprA_1, --, B, gprB_5, <<indirect]",
        "alu[--, gprA_6, OR, 0x0]",
        "alu_shf[gprA_2, --, B, gprB_7, >>indirect]"});
  EXPECT_EQ(a(1), 0x20u);
  EXPECT_EQ(a(2), 0x80000001u);
}

TEST_F(Semantics, IndirectAmountIsLeftOperandAfterSwap) {
  setB(4, 8);
  setA(5, 0xffff0000);
  setA(6, 3);
  // Left operand in bank B: the swap bit is set, the amount is still it.
  good({"alu[--, gprB_4, OR, gprA_6]",
        "alu_shf[gprA_1, --, B, gprA_5, >>indirect]"});
  EXPECT_EQ(a(1), 0x00ffff00u);
}

TEST_F(Semantics, DoubleShift) {
  setA(4, 0x12345678);
  setB(5, 0x9abcdef0);
  setA(6, 4);
  good({"dbl_shf[gprA_1, gprA_4, gprB_5, >>4]", "alu[--, gprA_6, OR, 0x0]",
        "dbl_shf[gprA_2, gprA_4, gprB_5, >>indirect]"});
  EXPECT_EQ(a(1), 0x89abcdefu);
  EXPECT_EQ(a(2), 0x89abcdefu);
}

TEST_F(Semantics, ArithmeticShiftTakesSignFromResultBefore) {
  setB(4, 0xf0000000);
  setA(5, 0x80000000);
  setA(6, 0);
  setA(7, 4);
  good({"alu[--, gprA_5, OR, 0x0]", "asr[gprA_1, gprB_4, >>4]",
        "alu[--, gprA_6, OR, 0x0]", "asr[gprA_2, gprB_4, >>4]",
        "alu[--, gprA_7, OR, gprB_4]", "asr[gprA_3, gprB_4, >>indirect]"});
  EXPECT_EQ(a(1), 0xff000000u);
  EXPECT_EQ(a(2), 0x0f000000u);
  EXPECT_EQ(a(3), 0xff000000u);
}

TEST_F(Semantics, LoadField) {
  setA(1, 0x11223344);
  setB(4, 0x0000abcd);
  setB(5, 0xabcd1234);
  setA(3, 0xddaabbcc);
  setB(3, 0xddaabbcc);
  good({"ld_field[gprA_1, 1100, gprB_4, <<16]",
        "ld_field_w_clr[gprA_2, 0011, gprB_5, >>16]",
        "ld_field[gprA_3, 0101, gprB_3, >>rot16]"});
  EXPECT_EQ(a(1), 0xabcd3344u);
  EXPECT_EQ(a(2), 0x0000abcdu);
  EXPECT_EQ(undefA(2), 0u);
  EXPECT_EQ(a(3), 0xddccbbaau);
}

TEST_F(Semantics, ByteSwapIdiom) {
  setA(3, 0xaabbccdd);
  setB(3, 0xaabbccdd);
  good({"ld_field[gprA_3, 1111, gprB_3, >>rot8], gpr_wrboth",
        "ld_field[gprA_3, 0101, gprB_3, >>rot16], gpr_wrboth"});
  EXPECT_EQ(a(3), 0xddccbbaau);
  EXPECT_EQ(b(3), 0xddccbbaau);
}

TEST_F(Semantics, LoadFieldKeepsCarry) {
  setA(1, 0xffffffff);
  setB(1, 1);
  setA(2, 5);
  setB(2, 6);
  good({"alu[--, gprA_1, +, gprB_1]", "ld_field[gprA_3, 1111, gprB_2]",
        "immed[gprA_7, 0x9]", "alu[gprA_4, gprA_2, +carry, gprB_2]"});
  EXPECT_EQ(a(4), 12u);
  EXPECT_EQ(a(7), 9u);
}

TEST_F(Semantics, Immediates) {
  setA(3, 0x00001234);
  setA(4, 0x11223344);
  good({"immed[gprA_1, 0x1234, <<8]", "immed[gprA_2, 0xffffedcb, <<8]",
        "immed_w1[gprA_3, 0xabcd]", "immed_b2[gprA_4, 0x56]"});
  EXPECT_EQ(a(1), 0x00123400u);
  EXPECT_EQ(a(2), 0xffedcbffu);
  EXPECT_EQ(a(3), 0xabcd1234u);
  EXPECT_EQ(a(4), 0x11563344u);
}

TEST_F(Semantics, Multiply) {
  setA(4, 0xffffffff);
  setB(4, 0xffffffff);
  setA(5, 0xffff);
  setB(5, 0xffff);
  setA(6, 0xffffff);
  setB(6, 0xff);
  good({"mul_step[gprA_4, gprB_4], start",
        "mul_step[gprA_4, gprB_4], 32x32_step1",
        "mul_step[gprA_4, gprB_4], 32x32_step2",
        "mul_step[gprA_4, gprB_4], 32x32_step3",
        "mul_step[gprA_4, gprB_4], 32x32_step4",
        "mul_step[gprA_1, --], 32x32_last, gpr_wrboth",
        "mul_step[gprA_2, --], 32x32_last2", "mul_step[gprA_5, gprB_5], start",
        "mul_step[gprA_5, gprB_5], 16x16_step1",
        "mul_step[gprA_5, gprB_5], 16x16_step2",
        "mul_step[gprA_3, --], 16x16_last", "mul_step[gprA_6, gprB_6], start",
        "mul_step[gprA_6, gprB_6], 24x8_step1",
        "mul_step[gprB_7, --], 24x8_last"});
  EXPECT_EQ(a(1), 1u);
  EXPECT_EQ(b(1), 1u);
  EXPECT_EQ(a(2), 0xfffffffeu);
  EXPECT_EQ(a(3), 0xfffe0001u);
  EXPECT_EQ(b(7), 0xfeffff01u);
}

TEST_F(Semantics, ByteAlign) {
  setB(4, 0x00010203);
  setB(5, 0x04050607);
  setA(4, 0x03020100);
  setA(5, 0x07060504);
  for (unsigned I = 0; I < 4; ++I) {
    M.reset();
    setB(4, 0x00010203);
    setB(5, 0x04050607);
    setA(4, 0x03020100);
    setA(5, 0x07060504);
    good({"local_csr_wr[ByteIndex, 0x" + std::to_string(I) + "]", "nop", "nop",
          "nop", "byte_align_be[--, gprB_4]", "byte_align_be[gprA_1, gprB_5]",
          "byte_align_le[--, gprA_4]", "byte_align_le[gprA_2, gprA_5]"});
    uint64_t BE = 0x0001020304050607ull, LE = 0x0706050403020100ull;
    EXPECT_EQ(a(1), static_cast<uint32_t>(BE >> (32 - 8 * I)));
    EXPECT_EQ(a(2), static_cast<uint32_t>(LE >> (8 * I)));
    if (I == 1) {
      EXPECT_EQ(a(1), 0x01020304u);
      EXPECT_EQ(a(2), 0x04030201u);
    }
  }
}

TEST_F(Semantics, BranchOnBit31) {
  setA(4, 0x80000000);
  // Word 3 sets A1; the branch skips it.
  std::vector<uint64_t> Words =
      assemble({"immed[gprA_1, 0x1]", "br_bset[gprA_4, 31, .3075]",
                "immed[gprA_1, 0x2]", "immed[gprA_0, 0x11, <<16]", "br[.1]"});
  // Both encodings of bit 31: immediate 32 and immediate 0.
  for (unsigned Immediate : {32u, 0u}) {
    isa::Instruction I = isa::decode(Words[1] & isa::InsnMask);
    I.BitField0 = Immediate == 0;
    llvm::Expected<uint64_t> W = isa::encode(I);
    ASSERT_TRUE(bool(W)) << llvm::toString(W.takeError());
    std::vector<uint64_t> Copy = Words;
    Copy[1] = isa::addECC(*W);
    if (Immediate == 0) {
      EXPECT_NE(Copy[1], Words[1]);
    }
    loadWords(Copy);
    Last = machine().runPacket(Packet);
    EXPECT_EQ(Last.FaultCount, 0u) << firstFault();
    EXPECT_EQ(a(1), 1u);
  }
}

TEST_F(Semantics, Conditions) {
  struct Case {
    const char *Name;
    bool Less, Equal, Greater; ///< taken for 3 - 5, 5 - 5, 5 - 3
  };
  const Case Cases[] = {
      {"beq", false, true, false},  {"bne", true, false, true},
      {"bmi", true, false, false},  {"bpl", false, true, true},
      {"bcs", false, true, true},   {"bcc", true, false, false},
      {"bvs", false, false, false}, {"bvc", true, true, true},
      {"bge", false, true, true},   {"blt", true, false, false},
      {"ble", true, true, false},   {"bgt", false, false, true},
  };
  for (const Case &C : Cases) {
    struct {
      uint32_t A, B;
      bool Taken;
    } Runs[] = {{3, 5, C.Less}, {5, 5, C.Equal}, {5, 3, C.Greater}};
    for (auto &R : Runs) {
      M.reset();
      setA(4, R.A);
      setB(4, R.B);
      good({"immed[gprA_1, 0x1]", "alu[--, gprA_4, -, gprB_4]",
            std::string(C.Name) + "[.3076]", "immed[gprA_1, 0x2]"});
      EXPECT_EQ(a(1) == 1, R.Taken) << C.Name << " " << R.A << " " << R.B;
    }
  }
  // Signed against unsigned: 0x80000000 - 1 overflows.
  M.reset();
  setA(4, 0x80000000);
  setB(4, 1);
  good({"immed[gprA_1, 0x1]", "alu[--, gprA_4, -, gprB_4]", "blt[.3076]",
        "immed[gprA_1, 0x2]"});
  EXPECT_EQ(a(1), 1u);
}

TEST_F(Semantics, ByteBranches) {
  setA(4, 0x12345678);
  good({"immed[gprA_1, 0x1]", "br=byte[gprA_4, 2, 0x34, .3075]",
        "immed[gprA_1, 0x2]", "immed[gprA_2, 0x1]",
        "br!=byte[gprA_4, 0, 0x78, .3078]", "immed[gprA_2, 0x2]"});
  EXPECT_EQ(a(1), 1u);
  EXPECT_EQ(a(2), 2u);
}

TEST_F(Semantics, DeferSlotsRunEitherWay) {
  setA(4, 1);
  for (const char *Branch : {"beq[.3080], defer[3]", "bne[.3080], defer[3]"}) {
    good({"alu[--, gprA_4, -, 0x1]", Branch, "immed[gprA_1, 0x1]",
          "immed[gprA_2, 0x2]", "alu[gprA_3, gprA_4, +, 0x1]",
          "immed[gprA_5, 0x7]", "nop", "nop"});
    EXPECT_EQ(a(1), 1u);
    EXPECT_EQ(a(2), 2u);
    EXPECT_EQ(a(3), 2u);
  }
}

TEST_F(Semantics, ReturnReadsRegisterBeforeDeferSlots) {
  good({"immed[gprA_21, 0xc05]", "rtn[gprA_21], defer[1]",
        "immed[gprA_21, 0x0]", "immed[gprA_1, 0x1]", "nop",
        "immed[gprA_2, 0x2]"});
  EXPECT_EQ(a(2), 2u);
  EXPECT_NE(undefA(1), 0u); // skipped
  EXPECT_EQ(a(21), 0u);
}

TEST_F(Semantics, LocalMemoryOffsetIsOred) {
  // The pointer is word 9 of an aligned block: 9 OR 5 is 13.
  machine().presetLocalMemory(512 + 13, 0x1313);
  machine().presetLocalMemory(512 + 14, 0x1414);
  good({"alu[gprA_1, gprA_22, +, 0x24]", "local_csr_wr[ActLMAddr0, gprA_1]",
        "nop", "nop", "nop", "alu[gprA_2, --, B, *l$index0[5]]"});
  EXPECT_EQ(a(2), 0x1313u);
}

TEST_F(Semantics, LocalMemoryPostModify) {
  for (unsigned I = 0; I < 4; ++I)
    machine().presetLocalMemory(512 + I, 0x100 + I);
  good({"local_csr_wr[ActLMAddr3, gprA_22]", "nop", "nop", "nop",
        "alu[gprA_1, --, B, *l$index3++]", "alu[gprA_2, --, B, *l$index3++]",
        "alu[gprA_3, --, B, *l$index3--]", "alu[gprA_4, --, B, *l$index3]",
        "alu[*l$index3++, --, B, gprA_1]", "alu[gprA_5, --, B, *l$index3]"});
  EXPECT_EQ(a(1), 0x100u);
  EXPECT_EQ(a(2), 0x101u);
  EXPECT_EQ(a(3), 0x102u);
  EXPECT_EQ(a(4), 0x101u);
  EXPECT_EQ(machine().readLocalMemory(513), 0x100u);
  EXPECT_EQ(a(5), 0x102u);
}

TEST_F(Semantics, ExtensionForms) {
  setB(4, 0x00f0);
  good({"ffs[gprA_1, gprB_4]", "pop_count1[gprB_4]", "pop_count2[gprB_4]",
        "pop_count3[gprA_2, gprB_4]", "cam_clear", "immed[gprB_5, 0x77]",
        "cam_write[0x3, gprB_5, 9]", "cam_lookup[gprA_3, gprB_5]",
        "cam_read_tag[gprA_4, 0x3]"});
  EXPECT_EQ(a(1), 4u);
  EXPECT_EQ(a(2), 4u);
  EXPECT_EQ(a(3), 9u << 8 | 1u << 7 | 3u << 3);
  EXPECT_EQ(a(4), 0x77u);
}

TEST_F(Semantics, CrcOfWholeWord) {
  // CRC-32 (polynomial 0x04c11db7, MSB first) of one word over remainder
  // 0xffffffff, checked against a bit-by-bit computation.
  uint32_t R = 0xffffffff, Data = 0x01020304;
  for (int Bit = 31; Bit >= 0; --Bit) {
    bool Out = (R >> 31) != ((Data >> Bit) & 1);
    R <<= 1;
    if (Out)
      R ^= 0x04c11db7;
  }
  setB(4, Data);
  good({"immed[gprA_1, 0xffffffff]", "local_csr_wr[CRCRemainder, gprA_1]",
        "nop", "nop", "nop", "nop", "crc_be[crc_32, --, gprB_4]", "nop", "nop",
        "nop", "nop", "nop", "local_csr_rd[CRCRemainder]",
        "immed[gprA_2, 0x0]"});
  EXPECT_EQ(a(2), R);
}

TEST_F(Semantics, Predicate) {
  setA(4, 5);
  good({"local_csr_wr[IndPredCC, 0x0]", "immed[gprA_1, 0x1]",
        "immed[gprA_2, 0x1]", "nop", "alu[--, gprA_4, -, 0x5]",
        "alu[gprA_1, --, B, 0x9], predicate_cc", "alu[--, gprA_4, -, 0x4]",
        "alu[gprA_2, --, B, 0x9], predicate_cc"});
  EXPECT_EQ(a(1), 9u);
  EXPECT_EQ(a(2), 1u);
}

TEST_F(Semantics, RandomNumbersComeFromTheSharedGenerator) {
  rt::Random Expected;
  uint32_t First = Expected.next(), Second = Expected.next();
  good({"local_csr_rd[PseudoRndNum]", "immed[gprA_1, 0x0], gpr_wrboth",
        "local_csr_rd[PseudoRndNum]", "immed[gprA_2, 0x0], gpr_wrboth"});
  EXPECT_EQ(a(1), First);
  EXPECT_EQ(b(1), First);
  EXPECT_EQ(a(2), Second);
}

TEST_F(Semantics, ContextsTakeTurns) {
  load({"nop"});
  std::vector<unsigned> Seen;
  for (unsigned I = 0; I < 5; ++I) {
    setFrame(60);
    PacketResult R = machine().runPacket(Packet);
    EXPECT_EQ(R.FaultCount, 0u) << firstFault();
    Seen.push_back(machine().lastContext());
    EXPECT_EQ(a(22), 2048u + (machine().lastContext() << 8));
  }
  EXPECT_EQ(Seen, (std::vector<unsigned>{0, 2, 4, 6, 0}));
  for (const WordCost &W : machine().wordCosts())
    EXPECT_EQ(W.Executed, 5u);
}

TEST_F(Semantics, UndefinedBitsFollowTheData) {
  setB(4, 0x00ff);
  good({"alu[gprA_1, gprA_5, AND, gprB_4]", "alu[gprA_2, gprA_5, OR, gprB_4]",
        "alu_shf[gprA_3, --, B, gprA_5, <<16]", "alu[gprA_6, gprA_3, +, 0x1]",
        "ld_field_w_clr[gprA_7, 0001, gprB_5]"});
  EXPECT_EQ(undefA(1), 0x00ffu);
  EXPECT_EQ(undefA(2), 0xffffff00u);
  EXPECT_EQ(undefA(3), 0xffff0000u);
  EXPECT_EQ(undefA(6), 0xffff0000u);
  EXPECT_EQ(undefA(7), 0x000000ffu);
}

} // namespace
