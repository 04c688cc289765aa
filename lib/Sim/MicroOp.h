//===- MicroOp.h - Pre-decoded instructions ---------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The form the interpreter runs: one micro-op per word, with a handler chosen
// for its operation, operand kinds and for what later instructions need of its
// flags and latches; then micro-ops without a word, which the pre-decoder adds:
//
//   [0, Words)      the program
//   [Words]         fault: past the end
//   [Words + 1, ..) trampolines: copies of deferred instructions, each run
//                   followed by what they delay; and the entry points outside
//                   of the program (exit, helper routines, bad targets)
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_SIM_MICROOP_H
#define NFPBPF_LIB_SIM_MICROOP_H

#include "nfpbpf/ISA/NFP/Commands.h"
#include "nfpbpf/ISA/NFP/Instruction.h"
#include "nfpbpf/Sim/Fault.h"
#include <cstdint>
#include <string>
#include <vector>

namespace nfpbpf::sim {

struct State;
struct MicroOp;

/// Runs a micro-op and (where the compiler guarantees tail calls) all after it.
/// Returns the next one, or null when the packet has ended.
using Handler = const MicroOp *(*)(State &, const MicroOp *);

//===----------------------------------------------------------------------===//
// Operand places
//===----------------------------------------------------------------------===//

/// Places of the register window. Immediates have places of their own, so that
/// every simple operand is one load.
enum Place : uint16_t {
  PlaceA = 0,
  PlaceB = 32,
  PlaceXferIn = 64,
  PlaceXferOut = 128,
  PlaceNN = 192,
  PlaceSink = 224, ///< dropped destinations; never read
  PlaceNone = 225, ///< absent sources: zero
  PlaceImm = 256,
  NumPlaces = 512,

  /// Local memory: bits 3:0 offset, 5:4 pointer, 7:6 post-modify.
  PlaceLM = 0x8000,
  /// T_INDEX and NN indices: bit 0 next neighbour, bits 7:6 post-modify.
  PlaceIndexed = 0x4000,
};
inline bool isSimple(uint16_t P) { return P < NumPlaces; }
inline unsigned lmOffset(uint16_t P) { return P & 15; }
inline unsigned lmPointer(uint16_t P) { return (P >> 4) & 3; }
enum : unsigned { ModifyNone = 0, ModifyInc = 1, ModifyDec = 2 };
inline unsigned modifyOf(uint16_t P) { return (P >> 6) & 3; }

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

enum class CmdFamily : uint8_t {
  Read64,
  Write64,
  Read32,
  Write32,
  Read8,
  Write8,
  AtomicRead,
  AtomicWrite,
  Set,
  Clear,
  Add,
  AddSat,
  Sub,
  SubSat,
  Xor,
};

/// A command, decoded.
struct CmdInfo {
  CmdFamily Family = CmdFamily::Read32;
  uint8_t Token = 0;
  bool Test = false;      ///< returns the old value
  bool Immediate = false; ///< operand from the override word
  bool Address40 = false;
  bool Indirect = false;
  bool Blocking = false;
  bool HighOnLeft = true;
  uint8_t Signal = 0;
  uint8_t Count = 0;
  uint8_t Xfer = 0;
  uint8_t Defer = 0;
  const char *Name = "";
};

//===----------------------------------------------------------------------===//
// Micro-ops
//===----------------------------------------------------------------------===//

struct MicroOp {
  Handler Fn = nullptr;
  const MicroOp *Target = nullptr; ///< taken branches, deferred completions
  uint16_t A = PlaceNone;          ///< left operand
  uint16_t B = PlaceNone;          ///< right operand
  uint16_t D = PlaceSink;          ///< destination
  uint16_t D2 = PlaceSink;         ///< second destination (both banks)
  uint32_t Imm = 0;                ///< immediate, or mask of ld_field
  uint32_t Word = 0;               ///< index of the word it came from
  uint32_t Side = 0;               ///< index into Program::Side
  uint16_t Unvalidated = 0;        ///< rules used when executed (or taken)
  uint8_t Amount = 0;              ///< shift amount, bit number ...
  uint8_t Code = 0;                ///< operation within a handler
  uint8_t CostNew = 1;  ///< taken branch, flags just written; others: issue
  uint8_t CostOld = 1;  ///< taken branch, older flags
  uint8_t ArchCost = 1; ///< cycles that a taken branch really takes
  uint8_t Filled = 0;   ///< defer slots
  bool WritesCC = false;
  /// Its left operand may be meant as a shift amount: nothing else comes of it.
  bool GivesAmount = false;
  bool Predicated = false;
  bool PostModifies = false;
  bool InEpilogue = false;
  bool IsPseudo = false; ///< has no word: never counted
};

/// What only slow handlers need.
struct SideInfo {
  isa::Instruction Insn;
  CmdInfo Cmd;
  /// A fault that executing the word raises, and what to run if faults are only
  /// counted (null: the packet ends).
  FaultKind Kind = FaultKind::Undecodable;
  std::string Text;
  Handler Continue = nullptr;
  /// Continue: a completion to run after the deferred instructions.
  uint32_t Address = 0; ///< code-store address (bad targets, helpers)
};

} // namespace nfpbpf::sim

#endif // NFPBPF_LIB_SIM_MICROOP_H
