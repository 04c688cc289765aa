//===- BPF.h - The bpf dialect ----------------------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dialect, types, attributes and operations of `bpf`: see BPFDialect.td and
// BPFOps.td. A library that includes this file needs DEPENDS NFPBPFBPFIncGen.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_IR_BPF_H
#define NFPBPF_DIALECT_BPF_IR_BPF_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/MemorySlotInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "nfpbpf/Dialect/BPF/IR/BPFEnums.h.inc"

#include "nfpbpf/Dialect/BPF/IR/BPFDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "nfpbpf/Dialect/BPF/IR/BPFTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "nfpbpf/Dialect/BPF/IR/BPFAttributes.h.inc"

namespace nfpbpf::bpf {

/// What a memory effect touches.
#define NFPBPF_RESOURCE(CLASS, NAME)                                           \
  struct CLASS : public mlir::SideEffects::Resource::Base<CLASS> {             \
    llvm::StringRef getName() final { return NAME; }                           \
  };
NFPBPF_RESOURCE(PacketResource, "bpf.packet")
NFPBPF_RESOURCE(PacketVectorResource, "bpf.packet_vector")
NFPBPF_RESOURCE(StackResource, "bpf.stack")
NFPBPF_RESOURCE(MapResource, "bpf.map")
NFPBPF_RESOURCE(RandomResource, "bpf.random")
NFPBPF_RESOURCE(EventResource, "bpf.event")
NFPBPF_RESOURCE(ContextResource, "bpf.context")
#undef NFPBPF_RESOURCE

/// Bytes that a value of a type takes in memory (8 for pointers).
unsigned getSizeInBytes(mlir::Type type);

} // namespace nfpbpf::bpf

#define GET_OP_CLASSES
#include "nfpbpf/Dialect/BPF/IR/BPFOps.h.inc"

#endif // NFPBPF_DIALECT_BPF_IR_BPF_H
