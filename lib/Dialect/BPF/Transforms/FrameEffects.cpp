//===- FrameEffects.cpp - What operations do to the stack frame -----------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FrameEffects.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nfpbpf::bpf;

constexpr ByteRange AllBytes{INT64_MIN, INT64_MAX};

/// The pointer may lead into a frame.
static bool mayBeStack(Value pointer) {
  auto type = dyn_cast<PtrType>(pointer.getType());
  return type &&
         (type.getSpace() == Space::Stack || type.getSpace() == Space::Opaque);
}

/// `size` bytes at a pointer, as far as they may be bytes of the frame.
static std::optional<ByteRange> bytesAt(Value pointer, int64_t offset,
                                        uint64_t size, Value frame,
                                        const MemoryAccesses &accesses) {
  if (!mayBeStack(pointer) || size == 0)
    return std::nullopt;
  Place place = accesses.placeOf(pointer, offset);
  if (place.root != frame || size > UINT32_MAX)
    return AllBytes;
  return ByteRange{place.offset, place.offset + static_cast<int64_t>(size)};
}

/// The operation has an effect of that kind on any stack.
static bool touchesStack(Operation *op, bool reads) {
  std::optional<SmallVector<MemoryEffects::EffectInstance>> effects =
      getEffectsRecursively(op);
  if (!effects)
    return true;
  return llvm::any_of(
      *effects, [&](const MemoryEffects::EffectInstance &effect) {
        return isa<MemoryEffects::Read>(effect.getEffect()) == reads &&
               (effect.getResource() == StackResource::get() ||
                effect.getResource() == SideEffects::DefaultResource::get());
      });
}

/// What an atomic operation reads and writes of the frame.
static std::optional<ByteRange> atomicBytes(Operation *op, Value frame,
                                            const MemoryAccesses &accesses) {
  return TypeSwitch<Operation *, std::optional<ByteRange>>(op)
      .Case<AtomicRMWOp, AtomicFetchRMWOp, AtomicCmpXchgOp>([&](auto atomic) {
        return bytesAt(atomic.getPtr(), atomic.getOffset(),
                       getSizeInBytes(atomic.getValue().getType()), frame,
                       accesses);
      });
}

std::optional<ByteRange>
nfpbpf::bpf::writtenBy(Operation *op, Value frame,
                       const MemoryAccesses &accesses) {
  if (isMemoryEffectFree(op))
    return std::nullopt;
  if (auto store = dyn_cast<StoreOp>(op))
    return bytesAt(store.getPtr(), store.getOffset(), store.getSize(), frame,
                   accesses);
  if (auto words = dyn_cast<StoreWordsOp>(op))
    return bytesAt(words.getPtr(), words.getOffset(), words.getSize(), frame,
                   accesses);
  if (isa<AtomicRMWOp, AtomicFetchRMWOp, AtomicCmpXchgOp>(op))
    return atomicBytes(op, frame, accesses);
  // A callee reaches the frame through pointers it is given only.
  bool writes = isa<CallOp>(op) ? llvm::any_of(op->getOperands(), mayBeStack)
                                : touchesStack(op, /*reads=*/false);
  if (writes)
    return AllBytes;
  return std::nullopt;
}

SmallVector<ByteRange, 2> nfpbpf::bpf::readBy(Operation *op, Value frame,
                                              const MemoryAccesses &accesses) {
  SmallVector<ByteRange, 2> result;
  // The frame is gone with the function.
  if (isMemoryEffectFree(op) || isa<StoreOp, StoreWordsOp, ReturnOp>(op))
    return result;
  auto add = [&](Value pointer, int64_t offset, uint64_t size) {
    if (std::optional<ByteRange> bytes =
            bytesAt(pointer, offset, size, frame, accesses))
      result.push_back(*bytes);
  };
  TypeSwitch<Operation *>(op)
      .Case([&](LoadOp load) {
        add(load.getPtr(), load.getOffset(), load.getSize());
      })
      .Case([&](LoadWordsOp load) {
        add(load.getPtr(), load.getOffset(), 4 * load.getNumResults());
      })
      .Case<MapLookupOp, MapDeleteOp>([&](auto o) {
        add(o.getKey(), 0, mapEntryBytes(o.getMap(), MapPart::Key));
      })
      .Case([&](MapUpdateOp update) {
        add(update.getKey(), 0, mapEntryBytes(update.getMap(), MapPart::Key));
        add(update.getValue(), 0,
            mapEntryBytes(update.getMap(), MapPart::Value));
      })
      .Case<AtomicRMWOp, AtomicFetchRMWOp, AtomicCmpXchgOp>([&](auto atomic) {
        if (std::optional<ByteRange> bytes =
                atomicBytes(atomic, frame, accesses))
          result.push_back(*bytes);
      })
      .Case([&](PerfEventOutputOp event) {
        APInt size;
        add(event.getData(), 0,
            matchPattern(event.getSize(), m_ConstantInt(&size))
                ? size.getLimitedValue()
                : UINT64_MAX);
      })
      .Default([&](Operation *other) {
        bool reads = isa<CallOp>(other)
                         ? llvm::any_of(other->getOperands(), mayBeStack)
                         : touchesStack(other, /*reads=*/true);
        if (reads)
          result.push_back(AllBytes);
      });
  return result;
}
