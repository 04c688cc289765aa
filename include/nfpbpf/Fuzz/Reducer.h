//===- Reducer.h - The smallest case that still differs ---------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_FUZZ_REDUCER_H
#define NFPBPF_FUZZ_REDUCER_H

#include "nfpbpf/Fuzz/Case.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace nfpbpf::fuzz {

/// Takes instructions, packets, bytes, maps and map entries away and makes
/// numbers smaller, for as long as \p IsInteresting says yes and the program is
/// valid (see Validity.h). \p C must be interesting. Deterministic; asks at
/// most
/// \p MaxQuestions times.
Case reduce(Case C, llvm::function_ref<bool(const Case &)> IsInteresting,
            unsigned MaxQuestions = 20000);

} // namespace nfpbpf::fuzz

#endif // NFPBPF_FUZZ_REDUCER_H
