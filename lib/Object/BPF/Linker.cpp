//===- Linker.cpp - From an object's functions to a program ---------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions are appended in the order of their first call: when a call (or the
// taking of an address) of a function not seen yet is met, the function is
// put at the end and walked at once, before the rest of its caller. This is
// what libbpf does, so that instruction indices agree with the kernel's log.
//
//===----------------------------------------------------------------------===//

#include "CoreRelocation.h"
#include "InsnSlot.h"
#include "ObjectError.h"
#include "ObjectImpl.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"

#include <algorithm>

using namespace llvm;

namespace nfpbpf {
namespace object {

namespace {

constexpr unsigned SrcMap = 1, SrcMapValue = 2, SrcFunction = 4;
constexpr unsigned SrcCall = 1, SrcKernelCall = 2;

constexpr StringLiteral KSymsSection = ".ksyms";
constexpr StringLiteral LinkHint =
    "; link the object that defines it (nfp-bpf-link)";

} // namespace

/// Configuration values that libbpf itself fills in, weak or not.
static bool isFilledByLoader(StringRef Name) {
  return Name == "LINUX_KERNEL_VERSION" || Name == "LINUX_HAS_BPF_COOKIE" ||
         Name == "LINUX_HAS_SYSCALL_WRAPPER";
}

namespace {

class Linker {
public:
  Linker(const BPFObject::Impl &Object, const TargetTypes *Target)
      : O(Object), Target(Target ? &Target->impl() : nullptr) {}

  Expected<LinkedProgram> link(uint32_t Entry);

private:
  /// A function being walked.
  struct Frame {
    uint32_t Function; ///< index into L.Functions
    uint32_t Next;     ///< slot within it
  };

  Error append(uint32_t ObjectFunction);
  Error step(Frame &F);
  Error load(const Frame &F, uint32_t Insn, uint64_t Offset,
             const ELFRelocation *R);
  Error call(const Frame &F, uint32_t Insn, uint64_t Offset,
             const ELFRelocation *R);
  void referToValue(uint32_t Insn, uint32_t Map, uint64_t Offset);
  Error refer(uint32_t Insn, RefKind Kind, uint32_t Section, uint64_t Target,
              const Twine &Symbol);
  void unresolved(uint32_t Insn, UnresolvedKind Kind, StringRef Name,
                  const Twine &Message);
  Error loadExtern(uint32_t Insn, const ELFSymbol &Symbol);
  const ELFRelocation *relocationAt(uint32_t Section, uint64_t Offset) const;

  void patchFunctions();
  void numberMaps();
  void addLines();
  Error relocateCore();
  Error relocateCore(const Function &F, const BTFCoreRecord &Record);

  uint32_t objectSection(uint32_t Function) const {
    return O.Functions[Origin[Function]].Section;
  }
  Error fail(uint32_t Section, uint64_t Offset, const Twine &Why) const {
    return sectionError(O.sectionName(Section), Offset, Why);
  }

  const BPFObject::Impl &O;
  const TargetTypes::Impl *Target; ///< null: not known
  LinkedProgram L;
  std::vector<uint32_t> Origin;        ///< object function by linked function
  DenseMap<uint32_t, uint32_t> Linked; ///< the reverse
  std::vector<Frame> Stack;
};

} // namespace

Error Linker::append(uint32_t ObjectFunction) {
  const FunctionSymbol &F = O.Functions[ObjectFunction];
  uint64_t Count = F.Size / 8;
  if (Count > LinkedProgram::MaxInsns - L.Insns.size())
    return fail(F.Section, F.Offset,
                "the program has more than " + Twine(LinkedProgram::MaxInsns) +
                    " instructions");
  Function Out;
  Out.Name = F.Name.str();
  Out.First = L.size();
  Out.Count = static_cast<uint32_t>(Count);
  Out.IsGlobal = F.IsGlobal;
  Out.Section = O.sectionName(F.Section).str();
  Out.SectionOffset = F.Offset;
  const uint8_t *Code = O.ELF.Sections[F.Section].Data.data() + F.Offset;
  for (uint64_t I = 0; I < Count; ++I)
    L.Insns.push_back(support::endian::read64le(Code + 8 * I));
  uint32_t Index = static_cast<uint32_t>(L.Functions.size());
  L.Functions.push_back(std::move(Out));
  Origin.push_back(ObjectFunction);
  Linked[ObjectFunction] = Index;
  Stack.push_back({Index, 0});
  return Error::success();
}

const ELFRelocation *Linker::relocationAt(uint32_t Section,
                                          uint64_t Offset) const {
  ArrayRef<ELFRelocation> List = O.ELF.relocations(Section);
  const auto *It = llvm::lower_bound(
      List, Offset,
      [](const ELFRelocation &R, uint64_t Place) { return R.Offset < Place; });
  // The slot's bytes after its first must have no relocation of their own; the
  // caller checks the type and the exact place.
  if (It == List.end() || It->Offset >= Offset + 8)
    return nullptr;
  return It;
}

void Linker::unresolved(uint32_t Insn, UnresolvedKind Kind, StringRef Name,
                        const Twine &Message) {
  Unresolved U;
  U.Insn = Insn;
  U.Kind = Kind;
  U.Name = Name.str();
  U.Message = Message.str();
  L.UnresolvedList.push_back(std::move(U));
}

/// Notes a reference to the function that starts at a byte offset of a section.
/// The offset is a sum of numbers from the file, modulo 2^64.
Error Linker::refer(uint32_t Insn, RefKind Kind, uint32_t Section,
                    uint64_t Target, const Twine &Symbol) {
  const Function &In = L.functionOf(Insn);
  uint32_t OwnSection = objectSection(L.functionIndexOf(Insn));
  uint64_t Place = In.SectionOffset + 8 * uint64_t(Insn - In.First);
  std::optional<uint32_t> Callee = O.functionAt(Section, Target);
  if (!Callee)
    return fail(OwnSection, Place,
                "call of " + Symbol + ": no function starts at offset " +
                    Twine(static_cast<int64_t>(Target)) + " of section '" +
                    O.sectionName(Section) + "'");
  if (!Linked.count(*Callee))
    if (Error E = append(*Callee))
      return E;
  Reference R;
  R.Insn = Insn;
  R.Kind = Kind;
  R.Index = Linked[*Callee];
  L.References.push_back(R);
  return Error::success();
}

/// The address of something that is in no object. A weak one is null if it is
/// the kernel's, and a weak configuration value reads as zero.
Error Linker::loadExtern(uint32_t Insn, const ELFSymbol &Symbol) {
  StringRef Section = O.ExternSections.lookup(Symbol.Name);
  bool IsWeak = Symbol.Binding == ELF::STB_WEAK;
  auto Offset = O.KConfigOffsets.find(Symbol.Name);
  if (Offset != O.KConfigOffsets.end()) {
    if (!IsWeak || isFilledByLoader(Symbol.Name)) {
      unresolved(Insn, UnresolvedKind::KConfig, Symbol.Name,
                 "kernel configuration value '" + Symbol.Name +
                     "' (.kconfig) is not known before the program is loaded");
      return Error::success();
    }
    referToValue(Insn, O.KConfigMap, Offset->second);
    return Error::success();
  }
  if (IsWeak && Section == KSymsSection) {
    L.Insns[Insn] = withImmediate(withSource(L.Insns[Insn], 0), 0);
    L.Insns[Insn + 1] = withImmediate(L.Insns[Insn + 1], 0);
    return Error::success();
  }
  unresolved(Insn, UnresolvedKind::ExternVariable, Symbol.Name,
             Section == KSymsSection
                 ? "kernel variable '" + Symbol.Name +
                       "' (.ksyms) cannot be reached from the card"
                 : "external variable '" + Symbol.Name + "' is not defined" +
                       LinkHint);
  return Error::success();
}

/// Makes an LD_IMM64 refer to a byte of a map's value.
void Linker::referToValue(uint32_t Insn, uint32_t Map, uint64_t Offset) {
  Reference R;
  R.Insn = Insn;
  R.Kind = RefKind::MapValue;
  R.Index = Map;
  R.Offset = Offset;
  L.Insns[Insn] = withSource(L.Insns[Insn], SrcMapValue);
  L.Insns[Insn + 1] =
      withImmediate(L.Insns[Insn + 1], static_cast<uint32_t>(Offset));
  L.References.push_back(R);
}

Error Linker::load(const Frame &F, uint32_t Insn, uint64_t Offset,
                   const ELFRelocation *R) {
  uint32_t Section = objectSection(F.Function);
  unsigned Source = sourceOf(L.Insns[Insn]);
  if (!R) {
    if (Source != 0)
      return fail(Section, Offset,
                  "LD_IMM64 with source register " + Twine(Source) +
                      " has no relocation");
    return Error::success();
  }
  const ELFSymbol &Symbol = O.ELF.Symbols[R->Symbol];
  if (R->Type != ELF::R_BPF_64_64)
    return fail(Section, Offset, relocationName(R->Type) + " on an LD_IMM64");
  if (Symbol.IsUndefined)
    return loadExtern(Insn, Symbol);
  // REL relocations keep their addend in the instruction.
  int64_t Addend = immediateOf(L.Insns[Insn]);
  if (Symbol.Section == 0)
    return fail(Section, Offset,
                "symbol '" + Symbol.Name + "' is in no section");

  const ELFSection &Target = O.ELF.Sections[Symbol.Section];
  if (Target.isCode()) {
    L.Insns[Insn] = withSource(L.Insns[Insn], SrcFunction);
    return refer(Insn, RefKind::Function, Symbol.Section,
                 Symbol.Value + static_cast<uint64_t>(Addend),
                 "'" + Symbol.Name + "'");
  }
  uint64_t Place = Symbol.Value + static_cast<uint64_t>(Addend);
  if (auto It = O.DataMapOf.find(Symbol.Section); It != O.DataMapOf.end()) {
    if (Place > Target.Size)
      return fail(Section, Offset,
                  "reference to '" + Symbol.Name + "' + " + Twine(Addend) +
                      " is outside of section '" + Target.Name + "'");
    referToValue(Insn, It->second, Place);
    if (!O.ELF.relocations(Symbol.Section).empty())
      unresolved(Insn, UnresolvedKind::ExternVariable, Target.Name,
                 "section '" + Target.Name +
                     "' holds addresses, which global data cannot have");
    return Error::success();
  }
  if (auto It = O.MapAt.find({Symbol.Section, Place}); It != O.MapAt.end()) {
    Reference Ref;
    Ref.Insn = Insn;
    Ref.Kind = RefKind::Map;
    Ref.Index = It->second;
    L.Insns[Insn] = withSource(L.Insns[Insn], SrcMap);
    L.Insns[Insn + 1] = withImmediate(L.Insns[Insn + 1], 0);
    L.References.push_back(Ref);
    return Error::success();
  }
  return fail(Section, Offset,
              "'" + Symbol.Name + "' (offset " + Twine(Place) +
                  " of section '" + Target.Name +
                  "') is no map, function or global data");
}

Error Linker::call(const Frame &F, uint32_t Insn, uint64_t Offset,
                   const ELFRelocation *R) {
  uint32_t Section = objectSection(F.Function);
  unsigned Source = sourceOf(L.Insns[Insn]);
  int64_t Immediate = immediateOf(L.Insns[Insn]);
  if (R && R->Type != ELF::R_BPF_64_32)
    return fail(Section, Offset, relocationName(R->Type) + " on a call");
  if (R) {
    const ELFSymbol &Symbol = O.ELF.Symbols[R->Symbol];
    if (Symbol.IsUndefined) {
      L.Insns[Insn] = withSource(L.Insns[Insn], SrcKernelCall);
      bool IsKernel = O.ExternSections.lookup(Symbol.Name) == KSymsSection;
      unresolved(Insn, UnresolvedKind::ExternFunction, Symbol.Name,
                 IsKernel ? "kernel function '" + Symbol.Name +
                                "' (.ksyms) cannot be called from the card"
                          : "external function '" + Symbol.Name +
                                "' is not defined" + LinkHint);
      return Error::success();
    }
    if (!O.ELF.Sections[Symbol.Section].isCode())
      return fail(Section, Offset,
                  "call of '" + Symbol.Name + "', which is not in code");
    L.Insns[Insn] = withSource(L.Insns[Insn], SrcCall);
    return refer(Insn, RefKind::Call, Symbol.Section,
                 Symbol.Value + static_cast<uint64_t>(8 * (Immediate + 1)),
                 "'" + Symbol.Name + "'");
  }
  if (Source == SrcCall)
    return refer(Insn, RefKind::Call, Section,
                 Offset + static_cast<uint64_t>(8 * (Immediate + 1)),
                 "a function of this section");
  if (Source == SrcKernelCall)
    unresolved(Insn, UnresolvedKind::ExternFunction,
               "btf_id " + std::to_string(Immediate),
               "kernel function with BTF id " + Twine(Immediate));
  return Error::success();
}

/// Handles one instruction of the function on top of the stack. `F` is not
/// valid after a function was appended.
Error Linker::step(Frame &F) {
  const Function &Fn = L.Functions[F.Function];
  uint32_t Section = objectSection(F.Function);
  uint32_t Insn = Fn.First + F.Next;
  uint64_t Offset = Fn.SectionOffset + 8 * uint64_t(F.Next);
  uint32_t Slots = 1;
  uint8_t Opcode = L.opcode(Insn);
  if (Opcode == OpLdImm64) {
    if (F.Next + 1 >= Fn.Count)
      return fail(Section, Offset, "LD_IMM64 is cut off");
    Slots = 2;
  }
  const ELFRelocation *R = relocationAt(Section, Offset);
  if (R && R->Offset != Offset)
    return fail(Section, R->Offset,
                relocationName(R->Type) + " inside an instruction");
  if (Slots == 2)
    if (const ELFRelocation *Second = relocationAt(Section, Offset + 8))
      return fail(Section, Second->Offset,
                  relocationName(Second->Type) + " inside an LD_IMM64");
  Frame Current = F;
  F.Next += Slots;
  if (Opcode == OpLdImm64)
    return load(Current, Insn, Offset, R);
  if (Opcode == OpCall)
    return call(Current, Insn, Offset, R);
  if (R)
    return fail(Section, Offset,
                relocationName(R->Type) +
                    " on an instruction that cannot have one (opcode 0x" +
                    utohexstr(Opcode, true) + ")");
  return Error::success();
}

void Linker::patchFunctions() {
  llvm::sort(L.References, [](const Reference &A, const Reference &B) {
    return A.Insn < B.Insn;
  });
  for (const Reference &R : L.References) {
    if (R.Kind != RefKind::Call && R.Kind != RefKind::Function)
      continue;
    uint32_t Relative = L.Functions[R.Index].First - R.Insn - 1;
    L.Insns[R.Insn] = withImmediate(L.Insns[R.Insn], Relative);
    if (R.Kind == RefKind::Function)
      L.Insns[R.Insn + 1] = withImmediate(L.Insns[R.Insn + 1], 0);
  }
}

/// Gives the program its own map table: maps, then variables, then constants,
/// each in the order of first reference. The loader makes them in this order,
/// and constants that nobody needs at run time leave no gap.
void Linker::numberMaps() {
  auto Rank = [](const MapInfo &Map) {
    return Map.isReadOnlyData() ? 2 : Map.isGlobalData() ? 1 : 0;
  };
  DenseMap<uint32_t, uint32_t> Number;
  for (int Wanted = 0; Wanted <= 2; ++Wanted)
    for (const Reference &R : L.References)
      if ((R.Kind == RefKind::Map || R.Kind == RefKind::MapValue) &&
          Rank(O.Maps[R.Index]) == Wanted &&
          Number.try_emplace(R.Index, static_cast<uint32_t>(L.Maps.size()))
              .second)
        L.Maps.push_back(O.Maps[R.Index]);
  for (Reference &R : L.References) {
    if (R.Kind != RefKind::Map && R.Kind != RefKind::MapValue)
      continue;
    R.Index = Number[R.Index];
    L.Insns[R.Insn] = withImmediate(L.Insns[R.Insn], R.Index);
  }
}

void Linker::addLines() {
  if (!O.Records)
    return;
  L.keepStrings(O.Types->strings());
  for (const Function &F : L.Functions) {
    const BTFExtSection *S = O.Records->section(F.Section);
    if (!S)
      continue;
    auto It = llvm::lower_bound(S->Lines, F.SectionOffset,
                                [](const BTFLineRecord &R, uint64_t Offset) {
                                  return R.Offset < Offset;
                                });
    uint64_t End = F.SectionOffset + 8 * uint64_t(F.Count);
    for (; It != S->Lines.end() && It->Offset < End; ++It) {
      if (It->Offset % 8 != 0)
        continue;
      SourceLocation Loc;
      Loc.File = O.Types->string(It->File, 4096);
      Loc.Line = It->Line;
      Loc.Column = It->Column;
      Loc.Text = O.Types->string(It->Text, 1024).trim();
      L.addLineRecord(
          F.First + static_cast<uint32_t>((It->Offset - F.SectionOffset) / 8),
          Loc);
    }
  }
}

/// See Unresolved::IsStable.
static bool hasStableLayout(StringRef Type) {
  return StringSwitch<bool>(Type)
      .Cases({"struct xdp_md", "struct __sk_buff"}, true)
      .Cases({"struct ethhdr", "struct vlan_hdr", "struct arphdr"}, true)
      .Cases({"struct iphdr", "struct ipv6hdr", "struct in6_addr"}, true)
      .Cases({"struct tcphdr", "struct udphdr", "struct icmphdr"}, true)
      .Case("struct icmp6hdr", true)
      .Default(false);
}

Error Linker::relocateCore(const Function &F, const BTFCoreRecord &Record) {
  auto Located = [&](const Twine &Why) {
    return sectionError(F.Section, Record.Offset,
                        "CO-RE relocation " + coreKindName(Record.Kind) +
                            " of " + O.Types->typeName(Record.Type) +
                            ", access " + O.Types->string(Record.Access, 256) +
                            ": " + Why);
  };
  if (Record.Offset % 8 != 0)
    return Located("inside an instruction");
  uint32_t Insn =
      F.First + static_cast<uint32_t>((Record.Offset - F.SectionOffset) / 8);
  Expected<std::optional<CoreValue>> Value =
      resolveCoreRelocation(*O.Types, Record, Target);
  if (!Value)
    return Located(toString(Value.takeError()));
  std::string Type = O.Types->typeName(Record.Type);
  auto Unresolvable = [&](const Twine &Why) {
    unresolved(Insn, UnresolvedKind::CoreRelocation, Type,
               "CO-RE relocation " + coreKindName(Record.Kind) + " of " + Type +
                   ", access " + O.Types->string(Record.Access, 256) + ": " +
                   Why);
  };
  if (!*Value) {
    Unresolvable("the target's types are not given (--btf)");
    L.UnresolvedList.back().IsStable = hasStableLayout(Type);
    return Error::success();
  }
  bool IsWide = L.isLdImm64(Insn) && Insn + 1 < F.end();
  Expected<std::string> Poison = applyCoreValue(
      MutableArrayRef<uint64_t>(L.Insns).slice(Insn, IsWide ? 2 : 1), **Value);
  if (!Poison)
    return Located(toString(Poison.takeError()));
  if (!Poison->empty())
    Unresolvable(*Poison);
  return Error::success();
}

Error Linker::relocateCore() {
  if (!O.Records)
    return Error::success();
  for (const Function &F : L.Functions) {
    const BTFExtSection *S = O.Records->section(F.Section);
    if (!S)
      continue;
    auto It = llvm::lower_bound(S->Cores, F.SectionOffset,
                                [](const BTFCoreRecord &R, uint64_t Offset) {
                                  return R.Offset < Offset;
                                });
    uint64_t End = F.SectionOffset + 8 * uint64_t(F.Count);
    for (; It != S->Cores.end() && It->Offset < End; ++It)
      if (Error E = relocateCore(F, *It))
        return E;
  }
  return Error::success();
}

Expected<LinkedProgram> Linker::link(uint32_t Entry) {
  if (Error E = append(Entry))
    return std::move(E);
  while (!Stack.empty()) {
    Frame &F = Stack.back();
    if (F.Next >= L.Functions[F.Function].Count) {
      Stack.pop_back();
      continue;
    }
    if (Error E = step(F))
      return std::move(E);
  }
  patchFunctions();
  numberMaps();
  addLines();
  if (Error E = relocateCore())
    return std::move(E);
  llvm::sort(L.UnresolvedList, [](const Unresolved &A, const Unresolved &B) {
    return std::tie(A.Insn, A.Kind, A.Name, A.Message) <
           std::tie(B.Insn, B.Kind, B.Name, B.Message);
  });
  return std::move(L);
}

Expected<LinkedProgram> linkFunction(const BPFObject::Impl &Object,
                                     uint32_t Function,
                                     const TargetTypes *Target) {
  return Linker(Object, Target).link(Function);
}

} // namespace object
} // namespace nfpbpf
