//===- LayoutBlocks.cpp - nfp-layout-blocks -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockWeights.h"
#include "CopyCalls.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "mlir/Transforms/RegionUtils.h"
#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include <map>
#include <vector>

#define DEBUG_TYPE "nfp-layout-blocks"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_LAYOUTBLOCKS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

struct LayoutBlocks : nfpbpf::nfp::impl::LayoutBlocksBase<LayoutBlocks> {
  using LayoutBlocksBase::LayoutBlocksBase;
  void runOnOperation() override;

private:
  void threadEmptyBlocks(FuncOp function);
  void simplifyBranches(FuncOp function);
  void mergeEqualBlocks(FuncOp function);
  void copyEnds(FuncOp function);
  void joinChains(FuncOp function);
  void order(FuncOp function);
  static void invert(Operation *terminator);
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

/// A block that loads constants and branches, in a form that can be compared;
/// nothing for other blocks.
static std::optional<std::vector<uint64_t>> contentOf(Block &block) {
  auto branch = dyn_cast<BrOp>(block.getTerminator());
  if (!branch || block.isEntryBlock())
    return std::nullopt;
  std::vector<uint64_t> content{reinterpret_cast<uintptr_t>(branch.getDest())};
  for (Operation &op : block.without_terminator()) {
    auto constant = dyn_cast<ConstOp>(op);
    if (!constant || op.isUsedOutsideOfBlock(&block))
      return std::nullopt;
    content.push_back(static_cast<uint32_t>(constant.getValue()));
    content.push_back(reinterpret_cast<uintptr_t>(
        constant.getDst().getType().getAsOpaquePointer()));
  }
  return content.size() > 1 ? std::optional(content) : std::nullopt;
}

/// Ways that bring the same constants to the same block become one.
void LayoutBlocks::mergeEqualBlocks(FuncOp function) {
  std::map<std::vector<uint64_t>, Block *> known;
  for (Block &block : llvm::make_early_inc_range(function.getBody())) {
    std::optional<std::vector<uint64_t>> content = contentOf(block);
    if (!content)
      continue;
    auto [it, isNew] = known.try_emplace(std::move(*content), &block);
    if (isNew)
      continue;
    block.replaceAllUsesWith(it->second);
    block.erase();
    ++numMerged;
  }
}

/// A branch to a few instructions and the end of the program or function
/// becomes a copy of them.
void LayoutBlocks::copyEnds(FuncOp function) {
  SmallVector<BrOp> branches;
  for (Block &block : function.getBody())
    if (auto branch = dyn_cast<BrOp>(block.getTerminator()))
      branches.push_back(branch);
  for (BrOp branch : branches) {
    Block *target = branch.getDest();
    if (!isa<ExitOp, RtnOp>(target->getTerminator()) ||
        target->getSinglePredecessor() || target->isEntryBlock())
      continue;
    unsigned words = 0;
    for (Operation &op : target->without_terminator())
      words += numWords(&op);
    if (words > maxCopied)
      continue;
    OpBuilder builder(branch);
    IRMapping mapping;
    for (Operation &op : *target)
      builder.clone(op, mapping);
    remark::passed(branch.getLoc(), remarkOf(branch, DEBUG_TYPE, "EndCopied"))
        << remark::add("the {0} at the branch's target that end the program or "
                       "function take its place",
                       countOf(words + 1, "word"));
    branch.erase();
    ++numCopied;
  }
}

/// A block that is reached from the end of one other block only becomes a part
/// of that one.
void LayoutBlocks::joinChains(FuncOp function) {
  llvm::SmallSetVector<Block *, 8> joined;
  for (Block &block : function.getBody()) {
    if (joined.contains(&block))
      continue;
    while (auto branch = dyn_cast<BrOp>(block.getTerminator())) {
      Block *next = branch.getDest();
      if (next == &block || next->isEntryBlock() ||
          next->getSinglePredecessor() != &block)
        break;
      branch.erase();
      block.getOperations().splice(block.end(), next->getOperations());
      joined.insert(next);
    }
  }
  for (Block *block : joined)
    block->erase();
}

/// Chains of blocks: first those that follow each other most often. The chains
/// follow by weight.
void LayoutBlocks::order(FuncOp function) {
  BlockWeights weights(function);
  Region &region = function.getBody();
  struct Edge {
    float weight;
    unsigned from, to;
  };
  SmallVector<Block *> blocks;
  llvm::DenseMap<Block *, unsigned> index;
  for (Block *block : llvm::ReversePostOrderTraversal<Region *>(&region)) {
    index[block] = static_cast<unsigned>(blocks.size());
    blocks.push_back(block);
  }
  SmallVector<Edge> edges;
  for (auto [from, block] : llvm::enumerate(blocks))
    for (unsigned n = block->getNumSuccessors(); n-- > 0;)
      if (unsigned to = index[block->getSuccessor(n)];
          to != 0 && !onlyExits(block->getSuccessor(n))) {
        // A call returns to any place.
        auto branch = dyn_cast<BrOp>(block->getTerminator());
        const bool isReturn = branch && callReturningTo(branch);
        edges.push_back({isReturn ? 0.0F : weights.ofEdge(block, n),
                         static_cast<unsigned>(from), to});
      }
  llvm::sort(edges, [](const Edge &left, const Edge &right) {
    return std::tuple(-left.weight, left.from, left.to) <
           std::tuple(-right.weight, right.from, right.to);
  });

  // Each block with the one behind it; the ends of a chain know each other.
  constexpr unsigned none = ~0U;
  std::vector<unsigned> next(blocks.size(), none);
  std::vector<unsigned> otherEnd(blocks.size());
  std::vector<bool> hasPrevious(blocks.size(), false);
  for (unsigned n = 0; n < blocks.size(); ++n)
    otherEnd[n] = n;
  for (const Edge &edge : edges) {
    if (next[edge.from] != none || hasPrevious[edge.to] ||
        otherEnd[edge.from] == edge.to)
      continue;
    next[edge.from] = edge.to;
    hasPrevious[edge.to] = true;
    unsigned head = otherEnd[edge.from], tail = otherEnd[edge.to];
    otherEnd[head] = tail;
    otherEnd[tail] = head;
  }
  SmallVector<unsigned> heads;
  std::vector<float> chainWeight(blocks.size(), 0);
  for (unsigned n = 0; n < blocks.size(); ++n) {
    if (hasPrevious[n])
      continue;
    heads.push_back(n);
    for (unsigned k = n; k != none; k = next[k])
      chainWeight[n] = std::max(chainWeight[n], weights.of(blocks[k]));
  }
  // The entry comes first, last what is not emitted at all.
  llvm::sort(
      heads.begin() + 1, heads.end(), [&](unsigned left, unsigned right) {
        return std::tuple(onlyExits(blocks[left]), -chainWeight[left], left) <
               std::tuple(onlyExits(blocks[right]), -chainWeight[right], right);
      });
  for (unsigned head : heads)
    for (unsigned k = head; k != none; k = next[k])
      blocks[k]->moveBefore(&region, region.end());

  // Of two cases elsewhere the more frequent one is reached at once, the other
  // by a branch behind it.
  OpBuilder builder(function.getContext());
  for (Block *block : blocks) {
    Operation *terminator = block->getTerminator();
    if (terminator->getNumSuccessors() != 2 ||
        llvm::is_contained(block->getSuccessors(), block->getNextNode()))
      continue;
    if (weights.ofEdge(block, 0) < weights.ofEdge(block, 1))
      invert(terminator);
    auto *behind = new Block;
    region.getBlocks().insertAfter(block->getIterator(), behind);
    builder.setInsertionPointToEnd(behind);
    BrOp::create(builder, terminator->getLoc(), terminator->getSuccessor(1));
    terminator->setSuccessor(behind, 1);
  }
}

/// Branches in the other case; the successors change places.
void LayoutBlocks::invert(Operation *terminator) {
  // The codes of opposite conditions differ in the lowest bit.
  if (auto branch = dyn_cast<BrCCOp>(terminator))
    branch.setCond(
        static_cast<Cond>(static_cast<uint32_t>(branch.getCond()) ^ 1));
  else if (auto bit = dyn_cast<BrBitOp>(terminator))
    bit.setTest(bit.getTest() == BitTest::Set ? BitTest::Clr : BitTest::Set);
  else if (auto byte = dyn_cast<BrByteOp>(terminator)) {
    byte.setTest(byte.getTest() == ByteTest::EQ ? ByteTest::NE : ByteTest::EQ);
    if (std::optional<uint32_t> expected = byte.getExpected())
      byte.setExpected(100 - *expected);
  }
  Block *first = terminator->getSuccessor(0);
  terminator->setSuccessor(terminator->getSuccessor(1), 0);
  terminator->setSuccessor(first, 1);
  auto weighted = cast<WeightedBranchOpInterface>(terminator);
  if (ArrayRef<int32_t> old = weighted.getWeights(); !old.empty())
    weighted.setWeights({old[1], old[0]});
}

/// Makes the false case the next block where one of the two is.
void LayoutBlocks::invertConditions(FuncOp function) {
  for (Block &block : function.getBody()) {
    Operation *terminator = block.getTerminator();
    if (terminator->getNumSuccessors() != 2 ||
        terminator->getSuccessor(0) != block.getNextNode())
      continue;
    invert(terminator);
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
    mergeEqualBlocks(function);
    simplifyBranches(function);
    copyEnds(function);
    (void)eraseUnreachableBlocks(rewriter, function->getRegions());
    joinChains(function);
    if (unsigned copied = copyCalls(function, maxBeforeCall)) {
      numCalls += copied;
      joinChains(function);
    }
    order(function);
    invertConditions(function);
  }
}
