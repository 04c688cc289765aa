//===- AllocationChecker.cpp - Does an allocation compute the same? -------===//
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

uint64_t mix(uint64_t A, uint64_t B) {
  uint64_t X = A * 0x9e3779b97f4a7c15ULL + B + 0x7f4a7c15ULL;
  X ^= X >> 29;
  X *= 0xbf58476d1ce4e5b9ULL;
  return X ^ (X >> 32);
}

class Checker {
public:
  Checker(const Function &F, const Allocation &A) : F(F), A(A) {}

  std::string checkRules();
  std::string runPath(unsigned MaxBlocks, std::mt19937 &Rng);

private:
  std::string checkInstr(const Instr &I, const OutInstr &O) const;
  std::string runBlock(uint32_t B, uint64_t Step);
  std::string runOriginal(const Instr &I, const OutInstr &O, uint64_t Step);
  void write(PhysReg R, uint64_t Value) {
    for (unsigned N = 0; N < 64; ++N)
      if (maskOf(R) >> N & 1)
        Regs[N] = Value;
  }
  /// The value of a register; of both halves, which must agree.
  std::optional<uint64_t> read(PhysReg R) const {
    std::optional<uint64_t> Value;
    for (unsigned N = 0; N < 64; ++N) {
      if (!(maskOf(R) >> N & 1))
        continue;
      if (Value && *Value != Regs[N])
        return std::nullopt;
      Value = Regs[N];
    }
    return Value;
  }
  static std::string at(uint32_t B, size_t N) {
    return "block " + std::to_string(B) + " output " + std::to_string(N) + ": ";
  }

  const Function &F;
  const Allocation &A;
  std::vector<uint64_t> Values;
  uint64_t Regs[64] = {};
  std::vector<uint64_t> Slots;
  uint64_t Garbage = 1;
};

} // namespace

/// What a definition computes, from everything the instruction read.
static uint64_t result(const Instr &I, ArrayRef<uint64_t> Inputs,
                       size_t DefIndex, uint64_t Step) {
  // What can be recomputed does not depend on when it is computed.
  uint64_t H = mix(I.Origin, DefIndex);
  if (!I.Rematerializable)
    H = mix(H, Step);
  for (uint64_t V : Inputs)
    H = mix(H, V);
  return H;
}

std::string Checker::checkInstr(const Instr &I, const OutInstr &O) const {
  if (O.Uses.size() != I.Uses.size() || O.Defs.size() != I.Defs.size())
    return "wrong number of operands";
  for (auto [Reg, Op] : llvm::zip_equal(O.Uses, I.Uses))
    if (Op.Fixed && *Op.Fixed != Reg)
      return "use is not in its fixed register";
  for (auto [Reg, Op] : llvm::zip_equal(O.Defs, I.Defs))
    if (Op.Fixed && *Op.Fixed != Reg)
      return "definition is not in its fixed register";
  if (I.TiedUse && O.Defs[0] != O.Uses[*I.TiedUse])
    return "tied operands differ";
  if (I.DifferentBanks) {
    auto Get = [&](unsigned N) {
      return N < O.Uses.size() ? O.Uses[N] : O.Defs[N - O.Uses.size()];
    };
    PhysReg X = Get(I.DifferentBanks->First);
    PhysReg Y = Get(I.DifferentBanks->Second);
    if (X.InBank == Y.InBank && X.InBank != Bank::Both)
      return "two operands of one bank";
  }
  for (size_t N = 0; N < O.Defs.size(); ++N)
    for (size_t K = 0; K < N; ++K)
      if (maskOf(O.Defs[N]) & maskOf(O.Defs[K]))
        return "two definitions in one register";
  return "";
}

std::string Checker::checkRules() {
  if (A.Blocks.size() != F.Blocks.size())
    return "wrong number of blocks";
  RegMask Written = 0;
  for (uint32_t B = 0; B < F.Blocks.size(); ++B) {
    size_t Next = 0; // next instruction of the input
    bool PreviousWasOriginal = false;
    for (size_t N = 0; N < A.Blocks[B].size(); ++N) {
      const OutInstr &O = A.Blocks[B][N];
      auto Bad = [](PhysReg R) {
        return R.Number >= NumRegs ||
               (static_cast<uint8_t>(R.InBank) & 1 && R.Number == StackBaseReg);
      };
      for (PhysReg R : O.Uses)
        if (Bad(R))
          return at(B, N) + "reads a register it must not";
      for (PhysReg R : O.Defs) {
        Written |= maskOf(R);
        if (Bad(R))
          return at(B, N) + "writes a register it must not";
      }
      if (O.Kind == OutKind::Store && O.Slot >= F.NumNearSlots) {
        if (!O.Scratch || Bad(*O.Scratch))
          return at(B, N) + "far store has no scratch register";
        if (maskOf(*O.Scratch) & maskOf(O.Uses[0]))
          return at(B, N) + "scratch register is the stored one";
        Written |= maskOf(*O.Scratch);
      }
      if (O.Kind != OutKind::Original) {
        PreviousWasOriginal = false;
        continue;
      }
      // Recomputations come in addition; originals that can be recomputed may
      // be missing.
      const std::vector<Instr> &Instrs = F.Blocks[B].Instrs;
      size_t Found = Next;
      while (Found < Instrs.size() && Instrs[Found].Origin != O.Origin &&
             Instrs[Found].Rematerializable)
        ++Found;
      if (Found < Instrs.size() && Instrs[Found].Origin == O.Origin) {
        if (Instrs[Found].Glued && !PreviousWasOriginal)
          return at(B, N) + "something stands in a bundle";
        std::string Error = checkInstr(Instrs[Found], O);
        if (!Error.empty())
          return at(B, N) + Error;
        Written |= Instrs[Found].Clobbers;
        Next = Found + 1;
        PreviousWasOriginal = true;
      } else {
        PreviousWasOriginal = false;
      }
    }
    for (; Next < F.Blocks[B].Instrs.size(); ++Next)
      if (!F.Blocks[B].Instrs[Next].Rematerializable)
        return "block " + std::to_string(B) + ": instruction " +
               std::to_string(F.Blocks[B].Instrs[Next].Origin) + " is missing";
  }
  if (Written & ~A.Written)
    return "set of written registers is incomplete";
  return "";
}

std::string Checker::runOriginal(const Instr &I, const OutInstr &O,
                                 uint64_t Step) {
  SmallVector<uint64_t, 4> Inputs;
  for (auto [Reg, Op] : llvm::zip_equal(O.Uses, I.Uses)) {
    uint64_t Expected = Values[Op.Val];
    if (read(Reg) != Expected)
      return "instruction " + std::to_string(I.Origin) +
             " reads a wrong value for %" + std::to_string(Op.Val);
    Inputs.push_back(Expected);
  }
  for (unsigned N = 0; N < 64; ++N)
    if (I.Clobbers >> N & 1)
      Regs[N] = mix(++Garbage, 77);
  for (size_t D = 0; D < I.Defs.size(); ++D) {
    uint64_t V = result(I, Inputs, D, Step);
    Values[I.Defs[D].Val] = V;
    write(O.Defs[D], V);
  }
  return "";
}

std::string Checker::runBlock(uint32_t B, uint64_t Step) {
  const std::vector<Instr> &Instrs = F.Blocks[B].Instrs;
  size_t Next = 0;
  // Values whose instruction has been dropped exist all the same.
  auto SkipDropped = [&](size_t To) {
    for (; Next < To; ++Next)
      if (Instrs[Next].Rematerializable)
        Values[Instrs[Next].Defs[0].Val] = result(Instrs[Next], {}, 0, Step);
  };
  for (size_t N = 0; N < A.Blocks[B].size(); ++N) {
    const OutInstr &O = A.Blocks[B][N];
    switch (O.Kind) {
    case OutKind::Copy: {
      std::optional<uint64_t> V = read(O.Uses[0]);
      write(O.Defs[0], V ? *V : mix(++Garbage, 3));
      continue;
    }
    case OutKind::Load:
      write(O.Defs[0], Slots.at(O.Slot));
      continue;
    case OutKind::Store: {
      std::optional<uint64_t> V = read(O.Uses[0]);
      if (O.Scratch)
        write(*O.Scratch, mix(++Garbage, 5));
      Slots.at(O.Slot) = V ? *V : mix(++Garbage, 9);
      continue;
    }
    case OutKind::Original:
      break;
    }
    size_t Found = Next;
    while (Found < Instrs.size() && Instrs[Found].Origin != O.Origin &&
           Instrs[Found].Rematerializable)
      ++Found;
    if (Found < Instrs.size() && Instrs[Found].Origin == O.Origin) {
      SkipDropped(Found);
      std::string Error = runOriginal(Instrs[Found], O, Step);
      if (!Error.empty())
        return at(B, N) + Error;
      Next = Found + 1;
      continue;
    }
    // A recomputation of an instruction from anywhere.
    bool Known = false;
    for (const Block &Other : F.Blocks)
      for (const Instr &I : Other.Instrs)
        if (I.Origin == O.Origin && I.Rematerializable) {
          write(O.Defs[0], result(I, {}, 0, Step));
          Known = true;
        }
    if (!Known)
      return at(B, N) + "instruction " + std::to_string(O.Origin) +
             " is out of order";
  }
  SkipDropped(Instrs.size());
  return "";
}

std::string Checker::runPath(unsigned MaxBlocks, std::mt19937 &Rng) {
  Values.assign(F.NumValues, 0);
  Slots.assign(A.NumSlots, 0);
  for (uint64_t &R : Regs)
    R = mix(++Garbage, 11);
  for (const Operand &V : F.EntryValues) {
    Values[V.Val] = mix(V.Val, 1234);
    write(*V.Fixed, Values[V.Val]);
  }
  uint32_t B = 0;
  for (unsigned Step = 0; Step < MaxBlocks; ++Step) {
    std::string Error = runBlock(B, Step);
    if (!Error.empty())
      return Error;
    if (F.Blocks[B].Edges.empty())
      return "";
    const Edge &E = F.Blocks[B].Edges[Rng() % F.Blocks[B].Edges.size()];
    SmallVector<uint64_t, 4> Args;
    for (Value V : E.Args)
      Args.push_back(Values[V]);
    for (auto [P, V] : llvm::zip_equal(F.Blocks[E.Target].Params, Args))
      Values[P] = V;
    B = E.Target;
  }
  return "";
}

std::string test::checkAllocation(const Function &F, const Allocation &A,
                                  unsigned Paths, unsigned MaxBlocks,
                                  unsigned Seed) {
  Checker C(F, A);
  std::string Error = C.checkRules();
  std::mt19937 Rng(Seed);
  for (unsigned P = 0; P < Paths && Error.empty(); ++P)
    Error = C.runPath(MaxBlocks, Rng);
  return Error;
}
