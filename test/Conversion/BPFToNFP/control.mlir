// RUN: nfp-bpf-opt %s -split-input-file -convert-bpf-to-nfp | FileCheck %s

// A comparison that only a branch uses is flags and a branch; leaving with a
// constant verdict is a constant exit word.
// CHECK-LABEL: nfp.func entry @verdicts
// CHECK-NOT: addc
// CHECK: %[[CC:.+]] = nfp.alu sub %{{.*}}, %{{.*}} flags !nfp.cc
// CHECK-NEXT: nfp.br_cc lo %[[CC]], ^[[PASS:.+]], ^[[DROP:bb[0-9]+]]
// CHECK: nfp.const 1114112
// CHECK-NEXT: nfp.exit
// CHECK: nfp.const 2228224
// CHECK-NEXT: nfp.exit
bpf.func @verdicts(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %d = bpf.packet_data %ctx
  %v = bpf.load %d[0] : !bpf.ptr<packet> -> i32
  %w = arith.extui %v : i32 to i64
  %c = arith.constant 1000 : i64
  %t = arith.cmpi ult, %w, %c : i64
  %pass = arith.constant 2 : i64
  %drop = arith.constant 1 : i64
  cf.cond_br %t, ^out(%pass : i64), ^out(%drop : i64)
^out(%r: i64):
  bpf.return %r : i64
}

// -----

// One bit is tested without flags; a mask sets them by itself.
// CHECK-LABEL: nfp.func entry @bits
// CHECK: nfp.br_bit set 4 %{{.*}} : !nfp.xfer
// CHECK: %[[CC:.+]] = nfp.alu and %{{.*}} flags !nfp.cc
// CHECK-NEXT: nfp.br_cc eq %[[CC]]
bpf.func @bits(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %d = bpf.packet_data %ctx
  %v = bpf.load %d[0] : !bpf.ptr<packet> -> i32
  %z = arith.constant 0 : i32
  %m4 = arith.constant 16 : i32
  %m = arith.constant 6 : i32
  %pass = arith.constant 2 : i64
  %drop = arith.constant 1 : i64
  %a = arith.andi %v, %m4 : i32
  %ca = arith.cmpi ne, %a, %z : i32
  cf.cond_br %ca, ^out(%pass : i64), ^next
^next:
  %b = arith.andi %v, %m : i32
  %cb = arith.cmpi eq, %b, %z : i32
  cf.cond_br %cb, ^out(%pass : i64), ^out(%drop : i64)
^out(%r: i64):
  bpf.return %r : i64
}

// -----

// A verdict known only at run time is looked up in the ABI's table; TC has its
// own codes.
// CHECK-LABEL: nfp.func entry @computed_tc
// CHECK: nfp.br_bit set 2
// CHECK: nfp.const 1141965314
// CHECK: nfp.const 287445265
// CHECK: nfp.shf b shr 0 indirect
// CHECK: nfp.shf b shl 16
// CHECK: nfp.exit
// CHECK: nfp.const 1114112
bpf.func @computed_tc(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<tc>} {
  %n = bpf.packet_len %ctx
  %r = arith.extui %n : i32 to i64
  bpf.return %r : i64
}

// -----

// Subprograms take and return words.
// CHECK-LABEL: nfp.func subprogram @callee
// CHECK-SAME: (%{{.*}}: !nfp.gpr, %{{.*}}: !nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
bpf.func @callee(%p: !bpf.ptr<packet>, %n: i32) -> i64 {
  %v = bpf.load %p[2] : !bpf.ptr<packet> -> i16
  %w = arith.extui %v : i16 to i64
  bpf.return %w : i64
}
// CHECK-LABEL: nfp.func entry @caller
// CHECK: %{{.*}}:2 = nfp.call @callee(%{{.*}}, %{{.*}}) : (!nfp.gpr, !nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
bpf.func @caller(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %d = bpf.packet_data %ctx
  %c = arith.constant 5 : i32
  %r = bpf.call @callee(%d, %c) : (!bpf.ptr<packet>, i32) -> i64
  bpf.return %r : i64
}
