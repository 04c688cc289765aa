//===- RobustnessTest.cpp - Hostile programs end, the process goes on -----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs that no verifier would pass: each must end with an error that says
// why, at every optimisation level.
//
//===----------------------------------------------------------------------===//

#include "TestWorld.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace nfpbpf;
using namespace nfpbpf::test;
using testing::HasSubstr;

namespace {

void expectError(llvm::StringRef Text, const char *Why,
                 llvm::StringRef Section = "xdp") {
  const object::LinkedProgram P = assemble(Text, Section);
  EXPECT_TRUE(interpret(P).Failed);
  for (unsigned Level = 0; Level <= host::MaxHostOptLevel; ++Level) {
    const After A = runOnHost(P, Level);
    EXPECT_TRUE(A.Failed) << "level " << Level;
    EXPECT_THAT(A.Error, HasSubstr(Why)) << "level " << Level;
  }
}

TEST(HostRobustness, PacketBounds) {
  expectError("r1 = *(u32 *)(r1 + 0)\nr0 = *(u32 *)(r1 + 61)\nexit\n",
              "read of 4 bytes at byte 61 of the packet of 64 bytes");
  expectError("r1 = *(u32 *)(r1 + 0)\n*(u8 *)(r1 - 1) = 1\nr0 = 2\nexit\n",
              "write of 1 byte at byte -1 of the packet");
  // Numbers that the importer does not know.
  expectError("r1 = *(u32 *)(r1 + 0)\n"
              "r2 = *(u8 *)(r1 + 0)\n"
              "r2 &= 0\n"
              "r3 = 0x7fffffffffffffff ll\n"
              "r2 |= r3\n"
              "r1 += r2\n"
              "r0 = *(u64 *)(r1 + 0)\nexit\n",
              "outside every region");
  // An address near the end of all must not wrap into a region.
  expectError("r1 = *(u32 *)(r1 + 0)\nr2 = *(u8 *)(r1 + 0)\nr2 &= 0\n"
              "r2 += -0x40000090\nr1 += r2\n"
              "r0 = *(u64 *)(r1 + 0)\nexit\n",
              "outside every region");
}

TEST(HostRobustness, StalePacketPointer) {
  expectError("r6 = r1\n"
              "r7 = *(u32 *)(r1 + 0)\n"
              "r2 = 20\n"
              "call 44\n"
              "r0 = *(u8 *)(r7 + 0)\n"
              "exit\n",
              "byte -20 of the packet of 44 bytes");
}

TEST(HostRobustness, StackBounds) {
  expectError("r1 = *(u32 *)(r1 + 0)\n"
              "r2 = *(u8 *)(r1 + 8)\n" // 8
              "r2 -= 9\n"
              "r3 = r10\n"
              "r3 += r2\n"
              "r0 = *(u64 *)(r3 + 0)\n"
              "exit\n",
              "outside the stack frame");
}

TEST(HostRobustness, NullMapValue) {
  expectError("*(u32 *)(r10 - 4) = 1\n"
              "r1 = flows ll\n"
              "r2 = r10\n"
              "r2 += -4\n"
              "call 1\n"
              "r0 = *(u64 *)(r0 + 0)\n"
              "exit\n",
              "the null pointer plus 0");
}

TEST(HostRobustness, MapValueBounds) {
  const std::string Lookup = "*(u32 *)(r10 - 4) = 1\n"
                             "r1 = slots ll\n"
                             "r2 = r10\n"
                             "r2 += -4\n"
                             "call 1\n"
                             "if r0 == 0 goto out\n"
                             "*(u32 *)(r0 + 4) = 1\n";
  expectError(Lookup + "r0 = *(u32 *)(r0 + 5)\nout:\nexit\n",
              "outside every region");
  expectError(Lookup + "*(u8 *)(r0 - 1) = 1\nout:\nexit\n",
              "outside every region");
}

TEST(HostRobustness, EndlessLoop) {
  expectError("again:\ngoto again\nexit\n", "rounds of loops");
  expectError("r1 = 1\nagain:\nr1 += 2\nif r1 != 0 goto again\n"
              "r0 = r1\nexit\n",
              "rounds of loops");
}

TEST(HostRobustness, Helpers) {
  expectError("call 9\nexit\n", "helper 9 (skb_store_bytes) is not available");
  expectError("r6 = r1\n"
              "r2 = events ll\n"
              "r3 = 0xffffffff ll\n"
              "r4 = r10\n"
              "r4 += -8\n"
              "r5 = 0x7fffffff\n"
              "call 25\n"
              "exit\n",
              "read of 2147483647 bytes");
}

TEST(HostRobustness, Context) {
  expectError("r0 = *(u32 *)(r1 + 20)\nexit\n", "offset 20 of the context");
  expectError("*(u32 *)(r1 + 12) = 1\nr0 = 2\nexit\n",
              "offset 12 of the context");
}

TEST(HostRobustness, RefusedPrograms) {
  // The importer's diagnostic becomes the error.
  const object::LinkedProgram P = assemble("r0 = *(u64 *)(r2 + 0)\nexit\n");
  llvm::Expected<host::Program> Program = host::Program::compile(P);
  ASSERT_FALSE(Program);
  EXPECT_THAT(llvm::toString(Program.takeError()), HasSubstr("instruction 0"));
}

} // namespace
