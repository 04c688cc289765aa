//===- Transfer.cpp - What commands do in memory --------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, section 4.15.
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace nfpbpf::sim {

static bool isRead(CmdFamily F) {
  return F == CmdFamily::Read64 || F == CmdFamily::Read32 ||
         F == CmdFamily::Read8 || F == CmdFamily::AtomicRead;
}

static bool span(State &S, const MicroOp *Op, const CmdInfo &C, uint32_t Bytes,
                 bool Write, bool Atomic, MemorySpan &Span) {
  if (C.Address40)
    return mapSpan(S, Op, S.CmdAddress, Bytes, Write, Atomic, Span);
  return packetSpan(S, Op, static_cast<uint32_t>(S.CmdAddress), Bytes, Write,
                    Span);
}

static bool needXfer(State &S, const MicroOp *Op, const CmdInfo &C,
                     unsigned Registers) {
  if (C.Xfer + Registers <= NumXferOwned)
    return true;
  S.fatal(FaultKind::FirmwareRegister, Op,
          Twine(C.Name) + " uses transfer registers " + Twine(C.Xfer) + " to " +
              Twine(C.Xfer + Registers - 1) + "; the program owns 0 to " +
              Twine(NumXferOwned - 1));
  return false;
}

static bool needAligned(State &S, const MicroOp *Op, const CmdInfo &C,
                        unsigned Alignment) {
  if (S.CmdAddress % Alignment == 0)
    return true;
  return S.fault(FaultKind::Unaligned, Op,
                 Twine(C.Name) + " at " + hex(S.CmdAddress) +
                     " needs an address that is a multiple of " +
                     Twine(Alignment));
}

/// Four bytes as a transfer register. \p Swap is little-endian.
static uint32_t loadWord(const uint8_t *Bytes, bool Swap) {
  return Swap ? support::endian::read32le(Bytes)
              : support::endian::read32be(Bytes);
}

static bool performRead(State &S, const MicroOp *Op, const CmdInfo &C,
                        unsigned Length, Transfer &X) {
  uint32_t Bytes = C.Family == CmdFamily::Read64  ? 8 * (Length + 1)
                   : C.Family == CmdFamily::Read8 ? Length + 1
                                                  : 4 * (Length + 1);
  unsigned Registers = (Bytes + 3) / 4;
  if (!needXfer(S, Op, C, Registers))
    return false;
  if (C.Family == CmdFamily::Read64 && !needAligned(S, Op, C, 8))
    return false;
  if (C.Family == CmdFamily::AtomicRead && !needAligned(S, Op, C, 4))
    return false;
  X.InCount = Registers;
  X.Bytes = Bytes;
  MemorySpan M;
  if (!span(S, Op, C, Bytes, false, C.Family == CmdFamily::AtomicRead, M)) {
    if (S.Stopped)
      return false;
    for (unsigned I = 0; I < Registers; ++I)
      X.In[I] = undefined(I);
    return true;
  }
  // Only read8's token is part of the operation instead of a byte order.
  bool Swap = C.Family != CmdFamily::Read8 &&
              C.Family != CmdFamily::AtomicRead && (C.Token & 2);
  for (unsigned I = 0; I < Registers; ++I) {
    uint32_t At = 4 * I;
    if (LLVM_LIKELY(At >= M.Lead && At + 4 <= M.Valid)) {
      X.In[I] = loadWord(M.Data + At, Swap);
      continue;
    }
    uint8_t Data[4] = {0, 0, 0, 0}, Undef[4] = {0xff, 0xff, 0xff, 0xff};
    for (unsigned K = 0; K < 4; ++K) {
      if (At + K < M.Lead || At + K >= M.Valid)
        continue;
      Data[K] = M.Data[At + K];
      Undef[K] = 0;
    }
    X.In[I] = makeValue(loadWord(Data, Swap), loadWord(Undef, Swap));
  }
  if (C.Family == CmdFamily::Read64 && (C.Token & 1))
    for (unsigned I = 0; I + 1 < Registers; I += 2)
      std::swap(X.In[I], X.In[I + 1]);
  return true;
}

/// Faults for the bytes of a write that have undefined bits, once a register.
static bool checkStored(State &S, const MicroOp *Op, const CmdInfo &C,
                        const Value *Out, uint32_t Bytes, bool Swap,
                        bool Exchange) {
  unsigned Faulty = ~0u;
  for (unsigned At = 0; At < Bytes; ++At) {
    uint32_t Undef = undefOf(Out[Exchange ? At / 4 ^ 1 : At / 4]);
    unsigned Lane = Swap ? At & 3 : 3 - (At & 3);
    if (!(Undef >> (8 * Lane) & 0xff) || Faulty == At / 4)
      continue;
    Faulty = At / 4;
    if (!S.fault(FaultKind::UndefinedStore, Op,
                 Twine(C.Name) + " stores undefined bits: byte " + Twine(At) +
                     ", of transfer-out register " + Twine(C.Xfer + At / 4)))
      return false;
  }
  return true;
}

static bool performWrite(State &S, const MicroOp *Op, const CmdInfo &C,
                         unsigned Length, Transfer &X) {
  uint32_t Bytes = C.Family == CmdFamily::Write64  ? 8 * (Length + 1)
                   : C.Family == CmdFamily::Write8 ? Length + 1
                                                   : 4 * (Length + 1);
  unsigned Registers = (Bytes + 3) / 4;
  if (!needXfer(S, Op, C, Registers))
    return false;
  if (C.Family == CmdFamily::Write64 && !needAligned(S, Op, C, 8))
    return false;
  X.OutCount = Registers;
  X.Bytes = Bytes;
  const Value *Out = &S.R[PlaceXferOut + C.Xfer];
  bool Swap = C.Token & 2;
  bool Exchange = C.Family == CmdFamily::Write64 && (C.Token & 1);
  Value Any = 0;
  for (unsigned I = 0; I < Registers; ++I)
    Any |= Out[I];
  if (LLVM_UNLIKELY(undefOf(Any)) &&
      !checkStored(S, Op, C, Out, Bytes, Swap, Exchange))
    return false;
  MemorySpan M;
  if (!span(S, Op, C, Bytes, true, false, M))
    return !S.Stopped;
  for (unsigned At = 0; At < Bytes; At += 4) {
    uint32_t Word = bitsOf(Out[Exchange ? At / 4 ^ 1 : At / 4]);
    if (!Swap)
      Word = llvm::byteswap(Word);
    if (LLVM_LIKELY(Bytes - At >= 4)) {
      support::endian::write32le(M.Data + At, Word);
      continue;
    }
    for (unsigned K = 0; At + K < Bytes; ++K)
      M.Data[At + K] = static_cast<uint8_t>(Word >> (8 * K));
  }
  return true;
}

static uint64_t atomicResult(CmdFamily F, uint64_t M, uint64_t X,
                             uint64_t Mask) {
  switch (F) {
  case CmdFamily::AtomicWrite:
    return X;
  case CmdFamily::Set:
    return M | X;
  case CmdFamily::Clear:
    return M & ~X;
  case CmdFamily::Xor:
    return M ^ X;
  case CmdFamily::Add:
    return (M + X) & Mask;
  case CmdFamily::Sub:
    return (M - X) & Mask;
  case CmdFamily::AddSat:
    return X > Mask - M ? Mask : M + X;
  case CmdFamily::SubSat:
    return X > M ? 0 : M - X;
  default:
    return M;
  }
}

/// Atomics work on big-endian words; 64-bit ones have the low word first.
static bool performAtomic(State &S, const MicroOp *Op, const CmdInfo &C,
                          unsigned Length, Value Override, Transfer &X) {
  bool IsArith = C.Family == CmdFamily::Add || C.Family == CmdFamily::AddSat ||
                 C.Family == CmdFamily::Sub || C.Family == CmdFamily::SubSat;
  bool Is64 = IsArith && (Length & 4);
  unsigned Count = IsArith ? (Length & 3) + 1 : Length + 1;
  bool FromData = C.Immediate || (IsArith && (Length & 8));
  unsigned WordsEach = Is64 ? 2 : 1;
  unsigned Registers = Count * WordsEach;
  uint32_t Immediate = 0;
  if (FromData) {
    if (((bitsOf(Override) >> 3) & 7) != 2) {
      S.fatal(FaultKind::Unsupported, Op,
              Twine(C.Name) + " without an immediate operand in its override");
      return false;
    }
    if (undefOf(Override) >> 16 &&
        !S.fault(FaultKind::UndefinedStore, Op,
                 Twine(C.Name) + " with an undefined operand"))
      return false;
    Immediate = bitsOf(Override) >> 16;
    if (Immediate & 0x8000 &&
        !S.fault(FaultKind::AmbiguousImmediate, Op,
                 Twine(C.Name) + " with immediate " + hex(Immediate) +
                     ": sources disagree whether it is signed"))
      return false;
    if (Count != 1) {
      S.fatal(FaultKind::Unsupported, Op,
              Twine(C.Name) + " of several words with an immediate operand");
      return false;
    }
  } else {
    X.OutCount = Registers;
  }
  if ((X.OutCount || C.Test) && !needXfer(S, Op, C, Registers))
    return false;
  if (!needAligned(S, Op, C, 4 * WordsEach))
    return false;
  if (C.Test)
    X.InCount = Registers;
  X.Bytes = 4 * Registers;
  // Aligned, so that sums of one size are the same or do not overlap.
  if ((C.Family == CmdFamily::Add || C.Family == CmdFamily::Sub) && !C.Test)
    X.AddedBytes = 4 * WordsEach;
  MemorySpan M;
  if (!span(S, Op, C, 4 * Registers, true, true, M)) {
    for (unsigned I = 0; I < X.InCount; ++I)
      X.In[I] = undefined(I);
    return !S.Stopped;
  }
  const Value *Out = &S.R[PlaceXferOut + C.Xfer];
  uint64_t Mask = Is64 ? ~uint64_t(0) : 0xffffffffu;
  for (unsigned I = 0; I < Count; ++I) {
    uint8_t *At = M.Data + 4 * WordsEach * I;
    uint64_t Operand = Immediate;
    if (!FromData) {
      const Value *V = Out + WordsEach * I;
      Operand = bitsOf(V[0]);
      uint32_t Undef = undefOf(V[0]);
      if (Is64) {
        Operand |= uint64_t(bitsOf(V[1])) << 32;
        Undef |= undefOf(V[1]);
      }
      if (Undef && !S.fault(FaultKind::UndefinedStore, Op,
                            Twine(C.Name) +
                                " with an undefined operand in "
                                "transfer-out register " +
                                Twine(C.Xfer + WordsEach * I)))
        return false;
    }
    uint64_t Old = support::endian::read32be(At);
    if (Is64)
      Old |= uint64_t(support::endian::read32be(At + 4)) << 32;
    uint64_t New = atomicResult(C.Family, Old, Operand, Mask);
    support::endian::write32be(At, static_cast<uint32_t>(New));
    if (Is64)
      support::endian::write32be(At + 4, static_cast<uint32_t>(New >> 32));
    if (C.Test) {
      X.In[WordsEach * I] = static_cast<uint32_t>(Old);
      if (Is64)
        X.In[WordsEach * I + 1] = static_cast<uint32_t>(Old >> 32);
    }
  }
  return true;
}

bool perform(State &S, const MicroOp *Op, const CmdInfo &C, Transfer &X) {
  unsigned Length = C.Count;
  Value Override = 0;
  if (C.Indirect) {
    Override = S.CmdOverride;
    if (Override == StaleLatch) {
      S.fatal(FaultKind::StaleSign, Op,
              Twine(C.Name) + " with indirect_ref, but the instruction before "
                              "left no override word");
      return false;
    }
    if (undefOf(Override) & 0xffff) {
      S.fatal(FaultKind::UndefinedAddress, Op,
              Twine(C.Name) + " with an undefined override word");
      return false;
    }
    uint32_t Word = bitsOf(Override);
    unsigned DataMode = (Word >> 3) & 7;
    if ((Word & 0xe047) != 0 || (DataMode != 0 && DataMode != 2)) {
      S.fatal(FaultKind::Unsupported, Op,
              Twine(C.Name) + " with override word " + hex(Word) +
                  ": only length and immediate data are modelled");
      return false;
    }
    if (Word & 0x80)
      Length = (Word >> 8) & 31;
  }
  if (isRead(C.Family))
    return performRead(S, Op, C, Length, X);
  if (isWrite(C.Family))
    return performWrite(S, Op, C, Length, X);
  return performAtomic(S, Op, C, Length, Override, X);
}

} // namespace nfpbpf::sim
