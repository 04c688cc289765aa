//===- Snippets.cpp - Programs that use one feature each ------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers in all of them: r6 context, r7 start of the packet, r8 and r9
// numbers from the packet.
//
//===----------------------------------------------------------------------===//

#include "Snippets.h"

#include "nfpbpf/ISA/BPF/MapTypes.h"

using namespace nfpbpf;
using namespace nfpbpf::support;
using ebpf::Form;
using ebpf::ImmKind;
using ebpf::Op;
using ebpf::Slot;
using object::LinkedProgram;
using object::ProgramType;

namespace {

constexpr unsigned Ctx = 6, Packet = 7, First = 8, Second = 9, Frame = 10;

// Opcode bytes of the scaffolding.
constexpr uint8_t LoadWord = 0x61, LoadDouble = 0x79, StoreDouble = 0x7a,
                  StoreDoubleReg = 0x7b, MoveReg = 0xbf, MoveImm = 0xb7,
                  AddImm = 0x07, SubReg = 0x1f, XorReg = 0xaf,
                  ShiftRightImm = 0x77, JumpGreater = 0x2d, JumpEqual = 0x15,
                  Call = 0x85, Exit = 0x95, LoadImm64 = 0x18;
constexpr unsigned SrcMap = 1, SrcFunction = 4;

/// Bytes of the packet that every program has checked for.
constexpr int32_t CheckedBytes = 64;
/// The flags that send an event to the current processor's ring.
constexpr uint32_t CurrentCpu = 0xffffffff;

} // namespace

static object::MapInfo makeMap(uint32_t Type) {
  object::MapInfo Map;
  Map.Name = "map";
  Map.Type = Type;
  Map.KeySize = 4;
  Map.ValueSize = Type == *ebpf::mapTypeByName("perf_event_array") ? 4 : 16;
  Map.MaxEntries = 16;
  return Map;
}

namespace {

class Builder {
public:
  explicit Builder(ProgramType Type) : Type(Type) {
    const bool IsXDP = Type == ProgramType::XDP;
    add(MoveReg, Ctx, 1);
    add(LoadWord, Packet, Ctx, fieldOffset("data"));
    add(LoadWord, 2, Ctx, fieldOffset("data_end"));
    add(MoveReg, 1, Packet);
    add(AddImm, 1, 0, 0, CheckedBytes);
    add(MoveImm, 0, 0, 0, IsXDP ? 1 : 2);
    // Over the rest of the program; the distance is set at the end.
    Check = Code.size();
    add(JumpGreater, 1, 2);
    add(LoadDouble, First, Packet);
    add(LoadDouble, Second, Packet, 8);
  }

  Builder &add(uint8_t Opcode, unsigned Dst = 0, unsigned Src = 0,
               int16_t Off = 0, int32_t Imm = 0) {
    Code.push_back(Slot(Opcode, Dst, Src, Off, Imm));
    return *this;
  }
  Builder &add(const Slot &S) {
    Code.push_back(S);
    return *this;
  }
  Builder &imm64(unsigned Dst, unsigned Src, int32_t Low, int32_t High) {
    add(LoadImm64, Dst, Src, 0, Low);
    return add(0, 0, 0, 0, High);
  }
  /// The whole 64-bit register decides over the verdict.
  Builder &returnValue(unsigned Reg) {
    add(MoveReg, 0, Reg);
    add(MoveReg, 1, Reg);
    add(ShiftRightImm, 1, 0, 0, 32);
    return add(XorReg, 0, 1);
  }
  /// r0 becomes a pointer to the value of entry 0; the program ends if there
  /// is none.
  Builder &lookUp(uint32_t MapType) {
    addMap(MapType);
    add(StoreDouble, Frame, 0, -8, 0);
    imm64(1, SrcMap, 0, 0);
    add(MoveReg, 2, Frame);
    add(AddImm, 2, 0, 0, -8);
    add(Call, 0, 0, 0, ebpf::MapLookupElem);
    // Over the next two: not null.
    add(0x55, 0, 0, 2, 0);
    add(MoveImm, 0, 0, 0, 1);
    return add(Exit);
  }
  void addMap(uint32_t MapType) {
    if (Maps.empty())
      Maps.push_back(makeMap(MapType));
  }
  object::MapInfo &map() { return Maps.front(); }
  size_t size() const { return Code.size(); }
  Slot &at(size_t Index) { return Code[Index]; }

  LinkedProgram finish() {
    Code[Check].Off = static_cast<int16_t>(Code.size() - Check - 1);
    add(Exit);
    return finishAsIs();
  }
  /// With a function behind the last exit that returns a number.
  LinkedProgram finishWithFunction() {
    Code[Check].Off = static_cast<int16_t>(Code.size() - Check - 1);
    add(Exit);
    add(MoveImm, 0, 0, 0, 0);
    add(Exit);
    return finishAsIs();
  }

private:
  int16_t fieldOffset(llvm::StringRef Name) const {
    for (const importer::ContextField &F : importer::contextFields(Type))
      if (Name == F.Name)
        return static_cast<int16_t>(F.Offset);
    llvm_unreachable("both contexts have the packet's bounds");
  }
  LinkedProgram finishAsIs() {
    std::vector<uint8_t> Bytes;
    for (const Slot &S : Code)
      for (unsigned Byte = 0; Byte < ebpf::SlotBytes; ++Byte)
        Bytes.push_back(static_cast<uint8_t>(S.toWord() >> (8 * Byte)));
    return llvm::cantFail(LinkedProgram::fromBytes(Bytes, "probe", Type, Maps));
  }

  ProgramType Type;
  std::vector<Slot> Code;
  std::vector<object::MapInfo> Maps;
  size_t Check = 0;
};

} // namespace

/// The instruction with these registers, offset and immediate where its form
/// has them and the table's selector leaves them free.
static Slot makeSlot(const ebpf::OpcodeInfo &Info, unsigned Dst, unsigned Src,
                     int16_t Off, int32_t Imm) {
  Slot S;
  S.Code = Info.Code;
  bool HasDst = true, HasSrc = false, HasOff = false, HasImm = false;
  switch (Info.Shape) {
  case Form::DstImm:
    HasImm = true;
    break;
  case Form::DstSrc:
    HasSrc = true;
    break;
  case Form::Dst:
  case Form::DstOnly:
    break;
  case Form::JumpImm:
    HasOff = HasImm = true;
    break;
  case Form::JumpSrc:
    HasOff = HasSrc = true;
    break;
  case Form::Goto:
    HasDst = false;
    HasOff = true;
    break;
  case Form::Nothing:
    HasDst = false;
    break;
  case Form::GotoLong:
  case Form::CallImm:
  case Form::CallKfunc:
  case Form::PktAbs:
    HasDst = false;
    HasImm = true;
    break;
  case Form::PktInd:
    HasDst = false;
    HasSrc = HasImm = true;
    break;
  case Form::Imm64:
    HasImm = true;
    break;
  case Form::Load:
  case Form::StoreReg:
  case Form::AtomicReg:
    HasSrc = HasOff = true;
    break;
  case Form::StoreImm:
    HasOff = HasImm = true;
    break;
  }
  unsigned SrcField = HasSrc ? Src : 0;
  S.Off = HasOff ? Off : 0;
  S.Imm = HasImm ? Imm : 0;
  switch (Info.SelField) {
  case ebpf::Selector::None:
    break;
  case ebpf::Selector::Src:
    SrcField = static_cast<unsigned>(Info.SelValue);
    break;
  case ebpf::Selector::Off:
    S.Off = static_cast<int16_t>(Info.SelValue);
    break;
  case ebpf::Selector::Imm:
    S.Imm = Info.SelValue;
    break;
  }
  S.Regs = static_cast<uint8_t>((HasDst ? Dst : 0) | SrcField << 4);
  return S;
}

/// Makes r1 point to 16 bytes that may be read and written.
static void pointTo(Builder &B, Place Where) {
  switch (Where) {
  case Place::Stack:
    B.add(StoreDouble, Frame, 0, -16, 0x01020304);
    B.add(StoreDouble, Frame, 0, -8, 0x05060708);
    B.add(MoveReg, 1, Frame);
    B.add(AddImm, 1, 0, 0, -16);
    return;
  case Place::Packet:
    B.add(MoveReg, 1, Packet);
    B.add(AddImm, 1, 0, 0, 16);
    return;
  case Place::MapValue:
    B.lookUp(*ebpf::mapTypeByName("array"));
    B.add(MoveReg, 1, 0);
    return;
  }
}

static LinkedProgram memoryProgram(const ebpf::OpcodeInfo &Info, Place Where) {
  Builder B(ProgramType::XDP);
  pointTo(B, Where);
  if (Info.Shape == Form::Load) {
    B.add(makeSlot(Info, First, 1, 0, 0));
    B.returnValue(First);
    return B.finish();
  }
  // Compare-and-exchange compares with r0.
  B.add(MoveImm, 0, 0, 0, 0);
  B.add(makeSlot(Info, 1, Second, 0, 0x1234));
  // Exchanges leave what was there before.
  const bool Fetches =
      Info.Operation >= Op::FetchAdd && Info.Operation <= Op::CmpXchg;
  if (Fetches) {
    B.returnValue(Info.Operation == Op::CmpXchg ? 0 : Second);
    return B.finish();
  }
  if (Where == Place::Stack) {
    B.add(LoadDouble, First, Frame, -16);
    B.returnValue(First);
  } else {
    // The packet and the map are compared as they are left.
    B.add(MoveImm, 0, 0, 0, 2);
  }
  return B.finish();
}

Slot support::exampleOf(const ebpf::OpcodeInfo &Info) {
  return makeSlot(Info, 1, 2, 0, 5);
}

LinkedProgram support::programFor(const ebpf::OpcodeInfo &Info, Place Where) {
  switch (Info.Shape) {
  case Form::Load:
  case Form::StoreImm:
  case Form::StoreReg:
  case Form::AtomicReg:
    return memoryProgram(Info, Where);
  default:
    break;
  }
  const bool IsPacketLoad =
      Info.Shape == Form::PktAbs || Info.Shape == Form::PktInd;
  // Only packet buffers have the legacy packet loads.
  Builder B(IsPacketLoad ? ProgramType::TC : ProgramType::XDP);
  switch (Info.Operation) {
  case Op::Exit:
    B.add(MoveImm, 0, 0, 0, 2);
    return B.finish();
  case Op::Call:
    B.lookUp(*ebpf::mapTypeByName("array"));
    B.add(LoadDouble, First, 0);
    B.returnValue(First);
    return B.finish();
  case Op::CallLocal: {
    const size_t Place = B.size();
    B.add(makeSlot(Info, 0, 0, 0, 0));
    // The function follows the exit that finishWithFunction adds.
    B.at(Place).Imm = static_cast<int32_t>(B.size() - Place);
    return B.finishWithFunction();
  }
  case Op::Ja:
  case Op::MayGoto:
    B.add(MoveImm, 0, 0, 0, 2);
    B.add(makeSlot(Info, 0, 0, 0, 0));
    return B.finish();
  case Op::LdAbs:
  case Op::LdInd:
    B.add(MoveImm, 2, 0, 0, 3);
    B.add(makeSlot(Info, 0, 2, 0, 5));
    B.add(MoveReg, First, 0);
    B.returnValue(First);
    return B.finish();
  case Op::LdImm64:
    return programFor(ImmKind::Value);
  case Op::Callx: {
    // The target is a constant: the address of a function.
    const size_t Place = B.size();
    B.imm64(First, SrcFunction, 0, 0);
    B.add(makeSlot(Info, First, 0, 0, 0));
    B.at(Place).Imm = static_cast<int32_t>(B.size() - Place);
    return B.finishWithFunction();
  }
  default:
    break;
  }
  if (Info.Operation >= Op::JEq && Info.Operation <= Op::JSet) {
    B.add(MoveImm, 0, 0, 0, 1);
    B.add(makeSlot(Info, First, Second, 1, 5));
    B.add(MoveImm, 0, 0, 0, 2);
    return B.finish();
  }
  // Shift amounts and divisors fit; the last register is the result.
  B.add(makeSlot(Info, First, Second, 0, 5));
  B.returnValue(First);
  return B.finish();
}

LinkedProgram support::programFor(ImmKind Kind) {
  Builder B(ProgramType::XDP);
  const unsigned Src = static_cast<unsigned>(Kind);
  switch (Kind) {
  case ImmKind::MapFd:
    B.lookUp(*ebpf::mapTypeByName("array"));
    B.add(LoadDouble, First, 0);
    B.returnValue(First);
    return B.finish();
  case ImmKind::MapFdValue:
    B.addMap(*ebpf::mapTypeByName("array"));
    B.map().MaxEntries = 1;
    B.imm64(1, Src, 0, 8);
    B.add(LoadDouble, First, 1);
    B.returnValue(First);
    return B.finish();
  case ImmKind::Function: {
    const size_t Place = B.size();
    B.imm64(1, Src, 0, 0);
    B.add(MoveImm, 0, 0, 0, 2);
    B.at(Place).Imm = static_cast<int32_t>(B.size() - Place);
    return B.finishWithFunction();
  }
  case ImmKind::Value:
    B.imm64(1, Src, 0x12345678, 0x76543210);
    B.add(XorReg, First, 1);
    B.returnValue(First);
    return B.finish();
  case ImmKind::Variable:
  case ImmKind::MapIndex:
  case ImmKind::MapIndexValue:
    B.imm64(1, Src, 0, 0);
    B.returnValue(1);
    return B.finish();
  }
  llvm_unreachable("all kinds are handled");
}

LinkedProgram support::programFor(ProgramType Type,
                                  const importer::ContextField &Field,
                                  bool IsWrite) {
  Builder B(Type);
  const int16_t Offset = static_cast<int16_t>(Field.Offset);
  // Arrays are accessed by their words.
  const unsigned Size = Field.Size > 8 ? 4 : Field.Size;
  static constexpr struct {
    unsigned Size;
    uint8_t Load, Store;
  } Opcodes[] = {
      {1, 0x71, 0x73}, {2, 0x69, 0x6b}, {4, 0x61, 0x63}, {8, 0x79, 0x7b}};
  const auto *Code =
      llvm::find_if(Opcodes, [&](const auto &Row) { return Row.Size == Size; });
  if (IsWrite) {
    B.add(MoveImm, 1, 0, 0, 3);
    B.add(Code->Store, Ctx, 1, Offset);
    B.add(MoveImm, 0, 0, 0, 2);
    return B.finish();
  }
  B.add(Code->Load, First, Ctx, Offset);
  switch (Field.Role) {
  case importer::FieldRole::Data:
  case importer::FieldRole::DataEnd:
  case importer::FieldRole::DataMeta:
    // Addresses differ between engines, distances do not.
    B.add(SubReg, First, Packet);
    break;
  case importer::FieldRole::Plain:
  case importer::FieldRole::Length:
    break;
  }
  B.returnValue(First);
  return B.finish();
}

LinkedProgram support::programFor(uint32_t Helper, uint32_t MapType) {
  Builder B(ProgramType::XDP);
  const ebpf::HelperInfo *Info = ebpf::helperInfo(Helper);
  if (Helper == ebpf::Loop) {
    const size_t Place = B.add(MoveImm, 1, 0, 0, 2).size();
    B.imm64(2, SrcFunction, 0, 0);
    B.add(MoveImm, 3).add(MoveImm, 4).add(Call, 0, 0, 0, Helper);
    B.returnValue(0);
    B.at(Place).Imm = static_cast<int32_t>(B.size() - Place);
    return B.finishWithFunction();
  }
  // 16 bytes at r10 - 24 and a key at r10 - 8.
  B.add(StoreDouble, Frame, 0, -8, 0);
  B.add(StoreDoubleReg, Frame, First, -16);
  B.add(StoreDoubleReg, Frame, Second, -24);
  if (!Info) {
    B.add(MoveReg, 1, Ctx);
    for (unsigned Reg = 2; Reg <= 5; ++Reg)
      B.add(MoveImm, Reg);
  }
  for (unsigned N = 0; Info && N < Info->Args.size(); ++N) {
    const unsigned Reg = N + 1;
    switch (Info->Args[N]) {
    case ebpf::ArgKind::Ctx:
      B.add(MoveReg, Reg, Ctx);
      break;
    case ebpf::ArgKind::Map:
      B.addMap(MapType);
      B.imm64(Reg, SrcMap, 0, 0);
      break;
    case ebpf::ArgKind::MapKey:
      B.add(MoveReg, Reg, Frame).add(AddImm, Reg, 0, 0, -8);
      break;
    case ebpf::ArgKind::MapValue:
    case ebpf::ArgKind::Memory:
      B.add(MoveReg, Reg, Frame).add(AddImm, Reg, 0, 0, -24);
      break;
    case ebpf::ArgKind::MemorySize:
      B.add(MoveImm, Reg, 0, 0, 16);
      break;
    case ebpf::ArgKind::Scalar:
      if (Helper == ebpf::PerfEventOutput)
        B.imm64(Reg, 0, static_cast<int32_t>(CurrentCpu), 0);
      else
        B.add(MoveImm, Reg);
      break;
    }
  }
  B.add(Call, 0, 0, 0, static_cast<int32_t>(Helper));
  if (Info && Info->Ret == ebpf::RetKind::MapValueOrNull) {
    B.add(JumpEqual, 0, 0, 2, 0);
    B.add(LoadDouble, 0, 0);
    B.add(AddImm, 0, 0, 0, 1);
  }
  B.add(MoveReg, First, 0);
  B.returnValue(First);
  return B.finish();
}
