//===- ReportMaps.h - How a program uses its maps ---------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_CONVERSION_BPFTONFP_REPORTMAPS_H
#define NFPBPF_LIB_CONVERSION_BPFTONFP_REPORTMAPS_H

#include "nfpbpf/Dialect/BPF/Analysis/PointerAnalysis.h"

namespace nfpbpf::convert {

/// A remark for each map that the program names, where it first does: which
/// words of the value are read, written, and counters (which the card keeps in
/// the order of its memory engine), and whether the program changes the map.
void reportMaps(mlir::ModuleOp module, const bpf::PointerAnalysis &pointers);

} // namespace nfpbpf::convert

#endif // NFPBPF_LIB_CONVERSION_BPFTONFP_REPORTMAPS_H
