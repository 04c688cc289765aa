//===- HostBuilder.h - Pieces of host code ----------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_CONVERSION_BPFTOLLVM_HOSTBUILDER_H
#define NFPBPF_LIB_CONVERSION_BPFTOLLVM_HOSTBUILDER_H

#include "nfpbpf/Conversion/BPFToLLVM/RunState.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/PatternMatch.h"

namespace nfpbpf {

/// Declares the functions of the environment.
void declareEnvironment(mlir::ModuleOp module);

/// Writes operations of the llvm dialect at the rewriter's place, which must be
/// in an llvm.func of a program. Checks split the block there.
class HostBuilder {
public:
  HostBuilder(mlir::RewriterBase &rewriter, mlir::Location loc);

  mlir::Type ptrType() { return mlir::LLVM::LLVMPointerType::get(context()); }
  mlir::Type intType(unsigned bits) {
    return mlir::IntegerType::get(context(), bits);
  }

  mlir::Value constant(uint64_t value, unsigned bits = 64);
  mlir::Value null();
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value select(mlir::Value c, mlir::Value a, mlir::Value b);
  mlir::Value compare(mlir::LLVM::ICmpPredicate predicate, mlir::Value a,
                      mlir::Value b);
  mlir::Value isZero(mlir::Value v);
  mlir::Value truncate(mlir::Value v, mlir::Type to);
  /// Zero-extended to 64 bits.
  mlir::Value widen(mlir::Value v);
  mlir::Value byteSwap(mlir::Value v);

  /// The RunState and the function's frame.
  mlir::Value state();
  mlir::Value frame();
  mlir::Value loadState(size_t offset, unsigned bits = 64);
  void storeState(size_t offset, mlir::Value value);
  /// Index of the eBPF instruction that is translated.
  mlir::Value insn();

  /// Bytes at a host address; no alignment is assumed.
  mlir::Value loadBytes(mlir::Type type, mlir::Value host);
  void storeBytes(mlir::Value value, mlir::Value host);
  mlir::Value byteOffset(mlir::Value host, mlir::Value offset);
  mlir::Value toPointer(mlir::Value number);

  /// A call of the environment, the state in front of the arguments. Null
  /// without result type.
  mlir::Value callEnvironment(llvm::StringRef name, mlir::Type result,
                              mlir::ArrayRef<mlir::Value> arguments);

  /// Returns from the function if the condition holds.
  void returnIf(mlir::Value condition);
  /// Returns from the function if the program has ended.
  void returnIfStopped();

  /// Host address of `bytes` at a program address, or the program ends. With a
  /// range, an address in it is translated without a call.
  struct Range {
    size_t begin, end, toHost; ///< members of RunState
  };
  mlir::Value translate(mlir::Value address, uint64_t bytes, bool isWrite,
                        const Range *range);

  mlir::RewriterBase &rewriter() { return b; }

private:
  mlir::MLIRContext *context() { return b.getContext(); }
  mlir::LLVM::LLVMFuncOp function();
  /// A block that returns zero.
  mlir::Block *makeReturn(mlir::Block *before);
  /// What follows the insertion point becomes a block of its own.
  mlir::Block *splitHere();

  mlir::RewriterBase &b;
  mlir::Location loc;
};

} // namespace nfpbpf

#endif // NFPBPF_LIB_CONVERSION_BPFTOLLVM_HOSTBUILDER_H
