// RUN: nfp-bpf-opt %s --canonicalize | FileCheck %s

bpf.map @m type 2 key 4 value 8 entries 1 flags 0 index 0

// CHECK-LABEL: @ptr_add_zero
// CHECK-NEXT: bpf.return %arg0
bpf.func private @ptr_add_zero(%p: !bpf.ptr<packet>) -> !bpf.ptr<packet> {
  %c0 = arith.constant 0 : i64
  %q = bpf.ptr_add %p, %c0 : !bpf.ptr<packet>
  bpf.return %q : !bpf.ptr<packet>
}

// CHECK-LABEL: @ptr_add_twice
// CHECK: %[[C:.*]] = arith.constant 10 : i64
// CHECK-NEXT: %[[Q:.*]] = bpf.ptr_add %arg0, %[[C]]
// CHECK-NEXT: bpf.return %[[Q]]
bpf.func private @ptr_add_twice(%p: !bpf.ptr<packet>) -> !bpf.ptr<packet> {
  %c14 = arith.constant 14 : i64
  %cm4 = arith.constant -4 : i64
  %q = bpf.ptr_add %p, %c14 : !bpf.ptr<packet>
  %r = bpf.ptr_add %q, %cm4 : !bpf.ptr<packet>
  bpf.return %r : !bpf.ptr<packet>
}

// CHECK-LABEL: @access_offset
// CHECK: %[[V:.*]] = bpf.load %arg0[10] : <stack> -> i64
// CHECK: bpf.store %[[V]], %arg0[14]
// CHECK: bpf.atomic_rmw add %[[V]], %arg0[22]
// CHECK: bpf.atomic_fetch_rmw or %[[V]], %arg0[14]
// CHECK: bpf.atomic_cmpxchg %[[V]], %[[V]], %arg0[14]
bpf.func private @access_offset(%p: !bpf.ptr<stack>) -> i64 {
  %c14 = arith.constant 14 : i64
  %q = bpf.ptr_add %p, %c14 : !bpf.ptr<stack>
  %v = bpf.load %q[-4] : !bpf.ptr<stack> -> i64
  bpf.store %v, %q[0] : i64, !bpf.ptr<stack>
  bpf.atomic_rmw add %v, %q[8] : i64, !bpf.ptr<stack>
  %f = bpf.atomic_fetch_rmw or %v, %q[0] : i64, !bpf.ptr<stack>
  %x = bpf.atomic_cmpxchg %v, %v, %q[0] : i64, !bpf.ptr<stack>
  %r = arith.addi %f, %x : i64
  bpf.return %r : i64
}

// An offset that does not fit stays outside.
// CHECK-LABEL: @access_offset_too_large
// CHECK: %[[Q:.*]] = bpf.ptr_add
// CHECK: bpf.load %[[Q]][1]
bpf.func private @access_offset_too_large(%p: !bpf.ptr<stack>) -> i64 {
  %c = arith.constant 2147483647 : i64
  %q = bpf.ptr_add %p, %c : !bpf.ptr<stack>
  %v = bpf.load %q[1] : !bpf.ptr<stack> -> i64
  bpf.return %v : i64
}

// CHECK-LABEL: @ptr_diff
// CHECK: %[[C:.*]] = arith.constant -6 : i64
// CHECK: bpf.return %[[C]]
bpf.func private @ptr_diff(%p: !bpf.ptr<packet>) -> i64 {
  %c14 = arith.constant 14 : i64
  %c20 = arith.constant 20 : i64
  %a = bpf.ptr_add %p, %c14 : !bpf.ptr<packet>
  %b = bpf.ptr_add %p, %c20 : !bpf.ptr<packet>
  %d = bpf.ptr_diff %a, %b : !bpf.ptr<packet>, !bpf.ptr<packet>
  bpf.return %d : i64
}

// CHECK-LABEL: @null
// CHECK-DAG: %[[T:.*]] = arith.constant 1 : i64
// CHECK: bpf.return %[[T]]
bpf.func private @null() -> i64 {
  %p = bpf.null : !bpf.ptr<map_value>
  %c = bpf.is_null %p : !bpf.ptr<map_value>
  %i = bpf.ptr_to_int %p : !bpf.ptr<map_value>
  %e = arith.extui %c : i1 to i64
  %r = arith.addi %e, %i : i64
  bpf.return %r : i64
}

// What a lookup gives may be null, what is inside a value, a frame or the
// packet may not.
// CHECK-LABEL: @never_null
// CHECK-NEXT: arith.constant 0 : i64
// CHECK-NEXT: bpf.return
bpf.func private @never_null() -> i64 {
  %frame = bpf.frame 8
  %c8 = arith.constant 8 : i64
  %v = bpf.map_value_ref @m[0]
  %p = bpf.ptr_add %frame, %c8 : !bpf.ptr<stack>
  %a = bpf.is_null %p : !bpf.ptr<stack>
  %b = bpf.is_null %v : !bpf.ptr<map_value>
  %o = arith.ori %a, %b : i1
  %r = arith.extui %o : i1 to i64
  bpf.return %r : i64
}

// CHECK-LABEL: @maybe_null
// CHECK: bpf.is_null
bpf.func private @maybe_null(%k: !bpf.ptr<stack>) -> i64 {
  %m = bpf.map_ref @m
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %c = bpf.is_null %v : !bpf.ptr<map_value>
  %r = arith.extui %c : i1 to i64
  bpf.return %r : i64
}

// CHECK-LABEL: @bswap
// CHECK: %[[C:.*]] = arith.constant 513 : i16
// CHECK: %[[R:.*]] = arith.addi %arg0, %[[C]]
// CHECK: bpf.return %[[R]]
bpf.func private @bswap(%v: i16) -> i16 {
  %c = arith.constant 0x0102 : i16
  %a = bpf.bswap %v : i16
  %b = bpf.bswap %a : i16
  %d = bpf.bswap %c : i16
  %r = arith.addi %b, %d : i16
  bpf.return %r : i16
}

// Division by zero has a result: 0 for quotients, the dividend for remainders.
// CHECK-LABEL: @division_by_zero
// CHECK: %[[C:.*]] = arith.constant 0 : i64
// CHECK: bpf.store %[[C]], %arg1[0]
// CHECK: bpf.store %[[C]], %arg1[8]
// CHECK: bpf.store %arg0, %arg1[16]
// CHECK: bpf.store %arg0, %arg1[24]
bpf.func private @division_by_zero(%v: i64, %p: !bpf.ptr<stack>) -> i64 {
  %c0 = arith.constant 0 : i64
  %a = bpf.udiv %v, %c0 : i64
  %b = bpf.sdiv %v, %c0 : i64
  %c = bpf.umod %v, %c0 : i64
  %d = bpf.smod %v, %c0 : i64
  bpf.store %a, %p[0] : i64, !bpf.ptr<stack>
  bpf.store %b, %p[8] : i64, !bpf.ptr<stack>
  bpf.store %c, %p[16] : i64, !bpf.ptr<stack>
  bpf.store %d, %p[24] : i64, !bpf.ptr<stack>
  bpf.return %c0 : i64
}

// CHECK-LABEL: @division_of_constants
// CHECK-DAG: %[[MIN:.*]] = arith.constant -2147483648 : i32
// CHECK-DAG: %[[M1:.*]] = arith.constant -1 : i32
// CHECK-DAG: %[[M2:.*]] = arith.constant -2 : i32
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : i32
// CHECK-DAG: %[[BIG:.*]] = arith.constant 1431655763 : i32
// CHECK: bpf.store %[[MIN]], %arg0[0]
// CHECK: bpf.store %[[C0]], %arg0[4]
// CHECK: bpf.store %[[M2]], %arg0[8]
// CHECK: bpf.store %[[M1]], %arg0[12]
// CHECK: bpf.store %[[BIG]], %arg0[16]
bpf.func private @division_of_constants(%p: !bpf.ptr<stack>) -> i32 {
  %min = arith.constant -2147483648 : i32
  %m1 = arith.constant -1 : i32
  %m7 = arith.constant -7 : i32
  %c3 = arith.constant 3 : i32
  %a = bpf.sdiv %min, %m1 : i32
  %b = bpf.smod %min, %m1 : i32
  %c = bpf.sdiv %m7, %c3 : i32
  %d = bpf.smod %m7, %c3 : i32
  %e = bpf.udiv %m7, %c3 : i32
  bpf.store %a, %p[0] : i32, !bpf.ptr<stack>
  bpf.store %b, %p[4] : i32, !bpf.ptr<stack>
  bpf.store %c, %p[8] : i32, !bpf.ptr<stack>
  bpf.store %d, %p[12] : i32, !bpf.ptr<stack>
  bpf.store %e, %p[16] : i32, !bpf.ptr<stack>
  bpf.return %min : i32
}

// A loop whose only way in is found never to be taken: its sums are operands of
// themselves before the loop is gone.
// CHECK-LABEL: @loop_nothing_reaches
// CHECK-NEXT: bpf.return %arg1
bpf.func private @loop_nothing_reaches(%p: !bpf.ptr<packet>, %n: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %c7 = arith.constant 7 : i64
  %zero = arith.andi %n, %c0 : i64
  %never = arith.cmpi ne, %zero, %c0 : i64
  cf.cond_br %never, ^head(%n, %n, %p : i64, i64, !bpf.ptr<packet>), ^exit
^head(%i: i64, %j: i64, %q: !bpf.ptr<packet>):
  %more = bpf.may_goto
  cf.cond_br %more, ^exit, ^body
^body:
  %next = arith.addi %i, %c7 : i64
  %also = arith.xori %j, %c7 : i64
  %after = bpf.ptr_add %q, %c7 : !bpf.ptr<packet>
  bpf.store %j, %after[0] : i64, !bpf.ptr<packet>
  cf.br ^head(%next, %also, %after : i64, i64, !bpf.ptr<packet>)
^exit:
  bpf.return %n : i64
}
