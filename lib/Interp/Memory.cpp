//===- Memory.cpp - Address space of the interpreter --------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstring>

using namespace nfpbpf;
using namespace nfpbpf::interp;

static_assert(rt::PacketBuffer::WireOffset + rt::PacketBuffer::MaxFrame +
                      rt::PacketBuffer::TailSlack <=
                  PacketBytes,
              "a packet buffer has its own addresses");

bool Machine::load(uint64_t Address, unsigned Size, uint64_t &Value) {
  if (isContext(Address))
    return loadContext(Address, Size, Value);
  const uint8_t *Memory = at(Address, Size, /*Write=*/false);
  if (!Memory)
    return false;
  // The host is little-endian like the interpreted machine.
  Value = 0;
  std::memcpy(&Value, Memory, Size);
  return true;
}

bool Machine::store(uint64_t Address, unsigned Size, uint64_t Value) {
  if (isContext(Address))
    return storeContext(Address, Size, Value);
  uint8_t *Memory = at(Address, Size, /*Write=*/true);
  if (!Memory)
    return false;
  std::memcpy(Memory, &Value, Size);
  return true;
}

uint8_t *Machine::at(uint64_t Address, uint64_t Size, bool Write) {
  // Packet.
  if (W && Address - PacketBase < PacketBytes) {
    uint64_t Offset = Address - PacketBase;
    uint64_t Begin = W->Packet.offset(), End = Begin + W->Packet.length();
    if (Offset >= Begin && Offset <= End && Size <= End - Offset)
      return W->Packet.buffer().data() + Offset;
    accessFault(Address, Size, Write, "outside the packet");
    return nullptr;
  }
  // Stack: of this function or an active caller.
  if (Address - StackBase < (Frames.size() + 1) * FrameSpacing) {
    uint64_t Depth = (Address - StackBase) / FrameSpacing;
    uint64_t In = (Address - StackBase) % FrameSpacing;
    uint64_t Bottom = FrameTop - O.StackBytes;
    if (In >= Bottom && In <= FrameTop && Size <= FrameTop - In)
      return Stacks.data() + Depth * O.StackBytes + (In - Bottom);
    accessFault(Address, Size, Write, "outside the stack frame");
    return nullptr;
  }
  // Map values.
  if (W && Size <= UINT32_MAX) {
    uint32_t Bytes = static_cast<uint32_t>(Size);
    if (std::optional<rt::ValueRef> V = W->Maps.value(Address, Bytes)) {
      if (Write && W->Maps.spec(V->Map).ReadOnly) {
        accessFault(Address, Size, Write, "the map is read-only");
        return nullptr;
      }
      return W->Maps.memory(Address, Bytes);
    }
  }
  // The memory of runOn().
  if (Address - AreaBase <= Area.size() &&
      Size <= Area.size() - (Address - AreaBase))
    return Area.data() + (Address - AreaBase);
  accessFault(Address, Size, Write, "outside every region");
  return nullptr;
}

std::string Machine::describeAddress(uint64_t Address) const {
  if (W && Address - PacketBase < PacketBytes)
    return llvm::formatv("packet offset {0} of {1}-byte packet",
                         static_cast<int64_t>(Address - PacketBase) -
                             static_cast<int64_t>(W->Packet.offset()),
                         W->Packet.length())
        .str();
  if (Address - StackBase < uint64_t(O.MaxDepth) * FrameSpacing) {
    uint64_t Depth = (Address - StackBase) / FrameSpacing;
    int64_t Off = static_cast<int64_t>((Address - StackBase) % FrameSpacing) -
                  static_cast<int64_t>(FrameTop);
    return llvm::formatv("r10{0}{1} of frame {2} ({3} bytes)",
                         Off < 0 ? "" : "+", Off, Depth, O.StackBytes)
        .str();
  }
  if (isContext(Address))
    return llvm::formatv("context offset {0}", Address - CtxBase).str();
  uint64_t Map = (Address >> 32) - rt::MapStore::FirstWindow;
  if (W && Map < W->Maps.size())
    return llvm::formatv("byte {0} of the memory of map {1}",
                         Address & 0xffffffff,
                         W->Maps.spec(static_cast<uint32_t>(Map)).Name)
        .str();
  if (Address >= MapHandleBase)
    return "a map handle";
  if (Address < 4096)
    return llvm::formatv("null pointer plus {0}", Address).str();
  return llvm::formatv("address {0:x}", Address).str();
}

void Machine::accessFault(uint64_t Address, uint64_t Size, bool Write,
                          const llvm::Twine &Why) {
  fault(Fault::Kind::Access,
        llvm::formatv("{0} of {1} byte{2} at {3}: ", Write ? "write" : "read",
                      Size, Size == 1 ? "" : "s", describeAddress(Address)) +
            Why);
  Out.Error->Address = Address;
  Out.Error->Bytes = static_cast<uint32_t>(Size);
}
