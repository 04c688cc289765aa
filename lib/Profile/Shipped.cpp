//===- Shipped.cpp - Profiles compiled into the library -------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Profile/Profile.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace nfpbpf {

namespace {
struct ShippedProfile {
  const char *Name;
  const char *Text;
};
} // namespace

static const ShippedProfile Shipped[] = {
#include "ShippedProfiles.inc"
};

ArrayRef<StringRef> shippedProfiles() {
  static const std::vector<StringRef> Names = [] {
    std::vector<StringRef> R;
    for (const ShippedProfile &S : Shipped)
      R.push_back(S.Name);
    return R;
  }();
  return Names;
}

Expected<Profile> loadProfile(StringRef NameOrPath) {
  if (NameOrPath.empty())
    NameOrPath = Shipped[0].Name;
  bool IsFile = NameOrPath.contains('/') || NameOrPath.ends_with(".yaml") ||
                NameOrPath.ends_with(".yml");
  if (!IsFile) {
    for (const ShippedProfile &S : Shipped)
      if (NameOrPath == S.Name)
        return parseProfile(S.Text, NameOrPath);
    std::string Known;
    for (const ShippedProfile &S : Shipped)
      Known += std::string(Known.empty() ? "" : ", ") + S.Name;
    return createStringError("unknown firmware profile '" + Twine(NameOrPath) +
                             "': shipped are " + Known +
                             "; give a file as a path with '/' or the ending "
                             ".yaml");
  }
  ErrorOr<std::unique_ptr<MemoryBuffer>> Buffer =
      MemoryBuffer::getFile(NameOrPath, /*IsText=*/true);
  if (!Buffer)
    return createStringError(Buffer.getError(),
                             "cannot read firmware profile '" +
                                 Twine(NameOrPath) +
                                 "': " + Buffer.getError().message());
  return parseProfile((*Buffer)->getBuffer(), NameOrPath);
}

} // namespace nfpbpf
