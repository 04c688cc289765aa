//===- BPFEffects.cpp - Memory effects of bpf operations ------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an operation touches when that depends on the address space of its
// pointers.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

using namespace mlir;
using namespace nfpbpf::bpf;

using Effects = SmallVectorImpl<MemoryEffects::EffectInstance>;

/// Adds an effect on the memory that a pointer operand leads to.
template <typename EffectTy>
static void addThrough(OpOperand &pointer, Effects &effects) {
  auto *effect = EffectTy::get();
  switch (cast<PtrType>(pointer.get().getType()).getSpace()) {
  case Space::Packet:
  case Space::PacketEnd:
  case Space::PacketMeta:
    effects.emplace_back(effect, &pointer, PacketResource::get());
    return;
  case Space::Stack:
    effects.emplace_back(effect, &pointer, StackResource::get());
    return;
  case Space::MapValue:
  case Space::Map:
    effects.emplace_back(effect, &pointer, MapResource::get());
    return;
  case Space::Ctx:
    effects.emplace_back(effect, &pointer, ContextResource::get());
    return;
  case Space::Opaque:
    // Any memory of the kernel: whatever the program can reach otherwise too.
    effects.emplace_back(effect, &pointer, PacketResource::get());
    effects.emplace_back(effect, &pointer, StackResource::get());
    effects.emplace_back(effect, &pointer, MapResource::get());
    effects.emplace_back(effect, &pointer, ContextResource::get());
    return;
  }
}

void LoadOp::getEffects(Effects &effects) {
  addThrough<MemoryEffects::Read>(getPtrMutable(), effects);
}

void LoadWordsOp::getEffects(Effects &effects) {
  addThrough<MemoryEffects::Read>(getPtrMutable(), effects);
}

void StoreOp::getEffects(Effects &effects) {
  addThrough<MemoryEffects::Write>(getPtrMutable(), effects);
}

void StoreWordsOp::getEffects(Effects &effects) {
  addThrough<MemoryEffects::Write>(getPtrMutable(), effects);
}

void AtomicRMWOp::getEffects(Effects &effects) {
  addThrough<MemoryEffects::Read>(getPtrMutable(), effects);
  addThrough<MemoryEffects::Write>(getPtrMutable(), effects);
}

void AtomicFetchRMWOp::getEffects(Effects &effects) {
  addThrough<MemoryEffects::Read>(getPtrMutable(), effects);
  addThrough<MemoryEffects::Write>(getPtrMutable(), effects);
}

void AtomicCmpXchgOp::getEffects(Effects &effects) {
  addThrough<MemoryEffects::Read>(getPtrMutable(), effects);
  addThrough<MemoryEffects::Write>(getPtrMutable(), effects);
}

void MapLookupOp::getEffects(Effects &effects) {
  addThrough<MemoryEffects::Read>(getMapMutable(), effects);
  addThrough<MemoryEffects::Read>(getKeyMutable(), effects);
}

void MapUpdateOp::getEffects(Effects &effects) {
  addThrough<MemoryEffects::Read>(getMapMutable(), effects);
  addThrough<MemoryEffects::Write>(getMapMutable(), effects);
  addThrough<MemoryEffects::Read>(getKeyMutable(), effects);
  addThrough<MemoryEffects::Read>(getValueMutable(), effects);
}

void MapDeleteOp::getEffects(Effects &effects) {
  addThrough<MemoryEffects::Read>(getMapMutable(), effects);
  addThrough<MemoryEffects::Write>(getMapMutable(), effects);
  addThrough<MemoryEffects::Read>(getKeyMutable(), effects);
}

void PerfEventOutputOp::getEffects(Effects &effects) {
  // The upper half of the flags may ask for packet bytes.
  effects.emplace_back(MemoryEffects::Read::get(), &getCtxMutable(),
                       PacketVectorResource::get());
  effects.emplace_back(MemoryEffects::Read::get(), &getCtxMutable(),
                       PacketResource::get());
  addThrough<MemoryEffects::Read>(getDataMutable(), effects);
  effects.emplace_back(MemoryEffects::Read::get(), EventResource::get());
  effects.emplace_back(MemoryEffects::Write::get(), EventResource::get());
}
