//===- ParallelCopy.cpp - Parallel copies as sequences --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WorkFunction.h"
#include "llvm/ADT/STLExtras.h"
#include <cassert>

using namespace llvm;
using namespace nfpbpf::ra;

void nfpbpf::ra::appendCopy(PhysReg Dst, PhysReg Src,
                            std::vector<OutInstr> &Out) {
  // Only the banks that do not hold the value already.
  if (Dst.Number == Src.Number) {
    uint8_t Missing =
        static_cast<uint8_t>(Dst.InBank) & ~static_cast<uint8_t>(Src.InBank);
    if (!Missing)
      return;
    Dst.InBank = static_cast<Bank>(Missing);
  }
  OutInstr I;
  I.Kind = OutKind::Copy;
  I.Uses.push_back(Src);
  I.Defs.push_back(Dst);
  Out.push_back(std::move(I));
}

namespace {

class Sequencer {
public:
  Sequencer(ArrayRef<PhysReg> Scratch, uint32_t CycleSlot,
            uint32_t NumNearSlots, std::vector<OutInstr> &Out)
      : Scratch(Scratch), CycleSlot(CycleSlot), NumNearSlots(NumNearSlots),
        Out(Out) {}

  void emit(const Location &Dst, const Location &Src);
  void run(ArrayRef<Move> Moves);

  static bool same(const Location &A, const Location &B) {
    if (A.Reg.has_value() != B.Reg.has_value())
      return false;
    return A.Reg ? *A.Reg == *B.Reg : A.Slot == B.Slot;
  }
  /// Writing \p Written destroys (part of) \p Read.
  static bool overlaps(const Location &Written, const Location &Read) {
    if (Written.Reg.has_value() != Read.Reg.has_value())
      return false;
    return Written.Reg ? (maskOf(*Written.Reg) & maskOf(*Read.Reg)) != 0
                       : Written.Slot == Read.Slot;
  }

private:
  void load(PhysReg Dst, uint32_t Slot);
  void store(uint32_t Slot, PhysReg Src, std::optional<PhysReg> Address);

  ArrayRef<PhysReg> Scratch;
  uint32_t CycleSlot;
  uint32_t NumNearSlots;
  std::vector<OutInstr> &Out;
};

} // namespace

void Sequencer::load(PhysReg Dst, uint32_t Slot) {
  OutInstr I;
  I.Kind = OutKind::Load;
  I.Slot = Slot;
  I.Defs.push_back(Dst);
  Out.push_back(std::move(I));
}

void Sequencer::store(uint32_t Slot, PhysReg Src,
                      std::optional<PhysReg> Address) {
  OutInstr I;
  I.Kind = OutKind::Store;
  I.Slot = Slot;
  I.Uses.push_back(Src);
  if (Slot >= NumNearSlots)
    I.Scratch = Address;
  Out.push_back(std::move(I));
}

void Sequencer::emit(const Location &Dst, const Location &Src) {
  if (same(Dst, Src))
    return;
  if (Dst.Reg && Src.Reg) {
    appendCopy(*Dst.Reg, *Src.Reg, Out);
  } else if (Dst.Reg) {
    load(*Dst.Reg, Src.Slot);
  } else if (Src.Reg) {
    store(Dst.Slot, *Src.Reg,
          Scratch.empty() ? std::nullopt : std::optional(Scratch[0]));
  } else {
    assert(Scratch.size() == 2 && "move between slots needs two registers");
    load(Scratch[0], Src.Slot);
    store(Dst.Slot, Scratch[0], Scratch[1]);
  }
}

void Sequencer::run(ArrayRef<Move> Moves) {
  std::vector<Move> Pending;
  for (const Move &M : Moves)
    if (!same(M.Dst, M.Src))
      Pending.push_back(M);
  bool UsesSlots = llvm::any_of(
      Moves, [](const Move &M) { return !M.Dst.Reg || !M.Src.Reg; });
  // Readers of each destination are counted by search: parallel copies are
  // short.
  while (!Pending.empty()) {
    bool Progress = false;
    for (size_t N = 0; N < Pending.size();) {
      bool Blocked = false;
      for (size_t K = 0; K < Pending.size() && !Blocked; ++K)
        Blocked = K != N && overlaps(Pending[N].Dst, Pending[K].Src);
      if (Blocked) {
        ++N;
        continue;
      }
      emit(Pending[N].Dst, Pending[N].Src);
      Pending.erase(Pending.begin() + static_cast<ptrdiff_t>(N));
      Progress = true;
    }
    if (Progress)
      continue;
    // Only cycles are left: save one source and read it from there.
    Location Saved;
    if (UsesSlots)
      Saved.Slot = CycleSlot;
    else
      Saved.Reg = Scratch[0];
    Location Source = Pending[0].Src;
    emit(Saved, Source);
    for (Move &M : Pending)
      if (same(M.Src, Source))
        M.Src = Saved;
  }
}

void nfpbpf::ra::sequentialize(ArrayRef<Move> Moves, ArrayRef<PhysReg> Scratch,
                               uint32_t CycleSlot, uint32_t NumNearSlots,
                               std::vector<OutInstr> &Out) {
  Sequencer(Scratch, CycleSlot, NumNearSlots, Out).run(Moves);
}
