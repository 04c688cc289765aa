//===- PacketTest.cpp - Programs on packets and maps --------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Build.h"
#include "nfpbpf/Object/BPF/BPFObject.h"
#include "nfpbpf/Runtime/Pcap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cstdlib>

using namespace nfpbpf;
using namespace nfpbpf::interp;
using namespace nfpbpf::interp::test;

namespace {

/// A world with a 64-byte packet whose bytes count up, and three maps.
class InterpPacket : public testing::Test {
protected:
  rt::PacketBuffer Packet;
  rt::MapStore Maps;
  rt::EventLog Events;
  rt::Random Rng;
  World W{Packet, Maps, Events, Rng};

  enum : uint32_t { HashMap, ArrayMap, PerfMap, ReadOnlyMap };

  void SetUp() override {
    std::vector<uint8_t> Frame(64);
    for (size_t At = 0; At != Frame.size(); ++At)
      Frame[At] = static_cast<uint8_t>(At);
    llvm::cantFail(Packet.load(Frame));
    add("flows", rt::Hash, 4, 8, 2);
    add("counters", rt::Array, 4, 8, 4);
    add("events", rt::PerfEventArray, 4, 4, 0);
    rt::MapSpec Data{".rodata", rt::Array, 4, 8, 1, 0, true, {1, 2, 3, 4}};
    llvm::cantFail(Maps.addMap(Data));
  }

  void add(const char *Name, uint32_t Type, uint32_t Key, uint32_t Value,
           uint32_t Entries) {
    llvm::cantFail(
        Maps.addMap({Name, Type, Key, Value, Entries, 0, false, {}}));
  }

  Result run(Insns C, object::ProgramType Type = object::ProgramType::XDP,
             const Options &O = {}) {
    object::LinkedProgram P;
    P.Name = "test";
    P.Type = Type;
    P.Insns = std::move(C);
    llvm::Expected<Interpreter> I = Interpreter::create(P, O);
    if (!I) {
      ADD_FAILURE() << llvm::toString(I.takeError());
      return {};
    }
    return I->run(W);
  }
  std::string fault(Insns C,
                    object::ProgramType Type = object::ProgramType::XDP) {
    Result R = run(std::move(C), Type);
    if (!R.Error)
      return "none";
    EXPECT_EQ(R.Verdict, rt::Verdict::Aborted);
    return std::to_string(R.Error->Insn) + ": " + R.Error->Message;
  }
};

TEST_F(InterpPacket, DirectAccessAndVerdict) {
  // r2 = data, r3 = data_end; r0 = the u16 at 12; the packet is 64 bytes long.
  Insns C = {insn(0x61, 2, 1, 0, 0),  insn(0x61, 3, 1, 4, 0),
             insn(0x69, 0, 2, 12, 0), movReg(4, 3),
             insn(0x1f, 4, 2, 0, 0),  insn(0x67, 4, 0, 0, 16),
             insn(0x4f, 0, 4, 0, 0),  exit()};
  Result R = run(C);
  ASSERT_FALSE(R.Error) << R.Error->Message;
  EXPECT_EQ(R.R0, 0x400d0cu);                 // 64 << 16 | bytes 12 and 13
  EXPECT_EQ(R.Verdict, rt::Verdict::Aborted); // no XDP action
  EXPECT_EQ(run({mov(0, 2), exit()}).Verdict, rt::Verdict::Pass);
  EXPECT_EQ(run({mov(0, 3), exit()}).Verdict, rt::Verdict::Tx);
  EXPECT_EQ(run({mov(0, 5), exit()}, object::ProgramType::TC).Verdict,
            rt::Verdict::Stolen);

  // The packet's last byte can be written, the one behind it cannot.
  EXPECT_FALSE(run({insn(0x61, 2, 1, 4, 0), insn(0x72, 2, 0, -1, 0xaa),
                    mov(0, 1), exit()})
                   .Error);
  EXPECT_EQ(Packet.frame()[63], 0xaa);
  EXPECT_EQ(fault({insn(0x61, 2, 1, 4, 0), insn(0x72, 2, 0, 0, 1), exit()}),
            "1: write of 1 byte at packet offset 64 of 64-byte packet: outside "
            "the packet");
  EXPECT_EQ(fault({insn(0x61, 2, 1, 0, 0), insn(0x71, 2, 2, -1, 0), exit()}),
            "1: read of 1 byte at packet offset -1 of 64-byte packet: outside "
            "the packet");
}

TEST_F(InterpPacket, ContextFields) {
  Options O;
  O.IngressIfindex = 7;
  O.RxQueueIndex = 9;
  auto Load = [&](int Off, object::ProgramType T, uint8_t Code = 0x61) {
    Result R = run({insn(Code, 0, 1, Off, 0), exit()}, T, O);
    EXPECT_FALSE(R.Error) << R.Error->Message;
    return R.R0;
  };
  auto XDP = object::ProgramType::XDP, TC = object::ProgramType::TC;
  EXPECT_EQ(Load(4, XDP) - Load(0, XDP), 64u);
  EXPECT_LT(Load(4, XDP), uint64_t(1) << 32);
  EXPECT_EQ(Load(8, XDP), Load(0, XDP));
  EXPECT_EQ(Load(12, XDP), 7u);
  EXPECT_EQ(Load(16, XDP), 9u);
  EXPECT_EQ(Load(0, TC), 64u);
  EXPECT_EQ(Load(80, TC) - Load(76, TC), 64u);
  EXPECT_EQ(Load(16, TC), 0x0d0cu);     // the ethertype's bytes
  EXPECT_EQ(Load(17, TC, 0x71), 0x0du); // a part of a field
  EXPECT_EQ(fault({insn(0x79, 0, 1, 0, 0), exit()}),
            "0: read of 8 bytes at context offset 0: the context has no such "
            "readable field");
  EXPECT_EQ(fault({insn(0x61, 0, 1, 20, 0), exit()}),
            "0: read of 4 bytes at context offset 20: the context has no such "
            "readable field");
  EXPECT_EQ(fault({insn(0x62, 1, 0, 0, 0), exit()}),
            "0: write of 4 bytes at context offset 0: the context has no such "
            "writable field");
  // Queue selection: what does not fit a byte is 64.
  EXPECT_EQ(run({insn(0x62, 1, 0, 16, 5), exit()}).Queue, 5);
  EXPECT_EQ(run({insn(0x62, 1, 0, 16, 256), exit()}).Queue, 64);
  EXPECT_EQ(run({exit()}).Queue, std::nullopt);
  // cb[] of a TC program keeps what was stored.
  Result R =
      run({insn(0x62, 1, 0, 52, 77), insn(0x61, 0, 1, 52, 0), exit()}, TC);
  EXPECT_FALSE(R.Error);
  EXPECT_EQ(R.R0, 77u);
}

TEST_F(InterpPacket, LegacyLoads) {
  auto Run = [&](uint64_t Load, object::ProgramType T) {
    return run({movReg(6, 1), mov(7, 2), Load, exit()}, T);
  };
  auto XDP = object::ProgramType::XDP, TC = object::ProgramType::TC;
  EXPECT_EQ(Run(insn(0x20, 0, 0, 0, 12), TC).R0, 0x0c0d0e0fu); // big-endian
  EXPECT_EQ(Run(insn(0x28, 0, 0, 0, 12), TC).R0, 0x0c0du);
  EXPECT_EQ(Run(insn(0x30, 0, 0, 0, 63), TC).R0, 63u);
  EXPECT_EQ(Run(insn(0x50, 0, 7, 0, 10), TC).R0, 12u); // indirect: r7 + 10
  EXPECT_EQ(Run(insn(0x50, 0, 7, 0, -2), TC).R0, 0u);
  // Out of bounds ends the program: TC passes, XDP aborts.
  Result R = Run(insn(0x20, 0, 0, 0, 61), TC);
  EXPECT_FALSE(R.Error);
  EXPECT_TRUE(R.Aborted);
  EXPECT_EQ(R.R0, 0u);
  EXPECT_EQ(R.Verdict, rt::Verdict::Pass);
  R = Run(insn(0x50, 0, 7, 0, -3), XDP);
  EXPECT_TRUE(R.Aborted);
  EXPECT_EQ(R.Verdict, rt::Verdict::Aborted);
  EXPECT_EQ(fault({insn(0x20, 0, 0, 0, 12), exit()}),
            "0: legacy packet load without the context pointer in r6");
}

TEST_F(InterpPacket, MapHelpers) {
  // update(flows, 5, 0x1122), lookup, add 1 through the pointer atomically.
  Insns C = {insn(0x62, 10, 0, -4, 5), insn(0x7a, 10, 0, -16, 0x1122)};
  mapHandle(C, 1, HashMap);
  C.insert(C.end(), {movReg(2, 10), insn(0x07, 2, 0, 0, -4), movReg(3, 10),
                     insn(0x07, 3, 0, 0, -16), mov(4, 1), call(2)});
  Insns UpdateOnly = C;
  UpdateOnly.push_back(exit());
  mapHandle(C, 1, HashMap);
  C.insert(C.end(), {movReg(2, 10), insn(0x07, 2, 0, 0, -4), call(1),
                     insn(0x55, 0, 0, 1, 0), exit(), mov(1, 1),
                     insn(0xdb, 0, 1, 0, 0), insn(0x79, 0, 0, 0, 0), exit()});
  Result R = run(C);
  ASSERT_FALSE(R.Error) << R.Error->Message;
  EXPECT_EQ(R.R0, 0x1123u);
  EXPECT_EQ(run(UpdateOnly).R0, uint64_t(-17)); // NOEXIST and there is one
  EXPECT_EQ(Maps.hostLookup(HashMap, {5, 0, 0, 0}),
            (std::vector<uint8_t>{0x23, 0x11, 0, 0, 0, 0, 0, 0}));

  // Beyond the value is nothing.
  Insns D = {insn(0x62, 10, 0, -4, 1)};
  mapHandle(D, 1, ArrayMap);
  D.insert(D.end(), {movReg(2, 10), insn(0x07, 2, 0, 0, -4), call(1),
                     insn(0x61, 0, 0, 5, 0), exit()});
  EXPECT_EQ(fault(D), "6: read of 4 bytes at byte 29 of the memory of map "
                      "counters: outside every region");
  // Index out of range.
  D[0] = insn(0x62, 10, 0, -4, 4);
  EXPECT_EQ(fault(D), "6: read of 4 bytes at null pointer plus 5: outside "
                      "every region");
  // Delete, on a hash and on an array.
  for (auto [Map, Expected] :
       {std::pair<uint32_t, int>{HashMap, 0}, {HashMap, -2}, {ArrayMap, -22}}) {
    Insns E = {insn(0x62, 10, 0, -4, 5)};
    mapHandle(E, 1, Map);
    E.insert(E.end(),
             {movReg(2, 10), insn(0x07, 2, 0, 0, -4), call(3), exit()});
    EXPECT_EQ(static_cast<int64_t>(run(E).R0), Expected);
  }
}

TEST_F(InterpPacket, HelperArguments) {
  EXPECT_EQ(fault({mov(1, 5), call(1), exit()}),
            "1: helper argument 0x5 is no map");
  Insns C;
  mapHandle(C, 1, HashMap);
  C.insert(C.end(), {movReg(2, 10), call(1), exit()});
  EXPECT_EQ(fault(C), "3: read of 4 bytes at r10+0 of frame 0 (512 bytes): "
                      "outside the stack frame");
  EXPECT_EQ(fault({call(12), exit()}),
            "0: helper 12 is not available on the card");
  EXPECT_EQ(fault({call(44), exit()}, object::ProgramType::TC),
            "0: helper 44 is only for XDP programs");
  EXPECT_EQ(fault({mov(1, 0), call(44), exit()}),
            "1: first helper argument is not the context pointer");
  // Arguments do not survive a helper.
  EXPECT_NE(run({mov(2, 1), call(7), movReg(0, 2), exit()}).R0, 1u);
}

TEST_F(InterpPacket, ReadOnlyData) {
  Insns C = {insn(0x18, 1, 2, 0, ReadOnlyMap), uint64_t(1) << 32,
             insn(0x69, 0, 1, 0, 0), exit()};
  EXPECT_EQ(run(C).R0, 0x0302u);
  C[2] = insn(0x72, 1, 0, 0, 0);
  EXPECT_EQ(fault(C), "2: write of 1 byte at byte 9 of the memory of map "
                      ".rodata: the map is read-only");
}

TEST_F(InterpPacket, AdjustAndEvents) {
  Insns C = {movReg(6, 1), mov(2, -20), call(44),
             movReg(1, 6), mov(2, -4),  call(65)};
  C.push_back(movReg(1, 6));
  mapHandle(C, 2, PerfMap);
  imm64(C, 3, uint64_t(16) << 32 | 0xffffffff);
  C.insert(C.end(), {insn(0x7a, 10, 0, -8, 0x55), movReg(4, 10),
                     insn(0x07, 4, 0, 0, -8), mov(5, 8), call(25), exit()});
  Events.CurrentPacket = 3;
  uint8_t FirstNew = Packet.buffer()[116];
  Result R = run(C);
  ASSERT_FALSE(R.Error) << R.Error->Message;
  EXPECT_EQ(R.R0, 0u);
  EXPECT_EQ(Packet.length(), 80u);
  EXPECT_EQ(Packet.offset(), 116u);
  ASSERT_EQ(Events.events().size(), 1u);
  const rt::Event &E = Events.events()[0];
  EXPECT_EQ(E.Map, PerfMap);
  EXPECT_EQ(E.PacketNumber, 3u);
  EXPECT_EQ(E.Packet.size(), 16u);
  EXPECT_EQ(E.Packet[0], FirstNew);
  EXPECT_EQ(E.Data, (std::vector<uint8_t>{0x55, 0, 0, 0, 0, 0, 0, 0}));

  // 92 bytes more do not fit: -22 and no change.
  R = run({mov(2, -92), call(44), exit()});
  EXPECT_EQ(static_cast<int64_t>(R.R0), -22);
  EXPECT_EQ(Packet.offset(), 116u);
}

TEST_F(InterpPacket, UnresolvedAndOtherPrograms) {
  object::LinkedProgram P;
  P.Name = "f";
  P.Type = object::ProgramType::XDP;
  P.Insns = {call(1), exit()};
  P.UnresolvedList.push_back({0, object::UnresolvedKind::ExternFunction,
                              "bpf_kfunc", "call of bpf_kfunc"});
  llvm::Expected<Interpreter> I = Interpreter::create(P);
  ASSERT_TRUE(bool(I));
  Result R = I->run(W);
  ASSERT_TRUE(R.Error);
  EXPECT_EQ(R.Error->K, Fault::Kind::Unresolved);
  EXPECT_EQ(describe(P, *R.Error),
            "program f, instruction 0: call of bpf_kfunc");
  P.Type = object::ProgramType::Other;
  EXPECT_EQ(llvm::toString(Interpreter::create(P).takeError()),
            "program f: only XDP and TC programs can be interpreted");
}

/// Real programs over real traffic: nothing may leave its bounds, since all of
/// these pass the kernel's verifier.
TEST(InterpCorpus, PortsRunWithoutFault) {
  const char *Shared = std::getenv("NFPBPF_SHARED");
  if (!Shared)
    GTEST_SKIP() << "NFPBPF_SHARED is not set";
  std::string Corpus = std::string(Shared) + "/corpus";
  std::vector<std::string> Objects;
  std::error_code EC;
  for (llvm::sys::fs::recursive_directory_iterator
           It(Corpus + "/obj/linux-ports", EC),
       End;
       It != End && !EC; It.increment(EC))
    if (llvm::StringRef(It->path()).ends_with(".o"))
      Objects.push_back(It->path());
  ASSERT_FALSE(bool(EC)) << EC.message();
  llvm::sort(Objects);
  ASSERT_GE(Objects.size(), 20u);
  std::vector<rt::Packet> Packets;
  for (const char *Trace : {"mixed", "loadbalancer", "malformed"}) {
    auto Read = rt::readPcap(Corpus + "/pcap/" + Trace + ".pcap");
    ASSERT_TRUE(bool(Read)) << llvm::toString(Read.takeError());
    Packets.insert(Packets.end(), Read->begin(), Read->end());
  }

  unsigned Programs = 0;
  for (const std::string &Path : Objects) {
    auto Object = object::BPFObject::load(Path);
    ASSERT_TRUE(bool(Object)) << llvm::toString(Object.takeError());
    for (uint32_t Index = 0; Index != Object->programs().size(); ++Index) {
      auto P = Object->link(Index);
      ASSERT_TRUE(bool(P)) << llvm::toString(P.takeError());
      // It needs tunnel keys and redirects, which no card has.
      if (llvm::StringRef(Path).ends_with("l4lb_tc.o"))
        continue;
      auto I = Interpreter::create(*P);
      ASSERT_TRUE(bool(I)) << llvm::toString(I.takeError());
      rt::MapStore Maps;
      for (const object::MapInfo &Info : P->Maps)
        ASSERT_TRUE(bool(Maps.addMap(mapSpec(Info))));
      rt::EventLog Events;
      rt::Random Rng;
      rt::PacketBuffer Buffer;
      World W{Buffer, Maps, Events, Rng};
      for (const rt::Packet &Packet : Packets) {
        ASSERT_FALSE(bool(Buffer.load(Packet.Bytes)));
        Result R = I->run(W);
        ASSERT_FALSE(R.Error) << Path << ": " << describe(*P, *R.Error);
      }
      ++Programs;
    }
  }
  EXPECT_GE(Programs, 20u);
}

} // namespace
