// RUN: nfp-bpf-opt %s --convert-bpf-to-nfp --split-input-file | FileCheck %s

// A verdict that is a constant on every edge and only returned is the exit word;
// with a small outcome beside it both share a register.

bpf.map @count type 2 key 4 value 8 entries 8 flags 0 index 0

// Outcome 3 drops (0x22), outcome 4 passes (0x11).
// CHECK-LABEL: nfp.func entry @with_outcome
// CHECK-DAG: nfp.const 8707
// CHECK-DAG: nfp.const 4356
// CHECK: (%[[BOTH:.+]]: !nfp.gpr):
// CHECK: %[[OUTCOME:.+]] = nfp.ld_field 1 rotr 0 clear %[[BOTH]]
// CHECK: nfp.lm_store %[[OUTCOME]], 0 size 4
// CHECK: nfp.helper
// CHECK: %[[CODE:.+]] = nfp.ld_field 4 shl 8 clear %[[BOTH]]
// CHECK: nfp.exit %[[CODE]]
bpf.func @with_outcome(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %c3 = arith.constant 3 : i32
  %c4 = arith.constant 4 : i32
  %x = bpf.get_prandom_u32
  %odd = arith.trunci %x : i64 to i1
  cf.cond_br %odd, ^count(%c3, %c1 : i32, i64), ^count(%c4, %c2 : i32, i64)
^count(%outcome: i32, %verdict: i64):
  bpf.store %outcome, %f[0] : i32, !bpf.ptr<stack>
  %m = bpf.map_ref @count
  %done = bpf.map_delete %m, %f : !bpf.ptr<stack>
  bpf.return %verdict : i64
}

// -----

bpf.map @count type 2 key 4 value 8 entries 8 flags 0 index 0

// Too large an outcome: two registers.
// CHECK-LABEL: nfp.func entry @beside
// CHECK-DAG: nfp.const 2228224
// CHECK-DAG: nfp.const 1114112
// CHECK: (%[[OUTCOME:.+]]: !nfp.gpr, %[[CODE:.+]]: !nfp.gpr):
// CHECK: nfp.lm_store %[[OUTCOME]], 0 size 4
// CHECK: nfp.exit %[[CODE]]
bpf.func @beside(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %c3 = arith.constant 300 : i32
  %c4 = arith.constant 4 : i32
  %x = bpf.get_prandom_u32
  %odd = arith.trunci %x : i64 to i1
  cf.cond_br %odd, ^count(%c3, %c1 : i32, i64), ^count(%c4, %c2 : i32, i64)
^count(%outcome: i32, %verdict: i64):
  bpf.store %outcome, %f[0] : i32, !bpf.ptr<stack>
  %m = bpf.map_ref @count
  %done = bpf.map_delete %m, %f : !bpf.ptr<stack>
  bpf.return %verdict : i64
}

// -----

bpf.map @count type 2 key 4 value 8 entries 8 flags 0 index 0

// Two verdicts of one place: each is the exit word.
// CHECK-LABEL: nfp.func entry @two_verdicts
// CHECK: (%[[V:.+]]: !nfp.gpr, %[[W:.+]]: !nfp.gpr):
// CHECK: nfp.exit %[[V]]
// CHECK: nfp.exit %[[W]]
bpf.func @two_verdicts(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %x = bpf.get_prandom_u32
  %odd = arith.trunci %x : i64 to i1
  cf.cond_br %odd, ^count(%c1, %c2 : i32, i32), ^count(%c2, %c3 : i32, i32)
^count(%v: i32, %w: i32):
  bpf.store %c1, %f[0] : i32, !bpf.ptr<stack>
  %m = bpf.map_ref @count
  %done = bpf.map_delete %m, %f : !bpf.ptr<stack>
  %z = arith.trunci %done : i64 to i1
  cf.cond_br %z, ^a, ^b
^a:
  bpf.store %c1, %f[0] : i32, !bpf.ptr<stack>
  %done2 = bpf.map_delete %m, %f : !bpf.ptr<stack>
  %r = arith.extui %v : i32 to i64
  bpf.return %r : i64
^b:
  %r2 = arith.extui %w : i32 to i64
  bpf.return %r2 : i64
}
