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
