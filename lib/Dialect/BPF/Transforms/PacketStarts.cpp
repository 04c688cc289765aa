//===- PacketStarts.cpp - Where the packet begins -------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PacketStarts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace nfpbpf::bpf;

/// The number behind extensions and truncations, which keep zero zero and the
/// errors of a helper negative.
static Value stripCasts(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<arith::TruncIOp, arith::ExtSIOp>(op) ||
        (isa<arith::TruncIOp>(op) &&
         value.getType().getIntOrFloatBitWidth() < 32))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// Whether the condition holds when the packet was moved; nothing if it says
/// nothing about that. The result is 0 or a negative error number.
static std::optional<bool> saysMoved(Value condition, AdjustHeadOp adjust) {
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  APInt bound;
  if (!compare || stripCasts(compare.getLhs()) != adjust.getResult() ||
      !matchPattern(compare.getRhs(), m_ConstantInt(&bound)))
    return std::nullopt;
  using Predicate = arith::CmpIPredicate;
  if (bound.isZero())
    switch (compare.getPredicate()) {
    case Predicate::eq:
    case Predicate::sge:
    case Predicate::ule:
      return true;
    case Predicate::ne:
    case Predicate::slt:
    case Predicate::ugt:
      return false;
    default:
      return std::nullopt;
    }
  if (bound.isOne() && compare.getPredicate() == Predicate::ult)
    return true;
  if (bound.isOne() && compare.getPredicate() == Predicate::uge)
    return false;
  if (bound.isAllOnes() && compare.getPredicate() == Predicate::sgt)
    return true;
  if (bound.isAllOnes() && compare.getPredicate() == Predicate::sle)
    return false;
  return std::nullopt;
}

/// The helper takes an int.
static std::optional<int64_t> distanceOf(AdjustHeadOp adjust) {
  APInt delta;
  if (!matchPattern(adjust.getDelta(), m_ConstantInt(&delta)))
    return std::nullopt;
  return delta.trunc(32).getSExtValue();
}

static bool movesEnd(Operation *op) {
  return isa<AdjustTailOp, CallOp, CallHelperOp>(op);
}

const void *PacketStarts::endBefore(Block *block, Block::iterator op) const {
  auto it = atStart.find(block);
  if (it == atStart.end())
    return nullptr;
  const void *end = it->second.endSince;
  for (Operation &before : llvm::make_range(block->begin(), op))
    if (movesEnd(&before))
      end = &before;
  return end;
}

PacketStarts::Position
PacketStarts::throughBlock(Block &block, Position position, bool record) {
  for (Operation &op : block) {
    if (movesEnd(&op))
      position.endSince = &op;
    if (auto adjust = dyn_cast<AdjustHeadOp>(op)) {
      if (position.pending || !distanceOf(adjust))
        position.setStart(&op);
      else
        position.pending = adjust;
    } else if (isa<CallOp, CallHelperOp>(op)) {
      position.setStart(&op);
    } else if (auto end = dyn_cast<PacketEndOp>(op)) {
      if (record)
        ends[end.getResult()] = position.endSince;
    } else if (auto data = dyn_cast<PacketDataOp>(op)) {
      // Moved or not, nobody knows yet.
      if (position.pending)
        position.setStart(&op);
      if (!record)
        continue;
      auto [it, isFirst] = firstSince.try_emplace(
          position.since, Start{data.getResult(), position.distance});
      found[data.getResult()] = {it->second.root,
                                 position.distance - it->second.distance};
    }
  }
  return position;
}

PacketStarts::Position
PacketStarts::onEdge(Operation *branch, unsigned successor, Position position) {
  AdjustHeadOp adjust = position.pending;
  if (!adjust || branch->getNumSuccessors() == 1)
    return position;
  auto conditional = dyn_cast<cf::CondBranchOp>(branch);
  std::optional<bool> moved =
      conditional && conditional.getTrueDest() != conditional.getFalseDest()
          ? saysMoved(conditional.getCondition(), adjust)
          : std::nullopt;
  if (!moved) {
    position.setStart(adjust);
    return position;
  }
  position.pending = {};
  if ((successor == 0) == *moved)
    position.distance += *distanceOf(adjust);
  return position;
}

PacketStarts::PacketStarts(FuncOp function) {
  Region &body = function.getBody();
  atStart[&body.front()] = {&body, 0, {}, &body};
  llvm::ReversePostOrderTraversal<Region *> order(&body);
  for (bool changed = true; changed;) {
    changed = false;
    for (Block *block : order) {
      auto it = atStart.find(block);
      if (it == atStart.end())
        continue;
      const Position atEnd = throughBlock(*block, it->second, false);
      Operation *branch = block->getTerminator();
      for (auto [index, next] : llvm::enumerate(branch->getSuccessors())) {
        const Position position =
            onEdge(branch, static_cast<unsigned>(index), atEnd);
        auto [known, isNew] = atStart.try_emplace(next, position);
        changed |= isNew;
        // Different ways: what comes then counts from the block.
        if (!known->second.hasStartOf(position) &&
            known->second.since != next) {
          known->second.setStart(next);
          changed = true;
        }
        if (known->second.endSince != position.endSince &&
            known->second.endSince != next) {
          known->second.endSince = next;
          changed = true;
        }
      }
    }
  }
  for (Block *block : order)
    if (auto it = atStart.find(block); it != atStart.end())
      throughBlock(*block, it->second, true);
}
