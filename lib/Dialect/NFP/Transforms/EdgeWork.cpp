//===- EdgeWork.cpp - What is better done on the ways to a block ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A value that comes to a block by several ways is often a constant on one of
// them, and shifted out of a word on another. What is done with it at once
// costs nothing on the first way and is part of the shift on the second.
//
//===----------------------------------------------------------------------===//

#include "EdgeWork.h"
#include "ConstantFolding.h"
#include "ExpandMacros.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/SmallSet.h"

#define DEBUG_TYPE "nfp-combine"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace {

/// Ways that may get an instruction of their own for the one they share.
constexpr unsigned MaxPlainWays = 2;

} // namespace

/// The branches to a block that several ways lead to, if each of them is the
/// only one at its place; else nothing.
static SmallVector<BrOp> branchesTo(Block &block) {
  SmallVector<BrOp> branches;
  for (Block *predecessor : block.getPredecessors()) {
    auto branch = dyn_cast<BrOp>(predecessor->getTerminator());
    if (!branch || predecessor == &block)
      return {};
    branches.push_back(branch);
  }
  return branches.size() < 2 ? SmallVector<BrOp>() : branches;
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

/// The result of an operation in which a constant takes the place of a value,
/// if the other operands are constants too.
static std::optional<uint32_t> resultWith(Operation *op, Value replaced,
                                          uint32_t constant) {
  SmallVector<uint32_t, 2> operands;
  for (Value operand : op->getOperands()) {
    std::optional<uint32_t> known =
        operand == replaced ? constant : constantOf(operand);
    if (!known)
      return std::nullopt;
    operands.push_back(*known);
  }
  if (auto alu = dyn_cast<AluOp>(op))
    return foldAlu(alu.getOpcode(), operands.front(), operands.back());
  if (auto shf = dyn_cast<ShfOp>(op);
      shf && shf.getOpcode() == ShfOpcode::B && operands.size() == 1)
    return foldShift(operands[0], shf.getShift(), shf.getAmount());
  if (auto field = dyn_cast<LdFieldOp>(op); field && operands.size() == 1) {
    std::optional<uint32_t> source =
        foldShift(operands[0], field.getShift(), field.getAmount());
    uint32_t bytes = 0;
    for (unsigned n = 0; n < 4; ++n)
      if (field.getMask() >> n & 1)
        bytes |= 0xffu << (8 * n);
    return source ? std::optional(*source & bytes) : std::nullopt;
  }
  return std::nullopt;
}

/// An instruction that makes a register of one argument of its block, which
/// nothing else reads, and constants.
static BlockArgument onlyArgumentOf(Operation *op) {
  if (!isa<AluOp, ShfOp, LdFieldOp>(op) || !isRemovable(op) ||
      op->getNumResults() != 1 || !isa<GprType>(op->getResult(0).getType()))
    return {};
  BlockArgument only;
  for (Value operand : op->getOperands()) {
    if (constantOf(operand))
      continue;
    auto argument = dyn_cast<BlockArgument>(operand);
    if (!argument || argument.getOwner() != op->getBlock() ||
        !argument.hasOneUse() || only)
      return {};
    only = argument;
  }
  return only;
}

/// The instruction that makes the value takes `or` and `and` in.
static bool takesIn(Value value, Operation *op) {
  auto alu = dyn_cast<AluOp>(op);
  auto shf = value.getDefiningOp<ShfOp>();
  return alu && shf && shf.getOpcode() == ShfOpcode::B && !shf.getIndirect() &&
         shf.getShift() != ShiftKind::Dbl && !shf.getCcOut() &&
         !shf.getPrevOut() && value.hasOneUse() &&
         (alu.getOpcode() == AluOpcode::Or ||
          alu.getOpcode() == AluOpcode::And);
}

/// True if the operation is no constant on few ways only, and one on another.
static bool isWorth(Operation *op, BlockArgument argument,
                    ArrayRef<BrOp> branches) {
  unsigned plain = 0, constant = 0;
  for (BrOp branch : branches) {
    Value value = branch.getDestOperands()[argument.getArgNumber()];
    if (std::optional<uint32_t> known = constantOf(value)) {
      if (!resultWith(op, argument, *known))
        return false;
      ++constant;
    } else if (!takesIn(value, op)) {
      ++plain;
    }
  }
  return constant > 0 && plain <= MaxPlainWays;
}

static void moveToEdges(Operation *op, BlockArgument argument,
                        ArrayRef<BrOp> branches) {
  const unsigned number = argument.getArgNumber();
  for (BrOp branch : branches) {
    OpBuilder builder(branch);
    OpOperand &passed = branch.getDestOperandsMutable()[number];
    if (std::optional<uint32_t> known = constantOf(passed.get())) {
      passed.set(ConstOp::create(builder, op->getLoc(),
                                 *resultWith(op, argument, *known)));
      continue;
    }
    Operation *copy = builder.clone(*op);
    builder.setInsertionPoint(copy);
    for (OpOperand &operand : copy->getOpOperands())
      operand.set(
          operand.get() == argument
              ? passed.get()
              : builder.clone(*operand.get().getDefiningOp())->getResult(0));
    passed.set(copy->getResult(0));
  }
  remark::passed(op->getLoc(), remarkOf(op, DEBUG_TYPE, "ComputedOnWays"))
      << remark::add("computed on the {0} ways that lead here, on some of "
                     "which the result is a constant",
                     branches.size());
  op->getResult(0).replaceAllUsesWith(argument);
  op->erase();
}

unsigned nfpbpf::nfp::computeOnEdges(FuncOp function) {
  unsigned moved = 0;
  for (Block &block : llvm::drop_begin(function.getBody())) {
    if (block.getNumArguments() == 0)
      continue;
    SmallVector<BrOp> branches = branchesTo(block);
    if (branches.empty())
      continue;
    for (Operation &op : llvm::make_early_inc_range(block))
      if (BlockArgument argument = onlyArgumentOf(&op);
          argument && isWorth(&op, argument, branches)) {
        moveToEdges(&op, argument, branches);
        ++moved;
      }
  }
  return moved;
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

/// Neither reads nor writes the stack.
static bool leavesStackAlone(Operation *op) {
  if (isOperandOp(op) || isa<ConstOp, FrameAddrOp, MapAddressOp>(op))
    return true;
  return isa<AluOp, ShfOp, LdFieldOp>(op) && isRemovable(op) &&
         llvm::none_of(op->getOperandTypes(), llvm::IsaPred<LMType>);
}

static void storeOnEdges(LmStoreOp store, unsigned number,
                         ArrayRef<BrOp> branches) {
  for (BrOp branch : branches) {
    OpBuilder builder(branch);
    Value value = branch.getDestOperands()[number];
    if (std::optional<uint32_t> constant = constantOf(value);
        constant && *constant <= MaxImm)
      value = ImmOp::create(builder, store.getLoc(), *constant);
    LmStoreOp::create(builder, store.getLoc(), value, store.getOffset(),
                      store.getSize(), Value());
    branch.getDestOperandsMutable().erase(number);
  }
  remark::passed(store.getLoc(), remarkOf(store, DEBUG_TYPE, "StoredWhereMade"))
      << remark::add("stored on the {0} ways that lead here, which need no "
                     "register for it",
                     branches.size());
}

/// The argument of a block that is stored at its start and not used otherwise
/// is stored where it is made: no register carries it over the branch.
unsigned nfpbpf::nfp::storeOnEdges(FuncOp function) {
  unsigned moved = 0;
  for (Block &block : llvm::drop_begin(function.getBody())) {
    if (block.getNumArguments() == 0)
      continue;
    SmallVector<BrOp> branches = branchesTo(block);
    if (branches.empty())
      continue;
    // Stores that stay, by their words: others of the same word keep behind.
    llvm::SmallSet<unsigned, 8> stored;
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (leavesStackAlone(&op))
        continue;
      auto store = dyn_cast<LmStoreOp>(op);
      if (!store || store.getAddress())
        break;
      auto argument = dyn_cast<BlockArgument>(store.getValue());
      const unsigned word = store.getOffset() / 4;
      if (!argument || argument.getOwner() != &block || !argument.hasOneUse() ||
          stored.contains(word)) {
        stored.insert(word);
        continue;
      }
      ::storeOnEdges(store, argument.getArgNumber(), branches);
      store.erase();
      block.eraseArgument(argument.getArgNumber());
      ++moved;
    }
  }
  return moved;
}
