//===- MapStateTest.cpp - States made from traffic ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestPrograms.h"

#include "nfpbpf/Check/Explore.h"
#include "nfpbpf/Check/MapState.h"
#include "gtest/gtest.h"

using namespace nfpbpf;
using namespace nfpbpf::check;

namespace {

/// Looks up flows[first byte of the packet]; returns the value's first word if
/// there is one, else 1. With 0x1234 in bytes 16 and 17 it returns 0 at once.
const char *const LookingUp = "r2 = *(u32 *)(r1 + 0)\n"
                              "r3 = *(u32 *)(r1 + 4)\n"
                              "r5 = r2\n"
                              "r5 += 20\n"
                              "r0 = 1\n"
                              "if r5 > r3 goto done\n"
                              "r6 = *(u8 *)(r2 + 0)\n"
                              "r7 = *(u16 *)(r2 + 16)\n"
                              "if r7 != 0x1234 goto lookup\n"
                              "r0 = 0\n"
                              "goto done\n"
                              "lookup:\n"
                              "*(u32 *)(r10 - 4) = r6\n"
                              "r1 = flows ll\n"
                              "r2 = r10\n"
                              "r2 += -4\n"
                              "call 1\n"
                              "r1 = r0\n"
                              "r0 = 1\n"
                              "if r1 == 0 goto done\n"
                              "r0 = *(u32 *)(r1 + 0)\n"
                              "done:\n"
                              "exit\n";

TEST(MapState, FillsWhatTrafficLooksUp) {
  const object::LinkedProgram P = test::assemble(LookingUp);
  auto E = test::interpret(P);
  FillOptions Options;
  const MapState State = fillFromTraffic(*E, test::makePackets(5), Options);
  ASSERT_EQ(State.Entries.size(), 5u);
  for (uint8_t I = 0; I < 5; ++I) {
    EXPECT_EQ(State.Entries[I].Key, std::vector<uint8_t>({I, 0, 0, 0}));
    EXPECT_EQ(State.Entries[I].Value,
              fillValue(E->maps().spec(0), State.Entries[I].Key, Options));
  }
  // Half of a map stays free.
  EXPECT_EQ(fillFromTraffic(*E, test::makePackets(40), Options).Entries.size(),
            8u);
}

TEST(MapState, DependsOnArgumentsOnly) {
  const object::LinkedProgram P = test::assemble(LookingUp);
  auto E = test::interpret(P), F = test::interpret(P);
  FillOptions Options;
  Options.Style = FillStyle::Mixed;
  const MapState A = fillFromTraffic(*E, test::makePackets(5), Options);
  const MapState B = fillFromTraffic(*F, test::makePackets(5), Options);
  Options.Seed = 2;
  const MapState C = fillFromTraffic(*F, test::makePackets(5), Options);
  ASSERT_EQ(A.Entries.size(), 5u);
  ASSERT_EQ(B.Entries.size(), 5u);
  ASSERT_EQ(C.Entries.size(), 5u);
  bool Differs = false;
  for (size_t I = 0; I < 5; ++I) {
    EXPECT_EQ(A.Entries[I].Value, B.Entries[I].Value);
    Differs |= A.Entries[I].Value != C.Entries[I].Value;
  }
  EXPECT_TRUE(Differs);
}

TEST(MapState, LeavesKeysOut) {
  const object::LinkedProgram P = test::assemble(LookingUp);
  auto E = test::interpret(P);
  FillOptions Options;
  Options.LeaveOut = 100;
  EXPECT_TRUE(
      fillFromTraffic(*E, test::makePackets(5), Options).Entries.empty());
}

TEST(MapState, AppliesAndCaptures) {
  const object::LinkedProgram P = test::assemble(LookingUp);
  auto E = test::interpret(P);
  MapState State{"given", {{0, {9, 0, 0, 0}, {1, 2, 3, 4, 5, 6, 7, 8}}}};
  ASSERT_FALSE(llvm::errorToBool(applyState(*E, State)));
  const MapState Back = captureState(*E, "back");
  ASSERT_EQ(Back.Entries.size(), 1u);
  EXPECT_EQ(Back.Entries[0].Key, State.Entries[0].Key);
  EXPECT_EQ(Back.Entries[0].Value, State.Entries[0].Value);
}

TEST(MapState, NamesTheEntryThatDoesNotFit) {
  const object::LinkedProgram P = test::assemble(LookingUp);
  auto E = test::interpret(P);
  MapState State{"given", {}};
  for (uint8_t I = 0; I < 17; ++I)
    State.Entries.push_back({0, {I, 0, 0, 0}, std::vector<uint8_t>(8)});
  EXPECT_EQ(llvm::toString(applyState(*E, State)),
            "map state 'given': map 'flows', key 10000000: update fails with "
            "-7");
}

TEST(Explore, FindsDecidingNumbers) {
  EXPECT_EQ(decidingNumbers(test::assemble(LookingUp)),
            std::vector<uint32_t>({0, 0x1234}));
}

TEST(Explore, ReachesWhatTrafficDoesNot) {
  const object::LinkedProgram P = test::assemble(LookingUp);
  auto E = test::interpret(P);
  const std::vector<rt::Packet> Packets = test::makePackets(5);
  Coverage Covered;
  for (const rt::Packet &Packet : Packets) {
    ASSERT_FALSE(llvm::errorToBool(E->packet().load(Packet.Bytes)));
    ASSERT_FALSE(E->run().Failed);
  }
  EXPECT_TRUE(addCoverage(Covered, E->interpreter()));
  EXPECT_FALSE(addCoverage(Covered, E->interpreter()));
  ExploreOptions Options;
  Options.Dictionary = decidingNumbers(P);
  const std::vector<rt::Packet> Found =
      exploreTraffic(*E, {}, Packets, Options, Covered);
  ASSERT_EQ(Found.size(), 1u);
  EXPECT_EQ(Found[0].Bytes[16], 0x34);
  EXPECT_EQ(Found[0].Bytes[17], 0x12);
}

} // namespace
