//===- Remarks.h - What optimisations did and could not do ------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Remarks of passes (mlir::remark), kept with their place in the program and in
// the source. Their text goes to people, their YAML to the tools that read
// LLVM's optimisation records (llvm-remarkutil, opt-viewer).
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DRIVER_REMARKS_H
#define NFPBPF_DRIVER_REMARKS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nfpbpf {

struct OptimizationRemark {
  enum Outcome : uint8_t {
    Passed, ///< done
    Missed, ///< a gain that was seen and not taken
    Failed, ///< tried in vain
    Analysis,
  };
  Outcome Kind = Passed;
  std::string Pass; ///< "bpf-fuse-memcpy"
  std::string Name; ///< "Store"
  std::string Function;
  std::optional<uint32_t> Insn; ///< index in the linked program
  std::string File;             ///< empty if unknown
  uint32_t Line = 0, Column = 0;
  /// Keys as passes give them: "Remark" is what happened, "Reason" why,
  /// "Suggestion" what to do; others are numbers for tools.
  std::vector<std::pair<std::string, std::string>> Args;

  /// What happened and why.
  std::string text() const;
  /// "prog.c:12:3: remark: instruction 5: text [bpf-fuse-memcpy, passed]"
  std::string str() const;
};

/// By line of the source, then as they came; each once.
void sortRemarks(std::vector<OptimizationRemark> &Remarks);

/// YAML documents in the form of LLVM's optimisation records.
llvm::Error writeRemarksYAML(llvm::raw_ostream &OS,
                             llvm::ArrayRef<OptimizationRemark> Remarks);

} // namespace nfpbpf

#endif // NFPBPF_DRIVER_REMARKS_H
