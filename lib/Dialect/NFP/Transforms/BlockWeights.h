//===- BlockWeights.h - How often blocks are executed -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a profile says (the weights of a branch), and guesses without: loops go
// on, checks that only leave the program pass, values are rarely equal, unless
// to the Ethernet types of IPv4 and IPv6 and the protocols TCP and UDP.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_BLOCKWEIGHTS_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_BLOCKWEIGHTS_H

#include "mlir/Analysis/CFGLoopInfo.h"
#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace nfpbpf::nfp {

/// Probability that a number is equal to the constant, if it is known to be
/// none of those in `excluded`.
float guessEqual(uint32_t constant, llvm::ArrayRef<uint32_t> excluded = {});

/// Probability that a program goes where it ends soon and not elsewhere.
float guessLeaves();

class BlockWeights {
public:
  explicit BlockWeights(FuncOp function);

  /// Executions for one of the function.
  float of(mlir::Block *block) const { return weights.lookup(block); }
  /// How often the n-th successor follows.
  float ofEdge(mlir::Block *block, unsigned n) const {
    return of(block) * probability(block, n);
  }

  /// How often the n-th successor follows, for one execution of the block.
  float probability(mlir::Block *block, unsigned n) const;
  /// Behind the block the program ends without another command or call.
  bool leaves(mlir::Block *block) const { return leaving.contains(block); }
  /// The block's successors are in different loops, or one in none.
  bool decidesLoop(mlir::Block *block) const;

private:
  float roundsOf(const mlir::CFGLoop &loop) const;
  void findLeaving(llvm::ArrayRef<mlir::Block *> order);

  /// Blocks behind which the program ends without another command or call.
  llvm::DenseSet<mlir::Block *> leaving;
  std::unique_ptr<mlir::CFGLoopInfo> loops;
  llvm::DenseMap<mlir::Block *, float> weights;
};

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_BLOCKWEIGHTS_H
