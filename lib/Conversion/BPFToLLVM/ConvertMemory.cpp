//===- ConvertMemory.cpp - Loads, stores, atomics -------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include <cstddef>

using namespace mlir;
using namespace nfpbpf;
namespace env = nfpbpf::host::env;
using host::RunState;

static constexpr HostBuilder::Range PacketRange{
    offsetof(RunState, PacketBegin), offsetof(RunState, PacketEnd),
    offsetof(RunState, PacketToHost)};
static constexpr HostBuilder::Range MapValueRange{
    offsetof(RunState, ValueBegin), offsetof(RunState, ValueEnd),
    offsetof(RunState, ValueToHost)};

/// The range in which addresses of a space are likely to lie.
static const HostBuilder::Range *rangeOf(bpf::Space space) {
  switch (space) {
  case bpf::Space::Packet:
  case bpf::Space::PacketMeta:
    return &PacketRange;
  case bpf::Space::MapValue:
    return &MapValueRange;
  default:
    return nullptr;
  }
}

static bpf::Space spaceOf(Value ptr) {
  return cast<bpf::PtrType>(ptr.getType()).getSpace();
}

/// Pointers of this space may point to the context, which is no memory.
static bool mayBeContext(Value ptr) {
  return spaceOf(ptr) == bpf::Space::Opaque;
}

static Value programAddress(HostBuilder &b, Value ptr, int32_t offset) {
  return offset ? b.add(ptr, b.constant(static_cast<uint64_t>(int64_t(offset))))
                : ptr;
}

/// Host address of an access; the program ends if it is out of bounds.
template <typename OpT>
static Value hostAddress(HostBuilder &b, OpT op, Value ptr, unsigned bytes,
                         bool isWrite, const ModuleFacts &facts) {
  auto known = facts.frameAccess.find(op);
  if (known != facts.frameAccess.end())
    return b.byteOffset(b.frame(), b.constant(known->second));
  return b.translate(programAddress(b, ptr, op.getOffset()), bytes, isWrite,
                     rangeOf(spaceOf(op.getPtr())));
}

namespace {

struct LoadPattern : public BPFPattern<bpf::LoadOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::LoadOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Type type = getTypeConverter()->convertType(op.getResult().getType());
    Value v;
    if (mayBeContext(op.getPtr())) {
      Value address = programAddress(b, adaptor.getPtr(), op.getOffset());
      v = b.callEnvironment(env::Load, b.intType(64),
                            {address, b.constant(op.getSize(), 32), b.insn()});
      b.returnIfStopped();
      v = b.truncate(v, type);
    } else {
      v = b.loadBytes(type, hostAddress(b, op, adaptor.getPtr(), op.getSize(),
                                        /*isWrite=*/false, facts));
    }
    if (op.getOrder() == bpf::ByteOrder::BE)
      v = b.byteSwap(v);
    rewriter.replaceOp(op, v);
    return success();
  }
};

struct StorePattern : public BPFPattern<bpf::StoreOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::StoreOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Value v = adaptor.getValue();
    if (op.getOrder() == bpf::ByteOrder::BE)
      v = b.byteSwap(v);
    if (mayBeContext(op.getPtr())) {
      Value address = programAddress(b, adaptor.getPtr(), op.getOffset());
      b.callEnvironment(
          env::Store, Type(),
          {address, b.constant(op.getSize(), 32), b.widen(v), b.insn()});
      b.returnIfStopped();
    } else {
      b.storeBytes(v, hostAddress(b, op, adaptor.getPtr(), op.getSize(),
                                  /*isWrite=*/true, facts));
    }
    rewriter.eraseOp(op);
    return success();
  }
};

/// A run has its maps for itself, so plain accesses are atomic.
template <typename OpT>
struct AtomicPattern : public BPFPattern<OpT> {
  using BPFPattern<OpT>::BPFPattern;

  LogicalResult
  matchAndRewrite(OpT op, typename OpT::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Type type = op.getValue().getType();
    Value host =
        hostAddress(b, op, adaptor.getPtr(), type.getIntOrFloatBitWidth() / 8,
                    /*isWrite=*/true, this->facts);
    Value old = b.loadBytes(type, host);
    b.storeBytes(combine(b, op, old, adaptor), host);
    if (op->getNumResults())
      rewriter.replaceOp(op, old);
    else
      rewriter.eraseOp(op);
    return success();
  }

private:
  Value combine(HostBuilder &b, OpT op, Value old,
                typename OpT::Adaptor adaptor) const {
    Location loc = op.getLoc();
    RewriterBase &rewriter = b.rewriter();
    Value v = adaptor.getValue();
    if constexpr (std::is_same_v<OpT, bpf::AtomicCmpXchgOp>) {
      Value equal =
          b.compare(LLVM::ICmpPredicate::eq, old, adaptor.getExpected());
      return b.select(equal, v, old);
    } else {
      switch (op.getKind()) {
      case bpf::AtomicKind::Add:
        return b.add(old, v);
      case bpf::AtomicKind::And:
        return LLVM::AndOp::create(rewriter, loc, old, v);
      case bpf::AtomicKind::Or:
        return LLVM::OrOp::create(rewriter, loc, old, v);
      case bpf::AtomicKind::Xor:
        return LLVM::XOrOp::create(rewriter, loc, old, v);
      case bpf::AtomicKind::Xchg:
        return v;
      }
      llvm_unreachable("covered");
    }
  }
};

struct FencePattern : public BPFPattern<bpf::FenceOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::FenceOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<LLVM::FenceOp>(
        op, LLVM::AtomicOrdering::seq_cst, /*syncscope=*/StringRef());
    return success();
  }
};

} // namespace

void nfpbpf::populateMemoryPatterns(const TypeConverter &converter,
                                    const ModuleFacts &facts,
                                    RewritePatternSet &patterns) {
  patterns.add<LoadPattern, StorePattern, AtomicPattern<bpf::AtomicRMWOp>,
               AtomicPattern<bpf::AtomicFetchRMWOp>,
               AtomicPattern<bpf::AtomicCmpXchgOp>, FencePattern>(
      converter, patterns.getContext(), facts);
}
