//===- CycleReport.h - Where the cycles go ----------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Costs of a run by place: source line, function, eBPF instruction or word of
// the image. A word's place is what the image's line table says of it; words
// without a place (padding, moves between blocks of several lines) are one row
// of their own, so the rows' cycles are all of the program's.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_TOOLS_RUN_CYCLEREPORT_H
#define NFPBPF_TOOLS_RUN_CYCLEREPORT_H

#include "nfpbpf/Object/BPF/LinkedProgram.h"
#include "nfpbpf/Object/NFP/NFPImage.h"
#include "nfpbpf/Sim/Machine.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace nfpbpf {
namespace run {

enum class Place : uint8_t { Line, Function, Insn, Word };

/// One place's costs, summed over the packets.
struct CycleRow {
  std::string Where; ///< "prog.c:12", "instruction 7", a function, "80"
  std::string Text;  ///< source line or instruction; empty if unknown
  uint32_t Words = 0;
  sim::WordCost Cost; ///< Executed: words, not times through the line
};

/// Rows of places with an executed word; most program and helper cycles first.
/// \p Linked adds the source's text and may be null.
std::vector<CycleRow> cycleRows(const object::NFPProgram &Program,
                                const object::LinkedProgram *Linked,
                                llvm::ArrayRef<sim::WordCost> Costs, Place By);

/// "line", "function" ...
llvm::StringRef stringifyPlace(Place By);

void printCycles(llvm::raw_ostream &OS, llvm::ArrayRef<CycleRow> Rows, Place By,
                 uint64_t Packets);
/// Means per packet, an object for each row.
llvm::json::Array cyclesJSON(llvm::ArrayRef<CycleRow> Rows, uint64_t Packets);

} // namespace run
} // namespace nfpbpf

#endif // NFPBPF_TOOLS_RUN_CYCLEREPORT_H
