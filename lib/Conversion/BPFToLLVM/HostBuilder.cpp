//===- HostBuilder.cpp - Pieces of host code ------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostBuilder.h"

#include "nfpbpf/Dialect/BPF/IR/BPFLocation.h"

#include "mlir/IR/BuiltinOps.h"
#include <cstddef>

using namespace mlir;
using namespace nfpbpf;
namespace env = nfpbpf::host::env;
using host::RunState;

void nfpbpf::declareEnvironment(ModuleOp module) {
  MLIRContext *context = module.getContext();
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  Type ptr = LLVM::LLVMPointerType::get(context);
  Type none = LLVM::LLVMVoidType::get(context);
  Type i32 = b.getI32Type(), i64 = b.getI64Type();
  auto declare = [&](StringRef name, Type result, ArrayRef<Type> arguments) {
    SmallVector<Type> all{ptr};
    all.append(arguments.begin(), arguments.end());
    LLVM::LLVMFuncOp::create(b, module.getLoc(), name,
                             LLVM::LLVMFunctionType::get(result, all));
  };
  declare(env::Enter, ptr, {i32});
  declare(env::At, ptr, {i64, i64, i32, i32});
  declare(env::Load, i64, {i64, i32, i32});
  declare(env::Store, none, {i64, i32, i64, i32});
  declare(env::ContextLoad, i64, {i32, i32, i32});
  declare(env::ContextStore, none, {i32, i32, i64, i32});
  declare(env::PacketLoad, i64, {i32, i32});
  declare(env::GlobalAddress, i64, {i32});
  declare(env::Helper, i64, {i32, i64, i64, i64, i64, i64, i32});
  declare(env::Exhausted, none, {i32});
}

HostBuilder::HostBuilder(RewriterBase &rewriter, Location loc)
    : b(rewriter), loc(loc) {}

//===--- Values -----------------------------------------------------------===//

Value HostBuilder::constant(uint64_t value, unsigned bits) {
  Type type = intType(bits);
  return LLVM::ConstantOp::create(
      b, loc, type,
      IntegerAttr::get(
          type, llvm::APInt(bits, value, false, /*implicitTrunc=*/true)));
}

Value HostBuilder::null() { return LLVM::ZeroOp::create(b, loc, ptrType()); }

Value HostBuilder::add(Value x, Value y) {
  return LLVM::AddOp::create(b, loc, x, y);
}

Value HostBuilder::sub(Value x, Value y) {
  return LLVM::SubOp::create(b, loc, x, y);
}

Value HostBuilder::select(Value c, Value x, Value y) {
  return LLVM::SelectOp::create(b, loc, c, x, y);
}

Value HostBuilder::compare(LLVM::ICmpPredicate predicate, Value x, Value y) {
  return LLVM::ICmpOp::create(b, loc, predicate, x, y);
}

Value HostBuilder::isZero(Value v) {
  Value zero = isa<IntegerType>(v.getType())
                   ? constant(0, v.getType().getIntOrFloatBitWidth())
                   : null();
  return compare(LLVM::ICmpPredicate::eq, v, zero);
}

Value HostBuilder::truncate(Value v, Type to) {
  if (v.getType() == to)
    return v;
  return LLVM::TruncOp::create(b, loc, to, v);
}

Value HostBuilder::widen(Value v) {
  if (v.getType().isInteger(64))
    return v;
  return LLVM::ZExtOp::create(b, loc, intType(64), v);
}

Value HostBuilder::byteSwap(Value v) {
  if (v.getType().isInteger(8))
    return v;
  return LLVM::ByteSwapOp::create(b, loc, v);
}

//===--- State and memory -------------------------------------------------===//

LLVM::LLVMFuncOp HostBuilder::function() {
  return cast<LLVM::LLVMFuncOp>(b.getInsertionBlock()->getParentOp());
}

Value HostBuilder::state() { return function().getBody().getArgument(0); }

Value HostBuilder::frame() { return function().getBody().getArgument(1); }

/// Address of a member of the state.
static Value memberOf(OpBuilder &b, Location loc, Value state, size_t offset) {
  return LLVM::GEPOp::create(
      b, loc, state.getType(), b.getI8Type(), state,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
}

Value HostBuilder::loadState(size_t offset, unsigned bits) {
  return LLVM::LoadOp::create(b, loc, intType(bits),
                              memberOf(b, loc, state(), offset));
}

void HostBuilder::storeState(size_t offset, Value value) {
  LLVM::StoreOp::create(b, loc, value, memberOf(b, loc, state(), offset));
}

Value HostBuilder::insn() {
  return constant(bpf::getInsnIndex(loc).value_or(host::NoInsn), 32);
}

Value HostBuilder::loadBytes(Type type, Value host) {
  return LLVM::LoadOp::create(b, loc, type, host, /*alignment=*/1);
}

void HostBuilder::storeBytes(Value value, Value host) {
  LLVM::StoreOp::create(b, loc, value, host, /*alignment=*/1);
}

Value HostBuilder::byteOffset(Value host, Value offset) {
  return LLVM::GEPOp::create(b, loc, ptrType(), b.getI8Type(), host,
                             ArrayRef<LLVM::GEPArg>{offset});
}

Value HostBuilder::toPointer(Value number) {
  return LLVM::IntToPtrOp::create(b, loc, ptrType(), number);
}

Value HostBuilder::callEnvironment(StringRef name, Type result,
                                   ArrayRef<Value> arguments) {
  SmallVector<Value> all{state()};
  all.append(arguments.begin(), arguments.end());
  auto call = LLVM::CallOp::create(
      b, loc, result ? TypeRange(result) : TypeRange(), name, all);
  return result ? call.getResult() : Value();
}

//===--- Control flow -----------------------------------------------------===//

Block *HostBuilder::splitHere() {
  return b.splitBlock(b.getInsertionBlock(), b.getInsertionPoint());
}

Block *HostBuilder::makeReturn(Block *before) {
  Type type = function().getFunctionType().getReturnType();
  Block *block = b.createBlock(before);
  Value zero = constant(0, type.getIntOrFloatBitWidth());
  LLVM::ReturnOp::create(b, loc, zero);
  return block;
}

void HostBuilder::returnIf(Value condition) {
  Block *here = b.getInsertionBlock();
  Block *rest = splitHere();
  Block *leave = makeReturn(rest);
  b.setInsertionPointToEnd(here);
  LLVM::CondBrOp::create(b, loc, condition, leave, rest);
  b.setInsertionPointToStart(rest);
}

void HostBuilder::returnIfStopped() {
  Value stopped = loadState(offsetof(RunState, Stopped), 32);
  returnIf(compare(LLVM::ICmpPredicate::ne, stopped, constant(0, 32)));
}

Value HostBuilder::translate(Value address, uint64_t bytes, bool isWrite,
                             const Range *range) {
  auto call = [&] {
    return callEnvironment(
        env::At, ptrType(),
        {address, constant(bytes), constant(isWrite, 32), insn()});
  };
  if (!range) {
    Value host = call();
    returnIf(isZero(host));
    return host;
  }
  // The sum does not wrap where address < end. An empty range ends at zero.
  Value begin = loadState(range->begin), end = loadState(range->end);
  Value inside = LLVM::AndOp::create(
      b, loc, compare(LLVM::ICmpPredicate::uge, address, begin),
      compare(LLVM::ICmpPredicate::ule, add(address, constant(bytes)), end));
  inside = LLVM::AndOp::create(b, loc, inside,
                               compare(LLVM::ICmpPredicate::ult, address, end));
  Value fast = toPointer(add(address, loadState(range->toHost)));
  Block *here = b.getInsertionBlock();
  Block *rest = splitHere();
  Value result = rest->addArgument(ptrType(), loc);
  Block *slow = b.createBlock(rest);
  Value host = call();
  returnIf(isZero(host));
  LLVM::BrOp::create(b, loc, ValueRange{host}, rest);
  b.setInsertionPointToEnd(here);
  LLVM::CondBrOp::create(b, loc, inside, rest, ValueRange{fast}, slow,
                         ValueRange{});
  b.setInsertionPointToStart(rest);
  return result;
}
