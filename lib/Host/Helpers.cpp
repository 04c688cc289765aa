//===- Helpers.cpp - Helper functions on the host -------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Run.h"

#include "nfpbpf/ISA/BPF/Helpers.h"
#include "nfpbpf/ISA/BPF/MapTypes.h"

#include "llvm/Support/FormatVariadic.h"

using namespace nfpbpf;
using namespace nfpbpf::host;

/// A result of 32 bits as helpers return it.
static uint64_t extended(int32_t Value) {
  return static_cast<uint64_t>(int64_t(Value));
}

std::optional<uint32_t> Run::mapArgument(uint64_t Handle, uint32_t Insn) {
  uint64_t Index = (Handle - MapHandleAddress) / MapHandleStep;
  if (Handle < MapHandleAddress || Handle % MapHandleStep ||
      Index >= W.Maps.size()) {
    stop(Insn,
         llvm::formatv("the helper's map argument {0:x} is no map", Handle));
    return std::nullopt;
  }
  const rt::MapSpec &Spec = W.Maps.spec(static_cast<uint32_t>(Index));
  if (!rt::isMapTypeKnown(Spec.Type)) {
    stop(Insn, "map " + Spec.Name + " is of type " +
                   ebpf::mapTypeName(Spec.Type) +
                   ", which only the kernel has; hash, array and "
                   "perf_event_array can be run");
    return std::nullopt;
  }
  return static_cast<uint32_t>(Index);
}

bool Run::contextArgument(uint64_t Pointer, uint32_t Insn) {
  if (Pointer == ContextAddress)
    return true;
  stop(Insn, "the helper's first argument is not the context");
  return false;
}

std::optional<llvm::ArrayRef<uint8_t>>
Run::bytesArgument(uint64_t Pointer, uint64_t Bytes, uint32_t Insn) {
  if (Bytes == 0)
    return llvm::ArrayRef<uint8_t>();
  const uint8_t *Host = at(Pointer, Bytes, /*IsWrite=*/false, Insn);
  if (!Host)
    return std::nullopt;
  return llvm::ArrayRef<uint8_t>(Host, Bytes);
}

uint64_t Run::mapHelper(uint32_t Id, llvm::ArrayRef<uint64_t> Arguments,
                        uint32_t Insn) {
  std::optional<uint32_t> Map = mapArgument(Arguments[0], Insn);
  if (!Map)
    return 0;
  const rt::MapSpec &Spec = W.Maps.spec(*Map);
  std::optional<llvm::ArrayRef<uint8_t>> Key =
      bytesArgument(Arguments[1], Spec.KeySize, Insn);
  if (!Key)
    return 0;
  if (Id == ebpf::MapLookupElem)
    return W.Maps.lookup(*Map, *Key);
  if (Id == ebpf::MapDeleteElem) {
    // The key may lie in the entry that goes.
    std::vector<uint8_t> Copy = Key->vec();
    return extended(W.Maps.remove(*Map, Copy));
  }
  std::optional<llvm::ArrayRef<uint8_t>> Value =
      bytesArgument(Arguments[2], Spec.ValueSize, Insn);
  if (!Value)
    return 0;
  std::vector<uint8_t> KeyCopy = Key->vec(), ValueCopy = Value->vec();
  return extended(W.Maps.update(*Map, KeyCopy, ValueCopy, Arguments[3]));
}

uint64_t Run::outputEvent(llvm::ArrayRef<uint64_t> Arguments, uint32_t Insn) {
  if (!contextArgument(Arguments[0], Insn))
    return 0;
  std::optional<uint32_t> Map = mapArgument(Arguments[1], Insn);
  if (!Map)
    return 0;
  if (W.Maps.spec(*Map).Type != rt::PerfEventArray) {
    stop(Insn, "events go to a perf event array, not to map " +
                   W.Maps.spec(*Map).Name);
    return 0;
  }
  std::optional<llvm::ArrayRef<uint8_t>> Data =
      bytesArgument(Arguments[3], Arguments[4], Insn);
  if (!Data)
    return 0;
  return extended(W.Events.output(*Map, Arguments[2], W.Packet.frame(), *Data));
}

uint64_t Run::adjustPacket(uint32_t Id, llvm::ArrayRef<uint64_t> Arguments,
                           uint32_t Insn) {
  if (Hook != rt::Hook::XDP) {
    stop(Insn, llvm::formatv("helper {0} ({1}) is for XDP programs only", Id,
                             ebpf::helperName(Id)));
    return 0;
  }
  if (!contextArgument(Arguments[0], Insn))
    return 0;
  const auto Delta = static_cast<int32_t>(Arguments[1]);
  const int32_t Error = Id == ebpf::XdpAdjustHead
                            ? W.Packet.adjustHead(Delta, O.Adjust)
                            : W.Packet.adjustTail(Delta);
  updatePacket();
  return extended(Error);
}

uint64_t Run::helper(uint32_t Id, llvm::ArrayRef<uint64_t> Arguments,
                     uint32_t Insn) {
  switch (Id) {
  case ebpf::MapLookupElem:
  case ebpf::MapUpdateElem:
  case ebpf::MapDeleteElem:
    return mapHelper(Id, Arguments, Insn);
  case ebpf::KtimeGetNs:
  case ebpf::KtimeGetBootNs:
    return W.Nanoseconds;
  case ebpf::GetPrandomU32:
    return W.Rng.next();
  case ebpf::PerfEventOutput:
    return outputEvent(Arguments, Insn);
  case ebpf::XdpAdjustHead:
  case ebpf::XdpAdjustTail:
    return adjustPacket(Id, Arguments, Insn);
  default:
    stop(Insn, llvm::formatv("helper {0} ({1}) is not available", Id,
                             ebpf::helperName(Id)));
    return 0;
  }
}

//===--- Entry points of generated code -----------------------------------===//

static Run &runOf(RunState *State) { return *static_cast<Run *>(State); }

static uint8_t *enter(RunState *S, uint32_t Insn) {
  return runOf(S).enter(Insn);
}
static uint8_t *at(RunState *S, uint64_t Address, uint64_t Bytes,
                   uint32_t IsWrite, uint32_t Insn) {
  return runOf(S).at(Address, Bytes, IsWrite != 0, Insn);
}
static uint64_t load(RunState *S, uint64_t Address, uint32_t Bytes,
                     uint32_t Insn) {
  return runOf(S).load(Address, Bytes, Insn);
}
static void store(RunState *S, uint64_t Address, uint32_t Bytes, uint64_t Value,
                  uint32_t Insn) {
  runOf(S).store(Address, Bytes, Value, Insn);
}
static uint64_t contextLoad(RunState *S, uint32_t Offset, uint32_t Bytes,
                            uint32_t Insn) {
  return runOf(S).loadContext(Offset, Bytes, Insn);
}
static void contextStore(RunState *S, uint32_t Offset, uint32_t Bytes,
                         uint64_t Value, uint32_t Insn) {
  runOf(S).storeContext(Offset, Bytes, Value, Insn);
}
static uint64_t packetLoad(RunState *S, uint32_t Offset, uint32_t Bytes) {
  return runOf(S).loadPacket(Offset, Bytes);
}
static uint64_t globalAddress(RunState *S, uint32_t Map) {
  return runOf(S).globalAddress(Map);
}
static uint64_t helper(RunState *S, uint32_t Id, uint64_t A, uint64_t B,
                       uint64_t C, uint64_t D, uint64_t E, uint32_t Insn) {
  const uint64_t Arguments[] = {A, B, C, D, E};
  return runOf(S).helper(Id, Arguments, Insn);
}
static void exhausted(RunState *S, uint32_t Insn) { runOf(S).exhausted(Insn); }

llvm::ArrayRef<EnvironmentFunction> host::environmentFunctions() {
  static const EnvironmentFunction Functions[] = {
      {env::Enter, reinterpret_cast<void *>(enter)},
      {env::At, reinterpret_cast<void *>(at)},
      {env::Load, reinterpret_cast<void *>(load)},
      {env::Store, reinterpret_cast<void *>(store)},
      {env::ContextLoad, reinterpret_cast<void *>(contextLoad)},
      {env::ContextStore, reinterpret_cast<void *>(contextStore)},
      {env::PacketLoad, reinterpret_cast<void *>(packetLoad)},
      {env::GlobalAddress, reinterpret_cast<void *>(globalAddress)},
      {env::Helper, reinterpret_cast<void *>(helper)},
      {env::Exhausted, reinterpret_cast<void *>(exhausted)},
  };
  return Functions;
}
