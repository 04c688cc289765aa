//===- BPFCorpusTest.cpp - The object reader on real objects --------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compares what the reader finds in a corpus of objects with the corpus's
// manifest, which an independent scan wrote, and linked programs with what
// libbpf's loader gives the kernel's verifier (written by a peer program).
//
// NFPBPF_SHARED names the folder with the corpus; the tests are skipped
// without. NFP_PEERS names the folder of peer programs (default
// ~/.cache/nfp-peers).
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/BPF/MapTypes.h"
#include "nfpbpf/Object/BPF/BPFObject.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <map>

using namespace llvm;
using namespace nfpbpf::object;

namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> splitLine(StringRef Line) {
  std::vector<std::string> Fields(1);
  bool Quoted = false;
  for (char C : Line) {
    if (C == '"')
      Quoted = !Quoted;
    else if (C == ',' && !Quoted)
      Fields.emplace_back();
    else
      Fields.back() += C;
  }
  return Fields;
}

/// Rows of the manifest by object path.
std::map<std::string, std::vector<Row>> readManifest(StringRef Path) {
  std::map<std::string, std::vector<Row>> Result;
  auto Buffer = MemoryBuffer::getFile(Path);
  if (!Buffer)
    return Result;
  SmallVector<StringRef> Lines;
  (*Buffer)->getBuffer().split(Lines, '\n', -1, false);
  std::vector<std::string> Header = splitLine(Lines.front().trim());
  for (StringRef Line : ArrayRef<StringRef>(Lines).drop_front()) {
    std::vector<std::string> Fields = splitLine(Line.trim());
    Row R;
    for (size_t I = 0; I < Header.size() && I < Fields.size(); ++I)
      R[Header[I]] = Fields[I];
    Result[R["object"]].push_back(std::move(R));
  }
  return Result;
}

std::vector<std::string> objectFiles(StringRef Root) {
  std::vector<std::string> Files;
  std::error_code EC;
  for (sys::fs::recursive_directory_iterator I(Root, EC), E; I != E && !EC;
       I.increment(EC))
    if (StringRef(I->path()).ends_with(".o"))
      Files.push_back(I->path());
  llvm::sort(Files);
  return Files;
}

std::string mapText(const LinkedProgram &P) {
  std::vector<std::string> Maps;
  for (const MapInfo &M : P.Maps)
    if (!M.isGlobalData())
      Maps.push_back(M.Name + "=" + nfpbpf::ebpf::mapTypeName(M.Type) + "/" +
                     utostr(M.KeySize) + "/" + utostr(M.ValueSize) + "/" +
                     utostr(M.MaxEntries) + "/0x" + utohexstr(M.Flags, true));
  llvm::sort(Maps);
  return join(Maps, ";");
}

std::string globalDataText(const LinkedProgram &P) {
  std::vector<std::string> Names;
  for (const MapInfo &M : P.Maps)
    if (M.isGlobalData())
      Names.push_back(M.Section);
  for (const Unresolved &U : P.UnresolvedList)
    if (U.Kind == UnresolvedKind::ExternVariable ||
        U.Kind == UnresolvedKind::KConfig)
      Names.push_back("extern:" + U.Name);
  llvm::sort(Names);
  Names.erase(llvm::unique(Names), Names.end());
  return join(Names, ";");
}

class BPFCorpusTest : public testing::Test {
protected:
  void SetUp() override {
    const char *Shared = std::getenv("NFPBPF_SHARED");
    if (!Shared)
      GTEST_SKIP() << "NFPBPF_SHARED is not set";
    Root = std::string(Shared) + "/corpus/";
    Files = objectFiles(Root + "obj");
    ASSERT_FALSE(Files.empty()) << Root;
  }
  std::string Root;
  std::vector<std::string> Files;
};

TEST_F(BPFCorpusTest, AgreesWithManifest) {
  auto Manifest = readManifest(Root + "corpus.csv");
  ASSERT_FALSE(Manifest.empty());
  size_t Rows = 0, AllRows = 0;
  for (const auto &Entry : Manifest)
    AllRows += Entry.second.size();
  for (const std::string &File : Files) {
    SCOPED_TRACE(File);
    Expected<BPFObject> Object = BPFObject::load(File);
    if (!Object) {
      ADD_FAILURE() << toString(Object.takeError());
      continue;
    }
    const std::vector<Row> &Expect = Manifest[File.substr(Root.size())];
    std::vector<bool> Used(Expect.size());
    for (uint32_t I = 0; I < Object->programs().size(); ++I) {
      const Program &P = Object->programs()[I];
      SCOPED_TRACE(P.Section + ":" + P.Name);
      Expected<LinkedProgram> L = Object->link(I);
      const Row *R = nullptr;
      for (size_t J = 0; J < Expect.size(); ++J) {
        if (Used[J] || Expect[J].at("program") != P.Name ||
            Expect[J].at("section") != P.Section)
          continue;
        R = &Expect[J];
        Used[J] = true;
        break;
      }
      if (!L) {
        ADD_FAILURE() << toString(L.takeError());
        continue;
      }
      if (!R) {
        // The manifest lists the XDP and TC programs of the objects it knows.
        bool IsListed = P.Type == ProgramType::XDP || P.Type == ProgramType::TC;
        EXPECT_EQ(IsListed, Expect.empty())
            << "not in the manifest, but of type " << P.TypeName;
        continue;
      }
      ++Rows;
      EXPECT_EQ(stringifyProgramType(P.Type).str(), R->at("type"));
      EXPECT_EQ(utostr(L->size()), R->at("insns"));
      EXPECT_EQ(utostr(P.InsnCount), R->at("insns_own"));
      EXPECT_EQ(utostr(L->Functions.size() - 1), R->at("subprogs"));
      EXPECT_EQ(Object->hasBTF() ? "1" : "0", R->at("btf"));
      EXPECT_EQ(utostr(L->lineRecordCount()), R->at("lineinfo"));
      EXPECT_EQ(mapText(*L), R->at("maps"));
      EXPECT_EQ(globalDataText(*L), R->at("globaldata"));
      EXPECT_EQ(Object->license().str(), R->at("license"));
      unsigned Cores = 0;
      for (const Unresolved &U : L->UnresolvedList)
        Cores += U.Kind == UnresolvedKind::CoreRelocation;
      EXPECT_EQ(utostr(Cores), R->at("core_relos"));
      // With line records every instruction has a location.
      if (L->lineRecordCount() != 0)
        for (uint32_t N = 0; N < L->size(); ++N)
          if (!L->location(N)) {
            ADD_FAILURE() << "no location for instruction " << N;
            break;
          }
    }
    for (size_t J = 0; J < Expect.size(); ++J)
      EXPECT_TRUE(Used[J]) << "not found: " << Expect[J].at("section") << ":"
                           << Expect[J].at("program");
  }
  EXPECT_EQ(Rows, AllRows);
}

/// The facts of a peer's .meta file that the comparison needs.
struct PeerMeta {
  std::string Object, Section, Program;
  std::vector<std::string> Maps; ///< name by number
};

PeerMeta readMeta(StringRef Text) {
  PeerMeta M;
  SmallVector<StringRef> Lines;
  Text.split(Lines, '\n', -1, false);
  for (StringRef Line : Lines) {
    auto [Key, Rest] = Line.split(' ');
    if (Key == "object")
      M.Object = Rest.str();
    else if (Key == "section")
      M.Section = Rest.str();
    else if (Key == "program")
      M.Program = Rest.str();
    else if (Key == "map")
      M.Maps.push_back(Rest.split(' ').second.split(' ').first.str());
  }
  return M;
}

std::string peerTool() {
  std::string Root;
  if (const char *Peers = std::getenv("NFP_PEERS"))
    Root = Peers;
  else if (const char *Home = std::getenv("HOME"))
    Root = std::string(Home) + "/.cache/nfp-peers";
  return Root + "/bin/knfp-jit";
}

/// Compares a linked program with the peer's; map loads by the map's name.
void compareWithPeer(const LinkedProgram &L, ArrayRef<uint8_t> Bytes,
                     const PeerMeta &Meta) {
  ASSERT_EQ(Bytes.size(), 8 * L.Insns.size());
  for (uint32_t I = 0; I < L.size(); ++I) {
    uint64_t Theirs = support::endian::read64le(Bytes.data() + 8 * I);
    uint64_t Ours = L.Insns[I];
    const Reference *R = L.reference(I);
    if (R && (R->Kind == RefKind::Map || R->Kind == RefKind::MapValue)) {
      EXPECT_EQ(L.Maps[R->Index].Name, Meta.Maps[Theirs >> 32]) << I;
      Ours &= 0xffffffff;
      Theirs &= 0xffffffff;
    }
    ASSERT_EQ(Ours, Theirs) << "instruction " << I;
  }
}

TEST_F(BPFCorpusTest, LinksAsThePeerDoes) {
  std::string Tool = peerTool();
  if (!sys::fs::can_execute(Tool))
    GTEST_SKIP() << Tool << " is not there";
  SmallString<128> Out;
  ASSERT_FALSE(sys::fs::createUniqueDirectory("nfpbpf-peer", Out));
  std::vector<StringRef> Args = {Tool, "--out-dir", Out};
  std::optional<StringRef> Quiet[] = {StringRef(), StringRef(), StringRef()};
  for (const std::string &File : Files) {
    // It crashes on some objects: each one by itself.
    Args.push_back(File);
    sys::ExecuteAndWait(Tool, Args, std::nullopt, Quiet, 60);
    Args.pop_back();
  }
  unsigned Compared = 0;
  std::error_code EC;
  for (sys::fs::directory_iterator I(Out, EC), E; I != E && !EC;
       I.increment(EC)) {
    StringRef MetaPath = I->path();
    if (!MetaPath.ends_with(".meta"))
      continue;
    auto Text = MemoryBuffer::getFile(MetaPath);
    ASSERT_TRUE(bool(Text)) << MetaPath.str();
    PeerMeta Meta = readMeta((*Text)->getBuffer());
    SCOPED_TRACE(Meta.Object + " " + Meta.Section + ":" + Meta.Program);
    auto Bytes =
        MemoryBuffer::getFile(MetaPath.drop_back(strlen(".meta")) + ".bpf");
    ASSERT_TRUE(bool(Bytes));
    Expected<BPFObject> Object = BPFObject::load(Meta.Object);
    ASSERT_TRUE(bool(Object)) << toString(Object.takeError());
    Expected<uint32_t> Index =
        Object->findProgram(Meta.Section + ":" + Meta.Program);
    ASSERT_TRUE(bool(Index)) << toString(Index.takeError());
    Expected<LinkedProgram> L = Object->link(*Index);
    ASSERT_TRUE(bool(L)) << toString(L.takeError());
    StringRef Data = (*Bytes)->getBuffer();
    compareWithPeer(
        *L,
        ArrayRef<uint8_t>(reinterpret_cast<const uint8_t *>(Data.data()),
                          Data.size()),
        Meta);
    ++Compared;
  }
  EXPECT_GE(Compared, 50u);
  sys::fs::remove_directories(Out);
}

/// Damages an object in many reproducible ways: nothing may crash.
TEST_F(BPFCorpusTest, SurvivesDamage) {
  uint64_t State = 0x9e3779b97f4a7c15;
  auto Next = [&State]() {
    State ^= State << 13;
    State ^= State >> 7;
    State ^= State << 17;
    return State;
  };
  auto Try = [](StringRef Data) {
    Expected<BPFObject> Object =
        BPFObject::parse(MemoryBufferRef(Data, "damaged"));
    if (!Object) {
      EXPECT_FALSE(toString(Object.takeError()).empty());
      return;
    }
    for (uint32_t I = 0; I < Object->programs().size(); ++I)
      consumeError(Object->link(I).takeError());
  };
  for (StringRef Name :
       {"obj/linux-ports/v2/l4lb_xdp_subprog.o", "obj/linux-ports/v3/xdp1.o",
        "obj/iproute2/v2/legacy_bpf_map_in_map.o",
        "obj/linux-selftests/v2/metadata_used.o"}) {
    auto Buffer = MemoryBuffer::getFile(Root + Name);
    ASSERT_TRUE(bool(Buffer)) << Name.str();
    std::string Data = (*Buffer)->getBuffer().str();
    for (size_t Size = 0; Size < Data.size(); Size += 1 + Data.size() / 400)
      Try(StringRef(Data).take_front(Size));
    for (unsigned I = 0; I < 1500; ++I) {
      std::string Damaged = Data;
      for (unsigned N = 0, E = 1 + Next() % 4; N < E; ++N)
        Damaged[Next() % Damaged.size()] ^= 1 << (Next() % 8);
      // The section headers are the last thing in the file.
      if (I % 3 == 0) {
        size_t Tail = std::min<size_t>(Damaged.size(), 2500);
        Damaged[Damaged.size() - 1 - Next() % Tail] = char(Next());
      }
      Try(Damaged);
    }
  }
}

} // namespace
