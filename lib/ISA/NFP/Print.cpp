//===- Print.cpp - NFP instruction to text --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Source: NFP instruction set, section "objdump text rules"; every difference
// found against GNU objdump was settled in its favour.
//
//===----------------------------------------------------------------------===//

#include "Table.h"
#include "nfpbpf/ISA/NFP/Commands.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "llvm/Support/Format.h"

using namespace nfpbpf::isa;
using namespace nfpbpf::isa::detail;
using llvm::format;
using llvm::raw_ostream;

/// Byte address of CSR number 1.
static constexpr unsigned UstoreCsr = 4;

static const char *modifyText(PostModify M) {
  return M == PostModify::Increment   ? "++"
         : M == PostModify::Decrement ? "--"
                                      : "";
}

static void printOperand(raw_ostream &OS, const Operand &O) {
  switch (O.Kind) {
  case OperandKind::None:
    OS << "--";
    return;
  case OperandKind::GprA:
    OS << "gprA_" << O.Value;
    return;
  case OperandKind::GprB:
    OS << "gprB_" << O.Value;
    return;
  case OperandKind::GprAB:
    OS << "gprAB_" << O.Value;
    return;
  case OperandKind::AbsGprA:
    OS << "@gprA_" << O.Value;
    return;
  case OperandKind::AbsGprB:
    OS << "@gprB_" << O.Value;
    return;
  case OperandKind::Xfer:
    OS << "$xfer_" << O.Value;
    return;
  case OperandKind::XferIndex:
    OS << "*$index" << modifyText(O.Modify);
    return;
  case OperandKind::NN:
    OS << "n$reg_" << O.Value;
    return;
  case OperandKind::NNIndex:
    OS << "*n$index" << modifyText(O.Modify);
    return;
  case OperandKind::LM:
    OS << "*l$index" << unsigned(O.LMPointer) << modifyText(O.Modify);
    if (O.Value)
      OS << '[' << O.Value << ']';
    return;
  case OperandKind::Imm:
    OS << format("0x%x", O.Value);
    return;
  case OperandKind::Invalid:
    OS << format("<opnd:0x%x>", O.Value);
    return;
  }
}

namespace {

class Printer {
public:
  Printer(raw_ostream &OS, const Instruction &I) : OS(OS), I(I) {}

  void run() {
    switch (I.Fmt) {
    case Format::Invalid:
      OS << "<invalid_instruction>: "
         << format("0x%llx", static_cast<unsigned long long>(I.Raw))
         << "\t# ERROR";
      return;
    case Format::Cmd:
      return command();
    case Format::Shf:
      return shf();
    case Format::Alu:
      return alu();
    case Format::Immed:
      return immed();
    case Format::LdField:
      return ldField();
    case Format::CtxArb:
      return ctxArb();
    case Format::LocalCsr:
      return localCsr();
    case Format::Branch:
      return branch();
    case Format::BranchByte:
      OS << (I.ByteEqual ? "br=byte[" : "br!=byte[");
      printOperand(OS, I.Left);
      OS << ", " << unsigned(I.ByteIndex)
         << format(", 0x%x", unsigned(I.ByteValue)) << ", ." << I.Target << ']';
      return defer();
    case Format::BranchBit:
      OS << (I.BitSet ? "br_bset[" : "br_bclr[");
      printOperand(OS, I.Left);
      OS << ", " << unsigned(I.Bit) << ", ." << I.Target << ']';
      return defer();
    case Format::Return:
      OS << (I.Target ? "jump[" : "rtn[");
      printOperand(OS, I.Left);
      if (I.Target)
        OS << ", ." << I.Target;
      OS << ']';
      return defer();
    case Format::MulStep:
      return mulStep();
    }
  }

private:
  void defer() {
    if (I.Defer)
      OS << ", defer[" << unsigned(I.Defer) << ']';
  }

  void tokens() {
    if (I.NoCC)
      OS << ", no_cc";
    if (I.LoadCC)
      OS << ", load_cc";
    if (I.WrBoth)
      OS << ", gpr_wrboth";
    if (I.PredCC)
      OS << ", predicate_cc";
  }

  void alu() {
    const AluInfo *Op = aluInfo(I.AluOpcode);
    AluForm Form = Op ? Op->Form : AluForm::Binary;
    switch (Form) {
    case AluForm::Binary:
    case AluForm::Unary:
      OS << "alu[";
      printOperand(OS, I.Dst);
      OS << ", ";
      if (Form == AluForm::Unary)
        OS << "--";
      else
        printOperand(OS, I.Left);
      OS << ", ";
      if (Op)
        OS << Op->Text;
      else
        OS << format("<operator:0x%x>", static_cast<unsigned>(I.AluOpcode));
      OS << ", ";
      printOperand(OS, I.Right);
      OS << ']';
      break;
    case AluForm::DstSrc:
      OS << Op->Text << '[';
      printOperand(OS, I.Dst);
      OS << ", ";
      printOperand(OS, I.Right);
      OS << ']';
      break;
    case AluForm::Src:
      OS << Op->Text << '[';
      printOperand(OS, I.Right);
      OS << ']';
      break;
    case AluForm::Bare:
      OS << Op->Text;
      break;
    case AluForm::CamLookup:
      OS << Op->Text << '[';
      printOperand(OS, I.Dst);
      OS << ", ";
      printOperand(OS, I.Left);
      OS << ']';
      if (unsigned Pointer = I.Control & 3)
        OS << ", lm_addr" << (Pointer > 1 ? 1 : 0) + (I.Control & 0x10 ? 2 : 0)
           << '[' << (I.Control >> 2 & 3) << ']';
      break;
    case AluForm::CamWrite:
      OS << Op->Text << '[';
      printOperand(OS, I.Right);
      OS << ", ";
      printOperand(OS, I.Left);
      OS << ", " << (I.Dst.Value & 15) << ']';
      break;
    case AluForm::CamWriteState:
      OS << Op->Text << '[';
      printOperand(OS, I.Right);
      OS << ", " << (I.Dst.Value & 15) << ']';
      break;
    case AluForm::Crc:
      crc();
      break;
    }
    tokens();
  }

  void crc() {
    static const char *const Types[] = {"--",     nullptr,  "crc_ccitt",
                                        nullptr,  "crc_32", "crc_iscsi",
                                        "crc_10", "crc_5"};
    static const char *const Bytes[] = {
        "",         ", bytes_1_3", ", bytes_2_3",
        ", byte_3", ", bytes_0_2", ", bytes_0_1",
        ", byte_0", nullptr};
    OS << (I.Control & 8 ? "crc_le[" : "crc_be[");
    unsigned Type = I.Control >> 5 & 7;
    if (Types[Type])
      OS << Types[Type];
    else
      OS << format("<crc_type:0x%x>", Type);
    OS << ", ";
    printOperand(OS, I.Dst);
    OS << ", ";
    printOperand(OS, I.Right);
    OS << ']';
    unsigned Byte = I.Control & 7;
    if (Bytes[Byte])
      OS << Bytes[Byte];
    else
      OS << format(", <crc_bytes:0x%x>", Byte);
    if (I.Control & 0x10)
      OS << ", bit_swap";
  }

  void amount() {
    if (I.ShiftAmount)
      OS << unsigned(I.ShiftAmount);
    else
      OS << "indirect";
  }

  void shiftText() {
    switch (I.Shift) {
    case ShiftMode::RotateRight:
      OS << ", >>rot" << unsigned(I.ShiftAmount);
      return;
    case ShiftMode::Right:
      OS << ", >>";
      return amount();
    case ShiftMode::Left:
      OS << ", <<";
      return amount();
    case ShiftMode::Double:
      OS << ", >>";
      return amount();
    }
  }

  void shf() {
    if (I.ShfOpcode == ShfOp::ByteAlign) {
      bool LittleEndian = I.Shift == ShiftMode::Left;
      OS << (LittleEndian ? "byte_align_le[" : "byte_align_be[");
      printOperand(OS, I.Dst);
      OS << ", ";
      // The peer's text leaves out the high bit of the pointer number.
      Operand Source = LittleEndian ? I.Left : I.Right;
      Source.LMPointer &= 1;
      printOperand(OS, Source);
      OS << ']';
      return tokens();
    }
    bool Double = I.Shift == ShiftMode::Double;
    bool Asr = !Double && I.ShfOpcode == ShfOp::Asr;
    OS << (Double ? "dbl_shf[" : Asr ? "asr[" : "alu_shf[");
    printOperand(OS, I.Dst);
    OS << ", ";
    if (Double && I.ShfOpcode != ShfOp::Asr) {
      printOperand(OS, I.Left);
      OS << ", ";
    } else if (!Double && !Asr) {
      const ShfInfo &Op = shfInfo(I.ShfOpcode);
      if (Op.UsesLeft)
        printOperand(OS, I.Left);
      else
        OS << "--";
      OS << ", " << Op.Text << ", ";
    }
    printOperand(OS, I.Right);
    shiftText();
    OS << ']';
    tokens();
  }

  void ldField() {
    OS << (I.ClearRest ? "ld_field_w_clr[" : "ld_field[");
    printOperand(OS, I.Dst);
    OS << ", ";
    for (int K = 3; K >= 0; --K)
      OS << (I.ByteMask >> K & 1);
    OS << ", ";
    printOperand(OS, I.Right);
    if (I.Shift == ShiftMode::Double)
      OS << ", >>dbl" << unsigned(I.ShiftAmount);
    else if (I.Shift != ShiftMode::RotateRight || I.ShiftAmount)
      shiftText();
    OS << ']';
    tokens();
  }

  void immed() {
    if (isNop(I)) {
      OS << "nop";
      return;
    }
    uint32_t V = I.Invert ? ~uint32_t(I.Imm16) : I.Imm16;
    if (I.Width == ImmedWidth::All) {
      OS << "immed[";
    } else if (I.Width == ImmedWidth::Word) {
      OS << "immed_w" << (I.ImmShift >> 1) << '[';
      V &= 0xffff;
    } else {
      // The undefined width 3 acts as a byte.
      OS << "immed_b" << unsigned(I.ImmShift) << '[';
      V &= 0xff;
    }
    printOperand(OS, I.Dst);
    OS << format(", 0x%x", V);
    if (I.Width == ImmedWidth::All && I.ImmShift)
      OS << ", <<" << 8 * I.ImmShift;
    OS << ']';
    tokens();
  }

  void ctxArb() {
    OS << "ctx_arb[";
    if (I.Breakpoint) {
      OS << "bpt";
    } else if (I.Events == 1) {
      OS << "voluntary";
    } else if (I.Events == 0) {
      OS << (I.KeepMask ? "--" : "kill");
    } else {
      const char *Separator = "";
      for (unsigned S = 1; S != 16; ++S)
        if (I.Events >> S & 1) {
          OS << Separator << "sig" << S;
          Separator = ", ";
        }
    }
    OS << ']';
    bool Kill = !I.Breakpoint && !I.Events && !I.KeepMask;
    if (I.AnyEvent && !Kill)
      OS << ", any";
    if (I.HasTarget)
      OS << ", br[." << I.Target << ']';
    defer();
  }

  void localCsr() {
    if (I.CsrAddress == UstoreCsr)
      return ustore();
    OS << (I.CsrWrite ? "local_csr_wr[" : "local_csr_rd[")
       << csrName(I.CsrAddress);
    if (I.CsrWrite) {
      OS << ", ";
      printOperand(OS, I.Left);
    }
    OS << ']';
  }

  /// CSR number 1 was the micro-store access of an older chip, whose text the
  /// peer still prints; a read then names its (ignored) operand.
  void ustore() {
    if (I.CsrWrite) {
      OS << "uwr[*u$index0++, ";
      printOperand(OS, I.Left);
      OS << ']';
      return;
    }
    OS << "urd[";
    if (I.Left.isImm() && !I.Right.isImm())
      printOperand(OS, I.Right.isNone() ? Operand::gprB(0) : I.Right);
    else
      printOperand(OS, I.Left.isNone() ? Operand::gprA(0) : I.Left);
    OS << ", *u$index0++]";
  }

  void branch() {
    const BranchInfo *Op = branchInfo(I.BrOp);
    OS << (Op ? Op->Text : "<invalid branch>") << '[';
    unsigned S = I.BranchState;
    switch (Op ? Op->Form : BranchForm::Always) {
    case BranchForm::Flags:
    case BranchForm::Always:
      break;
    case BranchForm::Context:
    case BranchForm::Signal:
      OS << S << ", ";
      break;
    case BranchForm::InputState:
      if (S < 2)
        OS << (S ? "nn_full" : "nn_empty");
      else
        OS << "ctm_ring" << S - 2 << "_status";
      OS << ", ";
      break;
    case BranchForm::ClsState:
      OS << "cls_ring" << S << "_status, ";
      break;
    }
    OS << '.' << I.Target << ']';
    defer();
    if (!Op)
      OS << "\t# ERROR";
  }

  void mulStep() {
    static const char *const Types[] = {"start", "24x8", "16x16", "32x32"};
    static const char *const Phases[] = {"_step1", "_step2", "_step3",
                                         "_step4", "_last",  "_last2",
                                         "_step7", "_step8"};
    bool Start = I.MulKind == MulType::Start;
    OS << "mul_step[";
    if (usesLeft(I)) {
      printOperand(OS, I.Left);
      OS << ", ";
      printOperand(OS, I.Right);
    } else {
      if (I.Dst.isNone())
        OS << "0x0";
      else
        printOperand(OS, I.Dst);
      OS << ", --";
    }
    OS << "], " << Types[static_cast<unsigned>(I.MulKind) & 3];
    if (!Start)
      OS << Phases[static_cast<unsigned>(I.MulStep) & 7];
    tokens();
  }

  void command() {
    const CommandInfo *Info = lookupCommand(I);
    OS << targetName(I.CmdTgt) << '[';
    if (Info)
      OS << Info->Name;
    else
      OS << "<invalid cmd action " << static_cast<unsigned>(I.CmdTgt) << ':'
         << unsigned(I.CmdAction) << ':' << unsigned(I.CmdToken) << '>';
    switch (I.Address) {
    case CmdAddress::Addr40:
    case CmdAddress::Addr32:
      OS << ", $xfer_" << unsigned(I.CmdXfer) << ", ";
      addressOperands();
      break;
    case CmdAddress::ThirdParty:
      OS << format(", 0x%x, ", I.CmdData);
      addressOperands();
      break;
    case CmdAddress::ImmAddr:
      OS << ", $xfer_" << unsigned(I.CmdXfer) << format(", 0x%x", I.CmdImm);
      break;
    case CmdAddress::ImmAddrData:
      OS << format(", 0x%x, 0x%x", I.CmdImm, I.CmdData);
      break;
    case CmdAddress::ImmData:
      OS << format(", 0x%x, --", I.CmdImm);
      break;
    }
    if (I.Address != CmdAddress::ImmAddrData)
      OS << ", " << I.CmdCount + 1;
    OS << ']';
    if (I.IndirectRef)
      OS << ", indirect_ref";
    if (isBlockingCommand(I)) {
      if (I.CmdSignal)
        OS << ", ctx_swap[sig" << unsigned(I.CmdSignal) << ']';
      else
        OS << ", ctx_swap[--]";
      if (unsigned D = deferCount(I))
        OS << ", defer[" << D << ']';
    } else if (I.CmdSignal) {
      OS << ", sig_done[sig" << unsigned(I.CmdSignal) << ']';
    }
    if (!Info)
      OS << "\t# ERROR";
  }

  void addressOperands() {
    printOperand(OS, I.Left);
    if (I.Address != CmdAddress::Addr32)
      OS << ", <<8";
    OS << ", ";
    printOperand(OS, I.Right);
  }

  raw_ostream &OS;
  const Instruction &I;
};

} // namespace

void nfpbpf::isa::print(raw_ostream &OS, const Instruction &I) {
  Printer(OS, I).run();
}

std::string nfpbpf::isa::toString(const Instruction &I) {
  std::string S;
  llvm::raw_string_ostream OS(S);
  print(OS, I);
  return S;
}

std::string nfpbpf::isa::toString(const Operand &O) {
  std::string S;
  llvm::raw_string_ostream OS(S);
  printOperand(OS, O);
  return S;
}
