// RUN: nfp-bpf-opt %s -bpf-narrow-subregisters -canonicalize -cse | FileCheck %s

// A number that both ways give 16 bits to goes through the join in one register.
// CHECK-LABEL: bpf.func @join
// CHECK: ^bb2(%[[A:.*]]: i32):
// CHECK: arith.cmpi ult, %[[A]], %{{.*}} : i32
bpf.func @join(%p: !bpf.ptr<packet>, %c: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %c1024 = arith.constant 1024 : i64
  %c5 = arith.constant 5 : i64
  %which = arith.cmpi eq, %c, %c0 : i64
  cf.cond_br %which, ^bb1, ^bb2(%c5 : i64)
^bb1:
  %h = bpf.load %p[12] : !bpf.ptr<packet> -> i16
  %w = arith.extui %h : i16 to i64
  cf.br ^bb2(%w : i64)
^bb2(%a: i64):
  %less = arith.cmpi slt, %a, %c1024 : i64
  cf.cond_br %less, ^bb3, ^bb4
^bb3:
  bpf.return %c0 : i64
^bb4:
  bpf.return %c5 : i64
}

// A counter: the optimistic start finds that it stays below the bound.
// CHECK-LABEL: bpf.func @counter
// CHECK: ^bb1(%[[I:.*]]: i32, %[[S:.*]]: i32):
// CHECK: arith.addi %[[S]], %{{.*}} : i32
// CHECK: arith.addi %[[I]], %{{.*}} : i32
bpf.func @counter(%p: !bpf.ptr<packet>) -> i64 {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c9 = arith.constant 9 : i64
  cf.br ^bb1(%c0, %c0 : i64, i64)
^bb1(%i: i64, %sum: i64):
  %q = bpf.ptr_add %p, %i : !bpf.ptr<packet>
  %b = bpf.load %q[0] : !bpf.ptr<packet> -> i8
  %w = arith.extui %b : i8 to i64
  %s = arith.addi %sum, %w : i64
  %n = arith.addi %i, %c1 : i64
  %last = arith.cmpi eq, %n, %c9 : i64
  cf.cond_br %last, ^bb2, ^bb1(%n, %s : i64, i64)
^bb2:
  %low = arith.trunci %s : i64 to i32
  bpf.store %low, %p[0] : i32, !bpf.ptr<packet>
  bpf.return %c0 : i64
}

// Only the low word of the product is read: it is computed in 32 bits.
// CHECK-LABEL: bpf.func @unread
// CHECK: %[[M:.*]] = arith.muli %{{.*}}, %{{.*}} : i32
// CHECK: bpf.store %[[M]]
bpf.func @unread(%p: !bpf.ptr<packet>, %a: i64, %b: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %m = arith.muli %a, %b : i64
  %low = arith.trunci %m : i64 to i32
  bpf.store %low, %p[0] : i32, !bpf.ptr<packet>
  bpf.return %c0 : i64
}

// A dominating comparison bounds the value.
// CHECK-LABEL: bpf.func @bounded
// CHECK: bpf.udiv %{{.*}}, %{{.*}} : i32
bpf.func @bounded(%a: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %c7 = arith.constant 7 : i64
  %c100 = arith.constant 100 : i64
  %less = arith.cmpi ult, %a, %c100 : i64
  cf.cond_br %less, ^bb1, ^bb2
^bb1:
  %x = arith.addi %a, %c7 : i64
  %d = bpf.udiv %c100, %x : i64
  bpf.return %d : i64
^bb2:
  bpf.return %c0 : i64
}

// What may need all bits stays: sums that carry, comparisons of what may be negative, shifts from the upper half,
// amounts that are not known, results of calls.
// CHECK-LABEL: bpf.func @wide
// CHECK: arith.addi %{{.*}} : i64
// CHECK: arith.cmpi slt, %{{.*}} : i64
// CHECK: arith.shrui %{{.*}} : i64
// CHECK: arith.shli %{{.*}} : i64
// CHECK-NOT: i32
bpf.func @wide(%a: i64, %b: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %c9 = arith.constant 9 : i64
  %c63 = arith.constant 63 : i64
  %s = arith.addi %a, %b : i64
  %negative = arith.cmpi slt, %s, %c9 : i64
  cf.cond_br %negative, ^bb1, ^bb2
^bb1:
  bpf.return %c0 : i64
^bb2:
  %up = arith.shrui %s, %c9 : i64
  %n = arith.andi %b, %c63 : i64
  %shifted = arith.shli %up, %n : i64
  bpf.return %shifted : i64
}

// Both edges of a branch to one block.
// CHECK-LABEL: bpf.func @both_edges
// CHECK: arith.select %{{.*}} : i32
bpf.func @both_edges(%p: !bpf.ptr<packet>, %c: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %x = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %y = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  %xw = arith.extui %x : i32 to i64
  %yw = arith.extui %y : i32 to i64
  %which = arith.cmpi eq, %c, %c0 : i64
  cf.cond_br %which, ^bb1(%xw : i64), ^bb1(%yw : i64)
^bb1(%a: i64):
  bpf.return %a : i64
}

// A mask that cuts nothing off disappears; one that does stays.
// CHECK-LABEL: bpf.func @masks
// CHECK: %[[B:.*]] = bpf.load %arg0[4]
// CHECK: %[[A:.*]] = arith.select
// CHECK-NEXT: %[[CUT:.*]] = arith.trunci %[[B]] : i32 to i16
// CHECK-NEXT: %[[MASKED:.*]] = arith.extui %[[CUT]] : i16 to i32
// CHECK-NEXT: arith.xori %[[A]], %[[MASKED]] : i32
bpf.func @masks(%p: !bpf.ptr<packet>, %c: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %c7 = arith.constant 7 : i32
  %x = bpf.load %p[0] : !bpf.ptr<packet> -> i16
  %y = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  %w = arith.extui %x : i16 to i32
  %which = arith.cmpi eq, %c, %c0 : i64
  cf.cond_br %which, ^bb1, ^bb2(%c7, %y : i32, i32)
^bb1:
  cf.br ^bb2(%w, %y : i32, i32)
^bb2(%a: i32, %b: i32):
  %at = arith.trunci %a : i32 to i16
  %ae = arith.extui %at : i16 to i32
  %bt = arith.trunci %b : i32 to i16
  %be = arith.extui %bt : i16 to i32
  %s = arith.xori %ae, %be : i32
  %r = arith.extui %s : i32 to i64
  bpf.return %r : i64
}

// What is shifted out needs no mask; the other mask cuts what is asked for.
// CHECK-LABEL: bpf.func @unasked_masks
// CHECK-NOT: arith.trunci
// CHECK: %[[HIGH:.*]] = arith.shli %arg1,
// CHECK: %[[LOW:.*]] = arith.andi %arg2,
// CHECK: arith.ori %[[HIGH]], %[[LOW]]
bpf.func @unasked_masks(%p: !bpf.ptr<packet>, %a: i32, %b: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  %c16 = arith.constant 16 : i32
  %mask = arith.constant 65535 : i32
  %cut = arith.trunci %a : i32 to i16
  %low = arith.extui %cut : i16 to i32
  %high = arith.shli %low, %c16 : i32
  %rest = arith.andi %b, %mask : i32
  %word = arith.ori %high, %rest : i32
  bpf.store %word, %p[0] : i32, !bpf.ptr<packet>
  bpf.return %c0 : i64
}

// One mask serves the other: only one of them may go.
// CHECK-LABEL: bpf.func @masks_of_masks
// CHECK: arith.andi
// CHECK: bpf.store
bpf.func @masks_of_masks(%p: !bpf.ptr<packet>, %a: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 256 : i32
  %mask = arith.constant 65535 : i32
  %first = arith.andi %a, %mask : i32
  %sum = arith.ori %first, %c1 : i32
  %cut = arith.trunci %sum : i32 to i16
  %second = arith.extui %cut : i16 to i32
  bpf.store %second, %p[0] : i32, !bpf.ptr<packet>
  bpf.return %c0 : i64
}
