//===- Input.h - Reading a program file ---------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DRIVER_INPUT_H
#define NFPBPF_DRIVER_INPUT_H

#include "nfpbpf/Object/BPF/BPFObject.h"

namespace nfpbpf {
namespace driver {

enum class InputKind { Auto, Object, Asm, Raw };

struct InputOptions {
  InputKind Kind = InputKind::Auto;
  std::vector<std::string> Programs; ///< function names; empty: all
  std::vector<std::string> Sections; ///< ELF sections; empty: all
  std::optional<object::ProgramType> Type;
  /// File with the types that CO-RE relocations are resolved against: raw BTF
  /// or ELF with a section .BTF; empty: none.
  std::string BTFFile;
};

/// A program of the input, linked if it could be.
struct InputProgram {
  std::string Name;
  std::string Section;
  object::ProgramType Type = object::ProgramType::Unknown;
  std::optional<object::LinkedProgram> Linked;
  std::string Error; ///< why it could not be linked
};

/// Reads a file and takes the chosen XDP and TC programs from it, in the file's
/// order. An empty list means that the file has none. Errors: a file that
/// cannot be read, a program or section asked for that is not there.
llvm::Expected<std::vector<InputProgram>> readInput(llvm::StringRef Path,
                                                    const InputOptions &O);

} // namespace driver
} // namespace nfpbpf

#endif // NFPBPF_DRIVER_INPUT_H
