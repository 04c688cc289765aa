//===- nfp-bpf-conformance.cpp - Plugin of an eBPF conformance runner -----===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs one program on one memory area, as the bpf_conformance runner asks for
// it, and prints r0.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Conformance/Runner.h"
#include "nfpbpf/Conformance/Vectors.h"
#include "nfpbpf/Driver/Options.h"
#include "nfpbpf/Object/BPF/BPFObject.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace nfpbpf;
using namespace nfpbpf::conformance;

namespace {
llvm::cl::OptionCategory Category("nfp-bpf-conformance options");

llvm::cl::opt<std::string>
    Memory(llvm::cl::Positional,
           llvm::cl::desc("[memory, as hexadecimal bytes]"), llvm::cl::init(""),
           llvm::cl::cat(Category));
llvm::cl::opt<std::string>
    EngineName("engine", llvm::cl::init("sim"), llvm::cl::value_desc("name"),
               llvm::cl::desc("interp, host or sim (default sim)"),
               llvm::cl::cat(Category));
llvm::cl::opt<std::string> Level(
    "opt", llvm::cl::value_desc("level"),
    llvm::cl::desc("Optimisation level, as 1 or O1 (default: the highest)"),
    llvm::cl::cat(Category));
llvm::cl::opt<bool>
    XDPPrologue("xdp-prologue",
                llvm::cl::desc("The program takes a struct xdp_md; the memory "
                               "is its packet"),
                llvm::cl::cat(Category));
llvm::cl::alias XDPPrologueAlias("xdp_prologue",
                                 llvm::cl::desc("Same as --xdp-prologue"),
                                 llvm::cl::aliasopt(XDPPrologue),
                                 llvm::cl::cat(Category));
llvm::cl::opt<bool> IsELF("elf",
                          llvm::cl::desc("Standard input is an ELF object, not "
                                         "the program's instructions"),
                          llvm::cl::cat(Category));
driver::ProfileFlag FirmwareProfile(Category);

const char *const Overview =
    R"(nfp-bpf-conformance: plugin of the bpf_conformance test runner

  Reads a program as hexadecimal bytes from standard input, runs it with r1 = the
  address of the memory and r2 = its length, and prints r0 in hexadecimal. Errors
  go to standard output, with a non-zero exit code.
)";
const char *const Examples = R"(
EXAMPLES:
  echo 'b7 00 00 00 2a 00 00 00  95 00 00 00 00 00 00 00' | nfp-bpf-conformance
  bpf_conformance_runner --test_file_directory tests \
    --plugin_path nfp-bpf-conformance --plugin_options "--engine=sim --opt=O1"

EXIT CODES:
  0  the program ran to its end
  1  it was refused, or stopped by an error
  2  the command line or the input cannot be read
)";

} // namespace

/// Errors are part of the protocol: the runner compares standard output.
static int fail(const llvm::Twine &Message, int Code) {
  llvm::outs() << Message << '\n';
  return Code;
}

static int fail(llvm::Error Err, int Code) {
  return fail(llvm::toString(std::move(Err)), Code);
}

/// The program `main` of an ELF object, or the only one it has.
static llvm::Expected<std::vector<uint64_t>>
codeOfObject(const std::vector<uint8_t> &Bytes) {
  llvm::Expected<object::BPFObject> Object =
      object::BPFObject::parse(llvm::MemoryBufferRef(
          llvm::StringRef(reinterpret_cast<const char *>(Bytes.data()),
                          Bytes.size()),
          "<standard input>"));
  if (!Object)
    return Object.takeError();
  uint32_t Index = 0;
  if (Object->programs().size() != 1) {
    llvm::Expected<uint32_t> Main = Object->findProgram("main");
    if (!Main)
      return Main.takeError();
    Index = *Main;
  }
  llvm::Expected<object::LinkedProgram> Program =
      Object->link(Index, object::ProgramType::XDP);
  if (!Program)
    return Program.takeError();
  if (!Program->Maps.empty())
    return llvm::createStringError("the program uses map '" +
                                   Program->Maps.front().Name +
                                   "'; conformance tests have no maps");
  return std::move(Program->Insns);
}

static llvm::Expected<std::vector<uint64_t>> readProgram() {
  auto Input = llvm::MemoryBuffer::getSTDIN();
  if (std::error_code EC = Input.getError())
    return llvm::createStringError(EC, "cannot read standard input: " +
                                           EC.message());
  auto Bytes = parseHexBytes((*Input)->getBuffer());
  if (!Bytes)
    return llvm::createStringError("standard input: " +
                                   llvm::toString(Bytes.takeError()));
  return IsELF ? codeOfObject(*Bytes) : slotsOf(*Bytes);
}

int main(int argc, char **argv) {
  llvm::InitLLVM X(argc, argv);
  driver::parseCommandLine(argc, argv, Category, Overview, Examples);

  llvm::Expected<Configuration> Config = parseConfiguration(EngineName, Level);
  if (!Config)
    return fail(Config.takeError(), 2);
  llvm::Expected<Profile> P = FirmwareProfile.load();
  if (!P)
    return fail(P.takeError(), 2);
  auto Area = parseHexBytes(Memory);
  if (!Area)
    return fail("memory: " + llvm::toString(Area.takeError()), 2);
  auto Code = readProgram();
  if (!Code)
    return fail(Code.takeError(), 2);

  Runner R(std::move(*P));
  const RunResult Result = R.run(
      *Code, *Area, XDPPrologue ? Entry::Context : Entry::Memory, *Config);
  if (Result.Status != RunResult::Value)
    return fail(Result.Message, 1);
  llvm::outs() << llvm::format_hex_no_prefix(Result.R0, 1) << '\n';
  return 0;
}
