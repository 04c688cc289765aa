// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Seed of the object fuzzer: one object with most things that the reader
// knows. Compiled when the fuzzers are built; with NO_BTF defined there are
// only legacy maps.

#define SEC(Name) __attribute__((section(Name), used))
typedef unsigned int u32;
typedef unsigned long long u64;

struct xdp_md {
  u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index;
} __attribute__((preserve_access_index));

struct entry {
  u64 packets, bytes;
};
struct legacy {
  u32 type, key_size, value_size, max_entries, flags;
};

struct legacy SEC("maps") old_map = {2, 4, 8, 16, 0};

#ifdef NO_BTF
struct legacy SEC("maps") counters = {1, 4, 16, 32, 0};
struct legacy SEC("maps") jumps = {3, 4, 4, 2, 0};
#else
struct {
  int (*type)[1];
  int (*max_entries)[32];
  u32 *key;
  struct entry *value;
} counters SEC(".maps");

int tail(struct xdp_md *Context);

struct {
  int (*type)[3];
  int (*max_entries)[2];
  int (*key_size)[4];
  int (*value_size)[4];
  int (*values[])(struct xdp_md *);
} jumps SEC(".maps") = {.values = {[1] = tail}};
#endif

static void *(*lookup)(void *, const void *) = (void *)1;
static long (*tail_call)(void *, void *, u32) = (void *)12;
extern int kernel_function(int) __attribute__((section(".ksyms")));

volatile const u32 limit = 7;
u32 seen;

static __attribute__((noinline)) int leaf(u32 Key) {
  struct entry *E = lookup(&counters, &Key);
  if (E)
    __sync_fetch_and_add(&E->packets, 1);
  return lookup(&old_map, &Key) != 0;
}

__attribute__((noinline)) int global_function(u32 Key) {
  return leaf(Key) + leaf(Key + limit);
}

SEC("xdp") int tail(struct xdp_md *Context) {
  seen++;
  return global_function(Context->rx_queue_index);
}

SEC("xdp/second") int entry(struct xdp_md *Context) {
  tail_call(Context, &jumps, 1);
  return kernel_function(leaf(3));
}

char License[] SEC("license") = "GPL";
