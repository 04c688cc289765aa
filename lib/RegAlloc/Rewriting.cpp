//===- Rewriting.cpp - Inserting copies and spill code --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WorkFunction.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace nfpbpf::ra;

/// End of the bundle that begins at \p Begin: instructions between which
/// nothing may stand.
static size_t bundleEnd(const WorkBlock &B, size_t Begin) {
  size_t End = Begin + 1;
  while (End < B.Instrs.size() && B.Instrs[End].Glued)
    ++End;
  return End;
}

//===----------------------------------------------------------------------===//
// Bank conflicts
//===----------------------------------------------------------------------===//

/// Resolves the conflict of \p I by a copy in \p Before. \p Bundle are the
/// instructions from the bundle's begin up to I.
static void resolveConflict(WorkFunction &F, WorkInstr &I,
                            ArrayRef<WorkInstr> Bundle,
                            std::vector<WorkInstr> &Before) {
  auto DefinedInside = [&](Var V) {
    for (const WorkInstr &B : Bundle)
      for (const WorkOperand &D : B.Defs)
        if (D.Reg == V)
          return true;
    return false;
  };
  unsigned NumUses = static_cast<unsigned>(I.Uses.size());
  unsigned First = I.DifferentBanks->First, Second = I.DifferentBanks->Second;
  auto CanCopy = [&](unsigned N) {
    return N < NumUses && !(I.TiedUse && *I.TiedUse == N) &&
           !DefinedInside(I.operand(N).Reg);
  };
  unsigned Chosen = CanCopy(Second) ? Second : First;
  Var Old = I.operand(Chosen).Reg;
  if (!CanCopy(Chosen)) {
    // No room for a copy: the value has to be in both banks from the start.
    Var V = I.TiedUse && *I.TiedUse == First ? I.operand(Second).Reg : Old;
    F.Vars[V].InBank = Bank::Both;
    F.Vars[V].MustBeBoth = true;
    return;
  }
  unsigned Partner = Chosen == First ? Second : First;
  Bank PartnerBank = F.Vars[I.operand(Partner).Reg].InBank;
  Var Copy = F.makeVar(otherBank(PartnerBank), /*Pinned=*/true);
  Before.push_back(makeCopy(Copy, Old));
  I.operand(Chosen).Reg = Copy;
}

bool nfpbpf::ra::repairBankConflicts(WorkFunction &F) {
  bool Changed = false;
  for (WorkBlock &B : F.Blocks) {
    std::vector<WorkInstr> Result;
    bool BlockChanged = false;
    for (size_t Begin = 0, End = 0; Begin < B.Instrs.size(); Begin = End) {
      End = bundleEnd(B, Begin);
      std::vector<WorkInstr> Before;
      for (size_t N = Begin; N < End; ++N) {
        WorkInstr &I = B.Instrs[N];
        if (!I.DifferentBanks)
          continue;
        Var First = I.operand(I.DifferentBanks->First).Reg;
        Var Second = I.operand(I.DifferentBanks->Second).Reg;
        Bank FirstBank = F.Vars[First].InBank;
        if (FirstBank == Bank::Both || F.Vars[Second].InBank == Bank::Both ||
            FirstBank != F.Vars[Second].InBank)
          continue;
        resolveConflict(F, I, ArrayRef(B.Instrs).slice(Begin, N - Begin),
                        Before);
        Changed = true;
      }
      if (!Before.empty() && !BlockChanged) {
        BlockChanged = true;
        Result.reserve(B.Instrs.size() + 8);
        for (size_t N = 0; N < Begin; ++N)
          Result.push_back(std::move(B.Instrs[N]));
      }
      if (BlockChanged) {
        for (WorkInstr &I : Before)
          Result.push_back(std::move(I));
        for (size_t N = Begin; N < End; ++N)
          Result.push_back(std::move(B.Instrs[N]));
      }
    }
    if (BlockChanged)
      B.Instrs = std::move(Result);
  }
  return Changed;
}

//===----------------------------------------------------------------------===//
// Spilling
//===----------------------------------------------------------------------===//

namespace {

class SpillRewriter {
public:
  explicit SpillRewriter(WorkFunction &F) : F(F) {}
  void run();

private:
  void rewriteBundle(WorkBlock &B, size_t Begin, size_t End,
                     std::vector<WorkInstr> &Result);
  void rewriteParallelCopy(WorkInstr &I, std::vector<WorkInstr> &Before);
  WorkInstr makeReload(Var Dst, Var Spilled);
  bool isSpilled(const WorkOperand &O) const {
    return !O.isSlot() && F.Vars[O.Reg].Spilled;
  }

  WorkFunction &F;
};

} // namespace

/// Loads a spilled variable, or computes it again.
WorkInstr SpillRewriter::makeReload(Var Dst, Var Spilled) {
  WorkInstr I;
  I.Defs.push_back({Dst, -1});
  const VarInfo &Info = F.Vars[Spilled];
  if (Info.RecomputeFrom) {
    I.Kind = WorkKind::Original;
    I.Origin = *Info.RecomputeFrom;
    I.Rematerializable = true;
    return I;
  }
  I.Kind = WorkKind::Load;
  I.Slot = static_cast<uint32_t>(Info.Slot);
  return I;
}

void SpillRewriter::rewriteParallelCopy(WorkInstr &I,
                                        std::vector<WorkInstr> &Before) {
  for (WorkOperand &U : I.Uses) {
    if (!isSpilled(U))
      continue;
    if (!F.Vars[U.Reg].RecomputeFrom) {
      U.Slot = F.Vars[U.Reg].Slot;
      continue;
    }
    Bank InBank = F.Vars[U.Reg].InBank;
    Var T = F.makeVar(InBank == Bank::Both ? Bank::A : InBank, /*Pinned=*/true);
    Before.push_back(makeReload(T, U.Reg));
    U.Reg = T;
  }
  for (WorkOperand &D : I.Defs)
    if (isSpilled(D))
      D.Slot = F.Vars[D.Reg].Slot;
}

void SpillRewriter::rewriteBundle(WorkBlock &B, size_t Begin, size_t End,
                                  std::vector<WorkInstr> &Result) {
  std::vector<WorkInstr> Before;
  std::vector<WorkInstr> After;
  // One register for each spilled variable in the bundle.
  SmallVector<std::pair<Var, Var>, 4> Temps;
  auto TempOf = [&](Var V, bool Load) -> Var {
    for (auto [Spilled, Temp] : Temps)
      if (Spilled == V)
        return Temp;
    Bank InBank = F.Vars[V].InBank;
    if (InBank == Bank::Both && !F.Vars[V].MustBeBoth)
      InBank = Bank::A;
    Var T = F.makeVar(InBank, /*Pinned=*/true);
    F.Vars[T].MustBeBoth = F.Vars[V].MustBeBoth;
    F.Vars[T].OneBank = F.Vars[V].OneBank;
    Temps.push_back({V, T});
    if (Load)
      Before.push_back(makeReload(T, V));
    return T;
  };
  for (size_t N = Begin; N < End; ++N) {
    WorkInstr &I = B.Instrs[N];
    if (I.Kind == WorkKind::ParallelCopy) {
      rewriteParallelCopy(I, Before);
      continue;
    }
    // A copy to memory is a store.
    if (I.Kind == WorkKind::Copy && isSpilled(I.Defs[0]) &&
        !isSpilled(I.Uses[0]) && !F.Vars[I.Defs[0].Reg].RecomputeFrom) {
      I.Kind = WorkKind::Store;
      I.Slot = static_cast<uint32_t>(F.Vars[I.Defs[0].Reg].Slot);
      I.Defs.clear();
      if (I.Slot >= F.NumNearSlots)
        I.Scratch.push_back(F.makeVar(Bank::A, /*Pinned=*/true));
      continue;
    }
    for (WorkOperand &U : I.Uses)
      if (isSpilled(U))
        U.Reg = TempOf(U.Reg, /*Load=*/true);
    for (WorkOperand &D : I.Defs) {
      if (!isSpilled(D))
        continue;
      Var Spilled = D.Reg;
      D.Reg = TempOf(Spilled, /*Load=*/false);
      // What can be recomputed needs no slot; the instruction itself is
      // dropped below.
      if (F.Vars[Spilled].RecomputeFrom)
        continue;
      WorkInstr Store;
      Store.Kind = WorkKind::Store;
      Store.Slot = static_cast<uint32_t>(F.Vars[Spilled].Slot);
      Store.Uses.push_back({D.Reg, -1});
      if (Store.Slot >= F.NumNearSlots)
        Store.Scratch.push_back(F.makeVar(Bank::A, /*Pinned=*/true));
      After.push_back(std::move(Store));
    }
  }
  for (WorkInstr &I : Before)
    Result.push_back(std::move(I));
  for (size_t N = Begin; N < End; ++N) {
    // The definition of a recomputed variable has no reader left.
    WorkInstr &I = B.Instrs[N];
    bool Dead =
        I.Rematerializable && !I.Glued && End - Begin == 1 &&
        llvm::any_of(Temps, [&](auto &P) {
          return P.second == I.Defs[0].Reg && F.Vars[P.first].RecomputeFrom;
        });
    if (!Dead)
      Result.push_back(std::move(I));
  }
  for (WorkInstr &I : After)
    Result.push_back(std::move(I));
}

void SpillRewriter::run() {
  for (VarInfo &Info : F.Vars) {
    if (!Info.Spilled)
      continue;
    if (Info.RecomputeFrom) {
      ++F.Stats.RecomputedValues;
      continue;
    }
    ++F.Stats.SpilledValues;
    Info.Slot = static_cast<int32_t>(F.NumSlots++);
  }
  for (WorkBlock &B : F.Blocks) {
    bool Touched = llvm::any_of(B.Instrs, [&](const WorkInstr &I) {
      auto Spilled = [&](const WorkOperand &O) { return isSpilled(O); };
      return llvm::any_of(I.Uses, Spilled) || llvm::any_of(I.Defs, Spilled);
    });
    if (!Touched)
      continue;
    std::vector<WorkInstr> Result;
    Result.reserve(B.Instrs.size() + 16);
    for (size_t Begin = 0, End = 0; Begin < B.Instrs.size(); Begin = End) {
      End = bundleEnd(B, Begin);
      rewriteBundle(B, Begin, End, Result);
    }
    B.Instrs = std::move(Result);
  }
  for (VarInfo &Info : F.Vars)
    Info.Spilled = false;
}

void nfpbpf::ra::rewriteSpills(WorkFunction &F) {
  SpillRewriter(F).run();
  updateScratch(F);
}

//===----------------------------------------------------------------------===//
// Parallel copies
//===----------------------------------------------------------------------===//

bool nfpbpf::ra::touchesSlot(const WorkInstr &I) {
  auto IsSlot = [](const WorkOperand &O) { return O.isSlot(); };
  return llvm::any_of(I.Uses, IsSlot) || llvm::any_of(I.Defs, IsSlot);
}

void nfpbpf::ra::updateScratch(WorkFunction &F) {
  for (WorkBlock &B : F.Blocks) {
    for (WorkInstr &I : B.Instrs) {
      if (I.Kind != WorkKind::ParallelCopy)
        continue;
      unsigned Wanted = touchesSlot(I) ? 2 : I.Uses.size() > 1 ? 1 : 0;
      while (I.Scratch.size() < Wanted)
        I.Scratch.push_back(
            F.makeVar(I.Scratch.empty() ? Bank::A : Bank::B, /*Pinned=*/true));
      // A cycle that runs through memory is broken with one more slot.
      if (Wanted == 2 && I.Uses.size() > 1 && F.CycleSlot < 0)
        F.CycleSlot = static_cast<int32_t>(F.NumSlots++);
    }
  }
}
