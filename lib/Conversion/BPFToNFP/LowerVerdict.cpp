//===- LowerVerdict.cpp - Leaving the program -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program leaves with a word that holds the firmware's code for its verdict.
// Where the verdict is known on an edge, the edge leads to an exit with that
// code. A block argument that is a constant on every edge and only returned is
// the code instead of the verdict; if an argument beside it is a small constant
// on every edge as well (the outcome that is counted), both are in one
// register.
//
//===----------------------------------------------------------------------===//

#include "FunctionLowering.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::convert;
using nfp::ShiftKind;

/// The code is in bits 23:16 of the word; beside an outcome, in the bits above
/// that.
constexpr unsigned CodeShift = 16;
constexpr unsigned OutcomeBits = 8;

Block *FunctionLowering::exitBlock(uint32_t code) {
  Block *&block = exitBlocks[code];
  if (!block) {
    OpBuilder::InsertionGuard guard(b);
    block = new Block;
    region->push_back(block);
    b.setInsertionPointToEnd(block);
    nfp::ExitOp::create(b, loc, gpr(Word::constant(code)));
  }
  return block;
}

/// The constants of an argument on all edges into its block.
static std::optional<SmallVector<APInt>> constantsOf(BlockArgument argument) {
  SmallVector<APInt> constants;
  Block *block = argument.getOwner();
  for (auto it = block->pred_begin(); it != block->pred_end(); ++it) {
    auto branch = dyn_cast<BranchOpInterface>((*it)->getTerminator());
    APInt constant;
    if (!branch ||
        !matchPattern(branch.getSuccessorOperands(
                          it.getSuccessorIndex())[argument.getArgNumber()],
                      m_ConstantInt(&constant)))
      return std::nullopt;
    constants.push_back(constant);
  }
  return constants;
}

static bool isOnlyReturned(Value value) {
  return !value.use_empty() &&
         llvm::all_of(value.getUsers(), [](Operation *user) {
           return isa<bpf::ReturnOp>(user) ||
                  (isa<arith::ExtUIOp>(user) &&
                   isOnlyReturned(user->getResult(0)));
         });
}

/// Its constants fit beside a code in a number of 16 bits, which one
/// instruction makes.
static bool isOutcome(BlockArgument argument) {
  auto type = dyn_cast<IntegerType>(argument.getType());
  if (!type || type.getWidth() < 8 || type.getWidth() > 32)
    return false;
  std::optional<SmallVector<APInt>> constants = constantsOf(argument);
  return constants && llvm::all_of(*constants, [](const APInt &constant) {
           return constant.getActiveBits() <= OutcomeBits;
         });
}

void FunctionLowering::findVerdicts() {
  if (!source.isEntry())
    return;
  for (Block &block : llvm::drop_begin(source.getBody()))
    for (BlockArgument verdict : block.getArguments()) {
      if (!isa<IntegerType>(verdict.getType()) || !isOnlyReturned(verdict) ||
          !constantsOf(verdict))
        continue;
      BlockArgument outcome;
      for (BlockArgument other : block.getArguments())
        if (!isOnlyReturned(other) && !outcomes.contains(other) &&
            isOutcome(other))
          outcome = other;
      verdicts[verdict] = outcome;
      if (outcome)
        outcomes[outcome] = verdict;
    }
}

void FunctionLowering::splitOutcomes(Block *block) {
  for (BlockArgument argument : block->getArguments())
    if (outcomes.contains(argument)) {
      Word both = word(argument);
      Word outcome =
          Word::of(nfp::LdFieldOp::create(b, loc, 1u, Value(), both.reg,
                                          ShiftKind::RotR, 0u)
                       .getDst());
      outcome.bits = OutcomeBits;
      set(argument, outcome);
    }
}

static uint32_t lowWord(const APInt &value) {
  return static_cast<uint32_t>(
      value.extractBitsAsZExtValue(std::min(32u, value.getBitWidth()), 0));
}

/// The low word of a constant.
static uint32_t constantWord(Value value) {
  APInt constant;
  (void)matchPattern(value, m_ConstantInt(&constant));
  return lowWord(constant);
}

/// What an edge hands over for an argument of its block.
Words FunctionLowering::handedOver(BlockArgument argument,
                                   ValueRange operands) {
  Value operand = operands[argument.getArgNumber()];
  if (auto it = outcomes.find(argument); it != outcomes.end()) {
    uint32_t code = exitCode(constantWord(operands[it->second.getArgNumber()]));
    return {Word::constant(constantWord(operand) |
                           code >> (CodeShift - OutcomeBits))};
  }
  if (auto it = verdicts.find(argument); it != verdicts.end())
    return it->second ? Words()
                      : Words{Word::constant(exitCode(constantWord(operand)))};
  return get(operand);
}

Block *FunctionLowering::edge(Block *dest, ValueRange operands, Words &args) {
  // A block that only leaves the program with a number known on this edge. The
  // verdict is the low word, whatever its type is extended to.
  auto ret = dyn_cast<bpf::ReturnOp>(dest->getTerminator());
  if (ret && source.isEntry())
    if (llvm::all_of(dest->without_terminator(),
                     llvm::IsaPred<arith::ExtUIOp>)) {
      Value verdict = ret.getValue();
      while (auto extension = verdict.getDefiningOp<arith::ExtUIOp>())
        verdict = extension.getIn();
      if (auto argument = dyn_cast<BlockArgument>(verdict);
          argument && argument.getOwner() == dest)
        verdict = operands[argument.getArgNumber()];
      if (auto it = values.find(verdict);
          it != values.end() && it->second[0].isConst())
        return exitBlock(exitCode(it->second[0].imm));
    }
  for (BlockArgument argument : dest->getArguments())
    llvm::append_range(args, handedOver(argument, operands));
  return blocks.lookup(dest);
}

// Exit word bytes of the verdicts, by NFP BPF offload ABI, sections "XDP
// epilogue" and "TC direct-action epilogue". Verdict n is byte n.
static constexpr uint32_t XdpCodes = 0x44112282;
static constexpr uint32_t XdpAbort = 0x82;
static constexpr uint64_t TcCodes = 0x4411020211221111ull;
static constexpr uint32_t TcOther = 0x11;

uint32_t FunctionLowering::exitCode(uint32_t verdict) {
  if (module.progType == bpf::ProgType::XDP)
    return (verdict > 3 ? XdpAbort : (XdpCodes >> (8 * verdict)) & 0xff) << 16;
  return (verdict > 7 ? TcOther : (TcCodes >> (8 * verdict)) & 0xff) << 16;
}

Word FunctionLowering::exitCode(const Word &verdict) {
  bool xdp = module.progType == bpf::ProgType::XDP;
  uint32_t last = xdp ? 3 : 7;
  if (verdict.bits > (xdp ? 2u : 3u)) {
    Block *inRange = newBlock();
    branch(compare(Pred::UGT, verdict, Word::constant(last)),
           exitBlock(exitCode(~0u)), inRange);
    b.setInsertionPointToEnd(inRange);
  }
  Word amount = shl(verdict, 3);
  amount.bits = 6;
  Word code;
  if (xdp) {
    code = shrVar(Word::constant(XdpCodes), amount);
  } else {
    // Two words of four verdicts each; bit 2 of the verdict chooses.
    Test high;
    high.kind = Test::Bit;
    high.src = verdict.reg;
    high.bit = 2;
    Word table = choose(high, Word::constant(TcCodes >> 32),
                        Word::constant(static_cast<uint32_t>(TcCodes)))[0];
    code = shrVar(table, amount);
  }
  return shl(bitAnd(code, Word::constant(0xff)), 16);
}

/// A verdict that is one of some constants, and what chooses it.
static Value stripExtensions(Value verdict) {
  while (auto extension = verdict.getDefiningOp<arith::ExtUIOp>())
    verdict = extension.getIn();
  return verdict;
}

static bool isChoiceOfConstants(Value verdict, unsigned depth = 0) {
  constexpr unsigned maxDepth = 4;
  verdict = stripExtensions(verdict);
  if (matchPattern(verdict, m_Constant()))
    return true;
  auto choice = verdict.getDefiningOp<arith::SelectOp>();
  return choice && depth < maxDepth &&
         isChoiceOfConstants(choice.getTrueValue(), depth + 1) &&
         isChoiceOfConstants(choice.getFalseValue(), depth + 1);
}

/// Branches to the exits of the constants instead of making the exit word of a
/// number. Returns where to go for a verdict.
Block *FunctionLowering::exitFor(Value verdict) {
  verdict = stripExtensions(verdict);
  APInt constant;
  if (matchPattern(verdict, m_ConstantInt(&constant)))
    return exitBlock(exitCode(lowWord(constant)));
  OpBuilder::InsertionGuard guard(b);
  Block *block = newBlock();
  b.setInsertionPointToEnd(block);
  branchToExits(verdict.getDefiningOp<arith::SelectOp>());
  return block;
}

void FunctionLowering::branchToExits(arith::SelectOp choice) {
  Test test = testOf(choice.getCondition());
  Block *yes = exitFor(choice.getTrueValue());
  Block *no = exitFor(choice.getFalseValue());
  branch(test, yes, no);
}

LogicalResult FunctionLowering::lowerReturn(bpf::ReturnOp op) {
  if (!source.isEntry()) {
    SmallVector<Value> results = registers(get(op.getValue()));
    nfp::ReturnOp::create(b, loc, results);
    return success();
  }
  if (!op.getValue().getType().isInteger(64))
    return refuse(op) << "the program returns a pointer; its result must be a "
                         "verdict number";
  if (auto choice =
          stripExtensions(op.getValue()).getDefiningOp<arith::SelectOp>();
      choice && isChoiceOfConstants(choice)) {
    branchToExits(choice);
    return success();
  }
  if (auto it = verdicts.find(stripExtensions(op.getValue()));
      it != verdicts.end()) {
    Word code = word(it->first);
    if (it->second)
      code = Word::of(nfp::LdFieldOp::create(b, loc, 1u << (CodeShift / 8),
                                             Value(), code.reg, ShiftKind::Shl,
                                             CodeShift - OutcomeBits)
                          .getDst());
    nfp::ExitOp::create(b, loc, gpr(code));
    return success();
  }
  Word verdict = word(op.getValue());
  Word code = verdict.isConst() ? Word::constant(exitCode(verdict.imm))
                                : exitCode(verdict);
  nfp::ExitOp::create(b, loc, gpr(code));
  return success();
}
