//===- RegAlloc.h - Two-bank register allocation ----------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Register allocation for a processor with two banks of general registers, of
// which one instruction can read at most one register each (NFP instruction
// set, section "Which operand goes where"). Works on an abstract function in
// SSA form; knows neither MLIR nor instruction words.
//
// How it works: a bank for every value (two-colouring of the "different banks"
// graph; a copy where it has an odd cycle), then one register for the whole
// life of each value by live ranges with holes, longest and most used first
// where they compete; what finds no register is recomputed (constants) or kept
// in a spill slot. Copies for phis, fixed registers and tied operands are made
// afterwards as parallel copies, so a value may sit anywhere.
//
// Positions of insertions. Instructions glued to their predecessor (they read
// the previous result, which any instruction in between would change) form a
// group; nothing is inserted inside a group. Copies leave the condition codes
// alone (emit them with no_cc).
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_REGALLOC_REGALLOC_H
#define NFPBPF_REGALLOC_REGALLOC_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace nfpbpf {
namespace ra {

/// A value. Numbers from 0; each has exactly one definition (an instruction's
/// Def or a block argument).
using VReg = uint32_t;

enum class Bank : uint8_t { A, B };

/// Registers of a bank that generated code may ever name.
constexpr unsigned NumRegisters = 24;

/// A physical register: one of A0..A23, B0..B23.
struct PhysReg {
  Bank InBank = Bank::A;
  uint8_t Number = 0;

  unsigned index() const {
    return (InBank == Bank::B ? NumRegisters : 0) + Number;
  }
  static PhysReg fromIndex(unsigned Index) {
    return {Index < NumRegisters ? Bank::A : Bank::B,
            static_cast<uint8_t>(Index % NumRegisters)};
  }
  bool operator==(PhysReg O) const {
    return InBank == O.InBank && Number == O.Number;
  }
  bool operator!=(PhysReg O) const { return !(*this == O); }
};

/// A set of registers: bit PhysReg::index().
class RegSet {
public:
  bool contains(PhysReg R) const { return (Bits >> R.index()) & 1; }
  void insert(PhysReg R) { Bits |= uint64_t(1) << R.index(); }
  void erase(PhysReg R) { Bits &= ~(uint64_t(1) << R.index()); }
  RegSet &operator|=(RegSet O) {
    Bits |= O.Bits;
    return *this;
  }
  bool operator==(RegSet O) const { return Bits == O.Bits; }
  bool empty() const { return Bits == 0; }
  uint64_t bits() const { return Bits; }
  /// Every register that may be allocated: A0..A23, B0..B23 without A22, the
  /// stack base.
  static RegSet allocatable();

private:
  uint64_t Bits = 0;
};

/// A register that an operand must be in: one register, or the same number in
/// both banks.
struct FixedReg {
  PhysReg Reg;
  bool BothBanks = false;
};

struct Use {
  VReg Reg = 0;
  std::optional<FixedReg> Fixed;
  std::optional<Bank> OnlyBank; ///< not together with Fixed
};

struct Def {
  VReg Reg = 0;
  /// The result is in this register when the instruction is done.
  std::optional<FixedReg> Fixed;
  /// Index of the use whose register the result takes (the old value is read
  /// and replaced), or -1. Not in an instruction glued to the definition of
  /// that use.
  int TiedTo = -1;
  /// The value can be computed again anywhere (a constant): instead of a spill
  /// slot it gets InsertKind::Remat before each use.
  bool Rematerializable = false;
};

/// An operand of an instruction in a pair constraint.
struct OperandRef {
  bool IsDef = false;
  unsigned Index = 0;
};

struct Inst {
  llvm::SmallVector<Use, 3> Uses;
  llvm::SmallVector<Def, 2> Defs;
  /// These two operands must be in different banks. The same value on both
  /// sides gets a copy. A definition here must be tied.
  llvm::SmallVector<std::pair<OperandRef, OperandRef>, 1> DifferentBanks;
  /// Registers that lose their contents.
  RegSet Clobbers;
  /// Nothing may come between the instruction before and this one.
  bool GluedToPrevious = false;
};

/// An edge to a successor. Arguments are values for the successor's arguments.
/// A block with several successors must not have arguments on any of its edges
/// (split critical edges first).
struct Edge {
  uint32_t Block = 0;
  llvm::SmallVector<VReg, 4> Arguments;
};

struct Block {
  llvm::SmallVector<VReg, 4> Arguments;
  /// Instructions; the last is the terminator, which copies for the edge
  /// arguments are inserted before.
  std::vector<Inst> Insts;
  llvm::SmallVector<Edge, 2> Successors;
  /// Relative execution count, 1 for straight-line code.
  double Frequency = 1;
};

/// A function; block 0 is the entry and has no predecessors. Values that come
/// in at the entry are fixed definitions of its first instruction. Every block
/// must be reachable.
struct Function {
  std::vector<Block> Blocks;
  uint32_t NumVRegs = 0;
};

/// What an output instruction is.
enum class InsertKind : uint8_t {
  Original, ///< Insts[Index] of the block
  Copy,     ///< Dst = Src
  Spill,    ///< spill slot Slot = Src
  Reload,   ///< Dst = spill slot Slot
  Remat,    ///< Dst = the rematerializable value Reg again
};

struct OutInst {
  InsertKind Kind = InsertKind::Original;
  /// Original: index into the block's Insts, and where its operands are. Fixed
  /// operands are in their fixed registers.
  uint32_t Index = 0;
  llvm::SmallVector<PhysReg, 3> UseRegs;
  llvm::SmallVector<PhysReg, 2> DefRegs;
  /// The others. A destination may be the same number in both banks.
  PhysReg Dst, Src;
  bool DstBoth = false;
  uint32_t Slot = 0;
  VReg Reg = 0; ///< Remat: the value; others: for diagnostics
  /// For a parallel-copy cycle without a free register the spill slot used has
  /// Slot == Allocation::NumSlots - 1; it is like any other.
};

struct Allocation {
  std::vector<std::vector<OutInst>> Blocks; ///< as Function::Blocks
  uint32_t NumSlots = 0;                    ///< 4-byte spill slots
  RegSet Written; ///< registers written or clobbered anywhere
  // Statistics.
  uint32_t NumCopies = 0, NumSpills = 0, NumReloads = 0, NumRemats = 0;
};

/// Allocates. \p Available is the set to choose from; fixed registers may be
/// outside it. Errors (broken input, or a single instruction that needs more
/// registers than there are) name block and instruction.
llvm::Expected<Allocation> allocate(const Function &F, RegSet Available);

} // namespace ra
} // namespace nfpbpf

#endif // NFPBPF_REGALLOC_REGALLOC_H
