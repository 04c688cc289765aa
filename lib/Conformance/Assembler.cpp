//===- Assembler.cpp - The test vectors' assembly text --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Conformance/Assembler.h"

#include "nfpbpf/ISA/BPF/Instruction.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"

#include <optional>

using namespace nfpbpf;
using namespace nfpbpf::conformance;
using llvm::StringRef;

namespace {

// Opcode bits (RFC 9669, sections 3 to 5).
enum : uint8_t {
  ClassLd = 0,
  ClassLdx = 1,
  ClassSt = 2,
  ClassStx = 3,
  ClassAlu = 4,
  ClassJmp = 5,
  ClassJmp32 = 6,
  ClassAlu64 = 7,
  SourceReg = 8,
  ModeImm = 0x00,
  ModeMem = 0x60,
  ModeMemSX = 0x80,
  ModeAtomic = 0xc0,
};
enum : uint8_t { AluDiv = 0x30, AluNeg = 0x80, AluMod = 0x90, AluMov = 0xb0 };
enum : uint8_t { AluEnd = 0xd0 };
enum : uint8_t { JmpJa = 0x00, JmpCall = 0x80, JmpExit = 0x90 };
constexpr int32_t Fetch = 1;

} // namespace

/// Operations of the two ALU classes by their plain names.
static std::optional<uint8_t> aluOperation(StringRef Name) {
  return llvm::StringSwitch<std::optional<uint8_t>>(Name)
      .Case("add", 0x00)
      .Case("sub", 0x10)
      .Case("mul", 0x20)
      .Cases({"div", "sdiv"}, AluDiv)
      .Case("or", 0x40)
      .Case("and", 0x50)
      .Case("lsh", 0x60)
      .Case("rsh", 0x70)
      .Case("neg", AluNeg)
      .Cases({"mod", "smod"}, AluMod)
      .Case("xor", 0xa0)
      .Case("mov", AluMov)
      .Case("arsh", 0xc0)
      .Default(std::nullopt);
}

static std::optional<uint8_t> jumpOperation(StringRef Name) {
  return llvm::StringSwitch<std::optional<uint8_t>>(Name)
      .Case("jeq", 0x10)
      .Case("jgt", 0x20)
      .Case("jge", 0x30)
      .Case("jset", 0x40)
      .Case("jne", 0x50)
      .Case("jsgt", 0x60)
      .Case("jsge", 0x70)
      .Case("jlt", 0xa0)
      .Case("jle", 0xb0)
      .Case("jslt", 0xc0)
      .Case("jsle", 0xd0)
      .Default(std::nullopt);
}

/// The size bits of a load or store by the letters at its end.
static std::optional<uint8_t> sizeBits(StringRef Name) {
  return llvm::StringSwitch<std::optional<uint8_t>>(Name)
      .Case("w", 0x00)
      .Case("h", 0x08)
      .Case("b", 0x10)
      .Case("dw", 0x18)
      .Default(std::nullopt);
}

namespace {

class Assembler {
public:
  Assembler(StringRef Text, unsigned FirstLine)
      : Text(Text), LineNumber(FirstLine) {}

  llvm::Expected<std::vector<uint64_t>> run();

private:
  llvm::Error line(StringRef Line);
  llvm::Error instruction(StringRef Mnemonic,
                          llvm::ArrayRef<StringRef> Operands);
  llvm::Error alu(StringRef Mnemonic, llvm::ArrayRef<StringRef> Operands,
                  bool &Known);
  llvm::Error unary(StringRef Mnemonic, llvm::ArrayRef<StringRef> Operands,
                    bool &Known);
  llvm::Error memory(StringRef Mnemonic, llvm::ArrayRef<StringRef> Operands,
                     bool &Known);
  llvm::Error jump(StringRef Mnemonic, llvm::ArrayRef<StringRef> Operands,
                   bool &Known);
  llvm::Error call(llvm::ArrayRef<StringRef> Operands);
  llvm::Error lock(StringRef Rest);
  llvm::Error wideImmediate(llvm::ArrayRef<StringRef> Operands);

  llvm::Error fail(const llvm::Twine &What) const {
    return llvm::createStringError("line " + llvm::Twine(LineNumber) + ": " +
                                   What);
  }
  llvm::Error count(llvm::ArrayRef<StringRef> Operands, size_t Wanted) const {
    if (Operands.size() == Wanted)
      return llvm::Error::success();
    return fail(llvm::Twine(Operands.size()) + " operands, expected " +
                llvm::Twine(Wanted));
  }
  llvm::Expected<unsigned> reg(StringRef Operand) const;
  llvm::Expected<int32_t> number(StringRef Operand) const;
  /// Base register and offset of "[%r1+8]".
  llvm::Expected<std::pair<unsigned, int16_t>> address(StringRef Operand) const;
  /// Second operand: a register sets SourceReg in the opcode.
  llvm::Error source(StringRef Operand, ebpf::Slot &S) const;
  /// Adds a slot whose jump target is filled in at the end.
  void emitTo(const ebpf::Slot &S, StringRef Label, bool InImm) {
    Fixups.push_back({Slots.size(), Label, InImm, LineNumber});
    Slots.push_back(S);
  }
  llvm::Error resolve();

  struct Fixup {
    size_t Slot;
    StringRef Label;
    bool InImm;
    unsigned Line;
  };

  StringRef Text;
  unsigned LineNumber;
  std::vector<ebpf::Slot> Slots;
  std::vector<Fixup> Fixups;
  llvm::StringMap<size_t> Labels;
  std::optional<size_t> FirstExit;
};

} // namespace

llvm::Expected<unsigned> Assembler::reg(StringRef Operand) const {
  unsigned Number = 0;
  StringRef Rest = Operand;
  Rest.consume_front("%");
  if (!Rest.consume_front("r") || Rest.getAsInteger(10, Number) ||
      Number >= ebpf::NumRegisters)
    return fail("no register '" + Operand + "'");
  return Number;
}

/// A number of at most \p Bits bits, signed or unsigned, as its low 64 bits.
static std::optional<uint64_t> parseNumber(StringRef Text, unsigned Bits) {
  StringRef Rest = Text;
  const bool IsNegative = Rest.consume_front("-");
  if (!IsNegative)
    Rest.consume_front("+");
  uint64_t Magnitude = 0;
  if (Rest.getAsInteger(Rest.starts_with_insensitive("0x") ? 0 : 10, Magnitude))
    return std::nullopt;
  const uint64_t Limit =
      IsNegative ? uint64_t(1) << (Bits - 1) : ~uint64_t(0) >> (64 - Bits);
  if (Magnitude > Limit)
    return std::nullopt;
  return IsNegative ? 0 - Magnitude : Magnitude;
}

llvm::Expected<int32_t> Assembler::number(StringRef Operand) const {
  if (std::optional<uint64_t> Value = parseNumber(Operand, 32))
    return static_cast<int32_t>(*Value);
  // Negative numbers written as 64 bits of hexadecimal.
  if (std::optional<uint64_t> Value = parseNumber(Operand, 64))
    if (static_cast<int64_t>(*Value) >= INT32_MIN &&
        static_cast<int64_t>(*Value) < 0)
      return static_cast<int32_t>(*Value);
  return fail("'" + Operand + "' is no number of 32 bits");
}

llvm::Expected<std::pair<unsigned, int16_t>>
Assembler::address(StringRef Operand) const {
  StringRef Rest = Operand;
  if (!Rest.consume_front("[") || !Rest.consume_back("]"))
    return fail("'" + Operand + "' is no memory operand");
  Rest = Rest.trim();
  const size_t Sign = Rest.find_first_of("+-");
  llvm::Expected<unsigned> Base = reg(Rest.take_front(Sign).trim());
  if (!Base)
    return Base.takeError();
  if (Sign == StringRef::npos)
    return std::make_pair(*Base, int16_t(0));
  std::string Offset(1, Rest[Sign]);
  Offset += Rest.drop_front(Sign + 1).trim();
  std::optional<uint64_t> Value = parseNumber(Offset, 64);
  if (!Value || static_cast<int64_t>(*Value) < INT16_MIN ||
      static_cast<int64_t>(*Value) > INT16_MAX)
    return fail("'" + Offset + "' is no offset of 16 bits");
  return std::make_pair(*Base, static_cast<int16_t>(*Value));
}

llvm::Error Assembler::source(StringRef Operand, ebpf::Slot &S) const {
  if (Operand.starts_with("%")) {
    llvm::Expected<unsigned> Register = reg(Operand);
    if (!Register)
      return Register.takeError();
    S.Code |= SourceReg;
    S.Regs = static_cast<uint8_t>(S.Regs | *Register << 4);
    return llvm::Error::success();
  }
  llvm::Expected<int32_t> Value = number(Operand);
  if (!Value)
    return Value.takeError();
  S.Imm = *Value;
  return llvm::Error::success();
}

llvm::Error Assembler::alu(StringRef Mnemonic,
                           llvm::ArrayRef<StringRef> Operands, bool &Known) {
  StringRef Name = Mnemonic;
  const bool Is32 = Name.consume_back("32");
  if (!Is32)
    Name.consume_back("64");
  std::optional<uint8_t> Operation = aluOperation(Name);
  if (!(Known = Operation.has_value()))
    return llvm::Error::success();
  if (llvm::Error Err = count(Operands, *Operation == AluNeg ? 1 : 2))
    return Err;
  llvm::Expected<unsigned> Dst = reg(Operands[0]);
  if (!Dst)
    return Dst.takeError();
  const int16_t IsSigned = Name == "sdiv" || Name == "smod";
  ebpf::Slot S(*Operation | (Is32 ? ClassAlu : ClassAlu64), *Dst, 0, IsSigned,
               0);
  if (*Operation != AluNeg)
    if (llvm::Error Err = source(Operands[1], S))
      return Err;
  Slots.push_back(S);
  return llvm::Error::success();
}

/// Byte order and sign extension.
llvm::Error Assembler::unary(StringRef Mnemonic,
                             llvm::ArrayRef<StringRef> Operands, bool &Known) {
  Known = true;
  StringRef Name = Mnemonic;
  if (Name.consume_front("movsx")) {
    const bool Is32 = Name != "32" && Name.consume_back("32");
    if (!Is32)
      Name.consume_back("64");
    if (Name != "8" && Name != "16" && (Name != "32" || Is32))
      return fail("no instruction '" + Mnemonic + "'");
    int16_t Bits = 0;
    Name.getAsInteger(10, Bits);
    if (llvm::Error Err = count(Operands, 2))
      return Err;
    llvm::Expected<unsigned> Dst = reg(Operands[0]);
    if (!Dst)
      return Dst.takeError();
    llvm::Expected<unsigned> Src = reg(Operands[1]);
    if (!Src)
      return Src.takeError();
    Slots.emplace_back(AluMov | SourceReg | (Is32 ? ClassAlu : ClassAlu64),
                       *Dst, *Src, Bits, 0);
    return llvm::Error::success();
  }
  uint8_t Code = 0;
  if (Name.consume_front("le"))
    Code = AluEnd | ClassAlu;
  else if (Name.consume_front("be"))
    Code = AluEnd | ClassAlu | SourceReg;
  else if (Name.consume_front("bswap") || Name.consume_front("swap"))
    Code = AluEnd | ClassAlu64;
  if (!Code || (Name != "16" && Name != "32" && Name != "64")) {
    Known = false;
    return llvm::Error::success();
  }
  int32_t Bits = 0;
  Name.getAsInteger(10, Bits);
  if (llvm::Error Err = count(Operands, 1))
    return Err;
  llvm::Expected<unsigned> Dst = reg(Operands[0]);
  if (!Dst)
    return Dst.takeError();
  Slots.emplace_back(Code, *Dst, 0, 0, Bits);
  return llvm::Error::success();
}

llvm::Error Assembler::wideImmediate(llvm::ArrayRef<StringRef> Operands) {
  if (llvm::Error Err = count(Operands, 2))
    return Err;
  llvm::Expected<unsigned> Dst = reg(Operands[0]);
  if (!Dst)
    return Dst.takeError();
  std::optional<uint64_t> Value = parseNumber(Operands[1], 64);
  if (!Value)
    return fail("'" + Operands[1] + "' is no number of 64 bits");
  Slots.emplace_back(ClassLd | ModeImm | 0x18, *Dst, 0, 0,
                     static_cast<int32_t>(*Value));
  Slots.emplace_back(0, 0, 0, 0, static_cast<int32_t>(*Value >> 32));
  return llvm::Error::success();
}

llvm::Error Assembler::memory(StringRef Mnemonic,
                              llvm::ArrayRef<StringRef> Operands, bool &Known) {
  StringRef Name = Mnemonic;
  uint8_t Code = 0;
  bool Loads = false, FromReg = false;
  if (Name.consume_front("ldx")) {
    Code = ClassLdx | (Name.consume_front("s") ? ModeMemSX : ModeMem);
    Loads = true;
  } else if (Name.consume_front("stx")) {
    Code = ClassStx | ModeMem;
    FromReg = true;
  } else if (Name.consume_front("st")) {
    Code = ClassSt | ModeMem;
  }
  std::optional<uint8_t> Size = sizeBits(Name);
  if (!(Known = Code && Size))
    return llvm::Error::success();
  if (llvm::Error Err = count(Operands, 2))
    return Err;
  auto Place = address(Operands[Loads ? 1 : 0]);
  if (!Place)
    return Place.takeError();
  ebpf::Slot S(Code | *Size, Loads ? 0 : Place->first, Loads ? Place->first : 0,
               Place->second, 0);
  if (Loads || FromReg) {
    llvm::Expected<unsigned> Register = reg(Operands[Loads ? 0 : 1]);
    if (!Register)
      return Register.takeError();
    S.Regs = static_cast<uint8_t>(S.Regs | *Register << (Loads ? 0 : 4));
  } else {
    llvm::Expected<int32_t> Value = number(Operands[1]);
    if (!Value)
      return Value.takeError();
    S.Imm = *Value;
  }
  Slots.push_back(S);
  return llvm::Error::success();
}

llvm::Error Assembler::jump(StringRef Mnemonic,
                            llvm::ArrayRef<StringRef> Operands, bool &Known) {
  Known = true;
  if (Mnemonic == "ja" || Mnemonic == "ja32") {
    if (llvm::Error Err = count(Operands, 1))
      return Err;
    const bool Long = Mnemonic == "ja32";
    emitTo(ebpf::Slot(JmpJa | (Long ? ClassJmp32 : ClassJmp), 0, 0, 0, 0),
           Operands[0], Long);
    return llvm::Error::success();
  }
  StringRef Name = Mnemonic;
  const bool Is32 = Name.consume_back("32");
  std::optional<uint8_t> Operation = jumpOperation(Name);
  if (!(Known = Operation.has_value()))
    return llvm::Error::success();
  if (llvm::Error Err = count(Operands, 3))
    return Err;
  llvm::Expected<unsigned> Dst = reg(Operands[0]);
  if (!Dst)
    return Dst.takeError();
  ebpf::Slot S(*Operation | (Is32 ? ClassJmp32 : ClassJmp), *Dst, 0, 0, 0);
  if (llvm::Error Err = source(Operands[1], S))
    return Err;
  emitTo(S, Operands[2], /*InImm=*/false);
  return llvm::Error::success();
}

llvm::Error Assembler::call(llvm::ArrayRef<StringRef> Operands) {
  if (Operands.size() == 2 && Operands[0] == "local") {
    emitTo(ebpf::Slot(JmpCall | ClassJmp, 0, 1, 0, 0), Operands[1],
           /*InImm=*/true);
    return llvm::Error::success();
  }
  if (llvm::Error Err = count(Operands, 1))
    return Err;
  if (Operands[0].starts_with("%")) {
    llvm::Expected<unsigned> Register = reg(Operands[0]);
    if (!Register)
      return Register.takeError();
    Slots.emplace_back(JmpCall | SourceReg | ClassJmp, *Register, 0, 0, 0);
    return llvm::Error::success();
  }
  llvm::Expected<int32_t> Helper = number(Operands[0]);
  if (!Helper)
    return Helper.takeError();
  Slots.emplace_back(JmpCall | ClassJmp, 0, 0, 0, *Helper);
  return llvm::Error::success();
}

/// "fetch add32 [%r10-8], %r1": the text behind "lock".
llvm::Error Assembler::lock(StringRef Rest) {
  const bool Fetches = Rest.consume_front("fetch");
  Rest = Rest.ltrim();
  auto [Mnemonic, Tail] = Rest.split(' ');
  StringRef Name = Mnemonic;
  const bool Is32 = Name.consume_back("32");
  if (!Is32)
    Name.consume_back("64");
  auto Operation = llvm::StringSwitch<std::optional<int32_t>>(Name)
                       .Case("add", 0x00)
                       .Case("or", 0x40)
                       .Case("and", 0x50)
                       .Case("xor", 0xa0)
                       .Case("xchg", 0xe0 | Fetch)
                       .Case("cmpxchg", 0xf0 | Fetch)
                       .Default(std::nullopt);
  if (!Operation)
    return fail("no atomic operation '" + Mnemonic + "'");
  auto [Where, With] = Tail.split(',');
  auto Place = address(Where.trim());
  if (!Place)
    return Place.takeError();
  llvm::Expected<unsigned> Register = reg(With.trim());
  if (!Register)
    return Register.takeError();
  Slots.emplace_back(ClassStx | ModeAtomic | (Is32 ? 0x00 : 0x18), Place->first,
                     *Register, Place->second,
                     Fetches ? *Operation | Fetch : *Operation);
  return llvm::Error::success();
}

llvm::Error Assembler::instruction(StringRef Mnemonic,
                                   llvm::ArrayRef<StringRef> Operands) {
  if (Mnemonic == "exit") {
    if (llvm::Error Err = count(Operands, 0))
      return Err;
    FirstExit = FirstExit.value_or(Slots.size());
    Slots.emplace_back(JmpExit | ClassJmp, 0, 0, 0, 0);
    return llvm::Error::success();
  }
  if (Mnemonic == "call")
    return call(Operands);
  if (Mnemonic == "lddw")
    return wideImmediate(Operands);
  using Parser =
      llvm::Error (Assembler::*)(StringRef, llvm::ArrayRef<StringRef>, bool &);
  for (Parser Parse : {&Assembler::alu, &Assembler::unary, &Assembler::memory,
                       &Assembler::jump}) {
    bool Known = false;
    if (llvm::Error Err = (this->*Parse)(Mnemonic, Operands, Known))
      return Err;
    if (Known)
      return llvm::Error::success();
  }
  return fail("no instruction '" + Mnemonic + "'");
}

llvm::Error Assembler::line(StringRef Line) {
  Line = Line.take_until([](char C) { return C == '#'; }).trim();
  while (true) {
    const size_t Colon = Line.find(':');
    if (Colon == StringRef::npos)
      break;
    StringRef Label = Line.take_front(Colon).trim();
    if (Label.empty() || Label.find_first_of(" \t,[%") != StringRef::npos)
      return fail("'" + Label + "' is no label");
    if (!Labels.try_emplace(Label, Slots.size()).second)
      return fail("label '" + Label + "' is there twice");
    Line = Line.drop_front(Colon + 1).trim();
  }
  if (Line.empty())
    return llvm::Error::success();
  const size_t End = Line.find_first_of(" \t");
  StringRef Mnemonic = Line.take_front(End);
  StringRef Rest = End == StringRef::npos ? "" : Line.drop_front(End).trim();
  if (Mnemonic == "lock")
    return lock(Rest);
  llvm::SmallVector<StringRef, 3> Operands;
  if (Mnemonic == "call") {
    auto [First, Second] = Rest.split(' ');
    Operands.push_back(First);
    if (!Second.trim().empty())
      Operands.push_back(Second.trim());
  } else if (!Rest.empty()) {
    Rest.split(Operands, ',');
    for (StringRef &Operand : Operands)
      Operand = Operand.trim();
  }
  return instruction(Mnemonic, Operands);
}

llvm::Error Assembler::resolve() {
  for (const Fixup &F : Fixups) {
    LineNumber = F.Line;
    std::optional<int64_t> Distance;
    if (auto Found = Labels.find(F.Label); Found != Labels.end())
      Distance = int64_t(Found->second) - int64_t(F.Slot) - 1;
    else if (F.Label == "exit" && FirstExit)
      Distance = int64_t(*FirstExit) - int64_t(F.Slot) - 1;
    else if (std::optional<uint64_t> Value = parseNumber(F.Label, 32))
      Distance = static_cast<int32_t>(*Value);
    if (!Distance)
      return fail("no label '" + F.Label + "'");
    if (!F.InImm && (*Distance < INT16_MIN || *Distance > INT16_MAX))
      return fail("'" + F.Label + "' is " + llvm::Twine(*Distance) +
                  " slots away, too far for a jump");
    if (F.InImm)
      Slots[F.Slot].Imm = static_cast<int32_t>(*Distance);
    else
      Slots[F.Slot].Off = static_cast<int16_t>(*Distance);
  }
  return llvm::Error::success();
}

llvm::Expected<std::vector<uint64_t>> Assembler::run() {
  llvm::SmallVector<StringRef> Lines;
  Text.split(Lines, '\n');
  for (StringRef Line : Lines) {
    if (llvm::Error Err = line(Line))
      return std::move(Err);
    ++LineNumber;
  }
  if (llvm::Error Err = resolve())
    return std::move(Err);
  std::vector<uint64_t> Words;
  Words.reserve(Slots.size());
  for (const ebpf::Slot &S : Slots)
    Words.push_back(S.toWord());
  return Words;
}

llvm::Expected<std::vector<uint64_t>>
conformance::assemble(StringRef Text, unsigned FirstLine) {
  return Assembler(Text, FirstLine).run();
}
