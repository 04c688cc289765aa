// RUN: nfp-bpf-opt %s -bpf-order-checks | FileCheck %s
// RUN: nfp-bpf-opt %s -bpf-order-checks=max-ops=0 | FileCheck %s --check-prefix=NONE

// The length is asked before the type is read.
// CHECK-LABEL: bpf.func @length_first
// CHECK-NOT: bpf.load
// CHECK: %[[SHORT:.*]] = arith.cmpi ult, %arg1
// CHECK-NEXT: cf.cond_br %[[SHORT]], ^[[PASS:.*]](%{{.*}} : i64), ^[[READ:bb[0-9]+]]
// CHECK: ^[[READ]]:
// CHECK: bpf.load %arg0[12]
// CHECK: cf.cond_br %{{.*}}, ^[[PASS]](%{{.*}} : i64), ^[[WORK:bb[0-9]+]]
// CHECK: ^[[WORK]]:
// CHECK: bpf.load %arg0[14]
// NONE-LABEL: bpf.func @length_first
// NONE: bpf.load %arg0[12]
// NONE: cf.cond_br
bpf.func @length_first(%p: !bpf.ptr<packet>, %n: i32) -> i64 {
  %c2 = arith.constant 2 : i64
  %c8 = arith.constant 8 : i16
  %type = bpf.load %p[12] : !bpf.ptr<packet> -> i16
  %other = arith.cmpi ne, %type, %c8 : i16
  cf.cond_br %other, ^pass(%c2 : i64), ^next
^next:
  %two = arith.constant 2 : i64
  %least = arith.constant 600 : i32
  %short = arith.cmpi ult, %n, %least : i32
  cf.cond_br %short, ^pass(%two : i64), ^work
^work:
  %x = bpf.load %p[14] : !bpf.ptr<packet> -> i64
  bpf.return %x : i64
^pass(%verdict: i64):
  bpf.return %verdict : i64
}

// In the other sense, and two checks behind each other: both come first, in
// their order.
// CHECK-LABEL: bpf.func @twice
// CHECK-NOT: bpf.load
// CHECK: cf.cond_br %{{.*}}, ^{{bb[0-9]+}}, ^[[PASS:bb[0-9]+]]
// CHECK-NOT: bpf.load
// CHECK: cf.cond_br %{{.*}}, ^[[PASS]], ^[[READ:bb[0-9]+]]
// CHECK: ^[[READ]]:
// CHECK-NEXT: bpf.load %arg0[0]
// CHECK: cf.cond_br %{{.*}}, ^{{bb[0-9]+}}, ^[[PASS]]
bpf.func @twice(%p: !bpf.ptr<packet>, %n: i32, %m: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  %c7 = arith.constant 7 : i32
  %first = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %is = arith.cmpi eq, %first, %c7 : i32
  cf.cond_br %is, ^second, ^pass
^second:
  %enough = arith.cmpi uge, %n, %c7 : i32
  cf.cond_br %enough, ^third, ^pass
^third:
  %many = arith.cmpi ugt, %m, %c7 : i32
  cf.cond_br %many, ^pass, ^work
^work:
  %r = arith.extui %first : i32 to i64
  bpf.return %r : i64
^pass:
  bpf.return %c0 : i64
}

// The second check needs the packet too.
// CHECK-LABEL: bpf.func @both_wait
// CHECK: bpf.load %arg0[0]
// CHECK: cf.cond_br
// CHECK: bpf.load %arg0[4]
// CHECK: cf.cond_br
bpf.func @both_wait(%p: !bpf.ptr<packet>) -> i64 {
  %c0 = arith.constant 0 : i64
  %c7 = arith.constant 7 : i32
  %first = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %is = arith.cmpi eq, %first, %c7 : i32
  cf.cond_br %is, ^second, ^pass
^second:
  %more = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  %enough = arith.cmpi uge, %more, %c7 : i32
  cf.cond_br %enough, ^work, ^pass
^work:
  %r = arith.extui %first : i32 to i64
  bpf.return %r : i64
^pass:
  bpf.return %c0 : i64
}

// With another verdict, and behind a store, the order is the program's.
// CHECK-LABEL: bpf.func @other_verdict
// CHECK: bpf.load
// CHECK: cf.cond_br
// CHECK: arith.cmpi ult
bpf.func @other_verdict(%p: !bpf.ptr<packet>, %n: i32) -> i64 {
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %c7 = arith.constant 7 : i32
  %first = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %is = arith.cmpi ne, %first, %c7 : i32
  cf.cond_br %is, ^pass(%c1 : i64), ^second
^second:
  %short = arith.cmpi ult, %n, %c7 : i32
  cf.cond_br %short, ^pass(%c2 : i64), ^work
^work:
  %r = arith.extui %first : i32 to i64
  bpf.return %r : i64
^pass(%verdict: i64):
  bpf.return %verdict : i64
}

// CHECK-LABEL: bpf.func @behind_store
// CHECK: bpf.load
// CHECK: bpf.store
// CHECK: cf.cond_br
// CHECK: arith.cmpi ult
bpf.func @behind_store(%p: !bpf.ptr<packet>, %n: i32) -> i64 {
  %c1 = arith.constant 1 : i64
  %c7 = arith.constant 7 : i32
  %first = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  bpf.store %n, %p[8] : i32, !bpf.ptr<packet>
  %is = arith.cmpi ne, %first, %c7 : i32
  cf.cond_br %is, ^pass, ^second
^second:
  %short = arith.cmpi ult, %n, %c7 : i32
  cf.cond_br %short, ^pass, ^work
^work:
  %r = arith.extui %first : i32 to i64
  bpf.return %r : i64
^pass:
  bpf.return %c1 : i64
}

// CHECK-LABEL: bpf.func @store_between
// CHECK: bpf.load
// CHECK: cf.cond_br
// CHECK: bpf.store
bpf.func @store_between(%p: !bpf.ptr<packet>, %n: i32) -> i64 {
  %c1 = arith.constant 1 : i64
  %c7 = arith.constant 7 : i32
  %first = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %is = arith.cmpi ne, %first, %c7 : i32
  cf.cond_br %is, ^pass, ^second
^second:
  bpf.store %n, %p[8] : i32, !bpf.ptr<packet>
  %short = arith.cmpi ult, %n, %c7 : i32
  cf.cond_br %short, ^pass, ^work
^work:
  %r = arith.extui %first : i32 to i64
  bpf.return %r : i64
^pass:
  bpf.return %c1 : i64
}

// What was read is asked for where both lead to.
// CHECK-LABEL: bpf.func @read_is_used
// CHECK: bpf.load
// CHECK: cf.cond_br
// CHECK: arith.cmpi ult
bpf.func @read_is_used(%p: !bpf.ptr<packet>, %n: i32) -> i64 {
  %c7 = arith.constant 7 : i32
  %first = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %is = arith.cmpi ne, %first, %c7 : i32
  cf.cond_br %is, ^pass, ^second
^second:
  %short = arith.cmpi ult, %n, %c7 : i32
  cf.cond_br %short, ^pass, ^work
^work:
  %x = bpf.load %p[8] : !bpf.ptr<packet> -> i64
  bpf.return %x : i64
^pass:
  %r = arith.extui %first : i32 to i64
  bpf.return %r : i64
}

// A profile says that hardly any packet is short, so the read comes first; and
// where many are, what remains is known.
// CHECK-LABEL: bpf.func @profile_rare
// CHECK: bpf.load
// CHECK: cf.cond_br %{{.*}} weights([900, 100])
bpf.func @profile_rare(%p: !bpf.ptr<packet>, %n: i32) -> i64 {
  %c1 = arith.constant 1 : i64
  %c7 = arith.constant 7 : i32
  %first = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %is = arith.cmpi ne, %first, %c7 : i32
  cf.cond_br %is weights([900, 100]), ^pass, ^second
^second:
  %short = arith.cmpi ult, %n, %c7 : i32
  cf.cond_br %short weights([1, 99]), ^pass, ^work
^work:
  %r = arith.extui %first : i32 to i64
  bpf.return %r : i64
^pass:
  bpf.return %c1 : i64
}

// CHECK-LABEL: bpf.func @profile_common
// CHECK: cf.cond_br %{{.*}} weights([60, 940])
// CHECK: bpf.load
// CHECK: cf.cond_br %{{.*}} weights([40, 900])
bpf.func @profile_common(%p: !bpf.ptr<packet>, %n: i32) -> i64 {
  %c1 = arith.constant 1 : i64
  %c7 = arith.constant 7 : i32
  %first = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %is = arith.cmpi ne, %first, %c7 : i32
  cf.cond_br %is weights([40, 960]), ^pass, ^second
^second:
  %short = arith.cmpi ult, %n, %c7 : i32
  cf.cond_br %short weights([60, 900]), ^pass, ^work
^work:
  %r = arith.extui %first : i32 to i64
  bpf.return %r : i64
^pass:
  bpf.return %c1 : i64
}
