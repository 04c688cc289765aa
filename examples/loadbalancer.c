// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A layer-4 load balancer. Packets to a service address are hashed to one of
// the service's servers and sent there in an IP-in-IP tunnel; a server takes
// the outer header off and answers the client directly.
//
//   - IPv4 (with options) and IPv6; a server of either kind for each.
//   - TCP and UDP. A service is an address, a protocol and a port; port 0 is
//     every port.
//   - ICMP errors about a flow of a service go to the server that has the flow;
//     echo requests to a service address are answered here.
//   - The ring of a service says which server has which part of the hash
//     space: consistent hashing, done by whoever fills the ring, moves few
//     flows when servers come and go.
//   - Fragments pass to the host, which can put them together.
//
// A packet of a flow costs four lookups (service, ring, server, next hop) and
// two for its counters.

#include "common.h"

#define MAX_SERVICES 64
#define MAX_SERVERS 512
#define RING_BITS 8
#define RING_SIZE (1 << RING_BITS)

struct service_key {
  union address address;
  __u16 port;    // network order; 0: every port
  __u8 protocol; // IPPROTO_TCP, IPPROTO_UDP
  __u8 version;  // 4 or 6
};

enum {
  SERVICE_ANY_SOURCE_PORT = 1, // all of a client's flows go to one server
};

struct service {
  __u32 index; // ring and counters
  __u32 flags;
};

enum {
  SERVER_V6 = 1, // the tunnel to it is IPv6
};

struct server {
  union address address;
  __u32 flags;
};

struct next_hop {
  __u8 mac[6];
  __u8 unused[2];
  __u32 source_v4;    // outer source: this prefix (10.x) and bits of the hash
  __u32 source_v6[3]; // outer source: these 12 bytes and bits of the hash
};

// What became of a packet: the indices of `outcomes`.
enum outcome {
  OUTCOME_NOT_IP,
  OUTCOME_MALFORMED,
  OUTCOME_FRAGMENT,
  OUTCOME_NO_SERVICE,
  OUTCOME_NO_SERVER,
  OUTCOME_ECHO_REPLY,
  OUTCOME_SENT_V4,
  OUTCOME_SENT_V6,
  OUTCOME_FAILED,
  OUTCOME_COUNT
};

struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_HASH);
  MAP_NUMBER(max_entries, MAX_SERVICES);
  MAP_TYPE(key, struct service_key);
  MAP_TYPE(value, struct service);
} services SECTION(".maps");

// Entry index * RING_SIZE + hash: number of the server.
struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
  MAP_NUMBER(max_entries, MAX_SERVICES *RING_SIZE);
  MAP_TYPE(key, __u32);
  MAP_TYPE(value, __u32);
} rings SECTION(".maps");

// Server 0 does not exist: an empty ring leads there.
struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
  MAP_NUMBER(max_entries, MAX_SERVERS);
  MAP_TYPE(key, __u32);
  MAP_TYPE(value, struct server);
} servers SECTION(".maps");

struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
  MAP_NUMBER(max_entries, 1);
  MAP_TYPE(key, __u32);
  MAP_TYPE(value, struct next_hop);
} gateway SECTION(".maps");

struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
  MAP_NUMBER(max_entries, MAX_SERVICES);
  MAP_TYPE(key, __u32);
  MAP_TYPE(value, struct traffic);
} service_traffic SECTION(".maps");

struct {
  MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
  MAP_NUMBER(max_entries, OUTCOME_COUNT);
  MAP_TYPE(key, __u32);
  MAP_TYPE(value, struct traffic);
} outcomes SECTION(".maps");

// The first 8 bytes of ICMP and ICMPv6.
struct icmp {
  __u8 type;
  __u8 code;
  __u16 checksum;
  __u32 rest;
};

enum {
  ICMP4_ECHO_REPLY = 0,
  ICMP4_UNREACHABLE = 3,
  ICMP4_ECHO = 8,
  ICMP4_TIME_EXCEEDED = 11,
  ICMP6_UNREACHABLE = 1,
  ICMP6_TOO_BIG = 2,
  ICMP6_TIME_EXCEEDED = 3,
  ICMP6_ECHO = 128,
  ICMP6_ECHO_REPLY = 129,
};

// A packet, seen as one of client to service.
struct flow {
  union address source;
  struct service_key destination;
  __u16 source_port;
  __u8 class;   // type of service, for the outer header
  __u16 length; // of the IP packet
};

//===----------------------------------------------------------------------===//
// Hash: Bob Jenkins' lookup3 (public domain)
//===----------------------------------------------------------------------===//

INLINE __u32 rotate(__u32 X, int Bits) { return X << Bits | X >> (32 - Bits); }

#define MIX(A, B, C)                                                           \
  do {                                                                         \
    A -= C, A ^= rotate(C, 4), C += B;                                         \
    B -= A, B ^= rotate(A, 6), A += C;                                         \
    C -= B, C ^= rotate(B, 8), B += A;                                         \
    A -= C, A ^= rotate(C, 16), C += B;                                        \
    B -= A, B ^= rotate(A, 19), A += C;                                        \
    C -= B, C ^= rotate(B, 4), B += A;                                         \
  } while (0)

#define FINAL(A, B, C)                                                         \
  do {                                                                         \
    C ^= B, C -= rotate(B, 14);                                                \
    A ^= C, A -= rotate(C, 11);                                                \
    B ^= A, B -= rotate(A, 25);                                                \
    C ^= B, C -= rotate(B, 16);                                                \
    A ^= C, A -= rotate(C, 4);                                                 \
    B ^= A, B -= rotate(A, 14);                                                \
    C ^= B, C -= rotate(B, 24);                                                \
  } while (0)

#define HASH_SEED 0x4e46505fu

INLINE __u32 hash3(__u32 A, __u32 B, __u32 C) {
  __u32 Start = 0xdeadbeef + (3 << 2) + HASH_SEED;
  A += Start;
  B += Start;
  C += Start;
  FINAL(A, B, C);
  return C;
}

// Hash of six words: a whole round, then the final one.
INLINE __u32 hash6(__u32 W0, __u32 W1, __u32 W2, __u32 W3, __u32 W4, __u32 W5) {
  __u32 Start = 0xdeadbeef + (6 << 2) + HASH_SEED;
  __u32 A = Start + W0, B = Start + W1, C = Start + W2;
  MIX(A, B, C);
  A += W3;
  B += W4;
  C += W5;
  FINAL(A, B, C);
  return C;
}

INLINE __u32 hash_flow(const struct flow *Flow, __u32 Flags) {
  __u32 Ports = Flow->destination.port;
  if (!(Flags & SERVICE_ANY_SOURCE_PORT))
    Ports |= (__u32)Flow->source_port << 16;
  if (Flow->destination.version == 4)
    return hash3(Flow->source.v4, Ports, Flow->destination.protocol);
  return hash6(Flow->source.v6[0], Flow->source.v6[1], Flow->source.v6[2],
               Flow->source.v6[3], Ports, Flow->destination.protocol);
}

//===----------------------------------------------------------------------===//
// Parser
//===----------------------------------------------------------------------===//

INLINE void swap_mac(struct ethhdr *Ethernet) {
  __u8 Address[ETH_ALEN];
  copy(Address, Ethernet->h_source, ETH_ALEN);
  copy(Ethernet->h_source, Ethernet->h_dest, ETH_ALEN);
  copy(Ethernet->h_dest, Address, ETH_ALEN);
}

// TCP and UDP ports. In an ICMP error the packet inside is one of the server's,
// so that source and destination change places.
INLINE int read_ports(struct flow *Flow, void *Transport, void *End,
                      int Inside) {
  __u16 *Ports = Transport;
  if (Flow->destination.protocol != IPPROTO_TCP &&
      Flow->destination.protocol != IPPROTO_UDP)
    return OUTCOME_NO_SERVICE;
  if ((void *)(Ports + 2) > End)
    return OUTCOME_MALFORMED;
  Flow->source_port = Ports[Inside ? 1 : 0];
  Flow->destination.port = Ports[Inside ? 0 : 1];
  return -1;
}

// Adds to a one's complement checksum, as when a word of the data grows.
INLINE __u16 checksum_add(__u16 Checksum, __u16 Old, __u16 New) {
  __u32 Sum = (__u16)~Checksum + (__u32)(__u16)~Old + New;
  Sum = (Sum & 0xffff) + (Sum >> 16);
  Sum = (Sum & 0xffff) + (Sum >> 16);
  return ~Sum;
}

// A service address answers pings: it has some service on any port.
INLINE int answers_echo(struct flow *Flow) {
  Flow->destination.port = 0;
  Flow->destination.protocol =
      Flow->destination.version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  return bpf_map_lookup_elem(&services, &Flow->destination) != 0;
}

// The parsers return an outcome, or -1 when there is a flow to balance.
INLINE int parse_icmp4(struct flow *Flow, struct ethhdr *Ethernet,
                       struct iphdr *Outer, void *Next, void *End) {
  struct icmp *Icmp = Next;
  if ((void *)(Icmp + 1) > End)
    return OUTCOME_MALFORMED;
  if (Icmp->type == ICMP4_ECHO) {
    if (!answers_echo(Flow))
      return OUTCOME_NO_SERVICE;
    __u32 Source = Outer->saddr;
    Outer->saddr = Outer->daddr;
    Outer->daddr = Source;
    Icmp->checksum = checksum_add(Icmp->checksum, ICMP4_ECHO, ICMP4_ECHO_REPLY);
    Icmp->type = ICMP4_ECHO_REPLY;
    swap_mac(Ethernet);
    return OUTCOME_ECHO_REPLY;
  }
  if (Icmp->type != ICMP4_UNREACHABLE && Icmp->type != ICMP4_TIME_EXCEEDED)
    return OUTCOME_NO_SERVICE;
  struct iphdr *Inner = (void *)(Icmp + 1);
  if ((void *)(Inner + 1) > End)
    return OUTCOME_MALFORMED;
  if (Inner->ihl != 5)
    return OUTCOME_NO_SERVICE;
  Flow->source.v4 = Inner->daddr;
  Flow->destination.address.v4 = Inner->saddr;
  Flow->destination.protocol = Inner->protocol;
  return read_ports(Flow, Inner + 1, End, 1);
}

INLINE int parse_v4(struct flow *Flow, struct ethhdr *Ethernet, void *End) {
  struct iphdr *Header = (void *)(Ethernet + 1);
  if ((void *)(Header + 1) > End || Header->ihl < 5)
    return OUTCOME_MALFORMED;
  if (Header->frag_off & be16(0x3fff))
    return OUTCOME_FRAGMENT;
  Flow->source.v4 = Header->saddr;
  Flow->destination.address.v4 = Header->daddr;
  Flow->destination.protocol = Header->protocol;
  Flow->destination.version = 4;
  Flow->class = Header->tos;
  Flow->length = be16(Header->tot_len);
  void *Next = (void *)Header + Header->ihl * 4;
  if (Header->protocol == IPPROTO_ICMP)
    return parse_icmp4(Flow, Ethernet, Header, Next, End);
  return read_ports(Flow, Next, End, 0);
}

INLINE int parse_icmp6(struct flow *Flow, struct ethhdr *Ethernet,
                       struct ipv6hdr *Outer, void *End) {
  struct icmp *Icmp = (void *)(Outer + 1);
  if ((void *)(Icmp + 1) > End)
    return OUTCOME_MALFORMED;
  if (Icmp->type == ICMP6_ECHO) {
    if (!answers_echo(Flow))
      return OUTCOME_NO_SERVICE;
    copy(&Outer->saddr, &Flow->destination.address, 16);
    copy(&Outer->daddr, &Flow->source, 16);
    Icmp->checksum = checksum_add(Icmp->checksum, ICMP6_ECHO, ICMP6_ECHO_REPLY);
    Icmp->type = ICMP6_ECHO_REPLY;
    swap_mac(Ethernet);
    return OUTCOME_ECHO_REPLY;
  }
  if (Icmp->type != ICMP6_UNREACHABLE && Icmp->type != ICMP6_TOO_BIG &&
      Icmp->type != ICMP6_TIME_EXCEEDED)
    return OUTCOME_NO_SERVICE;
  struct ipv6hdr *Inner = (void *)(Icmp + 1);
  if ((void *)(Inner + 1) > End)
    return OUTCOME_MALFORMED;
  copy(&Flow->source, &Inner->daddr, 16);
  copy(&Flow->destination.address, &Inner->saddr, 16);
  Flow->destination.protocol = Inner->nexthdr;
  return read_ports(Flow, Inner + 1, End, 1);
}

INLINE int parse_v6(struct flow *Flow, struct ethhdr *Ethernet, void *End) {
  struct ipv6hdr *Header = (void *)(Ethernet + 1);
  if ((void *)(Header + 1) > End)
    return OUTCOME_MALFORMED;
  if (Header->nexthdr == IPPROTO_FRAGMENT)
    return OUTCOME_FRAGMENT;
  copy(&Flow->source, &Header->saddr, 16);
  copy(&Flow->destination.address, &Header->daddr, 16);
  Flow->destination.protocol = Header->nexthdr;
  Flow->destination.version = 6;
  Flow->class = Header->priority << 4 | Header->flow_lbl[0] >> 4;
  Flow->length = be16(Header->payload_len) + sizeof(struct ipv6hdr);
  if (Header->nexthdr == IPPROTO_ICMPV6)
    return parse_icmp6(Flow, Ethernet, Header, End);
  return read_ports(Flow, Header + 1, End, 0);
}

//===----------------------------------------------------------------------===//
// Encapsulation
//===----------------------------------------------------------------------===//

INLINE void fill_ethernet(struct ethhdr *New, const struct ethhdr *Old,
                          const struct next_hop *Hop, __u16 Type) {
  copy(New->h_source, Old->h_dest, ETH_ALEN);
  copy(New->h_dest, Hop->mac, ETH_ALEN);
  New->h_proto = Type;
}

// The outer source address depends on the hash, so that the servers' receive
// queues see different flows.
INLINE int send_v4(struct xdp_md *Context, const struct flow *Flow,
                   const struct server *Server, const struct next_hop *Hop,
                   __u32 Hash) {
  if (bpf_xdp_adjust_head(Context, -(int)sizeof(struct iphdr)))
    return OUTCOME_FAILED;
  void *Begin = packet_begin(Context);
  void *End = packet_end(Context);
  struct ethhdr *Old = Begin + sizeof(struct iphdr);
  struct iphdr *Outer = Begin + sizeof(struct ethhdr);
  if ((void *)(Old + 1) > End || (void *)(Outer + 1) > End)
    return OUTCOME_FAILED;
  fill_ethernet(Begin, Old, Hop, be16(ETH_P_IP));

  struct iphdr Header = {};
  Header.version = 4;
  Header.ihl = 5;
  Header.tos = Flow->class;
  Header.tot_len = be16(Flow->length + sizeof(struct iphdr));
  Header.ttl = 64;
  Header.protocol =
      Flow->destination.version == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
  Header.saddr = Hop->source_v4 | (Hash & 0xffff0000);
  Header.daddr = Server->address.v4;
  Header.check = ipv4_checksum(&Header);
  copy(Outer, &Header, sizeof(Header));
  return OUTCOME_SENT_V4;
}

INLINE int send_v6(struct xdp_md *Context, const struct flow *Flow,
                   const struct server *Server, const struct next_hop *Hop,
                   __u32 Hash) {
  if (bpf_xdp_adjust_head(Context, -(int)sizeof(struct ipv6hdr)))
    return OUTCOME_FAILED;
  void *Begin = packet_begin(Context);
  void *End = packet_end(Context);
  struct ethhdr *Old = Begin + sizeof(struct ipv6hdr);
  struct ipv6hdr *Outer = Begin + sizeof(struct ethhdr);
  if ((void *)(Old + 1) > End || (void *)(Outer + 1) > End)
    return OUTCOME_FAILED;
  fill_ethernet(Begin, Old, Hop, be16(ETH_P_IPV6));

  *(__u32 *)Outer = be32(6u << 28 | (__u32)Flow->class << 20);
  Outer->payload_len = be16(Flow->length);
  Outer->nexthdr = Flow->destination.version == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
  Outer->hop_limit = 64;
  copy(&Outer->saddr, Hop->source_v6, 12);
  Outer->saddr.s6_addr32[3] = Hash;
  copy(&Outer->daddr, &Server->address, 16);
  return OUTCOME_SENT_V6;
}

//===----------------------------------------------------------------------===//
// Balancer
//===----------------------------------------------------------------------===//

INLINE int balance(struct xdp_md *Context, struct flow *Flow, __u64 Bytes) {
  __u16 Port = Flow->destination.port;
  const struct service *Service =
      bpf_map_lookup_elem(&services, &Flow->destination);
  if (!Service) {
    Flow->destination.port = 0;
    Service = bpf_map_lookup_elem(&services, &Flow->destination);
    if (!Service)
      return OUTCOME_NO_SERVICE;
    // The hash is of the packet's port, so that ports spread over servers.
    Flow->destination.port = Port;
  }
  __u32 Index = Service->index;
  if (Index >= MAX_SERVICES)
    return OUTCOME_NO_SERVICE;
  __u32 Hash = hash_flow(Flow, Service->flags);

  __u32 Key = Index << RING_BITS | (Hash & (RING_SIZE - 1));
  const __u32 *Slot = bpf_map_lookup_elem(&rings, &Key);
  if (!Slot || *Slot == 0)
    return OUTCOME_NO_SERVER;
  Key = *Slot;
  const struct server *Server = bpf_map_lookup_elem(&servers, &Key);
  if (!Server)
    return OUTCOME_NO_SERVER;
  Key = 0;
  const struct next_hop *Hop = bpf_map_lookup_elem(&gateway, &Key);
  if (!Hop)
    return OUTCOME_NO_SERVER;
  struct traffic *Counter = bpf_map_lookup_elem(&service_traffic, &Index);
  if (Counter) {
    COUNT(Counter->packets, 1);
    COUNT(Counter->bytes, Bytes);
  }
  if (Server->flags & SERVER_V6)
    return send_v6(Context, Flow, Server, Hop, Hash);
  return send_v4(Context, Flow, Server, Hop, Hash);
}

INLINE int process(struct xdp_md *Context, __u64 Bytes) {
  struct flow Flow = {};
  struct ethhdr *Ethernet = packet_begin(Context);
  void *End = packet_end(Context);
  if ((void *)(Ethernet + 1) > End)
    return OUTCOME_MALFORMED;
  int Outcome;
  if (Ethernet->h_proto == be16(ETH_P_IP))
    Outcome = parse_v4(&Flow, Ethernet, End);
  else if (Ethernet->h_proto == be16(ETH_P_IPV6))
    Outcome = parse_v6(&Flow, Ethernet, End);
  else
    return OUTCOME_NOT_IP;
  if (Outcome >= 0)
    return Outcome;
  return balance(Context, &Flow, Bytes);
}

SECTION("xdp") int loadbalancer(struct xdp_md *Context) {
  __u64 Bytes = packet_end(Context) - packet_begin(Context);
  __u32 Outcome = process(Context, Bytes);
  struct traffic *Counter = bpf_map_lookup_elem(&outcomes, &Outcome);
  if (Counter) {
    COUNT(Counter->packets, 1);
    COUNT(Counter->bytes, Bytes);
  }
  switch (Outcome) {
  case OUTCOME_SENT_V4:
  case OUTCOME_SENT_V6:
  case OUTCOME_ECHO_REPLY:
    return XDP_TX;
  case OUTCOME_MALFORMED:
  case OUTCOME_NO_SERVER:
  case OUTCOME_FAILED:
    return XDP_DROP;
  default:
    return XDP_PASS;
  }
}

char License[] SECTION("license") = "Dual BSD/GPL";
