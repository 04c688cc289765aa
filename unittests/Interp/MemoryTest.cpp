//===- MemoryTest.cpp - Loads, stores and atomics -----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Build.h"

using namespace nfpbpf::interp;
using namespace nfpbpf::interp::test;

namespace {

/// Stack word at r10 - 8 starts as Old; r0 and r2 are set, then the atomic runs
/// with r2 as operand. Gives back {word, r0, r2}.
struct AtomicResult {
  uint64_t Word, R0, R2;
};
AtomicResult atomic(unsigned Size, int Imm, uint64_t Old, uint64_t Operand,
                    uint64_t R0) {
  uint8_t Code = Size == 8 ? 0xdb : 0xc3;
  AtomicResult Out{};
  for (unsigned What = 0; What != 3; ++What) {
    Insns C;
    imm64(C, 1, Old);
    C.push_back(insn(0x7b, 10, 1, -8, 0));
    imm64(C, 2, Operand);
    imm64(C, 0, R0);
    C.push_back(insn(Code, 10, 2, -8, Imm));
    if (What == 0)
      C.push_back(insn(0x79, 0, 10, -8, 0));
    if (What == 2)
      C.push_back(movReg(0, 2));
    C.push_back(exit());
    (What == 0 ? Out.Word : What == 1 ? Out.R0 : Out.R2) = eval(C);
  }
  return Out;
}

TEST(InterpMemory, SubWordStackAccess) {
  // 0x0807060504030201 in memory; reads of every size and sign.
  Insns Base;
  imm64(Base, 1, 0x88070605f4f302f1);
  Base.push_back(insn(0x7b, 10, 1, -8, 0));
  auto Read = [&](uint8_t Code, int Off) {
    Insns C = Base;
    C.push_back(insn(Code, 0, 10, Off, 0));
    C.push_back(exit());
    return eval(C);
  };
  EXPECT_EQ(Read(0x71, -8), 0xf1u);
  EXPECT_EQ(Read(0x71, -1), 0x88u);
  EXPECT_EQ(Read(0x69, -7), 0xf302u);
  EXPECT_EQ(Read(0x61, -6), 0x0605f4f3u);
  EXPECT_EQ(Read(0x79, -8), 0x88070605f4f302f1u);
  EXPECT_EQ(Read(0x91, -8), 0xfffffffffffffff1u); // s8
  EXPECT_EQ(Read(0x89, -6), 0xfffffffffffff4f3u); // s16
  EXPECT_EQ(Read(0x81, -4), 0xffffffff88070605u); // s32
  EXPECT_EQ(Read(0x91, -7), 2u);
}

TEST(InterpMemory, StoresLeaveNeighbours) {
  Insns C;
  imm64(C, 1, 0xffffffffffffffff);
  C.insert(C.end(), {insn(0x7b, 10, 1, -8, 0),
                     insn(0x72, 10, 0, -7, 0x112), // u8 imm: low byte
                     mov(2, 0x13456), insn(0x6b, 10, 2, -6, 0),
                     insn(0x79, 0, 10, -8, 0), exit()});
  EXPECT_EQ(eval(C), 0xffffffff345612ffu);
  // A 64-bit store of an immediate sign-extends it.
  EXPECT_EQ(eval({insn(0x7a, 10, 0, -8, -2), insn(0x79, 0, 10, -8, 0), exit()}),
            uint64_t(-2));
}

TEST(InterpAtomic, AddOrAndXor) {
  EXPECT_EQ(atomic(8, 0x00, 5, 7, 1).Word, 12u);
  EXPECT_EQ(atomic(8, 0x40, 5, 2, 1).Word, 7u);
  EXPECT_EQ(atomic(8, 0x50, 5, 4, 1).Word, 4u);
  EXPECT_EQ(atomic(8, 0xa0, 5, 1, 1).Word, 4u);
  // Without fetch no register changes.
  EXPECT_EQ(atomic(8, 0x00, 5, 7, 1).R2, 7u);
  EXPECT_EQ(atomic(8, 0x00, 5, 7, 1).R0, 1u);
  // 32 bits: the upper neighbour stays.
  EXPECT_EQ(atomic(4, 0x00, 0x1ffffffff, 1, 1).Word, 0x100000000u);
}

TEST(InterpAtomic, Fetch) {
  AtomicResult A = atomic(8, 0x01, 5, 7, 1);
  EXPECT_EQ(A.Word, 12u);
  EXPECT_EQ(A.R2, 5u);
  // 32-bit fetch zero-extends.
  A = atomic(4, 0xa1, 0xffffffff80000000, 0xffffffff00000001, 1);
  EXPECT_EQ(A.Word, 0xffffffff80000001u);
  EXPECT_EQ(A.R2, 0x80000000u);
  A = atomic(8, 0xe1, 5, 7, 1);
  EXPECT_EQ(A.Word, 7u);
  EXPECT_EQ(A.R2, 5u);
  A = atomic(4, 0xe1, 0x9988776655443322, 7, 1);
  EXPECT_EQ(A.Word, 0x9988776600000007u);
  EXPECT_EQ(A.R2, 0x55443322u);
}

TEST(InterpAtomic, CompareAndExchange) {
  AtomicResult A = atomic(8, 0xf1, 5, 7, 5);
  EXPECT_EQ(A.Word, 7u);
  EXPECT_EQ(A.R0, 5u);
  EXPECT_EQ(A.R2, 7u);
  A = atomic(8, 0xf1, 5, 7, 6);
  EXPECT_EQ(A.Word, 5u);
  EXPECT_EQ(A.R0, 5u);
  // 32 bits compare low halves, and r0 is zero-extended either way.
  A = atomic(4, 0xf1, 0x1100000005, 7, 0x2200000005);
  EXPECT_EQ(A.Word, 0x1100000007u);
  EXPECT_EQ(A.R0, 5u);
  A = atomic(4, 0xf1, 0x1100000005, 7, 0x2200000006);
  EXPECT_EQ(A.Word, 0x1100000005u);
  EXPECT_EQ(A.R0, 5u);
}

TEST(InterpAtomic, AcquireAndRelease) {
  Insns C;
  imm64(C, 1, 0x1122334455667788);
  C.insert(C.end(), {insn(0x7b, 10, 1, -8, 0), movReg(3, 10), mov(2, 0x9999),
                     insn(0xd3, 3, 2, -8, 0x110), // store_release u8
                     insn(0xcb, 0, 3, -8, 0x100), // r0 = load_acquire u16
                     exit()});
  EXPECT_EQ(eval(C), 0x7799u);
}

TEST(InterpMemory, Area) {
  uint8_t Bytes[] = {1, 2, 3, 4};
  Interpreter I = Interpreter::forCode(
      {insn(0x61, 0, 1, 0, 0), insn(0x73, 1, 2, 1, 0), exit()});
  Result R = I.runOn(Bytes);
  ASSERT_FALSE(R.Error) << R.Error->Message;
  EXPECT_EQ(R.R0, 0x04030201u);
  EXPECT_EQ(Bytes[1], 4); // r2 is the length
  EXPECT_EQ(R.Executed, 3u);
  EXPECT_EQ(I.counts()[2], 1u);
  I.clearCounts();
  EXPECT_EQ(I.counts()[2], 0u);

  R = Interpreter::forCode({insn(0x61, 0, 1, 1, 0), exit()}).runOn(Bytes);
  ASSERT_TRUE(R.Error);
  EXPECT_EQ(R.Error->K, Fault::Kind::Access);
  EXPECT_EQ(R.Error->Bytes, 4u);
}

TEST(InterpFault, Accesses) {
  EXPECT_EQ(faultOf({insn(0x7a, 10, 0, 0, 1), exit()}),
            "0: write of 8 bytes at r10+0 of frame 0 (512 bytes): outside the "
            "stack frame");
  EXPECT_EQ(faultOf({insn(0x71, 0, 10, -513, 0), exit()}),
            "0: read of 1 byte at r10-513 of frame 0 (512 bytes): outside the "
            "stack frame");
  EXPECT_EQ(faultOf({insn(0x71, 0, 10, -512, 0), exit()}), "none");
  EXPECT_EQ(faultOf({mov(1, 0), insn(0x61, 0, 1, 8, 0), exit()}),
            "1: read of 4 bytes at null pointer plus 8: outside every region");
  EXPECT_EQ(faultOf({mov(1, -4), insn(0x79, 0, 1, 0, 0), exit()}),
            "1: read of 8 bytes at a map handle: outside every region");
}

} // namespace
