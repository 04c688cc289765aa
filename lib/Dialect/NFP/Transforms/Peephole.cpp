//===- Peephole.cpp - nfp-peephole ----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"

using namespace mlir;
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
  auto producer = value.getDefiningOp<AluOp>();
  if (!producer || producer->getBlock() != test->getBlock() ||
      producer.getOpcode() == AluOpcode::Ffs)
    return;
  for (Operation *op = producer->getNextNode(); op != test;
       op = op->getNextNode())
    if (clobbersFlags(op) || llvm::any_of(op->getOperandTypes(), [](Type type) {
          return isa<CCType>(type);
        }))
      return;
  if (!producer.getCcOut()) {
    OpBuilder builder(producer);
    auto flagged = AluOp::create(
        builder, producer.getLoc(), producer.getOpcode(), producer.getSrcs(),
        producer.getCcIn(), Value(), value.getType(), /*setsCC=*/true,
        /*setsPrev=*/bool(producer.getPrevOut()));
    value.replaceAllUsesWith(flagged.getDst());
    if (producer.getPrevOut())
      producer.getPrevOut().replaceAllUsesWith(flagged.getPrevOut());
    producer.erase();
    producer = flagged;
  }
  branch.getCcMutable().set(producer.getCcOut());
  test.erase();
  ++numTests;
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
  // Other blocks read the register by its name.
  Type reg = address.getType();
  bool isReadElsewhere = function
                             .walk([&](LiveInOp in) {
                               return in.getType() == reg
                                          ? WalkResult::interrupt()
                                          : WalkResult::advance();
                             })
                             .wasInterrupted();
  if (address->use_empty() && !isReadElsewhere)
    address->erase();
  ++numPointers;
}

void Peephole::runOnOperation() {
  getOperation().walk([&](BrCCOp branch) { reuseFlags(branch); });
  getOperation().walk([&](HelperOp helper) { keepStackPointer(helper); });
}
