//===- Pcap.h - Packet traces -----------------------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading and writing of packet traces through libpcap: Ethernet only. Reads
// every file libpcap reads (classic pcap of both byte orders and both time
// resolutions, pcapng); writes classic pcap.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_RUNTIME_PCAP_H
#define NFPBPF_RUNTIME_PCAP_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <vector>

namespace nfpbpf::rt {

/// One packet of a trace.
struct Packet {
  uint64_t TimeNs = 0;        ///< nanoseconds since 1970
  uint32_t WireLength = 0;    ///< bytes the frame had; more than Bytes if cut
  std::vector<uint8_t> Bytes; ///< the frame without FCS
};

/// Reads a trace packet by packet. Every error names the file, and the packet
/// number (from 0) where there is one.
class PcapReader {
public:
  /// Opens a file. Errors: not readable, not a trace, not Ethernet.
  static llvm::Expected<PcapReader> open(llvm::StringRef Path);
  /// Reads a trace in memory, which must outlive the reader. \p Name is used in
  /// messages.
  static llvm::Expected<PcapReader> openMemory(llvm::ArrayRef<uint8_t> Data,
                                               llvm::StringRef Name);
  PcapReader(PcapReader &&);
  PcapReader &operator=(PcapReader &&);
  ~PcapReader();

  /// Reads the next packet. False at the end of the trace. Errors: a damaged or
  /// truncated record.
  llvm::Expected<bool> next(Packet &P);
  /// The file has nanosecond stamps (libpcap scales others).
  bool isNanosecond() const;

private:
  struct Impl;
  explicit PcapReader(std::unique_ptr<Impl> I);
  std::unique_ptr<Impl> I;
};

/// Reads a whole file.
llvm::Expected<std::vector<Packet>> readPcap(llvm::StringRef Path);

/// Writes a trace: classic pcap, host byte order, Ethernet.
class PcapWriter {
public:
  static llvm::Expected<PcapWriter> create(llvm::StringRef Path,
                                           bool Nanosecond = false);
  PcapWriter(PcapWriter &&);
  PcapWriter &operator=(PcapWriter &&);
  /// Closes the file; call close() to learn of errors.
  ~PcapWriter();

  llvm::Error write(llvm::ArrayRef<uint8_t> Frame, uint64_t TimeNs,
                    uint32_t WireLength = 0);
  llvm::Error close();

private:
  struct Impl;
  explicit PcapWriter(std::unique_ptr<Impl> I);
  std::unique_ptr<Impl> I;
};

} // namespace nfpbpf::rt

#endif // NFPBPF_RUNTIME_PCAP_H
