// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A stateless packet filter for IPv4 and IPv6 over Ethernet with up to two VLAN
// tags. A packet is dropped when
//   - its source address is in `denied_sources`, or
//   - a rule for it in `rules` says so: first the rule for destination address,
//     protocol and port, then the one for protocol and port at any address.
// Without a rule it passes. Packets the parser cannot follow pass too: a filter
// for services does not police the rest of the network.

#include "common.h"

enum verdict { VERDICT_PASS = 0, VERDICT_DROP = 1 };

// Reasons, the indices of `reasons`.
enum reason {
  REASON_NO_IP,
  REASON_DENIED_SOURCE,
  REASON_RULE_PASS,
  REASON_RULE_DROP,
  REASON_NO_RULE,
  REASON_COUNT
};

struct source_key {
  union address address;
};

// All bytes are part of the key, so all are always set.
struct rule_key {
  union address destination; // zero: any
  __u16 port;                // destination port, network order; 0: none
  __u8 protocol;             // IPPROTO_*
  __u8 version;              // 4 or 6
};

struct rule {
  __u32 verdict;
};

struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_HASH);
  MAP_NUMBER(max_entries, 1024);
  MAP_TYPE(key, struct source_key);
  MAP_TYPE(value, __u32);
} denied_sources SECTION(".maps");

struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_HASH);
  MAP_NUMBER(max_entries, 1024);
  MAP_TYPE(key, struct rule_key);
  MAP_TYPE(value, struct rule);
} rules SECTION(".maps");

struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
  MAP_NUMBER(max_entries, REASON_COUNT);
  MAP_TYPE(key, __u32);
  MAP_TYPE(value, struct traffic);
} reasons SECTION(".maps");

struct vlan_tag {
  __be16 control;
  __be16 inner_type;
};

INLINE int is_vlan(__u16 Type) {
  return Type == be16(ETH_P_8021Q) || Type == be16(ETH_P_8021AD);
}

// Destination port of TCP and UDP, which have it at the same place; 0 if
// absent.
INLINE __u16 destination_port(void *Transport, void *End, __u8 Protocol) {
  struct udphdr *Header = Transport;
  if (Protocol != IPPROTO_TCP && Protocol != IPPROTO_UDP)
    return 0;
  if ((void *)(Header + 1) > End)
    return 0;
  return Header->dest;
}

INLINE enum reason judge(void *Begin, void *End) {
  struct ethhdr *Ethernet = Begin;
  void *Next = Ethernet + 1;
  if (Next > End)
    return REASON_NO_IP;
  __u16 Type = Ethernet->h_proto;
#pragma clang loop unroll(full)
  for (int Tags = 0; Tags < 2; ++Tags) {
    if (!is_vlan(Type))
      break;
    struct vlan_tag *Tag = Next;
    if ((void *)(Tag + 1) > End)
      return REASON_NO_IP;
    Type = Tag->inner_type;
    Next = Tag + 1;
  }

  struct source_key Source = {};
  struct rule_key Key = {};
  if (Type == be16(ETH_P_IP)) {
    struct iphdr *Header = Next;
    if ((void *)(Header + 1) > End || Header->ihl < 5)
      return REASON_NO_IP;
    Source.address.v4 = Header->saddr;
    Key.destination.v4 = Header->daddr;
    Key.protocol = Header->protocol;
    Key.version = 4;
    // Only the first fragment has ports.
    if (!(Header->frag_off & be16(0x1fff)))
      Key.port = destination_port(Next + Header->ihl * 4, End, Key.protocol);
  } else if (Type == be16(ETH_P_IPV6)) {
    struct ipv6hdr *Header = Next;
    if ((void *)(Header + 1) > End)
      return REASON_NO_IP;
    copy(&Source.address, &Header->saddr, 16);
    copy(&Key.destination, &Header->daddr, 16);
    Key.protocol = Header->nexthdr;
    Key.version = 6;
    Key.port = destination_port(Header + 1, End, Key.protocol);
  } else {
    return REASON_NO_IP;
  }

  if (bpf_map_lookup_elem(&denied_sources, &Source))
    return REASON_DENIED_SOURCE;
  struct rule *Rule = bpf_map_lookup_elem(&rules, &Key);
  if (!Rule) {
    clear(&Key.destination, 16);
    Rule = bpf_map_lookup_elem(&rules, &Key);
  }
  if (!Rule)
    return REASON_NO_RULE;
  return Rule->verdict == VERDICT_DROP ? REASON_RULE_DROP : REASON_RULE_PASS;
}

SECTION("xdp") int firewall(struct xdp_md *Context) {
  void *Begin = packet_begin(Context);
  void *End = packet_end(Context);
  __u64 Length = End - Begin;
  __u32 Reason = judge(Begin, End);
  struct traffic *Entry = bpf_map_lookup_elem(&reasons, &Reason);
  if (Entry) {
    COUNT(Entry->packets, 1);
    COUNT(Entry->bytes, Length);
  }
  return Reason == REASON_DENIED_SOURCE || Reason == REASON_RULE_DROP
             ? XDP_DROP
             : XDP_PASS;
}

char License[] SECTION("license") = "Dual BSD/GPL";
