//===- InsnError.h - Errors of an instruction -------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An error that knows the instruction it is about. The caller adds location and
// text of the instruction.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_TARGET_BPF_INSNERROR_H
#define NFPBPF_LIB_TARGET_BPF_INSNERROR_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <string>

namespace nfpbpf::importer {

class InsnError : public llvm::ErrorInfo<InsnError> {
public:
  static char ID;

  InsnError(uint32_t Insn, const llvm::Twine &Message)
      : Insn(Insn), Message(Message.str()) {}

  uint32_t insn() const { return Insn; }
  const std::string &text() const { return Message; }

  void log(llvm::raw_ostream &OS) const override;
  std::error_code convertToErrorCode() const override;

private:
  uint32_t Insn;
  std::string Message;
};

inline llvm::Error insnError(uint32_t Insn, const llvm::Twine &Message) {
  return llvm::make_error<InsnError>(Insn, Message);
}

} // namespace nfpbpf::importer

#endif // NFPBPF_LIB_TARGET_BPF_INSNERROR_H
