//===- Machine.h - State of one interpreted run -*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The address space, the frames and the registers of a run.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_INTERP_MACHINE_H
#define NFPBPF_LIB_INTERP_MACHINE_H

#include "nfpbpf/ISA/BPF/Instruction.h"
#include "nfpbpf/Interp/Interpreter.h"
#include "llvm/Support/Compiler.h"

namespace nfpbpf::interp {

/// What an interpreter keeps of a program.
struct Code {
  std::vector<uint64_t> Insns;
  std::vector<object::Unresolved> Unresolved; ///< ascending Insn
  std::optional<rt::Hook> Hook;
};

/// Where the regions lie. Map values have card addresses (MapStore).
enum AddressSpace : uint64_t {
  CtxBase = 0x10000000,
  CtxBytes = 192, ///< of the largest context, __sk_buff
  /// Address of the packet buffer's first byte; fits 32 bits as context loads
  /// need.
  PacketBase = 0x40000000,
  PacketBytes = 0x10000, ///< of address space
  /// The memory of runOn().
  AreaBase = 0x500000000000,
  StackBase = 0x7f0000000000,
  /// Address space of one frame; r10 is in its middle.
  FrameSpacing = 0x100000,
  FrameTop = FrameSpacing / 2,
  /// Handles of maps, which no access can reach.
  MapHandleBase = 0xffffc00000000000,
  MapHandleSpacing = 0x10000,
  FunctionBase = 0xffffa00000000000,
};

/// Numbers that a call through a register takes for a helper's; the kernel has
/// fewer helpers, and no address is that small.
constexpr uint64_t MaxHelperId = 1023;

struct Frame {
  uint32_t Return = 0;      ///< slot to go on at
  uint64_t Saved[4] = {};   ///< r6 to r9 of the caller
  uint32_t MayGotoLeft = 0; ///< of the caller
  /// Rounds of bpf_loop, if the function is its callback, else 0.
  uint64_t Rounds = 0;
  uint64_t Round = 0;    ///< the one being made
  uint32_t Callback = 0; ///< first slot
  uint64_t Data = 0;     ///< its second argument
};

/// By slot of the program.
struct SlotCounts {
  SlotCounts() = default;
  explicit SlotCounts(size_t Slots) : Executed(Slots), Jumped(Slots) {}

  std::vector<uint64_t> Executed;
  std::vector<uint64_t> Jumped; ///< jumps that did not go to the next slot
};

/// One run. Faults are kept in Error; functions that can fail return false or
/// null then.
class Machine {
public:
  Machine(const Code &C, const Options &O, SlotCounts &Counts, const World *W,
          llvm::MutableArrayRef<uint8_t> Area);

  Result run();

private:
  const Code &C;
  const Options &O;
  SlotCounts &Counts;
  const World *W; ///< null in runOn()
  llvm::MutableArrayRef<uint8_t> Area;

  uint64_t R[11] = {};
  uint32_t PC = 0;   ///< the instruction being executed
  uint32_t Next = 0; ///< slot after it
  bool Running = true;
  Result Out;
  std::vector<Frame> Frames;   ///< of active calls, without the entry
  std::vector<uint8_t> Stacks; ///< StackBytes for each function
  uint32_t MayGotoLeft = ebpf::MayGotoRounds; ///< of the active function
  uint32_t SkbFields[CtxBytes / 4] = {};

  struct Fields {
    uint8_t Code;
    uint8_t Dst;
    uint8_t Src;
    int16_t Off;
    int32_t Imm;
  };

  // Machine.cpp: execution.
  void step();
  void alu(const Fields &F, bool Is64);
  bool aluValue(const Fields &F, bool Is64, uint64_t Left, uint64_t Right,
                uint64_t &Value);
  bool endian(const Fields &F, bool Is64, uint64_t &Value);
  void jump(const Fields &F, bool Is32);
  void jumpTo(int64_t Target);
  void call(const Fields &F);
  void exit();
  /// Starts a function; its frame comes behind those of its callers.
  bool enter(int64_t Target, Frame Caller);
  void callThrough(const Fields &F);
  bool functionArgument(uint64_t Pointer, int64_t &Target);
  void ld(const Fields &F);
  void loadImm64(const Fields &F);
  void loadPacket(const Fields &F);
  void ldx(const Fields &F);
  void st(const Fields &F);
  void stx(const Fields &F);
  void atomic(const Fields &F, unsigned Size);
  bool require(bool Condition, const char *What);
  bool fault(Fault::Kind K, const llvm::Twine &What);
  bool badOpcode(const Fields &F);

  // Memory.cpp: address space.
  bool load(uint64_t Address, unsigned Size, uint64_t &Value);
  bool store(uint64_t Address, unsigned Size, uint64_t Value);
  /// Host memory behind a region, or null and a fault.
  uint8_t *at(uint64_t Address, uint64_t Size, bool Write);
  void accessFault(uint64_t Address, uint64_t Size, bool Write,
                   const llvm::Twine &Why);
  std::string describeAddress(uint64_t Address) const;

  // Context.cpp.
  static bool isContext(uint64_t Address) {
    return Address - CtxBase < CtxBytes;
  }
  bool loadContext(uint64_t Address, unsigned Size, uint64_t &Value);
  bool storeContext(uint64_t Address, unsigned Size, uint64_t Value);
  std::optional<uint32_t> contextField(uint32_t Offset) const;
  void setUpContext();
  uint32_t dataAddress() const;
  uint32_t dataEndAddress() const;

  // Helpers.cpp.
  void callHelper(uint32_t Id);
  void loop();
  bool nextRound();
  bool mapArgument(uint64_t Handle, uint32_t &Map);
  bool contextArgument(uint64_t Pointer);
  bool bytesArgument(uint64_t Pointer, uint64_t Size,
                     std::vector<uint8_t> &Bytes);
  void clobberArguments();
};

} // namespace nfpbpf::interp

#endif // NFPBPF_LIB_INTERP_MACHINE_H
