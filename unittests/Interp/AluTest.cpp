//===- AluTest.cpp - Arithmetic, jumps and calls ------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Build.h"

using namespace nfpbpf::interp;
using namespace nfpbpf::interp::test;

namespace {

/// r0 = Left OP Right with both in registers.
uint64_t binary(uint8_t Code, uint64_t Left, uint64_t Right, int Off = 0) {
  Insns C;
  imm64(C, 0, Left);
  imm64(C, 1, Right);
  C.push_back(insn(Code, 0, 1, Off, 0));
  C.push_back(exit());
  return eval(C);
}

/// r0 = Left OP Imm.
uint64_t binaryImm(uint8_t Code, uint64_t Left, int64_t Imm, int Off = 0) {
  Insns C;
  imm64(C, 0, Left);
  C.push_back(insn(Code, 0, 0, Off, Imm));
  C.push_back(exit());
  return eval(C);
}

/// Whether a jump with these register operands is taken.
bool taken(uint8_t Code, uint64_t Left, uint64_t Right) {
  Insns C;
  imm64(C, 1, Left);
  imm64(C, 2, Right);
  C.insert(C.end(), {mov(0, 1), insn(Code, 1, 2, 1, 0), mov(0, 0), exit()});
  return eval(C) == 1;
}

constexpr uint64_t Min64 = 0x8000000000000000;
constexpr uint64_t Ones = ~0ull;

TEST(InterpAlu, DivisionEdges) {
  EXPECT_EQ(binary(0x3f, 7, 0), 0u);
  EXPECT_EQ(binary(0x9f, 7, 0), 7u);
  EXPECT_EQ(binary(0x3f, Ones, 2), Ones >> 1);
  EXPECT_EQ(binary(0x3f, 7, 0, 1), 0u);
  EXPECT_EQ(binary(0x9f, 7, 0, 1), 7u);
  EXPECT_EQ(binary(0x3f, Min64, Ones, 1), Min64);
  EXPECT_EQ(binary(0x9f, Min64, Ones, 1), 0u);
  EXPECT_EQ(binary(0x3f, uint64_t(-7), 2, 1), uint64_t(-3));
  EXPECT_EQ(binary(0x9f, uint64_t(-7), 2, 1), uint64_t(-1));
  EXPECT_EQ(binary(0x9f, 7, uint64_t(-2), 1), 1u);
  // 32 bits: upper halves do not count and are cleared.
  EXPECT_EQ(binary(0x3c, 0xffffffff00000007, 0xffffffff00000000), 0u);
  EXPECT_EQ(binary(0x9c, 0xffffffff00000007, 0xffffffff00000000), 7u);
  EXPECT_EQ(binary(0x3c, 0x80000000, 0xffffffff, 1), 0x80000000u);
  EXPECT_EQ(binary(0x9c, 0x80000000, 0xffffffff, 1), 0u);
  EXPECT_EQ(binary(0x3c, 0xfffffff9, 2, 1), 0xfffffffdu);
  // Immediates are sign-extended, also for the unsigned forms.
  EXPECT_EQ(binaryImm(0x37, Ones, -1), 1u);
  EXPECT_EQ(binaryImm(0x34, 0xffffffff, -1), 1u);
  EXPECT_EQ(binaryImm(0x97, 5, -1), 5u);
}

TEST(InterpAlu, ShiftAmountsAreMasked) {
  EXPECT_EQ(binary(0x6f, 1, 65), 2u);
  EXPECT_EQ(binary(0x6c, 1, 33), 2u);
  EXPECT_EQ(binary(0x6c, 1, 31), 0x80000000u);
  EXPECT_EQ(binary(0x7f, Min64, 127), 1u);
  EXPECT_EQ(binary(0xcf, Min64, 63), Ones);
  EXPECT_EQ(binary(0xcc, 0xffffffff80000000, 4), 0xf8000000u);
  EXPECT_EQ(binary(0x7c, 0xffffffff80000000, 31), 1u);
  EXPECT_EQ(binary(0xcc, 0x7fffffff, 32), 0x7fffffffu);
}

TEST(InterpAlu, ThirtyTwoBitResultsAreZeroExtended) {
  EXPECT_EQ(binary(0x0c, 0xffffffff, 1), 0u);
  EXPECT_EQ(binary(0x1c, 0, 1), 0xffffffffu);
  EXPECT_EQ(binaryImm(0xb4, Ones, -1), 0xffffffffu);
  EXPECT_EQ(binaryImm(0xb7, 0, -1), Ones);
  EXPECT_EQ(binaryImm(0x84, 0x1ffffffff, 0), 1u);
  EXPECT_EQ(binaryImm(0x87, 1, 0), Ones);
  EXPECT_EQ(binaryImm(0x47, 0, -1), Ones);
  EXPECT_EQ(binaryImm(0x44, 0, -1), 0xffffffffu);
}

TEST(InterpAlu, SignExtendingMoves) {
  EXPECT_EQ(binary(0xbf, 0, 0x80, 8), 0xffffffffffffff80u);
  EXPECT_EQ(binary(0xbf, 0, 0x18000, 16), 0xffffffffffff8000u);
  EXPECT_EQ(binary(0xbf, 0, 0x180000000, 32), 0xffffffff80000000u);
  EXPECT_EQ(binary(0xbc, 0, 0x80, 8), 0xffffff80u);
  EXPECT_EQ(binary(0xbc, 0, 0x7fff, 16), 0x7fffu);
}

TEST(InterpAlu, ByteOrder) {
  constexpr uint64_t V = 0x0123456789abcdef;
  EXPECT_EQ(binaryImm(0xd4, V, 16), 0xcdefu);
  EXPECT_EQ(binaryImm(0xd4, V, 32), 0x89abcdefu);
  EXPECT_EQ(binaryImm(0xd4, V, 64), V);
  EXPECT_EQ(binaryImm(0xdc, V, 16), 0xefcdu);
  EXPECT_EQ(binaryImm(0xdc, V, 32), 0xefcdab89u);
  EXPECT_EQ(binaryImm(0xdc, V, 64), 0xefcdab8967452301u);
  EXPECT_EQ(binaryImm(0xd7, V, 16), 0xefcdu);
  EXPECT_EQ(binaryImm(0xd7, V, 32), 0xefcdab89u);
  EXPECT_EQ(binaryImm(0xd7, V, 64), 0xefcdab8967452301u);
}

TEST(InterpJump, SignedAndUnsigned) {
  EXPECT_TRUE(taken(0x2d, Ones, 1));  // >
  EXPECT_FALSE(taken(0x6d, Ones, 1)); // s>
  EXPECT_TRUE(taken(0xcd, Min64, 0)); // s<
  EXPECT_FALSE(taken(0xad, Min64, 0));
  EXPECT_TRUE(taken(0x4d, 6, 2)); // &
  EXPECT_FALSE(taken(0x4d, 6, 8));
  // 32 bits look at the low halves alone.
  EXPECT_TRUE(taken(0x1e, 0x100000005, 0x200000005));
  EXPECT_FALSE(taken(0x1d, 0x100000005, 0x200000005));
  EXPECT_TRUE(taken(0xce, 0x80000000, 0));
  EXPECT_FALSE(taken(0xcd, 0x80000000, 0));
  EXPECT_FALSE(taken(0x4e, 0x100000000, 0x100000000));
  EXPECT_TRUE(taken(0xde, 7, 7));          // s<=
  EXPECT_TRUE(taken(0xbd, 7, 7));          // <=
  EXPECT_TRUE(taken(0x7e, 0, 0xffffffff)); // 0 s>= -1
}

TEST(InterpJump, LongJumpAndMayGoto) {
  EXPECT_EQ(eval({insn(0x06, 0, 0, 0, 1), exit(), mov(0, 3), exit()}), 3u);
  // may_goto in an endless loop leaves it after its 65535 rounds.
  Options O;
  O.InsnLimit = 100000000;
  Result R = Interpreter::forCode({mov(0, 0), insn(0xe5, 0, 0, 2, 0),
                                   insn(0x07, 0, 0, 0, 1),
                                   insn(0x05, 0, 0, -3, 0), exit()},
                                  O)
                 .runOn({});
  EXPECT_FALSE(R.Error);
  EXPECT_EQ(R.R0, 65535u);
}

TEST(InterpCall, FramesAndSavedRegisters) {
  // The caller keeps r6 and its stack, the callee sees neither r6's change nor
  // the caller's frame as its own.
  Insns C = {mov(6, 11), insn(0x7a, 10, 0, -8, 22), // *(u64 *)(r10 - 8) = 22
             movReg(2, 10), mov(1, 5), insn(0x85, 0, 1, 0, 4), // call pc+4
             insn(0x79, 3, 10, -8, 0), insn(0x0f, 0, 6, 0, 0), // r0 += r6
             insn(0x0f, 0, 3, 0, 0),                           // r0 += r3
             exit(),
             // callee
             mov(6, 1000), insn(0x7a, 10, 0, -8, 7),
             insn(0x79, 0, 2, -8, 0), // the caller's word
             insn(0x79, 3, 10, -8, 0), insn(0x0f, 0, 3, 0, 0),
             insn(0x0f, 0, 1, 0, 0), // r0 = 22 + 7 + 5
             exit()};
  EXPECT_EQ(eval(C), 34u + 11 + 22);
}

TEST(InterpCall, DepthLimit) {
  EXPECT_EQ(faultOf({insn(0x85, 0, 1, 0, -1), exit()}),
            "0: more than 8 functions active");
  // A frame that was left is no longer readable.
  EXPECT_EQ(faultOf({insn(0x85, 0, 1, 0, 2), insn(0x71, 0, 0, -1, 0), exit(),
                     movReg(0, 10), exit()}),
            "1: read of 1 byte at r10-1 of frame 1 (512 bytes): outside every "
            "region");
}

TEST(InterpFault, Instructions) {
  EXPECT_EQ(faultOf({mov(0, 0)}),
            "1: control runs past the end of the program");
  EXPECT_EQ(faultOf({insn(0x05, 0, 0, -2, 0)}),
            "0: target -1 is outside the program of 1 instructions");
  EXPECT_EQ(faultOf({insn(0xff, 0, 0, 0, 0)}),
            "0: opcode 0xff with source 0, offset 0, immediate 0 is no "
            "instruction");
  EXPECT_EQ(faultOf({insn(0x3f, 0, 1, 2, 0)}),
            "0: opcode 0x3f with source 1, offset 2, immediate 0 is no "
            "instruction");
  EXPECT_EQ(faultOf({insn(0xbf, 0, 12, 0, 0)}),
            "0: register r12 does not exist");
  EXPECT_EQ(faultOf({mov(10, 1)}), "0: writes the frame pointer r10");
  EXPECT_EQ(faultOf({insn(0x8d, 2, 0, 0, 0)}),
            "0: 0x0 is not the address of a function");
  EXPECT_EQ(faultOf({insn(0x18, 1, 0, 0, 5)}),
            "0: 64-bit immediate load without its second half");
  EXPECT_EQ(faultOf({insn(0x18, 1, 1, 0, 0), 0, exit()}),
            "0: there is no map 0");
  EXPECT_EQ(faultOf({call(1)}), "0: helper 1 called without packet and maps");
  EXPECT_EQ(faultOf({}), "0: control runs past the end of the program");
  Options O;
  O.InsnLimit = 10;
  EXPECT_EQ(faultOf({insn(0x05, 0, 0, -1, 0)}, O),
            "0: more than 10 instructions executed");
}

} // namespace
