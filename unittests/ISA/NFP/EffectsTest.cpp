//===- EffectsTest.cpp - Flags, previous results, registers, classes
//-------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Commands.h"
#include "nfpbpf/ISA/NFP/Instruction.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "gtest/gtest.h"

using namespace nfpbpf::isa;

namespace {

Instruction insn(llvm::StringRef Text) {
  llvm::Expected<Instruction> I = parse(Text);
  if (I)
    return *I;
  ADD_FAILURE() << Text.str() << ": " << llvm::toString(I.takeError());
  return {};
}

std::string registers(llvm::StringRef Text) {
  RegisterSet S = registersOf(insn(Text));
  std::string Out;
  for (const Operand &O : S.Reads)
    Out += toString(O) + " ";
  Out += "->";
  for (const Operand &O : S.Writes)
    Out += " " + toString(O);
  return Out;
}

TEST(Effects, Flags) {
  EXPECT_EQ(flagsEffect(insn("alu[--, gprA_1, -, gprB_2]")),
            FlagsEffect::Arith);
  EXPECT_EQ(flagsEffect(insn("alu[--, gprA_1, AND, gprB_2]")),
            FlagsEffect::Logic);
  EXPECT_EQ(flagsEffect(insn("alu[gprA_1, gprA_1, +, gprB_2], no_cc")),
            FlagsEffect::None);
  EXPECT_EQ(flagsEffect(insn("alu_shf[gprA_3, --, B, gprB_2, <<4]")),
            FlagsEffect::Logic);
  EXPECT_EQ(flagsEffect(insn("ld_field[gprA_3, 0001, gprB_2]")),
            FlagsEffect::None);
  EXPECT_EQ(flagsEffect(insn("ld_field[gprA_3, 0001, gprB_2], load_cc")),
            FlagsEffect::NZ);
  EXPECT_FALSE(writesFlags(insn("immed[gprA_3, 0x1]")));
  EXPECT_FALSE(writesFlags(insn("local_csr_wr[ActLMAddr0, gprA_22]")));
  EXPECT_TRUE(readsCarry(insn("alu[gprA_1, gprA_1, +carry, gprB_2]")));
  EXPECT_TRUE(readsCarry(insn("bcc[.1]")));
  EXPECT_FALSE(readsCarry(insn("beq[.1]")));
  EXPECT_TRUE(readsFlags(insn("beq[.1]")));
  EXPECT_FALSE(readsFlags(insn("br[.1]")));
  EXPECT_FALSE(readsFlags(insn("br_bset[gprA_1, 3, .1]")));
  EXPECT_TRUE(readsFlags(insn("alu[gprA_1, gprA_1, +, gprB_2], predicate_cc")));
}

TEST(Effects, Previous) {
  Instruction Shift = insn("alu_shf[gprA_3, --, B, gprB_2, <<indirect]");
  EXPECT_TRUE(readsPrevA(Shift));
  EXPECT_FALSE(readsPrevAlu(Shift));
  EXPECT_FALSE(readsPrevA(insn("alu_shf[gprA_3, --, B, gprB_2, >>rot0]")));
  EXPECT_FALSE(readsPrevA(insn("byte_align_be[gprA_3, gprB_2]")));
  EXPECT_TRUE(readsPrevAlu(insn("asr[gprA_4, gprB_4, >>31]")));
  EXPECT_FALSE(readsPrevA(insn("asr[gprA_4, gprB_4, >>31]")));
  EXPECT_TRUE(readsPrevA(insn("asr[gprA_4, gprB_4, >>indirect]")));
  EXPECT_TRUE(readsPrevAlu(insn("mem[add_imm, $xfer_0, gprB_20, <<8, gprA_20, "
                                "1], indirect_ref")));
  EXPECT_TRUE(writesPrevAlu(insn("immed[--, 0xf80]")));
  EXPECT_FALSE(writesPrevAB(insn("immed[--, 0xf80]")));
  EXPECT_TRUE(writesPrevAB(insn("alu[--, gprA_1, OR, 0x0]")));
  EXPECT_FALSE(writesPrevAlu(insn("local_csr_wr[ActLMAddr0, gprA_22]")));
}

TEST(Effects, Registers) {
  EXPECT_EQ(registers("alu[gprA_3, gprA_1, +, gprB_2]"),
            "gprA_1 gprB_2 -> gprA_3");
  EXPECT_EQ(registers("alu[gprA_3, --, B, gprB_2], gpr_wrboth"),
            "gprB_2 -> gprA_3 gprB_3");
  EXPECT_EQ(registers("alu[--, 0x3, -, gprB_0]"), "gprB_0 ->");
  EXPECT_EQ(registers("ld_field[gprA_3, 0001, gprB_2]"),
            "gprB_2 gprA_3 -> gprA_3");
  EXPECT_EQ(registers("ld_field_w_clr[gprA_3, 0001, gprB_2]"),
            "gprB_2 -> gprA_3");
  EXPECT_EQ(registers("immed_w1[gprA_3, 0x1234]"), "gprA_3 -> gprA_3");
  EXPECT_EQ(registers("immed[$xfer_0, 0x1234]"), "-> $xfer_0");
  EXPECT_EQ(registers("mul_step[gprA_4, --], 32x32_last"), "-> gprA_4");
  EXPECT_EQ(registers("rtn[gprB_21]"), "gprB_21 ->");
  EXPECT_EQ(registers("mem[read32_swap, $xfer_2, gprA_4, 0x0, 2], "
                      "ctx_swap[sig1]"),
            "gprA_4 -> $xfer_2 $xfer_3");
  EXPECT_EQ(registers("mem[write8_swap, $xfer_0, gprA_4, 0x0, 5], "
                      "ctx_swap[sig1]"),
            "gprA_4 $xfer_0 $xfer_1 ->");
  EXPECT_EQ(registers("mem[add64, $xfer_0, gprB_5, <<8, gprA_4, 5], "
                      "ctx_swap[sig1]"),
            "gprB_5 gprA_4 $xfer_0 $xfer_1 ->");
  EXPECT_EQ(registers("mem[test_add, $xfer_0, gprB_5, <<8, gprA_4, 1], "
                      "ctx_swap[sig1]"),
            "gprB_5 gprA_4 $xfer_0 -> $xfer_0");
}

TEST(Effects, Control) {
  Instruction Br = insn("br[.100], defer[2]");
  EXPECT_TRUE(isBranch(Br));
  EXPECT_FALSE(isConditionalBranch(Br));
  EXPECT_EQ(deferCount(Br), 2u);
  EXPECT_EQ(maxDefer(Br), 2u);
  EXPECT_EQ(maxDefer(insn("beq[.1]")), 3u);
  EXPECT_EQ(maxDefer(insn("rtn[gprA_1]")), 3u);
  EXPECT_EQ(maxDefer(insn("alu[--, 0x3, -, gprB_0]")), 0u);
  Instruction Add = insn("mem[add, $xfer_0, gprB_5, <<8, gprA_4, 1], "
                         "ctx_swap[sig1], defer[1]");
  EXPECT_TRUE(isBlockingCommand(Add));
  EXPECT_EQ(deferCount(Add), 1u);
  EXPECT_EQ(timingClass(Add), TimingClass::BlockingCmd40);
  EXPECT_EQ(timingClass(insn("mem[read8, $xfer_0, gprA_4, 0x0, 4], "
                             "ctx_swap[sig1]")),
            TimingClass::BlockingCmd32);
  EXPECT_EQ(timingClass(insn("mem[add_imm, $xfer_0, gprB_20, <<8, gprA_20, 1], "
                             "indirect_ref")),
            TimingClass::Posted);
  EXPECT_EQ(timingClass(insn("beq[.1]")), TimingClass::CondBranch);
  EXPECT_EQ(timingClass(insn("br_bclr[gprA_1, 0, .1]")),
            TimingClass::BitBranch);
  EXPECT_TRUE(isNop(insn("nop")));
  EXPECT_TRUE(hasTarget(insn("ctx_arb[sig14], br[.200], defer[2]")));
  EXPECT_FALSE(hasTarget(insn("rtn[gprA_1]")));
  EXPECT_TRUE(swapsContext(insn("ctx_arb[sig1]")));
}

TEST(Effects, CommandLengths) {
  Instruction R = insn("mem[read32_swap, $xfer_0, gprA_4, 0x0, 2], "
                       "indirect_ref, ctx_swap[sig1]");
  EXPECT_EQ(commandBytes(R), 8u);
  EXPECT_EQ(commandBytes(R, 15), 64u);
  EXPECT_EQ(commandBytes(insn("mem[write8_swap, $xfer_0, gprA_4, 0x0, 2], "
                              "ctx_swap[sig1]")),
            2u);
  EXPECT_EQ(commandBytes(insn("mem[read, $xfer_0, gprA_4, 0x0, 2], "
                              "ctx_swap[sig1]")),
            16u);
  IndirectOverride O = unpackIndirect(0x12340f90);
  EXPECT_TRUE(O.OverrideLength);
  EXPECT_EQ(O.Length, 15);
  EXPECT_EQ(O.DataMode, 2);
  EXPECT_EQ(O.Data, 0x1234);
  EXPECT_EQ(packIndirect(O), 0x12340f90u);
}

} // namespace
