//===- ProgramTest.cpp - Programs on the host give known results ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestWorld.h"

#include "gtest/gtest.h"

using namespace nfpbpf;
using namespace nfpbpf::test;

namespace {

/// Result of code in r0, read back from the packet as 64 bits.
uint64_t valueOf(const std::string &Code) {
  const After A = runEverywhere("r6 = *(u32 *)(r1 + 0)\n" + Code +
                                "*(u64 *)(r6 + 0) = r0\n"
                                "r0 = 2\n"
                                "exit\n");
  uint64_t Value = 0;
  for (unsigned Byte = 0; Byte != 8; ++Byte)
    Value |= uint64_t(A.Frame[Byte]) << (8 * Byte);
  return Value;
}

TEST(HostProgram, DivisionCorners) {
  EXPECT_EQ(valueOf("r0 = 7\nr2 = 0\nr0 /= r2\n"), 0u);
  EXPECT_EQ(valueOf("r0 = 7\nr2 = 0\nr0 %= r2\n"), 7u);
  EXPECT_EQ(valueOf("r0 = 0x8000000000000000 ll\nr2 = -1\nr0 s/= r2\n"),
            0x8000000000000000u);
  EXPECT_EQ(valueOf("r0 = 0x8000000000000000 ll\nr2 = -1\nr0 s%= r2\n"), 0u);
  EXPECT_EQ(valueOf("w0 = 0x80000000\nw2 = -1\nw0 s/= w2\n"), 0x80000000u);
  EXPECT_EQ(valueOf("r0 = -7\nr2 = 2\nr0 s/= r2\n"), uint64_t(-3));
  EXPECT_EQ(valueOf("r0 = -7\nr2 = 2\nr0 s%= r2\n"), uint64_t(-1));
}

TEST(HostProgram, ByteOrder) {
  EXPECT_EQ(valueOf("r0 = 0x1122334455667788 ll\nr0 = be16 r0\n"), 0x8877u);
  EXPECT_EQ(valueOf("r0 = 0x1122334455667788 ll\nr0 = be32 r0\n"), 0x88776655u);
  EXPECT_EQ(valueOf("r0 = 0x1122334455667788 ll\nr0 = bswap64 r0\n"),
            0x8877665544332211u);
  EXPECT_EQ(valueOf("r0 = *(u16 *)(r6 + 12)\n"), 0x0d0cu);
  EXPECT_EQ(valueOf("r0 = *(s8 *)(r6 + 63)\n"), 63u);
}

TEST(HostProgram, AtomicsOnStack) {
  const std::string SetUp = "r0 = 0x100000002 ll\n"
                            "*(u64 *)(r10 - 8) = r0\n"
                            "r2 = 3\n";
  EXPECT_EQ(valueOf(SetUp + "lock *(u64 *)(r10 - 8) += r2\n"
                            "r0 = *(u64 *)(r10 - 8)\n"),
            0x100000005u);
  EXPECT_EQ(valueOf(SetUp + "r2 = atomic_fetch_add((u64 *)(r10 - 8), r2)\n"
                            "r0 = r2\n"),
            0x100000002u);
  EXPECT_EQ(valueOf(SetUp + "w2 = xchg32_32(r10 - 8, w2)\n"
                            "r0 = *(u64 *)(r10 - 8)\n"
                            "r0 += r2\n"),
            0x100000005u);
  EXPECT_EQ(valueOf(SetUp + "r0 = cmpxchg_64(r10 - 8, r0, r2)\n"
                            "r0 = *(u64 *)(r10 - 8)\n"),
            3u);
  EXPECT_EQ(valueOf(SetUp + "r0 = 0\n"
                            "r0 = cmpxchg_64(r10 - 8, r0, r2)\n"),
            0x100000002u);
}

TEST(HostProgram, FramesOfCallsAreApart) {
  // The callee writes its own frame and the caller's through a pointer.
  EXPECT_EQ(runEverywhere("*(u64 *)(r10 - 8) = 5\n"
                          "r1 = r10\n"
                          "r1 += -8\n"
                          "call callee\n"
                          "r1 = *(u64 *)(r10 - 8)\n"
                          "r0 += r1\n"
                          "exit\n"
                          ".type callee, @function\n"
                          "callee:\n"
                          "r2 = *(u64 *)(r10 - 8)\n"
                          "*(u64 *)(r10 - 8) = 100\n"
                          "*(u64 *)(r1 + 0) = 7\n"
                          "r0 = *(u64 *)(r10 - 8)\n"
                          "r0 += r2\n"
                          "exit\n")
                .R0,
            107u);
}

TEST(HostProgram, MapsKeepTheirValues) {
  const After A = runEverywhere("*(u32 *)(r10 - 4) = 9\n"
                                "*(u64 *)(r10 - 16) = 40\n"
                                "r1 = flows ll\n"
                                "r2 = r10\n"
                                "r2 += -4\n"
                                "r3 = r10\n"
                                "r3 += -16\n"
                                "r4 = 0\n"
                                "call 2\n"
                                "r1 = flows ll\n"
                                "r2 = r10\n"
                                "r2 += -4\n"
                                "call 1\n"
                                "if r0 == 0 goto out\n"
                                "r6 = r0\n"
                                "r1 = 2\n"
                                "lock *(u64 *)(r6 + 0) += r1\n"
                                "r0 = *(u64 *)(r6 + 0)\n"
                                "out:\n"
                                "exit\n");
  EXPECT_EQ(A.R0, 42u);
  EXPECT_NE(A.Maps.find("2a00000000000000"), std::string::npos) << A.Maps;
}

TEST(HostProgram, AdjustHeadMovesThePacket) {
  const After A = runEverywhere("r6 = r1\n"
                                "r2 = -8\n"
                                "call 44\n"
                                "r7 = r0\n"
                                "r1 = *(u32 *)(r6 + 0)\n"
                                "r2 = *(u32 *)(r6 + 4)\n"
                                "*(u64 *)(r1 + 0) = 3\n"
                                "r0 = r2\n"
                                "r0 -= r1\n"
                                "r0 += r7\n"
                                "exit\n");
  EXPECT_EQ(A.R0, 72u);
  EXPECT_EQ(A.Frame.size(), 72u);
  EXPECT_EQ(A.Frame[0], 3u);
  EXPECT_EQ(A.Frame[9], 1u);
}

TEST(HostProgram, LegacyLoadsEndTheProgram) {
  EXPECT_EQ(runEverywhere("r6 = r1\nr0 = *(u16 *)skb[12]\nexit\n", "tc").R0,
            0x0c0du);
  const After A =
      runEverywhere("r6 = r1\nr0 = *(u32 *)skb[62]\nr0 = 7\nexit\n", "tc");
  EXPECT_EQ(A.R0, 0u);
}

TEST(HostProgram, RandomNumbersAndEvents) {
  const After A = runEverywhere("r6 = r1\n"
                                "call 7\n"
                                "*(u64 *)(r10 - 8) = r0\n"
                                "r1 = r6\n"
                                "r2 = events ll\n"
                                "r3 = 0xffffffff ll\n"
                                "r4 = r10\n"
                                "r4 += -8\n"
                                "r5 = 8\n"
                                "call 25\n"
                                "r0 = *(u64 *)(r10 - 8)\n"
                                "exit\n");
  rt::Random Rng;
  EXPECT_EQ(A.R0, Rng.next());
  EXPECT_EQ(A.Events, 1u);
}

TEST(HostProgram, ContextOfTC) {
  EXPECT_EQ(runEverywhere("*(u32 *)(r1 + 8) = 77\n" // mark
                          "r0 = *(u32 *)(r1 + 8)\n"
                          "r2 = *(u32 *)(r1 + 0)\n" // len
                          "r0 += r2\n"
                          "r2 = *(u8 *)(r1 + 17)\n" // protocol, second byte
                          "r0 += r2\n"
                          "exit\n",
                          "tc")
                .R0,
            77u + 64 + 13);
}

} // namespace
