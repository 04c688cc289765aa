//===- RoundTripTest.cpp - Random words through decoder, encoder, text ----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Instruction.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"
#include <map>
#include <random>

using namespace nfpbpf::isa;

namespace {

// Class values and the bits the class leaves free, from the instruction set
// document; independent of the library's table.
struct Class {
  Format Fmt;
  uint64_t Value, Free;
};
const Class Classes[] = {
    {Format::Cmd, 0x000000000000, 0x1f7fffffffff},
    {Format::Shf, 0x008000000000, 0x1f1fffffffff},
    {Format::Alu, 0x00a000000000, 0x1f1fffffffff},
    {Format::Immed, 0x00f000000000, 0x1e06efffffff},
    {Format::LdField, 0x00c000000000, 0x1e05ff1fffff},
    {Format::CtxArb, 0x00e000000000, 0x0107ffffffff},
    {Format::LocalCsr, 0x00fc00000000, 0x0401ffefffff},
    {Format::Branch, 0x00d800000020, 0x0107fff3c31f},
    {Format::BranchByte, 0x00c800000000, 0x0507ffffffff},
    {Format::BranchBit, 0x00d000000000, 0x0507fff7fcff},
    {Format::Return, 0x00e800000000, 0x04007fffffff},
    {Format::MulStep, 0x00f800000000, 0x1f01c0ffffff},
};

/// Words of every class; about half the fields are small so that operands of
/// all kinds meet.
class RandomWords {
public:
  uint64_t next(const Class &C) {
    uint64_t Word = Rng();
    if (Rng() & 1)
      Word &= Rng();
    return C.Value | (Word & C.Free);
  }

private:
  std::mt19937_64 Rng{20180523};
};

TEST(RoundTrip, DecodeNeverFailsAndKeepsTheClass) {
  RandomWords Words;
  for (const Class &C : Classes)
    for (unsigned N = 0; N != 20000; ++N) {
      uint64_t Word = Words.next(C);
      EXPECT_EQ(decode(Word).Fmt, C.Fmt) << llvm::utohexstr(Word);
    }
  std::mt19937_64 Rng(1);
  unsigned Invalid = 0;
  for (unsigned N = 0; N != 200000; ++N) {
    uint64_t Word = Rng();
    Instruction I = decode(Word);
    EXPECT_FALSE(toString(I).empty());
    if (I.Fmt == Format::Invalid) {
      ++Invalid;
      EXPECT_EQ(I.Raw, Word & InsnMask);
    }
  }
  EXPECT_GT(Invalid, 1000u);
}

// A legal instruction encodes to a word that decodes to the same instruction;
// that word is a fixed point.
TEST(RoundTrip, EncodeDecodeIdentity) {
  RandomWords Words;
  std::map<Format, unsigned> Legal, Exact;
  for (const Class &C : Classes)
    for (unsigned N = 0; N != 40000; ++N) {
      uint64_t Word = Words.next(C);
      Instruction I = decode(Word);
      llvm::Expected<uint64_t> Again = encode(I);
      if (!Again) {
        EXPECT_FALSE(llvm::toString(Again.takeError()).empty());
        continue;
      }
      ++Legal[C.Fmt];
      Instruction J = decode(*Again);
      EXPECT_TRUE(I == J) << llvm::utohexstr(Word) << ' ' << toString(I);
      EXPECT_EQ(llvm::cantFail(encode(J)), *Again);
      Exact[C.Fmt] += *Again == Word;
      // Words differ in ignored bits only: the texts agree.
      EXPECT_EQ(toString(I), toString(J));
    }
  for (const Class &C : Classes) {
    EXPECT_GT(Legal[C.Fmt], 100u) << static_cast<unsigned>(C.Fmt);
    EXPECT_GT(Exact[C.Fmt], 20u) << static_cast<unsigned>(C.Fmt);
  }
}

// Text of a legal instruction assembles to an instruction with the same text.
TEST(RoundTrip, TextIdentity) {
  RandomWords Words;
  std::map<Format, unsigned> Tried;
  for (const Class &C : Classes)
    for (unsigned N = 0; N != 20000; ++N) {
      Instruction I = decode(Words.next(C));
      std::string Text = toString(I);
      if (llvm::Error E = verify(I)) {
        llvm::consumeError(std::move(E));
        continue;
      }
      // Commands without a name.
      if (Text.find("# ERROR") != std::string::npos)
        continue;
      // A byte immed without destination does not show its high byte, which
      // makes the difference to a nop.
      if (I.Fmt == Format::Immed && I.Dst.isNone() &&
          I.Width == ImmedWidth::Byte)
        continue;
      ++Tried[C.Fmt];
      llvm::Expected<Instruction> J = parse(Text);
      if (!J) {
        ADD_FAILURE() << Text << ": " << llvm::toString(J.takeError());
        continue;
      }
      EXPECT_EQ(toString(*J), Text);
    }
  for (const Class &C : Classes)
    EXPECT_GT(Tried[C.Fmt], 50u) << static_cast<unsigned>(C.Fmt);
}

TEST(RoundTrip, BranchTargets) {
  RandomWords Words;
  unsigned Seen = 0;
  for (const Class &C : Classes)
    for (unsigned N = 0; N != 2000; ++N) {
      uint64_t Word = Words.next(C);
      Instruction I = decode(Word);
      llvm::Expected<uint32_t> T = getBranchTarget(Word);
      EXPECT_EQ(bool(T), hasTarget(I)) << toString(I);
      if (!T) {
        llvm::consumeError(T.takeError());
        continue;
      }
      ++Seen;
      EXPECT_EQ(*T, I.Target);
      uint64_t Patched = llvm::cantFail(setBranchTarget(Word, 0x2abc));
      Instruction J = decode(Patched);
      EXPECT_EQ(J.Target, 0x2abcu);
      J.Target = I.Target;
      EXPECT_TRUE(I == J);
      EXPECT_EQ(llvm::cantFail(setBranchTarget(Patched, *T)), Word);
    }
  EXPECT_GT(Seen, 6000u);
  llvm::Expected<uint64_t> TooFar = setBranchTarget(0x0d819008038, 0x4000);
  EXPECT_FALSE(bool(TooFar));
  llvm::consumeError(TooFar.takeError());
}

TEST(RoundTrip, Immediates) {
  // Bank A and bank B destinations.
  for (uint64_t Word : {0x00f0012cd003ULL, 0x00f001200f34ULL}) {
    EXPECT_EQ(llvm::cantFail(getImmediate(Word)), 0x1234);
    uint64_t Patched = llvm::cantFail(setImmediate(Word, 0xbeef));
    EXPECT_EQ(decode(Patched).Imm16, 0xbeef);
    EXPECT_TRUE(decode(Patched).Dst == decode(Word).Dst);
    EXPECT_EQ(llvm::cantFail(setImmediate(Patched, 0x1234)), Word);
  }
  // The low and the high half of a register.
  const uint64_t LowHalf = 0x00f0412cd003ULL, HighHalf = 0x00f4412cd003ULL;
  for (uint64_t Word : {LowHalf, HighHalf}) {
    EXPECT_EQ(llvm::cantFail(getImmediate(Word)), 0x1234);
    uint64_t Patched = llvm::cantFail(setImmediate(Word, 0xbeef));
    EXPECT_EQ(decode(Patched).Imm16, 0xbeef);
    EXPECT_EQ(decode(Patched).Width, decode(Word).Width);
  }
  // Shifted, inverted, and no immed at all.
  for (uint64_t Word :
       {0x00f2012cd003ULL, 0x00f0812cd003ULL, 0x00a080300801ULL}) {
    llvm::Expected<uint16_t> V = getImmediate(Word);
    EXPECT_FALSE(bool(V));
    llvm::consumeError(V.takeError());
  }
}

} // namespace
