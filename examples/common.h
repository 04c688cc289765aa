/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What the examples need to be eBPF programs: section and map definition
 * macros, the helpers they call, byte order, and the protocol headers. Only
 * the kernel's user-space headers (package linux-libc-dev) are needed.
 */
#ifndef NFPBPF_EXAMPLES_COMMON_H
#define NFPBPF_EXAMPLES_COMMON_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

/* Puts a program, a map or the licence where loaders look for it. */
#define SECTION(Name) __attribute__((section(Name), used))
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))

/*
 * Members of a map definition. A number is the length of an array, a type what
 * a pointer points to: the loader reads both from the object's type section.
 */
#define MAP_NUMBER(Member, Value) int (*Member)[Value]
#define MAP_TYPE(Member, Type) Type *Member

/* Helpers are called by number. */
static void *(*const bpf_map_lookup_elem)(void *Map, const void *Key) = (void *)
    BPF_FUNC_map_lookup_elem;
static long (*const bpf_xdp_adjust_head)(struct xdp_md *Context, int Delta) =
    (void *)BPF_FUNC_xdp_adjust_head;

/* Network byte order, on the little-endian machine that eBPF is here. */
#define be16(X) __builtin_bswap16(X)
#define be32(X) __builtin_bswap32(X)

/*
 * Adds to a counter in a map value. Without ordering and without using the old
 * value, the compiler emits the plain atomic addition, which is the only one
 * that the network processor can do in its memory.
 */
#define COUNT(Counter, Amount)                                                 \
  ((void)__atomic_fetch_add(&(Counter), (Amount), __ATOMIC_RELAXED))

#define copy(To, From, Size) __builtin_memcpy(To, From, Size)
#define clear(To, Size) __builtin_memset(To, 0, Size)

/* The first and the byte after the last of the packet. */
INLINE void *packet_begin(const struct xdp_md *Context) {
  return (void *)(long)Context->data;
}
INLINE void *packet_end(const struct xdp_md *Context) {
  return (void *)(long)Context->data_end;
}

/* Packets and bytes, as counted by the examples. */
struct traffic {
  __u64 packets;
  __u64 bytes;
};

/* An address of either family; IPv4 uses the first word. */
union address {
  __u32 v4;
  __u32 v6[4];
};

/* IPv4 header checksum of 20 bytes whose checksum field is 0. */
INLINE __u16 ipv4_checksum(const struct iphdr *Header) {
  const __u16 *Word = (const __u16 *)Header;
  __u32 Sum = 0;
#pragma clang loop unroll(full)
  for (int I = 0; I < 10; ++I)
    Sum += Word[I];
  Sum = (Sum & 0xffff) + (Sum >> 16);
  Sum = (Sum & 0xffff) + (Sum >> 16);
  return ~Sum;
}

#endif
