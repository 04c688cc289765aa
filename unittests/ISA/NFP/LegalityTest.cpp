//===- LegalityTest.cpp - What the hardware cannot do is refused ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Builder.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace nfpbpf::isa;
using ::testing::HasSubstr;

namespace {

Operand a(unsigned N) { return Operand::gprA(N); }
Operand b(unsigned N) { return Operand::gprB(N); }
Operand imm(unsigned V) { return Operand::imm(V); }
Operand lm(unsigned P, unsigned Off) { return Operand::lm(P, Off); }
const Operand None = Operand::none();

std::string error(llvm::Expected<Instruction> I) {
  if (I)
    return "accepted: " + toString(*I);
  return llvm::toString(I.takeError());
}

llvm::Expected<Instruction> add(Operand Dst, Operand L, Operand R) {
  return makeAlu(AluOp::Add, Dst, L, R);
}
llvm::Expected<Instruction> orShift(Operand Dst, Operand L, Operand R) {
  return makeShf(ShfOp::Or, Dst, L, R, ShiftMode::Left, 4);
}

TEST(Legality, TwoSourcesOfOneKind) {
  const char *Rule = "are of one kind";
  EXPECT_THAT(error(add(a(0), a(1), a(2))), HasSubstr("port"));
  EXPECT_THAT(error(add(a(0), b(1), b(2))), HasSubstr("port"));
  EXPECT_THAT(error(add(a(0), imm(1), imm(2))), HasSubstr(Rule));
  EXPECT_THAT(error(add(a(0), lm(0, 1), lm(1, 2))), HasSubstr(Rule));
  EXPECT_THAT(error(add(a(0), Operand::xfer(1), Operand::xfer(2))),
              HasSubstr(Rule));
  EXPECT_THAT(error(add(a(0), Operand::xfer(1), Operand::xferIndex())),
              HasSubstr(Rule));
  EXPECT_THAT(error(add(a(0), Operand::nn(1), Operand::nnIndex())),
              HasSubstr(Rule));
  EXPECT_THAT(error(orShift(a(0), a(1), a(1))), HasSubstr("port"));
  EXPECT_THAT(error(makeMulStep(MulType::Start, MulPhase::Step1, b(1), b(2))),
              HasSubstr("port"));
}

TEST(Legality, LocalMemory) {
  EXPECT_TRUE(bool(add(a(0), a(1), lm(3, 15))));
  EXPECT_THAT(error(add(a(0), a(1), lm(3, 16))),
              HasSubstr("local memory offset must be below 16"));
  EXPECT_THAT(error(orShift(a(0), a(1), lm(0, 8))),
              HasSubstr("local memory offset must be below 8"));
  EXPECT_THAT(error(add(a(0), a(1), lm(4, 0))), HasSubstr("four"));
  EXPECT_THAT(
      error(orShift(a(0), a(1), Operand::lmModify(0, PostModify::Increment))),
      HasSubstr("no post-modify"));
  EXPECT_THAT(error(makeCmd(cmd::Read32, 0,
                            CmdAddressOperands::addr32(lm(2, 0), imm(0)), 0,
                            CmdSwap::Swap, 1)),
              HasSubstr("pointers 0 and 1 only"));
  // A destination has its own pointer half.
  EXPECT_TRUE(bool(add(lm(3, 1), a(1), lm(0, 1))));
}

TEST(Legality, ImmediateRanges) {
  EXPECT_TRUE(bool(add(a(0), a(1), imm(255))));
  EXPECT_THAT(error(add(a(0), a(1), imm(256))),
              HasSubstr("immediate must be below 256"));
  EXPECT_THAT(
      error(makeCmd(cmd::Read32, 0, CmdAddressOperands::addr32(a(0), imm(128)),
                    0, CmdSwap::Swap, 1)),
      HasSubstr("immediate must be at most 127"));
  EXPECT_THAT(error(add(imm(1), a(1), b(1))),
              HasSubstr("cannot be a destination"));
}

TEST(Legality, RegisterRanges) {
  EXPECT_THAT(error(add(a(32), a(1), b(1))),
              HasSubstr("register number must be below 32"));
  EXPECT_THAT(error(add(Operand::xfer(64), a(1), b(1))),
              HasSubstr("transfer register number must be below 64"));
  EXPECT_THAT(error(orShift(Operand::absGprA(1), a(1), b(1))),
              HasSubstr("no absolute registers"));
  EXPECT_THAT(error(orShift(Operand::nn(1), a(1), b(1))),
              HasSubstr("no numbered neighbour"));
  EXPECT_THAT(
      error(makeCmd(cmd::Read32, 64, CmdAddressOperands::addr32(a(0), imm(0)),
                    0, CmdSwap::Swap, 1)),
      HasSubstr("below 64"));
}

TEST(Legality, Shifts) {
  EXPECT_THAT(error(makeShf(ShfOp::B, a(0), None, b(0), ShiftMode::Left, 32)),
              HasSubstr("at most 31"));
  EXPECT_THAT(error(makeShf(ShfOp::B, a(0), None, b(0), ShiftMode::Left, 0)),
              HasSubstr("indirect"));
  EXPECT_THAT(error(makeShfIndirect(ShfOp::B, a(0), None, b(0),
                                    ShiftMode::RotateRight)),
              HasSubstr("no indirect rotate"));
  EXPECT_THAT(error(makeShf(ShfOp::Or, a(0), a(0), b(0), ShiftMode::Double, 3)),
              HasSubstr("double shift takes no operation"));
  EXPECT_THAT(error(makeShf(ShfOp::Asr, a(0), None, b(0), ShiftMode::Left, 3)),
              HasSubstr("asr shifts right only"));
  EXPECT_THAT(error(makeLdField(a(0), 1, b(0), false, ShiftMode::Double, 3)),
              HasSubstr("double shift"));
}

TEST(Legality, LdField) {
  EXPECT_THAT(error(makeLdField(a(0), 1, a(1))), HasSubstr("port B"));
  EXPECT_THAT(error(makeLdField(b(0), 1, b(1))), HasSubstr("port A"));
  EXPECT_THAT(error(makeLdField(a(0), 16, b(1))), HasSubstr("byte mask"));
  EXPECT_THAT(error(makeLdField(None, 1, b(1))), HasSubstr("missing"));
  EXPECT_TRUE(bool(makeLdField(Operand::gprAB(0), 1, a(1))));
}

TEST(Legality, Branches) {
  EXPECT_THAT(error(makeBranch(BranchOp::Always, 0, 3)),
              HasSubstr("defer count 3 must be at most 2"));
  EXPECT_TRUE(bool(makeBranch(BranchOp::Eq, 0, 3)));
  EXPECT_THAT(error(makeBranch(BranchOp::Eq, 0, 4)), HasSubstr("at most 3"));
  EXPECT_THAT(error(makeBranch(BranchOp::Eq, 0x4000)), HasSubstr("14 bits"));
  EXPECT_THAT(error(makeBranchBit(true, a(0), 32, 0)), HasSubstr("at most 31"));
  EXPECT_THAT(error(makeBranchBit(true, imm(0), 3, 0)), HasSubstr("register"));
  EXPECT_THAT(error(makeReturn(imm(4))), HasSubstr("register"));
  EXPECT_THAT(error(makeReturn(a(0), 0, 0x20000)), HasSubstr("17 bits"));
  EXPECT_THAT(error(makeCtxArb(2, false, 3)), HasSubstr("at most 2"));
}

TEST(Legality, ImmedAndMultiply) {
  EXPECT_THAT(error(makeImmed(a(0), 1, 3)), HasSubstr("byte position 3"));
  EXPECT_THAT(error(makeImmed(a(0), 1, 1, false, ImmedWidth::Word)),
              HasSubstr("position 0 or 2"));
  EXPECT_THAT(
      error(makeMulStep(MulType::Mul16x16, MulPhase::Step3, a(0), b(0))),
      HasSubstr("no such multiply step"));
  EXPECT_THAT(error(makeMulLast(MulType::Mul24x8, MulPhase::Last2, a(0))),
              HasSubstr("no such multiply step"));
  EXPECT_THAT(error(makeMulLast(MulType::Mul32x32, MulPhase::Step1, a(0))),
              HasSubstr("no result"));
}

TEST(Legality, Commands) {
  using CA = CmdAddressOperands;
  EXPECT_THAT(error(makeCmd(cmd::Read32, 0, CA::addr40(a(0), a(1)), 0,
                            CmdSwap::Swap, 1)),
              HasSubstr("port"));
  EXPECT_THAT(error(makeCmd(cmd::Read32, 0, CA::addr32(a(0), a(1)), 0,
                            CmdSwap::Swap, 1)),
              HasSubstr("port"));
  EXPECT_THAT(error(makeCmd(cmd::Read32, 0, CA::addr32(a(0), imm(1)), 8,
                            CmdSwap::Swap, 1)),
              HasSubstr("at most 7"));
  EXPECT_THAT(error(makeCmd(cmd::Read32, 0, CA::addr32(a(0), imm(1)), 0,
                            CmdSwap::Swap, 16)),
              HasSubstr("at most 15"));
  EXPECT_THAT(error(makeCsrWrite(0x65, a(0))), HasSubstr("multiple of 4"));
}

TEST(Legality, RawInstructions) {
  Instruction I;
  EXPECT_THAT(error([&]() -> llvm::Expected<Instruction> {
                if (llvm::Error E = verify(I))
                  return std::move(E);
                return I;
              }()),
              HasSubstr("not an instruction"));
  // An undefined alu operation decodes, keeps its code and is refused.
  I = decode(0x00a100300801); // code 2
  EXPECT_EQ(static_cast<unsigned>(I.AluOpcode), 2u);
  EXPECT_THAT(llvm::toString(verify(I)),
              HasSubstr("undefined alu operation 0x2"));
}

} // namespace
