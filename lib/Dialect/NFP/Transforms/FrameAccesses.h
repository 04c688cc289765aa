//===- FrameAccesses.h - Who accesses which bytes of the frame --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bytes of the entry function's frame that operations access, and where they
// hold something that is needed. For code in front of nfp-expand-macros.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_FRAMEACCESSES_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_FRAMEACCESSES_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"
#include "llvm/ADT/BitVector.h"

namespace nfpbpf::nfp {

/// Bytes of the frame that an operation reads or writes: [begin, end). An
/// operation reads before it writes.
struct FrameAccess {
  unsigned begin = 0, end = 0;
  bool isWrite = false;
};

/// Calls `write` and `read` in the order in which an analysis backwards wants
/// them.
void forEachBackwards(llvm::ArrayRef<FrameAccess> accesses,
                      llvm::function_ref<void(const FrameAccess &)> write,
                      llvm::function_ref<void(const FrameAccess &)> read);

class FrameAccesses {
public:
  explicit FrameAccesses(FuncOp function);

  /// False if addresses in the frame are computed, or go to other routines than
  /// those of maps: nothing else is known then.
  bool isKnown() const { return known; }
  unsigned frameBytes() const { return bytes; }
  llvm::ArrayRef<FrameAccess> of(mlir::Operation *op) const {
    auto it = accesses.find(op);
    return it == accesses.end() ? llvm::ArrayRef<FrameAccess>()
                                : llvm::ArrayRef<FrameAccess>(it->second);
  }
  const llvm::DenseMap<mlir::Operation *, llvm::SmallVector<FrameAccess, 2>> &
  all() const {
    return accesses;
  }

  /// Bytes that hold something needed at the start and end of a block that is
  /// reached.
  const llvm::BitVector &liveAtStart(mlir::Block *block) const {
    return blocks.find(block)->second.liveAtStart;
  }
  const llvm::BitVector &liveAtEnd(mlir::Block *block) const {
    return blocks.find(block)->second.liveAtEnd;
  }

  /// A store can move up to a place that dominates it: on no way between the
  /// two anything accesses its bytes, and nothing that leaves those ways needs
  /// what they held. `same` is a store of the same number at the place, or
  /// null.
  bool canMoveUp(LmStoreOp store, mlir::Operation *place, LmStoreOp same) const;

private:
  struct BlockBytes {
    /// Read before they are written, and written.
    llvm::BitVector read, written;
    llvm::BitVector liveAtStart, liveAtEnd;
  };

  bool collect(mlir::Operation *op);
  bool collectUses(FrameAddrOp address);
  void findLiveBytes(FuncOp function);

  llvm::DenseMap<int32_t, MapOp> maps;
  unsigned bytes;
  bool known = true;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<FrameAccess, 2>> accesses;
  llvm::DenseMap<mlir::Block *, BlockBytes> blocks;
};

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_FRAMEACCESSES_H
