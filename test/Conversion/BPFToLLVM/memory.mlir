// RUN: nfp-bpf-opt %s --convert-bpf-to-llvm | FileCheck %s

// The own frame at a known place: no check. R10 is 512 bytes above the lowest.
// CHECK-LABEL: @bpf.frame(
// CHECK-NOT: nfpbpf.at
// CHECK: %[[AT:.*]] = llvm.mlir.constant(504 : i64)
// CHECK: %[[P:.*]] = llvm.getelementptr %arg1[%[[AT]]]
// CHECK: llvm.store %{{.*}}, %[[P]] {alignment = 1 : i64} : i64, !llvm.ptr
// CHECK: llvm.return
bpf.func @frame(%v: i64) -> i64 {
  %f = bpf.frame 16
  %c = arith.constant 16 : i64
  %top = bpf.ptr_add %f, %c : !bpf.ptr<stack>
  bpf.store %v, %top[-8] : i64, !bpf.ptr<stack>
  bpf.return %v : i64
}

// Outside the frame, even at a known place: checked by the environment.
// CHECK-LABEL: @bpf.beyond(
// CHECK: %[[P:.*]] = llvm.call @nfpbpf.at(%arg0,
// CHECK: %[[BAD:.*]] = llvm.icmp "eq" %[[P]], %{{.*}} : !llvm.ptr
// CHECK: llvm.cond_br %[[BAD]], ^[[LEAVE:.*]], ^{{.*}}
// CHECK: ^[[LEAVE]]:
// CHECK-NEXT: %[[ZERO:.*]] = llvm.mlir.constant(0 : i64)
// CHECK-NEXT: llvm.return %[[ZERO]]
bpf.func @beyond(%v: i64) -> i64 {
  %f = bpf.frame 16
  bpf.store %v, %f[12] : i64, !bpf.ptr<stack>
  bpf.return %v : i64
}

// A packet byte: compared with where the packet begins and ends.
// CHECK-LABEL: @bpf.packet(
// CHECK: %[[A:.*]] = llvm.add %arg2, %{{.*}} : i64
// CHECK: %[[BEGIN:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i64
// CHECK: llvm.icmp "uge" %[[A]], %[[BEGIN]]
// CHECK: llvm.inttoptr
// CHECK: llvm.cond_br %{{.*}}, ^[[GO:.*]](%{{.*}} : !llvm.ptr), ^[[SLOW:.*]]
// CHECK: ^[[SLOW]]:
// CHECK: llvm.call @nfpbpf.at(
// CHECK: ^[[GO]](%[[HOST:.*]]: !llvm.ptr):
// CHECK: %[[V:.*]] = llvm.load %[[HOST]] {alignment = 1 : i64} : !llvm.ptr -> i16
// CHECK: llvm.intr.bswap(%[[V]])
bpf.func @packet(%p: !bpf.ptr<packet>) -> i16 {
  %v = bpf.load %p[12] order be : !bpf.ptr<packet> -> i16
  bpf.return %v : i16
}

// Other memory may be the context.
// CHECK-LABEL: @bpf.opaque(
// CHECK: llvm.call @nfpbpf.load(
// CHECK: llvm.trunc %{{.*}} : i64 to i32
// CHECK: llvm.intr.bswap
// CHECK: llvm.call @nfpbpf.store(
bpf.func @opaque(%p: !bpf.ptr<opaque>) -> i32 {
  %v = bpf.load %p[0] : !bpf.ptr<opaque> -> i32
  bpf.store %v, %p[4] order be : i32, !bpf.ptr<opaque>
  bpf.return %v : i32
}

// CHECK-LABEL: @bpf.atomics(
// CHECK: %[[OLD:.*]] = llvm.load %{{.*}} {alignment = 1 : i64} : !llvm.ptr -> i32
// CHECK: %[[NEW:.*]] = llvm.add %[[OLD]], %arg3
// CHECK: llvm.store %[[NEW]],
// CHECK: llvm.and
// CHECK: llvm.or
// CHECK: llvm.xor
// CHECK: llvm.store %arg3, %{{.*}} {alignment = 1 : i64}
// CHECK: %[[SAME:.*]] = llvm.icmp "eq" %{{.*}}, %arg4 : i32
// CHECK: llvm.select %[[SAME]], %arg3, %{{.*}}
// CHECK: llvm.fence seq_cst
bpf.func @atomics(%p: !bpf.ptr<map_value>, %v: i32, %e: i32) -> i32 {
  bpf.atomic_rmw add %v, %p[0] : i32, !bpf.ptr<map_value>
  %0 = bpf.atomic_fetch_rmw and %v, %p[0] : i32, !bpf.ptr<map_value>
  bpf.atomic_rmw or %v, %p[0] : i32, !bpf.ptr<map_value>
  bpf.atomic_rmw xor %v, %p[4] : i32, !bpf.ptr<map_value>
  %1 = bpf.atomic_fetch_rmw xchg %v, %p[0] : i32, !bpf.ptr<map_value>
  %2 = bpf.atomic_cmpxchg %e, %v, %p[0] : i32, !bpf.ptr<map_value>
  bpf.fence
  %3 = arith.addi %0, %1 : i32
  %4 = arith.addi %3, %2 : i32
  bpf.return %4 : i32
}
