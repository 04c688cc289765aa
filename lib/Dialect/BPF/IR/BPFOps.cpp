//===- BPFOps.cpp - Syntax and verification of bpf operations -------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/BPF/IR/BPF.h"
#include "nfpbpf/ISA/BPF/MapTypes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace nfpbpf::bpf;

//===----------------------------------------------------------------------===//
// MapOp, FuncOp
//===----------------------------------------------------------------------===//

LogicalResult MapOp::verify() {
  if (std::optional<ArrayRef<int8_t>> bytes = getContents())
    if (bytes->size() != getValueSize())
      return emitOpError("has ")
             << bytes->size() << " bytes of contents for a value of "
             << getValueSize() << " bytes";
  return success();
}

void FuncOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                   FunctionType type, ProgTypeAttr progType,
                   StringAttr section) {
  state.addRegion();
  auto &properties = state.getOrAddProperties<Properties>();
  properties.sym_name = builder.getStringAttr(name);
  properties.function_type = TypeAttr::get(type);
  properties.prog_type = progType;
  properties.section = section;
}

ParseResult FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildFuncType =
      [](Builder &builder, ArrayRef<Type> argTypes, ArrayRef<Type> results,
         function_interface_impl::VariadicFlag,
         std::string &) { return builder.getFunctionType(argTypes, results); };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false,
      getFunctionTypeAttrName(result.name), buildFuncType,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void FuncOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(
      printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
      getArgAttrsAttrName(), getResAttrsAttrName());
}

LogicalResult FuncOp::verify() {
  if (getNumResults() != 1)
    return emitOpError("must have one result (R0)");
  auto isValue = [](Type type) {
    return isa<PtrType>(type) || type.isInteger(8) || type.isInteger(16) ||
           type.isInteger(32) || type.isInteger(64);
  };
  for (Type type : getArgumentTypes())
    if (!isValue(type))
      return emitOpError("has an argument of type ")
             << type << ", which is neither a pointer nor i8, i16, i32 or i64";
  if (!isValue(getResultTypes()[0]))
    return emitOpError("has a result of type ")
           << getResultTypes()[0]
           << ", which is neither a pointer nor i8, i16, i32 or i64";
  if (!isEntry())
    return success();
  if (getNumArguments() != 1 ||
      getArgumentTypes()[0] != PtrType::get(getContext(), Space::Ctx))
    return emitOpError("is a program and must have one argument, the context");
  if (!getResultTypes()[0].isInteger(64))
    return emitOpError("is a program and must return i64");
  return success();
}

LogicalResult ReturnOp::verify() {
  auto func = cast<FuncOp>((*this)->getParentOp());
  Type expected = func.getResultTypes()[0];
  if (getValue().getType() != expected)
    return emitOpError("returns ")
           << getValue().getType() << ", but the function's result is "
           << expected;
  return success();
}

//===----------------------------------------------------------------------===//
// CallOp
//===----------------------------------------------------------------------===//

CallInterfaceCallable CallOp::getCallableForCallee() { return getCalleeAttr(); }

void CallOp::setCalleeFromCallable(CallInterfaceCallable callee) {
  setCalleeAttr(cast<FlatSymbolRefAttr>(cast<SymbolRefAttr>(callee)));
}

Operation::operand_range CallOp::getArgOperands() { return getArgs(); }

MutableOperandRange CallOp::getArgOperandsMutable() { return getArgsMutable(); }

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto func = symbols.lookupNearestSymbolFrom<FuncOp>(*this, getCalleeAttr());
  if (!func)
    return emitOpError("calls '") << getCallee() << "', which is no bpf.func";
  if (func.isEntry())
    return emitOpError("calls '") << getCallee() << "', which is a program";
  FunctionType type = func.getFunctionType();
  if (type.getNumInputs() != getArgs().size())
    return emitOpError("passes ")
           << getArgs().size() << " arguments, but '" << getCallee()
           << "' takes " << type.getNumInputs();
  for (auto [index, arg] : llvm::enumerate(getArgs()))
    if (arg.getType() != type.getInput(index))
      return emitOpError("passes ")
             << arg.getType() << " as argument " << index << ", but '"
             << getCallee() << "' takes " << type.getInput(index);
  if (getResult().getType() != type.getResult(0))
    return emitOpError("has a result of type ")
           << getResult().getType() << ", but '" << getCallee() << "' returns "
           << type.getResult(0);
  return success();
}

//===----------------------------------------------------------------------===//
// Pointers and memory
//===----------------------------------------------------------------------===//

LogicalResult FrameOp::verify() {
  if (getSize() % 8)
    return emitOpError("size ") << getSize() << " is not a multiple of 8";
  Block *block = (*this)->getBlock();
  if (!block->isEntryBlock())
    return emitOpError("must be in the entry block");
  for (Operation &other : *block) {
    if (&other == *this)
      break;
    if (isa<FrameOp>(other)) {
      InFlightDiagnostic diag = emitOpError("is the second in its function");
      diag.attachNote(other.getLoc()) << "first one here";
      return diag;
    }
  }
  return success();
}

static LogicalResult verifyComparable(Operation *op, Value lhs, Value rhs) {
  auto a = cast<PtrType>(lhs.getType()), b = cast<PtrType>(rhs.getType());
  if (!a.isComparableTo(b))
    return op->emitOpError("has unrelated pointers, ") << a << " and " << b;
  return success();
}

LogicalResult PtrDiffOp::verify() {
  return verifyComparable(*this, getLhs(), getRhs());
}

LogicalResult PtrCmpOp::verify() {
  return verifyComparable(*this, getLhs(), getRhs());
}

/// Pointers live on the stack only: elsewhere their numbers do.
static LogicalResult verifyAccess(Operation *op, Type value, Value ptr,
                                  ByteOrder order) {
  Space space = cast<PtrType>(ptr.getType()).getSpace();
  if (!isa<PtrType>(value))
    return success();
  if (space != Space::Stack)
    return op->emitOpError("moves a pointer to or from ")
           << stringifySpace(space) << " memory; only the stack holds pointers";
  if (order != ByteOrder::LE)
    return op->emitOpError("moves a pointer in big-endian order");
  return success();
}

unsigned LoadOp::getSize() { return getSizeInBytes(getResult().getType()); }
unsigned StoreOp::getSize() { return getSizeInBytes(getValue().getType()); }

LogicalResult LoadOp::verify() {
  return verifyAccess(*this, getResult().getType(), getPtr(), getOrder());
}

/// Words that one command moves at most.
constexpr unsigned MaxWords = 32;

static LogicalResult verifyWords(Operation *op, unsigned count, PtrType type) {
  if (count == 0 || count > MaxWords)
    return op->emitOpError("has ")
           << count << " words; 1 to " << MaxWords << " can be";
  if (type.getSpace() != Space::Packet && type.getSpace() != Space::MapValue)
    return op->emitOpError("accesses words through a ") << type;
  return success();
}

LogicalResult LoadWordsOp::verify() {
  return verifyWords(*this, getNumResults(), getPtr().getType());
}

LogicalResult StoreWordsOp::verify() {
  if (getSize() == 0 || llvm::divideCeil(getSize(), 4) != getWords().size())
    return emitOpError("stores ")
           << getSize() << " bytes from " << getWords().size() << " words";
  return verifyWords(*this, static_cast<unsigned>(getWords().size()),
                     getPtr().getType());
}

LogicalResult StoreOp::verify() {
  return verifyAccess(*this, getValue().getType(), getPtr(), getOrder());
}

LogicalResult LdPacketOp::verify() {
  if (getSize() != 1 && getSize() != 2 && getSize() != 4)
    return emitOpError("size ") << getSize() << " is not 1, 2 or 4";
  return success();
}

//===----------------------------------------------------------------------===//
// Map references
//===----------------------------------------------------------------------===//

LogicalResult MapRefOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!symbols.lookupNearestSymbolFrom<MapOp>(*this, getMapAttr()))
    return emitOpError("refers to '") << getMap() << "', which is no bpf.map";
  return success();
}

LogicalResult MapValueRefOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto map = symbols.lookupNearestSymbolFrom<MapOp>(*this, getMapAttr());
  if (!map)
    return emitOpError("refers to '") << getMap() << "', which is no bpf.map";
  if (getOffset() > map.getValueSize())
    return emitOpError("offset ") << getOffset() << " is past the value of "
                                  << map.getValueSize() << " bytes";
  return success();
}

LogicalResult ArrayElementOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto map = symbols.lookupNearestSymbolFrom<MapOp>(*this, getMapAttr());
  if (!map)
    return emitOpError("refers to '") << getMap() << "', which is no bpf.map";
  if (map.getMapType() != nfpbpf::ebpf::MapArray)
    return emitOpError("refers to '") << getMap() << "', which is no array";
  return success();
}

#define GET_OP_CLASSES
#include "nfpbpf/Dialect/BPF/IR/BPFOps.cpp.inc"
