//===- VectorsTest.cpp - Words and texts of the independent disassembler --===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Instruction.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"
#include <cstdlib>

using namespace nfpbpf::isa;

namespace {

struct Vector {
  uint64_t Word;
  std::string Text;
};

class Vectors : public ::testing::Test {
protected:
  void SetUp() override {
    const char *Shared = std::getenv("NFPBPF_SHARED");
    if (!Shared)
      GTEST_SKIP() << "NFPBPF_SHARED is not set";
    auto Buffer = llvm::MemoryBuffer::getFile(std::string(Shared) +
                                              "/reference/nfp-isa-vectors.tsv");
    ASSERT_TRUE(bool(Buffer));
    llvm::SmallVector<llvm::StringRef, 0> Lines;
    (*Buffer)->getBuffer().split(Lines, '\n', -1, /*KeepEmpty=*/false);
    for (llvm::StringRef Line : Lines) {
      auto [Word, Text] = Line.split('\t');
      uint64_t W;
      ASSERT_FALSE(Word.getAsInteger(16, W)) << Line.str();
      All.push_back({W, Text.str()});
    }
    ASSERT_EQ(All.size(), 234u);
  }

  std::vector<Vector> All;
};

TEST_F(Vectors, ECC) {
  for (const Vector &V : All) {
    EXPECT_TRUE(checkECC(V.Word)) << V.Text;
    EXPECT_EQ(addECC(V.Word & InsnMask), V.Word) << V.Text;
    EXPECT_FALSE(checkECC(V.Word ^ 1)) << V.Text;
  }
}

TEST_F(Vectors, DecodeAndEncode) {
  for (const Vector &V : All) {
    llvm::Expected<uint64_t> Word = encode(decode(V.Word));
    if (!Word) {
      ADD_FAILURE() << V.Text << ": " << llvm::toString(Word.takeError());
      continue;
    }
    EXPECT_EQ(llvm::utohexstr(*Word), llvm::utohexstr(V.Word & InsnMask))
        << V.Text;
  }
}

TEST_F(Vectors, Print) {
  for (const Vector &V : All)
    EXPECT_EQ(toString(decode(V.Word)), V.Text);
}

// The text leaves out ignored operand fields and pipeline hints, so a word may
// come back different there; the text may not.
TEST_F(Vectors, Assemble) {
  unsigned Same = 0;
  for (const Vector &V : All) {
    llvm::Expected<Instruction> I = parse(V.Text);
    if (!I) {
      ADD_FAILURE() << V.Text << ": " << llvm::toString(I.takeError());
      continue;
    }
    EXPECT_EQ(toString(*I), V.Text);
    uint64_t Word = llvm::cantFail(encode(*I));
    if (Word == (V.Word & InsnMask)) {
      ++Same;
      continue;
    }
    // Different words must differ in fields the text does not show only.
    Instruction D = decode(V.Word);
    bool HiddenOperand = (!usesLeft(D) && !D.Left.isNone()) ||
                         (!usesRight(D) && !D.Right.isNone());
    EXPECT_TRUE(HiddenOperand || D.BitField0)
        << V.Text << ": " << llvm::utohexstr(Word);
  }
  EXPECT_EQ(Same, 230u);
}

} // namespace
