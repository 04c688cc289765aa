//===- BankAssignment.cpp - Which bank holds which value ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WorkFunction.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace llvm;
using namespace nfpbpf::ra;

namespace {

/// A wish of two variables to be in different banks (an instruction reads
/// both) or in the same one (a copy between them could vanish).
struct Wish {
  Var Other;
  float Weight;
  bool Different;
};

class BankAssigner {
public:
  BankAssigner(WorkFunction &F, const Liveness &L) : F(F), L(L) {}
  void run();

private:
  void collectWishes();
  void expectFixedRegisters();
  void addWish(Var A, Var B, float Weight, bool Different);
  bool decided(Var V) const {
    return F.Vars[V].Pinned || Done[V] || Expected[V];
  }
  /// Weight of wishes kept with bank A minus those kept with bank B.
  float preferenceForA(Var V, bool OnlyDecided) const;
  void chooseInOrder();
  void improve();
  void keepInBothBanks();

  WorkFunction &F;
  const Liveness &L;
  std::vector<SmallVector<Wish, 2>> Wishes;
  std::vector<char> Done;
  /// A fixed register that the value is copied to is in its bank.
  std::vector<char> Expected;
};

} // namespace

void BankAssigner::addWish(Var A, Var B, float Weight, bool Different) {
  if (A == B)
    return;
  Wishes[A].push_back({B, Weight, Different});
  Wishes[B].push_back({A, Weight, Different});
}

void BankAssigner::collectWishes() {
  Wishes.resize(F.Vars.size());
  for (const WorkBlock &B : F.Blocks) {
    for (const WorkInstr &I : B.Instrs) {
      if (I.DifferentBanks)
        addWish(I.operand(I.DifferentBanks->First).Reg,
                I.operand(I.DifferentBanks->Second).Reg, B.Frequency, true);
      if (I.Kind == WorkKind::Copy || I.Kind == WorkKind::ParallelCopy)
        for (auto [U, D] : llvm::zip_equal(I.Uses, I.Defs))
          addWish(U.Reg, D.Reg, 0.75F * B.Frequency, false);
    }
  }
}

float BankAssigner::preferenceForA(Var V, bool OnlyDecided) const {
  float Gain = 0.0F;
  for (const Wish &W : Wishes[V]) {
    Bank Other = F.Vars[W.Other].InBank;
    if ((OnlyDecided && !decided(W.Other)) || Other == Bank::Both)
      continue;
    bool WantsA = (Other == Bank::A) != W.Different;
    Gain += WantsA ? W.Weight : -W.Weight;
  }
  return Gain;
}

/// What is copied to a fixed register will probably be in its bank: what is
/// read beside it, or makes it, should know that before its own turn comes.
void BankAssigner::expectFixedRegisters() {
  Expected.assign(F.Vars.size(), false);
  for (const WorkBlock &B : F.Blocks)
    for (const WorkInstr &I : B.Instrs)
      if (I.Kind == WorkKind::Copy || I.Kind == WorkKind::ParallelCopy)
        for (auto [U, D] : llvm::zip_equal(I.Uses, I.Defs)) {
          VarInfo &Source = F.Vars[U.Reg];
          const VarInfo &Fixed = F.Vars[D.Reg];
          if (Source.Pinned || !Fixed.Pinned || Fixed.InBank == Bank::Both)
            continue;
          Source.InBank = Fixed.InBank;
          Expected[U.Reg] = true;
        }
}

/// Follows the code: a value takes the bank its already placed neighbours
/// want, or the one where fewer values are live.
void BankAssigner::chooseInOrder() {
  std::vector<Var> Order;
  for (Var V = 0; V < F.Vars.size(); ++V)
    if (!L.Ranges[V].empty())
      Order.push_back(V);
  llvm::sort(Order, [&](Var A, Var B) {
    uint32_t BeginA = L.Ranges[A][0].Begin, BeginB = L.Ranges[B][0].Begin;
    return BeginA != BeginB ? BeginA < BeginB : A < B;
  });
  // Ends of the live values per bank, as min-heaps.
  std::vector<uint32_t> Live[2];
  for (Var V : Order) {
    uint32_t Begin = L.Ranges[V].front().Begin;
    for (auto &Heap : Live) {
      while (!Heap.empty() && Heap.front() <= Begin) {
        std::pop_heap(Heap.begin(), Heap.end(), std::greater<>());
        Heap.pop_back();
      }
    }
    VarInfo &Info = F.Vars[V];
    if (!Info.Pinned) {
      float Gain = preferenceForA(V, /*OnlyDecided=*/true);
      bool UseA = Gain > 0 || (Gain == 0 && Live[0].size() <= Live[1].size());
      // A nearly full bank is worse than a copy.
      if (UseA && Live[0].size() > 18 && Live[0].size() > Live[1].size() + 4)
        UseA = false;
      else if (!UseA && Live[1].size() > 18 &&
               Live[1].size() > Live[0].size() + 4)
        UseA = true;
      Info.InBank = UseA ? Bank::A : Bank::B;
      Done[V] = true;
    }
    auto &Heap = Live[inBankA(Info.InBank) ? 0 : 1];
    Heap.push_back(L.Ranges[V].back().End);
    std::push_heap(Heap.begin(), Heap.end(), std::greater<>());
  }
}

/// Moves single values to the other bank where that keeps more wishes.
void BankAssigner::improve() {
  for (unsigned Pass = 0; Pass < 3; ++Pass) {
    bool Changed = false;
    for (Var V = 0; V < F.Vars.size(); ++V) {
      VarInfo &Info = F.Vars[V];
      if (Info.Pinned || Wishes[V].empty())
        continue;
      float Gain = preferenceForA(V, /*OnlyDecided=*/false);
      Bank Better = Gain > 0 ? Bank::A : Bank::B;
      if (Gain == 0 || Better == Info.InBank)
        continue;
      Info.InBank = Better;
      Changed = true;
    }
    if (!Changed)
      break;
  }
}

/// Values that would need a copy somewhere go to both banks while registers are
/// plenty: writing both costs nothing.
void BankAssigner::keepInBothBanks() {
  constexpr unsigned MaxLive = 17;
  constexpr uint32_t MaxLength = 4096;
  std::vector<uint8_t> Pressure[2];
  auto Walk = [&](Var V, auto Fn) {
    for (const LiveRange &R : L.Ranges[V])
      for (uint32_t N = R.Begin / 4; N <= (R.End - 1) / 4; ++N)
        Fn(N);
  };
  auto Length = [&](Var V) {
    uint32_t Sum = 0;
    for (const LiveRange &R : L.Ranges[V])
      Sum += (R.End - 1) / 4 - R.Begin / 4 + 1;
    return Sum;
  };
  // Differences first, so that long intervals cost nothing here.
  for (unsigned N = 0; N < 2; ++N) {
    std::vector<int> Delta(L.NumPositions / 4 + 2, 0);
    for (Var V = 0; V < F.Vars.size(); ++V) {
      Bank B = F.Vars[V].InBank;
      if (N == 0 ? !inBankA(B) : !inBankB(B))
        continue;
      for (const LiveRange &R : L.Ranges[V]) {
        ++Delta[R.Begin / 4];
        --Delta[(R.End - 1) / 4 + 1];
      }
    }
    int Sum = 0;
    Pressure[N].resize(Delta.size());
    for (size_t P = 0; P < Delta.size(); ++P) {
      Sum += Delta[P];
      Pressure[N][P] = static_cast<uint8_t>(std::min(Sum, 255));
    }
  }
  for (Var V = 0; V < F.Vars.size(); ++V) {
    VarInfo &Info = F.Vars[V];
    if (Info.Pinned || Info.OneBank || Info.InBank == Bank::Both)
      continue;
    float Broken = 0.0F;
    for (const Wish &W : Wishes[V])
      if (W.Different && F.Vars[W.Other].InBank == Info.InBank)
        Broken += W.Weight;
    if (Broken == 0.0F || Length(V) > MaxLength)
      continue;
    auto &Other = Pressure[Info.InBank == Bank::A ? 1 : 0];
    bool Fits = true;
    Walk(V, [&](uint32_t N) { Fits &= Other[N] < MaxLive; });
    if (!Fits)
      continue;
    Walk(V, [&](uint32_t N) { ++Other[N]; });
    Info.InBank = Bank::Both;
  }
}

void BankAssigner::run() {
  Done.assign(F.Vars.size(), false);
  collectWishes();
  expectFixedRegisters();
  chooseInOrder();
  improve();
  keepInBothBanks();
}

void nfpbpf::ra::assignBanks(WorkFunction &F, const Liveness &L) {
  BankAssigner(F, L).run();
}
