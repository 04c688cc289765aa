//===- Case.cpp - A program with packets and map contents -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Fuzz/Case.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

#include <set>

using namespace nfpbpf;
using namespace nfpbpf::fuzz;

llvm::Expected<std::vector<uint64_t>> Program::slots() const {
  std::vector<int64_t> At(Code.size() + 1);
  for (size_t I = 0; I < Code.size(); ++I)
    At[I + 1] = At[I] + (Code[I].isWide() ? 2 : 1);
  std::vector<uint64_t> Slots;
  for (size_t I = 0; I < Code.size(); ++I) {
    ebpf::Slot S = Code[I].S;
    if (Code[I].Target != Insn::NoTarget) {
      const int64_t Distance = At[Code[I].Target] - At[I] - 1;
      if (Code[I].isLongTarget())
        S.Imm = static_cast<int32_t>(Distance);
      else if (Distance < INT16_MIN || Distance > INT16_MAX)
        return llvm::createStringError(
            "instruction %zu jumps too far for 16 bits", I);
      else
        S.Off = static_cast<int16_t>(Distance);
    }
    Slots.push_back(S.toWord());
    if (Code[I].isWide())
      Slots.push_back(ebpf::Slot(0, 0, 0, 0, Code[I].High).toWord());
  }
  return Slots;
}

llvm::Expected<object::LinkedProgram> Program::link() const {
  auto Words = slots();
  if (!Words)
    return Words.takeError();
  std::vector<uint8_t> Bytes(8 * Words->size());
  for (size_t I = 0; I < Words->size(); ++I)
    llvm::support::endian::write64le(Bytes.data() + 8 * I, (*Words)[I]);
  return object::LinkedProgram::fromBytes(Bytes, "fuzz", Type, Maps);
}

std::vector<uint32_t> Program::functionStarts() const {
  std::set<uint32_t> Starts{0};
  for (const Insn &I : Code)
    if (I.namesFunction())
      Starts.insert(static_cast<uint32_t>(I.Target));
  return {Starts.begin(), Starts.end()};
}
