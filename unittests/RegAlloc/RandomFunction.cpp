//===- RandomFunction.cpp - Random input for the allocator ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace nfpbpf::ra;
using namespace nfpbpf::ra::test;

namespace {

class Generator {
public:
  Generator(std::mt19937 &Rng, const RandomOptions &O) : Rng(Rng), O(O) {}
  Function run();

private:
  unsigned pick(unsigned N) { return static_cast<unsigned>(Rng() % N); }
  Value newValue() { return F.NumValues++; }
  Value pickValue();
  Instr newInstr() {
    Instr I;
    I.Origin = NextOrigin++;
    return I;
  }
  void makeGraph();
  void makeInstrs(uint32_t B);
  void addPlain(std::vector<Instr> &Out);
  void addCall(std::vector<Instr> &Out);
  void addBundle(std::vector<Instr> &Out);

  std::mt19937 &Rng;
  const RandomOptions &O;
  Function F;
  uint32_t NextOrigin = 0;
  /// Values that may be used in the current block.
  std::vector<Value> Available;
  std::vector<uint32_t> Dominator;
  std::vector<std::vector<Value>> DefinedIn;
};

} // namespace

Value Generator::pickValue() {
  size_t N = Available.size();
  if (pick(5) == 0 || N <= O.Window)
    return Available[pick(static_cast<unsigned>(N))];
  return Available[N - 1 - pick(O.Window)];
}

/// A chain of blocks with branches forward and backward. Critical edges get a
/// block of their own.
void Generator::makeGraph() {
  unsigned N = O.Blocks;
  F.Blocks.resize(N);
  for (unsigned B = 0; B + 1 < N; ++B) {
    F.Blocks[B].Edges.push_back({B + 1, {}});
    if (pick(2))
      F.Blocks[B].Edges.push_back({1 + pick(N - 1), {}});
  }
  std::vector<unsigned> NumPreds(N, 0);
  for (const Block &B : F.Blocks)
    for (const Edge &E : B.Edges)
      ++NumPreds[E.Target];
  for (unsigned B = 0; B < N; ++B) {
    if (F.Blocks[B].Edges.size() < 2)
      continue;
    for (unsigned E = 0; E < 2; ++E) {
      uint32_t Target = F.Blocks[B].Edges[E].Target;
      if (NumPreds[Target] < 2)
        continue;
      Block Split;
      Split.Edges.push_back({Target, {}});
      F.Blocks[B].Edges[E].Target = static_cast<uint32_t>(F.Blocks.size());
      F.Blocks.push_back(Split);
    }
  }
  // Immediate dominators by iteration (the function is small).
  size_t Count = F.Blocks.size();
  std::vector<std::vector<bool>> Dom(Count, std::vector<bool>(Count, true));
  Dom[0].assign(Count, false);
  Dom[0][0] = true;
  for (bool Changed = true; Changed;) {
    Changed = false;
    for (size_t B = 1; B < Count; ++B) {
      std::vector<bool> New(Count, true);
      for (size_t P = 0; P < Count; ++P)
        for (const Edge &E : F.Blocks[P].Edges)
          if (E.Target == B)
            for (size_t K = 0; K < Count; ++K)
              New[K] = New[K] && Dom[P][K];
      New[B] = true;
      if (New != Dom[B]) {
        Dom[B] = New;
        Changed = true;
      }
    }
  }
  Dominator.assign(Count, 0);
  for (size_t B = 1; B < Count; ++B) {
    size_t Best = 0, BestDepth = 0;
    for (size_t K = 0; K < Count; ++K) {
      size_t Depth = static_cast<size_t>(llvm::count(Dom[K], true));
      if (K != B && Dom[B][K] && Depth >= BestDepth) {
        Best = K;
        BestDepth = Depth;
      }
    }
    Dominator[B] = static_cast<uint32_t>(Best);
  }
  // Parameters where every predecessor has one edge.
  for (size_t B = 1; B < Count; ++B) {
    unsigned Preds = 0;
    bool Single = true;
    for (const Block &P : F.Blocks)
      for (const Edge &E : P.Edges)
        if (E.Target == B) {
          ++Preds;
          Single = Single && P.Edges.size() == 1;
        }
    if (Preds == 0 || !Single)
      continue;
    for (unsigned K = pick(O.Window) / 2; K > 0; --K)
      F.Blocks[B].Params.push_back(newValue());
  }
}

void Generator::addPlain(std::vector<Instr> &Out) {
  Instr I = newInstr();
  switch (pick(6)) {
  case 0: // constant
    I.Rematerializable = true;
    break;
  case 1: // one operand
    I.Uses.push_back(pickValue());
    break;
  case 2: // merge into a register
    I.Uses.push_back(pickValue());
    I.Uses.push_back(pickValue());
    I.TiedUse = 0;
    I.DifferentBanks = BankConflict{0, 1};
    break;
  case 3: // result and source in different banks
    I.Uses.push_back(pickValue());
    I.DifferentBanks = BankConflict{0, 1};
    break;
  default:
    I.Uses.push_back(pickValue());
    I.Uses.push_back(pickValue());
    I.DifferentBanks = BankConflict{0, 1};
    break;
  }
  I.Defs.push_back(newValue());
  Available.push_back(I.Defs[0].Val);
  if (!I.DifferentBanks && !I.Rematerializable && pick(3) == 0) {
    I.Defs.push_back(newValue());
    Available.push_back(I.Defs[1].Val);
  }
  Out.push_back(I);
}

void Generator::addCall(std::vector<Instr> &Out) {
  Instr I = newInstr();
  I.Uses.push_back({pickValue(), PhysReg{Bank::A, 0}});
  I.Uses.push_back({pickValue(), PhysReg{Bank::Both, 8}});
  if (pick(2))
    I.Uses.push_back(pickValue());
  for (unsigned N = 0; N < 12; ++N)
    I.Clobbers |= maskOf({Bank::Both, static_cast<uint8_t>(N)});
  I.Clobbers |= maskOf({Bank::Both, 20}) | maskOf({Bank::Both, 21}) |
                maskOf({Bank::Both, 23});
  I.Defs.push_back({newValue(), PhysReg{Bank::Both, 0}});
  I.Defs.push_back({newValue(), PhysReg{Bank::A, 1}});
  Available.push_back(I.Defs[0].Val);
  Available.push_back(I.Defs[1].Val);
  Out.push_back(I);
}

/// Two or three instructions between which nothing may stand.
void Generator::addBundle(std::vector<Instr> &Out) {
  Instr First = newInstr();
  First.Uses.push_back(pickValue());
  Instr Second = newInstr();
  Second.Glued = true;
  Second.Uses.push_back(pickValue());
  Second.Uses.push_back(pickValue());
  Second.DifferentBanks = BankConflict{0, 1};
  if (pick(2)) {
    First.Defs.push_back(newValue());
    // The result may be used inside the bundle.
    if (pick(2))
      Second.Uses[pick(2)] = First.Defs[0].Val;
  }
  Second.Defs.push_back(newValue());
  Available.push_back(Second.Defs[0].Val);
  if (!First.Defs.empty())
    Available.push_back(First.Defs[0].Val);
  Out.push_back(First);
  Out.push_back(Second);
}

void Generator::makeInstrs(uint32_t B) {
  std::vector<Instr> &Out = F.Blocks[B].Instrs;
  for (Value P : F.Blocks[B].Params)
    Available.push_back(P);
  size_t Before = Available.size() - F.Blocks[B].Params.size();
  for (unsigned N = pick(O.InstrsPerBlock) + 1; N > 0; --N) {
    unsigned Kind = pick(20);
    if (Kind == 0 && O.Calls)
      addCall(Out);
    else if (Kind == 1)
      addBundle(Out);
    else
      addPlain(Out);
  }
  Instr Terminator = newInstr();
  if (F.Blocks[B].Edges.size() == 2)
    Terminator.Uses.push_back(pickValue());
  if (F.Blocks[B].Edges.empty())
    Terminator.Uses.push_back({pickValue(), PhysReg{Bank::A, 0}});
  Out.push_back(Terminator);
  for (Edge &E : F.Blocks[B].Edges)
    for (size_t K = 0; K < F.Blocks[E.Target].Params.size(); ++K)
      E.Args.push_back(pickValue());
  DefinedIn[B].assign(Available.begin() + static_cast<ptrdiff_t>(Before),
                      Available.end());
}

Function Generator::run() {
  F.NumNearSlots = O.NearSlots;
  makeGraph();
  DefinedIn.resize(F.Blocks.size());
  for (unsigned N = 0; N < 6; ++N)
    F.EntryValues.push_back(
        {newValue(),
         PhysReg{N % 2 ? Bank::B : Bank::A, static_cast<uint8_t>(2 + N / 2)}});
  // Dominators first; a block's dominator can have a higher number.
  std::vector<bool> Done(F.Blocks.size(), false);
  for (bool Progress = true; Progress;) {
    Progress = false;
    for (uint32_t B = 0; B < F.Blocks.size(); ++B) {
      if (Done[B] || (B != 0 && !Done[Dominator[B]]))
        continue;
      Available.clear();
      std::vector<uint32_t> Chain;
      for (uint32_t D = B; D != 0;) {
        D = Dominator[D];
        Chain.push_back(D);
      }
      for (const Operand &V : F.EntryValues)
        Available.push_back(V.Val);
      for (uint32_t D : llvm::reverse(Chain))
        Available.insert(Available.end(), DefinedIn[D].begin(),
                         DefinedIn[D].end());
      makeInstrs(B);
      Done[B] = Progress = true;
    }
  }
  return F;
}

Function test::makeRandomFunction(std::mt19937 &Rng,
                                  const RandomOptions &Options) {
  return Generator(Rng, Options).run();
}
