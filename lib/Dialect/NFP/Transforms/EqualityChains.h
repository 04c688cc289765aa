//===- EqualityChains.h - Comparisons of one number -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EQUALITYCHAINS_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EQUALITYCHAINS_H

#include "BlockWeights.h"
#include <vector>

namespace nfpbpf::nfp {

/// The end of a block that asks whether a number equals a constant, with flags
/// that nothing else reads.
struct EqualityTest {
  BrCCOp branch;
  AluOp test;
  mlir::Value number;
  uint32_t constant = 0;
  /// The successor for equality.
  unsigned equal = 0;

  mlir::Block *equalDest() const { return branch->getSuccessor(equal); }
  mlir::Block *otherDest() const { return branch->getSuccessor(1 - equal); }
  mlir::OperandRange operands(bool ofEqual) {
    return (equal == 0) == ofEqual ? branch.getTrueOperands()
                                   : branch.getFalseOperands();
  }
};

std::optional<EqualityTest> findEqualityTest(mlir::Block &block);

/// Where a chain goes if the number equals the constant.
struct EqualityCase {
  uint32_t constant;
  mlir::Location loc;
  mlir::Block *dest;
  llvm::SmallVector<mlir::Value> operands;
  /// Probability at this place of the chain, and counts of a profile: of this
  /// case and of those behind it.
  float probability;
  std::optional<std::pair<int32_t, int32_t>> counts;
};

/// Blocks that ask for one number after the other: each but the first does
/// nothing else and is reached only where the one before it finds no equality.
struct EqualityChain {
  mlir::Value number;
  llvm::SmallVector<mlir::Block *> blocks;
  /// One for each block.
  llvm::SmallVector<EqualityCase> cases;
  mlir::Block *otherwise;
  llvm::SmallVector<mlir::Value> otherwiseOperands;
  /// The cases are no longer those of the blocks in front of them.
  bool isReordered = false;
};

/// All of a function, those of one test included.
std::vector<EqualityChain> findChains(FuncOp function,
                                      const BlockWeights &weights);

/// Asks for what is likeliest first if that takes fewer cycles.
void orderByLikelihood(EqualityChain &chain, const BlockWeights &weights);

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EQUALITYCHAINS_H
