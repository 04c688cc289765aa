//===- NFPDialect.h - The nfp dialect ---------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Types, enums and operations of the nfp dialect: NFP-6000 machine code before
// and after register allocation. NFPDialect.td describes the form of the code.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_NFP_IR_NFPDIALECT_H
#define NFPBPF_DIALECT_NFP_IR_NFPDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h.inc"
#include "nfpbpf/Dialect/NFP/IR/NFPEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "nfpbpf/Dialect/NFP/IR/NFPAttributes.h.inc"

#define GET_TYPEDEF_CLASSES
#include "nfpbpf/Dialect/NFP/IR/NFPTypes.h.inc"

#define GET_OP_CLASSES
#include "nfpbpf/Dialect/NFP/IR/NFPOps.h.inc"

namespace nfpbpf::nfp {

/// Registers of one bank that belong to the program (offload ABI, section
/// "Register contract").
constexpr unsigned NumProgramGprs = 24;
/// Register of bank A that holds the stack base all through the program.
constexpr unsigned StackBaseGpr = 22;
/// Register of bank A that carries the return address of `nfp.call`.
constexpr unsigned ReturnAddressGpr = 21;
/// Largest constant that an instruction of the data path takes as an operand
/// (NFP instruction set, section "Operand encodings").
constexpr uint32_t MaxImm = 255;
/// Transfer registers that belong to the program, in each direction.
constexpr unsigned NumProgramXfers = 32;
/// Signals for commands that go on before they are done (offload ABI, section
/// 4.3; signal 1 is that of commands that swap).
constexpr unsigned FirstCommandSignal = 2;
constexpr unsigned LastCommandSignal = 7;

/// True for ops that become no instruction: constants and locations.
bool isOperandOp(mlir::Operation *op);

/// The number that nfp.const or nfp.imm makes; nothing for other values.
std::optional<uint32_t> constantOf(mlir::Value value);

/// True if the program waits at the op until memory has answered: a command
/// that swaps, or nfp.wait.
bool waitsForMemory(mlir::Operation *op);

/// True if the op sets the condition codes whether or not it has a cc result
/// (calls, helpers and waiting for memory leave them undefined).
bool clobbersFlags(mlir::Operation *op);

/// True if a helper call sets pointer 0 back to the stack base afterwards: not
/// with the attribute `nfp.leaves_pointer0`, for calls behind which nothing
/// uses it.
bool restoresPointer0(HelperOp helper);
void leavePointer0(HelperOp helper);

/// Instruction words the op becomes when emitted. Ops that must be expanded
/// first (`nfp.lm_load` and such) count 0.
unsigned numWords(mlir::Operation *op);

/// True if the hardware allows no larger local-memory offset than 7 and only
/// pointers 0 and 1 in the given operands: shift, load-field, bit test,
/// command.
bool hasRestrictedOperands(mlir::Operation *op);

/// The local-memory word that a data-path instruction writes, or null.
mlir::Value getWrittenWord(mlir::Operation *op);

} // namespace nfpbpf::nfp

#endif // NFPBPF_DIALECT_NFP_IR_NFPDIALECT_H
