//===- NFPOps.cpp - Operations of the nfp dialect -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace {
/// Condition codes and previous result: writing them keeps an instruction from
/// being removed or merged, reading them from being moved.
struct DatapathState : public SideEffects::Resource::Base<DatapathState> {
  StringRef getName() final { return "nfp.datapath"; }
};
/// Local memory, the packet vector and the stack included.
struct LocalMemory : public SideEffects::Resource::Base<LocalMemory> {
  StringRef getName() final { return "nfp.local_memory"; }
};
} // namespace

using Effects =
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

/// Effects of an instruction of the data path, read off its operand and result
/// types.
static void getDataEffects(Operation *op, Value dstLM, Effects &effects) {
  for (Value operand : op->getOperands()) {
    if (isa<LMType>(operand.getType()) && operand != dstLM)
      effects.emplace_back(MemoryEffects::Read::get(), LocalMemory::get());
    if (isa<CCType, PrevType>(operand.getType()))
      effects.emplace_back(MemoryEffects::Read::get(), DatapathState::get());
    if (isa<XferType>(operand.getType()))
      effects.emplace_back(MemoryEffects::Read::get());
  }
  // The destination may be a source as well.
  if (dstLM) {
    effects.emplace_back(MemoryEffects::Read::get(), LocalMemory::get());
    effects.emplace_back(MemoryEffects::Write::get(), LocalMemory::get());
  }
  for (Type type : op->getResultTypes()) {
    if (isa<CCType, PrevType>(type))
      effects.emplace_back(MemoryEffects::Write::get(), DatapathState::get());
    if (isa<XferOutType>(type))
      effects.emplace_back(MemoryEffects::Write::get());
  }
}

void AluOp::getEffects(Effects &effects) {
  getDataEffects(*this, getDstLm(), effects);
}
void ShfOp::getEffects(Effects &effects) {
  getDataEffects(*this, getDstLm(), effects);
}
void LdFieldOp::getEffects(Effects &effects) {
  getDataEffects(*this, getDstLm(), effects);
}
void ImmedOp::getEffects(Effects &effects) {
  getDataEffects(*this, getDstLm(), effects);
}
void LmLoadOp::getEffects(Effects &effects) {
  effects.emplace_back(MemoryEffects::Read::get(), LocalMemory::get());
}
void LmStoreOp::getEffects(Effects &effects) {
  effects.emplace_back(MemoryEffects::Write::get(), LocalMemory::get());
}

//===----------------------------------------------------------------------===//
// FuncOp
//===----------------------------------------------------------------------===//

void FuncOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                   FunctionType type, FuncKind kind, int32_t frameSize) {
  state.addRegion();
  state.getOrAddProperties<Properties>().sym_name = builder.getStringAttr(name);
  state.getOrAddProperties<Properties>().function_type = TypeAttr::get(type);
  state.getOrAddProperties<Properties>().kind =
      FuncKindAttr::get(builder.getContext(), kind);
  state.getOrAddProperties<Properties>().frame_size =
      builder.getI32IntegerAttr(frameSize);
}

ParseResult FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<FuncKind> kind = symbolizeFuncKind(keyword);
  if (!kind)
    return parser.emitError(loc, "expected 'entry' or 'subprogram'");
  result.addAttribute(getKindAttrName(result.name),
                      FuncKindAttr::get(parser.getContext(), *kind));
  auto buildType = [](Builder &builder, ArrayRef<Type> arguments,
                      ArrayRef<Type> results,
                      function_interface_impl::VariadicFlag, std::string &) {
    return builder.getFunctionType(arguments, results);
  };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false,
      getFunctionTypeAttrName(result.name), buildType,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void FuncOp::print(OpAsmPrinter &printer) {
  printer << ' ' << stringifyFuncKind(getKind());
  // The generic printer writes every attribute but the elided ones; `kind` is
  // part of the syntax.
  FunctionOpInterface function = *this;
  printer << ' ';
  printer.printSymbolName(getSymName());
  function_interface_impl::printFunctionSignature(
      printer, function, function.getArgumentTypes(), /*isVariadic=*/false,
      function.getResultTypes());
  SmallVector<StringRef> elided = {
      getKindAttrName(), getSymNameAttrName(), getFunctionTypeAttrName(),
      getArgAttrsAttrName(), getResAttrsAttrName()};
  if (getFrameSize() == 0)
    elided.push_back(getFrameSizeAttrName());
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), elided);
  printer << ' ';
  if (!getBody().empty())
    printer.printRegion(getBody(), /*printEntryBlockArgs=*/false,
                        /*printBlockTerminators=*/true);
}

LogicalResult FuncOp::verify() {
  if (getBody().empty())
    return emitOpError("has no body");
  for (Type type : getFunctionType().getInputs())
    if (!isa<GprType>(type))
      return emitOpError("has an argument of type ")
             << type << "; arguments are general registers";
  for (Type type : getFunctionType().getResults())
    if (!isa<GprType>(type))
      return emitOpError("has a result of type ")
             << type << "; results are general registers";
  if (isEntry() && (getFunctionType().getNumInputs() != 0 ||
                    getFunctionType().getNumResults() != 0))
    return emitOpError("is an entry function with arguments or results");
  if (getFunctionType().getNumInputs() > 10)
    return emitOpError("has ") << getFunctionType().getNumInputs()
                               << " arguments; at most 10 words fit R1 to R5";
  if (getFunctionType().getNumResults() > 2)
    return emitOpError("has ") << getFunctionType().getNumResults()
                               << " results; at most 2 words fit R0";
  if (static_cast<int32_t>(getFrameSize()) < 0 || getFrameSize() % 4)
    return emitOpError("has a frame of ")
           << static_cast<int32_t>(getFrameSize())
           << " bytes, not a multiple of 4";
  // Blocks pass general registers only: flags and the previous result do not
  // outlive a block.
  for (Block &block : getBody())
    for (BlockArgument argument : block.getArguments())
      if (!isa<GprType>(argument.getType()))
        return emitOpError("has a block argument of type ")
               << argument.getType() << "; blocks pass general registers";
  return success();
}

//===----------------------------------------------------------------------===//
// Operands and constants
//===----------------------------------------------------------------------===//

void ImmOp::build(OpBuilder &builder, OperationState &state, uint32_t value) {
  build(builder, state, ImmType::get(builder.getContext()),
        builder.getI32IntegerAttr(static_cast<int32_t>(value)));
}

OpFoldResult ImmOp::fold(FoldAdaptor) { return getValueAttr(); }

LogicalResult ImmOp::verify() {
  int32_t value = static_cast<int32_t>(getValue());
  if (value < 0 || value > static_cast<int32_t>(MaxImm))
    return emitOpError("value ") << value << " does not fit 8 bits";
  return success();
}

void LMOp::build(OpBuilder &builder, OperationState &state, unsigned pointer,
                 unsigned offset) {
  build(builder, state, LMType::get(builder.getContext()),
        builder.getI32IntegerAttr(pointer), builder.getI32IntegerAttr(offset));
}

LogicalResult LMOp::verify() {
  if (getPointer() > 3)
    return emitOpError("pointer ")
           << getPointer() << " does not exist (0 to 3)";
  if (getOffset() > 15)
    return emitOpError("offset ")
           << getOffset() << " is beyond the 16 words of a pointer";
  return success();
}

void ConstOp::build(OpBuilder &builder, OperationState &state, uint32_t value) {
  build(builder, state, GprType::get(builder.getContext()),
        builder.getI32IntegerAttr(static_cast<int32_t>(value)));
}

OpFoldResult ConstOp::fold(FoldAdaptor) { return getValueAttr(); }

void MapAddressOp::build(OpBuilder &builder, OperationState &state,
                         StringRef map) {
  build(builder, state, GprType::get(builder.getContext()), map);
}

LogicalResult MapAddressOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!symbols.lookupNearestSymbolFrom<MapOp>(*this, getMapAttr()))
    return emitOpError("refers to '") << getMap() << "', which is no nfp.map";
  return success();
}

LogicalResult LiveInOp::verify() {
  if (auto gpr = dyn_cast<GprType>(getResult().getType()))
    if (!gpr.isAllocated())
      return emitOpError("needs a physical register");
  if (auto xfer = dyn_cast<XferType>(getResult().getType()))
    if (!xfer.isAllocated())
      return emitOpError("needs a physical register");
  return success();
}

//===----------------------------------------------------------------------===//
// Data path
//===----------------------------------------------------------------------===//

void AluOp::build(OpBuilder &builder, OperationState &state, AluOpcode opcode,
                  ValueRange srcs, Value ccIn) {
  build(builder, state, opcode, srcs, ccIn, Value(),
        GprType::get(builder.getContext()), false, false);
}

void AluOp::build(OpBuilder &builder, OperationState &state, AluOpcode opcode,
                  ValueRange srcs, Value ccIn, Value dstLM, Type dstType,
                  bool setsCC, bool setsPrev) {
  MLIRContext *context = builder.getContext();
  build(builder, state, dstType, setsCC ? CCType::get(context) : Type(),
        setsPrev ? PrevType::get(context) : Type(),
        AluOpcodeAttr::get(context, opcode), srcs, ccIn, dstLM);
}

static bool isUnary(AluOpcode opcode) {
  return opcode == AluOpcode::B || opcode == AluOpcode::NotB ||
         opcode == AluOpcode::Ffs;
}

/// General registers of an instruction that has been through allocation must
/// come from different banks.
static LogicalResult verifyBanks(Operation *op, Value left, Value right) {
  auto l = dyn_cast<GprType>(left.getType());
  auto r = dyn_cast<GprType>(right.getType());
  if (!l || !r || !l.isAllocated() || l.getBank() == Bank::AB ||
      r.getBank() == Bank::AB || l.getBank() != r.getBank())
    return success();
  return op->emitOpError("reads two registers of bank ")
         << stringifyBank(l.getBank());
}

LogicalResult AluOp::verify() {
  AluOpcode opcode = getOpcode();
  unsigned expected = isUnary(opcode) ? 1 : 2;
  if (getSrcs().size() != expected)
    return emitOpError("'")
           << stringifyAluOpcode(opcode) << "' takes " << expected << " source"
           << (expected == 1 ? "" : "s") << ", not " << getSrcs().size();
  bool needsCarry = opcode == AluOpcode::AddC || opcode == AluOpcode::SubC;
  if (needsCarry != (getCcIn() != nullptr))
    return emitOpError("'")
           << stringifyAluOpcode(opcode) << "' "
           << (needsCarry ? "needs a carry" : "takes no condition codes");
  if (getDst() && getDstLm())
    return emitOpError("has two destinations");
  if (expected == 2)
    return verifyBanks(*this, getSrcs()[0], getSrcs()[1]);
  return success();
}

void ShfOp::build(OpBuilder &builder, OperationState &state, ShfOpcode opcode,
                  ShiftKind shift, unsigned amount, ValueRange srcs,
                  Value prev) {
  MLIRContext *context = builder.getContext();
  build(builder, state, GprType::get(context), Type(), Type(),
        ShfOpcodeAttr::get(context, opcode), ShiftKindAttr::get(context, shift),
        builder.getI32IntegerAttr(amount), UnitAttr(), srcs, Value(), prev);
}

void ShfOp::build(OpBuilder &builder, OperationState &state, ShfOpcode opcode,
                  ShiftKind shift, ValueRange srcs, Value prev) {
  MLIRContext *context = builder.getContext();
  build(builder, state, GprType::get(context), Type(), Type(),
        ShfOpcodeAttr::get(context, opcode), ShiftKindAttr::get(context, shift),
        builder.getI32IntegerAttr(0), builder.getUnitAttr(), srcs, Value(),
        prev);
}

static LogicalResult verifyShift(Operation *op, ShiftKind shift, int32_t amount,
                                 bool indirect) {
  if (indirect) {
    if (amount != 0)
      return op->emitOpError("has both an indirect and an immediate amount");
    if (shift == ShiftKind::RotR)
      return op->emitOpError("has an indirect rotation, which does not exist");
    return success();
  }
  int32_t lowest = shift == ShiftKind::RotR ? 0 : 1;
  if (amount < lowest || amount > 31)
    return op->emitOpError("shift amount ")
           << amount << " is outside " << lowest << " to 31";
  return success();
}

LogicalResult ShfOp::verify() {
  if (failed(verifyShift(*this, getShift(), static_cast<int32_t>(getAmount()),
                         getIndirect())))
    return failure();
  ShfOpcode opcode = getOpcode();
  bool isDouble = getShift() == ShiftKind::Dbl;
  if (isDouble && opcode != ShfOpcode::B)
    return emitOpError("double shift must have operation 'b'");
  bool unary =
      !isDouble && (opcode == ShfOpcode::B || opcode == ShfOpcode::NotB ||
                    opcode == ShfOpcode::Asr);
  unsigned expected = unary ? 1 : 2;
  if (getSrcs().size() != expected)
    return emitOpError("takes ")
           << expected << " source" << (expected == 1 ? "" : "s") << ", not "
           << getSrcs().size();
  if (opcode == ShfOpcode::Asr && getShift() != ShiftKind::Shr)
    return emitOpError("'asr' must have shift kind 'shr'");
  bool needsPrev = getIndirect() || opcode == ShfOpcode::Asr;
  if (needsPrev != (getPrev() != nullptr))
    return emitOpError(needsPrev ? "needs the previous result"
                                 : "does not read the previous result");
  if (getDst() && getDstLm())
    return emitOpError("has two destinations");
  if (expected == 2)
    return verifyBanks(*this, getSrcs()[0], getSrcs()[1]);
  return success();
}

void LdFieldOp::build(OpBuilder &builder, OperationState &state, unsigned mask,
                      Value into, Value src, ShiftKind shift, unsigned amount) {
  MLIRContext *context = builder.getContext();
  build(builder, state, GprType::get(context), Type(), Type(),
        builder.getI32IntegerAttr(mask), ShiftKindAttr::get(context, shift),
        builder.getI32IntegerAttr(amount), UnitAttr(),
        into ? UnitAttr() : builder.getUnitAttr(), src, into, Value(), Value());
}

LogicalResult LdFieldOp::verify() {
  if (getMask() > 15)
    return emitOpError("byte mask ") << getMask() << " is wider than 4 bits";
  if (getShift() == ShiftKind::Dbl)
    return emitOpError("cannot shift a register pair");
  if (failed(verifyShift(*this, getShift(), static_cast<int32_t>(getAmount()),
                         getIndirect())))
    return failure();
  if (getIndirect() != (getPrev() != nullptr))
    return emitOpError(getIndirect() ? "needs the previous result"
                                     : "does not read the previous result");
  if ((getDst() != nullptr) == (getDstLm() != nullptr))
    return emitOpError("needs one destination");
  if (getDstLm() && getInto())
    return emitOpError("merges into local memory and takes no 'into'");
  if (getDst() && getClear() == (getInto() != nullptr))
    return emitOpError("needs either 'clear' or 'into'");
  auto dst =
      dyn_cast_if_present<GprType>(getDst() ? getDst().getType() : Type());
  if (dst && dst.isAllocated()) {
    if (getInto() && getInto().getType() != dst)
      return emitOpError("result register differs from the one merged into");
    if (dst.getBank() != Bank::AB &&
        failed(verifyBanks(*this, getDst(), getSrc())))
      return failure();
  }
  return success();
}

LogicalResult ImmedOp::verify() {
  if (getValue() > 0xffff)
    return emitOpError("value ") << getValue() << " does not fit 16 bits";
  if (getByteShift() > 2)
    return emitOpError("shift of ") << getByteShift() << " bytes is beyond 2";
  if (getDst() && getDstLm())
    return emitOpError("has two destinations");
  return success();
}

LogicalResult ImmedWOp::verify() {
  if (getValue() > 0xffff)
    return emitOpError("value ") << getValue() << " does not fit 16 bits";
  if (getHalf() > 1)
    return emitOpError("half must be 0 or 1");
  auto type = cast<GprType>(getDst().getType());
  if (type.isAllocated() && getOld().getType() != type)
    return emitOpError("result register differs from the one changed");
  return success();
}

void MulOp::build(OpBuilder &builder, OperationState &state, MulType type,
                  Value lhs, Value rhs, bool wantLo, bool wantHi) {
  Type gpr = GprType::get(builder.getContext());
  build(builder, state, wantLo ? gpr : Type(), wantHi ? gpr : Type(),
        MulTypeAttr::get(builder.getContext(), type), lhs, rhs);
}

LogicalResult MulOp::verify() {
  if (!getLo() && !getHi())
    return emitOpError("has no result");
  if (getHi() && getType() != MulType::M32x32)
    return emitOpError("has a high result, which only m32x32 delivers");
  return verifyBanks(*this, getLhs(), getRhs());
}

//===----------------------------------------------------------------------===//
// Memory commands
//===----------------------------------------------------------------------===//

namespace {
/// What a memory command moves.
struct CommandShape {
  unsigned unitBytes; // bytes of one unit of the count
  unsigned maxCount;  // with an override word
  bool pulls;         // takes data operands
  bool pushes;        // gives results
};
} // namespace

static CommandShape getShape(MemCommand command) {
  switch (command) {
  case MemCommand::Read8:
    return {1, 32, false, true};
  case MemCommand::Write8:
  case MemCommand::Write8Swap:
    return {1, 32, true, false};
  case MemCommand::Read32:
  case MemCommand::Read32Swap:
    return {4, 32, false, true};
  case MemCommand::Write32:
  case MemCommand::Write32Swap:
    return {4, 32, true, false};
  case MemCommand::AtomicRead:
    return {4, 8, false, true};
  case MemCommand::AtomicWrite:
  case MemCommand::Set:
  case MemCommand::Clr:
  case MemCommand::Xor:
    return {4, 8, true, false};
  case MemCommand::Swap:
  case MemCommand::TestSet:
  case MemCommand::TestClr:
  case MemCommand::TestXor:
    return {4, 8, true, true};
  case MemCommand::Add:
    return {4, 4, true, false};
  case MemCommand::TestAdd:
    return {4, 4, true, true};
  case MemCommand::Add64:
    return {8, 4, true, false};
  case MemCommand::TestAdd64:
    return {8, 4, true, true};
  case MemCommand::AddImm:
    return {4, 1, false, false};
  case MemCommand::Add64Imm:
    return {8, 1, false, false};
  }
  llvm_unreachable("unknown memory command");
}

unsigned CmdOp::getNumBytes() {
  return getCount() * getShape(getCommand()).unitBytes;
}

bool CmdOp::isWrite() {
  switch (getCommand()) {
  case MemCommand::AtomicRead:
  case MemCommand::Read8:
  case MemCommand::Read32:
  case MemCommand::Read32Swap:
    return false;
  default:
    return true;
  }
}

/// Signals that a program's commands may have besides that of those that swap.
static bool isFreeSignal(int64_t signal) {
  return signal >= FirstCommandSignal && signal <= LastCommandSignal;
}

LogicalResult CmdOp::verify() {
  CommandShape shape = getShape(getCommand());
  StringRef name = stringifyMemCommand(getCommand());
  if (getCount() < 1 || getCount() > shape.maxCount)
    return emitOpError("count ") << getCount() << " is outside 1 to "
                                 << shape.maxCount << " of '" << name << "'";
  unsigned words = (getCount() * shape.unitBytes + 3) / 4;
  if (getData().size() != (shape.pulls ? words : 0))
    return emitOpError("has ")
           << getData().size() << " data operands; '" << name << "' of count "
           << getCount() << " takes " << (shape.pulls ? words : 0);
  if (getNumResults() != (shape.pushes ? words : 0))
    return emitOpError("has ")
           << getNumResults() << " results; '" << name << "' of count "
           << getCount() << " gives " << (shape.pushes ? words : 0);
  bool immediate = getCommand() == MemCommand::AddImm ||
                   getCommand() == MemCommand::Add64Imm;
  if (immediate && !getPrev())
    return emitOpError("needs its operand in the previous result");
  if (getPosted() && !immediate)
    return emitOpError("cannot be posted: nothing would say when its transfer "
                       "registers are free");
  if (auto signal = getSignalAttr()) {
    if (getPosted())
      return emitOpError("is posted and has a signal");
    if (!isFreeSignal(signal.getInt()))
      return emitOpError("signal ")
             << signal.getInt() << " is outside " << FirstCommandSignal
             << " to " << LastCommandSignal;
    if (shape.pulls && shape.pushes)
      return emitOpError("takes and gives data in the same transfer registers, "
                         "so that it waits at once");
  }
  return verifyBanks(*this, getAddr0(), getAddr1());
}

LogicalResult WaitOp::verify() {
  if (getSignals().empty())
    return emitOpError("waits for no signal");
  unsigned seen = 0;
  for (int32_t signal : getSignals()) {
    if (!isFreeSignal(signal))
      return emitOpError("signal ")
             << signal << " is outside " << FirstCommandSignal << " to "
             << LastCommandSignal;
    if (seen >> signal & 1)
      return emitOpError("waits for signal ") << signal << " twice";
    seen |= 1u << signal;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Stack
//===----------------------------------------------------------------------===//

void FrameAddrOp::build(OpBuilder &builder, OperationState &state,
                        int32_t offset) {
  build(builder, state, GprType::get(builder.getContext()),
        builder.getI32IntegerAttr(offset));
}

LogicalResult FrameAddrOp::verify() {
  auto function = (*this)->getParentOfType<FuncOp>();
  int64_t offset = static_cast<int32_t>(getOffset());
  if (!function)
    return success();
  // Spill slots lie above the frame.
  int64_t size =
      int64_t(function.getFrameSize()) + function.getSpillSize().value_or(0);
  if (offset < 0 || offset > size)
    return emitOpError("offset ")
           << offset << " is outside the frame of " << size << " bytes";
  return success();
}

void LmLoadOp::build(OpBuilder &builder, OperationState &state, int32_t offset,
                     unsigned size, Value address) {
  build(builder, state, GprType::get(builder.getContext()),
        builder.getI32IntegerAttr(offset), builder.getI32IntegerAttr(size),
        address);
}

void LmStoreOp::build(OpBuilder &builder, OperationState &state, Value value,
                      int32_t offset, unsigned size, Value address) {
  build(builder, state, value, builder.getI32IntegerAttr(offset),
        builder.getI32IntegerAttr(size), address);
}

static LogicalResult verifyStackAccess(Operation *op, int32_t offset,
                                       uint32_t size, bool dynamic) {
  if (size != 1 && size != 2 && size != 4)
    return op->emitOpError("size ") << size << " is not 1, 2 or 4";
  if (offset % static_cast<int32_t>(size))
    return op->emitOpError("offset ")
           << offset << " is not aligned to " << size << " bytes";
  if (dynamic)
    return success();
  auto function = op->getParentOfType<FuncOp>();
  if (function && (offset < 0 || static_cast<int64_t>(offset) + size >
                                     function.getFrameSize()))
    return op->emitOpError("accesses bytes ")
           << offset << " to " << offset + static_cast<int32_t>(size) - 1
           << ", outside the frame of " << function.getFrameSize() << " bytes";
  return success();
}

LogicalResult LmLoadOp::verify() {
  return verifyStackAccess(*this, static_cast<int32_t>(getOffset()), getSize(),
                           getAddress() != nullptr);
}

LogicalResult LmStoreOp::verify() {
  return verifyStackAccess(*this, static_cast<int32_t>(getOffset()), getSize(),
                           getAddress() != nullptr);
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

void BrOp::build(OpBuilder &, OperationState &state, Block *dest,
                 ValueRange destOperands) {
  state.addOperands(destOperands);
  state.addSuccessors(dest);
}

SuccessorOperands BrOp::getSuccessorOperands(unsigned) {
  return SuccessorOperands(getDestOperandsMutable());
}

void BrCCOp::build(OpBuilder &builder, OperationState &state, Cond cond,
                   Value cc, Block *trueDest, ValueRange trueOperands,
                   Block *falseDest, ValueRange falseOperands) {
  build(builder, state, TypeRange{}, CondAttr::get(builder.getContext(), cond),
        cc, trueOperands, falseOperands, /*branch_weights=*/{}, trueDest,
        falseDest);
}

SuccessorOperands BrCCOp::getSuccessorOperands(unsigned index) {
  return SuccessorOperands(index == 0 ? getTrueOperandsMutable()
                                      : getFalseOperandsMutable());
}

void BrBitOp::build(OpBuilder &builder, OperationState &state, BitTest test,
                    unsigned bit, Value src, Block *trueDest,
                    ValueRange trueOperands, Block *falseDest,
                    ValueRange falseOperands) {
  build(builder, state, TypeRange{},
        BitTestAttr::get(builder.getContext(), test),
        builder.getI32IntegerAttr(bit), src, trueOperands, falseOperands,
        /*branch_weights=*/{}, trueDest, falseDest);
}

SuccessorOperands BrBitOp::getSuccessorOperands(unsigned index) {
  return SuccessorOperands(index == 0 ? getTrueOperandsMutable()
                                      : getFalseOperandsMutable());
}

LogicalResult BrBitOp::verify() {
  if (getBit() > 31)
    return emitOpError("bit ") << getBit() << " does not exist";
  return success();
}

void BrByteOp::build(OpBuilder &builder, OperationState &state, ByteTest test,
                     unsigned byte, unsigned value, Value src, Block *trueDest,
                     ValueRange trueOperands, Block *falseDest,
                     ValueRange falseOperands) {
  build(builder, state, TypeRange{},
        ByteTestAttr::get(builder.getContext(), test),
        builder.getI32IntegerAttr(static_cast<int32_t>(byte)),
        builder.getI32IntegerAttr(static_cast<int32_t>(value)), src,
        trueOperands, falseOperands, /*branch_weights=*/{}, /*expected=*/{},
        trueDest, falseDest);
}

SuccessorOperands BrByteOp::getSuccessorOperands(unsigned index) {
  return SuccessorOperands(index == 0 ? getTrueOperandsMutable()
                                      : getFalseOperandsMutable());
}

LogicalResult BrByteOp::verify() {
  if (getByte() > 3)
    return emitOpError("byte ") << getByte() << " does not exist";
  if (getValue() > 255)
    return emitOpError("value ") << getValue() << " does not fit a byte";
  if (getExpected().value_or(0) > 100)
    return emitOpError("expects ")
           << *getExpected() << " of 100 executions to branch";
  return success();
}

LogicalResult ReturnOp::verify() {
  auto function = (*this)->getParentOfType<FuncOp>();
  if (!function)
    return success();
  if (function.isEntry())
    return emitOpError("stands in an entry function, which ends in nfp.exit");
  if (getValues().size() != function.getFunctionType().getNumResults())
    return emitOpError("returns ")
           << getValues().size() << " values from a function with "
           << function.getFunctionType().getNumResults() << " results";
  return success();
}

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  auto callee =
      symbolTable.lookupNearestSymbolFrom<FuncOp>(*this, getCalleeAttr());
  if (!callee)
    return emitOpError("calls unknown function '") << getCallee() << "'";
  if (callee.isEntry())
    return emitOpError("calls entry function '") << getCallee() << "'";
  FunctionType type = callee.getFunctionType();
  if (type.getNumInputs() != getArgs().size() ||
      type.getNumResults() != getNumResults())
    return emitOpError("has ")
           << getArgs().size() << " arguments and " << getNumResults()
           << " results; '" << getCallee() << "' has " << type.getNumInputs()
           << " and " << type.getNumResults();
  return success();
}

LogicalResult HelperOp::verify() {
  if (getArgRegs().size() != getArgs().size())
    return emitOpError("names ") << getArgRegs().size() << " registers for "
                                 << getArgs().size() << " arguments";
  for (Attribute attribute : getArgRegs()) {
    auto type = dyn_cast<GprType>(cast<TypeAttr>(attribute).getValue());
    if (!type || !type.isAllocated())
      return emitOpError("names ") << attribute << ", not a physical register";
  }
  if (getNumResults() != 2)
    return emitOpError("has ") << getNumResults() << " results, not 2";
  return success();
}
