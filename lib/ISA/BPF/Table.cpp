//===- Table.cpp - The eBPF instruction table ---------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/BPF/Instruction.h"
#include <array>
#include <iterator>

using namespace nfpbpf::ebpf;

namespace {

// Opcode bytes: class in bits 2..0; ALU and jumps have the source bit 3 and
// the operation in bits 7..4; loads and stores the size in bits 4..3 and the
// mode in bits 7..5.

// The four forms of a binary ALU operation.
#define ALU(NIBBLE, OP, TEXT) ALU_SEL(NIBBLE, OP, TEXT, Selector::None, 0, 1)
#define ALU_SEL(NIBBLE, OP, TEXT, SEL, VALUE, CPU)                               \
  {0x##NIBBLE##4, SEL, VALUE, Op::OP, Form::DstImm, 32, 0, CPU, true, TEXT},     \
      {0x##NIBBLE##7, SEL, VALUE, Op::OP, Form::DstImm, 64, 0, CPU, true, TEXT}, \
      {0x##NIBBLE##c, SEL, VALUE, Op::OP, Form::DstSrc, 32, 0, CPU, true, TEXT}, \
  {                                                                              \
    0x##NIBBLE##f, SEL, VALUE, Op::OP, Form::DstSrc, 64, 0, CPU, true, TEXT      \
  }

// The four forms of a conditional jump.
#define JUMP(NIBBLE, OP, TEXT, CPU)                                             \
  {0x##NIBBLE##5, Selector::None, 0,   Op::OP, Form::JumpImm, 64, 0,            \
   CPU,           true,           TEXT},                                        \
      {0x##NIBBLE##6, Selector::None, 0, Op::OP, Form::JumpImm, 32, 0, 3, true, \
       TEXT},                                                                   \
      {0x##NIBBLE##d, Selector::None, 0,   Op::OP, Form::JumpSrc, 64, 0,        \
       CPU,           true,           TEXT},                                    \
  {                                                                             \
    0x##NIBBLE##e, Selector::None, 0, Op::OP, Form::JumpSrc, 32, 0, 3, true,    \
        TEXT                                                                    \
  }

#define CONVERT(CODE, VALUE, OP, CPU, TEXT)                                    \
  {CODE, Selector::Imm, VALUE, Op::OP, Form::Dst,                              \
   64,   VALUE / 8,     CPU,   true,   TEXT}

#define ATOMIC(VALUE, OP, CPU, TEXT32, TEXT64)                                 \
  {0xc3, Selector::Imm, VALUE, Op::OP, Form::AtomicReg, 32,                    \
   4,    CPU,           true,  TEXT32},                                        \
  {                                                                            \
    0xdb, Selector::Imm, VALUE, Op::OP, Form::AtomicReg, 64, 8, CPU, true,     \
        TEXT64                                                                 \
  }

#define ORDERED(CODE, BITS, SIZE)                                              \
  {CODE, Selector::Imm, 0x100, Op::LoadAcquire, Form::Load,                    \
   BITS, SIZE,          4,     false,           "load_acquire"},               \
      {CODE,           Selector::Imm,  0x110, Op::StoreRelease,                \
       Form::StoreReg, BITS,           SIZE,  4,                               \
       false,          "store_release"}

#define MEMORY(CODE, OP, FORM, BITS, SIZE, CPU)                                \
  {CODE, Selector::None, 0, Op::OP, Form::FORM, BITS, SIZE, CPU, true, ""}

const OpcodeInfo Rows[] = {
    ALU(0, Add, "+="),
    ALU(1, Sub, "-="),
    ALU(2, Mul, "*="),
    ALU_SEL(3, Div, "/=", Selector::Off, 0, 1),
    ALU_SEL(3, SDiv, "s/=", Selector::Off, 1, 4),
    ALU(4, Or, "|="),
    ALU(5, And, "&="),
    ALU(6, Lsh, "<<="),
    ALU(7, Rsh, ">>="),
    {0x84, Selector::None, 0, Op::Neg, Form::Dst, 32, 0, 1, true, "-"},
    {0x87, Selector::None, 0, Op::Neg, Form::Dst, 64, 0, 1, true, "-"},
    ALU_SEL(9, Mod, "%=", Selector::Off, 0, 1),
    ALU_SEL(9, SMod, "s%=", Selector::Off, 1, 4),
    ALU(a, Xor, "^="),
    ALU_SEL(b, Mov, "=", Selector::Off, 0, 1),
    {0xbc, Selector::Off, 8, Op::MovSX, Form::DstSrc, 32, 1, 4, true, "= (s8)"},
    {0xbc, Selector::Off, 16, Op::MovSX, Form::DstSrc, 32, 2, 4, true,
     "= (s16)"},
    {0xbf, Selector::Off, 8, Op::MovSX, Form::DstSrc, 64, 1, 4, true, "= (s8)"},
    {0xbf, Selector::Off, 16, Op::MovSX, Form::DstSrc, 64, 2, 4, true,
     "= (s16)"},
    {0xbf, Selector::Off, 32, Op::MovSX, Form::DstSrc, 64, 4, 4, true,
     "= (s32)"},
    ALU(c, Arsh, "s>>="),
    CONVERT(0xd4, 16, ToLE, 1, "le16"),
    CONVERT(0xd4, 32, ToLE, 1, "le32"),
    CONVERT(0xd4, 64, ToLE, 1, "le64"),
    CONVERT(0xdc, 16, ToBE, 1, "be16"),
    CONVERT(0xdc, 32, ToBE, 1, "be32"),
    CONVERT(0xdc, 64, ToBE, 1, "be64"),
    CONVERT(0xd7, 16, ByteSwap, 4, "bswap16"),
    CONVERT(0xd7, 32, ByteSwap, 4, "bswap32"),
    CONVERT(0xd7, 64, ByteSwap, 4, "bswap64"),

    {0x05, Selector::None, 0, Op::Ja, Form::Goto, 64, 0, 1, true, "goto"},
    {0x06, Selector::None, 0, Op::Ja, Form::GotoLong, 32, 0, 4, true, "gotol"},
    {0x0d, Selector::None, 0, Op::Gotox, Form::DstOnly, 64, 0, 4, false,
     "gotox"},
    JUMP(1, JEq, "==", 1),
    JUMP(2, JGt, ">", 1),
    JUMP(3, JGe, ">=", 1),
    JUMP(4, JSet, "&", 1),
    JUMP(5, JNe, "!=", 1),
    JUMP(6, JSGt, "s>", 1),
    JUMP(7, JSGe, "s>=", 1),
    {0x85, Selector::Src, 0, Op::Call, Form::CallImm, 64, 0, 1, true, "call"},
    {0x85, Selector::Src, 1, Op::CallLocal, Form::CallImm, 64, 0, 1, true,
     "call"},
    {0x85, Selector::Src, 2, Op::CallKfunc, Form::CallKfunc, 64, 0, 1, true,
     "call"},
    {0x8d, Selector::None, 0, Op::Callx, Form::DstOnly, 64, 0, 1, false,
     "callx"},
    {0x95, Selector::None, 0, Op::Exit, Form::Nothing, 64, 0, 1, true, "exit"},
    JUMP(a, JLt, "<", 2),
    JUMP(b, JLe, "<=", 2),
    JUMP(c, JSLt, "s<", 2),
    JUMP(d, JSLe, "s<=", 2),
    {0xe5, Selector::None, 0, Op::MayGoto, Form::Goto, 64, 0, 4, false,
     "may_goto"},

    MEMORY(0x18, LdImm64, Imm64, 64, 0, 1),
    MEMORY(0x20, LdAbs, PktAbs, 64, 4, 1),
    MEMORY(0x28, LdAbs, PktAbs, 64, 2, 1),
    MEMORY(0x30, LdAbs, PktAbs, 64, 1, 1),
    MEMORY(0x40, LdInd, PktInd, 64, 4, 1),
    MEMORY(0x48, LdInd, PktInd, 64, 2, 1),
    MEMORY(0x50, LdInd, PktInd, 64, 1, 1),
    MEMORY(0x61, Ldx, Load, 32, 4, 1),
    MEMORY(0x69, Ldx, Load, 32, 2, 1),
    MEMORY(0x71, Ldx, Load, 32, 1, 1),
    MEMORY(0x79, Ldx, Load, 64, 8, 1),
    MEMORY(0x81, LdxSX, Load, 64, 4, 4),
    MEMORY(0x89, LdxSX, Load, 64, 2, 4),
    MEMORY(0x91, LdxSX, Load, 64, 1, 4),
    MEMORY(0x62, St, StoreImm, 32, 4, 1),
    MEMORY(0x6a, St, StoreImm, 32, 2, 1),
    MEMORY(0x72, St, StoreImm, 32, 1, 1),
    MEMORY(0x7a, St, StoreImm, 64, 8, 1),
    MEMORY(0x63, Stx, StoreReg, 32, 4, 1),
    MEMORY(0x6b, Stx, StoreReg, 32, 2, 1),
    MEMORY(0x73, Stx, StoreReg, 32, 1, 1),
    MEMORY(0x7b, Stx, StoreReg, 64, 8, 1),
    ATOMIC(0x00, AtomicAdd, 1, "+=", "+="),
    ATOMIC(0x40, AtomicOr, 3, "|=", "|="),
    ATOMIC(0x50, AtomicAnd, 3, "&=", "&="),
    ATOMIC(0xa0, AtomicXor, 3, "^=", "^="),
    ATOMIC(0x01, FetchAdd, 3, "atomic_fetch_add", "atomic_fetch_add"),
    ATOMIC(0x41, FetchOr, 3, "atomic_fetch_or", "atomic_fetch_or"),
    ATOMIC(0x51, FetchAnd, 3, "atomic_fetch_and", "atomic_fetch_and"),
    ATOMIC(0xa1, FetchXor, 3, "atomic_fetch_xor", "atomic_fetch_xor"),
    ATOMIC(0xe1, Xchg, 3, "xchg32_32", "xchg_64"),
    ATOMIC(0xf1, CmpXchg, 3, "cmpxchg32_32", "cmpxchg_64"),
    ORDERED(0xc3, 32, 4),
    ORDERED(0xcb, 32, 2),
    ORDERED(0xd3, 32, 1),
    ORDERED(0xdb, 64, 8),
};

struct Table {
  std::array<OpcodeInfo, std::size(Rows)> Sorted;
  std::array<uint8_t, 257> First; // of each opcode byte in Sorted

  Table() {
    static_assert(std::size(Rows) < 256, "row numbers are bytes");
    uint8_t Row = 0;
    for (unsigned Code = 0; Code < 256; ++Code) {
      First[Code] = Row;
      for (const OpcodeInfo &Info : Rows)
        if (Info.Code == Code)
          Sorted[Row++] = Info;
    }
    First[256] = Row;
  }
};

} // namespace

static const Table &table() {
  static const Table T;
  return T;
}

llvm::ArrayRef<OpcodeInfo> nfpbpf::ebpf::opcodeTable() {
  return table().Sorted;
}

const OpcodeInfo *nfpbpf::ebpf::lookup(const Slot &S) {
  const Table &T = table();
  for (unsigned Row = T.First[S.Code]; Row != T.First[S.Code + 1]; ++Row) {
    const OpcodeInfo &Info = T.Sorted[Row];
    int32_t Field = 0;
    switch (Info.SelField) {
    case Selector::None:
      return &Info;
    case Selector::Src:
      Field = static_cast<int32_t>(S.src());
      break;
    case Selector::Off:
      Field = S.Off;
      break;
    case Selector::Imm:
      Field = S.Imm;
      break;
    }
    if (Field == Info.SelValue)
      return &Info;
  }
  return nullptr;
}
