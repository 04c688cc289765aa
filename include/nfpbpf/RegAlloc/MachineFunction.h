//===- MachineFunction.h - Code as the register allocator sees it -*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Input and output of the register allocator: blocks of abstract instructions
// that use and define values (input) or registers and spill slots (output).
// Instructions are known by a number of the caller's, `Origin`.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_REGALLOC_MACHINEFUNCTION_H
#define NFPBPF_REGALLOC_MACHINEFUNCTION_H

#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace nfpbpf::ra {

/// Registers of one bank that may be allocated: 0..23 (offload ABI, section
/// "Register contract").
constexpr unsigned NumRegs = 24;
/// A22 holds the stack base and is never allocated.
constexpr unsigned StackBaseReg = 22;

/// Bank of a register. Values are bit masks: Both is A | B.
enum class Bank : uint8_t { A = 1, B = 2, Both = 3 };

/// A physical register, or with Bank::Both the same-numbered register of both
/// banks, holding one value.
struct PhysReg {
  Bank InBank = Bank::A;
  uint8_t Number = 0;

  bool operator==(const PhysReg &O) const {
    return InBank == O.InBank && Number == O.Number;
  }
  bool operator!=(const PhysReg &O) const { return !(*this == O); }
};

/// A set of registers: bit n is An, bit 32 + n is Bn.
using RegMask = uint64_t;

inline RegMask maskOf(PhysReg R) {
  RegMask M = 0;
  if (static_cast<uint8_t>(R.InBank) & 1)
    M |= RegMask(1) << R.Number;
  if (static_cast<uint8_t>(R.InBank) & 2)
    M |= RegMask(1) << (32 + R.Number);
  return M;
}

/// Number of a value. Values are in SSA form: one definition each (an
/// instruction, a block parameter or a register at entry).
using Value = uint32_t;

//===----------------------------------------------------------------------===//
// Input
//===----------------------------------------------------------------------===//

/// A value that an instruction reads or writes, in \p Fixed if that is set.
struct Operand {
  Value Val = 0;
  std::optional<PhysReg> Fixed;

  Operand(Value V = 0, std::optional<PhysReg> F = std::nullopt)
      : Val(V), Fixed(F) {}
};

/// Two operands that must be in different banks. Numbers below Uses.size() are
/// uses, the others definitions.
struct BankConflict {
  uint8_t First;
  uint8_t Second;
};

struct Instr {
  /// The caller's name for the instruction.
  uint32_t Origin = 0;
  llvm::SmallVector<Operand, 3> Uses;
  llvm::SmallVector<Operand, 2> Defs;
  /// At most one pair per instruction.
  std::optional<BankConflict> DifferentBanks;
  /// Defs[0] must be in the register of Uses[TiedUse].
  std::optional<uint8_t> TiedUse;
  /// Registers whose content is lost. Uses are read before, definitions
  /// written after.
  RegMask Clobbers = 0;
  /// Nothing may be inserted between the instruction before and this one.
  bool Glued = false;
  /// Has no uses and no effect but its one definition, which it can make again
  /// anywhere: instead of being spilled, the value is recomputed.
  bool Rematerializable = false;
};

struct Edge {
  uint32_t Target = 0;
  /// Values for the target's parameters. Only a block with one edge may pass
  /// any (the caller splits critical edges).
  llvm::SmallVector<Value, 2> Args;
};

struct Block {
  llvm::SmallVector<Value, 2> Params;
  /// The last one is the terminator; it defines nothing.
  std::vector<Instr> Instrs;
  llvm::SmallVector<Edge, 2> Edges;
  /// How often the block runs, relative to the entry.
  float Frequency = 1.0F;
};

struct Function {
  /// Blocks[0] is the entry; it has no parameters and no predecessors.
  std::vector<Block> Blocks;
  /// Values that are in registers at entry; each Operand has Fixed set.
  std::vector<Operand> EntryValues;
  uint32_t NumValues = 0;
  /// Spill slots with a number below this can be accessed directly; stores to
  /// others (and moves between slots) need a register for the address.
  uint32_t NumNearSlots = 0;
};

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

enum class OutKind : uint8_t {
  Original, ///< The caller's instruction `Origin` (again, if recomputed).
  Copy,     ///< Defs[0] = Uses[0]
  Load,     ///< Defs[0] = slot
  Store,    ///< slot = Uses[0]
};

struct OutInstr {
  OutKind Kind = OutKind::Original;
  uint32_t Origin = 0;
  /// One register for every use and definition of the original instruction.
  llvm::SmallVector<PhysReg, 3> Uses;
  llvm::SmallVector<PhysReg, 2> Defs;
  uint32_t Slot = 0;
  /// A store to a far slot may overwrite this register.
  std::optional<PhysReg> Scratch;
};

struct Statistics {
  unsigned Copies = 0;
  unsigned Loads = 0;
  unsigned Stores = 0;
  unsigned SpilledValues = 0;
  unsigned RecomputedValues = 0;
  unsigned BothBankValues = 0;
  unsigned Rounds = 0;
};

struct Allocation {
  /// Instructions of each block of the input.
  std::vector<std::vector<OutInstr>> Blocks;
  uint32_t NumSlots = 0;
  /// Every register that the function writes or clobbers.
  RegMask Written = 0;
  Statistics Stats;
};

} // namespace nfpbpf::ra

#endif // NFPBPF_REGALLOC_MACHINEFUNCTION_H
