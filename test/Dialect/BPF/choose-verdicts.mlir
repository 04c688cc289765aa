// RUN: nfp-bpf-opt %s --bpf-choose-verdicts --cse --split-input-file | FileCheck %s

// What was decided comes with its verdict: selects and branches over the number
// of the outcome.

bpf.map @count type 2 key 4 value 8 entries 8 flags 0 index 0
// CHECK-LABEL: bpf.func @selects
// CHECK: cf.cond_br %{{.*}}, ^[[J:bb[0-9]+]](%c3_i32, %c1_i64 : i32, i64), ^[[J]](%c4_i32, %c2_i64 : i32, i64)
// CHECK: ^[[J]](%[[OUTCOME:.+]]: i32, %[[VERDICT:.+]]: i64):
// CHECK: bpf.store %[[OUTCOME]]
// CHECK: bpf.return %[[VERDICT]]
bpf.func @selects(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %c4 = arith.constant 4 : i32
  %x = bpf.get_prandom_u32
  %odd = arith.trunci %x : i64 to i1
  cf.cond_br %odd, ^count(%c3 : i32), ^count(%c4 : i32)
^count(%outcome: i32):
  bpf.store %outcome, %f[0] : i32, !bpf.ptr<stack>
  %m = bpf.map_ref @count
  %done = bpf.map_delete %m, %f : !bpf.ptr<stack>
  %is3 = arith.cmpi eq, %outcome, %c3 : i32
  %v = arith.select %is3, %c1, %c2 : i32
  %r = arith.extui %v : i32 to i64
  bpf.return %r : i64
}

// -----

bpf.map @count type 2 key 4 value 8 entries 8 flags 0 index 0
// CHECK-LABEL: bpf.func @branches
// CHECK: ^bb2(%c1_i32, %c3_i64 : i32, i64), ^bb1
// CHECK: ^bb2(%c9_i32, %c2_i64 : i32, i64), ^bb2(%c4_i32, %c3_i64 : i32, i64)
// CHECK: ^bb2(%{{.+}}: i32, %[[VERDICT:.+]]: i64):
// CHECK: bpf.map_delete
// CHECK-NEXT: bpf.return %[[VERDICT]] : i64
// CHECK-NEXT: }
bpf.func @branches(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i64
  %c3 = arith.constant 3 : i64
  %c4 = arith.constant 4 : i32
  %c9 = arith.constant 9 : i32
  %mask = arith.constant 18 : i32
  %zero = arith.constant 0 : i32
  %x = bpf.get_prandom_u32
  %odd = arith.trunci %x : i64 to i1
  cf.cond_br %odd, ^count(%c1 : i32), ^other
^other:
  %c8 = arith.constant 8 : i64
  %few = arith.cmpi ult, %x, %c8 : i64
  cf.cond_br %few, ^count(%c9 : i32), ^count(%c4 : i32)
^count(%outcome: i32):
  bpf.store %outcome, %f[0] : i32, !bpf.ptr<stack>
  %m = bpf.map_ref @count
  %done = bpf.map_delete %m, %f : !bpf.ptr<stack>
  %far = arith.cmpi ugt, %outcome, %c4 : i32
  cf.cond_br %far, ^end(%c2 : i64), ^near
^near:
  %bit = arith.shli %c1, %outcome : i32
  %hit = arith.andi %bit, %mask : i32
  %set = arith.cmpi ne, %hit, %zero : i32
  cf.cond_br %set, ^end(%c3 : i64), ^end(%c2 : i64)
^end(%r: i64):
  bpf.return %r : i64
}

// -----

// Not where an edge brings something else, more than the outcome decides, or
// work is to be done on the way.

bpf.map @count type 2 key 4 value 8 entries 8 flags 0 index 0
// CHECK-LABEL: bpf.func @unknown
// CHECK: arith.select
// CHECK-LABEL: bpf.func @more
// CHECK: arith.select
// CHECK-LABEL: bpf.func @work
// CHECK: cf.cond_br
// CHECK: cf.cond_br
bpf.func @unknown(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %x = bpf.get_prandom_u32
  %odd = arith.trunci %x : i64 to i1
  cf.cond_br %odd, ^count(%c1 : i64), ^count(%x : i64)
^count(%outcome: i64):
  bpf.store %outcome, %f[0] : i64, !bpf.ptr<stack>
  %m = bpf.map_ref @count
  %done = bpf.map_delete %m, %f : !bpf.ptr<stack>
  %is1 = arith.cmpi eq, %outcome, %c1 : i64
  %v = arith.select %is1, %c1, %c2 : i64
  bpf.return %v : i64
}
bpf.func @more(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %x = bpf.get_prandom_u32
  %odd = arith.trunci %x : i64 to i1
  cf.cond_br %odd, ^count(%c1 : i64), ^count(%c2 : i64)
^count(%outcome: i64):
  bpf.store %outcome, %f[0] : i64, !bpf.ptr<stack>
  %m = bpf.map_ref @count
  %p = bpf.map_lookup %m, %f : !bpf.ptr<stack>
  %none = bpf.is_null %p : !bpf.ptr<map_value>
  %v = arith.select %none, %c1, %outcome : i64
  bpf.return %v : i64
}
bpf.func @work(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %x = bpf.get_prandom_u32
  %odd = arith.trunci %x : i64 to i1
  cf.cond_br %odd, ^count(%c1 : i64), ^count(%c2 : i64)
^count(%outcome: i64):
  bpf.store %outcome, %f[0] : i64, !bpf.ptr<stack>
  %m = bpf.map_ref @count
  %done = bpf.map_delete %m, %f : !bpf.ptr<stack>
  %is1 = arith.cmpi eq, %outcome, %c1 : i64
  cf.cond_br %is1, ^delete, ^end(%c2 : i64)
^delete:
  %d = bpf.map_delete %m, %f : !bpf.ptr<stack>
  cf.br ^end(%c1 : i64)
^end(%r: i64):
  bpf.return %r : i64
}
