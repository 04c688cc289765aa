//===- Run.h - The environment of one run -----------------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_HOST_RUN_H
#define NFPBPF_LIB_HOST_RUN_H

#include "nfpbpf/Conversion/BPFToLLVM/RunState.h"
#include "nfpbpf/Host/Program.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Twine.h"
#include <vector>

namespace nfpbpf::host {

/// Entry of generated code: state, frame, context.
using EntryFunction = uint64_t (*)(RunState *, uint8_t *, uint64_t);

/// One run: regions, context, faults.
class Run : public RunState {
public:
  Run(const Options &O, rt::Hook Hook, const World &W,
      std::vector<uint8_t> &Stacks);

  Result call(EntryFunction Entry);

  //===--- What generated code calls
  //---------------------------------------===//
  uint8_t *enter(uint32_t Insn);
  uint8_t *at(uint64_t Address, uint64_t Bytes, bool IsWrite, uint32_t Insn);
  uint64_t load(uint64_t Address, uint32_t Bytes, uint32_t Insn);
  void store(uint64_t Address, uint32_t Bytes, uint64_t Value, uint32_t Insn);
  uint64_t loadContext(uint32_t Offset, uint32_t Bytes, uint32_t Insn);
  void storeContext(uint32_t Offset, uint32_t Bytes, uint64_t Value,
                    uint32_t Insn);
  uint64_t loadPacket(uint32_t Offset, uint32_t Bytes);
  uint64_t globalAddress(uint32_t Map);
  uint64_t helper(uint32_t Id, llvm::ArrayRef<uint64_t> Arguments,
                  uint32_t Insn);
  void exhausted(uint32_t Insn);

private:
  /// Ends the run.
  void stop(uint32_t Insn, const llvm::Twine &Message);
  /// Takes over where the packet begins and ends.
  void updatePacket();
  uint8_t *valueAt(uint64_t Address, uint32_t Bytes, bool IsWrite,
                   const char *&Why);
  std::string regionOf(uint64_t Address) const;

  // Helpers.cpp; nothing where the argument ended the run.
  std::optional<uint32_t> mapArgument(uint64_t Handle, uint32_t Insn);
  bool contextArgument(uint64_t Pointer, uint32_t Insn);
  std::optional<llvm::ArrayRef<uint8_t>>
  bytesArgument(uint64_t Pointer, uint64_t Bytes, uint32_t Insn);
  uint64_t mapHelper(uint32_t Id, llvm::ArrayRef<uint64_t> Arguments,
                     uint32_t Insn);
  uint64_t outputEvent(llvm::ArrayRef<uint64_t> Arguments, uint32_t Insn);
  uint64_t adjustPacket(uint32_t Id, llvm::ArrayRef<uint64_t> Arguments,
                        uint32_t Insn);

  // Context.cpp.
  void setUpContext();

  const Options &O;
  rt::Hook Hook;
  World W;
  std::vector<uint8_t> &Stacks; ///< FrameBytes for each function
  /// The context's 4-byte words that are neither length nor packet pointers.
  uint32_t Words[ContextAddressBytes / 4] = {};
  Result Out;
};

/// A function of the environment by the name generated code calls it.
struct EnvironmentFunction {
  const char *Name;
  void *Address;
};
llvm::ArrayRef<EnvironmentFunction> environmentFunctions();

} // namespace nfpbpf::host

#endif // NFPBPF_LIB_HOST_RUN_H
