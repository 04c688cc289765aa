//===- StandaloneMain.cpp - Runs a fuzz target without libFuzzer ----------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// usage: FUZZER FILE...   Runs the target once on each file. Exit 1 when a file
// cannot be read; the target aborts when it finds something.
//
//===----------------------------------------------------------------------===//

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size);

int main(int Argc, char **Argv) {
  for (int I = 1; I < Argc; ++I) {
    llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> File =
        llvm::MemoryBuffer::getFile(Argv[I]);
    if (!File) {
      llvm::errs() << Argv[I] << ": " << File.getError().message() << '\n';
      return 1;
    }
    const llvm::StringRef Bytes = (*File)->getBuffer();
    LLVMFuzzerTestOneInput(Bytes.bytes_begin(), Bytes.size());
    llvm::outs() << Argv[I] << ": " << Bytes.size() << " bytes\n";
  }
  return 0;
}
