//===- ObjectError.h - Errors with a place in an object ---------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_OBJECT_BPF_OBJECTERROR_H
#define NFPBPF_LIB_OBJECT_BPF_OBJECTERROR_H

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

namespace nfpbpf {
namespace object {

/// An error about the whole object.
inline llvm::Error objectError(const llvm::Twine &Why) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), Why);
}

/// An error at a byte offset of a section.
inline llvm::Error sectionError(llvm::StringRef Section, uint64_t Offset,
                                const llvm::Twine &Why) {
  return objectError("section '" + Section + "', offset 0x" +
                     llvm::utohexstr(Offset, /*LowerCase=*/true) + ": " + Why);
}

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_LIB_OBJECT_BPF_OBJECTERROR_H
