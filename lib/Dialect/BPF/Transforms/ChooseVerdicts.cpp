//===- ChooseVerdicts.cpp - bpf-choose-verdicts ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs number the outcomes of their decisions, count them, and then ask
// once more which it was, to return the verdict for it. Where a block argument
// is a constant on every way into its block and decides what the program
// returns, the ways bring the verdict along.
//
//===----------------------------------------------------------------------===//

#include "Remarks.h"
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/DepthFirstIterator.h"
#include "llvm/ADT/MapVector.h"

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_CHOOSEVERDICTS
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

#define DEBUG_TYPE "bpf-choose-verdicts"

using namespace mlir;
using namespace nfpbpf::bpf;

namespace {

/// Different constants that an argument may be, blocks behind it to look at,
/// and operations and blocks that lead from one constant to a verdict.
constexpr size_t MaxConstants = 64;
constexpr unsigned MaxBlocks = 64;
constexpr unsigned MaxSteps = 64;

struct ChooseVerdicts : nfpbpf::bpf::impl::ChooseVerdictsBase<ChooseVerdicts> {
  using ChooseVerdictsBase::ChooseVerdictsBase;
  void runOnOperation() override;

private:
  bool chooseOne(FuncOp function, DominanceInfo &dominance, Block &block);
};

/// What the program does once an argument is a certain constant.
class Evaluator {
public:
  Evaluator(Value argument, Attribute constant) { known[argument] = constant; }
  Attribute valueOf(Value value);
  Attribute verdictBehind(Block *block);

private:
  llvm::DenseMap<Value, Attribute> known;
  unsigned steps = 0;
};

/// The constants of an argument, one for every edge into its block, and the
/// verdict that each of them leads to.
using Verdicts = llvm::MapVector<Attribute, Attribute>;

} // namespace

static bool onlyComputes(Block *block) {
  return llvm::all_of(block->without_terminator(),
                      [](Operation &op) { return isPure(&op); });
}

/// The constant that a value is then; null if that is not known.
Attribute Evaluator::valueOf(Value value) {
  if (Attribute constant = known.lookup(value))
    return constant;
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant)))
    return constant;
  Operation *op = value.getDefiningOp();
  if (!op || !isa<arith::ArithDialect>(op->getDialect()) || !isPure(op) ||
      op->getNumResults() != 1 || ++steps > MaxSteps)
    return {};
  SmallVector<Attribute, 3> operands;
  for (Value operand : op->getOperands())
    if (Attribute of = valueOf(operand))
      operands.push_back(of);
    else
      return {};
  // Folding may change the operation.
  Operation *copy = op->clone();
  SmallVector<OpFoldResult, 1> results;
  Attribute result;
  if (succeeded(copy->fold(operands, results)) && results.size() == 1) {
    if (auto attribute = dyn_cast<Attribute>(results.front()))
      result = attribute;
    else if (Value same = cast<Value>(results.front());
             same != copy->getResult(0))
      result = valueOf(same);
  }
  copy->destroy();
  if (result)
    known[value] = result;
  return result;
}

/// What the end of a block leads to: a constant verdict, with nothing but
/// decisions on the way.
Attribute Evaluator::verdictBehind(Block *block) {
  llvm::SmallPtrSet<Block *, 8> seen;
  for (;;) {
    Operation *end = block->getTerminator();
    if (auto ret = dyn_cast<ReturnOp>(end))
      return isa<IntegerType>(ret.getValue().getType())
                 ? valueOf(ret.getValue())
                 : Attribute();
    unsigned taken = 0;
    if (auto branch = dyn_cast<cf::CondBranchOp>(end)) {
      auto condition =
          dyn_cast_if_present<IntegerAttr>(valueOf(branch.getCondition()));
      if (!condition)
        return {};
      taken = condition.getValue().isZero() ? 1 : 0;
    } else if (!isa<cf::BranchOp>(end)) {
      return {};
    }
    Block *next = end->getSuccessor(taken);
    if (!seen.insert(next).second || ++steps > MaxSteps || !onlyComputes(next))
      return {};
    ValueRange operands = cast<BranchOpInterface>(end)
                              .getSuccessorOperands(taken)
                              .getForwardedOperands();
    for (auto [argument, operand] :
         llvm::zip_equal(next->getArguments(), operands))
      if (Attribute constant = valueOf(operand))
        known[argument] = constant;
    block = next;
  }
}

/// The constants that edges bring for an argument; nothing if one brings
/// something else.
static std::optional<Verdicts> constantsOf(BlockArgument argument) {
  Verdicts constants;
  Block *block = argument.getOwner();
  for (auto it = block->pred_begin(); it != block->pred_end(); ++it) {
    auto branch = dyn_cast<BranchOpInterface>((*it)->getTerminator());
    Attribute constant;
    if (!branch ||
        !matchPattern(branch.getSuccessorOperands(
                          it.getSuccessorIndex())[argument.getArgNumber()],
                      m_Constant(&constant)))
      return std::nullopt;
    constants[constant] = {};
    if (constants.size() > MaxConstants)
      return std::nullopt;
  }
  return constants.empty() ? std::nullopt : std::optional(constants);
}

/// Returns a constant, or what is for the return alone already.
static bool isDone(Operation *end) {
  auto ret = dyn_cast<ReturnOp>(end);
  if (!ret)
    return false;
  Value value = ret.getValue();
  while (value.hasOneUse() && value.getDefiningOp<arith::ExtUIOp>())
    value = value.getDefiningOp<arith::ExtUIOp>().getIn();
  return matchPattern(value, m_Constant()) ||
         (isa<BlockArgument>(value) && value.hasOneUse());
}

bool ChooseVerdicts::chooseOne(FuncOp function, DominanceInfo &dominance,
                               Block &block) {
  if (block.isEntryBlock() || onlyComputes(&block))
    return false;
  for (BlockArgument argument : block.getArguments()) {
    if (!isa<IntegerType>(argument.getType()))
      continue;
    std::optional<Verdicts> verdicts = constantsOf(argument);
    if (!verdicts)
      continue;
    unsigned looked = 0;
    for (auto *node : llvm::depth_first(dominance.getNode(&block))) {
      Operation *end = node->getBlock()->getTerminator();
      if (++looked > MaxBlocks)
        break;
      if (isDone(end) || !llvm::all_of(*verdicts, [&](auto &entry) {
            Evaluator evaluator(argument, entry.first);
            entry.second = evaluator.verdictBehind(end->getBlock());
            return entry.second != nullptr;
          }))
        continue;
      Type type = function.getResultTypes().front();
      for (auto it = block.pred_begin(); it != block.pred_end(); ++it) {
        Operation *from = (*it)->getTerminator();
        SuccessorOperands operands =
            cast<BranchOpInterface>(from).getSuccessorOperands(
                it.getSuccessorIndex());
        Attribute constant;
        matchPattern(operands[argument.getArgNumber()], m_Constant(&constant));
        OpBuilder builder(from);
        operands.append(
            arith::ConstantOp::create(builder, end->getLoc(), type,
                                      cast<TypedAttr>((*verdicts)[constant]))
                .getResult());
      }
      Value verdict = block.addArgument(type, end->getLoc());
      remark::passed(end->getLoc(), remarkOf(end, DEBUG_TYPE, "VerdictChosen"))
          << remark::add(
                 "the verdict comes with the outcome, from {0}",
                 countOf(llvm::range_size(block.getPredecessors()), "place"));
      OpBuilder builder(end);
      ReturnOp::create(builder, end->getLoc(), verdict);
      end->erase();
      ++numChosen;
      return true;
    }
  }
  return false;
}

void ChooseVerdicts::runOnOperation() {
  IRRewriter rewriter(&getContext());
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    if (!function.isEntry() || function.getBody().empty() ||
        function.getBody().hasOneBlock())
      continue;
    DominanceInfo dominance(function);
    bool changed = false;
    for (Block &block : function.getBody())
      if (dominance.isReachableFromEntry(&block))
        changed |= chooseOne(function, dominance, block);
    if (changed)
      (void)eraseUnreachableBlocks(rewriter, function->getRegions());
  }
}
