//===- InterpEngine.h - A program on the plain interpreter ------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CHECK_INTERPENGINE_H
#define NFPBPF_CHECK_INTERPENGINE_H

#include "nfpbpf/Check/Engine.h"
#include "nfpbpf/Interp/Interpreter.h"

namespace nfpbpf {
namespace check {

class InterpEngine : public Engine {
public:
  /// \p Program must outlive the engine.
  static llvm::Expected<std::unique_ptr<InterpEngine>>
  create(std::string Name, const object::LinkedProgram &Program,
         const Profile &P);

  Outcome run() override;

  interp::Interpreter &interpreter() { return *Interp; }

private:
  InterpEngine(std::string Name, const object::LinkedProgram &Program)
      : Engine(std::move(Name)), Program(Program) {}

  const object::LinkedProgram &Program;
  std::optional<interp::Interpreter> Interp;
};

} // namespace check
} // namespace nfpbpf

#endif // NFPBPF_CHECK_INTERPENGINE_H
