//===- ThreadBranches.cpp - nfp-thread-branches ---------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// After register allocation, when copies of blocks need no new arguments: all
// that crosses blocks is in registers.
//
//===----------------------------------------------------------------------===//

#include "BlockWeights.h"
#include "Effects.h"
#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"

#define DEBUG_TYPE "nfp-thread-branches"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_THREADBRANCHES
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

struct ThreadBranches : nfpbpf::nfp::impl::ThreadBranchesBase<ThreadBranches> {
  using ThreadBranchesBase::ThreadBranchesBase;
  void runOnOperation() override;
};

/// A bit of a register.
struct Bit {
  uint64_t mask; ///< the register, as registerMask
  uint32_t number;

  bool operator==(const Bit &other) const {
    return mask == other.mask && number == other.number;
  }
};

/// The ways on which a bit is known that are as rare as this, as part of all
/// that reach a place, get copies.
constexpr float MostOfWays = 0.2F;
/// Tests in rarer places are not worth the words.
constexpr float LeastWeight = 0.1F;

/// One bit of one register in one function.
class BitThreader {
public:
  BitThreader(FuncOp function, Bit bit, const BlockWeights &weights,
              unsigned &budget)
      : function(function), bit(bit), weights(weights), budget(budget) {}
  /// The number of tests decided.
  unsigned run();

private:
  struct Edge {
    Block *from;
    unsigned successor;
  };
  enum Known : uint8_t { Unreached, Clear, Set, Unknown };

  bool isTest(Block *block) const;
  bool changes(Block *block) const;
  Known atEnd(Block *block) const;
  Known onEdge(Block *from, unsigned successor) const;
  void findKnown();
  bool copyForRareWays();
  Block *copyBlocks(const llvm::SetVector<Block *> &blocks);
  std::optional<llvm::SetVector<Block *>> upToTests(Block *start) const;
  unsigned decide();

  FuncOp function;
  Bit bit;
  const BlockWeights &weights;
  unsigned &budget;
  llvm::DenseMap<Block *, Known> atStart;
};

} // namespace

static std::optional<Bit> testedBit(Block *block) {
  auto test = dyn_cast<BrBitOp>(block->getTerminator());
  auto type = test ? dyn_cast<GprType>(test.getSrc().getType()) : GprType();
  if (!type)
    return std::nullopt;
  return Bit{registerMask(type), test.getBit()};
}

bool BitThreader::isTest(Block *block) const { return testedBit(block) == bit; }

/// The register does not hold the same value at both ends of the block.
bool BitThreader::changes(Block *block) const {
  return llvm::any_of(*block, [&](Operation &op) {
    const Effects effects(&op);
    return effects.isBarrier || (effects.gprsWritten & bit.mask);
  });
}

BitThreader::Known BitThreader::atEnd(Block *block) const {
  return changes(block) ? Unknown : atStart.lookup(block);
}

BitThreader::Known BitThreader::onEdge(Block *from, unsigned successor) const {
  if (!isTest(from) || from->getSuccessor(0) == from->getSuccessor(1))
    return atEnd(from);
  const bool isSet =
      cast<BrBitOp>(from->getTerminator()).getTest() == BitTest::Set;
  return isSet == (successor == 0) ? Set : Clear;
}

/// Forwards, to a fixpoint: from optimistic to certain.
void BitThreader::findKnown() {
  atStart.clear();
  Region &body = function.getBody();
  atStart[&body.front()] = Unknown;
  llvm::SetVector<Block *> worklist;
  worklist.insert(&body.front());
  while (!worklist.empty()) {
    Block *block = worklist.pop_back_val();
    for (unsigned n = 0; n < block->getNumSuccessors(); ++n) {
      const Known known = onEdge(block, n);
      Known &there = atStart[block->getSuccessor(n)];
      const Known merged = there == Unreached ? known
                           : there == known   ? there
                                              : Unknown;
      if (known == Unreached || merged == there)
        continue;
      there = merged;
      worklist.insert(block->getSuccessor(n));
    }
  }
}

/// Nothing of the block is known elsewhere but by its registers, and all of it
/// may be executed at another place.
static bool isCopyable(Block *block) {
  return llvm::all_of(*block, [&](Operation &op) {
    return !isa<CmdOp, HelperOp, CallOp, WaitOp>(op) &&
           !op.isUsedOutsideOfBlock(block);
  });
}

/// The blocks from a place to the next tests, these included, the first one in
/// front; nothing if there is no test or more than may be copied.
std::optional<llvm::SetVector<Block *>>
BitThreader::upToTests(Block *start) const {
  constexpr size_t maxBlocks = 32;
  llvm::SetVector<Block *> reached;
  SmallVector<Block *> worklist{start};
  while (!worklist.empty() && reached.size() < maxBlocks) {
    Block *block = worklist.pop_back_val();
    if (block->isEntryBlock() || !isCopyable(block) || changes(block) ||
        !reached.insert(block))
      continue;
    worklist.append(block->succ_begin(), block->succ_end());
  }
  // Backwards from the tests.
  llvm::SetVector<Block *> needed;
  needed.insert(start);
  bool hasTest = false;
  for (Block *block : reached) {
    hasTest |= isTest(block);
    if (isTest(block))
      needed.insert(block);
  }
  for (size_t n = 0; n < needed.size(); ++n)
    for (Block *predecessor : needed[n]->getPredecessors())
      if (reached.contains(predecessor))
        needed.insert(predecessor);
  unsigned words = 0;
  for (Block *block : needed)
    for (Operation &op : *block)
      words += numWords(&op);
  if (!hasTest || !reached.contains(start) || words > budget)
    return std::nullopt;
  return needed;
}

/// Leads the rare ways into one block on which the bit is known, where all
/// other ways bring its opposite, to a copy of what stands up to the next
/// tests.
bool BitThreader::copyForRareWays() {
  for (Block &block : function.getBody()) {
    if (atStart.lookup(&block) != Unknown || block.isEntryBlock() ||
        weights.of(&block) < LeastWeight)
      continue;
    SmallVector<Edge> edges[2]; // by the bit
    float weight[2] = {0, 0};
    bool isKnown = true;
    for (auto it = block.pred_begin(); it != block.pred_end(); ++it) {
      const Known known = onEdge(*it, it.getSuccessorIndex());
      if (known == Unreached)
        continue;
      isKnown &= known != Unknown;
      const unsigned value = known == Set ? 1 : 0;
      edges[value].push_back({*it, it.getSuccessorIndex()});
      weight[value] += weights.ofEdge(*it, it.getSuccessorIndex());
    }
    const unsigned rare = weight[0] < weight[1] ? 0 : 1;
    if (!isKnown || weight[rare] > MostOfWays * weights.of(&block))
      continue;
    std::optional<llvm::SetVector<Block *>> blocks = upToTests(&block);
    if (!blocks)
      continue;
    Block *copy = copyBlocks(*blocks);
    for (const Edge &edge : edges[rare])
      edge.from->getTerminator()->setSuccessor(copy, edge.successor);
    return true;
  }
  return false;
}

/// The copy of the block that `blocks` were found from.
Block *BitThreader::copyBlocks(const llvm::SetVector<Block *> &blocks) {
  IRMapping mapping;
  OpBuilder builder(function.getContext());
  Region &body = function.getBody();
  for (Block *block : blocks)
    mapping.map(block, builder.createBlock(&body, body.end()));
  for (Block *block : blocks) {
    builder.setInsertionPointToEnd(mapping.lookup(block));
    for (Operation &op : *block) {
      budget -= std::min(budget, numWords(&op));
      builder.clone(op, mapping);
    }
  }
  return mapping.lookup(blocks.front());
}

/// Tests whose outcome is known everywhere in front of them.
unsigned BitThreader::decide() {
  unsigned number = 0;
  for (Block &block : function.getBody()) {
    const Known known = isTest(&block) ? atEnd(&block) : Unknown;
    if (known != Set && known != Clear)
      continue;
    auto test = cast<BrBitOp>(block.getTerminator());
    const bool isTaken = (test.getTest() == BitTest::Set) == (known == Set);
    remark::passed(test.getLoc(), remarkOf(test, DEBUG_TYPE, "Decided"))
        << remark::add("the bit has been tested already");
    OpBuilder builder(test);
    BrOp::create(builder, test.getLoc(), test->getSuccessor(isTaken ? 0 : 1));
    Operation *source = test.getSrc().getDefiningOp();
    test.erase();
    if (isa_and_present<LiveInOp>(source) && source->use_empty())
      source->erase();
    ++number;
  }
  return number;
}

unsigned BitThreader::run() {
  findKnown();
  while (copyForRareWays())
    findKnown();
  return decide();
}

void ThreadBranches::runOnOperation() {
  IRRewriter rewriter(&getContext());
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    SmallVector<Bit> bits;
    for (Block &block : function.getBody())
      if (std::optional<Bit> bit = testedBit(&block))
        bits.push_back(*bit);
    unsigned budget = maxCopied;
    for (auto [n, bit] : llvm::enumerate(bits)) {
      if (llvm::is_contained(ArrayRef(bits).take_front(n), bit) ||
          !llvm::is_contained(ArrayRef(bits).drop_front(n + 1), bit))
        continue;
      const BlockWeights weights(function);
      const unsigned before = budget;
      const unsigned decided =
          BitThreader(function, bit, weights, budget).run();
      numDecided += decided;
      numCopied += before - budget;
      if (decided)
        (void)eraseUnreachableBlocks(rewriter, function->getRegions());
    }
  }
}
