//===- RedundantArguments.cpp - Block arguments with one source -----------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block argument that gets the same value from everywhere (or itself, around
// a loop) is that value. Liveness alone places arguments for every register
// that lives through a join; this leaves those where values really meet.
//
//===----------------------------------------------------------------------===//

#include "FunctionImporter.h"

#include "mlir/Interfaces/ControlFlowInterfaces.h"

using namespace mlir;

/// The one value that all branches pass for an argument, itself aside; null if
/// there is none or more than one.
static Value soleSource(BlockArgument argument) {
  Value source;
  mlir::Block *block = argument.getOwner();
  for (auto it = block->pred_begin(), end = block->pred_end(); it != end;
       ++it) {
    auto branch = dyn_cast<BranchOpInterface>((*it)->getTerminator());
    if (!branch)
      return {};
    Value passed = branch.getSuccessorOperands(
        it.getSuccessorIndex())[argument.getArgNumber()];
    if (!passed || (source && passed != source && passed != argument))
      return {};
    if (passed != argument)
      source = passed;
  }
  return source;
}

void nfpbpf::importer::removeRedundantArguments(Region &region) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (mlir::Block &block : llvm::drop_begin(region)) {
      for (unsigned n = block.getNumArguments(); n-- > 0;) {
        BlockArgument argument = block.getArgument(n);
        Value source = soleSource(argument);
        if (!source)
          continue;
        argument.replaceAllUsesWith(source);
        for (auto it = block.pred_begin(), end = block.pred_end(); it != end;
             ++it)
          cast<BranchOpInterface>((*it)->getTerminator())
              .getSuccessorOperands(it.getSuccessorIndex())
              .erase(n);
        block.eraseArgument(n);
        changed = true;
      }
    }
  }
}
