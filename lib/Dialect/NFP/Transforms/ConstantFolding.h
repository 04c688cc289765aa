//===- ConstantFolding.h - Instructions on constants ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What instructions make of numbers that are known.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_CONSTANTFOLDING_H
#define NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_CONSTANTFOLDING_H

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"

#include <optional>

namespace nfpbpf::nfp {

/// The result of an ALU operation, of which those with one source take the
/// right operand; nothing for operations with a carry and rarer ones.
std::optional<uint32_t> foldAlu(AluOpcode opcode, uint32_t left,
                                uint32_t right);

/// The shifted number, for amounts that verified operations have; nothing for
/// shifts of two words.
std::optional<uint32_t> foldShift(uint32_t value, ShiftKind kind,
                                  unsigned amount);

} // namespace nfpbpf::nfp

#endif // NFPBPF_LIB_DIALECT_NFP_TRANSFORMS_CONSTANTFOLDING_H
