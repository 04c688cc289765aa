// RUN: nfp-bpf-opt %s -bpf-combine-bytes -canonicalize -cse | FileCheck %s

// CHECK-LABEL: bpf.func @field(%arg0: i32)
// CHECK-NEXT: %[[T:.*]] = arith.trunci %arg0 : i32 to i16
// CHECK-NEXT: %[[R:.*]] = arith.extui %[[T]] : i16 to i64
// CHECK-NEXT: bpf.return %[[R]]
bpf.func @field(%w: i32) -> i64 {
  %c8 = arith.constant 8 : i32
  %b0 = arith.trunci %w : i32 to i8
  %s = arith.shrui %w, %c8 : i32
  %b1 = arith.trunci %s : i32 to i8
  %lo = arith.extui %b0 : i8 to i32
  %x = arith.extui %b1 : i8 to i32
  %hi = arith.shli %x, %c8 : i32
  %h = arith.ori %hi, %lo : i32
  %r = arith.extui %h : i32 to i64
  bpf.return %r : i64
}

// The bytes of a number in opposite order, put together one by one.
// CHECK-LABEL: bpf.func @swapped(%arg0: i32)
// CHECK: bpf.bswap %arg0 : i32
// CHECK-NOT: arith.ori
bpf.func @swapped(%w: i32) -> i64 {
  %c8 = arith.constant 8 : i32
  %c24 = arith.constant 24 : i32
  %m8 = arith.constant 65280 : i32
  %m16 = arith.constant 16711680 : i32
  %a = arith.shli %w, %c24 : i32
  %b = arith.shli %w, %c8 : i32
  %b1 = arith.andi %b, %m16 : i32
  %c = arith.shrui %w, %c8 : i32
  %c1 = arith.andi %c, %m8 : i32
  %d = arith.shrui %w, %c24 : i32
  %x = arith.ori %a, %b1 : i32
  %y = arith.ori %c1, %d : i32
  %z = arith.ori %x, %y : i32
  %r = arith.extui %z : i32 to i64
  bpf.return %r : i64
}

// Bytes of two numbers stay two pieces.
// CHECK-LABEL: bpf.func @two
// CHECK: arith.ori
bpf.func @two(%v: i8, %w: i8) -> i64 {
  %c8 = arith.constant 8 : i32
  %lo = arith.extui %v : i8 to i32
  %x = arith.extui %w : i8 to i32
  %hi = arith.shli %x, %c8 : i32
  %h = arith.ori %hi, %lo : i32
  %r = arith.extui %h : i32 to i64
  bpf.return %r : i64
}

// Overlapping bits are no bytes of their own.
// CHECK-LABEL: bpf.func @overlapping
// CHECK: arith.ori
bpf.func @overlapping(%v: i32) -> i64 {
  %c4 = arith.constant 4 : i32
  %x = arith.shli %v, %c4 : i32
  %h = arith.ori %x, %v : i32
  %r = arith.extui %h : i32 to i64
  bpf.return %r : i64
}

// 0x0800 swapped: 8.
// CHECK-LABEL: bpf.func @compared(%arg0: i16)
// CHECK: %[[C:.*]] = arith.constant 8 : i16
// CHECK-NOT: bpf.bswap
// CHECK: arith.cmpi eq, %arg0, %[[C]] : i16
bpf.func @compared(%v: i16) -> i64 {
  %c = arith.constant 2048 : i16
  %s = bpf.bswap %v : i16
  %e = arith.cmpi eq, %s, %c : i16
  %r = arith.extui %e : i1 to i64
  bpf.return %r : i64
}

// Less than is not kept by a swap.
// CHECK-LABEL: bpf.func @less
// CHECK: bpf.bswap
bpf.func @less(%v: i16) -> i64 {
  %c = arith.constant 2048 : i16
  %s = bpf.bswap %v : i16
  %e = arith.cmpi ult, %s, %c : i16
  %r = arith.extui %e : i1 to i64
  bpf.return %r : i64
}
