//===- KernelImageTest.cpp - Images of the kernel's translator ------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs what the kernel driver's translator makes of real programs over a packet
// trace, with empty maps and again with maps filled from the traffic. Its
// images are independent evidence: they must run without a fault, but for the
// spots where the translator is known to rely on undefined behaviour.
//
// Needs NFPBPF_SHARED (folder with the corpus) and the translator in
// NFP_PEERS/bin (default: .cache/nfp-peers in the home directory).
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/NFP/NFPImage.h"
#include "nfpbpf/Runtime/Pcap.h"
#include "nfpbpf/Sim/Machine.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <cstdlib>
#include <set>

using namespace llvm;
using namespace nfpbpf;
using namespace nfpbpf::sim;

namespace {

struct Tools {
  std::string Shared, Translator;
};

/// What the test needs, or an empty string in Shared.
Tools findTools() {
  Tools T;
  const char *Shared = std::getenv("NFPBPF_SHARED");
  if (!Shared)
    return T;
  SmallString<128> Peers;
  if (const char *Dir = std::getenv("NFP_PEERS")) {
    Peers = Dir;
  } else if (const char *Home = std::getenv("HOME")) {
    Peers = Home;
    sys::path::append(Peers, ".cache", "nfp-peers");
  }
  sys::path::append(Peers, "bin", "knfp-jit");
  if (!sys::fs::can_execute(Peers))
    return T;
  T.Shared = Shared;
  T.Translator = Peers.str().str();
  return T;
}

std::vector<std::string> filesIn(const Twine &Dir, StringRef Suffix) {
  std::vector<std::string> R;
  std::error_code EC;
  for (sys::fs::recursive_directory_iterator It(Dir, EC), End; It != End && !EC;
       It.increment(EC))
    if (StringRef(It->path()).ends_with(Suffix))
      R.push_back(It->path());
  std::sort(R.begin(), R.end());
  return R;
}

/// Faults that the translator's own code is known to cause.
bool isKnown(FaultKind Kind) {
  return Kind == FaultKind::StaleShiftAmount ||
         Kind == FaultKind::DoubleShiftAmount;
}

struct Totals {
  unsigned Images = 0, Packets = 0, Passed = 0;
  uint64_t Instructions = 0;
  std::set<std::string> Known;
};

void runImage(const std::string &Path, ArrayRef<rt::Packet> Trace, Totals &T) {
  auto Raw = MemoryBuffer::getFile(Path + ".raw");
  auto Loaded = MemoryBuffer::getFile(Path);
  auto Meta = MemoryBuffer::getFile(Path + ".meta");
  ASSERT_TRUE(Raw && Loaded && Meta) << Path;
  Expected<object::KernelImage> Image = object::readKernelImage(
      arrayRefFromStringRef((*Raw)->getBuffer()), (*Meta)->getBuffer());
  ASSERT_TRUE(bool(Image)) << Path << ": " << toString(Image.takeError());
  Expected<std::vector<uint64_t>> Words =
      object::wordsFromBytes(arrayRefFromStringRef((*Loaded)->getBuffer()));
  ASSERT_TRUE(bool(Words)) << Path << ": " << toString(Words.takeError());

  Expected<Profile> P = loadProfile("agilio");
  ASSERT_TRUE(bool(P)) << toString(P.takeError());
  rt::MapStore Maps;
  rt::EventLog Events;
  rt::Random Random;
  LoadInfo Load;
  Load.Start = Image->Start;
  Load.Done = Image->Done;
  Load.Helpers = Image->Helpers;
  Load.StackBytes = P->StackBytes;
  Load.EpilogueBegin = Image->Start + Image->Program.EpilogueBegin;
  Load.EpilogueEnd = Image->Start + Image->Program.EpilogueEnd;
  for (const object::NFPMap &M : Image->Program.Maps) {
    rt::MapSpec Spec;
    Spec.Name = M.Name;
    Spec.Type = M.Type;
    Spec.KeySize = M.KeySize;
    Spec.ValueSize = M.ValueSize;
    Spec.MaxEntries = M.MaxEntries;
    Expected<uint32_t> Index = Maps.addMap(Spec);
    ASSERT_TRUE(bool(Index)) << Path << ": " << toString(Index.takeError());
    (M.Type == rt::PerfEventArray ? Load.Events : Load.Tables)
        .push_back({M.Id, *Index});
  }
  Machine M(*P, Maps, Events, Random);
  Error E = M.loadProgram(*Words, Load);
  ASSERT_FALSE(bool(E)) << Path << ": " << toString(std::move(E));
  ++T.Images;

  Maps.recordMisses(1000);
  rt::PacketBuffer Buffer;
  for (unsigned Pass = 0; Pass < 2; ++Pass) {
    for (const rt::Packet &Frame : Trace) {
      if (Frame.Bytes.size() > rt::PacketBuffer::MaxFrame)
        continue;
      Error LoadError =
          Buffer.load(Frame.Bytes, rt::PacketBuffer::MinWireFrame);
      ASSERT_FALSE(bool(LoadError)) << toString(std::move(LoadError));
      PacketResult R = M.runPacket(Buffer);
      ++T.Packets;
      T.Passed += !R.Faulted;
    }
    // The second pass finds what the first one looked for.
    for (const rt::MapStore::Miss &Miss : Maps.misses()) {
      std::vector<uint8_t> Value(Maps.spec(Miss.Map).ValueSize, 1);
      (void)Maps.hostUpdate(Miss.Map, Miss.Key, Value);
    }
    Maps.clearMisses();
  }
  T.Instructions += M.statistics().Cost.Instructions;
  for (const Fault &F : M.faults()) {
    if (isKnown(F.Kind)) {
      T.Known.insert(sys::path::filename(Path).str() + ": " + F.str());
      continue;
    }
    ADD_FAILURE() << Path << ": packet " << F.Packet << ": " << F.str();
    break;
  }
}

TEST(KernelImages, RunWithoutUnexpectedFaults) {
  Tools Found = findTools();
  if (Found.Shared.empty())
    GTEST_SKIP() << "needs NFPBPF_SHARED and knfp-jit";
  SmallString<128> Dir;
  ASSERT_FALSE(sys::fs::createUniqueDirectory("nfpbpf-sim", Dir));
  std::vector<rt::Packet> Trace;
  for (StringRef Name : {"mixed.pcap", "tcp.pcap", "tunnel.pcap"}) {
    Expected<std::vector<rt::Packet>> Part =
        rt::readPcap(Found.Shared + "/corpus/pcap/" + Name.str());
    ASSERT_TRUE(bool(Part)) << toString(Part.takeError());
    // Traces are long; their beginnings are enough here.
    for (size_t I = 0; I < std::min<size_t>(Part->size(), 300); ++I)
      Trace.push_back((*Part)[I]);
  }
  unsigned Number = 0;
  for (const std::string &Object :
       filesIn(Found.Shared + "/corpus/obj", ".o")) {
    SmallString<128> Out = Dir;
    sys::path::append(Out, Twine(Number++));
    ASSERT_FALSE(sys::fs::create_directory(Out));
    StringRef Args[] = {Found.Translator, "--out-dir", Out, Object};
    std::optional<StringRef> Quiet[] = {StringRef(""), StringRef(""),
                                        StringRef("")};
    // It refuses most programs, and says so by its exit code.
    sys::ExecuteAndWait(Found.Translator, Args, std::nullopt, Quiet, 30);
  }
  Totals T;
  for (const std::string &Image : filesIn(Dir, ".bin"))
    runImage(Image, Trace, T);
  sys::fs::remove_directories(Dir);
  EXPECT_GT(T.Images, 50u);
  std::printf("%u images, %u packets, %u without fault, %llu instructions\n",
              T.Images, T.Packets, T.Passed,
              static_cast<unsigned long long>(T.Instructions));
  for (const std::string &Text : T.Known)
    std::printf("known: %s\n", Text.c_str());
}

} // namespace
