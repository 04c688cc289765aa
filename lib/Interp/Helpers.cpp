//===- Helpers.cpp - Helper functions of the interpreter ----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/BPF/Helpers.h"
#include "Machine.h"
#include "llvm/Support/FormatVariadic.h"

using namespace nfpbpf;
using namespace nfpbpf::interp;

namespace {

// Numbers of enum bpf_func_id.
enum HelperNumber : uint32_t {
  MapLookup = 1,
  MapUpdate = 2,
  MapDelete = 3,
  KtimeGetNs = 5,
  PrandomU32 = 7,
  PerfEventOutput = 25,
  AdjustHead = 44,
  AdjustTail = 65,
  KtimeGetBootNs = 125,
  Loop = 181,
};

} // namespace

void Machine::clobberArguments() {
  if (!O.ClobberArguments)
    return;
  for (unsigned Reg = 1; Reg <= 5; ++Reg)
    R[Reg] = 0xbad0bad0bad0bad0 + Reg;
}

bool Machine::mapArgument(uint64_t Handle, uint32_t &Map) {
  uint64_t Distance = Handle - MapHandleBase;
  if (Distance % MapHandleSpacing == 0 &&
      Distance / MapHandleSpacing < W->Maps.size()) {
    Map = static_cast<uint32_t>(Distance / MapHandleSpacing);
    const rt::MapSpec &Spec = W->Maps.spec(Map);
    return rt::isMapTypeKnown(Spec.Type) ||
           fault(Fault::Kind::Helper,
                 llvm::formatv("map {0} has type {1}, which only the kernel "
                               "has; hash (1), array (2) and perf_event_array "
                               "(4) can be run",
                               Spec.Name, Spec.Type));
  }
  return fault(Fault::Kind::Helper,
               llvm::formatv("helper argument {0:x} is no map", Handle));
}

bool Machine::contextArgument(uint64_t Pointer) {
  return Pointer == CtxBase ||
         fault(Fault::Kind::Helper,
               "first helper argument is not the context pointer");
}

bool Machine::bytesArgument(uint64_t Pointer, uint64_t Size,
                            std::vector<uint8_t> &Bytes) {
  if (Size == 0)
    return true;
  const uint8_t *Memory = at(Pointer, Size, /*Write=*/false);
  if (!Memory)
    return false;
  Bytes.assign(Memory, Memory + Size);
  return true;
}

/// bpf_loop(rounds, callback, data, flags).
void Machine::loop() {
  uint32_t Rounds = static_cast<uint32_t>(R[1]);
  int64_t Target;
  if (!functionArgument(R[2], Target))
    return;
  int64_t Refused = R[4] != 0 ? -22 : Rounds > ebpf::MaxLoopRounds ? -7 : 0;
  if (Refused != 0 || Rounds == 0) {
    R[0] = static_cast<uint64_t>(Refused);
    clobberArguments();
    return;
  }
  Frame Caller;
  Caller.Rounds = Rounds;
  Caller.Callback = static_cast<uint32_t>(Target);
  Caller.Data = R[3];
  if (!enter(Target, Caller))
    return;
  clobberArguments();
  R[1] = 0;
  R[2] = Caller.Data;
}

/// After a round of bpf_loop: false when it was the last.
bool Machine::nextRound() {
  Frame &F = Frames.back();
  ++F.Round;
  if (R[0] != 0 || F.Round == F.Rounds) {
    R[0] = F.Round;
    return false;
  }
  std::copy(F.Saved, F.Saved + 4, R + 6);
  std::fill(Stacks.end() - static_cast<ptrdiff_t>(O.StackBytes), Stacks.end(),
            0);
  MayGotoLeft = ebpf::MayGotoRounds;
  clobberArguments();
  R[1] = F.Round;
  R[2] = F.Data;
  Next = F.Callback;
  return true;
}

void Machine::callHelper(uint32_t Id) {
  if (Id == Loop) {
    loop();
    return;
  }
  if (Id == KtimeGetNs || Id == KtimeGetBootNs) {
    R[0] = W ? W->Nanoseconds : 0;
    clobberArguments();
    return;
  }
  if (!W) {
    fault(Fault::Kind::Helper,
          llvm::formatv("helper {0} called without packet and maps", Id));
    return;
  }
  auto Return = [&](int64_t Value) { R[0] = static_cast<uint64_t>(Value); };
  uint32_t Map = 0;
  std::vector<uint8_t> Key, Value;
  switch (Id) {
  case MapLookup:
    if (!mapArgument(R[1], Map) ||
        !bytesArgument(R[2], W->Maps.spec(Map).KeySize, Key))
      return;
    R[0] = W->Maps.lookup(Map, Key);
    break;
  case MapUpdate:
    if (!mapArgument(R[1], Map) ||
        !bytesArgument(R[2], W->Maps.spec(Map).KeySize, Key) ||
        !bytesArgument(R[3], W->Maps.spec(Map).ValueSize, Value))
      return;
    Return(W->Maps.update(Map, Key, Value, R[4]));
    break;
  case MapDelete:
    if (!mapArgument(R[1], Map) ||
        !bytesArgument(R[2], W->Maps.spec(Map).KeySize, Key))
      return;
    Return(W->Maps.remove(Map, Key));
    break;
  case PrandomU32:
    R[0] = W->Rng.next();
    break;
  case PerfEventOutput:
    if (!contextArgument(R[1]) || !mapArgument(R[2], Map))
      return;
    if (W->Maps.spec(Map).Type != rt::PerfEventArray) {
      fault(Fault::Kind::Helper,
            "map " + W->Maps.spec(Map).Name + " is no perf event array");
      return;
    }
    if (!bytesArgument(R[4], R[5], Value))
      return;
    Return(W->Events.output(Map, R[3], W->Packet.frame(), Value));
    break;
  case AdjustHead:
  case AdjustTail:
    if (C.Hook != rt::Hook::XDP) {
      fault(Fault::Kind::Helper,
            llvm::formatv("helper {0} is only for XDP programs", Id));
      return;
    }
    if (!contextArgument(R[1]))
      return;
    Return(Id == AdjustHead
               ? W->Packet.adjustHead(static_cast<int32_t>(R[2]), O.Adjust)
               : W->Packet.adjustTail(static_cast<int32_t>(R[2])));
    break;
  default:
    fault(Fault::Kind::Helper,
          llvm::formatv("helper {0} is not available on the card", Id));
    return;
  }
  clobberArguments();
}
