//===- GoldenTest.cpp - Known words built through the builders -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The words are those of the offload ABI's golden image and list of single
// instructions, which the kernel driver's translator produces.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Builder.h"
#include "nfpbpf/ISA/NFP/Commands.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"

using namespace nfpbpf::isa;

namespace {

Operand a(unsigned N) { return Operand::gprA(N); }
Operand b(unsigned N) { return Operand::gprB(N); }
Operand ab(unsigned N) { return Operand::gprAB(N); }
Operand imm(unsigned V) { return Operand::imm(V); }
Operand lm(unsigned P, unsigned Off) { return Operand::lm(P, Off); }
const Operand None = Operand::none();

std::string hex(uint64_t V) { return llvm::utohexstr(V, true); }

std::string word(llvm::Expected<Instruction> I) {
  if (!I)
    return llvm::toString(I.takeError());
  llvm::Expected<uint64_t> W = encode(*I);
  if (!W)
    return llvm::toString(W.takeError());
  // Building and decoding agree on the instruction, not only on the word.
  EXPECT_TRUE(decode(*W) == *I) << toString(*I);
  return hex(*W);
}

void expectWord(llvm::Expected<Instruction> I, uint64_t Word) {
  EXPECT_EQ(word(std::move(I)), hex(Word));
}

TEST(Golden, Image) {
  struct {
    llvm::Expected<Instruction> I;
    uint64_t Word;
  } Image[] = {
      {makeImmed(b(22), 0x3fff), 0x000f20f003f05bff},
      {makeAlu(AluOp::And, b(22), b(22), lm(1, 0)), 0x000700b441605a20},
      {makeImmed(ab(0), 2), 0x000502f0000c0800},
      {makeImmed(ab(1), 0), 0x000cc2f0000c0001},
      {makeBranch(BranchOp::Always, 3080), 0x000ae0db02008038},
      {makeBranch(BranchOp::Always, 1, 2), 0x000060d800608038},
      {makeAlu(AluOp::B, a(0), None, imm(0)), 0x000a00a0000c0000},
      {makeLdField(a(0), 0xc, imm(0x82), false, ShiftMode::Left, 16),
       0x000800c10c048a00},
      {makeAlu(AluOp::Sub, None, imm(3), b(0)), 0x000460aab0000303},
      {makeBranch(BranchOp::Cc, 3077), 0x000540db01408125},
      {makeImmed(b(2), 0x2282), 0x000da0f002200b82},
      {makeImmed(b(2), 0x4411, 2, false, ImmedWidth::Word), 0x000b60f444400b11},
      {makeShf(ShfOp::B, a(1), None, b(0), ShiftMode::Left, 3),
       0x000b0081d0100200},
      {makeAlu(AluOp::Or, None, a(1), imm(0)), 0x000200aa300c0001},
      {makeShfIndirect(ShfOp::And, b(2), imm(0xff), b(2), ShiftMode::Right),
       0x000bc094002409ff},
      {makeBranch(BranchOp::Always, 1, 2), 0x000060d800608038},
      {makeAlu(AluOp::B, a(0), None, imm(0)), 0x000a00a0000c0000},
      {makeLdField(a(0), 0xc, b(2), false, ShiftMode::Left, 16),
       0x000100c10c000a00},
      {makeNop(), 0x000000f0000c0300},
  };
  for (auto &Row : Image) {
    ASSERT_TRUE(bool(Row.I)) << llvm::toString(Row.I.takeError());
    llvm::Expected<uint64_t> W = encode(*Row.I);
    ASSERT_TRUE(bool(W)) << llvm::toString(W.takeError());
    EXPECT_EQ(hex(addECC(*W)), hex(Row.Word)) << toString(*Row.I);
  }
}

TEST(Golden, Csr) {
  expectWord(makeCsrWrite(csr::ActLMAddr0, a(22)), 0x0fc066c0016);
  expectWord(makeCsrWrite(csr::ActLMAddr0, b(4)), 0x0fc06601300);
  expectWord(makeCsrWrite(csr::ActLMAddr2, b(6)), 0x0fc09601b00);
  expectWord(makeCsrWrite(csr::ActLMAddr3, b(21)), 0x0fc09e05700);
  expectWord(makeCsrRead(csr::PseudoRndNum), 0x0fc14800000);
}

TEST(Golden, LocalMemory) {
  expectWord(makeAlu(AluOp::B, ab(2), None, lm(0, 3)), 0x2a000280c00);
  expectWord(makeAlu(AluOp::B, lm(0, 3), None, b(2)), 0x0a020300800);
  expectWord(makeAlu(AluOp::B, ab(2), None,
                     Operand::lmModify(3, PostModify::Increment)),
             0x6a00028c000);
  expectWord(makeAlu(AluOp::B, lm(3, 1), None, b(2)), 0x8a022100800);
  expectWord(makeLdField(ab(2), 3, lm(0, 1), true), 0x2c003114402);
}

TEST(Golden, Arithmetic) {
  expectWord(makeAlu(AluOp::Add, ab(4), a(4), b(6)), 0x2a080401804);
  expectWord(makeAlu(AluOp::AddCarry, ab(5), a(5), b(7)), 0x2a880501c05);
  expectWord(makeAlu(AluOp::Sub, None, a(4), b(6)), 0x0aab0001804);
  expectWord(makeAlu(AluOp::SubCarry, None, a(5), b(7)), 0x0a6b0001c05);
  expectWord(makeShf(ShfOp::B, ab(3), a(3), b(2), ShiftMode::Double, 24),
             0x28180300b03);
  expectWord(makeShf(ShfOp::B, ab(2), None, b(2), ShiftMode::Left, 8),
             0x28180200a00);
  // A register of both banks finds its port by itself.
  expectWord(makeAlu(AluOp::Add, ab(4), ab(4), ab(6)), 0x2a080401804);
  expectWord(makeShf(ShfOp::B, ab(3), ab(3), ab(2), ShiftMode::Double, 24),
             0x28180300b03);
}

TEST(Golden, Multiply) {
  MulType T = MulType::Mul32x32;
  expectWord(makeMulStep(MulType::Start, MulPhase::Step1, a(2), b(4)),
             0x0f800001002);
  expectWord(makeMulStep(T, MulPhase::Step1, a(2), b(4)), 0x0f980001002);
  expectWord(makeMulStep(T, MulPhase::Step2, a(2), b(4)), 0x0f980101002);
  expectWord(makeMulStep(T, MulPhase::Step3, a(2), b(4)), 0x0f980201002);
  expectWord(makeMulStep(T, MulPhase::Step4, a(2), b(4)), 0x0f980301002);
  expectWord(makeMulLast(T, MulPhase::Last, ab(2)), 0x2f980400002);
  expectWord(makeMulLast(T, MulPhase::Last2, ab(3)), 0x2f980500003);
}

TEST(Golden, Control) {
  expectWord(makeReturn(a(21)), 0x0e8000c0015);
  expectWord(makeReturn(b(21), 3), 0x0e800305700);
  expectWord(makeBranchBit(true, a(4), 5, 100), 0x0d019049804);
  expectWord(makeAlu(AluOp::B, a(0), None, a(2)), 0x0a040000002);
  expectWord(makeImmed(b(0), 3100), 0x0f000c0031c);
}

TEST(Golden, Commands) {
  using CA = CmdAddressOperands;
  expectWord(makeCmd(cmd::Read32Swap, 0, CA::addr32(a(2), imm(26)), 0,
                     CmdSwap::Swap, 1),
             0x105c1008e802);
  expectWord(
      makeCmd(cmd::Read32Swap, 0, CA::addr40(b(1), a(0)), 1, CmdSwap::Swap, 1),
      0x45c12080400);
  expectWord(makeCmd(cmd::Write8Swap, 0, CA::addr32(a(2), imm(12)), 1,
                     CmdSwap::Swap, 1),
             0x10421208b002);
  expectWord(makeCmd(cmd::Read8, 0, CA::addr32(lm(1, 2), imm(12)), 3,
                     CmdSwap::Swap, 1),
             0x10431604b05a);
  expectWord(makeCmd(cmd::AddImm, 0, CA::addr40(b(1), a(0)), 0, CmdSwap::None,
                     0, /*IndirectRef=*/true),
             0x64700080700);
  expectWord(
      makeCmd(cmd::Add, 0, CA::addr40(b(1), a(0)), 4, CmdSwap::SwapDefer2, 1),
      0x44718000600);
  // The order of a 32-bit address does not matter, its banks decide.
  expectWord(makeCmd(cmd::Read32Swap, 0, CA::addr32(imm(26), a(2)), 0,
                     CmdSwap::Swap, 1),
             0x105c1008e802);
}

TEST(Golden, Rest) {
  expectWord(makeAlu(AluOp::Add, lm(1, 2), a(4), lm(1, 2)), 0x0a0a2288804);
  expectWord(makeAlu(AluOp::Add16, a(21), a(4), lm(1, 2)), 0x0a281588804);
  expectWord(makeImmed(ab(0), 21, 0, /*Invert=*/true), 0x2f0800c5400);
  IndirectOverride O;
  O.OverrideLength = true;
  O.Length = 8;
  O.DataMode = 2;
  EXPECT_EQ(packIndirect(O), 0x890u);
  expectWord(makeImmed(a(21), packIndirect(O)), 0x0f0008e4015);
  expectWord(makeImmed(None, 0xf80), 0x0f000fe0300);
  expectWord(makeLdField(ab(2), 3, Operand::xfer(0), true), 0x2c003120002);
  expectWord(makeAlu(AluOp::B, Operand::xfer(0), None, a(6)), 0x0a058000006);
  expectWord(makeAlu(AluOp::Add, ab(4), b(22), lm(1, 2)), 0x2a0c0405a22);
}

TEST(Golden, Constants) {
  auto Texts = [](uint32_t V) {
    std::string S;
    auto Is = makeConstant(a(3), V);
    if (!Is)
      return llvm::toString(Is.takeError());
    uint32_t Result = 0;
    for (const Instruction &I : *Is) {
      S += toString(I) + ";";
      if (I.Width == ImmedWidth::Word)
        Result = (Result & 0xffff) | uint32_t(I.Imm16) << 16;
      else
        Result = immedValue(I);
    }
    EXPECT_EQ(Result, V);
    return S;
  };
  EXPECT_EQ(Texts(0x1234), "immed[gprA_3, 0x1234];");
  EXPECT_EQ(Texts(0x123400), "immed[gprA_3, 0x1234, <<8];");
  EXPECT_EQ(Texts(0x12340000), "immed[gprA_3, 0x1234, <<16];");
  EXPECT_EQ(Texts(0xffffffea), "immed[gprA_3, 0xffffffea];");
  EXPECT_EQ(Texts(0x12345678),
            "immed[gprA_3, 0x5678];immed_w1[gprA_3, 0x1234];");
}

} // namespace
