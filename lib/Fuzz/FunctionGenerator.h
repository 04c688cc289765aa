//===- FunctionGenerator.h - Writes one function ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_FUZZ_FUNCTIONGENERATOR_H
#define NFPBPF_LIB_FUZZ_FUNCTIONGENERATOR_H

#include "Numbers.h"
#include "nfpbpf/Fuzz/Generator.h"

#include <array>
#include <bitset>
#include <map>

namespace nfpbpf::fuzz {

/// What a register holds.
struct Content {
  enum Kind : uint8_t {
    Nothing,
    Scalar,
    Ctx,
    Packet,   ///< Bytes may be accessed from it on
    MapValue, ///< start of a value of Map
    Stack,    ///< a caller's frame: Bytes written bytes from it on
  };
  Kind K = Nothing;
  uint32_t Bytes = 0;
  uint32_t Map = 0;

  bool operator==(const Content &O) const {
    return K == O.K && Bytes == O.Bytes && Map == O.Map;
  }
};

constexpr unsigned MaxFrame = 256;

/// What is known at a place of a function.
struct State {
  std::array<Content, 10> Regs;
  std::bitset<MaxFrame> Written;       ///< byte n: r10 - MaxFrame + n
  std::map<uint32_t, Content> Spilled; ///< pointers, by byte of the frame
  bool IsReachable = true;

  /// What holds wherever control comes from.
  void join(const State &O);
};

/// A function that others may call.
struct Callee {
  std::vector<Content> Args; ///< r1 and so on
  std::vector<Insn> Code;    ///< targets: indices of this function, or callees
  std::vector<std::pair<uint32_t, uint32_t>> Calls; ///< instruction, callee
  bool MovesPacket = false; ///< packet pointers are stale after a call
  bool UsesLegacyLoads = false;
  /// Takes the number of a round and 16 bytes of a caller's stack, and returns
  /// 0 or 1: bpf_loop can call it.
  bool IsCallback = false;
};

/// What all functions of a program share.
struct ProgramContext {
  Numbers &Rng;
  const GeneratorOptions &Options;
  object::ProgramType Type;
  std::vector<object::MapInfo> Maps;
  /// For each map the words (of 4 bytes) that are counters: touched by atomic
  /// additions, and read.
  std::vector<uint32_t> Counters;
  std::vector<Callee> Functions; ///< later ones call earlier ones
  /// Legacy packet loads: not together with calls between functions.
  bool LegacyLoads = false;
  /// Stack accesses at an index: not together with calls between functions,
  /// global data and may_goto, because the card then keeps a whole frame of 512
  /// bytes for the function and has no place for anything else.
  bool VariableStack = false;
  /// There is a loop that only may_goto ends, which takes many instructions.
  bool HasLongLoop = false;
};

class FunctionGenerator {
public:
  FunctionGenerator(ProgramContext &P, unsigned Frame, int Budget)
      : P(P), Rng(P.Rng), Frame(Frame), Budget(Budget) {}

  Callee entry();
  Callee callee(std::vector<Content> Args, bool IsCallback = false);

private:
  using Kind = Content::Kind;

  //===--- Writing instructions ---===//
  void emit(const ebpf::Slot &S) {
    Insn I;
    I.S = S;
    Out.Code.push_back(I);
    --Budget;
  }
  void emit(uint8_t Code, unsigned Dst, unsigned Src, int Off, int64_t Imm) {
    emit(ebpf::Slot(Code, Dst, Src, static_cast<int16_t>(Off),
                    static_cast<int32_t>(Imm)));
  }
  void movImm(unsigned Dst, int64_t Imm) { emit(0xb7, Dst, 0, 0, Imm); }
  void movReg(unsigned Dst, unsigned Src) { emit(0xbf, Dst, Src, 0, 0); }
  void addImm(unsigned Dst, int64_t Imm) { emit(0x07, Dst, 0, 0, Imm); }
  void wide(unsigned Dst, unsigned Src, uint64_t Value);
  int newLabel() {
    Labels.push_back(-1);
    return static_cast<int>(Labels.size()) - 1;
  }
  void bind(int Label) { Labels[Label] = static_cast<int>(Out.Code.size()); }
  void jump(const ebpf::Slot &S, int Label) {
    Jumps.push_back({Out.Code.size(), Label});
    emit(S);
  }
  void go(int Label);
  Callee finish();

  //===--- Registers ---===//
  Content &reg(unsigned R) { return Now.Regs[R]; }
  bool isLocked(unsigned R) const { return (Locked >> R) & 1; }
  void setScalar(unsigned R) { reg(R) = {Kind::Scalar, 0, 0}; }
  /// A register that may be written; r0 to r9.
  unsigned anyTarget();
  /// The same, at most r9 and at least \p From; 10 if there is none.
  unsigned freeReg(unsigned From, uint32_t Avoid = 0);
  /// A register with a number, which one that may be written becomes if there
  /// is none.
  unsigned scalar(uint32_t Avoid = 0);
  /// The same, and it may be written.
  unsigned scalarTarget(uint32_t Avoid = 0);
  std::optional<unsigned> find(Kind K);
  /// Arguments and results are gone after a call.
  void clobber();
  bool canCall() const { return (Locked & 0x3f) == 0; }

  //===--- Statements ---===//
  void sequence(int Count);
  void statement();
  void alu();
  void aluInto(unsigned Dst);
  void loadNumber(unsigned Dst);
  void stackStore();
  void stackLoad();
  void stackVariable();
  void stackChoice();
  void stackAtomic();
  void spill();
  void fill();
  void conditional();
  void loop();
  void earlyExit();
  void packet();
  void packetAccess();
  void packetChoice();
  void packetVariable(unsigned Data);
  void mapLookup();
  void mapUpdate();
  void mapDelete();
  void valueAccess();
  void random();
  void perfEvent();
  void adjust();
  void context();
  void legacyLoad();
  void call();
  void callLoop();
  void longLoop();
  void globalData();
  void sink();
  void leave();

  //===--- Parts of statements ---===//
  ebpf::Slot condition();
  bool isScalarRange(uint32_t At, uint32_t Bytes) const;
  /// An aligned place of \p Bytes bytes in the frame whose bytes hold numbers;
  /// nothing if there is none. As an offset from r10.
  std::optional<int> writtenPlace(uint32_t Bytes, uint32_t Align);
  /// Any aligned place of the frame.
  int place(uint32_t Bytes, uint32_t Align);
  void wrote(int Offset, uint32_t Bytes);
  void forget(uint32_t At, uint32_t Bytes);
  /// Writes so many bytes at the offset.
  void fillStack(int Offset, uint32_t Bytes);
  /// Puts a key of the map somewhere and its address into r2.
  void keyInto2(uint32_t Map);
  void bytesInto(unsigned R, uint32_t Bytes, bool ForEvent = false);
  void mapInto(unsigned R, uint32_t Map);
  std::optional<uint32_t> anyMap(uint32_t Type);
  void packetMoved();
  /// The address of one of the program's functions.
  void functionInto(unsigned R, uint32_t Which);
  void access(unsigned Base, int Offset, unsigned Size, bool MayWrite);
  uint8_t sizeCode(unsigned Size) const;
  unsigned size();
  bool hasNew() const { return !P.Options.Kernel61; }
  bool hasMayGoto() const { return hasNew() && !P.VariableStack; }
  bool isXDP() const { return P.Type == object::ProgramType::XDP; }

  ProgramContext &P;
  Numbers &Rng;
  unsigned Frame; ///< bytes of the frame that are used
  int Budget;
  Callee Out;
  State Now;
  std::vector<int> Labels;
  std::vector<std::pair<size_t, int>> Jumps;
  uint16_t Locked = 0;
  unsigned Depth = 0;      ///< of nested statements
  unsigned LoopDepth = 0;  ///< of loops among them
  unsigned Iterations = 1; ///< of all loops around
  /// Packet pointers are in use: they must not go stale.
  unsigned PacketUsers = 0;
  struct BreakPoint {
    int Label;
    std::vector<State> *States;
  };
  std::vector<BreakPoint> Breaks;
  bool IsEntry = false;
};

} // namespace nfpbpf::fuzz

#endif // NFPBPF_LIB_FUZZ_FUNCTIONGENERATOR_H
