//===- RegAllocTest.cpp - Tests of the register allocator -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/RegAlloc/RegAlloc.h"
#include "TestSupport.h"
#include "gtest/gtest.h"
#include <chrono>

using namespace nfpbpf::ra;
using namespace nfpbpf::ra::test;

static Instr makeInstr(uint32_t Origin, std::vector<Operand> Uses,
                       std::vector<Operand> Defs) {
  Instr I;
  I.Origin = Origin;
  I.Uses.assign(Uses.begin(), Uses.end());
  I.Defs.assign(Defs.begin(), Defs.end());
  return I;
}

static void expectRight(const Function &F, const Allocation &A) {
  EXPECT_EQ(checkAllocation(F, A, 4, 50, 1), "");
}

TEST(RegAlloc, OperandsOfOneInstructionGetDifferentBanks) {
  Function F;
  F.NumValues = 3;
  F.Blocks.resize(1);
  Instr Add = makeInstr(2, {0, 1}, {2});
  Add.DifferentBanks = BankConflict{0, 1};
  F.Blocks[0].Instrs = {makeInstr(0, {}, {0}), makeInstr(1, {}, {1}), Add,
                        makeInstr(3, {2}, {})};
  auto A = allocate(F);
  ASSERT_TRUE(bool(A)) << llvm::toString(A.takeError());
  expectRight(F, *A);
  EXPECT_EQ(A->Blocks[0].size(), 4U);
  EXPECT_EQ(A->Stats.Copies, 0U);
}

TEST(RegAlloc, OddCycleIsResolved) {
  // a+b, b+c, c+a: no two-colouring exists.
  Function F;
  F.NumValues = 6;
  F.Blocks.resize(1);
  auto Pair = [](uint32_t Origin, Value X, Value Y, Value D) {
    Instr I = makeInstr(Origin, {X, Y}, {D});
    I.DifferentBanks = BankConflict{0, 1};
    return I;
  };
  F.Blocks[0].Instrs = {makeInstr(0, {}, {0}),      makeInstr(1, {}, {1}),
                        makeInstr(2, {}, {2}),      Pair(3, 0, 1, 3),
                        Pair(4, 1, 2, 4),           Pair(5, 2, 0, 5),
                        makeInstr(6, {3, 4, 5}, {})};
  auto A = allocate(F);
  ASSERT_TRUE(bool(A)) << llvm::toString(A.takeError());
  expectRight(F, *A);
  // Registers are plenty: one value is written to both banks instead of copied.
  EXPECT_EQ(A->Stats.Copies, 0U);
  EXPECT_EQ(A->Stats.BothBankValues, 1U);
}

TEST(RegAlloc, ValueWithItself) {
  Function F;
  F.NumValues = 2;
  F.Blocks.resize(1);
  Instr Add = makeInstr(1, {0, 0}, {1});
  Add.DifferentBanks = BankConflict{0, 1};
  F.Blocks[0].Instrs = {makeInstr(0, {}, {0}), Add, makeInstr(2, {1}, {})};
  auto A = allocate(F);
  ASSERT_TRUE(bool(A)) << llvm::toString(A.takeError());
  expectRight(F, *A);
}

TEST(RegAlloc, SwapInALoop) {
  // The parameters change places on every turn: a cycle of copies.
  Function F;
  F.NumValues = 4;
  F.Blocks.resize(3);
  F.Blocks[0].Instrs = {makeInstr(0, {}, {0}), makeInstr(1, {}, {1}),
                        makeInstr(2, {}, {})};
  F.Blocks[0].Edges.push_back({1, {0, 1}});
  F.Blocks[1].Params = {2, 3};
  F.Blocks[1].Instrs = {makeInstr(3, {2, 3}, {}), makeInstr(4, {}, {})};
  F.Blocks[1].Edges.push_back({1, {3, 2}});
  auto A = allocate(F);
  ASSERT_TRUE(bool(A)) << llvm::toString(A.takeError());
  expectRight(F, *A);
  EXPECT_EQ(A->Stats.Copies, 3U);
}

TEST(RegAlloc, ValuesOverACallAvoidClobberedRegisters) {
  Function F;
  F.NumValues = 20;
  F.Blocks.resize(1);
  for (Value V = 0; V < 20; ++V)
    F.Blocks[0].Instrs.push_back(makeInstr(V, {}, {V}));
  Instr Call = makeInstr(20, {}, {});
  for (uint8_t N = 0; N < 24; ++N)
    if (N < 12 || N >= 20)
      Call.Clobbers |= maskOf({Bank::Both, N});
  Call.Clobbers &= ~maskOf({Bank::Both, 22});
  F.Blocks[0].Instrs.push_back(Call);
  for (Value V = 0; V < 20; ++V)
    F.Blocks[0].Instrs.push_back(makeInstr(21 + V, {V}, {}));
  auto A = allocate(F);
  ASSERT_TRUE(bool(A)) << llvm::toString(A.takeError());
  expectRight(F, *A);
  // 12..19 in both banks and B22 survive: 17 registers for 20 values.
  EXPECT_EQ(A->Stats.SpilledValues, 3U);
}

TEST(RegAlloc, WhatAParameterTakesOverACallIsMadeInItsRegister) {
  Function F;
  F.NumValues = 3;
  F.Blocks.resize(4);
  F.Blocks[0].Instrs = {makeInstr(0, {}, {})};
  F.Blocks[0].Edges = {{1, {}}, {2, {}}};
  for (uint32_t N : {1, 2}) {
    F.Blocks[N].Instrs = {makeInstr(2 * N - 1, {}, {N - 1}),
                          makeInstr(2 * N, {}, {})};
    F.Blocks[N].Edges.push_back({3, {N - 1}});
  }
  F.Blocks[3].Params = {2};
  Instr Call = makeInstr(5, {}, {});
  for (uint8_t N = 0; N < 12; ++N)
    Call.Clobbers |= maskOf({Bank::Both, N});
  F.Blocks[3].Instrs = {Call, makeInstr(6, {2}, {})};
  auto A = allocate(F);
  ASSERT_TRUE(bool(A)) << llvm::toString(A.takeError());
  expectRight(F, *A);
  EXPECT_EQ(A->Stats.Copies, 0U);
}

TEST(RegAlloc, ConstantsAreRecomputedNotSpilled) {
  Function F;
  F.NumValues = 60;
  F.Blocks.resize(1);
  for (Value V = 0; V < 60; ++V) {
    Instr I = makeInstr(V, {}, {V});
    I.Rematerializable = true;
    F.Blocks[0].Instrs.push_back(I);
  }
  for (Value V = 0; V < 60; ++V)
    F.Blocks[0].Instrs.push_back(makeInstr(60 + V, {V}, {}));
  auto A = allocate(F);
  ASSERT_TRUE(bool(A)) << llvm::toString(A.takeError());
  expectRight(F, *A);
  EXPECT_EQ(A->NumSlots, 0U);
  EXPECT_EQ(A->Stats.RecomputedValues, 13U);
}

TEST(RegAlloc, TiedResultLeavesALivingSourceAlone) {
  Function F;
  F.NumValues = 3;
  F.Blocks.resize(1);
  Instr Merge = makeInstr(2, {0, 1}, {2});
  Merge.TiedUse = 0;
  Merge.DifferentBanks = BankConflict{0, 1};
  F.Blocks[0].Instrs = {makeInstr(0, {}, {0}), makeInstr(1, {}, {1}), Merge,
                        makeInstr(3, {0, 2}, {})};
  auto A = allocate(F);
  ASSERT_TRUE(bool(A)) << llvm::toString(A.takeError());
  expectRight(F, *A);
  EXPECT_EQ(A->Stats.Copies, 1U);
}

TEST(RegAlloc, TooManyFixedOperandsIsAnError) {
  Function F;
  F.NumValues = 2;
  F.Blocks.resize(1);
  F.Blocks[0].Instrs = {makeInstr(0, {}, {0}), makeInstr(1, {}, {1}),
                        makeInstr(2,
                                  {Operand(0, PhysReg{Bank::A, 3}),
                                   Operand(1, PhysReg{Bank::A, 3})},
                                  {})};
  auto A = allocate(F);
  ASSERT_FALSE(bool(A));
  EXPECT_EQ(llvm::toString(A.takeError()),
            "two values are fixed to register 3 at once");
}

TEST(RegAlloc, CheckerFindsAWrongRegister) {
  // The checker itself must be able to fail.
  std::mt19937 Rng(3);
  Function F = makeRandomFunction(Rng, {});
  auto A = allocate(F);
  ASSERT_TRUE(bool(A)) << llvm::toString(A.takeError());
  unsigned Found = 0, Tried = 0;
  for (size_t B = 0; B < A->Blocks.size(); ++B)
    for (size_t N = 0; N < A->Blocks[B].size(); ++N) {
      if (A->Blocks[B][N].Kind != OutKind::Original ||
          A->Blocks[B][N].Uses.empty())
        continue;
      Allocation Bad = *A;
      PhysReg &R = Bad.Blocks[B][N].Uses[0];
      R.Number = R.Number == 17 ? 16 : 17;
      ++Tried;
      Found += !checkAllocation(F, Bad, 8, 60, 5).empty();
    }
  // Blocks that no tried path reaches cannot be judged.
  EXPECT_GT(Tried, 20U);
  EXPECT_GT(Found * 10, Tried * 7);
}

struct Shape {
  unsigned Blocks, InstrsPerBlock, Window, NearSlots;
  bool Calls;
};

class RandomFunctions : public testing::TestWithParam<Shape> {};

TEST_P(RandomFunctions, ComputeTheSame) {
  Shape S = GetParam();
  RandomOptions O;
  O.Blocks = S.Blocks;
  O.InstrsPerBlock = S.InstrsPerBlock;
  O.Window = S.Window;
  O.NearSlots = S.NearSlots;
  O.Calls = S.Calls;
  for (unsigned Seed = 0; Seed < 150; ++Seed) {
    std::mt19937 Rng(Seed);
    Function F = makeRandomFunction(Rng, O);
    auto A = allocate(F);
    ASSERT_TRUE(bool(A)) << "seed " << Seed << ": "
                         << llvm::toString(A.takeError());
    ASSERT_EQ(checkAllocation(F, *A, 6, 60, Seed), "") << "seed " << Seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, RandomFunctions,
                         testing::Values(Shape{1, 30, 8, 4, false},
                                         Shape{1, 200, 120, 4, false},
                                         Shape{8, 20, 12, 4, true},
                                         Shape{10, 40, 60, 0, true},
                                         Shape{20, 30, 100, 100, true},
                                         Shape{30, 10, 40, 2, false}));

TEST(RegAlloc, SameInputSameOutput) {
  auto Text = [] {
    std::mt19937 Rng(42);
    RandomOptions O;
    O.Window = 60;
    Function F = makeRandomFunction(Rng, O);
    auto A = allocate(F);
    std::string S;
    for (auto &B : llvm::cantFail(std::move(A)).Blocks)
      for (auto &I : B) {
        S += std::to_string(int(I.Kind)) + ":" + std::to_string(I.Origin);
        for (PhysReg R : I.Uses)
          S += " " + std::to_string(maskOf(R));
        for (PhysReg R : I.Defs)
          S += " =" + std::to_string(maskOf(R));
        S += "\n";
      }
    return S;
  };
  EXPECT_EQ(Text(), Text());
}

TEST(RegAlloc, HundredThousandInstructions) {
  RandomOptions O;
  O.Blocks = 300;
  O.InstrsPerBlock = 500;
  O.Window = 40;
  std::mt19937 Rng(1);
  Function F = makeRandomFunction(Rng, O);
  size_t Count = 0;
  for (const Block &B : F.Blocks)
    Count += B.Instrs.size();
  EXPECT_GT(Count, 70000U);
  auto Start = std::chrono::steady_clock::now();
  auto A = allocate(F);
  double Seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - Start)
          .count();
  ASSERT_TRUE(bool(A)) << llvm::toString(A.takeError());
  EXPECT_LT(Seconds, 60.0);
  RecordProperty("seconds", std::to_string(Seconds));
  RecordProperty("rounds", std::to_string(A->Stats.Rounds));
}
