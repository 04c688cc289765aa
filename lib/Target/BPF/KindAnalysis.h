//===- KindAnalysis.h - Pointers and numbers in a program -------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Flow-sensitive analysis of what each register and stack slot holds, over
// loops and calls. A function is analysed anew for each kind of arguments (and
// of pointers on its callers' stack frames) it is called with.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_TARGET_BPF_KINDANALYSIS_H
#define NFPBPF_LIB_TARGET_BPF_KINDANALYSIS_H

#include "Code.h"
#include "MachineState.h"
#include "llvm/ADT/SmallVector.h"
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nfpbpf::importer {

/// What a function is called with.
struct Signature {
  unsigned FuncIndex = 0;
  /// Kinds of r1 to r5 (index 0 is not used); Uninit for those the function
  /// does not read.
  std::array<Kind, 6> Args;
  /// Slots of the callers' frames that the function may reach.
  std::map<MachineState::Slot, Kind> Slots;
  /// Bit n: slots of region n that are not listed hold anything, not nothing.
  uint64_t Foreign = 0;

  std::string key() const;
};

/// A block in one state. Unless the analysis splits, every reached block has
/// one node.
struct Node {
  unsigned Block = 0;
  MachineState In; ///< state at the start
  /// Node that follows on each edge of the block; -1 for one never taken.
  llvm::SmallVector<int, 2> Targets;
};

/// The analysis of a function for one signature.
struct Specialization {
  Signature Sig;
  const FlowGraph *Graph = nullptr;
  /// Node 0 is the entry.
  std::vector<Node> Nodes;
  /// The nodes of each block, in the order they were made.
  std::vector<llvm::SmallVector<unsigned, 1>> NodesOf;
  /// The nodes that are reached, in reverse post-order.
  std::vector<unsigned> Order;
  /// Join over all exits; Uninit when r0 is never set.
  Kind Ret;
  bool Returns = false;
  MachineState Exit;
  /// Slots of callers' frames whose kind the result depends on.
  std::set<MachineState::Slot> UsedSlots;
  /// Bytes of the function's own frame, a multiple of 8.
  unsigned FrameSize = 0;

  /// Equal for specializations that become the same code.
  std::string codeKey() const;
};

class KindAnalysis {
public:
  /// With `Split`, a block that is reached with different pointers in a
  /// register is analysed (and imported) once for each, so that code shared by
  /// two paths can go through a pointer to the stack on one and to the packet
  /// on the other.
  KindAnalysis(const Code &C, bool Split) : C(C), Split(Split) {}

  /// Analyses the program from its entry. The result belongs to the analysis.
  const Specialization &analyzeEntry();

  /// State after an instruction, given the state before it. (Jumps do not
  /// change the state; see edge().)
  void transfer(MachineState &S, uint32_t Index) {
    transfer(S, Index, nullptr);
  }

  /// State on the edge from a block, whose state before its last instruction is
  /// `S`, to its successor number `Succ`. Nothing when it is never taken.
  std::optional<MachineState> edge(const MachineState &S, const Block &B,
                                   unsigned Succ) const;

  /// The specialization that a call in this state calls: of a function, through
  /// a register that holds the address of one, or of bpf_loop, whose callback
  /// it is then. Null where no certain function is called.
  const Specialization *calleeOf(const MachineState &S, uint32_t Index);

private:
  struct CallMap;

  Specialization &analyze(Signature Sig);
  void solve(Specialization &Spec);
  unsigned findNode(Specialization &Spec, int Previous, unsigned Block,
                    const MachineState &S, bool &Changed) const;
  void orderNodes(Specialization &Spec) const;
  void transfer(MachineState &S, uint32_t Index, Specialization *Current);
  void transferCall(MachineState &S, uint32_t Index, Specialization *Current);
  void transferLoop(MachineState &S, uint32_t Index, Specialization *Current);
  const Specialization &applyCall(MachineState &S, const CallMap &Map,
                                  Specialization *Current);
  void transferHelper(MachineState &S, uint32_t Id);
  Kind loadKind(const MachineState &S, const ebpf::Instruction &I,
                Specialization *Current) const;
  std::optional<CallMap> mapCall(const MachineState &S, uint32_t Index) const;
  void computeFrame(Specialization &Spec);

  const Code &C;
  bool Split;
  std::map<std::string, std::unique_ptr<Specialization>> Done;
};

/// Pointer kind that a helper without argument information returns; Scalar for
/// all others.
Kind unknownHelperResult(uint32_t Id);
/// The helper that an instruction calls, by number or through a register that
/// holds a number; nothing if it calls none.
std::optional<uint32_t> calledHelper(const MachineState &S,
                                     const ebpf::Instruction &I);
/// Kind of the result of map_lookup_elem on a map of this type.
Kind lookupResult(uint32_t MapType, int64_t MapIndex);

/// The value of an ALU operation on constants, or nothing.
std::optional<int64_t> evaluate(const ebpf::Instruction &I, int64_t Dst,
                                int64_t Src);
/// Whether a conditional jump on constants is taken.
bool isTaken(const ebpf::Instruction &I, int64_t Dst, int64_t Src);

/// The kind of an instruction's second operand (register or immediate).
Kind sourceOperand(const MachineState &S, const ebpf::Instruction &I);

} // namespace nfpbpf::importer

#endif // NFPBPF_LIB_TARGET_BPF_KINDANALYSIS_H
