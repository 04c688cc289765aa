//===- nfp-bpf-object-fuzzer.cpp - Fuzz the eBPF object reader ------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads any bytes as an eBPF object and links every program in it. Beyond not
// crashing, what comes out must be consistent: this walks all tables.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/BPF/BPFObject.h"

#include <cstdlib>

using namespace llvm;
using namespace nfpbpf::object;

namespace {

void check(bool Condition) {
  if (!Condition)
    std::abort();
}

void inspect(const LinkedProgram &P) {
  check(!P.Insns.empty() && !P.Functions.empty());
  check(P.Functions.front().First == 0 && P.Functions.back().end() == P.size());
  for (size_t I = 1; I < P.Functions.size(); ++I)
    check(P.Functions[I].First == P.Functions[I - 1].end());
  for (const Reference &R : P.References) {
    check(R.Insn < P.size() && P.reference(R.Insn) != nullptr);
    bool IsMap = R.Kind == RefKind::Map || R.Kind == RefKind::MapValue;
    check(R.Index < (IsMap ? P.Maps.size() : P.Functions.size()));
    if (R.Kind == RefKind::MapValue)
      check(R.Offset <= P.Maps[R.Index].ValueSize);
  }
  for (const Unresolved &U : P.UnresolvedList)
    check(U.Insn < P.size() && !P.unresolved(U.Insn).empty());
  for (const MapInfo &M : P.Maps)
    check(!M.isGlobalData() || M.Contents.size() == M.ValueSize);
  size_t Text = 0;
  for (uint32_t I = 0; I < P.size(); ++I)
    if (const SourceLocation *L = P.location(I))
      Text += L->File.size() + L->Text.size() + L->Line;
  (void)Text;
  // The linked bytes are themselves a program.
  if (P.UnresolvedList.empty()) {
    auto Again = LinkedProgram::fromBytes(P.bytes(), P.Name, P.Type, P.Maps);
    consumeError(Again.takeError());
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  StringRef Bytes(reinterpret_cast<const char *>(Data), Size);
  Expected<BPFObject> Object = BPFObject::parse(MemoryBufferRef(Bytes, "fuzz"));
  if (!Object) {
    check(!toString(Object.takeError()).empty());
    return 0;
  }
  size_t Count = std::min<size_t>(Object->programs().size(), 64);
  for (uint32_t I = 0; I < Count; ++I) {
    Expected<LinkedProgram> P = Object->link(I);
    if (!P) {
      check(!toString(P.takeError()).empty());
      continue;
    }
    inspect(*P);
  }
  return 0;
}
