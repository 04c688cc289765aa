//===- RegAlloc.h - Two-bank register allocation ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers come in two banks and an instruction can read only one register of
// each. The allocator
//
//   1. makes fixed registers, tied operands and block parameters explicit
//      copies;
//   2. gives every value a bank, so that as few instructions as possible read
//      two registers of one bank; where one does, the value is kept in both
//      banks or copied;
//   3. colours the live intervals of each bank in order of their start,
//      preferring registers that make copies vanish, moving values to the
//      other bank and finally to spill slots (or recomputing them) where
//      registers run out;
//   4. turns the parallel copies on edges into sequences.
//
// Steps 2 and 3 repeat until nothing had to move. Source of the register
// rules: NFP instruction set, section "Which operand goes where".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_REGALLOC_REGALLOC_H
#define NFPBPF_REGALLOC_REGALLOC_H

#include "nfpbpf/RegAlloc/MachineFunction.h"
#include "llvm/Support/Error.h"

namespace nfpbpf::ra {

/// Allocates registers for \p F. Fails, naming the instruction, when the
/// constraints cannot be met: more values in one instruction than registers,
/// or a copy needed between glued instructions.
llvm::Expected<Allocation> allocate(const Function &F);

} // namespace nfpbpf::ra

#endif // NFPBPF_REGALLOC_REGALLOC_H
