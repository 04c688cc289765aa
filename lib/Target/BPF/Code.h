//===- Code.h - Decoded program and its control flow ------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The instructions of a linked program, decoded and checked, and for every
// function that is reached the control-flow graph of its reachable code with
// register liveness.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_TARGET_BPF_CODE_H
#define NFPBPF_LIB_TARGET_BPF_CODE_H

#include "nfpbpf/ISA/BPF/Instruction.h"
#include "nfpbpf/Object/BPF/LinkedProgram.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <vector>

namespace nfpbpf::importer {

/// A set of registers: bit n is register n.
using RegSet = uint16_t;

struct Block {
  uint32_t First = 0; ///< index of the first instruction
  uint32_t Last = 0;  ///< index of the last instruction (first slot)
  /// Blocks that follow: of a conditional jump first the target, then the
  /// instruction after it.
  llvm::SmallVector<unsigned, 2> Succs;
  RegSet LiveIn = 0;
};

/// The reachable code of one function.
struct FlowGraph {
  const object::Function *Func = nullptr;
  unsigned FuncIndex = 0;
  /// In order of address; block 0 is the entry.
  std::vector<Block> Blocks;
  /// Blocks in reverse post-order.
  std::vector<unsigned> Order;
  /// Registers live after each slot, relative to the function's first.
  std::vector<RegSet> LiveAfter;

  RegSet liveAfter(uint32_t Insn) const {
    return LiveAfter[Insn - Func->First];
  }
  /// Registers that the function reads before it writes them.
  RegSet liveIn() const { return Blocks.front().LiveIn; }
};

class Code {
public:
  /// Decodes and checks the whole program and builds the flow graphs of the
  /// functions that the first one reaches. Errors: InsnError.
  static llvm::Expected<Code> create(const object::LinkedProgram &Program);

  const object::LinkedProgram &program() const { return *Program; }
  /// The instruction at a slot that starts one.
  const ebpf::Instruction &insn(uint32_t Index) const { return Insns[Index]; }
  /// Index of the instruction after this one.
  uint32_t next(uint32_t Index) const { return Index + Insns[Index].slots(); }
  /// Null for a function that is not reached.
  const FlowGraph *graph(unsigned FuncIndex) const {
    return Graphs[FuncIndex].get();
  }
  /// Index of the function that a local call calls.
  unsigned callee(uint32_t Index) const;
  /// Index of the function whose address a 64-bit immediate load takes.
  unsigned addressed(uint32_t Index) const;

private:
  llvm::Error decodeAll();
  llvm::Error buildGraph(unsigned FuncIndex,
                         llvm::SmallVectorImpl<unsigned> &Path);
  llvm::Error findBlocks(FlowGraph &G);
  bool namesFunction(uint32_t Index) const;
  int64_t functionTarget(uint32_t Index) const;
  void computeLiveness(FlowGraph &G);
  RegSet reads(uint32_t Index) const;

  const object::LinkedProgram *Program = nullptr;
  std::vector<ebpf::Instruction> Insns;
  std::vector<bool> IsFirstSlot;
  std::vector<std::unique_ptr<FlowGraph>> Graphs;
};

} // namespace nfpbpf::importer

#endif // NFPBPF_LIB_TARGET_BPF_CODE_H
