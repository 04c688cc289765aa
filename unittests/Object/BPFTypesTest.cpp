//===- BPFTypesTest.cpp - BTF and its records -----------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../../lib/Object/BPF/BTF.h"
#include "../../lib/Object/BPF/BTFMaps.h"
#include "../../lib/Object/BPF/CoreMatch.h"

#include "llvm/ADT/STLExtras.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace nfpbpf::object;
using testing::HasSubstr;

namespace {

void put32(std::vector<uint8_t> &Out, uint32_t Value) {
  for (unsigned I = 0; I < 4; ++I)
    Out.push_back(static_cast<uint8_t>(Value >> (8 * I)));
}

/// Writes the format by hand. Ids count from 1 in order of the calls.
class Writer {
public:
  uint32_t name(StringRef Text) {
    uint32_t At = static_cast<uint32_t>(Strings.size());
    Strings.append(Text.begin(), Text.end());
    Strings.push_back('\0');
    return At;
  }
  uint32_t type(StringRef Name, BTFKind Kind, uint32_t VLen,
                uint32_t SizeOrType, std::vector<uint32_t> Extra = {}) {
    put32(Types, Name.empty() ? 0 : name(Name));
    put32(Types, uint32_t(Kind) << 24 | VLen);
    put32(Types, SizeOrType);
    for (uint32_t Word : Extra)
      put32(Types, Word);
    return ++Count;
  }
  std::vector<uint8_t> bytes() const {
    std::vector<uint8_t> Out = {0x9f, 0xeb, 1, 0};
    uint32_t TypeSize = static_cast<uint32_t>(Types.size());
    for (uint32_t Word :
         {24u, 0u, TypeSize, TypeSize, static_cast<uint32_t>(Strings.size())})
      put32(Out, Word);
    Out.insert(Out.end(), Types.begin(), Types.end());
    Out.insert(Out.end(), Strings.begin(), Strings.end());
    return Out;
  }
  BTF parse() const {
    Expected<BTF> T = BTF::parse(bytes());
    EXPECT_TRUE(bool(T)) << toString(T.takeError());
    return std::move(*T);
  }
  /// A pointer to an array of that many ints: a number in a map definition.
  uint32_t number(uint32_t Value, uint32_t Int) {
    uint32_t Array = type("", BTFKind::Array, 0, 0, {Int, Int, Value});
    return type("", BTFKind::Ptr, 0, Array);
  }

private:
  std::vector<uint8_t> Types;
  std::string Strings = std::string(1, '\0');
  uint32_t Count = 0;
};

TEST(BTFTest, SizesAndNames) {
  Writer W;
  uint32_t Int = W.type("unsigned int", BTFKind::Int, 0, 4, {32});
  uint32_t U32 = W.type("__u32", BTFKind::Typedef, 0, Int);
  uint32_t Const = W.type("", BTFKind::Const, 0, U32);
  uint32_t Array = W.type("", BTFKind::Array, 0, 0, {Const, Int, 5});
  uint32_t Nested = W.type("", BTFKind::Array, 0, 0, {Array, Int, 3});
  uint32_t S = W.type("flow", BTFKind::Struct, 0, 12);
  uint32_t P = W.type("", BTFKind::Ptr, 0, S);
  BTF T = W.parse();
  EXPECT_EQ(T.size(), 8u);
  EXPECT_EQ(T.sizeOf(Const), 4u);
  EXPECT_EQ(T.sizeOf(Nested), 60u);
  EXPECT_EQ(T.sizeOf(P), 8u);
  EXPECT_EQ(T.sizeOf(0), std::nullopt);
  EXPECT_EQ(T.sizeOf(99), std::nullopt);
  EXPECT_EQ(T.typeName(U32), "__u32");
  EXPECT_EQ(T.typeName(P), "struct flow *");
  EXPECT_EQ(T.skipModifiers(Const), Int);
}

TEST(BTFTest, CyclesEnd) {
  Writer W;
  W.type("a", BTFKind::Typedef, 0, 2);
  W.type("b", BTFKind::Typedef, 0, 1);
  W.type("", BTFKind::Array, 0, 0, {3, 3, 2});
  W.type("", BTFKind::Ptr, 0, 4);
  BTF T = W.parse();
  EXPECT_EQ(T.skipModifiers(1), std::nullopt);
  EXPECT_EQ(T.sizeOf(1), std::nullopt);
  EXPECT_EQ(T.sizeOf(3), std::nullopt);
  EXPECT_EQ(T.typeName(4), "type 4");
}

TEST(BTFTest, HugeArraysHaveNoSize) {
  Writer W;
  uint32_t Int = W.type("int", BTFKind::Int, 0, 4, {32});
  uint32_t A = W.type("", BTFKind::Array, 0, 0, {Int, Int, 0x10000});
  uint32_t B = W.type("", BTFKind::Array, 0, 0, {A, Int, 0x10000});
  BTF T = W.parse();
  EXPECT_EQ(T.sizeOf(A), 0x40000u);
  EXPECT_EQ(T.sizeOf(B), std::nullopt);
}

TEST(BTFTest, Errors) {
  Writer W;
  W.type("int", BTFKind::Int, 0, 4, {32});
  std::vector<uint8_t> Good = W.bytes();
  auto ErrorWith = [&](size_t At, uint8_t Value) {
    std::vector<uint8_t> Bad = Good;
    Bad[At] = Value;
    return toString(BTF::parse(Bad).takeError());
  };
  EXPECT_THAT(ErrorWith(0, 0), HasSubstr("wrong magic number"));
  EXPECT_THAT(ErrorWith(2, 9), HasSubstr("version 9 is not supported"));
  EXPECT_THAT(ErrorWith(4, 8), HasSubstr("bad header length 8"));
  EXPECT_THAT(ErrorWith(12, 200), HasSubstr("types goes past the end"));
  EXPECT_THAT(ErrorWith(12, 15), HasSubstr("type 1 is cut off"));
  EXPECT_THAT(ErrorWith(24 + 7, 30), HasSubstr("unknown kind 30"));
  EXPECT_THAT(ErrorWith(24, 77), HasSubstr("outside of the string table"));
  EXPECT_THAT(ErrorWith(Good.size() - 1, 'x'),
              HasSubstr("does not begin and end with 0"));
  for (size_t Size = 0; Size < Good.size(); ++Size)
    EXPECT_FALSE(
        toString(
            BTF::parse(ArrayRef<uint8_t>(Good).take_front(Size)).takeError())
            .empty());
}

TEST(BTFMapsTest, Definition) {
  Writer W;
  uint32_t Int = W.type("int", BTFKind::Int, 0, 4, {32});
  uint32_t Value = W.type("counters", BTFKind::Struct, 0, 24);
  uint32_t KeyPtr = W.type("", BTFKind::Ptr, 0, Int);
  uint32_t ValuePtr = W.type("", BTFKind::Ptr, 0, Value);
  uint32_t Hash = W.number(1, Int), Max = W.number(512, Int),
           Flags = W.number(1, Int), Four = W.number(4, Int);
  auto Member = [&](StringRef Name, uint32_t Type, uint32_t Bits) {
    return std::vector<uint32_t>{W.name(Name), Type, Bits};
  };
  std::vector<uint32_t> Members;
  uint32_t Bits = 0;
  for (auto [Name, Type] :
       std::initializer_list<std::pair<StringRef, uint32_t>>{
           {"type", Hash},
           {"max_entries", Max},
           {"key", KeyPtr},
           {"key_size", Four},
           {"value", ValuePtr},
           {"map_flags", Flags}}) {
    llvm::append_range(Members, Member(Name, Type, Bits));
    Bits += 64;
  }
  uint32_t Struct = W.type("", BTFKind::Struct, 6, 48, Members);
  uint32_t Var = W.type("flows", BTFKind::Var, 0, Struct, {1});
  BTF T = W.parse();
  Expected<BTFMapDefinition> D = decodeBTFMap(T, Var);
  ASSERT_TRUE(bool(D)) << toString(D.takeError());
  EXPECT_EQ(D->Map.Type, 1u);
  EXPECT_EQ(D->Map.KeySize, 4u);
  EXPECT_EQ(D->Map.ValueSize, 24u);
  EXPECT_EQ(D->Map.MaxEntries, 512u);
  EXPECT_EQ(D->Map.Flags, 1u);
  EXPECT_EQ(D->Map.KeyTypeName, "int");
  EXPECT_EQ(D->Map.ValueTypeName, "struct counters");
  EXPECT_EQ(D->Size, 48u);
  EXPECT_FALSE(D->ValuesOffset.has_value());
}

TEST(BTFMapsTest, Errors) {
  auto ErrorOf = [](StringRef Name, bool IsNumber) {
    Writer W;
    uint32_t Int = W.type("int", BTFKind::Int, 0, 4, {32});
    uint32_t Type = IsNumber ? W.number(2, Int) : Int;
    uint32_t Struct =
        W.type("", BTFKind::Struct, 1, 8, {W.name(Name), Type, 0});
    uint32_t Var = W.type("m", BTFKind::Var, 0, Struct, {1});
    BTF T = W.parse();
    return toString(decodeBTFMap(T, Var).takeError());
  };
  EXPECT_EQ(ErrorOf("colour", true), "unknown member 'colour'");
  EXPECT_EQ(ErrorOf("type", false), "member 'type' has no number for its type");
  EXPECT_EQ(ErrorOf("key", false), "member 'key' is no pointer");
  EXPECT_EQ(ErrorOf("max_entries", true), "the definition has no map type");
  EXPECT_EQ(ErrorOf("values", false), "member 'values' is no array");
}

TEST(BTFExtTest, Records) {
  Writer W;
  uint32_t Section = W.name("xdp"), File = W.name("a.c"),
           Text = W.name("  return 0;");
  BTF T = W.parse();
  std::vector<uint8_t> Out = {0x9f, 0xeb, 1, 0};
  // Header of 24 bytes: function records (20 bytes), line records (44 bytes).
  for (uint32_t Word : {24u, 0u, 20u, 20u, 44u})
    put32(Out, Word);
  for (uint32_t Word : {8u, Section, 1u, 0u, 5u})
    put32(Out, Word);
  for (uint32_t Word : {16u, Section, 2u, 8u, File, Text, 12u << 10 | 3, 0u,
                        File, Text, 11u << 10 | 1})
    put32(Out, Word);
  Expected<BTFExt> E = BTFExt::parse(Out, T);
  ASSERT_TRUE(bool(E)) << toString(E.takeError());
  EXPECT_EQ(E->section("tc"), nullptr);
  const BTFExtSection *S = E->section("xdp");
  ASSERT_NE(S, nullptr);
  ASSERT_EQ(S->Funcs.size(), 1u);
  EXPECT_EQ(S->Funcs[0].Type, 5u);
  ASSERT_EQ(S->Lines.size(), 2u); // sorted by offset
  EXPECT_EQ(S->Lines[0].Offset, 0u);
  EXPECT_EQ(S->Lines[0].Line, 11u);
  EXPECT_EQ(S->Lines[1].Line, 12u);
  EXPECT_EQ(S->Lines[1].Column, 3u);
  EXPECT_TRUE(S->Cores.empty());

  // A count that does not fit, and a record size that is too small.
  std::vector<uint8_t> Bad = Out;
  Bad[24 + 8] = 9;
  EXPECT_THAT(toString(BTFExt::parse(Bad, T).takeError()),
              HasSubstr("function records: 9 records do not fit the table"));
  Bad = Out;
  Bad[24] = 4;
  EXPECT_THAT(toString(BTFExt::parse(Bad, T).takeError()),
              HasSubstr("function records: bad record size 4"));
  for (size_t Size = 0; Size < Out.size(); ++Size)
    EXPECT_FALSE(
        toString(BTFExt::parse(ArrayRef<uint8_t>(Out).take_front(Size), T)
                     .takeError())
            .empty());
}

TEST(CoreMatchTest, EssentialName) {
  EXPECT_EQ(essentialName("flow"), "flow");
  EXPECT_EQ(essentialName("flow___old"), "flow");
  EXPECT_EQ(essentialName("flow___very___old"), "flow___very");
  // Three underscores, no more and no less, between two other characters.
  EXPECT_EQ(essentialName("flow__old"), "flow__old");
  EXPECT_EQ(essentialName("flow____old"), "flow____old");
  EXPECT_EQ(essentialName("___old"), "___old");
  EXPECT_EQ(essentialName("flow___"), "flow___");
  EXPECT_EQ(essentialName(""), "");
}

} // namespace
