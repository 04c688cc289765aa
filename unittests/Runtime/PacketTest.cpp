//===- PacketTest.cpp - Packet buffer, verdicts, events, random numbers -===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Runtime/Events.h"
#include "nfpbpf/Runtime/PacketBuffer.h"
#include "nfpbpf/Runtime/Random.h"
#include "nfpbpf/Runtime/Verdict.h"
#include "gtest/gtest.h"

using namespace nfpbpf::rt;

namespace {

std::vector<uint8_t> frameOf(size_t Size) {
  std::vector<uint8_t> Frame(Size);
  for (size_t At = 0; At != Size; ++At)
    Frame[At] = static_cast<uint8_t>(At + 1);
  return Frame;
}

PacketBuffer bufferOf(size_t Size) {
  PacketBuffer B;
  llvm::cantFail(B.load(frameOf(Size)));
  return B;
}

TEST(PacketBuffer, Placement) {
  PacketBuffer B = bufferOf(100);
  EXPECT_EQ(B.offset(), 136u);
  EXPECT_EQ(B.length(), 100u);
  EXPECT_EQ(B.buffer()[136], 1);
  EXPECT_EQ(B.buffer()[235], 100);
  EXPECT_GE(B.buffer().size(), 2048u);
  EXPECT_EQ(B.buffer()[135], PacketBuffer::garbage(135));
  EXPECT_EQ(B.buffer()[236], PacketBuffer::garbage(236));
}

TEST(PacketBuffer, NothingOfAnEarlierFrameStays) {
  PacketBuffer B = bufferOf(9000);
  for (uint8_t &Byte : B.buffer().take_front(2048))
    Byte = 0;
  ASSERT_FALSE(bool(B.load(frameOf(60))));
  EXPECT_TRUE(B.buffer() == bufferOf(60).buffer());
}

TEST(PacketBuffer, PaddingAndLimit) {
  PacketBuffer B;
  ASSERT_FALSE(bool(B.load(frameOf(14), PacketBuffer::MinWireFrame)));
  EXPECT_EQ(B.length(), 60u);
  EXPECT_EQ(B.frame()[13], 14);
  EXPECT_EQ(B.frame()[14], 0);
  EXPECT_EQ(B.frame()[59], 0);
  EXPECT_EQ(B.buffer()[196], PacketBuffer::garbage(196));
  EXPECT_FALSE(bool(B.load(frameOf(PacketBuffer::MaxFrame))));
  EXPECT_EQ(llvm::toString(B.load(frameOf(PacketBuffer::MaxFrame + 1))),
            "frame of 16292 bytes: the packet buffer takes at most 16291");
}

TEST(PacketBuffer, AdjustHead) {
  PacketBuffer B = bufferOf(60);
  EXPECT_EQ(B.adjustHead(-92), 0); // offset 44, the lowest
  EXPECT_EQ(B.offset(), 44u);
  EXPECT_EQ(B.length(), 152u);
  EXPECT_EQ(B.frame()[0], PacketBuffer::garbage(44));
  EXPECT_EQ(B.frame()[92], 1);
  EXPECT_EQ(B.adjustHead(-1), -22);
  EXPECT_EQ(B.offset(), 44u);
  B = bufferOf(300);
  EXPECT_EQ(B.adjustHead(113), -22); // offset 249
  EXPECT_EQ(B.adjustHead(112), 0);
  EXPECT_EQ(B.offset(), 248u);
  EXPECT_EQ(B.length(), 188u);
  // 14 bytes must remain.
  B = bufferOf(60);
  EXPECT_EQ(B.adjustHead(47), -22);
  EXPECT_EQ(B.adjustHead(46), 0);
  EXPECT_EQ(B.length(), 14u);
  B = bufferOf(60);
  EXPECT_EQ(B.adjustHead(INT32_MIN), -22);
  EXPECT_EQ(B.adjustHead(INT32_MAX), -22);
  EXPECT_EQ(B.adjustHead(-10, {130, 140}), -22);
  EXPECT_EQ(B.adjustHead(0), 0);
}

TEST(PacketBuffer, AdjustTail) {
  PacketBuffer B = bufferOf(60);
  EXPECT_EQ(B.adjustTail(0), -22);
  EXPECT_EQ(B.adjustTail(1), -22);
  EXPECT_EQ(B.adjustTail(-47), -22);
  EXPECT_EQ(B.adjustTail(-61), -22);
  EXPECT_EQ(B.adjustTail(INT32_MIN), -22);
  EXPECT_EQ(B.length(), 60u);
  EXPECT_EQ(B.adjustTail(-46), 0);
  EXPECT_EQ(B.length(), 14u);
  EXPECT_EQ(B.offset(), 136u);
}

TEST(PacketBuffer, Window) {
  PacketBuffer B = bufferOf(60);
  EXPECT_FALSE(bool(B.setWindow(44, 152)));
  EXPECT_EQ(B.frame().size(), 152u);
  llvm::Error E = B.setWindow(44, 0x7fffffff);
  EXPECT_TRUE(bool(E));
  llvm::consumeError(std::move(E));
  EXPECT_EQ(B.length(), 152u);
}

TEST(PacketBuffer, QueueSelection) {
  EXPECT_EQ(selectedQueue(255), 255);
  EXPECT_EQ(selectedQueue(256), 64);
  EXPECT_EQ(selectedQueue(0xffffffff), 64);
}

TEST(Verdict, OfReturnCodes) {
  const Verdict XDP[] = {Verdict::Aborted, Verdict::Drop, Verdict::Pass,
                         Verdict::Tx, Verdict::Aborted};
  for (uint32_t R0 = 0; R0 != 5; ++R0)
    EXPECT_EQ(verdictOf(Hook::XDP, R0), XDP[R0]) << R0;
  EXPECT_EQ(verdictOf(Hook::XDP, 0xffffffff), Verdict::Aborted);
  const Verdict TC[] = {Verdict::Pass, Verdict::Pass,   Verdict::Drop,
                        Verdict::Pass, Verdict::Stolen, Verdict::Stolen,
                        Verdict::Pass, Verdict::Tx,     Verdict::Pass};
  for (uint32_t R0 = 0; R0 != 9; ++R0)
    EXPECT_EQ(verdictOf(Hook::TC, R0), TC[R0]) << R0;
  EXPECT_EQ(verdictOf(Hook::TC, 0xffffffff), Verdict::Pass);
  EXPECT_EQ(abortVerdict(Hook::XDP), Verdict::Aborted);
  EXPECT_EQ(abortVerdict(Hook::TC), Verdict::Pass);
}

TEST(Verdict, OfExitWords) {
  EXPECT_EQ(verdictOfExitWord(0x110000), Verdict::Pass);
  EXPECT_EQ(verdictOfExitWord(0x220000), Verdict::Drop);
  EXPECT_EQ(verdictOfExitWord(0x440000), Verdict::Tx);
  EXPECT_EQ(verdictOfExitWord(0x820000), Verdict::Aborted);
  EXPECT_EQ(verdictOfExitWord(0x020000), Verdict::Stolen);
  EXPECT_EQ(verdictOfExitWord(0), std::nullopt);
  EXPECT_EQ(verdictOfExitWord(0x110001), std::nullopt);
  EXPECT_EQ(stringifyVerdict(Verdict::Stolen), "stolen");
}

TEST(Events, Output) {
  EventLog Log;
  std::vector<uint8_t> Frame = frameOf(20), Data = {9, 8};
  Log.CurrentPacket = 5;
  EXPECT_EQ(Log.output(2, uint64_t(4) << 32 | CurrentCpu, Frame, Data), 0);
  EXPECT_EQ(Log.output(2, uint64_t(400) << 32 | CurrentCpu, Frame, {}), 0);
  EXPECT_EQ(Log.output(2, 0, Frame, Data), -22);
  EXPECT_EQ(Log.output(2, uint64_t(1) << 52 | CurrentCpu, Frame, Data), -22);
  ASSERT_EQ(Log.events().size(), 2u);
  EXPECT_EQ(Log.events()[0], (Event{2, 5, {1, 2, 3, 4}, {9, 8}}));
  EXPECT_EQ(Log.events()[1].Packet.size(), 20u);
  EXPECT_TRUE(Log.events()[1].Data.empty());
}

TEST(Random, Sequence) {
  // Xorshift 13, 17, 5 from 42, computed elsewhere.
  Random R;
  EXPECT_EQ(R.next(), 11355432u);
  EXPECT_EQ(R.next(), 2836018348u);
  EXPECT_EQ(R.next(), 476557059u);
  R.seed(0);
  EXPECT_EQ(R.next(), 11355432u);
}

} // namespace
