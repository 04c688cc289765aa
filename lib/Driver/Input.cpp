//===- Input.cpp - Reading a program file ---------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Driver/Input.h"

#include "nfpbpf/Target/BPF/Assembler.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/BinaryFormat/Magic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace nfpbpf;
using namespace nfpbpf::driver;
using object::BPFObject;
using object::ProgramType;

/// An ELF file is an object, a name ending in .s is assembly text.
static llvm::Expected<InputKind> guessKind(llvm::MemoryBufferRef Buffer) {
  if (Buffer.getBuffer().starts_with("\x7f"
                                     "ELF"))
    return InputKind::Object;
  llvm::StringRef Extension =
      llvm::sys::path::extension(Buffer.getBufferIdentifier());
  if (Extension == ".s" || Extension == ".S")
    return InputKind::Asm;
  return llvm::createStringError(
      "'%s' is neither an ELF file nor assembly text (.s); for instruction "
      "bytes say --input=raw",
      Buffer.getBufferIdentifier().str().c_str());
}

static bool isOffloadable(ProgramType Type) {
  return Type == ProgramType::XDP || Type == ProgramType::TC;
}

static llvm::Error missing(llvm::StringRef File, const char *What,
                           llvm::StringRef Name, std::string Known) {
  return llvm::createStringError("'%s' has no %s '%s'; it has: %s",
                                 File.str().c_str(), What, Name.str().c_str(),
                                 Known.empty() ? "none" : Known.c_str());
}

/// What was asked for must be there: a typing mistake is no empty answer.
static llvm::Error checkSelection(const BPFObject &Object,
                                  const InputOptions &O) {
  llvm::ArrayRef<object::Program> All = Object.programs();
  auto join = [&](auto Member) {
    std::string Text;
    for (const object::Program &P : All)
      Text += (Text.empty() ? "" : ", ") + P.*Member;
    return Text;
  };
  for (const std::string &Name : O.Programs)
    if (llvm::none_of(All, [&](auto &P) { return P.Name == Name; }))
      return missing(Object.fileName(), "program", Name,
                     join(&object::Program::Name));
  for (const std::string &Name : O.Sections)
    if (llvm::none_of(All, [&](auto &P) { return P.Section == Name; }))
      return missing(Object.fileName(), "section with programs", Name,
                     join(&object::Program::Section));
  return llvm::Error::success();
}

static std::vector<InputProgram>
selectPrograms(const BPFObject &Object, const InputOptions &O,
               std::optional<ProgramType> DefaultType,
               const object::TargetTypes *Target) {
  std::vector<InputProgram> Result;
  for (auto [Index, P] : llvm::enumerate(Object.programs())) {
    if (!O.Programs.empty() && !llvm::is_contained(O.Programs, P.Name))
      continue;
    if (!O.Sections.empty() && !llvm::is_contained(O.Sections, P.Section))
      continue;
    std::optional<ProgramType> Forced = O.Type;
    if (!Forced && P.Type == ProgramType::Unknown)
      Forced = DefaultType;
    const ProgramType Type = Forced.value_or(P.Type);
    // Programs of other types are not this tool's business unless asked for.
    if (!isOffloadable(Type) && O.Programs.empty() && O.Sections.empty())
      continue;
    InputProgram In;
    In.Name = P.Name;
    In.Section = P.Section;
    In.Type = Type;
    if (!isOffloadable(Type)) {
      In.Error = "programs of type '" + P.TypeName +
                 "' do not run on the card; --type=xdp or --type=tc forces one";
    } else if (llvm::Expected<object::LinkedProgram> Linked =
                   Object.link(Index, Forced, Target)) {
      In.Linked = std::move(*Linked);
    } else {
      In.Error = llvm::toString(Linked.takeError());
    }
    Result.push_back(std::move(In));
  }
  return Result;
}

static llvm::Expected<std::vector<InputProgram>>
readRaw(llvm::MemoryBufferRef Buffer, const InputOptions &O) {
  if (!O.Programs.empty() || !O.Sections.empty())
    return llvm::createStringError(
        "instruction bytes (--input=raw) have no names to choose a program or "
        "a section by");
  llvm::StringRef Bytes = Buffer.getBuffer();
  const ProgramType Type = O.Type.value_or(ProgramType::XDP);
  llvm::Expected<object::LinkedProgram> Linked =
      object::LinkedProgram::fromBytes(
          llvm::ArrayRef<uint8_t>(Bytes.bytes_begin(), Bytes.size()),
          llvm::sys::path::stem(Buffer.getBufferIdentifier()), Type);
  if (!Linked)
    return llvm::createStringError("'%s': %s",
                                   Buffer.getBufferIdentifier().str().c_str(),
                                   llvm::toString(Linked.takeError()).c_str());
  Linked->FileName = Buffer.getBufferIdentifier().str();
  std::vector<InputProgram> Result(1);
  Result[0].Name = Linked->Name;
  Result[0].Type = Type;
  Result[0].Linked = std::move(*Linked);
  return Result;
}

llvm::Expected<std::vector<InputProgram>>
driver::readInput(llvm::StringRef Path, const InputOptions &O) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> File =
      llvm::MemoryBuffer::getFileOrSTDIN(Path, /*IsText=*/false,
                                         /*RequiresNullTerminator=*/false);
  if (std::error_code EC = File.getError())
    return llvm::createStringError(EC, "cannot read '%s': %s",
                                   Path.str().c_str(), EC.message().c_str());
  llvm::MemoryBufferRef Buffer = (*File)->getMemBufferRef();

  InputKind Kind = O.Kind;
  if (Kind == InputKind::Auto) {
    llvm::Expected<InputKind> Guess = guessKind(Buffer);
    if (!Guess)
      return Guess.takeError();
    Kind = *Guess;
  }
  if (Kind == InputKind::Raw)
    return readRaw(Buffer, O);

  llvm::SmallVector<char, 0> Assembled;
  std::optional<ProgramType> DefaultType;
  if (Kind == InputKind::Asm) {
    llvm::Expected<llvm::SmallVector<char, 0>> Bytes =
        assembleBPF(Buffer.getBuffer(), "v4", Buffer.getBufferIdentifier());
    if (!Bytes)
      return Bytes.takeError();
    Assembled = std::move(*Bytes);
    Buffer = llvm::MemoryBufferRef(
        llvm::StringRef(Assembled.data(), Assembled.size()),
        Buffer.getBufferIdentifier());
    // Text without a section directive says nothing of its type.
    DefaultType = ProgramType::XDP;
  }
  llvm::Expected<BPFObject> Object = BPFObject::parse(Buffer);
  if (!Object)
    return Object.takeError();
  if (llvm::Error Err = checkSelection(*Object, O))
    return std::move(Err);
  std::optional<object::TargetTypes> Target;
  if (!O.BTFFile.empty()) {
    llvm::Expected<object::TargetTypes> Types =
        object::TargetTypes::load(O.BTFFile);
    if (!Types)
      return Types.takeError();
    Target = std::move(*Types);
  }
  return selectPrograms(*Object, O, DefaultType, Target ? &*Target : nullptr);
}
