//===- Combine.cpp - nfp-combine ------------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EdgeWork.h"
#include "ExpandMacros.h"
#include "mlir/IR/Dominance.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/DepthFirstIterator.h"
#include "llvm/ADT/ScopedHashTable.h"
#include "llvm/Support/GenericDomTreeConstruction.h"

#define DEBUG_TYPE "nfp-combine"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_COMBINE
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

struct Combine : nfpbpf::nfp::impl::CombineBase<Combine> {
  using CombineBase::CombineBase;
  void runOnOperation() override;

private:
  void useImmediates(Operation *op);
  bool foldIdentity(AluOp op);
  bool makeRotation(AluOp op);
  bool addLowPart(AluOp op);
  bool fuseShift(AluOp op);
  void useShiftedImmediate(AluOp op);
  void shareValues(FuncOp function);
  void shareConstants(FuncOp function);

  /// Instructions that have become another.
  SmallVector<Operation *> replaced;
};

} // namespace

static bool isImm(Value value) { return isa<ImmType>(value.getType()); }

/// Small constants go into the instruction, which has room for one.
void Combine::useImmediates(Operation *op) {
  OpBuilder builder(op);
  auto replace = [&](OpOperand &operand, uint32_t value) {
    operand.set(ImmOp::create(builder, op->getLoc(), value));
    ++numImmediates;
  };
  auto alu = dyn_cast<AluOp>(op);
  auto shf = dyn_cast<ShfOp>(op);
  if (!alu && !shf)
    return;
  MutableOperandRange sources =
      alu ? alu.getSrcsMutable() : shf.getSrcsMutable();
  if (sources.size() != 2 || isImm(sources[0].get()) || isImm(sources[1].get()))
    return;
  for (OpOperand &source : sources)
    if (std::optional<uint32_t> value = constantOf(source.get());
        value && *value <= MaxImm) {
      replace(source, *value);
      return;
    }
  // The carry of a subtraction is not that of the addition.
  if (!alu || alu.getCcOut() || alu.getPrevOut())
    return;
  bool isSum = alu.getOpcode() == AluOpcode::Add;
  if (!isSum && alu.getOpcode() != AluOpcode::Sub)
    return;
  if (isSum && constantOf(alu.getSrcs()[0])) {
    Value left = alu.getSrcs()[0];
    alu.getSrcsMutable()[0].set(alu.getSrcs()[1]);
    alu.getSrcsMutable()[1].set(left);
  }
  std::optional<uint32_t> value = constantOf(alu.getSrcs()[1]);
  if (!value || -*value > MaxImm)
    return;
  alu.setOpcode(isSum ? AluOpcode::Sub : AluOpcode::Add);
  replace(alu.getSrcsMutable()[1], -*value);
}

/// An operation with zero that changes nothing.
bool Combine::foldIdentity(AluOp op) {
  if (op.getSrcs().size() != 2 || !op.getDst() || op.getDstLm() ||
      op.getCcOut() || op.getPrevOut() || op.getCcIn() ||
      !isa<GprType>(op.getDst().getType()))
    return false;
  bool isCommutative = llvm::is_contained(
      {AluOpcode::Or, AluOpcode::Xor, AluOpcode::Add}, op.getOpcode());
  Value same;
  if ((isCommutative || op.getOpcode() == AluOpcode::Sub) &&
      constantOf(op.getSrcs()[1]) == 0u)
    same = op.getSrcs()[0];
  else if (isCommutative && constantOf(op.getSrcs()[0]) == 0u)
    same = op.getSrcs()[1];
  if (!same || !isa<GprType>(same.getType()))
    return false;
  op.getDst().replaceAllUsesWith(same);
  ++numFolded;
  return true;
}

/// The instruction shifts one register and does nothing else.
static bool isPlainShift(ShfOp op, ShiftKind kind) {
  return op && op.getOpcode() == ShfOpcode::B && op.getShift() == kind &&
         !op.getIndirect() && !op.getCcOut() && !op.getPrevOut() &&
         !isa<LMType>(op.getSrcs()[0].getType());
}

/// The two parts of a number that was rotated, put together.
bool Combine::makeRotation(AluOp op) {
  constexpr uint32_t wordBits = 32;
  if (op.getOpcode() != AluOpcode::Or || op.getDstLm() || op.getPrevOut() ||
      !op.getDst())
    return false;
  for (unsigned n : {0u, 1u}) {
    auto up = op.getSrcs()[n].getDefiningOp<ShfOp>();
    auto down = op.getSrcs()[1 - n].getDefiningOp<ShfOp>();
    if (!isPlainShift(up, ShiftKind::Shl) ||
        !isPlainShift(down, ShiftKind::Shr) ||
        up.getSrcs()[0] != down.getSrcs()[0] ||
        up.getAmount() + down.getAmount() != wordBits)
      continue;
    OpBuilder builder(op);
    auto rotated = ShfOp::create(
        builder, op.getLoc(), op.getDst().getType(),
        op.getCcOut() ? op.getCcOut().getType() : Type(), Type(), ShfOpcode::B,
        ShiftKind::RotR, down.getAmount(), /*indirect=*/false,
        ValueRange{down.getSrcs()[0]}, Value(), Value());
    op->replaceAllUsesWith(rotated);
    replaced.push_back(op);
    replaced.push_back(up);
    replaced.push_back(down);
    remark::passed(op.getLoc(), remarkOf(op, DEBUG_TYPE, "Rotation"))
        << remark::add("two shifts and their sum are one rotation");
    ++numShifts;
    return true;
  }
  return false;
}

/// Additions take the low 8 or 16 bits of their right operand at no cost.
bool Combine::addLowPart(AluOp op) {
  constexpr unsigned lowByte = 0b0001, lowHalf = 0b0011; // masks of bytes
  if (op.getOpcode() != AluOpcode::Add || op.getPrevOut())
    return false;
  for (unsigned n : {1u, 0u}) {
    auto part = op.getSrcs()[n].getDefiningOp<LdFieldOp>();
    if (!part || part.getInto() || part.getDstLm() || part.getIndirect() ||
        part.getCcOut() || part.getPrevOut() || part.getAmount() != 0 ||
        !part.getDst().hasOneUse() || isa<LMType>(part.getSrc().getType()) ||
        (part.getMask() != lowByte && part.getMask() != lowHalf))
      continue;
    Value other = op.getSrcs()[1 - n];
    op.setOpcode(part.getMask() == lowByte ? AluOpcode::Add8
                                           : AluOpcode::Add16);
    op.getSrcsMutable()[0].set(other);
    op.getSrcsMutable()[1].set(part.getSrc());
    remark::passed(op.getLoc(), remarkOf(op, DEBUG_TYPE, "LowPart"))
        << remark::add("the addition takes the low part of the number itself");
    replaced.push_back(part);
    ++numFolded;
    return true;
  }
  return false;
}

/// `or` and `and` shift their right operand at no cost.
bool Combine::fuseShift(AluOp op) {
  ShfOpcode opcode;
  if (op.getOpcode() == AluOpcode::Or)
    opcode = ShfOpcode::Or;
  else if (op.getOpcode() == AluOpcode::And)
    opcode = ShfOpcode::And;
  else
    return false;
  // The previous result includes the left operand.
  if (op.getDstLm() || op.getPrevOut())
    return false;
  for (unsigned n : {0u, 1u}) {
    auto shift = op.getSrcs()[n].getDefiningOp<ShfOp>();
    Value other = op.getSrcs()[1 - n];
    // Words of local memory may have changed, and not all can be reached.
    if (!shift || shift.getOpcode() != ShfOpcode::B || shift.getIndirect() ||
        shift.getShift() == ShiftKind::Dbl || shift.getCcOut() ||
        shift.getPrevOut() || !shift.getDst().hasOneUse() ||
        isa<LMType>(shift.getSrcs()[0].getType()) ||
        isa<LMType>(other.getType()) ||
        (isImm(shift.getSrcs()[0]) && isImm(other)))
      continue;
    OpBuilder builder(op);
    auto fused = ShfOp::create(
        builder, op.getLoc(), op.getDst() ? op.getDst().getType() : Type(),
        op.getCcOut() ? op.getCcOut().getType() : Type(), Type(), opcode,
        shift.getShift(), shift.getAmount(), /*indirect=*/false,
        ValueRange{other, shift.getSrcs()[0]}, Value(), Value());
    op->replaceAllUsesWith(fused);
    replaced.push_back(op);
    replaced.push_back(shift);
    remark::passed(op.getLoc(), remarkOf(op, DEBUG_TYPE, "ShiftedOperand"))
        << remark::add(
               "the operand is shifted by the instruction that uses it");
    ++numShifts;
    return true;
  }
  return false;
}

/// `or` and `and` shift small constants into place, which then need no
/// register.
void Combine::useShiftedImmediate(AluOp op) {
  const bool isOr = op.getOpcode() == AluOpcode::Or;
  if ((!isOr && op.getOpcode() != AluOpcode::And) || op.getDstLm() ||
      op.getPrevOut())
    return;
  for (unsigned n : {0u, 1u}) {
    std::optional<uint32_t> value = constantOf(op.getSrcs()[n]);
    Value other = op.getSrcs()[1 - n];
    if (!value || *value <= MaxImm || isImm(other) ||
        isa<LMType>(other.getType()))
      continue;
    const auto amount = static_cast<unsigned>(llvm::countr_zero(*value));
    if (*value >> amount > MaxImm)
      continue;
    OpBuilder builder(op);
    auto imm = ImmOp::create(builder, op.getLoc(), *value >> amount);
    auto made = ShfOp::create(
        builder, op.getLoc(), op.getDst() ? op.getDst().getType() : Type(),
        op.getCcOut() ? op.getCcOut().getType() : Type(), Type(),
        isOr ? ShfOpcode::Or : ShfOpcode::And, ShiftKind::Shl, amount,
        /*indirect=*/false, ValueRange{other, imm}, Value(), Value());
    Operation *constant = op.getSrcs()[n].getDefiningOp();
    op->replaceAllUsesWith(made);
    replaced.push_back(op);
    replaced.push_back(constant);
    ++numImmediates;
    return;
  }
}

/// An instruction whose result depends on its operands alone.
static bool isPlain(Operation *op) {
  return isa<AluOp, ShfOp, LdFieldOp>(op) && isRemovable(op) &&
         op->getNumResults() == 1 && isa<GprType>(op->getResult(0).getType()) &&
         llvm::all_of(op->getOperandTypes(),
                      llvm::IsaPred<GprType, XferType, ImmType>);
}

static LogicalResult haveSameValue(Value left, Value right) {
  std::optional<uint32_t> constant = constantOf(left);
  return success(left == right || (constant && constant == constantOf(right)));
}

static uint64_t hashOf(Operation *op) {
  return OperationEquivalence::computeHash(
      op,
      [](Value operand) -> llvm::hash_code {
        if (std::optional<uint32_t> constant = constantOf(operand))
          return llvm::hash_value(*constant);
        return hash_value(operand);
      },
      OperationEquivalence::ignoreHashValue,
      OperationEquivalence::IgnoreLocations);
}

/// What has been computed is not computed again, as far as the registers that
/// keep it are not those that a call leaves alone: in the same block or those
/// that only it leads to, up to the next call.
void Combine::shareValues(FuncOp function) {
  struct Known {
    Operation *op = nullptr;
    unsigned calls = 0;
  };
  using Table = llvm::ScopedHashTable<uint64_t, Known>;
  Table known;
  struct Open {
    Block *block;
    unsigned calls, next = 0;
    std::unique_ptr<Table::ScopeTy> scope;
  };
  std::vector<Open> stack;
  // Every call has a number of its own.
  unsigned numCalls = 0;
  auto open = [&](Block *block, unsigned calls) {
    stack.push_back({block, calls, 0, std::make_unique<Table::ScopeTy>(known)});
    for (Operation &op : llvm::make_early_inc_range(*block)) {
      if (isa<CallOp, HelperOp>(op))
        stack.back().calls = ++numCalls;
      if (!isPlain(&op))
        continue;
      // Two values are the map's own.
      const uint64_t hash = hashOf(&op) >> 1;
      Known same = known.lookup(hash);
      if (same.op && same.calls == stack.back().calls &&
          OperationEquivalence::isEquivalentTo(
              same.op, &op, haveSameValue, nullptr,
              OperationEquivalence::IgnoreLocations)) {
        op.getResult(0).replaceAllUsesWith(same.op->getResult(0));
        op.erase();
        ++numShared;
      } else {
        known.insert(hash, {&op, stack.back().calls});
      }
    }
  };
  for (Block &block : function.getBody()) {
    if (block.getSinglePredecessor())
      continue;
    open(&block, ++numCalls);
    while (!stack.empty()) {
      Open &top = stack.back();
      if (top.next == top.block->getNumSuccessors()) {
        stack.pop_back();
        continue;
      }
      Block *next = top.block->getSuccessor(top.next++);
      if (next->getSinglePredecessor() == top.block)
        open(next, top.calls);
    }
  }
}

/// Nothing but calls and exits need the constant, in registers of theirs: to
/// copy it there takes as long as to make it.
static bool isMadeInPlace(ConstOp constant) {
  return numWords(constant) == 1 &&
         llvm::all_of(constant->getUsers(),
                      llvm::IsaPred<HelperOp, CallOp, ExitOp>);
}

/// One constant serves blocks near by that its own dominates. The allocator
/// makes it again where registers are short.
void Combine::shareConstants(FuncOp function) {
  struct Known {
    Value value;
    unsigned level = 0;
  };
  // Wider keys: the map keeps two of them for itself.
  using Table = llvm::ScopedHashTable<int64_t, Known>;
  Table known;
  llvm::DominatorTreeBase<Block, false> tree;
  tree.recalculate(function.getBody());
  struct Open {
    DominanceInfoNode *node;
    DominanceInfoNode::const_iterator next;
    std::unique_ptr<Table::ScopeTy> scope;
  };
  std::vector<Open> stack;
  auto open = [&](DominanceInfoNode *node) {
    stack.push_back(
        {node, node->begin(), std::make_unique<Table::ScopeTy>(known)});
    for (auto constant :
         llvm::make_early_inc_range(node->getBlock()->getOps<ConstOp>())) {
      if (isMadeInPlace(constant))
        continue;
      Known same = known.lookup(constant.getValue());
      if (same.value && node->getLevel() - same.level <= maxLevels) {
        constant.getDst().replaceAllUsesWith(same.value);
        constant.erase();
        ++numShared;
      } else {
        known.insert(constant.getValue(),
                     {constant.getDst(), node->getLevel()});
      }
    }
  };
  open(tree.getRootNode());
  while (!stack.empty()) {
    Open &top = stack.back();
    if (top.next == top.node->end())
      stack.pop_back();
    else
      open(*top.next++);
  }
}

void Combine::runOnOperation() {
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    numComputed += computeOnEdges(function);
    numStores += storeOnEdges(function);
    shareValues(function);
    replaced.clear();
    for (Block &block : function.getBody())
      for (Operation &op : block) {
        useImmediates(&op);
        if (auto alu = dyn_cast<AluOp>(op)) {
          if (foldIdentity(alu))
            replaced.push_back(alu);
          else if (!makeRotation(alu) && !addLowPart(alu) && !fuseShift(alu))
            useShiftedImmediate(alu);
        }
      }
    // Users come behind what they use.
    llvm::SmallPtrSet<Operation *, 16> erased;
    for (Operation *op : replaced)
      if (erased.insert(op).second && op->use_empty())
        op->erase();
    shareConstants(function);
    numSunk += sinkIntoWays(function);
  }
}
