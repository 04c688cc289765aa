//===- Helpers.cpp - Firmware routines that programs call -----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP BPF offload ABI, section 9; NFP offload environment, section 5.
//
//===----------------------------------------------------------------------===//

#include "Dispatch.h"

using namespace llvm;

namespace nfpbpf::sim {

namespace {
/// Pointer types of perf_event_output's data argument.
enum PointerType : uint32_t {
  PtrScalar = 1,
  PtrMapValue = 4,
  PtrStack = 6,
  PtrPacket = 8,
};
/// Largest record and key a helper takes.
constexpr uint32_t MaxEventBytes = 16384;
constexpr uint32_t MaxKeyBytes = 512;
constexpr uint32_t MaxValueBytes = 512;
} // namespace

/// A general register that a routine reads. Both banks must agree unless the
/// convention names one.
static bool argument(State &S, const MicroOp *Op, unsigned N, bool Both,
                     const char *What, uint32_t &V) {
  Value A = S.R[PlaceA + N];
  if (undefOf(A)) {
    S.fatal(FaultKind::UndefinedArgument, Op,
            Twine(What) + " (A" + Twine(N) + ") is not defined");
    return false;
  }
  if (Both && S.R[PlaceB + N] != A) {
    S.fatal(FaultKind::HelperArgument, Op,
            Twine(What) + ": A" + Twine(N) + " and B" + Twine(N) +
                " hold different values");
    return false;
  }
  V = bitsOf(A);
  return true;
}

/// Bytes of local memory from a byte address. Every bit must be defined.
static bool localBytes(State &S, const MicroOp *Op, uint32_t Address,
                       uint32_t Bytes, const char *What, uint8_t *Out) {
  if (Address < S.StackLo * 4 || Address + Bytes > S.StackHi * 4) {
    S.fatal(FaultKind::LocalMemoryAccess, Op,
            Twine(What) + ": " + Twine(Bytes) + " bytes at local memory " +
                Twine(Address) + " are not in the stack (" +
                Twine(S.StackLo * 4) + " to " + Twine(S.StackHi * 4) + ")");
    return false;
  }
  for (uint32_t I = 0; I < Bytes; ++I) {
    uint32_t At = Address + I;
    Value V = S.LM[At / 4];
    unsigned Shift = 8 * (At & 3);
    if ((undefOf(V) >> Shift) & 0xff) {
      S.fault(FaultKind::UndefinedArgument, Op,
              Twine(What) + ": byte " + Twine(I) +
                  " of the stack is not defined");
      if (S.Stopped)
        return false;
    }
    Out[I] = static_cast<uint8_t>(bitsOf(V) >> Shift);
  }
  return true;
}

/// The byte address in a local memory pointer that a routine uses at once.
static bool pointerAddress(State &S, const MicroOp *Op, unsigned Pointer,
                           const char *What, uint32_t &Address) {
  if (S.LMReady[Pointer] == Never) {
    S.fatal(FaultKind::HelperArgument, Op,
            Twine(What) + ": local memory pointer " + Twine(Pointer) +
                " has no defined value");
    return false;
  }
  if (S.Arch < S.LMReady[Pointer] &&
      !S.fault(FaultKind::StaleLMPointer, Op,
               Twine(What) + ": local memory pointer " + Twine(Pointer) +
                   " takes effect " + Twine(S.LMReady[Pointer] - S.Arch) +
                   " cycles after the routine starts"))
    return false;
  Address = S.LMWord[Pointer] * 4;
  return true;
}

/// Everything a routine may overwrite.
static void clobber(State &S) {
  for (unsigned N = 0; N < 12; ++N) {
    S.R[PlaceA + N] = undefined(0x100 + N);
    S.R[PlaceB + N] = undefined(0x200 + N);
  }
  for (unsigned N : {20u, 21u, 23u}) {
    S.R[PlaceA + N] = undefined(0x100 + N);
    S.R[PlaceB + N] = undefined(0x200 + N);
  }
  for (unsigned N = 0; N < NumXferOwned; ++N) {
    S.R[PlaceXferIn + N] = undefined(0x300 + N);
    S.R[PlaceXferOut + N] = undefined(0x400 + N);
  }
  S.LMReady[2] = S.LMReady[3] = Never;
  S.LMReady[0] = 0;
  S.PredCC = StaleLatch;
  S.PredReady = Never;
  S.ByteAlignPrev = StaleLatch;
  S.forgetAcrossSwap();
}

static void setResult(State &S, uint64_t R0) {
  S.R[PlaceA] = S.R[PlaceB] = static_cast<uint32_t>(R0);
  S.R[PlaceA + 1] = S.R[PlaceB + 1] = static_cast<uint32_t>(R0 >> 32);
}

static const rt::MapSpec *tableOf(State &S, const MicroOp *Op, uint32_t &Map) {
  uint32_t Id;
  if (!argument(S, Op, 0, false, "table id", Id))
    return nullptr;
  for (const MapBinding &B : S.Prog->Load.Tables) {
    if (B.Id != Id)
      continue;
    Map = B.Map;
    return &S.Maps->spec(Map);
  }
  S.fatal(FaultKind::HelperArgument, Op, "no map has table id " + Twine(Id));
  return nullptr;
}

/// The key at LM0, whose last word the routine masks in place.
static bool keyOf(State &S, const MicroOp *Op, const rt::MapSpec &Spec,
                  uint8_t *Key) {
  uint32_t Address;
  if (!pointerAddress(S, Op, 0, "key", Address))
    return false;
  if (Spec.KeySize > MaxKeyBytes) {
    S.fatal(FaultKind::Unsupported, Op,
            "key of " + Twine(Spec.KeySize) + " bytes");
    return false;
  }
  if (!localBytes(S, Op, Address, Spec.KeySize, "key", Key))
    return false;
  if (unsigned Rest = Spec.KeySize & 3) {
    Value &Last = S.LM[(Address + Spec.KeySize) / 4];
    uint32_t Keep = (1u << (8 * Rest)) - 1;
    Last = makeValue(bitsOf(Last) & Keep, undefOf(Last) & Keep);
    S.noteStackWrite((Address + Spec.KeySize) / 4);
  }
  return true;
}

/// Charges a routine: \p Cycles on the microengine around its memory waits.
static void charge(State &S, double Cycles, bool IsMap, bool Assumed) {
  const TimingModel &M = S.Prof->Timing;
  unsigned Waits = IsMap ? M.HelperMemoryOps : 0;
  if (!S.Interleaved || Waits == 0)
    S.Offset += Cycles + Waits * M.LatencyEmem;
  else
    S.Helper = {Cycles / (Waits + 1), Cycles / (Waits + 1), Waits};
  if (!S.Exited) {
    S.HelperCycles += Cycles;
    S.chargeOf(S.LastTaken).HelperCycles += Cycles;
    S.LatLow += Waits * M.EmemLatency.Low;
    S.LatHigh += Waits * M.EmemLatency.High;
    S.HelperLatLow += Waits * M.EmemLatency.Low;
    S.HelperLatHigh += Waits * M.EmemLatency.High;
    S.Wait += Waits * M.LatencyEmem;
    if (IsMap) {
      ++S.Lookups;
      S.Engine += M.HelperEngineAtomics * M.EngineAddCycles;
    }
    if (Assumed)
      S.Unvalidated |= UnvalidatedHelper;
  }
  S.LastMem = S.T;
}

static bool mapHelper(State &S, const MicroOp *Op, uint32_t Id) {
  const TimingModel &M = S.Prof->Timing;
  uint32_t Map;
  const rt::MapSpec *Spec = tableOf(S, Op, Map);
  if (!Spec)
    return false;
  uint8_t Key[MaxKeyBytes];
  if (!keyOf(S, Op, *Spec, Key))
    return false;
  ArrayRef<uint8_t> KeyRef(Key, Spec->KeySize);
  if (Id == HelperMapLookup) {
    uint64_t Address = S.Maps->lookup(Map, KeyRef);
    charge(S, Address ? M.LookupHitCycles : M.LookupMissCycles, true,
           Address == 0);
    clobber(S);
    // The pair {low, high} whose sum (high << 8) + low is the address.
    setResult(S, Address == 0 ? 0 : (Address >> 8) << 32 | (Address & 0xff));
    return true;
  }
  if (Id == HelperMapDelete) {
    int32_t R = S.Maps->remove(Map, KeyRef);
    charge(S, M.DeleteCycles, true, true);
    clobber(S);
    setResult(S, static_cast<uint64_t>(static_cast<int64_t>(R)));
    return true;
  }
  uint32_t Address, FlagsLo, FlagsHi;
  if (!pointerAddress(S, Op, 2, "value", Address) ||
      !argument(S, Op, 8, true, "flags", FlagsLo) ||
      !argument(S, Op, 9, true, "flags", FlagsHi))
    return false;
  if (Spec->ValueSize > MaxValueBytes) {
    S.fatal(FaultKind::Unsupported, Op,
            "update of a value of " + Twine(Spec->ValueSize) + " bytes");
    return false;
  }
  uint8_t Bytes[MaxValueBytes];
  if (!localBytes(S, Op, Address, Spec->ValueSize, "value", Bytes))
    return false;
  int32_t R = S.Maps->update(Map, KeyRef, {Bytes, Spec->ValueSize},
                             uint64_t(FlagsHi) << 32 | FlagsLo);
  charge(S, M.UpdateCycles, true, true);
  clobber(S);
  setResult(S, static_cast<uint64_t>(static_cast<int64_t>(R)));
  return true;
}

static bool perfHelper(State &S, const MicroOp *Op) {
  uint32_t Id, FlagsLo, FlagsHi, Pointer, Size, Type;
  if (!argument(S, Op, 4, true, "event map", Id) ||
      !argument(S, Op, 6, true, "event flags", FlagsLo) ||
      !argument(S, Op, 7, true, "event flags", FlagsHi) ||
      !argument(S, Op, 10, true, "event size", Size) ||
      !argument(S, Op, 1, false, "pointer type", Type))
    return false;
  const MapBinding *Binding = nullptr;
  for (const MapBinding &B : S.Prog->Load.Events)
    if (B.Id == Id)
      Binding = &B;
  if (!Binding) {
    S.fatal(FaultKind::HelperArgument, Op,
            "no event array has map id " + Twine(Id));
    return false;
  }
  if (Size > MaxEventBytes) {
    S.fatal(FaultKind::HelperArgument, Op,
            "event of " + Twine(Size) + " bytes");
    return false;
  }
  std::vector<uint8_t> Data(Size);
  switch (Type) {
  case PtrScalar:
    if (!argument(S, Op, 8, true, "event data", Pointer))
      return false;
    if (Pointer != 0 || Size != 0) {
      S.fatal(FaultKind::HelperArgument, Op,
              "event data of type scalar that is not null and empty");
      return false;
    }
    break;
  case PtrStack:
    if (!argument(S, Op, 8, true, "event data", Pointer) ||
        !localBytes(S, Op, Pointer, Size, "event data", Data.data()))
      return false;
    break;
  case PtrPacket: {
    if (!argument(S, Op, 8, true, "event data", Pointer))
      return false;
    MemorySpan M;
    if (!packetSpan(S, Op, Pointer, Size, false, M)) {
      S.Stopped = true;
      return false;
    }
    if ((M.Lead > 0 || M.Valid < Size) &&
        !S.fault(FaultKind::UndefinedArgument, Op,
                 "event data outside of the frame"))
      return false;
    std::copy_n(M.Data + M.Lead, M.Valid - M.Lead, Data.begin() + M.Lead);
    break;
  }
  case PtrMapValue: {
    uint32_t High;
    if (!argument(S, Op, 8, true, "event data", Pointer) ||
        !argument(S, Op, 9, true, "event data", High))
      return false;
    uint64_t Address = ((uint64_t(High) << 8) + Pointer) & 0xffffffffffull;
    MemorySpan M;
    if (!mapSpan(S, Op, Address, Size ? Size : 1, false, false, M)) {
      S.Stopped = true;
      return false;
    }
    if (M.Valid < Size) {
      S.fatal(FaultKind::MapAccess, Op,
              "event data of " + Twine(Size) +
                  " bytes crosses the end of a "
                  "map's value");
      return false;
    }
    std::copy_n(M.Data, Size, Data.begin());
    break;
  }
  default:
    S.fatal(FaultKind::HelperArgument, Op,
            "pointer type " + Twine(Type) + " of event data");
    return false;
  }
  uint32_t Begin = bitsOf(S.LM[S.VectorLo + VectorPointer]) & PacketOffsetMask;
  uint32_t Length = bitsOf(S.LM[S.VectorLo + VectorLength]) & PacketLengthMask;
  ArrayRef<uint8_t> Buffer = S.Packet->buffer();
  if (Begin + Length > Buffer.size()) {
    S.fatal(FaultKind::PacketWindow, Op,
            "the packet vector describes a frame outside of its buffer");
    return false;
  }
  int32_t R = S.Events->output(Binding->Map, uint64_t(FlagsHi) << 32 | FlagsLo,
                               Buffer.slice(Begin, Length), Data);
  charge(S, S.Prof->Timing.PerfEventCycles, false, true);
  clobber(S);
  setResult(S, static_cast<uint64_t>(static_cast<int64_t>(R)));
  return true;
}

const MicroOp *helperHandler(State &S, const MicroOp *Op) {
  uint32_t Id = Op->Imm;
  Value Return = S.R[PlaceB];
  if (undefOf(Return)) {
    S.fatal(FaultKind::HelperArgument, Op,
            "helper " + Twine(Id) + " has no return address in B0");
    return nullptr;
  }
  if (!checkPendingAtExit(S, Op))
    return nullptr;
  bool Ok;
  switch (Id) {
  case HelperMapLookup:
  case HelperMapUpdate:
  case HelperMapDelete:
    Ok = mapHelper(S, Op, Id);
    break;
  case HelperPerfEventOutput:
    Ok = perfHelper(S, Op);
    break;
  default:
    S.fatal(FaultKind::Unsupported, Op,
            "the firmware model has no helper " + Twine(Id));
    return nullptr;
  }
  if (!Ok)
    return nullptr;
  const MicroOp *To = jumpTo(S, bitsOf(Return), Op);
  if (!To)
    return nullptr;
  S.RunStart = To;
  S.EntryCC = false;
  // The routine waits for memory: other contexts run.
  if (S.Helper.Waits && !S.sleepUntil(0, To))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

} // namespace nfpbpf::sim
