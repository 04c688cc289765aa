//===- ProfileTest.cpp - Firmware profiles --------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Profile/Profile.h"

#include "llvm/Support/raw_ostream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace nfpbpf;
using testing::HasSubstr;

namespace {

Profile load(llvm::StringRef Name) {
  llvm::Expected<Profile> P = loadProfile(Name);
  if (!P) {
    ADD_FAILURE() << llvm::toString(P.takeError());
    return {};
  }
  return *P;
}

std::string yaml(const Profile &P) {
  std::string S;
  llvm::raw_string_ostream OS(S);
  P.writeYAML(OS);
  return S;
}

std::string parseError(llvm::StringRef Text) {
  llvm::Expected<Profile> P = parseProfile(Text, "test.yaml");
  return P ? "" : llvm::toString(P.takeError());
}

TEST(Profile, DefaultIsAgilio) {
  Profile P = load("");
  EXPECT_EQ(P.Name, "agilio");
  EXPECT_EQ(P.AbiVersion, 3u);
  EXPECT_EQ(P.Start, 3072u);
  EXPECT_EQ(P.Done, 1u);
  EXPECT_EQ(P.MaxLength, 5120u);
  EXPECT_EQ(P.StackBytes, 512u);
  // 30 * 64 - 32, the limit the driver computes.
  EXPECT_EQ(P.inlinePacketBytes(), 1888u);
  for (uint32_t Id : {1u, 2u, 3u, 25u, 7u, 44u, 65u})
    EXPECT_TRUE(P.allowsHelper(Id)) << Id;
  EXPECT_FALSE(P.allowsHelper(51)); // redirect_map
  ASSERT_TRUE(P.AdjustHead);
  EXPECT_EQ(P.AdjustHead->OffMin, 44u);
  EXPECT_EQ(P.AdjustHead->OffMax, 248u);
  ASSERT_TRUE(P.Maps);
  EXPECT_TRUE(P.Maps->allowsType(1));
  EXPECT_TRUE(P.Maps->allowsType(2));
  EXPECT_FALSE(P.Maps->allowsType(9));
  EXPECT_EQ(P.firmwareCycles(), 224);
}

TEST(Profile, PublishedCapabilities) {
  // The published firmware's limits, section by section.
  Profile P = load("corenic");
  EXPECT_EQ(P.AbiVersion, 2u);
  EXPECT_EQ(P.MaxLength, 2560u);
  EXPECT_TRUE(P.hasHelper(HelperMapLookup));
  EXPECT_FALSE(P.hasHelper(HelperMapUpdate));
  ASSERT_TRUE(P.Maps);
  EXPECT_EQ(P.Maps->Types, 6u);
  EXPECT_EQ(P.Maps->MaxElems, 2048000u);
  EXPECT_EQ(P.Maps->MaxElemSize, 64u);
  EXPECT_EQ(P.firmwareCycles(), 411);
}

TEST(Profile, YamlRoundTrip) {
  for (llvm::StringRef Name : shippedProfiles()) {
    Profile P = load(Name);
    std::string Text = yaml(P);
    llvm::Expected<Profile> Q = parseProfile(Text, "copy");
    ASSERT_TRUE(bool(Q)) << llvm::toString(Q.takeError());
    EXPECT_EQ(yaml(*Q), Text);
    EXPECT_EQ(Q->Timing.EngineReadCycles, 4.0525);
    EXPECT_EQ(Q->Maps->Types, P.Maps->Types);
    EXPECT_TRUE(Q->Maps->CompleteArrays);
    EXPECT_EQ(Q->Maps->ArrayAddresses, Name == "extended");
    EXPECT_EQ(Q->Helpers.size(), P.Helpers.size());
  }
}

TEST(Profile, CapabilitiesOfPublishedFirmware) {
  // RANDOM, QUEUE_SELECT, ADJUST_TAIL, ADJUST_HEAD, MAPS, FUNC: the order and
  // contents of the published firmware.
  Profile P = load("corenic");
  std::vector<uint8_t> Bytes;
  P.writeCapabilities(Bytes);
  std::vector<uint32_t> Words;
  for (size_t I = 0; I + 4 <= Bytes.size(); I += 4)
    Words.push_back(Bytes[I] | Bytes[I + 1] << 8 | Bytes[I + 2] << 16 |
                    static_cast<uint32_t>(Bytes[I + 3]) << 24);
  std::vector<uint32_t> Expected = {4,   0,   5,       0,  6,
                                    0,   2,   20,      1,  44,
                                    248, 84,  112,     3,  24,
                                    6,   128, 2048000, 56, 56,
                                    64,  1,   8,       1,  *P.helperAddress(1)};
  EXPECT_EQ(Words, Expected);
}

TEST(Profile, CapabilitiesRoundTrip) {
  Profile P = load("agilio");
  std::vector<uint8_t> Bytes;
  P.writeCapabilities(Bytes);
  Profile Q = load("corenic");
  ASSERT_FALSE(bool(Q.readCapabilities(Bytes)));
  EXPECT_EQ(Q.AbiVersion, 3u);
  EXPECT_EQ(Q.Helpers.size(), 4u);
  EXPECT_EQ(Q.helperAddress(25), P.helperAddress(25));
  EXPECT_TRUE(Q.MultiEntryMessages);
  std::vector<uint8_t> Again;
  Q.writeCapabilities(Again);
  EXPECT_EQ(Again, Bytes);
}

std::vector<uint8_t> words(std::initializer_list<uint32_t> L) {
  std::vector<uint8_t> R;
  for (uint32_t W : L)
    for (unsigned I = 0; I < 4; ++I)
      R.push_back(static_cast<uint8_t>(W >> (8 * I)));
  return R;
}

TEST(Profile, CapabilityErrors) {
  Profile P = load("agilio");
  auto read = [&](std::vector<uint8_t> Area) {
    return llvm::toString(P.readCapabilities(Area));
  };
  EXPECT_THAT(read(words({1, 4, 1})), HasSubstr("truncated function"));
  EXPECT_THAT(read(words({2, 20, 1, 90, 40, 1, 1})),
              HasSubstr("minimum 90 above maximum 40"));
  EXPECT_THAT(read(words({7, 4, 9})), HasSubstr("unsupported ABI version 9"));
  EXPECT_THAT(read(words({4, 0, 5})), HasSubstr("parsed 8 of 12"));
  EXPECT_THAT(read(words({3, 400, 1})), HasSubstr("past the end"));
  // An error leaves the profile as it was.
  EXPECT_EQ(P.Helpers.size(), 4u);
  std::vector<std::string> Warnings;
  ASSERT_FALSE(
      bool(P.readCapabilities(words({2, 20, 1, 44, 300, 1, 1}), &Warnings)));
  EXPECT_FALSE(P.AdjustHead);
  ASSERT_EQ(Warnings.size(), 1u);
  EXPECT_THAT(Warnings[0], HasSubstr("44..300"));
}

TEST(Profile, Errors) {
  llvm::Expected<Profile> P = loadProfile("nope");
  ASSERT_FALSE(bool(P));
  EXPECT_THAT(llvm::toString(P.takeError()),
              HasSubstr("shipped are agilio, corenic, extended"));
  P = loadProfile("/does/not/exist.yaml");
  ASSERT_FALSE(bool(P));
  EXPECT_THAT(llvm::toString(P.takeError()), HasSubstr("exist.yaml"));

  EXPECT_THAT(parseError("name: x\n"), HasSubstr("test.yaml"));
  Profile Good = load("agilio");
  Profile Bad = Good;
  Bad.Start = 16000;
  EXPECT_THAT(parseError(yaml(Bad)), HasSubstr("code.start"));
  Bad = Good;
  Bad.Helpers[0].Address = 4000;
  EXPECT_THAT(parseError(yaml(Bad)), HasSubstr("helper 1"));
  Bad = Good;
  Bad.Timing.Firmware = "none";
  EXPECT_THAT(parseError(yaml(Bad)), HasSubstr("timing.firmware"));
  Bad = Good;
  Bad.StackBytes = 1024;
  EXPECT_THAT(parseError(yaml(Bad)), HasSubstr("stack_bytes"));
  std::string Text = yaml(Good);
  Text.replace(Text.find("clock_hz:"), 9, "clock_xx:");
  EXPECT_THAT(parseError(Text), HasSubstr("clock_"));
}

TEST(Profile, FindsProfileThatWouldDo) {
  ProfileNeeds Needs;
  Needs.Helpers = {HelperMapUpdate};
  EXPECT_EQ(findProfileFor(Needs, "corenic"), "agilio");
  Needs.Words = 6000;
  EXPECT_EQ(findProfileFor(Needs, "agilio"), "extended");
  Needs.MapTypes = {13};
  EXPECT_EQ(findProfileFor(Needs, "agilio"), "");
}

} // namespace
