//===- Fault.h - Hazards the simulator reports ------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the hardware leaves undefined, or what would damage the firmware, is a
// fault: it names the instruction and the reason. Undefined values themselves
// may be copied and merged freely (the kernel's translator copies registers it
// never set); a fault is their use where it matters: in an address, a branch, a
// CSR, a byte written to a packet or map, a helper's argument, the exit word.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_SIM_FAULT_H
#define NFPBPF_SIM_FAULT_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <string>

namespace nfpbpf::sim {

enum class FaultKind : uint8_t {
  // Code store.
  BadEcc,      ///< a word whose check bits are wrong
  Undecodable, ///< a word of no class, or an operand pattern without meaning
  Unsupported, ///< decodes, but is outside what the simulator models
  PastEnd,     ///< execution runs off the end of the program
  BadTarget,   ///< a branch to an address that is neither program nor entry
  InstructionLimit, ///< the packet executed too many instructions
  // Rules of the instruction set.
  SameKindOperands,  ///< two sources from one register file
  BranchInDefer,     ///< branch or context swap in a defer slot
  DeferLimit,        ///< more defer slots than the instruction has
  StaleLMPointer,    ///< local memory used within 3 slots of a pointer write
  StaleCsr,          ///< another CSR used too soon after its write
  StaleShiftAmount,  ///< indirect shift after an instruction that defines none
  StaleSign,         ///< asr or override after an instruction without a result
  DoubleShiftAmount, ///< indirect dbl_shf by 32 or more
  ByteAlignState,    ///< byte_align without a previous operand
  MulSequence,       ///< mul_step out of order or operands too wide
  CsrReadNotTaken,   ///< local_csr_rd not followed by immed 0
  // Undefined values.
  UndefinedAddress,
  UndefinedBranch,
  UndefinedCsr,
  UndefinedStore,
  UndefinedArgument,
  UndefinedExit,
  // Signals and transfer registers.
  ReadBeforeSignal,    ///< transfer register read before its data has arrived
  TransferOverwritten, ///< transfer register changed before it was pulled
  SignalReused,        ///< a signal requested again before it was consumed
  SignalNeverSent,     ///< waiting for a signal no command will send
  // Memory.
  MemoryOrder,        ///< bytes that a command under way changes, or reads and
                      ///< this one changes
  PacketAccess,       ///< outside the packet buffer or the program's part of it
  MapAccess,          ///< outside the values of the maps
  MapReadOnly,        ///< write to a read-only map
  LocalMemoryAccess,  ///< outside stack and packet vector
  Unaligned,          ///< atomic or 64-bit access that is not aligned
  AtomicOrder,        ///< atomic on a word kept in host order, or the reverse
  AmbiguousImmediate, ///< 16-bit immediate operand with bit 15 set
  CommandTarget,      ///< a command to a unit programs must not use
  // Firmware.
  FirmwareRegister, ///< write to a register, signal or pointer the firmware
                    ///< owns
  PacketVector,   ///< write to a packet vector field that is not the program's
  HelperArgument, ///< a helper called against its conventions
  ExitWord,       ///< an exit word no epilogue makes
  PacketWindow,   ///< packet vector describes a frame outside its buffer
};
constexpr unsigned NumFaultKinds =
    static_cast<unsigned>(FaultKind::PacketWindow) + 1;

/// A short name, e.g. "stale-lm-pointer".
llvm::StringRef stringifyFaultKind(FaultKind Kind);

struct Fault {
  FaultKind Kind = FaultKind::Undecodable;
  /// Index of the word in the program (from 0, whatever the load address).
  uint32_t Word = 0;
  /// Number of the packet in this machine's life, from 0.
  uint64_t Packet = 0;
  /// The reason in a sentence, with registers, addresses and values.
  std::string Text;

  /// "word 12: stale-lm-pointer: ...".
  std::string str() const;
};

} // namespace nfpbpf::sim

#endif // NFPBPF_SIM_FAULT_H
