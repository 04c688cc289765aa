//===- TargetTypes.cpp - Types of the system a program runs on ------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/BPF/TargetTypes.h"
#include "CoreMatch.h"
#include "CoreRelocation.h"
#include "ObjectError.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace nfpbpf {
namespace object {

/// The bytes of section .BTF of an ELF file.
static Expected<StringRef>
findSection(MemoryBufferRef Buffer,
            std::unique_ptr<llvm::object::ObjectFile> &Owner) {
  Expected<std::unique_ptr<llvm::object::ObjectFile>> File =
      llvm::object::ObjectFile::createELFObjectFile(Buffer);
  if (!File)
    return File.takeError();
  Owner = std::move(*File);
  for (const llvm::object::SectionRef &S : Owner->sections()) {
    Expected<StringRef> Name = S.getName();
    if (!Name)
      return Name.takeError();
    if (*Name == ".BTF")
      return S.getContents();
  }
  return objectError("the ELF file has no section .BTF");
}

Expected<TargetTypes> TargetTypes::parse(MemoryBufferRef Buffer) {
  auto Fail = [&](Error E) -> Error {
    return objectError(Buffer.getBufferIdentifier() + ": " +
                       toString(std::move(E)));
  };
  StringRef Bytes = Buffer.getBuffer();
  std::unique_ptr<llvm::object::ObjectFile> Owner;
  std::unique_ptr<MemoryBuffer> Aligned;
  if (Bytes.starts_with(llvm::ELF::ElfMagic)) {
    Aligned = MemoryBuffer::getMemBufferCopy(Bytes);
    Expected<StringRef> Section =
        findSection(Aligned->getMemBufferRef(), Owner);
    if (!Section)
      return Fail(Section.takeError());
    Bytes = *Section;
  } else if (Bytes.starts_with("\xeb\x9f")) {
    return Fail(objectError("big-endian BTF is not supported"));
  } else if (!Bytes.starts_with("\x9f\xeb")) {
    return Fail(objectError("neither BTF nor an ELF file with a section .BTF"));
  }
  Expected<BTF> Types = BTF::parse(arrayRefFromStringRef(Bytes));
  if (!Types)
    return Fail(Types.takeError());
  auto P = std::make_shared<Impl>(Impl{std::move(*Types), {}});
  for (uint32_t Id = 1; Id < P->Types.size(); ++Id)
    if (StringRef Name = P->Types.name(*P->Types.type(Id)); !Name.empty())
      P->ByName[essentialName(Name)].push_back(Id);
  return TargetTypes(std::move(P));
}

Expected<TargetTypes> TargetTypes::load(StringRef Path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> Buffer =
      MemoryBuffer::getFile(Path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!Buffer)
    return objectError(Path + ": " + Buffer.getError().message());
  return parse((*Buffer)->getMemBufferRef());
}

} // namespace object
} // namespace nfpbpf
