//===- Dispatch.h - Going on to the next micro-op ---------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Threaded dispatch: with a compiler that guarantees tail calls a handler jumps
// to the next one, otherwise it returns it to the loop in run().
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_SIM_DISPATCH_H
#define NFPBPF_LIB_SIM_DISPATCH_H

#include "State.h"

#if defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::musttail)
#define NFPSIM_HAS_MUSTTAIL 1
#endif
#endif

#ifdef NFPSIM_HAS_MUSTTAIL
#define NFPSIM_NEXT(S, OP)                                                     \
  do {                                                                         \
    const MicroOp *NextOp = (OP);                                              \
    [[clang::musttail]] return NextOp->Fn(S, NextOp);                          \
  } while (false)
#else
#define NFPSIM_NEXT(S, OP) return (OP)
#endif

namespace nfpbpf::sim {

/// Ends the current run after \p Last and goes on at \p To.
inline void leaveRun(State &S, const MicroOp *End, const MicroOp *To) {
  S.endRun(End);
  S.LastOp = End - 1;
  S.RunStart = To;
}

/// Accounting stops when the epilogue is entered, by a branch (whose cost is
/// charged before) or by running into it.
inline void noteEpilogue(State &S, const MicroOp *Op) {
  if (S.Exited)
    return;
  // Ran into it: the run started before or at its first instruction.
  const MicroOp *First = Op;
  while (First != S.RunStart && First[-1].InEpilogue)
    --First;
  S.Exited = true;
  S.ExitT = S.timeAt(First);
}

} // namespace nfpbpf::sim

#endif // NFPBPF_LIB_SIM_DISPATCH_H
