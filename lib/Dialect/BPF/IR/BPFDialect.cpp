//===- BPFDialect.cpp - The bpf dialect -----------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registration of the dialect, its types and attributes.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/BPF/IR/BPF.h"
#include "nfpbpf/Dialect/BPF/IR/BPFInlining.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nfpbpf::bpf;

#include "nfpbpf/Dialect/BPF/IR/BPFDialect.cpp.inc"
#include "nfpbpf/Dialect/BPF/IR/BPFEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "nfpbpf/Dialect/BPF/IR/BPFTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "nfpbpf/Dialect/BPF/IR/BPFAttributes.cpp.inc"

void BPFDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "nfpbpf/Dialect/BPF/IR/BPFTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "nfpbpf/Dialect/BPF/IR/BPFAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "nfpbpf/Dialect/BPF/IR/BPFOps.cpp.inc"
      >();
  addInlinerInterface(*this);
}

Operation *BPFDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                           Type type, Location loc) {
  // A unit attribute stands for the null pointer.
  if (auto ptr = dyn_cast<PtrType>(type))
    return isa<UnitAttr>(value)
               ? NullOp::create(builder, loc, ptr).getOperation()
               : nullptr;
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

unsigned nfpbpf::bpf::getSizeInBytes(Type type) {
  if (isa<PtrType>(type))
    return 8;
  return (type.getIntOrFloatBitWidth() + 7) / 8;
}
