//===- LayoutFrame.cpp - nfp-layout-frame ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Words of the frame that an instruction or a routine accesses together form an
// object. Objects of which no two words that share a place hold something
// needed at the same time may overlap; the keys that are looked up most often
// come first.
//
//===----------------------------------------------------------------------===//

#include "BlockWeights.h"
#include "FrameAccesses.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SetVector.h"

#define DEBUG_TYPE "nfp-layout-frame"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_LAYOUTFRAME
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

constexpr unsigned WordBytes = 4;
/// The eBPF stack with what the conversion puts behind it.
constexpr unsigned MaxFrameBytes = 1024;

/// Neighbouring words that keep their distances.
struct Object {
  unsigned first = 0, words = 0;
  /// How often it is the key of a routine, and accessed at all.
  float asKey = 0, accessed = 0;
  unsigned place = 0; ///< of its first word
};

class FrameLayout {
public:
  explicit FrameLayout(FuncOp function)
      : function(function), accesses(function),
        frameBytes(accesses.frameBytes()) {}
  /// False if there is nothing to gain, or something is accessed at a place
  /// that is not known.
  bool compute();
  void apply();
  bool isKnown() const { return accesses.isKnown(); }
  unsigned numBytes() const { return newWords * WordBytes; }
  const Object *firstKey() const;

private:
  void findObjects();
  void findConflicts();
  void place();
  unsigned newOffset(unsigned offset) const;

  FuncOp function;
  FrameAccesses accesses;
  unsigned frameBytes;
  SmallVector<Object> objects;
  std::vector<unsigned> objectOf; ///< by word; ~0: none
  /// By word: the words that hold something needed where it is written.
  std::vector<llvm::BitVector> conflicts;
  unsigned newWords = 0;
};

struct LayoutFrame : nfpbpf::nfp::impl::LayoutFrameBase<LayoutFrame> {
  void runOnOperation() override;
};

} // namespace

/// The address of a key is made where its helper is called; what nobody uses
/// goes.
static void moveAddresses(FuncOp function) {
  IRRewriter rewriter(function.getContext());
  (void)eraseUnreachableBlocks(rewriter, function->getRegions());
  function.walk([](FrameAddrOp address) {
    if (address->use_empty())
      address->erase();
  });
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

void FrameLayout::findObjects() {
  const unsigned words = frameBytes / WordBytes;
  llvm::EquivalenceClasses<unsigned> together;
  for (const auto &[op, list] : accesses.all())
    for (const FrameAccess &access : list)
      for (unsigned word = access.begin / WordBytes;
           word * WordBytes < access.end; ++word)
        together.unionSets(access.begin / WordBytes, word);
  objectOf.assign(words, ~0U);
  for (unsigned word = 0; word < words; ++word) {
    auto leader = together.findLeader(word);
    if (leader == together.member_end())
      continue;
    // What is accessed together lies side by side.
    if (unsigned previous = word ? objectOf[word - 1] : ~0U;
        previous != ~0U &&
        together.isEquivalent(objects[previous].first, word)) {
      objectOf[word] = previous;
      ++objects[previous].words;
      continue;
    }
    objectOf[word] = static_cast<unsigned>(objects.size());
    objects.push_back({word, 1});
  }
  BlockWeights weights(function);
  function.walk([&](Operation *op) {
    for (const FrameAccess &access : accesses.of(op))
      objects[objectOf[access.begin / WordBytes]].accessed +=
          weights.of(op->getBlock());
    auto helper = dyn_cast<HelperOp>(op);
    auto key = helper && helper.getLm0()
                   ? helper.getLm0().getDefiningOp<FrameAddrOp>()
                   : FrameAddrOp();
    if (!key || accesses.of(op).empty())
      return;
    const unsigned word = static_cast<unsigned>(key.getOffset()) / WordBytes;
    if (objects[objectOf[word]].first == word)
      objects[objectOf[word]].asKey += weights.of(op->getBlock());
  });
}

/// A word may not lie where another one holds what is needed behind a write of
/// the first.
void FrameLayout::findConflicts() {
  const unsigned words = frameBytes / WordBytes;
  conflicts.assign(words, llvm::BitVector(words));
  auto liveWords = [&](const llvm::BitVector &live) {
    llvm::BitVector result(words);
    for (unsigned byte : live.set_bits())
      result.set(byte / WordBytes);
    return result;
  };
  for (Block *block : llvm::post_order(&function.getBody().front())) {
    llvm::BitVector live = accesses.liveAtEnd(block);
    for (Operation &op : llvm::reverse(*block))
      forEachBackwards(
          accesses.of(&op),
          [&](const FrameAccess &access) {
            conflicts[access.begin / WordBytes] |= liveWords(live);
            live.reset(access.begin, access.end);
          },
          [&](const FrameAccess &access) {
            live.set(access.begin, access.end);
          });
    // What nothing has written is there from the beginning.
    if (block->isEntryBlock()) {
      const llvm::BitVector atStart = liveWords(live);
      for (unsigned word : atStart.set_bits())
        conflicts[word] |= atStart;
    }
  }
}

void FrameLayout::place() {
  SmallVector<Object *> order;
  for (Object &object : objects)
    order.push_back(&object);
  llvm::sort(order, [](const Object *left, const Object *right) {
    return std::tuple(-left->asKey, -left->accessed, left->first) <
           std::tuple(-right->asKey, -right->accessed, right->first);
  });
  // The words at each place.
  std::vector<SmallVector<unsigned, 2>> places;
  for (Object *object : order) {
    auto fits = [&](unsigned place) {
      for (unsigned n = 0; n < object->words; ++n) {
        if (place + n >= places.size())
          return true;
        for (unsigned other : places[place + n])
          if (conflicts[object->first + n].test(other) ||
              conflicts[other].test(object->first + n))
            return false;
      }
      return true;
    };
    while (!fits(object->place))
      ++object->place;
    const unsigned end = object->place + object->words;
    if (places.size() < end)
      places.resize(end);
    for (unsigned n = 0; n < object->words; ++n)
      places[object->place + n].push_back(object->first + n);
  }
  newWords = static_cast<unsigned>(places.size());
}

bool FrameLayout::compute() {
  auto limit =
      function->getParentOfType<ModuleOp>()->getAttrOfType<IntegerAttr>(
          NFPDialect::kStackLimitAttr);
  if (frameBytes == 0 || frameBytes > MaxFrameBytes ||
      frameBytes % WordBytes != 0 || (limit && frameBytes > limit.getInt()))
    return false;
  if (!accesses.isKnown() || accesses.all().empty())
    return false;
  findObjects();
  findConflicts();
  place();
  // Overlapping is for less space, never for more.
  return numBytes() <= frameBytes;
}

/// The key at the start of the frame, if there is one.
const Object *FrameLayout::firstKey() const {
  const auto *it = llvm::find_if(objects, [](const Object &object) {
    return object.place == 0 && object.asKey > 0;
  });
  return it == objects.end() ? nullptr : it;
}

unsigned FrameLayout::newOffset(unsigned offset) const {
  const Object &object = objects[objectOf[offset / WordBytes]];
  return offset + (object.place - object.first) * WordBytes;
}

void FrameLayout::apply() {
  auto move = [&](auto op) {
    op.setOffset(
        static_cast<int32_t>(newOffset(static_cast<unsigned>(op.getOffset()))));
  };
  function.walk([&](Operation *op) {
    if (auto load = dyn_cast<LmLoadOp>(op))
      move(load);
    else if (auto store = dyn_cast<LmStoreOp>(op))
      move(store);
    else if (auto address = dyn_cast<FrameAddrOp>(op))
      move(address);
  });
  // Whether a program needs more stack than there is does not depend on the
  // level of optimisation, as far as the stacks of functions add up.
  if (function.getBody().getOps<CallOp>().empty())
    function.setFrameSize(static_cast<int32_t>(numBytes()));
}

void LayoutFrame::runOnOperation() {
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    // Other functions' frames do not begin at the stack base.
    if (!function.isEntry())
      continue;
    moveAddresses(function);
    const unsigned before = function.getFrameSize();
    FrameLayout layout(function);
    if (!layout.compute()) {
      if (!layout.isKnown())
        remark::missed(function.getLoc(),
                       remarkOf(function, DEBUG_TYPE, "FrameAsItIs"))
            << remark::add("objects on the stack stay where they are")
            << remark::reason("parts of the stack are accessed at addresses "
                              "that are computed, or by other routines than "
                              "those of maps");
      continue;
    }
    layout.apply();
    numSaved += before - layout.numBytes();
    if (const Object *key = layout.firstKey(); key && key->first != 0) {
      ++numKeys;
      remark::passed(function.getLoc(),
                     remarkOf(function, DEBUG_TYPE, "KeyFirst"))
          << remark::add("the key at byte {0} of the stack comes first: no "
                         "pointer is set for it",
                         key->first * WordBytes);
    }
    if (before != layout.numBytes())
      remark::passed(function.getLoc(),
                     remarkOf(function, DEBUG_TYPE, "FrameOverlaid"))
          << remark::add("the stack takes {0} bytes instead of {1}",
                         layout.numBytes(), before);
  }
}
