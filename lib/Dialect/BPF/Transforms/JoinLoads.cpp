//===- JoinLoads.cpp - Loads behind joins, done in front of them ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "JoinLoads.h"

#include "Remarks.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace nfpbpf::bpf;

constexpr llvm::StringLiteral PassName = "bpf-promote-packet-cache";

/// Operations looked at in front of a join.
constexpr unsigned MaxScanned = 64;

/// The branches into the block, if they lead nowhere else.
static SmallVector<cf::BranchOp> branchesTo(Block *block) {
  SmallVector<cf::BranchOp> branches;
  for (Block *predecessor : block->getPredecessors()) {
    auto branch = dyn_cast<cf::BranchOp>(predecessor->getTerminator());
    if (!branch || predecessor == block)
      return {};
    branches.push_back(branch);
  }
  return branches;
}

/// A load of the packet in front of the branch reads bytes at most `reach` away
/// from the place, and nothing has changed the packet since.
static bool isReadBeside(cf::BranchOp branch, Place place, unsigned size,
                         const MemoryAccesses &accesses, int64_t reach) {
  const ByteRange bytes{place.offset, place.offset + size};
  unsigned scanned = 0;
  for (Operation *op = branch->getPrevNode(); op && scanned < MaxScanned;
       op = op->getPrevNode(), ++scanned) {
    if (std::optional<MemoryAccesses::Read> read = accesses.readOf(op);
        read && read->space == Space::Packet &&
        read->place.root == place.root &&
        std::max(bytes.end, read->place.offset + int64_t(read->size)) -
                std::min(bytes.begin, read->place.offset) <=
            reach)
      return true;
    if (!accesses.changedBy(op, place.root, Space::Packet, bytes).empty())
      return false;
  }
  return false;
}

/// Nothing in the block in front of the load changes what it reads.
static bool isFirst(LoadOp load, Value root, ByteRange bytes,
                    const MemoryAccesses &accesses) {
  for (Operation &op : *load->getBlock()) {
    if (&op == load)
      return true;
    if (!accesses.changedBy(&op, root, Space::Packet, bytes).empty())
      return false;
  }
  return false;
}

static bool loadInFront(LoadOp load, ArrayRef<cf::BranchOp> branches,
                        const MemoryAccesses &accesses, int64_t reach) {
  Block *block = load->getBlock();
  const Place place = stripConstants(load.getPtr(), load.getOffset());
  auto argument = dyn_cast<BlockArgument>(place.root);
  if (!argument || argument.getOwner() != block ||
      cast<PtrType>(argument.getType()).getSpace() != Space::Packet ||
      !isa<IntegerType>(load.getResult().getType()))
    return false;
  const unsigned size = load.getSize();
  if (!isFirst(load, argument, {place.offset, place.offset + size}, accesses))
    return false;
  auto passed = [&](cf::BranchOp branch) {
    return branch.getDestOperands()[argument.getArgNumber()];
  };
  const auto beside = llvm::count_if(branches, [&](cf::BranchOp branch) {
    return isReadBeside(branch, accesses.placeOf(passed(branch), place.offset),
                        size, accesses, reach);
  });
  if (2 * static_cast<size_t>(beside) <= branches.size())
    return false;
  remark::passed(load.getLoc(), remarkOf(load, PassName, "LoadOfJoin"))
      << remark::add("{0} read on each of the {1} ways here, beside what is "
                     "read there",
                     countOf(size, "byte"), branches.size());
  OpBuilder b(load.getContext());
  for (cf::BranchOp branch : branches) {
    b.setInsertionPoint(branch);
    const Place root = stripConstants(passed(branch), place.offset);
    auto offset = b.getIntegerAttr(
        IntegerType::get(b.getContext(), 32, IntegerType::Signed), root.offset);
    Value number = LoadOp::create(b, load.getLoc(), load.getResult().getType(),
                                  root.root, offset, load.getOrderAttr());
    branch.getDestOperandsMutable().append(number);
  }
  load.getResult().replaceAllUsesWith(
      block->addArgument(load.getResult().getType(), load.getLoc()));
  load.erase();
  return true;
}

unsigned nfpbpf::bpf::loadInFrontOfJoins(FuncOp function,
                                         const MemoryAccesses &accesses,
                                         int64_t reach) {
  unsigned count = 0;
  for (Block &block : function.getBody()) {
    if (block.isEntryBlock())
      continue;
    SmallVector<cf::BranchOp> branches = branchesTo(&block);
    if (branches.size() < 2)
      continue;
    for (auto load : llvm::make_early_inc_range(block.getOps<LoadOp>()))
      count += loadInFront(load, branches, accesses, reach);
  }
  return count;
}
