//===- PacketBuffer.h - A frame in a card's packet buffer -------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The packet every execution works on: a frame at the offset in a buffer where
// the card's hardware puts it, with the bytes around it and the rules of
// adjust_head and adjust_tail. Sources: NFP offload environment, section
// "Packets"; NFP BPF offload ABI, sections "Data placement and reserve" and
// "Inlined helpers".
//
// Units: offsets and lengths in bytes from the start of the buffer.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_RUNTIME_PACKETBUFFER_H
#define NFPBPF_RUNTIME_PACKETBUFFER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace nfpbpf::rt {

/// Limits of xdp_adjust_head on the frame's offset in its buffer.
struct AdjustLimits {
  uint32_t OffMin = 44;
  uint32_t OffMax = 248;
};

class PacketBuffer {
public:
  /// Offset of a frame from the wire: 128 and 8 bytes of MAC prepend.
  static constexpr uint32_t WireOffset = 136;
  /// Bytes of a buffer in packet memory. The simulator has what lies beyond in
  /// main memory, out of a program's reach.
  static constexpr uint32_t CtmBytes = 2048;
  /// Longest frame: the packet vector has 14 bits of length, and adjust_head
  /// may add WireOffset - OffMin.
  static constexpr uint32_t MaxFrame = 16383 - (WireOffset - 44);
  /// Shortest frame on a wire, without FCS.
  static constexpr uint32_t MinWireFrame = 60;
  /// Bytes an Ethernet header has: adjustments keep at least these.
  static constexpr uint32_t MinLength = 14;
  /// Bytes behind the buffered frame that may be read without harm.
  static constexpr uint32_t TailSlack = 256;

  PacketBuffer();

  /// Puts a frame at WireOffset and refills every other byte with garbage().
  /// Frames shorter than \p PadTo get zero bytes to that length, as a sending
  /// MAC adds them. Error: longer than MaxFrame.
  llvm::Error load(llvm::ArrayRef<uint8_t> Frame, uint32_t PadTo = 0);

  /// What the buffer holds outside the frame: a function of the offset alone,
  /// never zero, so that every execution sees the same.
  static uint8_t garbage(uint32_t Offset) {
    return static_cast<uint8_t>((Offset * 151u + 0x5bu) | 1u);
  }

  uint32_t offset() const { return Offset; }
  uint32_t length() const { return Length; }
  llvm::ArrayRef<uint8_t> frame() const {
    return llvm::ArrayRef<uint8_t>(Bytes).slice(Offset, Length);
  }
  llvm::MutableArrayRef<uint8_t> frame() {
    return llvm::MutableArrayRef<uint8_t>(Bytes).slice(Offset, Length);
  }
  /// The whole buffer, at least CtmBytes.
  llvm::MutableArrayRef<uint8_t> buffer() { return Bytes; }
  llvm::ArrayRef<uint8_t> buffer() const { return Bytes; }

  /// Moves the frame's window, as a packet vector says. Error: outside the
  /// buffer.
  llvm::Error setWindow(uint32_t NewOffset, uint32_t NewLength);

  /// xdp_adjust_head and xdp_adjust_tail as the card does them: 0, or -22 and
  /// no change. adjust_tail only shrinks; a delta of 0 fails.
  int32_t adjustHead(int32_t Delta, const AdjustLimits &Limits = {});
  int32_t adjustTail(int32_t Delta);

private:
  std::vector<uint8_t> Bytes;
  uint32_t Offset = WireOffset;
  uint32_t Length = 0;
  uint32_t Dirty = 0; ///< bytes of the buffer that may differ from garbage
};

/// What a store to xdp_md.rx_queue_index selects: the queue, or 64 (not a
/// queue, so the card's own choice) when it does not fit a byte.
inline uint8_t selectedQueue(uint32_t Value) {
  return Value <= 0xff ? static_cast<uint8_t>(Value) : 64;
}

} // namespace nfpbpf::rt

#endif // NFPBPF_RUNTIME_PACKETBUFFER_H
