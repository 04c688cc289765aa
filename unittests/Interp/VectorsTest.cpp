//===- VectorsTest.cpp - Conformance vectors ----------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Programs with results that others computed: the conformance suite of the BPF
// community and the instruction tests of the Linux kernel.

#include "Build.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdlib>

using namespace nfpbpf::interp;
using namespace nfpbpf::interp::test;

namespace {

std::vector<llvm::json::Value> readLines(llvm::StringRef Name) {
  std::vector<llvm::json::Value> Out;
  auto File = llvm::MemoryBuffer::getFile(
      (llvm::Twine(std::getenv("NFPBPF_SHARED")) + "/" + Name).str());
  if (!File) {
    ADD_FAILURE() << Name.str() << ": " << File.getError().message();
    return Out;
  }
  llvm::SmallVector<llvm::StringRef> Lines;
  (*File)->getBuffer().split(Lines, '\n', -1, false);
  for (llvm::StringRef Line : Lines) {
    llvm::Expected<llvm::json::Value> V = llvm::json::parse(Line);
    if (V)
      Out.push_back(std::move(*V));
    else
      ADD_FAILURE() << llvm::toString(V.takeError());
  }
  return Out;
}

Insns insnsOf(const llvm::json::Object &O) {
  Insns C;
  for (const llvm::json::Value &Hex : *O.getArray("insns")) {
    std::string Bytes = llvm::fromHex(*Hex.getAsString());
    C.push_back(llvm::support::endian::read64le(Bytes.data()));
  }
  return C;
}

TEST(InterpVectors, Conformance) {
  if (!std::getenv("NFPBPF_SHARED"))
    GTEST_SKIP() << "NFPBPF_SHARED is not set";
  unsigned Passed = 0;
  for (const llvm::json::Value &V : readLines("conformance/dev.jsonl")) {
    const llvm::json::Object &O = *V.getAsObject();
    std::string Name = O.getString("name")->str();
    std::string Memory = llvm::fromHex(*O.getString("mem"));
    uint64_t Expected = 0;
    ASSERT_FALSE(O.getString("result")->getAsInteger(0, Expected)) << Name;
    Options Opts;
    Opts.ClobberArguments = false;
    Result R =
        Interpreter::forCode(insnsOf(O), Opts)
            .runOn({reinterpret_cast<uint8_t *>(Memory.data()), Memory.size()});
    if (R.Error)
      ADD_FAILURE() << Name << ": instruction " << R.Error->Insn << ": "
                    << R.Error->Message;
    else if (R.R0 != Expected)
      ADD_FAILURE() << Name << ": r0 is " << llvm::utohexstr(R.R0)
                    << " instead of " << llvm::utohexstr(Expected);
    else
      ++Passed;
  }
  EXPECT_EQ(Passed, 201u);
}

TEST(InterpVectors, KernelInstructionTests) {
  if (!std::getenv("NFPBPF_SHARED"))
    GTEST_SKIP() << "NFPBPF_SHARED is not set";
  unsigned Passed = 0;
  for (const llvm::json::Value &V : readLines("jit-cases/dev.jsonl")) {
    const llvm::json::Object &O = *V.getAsObject();
    std::string Name = O.getString("name")->str();
    for (const llvm::json::Value &T : *O.getArray("tests")) {
      const llvm::json::Object &Test = *T.getAsObject();
      uint64_t Expected = *Test.getInteger("result");
      std::vector<uint8_t> Memory;
      if (*O.getBoolean("large_mem"))
        Memory.resize(*Test.getInteger("data_size"));
      Options Opts;
      Opts.ClobberArguments = false;
      Result R = Interpreter::forCode(insnsOf(O), Opts).runOn(Memory);
      if (R.Error)
        ADD_FAILURE() << Name << ": instruction " << R.Error->Insn << ": "
                      << R.Error->Message;
      else if (static_cast<uint32_t>(R.R0) != static_cast<uint32_t>(Expected))
        ADD_FAILURE() << Name << ": low half of r0 is "
                      << llvm::utohexstr(static_cast<uint32_t>(R.R0))
                      << " instead of " << llvm::utohexstr(Expected);
      else
        ++Passed;
    }
  }
  EXPECT_GE(Passed, 371u);
}

} // namespace
