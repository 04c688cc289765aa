//===- PacketBuffer.cpp - A frame in a card's packet buffer -------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Runtime/PacketBuffer.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cstring>

using namespace nfpbpf::rt;

static constexpr uint32_t BufferBytes =
    PacketBuffer::WireOffset + PacketBuffer::MaxFrame + PacketBuffer::TailSlack;

PacketBuffer::PacketBuffer() : Bytes(BufferBytes), Dirty(BufferBytes) {
  llvm::cantFail(load({}));
}

llvm::Error PacketBuffer::load(llvm::ArrayRef<uint8_t> Frame, uint32_t PadTo) {
  size_t NewLength = std::max<size_t>(Frame.size(), PadTo);
  if (NewLength > MaxFrame)
    return llvm::createStringError(
        llvm::formatv("frame of {0} bytes: the packet buffer takes at most {1}",
                      NewLength, MaxFrame));
  uint8_t *Data = Bytes.data();
  for (uint32_t At = 0; At != Dirty; ++At)
    Data[At] = garbage(At);
  if (!Frame.empty())
    std::memcpy(Data + WireOffset, Frame.data(), Frame.size());
  std::memset(Data + WireOffset + Frame.size(), 0, NewLength - Frame.size());
  Offset = WireOffset;
  Length = static_cast<uint32_t>(NewLength);
  Dirty = std::max(CtmBytes, WireOffset + Length + TailSlack);
  return llvm::Error::success();
}

llvm::Error PacketBuffer::setWindow(uint32_t NewOffset, uint32_t NewLength) {
  if (NewOffset > Bytes.size() || NewLength > Bytes.size() - NewOffset)
    return llvm::createStringError(
        llvm::formatv("frame of {0} bytes at offset {1} is outside the packet "
                      "buffer of {2} bytes",
                      NewLength, NewOffset, Bytes.size()));
  Offset = NewOffset;
  Length = NewLength;
  return llvm::Error::success();
}

int32_t PacketBuffer::adjustHead(int32_t Delta, const AdjustLimits &Limits) {
  // 32-bit arithmetic that wraps, as in the card's registers.
  uint32_t NewOffset = Offset + static_cast<uint32_t>(Delta);
  uint32_t NewLength = Length - static_cast<uint32_t>(Delta);
  if (NewOffset < Limits.OffMin || NewOffset > Limits.OffMax ||
      static_cast<int32_t>(NewLength - MinLength) < 0)
    return -22;
  Offset = NewOffset;
  Length = NewLength;
  return 0;
}

int32_t PacketBuffer::adjustTail(int32_t Delta) {
  // The card asks for a carry out of the addition: only negative deltas that
  // leave the length positive or zero have one.
  uint64_t Sum = uint64_t(Length) + static_cast<uint32_t>(Delta);
  uint32_t NewLength = static_cast<uint32_t>(Sum);
  if (Sum >> 32 == 0 || static_cast<int32_t>(NewLength - MinLength) < 0)
    return -22;
  Length = NewLength;
  return 0;
}
