//===- PointerPlacement.cpp - Where to set a pointer into the stack -------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PointerPlacement.h"

#include "mlir/IR/RegionGraphTraits.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace nfpbpf::nfp;

namespace {

/// Setting it takes two instructions; where it is used, up to three have to
/// stand in between besides.
constexpr float LeastProbability = 0.5F;
/// Rounds for loops, which only guess.
constexpr unsigned MaxRounds = 4;

/// What a block has to do with the pointer.
struct BlockFacts {
  bool usesFirst = false; ///< before any loss
  Operation *lastLoss = nullptr;
  bool usesBehindLoss = false; ///< behind the last loss
  /// That it is used before it is lost, from the start of the block.
  float probability = 0;
  /// It is set, if not already, at the start; behind the last loss.
  bool isWanted = false, isWantedBehindLoss = false;
  /// On all ways into the block, and at its end.
  bool isSetAtStart = true, isSetAtEnd = true;
};

class Placement {
public:
  Placement(FuncOp function, const BlockWeights &weights,
            llvm::function_ref<bool(Operation *)> isUsed,
            llvm::function_ref<bool(Operation *)> isLost);
  SmallVector<Operation *> run();

private:
  void findFacts(Block *block);
  float behind(Block *block) const;
  void guess();
  void findSet();

  FuncOp function;
  const BlockWeights &weights;
  llvm::function_ref<bool(Operation *)> isUsed, isLost;
  SmallVector<Block *> order; // reverse postorder
  llvm::DenseMap<Block *, BlockFacts> facts;
  /// Behind losses with a use before the next one.
  SmallVector<Operation *> placesInBlocks;
};

} // namespace

Placement::Placement(FuncOp function, const BlockWeights &weights,
                     llvm::function_ref<bool(Operation *)> isUsed,
                     llvm::function_ref<bool(Operation *)> isLost)
    : function(function), weights(weights), isUsed(isUsed), isLost(isLost) {
  for (Block *block :
       llvm::ReversePostOrderTraversal<Region *>(&function.getBody())) {
    order.push_back(block);
    findFacts(block);
  }
}

void Placement::findFacts(Block *block) {
  BlockFacts &own = facts[block];
  for (Operation &op : *block) {
    if (isLost(&op)) {
      own.lastLoss = &op;
      own.usesBehindLoss = false;
    } else if (isUsed(&op)) {
      if (!own.lastLoss)
        own.usesFirst = true;
      else if (!own.usesBehindLoss)
        placesInBlocks.push_back(own.lastLoss->getNextNode());
      own.usesBehindLoss = own.lastLoss != nullptr;
    }
  }
}

/// The probability behind a block.
float Placement::behind(Block *block) const {
  float sum = 0;
  const float total = weights.of(block);
  for (unsigned n = 0; total > 0 && n < block->getNumSuccessors(); ++n)
    sum += weights.ofEdge(block, n) / total *
           facts.lookup(block->getSuccessor(n)).probability;
  return sum;
}

void Placement::guess() {
  for (unsigned round = 0; round < MaxRounds; ++round)
    for (Block *block : llvm::reverse(order)) {
      BlockFacts &own = facts[block];
      own.probability = own.usesFirst ? 1 : own.lastLoss ? 0 : behind(block);
    }
  for (Block *block : order) {
    BlockFacts &own = facts[block];
    own.isWanted = own.probability >= LeastProbability;
    own.isWantedBehindLoss =
        own.lastLoss &&
        (own.usesBehindLoss || behind(block) >= LeastProbability);
  }
}

void Placement::findSet() {
  bool changed = true;
  while (changed) {
    changed = false;
    for (Block *block : order) {
      BlockFacts &own = facts[block];
      const bool atStart =
          !block->isEntryBlock() &&
          llvm::all_of(block->getPredecessors(), [&](Block *predecessor) {
            auto it = facts.find(predecessor);
            return it == facts.end() || it->second.isSetAtEnd;
          });
      const bool atEnd =
          own.lastLoss ? own.isWantedBehindLoss : own.isWanted || atStart;
      changed |= own.isSetAtStart != atStart || own.isSetAtEnd != atEnd;
      own.isSetAtStart = atStart;
      own.isSetAtEnd = atEnd;
    }
  }
}

SmallVector<Operation *> Placement::run() {
  guess();
  findSet();
  SmallVector<Operation *> places(placesInBlocks);
  for (Block *block : order) {
    const BlockFacts &own = facts[block];
    if (own.isWanted && !own.isSetAtStart)
      places.push_back(&block->front());
    if (own.isWantedBehindLoss && !own.usesBehindLoss)
      places.push_back(own.lastLoss->getNextNode());
  }
  return places;
}

SmallVector<Operation *>
nfpbpf::nfp::placePointer(FuncOp function, const BlockWeights &weights,
                          llvm::function_ref<bool(Operation *)> isUsed,
                          llvm::function_ref<bool(Operation *)> isLost) {
  return Placement(function, weights, isUsed, isLost).run();
}
