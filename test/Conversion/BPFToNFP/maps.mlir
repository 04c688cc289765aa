// RUN: nfp-bpf-opt %s -split-input-file -convert-bpf-to-nfp | FileCheck %s

// Uses of the value's words; a counter that is also read is read big-endian,
// as the card keeps it, and an addition to it is waited for.
// CHECK: nfp.map @m {{.*}} uses = array<i8: 3, 3, 1, 0, 2>
bpf.map @m type 1 key 4 value 20 entries 16 flags 0 index 3
// CHECK-LABEL: nfp.func entry @counters
// CHECK: nfp.lm_store
// CHECK: %[[K:.+]] = nfp.frame_addr 4
// CHECK: %[[ID:.+]] = nfp.const 3
// CHECK: %[[V:.+]]:2 = nfp.helper 1 "map_lookup_elem"(%[[ID]]) in [!nfp.gpr<a 0>] lm0(%[[K]] : !nfp.gpr)
// CHECK: nfp.alu b %[[V]]#1 : !nfp.gpr flags
// CHECK: nfp.cmd add64 pair40 %[[V]]#1, %[[V]]#0 data(%{{.*}}, %{{.*}} : {{.*}}) count 1 :
// CHECK: nfp.cmd read32 pair40 %[[V]]#1
// CHECK: nfp.cmd read32 pair40 %[[V]]#1
// CHECK: nfp.cmd read32_swap pair40 %[[V]]#1
// CHECK: nfp.cmd write8_swap pair40 %[[V]]#1
// CHECK: nfp.cmd add64 pair40 %[[V]]#1, %[[V]]#0 data(%{{.*}}, %{{.*}} : {{.*}}) count 1 :
bpf.func @counters(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %n = bpf.packet_len %ctx
  bpf.store %n, %f[4] : i32, !bpf.ptr<stack>
  %c4 = arith.constant 4 : i64
  %k = bpf.ptr_add %f, %c4 : !bpf.ptr<stack>
  %m = bpf.map_ref @m
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %none = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %none, ^out, ^hit
^hit:
  %one = arith.constant 1 : i64
  bpf.atomic_rmw add %one, %v[0] : i64, !bpf.ptr<map_value>
  %old = bpf.load %v[0] : !bpf.ptr<map_value> -> i64
  %x = bpf.load %v[8] : !bpf.ptr<map_value> -> i32
  bpf.store %x, %v[16] : i32, !bpf.ptr<map_value>
  bpf.atomic_rmw add %old, %v[0] : i64, !bpf.ptr<map_value>
  cf.br ^out
^out:
  %c2 = arith.constant 2 : i64
  bpf.return %c2 : i64
}

// -----

// A key in the packet is copied behind the frame. A key in the frame that ends
// inside a word keeps its neighbours.
bpf.map @mac type 1 key 6 value 4 entries 16 flags 0 index 0
// CHECK-LABEL: nfp.func entry @keys
// CHECK-SAME: frame_size = 24
// CHECK: nfp.lm_store %{{.*}}, 16 size 4
// CHECK: nfp.lm_store %{{.*}}, 20 size 2
// CHECK: %[[K:.+]] = nfp.frame_addr 16
// CHECK: nfp.helper 3 "map_delete_elem"(%{{.*}}) in [!nfp.gpr<a 0>] lm0(%[[K]]
// CHECK: %[[KEEP:.+]] = nfp.lm_load 4 size 4
// CHECK: nfp.helper 2 "map_update_elem"({{.*}}) in [!nfp.gpr<a 0>, !nfp.gpr<ab 8>, !nfp.gpr<ab 9>] lm0({{.*}}) lm2({{.*}})
// CHECK: nfp.lm_store %[[KEEP]], 4 size 4
bpf.func @keys(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 16
  %c8 = arith.constant 8 : i64
  %w = bpf.ptr_add %f, %c8 : !bpf.ptr<stack>
  %d = bpf.packet_data %ctx
  %m = bpf.map_ref @mac
  %r = bpf.map_delete %m, %d : !bpf.ptr<packet>
  %any = arith.constant 0 : i64
  %s = bpf.map_update %m, %f, %w, %any : !bpf.ptr<stack>, !bpf.ptr<stack>
  %c2 = arith.constant 2 : i64
  bpf.return %c2 : i64
}

// -----

// A value that initializes counters is turned over for the call.
bpf.map @c type 1 key 4 value 8 entries 16 flags 0 index 0
// CHECK-LABEL: nfp.func entry @init
// CHECK: %[[OLD:.+]] = nfp.lm_load 8 size 4
// CHECK: nfp.shf b rotr 8 %[[OLD]]
// CHECK: nfp.lm_store %{{.*}}, 8 size 4
// CHECK: nfp.helper 2
// CHECK: nfp.lm_store %[[OLD]], 8 size 4
bpf.func @init(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 16
  %m = bpf.map_ref @c
  %c8 = arith.constant 8 : i64
  %v = bpf.ptr_add %f, %c8 : !bpf.ptr<stack>
  %any = arith.constant 0 : i64
  %s = bpf.map_update %m, %f, %v, %any : !bpf.ptr<stack>, !bpf.ptr<stack>
  %p = bpf.map_lookup %m, %f : !bpf.ptr<stack>
  %none = bpf.is_null %p : !bpf.ptr<map_value>
  cf.cond_br %none, ^out, ^hit
^hit:
  %one = arith.constant 1 : i32
  bpf.atomic_rmw add %one, %p[0] : i32, !bpf.ptr<map_value>
  cf.br ^out
^out:
  %c2 = arith.constant 2 : i64
  bpf.return %c2 : i64
}

// -----

// Every kind of atomic operation has a command; small additions to words that
// are only added to need no wait.
bpf.map @m type 1 key 4 value 40 entries 16 flags 0 index 0
// CHECK-LABEL: nfp.func entry @kinds
// CHECK: %[[P:.+]] = nfp.shf or shl 16 {{.*}} prev !nfp.prev
// CHECK: nfp.cmd add_imm pair40 {{.*}} prev(%[[P]]) count 1 posted
// CHECK: nfp.cmd set pair40 {{.*}} count 2
// CHECK: nfp.cmd clr pair40 {{.*}} count 1
// CHECK: nfp.cmd xor pair40 {{.*}} count 2
// CHECK: nfp.cmd test_add pair40 {{.*}} count 1
// CHECK: nfp.cmd test_set pair40 {{.*}} count 1
// CHECK: nfp.cmd test_clr pair40 {{.*}} count 1
// CHECK: nfp.cmd test_xor pair40 {{.*}} count 1
// CHECK: nfp.cmd swap pair40 {{.*}} count 2
// CHECK: nfp.cmd test_add64 pair40 {{.*}} count 1
bpf.func @kinds(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %n = bpf.packet_len %ctx
  %w = arith.extui %n : i32 to i64
  bpf.store %n, %f[4] : i32, !bpf.ptr<stack>
  %c4 = arith.constant 4 : i64
  %k = bpf.ptr_add %f, %c4 : !bpf.ptr<stack>
  %m = bpf.map_ref @m
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %one = arith.constant 1 : i32
  bpf.atomic_rmw add %one, %v[0] : i32, !bpf.ptr<map_value>
  bpf.atomic_rmw or %w, %v[8] : i64, !bpf.ptr<map_value>
  bpf.atomic_rmw and %n, %v[16] : i32, !bpf.ptr<map_value>
  bpf.atomic_rmw xor %w, %v[24] : i64, !bpf.ptr<map_value>
  %a = bpf.atomic_fetch_rmw add %n, %v[32] : i32, !bpf.ptr<map_value>
  %b = bpf.atomic_fetch_rmw or %a, %v[32] : i32, !bpf.ptr<map_value>
  %c = bpf.atomic_fetch_rmw and %b, %v[32] : i32, !bpf.ptr<map_value>
  %d = bpf.atomic_fetch_rmw xor %c, %v[32] : i32, !bpf.ptr<map_value>
  %e = arith.extui %d : i32 to i64
  %g = bpf.atomic_fetch_rmw xchg %e, %v[24] : i64, !bpf.ptr<map_value>
  %h = bpf.atomic_fetch_rmw add %g, %v[24] : i64, !bpf.ptr<map_value>
  bpf.return %h : i64
}
