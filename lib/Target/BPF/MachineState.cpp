//===- MachineState.cpp - Kinds of values in registers --------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MachineState.h"

#include <limits>

using namespace nfpbpf::importer;

const char *nfpbpf::importer::describe(Tag T) {
  switch (T) {
  case Tag::Uninit:
    return "no value";
  case Tag::Const:
  case Tag::Scalar:
    return "a number";
  case Tag::Ctx:
    return "a context pointer";
  case Tag::Packet:
    return "a packet pointer";
  case Tag::PacketEnd:
    return "the packet's end";
  case Tag::PacketMeta:
    return "a packet metadata pointer";
  case Tag::Stack:
    return "a stack pointer";
  case Tag::MapValue:
  case Tag::Constants:
    return "a map value pointer";
  case Tag::Map:
    return "a map";
  case Tag::Opaque:
    return "a kernel pointer";
  case Tag::Function:
    return "the address of a function";
  }
  return "";
}

Kind nfpbpf::importer::withoutPlace(const Kind &K) {
  if (K.T != Tag::Constants)
    return K;
  return Kind::map(Tag::MapValue, K.constantsMap());
}

/// A pointer that may also be null. The context, a certain map and a certain
/// place of global data are made anew where they are used, so these kinds must
/// not cover null.
static Kind orNull(const Kind &K) {
  if (K.T == Tag::Ctx)
    return Kind::scalar();
  return K.T == Tag::Map ? Kind::pointer(Tag::Map) : withoutPlace(K);
}

Kind nfpbpf::importer::join(const Kind &A, const Kind &B) {
  if (A == B || B.isUninit())
    return A;
  if (A.isUninit())
    return B;
  if (A.isNull() && B.isPointer())
    return orNull(B);
  if (B.isNull() && A.isPointer())
    return orNull(A);
  if (A.T == Tag::Constants || B.T == Tag::Constants)
    return join(withoutPlace(A), withoutPlace(B));
  if (A.isPointer() && A.T == B.T && A.Region == B.Region) {
    Kind K = Kind::pointer(A.T);
    K.Region = A.Region;
    return K;
  }
  return Kind::scalar();
}

void nfpbpf::importer::print(llvm::raw_ostream &OS, const Kind &K) {
  static const char *const Names[] = {
      "uninit", "const",     "ctx", "packet", "end",    "meta",    "stack",
      "value",  "constants", "map", "opaque", "scalar", "function"};
  OS << Names[static_cast<unsigned>(K.T)];
  if (K.T == Tag::Stack)
    OS << static_cast<unsigned>(K.Region);
  if (K.Known)
    OS << '(' << K.Value << ')';
}

Kind MachineState::loadSlot(uint8_t Region, int64_t Offset) const {
  auto It = Slots.find({Region, Offset});
  if (It != Slots.end())
    return It->second.isUninit() ? Kind::scalar() : It->second;
  return Kind::scalar();
}

void MachineState::store(uint8_t Region, int64_t Offset, unsigned Size,
                         const Kind &K) {
  // Whatever else overlaps the written bytes is a mixture now.
  for (auto It = Slots.lower_bound({Region, Offset - 7});
       It != Slots.end() && It->first.first == Region &&
       It->first.second < Offset + Size;
       ++It)
    It->second = Kind::scalar();
  if (Size == 8) {
    Slots[{Region, Offset}] = K.isUninit() ? Kind::scalar() : K;
    return;
  }
  Slots[{Region, Offset & ~int64_t(7)}] = Kind::scalar();
}

void MachineState::clobber(uint8_t Region, int64_t From) {
  for (auto It = Slots.lower_bound({Region, From - 7});
       It != Slots.end() && It->first.first == Region; ++It)
    It->second = Kind::scalar();
  Clobbered |= uint64_t(1) << Region;
}

void MachineState::clobberAll(uint8_t Region) {
  clobber(Region, std::numeric_limits<int32_t>::min());
}

bool MachineState::joinWith(const MachineState &Other) {
  bool Changed = false;
  for (unsigned R = 0; R < Regs.size(); ++R) {
    Kind K = join(Regs[R], Other.Regs[R]);
    Changed |= K != Regs[R];
    Regs[R] = K;
  }
  // Slots that only one side lists.
  for (auto &[Where, Mine] : Slots) {
    auto It = Other.Slots.find(Where);
    Kind Theirs =
        It != Other.Slots.end() ? It->second : Other.absent(Where.first);
    Kind K = join(Mine, Theirs);
    Changed |= K != Mine;
    Mine = K;
  }
  for (const auto &[Where, Theirs] : Other.Slots) {
    if (Slots.count(Where))
      continue;
    Slots[Where] = join(absent(Where.first), Theirs);
    Changed = true;
  }
  Changed |= (Clobbered | Other.Clobbered) != Clobbered ||
             (Foreign | Other.Foreign) != Foreign;
  Clobbered |= Other.Clobbered;
  Foreign |= Other.Foreign;
  return Changed;
}
