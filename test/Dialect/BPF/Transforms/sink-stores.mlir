// RUN: nfp-bpf-opt %s --bpf-fuse-memcpy --canonicalize | FileCheck %s
// RUN: nfp-bpf-opt %s --bpf-fuse-memcpy --remark-format=emitRemark --remarks-filter=bpf-fuse-memcpy 2>&1 | FileCheck %s --check-prefix=REMARK

// Stores to the stack go down to what reads them.

bpf.map @m type 1 key 4 value 8 entries 4 flags 0 index 0

// Past a decision and a join, over a lookup with another key.
// CHECK-LABEL: bpf.func @decision
// CHECK: %[[X:.+]] = bpf.load %arg0[0]
// CHECK-NOT: bpf.store %[[X]]
// CHECK: bpf.map_lookup
// CHECK-NOT: bpf.store %[[X]]
// CHECK: bpf.map_lookup
// CHECK: bpf.store %[[X]], %[[F:.+]][8]
// CHECK-NEXT: bpf.map_lookup
bpf.func @decision(%p: !bpf.ptr<packet>, %n: i64) -> i64 {
  %zero = arith.constant 0 : i64
  %c8 = arith.constant 8 : i64
  %frame = bpf.frame 16
  %other = bpf.ptr_add %frame, %c8 : !bpf.ptr<stack>
  %m = bpf.map_ref @m
  %x = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  // REMARK: :[[#@LINE+1]]:3: remark: [Passed] StoreSunk | {{.*}}4 bytes of the stack written on the way to line [[#@LINE+17]] only
  bpf.store %x, %frame[8] : i32, !bpf.ptr<stack>
  %c = arith.cmpi eq, %n, %zero : i64
  cf.cond_br %c, ^a, ^b
^a:
  %seven = arith.constant 7 : i32
  bpf.store %seven, %frame[0] : i32, !bpf.ptr<stack>
  %u = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %none = bpf.is_null %u : !bpf.ptr<map_value>
  cf.cond_br %none, ^out, ^b
^b:
  %k = bpf.load %p[8] : !bpf.ptr<packet> -> i32
  bpf.store %k, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^out, ^c
^c:
  %w = bpf.map_lookup %m, %other : !bpf.ptr<stack>
  %r = bpf.ptr_to_int %w : !bpf.ptr<map_value>
  bpf.return %r : i64
^out:
  bpf.return %zero : i64
}

// In front of the first read there is time.
// CHECK-LABEL: bpf.func @early
// CHECK: bpf.store %{{.+}}, %{{.+}}[0] : i32
// CHECK: bpf.load %arg0[0]
bpf.func @early(%p: !bpf.ptr<packet>, %n: i32) -> i64 {
  %zero = arith.constant 0 : i64
  %zero32 = arith.constant 0 : i32
  %frame = bpf.frame 8
  %m = bpf.map_ref @m
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %short = arith.cmpi eq, %n, %zero32 : i32
  cf.cond_br %short, ^out, ^long
^long:
  %x = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %c = arith.cmpi eq, %x, %zero32 : i32
  cf.cond_br %c, ^a, ^b
^a:
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %q = bpf.ptr_to_int %v : !bpf.ptr<map_value>
  bpf.return %q : i64
^b:
  bpf.store %x, %p[4] : i32, !bpf.ptr<packet>
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %r = bpf.ptr_to_int %w : !bpf.ptr<map_value>
  bpf.return %r : i64
^out:
  bpf.return %zero : i64
}

// Not where one way overwrites it and goes on to the same lookup.
// CHECK-LABEL: bpf.func @overwritten
// CHECK: %[[X:.+]] = bpf.load %arg0[0]
// CHECK: bpf.store %[[X]]
// CHECK: cf.cond_br
// CHECK: cf.cond_br
bpf.func @overwritten(%p: !bpf.ptr<packet>, %n: i64) -> i64 {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %seven = arith.constant 7 : i32
  %frame = bpf.frame 8
  %m = bpf.map_ref @m
  %x = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  bpf.store %x, %frame[0] : i32, !bpf.ptr<stack>
  %c = arith.cmpi eq, %n, %zero : i64
  cf.cond_br %c, ^out, ^a
^a:
  %d = arith.cmpi eq, %n, %one : i64
  cf.cond_br %d, ^b, ^c
^b:
  bpf.store %seven, %frame[0] : i32, !bpf.ptr<stack>
  cf.br ^c
^c:
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %r = bpf.ptr_to_int %w : !bpf.ptr<map_value>
  bpf.return %r : i64
^out:
  bpf.return %zero : i64
}

// Not into a loop; in front of it.
// CHECK-LABEL: bpf.func @loop
// CHECK: %[[X:.+]] = bpf.load %arg0[0]
// CHECK-NOT: bpf.store
// CHECK: cf.cond_br
// CHECK: ^{{.*}}:
// CHECK-NEXT: bpf.store %[[X]]
// CHECK-NEXT: cf.br
bpf.func @loop(%p: !bpf.ptr<packet>, %n: i64) -> i64 {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %frame = bpf.frame 8
  %m = bpf.map_ref @m
  %x = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  bpf.store %x, %frame[0] : i32, !bpf.ptr<stack>
  %c = arith.cmpi eq, %n, %zero : i64
  cf.cond_br %c, ^out, ^pre
^pre:
  cf.br ^round(%n : i64)
^round(%i: i64):
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %r = bpf.ptr_to_int %w : !bpf.ptr<map_value>
  %j = arith.subi %i, %one : i64
  %more = arith.cmpi ne, %j, %r : i64
  cf.cond_br %more, ^round(%j : i64), ^out
^out:
  bpf.return %zero : i64
}
