//===- WorkFunction.h - The function while it is being allocated -*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_REGALLOC_WORKFUNCTION_H
#define NFPBPF_LIB_REGALLOC_WORKFUNCTION_H

#include "nfpbpf/RegAlloc/MachineFunction.h"
#include "llvm/Support/Error.h"

namespace nfpbpf::ra {

/// Number of a variable. Unlike values, variables may be assigned more than
/// once: a block parameter by every predecessor, the result of a tied
/// instruction by the copy before it. The first variables are the input's
/// values.
using Var = uint32_t;

enum class WorkKind : uint8_t {
  Original,
  Entry,        ///< Defines what is in registers at entry.
  Copy,         ///< Defs[0] = Uses[0]
  ParallelCopy, ///< Defs = Uses, all at once
  Load,
  Store,
};

/// A variable, or in parallel copies a spill slot.
struct WorkOperand {
  Var Reg = 0;
  int32_t Slot = -1;

  bool isSlot() const { return Slot >= 0; }
};

struct WorkInstr {
  WorkKind Kind = WorkKind::Original;
  bool Glued = false;
  bool Rematerializable = false;
  std::optional<uint8_t> TiedUse;
  std::optional<BankConflict> DifferentBanks;
  uint32_t Origin = 0;
  uint32_t Slot = 0;
  RegMask Clobbers = 0;
  llvm::SmallVector<WorkOperand, 3> Uses;
  llvm::SmallVector<WorkOperand, 2> Defs;
  /// Registers the instruction may overwrite while it runs.
  llvm::SmallVector<Var, 2> Scratch;

  const WorkOperand &operand(unsigned N) const {
    return N < Uses.size() ? Uses[N] : Defs[N - Uses.size()];
  }
  WorkOperand &operand(unsigned N) {
    return N < Uses.size() ? Uses[N] : Defs[N - Uses.size()];
  }
};

struct WorkBlock {
  std::vector<WorkInstr> Instrs;
  llvm::SmallVector<uint32_t, 2> Succs;
  llvm::SmallVector<uint32_t, 2> Preds;
  float Frequency = 1.0F;
};

struct VarInfo {
  Bank InBank = Bank::A;
  /// Short-lived helper of one instruction: never spilled nor moved.
  bool Pinned = false;
  /// May not be kept in both banks (a tied result's register is also read).
  bool OneBank = false;
  /// Must be in both banks: a copy could not be inserted.
  bool MustBeBoth = false;
  /// Has been moved to the other bank once already.
  bool Moved = false;
  bool Spilled = false;
  std::optional<PhysReg> Fixed;
  /// Origin of the instruction that can recompute the value.
  std::optional<uint32_t> RecomputeFrom;
  int32_t Slot = -1;
};

struct WorkFunction {
  std::vector<WorkBlock> Blocks;
  std::vector<VarInfo> Vars;
  uint32_t NumNearSlots = 0;
  uint32_t NumSlots = 0;
  /// Slot that breaks cycles of copies through memory, once needed.
  int32_t CycleSlot = -1;
  Statistics Stats;

  Var makeVar(Bank B, bool Pinned) {
    VarInfo Info;
    Info.InBank = B;
    Info.Pinned = Pinned;
    Vars.push_back(Info);
    return static_cast<Var>(Vars.size() - 1);
  }
};

inline Bank otherBank(Bank B) { return B == Bank::A ? Bank::B : Bank::A; }
inline bool inBankA(Bank B) { return static_cast<uint8_t>(B) & 1; }
inline bool inBankB(Bank B) { return static_cast<uint8_t>(B) & 2; }

/// A copy of one variable.
inline WorkInstr makeCopy(Var Dst, Var Src) {
  WorkInstr I;
  I.Kind = WorkKind::Copy;
  I.Uses.push_back({Src, -1});
  I.Defs.push_back({Dst, -1});
  return I;
}

//===----------------------------------------------------------------------===//
// Live intervals
//===----------------------------------------------------------------------===//

/// Positions: instruction number n reads at 4n, loses clobbered registers in
/// [4n + 1, 4n + 2) and writes at 4n + 2. Every block has one number of its
/// own in front of its first instruction.
struct LiveRange {
  uint32_t Begin;
  uint32_t End;
};

struct Liveness {
  /// Ascending, disjoint ranges of each variable.
  std::vector<llvm::SmallVector<LiveRange, 2>> Ranges;
  /// Sum over reads and writes of the block frequency.
  std::vector<float> Accesses;
  /// Registers that are clobbered, with their range.
  std::vector<std::pair<RegMask, LiveRange>> Clobbers;
  uint32_t NumPositions = 0;
};

Liveness computeLiveness(const WorkFunction &F);

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

/// Copies for fixed registers, tied operands and block parameters.
llvm::Expected<WorkFunction> lowerToWork(const Function &F);

/// Banks for all variables that are not pinned.
void assignBanks(WorkFunction &F, const Liveness &L);

/// Inserts copies in front of instructions that would read two registers of
/// one bank. Returns true if there were any.
bool repairBankConflicts(WorkFunction &F);

/// Replaces spilled variables by loads, stores and recomputations, and gives
/// parallel copies their scratch registers. The flag Spilled is cleared.
void rewriteSpills(WorkFunction &F);
void updateScratch(WorkFunction &F);

/// Result of colouring: a register number for every variable, or some that
/// have been marked spilled, moved or restricted to one bank (then Changed).
struct Coloring {
  std::vector<uint8_t> Number;
  bool Changed = false;
};
llvm::Expected<Coloring> colorRegisters(WorkFunction &F, const Liveness &L);

/// A location of a parallel copy after colouring.
struct Location {
  std::optional<PhysReg> Reg;
  uint32_t Slot = 0;
};
struct Move {
  Location Dst;
  Location Src;
};
/// Appends a sequence for \p Moves (all read before all are written). Every
/// location is one register of one bank, or a slot.
/// \p Scratch: one register if there are two moves or more, two if any
/// location is a slot. \p CycleSlot is used when a cycle includes slots.
void sequentialize(llvm::ArrayRef<Move> Moves, llvm::ArrayRef<PhysReg> Scratch,
                   uint32_t CycleSlot, uint32_t NumNearSlots,
                   std::vector<OutInstr> &Out);

/// Appends a register-to-register copy, nothing if it is one to itself.
void appendCopy(PhysReg Dst, PhysReg Src, std::vector<OutInstr> &Out);

/// True if a parallel copy has a slot among its operands.
bool touchesSlot(const WorkInstr &I);

} // namespace nfpbpf::ra

#endif // NFPBPF_LIB_REGALLOC_WORKFUNCTION_H
