//===- Patterns.h - Patterns from bpf to llvm -------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_CONVERSION_BPFTOLLVM_PATTERNS_H
#define NFPBPF_LIB_CONVERSION_BPFTOLLVM_PATTERNS_H

#include "HostBuilder.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/Transforms/DialectConversion.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace nfpbpf {

/// What patterns need to know of operations other than their own, collected
/// before the first of them is replaced.
struct ModuleFacts {
  /// Maps' indices by symbol.
  llvm::StringMap<uint32_t> mapIndex;
  /// Bytes from one entry to the next.
  llvm::StringMap<uint32_t> entryBytes;
  /// Accesses of the function's own frame at a known place inside it: bytes
  /// from the lowest address of the 512 there are.
  llvm::DenseMap<mlir::Operation *, uint32_t> frameAccess;
  /// Functions with a may_goto.
  llvm::StringSet<> countsRounds;
};

/// A pattern for one operation of the bpf dialect.
template <typename OpT>
struct BPFPattern : public mlir::OpConversionPattern<OpT> {
  BPFPattern(const mlir::TypeConverter &converter, mlir::MLIRContext *context,
             const ModuleFacts &facts)
      : mlir::OpConversionPattern<OpT>(converter, context), facts(facts) {}

protected:
  const ModuleFacts &facts;
};

/// Divisions, byte swaps, pointers as numbers.
void populateArithPatterns(const mlir::TypeConverter &converter,
                           const ModuleFacts &facts,
                           mlir::RewritePatternSet &patterns);
/// Loads, stores, atomics.
void populateMemoryPatterns(const mlir::TypeConverter &converter,
                            const ModuleFacts &facts,
                            mlir::RewritePatternSet &patterns);
/// Functions, maps, helpers, context and packet.
void populateCallPatterns(const mlir::TypeConverter &converter,
                          const ModuleFacts &facts,
                          mlir::RewritePatternSet &patterns);

} // namespace nfpbpf

#endif // NFPBPF_LIB_CONVERSION_BPFTOLLVM_PATTERNS_H
