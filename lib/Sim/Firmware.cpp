//===- Firmware.cpp - How a program is entered and left -------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP BPF offload ABI, sections 4 to 7; NFP offload environment, sections 3
// and 4.
//
//===----------------------------------------------------------------------===//

#include "Dispatch.h"

using namespace llvm;

namespace nfpbpf::sim {

namespace {
/// Island the model pretends to be.
constexpr uint32_t Island = 33;
/// Offsets of a frame that can be sent back.
constexpr uint32_t TxOffsetMin = 44, TxOffsetMax = 248;
/// The queue-selected flag of packet vector word 12.
constexpr uint32_t QueueSelectedFlag = 1u << 4;
} // namespace

/// Bytes of a packet buffer for a frame, and its size code.
static uint32_t ctmBufferBytes(uint32_t Length, uint32_t &Code) {
  uint32_t T = 127 + Length + 8;
  Code = T < 256 ? 0 : T < 512 ? 1 : T < 1024 ? 2 : 3;
  return 256u << Code;
}

EntryTemplate::EntryTemplate() {
  for (unsigned N = 0; N < PlaceSink; ++N)
    Registers[N] = undefined(N);
  for (unsigned N = 0; N < std::size(Stack); ++N)
    Stack[N] = undefined(0x500 + N);
}

void enterProgram(State &S) {
  static const EntryTemplate Fresh;
  auto refresh = [&](unsigned Begin, unsigned End) {
    std::memcpy(S.R + Begin, Fresh.Registers + Begin,
                (End - Begin) * sizeof(Value));
  };
  if (LLVM_UNLIKELY(S.AllWritten))
    refresh(0, PlaceSink);
  else
    for (const PlaceRange &W : S.Prog->Written)
      refresh(W.Begin, W.End);
  S.AllWritten = false;
  S.StackLo = (StackBlock + (S.Context << 8)) / 4;
  S.StackHi = S.StackLo + S.Prog->Load.StackBytes / 4;
  S.VectorLo = S.Context * 16 + 8;
  uint32_t &Used = S.ME->StackUsed[S.Context / 2];
  std::memcpy(&S.LM[S.StackLo], Fresh.Stack, Used * sizeof(Value));
  Used = 0;

  S.PrevAlu = S.PrevA = S.FlagResult = StaleLatch;
  S.FlagC = S.FlagV = 0;
  S.FlagCVUndef = 1;
  S.ByteIndex = S.XferIndex = S.NNGet = S.NNPut = S.PredCC = S.CrcRemainder =
      S.IndirectRef0 = S.ByteAlignPrev = StaleLatch;
  S.XferIndexReady = S.NNReady = S.PredReady = S.ByteIndexReady = Never;
  S.CrcReady = S.CrcReadable = 0;
  S.CsrValid = false;
  S.MulState = 0;
  S.MulNext = nullptr;
  if (S.ActivePending || S.AnyArrived)
    for (Pending &P : S.Slots)
      P.Active = P.Arrived = false;
  S.AnyArrived = false;
  S.ActivePending = 0;
  S.PendingIn = 0;
  S.PostedOut = 0;
  S.CamKnown = false;

  static_cast<Account &>(S) = Account();
  S.KeepsTime = S.Interleaved || S.Prog->UsesSignals;
  S.Queue.reset();

  // The stack pointer: written in the last defer slot of the jump here.
  uint32_t Stack = S.StackLo * 4;
  S.R[PlaceA + 22] = Stack;
  S.LMOld[0] = S.LMWord[0];
  S.LMWord[0] = Stack >> 2;
  S.LMReady[0] = 3;
  S.LMWord[1] = S.LMOld[1] = S.VectorLo;
  S.LMReady[1] = 0;
  S.LMReady[2] = S.LMReady[3] = Never;

  // The packet vector.
  uint32_t Length = S.Packet->length(), Code;
  S.BufferBytes = ctmBufferBytes(Length, Code);
  S.Buffer = S.Packet->buffer().data();
  uint32_t PacketId = static_cast<uint32_t>(S.PacketNumber * 7 + 1) & 0x3ff;
  S.PacketBase = 1u << 31 | PacketId << 16;
  S.LengthBase = Island << 26 | PacketId << 16;
  uint32_t Offset = S.Packet->offset();
  S.FrameEnd = Offset + Length;
  S.InlineEnd = S.BufferBytes;
  if (uint32_t Inline = S.Prof->inlinePacketBytes())
    S.InlineEnd = std::min(S.InlineEnd, rt::PacketBuffer::WireOffset + Inline);
  bool Split = Offset + Length > S.BufferBytes;
  bool Multicast = Length >= 1 && (S.Buffer[Offset] & 1);
  bool Broadcast = Length >= 6;
  for (unsigned I = 0; I < 6 && Broadcast; ++I)
    Broadcast = S.Buffer[Offset + I] == 0xff;
  Value *V = &S.LM[S.VectorLo];
  V[0] = S.LengthBase | (Length & PacketLengthMask);
  V[1] = static_cast<uint32_t>(Split) << 31 | Code << 29 | 0x100000 | PacketId;
  V[2] = S.PacketBase | Offset;
  V[3] = static_cast<uint32_t>(S.PacketNumber & 0xffff) << 16;
  S.Vector12 = (Multicast && !Broadcast ? 1u << 15 : 0) |
               (Broadcast ? 1u << 14 : 0) | 0xffu << 6;
  V[4] = S.Vector12;
  V[5] = 0;
  S.Vector14 = 1u << 31 | 0xfffu << 8;
  V[6] = S.Vector14;
  V[7] = 0;

  S.RunStart = S.Prog->entry();
  S.OpsBase = S.Prog->entry();
}

//===----------------------------------------------------------------------===//
// Exit
//===----------------------------------------------------------------------===//

/// The program may have changed its own fields of the packet vector only.
static void checkVector(State &S, const MicroOp *Op) {
  const Value *V = &S.LM[S.VectorLo];
  // What is not the program's, undefined bits among it.
  auto changed = [&](unsigned Word, uint32_t Mine, uint32_t Before) {
    return (V[Word] ^ Before) & ~static_cast<Value>(Mine);
  };
  auto check = [&](unsigned Word, uint32_t Mine, uint32_t Before) {
    if (changed(Word, Mine, Before) == 0 || S.Stopped)
      return;
    S.fault(undefOf(V[Word]) ? FaultKind::PacketWindow
                             : FaultKind::PacketVector,
            Op,
            "word " + Twine(8 + Word) + " of the packet vector is 0x" +
                Twine::utohexstr(bitsOf(V[Word])) +
                (undefOf(V[Word]) ? " with undefined bits" : "") +
                "; the program may change bits 0x" + Twine::utohexstr(Mine) +
                " of 0x" + Twine::utohexstr(Before));
  };
  if (LLVM_UNLIKELY(changed(VectorLength, PacketLengthMask, S.LengthBase) |
                    changed(VectorPointer, PacketOffsetMask, S.PacketBase) |
                    changed(VectorFlags, QueueSelectedFlag, S.Vector12) |
                    changed(VectorQueue, 0xff, S.Vector14))) {
    check(VectorLength, PacketLengthMask, S.LengthBase);
    check(VectorPointer, PacketOffsetMask, S.PacketBase);
    check(VectorFlags, QueueSelectedFlag, S.Vector12);
    check(VectorQueue, 0xff, S.Vector14);
    if (S.Stopped)
      return;
  }
  uint32_t Begin = bitsOf(V[VectorPointer]) & PacketOffsetMask;
  uint32_t Length = bitsOf(V[VectorLength]) & PacketLengthMask;
  if (Begin + Length > S.FrameEnd) {
    S.fault(FaultKind::PacketWindow, Op,
            "the frame ends at buffer offset " + Twine(Begin + Length) +
                ", beyond its end at entry (" + Twine(S.FrameEnd) + ")");
    return;
  }
  if (Error E = S.Packet->setWindow(Begin, Length)) {
    S.fault(FaultKind::PacketWindow, Op, toString(std::move(E)));
    return;
  }
  if (bitsOf(V[VectorFlags]) & QueueSelectedFlag)
    S.Queue = static_cast<uint8_t>(bitsOf(V[VectorQueue]));
  S.TxOffsetError = Begin < TxOffsetMin || Begin > TxOffsetMax;
}

const MicroOp *exitHandler(State &S, const MicroOp *Op) {
  // The run is empty; the exit is no instruction.
  if (!S.Exited) {
    S.Exited = true;
    S.ExitT = S.T;
  }
  S.Finished = true;
  if (!checkPendingAtExit(S, Op))
    return nullptr;
  Value A0 = S.R[PlaceA];
  if (undefOf(A0) && !S.fault(FaultKind::UndefinedExit, Op,
                              "A0 is not defined when the program leaves"))
    return nullptr;
  if (!rt::verdictOfExitWord(bitsOf(A0)) &&
      !S.fault(FaultKind::ExitWord, Op,
               "exit word 0x" + Twine::utohexstr(bitsOf(A0)) +
                   " is none that an epilogue makes"))
    return nullptr;
  checkVector(S, Op);
  return nullptr;
}

} // namespace nfpbpf::sim
