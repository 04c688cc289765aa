// RUN: nfp-bpf-opt %s --convert-bpf-to-llvm | FileCheck %s

// CHECK-DAG: llvm.func @nfpbpf.helper(!llvm.ptr, i32, i64, i64, i64, i64, i64, i32) -> i64
// CHECK-DAG: llvm.func @nfpbpf.at(!llvm.ptr, i64, i64, i32, i32) -> !llvm.ptr
// CHECK-NOT: bpf.map
bpf.map @flows type 1 key 4 value 8 entries 16 flags 0 index 0
bpf.map @".rodata" type 2 key 4 value 8 entries 1 flags 0 index 1 read_only
bpf.map @events type 4 key 4 value 4 entries 1 flags 0 index 2

// CHECK-LABEL: llvm.func @bpf.main(%arg0: !llvm.ptr, %arg1: !llvm.ptr, %arg2: i64) -> i64
// CHECK: %[[FRAME:.*]] = llvm.call @nfpbpf.enter(%arg0,
// CHECK: %[[R:.*]] = llvm.call @bpf.sub(%arg0, %[[FRAME]], %arg2) : (!llvm.ptr, !llvm.ptr, i64) -> i64
// CHECK: llvm.load %{{.*}} : !llvm.ptr -> i32
// CHECK: llvm.return %[[R]]
bpf.func @main(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %r = bpf.call @sub(%ctx) : (!bpf.ptr<ctx>) -> i64
  bpf.return %r : i64
}

// CHECK-LABEL: llvm.func internal @bpf.sub
bpf.func @sub(%ctx: !bpf.ptr<ctx>) -> i64 {
  // CHECK: %[[KEY:.*]] = llvm.add %{{.*}}, %{{.*}} : i64
  %key = bpf.frame 8
  // CHECK: llvm.mlir.constant(-70368744177664 : i64)
  %m = bpf.map_ref @flows
  // CHECK: %[[ID:.*]] = llvm.mlir.constant(1 : i32)
  // CHECK: %[[V:.*]] = llvm.call @nfpbpf.helper(%arg0, %[[ID]], %{{.*}}, %[[KEY]],
  %v = bpf.map_lookup %m, %key : !bpf.ptr<stack>
  // CHECK: %[[ONE:.*]] = llvm.mlir.constant(1 : i32)
  // CHECK: llvm.call @nfpbpf.global(%arg0, %[[ONE]])
  %d = bpf.map_value_ref @".rodata"[4]
  // CHECK: %[[FIRST:.*]] = llvm.call @nfpbpf.global(%arg0,
  // CHECK: %[[STRIDE:.*]] = llvm.mlir.constant(16 : i64)
  // CHECK: %[[BEHIND:.*]] = llvm.mul %{{.*}}, %[[STRIDE]]
  // CHECK: llvm.add %[[FIRST]], %[[BEHIND]]
  %index = arith.constant 0 : i32
  %element = bpf.array_element @".rodata"[%index]
  // CHECK: %[[ID:.*]] = llvm.mlir.constant(2 : i32)
  // CHECK: llvm.call @nfpbpf.helper(%arg0, %[[ID]],
  %c0 = arith.constant 0 : i64
  %u = bpf.map_update %m, %key, %d, %c0 : !bpf.ptr<stack>, !bpf.ptr<map_value>
  // CHECK: %[[ID:.*]] = llvm.mlir.constant(3 : i32)
  // CHECK: llvm.call @nfpbpf.helper(%arg0, %[[ID]],
  %r = bpf.map_delete %m, %key : !bpf.ptr<stack>
  // CHECK: %[[ID:.*]] = llvm.mlir.constant(25 : i32)
  // CHECK: llvm.call @nfpbpf.helper(%arg0, %[[ID]], %arg2,
  %e = bpf.map_ref @events
  %c8 = arith.constant 8 : i64
  %p = bpf.perf_event_output %ctx, %e, %c0, %key, %c8 : !bpf.ptr<stack>
  // CHECK: %[[ID:.*]] = llvm.mlir.constant(7 : i32)
  // CHECK: llvm.call @nfpbpf.helper(%arg0, %[[ID]],
  %n = bpf.get_prandom_u32
  // CHECK: %[[ID:.*]] = llvm.mlir.constant(44 : i32)
  // CHECK: llvm.call @nfpbpf.helper(%arg0, %[[ID]], %arg2,
  %h = bpf.adjust_head %ctx, %c8
  // CHECK: %[[ID:.*]] = llvm.mlir.constant(65 : i32)
  // CHECK: llvm.call @nfpbpf.helper(%arg0, %[[ID]], %arg2,
  %t = bpf.adjust_tail %ctx, %c8
  // CHECK: %[[ID:.*]] = llvm.mlir.constant(5 : i32)
  // CHECK: llvm.call @nfpbpf.helper(%arg0, %[[ID]],
  %k = bpf.call_helper 5 "ktime_get_ns"() : () -> i64
  bpf.return %k : i64
}

// Packet pointers are read from the state every time: adjust_head moves them.
// CHECK-LABEL: @bpf.context
bpf.func @context(%ctx: !bpf.ptr<ctx>) -> i32 {
  // CHECK: llvm.load %{{.*}} : !llvm.ptr -> i64
  %data = bpf.packet_data %ctx
  // CHECK: llvm.load %{{.*}} : !llvm.ptr -> i64
  %end = bpf.packet_end %ctx
  // CHECK: llvm.load %{{.*}} : !llvm.ptr -> i64
  %meta = bpf.packet_meta %ctx
  // CHECK: llvm.sub
  // CHECK: llvm.trunc %{{.*}} : i64 to i32
  %len = bpf.packet_len %ctx
  // CHECK: llvm.call @nfpbpf.ctx_load(
  %i = bpf.ctx_load %ctx["ingress_ifindex", 12] : i32
  // CHECK: llvm.call @nfpbpf.ctx_store(
  bpf.ctx_store %i, %ctx["rx_queue_index", 16] : i32
  // CHECK: llvm.call @nfpbpf.ld_packet(%arg0, %{{.*}}, %{{.*}})
  // CHECK: llvm.cond_br
  %l = bpf.ld_packet 2, %ctx[%len]
  bpf.return %l : i32
}

// Every round of a loop costs some of the budget; a function has one counter
// for its may_goto.
// CHECK-LABEL: @bpf.loop
// CHECK: llvm.alloca
// CHECK: llvm.mlir.constant(65535 : i64)
// CHECK: ^[[HEAD:bb[0-9]+]]:
// CHECK: %[[LEFT:.*]] = llvm.load
// CHECK: %[[SPENT:.*]] = llvm.icmp "eq" %[[LEFT]]
// CHECK: llvm.cond_br %[[SPENT]], ^[[STOP:.*]], ^
// CHECK: ^[[STOP]]:
// CHECK: llvm.call @nfpbpf.exhausted(
// CHECK: llvm.return
// CHECK: llvm.br ^[[HEAD]]
bpf.func @loop(%a: i64) -> i64 {
  cf.br ^head
^head:
  %leave = bpf.may_goto
  cf.cond_br %leave, ^out, ^next
^next:
  cf.br ^head
^out:
  bpf.return %a : i64
}
