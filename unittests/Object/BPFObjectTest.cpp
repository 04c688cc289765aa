//===- BPFObjectTest.cpp - The object reader on made objects --------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/BPF/BPFObject.h"
#include "nfpbpf/ISA/BPF/MapTypes.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ObjectYAML/yaml2obj.h"
#include "llvm/Support/YAMLTraits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace nfpbpf::object;
using testing::HasSubstr;

namespace {

constexpr const char *Header = R"(
--- !ELF
FileHeader: {Class: ELFCLASS64, Data: ELFDATA2LSB, Type: ET_REL, Machine: EM_BPF}
)";

/// Makes an object of the YAML that follows the header.
SmallString<0> make(const std::string &Body, StringRef Head = Header) {
  SmallString<0> Storage;
  raw_svector_ostream OS(Storage);
  std::string Text = (Head + Body).str();
  yaml::Input In(Text);
  std::string Errors;
  bool Ok = yaml::convertYAML(
      In, OS, [&](const Twine &Message) { Errors += Message.str(); });
  EXPECT_TRUE(Ok) << Errors;
  return Storage;
}

Expected<BPFObject> parse(const std::string &Body, StringRef Head = Header) {
  SmallString<0> Bytes = make(Body, Head);
  return BPFObject::parse(MemoryBufferRef(Bytes, "test.o"));
}

/// Error text of reading, or of linking program 0.
std::string errorOf(const std::string &Body, StringRef Head = Header) {
  Expected<BPFObject> Object = parse(Body, Head);
  if (!Object)
    return toString(Object.takeError());
  Expected<LinkedProgram> L = Object->link(0);
  if (!L)
    return toString(L.takeError());
  return "";
}

std::string code(StringRef Name, StringRef Hex) {
  return ("  - {Name: " + Name + ", Type: SHT_PROGBITS, Flags: [SHF_ALLOC, " +
          "SHF_EXECINSTR], AddressAlign: 8, Content: '" + Hex + "'}\n")
      .str();
}

std::string data(StringRef Name, StringRef Hex) {
  return ("  - {Name: " + Name + ", Type: SHT_PROGBITS, Flags: [SHF_ALLOC, " +
          "SHF_WRITE], Content: '" + Hex + "'}\n")
      .str();
}

std::string rel(StringRef Section, uint64_t Offset, StringRef Symbol,
                StringRef Type) {
  return ("  - {Name: .rel" + Section.trim("'") + ", Type: SHT_REL, Info: " +
          Section + ", Link: .symtab, Relocations: [{Offset: " + Twine(Offset) +
          ", Symbol: " + Symbol + ", Type: " + Type + "}]}\n")
      .str();
}

std::string function(StringRef Name, StringRef Section, uint64_t Value,
                     uint64_t Size, StringRef Binding = "STB_GLOBAL") {
  return ("  - {Name: " + Name + ", Type: STT_FUNC, Section: " + Section +
          ", Binding: " + Binding + ", Value: " + Twine(Value) +
          ", Size: " + Twine(Size) + "}\n")
      .str();
}

std::string object(StringRef Name, StringRef Section, uint64_t Value) {
  return ("  - {Name: " + Name + ", Type: STT_OBJECT, Section: " + Section +
          ", Binding: STB_GLOBAL, Value: " + Twine(Value) + "}\n")
      .str();
}

const std::string Exit = "9500000000000000";                   // exit
const std::string Zero = "b700000000000000";                   // r0 = 0
const std::string LoadR1 = "18010000000000000000000000000000"; // r1 = 0 ll
const std::string CallNext = "85100000ffffffff"; // call of a symbol
const std::string S = "Sections:\n";
const std::string Y = "Symbols:\n";

TEST(BPFObjectTest, SmallestProgram) {
  Expected<BPFObject> Object =
      parse(S + code("xdp", Zero + Exit) + data("license", "47504c00") +
            data("version", "01020600") + Y + function("prog", "xdp", 0, 16));
  ASSERT_TRUE(bool(Object)) << toString(Object.takeError());
  EXPECT_EQ(Object->license(), "GPL");
  EXPECT_EQ(Object->kernelVersion(), 0x060201u);
  ASSERT_EQ(Object->programs().size(), 1u);
  const Program &P = Object->programs()[0];
  EXPECT_EQ(P.Name, "prog");
  EXPECT_EQ(P.Section, "xdp");
  EXPECT_EQ(P.Type, ProgramType::XDP);
  EXPECT_EQ(P.InsnCount, 2u);
  Expected<LinkedProgram> L = Object->link(0);
  ASSERT_TRUE(bool(L)) << toString(L.takeError());
  ASSERT_EQ(L->size(), 2u);
  EXPECT_EQ(L->Insns[0], 0xb7u);
  EXPECT_EQ(L->Insns[1], 0x95u);
  EXPECT_EQ(L->location(0), nullptr);
  EXPECT_EQ(L->sectionOffset(1), 8u);
  EXPECT_EQ(L->bytes().size(), 16u);
}

TEST(BPFObjectTest, ProgramTypes) {
  const std::pair<const char *, const char *> Cases[] = {
      {"xdp", "xdp"},
      {"xdp/devmap", "xdp"},
      {"xdp.frags", "xdp"},
      {"xdp.frags/cpumap", "xdp"},
      {"xdp_devmap/map", "xdp"},
      {"xdp_tx_iptunnel", "xdp"},
      {"xdp1", "xdp"},
      {"tc", "tc"},
      {"tc/ingress", "tc"},
      {"tcx/egress", "tc"},
      {"classifier", "tc"},
      {"action/mirror", "tc"},
      {"?tc", "tc"},
      {"42/0", "tc"},
      {"0xabccba/0", "tc"},
      {"socket", "socket"},
      {"kprobe/sys_write", "kprobe"},
      {"cgroup_skb/egress", "cgroup_skb"},
      {"aaa", "unknown"},
      {"l4lb-demo", "unknown"},
      {"tcp", "unknown"},
  };
  for (auto [Section, Type] : Cases) {
    std::string Quoted = "'" + std::string(Section) + "'";
    Expected<BPFObject> Object = parse(S + code(Quoted, Zero + Exit) + Y +
                                       function("prog", Quoted, 0, 16));
    ASSERT_TRUE(bool(Object)) << toString(Object.takeError());
    ASSERT_EQ(Object->programs().size(), 1u);
    EXPECT_EQ(Object->programs()[0].TypeName, Type) << Section;
    EXPECT_EQ(Object->programs()[0].IsOptional, *Section == '?');
    Expected<LinkedProgram> L = Object->link(0, ProgramType::TC);
    ASSERT_TRUE(bool(L));
    EXPECT_EQ(L->Type, ProgramType::TC);
  }
}

TEST(BPFObjectTest, LegacyMaps) {
  // Two definitions of 20 bytes; the program refers to the second.
  std::string Maps = "01000000040000000800000000010000"
                     "00000000"
                     "02000000040000001000000020000000"
                     "80000000";
  Expected<BPFObject> Object =
      parse(S + code("xdp", LoadR1 + Zero + Exit) +
            rel("xdp", 0, "second", "R_BPF_64_64") + data("maps", Maps) + Y +
            function("prog", "xdp", 0, 32) + object("first", "maps", 0) +
            object("second", "maps", 20));
  ASSERT_TRUE(bool(Object)) << toString(Object.takeError());
  ASSERT_EQ(Object->maps().size(), 2u);
  EXPECT_EQ(Object->maps()[0].Name, "first");
  EXPECT_EQ(nfpbpf::ebpf::mapTypeName(Object->maps()[0].Type), "hash");
  EXPECT_EQ(Object->maps()[0].MaxEntries, 256u);
  EXPECT_EQ(Object->maps()[0].Style, MapStyle::Legacy);
  Expected<LinkedProgram> L = Object->link(0);
  ASSERT_TRUE(bool(L)) << toString(L.takeError());
  ASSERT_EQ(L->Maps.size(), 1u);
  const MapInfo &M = L->Maps[0];
  EXPECT_EQ(M.Name, "second");
  EXPECT_EQ(M.Type, 2u);
  EXPECT_EQ(M.KeySize, 4u);
  EXPECT_EQ(M.ValueSize, 16u);
  EXPECT_EQ(M.MaxEntries, 32u);
  EXPECT_EQ(M.Flags, 0x80u);
  EXPECT_EQ(M.SectionOffset, 20u);
  EXPECT_EQ(L->Insns[0], 0x1118u); // source register 1, map 0
  const Reference *R = L->reference(0);
  ASSERT_NE(R, nullptr);
  EXPECT_EQ(R->Kind, RefKind::Map);
  EXPECT_EQ(R->Index, 0u);
  EXPECT_EQ(L->reference(1), nullptr);
}

TEST(BPFObjectTest, IProute2Maps) {
  // A program array with id 42 and pinning 2, 36 bytes.
  std::string Map = "0300000004000000040000000500000000000000"
                    "2a000000020000000000000000000000";
  Expected<BPFObject> Object =
      parse(S + code("42/3", Zero + Exit) + data("maps", Map) + Y +
            function("prog", "42/3", 0, 16) + object("jumps", "maps", 0));
  ASSERT_TRUE(bool(Object)) << toString(Object.takeError());
  const MapInfo &M = Object->maps()[0];
  EXPECT_EQ(M.Style, MapStyle::IProute2);
  EXPECT_EQ(M.Pinning, 2u);
  EXPECT_EQ(M.MaxEntries, 5u);
  ASSERT_EQ(M.Values.size(), 1u);
  EXPECT_EQ(M.Values[0].Index, 3u);
  EXPECT_TRUE(M.Values[0].IsProgram);
  EXPECT_EQ(M.Values[0].Symbol, "prog");
}

TEST(BPFObjectTest, GlobalData) {
  // The addend of a REL relocation stands in the instruction.
  std::string LoadPlus2 = "18010000020000000000000000000000";
  Expected<BPFObject> Object = parse(
      S + code("xdp", LoadPlus2 + Zero + Exit) +
      rel("xdp", 0, "value", "R_BPF_64_64") +
      "  - {Name: .rodata.cst, Type: SHT_PROGBITS, Flags: [SHF_ALLOC], "
      "Content: '0102030405060708'}\n" +
      Y + function("prog", "xdp", 0, 32) + object("value", ".rodata.cst", 4));
  ASSERT_TRUE(bool(Object)) << toString(Object.takeError());
  Expected<LinkedProgram> L = Object->link(0);
  ASSERT_TRUE(bool(L)) << toString(L.takeError());
  ASSERT_EQ(L->Maps.size(), 1u);
  EXPECT_TRUE(L->Maps[0].isReadOnlyData());
  EXPECT_EQ(L->Maps[0].Contents,
            (std::vector<uint8_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  const Reference *R = L->reference(0);
  ASSERT_NE(R, nullptr);
  EXPECT_EQ(R->Kind, RefKind::MapValue);
  EXPECT_EQ(R->Offset, 6u);
  EXPECT_EQ(L->Insns[0], 0x2118u);
  EXPECT_EQ(L->Insns[1], uint64_t(6) << 32);
}

TEST(BPFObjectTest, FunctionsInOrderOfFirstCall) {
  // entry calls b, then a; b calls c. In .text: a at 0, b at 8, c at 24.
  std::string Text = Exit + CallNext + Exit + Exit;
  std::string Entry = CallNext + CallNext + Exit;
  Expected<BPFObject> Object =
      parse(S + code("xdp", Entry) + code(".text", Text) +
            "  - {Name: .relxdp, Type: SHT_REL, Info: xdp, Link: .symtab, "
            "Relocations: [{Offset: 0, Symbol: b, Type: R_BPF_64_32}, "
            "{Offset: 8, Symbol: a, Type: R_BPF_64_32}]}\n" +
            rel(".text", 8, "c", "R_BPF_64_32") + Y +
            function("a", ".text", 0, 8, "STB_LOCAL") +
            function("b", ".text", 8, 16, "STB_LOCAL") +
            function("c", ".text", 24, 8, "STB_LOCAL") +
            function("entry", "xdp", 0, 24));
  ASSERT_TRUE(bool(Object)) << toString(Object.takeError());
  ASSERT_EQ(Object->programs().size(), 1u);
  Expected<LinkedProgram> L = Object->link(0);
  ASSERT_TRUE(bool(L)) << toString(L.takeError());
  ASSERT_EQ(L->Functions.size(), 4u);
  EXPECT_EQ(L->Functions[0].Name, "entry");
  EXPECT_EQ(L->Functions[1].Name, "b");
  EXPECT_EQ(L->Functions[2].Name, "c");
  EXPECT_EQ(L->Functions[3].Name, "a");
  EXPECT_EQ(L->size(), 7u);
  auto Target = [&](uint32_t I) {
    return int64_t(I) + 1 + int32_t(L->Insns[I] >> 32);
  };
  EXPECT_EQ(Target(0), 3); // b
  EXPECT_EQ(Target(1), 6); // a
  EXPECT_EQ(Target(3), 5); // c, from b
  EXPECT_EQ(L->functionOf(5).Name, "c");
  EXPECT_EQ(L->sectionOffset(5), 24u);
  EXPECT_EQ(L->reference(3)->Kind, RefKind::Call);
  EXPECT_EQ(L->reference(3)->Index, 2u);
}

TEST(BPFObjectTest, CallsWithoutRelocation) {
  // call +1 within the section; the callee is a local function there.
  std::string Body = S + code("tc", "8510000001000000" + Exit + Zero + Exit) +
                     Y + function("callee", "tc", 16, 16, "STB_LOCAL") +
                     function("prog", "tc", 0, 16);
  Expected<BPFObject> Object = parse(Body);
  ASSERT_TRUE(bool(Object)) << toString(Object.takeError());
  ASSERT_EQ(Object->programs().size(), 1u);
  EXPECT_EQ(Object->programs()[0].Name, "prog");
  Expected<LinkedProgram> L = Object->link(0);
  ASSERT_TRUE(bool(L)) << toString(L.takeError());
  EXPECT_EQ(L->Functions.size(), 2u);
  EXPECT_EQ(L->Insns[0] >> 32, 1u);
}

TEST(BPFObjectTest, ExternalFunction) {
  Expected<BPFObject> Object = parse(
      S + code("xdp", CallNext + Exit) + rel("xdp", 0, "kfunc", "R_BPF_64_32") +
      Y + function("prog", "xdp", 0, 16) +
      "  - {Name: kfunc, Binding: STB_GLOBAL}\n");
  ASSERT_TRUE(bool(Object)) << toString(Object.takeError());
  Expected<LinkedProgram> L = Object->link(0);
  ASSERT_TRUE(bool(L)) << toString(L.takeError());
  ASSERT_EQ(L->unresolved(0).size(), 1u);
  EXPECT_EQ(L->unresolved(0)[0].Kind, UnresolvedKind::ExternFunction);
  EXPECT_EQ(L->unresolved(0)[0].Name, "kfunc");
  EXPECT_TRUE(L->unresolved(1).empty());
}

TEST(BPFObjectTest, UntypedSymbols) {
  // Early compilers: no symbol type, no size.
  Expected<BPFObject> Object =
      parse(S + code("xdp", Zero + Exit + Exit) + Y +
            "  - {Name: one, Section: xdp, Binding: STB_GLOBAL}\n"
            "  - {Name: two, Section: xdp, Binding: STB_GLOBAL, Value: 16}\n");
  ASSERT_TRUE(bool(Object)) << toString(Object.takeError());
  ASSERT_EQ(Object->programs().size(), 2u);
  EXPECT_EQ(Object->programs()[0].InsnCount, 2u);
  EXPECT_EQ(Object->programs()[1].Name, "two");
  EXPECT_EQ(Object->programs()[1].InsnCount, 1u);
}

TEST(BPFObjectTest, FindProgram) {
  Expected<BPFObject> Object =
      parse(S + code("xdp", Exit) + code("tc", Exit) + Y +
            function("same", "xdp", 0, 8, "STB_LOCAL") +
            "  - {Name: 'same (1)', Type: STT_FUNC, Section: tc, Size: 8}\n");
  ASSERT_TRUE(bool(Object)) << toString(Object.takeError());
  EXPECT_THAT(toString(Object->findProgram("same").takeError()),
              HasSubstr("ambiguous"));
  Expected<uint32_t> Index = Object->findProgram("tc:same");
  ASSERT_TRUE(bool(Index)) << toString(Index.takeError());
  EXPECT_EQ(Object->programs()[*Index].Type, ProgramType::TC);
  EXPECT_THAT(toString(Object->findProgram("other").takeError()),
              HasSubstr("no program 'other'"));
}

TEST(BPFObjectTest, NotAnObject) {
  Expected<BPFObject> Object =
      BPFObject::parse(MemoryBufferRef("hello", "hello.o"));
  EXPECT_EQ(toString(Object.takeError()), "hello.o: not an ELF file");
  EXPECT_THAT(toString(BPFObject::load("/nonexistent/x.o").takeError()),
              HasSubstr("/nonexistent/x.o: "));
  EXPECT_THAT(errorOf(S + code("xdp", Exit), R"(
--- !ELF
FileHeader: {Class: ELFCLASS64, Data: ELFDATA2LSB, Type: ET_REL, Machine: EM_X86_64}
)"),
              HasSubstr("machine 62, not for eBPF"));
  EXPECT_THAT(errorOf(S + code("xdp", Exit), R"(
--- !ELF
FileHeader: {Class: ELFCLASS64, Data: ELFDATA2MSB, Type: ET_REL, Machine: EM_BPF}
)"),
              HasSubstr("not a little-endian ELF file"));
  EXPECT_THAT(errorOf(S + code("xdp", Exit), R"(
--- !ELF
FileHeader: {Class: ELFCLASS32, Data: ELFDATA2LSB, Type: ET_REL, Machine: EM_BPF}
)"),
              HasSubstr("not a 64-bit ELF file"));
}

TEST(BPFObjectTest, Errors) {
  const std::string Prog = Y + function("prog", "xdp", 0, 32);
  const std::string MapCode = code("xdp", LoadR1 + Zero + Exit);
  EXPECT_THAT(errorOf(S + MapCode + rel("xdp", 0, "prog", "0x63") + Prog),
              HasSubstr("section 'xdp', offset 0x0: unknown relocation type "
                        "99"));
  EXPECT_THAT(errorOf(S + MapCode + rel("xdp", 0, "77", "R_BPF_64_64") + Prog),
              HasSubstr("symbol 77, which does not exist"));
  EXPECT_THAT(
      errorOf(S + MapCode + rel("xdp", 400, "prog", "R_BPF_64_64") + Prog),
      HasSubstr("offset 0x190: R_BPF_64_64 outside of the section"));
  EXPECT_THAT(
      errorOf(S + MapCode + rel("xdp", 16, "prog", "R_BPF_64_64") + Prog),
      HasSubstr("offset 0x10: R_BPF_64_64 on an instruction that cannot have "
                "one (opcode 0xb7)"));
  EXPECT_THAT(
      errorOf(S + MapCode + rel("xdp", 8, "prog", "R_BPF_64_64") + Prog),
      HasSubstr("offset 0x8: R_BPF_64_64 inside an LD_IMM64"));
  EXPECT_THAT(
      errorOf(S + MapCode + rel("xdp", 0, "prog", "R_BPF_64_32") + Prog),
      HasSubstr("R_BPF_64_32 on an LD_IMM64"));
  EXPECT_THAT(errorOf(S + MapCode + rel("xdp", 0, "x", "R_BPF_64_64") +
                      data("other", "00000000") + Prog +
                      object("x", "other", 0)),
              HasSubstr("'x' (offset 0 of section 'other') is no map, function "
                        "or global data"));
  EXPECT_THAT(errorOf(S + MapCode + data("maps", "010203") + Prog +
                      object("m", "maps", 0)),
              HasSubstr("section 'maps', offset 0x0: 3 bytes do not hold 1 map "
                        "definitions"));
  EXPECT_THAT(errorOf(S + MapCode + data(".maps", "0000000000000000") + Prog +
                      object("m", ".maps", 0)),
              HasSubstr("map definitions without section .BTF"));
  EXPECT_THAT(errorOf(S + code("xdp", "1801000000000000") + Y +
                      function("prog", "xdp", 0, 8)),
              HasSubstr("LD_IMM64 is cut off"));
  EXPECT_THAT(errorOf(S + code("xdp", "8510000005000000" + Exit) + Y +
                      function("prog", "xdp", 0, 16)),
              HasSubstr("no function starts at offset 48 of section 'xdp'"));
  // A symbol's value and an addend that exceed 63 bits together.
  const std::string Far =
      function("prog", "xdp", 0, 24) + object("far", "xdp", 0x7fffffffffffffff);
  EXPECT_THAT(errorOf(S + code("xdp", "8510000001000000" + Zero + Exit) +
                      rel("xdp", 0, "far", "R_BPF_64_32") + Y + Far),
              HasSubstr("call of 'far': no function starts at offset"));
  EXPECT_THAT(errorOf(S +
                      code("xdp", "18010000080000000000000000000000" + Exit) +
                      rel("xdp", 0, "far", "R_BPF_64_64") + Y + Far),
              HasSubstr("call of 'far': no function starts at offset"));
  EXPECT_THAT(errorOf(S +
                      code("xdp", "1811000000000000"
                                  "0000000000000000") +
                      Y + function("prog", "xdp", 0, 16)),
              HasSubstr("LD_IMM64 with source register 1 has no relocation"));
  EXPECT_THAT(
      errorOf(S + code("xdp", Exit) + Y + function("prog", "xdp", 0, 800)),
      HasSubstr("function 'prog' of 800 bytes is outside"));
  EXPECT_THAT(errorOf(S + code("xdp", Exit + Exit) + Y +
                      function("a", "xdp", 0, 16) + function("b", "xdp", 8, 8)),
              HasSubstr("function 'a' overlaps the next one"));
  EXPECT_THAT(errorOf(S + code("xdp", Exit) +
                      "  - {Name: .bss, Type: SHT_NOBITS, Flags: [SHF_ALLOC], "
                      "Size: 0x7000000000000000}\n" +
                      Y + function("prog", "xdp", 0, 8)),
              HasSubstr("section '.bss', offset 0x0: more than 67108864 bytes "
                        "of global data"));
  EXPECT_THAT(errorOf(S + code("xdp", Exit) +
                      "  - {Name: .BTF, Type: SHT_PROGBITS, Content: "
                      "'aaaaaaaa'}\n" +
                      Y + function("prog", "xdp", 0, 8)),
              HasSubstr("section '.BTF', offset 0x0: too short"));
}

//===----------------------------------------------------------------------===//
// Raw instruction bytes
//===----------------------------------------------------------------------===//

std::vector<uint8_t> bytes(StringRef Hex) {
  std::string Raw = fromHex(Hex);
  return std::vector<uint8_t>(Raw.begin(), Raw.end());
}

TEST(LinkedProgramTest, FromBytes) {
  // call +2; r1 = func at +2 ll would need slots; exit; ...; callee.
  Expected<LinkedProgram> L = LinkedProgram::fromBytes(
      bytes("8510000001000000" + Exit + Zero + Exit), "raw", ProgramType::XDP);
  ASSERT_TRUE(bool(L)) << toString(L.takeError());
  ASSERT_EQ(L->Functions.size(), 2u);
  EXPECT_EQ(L->Functions[0].Name, "raw");
  EXPECT_EQ(L->Functions[0].Count, 2u);
  EXPECT_EQ(L->Functions[1].First, 2u);
  EXPECT_EQ(L->reference(0)->Kind, RefKind::Call);
  EXPECT_EQ(L->reference(0)->Index, 1u);
}

TEST(LinkedProgramTest, FromBytesWithMaps) {
  MapInfo M;
  M.Name = "m";
  std::string Load = "18110000000000000000000000000000";
  Expected<LinkedProgram> L = LinkedProgram::fromBytes(
      bytes(Load + Exit), "raw", ProgramType::XDP, {M});
  ASSERT_TRUE(bool(L)) << toString(L.takeError());
  EXPECT_EQ(L->reference(0)->Kind, RefKind::Map);
  EXPECT_EQ(
      toString(LinkedProgram::fromBytes(bytes(Load + Exit), "raw").takeError()),
      "raw: instruction 0: map 0 does not exist");
}

TEST(LinkedProgramTest, FromBytesErrors) {
  auto ErrorOf = [](StringRef Hex) {
    return toString(LinkedProgram::fromBytes(bytes(Hex), "raw").takeError());
  };
  EXPECT_EQ(ErrorOf(""), "raw: no instructions");
  EXPECT_EQ(ErrorOf("95000000"), "raw: 4 bytes are no multiple of 8");
  EXPECT_EQ(ErrorOf("1800000000000000"),
            "raw: instruction 0: LD_IMM64 is cut off");
  EXPECT_EQ(ErrorOf("8510000007000000" + Exit),
            "raw: instruction 0: function at 8 is outside of the program");
  EXPECT_EQ(ErrorOf("8510000001000000"
                    "1800000000000000"
                    "0000000000000000" +
                    Exit),
            "raw: function at 2 starts inside an LD_IMM64");
}

TEST(LinkedProgramTest, LocationsHoldWithinAFunction) {
  Expected<LinkedProgram> L = LinkedProgram::fromBytes(
      bytes("8510000002000000" + Zero + Exit + Zero + Exit), "raw");
  ASSERT_TRUE(bool(L));
  L->addLineRecord(1, {"a.c", 10, 3, "return 0;"});
  EXPECT_EQ(L->location(0), nullptr);
  ASSERT_NE(L->location(2), nullptr);
  EXPECT_EQ(L->location(2)->Line, 10u);
  EXPECT_EQ(L->location(2)->Text, "return 0;");
  EXPECT_EQ(L->location(3), nullptr); // another function
}

} // namespace
