//===- nfp-bpf-mc.cpp - NFP assembler and disassembler --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Line by line: assembly text to words, or with --disassemble words in
// hexadecimal to text. Empty lines and lines that start with ';' or '#' are
// skipped. Exit status 1 if any line had an error; the others are still done.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Instruction.h"
#include "nfpbpf/ISA/NFP/Text.h"
#include "nfpbpf/ISA/NFP/Word.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace nfpbpf;

static cl::OptionCategory Category("nfp-bpf-mc options");
static cl::opt<std::string> InputFile(cl::Positional, cl::desc("<input>"),
                                      cl::init("-"), cl::cat(Category));
static cl::opt<std::string> OutputFile("o", cl::desc("Output file"),
                                       cl::value_desc("file"), cl::init("-"),
                                       cl::cat(Category));
static cl::opt<bool> Disassemble("disassemble",
                                 cl::desc("Words in hexadecimal to text"),
                                 cl::cat(Category));
static cl::opt<bool> ECC("ecc", cl::desc("Put check bits into words"),
                         cl::cat(Category));
static cl::opt<bool> CheckECC("check-ecc",
                              cl::desc("Refuse words with wrong check bits"),
                              cl::cat(Category));

static const char *const Overview =
    R"(nfp-bpf-mc: NFP assembler and disassembler

  Line by line: assembly text to instruction words, or words to text. Lines that
  start with ';' or '#' are skipped.
)";
static const char *const Examples = R"(
EXAMPLES:
  echo 'immed[gprA_0, 0x1234]' | nfp-bpf-mc
  echo 000000f0012cd000 | nfp-bpf-mc --disassemble

EXIT CODES:
  0  every line was translated
  1  a line had an error (the others are still done), wrong usage, or a file
     that cannot be read or written
)";

static Error disassembleLine(StringRef Line, raw_ostream &OS) {
  uint64_t Word;
  StringRef Digits = Line;
  Digits.consume_front("0x");
  if (Digits.getAsInteger(16, Word))
    return createStringError("expected a word in hexadecimal, found '" + Line +
                             "'");
  if (CheckECC && !isa::checkECC(Word))
    return createStringError("wrong check bits in '" + Line + "'");
  OS << isa::toString(isa::decode(Word)) << '\n';
  return Error::success();
}

static Error assembleLine(StringRef Line, raw_ostream &OS) {
  Expected<isa::Instruction> I = isa::parse(Line);
  if (!I)
    return I.takeError();
  Expected<uint64_t> Word = isa::encode(*I);
  if (!Word)
    return Word.takeError();
  OS << format_hex_no_prefix(ECC ? isa::addECC(*Word) : *Word, 16) << '\n';
  return Error::success();
}

int main(int argc, char **argv) {
  InitLLVM Init(argc, argv);
  cl::HideUnrelatedOptions(Category);
  cl::extrahelp Help(Examples);
  cl::ParseCommandLineOptions(argc, argv, Overview);

  ErrorOr<std::unique_ptr<MemoryBuffer>> Input =
      MemoryBuffer::getFileOrSTDIN(InputFile, /*IsText=*/true);
  if (!Input) {
    WithColor::error(errs(), argv[0])
        << InputFile << ": " << Input.getError().message() << '\n';
    return 1;
  }
  std::error_code EC;
  ToolOutputFile Output(OutputFile, EC, sys::fs::OF_Text);
  if (EC) {
    WithColor::error(errs(), argv[0])
        << OutputFile << ": " << EC.message() << '\n';
    return 1;
  }

  bool Failed = false;
  for (line_iterator L(**Input); !L.is_at_end(); ++L) {
    StringRef Line = L->trim();
    if (Line.empty() || Line.starts_with(";") || Line.starts_with("#"))
      continue;
    Error E = Disassemble ? disassembleLine(Line, Output.os())
                          : assembleLine(Line, Output.os());
    if (E) {
      Failed = true;
      WithColor::error(errs()) << InputFile << ':' << L.line_number() << ": "
                               << toString(std::move(E)) << '\n';
    }
  }
  Output.keep();
  return Failed ? 1 : 0;
}
