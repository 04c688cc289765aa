//===- CompareTest.cpp - Differences are found and named ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The comparison is the arbiter of everything else, so it must be able to fail:
// each test compares a program with one that differs in a single respect.
//
//===----------------------------------------------------------------------===//

#include "TestPrograms.h"

#include "nfpbpf/Check/Compare.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace nfpbpf;
using namespace nfpbpf::check;
using testing::HasSubstr;

namespace {

/// Differences of the code of \p Other, on the simulator, from the
/// interpretation of \p Reference.
CompareResult compareTexts(llvm::StringRef Reference, llvm::StringRef Other,
                           const MapState &State = {}) {
  const object::LinkedProgram A = test::assemble(Reference);
  const object::LinkedProgram B = test::assemble(Other);
  auto Interp = test::interpret(A);
  auto Sim = test::simulate(B);
  Engine *Others[] = {Sim.get()};
  return compare(*Interp, Others, State, "trace", test::makePackets(5));
}

void expectDifference(const CompareResult &R, uint64_t Packet,
                      const char *Text) {
  ASSERT_EQ(R.Differences.size(), 1u);
  EXPECT_EQ(R.Differences[0].Engine, "sim");
  EXPECT_EQ(R.Differences[0].Packet, Packet);
  EXPECT_THAT(R.Differences[0].What, HasSubstr(Text));
}

/// Stores r3 to byte 20 of the packet and returns r4.
std::string storing(const std::string &SetUp) {
  return "r2 = *(u32 *)(r1 + 4)\n"
         "r1 = *(u32 *)(r1 + 0)\n"
         "r5 = r1\n"
         "r5 += 30\n"
         "r0 = 1\n"
         "if r5 > r2 goto done\n"
         "r6 = *(u8 *)(r1 + 0)\n"
         "r3 = 7\n"
         "r4 = 2\n" +
         SetUp +
         "*(u8 *)(r1 + 20) = r3\n"
         "r0 = r4\n"
         "done:\n"
         "exit\n";
}

/// Updates flows[r6] with 8 bytes of r7 and returns 2.
std::string updating(const std::string &SetUp) {
  return "r2 = *(u32 *)(r1 + 0)\n"
         "r3 = *(u32 *)(r1 + 4)\n"
         "r5 = r2\n"
         "r5 += 14\n"
         "r0 = 1\n"
         "if r5 > r3 goto done\n"
         "r6 = *(u8 *)(r2 + 0)\n"
         "r7 = 5\n" +
         SetUp +
         "*(u32 *)(r10 - 4) = r6\n"
         "*(u64 *)(r10 - 16) = r7\n"
         "r1 = flows ll\n"
         "r2 = r10\n"
         "r2 += -4\n"
         "r3 = r10\n"
         "r3 += -16\n"
         "r4 = 0\n"
         "call 2\n"
         "r0 = 2\n"
         "done:\n"
         "exit\n";
}

TEST(Compare, EqualProgramsAgree) {
  for (const std::string &Text : {storing(""), updating("")}) {
    const CompareResult R = compareTexts(Text, Text);
    EXPECT_TRUE(R.Differences.empty()) << R.Differences[0].What;
    EXPECT_FALSE(R.ReferenceFailure);
    EXPECT_EQ(R.Packets, 5u);
  }
}

TEST(Compare, FindsVerdict) {
  // Only the fourth packet, whose first byte is 3, is another matter.
  expectDifference(
      compareTexts(storing(""), storing("if r6 != 3 goto +1\nr4 = 1\n")), 3,
      "verdict is drop, expected pass");
}

TEST(Compare, FindsFrameByte) {
  expectDifference(
      compareTexts(storing(""), storing("if r6 != 2 goto +1\nr3 = 8\n")), 2,
      "frame byte 20 is 08, expected 07");
}

TEST(Compare, IgnoresBytesOfDroppedFrames) {
  const CompareResult R =
      compareTexts(storing("r4 = 1\n"), storing("r4 = 1\nr3 = 9\n"));
  EXPECT_TRUE(R.Differences.empty()) << R.Differences[0].What;
}

TEST(Compare, FindsMapContents) {
  expectDifference(
      compareTexts(updating(""), updating("if r6 != 4 goto +1\nr7 = 6\n")), 5,
      "after the trace: map flows, key 04000000");
  // An entry that only one of them makes.
  expectDifference(
      compareTexts(updating(""), updating("if r6 != 4 goto +1\nr6 = 3\n")), 5,
      "after the trace: map flows");
}

TEST(Compare, ReportsFailureOfTheReference) {
  // A byte behind the packet, without a check.
  const object::LinkedProgram P = test::assemble("r1 = *(u32 *)(r1 + 4)\n"
                                                 "r0 = *(u8 *)(r1 + 0)\n"
                                                 "r0 = 2\n"
                                                 "exit\n");
  auto Interp = test::interpret(P);
  const CompareResult R =
      compare(*Interp, {}, {}, "trace", test::makePackets(1));
  ASSERT_TRUE(R.ReferenceFailure);
  EXPECT_THAT(R.ReferenceFailure->What, HasSubstr("instruction 1"));
}

TEST(Compare, ReportsFaultOfTheSimulator) {
  const object::LinkedProgram P = test::assemble("r0 = 2\nexit\n");
  auto Interp = test::interpret(P);
  // A word that is no instruction.
  SimProgram Broken;
  Broken.Words.assign(10, 0x000fffffffffffffull);
  Broken.Load = sim::LoadInfo::fromProfile(llvm::cantFail(loadProfile("")));
  Broken.Maps = mapSpecsOf(P);
  auto Sim = llvm::cantFail(
      SimEngine::create("sim", llvm::cantFail(loadProfile("")), Broken));
  Engine *Others[] = {Sim.get()};
  expectDifference(compare(*Interp, Others, {}, "trace", test::makePackets(1)),
                   0, "stops: word 0");
}

} // namespace
