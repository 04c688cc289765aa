//===- Word.cpp - Raw NFP instruction words -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Word.h"
#include "Table.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/ADT/bit.h"

using namespace nfpbpf::isa;
using namespace nfpbpf::isa::detail;

/// Instruction bits whose parity each check bit holds.
static const uint64_t ECCPolynomials[7] = {
    0x0ff800007fff, 0x11f801ff801f, 0x1e387e0781e1, 0x17cb8e388e22,
    0x1af5b2c93244, 0x1f56d5525488, 0x0daf69a46910};

uint8_t nfpbpf::isa::computeECC(uint64_t Insn) {
  Insn &= InsnMask;
  uint8_t ECC = 0;
  for (unsigned I = 0; I != 7; ++I)
    ECC |= (llvm::popcount(Insn & ECCPolynomials[I]) & 1) << I;
  return ECC;
}

uint64_t nfpbpf::isa::addECC(uint64_t Insn) {
  Insn &= InsnMask;
  return Insn | uint64_t(computeECC(Insn)) << InsnBits;
}

bool nfpbpf::isa::checkECC(uint64_t Word) { return addECC(Word) == Word; }

static llvm::Expected<const FieldInfo *> targetField(uint64_t Word) {
  const FormatInfo *FI = classify(Word & InsnMask);
  if (FI)
    for (const FieldInfo &F : FI->Fields)
      if (F.F == Field::Target) {
        if (FI->Fmt == Format::CtxArb && !extract(*FI, Word)[Field::HasTarget])
          break;
        return &F;
      }
  return makeError("word 0x" + llvm::utohexstr(Word, true) +
                   " has no branch target");
}

llvm::Expected<uint32_t> nfpbpf::isa::getBranchTarget(uint64_t Word) {
  llvm::Expected<const FieldInfo *> F = targetField(Word);
  if (!F)
    return F.takeError();
  return extract(*classify(Word & InsnMask), Word)[Field::Target];
}

llvm::Expected<uint64_t> nfpbpf::isa::setBranchTarget(uint64_t Word,
                                                      uint32_t Target) {
  llvm::Expected<const FieldInfo *> FOr = targetField(Word);
  if (!FOr)
    return FOr.takeError();
  if (Target > MaxTarget)
    return makeError("branch target " + llvm::Twine(Target) +
                     " does not fit in 14 bits");
  const FieldInfo &F = **FOr;
  uint64_t Low = (uint64_t(1) << F.Width) - 1;
  uint64_t High = (uint64_t(1) << F.HighWidth) - 1;
  Word &= ~(Low << F.Lo | High << F.HighLo);
  return Word | (Target & Low) << F.Lo |
         uint64_t(Target >> F.Width) << F.HighLo;
}

/// Fields of a word that is an immed of 16 bits as they are.
static llvm::Expected<FieldValues> plainImmed(uint64_t Word) {
  const FormatInfo *FI = classify(Word & InsnMask);
  if (!FI || FI->Fmt != Format::Immed)
    return makeError("word 0x" + llvm::utohexstr(Word, true) +
                     " is not an immed");
  FieldValues FV = extract(*FI, Word);
  const auto Width = static_cast<ImmedWidth>(FV[Field::Width]);
  const bool IsPlain = Width == ImmedWidth::Word ||
                       (Width == ImmedWidth::All && !FV[Field::ImmShift]);
  if (!IsPlain || FV[Field::Invert])
    return makeError("immed word 0x" + llvm::utohexstr(Word, true) +
                     " does not put 16 bits into a register as they are");
  return FV;
}

/// Bit position of the operand field that holds the low byte: port A if that
/// one is an immediate pattern and port B is not, else port B.
static unsigned immLowPosition(const FieldValues &FV) {
  bool AIsImm = (FV[Field::ASrc] & 0x300) == 0x300;
  bool BIsImm = (FV[Field::BSrc] & 0x300) == 0x300;
  return AIsImm && !BIsImm ? 0 : 10;
}

llvm::Expected<uint16_t> nfpbpf::isa::getImmediate(uint64_t Word) {
  llvm::Expected<FieldValues> FV = plainImmed(Word);
  if (!FV)
    return FV.takeError();
  unsigned Low = (Word >> immLowPosition(*FV)) & 0xff;
  return uint16_t((*FV)[Field::ImmHigh] << 8 | Low);
}

llvm::Expected<uint64_t> nfpbpf::isa::setImmediate(uint64_t Word,
                                                   uint16_t Value) {
  llvm::Expected<FieldValues> FV = plainImmed(Word);
  if (!FV)
    return FV.takeError();
  unsigned Pos = immLowPosition(*FV);
  Word &= ~(uint64_t(0xff) << Pos | uint64_t(0xff) << 20);
  return Word | uint64_t(Value & 0xff) << Pos | uint64_t(Value >> 8) << 20;
}
