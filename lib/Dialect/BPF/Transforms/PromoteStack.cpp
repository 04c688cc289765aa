//===- PromoteStack.cpp - bpf-promote-stack -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Divides the frame into what must be memory, since a helper looks at it, and
// variables, each with a frame of its own, which MLIR's mem2reg then promotes.
//
//===----------------------------------------------------------------------===//

#include "FrameEffects.h"
#include "FrameVariables.h"
#include "Remarks.h"
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Transforms/Mem2Reg.h"
#include "mlir/Transforms/RegionUtils.h"

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_PROMOTESTACK
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

#define DEBUG_TYPE "bpf-promote-stack"

using namespace mlir;
using namespace nfpbpf::bpf;

namespace {

struct PromoteStack : nfpbpf::bpf::impl::PromoteStackBase<PromoteStack> {
  void runOnOperation() override;

private:
  FailureOr<bool> promote(FrameOp frame, const MemoryAccesses &accesses,
                          int64_t &promotedBytes);
};

/// Puts every variable into a frame of its own.
class FrameDivider {
public:
  FrameDivider(FrameOp frame, const FrameVariables &variables)
      : frame(frame), variables(variables), b(frame.getContext()) {}

  SmallVector<PromotableAllocationOpInterface> run();

private:
  /// Neighbouring bytes of an access that are one number, or a pointer.
  struct Part {
    unsigned begin, bytes;                // of the access
    const FrameVariables::Variable *home; ///< null: they stay in the frame
    bool goes;                            ///< nothing reads them

    /// A field of less than a word, which is kept as a word: with zeros above
    /// it, so that nobody need clear them.
    bool isWholeField() const {
      return home && bytes == home->bytes && bytes < 4;
    }
  };
  SmallVector<Part> partsOf(const FrameAccess &access) const;
  Value loadPart(Location loc, const Part &part, unsigned begin);
  void storePart(Location loc, const Part &part, unsigned begin, Value number);
  void divideLoad(LoadOp load, ArrayRef<Part> parts, unsigned begin);
  void divideStore(StoreOp store, ArrayRef<Part> parts, unsigned begin);
  std::pair<Value, int32_t> placeOf(const Part &part, unsigned begin) {
    const unsigned at = begin + part.begin;
    if (part.home)
      return {frames.lookup(part.home),
              static_cast<int32_t>(at - part.home->begin)};
    return {frame, static_cast<int32_t>(at)};
  }

  FrameOp frame;
  const FrameVariables &variables;
  OpBuilder b;
  llvm::DenseMap<const FrameVariables::Variable *, FrameOp> frames;
};

} // namespace

SmallVector<FrameDivider::Part>
FrameDivider::partsOf(const FrameAccess &access) const {
  SmallVector<Part> parts;
  for (unsigned at = 0; at < access.bytes;) {
    const unsigned first = access.begin + at;
    const FrameVariables::Variable *home = variables.variableAt(first);
    const bool goes = !home && !variables.isMemory(first);
    unsigned end = at + 1;
    while (end < access.bytes &&
           variables.variableAt(access.begin + end) == home &&
           (home || variables.isMemory(access.begin + end) != goes))
      ++end;
    // Numbers have 1, 2, 4 or 8 bytes.
    while (at < end) {
      const unsigned bytes = static_cast<unsigned>(llvm::bit_floor(end - at));
      parts.push_back({at, bytes, home, goes});
      at += bytes;
    }
  }
  return parts;
}

/// The part as a number of its size, the first byte least significant.
Value FrameDivider::loadPart(Location loc, const Part &part, unsigned begin) {
  auto [pointer, offset] = placeOf(part, begin);
  Type type = b.getIntegerType(8 * part.bytes);
  if (!part.isWholeField())
    return LoadOp::create(b, loc, type, pointer, offset);
  Value word = LoadOp::create(b, loc, b.getI32Type(), pointer, offset);
  return arith::TruncIOp::create(b, loc, type, word);
}

void FrameDivider::storePart(Location loc, const Part &part, unsigned begin,
                             Value number) {
  auto [pointer, offset] = placeOf(part, begin);
  if (part.isWholeField())
    number = b.createOrFold<arith::ExtUIOp>(loc, b.getI32Type(), number);
  StoreOp::create(b, loc, number, pointer, offset);
}

void FrameDivider::divideLoad(LoadOp load, ArrayRef<Part> parts,
                              unsigned begin) {
  const Location loc = load.getLoc();
  b.setInsertionPoint(load);
  if (parts.size() == 1 && !parts.front().isWholeField()) {
    auto [pointer, offset] = placeOf(parts.front(), begin);
    load.getPtrMutable().assign(pointer);
    load.setOffset(offset);
    return;
  }
  Type type = load.getResult().getType();
  Value sum;
  for (const Part &part : parts) {
    Value number = loadPart(loc, part, begin);
    if (number.getType() != type)
      number = arith::ExtUIOp::create(b, loc, type, number);
    if (part.begin) {
      Value distance =
          arith::ConstantIntOp::create(b, loc, type, 8 * part.begin);
      number = arith::ShLIOp::create(b, loc, number, distance);
    }
    sum = sum ? arith::OrIOp::create(b, loc, sum, number).getResult() : number;
  }
  if (load.getOrder() == ByteOrder::BE && !type.isInteger(8))
    sum = BswapOp::create(b, loc, sum);
  load.replaceAllUsesWith(sum);
  load.erase();
}

void FrameDivider::divideStore(StoreOp store, ArrayRef<Part> parts,
                               unsigned begin) {
  const Location loc = store.getLoc();
  b.setInsertionPoint(store);
  if (parts.size() == 1 && !parts.front().isWholeField() &&
      !parts.front().goes) {
    auto [pointer, offset] = placeOf(parts.front(), begin);
    store.getPtrMutable().assign(pointer);
    store.setOffset(offset);
    return;
  }
  if (llvm::all_of(parts, [](const Part &part) { return part.goes; }))
    return store.erase();
  Value value = store.getValue();
  Type type = value.getType();
  if (store.getOrder() == ByteOrder::BE && !type.isInteger(8))
    value = b.createOrFold<BswapOp>(loc, type, value);
  for (const Part &part : parts) {
    if (part.goes)
      continue;
    Value distance = arith::ConstantIntOp::create(b, loc, type, 8 * part.begin);
    Value number = b.createOrFold<arith::ShRUIOp>(loc, value, distance);
    Type own = b.getIntegerType(8 * part.bytes);
    if (number.getType() != own)
      number = b.createOrFold<arith::TruncIOp>(loc, own, number);
    storePart(loc, part, begin, number);
  }
  store.erase();
}

SmallVector<PromotableAllocationOpInterface> FrameDivider::run() {
  SmallVector<PromotableAllocationOpInterface> result;
  constexpr int32_t frameBytes = 8;
  for (const FrameVariables::Variable &variable : variables.all()) {
    b.setInsertionPointAfter(frame);
    auto own = FrameOp::create(b, variable.loc, frameBytes);
    frames[&variable] = own;
    result.push_back(cast<PromotableAllocationOpInterface>(*own));
  }
  for (const FrameAccess &access : variables.accesses()) {
    SmallVector<Part> parts = partsOf(access);
    if (llvm::all_of(parts,
                     [](const Part &part) { return !part.home && !part.goes; }))
      continue;
    if (auto load = dyn_cast<LoadOp>(access.op))
      divideLoad(load, parts, access.begin);
    else
      divideStore(cast<StoreOp>(access.op), parts, access.begin);
  }
  return result;
}

/// Cuts off what nothing needs at the ends of the frame. Frames of functions
/// that call others stay, as do those that no stack has room for, for the same
/// reason as in nfp-layout-frame: a stack that is too deep is so at every
/// level.
static void trim(FrameOp frame, ByteRange memory) {
  const int64_t size = frame.getSize();
  if (size > MaxStackBytes || memory.end - memory.begin == size ||
      !frame->getParentOfType<FuncOp>().getBody().getOps<CallOp>().empty())
    return;
  frame.setSize(static_cast<int32_t>(memory.end - memory.begin));
  if (memory.begin == 0)
    return;
  OpBuilder b(frame->getContext());
  b.setInsertionPointAfter(frame);
  Value distance =
      arith::ConstantIntOp::create(b, frame.getLoc(), -memory.begin, 64);
  auto before = PtrAddOp::create(b, frame.getLoc(), frame, distance);
  frame.getResult().replaceAllUsesExcept(before, before);
}

/// True if there was something to do, and there may be more now.
FailureOr<bool> PromoteStack::promote(FrameOp frame,
                                      const MemoryAccesses &accesses,
                                      int64_t &promotedBytes) {
  DominanceInfo dominance(frame->getParentOp());
  ValueRanges ranges(dominance);
  FrameVariables variables(frame, accesses, ranges, promotedBytes);
  if (!variables.find()) {
    remark::missed(variables.culprit()->getLoc(),
                   remarkOf(frame, DEBUG_TYPE, "StackStays"))
        << remark::add("nothing of the stack is kept in registers")
        << remark::reason("{0}", variables.reason());
    return false;
  }
  if (variables.all().empty() && !variables.hasUnread()) {
    trim(frame, variables.memoryBytes());
    return false;
  }
  for (const FrameVariables::Variable &variable : variables.all()) {
    remark::passed(variable.loc, remarkOf(frame, DEBUG_TYPE, "Variable"))
        << remark::add("a register takes the place of {0} of the stack",
                       countOf(variable.bytes, "byte"))
        << remark::metric("Bytes", variable.bytes);
    ++numVariables;
    numBytes += variable.bytes;
    promotedBytes += variable.bytes;
  }
  SmallVector<PromotableAllocationOpInterface> allocators =
      FrameDivider(frame, variables).run();
  OpBuilder b(frame);
  const DataLayout layout;
  if (!allocators.empty() &&
      failed(tryToPromoteMemorySlots(allocators, b, layout, dominance)))
    return frame.emitOpError("has variables that cannot be promoted");
  return true;
}

void PromoteStack::runOnOperation() {
  const MemoryAccesses accesses(getOperation());
  for (auto function : getOperation().getOps<FuncOp>()) {
    if (function.isExternal())
      continue;
    IRRewriter rewriter(&getContext());
    (void)eraseUnreachableBlocks(rewriter, function->getRegions());
    auto frames = function.getBody().front().getOps<FrameOp>();
    if (frames.empty())
      continue;
    // Pointers into the frame that were kept in it are known where they were
    // loaded, once they are variables.
    constexpr unsigned maxRounds = 4;
    int64_t promotedBytes = 0;
    for (unsigned round = 0; round < maxRounds; ++round) {
      FailureOr<bool> isChanged =
          promote(*frames.begin(), accesses, promotedBytes);
      if (failed(isChanged))
        return signalPassFailure();
      if (!*isChanged)
        break;
    }
  }
}
