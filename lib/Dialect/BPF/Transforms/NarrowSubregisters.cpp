//===- NarrowSubregisters.cpp - bpf-narrow-subregisters -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// 64-bit numbers whose upper half is zero, or that nobody reads, become 32-bit
// ones: the machine has 32-bit registers, so each costs half the registers,
// moves and instructions. Two analyses over the whole function, both to a
// fixpoint through block arguments: how many low bits a number has (forward,
// optimistic, so that counters of loops come out), and how many of them are
// demanded (backward).
//
//===----------------------------------------------------------------------===//

#include "Remarks.h"
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "ValueRanges.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_NARROWSUBREGISTERS
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

#define DEBUG_TYPE "bpf-narrow-subregisters"

using namespace mlir;
using namespace nfpbpf::bpf;

namespace {

/// Bits of a machine register.
constexpr unsigned RegisterBits = 32;

} // namespace

static bool isInteger(Value value) { return isa<IntegerType>(value.getType()); }

static unsigned typeBits(Value value) {
  return value.getType().getIntOrFloatBitWidth();
}

static std::optional<APInt> constantOf(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant;
  return std::nullopt;
}

/// What is passed for an argument: its branch's operand of every edge.
static void forEachPassed(BlockArgument argument,
                          llvm::function_ref<void(OpOperand &)> visit) {
  Block *block = argument.getOwner();
  // Once each: both edges of a branch may lead here.
  llvm::SmallSetVector<Block *, 8> predecessors(block->pred_begin(),
                                                block->pred_end());
  for (Block *from : predecessors) {
    auto branch = cast<BranchOpInterface>(from->getTerminator());
    for (auto [index, successor] : llvm::enumerate(from->getSuccessors()))
      if (successor == block)
        visit(branch.getSuccessorOperands(index)
                  .getMutableForwardedOperands()[argument.getArgNumber()]);
  }
}

namespace {

//===----------------------------------------------------------------------===//
// Analyses
//===----------------------------------------------------------------------===//

/// For every number the smallest n such that it is below 2^n.
class ActiveBits {
public:
  ActiveBits(FuncOp function, ValueRanges &ranges) : ranges(ranges) {
    bool changed = true;
    while (changed) {
      changed = false;
      for (Block &block : function.getBody()) {
        for (BlockArgument argument : block.getArguments())
          if (isInteger(argument))
            changed |= raise(argument, ofArgument(argument));
        for (Operation &op : block)
          for (Value result : op.getResults())
            if (isInteger(result))
              changed |= raise(result, ofResult(&op));
      }
    }
  }

  unsigned of(Value value) const { return bits.lookup(value); }

private:
  bool raise(Value value, unsigned to) {
    // Ranges know conditions that dominate the value.
    to = std::min(to, fromRange(value));
    unsigned &known = bits[value];
    if (to <= known)
      return false;
    known = to;
    return true;
  }

  unsigned fromRange(Value value) {
    auto [it, inserted] = rangeBits.try_emplace(value, 0);
    if (inserted) {
      unsigned active = ranges.rangeAt(value, value.getParentBlock())
                            .getUnsignedMax()
                            .getActiveBits();
      rangeBits[value] = active;
      return active;
    }
    return it->second;
  }

  unsigned ofArgument(BlockArgument argument) {
    if (argument.getOwner()->isEntryBlock())
      return typeBits(argument);
    unsigned most = 0;
    forEachPassed(argument, [&](OpOperand &passed) {
      most = std::max(most, of(passed.get()));
    });
    return most;
  }

  unsigned ofResult(Operation *op) {
    const unsigned width = typeBits(op->getResult(0));
    auto in = [&](unsigned n) { return of(op->getOperand(n)); };
    auto clamp = [&](unsigned n) { return std::min(n, width); };
    return TypeSwitch<Operation *, unsigned>(op)
        .Case<arith::ConstantOp>([&](Operation *) {
          return constantOf(op->getResult(0))->getActiveBits();
        })
        .Case<arith::ExtUIOp>([&](auto) { return in(0); })
        .Case<arith::TruncIOp>([&](auto) { return clamp(in(0)); })
        .Case<arith::AndIOp>([&](auto) { return std::min(in(0), in(1)); })
        .Case<arith::OrIOp, arith::XOrIOp>(
            [&](auto) { return std::max(in(0), in(1)); })
        .Case<arith::AddIOp>(
            [&](auto) { return clamp(std::max(in(0), in(1)) + 1); })
        .Case<arith::MulIOp>([&](auto) { return clamp(in(0) + in(1)); })
        .Case<arith::SelectOp>([&](auto) { return std::max(in(1), in(2)); })
        .Case<UDivOp, UModOp>([&](auto) { return in(0); })
        .Case<arith::ShLIOp>([&](arith::ShLIOp shift) {
          std::optional<APInt> by = constantOf(shift.getRhs());
          return by ? clamp(in(0) + by->getLimitedValue(width)) : width;
        })
        .Case<arith::ShRUIOp>([&](arith::ShRUIOp shift) {
          std::optional<APInt> by = constantOf(shift.getRhs());
          const unsigned less = by ? by->getLimitedValue(width) : 0;
          return in(0) > less ? in(0) - less : 0;
        })
        .Case<GetPrandomU32Op>([&](auto) { return RegisterBits; })
        .Default([&](Operation *) { return width; });
  }

  ValueRanges &ranges;
  llvm::DenseMap<Value, unsigned> bits, rangeBits;
};

/// For every number how many of its low bits matter.
class DemandedBits {
public:
  explicit DemandedBits(FuncOp function) {
    bool changed = true;
    while (changed) {
      changed = false;
      for (Block &block : llvm::reverse(function.getBody()))
        for (Operation &op : llvm::reverse(block))
          for (OpOperand &operand : op.getOpOperands())
            if (isInteger(operand.get()))
              changed |= raise(operand.get(), by(operand));
    }
  }

  unsigned of(Value value) const { return bits.lookup(value); }

private:
  bool raise(Value value, unsigned to) {
    unsigned &known = bits[value];
    if (to <= known)
      return false;
    known = to;
    return true;
  }

  unsigned by(OpOperand &operand) {
    Operation *op = operand.getOwner();
    const unsigned width = typeBits(operand.get());
    if (auto branch = dyn_cast<BranchOpInterface>(op)) {
      std::optional<BlockArgument> to =
          branch.getSuccessorBlockArgument(operand.getOperandNumber());
      return to ? of(*to) : width;
    }
    if (op->getNumResults() != 1 || !isInteger(op->getResult(0)))
      return ofUser(operand, width);
    const unsigned demanded = of(op->getResult(0));
    if (demanded == 0 && isMemoryEffectFree(op))
      return 0;
    return TypeSwitch<Operation *, unsigned>(op)
        .Case<arith::TruncIOp, arith::ExtUIOp, arith::ExtSIOp>(
            [&](auto) { return std::min(demanded, width); })
        .Case<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::OrIOp,
              arith::XOrIOp>([&](auto) { return demanded; })
        .Case<arith::AndIOp>([&](arith::AndIOp both) {
          Value other = both->getOperand(1 - operand.getOperandNumber());
          std::optional<APInt> mask = constantOf(other);
          return mask ? std::min(demanded, mask->getActiveBits()) : demanded;
        })
        .Case<arith::SelectOp>([&](auto) {
          return operand.getOperandNumber() == 0 ? width : demanded;
        })
        .Case<arith::ShLIOp>([&](arith::ShLIOp shift) {
          std::optional<APInt> n = constantOf(shift.getRhs());
          if (operand.getOperandNumber() == 1)
            return width;
          const unsigned less = n ? n->getLimitedValue(width) : 0;
          return demanded > less ? demanded - less : 0;
        })
        .Case<arith::ShRUIOp>([&](arith::ShRUIOp shift) {
          std::optional<APInt> n = constantOf(shift.getRhs());
          if (operand.getOperandNumber() == 1 || !n)
            return width;
          return std::min<unsigned>(demanded + n->getLimitedValue(width),
                                    width);
        })
        .Default([&](Operation *) { return width; });
  }

  /// Operations without a number as result.
  static unsigned ofUser(OpOperand &operand, unsigned width) {
    // Packet addresses are 32 bits wide.
    if (auto add = dyn_cast<PtrAddOp>(operand.getOwner()))
      if (add.getPtr().getType().getSpace() == Space::Packet)
        return std::min(width, RegisterBits);
    return width;
  }

  llvm::DenseMap<Value, unsigned> bits;
};

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

class Narrower {
public:
  Narrower(FuncOp function, const ActiveBits &active,
           const DemandedBits &demanded)
      : function(function), active(active), demanded(demanded),
        builder(function.getContext()) {}

  unsigned numArguments = 0;
  unsigned numOperations = 0;
  unsigned numComparisons = 0;

  void run() {
    // Decided before anything is changed: new values have no facts.
    SmallVector<BlockArgument> arguments;
    SmallVector<Operation *> operations;
    SmallVector<arith::ExtUIOp> masks;
    for (Block &block : function.getBody()) {
      if (!block.isEntryBlock())
        for (BlockArgument argument : block.getArguments())
          if (isWide(argument) && bitsOf(argument) <= RegisterBits)
            arguments.push_back(argument);
      for (Operation &op : block)
        if (auto mask = dyn_cast<arith::ExtUIOp>(op); mask && isNoMask(mask))
          masks.push_back(mask);
        else if (canNarrow(&op))
          operations.push_back(&op);
        else
          explainLeft(&op);
    }
    for (arith::ExtUIOp mask : masks)
      mask.replaceAllUsesWith(
          mask.getIn().getDefiningOp<arith::TruncIOp>().getIn());
    for (Operation *op : operations)
      rewrite(op);
    for (BlockArgument argument : arguments)
      rewrite(argument);
    numArguments += arguments.size();
  }

private:
  static bool isWide(Value value) {
    return value.getType().isSignlessInteger(2 * RegisterBits);
  }
  unsigned bitsOf(Value value) const {
    return std::min(active.of(value), demanded.of(value));
  }
  bool fits(Value value) const { return active.of(value) <= RegisterBits; }
  bool isBelowRegister(Value amount) const {
    std::optional<APInt> n = constantOf(amount);
    return n && n->ult(RegisterBits);
  }

  /// A number that is cut to the bits that it has anyway, and extended again.
  bool isNoMask(arith::ExtUIOp extension) const {
    auto cut = extension.getIn().getDefiningOp<arith::TruncIOp>();
    return cut && cut.getIn().getType() == extension.getType() &&
           active.of(cut.getIn()) <= typeBits(cut);
  }

  /// Says why arithmetic stays wide.
  void explainLeft(Operation *op) const {
    if (!isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::ShLIOp,
             arith::ShRUIOp, UDivOp, UModOp>(op) ||
        !isWide(op->getResult(0)) || demanded.of(op->getResult(0)) == 0)
      return;
    remark::missed(op->getLoc(), remarkOf(op, DEBUG_TYPE, "Wide"))
        << remark::add("{0} stays 64 bits wide", op->getName().getStringRef())
        << (bitsOf(op->getResult(0)) > RegisterBits
                ? remark::reason("{0} bits of its result may be set and matter",
                                 bitsOf(op->getResult(0)))
                : remark::reason("its operands need more than 32 bits"));
  }

  bool canNarrow(Operation *op) const {
    if (auto compare = dyn_cast<arith::CmpIOp>(op))
      return isWide(compare.getLhs()) && fits(compare.getLhs()) &&
             fits(compare.getRhs());
    if (op->getNumResults() != 1 || !isWide(op->getResult(0)))
      return false;
    Value result = op->getResult(0);
    if (demanded.of(result) == 0)
      return false;
    return TypeSwitch<Operation *, bool>(op)
        .Case<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::AndIOp,
              arith::OrIOp, arith::XOrIOp, arith::SelectOp>(
            [&](auto) { return bitsOf(result) <= RegisterBits; })
        .Case<arith::ShLIOp>([&](arith::ShLIOp shift) {
          return bitsOf(result) <= RegisterBits &&
                 isBelowRegister(shift.getRhs());
        })
        .Case<arith::ShRUIOp>([&](arith::ShRUIOp shift) {
          return fits(shift.getLhs()) && isBelowRegister(shift.getRhs());
        })
        .Case<UDivOp, UModOp>([&](Operation *) {
          return fits(op->getOperand(0)) && fits(op->getOperand(1));
        })
        .Default([](Operation *) { return false; });
  }

  Value truncate(Value value) {
    return arith::TruncIOp::create(builder, value.getLoc(),
                                   builder.getIntegerType(RegisterBits), value);
  }

  void rewrite(Operation *op) {
    remark::passed(op->getLoc(), remarkOf(op, DEBUG_TYPE, "Narrow"))
        << remark::add("{0} on 32 bits instead of 64",
                       op->getName().getStringRef());
    builder.setInsertionPoint(op);
    if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
      // Neither has a sign.
      auto narrow = arith::CmpIOp::create(
          builder, op->getLoc(), unsignedForm(compare.getPredicate()),
          truncate(compare.getLhs()), truncate(compare.getRhs()));
      compare.replaceAllUsesWith(narrow.getResult());
      op->erase();
      ++numComparisons;
      return;
    }
    IRMapping mapping;
    for (Value operand : op->getOperands())
      if (isWide(operand) && !mapping.contains(operand))
        mapping.map(operand, truncate(operand));
    Operation *narrow = builder.clone(*op, mapping);
    narrow->getResult(0).setType(builder.getIntegerType(RegisterBits));
    dropOverflowFlags(narrow);
    auto wide = arith::ExtUIOp::create(builder, op->getLoc(),
                                       op->getResult(0).getType(),
                                       narrow->getResult(0));
    op->getResult(0).replaceAllUsesWith(wide.getResult());
    op->erase();
    ++numOperations;
  }

  void rewrite(BlockArgument argument) {
    forEachPassed(argument, [&](OpOperand &passed) {
      builder.setInsertionPoint(passed.getOwner());
      passed.set(truncate(passed.get()));
    });
    Type wide = argument.getType();
    argument.setType(builder.getIntegerType(RegisterBits));
    builder.setInsertionPointToStart(argument.getOwner());
    auto extended =
        arith::ExtUIOp::create(builder, argument.getLoc(), wide, argument);
    argument.replaceAllUsesExcept(extended.getResult(), extended);
  }

  /// What did not overflow 64 bits may overflow 32.
  static void dropOverflowFlags(Operation *op) {
    auto none = arith::IntegerOverflowFlags::none;
    if (auto add = dyn_cast<arith::AddIOp>(op))
      add.setOverflowFlags(none);
    else if (auto sub = dyn_cast<arith::SubIOp>(op))
      sub.setOverflowFlags(none);
    else if (auto mul = dyn_cast<arith::MulIOp>(op))
      mul.setOverflowFlags(none);
    else if (auto shl = dyn_cast<arith::ShLIOp>(op))
      shl.setOverflowFlags(none);
  }

  static arith::CmpIPredicate unsignedForm(arith::CmpIPredicate predicate) {
    switch (predicate) {
    case arith::CmpIPredicate::slt:
      return arith::CmpIPredicate::ult;
    case arith::CmpIPredicate::sle:
      return arith::CmpIPredicate::ule;
    case arith::CmpIPredicate::sgt:
      return arith::CmpIPredicate::ugt;
    case arith::CmpIPredicate::sge:
      return arith::CmpIPredicate::uge;
    default:
      return predicate;
    }
  }

  FuncOp function;
  const ActiveBits &active;
  const DemandedBits &demanded;
  OpBuilder builder;
};

} // namespace

/// Numbers whose upper bits are cleared though nobody asks for them are used as
/// they are. Apart from the above: there, cleared bits are facts. Returns how
/// many.
static unsigned dropUnaskedMasks(FuncOp function) {
  const DemandedBits demanded(function);
  SmallVector<std::pair<Operation *, Value>> masks;
  function.walk([&](Operation *op) {
    if (auto extension = dyn_cast<arith::ExtUIOp>(op)) {
      auto cut = extension.getIn().getDefiningOp<arith::TruncIOp>();
      if (cut && cut.getIn().getType() == extension.getType() &&
          demanded.of(extension) <= typeBits(cut))
        masks.emplace_back(op, cut.getIn());
    } else if (auto both = dyn_cast<arith::AndIOp>(op)) {
      std::optional<APInt> mask = constantOf(both.getRhs());
      if (mask && demanded.of(both) <= mask->countr_one())
        masks.emplace_back(op, both.getLhs());
    }
  });
  for (auto [op, number] : masks)
    op->getResult(0).replaceAllUsesWith(number);
  return masks.size();
}

namespace {

struct NarrowSubregisters
    : public nfpbpf::bpf::impl::NarrowSubregistersBase<NarrowSubregisters> {
  void runOnOperation() override {
    getOperation().walk([&](FuncOp function) {
      if (function.isExternal())
        return;
      DominanceInfo dominance(function);
      ValueRanges ranges(dominance);
      ActiveBits active(function, ranges);
      DemandedBits demanded(function);
      Narrower narrower(function, active, demanded);
      narrower.run();
      numArguments += narrower.numArguments;
      numOperations += narrower.numOperations;
      numComparisons += narrower.numComparisons;
      numMasks += dropUnaskedMasks(function);
    });
  }
};
} // namespace
