//===- KeyBytes.cpp - What a program puts into a key ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyBytes.h"

#include "FrameEffects.h"

using namespace mlir;
using namespace nfpbpf::bpf;

/// Operations looked at for one key; bounds the time for huge functions.
constexpr unsigned MaxLookedAt = 4000;

struct KeyReader::Request {
  Place place;
  KeyBytes bytes;
  llvm::SmallVector<bool, 8> known;
  unsigned left = 0;
  unsigned lookedAt = 0;

  void stopAt(const void *since) {
    for (size_t k = 0; k < bytes.size(); ++k)
      if (!known[k])
        stopAt(k, since);
  }
  void stopAt(size_t k, const void *since) {
    bytes[k].since = since;
    bytes[k].place = {place.root, place.offset + static_cast<int64_t>(k)};
    known[k] = true;
    --left;
  }
};

/// Looks for the writers of bytes upwards from `last`, to the block's start.
void KeyReader::scanBack(Request &request, Operation *last) {
  for (Operation *op = last; op && request.left; op = op->getPrevNode()) {
    if (++request.lookedAt > MaxLookedAt) {
      request.stopAt(op);
      return;
    }
    std::optional<ByteRange> written =
        writtenBy(op, request.place.root, accesses);
    if (!written)
      continue;
    auto store = dyn_cast<StoreOp>(op);
    bool isNumber =
        store && isa<IntegerType>(store.getValue().getType()) &&
        accesses.placeOf(store.getPtr(), 0).root == request.place.root;
    for (size_t k = 0; k < request.bytes.size(); ++k) {
      int64_t at = request.place.offset + static_cast<int64_t>(k);
      if (request.known[k] || at < written->begin || at >= written->end)
        continue;
      if (!isNumber) {
        request.stopAt(k, op);
        continue;
      }
      auto byte = static_cast<unsigned>(at - written->begin);
      if (store.getOrder() == ByteOrder::BE)
        byte = store.getSize() - 1 - byte;
      KeyByte &result = request.bytes[k];
      result.source = traceByte(store.getValue(), byte);
      result.stored = store.getValue();
      result.storedByte = byte;
      request.known[k] = true;
      --request.left;
    }
  }
}

/// Something on a way from the end of `top`, which dominates `block`, to the
/// start of `block` may write one of the bytes that are looked for.
bool KeyReader::isChangedBetween(const Request &request, Block *top,
                                 Block *block) {
  llvm::SmallPtrSet<Block *, 16> seen;
  SmallVector<Block *> worklist(block->pred_begin(), block->pred_end());
  unsigned lookedAt = request.lookedAt;
  while (!worklist.empty()) {
    Block *between = worklist.pop_back_val();
    if (between == top || !seen.insert(between).second)
      continue;
    for (Operation &op : *between) {
      if (++lookedAt > MaxLookedAt)
        return true;
      std::optional<ByteRange> written =
          writtenBy(&op, request.place.root, accesses);
      if (!written)
        continue;
      for (size_t k = 0; k < request.bytes.size(); ++k) {
        int64_t at = request.place.offset + static_cast<int64_t>(k);
        if (!request.known[k] && at >= written->begin && at < written->end)
          return true;
      }
    }
    worklist.append(between->pred_begin(), between->pred_end());
  }
  return false;
}

KeyBytes KeyReader::read(Operation *op, Value pointer, unsigned size) {
  Request request;
  request.place = accesses.placeOf(pointer, 0);
  auto frame = request.place.root.getDefiningOp<FrameOp>();
  // A damaged map may declare any size; nothing of the key is outside its
  // frame.
  if (!frame || request.place.offset < 0 ||
      request.place.offset + int64_t(size) > int64_t(frame.getSize()))
    return {};
  request.bytes.resize(size);
  request.known.assign(size, false);
  request.left = size;
  Block *block = op->getBlock();
  scanBack(request, op->getPrevNode());
  while (request.left) {
    DominanceInfoNode *node =
        block->getParent()->hasOneBlock() ? nullptr : dominance.getNode(block);
    DominanceInfoNode *above = node ? node->getIDom() : nullptr;
    if (!above || isChangedBetween(request, above->getBlock(), block)) {
      request.stopAt(block);
      break;
    }
    block = above->getBlock();
    scanBack(request, block->getTerminator());
  }
  return std::move(request.bytes);
}
