//===- DeferSlots.cpp - Instructions behind a branch ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"

#include "mlir/IR/Builders.h"
#include <algorithm>

using namespace mlir;
using namespace nfpbpf::nfp;

static constexpr llvm::StringLiteral DeferAttr = "nfp.defer";

unsigned nfpbpf::nfp::maxDeferSlots(Operation *op) {
  if (isa<BrOp, ExitOp>(op))
    return 2;
  if (isa<CallOp, HelperOp>(op))
    return 1;
  if (isa<BrCCOp, BrBitOp, BrByteOp, RtnOp>(op))
    return 3;
  return 0;
}

unsigned nfpbpf::nfp::getDeferSlots(Operation *branch) {
  auto attribute = branch->getAttrOfType<IntegerAttr>(DeferAttr);
  if (!attribute)
    return 0;
  return static_cast<unsigned>(attribute.getValue().getLimitedValue(~0U));
}

void nfpbpf::nfp::setDeferSlots(Operation *branch, unsigned words) {
  if (words == 0)
    branch->removeAttr(DeferAttr);
  else
    branch->setAttr(DeferAttr,
                    Builder(branch->getContext())
                        .getI32IntegerAttr(static_cast<int32_t>(words)));
}

SmallVector<Operation *, 3> nfpbpf::nfp::getDeferredOps(Operation *branch) {
  SmallVector<Operation *, 3> ops;
  unsigned missing = getDeferSlots(branch);
  for (Operation *op = branch->getPrevNode(); op && missing;
       op = op->getPrevNode()) {
    if (isOperandOp(op))
      continue;
    unsigned words = numWords(op);
    if (words == 0 || words > missing)
      break;
    missing -= words;
    ops.push_back(op);
  }
  if (missing)
    return {};
  std::reverse(ops.begin(), ops.end());
  return ops;
}

/// The address of a frame byte takes one word up to this distance from the
/// stack base.
static bool isOneWord(FrameAddrOp op) {
  auto function = op->getParentOfType<FuncOp>();
  return function && function.getFrameOffset() &&
         *function.getFrameOffset() + op.getOffset() <= MaxImm;
}

/// The instruction in front of the operation.
static Operation *previousWord(Operation *op) {
  do
    op = op->getPrevNode();
  while (op && isOperandOp(op));
  return op;
}

Operation *nfpbpf::nfp::overrideOf(CmdOp command) {
  Value prev = command.getPosted() ? command.getPrev() : Value();
  Operation *made = prev ? prev.getDefiningOp() : nullptr;
  return made && made == previousWord(command) ? made : nullptr;
}

/// The previous result that the instruction makes is for a posted command right
/// behind it alone.
static bool isOverride(Operation *op, Value prev) {
  if (!prev.hasOneUse())
    return false;
  auto command = dyn_cast<CmdOp>(*prev.getUsers().begin());
  return command && overrideOf(command) == op;
}

bool nfpbpf::nfp::canBeDeferred(Operation *op) {
  if (auto frame = dyn_cast<FrameAddrOp>(op))
    return isOneWord(frame);
  if (auto command = dyn_cast<CmdOp>(op))
    return overrideOf(command) != nullptr;
  if (!isa<AluOp, ShfOp, LdFieldOp, ImmedOp, ImmedWOp, ConstOp, MapAddressOp>(
          op))
    return false;
  return llvm::none_of(op->getOperandTypes(),
                       [](Type type) { return isa<CCType, PrevType>(type); }) &&
         llvm::all_of(op->getResults(), [op](Value result) {
           return !isa<CCType>(result.getType()) &&
                  (!isa<PrevType>(result.getType()) || isOverride(op, result));
         });
}

bool nfpbpf::nfp::onlyExits(Block *block) {
  auto exit = dyn_cast<ExitOp>(block->getTerminator());
  auto type = exit ? dyn_cast<GprType>(exit.getCode().getType()) : GprType();
  return type && type.isAllocated() && type.getNumber() == 0 &&
         type.getBank() != Bank::B && !block->isEntryBlock() &&
         llvm::all_of(block->without_terminator(),
                      [](Operation &op) { return isOperandOp(&op); });
}

Operation *nfpbpf::nfp::callReturningTo(BrOp branch) {
  Operation *call = previousWord(branch);
  // Behind the return some helpers set pointer 0.
  auto helper = dyn_cast_if_present<HelperOp>(call);
  if (!isa_and_present<CallOp, HelperOp>(call) ||
      (helper && restoresPointer0(helper)))
    return nullptr;
  return onlyExits(branch.getDest()) ? nullptr : call;
}

bool nfpbpf::nfp::isEmitted(Operation *branch) {
  auto br = dyn_cast<BrOp>(branch);
  if (!br)
    return true;
  if (br.getDest() == br->getBlock()->getNextNode())
    return onlyExits(br.getDest());
  return !callReturningTo(br);
}
