//===- HelpersTest.cpp - Helper names -----------------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/BPF/Helpers.h"
#include "gtest/gtest.h"

using namespace nfpbpf::ebpf;

TEST(BPFHelpers, NamesOfTheUserSpaceInterface) {
  // Spot checks over the whole range; any missing or doubled name shifts them.
  EXPECT_EQ(helperName(1), "map_lookup_elem");
  EXPECT_EQ(helperName(12), "tail_call");
  EXPECT_EQ(helperName(25), "perf_event_output");
  EXPECT_EQ(helperName(51), "redirect_map");
  EXPECT_EQ(helperName(65), "xdp_adjust_tail");
  EXPECT_EQ(helperName(69), "fib_lookup");
  EXPECT_EQ(helperName(110), "tcp_gen_syncookie");
  EXPECT_EQ(helperName(164), "for_each_map_elem");
  EXPECT_EQ(helperName(189), "xdp_load_bytes");
  EXPECT_EQ(helperName(211), "cgrp_storage_delete");
  EXPECT_EQ(helperName(0), "");
  EXPECT_EQ(helperName(212), "");
  EXPECT_EQ(helperName(0xffffffff), "");
}

TEST(BPFHelpers, IdsByName) {
  EXPECT_EQ(helperId("bpf_xdp_adjust_head"), 44u);
  EXPECT_EQ(helperId("get_prandom_u32"), 7u);
  EXPECT_EQ(helperId("no_such_helper"), std::nullopt);
  EXPECT_EQ(helperId("unspec"), std::nullopt);
}

TEST(BPFHelpers, ArgumentsOfCardHelpers) {
  const HelperInfo *Info = helperInfo(PerfEventOutput);
  ASSERT_TRUE(Info);
  EXPECT_EQ(Info->Args.size(), 5u);
  EXPECT_EQ(helperName(Info->Id), Info->Name);
  EXPECT_TRUE(helperInfo(XdpAdjustTail)->InvalidatesPacket);
  EXPECT_EQ(helperInfo(MapLookupElem)->Ret, RetKind::MapValueOrNull);
  EXPECT_EQ(helperInfo(12), nullptr);
}
