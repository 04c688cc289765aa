//===- MachineRules.h - Waiting times of pointers ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the pass that inserts waiting slots and the one that checks the result
// know about local-memory pointers.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_MACHINERULES_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_MACHINERULES_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"

namespace nfpbpf::nfp {

/// Instructions that must stand between writing a pointer and using it (NFP
/// instruction set, section "CSR and local-memory pointer latency").
constexpr unsigned PointerLatency = 3;

/// For each pointer the least number of instructions since it was written, on
/// any path, at most PointerLatency; and whether it has been written on all.
struct PointerState {
  unsigned age[4] = {PointerLatency, PointerLatency, PointerLatency,
                     PointerLatency};
  bool isSet[4] = {true, true, false, false};

  bool meet(const PointerState &other);
  /// `words` instructions are executed.
  void advance(unsigned words);
  void write(unsigned pointer) {
    age[pointer] = 0;
    isSet[pointer] = true;
  }
  void invalidate(unsigned pointer) {
    age[pointer] = PointerLatency;
    isSet[pointer] = false;
  }
  bool operator==(const PointerState &other) const;
};

/// Functions of a module after which pointer 0 may just have been written.
llvm::StringSet<> functionsThatSetPointer0(mlir::ModuleOp module);

class PointerAnalysis {
public:
  PointerAnalysis(FuncOp function, const llvm::StringSet<> &setsPointer0);

  PointerState atStart(mlir::Block *block) const {
    return starts.lookup(block);
  }
  /// State after an operation.
  void apply(mlir::Operation *op, PointerState &state) const;

private:
  const llvm::StringSet<> &setsPointer0;
  llvm::DenseMap<mlir::Block *, PointerState> starts;
};

/// The instructions of a block that stand in slots of a branch, which is
/// executed in front of them, each with the first one in these slots.
llvm::DenseMap<mlir::Operation *, mlir::Operation *>
findDeferredOps(mlir::Block &block);

/// Pointers that an instruction uses, through operands.
llvm::SmallVector<unsigned, 2> usedPointers(mlir::Operation *op);

/// True if without the instruction, which stands between setting a pointer and
/// using it, there would be too few. `used` are the pointers (bit n is pointer
/// n) that instructions behind it use.
bool fillsPointerWait(mlir::Operation *op, unsigned used);

/// Instructions that are surely executed when control passes the operation.
unsigned minWords(mlir::Operation *op);

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_MACHINERULES_H
