//===- LowerDivision.cpp - Division and remainder -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The machine has no division. A 32-bit number is divided by a constant with
// the high word of a product (Granlund, Montgomery: Division by invariant
// integers using multiplication); everything else by shift and subtract.
//
//===----------------------------------------------------------------------===//

#include "FunctionLowering.h"

#include "llvm/Support/DivisionByConstantInfo.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::convert;
using nfp::AluOpcode;
using nfp::Cond;

Word FunctionLowering::divideByConstant(const Word &x, uint32_t divisor) {
  if (x.isConst())
    return Word::constant(x.imm / divisor);
  if (llvm::isPowerOf2_32(divisor))
    return shr(x, llvm::Log2_32(divisor));
  if (x.bits < 32 && (divisor >> x.bits) != 0)
    return Word::constant(0);
  auto magic = llvm::UnsignedDivisionByConstantInfo::get(
      llvm::APInt(32, divisor), 32 - x.bits);
  Word dividend = shr(x, magic.PreShift);
  Word product = mulHigh(dividend, Word::constant(static_cast<uint32_t>(
                                       magic.Magic.getZExtValue())));
  unsigned bits = x.bits;
  if (magic.IsAdd) {
    // The magic number has 33 bits: q = (((x - p) >> 1) + p) >> s.
    product = add(shr(sub(dividend, product), 1), product);
    product.bits = 32;
  }
  Word quotient = shr(product, magic.PostShift);
  if (!quotient.isConst())
    quotient.bits = std::min(quotient.bits, bits);
  return quotient;
}

std::pair<Word, Word> FunctionLowering::divideLoop(const Word &x,
                                                   const Word &y) {
  // Quotient bits enter from below into the word that the dividend leaves at
  // the top; the remainder grows by one bit each time.
  Block *after = newBlock();
  Block *next = newBlock(2); // quotient, remainder
  Block *fits = newBlock(2); // quotient, reduced remainder
  Block *tryBlock = newBlock();
  Block *loop = newBlock(3); // quotient, remainder, count
  Word divisor = Word::of(gpr(y));
  branch(loop, {x, Word::constant(0), Word::constant(32)});

  b.setInsertionPointToEnd(loop);
  Words in = argumentsOf(loop);
  Word quotient = shl(in[0], 1);
  Word remainder = dbl(in[1], in[0], 31);
  // 33 bits: certainly not below the divisor.
  Block *always = newBlock();
  nfp::BrBitOp::create(b, loc, nfp::BitTest::Set, 31u, in[1].reg, always,
                       ValueRange{}, tryBlock, ValueRange{});
  b.setInsertionPointToEnd(always);
  Word reduced = sub(remainder, divisor);
  branch(fits, {quotient, reduced});

  b.setInsertionPointToEnd(tryBlock);
  auto [difference, borrow] =
      aluFlags(AluOpcode::Sub, remainder.reg, divisor.reg);
  Block *enough = newBlock();
  Block *tooSmall = newBlock();
  nfp::BrCCOp::create(b, loc, Cond::HS, borrow, enough, ValueRange{}, tooSmall,
                      ValueRange{});
  b.setInsertionPointToEnd(enough);
  branch(fits, {quotient, difference});
  b.setInsertionPointToEnd(tooSmall);
  branch(next, {quotient, remainder});

  b.setInsertionPointToEnd(fits);
  Words taken = argumentsOf(fits);
  branch(next, {bitOr(taken[0], Word::constant(1)), taken[1]});

  b.setInsertionPointToEnd(next);
  Words out = argumentsOf(next);
  auto [count, done] = aluFlags(AluOpcode::Sub, in[2].reg, imm(1));
  Block *again = newBlock();
  nfp::BrCCOp::create(b, loc, Cond::NE, done, again, ValueRange{}, after,
                      ValueRange{});
  b.setInsertionPointToEnd(again);
  branch(loop, {out[0], out[1], count});
  b.setInsertionPointToEnd(after);
  return {out[0], out[1]};
}

std::pair<Pair, Pair> FunctionLowering::divideLoop(const Pair &x,
                                                   const Pair &y) {
  Block *after = newBlock();
  Block *next = newBlock(4);
  Block *fits = newBlock(4);
  Block *tryBlock = newBlock();
  Block *loop = newBlock(5); // quotient, remainder, count
  Pair divisor{Word::of(gpr(y.lo)), Word::of(gpr(y.hi))};
  Word zero = Word::constant(0);
  branch(loop, {x.lo, x.hi, zero, zero, Word::constant(64)});

  b.setInsertionPointToEnd(loop);
  Words in = argumentsOf(loop);
  Word q0 = shl(in[0], 1), q1 = dbl(in[1], in[0], 31);
  Word r0 = dbl(in[2], in[1], 31), r1 = dbl(in[3], in[2], 31);
  Block *always = newBlock();
  nfp::BrBitOp::create(b, loc, nfp::BitTest::Set, 31u, in[3].reg, always,
                       ValueRange{}, tryBlock, ValueRange{});
  b.setInsertionPointToEnd(always);
  Pair reduced = sub(Pair{r0, r1}, divisor);
  branch(fits, {q0, q1, reduced.lo, reduced.hi});

  b.setInsertionPointToEnd(tryBlock);
  auto [d0, b0] = aluFlags(AluOpcode::Sub, r0.reg, divisor.lo.reg);
  auto [d1, b1] = aluFlags(AluOpcode::SubC, r1.reg, divisor.hi.reg, b0);
  Block *enough = newBlock();
  Block *tooSmall = newBlock();
  nfp::BrCCOp::create(b, loc, Cond::HS, b1, enough, ValueRange{}, tooSmall,
                      ValueRange{});
  b.setInsertionPointToEnd(enough);
  branch(fits, {q0, q1, d0, d1});
  b.setInsertionPointToEnd(tooSmall);
  branch(next, {q0, q1, r0, r1});

  b.setInsertionPointToEnd(fits);
  Words taken = argumentsOf(fits);
  branch(next,
         {bitOr(taken[0], Word::constant(1)), taken[1], taken[2], taken[3]});

  b.setInsertionPointToEnd(next);
  Words out = argumentsOf(next);
  auto [count, done] = aluFlags(AluOpcode::Sub, in[4].reg, imm(1));
  Block *again = newBlock();
  nfp::BrCCOp::create(b, loc, Cond::NE, done, again, ValueRange{}, after,
                      ValueRange{});
  b.setInsertionPointToEnd(again);
  branch(loop, {out[0], out[1], out[2], out[3], count});
  b.setInsertionPointToEnd(after);
  return {Pair{out[0], out[1]}, Pair{out[2], out[3]}};
}

Word FunctionLowering::divide(const Word &x, const Word &y, bool remainder) {
  if (y.isConst()) {
    if (y.imm == 0)
      return remainder ? x : y;
    if (x.isConst())
      return Word::constant(remainder ? x.imm % y.imm : x.imm / y.imm);
    if (remainder && llvm::isPowerOf2_32(y.imm))
      return bitAnd(x, Word::constant(y.imm - 1));
    Word quotient = divideByConstant(x, y.imm);
    if (!remainder)
      return quotient;
    Word rest = sub(x, mul(quotient, y));
    if (!rest.isConst())
      rest.bits = std::min(rest.bits, Word::constant(y.imm - 1).bits);
    return rest;
  }
  auto [quotient, rest] = divideLoop(x, y);
  if (remainder)
    return rest; // a divisor of zero leaves the dividend
  return choose(compare(Pred::EQ, y, Word::constant(0)), Word::constant(0),
                quotient)[0];
}

Pair FunctionLowering::divide(const Pair &x, const Pair &y, bool remainder) {
  if (x.hi.isZero() && y.hi.isZero())
    return {divide(x.lo, y.lo, remainder), Word::constant(0)};
  if (y.isConst()) {
    uint64_t c = y.imm();
    if (c == 0)
      return remainder ? x : y;
    if (x.isConst())
      return Pair::constant(remainder ? x.imm() % c : x.imm() / c);
    if (x.hi.isZero()) // the divisor has more than 32 bits
      return remainder ? x : Pair::constant(0);
    if (llvm::isPowerOf2_64(c)) {
      if (!remainder)
        return shr(x, llvm::Log2_64(c));
      return {
          bitAnd(x.lo, Word::constant(static_cast<uint32_t>(c - 1))),
          bitAnd(x.hi, Word::constant(static_cast<uint32_t>((c - 1) >> 32)))};
    }
  }
  auto [quotient, rest] = divideLoop(x, y);
  if (remainder)
    return rest;
  if (y.isConst())
    return quotient;
  Words words = choose(compare(Pred::EQ, y, Pair::constant(0)),
                       {Word::constant(0), Word::constant(0)},
                       {quotient.lo, quotient.hi});
  return {words[0], words[1]};
}

// Signed division divides the absolute values (of which the smallest number's
// is right as an unsigned number) and gives the result its sign: x ^ s - s with
// s all ones for negative numbers.

Word FunctionLowering::divideSigned(const Word &x, const Word &y,
                                    bool remainder) {
  auto withSign = [&](const Word &value, const Word &sign) {
    return sub(bitXor(value, sign), sign);
  };
  Word signX = sar(x, 31), signY = sar(y, 31);
  Word result = divide(withSign(x, signX), withSign(y, signY), remainder);
  return withSign(result, remainder ? signX : bitXor(signX, signY));
}

Pair FunctionLowering::divideSigned(const Pair &x, const Pair &y,
                                    bool remainder) {
  auto withSign = [&](const Pair &value, const Word &sign) {
    return sub(Pair{bitXor(value.lo, sign), bitXor(value.hi, sign)},
               Pair{sign, sign});
  };
  Word signX = sar(x.hi, 31), signY = sar(y.hi, 31);
  Pair result = divide(withSign(x, signX), withSign(y, signY), remainder);
  return withSign(result, remainder ? signX : bitXor(signX, signY));
}

LogicalResult FunctionLowering::lowerDivision(Operation *op) {
  Value lhs = op->getOperand(0), rhs = op->getOperand(1);
  Value result = op->getResult(0);
  bool remainder =
      isa<bpf::UModOp, bpf::SModOp, arith::RemUIOp, arith::RemSIOp>(op);
  bool sign = isa<bpf::SDivOp, bpf::SModOp, arith::DivSIOp, arith::RemSIOp>(op);
  if (get(lhs).size() == 2) {
    set(result, sign ? divideSigned(pair(lhs), pair(rhs), remainder)
                     : divide(pair(lhs), pair(rhs), remainder));
    return success();
  }
  set(result,
      sign ? divideSigned(signExtended(lhs), signExtended(rhs), remainder)
           : divide(zeroExtended(lhs), zeroExtended(rhs), remainder));
  return success();
}
