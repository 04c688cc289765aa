//===- Vectors.h - Programs with known results ------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files of instruction tests: the sections of a `.data` file, and two forms of
// JSON lines (the same tests assembled, and the kernel's table of translator
// tests).
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CONFORMANCE_VECTORS_H
#define NFPBPF_CONFORMANCE_VECTORS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nfpbpf::conformance {

/// A program, its memory and what must come out.
struct Vector {
  std::string Name; ///< unique in its file
  std::string File;
  std::vector<uint64_t> Code;  ///< slots
  std::vector<uint8_t> Memory; ///< r1 points to it, r2 is its length
  /// r0 at exit, of which the bits of ResultMask count.
  uint64_t Result = 0;
  uint64_t ResultMask = ~uint64_t(0);
  /// The run must end with this text instead.
  std::optional<std::string> ExpectedError;
  /// What the vector asks for that no engine is told about, or empty.
  std::string Unsupported;
};

/// Reads the text of a `.data` file. Errors name the file and the line.
llvm::Expected<Vector> parseData(llvm::StringRef Text, llvm::StringRef File);

/// Reads JSON lines of either form. Errors name the file and the line.
llvm::Expected<std::vector<Vector>> parseJSONLines(llvm::StringRef Text,
                                                   llvm::StringRef File);

/// Reads a file by its suffix, or every `.data` and `.jsonl` file below a
/// directory in the order of their paths. Errors: an unreadable path, a file
/// with another suffix, a directory without vectors.
llvm::Expected<std::vector<Vector>> readVectors(llvm::StringRef Path);

/// Bytes from hexadecimal text with any white space. Error: another character,
/// half a byte.
llvm::Expected<std::vector<uint8_t>> parseHexBytes(llvm::StringRef Text);

/// Slots of instruction bytes. Error: a size that is no multiple of eight.
llvm::Expected<std::vector<uint64_t>>
slotsOf(const std::vector<uint8_t> &Bytes);

} // namespace nfpbpf::conformance

#endif // NFPBPF_CONFORMANCE_VECTORS_H
