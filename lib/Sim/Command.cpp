//===- Command.cpp - Memory commands, signals, context swaps --------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, sections 2.14 to 2.16, 4.14, 4.15; accounting after
// hardware timing, sections 1.3, 1.5 and 2.1.
//
// A swapping command samples its address when it is issued and its data
// registers after its deferred instructions. A command without swap acts when
// it is issued; what it reads becomes visible when its signal is taken, and
// what it pulls must not change before that. A signal arrives the event model's
// latency after the issue; all accesses of a microengine to one memory take
// equally long, so they reach it in the order of their issue.
//
//===----------------------------------------------------------------------===//

#include "Dispatch.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace nfpbpf::sim {

//===----------------------------------------------------------------------===//
// Where addresses point
//===----------------------------------------------------------------------===//

static std::string hex(uint64_t V) { return "0x" + Twine::utohexstr(V).str(); }

constexpr uint32_t OffsetMask = 0x1fff;
constexpr uint32_t LengthMask = 0x3fff;

bool packetSpan(State &S, const MicroOp *Op, uint32_t Address, uint32_t Bytes,
                bool Write, MemorySpan &Span) {
  if ((Address & ~OffsetMask) != S.PacketBase) {
    S.fault(FaultKind::PacketAccess, Op,
            "address " + hex(Address) +
                " is not in the buffer of this packet (" + hex(S.PacketBase) +
                " and a 13-bit offset)");
    return false;
  }
  uint32_t Offset = Address & OffsetMask;
  Value Pointer = S.LM[S.VectorLo + VectorPointer];
  Value Length = S.LM[S.VectorLo + VectorLength];
  if (((undefOf(Pointer) & OffsetMask) | (undefOf(Length) & LengthMask)) != 0) {
    S.fault(FaultKind::PacketAccess, Op,
            "the packet vector's offset or length is not defined");
    return false;
  }
  uint32_t Begin = bitsOf(Pointer) & OffsetMask;
  uint32_t End = Begin + (bitsOf(Length) & LengthMask);
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

//===----------------------------------------------------------------------===//
// Pending commands
//===----------------------------------------------------------------------===//

bool checkPendingOperands(State &S, const MicroOp *Op) {
  for (uint16_t Place : {Op->A, Op->B}) {
    if (Place < PlaceXferIn || Place >= PlaceXferOut)
      continue;
    unsigned N = Place - PlaceXferIn;
    if (!(S.PendingIn >> N & 1))
      continue;
    unsigned Signal = 0;
    for (unsigned I = 1; I < 16; ++I)
      if (S.Slots[I].Active && N - S.Slots[I].First < S.Slots[I].InCount)
        Signal = I;
    if (!S.fault(FaultKind::ReadBeforeSignal, Op,
                 "$xfer_" + Twine(N) + " is read before signal " +
                     Twine(Signal) + " says that its data is there"))
      return false;
  }
  return true;
}

/// Faults if transfer-out registers changed that a command may not have pulled.
static bool checkOut(State &S, const MicroOp *Op, unsigned First,
                     unsigned Count, const Value *Then, const char *What) {
  for (unsigned I = 0; I < Count; ++I) {
    if (S.R[PlaceXferOut + First + I] == Then[I])
      continue;
    return S.fault(FaultKind::TransferOverwritten, Op,
                   "transfer-out register " + Twine(First + I) +
                       " was changed while " + What +
                       " might not have pulled it");
  }
  return true;
}

static bool checkPosted(State &S, const MicroOp *Op) {
  uint32_t Mask = S.PostedOut;
  S.PostedOut = 0;
  while (Mask) {
    unsigned N = static_cast<unsigned>(llvm::countr_zero(Mask));
    Mask &= Mask - 1;
    if (!checkOut(S, Op, N, 1, &S.PostedOutValue[N], "a posted command"))
      return false;
  }
  return true;
}

/// The data of a pending command arrives.
static bool deliver(State &S, const MicroOp *Op, unsigned Signal) {
  Pending &P = S.Slots[Signal];
  P.Active = false;
  --S.ActivePending;
  for (unsigned I = 0; I < P.InCount; ++I) {
    S.R[PlaceXferIn + P.First + I] = P.In[I];
    S.PendingIn &= ~(uint64_t(1) << (P.First + I));
  }
  return checkOut(S, Op, P.First, P.OutCount, P.Out, "a command");
}

bool checkPendingAtExit(State &S, const MicroOp *Op) {
  if (S.ActivePending)
    for (unsigned I = 1; I < 16; ++I)
      if (S.Slots[I].Active &&
          !S.fault(FaultKind::SignalReused, Op,
                   "the program leaves while signal " + Twine(I) +
                       " of a command is outstanding"))
        return false;
  return S.PostedOut == 0 || checkPosted(S, Op);
}

//===----------------------------------------------------------------------===//
// Performing a command
//===----------------------------------------------------------------------===//

namespace {
/// Registers a command delivers and uses.
struct Transfer {
  Value *In; ///< where to put them
  unsigned InCount = 0;
  unsigned OutCount = 0;
};
} // namespace

static bool isRead(CmdFamily F) {
  return F == CmdFamily::Read64 || F == CmdFamily::Read32 ||
         F == CmdFamily::Read8 || F == CmdFamily::AtomicRead;
}
static bool isWrite(CmdFamily F) {
  return F == CmdFamily::Write64 || F == CmdFamily::Write32 ||
         F == CmdFamily::Write8;
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

static bool perform(State &S, const MicroOp *Op, const CmdInfo &C,
                    Transfer &X) {
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

/// A swapping command after its deferred instructions.
static bool completeBlocking(State &S, const MicroOp *Op, const CmdInfo &C) {
  Transfer X{&S.R[PlaceXferIn + C.Xfer]};
  if (!perform(S, Op, C, X))
    return false;
  uint64_t Mask = ((uint64_t(1) << X.InCount) - 1) << C.Xfer;
  if (LLVM_UNLIKELY(S.PendingIn & Mask) &&
      !S.fault(FaultKind::TransferOverwritten, Op,
               Twine(C.Name) +
                   " into transfer registers that another command will write"))
    return false;
  if (LLVM_UNLIKELY(S.PostedOut) && !checkPosted(S, Op))
    return false;
  S.forgetAcrossSwap();
  return true;
}

//===----------------------------------------------------------------------===//
// Accounting
//===----------------------------------------------------------------------===//

static bool isAddLike(CmdFamily F) { return F >= CmdFamily::AtomicWrite; }

static double latencyOf(const State &S, bool Is40) {
  const TimingModel &M = S.Prof->Timing;
  return Is40 ? M.LatencyEmem : M.LatencyCtm;
}

static void account(State &S, const MicroOp *Op, const CmdInfo &C) {
  const TimingModel &M = S.Prof->Timing;
  uint64_t Now = S.timeAt(Op);
  bool IsAdd = isAddLike(C.Family);
  if (C.Address40 && !S.Exited) {
    S.Engine += IsAdd ? M.EngineAddCycles : M.EngineReadCycles;
    S.MapAdds += IsAdd;
  }
  if (!C.Blocking) {
    S.LastMem = Now + 1;
    if (S.Exited)
      return;
    if (C.Signal)
      S.Unvalidated |= UnvalidatedArb;
    return;
  }
  uint32_t Spacing = C.Address40 ? M.Spacing40 : M.Spacing32;
  uint64_t Since = Now - S.LastMem;
  uint64_t Cost = M.BlockingMinimumCycles;
  if (Spacing > Since)
    Cost = std::max<uint64_t>(Cost, Spacing - Since);
  S.T += Cost - 1;
  S.Stall += Cost - M.BlockingMinimumCycles;
  S.LastMem = Now + Cost;
  if (S.KeepsTime)
    S.CmdArrival = S.timeOfEngine(Op + 1) + latencyOf(S, C.Address40);
  if (S.Exited)
    return;
  ++(C.Address40 ? S.MapWaits : S.PacketWaits);
  if (C.Address40 && (IsAdd || isWrite(C.Family)))
    S.Unvalidated |= UnvalidatedMapWrite;
}

//===----------------------------------------------------------------------===//
// Handlers
//===----------------------------------------------------------------------===//

/// A command that goes on: with a signal or without.
static bool issuePosted(State &S, const MicroOp *Op, const CmdInfo &C) {
  if (C.Signal && S.Slots[C.Signal].Active &&
      !S.fault(FaultKind::SignalReused, Op,
               "signal " + Twine(unsigned(C.Signal)) +
                   " is requested again before it was taken"))
    return false;
  Pending &P = S.Slots[C.Signal];
  Transfer X{P.In};
  if (!perform(S, Op, C, X))
    return false;
  if (C.Signal == 0) {
    if (X.InCount &&
        !S.fault(FaultKind::SignalNeverSent, Op,
                 Twine(C.Name) + " without a signal: nothing says when its "
                                 "data has arrived"))
      return false;
    for (unsigned I = 0; I < X.OutCount; ++I) {
      S.PostedOut |= 1u << (C.Xfer + I);
      S.PostedOutValue[C.Xfer + I] = S.R[PlaceXferOut + C.Xfer + I];
    }
    return true;
  }
  if (!P.Active)
    ++S.ActivePending;
  P.Active = true;
  P.Is40 = C.Address40;
  P.IsAdd = isAddLike(C.Family);
  P.First = C.Xfer;
  P.InCount = static_cast<uint8_t>(X.InCount);
  P.OutCount = static_cast<uint8_t>(X.OutCount);
  P.IssueT = S.timeAt(Op) + 1;
  P.Arrival = S.timeOfEngine(Op + 1) + latencyOf(S, P.Is40);
  for (unsigned I = 0; I < X.InCount; ++I) {
    S.R[PlaceXferIn + C.Xfer + I] = undefined(C.Xfer + I);
    S.PendingIn |= uint64_t(1) << (C.Xfer + I);
  }
  for (unsigned I = 0; I < X.OutCount; ++I)
    P.Out[I] = S.R[PlaceXferOut + C.Xfer + I];
  return true;
}

const MicroOp *commandHandler(State &S, const MicroOp *Op) {
  const CmdInfo &C = S.Prog->Side[Op->Side].Cmd;
  Value A, B;
  if (!fetch(S, Op, Op->A, A) || !fetch(S, Op, Op->B, B))
    return nullptr;
  if (LLVM_UNLIKELY((A | B) >> 32)) {
    if (S.PendingIn && !checkPendingOperands(S, Op))
      return nullptr;
    S.fatal(FaultKind::UndefinedAddress, Op,
            Twine(C.Name) + " with an undefined address");
    return nullptr;
  }
  if (C.Address40)
    S.CmdAddress = ((uint64_t(bitsOf(A)) << 8) + bitsOf(B)) & 0xffffffffffull;
  else
    S.CmdAddress = bitsOf(A) + bitsOf(B);
  S.CmdOverride = S.PrevAlu;
  account(S, Op, C);
  if (!C.Blocking) {
    if (!issuePosted(S, Op, C))
      return nullptr;
    NFPSIM_NEXT(S, Op + 1);
  }
  if (LLVM_UNLIKELY(S.Slots[C.Signal].Active) &&
      !S.fault(FaultKind::SignalReused, Op,
               "signal " + Twine(unsigned(C.Signal)) +
                   " is requested again before it was taken"))
    return nullptr;
  if (C.Defer) {
    const MicroOp *To = Op->Target;
    if (!S.Exited)
      S.Unvalidated |= UnvalidatedDefer;
    leaveRun(S, Op + 1, To);
    NFPSIM_NEXT(S, To);
  }
  if (!completeBlocking(S, Op, C) || !S.sleepUntil(S.CmdArrival, Op + 1))
    return nullptr;
  NFPSIM_NEXT(S, Op + 1);
}

const MicroOp *commandCompleteHandler(State &S, const MicroOp *Op) {
  const CmdInfo &C = S.Prog->Side[Op->Side].Cmd;
  const MicroOp *To = Op->Target;
  if (!completeBlocking(S, Op, C))
    return nullptr;
  leaveRun(S, Op, To);
  S.EntryCC = false;
  if (!S.sleepUntil(S.CmdArrival, To))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

/// The signal of a set that arrives first, or 0.
static unsigned firstToArrive(const State &S, uint16_t Events) {
  unsigned First = 0;
  for (unsigned N = 1; N < 16; ++N)
    if ((Events >> N & 1) && S.Slots[N].Active &&
        (!First || S.Slots[N].Arrival < S.Slots[First].Arrival))
      First = N;
  return First;
}

static bool anyArrived(const State &S, uint16_t Events) {
  for (unsigned N = 1; N < 16; ++N)
    if ((Events >> N & 1) && S.Slots[N].Arrived)
      return true;
  return false;
}

/// Takes the signals a ctx_arb waits for. \p WakeAt is when the last of them
/// arrives.
static bool arbitrate(State &S, const MicroOp *Op, double &WakeAt) {
  const isa::Instruction &I = S.Prog->Side[Op->Side].Insn;
  uint64_t Now = S.timeAt(Op);
  const TimingModel &M = S.Prof->Timing;
  uint64_t Cost = M.BlockingMinimumCycles;
  double Latency = 0;
  uint64_t Issue = 0;
  double Low = 0, High = 0;
  unsigned Delivered = 0;
  WakeAt = 0;
  auto wait = [&](unsigned Signal) {
    const Pending &P = S.Slots[Signal];
    uint64_t Since = Now - P.IssueT;
    uint32_t Spacing = P.Is40 ? M.Spacing40 : M.Spacing32;
    if (Spacing > Since + 1)
      Cost = std::max<uint64_t>(Cost, Spacing - Since - 1);
    const LatencyRange &L = P.Is40 ? M.EmemLatency : M.CtmLatency;
    Low = std::max(Low, L.Low - static_cast<double>(Since));
    High = std::max(High, L.High - static_cast<double>(Since));
    if (Latency == 0 || P.Arrival > WakeAt) {
      Latency = latencyOf(S, P.Is40);
      Issue = P.IssueT;
      WakeAt = P.Arrival;
    }
    ++Delivered;
    return deliver(S, Op, Signal);
  };
  uint16_t Events = I.Events & 0xfffe;
  if (I.AnyEvent && anyArrived(S, Events)) {
    // Goes on at once.
  } else if (I.AnyEvent) {
    unsigned First = firstToArrive(S, Events);
    if (!First) {
      S.fatal(FaultKind::SignalNeverSent, Op,
              "ctx_arb waits for signals that no command will send");
      return false;
    }
    // The signal stays set until br_signal takes it.
    if (!wait(First))
      return false;
    S.Slots[First].Arrived = true;
    S.AnyArrived = true;
  } else {
    for (unsigned N = 1; N < 16; ++N) {
      if (!(Events >> N & 1))
        continue;
      if (S.Slots[N].Arrived) {
        S.Slots[N].Arrived = false;
        continue;
      }
      if (!S.Slots[N].Active) {
        S.fatal(FaultKind::SignalNeverSent, Op,
                "ctx_arb waits for signal " + Twine(N) +
                    ", which no command will send");
        return false;
      }
      if (!wait(N))
        return false;
    }
  }
  S.T += Cost - 1;
  S.Stall += Cost - M.BlockingMinimumCycles;
  if (!S.Exited) {
    S.Unvalidated |= UnvalidatedArb;
    if (Delivered) {
      ++S.OtherWaits;
      S.LatLow += Low;
      S.LatHigh += High;
      uint64_t Overlap = Now + M.BlockingMinimumCycles - Issue;
      S.Wait += std::max(0.0, Latency - static_cast<double>(Overlap));
    }
  }
  return true;
}

static bool finishArb(State &S, const MicroOp *Op) {
  if (S.PostedOut && !checkPosted(S, Op))
    return false;
  S.forgetAcrossSwap();
  return true;
}

const MicroOp *ctxArbHandler(State &S, const MicroOp *Op) {
  const MicroOp *To = Op->Target;
  bool Swaps = Op->Filled == 0;
  double WakeAt = 0;
  if (Swaps && (!arbitrate(S, Op, WakeAt) || !finishArb(S, Op)))
    return nullptr;
  leaveRun(S, Op + 1, To);
  S.EntryCC = false;
  if (Swaps && !S.sleepUntil(WakeAt, To))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

const MicroOp *ctxArbCompleteHandler(State &S, const MicroOp *Op) {
  const MicroOp *To = Op->Target;
  // The completion itself is no instruction: it costs what the swap does beyond
  // the one cycle of the ctx_arb.
  double WakeAt;
  if (!arbitrate(S, Op, WakeAt) || !finishArb(S, Op))
    return nullptr;
  leaveRun(S, Op, To);
  S.EntryCC = false;
  if (!S.sleepUntil(WakeAt, To))
    return nullptr;
  NFPSIM_NEXT(S, To);
}

const MicroOp *signalBranchHandler(State &S, const MicroOp *Op) {
  unsigned Signal = Op->Imm & 15;
  Pending &P = S.Slots[Signal];
  bool Arrives = P.Active && P.Arrival <= S.timeOfEngine(Op);
  bool Set = Arrives || P.Arrived;
  if (Arrives && !deliver(S, Op, Signal))
    return nullptr;
  P.Arrived = false;
  if (!S.Exited)
    S.Unvalidated |= UnvalidatedBitBranch | UnvalidatedArb;
  if (Set != (Op->Code == 1))
    NFPSIM_NEXT(S, Op + 1);
  const MicroOp *To = Op->Target;
  leaveRun(S, Op + 1, To);
  S.T += Op->CostNew - 1;
  S.Arch += Op->ArchCost - 1;
  S.EntryCC = false;
  if (To->InEpilogue && !S.Exited) {
    S.Exited = true;
    S.ExitT = S.T;
  }
  if (S.Executed > S.Limit) {
    S.RunClosed = true;
    S.fatal(FaultKind::InstructionLimit, Op,
            "the packet has executed " + Twine(S.Executed) + " instructions");
    return nullptr;
  }
  NFPSIM_NEXT(S, To);
}

} // namespace nfpbpf::sim
