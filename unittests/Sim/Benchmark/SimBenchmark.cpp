//===- SimBenchmark.cpp - Speed of the simulator --------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints simulated instructions per second, fully accounted, for a parsing loop
// and for straight code with memory commands. Not a test: run it by hand on a
// Release build. An argument chooses one of the measurements.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include "nfpbpf/Sim/Machine.h"
#include "llvm/Support/raw_ostream.h"

#include <ctime>

using namespace nfpbpf;

static std::vector<uint64_t> assemble(llvm::ArrayRef<const char *> Lines) {
  llvm::ExitOnError Check("assemble: ");
  std::vector<uint64_t> Words;
  for (const char *Line : Lines)
    Words.push_back(isa::addECC(Check(isa::encode(Check(isa::parse(Line))))));
  return Words;
}

static void measure(const char *Name, llvm::ArrayRef<const char *> Lines,
                    unsigned Packets, unsigned InFlight = 0) {
  llvm::ExitOnError Check(std::string(Name) + ": ");
  Profile P = Check(loadProfile(""));
  rt::MapStore Maps;
  rt::EventLog Events;
  rt::Random Random;
  sim::Machine M(P, Maps, Events, Random);
  Check(M.loadProgram(assemble(Lines), sim::LoadInfo::fromProfile(P)));
  rt::PacketBuffer Packet;
  std::vector<uint8_t> Frame(60, 7);
  Check(Packet.load(Frame));
  std::clock_t Begin = std::clock();
  if (InFlight == 0) {
    for (unsigned I = 0; I < Packets; ++I)
      M.runPacket(Packet);
  } else {
    // The frame stays in the contexts' buffers after their first packet.
    unsigned Fed = 0;
    auto feed = [&](rt::PacketBuffer &Buffer) {
      if (Buffer.length() == 0)
        Check(Buffer.load(Frame));
      return Fed++ < Packets;
    };
    auto sink = [](uint64_t, rt::PacketBuffer &, const sim::PacketResult &) {};
    Check(M.runContexts(InFlight, feed, sink));
  }
  if (!M.faults().empty()) {
    llvm::errs() << Name << ": " << M.faults().front().str() << "\n";
    return;
  }
  // Processor time: other work on the machine does not count.
  double Seconds = static_cast<double>(std::clock() - Begin) / CLOCKS_PER_SEC;
  double Instructions = static_cast<double>(M.statistics().Cost.Instructions);
  llvm::outs() << llvm::format(
      "%-12s %8.3f G instructions/s, %8.3f M packets/s, %6.1f "
      "instructions/packet\n",
      Name, Instructions / Seconds / 1e9, Packets / Seconds / 1e6,
      Instructions / Packets);
}

int main(int Argc, char **Argv) {
  llvm::StringRef Only = Argc > 1 ? Argv[1] : "";
  auto wanted = [&](llvm::StringRef Name) {
    return Only.empty() || Only == Name;
  };
  // A checksum-like loop: 1000 rounds of eight instructions.
  if (wanted("loop"))
    measure("loop",
            {"immed[gprA_1, 0x3e8]", "immed[gprB_2, 0x1234]",
             "immed[gprA_3, 0x0]", "immed[gprA_4, 0x0]",
             "alu[gprA_3, gprA_3, +, gprB_2]",
             "alu[gprA_4, gprA_4, +carry, 0x0]",
             "alu_shf[gprB_5, --, B, gprA_3, >>16]",
             "ld_field_w_clr[gprA_6, 0011, gprB_5]",
             "alu[gprB_2, gprA_6, XOR, gprB_2]",
             "alu[gprA_7, gprA_6, AND, 0xff]", "alu[gprA_1, gprA_1, -, 0x1]",
             "bne[.3076]", "immed[gprA_0, 0x11, <<16]", "br[.1]"},
            20000);
  // A parser: loads, compares, a store.
  const char *const Parser[] = {
      "immed[gprB_22, 0x3fff]",
      "alu[gprB_22, gprB_22, AND, *l$index1[0]]",
      "alu[gprA_4, --, B, *l$index1[2]], gpr_wrboth",
      "alu[gprA_6, gprB_22, +, *l$index1[2]], gpr_wrboth",
      "alu[gprA_8, gprA_4, +, 0xe], gpr_wrboth",
      "alu[--, gprA_6, -, gprB_8]",
      "bcc[.3094]",
      "mem[read32_swap, $xfer_0, gprA_4, 0xc, 4], ctx_swap[sig1]",
      "ld_field_w_clr[gprA_10, 0011, $xfer_0], gpr_wrboth",
      "alu[gprA_12, --, B, $xfer_1], gpr_wrboth",
      "alu_shf[gprA_14, --, B, $xfer_2, >>16], gpr_wrboth",
      "alu[gprA_16, gprA_12, XOR, gprB_14], gpr_wrboth",
      "alu[gprA_16, gprA_16, +, gprB_10], gpr_wrboth",
      "alu_shf[gprA_16, --, B, gprB_16, <<3], gpr_wrboth",
      "alu[--, gprA_16, -, 0x7]",
      "beq[.3094]",
      "alu[*l$index0[0], --, B, gprA_16]",
      "alu[gprA_18, --, B, *l$index0[0]], gpr_wrboth",
      "alu[$xfer_0, --, B, gprA_18]",
      "mem[write8_swap, $xfer_0, gprA_4, 0x0, 4], ctx_swap[sig1]",
      "immed[gprA_0, 0x11, <<16]",
      "br[.1]",
      "immed[gprA_0, 0x22, <<16]",
      "br[.1]"};
  if (wanted("parser"))
    measure("parser", Parser, 4000000);
  // The same with four packets in flight.
  if (wanted("contexts"))
    measure("contexts", Parser, 2000000, 4);
  return 0;
}
