//===- Probe.h - Asking the engines what they support -----------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A feature is supported when a program that uses it works. There is no second
// list of features that could disagree with the compiler.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_TOOLS_NFP_BPF_SUPPORT_PROBE_H
#define NFPBPF_TOOLS_NFP_BPF_SUPPORT_PROBE_H

#include "nfpbpf/Object/BPF/LinkedProgram.h"
#include "nfpbpf/Profile/Profile.h"

#include <vector>

namespace nfpbpf::support {

/// What an engine said to a program.
struct Answer {
  bool Works = false;
  std::string Why; ///< if not
};

/// The interpreter first, then the host engine, then each shipped profile: on
/// the host a program works if it does what it does in the interpreter, with a
/// profile if it is translated at every optimisation level and does that on the
/// simulator.
///
/// A card's profile also limits the interpreter and the host in what packets
/// may become, so that there the first profile stands for all.
class Prober {
public:
  /// Error: a shipped profile cannot be read.
  static llvm::Expected<Prober> create();

  /// "interpreter", "host", then the names of the profiles.
  std::vector<std::string> columns() const;
  llvm::ArrayRef<Profile> profiles() const { return Profiles; }
  /// An answer for each column.
  std::vector<Answer> ask(const object::LinkedProgram &Program) const;

private:
  std::vector<Profile> Profiles;
};

} // namespace nfpbpf::support

#endif // NFPBPF_TOOLS_NFP_BPF_SUPPORT_PROBE_H
