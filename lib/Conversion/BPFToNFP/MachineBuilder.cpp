//===- MachineBuilder.cpp - Computing with 32-bit words -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MachineBuilder.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::convert;
using nfp::AluOpcode;
using nfp::Cond;
using nfp::ShfOpcode;
using nfp::ShiftKind;

static unsigned activeBits(uint32_t value) {
  return 32 - llvm::countl_zero(value);
}

Word Word::constant(uint32_t value) {
  return Word{Value(), value, activeBits(value)};
}

Test Test::inverted() const {
  Test result = *this;
  if (kind != Flags) {
    result.value = !value;
    return result;
  }
  // The codes come in pairs of opposites except for the last four.
  switch (cond) {
  case Cond::GE:
    result.cond = Cond::LT;
    break;
  case Cond::LT:
    result.cond = Cond::GE;
    break;
  case Cond::LE:
    result.cond = Cond::GT;
    break;
  case Cond::GT:
    result.cond = Cond::LE;
    break;
  default:
    result.cond = static_cast<Cond>(static_cast<uint32_t>(cond) ^ 1);
    break;
  }
  return result;
}

Pred convert::invert(Pred pred) {
  switch (pred) {
  case Pred::EQ:
    return Pred::NE;
  case Pred::NE:
    return Pred::EQ;
  case Pred::ULT:
    return Pred::UGE;
  case Pred::ULE:
    return Pred::UGT;
  case Pred::UGT:
    return Pred::ULE;
  case Pred::UGE:
    return Pred::ULT;
  case Pred::SLT:
    return Pred::SGE;
  case Pred::SLE:
    return Pred::SGT;
  case Pred::SGT:
    return Pred::SLE;
  case Pred::SGE:
    return Pred::SLT;
  }
  llvm_unreachable("unknown predicate");
}

bool convert::isSigned(Pred pred) { return pred >= Pred::SLT; }

/// The outcome of a comparison of constants, as unsigned numbers of \p width
/// bits.
static bool evaluate(Pred pred, uint64_t x, uint64_t y, unsigned width) {
  int64_t sx = llvm::SignExtend64(x, width), sy = llvm::SignExtend64(y, width);
  switch (pred) {
  case Pred::EQ:
    return x == y;
  case Pred::NE:
    return x != y;
  case Pred::ULT:
    return x < y;
  case Pred::ULE:
    return x <= y;
  case Pred::UGT:
    return x > y;
  case Pred::UGE:
    return x >= y;
  case Pred::SLT:
    return sx < sy;
  case Pred::SLE:
    return sx <= sy;
  case Pred::SGT:
    return sx > sy;
  case Pred::SGE:
    return sx >= sy;
  }
  llvm_unreachable("unknown predicate");
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

Value MachineBuilder::imm(uint32_t value) {
  return nfp::ImmOp::create(b, loc, value).getResult();
}

Value MachineBuilder::lm(unsigned pointer, unsigned offset) {
  return nfp::LMOp::create(b, loc, pointer, offset).getResult();
}

Value MachineBuilder::src(const Word &w) {
  if (w.reg)
    return w.reg;
  if (w.imm <= 255)
    return imm(w.imm);
  return nfp::ConstOp::create(b, loc, w.imm).getResult();
}

Value MachineBuilder::gpr(const Word &w) {
  if (!w.reg)
    return nfp::ConstOp::create(b, loc, w.imm).getResult();
  if (isa<nfp::GprType>(w.reg.getType()))
    return w.reg;
  return nfp::AluOp::create(b, loc, AluOpcode::B, ValueRange{w.reg}).getDst();
}

Word MachineBuilder::alu(AluOpcode op, Value left, Value right, unsigned bits) {
  SmallVector<Value, 2> sources;
  if (left)
    sources.push_back(left);
  sources.push_back(right);
  return Word::of(nfp::AluOp::create(b, loc, op, sources).getDst(), bits);
}

//===----------------------------------------------------------------------===//
// One word
//===----------------------------------------------------------------------===//

Word MachineBuilder::add(const Word &x, const Word &y) {
  if (x.isConst() && y.isConst())
    return Word::constant(x.imm + y.imm);
  if (x.isZero())
    return y;
  if (y.isZero())
    return x;
  if (x.isConst())
    return add(y, x);
  unsigned bits = std::min(32u, std::max(x.bits, y.bits) + 1);
  // A small negative constant is cheaper subtracted.
  if (y.isConst() && y.imm > 255 && 0u - y.imm <= 255)
    return alu(AluOpcode::Sub, x.reg, imm(0u - y.imm));
  return alu(AluOpcode::Add, x.reg, src(y), bits);
}

Word MachineBuilder::sub(const Word &x, const Word &y) {
  if (x.isConst() && y.isConst())
    return Word::constant(x.imm - y.imm);
  if (y.isConst())
    return add(x, Word::constant(0u - y.imm));
  if (x == y)
    return Word::constant(0);
  return alu(AluOpcode::Sub, src(x), y.reg);
}

Word MachineBuilder::bitAnd(const Word &x, const Word &y) {
  if (x.isConst() && y.isConst())
    return Word::constant(x.imm & y.imm);
  if (x.isConst())
    return bitAnd(y, x);
  if (x == y)
    return x;
  if (y.isConst()) {
    if (y.imm == 0)
      return y;
    // All bits that may be set stay.
    uint32_t possible = llvm::maskTrailingOnes<uint32_t>(x.bits);
    if ((y.imm & possible) == possible)
      return x;
    if (~y.imm <= 255)
      return alu(AluOpcode::AndNot, x.reg, imm(~y.imm), x.bits);
    // Whole bytes kept: one load-field instead of a constant.
    unsigned mask = 0;
    for (unsigned k = 0; k < 4; ++k) {
      uint32_t byte = (y.imm >> (8 * k)) & 0xff;
      if (byte == 0xff)
        mask |= 1u << k;
      else if (byte != 0)
        mask = 16;
      if (mask >= 16)
        break;
    }
    if (y.imm > 255 && mask < 16)
      return Word::of(field(mask, nullptr, x).reg,
                      std::min(x.bits, activeBits(y.imm)));
  }
  return alu(AluOpcode::And, x.reg, src(y), std::min(x.bits, y.bits));
}

Word MachineBuilder::bitOr(const Word &x, const Word &y) {
  if (x.isConst() && y.isConst())
    return Word::constant(x.imm | y.imm);
  if (x.isConst())
    return bitOr(y, x);
  if (x == y || y.isZero())
    return x;
  if (y.isConst(~0u))
    return y;
  return alu(AluOpcode::Or, x.reg, src(y), std::max(x.bits, y.bits));
}

Word MachineBuilder::bitXor(const Word &x, const Word &y) {
  if (x.isConst() && y.isConst())
    return Word::constant(x.imm ^ y.imm);
  if (x.isConst())
    return bitXor(y, x);
  if (x == y)
    return Word::constant(0);
  if (y.isZero())
    return x;
  if (y.isConst(~0u))
    return bitNot(x);
  return alu(AluOpcode::Xor, x.reg, src(y), std::max(x.bits, y.bits));
}

Word MachineBuilder::bitNot(const Word &x) {
  if (x.isConst())
    return Word::constant(~x.imm);
  return alu(AluOpcode::NotB, Value(), x.reg);
}

Word MachineBuilder::shl(const Word &x, unsigned n) {
  if (x.isConst())
    return Word::constant(n < 32 ? x.imm << n : 0);
  if (n == 0)
    return x;
  if (n >= 32)
    return Word::constant(0);
  return Word::of(nfp::ShfOp::create(b, loc, ShfOpcode::B, ShiftKind::Shl, n,
                                     ValueRange{x.reg})
                      .getDst(),
                  std::min(32u, x.bits + n));
}

Word MachineBuilder::shr(const Word &x, unsigned n) {
  if (x.isConst())
    return Word::constant(n < 32 ? x.imm >> n : 0);
  if (n == 0)
    return x;
  if (n >= x.bits)
    return Word::constant(0);
  return Word::of(nfp::ShfOp::create(b, loc, ShfOpcode::B, ShiftKind::Shr, n,
                                     ValueRange{x.reg})
                      .getDst(),
                  x.bits - n);
}

/// An instruction without result that leaves \p left as the previous left
/// operand and left | right as the previous result.
Value MachineBuilder::previous(const Word &left, Value right) {
  return nfp::AluOp::create(b, loc, AluOpcode::Or, ValueRange{src(left), right},
                            Value(), Value(), Type(), false, true)
      .getPrevOut();
}

Word MachineBuilder::sar(const Word &x, unsigned n) {
  if (x.isConst())
    return Word::constant(
        static_cast<uint32_t>(static_cast<int32_t>(x.imm) >> std::min(n, 31u)));
  if (n == 0)
    return x;
  n = std::min(n, 31u);
  if (x.bits < 32)
    return shr(x, n);
  // The fill bit is the sign of the result just before.
  Value prev = nfp::AluOp::create(b, loc, AluOpcode::B, ValueRange{x.reg},
                                  Value(), Value(), Type(), false, true)
                   .getPrevOut();
  return Word::of(nfp::ShfOp::create(b, loc, ShfOpcode::Asr, ShiftKind::Shr, n,
                                     ValueRange{x.reg}, prev)
                      .getDst());
}

Word MachineBuilder::dbl(const Word &hi, const Word &lo, unsigned n) {
  assert(n < 32 && "double shift amount out of range");
  if (n == 0)
    return lo;
  if (hi.isConst() && lo.isConst())
    return Word::constant(
        static_cast<uint32_t>((uint64_t(hi.imm) << 32 | lo.imm) >> n));
  if (hi.isZero())
    return shr(lo, n);
  if (lo.isZero())
    return shl(hi, 32 - n);
  return Word::of(nfp::ShfOp::create(b, loc, ShfOpcode::B, ShiftKind::Dbl, n,
                                     ValueRange{src(hi), src(lo)})
                      .getDst());
}

Word MachineBuilder::shiftVar(ShfOpcode op, ShiftKind kind, const Word &x,
                              const Word &n) {
  // The amount is the left operand of the instruction before; an arithmetic
  // shift takes its fill bit from that instruction's result as well. Amounts
  // are below 2^31, so OR keeps the sign of the value.
  Value value = src(x);
  Value prev = previous(n, op == ShfOpcode::Asr ? value : Value(imm(0)));
  return Word::of(
      nfp::ShfOp::create(b, loc, op, kind, ValueRange{value}, prev).getDst());
}

Word MachineBuilder::shlVar(const Word &x, const Word &n) {
  if (n.isConst())
    return shl(x, n.imm & 31);
  if (x.isZero())
    return x;
  return shiftVar(ShfOpcode::B, ShiftKind::Shl, x, n);
}

Word MachineBuilder::shrVar(const Word &x, const Word &n) {
  if (n.isConst())
    return shr(x, n.imm & 31);
  if (x.isZero())
    return x;
  Word result = shiftVar(ShfOpcode::B, ShiftKind::Shr, x, n);
  result.bits = x.bits;
  return result;
}

Word MachineBuilder::sarVar(const Word &x, const Word &n) {
  if (n.isConst())
    return sar(x, n.imm & 31);
  if (x.bits < 32)
    return shrVar(x, n);
  // A shift amount with bit 31 set would be taken for the sign.
  if (n.bits > 31)
    return shiftVar(ShfOpcode::Asr, ShiftKind::Shr, x,
                    bitAnd(n, Word::constant(31)));
  return shiftVar(ShfOpcode::Asr, ShiftKind::Shr, x, n);
}

Word MachineBuilder::dblVar(const Word &hi, const Word &lo, const Word &n) {
  if (n.isConst())
    return dbl(hi, lo, n.imm & 31);
  if (hi.isZero())
    return shrVar(lo, n);
  Value left = src(hi), right = src(lo);
  Value prev = previous(n, imm(0));
  return Word::of(nfp::ShfOp::create(b, loc, ShfOpcode::B, ShiftKind::Dbl,
                                     ValueRange{left, right}, prev)
                      .getDst());
}

Word MachineBuilder::zext(const Word &x, unsigned n) {
  if (n >= 32 || x.bits <= n)
    return x;
  return bitAnd(x, Word::constant(llvm::maskTrailingOnes<uint32_t>(n)));
}

Word MachineBuilder::sext(const Word &x, unsigned n) {
  if (n >= 32 || x.bits < n)
    return x;
  if (x.isConst())
    return Word::constant(static_cast<uint32_t>(
        llvm::SignExtend32(x.imm & llvm::maskTrailingOnes<uint32_t>(n), n)));
  return sar(shl(x, 32 - n), 32 - n);
}

Word MachineBuilder::field(unsigned mask, const Word *old, const Word &source,
                           unsigned rotateBytes) {
  unsigned bits = old ? 32 : 8 * activeBits(mask);
  return Word::of(nfp::LdFieldOp::create(b, loc, mask,
                                         old ? gpr(*old) : Value(), src(source),
                                         ShiftKind::RotR, 8 * rotateBytes)
                      .getDst(),
                  bits);
}

Word MachineBuilder::bswap32(const Word &x) {
  if (x.isConst())
    return Word::constant(llvm::byteswap(x.imm));
  if (x.bits <= 8)
    return shl(x, 24);
  // 0xaabbccdd rotated right by 8 is 0xddaabbcc, where bytes 3 and 1 are in
  // place; the other two come from it rotated right by 24, 0xbbccddaa.
  Word rotated =
      Word::of(nfp::ShfOp::create(b, loc, ShfOpcode::B, ShiftKind::RotR, 8,
                                  ValueRange{x.reg})
                   .getDst());
  return field(5, &rotated, x, 3);
}

Word MachineBuilder::bswap16(const Word &x) {
  if (x.isConst())
    return Word::constant(llvm::byteswap(static_cast<uint16_t>(x.imm)));
  if (x.bits <= 8)
    return shl(x, 8);
  // Byte 1 goes to byte 0 first, then byte 0 to byte 1.
  Word high = field(1, nullptr, x, 1);
  Word result = field(2, &high, x, 3);
  result.bits = 16;
  return result;
}

//===----------------------------------------------------------------------===//
// Multiplication
//===----------------------------------------------------------------------===//

static std::optional<nfp::MulType> narrowMul(const Word &x, const Word &y,
                                             bool &exchange) {
  exchange = false;
  if (x.bits <= 24 && y.bits <= 8)
    return nfp::MulType::M24x8;
  if (y.bits <= 24 && x.bits <= 8) {
    exchange = true;
    return nfp::MulType::M24x8;
  }
  if (x.bits <= 16 && y.bits <= 16)
    return nfp::MulType::M16x16;
  return std::nullopt;
}

Word MachineBuilder::mul(const Word &x, const Word &y) {
  if (x.isConst() && y.isConst())
    return Word::constant(x.imm * y.imm);
  if (x.isConst())
    return mul(y, x);
  if (y.isConst()) {
    uint32_t c = y.imm;
    if (c == 0)
      return y;
    if (llvm::isPowerOf2_32(c))
      return shl(x, llvm::Log2_32(c));
    if (c == ~0u)
      return sub(Word::constant(0), x);
    // Two terms cost less than the three to six multiplication steps.
    if (llvm::popcount(c) == 2) {
      unsigned low = llvm::countr_zero(c);
      return add(shl(x, llvm::Log2_32(c)), shl(x, low));
    }
    if (llvm::isPowerOf2_32(c + 1))
      return sub(shl(x, llvm::Log2_32(c + 1)), x);
  }
  bool exchange;
  unsigned bits = std::min(32u, x.bits + y.bits);
  Value left = src(x), right = src(y);
  if (auto type = narrowMul(x, y, exchange)) {
    if (exchange)
      std::swap(left, right);
    return Word::of(
        nfp::MulOp::create(b, loc, *type, left, right, true, false).getLo(),
        bits);
  }
  return Word::of(
      nfp::MulOp::create(b, loc, nfp::MulType::M32x32, left, right, true, false)
          .getLo(),
      bits);
}

Word MachineBuilder::mulHigh(const Word &x, const Word &y) {
  if (x.isConst() && y.isConst())
    return Word::constant(
        static_cast<uint32_t>((uint64_t(x.imm) * y.imm) >> 32));
  if (x.bits + y.bits <= 32)
    return Word::constant(0);
  return Word::of(nfp::MulOp::create(b, loc, nfp::MulType::M32x32, src(x),
                                     src(y), false, true)
                      .getHi(),
                  x.bits + y.bits - 32);
}

Pair MachineBuilder::mulWide(const Word &x, const Word &y) {
  if (x.isConst() && y.isConst())
    return Pair::constant(uint64_t(x.imm) * y.imm);
  if (x.bits + y.bits <= 32)
    return {mul(x, y), Word::constant(0)};
  if (x.isConst() && llvm::isPowerOf2_32(x.imm))
    return shl(Pair{y, Word::constant(0)}, llvm::Log2_32(x.imm));
  if (y.isConst() && llvm::isPowerOf2_32(y.imm))
    return shl(Pair{x, Word::constant(0)}, llvm::Log2_32(y.imm));
  auto op = nfp::MulOp::create(b, loc, nfp::MulType::M32x32, src(x), src(y),
                               true, true);
  return {Word::of(op.getLo()), Word::of(op.getHi(), x.bits + y.bits - 32)};
}

//===----------------------------------------------------------------------===//
// Two words
//===----------------------------------------------------------------------===//

std::pair<Word, Value> MachineBuilder::aluFlags(AluOpcode op, Value left,
                                                Value right, Value carry) {
  auto alu = nfp::AluOp::create(b, loc, op, ValueRange{left, right}, carry,
                                Value(), gprType(), true, false);
  return {Word::of(alu.getDst()), alu.getCcOut()};
}

Value MachineBuilder::flags(AluOpcode op, Value left, Value right,
                            Value carry) {
  SmallVector<Value, 2> sources;
  if (left)
    sources.push_back(left);
  sources.push_back(right);
  return nfp::AluOp::create(b, loc, op, sources, carry, Value(), Type(), true,
                            false)
      .getCcOut();
}

Word MachineBuilder::withCarry(AluOpcode op, const Word &x, const Word &y,
                               Value carry) {
  return Word::of(
      nfp::AluOp::create(b, loc, op, ValueRange{src(x), src(y)}, carry)
          .getDst());
}

Pair MachineBuilder::add(const Pair &x, const Pair &y) {
  if (x.isConst() && y.isConst())
    return Pair::constant(x.imm() + y.imm());
  if (x.lo.isZero() || y.lo.isZero())
    return {add(x.lo, y.lo), add(x.hi, y.hi)};
  if (x.hi.isZero() && y.hi.isZero() && std::max(x.lo.bits, y.lo.bits) < 32)
    return {add(x.lo, y.lo), Word::constant(0)};
  if (x.lo.isConst() && y.lo.isConst()) {
    uint64_t low = uint64_t(x.lo.imm) + y.lo.imm;
    return {Word::constant(static_cast<uint32_t>(low)),
            add(add(x.hi, y.hi), Word::constant(low >> 32))};
  }
  if (x.isConst())
    return add(y, x);
  // A small negative constant is cheaper subtracted.
  if (y.isConst() && 0 - y.imm() <= 255) {
    Value hi = src(x.hi), zero = imm(0);
    auto [low, carry] =
        aluFlags(AluOpcode::Sub, src(x.lo), imm(uint32_t(0 - y.imm())));
    return {low, Word::of(nfp::AluOp::create(b, loc, AluOpcode::SubC,
                                             ValueRange{hi, zero}, carry)
                              .getDst())};
  }
  Value left = src(x.hi), right = src(y.hi);
  auto [low, carry] = aluFlags(AluOpcode::Add, src(x.lo), src(y.lo));
  unsigned bits = 32;
  if (x.hi.isZero() && y.hi.isZero())
    bits = 1;
  return {low, Word::of(nfp::AluOp::create(b, loc, AluOpcode::AddC,
                                           ValueRange{left, right}, carry)
                            .getDst(),
                        bits)};
}

Pair MachineBuilder::sub(const Pair &x, const Pair &y) {
  if (y.isConst())
    return add(x, Pair::constant(0 - y.imm()));
  if (y.lo.isZero())
    return {x.lo, sub(x.hi, y.hi)};
  Value left = src(x.hi), right = src(y.hi);
  auto [low, carry] = aluFlags(AluOpcode::Sub, src(x.lo), src(y.lo));
  return {low, Word::of(nfp::AluOp::create(b, loc, AluOpcode::SubC,
                                           ValueRange{left, right}, carry)
                            .getDst())};
}

Pair MachineBuilder::mul(const Pair &x, const Pair &y) {
  if (x.isConst() && y.isConst())
    return Pair::constant(x.imm() * y.imm());
  if (x.isConst())
    return mul(y, x);
  if (y.isConst()) {
    uint64_t c = y.imm();
    if (c == 0)
      return y;
    if (llvm::isPowerOf2_64(c))
      return shl(x, llvm::Log2_64(c));
    if (c == ~uint64_t(0))
      return sub(Pair::constant(0), x);
    if (llvm::isPowerOf2_64(c + 1))
      return sub(shl(x, llvm::Log2_64(c + 1)), x);
  }
  Pair product = mulWide(x.lo, y.lo);
  Word high = add(mul(x.lo, y.hi), mul(x.hi, y.lo));
  return {product.lo, add(product.hi, high)};
}

Pair MachineBuilder::shl(const Pair &x, unsigned n) {
  if (n >= 32)
    return {Word::constant(0), shl(x.lo, n - 32)};
  if (n == 0)
    return x;
  return {shl(x.lo, n), dbl(x.hi, x.lo, 32 - n)};
}

Pair MachineBuilder::shr(const Pair &x, unsigned n) {
  if (n >= 32)
    return {shr(x.hi, n - 32), Word::constant(0)};
  return {dbl(x.hi, x.lo, n), shr(x.hi, n)};
}

Pair MachineBuilder::sar(const Pair &x, unsigned n) {
  if (n >= 32)
    return {sar(x.hi, n - 32), sar(x.hi, 31)};
  return {dbl(x.hi, x.lo, n), sar(x.hi, n)};
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

static Pred exchange(Pred pred) {
  switch (pred) {
  case Pred::ULT:
    return Pred::UGT;
  case Pred::ULE:
    return Pred::UGE;
  case Pred::UGT:
    return Pred::ULT;
  case Pred::UGE:
    return Pred::ULE;
  case Pred::SLT:
    return Pred::SGT;
  case Pred::SLE:
    return Pred::SGE;
  case Pred::SGT:
    return Pred::SLT;
  case Pred::SGE:
    return Pred::SLE;
  default:
    return pred;
  }
}

static Test known(bool outcome) {
  Test test;
  test.kind = Test::Known;
  test.value = outcome;
  return test;
}

static Test onFlags(Cond cond, Value cc) {
  Test test;
  test.kind = Test::Flags;
  test.cond = cond;
  test.cc = cc;
  return test;
}

/// The condition after left - right.
static Cond conditionOf(Pred pred) {
  switch (pred) {
  case Pred::EQ:
    return Cond::EQ;
  case Pred::NE:
    return Cond::NE;
  case Pred::ULT:
    return Cond::LO;
  case Pred::UGE:
    return Cond::HS;
  case Pred::SLT:
    return Cond::LT;
  case Pred::SGE:
    return Cond::GE;
  default:
    llvm_unreachable("condition needs exchanged operands");
  }
}

static bool needsExchange(Pred pred) {
  return pred == Pred::UGT || pred == Pred::ULE || pred == Pred::SGT ||
         pred == Pred::SLE;
}

Test MachineBuilder::compare(Pred pred, const Word &x, const Word &y) {
  if (x.isConst() && y.isConst())
    return known(evaluate(pred, x.imm, y.imm, 32));
  if (x == y)
    return known(evaluate(pred, 0, 0, 32));
  if (x.isConst())
    return compare(exchange(pred), y, x);
  // Numbers below 2^31 compare alike signed and unsigned.
  if (isSigned(pred) && x.bits < 32 && y.bits < 32)
    return compare(static_cast<Pred>(static_cast<int>(pred) -
                                     static_cast<int>(Pred::SLT) +
                                     static_cast<int>(Pred::ULT)),
                   x, y);
  if (y.isConst()) {
    uint32_t c = y.imm;
    bool equality = pred == Pred::EQ || pred == Pred::NE;
    // Out of the range of x, which is 0 to 2^bits - 1.
    if (!isSigned(pred) && x.bits < 32 && (uint64_t(c) >> x.bits) != 0)
      return known(pred == Pred::NE || pred == Pred::ULT || pred == Pred::ULE);
    if (c == 0) {
      if (pred == Pred::ULT || pred == Pred::UGE)
        return known(pred == Pred::UGE);
      if (pred == Pred::UGT || pred == Pred::ULE)
        return compare(pred == Pred::UGT ? Pred::NE : Pred::EQ, x, y);
      if (equality)
        return onFlags(conditionOf(pred), flags(AluOpcode::B, Value(), x.reg));
      if (pred == Pred::SLT || pred == Pred::SGE) {
        Test test;
        test.kind = Test::Bit;
        test.src = x.reg;
        test.bit = 31;
        test.value = pred == Pred::SLT;
        return test;
      }
    }
    // The negated constant added: same zero, carry and (except for the least
    // number, which has no opposite) overflow.
    if (c > 255 && 0u - c <= 255 && !needsExchange(pred))
      return onFlags(conditionOf(pred),
                     flags(AluOpcode::Add, x.reg, imm(0u - c)));
  }
  if (needsExchange(pred))
    return onFlags(conditionOf(exchange(pred)),
                   flags(AluOpcode::Sub, src(y), x.reg));
  return onFlags(conditionOf(pred), flags(AluOpcode::Sub, x.reg, src(y)));
}

Test MachineBuilder::compare(Pred pred, const Pair &x, const Pair &y) {
  if (x.isConst() && y.isConst())
    return known(evaluate(pred, x.imm(), y.imm(), 64));
  if (x.isConst())
    return compare(exchange(pred), y, x);
  // Equal high words: the low words decide, unsigned.
  if (x.hi == y.hi) {
    if (isSigned(pred))
      pred = static_cast<Pred>(static_cast<int>(pred) -
                               static_cast<int>(Pred::SLT) +
                               static_cast<int>(Pred::ULT));
    return compare(pred, x.lo, y.lo);
  }
  bool equality = pred == Pred::EQ || pred == Pred::NE;
  // Equal low words: the high words decide alone, except that equal numbers
  // must stay equal, which they do.
  if (x.lo == y.lo)
    return compare(pred, x.hi, y.hi);
  // A negative number is recognized by its sign.
  if (y.isConst() && y.imm() == 0 && (pred == Pred::SLT || pred == Pred::SGE))
    return compare(pred, x.hi, y.hi);
  if (equality) {
    if (x.hi.isConst() && y.hi.isConst())
      return known(pred == Pred::NE);
    Word low = bitXor(x.lo, y.lo);
    Word high = bitXor(x.hi, y.hi);
    if (low.isConst() && low.imm != 0)
      return known(pred == Pred::NE);
    return onFlags(conditionOf(pred),
                   flags(AluOpcode::Or, src(low), src(high)));
  }
  if (x.hi.isConst() && y.hi.isConst())
    return known(evaluate(pred, x.hi.imm, y.hi.imm, 32));
  Pair left = x, right = y;
  if (needsExchange(pred)) {
    std::swap(left, right);
    pred = exchange(pred);
  }
  Value leftHigh = src(left.hi), rightHigh = src(right.hi);
  Value carry = flags(AluOpcode::Sub, src(left.lo), src(right.lo));
  return onFlags(conditionOf(pred),
                 flags(AluOpcode::SubC, leftHigh, rightHigh, carry));
}

Word MachineBuilder::carryBit(Value cc, bool wanted) {
  // 0 + 0 + C is the carry; 0 - 0 - !C is 0 with carry and all ones without.
  Value zero = nfp::ConstOp::create(b, loc, 0u).getResult();
  Value also = imm(0);
  if (wanted) {
    auto op =
        nfp::AluOp::create(b, loc, AluOpcode::AddC, ValueRange{zero, also}, cc);
    return Word::of(op.getDst(), 1);
  }
  Word mask = Word::of(
      nfp::AluOp::create(b, loc, AluOpcode::SubC, ValueRange{zero, also}, cc)
          .getDst());
  Word bit = sub(Word::constant(0), mask);
  bit.bits = 1;
  return bit;
}

Word MachineBuilder::compareValue(Pred pred, Word x, Word y) {
  if (x.isConst() && y.isConst())
    return Word::constant(evaluate(pred, x.imm, y.imm, 32));
  if (x == y)
    return Word::constant(evaluate(pred, 0, 0, 32));
  if (isSigned(pred)) {
    // Numbers with the sign bit turned over compare unsigned.
    if (x.bits == 32 || y.bits == 32) {
      Word sign = Word::constant(0x80000000u);
      x = bitXor(x, sign);
      y = bitXor(y, sign);
    }
    pred =
        static_cast<Pred>(static_cast<int>(pred) - static_cast<int>(Pred::SLT) +
                          static_cast<int>(Pred::ULT));
    return compareValue(pred, x, y);
  }
  if (pred == Pred::EQ || pred == Pred::NE) {
    Word difference = bitXor(x, y);
    if (difference.isConst())
      return Word::constant((difference.imm == 0) == (pred == Pred::EQ));
    if (difference.bits == 1)
      return pred == Pred::NE ? difference
                              : bitXor(difference, Word::constant(1));
    // 0 - d has no borrow only for d = 0; d - 1 has none for all others.
    Value cc = pred == Pred::EQ ? flags(AluOpcode::Sub, imm(0), difference.reg)
                                : flags(AluOpcode::Sub, difference.reg, imm(1));
    return carryBit(cc, true);
  }
  if (needsExchange(pred)) {
    std::swap(x, y);
    pred = exchange(pred);
  }
  if (y.isZero())
    return Word::constant(pred == Pred::UGE);
  return carryBit(flags(AluOpcode::Sub, src(x), src(y)), pred == Pred::UGE);
}

Word MachineBuilder::compareValue(Pred pred, Pair x, Pair y) {
  if (x.isConst() && y.isConst())
    return Word::constant(evaluate(pred, x.imm(), y.imm(), 64));
  if (x.hi == y.hi) {
    if (isSigned(pred))
      pred = static_cast<Pred>(static_cast<int>(pred) -
                               static_cast<int>(Pred::SLT) +
                               static_cast<int>(Pred::ULT));
    return compareValue(pred, x.lo, y.lo);
  }
  if (pred == Pred::EQ || pred == Pred::NE)
    return compareValue(pred, bitOr(bitXor(x.lo, y.lo), bitXor(x.hi, y.hi)),
                        Word::constant(0));
  if (isSigned(pred)) {
    Word sign = Word::constant(0x80000000u);
    x.hi = bitXor(x.hi, sign);
    y.hi = bitXor(y.hi, sign);
    return compareValue(static_cast<Pred>(static_cast<int>(pred) -
                                          static_cast<int>(Pred::SLT) +
                                          static_cast<int>(Pred::ULT)),
                        x, y);
  }
  if (needsExchange(pred)) {
    std::swap(x, y);
    pred = exchange(pred);
  }
  Value leftHigh = src(x.hi), rightHigh = src(y.hi);
  Value carry = flags(AluOpcode::Sub, src(x.lo), src(y.lo));
  return carryBit(flags(AluOpcode::SubC, leftHigh, rightHigh, carry),
                  pred == Pred::UGE);
}
