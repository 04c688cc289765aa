//===- nfp-bpf-link.cpp - Several eBPF objects into one -------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Static linking as `bpftool gen object` does it, with the same library:
// libbpf's linker. libbpf trusts its input, so that every object is read by the
// project's own bounded reader first, and the result after.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/BPF/BPFObject.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>

using namespace nfpbpf;
using namespace nfpbpf::object;

namespace {

enum ExitCode { Linked = 0, BadUse = 1, NotLinked = 2 };

llvm::cl::OptionCategory Category("nfp-bpf-link options");
llvm::cl::list<std::string> InputFiles(llvm::cl::Positional,
                                       llvm::cl::desc("OBJECT..."),
                                       llvm::cl::OneOrMore,
                                       llvm::cl::cat(Category));
llvm::cl::opt<std::string> OutputFile("o", llvm::cl::value_desc("file"),
                                      llvm::cl::desc("The object to write"),
                                      llvm::cl::Required,
                                      llvm::cl::cat(Category));

const char *const Overview =
    R"(nfp-bpf-link: links eBPF objects into one

  Functions, maps and global data that one object declares extern are taken from
  the object that defines them; weak definitions give way to strong ones. The
  result is an object again, as `bpftool gen object` makes it.
)";
const char *const Examples = R"(
EXAMPLES:
  nfp-bpf-link main.o lib.o -o prog.o
  nfp-bpf-translate prog.o

EXIT CODES:
  0  linked
  1  wrong usage, a file that cannot be read or written
  2  the objects do not fit together
)";

} // namespace

/// What libbpf had to say, a line for each message.
static std::string &messages() {
  static std::string Text;
  return Text;
}

/// Keeps warnings; the rest is chatter.
__attribute__((format(printf, 2, 0))) static int
keepMessage(enum libbpf_print_level Level, const char *Format, va_list Args) {
  if (Level != LIBBPF_WARN)
    return 0;
  char Line[1024];
  const int Length = std::vsnprintf(Line, sizeof(Line), Format, Args);
  messages() += Line;
  return Length;
}

static int fail(ExitCode Code, const llvm::Twine &Text) {
  llvm::WithColor::error(llvm::errs(), "nfp-bpf-link") << Text << '\n';
  return Code;
}

static llvm::Error linkerError(const llvm::Twine &What) {
  std::string Why = llvm::StringRef(messages()).rtrim().str();
  return llvm::createStringError(What +
                                 (Why.empty() ? llvm::Twine() : ": " + Why));
}

/// Links the files into a new one.
static llvm::Error runLinker(const std::string &Output) {
  bpf_linker *Linker = bpf_linker__new(Output.c_str(), nullptr);
  if (!Linker)
    return linkerError("cannot start linking");
  llvm::Error Result = llvm::Error::success();
  for (const std::string &File : InputFiles)
    if (bpf_linker__add_file(Linker, File.c_str(), nullptr)) {
      Result = linkerError("'" + File + "' cannot be linked");
      break;
    }
  if (!Result && bpf_linker__finalize(Linker))
    Result = linkerError("the objects cannot be linked");
  bpf_linker__free(Linker);
  return Result;
}

/// Reads an object completely: every table, every function.
static llvm::Error checkObject(llvm::StringRef Path) {
  llvm::Expected<BPFObject> Object = BPFObject::load(Path);
  if (!Object)
    return Object.takeError();
  for (uint32_t I = 0; I < Object->programs().size(); ++I)
    if (llvm::Expected<LinkedProgram> Program = Object->link(I); !Program)
      return Program.takeError();
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM X(argc, argv);
  llvm::setBugReportMsg("Please report this to the maintainers of nfp-bpf, "
                        "with the objects and the command line.\n");
  llvm::cl::HideUnrelatedOptions(Category);
  llvm::cl::extrahelp Help(Examples);
  llvm::cl::ParseCommandLineOptions(argc, argv, Overview);

  for (const std::string &File : InputFiles)
    if (llvm::Error Err = checkObject(File))
      return fail(BadUse, llvm::toString(std::move(Err)));

  llvm::SmallString<128> Temporary;
  if (std::error_code EC =
          llvm::sys::fs::createUniqueFile(OutputFile + ".%%%%%%", Temporary))
    return fail(BadUse, "cannot write '" + OutputFile + "': " + EC.message());
  llvm::FileRemover Remover(Temporary);

  libbpf_set_print(keepMessage);
  llvm::CrashRecoveryContext::Enable();
  llvm::CrashRecoveryContext Recovery;
  std::string Why;
  if (!Recovery.RunSafely([&] {
        if (llvm::Error Err = runLinker(Temporary.str().str()))
          Why = llvm::toString(std::move(Err));
      }))
    return fail(NotLinked, "libbpf's linker crashed on these objects");
  if (!Why.empty())
    return fail(NotLinked, Why);
  if (llvm::Error Err = checkObject(Temporary))
    return fail(NotLinked, "libbpf's linker wrote a damaged object: " +
                               llvm::toString(std::move(Err)));
  if (std::error_code EC =
          llvm::sys::fs::rename(Temporary, llvm::Twine(OutputFile)))
    return fail(BadUse, "cannot write '" + OutputFile + "': " + EC.message());
  Remover.releaseFile();
  return Linked;
}
