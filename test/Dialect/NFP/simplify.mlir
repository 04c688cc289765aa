// RUN: nfp-bpf-opt %s --nfp-simplify --split-input-file | FileCheck %s

// The end of the packet is its length away from its start.
// CHECK-LABEL: @length
nfp.func entry @length() {
  // CHECK: %[[MASK:.*]] = nfp.const 16383
  // CHECK: %[[LEN:.*]] = nfp.alu and %{{.*}}, %[[MASK]]
  // CHECK-NEXT: %[[N:.*]] = nfp.imm 14
  // CHECK-NEXT: nfp.alu sub %[[LEN]], %[[N]] : !nfp.gpr, !nfp.imm flags
  %w = nfp.lm index1[0]
  %m = nfp.const 16383 : !nfp.gpr
  %len = nfp.alu and %w, %m : !nfp.lm, !nfp.gpr -> !nfp.gpr
  %p = nfp.lm index1[2]
  %end = nfp.alu add %len, %p : !nfp.gpr, !nfp.lm -> !nfp.gpr
  %data = nfp.alu b %p : !nfp.lm -> !nfp.gpr
  %n = nfp.imm 14
  %place = nfp.alu add %data, %n : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %c = nfp.alu sub %end, %place : !nfp.gpr, !nfp.gpr flags !nfp.cc
  nfp.br_cc lo %c, ^short, ^long
^short:
  %a = nfp.const 1 : !nfp.gpr
  nfp.exit %a : !nfp.gpr
^long:
  %b = nfp.const 2 : !nfp.gpr
  nfp.exit %b : !nfp.gpr
}

// -----

// Not if the packet moved between the two, nor at an unknown distance.
// CHECK-LABEL: @moved
nfp.func subprogram @moved(%delta: !nfp.gpr) {
  %w = nfp.lm index1[0]
  %m = nfp.const 16383 : !nfp.gpr
  %len = nfp.alu and %w, %m : !nfp.lm, !nfp.gpr -> !nfp.gpr
  %p = nfp.lm index1[2]
  // CHECK: %[[END:.*]] = nfp.alu add
  %end = nfp.alu add %len, %p : !nfp.gpr, !nfp.lm -> !nfp.gpr
  nfp.alu add %p, %delta to %p : !nfp.lm, !nfp.gpr
  %data = nfp.alu b %p : !nfp.lm -> !nfp.gpr
  %n = nfp.imm 14
  %place = nfp.alu add %data, %n : !nfp.gpr, !nfp.imm -> !nfp.gpr
  // CHECK: nfp.alu sub %[[END]]
  %c = nfp.alu sub %end, %place : !nfp.gpr, !nfp.gpr flags !nfp.cc
  nfp.br_cc lo %c, ^short, ^long
^short:
  %end2 = nfp.alu add %len, %p : !nfp.gpr, !nfp.lm -> !nfp.gpr
  %data2 = nfp.alu b %p : !nfp.lm -> !nfp.gpr
  %place2 = nfp.alu add %data2, %delta : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK: %[[END2:.*]] = nfp.alu add
  // CHECK: nfp.alu sub %[[END2]]
  %c2 = nfp.alu sub %end2, %place2 : !nfp.gpr, !nfp.gpr flags !nfp.cc
  nfp.br_cc lo %c2, ^long, ^last
^last:
  nfp.exit %m : !nfp.gpr
^long:
  %b = nfp.const 2 : !nfp.gpr
  nfp.exit %b : !nfp.gpr
}

// -----

// Arguments that are one constant, that nothing needs (also in a loop), and
// one that stays.
// CHECK-LABEL: @arguments
nfp.func subprogram @arguments(%x: !nfp.gpr) {
  %zero = nfp.const 0 : !nfp.gpr
  %one = nfp.imm 1
  nfp.br ^loop(%x, %zero, %x, %zero : !nfp.gpr, !nfp.gpr, !nfp.gpr, !nfp.gpr)
// CHECK: ^{{.*}}(%[[I:.*]]: !nfp.gpr):
// CHECK-NEXT: nfp.const 0
^loop(%i: !nfp.gpr, %same: !nfp.gpr, %dead: !nfp.gpr, %z: !nfp.gpr):
  %next = nfp.alu sub %i, %one : !nfp.gpr, !nfp.imm -> !nfp.gpr
  // CHECK-NOT: nfp.alu add
  %unused = nfp.alu add %dead, %one : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %zero2 = nfp.const 0 : !nfp.gpr
  %c = nfp.alu sub %next, %one : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc ne %c, ^again, ^end
^again:
  // CHECK: nfp.br ^{{[a-z0-9]*}}(%{{[a-z0-9_]*}} : !nfp.gpr)
  nfp.br ^loop(%next, %zero2, %unused, %same : !nfp.gpr, !nfp.gpr, !nfp.gpr, !nfp.gpr)
^end:
  nfp.exit %z : !nfp.gpr
}

// -----

// A constant goes where the test of it leads; another value is tested.
// CHECK-LABEL: @thread
nfp.func subprogram @thread(%x: !nfp.gpr) {
  // CHECK: nfp.br_bit set 3 %{{.*}} : !nfp.gpr, ^[[BAD:.*]], ^[[GOOD:.*]]
  nfp.br_bit set 3 %x : !nfp.gpr, ^bad, ^good
// CHECK: ^[[BAD]]:
// CHECK-NEXT: nfp.br ^[[TEST:[a-z0-9]*]]
^bad:
  nfp.br ^test(%x : !nfp.gpr)
// CHECK: ^[[GOOD]]:
// CHECK-NEXT: nfp.br ^[[FINE:[a-z0-9]*]]
^good:
  %zero = nfp.const 0 : !nfp.gpr
  nfp.br ^test(%zero : !nfp.gpr)
^test(%r: !nfp.gpr):
  // CHECK: nfp.br_cc ne %{{.*}}, ^[[OTHER:.*]], ^[[FINE]]
  %c = nfp.alu b %r : !nfp.gpr flags !nfp.cc
  nfp.br_cc ne %c, ^other, ^fine
^other:
  %a = nfp.const 1 : !nfp.gpr
  nfp.exit %a : !nfp.gpr
// CHECK: ^[[FINE]]:
// CHECK-NEXT: nfp.const 2
^fine:
  %b = nfp.const 2 : !nfp.gpr
  nfp.exit %b : !nfp.gpr
}

// -----

// The distance from start to end is the length, unless the packet has moved.
// CHECK-LABEL: @difference
nfp.func entry @difference() {
  // CHECK: %[[LEN:.*]] = nfp.alu and
  // CHECK-NEXT: nfp.exit %[[LEN]]
  %w = nfp.lm index1[0]
  %m = nfp.const 16383 : !nfp.gpr
  %len = nfp.alu and %w, %m : !nfp.lm, !nfp.gpr -> !nfp.gpr
  %p = nfp.lm index1[2]
  %end = nfp.alu add %len, %p : !nfp.gpr, !nfp.lm -> !nfp.gpr
  %data = nfp.alu b %p : !nfp.lm -> !nfp.gpr
  %d = nfp.alu sub %end, %data : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %d : !nfp.gpr
}

// CHECK-LABEL: @moved_between
nfp.func entry @moved_between() {
  // CHECK: %[[D:.*]] = nfp.alu sub
  // CHECK-NEXT: nfp.exit %[[D]]
  %w = nfp.lm index1[0]
  %m = nfp.const 16383 : !nfp.gpr
  %len = nfp.alu and %w, %m : !nfp.lm, !nfp.gpr -> !nfp.gpr
  %p = nfp.lm index1[2]
  %end = nfp.alu add %len, %p : !nfp.gpr, !nfp.lm -> !nfp.gpr
  nfp.alu add %p, %m to %p : !nfp.lm, !nfp.gpr
  %data = nfp.alu b %p : !nfp.lm -> !nfp.gpr
  %d = nfp.alu sub %end, %data : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %d : !nfp.gpr
}
