//===- Options.cpp - Command-line options of several tools ----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Driver/Options.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Regex.h"

using namespace nfpbpf;
using namespace nfpbpf::driver;
namespace cl = llvm::cl;

void driver::parseCommandLine(int argc, char **argv,
                              cl::OptionCategory &Category,
                              const char *Overview, const char *Examples) {
  llvm::setBugReportMsg("Please report this to the maintainers of nfp-bpf, "
                        "with the input files and the command line.\n");
  cl::HideUnrelatedOptions(Category);
  cl::extrahelp Help(Examples);
  cl::ParseCommandLineOptions(argc, argv, Overview);
}

InputFlags::InputFlags(cl::OptionCategory &Category)
    : Kind(
          "input", cl::desc("What the input is:"),
          cl::values(clEnumValN(InputKind::Auto, "auto",
                                "ELF object, or assembly if named *.s"),
                     clEnumValN(InputKind::Object, "object", "eBPF ELF object"),
                     clEnumValN(InputKind::Asm, "asm",
                                "assembly text in verifier syntax"),
                     clEnumValN(InputKind::Raw, "raw",
                                "bytes of instructions, 8 for each")),
          cl::init(InputKind::Auto), cl::cat(Category)),
      Type("type",
           cl::desc("Program type, whatever the section's name says "
                    "(raw bytes and text without sections: xdp)"),
           cl::values(clEnumValN(object::ProgramType::XDP, "xdp", "XDP"),
                      clEnumValN(object::ProgramType::TC, "tc",
                                 "TC classifier, direct action")),
           cl::cat(Category)),
      BTFFile("btf", cl::value_desc("file"),
              cl::desc("Types to resolve CO-RE relocations against: raw "
                       "BTF (/sys/kernel/btf/vmlinux), or ELF with .BTF"),
              cl::cat(Category)) {}

InputOptions InputFlags::options() const {
  InputOptions Options;
  Options.Kind = Kind;
  if (Type.getNumOccurrences())
    Options.Type = Type;
  Options.BTFFile = BTFFile;
  return Options;
}

ProfileFlag::ProfileFlag(cl::OptionCategory &Category)
    : Name("profile", cl::value_desc("name or file"),
           cl::desc("Firmware profile: agilio (default), corenic, "
                    "extended, or a YAML file"),
           cl::cat(Category)) {}

llvm::Expected<Profile> ProfileFlag::load() const { return loadProfile(Name); }

CompileFlags::CompileFlags(cl::OptionCategory &Category)
    : OptLevel("O", cl::Prefix, cl::init(DefaultOptLevel),
               cl::value_desc("0|1|2|3"),
               cl::desc("Optimisation level (default 2)"), cl::cat(Category)),
      DisabledPasses("disable-pass", cl::CommaSeparated,
                     cl::value_desc("passes"),
                     cl::desc("Optimisations to leave out, by the names that "
                              "docs/Passes.md describes"),
                     cl::cat(Category)),
      ShowPipeline("print-pipeline",
                   cl::desc("Print the passes with their options on standard "
                            "error, in the form that nfp-bpf-opt takes"),
                   cl::cat(Category)),
      Mtu("mtu", cl::init(DefaultMtu), cl::value_desc("bytes"),
          cl::desc("MTU of the port the program is for (default 1500). A "
                   "program that may access packet bytes which the card keeps "
                   "out of its reach is refused"),
          cl::cat(Category)),
      ProfileFile("profile-use", cl::value_desc("file"),
                  cl::desc("Branch counts of nfp-bpf-run --profile-out: code "
                           "is laid out for what they say is common"),
                  cl::cat(Category)),
      Remarks("remarks", cl::ValueOptional, cl::value_desc("regex"),
              cl::desc("Print what optimisations did and could not do, per "
                       "source line, on standard error (those whose names "
                       "match; without a value all)"),
              cl::callback([this](const std::string &Value) {
                if (Value.empty())
                  Remarks = ".*";
              }),
              cl::cat(Category)),
      RemarksFile("remarks-file", cl::value_desc("file"),
                  cl::desc("Write the remarks to a file instead, as YAML that "
                           "LLVM's tools read"),
                  cl::cat(Category)) {}

llvm::Expected<CompileOptions> CompileFlags::options() const {
  if (OptLevel > MaxOptLevel)
    return llvm::createStringError("no optimisation level -O%u; the highest "
                                   "is -O%u",
                                   OptLevel.getValue(), MaxOptLevel);
  CompileOptions Options;
  Options.Pipeline.OptLevel = OptLevel;
  Options.Pipeline.Mtu = Mtu;
  Options.Pipeline.DisabledPasses.assign(DisabledPasses.begin(),
                                         DisabledPasses.end());
  if (llvm::Error Err = checkDisabledPasses(Options.Pipeline.DisabledPasses))
    return std::move(Err);
  Options.ShowPipeline = ShowPipeline;
  Options.Remarks = Remarks;
  if (Options.Remarks.empty() && !RemarksFile.empty())
    Options.Remarks = ".*";
  if (std::string Why;
      !Options.Remarks.empty() && !llvm::Regex(Options.Remarks).isValid(Why))
    return llvm::createStringError("--remarks=" + Options.Remarks +
                                   " is no regular expression: " + Why);
  if (!ProfileFile.empty()) {
    auto File = llvm::MemoryBuffer::getFile(ProfileFile);
    if (std::error_code EC = File.getError())
      return llvm::createStringError(EC, "cannot read '" + ProfileFile +
                                             "': " + EC.message());
    llvm::Expected<std::vector<object::BranchProfile>> Profiles =
        object::parseBranchProfiles((*File)->getBuffer(), ProfileFile);
    if (!Profiles)
      return Profiles.takeError();
    Options.Profiles = std::move(*Profiles);
  }
  return Options;
}

llvm::Error
CompileFlags::showRemarks(llvm::ArrayRef<OptimizationRemark> List) const {
  if (RemarksFile.empty()) {
    for (const OptimizationRemark &R : List)
      llvm::errs() << R.str() << '\n';
    return llvm::Error::success();
  }
  std::error_code EC;
  llvm::raw_fd_ostream OS(RemarksFile, EC, llvm::sys::fs::OF_Text);
  if (EC)
    return llvm::createStringError(EC, "cannot write '" + RemarksFile +
                                           "': " + EC.message());
  return writeRemarksYAML(OS, List);
}
