//===- FunctionGenerator.cpp - Writes one function ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionGenerator.h"

#include "nfpbpf/ISA/BPF/Helpers.h"
#include "nfpbpf/Runtime/MapStore.h"

using namespace nfpbpf;
using namespace nfpbpf::fuzz;
using ebpf::Slot;

namespace {
// Opcodes (RFC 9669).
enum : uint8_t {
  LoadImm64 = 0x18,
  LdxW = 0x61,
  StxDW = 0x7b,
  Ja = 0x05,
  JaLong = 0x06,
  Call = 0x85,
  Callx = 0x8d,
  Exit = 0x95,
  MayGoto = 0xe5,
  ClassLdx = 0x61 & 7,
  ClassSt = 2,
  ClassStx = 3,
  ModeMem = 0x60,
  ModeMemSX = 0x80,
  ModeAtomic = 0xc0,
  SourceReg = 8,
  ClassAlu = 4,
  ClassAlu64 = 7,
  ClassJmp = 5,
  ClassJmp32 = 6,
};
constexpr unsigned CtxReg = 6;
constexpr unsigned FP = ebpf::FramePointer;
/// Nested statements.
constexpr unsigned MaxDepth = 3;
/// Times that the body of the innermost loop runs.
constexpr unsigned MaxIterations = 24;
} // namespace

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

void State::join(const State &O) {
  if (!O.IsReachable)
    return;
  if (!IsReachable) {
    *this = O;
    return;
  }
  for (size_t R = 0; R < Regs.size(); ++R) {
    Content &Mine = Regs[R];
    const Content &Other = O.Regs[R];
    if (Mine.K == Content::Packet && Other.K == Content::Packet)
      Mine.Bytes = std::min(Mine.Bytes, Other.Bytes);
    else if (!(Mine == Other))
      Mine = {};
  }
  Written &= O.Written;
  for (auto It = Spilled.begin(); It != Spilled.end();) {
    auto Other = O.Spilled.find(It->first);
    if (Other == O.Spilled.end() || !(Other->second == It->second))
      It = Spilled.erase(It);
    else
      ++It;
  }
}

//===----------------------------------------------------------------------===//
// Instructions and registers
//===----------------------------------------------------------------------===//

void FunctionGenerator::wide(unsigned Dst, unsigned Src, uint64_t Value) {
  emit(LoadImm64, Dst, Src, 0, static_cast<int32_t>(Value));
  Out.Code.back().High = static_cast<int32_t>(Value >> 32);
}

void FunctionGenerator::go(int Label) {
  if (hasNew() && Rng.chance(15))
    jump(Slot(JaLong, 0, 0, 0, 0), Label);
  else
    jump(Slot(Ja, 0, 0, 0, 0), Label);
}

Callee FunctionGenerator::finish() {
  for (const auto &[At, Label] : Jumps)
    Out.Code[At].Target = Labels[Label];
  return std::move(Out);
}

unsigned FunctionGenerator::freeReg(unsigned From, uint32_t Avoid) {
  const uint32_t Count = 10 - From;
  const uint32_t Start = Rng.below(Count);
  for (uint32_t I = 0; I < Count; ++I) {
    const unsigned R = From + (Start + I) % Count;
    if (!isLocked(R) && !((Avoid >> R) & 1))
      return R;
  }
  return 10;
}

unsigned FunctionGenerator::anyTarget() { return freeReg(0); }

unsigned FunctionGenerator::scalar(uint32_t Avoid) {
  const uint32_t Start = Rng.below(10);
  for (uint32_t I = 0; I < 10; ++I) {
    const unsigned R = (Start + I) % 10;
    if (reg(R).K == Kind::Scalar && !((Avoid >> R) & 1))
      return R;
  }
  const unsigned R = freeReg(0, Avoid);
  loadNumber(R);
  return R;
}

unsigned FunctionGenerator::scalarTarget(uint32_t Avoid) {
  return scalar(Avoid | Locked);
}

std::optional<unsigned> FunctionGenerator::find(Kind K) {
  const uint32_t Start = Rng.below(10);
  for (uint32_t I = 0; I < 10; ++I) {
    const unsigned R = (Start + I) % 10;
    if (reg(R).K == K)
      return R;
  }
  return std::nullopt;
}

void FunctionGenerator::clobber() {
  for (unsigned R = 1; R <= 5; ++R)
    reg(R) = {};
  setScalar(0);
}

void FunctionGenerator::loadNumber(unsigned Dst) {
  const uint64_t Value = Rng.value();
  const bool Fits = static_cast<int64_t>(Value) == static_cast<int32_t>(Value);
  if (Fits && Rng.chance(70))
    movImm(Dst, static_cast<int64_t>(Value));
  else if (Rng.chance(30))
    emit(0xb4, Dst, 0, 0, static_cast<int32_t>(Value)); // 32 bits
  else
    wide(Dst, 0, Value);
  setScalar(Dst);
}

uint8_t FunctionGenerator::sizeCode(unsigned Size) const {
  return Size == 1 ? 0x10 : Size == 2 ? 0x08 : Size == 4 ? 0x00 : 0x18;
}

unsigned FunctionGenerator::size() { return 1u << Rng.below(4); }

//===----------------------------------------------------------------------===//
// Stack
//===----------------------------------------------------------------------===//

bool FunctionGenerator::isScalarRange(uint32_t At, uint32_t Bytes) const {
  for (uint32_t I = At; I < At + Bytes; ++I)
    if (!Now.Written[I])
      return false;
  return true;
}

std::optional<int> FunctionGenerator::writtenPlace(uint32_t Bytes,
                                                   uint32_t Align) {
  const uint32_t Low = MaxFrame - Frame;
  if (Bytes > Frame)
    return std::nullopt;
  const uint32_t Count = (Frame - Bytes) / Align + 1;
  const uint32_t Start = Rng.below(Count);
  for (uint32_t I = 0; I < Count; ++I) {
    const uint32_t At = Low + (Start + I) % Count * Align;
    if (isScalarRange(At, Bytes))
      return static_cast<int>(At) - static_cast<int>(MaxFrame);
  }
  return std::nullopt;
}

int FunctionGenerator::place(uint32_t Bytes, uint32_t Align) {
  const uint32_t Count = (Frame - Bytes) / Align + 1;
  return static_cast<int>(Rng.below(Count) * Align) - static_cast<int>(Frame);
}

/// Pointers that are partly overwritten are no pointers, nor numbers.
void FunctionGenerator::forget(uint32_t At, uint32_t Bytes) {
  for (auto It = Now.Spilled.begin(); It != Now.Spilled.end();)
    if (It->first < At + Bytes && At < It->first + 8)
      It = Now.Spilled.erase(It);
    else
      ++It;
}

void FunctionGenerator::wrote(int Offset, uint32_t Bytes) {
  const uint32_t At =
      static_cast<uint32_t>(Offset + static_cast<int>(MaxFrame));
  forget(At, Bytes);
  for (uint32_t I = At; I < At + Bytes; ++I)
    Now.Written[I] = true;
}

void FunctionGenerator::stackStore() {
  const unsigned Size = size();
  const int Offset = place(Size, Size);
  if (hasNew() && Rng.chance(4)) { // release
    const unsigned Src = scalar();
    emit(ClassStx | ModeAtomic | sizeCode(Size), FP, Src, Offset, 0x110);
  } else if (Rng.chance(30)) {
    const uint64_t Value = Rng.value();
    emit(ClassSt | ModeMem | sizeCode(Size), FP, 0, Offset,
         static_cast<int32_t>(Value));
  } else {
    const unsigned Src = scalar();
    emit(ClassStx | ModeMem | sizeCode(Size), FP, Src, Offset, 0);
  }
  wrote(Offset, Size);
}

void FunctionGenerator::stackLoad() {
  const unsigned Size = size();
  std::optional<int> Offset = writtenPlace(Size, Size);
  if (!Offset)
    return stackStore();
  const unsigned Dst = anyTarget();
  const bool IsSigned = hasNew() && Size < 8 && Rng.chance(30);
  if (hasNew() && Rng.chance(4)) // acquire
    emit(ClassStx | ModeAtomic | sizeCode(Size), Dst, FP, *Offset, 0x100);
  else
    emit(ClassLdx | (IsSigned ? ModeMemSX : ModeMem) | sizeCode(Size), Dst, FP,
         *Offset, 0);
  setScalar(Dst);
}

void FunctionGenerator::stackVariable() {
  const uint32_t Window = 8u << Rng.below(3);
  std::optional<int> Offset = writtenPlace(Window, 8);
  if (!Offset || !P.VariableStack)
    return stackStore();
  const unsigned Size = size();
  const bool Write = Rng.chance(50);
  const unsigned Index = scalar();
  const unsigned T = freeReg(0, 1u << Index);
  const unsigned U = T < 10 ? freeReg(0, 1u << T) : 10;
  if (U == 10)
    return stackStore();
  movReg(T, Index);
  // Multiples of the size: what is masked has its low bits clear.
  emit(0x57, T, 0, 0, Window - Size);
  setScalar(T);
  unsigned Base = T;
  if (Rng.chance(50)) { // number + pointer
    addImm(T, *Offset);
    Offset = 0;
    emit(0x0f, T, FP, 0, 0);
  } else {
    Base = U;
    movReg(U, FP);
    emit(0x0f, U, T, 0, 0);
    if (Rng.chance(50)) {
      addImm(U, *Offset);
      Offset = 0;
    }
  }
  reg(Base) = {};
  if (Write) {
    const unsigned Src = scalar(1u << Base);
    emit(ClassStx | ModeMem | sizeCode(Size), Base, Src, *Offset, 0);
  } else {
    emit(ClassLdx | ModeMem | sizeCode(Size), Base, Base, *Offset, 0);
    setScalar(Base);
  }
}

/// An access to one of two places, as a condition decides.
void FunctionGenerator::stackChoice() {
  const unsigned Size = size();
  const uint32_t Window = 8u << Rng.below(3);
  std::optional<int> Start = writtenPlace(Window, 8);
  // A store to an uncertain place may be one to any pointer in the frame.
  if (!Start || !Now.Spilled.empty())
    return stackStore();
  auto Choose = [&] {
    return *Start + static_cast<int>(Rng.below(Window / Size) * Size);
  };
  const int One = Choose(), Other = Choose();
  const Slot Condition = condition();
  const unsigned T = freeReg(0, 1u << Condition.dst() | 1u << Condition.src());
  if (T == 10)
    return stackStore();
  movReg(T, FP);
  addImm(T, One);
  reg(T) = {};
  const int Skip = newLabel();
  jump(Condition, Skip);
  addImm(T, Other - One);
  bind(Skip);
  if (Rng.chance(50)) {
    const unsigned Src = scalar(1u << T);
    emit(ClassStx | ModeMem | sizeCode(Size), T, Src, 0, 0);
  } else {
    emit(ClassLdx | ModeMem | sizeCode(Size), T, T, 0, 0);
    setScalar(T);
  }
}

/// An atomic operation's immediate.
static int32_t atomicOperation(Numbers &Rng) {
  const int32_t Operation =
      Rng.oneOf<int32_t>({0x00, 0x00, 0x40, 0x50, 0xa0, 0xe1, 0xf1});
  const bool Fetch = Rng.chance(50);
  return Fetch ? Operation | 1 : Operation;
}

void FunctionGenerator::stackAtomic() {
  const unsigned Size = Rng.chance(50) ? 4 : 8;
  std::optional<int> Offset = writtenPlace(Size, Size);
  if (!Offset)
    return stackStore();
  const int32_t Operation = atomicOperation(Rng);
  const bool IsCmpXchg = Operation == 0xf1;
  if (IsCmpXchg && (isLocked(0) || reg(0).K != Kind::Scalar))
    return stackLoad();
  const bool Returns = (Operation & 1) && !IsCmpXchg;
  const unsigned Src = Returns ? scalarTarget() : scalar();
  emit(ClassStx | ModeAtomic | sizeCode(Size), FP, Src, *Offset, Operation);
}

void FunctionGenerator::spill() {
  // Inside a loop the place would hold something else the first time.
  std::optional<unsigned> R;
  const uint32_t Start = Rng.below(10);
  for (uint32_t I = 0; I < 10 && !R; ++I) {
    const Content &C = reg((Start + I) % 10);
    if (C.K == Kind::Ctx || C.K == Kind::Packet || C.K == Kind::MapValue)
      R = (Start + I) % 10;
  }
  if (!R || LoopDepth)
    return stackStore();
  const int Offset = place(8, 8);
  emit(StxDW, FP, *R, Offset, 0);
  wrote(Offset, 8);
  const uint32_t At =
      static_cast<uint32_t>(Offset + static_cast<int>(MaxFrame));
  for (uint32_t I = At; I < At + 8; ++I)
    Now.Written[I] = false;
  Now.Spilled[At] = reg(*R);
}

void FunctionGenerator::fill() {
  if (Now.Spilled.empty())
    return stackLoad();
  auto It = Now.Spilled.begin();
  std::advance(It, Rng.below(static_cast<uint32_t>(Now.Spilled.size())));
  const unsigned Dst = anyTarget();
  emit(0x79, Dst, FP, static_cast<int>(It->first) - static_cast<int>(MaxFrame),
       0);
  reg(Dst) = It->second;
}

void FunctionGenerator::fillStack(int Offset, uint32_t Bytes) {
  for (uint32_t Done = 0; Done < Bytes;) {
    unsigned Piece = 8;
    while (Piece > Bytes - Done || (Offset + static_cast<int>(Done)) % Piece)
      Piece /= 2;
    const int At = Offset + static_cast<int>(Done);
    if (Rng.chance(40)) {
      const uint64_t Value = Rng.value();
      emit(ClassSt | ModeMem | sizeCode(Piece), FP, 0, At,
           static_cast<int32_t>(Value));
    } else {
      const unsigned Src = scalar();
      emit(ClassStx | ModeMem | sizeCode(Piece), FP, Src, At, 0);
    }
    Done += Piece;
  }
  wrote(Offset, Bytes);
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

void FunctionGenerator::alu() { aluInto(scalarTarget()); }

void FunctionGenerator::aluInto(unsigned Dst) {
  const bool Is64 = Rng.chance(60);
  const uint8_t Class = Is64 ? ClassAlu64 : ClassAlu;
  const int Width = Is64 ? 64 : 32;
  const uint32_t Operation = Rng.below(16);
  if (Operation == 8) { // neg
    emit(0x80 | Class, Dst, 0, 0, 0);
    return;
  }
  if (Operation == 13 || Operation == 14) { // byte order
    const int Bits = 16 << Rng.below(3);
    const uint32_t Form = Rng.below(hasNew() ? 3 : 2);
    const uint8_t Code = Form == 0 ? 0xd4 : Form == 1 ? 0xdc : 0xd7;
    emit(Code, Dst, 0, 0, Bits);
    return;
  }
  if (Operation == 15) {
    if (!hasNew()) {
      loadNumber(Dst);
      return;
    }
    const int Bits = 8 << Rng.below(Is64 ? 3 : 2);
    const unsigned Src = scalar();
    emit(0xb0 | SourceReg | Class, Dst, Src, Bits, 0); // movsx
    return;
  }
  const bool IsDivision = Operation == 3 || Operation == 9;
  const bool IsShift = Operation == 6 || Operation == 7 || Operation == 12;
  const int IsSigned = IsDivision && hasNew() && Rng.chance(40);
  const uint8_t Code = static_cast<uint8_t>(Operation << 4 | Class);
  if (Rng.chance(55)) {
    const unsigned Src = scalar();
    emit(Code | SourceReg, Dst, Src, IsSigned, 0);
    return;
  }
  const uint64_t Value = Rng.value();
  int32_t Imm = static_cast<int32_t>(Value);
  if (IsShift)
    Imm = static_cast<int32_t>(Rng.below(static_cast<uint32_t>(Width)));
  else if (IsDivision && Imm == 0)
    Imm = -1;
  emit(Code, Dst, 0, IsSigned, Imm);
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

Slot FunctionGenerator::condition() {
  static constexpr uint8_t Operations[] = {0x10, 0x20, 0x30, 0x40, 0x50, 0x60,
                                           0x70, 0xa0, 0xb0, 0xc0, 0xd0};
  const uint8_t Operation = Rng.oneOf<uint8_t>(Operations);
  const uint8_t Class = Rng.chance(60) ? ClassJmp : ClassJmp32;
  const unsigned Dst = scalar();
  if (Rng.chance(40)) {
    const unsigned Src = scalar();
    return Slot(Operation | SourceReg | Class, Dst, Src, 0, 0);
  }
  const uint64_t Value = Rng.value();
  return Slot(Operation | Class, Dst, 0, 0, static_cast<int32_t>(Value));
}

void FunctionGenerator::conditional() {
  const int Else = newLabel();
  const Slot Condition = condition();
  jump(Condition, Else);
  const State Before = Now;
  ++Depth;
  sequence(1 + static_cast<int>(Rng.below(3)));
  if (Rng.chance(50)) {
    bind(Else);
    Now.join(Before);
  } else {
    const int End = newLabel();
    if (Now.IsReachable)
      go(End);
    bind(Else);
    State Then = Now;
    Now = Before;
    sequence(1 + static_cast<int>(Rng.below(3)));
    Now.join(Then);
    bind(End);
  }
  --Depth;
}

void FunctionGenerator::earlyExit() {
  const int Skip = newLabel();
  const Slot Condition = condition();
  jump(Condition, Skip);
  const State Before = Now;
  if (!Breaks.empty() && Rng.chance(60)) {
    Breaks.back().States->push_back(Now);
    go(Breaks.back().Label);
  } else {
    leave();
  }
  Now = Before;
  bind(Skip);
}

void FunctionGenerator::loop() {
  const uint32_t Limit = MaxIterations / Iterations;
  if (hasMayGoto() && IsEntry && !LoopDepth && !P.HasLongLoop && Rng.chance(3))
    return longLoop();
  const unsigned Counter = freeReg(7);
  if (Limit < 2 || LoopDepth >= 2 || Counter == 10)
    return conditional();
  const int Count = 2 + static_cast<int>(Rng.below(std::min(Limit - 1, 7u)));
  const bool Upwards = Rng.chance(50);
  // Pointers may be stale the second time, but for those that nobody may write.
  for (unsigned R = 0; R < 10; ++R)
    if (reg(R).K != Kind::Scalar && !isLocked(R))
      reg(R) = {};
  Now.Spilled.clear();
  movImm(Counter, Upwards ? 0 : Count);
  setScalar(Counter);
  const int Head = newLabel(), End = newLabel();
  bind(Head);
  const State AtHead = Now;
  const uint16_t Before = Locked;
  Locked |= static_cast<uint16_t>(1u << Counter);
  ++Depth;
  ++LoopDepth;
  const unsigned OldIterations = Iterations;
  Iterations *= static_cast<unsigned>(Count);
  std::vector<State> Left;
  if (hasMayGoto() && Rng.chance(25)) {
    Left.push_back(AtHead);
    jump(Slot(MayGoto, 0, 0, 0, 0), End);
  }
  Breaks.push_back({End, &Left});
  sequence(1 + static_cast<int>(Rng.below(4)));
  Breaks.pop_back();
  Iterations = OldIterations;
  --LoopDepth;
  --Depth;
  Locked = Before;
  for (unsigned R = 0; R < 10; ++R)
    if (AtHead.Regs[R].K == Kind::Scalar && reg(R).K != Kind::Scalar)
      loadNumber(R);
  addImm(Counter, Upwards ? 1 : -1);
  if (Upwards)
    jump(Slot(Rng.chance(50) ? 0xa5 : 0x55, Counter, 0, 0, Count), Head);
  else
    jump(Slot(Rng.chance(50) ? 0x55 : 0x25, Counter, 0, 0, 0), Head);
  for (const State &S : Left)
    Now.join(S);
  bind(End);
}

/// A loop that ends when may_goto has let it go on often enough.
void FunctionGenerator::longLoop() {
  P.HasLongLoop = true;
  const unsigned R = scalarTarget(), Other = scalar();
  const int Head = newLabel(), End = newLabel();
  bind(Head);
  jump(Slot(MayGoto, 0, 0, 0, 0), End);
  addImm(R, Rng.between(-9, 9));
  if (Rng.chance(50))
    emit(0xaf, R, Other, 0, 0); // ^=
  go(Head);
  bind(End);
}

//===----------------------------------------------------------------------===//
// Packets
//===----------------------------------------------------------------------===//

void FunctionGenerator::access(unsigned Base, int Offset, unsigned Size,
                               bool MayWrite) {
  if (hasNew() && Rng.chance(4)) { // acquire, release
    if (MayWrite && Rng.chance(50)) {
      const unsigned Src = scalar(1u << Base);
      emit(ClassStx | ModeAtomic | sizeCode(Size), Base, Src, Offset, 0x110);
    } else {
      const unsigned Dst = freeReg(0, 1u << Base);
      emit(ClassStx | ModeAtomic | sizeCode(Size), Dst, Base, Offset, 0x100);
      setScalar(Dst);
    }
    return;
  }
  if (MayWrite && Rng.chance(45)) {
    if (Rng.chance(30)) {
      const uint64_t Value = Rng.value();
      emit(ClassSt | ModeMem | sizeCode(Size), Base, 0, Offset,
           static_cast<int32_t>(Value));
    } else {
      const unsigned Src = scalar(1u << Base);
      emit(ClassStx | ModeMem | sizeCode(Size), Base, Src, Offset, 0);
    }
    return;
  }
  const unsigned Dst = freeReg(0, 1u << Base);
  const bool IsSigned = hasNew() && Size < 8 && Rng.chance(20);
  emit(ClassLdx | (IsSigned ? ModeMemSX : ModeMem) | sizeCode(Size), Dst, Base,
       Offset, 0);
  setScalar(Dst);
}

void FunctionGenerator::packetAccess() {
  std::optional<unsigned> R = find(Kind::Packet);
  if (!R || reg(*R).Bytes == 0)
    return alu();
  unsigned Size = size();
  while (Size > reg(*R).Bytes)
    Size /= 2;
  const int Offset = static_cast<int>(Rng.below(reg(*R).Bytes - Size + 1));
  access(*R, Offset, Size, /*MayWrite=*/true);
}

/// Two ways that each read something of the packet and meet with a pointer to
/// what lies beside it.
void FunctionGenerator::packetChoice() {
  std::optional<unsigned> R = find(Kind::Packet);
  const unsigned Size = 1u << Rng.below(3);
  if (!R || reg(*R).Bytes < 2 * Size)
    return packetAccess();
  const Slot Condition = condition();
  const uint32_t Taken =
      1u << *R | 1u << Condition.dst() | 1u << Condition.src();
  const unsigned T = freeReg(0, Taken);
  const unsigned D = T < 10 ? freeReg(0, Taken | 1u << T) : 10;
  if (D == 10)
    return packetAccess();
  const uint32_t Places = reg(*R).Bytes - Size + 1;
  auto Way = [&] {
    emit(ClassLdx | ModeMem | sizeCode(Size), D, *R,
         static_cast<int>(Rng.below(Places)), 0);
    if (Rng.chance(20))
      emit(ClassStx | ModeMem | sizeCode(Size), *R, D,
           static_cast<int>(Rng.below(Places)), 0);
    movReg(T, *R);
    addImm(T, static_cast<int64_t>(Rng.below(Places)));
  };
  reg(T) = {};
  setScalar(D);
  const int Else = newLabel(), End = newLabel();
  jump(Condition, Else);
  Way();
  go(End);
  bind(Else);
  Way();
  bind(End);
  if (Rng.chance(20))
    emit(ClassStx | ModeMem | sizeCode(Size), *R, D,
         static_cast<int>(Rng.below(Places)), 0);
  access(T, 0, Size, /*MayWrite=*/Rng.chance(30));
}

/// A pointer at a number from the packet's start, checked on its own.
void FunctionGenerator::packetVariable(unsigned Data) {
  const unsigned Index = scalar(1u << Data);
  const unsigned V = freeReg(0, 1u << Index | 1u << Data);
  const unsigned T = freeReg(0, 1u << V | 1u << Data);
  const unsigned E = freeReg(0, 1u << V | 1u << T | 1u << Data);
  if (V == 10 || T == 10 || E == 10)
    return packetAccess();
  movReg(V, Index);
  emit(0x57, V, 0, 0, Rng.oneOf<int32_t>({7, 15, 31, 63, 0x3c, 127}));
  emit(0x0f, V, Data, 0, 0);
  movReg(T, V);
  const uint32_t Bytes = 1 + Rng.below(16);
  addImm(T, static_cast<int64_t>(Bytes));
  emit(LdxW, E, CtxReg, isXDP() ? 4 : 80, 0);
  const int Skip = newLabel();
  jump(Slot(0x2d, T, E, 0, 0), Skip);
  reg(T) = {};
  reg(E) = {};
  reg(V) = {};
  const State Before = Now;
  reg(V) = {Kind::Packet, Bytes, 0};
  const uint16_t OldLocked = Locked;
  Locked |= static_cast<uint16_t>(1u << V);
  ++Depth;
  ++PacketUsers;
  const int Count = 1 + static_cast<int>(Rng.below(3));
  for (int I = 0; I < Count; ++I) {
    if (Rng.chance(50))
      alu();
    else
      packetAccess();
  }
  --PacketUsers;
  --Depth;
  Locked = OldLocked;
  Now.join(Before);
  bind(Skip);
}

void FunctionGenerator::packet() {
  const bool HasCtx = reg(CtxReg).K == Kind::Ctx && isLocked(CtxReg);
  // A register that survives calls, or one that does not.
  const unsigned D = HasCtx ? freeReg(Rng.chance(70) ? 7 : 0) : 10;
  const unsigned E = D < 10 ? freeReg(0, 1u << D) : 10;
  const unsigned T = E < 10 ? freeReg(0, 1u << D | 1u << E) : 10;
  if (T >= 10)
    return packetAccess();
  static constexpr uint32_t Lengths[] = {1, 2, 4, 8, 14, 34, 42, 54, 60, 64};
  const uint32_t Bytes = Rng.oneOf<uint32_t>(Lengths);
  const int DataOff = isXDP() ? 0 : 76, EndOff = isXDP() ? 4 : 80;
  emit(LdxW, D, CtxReg, DataOff, 0);
  emit(LdxW, E, CtxReg, EndOff, 0);
  movReg(T, D);
  addImm(T, Bytes);
  reg(D) = reg(E) = reg(T) = {};
  const int Skip = newLabel();
  switch (Rng.below(4)) {
  case 0:
    jump(Slot(0x2d, T, E, 0, 0), Skip); // T > E
    break;
  case 1:
    jump(Slot(0xad, E, T, 0, 0), Skip); // E < T
    break;
  case 2: {
    const int Good = newLabel();
    jump(Slot(0xbd, T, E, 0, 0), Good); // T <= E
    go(Skip);
    bind(Good);
    break;
  }
  default: {
    const int Good = newLabel();
    jump(Slot(0x3d, E, T, 0, 0), Good); // E >= T
    go(Skip);
    bind(Good);
    break;
  }
  }
  const State Before = Now;
  reg(D) = {Kind::Packet, Bytes, 0};
  const uint16_t OldLocked = Locked;
  Locked |= static_cast<uint16_t>(1u << D);
  ++Depth;
  ++PacketUsers;
  const int Count = 2 + static_cast<int>(Rng.below(5));
  for (int I = 0; I < Count && Budget > 0 && Now.IsReachable; ++I) {
    const uint32_t What = Rng.below(10);
    if (What < 5)
      packetAccess();
    else if (What < 6)
      packetVariable(D);
    else if (Depth < MaxDepth)
      statement();
    else
      alu();
  }
  --PacketUsers;
  --Depth;
  Locked = OldLocked;
  Now.join(Before);
  bind(Skip);
}

void FunctionGenerator::adjust() {
  if (!isXDP() || PacketUsers || reg(CtxReg).K != Kind::Ctx || !canCall() ||
      !isLocked(CtxReg))
    return random();
  const bool Head = Rng.chance(50);
  if (Rng.chance(60)) {
    const int32_t Delta = Head ? Rng.between(-40, 24) : -Rng.between(0, 24);
    movImm(2, Delta);
  } else {
    const unsigned Src = scalar();
    if (Src != 2)
      movReg(2, Src);
    emit(0x57, 2, 0, 0, 31);
    addImm(2, -16);
  }
  movReg(1, CtxReg);
  emit(Call, 0, 0, 0, Head ? ebpf::XdpAdjustHead : ebpf::XdpAdjustTail);
  clobber();
  packetMoved();
}

/// Pointers to the packet are stale.
void FunctionGenerator::packetMoved() {
  Out.MovesPacket = true;
  for (Content &C : Now.Regs)
    if (C.K == Kind::Packet)
      C = {};
  for (auto It = Now.Spilled.begin(); It != Now.Spilled.end();)
    if (It->second.K == Kind::Packet)
      It = Now.Spilled.erase(It);
    else
      ++It;
}

/// The context fields that the card has: the length, and the queue.
void FunctionGenerator::context() {
  if (reg(CtxReg).K != Kind::Ctx)
    return alu();
  if (isXDP()) {
    if (!hasNew())
      return alu();
    const unsigned Src = scalar();
    emit(ClassStx | ModeMem, CtxReg, Src, 16, 0);
    return;
  }
  const unsigned Dst = anyTarget();
  emit(LdxW, Dst, CtxReg, 0, 0);
  setScalar(Dst);
}

void FunctionGenerator::legacyLoad() {
  if (!P.LegacyLoads || !canCall() || reg(CtxReg).K != Kind::Ctx || !IsEntry)
    return alu();
  const uint8_t Size = sizeCode(1u << Rng.below(3));
  if (Rng.chance(50)) {
    emit(0x20 | Size, 0, 0, 0, static_cast<int32_t>(Rng.below(60)));
  } else {
    const unsigned Src = scalarTarget();
    emit(0x57, Src, 0, 0, 63);
    emit(0x40 | Size, 0, Src, 0, static_cast<int32_t>(Rng.below(16)));
  }
  clobber();
}

//===----------------------------------------------------------------------===//
// Maps and other helpers
//===----------------------------------------------------------------------===//

std::optional<uint32_t> FunctionGenerator::anyMap(uint32_t Type) {
  const uint32_t Count = static_cast<uint32_t>(P.Maps.size());
  if (Count == 0)
    return std::nullopt;
  const uint32_t Start = Rng.below(Count);
  for (uint32_t I = 0; I < Count; ++I) {
    const uint32_t Map = (Start + I) % Count;
    const bool IsEvents = P.Maps[Map].Type == rt::PerfEventArray;
    if (!P.Maps[Map].isGlobalData() && IsEvents == (Type == rt::PerfEventArray))
      return Map;
  }
  return std::nullopt;
}

void FunctionGenerator::mapInto(unsigned R, uint32_t Map) { wide(R, 1, Map); }

/// A place with so many numbers and its address in a register: mostly the
/// frame, sometimes the packet or a map value.
void FunctionGenerator::bytesInto(unsigned R, uint32_t Bytes, bool ForEvent) {
  if (Rng.chance(25))
    if (std::optional<unsigned> From = find(Kind::Packet))
      if (*From >= 6 && reg(*From).Bytes >= Bytes) {
        const uint32_t Offset = Rng.below(reg(*From).Bytes - Bytes + 1);
        movReg(R, *From);
        addImm(R, Offset);
        return;
      }
  if (Rng.chance(15))
    if (std::optional<unsigned> From = find(Kind::MapValue))
      if (*From >= 6 && P.Maps[reg(*From).Map].ValueSize >= Bytes &&
          (!P.Counters[reg(*From).Map] || !ForEvent)) {
        movReg(R, *From);
        return;
      }
  const uint32_t Align = Bytes % 8 == 0 ? 8 : Bytes % 4 == 0 ? 4 : 1;
  std::optional<int> Offset;
  if (Rng.chance(60))
    Offset = writtenPlace(Bytes, Rng.chance(80) ? Align : 1);
  if (!Offset) {
    Offset = place(Bytes, Align);
    fillStack(*Offset, Bytes);
  }
  movReg(R, FP);
  addImm(R, *Offset);
}

void FunctionGenerator::keyInto2(uint32_t Map) {
  const object::MapInfo &Info = P.Maps[Map];
  if (Rng.chance(15))
    return bytesInto(2, Info.KeySize);
  // A small number in the first word and zero behind it: few different keys.
  const uint32_t Align = Info.KeySize % 8 == 0 ? 8 : 4;
  const uint32_t Bytes = (Info.KeySize + Align - 1) / Align * Align;
  const int Offset = place(Bytes, Align);
  uint32_t Done = 0;
  if (Align == 8 && Rng.chance(50)) {
    for (; Done < Bytes; Done += 8)
      emit(ClassSt | ModeMem | 0x18, FP, 0, Offset + static_cast<int>(Done), 0);
  } else {
    for (; Done < Bytes; Done += 4)
      emit(ClassSt | ModeMem, FP, 0, Offset + static_cast<int>(Done), 0);
  }
  wrote(Offset, Bytes);
  if (Rng.chance(40)) {
    emit(ClassSt | ModeMem | 0x10, FP, 0, Offset, Rng.below(8));
  } else {
    const unsigned Src = scalarTarget();
    emit(0x57, Src, 0, 0, 7);
    emit(ClassStx | ModeMem | 0x10, FP, Src, Offset, 0);
  }
  movReg(2, FP);
  addImm(2, Offset);
}

/// Loads the address of global data and uses it.
void FunctionGenerator::globalData() {
  std::vector<uint32_t> Data;
  for (uint32_t Map = 0; Map < P.Maps.size(); ++Map)
    if (P.Maps[Map].isGlobalData())
      Data.push_back(Map);
  const unsigned R = freeReg(0);
  if (Data.empty() || R == 10)
    return alu();
  const uint32_t Map = Data[Rng.below(static_cast<uint32_t>(Data.size()))];
  if (P.Counters[Map] == 0 && Rng.chance(40)) {
    // A place of its own.
    const unsigned Size = std::min(size(), P.Maps[Map].ValueSize);
    const uint32_t Offset = Rng.below(P.Maps[Map].ValueSize / Size) * Size;
    wide(R, 2, uint64_t(Offset) << 32 | Map);
    reg(R) = {};
    access(R, 0, Size, /*MayWrite=*/!P.Maps[Map].isReadOnlyData());
    return;
  }
  wide(R, 2, Map);
  reg(R) = {Kind::MapValue, 0, Map};
  const uint16_t OldLocked = Locked;
  Locked |= static_cast<uint16_t>(1u << R);
  for (uint32_t I = 1 + Rng.below(3); I != 0; --I)
    valueAccess();
  Locked = OldLocked;
}

void FunctionGenerator::mapLookup() {
  std::optional<uint32_t> Map = anyMap(rt::Array);
  const unsigned Keep = Map ? freeReg(7) : 10;
  if (!Map || !canCall() || Keep == 10)
    return alu();
  keyInto2(*Map);
  mapInto(1, *Map);
  emit(Call, 0, 0, 0, ebpf::MapLookupElem);
  clobber();
  reg(0) = {};
  const int Null = newLabel();
  const bool Early = Rng.chance(30);
  // The pointer is kept before or after it is known to be one.
  if (Early) {
    movReg(Keep, 0);
    reg(Keep) = {};
  }
  jump(Slot(0x15, Early && Rng.chance(50) ? Keep : 0, 0, 0, 0), Null);
  const State Before = Now;
  if (!Early)
    movReg(Keep, 0);
  reg(Keep) = {Kind::MapValue, 0, *Map};
  const uint16_t OldLocked = Locked;
  Locked |= static_cast<uint16_t>(1u << Keep);
  ++Depth;
  const int Count = 1 + static_cast<int>(Rng.below(4));
  for (int I = 0; I < Count && Budget > 0 && Now.IsReachable; ++I) {
    if (Rng.chance(65) || Depth >= MaxDepth)
      valueAccess();
    else
      statement();
  }
  --Depth;
  Locked = OldLocked;
  if (Rng.chance(25)) {
    const int End = newLabel();
    if (Now.IsReachable)
      go(End);
    bind(Null);
    State Hit = Now;
    Now = Before;
    ++Depth;
    sequence(1 + static_cast<int>(Rng.below(2)));
    --Depth;
    Now.join(Hit);
    bind(End);
    return;
  }
  Now.join(Before);
  bind(Null);
}

void FunctionGenerator::valueAccess() {
  std::optional<unsigned> R = find(Kind::MapValue);
  if (!R)
    return alu();
  const uint32_t Map = reg(*R).Map;
  const uint32_t ValueSize = P.Maps[Map].ValueSize;
  const uint32_t Counters = P.Counters[Map];
  const bool MayWrite = !P.Maps[Map].isReadOnlyData();
  uint32_t Word = Rng.below(ValueSize / 4);
  // Neighbours are one counter of 64 bits.
  if (Word % 2 && ((Counters >> (Word - 1)) & 3) == 3)
    --Word;
  const bool IsCounter = (Counters >> Word) & 1;
  if (IsCounter) {
    const bool Pair = Word % 2 == 0 && ((Counters >> (Word + 1)) & 1);
    if (Rng.chance(75)) {
      // Several in a row are what compilers overlap; some change one word of
      // the two.
      const uint32_t Count = Rng.chance(25) ? 2 + Rng.below(3) : 1;
      for (uint32_t I = 0; I < Count; ++I) {
        const bool Both = Pair && !Rng.chance(25);
        const uint32_t At = Pair && !Both ? Word + Rng.below(2) : Word;
        // Additions, mostly: they are what counters are for.
        int32_t Operation = Rng.chance(50) ? 0 : atomicOperation(Rng);
        if (Operation == 0xf1) // which the card does not have
          Operation = 0xe1;
        const unsigned Src =
            Operation & 1 ? scalarTarget(1u << *R) : scalar(1u << *R);
        emit(ClassStx | ModeAtomic | sizeCode(Both ? 8 : 4), *R, Src,
             static_cast<int>(4 * At), Operation);
      }
    } else {
      const unsigned Dst = freeReg(0, 1u << *R);
      if (hasNew() && Rng.chance(20)) // acquire
        emit(ClassStx | ModeAtomic, Dst, *R, static_cast<int>(4 * Word), 0x100);
      else
        emit(LdxW, Dst, *R, static_cast<int>(4 * Word), 0);
      setScalar(Dst);
    }
    return;
  }
  // Other words: any access that touches no counter.
  if (ValueSize >= 8 && Rng.chance(20)) {
    const unsigned Index = scalar(1u << *R);
    const unsigned V = freeReg(0, 1u << *R | 1u << Index);
    if (V != 10) {
      uint32_t Window = 4;
      while (Window * 2 <= ValueSize)
        Window *= 2;
      const unsigned Size = std::min(size(), Window);
      movReg(V, Index);
      emit(0x57, V, 0, 0, Window - 1);
      // Bytes behind the window are the value's own, or the mask is tighter.
      if (Window - 1 + Size > ValueSize)
        emit(0x57, V, 0, 0, Window - Size);
      emit(0x0f, V, *R, 0, 0);
      reg(V) = {};
      access(V, 0, Size, MayWrite);
      return;
    }
  }
  unsigned Size = size();
  int Offset = static_cast<int>(4 * Word);
  if (Size < 4)
    Offset += static_cast<int>(Rng.below(4 / Size) * Size);
  if (Size == 8 &&
      (Word % 2 || 4 * Word + 8 > ValueSize || ((Counters >> (Word + 1)) & 1)))
    Size = 4;
  access(*R, Offset, Size, MayWrite);
}

void FunctionGenerator::mapUpdate() {
  std::optional<uint32_t> Map = anyMap(rt::Array);
  if (!Map || !canCall())
    return alu();
  // The value first: making the key may need registers.
  const bool KeyFirst = Rng.chance(50);
  const uint32_t ValueSize = P.Maps[*Map].ValueSize;
  auto value = [&] {
    bytesInto(3, ValueSize);
    reg(3) = {};
    Locked |= 1u << 3;
  };
  auto key = [&] {
    keyInto2(*Map);
    reg(2) = {};
    Locked |= 1u << 2;
  };
  const uint16_t OldLocked = Locked;
  Locked |= 1u << 2 | 1u << 3;
  reg(2) = reg(3) = {};
  if (KeyFirst) {
    key();
    value();
  } else {
    value();
    key();
  }
  Locked = OldLocked;
  mapInto(1, *Map);
  movImm(4, static_cast<int32_t>(Rng.chance(70) ? 0 : Rng.below(3)));
  emit(Call, 0, 0, 0, ebpf::MapUpdateElem);
  clobber();
}

void FunctionGenerator::mapDelete() {
  std::optional<uint32_t> Map = anyMap(rt::Array);
  if (!Map || !canCall())
    return alu();
  keyInto2(*Map);
  mapInto(1, *Map);
  emit(Call, 0, 0, 0, ebpf::MapDeleteElem);
  clobber();
}

void FunctionGenerator::random() {
  if (!canCall())
    return alu();
  emit(Call, 0, 0, 0, ebpf::GetPrandomU32);
  clobber();
}

void FunctionGenerator::perfEvent() {
  std::optional<uint32_t> Map = anyMap(rt::PerfEventArray);
  if (!Map || !canCall() || reg(CtxReg).K != Kind::Ctx || !isLocked(CtxReg))
    return alu();
  const uint32_t Bytes = 4 * (1 + Rng.below(8));
  bytesInto(4, Bytes, /*ForEvent=*/true);
  movImm(5, Bytes);
  const uint64_t Frame = Rng.chance(50) ? 0 : Rng.below(64);
  wide(3, 0, Frame << 32 | 0xffffffff);
  mapInto(2, *Map);
  movReg(1, CtxReg);
  emit(Call, 0, 0, 0, ebpf::PerfEventOutput);
  clobber();
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

void FunctionGenerator::call() {
  const uint32_t Count = static_cast<uint32_t>(P.Functions.size());
  if (!Count || !canCall() || (LoopDepth && Iterations > 6))
    return alu();
  const uint32_t Which = Rng.below(Count);
  const Callee &F = P.Functions[Which];
  if (F.MovesPacket && PacketUsers)
    return alu();
  const uint16_t OldLocked = Locked;
  bool Fits = true;
  for (size_t I = 0; I < F.Args.size() && Fits; ++I) {
    const unsigned R = static_cast<unsigned>(I) + 1;
    const Content &Want = F.Args[I];
    switch (Want.K) {
    case Kind::Scalar: {
      const unsigned Src = scalar();
      if (Src != R)
        movReg(R, Src);
      break;
    }
    case Kind::Ctx:
      Fits = reg(CtxReg).K == Kind::Ctx && isLocked(CtxReg);
      if (Fits)
        movReg(R, CtxReg);
      break;
    case Kind::Stack: {
      std::optional<int> Offset = writtenPlace(Want.Bytes, 8);
      if (!Offset) {
        Offset = place(Want.Bytes, 8);
        Locked |= static_cast<uint16_t>(1u << R);
        fillStack(*Offset, Want.Bytes);
      }
      movReg(R, FP);
      addImm(R, *Offset);
      break;
    }
    case Kind::Packet: {
      std::optional<unsigned> From = find(Kind::Packet);
      Fits = From && *From >= 6 && reg(*From).Bytes >= Want.Bytes;
      if (Fits)
        movReg(R, *From);
      break;
    }
    case Kind::MapValue: {
      std::optional<unsigned> From = find(Kind::MapValue);
      Fits = From && *From >= 6 && reg(*From).Map == Want.Map;
      if (Fits)
        movReg(R, *From);
      break;
    }
    case Kind::Nothing:
      break;
    }
    reg(R) = {};
    if (Want.K == Kind::Scalar)
      setScalar(R);
    Locked |= static_cast<uint16_t>(1u << R);
  }
  Locked = OldLocked;
  if (!Fits)
    return;
  const unsigned Through =
      hasNew() && Rng.chance(20) ? freeReg(6) : ebpf::FramePointer;
  if (Through != ebpf::FramePointer) {
    functionInto(Through, Which);
    emit(Callx, Through, 0, 0, 0);
    reg(Through) = {};
  } else {
    Out.Calls.push_back({static_cast<uint32_t>(Out.Code.size()), Which});
    emit(Call, 0, 1, 0, 0);
  }
  clobber();
  if (F.MovesPacket)
    packetMoved();
}

void FunctionGenerator::functionInto(unsigned R, uint32_t Which) {
  Out.Calls.push_back({static_cast<uint32_t>(Out.Code.size()), Which});
  wide(R, 4, 0);
}

/// bpf_loop with one of the functions that can be its callback.
void FunctionGenerator::callLoop() {
  std::vector<uint32_t> Callbacks;
  for (uint32_t I = 0; I < P.Functions.size(); ++I)
    if (P.Functions[I].IsCallback)
      Callbacks.push_back(I);
  if (Callbacks.empty() || !canCall() || (LoopDepth && Iterations > 6))
    return call();
  const uint32_t Which =
      Callbacks[Rng.below(static_cast<uint32_t>(Callbacks.size()))];
  const Callee &F = P.Functions[Which];
  if (F.MovesPacket && PacketUsers)
    return alu();
  const uint16_t OldLocked = Locked;
  const uint32_t Bytes = F.Args[1].Bytes;
  std::optional<int> Offset = writtenPlace(Bytes, 8);
  if (!Offset) {
    Offset = place(Bytes, 8);
    fillStack(*Offset, Bytes);
  }
  if (Rng.chance(50)) {
    movImm(1, Rng.chance(4) ? 9000000 : static_cast<int64_t>(Rng.below(7)));
  } else {
    const unsigned Src = scalar();
    if (Src != 1)
      movReg(1, Src);
    emit(0x57, 1, 0, 0, 7);
  }
  reg(1) = reg(2) = reg(3) = reg(4) = {};
  functionInto(2, Which);
  movReg(3, FP);
  addImm(3, *Offset);
  movImm(4, Rng.chance(4) ? 1 : 0);
  Locked = OldLocked;
  emit(Call, 0, 0, 0, ebpf::Loop);
  clobber();
  if (F.MovesPacket)
    packetMoved();
}

void FunctionGenerator::sequence(int Count) {
  for (int I = 0; I < Count && Budget > 0 && Now.IsReachable; ++I)
    statement();
}

void FunctionGenerator::statement() {
  const bool Nested = Depth >= MaxDepth;
  switch (Rng.below(44)) {
  default:
    return alu();
  case 12:
    return loadNumber(anyTarget());
  case 13:
  case 14:
    return stackStore();
  case 15:
  case 16:
    return stackLoad();
  case 11:
    return stackChoice();
  case 17:
    return stackVariable();
  case 18:
    return stackAtomic();
  case 19:
    return spill();
  case 20:
    return fill();
  case 21:
  case 22:
    return Nested ? alu() : conditional();
  case 23:
    return Nested ? alu() : loop();
  case 24:
    return earlyExit();
  case 25:
  case 26:
    return Nested ? packetAccess() : packet();
  case 27:
    return Rng.chance(60) ? packetAccess() : packetChoice();
  case 28:
  case 29:
    return Nested ? valueAccess() : mapLookup();
  case 30:
    return mapUpdate();
  case 31:
    return mapDelete();
  case 32:
    return valueAccess();
  case 33:
    return random();
  case 34:
    return perfEvent();
  case 35:
    return adjust();
  case 36:
    return context();
  case 37:
    return legacyLoad();
  case 38:
  case 39:
    return call();
  case 40:
    return callLoop();
  case 41:
  case 42:
    return globalData();
  }
}

/// Leaves the function with some result.
void FunctionGenerator::leave() {
  if (!IsEntry) {
    const unsigned Src = scalar();
    if (Src != 0)
      movReg(0, Src);
    if (Out.IsCallback)
      emit(0x57, 0, 0, 0, 1);
  } else if (Rng.chance(80)) {
    // Where the frame is seen.
    movImm(0, isXDP() ? Rng.oneOf<int32_t>({2, 2, 2, 3})
                      : Rng.oneOf<int32_t>({0, 0, 0, -1}));
  } else if (Rng.chance(50)) {
    movImm(0, Rng.between(-2, 8));
  } else {
    const unsigned Src = scalar();
    if (Src != 0)
      movReg(0, Src);
    if (Rng.chance(70))
      emit(0x57, 0, 0, 0, 3);
  }
  emit(Exit, 0, 0, 0, 0);
  Now.IsReachable = false;
}

/// Writes what the function computed into the packet, so that it is seen.
void FunctionGenerator::sink() {
  if (reg(CtxReg).K != Kind::Ctx || !isLocked(CtxReg))
    return;
  const unsigned D = freeReg(1), E = freeReg(1, 1u << D),
                 T = freeReg(1, 1u << D | 1u << E);
  std::vector<unsigned> Scalars;
  for (unsigned R = 0; R < 10; ++R)
    if (reg(R).K == Kind::Scalar && R != D && R != E && R != T)
      Scalars.push_back(R);
  std::vector<int> Slots;
  for (unsigned I = 0; I < 4; ++I)
    if (std::optional<int> Offset = writtenPlace(8, 8))
      Slots.push_back(*Offset);
  const auto Bytes = static_cast<int32_t>(8 * (Scalars.size() + Slots.size()));
  emit(LdxW, D, CtxReg, isXDP() ? 0 : 76, 0);
  emit(LdxW, E, CtxReg, isXDP() ? 4 : 80, 0);
  movReg(T, D);
  addImm(T, Bytes);
  const int Skip = newLabel();
  jump(Slot(0x2d, T, E, 0, 0), Skip);
  int At = 0;
  for (unsigned R : Scalars) {
    emit(StxDW, D, R, At, 0);
    At += 8;
  }
  for (int Offset : Slots) {
    emit(0x79, T, FP, Offset, 0);
    emit(StxDW, D, T, At, 0);
    At += 8;
  }
  reg(D) = reg(E) = reg(T) = {};
  bind(Skip);
}

Callee FunctionGenerator::entry() {
  IsEntry = true;
  reg(1) = {Kind::Ctx, 0, 0};
  movReg(CtxReg, 1);
  reg(CtxReg) = {Kind::Ctx, 0, 0};
  Locked |= 1u << CtxReg;
  for (unsigned R : {0u, 1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u})
    if (Rng.chance(40))
      loadNumber(R);
  if (Frame)
    fillStack(-static_cast<int>(Frame), std::min(Frame, 32u));
  // What the packet says makes better numbers than constants.
  packet();
  while (Budget > 0 && Now.IsReachable)
    statement();
  if (Now.IsReachable)
    sink();
  if (Now.IsReachable)
    leave();
  return finish();
}

Callee FunctionGenerator::callee(std::vector<Content> Args, bool IsCallback) {
  Out.IsCallback = IsCallback;
  for (size_t I = 0; I < Args.size(); ++I)
    reg(static_cast<unsigned>(I) + 1) = Args[I];
  Out.Args = std::move(Args);
  // Pointers go where calls leave them alone.
  unsigned Keep = CtxReg;
  for (size_t I = 0; I < Out.Args.size(); ++I) {
    const Content &C = Out.Args[I];
    if (C.K == Kind::Nothing || C.K == Kind::Scalar)
      continue;
    const unsigned To = C.K == Kind::Ctx ? CtxReg : ++Keep;
    movReg(To, static_cast<unsigned>(I) + 1);
    reg(To) = C;
    reg(static_cast<unsigned>(I) + 1) = {};
    Locked |= static_cast<uint16_t>(1u << To);
    PacketUsers += C.K == Kind::Packet;
  }
  if (Frame)
    fillStack(-static_cast<int>(Frame), std::min(Frame, 16u));
  while (Budget > 0 && Now.IsReachable) {
    statement();
    if (Now.IsReachable && Rng.chance(20))
      for (unsigned R = 7; R < 10; ++R)
        if (reg(R).K == Kind::Stack) {
          const unsigned Size = size();
          const auto Offset =
              static_cast<int>(Rng.below(reg(R).Bytes / Size) * Size);
          access(R, Offset, Size, /*MayWrite=*/true);
        }
  }
  if (Now.IsReachable)
    leave();
  return finish();
}
