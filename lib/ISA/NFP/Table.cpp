//===- Table.cpp - The NFP instruction table ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Source: NFP instruction set, sections "Class selection" and the encoding of
// each class, "Condition-code rules", "CSRs".
//
//===----------------------------------------------------------------------===//

#include "Table.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include <system_error>

using namespace nfpbpf::isa;
using namespace nfpbpf::isa::detail;

llvm::Error detail::makeError(const llvm::Twine &Message) {
  return llvm::createStringError(
      std::make_error_code(std::errc::invalid_argument), Message);
}

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

// clang-format off
static const FieldInfo CmdFields[] = {
    {Field::ASrc, 0, 8, 0, 0},      {Field::CmdSwap, 8, 2, 0, 0},
    {Field::BSrc, 10, 8, 0, 0},     {Field::Token, 18, 2, 0, 0},
    {Field::Xfer, 20, 5, 40, 1},    {Field::Count, 25, 3, 0, 0},
    {Field::Signal, 28, 4, 0, 0},   {Field::TargetCmd, 32, 7, 0, 0},
    {Field::Indirect, 41, 1, 0, 0}, {Field::Mode, 42, 3, 0, 0},
};
static const FieldInfo ShfFields[] = {
    {Field::ASrc, 0, 8, 0, 0},         {Field::ShiftMode, 8, 2, 0, 0},
    {Field::BSrc, 10, 8, 0, 0},        {Field::ImmBit7, 18, 1, 0, 0},
    {Field::Swap, 19, 1, 0, 0},        {Field::Dst, 20, 8, 0, 0},
    {Field::ShiftAmount, 28, 5, 0, 0}, {Field::Op, 33, 3, 0, 0},
    {Field::DstBank, 36, 1, 0, 0},     {Field::NoCC, 40, 1, 0, 0},
    {Field::WrBoth, 41, 1, 0, 0},      {Field::SrcLM, 42, 1, 0, 0},
    {Field::DstLM, 43, 1, 0, 0},       {Field::Pred, 44, 1, 0, 0},
};
static const FieldInfo AluFields[] = {
    {Field::ASrc, 0, 10, 0, 0},    {Field::BSrc, 10, 10, 0, 0},
    {Field::Dst, 20, 10, 0, 0},    {Field::Swap, 30, 1, 0, 0},
    {Field::Op, 31, 5, 0, 0},      {Field::DstBank, 36, 1, 0, 0},
    {Field::NoCC, 40, 1, 0, 0},    {Field::WrBoth, 41, 1, 0, 0},
    {Field::SrcLM, 42, 1, 0, 0},   {Field::DstLM, 43, 1, 0, 0},
    {Field::Pred, 44, 1, 0, 0},
};
static const FieldInfo ImmedFields[] = {
    {Field::ASrc, 0, 10, 0, 0},    {Field::BSrc, 10, 10, 0, 0},
    {Field::ImmHigh, 20, 8, 0, 0}, {Field::Width, 29, 2, 0, 0},
    {Field::Invert, 31, 1, 0, 0},  {Field::ImmShift, 33, 2, 0, 0},
    {Field::WrBoth, 41, 1, 0, 0},  {Field::DstLM, 43, 1, 0, 0},
    {Field::Pred, 44, 1, 0, 0},
};
static const FieldInfo LdFieldFields[] = {
    {Field::ASrc, 0, 8, 0, 0},         {Field::ShiftMode, 8, 2, 0, 0},
    {Field::BSrc, 10, 8, 0, 0},        {Field::ImmBit7, 18, 1, 0, 0},
    {Field::Swap, 19, 1, 0, 0},        {Field::ClearRest, 20, 1, 0, 0},
    {Field::ByteMask, 24, 4, 0, 0},    {Field::ShiftAmount, 28, 5, 0, 0},
    {Field::LoadCC, 34, 1, 0, 0},      {Field::WrBoth, 41, 1, 0, 0},
    {Field::SrcLM, 42, 1, 0, 0},       {Field::DstLM, 43, 1, 0, 0},
    {Field::Pred, 44, 1, 0, 0},
};
static const FieldInfo CtxArbFields[] = {
    {Field::Events, 0, 16, 0, 0},     {Field::AnyEvent, 16, 1, 0, 0},
    {Field::Breakpoint, 17, 1, 0, 0}, {Field::HasTarget, 18, 1, 0, 0},
    {Field::KeepMask, 19, 1, 0, 0},   {Field::Defer, 20, 2, 0, 0},
    {Field::Target, 22, 13, 40, 1},
};
static const FieldInfo LocalCsrFields[] = {
    {Field::ASrc, 0, 10, 0, 0},     {Field::BSrc, 10, 10, 0, 0},
    {Field::CsrWrite, 21, 1, 0, 0}, {Field::CsrAddress, 22, 11, 0, 0},
    {Field::SrcLM, 42, 1, 0, 0},
};
static const FieldInfo BranchFields[] = {
    {Field::Cond, 0, 5, 0, 0},   {Field::Hint, 8, 2, 0, 0},
    {Field::State, 14, 4, 0, 0}, {Field::Defer, 20, 2, 0, 0},
    {Field::Target, 22, 13, 40, 1},
};
static const FieldInfo BranchByteFields[] = {
    {Field::ASrc, 0, 8, 0, 0},      {Field::ByteIndex, 8, 2, 0, 0},
    {Field::BSrc, 10, 8, 0, 0},     {Field::ImmBit7, 18, 1, 0, 0},
    {Field::ByteEqual, 19, 1, 0, 0}, {Field::Defer, 20, 2, 0, 0},
    {Field::Target, 22, 13, 40, 1}, {Field::SrcLM, 42, 1, 0, 0},
};
static const FieldInfo BranchBitFields[] = {
    {Field::ASrc, 0, 8, 0, 0},    {Field::BSrc, 10, 8, 0, 0},
    {Field::BitSet, 18, 1, 0, 0}, {Field::Defer, 20, 2, 0, 0},
    {Field::Target, 22, 13, 40, 1}, {Field::SrcLM, 42, 1, 0, 0},
};
static const FieldInfo ReturnFields[] = {
    {Field::ASrc, 0, 10, 0, 0},        {Field::BSrc, 10, 10, 0, 0},
    {Field::Defer, 20, 2, 0, 0},       {Field::Displacement, 22, 9, 0, 0},
    {Field::SrcLM, 42, 1, 0, 0},
};
static const FieldInfo MulFields[] = {
    {Field::ASrc, 0, 10, 0, 0},    {Field::BSrc, 10, 10, 0, 0},
    {Field::MulPhase, 20, 3, 0, 0}, {Field::DstBank, 23, 1, 0, 0},
    {Field::Swap, 30, 1, 0, 0},    {Field::MulType, 31, 2, 0, 0},
    {Field::NoCC, 40, 1, 0, 0},    {Field::WrBoth, 41, 1, 0, 0},
    {Field::SrcLM, 42, 1, 0, 0},   {Field::DstLM, 43, 1, 0, 0},
    {Field::Pred, 44, 1, 0, 0},
};

static const FormatInfo Formats[] = {
    {Format::Cmd,        0x008000000000, 0x000000000000, OperandForm::Restricted,   127, 2, CmdFields},
    {Format::Shf,        0x00e000000000, 0x008000000000, OperandForm::Restricted,   255, 0, ShfFields},
    {Format::Alu,        0x00e000000000, 0x00a000000000, OperandForm::Unrestricted, 255, 0, AluFields},
    {Format::Immed,      0x01f900000000, 0x00f000000000, OperandForm::Unrestricted, 255, 0, ImmedFields},
    {Format::LdField,    0x01fa00e00000, 0x00c000000000, OperandForm::Restricted,   255, 0, LdFieldFields},
    {Format::CtxArb,     0x00f800000000, 0x00e000000000, OperandForm::Nothing,        0, 2, CtxArbFields},
    {Format::LocalCsr,   0x01fe00100000, 0x00fc00000000, OperandForm::Unrestricted, 255, 0, LocalCsrFields},
    {Format::Branch,     0x00f8000c3ce0, 0x00d800000020, OperandForm::Nothing,        0, 3, BranchFields},
    {Format::BranchByte, 0x00f800000000, 0x00c800000000, OperandForm::Restricted,   255, 3, BranchByteFields},
    {Format::BranchBit,  0x00f800080300, 0x00d000000000, OperandForm::Restricted,   127, 3, BranchBitFields},
    {Format::Return,     0x00ff80000000, 0x00e800000000, OperandForm::Unrestricted, 255, 3, ReturnFields},
    {Format::MulStep,    0x00fe3f000000, 0x00f800000000, OperandForm::Unrestricted, 255, 0, MulFields},
};
// clang-format on

const FormatInfo *detail::formatInfo(Format F) {
  for (const FormatInfo &FI : Formats)
    if (FI.Fmt == F)
      return &FI;
  return nullptr;
}

const FormatInfo *detail::classify(uint64_t Word) {
  for (const FormatInfo &FI : Formats)
    if ((Word & FI.Mask) == FI.Match)
      return &FI;
  return nullptr;
}

static uint64_t lowMask(unsigned Width) { return (uint64_t(1) << Width) - 1; }

FieldValues detail::extract(const FormatInfo &FI, uint64_t Word) {
  FieldValues FV;
  for (const FieldInfo &F : FI.Fields)
    FV[F.F] = ((Word >> F.Lo) & lowMask(F.Width)) |
              ((Word >> F.HighLo) & lowMask(F.HighWidth)) << F.Width;
  return FV;
}

llvm::Expected<uint64_t> detail::insert(const FormatInfo &FI,
                                        const FieldValues &FV) {
  uint64_t Word = FI.Match;
  for (const FieldInfo &F : FI.Fields) {
    uint64_t V = FV[F.F];
    if (V > lowMask(F.bits()))
      return makeError(llvm::Twine(fieldName(F.F)) + " " + llvm::Twine(V) +
                       " does not fit in " + llvm::Twine(F.bits()) + " bits");
    Word |= (V & lowMask(F.Width)) << F.Lo;
    Word |= (V >> F.Width) << F.HighLo;
  }
  return Word;
}

llvm::StringRef detail::fieldName(Field F) {
  static const char *const Names[NumFields] = {"port A operand",
                                               "port B operand",
                                               "destination",
                                               "destination bank",
                                               "operation",
                                               "swap",
                                               "no_cc",
                                               "gpr_wrboth",
                                               "source pointer bit",
                                               "destination pointer bit",
                                               "predicate_cc",
                                               "load_cc",
                                               "shift mode",
                                               "shift amount",
                                               "immediate bit 7",
                                               "byte mask",
                                               "clear bit",
                                               "immediate high byte",
                                               "immediate width",
                                               "complement",
                                               "immediate shift",
                                               "condition",
                                               "pipeline hint",
                                               "state number",
                                               "defer count",
                                               "branch target",
                                               "bit sense",
                                               "byte number",
                                               "byte sense",
                                               "displacement",
                                               "event mask",
                                               "any",
                                               "breakpoint",
                                               "branch bit",
                                               "keep mask",
                                               "CSR number",
                                               "CSR direction",
                                               "multiply step",
                                               "multiply type",
                                               "context swap",
                                               "token",
                                               "transfer register",
                                               "length",
                                               "signal",
                                               "target and action",
                                               "indirect_ref",
                                               "address mode"};
  return Names[static_cast<unsigned>(F)];
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

// clang-format off
static const AluInfo AluOps[] = {
    {AluOp::B,             "B",               AluForm::Unary,         FlagsEffect::Logic, false},
    {AluOp::Add,           "+",               AluForm::Binary,        FlagsEffect::Arith, false},
    {AluOp::PopCount3,     "pop_count3",      AluForm::DstSrc,        FlagsEffect::Logic, false},
    {AluOp::NotB,          "~B",              AluForm::Unary,         FlagsEffect::Logic, false},
    {AluOp::Add16,         "+16",             AluForm::Binary,        FlagsEffect::Arith, false},
    {AluOp::PopCount1,     "pop_count1",      AluForm::Src,           FlagsEffect::Logic, false},
    {AluOp::PopCount2,     "pop_count2",      AluForm::Src,           FlagsEffect::Logic, false},
    {AluOp::And,           "AND",             AluForm::Binary,        FlagsEffect::Logic, false},
    {AluOp::Add8,          "+8",              AluForm::Binary,        FlagsEffect::Arith, false},
    {AluOp::CamClear,      "cam_clear",       AluForm::Bare,          FlagsEffect::Logic, false},
    {AluOp::NotAnd,        "~AND",            AluForm::Binary,        FlagsEffect::Logic, false},
    {AluOp::SubCarry,      "-carry",          AluForm::Binary,        FlagsEffect::Arith, true},
    {AluOp::Ffs,           "ffs",             AluForm::DstSrc,        FlagsEffect::Logic, false},
    {AluOp::CamReadTag,    "cam_read_tag",    AluForm::DstSrc,        FlagsEffect::Logic, false},
    {AluOp::AndNot,        "AND~",            AluForm::Binary,        FlagsEffect::Logic, false},
    {AluOp::AddCarry,      "+carry",          AluForm::Binary,        FlagsEffect::Arith, true},
    {AluOp::Crc,           "crc",             AluForm::Crc,           FlagsEffect::Logic, false},
    {AluOp::CamWrite,      "cam_write",       AluForm::CamWrite,      FlagsEffect::Logic, false},
    {AluOp::Or,            "OR",              AluForm::Binary,        FlagsEffect::Logic, false},
    {AluOp::Sub,           "-",               AluForm::Binary,        FlagsEffect::Arith, false},
    {AluOp::CamLookup,     "cam_lookup",      AluForm::CamLookup,     FlagsEffect::Logic, false},
    {AluOp::Xor,           "XOR",             AluForm::Binary,        FlagsEffect::Logic, false},
    {AluOp::RevSub,        "B-A",             AluForm::Binary,        FlagsEffect::Arith, false},
    {AluOp::CamWriteState, "cam_write_state", AluForm::CamWriteState, FlagsEffect::Logic, false},
    {AluOp::CamReadState,  "cam_read_state",  AluForm::DstSrc,        FlagsEffect::Logic, false},
};

static const ShfInfo ShfOps[] = {
    {ShfOp::B, "B", false},        {ShfOp::NotB, "~B", false},
    {ShfOp::And, "AND", true},     {ShfOp::NotAnd, "~AND", true},
    {ShfOp::AndNot, "AND~", true}, {ShfOp::Or, "OR", true},
    {ShfOp::Asr, "asr", false},    {ShfOp::ByteAlign, "byte_align", false},
};

static const BranchInfo Branches[] = {
    {BranchOp::Eq,            "beq",           BranchForm::Flags,      3, 1},
    {BranchOp::Ne,            "bne",           BranchForm::Flags,      3, 1},
    {BranchOp::Mi,            "bmi",           BranchForm::Flags,      3, 1},
    {BranchOp::Pl,            "bpl",           BranchForm::Flags,      3, 1},
    {BranchOp::Cs,            "bcs",           BranchForm::Flags,      3, 1},
    {BranchOp::Cc,            "bcc",           BranchForm::Flags,      3, 1},
    {BranchOp::Vs,            "bvs",           BranchForm::Flags,      3, 1},
    {BranchOp::Vc,            "bvc",           BranchForm::Flags,      3, 1},
    {BranchOp::Ge,            "bge",           BranchForm::Flags,      3, 1},
    {BranchOp::Lt,            "blt",           BranchForm::Flags,      3, 1},
    {BranchOp::Le,            "ble",           BranchForm::Flags,      3, 1},
    {BranchOp::Gt,            "bgt",           BranchForm::Flags,      3, 1},
    {BranchOp::CtxEq,         "br=ctx",        BranchForm::Context,    3, 0},
    {BranchOp::CtxNe,         "br!=ctx",       BranchForm::Context,    3, 0},
    {BranchOp::SignalSet,     "br_signal",     BranchForm::Signal,     3, 2},
    {BranchOp::SignalClear,   "br_!signal",    BranchForm::Signal,     3, 2},
    {BranchOp::InpStateSet,   "br_inp_state",  BranchForm::InputState, 3, 2},
    {BranchOp::InpStateClear, "br_!inp_state", BranchForm::InputState, 3, 2},
    {BranchOp::ClsStateSet,   "br_cls_state",  BranchForm::ClsState,   3, 2},
    {BranchOp::ClsStateClear, "br_!cls_state", BranchForm::ClsState,   3, 2},
    {BranchOp::Always,        "br",            BranchForm::Always,     2, 0},
};

static const CsrInfo Csrs[] = {
    {0x000, "UstorAddr"},        {0x004, "UstorDataLwr"},
    {0x008, "UstorDataUpr"},     {0x00c, "UstorErrStat"},
    {0x010, "ALUOut"},           {0x014, "CtxArbCtrl"},
    {0x018, "CtxEnables"},       {0x01c, "CondCodeEn"},
    {0x020, "CSRCtxPtr"},        {0x024, "PcBreakpoint0"},
    {0x028, "PcBreakpoint1"},    {0x02c, "PcBreakpointStatus"},
    {0x030, "RegErrStatus"},     {0x034, "LMErrStatus"},
    {0x038, "LMeccErrorMask"},   {0x040, "IndCtxStatus"},
    {0x044, "ActCtxStatus"},     {0x048, "IndCtxSglEvt"},
    {0x04c, "ActCtxSglEvt"},     {0x050, "IndCtxWkpEvt"},
    {0x054, "ActCtxWkpEvt"},     {0x058, "IndCtxFtrCnt"},
    {0x05c, "ActCtxFtrCnt"},     {0x060, "IndLMAddr0"},
    {0x064, "ActLMAddr0"},       {0x068, "IndLMAddr1"},
    {0x06c, "ActLMAddr1"},       {0x070, "ByteIndex"},
    {0x074, "XferIndex"},        {0x078, "IndFtrCntSgl"},
    {0x07c, "ActFtrCntSgl"},     {0x080, "NNPut"},
    {0x084, "NNGet"},            {0x090, "IndLMAddr2"},
    {0x094, "ActLMAddr2"},       {0x098, "IndLMAddr3"},
    {0x09c, "ActLMAddr3"},       {0x0a0, "IndLMAddr2BytIdx"},
    {0x0a4, "ActLMAddr2BytIdx"}, {0x0a8, "IndLMAddr3BytIdx"},
    {0x0ac, "ActLMAddr3BytIdx"}, {0x0b0, "IndPredCC"},
    {0x0c0, "TimestampLow"},     {0x0c4, "TimestampHgh"},
    {0x0e0, "IndLMAddr0BytIdx"}, {0x0e4, "ActLMAddr0BytIdx"},
    {0x0e8, "IndLMAddr1BytIdx"}, {0x0ec, "ActLMAddr1BytIdx"},
    {0x0f4, "XfrAndBytIdx"},     {0x100, "NxtNghbrSgl"},
    {0x104, "PrvNghbrSgl"},      {0x108, "SameMESignal"},
    {0x140, "CRCRemainder"},     {0x144, "ProfileCnt"},
    {0x148, "PseudoRndNum"},     {0x160, "MiscControl"},
    {0x164, "PcBreakpoint0Mask"}, {0x168, "PcBreakpoint1Mask"},
    {0x170, "Mailbox0"},         {0x174, "Mailbox1"},
    {0x178, "Mailbox2"},         {0x17c, "Mailbox3"},
    {0x190, "CmdIndirectRef0"},
};
// clang-format on

llvm::ArrayRef<AluInfo> detail::aluTable() { return AluOps; }
llvm::ArrayRef<ShfInfo> detail::shfTable() { return ShfOps; }
llvm::ArrayRef<BranchInfo> detail::branchTable() { return Branches; }
llvm::ArrayRef<CsrInfo> detail::csrTable() { return Csrs; }

const AluInfo *detail::aluInfo(AluOp Op) {
  for (const AluInfo &I : AluOps)
    if (I.Op == Op)
      return &I;
  return nullptr;
}

const ShfInfo &detail::shfInfo(ShfOp Op) {
  return ShfOps[static_cast<unsigned>(Op) & 7];
}

const BranchInfo *detail::branchInfo(BranchOp Op) {
  for (const BranchInfo &I : Branches)
    if (I.Op == Op)
      return &I;
  return nullptr;
}

std::string nfpbpf::isa::csrName(uint16_t ByteAddress) {
  for (const CsrInfo &C : Csrs)
    if (C.Address == ByteAddress)
      return C.Name;
  return "0x" + llvm::utohexstr(ByteAddress, /*LowerCase=*/true);
}

//===----------------------------------------------------------------------===//
// Command targets
//===----------------------------------------------------------------------===//

namespace {
/// TGT_CMD codes with (code & Mask) == Match; the other bits are the action.
struct TargetCode {
  uint8_t Mask, Match;
  CmdTarget Target;
};
} // namespace

static const TargetCode TargetCodes[] = {
    {0x7c, 0x00, CmdTarget::ILA},  {0x7c, 0x04, CmdTarget::NBI},
    {0x7c, 0x0c, CmdTarget::PCIe}, {0x7c, 0x14, CmdTarget::Crypto},
    {0x7c, 0x18, CmdTarget::ARM},  {0x7c, 0x1c, CmdTarget::CT},
    {0x70, 0x30, CmdTarget::VQDR}, {0x60, 0x40, CmdTarget::MU},
    {0x60, 0x60, CmdTarget::CLS},
};

void detail::splitTargetCmd(unsigned Code, CmdTarget &Target,
                            unsigned &Action) {
  for (const TargetCode &T : TargetCodes)
    if ((Code & T.Mask) == T.Match) {
      Target = T.Target;
      Action = Code & ~T.Mask & 0x7f;
      return;
    }
  Target = CmdTarget::Invalid;
  Action = Code;
}

int detail::joinTargetCmd(CmdTarget Target, unsigned Action) {
  for (const TargetCode &T : TargetCodes)
    if (T.Target == Target)
      return (Action & T.Mask) ? -1 : int(T.Match | Action);
  return -1;
}
