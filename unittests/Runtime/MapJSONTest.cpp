//===- MapJSONTest.cpp - Map contents as JSON ---------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Runtime/MapStore.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using namespace nfpbpf::rt;
using Bytes = std::vector<uint8_t>;

namespace {

MapStore store() {
  MapStore M;
  llvm::cantFail(M.addMap({"flows", Hash, 4, 2, 2, 0, false, {}}));
  llvm::cantFail(M.addMap({"count", Array, 4, 4, 4, 0, false, {}}));
  llvm::cantFail(M.addMap({"events", PerfEventArray, 4, 4, 0, 0, false, {}}));
  return M;
}

std::string text(const MapStore &M, bool All = false) {
  return llvm::formatv("{0}", M.toJSON(All)).str();
}

std::string loadError(llvm::StringRef Text) {
  MapStore M = store();
  return llvm::toString(M.loadJSONText(Text, "maps.json"));
}

TEST(MapJSON, Dump) {
  MapStore M = store();
  M.setWordUses(1, {WordUse::Atomic});
  M.update(0, {10, 0, 0, 2}, {0xab, 1}, Any);
  M.update(0, {10, 0, 0, 1}, {0xab, 0}, Any);
  M.update(1, {2, 0, 0, 0}, {0, 0, 1, 2}, Any); // big-endian 258
  EXPECT_EQ(text(M),
            R"({"count":[{"key":"02000000","value":"02010000"}],"events":[],)"
            R"("flows":[{"key":"0a000001","value":"ab00"},)"
            R"({"key":"0a000002","value":"ab01"}]})");
  EXPECT_EQ(text(store(), true),
            R"({"count":[{"key":"00000000","value":"00000000"},)"
            R"({"key":"01000000","value":"00000000"},)"
            R"({"key":"02000000","value":"00000000"},)"
            R"({"key":"03000000","value":"00000000"}],)"
            R"("events":[],"flows":[]})");
}

TEST(MapJSON, RoundTripAndForms) {
  MapStore M = store();
  llvm::Error E = M.loadJSONText(
      R"({"flows": [{"key": "0a 00 00 01", "value": "0xAB00"},
                    {"key": 2, "value": -2}],
          "count": [{"key": 3, "value": 258}]})",
      "maps.json");
  ASSERT_FALSE(bool(E)) << llvm::toString(std::move(E));
  EXPECT_EQ(M.hostLookup(0, {10, 0, 0, 1}), (Bytes{0xab, 0}));
  EXPECT_EQ(M.hostLookup(0, {2, 0, 0, 0}), (Bytes{0xfe, 0xff}));
  EXPECT_EQ(M.hostLookup(1, {3, 0, 0, 0}), (Bytes{2, 1, 0, 0}));
  MapStore Copy = store();
  ASSERT_FALSE(bool(Copy.loadJSON(M.toJSON())));
  EXPECT_EQ(MapStore::firstDifference(M, Copy), std::nullopt);
  EXPECT_EQ(text(Copy), text(M));
}

TEST(MapJSON, Ranges) {
  MapStore M = store();
  llvm::Error E = M.loadJSONText(
      R"({"count": [{"first": 1, "last": 2, "value": 7}]})", "maps.json");
  ASSERT_FALSE(bool(E)) << llvm::toString(std::move(E));
  EXPECT_EQ(M.hostLookup(1, {0, 0, 0, 0}), (Bytes{0, 0, 0, 0}));
  EXPECT_EQ(M.hostLookup(1, {1, 0, 0, 0}), (Bytes{7, 0, 0, 0}));
  EXPECT_EQ(M.hostLookup(1, {2, 0, 0, 0}), (Bytes{7, 0, 0, 0}));
  EXPECT_EQ(M.hostLookup(1, {3, 0, 0, 0}), (Bytes{0, 0, 0, 0}));
}

TEST(MapJSON, Errors) {
  EXPECT_EQ(loadError("{").rfind("maps.json: ", 0), 0u);
  EXPECT_EQ(loadError("[]"), "maps.json: map contents must be an object with a "
                             "list of entries for each map");
  EXPECT_EQ(loadError(R"({"x": []})"),
            "maps.json: map x: the program has no such map");
  EXPECT_EQ(loadError(R"({"flows": 1})"),
            "maps.json: map flows: not a list of entries");
  EXPECT_EQ(loadError(R"({"flows": [{"key": 1}]})"),
            "maps.json: map flows, entry 0: not an object with value and "
            "either key or first and last");
  EXPECT_EQ(loadError(R"({"count": [{"first": 1, "last": 4, "value": 1}]})"),
            "maps.json: map count, entry 0: index out of range: the map has 4 "
            "entries");
  EXPECT_EQ(loadError(R"({"count": [{"first": 2, "last": 1, "value": 1}]})"),
            "maps.json: map count, entry 0: first and last must be whole "
            "numbers in this order");
  EXPECT_EQ(
      loadError(R"({"flows": [{"key": "00", "value": 1}]})"),
      "maps.json: map flows, entry 0: key: '00' has 1 bytes instead of 4");
  EXPECT_EQ(loadError(R"({"flows": [{"key": "0", "value": 1}]})"),
            "maps.json: map flows, entry 0: key: '0' is no sequence of hex "
            "bytes");
  EXPECT_EQ(loadError(R"({"flows": [{"key": 1, "value": 65536}]})"),
            "maps.json: map flows, entry 0: value: number does not fit 2 "
            "bytes");
  EXPECT_EQ(loadError(R"({"flows": [{"key": 1, "value": 1.5}]})"),
            "maps.json: map flows, entry 0: value: neither hex text nor a "
            "whole number");
  EXPECT_EQ(loadError(R"({"flows": [{"key": 1, "value": 1},
                                    {"key": 2, "value": 1},
                                    {"key": 3, "value": 1}]})"),
            "maps.json: map flows, entry 2: map full: the map has 2 entries");
  EXPECT_EQ(loadError(R"({"count": [{"key": 4, "value": 1}]})"),
            "maps.json: map count, entry 0: index out of range: the map has 4 "
            "entries");
  EXPECT_EQ(loadError(R"({"events": [{"key": 0, "value": 1}]})"),
            "maps.json: map events, entry 0: a map of this type has no "
            "entries");
}

} // namespace
