// RUN: nfp-bpf-opt %s --canonicalize --cse | FileCheck %s

// What may be merged or removed, and what may not.

bpf.map @m type 2 key 4 value 8 entries 1 flags 0 index 0

// CHECK-LABEL: @pure
// CHECK-COUNT-1: bpf.packet_data
// CHECK-NOT: bpf.packet_data
// CHECK-COUNT-1: bpf.udiv
// CHECK-NOT: bpf.udiv
// CHECK: bpf.return
bpf.func private @pure(%ctx: !bpf.ptr<ctx>, %a: i64, %b: i64) -> i64 {
  %p = bpf.packet_data %ctx
  %q = bpf.packet_data %ctx
  %x = bpf.udiv %a, %b : i64
  %y = bpf.udiv %a, %b : i64
  %d = bpf.ptr_to_int %p : !bpf.ptr<packet>
  %e = bpf.ptr_to_int %q : !bpf.ptr<packet>
  %r = arith.muli %x, %y : i64
  %s = arith.muli %d, %e : i64
  %t = arith.addi %r, %s : i64
  bpf.return %t : i64
}

// The packet begins elsewhere after adjust_head.
// CHECK-LABEL: @adjust
// CHECK: bpf.packet_data
// CHECK: bpf.adjust_head
// CHECK: bpf.packet_data
bpf.func private @adjust(%ctx: !bpf.ptr<ctx>, %n: i64) -> i64 {
  %p = bpf.packet_data %ctx
  %u = bpf.adjust_head %ctx, %n
  %q = bpf.packet_data %ctx
  %a = bpf.load %p[0] : !bpf.ptr<packet> -> i64
  %b = bpf.load %q[0] : !bpf.ptr<packet> -> i64
  %r = arith.addi %a, %b : i64
  bpf.return %r : i64
}

// CHECK-LABEL: @loads
// CHECK: bpf.load
// CHECK-NOT: bpf.load
// CHECK: bpf.store
// CHECK: bpf.load
// CHECK-NOT: bpf.load
// CHECK: bpf.return
bpf.func private @loads(%p: !bpf.ptr<packet>, %v: i64) -> i64 {
  %a = bpf.load %p[0] : !bpf.ptr<packet> -> i64
  %b = bpf.load %p[0] : !bpf.ptr<packet> -> i64
  %dead = bpf.load %p[8] : !bpf.ptr<packet> -> i64
  bpf.store %v, %p[4] : i64, !bpf.ptr<packet>
  %c = bpf.load %p[0] : !bpf.ptr<packet> -> i64
  %r = arith.muli %a, %b : i64
  %s = arith.addi %r, %c : i64
  bpf.return %s : i64
}

// Everything here changes something, whether its result is used or not.
// CHECK-LABEL: @kept
// CHECK: bpf.get_prandom_u32
// CHECK: bpf.get_prandom_u32
// CHECK: bpf.atomic_fetch_rmw
// CHECK: bpf.atomic_cmpxchg
// CHECK: bpf.map_update
// CHECK: bpf.map_delete
// CHECK: bpf.perf_event_output
// CHECK: bpf.adjust_tail
// CHECK: bpf.ld_packet
// CHECK: bpf.call_helper
// CHECK: bpf.call @pure
bpf.func private @kept(%ctx: !bpf.ptr<ctx>, %p: !bpf.ptr<stack>, %v: i64) -> i64 {
  %c0 = arith.constant 0 : i32
  %m = bpf.map_ref @m
  %0 = bpf.get_prandom_u32
  %1 = bpf.get_prandom_u32
  %2 = bpf.atomic_fetch_rmw add %v, %p[0] : i64, !bpf.ptr<stack>
  %3 = bpf.atomic_cmpxchg %v, %v, %p[0] : i64, !bpf.ptr<stack>
  %4 = bpf.map_update %m, %p, %p, %v : !bpf.ptr<stack>, !bpf.ptr<stack>
  %5 = bpf.map_delete %m, %p : !bpf.ptr<stack>
  %6 = bpf.perf_event_output %ctx, %m, %v, %p, %v : !bpf.ptr<stack>
  %7 = bpf.adjust_tail %ctx, %v
  %8 = bpf.ld_packet 4, %ctx[%c0]
  %9 = bpf.call_helper 6 "trace_printk"(%p, %v) : (!bpf.ptr<stack>, i64) -> i64
  %10 = bpf.call @pure(%ctx, %v, %v) : (!bpf.ptr<ctx>, i64, i64) -> i64
  bpf.return %v : i64
}

// A lookup changes nothing; an update between two of them may.
// CHECK-LABEL: @lookups
// CHECK: bpf.map_lookup
// CHECK-NOT: bpf.map_lookup
// CHECK: bpf.map_update
// CHECK: bpf.map_lookup
// CHECK-NOT: bpf.map_lookup
// CHECK: bpf.return
bpf.func private @lookups(%k: !bpf.ptr<stack>, %v: i64) -> i64 {
  %m = bpf.map_ref @m
  %dead = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %a = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %u = bpf.map_update %m, %k, %k, %v : !bpf.ptr<stack>, !bpf.ptr<stack>
  %b = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %x = bpf.ptr_to_int %a : !bpf.ptr<map_value>
  %y = bpf.ptr_to_int %b : !bpf.ptr<map_value>
  %r = arith.addi %x, %y : i64
  bpf.return %r : i64
}
