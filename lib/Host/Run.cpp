//===- Run.cpp - Memory and control of one run ----------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Run.h"

#include "llvm/Support/FormatVariadic.h"
#include <cstring>

using namespace nfpbpf;
using namespace nfpbpf::host;

static_assert(rt::PacketBuffer::WireOffset + rt::PacketBuffer::MaxFrame +
                      rt::PacketBuffer::TailSlack <=
                  PacketAddressBytes,
              "a packet buffer has its own addresses");

Run::Run(const Options &O, rt::Hook Hook, const World &W,
         std::vector<uint8_t> &Stacks)
    : O(O), Hook(Hook), W(W), Stacks(Stacks) {
  Budget = O.LoopLimit;
  std::memset(Stacks.data(), 0, FrameBytes);
  updatePacket();
  setUpContext();
}

Result Run::call(EntryFunction Entry) {
  Out.R0 = Entry(this, Stacks.data(), ContextAddress);
  if (Out.Aborted) {
    Out.R0 = 0;
    Out.Verdict = rt::abortVerdict(Hook);
  } else if (!Out.Error) {
    Out.Verdict = rt::verdictOf(Hook, static_cast<uint32_t>(Out.R0));
  }
  return std::move(Out);
}

void Run::stop(uint32_t Insn, const llvm::Twine &Message) {
  Stopped = 1;
  Fault F;
  if (Insn != NoInsn)
    F.Insn = Insn;
  F.Message = Message.str();
  Out.Error = std::move(F);
}

void Run::exhausted(uint32_t Insn) {
  stop(Insn, llvm::formatv("more than {0} rounds of loops", O.LoopLimit));
}

uint8_t *Run::enter(uint32_t Insn) {
  if (Depth + 1 >= O.MaxDepth) {
    stop(Insn, llvm::formatv("more than {0} functions active", O.MaxDepth));
    return nullptr;
  }
  ++Depth;
  uint8_t *Frame = Stacks.data() + size_t(Depth) * FrameBytes;
  std::memset(Frame, 0, FrameBytes);
  return Frame;
}

void Run::updatePacket() {
  PacketBegin = PacketAddress + W.Packet.offset();
  PacketEnd = PacketBegin + W.Packet.length();
  PacketToHost =
      reinterpret_cast<uintptr_t>(W.Packet.buffer().data()) - PacketAddress;
}

/// Host address of bytes of a map's value, or null and the reason.
uint8_t *Run::valueAt(uint64_t Address, uint32_t Bytes, bool IsWrite,
                      const char *&Why) {
  std::optional<rt::ValueRef> Ref = W.Maps.value(Address, Bytes);
  if (!Ref)
    return nullptr;
  const rt::MapSpec &Spec = W.Maps.spec(Ref->Map);
  if (IsWrite && Spec.ReadOnly) {
    Why = "the map is read-only";
    return nullptr;
  }
  uint8_t *Host = W.Maps.memory(Address, Bytes);
  // Generated code translates further accesses of the value itself, writes
  // among them.
  if (!Spec.ReadOnly) {
    ValueBegin = Address - Ref->Offset;
    ValueEnd = ValueBegin + Spec.ValueSize;
    ValueToHost = reinterpret_cast<uintptr_t>(Host) - Address;
  }
  return Host;
}

uint8_t *Run::at(uint64_t Address, uint64_t Bytes, bool IsWrite,
                 uint32_t Insn) {
  const char *Why = "outside every region";
  uint8_t *Host = nullptr;
  uint64_t FrameNumber = (Address - StackAddress) / FrameAddressStep;
  if (Address - PacketAddress < PacketAddressBytes) {
    Why = "outside the packet";
    if (Address >= PacketBegin && Address <= PacketEnd &&
        Bytes <= PacketEnd - Address)
      Host = W.Packet.buffer().data() + (Address - PacketAddress);
  } else if (FrameNumber <= Depth) {
    Why = "outside the stack frame";
    uint64_t Bottom = FrameTopOffset - FrameBytes;
    uint64_t In = (Address - StackAddress) % FrameAddressStep - Bottom;
    if (In <= FrameBytes && Bytes <= FrameBytes - In)
      Host = Stacks.data() + FrameNumber * FrameBytes + In;
  } else if (Bytes <= UINT32_MAX) {
    Host = valueAt(Address, static_cast<uint32_t>(Bytes), IsWrite, Why);
  }
  if (!Host)
    stop(Insn, llvm::formatv("{0} of {1} byte{2} at {3}: {4}",
                             IsWrite ? "write" : "read", Bytes,
                             Bytes == 1 ? "" : "s", regionOf(Address), Why));
  return Host;
}

/// A place for messages.
std::string Run::regionOf(uint64_t Address) const {
  if (Address - PacketAddress < PacketAddressBytes)
    return llvm::formatv("byte {0} of the packet of {1} bytes",
                         static_cast<int64_t>(Address - PacketBegin),
                         PacketEnd - PacketBegin);
  uint64_t FrameNumber = (Address - StackAddress) / FrameAddressStep;
  if (FrameNumber <= Depth)
    return llvm::formatv(
        "r10 {0} of the frame of function {1}",
        static_cast<int64_t>((Address - StackAddress) % FrameAddressStep) -
            static_cast<int64_t>(FrameTopOffset),
        FrameNumber);
  if (Address - ContextAddress < ContextAddressBytes)
    return llvm::formatv("byte {0} of the context", Address - ContextAddress);
  if (Address >= MapHandleAddress)
    return "a map handle";
  if (Address < 4096)
    return llvm::formatv("the null pointer plus {0}", Address);
  return llvm::formatv("address {0:x}", Address);
}

uint64_t Run::load(uint64_t Address, uint32_t Bytes, uint32_t Insn) {
  if (Address - ContextAddress < ContextAddressBytes)
    return loadContext(static_cast<uint32_t>(Address - ContextAddress), Bytes,
                       Insn);
  uint64_t Value = 0;
  if (const uint8_t *Host = at(Address, Bytes, /*IsWrite=*/false, Insn))
    std::memcpy(&Value, Host, Bytes);
  return Value;
}

void Run::store(uint64_t Address, uint32_t Bytes, uint64_t Value,
                uint32_t Insn) {
  if (Address - ContextAddress < ContextAddressBytes)
    storeContext(static_cast<uint32_t>(Address - ContextAddress), Bytes, Value,
                 Insn);
  else if (uint8_t *Host = at(Address, Bytes, /*IsWrite=*/true, Insn))
    std::memcpy(Host, &Value, Bytes);
}

uint64_t Run::loadPacket(uint32_t Offset, uint32_t Bytes) {
  llvm::ArrayRef<uint8_t> Frame = W.Packet.frame();
  if (Bytes > Frame.size() || Offset > Frame.size() - Bytes) {
    Stopped = 1;
    Out.Aborted = true;
    return 0;
  }
  uint64_t Value = 0;
  for (uint8_t Byte : Frame.slice(Offset, Bytes))
    Value = Value << 8 | Byte;
  return Value;
}

uint64_t Run::globalAddress(uint32_t Map) {
  if (Map < W.Maps.size())
    return W.Maps.globalAddress(Map);
  // An address of nothing: its use ends the run.
  return 0;
}
