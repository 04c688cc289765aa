//===- ReadWindows.cpp - Loads that one read can serve --------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReadWindows.h"

using namespace mlir;
using namespace nfpbpf::bpf;

/// The bytes that are in reach, as a set.
ByteSet ChangedBytes::bytesOf(int64_t offset, int64_t size) const {
  ByteSet set;
  int64_t base = leader.offset - Reach;
  for (int64_t byte = std::max(offset, base);
       byte < std::min(offset + size, base + 2 * Reach); ++byte)
    set.set(static_cast<size_t>(byte - base));
  return set;
}

void ChangedBytes::scan(Block *block, Operation *first, ByteSet state) {
  const ByteRange window{leader.offset - Reach, leader.offset + Reach};
  for (Operation *op = first; op; op = op->getNextNode()) {
    // Nothing is left that could be used, or the time is up.
    if (state.all() || ++scanned > MaxScanned)
      state.set();
    if (auto it = candidates.find(op); it != candidates.end()) {
      const Candidate &load = *it->second;
      ByteSet bytes = bytesOf(load.offset, load.size);
      if (static_cast<int64_t>(bytes.count()) != load.size ||
          (bytes & state).any())
        other.insert(op);
      else
        same.insert(op);
    }
    if (state.all())
      continue;
    ByteRange changed = accesses.changedBy(op, group.root, group.space, window);
    if (!changed.empty())
      state |= bytesOf(changed.begin, changed.end - changed.begin);
  }
  for (Block *successor : block->getSuccessors()) {
    // A way back to the leader reads the window again.
    if (successor == leader.load->getBlock() ||
        !dominance.dominates(leader.load->getBlock(), successor))
      continue;
    auto [it, isNew] = atStart.try_emplace(successor, state);
    if (!isNew && (it->second | state) == it->second)
      continue;
    it->second |= state;
    pending[successor] = it->second;
  }
}

llvm::SmallPtrSet<Operation *, 16> ChangedBytes::unchanged() {
  for (const Candidate &candidate : group.loads)
    if (!candidate.done && candidate.load != leader.load &&
        std::abs(candidate.offset - leader.offset) < Reach &&
        dominance.dominates(leader.block, candidate.block))
      candidates[candidate.load] = &candidate;
  if (candidates.empty())
    return {};
  scan(leader.load->getBlock(), leader.load, ByteSet());
  while (!pending.empty()) {
    auto [block, state] = pending.front();
    pending.erase(pending.begin());
    scan(block, &block->front(), state);
  }
  for (Operation *op : other)
    same.erase(op);
  return std::move(same);
}
