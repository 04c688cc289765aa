//===- Multiply.cpp - Handler of mul_step ---------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, section 4.12.
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "llvm/ADT/bit.h"

using namespace llvm;

namespace nfpbpf::sim {

const MicroOp *mulHandler(State &S, const MicroOp *Op) {
  const isa::Instruction &I = S.Prog->Side[Op->Side].Insn;
  using isa::MulPhase;
  using isa::MulType;
  enum : uint8_t { Idle, Started, Delivered };
  if (Op->Predicated) {
    S.fatal(FaultKind::Unsupported, Op, "predicate_cc on mul_step");
    return nullptr;
  }
  auto order = [&](const Twine &Why) {
    return S.fault(FaultKind::MulSequence, Op, Why);
  };
  bool IsStart = I.MulKind == MulType::Start;
  bool IsLast =
      !IsStart && (I.MulStep == MulPhase::Last || I.MulStep == MulPhase::Last2);
  if (!IsStart && (S.MulState == Idle || S.MulNext != Op)) {
    if (!order("mul_step that does not directly follow the step before it"))
      return nullptr;
  }
  if (!IsLast) {
    Value A, B;
    if (!fetch(S, Op, Op->A, A) || !fetch(S, Op, Op->B, B))
      return nullptr;
    if (!hasArrived(S, Op, A | B))
      return nullptr;
    if (IsStart) {
      S.MulA = A;
      S.MulB = B;
      S.MulType = 0;
      S.MulSteps = 0;
      S.MulState = Started;
    } else {
      unsigned Type = static_cast<unsigned>(I.MulKind);
      unsigned Step = static_cast<unsigned>(I.MulStep);
      if (((A ^ S.MulA) | (B ^ S.MulB)) != 0 &&
          !order("mul_step with other operands than its start"))
        return nullptr;
      if ((S.MulSteps != Step || (Step != 0 && S.MulType != Type)) &&
          !order("mul_step out of order: step " + Twine(Step + 1) + " after " +
                 Twine(unsigned(S.MulSteps))))
        return nullptr;
      S.MulType = static_cast<uint8_t>(Type);
      S.MulSteps = static_cast<uint8_t>(Step + 1);
    }
    S.MulNext = Op + 1;
    // What a step leaves behind is not specified.
    S.PrevAlu = S.PrevA = StaleLatch;
    NFPSIM_NEXT(S, Op + 1);
  }

  unsigned Type = static_cast<unsigned>(I.MulKind);
  static constexpr uint8_t StepsOf[4] = {0, 1, 2, 4};
  static constexpr uint32_t LeftMask[4] = {0, 0xffffff, 0xffff, ~0u};
  static constexpr uint32_t RightMask[4] = {0, 0xff, 0xffff, ~0u};
  bool IsLast2 = I.MulStep == MulPhase::Last2;
  if (IsLast2 ? S.MulState != Delivered || Type != 3
              : S.MulState != Started || S.MulType != Type ||
                    S.MulSteps != StepsOf[Type])
    if (!order("mul_step " + Twine(IsLast2 ? "last2" : "last") +
               " without the steps before it"))
      return nullptr;
  uint32_t TooWide = (bitsOf(S.MulA) & ~undefOf(S.MulA) & ~LeftMask[Type]) |
                     (bitsOf(S.MulB) & ~undefOf(S.MulB) & ~RightMask[Type]);
  if (TooWide && !order("operand too wide for the multiplication: 0x" +
                        Twine::utohexstr(bitsOf(S.MulA)) + " times 0x" +
                        Twine::utohexstr(bitsOf(S.MulB))))
    return nullptr;
  uint64_t Product = uint64_t(bitsOf(S.MulA) & LeftMask[Type]) *
                     (bitsOf(S.MulB) & RightMask[Type]);
  // Undefined bits reach every higher bit of the product.
  uint32_t UndefIn =
      (undefOf(S.MulA) & LeftMask[Type]) | (undefOf(S.MulB) & RightMask[Type]);
  uint64_t Undef = UndefIn ? ~uint64_t(0) << llvm::countr_zero(UndefIn) : 0;
  unsigned Shift = IsLast2 ? 32 : 0;
  Value R = makeValue(static_cast<uint32_t>(Product >> Shift),
                      static_cast<uint32_t>(Undef >> Shift));
  if (!isSimple(Op->D)) {
    S.fatal(FaultKind::Unsupported, Op, "destination of " + isa::toString(I));
    return nullptr;
  }
  S.R[Op->D] = R;
  S.R[Op->D2] = R;
  if (!I.NoCC) {
    S.FlagResult = R;
    S.FlagC = S.FlagV = 0;
    S.FlagCVUndef = 1;
  }
  S.MulState = IsLast2 ? Idle : Delivered;
  S.MulNext = Op + 1;
  // The instruction set names no latch for mul_step.
  S.PrevAlu = S.PrevA = StaleLatch;
  NFPSIM_NEXT(S, Op + 1);
}

} // namespace nfpbpf::sim
