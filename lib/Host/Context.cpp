//===- Context.cpp - Context structures -----------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Offsets are those of struct xdp_md and struct __sk_buff (linux/bpf.h, user
// space interface).
//
//===----------------------------------------------------------------------===//

#include "Run.h"

#include "llvm/Support/FormatVariadic.h"

using namespace nfpbpf;
using namespace nfpbpf::host;

namespace {

/// What a 4-byte word of the context is.
enum class Word : uint8_t {
  None,     ///< nothing a program may read
  Begin,    ///< address of the packet
  End,      ///< address of its end
  Length,   ///< bytes of the packet
  Constant, ///< set before the program runs
  Variable, ///< the program may write it as well
};

constexpr uint32_t XdpRxQueueIndex = 16;
constexpr uint32_t SkbProtocol = 16;

} // namespace

static Word xdpWord(uint32_t Offset) {
  switch (Offset) {
  case 0: // data
  case 8: // data_meta: there is none, so it begins where the packet does
    return Word::Begin;
  case 4:
    return Word::End;
  case 12: // ingress_ifindex
  case XdpRxQueueIndex:
    return Word::Constant;
  default:
    return Word::None;
  }
}

static Word skbWord(uint32_t Offset) {
  switch (Offset) {
  case 0:
    return Word::Length;
  case SkbProtocol:
  case 36: // ingress_ifindex
  case 40: // ifindex
    return Word::Constant;
  case 8:  // mark
  case 12: // queue_mapping
  case 32: // priority
  case 44: // tc_index
  case 48: // cb[0] to cb[4]
  case 52:
  case 56:
  case 60:
  case 64:
  case 72: // tc_classid
    return Word::Variable;
  case 76:  // data
  case 140: // data_meta
    return Word::Begin;
  case 80:
    return Word::End;
  default:
    return Word::None;
  }
}

static Word wordAt(rt::Hook Hook, uint32_t Offset) {
  return Hook == rt::Hook::XDP ? xdpWord(Offset) : skbWord(Offset);
}

void Run::setUpContext() {
  if (Hook == rt::Hook::XDP) {
    Words[12 / 4] = O.IngressIfindex;
    Words[XdpRxQueueIndex / 4] = O.RxQueueIndex;
    return;
  }
  Words[36 / 4] = Words[40 / 4] = O.IngressIfindex;
  // The Ethernet type as its two bytes lie in the frame.
  llvm::ArrayRef<uint8_t> Frame = W.Packet.frame();
  if (Frame.size() >= rt::PacketBuffer::MinLength)
    Words[SkbProtocol / 4] = Frame[12] | uint32_t(Frame[13]) << 8;
}

uint64_t Run::loadContext(uint32_t Offset, uint32_t Bytes, uint32_t Insn) {
  uint32_t In = Offset % 4;
  // Parts of a word can be read, words together cannot.
  Word Kind = In + Bytes <= 4 ? wordAt(Hook, Offset - In) : Word::None;
  uint32_t Value = 0;
  switch (Kind) {
  case Word::None:
    stop(Insn, llvm::formatv("read of {0} bytes at offset {1} of the context, "
                             "where there is no field to read",
                             Bytes, Offset));
    return 0;
  case Word::Begin:
    Value = static_cast<uint32_t>(PacketBegin);
    break;
  case Word::End:
    Value = static_cast<uint32_t>(PacketEnd);
    break;
  case Word::Length:
    Value = W.Packet.length();
    break;
  case Word::Constant:
  case Word::Variable:
    Value = Words[Offset / 4];
    break;
  }
  Value >>= In * 8;
  return Bytes == 4 ? Value : Value & ((1u << (Bytes * 8)) - 1);
}

void Run::storeContext(uint32_t Offset, uint32_t Bytes, uint64_t Value,
                       uint32_t Insn) {
  const auto Low = static_cast<uint32_t>(Value);
  if (Bytes == 4 && Hook == rt::Hook::XDP && Offset == XdpRxQueueIndex) {
    // A choice for the card; what the program reads stays.
    Out.Queue = rt::selectedQueue(Low);
    return;
  }
  if (Bytes == 4 && wordAt(Hook, Offset) == Word::Variable) {
    Words[Offset / 4] = Low;
    return;
  }
  stop(Insn, llvm::formatv("write of {0} bytes at offset {1} of the context, "
                           "where there is no field to write",
                           Bytes, Offset));
}
