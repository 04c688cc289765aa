//===- Parse.cpp - NFP assembly text to instruction -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Table.h"
#include "nfpbpf/ISA/NFP/Commands.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"

using namespace nfpbpf::isa;
using namespace nfpbpf::isa::detail;
using llvm::StringRef;

namespace {

/// One argument or token of the line with its place.
struct Piece {
  StringRef Text;
  unsigned Column = 1;
};

/// A line taken apart: `mnemonic[arguments], tokens`.
class Parser {
public:
  explicit Parser(StringRef Line) : Line(Line) {}

  llvm::Expected<Instruction> run() {
    if (split() && instruction() && finish())
      return I;
    return makeError("column " + llvm::Twine(ErrorColumn) + ": " + Error);
  }

private:
  bool fail(const Piece &Where, const llvm::Twine &Message) {
    return failAt(Where.Column, Message);
  }
  bool failAt(unsigned Column, const llvm::Twine &Message) {
    if (Error.empty()) {
      Error = Message.str();
      ErrorColumn = Column;
    }
    return false;
  }

  Piece piece(StringRef S) const {
    StringRef T = S.trim();
    return {T, unsigned(T.data() - Line.data()) + 1};
  }

  /// Splits \p S at commas outside brackets.
  bool splitList(StringRef S, llvm::SmallVectorImpl<Piece> &Out) {
    unsigned Depth = 0;
    size_t Start = 0;
    for (size_t P = 0; P != S.size(); ++P) {
      if (S[P] == '[')
        ++Depth;
      else if (S[P] == ']' && Depth-- == 0)
        return failAt(unsigned(S.data() + P - Line.data()) + 1,
                      "unexpected ']'");
      else if (S[P] == ',' && Depth == 0) {
        Out.push_back(piece(S.slice(Start, P)));
        Start = P + 1;
      }
    }
    if (Depth)
      return failAt(Line.size() + 1, "missing ']'");
    Out.push_back(piece(S.substr(Start)));
    return true;
  }

  bool split() {
    StringRef S = Line.trim();
    size_t End = S.find_first_of("[,");
    Mnemonic = piece(S.substr(0, End));
    if (Mnemonic.Text.empty())
      return failAt(1, "expected an instruction");
    StringRef Rest = End == StringRef::npos ? StringRef() : S.substr(End);
    if (Rest.starts_with("[")) {
      unsigned Depth = 0;
      size_t Close = StringRef::npos;
      for (size_t P = 0; P != Rest.size() && Close == StringRef::npos; ++P) {
        if (Rest[P] == '[')
          ++Depth;
        else if (Rest[P] == ']' && --Depth == 0)
          Close = P;
      }
      if (Close == StringRef::npos)
        return failAt(Line.size() + 1, "missing ']'");
      if (!splitList(Rest.slice(1, Close), Args))
        return false;
      Rest = Rest.substr(Close + 1);
    }
    StringRef T = Rest.ltrim();
    if (T.empty())
      return true;
    if (!T.starts_with(","))
      return fail(piece(T), "expected ','");
    return splitList(T.substr(1), Tokens);
  }

  //===--------------------------------------------------------------------===//
  // Pieces
  //===--------------------------------------------------------------------===//

  bool count(unsigned N) {
    if (Args.size() == N)
      return true;
    return fail(Mnemonic, llvm::Twine(Mnemonic.Text) + " takes " +
                              llvm::Twine(N) + " operands, not " +
                              llvm::Twine(unsigned(Args.size())));
  }

  template <typename T>
  bool number(const Piece &P, StringRef Text, uint64_t Max, T &Out) {
    uint64_t V;
    bool Hex = Text.consume_front("0x");
    if (Text.empty() || !llvm::isHexDigit(Text.front()) ||
        Text.getAsInteger(Hex ? 16 : 10, V))
      return fail(P, "expected a number, found '" + P.Text + "'");
    if (V > Max)
      return fail(P, llvm::Twine(V) + " is too large, the limit is " +
                         llvm::Twine(Max));
    Out = static_cast<T>(V);
    return true;
  }
  template <typename T>
  bool number(const Piece &P, uint64_t Max, T &Out) {
    return number(P, P.Text, Max, Out);
  }

  bool target(const Piece &P, uint32_t Max = MaxTarget) {
    if (!P.Text.starts_with("."))
      return fail(P, "expected a target like .100, found '" + P.Text + "'");
    return number(P, P.Text.drop_front(), Max, I.Target);
  }

  static PostModify suffix(StringRef &S) {
    if (S.consume_back("++"))
      return PostModify::Increment;
    if (S.consume_back("--"))
      return PostModify::Decrement;
    return PostModify::None;
  }

  bool operand(const Piece &P, Operand &Out) {
    StringRef S = P.Text;
    unsigned N = 0;
    if (S == "--") {
      Out = Operand::none();
      return true;
    }
    auto Register = [&](StringRef Prefix, OperandKind Kind, unsigned Limit) {
      StringRef Number = S;
      if (!Number.consume_front(Prefix))
        return false;
      if (!number(P, Number, Limit - 1, N))
        return true;
      Out = Operand();
      Out.Kind = Kind;
      Out.Value = N;
      return true;
    };
    if (Register("gprA_", OperandKind::GprA, NumGprsPerBank) ||
        Register("gprB_", OperandKind::GprB, NumGprsPerBank) ||
        Register("@gprA_", OperandKind::AbsGprA, NumAbsGprsPerBank) ||
        Register("@gprB_", OperandKind::AbsGprB, NumAbsGprsPerBank) ||
        Register("$xfer_", OperandKind::Xfer, NumXferRegs) ||
        Register("n$reg_", OperandKind::NN, NumNNRegs))
      return Error.empty();
    if (S.consume_front("*l$index")) {
      unsigned Offset = 0;
      if (S.consume_back("]")) {
        auto [Head, Tail] = S.split('[');
        if (!number(P, Tail, 15, Offset))
          return false;
        S = Head;
      }
      PostModify M = suffix(S);
      if (!number(P, S, NumLMPointers - 1, N))
        return false;
      if (M != PostModify::None && Offset)
        return fail(P, "post-modify and offset exclude each other");
      Out = M == PostModify::None ? Operand::lm(N, Offset)
                                  : Operand::lmModify(N, M);
      return true;
    }
    if (S.consume_front("*$index")) {
      PostModify M = suffix(S);
      Out = Operand::xferIndex(M);
    } else if (S.consume_front("*n$index")) {
      PostModify M = suffix(S);
      if (M == PostModify::Decrement)
        return fail(P, "no post-decrement on neighbour registers");
      Out = Operand::nnIndex(M);
    } else {
      if (!llvm::isDigit(S.empty() ? ' ' : S.front()))
        return fail(P, "expected an operand, found '" + P.Text + "'");
      if (!number(P, 255, N))
        return false;
      Out = Operand::imm(N);
      return true;
    }
    if (!S.empty())
      return fail(P, "expected an operand, found '" + P.Text + "'");
    return true;
  }

  /// `>>4`, `<<4`, `>>rot4`, `>>indirect`, `<<indirect`.
  bool shift(const Piece &P, bool Double) {
    StringRef S = P.Text;
    if (S.consume_front("<<")) {
      I.Shift = ShiftMode::Left;
      if (Double)
        return fail(P, "dbl_shf shifts right only");
    } else if (S.consume_front(">>rot")) {
      I.Shift = ShiftMode::RotateRight;
      if (Double)
        return fail(P, "dbl_shf does not rotate");
      return number(P, S, 31, I.ShiftAmount);
    } else if (S.consume_front(">>")) {
      I.Shift = Double ? ShiftMode::Double : ShiftMode::Right;
    } else {
      return fail(P, "expected a shift, found '" + P.Text + "'");
    }
    if (S == "indirect") {
      I.ShiftAmount = 0;
      return true;
    }
    if (!number(P, S, 31, I.ShiftAmount))
      return false;
    if (!I.ShiftAmount)
      return fail(P, "a shift by 0 is written >>rot0");
    return true;
  }

  bool takeToken(StringRef Name) {
    if (NextToken == Tokens.size() || Tokens[NextToken].Text != Name)
      return false;
    ++NextToken;
    return true;
  }
  /// A token `name[value]`.
  bool takeToken(StringRef Name, Piece &Value) {
    if (NextToken == Tokens.size())
      return false;
    StringRef S = Tokens[NextToken].Text;
    if (!S.consume_front(Name) || !S.consume_front("[") || !S.consume_back("]"))
      return false;
    Value = piece(S);
    ++NextToken;
    return true;
  }
  bool signal(const Piece &P, unsigned &Out) {
    StringRef S = P.Text;
    if (!S.consume_front("sig"))
      return fail(P, "expected a signal, found '" + P.Text + "'");
    return number(P, S, 15, Out);
  }

  bool deferToken() {
    Piece P;
    if (takeToken("defer", P))
      return number(P, 3, I.Defer);
    return true;
  }

  /// Ports of two sources; an unused side follows the other.
  void place() { I.Swap = I.Left.isBankB() || I.Right.isBankA(); }

  bool finish() {
    if (I.Fmt == Format::Alu || I.Fmt == Format::Shf ||
        I.Fmt == Format::MulStep)
      I.NoCC = takeToken("no_cc");
    if (I.Fmt == Format::LdField)
      I.LoadCC = takeToken("load_cc");
    if (I.Fmt == Format::Alu || I.Fmt == Format::Shf ||
        I.Fmt == Format::MulStep || I.Fmt == Format::LdField ||
        I.Fmt == Format::Immed) {
      I.WrBoth = takeToken("gpr_wrboth");
      I.PredCC = takeToken("predicate_cc");
    }
    if (NextToken != Tokens.size())
      return fail(Tokens[NextToken],
                  "unexpected '" + Tokens[NextToken].Text + "'");
    if (llvm::Error E = verify(I))
      return failAt(1, llvm::toString(std::move(E)));
    return true;
  }

  //===--------------------------------------------------------------------===//
  // Instructions
  //===--------------------------------------------------------------------===//

  bool instruction() {
    StringRef M = Mnemonic.Text;
    if (M == "nop") {
      I.Fmt = Format::Immed;
      return count(0);
    }
    if (M == "alu")
      return alu();
    if (M == "alu_shf" || M == "dbl_shf" || M == "asr" ||
        M == "byte_align_be" || M == "byte_align_le")
      return shf(M);
    if (M == "ld_field" || M == "ld_field_w_clr")
      return ldField(M);
    if (M.starts_with("immed"))
      return immed(M);
    if (M == "br=byte" || M == "br!=byte")
      return branchByte(M);
    if (M == "br_bset" || M == "br_bclr")
      return branchBit(M);
    if (M == "rtn" || M == "jump")
      return ret(M);
    if (M == "ctx_arb")
      return ctxArb();
    if (M == "local_csr_rd" || M == "local_csr_wr")
      return localCsr(M);
    if (M == "urd" || M == "uwr")
      return ustore(M);
    if (M == "mul_step")
      return mulStep();
    for (const BranchInfo &B : branchTable())
      if (M == B.Text)
        return branch(B);
    for (const AluInfo &A : aluTable())
      if (A.Form != AluForm::Binary && A.Form != AluForm::Unary &&
          (M == A.Text ||
           (A.Form == AluForm::Crc && (M == "crc_be" || M == "crc_le"))))
        return aluSpecial(A);
    for (CmdTarget T :
         {CmdTarget::NBI, CmdTarget::ILA, CmdTarget::MU, CmdTarget::PCIe,
          CmdTarget::ARM, CmdTarget::Crypto, CmdTarget::CT, CmdTarget::CLS})
      if (M == targetName(T))
        return command(T);
    return fail(Mnemonic, "unknown instruction '" + M + "'");
  }

  bool alu() {
    I.Fmt = Format::Alu;
    if (!count(4) || !operand(Args[0], I.Dst) || !operand(Args[1], I.Left) ||
        !operand(Args[3], I.Right))
      return false;
    for (const AluInfo &A : aluTable())
      if ((A.Form == AluForm::Binary || A.Form == AluForm::Unary) &&
          Args[2].Text == A.Text) {
        I.AluOpcode = A.Op;
        place();
        return true;
      }
    return fail(Args[2], "unknown operation '" + Args[2].Text + "'");
  }

  bool aluSpecial(const AluInfo &A) {
    I.Fmt = Format::Alu;
    I.AluOpcode = A.Op;
    switch (A.Form) {
    case AluForm::DstSrc:
      if (!count(2) || !operand(Args[0], I.Dst) || !operand(Args[1], I.Right))
        return false;
      break;
    case AluForm::Src:
      if (!count(1) || !operand(Args[0], I.Right))
        return false;
      break;
    case AluForm::Bare:
      I.Right = Operand::imm(0);
      return count(0);
    case AluForm::CamLookup:
      return camLookup();
    case AluForm::CamWrite:
      if (!count(3) || !operand(Args[0], I.Right) || !operand(Args[1], I.Left))
        return false;
      if (!camState(Args[2]))
        return false;
      break;
    case AluForm::CamWriteState:
      if (!count(2) || !operand(Args[0], I.Right) || !camState(Args[1]))
        return false;
      break;
    default:
      return crc();
    }
    place();
    return true;
  }

  bool camState(const Piece &P) {
    unsigned State = 0;
    if (!number(P, 15, State))
      return false;
    I.Dst = Operand::imm(State);
    return true;
  }

  bool camLookup() {
    if (!count(2) || !operand(Args[0], I.Dst) || !operand(Args[1], I.Left))
      return false;
    place();
    for (unsigned Pointer = 0; Pointer != NumLMPointers; ++Pointer) {
      Piece P;
      if (!takeToken(("lm_addr" + llvm::Twine(Pointer)).str(), P))
        continue;
      unsigned Offset = 0;
      if (!number(P, 3, Offset))
        return false;
      I.Control = (Pointer & 1) + 1 + Offset * 4 + (Pointer & 2 ? 0x10 : 0);
    }
    return true;
  }

  bool crc() {
    if (!count(3) || !operand(Args[1], I.Dst) || !operand(Args[2], I.Right))
      return false;
    int Type = llvm::StringSwitch<int>(Args[0].Text)
                   .Case("--", 0)
                   .Case("crc_ccitt", 2)
                   .Case("crc_32", 4)
                   .Case("crc_iscsi", 5)
                   .Case("crc_10", 6)
                   .Case("crc_5", 7)
                   .Default(-1);
    if (Type < 0)
      return fail(Args[0], "unknown CRC type '" + Args[0].Text + "'");
    I.Control = Type << 5 | (Mnemonic.Text == "crc_le" ? 8 : 0);
    static const char *const Bytes[] = {"bytes_1_3", "bytes_2_3", "byte_3",
                                        "bytes_0_2", "bytes_0_1", "byte_0"};
    for (unsigned N = 0; N != 6; ++N)
      if (takeToken(Bytes[N]))
        I.Control |= N + 1;
    if (takeToken("bit_swap"))
      I.Control |= 0x10;
    place();
    return true;
  }

  bool shf(StringRef M) {
    I.Fmt = Format::Shf;
    if (M == "byte_align_be" || M == "byte_align_le") {
      bool LittleEndian = M == "byte_align_le";
      I.ShfOpcode = ShfOp::ByteAlign;
      I.Shift = LittleEndian ? ShiftMode::Left : ShiftMode::Right;
      if (!count(2) || !operand(Args[0], I.Dst) ||
          !operand(Args[1], LittleEndian ? I.Left : I.Right))
        return false;
      place();
      return true;
    }
    if (M == "asr") {
      I.ShfOpcode = ShfOp::Asr;
      if (!count(3) || !operand(Args[0], I.Dst) || !operand(Args[1], I.Right) ||
          !shift(Args[2], false))
        return false;
      place();
      return true;
    }
    if (M == "dbl_shf") {
      if (!count(4) || !operand(Args[0], I.Dst) || !operand(Args[1], I.Left) ||
          !operand(Args[2], I.Right) || !shift(Args[3], true))
        return false;
      place();
      return true;
    }
    if (!count(5) || !operand(Args[0], I.Dst) || !operand(Args[1], I.Left) ||
        !operand(Args[3], I.Right) || !shift(Args[4], false))
      return false;
    place();
    for (const ShfInfo &S : shfTable())
      if (S.Op < ShfOp::Asr && Args[2].Text == S.Text) {
        I.ShfOpcode = S.Op;
        return true;
      }
    return fail(Args[2], "unknown operation '" + Args[2].Text + "'");
  }

  bool ldField(StringRef M) {
    I.Fmt = Format::LdField;
    I.ClearRest = M == "ld_field_w_clr";
    if (Args.size() != 4 && !count(3))
      return false;
    if (!operand(Args[0], I.Dst) || !operand(Args[2], I.Right))
      return false;
    StringRef Mask = Args[1].Text;
    if (Mask.size() != 4 || Mask.find_first_not_of("01") != StringRef::npos)
      return fail(Args[1], "expected a byte mask of four binary digits");
    for (char C : Mask)
      I.ByteMask = I.ByteMask << 1 | (C == '1');
    if (Args.size() == 4 && !shift(Args[3], false))
      return false;
    I.Swap = I.Dst.isBankB() || (!I.Dst.isBankA() && I.Right.isBankA());
    return true;
  }

  bool immed(StringRef M) {
    I.Fmt = Format::Immed;
    uint32_t Mask = 0xffffffff;
    StringRef Rest = M.drop_front(5);
    if (Rest.consume_front("_b")) {
      I.Width = ImmedWidth::Byte;
      if (!number(Mnemonic, Rest, 3, I.ImmShift))
        return false;
      Mask = 0xff;
    } else if (Rest.consume_front("_w")) {
      I.Width = ImmedWidth::Word;
      if (!number(Mnemonic, Rest, 1, I.ImmShift))
        return false;
      I.ImmShift *= 2;
      Mask = 0xffff;
    } else if (!Rest.empty()) {
      return fail(Mnemonic, "unknown instruction '" + M + "'");
    }
    if (Args.size() != 3 && !count(2))
      return false;
    if (!operand(Args[0], I.Dst))
      return false;
    uint32_t V = 0;
    if (!number(Args[1], Mask, V))
      return false;
    if (V > 0xffff && ~V <= 0xffff) {
      I.Invert = true;
      V = ~V;
    } else if (V > 0xffff) {
      return fail(Args[1], "immed takes 16 bits or the complement of 16 bits");
    }
    I.Imm16 = V;
    if (Args.size() == 3) {
      if (I.Width != ImmedWidth::All ||
          (Args[2].Text != "<<8" && Args[2].Text != "<<16"))
        return fail(Args[2], "expected <<8 or <<16");
      I.ImmShift = Args[2].Text == "<<8" ? 1 : 2;
    }
    I.Swap = I.Dst.isBankB();
    return true;
  }

  bool branch(const BranchInfo &B) {
    I.Fmt = Format::Branch;
    I.BrOp = B.Op;
    I.PipeHint = B.Hint;
    bool HasState = B.Form != BranchForm::Flags && B.Form != BranchForm::Always;
    if (!count(HasState ? 2 : 1))
      return false;
    if (HasState && !branchState(B, Args[0]))
      return false;
    return target(Args.back()) && deferToken();
  }

  bool branchState(const BranchInfo &B, const Piece &P) {
    StringRef S = P.Text;
    if (B.Form == BranchForm::InputState) {
      if (S == "nn_empty" || S == "nn_full") {
        I.BranchState = S == "nn_full";
        return true;
      }
      if (!S.consume_front("ctm_ring") || !S.consume_back("_status") ||
          !number(P, S, 13, I.BranchState))
        return fail(P, "unknown input state '" + P.Text + "'");
      I.BranchState += 2;
      return true;
    }
    if (B.Form == BranchForm::ClsState) {
      if (!S.consume_front("cls_ring") || !S.consume_back("_status"))
        return fail(P, "unknown CLS state '" + P.Text + "'");
      return number(P, S, 15, I.BranchState);
    }
    return number(P, 15, I.BranchState);
  }

  bool testedRegister() {
    if (!operand(Args[0], I.Left))
      return false;
    I.Swap = I.Left.isBankB();
    return true;
  }

  bool branchByte(StringRef M) {
    I.Fmt = Format::BranchByte;
    I.ByteEqual = M == "br=byte";
    return count(4) && testedRegister() && number(Args[1], 3, I.ByteIndex) &&
           number(Args[2], 255, I.ByteValue) && target(Args[3]) && deferToken();
  }

  bool branchBit(StringRef M) {
    I.Fmt = Format::BranchBit;
    I.BitSet = M == "br_bset";
    return count(3) && testedRegister() && number(Args[1], 31, I.Bit) &&
           target(Args[2]) && deferToken();
  }

  bool ret(StringRef M) {
    I.Fmt = Format::Return;
    if (!count(M == "jump" ? 2 : 1) || !testedRegister())
      return false;
    if (M == "jump" && !target(Args[1], 0x1ffff))
      return false;
    return deferToken();
  }

  bool ctxArb() {
    I.Fmt = Format::CtxArb;
    if (Args.empty())
      return fail(Mnemonic, "ctx_arb takes signals");
    StringRef First = Args[0].Text;
    if (First == "bpt" || First == "voluntary" || First == "kill" ||
        First == "--") {
      if (!count(1))
        return false;
      I.Breakpoint = First == "bpt";
      I.Events = First == "voluntary";
      // The reference encoding of kill has the any bit.
      I.AnyEvent = First == "kill";
      I.KeepMask = First == "--";
    } else {
      for (const Piece &P : Args) {
        unsigned S = 0;
        if (!signal(P, S))
          return false;
        if (!S)
          return fail(P, "there is no signal 0");
        I.Events |= 1 << S;
      }
    }
    if (takeToken("any"))
      I.AnyEvent = true;
    Piece P;
    if (takeToken("br", P)) {
      I.HasTarget = true;
      if (!target(P))
        return false;
    }
    return deferToken();
  }

  bool localCsr(StringRef M) {
    I.Fmt = Format::LocalCsr;
    I.CsrWrite = M == "local_csr_wr";
    if (!count(I.CsrWrite ? 2 : 1))
      return false;
    bool Found = false;
    for (const CsrInfo &C : csrTable())
      if (Args[0].Text == C.Name) {
        I.CsrAddress = C.Address;
        Found = true;
      }
    if (!Found) {
      if (!number(Args[0], 0x1ffc, I.CsrAddress))
        return false;
      if (I.CsrAddress & 3)
        return fail(Args[0], "CSR address must be a multiple of 4");
    }
    if (!I.CsrWrite)
      return true;
    if (!operand(Args[1], I.Left))
      return false;
    I.Swap = I.Left.isBankB();
    return true;
  }

  /// CSR number 1 in the text of an older chip.
  bool ustore(StringRef M) {
    I.Fmt = Format::LocalCsr;
    I.CsrAddress = 4;
    I.CsrWrite = M == "uwr";
    if (!count(2))
      return false;
    const Piece &Index = Args[I.CsrWrite ? 0 : 1];
    if (Index.Text != "*u$index0++")
      return fail(Index, "expected *u$index0++");
    Operand O;
    if (!operand(Args[I.CsrWrite ? 1 : 0], O))
      return false;
    if (!I.CsrWrite && O.isBankB()) {
      I.Left = Operand::imm(0);
      I.Right = O;
      return true;
    }
    I.Left = O;
    I.Swap = O.isBankB();
    // A read names port A's operand only if port B's is an immediate as well.
    if (!I.CsrWrite && O.isImm())
      I.Right = Operand::imm(0);
    return true;
  }

  bool mulStep() {
    I.Fmt = Format::MulStep;
    if (!count(2))
      return false;
    if (Tokens.empty())
      return fail(Mnemonic, "mul_step needs a step");
    StringRef Step = Tokens[0].Text;
    NextToken = 1;
    if (Step == "start") {
      I.MulKind = MulType::Start;
    } else {
      auto [Type, Phase] = Step.split('_');
      int T = llvm::StringSwitch<int>(Type)
                  .Case("24x8", 1)
                  .Case("16x16", 2)
                  .Case("32x32", 3)
                  .Default(-1);
      int S = llvm::StringSwitch<int>(Phase)
                  .Case("step1", 0)
                  .Case("step2", 1)
                  .Case("step3", 2)
                  .Case("step4", 3)
                  .Case("last", 4)
                  .Case("last2", 5)
                  .Default(-1);
      if (T < 0 || S < 0)
        return fail(Tokens[0], "unknown multiply step '" + Step + "'");
      I.MulKind = static_cast<MulType>(T);
      I.MulStep = static_cast<MulPhase>(S);
    }
    if (usesLeft(I)) {
      if (!operand(Args[0], I.Left) || !operand(Args[1], I.Right))
        return false;
      place();
      return true;
    }
    if (Args[1].Text != "--")
      return fail(Args[1], "the last multiply steps have no second operand");
    if (Args[0].Text == "0x0" || Args[0].Text == "--")
      return true;
    return operand(Args[0], I.Dst);
  }

  /// The address of a command: one or two arguments from \p N on.
  bool address(unsigned N) {
    unsigned Count = Args.size() - 1 - N;
    if (Count == 3 && Args[N + 1].Text == "<<8") {
      if (!operand(Args[N], I.Left) || !operand(Args[N + 2], I.Right))
        return false;
      I.Swap = I.Left.isBankB() || I.Right.isBankA();
      return true;
    }
    if (Count == 2) {
      I.Address = CmdAddress::Addr32;
      return operand(Args[N], I.Left) && operand(Args[N + 1], I.Right);
    }
    return fail(Mnemonic, "expected an address of one or two operands");
  }

  bool command(CmdTarget T) {
    I.Fmt = Format::Cmd;
    I.CmdTgt = T;
    if (Args.size() < 3)
      return fail(Mnemonic, "a command takes a name, data and an address");
    // The last argument is the length, but for immediate address and data.
    bool FirstIsXfer = Args[1].Text.starts_with("$xfer_");
    if (!FirstIsXfer && Args.size() == 3) {
      I.Address = CmdAddress::ImmAddrData;
      if (!number(Args[1], 0xffff, I.CmdImm) ||
          !number(Args[2], 0x3fff, I.CmdData))
        return false;
    } else {
      unsigned Length = 0;
      if (!number(Args.back(), 8, Length))
        return false;
      if (!Length)
        return fail(Args.back(), "length must be 1 to 8");
      I.CmdCount = Length - 1;
      if (FirstIsXfer) {
        Operand X;
        if (!operand(Args[1], X))
          return false;
        I.CmdXfer = X.Value;
        if (Args.size() == 4) {
          I.Address = CmdAddress::ImmAddr;
          if (!number(Args[2], 0xffff, I.CmdImm))
            return false;
        } else if (!address(2)) {
          return false;
        }
      } else if (Args.size() == 4 && Args[2].Text == "--") {
        I.Address = CmdAddress::ImmData;
        if (!number(Args[1], 0x3fffff, I.CmdImm))
          return false;
      } else {
        if (!number(Args[1], 0x7f, I.CmdData) || !address(2))
          return false;
        if (I.Address != CmdAddress::Addr40)
          return fail(Mnemonic, "a data reference goes with a 40-bit address");
        I.Address = CmdAddress::ThirdParty;
      }
    }
    if (!commandByName(Args[0].Text))
      return fail(Args[0], "no command '" + Args[0].Text +
                               "' of this length in target '" + Mnemonic.Text +
                               "'");
    return commandTokens();
  }

  /// Action and token of the command with this name and the length in I.
  bool commandByName(StringRef Name) {
    Instruction Try = I;
    // Immediate data takes the place of the token.
    unsigned Tokens = I.Address == CmdAddress::ImmAddrData ? 1 : 4;
    for (unsigned Action = 0; Action != 32; ++Action)
      for (unsigned Token = 0; Token != Tokens; ++Token) {
        Try.CmdAction = Action;
        Try.CmdToken = Token;
        const CommandInfo *C = lookupCommand(Try);
        if (!C || Name != C->Name)
          continue;
        I = Try;
        return true;
      }
    return false;
  }

  bool commandTokens() {
    I.IndirectRef = takeToken("indirect_ref");
    Piece P;
    unsigned Signal = 0;
    if (takeToken("ctx_swap", P)) {
      if (P.Text != "--" && !signal(P, Signal))
        return false;
      unsigned Defer = 0;
      if (takeToken("defer", P) && !number(P, 2, Defer))
        return false;
      I.Swapping = static_cast<CmdSwap>(Defer);
    } else if (takeToken("sig_done", P)) {
      if (!signal(P, Signal))
        return false;
    }
    I.CmdSignal = Signal;
    return true;
  }

  StringRef Line;
  Piece Mnemonic;
  llvm::SmallVector<Piece, 6> Args;
  llvm::SmallVector<Piece, 4> Tokens;
  unsigned NextToken = 0;
  Instruction I;
  std::string Error;
  unsigned ErrorColumn = 1;
};

} // namespace

llvm::Expected<Instruction> nfpbpf::isa::parse(StringRef Text) {
  return Parser(Text).run();
}
