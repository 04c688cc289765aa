//===- ExpandMacros.h - Parts of nfp-expand-macros --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EXPANDMACROS_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EXPANDMACROS_H

#include "mlir/IR/Builders.h"
#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

namespace nfpbpf::nfp {

/// The instruction in front of which code for an operand of `op` must stand:
/// op itself, or if it reads the previous result the instruction that makes
/// that (and so on).
mlir::Operation *getBundleStart(mlir::Operation *op);

/// The operation behind which the results of a command are there: the command,
/// or the nfp.wait for its signal.
mlir::Operation *getReadyPlace(CmdOp cmd);

/// Cycles from a command, or the start of the program, to this one that are
/// free of charge (cost model of the simulator: 16 and 25 cycles, of which the
/// command itself takes three).
unsigned freeCycles(CmdOp cmd);

/// True if the operation has no effect but its results. Flags and previous
/// result count as results like others.
bool isRemovable(mlir::Operation *op);

/// A move into a general register.
mlir::Value createMove(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value value);

/// True if a command gets an instruction in front that says how long it is.
bool needsOverride(CmdOp cmd);

/// Turns nfp.lm_load and nfp.lm_store of a function into instructions.
void expandStackAccesses(FuncOp function);

/// Moves command data into transfer registers, adds override words, and gives
/// every transfer register a number. Returns the number of moves.
unsigned assignTransferRegisters(FuncOp function);

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_EXPANDMACROS_H
