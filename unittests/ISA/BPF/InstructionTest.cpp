//===- InstructionTest.cpp - Decoding of eBPF instructions --------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/BPF/Instruction.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"
#include <cstdlib>
#include <string>

using namespace nfpbpf::ebpf;

namespace {

std::string errorOf(std::vector<Slot> Code, uint32_t Index = 0) {
  llvm::Expected<Instruction> I = decode(Code, Index);
  return I ? "" : llvm::toString(I.takeError());
}

Instruction get(std::vector<Slot> Code, uint32_t Index = 0) {
  llvm::Expected<Instruction> I = decode(Code, Index);
  if (!I) {
    ADD_FAILURE() << llvm::toString(I.takeError());
    return Instruction{&opcodeTable().front()};
  }
  return *I;
}

std::string validated(std::vector<Slot> Code) {
  std::vector<uint64_t> Words;
  Words.reserve(Code.size());
  for (const Slot &S : Code)
    Words.push_back(S.toWord());
  return llvm::toString(validate(Words));
}

TEST(BPFInstruction, SlotFields) {
  // *(u32 *)(r10 - 4) = w3: 63 3a fc ff 00 00 00 00
  Slot S = Slot::fromWord(0x00000000fffc3a63);
  EXPECT_EQ(S.Code, 0x63);
  EXPECT_EQ(S.dst(), 10u);
  EXPECT_EQ(S.src(), 3u);
  EXPECT_EQ(S.Off, -4);
  EXPECT_EQ(S.toWord(), 0x00000000fffc3a63u);
  EXPECT_EQ(Slot(0xb7, 1, 0, 0, -5).toWord(), 0xfffffffb000001b7u);
}

TEST(BPFInstruction, TableIsConsistent) {
  llvm::ArrayRef<OpcodeInfo> Table = opcodeTable();
  for (size_t N = 0; N != Table.size(); ++N) {
    const OpcodeInfo &Info = Table[N];
    if (N != 0) {
      EXPECT_LE(Table[N - 1].Code, Info.Code);
    }
    Slot S(Info.Code, 0, 0, 0, 0);
    switch (Info.SelField) {
    case Selector::None:
      break;
    case Selector::Src:
      S.Regs = static_cast<uint8_t>(Info.SelValue << 4);
      break;
    case Selector::Off:
      S.Off = static_cast<int16_t>(Info.SelValue);
      break;
    case Selector::Imm:
      S.Imm = Info.SelValue;
      break;
    }
    EXPECT_EQ(lookup(S), &Info) << "opcode " << unsigned(Info.Code);
  }
}

TEST(BPFInstruction, SelectorsTellVariantsApart) {
  EXPECT_EQ(get({Slot(0x3f, 1, 2, 0, 0)}).op(), Op::Div);
  EXPECT_EQ(get({Slot(0x3f, 1, 2, 1, 0)}).op(), Op::SDiv);
  EXPECT_EQ(get({Slot(0x94, 1, 0, 1, 3)}).op(), Op::SMod);
  Instruction SX = get({Slot(0xbf, 1, 2, 32, 0)});
  EXPECT_EQ(SX.op(), Op::MovSX);
  EXPECT_EQ(SX.size(), 4u);
  EXPECT_EQ(SX.Off, 0);
  EXPECT_EQ(get({Slot(0x85, 0, 1, 0, -2)}).op(), Op::CallLocal);
  EXPECT_EQ(get({Slot(0xdb, 1, 2, 8, 0xf1)}).op(), Op::CmpXchg);
  EXPECT_EQ(get({Slot(0xcb, 1, 2, 8, 0x110)}).op(), Op::StoreRelease);
  EXPECT_EQ(get({Slot(0xd7, 1, 0, 0, 32)}).op(), Op::ByteSwap);
}

TEST(BPFInstruction, Imm64) {
  std::vector<Slot> Code = {Slot(0x18, 3, 0, 0, int32_t(0x89abcdef)),
                            Slot(0, 0, 0, 0, 0x01234567)};
  Instruction I = get(Code);
  EXPECT_EQ(I.Imm, 0x0123456789abcdef);
  EXPECT_EQ(I.slots(), 2u);
  EXPECT_EQ(I.Dst, 3);
  Code[0] = Slot(0x18, 3, 2, 0, 5);
  I = get(Code);
  EXPECT_EQ(I.Kind, ImmKind::MapFdValue);
  EXPECT_EQ(I.Imm, 5);
  EXPECT_EQ(I.Imm2, 0x01234567);
}

TEST(BPFInstruction, Targets) {
  EXPECT_EQ(get({Slot(0x05, 0, 0, -1, 0)}).target(0), 0);
  EXPECT_EQ(get({Slot(0x06, 0, 0, 0, 70000)}).target(0), 70001);
  EXPECT_EQ(get({Slot(0x16, 1, 0, 9, 3)}).target(0), 10);
  EXPECT_EQ(get({Slot(0x85, 0, 1, 0, 4)}).target(0), 5);
}

TEST(BPFInstruction, RegisterSets) {
  EXPECT_EQ(get({Slot(0xbf, 1, 2, 0, 0)}).readRegs(), 1u << 2);
  EXPECT_EQ(get({Slot(0x0f, 1, 2, 0, 0)}).readRegs(), 1u << 2 | 1u << 1);
  EXPECT_EQ(get({Slot(0x85, 0, 0, 0, 1)}).writtenRegs(), 0x3f);
  Instruction Cmp = get({Slot(0xdb, 1, 2, 8, 0xf1)});
  EXPECT_EQ(Cmp.readRegs(), 7u);
  EXPECT_EQ(Cmp.writtenRegs(), 1u);
  EXPECT_EQ(get({Slot(0xdb, 1, 2, 8, 1)}).writtenRegs(), 4u);
  EXPECT_EQ(get({Slot(0xdb, 1, 2, 8, 0)}).writtenRegs(), 0u);
  Instruction Acquire = get({Slot(0xdb, 1, 2, 8, 0x100)});
  EXPECT_EQ(Acquire.addressReg(), 2u);
  EXPECT_TRUE(Acquire.readsMemory());
  EXPECT_FALSE(Acquire.writesMemory());
  EXPECT_EQ(Acquire.writtenRegs(), 2u);
  EXPECT_EQ(get({Slot(0x50, 0, 5, 0, 0)}).readRegs(), 1u << 6 | 1u << 5);
}

TEST(BPFInstruction, Errors) {
  EXPECT_EQ(errorOf({Slot(0xff, 0, 0, 0, 0)}),
            "instruction 0: unknown opcode 0xff");
  EXPECT_EQ(errorOf({Slot(0x8f, 0, 0, 0, 0)}),
            "instruction 0: unknown opcode 0x8f");
  EXPECT_EQ(errorOf({Slot(0xdb, 1, 2, 0, 0x33)}),
            "instruction 0: opcode 0xdb has no variant for immediate 51");
  EXPECT_EQ(errorOf({Slot(0x3f, 1, 2, 7, 0)}),
            "instruction 0: opcode 0x3f has no variant for offset field 7");
  EXPECT_EQ(errorOf({Slot(0x85, 0, 9, 0, 1)}),
            "instruction 0: opcode 0x85 has no variant for source field 9");
  EXPECT_EQ(errorOf({Slot(0xbf, 1, 11, 0, 0)}),
            "instruction 0: register r11 does not exist");
  EXPECT_EQ(errorOf({Slot(0xb7, 10, 0, 0, 1)}),
            "instruction 0: writes the frame pointer r10, which is read-only");
  EXPECT_EQ(errorOf({Slot(0x0f, 1, 2, 0, 9)}),
            "instruction 0: immediate of opcode 0x0f must be zero but is 9");
  EXPECT_EQ(errorOf({Slot(0x95, 3, 0, 0, 0)}),
            "instruction 0: destination register field of opcode 0x95 must be "
            "zero but is 3");
  EXPECT_NE(errorOf({Slot(0x18, 3, 0, 0, 1)}).find("cut off"),
            std::string::npos);
  EXPECT_NE(errorOf({Slot(0x18, 3, 0, 0, 1), Slot(0xb7, 0, 0, 0, 0)})
                .find("second half"),
            std::string::npos);
  EXPECT_NE(errorOf({Slot(0x95, 0, 0, 0, 0)}, 4).find("outside"),
            std::string::npos);
}

TEST(BPFInstruction, Validate) {
  Slot Exit(0x95, 0, 0, 0, 0), Mov(0xb7, 0, 0, 0, 0);
  EXPECT_EQ(validated({Mov, Exit}), "");
  EXPECT_NE(validated({Mov}).find("past the end"), std::string::npos);
  EXPECT_NE(validated({Slot(0x05, 0, 0, 1, 0), Exit}).find("target 2"),
            std::string::npos);
  EXPECT_NE(
      validated({Slot(0x05, 0, 0, 1, 0), Slot(0x18, 1, 0, 0, 0), Slot(), Exit})
          .find("second half"),
      std::string::npos);
  EXPECT_NE(validated({}).find("no instructions"), std::string::npos);
}

TEST(BPFInstruction, BytesToSlots) {
  std::vector<uint8_t> Bytes = {0xb7, 0, 0, 0, 1, 0, 0, 0};
  llvm::Expected<std::vector<Slot>> Slots = slotsFromBytes(Bytes);
  ASSERT_TRUE(bool(Slots));
  EXPECT_EQ((*Slots)[0], Slot(0xb7, 0, 0, 0, 1));
  Bytes.push_back(0);
  EXPECT_EQ(llvm::toString(slotsFromBytes(Bytes).takeError()),
            "9 bytes are no whole number of 8-byte instructions");
}

/// The conformance vectors name the lowest instruction level of each program.
/// They say v3 for calls between functions and plain atomic adds, which clang
/// emits at v1.
TEST(BPFInstruction, CpuLevelOfConformanceVectors) {
  const char *Shared = std::getenv("NFPBPF_SHARED");
  if (!Shared)
    GTEST_SKIP() << "NFPBPF_SHARED is not set";
  auto File = llvm::MemoryBuffer::getFile(std::string(Shared) +
                                          "/conformance/dev.jsonl");
  ASSERT_TRUE(bool(File));
  llvm::SmallVector<llvm::StringRef> Lines;
  (*File)->getBuffer().split(Lines, '\n', -1, false);
  unsigned Programs = 0;
  for (llvm::StringRef Line : Lines) {
    llvm::Expected<llvm::json::Value> V = llvm::json::parse(Line);
    ASSERT_TRUE(bool(V)) << llvm::toString(V.takeError());
    const llvm::json::Object &O = *V->getAsObject();
    std::vector<Slot> Code;
    for (const llvm::json::Value &Hex : *O.getArray("insns")) {
      std::string Bytes = llvm::fromHex(*Hex.getAsString());
      Code.push_back((*slotsFromBytes(llvm::arrayRefFromStringRef(Bytes)))[0]);
    }
    unsigned Level = 1;
    for (uint32_t Index = 0; Index < Code.size();) {
      llvm::Expected<Instruction> I = decode(Code, Index);
      ASSERT_TRUE(bool(I)) << O.getString("name")->str() << ": "
                           << llvm::toString(I.takeError());
      bool SaidV3 = I->op() == Op::CallLocal || I->op() == Op::AtomicAdd;
      Level = std::max<unsigned>(Level, SaidV3 ? 3 : I->Info->Cpu);
      Index += I->slots();
    }
    EXPECT_EQ("v" + std::to_string(Level), O.getString("cpu")->str())
        << O.getString("name")->str();
    ++Programs;
  }
  EXPECT_EQ(Programs, 201u);
}

} // namespace
