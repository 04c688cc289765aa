//===- CoreRelocation.cpp - Compile-once relocations ----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CoreRelocation.h"
#include "CoreMatch.h"
#include "InsnSlot.h"
#include "ObjectError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace nfpbpf {
namespace object {

namespace {

/// Number of the helper that a poisoned instruction calls; libbpf's, so that
/// it is known for what it is.
constexpr uint32_t PoisonHelper = 0xbad2310;
constexpr uint64_t PoisonInsn = uint64_t(PoisonHelper) << 32 | OpCall;

/// What a relocation's kind asks for, in the types of one side.
struct CoreFact {
  uint64_t Value = 0;
  bool IsCertain = true; ///< every compiler computes this value
  uint64_t Size = 0;     ///< bytes of the field, for an offset
  uint32_t Type = 0;     ///< plain type of the field, for an offset
};

} // namespace

static Expected<uint64_t> sizeOf(const BTF &Types, uint32_t Id) {
  std::optional<uint64_t> Size = Types.sizeOf(Id);
  if (!Size)
    return objectError(Types.typeName(Id) + " has no size");
  return *Size;
}

/// An element of an array as a whole.
static Expected<CoreFact> elementFact(CoreKind Kind, const CorePath &P) {
  CoreFact F;
  Expected<uint64_t> Size = sizeOf(*P.Types, P.Steps.back().Type);
  if (!Size)
    return Size.takeError();
  if (Kind == CoreKind::FieldByteOffset) {
    F.Value = P.BitOffset / 8;
    F.Size = *Size;
    F.Type = P.Steps.back().Type;
    return F;
  }
  if (Kind == CoreKind::FieldByteSize) {
    F.Value = *Size;
    return F;
  }
  return objectError(coreKindName(unsigned(Kind)) +
                     " does not apply to an element of an array");
}

static Expected<CoreFact> fieldFact(CoreKind Kind, const CorePath &P) {
  const BTF &Types = *P.Types;
  const CoreStep &Last = P.Steps.back();
  if (Last.Name.empty())
    return elementFact(Kind, P);
  BTFMember M = Types.member(*Types.type(Last.Type), Last.Index);
  std::optional<uint32_t> Plain = Types.skipModifiers(M.Type);
  if (!Plain)
    return objectError("member '" + Last.Name + "' has no type");
  const BTFType *T = Types.type(*Plain);
  Expected<uint64_t> Size = sizeOf(Types, *Plain);
  if (!Size)
    return Size.takeError();
  const bool IsBitField = M.BitSize != 0;
  uint64_t Bytes = *Size, Offset = P.BitOffset / 8;
  uint64_t Bits = IsBitField ? M.BitSize : 8 * Bytes;
  if (IsBitField) {
    // The smallest aligned load, not below the declared type, that has the
    // field.
    if (!isPowerOf2_64(Bytes) || Bytes > 8)
      return objectError("bit field '" + Last.Name + "' of a type of " +
                         Twine(Bytes) + " bytes");
    for (;; Bytes *= 2) {
      if (Bytes > 8)
        return objectError("bit field '" + Last.Name +
                           "' does not fit one load");
      Offset = alignDown(P.BitOffset / 8, Bytes);
      if (P.BitOffset + Bits <= 8 * (Offset + Bytes))
        break;
    }
  }
  CoreFact F;
  F.IsCertain = !IsBitField;
  switch (Kind) {
  case CoreKind::FieldByteOffset:
    F.Value = Offset;
    if (IsBitField)
      break;
    // An array is loaded by its elements.
    F.Type = *Plain;
    while (Types.type(F.Type)->Kind == BTFKind::Array) {
      std::optional<uint32_t> Element =
          Types.skipModifiers(Types.array(*Types.type(F.Type)).Element);
      if (!Element)
        return objectError("array '" + Last.Name + "' has no type");
      F.Type = *Element;
    }
    if (Expected<uint64_t> Load = sizeOf(Types, F.Type))
      F.Size = *Load;
    else
      return Load.takeError();
    break;
  case CoreKind::FieldByteSize:
    F.Value = Bytes;
    break;
  case CoreKind::FieldSigned:
    F.Value = ((T->Kind == BTFKind::Enum || T->Kind == BTFKind::Enum64) &&
               T->KindFlag) ||
              (T->Kind == BTFKind::Int && Types.intInfo(*T).IsSigned);
    F.IsCertain = true;
    break;
  case CoreKind::FieldLShiftU64:
    F.Value = 64 - (P.BitOffset + Bits - 8 * Offset);
    break;
  case CoreKind::FieldRShiftU64:
    F.Value = 64 - Bits;
    F.IsCertain = true;
    break;
  default:
    llvm_unreachable("not a field's kind");
  }
  return F;
}

/// The fact in the types that the path belongs to.
static Expected<CoreFact> factOf(CoreKind Kind, const CorePath &P) {
  CoreFact F;
  switch (Kind) {
  case CoreKind::FieldExists:
  case CoreKind::TypeExists:
  case CoreKind::TypeMatches:
  case CoreKind::EnumValueExists:
    F.Value = 1;
    return F;
  case CoreKind::TypeIdLocal:
  case CoreKind::TypeIdTarget:
    // Linkers renumber types and leave the instruction.
    F.Value = P.Root;
    F.IsCertain = false;
    return F;
  case CoreKind::TypeSize: {
    Expected<uint64_t> Size = sizeOf(*P.Types, P.Root);
    if (!Size)
      return Size.takeError();
    F.Value = *Size;
    return F;
  }
  case CoreKind::EnumValue: {
    const CoreStep &Entry = P.Steps.front();
    F.Value = P.Types->enumValue(*P.Types->type(Entry.Type), Entry.Index);
    return F;
  }
  default:
    return fieldFact(Kind, P);
  }
}

/// Kinds whose value is 0 when the target has no such thing; others poison.
static bool isZeroWhenMissing(CoreKind Kind) {
  return Kind == CoreKind::FieldExists || Kind == CoreKind::EnumValueExists ||
         !(isFieldKind(Kind) || isEnumKind(Kind));
}

/// Whether a load of the one can become a load of the other: pointers, and
/// integers that are extended with zeros.
static bool canResize(const BTF &Local, const CoreFact &Old, const BTF &Target,
                      const CoreFact &New) {
  const BTFType *L = Local.type(Old.Type), *T = Target.type(New.Type);
  if (L->Kind == BTFKind::Ptr && T->Kind == BTFKind::Ptr)
    return true;
  return L->Kind == BTFKind::Int && T->Kind == BTFKind::Int &&
         !Local.intInfo(*L).IsSigned && !Target.intInfo(*T).IsSigned;
}

Expected<std::optional<CoreValue>>
resolveCoreRelocation(const BTF &Local, const BTFCoreRecord &Record,
                      const TargetTypes::Impl *Target) {
  CoreKind Kind = static_cast<CoreKind>(Record.Kind);
  if (Kind > CoreKind::TypeMatches)
    return objectError("unknown " + coreKindName(Record.Kind));
  Expected<CorePath> Path =
      readCorePath(Local, Kind, Record.Type, Local.string(Record.Access));
  if (!Path)
    return Path.takeError();
  if (!Target && Kind != CoreKind::TypeIdLocal)
    return std::nullopt;
  Expected<CoreFact> Old = factOf(Kind, *Path);
  if (!Old)
    return Old.takeError();
  CoreValue Value;
  Value.Old = Value.New = Old->Value;
  Value.CheckOld = Old->IsCertain;
  Value.OldSize = Value.NewSize = Old->Size;
  if (Kind == CoreKind::TypeIdLocal)
    return Value;

  const BTFType &Root = *Local.type(Record.Type);
  StringRef Name = essentialName(Local.name(Root));
  if (Name.empty())
    return objectError("the type has no name");
  std::optional<CoreFact> New;
  uint64_t BitOffset = 0;
  auto Candidates = Target->ByName.find(Name);
  if (Candidates != Target->ByName.end())
    for (uint32_t Id : Candidates->second) {
      if (!areKindsCompatible(Root.Kind, Target->Types.type(Id)->Kind))
        continue;
      Expected<std::optional<CorePath>> Found =
          matchCorePath(Kind, *Path, Target->Types, Id);
      if (!Found)
        return Found.takeError();
      if (!*Found)
        continue;
      Expected<CoreFact> Fact = factOf(Kind, **Found);
      if (!Fact)
        return Fact.takeError();
      if (New &&
          (New->Value != Fact->Value || BitOffset != (*Found)->BitOffset))
        return objectError("the target's types have more than one " +
                           Local.typeName(Record.Type) + ", and they differ");
      if (!New) {
        New = *Fact;
        BitOffset = (*Found)->BitOffset;
      }
    }
  if (!New) {
    if (isZeroWhenMissing(Kind))
      Value.New = 0;
    else
      Value.Poison = Path->str() + " does not exist in the target's types";
    return Value;
  }
  Value.New = New->Value;
  Value.NewSize = New->Size;
  Value.SizesClash = Value.OldSize != Value.NewSize &&
                     !canResize(Local, *Old, Target->Types, *New);
  if (Value.SizesClash)
    Value.Poison = (Path->str() + " has " + Twine(Value.NewSize) +
                    " bytes in the target's types instead of " +
                    Twine(Value.OldSize) + ", and is no unsigned number")
                       .str();
  return Value;
}

Expected<std::string> applyCoreValue(MutableArrayRef<uint64_t> Insn,
                                     const CoreValue &Value) {
  uint64_t &First = Insn.front();
  auto Poison = [&]() {
    for (uint64_t &Slot : Insn)
      Slot = PoisonInsn;
    return Value.Poison;
  };
  auto Differs = [&](int64_t Found) {
    return objectError("the instruction holds " + Twine(Found) +
                       ", the object's types say " +
                       Twine(static_cast<int64_t>(Value.Old)));
  };
  if (!Value.Poison.empty() && !Value.SizesClash)
    return Poison();
  uint8_t Opcode = static_cast<uint8_t>(First);
  switch (Opcode & 7) {
  case 4: // ALU
  case 7: // ALU64
    if (Opcode & 8)
      return objectError("the instruction has no immediate operand");
    if (Value.CheckOld && immediateOf(First) != static_cast<int32_t>(Value.Old))
      return Differs(immediateOf(First));
    First = withImmediate(First, static_cast<uint32_t>(Value.New));
    return std::string();
  case 1:   // LDX
  case 2:   // ST
  case 3: { // STX
    int16_t Offset = static_cast<int16_t>(First >> 16);
    if (Value.CheckOld && Offset != static_cast<int64_t>(Value.Old))
      return Differs(Offset);
    if (Value.New > INT16_MAX)
      return objectError("the offset " + Twine(Value.New) +
                         " does not fit the instruction");
    if (Value.SizesClash)
      return Poison();
    if (Value.OldSize != Value.NewSize) {
      // Size codes 0 to 3: 4, 2, 1, 8 bytes.
      static constexpr unsigned Sizes[] = {4, 2, 1, 8};
      if (Sizes[Opcode >> 3 & 3] != Value.OldSize)
        return objectError(
            "the instruction accesses " + Twine(Sizes[Opcode >> 3 & 3]) +
            " bytes, the object's types say " + Twine(Value.OldSize));
      const auto *Code = llvm::find(Sizes, Value.NewSize);
      if (Code == std::end(Sizes))
        return objectError("the target's field of " + Twine(Value.NewSize) +
                           " bytes cannot be accessed by one instruction");
      First = (First & ~uint64_t(0x18)) | uint64_t(Code - Sizes) << 3;
    }
    First = (First & ~uint64_t(0xffff0000)) | Value.New << 16;
    return std::string();
  }
  case 0: // LD
    if (Opcode == OpLdImm64 && sourceOf(First) == 0 && Insn.size() == 2) {
      uint64_t Immediate = (First >> 32) | (Insn[1] & 0xffffffff00000000);
      if (Value.CheckOld && Immediate != Value.Old)
        return Differs(static_cast<int64_t>(Immediate));
      First = withImmediate(First, static_cast<uint32_t>(Value.New));
      Insn[1] = withImmediate(Insn[1], static_cast<uint32_t>(Value.New >> 32));
      return std::string();
    }
    break;
  default:
    break;
  }
  return objectError("opcode 0x" + utohexstr(Opcode, true) +
                     " cannot have a CO-RE relocation");
}

} // namespace object
} // namespace nfpbpf
