//===- PlaceKeys.cpp - nfp-place-keys -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A helper whose key lies at the stack base leaves pointer 0 where it is
// (nfp-peephole): no address, no write of the pointer before and after.
//
//===----------------------------------------------------------------------===//

#include "BlockWeights.h"
#include "mlir/IR/Builders.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/MapVector.h"

#define DEBUG_TYPE "nfp-place-keys"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_PLACEKEYS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

/// Helpers that read a key through pointer 0 and a value through pointer 2, and
/// nothing else of the stack.
static bool isMapHelper(HelperOp helper) {
  return helper.getId() == 1 || helper.getId() == 2 || helper.getId() == 3;
}

namespace {

/// Bytes at the start of the stack that pointer 0 reaches.
constexpr int32_t NearBytes = 64;

struct PlaceKeys : nfpbpf::nfp::impl::PlaceKeysBase<PlaceKeys> {
  void runOnOperation() override;

private:
  void moveAddresses(FuncOp function);
  void rotateFrame(FuncOp function);
  bool mayRotate(FuncOp function, int32_t first) const;

  /// Bytes of the longest key and value, in whole words.
  int32_t keyBytes = 0, valueBytes = 0;
};

} // namespace

/// The address of a key is made where its helper is called.
void PlaceKeys::moveAddresses(FuncOp function) {
  function.walk([](HelperOp helper) {
    if (!helper.getLm0())
      return;
    auto address = helper.getLm0().getDefiningOp<FrameAddrOp>();
    if (!address ||
        (address->getBlock() == helper->getBlock() && address->hasOneUse()))
      return;
    OpBuilder builder(helper);
    auto copy = FrameAddrOp::create(builder, helper.getLoc(), address.getType(),
                                    address.getOffsetAttr());
    helper.getLm0Mutable().assign(copy);
    if (address->use_empty())
      address->erase();
  });
}

/// True if nothing that is accessed as a whole lies on both sides of an offset,
/// and all that is accessed is known.
bool PlaceKeys::mayRotate(FuncOp function, int32_t first) const {
  bool isKnown = true;
  function.walk([&](Operation *op) {
    if (auto load = dyn_cast<LmLoadOp>(op))
      isKnown &= !load.getAddress();
    else if (auto store = dyn_cast<LmStoreOp>(op))
      isKnown &= !store.getAddress();
    auto address = dyn_cast<FrameAddrOp>(op);
    if (!address)
      return;
    int32_t offset = address.getOffset();
    for (OpOperand &use : address->getUses()) {
      auto helper = dyn_cast<HelperOp>(use.getOwner());
      if (!helper || !isMapHelper(helper) ||
          (use.get() != helper.getLm0() && use.get() != helper.getLm2()) ||
          llvm::is_contained(helper.getArgs(), use.get())) {
        isKnown = false;
        continue;
      }
      int32_t size = use.get() == helper.getLm0() ? keyBytes : valueBytes;
      if (helper.getLm0() == helper.getLm2())
        size = std::max(keyBytes, valueBytes);
      isKnown &= offset % 4 == 0 && (offset >= first || offset + size <= first);
    }
  });
  return isKnown;
}

/// The most frequent key comes first, what lies in front of it goes behind.
void PlaceKeys::rotateFrame(FuncOp function) {
  auto size = static_cast<int32_t>(function.getFrameSize());
  if (size > NearBytes)
    return;
  BlockWeights weights(function);
  llvm::MapVector<int32_t, float> keys;
  function.walk([&](HelperOp helper) {
    if (!helper.getLm0())
      return;
    if (auto address = helper.getLm0().getDefiningOp<FrameAddrOp>())
      keys[address.getOffset()] += weights.of(helper->getBlock());
  });
  int32_t first = 0;
  float best = keys.lookup(0);
  for (auto [offset, weight] : keys)
    if (weight > best) {
      first = offset;
      best = weight;
    }
  if (first == 0)
    return;
  if (first % 4 != 0 || !mayRotate(function, first)) {
    remark::missed(function.getLoc(),
                   remarkOf(function, DEBUG_TYPE, "KeyElsewhere"))
        << remark::add("the key that is looked up most often does not lie at "
                       "the start of the stack: a pointer is set for it")
        << remark::reason("parts of the stack are accessed at addresses that "
                          "are computed, or across its place");
    return;
  }
  remark::passed(function.getLoc(), remarkOf(function, DEBUG_TYPE, "KeyFirst"))
      << remark::add("the key at byte {0} of the stack, looked up most often, "
                     "comes first: no pointer is set for it",
                     first);
  auto move = [&](auto op) {
    int32_t offset = op.getOffset();
    op.setOffset(offset >= first ? offset - first : offset + size - first);
  };
  function.walk([&](Operation *op) {
    if (auto load = dyn_cast<LmLoadOp>(op))
      move(load);
    else if (auto store = dyn_cast<LmStoreOp>(op))
      move(store);
    else if (auto address = dyn_cast<FrameAddrOp>(op))
      move(address);
  });
  ++numRotated;
}

void PlaceKeys::runOnOperation() {
  keyBytes = valueBytes = 0;
  for (auto map : getOperation().getOps<MapOp>()) {
    auto words = [](int32_t bytes) { return (bytes + 3) / 4 * 4; };
    keyBytes = std::max(keyBytes, words(map.getKeySize()));
    valueBytes = std::max(valueBytes, words(map.getValueSize()));
  }
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    // Other functions' frames do not begin at the stack base.
    if (!function.isEntry())
      continue;
    moveAddresses(function);
    rotateFrame(function);
  }
}
