// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sends packets to chosen destinations through IP-in-IP tunnels: `tunnels` maps
// a destination address to the end points and the next hop's MAC address. The
// new header is put in front with adjust_head and the packet goes out of the
// port it came in. IPv4 goes through IPv4 and IPv6 through IPv6.

#include "common.h"

struct tunnel_key {
  union address destination;
  __u32 version; // 4 or 6
};

struct tunnel {
  union address local;
  union address remote;
  __u8 next_hop[6];
  __u8 unused[2];
};

struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_HASH);
  MAP_NUMBER(max_entries, 256);
  MAP_TYPE(key, struct tunnel_key);
  MAP_TYPE(value, struct tunnel);
} tunnels SECTION(".maps");

// Packets and bytes (before encapsulation) by version: entry 4 and entry 6.
struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
  MAP_NUMBER(max_entries, 8);
  MAP_TYPE(key, __u32);
  MAP_TYPE(value, struct traffic);
} sent SECTION(".maps");

INLINE void count(__u32 Version, __u64 Bytes) {
  struct traffic *Entry = bpf_map_lookup_elem(&sent, &Version);
  if (!Entry)
    return;
  COUNT(Entry->packets, 1);
  COUNT(Entry->bytes, Bytes);
}

// The new Ethernet header: to the next hop, from the address the packet was
// sent to.
INLINE void fill_ethernet(struct ethhdr *New, const struct ethhdr *Old,
                          const struct tunnel *Tunnel, __u16 Type) {
  copy(New->h_source, Old->h_dest, ETH_ALEN);
  copy(New->h_dest, Tunnel->next_hop, ETH_ALEN);
  New->h_proto = Type;
}

INLINE int tunnel_v4(struct xdp_md *Context) {
  void *Begin = packet_begin(Context);
  void *End = packet_end(Context);
  struct iphdr *Inner = Begin + sizeof(struct ethhdr);
  if ((void *)(Inner + 1) > End)
    return XDP_DROP;
  struct tunnel_key Key = {.version = 4};
  Key.destination.v4 = Inner->daddr;
  const struct tunnel *Tunnel = bpf_map_lookup_elem(&tunnels, &Key);
  if (!Tunnel)
    return XDP_PASS;
  __u8 Service = Inner->tos;
  __u16 Length = be16(Inner->tot_len);
  __u64 Bytes = End - Begin;

  if (bpf_xdp_adjust_head(Context, -(int)sizeof(struct iphdr)))
    return XDP_DROP;
  // The packet moved: every pointer into it has to be made anew.
  Begin = packet_begin(Context);
  End = packet_end(Context);
  struct ethhdr *New = Begin;
  struct ethhdr *Old = Begin + sizeof(struct iphdr);
  struct iphdr *Outer = Begin + sizeof(struct ethhdr);
  if ((void *)(Old + 1) > End || (void *)(Outer + 1) > End)
    return XDP_DROP;
  fill_ethernet(New, Old, Tunnel, be16(ETH_P_IP));

  struct iphdr Header = {};
  Header.version = 4;
  Header.ihl = 5;
  Header.tos = Service;
  Header.tot_len = be16(Length + sizeof(struct iphdr));
  Header.ttl = 64;
  Header.protocol = IPPROTO_IPIP;
  Header.saddr = Tunnel->local.v4;
  Header.daddr = Tunnel->remote.v4;
  Header.check = ipv4_checksum(&Header);
  copy(Outer, &Header, sizeof(Header));

  count(4, Bytes);
  return XDP_TX;
}

INLINE int tunnel_v6(struct xdp_md *Context) {
  void *Begin = packet_begin(Context);
  void *End = packet_end(Context);
  struct ipv6hdr *Inner = Begin + sizeof(struct ethhdr);
  if ((void *)(Inner + 1) > End)
    return XDP_DROP;
  struct tunnel_key Key = {.version = 6};
  copy(&Key.destination, &Inner->daddr, 16);
  const struct tunnel *Tunnel = bpf_map_lookup_elem(&tunnels, &Key);
  if (!Tunnel)
    return XDP_PASS;
  __u16 Payload = be16(Inner->payload_len);
  __u64 Bytes = End - Begin;

  if (bpf_xdp_adjust_head(Context, -(int)sizeof(struct ipv6hdr)))
    return XDP_DROP;
  Begin = packet_begin(Context);
  End = packet_end(Context);
  struct ethhdr *New = Begin;
  struct ethhdr *Old = Begin + sizeof(struct ipv6hdr);
  struct ipv6hdr *Outer = Begin + sizeof(struct ethhdr);
  if ((void *)(Old + 1) > End || (void *)(Outer + 1) > End)
    return XDP_DROP;
  fill_ethernet(New, Old, Tunnel, be16(ETH_P_IPV6));
  *(__u32 *)Outer = be32(6u << 28);
  Outer->payload_len = be16(Payload + sizeof(struct ipv6hdr));
  Outer->nexthdr = IPPROTO_IPV6;
  Outer->hop_limit = 64;
  copy(&Outer->saddr, &Tunnel->local, 16);
  copy(&Outer->daddr, &Tunnel->remote, 16);

  count(6, Bytes);
  return XDP_TX;
}

SECTION("xdp") int iptunnel(struct xdp_md *Context) {
  struct ethhdr *Ethernet = packet_begin(Context);
  if ((void *)(Ethernet + 1) > packet_end(Context))
    return XDP_DROP;
  if (Ethernet->h_proto == be16(ETH_P_IP))
    return tunnel_v4(Context);
  if (Ethernet->h_proto == be16(ETH_P_IPV6))
    return tunnel_v6(Context);
  return XDP_PASS;
}

char License[] SECTION("license") = "Dual BSD/GPL";
