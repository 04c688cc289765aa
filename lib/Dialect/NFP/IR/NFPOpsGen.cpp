//===- NFPOpsGen.cpp - Generated definitions of the nfp operations --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file of its own, since the generated code is slow to compile.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Builders.h"
#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

using namespace mlir;

/// `index1` and so on: the name of a pointer in assembly text, less `*l$`.
static ParseResult parseLMPointer(OpAsmParser &parser, IntegerAttr &pointer) {
  StringRef keyword;
  unsigned number = 0;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  if (!keyword.consume_front("index") || keyword.getAsInteger(10, number))
    return parser.emitError(loc, "expected 'index0' to 'index3'");
  pointer = parser.getBuilder().getI32IntegerAttr(static_cast<int32_t>(number));
  return success();
}

static void printLMPointer(OpAsmPrinter &printer, Operation *,
                           IntegerAttr pointer) {
  printer << "index" << pointer.getInt();
}

#define GET_OP_CLASSES
#include "nfpbpf/Dialect/NFP/IR/NFPOps.cpp.inc"
