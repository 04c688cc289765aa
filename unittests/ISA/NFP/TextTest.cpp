//===- TextTest.cpp - Assembler diagnostics and extensions ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Text.h"
#include "gtest/gtest.h"

using namespace nfpbpf::isa;

namespace {

std::string error(llvm::StringRef Text) {
  llvm::Expected<Instruction> I = parse(Text);
  if (I)
    return "accepted: " + toString(*I);
  return llvm::toString(I.takeError());
}

TEST(Text, Errors) {
  EXPECT_EQ(error(""), "column 1: expected an instruction");
  EXPECT_EQ(error("frob[gprA_1]"), "column 1: unknown instruction 'frob'");
  EXPECT_EQ(error("alu[gprA_3, gprA_1, +]"),
            "column 1: alu takes 4 operands, not 3");
  EXPECT_EQ(error("alu[gprA_3, gprA_1, %, gprB_2]"),
            "column 21: unknown operation '%'");
  EXPECT_EQ(error("alu[gprA_32, gprA_1, +, gprB_2]"),
            "column 5: 32 is too large, the limit is 31");
  EXPECT_EQ(error("alu[gprA_3, gprA_1, +, gprB_2"), "column 30: missing ']'");
  EXPECT_EQ(error("alu[gprA_3, gprA_1, +, gprB_2], maybe"),
            "column 33: unexpected 'maybe'");
  EXPECT_EQ(error("alu[gprA_3, gprA_1, +, gprB_2] no_cc"),
            "column 32: expected ','");
  EXPECT_EQ(error("alu[gprA_3, , +, gprB_2]"),
            "column 13: expected an operand, found ''");
  EXPECT_EQ(error("br[100]"),
            "column 4: expected a target like .100, found '100'");
  EXPECT_EQ(error("ld_field[gprA_3, 012, gprB_2]"),
            "column 18: expected a byte mask of four binary digits");
  EXPECT_EQ(error("mem[read33, $xfer_0, gprA_4, gprB_5, 1]"),
            "column 5: no command 'read33' of this length in target 'mem'");
  EXPECT_EQ(error("br[.1], defer[3]"),
            "column 1: defer count 3 must be at most 2 here");
}

TEST(Text, UnusedLeftOperandMayBeGiven) {
  llvm::Expected<Instruction> I = parse("alu[gprA_3, gprA_1, B, gprB_2]");
  ASSERT_TRUE(bool(I)) << llvm::toString(I.takeError());
  EXPECT_TRUE(I->Left == Operand::gprA(1));
  EXPECT_EQ(llvm::cantFail(encode(*I)), 0x00a000300801u);
  EXPECT_EQ(toString(*I), "alu[gprA_3, --, B, gprB_2]");
}

TEST(Text, SpacesAreFree) {
  llvm::Expected<Instruction> I =
      parse("  alu[ gprA_3 ,gprA_1,+ , gprB_2 ] ,no_cc ");
  ASSERT_TRUE(bool(I)) << llvm::toString(I.takeError());
  EXPECT_EQ(toString(*I), "alu[gprA_3, gprA_1, +, gprB_2], no_cc");
}

TEST(Text, CsrNames) {
  EXPECT_EQ(csrName(csr::ActLMAddr3), "ActLMAddr3");
  EXPECT_EQ(csrName(0x194), "0x194");
}

} // namespace
