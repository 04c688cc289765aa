//===- LinkedProgram.cpp - A program as the kernel would see it -----------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/BPF/LinkedProgram.h"

#include "ObjectError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

#include <algorithm>
#include <cassert>
#include <set>

using namespace llvm;

namespace nfpbpf {
namespace object {

uint32_t LinkedProgram::functionIndexOf(uint32_t Insn) const {
  auto It =
      llvm::upper_bound(Functions, Insn, [](uint32_t I, const Function &F) {
        return I < F.First;
      });
  assert(It != Functions.begin() && "the entry starts at 0");
  return static_cast<uint32_t>(It - Functions.begin()) - 1;
}

const SourceLocation *LinkedProgram::location(uint32_t Insn) const {
  auto It = llvm::upper_bound(LineStarts, Insn);
  if (It == LineStarts.begin())
    return nullptr;
  --It;
  if (*It < functionOf(Insn).First)
    return nullptr;
  return &Locations[It - LineStarts.begin()];
}

const Reference *LinkedProgram::reference(uint32_t Insn) const {
  auto It =
      llvm::lower_bound(References, Insn, [](const Reference &R, uint32_t I) {
        return R.Insn < I;
      });
  if (It == References.end() || It->Insn != Insn)
    return nullptr;
  return &*It;
}

ArrayRef<Unresolved> LinkedProgram::unresolved(uint32_t Insn) const {
  auto Begin = llvm::lower_bound(
      UnresolvedList, Insn,
      [](const Unresolved &U, uint32_t I) { return U.Insn < I; });
  auto End = Begin;
  while (End != UnresolvedList.end() && End->Insn == Insn)
    ++End;
  return ArrayRef<Unresolved>(UnresolvedList)
      .slice(Begin - UnresolvedList.begin(), End - Begin);
}

std::vector<uint8_t> LinkedProgram::bytes() const {
  std::vector<uint8_t> Result(8 * Insns.size());
  for (size_t I = 0; I < Insns.size(); ++I)
    support::endian::write64le(Result.data() + 8 * I, Insns[I]);
  return Result;
}

void LinkedProgram::addLineRecord(uint32_t Insn, SourceLocation Loc) {
  assert((LineStarts.empty() || LineStarts.back() < Insn) &&
         "records come in ascending order");
  LineStarts.push_back(Insn);
  Locations.push_back(Loc);
}

Expected<LinkedProgram> LinkedProgram::fromBytes(ArrayRef<uint8_t> Bytes,
                                                 StringRef Name,
                                                 ProgramType Type,
                                                 std::vector<MapInfo> Maps) {
  auto Fail = [&](const Twine &Why) { return objectError(Name + ": " + Why); };
  if (Bytes.empty())
    return Fail("no instructions");
  if (Bytes.size() % 8 != 0)
    return Fail(Twine(Bytes.size()) + " bytes are no multiple of 8");
  if (Bytes.size() / 8 > MaxInsns)
    return Fail("more than " + Twine(MaxInsns) + " instructions");

  LinkedProgram P;
  P.Name = Name.str();
  P.FileName = Name.str();
  P.Type = Type;
  P.Maps = std::move(Maps);
  P.Insns.resize(Bytes.size() / 8);
  for (size_t I = 0; I < P.Insns.size(); ++I)
    P.Insns[I] = support::endian::read64le(Bytes.data() + 8 * I);

  std::set<uint32_t> Starts{0};
  std::set<uint32_t> SecondSlots;
  struct Target {
    uint32_t Insn;
    RefKind Kind;
    uint32_t Start;
  };
  std::vector<Target> Targets;
  for (uint32_t I = 0; I < P.size(); ++I) {
    uint32_t At = I;
    unsigned Source = (P.Insns[I] >> 12) & 15;
    int64_t Immediate = static_cast<int32_t>(P.Insns[I] >> 32);
    bool IsFunctionAddress = false;
    if (P.isLdImm64(I)) {
      if (I + 1 == P.size())
        return Fail("instruction " + Twine(I) + ": LD_IMM64 is cut off");
      SecondSlots.insert(++I);
      if (Source == 1 || Source == 2) {
        if (Immediate < 0 || Immediate >= int64_t(P.Maps.size()))
          return Fail("instruction " + Twine(At) + ": map " + Twine(Immediate) +
                      " does not exist");
        Reference R;
        R.Insn = At;
        R.Kind = Source == 1 ? RefKind::Map : RefKind::MapValue;
        R.Index = static_cast<uint32_t>(Immediate);
        R.Offset = Source == 1 ? 0 : P.Insns[I] >> 32;
        P.References.push_back(R);
      }
      IsFunctionAddress = Source == 4;
    }
    bool IsCall = P.opcode(At) == 0x85 && Source == 1;
    if (!IsCall && !IsFunctionAddress)
      continue;
    int64_t Start = int64_t(At) + 1 + Immediate;
    if (Start < 0 || Start >= int64_t(P.size()))
      return Fail("instruction " + Twine(At) + ": function at " + Twine(Start) +
                  " is outside of the program");
    Starts.insert(static_cast<uint32_t>(Start));
    Targets.push_back({At, IsCall ? RefKind::Call : RefKind::Function,
                       static_cast<uint32_t>(Start)});
  }

  std::vector<uint32_t> Order(Starts.begin(), Starts.end());
  for (size_t I = 0; I < Order.size(); ++I) {
    if (SecondSlots.count(Order[I]))
      return Fail("function at " + Twine(Order[I]) +
                  " starts inside an LD_IMM64");
    Function F;
    F.Name = I == 0 ? Name.str() : "func" + std::to_string(Order[I]);
    F.First = Order[I];
    F.Count = (I + 1 < Order.size() ? Order[I + 1] : P.size()) - F.First;
    F.IsGlobal = I == 0;
    F.SectionOffset = 8 * uint64_t(F.First);
    P.Functions.push_back(std::move(F));
  }
  for (const Target &T : Targets) {
    Reference R;
    R.Insn = T.Insn;
    R.Kind = T.Kind;
    R.Index = P.functionIndexOf(T.Start);
    P.References.push_back(R);
  }
  llvm::sort(P.References, [](const Reference &A, const Reference &B) {
    return A.Insn < B.Insn;
  });
  return std::move(P);
}

} // namespace object
} // namespace nfpbpf
