//===- LayoutBlocks.cpp - nfp-layout-blocks -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_LAYOUTBLOCKS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

struct LayoutBlocks : nfpbpf::nfp::impl::LayoutBlocksBase<LayoutBlocks> {
  void runOnOperation() override;

private:
  void threadEmptyBlocks(FuncOp function);
  void simplifyBranches(FuncOp function);
  void order(FuncOp function);
  void invertConditions(FuncOp function);
};

} // namespace

/// Where a branch to `block` ends up when blocks that only branch on are
/// skipped.
static Block *finalTarget(Block *block) {
  llvm::SmallPtrSet<Block *, 8> seen;
  while (seen.insert(block).second) {
    auto branch = dyn_cast<BrOp>(block->front());
    if (!branch || block->isEntryBlock())
      return block;
    block = branch.getDest();
  }
  return block;
}

void LayoutBlocks::threadEmptyBlocks(FuncOp function) {
  for (Block &block : function.getBody()) {
    Operation *terminator = block.getTerminator();
    for (unsigned n = 0; n < terminator->getNumSuccessors(); ++n)
      terminator->setSuccessor(finalTarget(terminator->getSuccessor(n)), n);
  }
}

/// A conditional branch with one target for both cases branches always.
void LayoutBlocks::simplifyBranches(FuncOp function) {
  for (Block &block : function.getBody()) {
    Operation *terminator = block.getTerminator();
    if (terminator->getNumSuccessors() != 2 ||
        terminator->getSuccessor(0) != terminator->getSuccessor(1))
      continue;
    OpBuilder builder(terminator);
    BrOp::create(builder, terminator->getLoc(), terminator->getSuccessor(0));
    terminator->erase();
  }
}

/// Chains of blocks: behind each block the successor reached without a
/// condition, else the one for the false case, if it has no place yet.
void LayoutBlocks::order(FuncOp function) {
  Region &region = function.getBody();
  llvm::SetVector<Block *> placed;
  SmallVector<Block *> waiting = {&region.front()};
  while (!waiting.empty()) {
    Block *block = waiting.pop_back_val();
    while (block && placed.insert(block)) {
      Block *next = nullptr;
      Operation *terminator = block->getTerminator();
      // The last successor is the false case, or the only one.
      for (unsigned n = terminator->getNumSuccessors(); n-- > 0;) {
        Block *successor = terminator->getSuccessor(n);
        if (placed.contains(successor))
          continue;
        if (!next)
          next = successor;
        else
          waiting.push_back(successor);
      }
      block = next;
    }
  }
  for (Block *block : placed)
    block->moveBefore(&region, region.end());
}

/// Makes the false case the next block where one of the two is.
void LayoutBlocks::invertConditions(FuncOp function) {
  for (Block &block : function.getBody()) {
    Operation *terminator = block.getTerminator();
    if (terminator->getNumSuccessors() != 2 ||
        terminator->getSuccessor(0) != block.getNextNode())
      continue;
    // The codes of opposite conditions differ in the lowest bit.
    if (auto branch = dyn_cast<BrCCOp>(terminator))
      branch.setCond(
          static_cast<Cond>(static_cast<uint32_t>(branch.getCond()) ^ 1));
    else if (auto bit = dyn_cast<BrBitOp>(terminator))
      bit.setTest(bit.getTest() == BitTest::Set ? BitTest::Clr : BitTest::Set);
    Block *next = terminator->getSuccessor(0);
    terminator->setSuccessor(terminator->getSuccessor(1), 0);
    terminator->setSuccessor(next, 1);
  }
}

void LayoutBlocks::runOnOperation() {
  IRRewriter rewriter(&getContext());
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    // Blocks other than the entry have no arguments after allocation.
    for (Block &block : llvm::drop_begin(function.getBody())) {
      if (block.getNumArguments() == 0)
        continue;
      function.emitOpError("has blocks with arguments: run "
                           "nfp-allocate-registers first");
      return signalPassFailure();
    }
    threadEmptyBlocks(function);
    simplifyBranches(function);
    (void)eraseUnreachableBlocks(rewriter, function->getRegions());
    order(function);
    invertConditions(function);
  }
}
