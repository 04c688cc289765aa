//===- AssemblerTest.cpp - Assembly text to programs ----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Target/BPF/Assembler.h"
#include "nfpbpf/Object/BPF/BPFObject.h"

#include "llvm/Support/MemoryBufferRef.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace nfpbpf;

namespace {

TEST(Assembler, ProducesAnObjectTheReaderTakes) {
  Expected<SmallVector<char, 0>> bytes = assembleBPF("\t.section xdp,\"ax\"\n"
                                                     "\t.globl f\n"
                                                     "\t.type f,@function\n"
                                                     "f:\tr0 = 2\n"
                                                     "\texit\n"
                                                     "\t.size f, .-f\n");
  ASSERT_TRUE(static_cast<bool>(bytes)) << toString(bytes.takeError());
  Expected<object::BPFObject> file = object::BPFObject::parse(
      MemoryBufferRef(StringRef(bytes->data(), bytes->size()), "f.o"));
  ASSERT_TRUE(static_cast<bool>(file)) << toString(file.takeError());
  ASSERT_EQ(file->programs().size(), 1u);
  EXPECT_EQ(file->programs()[0].Name, "f");
  EXPECT_EQ(file->programs()[0].Type, object::ProgramType::XDP);
  Expected<object::LinkedProgram> program = file->link(0);
  ASSERT_TRUE(static_cast<bool>(program)) << toString(program.takeError());
  // mov r0, 2 (b7 00 0000 00000002) and exit (95), RFC 9669.
  EXPECT_EQ(program->Insns,
            (std::vector<uint64_t>{0x00000002000000b7, 0x0000000000000095}));
}

TEST(Assembler, KnowsTheLevels) {
  // gotol is of level v4.
  EXPECT_TRUE(static_cast<bool>(assembleBPF("a: gotol a\n", "v4")));
  Expected<SmallVector<char, 0>> unknown = assembleBPF("exit\n", "v9");
  ASSERT_FALSE(static_cast<bool>(unknown));
  EXPECT_EQ(toString(unknown.takeError()),
            "unknown eBPF level 'v9'; known are v1 to v4");
}

TEST(Assembler, ReportsEveryErrorWithItsPlace) {
  Expected<SmallVector<char, 0>> bytes =
      assembleBPF("r0 = 2\nnonsense\nr0 = 3\nr77 = 1\n", "v4", "t.s");
  ASSERT_FALSE(static_cast<bool>(bytes));
  std::string text = toString(bytes.takeError());
  EXPECT_NE(text.find("t.s:2:"), std::string::npos) << text;
  EXPECT_NE(text.find("t.s:4:"), std::string::npos) << text;
}

TEST(Assembler, ReportsJumpsThatAreTooFar) {
  std::string text = "f:\tif r1 > 0 goto far\n";
  for (unsigned n = 0; n < 40000; ++n)
    text += "\tr0 = 2\n";
  text += "far:\texit\n";
  for (unsigned round = 0; round < 2; ++round) {
    Expected<SmallVector<char, 0>> bytes = assembleBPF(text, "v4", "far.s");
    ASSERT_FALSE(static_cast<bool>(bytes));
    std::string message = toString(bytes.takeError());
    EXPECT_NE(message.find("far.s: Branch target out of insn range"),
              std::string::npos)
        << message;
  }
  // And the assembler goes on working.
  EXPECT_TRUE(static_cast<bool>(assembleBPF("exit\n")));
}

TEST(Assembler, ReportsUndefinedLabels) {
  Expected<SmallVector<char, 0>> bytes = assembleBPF("goto nowhere\n");
  // Either the assembler or the object reader must refuse it.
  if (!bytes) {
    EXPECT_FALSE(toString(bytes.takeError()).empty());
    return;
  }
  Expected<object::BPFObject> file = object::BPFObject::parse(
      MemoryBufferRef(StringRef(bytes->data(), bytes->size()), "f.o"));
  if (!file) {
    EXPECT_FALSE(toString(file.takeError()).empty());
    return;
  }
  for (uint32_t i = 0; i < file->programs().size(); ++i) {
    Expected<object::LinkedProgram> program = file->link(i);
    EXPECT_FALSE(static_cast<bool>(program));
    consumeError(program.takeError());
  }
}

} // namespace
