//===- BoundsChecks.cpp - How long the packet is known to be --------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BoundsChecks.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"

using namespace mlir;
using namespace nfpbpf::bpf;

static PtrPred swapped(PtrPred predicate) {
  switch (predicate) {
  case PtrPred::Ult:
    return PtrPred::Ugt;
  case PtrPred::Ule:
    return PtrPred::Uge;
  case PtrPred::Ugt:
    return PtrPred::Ult;
  case PtrPred::Uge:
    return PtrPred::Ule;
  default:
    return predicate;
  }
}

std::optional<BoundsCheck>
nfpbpf::bpf::boundsCheckOf(Value condition, const PacketStarts &starts) {
  auto compare = condition.getDefiningOp<PtrCmpOp>();
  if (!compare || compare.getPredicate() == PtrPred::Eq ||
      compare.getPredicate() == PtrPred::Ne)
    return std::nullopt;
  auto end = compare.getRhs().getDefiningOp<PacketEndOp>();
  Value pointer = compare.getLhs();
  PtrPred predicate = compare.getPredicate();
  if (!end) {
    end = compare.getLhs().getDefiningOp<PacketEndOp>();
    pointer = compare.getRhs();
    predicate = swapped(predicate);
  }
  if (!end || cast<PtrType>(pointer.getType()).getSpace() != Space::Packet)
    return std::nullopt;
  Place place = stripConstants(pointer, 0);
  if (auto it = starts.starts().find(place.root); it != starts.starts().end())
    place = {it->second.root, it->second.distance + place.offset};
  // Further away addresses could wrap round.
  constexpr int64_t maxDistance = 1 << 16;
  const void *known = starts.endOf(end);
  if (!known || std::abs(place.offset) > maxDistance)
    return std::nullopt;
  return BoundsCheck{place, known, predicate};
}

/// The end is behind the place, or at it, if the comparison holds; else in
/// front of it.
static bool saysBehind(PtrPred predicate) {
  return predicate == PtrPred::Ult || predicate == PtrPred::Ule;
}

/// The least distance of an end that is behind the place in the comparison's
/// terms.
static int64_t leastBehind(const BoundsCheck &check) {
  const bool isStrict =
      check.predicate == PtrPred::Ult || check.predicate == PtrPred::Uge;
  return check.place.offset + (isStrict ? 1 : 0);
}

void EndRange::learn(const BoundsCheck &check, bool outcome) {
  const int64_t low = leastBehind(check);
  if (saysBehind(check.predicate) == outcome)
    least = std::max(least, low);
  else
    most = std::min(most, low - 1);
}

std::optional<bool> EndRange::decide(const BoundsCheck &check) const {
  const int64_t low = leastBehind(check);
  if (least >= low)
    return saysBehind(check.predicate);
  if (most < low)
    return !saysBehind(check.predicate);
  return std::nullopt;
}

int64_t nfpbpf::bpf::leastEndAt(Block *block, Value root, const void *end,
                                DominanceInfo &dominance,
                                const PacketStarts &starts) {
  // Branches looked at; bounds the time for huge functions.
  constexpr unsigned maxDepth = 64;
  EndRange range;
  if (block->getParent()->hasOneBlock())
    return range.least;
  unsigned depth = 0;
  for (DominanceInfoNode *node = dominance.getNode(block);
       node && depth < maxDepth; node = node->getIDom(), ++depth) {
    Block *reached = node->getBlock();
    Block *from = reached->getSinglePredecessor();
    auto above =
        from ? dyn_cast<cf::CondBranchOp>(from->getTerminator()) : nullptr;
    if (!above || above.getTrueDest() == above.getFalseDest())
      continue;
    if (std::optional<BoundsCheck> check =
            boundsCheckOf(above.getCondition(), starts);
        check && check->place.root == root && check->end == end)
      range.learn(*check, reached == above.getTrueDest());
  }
  return range.least;
}
