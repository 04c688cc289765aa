//===- Lowering.cpp - Constraints become copies ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WorkFunction.h"

using namespace llvm;
using namespace nfpbpf::ra;

namespace {

class Lowering {
public:
  explicit Lowering(const Function &F) : In(F) {}
  Expected<WorkFunction> run();

private:
  Error lowerBlock(uint32_t Index);
  Error lowerBundle(const Block &B, size_t Begin, size_t End, WorkBlock &Out);
  Var makeFixed(PhysReg R);

  const Function &In;
  WorkFunction Out;
};

} // namespace

Var Lowering::makeFixed(PhysReg R) {
  Var V = Out.makeVar(R.InBank, /*Pinned=*/true);
  Out.Vars[V].Fixed = R;
  return V;
}

/// Lowers instructions [Begin, End), between which nothing can be inserted.
Error Lowering::lowerBundle(const Block &B, size_t Begin, size_t End,
                            WorkBlock &Out) {
  std::vector<WorkInstr> Body;
  std::vector<WorkInstr> After;
  // Values that are defined in the bundle cannot be copied in front of it.
  SmallVector<Value, 4> DefinedInside;
  auto CheckBefore = [&](const Instr &I, Value V) -> Error {
    for (Value D : DefinedInside)
      if (D == V)
        return createStringError("instruction %u: a register copy is needed "
                                 "between glued instructions",
                                 I.Origin);
    return Error::success();
  };
  for (size_t N = Begin; N < End; ++N) {
    const Instr &I = B.Instrs[N];
    WorkInstr W;
    W.Origin = I.Origin;
    W.Glued = I.Glued;
    W.Rematerializable = I.Rematerializable;
    W.DifferentBanks = I.DifferentBanks;
    W.TiedUse = I.TiedUse;
    W.Clobbers = I.Clobbers;
    for (const Operand &U : I.Uses) {
      if (!U.Fixed) {
        W.Uses.push_back({U.Val, -1});
        continue;
      }
      if (Error E = CheckBefore(I, U.Val))
        return E;
      Var T = makeFixed(*U.Fixed);
      Out.Instrs.push_back(makeCopy(T, U.Val));
      W.Uses.push_back({T, -1});
    }
    for (const Operand &D : I.Defs) {
      DefinedInside.push_back(D.Val);
      if (!D.Fixed) {
        W.Defs.push_back({D.Val, -1});
        continue;
      }
      Var T = makeFixed(*D.Fixed);
      After.push_back(makeCopy(D.Val, T));
      W.Defs.push_back({T, -1});
    }
    if (I.TiedUse) {
      Value Old = I.Uses[*I.TiedUse].Val;
      if (Error E = CheckBefore(I, Old))
        return E;
      Var Result = W.Defs[0].Reg;
      this->Out.Vars[Result].OneBank = true;
      Out.Instrs.push_back(makeCopy(Result, Old));
      W.Uses[*I.TiedUse].Reg = Result;
    }
    if (I.Rematerializable)
      this->Out.Vars[W.Defs[0].Reg].RecomputeFrom = I.Origin;
    Body.push_back(std::move(W));
  }
  for (WorkInstr &W : Body)
    Out.Instrs.push_back(std::move(W));
  // The first result last: where two of them must be in different banks, it is
  // the one that leaves A0, where the exit word goes.
  for (WorkInstr &W : llvm::reverse(After))
    Out.Instrs.push_back(std::move(W));
  return Error::success();
}

Error Lowering::lowerBlock(uint32_t Index) {
  const Block &B = In.Blocks[Index];
  WorkBlock &W = Out.Blocks[Index];
  W.Frequency = B.Frequency;
  // Parallel copies work on single registers.
  for (Value P : B.Params)
    Out.Vars[P].OneBank = true;
  if (Index == 0 && !In.EntryValues.empty()) {
    WorkInstr Entry;
    Entry.Kind = WorkKind::Entry;
    W.Instrs.push_back(Entry);
    for (const Operand &V : In.EntryValues) {
      Var T = makeFixed(*V.Fixed);
      W.Instrs[0].Defs.push_back({T, -1});
      W.Instrs.push_back(makeCopy(V.Val, T));
    }
  }
  size_t End = 0;
  for (size_t Begin = 0; Begin < B.Instrs.size(); Begin = End) {
    End = Begin + 1;
    while (End < B.Instrs.size() && B.Instrs[End].Glued)
      ++End;
    if (End == B.Instrs.size()) {
      // Copies of the edge stand before the terminator.
      for (const Edge &E : B.Edges) {
        if (E.Args.empty())
          continue;
        if (B.Edges.size() != 1)
          return createStringError("block %u passes values on a critical edge",
                                   Index);
        WorkInstr Copy;
        Copy.Kind = WorkKind::ParallelCopy;
        for (auto [Param, Arg] :
             llvm::zip_equal(In.Blocks[E.Target].Params, E.Args)) {
          Copy.Defs.push_back({Param, -1});
          Copy.Uses.push_back({Arg, -1});
        }
        W.Instrs.push_back(std::move(Copy));
      }
    }
    if (Error E = lowerBundle(B, Begin, End, W))
      return E;
  }
  for (const Edge &E : B.Edges) {
    if (llvm::is_contained(W.Succs, E.Target))
      continue;
    W.Succs.push_back(E.Target);
    Out.Blocks[E.Target].Preds.push_back(Index);
  }
  return Error::success();
}

Expected<WorkFunction> Lowering::run() {
  Out.NumNearSlots = In.NumNearSlots;
  Out.Vars.resize(In.NumValues);
  Out.Blocks.resize(In.Blocks.size());
  for (uint32_t N = 0; N < In.Blocks.size(); ++N)
    if (Error E = lowerBlock(N))
      return std::move(E);
  return std::move(Out);
}

Expected<WorkFunction> nfpbpf::ra::lowerToWork(const Function &F) {
  return Lowering(F).run();
}
