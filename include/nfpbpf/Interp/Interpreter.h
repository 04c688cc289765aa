//===- Interpreter.h - Plain eBPF interpreter -------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Executes the bytecode of a linked program as RFC 9669 says, one instruction
// at a time. It is the reference that compiled code is compared with, so it
// shares nothing with the compiler: neither the importer nor the instruction
// table. Helpers behave as on the card (NFP BPF offload ABI, section
// "Helpers"), contexts as section "Context access" says.
//
// Pointers are numbers in an address space of the interpreter's own; every
// access must lie in the context, the packet, a stack frame, a map value or the
// memory of runOn(), or the run ends with a Fault. Packet addresses fit 32
// bits. Map values have their card address.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_INTERP_INTERPRETER_H
#define NFPBPF_INTERP_INTERPRETER_H

#include "nfpbpf/Object/BPF/LinkedProgram.h"
#include "nfpbpf/Runtime/Events.h"
#include "nfpbpf/Runtime/MapStore.h"
#include "nfpbpf/Runtime/PacketBuffer.h"
#include "nfpbpf/Runtime/Random.h"
#include "nfpbpf/Runtime/Verdict.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nfpbpf::interp {

struct Options {
  /// Instructions of one run; more is a fault.
  uint64_t InsnLimit = 1000000;
  /// Bytes of stack of each function.
  uint32_t StackBytes = 512;
  /// Functions active at one time.
  uint32_t MaxDepth = 8;
  /// Limits of xdp_adjust_head.
  rt::AdjustLimits Adjust;
  /// Context fields of the same names.
  uint32_t IngressIfindex = 1;
  uint32_t RxQueueIndex = 0;
  /// Helper calls and legacy packet loads leave a pattern in r1 to r5, so that
  /// a program that wrongly keeps values there does not go unnoticed.
  bool ClobberArguments = true;
};

/// Why a run ended early.
struct Fault {
  enum class Kind : uint8_t {
    Access,     ///< an address outside every region, or a forbidden write
    Opcode,     ///< not an instruction, or not one of RFC 9669
    Control,    ///< control left the program, calls nested too deep
    Limit,      ///< instruction limit
    Helper,     ///< unknown helper, or bad arguments to one
    Unresolved, ///< a kernel function, variable or relocation
  };
  Kind K = Kind::Access;
  uint32_t Insn = 0;    ///< instruction index
  uint64_t Address = 0; ///< Access: where
  uint32_t Bytes = 0;   ///< Access: how much
  std::string Message;  ///< what and why, without the instruction
};

/// The result of one run.
struct Result {
  uint64_t R0 = 0;
  /// Fate of the packet; Aborted when there is an Error.
  rt::Verdict Verdict = rt::Verdict::Aborted;
  /// A legacy packet load was out of bounds and ended the program.
  bool Aborted = false;
  /// What the program stored to rx_queue_index, as selectedQueue() gives it.
  std::optional<uint8_t> Queue;
  /// Instructions executed; LD_IMM64 counts as one.
  uint64_t Executed = 0;
  std::optional<Fault> Error;
};

/// What a program runs in. Map n of the program is map n of the store.
struct World {
  rt::PacketBuffer &Packet;
  rt::MapStore &Maps;
  rt::EventLog &Events;
  rt::Random &Rng;
  /// What the clock helpers return: time stands still during a run.
  uint64_t Nanoseconds = 0;
};

class Interpreter {
public:
  /// Prepares a program; it may be destroyed afterwards. Errors: it is neither
  /// XDP nor TC, or has no instructions.
  static llvm::Expected<Interpreter> create(const object::LinkedProgram &P,
                                            const Options &O = {});
  /// Prepares bare instructions for runOn().
  static Interpreter forCode(std::vector<uint64_t> Insns,
                             const Options &O = {});

  Interpreter(Interpreter &&);
  Interpreter &operator=(Interpreter &&);
  ~Interpreter();

  /// Runs the program on the packet in the world.
  Result run(const World &W);
  /// Runs the code with r1 = address of a memory area and r2 = its length (both
  /// 0 when it is empty). There is no context, packet or map.
  Result runOn(llvm::MutableArrayRef<uint8_t> Memory);

  /// How often each slot was executed since the last clearCounts().
  llvm::ArrayRef<uint64_t> counts() const;
  /// How often control went from a jump elsewhere than to the next slot.
  llvm::ArrayRef<uint64_t> jumps() const;
  void clearCounts();

private:
  struct Impl;
  explicit Interpreter(std::unique_ptr<Impl> I);
  std::unique_ptr<Impl> I;
};

/// Maps of a linked program in the form a map store takes.
rt::MapSpec mapSpec(const object::MapInfo &Info);

/// "program xdp_prog, instruction 12 (prog.c:31:9): read of 1 byte ..."
std::string describe(const object::LinkedProgram &P, const Fault &F);

} // namespace nfpbpf::interp

#endif // NFPBPF_INTERP_INTERPRETER_H
