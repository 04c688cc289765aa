//===- BPFMemorySlots.cpp - Variables on the stack ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What MLIR's mem2reg asks. A frame is one variable: a pointer, or a number of
// up to 8 bytes whose parts are loaded and stored as well. The first byte of
// the frame is the number's least significant one.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nfpbpf::bpf;

constexpr unsigned MaxSlotBytes = 8;

/// The access is of the slot's type, at its first byte.
static bool isWhole(const MemorySlot &slot, Type type, int32_t offset) {
  return offset == 0 && type == slot.elemType;
}

/// Bytes of a number in the other order if memory has them so.
static Value inOrder(OpBuilder &b, Location loc, Value number,
                     ByteOrder order) {
  if (order == ByteOrder::LE || number.getType().isInteger(8))
    return number;
  return b.createOrFold<BswapOp>(loc, number.getType(), number);
}

static Value shiftBy(OpBuilder &b, Location loc, Type type, int32_t bytes) {
  return arith::ConstantIntOp::create(b, loc, type, 8 * int64_t(bytes));
}

/// The frame's accesses, with the type of the variable if it is one.
static Type slotTypeOf(FrameOp frame) {
  unsigned end = 0;
  Type pointer;
  bool hasNumbers = false;
  for (OpOperand &use : frame->getUses()) {
    auto note = [&](Type type, int64_t offset, unsigned size, bool isAddress) {
      if (!isAddress || offset < 0 || offset + size > MaxSlotBytes ||
          offset + size > frame.getSize())
        return false;
      end = std::max(end, static_cast<unsigned>(offset) + size);
      if (isa<IntegerType>(type)) {
        hasNumbers = true;
        return true;
      }
      const bool fits = offset == 0 && (!pointer || pointer == type);
      pointer = type;
      return fits;
    };
    const bool fits =
        llvm::TypeSwitch<Operation *, bool>(use.getOwner())
            .Case([&](LoadOp load) {
              return note(load.getResult().getType(), load.getOffset(),
                          load.getSize(), true);
            })
            .Case([&](StoreOp store) {
              return note(store.getValue().getType(), store.getOffset(),
                          store.getSize(), &use == &store.getPtrMutable());
            })
            .Default([](Operation *) { return false; });
    if (!fits)
      return {};
  }
  if (pointer)
    return hasNumbers ? Type() : pointer;
  if (end == 0)
    return {};
  return IntegerType::get(frame.getContext(),
                          8 * static_cast<unsigned>(llvm::PowerOf2Ceil(end)));
}

//===----------------------------------------------------------------------===//
// FrameOp
//===----------------------------------------------------------------------===//

SmallVector<MemorySlot> FrameOp::getPromotableSlots() {
  Type type = slotTypeOf(*this);
  if (!type)
    return {};
  return {MemorySlot{getResult(), type}};
}

/// What nothing has stored is undefined.
Value FrameOp::getDefaultValue(const MemorySlot &slot, OpBuilder &b) {
  if (isa<PtrType>(slot.elemType))
    return NullOp::create(b, getLoc(), slot.elemType);
  return arith::ConstantIntOp::create(b, getLoc(), slot.elemType, 0);
}

void FrameOp::handleBlockArgument(const MemorySlot &slot,
                                  BlockArgument argument, OpBuilder &b) {}

std::optional<PromotableAllocationOpInterface>
FrameOp::handlePromotionComplete(const MemorySlot &slot, Value defaultValue,
                                 OpBuilder &b) {
  if (defaultValue && defaultValue.use_empty())
    defaultValue.getDefiningOp()->erase();
  erase();
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// LoadOp
//===----------------------------------------------------------------------===//

bool LoadOp::loadsFrom(const MemorySlot &slot) { return getPtr() == slot.ptr; }

bool LoadOp::storesTo(const MemorySlot &slot) { return false; }

Value LoadOp::getStored(const MemorySlot &slot, OpBuilder &b, Value before,
                        const DataLayout &layout) {
  llvm_unreachable("a load stores nothing");
}

bool LoadOp::canUsesBeRemoved(const MemorySlot &slot,
                              const SmallPtrSetImpl<OpOperand *> &blockingUses,
                              SmallVectorImpl<OpOperand *> &newBlockingUses,
                              const DataLayout &layout) {
  return true;
}

DeletionKind LoadOp::removeBlockingUses(
    const MemorySlot &slot, const SmallPtrSetImpl<OpOperand *> &blockingUses,
    OpBuilder &b, Value content, const DataLayout &layout) {
  Value part = content;
  if (!isWhole(slot, getResult().getType(), getOffset())) {
    Value distance = shiftBy(b, getLoc(), slot.elemType, getOffset());
    part = b.createOrFold<arith::ShRUIOp>(getLoc(), content, distance);
    if (part.getType() != getResult().getType())
      part = b.createOrFold<arith::TruncIOp>(getLoc(), getResult().getType(),
                                             part);
  }
  if (isa<IntegerType>(part.getType()))
    part = inOrder(b, getLoc(), part, getOrder());
  getResult().replaceAllUsesWith(part);
  return DeletionKind::Delete;
}

//===----------------------------------------------------------------------===//
// StoreOp
//===----------------------------------------------------------------------===//

/// A part leaves the rest of the variable as it was.
bool StoreOp::loadsFrom(const MemorySlot &slot) {
  return getPtr() == slot.ptr &&
         !isWhole(slot, getValue().getType(), getOffset());
}

bool StoreOp::storesTo(const MemorySlot &slot) { return getPtr() == slot.ptr; }

Value StoreOp::getStored(const MemorySlot &slot, OpBuilder &b, Value before,
                         const DataLayout &layout) {
  Value value = getValue();
  if (isa<PtrType>(value.getType()))
    return value;
  value = inOrder(b, getLoc(), value, getOrder());
  if (isWhole(slot, value.getType(), getOffset()))
    return value;
  const unsigned width = slot.elemType.getIntOrFloatBitWidth();
  const unsigned first = 8 * static_cast<unsigned>(getOffset());
  if (value.getType() != slot.elemType)
    value = b.createOrFold<arith::ExtUIOp>(getLoc(), slot.elemType, value);
  value = b.createOrFold<arith::ShLIOp>(
      getLoc(), value, shiftBy(b, getLoc(), slot.elemType, getOffset()));
  const APInt others = ~APInt::getBitsSet(width, first, first + 8 * getSize());
  Value mask = arith::ConstantOp::create(
      b, getLoc(), b.getIntegerAttr(slot.elemType, others));
  Value rest = b.createOrFold<arith::AndIOp>(getLoc(), before, mask);
  return b.createOrFold<arith::OrIOp>(getLoc(), rest, value);
}

bool StoreOp::canUsesBeRemoved(const MemorySlot &slot,
                               const SmallPtrSetImpl<OpOperand *> &blockingUses,
                               SmallVectorImpl<OpOperand *> &newBlockingUses,
                               const DataLayout &layout) {
  return getValue() != slot.ptr;
}

DeletionKind StoreOp::removeBlockingUses(
    const MemorySlot &slot, const SmallPtrSetImpl<OpOperand *> &blockingUses,
    OpBuilder &b, Value content, const DataLayout &layout) {
  return DeletionKind::Delete;
}
