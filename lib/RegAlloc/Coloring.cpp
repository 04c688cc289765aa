//===- Coloring.cpp - Registers for live intervals ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every register keeps an ordered map of the ranges in which it is taken, so
// whether an interval fits is a few searches, whatever the size of the
// function.
//
//===----------------------------------------------------------------------===//

#include "WorkFunction.h"
#include "llvm/ADT/STLExtras.h"
#include <array>
#include <limits>
#include <map>

using namespace llvm;
using namespace nfpbpf::ra;

namespace {

constexpr uint8_t Unassigned = 0xff;
/// Owner of ranges that no variable has: clobbered registers.
constexpr Var NoVar = ~0U;
constexpr float Infinite = std::numeric_limits<float>::infinity();

/// The ranges in which one register is taken.
class Occupancy {
public:
  struct Entry {
    uint32_t End;
    Var Owner;
  };

  /// Calls \p Fn with the owner of every range that overlaps \p Ranges, until
  /// it returns false. Returns false if it did.
  template <typename FnT>
  bool forOverlaps(ArrayRef<LiveRange> Ranges, FnT Fn) const {
    for (const LiveRange &R : Ranges) {
      auto It = Taken.upper_bound(R.Begin);
      if (It != Taken.begin() && std::prev(It)->second.End > R.Begin)
        --It;
      for (; It != Taken.end() && It->first < R.End; ++It)
        if (!Fn(It->second.Owner))
          return false;
    }
    return true;
  }
  bool isFree(ArrayRef<LiveRange> Ranges) const {
    return forOverlaps(Ranges, [](Var) { return false; });
  }
  void add(ArrayRef<LiveRange> Ranges, Var Owner) {
    for (const LiveRange &R : Ranges)
      Taken[R.Begin] = {R.End, Owner};
  }
  void remove(ArrayRef<LiveRange> Ranges) {
    for (const LiveRange &R : Ranges)
      Taken.erase(R.Begin);
  }

private:
  std::map<uint32_t, Entry> Taken;
};

class Colorer {
public:
  Colorer(WorkFunction &F, const Liveness &L) : F(F), L(L) {}
  Expected<Coloring> run();

private:
  Error placeFixed();
  void collectHints();
  Error place(Var V);
  bool placeFree(Var V, Bank B);
  bool evictFor(Var V);
  void assign(Var V, Bank B, unsigned Number);
  void unassign(Var V);
  void spill(Var V);
  bool isFree(Var V, Bank B, unsigned Number) const;
  float weight(Var V) const;
  static bool allocatable(Bank B, unsigned Number) {
    return !(inBankA(B) && Number == StackBaseReg);
  }

  WorkFunction &F;
  const Liveness &L;
  std::array<Occupancy, NumRegs> Regs[2];
  std::vector<SmallVector<Var, 2>> Hints;
  Coloring Result;
};

} // namespace

bool Colorer::isFree(Var V, Bank B, unsigned Number) const {
  if (!allocatable(B, Number))
    return false;
  return (!inBankA(B) || Regs[0][Number].isFree(L.Ranges[V])) &&
         (!inBankB(B) || Regs[1][Number].isFree(L.Ranges[V]));
}

void Colorer::assign(Var V, Bank B, unsigned Number) {
  F.Vars[V].InBank = B;
  Result.Number[V] = static_cast<uint8_t>(Number);
  if (inBankA(B))
    Regs[0][Number].add(L.Ranges[V], V);
  if (inBankB(B))
    Regs[1][Number].add(L.Ranges[V], V);
}

void Colorer::unassign(Var V) {
  unsigned Number = Result.Number[V];
  Bank B = F.Vars[V].InBank;
  if (inBankA(B))
    Regs[0][Number].remove(L.Ranges[V]);
  if (inBankB(B))
    Regs[1][Number].remove(L.Ranges[V]);
  Result.Number[V] = Unassigned;
}

void Colorer::spill(Var V) {
  F.Vars[V].Spilled = true;
  Result.Changed = true;
}

/// What it costs to have the variable in memory, per position it occupies.
float Colorer::weight(Var V) const {
  const VarInfo &Info = F.Vars[V];
  if (Info.Pinned)
    return Infinite;
  uint32_t Length = 0;
  for (const LiveRange &R : L.Ranges[V])
    Length += R.End - R.Begin;
  float Cost = L.Accesses[V] * (Info.RecomputeFrom ? 0.4F : 1.0F);
  return Cost / static_cast<float>(Length + 4);
}

void Colorer::collectHints() {
  Hints.resize(F.Vars.size());
  for (const WorkBlock &B : F.Blocks) {
    for (const WorkInstr &I : B.Instrs) {
      if (I.Kind != WorkKind::Copy && I.Kind != WorkKind::ParallelCopy)
        continue;
      for (auto [U, D] : llvm::zip_equal(I.Uses, I.Defs)) {
        if (U.isSlot() || D.isSlot())
          continue;
        Hints[U.Reg].push_back(D.Reg);
        Hints[D.Reg].push_back(U.Reg);
      }
    }
  }
}

Error Colorer::placeFixed() {
  for (auto [Mask, Range] : L.Clobbers)
    for (unsigned N = 0; N < NumRegs; ++N)
      for (unsigned B = 0; B < 2; ++B)
        if (Mask >> (B * 32 + N) & 1)
          Regs[B][N].add(Range, NoVar);
  for (Var V = 0; V < F.Vars.size(); ++V) {
    const VarInfo &Info = F.Vars[V];
    if (!Info.Fixed || L.Ranges[V].empty())
      continue;
    if (!isFree(V, Info.Fixed->InBank, Info.Fixed->Number))
      return createStringError("two values are fixed to register %u at once",
                               unsigned(Info.Fixed->Number));
    assign(V, Info.Fixed->InBank, Info.Fixed->Number);
  }
  return Error::success();
}

bool Colorer::placeFree(Var V, Bank B) {
  for (Var Hint : Hints[V]) {
    unsigned Number = Result.Number[Hint];
    uint8_t Shared =
        static_cast<uint8_t>(F.Vars[Hint].InBank) & static_cast<uint8_t>(B);
    if (Number != Unassigned && Shared && isFree(V, B, Number)) {
      assign(V, B, Number);
      return true;
    }
  }
  // What it will be copied to has not been placed yet, and may need a register
  // that calls leave alone.
  const Var *Later = llvm::find_if(Hints[V], [&](Var Hint) {
    const VarInfo &Info = F.Vars[Hint];
    return Result.Number[Hint] == Unassigned && !Info.Fixed &&
           Info.InBank == B && !L.Ranges[Hint].empty();
  });
  if (Later != Hints[V].end())
    for (unsigned Number = 1; Number < NumRegs; ++Number)
      if (isFree(V, B, Number) && isFree(*Later, B, Number)) {
        assign(V, B, Number);
        return true;
      }
  // Number 0 last: in bank A it carries the exit word.
  for (unsigned N = 1; N <= NumRegs; ++N) {
    const unsigned Number = N % NumRegs;
    if (isFree(V, B, Number)) {
      assign(V, B, Number);
      return true;
    }
  }
  return false;
}

/// Makes room for \p V by spilling variables that are cheaper to spill.
bool Colorer::evictFor(Var V) {
  Bank B = F.Vars[V].InBank;
  float Best = weight(V);
  unsigned BestNumber = NumRegs;
  for (unsigned Number = 0; Number < NumRegs; ++Number) {
    if (!allocatable(B, Number))
      continue;
    float Cost = 0.0F;
    Var Last = NoVar;
    auto Count = [&](Var Owner) {
      if (Owner == NoVar)
        Cost = Infinite;
      else if (Owner != Last)
        Cost += weight(Owner);
      Last = Owner;
      return Cost < Best;
    };
    if ((inBankA(B) && !Regs[0][Number].forOverlaps(L.Ranges[V], Count)) ||
        (inBankB(B) && !Regs[1][Number].forOverlaps(L.Ranges[V], Count)))
      continue;
    Best = Cost;
    BestNumber = Number;
  }
  if (BestNumber == NumRegs)
    return false;
  SmallVector<Var, 4> Evicted;
  auto Collect = [&](Var Owner) {
    if (!llvm::is_contained(Evicted, Owner))
      Evicted.push_back(Owner);
    return true;
  };
  if (inBankA(B))
    Regs[0][BestNumber].forOverlaps(L.Ranges[V], Collect);
  if (inBankB(B))
    Regs[1][BestNumber].forOverlaps(L.Ranges[V], Collect);
  for (Var E : Evicted)
    unassign(E);
  assign(V, B, BestNumber);
  for (Var E : Evicted) {
    VarInfo &Info = F.Vars[E];
    if (Info.InBank != Bank::Both && placeFree(E, Info.InBank))
      continue;
    if (!Info.Moved && Info.InBank != Bank::Both &&
        placeFree(E, otherBank(Info.InBank))) {
      Info.Moved = true;
      Result.Changed = true;
      continue;
    }
    spill(E);
  }
  return true;
}

Error Colorer::place(Var V) {
  VarInfo &Info = F.Vars[V];
  if (placeFree(V, Info.InBank))
    return Error::success();
  if (Info.InBank == Bank::Both && !Info.MustBeBoth) {
    // One bank and a copy must do.
    Result.Changed = true;
    Info.OneBank = true;
    Info.InBank = Bank::A;
    if (placeFree(V, Bank::A) || placeFree(V, Bank::B))
      return Error::success();
  }
  if (!Info.Pinned && !Info.Moved && Info.InBank != Bank::Both &&
      placeFree(V, otherBank(Info.InBank))) {
    Info.Moved = true;
    Result.Changed = true;
    return Error::success();
  }
  if (evictFor(V))
    return Error::success();
  if (Info.Pinned)
    return createStringError("an instruction needs more registers at once than "
                             "bank %s has",
                             inBankA(Info.InBank) ? "A" : "B");
  spill(V);
  return Error::success();
}

Expected<Coloring> Colorer::run() {
  Result.Number.assign(F.Vars.size(), Unassigned);
  collectHints();
  if (Error E = placeFixed())
    return std::move(E);
  std::vector<Var> Order;
  for (Var V = 0; V < F.Vars.size(); ++V)
    if (!F.Vars[V].Fixed && !L.Ranges[V].empty())
      Order.push_back(V);
  llvm::sort(Order, [&](Var A, Var B) {
    uint32_t BeginA = L.Ranges[A][0].Begin, BeginB = L.Ranges[B][0].Begin;
    return BeginA != BeginB ? BeginA < BeginB : A < B;
  });
  for (Var V : Order)
    if (Error E = place(V))
      return std::move(E);
  return std::move(Result);
}

Expected<Coloring> nfpbpf::ra::colorRegisters(WorkFunction &F,
                                              const Liveness &L) {
  return Colorer(F, L).run();
}
