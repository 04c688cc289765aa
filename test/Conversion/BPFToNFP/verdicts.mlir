// RUN: nfp-bpf-opt %s --convert-bpf-to-nfp | FileCheck %s

// One of several constants: a branch to the exit of each, no exit word made of
// a number.

// CHECK-LABEL: nfp.func entry @choice
// CHECK: nfp.br_cc
// CHECK-NOT: nfp.shf
// CHECK: nfp.br_cc
// CHECK-NOT: nfp.shf
// CHECK-DAG: nfp.const 1114112
// CHECK-DAG: nfp.const 2228224
bpf.func @choice(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>, section = "xdp"} {
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c9 = arith.constant 9 : i32
  %w = bpf.get_prandom_u32
  %n = arith.trunci %w : i64 to i32
  %a = arith.cmpi eq, %n, %c9 : i32
  %inner = arith.select %a, %c1, %c2 : i32
  %b = arith.cmpi ult, %n, %c9 : i32
  %verdict = arith.select %b, %c2, %inner : i32
  %r = arith.extui %verdict : i32 to i64
  bpf.return %r : i64
}
