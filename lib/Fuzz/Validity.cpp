//===- Validity.cpp - Would the verifier load it? -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Fuzz/Validity.h"

#include "nfpbpf/ISA/BPF/Helpers.h"
#include "nfpbpf/Runtime/MapStore.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <set>

using namespace nfpbpf;
using namespace nfpbpf::fuzz;
using ebpf::Op;

namespace {

constexpr int FrameBytes = 512;
/// Bytes between addresses in the frame of which one is taken.
constexpr int64_t MaxChoice = 32;

/// A register's or stack slot's contents.
struct Value {
  enum Kind : uint8_t {
    Nothing,
    Scalar,
    Ctx,
    Packet,
    PacketEnd,
    Handle,      ///< of map Map
    ValueOrNull, ///< of map Map, from the lookup Id
    MapValue,
    Frame,       ///< this function's stack, at Low to High
    CallerFrame, ///< a caller's
    Function,    ///< address of the function that begins at Map
  };
  Kind K = Nothing;
  uint32_t Map = 0;
  uint32_t Id = 0;
  /// Scalar, Frame: the number or the offset from r10 is between these, as far
  /// as is known.
  int64_t Low = INT64_MIN, High = INT64_MAX;

  static Value scalar() { return {Scalar, 0, 0, INT64_MIN, INT64_MAX}; }
  static Value number(int64_t N) { return {Scalar, 0, 0, N, N}; }
  bool isPointer() const { return K > Scalar; }
  bool isConst() const { return K == Scalar && Low == High; }
  bool operator==(const Value &O) const {
    return K == O.K && Map == O.Map && Id == O.Id && Low == O.Low &&
           High == O.High;
  }
  void join(const Value &O) {
    if (K != O.K || Map != O.Map || Id != O.Id) {
      *this = {};
      return;
    }
    // Ranges that grow are unknown, so that loops come to an end.
    if (Low != O.Low || High != O.High) {
      // Of an address in the frame it is one of several, not far apart.
      const int64_t Least = std::min(Low, O.Low), Most = std::max(High, O.High);
      if (K == Frame && Most - Least <= MaxChoice) {
        Low = Least;
        High = Most;
      } else if (K == Frame) {
        *this = {};
      } else {
        Low = INT64_MIN;
        High = INT64_MAX;
      }
    }
  }
};

struct State {
  std::array<Value, 11> R;
  std::bitset<FrameBytes> Written;
  std::map<int, Value> Spilled; ///< by offset from r10

  bool operator==(const State &O) const {
    return R == O.R && Written == O.Written && Spilled == O.Spilled;
  }
  void join(const State &O) {
    for (size_t I = 0; I < R.size(); ++I)
      R[I].join(O.R[I]);
    Written &= O.Written;
    for (auto It = Spilled.begin(); It != Spilled.end();) {
      auto Other = O.Spilled.find(It->first);
      if (Other == O.Spilled.end() || !(Other->second == It->second))
        It = Spilled.erase(It);
      else
        ++It;
    }
  }
  void dropPacketPointers() {
    auto isPacket = [](const Value &V) {
      return V.K == Value::Packet || V.K == Value::PacketEnd;
    };
    for (Value &V : R)
      if (isPacket(V))
        V = {};
    for (auto It = Spilled.begin(); It != Spilled.end();)
      It = isPacket(It->second) ? Spilled.erase(It) : std::next(It);
  }
};

class Checker {
public:
  explicit Checker(const Program &P) : P(P), Starts(P.functionStarts()) {}

  llvm::Error run() {
    Value Ctx;
    Ctx.K = Value::Ctx;
    std::array<Value, 5> Args;
    Args[0] = Ctx;
    bool MovesPacket = false;
    checkFunction(0, Args, 0, MovesPacket);
    if (Failure.empty())
      return llvm::Error::success();
    return llvm::createStringError(Failure);
  }

private:
  bool fail(uint32_t At, const llvm::Twine &Why) {
    if (Failure.empty())
      Failure = ("instruction " + llvm::Twine(At) + ": " + Why).str();
    return false;
  }
  bool checkFunction(uint32_t First, const std::array<Value, 5> &Args,
                     unsigned Depth, bool &MovesPacket);
  bool step(uint32_t At, const ebpf::Instruction &I, State &S);
  bool alu(uint32_t At, const ebpf::Instruction &I, State &S);
  bool load(uint32_t At, const ebpf::Instruction &I, State &S);
  bool store(uint32_t At, const ebpf::Instruction &I, State &S);
  bool atomic(uint32_t At, const ebpf::Instruction &I, State &S);
  bool helper(uint32_t At, uint32_t Id, State &S);
  /// Calls a function; the arguments and the result are gone then.
  bool call(uint32_t Target, const std::array<Value, 5> &Args, unsigned Depth,
            State &S, bool &MovesPacket);
  bool callThrough(uint32_t At, const ebpf::Instruction &I, unsigned Depth,
                   State &S, bool &MovesPacket);
  bool isConstantData(const Value &V) const {
    return V.K == Value::MapValue && P.Maps[V.Map].isReadOnlyData();
  }
  bool branch(uint32_t At, const ebpf::Instruction &I, const State &S,
              State &Taken, State &Not);
  /// The bytes at a pointer can be read; they are numbers.
  bool readable(uint32_t At, const State &S, const Value &V, int64_t Offset,
                int64_t Bytes);
  /// The range of the frame bytes of an access, or a failure.
  bool frameRange(uint32_t At, const Value &V, int64_t Offset, int64_t Bytes,
                  int &Low, int &High);
  bool readScalar(uint32_t At, const State &S, unsigned Reg) {
    return S.R[Reg].K == Value::Scalar ||
           fail(At, "r" + llvm::Twine(Reg) + " holds no number");
  }
  uint32_t endOf(uint32_t First) const {
    auto It = llvm::upper_bound(Starts, First);
    return It == Starts.end() ? static_cast<uint32_t>(P.Code.size()) : *It;
  }
  std::optional<ebpf::Instruction> decode(uint32_t At) {
    uint64_t Words[2] = {P.Code[At].S.toWord(),
                         ebpf::Slot(0, 0, 0, 0, P.Code[At].High).toWord()};
    llvm::Expected<ebpf::Instruction> I =
        ebpf::decode(llvm::ArrayRef<uint64_t>(Words), 0);
    if (I)
      return *I;
    fail(At, llvm::toString(I.takeError()));
    return std::nullopt;
  }

  const Program &P;
  std::vector<uint32_t> Starts;
  std::string Failure;
};

} // namespace

bool Checker::frameRange(uint32_t At, const Value &V, int64_t Offset,
                         int64_t Bytes, int &Low, int &High) {
  if (V.Low < -2 * FrameBytes || V.High > FrameBytes)
    return fail(At, "a stack pointer may point anywhere");
  const int64_t From = V.Low + Offset, To = V.High + Offset + Bytes;
  if (From < -FrameBytes || To > 0)
    return fail(At, "outside the frame");
  Low = static_cast<int>(From);
  High = static_cast<int>(To);
  return true;
}

bool Checker::readable(uint32_t At, const State &S, const Value &V,
                       int64_t Offset, int64_t Bytes) {
  switch (V.K) {
  case Value::Packet:
  case Value::MapValue:
  case Value::CallerFrame:
    return true;
  case Value::Frame: {
    int Low = 0, High = 0;
    if (!frameRange(At, V, Offset, Bytes, Low, High))
      return false;
    for (int I = Low; I < High; ++I)
      if (!S.Written[static_cast<size_t>(int64_t{I} + FrameBytes)])
        return fail(At, "reads stack bytes that were not written");
    return true;
  }
  default:
    return fail(At, "no pointer to memory");
  }
}

bool Checker::alu(uint32_t At, const ebpf::Instruction &I, State &S) {
  const bool FromReg = I.usesSrcReg();
  const Value Src = FromReg ? S.R[I.Src] : Value::number(I.Imm);
  Value &Dst = S.R[I.Dst];
  if (FromReg && Src.K == Value::Nothing)
    return fail(At, "r" + llvm::Twine(I.Src) + " holds nothing");
  if (I.op() == Op::Mov) {
    if (!I.is64() && Src.isPointer())
      return fail(At, "half a pointer");
    Dst = I.is64() || Src.isPointer() ? Src
          : Src.isConst() ? Value::number(static_cast<uint32_t>(Src.Low))
                          : Value::scalar();
    return true;
  }
  if (I.op() == Op::MovSX) {
    Dst = Value::scalar();
    return Src.K == Value::Scalar || fail(At, "sign-extends a pointer");
  }
  if (Dst.K == Value::Nothing)
    return fail(At, "r" + llvm::Twine(I.Dst) + " holds nothing");
  const bool Adds = I.is64() && (I.op() == Op::Add || I.op() == Op::Sub);
  if (Dst.isPointer() || Src.isPointer()) {
    const bool Swapped = Src.isPointer();
    if (!Adds || (Swapped && (Dst.isPointer() || I.op() == Op::Sub)))
      return fail(At, "arithmetic on a pointer");
    Value Pointer = Swapped ? Src : Dst;
    const Value &By = Swapped ? Dst : Src;
    if (Pointer.K == Value::Ctx || Pointer.K == Value::Handle ||
        Pointer.K == Value::ValueOrNull || Pointer.K == Value::PacketEnd ||
        Pointer.K == Value::Function)
      return fail(At, "moves a pointer that may not move");
    if (Pointer.K == Value::Frame) {
      if (By.Low < -FrameBytes || By.High > FrameBytes)
        return fail(At, "moves a stack pointer by an unknown number");
      Pointer.Low += I.op() == Op::Add ? By.Low : -By.High;
      Pointer.High += I.op() == Op::Add ? By.High : -By.Low;
    }
    Dst = Pointer;
    return true;
  }
  // Ranges, as far as stack offsets need them.
  constexpr int64_t Small = 1 << 20;
  auto isSmall = [&](const Value &V) {
    return V.Low >= -Small && V.High <= Small;
  };
  if (I.op() == Op::And && I.is64() && Src.isConst() && Src.Low >= 0)
    Dst = {Value::Scalar, 0, 0, 0, Src.Low};
  else if (I.op() == Op::Add && I.is64() && isSmall(Dst) && isSmall(Src))
    Dst = {Value::Scalar, 0, 0, Dst.Low + Src.Low, Dst.High + Src.High};
  else
    Dst = Value::scalar();
  return true;
}

bool Checker::load(uint32_t At, const ebpf::Instruction &I, State &S) {
  const Value Base = S.R[I.Src];
  Value &Dst = S.R[I.Dst];
  if (Base.K == Value::Ctx) {
    const bool XDP = P.Type == object::ProgramType::XDP;
    const int Data = XDP ? 0 : 76, End = XDP ? 4 : 80;
    Dst = Value::scalar();
    if (I.Off == Data || I.Off == End) {
      if (I.size() != 4 || I.op() != Op::Ldx)
        return fail(At, "half a pointer");
      Dst = {};
      Dst.K = I.Off == Data ? Value::Packet : Value::PacketEnd;
    }
    return true;
  }
  if (Base.K == Value::Frame && I.size() == 8 && Base.Low == Base.High) {
    auto It = S.Spilled.find(static_cast<int>(Base.Low) + I.Off);
    if (It != S.Spilled.end()) {
      Dst = It->second;
      return true;
    }
  }
  if (!readable(At, S, Base, I.Off, I.size()))
    return false;
  Dst = Value::scalar();
  return true;
}

bool Checker::store(uint32_t At, const ebpf::Instruction &I, State &S) {
  const Value Base = S.R[I.Dst];
  const bool FromReg = I.op() == Op::Stx || I.op() == Op::StoreRelease;
  const Value Src = FromReg ? S.R[I.Src] : Value::number(I.Imm);
  if (Src.K == Value::Nothing)
    return fail(At, "r" + llvm::Twine(I.Src) + " holds nothing");
  if (isConstantData(Base))
    return fail(At, "writes constants");
  switch (Base.K) {
  case Value::Ctx:
  case Value::Packet:
  case Value::MapValue:
  case Value::CallerFrame:
    return !Src.isPointer() || fail(At, "a pointer leaves the program");
  case Value::Frame:
    break;
  default:
    return fail(At, "no pointer to memory");
  }
  int Low = 0, High = 0;
  if (!frameRange(At, Base, I.Off, I.size(), Low, High))
    return false;
  for (auto It = S.Spilled.begin(); It != S.Spilled.end();)
    if (It->first < High && Low < It->first + 8)
      It = S.Spilled.erase(It);
    else
      ++It;
  const bool Exact = Base.Low == Base.High;
  if (Src.isPointer()) {
    if (!Exact || I.size() != 8 || Low % 8)
      return fail(At, "a pointer is stored in part");
    for (int B = Low; B < High; ++B)
      S.Written[static_cast<size_t>(int64_t{B} + FrameBytes)] = false;
    S.Spilled[Low] = Src;
    return true;
  }
  // What may have been written need not have been.
  if (Exact)
    for (int B = Low; B < High; ++B)
      S.Written[static_cast<size_t>(int64_t{B} + FrameBytes)] = true;
  return true;
}

bool Checker::atomic(uint32_t At, const ebpf::Instruction &I, State &S) {
  const Value &Base = S.R[I.Dst];
  if (Base.K == Value::Packet || isConstantData(Base))
    return fail(At, "an atomic operation on the packet or on constants");
  if (!readable(At, S, Base, I.Off, I.size()) || !readScalar(At, S, I.Src))
    return false;
  if (I.op() == Op::CmpXchg) {
    if (!readScalar(At, S, 0))
      return false;
    S.R[0] = Value::scalar();
  } else if (I.isFetch()) {
    S.R[I.Src] = Value::scalar();
  }
  return true;
}

bool Checker::helper(uint32_t At, uint32_t Id, State &S) {
  auto isMap = [&](unsigned Reg, bool Events) {
    const Value &V = S.R[Reg];
    return (V.K == Value::Handle &&
            (P.Maps[V.Map].Type == rt::PerfEventArray) == Events) ||
           fail(At, "r" + llvm::Twine(Reg) + " holds no map for this helper");
  };
  auto isCtx = [&] {
    return S.R[1].K == Value::Ctx || fail(At, "r1 holds no context");
  };
  Value Result = Value::scalar();
  bool Moves = false;
  switch (Id) {
  case ebpf::MapLookupElem:
  case ebpf::MapUpdateElem:
  case ebpf::MapDeleteElem: {
    if (!isMap(1, /*Events=*/false))
      return false;
    const object::MapInfo &Map = P.Maps[S.R[1].Map];
    if (!readable(At, S, S.R[2], 0, Map.KeySize))
      return false;
    if (Id == ebpf::MapUpdateElem &&
        (!readable(At, S, S.R[3], 0, Map.ValueSize) || !readScalar(At, S, 4)))
      return false;
    if (Id == ebpf::MapLookupElem) {
      Result = {};
      Result.K = Value::ValueOrNull;
      Result.Map = S.R[1].Map;
      Result.Id = At;
    }
    break;
  }
  case ebpf::GetPrandomU32:
    break;
  case ebpf::PerfEventOutput:
    if (!isCtx() || !isMap(2, /*Events=*/true) || !readScalar(At, S, 3))
      return false;
    if (!S.R[5].isConst() || S.R[5].Low <= 0)
      return fail(At, "r5 holds no known number of bytes");
    if (!readable(At, S, S.R[4], 0, S.R[5].Low))
      return false;
    break;
  case ebpf::XdpAdjustHead:
  case ebpf::XdpAdjustTail:
    if (P.Type != object::ProgramType::XDP)
      return fail(At, "a helper of XDP programs");
    if (!isCtx() || !readScalar(At, S, 2))
      return false;
    Moves = true;
    break;
  default:
    return fail(At, "helper " + llvm::Twine(Id));
  }
  if (Moves)
    S.dropPacketPointers();
  for (unsigned Reg = 1; Reg <= 5; ++Reg)
    S.R[Reg] = {};
  S.R[0] = Result;
  return true;
}

bool Checker::branch(uint32_t At, const ebpf::Instruction &I, const State &S,
                     State &Taken, State &Not) {
  Taken = Not = S;
  const Value &Dst = S.R[I.Dst];
  if (I.usesSrcReg()) {
    const Value &Src = S.R[I.Src];
    const bool Packets =
        I.is64() &&
        ((Dst.K == Value::Packet && Src.K == Value::PacketEnd) ||
         (Dst.K == Value::PacketEnd && Src.K == Value::Packet)) &&
        I.op() != Op::JSet;
    const bool Numbers = Dst.K == Value::Scalar && Src.K == Value::Scalar;
    return Packets || Numbers || fail(At, "compares what cannot be compared");
  }
  if (Dst.K == Value::Scalar)
    return true;
  const bool IsNullTest = (I.op() == Op::JEq || I.op() == Op::JNe) &&
                          I.Imm == 0 && I.is64() && Dst.K == Value::ValueOrNull;
  if (!IsNullTest)
    return fail(At, "compares what cannot be compared");
  auto resolve = [&](State &To, bool IsNull) {
    auto one = [&](Value &V) {
      if (V.K != Value::ValueOrNull || V.Id != Dst.Id)
        return;
      if (IsNull) {
        V = Value::number(0);
      } else {
        V.K = Value::MapValue;
        V.Id = 0;
      }
    };
    for (Value &V : To.R)
      one(V);
    for (auto &Entry : To.Spilled)
      one(Entry.second);
  };
  resolve(Taken, I.op() == Op::JEq);
  resolve(Not, I.op() == Op::JNe);
  return true;
}

bool Checker::step(uint32_t At, const ebpf::Instruction &I, State &S) {
  if (I.isAlu())
    return alu(At, I, S);
  switch (I.op()) {
  case Op::LdImm64: {
    Value &Dst = S.R[I.Dst];
    if (I.Kind == ebpf::ImmKind::Value) {
      Dst = Value::number(I.Imm);
    } else if (I.Kind == ebpf::ImmKind::MapFd) {
      Dst = {};
      Dst.K = Value::Handle;
      Dst.Map = static_cast<uint32_t>(I.Imm);
      return Dst.Map < P.Maps.size() || fail(At, "no such map");
    } else if (I.Kind == ebpf::ImmKind::MapFdValue) {
      Dst = {};
      Dst.K = Value::MapValue;
      Dst.Map = static_cast<uint32_t>(I.Imm);
      return (Dst.Map < P.Maps.size() && P.Maps[Dst.Map].isGlobalData()) ||
             fail(At, "no such data");
    } else if (I.Kind == ebpf::ImmKind::Function) {
      Dst = {};
      Dst.K = Value::Function;
      Dst.Map = static_cast<uint32_t>(P.Code[At].Target);
    } else {
      return fail(At, "an address that cannot be loaded");
    }
    return true;
  }
  case Op::Ldx:
  case Op::LdxSX:
  case Op::LoadAcquire:
    return load(At, I, S);
  case Op::St:
  case Op::Stx:
  case Op::StoreRelease:
    return store(At, I, S);
  case Op::LdAbs:
  case Op::LdInd:
    if (S.R[6].K != Value::Ctx)
      return fail(At, "r6 holds no context");
    if (I.op() == Op::LdInd && !readScalar(At, S, I.Src))
      return false;
    for (unsigned Reg = 1; Reg <= 5; ++Reg)
      S.R[Reg] = {};
    S.R[0] = Value::scalar();
    return true;
  case Op::Call:
    return helper(At, static_cast<uint32_t>(I.Imm), S);
  default:
    if (I.isAtomic())
      return atomic(At, I, S);
    return fail(At, "an instruction that is not known here");
  }
}

bool Checker::call(uint32_t Target, const std::array<Value, 5> &Args,
                   unsigned Depth, State &S, bool &MovesPacket) {
  bool Moves = false;
  if (!checkFunction(Target, Args, Depth + 1, Moves))
    return false;
  MovesPacket |= Moves;
  if (Moves)
    S.dropPacketPointers();
  for (unsigned Reg = 1; Reg <= 5; ++Reg)
    S.R[Reg] = {};
  S.R[0] = Value::scalar();
  return true;
}

/// Through a register, or of a callback by bpf_loop.
bool Checker::callThrough(uint32_t At, const ebpf::Instruction &I,
                          unsigned Depth, State &S, bool &MovesPacket) {
  const bool IsLoop = I.op() == Op::Call;
  const Value Callee = S.R[IsLoop ? 2 : I.Dst];
  if (Callee.K != Value::Function)
    return fail(At, "calls what is no function");
  std::array<Value, 5> Passed;
  if (IsLoop) {
    if (!readScalar(At, S, 1) || !readScalar(At, S, 4))
      return false;
    Passed[0] = Value::scalar();
    Passed[1] = S.R[3];
  } else {
    std::copy(S.R.begin() + 1, S.R.begin() + 6, Passed.begin());
  }
  return call(Callee.Map, Passed, Depth, S, MovesPacket);
}

bool Checker::checkFunction(uint32_t First, const std::array<Value, 5> &Args,
                            unsigned Depth, bool &MovesPacket) {
  if (Depth == 8)
    return fail(First, "calls nested too deep");
  const uint32_t End = endOf(First);
  std::map<uint32_t, State> In;
  std::set<uint32_t> Work;
  auto flow = [&](uint32_t From, uint32_t To, const State &S) {
    if (To < First || To >= End)
      return fail(From, "control leaves the function");
    auto [It, IsNew] = In.try_emplace(To, S);
    if (!IsNew) {
      State Joined = It->second;
      Joined.join(S);
      if (Joined == It->second)
        return true;
      It->second = Joined;
    }
    Work.insert(To);
    return true;
  };
  State Entry;
  for (unsigned I = 0; I < 5; ++I) {
    Entry.R[I + 1] = Args[I];
    if (Args[I].K == Value::Frame || Args[I].K == Value::CallerFrame) {
      Entry.R[I + 1] = {};
      Entry.R[I + 1].K = Value::CallerFrame;
    }
  }
  Entry.R[10] = {Value::Frame, 0, 0, 0, 0};
  if (!flow(First, First, Entry))
    return false;
  while (!Work.empty()) {
    const uint32_t At = *Work.begin();
    Work.erase(Work.begin());
    State S = In[At];
    std::optional<ebpf::Instruction> I = decode(At);
    if (!I)
      return false;
    const Insn &Source = P.Code[At];
    const auto Target = static_cast<uint32_t>(Source.Target);
    if (I->op() == Op::Exit) {
      if (!readScalar(At, S, 0))
        return false;
      continue;
    }
    if (I->op() == Op::Ja) {
      if (!flow(At, Target, S))
        return false;
      continue;
    }
    if (I->op() == Op::MayGoto) {
      if (!flow(At, Target, S) || !flow(At, At + 1, S))
        return false;
      continue;
    }
    if (I->isCondJump()) {
      State Taken, Not;
      if (!branch(At, *I, S, Taken, Not) || !flow(At, Target, Taken) ||
          !flow(At, At + 1, Not))
        return false;
      continue;
    }
    if (I->op() == Op::CallLocal) {
      std::array<Value, 5> Passed;
      std::copy(S.R.begin() + 1, S.R.begin() + 6, Passed.begin());
      if (!call(Target, Passed, Depth, S, MovesPacket))
        return false;
    } else if (I->op() == Op::Callx ||
               (I->op() == Op::Call && I->Imm == ebpf::Loop)) {
      if (!callThrough(At, *I, Depth, S, MovesPacket))
        return false;
    } else {
      if (I->op() == Op::Call &&
          (I->Imm == ebpf::XdpAdjustHead || I->Imm == ebpf::XdpAdjustTail))
        MovesPacket = true;
      if (!step(At, *I, S))
        return false;
    }
    if (!flow(At, At + 1, S))
      return false;
  }
  return true;
}

llvm::Error fuzz::checkValidity(const Program &P) { return Checker(P).run(); }
