//===- Memory.cpp - Where addresses point ---------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, section 4.15; NFP BPF offload ABI, section 6.
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

using namespace llvm;

namespace nfpbpf::sim {

bool packetSpan(State &S, const MicroOp *Op, uint32_t Address, uint32_t Bytes,
                bool Write, MemorySpan &Span) {
  if ((Address & ~PacketOffsetMask) != S.PacketBase) {
    S.fault(FaultKind::PacketAccess, Op,
            "address " + hex(Address) +
                " is not in the buffer of this packet (" + hex(S.PacketBase) +
                " and a 13-bit offset)");
    return false;
  }
  uint32_t Offset = Address & PacketOffsetMask;
  Value Pointer = S.LM[S.VectorLo + VectorPointer];
  Value Length = S.LM[S.VectorLo + VectorLength];
  if (((undefOf(Pointer) & PacketOffsetMask) |
       (undefOf(Length) & PacketLengthMask)) != 0) {
    S.fault(FaultKind::PacketAccess, Op,
            "the packet vector's offset or length is not defined");
    return false;
  }
  uint32_t Begin = bitsOf(Pointer) & PacketOffsetMask;
  uint32_t End = Begin + (bitsOf(Length) & PacketLengthMask);
  uint32_t Limit = S.InlineEnd;
  if (Write) {
    if (Offset < Begin || Offset + Bytes > End) {
      S.fault(FaultKind::PacketAccess, Op,
              "write of " + Twine(Bytes) + " bytes at buffer offset " +
                  Twine(Offset) + " is outside of the frame (" + Twine(Begin) +
                  " to " + Twine(End) + ")");
      return false;
    }
    if (Offset + Bytes > Limit) {
      S.fault(FaultKind::PacketAccess, Op,
              "write of " + Twine(Bytes) + " bytes at buffer offset " +
                  Twine(Offset) + " is beyond the inline part of the packet (" +
                  Twine(Limit) + ")");
      return false;
    }
    Span.Lead = 0;
    Span.Valid = Bytes;
  } else {
    if (Offset >= Limit) {
      S.fault(FaultKind::PacketAccess, Op,
              "read at buffer offset " + Twine(Offset) +
                  " is beyond the inline part of the packet (" + Twine(Limit) +
                  ")");
      return false;
    }
    End = std::min(End, Limit);
    Span.Lead = Offset < Begin ? Begin - Offset : 0;
    Span.Valid = End > Offset ? std::min(End - Offset, Bytes) : 0;
  }
  Span.Data = S.Buffer + Offset;
  return true;
}

bool mapSpan(State &S, const MicroOp *Op, uint64_t Address, uint32_t Bytes,
             bool Write, bool Atomic, MemorySpan &Span) {
  std::optional<rt::ValueRef> Ref = S.Maps->value(Address, Write ? Bytes : 1);
  if (!Ref) {
    S.fault(FaultKind::MapAccess, Op,
            Twine(Write ? "write" : "read") + " of " + Twine(Bytes) +
                " bytes at " + hex(Address) +
                (Address >> 8 == 0 ? " (null)" : "") +
                " is not inside the value of a map");
    return false;
  }
  const rt::MapSpec &Spec = S.Maps->spec(Ref->Map);
  if (Write && Spec.ReadOnly) {
    S.fault(FaultKind::MapReadOnly, Op,
            "write to the read-only map '" + Spec.Name + "'");
    return false;
  }
  if (Atomic) {
    ArrayRef<rt::WordUse> Uses = S.Maps->wordUses(Ref->Map);
    for (uint32_t W = Ref->Offset / 4; W < (Ref->Offset + Bytes + 3) / 4; ++W) {
      if (Uses.empty() || (W < Uses.size() && Uses[W] == rt::WordUse::Atomic))
        continue;
      if (!S.fault(FaultKind::AtomicOrder, Op,
                   "atomic on word " + Twine(W) + " of map '" + Spec.Name +
                       "', which is not kept big-endian"))
        return false;
    }
  }
  Span.Lead = 0;
  Span.Valid = std::min(Bytes, Spec.ValueSize - Ref->Offset);
  Span.Data = S.Maps->memory(Address, Span.Valid);
  if (!Span.Data) {
    S.fault(FaultKind::MapAccess, Op,
            "no memory behind map address " + hex(Address));
    return false;
  }
  return true;
}

} // namespace nfpbpf::sim
