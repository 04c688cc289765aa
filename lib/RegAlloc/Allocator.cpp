//===- Allocator.cpp - Two-bank register allocation -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WorkFunction.h"
#include "nfpbpf/RegAlloc/RegAlloc.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace nfpbpf::ra;

namespace {

/// Turns the coloured function into the caller's form.
class OutputBuilder {
public:
  OutputBuilder(const WorkFunction &F, const Coloring &C) : F(F), C(C) {}
  Allocation run();

private:
  PhysReg regOf(Var V) const { return {F.Vars[V].InBank, C.Number[V]}; }
  Location locationOf(const WorkOperand &O) const;
  void emit(const WorkInstr &I, std::vector<OutInstr> &Out) const;

  const WorkFunction &F;
  const Coloring &C;
};

} // namespace

Location OutputBuilder::locationOf(const WorkOperand &O) const {
  Location Loc;
  if (O.isSlot()) {
    Loc.Slot = static_cast<uint32_t>(O.Slot);
    return Loc;
  }
  Loc.Reg = regOf(O.Reg);
  // Either bank will do for reading; block parameters are in one only.
  if (Loc.Reg->InBank == Bank::Both)
    Loc.Reg->InBank = Bank::A;
  return Loc;
}

void OutputBuilder::emit(const WorkInstr &I, std::vector<OutInstr> &Out) const {
  switch (I.Kind) {
  case WorkKind::Entry:
    return;
  case WorkKind::Copy:
    appendCopy(regOf(I.Defs[0].Reg), regOf(I.Uses[0].Reg), Out);
    return;
  case WorkKind::ParallelCopy: {
    SmallVector<Move, 8> Moves;
    for (auto [U, D] : llvm::zip_equal(I.Uses, I.Defs))
      Moves.push_back({locationOf(D), locationOf(U)});
    SmallVector<PhysReg, 2> Scratch;
    for (Var V : I.Scratch)
      Scratch.push_back(regOf(V));
    sequentialize(Moves, Scratch, static_cast<uint32_t>(F.CycleSlot),
                  F.NumNearSlots, Out);
    return;
  }
  case WorkKind::Original:
  case WorkKind::Load:
  case WorkKind::Store:
    break;
  }
  OutInstr O;
  O.Kind = I.Kind == WorkKind::Load    ? OutKind::Load
           : I.Kind == WorkKind::Store ? OutKind::Store
                                       : OutKind::Original;
  O.Origin = I.Origin;
  O.Slot = I.Slot;
  for (const WorkOperand &U : I.Uses)
    O.Uses.push_back(regOf(U.Reg));
  for (const WorkOperand &D : I.Defs)
    O.Defs.push_back(regOf(D.Reg));
  if (!I.Scratch.empty())
    O.Scratch = regOf(I.Scratch[0]);
  Out.push_back(std::move(O));
}

Allocation OutputBuilder::run() {
  Allocation A;
  A.Blocks.resize(F.Blocks.size());
  A.NumSlots = F.NumSlots;
  A.Stats = F.Stats;
  for (size_t N = 0; N < F.Blocks.size(); ++N) {
    for (const WorkInstr &I : F.Blocks[N].Instrs) {
      A.Written |= I.Clobbers;
      emit(I, A.Blocks[N]);
    }
    for (const OutInstr &O : A.Blocks[N]) {
      for (PhysReg R : O.Defs)
        A.Written |= maskOf(R);
      if (O.Scratch)
        A.Written |= maskOf(*O.Scratch);
      A.Stats.Copies += O.Kind == OutKind::Copy;
      A.Stats.Loads += O.Kind == OutKind::Load;
      A.Stats.Stores += O.Kind == OutKind::Store;
    }
  }
  for (Var V = 0; V < F.Vars.size(); ++V)
    A.Stats.BothBankValues += !F.Vars[V].Fixed &&
                              F.Vars[V].InBank == Bank::Both &&
                              C.Number[V] < NumRegs;
  return A;
}

Expected<Allocation> nfpbpf::ra::allocate(const Function &F) {
  Expected<WorkFunction> Work = lowerToWork(F);
  if (!Work)
    return Work.takeError();
  updateScratch(*Work);
  assignBanks(*Work, computeLiveness(*Work));
  // Every round but the last spills or moves something; spilled variables are
  // replaced by pinned ones, and each is moved at most once.
  constexpr unsigned MaxRounds = 64;
  for (unsigned Round = 1; Round <= MaxRounds; ++Round) {
    // A repair may put a value in both banks, which can resolve a conflict
    // seen later differently; repeat until nothing is left.
    while (repairBankConflicts(*Work)) {
    }
    Liveness L = computeLiveness(*Work);
    Expected<Coloring> C = colorRegisters(*Work, L);
    if (!C)
      return C.takeError();
    Work->Stats.Rounds = Round;
    if (!C->Changed)
      return OutputBuilder(*Work, *C).run();
    rewriteSpills(*Work);
  }
  return createStringError("register allocation did not settle in %u rounds",
                           MaxRounds);
}
