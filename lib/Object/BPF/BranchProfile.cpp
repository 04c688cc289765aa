//===- BranchProfile.cpp - How often branches are taken -------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/BPF/BranchProfile.h"

#include "nfpbpf/ISA/BPF/Instruction.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace nfpbpf;
using namespace nfpbpf::object;
namespace json = llvm::json;

static constexpr int64_t FormatVersion = 1;

static uint64_t digestOf(const LinkedProgram &Program) {
  std::vector<uint8_t> Bytes;
  Bytes.reserve(8 * Program.Insns.size());
  for (uint64_t Insn : Program.Insns)
    for (unsigned N = 0; N < 8; ++N)
      Bytes.push_back(static_cast<uint8_t>(Insn >> (8 * N)));
  return llvm::xxh3_64bits(Bytes);
}

/// A jump with two ways on; may_goto is one.
static bool isConditional(const LinkedProgram &Program, uint32_t Insn) {
  llvm::Expected<ebpf::Instruction> I = ebpf::decode(Program.Insns, Insn);
  if (!I) {
    llvm::consumeError(I.takeError());
    return false;
  }
  return I->isCondJump() || I->op() == ebpf::Op::MayGoto;
}

BranchProfile BranchProfile::make(const LinkedProgram &Program,
                                  llvm::ArrayRef<uint64_t> Executed,
                                  llvm::ArrayRef<uint64_t> Jumped,
                                  uint64_t Packets) {
  BranchProfile P;
  P.Name = Program.Name;
  P.Instructions = Program.size();
  P.Digest = digestOf(Program);
  P.Packets = Packets;
  for (uint32_t I = 0; I < Program.size(); ++I) {
    if (isConditional(Program, I) && Executed[I])
      P.Branches[I] = {Jumped[I], Executed[I] - Jumped[I]};
    I += Program.isLdImm64(I);
  }
  return P;
}

llvm::Error BranchProfile::check(const LinkedProgram &Program) const {
  if (Instructions != Program.size())
    return llvm::createStringError(
        "the profile of '" + Name + "' was made of " +
        llvm::Twine(Instructions) + " instructions, and the program has " +
        llvm::Twine(Program.size()) + "; make it again with --profile-out");
  if (Digest != digestOf(Program))
    return llvm::createStringError(
        "the profile of '" + Name +
        "' was made of other instructions; make it again with --profile-out");
  return llvm::Error::success();
}

json::Value object::toJSON(llvm::ArrayRef<BranchProfile> Profiles) {
  json::Array Programs;
  for (const BranchProfile &P : Profiles) {
    json::Array Branches;
    for (const auto &[Insn, Counts] : P.Branches)
      Branches.push_back(json::Object{{"insn", Insn},
                                      {"taken", Counts.Taken},
                                      {"not_taken", Counts.NotTaken}});
    Programs.push_back(json::Object{
        {"name", P.Name},
        {"instructions", P.Instructions},
        {"digest", llvm::utohexstr(P.Digest, /*LowerCase=*/true, 16)},
        {"packets", P.Packets},
        {"branches", std::move(Branches)}});
  }
  return json::Object{{"version", FormatVersion},
                      {"programs", std::move(Programs)}};
}

namespace nfpbpf {
namespace object {
struct JSONBranch {
  uint32_t Insn = 0;
  BranchCounts Counts;
};
struct JSONFile {
  int64_t Version = 0;
  std::vector<BranchProfile> Programs;
};

static bool fromJSON(const json::Value &V, JSONBranch &B, json::Path P) {
  json::ObjectMapper Map(V, P);
  return Map && Map.map("insn", B.Insn) && Map.map("taken", B.Counts.Taken) &&
         Map.map("not_taken", B.Counts.NotTaken);
}

static bool fromJSON(const json::Value &V, BranchProfile &Profile,
                     json::Path P) {
  json::ObjectMapper Map(V, P);
  std::string Digest;
  std::vector<JSONBranch> Branches;
  if (!Map || !Map.map("name", Profile.Name) ||
      !Map.map("instructions", Profile.Instructions) ||
      !Map.map("digest", Digest) || !Map.map("packets", Profile.Packets) ||
      !Map.map("branches", Branches))
    return false;
  if (!llvm::to_integer(Digest, Profile.Digest, 16)) {
    P.field("digest").report("expected hexadecimal digits");
    return false;
  }
  for (const JSONBranch &B : Branches) {
    if (B.Insn >= Profile.Instructions) {
      P.field("branches").report("instruction outside of the program");
      return false;
    }
    Profile.Branches[B.Insn] = B.Counts;
  }
  return true;
}

static bool fromJSON(const json::Value &V, JSONFile &File, json::Path P) {
  json::ObjectMapper Map(V, P);
  return Map && Map.map("version", File.Version) &&
         Map.map("programs", File.Programs);
}
} // namespace object
} // namespace nfpbpf

llvm::Expected<std::vector<BranchProfile>>
object::parseBranchProfiles(llvm::StringRef Text, llvm::StringRef Name) {
  llvm::Expected<json::Value> Value = json::parse(Text);
  if (!Value)
    return llvm::createStringError(Name + ": " +
                                   llvm::toString(Value.takeError()));
  JSONFile File;
  json::Path::Root Root(Name);
  if (!fromJSON(*Value, File, Root))
    return Root.getError();
  if (File.Version != FormatVersion)
    return llvm::createStringError(
        Name + ": version " + llvm::Twine(File.Version) +
        " of the profile format; this program knows version " +
        llvm::Twine(FormatVersion));
  return std::move(File.Programs);
}
