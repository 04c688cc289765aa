// RUN: nfp-bpf-opt %s -split-input-file -convert-bpf-to-nfp | FileCheck %s

// Bounds of the packet from the packet vector; the check is three instructions.
// CHECK-LABEL: nfp.func entry @bounds
// CHECK: %[[A:.+]] = nfp.lm index1[2]
// CHECK: %[[D:.+]] = nfp.alu b %[[A]]
// CHECK: %[[L:.+]] = nfp.lm index1[0]
// CHECK: %[[M:.+]] = nfp.const 16383
// CHECK: %[[N:.+]] = nfp.alu and %[[L]], %[[M]]
// CHECK: %[[E:.+]] = nfp.alu add %[[N]], %{{.*}}
// CHECK: %[[P:.+]] = nfp.alu add %[[D]], %{{.*}}
// CHECK: %[[CC:.+]] = nfp.alu sub %[[E]], %[[P]] : {{.*}} flags
// CHECK: nfp.br_cc lo %[[CC]]
bpf.func @bounds(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %d = bpf.packet_data %ctx
  %e = bpf.packet_end %ctx
  %c = arith.constant 34 : i64
  %p = bpf.ptr_add %d, %c : !bpf.ptr<packet>
  %over = bpf.ptr_cmp ugt %p, %e : !bpf.ptr<packet>, !bpf.ptr<packet_end>
  %pass = arith.constant 2 : i64
  %drop = arith.constant 1 : i64
  cf.cond_br %over, ^out(%drop : i64), ^out(%pass : i64)
^out(%r: i64):
  bpf.return %r : i64
}

// -----

// CHECK-LABEL: nfp.func entry @head
// CHECK: nfp.alu add16
// CHECK: nfp.br_cc lo
// CHECK-DAG: nfp.br_cc lt
// CHECK-DAG: nfp.ld_field 3 rotr 0 %{{.*}} to %{{.*}} : !nfp.gpr
// CHECK-DAG: nfp.alu sub %[[W:.+]], %{{.*}} to %[[W]]
bpf.func @head(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %n = bpf.packet_len %ctx
  %delta = arith.extui %n : i32 to i64
  %r = bpf.adjust_head %ctx, %delta
  bpf.return %r : i64
}

// -----

// CHECK-LABEL: nfp.func entry @tail
// CHECK: %{{.*}}, %[[CC:.+]] = nfp.alu add
// CHECK: nfp.br_cc lo %[[CC]]
// CHECK: nfp.alu add %[[W:.+]], %{{.*}} to %[[W]]
bpf.func @tail(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %n = bpf.packet_len %ctx
  %delta = arith.extui %n : i32 to i64
  %r = bpf.adjust_tail %ctx, %delta
  bpf.return %r : i64
}

// -----

// CHECK-LABEL: nfp.func entry @queue
// CHECK: nfp.alu or %[[F:.+]], %{{.*}} to %[[F]]
// CHECK: nfp.ld_field 1 rotr 0 %{{.*}} to %{{.*}} : !nfp.imm
bpf.func @queue(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %q = arith.constant 3 : i32
  bpf.ctx_store %q, %ctx["rx_queue_index", 16] : i32
  %c2 = arith.constant 2 : i64
  bpf.return %c2 : i64
}

// -----

// A legacy packet load outside the packet leaves the program.
// CHECK-LABEL: nfp.func entry @legacy
// CHECK: nfp.br_cc lo %{{.*}}, ^[[ABORT:bb[0-9]+]], ^
// CHECK: nfp.cmd read32 sum32
// CHECK: nfp.shf b shr 16
// CHECK: ^[[ABORT]]:
// CHECK-NEXT: nfp.const 8519680
bpf.func @legacy(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %o = arith.constant 12 : i32
  %v = bpf.ld_packet 2, %ctx[%o]
  %r = arith.extui %v : i32 to i64
  bpf.return %r : i64
}

// -----

// CHECK-LABEL: nfp.func entry @helpers
// CHECK: nfp.csr_rd pseudo_random
// CHECK: nfp.helper 25 "perf_event_output"({{.*}}) in [!nfp.gpr<a 1>, !nfp.gpr<ab 4>, !nfp.gpr<ab 5>, !nfp.gpr<ab 6>, !nfp.gpr<ab 7>, !nfp.gpr<ab 8>, !nfp.gpr<ab 9>, !nfp.gpr<ab 10>, !nfp.gpr<ab 11>]
bpf.map @events type 4 key 4 value 4 entries 2 flags 0 index 0
bpf.func @helpers(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %x = bpf.get_prandom_u32
  bpf.store %x, %f[0] : i64, !bpf.ptr<stack>
  %m = bpf.map_ref @events
  %flags = arith.constant 4294967295 : i64
  %size = arith.constant 8 : i64
  %r = bpf.perf_event_output %ctx, %m, %flags, %f, %size : !bpf.ptr<stack>
  bpf.return %r : i64
}
