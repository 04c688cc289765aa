//===- FunctionLowering.cpp - Values and control flow ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionLowering.h"

#include "nfpbpf/Dialect/BPF/IR/BPFLocation.h"
#include "nfpbpf/ISA/BPF/Instruction.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::convert;
using llvm::ArrayRef;
using nfp::AluOpcode;

InFlightDiagnostic convert::emitInsnError(Operation *op) {
  InFlightDiagnostic diagnostic = emitError(op->getLoc());
  if (auto index = bpf::getInsnIndex(op->getLoc()))
    diagnostic << "instruction " << *index << ": ";
  return diagnostic;
}

FunctionLowering::FunctionLowering(bpf::FuncOp source,
                                   const ModuleContext &module)
    : MachineBuilder(source.getContext()), source(source), module(module) {}

InFlightDiagnostic FunctionLowering::refuse(Operation *op) {
  return emitInsnError(op);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

std::optional<unsigned> FunctionLowering::wordsOf(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type)) {
    switch (integer.getWidth()) {
    case 1:
    case 8:
    case 16:
    case 32:
      return 1;
    case 64:
      return 2;
    default:
      return std::nullopt;
    }
  }
  if (auto pointer = dyn_cast<bpf::PtrType>(type)) {
    switch (pointer.getSpace()) {
    case bpf::Space::Ctx:
      return 0;
    case bpf::Space::MapValue:
      return 2;
    case bpf::Space::Opaque:
      return std::nullopt;
    default:
      return 1;
    }
  }
  return std::nullopt;
}

Word FunctionLowering::nullWord(Type type) {
  // A map's table id may be 0.
  bool isMap = cast<bpf::PtrType>(type).getSpace() == bpf::Space::Map;
  return Word::constant(isMap ? ~0u : 0);
}

const Words &FunctionLowering::get(Value value) {
  auto it = values.find(value);
  assert(it != values.end() && "use before definition");
  return it->second;
}

Pair FunctionLowering::pair(Value value) {
  const Words &words = get(value);
  return {words[0], words.size() > 1 ? words[1] : Word::constant(0)};
}

static unsigned widthOf(Value value) {
  auto type = dyn_cast<IntegerType>(value.getType());
  return type ? type.getWidth() : 32;
}

Word FunctionLowering::zeroExtended(Value value) {
  return zext(word(value), std::min(widthOf(value), 32u));
}

Word FunctionLowering::signExtended(Value value) {
  return sext(word(value), std::min(widthOf(value), 32u));
}

Pair FunctionLowering::zeroExtendedPair(Value value) {
  if (get(value).size() == 2)
    return pair(value);
  return {zeroExtended(value), Word::constant(0)};
}

void FunctionLowering::setInteger(Value value, const Pair &pair) {
  if (wordsOf(value.getType()) == 2u)
    set(value, pair);
  else
    set(value, pair.lo);
}

SmallVector<Value> FunctionLowering::registers(ArrayRef<Word> words) {
  SmallVector<Value> result;
  for (const Word &w : words)
    result.push_back(gpr(w));
  return result;
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

Block *FunctionLowering::newBlock(unsigned arguments) {
  auto *block = new Block;
  // Behind the current one, so that the text reads in order.
  region->getBlocks().insertAfter(b.getInsertionBlock()->getIterator(), block);
  for (unsigned i = 0; i < arguments; ++i)
    block->addArgument(gprType(), loc);
  return block;
}

void FunctionLowering::branch(Block *dest, ArrayRef<Word> args) {
  SmallVector<Value> operands = registers(args);
  nfp::BrOp::create(b, loc, dest, operands);
}

void FunctionLowering::branch(const Test &test, Block *yes, Block *no,
                              DenseI32ArrayAttr weights) {
  switch (test.kind) {
  case Test::Known:
    nfp::BrOp::create(b, loc, test.value ? yes : no, ValueRange{});
    return;
  case Test::Flags:
    nfp::BrCCOp::create(b, loc, test.cond, test.cc, yes, ValueRange{}, no,
                        ValueRange{})
        .setBranchWeightsAttr(weights);
    return;
  case Test::Bit:
    nfp::BrBitOp::create(
        b, loc, test.value ? nfp::BitTest::Set : nfp::BitTest::Clr, test.bit,
        test.src, yes, ValueRange{}, no, ValueRange{})
        .setBranchWeightsAttr(weights);
    return;
  }
}

Words FunctionLowering::argumentsOf(Block *block) {
  Words words;
  for (BlockArgument argument : block->getArguments())
    words.push_back(Word::of(argument));
  return words;
}

Words FunctionLowering::choose(const Test &test, ArrayRef<Word> yes,
                               ArrayRef<Word> no) {
  if (test.kind == Test::Known)
    return Words(test.value ? yes : no);
  Block *join = newBlock(yes.size());
  Block *noBlock = newBlock();
  Block *yesBlock = newBlock();
  branch(test, yesBlock, noBlock);
  b.setInsertionPointToEnd(yesBlock);
  branch(join, yes);
  b.setInsertionPointToEnd(noBlock);
  branch(join, no);
  b.setInsertionPointToEnd(join);
  Words words = argumentsOf(join);
  for (auto [w, x, y] : llvm::zip(words, yes, no))
    w.bits = std::max(x.bits, y.bits);
  return words;
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

LogicalResult FunctionLowering::lowerBranch(cf::BranchOp op) {
  Words args;
  Block *dest = edge(op.getDest(), op.getDestOperands(), args);
  branch(dest, args);
  return success();
}

LogicalResult FunctionLowering::lowerCondBranch(cf::CondBranchOp op) {
  Words yesArgs, noArgs;
  Block *yes = edge(op.getTrueDest(), op.getTrueDestOperands(), yesArgs);
  Block *no = edge(op.getFalseDest(), op.getFalseDestOperands(), noArgs);
  if (yes == no && yesArgs == noArgs) {
    branch(yes, yesArgs);
    return success();
  }
  Test test = testOf(op.getCondition());
  if (test.kind == Test::Known) {
    branch(test.value ? yes : no, test.value ? yesArgs : noArgs);
    return success();
  }
  // Blocks of their own for edges that hand something over: the moves belong
  // to that edge alone.
  auto edgeBlock = [&](Block *dest, ArrayRef<Word> args) {
    if (args.empty())
      return dest;
    OpBuilder::InsertionGuard guard(b);
    Block *block = newBlock();
    b.setInsertionPointToEnd(block);
    branch(dest, args);
    return block;
  };
  Block *noEdge = edgeBlock(no, noArgs);
  Block *yesEdge = edgeBlock(yes, yesArgs);
  branch(test, yesEdge, noEdge, op.getBranchWeightsAttr());
  return success();
}

LogicalResult FunctionLowering::lowerSwitch(cf::SwitchOp op) {
  Pair flag = zeroExtendedPair(op.getFlag());
  if (op.getCaseValues())
    for (auto [index, value] : llvm::enumerate(*op.getCaseValues())) {
      Words args;
      Block *dest = edge(op.getCaseDestinations()[index],
                         op.getCaseOperands(index), args);
      Block *next = newBlock();
      Block *taken = newBlock();
      branch(compare(Pred::EQ, flag, Pair::constant(value.getZExtValue())),
             taken, next);
      b.setInsertionPointToEnd(taken);
      branch(dest, args);
      b.setInsertionPointToEnd(next);
    }
  Words args;
  Block *dest = edge(op.getDefaultDestination(), op.getDefaultOperands(), args);
  branch(dest, args);
  return success();
}

static Pred predOf(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return Pred::EQ;
  case arith::CmpIPredicate::ne:
    return Pred::NE;
  case arith::CmpIPredicate::slt:
    return Pred::SLT;
  case arith::CmpIPredicate::sle:
    return Pred::SLE;
  case arith::CmpIPredicate::sgt:
    return Pred::SGT;
  case arith::CmpIPredicate::sge:
    return Pred::SGE;
  case arith::CmpIPredicate::ult:
    return Pred::ULT;
  case arith::CmpIPredicate::ule:
    return Pred::ULE;
  case arith::CmpIPredicate::ugt:
    return Pred::UGT;
  case arith::CmpIPredicate::uge:
    return Pred::UGE;
  }
  llvm_unreachable("unknown predicate");
}

static Pred predOf(bpf::PtrPred predicate) {
  switch (predicate) {
  case bpf::PtrPred::Eq:
    return Pred::EQ;
  case bpf::PtrPred::Ne:
    return Pred::NE;
  case bpf::PtrPred::Ult:
    return Pred::ULT;
  case bpf::PtrPred::Ule:
    return Pred::ULE;
  case bpf::PtrPred::Ugt:
    return Pred::UGT;
  case bpf::PtrPred::Uge:
    return Pred::UGE;
  }
  llvm_unreachable("unknown predicate");
}

Test FunctionLowering::testOf(Value condition) {
  Operation *op = condition.getDefiningOp();
  if (auto compareOp = dyn_cast_or_null<arith::CmpIOp>(op)) {
    Pred pred = predOf(compareOp.getPredicate());
    Value lhs = compareOp.getLhs(), rhs = compareOp.getRhs();
    bool equality = pred == Pred::EQ || pred == Pred::NE;
    if (auto both = lhs.getDefiningOp<arith::AndIOp>();
        both && equality && matchPattern(rhs, m_Zero())) {
      // A bit test, or the flags of the AND itself.
      Pair x = pair(both.getLhs()), mask = pair(both.getRhs());
      if (x.isConst())
        std::swap(x, mask);
      unsigned width = widthOf(lhs);
      if (mask.isConst() && !x.isConst()) {
        uint64_t bits = mask.imm() & llvm::maskTrailingOnes<uint64_t>(width);
        for (unsigned half = 0; half < 2; ++half) {
          const Word &source = half ? x.hi : x.lo;
          uint32_t other = static_cast<uint32_t>(half ? bits : bits >> 32);
          uint32_t mine = static_cast<uint32_t>(half ? bits >> 32 : bits);
          if (other != 0 || mine == 0 || source.isConst())
            continue;
          Test test;
          if (llvm::isPowerOf2_32(mine)) {
            test.kind = Test::Bit;
            test.src = source.reg;
            test.bit = llvm::Log2_32(mine);
            test.value = pred == Pred::NE;
            return test;
          }
          test.kind = Test::Flags;
          test.cond = pred == Pred::EQ ? nfp::Cond::EQ : nfp::Cond::NE;
          test.cc =
              flags(AluOpcode::And, source.reg, src(Word::constant(mine)));
          return test;
        }
      }
    }
    if (get(lhs).size() == 2)
      return compare(pred, pair(lhs), pair(rhs));
    if (isSigned(pred))
      return compare(pred, signExtended(lhs), signExtended(rhs));
    return compare(pred, zeroExtended(lhs), zeroExtended(rhs));
  }
  if (auto compareOp = dyn_cast_or_null<bpf::PtrCmpOp>(op);
      compareOp && !get(compareOp.getLhs()).empty() &&
      !get(compareOp.getRhs()).empty())
    return compare(predOf(compareOp.getPredicate()), pair(compareOp.getLhs()),
                   pair(compareOp.getRhs()));
  if (auto isNull = dyn_cast_or_null<bpf::IsNullOp>(op);
      isNull && !get(isNull.getPtr()).empty())
    return compare(Pred::EQ, get(isNull.getPtr()).back(),
                   nullWord(isNull.getPtr().getType()));
  if (auto exclusive = dyn_cast_or_null<arith::XOrIOp>(op);
      exclusive && matchPattern(exclusive.getRhs(), m_One()))
    return testOf(exclusive.getLhs()).inverted();
  // A number that is 0 or 1.
  return compare(Pred::NE, word(condition), Word::constant(0));
}

//===----------------------------------------------------------------------===//
// Leaving and calling
//===----------------------------------------------------------------------===//

LogicalResult FunctionLowering::lowerCall(bpf::CallOp op) {
  SmallVector<Value> operands;
  for (Value argument : op.getArgs())
    llvm::append_range(operands, registers(get(argument)));
  std::optional<unsigned> count = wordsOf(op.getResult().getType());
  if (!count)
    return refuse(op) << "subprogram @" << op.getCallee()
                      << " returns a value of type " << op.getResult().getType()
                      << ", which has no representation on the card";
  SmallVector<Type> types(*count, gprType());
  auto call = nfp::CallOp::create(b, loc, types, op.getCalleeAttr(), operands);
  Words words;
  for (Value result : call.getResults())
    words.push_back(Word::of(result));
  set(op.getResult(), std::move(words));
  return success();
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

LogicalResult FunctionLowering::lowerMayGoto(bpf::MayGotoOp op) {
  Word left = lmLoad(Value(), *mayGotoCounter, 4);
  Word leave = compareValue(Pred::EQ, left, Word::constant(0));
  lmStore(add(sub(left, Word::constant(1)), leave), Value(), *mayGotoCounter,
          4);
  set(op.getResult(), leave);
  return success();
}

LogicalResult FunctionLowering::lower(Operation *op) {
  loc = op->getLoc();
  for (Value result : op->getResults())
    if (!wordsOf(result.getType()))
      if (!isa<bpf::CallHelperOp, bpf::CallOp>(op))
        return refuse(op) << "value of type " << result.getType()
                          << " has no representation on the card; "
                             "only packet, stack, map and context pointers and "
                             "8, 16, 32 and 64-bit integers have one";
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case<cf::BranchOp>([&](auto o) { return lowerBranch(o); })
      .Case<cf::CondBranchOp>([&](auto o) { return lowerCondBranch(o); })
      .Case<cf::SwitchOp>([&](auto o) { return lowerSwitch(o); })
      .Case<bpf::ReturnOp>([&](auto o) { return lowerReturn(o); })
      .Case<bpf::CallOp>([&](auto o) { return lowerCall(o); })
      .Case<arith::ConstantOp>([&](auto o) { return lowerConstant(o); })
      .Case<bpf::BswapOp>([&](auto o) { return lowerBswap(o); })
      .Case<arith::ShLIOp, arith::ShRUIOp, arith::ShRSIOp>(
          [&](auto o) { return lowerShift(o); })
      .Case<bpf::UDivOp, bpf::UModOp, bpf::SDivOp, bpf::SModOp, arith::DivUIOp,
            arith::RemUIOp, arith::DivSIOp, arith::RemSIOp>(
          [&](auto o) { return lowerDivision(o); })
      .Case<bpf::FrameOp, bpf::NullOp, bpf::IsNullOp, bpf::PtrAddOp,
            bpf::PtrDiffOp, bpf::PtrCmpOp, bpf::PtrToIntOp, bpf::IntToPtrOp,
            bpf::MapRefOp>([&](auto o) { return lowerPointer(o); })
      .Case<bpf::LoadOp>([&](auto o) { return lowerLoad(o); })
      .Case<bpf::LoadWordsOp>([&](auto o) { return lowerLoadWords(o); })
      .Case<bpf::StoreWordsOp>([&](auto o) { return lowerStoreWords(o); })
      .Case<bpf::StoreOp>([&](auto o) { return lowerStore(o); })
      .Case<bpf::AtomicRMWOp>([&](auto o) { return lowerAtomic(o); })
      .Case<bpf::AtomicFetchRMWOp>([&](auto o) { return lowerAtomicFetch(o); })
      .Case<bpf::AtomicCmpXchgOp>([&](auto o) { return lowerCmpXchg(o); })
      .Case<bpf::PacketDataOp, bpf::PacketEndOp, bpf::PacketMetaOp,
            bpf::PacketLenOp, bpf::CtxLoadOp, bpf::CtxStoreOp, bpf::LdPacketOp,
            bpf::AdjustHeadOp, bpf::AdjustTailOp>(
          [&](auto o) { return lowerContext(o); })
      .Case<bpf::MapLookupOp, bpf::MapUpdateOp, bpf::MapDeleteOp,
            bpf::MapValueRefOp, bpf::ArrayElementOp, bpf::PerfEventOutputOp,
            bpf::GetPrandomU32Op, bpf::CallHelperOp>(
          [&](auto o) { return lowerHelper(o); })
      .Default([&](Operation *o) -> LogicalResult {
        if (isa_and_present<arith::ArithDialect>(o->getDialect()))
          return lowerArith(o);
        if (auto mayGoto = dyn_cast<bpf::MayGotoOp>(o))
          return lowerMayGoto(mayGoto);
        // Commands are waited for, but for additions, which are too where a
        // program has fences.
        if (isa<bpf::FenceOp>(o))
          return success();
        return refuse(o) << "operation '" << o->getName()
                         << "' cannot be translated to machine code";
      });
}

FailureOr<nfp::FuncOp> FunctionLowering::run() {
  loc = source.getLoc();
  if (module.progType == bpf::ProgType::Other)
    return emitError(loc)
           << "program '" << source.getSymName()
           << "' is neither XDP nor TC; the card runs only these";

  // The signature, word by word.
  SmallVector<Type> inputs, outputs;
  for (Type type : source.getArgumentTypes()) {
    std::optional<unsigned> count = wordsOf(type);
    if (!count)
      return emitError(loc) << "function '" << source.getSymName()
                            << "' takes a value of type " << type
                            << ", which has no representation on the card";
    inputs.append(*count, gprType());
  }
  if (!source.isEntry())
    for (Type type : source.getResultTypes()) {
      std::optional<unsigned> count = wordsOf(type);
      if (!count)
        return emitError(loc) << "function '" << source.getSymName()
                              << "' returns a value of type " << type
                              << ", which has no representation on the card";
      outputs.append(*count, gprType());
    }

  b.setInsertionPointAfter(source);
  target = nfp::FuncOp::create(
      b, loc, source.getSymName(), b.getFunctionType(inputs, outputs),
      source.isEntry() ? nfp::FuncKind::Entry : nfp::FuncKind::Subprogram);
  if (auto section = source.getSectionAttr())
    target.setSectionAttr(section);
  if (source.isEntry())
    target.setProgType(bpf::stringifyProgType(module.progType));
  region = &target.getBody();

  source.walk([&](bpf::FrameOp frame) {
    ownFrameSize = frame.getSize();
    frameSize = (ownFrameSize + 3) & ~3;
  });

  // Rounds that are left to may_goto.
  source.walk([&](bpf::MayGotoOp) {
    mayGotoCounter = frameSize;
    frameSize += 4;
    return WalkResult::interrupt();
  });

  findVerdicts();

  // Blocks with their arguments, in the order of the source.
  llvm::ReversePostOrderTraversal<Block *> order(&source.getBody().front());
  SetVector<Block *> reachable(order.begin(), order.end());
  for (Block &block : source.getBody()) {
    if (!reachable.contains(&block))
      continue;
    auto *made = new Block;
    region->push_back(made);
    blocks[&block] = made;
    for (BlockArgument argument : block.getArguments()) {
      std::optional<unsigned> count = wordsOf(argument.getType());
      if (!count) {
        // What makes such a value is refused for a reason of its own.
        bpf::CallHelperOp origin;
        source.walk([&](bpf::CallHelperOp call) {
          if (wordsOf(call.getResult().getType()))
            return WalkResult::advance();
          origin = call;
          return WalkResult::interrupt();
        });
        if (origin) {
          (void)lowerHelper(origin);
          target.erase();
          return failure();
        }
        Operation *first = &block.front();
        InFlightDiagnostic diagnostic =
            refuse(first) << "a value of type " << argument.getType()
                          << " lives across a branch and has no representation "
                             "on the card";
        target.erase();
        return diagnostic;
      }
      if (auto it = verdicts.find(argument); it != verdicts.end()) {
        if (!it->second)
          set(argument,
              Word::of(made->addArgument(gprType(), argument.getLoc())));
        continue;
      }
      Words words;
      for (unsigned i = 0; i < *count; ++i)
        words.push_back(
            Word::of(made->addArgument(gprType(), argument.getLoc()),
                     std::min(32u, widthOf(argument) == 1 ? 1u : 32u)));
      set(argument, std::move(words));
    }
    for (BlockArgument argument : block.getArguments())
      if (auto it = verdicts.find(argument); it != verdicts.end() && it->second)
        set(argument, word(it->second));
  }

  // What nobody needs is no reason to refuse a program, at any level.
  llvm::SmallPtrSet<Operation *, 32> dead;
  for (Block *block : llvm::reverse(reachable))
    for (Operation &op : llvm::reverse(*block))
      if (wouldOpBeTriviallyDead(&op) &&
          llvm::all_of(op.getUsers(),
                       [&](Operation *user) { return dead.contains(user); }))
        dead.insert(&op);

  for (Block *block : order) {
    b.setInsertionPointToEnd(blocks.lookup(block));
    splitOutcomes(block);
    if (mayGotoCounter && block->isEntryBlock())
      lmStore(Word::constant(ebpf::MayGotoRounds), Value(), *mayGotoCounter, 4);
    for (Operation &op : *block)
      if (!dead.contains(&op) && failed(lower(&op))) {
        target.erase();
        return failure();
      }
  }
  finish();
  return target;
}

/// Nobody reads what the instruction leaves. Flags and previous results are
/// values too, so setting them for nobody is no reason to stay.
static bool isDead(Operation *op) {
  if (!op->use_empty())
    return false;
  if (auto alu = dyn_cast<nfp::AluOp>(op))
    return !alu.getDstLm();
  if (auto shf = dyn_cast<nfp::ShfOp>(op))
    return !shf.getDstLm();
  if (auto field = dyn_cast<nfp::LdFieldOp>(op))
    return !field.getDstLm();
  return isOpTriviallyDead(op);
}

void FunctionLowering::finish() {
  target.setFrameSize(static_cast<int32_t>(frameSize));
  // Blocks that no edge reaches any more: exits taken directly, outcomes known.
  IRRewriter rewriter(b.getContext());
  (void)eraseUnreachableBlocks(rewriter, target->getRegions());

  // Instructions nobody reads, from the last user backwards; then halves of
  // products that nobody reads.
  bool changed = true;
  while (changed) {
    changed = false;
    for (Block &block : llvm::reverse(*region))
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
        if (isDead(&op)) {
          op.erase();
          changed = true;
        }
  }
  target.walk([&](nfp::MulOp mul) {
    bool lo = mul.getLo() && !mul.getLo().use_empty();
    bool hi = mul.getHi() && !mul.getHi().use_empty();
    if (lo == static_cast<bool>(mul.getLo()) &&
        hi == static_cast<bool>(mul.getHi()))
      return;
    b.setInsertionPoint(mul);
    auto narrow = nfp::MulOp::create(b, mul.getLoc(), mul.getType(),
                                     mul.getLhs(), mul.getRhs(), lo, hi);
    if (lo)
      mul.getLo().replaceAllUsesWith(narrow.getLo());
    if (hi)
      mul.getHi().replaceAllUsesWith(narrow.getHi());
    mul.erase();
  });
}
