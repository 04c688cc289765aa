// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counts packets and bytes by IP protocol and passes everything on. The
// smallest useful program: one parser step, one array, two atomic additions.

#include "common.h"

// Entry N counts IP protocol N; what is not IP counts as protocol 255
// (reserved).
struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
  MAP_NUMBER(max_entries, 256);
  MAP_TYPE(key, __u32);
  MAP_TYPE(value, struct traffic);
} protocols SECTION(".maps");

INLINE __u32 protocol_of(void *Begin, void *End) {
  struct ethhdr *Ethernet = Begin;
  if ((void *)(Ethernet + 1) > End)
    return 255;
  if (Ethernet->h_proto == be16(ETH_P_IP)) {
    struct iphdr *Header = (void *)(Ethernet + 1);
    if ((void *)(Header + 1) > End)
      return 255;
    return Header->protocol;
  }
  if (Ethernet->h_proto == be16(ETH_P_IPV6)) {
    struct ipv6hdr *Header = (void *)(Ethernet + 1);
    if ((void *)(Header + 1) > End)
      return 255;
    return Header->nexthdr;
  }
  return 255;
}

SECTION("xdp") int counter(struct xdp_md *Context) {
  void *Begin = packet_begin(Context);
  void *End = packet_end(Context);
  __u32 Protocol = protocol_of(Begin, End);
  struct traffic *Entry = bpf_map_lookup_elem(&protocols, &Protocol);
  if (Entry) {
    COUNT(Entry->packets, 1);
    COUNT(Entry->bytes, (__u64)(End - Begin));
  }
  return XDP_PASS;
}

char License[] SECTION("license") = "Dual BSD/GPL";
