//===- ReportMaps.cpp - How a program uses its maps -----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReportMaps.h"

#include "nfpbpf/Dialect/Remarks.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#define DEBUG_TYPE "convert-bpf-to-nfp"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::convert;
using bpf::WordUse;

/// "0, 2-5" for the words with the use; empty if there are none.
static std::string wordsWith(ArrayRef<WordUse> uses, WordUse wanted) {
  SmallVector<std::string> ranges;
  for (size_t begin = 0; begin < uses.size();) {
    size_t end = begin;
    while (end < uses.size() && uses[end] == wanted)
      ++end;
    if (end == begin) {
      ++begin;
      continue;
    }
    ranges.push_back(std::to_string(begin));
    if (end - begin > 1)
      ranges.back() += "-" + std::to_string(end - 1);
    begin = end;
  }
  return llvm::join(ranges, ", ");
}

/// The 4-byte words of the value by what the program does with them.
static std::string describeWords(ArrayRef<WordUse> uses) {
  SmallVector<std::string> parts;
  for (const auto &[use, text] :
       {std::pair<WordUse, const char *>{WordUse::Read, "read"},
        {WordUse::Write, "written"},
        {WordUse::Atomic, "counters, which the card keeps big-endian"}})
    if (std::string words = wordsWith(uses, use); !words.empty())
      parts.push_back(
          (StringRef(words).contains('-') || StringRef(words).contains(',')
               ? "words "
               : "word ") +
          words + " " + text);
  return parts.empty() ? "no word of the value accessed"
                       : llvm::join(parts, "; ");
}

namespace {
/// What the operations of a module do with the entries of a map.
struct EntryUses {
  unsigned lookups = 0;
  unsigned changes = 0;
};
} // namespace

static std::string describeLookups(unsigned number) {
  return number == 0 ? "no lookup" : countOf(number, "lookup");
}

static std::string describeEntries(const EntryUses &entries, bool isWritten) {
  if (entries.changes)
    return "the program changes entries";
  return isWritten ? "the program changes values, but no entries"
                   : "the program changes nothing of it";
}

void nfpbpf::convert::reportMaps(ModuleOp module,
                                 const bpf::PointerAnalysis &pointers) {
  if (!hasRemarks(module))
    return;
  SmallVector<EntryUses> entries(pointers.maps().size());
  auto count = [&](Value handle, unsigned EntryUses::*member) {
    for (unsigned index : pointers.factOf(handle).maps.set_bits())
      ++(entries[index].*member);
  };
  SmallVector<Operation *> firstUse(pointers.maps().size());
  module.walk([&](Operation *op) {
    for (auto [index, map] : llvm::enumerate(pointers.maps())) {
      StringRef name = bpf::MapOp(map).getSymName();
      auto handle = dyn_cast<bpf::MapRefOp>(op);
      auto value = dyn_cast<bpf::MapValueRefOp>(op);
      auto element = dyn_cast<bpf::ArrayElementOp>(op);
      if (!firstUse[index] && ((handle && handle.getMap() == name) ||
                               (value && value.getMap() == name) ||
                               (element && element.getMap() == name)))
        firstUse[index] = op;
    }
    if (auto lookup = dyn_cast<bpf::MapLookupOp>(op))
      count(lookup.getMap(), &EntryUses::lookups);
    else if (auto update = dyn_cast<bpf::MapUpdateOp>(op))
      count(update.getMap(), &EntryUses::changes);
    else if (auto remove = dyn_cast<bpf::MapDeleteOp>(op))
      count(remove.getMap(), &EntryUses::changes);
  });
  for (auto [index, map] : llvm::enumerate(pointers.maps())) {
    Operation *op = firstUse[index];
    if (!op)
      continue;
    ArrayRef<WordUse> uses = pointers.usesOf(index);
    const bool isWritten = llvm::any_of(uses, [](WordUse use) {
      return use == WordUse::Write || use == WordUse::Atomic;
    });
    remark::analysis(op->getLoc(), remarkOf(op, DEBUG_TYPE, "MapUse"))
        << remark::add("map {0}: {1}; {2}; {3}", bpf::MapOp(map).getSymName(),
                       describeLookups(entries[index].lookups),
                       describeWords(uses),
                       describeEntries(entries[index], isWritten));
  }
}
