//===- SimFixture.h - A machine for tests -----------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_UNITTESTS_SIM_SIMFIXTURE_H
#define NFPBPF_UNITTESTS_SIM_SIMFIXTURE_H

#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include "nfpbpf/Sim/Machine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nfpbpf::sim {

/// Sets A0 to "pass" and leaves; no flags and no other register change.
inline const char *const PassExit[] = {"immed[gprA_0, 0x11, <<16]", "br[.1]"};

inline std::vector<uint64_t> assemble(const std::vector<std::string> &Lines) {
  std::vector<uint64_t> Words;
  for (const std::string &Line : Lines) {
    llvm::Expected<isa::Instruction> I = isa::parse(Line);
    if (!I) {
      ADD_FAILURE() << Line << ": " << llvm::toString(I.takeError());
      continue;
    }
    llvm::Expected<uint64_t> W = isa::encode(*I);
    if (!W) {
      ADD_FAILURE() << Line << ": " << llvm::toString(W.takeError());
      continue;
    }
    Words.push_back(isa::addECC(*W));
  }
  return Words;
}

class SimFixture : public testing::Test {
protected:
  Profile P;
  rt::MapStore Maps;
  rt::EventLog Events;
  rt::Random Random;
  rt::PacketBuffer Packet;
  MachineOptions Options;
  std::unique_ptr<Machine> M;
  LoadInfo Load;
  PacketResult Last;

  void SetUp() override {
    llvm::Expected<Profile> E = loadProfile("agilio");
    ASSERT_TRUE(bool(E)) << llvm::toString(E.takeError());
    P = *E;
    Load = LoadInfo::fromProfile(P);
    setFrame(60);
  }

  void setFrame(unsigned Length) {
    std::vector<uint8_t> Bytes(Length);
    for (unsigned I = 0; I < Length; ++I)
      Bytes[I] = static_cast<uint8_t>(I);
    setFrame(Bytes);
  }
  void setFrame(llvm::ArrayRef<uint8_t> Bytes) {
    llvm::Error E = Packet.load(Bytes);
    ASSERT_FALSE(bool(E)) << llvm::toString(std::move(E));
  }

  Machine &machine() {
    if (!M)
      M = std::make_unique<Machine>(P, Maps, Events, Random, Options);
    return *M;
  }
  void loadWords(llvm::ArrayRef<uint64_t> Words) {
    llvm::Error E = machine().loadProgram(Words, Load);
    ASSERT_FALSE(bool(E)) << llvm::toString(std::move(E));
  }
  void load(std::vector<std::string> Lines, bool AddExit = true) {
    if (AddExit)
      Lines.insert(Lines.end(), std::begin(PassExit), std::end(PassExit));
    loadWords(assemble(Lines));
  }
  /// Loads and runs one packet.
  PacketResult run(std::vector<std::string> Lines, bool AddExit = true) {
    load(std::move(Lines), AddExit);
    Last = machine().runPacket(Packet);
    return Last;
  }
  /// As run(), and expects no fault.
  void good(std::vector<std::string> Lines, bool AddExit = true) {
    run(std::move(Lines), AddExit);
    EXPECT_EQ(Last.FaultCount, 0u)
        << (machine().faults().empty() ? "" : machine().faults().back().str());
    // The words' costs are those of the packets.
    const PacketCost &Total = machine().statistics().Cost;
    WordCost Sum;
    for (const WordCost &W : machine().wordCosts())
      Sum += W;
    EXPECT_EQ(Sum.Executed, Total.Instructions);
    EXPECT_EQ(Sum.Cycles, Total.ProgramCycles);
    EXPECT_EQ(Sum.MemoryWaits, Total.MemoryWaits);
    EXPECT_EQ(Sum.HelperCycles, Total.HelperCycles);
  }
  /// As run(), and expects the first fault to be of a kind, at a word.
  void faults(FaultKind Kind, unsigned Word, std::vector<std::string> Lines,
              bool AddExit = true) {
    run(std::move(Lines), AddExit);
    ASSERT_FALSE(machine().faults().empty()) << "no fault at all";
    const Fault &F = machine().faults().front();
    EXPECT_EQ(F.Kind, Kind) << F.str();
    EXPECT_EQ(F.Word, Word) << F.str();
    EXPECT_TRUE(Last.Faulted);
    EXPECT_EQ(Last.Verdict, rt::Verdict::Aborted);
  }
  uint32_t a(unsigned N) { return machine().readRegister(RegFile::A, N); }
  uint32_t b(unsigned N) { return machine().readRegister(RegFile::B, N); }
  uint32_t undefA(unsigned N) { return machine().undefinedBits(RegFile::A, N); }
  void setA(unsigned N, uint32_t V) { machine().preset(RegFile::A, N, V); }
  void setB(unsigned N, uint32_t V) { machine().preset(RegFile::B, N, V); }
  std::string flags() {
    Machine::Flags F = machine().readFlags();
    std::string S;
    S += F.N ? "N1 " : "N0 ";
    S += F.Z ? "Z1 " : "Z0 ";
    S += F.C ? "C1 " : "C0 ";
    S += F.V ? "V1" : "V0";
    return S;
  }
  std::string firstFault() {
    return machine().faults().empty() ? "" : machine().faults().front().str();
  }
};

} // namespace nfpbpf::sim

#endif // NFPBPF_UNITTESTS_SIM_SIMFIXTURE_H
