//===- MachineBuilder.h - Computing with 32-bit words -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The lowest layer of the conversion: arithmetic on words that are a register
// or a constant, and what is known of their upper bits. Every function emits
// the shortest sequence for what it is given, nothing at all when the result is
// a constant. Instructions nobody reads are removed when a function is
// finished, so emitting a form that may not be needed costs nothing.
//
// Machine facts: NFP instruction set, sections "Semantics" (flags, shifts,
// load-field, multiplication) and "Idioms worth knowing".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_CONVERSION_BPFTONFP_MACHINEBUILDER_H
#define NFPBPF_LIB_CONVERSION_BPFTONFP_MACHINEBUILDER_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

#include "mlir/IR/Builders.h"

namespace nfpbpf::convert {

/// A 32-bit word: a register, or a constant that is materialized where a
/// register is needed. The value is below 2^bits.
struct Word {
  mlir::Value reg; ///< `!nfp.gpr` or `!nfp.xfer`; null for a constant
  uint32_t imm = 0;
  unsigned bits = 32;

  static Word constant(uint32_t value);
  static Word of(mlir::Value value, unsigned bits = 32) {
    return Word{value, 0, bits};
  }
  bool isConst() const { return !reg; }
  bool isConst(uint32_t value) const { return !reg && imm == value; }
  bool isZero() const { return isConst(0); }
  bool operator==(const Word &other) const {
    return reg == other.reg && imm == other.imm;
  }
};

/// A 64-bit number, low word first.
struct Pair {
  Word lo, hi;
  bool isConst() const { return lo.isConst() && hi.isConst(); }
  uint64_t imm() const { return uint64_t(hi.imm) << 32 | lo.imm; }
  static Pair constant(uint64_t value) {
    return {Word::constant(uint32_t(value)),
            Word::constant(uint32_t(value >> 32))};
  }
};

/// Flags and the condition to test them with; or a bit of a register; or an
/// outcome known at compile time.
struct Test {
  enum Kind { Flags, Bit, Known } kind = Known;
  nfp::Cond cond = nfp::Cond::EQ;
  mlir::Value cc;    ///< Flags
  mlir::Value src;   ///< Bit
  unsigned bit = 0;  ///< Bit
  bool value = true; ///< Bit: taken when the bit is this; Known: the outcome

  Test inverted() const;
};

enum class Pred { EQ, NE, ULT, ULE, UGT, UGE, SLT, SLE, SGT, SGE };
Pred invert(Pred pred);
bool isSigned(Pred pred);

class MachineBuilder {
public:
  explicit MachineBuilder(mlir::MLIRContext *ctx) : b(ctx) {}

  mlir::OpBuilder b;
  mlir::Location loc = mlir::UnknownLoc::get(b.getContext());

  // Operands.
  mlir::Type gprType() { return nfp::GprType::get(b.getContext()); }
  mlir::Value imm(uint32_t value);
  mlir::Value lm(unsigned pointer, unsigned offset);
  /// As a source of any instruction: a constant up to 255 stays one.
  mlir::Value src(const Word &w);
  /// As a general register.
  mlir::Value gpr(const Word &w);

  // One word.
  Word alu(nfp::AluOpcode op, mlir::Value left, mlir::Value right,
           unsigned bits = 32);
  Word add(const Word &x, const Word &y);
  Word sub(const Word &x, const Word &y);
  Word bitAnd(const Word &x, const Word &y);
  Word bitOr(const Word &x, const Word &y);
  Word bitXor(const Word &x, const Word &y);
  Word bitNot(const Word &x);
  Word shl(const Word &x, unsigned n);
  Word shr(const Word &x, unsigned n);
  Word sar(const Word &x, unsigned n);
  /// Low word of (hi:lo) >> n, n 0 to 31.
  Word dbl(const Word &hi, const Word &lo, unsigned n);
  /// Shifts by the low five bits of a register; the double shift's amount must
  /// be below 32 (larger ones are undefined).
  Word shlVar(const Word &x, const Word &n);
  Word shrVar(const Word &x, const Word &n);
  Word sarVar(const Word &x, const Word &n);
  Word dblVar(const Word &hi, const Word &lo, const Word &n);
  /// The low n bits (1 to 32), zero-extended or sign-extended.
  Word zext(const Word &x, unsigned n);
  Word sext(const Word &x, unsigned n);
  /// The four bytes in opposite order.
  Word bswap32(const Word &x);
  /// Bytes 0 and 1 exchanged, upper half 0.
  Word bswap16(const Word &x);
  /// Bytes of the source (rotated right by 8 * bytes) where the mask says so,
  /// others from `old`, or 0 without.
  Word field(unsigned mask, const Word *old, const Word &source,
             unsigned rotateBytes = 0);
  /// Low word of the product.
  Word mul(const Word &x, const Word &y);
  /// High word of the unsigned product.
  Word mulHigh(const Word &x, const Word &y);
  /// Both words of the unsigned product.
  Pair mulWide(const Word &x, const Word &y);

  // Two words.
  Pair add(const Pair &x, const Pair &y);
  Pair sub(const Pair &x, const Pair &y);
  Pair mul(const Pair &x, const Pair &y);
  Pair shl(const Pair &x, unsigned n);
  Pair shr(const Pair &x, unsigned n);
  Pair sar(const Pair &x, unsigned n);

  // Flags.
  /// Flags of `left op right`, no result.
  mlir::Value flags(nfp::AluOpcode op, mlir::Value left, mlir::Value right,
                    mlir::Value carry = {});
  /// Result and flags.
  std::pair<Word, mlir::Value> aluFlags(nfp::AluOpcode op, mlir::Value left,
                                        mlir::Value right,
                                        mlir::Value carry = {});
  Word withCarry(nfp::AluOpcode op, const Word &x, const Word &y,
                 mlir::Value carry);
  Test compare(Pred pred, const Word &x, const Word &y);
  Test compare(Pred pred, const Pair &x, const Pair &y);
  /// 0 or 1.
  Word compareValue(Pred pred, Word x, Word y);
  Word compareValue(Pred pred, Pair x, Pair y);

private:
  mlir::Value previous(const Word &left, mlir::Value right);
  Word shiftVar(nfp::ShfOpcode op, nfp::ShiftKind kind, const Word &x,
                const Word &n);
  Word carryBit(mlir::Value cc, bool wanted);
};

} // namespace nfpbpf::convert

#endif // NFPBPF_LIB_CONVERSION_BPFTONFP_MACHINEBUILDER_H
