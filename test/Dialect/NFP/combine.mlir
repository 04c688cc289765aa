// RUN: nfp-bpf-opt %s --nfp-combine --split-input-file | FileCheck %s --check-prefixes=CHECK,NEAR
// RUN: nfp-bpf-opt %s --nfp-combine=max-levels=0 --split-input-file | FileCheck %s --check-prefixes=CHECK,FAR

// Small constants become operands, one for each instruction; small negative
// ones turn additions and subtractions round.

// CHECK-LABEL: nfp.func entry @immediates
nfp.func entry @immediates() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %small = nfp.const 255 : !nfp.gpr
  %large = nfp.const 256 : !nfp.gpr
  %negative = nfp.const -20 : !nfp.gpr
  // CHECK: %[[LARGE:.+]] = nfp.const 256
  // CHECK: %[[NEGATIVE:.+]] = nfp.const -20
  // CHECK: %[[IMM:.+]] = nfp.imm 255
  // CHECK-NEXT: nfp.alu xor %{{.+}}, %[[IMM]] : !nfp.gpr, !nfp.imm
  %a = nfp.alu xor %p, %small : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: nfp.alu xor %{{.+}}, %[[LARGE]] : !nfp.gpr, !nfp.gpr
  %b = nfp.alu xor %a, %large : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: %[[TWENTY:.+]] = nfp.imm 20
  // CHECK-NEXT: nfp.alu sub %{{.+}}, %[[TWENTY]] : !nfp.gpr, !nfp.imm
  %c = nfp.alu add %negative, %b : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: %[[TWENTY:.+]] = nfp.imm 20
  // CHECK-NEXT: nfp.alu add %{{.+}}, %[[TWENTY]] : !nfp.gpr, !nfp.imm
  %d = nfp.alu sub %c, %negative : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // The carry of the two differs, and only one operand can be a constant.
  // CHECK-NEXT: nfp.alu add %{{.+}}, %[[NEGATIVE]]
  %e, %f = nfp.alu add %d, %negative : !nfp.gpr, !nfp.gpr -> !nfp.gpr flags !nfp.cc
  // CHECK-NEXT: nfp.alu addc
  %g = nfp.alu addc %e, %d cc(%f) : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: %[[IMM:.+]] = nfp.imm 255
  // CHECK-NEXT: nfp.alu and %[[IMM]], %{{.+}} : !nfp.imm, !nfp.gpr
  %h = nfp.alu and %small, %small : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %i = nfp.alu or %h, %g : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %i : !nfp.gpr
}

// -----

// Operations with zero that change nothing.

// CHECK-LABEL: nfp.func entry @identities
nfp.func entry @identities() {
  %zero = nfp.const 0 : !nfp.gpr
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[P:.+]] = nfp.csr_rd
  // CHECK-NOT: nfp.alu
  %a = nfp.alu or %p, %zero : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %b = nfp.alu add %zero, %a : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK: nfp.alu and %[[P]]
  %c = nfp.alu and %b, %zero : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK: nfp.alu sub %{{.+}}, %{{.+}} : !nfp.imm, !nfp.gpr
  %d = nfp.alu sub %zero, %c : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %d : !nfp.gpr
}

// -----

// A shift that only an `or` or `and` uses is part of it.

// CHECK-LABEL: nfp.func entry @shifts
nfp.func entry @shifts() {
  %three = nfp.imm 3
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[P:.+]] = nfp.csr_rd
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[Q:.+]] = nfp.csr_rd
  %s = nfp.shf b shl 8 %p : !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: %[[A:.+]] = nfp.shf or shl 8 %[[Q]], %[[P]]
  %a = nfp.alu or %s, %q : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %t = nfp.shf b shr 4 %a : !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: %{{.+}}, %[[CC:.+]] = nfp.shf and shr 4 %{{.+}}, %[[A]] : !nfp.imm, !nfp.gpr -> !nfp.gpr flags !nfp.cc
  %b, %cc = nfp.alu and %three, %t : !nfp.imm, !nfp.gpr -> !nfp.gpr flags !nfp.cc
  nfp.br_cc eq %cc, ^more, ^end
^more:
  // Two users; another operation; a left operand that the next one reads.
  // CHECK: nfp.shf b shr 5
  %u = nfp.shf b shr 5 %b : !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: nfp.alu or
  %c = nfp.alu or %u, %p : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: nfp.alu xor
  %d = nfp.alu xor %u, %c : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: nfp.shf b shl 3
  %v = nfp.shf b shl 3 %d : !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: nfp.alu or
  %prev = nfp.alu or %v, %p : !nfp.gpr, !nfp.gpr prev !nfp.prev
  // CHECK-NEXT: nfp.shf b shl 0 indirect
  %w = nfp.shf b shl 0 indirect %q prev(%prev) : !nfp.gpr -> !nfp.gpr
  nfp.exit %w : !nfp.gpr
^end:
  nfp.exit %a : !nfp.gpr
}

// -----

// Constants are made where the first one dominates the others.

// CHECK-LABEL: nfp.func entry @constants
nfp.func entry @constants() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[K:.+]] = nfp.const 1001
  %k = nfp.const 1001 : !nfp.gpr
  %a = nfp.alu and %p, %k : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.br_bit set 3 %a : !nfp.gpr, ^left, ^right
// CHECK: ^bb1:
^left:
  // FAR-NEXT: %[[L:.+]] = nfp.const 1001
  // FAR-NEXT: nfp.alu xor %{{.+}}, %[[L]]
  // NEAR-NEXT: nfp.alu xor %{{.+}}, %[[K]]
  %l = nfp.const 1001 : !nfp.gpr
  %b = nfp.alu xor %p, %l : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: nfp.const 2001
  %m = nfp.const 2001 : !nfp.gpr
  %c = nfp.alu and %b, %m : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %c : !nfp.gpr
// CHECK: ^bb2:
^right:
  // CHECK-NEXT: nfp.const 2001
  %n = nfp.const 2001 : !nfp.gpr
  %d = nfp.alu and %p, %n : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %d : !nfp.gpr
}

// -----

// What a block only stores is stored on the ways in, small constants as
// operands. Behind a conditional branch there is no way of its own.

// CHECK-LABEL: nfp.func entry @edges
nfp.func entry @edges() attributes {frame_size = 8 : i32} {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.br_bit set 3 %p : !nfp.gpr, ^left, ^right
^left:
  // CHECK: nfp.lm_store %{{.+}}, 4 size 4 : !nfp.gpr
  // CHECK-NEXT: nfp.br ^bb3{{$}}
  nfp.br ^store(%p : !nfp.gpr)
^right:
  // CHECK: %[[IMM:.+]] = nfp.imm 7
  // CHECK-NEXT: nfp.lm_store %[[IMM]], 4 size 4 : !nfp.imm
  // CHECK-NEXT: nfp.br ^bb3{{$}}
  %c = nfp.const 7 : !nfp.gpr
  nfp.br ^store(%c : !nfp.gpr)
// CHECK: ^bb3: // 2 preds
// CHECK-NOT: nfp.lm_store
^store(%v: !nfp.gpr):
  %a = nfp.frame_addr 0 : !nfp.gpr
  nfp.lm_store %v, 4 size 4 : !nfp.gpr
  nfp.br_bit set 4 %q : !nfp.gpr, ^more(%p : !nfp.gpr), ^more(%q : !nfp.gpr)
// CHECK: ^bb4(%[[V:.+]]: !nfp.gpr):
// CHECK: nfp.lm_store %[[V]], 0
^more(%w: !nfp.gpr):
  nfp.lm_store %w, 0 size 4 : !nfp.gpr
  nfp.exit %a : !nfp.gpr
}

// -----

// Two parts of one number are a rotation; of two numbers they are not, nor if
// bits are missing.

// CHECK-LABEL: nfp.func entry @rotation
// CHECK: %[[P:.*]] = nfp.csr_rd
// CHECK: nfp.shf b rotr 25 %[[P]]
// CHECK-NOT: rotr
nfp.func entry @rotation() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  %up = nfp.shf b shl 7 %p : !nfp.gpr -> !nfp.gpr
  %down = nfp.shf b shr 25 %p : !nfp.gpr -> !nfp.gpr
  %rotated = nfp.alu or %down, %up : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %other = nfp.shf b shr 25 %q : !nfp.gpr -> !nfp.gpr
  %first = nfp.shf b shl 7 %p : !nfp.gpr -> !nfp.gpr
  %mixed = nfp.alu or %first, %other : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %less = nfp.shf b shr 26 %q : !nfp.gpr -> !nfp.gpr
  %more = nfp.shf b shl 7 %q : !nfp.gpr -> !nfp.gpr
  %holes = nfp.alu or %less, %more : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %a = nfp.alu add %rotated, %mixed : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %b = nfp.alu add %a, %holes : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %b : !nfp.gpr
}

// -----

// Additions take the low byte or half of their right operand, unless others
// want the part too or it is another one.
// CHECK-LABEL: nfp.func entry @low_parts
nfp.func entry @low_parts() {
  %x = nfp.csr_rd pseudo_random : !nfp.gpr
  %y = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK-NOT: nfp.ld_field 3
  // CHECK: %[[A:.+]] = nfp.alu add16 %[[Y:.+]], %[[X:.+]] : !nfp.gpr, !nfp.gpr
  %half = nfp.ld_field 3 rotr 0 clear %x : !nfp.gpr -> !nfp.gpr
  %a = nfp.alu add %half, %y : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: %[[B:.+]] = nfp.alu add8 %[[A]], %[[X]]
  %byte = nfp.ld_field 1 rotr 0 clear %x : !nfp.gpr -> !nfp.gpr
  %b = nfp.alu add %a, %byte : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: %[[HIGH:.+]] = nfp.ld_field 3 rotr 16
  // CHECK-NEXT: nfp.alu add %[[B]], %[[HIGH]]
  %high = nfp.ld_field 3 rotr 16 clear %x : !nfp.gpr -> !nfp.gpr
  %c = nfp.alu add %b, %high : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: %[[TWICE:.+]] = nfp.ld_field 3 rotr 0
  // CHECK-NEXT: nfp.alu add %{{.+}}, %[[TWICE]]
  // CHECK-NEXT: nfp.alu xor %{{.+}}, %[[TWICE]]
  %twice = nfp.ld_field 3 rotr 0 clear %y : !nfp.gpr -> !nfp.gpr
  %d = nfp.alu add %c, %twice : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %e = nfp.alu xor %d, %twice : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %e : !nfp.gpr
}

// -----

// What has been computed is not computed again, in the block or one that only it
// leads to; behind a call it is.

// CHECK-LABEL: nfp.func entry @computed_again
// CHECK: %[[P:.+]] = nfp.csr_rd
// CHECK: %[[LOW:.+]] = nfp.alu and %[[P]]
// CHECK-NEXT: nfp.br_bit set 3 %[[LOW]]
// CHECK: ^bb1:
// CHECK-NOT: nfp.alu
// CHECK: nfp.lm_store %[[LOW]], 0 size 4
// CHECK: nfp.helper
// CHECK: %[[AGAIN:.+]] = nfp.alu and %[[P]]
// CHECK-NEXT: nfp.exit %[[AGAIN]]
// CHECK: ^bb2:
// CHECK-NOT: nfp.alu
// CHECK: nfp.exit %[[LOW]]
nfp.func entry @computed_again() attributes {frame_size = 4 : i32} {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %m = nfp.const 127 : !nfp.gpr
  %low = nfp.alu and %p, %m : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.br_bit set 3 %low : !nfp.gpr, ^one, ^two
^one:
  %m1 = nfp.const 127 : !nfp.gpr
  %low1 = nfp.alu and %p, %m1 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.lm_store %low1, 0 size 4 : !nfp.gpr
  %t = nfp.const 0 : !nfp.gpr
  %lo, %hi = nfp.helper 3 "map_delete_elem" (%t) in [!nfp.gpr<a 0>] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %low3 = nfp.alu and %p, %m1 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %low3 : !nfp.gpr
^two:
  %low2 = nfp.alu and %p, %m : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %low2 : !nfp.gpr
}

// -----

// What becomes a constant on one way is computed on the ways: as a part of the
// shift on the other one, and stored there, over stores of other words.

// CHECK-LABEL: nfp.func entry @compute_on_edges
nfp.func entry @compute_on_edges() attributes {frame_size = 8 : i32} {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.br_bit set 3 %p : !nfp.gpr, ^left, ^right
^left:
  // CHECK: %[[L:.+]] = nfp.shf or shr 16 %{{.+}}, %{{.+}} : !nfp.gpr, !nfp.gpr
  // CHECK: nfp.lm_store %[[L]], 4 size 4 : !nfp.gpr
  // CHECK-NEXT: nfp.br ^bb3{{$}}
  %s = nfp.shf b shr 16 %p : !nfp.gpr -> !nfp.gpr
  nfp.br ^store(%s : !nfp.gpr)
^right:
  // CHECK: %[[R:.+]] = nfp.const 131077
  // CHECK: nfp.lm_store %[[R]], 4 size 4 : !nfp.gpr
  // CHECK-NEXT: nfp.br ^bb3{{$}}
  %c = nfp.const 5 : !nfp.gpr
  nfp.br ^store(%c : !nfp.gpr)
// CHECK: ^bb3: // 2 preds
// CHECK-NOT: nfp.alu or
// CHECK: nfp.lm_store %{{.+}}, 0
// CHECK-NOT: nfp.lm_store
^store(%v: !nfp.gpr):
  %a = nfp.frame_addr 0 : !nfp.gpr
  nfp.lm_store %q, 0 size 4 : !nfp.gpr
  %k = nfp.const 131072 : !nfp.gpr
  %o = nfp.alu or %v, %k : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.lm_store %o, 4 size 4 : !nfp.gpr
  nfp.exit %a : !nfp.gpr
}

// -----

// Shifts, sums and bytes of constants.

// CHECK-LABEL: nfp.func entry @fold_on_edges
nfp.func entry @fold_on_edges() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.br_bit set 3 %p : !nfp.gpr, ^left, ^right
^left:
  // CHECK: %[[A:.+]] = nfp.const 4660 :
  // CHECK: %[[B:.+]] = nfp.const -3 :
  // CHECK: %[[C:.+]] = nfp.const 16711680 :
  // CHECK: %[[D:.+]] = nfp.const -2147483648 :
  // CHECK: nfp.br ^bb3(%[[A]], %[[B]], %[[C]], %[[D]] :
  %1 = nfp.const 305397760 : !nfp.gpr
  %2 = nfp.const 2 : !nfp.gpr
  %3 = nfp.const -1 : !nfp.gpr
  %4 = nfp.const 1 : !nfp.gpr
  nfp.br ^end(%1, %2, %3, %4 : !nfp.gpr, !nfp.gpr, !nfp.gpr, !nfp.gpr)
^right:
  nfp.br ^end(%p, %p, %p, %p : !nfp.gpr, !nfp.gpr, !nfp.gpr, !nfp.gpr)
^end(%a: !nfp.gpr, %b: !nfp.gpr, %c: !nfp.gpr, %d: !nfp.gpr):
  // CHECK: ^bb3(
  // CHECK-NOT: nfp.{{shf|ld_field|alu sub}}
  // CHECK: nfp.exit
  %five = nfp.imm 5
  %e = nfp.shf b shr 16 %a : !nfp.gpr -> !nfp.gpr
  %f = nfp.alu sub %b, %five : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %g = nfp.ld_field 4 rotr 8 clear %c : !nfp.gpr -> !nfp.gpr
  %h = nfp.shf b rotr 1 %d : !nfp.gpr -> !nfp.gpr
  %i = nfp.alu add %e, %f : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %j = nfp.alu add %g, %h : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %k = nfp.alu add %i, %j : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %k : !nfp.gpr
}

// -----

// No constant comes, another value is merged, flags are set, the argument is
// needed as it is, or too many ways bring no constant: it stays.

// CHECK-LABEL: nfp.func entry @not_on_edges
nfp.func entry @not_on_edges() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.br_bit set 3 %p : !nfp.gpr, ^left, ^right
^left:
  %zero = nfp.const 0 : !nfp.gpr
  nfp.br ^end(%q, %zero, %zero, %zero : !nfp.gpr, !nfp.gpr, !nfp.gpr, !nfp.gpr)
^right:
  nfp.br ^end(%p, %p, %p, %p : !nfp.gpr, !nfp.gpr, !nfp.gpr, !nfp.gpr)
// CHECK: ^bb3(%[[A:.+]]: !nfp.gpr, %[[B:.+]]: !nfp.gpr, %[[C:.+]]: !nfp.gpr, %[[D:.+]]: !nfp.gpr):
^end(%a: !nfp.gpr, %b: !nfp.gpr, %c: !nfp.gpr, %d: !nfp.gpr):
  // CHECK: nfp.alu or %[[A]]
  // CHECK: nfp.ld_field 3 rotr 0 %[[B]] into
  // CHECK: nfp.alu add %[[C]], %{{.+}} flags
  // CHECK: nfp.alu xor %[[D]]
  %five = nfp.imm 5
  %k = nfp.const 70000 : !nfp.gpr
  %e = nfp.alu or %a, %five : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %f = nfp.ld_field 3 rotr 0 %b into(%k : !nfp.gpr) : !nfp.gpr -> !nfp.gpr
  %g, %cc = nfp.alu add %c, %five : !nfp.gpr, !nfp.imm -> !nfp.gpr flags !nfp.cc
  %h = nfp.alu xor %d, %five : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %i = nfp.alu add %e, %f : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %j = nfp.alu add %g, %h : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %l = nfp.alu add %i, %j : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %m = nfp.alu add %l, %d : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.br_cc eq %cc, ^out, ^more
^more:
  nfp.br_bit set 4 %p : !nfp.gpr, ^w1, ^w2
^w1:
  nfp.br_bit set 5 %p : !nfp.gpr, ^w3, ^w4
^w2:
  nfp.br ^many(%p : !nfp.gpr)
^w3:
  nfp.br ^many(%q : !nfp.gpr)
^w4:
  nfp.br_bit set 6 %p : !nfp.gpr, ^w5, ^w6
^w5:
  nfp.br ^many(%m : !nfp.gpr)
^w6:
  %one = nfp.const 1 : !nfp.gpr
  nfp.br ^many(%one : !nfp.gpr)
// CHECK: (%[[X:.+]]: !nfp.gpr):  // 4 preds
// CHECK: nfp.alu xor %[[X]]
^many(%x: !nfp.gpr):
  %y = nfp.alu xor %x, %five : !nfp.gpr, !nfp.imm -> !nfp.gpr
  nfp.exit %y : !nfp.gpr
^out:
  nfp.exit %m : !nfp.gpr
}

// -----

// Behind a load, a store to a place that is computed, or another store of the
// same word nothing is stored earlier.

// CHECK-LABEL: nfp.func entry @stores_stay
nfp.func entry @stores_stay() attributes {frame_size = 16 : i32} {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.br_bit set 3 %p : !nfp.gpr, ^left, ^right
^left:
  nfp.br ^same(%p : !nfp.gpr)
^right:
  nfp.br ^same(%q : !nfp.gpr)
// CHECK: (%[[V:.+]]: !nfp.gpr):  // 2 preds
// CHECK: nfp.lm_store %{{.+}}, 8 size 4
// CHECK: nfp.lm_store %[[V]], 10 size 2
^same(%v: !nfp.gpr):
  nfp.lm_store %q, 8 size 4 : !nfp.gpr
  nfp.lm_store %v, 10 size 2 : !nfp.gpr
  nfp.br_bit set 4 %p : !nfp.gpr, ^left2, ^right2
^left2:
  nfp.br ^load(%p : !nfp.gpr)
^right2:
  nfp.br ^load(%q : !nfp.gpr)
// CHECK: (%[[W:.+]]: !nfp.gpr):  // 2 preds
// CHECK: nfp.lm_load 8
// CHECK: nfp.lm_store %[[W]], 8 size 4
^load(%w: !nfp.gpr):
  %l = nfp.lm_load 8 size 4 : !nfp.gpr
  nfp.lm_store %w, 8 size 4 : !nfp.gpr
  nfp.exit %l : !nfp.gpr
}

// -----

// `or` and `and` shift small constants into place; other instructions cannot,
// wider constants do not fit, and a constant has one port.

// CHECK-LABEL: nfp.func entry @shifted_immediates
nfp.func entry @shifted_immediates() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[A:.+]] = nfp.imm 3
  // CHECK: nfp.shf or shl 9 %{{.+}}, %[[A]] : !nfp.gpr, !nfp.imm
  %k = nfp.const 1536 : !nfp.gpr
  %a = nfp.alu or %k, %p : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK: %[[B:.+]] = nfp.imm 255
  // CHECK: nfp.shf and shl 24 %{{.+}}, %[[B]] : !nfp.gpr, !nfp.imm
  %l = nfp.const -16777216 : !nfp.gpr
  %b, %cc = nfp.alu and %a, %l : !nfp.gpr, !nfp.gpr -> !nfp.gpr flags !nfp.cc
  // CHECK: nfp.alu xor
  %c = nfp.alu xor %b, %k : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK: nfp.alu or
  %m = nfp.const 257 : !nfp.gpr
  %d = nfp.alu or %c, %m : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  // CHECK: nfp.alu or
  %w = nfp.lm index1[0]
  %e = nfp.alu or %w, %k : !nfp.lm, !nfp.gpr -> !nfp.gpr
  %f = nfp.alu add %d, %e : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %f : !nfp.gpr
}

// -----

// What calls want in registers of their own is not kept for the next call.

// CHECK-LABEL: nfp.func entry @for_calls
// CHECK: %[[A:.+]] = nfp.const 1 :
// CHECK-NEXT: nfp.helper 3 "map_delete_elem"(%[[A]])
// CHECK: %[[B:.+]] = nfp.const 1 :
// CHECK-NEXT: nfp.helper 3 "map_delete_elem"(%[[B]])
nfp.func entry @for_calls() {
  %a = nfp.const 1 : !nfp.gpr
  %l, %h = nfp.helper 3 "map_delete_elem" (%a) in [!nfp.gpr<a 0>] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %b = nfp.const 1 : !nfp.gpr
  %m, %n = nfp.helper 3 "map_delete_elem" (%b) in [!nfp.gpr<a 0>] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  nfp.exit %m : !nfp.gpr
}

// -----

// The packet's address is read on the way that needs it, several branches on;
// not where another way needs it, over a command, or where the packet moves.

// CHECK-LABEL: nfp.func entry @sink
nfp.func entry @sink() {
  // CHECK-NOT: nfp.alu
  // CHECK: nfp.br_bit
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %w = nfp.lm index1[2]
  %a = nfp.alu b %w : !nfp.lm -> !nfp.gpr
  %five = nfp.imm 5
  %b = nfp.alu add %a, %five : !nfp.gpr, !nfp.imm -> !nfp.gpr
  nfp.br_bit set 3 %p : !nfp.gpr, ^out, ^more
// CHECK: ^bb1:
// CHECK-NOT: nfp.alu
// CHECK: nfp.br_bit
^more:
  nfp.br_bit set 4 %p : !nfp.gpr, ^out, ^work
// CHECK: ^bb2:
// CHECK: nfp.alu b %{{.+}} : !nfp.lm
// CHECK: nfp.alu add
// CHECK: nfp.alu xor
// CHECK: nfp.exit
^work:
  %c = nfp.alu xor %a, %b : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %c : !nfp.gpr
^out:
  nfp.exit %p : !nfp.gpr
}

// CHECK-LABEL: nfp.func entry @no_sink
nfp.func entry @no_sink() {
  // CHECK: nfp.alu b %{{.+}} : !nfp.lm
  // CHECK: nfp.alu xor %{{.+}} : !nfp.lm
  // CHECK: nfp.alu add
  // CHECK: nfp.cmd
  // CHECK: nfp.br_bit
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %zero = nfp.imm 0
  %w = nfp.lm index1[2]
  %a = nfp.alu b %w : !nfp.lm -> !nfp.gpr
  %b = nfp.alu xor %w, %p : !nfp.lm, !nfp.gpr -> !nfp.gpr
  nfp.alu add %w, %p to %w : !nfp.lm, !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  // Both ways need it, or it reads the stack, which may change.
  // CHECK: nfp.alu b %{{.+}} : !nfp.lm
  // CHECK: nfp.alu or
  // CHECK: nfp.br_bit
  nfp.br_bit set 3 %p : !nfp.gpr, ^out, ^more
^more:
  %s = nfp.lm index0[2]
  %c = nfp.alu b %s : !nfp.lm -> !nfp.gpr
  %d = nfp.alu or %w, %p : !nfp.lm, !nfp.gpr -> !nfp.gpr
  nfp.br_bit set 4 %p : !nfp.gpr, ^left, ^right
^left:
  %e = nfp.alu xor %c, %d : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %e : !nfp.gpr
^right:
  nfp.exit %d : !nfp.gpr
^out:
  %f = nfp.alu add %a, %b : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %g = nfp.alu b %x : !nfp.xfer -> !nfp.gpr
  %h = nfp.alu xor %f, %g : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %h : !nfp.gpr
}
