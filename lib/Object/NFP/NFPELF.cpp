//===- NFPELF.cpp - Images as ELF files -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/NFP/NFPELF.h"

#include "nfpbpf/ISA/NFP/Word.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/MC/StringTableBuilder.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/EndianStream.h"
#include "llvm/Support/JSON.h"

#include <map>

using namespace nfpbpf;
using namespace nfpbpf::object;
using llvm::object::ELF64LE;

namespace {
constexpr uint16_t MachineNFP = 250;
constexpr uint32_t FlagsNFP6000 = 0x6000u << 8;
/// Memory type 1 and no island: any microengine.
constexpr uint32_t CodeSectionInfo = 1;
/// Section that sets registers of microengines before the code runs, as GNU
/// binutils for the NFP knows it.
constexpr const char *RegistersSection = ".nfp_init_csr";
constexpr uint32_t TypeInitRegisters = llvm::ELF::SHT_LOPROC + 2;
/// Island 0, target 14 (cluster target, microengine registers), read action 2
/// with token 1, write action 3 with token 1.
constexpr uint32_t RegistersSectionInfo =
    14u << 22 | 2u << 17 | 1u << 15 | 3u << 10 | 1u << 8;
constexpr const char *FactsSection = ".nfpbpf";
constexpr int64_t FactsVersion = 1;
/// R_NFP_NOTYPE of binutils.
constexpr uint32_t TypeNone = 0;

//===----------------------------------------------------------------------===//
// Facts as JSON
//===----------------------------------------------------------------------===//

} // namespace

static llvm::json::Value toJSON(const NFPMap &M) {
  llvm::json::Array Uses;
  for (rt::WordUse Use : M.Uses)
    Uses.push_back(static_cast<int64_t>(Use));
  llvm::json::Object O{
      {"name", M.Name},       {"type", M.Type},          {"key", M.KeySize},
      {"value", M.ValueSize}, {"entries", M.MaxEntries}, {"flags", M.Flags},
      {"id", M.Id},           {"uses", std::move(Uses)}};
  if (M.ReadOnly)
    O["read_only"] = true;
  if (!M.Contents.empty())
    O["contents"] = llvm::toHex(M.Contents, /*LowerCase=*/true);
  return O;
}

static llvm::json::Value toJSON(const NFPProgram &P) {
  llvm::json::Array Functions, Maps, Files, Lines;
  for (const NFPFunction &F : P.Functions)
    Functions.push_back(llvm::json::Object{
        {"name", F.Name}, {"first", F.First}, {"count", F.Count}});
  for (const NFPMap &M : P.Maps)
    Maps.push_back(toJSON(M));
  for (const std::string &File : P.Files)
    Files.push_back(File);
  for (const NFPLine &L : P.Lines)
    Lines.push_back(llvm::json::Array{
        L.Word, L.Insn == NFPLine::NoInsn ? int64_t(-1) : int64_t(L.Insn),
        L.File, L.Line, L.Column});
  return llvm::json::Object{
      {"name", P.Name},
      {"section", P.Section},
      {"type", P.Type},
      {"profile", P.Profile},
      {"instructions", P.Instructions},
      {"stack", P.StackBytes},
      {"max_packet_offset", P.MaxPacketOffset},
      {"opt_level", P.OptLevel},
      {"epilogue", llvm::json::Array{P.EpilogueBegin, P.EpilogueEnd}},
      {"functions", std::move(Functions)},
      {"maps", std::move(Maps)},
      {"files", std::move(Files)},
      {"lines", std::move(Lines)}};
}

static bool fromNumber(const llvm::json::Value &V, uint32_t &To,
                       llvm::json::Path Path) {
  std::optional<int64_t> Number = V.getAsInteger();
  if (!Number || *Number < 0 || *Number > 0xffffffffll) {
    Path.report("expected a 32-bit number");
    return false;
  }
  To = static_cast<uint32_t>(*Number);
  return true;
}

static bool fromHexBytes(const llvm::json::Value &V, std::vector<uint8_t> &To,
                         llvm::json::Path Path) {
  std::optional<llvm::StringRef> Text = V.getAsString();
  std::string Bytes;
  if (!Text || !llvm::tryGetFromHex(*Text, Bytes)) {
    Path.report("expected hex bytes");
    return false;
  }
  To.assign(Bytes.begin(), Bytes.end());
  return true;
}

/// A member by name that must be there.
static const llvm::json::Value *member(const llvm::json::Object &O,
                                       llvm::StringRef Name,
                                       llvm::json::Path Path) {
  const llvm::json::Value *V = O.get(Name);
  if (!V)
    Path.field(Name).report("missing");
  return V;
}

static bool readText(const llvm::json::Object &O, llvm::StringRef Name,
                     std::string &To, llvm::json::Path Path) {
  const llvm::json::Value *V = member(O, Name, Path);
  return V && llvm::json::fromJSON(*V, To, Path.field(Name));
}

static bool readNumber(const llvm::json::Object &O, llvm::StringRef Name,
                       uint32_t &To, llvm::json::Path Path) {
  const llvm::json::Value *V = member(O, Name, Path);
  return V && fromNumber(*V, To, Path.field(Name));
}

template <typename T, typename Reader>
static bool readList(const llvm::json::Object &O, llvm::StringRef Name,
                     std::vector<T> &To, llvm::json::Path Path, Reader Read) {
  const llvm::json::Value *V = member(O, Name, Path);
  if (!V)
    return false;
  const llvm::json::Array *List = V->getAsArray();
  if (!List) {
    Path.field(Name).report("expected an array");
    return false;
  }
  for (size_t I = 0; I < List->size(); ++I) {
    To.emplace_back();
    if (!Read((*List)[I], To.back(),
              Path.field(Name).index(static_cast<unsigned>(I))))
      return false;
  }
  return true;
}

static bool readMap(const llvm::json::Value &V, NFPMap &M,
                    llvm::json::Path Path) {
  const llvm::json::Object *O = V.getAsObject();
  if (!O) {
    Path.report("expected an object");
    return false;
  }
  if (const llvm::json::Value *ReadOnly = O->get("read_only"))
    M.ReadOnly = ReadOnly->getAsBoolean().value_or(false);
  if (const llvm::json::Value *Contents = O->get("contents"))
    if (!fromHexBytes(*Contents, M.Contents, Path.field("contents")))
      return false;
  return readText(*O, "name", M.Name, Path) &&
         readNumber(*O, "type", M.Type, Path) &&
         readNumber(*O, "key", M.KeySize, Path) &&
         readNumber(*O, "value", M.ValueSize, Path) &&
         readNumber(*O, "entries", M.MaxEntries, Path) &&
         readNumber(*O, "flags", M.Flags, Path) &&
         readNumber(*O, "id", M.Id, Path) &&
         readList(*O, "uses", M.Uses, Path,
                  [](const llvm::json::Value &Use, rt::WordUse &To,
                     llvm::json::Path UsePath) {
                    uint32_t Number = 0;
                    if (!fromNumber(Use, Number, UsePath))
                      return false;
                    if (Number > static_cast<uint32_t>(rt::WordUse::Atomic)) {
                      UsePath.report("unknown word use");
                      return false;
                    }
                    To = static_cast<rt::WordUse>(Number);
                    return true;
                  });
}

static bool readFunction(const llvm::json::Value &V, NFPFunction &F,
                         llvm::json::Path Path) {
  const llvm::json::Object *O = V.getAsObject();
  if (!O) {
    Path.report("expected an object");
    return false;
  }
  return readText(*O, "name", F.Name, Path) &&
         readNumber(*O, "first", F.First, Path) &&
         readNumber(*O, "count", F.Count, Path);
}

static bool readLine(const llvm::json::Value &V, NFPLine &L,
                     llvm::json::Path Path) {
  const llvm::json::Array *A = V.getAsArray();
  if (!A || A->size() != 5) {
    Path.report("expected five numbers");
    return false;
  }
  if ((*A)[1].getAsInteger() == int64_t(-1))
    L.Insn = NFPLine::NoInsn;
  else if (!fromNumber((*A)[1], L.Insn, Path.index(1)))
    return false;
  return fromNumber((*A)[0], L.Word, Path.index(0)) &&
         fromNumber((*A)[2], L.File, Path.index(2)) &&
         fromNumber((*A)[3], L.Line, Path.index(3)) &&
         fromNumber((*A)[4], L.Column, Path.index(4));
}

static bool readProgram(const llvm::json::Value &V, NFPProgram &P,
                        llvm::json::Path Path) {
  const llvm::json::Object *O = V.getAsObject();
  if (!O) {
    Path.report("expected an object");
    return false;
  }
  std::vector<uint32_t> Epilogue;
  if (!readList(*O, "epilogue", Epilogue, Path, fromNumber))
    return false;
  if (Epilogue.size() != 2) {
    Path.field("epilogue").report("expected two numbers");
    return false;
  }
  P.EpilogueBegin = Epilogue[0];
  P.EpilogueEnd = Epilogue[1];
  return readText(*O, "name", P.Name, Path) &&
         readText(*O, "section", P.Section, Path) &&
         readText(*O, "type", P.Type, Path) &&
         readText(*O, "profile", P.Profile, Path) &&
         readNumber(*O, "instructions", P.Instructions, Path) &&
         readNumber(*O, "stack", P.StackBytes, Path) &&
         readNumber(*O, "max_packet_offset", P.MaxPacketOffset, Path) &&
         readNumber(*O, "opt_level", P.OptLevel, Path) &&
         readList(*O, "functions", P.Functions, Path, readFunction) &&
         readList(*O, "maps", P.Maps, Path, readMap) &&
         readList(*O, "files", P.Files, Path,
                  [](const llvm::json::Value &File, std::string &To,
                     llvm::json::Path FilePath) {
                    return llvm::json::fromJSON(File, To, FilePath);
                  }) &&
         readList(*O, "lines", P.Lines, Path, readLine);
}

namespace {

//===----------------------------------------------------------------------===//
// Writer
//===----------------------------------------------------------------------===//

struct Symbol {
  std::string Name;
  uint8_t Info = 0;
  uint16_t Section = 0;
  uint64_t Value = 0, Size = 0;
};

struct Section {
  std::string Name;
  uint32_t Type = 0;
  uint64_t Flags = 0;
  uint32_t Link = 0, Info = 0;
  uint64_t Align = 1, EntrySize = 0;
  std::string Data;
};

class Writer {
public:
  explicit Writer(const NFPImage &Image) : Image(Image) {}

  llvm::Error write(llvm::raw_ostream &OS) {
    llvm::StringSet<> Names;
    for (const NFPProgram &P : Image.Programs) {
      if (llvm::Error Err = verify(P))
        return Err;
      if (!Names.insert(P.Name).second)
        return llvm::createStringError("two programs named '%s' in one image",
                                       P.Name.c_str());
    }
    Sections.emplace_back();
    makeSymbols();
    for (size_t I = 0; I < Image.Programs.size(); ++I)
      makeCode(Image.Programs[I]);
    makeFacts();
    makeRegisters();
    makeTables();
    emit(OS);
    return llvm::Error::success();
  }

private:
  size_t codeSection(size_t Program) const { return 1 + 2 * Program; }
  size_t symbolSection() const { return 3 + 2 * Image.Programs.size(); }

  static std::string externalName(const NFPWord &W) {
    if (W.Reloc == RelocKind::Helper)
      return ("bpf_helper_" + llvm::Twine(W.Id)).str();
    if (W.Reloc == RelocKind::Done)
      return "bpf_done";
    if (isArrayAddress(W.Reloc))
      return ("bpf_array_" + llvm::Twine(W.Id)).str();
    return "";
  }

  /// Local symbols (functions) first, then programs and what is undefined, as
  /// the format wants it.
  void makeSymbols() {
    using namespace llvm::ELF;
    Symbols.emplace_back();
    for (auto [Index, P] : llvm::enumerate(Image.Programs))
      for (size_t F = 1; F < P.Functions.size(); ++F)
        Symbols.push_back({P.Functions[F].Name, STB_LOCAL << 4 | STT_FUNC,
                           static_cast<uint16_t>(codeSection(Index)),
                           uint64_t(8) * P.Functions[F].First,
                           uint64_t(8) * P.Functions[F].Count});
    FirstGlobal = static_cast<uint32_t>(Symbols.size());
    for (auto [Index, P] : llvm::enumerate(Image.Programs)) {
      ProgramSymbols.push_back(static_cast<uint32_t>(Symbols.size()));
      const uint32_t Count = P.Functions.empty()
                                 ? static_cast<uint32_t>(P.Words.size())
                                 : P.Functions[0].Count;
      Symbols.push_back({P.Name, STB_GLOBAL << 4 | STT_FUNC,
                         static_cast<uint16_t>(codeSection(Index)), 0,
                         uint64_t(8) * Count});
    }
    for (const NFPProgram &P : Image.Programs)
      for (const NFPWord &W : P.Words)
        if (std::string Name = externalName(W); !Name.empty())
          if (Externals.try_emplace(Name, static_cast<uint32_t>(Symbols.size()))
                  .second)
            Symbols.push_back(
                {Name, STB_GLOBAL << 4 | STT_NOTYPE, SHN_UNDEF, 0, 0});
  }

  void makeCode(const NFPProgram &P) {
    using namespace llvm::ELF;
    Section Code;
    Code.Name = ".text." + P.Name;
    Code.Type = SHT_PROGBITS;
    Code.Flags = SHF_ALLOC | SHF_EXECINSTR;
    Code.Info = CodeSectionInfo;
    Code.Align = 8;
    std::string Relocs;
    llvm::raw_string_ostream CodeOS(Code.Data), RelocOS(Relocs);
    llvm::support::endian::Writer CodeW(CodeOS, llvm::endianness::little);
    llvm::support::endian::Writer RelocW(RelocOS, llvm::endianness::little);
    const uint32_t Self = ProgramSymbols[(Sections.size() - 1) / 2];
    for (auto [Index, W] : llvm::enumerate(P.Words)) {
      CodeW.write<uint64_t>(W.Insn);
      if (W.Reloc == RelocKind::None)
        continue;
      const std::string Name = externalName(W);
      const uint32_t Sym = Name.empty() ? Self : Externals.at(Name);
      RelocW.write<uint64_t>(8 * static_cast<uint64_t>(Index));
      RelocW.write<uint64_t>(static_cast<uint64_t>(Sym) << 32 | TypeNone);
      RelocW.write<int64_t>(static_cast<int64_t>(W.Reloc));
    }
    const auto CodeIndex = static_cast<uint32_t>(Sections.size());
    Sections.push_back(std::move(Code));
    Section Rela;
    Rela.Name = ".rela.text." + P.Name;
    Rela.Type = SHT_RELA;
    Rela.Flags = SHF_INFO_LINK;
    Rela.Link = static_cast<uint32_t>(symbolSection());
    Rela.Info = CodeIndex;
    Rela.Align = 8;
    Rela.EntrySize = 24;
    Rela.Data = std::move(Relocs);
    Sections.push_back(std::move(Rela));
  }

  /// The microengine runs four contexts: disassemblers show other register
  /// names for eight. One entry: type of value (a constant) in bits 27:25 and
  /// high address bits, low address bits, value, mask. The address is bit 16
  /// (registers, no transfer registers), the microengine's number + 4 in
  /// 13:10, the byte address of the register CTX_ENABLES.
  void makeRegisters() {
    constexpr uint32_t ConstantValue = 1u << 25;
    constexpr uint32_t FirstMicroengine = 4u << 10;
    constexpr uint32_t CtxEnables = 0x18;
    constexpr uint32_t FourContexts = 1u << 31;
    Section Registers;
    Registers.Name = RegistersSection;
    Registers.Type = TypeInitRegisters;
    Registers.Info = RegistersSectionInfo;
    Registers.Align = 4;
    Registers.EntrySize = 16;
    llvm::raw_string_ostream OS(Registers.Data);
    llvm::support::endian::Writer W(OS, llvm::endianness::little);
    W.write<uint32_t>(ConstantValue);
    W.write<uint32_t>(1u << 16 | FirstMicroengine | CtxEnables);
    W.write<uint32_t>(FourContexts);
    W.write<uint32_t>(FourContexts);
    Sections.push_back(std::move(Registers));
  }

  void makeFacts() {
    llvm::json::Array Programs;
    for (const NFPProgram &P : Image.Programs)
      Programs.push_back(toJSON(P));
    Section Facts;
    Facts.Name = FactsSection;
    Facts.Type = llvm::ELF::SHT_PROGBITS;
    llvm::raw_string_ostream OS(Facts.Data);
    OS << llvm::json::Value(llvm::json::Object{
        {"version", FactsVersion}, {"programs", std::move(Programs)}});
    Sections.push_back(std::move(Facts));
  }

  void makeTables() {
    using namespace llvm::ELF;
    llvm::StringTableBuilder Strings(llvm::StringTableBuilder::ELF);
    for (const Symbol &S : Symbols)
      if (!S.Name.empty())
        Strings.add(S.Name);
    Strings.finalizeInOrder();
    Section Table;
    Table.Name = ".symtab";
    Table.Type = SHT_SYMTAB;
    Table.Link = static_cast<uint32_t>(symbolSection() + 1);
    Table.Info = FirstGlobal;
    Table.Align = 8;
    Table.EntrySize = 24;
    {
      llvm::raw_string_ostream OS(Table.Data);
      llvm::support::endian::Writer W(OS, llvm::endianness::little);
      for (const Symbol &S : Symbols) {
        W.write<uint32_t>(
            S.Name.empty() ? 0
                           : static_cast<uint32_t>(Strings.getOffset(S.Name)));
        W.write<uint8_t>(S.Info);
        W.write<uint8_t>(0);
        W.write<uint16_t>(S.Section);
        W.write<uint64_t>(S.Value);
        W.write<uint64_t>(S.Size);
      }
    }
    Sections.push_back(std::move(Table));
    Section StrTab;
    StrTab.Name = ".strtab";
    StrTab.Type = SHT_STRTAB;
    {
      llvm::raw_string_ostream OS(StrTab.Data);
      Strings.write(OS);
    }
    Sections.push_back(std::move(StrTab));
    Section ShStrTab;
    ShStrTab.Name = ".shstrtab";
    ShStrTab.Type = SHT_STRTAB;
    Sections.push_back(std::move(ShStrTab));
  }

  void emit(llvm::raw_ostream &OS) {
    using namespace llvm::ELF;
    llvm::StringTableBuilder Names(llvm::StringTableBuilder::ELF);
    for (const Section &S : Sections)
      if (!S.Name.empty())
        Names.add(S.Name);
    Names.finalizeInOrder();
    {
      llvm::raw_string_ostream Data(Sections.back().Data);
      Names.write(Data);
    }
    constexpr uint64_t HeaderSize = 64;
    std::vector<uint64_t> Offsets;
    uint64_t Offset = HeaderSize;
    for (const Section &S : Sections) {
      Offset = llvm::alignTo(Offset, S.Align);
      Offsets.push_back(Offset);
      Offset += S.Data.size();
    }
    const uint64_t TableOffset = llvm::alignTo(Offset, 8);

    llvm::support::endian::Writer W(OS, llvm::endianness::little);
    OS << llvm::StringRef(ElfMagic, 4);
    W.write<uint8_t>(ELFCLASS64);
    W.write<uint8_t>(ELFDATA2LSB);
    W.write<uint8_t>(EV_CURRENT);
    OS.write_zeros(EI_NIDENT - 7);
    W.write<uint16_t>(ET_REL);
    W.write<uint16_t>(MachineNFP);
    W.write<uint32_t>(EV_CURRENT);
    W.write<uint64_t>(0); // entry
    W.write<uint64_t>(0); // program headers
    W.write<uint64_t>(TableOffset);
    W.write<uint32_t>(FlagsNFP6000);
    W.write<uint16_t>(HeaderSize);
    W.write<uint16_t>(0);
    W.write<uint16_t>(0);
    W.write<uint16_t>(64); // section header size
    W.write<uint16_t>(static_cast<uint16_t>(Sections.size()));
    W.write<uint16_t>(static_cast<uint16_t>(Sections.size() - 1));
    uint64_t Written = HeaderSize;
    for (size_t I = 0; I < Sections.size(); ++I) {
      OS.write_zeros(static_cast<unsigned>(Offsets[I] - Written));
      OS << Sections[I].Data;
      Written = Offsets[I] + Sections[I].Data.size();
    }
    OS.write_zeros(static_cast<unsigned>(TableOffset - Written));
    for (size_t I = 0; I < Sections.size(); ++I) {
      const Section &S = Sections[I];
      W.write<uint32_t>(
          S.Name.empty() ? 0 : static_cast<uint32_t>(Names.getOffset(S.Name)));
      W.write<uint32_t>(S.Type);
      W.write<uint64_t>(S.Flags);
      W.write<uint64_t>(0);
      W.write<uint64_t>(I ? Offsets[I] : 0);
      W.write<uint64_t>(S.Data.size());
      W.write<uint32_t>(S.Link);
      W.write<uint32_t>(S.Info);
      W.write<uint64_t>(S.Align);
      W.write<uint64_t>(S.EntrySize);
    }
  }

  const NFPImage &Image;
  std::vector<Section> Sections;
  std::vector<Symbol> Symbols;
  std::vector<uint32_t> ProgramSymbols;
  std::map<std::string, uint32_t> Externals;
  uint32_t FirstGlobal = 0;
};

//===----------------------------------------------------------------------===//
// Reader
//===----------------------------------------------------------------------===//

class Reader {
public:
  explicit Reader(llvm::MemoryBufferRef Buffer) : Buffer(Buffer) {}

  llvm::Expected<NFPImage> read() {
    if (!isNFPELF(Buffer))
      return fail("not an ELF file for the NFP-6000");
    llvm::Expected<llvm::object::ELFFile<ELF64LE>> File =
        llvm::object::ELFFile<ELF64LE>::create(Buffer.getBuffer());
    if (!File)
      return fail(llvm::toString(File.takeError()));
    Elf = &*File;
    llvm::Expected<ELF64LE::ShdrRange> Headers = Elf->sections();
    if (!Headers)
      return fail(llvm::toString(Headers.takeError()));
    for (const ELF64LE::Shdr &Header : *Headers) {
      llvm::Expected<llvm::StringRef> Name = Elf->getSectionName(Header);
      if (!Name)
        return fail(llvm::toString(Name.takeError()));
      ByName[*Name] = &Header;
    }
    NFPImage Image;
    if (llvm::Error Err = readFacts(Image))
      return std::move(Err);
    for (NFPProgram &P : Image.Programs) {
      if (llvm::Error Err = readCode(P))
        return std::move(Err);
      if (llvm::Error Err = readRelocations(P))
        return std::move(Err);
      if (llvm::Error Err = verify(P))
        return fail(llvm::toString(std::move(Err)));
    }
    return Image;
  }

private:
  llvm::Error fail(const llvm::Twine &What) const {
    return llvm::createStringError(Buffer.getBufferIdentifier() + ": " + What);
  }

  llvm::Expected<llvm::ArrayRef<uint8_t>> contents(llvm::StringRef Name) const {
    auto It = ByName.find(Name);
    if (It == ByName.end())
      return fail("no section '" + Name + "'");
    llvm::Expected<llvm::ArrayRef<uint8_t>> Data =
        Elf->getSectionContents(*It->second);
    if (!Data)
      return fail("section '" + Name +
                  "': " + llvm::toString(Data.takeError()));
    return *Data;
  }

  llvm::Error readFacts(NFPImage &Image) {
    llvm::Expected<llvm::ArrayRef<uint8_t>> Data = contents(FactsSection);
    if (!Data)
      return Data.takeError();
    llvm::Expected<llvm::json::Value> Facts =
        llvm::json::parse(llvm::toStringRef(*Data));
    if (!Facts)
      return fail("section '" + llvm::Twine(FactsSection) +
                  "': " + llvm::toString(Facts.takeError()));
    llvm::json::Path::Root Root(FactsSection);
    const llvm::json::Object *O = Facts->getAsObject();
    if (!O || O->getInteger("version") != FactsVersion)
      return fail("section '" + llvm::Twine(FactsSection) +
                  "' is of another version");
    if (!readList(*O, "programs", Image.Programs, Root, readProgram))
      return fail(llvm::toString(Root.getError()));
    return llvm::Error::success();
  }

  llvm::Error readCode(NFPProgram &P) {
    llvm::Expected<llvm::ArrayRef<uint8_t>> Data = contents(".text." + P.Name);
    if (!Data)
      return Data.takeError();
    llvm::Expected<std::vector<uint64_t>> Words = wordsFromBytes(*Data);
    if (!Words)
      return fail("section '.text." + P.Name +
                  "': " + llvm::toString(Words.takeError()));
    for (uint64_t Word : *Words)
      P.Words.push_back({Word, RelocKind::None, 0});
    return llvm::Error::success();
  }

  llvm::Error readRelocations(NFPProgram &P) {
    const std::string Name = ".rela.text." + P.Name;
    auto It = ByName.find(Name);
    if (It == ByName.end())
      return fail("no section '" + Name + "'");
    llvm::Expected<ELF64LE::RelaRange> Relocs = Elf->relas(*It->second);
    if (!Relocs)
      return fail("section '" + Name +
                  "': " + llvm::toString(Relocs.takeError()));
    auto Table = ByName.find(".symtab");
    if (Table == ByName.end())
      return fail("no symbol table");
    for (const ELF64LE::Rela &R : *Relocs) {
      const uint64_t Offset = R.r_offset;
      const int64_t Kind = R.r_addend;
      if (Offset % 8 || Offset / 8 >= P.Words.size())
        return fail("section '" + Name + "': offset " + llvm::Twine(Offset) +
                    " is no instruction");
      if (R.getType(/*isMips64EL=*/false) != TypeNone || Kind < 1 ||
          Kind > static_cast<int64_t>(RelocKind::ArrayHigh))
        return fail("section '" + Name + "': unknown relocation type");
      NFPWord &W = P.Words[Offset / 8];
      W.Reloc = static_cast<RelocKind>(Kind);
      llvm::StringRef Prefix;
      if (W.Reloc == RelocKind::Helper)
        Prefix = "bpf_helper_";
      else if (isArrayAddress(W.Reloc))
        Prefix = "bpf_array_";
      else
        continue;
      if (llvm::Error Err = readSymbol(*Table->second, R, Prefix, W, Name))
        return Err;
    }
    return llvm::Error::success();
  }

  /// The number behind the prefix of a relocation's symbol.
  llvm::Error readSymbol(const ELF64LE::Shdr &Table, const ELF64LE::Rela &R,
                         llvm::StringRef Prefix, NFPWord &W,
                         llvm::StringRef Name) {
    llvm::Expected<const ELF64LE::Sym *> Sym =
        Elf->getRelocationSymbol(R, &Table);
    if (!Sym)
      return fail("section '" + Name + "': " + llvm::toString(Sym.takeError()));
    llvm::Expected<llvm::StringRef> Strings =
        Elf->getStringTableForSymtab(Table);
    if (!Strings)
      return fail(llvm::toString(Strings.takeError()));
    if (!*Sym)
      return fail("section '" + Name + "': relocation without a symbol");
    llvm::Expected<llvm::StringRef> SymName = (*Sym)->getName(*Strings);
    if (!SymName)
      return fail(llvm::toString(SymName.takeError()));
    llvm::StringRef Id = *SymName;
    if (!Id.consume_front(Prefix) || Id.getAsInteger(10, W.Id))
      return fail("section '" + Name + "': '" + *SymName + "' is no symbol " +
                  Prefix + "ID");
    return llvm::Error::success();
  }

  llvm::MemoryBufferRef Buffer;
  const llvm::object::ELFFile<ELF64LE> *Elf = nullptr;
  llvm::StringMap<const ELF64LE::Shdr *> ByName;
};
} // namespace

llvm::Error object::writeELF(const NFPImage &Image, llvm::raw_ostream &OS) {
  return Writer(Image).write(OS);
}

llvm::Expected<NFPImage> object::readELF(llvm::MemoryBufferRef Buffer) {
  return Reader(Buffer).read();
}

bool object::isNFPELF(llvm::MemoryBufferRef Buffer) {
  const llvm::StringRef Data = Buffer.getBuffer();
  return Data.size() >= 64 && Data.starts_with(llvm::ELF::ElfMagic) &&
         Data[llvm::ELF::EI_CLASS] == llvm::ELF::ELFCLASS64 &&
         Data[llvm::ELF::EI_DATA] == llvm::ELF::ELFDATA2LSB &&
         static_cast<uint8_t>(Data[18]) == MachineNFP && Data[19] == 0;
}
