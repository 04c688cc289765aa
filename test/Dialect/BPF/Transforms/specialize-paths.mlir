// RUN: nfp-bpf-opt %s -bpf-specialize-paths -canonicalize -cse | FileCheck %s
// RUN: nfp-bpf-opt %s -bpf-specialize-paths=max-copied=4 -canonicalize -cse | FileCheck %s --check-prefix=FEW

// The way without the optional header has a load at a constant distance; the
// code behind, which does not depend on it, is shared.
// CHECK-LABEL: bpf.func @optional
// CHECK: cf.cond_br %{{.*}}, ^[[WITH:bb[0-9]+]], ^[[WITHOUT:bb[0-9]+]]
// CHECK-DAG: bpf.load %arg0[23]
// CHECK-DAG: bpf.load %{{.*}}[9]
// CHECK: bpf.adjust_tail
// CHECK-NOT: bpf.adjust_tail
// FEW-LABEL: bpf.func @optional
// FEW-NOT: bpf.load %arg0[23]
// FEW: bpf.load %{{.*}}[9]
// FEW-NOT: bpf.load
// FEW: bpf.adjust_tail
bpf.func @optional(%p: !bpf.ptr<packet>, %ctx: !bpf.ptr<ctx>, %n: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %c14 = arith.constant 14 : i64
  %c18 = arith.constant 18 : i64
  %which = arith.cmpi eq, %n, %c0 : i64
  cf.cond_br %which, ^bb1, ^bb2(%c14 : i64)
^bb1:
  %tag = bpf.load %p[14] : !bpf.ptr<packet> -> i8
  %t = arith.extui %tag : i8 to i64
  %with = arith.addi %t, %c18 : i64
  cf.br ^bb2(%with : i64)
^bb2(%offset: i64):
  %q = bpf.ptr_add %p, %offset : !bpf.ptr<packet>
  %proto = bpf.load %q[9] : !bpf.ptr<packet> -> i8
  %x = arith.extui %proto : i8 to i64
  %y = arith.addi %x, %n : i64
  cf.br ^bb3(%y : i64)
^bb3(%v: i64):
  %r = bpf.adjust_tail %ctx, %v
  bpf.return %r : i64
}

// Also what only lies between blocks that depend on the offset is copied.
// CHECK-LABEL: bpf.func @between
// CHECK-DAG: bpf.load %arg0[14]
// CHECK-DAG: bpf.load %arg0[20]
// CHECK-DAG: bpf.store %{{.*}}, %arg0[0]
// CHECK-DAG: bpf.store %{{.*}}, %arg0[0]
bpf.func @between(%p: !bpf.ptr<packet>, %n: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %c14 = arith.constant 14 : i64
  %c9 = arith.constant 9 : i8
  %which = arith.cmpi eq, %n, %c0 : i64
  cf.cond_br %which, ^bb1, ^bb2(%c14 : i64)
^bb1:
  %tag = bpf.load %p[30] : !bpf.ptr<packet> -> i8
  %with = arith.extui %tag : i8 to i64
  cf.br ^bb2(%with : i64)
^bb2(%offset: i64):
  %q = bpf.ptr_add %p, %offset : !bpf.ptr<packet>
  %a = bpf.load %q[0] : !bpf.ptr<packet> -> i8
  %c = arith.cmpi eq, %a, %c9 : i8
  cf.cond_br %c, ^bb3, ^bb4
^bb3:
  bpf.store %c9, %p[0] : i8, !bpf.ptr<packet>
  cf.br ^bb4
^bb4:
  %b = bpf.load %q[6] : !bpf.ptr<packet> -> i8
  %r = arith.extui %b : i8 to i64
  bpf.return %r : i64
}

// A loop's own edges stay.
// CHECK-LABEL: bpf.func @loop
// FEW-LABEL: bpf.func @between
// CHECK: ^bb1(%[[I:.*]]: i64):
// CHECK: bpf.load
// CHECK-NOT: bpf.load
// CHECK: bpf.return
bpf.func @loop(%p: !bpf.ptr<packet>, %n: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  cf.br ^bb1(%c0 : i64)
^bb1(%i: i64):
  %q = bpf.ptr_add %p, %i : !bpf.ptr<packet>
  %b = bpf.load %q[0] : !bpf.ptr<packet> -> i8
  %w = arith.extui %b : i8 to i64
  %next = arith.addi %i, %c1 : i64
  %more = arith.cmpi ult, %w, %n : i64
  cf.cond_br %more, ^bb1(%next : i64), ^bb2
^bb2:
  bpf.return %i : i64
}

// A pointer instead of its distance: the place that is known gets its own code.
// CHECK-LABEL: bpf.func @pointer
// CHECK: %[[P:.*]] = bpf.packet_data
// CHECK-DAG: bpf.load %[[P]][23]
// CHECK-DAG: bpf.load %{{.*}}[9]
bpf.func @pointer(%ctx: !bpf.ptr<ctx>, %n: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %c14 = arith.constant 14 : i64
  %p = bpf.packet_data %ctx
  %first = bpf.ptr_add %p, %c14 : !bpf.ptr<packet>
  %which = arith.cmpi eq, %n, %c0 : i64
  cf.cond_br %which, ^bb1, ^bb2(%first : !bpf.ptr<packet>)
^bb1:
  %tag = bpf.load %p[14] : !bpf.ptr<packet> -> i8
  %t = arith.extui %tag : i8 to i64
  %behind = bpf.ptr_add %first, %t : !bpf.ptr<packet>
  cf.br ^bb2(%behind : !bpf.ptr<packet>)
^bb2(%q: !bpf.ptr<packet>):
  %proto = bpf.load %q[9] : !bpf.ptr<packet> -> i8
  %x = arith.extui %proto : i8 to i64
  %y = arith.addi %x, %n : i64
  bpf.return %y : i64
}
