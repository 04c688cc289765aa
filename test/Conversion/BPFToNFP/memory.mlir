// RUN: nfp-bpf-opt %s -split-input-file -convert-bpf-to-nfp | FileCheck %s

// Constant offsets up to 127 are part of the command; longer chains fold.
// CHECK-LABEL: nfp.func entry @packet
// CHECK: %[[D:.+]] = nfp.alu b %{{.*}} : !nfp.lm
// CHECK: %[[O12:.+]] = nfp.imm 12
// CHECK: %[[W:.+]] = nfp.cmd read32_swap sum32 %[[D]], %[[O12]] count 1
// CHECK: nfp.ld_field 3 rotr 0 clear %[[W]]
// CHECK: %[[O26:.+]] = nfp.imm 26
// CHECK: nfp.cmd read32 sum32 %[[D]], %[[O26]] count 1
// CHECK: %[[O300:.+]] = nfp.const 300
// CHECK: %[[FAR:.+]] = nfp.alu add %[[D]], %[[O300]]
// CHECK: nfp.cmd read32_swap sum32 %[[FAR]], %{{.*}} count 2
// CHECK: nfp.cmd write8_swap sum32 %[[D]], %{{.*}} data(%{{.*}}, %{{.*}} : {{.*}}) count 8
// CHECK: nfp.cmd write8 sum32 %[[D]], %{{.*}} data(%{{.*}} : {{.*}}) count 2
bpf.func @packet(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %d = bpf.packet_data %ctx
  %t = bpf.load %d[12] : !bpf.ptr<packet> -> i16
  %c14 = arith.constant 14 : i64
  %ip = bpf.ptr_add %d, %c14 : !bpf.ptr<packet>
  %s = bpf.load %ip[12] order be : !bpf.ptr<packet> -> i32
  %c286 = arith.constant 286 : i64
  %far = bpf.ptr_add %ip, %c286 : !bpf.ptr<packet>
  %l = bpf.load %far[0] : !bpf.ptr<packet> -> i64
  bpf.store %l, %ip[2] : i64, !bpf.ptr<packet>
  bpf.store %t, %ip[10] order be : i16, !bpf.ptr<packet>
  %r = arith.extui %s : i32 to i64
  bpf.return %r : i64
}

// -----

// The frame is addressed from its lowest byte; unaligned words are put together.
// CHECK-LABEL: nfp.func entry @stack
// CHECK-SAME: frame_size = 24
// CHECK: nfp.lm_store %{{.*}}, 8 size 4
// CHECK: nfp.lm_store %{{.*}}, 12 size 4
// CHECK: nfp.lm_load 12 size 2
// CHECK: %[[A:.+]] = nfp.lm_load 8 size 4
// CHECK: %[[B:.+]] = nfp.lm_load 12 size 4
// CHECK: nfp.shf b dbl 8 %[[B]], %[[A]]
// CHECK: nfp.lm_store %{{.*}}, 17 size 1
// CHECK: nfp.lm_store %{{.*}}, 18 size 2
// CHECK: nfp.lm_store %{{.*}}, 20 size 1
bpf.func @stack(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 24
  %n = bpf.packet_len %ctx
  %v = arith.extui %n : i32 to i64
  bpf.store %v, %f[8] : i64, !bpf.ptr<stack>
  %c8 = arith.constant 8 : i64
  %p = bpf.ptr_add %f, %c8 : !bpf.ptr<stack>
  %h = bpf.load %p[4] : !bpf.ptr<stack> -> i16
  %u = bpf.load %p[1] : !bpf.ptr<stack> -> i32
  bpf.store %u, %f[17] : i32, !bpf.ptr<stack>
  %x = arith.extui %h : i16 to i64
  bpf.return %x : i64
}

// -----

// An index that is a multiple of 4 keeps the words of the stack whole.
// CHECK-LABEL: nfp.func entry @stack_index
// CHECK: nfp.lm_store %{{.*}}, 4 size 4 at(%{{.*}} : !nfp.gpr)
bpf.func @stack_index(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 64
  %n = bpf.packet_len %ctx
  %v = arith.extui %n : i32 to i64
  %c7 = arith.constant 7 : i64
  %c2 = arith.constant 2 : i64
  %i = arith.andi %v, %c7 : i64
  %o = arith.shli %i, %c2 : i64
  %p = bpf.ptr_add %f, %o : !bpf.ptr<stack>
  bpf.store %n, %p[4] : i32, !bpf.ptr<stack>
  bpf.return %c2 : i64
}
