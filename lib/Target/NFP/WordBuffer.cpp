//===- WordBuffer.cpp - Words in the making -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WordBuffer.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "nfpbpf/Dialect/BPF/IR/BPFLocation.h"
#include "nfpbpf/ISA/NFP/Word.h"

#include "llvm/ADT/STLExtras.h"

using namespace nfpbpf;
using namespace mlir;

LogicalResult WordBuffer::append(Location loc,
                                 llvm::Expected<isa::Instruction> insn,
                                 object::RelocKind reloc, uint32_t helper) {
  if (!insn)
    return emitError(loc, "cannot be encoded: ")
           << llvm::toString(insn.takeError());
  llvm::Expected<uint64_t> word = isa::encode(*insn);
  if (!word)
    return emitError(loc, "cannot be encoded: ")
           << llvm::toString(word.takeError());
  addLine(loc);
  program.Words.push_back({*word, reloc, helper});
  return success();
}

LogicalResult WordBuffer::patch(Location loc, uint32_t word, uint32_t target) {
  object::NFPWord &w = program.Words[word];
  llvm::Expected<uint64_t> patched =
      w.Reloc == object::RelocKind::Immediate
          ? isa::setImmediate(w.Insn, static_cast<uint16_t>(target))
          : isa::setBranchTarget(w.Insn, target);
  if (!patched)
    return emitError(loc, "target out of reach: ")
           << llvm::toString(patched.takeError());
  w.Insn = *patched;
  return success();
}

void WordBuffer::addLine(Location loc) {
  object::NFPLine line;
  line.Word = next();
  if (std::optional<uint32_t> insn = bpf::getInsnIndex(loc))
    line.Insn = *insn;
  if (std::optional<FileLineColLoc> source = bpf::getSourceLocation(loc)) {
    line.Line = source->getLine();
    line.Column = source->getColumn();
    if (line.Line)
      line.File = fileIndex(source->getFilename().getValue());
  }
  if (!program.Lines.empty()) {
    const object::NFPLine &last = program.Lines.back();
    if (last.Insn == line.Insn && last.File == line.File &&
        last.Line == line.Line && last.Column == line.Column)
      return;
  }
  program.Lines.push_back(line);
}

uint32_t WordBuffer::fileIndex(llvm::StringRef name) {
  auto it = llvm::find(program.Files, name);
  if (it == program.Files.end())
    it = program.Files.insert(it, name.str());
  return static_cast<uint32_t>(it - program.Files.begin());
}
