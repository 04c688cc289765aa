// RUN: nfp-bpf-opt %s -convert-bpf-to-nfp | FileCheck %s

// A 64-bit sum is two instructions with the carry between them; a number whose
// upper half is known to be zero costs nothing there.
// CHECK-LABEL: nfp.func subprogram @add64
// CHECK-SAME: (%[[A0:.+]]: !nfp.gpr, %[[A1:.+]]: !nfp.gpr, %[[B0:.+]]: !nfp.gpr, %[[B1:.+]]: !nfp.gpr)
// CHECK: %[[LO:.+]], %[[C:.+]] = nfp.alu add %[[A0]], %[[B0]] : {{.*}} flags !nfp.cc
// CHECK: %[[HI:.+]] = nfp.alu addc %[[A1]], %[[B1]] cc(%[[C]])
// CHECK: nfp.return %[[LO]], %[[HI]]
bpf.func @add64(%a: i64, %b: i64) -> i64 {
  %r = arith.addi %a, %b : i64
  bpf.return %r : i64
}

// A small negative constant is subtracted.
// CHECK-LABEL: nfp.func subprogram @decrement
// CHECK: %[[ONE:.+]] = nfp.imm 1
// CHECK: nfp.alu sub %{{.*}}, %[[ONE]] : {{.*}} flags
// CHECK-NEXT: nfp.alu subc
bpf.func @decrement(%a: i64) -> i64 {
  %c = arith.constant -1 : i64
  %r = arith.addi %a, %c : i64
  bpf.return %r : i64
}

// CHECK-LABEL: nfp.func subprogram @narrow
// CHECK-NOT: addc
// CHECK: %[[SUM:.+]] = nfp.alu add %{{.*}}, %{{.*}} : !nfp.gpr, !nfp.gpr -> !nfp.gpr
// CHECK: %[[ZERO:.+]] = nfp.const 0
// CHECK: nfp.return %[[SUM]], %[[ZERO]]
bpf.func @narrow(%a: i32, %b: i32) -> i64 {
  %s = arith.addi %a, %b : i32
  %r = arith.extui %s : i32 to i64
  bpf.return %r : i64
}

// CHECK-LABEL: nfp.func subprogram @mask_bytes
// CHECK: nfp.ld_field 3 rotr 0 clear
// CHECK: nfp.alu andnot
bpf.func @mask_bytes(%a: i32) -> i32 {
  %m = arith.constant 65535 : i32
  %n = arith.constant -16 : i32
  %x = arith.andi %a, %m : i32
  %y = arith.andi %a, %n : i32
  %r = arith.addi %x, %y : i32
  bpf.return %r : i32
}

// CHECK-LABEL: nfp.func subprogram @shift_constant
// CHECK-DAG: nfp.shf b dbl 27
// CHECK-DAG: nfp.shf b shl 5
// CHECK: nfp.return
bpf.func @shift_constant(%a: i64) -> i64 {
  %n = arith.constant 5 : i64
  %r = arith.shli %a, %n : i64
  bpf.return %r : i64
}

// By 32 and more only words move.
// CHECK-LABEL: nfp.func subprogram @shift_word
// CHECK-SAME: (%[[A0:.+]]: !nfp.gpr, %[[A1:.+]]: !nfp.gpr)
// CHECK-NOT: nfp.shf
// CHECK: nfp.return %[[A1]], %{{.*}}
bpf.func @shift_word(%a: i64) -> i64 {
  %n = arith.constant 32 : i64
  %r = arith.shrui %a, %n : i64
  bpf.return %r : i64
}

// The fill bit of an arithmetic shift is the sign of the result just before.
// CHECK-LABEL: nfp.func subprogram @shift_arithmetic
// CHECK: %[[P:.+]] = nfp.alu b %[[A:.+]] : !nfp.gpr prev !nfp.prev
// CHECK-NEXT: nfp.shf asr shr 3 %[[A]] prev(%[[P]])
bpf.func @shift_arithmetic(%a: i32) -> i32 {
  %n = arith.constant 3 : i32
  %r = arith.shrsi %a, %n : i32
  bpf.return %r : i32
}

// CHECK-LABEL: nfp.func subprogram @shift_variable
// CHECK: nfp.br_bit set 5 %[[N:.+]] :
// CHECK: %[[P:.+]] = nfp.alu or %[[N]], %{{.*}} prev !nfp.prev
// CHECK-NEXT: nfp.shf b shl 0 indirect %{{.*}} prev(%[[P]])
bpf.func @shift_variable(%a: i64, %b: i64) -> i64 {
  %m = arith.constant 63 : i64
  %n = arith.andi %b, %m : i64
  %r = arith.shli %a, %n : i64
  bpf.return %r : i64
}

// CHECK-LABEL: nfp.func subprogram @multiply
// CHECK: nfp.mul m32x32 {{.*}} -> lo !nfp.gpr hi !nfp.gpr
// CHECK: nfp.mul m32x32 {{.*}} -> lo !nfp.gpr
// CHECK: nfp.mul m32x32 {{.*}} -> lo !nfp.gpr
bpf.func @multiply(%a: i64, %b: i64) -> i64 {
  %r = arith.muli %a, %b : i64
  bpf.return %r : i64
}

// Known widths choose a shorter multiplication.
// CHECK-LABEL: nfp.func subprogram @multiply_narrow
// CHECK: nfp.mul m24x8
bpf.func @multiply_narrow(%a: i8, %b: i16) -> i32 {
  %x = arith.extui %a : i8 to i32
  %y = arith.extui %b : i16 to i32
  %r = arith.muli %x, %y : i32
  bpf.return %r : i32
}

// CHECK-LABEL: nfp.func subprogram @swap
// CHECK: %[[R:.+]] = nfp.shf b rotr 8 %[[A:.+]] :
// CHECK: nfp.ld_field 5 rotr 24 %[[A]] into(%[[R]]
bpf.func @swap(%a: i32) -> i32 {
  %r = bpf.bswap %a : i32
  bpf.return %r : i32
}

// Division by a constant multiplies; by a power of two it shifts.
// CHECK-LABEL: nfp.func subprogram @divide
// CHECK: nfp.mul m32x32 {{.*}} -> hi !nfp.gpr
// CHECK: nfp.shf b shr
// CHECK: nfp.shf b shr 4
bpf.func @divide(%a: i32) -> i32 {
  %c10 = arith.constant 10 : i32
  %c16 = arith.constant 16 : i32
  %x = bpf.udiv %a, %c10 : i32
  %y = bpf.udiv %a, %c16 : i32
  %r = arith.addi %x, %y : i32
  bpf.return %r : i32
}

bpf.func @main(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %c2 = arith.constant 2 : i64
  bpf.return %c2 : i64
}
