//===- Simplify.cpp - nfp-simplify ----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "ExpandMacros.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/DenseSet.h"

#define DEBUG_TYPE "nfp-simplify"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_SIMPLIFY
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

struct Simplify : nfpbpf::nfp::impl::SimplifyBase<Simplify> {
  using SimplifyBase::SimplifyBase;
  void runOnOperation() override;

private:
  void compareLengths(FuncOp function);
  void replaceDifferences(FuncOp function);
  bool threadBranches(FuncOp function);
  bool replaceEqualArguments(FuncOp function);
  void removeUnneeded(FuncOp function);
};

/// Word of the packet vector with the address of the packet's first byte.
constexpr unsigned PacketAddressWord = 2;
/// Largest distance from the packet's start that the lengths are compared with
/// instead of addresses: sums of both stay far from 2^32.
constexpr uint32_t MaxDistance = 0xffff;

} // namespace

/// The value that a predecessor passes for an argument of a block.
static Value incoming(Block *predecessor, unsigned successor,
                      unsigned argument) {
  auto branch = cast<BranchOpInterface>(predecessor->getTerminator());
  return branch.getSuccessorOperands(successor)[argument];
}

template <typename FnT>
static void forEachEdge(Block *block, FnT fn) {
  for (auto it = block->pred_begin(); it != block->pred_end(); ++it)
    fn(*it, it.getSuccessorIndex());
}

//===----------------------------------------------------------------------===//
// Lengths
//===----------------------------------------------------------------------===//

static bool isPacketAddress(Value value) {
  auto lm = value.getDefiningOp<LMOp>();
  return lm && lm.getPointer() == 1 && lm.getOffset() == PacketAddressWord;
}

/// True if an operation may change the packet's address or length.
static bool changesPacket(Operation *op) {
  if (isa<CallOp, HelperOp>(op))
    return true;
  for (Value operand : op->getOperands())
    if (auto lm = operand.getDefiningOp<LMOp>();
        lm && lm.getPointer() == 1 && operand == getWrittenWord(op))
      return true;
  return false;
}

/// Both read the packet's address, without a change between them.
static bool readTogether(Operation *left, Operation *right) {
  if (left->getBlock() != right->getBlock())
    return false;
  Operation *first = left->isBeforeInBlock(right) ? left : right;
  Operation *last = first == left ? right : left;
  for (Operation *op = first; op != last; op = op->getNextNode())
    if (changesPacket(op))
      return false;
  return true;
}

/// `length + address` against `address + n` compares the length with n.
void Simplify::compareLengths(FuncOp function) {
  function.walk([&](AluOp compare) {
    if (compare.getOpcode() != AluOpcode::Sub || compare.getDst() ||
        compare.getDstLm() || compare.getPrevOut() ||
        compare.getSrcs().size() != 2)
      return;
    auto end = compare.getSrcs()[0].getDefiningOp<AluOp>();
    auto place = compare.getSrcs()[1].getDefiningOp<AluOp>();
    if (!end || end.getOpcode() != AluOpcode::Add || !place ||
        place.getOpcode() != AluOpcode::Add)
      return;
    if (!isPacketAddress(end.getSrcs()[1]))
      return;
    auto start = place.getSrcs()[0].getDefiningOp<AluOp>();
    Value distance = place.getSrcs()[1];
    std::optional<uint32_t> known = constantOf(distance);
    if (!start || start.getOpcode() != AluOpcode::B ||
        !isPacketAddress(start.getSrcs()[0]) || !known ||
        *known > MaxDistance || !readTogether(end, start))
      return;
    auto length = end.getSrcs()[0].getDefiningOp<AluOp>();
    if (!length || length.getOpcode() != AluOpcode::And ||
        llvm::none_of(length.getSrcs(), [](Value source) {
          return constantOf(source).value_or(~0U) <= MaxDistance;
        }))
      return;
    compare.getSrcsMutable()[0].set(length.getDst());
    compare.getSrcsMutable()[1].set(distance);
    remark::passed(compare.getLoc(),
                   remarkOf(compare, DEBUG_TYPE, "LengthCompared"))
        << remark::add("the length of the packet is compared, not addresses");
    ++numLengths;
  });
}

/// `(length + address) - address` is the length.
void Simplify::replaceDifferences(FuncOp function) {
  function.walk([&](AluOp difference) {
    if (difference.getOpcode() != AluOpcode::Sub || !difference.getDst() ||
        difference.getDstLm() || difference.getCcOut() ||
        difference.getPrevOut() || difference.getSrcs().size() != 2)
      return;
    auto end = difference.getSrcs()[0].getDefiningOp<AluOp>();
    auto start = difference.getSrcs()[1].getDefiningOp<AluOp>();
    if (!end || end.getOpcode() != AluOpcode::Add || !start ||
        start.getOpcode() != AluOpcode::B ||
        !isPacketAddress(end.getSrcs()[1]) ||
        !isPacketAddress(start.getSrcs()[0]) || !readTogether(end, start) ||
        !isa<GprType>(end.getSrcs()[0].getType()))
      return;
    difference.getDst().replaceAllUsesWith(end.getSrcs()[0]);
    ++numLengths;
  });
}

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

/// Whether a condition holds after an instruction on constants.
static std::optional<bool> evaluate(AluOp op, ArrayRef<uint32_t> sources,
                                    Cond cond) {
  std::optional<uint32_t> result =
      foldAlu(op.getOpcode(), sources.front(), sources.back());
  if (!result || (cond != Cond::EQ && cond != Cond::NE))
    return std::nullopt;
  return (*result == 0) == (cond == Cond::EQ);
}

/// The test of a block that does nothing but test its arguments.
static AluOp onlyTest(Block &block) {
  auto branch = dyn_cast<BrCCOp>(block.getTerminator());
  if (!branch || block.isEntryBlock() || block.getNumArguments() == 0)
    return {};
  auto test = branch.getCc().getDefiningOp<AluOp>();
  if (!test || test->getBlock() != &block || test.getDst() || test.getDstLm() ||
      test.getPrevOut() || test.getCcIn())
    return {};
  for (Operation &op : block) {
    if (!isa<ImmOp, ConstOp>(op) && &op != test && &op != branch)
      return {};
    for (Value result : op.getResults())
      if (result.isUsedOutsideOfBlock(&block))
        return {};
  }
  for (BlockArgument argument : block.getArguments())
    if (argument.isUsedOutsideOfBlock(&block))
      return {};
  return test;
}

/// A predecessor that passes constants goes where the test leads.
bool Simplify::threadBranches(FuncOp function) {
  bool changed = false;
  for (Block &block : function.getBody()) {
    AluOp test = onlyTest(block);
    if (!test)
      continue;
    auto branch = cast<BrCCOp>(block.getTerminator());
    SmallVector<BrOp> sources;
    for (Block *predecessor : block.getPredecessors())
      if (auto source = dyn_cast<BrOp>(predecessor->getTerminator()))
        sources.push_back(source);
    for (BrOp source : sources) {
      auto passed = [&](Value value) {
        auto argument = dyn_cast<BlockArgument>(value);
        return argument && argument.getOwner() == &block
                   ? source.getDestOperands()[argument.getArgNumber()]
                   : value;
      };
      SmallVector<uint32_t, 2> constants;
      for (Value value : test.getSrcs())
        if (std::optional<uint32_t> constant = constantOf(passed(value)))
          constants.push_back(*constant);
      if (constants.size() != test.getSrcs().size())
        continue;
      std::optional<bool> taken = evaluate(test, constants, branch.getCond());
      if (!taken ||
          (*taken ? branch.getTrueDest() : branch.getFalseDest()) == &block)
        continue;
      OpBuilder builder(source);
      SmallVector<Value> operands;
      for (Value value :
           *taken ? branch.getTrueOperands() : branch.getFalseOperands()) {
        Operation *producer = value.getDefiningOp();
        operands.push_back(producer && producer->getBlock() == &block
                               ? builder.clone(*producer)->getResult(0)
                               : passed(value));
      }
      BrOp::create(builder, source.getLoc(),
                   *taken ? branch.getTrueDest() : branch.getFalseDest(),
                   operands);
      remark::passed(source.getLoc(),
                     remarkOf(source, DEBUG_TYPE, "TestSkipped"))
          << remark::add("goes on behind a test whose outcome is known here");
      source.erase();
      ++numThreaded;
      changed = true;
    }
  }
  return changed;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

/// Predecessors no longer pass an argument.
static void eraseIncoming(Block *block, unsigned number) {
  forEachEdge(block, [&](Block *predecessor, unsigned successor) {
    cast<BranchOpInterface>(predecessor->getTerminator())
        .getSuccessorOperands(successor)
        .erase(number);
  });
}

/// An argument that is the same constant or value from everywhere is that.
bool Simplify::replaceEqualArguments(FuncOp function) {
  bool changed = false;
  for (Block &block : llvm::drop_begin(function.getBody()))
    for (unsigned n = block.getNumArguments(); n-- > 0;) {
      BlockArgument argument = block.getArgument(n);
      Value common;
      bool isEqual = true;
      forEachEdge(&block, [&](Block *predecessor, unsigned successor) {
        Value value = incoming(predecessor, successor, n);
        if (value == argument || value == common)
          return;
        auto left = common ? common.getDefiningOp<ConstOp>() : ConstOp();
        auto right = value.getDefiningOp<ConstOp>();
        if (!common)
          common = value;
        else if (!left || !right || left.getValue() != right.getValue())
          isEqual = false;
      });
      if (!common || !isEqual)
        continue;
      if (auto constant = common.getDefiningOp<ConstOp>()) {
        OpBuilder builder(&block, block.begin());
        common = builder.clone(*constant)->getResult(0);
      }
      argument.replaceAllUsesWith(common);
      eraseIncoming(&block, n);
      block.eraseArgument(n);
      ++numArguments;
      changed = true;
    }
  return changed;
}

/// Removes instructions and block arguments that nothing with an effect needs,
/// also where they need each other in a loop.
void Simplify::removeUnneeded(FuncOp function) {
  llvm::DenseSet<Operation *> neededOps;
  llvm::DenseSet<Value> neededArguments;
  SmallVector<Value> worklist;
  auto need = [&](Operation *op) {
    if (!neededOps.insert(op).second)
      return;
    auto branch = dyn_cast<BranchOpInterface>(op);
    llvm::SmallPtrSet<OpOperand *, 8> forwarded;
    if (branch)
      for (unsigned n = 0; n < op->getNumSuccessors(); ++n) {
        SuccessorOperands operands = branch.getSuccessorOperands(n);
        for (unsigned k = 0; k < operands.size(); ++k)
          forwarded.insert(&op->getOpOperand(operands.getOperandIndex(k)));
      }
    for (OpOperand &operand : op->getOpOperands())
      if (!forwarded.contains(&operand))
        worklist.push_back(operand.get());
  };
  function.getBody().walk([&](Operation *op) {
    if (!isRemovable(op))
      need(op);
  });
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (Operation *producer = value.getDefiningOp()) {
      need(producer);
      continue;
    }
    auto argument = cast<BlockArgument>(value);
    Block *block = argument.getOwner();
    if (block->isEntryBlock() || !neededArguments.insert(argument).second)
      continue;
    forEachEdge(block, [&](Block *predecessor, unsigned successor) {
      worklist.push_back(
          incoming(predecessor, successor, argument.getArgNumber()));
    });
  }
  SmallVector<Operation *> removed;
  function.getBody().walk([&](Operation *op) {
    if (!neededOps.contains(op))
      removed.push_back(op);
  });
  if (!removed.empty())
    remark::passed(function.getLoc(),
                   remarkOf(function, DEBUG_TYPE, "Unneeded"))
        << remark::add("{0} removed that nothing needs",
                       countOf(removed.size(), "instruction"));
  for (Operation *op : removed)
    op->dropAllReferences();
  // Arguments may be passed on to each other: first the edges, then the blocks.
  for (Block &block : llvm::drop_begin(function.getBody()))
    for (unsigned n = block.getNumArguments(); n-- > 0;)
      if (!neededArguments.contains(block.getArgument(n)))
        eraseIncoming(&block, n);
  for (Block &block : llvm::drop_begin(function.getBody()))
    for (unsigned n = block.getNumArguments(); n-- > 0;)
      if (!neededArguments.contains(block.getArgument(n))) {
        block.eraseArgument(n);
        ++numArguments;
      }
  for (Operation *op : removed)
    op->erase();
  numRemoved += removed.size();
}

void Simplify::runOnOperation() {
  IRRewriter rewriter(&getContext());
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    compareLengths(function);
    replaceDifferences(function);
    // One test can lead to the next, but not for ever.
    bool changed = true;
    for (unsigned round = 0; changed && round < maxRounds; ++round) {
      (void)eraseUnreachableBlocks(rewriter, function->getRegions());
      changed = threadBranches(function);
      changed |= replaceEqualArguments(function);
    }
    (void)eraseUnreachableBlocks(rewriter, function->getRegions());
    removeUnneeded(function);
  }
}
