//===- OrderChecks.cpp - bpf-order-checks ---------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of two conditions under which a program goes to the same place, the one that
// needs no memory is asked before the memory is read for the other one.
//
//===----------------------------------------------------------------------===//

#include "Remarks.h"

#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_ORDERCHECKS
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

#define DEBUG_TYPE "bpf-order-checks"

using namespace mlir;
using namespace nfpbpf::bpf;

namespace {

/// Changes in one function; bounds the time for huge ones.
constexpr unsigned MaxMoved = 64;
/// Cycles between two waits for memory (hardware-validated cost model, spacing
/// rule, packet buffer), and of a check that fails.
constexpr int64_t WaitCycles = 16;
constexpr int64_t CheckCycles = 2;

struct OrderChecks : nfpbpf::bpf::impl::OrderChecksBase<OrderChecks> {
  using OrderChecksBase::OrderChecksBase;
  void runOnOperation() override;
};

/// One function.
class CheckOrderer {
public:
  CheckOrderer(FuncOp function, unsigned maxOps)
      : function(function), maxOps(maxOps) {}
  unsigned run();

private:
  /// Two branches that lead to one place.
  struct Checks {
    cf::CondBranchOp first, second;
    unsigned firstExit, secondExit; ///< successors that are this place
  };
  using Ops = llvm::SmallSetVector<Operation *, 8>;

  static std::optional<Checks> checksOf(Block *second);
  static Operation *firstWait(Checks checks);
  bool isWorth(Checks checks) const;
  bool needed(Checks checks, Operation *wait, Ops &ops) const;
  bool canLeaveOut(Checks checks, Operation *wait, const Ops &ops);
  static void change(Checks checks, Operation *wait, const Ops &ops);

  FuncOp function;
  unsigned maxOps;
  /// Of the function as it is; nothing until it is asked for.
  std::optional<DominanceInfo> dominance;
};

} // namespace

/// The program waits for the bytes.
static bool waits(Operation *op) {
  Value pointer;
  if (auto load = dyn_cast<LoadOp>(op))
    pointer = load.getPtr();
  else if (auto words = dyn_cast<LoadWordsOp>(op))
    pointer = words.getPtr();
  return pointer && cast<PtrType>(pointer.getType()).getSpace() != Space::Stack;
}

/// Nothing notices whether the operation is executed.
static bool canBeLeftOut(Operation *op) {
  return isMemoryEffectFree(op) ||
         isa<LoadOp, LoadWordsOp, CtxLoadOp, PacketDataOp, PacketEndOp,
             PacketMetaOp, PacketLenOp>(op);
}

/// The values that go to a block are the same.
static bool areSame(OperandRange left, OperandRange right) {
  return llvm::all_of(llvm::zip_equal(left, right), [](auto pair) {
    auto [one, other] = pair;
    Attribute oneConstant, otherConstant;
    return one == other || (matchPattern(one, m_Constant(&oneConstant)) &&
                            matchPattern(other, m_Constant(&otherConstant)) &&
                            oneConstant == otherConstant);
  });
}

static OperandRange operandsTo(cf::CondBranchOp branch, unsigned successor) {
  return successor == 0 ? branch.getTrueDestOperands()
                        : branch.getFalseDestOperands();
}

/// The branch at the end of a block, and the one that leads to the block and to
/// one of its successors.
std::optional<CheckOrderer::Checks> CheckOrderer::checksOf(Block *second) {
  Checks checks;
  Block *first = second->getSinglePredecessor();
  if (!first || first == second || second->getNumArguments())
    return std::nullopt;
  checks.first = dyn_cast<cf::CondBranchOp>(first->getTerminator());
  checks.second = dyn_cast<cf::CondBranchOp>(second->getTerminator());
  if (!checks.first || !checks.second ||
      checks.first.getTrueDest() == checks.first.getFalseDest() ||
      checks.second.getTrueDest() == checks.second.getFalseDest())
    return std::nullopt;
  checks.firstExit = checks.first.getTrueDest() == second ? 1 : 0;
  Block *exit = checks.first->getSuccessor(checks.firstExit);
  if (!llvm::is_contained(checks.second->getSuccessors(), exit))
    return std::nullopt;
  checks.secondExit = checks.second.getTrueDest() == exit ? 0 : 1;
  if (!areSame(operandsTo(checks.first, checks.firstExit),
               operandsTo(checks.second, checks.secondExit)) ||
      !llvm::all_of(second->without_terminator(),
                    [](Operation &op) { return canBeLeftOut(&op); }))
    return std::nullopt;
  return checks;
}

/// The first read that the first branch needs, if all from there on can be left
/// out.
Operation *CheckOrderer::firstWait(Checks checks) {
  llvm::SmallPtrSet<Operation *, 16> needed;
  Operation *result = nullptr;
  auto need = [&](ValueRange values) {
    for (Value value : values)
      if (Operation *made = value.getDefiningOp())
        needed.insert(made);
  };
  need(checks.first.getCondition());
  for (Operation *op = checks.first->getPrevNode(); op && canBeLeftOut(op);
       op = op->getPrevNode()) {
    bool isNeeded = needed.contains(op);
    if (isNeeded)
      need(op->getOperands());
    if (waits(op) && (isNeeded || result))
      result = op;
  }
  return result;
}

/// With a profile: more time is saved where the second check ends it than is
/// lost where the first one does.
bool CheckOrderer::isWorth(Checks checks) const {
  std::optional<ArrayRef<int32_t>> first = checks.first.getBranchWeights();
  std::optional<ArrayRef<int32_t>> second = checks.second.getBranchWeights();
  if (!first || !second)
    return true;
  return WaitCycles * (*second)[checks.secondExit] >
         CheckCycles * (*first)[checks.firstExit];
}

/// What has to be computed in front of the wait, as far as it is not there.
bool CheckOrderer::needed(Checks checks, Operation *wait, Ops &ops) const {
  SmallVector<Value> worklist{checks.second.getCondition()};
  llvm::append_range(worklist, operandsTo(checks.first, checks.firstExit));
  unsigned computed = 0;
  while (!worklist.empty()) {
    Operation *made = worklist.pop_back_val().getDefiningOp();
    if (!made)
      continue;
    bool isBefore = made->getBlock() == wait->getBlock()
                        ? made->isBeforeInBlock(wait)
                        : made->getBlock() != checks.second->getBlock();
    if (isBefore || !ops.insert(made))
      continue;
    if (waits(made) || !canBeLeftOut(made) ||
        (!made->hasTrait<OpTrait::ConstantLike>() && ++computed > maxOps))
      return false;
    llvm::append_range(worklist, made->getOperands());
  }
  return true;
}

/// Where the second check ends it, nothing asks for what the first one made.
bool CheckOrderer::canLeaveOut(Checks checks, Operation *wait, const Ops &ops) {
  Block *first = wait->getBlock(), *second = checks.second->getBlock();
  for (Operation *op = wait; op; op = op->getNextNode()) {
    if (ops.contains(op))
      continue;
    for (Operation *user : op->getUsers()) {
      Block *block = user->getBlock();
      if (block == first || block == second)
        continue;
      if (!dominance)
        dominance.emplace(function);
      if (!dominance->dominates(second, block))
        return false;
    }
  }
  return true;
}

void CheckOrderer::change(Checks checks, Operation *wait, const Ops &ops) {
  cf::CondBranchOp first = checks.first, second = checks.second;
  Block *top = wait->getBlock(), *behind = second->getBlock();
  SmallVector<Operation *> inOrder;
  for (Block *block : {top, behind})
    for (Operation &op : *block)
      if (ops.contains(&op))
        inOrder.push_back(&op);
  for (Operation *op : inOrder)
    op->moveBefore(wait);

  Block *rest = top->splitBlock(wait);
  OpBuilder b(second->getContext());
  b.setInsertionPointToEnd(top);
  Block *exit = first->getSuccessor(checks.firstExit);
  OperandRange operands = operandsTo(first, checks.firstExit);
  auto check =
      checks.secondExit == 0
          ? cf::CondBranchOp::create(b, second.getLoc(), second.getCondition(),
                                     exit, operands, rest, ValueRange())
          : cf::CondBranchOp::create(b, second.getLoc(), second.getCondition(),
                                     rest, ValueRange(), exit, operands);
  std::optional<ArrayRef<int32_t>> ofFirst = first.getBranchWeights();
  std::optional<ArrayRef<int32_t>> ofSecond = second.getBranchWeights();
  if (ofFirst && ofSecond) {
    const int32_t leaves = (*ofSecond)[checks.secondExit];
    const int32_t goesOn = (*ofSecond)[1 - checks.secondExit];
    const int32_t leavesFirst = (*ofFirst)[checks.firstExit];
    int32_t weights[2];
    weights[checks.secondExit] = leaves;
    weights[1 - checks.secondExit] = leavesFirst + goesOn;
    check.setBranchWeights(weights);
    weights[checks.firstExit] = leavesFirst;
    weights[1 - checks.firstExit] = goesOn;
    first.setBranchWeights(weights);
  }

  Block *next = second->getSuccessor(1 - checks.secondExit);
  SmallVector<Value> arguments(operandsTo(second, 1 - checks.secondExit));
  b.setInsertionPoint(second);
  auto branch = cf::BranchOp::create(b, second.getLoc(), next, arguments);
  second.erase();
  // What follows may be another check.
  if (next->getSinglePredecessor() != behind || next == behind)
    return;
  branch.erase();
  for (auto [argument, value] :
       llvm::zip_equal(next->getArguments(), arguments))
    argument.replaceAllUsesWith(value);
  behind->getOperations().splice(behind->end(), next->getOperations());
  next->erase();
}

unsigned CheckOrderer::run() {
  unsigned moved = 0;
  for (bool changed = true; changed && moved < MaxMoved;) {
    changed = false;
    for (Block &second : function.getBody()) {
      std::optional<Checks> checks = checksOf(&second);
      Operation *wait =
          checks && isWorth(*checks) ? firstWait(*checks) : nullptr;
      Ops ops;
      if (!wait || !needed(*checks, wait, ops) ||
          !canLeaveOut(*checks, wait, ops))
        continue;
      remark::passed(checks->second.getLoc(),
                     remarkOf(function, DEBUG_TYPE, "Earlier"))
          << remark::add("asked before the read of {0} is waited for",
                         describePlace(wait->getLoc()));
      change(*checks, wait, ops);
      dominance.reset();
      ++moved;
      changed = true;
      break;
    }
  }
  return moved;
}

void OrderChecks::runOnOperation() {
  for (FuncOp function : getOperation().getOps<FuncOp>())
    if (!function.getBody().empty())
      numMoved += CheckOrderer(function, maxOps).run();
}
