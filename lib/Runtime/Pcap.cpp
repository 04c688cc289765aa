//===- Pcap.cpp - Packet traces -----------------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Runtime/Pcap.h"
#include "llvm/Support/FormatVariadic.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <pcap/pcap.h>
#include <string>

using namespace nfpbpf::rt;

namespace {

constexpr uint64_t NsPerSecond = 1000000000;
/// Longest record libpcap's readers take for Ethernet.
constexpr int SnapLength = 262144;

} // namespace

static llvm::Error fileError(llvm::StringRef Name, const llvm::Twine &What) {
  return llvm::createStringError(Name + ": " + What);
}

namespace {

struct CloseFile {
  void operator()(std::FILE *F) const { std::fclose(F); }
};
struct ClosePcap {
  void operator()(pcap_t *P) const { pcap_close(P); }
};
using FilePtr = std::unique_ptr<std::FILE, CloseFile>;
using PcapPtr = std::unique_ptr<pcap_t, ClosePcap>;

} // namespace

struct PcapReader::Impl {
  std::string Name;
  PcapPtr Handle;
  bool Nanosecond = false;
  uint64_t Number = 0;
};

/// Takes the file over.
static llvm::Expected<PcapPtr> openTrace(FilePtr File, llvm::StringRef Name,
                                         bool &Nanosecond) {
  // libpcap does not tell the resolution of a file it converts.
  unsigned char Magic[4] = {};
  if (std::fread(Magic, 1, 4, File.get()) != 4)
    return fileError(Name, "not a packet trace: shorter than its magic number");
  std::rewind(File.get());
  const unsigned char Nano[4] = {0xa1, 0xb2, 0x3c, 0x4d};
  const unsigned char NanoReversed[4] = {0x4d, 0x3c, 0xb2, 0xa1};
  Nanosecond = std::memcmp(Magic, Nano, 4) == 0 ||
               std::memcmp(Magic, NanoReversed, 4) == 0;
  char Error[PCAP_ERRBUF_SIZE] = "";
  PcapPtr Handle(pcap_fopen_offline_with_tstamp_precision(
      File.get(), PCAP_TSTAMP_PRECISION_NANO, Error));
  if (!Handle)
    return fileError(Name, llvm::Twine("not a packet trace: ") + Error);
  File.release(); // pcap_close closes it
  int Link = pcap_datalink(Handle.get());
  if (Link != DLT_EN10MB) {
    const char *LinkName = pcap_datalink_val_to_name(Link);
    return fileError(
        Name, llvm::formatv("link type {0} ({1}): only Ethernet traces can be "
                            "used",
                            Link, LinkName ? LinkName : "unknown"));
  }
  return Handle;
}

PcapReader::PcapReader(std::unique_ptr<Impl> I) : I(std::move(I)) {}
PcapReader::PcapReader(PcapReader &&) = default;
PcapReader &PcapReader::operator=(PcapReader &&) = default;
PcapReader::~PcapReader() = default;

llvm::Expected<PcapReader> PcapReader::open(llvm::StringRef Path) {
  auto I = std::make_unique<Impl>();
  I->Name = Path.str();
  FilePtr File(std::fopen(I->Name.c_str(), "rb"));
  if (!File)
    return fileError(Path, std::strerror(errno));
  llvm::Expected<PcapPtr> Handle =
      openTrace(std::move(File), Path, I->Nanosecond);
  if (!Handle)
    return Handle.takeError();
  I->Handle = std::move(*Handle);
  return PcapReader(std::move(I));
}

llvm::Expected<PcapReader> PcapReader::openMemory(llvm::ArrayRef<uint8_t> Data,
                                                  llvm::StringRef Name) {
  auto I = std::make_unique<Impl>();
  I->Name = Name.str();
  if (Data.empty())
    return fileError(Name, "not a packet trace: empty");
  // "rb" mode: the memory is never written.
  FilePtr File(fmemopen(const_cast<uint8_t *>(Data.data()), Data.size(), "rb"));
  if (!File)
    return fileError(Name, std::strerror(errno));
  llvm::Expected<PcapPtr> Handle =
      openTrace(std::move(File), Name, I->Nanosecond);
  if (!Handle)
    return Handle.takeError();
  I->Handle = std::move(*Handle);
  return PcapReader(std::move(I));
}

llvm::Expected<bool> PcapReader::next(Packet &P) {
  pcap_pkthdr *Header = nullptr;
  const u_char *Data = nullptr;
  int Status = pcap_next_ex(I->Handle.get(), &Header, &Data);
  if (Status == PCAP_ERROR_BREAK)
    return false;
  if (Status != 1)
    return fileError(I->Name, llvm::formatv("packet {0}: {1}", I->Number,
                                            pcap_geterr(I->Handle.get())));
  P.TimeNs = static_cast<uint64_t>(Header->ts.tv_sec) * NsPerSecond +
             static_cast<uint64_t>(Header->ts.tv_usec);
  P.WireLength = Header->len;
  P.Bytes.assign(Data, Data + Header->caplen);
  ++I->Number;
  return true;
}

bool PcapReader::isNanosecond() const { return I->Nanosecond; }

llvm::Expected<std::vector<Packet>> nfpbpf::rt::readPcap(llvm::StringRef Path) {
  llvm::Expected<PcapReader> Reader = PcapReader::open(Path);
  if (!Reader)
    return Reader.takeError();
  std::vector<Packet> Packets;
  while (true) {
    Packet P;
    llvm::Expected<bool> More = Reader->next(P);
    if (!More)
      return More.takeError();
    if (!*More)
      return Packets;
    Packets.push_back(std::move(P));
  }
}

struct PcapWriter::Impl {
  std::string Name;
  PcapPtr Handle;
  pcap_dumper_t *Dumper = nullptr;
  bool Nanosecond = false;

  ~Impl() {
    if (Dumper)
      pcap_dump_close(Dumper);
  }
};

PcapWriter::PcapWriter(std::unique_ptr<Impl> I) : I(std::move(I)) {}
PcapWriter::PcapWriter(PcapWriter &&) = default;
PcapWriter &PcapWriter::operator=(PcapWriter &&) = default;
PcapWriter::~PcapWriter() = default;

llvm::Expected<PcapWriter> PcapWriter::create(llvm::StringRef Path,
                                              bool Nanosecond) {
  auto I = std::make_unique<Impl>();
  I->Name = Path.str();
  I->Nanosecond = Nanosecond;
  I->Handle.reset(pcap_open_dead_with_tstamp_precision(
      DLT_EN10MB, SnapLength,
      Nanosecond ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO));
  if (!I->Handle)
    return fileError(Path, "cannot make a packet trace: out of memory");
  I->Dumper = pcap_dump_open(I->Handle.get(), I->Name.c_str());
  if (!I->Dumper)
    return llvm::createStringError(pcap_geterr(I->Handle.get()));
  return PcapWriter(std::move(I));
}

llvm::Error PcapWriter::write(llvm::ArrayRef<uint8_t> Frame, uint64_t TimeNs,
                              uint32_t WireLength) {
  if (Frame.size() > static_cast<size_t>(SnapLength))
    return fileError(I->Name, llvm::formatv("frame of {0} bytes: a trace takes "
                                            "at most {1}",
                                            Frame.size(), SnapLength));
  pcap_pkthdr Header = {};
  Header.ts.tv_sec =
      static_cast<decltype(Header.ts.tv_sec)>(TimeNs / NsPerSecond);
  Header.ts.tv_usec = static_cast<decltype(Header.ts.tv_usec)>(
      TimeNs % NsPerSecond / (I->Nanosecond ? 1 : 1000));
  Header.caplen = static_cast<uint32_t>(Frame.size());
  Header.len = std::max(WireLength, Header.caplen);
  pcap_dump(reinterpret_cast<u_char *>(I->Dumper), &Header, Frame.data());
  if (std::ferror(pcap_dump_file(I->Dumper)))
    return fileError(I->Name, "cannot write");
  return llvm::Error::success();
}

llvm::Error PcapWriter::close() {
  if (!I->Dumper)
    return llvm::Error::success();
  bool Failed = pcap_dump_flush(I->Dumper) != 0;
  pcap_dump_close(I->Dumper);
  I->Dumper = nullptr;
  if (Failed)
    return fileError(I->Name, "cannot write");
  return llvm::Error::success();
}
