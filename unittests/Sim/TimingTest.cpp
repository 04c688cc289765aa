//===- TimingTest.cpp - The cycle model -----------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The self-test values of hardware timing, section 2.4, exactly; then the other
// rules of sections 1 to 3.
//
//===----------------------------------------------------------------------===//

#include "SimFixture.h"

#include <cmath>

using namespace nfpbpf;
using namespace nfpbpf::sim;

namespace {

class Timing : public SimFixture {
protected:
  /// The packet pointer of context 0, then a program; "exit" is a branch to an
  /// epilogue that the accounting leaves out.
  std::vector<std::string> withExit(std::vector<std::string> Lines) {
    unsigned At = Load.Start + static_cast<unsigned>(Lines.size()) + 1;
    Lines.push_back("br[." + std::to_string(At) + "]");
    Load.EpilogueBegin = At;
    Load.EpilogueEnd = At + 3;
    Lines.push_back("immed[gprA_0, 0x11, <<16]");
    Lines.push_back("nop");
    Lines.push_back("br[.1]");
    return Lines;
  }
  /// C: firmware constant and program.
  double cycles(std::vector<std::string> Lines) {
    good(withExit(std::move(Lines)), false);
    return P.firmwareCycles() + static_cast<double>(Last.Cost.ProgramCycles);
  }
  std::vector<std::string> repeat(const char *Line, unsigned N,
                                  std::vector<std::string> Rest) {
    std::vector<std::string> R(N, Line);
    R.insert(R.end(), Rest.begin(), Rest.end());
    return R;
  }
  /// A map value address in A6 (low) and B7 (high).
  void makeMap() {
    rt::MapSpec Spec;
    Spec.Name = "m";
    Spec.Type = rt::Array;
    Spec.KeySize = 4;
    Spec.ValueSize = 8;
    Spec.MaxEntries = 4;
    llvm::Expected<uint32_t> Map = Maps.addMap(Spec);
    ASSERT_TRUE(bool(Map)) << llvm::toString(Map.takeError());
    uint8_t Key[4] = {1, 0, 0, 0};
    uint64_t Address = Maps.lookup(*Map, Key);
    setA(6, Address & 0xff);
    setB(7, static_cast<uint32_t>(Address >> 8));
  }
};

const char *const PacketRead =
    "mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], ctx_swap[sig1]";
const char *const MapRead =
    "mem[read32_swap, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]";

TEST_F(Timing, SmallestProgram) {
  EXPECT_EQ(cycles({"immed[gprA_1, 0x1]", "immed[gprA_2, 0x1]"}), 230);
  EXPECT_EQ(Last.Cost.EngineCycles, 0);
  EXPECT_EQ(Last.Cost.Unvalidated, 0u);
  EXPECT_EQ(Last.Cost.Instructions, 6u);
  EXPECT_EQ(machine().accountingRate().By, Bound::Mac);
}

TEST_F(Timing, BranchTakenAtOnce) {
  setA(4, 1);
  EXPECT_EQ(cycles({"alu[--, gprA_4, -, 0x1]", "beq[.3074]"}), 233);
  EXPECT_EQ(Last.Cost.Unvalidated, 0u);
}

TEST_F(Timing, BranchOnOlderFlags) {
  setA(4, 1);
  EXPECT_EQ(
      cycles({"alu[--, gprA_4, -, 0x1]", "immed[gprA_5, 0x1]", "beq[.3075]"}),
      233);
  EXPECT_EQ(Last.Cost.Unvalidated, uint32_t(UnvalidatedOldFlags));
}

TEST_F(Timing, BranchNotTaken) {
  setA(4, 1);
  EXPECT_EQ(cycles({"alu[--, gprA_4, -, 0x1]", "bne[.3074]"}), 224 + 1 + 1 + 4);
}

TEST_F(Timing, ReadAtEntry) {
  EXPECT_EQ(cycles({PacketRead}), 244);
  EXPECT_EQ(Last.Cost.MemoryWaits, 1u);
}

TEST_F(Timing, ReadAfter13) {
  EXPECT_EQ(cycles(repeat("nop", 13, {PacketRead})), 244);
  setA(4, 1);
  EXPECT_EQ(cycles(repeat("alu[gprA_4, gprA_4, +, 0x1]", 13, {PacketRead})),
            244);
}

TEST_F(Timing, ReadFiveCyclesIn) {
  EXPECT_EQ(cycles(repeat("nop", 5, {PacketRead})), 224 + 5 + 11 + 4);
}

TEST_F(Timing, TwoReadsAtEntry) {
  EXPECT_EQ(cycles({PacketRead, PacketRead}), 260);
}

TEST_F(Timing, ReadSixCyclesAfterRead) {
  std::vector<std::string> L(40, "nop");
  L.push_back(PacketRead);
  L.insert(L.end(), 6, "nop");
  double Without = cycles(L);
  L.push_back(PacketRead);
  EXPECT_EQ(cycles(L) - Without, 10);
}

TEST_F(Timing, SignalAndWaitAreASwap) {
  const char *Issue =
      "mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], sig_done[sig1]";
  const char *Other =
      "mem[read32_swap, $xfer_4, *l$index1[2], 0x8, 1], sig_done[sig2]";
  const char *Swap =
      "mem[read32_swap, $xfer_8, *l$index1[2], 0x10, 1], ctx_swap[sig1]";
  const char *Alu = "immed[gprA_1, 0x5]";
  // At entry and long behind it.
  EXPECT_EQ(cycles({Issue, "ctx_arb[sig1]"}), 224 + 16 + 4);
  double Latency = Last.Cost.LatencyLow;
  EXPECT_EQ(cycles(repeat(Alu, 20, {Issue, "ctx_arb[sig1]"})),
            224 + 20 + 3 + 4);
  EXPECT_EQ(cycles({Swap}), 224 + 16 + 4);
  EXPECT_EQ(Last.Cost.LatencyLow, Latency);
  // What is done in between counts for the distance and against the latency.
  std::vector<std::string> Between = repeat(Alu, 12, {"ctx_arb[sig1]"});
  Between.insert(Between.begin(), Issue);
  EXPECT_EQ(cycles(Between), 224 + 1 + 12 + 3 + 4);
  EXPECT_EQ(Last.Cost.LatencyLow, Latency);
  // Two with one wait have one distance to keep.
  EXPECT_EQ(cycles({Issue, Other, "ctx_arb[sig1, sig2]"}), 224 + 16 + 4);
  EXPECT_EQ(Last.Cost.MemoryWaits, 1u);
  EXPECT_EQ(cycles({Issue, "ctx_arb[sig1]", Swap}), 224 + 16 + 16 + 4);
}

TEST_F(Timing, PostedAddThenMapRead) {
  makeMap();
  // The override word: immediate 1, 32 bits. It counts as an instruction of
  // its own; 25 instructions before the add in all.
  EXPECT_EQ(cycles(repeat("nop", 23,
                          {"immed[gprA_21, 0x890]", "immed_w1[gprA_21, 0x1]",
                           "mem[add_imm, $xfer_0, gprB_7, <<8, gprA_6, 1], "
                           "indirect_ref",
                           MapRead})),
            279);
  EXPECT_NEAR(Last.Cost.EngineCycles, 7.2723, 1e-9);
  Rate R = machine().accountingRate();
  EXPECT_NEAR(R.MemoryEnginePps / 1e6, 110.0, 0.05);
  EXPECT_NEAR(R.MicroenginesPps / 1e6, 143.4, 0.05);
  EXPECT_EQ(R.CyclesPerPacket, 279);
}

TEST_F(Timing, FilledDeferSlotsAreCredited) {
  // br with two filled slots: 4 in all, as without slots and with nops before.
  EXPECT_EQ(cycles({"br[.3076], defer[2]", "immed[gprA_1, 0x1]",
                    "immed[gprA_2, 0x1]", "nop"}),
            224 + 4 + 4);
  EXPECT_EQ(Last.Cost.Unvalidated, uint32_t(UnvalidatedDefer));
  setA(4, 1);
  EXPECT_EQ(cycles({"alu[--, gprA_4, -, 0x1]", "beq[.3076], defer[1]",
                    "immed[gprA_1, 0x1]", "nop"}),
            224 + 1 + 4 + 4);
}

TEST_F(Timing, ExitWithoutEpilogueBlock) {
  // Accounting stops at the branch to the firmware: 1 + (4 - 1) + 1.
  good({"immed[gprA_1, 0x1]", "br[.1], defer[1]", "immed[gprA_0, 0x11, <<16]"},
       false);
  EXPECT_EQ(Last.Cost.ProgramCycles, 5u);
  EXPECT_EQ(Last.Cost.Instructions, 3u);
}

TEST_F(Timing, CostsOfWords) {
  // Taken branch: a cycle and a bubble of 3. The packet's first access waits.
  good(withExit({PacketRead, "br[.3074]", "nop"}), false);
  const std::vector<WordCost> W = machine().wordCosts();
  ASSERT_EQ(W.size(), 7u);
  EXPECT_EQ(W[0].Executed, 1u);
  EXPECT_EQ(W[0].MemoryWaits, 1u);
  EXPECT_EQ(W[1].Cycles, 4u);
  EXPECT_EQ(W[1].Taken, 1u);
  EXPECT_EQ(W[2].Cycles, 1u);
  EXPECT_EQ(W[2].Taken, 0u);
  EXPECT_EQ(W[0].Cycles + 4 + 1 + 4, Last.Cost.ProgramCycles);
  // The epilogue is executed, and not part of the program's cycles.
  EXPECT_EQ(W[4].Executed, 1u);
  EXPECT_EQ(W[4].Cycles, 0u);
}

TEST_F(Timing, BitBranchAndReturnAreUnvalidated) {
  setA(4, 1);
  EXPECT_EQ(cycles({"br_bset[gprA_4, 0, .3073]"}), 224 + 4 + 4);
  EXPECT_EQ(Last.Cost.Unvalidated, uint32_t(UnvalidatedBitBranch));
  EXPECT_EQ(cycles({"immed[gprA_21, 0xc02]", "rtn[gprA_21]"}), 224 + 1 + 5 + 4);
  EXPECT_EQ(Last.Cost.Unvalidated, uint32_t(UnvalidatedReturn));
}

TEST_F(Timing, LatencyRange) {
  makeMap();
  cycles({PacketRead, MapRead});
  // Issue: 3 + 3 + 4; waits 50..100 and 150..500.
  EXPECT_EQ(Last.Cost.LatencyLow, 10 + 50 + 150);
  EXPECT_EQ(Last.Cost.LatencyHigh, 10 + 100 + 500);
}

TEST_F(Timing, OldFlagsCostIsAParameter) {
  P.Timing.BranchTakenOldCycles = 4;
  setA(4, 1);
  EXPECT_EQ(
      cycles({"alu[--, gprA_4, -, 0x1]", "immed[gprA_5, 0x1]", "beq[.3075]"}),
      234);
}

//===----------------------------------------------------------------------===//
// Event model
//===----------------------------------------------------------------------===//

TEST_F(Timing, EventModelIssueBound) {
  // (230 + 670) / 4 < 230: issue-bound.
  PacketCost Cost;
  Cost.IssueCycles = 6;
  Rate R = eventRate(P, Cost, 1, 60, 0);
  EXPECT_EQ(R.CyclesPerPacket, 230);
  EXPECT_EQ(R.By, Bound::Mac);
  EXPECT_EQ(R.Pps, 54.4e6);
}

TEST_F(Timing, EventModelReadPrograms) {
  // n map reads on 5 microengines, cycles per packet as measured on a card.
  struct {
    unsigned Reads;
    double Measured;
  } Cases[] = {{4, 337.8}, {8, 437.3}, {12, 536.9}};
  P.Microengines = 5;
  for (auto &C : Cases) {
    PacketCost Cost;
    Cost.IssueCycles = 20 + 9 * C.Reads;
    Cost.WaitCycles = P.Timing.LatencyEmem * C.Reads;
    Cost.EngineCycles = P.Timing.EngineReadCycles * C.Reads;
    Rate R = eventRate(P, Cost, 1, 60, 0);
    EXPECT_EQ(R.By, Bound::Waits);
    EXPECT_NEAR(R.CyclesPerPacket, C.Measured, 0.02 * C.Measured) << C.Reads;
  }
}

TEST_F(Timing, SharedEngine) {
  // 50 microengines with many reads each run into the engine.
  PacketCost Cost;
  Cost.EngineCycles = 12 * 4.0525;
  Rate R = eventRate(P, Cost, 1, 60, 0);
  EXPECT_EQ(R.By, Bound::MemoryEngine);
  EXPECT_NEAR(R.Pps, 800e6 / (12 * 4.0525), 1);
}

TEST_F(Timing, EventModelOfARealRun) {
  cycles({PacketRead, PacketRead});
  const PacketCost &Cost = machine().statistics().Cost;
  EXPECT_EQ(Cost.IssueCycles, 3 + 3 + 4);
  EXPECT_EQ(Cost.WaitCycles, 2 * 61);
  // Issue 224 + 10 = 234; waits 670 + 122 = 792: (234 + 792) / 4 = 256.5.
  Rate R = machine().eventRate();
  EXPECT_EQ(R.CyclesPerPacket, 256.5);
}

TEST_F(Timing, AtomicsInSmallMaps) {
  // Measured: four lookups and three adds 30.5 Mpps, five and four 23.9 Mpps.
  PacketCost Cost;
  Cost.EngineCycles = 4.0525 + (4 + 3) * 3.2198;
  EXPECT_NEAR(eventRate(P, Cost, 1, 60, 0).Pps, 30.5e6, 0.02 * 30.5e6);
  Cost.EngineCycles = 4.0525 + (5 + 4) * 3.2198;
  EXPECT_NEAR(eventRate(P, Cost, 1, 60, 0).Pps, 23.93e6, 0.02 * 23.93e6);
}

//===----------------------------------------------------------------------===//
// Map cache
//===----------------------------------------------------------------------===//

TEST_F(Timing, MapCacheLimit) {
  EXPECT_TRUE(std::isinf(mapLookupLimit(P, 1 << 20)));
  // As measured with two maps of 64 Ki and of 512 Ki entries.
  EXPECT_NEAR(mapLookupLimit(P, 16 << 20), 48e6, 0.1e6);
  EXPECT_NEAR(mapLookupLimit(P, 128 << 20), 40e6, 0.1e6);
  PacketCost Cost;
  Cost.ProgramCycles = 100;
  Cost.Lookups = 4;
  Rate R = accountingRate(P, Cost, 1, 60, 16 << 20);
  EXPECT_EQ(R.By, Bound::MapCache);
  EXPECT_NEAR(R.Pps, 12e6, 0.1e6);
  // Measured: 64 Ki entries, five lookups and four adds, 7.5 Mpps.
  Cost.Lookups = 5;
  Cost.MapAdds = 4;
  EXPECT_NEAR(accountingRate(P, Cost, 1, 60, 16 << 20).Pps, 7.5e6, 0.4e6);
  // Measured: 21.0 Mpps where the program alone would reach 26.5 and the maps
  // alone 24.
  Cost = PacketCost();
  Cost.Lookups = 2;
  Cost.IssueCycles = 1510 - P.firmwareCycles();
  Rate Both = eventRate(P, Cost, 1, 60, 16 << 20);
  EXPECT_NEAR(Both.Pps, 21.0e6, 0.4e6);
  EXPECT_EQ(Both.By, Bound::MapCache);
}

TEST_F(Timing, LinkLimitOfLongFrames) {
  PacketCost Cost;
  Rate R = accountingRate(P, Cost, 1, 1500, 0);
  EXPECT_EQ(R.By, Bound::Link);
  EXPECT_NEAR(R.Pps, 80e9 / 8 / 1524, 1);
}

TEST_F(Timing, BaselineCheckValue) {
  // 303 + 55 + 3 * (178 + 27) = 973 cycles against 974.6 observed.
  P.Timing.FirmwareVariants.push_back({"fit", 303});
  P.Timing.Firmware = "fit";
  PacketCost Cost;
  Cost.ProgramCycles = 55 + 3 * 27;
  Cost.HelperCycles = 3 * P.Timing.LookupHitCycles;
  Rate R = accountingRate(P, Cost, 1, 60, 0);
  EXPECT_EQ(R.CyclesPerPacket, 973);
  EXPECT_EQ(R.Firmware, "fit");
}

} // namespace
