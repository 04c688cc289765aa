//===- Execute.cpp - From instructions to handlers ------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"

using namespace llvm;

namespace nfpbpf::sim {

const MicroOp *faultHandler(State &S, const MicroOp *Op) {
  const SideInfo &Info = S.Prog->Side[Op->Side];
  if (!Info.Continue) {
    S.fatal(Info.Kind, Op, Info.Text);
    return nullptr;
  }
  if (!S.fault(Info.Kind, Op, Info.Text))
    return nullptr;
  Handler Continue = Info.Continue;
#ifdef NFPSIM_HAS_MUSTTAIL
  [[clang::musttail]] return Continue(S, Op);
#else
  return Continue(S, Op);
#endif
}

Handler pickHandler(const isa::Instruction &I, MicroOp &Op, HandlerNeeds Needs,
                    bool AfterCsrRead) {
  if (I.Fmt == isa::Format::Shf || I.Fmt == isa::Format::LdField)
    Op.Amount = I.ShiftAmount;
  bool Simple =
      isSimple(Op.A) && isSimple(Op.B) && isSimple(Op.D) && !Op.Predicated;
  unsigned Variant = 0;
  if (!Simple)
    Variant |= General;
  if (Needs.Flags && Op.WritesCC)
    Variant |= Flags;
  if (Needs.Latch)
    Variant |= Latch;
  switch (I.Fmt) {
  case isa::Format::Alu:
    return pickAlu(I.AluOpcode, Variant);
  case isa::Format::Shf:
    return pickShift(I, Op, Variant);
  case isa::Format::LdField:
    return pickLdField(I, Op, Variant);
  case isa::Format::Immed:
    return pickImmed(I, Op, AfterCsrRead, Variant);
  case isa::Format::MulStep:
    return mulHandler;
  case isa::Format::LocalCsr:
    return I.CsrWrite ? csrWriteHandler : csrReadHandler;
  case isa::Format::Branch:
  case isa::Format::BranchBit:
  case isa::Format::BranchByte:
  case isa::Format::Return:
    return pickBranch(I, Op);
  case isa::Format::CtxArb:
    return ctxArbHandler;
  case isa::Format::Cmd:
    return commandHandler;
  case isa::Format::Invalid:
    break;
  }
  return nullptr;
}

void run(State &S, const MicroOp *From) {
  const MicroOp *Op = From;
  while (Op)
    Op = Op->Fn(S, Op);
}

} // namespace nfpbpf::sim
