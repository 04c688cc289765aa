//===- Instruction.h - eBPF instructions and their table --------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The eBPF instruction set of RFC 9669 and what clang's -mcpu=v4 and its
// neighbours add (load-acquire, store-release, may_goto, callx, gotox): one
// table, a decoder that checks every field, and the questions compilers ask.
// Source of the facts: RFC 9669 and the encodings of LLVM's assembler.
//
// Units: instruction indices and jump offsets count 8-byte slots; sizes are
// bytes. Immediates are sign-extended to 64 bits.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_BPF_INSTRUCTION_H
#define NFPBPF_ISA_BPF_INSTRUCTION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <vector>

namespace nfpbpf::ebpf {

constexpr unsigned NumRegisters = 11;
constexpr unsigned FramePointer = 10;
/// Bytes of one 8-byte slot.
constexpr unsigned SlotBytes = 8;

/// One 8-byte slot, fields in host byte order. In memory: opcode, registers
/// (destination in bits 3..0, source in bits 7..4), 16-bit offset, 32-bit
/// immediate, both little-endian.
struct Slot {
  uint8_t Code = 0;
  uint8_t Regs = 0;
  int16_t Off = 0;
  int32_t Imm = 0;

  Slot() = default;
  Slot(uint8_t Code, unsigned Dst, unsigned Src, int16_t Off, int32_t Imm)
      : Code(Code), Regs(static_cast<uint8_t>((Dst & 15) | (Src & 15) << 4)),
        Off(Off), Imm(Imm) {}

  unsigned dst() const { return Regs & 15; }
  unsigned src() const { return Regs >> 4; }

  /// From and to the number that the eight little-endian bytes make.
  static Slot fromWord(uint64_t Word);
  uint64_t toWord() const;
  bool operator==(const Slot &O) const { return toWord() == O.toWord(); }
};

/// The instruction classes (low three bits of the opcode).
enum class Class : uint8_t { LD, LDX, ST, STX, ALU, JMP, JMP32, ALU64 };

/// Operations. Width, operand form and size are in OpcodeInfo.
/// How often the may_gotos of one activation of a function let it go on. The
/// kernel looks at the clock after as many rounds; here the loop ends then.
constexpr uint32_t MayGotoRounds = 65535;

enum class Op : uint8_t {
  // ALU and ALU64.
  Add,
  Sub,
  Mul,
  Div,  ///< unsigned; x / 0 = 0
  SDiv, ///< signed; x / 0 = 0, INT_MIN / -1 = INT_MIN
  Mod,  ///< unsigned; x % 0 = x
  SMod, ///< signed; x % 0 = x, INT_MIN % -1 = 0
  Or,
  And,
  Xor,
  Lsh,
  Rsh,
  Arsh,
  Neg,
  Mov,
  MovSX,    ///< sign-extends the low Size bytes of the source
  ToLE,     ///< keeps the low Size bytes, little-endian
  ToBE,     ///< keeps the low Size bytes, big-endian
  ByteSwap, ///< keeps the low Size bytes, swapped (bswap)
  // Jumps.
  Ja, ///< goto and gotol
  JEq,
  JNe,
  JGt,
  JGe,
  JLt,
  JLe,
  JSGt,
  JSGe,
  JSLt,
  JSLe,
  JSet,
  MayGoto,
  Gotox, ///< indirect jump; not in RFC 9669
  Exit,
  Call,      ///< helper by id
  CallLocal, ///< bpf-to-bpf, target relative
  CallKfunc, ///< kernel function by BTF id
  Callx,     ///< call through a register; not in RFC 9669
  // Loads and stores.
  LdImm64, ///< two slots; see ImmKind
  LdAbs,   ///< legacy packet load, big-endian
  LdInd,
  Ldx,   ///< zero-extending
  LdxSX, ///< sign-extending
  St,    ///< immediate
  Stx,   ///< register
  // Atomics (class STX, Size 4 or 8).
  AtomicAdd,
  AtomicOr,
  AtomicAnd,
  AtomicXor,
  FetchAdd,
  FetchOr,
  FetchAnd,
  FetchXor,
  Xchg,
  CmpXchg,      ///< compares with and returns into r0
  LoadAcquire,  ///< Size 1 to 8
  StoreRelease, ///< Size 1 to 8
};

/// What an LD_IMM64 loads (its source register field).
enum class ImmKind : uint8_t {
  Value = 0,         ///< the 64-bit number
  MapFd = 1,         ///< map; in a linked program the map index
  MapFdValue = 2,    ///< map and byte offset into its value
  Variable = 3,      ///< kernel variable by BTF id
  Function = 4,      ///< address of a function, relative like a call
  MapIndex = 5,      ///< map by index into the loader's fd array
  MapIndexValue = 6, ///< the same and a byte offset into its value
};

/// Operand shape: which fields have a meaning. The others must be zero.
enum class Form : uint8_t {
  DstImm,    ///< r1 += 5
  DstSrc,    ///< r1 += r2
  Dst,       ///< r1 = -r1, r1 = be16 r1
  JumpImm,   ///< if r1 > 5 goto +3
  JumpSrc,   ///< if r1 > r2 goto +3
  Goto,      ///< offset
  GotoLong,  ///< immediate
  DstOnly,   ///< callx r1, gotox r1
  Nothing,   ///< exit
  CallImm,   ///< immediate
  CallKfunc, ///< immediate, and offset (BTF module index)
  Imm64,     ///< two slots
  PktAbs,    ///< immediate
  PktInd,    ///< source register and immediate
  Load,      ///< dst = *(size *)(src + off)
  StoreImm,  ///< *(size *)(dst + off) = imm
  StoreReg,  ///< *(size *)(dst + off) = src
  AtomicReg, ///< atomic on *(size *)(dst + off) with src
};

/// The field that tells instructions of one opcode byte apart.
enum class Selector : uint8_t { None, Src, Off, Imm };

/// One row of the instruction table.
struct OpcodeInfo {
  uint8_t Code;      ///< opcode byte
  Selector SelField; ///< field that must equal SelValue
  int32_t SelValue;
  Op Operation;
  Form Shape;
  uint8_t Bits;     ///< register width of the operation: 32 or 64
  uint8_t Size;     ///< bytes of memory or of the conversion; 0 if none
  uint8_t Cpu;      ///< lowest clang -mcpu level, 1..4
  bool Standard;    ///< part of RFC 9669 (its legacy group included)
  const char *Text; ///< operator of the text form: "+=", "s>", "be16" ...

  Class cls() const { return static_cast<Class>(Code & 7); }
};

/// Every row, ascending by opcode byte.
llvm::ArrayRef<OpcodeInfo> opcodeTable();

/// The row of a slot, or null. Looks at nothing but opcode and selector field.
const OpcodeInfo *lookup(const Slot &S);

/// A decoded instruction.
struct Instruction {
  const OpcodeInfo *Info = nullptr;
  uint8_t Dst = 0;
  uint8_t Src = 0;
  int16_t Off = 0; ///< memory or jump offset as encoded; 0 if it selects
  /// Immediate, sign-extended; for LD_IMM64 of kind Value all 64 bits, for its
  /// other kinds the first immediate.
  int64_t Imm = 0;
  /// LD_IMM64 only: the second slot's immediate (offset of the value kinds).
  int32_t Imm2 = 0;
  ImmKind Kind = ImmKind::Value; ///< LD_IMM64 only

  Op op() const { return Info->Operation; }
  Class cls() const { return Info->cls(); }
  Form shape() const { return Info->Shape; }
  bool is64() const { return Info->Bits == 64; }
  unsigned bits() const { return Info->Bits; }
  /// Bytes of the memory access or the byte-order conversion.
  unsigned size() const { return Info->Size; }
  unsigned slots() const { return op() == Op::LdImm64 ? 2 : 1; }
  /// The second operand of ALU operations and jumps is register Src.
  bool usesSrcReg() const;

  bool isAlu() const { return op() <= Op::ByteSwap; }
  bool isCondJump() const { return op() >= Op::JEq && op() <= Op::JSet; }
  /// Goto, conditional jumps and may_goto: has jumpOffset().
  bool isJump() const { return op() >= Op::Ja && op() <= Op::MayGoto; }
  bool isCall() const { return op() >= Op::Call && op() <= Op::Callx; }
  /// Control never reaches the next slot.
  bool isTerminator() const {
    return op() == Op::Ja || op() == Op::Exit || op() == Op::Gotox;
  }
  bool isAtomic() const { return op() >= Op::AtomicAdd; }
  /// Read-modify-write atomics that return the old value.
  bool isFetch() const { return op() >= Op::FetchAdd && op() <= Op::CmpXchg; }
  /// Accesses memory through a register pointer, and reads or writes it.
  bool isMemory() const { return op() >= Op::Ldx; }
  bool readsMemory() const;
  bool writesMemory() const;
  /// Register that holds the address of isMemory() instructions.
  unsigned addressReg() const;

  /// Jumps and local calls: slots from the next instruction to the target.
  int32_t jumpOffset() const;
  /// Index of the target of a jump or local call at slot \p Index; may be out
  /// of range.
  int64_t target(uint32_t Index) const {
    return static_cast<int64_t>(Index) + 1 + jumpOffset();
  }

  /// Bit n: register n is read. Calls read r1 to r5 (those the callee takes is
  /// not known here); Exit reads r0; LD_ABS and LD_IND read r6.
  uint16_t readRegs() const;
  /// Bit n: register n is written or clobbered. Calls write r0 to r5; LD_ABS
  /// and LD_IND too.
  uint16_t writtenRegs() const;
};

/// Decodes the instruction at slot \p Index. Errors: unknown opcode or
/// selector, a non-zero field without meaning, a register above r10, a write
/// to r10, an LD_IMM64 cut off or with a damaged second slot. The message names
/// the slot index.
llvm::Expected<Instruction> decode(llvm::ArrayRef<Slot> Code, uint32_t Index);
/// The same over slots as numbers of their little-endian bytes.
llvm::Expected<Instruction> decode(llvm::ArrayRef<uint64_t> Words,
                                   uint32_t Index);

/// Checks a whole program as far as that needs no data flow: every instruction
/// decodes, jumps and local calls stay inside and do not enter the second half
/// of an LD_IMM64, and the last instruction is an exit or unconditional jump.
llvm::Error validate(llvm::ArrayRef<uint64_t> Words);

/// Splits bytes into slots. Errors: a size that is no multiple of eight.
llvm::Expected<std::vector<Slot>> slotsFromBytes(llvm::ArrayRef<uint8_t> Bytes);

} // namespace nfpbpf::ebpf

#endif // NFPBPF_ISA_BPF_INSTRUCTION_H
