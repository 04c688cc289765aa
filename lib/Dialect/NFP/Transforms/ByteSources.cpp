//===- ByteSources.cpp - Where the bytes of a number come from ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ByteSources.h"

using namespace mlir;
using namespace nfpbpf::nfp;

namespace {

constexpr unsigned NumBytes = 4;
constexpr unsigned BitsOfByte = 8;
/// Instructions that are looked through, one behind the other.
constexpr unsigned MaxDepth = 4;
/// Ways into a block that are looked at for an argument.
constexpr unsigned MaxEdges = 16;

/// What is known of a byte.
struct Part {
  enum Kind { Unknown, Constant, Copied } kind = Unknown;
  uint8_t value = 0; ///< of a constant
  Value word;        ///< where a copied one comes from
  unsigned byte = 0;

  static Part constant(uint32_t value) {
    Part part;
    part.kind = Constant;
    part.value = static_cast<uint8_t>(value);
    return part;
  }
  bool is(uint8_t constant) const {
    return kind == Constant && value == constant;
  }
};
using Parts = std::array<Part, NumBytes>;

} // namespace

static Parts partsOf(Value value, unsigned depth);

static Parts partsOfConstant(int32_t value) {
  Parts parts;
  for (unsigned n = 0; n < NumBytes; ++n)
    parts[n] = Part::constant(static_cast<uint32_t>(value) >> (BitsOfByte * n));
  return parts;
}

static Parts shifted(const Parts &parts, ShiftKind kind, unsigned amount) {
  if (kind == ShiftKind::Dbl)
    return {};
  // Byte n is made of two neighbours; the further one matters only if the
  // amount is no number of bytes.
  const int bytes = static_cast<int>(amount / BitsOfByte);
  const bool isWhole = amount % BitsOfByte == 0;
  auto at = [&](int n) {
    if (kind == ShiftKind::RotR)
      return parts[static_cast<unsigned>(n) % NumBytes];
    return n >= 0 && n < int(NumBytes) ? parts[static_cast<unsigned>(n)]
                                       : Part::constant(0);
  };
  Parts result;
  for (int n = 0; n < int(NumBytes); ++n) {
    const bool isLeft = kind == ShiftKind::Shl;
    const Part near = at(isLeft ? n - bytes : n + bytes);
    const Part far = at(isLeft ? n - bytes - 1 : n + bytes + 1);
    if (isWhole || (near.is(0) && far.is(0)))
      result[static_cast<unsigned>(n)] = near;
  }
  return result;
}

static Part combined(bool isAnd, const Part &left, const Part &right) {
  const uint8_t absorbing = isAnd ? 0 : UINT8_MAX;
  const uint8_t neutral = isAnd ? UINT8_MAX : 0;
  if (left.is(absorbing) || right.is(absorbing))
    return Part::constant(absorbing);
  if (left.is(neutral))
    return right;
  if (right.is(neutral))
    return left;
  return {};
}

static Parts combined(bool isAnd, const Parts &left, const Parts &right) {
  Parts result;
  for (unsigned n = 0; n < NumBytes; ++n)
    result[n] = combined(isAnd, left[n], right[n]);
  return result;
}

static Parts partsOfResult(AluOp op, unsigned depth) {
  if (op.getDstLm())
    return {};
  switch (op.getOpcode()) {
  case AluOpcode::B:
    return partsOf(op.getSrcs()[0], depth);
  case AluOpcode::And:
  case AluOpcode::Or:
    return combined(op.getOpcode() == AluOpcode::And,
                    partsOf(op.getSrcs()[0], depth),
                    partsOf(op.getSrcs()[1], depth));
  default:
    return {};
  }
}

static Parts partsOfResult(ShfOp op, unsigned depth) {
  if (op.getIndirect() || op.getShift() == ShiftKind::Dbl)
    return {};
  auto right = [&] {
    return shifted(partsOf(op.getSrcs().back(), depth), op.getShift(),
                   op.getAmount());
  };
  switch (op.getOpcode()) {
  case ShfOpcode::B:
    return right();
  case ShfOpcode::And:
  case ShfOpcode::Or:
    return combined(op.getOpcode() == ShfOpcode::And,
                    partsOf(op.getSrcs().front(), depth), right());
  default:
    return {};
  }
}

static Parts partsOfResult(LdFieldOp op, unsigned depth) {
  Parts from;
  if (!op.getIndirect())
    from = shifted(partsOf(op.getSrc(), depth), op.getShift(), op.getAmount());
  Parts result =
      op.getInto() ? partsOf(op.getInto(), depth) : partsOfConstant(0);
  for (unsigned n = 0; n < NumBytes; ++n)
    if (op.getMask() >> n & 1)
      result[n] = from[n];
  return result;
}

/// The bytes of a block's argument that are zero wherever it comes from.
static Parts zeroParts(BlockArgument argument, unsigned depth) {
  Parts parts;
  Block *block = argument.getOwner();
  if (block->isEntryBlock())
    return parts;
  parts = partsOfConstant(0);
  unsigned edges = 0;
  for (auto it = block->pred_begin(); it != block->pred_end(); ++it) {
    auto branch = dyn_cast<BranchOpInterface>((*it)->getTerminator());
    if (++edges > MaxEdges || !branch)
      return {};
    Value value = branch.getSuccessorOperands(
        it.getSuccessorIndex())[argument.getArgNumber()];
    // In a loop it may stay as it is.
    if (value == argument)
      continue;
    const Parts incoming = partsOf(value, depth);
    for (unsigned n = 0; n < NumBytes; ++n)
      if (!incoming[n].is(0))
        parts[n] = Part();
  }
  return parts;
}

static Parts partsOf(Value value, unsigned depth) {
  Parts parts;
  Operation *made = value.getDefiningOp();
  if (auto imm = dyn_cast_if_present<ImmOp>(made))
    return partsOfConstant(static_cast<int32_t>(imm.getValue()));
  if (auto constant = dyn_cast_if_present<ConstOp>(made))
    return partsOfConstant(static_cast<int32_t>(constant.getValue()));
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    if (depth == 0)
      parts = zeroParts(argument, depth + 1);
  } else if (auto load = dyn_cast_if_present<LmLoadOp>(made)) {
    for (unsigned n = load.getSize(); n < NumBytes; ++n)
      parts[n] = Part::constant(0);
  } else if (depth < MaxDepth && made) {
    if (auto alu = dyn_cast<AluOp>(made))
      parts = partsOfResult(alu, depth + 1);
    else if (auto shf = dyn_cast<ShfOp>(made))
      parts = partsOfResult(shf, depth + 1);
    else if (auto field = dyn_cast<LdFieldOp>(made))
      parts = partsOfResult(field, depth + 1);
  }
  // A word of local memory may be another one later.
  if (!isa<GprType, XferType>(value.getType()))
    return parts;
  for (unsigned n = 0; n < NumBytes; ++n)
    if (parts[n].kind == Part::Unknown) {
      parts[n].kind = Part::Copied;
      parts[n].word = value;
      parts[n].byte = n;
    }
  return parts;
}

ByteSources nfpbpf::nfp::findByteSources(Value number) {
  const Parts parts = partsOf(number, 0);
  ByteSources sources;
  for (unsigned n = 0; n < NumBytes; ++n) {
    if (parts[n].kind == Part::Copied)
      sources[n] = {parts[n].word, parts[n].byte};
    else if (!parts[n].is(0))
      sources[n] = {number, n};
  }
  return sources;
}
