//===- TestWorld.cpp - One program on the host and interpreted ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestWorld.h"

#include "nfpbpf/Interp/Interpreter.h"
#include "nfpbpf/Object/BPF/BPFObject.h"
#include "nfpbpf/Target/BPF/Assembler.h"

#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using namespace nfpbpf;
using namespace nfpbpf::test;

object::LinkedProgram test::assemble(llvm::StringRef Text,
                                     llvm::StringRef Section) {
  const std::string Source = (".section " + Section +
                              ", \"ax\", @progbits\n"
                              ".globl test\n"
                              ".type test, @function\n"
                              "test:\n" +
                              Text +
                              ".section maps, \"aw\", @progbits\n"
                              ".globl flows, slots, events\n"
                              "flows: .long 1, 4, 8, 16, 0\n"
                              "slots: .long 2, 4, 8, 4, 0\n"
                              "events: .long 4, 4, 4, 1, 0\n")
                                 .str();
  auto Bytes = llvm::cantFail(assembleBPF(Source));
  auto Object = llvm::cantFail(object::BPFObject::parse(llvm::MemoryBufferRef(
      llvm::StringRef(Bytes.data(), Bytes.size()), "test")));
  return llvm::cantFail(Object.link(0));
}

namespace {
/// Maps and packet of one run.
struct World {
  explicit World(const object::LinkedProgram &P) {
    for (const object::MapInfo &Map : P.Maps)
      llvm::cantFail(Maps.addMap(interp::mapSpec(Map)));
    std::vector<uint8_t> Frame(64);
    for (size_t I = 0; I < Frame.size(); ++I)
      Frame[I] = static_cast<uint8_t>(I);
    llvm::cantFail(Packet.load(Frame));
  }

  template <typename ResultT>
  After leave(const ResultT &R) const {
    After A;
    A.R0 = R.R0;
    A.Verdict = R.Verdict;
    A.Frame = Packet.frame().vec();
    A.Maps = llvm::formatv("{0}", Maps.toJSON());
    A.Events = Events.events().size();
    if (R.Error) {
      A.Failed = true;
      A.Error = R.Error->Message;
    }
    return A;
  }

  rt::PacketBuffer Packet;
  rt::MapStore Maps;
  rt::EventLog Events;
  rt::Random Rng;
};
} // namespace

After test::runOnHost(const object::LinkedProgram &P, unsigned OptLevel) {
  host::Options Options;
  Options.OptLevel = OptLevel;
  llvm::Expected<host::Program> Program = host::Program::compile(P, Options);
  if (!Program) {
    ADD_FAILURE() << llvm::toString(Program.takeError());
    return {};
  }
  World W(P);
  return W.leave(Program->run({W.Packet, W.Maps, W.Events, W.Rng}));
}

After test::interpret(const object::LinkedProgram &P) {
  auto I = llvm::cantFail(interp::Interpreter::create(P));
  World W(P);
  return W.leave(I.run({W.Packet, W.Maps, W.Events, W.Rng}));
}

After test::runEverywhere(llvm::StringRef Text, llvm::StringRef Section) {
  const object::LinkedProgram P = assemble(Text, Section);
  const After Expected = interpret(P);
  EXPECT_FALSE(Expected.Failed) << Expected.Error;
  for (unsigned Level = 0; Level <= host::MaxHostOptLevel; ++Level) {
    const After Host = runOnHost(P, Level);
    EXPECT_FALSE(Host.Failed) << Host.Error;
    EXPECT_EQ(Host.R0, Expected.R0) << "level " << Level;
    EXPECT_EQ(Host.Verdict, Expected.Verdict) << "level " << Level;
    EXPECT_EQ(Host.Frame, Expected.Frame) << "level " << Level;
    EXPECT_EQ(Host.Maps, Expected.Maps) << "level " << Level;
    EXPECT_EQ(Host.Events, Expected.Events) << "level " << Level;
  }
  return Expected;
}
