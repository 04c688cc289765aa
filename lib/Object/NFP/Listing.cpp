//===- Listing.cpp - Machine code beside what it came from ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/Object/NFP/NFPImage.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

using namespace nfpbpf;
using namespace nfpbpf::object;

/// What a relocated word will point to, for the reader of a listing.
static std::string describeReloc(const NFPWord &W) {
  switch (W.Reloc) {
  case RelocKind::None:
  case RelocKind::Branch:
  case RelocKind::Immediate:
    return "";
  case RelocKind::Helper:
    return ("  ; -> helper " + llvm::Twine(W.Id)).str();
  case RelocKind::ArrayLow:
  case RelocKind::ArrayHigh:
    return ("  ; address of map " + llvm::Twine(W.Id)).str();
  default:
    return ("  ; -> " + stringifyRelocKind(W.Reloc)).str();
  }
}

static void printOrigin(llvm::raw_ostream &OS, const NFPProgram &P,
                        const NFPLine &L, InsnPrinter Insn,
                        SourcePrinter Source, uint32_t &LastFile,
                        uint32_t &LastLine) {
  if (L.Line && (L.File != LastFile || L.Line != LastLine)) {
    OS << "; " << P.Files[L.File] << ':' << L.Line;
    if (Source)
      if (std::string Text = Source(P.Files[L.File], L.Line); !Text.empty())
        OS << ": " << Text;
    OS << '\n';
    LastFile = L.File;
    LastLine = L.Line;
  }
  if (L.Insn == NFPLine::NoInsn)
    return;
  OS << ";   " << L.Insn << ':';
  if (Insn)
    OS << ' ' << Insn(L.Insn);
  OS << '\n';
}

void object::printListing(llvm::raw_ostream &OS, const NFPProgram &P,
                          InsnPrinter Insn, SourcePrinter Source) {
  OS << "; program " << P.Name << " (" << P.Type << "), profile " << P.Profile
     << ", " << P.Words.size() << " words\n";
  uint32_t LastFile = ~0u, LastLine = 0;
  size_t NextLine = 0, NextFunction = 0;
  for (uint32_t I = 0; I < P.Words.size(); ++I) {
    for (; NextFunction < P.Functions.size() &&
           P.Functions[NextFunction].First <= I;
         ++NextFunction)
      OS << P.Functions[NextFunction].Name << ":\n";
    for (; NextLine < P.Lines.size() && P.Lines[NextLine].Word <= I; ++NextLine)
      printOrigin(OS, P, P.Lines[NextLine], Insn, Source, LastFile, LastLine);
    const NFPWord &W = P.Words[I];
    OS << llvm::format("%6u  %012llx  ", I,
                       static_cast<unsigned long long>(W.Insn))
       << isa::toString(isa::decode(W.Insn)) << describeReloc(W) << '\n';
  }
}
