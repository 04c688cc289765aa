//===- TestFile.h - A case as a test of the suite ---------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_FUZZ_TESTFILE_H
#define NFPBPF_FUZZ_TESTFILE_H

#include "nfpbpf/Fuzz/Case.h"

namespace nfpbpf::fuzz {

/// Assembly text of a program, for LLVM's assembler at level v4: the entry in
/// section xdp or tc, other functions in .text, maps in section maps.
llvm::Expected<std::string> assemblyOf(const Program &P);

/// A lit test that runs the case with nfp-bpf-check: assembly, packets in
/// hexadecimal, map contents in JSON. \p Notes are comment lines at the top.
/// \p LeftOut names a pass without which the default level is compared too.
llvm::Expected<std::string> testFileOf(const Case &C,
                                       llvm::ArrayRef<std::string> Notes,
                                       llvm::StringRef LeftOut = "");

} // namespace nfpbpf::fuzz

#endif // NFPBPF_FUZZ_TESTFILE_H
