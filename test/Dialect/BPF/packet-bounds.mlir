// RUN: nfp-bpf-opt %s --bpf-packet-bounds --split-input-file | FileCheck %s

// No packet access.
// CHECK: bpf.max_packet_offset = 0 : i64
bpf.func @none(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %c = arith.constant 2 : i64
  bpf.return %c : i64
}

// -----

// Constant offsets, the last byte of the widest access.
// CHECK: bpf.max_packet_offset = 53 : i64
bpf.func @constant(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %p = bpf.packet_data %ctx
  %c20 = arith.constant 20 : i64
  %q = bpf.ptr_add %p, %c20 : !bpf.ptr<packet>
  %a = bpf.load %q[30] : <packet> -> i32
  %b = bpf.load %p[50] : <packet> -> i8
  %c = arith.constant 2 : i64
  bpf.return %c : i64
}

// -----

// A masked and shifted length: 14 + 60 + 2 bytes - 1.
// CHECK: bpf.max_packet_offset = 75 : i64
bpf.func @masked(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %p = bpf.packet_data %ctx
  %b = bpf.load %p[14] : <packet> -> i8
  %w = arith.extui %b : i8 to i64
  %c15 = arith.constant 15 : i64
  %c2 = arith.constant 2 : i64
  %m = arith.andi %w, %c15 : i64
  %len = arith.shli %m, %c2 : i64
  %q = bpf.ptr_add %p, %len : !bpf.ptr<packet>
  %v = bpf.load %q[14] : <packet> -> i16
  bpf.return %c2 : i64
}

// -----

// A comparison on the way to the access, of the low 32 bits. The access on the
// other way has no variable offset.
// CHECK: bpf.max_packet_offset = 127 : i64
bpf.func @compared(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %p = bpf.packet_data %ctx
  %w = bpf.load %p[14] : <packet> -> i32
  %r = arith.extui %w : i32 to i64
  %low = arith.trunci %r : i64 to i32
  %c100 = arith.constant 100 : i32
  %small = arith.cmpi ule, %low, %c100 : i32
  cf.cond_br %small, ^near, ^far
^near:
  %q = bpf.ptr_add %p, %r : !bpf.ptr<packet>
  %v = bpf.load %q[20] : <packet> -> i64
  cf.br ^far
^far:
  %y = bpf.load %p[64] : <packet> -> i64
  %c = arith.constant 2 : i64
  bpf.return %c : i64
}

// -----

// The same access where the comparison does not lead.
// CHECK: bpf.max_packet_offset = 65535 : i64
bpf.func @beside(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %p = bpf.packet_data %ctx
  %w = bpf.load %p[14] : <packet> -> i32
  %r = arith.extui %w : i32 to i64
  %c100 = arith.constant 100 : i32
  %small = arith.cmpi ule, %w, %c100 : i32
  cf.cond_br %small, ^near, ^far
^near:
  cf.br ^far
^far:
  %q = bpf.ptr_add %p, %r : !bpf.ptr<packet>
  %v = bpf.load %q[20] : <packet> -> i64
  %c = arith.constant 2 : i64
  bpf.return %c : i64
}

// -----

// A loop that ends when its counter equals 20, in steps of 2: offsets to 18.
// CHECK: bpf.max_packet_offset = 33 : i64
bpf.func @counted(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %p = bpf.packet_data %ctx
  %c0 = arith.constant 0 : i64
  %c2 = arith.constant 2 : i64
  %c20 = arith.constant 20 : i32
  cf.br ^loop(%c0 : i64)
^loop(%i: i64):
  %q = bpf.ptr_add %p, %i : !bpf.ptr<packet>
  %v = bpf.load %q[14] : <packet> -> i16
  %next = arith.addi %i, %c2 : i64
  %low = arith.trunci %next : i64 to i32
  %more = arith.cmpi ne, %low, %c20 : i32
  cf.cond_br %more, ^loop(%next : i64), ^done
^done:
  bpf.return %c2 : i64
}

// -----

// Its step misses the end: the counter overflows.
// CHECK: bpf.max_packet_offset = 65535 : i64
bpf.func @missed(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %p = bpf.packet_data %ctx
  %c0 = arith.constant 0 : i64
  %c3 = arith.constant 3 : i64
  %c20 = arith.constant 20 : i64
  cf.br ^loop(%c0 : i64)
^loop(%i: i64):
  %q = bpf.ptr_add %p, %i : !bpf.ptr<packet>
  %v = bpf.load %q[14] : <packet> -> i16
  %next = arith.addi %i, %c3 : i64
  %more = arith.cmpi ne, %next, %c20 : i64
  cf.cond_br %more, ^loop(%next : i64), ^done
^done:
  bpf.return %c3 : i64
}

// -----

// A pointer that a loop moves.
// CHECK: bpf.max_packet_offset = 65535 : i64
bpf.func @moved(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %p = bpf.packet_data %ctx
  %end = bpf.packet_end %ctx
  %c1 = arith.constant 1 : i64
  cf.br ^loop(%p : !bpf.ptr<packet>)
^loop(%q: !bpf.ptr<packet>):
  %next = bpf.ptr_add %q, %c1 : !bpf.ptr<packet>
  %over = bpf.ptr_cmp ugt %next, %end : !bpf.ptr<packet>, !bpf.ptr<packet_end>
  cf.cond_br %over, ^done, ^more
^more:
  %v = bpf.load %q[0] : <packet> -> i8
  cf.br ^loop(%next : !bpf.ptr<packet>)
^done:
  bpf.return %c1 : i64
}

// -----

// Through a stack slot, a call and its result; a negative offset.
// CHECK: bpf.max_packet_offset = 39 : i64
bpf.func private @skip(%p: !bpf.ptr<packet>) -> !bpf.ptr<packet> {
  %c34 = arith.constant 34 : i64
  %q = bpf.ptr_add %p, %c34 : !bpf.ptr<packet>
  bpf.return %q : !bpf.ptr<packet>
}
bpf.func @through(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %p = bpf.packet_data %ctx
  bpf.store %p, %f[0] : !bpf.ptr<packet>, !bpf.ptr<stack>
  %again = bpf.load %f[0] : <stack> -> !bpf.ptr<packet>
  %q = bpf.call @skip(%again) : (!bpf.ptr<packet>) -> !bpf.ptr<packet>
  %m8 = arith.constant -8 : i64
  %back = bpf.ptr_add %q, %m8 : !bpf.ptr<packet>
  %v = bpf.load %back[10] : <packet> -> i32
  %c = arith.constant 2 : i64
  bpf.return %c : i64
}

// -----

// A key in the packet has the map's key size.
// CHECK: bpf.max_packet_offset = 37 : i64
bpf.map @flows type 1 key 12 value 8 entries 16 flags 0 index 0
bpf.func @key(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %p = bpf.packet_data %ctx
  %c26 = arith.constant 26 : i64
  %k = bpf.ptr_add %p, %c26 : !bpf.ptr<packet>
  %m = bpf.map_ref @flows
  %v = bpf.map_lookup %m, %k : !bpf.ptr<packet>
  bpf.return %c26 : i64
}

// -----

// Legacy loads: a constant offset, and one from the packet.
// CHECK: bpf.max_packet_offset = 24 : i64
bpf.func @legacy(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<tc>} {
  %c23 = arith.constant 23 : i32
  %v = bpf.ld_packet 2, %ctx[%c23]
  %c = arith.constant 2 : i64
  bpf.return %c : i64
}

// -----

// CHECK: bpf.max_packet_offset = 65535 : i64
bpf.func @indirect(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<tc>} {
  %c23 = arith.constant 23 : i32
  %v = bpf.ld_packet 4, %ctx[%c23]
  %w = bpf.ld_packet 2, %ctx[%v]
  %c = arith.constant 2 : i64
  bpf.return %c : i64
}
