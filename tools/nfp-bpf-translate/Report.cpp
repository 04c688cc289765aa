//===- Report.cpp - The table of programs ---------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "nfpbpf/ISA/BPF/MapTypes.h"

#include "nfpbpf/Object/BPF/LinkedProgram.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <array>

using namespace nfpbpf;
using namespace nfpbpf::translate;

/// "flows hash, counters array"
static std::string describeMaps(const object::NFPProgram &P) {
  std::string Text;
  for (const object::NFPMap &Map : P.Maps)
    Text += (Text.empty() ? "" : ", ") + Map.Name + " " +
            ebpf::mapTypeName(Map.Type);
  return Text.empty() ? "none" : Text;
}

/// The last packet byte it may access.
static std::string describePacketOffset(const object::NFPProgram &P) {
  return P.MaxPacketOffset >= object::UnboundedPacketOffset
             ? "any"
             : llvm::utostr(P.MaxPacketOffset);
}

std::string translate::describeRefusal(const Refusal &Why) {
  std::string Text = "refused: ";
  if (Why.Insn)
    Text += llvm::formatv("instruction {0}", *Why.Insn);
  if (!Why.InsnText.empty())
    Text += " (" + Why.InsnText + ")";
  if (!Why.Place.empty())
    Text += (Why.Insn ? ", " : "") + Why.Place;
  if (Why.Insn || !Why.Place.empty())
    Text += ": ";
  return Text + Why.Text;
}

void translate::printTable(llvm::raw_ostream &OS, const ReportHeader &Header,
                           llvm::ArrayRef<ProgramReport> Programs) {
  using Row = std::array<std::string, 8>;
  // The last column is free text and does not count for the width.
  std::vector<Row> Rows = {
      {"program", "section", "type", "eBPF", "NFP", "stack", "packet", "maps"}};
  unsigned Translated = 0;
  for (const ProgramReport &P : Programs) {
    Row R = {P.Name, P.Section.empty() ? "-" : P.Section, P.Type,
             P.Instructions ? llvm::utostr(P.Instructions) : "-"};
    if (P.Image) {
      ++Translated;
      R[4] = llvm::utostr(P.Image->Words.size());
      R[5] = llvm::utostr(P.Image->StackBytes);
      R[6] = describePacketOffset(*P.Image);
      R[7] = describeMaps(*P.Image);
    } else {
      R[4] = R[5] = R[6] = "-";
      R[7] = describeRefusal(P.Why);
    }
    Rows.push_back(std::move(R));
  }

  OS << llvm::formatv("{0}: profile {1}, -O{2}\n", Header.Input, Header.Profile,
                      Header.OptLevel);
  std::array<size_t, 7> Widths = {};
  for (const Row &R : Rows)
    for (size_t I = 0; I < Widths.size(); ++I)
      Widths[I] = std::max(Widths[I], R[I].size());
  for (const Row &R : Rows) {
    for (size_t I = 0; I < Widths.size(); ++I) {
      const bool IsNumber = I >= 3;
      const std::string Pad(Widths[I] - R[I].size(), ' ');
      OS << (IsNumber ? Pad + R[I] : R[I] + Pad) << "  ";
    }
    OS << R.back() << '\n';
  }
  OS << llvm::formatv("{0} program{1}, {2} translated, {3} refused\n",
                      Programs.size(), Programs.size() == 1 ? "" : "s",
                      Translated, Programs.size() - Translated);
}

llvm::json::Value translate::toJSON(const ReportHeader &Header,
                                    llvm::ArrayRef<ProgramReport> Programs) {
  llvm::json::Array List;
  for (const ProgramReport &P : Programs) {
    llvm::json::Object Item{{"program", llvm::json::fixUTF8(P.Name)},
                            {"section", llvm::json::fixUTF8(P.Section)},
                            {"type", P.Type},
                            {"instructions", P.Instructions},
                            {"translated", P.Image.has_value()}};
    if (P.Image) {
      Item["words"] = P.Image->Words.size();
      Item["stack"] = P.Image->StackBytes;
      Item["max_packet_offset"] = P.Image->MaxPacketOffset;
      llvm::json::Array Maps;
      for (const object::NFPMap &Map : P.Image->Maps)
        Maps.push_back(llvm::json::Object{{"name", Map.Name},
                                          {"type", ebpf::mapTypeName(Map.Type)},
                                          {"key_size", Map.KeySize},
                                          {"value_size", Map.ValueSize},
                                          {"max_entries", Map.MaxEntries}});
      Item["maps"] = std::move(Maps);
    } else {
      llvm::json::Object Why{{"text", llvm::json::fixUTF8(P.Why.Text)}};
      if (P.Why.Insn)
        Why["instruction"] = *P.Why.Insn;
      if (!P.Why.InsnText.empty())
        Why["instruction_text"] = P.Why.InsnText;
      if (!P.Why.Place.empty())
        Why["source"] = llvm::json::fixUTF8(P.Why.Place);
      Item["refused"] = std::move(Why);
    }
    List.push_back(std::move(Item));
  }
  return llvm::json::Object{{"input", Header.Input},
                            {"profile", Header.Profile},
                            {"opt_level", Header.OptLevel},
                            {"programs", std::move(List)}};
}
