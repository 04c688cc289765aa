//===- Interpreter.cpp - Plain eBPF interpreter -------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Interp/Interpreter.h"
#include "Machine.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>

using namespace nfpbpf;
using namespace nfpbpf::interp;

struct Interpreter::Impl {
  Code C;
  Options O;
  SlotCounts Counts;
};

Interpreter::Interpreter(std::unique_ptr<Impl> I) : I(std::move(I)) {}
Interpreter::Interpreter(Interpreter &&) = default;
Interpreter &Interpreter::operator=(Interpreter &&) = default;
Interpreter::~Interpreter() = default;

/// Frames must stay apart in the address space.
static Options checked(Options O) {
  O.StackBytes = std::min<uint32_t>(O.StackBytes, FrameTop / 2);
  O.MaxDepth = std::max<uint32_t>(O.MaxDepth, 1);
  return O;
}

llvm::Expected<Interpreter> Interpreter::create(const object::LinkedProgram &P,
                                                const Options &O) {
  auto I = std::make_unique<Impl>();
  switch (P.Type) {
  case object::ProgramType::XDP:
    I->C.Hook = rt::Hook::XDP;
    break;
  case object::ProgramType::TC:
    I->C.Hook = rt::Hook::TC;
    break;
  case object::ProgramType::Unknown:
  case object::ProgramType::Other:
    return llvm::createStringError(
        "program " + P.Name + ": only XDP and TC programs can be interpreted");
  }
  if (P.Insns.empty())
    return llvm::createStringError("program " + P.Name +
                                   ": there are no instructions");
  I->C.Insns = P.Insns;
  for (const object::Unresolved &U : P.UnresolvedList)
    if (!U.IsStable)
      I->C.Unresolved.push_back(U);
  I->O = checked(O);
  I->Counts = SlotCounts(P.Insns.size());
  return Interpreter(std::move(I));
}

Interpreter Interpreter::forCode(std::vector<uint64_t> Insns,
                                 const Options &O) {
  auto I = std::make_unique<Impl>();
  I->Counts = SlotCounts(Insns.size());
  I->C.Insns = std::move(Insns);
  I->O = checked(O);
  return Interpreter(std::move(I));
}

Result Interpreter::run(const World &W) {
  return Machine(I->C, I->O, I->Counts, &W, {}).run();
}

Result Interpreter::runOn(llvm::MutableArrayRef<uint8_t> Memory) {
  return Machine(I->C, I->O, I->Counts, nullptr, Memory).run();
}

llvm::ArrayRef<uint64_t> Interpreter::counts() const {
  return I->Counts.Executed;
}
llvm::ArrayRef<uint64_t> Interpreter::jumps() const { return I->Counts.Jumped; }

void Interpreter::clearCounts() {
  I->Counts = SlotCounts(I->Counts.Executed.size());
}

rt::MapSpec nfpbpf::interp::mapSpec(const object::MapInfo &Info) {
  rt::MapSpec Spec;
  Spec.Name = Info.Name;
  Spec.Type = Info.Type;
  Spec.KeySize = Info.KeySize;
  Spec.ValueSize = Info.ValueSize;
  Spec.MaxEntries = Info.MaxEntries;
  Spec.Flags = Info.Flags;
  Spec.ReadOnly = Info.isReadOnlyData();
  Spec.Contents = Info.Contents;
  return Spec;
}

std::string nfpbpf::interp::describe(const object::LinkedProgram &P,
                                     const Fault &F) {
  std::string Where;
  if (const object::SourceLocation *L =
          F.Insn < P.size() ? P.location(F.Insn) : nullptr)
    Where = llvm::formatv(" ({0}:{1}:{2})", L->File, L->Line, L->Column).str();
  return llvm::formatv("program {0}, instruction {1}{2}: {3}", P.Name, F.Insn,
                       Where, F.Message)
      .str();
}
