//===- ConstantFolding.cpp - Instructions on constants --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/ErrorHandling.h"

using namespace nfpbpf::nfp;

std::optional<uint32_t> nfpbpf::nfp::foldAlu(AluOpcode opcode, uint32_t left,
                                             uint32_t right) {
  switch (opcode) {
  case AluOpcode::B:
    return right;
  case AluOpcode::NotB:
    return ~right;
  case AluOpcode::Add:
    return left + right;
  case AluOpcode::Sub:
    return left - right;
  case AluOpcode::And:
    return left & right;
  case AluOpcode::Or:
    return left | right;
  case AluOpcode::Xor:
    return left ^ right;
  default:
    return std::nullopt;
  }
}

std::optional<uint32_t> nfpbpf::nfp::foldShift(uint32_t value, ShiftKind kind,
                                               unsigned amount) {
  switch (kind) {
  case ShiftKind::RotR:
    return llvm::rotr(value, static_cast<int>(amount));
  case ShiftKind::Shr:
    return value >> amount;
  case ShiftKind::Shl:
    return value << amount;
  case ShiftKind::Dbl:
    return std::nullopt;
  }
  llvm_unreachable("unknown shift");
}
