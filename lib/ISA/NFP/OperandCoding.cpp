//===- OperandCoding.cpp - Operand fields ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two numeric operand formats. Source: NFP instruction set, section
// "Operand encodings".
//
//===----------------------------------------------------------------------===//

#include "Table.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "llvm/ADT/Twine.h"

using namespace nfpbpf::isa;
using namespace nfpbpf::isa::detail;

/// Mode 3 has no meaning of its own and acts as mode 0.
static PostModify decodeIndexMode(unsigned Mode) {
  return Mode == 1   ? PostModify::Increment
         : Mode == 2 ? PostModify::Decrement
                     : PostModify::None;
}

static unsigned indexMode(PostModify M) {
  return M == PostModify::Increment ? 1 : M == PostModify::Decrement ? 2 : 0;
}

Operand detail::decodeUnrestricted(unsigned F, bool PortB, bool LMHigh,
                                   bool IsDst) {
  switch (F >> 7) {
  case 0:
    return PortB ? Operand::gprB(F & 0x1f) : Operand::gprA(F & 0x1f);
  case 1:
    return PortB ? Operand::absGprB(F & 0x7f) : Operand::absGprA(F & 0x7f);
  case 2:
    return Operand::xferIndex(decodeIndexMode((F >> 1) & 3));
  case 3:
    return Operand::xfer((F & 0x1f) | (F & 0x40) >> 1);
  case 4: {
    if (F & 0x40) {
      return Operand::nnIndex(F & 2 ? PostModify::Increment : PostModify::None);
    }
    unsigned Pointer = (F >> 5 & 1) | (LMHigh ? 2 : 0);
    if (F & 0x10)
      return Operand::lmModify(Pointer, F & 1 ? PostModify::Decrement
                                              : PostModify::Increment);
    return Operand::lm(Pointer, F & 0xf);
  }
  case 5:
    return F & 0x40 ? Operand::invalid(F) : Operand::nn(F & 0x1f);
  default:
    return IsDst ? Operand::none() : Operand::imm(F & 0xff);
  }
}

Operand detail::decodeRestricted(unsigned F, bool PortB, bool LMHigh,
                                 bool ImmBit7, bool IsDst) {
  if (F & 0x20) {
    if (IsDst)
      return Operand::none();
    return Operand::imm((F & 0x1f) | (F & 0xc0) >> 1 | (ImmBit7 ? 0x80 : 0));
  }
  switch (F >> 5) {
  case 0:
    return PortB ? Operand::gprB(F & 0x1f) : Operand::gprA(F & 0x1f);
  case 4:
    return Operand::xfer(F & 0x1f);
  case 6:
    return Operand::xfer(32 + (F & 0x1f));
  default: // 2: indexed
    if (F & 0x10)
      return Operand::lm((F >> 3 & 1) | (LMHigh ? 2 : 0), F & 7);
    if (F & 1)
      return Operand::nnIndex(F & 2 ? PostModify::Increment : PostModify::None);
    return Operand::xferIndex(decodeIndexMode((F >> 1) & 3));
  }
}

static llvm::Error outOfRange(llvm::StringRef What, const Operand &O,
                              const llvm::Twine &Rule) {
  return makeError(llvm::Twine(What) + " " + toString(O) + ": " + Rule);
}

/// Rules both formats share; the register or offset ranges.
static llvm::Error checkOperand(const Operand &O, llvm::StringRef What,
                                bool Restricted) {
  auto Range = [&](unsigned Limit, const char *Name) -> llvm::Error {
    if (O.Value < Limit)
      return llvm::Error::success();
    return outOfRange(
        What, O, llvm::Twine(Name) + " must be below " + llvm::Twine(Limit));
  };
  if (O.Modify != PostModify::None && !O.isLM() &&
      O.Kind != OperandKind::XferIndex && O.Kind != OperandKind::NNIndex)
    return outOfRange(What, O, "this operand has no post-modify");
  switch (O.Kind) {
  case OperandKind::None:
  case OperandKind::XferIndex:
    return llvm::Error::success();
  case OperandKind::GprA:
  case OperandKind::GprB:
    return Range(NumGprsPerBank, "register number");
  case OperandKind::GprAB:
    return outOfRange(What, O,
                      "a register of both banks must be given a bank first");
  case OperandKind::AbsGprA:
  case OperandKind::AbsGprB:
    if (Restricted)
      return outOfRange(What, O,
                        "restricted operands have no absolute registers");
    return Range(NumAbsGprsPerBank, "absolute register number");
  case OperandKind::Xfer:
    return Range(NumXferRegs, "transfer register number");
  case OperandKind::NN:
    if (Restricted)
      return outOfRange(
          What, O, "restricted operands have no numbered neighbour registers");
    return Range(NumNNRegs, "neighbour register number");
  case OperandKind::NNIndex:
    if (O.Modify == PostModify::Decrement)
      return outOfRange(What, O, "no post-decrement on neighbour registers");
    return llvm::Error::success();
  case OperandKind::LM:
    if (O.LMPointer >= NumLMPointers)
      return outOfRange(What, O, "there are four local memory pointers");
    if (O.Modify != PostModify::None) {
      if (Restricted)
        return outOfRange(What, O, "restricted operands have no post-modify");
      if (O.Value)
        return outOfRange(What, O, "post-modify and offset exclude each other");
    }
    return Range(Restricted ? 8 : 16, "local memory offset");
  case OperandKind::Imm:
    return Range(256, "immediate");
  case OperandKind::Invalid:
    return outOfRange(What, O, "undefined operand pattern");
  }
  return outOfRange(What, O, "unknown operand kind");
}

llvm::Expected<unsigned>
detail::encodeUnrestricted(const Operand &O, bool IsDst, llvm::StringRef What) {
  if (llvm::Error E = checkOperand(O, What, /*Restricted=*/false))
    return std::move(E);
  switch (O.Kind) {
  case OperandKind::None:
    return IsDst ? 0x300u : 0u;
  case OperandKind::GprA:
  case OperandKind::GprB:
    return unsigned(O.Value);
  case OperandKind::AbsGprA:
  case OperandKind::AbsGprB:
    return 0x080u | O.Value;
  case OperandKind::Xfer:
    return 0x180u | (O.Value & 0x1f) | (O.Value & 0x20) << 1;
  case OperandKind::XferIndex:
    return 0x100u | indexMode(O.Modify) << 1;
  case OperandKind::NN:
    return 0x280u | O.Value;
  case OperandKind::NNIndex:
    return 0x241u | (O.Modify == PostModify::Increment ? 2 : 0);
  case OperandKind::LM: {
    unsigned F = 0x200u | (O.LMPointer & 1) << 5;
    if (O.Modify == PostModify::None)
      return F | O.Value;
    return F | 0x10 | (O.Modify == PostModify::Decrement ? 1 : 0);
  }
  default: // Imm; others refused above
    if (IsDst)
      return outOfRange(What, O, "an immediate cannot be a destination");
    return 0x300u | O.Value;
  }
}

llvm::Expected<unsigned> detail::encodeRestricted(const Operand &O, bool IsDst,
                                                  bool &ImmBit7,
                                                  llvm::StringRef What) {
  if (llvm::Error E = checkOperand(O, What, /*Restricted=*/true))
    return std::move(E);
  switch (O.Kind) {
  case OperandKind::None:
    return IsDst ? 0x20u : 0u;
  case OperandKind::GprA:
  case OperandKind::GprB:
    return unsigned(O.Value);
  case OperandKind::Xfer:
    return 0x80u | (O.Value & 0x1f) | (O.Value & 0x20) << 1;
  case OperandKind::XferIndex:
    return 0x40u | indexMode(O.Modify) << 1;
  case OperandKind::NNIndex:
    return 0x41u | (O.Modify == PostModify::Increment ? 2 : 0);
  case OperandKind::LM:
    return 0x50u | (O.LMPointer & 1) << 3 | O.Value;
  default: // Imm; others refused above
    if (IsDst)
      return outOfRange(What, O, "an immediate cannot be a destination");
    if (O.Value & 0x80)
      ImmBit7 = true;
    return 0x20u | (O.Value & 0x1f) | (O.Value & 0x60) << 1;
  }
}
