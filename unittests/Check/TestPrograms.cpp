//===- TestPrograms.cpp - Programs and engines for comparison tests -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestPrograms.h"

#include "nfpbpf/Driver/Driver.h"
#include "nfpbpf/Object/BPF/BPFObject.h"
#include "nfpbpf/Target/BPF/Assembler.h"
#include "gtest/gtest.h"

using namespace nfpbpf;
using namespace nfpbpf::check;

static Profile profile() { return llvm::cantFail(loadProfile("")); }

object::LinkedProgram test::assemble(llvm::StringRef Text) {
  const std::string Source = (".section xdp, \"ax\", @progbits\n"
                              ".globl test\n"
                              ".type test, @function\n"
                              "test:\n" +
                              Text +
                              ".size test, . - test\n"
                              ".section maps, \"aw\", @progbits\n"
                              ".globl flows\n"
                              "flows: .long 1, 4, 8, 16, 0\n")
                                 .str();
  auto Bytes = llvm::cantFail(assembleBPF(Source));
  auto Object = llvm::cantFail(object::BPFObject::parse(llvm::MemoryBufferRef(
      llvm::StringRef(Bytes.data(), Bytes.size()), "test")));
  return llvm::cantFail(Object.link(0));
}

std::unique_ptr<InterpEngine>
test::interpret(const object::LinkedProgram &Program) {
  return llvm::cantFail(InterpEngine::create("interp", Program, profile()));
}

std::unique_ptr<SimEngine> test::simulate(const object::LinkedProgram &Program,
                                          std::string Name) {
  Compiler C(profile());
  CompileResult Result = C.compile(Program);
  if (!Result.Succeeded) {
    ADD_FAILURE() << Result.firstError()->str();
    return nullptr;
  }
  return llvm::cantFail(SimEngine::create(
      std::move(Name), profile(),
      llvm::cantFail(makeSimProgram(*Result.Image, profile()))));
}

std::vector<rt::Packet> test::makePackets(unsigned Count) {
  std::vector<rt::Packet> Packets(Count);
  for (unsigned I = 0; I < Count; ++I) {
    Packets[I].Bytes.assign(64, 0xee);
    Packets[I].Bytes[0] = static_cast<uint8_t>(I);
    Packets[I].WireLength = 64;
  }
  return Packets;
}
