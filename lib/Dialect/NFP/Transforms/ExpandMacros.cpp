//===- ExpandMacros.cpp - nfp-expand-macros -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExpandMacros.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/STLExtras.h"

#define DEBUG_TYPE "nfp-expand-macros"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_EXPANDMACROS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

Operation *nfpbpf::nfp::getBundleStart(Operation *op) {
  for (;;) {
    Operation *producer = nullptr;
    for (Value operand : op->getOperands())
      if (isa<PrevType>(operand.getType()))
        producer = operand.getDefiningOp();
    if (!producer)
      return op;
    op = producer;
  }
}

Value nfpbpf::nfp::createMove(OpBuilder &builder, Location loc, Value value) {
  // A constant needs no register to come from.
  if (auto imm = value.getDefiningOp<ImmOp>())
    return ConstOp::create(builder, loc, imm.getValue());
  return AluOp::create(builder, loc, AluOpcode::B, ValueRange{value}).getDst();
}

namespace {

/// Local-memory offset and constant limits of restricted operands (NFP
/// instruction set, section "Operand encodings").
constexpr unsigned MaxRestrictedOffset = 7;
constexpr unsigned MaxCommandImm = 127;

struct ExpandMacros : nfpbpf::nfp::impl::ExpandMacrosBase<ExpandMacros> {
  void runOnOperation() override;

private:
  void removeDead(FuncOp function);
  void legalize(Operation *op);
  void moveOperand(OpOperand &operand);
  void moveTransfer(OpOperand &left, OpOperand &right);

  /// Transfer registers that the current block has moved already.
  llvm::DenseMap<Value, Value> moved;
};

} // namespace

unsigned nfpbpf::nfp::freeCycles(CmdOp cmd) {
  constexpr unsigned freePacket = 13, freeMap = 22;
  return cmd.getMode() == AddressMode::Pair40 ? freeMap : freePacket;
}

bool nfpbpf::nfp::isRemovable(Operation *op) {
  if (auto alu = dyn_cast<AluOp>(op))
    return !alu.getDstLm() &&
           !(alu.getDst() && isa<XferOutType>(alu.getDst().getType()));
  if (auto shf = dyn_cast<ShfOp>(op))
    return !shf.getDstLm() &&
           !(shf.getDst() && isa<XferOutType>(shf.getDst().getType()));
  if (auto field = dyn_cast<LdFieldOp>(op))
    return !field.getDstLm();
  if (auto immed = dyn_cast<ImmedOp>(op))
    return !immed.getDstLm() &&
           !(immed.getDst() && isa<XferOutType>(immed.getDst().getType()));
  return isa<ImmOp, LMOp, ConstOp, ImmedWOp, MapAddressOp, MulOp, FrameAddrOp,
             LmLoadOp>(op);
}

/// True if nothing depends on the operation.
static bool isDead(Operation *op) { return op->use_empty() && isRemovable(op); }

void ExpandMacros::removeDead(FuncOp function) {
  SmallVector<Operation *> worklist;
  function.walk([&](Operation *op) {
    if (isDead(op))
      worklist.push_back(op);
  });
  llvm::SmallPtrSet<Operation *, 16> queued(worklist.begin(), worklist.end());
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    SmallVector<Operation *> producers;
    for (Value operand : op->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        producers.push_back(producer);
    op->erase();
    ++numDead;
    for (Operation *producer : producers)
      if (isDead(producer) && queued.insert(producer).second)
        worklist.push_back(producer);
  }
}

/// Replaces an operand by a general register.
void ExpandMacros::moveOperand(OpOperand &operand) {
  Operation *op = operand.getOwner();
  OpBuilder builder(getBundleStart(op));
  operand.set(createMove(builder, op->getLoc(), operand.get()));
  ++numMoves;
}

/// Sources of an instruction that are read through its two ports.
static SmallVector<OpOperand *, 2> getSources(Operation *op) {
  SmallVector<OpOperand *, 2> sources;
  auto add = [&](MutableOperandRange range) {
    for (OpOperand &operand : range)
      sources.push_back(&operand);
  };
  if (auto alu = dyn_cast<AluOp>(op))
    add(alu.getSrcsMutable());
  else if (auto shf = dyn_cast<ShfOp>(op))
    add(shf.getSrcsMutable());
  else if (auto field = dyn_cast<LdFieldOp>(op))
    sources.push_back(&field.getSrcMutable());
  else if (auto mul = dyn_cast<MulOp>(op))
    sources = {&mul.getLhsMutable(), &mul.getRhsMutable()};
  else if (auto cmd = dyn_cast<CmdOp>(op))
    sources = {&cmd.getAddr0Mutable(), &cmd.getAddr1Mutable()};
  else if (auto branch = dyn_cast<BrBitOp>(op))
    sources.push_back(&branch.getSrcMutable());
  else if (auto branch = dyn_cast<BrByteOp>(op))
    sources.push_back(&branch.getSrcMutable());
  else if (auto csr = dyn_cast<CsrWrOp>(op))
    sources.push_back(&csr.getSrcMutable());
  return sources;
}

/// Replaces one of two transfer registers by a general register, the one that
/// is in one already if there is one.
void ExpandMacros::moveTransfer(OpOperand &left, OpOperand &right) {
  OpOperand &operand =
      !moved.contains(left.get()) && moved.contains(right.get()) ? right : left;
  Value original = operand.get();
  if (Value copy = moved.lookup(original)) {
    operand.set(copy);
    return;
  }
  moveOperand(operand);
  moved[original] = operand.get();
}

void ExpandMacros::legalize(Operation *op) {
  SmallVector<OpOperand *, 2> sources = getSources(op);
  bool restricted = hasRestrictedOperands(op);
  for (OpOperand *source : sources) {
    Operation *producer = source->get().getDefiningOp();
    bool reaches = true;
    if (auto lm = dyn_cast_if_present<LMOp>(producer))
      reaches = !restricted || (lm.getOffset() <= MaxRestrictedOffset &&
                                (lm.getPointer() < 2 || !isa<CmdOp>(op)));
    else if (auto imm = dyn_cast_if_present<ImmOp>(producer))
      reaches = !isa<BrBitOp, BrByteOp>(op) &&
                (!isa<CmdOp>(op) || imm.getValue() <= MaxCommandImm);
    if (!reaches)
      moveOperand(*source);
  }
  // Transfer registers, local memory and constants have one port each.
  if (sources.size() == 2) {
    Type left = sources[0]->get().getType();
    Type right = sources[1]->get().getType();
    bool same = (isa<XferType>(left) && isa<XferType>(right)) ||
                (isa<LMType>(left) && isa<LMType>(right)) ||
                (isa<ImmType>(left) && isa<ImmType>(right));
    if (same && isa<XferType>(left))
      moveTransfer(*sources[0], *sources[1]);
    else if (same)
      moveOperand(*sources[0]);
  }
  // The destination of ld_field is an operand too.
  if (auto field = dyn_cast<LdFieldOp>(op))
    if (field.getDstLm() && isa<LMType>(field.getSrc().getType()))
      moveOperand(field.getSrcMutable());
}

void ExpandMacros::runOnOperation() {
  IRRewriter rewriter(&getContext());
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    removeDead(function);
    expandStackAccesses(function);
    (void)eraseUnreachableBlocks(rewriter, function->getRegions());
    numMoves += assignTransferRegisters(function);
    for (Block &block : function.getBody()) {
      moved.clear();
      for (Operation &op : block)
        legalize(&op);
    }
    removeDead(function);
  }
}
