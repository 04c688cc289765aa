//===- Vectors.cpp - Programs with known results --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Conformance/Vectors.h"

#include "nfpbpf/Conformance/Assembler.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <algorithm>

using namespace nfpbpf;
using namespace nfpbpf::conformance;
using llvm::StringRef;

llvm::Expected<std::vector<uint8_t>>
conformance::parseHexBytes(StringRef Text) {
  std::string Digits;
  for (char C : Text) {
    if (llvm::isSpace(C))
      continue;
    if (!llvm::isHexDigit(C))
      return llvm::createStringError("'%c' is no hexadecimal digit, in '%s'", C,
                                     Text.take_front(40).str().c_str());
    Digits.push_back(C);
  }
  if (Digits.size() % 2)
    return llvm::createStringError("half a byte at the end of '%s'",
                                   Text.take_front(40).str().c_str());
  const std::string Raw = llvm::fromHex(Digits);
  return std::vector<uint8_t>(Raw.begin(), Raw.end());
}

llvm::Expected<std::vector<uint64_t>>
conformance::slotsOf(const std::vector<uint8_t> &Bytes) {
  if (Bytes.size() % 8)
    return llvm::createStringError(
        "%zu bytes are no whole number of instructions of 8 bytes",
        Bytes.size());
  std::vector<uint64_t> Slots;
  for (size_t I = 0; I < Bytes.size(); I += 8)
    Slots.push_back(llvm::support::endian::read64le(Bytes.data() + I));
  return Slots;
}

/// A number in decimal or, with 0x, hexadecimal, signed or unsigned.
static bool parseResult(StringRef Text, uint64_t &Value) {
  const bool IsNegative = Text.consume_front("-");
  if (Text.getAsInteger(Text.starts_with_insensitive("0x") ? 0 : 10, Value))
    return false;
  if (IsNegative)
    Value = 0 - Value;
  return true;
}

namespace {
/// One section of a `.data` file without comments.
struct Section {
  std::string Text;
  unsigned FirstLine = 0; ///< 0: the file has no such section
};

struct Sections {
  Section Asm, Raw, Mem, Result, Error;
  std::string Unknown;
  unsigned UnknownLine = 0;

  /// The section of a name; null for those that say nothing to an engine.
  Section *find(StringRef Name) {
    if (Name == "asm")
      return &Asm;
    if (Name == "raw")
      return &Raw;
    if (Name == "mem")
      return &Mem;
    if (Name == "result")
      return &Result;
    if (Name == "error")
      return &Error;
    return nullptr;
  }
};
} // namespace

static Sections split(StringRef Text) {
  Sections Result;
  Section *Current = nullptr;
  unsigned Line = 0;
  while (!Text.empty()) {
    StringRef Whole;
    std::tie(Whole, Text) = Text.split('\n');
    ++Line;
    StringRef Plain = Whole.take_until([](char C) { return C == '#'; }).trim();
    if (Plain.consume_front("--")) {
      StringRef Name = Plain.trim();
      Current = Result.find(Name);
      if (Current && !Current->FirstLine)
        Current->FirstLine = Line + 1;
      else if (!Current && Name != "c" && Name != "no register offset" &&
               Result.Unknown.empty()) {
        Result.Unknown = Name.str();
        Result.UnknownLine = Line;
      }
      continue;
    }
    if (Current)
      Current->Text += (Plain + "\n").str();
  }
  return Result;
}

llvm::Expected<Vector> conformance::parseData(StringRef Text, StringRef File) {
  auto fail = [&](unsigned Line, const llvm::Twine &What) {
    return llvm::createStringError("'" + File + "', line " + llvm::Twine(Line) +
                                   ": " + What);
  };
  Sections S = split(Text);
  if (!S.Unknown.empty())
    return fail(S.UnknownLine, "no section is called '" + S.Unknown + "'");
  Vector V;
  V.File = File.str();
  V.Name = llvm::sys::path::stem(File).str();

  if (S.Asm.FirstLine) {
    auto Code = assemble(S.Asm.Text, S.Asm.FirstLine);
    if (!Code)
      return llvm::createStringError("'" + File + "', " +
                                     llvm::toString(Code.takeError()));
    V.Code = std::move(*Code);
  } else {
    unsigned Line = S.Raw.FirstLine;
    for (StringRef Entry : llvm::split(S.Raw.Text, '\n')) {
      uint64_t Word = 0;
      if (!Entry.empty()) {
        if (!parseResult(Entry, Word))
          return fail(Line, "'" + Entry + "' is no number");
        V.Code.push_back(Word);
      }
      ++Line;
    }
  }
  if (V.Code.empty())
    return fail(1, "no instructions");
  auto Memory = parseHexBytes(S.Mem.Text);
  if (!Memory)
    return fail(S.Mem.FirstLine, llvm::toString(Memory.takeError()));
  V.Memory = std::move(*Memory);
  if (S.Error.FirstLine)
    V.ExpectedError = StringRef(S.Error.Text).trim().str();
  StringRef Result = StringRef(S.Result.Text).trim();
  if (!Result.empty()) {
    if (!parseResult(Result, V.Result))
      return fail(S.Result.FirstLine, "'" + Result + "' is no number");
  } else if (!V.ExpectedError) {
    return fail(1, "neither a result nor an error is expected");
  }
  return V;
}

/// One line of either JSON form; the kernel's has "tests".
static llvm::Expected<Vector> parseEntry(const llvm::json::Object &Entry) {
  Vector V;
  std::optional<StringRef> Name = Entry.getString("name");
  const llvm::json::Array *Insns = Entry.getArray("insns");
  if (!Name || !Insns)
    return llvm::createStringError("no 'name' or no 'insns'");
  V.Name = Name->str();
  std::string Hex;
  for (const llvm::json::Value &Slot : *Insns)
    Hex += Slot.getAsString().value_or("").str();
  auto Bytes = parseHexBytes(Hex);
  if (!Bytes)
    return Bytes.takeError();
  auto Code = slotsOf(*Bytes);
  if (!Code)
    return Code.takeError();
  V.Code = std::move(*Code);
  if (V.Code.empty())
    return llvm::createStringError("no instructions");

  if (const llvm::json::Array *Tests = Entry.getArray("tests")) {
    const llvm::json::Object *Test =
        Tests->empty() ? nullptr : Tests->front().getAsObject();
    std::optional<int64_t> Result =
        Test ? Test->getInteger("result") : std::nullopt;
    if (!Result)
      return llvm::createStringError("no 'result' in 'tests'");
    V.Result = static_cast<uint64_t>(*Result);
    V.ResultMask = 0xffffffff;
    auto flag = [&](StringRef Key) {
      return Entry.getBoolean(Key).value_or(false);
    };
    if (flag("large_mem"))
      V.Memory.resize(
          static_cast<size_t>(Test->getInteger("data_size").value_or(0)));
    if (flag("expected_fail"))
      V.Unsupported = "the program must not load";
    else if (flag("ld_abs"))
      V.Unsupported = "legacy packet loads of a socket buffer";
    else if (flag("frag"))
      V.Unsupported = "a socket buffer in fragments";
    return V;
  }

  std::optional<StringRef> Result = Entry.getString("result");
  if (!Result || !parseResult(*Result, V.Result))
    return llvm::createStringError("'result' is no number");
  auto Memory = parseHexBytes(Entry.getString("mem").value_or(""));
  if (!Memory)
    return Memory.takeError();
  V.Memory = std::move(*Memory);
  return V;
}

llvm::Expected<std::vector<Vector>>
conformance::parseJSONLines(StringRef Text, StringRef File) {
  std::vector<Vector> Vectors;
  unsigned Number = 0;
  for (StringRef Line : llvm::split(Text, '\n')) {
    ++Number;
    if (Line.trim().empty())
      continue;
    auto fail = [&](llvm::Error Err) {
      return llvm::createStringError("'" + File + "', line " +
                                     llvm::Twine(Number) + ": " +
                                     llvm::toString(std::move(Err)));
    };
    llvm::Expected<llvm::json::Value> Value = llvm::json::parse(Line);
    if (!Value)
      return fail(Value.takeError());
    const llvm::json::Object *Entry = Value->getAsObject();
    if (!Entry)
      return fail(llvm::createStringError("no JSON object"));
    llvm::Expected<Vector> V = parseEntry(*Entry);
    if (!V)
      return fail(V.takeError());
    V->File = File.str();
    Vectors.push_back(std::move(*V));
  }
  return Vectors;
}

/// Reads one file into the list.
static llvm::Error readFile(StringRef Path, std::vector<Vector> &Vectors) {
  auto Buffer = llvm::MemoryBuffer::getFile(Path);
  if (std::error_code EC = Buffer.getError())
    return llvm::createStringError(EC, "cannot read '" + Path +
                                           "': " + EC.message());
  StringRef Text = (*Buffer)->getBuffer();
  if (Path.ends_with(".data")) {
    llvm::Expected<Vector> V = parseData(Text, Path);
    if (!V)
      return V.takeError();
    Vectors.push_back(std::move(*V));
    return llvm::Error::success();
  }
  if (!Path.ends_with(".jsonl"))
    return llvm::createStringError(
        "'" + Path + "': vectors are in files called *.data or *.jsonl");
  auto More = parseJSONLines(Text, Path);
  if (!More)
    return More.takeError();
  Vectors.insert(Vectors.end(), std::make_move_iterator(More->begin()),
                 std::make_move_iterator(More->end()));
  return llvm::Error::success();
}

llvm::Expected<std::vector<Vector>> conformance::readVectors(StringRef Path) {
  std::vector<Vector> Vectors;
  if (!llvm::sys::fs::is_directory(Path)) {
    if (llvm::Error Err = readFile(Path, Vectors))
      return std::move(Err);
    return Vectors;
  }
  std::vector<std::string> Files;
  std::error_code EC;
  for (llvm::sys::fs::recursive_directory_iterator It(Path, EC), End;
       It != End && !EC; It.increment(EC)) {
    StringRef File = It->path();
    if (File.ends_with(".data") || File.ends_with(".jsonl"))
      Files.push_back(File.str());
  }
  if (EC)
    return llvm::createStringError(EC, "cannot read directory '" + Path +
                                           "': " + EC.message());
  if (Files.empty())
    return llvm::createStringError("'" + Path +
                                   "' has no *.data and no *.jsonl file");
  std::sort(Files.begin(), Files.end());
  for (const std::string &File : Files)
    if (llvm::Error Err = readFile(File, Vectors))
      return std::move(Err);
  return Vectors;
}
