//===- ByteTracking.cpp - Where the bytes of numbers come from ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ByteTracking.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nfpbpf::bpf;

/// Operations that one byte is followed through.
constexpr unsigned MaxVisited = 64;

static unsigned bytesOf(Value value) {
  return value.getType().getIntOrFloatBitWidth() / 8;
}

static ByteSource trace(Value value, unsigned byte, unsigned &budget) {
  const ByteSource zero{Value(), 0}, self{value, static_cast<uint8_t>(byte)};
  unsigned width = value.getType().getIntOrFloatBitWidth();
  if (byte * 8 >= width)
    return zero;
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return {Value(), static_cast<uint8_t>(constant.extractBitsAsZExtValue(
                         std::min(8u, width - 8 * byte), 8 * byte))};
  Operation *op = value.getDefiningOp();
  if (!op || budget == 0 || width % 8 != 0)
    return self;
  --budget;
  // Shifts by constants of whole bytes.
  auto bytesShifted = [&](Value amount) -> std::optional<unsigned> {
    APInt bits;
    if (!matchPattern(amount, m_ConstantInt(&bits)) || bits.uge(width) ||
        bits.urem(8) != 0)
      return std::nullopt;
    return static_cast<unsigned>(bits.getZExtValue() / 8);
  };
  if (auto trunc = dyn_cast<arith::TruncIOp>(op))
    return trace(trunc.getIn(), byte, budget);
  if (auto ext = dyn_cast<arith::ExtUIOp>(op)) {
    if (ext.getIn().getType().getIntOrFloatBitWidth() % 8 != 0)
      return self;
    return trace(ext.getIn(), byte, budget);
  }
  if (auto swap = dyn_cast<BswapOp>(op))
    return trace(op->getOperand(0), width / 8 - 1 - byte, budget);
  if (auto shift = dyn_cast<arith::ShRUIOp>(op)) {
    if (std::optional<unsigned> by = bytesShifted(shift.getRhs()))
      return trace(shift.getLhs(), byte + *by, budget);
    return self;
  }
  if (auto shift = dyn_cast<arith::ShLIOp>(op)) {
    std::optional<unsigned> by = bytesShifted(shift.getRhs());
    if (!by)
      return self;
    return byte < *by ? zero : trace(shift.getLhs(), byte - *by, budget);
  }
  if (auto mask = dyn_cast<arith::AndIOp>(op)) {
    APInt bits;
    if (!matchPattern(mask.getRhs(), m_ConstantInt(&bits)))
      return self;
    uint64_t kept = bits.extractBitsAsZExtValue(8, 8 * byte);
    if (kept == 0)
      return zero;
    return kept == 0xff ? trace(mask.getLhs(), byte, budget) : self;
  }
  if (isa<arith::OrIOp, arith::XOrIOp>(op)) {
    ByteSource left = trace(op->getOperand(0), byte, budget);
    ByteSource right = trace(op->getOperand(1), byte, budget);
    if (left.isZero())
      return right;
    return right.isZero() ? left : self;
  }
  return self;
}

ByteSource nfpbpf::bpf::traceByte(Value value, unsigned byte) {
  unsigned budget = MaxVisited;
  return trace(value, byte, budget);
}

SmallVector<ByteSource, 8> nfpbpf::bpf::traceBytes(Value value) {
  SmallVector<ByteSource, 8> bytes;
  for (unsigned k = 0; k < bytesOf(value); ++k)
    bytes.push_back(traceByte(value, k));
  return bytes;
}

namespace {

/// Bytes `at` to `at + length` of the result are those of `root` from `byte`
/// on, upwards or (if reversed) downwards.
struct Piece {
  Value root;
  unsigned at = 0;
  unsigned length = 0;
  unsigned byte = 0; // lowest of the root
  bool reversed = false;
};

} // namespace

/// The pieces that are no constants.
static SmallVector<Piece, 4> findPieces(ArrayRef<ByteSource> bytes) {
  SmallVector<Piece, 4> pieces;
  for (unsigned at = 0; at < bytes.size();) {
    const ByteSource &first = bytes[at];
    if (first.isConstant()) {
      ++at;
      continue;
    }
    auto run = [&](int step) {
      unsigned length = 1;
      while (at + length < bytes.size() &&
             bytes[at + length].root == first.root &&
             bytes[at + length].byte ==
                 int(first.byte) + step * static_cast<int>(length))
        ++length;
      return length;
    };
    unsigned up = run(1), down = run(-1);
    if (down > up && (down == 2 || down == 4 || down == 8))
      pieces.push_back({first.root, at, down, first.byte - (down - 1), true});
    else
      pieces.push_back({first.root, at, up, first.byte, false});
    at += pieces.back().length;
  }
  return pieces;
}

unsigned nfpbpf::bpf::countPieces(ArrayRef<ByteSource> bytes) {
  unsigned cost = 0;
  for (const Piece &piece : findPieces(bytes))
    cost += piece.reversed ? 3 : 1;
  return cost;
}

/// Widens or narrows without a sign.
static Value resize(OpBuilder &b, Location loc, Value value, unsigned bits) {
  unsigned width = value.getType().getIntOrFloatBitWidth();
  Type type = b.getIntegerType(bits);
  if (width > bits)
    return arith::TruncIOp::create(b, loc, type, value);
  if (width < bits)
    return arith::ExtUIOp::create(b, loc, type, value);
  return value;
}

static Value shift(OpBuilder &b, Location loc, Value value, unsigned bits,
                   bool left) {
  if (bits == 0)
    return value;
  Value amount = arith::ConstantOp::create(
      b, loc, b.getIntegerAttr(value.getType(), bits));
  if (left)
    return arith::ShLIOp::create(b, loc, value, amount);
  return arith::ShRUIOp::create(b, loc, value, amount);
}

Value nfpbpf::bpf::assembleBytes(OpBuilder &b, Location loc,
                                 ArrayRef<ByteSource> bytes) {
  unsigned count = bytes.size();
  unsigned bits = 8 * static_cast<unsigned>(llvm::PowerOf2Ceil(count));
  APInt constant(bits, 0);
  for (auto [k, source] : llvm::enumerate(bytes))
    if (source.isConstant())
      constant.insertBits(APInt(8, source.byte), static_cast<unsigned>(8 * k));
  Value result;
  auto join = [&](Value value) {
    result = result ? arith::OrIOp::create(b, loc, result, value).getResult()
                    : value;
  };
  for (const Piece &piece : findPieces(bytes)) {
    unsigned rootBytes = bytesOf(piece.root);
    Value value = shift(b, loc, piece.root, 8 * piece.byte, false);
    bool clean = piece.byte + piece.length == rootBytes;
    if (piece.reversed) {
      value = resize(b, loc, value, 8 * piece.length);
      value = BswapOp::create(b, loc, value);
      clean = true;
    }
    // Through the piece's own width if that clears what is above it.
    if (!clean && llvm::isPowerOf2_32(piece.length)) {
      value = resize(b, loc, value, 8 * piece.length);
      clean = true;
    }
    value = resize(b, loc, value, bits);
    bool reachesTop = 8 * (piece.at + piece.length) == bits;
    if (!clean && !reachesTop) {
      Value mask = arith::ConstantOp::create(
          b, loc,
          b.getIntegerAttr(value.getType(),
                           APInt::getLowBitsSet(bits, 8 * piece.length)));
      value = arith::AndIOp::create(b, loc, value, mask);
    }
    join(shift(b, loc, value, 8 * piece.at, true));
  }
  if (!result || !constant.isZero())
    join(arith::ConstantOp::create(
        b, loc, b.getIntegerAttr(b.getIntegerType(bits), constant)));
  return result;
}
