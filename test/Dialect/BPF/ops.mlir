// RUN: nfp-bpf-opt %s | nfp-bpf-opt | FileCheck %s
// RUN: nfp-bpf-opt %s --mlir-print-op-generic | nfp-bpf-opt | FileCheck %s
// RUN: nfp-bpf-opt %s --verify-roundtrip -o /dev/null

// CHECK: bpf.map @counters type 2 key 4 value 8 entries 256 flags 0 index 0
bpf.map @counters type 2 key 4 value 8 entries 256 flags 0 index 0
// CHECK: bpf.map @".rodata" type 2 key 4 value 2 entries 1 flags 128 index 1 read_only contents [1, -2]
bpf.map @".rodata" type 2 key 4 value 2 entries 1 flags 128 index 1 read_only contents [1, -2]
// Numbers are unsigned.
// CHECK: bpf.map @large type 1 key 4 value 4 entries 4294967295 flags 2147483648 index 2
bpf.map @large type 1 key 4 value 4 entries 4294967295 flags 2147483648 index 2

// CHECK-LABEL: bpf.func @main(%{{.*}}: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>, section = "xdp"}
bpf.func @main(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>, section = "xdp"} {
  // CHECK: %[[FRAME:.*]] = bpf.frame 16
  %frame = bpf.frame 16
  %c8 = arith.constant 8 : i64
  %c32 = arith.constant 32 : i32
  // CHECK: %[[P:.*]] = bpf.packet_data %{{.*}}
  %p = bpf.packet_data %ctx
  // CHECK: bpf.packet_end
  %end = bpf.packet_end %ctx
  // CHECK: bpf.packet_meta
  %meta = bpf.packet_meta %ctx
  // CHECK: bpf.packet_len %{{.*}}
  %len = bpf.packet_len %ctx
  // CHECK: bpf.ptr_add %[[P]], %{{.*}} : <packet>
  %q = bpf.ptr_add %p, %c8 : !bpf.ptr<packet>
  // CHECK: bpf.ptr_diff %{{.*}}, %[[P]] : <packet_end>, <packet>
  %n = bpf.ptr_diff %end, %p : !bpf.ptr<packet_end>, !bpf.ptr<packet>
  // CHECK: bpf.ptr_cmp ugt %{{.*}}, %{{.*}} : <packet>, <packet_end>
  %c = bpf.ptr_cmp ugt %q, %end : !bpf.ptr<packet>, !bpf.ptr<packet_end>
  // CHECK: bpf.null : <map_value>
  %null = bpf.null : !bpf.ptr<map_value>
  // CHECK: bpf.is_null %{{.*}} : <map_value>
  %z = bpf.is_null %null : !bpf.ptr<map_value>
  // CHECK: bpf.ptr_to_int %{{.*}} : <packet>
  %i = bpf.ptr_to_int %p : !bpf.ptr<packet>
  // CHECK: bpf.int_to_ptr %{{.*}} : <opaque>
  %o = bpf.int_to_ptr %i : !bpf.ptr<opaque>

  // CHECK: bpf.load %[[P]][12] : <packet> -> i16
  %v16 = bpf.load %p[12] : !bpf.ptr<packet> -> i16
  // CHECK: bpf.load %[[P]][-4] order be : <packet> -> i32
  %v32 = bpf.load %p[-4] order be : !bpf.ptr<packet> -> i32
  // CHECK: bpf.store %{{.*}}, %[[P]][0] : i16, <packet>
  bpf.store %v16, %p[0] : i16, !bpf.ptr<packet>
  // CHECK: bpf.store %{{.*}}, %[[P]][0] order be : i32, <packet>
  bpf.store %v32, %p[0] order be : i32, !bpf.ptr<packet>
  // CHECK: bpf.store %[[P]], %[[FRAME]][8] : !bpf.ptr<packet>, <stack>
  bpf.store %p, %frame[8] : !bpf.ptr<packet>, !bpf.ptr<stack>
  // CHECK: bpf.load %[[FRAME]][8] : <stack> -> !bpf.ptr<packet>
  %r = bpf.load %frame[8] : !bpf.ptr<stack> -> !bpf.ptr<packet>

  // CHECK: bpf.ctx_load %{{.*}}["ingress_ifindex", 12] : i32
  %if = bpf.ctx_load %ctx["ingress_ifindex", 12] : i32
  // CHECK: bpf.ctx_store %{{.*}}, %{{.*}}["mark", 8] : i32
  bpf.ctx_store %if, %ctx["mark", 8] : i32
  // CHECK: bpf.ld_packet 2, %{{.*}}[%{{.*}}]
  %abs = bpf.ld_packet 2, %ctx[%c32]

  // CHECK: bpf.bswap %{{.*}} : i16
  %s = bpf.bswap %v16 : i16
  // CHECK: bpf.udiv %{{.*}}, %{{.*}} : i32
  %d0 = bpf.udiv %v32, %c32 : i32
  // CHECK: bpf.umod %{{.*}}, %{{.*}} : i32
  %d1 = bpf.umod %v32, %c32 : i32
  // CHECK: bpf.sdiv %{{.*}}, %{{.*}} : i64
  %d2 = bpf.sdiv %n, %c8 : i64
  // CHECK: bpf.smod %{{.*}}, %{{.*}} : i64
  %d3 = bpf.smod %n, %c8 : i64
  // CHECK: bpf.may_goto
  %may = bpf.may_goto

  // CHECK: %[[MAP:.*]] = bpf.map_ref @counters
  %map = bpf.map_ref @counters
  // CHECK: bpf.map_value_ref @".rodata"[1]
  %ro = bpf.map_value_ref @".rodata"[1]
  // CHECK: bpf.array_element @".rodata"[%{{.*}}]
  %first = arith.constant 0 : i32
  %element = bpf.array_element @".rodata"[%first]
  // CHECK: %[[V:.*]] = bpf.map_lookup %[[MAP]], %[[FRAME]] : <stack>
  %value = bpf.map_lookup %map, %frame : !bpf.ptr<stack>
  // CHECK: bpf.map_update %[[MAP]], %[[FRAME]], %[[P]], %{{.*}} : <stack>, <packet>
  %u = bpf.map_update %map, %frame, %p, %c8 : !bpf.ptr<stack>, !bpf.ptr<packet>
  // CHECK: bpf.map_delete %[[MAP]], %[[FRAME]] : <stack>
  %del = bpf.map_delete %map, %frame : !bpf.ptr<stack>
  // CHECK: bpf.atomic_rmw add %{{.*}}, %[[V]][0] : i64, <map_value>
  bpf.atomic_rmw add %n, %value[0] : i64, !bpf.ptr<map_value>
  // CHECK: bpf.atomic_fetch_rmw xchg %{{.*}}, %[[V]][4] : i32, <map_value>
  %f = bpf.atomic_fetch_rmw xchg %v32, %value[4] : i32, !bpf.ptr<map_value>
  // CHECK: bpf.atomic_cmpxchg %{{.*}}, %{{.*}}, %[[V]][0] : i64, <map_value>
  %x = bpf.atomic_cmpxchg %n, %c8, %value[0] : i64, !bpf.ptr<map_value>
  // CHECK: bpf.perf_event_output %{{.*}}, %[[MAP]], %{{.*}}, %[[FRAME]], %{{.*}} : <stack>
  %e = bpf.perf_event_output %ctx, %map, %c8, %frame, %c8 : !bpf.ptr<stack>
  // CHECK: bpf.get_prandom_u32
  %rnd = bpf.get_prandom_u32
  // CHECK: bpf.adjust_head %{{.*}}, %{{.*}}
  %h = bpf.adjust_head %ctx, %c8
  // CHECK: bpf.adjust_tail %{{.*}}, %{{.*}}
  %t = bpf.adjust_tail %ctx, %c8
  // CHECK: bpf.call_helper 5 "ktime_get_ns"() : () -> i64
  %ns = bpf.call_helper 5 "ktime_get_ns"() : () -> i64
  // CHECK: bpf.call @sub(%[[P]], %{{.*}}) : (!bpf.ptr<packet>, i64) -> !bpf.ptr<packet>
  %call = bpf.call @sub(%p, %c8) : (!bpf.ptr<packet>, i64) -> !bpf.ptr<packet>
  // CHECK: bpf.return %{{.*}} : i64
  bpf.return %ns : i64
}

// CHECK-LABEL: bpf.func private @sub(%{{.*}}: !bpf.ptr<packet>, %{{.*}}: i64) -> !bpf.ptr<packet>
bpf.func private @sub(%p: !bpf.ptr<packet>, %n: i64) -> !bpf.ptr<packet> {
  %q = bpf.ptr_add %p, %n : !bpf.ptr<packet>
  bpf.return %q : !bpf.ptr<packet>
}
