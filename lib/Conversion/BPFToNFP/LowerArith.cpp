//===- LowerArith.cpp - Integer arithmetic --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integers narrower than 32 bits live in a word whose upper bits are
// unspecified: operations that look at them clear or sign-extend first.
//
//===----------------------------------------------------------------------===//

#include "FunctionLowering.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::convert;

static unsigned widthOf(Value value) {
  return cast<IntegerType>(value.getType()).getWidth();
}

LogicalResult FunctionLowering::lowerConstant(arith::ConstantOp op) {
  auto integer = dyn_cast<IntegerAttr>(op.getValue());
  if (!integer || !isa<IntegerType>(op.getType()))
    return refuse(op) << "constant of type " << op.getType()
                      << "; only integers can be translated";
  uint64_t value = integer.getValue().getZExtValue();
  setInteger(op.getResult(), Pair::constant(value));
  return success();
}

//===----------------------------------------------------------------------===//
// Shifts
//===----------------------------------------------------------------------===//

Pair FunctionLowering::shiftLeftVar(const Pair &x, const Word &n) {
  auto below32 = [&]() -> Pair {
    Word lo = shlVar(x.lo, n);
    // High word: (x >> 1) >> (31 - n), which is right for n = 0 as well and
    // never a double shift by 32.
    Word half = dbl(x.hi, x.lo, 1);
    Word top = shr(x.hi, 1);
    return {lo, dblVar(top, half, sub(Word::constant(31), n))};
  };
  if (n.bits <= 5)
    return below32();
  Block *join = newBlock(2);
  Block *small = newBlock();
  Block *large = newBlock();
  nfp::BrBitOp::create(b, loc, nfp::BitTest::Set, 5u, n.reg, large,
                       ValueRange{}, small, ValueRange{});
  b.setInsertionPointToEnd(large);
  branch(join, {Word::constant(0), shlVar(x.lo, n)});
  b.setInsertionPointToEnd(small);
  Pair result = below32();
  branch(join, {result.lo, result.hi});
  b.setInsertionPointToEnd(join);
  Words words = argumentsOf(join);
  return {words[0], words[1]};
}

Pair FunctionLowering::shiftRightVar(const Pair &x, const Word &n,
                                     bool arithmetic) {
  auto shift = [&](const Word &value) {
    return arithmetic ? sarVar(value, n) : shrVar(value, n);
  };
  // A double shift by 0 gives its right operand, the low word.
  if (n.bits <= 5)
    return {dblVar(x.hi, x.lo, n), shift(x.hi)};
  // With nothing in the high word, amounts above 31 give 0.
  Block *join = newBlock(2);
  Block *small = newBlock();
  Block *large = newBlock();
  nfp::BrBitOp::create(b, loc, nfp::BitTest::Set, 5u, n.reg, large,
                       ValueRange{}, small, ValueRange{});
  b.setInsertionPointToEnd(large);
  Word sign = arithmetic ? sar(x.hi, 31) : Word::constant(0);
  branch(join, {shift(x.hi), sign});
  b.setInsertionPointToEnd(small);
  branch(join, {dblVar(x.hi, x.lo, n), shift(x.hi)});
  b.setInsertionPointToEnd(join);
  Words words = argumentsOf(join);
  words[1].bits = x.hi.bits;
  return {words[0], words[1]};
}

LogicalResult FunctionLowering::lowerShift(Operation *op) {
  Value lhs = op->getOperand(0), result = op->getResult(0);
  // Amounts that reach the width have no defined result, so the low bits of
  // the amount suffice.
  Word n = word(op->getOperand(1));
  unsigned width = widthOf(lhs);
  if (width == 64) {
    Pair x = pair(lhs);
    bool left = isa<arith::ShLIOp>(op), arithmetic = isa<arith::ShRSIOp>(op);
    if (n.isConst()) {
      unsigned amount = n.imm & 63;
      set(result, left         ? shl(x, amount)
                  : arithmetic ? sar(x, amount)
                               : shr(x, amount));
      return success();
    }
    set(result, left ? shiftLeftVar(x, n) : shiftRightVar(x, n, arithmetic));
    return success();
  }
  if (n.isConst())
    n = Word::constant(n.imm & 31);
  if (isa<arith::ShLIOp>(op))
    set(result, shlVar(word(lhs), n));
  else if (isa<arith::ShRUIOp>(op))
    set(result, shrVar(zeroExtended(lhs), n));
  else
    set(result, sarVar(signExtended(lhs), n));
  return success();
}

LogicalResult FunctionLowering::lowerBswap(bpf::BswapOp op) {
  switch (widthOf(op.getValue())) {
  case 16:
    set(op.getResult(), bswap16(word(op.getValue())));
    return success();
  case 32:
    set(op.getResult(), bswap32(word(op.getValue())));
    return success();
  default: {
    Pair x = pair(op.getValue());
    set(op.getResult(), Pair{bswap32(x.hi), bswap32(x.lo)});
    return success();
  }
  }
}

//===----------------------------------------------------------------------===//
// Everything else of arith
//===----------------------------------------------------------------------===//

LogicalResult FunctionLowering::lowerArith(Operation *op) {
  for (Value operand : op->getOperands())
    if (!wordsOf(operand.getType()))
      return refuse(op) << "operation '" << op->getName() << "' on "
                        << operand.getType()
                        << "; only integers of 1, 8, 16, 32 and 64 bits can be "
                           "translated";

  // Word by word, or low word first with carry.
  auto logic = [&](auto o,
                   Word (MachineBuilder::*f)(const Word &, const Word &)) {
    Words words;
    for (auto [x, y] : llvm::zip(get(o.getLhs()), get(o.getRhs())))
      words.push_back((this->*f)(x, y));
    set(o.getResult(), std::move(words));
    return success();
  };
  auto minMax = [&](auto o, Pred pred) {
    Value lhs = o.getLhs(), rhs = o.getRhs();
    Words x, y;
    Test test;
    if (get(lhs).size() == 2) {
      x = get(lhs);
      y = get(rhs);
      test = compare(pred, Pair{x[0], x[1]}, Pair{y[0], y[1]});
    } else {
      x = {isSigned(pred) ? signExtended(lhs) : zeroExtended(lhs)};
      y = {isSigned(pred) ? signExtended(rhs) : zeroExtended(rhs)};
      test = compare(pred, x[0], y[0]);
    }
    set(o.getResult(), choose(test, x, y));
    return success();
  };

  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case<arith::AddIOp>([&](auto o) {
        if (get(o.getLhs()).size() == 2)
          set(o.getResult(), add(pair(o.getLhs()), pair(o.getRhs())));
        else if (widthOf(o.getLhs()) == 1)
          set(o.getResult(), bitXor(word(o.getLhs()), word(o.getRhs())));
        else
          set(o.getResult(), add(word(o.getLhs()), word(o.getRhs())));
        return success();
      })
      .Case<arith::SubIOp>([&](auto o) {
        if (get(o.getLhs()).size() == 2)
          set(o.getResult(), sub(pair(o.getLhs()), pair(o.getRhs())));
        else if (widthOf(o.getLhs()) == 1)
          set(o.getResult(), bitXor(word(o.getLhs()), word(o.getRhs())));
        else
          set(o.getResult(), sub(word(o.getLhs()), word(o.getRhs())));
        return success();
      })
      .Case<arith::MulIOp>([&](auto o) {
        if (get(o.getLhs()).size() == 2)
          set(o.getResult(), mul(pair(o.getLhs()), pair(o.getRhs())));
        else
          set(o.getResult(), mul(word(o.getLhs()), word(o.getRhs())));
        return success();
      })
      .Case<arith::AndIOp>(
          [&](auto o) { return logic(o, &MachineBuilder::bitAnd); })
      .Case<arith::OrIOp>(
          [&](auto o) { return logic(o, &MachineBuilder::bitOr); })
      .Case<arith::XOrIOp>(
          [&](auto o) { return logic(o, &MachineBuilder::bitXor); })
      .Case<arith::ExtUIOp>([&](auto o) {
        setInteger(o.getOut(),
                   Pair{zeroExtended(o.getIn()), Word::constant(0)});
        return success();
      })
      .Case<arith::ExtSIOp>([&](auto o) {
        Word low = signExtended(o.getIn());
        if (get(o.getIn()).size() == 1 && wordsOf(o.getType()) == 2u)
          set(o.getOut(), Pair{low, sar(low, 31)});
        else
          set(o.getOut(), low);
        return success();
      })
      .Case<arith::TruncIOp>([&](auto o) {
        Word low = word(o.getIn());
        // An i1 is exactly 0 or 1; other narrow integers have loose upper bits.
        set(o.getOut(), widthOf(o.getOut()) == 1 ? zext(low, 1) : low);
        return success();
      })
      .Case<arith::CmpIOp>([&](auto o) {
        Pred pred = Pred::EQ;
        switch (o.getPredicate()) {
        case arith::CmpIPredicate::eq:
          pred = Pred::EQ;
          break;
        case arith::CmpIPredicate::ne:
          pred = Pred::NE;
          break;
        case arith::CmpIPredicate::slt:
          pred = Pred::SLT;
          break;
        case arith::CmpIPredicate::sle:
          pred = Pred::SLE;
          break;
        case arith::CmpIPredicate::sgt:
          pred = Pred::SGT;
          break;
        case arith::CmpIPredicate::sge:
          pred = Pred::SGE;
          break;
        case arith::CmpIPredicate::ult:
          pred = Pred::ULT;
          break;
        case arith::CmpIPredicate::ule:
          pred = Pred::ULE;
          break;
        case arith::CmpIPredicate::ugt:
          pred = Pred::UGT;
          break;
        case arith::CmpIPredicate::uge:
          pred = Pred::UGE;
          break;
        }
        // The number; removed again when only branches use the comparison.
        if (get(o.getLhs()).size() == 2)
          set(o.getResult(),
              compareValue(pred, pair(o.getLhs()), pair(o.getRhs())));
        else if (isSigned(pred))
          set(o.getResult(), compareValue(pred, signExtended(o.getLhs()),
                                          signExtended(o.getRhs())));
        else
          set(o.getResult(), compareValue(pred, zeroExtended(o.getLhs()),
                                          zeroExtended(o.getRhs())));
        return success();
      })
      .Case<arith::SelectOp>([&](auto o) -> LogicalResult {
        if (!o.getCondition().getType().isInteger(1))
          return refuse(o) << "selection between vectors cannot be translated";
        Words yes = get(o.getTrueValue()), no = get(o.getFalseValue());
        if (yes == no)
          set(o.getResult(), std::move(yes));
        else
          set(o.getResult(), choose(testOf(o.getCondition()), yes, no));
        return success();
      })
      .Case<arith::MaxUIOp>([&](auto o) { return minMax(o, Pred::UGE); })
      .Case<arith::MinUIOp>([&](auto o) { return minMax(o, Pred::ULE); })
      .Case<arith::MaxSIOp>([&](auto o) { return minMax(o, Pred::SGE); })
      .Case<arith::MinSIOp>([&](auto o) { return minMax(o, Pred::SLE); })
      .Default([&](Operation *o) -> LogicalResult {
        return refuse(o) << "operation '" << o->getName()
                         << "' cannot be translated to machine code";
      });
}
