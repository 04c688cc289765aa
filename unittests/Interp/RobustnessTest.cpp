//===- RobustnessTest.cpp - Programs that do not behave -----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The interpreter must end every run with a result or a fault, whatever the
// instructions are. A sanitizer build makes the most of this test.

#include "Build.h"
#include "nfpbpf/Object/BPF/BPFObject.h"
#include "nfpbpf/Runtime/Pcap.h"
#include "llvm/Support/FileSystem.h"
#include <cstdlib>

using namespace nfpbpf;
using namespace nfpbpf::interp;
using namespace nfpbpf::interp::test;

namespace {

TEST(InterpRobustness, RandomInstructions) {
  rt::Random Source(7);
  std::vector<uint8_t> Memory(64);
  Options O;
  O.InsnLimit = 2000;
  for (unsigned Round = 0; Round != 20000; ++Round) {
    Insns C;
    for (unsigned N = 0; N != 24; ++N) {
      uint64_t Word = uint64_t(Source.next()) << 32 | Source.next();
      // Small fields, so that instructions are often valid and stay inside.
      Word &= 0x0000000f000faaff | uint64_t(Source.next() & 0xff);
      C.push_back(Word);
    }
    C.push_back(test::exit());
    Result R = Interpreter::forCode(C, O).runOn(Memory);
    EXPECT_LE(R.Executed, O.InsnLimit);
    if (R.Error) {
      EXPECT_FALSE(R.Error->Message.empty());
    }
  }
}

/// Every XDP and TC program of the corpus as it is, and damaged.
TEST(InterpRobustness, CorpusAndDamagedCorpus) {
  const char *Shared = std::getenv("NFPBPF_SHARED");
  if (!Shared)
    GTEST_SKIP() << "NFPBPF_SHARED is not set";
  std::string Corpus = std::string(Shared) + "/corpus";
  auto Packets = rt::readPcap(Corpus + "/pcap/mixed.pcap");
  ASSERT_TRUE(bool(Packets)) << llvm::toString(Packets.takeError());
  Packets->resize(4);
  std::vector<std::string> Objects;
  std::error_code EC;
  for (llvm::sys::fs::recursive_directory_iterator It(Corpus + "/obj", EC), End;
       It != End && !EC; It.increment(EC))
    if (llvm::StringRef(It->path()).ends_with(".o"))
      Objects.push_back(It->path());
  llvm::sort(Objects);
  rt::Random Source(11);
  unsigned Runs = 0, Results = 0;
  for (const std::string &Path : Objects) {
    auto Object = object::BPFObject::load(Path);
    if (!Object) {
      llvm::consumeError(Object.takeError());
      continue;
    }
    for (uint32_t Index = 0; Index != Object->programs().size(); ++Index) {
      auto P = Object->link(Index);
      if (!P || (P->Type != object::ProgramType::XDP &&
                 P->Type != object::ProgramType::TC)) {
        if (!P)
          llvm::consumeError(P.takeError());
        continue;
      }
      rt::MapStore Maps;
      bool MapsFit = true;
      for (const object::MapInfo &Info : P->Maps)
        if (auto Added = Maps.addMap(mapSpec(Info)); !Added) {
          llvm::consumeError(Added.takeError());
          MapsFit = false;
        }
      rt::EventLog Events;
      rt::Random Rng;
      rt::PacketBuffer Buffer;
      World W{Buffer, Maps, Events, Rng};
      Options O;
      O.InsnLimit = 5000;
      for (unsigned Variant = 0; Variant != 4; ++Variant) {
        if (Variant != 0)
          P->Insns[Source.next() % P->Insns.size()] ^= uint64_t(1)
                                                       << Source.next() % 64;
        auto I = Interpreter::create(*P, O);
        ASSERT_TRUE(bool(I)) << llvm::toString(I.takeError());
        for (const rt::Packet &Packet : *Packets) {
          ASSERT_FALSE(bool(Buffer.load(Packet.Bytes)));
          Result R = I->run(W);
          ++Runs;
          if (!R.Error && Variant == 0 && MapsFit)
            ++Results;
        }
      }
    }
  }
  EXPECT_GT(Runs, 2000u);
  EXPECT_GT(Results, 400u);
  RecordProperty("runs", static_cast<int>(Runs));
  RecordProperty("results", static_cast<int>(Results));
}

} // namespace
