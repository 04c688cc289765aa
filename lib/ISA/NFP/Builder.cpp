//===- Builder.cpp - Making legal NFP instructions ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Source: NFP instruction set, section "Which operand goes where".
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Builder.h"
#include "Table.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "llvm/ADT/Twine.h"

using namespace nfpbpf::isa;
using namespace nfpbpf::isa::detail;
using llvm::Expected;

static Expected<Instruction> checked(const Instruction &I) {
  if (llvm::Error E = verify(I))
    return std::move(E);
  return I;
}

/// Gives registers of both banks a bank and decides which source is on which
/// port. Registers of both banks follow the other source; alone, the left one
/// is read from A and the right one from B.
static void placeSources(Instruction &I) {
  Operand &L = I.Left, &R = I.Right;
  bool LeftOnB = L.isBankB() || R.isBankA();
  I.Swap = LeftOnB;
  if (L.Kind == OperandKind::GprAB)
    L.Kind = LeftOnB ? OperandKind::GprB : OperandKind::GprA;
  if (R.Kind == OperandKind::GprAB)
    R.Kind = LeftOnB ? OperandKind::GprA : OperandKind::GprB;
}

/// A destination of both banks is bank A with gpr_wrboth.
static void placeDestination(Instruction &I, Operand Dst) {
  I.Dst = Dst;
  if (Dst.Kind == OperandKind::GprAB) {
    I.Dst.Kind = OperandKind::GprA;
    I.WrBoth = true;
  }
}

/// The register of a format with one register goes to the port of its bank.
static void placeSingle(Instruction &I, Operand Reg) {
  if (Reg.Kind == OperandKind::GprAB)
    Reg.Kind = OperandKind::GprA;
  I.Left = Reg;
  I.Swap = Reg.isBankB();
}

Expected<Instruction> nfpbpf::isa::makeAlu(AluOp Op, Operand Dst, Operand Left,
                                           Operand Right, ResultFlags F) {
  Instruction I;
  I.Fmt = Format::Alu;
  I.AluOpcode = Op;
  const AluInfo *Info = aluInfo(Op);
  if (!Info || (Info->Form != AluForm::Binary && Info->Form != AluForm::Unary &&
                Info->Form != AluForm::DstSrc && Info->Form != AluForm::Src))
    return makeError("this operation is not built by makeAlu");
  placeDestination(I, Dst);
  I.Left = Left;
  I.Right = Right;
  placeSources(I);
  I.NoCC = F.NoCC;
  I.PredCC = F.PredCC;
  return checked(I);
}

static Instruction shfInstruction(ShfOp Op, Operand Dst, Operand Left,
                                  Operand Right, ShiftMode Mode,
                                  unsigned Amount, ResultFlags F) {
  Instruction I;
  I.Fmt = Format::Shf;
  I.ShfOpcode = Op;
  placeDestination(I, Dst);
  I.Left = Left;
  I.Right = Right;
  placeSources(I);
  I.Shift = Mode;
  I.ShiftAmount = Amount;
  I.NoCC = F.NoCC;
  I.PredCC = F.PredCC;
  return I;
}

static llvm::Error checkAmount(ShiftMode Mode, unsigned Amount) {
  if (Amount > 31)
    return makeError("shift amount " + llvm::Twine(Amount) +
                     " must be at most 31");
  if (!Amount && Mode != ShiftMode::RotateRight)
    return makeError("a shift by 0 is a rotate by 0; amount 0 would mean an "
                     "indirect shift");
  return llvm::Error::success();
}

Expected<Instruction> nfpbpf::isa::makeShf(ShfOp Op, Operand Dst, Operand Left,
                                           Operand Right, ShiftMode Mode,
                                           unsigned Amount, ResultFlags F) {
  if (Op != ShfOp::ByteAlign)
    if (llvm::Error E = checkAmount(Mode, Amount))
      return std::move(E);
  return checked(shfInstruction(Op, Dst, Left, Right, Mode, Amount, F));
}

Expected<Instruction> nfpbpf::isa::makeShfIndirect(ShfOp Op, Operand Dst,
                                                   Operand Left, Operand Right,
                                                   ShiftMode Mode,
                                                   ResultFlags F) {
  if (Mode == ShiftMode::RotateRight)
    return makeError("there is no indirect rotate");
  if (Op == ShfOp::ByteAlign)
    return makeError("byte_align has no indirect amount");
  return checked(shfInstruction(Op, Dst, Left, Right, Mode, 0, F));
}

Expected<Instruction> nfpbpf::isa::makeLdField(Operand Dst, unsigned ByteMask,
                                               Operand Src, bool ClearRest,
                                               ShiftMode Mode, unsigned Amount,
                                               bool LoadCC) {
  if (llvm::Error E = checkAmount(Mode, Amount))
    return std::move(E);
  if (ByteMask > 15)
    return makeError("byte mask must be 0 to 15");
  Instruction I;
  I.Fmt = Format::LdField;
  placeDestination(I, Dst);
  // A destination of both banks may sit on either port, opposite the source.
  if (I.WrBoth && Src.isBankA())
    I.Dst.Kind = OperandKind::GprB;
  I.Swap = I.Dst.isBankB() || (!I.Dst.isBankA() && Src.isBankA());
  if (Src.Kind == OperandKind::GprAB)
    Src.Kind = I.Swap ? OperandKind::GprA : OperandKind::GprB;
  I.Right = Src;
  I.ByteMask = ByteMask;
  I.ClearRest = ClearRest;
  I.Shift = Mode;
  I.ShiftAmount = Amount;
  I.LoadCC = LoadCC;
  return checked(I);
}

Expected<Instruction> nfpbpf::isa::makeImmed(Operand Dst, uint16_t Imm,
                                             unsigned ByteShift, bool Invert,
                                             ImmedWidth Width) {
  if (ByteShift > 3)
    return makeError("immed byte position " + llvm::Twine(ByteShift) +
                     " is too large");
  Instruction I;
  I.Fmt = Format::Immed;
  placeDestination(I, Dst);
  I.Swap = I.Dst.isBankB();
  I.Imm16 = Imm;
  I.ImmShift = ByteShift;
  I.Invert = Invert;
  I.Width = Width;
  return checked(I);
}

/// If \p V has all its set bits in 16 bits at a byte position, packs it.
static bool packConstant(uint32_t V, uint16_t &Imm, unsigned &Shift) {
  for (Shift = 0; Shift != 3; ++Shift)
    if (!(V & ~(uint32_t(0xffff) << (8 * Shift)))) {
      Imm = V >> (8 * Shift);
      return true;
    }
  return false;
}

Expected<llvm::SmallVector<Instruction, 2>>
nfpbpf::isa::makeConstant(Operand Dst, uint32_t Value) {
  llvm::SmallVector<Instruction, 2> Out;
  auto Add = [&](Expected<Instruction> I) -> llvm::Error {
    if (!I)
      return I.takeError();
    Out.push_back(*I);
    return llvm::Error::success();
  };
  uint16_t Imm;
  unsigned Shift;
  if (packConstant(Value, Imm, Shift)) {
    if (llvm::Error E = Add(makeImmed(Dst, Imm, Shift)))
      return std::move(E);
  } else if (packConstant(~Value, Imm, Shift)) {
    if (llvm::Error E = Add(makeImmed(Dst, Imm, Shift, /*Invert=*/true)))
      return std::move(E);
  } else {
    if (llvm::Error E = Add(makeImmed(Dst, Value & 0xffff)))
      return std::move(E);
    if (llvm::Error E =
            Add(makeImmed(Dst, Value >> 16, 2, false, ImmedWidth::Word)))
      return std::move(E);
  }
  return Out;
}

Instruction nfpbpf::isa::makeNop() {
  Instruction I;
  I.Fmt = Format::Immed;
  return I;
}

Expected<Instruction> nfpbpf::isa::makeBranch(BranchOp Op, unsigned Target,
                                              unsigned Defer) {
  const BranchInfo *Info = branchInfo(Op);
  if (!Info ||
      (Info->Form != BranchForm::Flags && Info->Form != BranchForm::Always))
    return makeError("makeBranch builds br and branches on condition codes");
  Instruction I;
  I.Fmt = Format::Branch;
  I.BrOp = Op;
  I.PipeHint = Info->Hint;
  I.Target = Target;
  I.Defer = Defer;
  return checked(I);
}

Expected<Instruction> nfpbpf::isa::makeBranchBit(bool Set, Operand Reg,
                                                 unsigned Bit, unsigned Target,
                                                 unsigned Defer) {
  if (Bit > 31)
    return makeError("bit number " + llvm::Twine(Bit) + " must be at most 31");
  Instruction I;
  I.Fmt = Format::BranchBit;
  placeSingle(I, Reg);
  I.BitSet = Set;
  I.Bit = Bit;
  I.Target = Target;
  I.Defer = Defer;
  return checked(I);
}

Expected<Instruction> nfpbpf::isa::makeBranchByte(bool Equal, Operand Reg,
                                                  unsigned ByteIndex,
                                                  unsigned ByteValue,
                                                  unsigned Target,
                                                  unsigned Defer) {
  if (ByteIndex > 3 || ByteValue > 255)
    return makeError("br=byte takes a byte number 0 to 3 and a value 0 to 255");
  Instruction I;
  I.Fmt = Format::BranchByte;
  placeSingle(I, Reg);
  I.ByteEqual = Equal;
  I.ByteIndex = ByteIndex;
  I.ByteValue = ByteValue;
  I.Target = Target;
  I.Defer = Defer;
  return checked(I);
}

Expected<Instruction> nfpbpf::isa::makeReturn(Operand Reg, unsigned Defer,
                                              unsigned Displacement) {
  Instruction I;
  I.Fmt = Format::Return;
  placeSingle(I, Reg);
  I.Defer = Defer;
  I.Target = Displacement;
  return checked(I);
}

Expected<Instruction> nfpbpf::isa::makeCtxArb(uint16_t Signals, bool Any,
                                              unsigned Defer) {
  Instruction I;
  I.Fmt = Format::CtxArb;
  I.Events = Signals;
  I.AnyEvent = Any;
  I.Defer = Defer;
  return checked(I);
}

static Expected<Instruction> csrAccess(unsigned Address, bool Write,
                                       Operand Src) {
  if (Address > 0x1ffc || (Address & 3))
    return makeError("CSR byte address " + llvm::Twine(Address) +
                     " must be a multiple of 4 below 8192");
  Instruction I;
  I.Fmt = Format::LocalCsr;
  I.CsrAddress = Address;
  I.CsrWrite = Write;
  if (Write)
    placeSingle(I, Src);
  return checked(I);
}

Expected<Instruction> nfpbpf::isa::makeCsrWrite(unsigned CsrByteAddress,
                                                Operand Src) {
  return csrAccess(CsrByteAddress, true, Src);
}

Expected<Instruction> nfpbpf::isa::makeCsrRead(unsigned CsrByteAddress) {
  return csrAccess(CsrByteAddress, false, Operand::none());
}

Expected<Instruction> nfpbpf::isa::makeMulStep(MulType Type, MulPhase Step,
                                               Operand Left, Operand Right) {
  Instruction I;
  I.Fmt = Format::MulStep;
  I.MulKind = Type;
  I.MulStep = Step;
  if (!usesLeft(I))
    return makeError("the last multiply steps are built by makeMulLast");
  I.Left = Left;
  I.Right = Right;
  placeSources(I);
  return checked(I);
}

Expected<Instruction> nfpbpf::isa::makeMulLast(MulType Type, MulPhase Last,
                                               Operand Dst) {
  Instruction I;
  I.Fmt = Format::MulStep;
  I.MulKind = Type;
  I.MulStep = Last;
  if (usesLeft(I))
    return makeError("this multiply step delivers no result");
  placeDestination(I, Dst);
  return checked(I);
}

Expected<Instruction> nfpbpf::isa::makeCmd(CmdCode Code, unsigned Xfer,
                                           CmdAddressOperands Address,
                                           unsigned Count, CmdSwap Swap,
                                           unsigned Signal, bool IndirectRef) {
  if (Address.Mode != CmdAddress::Addr40 && Address.Mode != CmdAddress::Addr32)
    return makeError("makeCmd builds 32-bit and 40-bit addresses");
  if (Count > 7)
    return makeError("command length field " + llvm::Twine(Count) +
                     " must be at most 7");
  if (Signal > 15)
    return makeError("signal number " + llvm::Twine(Signal) +
                     " must be at most 15");
  if (Xfer >= NumXferRegs)
    return makeError("transfer register number must be below 64");
  Instruction I;
  I.Fmt = Format::Cmd;
  I.CmdTgt = Code.Target;
  I.CmdAction = Code.Action;
  I.CmdToken = Code.Token;
  I.Address = Address.Mode;
  I.CmdXfer = Xfer;
  I.CmdCount = Count;
  I.Swapping = Swap;
  I.CmdSignal = Signal;
  I.IndirectRef = IndirectRef;
  Operand First = Address.High, Second = Address.Low;
  if (Address.Mode == CmdAddress::Addr32) {
    // The sum does not depend on the order; port A first.
    if (First.isBankB() || Second.isBankA())
      std::swap(First, Second);
    if (First.Kind == OperandKind::GprAB)
      First.Kind = OperandKind::GprA;
    if (Second.Kind == OperandKind::GprAB)
      Second.Kind = OperandKind::GprB;
  } else {
    // The high word on port B unless a bank says otherwise.
    I.Swap = !(First.isBankA() || Second.isBankB());
    if (First.Kind == OperandKind::GprAB)
      First.Kind = I.Swap ? OperandKind::GprB : OperandKind::GprA;
    if (Second.Kind == OperandKind::GprAB)
      Second.Kind = I.Swap ? OperandKind::GprA : OperandKind::GprB;
  }
  I.Left = First;
  I.Right = Second;
  return checked(I);
}
