// RUN: nfp-bpf-opt %s --convert-bpf-to-llvm | FileCheck %s

// Divisors for which LLVM's result is undefined are replaced first.
// CHECK-LABEL: llvm.func internal @bpf.udiv(
// CHECK: %[[BY0:.*]] = llvm.icmp "eq" %arg3, %{{.*}} : i64
// CHECK: %[[D:.*]] = llvm.select %[[BY0]], %{{.*}}, %arg3
// CHECK: %[[Q:.*]] = llvm.udiv %arg2, %[[D]]
// CHECK: llvm.select %[[BY0]], %{{.*}}, %[[Q]]
bpf.func @udiv(%a: i64, %b: i64) -> i64 {
  %0 = bpf.udiv %a, %b : i64
  bpf.return %0 : i64
}

// CHECK-LABEL: @bpf.umod
// CHECK: %[[BY0:.*]] = llvm.icmp "eq" %arg3
// CHECK: %[[R:.*]] = llvm.urem %arg2, %{{.*}} : i32
// CHECK: llvm.select %[[BY0]], %arg2, %[[R]]
bpf.func @umod(%a: i32, %b: i32) -> i32 {
  %0 = bpf.umod %a, %b : i32
  bpf.return %0 : i32
}

// CHECK-LABEL: @bpf.sdiv
// CHECK: %[[ZERO:.*]] = llvm.mlir.constant(0 : i32)
// CHECK: %[[M1:.*]] = llvm.mlir.constant(-1 : i32)
// CHECK: %[[BYM1:.*]] = llvm.icmp "eq" %arg3, %[[M1]]
// CHECK: %[[Q:.*]] = llvm.sdiv %arg2, %{{.*}} : i32
// CHECK: %[[NEG:.*]] = llvm.sub %[[ZERO]], %arg2
// CHECK: llvm.select %[[BYM1]], %[[NEG]], %[[Q]]
bpf.func @sdiv(%a: i32, %b: i32) -> i32 {
  %0 = bpf.sdiv %a, %b : i32
  bpf.return %0 : i32
}

// CHECK-LABEL: @bpf.smod
// CHECK: %[[BY0:.*]] = llvm.icmp "eq" %arg3
// CHECK: %[[R:.*]] = llvm.srem %arg2, %{{.*}} : i64
// CHECK: %[[W:.*]] = llvm.select %{{.*}}, %{{.*}}, %[[R]]
// CHECK: llvm.select %[[BY0]], %arg2, %[[W]]
bpf.func @smod(%a: i64, %b: i64) -> i64 {
  %0 = bpf.smod %a, %b : i64
  bpf.return %0 : i64
}

// CHECK-LABEL: @bpf.bswap
// CHECK: llvm.intr.bswap(%arg2) : (i16) -> i16
bpf.func @bswap(%a: i16) -> i16 {
  %0 = bpf.bswap %a : i16
  bpf.return %0 : i16
}

// Pointers are 64-bit numbers.
// CHECK-LABEL: @bpf.pointers(%arg0: !llvm.ptr, %arg1: !llvm.ptr, %arg2: i64, %arg3: i64, %arg4: i64) -> i64
// CHECK: %[[P:.*]] = llvm.add %arg2, %arg4
// CHECK: %[[C:.*]] = llvm.icmp "ugt" %[[P]], %arg3
// CHECK: llvm.cond_br %[[C]], ^[[OUT:.*]](%{{.*}} : i64), ^{{.*}}
// CHECK: llvm.sub %arg3, %[[P]]
// CHECK: llvm.icmp "eq" %[[P]], %{{.*}} : i64
// CHECK-NOT: inttoptr
// CHECK: llvm.return
bpf.func @pointers(%p: !bpf.ptr<packet>, %end: !bpf.ptr<packet_end>, %n: i64) -> i64 {
  %null = bpf.null : !bpf.ptr<packet>
  %q = bpf.ptr_add %p, %n : !bpf.ptr<packet>
  %c = bpf.ptr_cmp ugt %q, %end : !bpf.ptr<packet>, !bpf.ptr<packet_end>
  cf.cond_br %c, ^out(%null : !bpf.ptr<packet>), ^in
^in:
  %d = bpf.ptr_diff %end, %q : !bpf.ptr<packet_end>, !bpf.ptr<packet>
  %z = bpf.is_null %q : !bpf.ptr<packet>
  %i = bpf.int_to_ptr %d : !bpf.ptr<packet>
  %s = arith.select %z, %i, %q : !bpf.ptr<packet>
  cf.br ^out(%s : !bpf.ptr<packet>)
^out(%r: !bpf.ptr<packet>):
  %v = bpf.ptr_to_int %r : !bpf.ptr<packet>
  bpf.return %v : i64
}
