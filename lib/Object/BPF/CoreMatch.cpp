//===- CoreMatch.cpp - Finding a type again in other types ----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CoreMatch.h"
#include "ObjectError.h"

#include "llvm/ADT/StringSet.h"

using namespace llvm;

namespace nfpbpf {
namespace object {

namespace {

/// Most steps of a path, as in the kernel.
constexpr size_t MaxSteps = 64;
/// Most types within types that are compared, as in the kernel.
constexpr unsigned MaxDepth = 32;
/// Bound on the comparisons of one search, for hostile types.
constexpr unsigned MaxComparisons = 1000000;

} // namespace

static bool isComposite(const BTFType &T) {
  return T.Kind == BTFKind::Struct || T.Kind == BTFKind::Union;
}

static bool isEnum(BTFKind Kind) {
  return Kind == BTFKind::Enum || Kind == BTFKind::Enum64;
}

/// The id behind typedefs and qualifiers, or an error.
static Expected<uint32_t> plain(const BTF &Types, uint32_t Id) {
  std::optional<uint32_t> P = Types.skipModifiers(Id);
  if (!P)
    return objectError("type " + Twine(Id) + " does not exist or has no end");
  return *P;
}

static Expected<uint64_t> sizeOf(const BTF &Types, uint32_t Id) {
  std::optional<uint64_t> Size = Types.sizeOf(Id);
  if (!Size)
    return objectError(Types.typeName(Id) + " has no size");
  return *Size;
}

/// Whether an array may be indexed beyond its count: it has none and is the
/// last member of the struct the path came through.
static bool isFlexible(const CorePath &P, const BTFArray &A) {
  const CoreStep &Last = P.Steps.back();
  return !Last.Name.empty() && A.Count == 0 &&
         Last.Index + 1 == P.Types->type(Last.Type)->VLen;
}

/// Appends the step to an element of an array type; false if it has no such
/// element. Id becomes the element's type.
static Expected<bool> stepIntoArray(CorePath &P, const BTFType &Array,
                                    uint32_t Index, uint32_t &Id) {
  BTFArray A = P.Types->array(Array);
  if (Index >= A.Count && !isFlexible(P, A))
    return false;
  Expected<uint32_t> Element = plain(*P.Types, A.Element);
  if (!Element)
    return Element.takeError();
  Expected<uint64_t> Size = sizeOf(*P.Types, *Element);
  if (!Size)
    return Size.takeError();
  Id = *Element;
  P.Steps.push_back({Id, Index, StringRef()});
  P.BitOffset += Index * *Size * 8;
  return true;
}

namespace {

/// Compares types of the object with types of the target.
class Comparer {
public:
  Comparer(const BTF &Local, const BTF &Target)
      : Local(Local), Target(Target) {}

  Expected<bool> compatibleTypes(uint32_t L, uint32_t T, unsigned Depth);
  Expected<bool> matchingTypes(uint32_t L, uint32_t T, bool BehindPointer,
                               unsigned Depth);
  Expected<bool> findMember(const CoreStep &Step, CorePath &Found, uint32_t &Id,
                            unsigned Depth);

private:
  Expected<bool> compatibleFields(uint32_t L, uint32_t T);
  Expected<bool> matchingMembers(const BTFType &L, const BTFType &T,
                                 unsigned Depth);
  bool matchingEnums(const BTFType &L, const BTFType &T);
  Error count(unsigned Depth, uint64_t Work = 1) {
    if (Depth >= MaxDepth)
      return objectError("types are nested more than " + Twine(MaxDepth) +
                         " deep");
    if ((Comparisons += Work) > MaxComparisons)
      return objectError("types take more than " + Twine(MaxComparisons) +
                         " comparisons");
    return Error::success();
  }
  /// Plain types of the two ids.
  Error skip(uint32_t &L, uint32_t &T, const BTFType *&LT, const BTFType *&TT) {
    Expected<uint32_t> PL = plain(Local, L);
    if (!PL)
      return PL.takeError();
    Expected<uint32_t> PT = plain(Target, T);
    if (!PT)
      return PT.takeError();
    L = *PL;
    T = *PT;
    LT = Local.type(L);
    TT = Target.type(T);
    return Error::success();
  }

  const BTF &Local;
  const BTF &Target;
  uint64_t Comparisons = 0;
};

} // namespace

/// Members of the same name are the same field if their types are like this.
Expected<bool> Comparer::compatibleFields(uint32_t L, uint32_t T) {
  for (unsigned Depth = 0;; ++Depth) {
    if (Error E = count(Depth))
      return std::move(E);
    const BTFType *LT = nullptr, *TT = nullptr;
    if (Error E = skip(L, T, LT, TT))
      return std::move(E);
    if (isComposite(*LT) && isComposite(*TT))
      return true;
    if (!areKindsCompatible(LT->Kind, TT->Kind))
      return false;
    switch (LT->Kind) {
    case BTFKind::Ptr:
    case BTFKind::Float:
      return true;
    case BTFKind::Fwd:
    case BTFKind::Enum:
    case BTFKind::Enum64: {
      StringRef LName = essentialName(Local.name(*LT));
      StringRef TName = essentialName(Target.name(*TT));
      return LName.empty() || TName.empty() || LName == TName;
    }
    case BTFKind::Int:
      // Width and sign may change; the bit fields of old BTF are not followed.
      return Local.intInfo(*LT).Offset == 0 && Target.intInfo(*TT).Offset == 0;
    case BTFKind::Array:
      L = Local.array(*LT).Element;
      T = Target.array(*TT).Element;
      continue;
    default:
      return false;
    }
  }
}

/// Types of the same name are the same type if they are like this: the kinds
/// agree, and what pointers, arrays and functions are made of is compatible.
Expected<bool> Comparer::compatibleTypes(uint32_t L, uint32_t T,
                                         unsigned Depth) {
  for (;; ++Depth) {
    if (Error E = count(Depth))
      return std::move(E);
    const BTFType *LT = nullptr, *TT = nullptr;
    if (Error E = skip(L, T, LT, TT))
      return std::move(E);
    if (!areKindsCompatible(LT->Kind, TT->Kind))
      return false;
    switch (LT->Kind) {
    case BTFKind::Void:
    case BTFKind::Struct:
    case BTFKind::Union:
    case BTFKind::Enum:
    case BTFKind::Enum64:
    case BTFKind::Fwd:
      return true;
    case BTFKind::Int:
      return Local.intInfo(*LT).Offset == 0 && Target.intInfo(*TT).Offset == 0;
    case BTFKind::Ptr:
      L = LT->SizeOrType;
      T = TT->SizeOrType;
      continue;
    case BTFKind::Array:
      L = Local.array(*LT).Element;
      T = Target.array(*TT).Element;
      continue;
    case BTFKind::FuncProto:
      if (LT->VLen != TT->VLen)
        return false;
      for (uint32_t I = 0; I < LT->VLen; ++I) {
        Expected<bool> Same = compatibleTypes(
            Local.paramType(*LT, I), Target.paramType(*TT, I), Depth + 1);
        if (!Same || !*Same)
          return Same;
      }
      L = LT->SizeOrType;
      T = TT->SizeOrType;
      continue;
    default:
      return false;
    }
  }
}

bool Comparer::matchingEnums(const BTFType &L, const BTFType &T) {
  StringSet<> Names;
  for (uint32_t I = 0; I < T.VLen; ++I)
    Names.insert(essentialName(Target.enumName(T, I)));
  for (uint32_t I = 0; I < L.VLen; ++I)
    if (!Names.contains(essentialName(Local.enumName(L, I))))
      return false;
  return L.VLen <= T.VLen;
}

/// Every member of the one is in the other with a matching type.
Expected<bool> Comparer::matchingMembers(const BTFType &L, const BTFType &T,
                                         unsigned Depth) {
  if (L.VLen > T.VLen)
    return false;
  for (uint32_t I = 0; I < L.VLen; ++I) {
    if (Error E = count(Depth, T.VLen))
      return std::move(E);
    BTFMember LM = Local.member(L, I);
    StringRef Name = essentialName(Local.string(LM.Name));
    bool Found = false;
    for (uint32_t K = 0; K < T.VLen && !Found; ++K) {
      BTFMember TM = Target.member(T, K);
      if (essentialName(Target.string(TM.Name)) != Name)
        continue;
      Expected<bool> Same = matchingTypes(LM.Type, TM.Type, false, Depth + 1);
      if (!Same)
        return Same;
      Found = *Same;
    }
    if (!Found)
      return false;
  }
  return true;
}

/// The strict comparison of bpf_core_type_matches: all members there, integers
/// of the same size and sign. Behind pointers only names and kinds count.
Expected<bool> Comparer::matchingTypes(uint32_t L, uint32_t T,
                                       bool BehindPointer, unsigned Depth) {
  for (;; ++Depth) {
    if (Error E = count(Depth))
      return std::move(E);
    const BTFType *LT = nullptr, *TT = nullptr;
    if (Error E = skip(L, T, LT, TT))
      return std::move(E);
    if (essentialName(Local.name(*LT)) != essentialName(Target.name(*TT)))
      return false;
    bool SameKind = LT->Kind == TT->Kind;
    switch (LT->Kind) {
    case BTFKind::Void:
      return SameKind;
    case BTFKind::Fwd:
      if (SameKind)
        return LT->KindFlag == TT->KindFlag;
      return BehindPointer &&
             TT->Kind == (LT->KindFlag ? BTFKind::Union : BTFKind::Struct);
    case BTFKind::Enum:
    case BTFKind::Enum64:
      return isEnum(TT->Kind) && matchingEnums(*LT, *TT);
    case BTFKind::Struct:
    case BTFKind::Union:
      if (!BehindPointer) {
        if (!SameKind)
          return false;
        return matchingMembers(*LT, *TT, Depth);
      }
      return SameKind || (TT->Kind == BTFKind::Fwd &&
                          TT->KindFlag == (LT->Kind == BTFKind::Union));
    case BTFKind::Int:
      return SameKind && LT->SizeOrType == TT->SizeOrType &&
             Local.intInfo(*LT).IsSigned == Target.intInfo(*TT).IsSigned;
    case BTFKind::Ptr:
      if (!SameKind)
        return false;
      BehindPointer = true;
      L = LT->SizeOrType;
      T = TT->SizeOrType;
      continue;
    case BTFKind::Array:
      if (!SameKind || Local.array(*LT).Count != Target.array(*TT).Count)
        return false;
      L = Local.array(*LT).Element;
      T = Target.array(*TT).Element;
      continue;
    case BTFKind::FuncProto:
      if (!SameKind || LT->VLen != TT->VLen)
        return false;
      for (uint32_t I = 0; I < LT->VLen; ++I) {
        Expected<bool> Same =
            matchingTypes(Local.paramType(*LT, I), Target.paramType(*TT, I),
                          BehindPointer, Depth + 1);
        if (!Same || !*Same)
          return Same;
      }
      L = LT->SizeOrType;
      T = TT->SizeOrType;
      continue;
    default:
      return false;
    }
  }
}

/// Appends the member of the target's type `Id` that a step of the object's
/// path names, looked for in anonymous members too. False if there is none; Id
/// becomes the member's type.
Expected<bool> Comparer::findMember(const CoreStep &Step, CorePath &Found,
                                    uint32_t &Id, unsigned Depth) {
  Expected<uint32_t> Plain = plain(Target, Id);
  if (!Plain)
    return Plain.takeError();
  const BTFType &T = *Target.type(*Plain);
  if (!isComposite(T))
    return false;
  if (Error E = count(Depth, T.VLen))
    return std::move(E);
  uint64_t Start = Found.BitOffset;
  for (uint32_t I = 0; I < T.VLen; ++I) {
    BTFMember M = Target.member(T, I);
    StringRef Name = Target.string(M.Name);
    Found.BitOffset = Start + M.BitOffset;
    if (Name.empty()) {
      uint32_t Inner = M.Type;
      Expected<bool> Inside = findMember(Step, Found, Inner, Depth + 1);
      if (!Inside)
        return Inside;
      if (*Inside) {
        Id = Inner;
        return true;
      }
    } else if (Name == Step.Name) {
      uint32_t LocalType =
          Local.member(*Local.type(Step.Type), Step.Index).Type;
      Expected<bool> Same = compatibleFields(LocalType, M.Type);
      if (!Same || !*Same)
        return Same;
      Found.Steps.push_back({*Plain, I, Name});
      Id = M.Type;
      return true;
    }
  }
  Found.BitOffset = Start;
  return false;
}

bool isFieldKind(CoreKind Kind) { return Kind <= CoreKind::FieldRShiftU64; }

bool isEnumKind(CoreKind Kind) {
  return Kind == CoreKind::EnumValueExists || Kind == CoreKind::EnumValue;
}

StringRef essentialName(StringRef Name) {
  // The last "X___Y" where neither X nor Y is an underscore.
  for (size_t I = Name.size(); I-- > 4;)
    if (Name[I] != '_' && Name.substr(I - 3, 3) == "___" && Name[I - 4] != '_')
      return Name.take_front(I - 3);
  return Name;
}

bool areKindsCompatible(BTFKind A, BTFKind B) {
  return A == B || (isEnum(A) && isEnum(B));
}

std::string CorePath::str() const {
  std::string Text = Types->typeName(Root);
  for (const CoreStep &S : Steps) {
    if (!S.Name.empty())
      Text += ("." + S.Name).str();
    else if (&S != Steps.begin() || S.Index != 0)
      Text += "[" + std::to_string(S.Index) + "]";
  }
  return Text;
}

Expected<CorePath> readCorePath(const BTF &Types, CoreKind Kind, uint32_t Root,
                                StringRef Access) {
  CorePath P;
  P.Types = &Types;
  P.Root = Root;
  SmallVector<uint32_t, 8> Raw;
  SmallVector<StringRef, 8> Parts;
  Access.split(Parts, ':');
  for (StringRef Part : Parts) {
    uint32_t Number;
    if (Part.getAsInteger(10, Number) || Raw.size() == MaxSteps)
      return objectError("bad access '" + Access + "'");
    Raw.push_back(Number);
  }
  if (!Types.type(Root))
    return objectError("type " + Twine(Root) + " does not exist");
  if (!isFieldKind(Kind) && !isEnumKind(Kind)) {
    if (Access != "0")
      return objectError("access '" + Access + "' is not 0");
    return P;
  }
  Expected<uint32_t> First = plain(Types, Root);
  if (!First)
    return First.takeError();
  uint32_t Id = *First;
  const BTFType *T = Types.type(Id);
  if (isEnumKind(Kind)) {
    if (!isEnum(T->Kind) || Raw.size() != 1 || Raw[0] >= T->VLen)
      return objectError("access '" + Access + "' names no entry of " +
                         Types.typeName(Root));
    P.Steps.push_back({Id, Raw[0], Types.enumName(*T, Raw[0])});
    return P;
  }
  Expected<uint64_t> Size = sizeOf(Types, Id);
  if (!Size)
    return Size.takeError();
  P.Steps.push_back({Id, Raw[0], StringRef()});
  P.BitOffset = Raw[0] * *Size * 8;
  for (uint32_t Index : ArrayRef<uint32_t>(Raw).drop_front()) {
    Expected<uint32_t> Plain = plain(Types, Id);
    if (!Plain)
      return Plain.takeError();
    Id = *Plain;
    T = Types.type(Id);
    if (isComposite(*T) && Index < T->VLen) {
      BTFMember M = Types.member(*T, Index);
      P.BitOffset += M.BitOffset;
      if (StringRef Name = Types.string(M.Name); !Name.empty())
        P.Steps.push_back({Id, Index, Name});
      Id = M.Type;
      continue;
    }
    bool Inside = false;
    if (T->Kind == BTFKind::Array) {
      Expected<bool> Step = stepIntoArray(P, *T, Index, Id);
      if (!Step)
        return Step.takeError();
      Inside = *Step;
    }
    if (!Inside)
      return objectError("access '" + Access + "' is outside of " +
                         Types.typeName(Root));
  }
  return P;
}

Expected<std::optional<CorePath>> matchCorePath(CoreKind Kind,
                                                const CorePath &Local,
                                                const BTF &Target,
                                                uint32_t TargetRoot) {
  Comparer C(*Local.Types, Target);
  CorePath Found;
  Found.Types = &Target;
  Found.Root = TargetRoot;
  if (!isFieldKind(Kind) && !isEnumKind(Kind)) {
    Expected<bool> Same =
        Kind == CoreKind::TypeMatches
            ? C.matchingTypes(Local.Root, TargetRoot, false, 0)
            : C.compatibleTypes(Local.Root, TargetRoot, 0);
    if (!Same)
      return Same.takeError();
    return *Same ? std::optional<CorePath>(Found) : std::nullopt;
  }
  Expected<uint32_t> First = plain(Target, TargetRoot);
  if (!First)
    return First.takeError();
  uint32_t Id = *First;
  if (isEnumKind(Kind)) {
    const BTFType &T = *Target.type(Id);
    if (!isEnum(T.Kind))
      return std::nullopt;
    StringRef Wanted = essentialName(Local.Steps[0].Name);
    for (uint32_t I = 0; I < T.VLen; ++I) {
      StringRef Name = Target.enumName(T, I);
      if (essentialName(Name) != Wanted)
        continue;
      Found.Steps.push_back({Id, I, Name});
      return Found;
    }
    return std::nullopt;
  }
  for (const CoreStep &Step : Local.Steps) {
    if (!Step.Name.empty()) {
      Expected<bool> Member = C.findMember(Step, Found, Id, 0);
      if (!Member)
        return Member.takeError();
      if (!*Member)
        return std::nullopt;
      continue;
    }
    Expected<uint32_t> Plain = plain(Target, Id);
    if (!Plain)
      return Plain.takeError();
    Id = *Plain;
    if (Found.Steps.empty()) {
      // The root seen as an array.
      Expected<uint64_t> Size = sizeOf(Target, Id);
      if (!Size)
        return Size.takeError();
      Found.Steps.push_back({Id, Step.Index, StringRef()});
      Found.BitOffset = Step.Index * *Size * 8;
      continue;
    }
    const BTFType &T = *Target.type(Id);
    if (T.Kind != BTFKind::Array)
      return std::nullopt;
    Expected<bool> Element = stepIntoArray(Found, T, Step.Index, Id);
    if (!Element)
      return Element.takeError();
    if (!*Element)
      return std::nullopt;
  }
  return Found;
}

} // namespace object
} // namespace nfpbpf
