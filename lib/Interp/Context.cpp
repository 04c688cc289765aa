//===- Context.cpp - Context of an interpreted program ------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Field offsets are those of struct xdp_md and struct __sk_buff of linux/bpf.h.

#include "Machine.h"
#include "llvm/Support/FormatVariadic.h"

using namespace nfpbpf;
using namespace nfpbpf::interp;

namespace {

enum XdpField : uint32_t {
  XdpData = 0,
  XdpDataEnd = 4,
  XdpDataMeta = 8,
  XdpIngressIfindex = 12,
  XdpRxQueueIndex = 16,
};

enum SkbField : uint32_t {
  SkbLen = 0,
  SkbMark = 8,
  SkbQueueMapping = 12,
  SkbProtocol = 16,
  SkbPriority = 32,
  SkbIngressIfindex = 36,
  SkbIfindex = 40,
  SkbTcIndex = 44,
  SkbCb = 48,
  SkbCbEnd = 68,
  SkbTcClassid = 72,
  SkbData = 76,
  SkbDataEnd = 80,
  SkbDataMeta = 140,
};

} // namespace

static bool isWritableSkbField(uint32_t Offset) {
  return Offset == SkbMark || Offset == SkbQueueMapping ||
         Offset == SkbPriority || Offset == SkbTcIndex ||
         (Offset >= SkbCb && Offset < SkbCbEnd) || Offset == SkbTcClassid;
}

uint32_t Machine::dataAddress() const {
  return static_cast<uint32_t>(PacketBase) + W->Packet.offset();
}

uint32_t Machine::dataEndAddress() const {
  return dataAddress() + W->Packet.length();
}

void Machine::setUpContext() {
  if (C.Hook != rt::Hook::TC)
    return;
  SkbFields[SkbIngressIfindex / 4] = O.IngressIfindex;
  SkbFields[SkbIfindex / 4] = O.IngressIfindex;
  // The protocol is kept as the two bytes of the frame.
  llvm::ArrayRef<uint8_t> Frame = W->Packet.frame();
  if (Frame.size() >= 14)
    SkbFields[SkbProtocol / 4] = Frame[12] | uint32_t(Frame[13]) << 8;
}

/// The value of the field at a multiple of four, if programs may read it.
std::optional<uint32_t> Machine::contextField(uint32_t Offset) const {
  if (C.Hook == rt::Hook::XDP) {
    switch (Offset) {
    case XdpData:
    case XdpDataMeta: // no metadata: it begins where the packet does
      return dataAddress();
    case XdpDataEnd:
      return dataEndAddress();
    case XdpIngressIfindex:
      return O.IngressIfindex;
    case XdpRxQueueIndex:
      return O.RxQueueIndex;
    default:
      return std::nullopt;
    }
  }
  switch (Offset) {
  case SkbLen:
    return W->Packet.length();
  case SkbData:
  case SkbDataMeta:
    return dataAddress();
  case SkbDataEnd:
    return dataEndAddress();
  case SkbProtocol:
  case SkbIngressIfindex:
  case SkbIfindex:
    return SkbFields[Offset / 4];
  default:
    if (isWritableSkbField(Offset))
      return SkbFields[Offset / 4];
    return std::nullopt;
  }
}

bool Machine::loadContext(uint64_t Address, unsigned Size, uint64_t &Value) {
  uint32_t Offset = static_cast<uint32_t>(Address - CtxBase);
  uint32_t In = Offset % 4;
  std::optional<uint32_t> Field;
  // Parts of a field can be read, fields together cannot.
  if (W && In + Size <= 4)
    Field = contextField(Offset - In);
  if (!Field) {
    accessFault(Address, Size, /*Write=*/false,
                "the context has no such readable field");
    return false;
  }
  Value = *Field >> (In * 8);
  if (Size < 4)
    Value &= (uint64_t(1) << (Size * 8)) - 1;
  return true;
}

bool Machine::storeContext(uint64_t Address, unsigned Size, uint64_t Value) {
  uint32_t Offset = static_cast<uint32_t>(Address - CtxBase);
  uint32_t Word = static_cast<uint32_t>(Value);
  if (W && Size == 4 && C.Hook == rt::Hook::XDP && Offset == XdpRxQueueIndex) {
    Out.Queue = rt::selectedQueue(Word);
    return true;
  }
  if (W && Size == 4 && C.Hook == rt::Hook::TC && Offset % 4 == 0 &&
      isWritableSkbField(Offset)) {
    SkbFields[Offset / 4] = Word;
    return true;
  }
  accessFault(Address, Size, /*Write=*/true,
              "the context has no such writable field");
  return false;
}
