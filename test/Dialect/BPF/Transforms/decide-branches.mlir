// RUN: nfp-bpf-opt %s -bpf-decide-branches -canonicalize -cse | FileCheck %s

// The opposite was true already, so the second branch goes one way; the third
// asks something else.
// CHECK-LABEL: bpf.func @again
// CHECK: cf.cond_br
// CHECK: cf.cond_br
// CHECK-NOT: cf.cond_br
// CHECK: bpf.return
bpf.func @again(%n: i64, %m: i64) -> i64 {
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %c3 = arith.constant 3 : i64
  %c4 = arith.constant 4 : i64
  %eq = arith.cmpi eq, %n, %m : i64
  %ne = arith.cmpi ne, %n, %m : i64
  %lt = arith.cmpi ult, %n, %m : i64
  cf.cond_br %eq, ^bb1, ^bb2
^bb1:
  bpf.return %c1 : i64
^bb2:
  cf.cond_br %lt, ^bb3, ^bb4
^bb3:
  cf.cond_br %ne, ^bb5, ^bb6
^bb4:
  bpf.return %c2 : i64
^bb5:
  bpf.return %c3 : i64
^bb6:
  bpf.return %c4 : i64
}

// Where both ways meet nothing is decided.
// CHECK-LABEL: bpf.func @join
// CHECK: cf.cond_br
// CHECK: cf.cond_br
bpf.func @join(%p: !bpf.ptr<packet>, %n: i64, %m: i64) -> i64 {
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %v = arith.constant 3 : i8
  %eq = arith.cmpi eq, %n, %m : i64
  cf.cond_br %eq, ^bb1, ^bb2
^bb1:
  bpf.store %v, %p[0] : i8, !bpf.ptr<packet>
  cf.br ^bb2
^bb2:
  bpf.store %v, %p[1] : i8, !bpf.ptr<packet>
  cf.cond_br %eq, ^bb3, ^bb4
^bb3:
  bpf.store %v, %p[2] : i8, !bpf.ptr<packet>
  bpf.return %c1 : i64
^bb4:
  bpf.return %c2 : i64
}

// Bytes that are known to be in the packet need no other test, in whatever
// terms it asks, also when the start has moved; more bytes do.
// CHECK-LABEL: bpf.func @bounds
// CHECK-COUNT-3: cf.cond_br
// CHECK-NOT: cf.cond_br
// CHECK: bpf.return
bpf.func @bounds(%ctx: !bpf.ptr<ctx>) -> i64 {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c14 = arith.constant 14 : i64
  %c20 = arith.constant 20 : i64
  %c34 = arith.constant 34 : i64
  %c40 = arith.constant 40 : i64
  %back = arith.constant -20 : i64
  %end = bpf.packet_end %ctx
  %data = bpf.packet_data %ctx
  %p34 = bpf.ptr_add %data, %c34 : !bpf.ptr<packet>
  %p20 = bpf.ptr_add %data, %c20 : !bpf.ptr<packet>
  %p40 = bpf.ptr_add %data, %c40 : !bpf.ptr<packet>
  %short = bpf.ptr_cmp ugt %p34, %end : !bpf.ptr<packet>, !bpf.ptr<packet_end>
  cf.cond_br %short, ^out, ^bb1
^bb1:
  %has20 = bpf.ptr_cmp uge %end, %p20 : !bpf.ptr<packet_end>, !bpf.ptr<packet>
  cf.cond_br %has20, ^bb2, ^out
^bb2:
  %has40 = bpf.ptr_cmp ule %p40, %end : !bpf.ptr<packet>, !bpf.ptr<packet_end>
  cf.cond_br %has40, ^out, ^bb3
^bb3:
  %less41 = bpf.ptr_cmp uge %p40, %end : !bpf.ptr<packet>, !bpf.ptr<packet_end>
  cf.cond_br %less41, ^bb4, ^out
^bb4:
  %r = bpf.adjust_head %ctx, %back
  %failed = arith.cmpi ne, %r, %c0 : i64
  cf.cond_br %failed, ^out, ^bb5
^bb5:
  %newend = bpf.packet_end %ctx
  %new = bpf.packet_data %ctx
  %n34 = bpf.ptr_add %new, %c34 : !bpf.ptr<packet>
  %newshort = bpf.ptr_cmp ugt %n34, %newend : !bpf.ptr<packet>, !bpf.ptr<packet_end>
  cf.cond_br %newshort, ^out, ^bb6
^bb6:
  bpf.return %c1 : i64
^out:
  bpf.return %c0 : i64
}

// The end has moved.
// CHECK-LABEL: bpf.func @moved_end
// CHECK-COUNT-2: cf.cond_br
bpf.func @moved_end(%ctx: !bpf.ptr<ctx>) -> i64 {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c20 = arith.constant 20 : i64
  %c34 = arith.constant 34 : i64
  %less = arith.constant -20 : i64
  %end = bpf.packet_end %ctx
  %data = bpf.packet_data %ctx
  %p34 = bpf.ptr_add %data, %c34 : !bpf.ptr<packet>
  %short = bpf.ptr_cmp ugt %p34, %end : !bpf.ptr<packet>, !bpf.ptr<packet_end>
  cf.cond_br %short, ^out, ^bb1
^bb1:
  %r = bpf.adjust_tail %ctx, %less
  %newend = bpf.packet_end %ctx
  %new = bpf.packet_data %ctx
  %p20 = bpf.ptr_add %new, %c20 : !bpf.ptr<packet>
  %newshort = bpf.ptr_cmp ugt %p20, %newend : !bpf.ptr<packet>, !bpf.ptr<packet_end>
  cf.cond_br %newshort, ^out, ^bb2
^bb2:
  bpf.return %c1 : i64
^out:
  bpf.return %c0 : i64
}
