//===- Emit.cpp - Allocated nfp dialect to machine words ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Target/NFP/Emit.h"

#include "WordBuffer.h"

#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "nfpbpf/ISA/NFP/Builder.h"
#include "nfpbpf/Profile/Profile.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;
using object::RelocKind;

namespace {

/// A word whose target is not known yet.
struct BlockReference {
  uint32_t word;
  Block *target;
  Location loc;
};
struct FunctionReference {
  uint32_t word;
  StringAttr target;
  Location loc;
};

class Emitter {
public:
  explicit Emitter(ModuleOp module) : module(module), words(program) {}

  FailureOr<object::NFPProgram> run();

private:
  LogicalResult emitFunction(FuncOp func);
  LogicalResult emitOp(Operation &op, Block *following);

  LogicalResult emitAlu(AluOp op);
  LogicalResult emitShf(ShfOp op);
  LogicalResult emitLdField(LdFieldOp op);
  LogicalResult emitMul(MulOp op);
  LogicalResult emitCmd(CmdOp op);
  LogicalResult emitWait(WaitOp op);
  LogicalResult emitExit(ExitOp op);
  LogicalResult emitCall(CallOp op);
  LogicalResult emitHelper(HelperOp op);
  /// Loads where a call returns to.
  LogicalResult emitReturnAddress(Operation *call, isa::Operand dst);
  LogicalResult emitFrameAddr(FrameAddrOp op);
  LogicalResult emitMapAddress(MapAddressOp op);
  LogicalResult emitBranch(Operation *op, Block *dest, Block *following,
                           unsigned slots);
  /// The instructions in the defer slots of a branch.
  LogicalResult emitSlots(Operation *branch);
  template <typename MakeBranch>
  LogicalResult emitConditional(Operation *op, Block *trueDest,
                                Block *falseDest, Block *following,
                                MakeBranch makeBranch);
  void collectMaps();
  LogicalResult finish();

  /// Left and right operand of one or two sources.
  struct SourcePair {
    isa::Operand left, right;
  };
  FailureOr<SourcePair> sourcesOf(Location loc, ValueRange values);
  /// The ISA operand of a value; an unallocated register is an error.
  FailureOr<isa::Operand> operandOf(Location loc, Value value);
  FailureOr<isa::Operand> registerOf(Location loc, Type type);
  /// Where a data instruction writes: a register, a local-memory word, or
  /// nowhere.
  FailureOr<isa::Operand> destinationOf(Location loc, Value result, Value lm);

  ModuleOp module;
  object::NFPProgram program;
  WordBuffer words;
  llvm::DenseMap<Block *, uint32_t> blockStarts;
  llvm::DenseMap<StringAttr, uint32_t> functionStarts;
  SmallVector<BlockReference> blockReferences;
  SmallVector<FunctionReference> functionReferences;
};

} // namespace

/// The condition that holds when this one does not: codes come in pairs.
static Cond invert(Cond cond) {
  return static_cast<Cond>(static_cast<uint32_t>(cond) ^ 1u);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

FailureOr<isa::Operand> Emitter::registerOf(Location loc, Type type) {
  if (auto gpr = dyn_cast<GprType>(type)) {
    switch (gpr.getBank()) {
    case Bank::A:
      return isa::Operand::gprA(gpr.getNumber());
    case Bank::B:
      return isa::Operand::gprB(gpr.getNumber());
    case Bank::AB:
      return isa::Operand::gprAB(gpr.getNumber());
    case Bank::None:
      break;
    }
  } else if (auto xfer = dyn_cast<XferType>(type); xfer && xfer.isAllocated()) {
    return isa::Operand::xfer(xfer.getNumber());
  } else if (auto out = dyn_cast<XferOutType>(type); out && out.isAllocated()) {
    return isa::Operand::xfer(out.getNumber());
  }
  return emitError(loc, "value of type ")
         << type << " has no register: run nfp-allocate-registers first";
}

FailureOr<isa::Operand> Emitter::operandOf(Location loc, Value value) {
  if (auto imm = value.getDefiningOp<ImmOp>())
    return isa::Operand::imm(imm.getValue());
  if (auto lm = value.getDefiningOp<LMOp>())
    return isa::Operand::lm(lm.getPointer(), lm.getOffset());
  return registerOf(loc, value.getType());
}

FailureOr<Emitter::SourcePair> Emitter::sourcesOf(Location loc,
                                                  ValueRange values) {
  SourcePair sources;
  FailureOr<isa::Operand> last = operandOf(loc, values.back());
  if (failed(last))
    return failure();
  // A single source is the right operand.
  sources.right = *last;
  if (values.size() == 1)
    return sources;
  FailureOr<isa::Operand> first = operandOf(loc, values.front());
  if (failed(first))
    return failure();
  sources.left = *first;
  return sources;
}

FailureOr<isa::Operand> Emitter::destinationOf(Location loc, Value result,
                                               Value lm) {
  if (result)
    return registerOf(loc, result.getType());
  if (lm)
    return operandOf(loc, lm);
  return isa::Operand::none();
}

//===----------------------------------------------------------------------===//
// Data path
//===----------------------------------------------------------------------===//

LogicalResult Emitter::emitAlu(AluOp op) {
  const Location loc = op.getLoc();
  FailureOr<isa::Operand> dst = destinationOf(loc, op.getDst(), op.getDstLm());
  if (failed(dst))
    return failure();
  FailureOr<SourcePair> sources = sourcesOf(loc, op.getSrcs());
  if (failed(sources))
    return failure();
  isa::ResultFlags flags;
  flags.NoCC = !op.getCcOut();
  return words.append(loc,
                      isa::makeAlu(static_cast<isa::AluOp>(op.getOpcode()),
                                   *dst, sources->left, sources->right, flags));
}

LogicalResult Emitter::emitShf(ShfOp op) {
  const Location loc = op.getLoc();
  FailureOr<isa::Operand> dst = destinationOf(loc, op.getDst(), op.getDstLm());
  if (failed(dst))
    return failure();
  FailureOr<SourcePair> sources = sourcesOf(loc, op.getSrcs());
  if (failed(sources))
    return failure();
  isa::ResultFlags flags;
  flags.NoCC = !op.getCcOut();
  const auto opcode = static_cast<isa::ShfOp>(op.getOpcode());
  const auto mode = static_cast<isa::ShiftMode>(op.getShift());
  if (op.getIndirect())
    return words.append(loc, isa::makeShfIndirect(opcode, *dst, sources->left,
                                                  sources->right, mode, flags));
  return words.append(loc,
                      isa::makeShf(opcode, *dst, sources->left, sources->right,
                                   mode, op.getAmount(), flags));
}

LogicalResult Emitter::emitLdField(LdFieldOp op) {
  const Location loc = op.getLoc();
  FailureOr<isa::Operand> dst = destinationOf(loc, op.getDst(), op.getDstLm());
  FailureOr<isa::Operand> src = operandOf(loc, op.getSrc());
  if (failed(dst) || failed(src))
    return failure();
  if (op.getInto()) {
    FailureOr<isa::Operand> into = operandOf(loc, op.getInto());
    if (failed(into))
      return failure();
    if (*into != *dst)
      return op.emitOpError("result is not in the register it merges into");
  }
  const bool clear = op.getDstLm() ? op.getClear() : !op.getInto();
  if (op.getIndirect())
    return op.emitOpError("indirect shift of a byte merge is not encoded");
  return words.append(
      loc, isa::makeLdField(*dst, op.getMask(), *src, clear,
                            static_cast<isa::ShiftMode>(op.getShift()),
                            op.getAmount(), /*LoadCC=*/bool(op.getCcOut())));
}

LogicalResult Emitter::emitMul(MulOp op) {
  const Location loc = op.getLoc();
  FailureOr<isa::Operand> left = operandOf(loc, op.getLhs());
  FailureOr<isa::Operand> right = operandOf(loc, op.getRhs());
  if (failed(left) || failed(right))
    return failure();
  const auto type = static_cast<isa::MulType>(op.getType());
  // Each step takes eight bits of the right operand.
  const unsigned steps = op.getType() == MulType::M24x8    ? 1
                         : op.getType() == MulType::M16x16 ? 2
                                                           : 4;
  if (failed(words.append(loc, isa::makeMulStep(isa::MulType::Start,
                                                isa::MulPhase::Step1, *left,
                                                *right))))
    return failure();
  for (unsigned i = 0; i < steps; ++i)
    if (failed(words.append(loc, isa::makeMulStep(type,
                                                  static_cast<isa::MulPhase>(i),
                                                  *left, *right))))
      return failure();
  // The low word must be asked for before the high one.
  FailureOr<isa::Operand> lo = destinationOf(loc, op.getLo(), Value());
  if (failed(lo) || failed(words.append(
                        loc, isa::makeMulLast(type, isa::MulPhase::Last, *lo))))
    return failure();
  if (!op.getHi())
    return success();
  FailureOr<isa::Operand> hi = registerOf(loc, op.getHi().getType());
  if (failed(hi))
    return failure();
  return words.append(loc, isa::makeMulLast(type, isa::MulPhase::Last2, *hi));
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

/// First register of consecutive transfer registers.
template <typename TypeT>
static FailureOr<unsigned> consecutive(CmdOp op, ValueRange values) {
  unsigned first = 0;
  for (auto [index, value] : llvm::enumerate(values)) {
    auto type = dyn_cast<TypeT>(value.getType());
    if (!type || !type.isAllocated())
      return op.emitOpError("data is not in transfer registers");
    const unsigned number = type.getNumber();
    if (index == 0)
      first = number;
    else if (number != first + index)
      return op.emitOpError("transfer registers are not consecutive");
  }
  return first;
}

LogicalResult Emitter::emitCmd(CmdOp op) {
  const Location loc = op.getLoc();
  FailureOr<isa::Operand> first = operandOf(loc, op.getAddr0());
  FailureOr<isa::Operand> second = operandOf(loc, op.getAddr1());
  if (failed(first) || failed(second))
    return failure();
  FailureOr<unsigned> out = consecutive<XferOutType>(op, op.getData());
  FailureOr<unsigned> in = consecutive<XferType>(op, op.getResults());
  if (failed(out) || failed(in))
    return failure();
  if (!op.getData().empty() && !op.getResults().empty() && *out != *in)
    return op.emitOpError(
        "takes and returns data in different transfer registers");
  const unsigned xfer = op.getData().empty() ? *in : *out;

  // Bits 1:0 token, 6:2 action, 8: operands of 64 bits.
  const auto command = static_cast<uint32_t>(op.getCommand());
  const isa::CmdCode code{isa::CmdTarget::MU,
                          static_cast<uint8_t>((command >> 2) & 31),
                          static_cast<uint8_t>(command & 3)};
  const bool is64 = command & 0x100;
  unsigned count = 0;
  if (!op.getPrev()) {
    if (op.getCount() < 1 || op.getCount() > (is64 ? 4u : 8u))
      return op.emitOpError("length needs an override word");
    count = op.getCount() - 1 + (is64 ? 4 : 0);
  }
  const auto address = op.getMode() == AddressMode::Pair40
                           ? isa::CmdAddressOperands::addr40(*first, *second)
                           : isa::CmdAddressOperands::addr32(*first, *second);
  // Commands that swap have signal 1 (ABI, section 4.3).
  unsigned signal = op.getPosted() ? 0 : 1;
  if (op.getSignal())
    signal = *op.getSignal();
  return words.append(
      loc, isa::makeCmd(code, xfer, address, count,
                        op.swaps() ? isa::CmdSwap::Swap : isa::CmdSwap::None,
                        signal, bool(op.getPrev())));
}

LogicalResult Emitter::emitWait(WaitOp op) {
  uint16_t mask = 0;
  for (int32_t signal : op.getSignals())
    mask |= static_cast<uint16_t>(1u << signal);
  return words.append(op.getLoc(), isa::makeCtxArb(mask));
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

LogicalResult Emitter::emitSlots(Operation *branch) {
  const unsigned slots = getDeferSlots(branch);
  if (slots == 0)
    return success();
  const uint32_t first = words.next();
  for (Operation *op : getDeferredOps(branch))
    if (failed(emitOp(*op, nullptr)))
      return failure();
  if (words.next() - first != slots)
    return branch->emitOpError("has ")
           << words.next() - first << " words for " << slots << " defer slots";
  return success();
}

LogicalResult Emitter::emitBranch(Operation *op, Block *dest, Block *following,
                                  unsigned slots) {
  if (onlyExits(dest))
    return words.append(op->getLoc(),
                        isa::makeBranch(isa::BranchOp::Always, 0, slots),
                        RelocKind::Done);
  if (dest == following)
    return success();
  blockReferences.push_back({words.next(), dest, op->getLoc()});
  return words.append(op->getLoc(),
                      isa::makeBranch(isa::BranchOp::Always, 0, slots),
                      RelocKind::Branch);
}

template <typename MakeBranch>
LogicalResult Emitter::emitConditional(Operation *op, Block *trueDest,
                                       Block *falseDest, Block *following,
                                       MakeBranch makeBranch) {
  const bool inverted = trueDest == following;
  if (inverted)
    std::swap(trueDest, falseDest);
  const bool exits = onlyExits(trueDest);
  if (!exits)
    blockReferences.push_back({words.next(), trueDest, op->getLoc()});
  if (failed(words.append(op->getLoc(), makeBranch(inverted),
                          exits ? RelocKind::Done : RelocKind::Branch)) ||
      failed(emitSlots(op)))
    return failure();
  return emitBranch(op, falseDest, following, /*slots=*/0);
}

LogicalResult Emitter::emitExit(ExitOp op) {
  const Location loc = op.getLoc();
  FailureOr<isa::Operand> code = operandOf(loc, op.getCode());
  if (failed(code))
    return failure();
  const isa::Operand result = isa::Operand::gprA(0);
  const unsigned slots = getDeferSlots(op);
  if (*code == result || *code == isa::Operand::gprAB(0)) {
    if (failed(words.append(loc,
                            isa::makeBranch(isa::BranchOp::Always, 0, slots),
                            RelocKind::Done)))
      return failure();
    return emitSlots(op);
  }
  if (slots)
    return op.emitOpError("has its code in a0 only behind its defer slots");
  if (failed(words.append(loc, isa::makeBranch(isa::BranchOp::Always, 0, 1),
                          RelocKind::Done)))
    return failure();
  isa::ResultFlags flags;
  flags.NoCC = true;
  return words.append(loc, isa::makeAlu(isa::AluOp::B, result,
                                        isa::Operand::none(), *code, flags));
}

LogicalResult Emitter::emitReturnAddress(Operation *call, isa::Operand dst) {
  const Location loc = call->getLoc();
  const uint32_t word = words.next();
  if (failed(words.append(loc, isa::makeImmed(dst, 0), RelocKind::Immediate)))
    return failure();
  auto branch = dyn_cast<BrOp>(call->getBlock()->getTerminator());
  if (!branch || callReturningTo(branch) != call)
    return words.patch(loc, word, words.next());
  blockReferences.push_back({word, branch.getDest(), loc});
  return success();
}

LogicalResult Emitter::emitCall(CallOp op) {
  const Location loc = op.getLoc();
  functionReferences.push_back(
      {words.next(), op.getCalleeAttr().getAttr(), loc});
  const unsigned slots = getDeferSlots(op) + 1;
  if (failed(words.append(loc, isa::makeBranch(isa::BranchOp::Always, 0, slots),
                          RelocKind::Branch)) ||
      failed(emitSlots(op)))
    return failure();
  return emitReturnAddress(op, isa::Operand::gprA(ReturnAddressGpr));
}

LogicalResult Emitter::emitHelper(HelperOp op) {
  const Location loc = op.getLoc();
  auto setPointer = [&](unsigned csr, Value address) -> LogicalResult {
    FailureOr<isa::Operand> source = operandOf(loc, address);
    if (failed(source))
      return failure();
    return words.append(loc, isa::makeCsrWrite(csr, *source));
  };
  // The branch and its shadow cover the latency of the pointers.
  if (op.getLm0() && failed(setPointer(isa::csr::ActLMAddr0, op.getLm0())))
    return failure();
  if (op.getLm2() && failed(setPointer(isa::csr::ActLMAddr2, op.getLm2())))
    return failure();
  const unsigned slots = getDeferSlots(op) + 1;
  if (failed(words.append(loc, isa::makeBranch(isa::BranchOp::Always, 0, slots),
                          RelocKind::Helper, op.getId())) ||
      failed(emitSlots(op)))
    return failure();
  // The routine returns to what it finds in B0.
  if (failed(emitReturnAddress(op, isa::Operand::gprB(0))))
    return failure();
  if (!restoresPointer0(op))
    return success();
  return words.append(loc, isa::makeCsrWrite(isa::csr::ActLMAddr0,
                                             isa::Operand::gprA(StackBaseGpr)));
}

/// The stack base plus a constant. The base is aligned to 512 bytes (offload
/// ABI, section "Stack"), so that OR adds.
LogicalResult Emitter::emitFrameAddr(FrameAddrOp op) {
  const Location loc = op.getLoc();
  constexpr unsigned maxImm = 255, stackAlign = 512;
  FailureOr<isa::Operand> dst = registerOf(loc, op.getDst().getType());
  if (failed(dst))
    return failure();
  auto func = op->getParentOfType<FuncOp>();
  if (!func.getFrameOffset())
    return op.emitOpError("stands in a function without a place on the stack: "
                          "run nfp-allocate-registers first");
  const unsigned offset = *func.getFrameOffset() + op.getOffset();
  const isa::Operand base = isa::Operand::gprA(StackBaseGpr);
  isa::ResultFlags flags;
  flags.NoCC = true;
  if (offset == 0)
    return words.append(loc, isa::makeAlu(isa::AluOp::B, *dst,
                                          isa::Operand::none(), base, flags));
  if (offset <= maxImm)
    return words.append(loc, isa::makeAlu(isa::AluOp::Add, *dst, base,
                                          isa::Operand::imm(offset), flags));
  if (offset > stackAlign)
    return op.emitOpError("offset ")
           << offset << " from the stack base is beyond its alignment of "
           << stackAlign << " bytes";
  // R10 of a frame of 512 bytes: one more than OR can make.
  if (offset == stackAlign) {
    isa::Operand source = base;
    for (unsigned part : {maxImm, maxImm, stackAlign - 2 * maxImm}) {
      if (failed(
              words.append(loc, isa::makeAlu(isa::AluOp::Add, *dst, source,
                                             isa::Operand::imm(part), flags))))
        return failure();
      source = *dst;
    }
    return success();
  }
  if (failed(words.append(loc, isa::makeShf(isa::ShfOp::Or, *dst, base,
                                            isa::Operand::imm(offset / 4),
                                            isa::ShiftMode::Left, 2, flags))))
    return failure();
  if (offset % 4 == 0)
    return success();
  return words.append(loc, isa::makeAlu(isa::AluOp::Add, *dst, *dst,
                                        isa::Operand::imm(offset % 4), flags));
}

/// The loader puts the address into both halves.
LogicalResult Emitter::emitMapAddress(MapAddressOp op) {
  const Location loc = op.getLoc();
  FailureOr<isa::Operand> dst = registerOf(loc, op.getDst().getType());
  auto map = SymbolTable::lookupNearestSymbolFrom<MapOp>(op, op.getMapAttr());
  if (failed(dst) || !map)
    return failure();
  const auto id = static_cast<uint32_t>(map.getIndex());
  if (failed(
          words.append(loc, isa::makeImmed(*dst, 0), RelocKind::ArrayLow, id)))
    return failure();
  return words.append(loc,
                      isa::makeImmed(*dst, 0, /*ByteShift=*/2, /*Invert=*/false,
                                     isa::ImmedWidth::Word),
                      RelocKind::ArrayHigh, id);
}

LogicalResult Emitter::emitOp(Operation &operation, Block *following) {
  const Location loc = operation.getLoc();
  return llvm::TypeSwitch<Operation *, LogicalResult>(&operation)
      .Case<ImmOp, LMOp, LiveInOp>([](Operation *) { return success(); })
      .Case([&](AluOp op) { return emitAlu(op); })
      .Case([&](ShfOp op) { return emitShf(op); })
      .Case([&](LdFieldOp op) { return emitLdField(op); })
      .Case([&](ImmedOp op) -> LogicalResult {
        FailureOr<isa::Operand> dst =
            destinationOf(loc, op.getDst(), op.getDstLm());
        if (failed(dst))
          return failure();
        return words.append(
            loc, isa::makeImmed(*dst, static_cast<uint16_t>(op.getValue()),
                                op.getByteShift(), op.getInvert()));
      })
      .Case([&](ImmedWOp op) -> LogicalResult {
        FailureOr<isa::Operand> dst = registerOf(loc, op.getDst().getType());
        if (failed(dst))
          return failure();
        return words.append(
            loc, isa::makeImmed(*dst, static_cast<uint16_t>(op.getValue()),
                                2 * op.getHalf(), /*Invert=*/false,
                                isa::ImmedWidth::Word));
      })
      .Case([&](ConstOp op) -> LogicalResult {
        FailureOr<isa::Operand> dst = registerOf(loc, op.getDst().getType());
        if (failed(dst))
          return failure();
        auto insns = isa::makeConstant(*dst, op.getValue());
        if (!insns)
          return emitError(loc, llvm::toString(insns.takeError()));
        for (const isa::Instruction &insn : *insns)
          if (failed(words.append(loc, insn)))
            return failure();
        return success();
      })
      .Case([&](MapAddressOp op) { return emitMapAddress(op); })
      .Case([&](MulOp op) { return emitMul(op); })
      .Case([&](CsrWrOp op) -> LogicalResult {
        FailureOr<isa::Operand> src = operandOf(loc, op.getSrc());
        if (failed(src))
          return failure();
        return words.append(
            loc, isa::makeCsrWrite(static_cast<unsigned>(op.getCsr()), *src));
      })
      .Case([&](CsrRdOp op) -> LogicalResult {
        FailureOr<isa::Operand> dst = registerOf(loc, op.getDst().getType());
        if (failed(dst) ||
            failed(words.append(
                loc, isa::makeCsrRead(static_cast<unsigned>(op.getCsr())))))
          return failure();
        return words.append(loc, isa::makeImmed(*dst, 0));
      })
      .Case([&](NopOp) { return words.append(loc, isa::makeNop()); })
      .Case([&](CmdOp op) { return emitCmd(op); })
      .Case([&](WaitOp op) { return emitWait(op); })
      .Case([&](BrOp op) -> LogicalResult {
        if (callReturningTo(op))
          return success();
        if (failed(emitBranch(op, op.getDest(), following, getDeferSlots(op))))
          return failure();
        return emitSlots(op);
      })
      .Case([&](BrCCOp op) {
        return emitConditional(
            op, op.getTrueDest(), op.getFalseDest(), following,
            [&](bool inverted) {
              const Cond cond = inverted ? invert(op.getCond()) : op.getCond();
              return isa::makeBranch(static_cast<isa::BranchOp>(cond), 0,
                                     getDeferSlots(op));
            });
      })
      .Case([&](BrBitOp op) -> LogicalResult {
        FailureOr<isa::Operand> src = operandOf(loc, op.getSrc());
        if (failed(src))
          return failure();
        return emitConditional(op, op.getTrueDest(), op.getFalseDest(),
                               following, [&](bool inverted) {
                                 return isa::makeBranchBit(
                                     (op.getTest() == BitTest::Set) != inverted,
                                     *src, op.getBit(), 0, getDeferSlots(op));
                               });
      })
      .Case([&](BrByteOp op) -> LogicalResult {
        FailureOr<isa::Operand> src = operandOf(loc, op.getSrc());
        if (failed(src))
          return failure();
        return emitConditional(op, op.getTrueDest(), op.getFalseDest(),
                               following, [&](bool inverted) {
                                 return isa::makeBranchByte(
                                     (op.getTest() == ByteTest::EQ) != inverted,
                                     *src, op.getByte(), op.getValue(), 0,
                                     getDeferSlots(op));
                               });
      })
      .Case([&](ExitOp op) { return emitExit(op); })
      .Case([&](CallOp op) { return emitCall(op); })
      .Case([&](HelperOp op) { return emitHelper(op); })
      .Case([&](FrameAddrOp op) { return emitFrameAddr(op); })
      .Case([&](RtnOp op) -> LogicalResult {
        FailureOr<isa::Operand> address = operandOf(loc, op.getAddress());
        if (failed(address))
          return failure();
        if (failed(words.append(loc,
                                isa::makeReturn(*address, getDeferSlots(op)))))
          return failure();
        return emitSlots(op);
      })
      .Default([](Operation *op) {
        return op->emitOpError("has no encoding: the passes of the nfp "
                               "pipeline must expand it first");
      });
}

//===----------------------------------------------------------------------===//
// Module
//===----------------------------------------------------------------------===//

LogicalResult Emitter::emitFunction(FuncOp func) {
  object::NFPFunction entry;
  entry.Name = func.getSymName().str();
  entry.First = words.next();
  functionStarts[func.getSymNameAttr()] = entry.First;
  Region &body = func.getBody();
  for (Block &block : body) {
    if (onlyExits(&block))
      continue;
    blockStarts[&block] = words.next();
    Block *following = block.getNextNode();
    llvm::SmallPtrSet<Operation *, 8> deferred;
    for (Operation &op : block)
      for (Operation *slot : getDeferredOps(&op))
        deferred.insert(slot);
    for (Operation &op : block)
      if (!deferred.contains(&op) && failed(emitOp(op, following)))
        return failure();
  }
  entry.Count = words.next() - entry.First;
  program.Functions.push_back(std::move(entry));
  program.StackBytes =
      std::max(program.StackBytes, func.getFrameOffset().value_or(0) +
                                       func.getFrameSize() +
                                       func.getSpillSize().value_or(0));
  return success();
}

void Emitter::collectMaps() {
  for (MapOp map : module.getOps<MapOp>()) {
    object::NFPMap entry;
    entry.Name = map.getSymName().str();
    entry.Type = map.getType();
    entry.KeySize = map.getKeySize();
    entry.ValueSize = map.getValueSize();
    entry.MaxEntries = map.getMaxEntries();
    entry.Flags = map.getFlags();
    entry.Id = map.getIndex();
    for (int8_t use : map.getUses())
      entry.Uses.push_back(static_cast<rt::WordUse>(use));
    program.Maps.push_back(std::move(entry));
  }
}

LogicalResult Emitter::finish() {
  for (const BlockReference &reference : blockReferences)
    if (failed(words.patch(reference.loc, reference.word,
                           blockStarts.lookup(reference.target))))
      return failure();
  for (const FunctionReference &reference : functionReferences) {
    auto it = functionStarts.find(reference.target);
    if (it == functionStarts.end())
      return emitError(reference.loc, "call of a function that is not there: ")
             << reference.target;
    if (failed(words.patch(reference.loc, reference.word, it->second)))
      return failure();
  }
  return success();
}

FailureOr<object::NFPProgram> Emitter::run() {
  FuncOp entry;
  for (FuncOp func : module.getOps<FuncOp>())
    if (func.isEntry()) {
      if (entry)
        return func.emitOpError("second entry function in one module");
      entry = func;
    }
  if (!entry)
    return module.emitError("no entry function");
  program.Name = entry.getSymName().str();
  if (auto section = entry.getSection())
    program.Section = section->str();
  if (auto type = entry.getProgType())
    program.Type = type->str();
  if (auto profile =
          module->getAttrOfType<StringAttr>(NFPDialect::kProfileAttr))
    program.Profile = profile.getValue().str();
  if (auto offset =
          module->getAttrOfType<IntegerAttr>(NFPDialect::kMaxPacketOffsetAttr))
    program.MaxPacketOffset =
        static_cast<uint32_t>(offset.getValue().getLimitedValue(UINT32_MAX));

  if (failed(emitFunction(entry)))
    return failure();
  for (FuncOp func : module.getOps<FuncOp>())
    if (!func.isEntry() && failed(emitFunction(func)))
      return failure();
  const Location padding = UnknownLoc::get(module.getContext());
  for (unsigned i = 0; i < object::PrefetchPadding; ++i)
    if (failed(words.append(padding, isa::makeNop())))
      return failure();

  if (auto limit =
          module->getAttrOfType<IntegerAttr>(NFPDialect::kCodeLimitAttr))
    if (program.Words.size() > limit.getValue().getZExtValue()) {
      ProfileNeeds needs;
      needs.Words = static_cast<uint32_t>(program.Words.size());
      std::string larger = findProfileFor(needs, program.Profile);
      InFlightDiagnostic diagnostic = entry.emitError("program needs ");
      diagnostic << program.Words.size()
                 << " instruction words, the firmware profile '"
                 << program.Profile << "' has room for "
                 << limit.getValue().getZExtValue() << " ("
                 << program.Words.size() - limit.getValue().getZExtValue()
                 << " too many)";
      if (!larger.empty())
        diagnostic << "; profile '" << larger << "' has room";
      return diagnostic;
    }
  if (failed(finish()))
    return failure();
  collectMaps();
  return std::move(program);
}

FailureOr<object::NFPProgram> nfpbpf::emitProgram(ModuleOp module) {
  return Emitter(module).run();
}
