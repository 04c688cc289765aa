//===- InlineSubprograms.cpp - bpf-inline ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Callees first. Subprograms that are inlined into one function run one after
// the other, so their frames share the bytes behind the function's own. A call
// that comes with an inlined body stays a call: what it calls may be given the
// address of the frame around it.
//
//===----------------------------------------------------------------------===//

#include "Remarks.h"
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "nfpbpf/Dialect/BPF/IR/BPFInlining.h"

#include "mlir/Analysis/CallGraph.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Transforms/Inliner.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/ADT/STLExtras.h"

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_INLINESUBPROGRAMS
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

#define DEBUG_TYPE "bpf-inline"

using namespace mlir;
using namespace nfpbpf::bpf;

namespace {

/// Operations that a call is worth: the branches there and back, the return
/// address, arguments and result in their registers.
constexpr unsigned CallOps = 6;

/// Puts the frames of all inlined subprograms at one place.
struct SharedFrameInliner : public InlinerInterface {
  SharedFrameInliner(MLIRContext *context, int32_t ownBytes)
      : InlinerInterface(context), ownBytes(ownBytes) {}

  void processInlinedCallBlocks(
      Operation *call, iterator_range<Region::iterator> blocks) const override {
    for (Block &block : blocks)
      for (auto frame : llvm::make_early_inc_range(block.getOps<FrameOp>()))
        mergeFrame(frame, ownBytes);
  }

  int32_t ownBytes;
};

/// What is to know of a function that may be inlined.
struct Body {
  unsigned numOps = 0;   ///< that become instructions
  unsigned numCalls = 0; ///< of it, in the module
  FrameOp frame;
  SmallVector<CallOp> calls; ///< in it
  bool isExternal = false;
  bool isRecursive = false;
  bool countsLoops = false;

  /// Operations more than now, with the body in place of every call.
  unsigned growth() const {
    return numOps <= CallOps ? 0 : (numCalls - 1) * (numOps - CallOps);
  }
};

struct InlineSubprograms
    : nfpbpf::bpf::impl::InlineSubprogramsBase<InlineSubprograms> {
  using InlineSubprogramsBase::InlineSubprogramsBase;
  void runOnOperation() override;

private:
  void inlineInto(FuncOp caller);
  StringRef reasonAgainst(const Body &body) const;
  Body describe(FuncOp function) const;
  Body &bodyOf(CallOp call) {
    return bodies[symbols->lookup(call.getCallee())];
  }

  std::optional<SymbolTable> symbols;
  llvm::DenseMap<Operation *, Body> bodies;
};

} // namespace

Body InlineSubprograms::describe(FuncOp function) const {
  Body body;
  body.isExternal = function.isExternal();
  function.walk([&](Operation *op) {
    if (auto call = dyn_cast<CallOp>(op))
      body.calls.push_back(call);
    else if (auto frame = dyn_cast<FrameOp>(op))
      body.frame = frame;
    body.countsLoops |= isa<MayGotoOp>(op);
    body.numOps += !isa<arith::ConstantOp, FrameOp, ReturnOp, FuncOp>(op);
  });
  return body;
}

/// Why a call of the function stays, as far as the function says it; empty if
/// it can be inlined.
StringRef InlineSubprograms::reasonAgainst(const Body &body) const {
  if (body.isExternal)
    return "it has no body";
  if (body.isRecursive)
    return "it calls itself";
  if (body.countsLoops)
    return "it has a may_goto, whose counter starts anew with every call";
  if (body.growth() > maxGrowth)
    return "it is large and called at several places";
  return {};
}

void InlineSubprograms::inlineInto(FuncOp caller) {
  Body &into = bodies[caller];
  SmallVector<CallOp> wanted;
  bool keepsCalls = false;
  auto keep = [&](CallOp call, StringRef reason) {
    keepsCalls = true;
    ++numKept;
    remark::missed(call.getLoc(), remarkOf(call, DEBUG_TYPE, "NotInlined"))
        << remark::add("'{0}' stays a function", call.getCallee())
        << remark::reason("{0}", reason);
  };
  for (CallOp call : into.calls) {
    const Body &body = bodyOf(call);
    if (StringRef reason = reasonAgainst(body); !reason.empty()) {
      keep(call, reason);
    } else {
      wanted.push_back(call);
      keepsCalls |= !body.calls.empty();
    }
  }
  // The frames of functions that are called lie behind this one, whether they
  // are called where it is larger or not: the stack would become deeper.
  if (keepsCalls)
    llvm::erase_if(wanted, [&](CallOp call) {
      if (!bodyOf(call).frame)
        return false;
      keep(call, "it has a stack frame, and other calls stay");
      return true;
    });
  SharedFrameInliner inliner(
      &getContext(),
      into.frame ? static_cast<int32_t>(into.frame.getSize()) : 0);
  for (CallOp call : wanted) {
    auto callee = symbols->lookup<FuncOp>(call.getCallee());
    Body &body = bodies[callee];
    const bool isLast = body.numCalls == 1;
    if (failed(inlineCall(inliner, InlinerConfig().getCloneCallback(), call,
                          callee, &callee.getBody(),
                          /*shouldCloneInlinedRegion=*/!isLast))) {
      keep(call, "an operation of it cannot be inlined");
      continue;
    }
    remark::passed(call.getLoc(), remarkOf(call, DEBUG_TYPE, "Inlined"))
        << remark::add("'{0}' is inlined: {1}", call.getCallee(),
                       countOf(body.numOps, "operation"))
        << remark::metric("Operations", body.numOps);
    call.erase();
    ++numInlined;
    if (!isLast) {
      --body.numCalls;
      for (CallOp inner : body.calls)
        ++bodyOf(inner).numCalls;
      continue;
    }
    bodies.erase(callee);
    symbols->erase(callee);
    ++numErased;
  }
  const unsigned numCalls = into.numCalls;
  const bool isRecursive = into.isRecursive;
  into = describe(caller);
  into.numCalls = numCalls;
  into.isRecursive = isRecursive;
}

void InlineSubprograms::runOnOperation() {
  ModuleOp module = getOperation();
  symbols.emplace(module);
  bodies.clear();
  for (auto function : module.getOps<FuncOp>())
    bodies.try_emplace(function, describe(function));
  for (auto function : module.getOps<FuncOp>())
    for (CallOp call : bodies[function].calls)
      ++bodyOf(call).numCalls;

  // Its order is fixed before anything is changed.
  SmallVector<FuncOp> calleesFirst;
  const CallGraph graph(module);
  for (auto scc = llvm::scc_begin(&graph); !scc.isAtEnd(); ++scc)
    for (CallGraphNode *node : *scc) {
      if (node->isExternal())
        continue;
      auto function =
          dyn_cast<FuncOp>(node->getCallableRegion()->getParentOp());
      if (!function)
        continue;
      bodies[function].isRecursive = scc.hasCycle();
      calleesFirst.push_back(function);
    }
  for (FuncOp function : calleesFirst)
    inlineInto(function);
  symbols.reset();
  bodies.clear();
}
