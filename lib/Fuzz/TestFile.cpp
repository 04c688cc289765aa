//===- TestFile.cpp - A case as a test of the suite -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Fuzz/TestFile.h"

#include "nfpbpf/ISA/BPF/Printer.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <map>
#include <set>

using namespace nfpbpf;
using namespace nfpbpf::fuzz;

static void symbol(llvm::raw_ostream &OS, llvm::StringRef Name,
                   llvm::StringRef Type) {
  OS << "  .globl " << Name << "\n  .type " << Name << ",@" << Type << "\n"
     << Name << ":\n";
}

/// The label of a place in a data section.
static std::string dataSymbol(int32_t Map, int32_t Offset) {
  return llvm::formatv("data{0}_{1}", Map, Offset);
}

/// Data sections, with a label at each place that an instruction names.
static void writeData(llvm::raw_ostream &OS, const Program &P) {
  std::map<int32_t, std::set<int32_t>> Places;
  for (const Insn &I : P.Code)
    if (I.isWide() && I.S.src() == 2)
      Places[I.S.Imm].insert(I.High);
  for (const auto &[Number, Offsets] : Places) {
    const object::MapInfo &Map = P.Maps[static_cast<size_t>(Number)];
    OS << llvm::formatv("  .section {0},\"{1}\",@{2}\n", Map.Name,
                        Map.isReadOnlyData() ? "a" : "aw",
                        Map.Global == object::GlobalDataKind::BSS ? "nobits"
                                                                  : "progbits");
    for (uint32_t At = 0; At < Map.ValueSize; ++At) {
      const auto Place = static_cast<int32_t>(At);
      if (Offsets.count(Place))
        symbol(OS, dataSymbol(Number, Place), "object");
      OS << "  .byte " << unsigned(Map.Contents[At]) << '\n';
    }
  }
}

llvm::Expected<std::string> fuzz::assemblyOf(const Program &P) {
  auto Slots = P.slots();
  if (!Slots)
    return Slots.takeError();
  std::map<uint32_t, std::string> Functions;
  for (uint32_t Start : P.functionStarts())
    Functions[Start] = Start ? "func" + std::to_string(Start) : "fuzz";
  std::set<int32_t> Labels;
  for (const Insn &I : P.Code)
    if (I.Target != Insn::NoTarget && !I.namesFunction())
      Labels.insert(I.Target);

  std::string Text;
  llvm::raw_string_ostream OS(Text);
  OS << "  .section " << (P.Type == object::ProgramType::XDP ? "xdp" : "tc")
     << ",\"ax\",@progbits\n";
  uint32_t Slot = 0;
  for (uint32_t At = 0; At < P.Code.size(); ++At) {
    const Insn &I = P.Code[At];
    if (auto F = Functions.find(At); F != Functions.end()) {
      if (At)
        OS << "  .text\n";
      symbol(OS, F->second, "function");
    }
    if (Labels.count(static_cast<int32_t>(At)))
      OS << 'L' << At << ":\n";
    std::string Line = ebpf::toString(*Slots, Slot);
    // LLVM's assembler has no text for these with register and number.
    const bool IsIndirectLoad = (I.S.Code & 0xe7) == 0x40;
    if (IsIndirectLoad && I.S.Imm)
      Line = llvm::formatv(".quad {0:x}", (*Slots)[Slot]);
    Slot += I.isWide() ? 2 : 1;
    if (I.isLocalCall()) {
      Line = "call " + Functions[static_cast<uint32_t>(I.Target)];
    } else if (I.isFunctionAddress()) {
      Line = llvm::formatv("r{0} = {1} ll", I.S.dst(),
                           Functions[static_cast<uint32_t>(I.Target)]);
    } else if (I.Target != Insn::NoTarget) {
      Line.resize(Line.rfind(' ') + 1);
      Line += "L" + std::to_string(I.Target);
    } else if (I.isWide() && I.S.src() == 1) {
      Line = llvm::formatv("r{0} = {1} ll", I.S.dst(),
                           P.Maps[static_cast<size_t>(I.S.Imm)].Name);
    } else if (I.isWide() && I.S.src() == 2) {
      Line = llvm::formatv("r{0} = {1} ll", I.S.dst(),
                           dataSymbol(I.S.Imm, I.High));
    }
    OS << "  " << Line << '\n';
  }
  writeData(OS, P);
  if (llvm::any_of(P.Maps, [](auto &Map) { return !Map.isGlobalData(); }))
    OS << "  .section maps,\"aw\",@progbits\n";
  for (const object::MapInfo &Map : P.Maps) {
    if (Map.isGlobalData())
      continue;
    symbol(OS, Map.Name, "object");
    OS << llvm::formatv("  .long {0}, {1}, {2}, {3}, {4}\n  .size {5}, 20\n",
                        Map.Type, Map.KeySize, Map.ValueSize, Map.MaxEntries,
                        Map.Flags, Map.Name);
  }
  return Text;
}

llvm::Expected<std::string> fuzz::testFileOf(const Case &C,
                                             llvm::ArrayRef<std::string> Notes,
                                             llvm::StringRef LeftOut) {
  llvm::Expected<std::string> Assembly = assemblyOf(C.P);
  if (!Assembly)
    return Assembly.takeError();
  std::string Text;
  llvm::raw_string_ostream OS(Text);
  for (const std::string &Note : Notes)
    OS << "# " << Note << '\n';
  OS << "# RUN: split-file %s %t\n"
        "# RUN: %python %src_root/test/Inputs/hex-to-pcap.py %t/packets.hex "
        "%t/packets.pcap\n"
        "# RUN: nfp-bpf-check %t/prog.s --pcap=%t/packets.pcap "
        "--maps=%t/maps.json --fill-states=0 --explore=0 "
     << (LeftOut.empty() ? "" : ("--off=" + LeftOut + " ").str())
     << "| FileCheck %s\n"
        "# CHECK: \"status\":\"agree\"\n\n"
        "#--- prog.s\n"
     << *Assembly << "\n#--- packets.hex\n";
  for (const rt::Packet &Packet : C.Packets)
    OS << llvm::toHex(Packet.Bytes, /*LowerCase=*/true) << '\n';
  // Linked programs have the maps that they use, and no other.
  std::set<uint32_t> Used;
  for (const Insn &I : C.P.Code)
    if (I.namesMap())
      Used.insert(static_cast<uint32_t>(I.S.Imm));
  llvm::json::Object Maps;
  for (uint32_t M : Used) {
    llvm::json::Array Entries;
    for (const auto &Entry : C.State.Entries)
      if (Entry.Map == M)
        Entries.push_back(llvm::json::Object{
            {"key", llvm::toHex(Entry.Key, /*LowerCase=*/true)},
            {"value", llvm::toHex(Entry.Value, /*LowerCase=*/true)}});
    if (!Entries.empty())
      Maps[C.P.Maps[M].Name] = std::move(Entries);
  }
  OS << "\n#--- maps.json\n"
     << llvm::formatv("{0:2}", llvm::json::Value(std::move(Maps))) << '\n';
  return Text;
}
