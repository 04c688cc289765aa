//===- WordBuffer.h - Words in the making -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_TARGET_NFP_WORDBUFFER_H
#define NFPBPF_LIB_TARGET_NFP_WORDBUFFER_H

#include "mlir/IR/Location.h"
#include "mlir/Support/LLVM.h"
#include "nfpbpf/ISA/NFP/Instruction.h"
#include "nfpbpf/Object/NFP/NFPImage.h"

namespace nfpbpf {

/// Collects words with their relocations and lines. Targets may be set later.
class WordBuffer {
public:
  explicit WordBuffer(object::NFPProgram &program) : program(program) {}

  uint32_t next() const { return static_cast<uint32_t>(program.Words.size()); }

  /// Encodes and appends an instruction; an encoder's complaint becomes an
  /// error at the location.
  mlir::LogicalResult append(mlir::Location loc,
                             llvm::Expected<isa::Instruction> insn,
                             object::RelocKind reloc = object::RelocKind::None,
                             uint32_t helper = 0);

  /// Sets the target of a branch, or the value of an immediate.
  mlir::LogicalResult patch(mlir::Location loc, uint32_t word, uint32_t target);

private:
  void addLine(mlir::Location loc);
  uint32_t fileIndex(llvm::StringRef name);

  object::NFPProgram &program;
};

} // namespace nfpbpf

#endif // NFPBPF_LIB_TARGET_NFP_WORDBUFFER_H
