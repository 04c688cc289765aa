// RUN: nfp-bpf-opt %s --nfp-peephole --split-input-file | FileCheck %s

// The copy of a tested value sets the flags.
// CHECK-LABEL: @flags
nfp.func subprogram @flags(%x: !nfp.gpr<a 2>) {
  // CHECK: %{{.*}}, %[[C:.*]] = nfp.alu b %{{.*}} : !nfp.gpr<a 2> -> !nfp.gpr<b 0> flags
  // CHECK-NEXT: nfp.br_cc eq %[[C]]
  %y = nfp.alu b %x : !nfp.gpr<a 2> -> !nfp.gpr<b 0>
  %c = nfp.alu b %y : !nfp.gpr<b 0> flags !nfp.cc
  nfp.br_cc eq %c, ^end, ^end
^end:
  %r = nfp.live_in : !nfp.gpr<b 0>
  %s = nfp.alu b %r : !nfp.gpr<b 0> -> !nfp.gpr<a 0>
  nfp.exit %s : !nfp.gpr<a 0>
}

// -----

// Shifts and merged bytes set the flags too; the lowest bit's index does not.
// CHECK-LABEL: @producers
nfp.func subprogram @producers(%x: !nfp.gpr<a 2>) {
  // CHECK: %{{.*}}, %[[C:.*]] = nfp.shf b shr 4 %{{.*}} -> !nfp.gpr<b 0> flags
  // CHECK-NEXT: nfp.br_cc eq %[[C]]
  %y = nfp.shf b shr 4 %x : !nfp.gpr<a 2> -> !nfp.gpr<b 0>
  %c = nfp.alu b %y : !nfp.gpr<b 0> flags !nfp.cc
  nfp.br_cc eq %c, ^next, ^end
^next:
  %v = nfp.live_in : !nfp.gpr<b 0>
  // CHECK: %{{.*}}, %[[C:.*]] = nfp.ld_field 1 shr 8 clear %{{.*}} -> !nfp.gpr<a 2> flags
  // CHECK-NEXT: nfp.br_cc ne %[[C]]
  %z = nfp.ld_field 1 shr 8 clear %v : !nfp.gpr<b 0> -> !nfp.gpr<a 2>
  %d = nfp.alu b %z : !nfp.gpr<a 2> flags !nfp.cc
  nfp.br_cc ne %d, ^more, ^end
^more:
  %w = nfp.live_in : !nfp.gpr<b 0>
  // CHECK: nfp.alu ffs
  // CHECK-NEXT: %[[C:.*]] = nfp.alu b %{{.*}} flags
  // CHECK-NEXT: nfp.br_cc ne %[[C]]
  %f = nfp.alu ffs %w : !nfp.gpr<b 0> -> !nfp.gpr<a 2>
  %e = nfp.alu b %f : !nfp.gpr<a 2> flags !nfp.cc
  nfp.br_cc ne %e, ^end, ^end
^end:
  %r = nfp.live_in : !nfp.gpr<b 0>
  %s = nfp.alu b %r : !nfp.gpr<b 0> -> !nfp.gpr<a 0>
  nfp.exit %s : !nfp.gpr<a 0>
}

// -----

// Not for the carry, and not when other flags are wanted in between.
// CHECK-LABEL: @carry
nfp.func subprogram @carry(%x: !nfp.gpr<a 2>) {
  %one = nfp.imm 1
  %zero = nfp.imm 0
  // CHECK: nfp.alu add %{{.*}} -> !nfp.gpr<b 0>{{$}}
  // CHECK-NEXT: nfp.alu sub %{{.*}} flags
  %y = nfp.alu add %x, %one : !nfp.gpr<a 2>, !nfp.imm -> !nfp.gpr<b 0>
  %c = nfp.alu sub %y, %zero : !nfp.gpr<b 0>, !nfp.imm flags !nfp.cc
  nfp.br_cc hs %c, ^next, ^end
^next:
  %v = nfp.live_in : !nfp.gpr<b 0>
  %w = nfp.imm 1
  %z = nfp.imm 0
  // CHECK: %[[F:.*]] = nfp.alu add %{{.*}} flags
  // CHECK-NEXT: nfp.alu b
  // CHECK-NEXT: nfp.alu addc
  // CHECK-NEXT: nfp.alu b %{{.*}} flags
  %f = nfp.alu add %v, %w : !nfp.gpr<b 0>, !nfp.imm flags !nfp.cc
  %t = nfp.alu b %v : !nfp.gpr<b 0> -> !nfp.gpr<a 1>
  %u = nfp.alu addc %v, %z cc(%f) : !nfp.gpr<b 0>, !nfp.imm -> !nfp.gpr<b 1>
  %d = nfp.alu b %t : !nfp.gpr<a 1> flags !nfp.cc
  nfp.br_cc ne %d, ^end, ^end
^end:
  %r = nfp.live_in : !nfp.gpr<b 0>
  %s = nfp.alu b %r : !nfp.gpr<b 0> -> !nfp.gpr<a 0>
  nfp.exit %s : !nfp.gpr<a 0>
}

// -----

// A key at the stack base needs no pointer, one behind it does.
// CHECK-LABEL: @key
nfp.func entry @key() attributes {frame_size = 8 : i32, frame_offset = 0 : i32} {
  // CHECK-NOT: nfp.frame_addr 0
  %key = nfp.frame_addr 0 : !nfp.gpr<b 5>
  %t = nfp.const 7 : !nfp.gpr<a 0>
  // CHECK: nfp.helper 1 "map_lookup_elem"(%{{[^ ]*}}) in [!nfp.gpr<a 0>] : (
  %lo, %hi = nfp.helper 1 "map_lookup_elem"(%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr<b 5>) : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  %key2 = nfp.frame_addr 4 : !nfp.gpr<b 5>
  %t2 = nfp.const 7 : !nfp.gpr<a 0>
  // CHECK: nfp.helper 1 "map_lookup_elem"{{.*}} lm0(
  %lo2, %hi2 = nfp.helper 1 "map_lookup_elem"(%t2) in [!nfp.gpr<a 0>] lm0(%key2 : !nfp.gpr<b 5>) : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  nfp.exit %lo2 : !nfp.gpr<a 0>
}

// -----

// The address stays where another block reads its register.
// CHECK-LABEL: @key_and_address
nfp.func entry @key_and_address() attributes {frame_size = 8 : i32, frame_offset = 0 : i32} {
  // CHECK: nfp.frame_addr 0 : <a 12>
  %key = nfp.frame_addr 0 : !nfp.gpr<a 12>
  %t = nfp.const 7 : !nfp.gpr<a 0>
  // CHECK: nfp.helper 1 "map_lookup_elem"(%{{[^ ]*}}) in [!nfp.gpr<a 0>] : (
  %lo, %hi = nfp.helper 1 "map_lookup_elem"(%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr<a 12>) : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  nfp.br ^next
^next:
  %a = nfp.live_in : !nfp.gpr<a 12>
  nfp.exit %a : !nfp.gpr<a 12>
}

// -----

// Pointer 0 is set back only where it is used again, on any path.
// CHECK-LABEL: @leaves
nfp.func entry @leaves() attributes {frame_size = 8 : i32, frame_offset = 0 : i32} {
  %key = nfp.frame_addr 4 : !nfp.gpr<b 5>
  %t = nfp.const 7 : !nfp.gpr<a 0>
  // CHECK: nfp.helper 1 "map_lookup_elem"
  // CHECK-NOT: leaves_pointer0
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr<b 5>) : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  // CHECK: nfp.br_bit
  nfp.br_bit set 3 %lo : !nfp.gpr<a 0>, ^uses, ^next
^uses:
  %w = nfp.lm index0[1]
  %v = nfp.alu b %w : !nfp.lm -> !nfp.gpr<a 0>
  nfp.exit %v : !nfp.gpr<a 0>
^next:
  %key2 = nfp.frame_addr 4 : !nfp.gpr<b 5>
  %t2 = nfp.const 7 : !nfp.gpr<a 0>
  // CHECK: nfp.helper 1 "map_lookup_elem"{{.*}} lm0({{.*}}nfp.leaves_pointer0
  %lo2, %hi2 = nfp.helper 1 "map_lookup_elem" (%t2) in [!nfp.gpr<a 0>] lm0(%key2 : !nfp.gpr<b 5>) : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  %key3 = nfp.frame_addr 4 : !nfp.gpr<b 5>
  %t3 = nfp.const 7 : !nfp.gpr<a 0>
  // CHECK: nfp.helper 1 "map_lookup_elem"{{.*}} lm0({{.*}}nfp.leaves_pointer0
  %lo3, %hi3 = nfp.helper 1 "map_lookup_elem" (%t3) in [!nfp.gpr<a 0>] lm0(%key3 : !nfp.gpr<b 5>) : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  nfp.exit %lo3 : !nfp.gpr<a 0>
}
