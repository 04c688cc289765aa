//===- KernelSpotsTest.cpp - Where the kernel's translator relies on luck -===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The words that the nfp driver's translator (Linux 6.1) makes of small
// programs, without the padding behind, loaded at 3072 with exit address 1 and
// map lookup at 16001. Each holds a spot whose result the hardware leaves to
// chance. Programs but the last two first check that 30 bytes are there and
// work on the words at offset 14 or 16.
//
//===----------------------------------------------------------------------===//

#include "SimFixture.h"

using namespace nfpbpf;
using namespace nfpbpf::sim;
using testing::HasSubstr;

namespace {

/// A division by 1 right after a register move, `r2 = r0; r2 /= 1`.
const uint64_t DivisionByOneAfterMove[] = {
    0xf20f003f05bff, 0x700b441605a20, 0x262a0c0605a22, 0xfc2f0000c0007,
    0x4c2a000288800, 0xda2f0000c0003, 0x542a000800800, 0x522a000900c00,
    0xd82a0808c7808, 0x8c2a8809c0009, 0x902f0000c0400, 0xcc2f0000c0001,
    0x740aab0002006, 0x560a6b0002407, 0xf00db06408125, 0x1f05c1008b802,
    0xa22a000060000, 0xcc2f0000c0001, 0x062a000400000, 0x002a000500400,
    0x3028000480104, 0x002a000001000, 0x062a000101400, 0xfa2a4000c0c00,
    0xcc2f0000c0001, 0x560db07408038, 0x060d800608038, 0xa00a0000c0000,
    0x800c10c048a00, 0x460aab0000303, 0x300db06808125, 0xda0f002200b82,
    0xb60f444400b11, 0xb0081d0100200, 0x200aa300c0001, 0xbc094002409ff,
    0x060d800608038, 0xa00a0000c0000, 0x100c10c000a00};

/// The same after a packet load, whose last word is an immed.
const uint64_t DivisionByOneAfterLoad[] = {
    0xf20f003f05bff, 0x700b441605a20, 0x262a0c0605a22, 0xfc2f0000c0007,
    0x4c2a000288800, 0xda2f0000c0003, 0x542a000800800, 0x522a000900c00,
    0xd82a0808c7808, 0x8c2a8809c0009, 0x902f0000c0400, 0xcc2f0000c0001,
    0x740aab0002006, 0x560a6b0002407, 0x0c0db05408125, 0x1f05c1008b802,
    0xa22a000060000, 0xcc2f0000c0001, 0x7228000080100, 0xfa2a4000c0c00,
    0xcc2f0000c0001, 0x920db06408038, 0x060d800608038, 0xa00a0000c0000,
    0x800c10c048a00, 0x460aab0000303, 0xcc0db05808125, 0xda0f002200b82,
    0xb60f444400b11, 0xb0081d0100200, 0x200aa300c0001, 0xbc094002409ff,
    0x060d800608038, 0xa00a0000c0000, 0x100c10c000a00};

/// `w0 += 5; w0 /= 1`: the addition leaves its left operand behind.
const uint64_t DivisionByOneAfterAddition[] = {
    0xf20f003f05bff, 0x700b441605a20, 0x262a0c0605a22, 0xfc2f0000c0007,
    0x4c2a000288800, 0xda2f0000c0003, 0x542a000800800, 0x522a000900c00,
    0xd82a0808c7808, 0x8c2a8809c0009, 0x902f0000c0400, 0xcc2f0000c0001,
    0x740aab0002006, 0x560a6b0002407, 0x0c0db05408125, 0x1f05c1008b802,
    0xa22a000060000, 0x9a2a0800c1400, 0x7228000080100, 0xfa2a4000c0c00,
    0xcc2f0000c0001, 0x920db06408038, 0x060d800608038, 0xa00a0000c0000,
    0x800c10c048a00, 0x460aab0000303, 0xcc0db05808125, 0xda0f002200b82,
    0xb60f444400b11, 0xb0081d0100200, 0x200aa300c0001, 0xbc094002409ff,
    0x060d800608038, 0xa00a0000c0000, 0x100c10c000a00};

/// `if w0 < 77 goto ...; w0 /= 1`: a comparison leaves 77 behind.
const uint64_t DivisionByOneAfterBranch[] = {
    0xf20f003f05bff, 0x700b441605a20, 0x262a0c0605a22, 0xfc2f0000c0007,
    0x4c2a000288800, 0xda2f0000c0003, 0x542a000800800, 0x522a000900c00,
    0xd82a0808c7808, 0x8c2a8809c0009, 0x902f0000c0400, 0xcc2f0000c0001,
    0x740aab0002006, 0x560a6b0002407, 0xcc0db05808125, 0x1f05c1008b802,
    0xa22a000060000, 0xe00aab00d3400, 0x680db05008125, 0x7228000080100,
    0xfa2a4000c0c00, 0xcc2f0000c0001, 0x520db06808038, 0x060d800608038,
    0xa00a0000c0000, 0x800c10c048a00, 0x460aab0000303, 0xa80db05c08125,
    0xda0f002200b82, 0xb60f444400b11, 0xb0081d0100200, 0x200aa300c0001,
    0xbc094002409ff, 0x060d800608038, 0xa00a0000c0000, 0x100c10c000a00};

/// Multiplication, then a shift by nobody's amount; with a pre-shift ...
const uint64_t DivisionBy28[] = {
    0xf20f003f05bff, 0x700b441605a20, 0x262a0c0605a22, 0xfc2f0000c0007,
    0x4c2a000288800, 0xda2f0000c0003, 0x542a000800800, 0x522a000900c00,
    0xd82a0808c7808, 0x8c2a8809c0009, 0x902f0000c0400, 0xcc2f0000c0001,
    0x740aab0002006, 0x560a6b0002407, 0xf40db07808125, 0x1f05c1008b802,
    0xa22a000060000, 0xd00f004905725, 0xe40f442405792, 0xda28020080100,
    0x6c0f800005400, 0xac0f980005400, 0xf80f980105400, 0x380f980205400,
    0x6c0f980305400, 0x820f980400300, 0x142f980500000, 0x7228000080100,
    0xfa2a4000c0c00, 0xcc2f0000c0001, 0xaa0db08808038, 0x060d800608038,
    0xa00a0000c0000, 0x800c10c048a00, 0x460aab0000303, 0x900db07c08125,
    0xda0f002200b82, 0xb60f444400b11, 0xb0081d0100200, 0x200aa300c0001,
    0xbc094002409ff, 0x060d800608038, 0xa00a0000c0000, 0x100c10c000a00};

/// ... and without.
const uint64_t DivisionBy641[] = {
    0xf20f003f05bff, 0x700b441605a20, 0x262a0c0605a22, 0xfc2f0000c0007,
    0x4c2a000288800, 0xda2f0000c0003, 0x542a000800800, 0x522a000900c00,
    0xd82a0808c7808, 0x8c2a8809c0009, 0x902f0000c0400, 0xcc2f0000c0001,
    0x740aab0002006, 0x560a6b0002407, 0x340db07408125, 0x1f05c1008b802,
    0xa22a000060000, 0x660f003d05781, 0x620f440005766, 0x6c0f800005400,
    0xac0f980005400, 0xf80f980105400, 0x380f980205400, 0x6c0f980305400,
    0x820f980400300, 0x142f980500000, 0x7228000080100, 0xfa2a4000c0c00,
    0xcc2f0000c0001, 0x6a0db08408038, 0x060d800608038, 0xa00a0000c0000,
    0x800c10c048a00, 0x460aab0000303, 0xf40db07808125, 0xda0f002200b82,
    0xb60f444400b11, 0xb0081d0100200, 0x200aa300c0001, 0xbc094002409ff,
    0x060d800608038, 0xa00a0000c0000, 0x100c10c000a00};

/// `r0 <<= r2` with r2 below 16: for 0 the upper half is shifted by 32.
const uint64_t LeftShiftBelow32[] = {
    0xf20f003f05bff, 0x700b441605a20, 0x262a0c0605a22, 0xfc2f0000c0007,
    0x4c2a000288800, 0xda2f0000c0003, 0x542a000800800, 0x522a000900c00,
    0xd82a0808c7808, 0x8c2a8809c0009, 0x902f0000c0400, 0xcc2f0000c0001,
    0x740aab0002006, 0x560a6b0002407, 0x6c0db08008125, 0x2705c1208b802,
    0x402c001120004, 0xea2f0000c0005, 0x642c103120100, 0xe62c10c020600,
    0xcc2f0000c0001, 0x782a4004c3c04, 0xea2f0000c0005, 0x682aa81501320,
    0x800aa300c0015, 0x2e28000100301, 0x080aa300c0004, 0xfe28000000200,
    0x302a000000400, 0xcc2f0000c0001, 0xfa2a4000c0c00, 0xcc2f0000c0001,
    0xca0db09008038, 0x060d800608038, 0xa00a0000c0000, 0x800c10c048a00,
    0x460aab0000303, 0x080db08408125, 0xda0f002200b82, 0xb60f444400b11,
    0xb0081d0100200, 0x200aa300c0001, 0xbc094002409ff, 0x060d800608038,
    0xa00a0000c0000, 0x100c10c000a00};

/// The first instruction stores to the stack, two words after the entry.
const uint64_t StackAtOnce[] = {
    0xf20f003f05bff, 0x700b441605a20, 0x220a020000800, 0x240a020100c00,
    0x502f0000c0800, 0xcc2f0000c0001, 0x0a0db02808038, 0x060d800608038,
    0xa00a0000c0000, 0x800c10c048a00, 0x460aab0000303, 0xf00db01c08125,
    0xda0f002200b82, 0xb60f444400b11, 0xb0081d0100200, 0x200aa300c0001,
    0xbc094002409ff, 0x060d800608038, 0xa00a0000c0000, 0x100c10c000a00};

/// `lock *(u32 *)(r0 + 0) += 40000`.
const uint64_t AddOf40000[] = {
    0xf20f003f05bff, 0x700b441605a20, 0xda2a0804c2016, 0xea2f0000c0005,
    0xc42aa804c1004, 0x822a6805c0005, 0xd42f0000c0002, 0xda2f0000c0003,
    0x760a020100800, 0x862f0000c0402, 0xda2f0000c0003, 0x340fc06601300,
    0x881dfa0608038, 0xc60a040000002, 0x000f000c0030f, 0xe00fc066c0016,
    0x000f0000c0300, 0x000f0000c0300, 0x000f0000c0300, 0xc40aa30000400,
    0x180db06808120, 0x642f009cd0002, 0xda2f0000c0003, 0x3c0f0008e4015,
    0xbe0c10c000a15, 0x8864700080700, 0x502f0000c0800, 0xcc2f0000c0001,
    0x0e0db08008038, 0x060d800608038, 0xa00a0000c0000, 0x800c10c048a00,
    0x460aab0000303, 0x340db07408125, 0xda0f002200b82, 0xb60f444400b11,
    0xb0081d0100200, 0x200aa300c0001, 0xbc094002409ff, 0x060d800608038,
    0xa00a0000c0000, 0x100c10c000a00};

class KernelSpots : public SimFixture {
protected:
  /// Byte n of the frame is n, but for some at 14.
  void check(llvm::ArrayRef<uint64_t> Words, unsigned Word, FaultKind Kind,
             const char *Text, uint32_t At14 = 0x11100f0e) {
    std::vector<uint8_t> Frame(60);
    for (unsigned I = 0; I < 60; ++I)
      Frame[I] = static_cast<uint8_t>(I);
    for (unsigned I = 0; I < 4; ++I)
      Frame[14 + I] = static_cast<uint8_t>(At14 >> (8 * I));
    setFrame(Frame);
    loadWords(Words);
    Last = machine().runPacket(Packet);
    ASSERT_EQ(machine().faults().size(), 1u);
    const Fault &F = machine().faults().front();
    EXPECT_EQ(F.Kind, Kind) << F.str();
    EXPECT_EQ(F.Word, Word) << F.str();
    EXPECT_THAT(F.Text, HasSubstr(Text));
    EXPECT_TRUE(Last.Faulted);
  }
};

TEST_F(KernelSpots, DivisionsByOne) {
  const FaultKind Kind = FaultKind::StaleShiftAmount;
  check(DivisionByOneAfterMove, 20, Kind, "gave no amount");
  check(DivisionByOneAfterLoad, 18, Kind, "gave no amount");
  check(DivisionByOneAfterAddition, 18, Kind,
        "alu[gprA_0, gprA_0, +, 0x5], gpr_wrboth");
  check(DivisionByOneAfterBranch, 19, Kind, "bcc[.3092]");
}

TEST_F(KernelSpots, DivisionByOneIsReportedEvenIfTheResultIsRight) {
  // The word is 32 * n: the stale amount is 0, and so the quotient is right.
  check(DivisionByOneAfterAddition, 18, FaultKind::StaleShiftAmount,
        "another purpose", 0x00000020);
}

TEST_F(KernelSpots, DivisionsWithPostShiftZero) {
  check(DivisionBy28, 27, FaultKind::StaleShiftAmount, "gave no amount");
  check(DivisionBy641, 26, FaultKind::StaleShiftAmount, "gave no amount");
}

TEST_F(KernelSpots, ShiftOf64BitsByZero) {
  check(LeftShiftBelow32, 25, FaultKind::DoubleShiftAmount, "by 32",
        0x11100f00);
  // Any other amount is fine.
  std::vector<uint8_t> Frame(60, 1);
  setFrame(Frame);
  EXPECT_EQ(machine().runPacket(Packet).FaultCount, 0u);
}

TEST_F(KernelSpots, StackAccessTooEarly) {
  check(StackAtOnce, 2, FaultKind::StaleLMPointer, "1 cycles before");
}

TEST_F(KernelSpots, ImmediateWithTheTopBitSet) {
  rt::MapSpec Spec;
  Spec.Name = "m";
  Spec.Type = rt::Array;
  Spec.KeySize = 4;
  Spec.ValueSize = 8;
  Spec.MaxEntries = 4;
  ASSERT_TRUE(bool(Maps.addMap(Spec)));
  Maps.setWordUses(0, {rt::WordUse::Atomic});
  Load.Tables.push_back({1, 0});
  Load.Helpers = {{1, 16001}};
  check(AddOf40000, 25, FaultKind::AmbiguousImmediate, "0x9c40");
}

} // namespace
