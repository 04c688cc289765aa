//===- TransferRanges.h - Where transfer registers are live -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where in a function each result of a memory command is live, and what moves
// it to a general register for the uses that it cannot reach in its transfer
// register.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_TRANSFERRANGES_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_TRANSFERRANGES_H

#include "mlir/Analysis/CFGLoopInfo.h"
#include "mlir/IR/Dominance.h"
#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

namespace nfpbpf::nfp {

/// A result of a command that is used.
struct TransferValue {
  mlir::OpResult value;
  /// Blocks in which the value is live, each with the last operation that
  /// uses it there, or null where it is live at the end of the block.
  llvm::SmallDenseMap<mlir::Block *, mlir::Operation *, 4> range;
  /// Commands that take its register, besides all calls.
  llvm::SmallVector<mlir::Operation *, 2> evictedBy;
  unsigned reg = 0;

  mlir::Block *definingBlock() const { return value.getOwner()->getBlock(); }
  bool isLiveAtStart(mlir::Block *block) const {
    return block != definingBlock() && range.contains(block);
  }
};

class TransferRanges {
public:
  explicit TransferRanges(FuncOp function);

  using DomTree = llvm::DominatorTreeBase<mlir::Block, false>;
  const DomTree &dominators() const { return domTree; }
  /// How often a block is executed, by the loops around it.
  float frequency(mlir::Block *block) const;

  /// Finds where a value is live; uses that a call or an eviction cuts off get
  /// a copy in a general register. Returns the number of moves made.
  unsigned update(TransferValue &transfer);

  /// True if the value is needed after the operation in its block.
  bool isLiveAfter(const TransferValue &transfer, mlir::Operation *op) const;

private:
  /// A place for a move: in front of an operation of a block.
  using Place = std::pair<mlir::Block *, mlir::Operation *>;

  bool computeRange(TransferValue &transfer);
  void moveAtOnce(TransferValue &transfer);
  mlir::Operation *firstDestroyer(const TransferValue &transfer,
                                  mlir::Block *block) const;
  llvm::SmallPtrSet<mlir::Block *, 8>
  blocksBehindDestroyers(const TransferValue &transfer) const;
  Place latestPlace(const TransferValue &transfer, mlir::Block *block,
                    const llvm::SmallPtrSetImpl<mlir::Block *> &behind) const;
  unsigned cutOff(TransferValue &transfer,
                  llvm::ArrayRef<mlir::OpOperand *> uses,
                  const llvm::SmallPtrSetImpl<mlir::Block *> &behind);
  bool isInLoopWithout(mlir::Block *block, mlir::Block *other,
                       mlir::Block *&header) const;

  DomTree domTree;
  std::unique_ptr<mlir::CFGLoopInfo> loops;
  /// Places of the operations in their blocks.
  llvm::DenseMap<mlir::Operation *, unsigned> order;
  llvm::DenseMap<mlir::Block *, llvm::SmallVector<mlir::Operation *, 2>> calls;
  /// How many more blocks ranges may have together: bounds the time.
  size_t budget;
};

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_TRANSFERRANGES_H
