//===- Machine.cpp - Execution of eBPF instructions ---------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Written from RFC 9669. Fields that an instruction does not use must be zero.

#include "Machine.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cstring>

using namespace nfpbpf;
using namespace nfpbpf::interp;

Machine::Machine(const Code &C, const Options &O, SlotCounts &Counts,
                 const World *W, llvm::MutableArrayRef<uint8_t> Area)
    : C(C), O(O), Counts(Counts), W(W), Area(Area) {
  Stacks.resize(O.StackBytes);
  R[10] = StackBase + FrameTop;
  if (W) {
    R[1] = CtxBase;
    setUpContext();
  } else if (!Area.empty()) {
    R[1] = AreaBase;
    R[2] = Area.size();
  }
}

Result Machine::run() {
  while (Running)
    step();
  Out.R0 = R[0];
  if (C.Hook && !Out.Error)
    Out.Verdict = Out.Aborted
                      ? rt::abortVerdict(*C.Hook)
                      : rt::verdictOf(*C.Hook, static_cast<uint32_t>(R[0]));
  return std::move(Out);
}

bool Machine::fault(Fault::Kind K, const llvm::Twine &What) {
  Fault F;
  F.K = K;
  F.Insn = PC;
  F.Message = What.str();
  Out.Error = std::move(F);
  Running = false;
  return false;
}

bool Machine::badOpcode(const Fields &F) {
  return fault(Fault::Kind::Opcode,
               llvm::formatv("opcode {0:x2} with source {1}, offset {2}, "
                             "immediate {3} is no instruction",
                             F.Code, unsigned(F.Src), F.Off, F.Imm));
}

bool Machine::require(bool Condition, const char *What) {
  return Condition || fault(Fault::Kind::Opcode, What);
}

void Machine::step() {
  PC = Next;
  if (PC >= C.Insns.size()) {
    fault(Fault::Kind::Control, "control runs past the end of the program");
    return;
  }
  if (Out.Executed == O.InsnLimit) {
    fault(Fault::Kind::Limit,
          llvm::formatv("more than {0} instructions executed", O.InsnLimit));
    return;
  }
  ++Out.Executed;
  ++Counts.Executed[PC];
  ++Next;
  uint64_t Word = C.Insns[PC];
  Fields F;
  F.Code = static_cast<uint8_t>(Word);
  F.Dst = (Word >> 8) & 15;
  F.Src = (Word >> 12) & 15;
  F.Off = static_cast<int16_t>(Word >> 16);
  F.Imm = static_cast<int32_t>(Word >> 32);
  if (LLVM_UNLIKELY(F.Dst > 10 || F.Src > 10)) {
    fault(Fault::Kind::Opcode, llvm::formatv("register r{0} does not exist",
                                             unsigned(std::max(F.Dst, F.Src))));
    return;
  }
  if (LLVM_UNLIKELY(!C.Unresolved.empty())) {
    auto It = llvm::lower_bound(
        C.Unresolved, PC,
        [](const object::Unresolved &U, uint32_t I) { return U.Insn < I; });
    if (It != C.Unresolved.end() && It->Insn == PC) {
      fault(Fault::Kind::Unresolved, It->Message);
      return;
    }
  }
  switch (F.Code & 7) {
  case 0:
    ld(F);
    return;
  case 1:
    ldx(F);
    return;
  case 2:
    st(F);
    return;
  case 3:
    stx(F);
    return;
  case 4:
    alu(F, /*Is64=*/false);
    return;
  case 5:
  case 6: {
    const uint32_t At = PC;
    jump(F, /*Is32=*/(F.Code & 7) == 6);
    Counts.Jumped[At] += Next != At + 1;
    return;
  }
  case 7:
    alu(F, /*Is64=*/true);
    return;
  }
}

//===--- Arithmetic -------------------------------------------------------===//

void Machine::alu(const Fields &F, bool Is64) {
  if (!require(F.Dst != 10, "writes the frame pointer r10"))
    return;
  bool UsesReg = F.Code & 8;
  uint64_t Left = R[F.Dst];
  uint64_t Right =
      UsesReg ? R[F.Src] : static_cast<uint64_t>(static_cast<int64_t>(F.Imm));
  uint64_t Value = 0;
  uint8_t Operation = F.Code >> 4;
  if (Operation == 0xd) {
    if (endian(F, Is64, Value))
      R[F.Dst] = Value;
    return;
  }
  if (UsesReg ? F.Imm != 0 : F.Src != 0) {
    badOpcode(F);
    return;
  }
  if (!Is64) {
    Left = static_cast<uint32_t>(Left);
    Right = static_cast<uint32_t>(Right);
  }
  if (!aluValue(F, Is64, Left, Right, Value))
    return;
  R[F.Dst] = Is64 ? Value : static_cast<uint32_t>(Value);
}

/// Signed division and remainder of 32 or 64 bits.
template <typename Int>
static uint64_t signedDivide(uint64_t Left, uint64_t Right, bool Remainder) {
  Int L = static_cast<Int>(Left), D = static_cast<Int>(Right);
  if (D == 0)
    return Remainder ? Left : 0;
  if (D == -1) // the one quotient that does not fit wraps
    return Remainder ? 0 : 0 - Left;
  return static_cast<uint64_t>(static_cast<int64_t>(Remainder ? L % D : L / D));
}

/// The low bits of a value, sign-extended.
static uint64_t signExtend(uint64_t Value, unsigned Bits) {
  unsigned Up = 64 - Bits;
  return static_cast<uint64_t>(static_cast<int64_t>(Value << Up) >> Up);
}

bool Machine::aluValue(const Fields &F, bool Is64, uint64_t Left,
                       uint64_t Right, uint64_t &Value) {
  unsigned Shift = Right & (Is64 ? 63 : 31);
  uint8_t Operation = F.Code >> 4;
  bool UsesReg = F.Code & 8;
  bool TakesOff =
      Operation == 0x3 || Operation == 0x9 || (Operation == 0xb && UsesReg);
  if (F.Off != 0 && !TakesOff)
    return badOpcode(F);
  switch (Operation) {
  case 0x0:
    Value = Left + Right;
    return true;
  case 0x1:
    Value = Left - Right;
    return true;
  case 0x2:
    Value = Left * Right;
    return true;
  case 0x3:
  case 0x9: {
    bool Remainder = Operation == 0x9;
    if (F.Off == 1)
      Value = Is64 ? signedDivide<int64_t>(Left, Right, Remainder)
                   : signedDivide<int32_t>(Left, Right, Remainder);
    else if (F.Off != 0)
      return badOpcode(F);
    else if (Right == 0)
      Value = Remainder ? Left : 0;
    else
      Value = Remainder ? Left % Right : Left / Right;
    return true;
  }
  case 0x4:
    Value = Left | Right;
    return true;
  case 0x5:
    Value = Left & Right;
    return true;
  case 0x6:
    Value = Left << Shift;
    return true;
  case 0x7:
    Value = Left >> Shift;
    return true;
  case 0x8:
    if (UsesReg || F.Imm != 0)
      return badOpcode(F);
    Value = 0 - Left;
    return true;
  case 0xa:
    Value = Left ^ Right;
    return true;
  case 0xb:
    switch (F.Off) {
    case 0:
      Value = Right;
      return true;
    case 8:
    case 16:
      Value = signExtend(Right, F.Off);
      return true;
    case 32:
      if (!Is64)
        return badOpcode(F);
      Value = signExtend(Right, 32);
      return true;
    default:
      return badOpcode(F);
    }
  case 0xc:
    Value = Is64 ? static_cast<uint64_t>(static_cast<int64_t>(Left) >> Shift)
                 : static_cast<uint64_t>(static_cast<int32_t>(Left) >> Shift);
    return true;
  default:
    return badOpcode(F);
  }
}

bool Machine::endian(const Fields &F, bool Is64, uint64_t &Value) {
  // ALU: the source bit selects to-little or to-big; ALU64: always swap. The
  // interpreted machine is little-endian.
  bool SourceBit = F.Code & 8;
  if (F.Off != 0 || F.Src != 0 || (Is64 && SourceBit))
    return badOpcode(F);
  bool Swap = Is64 || SourceBit;
  Value = R[F.Dst];
  switch (F.Imm) {
  case 16:
    Value = static_cast<uint16_t>(Value);
    if (Swap)
      Value = llvm::byteswap<uint16_t>(static_cast<uint16_t>(Value));
    return true;
  case 32:
    Value = static_cast<uint32_t>(Value);
    if (Swap)
      Value = llvm::byteswap<uint32_t>(static_cast<uint32_t>(Value));
    return true;
  case 64:
    if (Swap)
      Value = llvm::byteswap<uint64_t>(Value);
    return true;
  default:
    return badOpcode(F);
  }
}

//===--- Jumps and calls --------------------------------------------------===//

void Machine::jumpTo(int64_t Target) {
  if (Target < 0 || Target >= static_cast<int64_t>(C.Insns.size())) {
    fault(Fault::Kind::Control,
          llvm::formatv("target {0} is outside the program of {1} instructions",
                        Target, C.Insns.size()));
    return;
  }
  Next = static_cast<uint32_t>(Target);
}

void Machine::jump(const Fields &F, bool Is32) {
  uint8_t Operation = F.Code >> 4;
  bool UsesReg = F.Code & 8;
  int64_t Here = static_cast<int64_t>(PC) + 1;
  switch (Operation) {
  case 0x0: { // goto, gotol
    int64_t Distance = Is32 ? F.Imm : F.Off;
    if (UsesReg || F.Dst != 0 || F.Src != 0 || (Is32 ? F.Off : F.Imm) != 0)
      badOpcode(F);
    else
      jumpTo(Here + Distance);
    return;
  }
  case 0x8:
    if (Is32)
      badOpcode(F);
    else if (UsesReg)
      callThrough(F);
    else
      call(F);
    return;
  case 0x9:
    if (Is32 || UsesReg || F.Dst != 0 || F.Src != 0 || F.Off != 0 || F.Imm != 0)
      badOpcode(F);
    else
      exit();
    return;
  case 0xe: // may_goto: leaves a loop after a number of rounds
    if (Is32 || UsesReg || F.Dst != 0 || F.Src != 0 || F.Imm != 0)
      badOpcode(F);
    else if (MayGotoLeft == 0)
      jumpTo(Here + F.Off);
    else
      --MayGotoLeft;
    return;
  default:
    break;
  }
  if (UsesReg ? F.Imm != 0 : F.Src != 0) {
    badOpcode(F);
    return;
  }
  uint64_t Left = R[F.Dst];
  uint64_t Right =
      UsesReg ? R[F.Src] : static_cast<uint64_t>(static_cast<int64_t>(F.Imm));
  if (Is32) {
    Left = static_cast<uint32_t>(Left);
    Right = static_cast<uint32_t>(Right);
  }
  int64_t SLeft =
      Is32 ? static_cast<int32_t>(Left) : static_cast<int64_t>(Left);
  int64_t SRight =
      Is32 ? static_cast<int32_t>(Right) : static_cast<int64_t>(Right);
  bool Taken = false;
  switch (Operation) {
  case 0x1:
    Taken = Left == Right;
    break;
  case 0x2:
    Taken = Left > Right;
    break;
  case 0x3:
    Taken = Left >= Right;
    break;
  case 0x4:
    Taken = (Left & Right) != 0;
    break;
  case 0x5:
    Taken = Left != Right;
    break;
  case 0x6:
    Taken = SLeft > SRight;
    break;
  case 0x7:
    Taken = SLeft >= SRight;
    break;
  case 0xa:
    Taken = Left < Right;
    break;
  case 0xb:
    Taken = Left <= Right;
    break;
  case 0xc:
    Taken = SLeft < SRight;
    break;
  case 0xd:
    Taken = SLeft <= SRight;
    break;
  default:
    badOpcode(F);
    return;
  }
  if (Taken)
    jumpTo(Here + F.Off);
}

void Machine::call(const Fields &F) {
  if (F.Dst != 0 || (F.Src != 2 && F.Off != 0)) {
    badOpcode(F);
    return;
  }
  switch (F.Src) {
  case 0:
    callHelper(static_cast<uint32_t>(F.Imm));
    return;
  case 1:
    break;
  case 2:
    fault(Fault::Kind::Unresolved,
          llvm::formatv("call of kernel function with BTF id {0}", F.Imm));
    return;
  default:
    badOpcode(F);
    return;
  }
  enter(static_cast<int64_t>(PC) + 1 + F.Imm, Frame());
}

bool Machine::enter(int64_t Target, Frame Caller) {
  if (Frames.size() + 1 >= O.MaxDepth)
    return fault(Fault::Kind::Control,
                 llvm::formatv("more than {0} functions active", O.MaxDepth));
  Caller.Return = Next;
  std::copy(R + 6, R + 10, Caller.Saved);
  Caller.MayGotoLeft = MayGotoLeft;
  Frames.push_back(Caller);
  Stacks.resize(Stacks.size() + O.StackBytes);
  R[10] += FrameSpacing;
  MayGotoLeft = ebpf::MayGotoRounds;
  jumpTo(Target);
  return Running;
}

/// The first slot of a function from its address.
bool Machine::functionArgument(uint64_t Pointer, int64_t &Target) {
  if (Pointer - FunctionBase >= C.Insns.size())
    return fault(
        Fault::Kind::Control,
        llvm::formatv("{0:x} is not the address of a function", Pointer));
  Target = static_cast<int64_t>(Pointer - FunctionBase);
  return true;
}

/// A register holds the address of a function, or a helper's number.
void Machine::callThrough(const Fields &F) {
  int64_t Target = 0;
  if (F.Src != 0 || F.Off != 0 || F.Imm != 0)
    badOpcode(F);
  else if (R[F.Dst] != 0 && R[F.Dst] <= MaxHelperId)
    callHelper(static_cast<uint32_t>(R[F.Dst]));
  else if (functionArgument(R[F.Dst], Target))
    enter(Target, Frame());
}

void Machine::exit() {
  if (Frames.empty()) {
    Running = false;
    return;
  }
  if (Frames.back().Rounds != 0 && nextRound())
    return;
  const Frame &Caller = Frames.back();
  Next = Caller.Return;
  MayGotoLeft = Caller.MayGotoLeft;
  std::copy(Caller.Saved, Caller.Saved + 4, R + 6);
  R[10] -= FrameSpacing;
  Frames.pop_back();
  Stacks.resize(Stacks.size() - O.StackBytes);
  clobberArguments();
}

//===--- Loads and stores -------------------------------------------------===//

/// Bytes of an access: the size field in bits 4..3.
static unsigned sizeOf(uint8_t Code) {
  static const unsigned Sizes[] = {4, 2, 1, 8};
  return Sizes[(Code >> 3) & 3];
}

void Machine::ld(const Fields &F) {
  switch (F.Code) {
  case 0x18:
    loadImm64(F);
    return;
  case 0x20:
  case 0x28:
  case 0x30:
  case 0x40:
  case 0x48:
  case 0x50:
    loadPacket(F);
    return;
  default:
    badOpcode(F);
    return;
  }
}

void Machine::loadImm64(const Fields &F) {
  if (!require(F.Dst != 10, "writes the frame pointer r10") ||
      !require(F.Off == 0, "64-bit immediate load with an offset") ||
      !require(Next < C.Insns.size() &&
                   static_cast<uint32_t>(C.Insns[Next]) == 0,
               "64-bit immediate load without its second half"))
    return;
  uint64_t Second = C.Insns[Next] >> 32;
  ++Next;
  uint32_t Index = static_cast<uint32_t>(F.Imm);
  switch (F.Src) {
  case 0:
    R[F.Dst] = Second << 32 | Index;
    return;
  case 1:
  case 2:
    if (!W || Index >= W->Maps.size()) {
      fault(Fault::Kind::Unresolved,
            llvm::formatv("there is no map {0}", Index));
      return;
    }
    R[F.Dst] = F.Src == 1 ? MapHandleBase + Index * MapHandleSpacing
                          : W->Maps.globalAddress(Index) + Second;
    return;
  case 4:
    R[F.Dst] = FunctionBase + PC + 1 + static_cast<int64_t>(F.Imm);
    return;
  default:
    fault(Fault::Kind::Unresolved,
          llvm::formatv("64-bit immediate load of kind {0} has no meaning in a "
                        "linked program",
                        unsigned(F.Src)));
    return;
  }
}

void Machine::loadPacket(const Fields &F) {
  bool Indirect = F.Code & 0x40;
  if (F.Dst != 0 || F.Off != 0 || (!Indirect && F.Src != 0)) {
    badOpcode(F);
    return;
  }
  if (!W || R[6] != CtxBase) {
    fault(Fault::Kind::Access,
          "legacy packet load without the context pointer in r6");
    return;
  }
  unsigned Size = sizeOf(F.Code);
  uint32_t Offset = static_cast<uint32_t>(F.Imm);
  if (Indirect)
    Offset += static_cast<uint32_t>(R[F.Src]);
  llvm::ArrayRef<uint8_t> Frame = W->Packet.frame();
  if (uint64_t(Offset) + Size > Frame.size()) {
    Out.Aborted = true;
    R[0] = 0;
    Running = false;
    return;
  }
  uint64_t Value = 0;
  for (unsigned Byte = 0; Byte != Size; ++Byte)
    Value = Value << 8 | Frame[Offset + Byte];
  R[0] = Value;
  clobberArguments();
}

void Machine::ldx(const Fields &F) {
  if (!require(F.Dst != 10, "writes the frame pointer r10"))
    return;
  unsigned Size = sizeOf(F.Code);
  uint8_t Mode = F.Code >> 5;
  bool Signed = Mode == 4;
  if (F.Imm != 0 || (Mode != 3 && !Signed) || (Signed && Size == 8)) {
    badOpcode(F);
    return;
  }
  uint64_t Value;
  if (!load(R[F.Src] + static_cast<int64_t>(F.Off), Size, Value))
    return;
  R[F.Dst] = Signed ? signExtend(Value, Size * 8) : Value;
}

void Machine::st(const Fields &F) {
  if (F.Code >> 5 != 3 || F.Src != 0) {
    badOpcode(F);
    return;
  }
  store(R[F.Dst] + static_cast<int64_t>(F.Off), sizeOf(F.Code),
        static_cast<uint64_t>(static_cast<int64_t>(F.Imm)));
}

void Machine::stx(const Fields &F) {
  unsigned Size = sizeOf(F.Code);
  switch (F.Code >> 5) {
  case 3:
    if (F.Imm != 0)
      badOpcode(F);
    else
      store(R[F.Dst] + static_cast<int64_t>(F.Off), Size, R[F.Src]);
    return;
  case 6:
    atomic(F, Size);
    return;
  default:
    badOpcode(F);
    return;
  }
}

void Machine::atomic(const Fields &F, unsigned Size) {
  int64_t Off = F.Off;
  if (F.Imm == 0x100) { // load-acquire: the source is the address
    uint64_t Value;
    if (require(F.Dst != 10, "writes the frame pointer r10") &&
        load(R[F.Src] + Off, Size, Value))
      R[F.Dst] = Value;
    return;
  }
  if (F.Imm == 0x110) {
    store(R[F.Dst] + Off, Size, R[F.Src]);
    return;
  }
  if (Size < 4) {
    badOpcode(F);
    return;
  }
  uint64_t Address = R[F.Dst] + Off;
  if (isContext(Address)) {
    accessFault(Address, Size, /*Write=*/true,
                "atomic operation on the context");
    return;
  }
  uint8_t *Memory = at(Address, Size, /*Write=*/true);
  if (!Memory)
    return;
  uint64_t Old = 0;
  std::memcpy(&Old, Memory, Size);
  uint64_t Operand = Size == 4 ? static_cast<uint32_t>(R[F.Src]) : R[F.Src];
  uint64_t New = 0;
  switch (F.Imm) {
  case 0x00:
  case 0x01:
    New = Old + Operand;
    break;
  case 0x40:
  case 0x41:
    New = Old | Operand;
    break;
  case 0x50:
  case 0x51:
    New = Old & Operand;
    break;
  case 0xa0:
  case 0xa1:
    New = Old ^ Operand;
    break;
  case 0xe1:
    New = Operand;
    break;
  case 0xf1: {
    uint64_t Expected = Size == 4 ? static_cast<uint32_t>(R[0]) : R[0];
    New = Old == Expected ? Operand : Old;
    break;
  }
  default:
    badOpcode(F);
    return;
  }
  bool Fetch = F.Imm & 1;
  if (Fetch && F.Imm != 0xf1 &&
      !require(F.Src != 10, "writes the frame pointer r10"))
    return;
  std::memcpy(Memory, &New, Size);
  if (F.Imm == 0xf1)
    R[0] = Old;
  else if (Fetch)
    R[F.Src] = Old;
}
