//===- Peephole.cpp - nfp-peephole ----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Effects.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"

#define DEBUG_TYPE "nfp-peephole"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_PEEPHOLE
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

struct Peephole : nfpbpf::nfp::impl::PeepholeBase<Peephole> {
  void runOnOperation() override;

private:
  void reuseFlags(BrCCOp branch);
  void keepStackPointer(HelperOp helper);
  void leavePointers(FuncOp function);
};

} // namespace

/// The register that an instruction does nothing but test, or none.
static Value testedRegister(AluOp test) {
  if (test.getDst() || test.getDstLm() || test.getPrevOut() || test.getCcIn())
    return {};
  if (test.getOpcode() == AluOpcode::B)
    return test.getSrcs()[0];
  if (test.getOpcode() != AluOpcode::Sub && test.getOpcode() != AluOpcode::Or)
    return {};
  auto imm = test.getSrcs()[1].getDefiningOp<ImmOp>();
  return imm && imm.getValue() == 0 ? test.getSrcs()[0] : Value();
}

/// True if the flags of an instruction can be those of its result.
static bool canSetFlags(Operation *op) {
  if (auto alu = dyn_cast<AluOp>(op))
    return alu.getOpcode() != AluOpcode::Ffs;
  return isa<ShfOp, LdFieldOp>(op);
}

/// Flags of an instruction, which is replaced if it sets none yet.
static Value flagsOf(Operation *op) {
  for (Value result : op->getResults())
    if (isa<CCType>(result.getType()))
      return result;
  OpBuilder builder(op);
  Type dst = op->getResult(0).getType();
  Type cc = CCType::get(op->getContext());
  Type prev;
  if (op->getNumResults() > 1)
    prev = op->getResult(1).getType();
  Operation *flagged = nullptr;
  Value flags;
  if (auto alu = dyn_cast<AluOp>(op)) {
    auto made = AluOp::create(builder, op->getLoc(), alu.getOpcode(),
                              alu.getSrcs(), alu.getCcIn(), Value(), dst,
                              /*setsCC=*/true, /*setsPrev=*/bool(prev));
    flagged = made;
    flags = made.getCcOut();
  } else if (auto shf = dyn_cast<ShfOp>(op)) {
    auto made =
        ShfOp::create(builder, op->getLoc(), dst, cc, prev, shf.getOpcode(),
                      shf.getShift(), shf.getAmount(), shf.getIndirect(),
                      shf.getSrcs(), Value(), shf.getPrev());
    flagged = made;
    flags = made.getCcOut();
  } else {
    auto field = cast<LdFieldOp>(op);
    auto made = LdFieldOp::create(
        builder, op->getLoc(), dst, cc, prev, field.getMask(), field.getShift(),
        field.getAmount(), field.getIndirect(), field.getClear(),
        field.getSrc(), field.getInto(), Value(), field.getPrev());
    flagged = made;
    flags = made.getCcOut();
  }
  op->getResult(0).replaceAllUsesWith(flagged->getResult(0));
  if (prev)
    op->getResult(1).replaceAllUsesWith(flagged->getResults().back());
  op->erase();
  return flags;
}

/// The instruction that computes a tested register can set the flags itself.
void Peephole::reuseFlags(BrCCOp branch) {
  // Carry and overflow of the two instructions differ.
  if (!llvm::is_contained({Cond::EQ, Cond::NE, Cond::MI, Cond::PL},
                          branch.getCond()))
    return;
  auto test = branch.getCc().getDefiningOp<AluOp>();
  if (!test || !test.getCcOut().hasOneUse())
    return;
  Value value = testedRegister(test);
  if (!value || !isa<GprType>(value.getType()))
    return;
  Operation *producer = value.getDefiningOp();
  if (!producer || producer->getBlock() != test->getBlock() ||
      !canSetFlags(producer))
    return;
  for (Operation *op = producer->getNextNode(); op != test;
       op = op->getNextNode())
    if (clobbersFlags(op) || llvm::any_of(op->getOperandTypes(), [](Type type) {
          return isa<CCType>(type);
        }))
      return;
  remark::passed(branch.getLoc(), remarkOf(branch, DEBUG_TYPE, "FlagsReused"))
      << remark::add("no test: the instruction that computes the number sets "
                     "the flags");
  branch.getCcMutable().set(flagsOf(producer));
  test.erase();
  ++numTests;
}

/// True if a helper overwrites the register.
static bool isClobbered(GprType reg) {
  unsigned n = reg.getNumber();
  return n < 12 || n == 20 || n == 21 || n == 23;
}

static bool readsRegister(Type type, Type reg) {
  auto gpr = dyn_cast<GprType>(type);
  return gpr && (registerMask(gpr) & registerMask(cast<GprType>(reg)));
}

/// Pointer 0 is at the stack base already.
void Peephole::keepStackPointer(HelperOp helper) {
  if (!helper.getLm0())
    return;
  auto address = helper.getLm0().getDefiningOp<FrameAddrOp>();
  auto function = helper->getParentOfType<FuncOp>();
  if (!address || !function.getFrameOffset() ||
      *function.getFrameOffset() + address.getOffset() != 0)
    return;
  helper.getLm0Mutable().clear();
  // Other blocks and halves of pairs read the register by its name, unless the
  // helper destroys it.
  Type reg = address.getType();
  bool isReadElsewhere = !isClobbered(address.getType());
  if (address->getBlock() != helper->getBlock())
    isReadElsewhere = true;
  for (Operation *op = address; !isReadElsewhere && op != helper;
       op = op->getNextNode())
    isReadElsewhere =
        isa<LiveInOp>(op) && readsRegister(op->getResult(0).getType(), reg);
  if (address->use_empty() && !isReadElsewhere)
    address->erase();
  remark::passed(helper.getLoc(), remarkOf(helper, DEBUG_TYPE, "PointerThere"))
      << remark::add("pointer 0 is at the key already");
  ++numPointers;
}

/// Whether an operation needs pointer 0 at the stack base (true), gives it
/// another content (false), or neither.
static std::optional<bool> needsPointer0(Operation *op) {
  if (auto helper = dyn_cast<HelperOp>(op))
    return !helper.getLm0();
  if (isa<CallOp, RtnOp>(op))
    return true;
  for (Value operand : op->getOperands())
    if (auto lm = operand.getDefiningOp<LMOp>(); lm && lm.getPointer() == 0)
      return true;
  return std::nullopt;
}

/// Helpers that have moved pointer 0 set it back where it is used again.
void Peephole::leavePointers(FuncOp function) {
  // Blocks at whose start the pointer is needed, from the uses backwards.
  llvm::SmallPtrSet<Block *, 16> needed;
  SmallVector<Block *> worklist;
  llvm::DenseMap<Block *, bool> first;
  for (Block &block : function.getBody())
    for (Operation &op : block)
      if (std::optional<bool> need = needsPointer0(&op)) {
        first[&block] = *need;
        if (*need && needed.insert(&block).second)
          worklist.push_back(&block);
        break;
      }
  while (!worklist.empty())
    for (Block *predecessor : worklist.pop_back_val()->getPredecessors())
      if (!first.contains(predecessor) && needed.insert(predecessor).second)
        worklist.push_back(predecessor);
  for (Block &block : function.getBody()) {
    bool isNeeded = llvm::any_of(block.getSuccessors(), [&](Block *successor) {
      return needed.contains(successor);
    });
    for (Operation &op : llvm::reverse(block)) {
      auto helper = dyn_cast<HelperOp>(op);
      if (helper && helper.getLm0() && !isNeeded) {
        leavePointer0(helper);
        remark::passed(helper.getLoc(),
                       remarkOf(helper, DEBUG_TYPE, "PointerLeft"))
            << remark::add("pointer 0 is not set back behind the call: nothing "
                           "uses it");
        ++numLeft;
      }
      if (std::optional<bool> need = needsPointer0(&op))
        isNeeded = *need;
    }
  }
}

void Peephole::runOnOperation() {
  getOperation().walk([&](BrCCOp branch) { reuseFlags(branch); });
  getOperation().walk([&](HelperOp helper) { keepStackPointer(helper); });
  for (FuncOp function : getOperation().getOps<FuncOp>())
    leavePointers(function);
}
