//===- Report.h - The table of programs -------------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_TOOLS_TRANSLATE_REPORT_H
#define NFPBPF_TOOLS_TRANSLATE_REPORT_H

#include "nfpbpf/Driver/Remarks.h"
#include "nfpbpf/Object/NFP/NFPImage.h"

#include "llvm/Support/JSON.h"

namespace nfpbpf {
namespace translate {

/// Why a program was refused: the first error.
struct Refusal {
  std::optional<uint32_t> Insn; ///< instruction index
  std::string InsnText;         ///< the instruction, empty if not told
  std::string Place;            ///< "file.c:12", empty if unknown
  std::string Text;
};

/// One line of the table.
struct ProgramReport {
  std::string Name;
  std::string Section;
  std::string Type;
  uint32_t Instructions = 0; ///< eBPF slots; 0 if the program was not linked
  /// The program came as far as it was to be taken.
  bool Done = false;
  /// The machine code, if it was to become that and was not refused.
  std::optional<object::NFPProgram> Image;
  Refusal Why; ///< if not Done
  std::vector<OptimizationRemark> Remarks;
};

struct ReportHeader {
  std::string Input;
  std::string Profile;
  unsigned OptLevel = 0;
};

/// "refused: instruction 12 (call 5), prog.c:40: ..."
std::string describeRefusal(const Refusal &Why);

/// Writes the table and a line with the sums.
void printTable(llvm::raw_ostream &OS, const ReportHeader &Header,
                llvm::ArrayRef<ProgramReport> Programs);

/// The same as one JSON object.
llvm::json::Value toJSON(const ReportHeader &Header,
                         llvm::ArrayRef<ProgramReport> Programs);

} // namespace translate
} // namespace nfpbpf

#endif // NFPBPF_TOOLS_TRANSLATE_REPORT_H
