//===- DecideBranches.cpp - bpf-decide-branches ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MemoryAccesses.h"
#include "PacketStarts.h"
#include "Remarks.h"
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Dominance.h"

#include <limits>

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_DECIDEBRANCHES
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

#define DEBUG_TYPE "bpf-decide-branches"

using namespace mlir;
using namespace nfpbpf::bpf;

namespace {

struct DecideBranches : nfpbpf::bpf::impl::DecideBranchesBase<DecideBranches> {
  using DecideBranchesBase::DecideBranchesBase;
  void runOnOperation() override {
    for (FuncOp function : getOperation().getOps<FuncOp>())
      if (!function.getBody().empty() && !function.getBody().hasOneBlock())
        decide(function);
  }

private:
  void decide(FuncOp function);
};

} // namespace

/// True or false if the comparison is the same one, or its opposite.
static std::optional<bool> sameComparison(Value left, Value right) {
  if (left == right)
    return true;
  auto a = left.getDefiningOp<arith::CmpIOp>();
  auto b = right.getDefiningOp<arith::CmpIOp>();
  if (!a || !b || a.getLhs() != b.getLhs() || a.getRhs() != b.getRhs())
    return std::nullopt;
  if (a.getPredicate() == b.getPredicate())
    return true;
  if (arith::invertPredicate(a.getPredicate()) == b.getPredicate())
    return false;
  return std::nullopt;
}

namespace {

/// A comparison of a place in the packet with the packet's end.
struct BoundsCheck {
  Place place;
  const void *end;
  PtrPred predicate; // of the place and the end, in this order
};

/// What is known of the distance from a root to the packet's end, in bytes.
struct EndRange {
  int64_t least = std::numeric_limits<int64_t>::min();
  int64_t most = std::numeric_limits<int64_t>::max();

  void learn(const BoundsCheck &check, bool outcome);
  std::optional<bool> decide(const BoundsCheck &check) const;
};

} // namespace

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

static std::optional<BoundsCheck> boundsCheckOf(Value condition,
                                                const PacketStarts &starts) {
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

/// Conditions that a branch above has decided become constants.
void DecideBranches::decide(FuncOp function) {
  // Branches looked at above one; bounds the time for huge functions.
  constexpr unsigned maxDepth = 64;
  DominanceInfo dominance(function);
  const PacketStarts starts(function);
  for (Block &block : function.getBody()) {
    auto branch = dyn_cast<cf::CondBranchOp>(block.getTerminator());
    if (!branch)
      continue;
    unsigned depth = 0;
    std::optional<BoundsCheck> check =
        boundsCheckOf(branch.getCondition(), starts);
    EndRange range;
    for (DominanceInfoNode *node = dominance.getNode(&block);
         node && depth < maxDepth; node = node->getIDom(), ++depth) {
      Block *reached = node->getBlock();
      Block *from = reached->getSinglePredecessor();
      auto above =
          from ? dyn_cast<cf::CondBranchOp>(from->getTerminator()) : nullptr;
      if (!above || above == branch ||
          above.getTrueDest() == above.getFalseDest())
        continue;
      const bool wasTrue = reached == above.getTrueDest();
      std::optional<bool> outcome;
      if (std::optional<bool> same =
              sameComparison(above.getCondition(), branch.getCondition()))
        outcome = wasTrue == *same;
      if (check && !outcome)
        if (std::optional<BoundsCheck> before =
                boundsCheckOf(above.getCondition(), starts);
            before && before->place.root == check->place.root &&
            before->end == check->end) {
          range.learn(*before, wasTrue);
          outcome = range.decide(*check);
        }
      if (!outcome)
        continue;
      remark::passed(branch.getLoc(), remarkOf(branch, DEBUG_TYPE, "Decided"))
          << remark::add("always {0}: the branch of {1} has decided it",
                         *outcome ? "true" : "false",
                         describePlace(above.getLoc()));
      OpBuilder b(branch);
      branch.getConditionMutable().assign(arith::ConstantOp::create(
          b, branch.getLoc(), b.getBoolAttr(*outcome)));
      ++numDecided;
      break;
    }
  }
}
