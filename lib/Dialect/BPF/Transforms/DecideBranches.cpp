//===- DecideBranches.cpp - bpf-decide-branches ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BoundsChecks.h"
#include "Remarks.h"
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Dominance.h"

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
