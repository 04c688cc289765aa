//===- Instruction.cpp - Decoding of eBPF instructions ------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/BPF/Instruction.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"

using namespace nfpbpf::ebpf;

Slot Slot::fromWord(uint64_t Word) {
  Slot S;
  S.Code = static_cast<uint8_t>(Word);
  S.Regs = static_cast<uint8_t>(Word >> 8);
  S.Off = static_cast<int16_t>(Word >> 16);
  S.Imm = static_cast<int32_t>(Word >> 32);
  return S;
}

uint64_t Slot::toWord() const {
  return uint64_t(Code) | uint64_t(Regs) << 8 |
         uint64_t(static_cast<uint16_t>(Off)) << 16 |
         uint64_t(static_cast<uint32_t>(Imm)) << 32;
}

namespace {

/// Which fields a form gives a meaning to.
struct Fields {
  bool Dst, Src, Off, Imm;
};

} // namespace

static Fields fieldsOf(Form F) {
  switch (F) {
  case Form::DstImm:
    return {true, false, false, true};
  case Form::DstSrc:
    return {true, true, false, false};
  case Form::Dst:
  case Form::DstOnly:
    return {true, false, false, false};
  case Form::JumpImm:
    return {true, false, true, true};
  case Form::JumpSrc:
    return {true, true, true, false};
  case Form::Goto:
    return {false, false, true, false};
  case Form::GotoLong:
  case Form::CallImm:
  case Form::PktAbs:
    return {false, false, false, true};
  case Form::Nothing:
    return {false, false, false, false};
  case Form::CallKfunc:
    return {false, false, true, true};
  case Form::Imm64:
    return {true, true, false, true};
  case Form::PktInd:
    return {false, true, false, true};
  case Form::StoreImm:
    return {true, false, true, true};
  case Form::Load:
  case Form::StoreReg:
  case Form::AtomicReg:
    return {true, true, true, false};
  }
  return {true, true, true, true};
}

static llvm::Error bad(uint32_t Index, const llvm::Twine &What) {
  return llvm::createStringError(llvm::formatv("instruction {0}: ", Index) +
                                 What);
}

static llvm::Error unknown(const Slot &S, uint32_t Index) {
  // Some row with this opcode byte means that the selector is wrong.
  for (const OpcodeInfo &Info : opcodeTable()) {
    if (Info.Code != S.Code)
      continue;
    switch (Info.SelField) {
    case Selector::None:
      break;
    case Selector::Src:
      return bad(Index, llvm::formatv(
                            "opcode {0:x2} has no variant for source field {1}",
                            S.Code, S.src()));
    case Selector::Off:
      return bad(Index, llvm::formatv(
                            "opcode {0:x2} has no variant for offset field {1}",
                            S.Code, S.Off));
    case Selector::Imm:
      return bad(Index,
                 llvm::formatv("opcode {0:x2} has no variant for immediate {1}",
                               S.Code, S.Imm));
    }
  }
  return bad(Index, llvm::formatv("unknown opcode {0:x2}", S.Code));
}

static llvm::Expected<Instruction>
decodeSlots(const Slot &S, std::optional<Slot> Second, uint32_t Index) {
  const OpcodeInfo *Info = lookup(S);
  if (!Info)
    return unknown(S, Index);
  Fields F = fieldsOf(Info->Shape);
  Selector Sel = Info->SelField;
  if (!F.Dst && S.dst() != 0)
    return bad(Index, llvm::formatv("destination register field of opcode "
                                    "{0:x2} must be zero but is {1}",
                                    S.Code, S.dst()));
  if (!F.Src && Sel != Selector::Src && S.src() != 0)
    return bad(Index, llvm::formatv("source register field of opcode {0:x2} "
                                    "must be zero but is {1}",
                                    S.Code, S.src()));
  if (!F.Off && Sel != Selector::Off && S.Off != 0)
    return bad(
        Index,
        llvm::formatv("offset field of opcode {0:x2} must be zero but is {1}",
                      S.Code, S.Off));
  if (!F.Imm && Sel != Selector::Imm && S.Imm != 0)
    return bad(Index, llvm::formatv(
                          "immediate of opcode {0:x2} must be zero but is {1}",
                          S.Code, S.Imm));

  Instruction I;
  I.Info = Info;
  if (F.Dst)
    I.Dst = static_cast<uint8_t>(S.dst());
  if (F.Src && Info->Shape != Form::Imm64)
    I.Src = static_cast<uint8_t>(S.src());
  if (I.Dst >= NumRegisters || I.Src >= NumRegisters)
    return bad(Index, llvm::formatv("register r{0} does not exist",
                                    I.Dst >= NumRegisters ? I.Dst : I.Src));
  if (F.Off)
    I.Off = S.Off;
  if (F.Imm)
    I.Imm = S.Imm;

  if (Info->Operation == Op::LdImm64) {
    if (S.src() > static_cast<unsigned>(ImmKind::MapIndexValue))
      return bad(Index, llvm::formatv("64-bit immediate load has no variant "
                                      "for source field {0}",
                                      S.src()));
    I.Kind = static_cast<ImmKind>(S.src());
    if (!Second)
      return bad(Index, "64-bit immediate load is cut off: its second half is "
                        "missing");
    if (Second->Code != 0 || Second->Regs != 0 || Second->Off != 0)
      return bad(Index, "second half of a 64-bit immediate load must have "
                        "nothing but an immediate");
    I.Imm2 = Second->Imm;
    if (I.Kind == ImmKind::Value)
      I.Imm = static_cast<int64_t>(uint64_t(static_cast<uint32_t>(S.Imm)) |
                                   uint64_t(static_cast<uint32_t>(Second->Imm))
                                       << 32);
  }
  if ((I.writtenRegs() >> FramePointer) & 1)
    return bad(Index, "writes the frame pointer r10, which is read-only");
  return I;
}

bool Instruction::usesSrcReg() const {
  return shape() == Form::DstSrc || shape() == Form::JumpSrc;
}

bool Instruction::readsMemory() const {
  return isMemory() && op() != Op::St && op() != Op::Stx &&
         op() != Op::StoreRelease;
}

bool Instruction::writesMemory() const {
  return isMemory() && op() != Op::Ldx && op() != Op::LdxSX &&
         op() != Op::LoadAcquire;
}

unsigned Instruction::addressReg() const {
  return shape() == Form::Load ? Src : Dst;
}

int32_t Instruction::jumpOffset() const {
  return shape() == Form::GotoLong || op() == Op::CallLocal
             ? static_cast<int32_t>(Imm)
             : Off;
}

uint16_t Instruction::readRegs() const {
  auto Bit = [](unsigned Reg) { return static_cast<uint16_t>(1u << Reg); };
  switch (shape()) {
  case Form::DstImm:
    return op() == Op::Mov ? 0 : Bit(Dst);
  case Form::DstSrc:
    return op() == Op::Mov || op() == Op::MovSX ? Bit(Src)
                                                : Bit(Dst) | Bit(Src);
  case Form::Dst:
  case Form::JumpImm:
  case Form::StoreImm:
    return Bit(Dst);
  case Form::JumpSrc:
  case Form::StoreReg:
    return Bit(Dst) | Bit(Src);
  case Form::AtomicReg:
    return Bit(Dst) | Bit(Src) | (op() == Op::CmpXchg ? Bit(0) : 0);
  case Form::Goto:
  case Form::GotoLong:
  case Form::Imm64:
    return 0;
  case Form::DstOnly:
    return Bit(Dst) | (op() == Op::Callx ? 0x3e : 0);
  case Form::Nothing:
    return Bit(0);
  case Form::CallImm:
  case Form::CallKfunc:
    return 0x3e;
  case Form::PktAbs:
    return Bit(6);
  case Form::PktInd:
    return Bit(6) | Bit(Src);
  case Form::Load:
    return Bit(Src);
  }
  return 0;
}

uint16_t Instruction::writtenRegs() const {
  auto Bit = [](unsigned Reg) { return static_cast<uint16_t>(1u << Reg); };
  switch (shape()) {
  case Form::DstImm:
  case Form::DstSrc:
  case Form::Dst:
  case Form::Imm64:
  case Form::Load:
    return Bit(Dst);
  case Form::AtomicReg:
    if (op() == Op::CmpXchg)
      return Bit(0);
    return isFetch() ? Bit(Src) : 0;
  case Form::DstOnly:
    return op() == Op::Callx ? 0x3f : 0;
  case Form::CallImm:
  case Form::CallKfunc:
  case Form::PktAbs:
  case Form::PktInd:
    return 0x3f;
  case Form::JumpImm:
  case Form::JumpSrc:
  case Form::Goto:
  case Form::GotoLong:
  case Form::Nothing:
  case Form::StoreImm:
  case Form::StoreReg:
    return 0;
  }
  return 0;
}

llvm::Expected<Instruction> nfpbpf::ebpf::decode(llvm::ArrayRef<Slot> Code,
                                                 uint32_t Index) {
  if (Index >= Code.size())
    return bad(Index, "outside the program");
  std::optional<Slot> Second;
  if (Index + 1 < Code.size())
    Second = Code[Index + 1];
  return decodeSlots(Code[Index], Second, Index);
}

llvm::Expected<Instruction> nfpbpf::ebpf::decode(llvm::ArrayRef<uint64_t> Words,
                                                 uint32_t Index) {
  if (Index >= Words.size())
    return bad(Index, "outside the program");
  std::optional<Slot> Second;
  if (Index + 1 < Words.size())
    Second = Slot::fromWord(Words[Index + 1]);
  return decodeSlots(Slot::fromWord(Words[Index]), Second, Index);
}

llvm::Error nfpbpf::ebpf::validate(llvm::ArrayRef<uint64_t> Words) {
  if (Words.empty())
    return llvm::createStringError("program has no instructions");
  std::vector<bool> Start(Words.size(), false);
  struct Edge {
    uint32_t From;
    int64_t To;
  };
  std::vector<Edge> Edges;
  bool Ends = false;
  uint32_t Last = 0;
  for (uint32_t Index = 0; Index < Words.size();) {
    llvm::Expected<Instruction> I = decode(Words, Index);
    if (!I)
      return I.takeError();
    Start[Index] = true;
    Last = Index;
    Ends = I->isTerminator();
    if (I->isJump() || I->op() == Op::CallLocal)
      Edges.push_back({Index, I->target(Index)});
    Index += I->slots();
  }
  if (!Ends)
    return bad(Last, "control runs past the end of the program");
  for (const Edge &E : Edges) {
    if (E.To < 0 || E.To >= static_cast<int64_t>(Words.size()))
      return bad(E.From, llvm::formatv("target {0} is outside the program of "
                                       "{1} instructions",
                                       E.To, Words.size()));
    if (!Start[static_cast<size_t>(E.To)])
      return bad(E.From, llvm::formatv("target {0} is the second half of a "
                                       "64-bit immediate load",
                                       E.To));
  }
  return llvm::Error::success();
}

llvm::Expected<std::vector<Slot>>
nfpbpf::ebpf::slotsFromBytes(llvm::ArrayRef<uint8_t> Bytes) {
  if (Bytes.size() % SlotBytes != 0)
    return llvm::createStringError(llvm::formatv(
        "{0} bytes are no whole number of 8-byte instructions", Bytes.size()));
  std::vector<Slot> Slots;
  Slots.reserve(Bytes.size() / SlotBytes);
  for (size_t At = 0; At < Bytes.size(); At += SlotBytes)
    Slots.push_back(
        Slot::fromWord(llvm::support::endian::read64le(Bytes.data() + At)));
  return Slots;
}
