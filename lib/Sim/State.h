//===- State.h - State of a simulated context -------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers, local memory, latches, clocks. Values carry a mask of undefined
// bits, so that undefined values may be copied and masked and are noticed where
// they matter.
//
// Two clocks. T is the accounting clock (hardware timing, 2.1); Arch counts
// cycles as pipelines see them, for pointer and CSR latencies. Neither is
// touched by plain instructions: both are kept at the start of the current
// straight run, and the position in the run is added. The time of the
// microengine, by which signals arrive, is T without its stalls plus an offset
// that changes where the context sleeps.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_SIM_STATE_H
#define NFPBPF_LIB_SIM_STATE_H

#include "MicroOp.h"
#include "nfpbpf/Sim/Machine.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Compiler.h"
#include <cstring>

namespace nfpbpf::sim {

/// Low word: the bits. High word: which of them are undefined.
using Value = uint64_t;

inline uint32_t bitsOf(Value V) { return static_cast<uint32_t>(V); }
inline uint32_t undefOf(Value V) { return static_cast<uint32_t>(V >> 32); }
inline Value makeValue(uint32_t Bits, uint32_t Undef = 0) {
  return static_cast<uint64_t>(Undef) << 32 | Bits;
}
/// What an undefined word of a register file holds: some bits, all undefined.
inline Value undefined(uint32_t Salt) {
  return makeValue(Salt * 2654435761u ^ 0xa5c3d201u, ~0u);
}

/// A latch that no instruction has set; all bits are undefined.
constexpr Value StaleLatch = 0xffffffff'5ca1ab1eull;

constexpr unsigned LMWords = 1024;
/// Never: a pointer or CSR that has no defined value.
constexpr uint64_t Never = ~0ull;

constexpr unsigned NumContexts = 4;
constexpr unsigned NumGprOwned = 24;  ///< general registers of a program
constexpr unsigned NumXferOwned = 32; ///< transfer registers of a program
/// Signals 1 to 7 are the program's.
constexpr unsigned LastOwnedSignal = 7;
/// Local memory byte address of the stacks (2048-byte block).
constexpr uint32_t StackBlock = 2048;

/// Least cycles between swapping out and in; more than any latency.
constexpr unsigned SwapArchCycles = 16;

/// An outstanding command without context swap.
struct Pending {
  bool Active = false;
  bool Arrived = false; ///< signal set, not consumed
  bool Is40 = false;
  uint8_t First = 0;
  uint8_t InCount = 0;    ///< transfer-in registers it will write
  uint8_t OutCount = 0;   ///< transfer-out registers it reads
  bool Changes = false;   ///< memory, rather than only reading it
  uint8_t AddedBytes = 0; ///< of each sum, if it only adds
  uint32_t Bytes = 0;     ///< of memory, from Address on
  uint64_t Address = 0;
  uint64_t IssueT = 0; ///< end of the issue
  double Arrival = 0;  ///< time of the microengine
  Value In[NumXferOwned];
  Value Out[NumXferOwned];
};

struct CamEntry {
  uint32_t Tag = 0;
  uint8_t State = 0;
  uint8_t Age = 0; ///< 0 is least recently used
};

/// Places of the register window: [Begin, End).
struct PlaceRange {
  uint16_t Begin = 0, End = 0;
};

struct Program {
  std::vector<MicroOp> Ops;
  /// Registers that running the program may change.
  std::vector<PlaceRange> Written;
  std::vector<SideInfo> Side;
  uint32_t Words = 0;
  LoadInfo Load;
  uint32_t LongestFrame = 0;
  bool UsesSignals = false; ///< commands that go on before they are answered
  const MicroOp *entry() const { return Ops.data(); }
  /// Index of the exit micro-op.
  uint32_t ExitOp = 0;
};

/// What the contexts of a microengine have in common.
struct Microengine {
  MachineOptions Options;
  Value LM[LMWords];
  /// Words of each context's stack, from its lowest, that may be defined.
  uint32_t StackUsed[NumContexts] = {};
  std::vector<Fault> Faults;
  RunStatistics Stats;
};

/// A firmware routine under way: pieces of work, a memory wait after each but
/// the last.
struct Routine {
  double Piece = 0;
  double Rest = 0;
  unsigned Waits = 0; ///< still to come
};

/// What a word costs beyond one cycle for each execution, and what waits for
/// it.
struct WordCharge {
  uint64_t Cycles = 0;
  uint64_t Taken = 0;
  uint64_t MemoryWaits = 0;
  double HelperCycles = 0;
};

/// What is counted for one packet.
struct Account {
  uint64_t T = 0; ///< see above
  uint64_t Arch = 0;
  uint64_t Executed = 0;
  uint64_t ExitT = 0;
  uint64_t LastMem = 0; ///< the entry counts as a memory operation
  uint64_t Stall = 0;   ///< stall parts in T
  uint64_t PacketWaits = 0, MapWaits = 0; ///< swapping commands
  uint64_t OtherWaits = 0;                ///< ctx_arb
  double Engine = 0;
  // Of helpers and ctx_arb.
  double LatLow = 0, LatHigh = 0;
  double Wait = 0; ///< event model
  double HelperLatLow = 0, HelperLatHigh = 0;
  double HelperCycles = 0;
  uint64_t Lookups = 0;
  uint64_t MapAdds = 0;
  /// Last instruction of the run before, for messages about entry points.
  const MicroOp *LastOp = nullptr;
  /// Last taken branch: the call, in a routine.
  const MicroOp *LastTaken = nullptr;
  /// Where a packet stopped, and that its last run is charged already.
  const MicroOp *StopOp = nullptr;
  uint32_t Unvalidated = 0;
  uint32_t PacketFaults = 0;
  bool RunClosed = false;
  bool EntryCC = true; ///< last deferred instruction, or the entry, wrote flags
  bool Exited = false; ///< accounting has stopped
  bool Stopped = false;
  bool Finished = false;
  bool TxOffsetError = false;
};

struct State : Account {
  Value R[NumPlaces];
  /// Registers outside of Program::Written may be defined.
  bool AllWritten = true;

  // Latches and flags.
  Value PrevAlu = StaleLatch, PrevA = StaleLatch;
  Value FlagResult = StaleLatch; ///< N and Z
  uint32_t FlagC = 0;            ///< 0 or 1
  uint32_t FlagV = 0;            ///< bit 31
  uint32_t FlagCVUndef = 1;      ///< C and V undefined if not 0

  // The current straight run.
  const MicroOp *RunStart = nullptr;
  const MicroOp *OpsBase = nullptr;
  uint64_t Limit = 0;
  int64_t *Counts = nullptr;     ///< difference array over micro-ops
  WordCharge *Charges = nullptr; ///< by micro-op
  uint64_t InputLength = 0;

  // The microengine's time.
  double Offset = 0;
  bool KeepsTime = false;          ///< something depends on it
  bool Interleaved = false;        ///< other contexts run while this one sleeps
  const MicroOp *Resume = nullptr; ///< null: the packet has ended
  double WakeAt = 0;
  Routine Helper;

  // Local memory.
  uint32_t LMWord[4] = {};  ///< pointers, as word addresses
  uint32_t LMOld[4] = {};   ///< before the last write
  uint64_t LMReady[4] = {}; ///< Arch time from which LMWord holds
  uint32_t StackLo = 0, StackHi = 0;
  uint32_t VectorLo = 0; ///< word 8 of the packet vector
  Value *LM = nullptr;   ///< the microengine's

  // CSRs.
  Value CsrLatch = 0;
  bool CsrValid = false;
  Value ByteIndex = StaleLatch, XferIndex = StaleLatch, NNGet = StaleLatch,
        NNPut = StaleLatch, PredCC = StaleLatch, CrcRemainder = StaleLatch,
        IndirectRef0 = StaleLatch;
  uint64_t XferIndexReady = Never, NNReady = Never, PredReady = Never,
           ByteIndexReady = Never, CrcReady = 0, CrcReadable = 0;
  Value ByteAlignPrev = StaleLatch;

  // Multiplier.
  const MicroOp *MulNext = nullptr;
  Value MulA = 0, MulB = 0;
  uint8_t MulType = 0, MulSteps = 0, MulState = 0;

  // Deferred control.
  const MicroOp *JumpTarget = nullptr;

  // Commands.
  uint64_t CmdAddress = 0;
  Value CmdOverride = 0;
  double CmdArrival = 0;  ///< of a swapping command's signal
  uint64_t PendingIn = 0; ///< bit n: transfer-in register n has no data yet
  Pending Slots[16];
  uint32_t PostedOut = 0; ///< registers pulled by commands without signal
  Value PostedOutValue[NumXferOwned];
  unsigned ActivePending = 0;
  bool AnyArrived = false; ///< some slot's Arrived may be set

  /// Other contexts use it too: known from cam_clear to the next swap.
  CamEntry Cam[16];
  bool CamKnown = false;

  // The world.
  Microengine *ME = nullptr;
  const Program *Prog = nullptr;
  const Profile *Prof = nullptr;
  rt::MapStore *Maps = nullptr;
  rt::EventLog *Events = nullptr;
  rt::Random *Random = nullptr;
  rt::PacketBuffer *Packet = nullptr;
  uint8_t *Buffer = nullptr;
  uint32_t BufferBytes = 0; ///< of the packet buffer
  uint32_t FrameEnd = 0;    ///< of the frame at entry
  uint32_t InlineEnd = 0;   ///< end of the part a program may use
  uint32_t PacketBase = 0;  ///< word 10 without the offset
  uint32_t LengthBase = 0;  ///< word 8 without the length
  uint32_t Vector12 = 0, Vector14 = 0;
  unsigned Context = 0;
  uint64_t PacketNumber = 0;
  std::optional<uint8_t> Queue;

  /// Raises a fault. True if the packet goes on.
  bool fault(FaultKind Kind, const MicroOp *Op, const llvm::Twine &Text);
  /// Raises a fault after which there is nothing to go on with.
  void fatal(FaultKind Kind, const MicroOp *Op, const llvm::Twine &Text);

  /// What \p Op has been charged beyond a cycle for each execution.
  WordCharge &chargeOf(const MicroOp *Op) { return Charges[Op - OpsBase]; }
  uint64_t timeAt(const MicroOp *Op) const {
    return T + static_cast<uint64_t>(Op - RunStart);
  }
  uint64_t archAt(const MicroOp *Op) const {
    return Arch + static_cast<uint64_t>(Op - RunStart);
  }
  double timeOfEngine(const MicroOp *Op) const {
    return static_cast<double>(static_cast<int64_t>(timeAt(Op) - Stall)) +
           Offset;
  }
  void noteStackWrite(uint32_t Word) {
    uint32_t &Used = ME->StackUsed[Context / 2];
    Used = std::max(Used, Word - StackLo + 1);
  }
  /// Sleeps until a time of the microengine, to go on at \p To. False if other
  /// contexts run meanwhile: the handler then returns null.
  bool sleepUntil(double Time, const MicroOp *To) {
    if (!KeepsTime)
      return true;
    double Now = timeOfEngine(To);
    if (!Interleaved) {
      if (Time > Now)
        Offset += Time - Now;
      return true;
    }
    WakeAt = Time > Now ? Time : Now;
    Resume = To;
    return false;
  }
  /// Charges [RunStart, End).
  void endRun(const MicroOp *End) {
    uint64_t Length = static_cast<uint64_t>(End - RunStart);
    ++Counts[RunStart - OpsBase];
    --Counts[End - OpsBase];
    Executed += Length;
    T += Length;
    Arch += Length;
    RunStart = End;
  }
  /// State that another context may have changed; the others run for a while.
  void forgetAcrossSwap() {
    Arch += SwapArchCycles;
    PrevAlu = PrevA = FlagResult = StaleLatch;
    FlagCVUndef = 1;
    MulState = 0;
    ByteIndex = XferIndex = NNGet = NNPut = IndirectRef0 = CrcRemainder =
        StaleLatch;
    XferIndexReady = NNReady = ByteIndexReady = Never;
    CamKnown = false;
  }
};

/// Bits of the packet vector's pointer and length words.
constexpr uint32_t PacketOffsetMask = 0x1fff;
constexpr uint32_t PacketLengthMask = 0x3fff;

/// Offsets within the packet vector from word 8.
enum VectorWord : unsigned {
  VectorLength = 0,
  VectorPointer = 2,
  VectorFlags = 4,
  VectorQueue = 6,
};

// Firmware.cpp
/// Register window and stack as a program finds them.
struct EntryTemplate {
  Value Registers[PlaceSink];
  Value Stack[128];
  EntryTemplate();
};
void enterProgram(State &S);
const MicroOp *exitHandler(State &S, const MicroOp *Op);

// Helpers.cpp
const MicroOp *helperHandler(State &S, const MicroOp *Op);

// Command.cpp, Signals.cpp, Memory.cpp
const MicroOp *commandHandler(State &S, const MicroOp *Op);
const MicroOp *commandCompleteHandler(State &S, const MicroOp *Op);
const MicroOp *ctxArbHandler(State &S, const MicroOp *Op);
const MicroOp *ctxArbCompleteHandler(State &S, const MicroOp *Op);
/// Faults if a pending transfer-in register is among the operands.
bool checkPendingOperands(State &S, const MicroOp *Op);
/// Faults if the program leaves commands behind whose signals nobody took.
bool checkPendingAtExit(State &S, const MicroOp *Op);
/// Where the bytes [Address, Address + Bytes) of the packet buffer are.
/// Byte k is part of the frame, thus defined, for Lead <= k < Valid. Null after
/// a fault.
struct MemorySpan {
  uint8_t *Data = nullptr;
  uint32_t Lead = 0;
  uint32_t Valid = 0;
};
bool packetSpan(State &S, const MicroOp *Op, uint32_t Address, uint32_t Bytes,
                bool Write, MemorySpan &Span);
bool mapSpan(State &S, const MicroOp *Op, uint64_t Address, uint32_t Bytes,
             bool Write, bool Atomic, MemorySpan &Span);

// Execute.cpp, Branch.cpp, Operands.cpp
/// Picks the handler for a decoded instruction. The flags say what later
/// instructions may need.
struct HandlerNeeds {
  bool Flags = true;
  bool Latch = true;
};
/// Fills the operation-specific fields of \p Op. Null if the simulator does not
/// model the instruction.
Handler pickHandler(const isa::Instruction &I, MicroOp &Op, HandlerNeeds Needs,
                    bool AfterCsrRead);
const MicroOp *faultHandler(State &S, const MicroOp *Op);
const MicroOp *gotoHandler(State &S, const MicroOp *Op);
const MicroOp *gotoIndirectHandler(State &S, const MicroOp *Op);
const MicroOp *badTargetHandler(State &S, const MicroOp *Op);
const MicroOp *jumpTo(State &S, uint32_t Address, const MicroOp *Op);
/// The micro-op at a code-store address, or null.
const MicroOp *findTarget(const Program &P, uint32_t Address);
bool fetch(State &S, const MicroOp *Op, uint16_t Place, Value &V);
/// Runs until the packet ends or, interleaved, the context sleeps.
void run(State &S, const MicroOp *From);

// Special.cpp, Csr.cpp, Multiply.cpp
const MicroOp *specialAluHandler(State &S, const MicroOp *Op);
const MicroOp *csrReadHandler(State &S, const MicroOp *Op);
const MicroOp *csrWriteHandler(State &S, const MicroOp *Op);
const MicroOp *mulHandler(State &S, const MicroOp *Op);

// Packet.cpp
/// Values that tests want at entry instead of undefined ones.
struct Preset {
  bool IsLocalMemory = false;
  uint16_t Index = 0;
  uint32_t Value = 0;
};
/// The firmware has a packet ready for the program: S.Packet, S.PacketNumber
/// and S.Context are set. False if a fault has ended the packet already.
bool beginPacket(State &S, llvm::ArrayRef<Preset> Presets);
/// The program has left, or a fault has ended it: result and statistics.
PacketResult finishPacket(State &S);

// Predecode.cpp
void predecode(Program &P, llvm::ArrayRef<uint64_t> Words, const LoadInfo &Load,
               const Profile &Prof, bool CheckEcc);

} // namespace nfpbpf::sim

#endif // NFPBPF_LIB_SIM_STATE_H
