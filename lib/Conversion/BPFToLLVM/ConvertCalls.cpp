//===- ConvertCalls.cpp - Functions and calls of the environment ----------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include "nfpbpf/Conversion/BPFToLLVM/BPFToLLVM.h"
#include "nfpbpf/ISA/BPF/Helpers.h"
#include "nfpbpf/ISA/BPF/Instruction.h"

#include <cstddef>

using namespace mlir;
using namespace nfpbpf;
namespace env = nfpbpf::host::env;
using host::RunState;

/// The address of an array's first value.
static Value firstValueOf(HostBuilder &b, StringRef map,
                          const ModuleFacts &facts) {
  return b.callEnvironment(env::GlobalAddress, b.intType(64),
                           {b.constant(facts.mapIndex.lookup(map), 32)});
}

namespace {

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

struct FuncPattern : public BPFPattern<bpf::FuncOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::FuncOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    const TypeConverter &types = *getTypeConverter();
    FunctionType type = op.getFunctionType();
    Type ptr = LLVM::LLVMPointerType::get(getContext());
    TypeConverter::SignatureConversion signature(type.getNumInputs());
    signature.addInputs({ptr, ptr});
    for (auto [index, input] : llvm::enumerate(type.getInputs()))
      signature.addInputs(index, types.convertType(input));
    auto func = LLVM::LLVMFuncOp::create(
        rewriter, op.getLoc(), hostSymbol(op.getSymName()),
        LLVM::LLVMFunctionType::get(types.convertType(type.getResult(0)),
                                    signature.getConvertedTypes()),
        op.isEntry() ? LLVM::Linkage::External : LLVM::Linkage::Internal);
    rewriter.inlineRegionBefore(op.getBody(), func.getBody(),
                                func.getBody().end());
    if (failed(rewriter.convertRegionTypes(&func.getBody(), types, &signature)))
      return rewriter.notifyMatchFailure(op, "has blocks of unknown types");
    if (facts.countsRounds.contains(op.getSymName())) {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(&func.getBody().front());
      HostBuilder b(rewriter, op.getLoc());
      // The counter is the first operation, where may_goto finds it.
      Value one = b.constant(1);
      auto counter = LLVM::AllocaOp::create(rewriter, op.getLoc(), ptr,
                                            rewriter.getI64Type(), one);
      Value rounds = b.constant(ebpf::MayGotoRounds);
      LLVM::StoreOp::create(rewriter, op.getLoc(), rounds, counter);
    }
    rewriter.eraseOp(op);
    return success();
  }
};

struct MayGotoPattern : public BPFPattern<bpf::MayGotoOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::MayGotoOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    auto func = op->getParentOfType<LLVM::LLVMFuncOp>();
    auto counters = func.getBody().front().getOps<LLVM::AllocaOp>();
    Value counter = *counters.begin();
    Value left = LLVM::LoadOp::create(rewriter, op.getLoc(),
                                      rewriter.getI64Type(), counter);
    Value leave = b.isZero(left);
    Value next = b.select(leave, left, b.sub(left, b.constant(1)));
    LLVM::StoreOp::create(rewriter, op.getLoc(), next, counter);
    rewriter.replaceOp(op, leave);
    return success();
  }
};

struct ReturnPattern : public BPFPattern<bpf::ReturnOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::ReturnOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<LLVM::ReturnOp>(op, adaptor.getValue());
    return success();
  }
};

struct CallPattern : public BPFPattern<bpf::CallOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::CallOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Value frame = b.callEnvironment(env::Enter, b.ptrType(), {b.insn()});
    b.returnIf(b.isZero(frame));
    SmallVector<Value> arguments{b.state(), frame};
    llvm::append_range(arguments, adaptor.getArgs());
    Type type = getTypeConverter()->convertType(op.getResult().getType());
    auto call =
        LLVM::CallOp::create(rewriter, op.getLoc(), TypeRange(type),
                             hostSymbol(adaptor.getCallee()), arguments);
    b.returnIfStopped();
    Value depth = b.loadState(offsetof(RunState, Depth), 32);
    b.storeState(offsetof(RunState, Depth), b.sub(depth, b.constant(1, 32)));
    rewriter.replaceOp(op, call.getResult());
    return success();
  }
};

struct FramePattern : public BPFPattern<bpf::FrameOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::FrameOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Value depth = b.widen(b.loadState(offsetof(RunState, Depth), 32));
    Value distance = LLVM::MulOp::create(rewriter, op.getLoc(), depth,
                                         b.constant(host::FrameAddressStep));
    rewriter.replaceOp(
        op, b.add(distance, b.constant(host::StackAddress +
                                       host::FrameTopOffset - op.getSize())));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Maps and helpers
//===----------------------------------------------------------------------===//

struct MapPattern : public BPFPattern<bpf::MapOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::MapOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.eraseOp(op);
    return success();
  }
};

struct MapRefPattern : public BPFPattern<bpf::MapRefOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::MapRefOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    uint64_t index = facts.mapIndex.lookup(op.getMap());
    rewriter.replaceOp(
        op, b.constant(host::MapHandleAddress + index * host::MapHandleStep));
    return success();
  }
};

struct MapValueRefPattern : public BPFPattern<bpf::MapValueRefOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::MapValueRefOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Value base = firstValueOf(b, op.getMap(), facts);
    rewriter.replaceOp(op, b.add(base, b.constant(op.getOffset())));
    return success();
  }
};

struct ArrayElementPattern : public BPFPattern<bpf::ArrayElementOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::ArrayElementOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Value base = firstValueOf(b, op.getMap(), facts);
    Value index = b.widen(adaptor.getIndex());
    Value stride = b.constant(facts.entryBytes.lookup(op.getMap()));
    Value distance = LLVM::MulOp::create(rewriter, op.getLoc(), index, stride);
    rewriter.replaceOp(op, b.add(base, distance));
    return success();
  }
};

} // namespace

/// Calls a helper with up to five arguments.
static Value callHelper(HostBuilder &b, uint32_t id, ValueRange arguments) {
  SmallVector<Value> all{b.constant(id, 32)};
  for (unsigned index = 0; index != 5; ++index)
    all.push_back(index < arguments.size() ? b.widen(arguments[index])
                                           : b.constant(0));
  all.push_back(b.insn());
  Value result = b.callEnvironment(env::Helper, b.intType(64), all);
  b.returnIfStopped();
  return result;
}

namespace {

/// Operations that are helpers with their operands in the helper's order.
template <typename OpT, uint32_t Id>
struct HelperPattern : public BPFPattern<OpT> {
  using BPFPattern<OpT>::BPFPattern;

  LogicalResult
  matchAndRewrite(OpT op, typename OpT::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    rewriter.replaceOp(op, callHelper(b, Id, adaptor.getOperands()));
    return success();
  }
};

struct CallHelperPattern : public BPFPattern<bpf::CallHelperOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::CallHelperOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (adaptor.getArgs().size() > 5)
      return rewriter.notifyMatchFailure(op, "has more than five arguments");
    HostBuilder b(rewriter, op.getLoc());
    Value result = callHelper(b, op.getId(), adaptor.getArgs());
    Type type = getTypeConverter()->convertType(op.getResult().getType());
    rewriter.replaceOp(op, b.truncate(result, type));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Context and packet
//===----------------------------------------------------------------------===//

template <typename OpT, bool IsEnd>
struct PacketPointerPattern : public BPFPattern<OpT> {
  using BPFPattern<OpT>::BPFPattern;

  LogicalResult
  matchAndRewrite(OpT op, typename OpT::Adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    rewriter.replaceOp(op,
                       b.loadState(IsEnd ? offsetof(RunState, PacketEnd)
                                         : offsetof(RunState, PacketBegin)));
    return success();
  }
};

struct PacketLenPattern : public BPFPattern<bpf::PacketLenOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::PacketLenOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Value end = b.loadState(offsetof(RunState, PacketEnd));
    Value begin = b.loadState(offsetof(RunState, PacketBegin));
    rewriter.replaceOp(op, b.truncate(b.sub(end, begin), b.intType(32)));
    return success();
  }
};

struct CtxLoadPattern : public BPFPattern<bpf::CtxLoadOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::CtxLoadOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Type type = op.getResult().getType();
    Value result = b.callEnvironment(
        env::ContextLoad, b.intType(64),
        {b.constant(static_cast<uint32_t>(op.getOffset()), 32),
         b.constant(type.getIntOrFloatBitWidth() / 8, 32), b.insn()});
    b.returnIfStopped();
    rewriter.replaceOp(op, b.truncate(result, type));
    return success();
  }
};

struct CtxStorePattern : public BPFPattern<bpf::CtxStoreOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::CtxStoreOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Type type = op.getValue().getType();
    b.callEnvironment(env::ContextStore, Type(),
                      {b.constant(static_cast<uint32_t>(op.getOffset()), 32),
                       b.constant(type.getIntOrFloatBitWidth() / 8, 32),
                       b.widen(adaptor.getValue()), b.insn()});
    b.returnIfStopped();
    rewriter.eraseOp(op);
    return success();
  }
};

struct LdPacketPattern : public BPFPattern<bpf::LdPacketOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::LdPacketOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Value result =
        b.callEnvironment(env::PacketLoad, b.intType(64),
                          {adaptor.getOffset(), b.constant(op.getSize(), 32)});
    b.returnIfStopped();
    rewriter.replaceOp(op, b.truncate(result, b.intType(32)));
    return success();
  }
};

} // namespace

void nfpbpf::populateCallPatterns(const TypeConverter &converter,
                                  const ModuleFacts &facts,
                                  RewritePatternSet &patterns) {
  patterns.add<
      FuncPattern, MayGotoPattern, ReturnPattern, CallPattern, FramePattern,
      MapPattern, MapRefPattern, MapValueRefPattern, ArrayElementPattern,
      HelperPattern<bpf::MapLookupOp, ebpf::MapLookupElem>,
      HelperPattern<bpf::MapUpdateOp, ebpf::MapUpdateElem>,
      HelperPattern<bpf::MapDeleteOp, ebpf::MapDeleteElem>,
      HelperPattern<bpf::PerfEventOutputOp, ebpf::PerfEventOutput>,
      HelperPattern<bpf::GetPrandomU32Op, ebpf::GetPrandomU32>,
      HelperPattern<bpf::AdjustHeadOp, ebpf::XdpAdjustHead>,
      HelperPattern<bpf::AdjustTailOp, ebpf::XdpAdjustTail>, CallHelperPattern,
      PacketPointerPattern<bpf::PacketDataOp, false>,
      PacketPointerPattern<bpf::PacketMetaOp, false>,
      PacketPointerPattern<bpf::PacketEndOp, true>, PacketLenPattern,
      CtxLoadPattern, CtxStorePattern, LdPacketPattern>(
      converter, patterns.getContext(), facts);
}
