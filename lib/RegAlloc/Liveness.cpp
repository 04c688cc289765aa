//===- Liveness.cpp - Live intervals --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Liveness is found variable by variable: from each block that reads a variable
// before writing it, backwards to the blocks that write it. The work is the
// number of (variable, block) pairs that are really live; no matrix is built.
//
//===----------------------------------------------------------------------===//

#include "WorkFunction.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace llvm;
using namespace nfpbpf::ra;

namespace {
constexpr uint32_t None = ~0U;

struct BlockSets {
  std::vector<Var> LiveIn;
  std::vector<Var> LiveOut;
};
} // namespace

static std::vector<BlockSets> computeSets(const WorkFunction &F) {
  size_t NumVars = F.Vars.size();
  std::vector<BlockSets> Sets(F.Blocks.size());
  // Blocks that read a variable before any write of it, and those that write.
  std::vector<std::pair<Var, uint32_t>> Exposed;
  std::vector<SmallVector<uint32_t, 1>> DefBlocks(NumVars);
  std::vector<uint32_t> SeenDef(NumVars, None);
  std::vector<uint32_t> SeenUse(NumVars, None);
  for (uint32_t B = 0; B < F.Blocks.size(); ++B) {
    for (const WorkInstr &I : F.Blocks[B].Instrs) {
      for (const WorkOperand &U : I.Uses) {
        if (U.isSlot() || SeenDef[U.Reg] == B || SeenUse[U.Reg] == B)
          continue;
        SeenUse[U.Reg] = B;
        Exposed.push_back({U.Reg, B});
      }
      for (const WorkOperand &D : I.Defs) {
        if (D.isSlot() || SeenDef[D.Reg] == B)
          continue;
        SeenDef[D.Reg] = B;
        DefBlocks[D.Reg].push_back(B);
      }
    }
  }
  llvm::sort(Exposed);

  std::vector<Var> InOf(F.Blocks.size(), None);
  std::vector<Var> OutOf(F.Blocks.size(), None);
  SmallVector<uint32_t, 16> Work;
  for (auto [V, Start] : Exposed) {
    Work.push_back(Start);
    while (!Work.empty()) {
      uint32_t B = Work.pop_back_val();
      if (InOf[B] == V)
        continue;
      InOf[B] = V;
      Sets[B].LiveIn.push_back(V);
      for (uint32_t P : F.Blocks[B].Preds) {
        if (OutOf[P] == V)
          continue;
        OutOf[P] = V;
        Sets[P].LiveOut.push_back(V);
        if (!std::binary_search(DefBlocks[V].begin(), DefBlocks[V].end(), P))
          Work.push_back(P);
      }
    }
  }
  return Sets;
}

Liveness nfpbpf::ra::computeLiveness(const WorkFunction &F) {
  std::vector<BlockSets> Sets = computeSets(F);
  Liveness L;
  L.Ranges.resize(F.Vars.size());
  L.Accesses.assign(F.Vars.size(), 0.0F);

  std::vector<uint32_t> FirstNumber(F.Blocks.size() + 1, 0);
  for (size_t B = 0; B < F.Blocks.size(); ++B)
    FirstNumber[B + 1] =
        FirstNumber[B] + static_cast<uint32_t>(F.Blocks[B].Instrs.size()) + 1;
  L.NumPositions = FirstNumber.back() * 4;

  // Backwards over everything; ranges come out in descending order.
  std::vector<uint32_t> End(F.Vars.size(), 0);
  auto AddRange = [&](Var V, uint32_t Begin, uint32_t EndPos) {
    auto &Ranges = L.Ranges[V];
    if (!Ranges.empty() && Ranges.back().Begin == EndPos)
      Ranges.back().Begin = Begin;
    else
      Ranges.push_back({Begin, EndPos});
  };
  for (size_t B = F.Blocks.size(); B-- > 0;) {
    const WorkBlock &Block = F.Blocks[B];
    for (Var V : Sets[B].LiveOut)
      End[V] = FirstNumber[B + 1] * 4;
    for (size_t N = Block.Instrs.size(); N-- > 0;) {
      const WorkInstr &I = Block.Instrs[N];
      uint32_t Pos = (FirstNumber[B] + 1 + static_cast<uint32_t>(N)) * 4;
      for (const WorkOperand &D : I.Defs) {
        if (D.isSlot())
          continue;
        L.Accesses[D.Reg] += Block.Frequency;
        AddRange(D.Reg, Pos + 2, End[D.Reg] ? End[D.Reg] : Pos + 3);
        End[D.Reg] = 0;
      }
      for (Var V : I.Scratch)
        AddRange(V, Pos, Pos + 3);
      if (I.Clobbers)
        L.Clobbers.push_back({I.Clobbers, {Pos + 1, Pos + 2}});
      for (const WorkOperand &U : I.Uses) {
        if (U.isSlot())
          continue;
        L.Accesses[U.Reg] += Block.Frequency;
        if (!End[U.Reg])
          End[U.Reg] = Pos + 1;
      }
    }
    for (Var V : Sets[B].LiveIn) {
      AddRange(V, FirstNumber[B] * 4, End[V]);
      End[V] = 0;
    }
  }
  for (auto &Ranges : L.Ranges)
    std::reverse(Ranges.begin(), Ranges.end());
  return L;
}
