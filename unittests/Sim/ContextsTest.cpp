//===- ContextsTest.cpp - Packets in flight on one microengine ------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimFixture.h"

using namespace nfpbpf;
using namespace nfpbpf::sim;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// A map value that starts with a 32-bit counter and goes on with a log.
class Contexts : public SimFixture {
protected:
  static constexpr uint32_t ValueBytes = 256;
  uint32_t Map = 0;

  void SetUp() override {
    SimFixture::SetUp();
    rt::MapSpec Spec;
    Spec.Name = "log";
    Spec.Type = rt::Array;
    Spec.KeySize = 4;
    Spec.ValueSize = ValueBytes;
    Spec.MaxEntries = 1;
    llvm::Expected<uint32_t> E = Maps.addMap(Spec);
    ASSERT_TRUE(bool(E)) << llvm::toString(E.takeError());
    Map = *E;
    Maps.setWordUses(Map, {rt::WordUse::Atomic});
    setA(6, address() & 0xff);
    setB(7, static_cast<uint32_t>(address() >> 8));
  }
  uint64_t address() {
    uint8_t Key[4] = {0, 0, 0, 0};
    return Maps.lookup(Map, Key);
  }
  uint8_t *memory() { return Maps.memory(address(), ValueBytes); }
  uint32_t counter() {
    uint8_t *M = memory();
    return uint32_t(M[0]) << 24 | M[1] << 16 | M[2] << 8 | M[3];
  }
  std::vector<unsigned> log(unsigned Count) {
    return {memory() + 4, memory() + 4 + Count};
  }

  struct Left {
    uint64_t Number;
    PacketResult Result;
    std::vector<uint8_t> Frame;
  };
  /// Packet n has byte n everywhere.
  static std::vector<uint8_t> frameOf(uint64_t N) {
    return std::vector<uint8_t>(64, static_cast<uint8_t>(N));
  }
  ContextRun Run;
  std::vector<Left> interleaved(unsigned InFlight, unsigned Packets) {
    std::vector<Left> Result;
    uint64_t Fed = 0;
    auto feed = [&](rt::PacketBuffer &Buffer) {
      if (Fed == Packets)
        return false;
      EXPECT_FALSE(bool(Buffer.load(frameOf(Fed))));
      Events.CurrentPacket = Fed++;
      return true;
    };
    auto sink = [&](uint64_t Number, rt::PacketBuffer &Buffer,
                    const PacketResult &R) {
      Result.push_back({Number, R, Buffer.frame().vec()});
    };
    llvm::Expected<ContextRun> E = machine().runContexts(InFlight, feed, sink);
    EXPECT_TRUE(bool(E)) << llvm::toString(E.takeError());
    if (E)
      Run = *E;
    EXPECT_EQ(Run.Packets, Packets);
    EXPECT_EQ(machine().statistics().Faults, 0u) << firstFault();
    return Result;
  }
  std::vector<Left> inOrder(unsigned Packets) {
    std::vector<Left> Result;
    for (unsigned N = 0; N < Packets; ++N) {
      setFrame(frameOf(N));
      Events.CurrentPacket = N;
      PacketResult R = machine().runPacket(Packet);
      Result.push_back({N, R, Packet.frame().vec()});
    }
    return Result;
  }
  void restart() {
    std::fill_n(memory(), ValueBytes, uint8_t(0));
    Events.clear();
    Random.seed(rt::Random::DefaultSeed);
    machine().resetStatistics();
  }
};

/// The packet's number into A8.
const std::vector<std::string> Number = {
    "mem[read8, $xfer_0, *l$index1[2], 0x0, 1], ctx_swap[sig1]",
    "alu_shf[gprA_8, --, B, $xfer_0, >>24]"};
/// Takes a ticket and writes A8 to that place of the log.
const std::vector<std::string> Note = {
    "immed[$xfer_1, 0x1]",
    "mem[test_add, $xfer_1, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]",
    "alu[gprA_9, gprA_6, +, $xfer_1]",
    "alu[gprA_9, gprA_9, +, 0x4]",
    "alu[$xfer_2, --, B, gprA_8]",
    "mem[write8_swap, $xfer_2, gprB_7, <<8, gprA_9, 1], ctx_swap[sig1]"};

std::vector<std::string>
concat(std::initializer_list<std::vector<std::string>> Parts) {
  std::vector<std::string> All;
  for (const std::vector<std::string> &Part : Parts)
    All.insert(All.end(), Part.begin(), Part.end());
  return All;
}

TEST_F(Contexts, TakeTurnsWhereTheyWait) {
  load(concat({Number, Note, Note}));
  inOrder(8);
  EXPECT_THAT(log(16),
              ElementsAre(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));
  restart();
  interleaved(2, 8);
  EXPECT_THAT(log(16),
              ElementsAre(0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7));
  restart();
  interleaved(4, 8);
  EXPECT_THAT(log(16),
              ElementsAre(0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7));
}

TEST_F(Contexts, ShorterWaitsComeBackFirst) {
  // Packet 0 waits for map memory, the others for packet memory: they pass it.
  load(concat({Number,
               {"alu[--, gprA_8, -, 0x0]", "bne[.3077]",
                "mem[read32, $xfer_4, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]",
                "mem[read32, $xfer_4, *l$index1[2], 0x0, 1], ctx_swap[sig1]"},
               Note}));
  interleaved(4, 4);
  EXPECT_THAT(log(4), ElementsAre(1, 2, 3, 0));
  // In the order of the results too.
  restart();
  std::vector<Left> Out = interleaved(4, 4);
  ASSERT_EQ(Out.size(), 4u);
  EXPECT_EQ(Out[0].Number, 1u);
  EXPECT_EQ(Out[3].Number, 0u);
}

TEST_F(Contexts, AtomicAddsSumUp) {
  setA(10, 8 << 8 | 0x80 | 2 << 3 | 3 << 16);
  load({"immed[$xfer_0, 0x1]",
        "mem[add, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]",
        "alu[--, --, B, gprA_10]",
        "mem[add_imm, $xfer_0, gprB_7, <<8, gprA_6, 1], indirect_ref"});
  for (unsigned InFlight = 1; InFlight <= 4; ++InFlight) {
    restart();
    interleaved(InFlight, 103);
    EXPECT_EQ(counter(), 4u * 103) << InFlight;
  }
}

/// Read, add, write: another context may read in between.
const std::vector<std::string> Unsafe = {
    "mem[read32, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]",
    "alu[$xfer_0, $xfer_0, +, 0x1]",
    "mem[write32, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]"};

TEST_F(Contexts, UpdatesThatAreNotAtomicGetLost) {
  load(Unsafe);
  inOrder(100);
  EXPECT_EQ(counter(), 100u);
  restart();
  interleaved(1, 100);
  EXPECT_EQ(counter(), 100u);
  restart();
  interleaved(4, 100);
  uint32_t First = counter();
  // All four read before the first one writes.
  EXPECT_EQ(First, 25u);
  restart();
  interleaved(4, 100);
  EXPECT_EQ(counter(), First) << "the order is not deterministic";
}

void expectSame(const PacketCost &A, const PacketCost &B) {
  EXPECT_EQ(A.Instructions, B.Instructions);
  EXPECT_EQ(A.ProgramCycles, B.ProgramCycles);
  EXPECT_EQ(A.HelperCycles, B.HelperCycles);
  EXPECT_EQ(A.MemoryWaits, B.MemoryWaits);
  EXPECT_EQ(A.EngineCycles, B.EngineCycles);
  EXPECT_EQ(A.Lookups, B.Lookups);
  EXPECT_EQ(A.MapAdds, B.MapAdds);
  EXPECT_EQ(A.IssueCycles, B.IssueCycles);
  EXPECT_EQ(A.WaitCycles, B.WaitCycles);
  EXPECT_EQ(A.LatencyLow, B.LatencyLow);
  EXPECT_EQ(A.LatencyHigh, B.LatencyHigh);
  EXPECT_EQ(A.Unvalidated, B.Unvalidated);
}

TEST_F(Contexts, OneInFlightIsTheSameAsInOrder) {
  // Everything that looks at other contexts or at time: polling for a signal,
  // "any", random numbers, deferred completions, a helper, the context number.
  Load.Tables.push_back({7, Map});
  setA(2, 7);
  setA(12, 0);
  std::vector<std::string> Lines = concat(
      {Number,
       {"mem[read32, $xfer_4, gprB_7, <<8, gprA_6, 1], sig_done[sig2]",
        "mem[read32, $xfer_8, *l$index1[2], 0x4, 1], sig_done[sig3]",
        "ctx_arb[sig2, sig3], any", "br_signal[2, .3081]",
        "alu[gprA_12, gprA_12, +, 0x1]", "br_signal[3, .3080]", "br[.3077]",
        "br[.3083]", // 3079: not reached
        "br_!signal[2, .3080]", "br_signal[3, .3083]",
        "nop", // 3082
        "local_csr_rd[PseudoRndNum]", "immed[gprA_13, 0x0]",
        "alu[$xfer_5, --, B, gprA_13]",
        "mem[write8_swap, $xfer_5, *l$index1[2], 0x10, 4], ctx_swap[sig1], "
        "defer[1]",
        "alu[$xfer_5, gprA_13, XOR, $xfer_8]", "alu[*l$index0[0], --, B, 0x0]"},
       Note});
  unsigned At = static_cast<unsigned>(Lines.size());
  char Return[64];
  std::snprintf(Return, sizeof(Return), "immed[gprB_0, 0x%x]", 3072 + At + 3);
  Lines = concat({Lines,
                  {"br[.2304], defer[2]", "alu[gprA_0, --, B, gprA_2]", Return},
                  {"alu[$xfer_0, --, B, gprA_1]",
                   "mem[write32, $xfer_0, *l$index1[2], 0x20, 1], "
                   "ctx_swap[sig1]"}});
  load(Lines);
  std::vector<Left> A = inOrder(23);
  ASSERT_EQ(machine().statistics().Faults, 0u) << firstFault();
  std::vector<uint8_t> MapA(memory(), memory() + ValueBytes);
  RunStatistics StatsA = machine().statistics();
  std::vector<WordCost> CostsA = machine().wordCosts();

  load(Lines); // packet numbers from 0
  restart();
  std::vector<Left> B = interleaved(1, 23);
  ASSERT_EQ(A.size(), B.size());
  for (size_t N = 0; N < A.size(); ++N) {
    EXPECT_EQ(B[N].Number, N);
    EXPECT_EQ(A[N].Frame, B[N].Frame) << N;
    EXPECT_EQ(A[N].Result.Verdict, B[N].Result.Verdict);
    EXPECT_EQ(A[N].Result.ExitWord, B[N].Result.ExitWord);
    expectSame(A[N].Result.Cost, B[N].Result.Cost);
  }
  EXPECT_EQ(MapA, std::vector<uint8_t>(memory(), memory() + ValueBytes));
  expectSame(StatsA.Cost, machine().statistics().Cost);
  EXPECT_TRUE(CostsA == machine().wordCosts());
}

TEST_F(Contexts, SignalsArriveInTime) {
  // The packet's data is there after 61 cycles: polling sees it no earlier.
  good({"mem[read32, $xfer_4, *l$index1[2], 0x0, 1], sig_done[sig2]",
        "br_!signal[2, .3073]", "alu[gprA_1, --, B, $xfer_4]"});
  // Rounds of four cycles: the test at 61 or later ends it.
  EXPECT_EQ(Last.Cost.Instructions, 1u + 17 + 1 + 2);
  // Data that was not asked for again is not there at once.
  faults(FaultKind::ReadBeforeSignal, 2,
         {"mem[read32, $xfer_4, *l$index1[2], 0x0, 1], sig_done[sig2]",
          "br_signal[2, .3074]", "alu[gprA_1, --, B, $xfer_4]"});
}

TEST_F(Contexts, HelpersLetOthersRun) {
  Load.Tables.push_back({7, Map});
  setA(2, 7);
  // The routine leaves nothing of A6 and B7: it returns them.
  load(concat(
      {Number,
       Note,
       {"alu[gprA_12, --, B, gprA_8]", "nop", "alu[*l$index0[0], --, B, 0x0]",
        "br[.2304], defer[2]", "alu[gprA_0, --, B, gprA_2]",
        "immed[gprB_0, 0xc0e]", "alu[gprA_8, --, B, gprA_12]",
        "alu[gprA_6, --, B, gprA_0]", "alu[gprB_7, --, B, gprA_1]"},
       Note}));
  interleaved(4, 4);
  EXPECT_THAT(log(8), ElementsAre(0, 1, 2, 3, 0, 1, 2, 3));
  EXPECT_EQ(machine().statistics().Cost.Lookups, 4u);
}

TEST_F(Contexts, HaveTheirOwnState) {
  // Registers, stack, transfer registers and the multiplier's operands of a
  // packet survive what the others do.
  load(concat(
      {Number,
       {"nop", "alu[gprB_9, --, B, gprA_8]", "alu[*l$index0[3], --, B, gprA_8]",
        "alu[$xfer_9, --, B, gprA_8]"},
       Note,
       {"alu[gprA_10, gprA_8, -, gprB_9]", "bne[.3100]",
        "alu[gprA_10, gprA_8, -, *l$index0[3]]", "bne[.3100]",
        "mem[write8_swap, $xfer_9, *l$index1[2], 0x7, 1], "
        "ctx_swap[sig1]"}}));
  for (const Left &L : interleaved(4, 50)) {
    EXPECT_EQ(L.Frame, frameOf(L.Number));
    EXPECT_EQ(L.Result.Verdict, rt::Verdict::Pass);
  }
}

TEST_F(Contexts, FaultsEndTheirPacketOnly) {
  // Odd packets fault in the middle.
  load(concat({Number,
               Note,
               {"br_bset[gprA_8, 0, .3082]", "br[.3083]",
                "alu[*l$index2[0], --, B, gprA_8]"},
               Note}));
  uint64_t Fed = 0;
  std::vector<bool> Faulted(6);
  auto feed = [&](rt::PacketBuffer &Buffer) {
    return Fed < 6 && !Buffer.load(frameOf(Fed++));
  };
  auto sink = [&](uint64_t Number, rt::PacketBuffer &, const PacketResult &R) {
    Faulted[Number] = R.Faulted;
  };
  ASSERT_TRUE(bool(machine().runContexts(3, feed, sink)));
  EXPECT_THAT(Faulted, ElementsAre(false, true, false, true, false, true));
  ASSERT_EQ(machine().faults().size(), 3u);
  EXPECT_EQ(machine().faults()[0].Packet, 1u);
  EXPECT_EQ(machine().faults()[0].Kind, FaultKind::UndefinedAddress);
}

TEST_F(Contexts, EventsCarryTheirPacketsNumber) {
  Load.Events.push_back({1000, Map});
  machine().clearPresets();
  auto both = [&](unsigned N, uint32_t V) {
    setA(N, V);
    setB(N, V);
  };
  both(4, 1000);
  both(6, 0xffffffff);
  both(7, 0);
  both(8, 0);
  both(10, 0);
  // An empty record of type scalar.
  load({Number[0], "br[.2880], defer[2]", "immed[gprA_1, 0x1]",
        "immed[gprB_0, 0xc04]"});
  interleaved(4, 9);
  ASSERT_EQ(Events.events().size(), 9u);
  for (unsigned N = 0; N < 9; ++N)
    EXPECT_EQ(Events.events()[N].PacketNumber, N);
}

TEST_F(Contexts, AsManyAsAMicroengineHas) {
  auto error = [&](unsigned InFlight) {
    llvm::Expected<ContextRun> E = machine().runContexts(
        InFlight, [](rt::PacketBuffer &) { return false; },
        [](uint64_t, rt::PacketBuffer &, const PacketResult &) {});
    return E ? std::string() : llvm::toString(E.takeError());
  };
  EXPECT_THAT(error(0), HasSubstr("0 packets"));
  EXPECT_THAT(error(5), HasSubstr("4 contexts"));
}

TEST_F(Contexts, TimeIsTheEventModels) {
  // Packet memory only, so that no engine is shared: the microengine's time per
  // packet is what the event model gets from the recorded steps.
  load({"mem[read32, $xfer_0, *l$index1[2], 0x0, 1], ctx_swap[sig1]",
        "alu[gprA_1, --, B, $xfer_0]",
        "mem[read32, $xfer_0, *l$index1[2], 0x8, 1], ctx_swap[sig1]",
        "alu[gprA_2, --, B, $xfer_0]"});
  interleaved(4, 4000);
  // Packets that are all alike stay in step and sometimes wait for each other.
  double Model = machine().eventRate().CyclesPerPacket;
  EXPECT_GE(Run.Cycles / 4000, Model);
  EXPECT_LE(Run.Cycles / 4000, 1.05 * Model);
  // One at a time takes the issue cycles and all waits.
  restart();
  interleaved(1, 100);
  EXPECT_NEAR(Run.Cycles / 100, 224 + 670 + 2 * (3 + 61) + 2 + 1 + 4, 1);
}

} // namespace
