//===- CycleReport.cpp - Where the cycles go ------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CycleReport.h"

#include "nfpbpf/ISA/BPF/Printer.h"
#include "nfpbpf/ISA/NFP/Instruction.h"
#include "nfpbpf/ISA/NFP/Text.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>

using namespace nfpbpf;
using namespace nfpbpf::run;
using llvm::StringRef;

StringRef run::stringifyPlace(Place By) {
  switch (By) {
  case Place::Line:
    return "line";
  case Place::Function:
    return "function";
  case Place::Insn:
    return "insn";
  case Place::Word:
    return "word";
  }
  return "";
}

namespace {
/// What the words of a row have in common; ordered as the rows are when their
/// costs are equal.
using Key = std::pair<uint32_t, uint32_t>;
constexpr Key Nowhere = {~0u, ~0u};

class Reporter {
public:
  Reporter(const object::NFPProgram &Program,
           const object::LinkedProgram *Linked, Place By)
      : Program(Program), Linked(Linked), By(By) {
    for (const object::NFPFunction &F : Program.Functions)
      addFunction(F.Name);
    if (Linked)
      for (const object::Function &F : Linked->Functions)
        addFunction(F.Name);
  }

  Key keyOf(uint32_t Word) const;
  void describe(Key K, CycleRow &Row) const;

private:
  void addFunction(StringRef Name) {
    if (Functions.try_emplace(Name, static_cast<uint32_t>(Names.size())).second)
      Names.push_back(Name);
  }
  uint32_t functionOf(uint32_t Word) const;
  StringRef textOfLine(StringRef File, uint32_t Line) const;

  const object::NFPProgram &Program;
  const object::LinkedProgram *Linked;
  const Place By;
  /// Of the image and of the program, each name once.
  std::vector<StringRef> Names;
  llvm::StringMap<uint32_t> Functions;
};
} // namespace

/// The function that the word's instruction is in, wherever that has been
/// inlined; for words of no instruction that of the image.
uint32_t Reporter::functionOf(uint32_t Word) const {
  const object::NFPLine *Line = Program.lineOf(Word);
  if (Linked && Line && Line->Insn < Linked->size())
    return Functions.lookup(
        Linked->Functions[Linked->functionIndexOf(Line->Insn)].Name);
  uint32_t Found = Nowhere.first;
  for (const object::NFPFunction &F : Program.Functions)
    if (Word - F.First < F.Count)
      Found = Functions.lookup(F.Name);
  return Found;
}

Key Reporter::keyOf(uint32_t Word) const {
  if (By == Place::Word)
    return {Word, 0};
  if (By == Place::Function)
    return {functionOf(Word), 0};
  const object::NFPLine *Line = Program.lineOf(Word);
  if (!Line)
    return Nowhere;
  if (By == Place::Line)
    return Line->Line ? Key(Line->File, Line->Line) : Nowhere;
  return Line->Insn == object::NFPLine::NoInsn ? Nowhere : Key(Line->Insn, 0);
}

StringRef Reporter::textOfLine(StringRef File, uint32_t Line) const {
  if (Linked)
    for (uint32_t I = 0; I < Linked->size(); ++I)
      if (const object::SourceLocation *L = Linked->location(I))
        if (L->Line == Line && L->File == File)
          return L->Text;
  return "";
}

void Reporter::describe(Key K, CycleRow &Row) const {
  if (K.first == Nowhere.first) {
    Row.Where = By == Place::Line       ? "(no source line)"
                : By == Place::Function ? "(no function)"
                                        : "(no instruction)";
    return;
  }
  switch (By) {
  case Place::Line: {
    StringRef File = Program.Files[K.first];
    Row.Where = (File + ":" + llvm::Twine(K.second)).str();
    Row.Text = textOfLine(File, K.second).str();
    return;
  }
  case Place::Function:
    Row.Where = Names[K.first].str();
    return;
  case Place::Insn:
    Row.Where = "instruction " + std::to_string(K.first);
    if (Linked && K.first < Linked->size()) {
      ebpf::PrintOptions Names;
      Names.Names = true;
      Row.Text = ebpf::toString(Linked->Insns, K.first, Names);
    }
    return;
  case Place::Word:
    Row.Where = std::to_string(K.first);
    Row.Text = isa::toString(isa::decode(Program.Words[K.first].Insn));
    return;
  }
}

/// What decides about the order of rows.
static double weightOf(const CycleRow &Row) {
  return static_cast<double>(Row.Cost.Cycles) + Row.Cost.HelperCycles;
}

std::vector<CycleRow> run::cycleRows(const object::NFPProgram &Program,
                                     const object::LinkedProgram *Linked,
                                     llvm::ArrayRef<sim::WordCost> Costs,
                                     Place By) {
  const Reporter R(Program, Linked, By);
  std::map<Key, CycleRow> ByKey;
  for (uint32_t Word = 0; Word < Costs.size(); ++Word) {
    if (Costs[Word].Executed == 0)
      continue;
    CycleRow &Row = ByKey[R.keyOf(Word)];
    ++Row.Words;
    Row.Cost += Costs[Word];
  }
  std::vector<std::pair<Key, CycleRow>> Sorted;
  for (auto &[K, Row] : ByKey) {
    R.describe(K, Row);
    Sorted.emplace_back(K, std::move(Row));
  }
  // Words are read as a listing.
  if (By != Place::Word)
    llvm::sort(Sorted, [](const auto &A, const auto &B) {
      const double WeightA = weightOf(A.second), WeightB = weightOf(B.second);
      return WeightA != WeightB ? WeightA > WeightB : A.first < B.first;
    });
  std::vector<CycleRow> Rows;
  Rows.reserve(Sorted.size());
  for (auto &[K, Row] : Sorted)
    Rows.push_back(std::move(Row));
  return Rows;
}

void run::printCycles(llvm::raw_ostream &OS, llvm::ArrayRef<CycleRow> Rows,
                      Place By, uint64_t Packets) {
  double Total = 0;
  for (const CycleRow &Row : Rows)
    Total += weightOf(Row);
  const double PerPacket = Packets ? 1 / static_cast<double>(Packets) : 0;
  OS << "\ncycles by " << stringifyPlace(By)
     << ", per packet\n  cycles      %   waits  helpers  executed  words  "
        "where\n";
  for (const CycleRow &Row : Rows) {
    OS << llvm::formatv(
        "{0,8:f2} {1,6:f1} {2,7:f2} {3,8:f1} {4,9:f2} {5,6}  {6}",
        static_cast<double>(Row.Cost.Cycles) * PerPacket,
        Total > 0 ? 100 * weightOf(Row) / Total : 0,
        static_cast<double>(Row.Cost.MemoryWaits) * PerPacket,
        Row.Cost.HelperCycles * PerPacket,
        static_cast<double>(Row.Cost.Executed) * PerPacket, Row.Words,
        Row.Where);
    if (!Row.Text.empty())
      OS << "  " << Row.Text;
    OS << '\n';
  }
}

llvm::json::Array run::cyclesJSON(llvm::ArrayRef<CycleRow> Rows,
                                  uint64_t Packets) {
  const double PerPacket = Packets ? 1 / static_cast<double>(Packets) : 0;
  llvm::json::Array A;
  for (const CycleRow &Row : Rows)
    A.push_back(llvm::json::Object{
        {"where", Row.Where},
        {"text", llvm::json::fixUTF8(Row.Text)},
        {"words", Row.Words},
        {"executed", static_cast<double>(Row.Cost.Executed) * PerPacket},
        {"program_cycles", static_cast<double>(Row.Cost.Cycles) * PerPacket},
        {"helper_cycles", Row.Cost.HelperCycles * PerPacket},
        {"memory_waits",
         static_cast<double>(Row.Cost.MemoryWaits) * PerPacket}});
  return A;
}
