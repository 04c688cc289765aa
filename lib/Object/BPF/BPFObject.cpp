//===- BPFObject.cpp - Relocatable eBPF ELF objects -----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/BPF/BPFObject.h"

#include "ObjectError.h"
#include "ObjectImpl.h"
#include "ProgramTypes.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

#include <algorithm>

using namespace llvm;

namespace nfpbpf {
namespace object {

std::optional<uint32_t> BPFObject::Impl::functionAt(uint32_t Section,
                                                    uint64_t Offset) const {
  auto Less = [](const FunctionSymbol &F, std::pair<uint32_t, uint64_t> Place) {
    return std::make_pair(F.Section, F.Offset) < Place;
  };
  auto It = llvm::lower_bound(Functions, std::make_pair(Section, Offset), Less);
  if (It == Functions.end() || It->Section != Section || It->Offset != Offset)
    return std::nullopt;
  return static_cast<uint32_t>(It - Functions.begin());
}

Error BPFObject::Impl::readTypes() {
  const ELFSection *TypeSection = nullptr, *RecordSection = nullptr;
  for (const ELFSection &S : ELF.Sections) {
    if (S.Name == ".BTF" && !TypeSection)
      TypeSection = &S;
    if (S.Name == ".BTF.ext" && !RecordSection)
      RecordSection = &S;
  }
  if (!TypeSection)
    return Error::success();
  Expected<BTF> T = BTF::parse(TypeSection->Data);
  if (!T)
    return T.takeError();
  Types = std::move(*T);
  if (!RecordSection)
    return Error::success();
  Expected<BTFExt> R = BTFExt::parse(RecordSection->Data, *Types);
  if (!R)
    return R.takeError();
  Records = std::move(*R);
  return Error::success();
}

Error BPFObject::Impl::readFunctions() {
  // Compilers before 2018 gave functions no symbol type: in a section without
  // function symbols the untyped global symbols stand for them.
  std::vector<bool> HasTyped(ELF.Sections.size());
  for (const ELFSymbol &S : ELF.Symbols)
    if (S.Type == ELF::STT_FUNC)
      HasTyped[S.Section] = true;

  std::vector<bool> HasAny(ELF.Sections.size());
  for (const ELFSymbol &S : ELF.Symbols) {
    const ELFSection &Section = ELF.Sections[S.Section];
    if (!Section.isCode())
      continue;
    bool IsGlobal = S.Binding != ELF::STB_LOCAL;
    bool IsFunction =
        S.Type == ELF::STT_FUNC || (S.Type == ELF::STT_NOTYPE && IsGlobal &&
                                    !HasTyped[S.Section] && !S.Name.empty());
    if (!IsFunction)
      continue;
    if (S.Value >= Section.Size || S.Size > Section.Size - S.Value)
      return sectionError(Section.Name, S.Value,
                          "function '" + S.Name + "' of " + Twine(S.Size) +
                              " bytes is outside of the section");
    if (S.Value % 8 != 0 || S.Size % 8 != 0)
      return sectionError(Section.Name, S.Value,
                          "function '" + S.Name +
                              "' does not begin and end between instructions");
    FunctionSymbol F;
    F.Name = S.Name;
    F.Section = S.Section;
    F.Offset = S.Value;
    F.Size = S.Size;
    F.IsGlobal = IsGlobal;
    Functions.push_back(F);
    HasAny[S.Section] = true;
  }
  // Code without any symbol is one function with the name of its section.
  for (size_t I = 0; I < ELF.Sections.size(); ++I) {
    const ELFSection &Section = ELF.Sections[I];
    if (!Section.isCode())
      continue;
    if (Section.Size % 8 != 0)
      return sectionError(Section.Name, Section.Size,
                          "the section's size is no multiple of 8");
    if (HasAny[I])
      continue;
    FunctionSymbol F;
    F.Name = Section.Name;
    F.Section = I;
    F.Size = Section.Size;
    F.IsGlobal = true;
    Functions.push_back(F);
  }

  // Of several symbols of one place the global one gives the name.
  llvm::sort(Functions, [](const FunctionSymbol &A, const FunctionSymbol &B) {
    return std::make_tuple(A.Section, A.Offset, !A.IsGlobal, A.Name) <
           std::make_tuple(B.Section, B.Offset, !B.IsGlobal, B.Name);
  });
  Functions.erase(
      llvm::unique(Functions,
                   [](const FunctionSymbol &A, const FunctionSymbol &B) {
                     return A.Section == B.Section && A.Offset == B.Offset;
                   }),
      Functions.end());
  for (size_t I = 0; I < Functions.size(); ++I) {
    FunctionSymbol &F = Functions[I];
    uint64_t Limit = ELF.Sections[F.Section].Size;
    if (I + 1 < Functions.size() && Functions[I + 1].Section == F.Section)
      Limit = Functions[I + 1].Offset;
    if (F.Size == 0)
      F.Size = Limit - F.Offset;
    if (F.Size > Limit - F.Offset)
      return sectionError(sectionName(F.Section), F.Offset,
                          "function '" + F.Name + "' overlaps the next one");
  }
  return Error::success();
}

/// Name of the struct that the first parameter of a function points to.
static StringRef contextStruct(const BTF &Types, uint32_t FuncId) {
  const BTFType *Func = Types.type(FuncId);
  if (!Func || Func->Kind != BTFKind::Func)
    return {};
  const BTFType *Proto = Types.type(Func->SizeOrType);
  if (!Proto || Proto->Kind != BTFKind::FuncProto || Proto->VLen == 0)
    return {};
  std::optional<uint32_t> Param =
      Types.skipModifiers(Types.paramType(*Proto, 0));
  if (!Param || Types.type(*Param)->Kind != BTFKind::Ptr)
    return {};
  std::optional<uint32_t> Pointee =
      Types.skipModifiers(Types.type(*Param)->SizeOrType);
  if (!Pointee)
    return {};
  const BTFType *T = Types.type(*Pointee);
  if (T->Kind != BTFKind::Struct && T->Kind != BTFKind::Fwd)
    return {};
  return Types.name(*T);
}

Error BPFObject::Impl::readPrograms() {
  // Functions of .text are subprograms, unless there is nothing else.
  bool OnlyText = llvm::all_of(Functions, [&](const FunctionSymbol &F) {
    return sectionName(F.Section) == ".text";
  });
  bool AnyGlobal = llvm::any_of(
      Functions, [](const FunctionSymbol &F) { return F.IsGlobal; });
  std::vector<uint32_t> GlobalsOf(ELF.Sections.size());
  for (const FunctionSymbol &F : Functions)
    GlobalsOf[F.Section] += F.IsGlobal;

  for (uint32_t I = 0; I < Functions.size(); ++I) {
    const FunctionSymbol &F = Functions[I];
    StringRef Section = sectionName(F.Section);
    if (OnlyText ? AnyGlobal && !F.IsGlobal : Section == ".text")
      continue;
    // A local function beside global ones is a subprogram of theirs.
    if (!F.IsGlobal && GlobalsOf[F.Section] != 0)
      continue;
    StringRef Context;
    if (Records)
      if (const BTFExtSection *S = Records->section(Section)) {
        auto It = llvm::lower_bound(
            S->Funcs, F.Offset, [](const BTFFuncRecord &R, uint64_t Offset) {
              return R.Offset < Offset;
            });
        if (It != S->Funcs.end() && It->Offset == F.Offset)
          Context = contextStruct(*Types, It->Type);
      }
    DeducedType D = deduceProgramType(Section, Context);
    Program P;
    P.Name = F.Name.str();
    P.Section = Section.str();
    P.Type = D.Type;
    P.Origin = D.Origin;
    P.TypeName = std::move(D.Name);
    P.SectionOffset = F.Offset;
    P.InsnCount = static_cast<uint32_t>(F.Size / 8);
    P.IsGlobal = F.IsGlobal;
    P.IsOptional = Section.starts_with("?");
    Programs.push_back(std::move(P));
    ProgramFunctions.push_back(I);
  }
  return Error::success();
}

void BPFObject::Impl::readStrings() {
  for (const ELFSection &S : ELF.Sections) {
    if (S.Name == "license" && License.empty()) {
      StringRef Text(reinterpret_cast<const char *>(S.Data.data()),
                     S.Data.size());
      License = Text.take_front(128)
                    .take_until([](char C) { return C == '\0'; })
                    .str();
    }
    if (S.Name == "version" && S.Data.size() == 4 && !Version)
      Version = support::endian::read32le(S.Data.data());
  }
}

BPFObject::BPFObject(std::unique_ptr<Impl> I) : P(std::move(I)) {}
BPFObject::BPFObject(BPFObject &&) = default;
BPFObject &BPFObject::operator=(BPFObject &&) = default;
BPFObject::~BPFObject() = default;

Expected<BPFObject> BPFObject::parse(MemoryBufferRef Buffer) {
  auto I = std::make_unique<Impl>();
  I->FileName = Buffer.getBufferIdentifier().str();
  // A copy, aligned for the ELF structures.
  I->Buffer = MemoryBuffer::getMemBufferCopy(Buffer.getBuffer());
  auto Fail = [&](Error E) -> Error {
    return objectError(Twine(I->FileName) + ": " + toString(std::move(E)));
  };
  Expected<ELFContents> ELF = readELF(I->Buffer->getBuffer());
  if (!ELF)
    return Fail(ELF.takeError());
  I->ELF = std::move(*ELF);
  I->readStrings();
  if (Error E = I->readTypes())
    return Fail(std::move(E));
  if (Error E = I->readFunctions())
    return Fail(std::move(E));
  if (Error E = I->readPrograms())
    return Fail(std::move(E));
  if (Error E = readMaps(*I))
    return Fail(std::move(E));
  return BPFObject(std::move(I));
}

Expected<BPFObject> BPFObject::load(StringRef Path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> Buffer =
      MemoryBuffer::getFile(Path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!Buffer)
    return objectError(Path + ": " + Buffer.getError().message());
  return parse((*Buffer)->getMemBufferRef());
}

StringRef BPFObject::fileName() const { return P->FileName; }
StringRef BPFObject::license() const { return P->License; }
std::optional<uint32_t> BPFObject::kernelVersion() const { return P->Version; }
ArrayRef<Program> BPFObject::programs() const { return P->Programs; }
ArrayRef<MapInfo> BPFObject::maps() const { return P->Maps; }
bool BPFObject::hasBTF() const { return P->Types.has_value(); }

Expected<uint32_t> BPFObject::findProgram(StringRef Name) const {
  std::optional<uint32_t> Found;
  for (uint32_t I = 0; I < P->Programs.size(); ++I) {
    const Program &Prog = P->Programs[I];
    bool Matches = Prog.Name == Name;
    if (!Matches && Name.ends_with(Prog.Name)) {
      StringRef Front = Name.drop_back(Prog.Name.size());
      Matches = Front.consume_back(":") && Front == Prog.Section;
    }
    if (!Matches)
      continue;
    if (Found)
      return objectError(Twine(P->FileName) + ": program name '" + Name +
                         "' is ambiguous, use SECTION:NAME");
    Found = I;
  }
  if (!Found)
    return objectError(Twine(P->FileName) + ": no program '" + Name + "'");
  return *Found;
}

Expected<LinkedProgram> BPFObject::link(uint32_t ProgramIndex,
                                        std::optional<ProgramType> Type,
                                        const TargetTypes *Target) const {
  if (ProgramIndex >= P->Programs.size())
    return objectError(Twine(P->FileName) + ": no program with index " +
                       Twine(ProgramIndex));
  const Program &Prog = P->Programs[ProgramIndex];
  Expected<LinkedProgram> L =
      linkFunction(*P, P->ProgramFunctions[ProgramIndex], Target);
  if (!L)
    return objectError(Twine(P->FileName) + ": program '" + Prog.Name +
                       "': " + toString(L.takeError()));
  L->Name = Prog.Name;
  L->Section = Prog.Section;
  L->FileName = P->FileName;
  L->License = P->License;
  L->Type = Type ? *Type : Prog.Type;
  return L;
}

} // namespace object
} // namespace nfpbpf
