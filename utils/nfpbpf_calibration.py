# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The program families that were measured on cards, as C sources, with traffic and map contents.

Hardware timing, sections 3.2 and 3.3: 240 generated programs (map size x extras x lookups x atomic)
and four others. Key and value sizes, order of work and the fields of every key are theirs; the C
text is ours.
"""

import random
import struct

MASKS = (0xFF, 0xFFF, 0xFFFF, 0x7FFFF)
EXTRAS = range(0, 6)
LOOKUPS = range(1, 6)

HEAD = """
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
struct xdp_md { u32 data, data_end; };
enum { ABORTED, DROP, PASS, TX };
struct eth { u8 dst[6], src[6]; u16 type; } __attribute__((packed));
struct ipv4 {
  u8 vhl, tos; u16 len, id, frag; u8 ttl, proto; u16 check; u32 src, dst;
};
struct tcp {
  u16 sport, dport; u32 seq, ack; u8 off, flags; u16 window, check, urgent;
};
#define SECTION(name) __attribute__((section(name), used))
#define INLINE static __attribute__((always_inline)) inline
#define SWAP16(x) ((u16)__builtin_bswap16(x))
#define DATA ((u8 *)(long)ctx->data)
#define END ((u8 *)(long)ctx->data_end)
/* One pointer, as the verifier wants it. */
#define KEEP(x) __asm__ volatile("" : "+r"(x))
static void *(*lookup)(void *, const void *) = (void *)1;
static u32 (*prandom)(void) = (void *)7;
static int (*adjust_head)(struct xdp_md *, int) = (void *)44;
"""

MAPS = """
struct map_def {{ u32 type, key_size, value_size, max_entries, flags; }};
SECTION("maps") struct map_def data_map = {{1, 4, 8, {entries}, 0}};
SECTION("maps") struct map_def verdict_map = {{1, 4, 8, {entries}, 0}};

INLINE u16 checksum(struct ipv4 *ip) {{
  u16 *words = (u16 *)ip;
  u32 sum = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < 10; ++i)
    sum += words[i];
  return ~((sum & 0xffff) + (sum >> 16));
}}
"""

LOOKUP = """
  {{ u32 key = ({key}) & {mask:#x}u;
    u64 *value = lookup(&data_map, &key);
    if (!value)
      return DROP;
    {add} }}
"""

ETHERNET = """
  struct eth *eth = (void *)DATA;
  if ((u8 *)(eth + 1) > END)
    return DROP;
  u16 type = eth->type;
"""

ADDRESSES = ((0x02, 0x11, 0x22, 0x33, 0x44, 0x55), (0x02, 0x66, 0x77, 0x88, 0x99, 0xAA),
             (0x02, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF))
# Bytes, compared one after the other.
IS_ADDRESS = " ||\n        ".join(
    "(" + " && ".join(f"eth->dst[{i}] == {byte:#x}" for i, byte in enumerate(address)) + ")"
    for address in ADDRESSES)
MAC = f"""
  {{ if ({IS_ADDRESS})
      return PASS;
"""+"""    u16 *m = (u16 *)eth;
    u16 d0 = m[0], d1 = m[1], d2 = m[2];
    m[0] = m[3]; m[1] = m[4]; m[2] = m[5];
    m[3] = d0; m[4] = d1; m[5] = d2; }
"""

IPV4 = """
  if (type != SWAP16(0x0800))
    return PASS;
  struct ipv4 *ip = (void *)(eth + 1);
  if ((u8 *)(ip + 1) > END)
    return DROP;
  u8 proto = ip->proto;
  u32 ip_bytes = (ip->vhl & 15) * 4;
"""

IP_CHECKS = """
  if (ip->vhl >> 4 != 4 || ip_bytes != 20 || ip->vhl == 56 || SWAP16(ip->len) < 30 ||
      ip->ttl == 74 || ip->check == 0x1234 || ip->src == 0x01020304 || ip->src >> 16 == 65535)
    return PASS;
  { u16 old = ip->check;
    ip->check = 0;
    u16 now = checksum(ip);
    ip->check = now;
    if (old != now)
      return PASS;
    u32 src = ip->src, dst = ip->dst;
    ip->src = dst;
    ip->dst = src; }
"""

TCP = """
  if (proto != 6)
    return PASS;
  struct tcp *tcp = (void *)(ip + 1);
  if ((u8 *)(tcp + 1) > END)
    return DROP;
  u32 ports = *(u32 *)tcp;
"""

TCP_CHECKS = """
  if (tcp->seq == 1 || tcp->ack == 1 || tcp->ack == 2 || tcp->check == 0)
    return PASS;
  if (tcp->urgent > 1)
    return TX;
  if ((tcp->flags & 3) == 3)
    return PASS;
  { u16 d = SWAP16(tcp->dport), s = SWAP16(tcp->sport);
    if ((d == 22 && s == 1022) || (d == 23 && s == 1023) || (d == 25 && s == 1025))
      return PASS;
    u16 port = tcp->sport;
    tcp->sport = tcp->dport;
    tcp->dport = port; }
"""

TCP_CHECKSUM = """
  { u16 bytes = SWAP16(ip->len) - ip_bytes;
    if ((u8 *)tcp + bytes > END)
      return DROP;
    tcp->check = 0;
    u16 *word = (u16 *)tcp;
    u32 sum = 0;
    do {
""" + """      sum += *word++;
      KEEP(word);
      if ((u8 *)(word + 1) > END)
        break;
""" * 40 + """    } while (0);
    tcp->check = ~((sum & 0xffff) + (sum >> 16)); }
"""

EXTEND = """
  if (adjust_head(ctx, -20))
    return DROP;
  { struct eth *outer = (void *)DATA;
    if ((u8 *)(outer + 1) > END)
      return DROP;
    struct ipv4 *out = (void *)(outer + 1);
    if ((u8 *)(out + 1) > END)
      return DROP;
    struct eth *inner = (void *)((u8 *)outer + 20);
    if ((u8 *)(inner + 1) > END)
      return DROP;
    struct ipv4 *in = (void *)(inner + 1);
    if ((u8 *)(in + 1) > END)
      return DROP;
    __builtin_memcpy(outer, inner, sizeof(struct eth));
    __builtin_memcpy(out, in, sizeof(struct ipv4));
    out->len += 20 << 8;
    out->proto = 4;
    out->check = 0;
    out->check = checksum(out); }
"""

VERDICT = """
  {{ u32 key = ports & {mask:#x}u;
    u64 *value = lookup(&verdict_map, &key);
    if (!value)
      return DROP;
    return (u32)*value; }}
"""


def generated(mask, extras, lookups, atomic):
    """C text of one of the 240."""
    # As text, so that the plain twin differs in nothing but these instructions.
    code = "r1 = 1\\n lock *(u64 *)(%0 + 0) += r1" if atomic else ""
    add = f'__asm__ volatile("{code}" : : "r"(value) : "r1", "memory");'

    def count(key):
        return LOOKUP.format(key=key, mask=mask, add=add)
    body = [ETHERNET]
    if extras >= 2:
        body.append(MAC)
    body.append(IPV4)
    if lookups >= 2:
        body.append(count("(ip->src << 16) + ip->id"))
    if extras >= 3:
        body.append(IP_CHECKS)
    if lookups >= 3:
        body.append(count("ip->src"))
    body.append(TCP)
    if lookups >= 4:
        body.append(count("tcp->seq"))
    if extras >= 4:
        body.append(TCP_CHECKS)
    if extras >= 5:
        body.append(TCP_CHECKSUM)
    if lookups >= 5:
        body.append(count("((u32)tcp->dport << 16) + tcp->sport"))
    if extras >= 1:
        body.append(EXTEND)
    body.append(VERDICT.format(mask=mask))
    return (HEAD + MAPS.format(entries=mask + 1) +
            'SECTION("xdp") int program(struct xdp_md *ctx) {' + "".join(body) + "}\n" +
            LICENSE)


LICENSE = 'SECTION("license") char terms[] = "Dual BSD/GPL";\n'


def simple(body):
    return HEAD + 'SECTION("xdp") int program(struct xdp_md *ctx) {' + body + "}\n" + LICENSE


OTHERS = {
    "XDPpass": simple("return PASS;"),
    "XDPdrop": simple("return DROP;"),
    "XDPtx": simple("""
  u8 *p = DATA;
  if (p + 60 > END)
    return DROP;
  u32 *w = (u32 *)p;
  u16 *h = (u16 *)p;
  u32 d = w[0]; u16 e = h[2]; u32 s = *(u32 *)(p + 6); u16 t = h[5];
  w[0] = s; h[2] = t; *(u32 *)(p + 6) = d; h[5] = e;
  h[6] = SWAP16(0x1234);
  return TX;"""),
    "random_gen_128": simple("""
  u32 last = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < 128; ++i) {
    u32 now = prandom();
    if (now == last)
      return DROP;
    last = now;
  }
  return TX;"""),
}


def source_of(row):
    """C text of the program that a row of the baseline was measured with."""
    if row["kind"] == "plain":
        return OTHERS[row["test"]]
    return generated(int(row["map_entries"]) - 1, int(row["extras"]), int(row["lookups"]),
                     row["atomic"] == "1")


def maps_of(row):
    """All keys present; the verdict map says TX."""
    if row["kind"] == "plain":
        return {}
    last = int(row["map_entries"]) - 1
    maps = {"verdict_map": [{"first": 0, "last": last, "value": 3}]}
    if int(row["lookups"]) > 1:
        maps["data_map"] = [{"first": 0, "last": last, "value": 1}]
    return maps


def fold(data):
    total = sum(struct.unpack(f"<{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(rng):
    """60 bytes that pass every check of the programs."""
    while True:
        ident, src, dst = rng.getrandbits(16), rng.getrandbits(32), rng.getrandbits(32)
        header = struct.pack("<BBHHHBBHII", 0x45, 0, 46 << 8, ident, 0, 64, 6, 0, src, dst)
        # The programs fold once.
        total = sum(struct.unpack("<10H", header))
        total = (total & 0xFFFF) + (total >> 16)
        if src in (0x01020304,) or src >> 16 == 65535 or total > 0xFFFF or ~total & 0xFFFF == 0x1234:
            continue
        header = header[:10] + struct.pack("<H", ~total & 0xFFFF) + header[12:]
        ports = rng.getrandbits(32)
        seq, ack = rng.getrandbits(32), rng.getrandbits(32)
        if ports & 0xFFFF in (1022, 1023, 1025) or seq < 3 or ack < 3:
            continue
        tcp = struct.pack("<IIIBBHHH", ports, seq, ack, 0x50, 0x10, 0x2000,
                          rng.randrange(1, 65536), 0)
        mac = b"\x02\x00\x00\x00\x00\x01" + b"\x02\x00\x00\x00\x00\x02" + b"\x08\x00"
        return mac + header + tcp + bytes(6)


def write_trace(path, count, seed=1):
    rng = random.Random(seed)
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number in range(count):
            data = frame(rng)
            out.write(struct.pack("<IIII", number, 0, len(data), len(data)) + data)
