//===- PcapTest.cpp - Packet traces -------------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Runtime/Pcap.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"
#include <cstdlib>
#include <map>

using namespace nfpbpf::rt;

namespace {

/// A trace written byte by byte: numbers in either order.
class TraceBytes {
public:
  std::vector<uint8_t> Bytes;
  TraceBytes(bool Big, uint32_t Magic, uint32_t Link) : Big(Big) {
    put(Magic, 4);
    put(2, 2);
    put(4, 2);
    put(0, 4);
    put(0, 4);
    put(65535, 4);
    put(Link, 4);
  }
  void record(uint32_t Seconds, uint32_t Fraction, uint32_t Wire,
              std::vector<uint8_t> Frame) {
    put(Seconds, 4);
    put(Fraction, 4);
    put(static_cast<uint32_t>(Frame.size()), 4);
    put(Wire, 4);
    Bytes.insert(Bytes.end(), Frame.begin(), Frame.end());
  }

private:
  bool Big;
  void put(uint32_t Value, unsigned Size) {
    for (unsigned At = 0; At != Size; ++At)
      Bytes.push_back(
          static_cast<uint8_t>(Value >> 8 * (Big ? Size - 1 - At : At)));
  }
};

TEST(Pcap, BothByteOrdersAndResolutions) {
  for (bool Big : {false, true})
    for (bool Nano : {false, true}) {
      TraceBytes T(Big, Nano ? 0xa1b23c4d : 0xa1b2c3d4, 1);
      T.record(10, 5, 60, {1, 2, 3});
      T.record(11, 0, 2, {4, 5});
      auto R = PcapReader::openMemory(T.Bytes, "memory");
      ASSERT_TRUE(bool(R)) << llvm::toString(R.takeError());
      EXPECT_EQ(R->isNanosecond(), Nano);
      Packet P;
      ASSERT_TRUE(llvm::cantFail(R->next(P)));
      EXPECT_EQ(P.TimeNs, 10000000000 + (Nano ? 5u : 5000u));
      EXPECT_EQ(P.WireLength, 60u);
      EXPECT_EQ(P.Bytes, (std::vector<uint8_t>{1, 2, 3}));
      ASSERT_TRUE(llvm::cantFail(R->next(P)));
      EXPECT_EQ(P.Bytes, (std::vector<uint8_t>{4, 5}));
      EXPECT_FALSE(llvm::cantFail(R->next(P)));
    }
}

TEST(Pcap, Errors) {
  auto ErrorOf = [](llvm::ArrayRef<uint8_t> Bytes) {
    auto R = PcapReader::openMemory(Bytes, "t.pcap");
    if (!R)
      return llvm::toString(R.takeError());
    Packet P;
    while (true) {
      llvm::Expected<bool> More = R->next(P);
      if (!More)
        return llvm::toString(More.takeError());
      if (!*More)
        return std::string();
    }
  };
  EXPECT_EQ(ErrorOf({}), "t.pcap: not a packet trace: empty");
  EXPECT_EQ(ErrorOf({1, 2}),
            "t.pcap: not a packet trace: shorter than its magic number");
  EXPECT_NE(ErrorOf({1, 2, 3, 4, 5, 6}).find("t.pcap: not a packet trace: "),
            std::string::npos);
  TraceBytes Raw(false, 0xa1b2c3d4, 101);
  EXPECT_EQ(ErrorOf(Raw.Bytes), "t.pcap: link type 12 (RAW): only Ethernet "
                                "traces can be used");
  TraceBytes Cut(false, 0xa1b2c3d4, 1);
  Cut.record(1, 0, 4, {1, 2, 3, 4});
  Cut.record(1, 0, 4, {1, 2, 3, 4});
  Cut.Bytes.pop_back();
  EXPECT_EQ(ErrorOf(Cut.Bytes).rfind("t.pcap: packet 1: truncated", 0), 0u)
      << ErrorOf(Cut.Bytes);
  auto Missing = PcapReader::open("/nonexistent/x.pcap");
  ASSERT_FALSE(bool(Missing));
  EXPECT_EQ(llvm::toString(Missing.takeError()),
            "/nonexistent/x.pcap: No such file or directory");
}

TEST(Pcap, RoundTrip) {
  for (bool Nano : {false, true}) {
    llvm::SmallString<64> Path;
    ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("trace", "pcap", Path));
    auto W = PcapWriter::create(Path, Nano);
    ASSERT_TRUE(bool(W)) << llvm::toString(W.takeError());
    ASSERT_FALSE(bool(W->write({1, 2, 3}, 1234567890123456789)));
    ASSERT_FALSE(bool(W->write({9}, 5000000000, 1500)));
    ASSERT_FALSE(bool(W->close()));
    auto Packets = readPcap(Path);
    auto File = llvm::MemoryBuffer::getFile(Path);
    llvm::sys::fs::remove(Path);
    ASSERT_TRUE(bool(Packets)) << llvm::toString(Packets.takeError());
    ASSERT_EQ(Packets->size(), 2u);
    EXPECT_EQ((*Packets)[0].TimeNs,
              Nano ? 1234567890123456789u : 1234567890123456000u);
    EXPECT_EQ((*Packets)[0].Bytes, (std::vector<uint8_t>{1, 2, 3}));
    EXPECT_EQ((*Packets)[0].WireLength, 3u);
    EXPECT_EQ((*Packets)[1].WireLength, 1500u);
    EXPECT_EQ(static_cast<uint8_t>((*File)->getBuffer()[0]),
              Nano ? 0x4d : 0xd4);
  }
  auto W = PcapWriter::create("/nonexistent/x.pcap");
  ASSERT_FALSE(bool(W));
  EXPECT_NE(llvm::toString(W.takeError()).find("/nonexistent/x.pcap"),
            std::string::npos);
}

/// The corpus names the length of every packet of its traces.
TEST(Pcap, CorpusTraces) {
  const char *Shared = std::getenv("NFPBPF_SHARED");
  if (!Shared)
    GTEST_SKIP() << "NFPBPF_SHARED is not set";
  std::string Dir = std::string(Shared) + "/corpus/pcap/";
  auto Index = llvm::MemoryBuffer::getFile(Dir + "index.csv");
  ASSERT_TRUE(bool(Index));
  std::map<std::string, std::vector<uint32_t>> Lengths;
  llvm::SmallVector<llvm::StringRef> Lines, Fields;
  (*Index)->getBuffer().split(Lines, '\n', -1, false);
  for (llvm::StringRef Line : llvm::drop_begin(Lines)) {
    Fields.clear();
    Line.split(Fields, ',');
    uint32_t Length;
    ASSERT_FALSE(Fields[2].getAsInteger(10, Length));
    Lengths[Fields[0].str()].push_back(Length);
  }
  ASSERT_EQ(Lengths.size(), 13u);
  for (const auto &[Name, Expected] : Lengths) {
    auto Packets = readPcap(Dir + Name + ".pcap");
    ASSERT_TRUE(bool(Packets)) << llvm::toString(Packets.takeError());
    ASSERT_EQ(Packets->size(), Expected.size()) << Name;
    for (size_t At = 0; At != Expected.size(); ++At)
      ASSERT_EQ((*Packets)[At].Bytes.size(), Expected[At]) << Name << ' ' << At;
  }
}

} // namespace
