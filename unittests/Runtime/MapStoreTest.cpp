//===- MapStoreTest.cpp - Maps ------------------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Runtime/MapStore.h"
#include "gtest/gtest.h"

using namespace nfpbpf::rt;
using Bytes = std::vector<uint8_t>;

namespace {

MapSpec spec(const char *Name, uint32_t Type, uint32_t Key, uint32_t Value,
             uint32_t Entries) {
  MapSpec S;
  S.Name = Name;
  S.Type = Type;
  S.KeySize = Key;
  S.ValueSize = Value;
  S.MaxEntries = Entries;
  return S;
}

uint32_t add(MapStore &M, MapSpec S) { return llvm::cantFail(M.addMap(S)); }

std::string addError(MapSpec S) {
  MapStore M;
  auto Index = M.addMap(std::move(S));
  return Index ? "" : llvm::toString(Index.takeError());
}

TEST(MapStore, HashErrorCodes) {
  MapStore M;
  uint32_t Map = add(M, spec("h", Hash, 3, 5, 2));
  Bytes K1 = {1, 0, 0}, K2 = {2, 0, 0}, K3 = {3, 0, 0}, V = {1, 2, 3, 4, 5};
  EXPECT_EQ(M.update(Map, K1, V, Exist), -2);
  EXPECT_EQ(M.update(Map, K1, V, Any), 0);
  EXPECT_EQ(M.update(Map, K1, V, NoExist), -17);
  EXPECT_EQ(M.update(Map, K1, V, Exist), 0);
  EXPECT_EQ(M.update(Map, K2, V, NoExist), 0);
  EXPECT_EQ(M.update(Map, K3, V, Any), -7);
  EXPECT_EQ(M.update(Map, K1, V, 3), -22);
  EXPECT_EQ(M.update(Map + 1, K1, V, Any), -22);
  EXPECT_EQ(M.remove(Map, K3), -2);
  EXPECT_EQ(M.remove(Map + 1, K3), -22);
  EXPECT_EQ(M.lookup(Map, K3), 0u);
  EXPECT_EQ(M.lookup(Map + 1, K1), 0u);
  EXPECT_EQ(M.remove(Map, K1), 0);
  EXPECT_EQ(M.entries(Map), 1u);
  EXPECT_EQ(M.update(Map, K3, V, Any), 0);
}

TEST(MapStore, ArrayErrorCodes) {
  MapStore M;
  uint32_t Map = add(M, spec("a", Array, 4, 8, 4));
  Bytes V(8, 7);
  EXPECT_EQ(M.update(Map, {3, 0, 0, 0}, V, Any), 0);
  EXPECT_EQ(M.update(Map, {3, 0, 0, 0}, V, NoExist), -17);
  EXPECT_EQ(M.update(Map, {3, 0, 0, 0}, V, Exist), 0);
  EXPECT_EQ(M.update(Map, {4, 0, 0, 0}, V, Any), -7);
  EXPECT_EQ(M.remove(Map, {3, 0, 0, 0}), -22);
  EXPECT_EQ(M.lookup(Map, {4, 0, 0, 0}), 0u);
  EXPECT_EQ(M.entries(Map), 4u);
  EXPECT_EQ(M.hostLookup(Map, {0, 0, 0, 0}), Bytes(8, 0));
  uint32_t Perf = add(M, spec("p", PerfEventArray, 4, 4, 0));
  EXPECT_EQ(M.update(Perf, {0, 0, 0, 0}, {0, 0, 0, 0}, Any), -22);
  EXPECT_EQ(M.lookup(Perf, {0, 0, 0, 0}), 0u);
}

TEST(MapStore, OtherTypesHoldNothing) {
  MapStore M;
  uint32_t Trie = add(M, spec("lpm", 11, 8, 4, 100));
  uint32_t Hashed = add(M, spec("h", Hash, 4, 4, 1));
  Bytes Key(8, 1), Value(4, 2);
  EXPECT_EQ(M.update(Trie, Key, Value, Any), -22);
  EXPECT_EQ(M.lookup(Trie, Key), 0u);
  EXPECT_EQ(M.remove(Trie, Key), -22);
  EXPECT_TRUE(M.hostEntries(Trie).empty());
  EXPECT_EQ(M.hostUpdate(Trie, Key, Value), -22);
  // Others have their places as if it were not there.
  EXPECT_EQ(M.update(Hashed, {1, 2, 3, 4}, Value, Any), 0);
  EXPECT_NE(M.lookup(Hashed, {1, 2, 3, 4}), 0u);
  EXPECT_FALSE(isMapTypeKnown(11));
}

TEST(MapStore, AddressesAreStableAndReused) {
  MapStore M;
  add(M, spec("other", Array, 4, 4, 1));
  uint32_t Map = add(M, spec("h", Hash, 4, 12, 3));
  Bytes K1 = {1, 0, 0, 0}, K2 = {2, 0, 0, 0}, K3 = {3, 0, 0, 0};
  for (const Bytes &K : {K1, K2})
    EXPECT_EQ(M.update(Map, K, Bytes(12, K[0]), Any), 0);
  uint64_t A1 = M.lookup(Map, K1), A2 = M.lookup(Map, K2);
  EXPECT_EQ(A1, 0x2100000008u); // second map, behind the 8 bytes of the key
  EXPECT_EQ(A2, A1 + 24);
  ASSERT_TRUE(M.memory(A2, 12));
  EXPECT_EQ(*M.memory(A2, 12), 2);
  *M.memory(A2, 1) = 99;
  EXPECT_EQ((*M.hostLookup(Map, K2))[0], 99);
  EXPECT_EQ(M.remove(Map, K1), 0);
  EXPECT_EQ(M.update(Map, K3, Bytes(12, 3), Any), 0);
  EXPECT_EQ(M.lookup(Map, K3), A1);
  EXPECT_EQ(M.lookup(Map, K2), A2);

  // Value bounds.
  auto V = M.value(A2 + 8, 4);
  ASSERT_TRUE(V);
  EXPECT_EQ(V->Map, Map);
  EXPECT_EQ(V->Entry, 1u);
  EXPECT_EQ(V->Offset, 8u);
  EXPECT_FALSE(M.value(A2 + 9, 4));
  EXPECT_FALSE(M.value(A2 - 1, 1));
  EXPECT_FALSE(M.value(A2 + 24, 1)); // an entry never made
  // Memory ends 64 bytes behind the last of three entries.
  EXPECT_TRUE(M.memory(0x2100000000, 3 * 24 + 64));
  EXPECT_FALSE(M.memory(0x2100000000, 3 * 24 + 65));
  EXPECT_FALSE(M.memory(0x2200000000, 1));
  EXPECT_FALSE(M.memory(0, 1));
  EXPECT_FALSE(M.memory(0x1f00000000, 1));
}

TEST(MapStore, WordUsesConvert) {
  MapStore M;
  uint32_t Map = add(M, spec("c", Array, 4, 12, 2));
  Bytes K = {1, 0, 0, 0}, V = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  ASSERT_EQ(M.hostUpdate(Map, K, V), 0);
  M.setWordUses(Map, {WordUse::Read, WordUse::Atomic});
  uint64_t A = M.lookup(Map, K);
  const uint8_t *Card = M.memory(A, 12);
  EXPECT_EQ(Bytes(Card, Card + 12),
            (Bytes{1, 2, 3, 4, 8, 7, 6, 5, 9, 10, 11, 12}));
  EXPECT_EQ(M.hostLookup(Map, K), V);
  // An update by the host converts, one by a program does not.
  EXPECT_EQ(M.hostUpdate(Map, K, V), 0);
  EXPECT_EQ(M.hostLookup(Map, K), V);
  EXPECT_EQ(M.update(Map, K, V, Any), 0);
  EXPECT_EQ((*M.hostLookup(Map, K))[4], 8);
  M.setWordUses(Map, {});
  EXPECT_EQ((*M.hostLookup(Map, K))[4], 8); // the host's view is what stays
}

TEST(MapStore, GlobalData) {
  MapStore M;
  MapSpec S = spec(".data", Array, 4, 6, 1);
  S.Contents = {1, 2, 3};
  uint32_t Map = add(M, S);
  uint64_t A = M.globalAddress(Map);
  EXPECT_EQ(A, M.lookup(Map, {0, 0, 0, 0}));
  EXPECT_EQ(M.hostLookup(Map, {0, 0, 0, 0}), (Bytes{1, 2, 3, 0, 0, 0}));
  *M.memory(A, 1) = 77;
  M.clear();
  EXPECT_EQ(M.hostLookup(Map, {0, 0, 0, 0}), (Bytes{1, 2, 3, 0, 0, 0}));
}

TEST(MapStore, ClearSmallAndLarge) {
  for (uint32_t Entries : {4u, 100000u}) {
    MapStore M;
    uint32_t H = add(M, spec("h", Hash, 4, 8, Entries));
    uint32_t A = add(M, spec("a", Array, 4, 8, Entries));
    Bytes K(4);
    for (uint32_t N = 0; N != Entries; ++N) {
      K = {uint8_t(N), uint8_t(N >> 8), uint8_t(N >> 16), 0};
      ASSERT_EQ(M.update(H, K, Bytes(8, 1), Any), 0);
      ASSERT_EQ(M.update(A, K, Bytes(8, 1), Any), 0);
    }
    uint64_t First = M.lookup(H, {0, 0, 0, 0});
    M.clear();
    EXPECT_EQ(M.entries(H), 0u);
    EXPECT_EQ(M.lookup(H, K), 0u);
    EXPECT_EQ(M.hostLookup(A, K), Bytes(8, 0));
    EXPECT_EQ(M.update(H, K, Bytes(8, 1), Any), 0);
    EXPECT_EQ(M.lookup(H, K), First); // places are given out afresh
  }
}

TEST(MapStore, SnapshotRestoresAddressesAndFreePlaces) {
  MapStore M;
  uint32_t H = add(M, spec("h", Hash, 4, 8, 4));
  uint32_t C = add(M, spec("c", Array, 4, 8, 2));
  M.setWordUses(C, {WordUse::Atomic});
  for (uint8_t N = 0; N != 3; ++N)
    M.update(H, {N, 0, 0, 0}, Bytes(8, N), Any);
  M.remove(H, {1, 0, 0, 0});
  M.hostUpdate(C, {0, 0, 0, 0}, {1, 2, 3, 4, 5, 6, 7, 8});
  auto S = M.snapshot();
  M.update(H, {7, 0, 0, 0}, Bytes(8, 7), Any);
  M.update(H, {8, 0, 0, 0}, Bytes(8, 8), Any);
  M.hostUpdate(C, {1, 0, 0, 0}, Bytes(8, 9));
  uint64_t Seven = M.lookup(H, {7, 0, 0, 0});
  M.restore(*S);
  EXPECT_EQ(M.entries(H), 2u);
  EXPECT_EQ(M.lookup(H, {8, 0, 0, 0}), 0u);
  EXPECT_EQ(M.hostLookup(C, {0, 0, 0, 0}), (Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(M.hostLookup(C, {1, 0, 0, 0}), Bytes(8, 0));
  M.update(H, {9, 0, 0, 0}, Bytes(8, 9), Any);
  EXPECT_EQ(M.lookup(H, {9, 0, 0, 0}), Seven);
  // Into a store without word uses: the host's view is the same.
  MapStore Plain;
  add(Plain, spec("h", Hash, 4, 8, 4));
  add(Plain, spec("c", Array, 4, 8, 2));
  Plain.restore(*S);
  EXPECT_EQ(Plain.hostLookup(C, {0, 0, 0, 0}), (Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
  M.restore(*S);
  EXPECT_EQ(MapStore::firstDifference(M, Plain), std::nullopt);
}

TEST(MapStore, Differences) {
  MapStore A, B;
  for (MapStore *M : {&A, &B}) {
    add(*M, spec("h", Hash, 2, 2, 4));
    add(*M, spec("a", Array, 4, 4, 4));
    M->update(0, {1, 1}, {1, 1}, Any);
    M->update(0, {2, 2}, {2, 2}, Any);
  }
  EXPECT_EQ(MapStore::firstDifference(A, B), std::nullopt);
  B.setWordUses(1, {WordUse::Atomic});
  A.hostUpdate(1, {2, 0, 0, 0}, {1, 0, 0, 0});
  EXPECT_EQ(MapStore::firstDifference(A, B),
            "map a, key 02000000: value 01000000 against 00000000");
  B.hostUpdate(1, {2, 0, 0, 0}, {1, 0, 0, 0});
  EXPECT_EQ(MapStore::firstDifference(A, B), std::nullopt);
  B.remove(0, {1, 1});
  EXPECT_EQ(MapStore::firstDifference(A, B),
            "map h, key 0101: value 0101 against no entry");
  EXPECT_EQ(MapStore::firstDifference(B, A),
            "map h, key 0101: no entry against value 0101");
  A.remove(0, {1, 1});
  B.update(0, {3, 3}, {3, 3}, Any);
  EXPECT_EQ(MapStore::firstDifference(A, B),
            "map h, key 0303: no entry against value 0303");
}

TEST(MapStore, Misses) {
  MapStore M;
  add(M, spec("h", Hash, 1, 1, 4));
  add(M, spec("a", Array, 4, 4, 1));
  M.lookup(0, {1});
  EXPECT_TRUE(M.misses().empty());
  M.recordMisses(2);
  for (uint8_t Key : {5, 5, 4, 3})
    M.lookup(0, {Key});
  M.lookup(1, {9, 0, 0, 0}); // arrays have no missing keys
  ASSERT_EQ(M.misses().size(), 2u);
  EXPECT_EQ(M.misses()[0].Key, Bytes{5});
  EXPECT_EQ(M.misses()[1].Key, Bytes{4});
  M.clearMisses();
  M.lookup(0, {5});
  EXPECT_EQ(M.misses().size(), 1u);
  M.recordMisses(0);
  EXPECT_TRUE(M.misses().empty());
}

TEST(MapStore, BadSpecs) {
  EXPECT_EQ(addError(spec("h", Hash, 0, 4, 4)),
            "map h: key size 0, value size 4 and entries 4 must not be zero");
  EXPECT_EQ(addError(spec("a", Array, 8, 4, 4)),
            "map a: array with a key of 8 bytes instead of 4");
  EXPECT_EQ(addError(spec("h", Hash, 0xffffffff, 0xffffffff, 0xffffffff)),
            "map h: 4294967295 entries of 4294967295 and 4294967295 bytes are "
            "more than 4 GiB");
  MapSpec S = spec("d", Array, 4, 4, 1);
  S.Contents = Bytes(5);
  EXPECT_NE(addError(S), "");
}

TEST(MapLimits, AsTheDriverChecks) {
  // The published firmware's numbers.
  MapLimits L{6, 2, 1000, 56, 56, 64};
  auto Check = [&](std::vector<MapSpec> Maps) {
    return llvm::toString(checkMapLimits(Maps, L));
  };
  EXPECT_EQ(Check({spec("a", Array, 4, 56, 1000),
                   spec("p", PerfEventArray, 4, 4, 9)}),
            "");
  EXPECT_EQ(Check({spec("l", 9, 4, 4, 1)}),
            "map l: map type 9 is not supported");
  EXPECT_EQ(Check({spec("a", Array, 4, 4, 600), spec("b", Hash, 4, 4, 500)}),
            "map b: too many elements: 500, left: 400");
  EXPECT_EQ(Check({spec("a", Array, 4, 4, 1), spec("b", Hash, 4, 4, 1),
                   spec("c", Hash, 4, 4, 1)}),
            "map c: too many maps: the card takes 2");
  EXPECT_EQ(Check({spec("a", Hash, 9, 50, 1)}),
            "map a: element of 72 bytes (key and value rounded up to 8) is too "
            "large: the card takes 64");
  MapSpec F = spec("f", Hash, 4, 4, 1);
  F.Flags = 1;
  EXPECT_EQ(Check({F}), "map f: map flags 0x1 are not supported");
}

} // namespace
