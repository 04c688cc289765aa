//===- Code.cpp - Decoded program and its control flow --------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Code.h"
#include "InsnError.h"

#include "nfpbpf/ISA/BPF/Helpers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>

using namespace llvm;
using namespace nfpbpf;
using namespace nfpbpf::importer;

char InsnError::ID = 0;

void InsnError::log(raw_ostream &OS) const {
  OS << "instruction " << Insn << ": " << Message;
}

std::error_code InsnError::convertToErrorCode() const {
  return inconvertibleErrorCode();
}

/// The kernel's limit on nested calls (MAX_CALL_FRAMES), the program included.
static constexpr unsigned MaxCallFrames = 8;

Expected<Code> Code::create(const object::LinkedProgram &Program) {
  Code C;
  C.Program = &Program;
  if (Error E = C.decodeAll())
    return E;
  C.Graphs.resize(Program.Functions.size());
  SmallVector<unsigned> Path;
  if (Error E = C.buildGraph(0, Path))
    return E;
  return C;
}

Error Code::decodeAll() {
  uint32_t Size = Program->size();
  if (Size == 0 || Program->Functions.empty())
    return insnError(0, "the program has no instructions");
  Insns.resize(Size);
  IsFirstSlot.resize(Size, false);
  for (uint32_t I = 0; I < Size;) {
    Expected<ebpf::Instruction> Insn = ebpf::decode(Program->Insns, I);
    if (!Insn)
      return insnError(I, toString(Insn.takeError()));
    if (Insn->op() == ebpf::Op::LdImm64 &&
        (Insn->Kind == ebpf::ImmKind::MapFd ||
         Insn->Kind == ebpf::ImmKind::MapFdValue) &&
        (Insn->Imm < 0 ||
         static_cast<uint64_t>(Insn->Imm) >= Program->Maps.size()))
      return insnError(I, "refers to map " + Twine(Insn->Imm) +
                              "; the program has " +
                              Twine(Program->Maps.size()) + " maps");
    Insns[I] = *Insn;
    IsFirstSlot[I] = true;
    I += Insn->slots();
  }
  return Error::success();
}

unsigned Code::callee(uint32_t Index) const {
  int64_t Target = Insns[Index].target(Index);
  return Program->functionIndexOf(static_cast<uint32_t>(Target));
}

unsigned Code::addressed(uint32_t Index) const {
  return Program->functionIndexOf(static_cast<uint32_t>(functionTarget(Index)));
}

/// A call of a function or the load of its address.
bool Code::namesFunction(uint32_t Index) const {
  const ebpf::Instruction &I = Insns[Index];
  return I.op() == ebpf::Op::CallLocal ||
         (I.op() == ebpf::Op::LdImm64 && I.Kind == ebpf::ImmKind::Function);
}

int64_t Code::functionTarget(uint32_t Index) const {
  const ebpf::Instruction &I = Insns[Index];
  return I.op() == ebpf::Op::CallLocal
             ? I.target(Index)
             : static_cast<int64_t>(Index) + 1 + I.Imm;
}

Error Code::buildGraph(unsigned FuncIndex, SmallVectorImpl<unsigned> &Path) {
  if (Graphs[FuncIndex])
    return Error::success();
  Path.push_back(FuncIndex);
  auto G = std::make_unique<FlowGraph>();
  G->Func = &Program->Functions[FuncIndex];
  G->FuncIndex = FuncIndex;
  if (Error E = findBlocks(*G))
    return E;

  // Callees first: their live-in registers are what a call reads.
  for (const Block &B : G->Blocks) {
    for (uint32_t I = B.First; I <= B.Last; I = next(I)) {
      if (!namesFunction(I))
        continue;
      int64_t Target = functionTarget(I);
      if (Target < 0 || Target >= static_cast<int64_t>(Program->size()))
        return insnError(I, "calls instruction " + Twine(Target) +
                                ", outside the program");
      unsigned Callee = Program->functionIndexOf(static_cast<uint32_t>(Target));
      if (Program->Functions[Callee].First != Target)
        return insnError(I, "calls instruction " + Twine(Target) +
                                ", which starts no function");
      if (is_contained(Path, Callee))
        return insnError(I, "calls '" + Program->Functions[Callee].Name +
                                "' recursively; eBPF has no recursion");
      if (Path.size() >= MaxCallFrames)
        return insnError(I, "the call is nested deeper than " +
                                Twine(MaxCallFrames) + " functions");
      if (Error E = buildGraph(Callee, Path))
        return E;
    }
  }
  computeLiveness(*G);
  Graphs[FuncIndex] = std::move(G);
  Path.pop_back();
  return Error::success();
}

Error Code::findBlocks(FlowGraph &G) {
  const object::Function &F = *G.Func;
  auto Contains = [&](int64_t Index) {
    return Index >= F.First && Index < F.end();
  };

  // Reachable instructions and the first ones of blocks.
  std::vector<bool> Reached(F.Count), Leader(F.Count);
  SmallVector<uint32_t> Work;
  auto Visit = [&](uint32_t Index, bool IsLeader) {
    if (IsLeader)
      Leader[Index - F.First] = true;
    if (!Reached[Index - F.First]) {
      Reached[Index - F.First] = true;
      Work.push_back(Index);
    }
  };
  if (F.Count == 0)
    return insnError(F.First, "function '" + F.Name + "' has no instructions");
  Visit(F.First, true);
  while (!Work.empty()) {
    uint32_t Index = Work.pop_back_val();
    const ebpf::Instruction &I = Insns[Index];
    if (I.isJump()) {
      int64_t Target = I.target(Index);
      if (!Contains(Target))
        return insnError(Index, "jumps to instruction " + Twine(Target) +
                                    ", outside function '" + F.Name + "'");
      if (!IsFirstSlot[Target])
        return insnError(Index, "jumps to instruction " + Twine(Target) +
                                    ", the second half of another");
      Visit(static_cast<uint32_t>(Target), true);
    }
    if (I.isTerminator())
      continue;
    if (!Contains(next(Index)))
      return insnError(Index, "control falls off the end of function '" +
                                  F.Name + "'");
    Visit(next(Index), I.isJump());
  }

  // Blocks in order of address.
  std::vector<unsigned> BlockAt(F.Count);
  for (uint32_t Index = F.First; Index < F.end();) {
    if (!Reached[Index - F.First]) {
      ++Index;
      continue;
    }
    Block B;
    B.First = B.Last = Index;
    BlockAt[Index - F.First] = G.Blocks.size();
    while (!Insns[B.Last].isJump() && !Insns[B.Last].isTerminator()) {
      uint32_t Next = next(B.Last);
      if (Leader[Next - F.First])
        break;
      B.Last = Next;
    }
    Index = next(B.Last);
    G.Blocks.push_back(std::move(B));
  }
  for (Block &B : G.Blocks) {
    const ebpf::Instruction &I = Insns[B.Last];
    if (I.isJump())
      B.Succs.push_back(BlockAt[I.target(B.Last) - F.First]);
    if (!I.isTerminator())
      B.Succs.push_back(BlockAt[next(B.Last) - F.First]);
  }

  // Reverse post-order, without recursion.
  std::vector<bool> Seen(G.Blocks.size());
  SmallVector<std::pair<unsigned, unsigned>> Stack;
  Seen[0] = true;
  Stack.push_back({0, 0});
  while (!Stack.empty()) {
    auto &[Id, NextSucc] = Stack.back();
    ArrayRef<unsigned> Succs = G.Blocks[Id].Succs;
    if (NextSucc < Succs.size()) {
      unsigned Succ = Succs[NextSucc++];
      if (!Seen[Succ]) {
        Seen[Succ] = true;
        Stack.push_back({Succ, 0});
      }
      continue;
    }
    G.Order.push_back(Id);
    Stack.pop_back();
  }
  std::reverse(G.Order.begin(), G.Order.end());
  return Error::success();
}

/// Registers an instruction reads; of a call those that its callee takes.
RegSet Code::reads(uint32_t Index) const {
  const ebpf::Instruction &I = Insns[Index];
  constexpr RegSet Arguments = 0x3e;
  if (I.op() == ebpf::Op::CallLocal)
    return Graphs[callee(Index)]->liveIn() & Arguments;
  if (I.op() == ebpf::Op::Call)
    if (const ebpf::HelperInfo *Info =
            ebpf::helperInfo(static_cast<uint32_t>(I.Imm)))
      return static_cast<RegSet>((1u << (Info->Args.size() + 1)) - 2);
  return I.readRegs();
}

void Code::computeLiveness(FlowGraph &G) {
  uint32_t First = G.Func->First;
  G.LiveAfter.assign(G.Func->Count, 0);
  SmallVector<uint32_t> Indices;
  bool Changed = true;
  while (Changed) {
    Changed = false;
    for (unsigned Id : reverse(G.Order)) {
      Block &B = G.Blocks[Id];
      RegSet Live = 0;
      for (unsigned Succ : B.Succs)
        Live |= G.Blocks[Succ].LiveIn;
      Indices.clear();
      for (uint32_t I = B.First; I <= B.Last; I = next(I))
        Indices.push_back(I);
      for (uint32_t I : reverse(Indices)) {
        G.LiveAfter[I - First] = Live;
        Live = static_cast<RegSet>((Live & ~Insns[I].writtenRegs()) | reads(I));
      }
      if (Live != B.LiveIn) {
        B.LiveIn = Live;
        Changed = true;
      }
    }
  }
}
