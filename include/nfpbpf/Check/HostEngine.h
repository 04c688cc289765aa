//===- HostEngine.h - A program on the host's processor ---------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CHECK_HOSTENGINE_H
#define NFPBPF_CHECK_HOSTENGINE_H

#include "nfpbpf/Check/Engine.h"
#include "nfpbpf/Host/Program.h"

namespace nfpbpf {
namespace check {

/// Does not count what it executes.
class HostEngine : public Engine {
public:
  /// \p Program must outlive the engine. Errors: what host::Program::compile
  /// or a map refuses.
  static llvm::Expected<std::unique_ptr<HostEngine>>
  create(std::string Name, const object::LinkedProgram &Program,
         const Profile &P, unsigned OptLevel = host::MaxHostOptLevel);

  Outcome run() override;

private:
  HostEngine(std::string Name, const object::LinkedProgram &Program)
      : Engine(std::move(Name)), Program(Program) {}

  const object::LinkedProgram &Program;
  std::optional<host::Program> Compiled;
};

} // namespace check
} // namespace nfpbpf

#endif // NFPBPF_CHECK_HOSTENGINE_H
