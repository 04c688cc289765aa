//===- CommandTest.cpp - Memory commands and signals ----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimFixture.h"
#include "llvm/ADT/STLExtras.h"

using namespace nfpbpf;
using namespace nfpbpf::sim;

namespace {

class Command : public SimFixture {
protected:
  uint32_t Map = 0;
  uint64_t Address = 0;
  /// One map of one 16-byte value; its address in A6 and B7.
  void makeMap(std::vector<uint8_t> Bytes, bool Uses = false) {
    rt::MapSpec Spec;
    Spec.Name = "m";
    Spec.Type = rt::Array;
    Spec.KeySize = 4;
    Spec.ValueSize = 16;
    Spec.MaxEntries = 1;
    llvm::Expected<uint32_t> E = Maps.addMap(Spec);
    ASSERT_TRUE(bool(E)) << llvm::toString(E.takeError());
    Map = *E;
    if (Uses)
      Maps.setWordUses(Map, {rt::WordUse::Read, rt::WordUse::Atomic,
                             rt::WordUse::Atomic, rt::WordUse::Unused});
    uint8_t Key[4] = {0, 0, 0, 0};
    Address = Maps.lookup(Map, Key);
    Bytes.resize(16);
    llvm::copy(Bytes, memory());
    setA(6, Address & 0xff);
    setB(7, static_cast<uint32_t>(Address >> 8));
  }
  uint8_t *memory() { return Maps.memory(Address, 16); }
  uint32_t wordBE(unsigned N) {
    uint8_t *M = memory() + 4 * N;
    return static_cast<uint32_t>(M[0]) << 24 | M[1] << 16 | M[2] << 8 | M[3];
  }
  uint32_t in(unsigned N) { return machine().readRegister(RegFile::XferIn, N); }
  uint32_t undefIn(unsigned N) {
    return machine().undefinedBits(RegFile::XferIn, N);
  }
  void setOut(unsigned N, uint32_t V) {
    machine().preset(RegFile::XferOut, N, V);
  }
};

TEST_F(Command, ByteOrders) {
  struct {
    const char *Name;
    uint32_t First;
  } Cases[] = {{"read32", 0x11223344},
               {"read32_le", 0x11223344},
               {"read32_swap", 0x44332211},
               {"read32_swap_le", 0x44332211}};
  makeMap({0x11, 0x22, 0x33, 0x44});
  for (auto &C : Cases) {
    good({"mem[" + std::string(C.Name) +
          ", $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]"});
    EXPECT_EQ(in(0), C.First) << C.Name;
  }
  good({"mem[read8, $xfer_0, gprB_7, <<8, gprA_6, 4], ctx_swap[sig1]"});
  EXPECT_EQ(in(0), 0x11223344u);
}

TEST_F(Command, LongWords) {
  makeMap({1, 2, 3, 4, 5, 6, 7, 8});
  good({"mem[read, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]"});
  EXPECT_EQ(in(0), 0x01020304u);
  EXPECT_EQ(in(1), 0x05060708u);
  good({"mem[read_swap_le, $xfer_0, gprB_7, <<8, gprA_6, 1], "
        "ctx_swap[sig1]"});
  EXPECT_EQ(in(0), 0x08070605u);
  EXPECT_EQ(in(1), 0x04030201u);
}

TEST_F(Command, Read8OfFewerBytesLeavesTheRestUndefined) {
  makeMap({0x11, 0x22, 0x33, 0x44});
  good({"mem[read8, $xfer_0, gprB_7, <<8, gprA_6, 2], ctx_swap[sig1]"});
  EXPECT_EQ(in(0), 0x11220000u);
}

TEST_F(Command, AnyByteAddress) {
  good({"mem[read32_swap, $xfer_0, *l$index1[2], 0x7, 2], ctx_swap[sig1]"});
  EXPECT_EQ(in(0), 0x0a090807u);
  EXPECT_EQ(in(1), 0x0e0d0c0bu);
}

TEST_F(Command, PacketWrites) {
  setOut(0, 0xaabbccdd);
  setOut(1, 0x11223344);
  good({"mem[write8_swap, $xfer_0, *l$index1[2], 0x3, 2], ctx_swap[sig1]",
        "mem[write32_swap, $xfer_1, *l$index1[2], 0x8, 1], ctx_swap[sig1]",
        "mem[write8, $xfer_0, *l$index1[2], 0x10, 3], ctx_swap[sig1]",
        "mem[write32, $xfer_1, *l$index1[2], 0x15, 1], ctx_swap[sig1]"});
  llvm::ArrayRef<uint8_t> F = Packet.frame();
  EXPECT_EQ(F[3], 0xdd);
  EXPECT_EQ(F[4], 0xcc);
  EXPECT_EQ(F[5], 5);
  EXPECT_EQ(F[8], 0x44);
  EXPECT_EQ(F[11], 0x11);
  EXPECT_EQ(F[16], 0xaa);
  EXPECT_EQ(F[18], 0xcc);
  EXPECT_EQ(F[19], 19);
  EXPECT_EQ(F[21], 0x11);
  EXPECT_EQ(F[24], 0x44);
}

TEST_F(Command, FortyBitAddress) {
  // (hi << 8) + lo of the instruction set's example, through the fault's text.
  setB(5, 0x01000000);
  setA(4, 0x10);
  faults(FaultKind::MapAccess, 0,
         {"mem[read32_swap, $xfer_0, gprB_5, <<8, gprA_4, 1], "
          "ctx_swap[sig1]"});
  EXPECT_THAT(firstFault(), testing::HasSubstr("0x100000010 "));
}

TEST_F(Command, LengthOverride) {
  setFrame(100);
  good({"immed[--, 0xf80]",
        "mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], indirect_ref, "
        "ctx_swap[sig1]"});
  EXPECT_EQ(in(15), 0x3f3e3d3cu);
  EXPECT_EQ(undefIn(15), 0u);
  EXPECT_EQ(undefIn(16), 0xffffffffu);
}

TEST_F(Command, Add64LowWordFirst) {
  // Memory 1 and 0; operand 0xffffffff: low word 0, carry into the high word.
  makeMap({0, 0, 0, 1, 0, 0, 0, 0});
  setOut(0, 0xffffffff);
  setOut(1, 0);
  good({"mem[add64, $xfer_0, gprB_7, <<8, gprA_6, 5], ctx_swap[sig1]"});
  EXPECT_EQ(wordBE(0), 0u);
  EXPECT_EQ(wordBE(1), 1u);
}

TEST_F(Command, OperandsMaySitInDeferSlots) {
  makeMap({0, 0, 0, 1, 0, 0, 0, 2});
  setA(4, 10);
  setA(5, 20);
  good({"mem[add64, $xfer_0, gprB_7, <<8, gprA_6, 5], ctx_swap[sig1], "
        "defer[2]",
        "alu[$xfer_0, --, B, gprA_4]", "alu[$xfer_1, --, B, gprA_5]"});
  EXPECT_EQ(wordBE(0), 11u);
  EXPECT_EQ(wordBE(1), 22u);
}

TEST_F(Command, ImmediateAdd) {
  makeMap({0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff});
  good({"immed[gprA_21, 0x890]", "immed_w1[gprA_21, 0x7]",
        "mem[add_imm, $xfer_0, gprB_7, <<8, gprA_6, 1], indirect_ref"});
  EXPECT_EQ(wordBE(0), 8u);
  // 64 bits: length 12.
  good({"immed[gprA_21, 0xc90]", "immed_w1[gprA_21, 0x7]",
        "mem[add_imm, $xfer_0, gprB_7, <<8, gprA_6, 1], indirect_ref"});
  EXPECT_EQ(wordBE(0), 15u);
  EXPECT_EQ(wordBE(1), 0xffffffffu);
}

TEST_F(Command, AtomicSet) {
  struct {
    const char *Name;
    uint32_t Result;
  } Cases[] = {{"set", 0xf0ff},
               {"clr", 0xf000},
               {"xor", 0xf0f0},
               {"sub", 0xef01},
               {"atomic_write", 0x0fff}};
  for (auto &C : Cases) {
    for (bool Test : {false, true}) {
      M.reset();
      Maps = rt::MapStore();
      makeMap({0, 0, 0xf0, 0x0f});
      setOut(2, 0x0fff);
      uint32_t Before = wordBE(0);
      std::string Name = C.Name;
      if (Test)
        Name = Name == "atomic_write" ? "swap" : "test_" + Name;
      good({"mem[" + Name +
            ", $xfer_2, gprB_7, <<8, gprA_6, 1], ctx_swap[sig3]"});
      uint32_t X = 0x0fff;
      uint32_t Expected = Name.find("set") != std::string::npos   ? Before | X
                          : Name.find("clr") != std::string::npos ? Before & ~X
                          : Name.find("xor") != std::string::npos ? Before ^ X
                          : Name.find("sub") != std::string::npos ? Before - X
                                                                  : X;
      EXPECT_EQ(wordBE(0), Expected) << Name;
      if (Test) {
        EXPECT_EQ(in(2), Before) << Name;
      }
    }
  }
}

TEST_F(Command, Saturation) {
  makeMap({0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 3});
  setOut(0, 5);
  good({"mem[addsat, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]",
        "alu[gprA_6, gprA_6, +, 0x4]",
        "mem[test_subsat, $xfer_0, gprB_7, <<8, gprA_6, 1], "
        "ctx_swap[sig1]"});
  EXPECT_EQ(wordBE(0), 0xffffffffu);
  EXPECT_EQ(wordBE(1), 0u);
  EXPECT_EQ(in(0), 3u);
}

TEST_F(Command, HostSeesAtomicWordsSwapped) {
  makeMap({}, /*Uses=*/true);
  uint8_t Key[4] = {0, 0, 0, 0};
  std::vector<uint8_t> Value(16, 0);
  Value[4] = 0xff; // the host's 0x000000ff in word 1
  ASSERT_EQ(Maps.hostUpdate(Map, Key, Value), 0);
  setA(4, 1);
  good({"alu[gprA_6, gprA_6, +, 0x4]", "alu[$xfer_0, --, B, gprA_4]",
        "mem[add, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]"});
  std::optional<std::vector<uint8_t>> Now = Maps.hostLookup(Map, Key);
  ASSERT_TRUE(Now);
  EXPECT_EQ((*Now)[4], 0);
  EXPECT_EQ((*Now)[5], 1);
}

TEST_F(Command, SignalsAndArbitration) {
  setFrame(100);
  good({"mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], sig_done[sig1]",
        "mem[read32_swap, $xfer_4, *l$index1[2], 0x8, 1], sig_done[sig2]",
        "nop", "ctx_arb[sig1, sig2]", "alu[gprA_1, --, B, $xfer_0]",
        "alu[gprA_2, --, B, $xfer_4]"});
  EXPECT_EQ(a(1), 0x03020100u);
  EXPECT_EQ(a(2), 0x0b0a0908u);
  EXPECT_TRUE(Last.Cost.Unvalidated & UnvalidatedArb);
}

TEST_F(Command, AnySignalAndBranch) {
  setFrame(100);
  good({"mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], sig_done[sig1]",
        "mem[read32_swap, $xfer_4, *l$index1[2], 0x8, 1], sig_done[sig2]",
        "ctx_arb[sig1, sig2], any", "immed[gprA_3, 0x1]", "br_signal[1, .3078]",
        "immed[gprA_3, 0x2]", "alu[gprA_1, --, B, $xfer_0]",
        "ctx_arb[sig2], defer[1]", "immed[gprA_4, 0x5]",
        "alu[gprA_2, --, B, $xfer_4]"});
  EXPECT_EQ(a(1), 0x03020100u);
  EXPECT_EQ(a(2), 0x0b0a0908u);
  EXPECT_EQ(a(3), 1u);
  EXPECT_EQ(a(4), 5u);
}

//===----------------------------------------------------------------------===//
// Faults of commands
//===----------------------------------------------------------------------===//

TEST_F(Command, ReadOnlyMaps) {
  rt::MapSpec Spec;
  Spec.Name = "table";
  Spec.Type = rt::Array;
  Spec.KeySize = 4;
  Spec.ValueSize = 8;
  Spec.MaxEntries = 1;
  Spec.ReadOnly = true;
  Spec.Contents = {1, 2, 3, 4, 5, 6, 7, 8};
  llvm::Expected<uint32_t> E = Maps.addMap(Spec);
  ASSERT_TRUE(bool(E)) << llvm::toString(E.takeError());
  Address = Maps.globalAddress(*E);
  setA(6, Address & 0xff);
  setB(7, static_cast<uint32_t>(Address >> 8));
  setOut(0, 9);
  for (const char *Write :
       {"mem[write32, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]",
        "mem[add, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]"}) {
    faults(FaultKind::MapReadOnly, 0, {Write});
    EXPECT_NE(firstFault().find("read-only map 'table'"), std::string::npos)
        << firstFault();
  }
  good({"mem[read8, $xfer_0, gprB_7, <<8, gprA_6, 4], ctx_swap[sig1]"});
  EXPECT_EQ(in(0), 0x01020304u);
}

TEST_F(Command, ReadBeforeSignal) {
  faults(FaultKind::ReadBeforeSignal, 1,
         {"mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], sig_done[sig1]",
          "alu[gprA_1, --, B, $xfer_0]", "ctx_arb[sig1]"});
}

TEST_F(Command, SignalFaults) {
  faults(FaultKind::SignalNeverSent, 0, {"ctx_arb[sig3]"});
  faults(FaultKind::SignalReused, 1,
         {"mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], sig_done[sig1]",
          "mem[read32_swap, $xfer_4, *l$index1[2], 0x0, 1], "
          "ctx_swap[sig1]"});
  // Left behind at the exit: reported at the branch that leaves.
  faults(FaultKind::SignalReused, 2,
         {"mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], "
          "sig_done[sig1]"});
  faults(FaultKind::FirmwareRegister, 0,
         {"mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], "
          "ctx_swap[sig8]"});
}

TEST_F(Command, TransferOverwritten) {
  setOut(0, 1);
  setA(4, 2);
  faults(FaultKind::TransferOverwritten, 2,
         {"mem[write32_swap, $xfer_0, *l$index1[2], 0x0, 1], sig_done[sig1]",
          "alu[$xfer_0, --, B, gprA_4]", "ctx_arb[sig1]"});
}

TEST_F(Command, MemoryOrder) {
  setFrame(100);
  setOut(0, 1);
  const char *Write =
      "mem[write32_swap, $xfer_0, *l$index1[2], 0x4, 1], sig_done[sig1]";
  const char *Read =
      "mem[read32_swap, $xfer_0, *l$index1[2], 0x4, 1], sig_done[sig2]";
  for (const char *At : {"0x1", "0x7"})
    faults(FaultKind::MemoryOrder, 1,
           {Write,
            "mem[read8, $xfer_0, *l$index1[2], " + std::string(At) +
                ", 4], ctx_swap[sig2]",
            "ctx_arb[sig1]"});
  faults(FaultKind::MemoryOrder, 1,
         {Read, "mem[write8, $xfer_0, *l$index1[2], 0x7, 1], sig_done[sig1]",
          "ctx_arb[sig1, sig2]"});
  // Beside each other, and two reads.
  good({Write, "mem[read8, $xfer_0, *l$index1[2], 0x0, 4], ctx_swap[sig2]",
        "mem[read8, $xfer_4, *l$index1[2], 0x8, 1], ctx_swap[sig2]",
        "ctx_arb[sig1]"});
  good({Read, "mem[read8, $xfer_4, *l$index1[2], 0x5, 4], ctx_swap[sig1]",
        "ctx_arb[sig2]"});
}

TEST_F(Command, AdditionsInAnyOrder) {
  makeMap({});
  setOut(0, 1);
  const char *Add = "mem[add, $xfer_0, gprB_7, <<8, gprA_6, 1], sig_done[sig1]";
  good({Add, "mem[add, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig2]",
        "ctx_arb[sig1]"});
  // The carry of the one leaves the word, that of the other does not.
  setOut(1, 0);
  faults(FaultKind::MemoryOrder, 1,
         {Add, "mem[add64, $xfer_0, gprB_7, <<8, gprA_6, 5], ctx_swap[sig2]",
          "ctx_arb[sig1]"});
  faults(FaultKind::MemoryOrder, 1,
         {Add, "mem[set, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig2]",
          "ctx_arb[sig1]"});
  faults(FaultKind::MemoryOrder, 1,
         {Add, "mem[test_add, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig2]",
          "ctx_arb[sig1]"});
}

TEST_F(Command, Alignment) {
  makeMap({});
  setOut(0, 1);
  faults(FaultKind::Unaligned, 1,
         {"alu[gprA_6, gprA_6, +, 0x2]",
          "mem[add, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]"});
}

TEST_F(Command, AtomicOnAWordInHostOrder) {
  makeMap({}, /*Uses=*/true);
  setOut(0, 1);
  faults(FaultKind::AtomicOrder, 0,
         {"mem[add, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]"});
}

TEST_F(Command, PacketBounds) {
  // Frame of 60 bytes at 136 in a buffer of 256.
  faults(FaultKind::PacketAccess, 1,
         {"alu[gprA_4, --, B, *l$index1[2]]",
          "mem[read32_swap, $xfer_0, gprA_4, 0x78, 1], ctx_swap[sig1]"});
  EXPECT_THAT(firstFault(), testing::HasSubstr("offset 256"));
  setOut(0, 1);
  faults(FaultKind::PacketAccess, 0,
         {"mem[write8_swap, $xfer_0, *l$index1[2], 0x3a, 4], "
          "ctx_swap[sig1]"});
  // A read that runs over the end gives undefined bytes, no fault.
  good({"mem[read32_swap, $xfer_0, *l$index1[2], 0x3a, 1], ctx_swap[sig1]"});
  EXPECT_EQ(in(0) & 0xffff, 0x3b3au);
  EXPECT_EQ(undefIn(0), 0xffff0000u);
  // Another packet's number.
  setA(4, 0x83ff0088);
  faults(FaultKind::PacketAccess, 0,
         {"mem[read32_swap, $xfer_0, gprA_4, 0x0, 1], ctx_swap[sig1]"});
}

TEST_F(Command, InlineBytes) {
  setFrame(1950);
  setA(4, 1880);
  setB(5, 1888);
  good({"alu[gprA_4, gprA_4, +, *l$index1[2]]",
        "mem[read32_swap, $xfer_0, gprA_4, 0x0, 2], ctx_swap[sig1]"});
  faults(FaultKind::PacketAccess, 1,
         {"alu[gprB_5, gprB_5, +, *l$index1[2]]",
          "mem[read32_swap, $xfer_0, 0x0, gprB_5, 1], ctx_swap[sig1]"});
  EXPECT_THAT(firstFault(), testing::HasSubstr("inline"));
}

TEST_F(Command, UndefinedValues) {
  faults(FaultKind::UndefinedAddress, 0,
         {"mem[read32_swap, $xfer_0, gprA_4, 0x0, 1], ctx_swap[sig1]"});
  faults(FaultKind::UndefinedStore, 0,
         {"mem[write8_swap, $xfer_0, *l$index1[2], 0x0, 1], "
          "ctx_swap[sig1]"});
  makeMap({});
  faults(FaultKind::UndefinedStore, 0,
         {"mem[add, $xfer_0, gprB_7, <<8, gprA_6, 1], ctx_swap[sig1]"});
}

TEST_F(Command, ForeignUnitsAndRegisters) {
  setA(4, 0);
  setB(5, 0);
  faults(FaultKind::CommandTarget, 0,
         {"cls[read, $xfer_2, gprA_4, gprB_5, 2], ctx_swap[sig3]"});
  faults(FaultKind::FirmwareRegister, 1,
         {"immed[--, 0x1f80]",
          "mem[read32_swap, $xfer_1, *l$index1[2], 0x0, 1], indirect_ref, "
          "ctx_swap[sig1]"});
}

TEST_F(Command, OverrideNeedsAResultBefore) {
  setFrame(100);
  faults(FaultKind::StaleSign, 1,
         {"mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], ctx_swap[sig1]",
          "mem[read32_swap, $xfer_0, *l$index1[2], 0x0, 1], indirect_ref, "
          "ctx_swap[sig1]"});
}

TEST_F(Command, ImmediateWithBit15) {
  makeMap({});
  faults(FaultKind::AmbiguousImmediate, 2,
         {"immed[gprA_21, 0x890]", "immed_w1[gprA_21, 0x8000]",
          "mem[add_imm, $xfer_0, gprB_7, <<8, gprA_6, 1], indirect_ref"});
}

} // namespace
