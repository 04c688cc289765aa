//===- BPFToLLVM.cpp - The pass convert-bpf-to-llvm -----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"
#include "nfpbpf/Conversion/Passes.h"
#include "nfpbpf/Runtime/MapStore.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/IR/Matchers.h"
#include <cstddef>

namespace nfpbpf {
#define GEN_PASS_DEF_CONVERTBPFTOLLVM
#include "nfpbpf/Conversion/Passes.h.inc"
} // namespace nfpbpf

using namespace mlir;
using namespace nfpbpf;
using host::RunState;

/// Bytes from the lowest address of the function's frame to an access at
/// `ptr + offset`, if the place is known.
static std::optional<int64_t> frameOffset(Value ptr, int64_t offset) {
  while (auto add = ptr.getDefiningOp<bpf::PtrAddOp>()) {
    llvm::APInt distance;
    if (!matchPattern(add.getOffset(), m_ConstantInt(&distance)))
      return std::nullopt;
    offset += distance.getSExtValue();
    ptr = add.getPtr();
  }
  auto frame = ptr.getDefiningOp<bpf::FrameOp>();
  if (!frame)
    return std::nullopt;
  return int64_t(host::FrameBytes) - frame.getSize() + offset;
}

template <typename OpT>
static void noteFrameAccess(ModuleFacts &facts, OpT op, unsigned bytes) {
  std::optional<int64_t> offset = frameOffset(op.getPtr(), op.getOffset());
  if (offset && *offset >= 0 && *offset + bytes <= host::FrameBytes)
    facts.frameAccess[op] = static_cast<uint32_t>(*offset);
}

static unsigned bytesOf(Type type) { return type.getIntOrFloatBitWidth() / 8; }

/// Fails on what no pattern could translate rightly.
static LogicalResult collectFacts(ModuleOp module, ModuleFacts &facts) {
  WalkResult result = module.walk([&](Operation *op) {
    if (auto map = dyn_cast<bpf::MapOp>(op)) {
      facts.mapIndex[map.getSymName()] = map.getIndex();
      facts.entryBytes[map.getSymName()] =
          rt::entryBytes(map.getKeySize(), map.getValueSize());
    } else if (auto load = dyn_cast<bpf::LoadOp>(op)) {
      noteFrameAccess(facts, load, load.getSize());
    } else if (auto store = dyn_cast<bpf::StoreOp>(op)) {
      noteFrameAccess(facts, store, store.getSize());
    } else if (auto rmw = dyn_cast<bpf::AtomicRMWOp>(op)) {
      noteFrameAccess(facts, rmw, bytesOf(rmw.getValue().getType()));
    } else if (auto fetch = dyn_cast<bpf::AtomicFetchRMWOp>(op)) {
      noteFrameAccess(facts, fetch, bytesOf(fetch.getValue().getType()));
    } else if (auto exchange = dyn_cast<bpf::AtomicCmpXchgOp>(op)) {
      noteFrameAccess(facts, exchange, bytesOf(exchange.getValue().getType()));
    } else if (isa<bpf::MayGotoOp>(op)) {
      if (auto func = op->getParentOfType<bpf::FuncOp>())
        facts.countsRounds.insert(func.getSymName());
    } else if (auto frame = dyn_cast<bpf::FrameOp>(op)) {
      if (frame.getSize() > host::FrameBytes) {
        frame.emitError() << "a frame of " << frame.getSize()
                          << " bytes; functions have " << host::FrameBytes;
        return WalkResult::interrupt();
      }
    } else if (auto func = dyn_cast<bpf::FuncOp>(op)) {
      if (func.isExternal()) {
        func.emitError() << "function '" << func.getSymName()
                         << "' has no body; there is nothing to run";
        return WalkResult::interrupt();
      }
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// The blocks that loops go back to.
static SmallVector<Block *> loopHeaders(Region &region) {
  enum : uint8_t { Open = 1, Done = 2 };
  llvm::DenseMap<Block *, uint8_t> seen;
  llvm::SetVector<Block *> headers;
  SmallVector<std::pair<Block *, unsigned>> path{{&region.front(), 0}};
  seen[&region.front()] = Open;
  while (!path.empty()) {
    auto &[block, next] = path.back();
    if (next == block->getNumSuccessors()) {
      seen[block] = Done;
      path.pop_back();
      continue;
    }
    Block *successor = block->getSuccessor(next++);
    uint8_t &state = seen[successor];
    if (state == Open)
      headers.insert(successor);
    if (state)
      continue;
    state = Open;
    path.emplace_back(successor, 0);
  }
  return headers.takeVector();
}

/// Makes every round of a loop use up some of the budget.
static void limitLoops(LLVM::LLVMFuncOp func) {
  IRRewriter rewriter(func.getContext());
  for (Block *header : loopHeaders(func.getBody())) {
    Location loc = header->front().getLoc();
    rewriter.setInsertionPointToStart(header);
    HostBuilder b(rewriter, loc);
    Value left = b.loadState(offsetof(RunState, Budget));
    Value spent = b.isZero(left);
    Block *body = rewriter.splitBlock(header, rewriter.getInsertionPoint());
    Block *stop = rewriter.createBlock(body);
    b.callEnvironment(host::env::Exhausted, Type(), {b.insn()});
    LLVM::ReturnOp::create(
        rewriter, loc,
        b.constant(
            0, func.getFunctionType().getReturnType().getIntOrFloatBitWidth()));
    Block *go = rewriter.createBlock(body);
    b.storeState(offsetof(RunState, Budget), b.sub(left, b.constant(1)));
    LLVM::BrOp::create(rewriter, loc, ValueRange{}, body);
    rewriter.setInsertionPointToEnd(header);
    LLVM::CondBrOp::create(rewriter, loc, spent, stop, go);
  }
}

namespace {
struct ConvertBPFToLLVMPass
    : public nfpbpf::impl::ConvertBPFToLLVMBase<ConvertBPFToLLVMPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    ModuleFacts facts;
    if (failed(collectFacts(module, facts)))
      return signalPassFailure();
    declareEnvironment(module);

    LLVMTypeConverter converter(&getContext());
    converter.addConversion([](bpf::PtrType type) -> Type {
      return IntegerType::get(type.getContext(), 64);
    });
    LLVMConversionTarget target(getContext());
    target.addLegalOp<ModuleOp>();
    target.addIllegalDialect<bpf::BPFDialect>();
    RewritePatternSet patterns(&getContext());
    populateArithPatterns(converter, facts, patterns);
    populateMemoryPatterns(converter, facts, patterns);
    populateCallPatterns(converter, facts, patterns);
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    if (failed(applyFullConversion(module, target, std::move(patterns))))
      return signalPassFailure();
    for (auto func : module.getOps<LLVM::LLVMFuncOp>())
      if (!func.isExternal())
        limitLoops(func);
  }
};
} // namespace
