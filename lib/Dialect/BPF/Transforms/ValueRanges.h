//===- ValueRanges.h - Bounds of integers in bpf code -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an integer can be at a block: from the operations that make it and from
// the comparisons with constants that dominate the block.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_VALUERANGES_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_VALUERANGES_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Dominance.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/ConstantRange.h"

namespace nfpbpf::bpf {

class ValueRanges {
public:
  explicit ValueRanges(mlir::DominanceInfo &dominance) : dominance(dominance) {}

  /// A superset of the numbers that an integer value can be whenever control is
  /// in a block that its definition dominates.
  llvm::ConstantRange rangeAt(mlir::Value value, mlir::Block *block);

private:
  /// The low bits of another value, zero-extended.
  struct View {
    mlir::Value root;
    unsigned bits;
  };
  static View viewOf(mlir::Value value);

  llvm::ConstantRange fromDefinition(mlir::Value value, mlir::Block *block);
  llvm::ConstantRange fromOperation(mlir::Operation *op, mlir::Block *block);
  llvm::ConstantRange fromPredecessors(mlir::BlockArgument argument);
  /// Of an argument that a loop counts up until it equals a constant.
  static std::optional<llvm::ConstantRange>
  fromCounting(mlir::BlockArgument argument);
  /// Narrows a value's range by the outcome of a branch's condition.
  void applyCondition(mlir::Value condition, bool outcome, mlir::Value value,
                      llvm::ConstantRange &range);
  void applyDominatingConditions(mlir::Value value, mlir::Block *block,
                                 llvm::ConstantRange &range);

  /// A comparison that a branch made before control reached a block.
  struct Condition {
    mlir::Block *reached;
    mlir::Value condition;
    bool outcome;
  };
  void findConditions(mlir::Region &region);

  mlir::DominanceInfo &dominance;
  /// By the values that are compared.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<Condition, 2>> conditions;
  llvm::SmallPtrSet<mlir::Region *, 4> searched;
  llvm::DenseMap<std::pair<mlir::Value, mlir::Block *>, llvm::ConstantRange>
      known;
  unsigned depth = 0;
};

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_VALUERANGES_H
