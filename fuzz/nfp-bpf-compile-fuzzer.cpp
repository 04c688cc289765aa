//===- nfp-bpf-compile-fuzzer.cpp - Fuzz the whole compiler ---------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads any bytes as an eBPF object and compiles every program in it as an XDP
// program. What comes out must be an error with a text or an image that is
// consistent.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Driver/Driver.h"
#include "nfpbpf/Object/BPF/BPFObject.h"

#include <cstdlib>

using namespace nfpbpf;

namespace {

/// Programs above this are left out: they cost time, not insight.
constexpr uint32_t MaxInsns = 2000;
constexpr size_t MaxPrograms = 8;

void check(bool Condition) {
  if (!Condition)
    std::abort();
}

void compile(Compiler &C, const object::LinkedProgram &P) {
  CompileOptions Options;
  for (unsigned Level = 0; Level <= MaxOptLevel; ++Level) {
    Options.Pipeline.OptLevel = Level;
    const CompileResult Result = C.compile(P, Options);
    if (!Result.Succeeded) {
      check(Result.firstError() && !Result.firstError()->Text.empty());
      continue;
    }
    check(!llvm::errorToBool(object::verify(*Result.Image)));
    check(!llvm::errorToBool(
        object::link(*Result.Image,
                     object::LoadParams::fromProfile(C.profile()))
            .takeError()));
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  static Compiler C(llvm::cantFail(loadProfile("")));
  llvm::StringRef Bytes(reinterpret_cast<const char *>(Data), Size);
  llvm::Expected<object::BPFObject> Object =
      object::BPFObject::parse(llvm::MemoryBufferRef(Bytes, "fuzz"));
  if (!Object) {
    llvm::consumeError(Object.takeError());
    return 0;
  }
  const size_t Count = std::min(Object->programs().size(), MaxPrograms);
  for (uint32_t I = 0; I < Count; ++I) {
    llvm::Expected<object::LinkedProgram> P =
        Object->link(I, object::ProgramType::XDP);
    if (!P)
      llvm::consumeError(P.takeError());
    else if (P->size() <= MaxInsns)
      compile(C, *P);
  }
  return 0;
}
