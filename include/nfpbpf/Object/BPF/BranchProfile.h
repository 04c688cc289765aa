//===- BranchProfile.h - How often branches are taken -----------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts of the conditional jumps of eBPF programs over some traffic: made by
// the interpreter, which executes the program as it was written, and used by
// the compiler. A profile belongs to the exact instructions it was made of.
//
// The file is JSON:
//
//   {"version": 1, "programs": [
//     {"name": "parser", "instructions": 97, "digest": "0123456789abcdef",
//      "packets": 2500,
//      "branches": [{"insn": 3, "taken": 34, "not_taken": 2466}]}]}
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_OBJECT_BPF_BRANCHPROFILE_H
#define NFPBPF_OBJECT_BPF_BRANCHPROFILE_H

#include "nfpbpf/Object/BPF/LinkedProgram.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <map>

namespace nfpbpf {
namespace object {

struct BranchCounts {
  uint64_t Taken = 0, NotTaken = 0;
};

/// The profile of one program.
struct BranchProfile {
  std::string Name;
  uint32_t Instructions = 0; ///< slots
  uint64_t Digest = 0;       ///< of the linked instructions
  uint64_t Packets = 0;      ///< it was made of
  /// By index of the jump in the linked program; those never reached are not
  /// there.
  std::map<uint32_t, BranchCounts> Branches;

  /// The counts of a program whose instructions were executed \p Executed times
  /// and jumped \p Jumped times.
  static BranchProfile make(const LinkedProgram &Program,
                            llvm::ArrayRef<uint64_t> Executed,
                            llvm::ArrayRef<uint64_t> Jumped, uint64_t Packets);

  /// Error: the profile was made of another program.
  llvm::Error check(const LinkedProgram &Program) const;
};

llvm::json::Value toJSON(llvm::ArrayRef<BranchProfile> Profiles);

/// Errors name the file (\p Name) and what is wrong in it.
llvm::Expected<std::vector<BranchProfile>>
parseBranchProfiles(llvm::StringRef Text, llvm::StringRef Name);

} // namespace object
} // namespace nfpbpf

#endif // NFPBPF_OBJECT_BPF_BRANCHPROFILE_H
