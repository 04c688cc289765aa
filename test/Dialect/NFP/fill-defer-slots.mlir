// RUN: nfp-bpf-opt %s --nfp-fill-defer-slots=sink=false --nfp-insert-hazard-slots --nfp-verify-machine --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s '--nfp-fill-defer-slots=copy-targets=false sink=false' --split-input-file | FileCheck %s --check-prefix=NOCOPY
// RUN: nfp-bpf-opt %s '--nfp-fill-defer-slots=window=1 sink=false' --split-input-file | FileCheck %s --check-prefix=NARROW

// Targets of conditional branches begin with what no slot takes; for others see
// likely-targets.mlir. Nothing is moved behind decisions: see sink-work.mlir.

// The verdict is loaded behind the exit's branch.
// CHECK-LABEL: @verdict
nfp.func entry @verdict() {
  // CHECK: %[[CODE:.*]] = nfp.const 2228224
  // CHECK-NEXT: nfp.exit %[[CODE]] {nfp.defer = 1 : i32}
  %code = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

// What the branch does not test moves behind it, in order, over the test.
// CHECK-LABEL: @over_compare
// NARROW-LABEL: @over_compare
nfp.func entry @over_compare() {
  %one = nfp.imm 1
  %x = nfp.const 5 : !nfp.gpr<a 1>
  %y = nfp.alu add %x, %one : !nfp.gpr<a 1>, !nfp.imm -> !nfp.gpr<b 1>
  %z = nfp.alu add %y, %one : !nfp.gpr<b 1>, !nfp.imm -> !nfp.gpr<b 2>
  // CHECK: %[[X:.*]] = nfp.const 5
  // CHECK-NEXT: %[[C:.*]] = nfp.alu sub %[[X]]
  // CHECK-NEXT: %[[Y:.*]] = nfp.alu add %[[X]]
  // CHECK-NEXT: nfp.alu add %[[Y]]
  // CHECK-NEXT: nfp.br_cc eq %[[C]], ^{{.*}}, ^{{.*}} {nfp.defer = 2 : i32}
  // NARROW-NOT: defer
  // NARROW: nfp.br_cc
  %c = nfp.alu sub %x, %one : !nfp.gpr<a 1>, !nfp.imm flags !nfp.cc
  nfp.br_cc eq %c, ^yes, ^no
^no:
  %v = nfp.live_in : !nfp.gpr<b 2>
  %r = nfp.alu b %v : !nfp.gpr<b 2> -> !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
^yes:
  %random = nfp.csr_rd pseudo_random : !nfp.gpr<a 5>
  %w = nfp.live_in : !nfp.gpr<b 1>
  %s = nfp.alu b %w : !nfp.gpr<b 1> -> !nfp.gpr<a 0>
  nfp.exit %s : !nfp.gpr<a 0>
}

// -----

// The tested register, flags and what makes them stay in front.
// CHECK-LABEL: @stays
nfp.func entry @stays() {
  %one = nfp.imm 1
  %x = nfp.const 5 : !nfp.gpr<a 1>
  %y, %f = nfp.alu add %x, %one : !nfp.gpr<a 1>, !nfp.imm -> !nfp.gpr<a 2> flags !nfp.cc
  // CHECK: nfp.br_bit {{ *}}set 3 %{{.*}} : !nfp.gpr<a 1>, ^{{[a-z0-9]*}}, ^{{[a-z0-9]*$}}
  nfp.br_bit  set 3 %x : !nfp.gpr<a 1>, ^yes, ^no
^no:
  // A multiplication takes more words than there are slots, a command swaps.
  // CHECK: nfp.mul
  // CHECK-NEXT: nfp.live_in
  // CHECK-NEXT: nfp.exit %{{.*}} : <a 0>
  %a = nfp.live_in : !nfp.gpr<a 1>
  %b = nfp.live_in : !nfp.gpr<a 2>
  %d, %g = nfp.alu b %b : !nfp.gpr<a 2> -> !nfp.gpr<b 2> flags !nfp.cc
  %lo, %hi = nfp.mul m32x32 %a, %d : !nfp.gpr<a 1>, !nfp.gpr<b 2> -> lo !nfp.gpr<a 0> hi !nfp.gpr<b 3>
  %r = nfp.live_in : !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
^yes:
  %random = nfp.csr_rd pseudo_random : !nfp.gpr<a 5>
  %c = nfp.live_in : !nfp.gpr<a 1>
  %e, %h = nfp.alu b %c : !nfp.gpr<a 1> -> !nfp.gpr<a 0> flags !nfp.cc
  nfp.exit %e : !nfp.gpr<a 0>
}

// -----

// Slots of a branch back get the loop's first instructions; waiting slots
// stand in front of the branch, not among its slots.
// CHECK-LABEL: @loop
// NOCOPY-LABEL: @loop
nfp.func entry @loop() {
  %zero = nfp.imm 0
  %n = nfp.const 5 : !nfp.gpr<a 1>
  nfp.br ^head
^head:
  // CHECK: ^[[HEAD:.*]]:
  // CHECK: nfp.alu add
  // CHECK-NEXT: nfp.br ^[[REST:.*]]
  // CHECK: ^[[REST]]:
  %one = nfp.imm 1
  %i = nfp.live_in : !nfp.gpr<a 1>
  %j = nfp.alu add %i, %one : !nfp.gpr<a 1>, !nfp.imm -> !nfp.gpr<b 1>
  %c = nfp.alu sub %j, %one : !nfp.gpr<b 1>, !nfp.imm flags !nfp.cc
  nfp.br_cc eq %c, ^end, ^body
^body:
  // CHECK: nfp.alu b {{.*}} to
  // CHECK: nfp.alu add {{.*}} -> !nfp.gpr<b 1>
  // CHECK-NEXT: nfp.br ^[[REST]] {nfp.defer = 2 : i32}
  // NOCOPY: nfp.br ^{{.*}} {nfp.defer = 1 : i32}
  %k = nfp.live_in : !nfp.gpr<b 1>
  %w = nfp.lm index0[2]
  nfp.alu b %k to %w : !nfp.gpr<b 1>
  nfp.br ^head
^end:
  %x = nfp.live_in : !nfp.gpr<b 1>
  %r = nfp.alu b %x : !nfp.gpr<b 1> -> !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
}

// -----

// One slot is left beside the return address of a helper.
// CHECK-LABEL: @helper
nfp.func entry @helper() {
  %key = nfp.frame_addr 0 : !nfp.gpr<b 5>
  %t = nfp.const 7 : !nfp.gpr<a 0>
  // CHECK: nfp.frame_addr
  // CHECK-NEXT: %[[T:.*]] = nfp.const 7
  // CHECK-NEXT: nfp.helper 1 "map_lookup_elem"(%[[T]]) {{.*}} {nfp.defer = 1 : i32}
  %lo, %hi = nfp.helper 1 "map_lookup_elem"(%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr<b 5>) : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  nfp.exit %lo : !nfp.gpr<a 0>
}

// -----

// Work in front of a command that waits costs nothing: it stays there, unless
// the branch is taken for certain.

// CHECK-LABEL: @before_command
nfp.func entry @before_command() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  // CHECK: nfp.const 7
  // CHECK-NEXT: nfp.cmd
  %k = nfp.const 7 : !nfp.gpr<b 1>
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  // CHECK: nfp.br_bit set 3 %{{.*}}, ^bb2, ^bb1{{$}}
  nfp.br_bit set 3 %x : !nfp.xfer<0>, ^right, ^left
^left:
  %q = nfp.live_in : !nfp.gpr<a 1>
  %none = nfp.imm 0
  // CHECK: nfp.cmd
  // CHECK-NEXT: nfp.const 8
  // CHECK: nfp.exit {{.*}}{nfp.defer = 1
  %m = nfp.const 8 : !nfp.gpr<a 0>
  %y = nfp.cmd read32_swap sum32 %q, %none count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  nfp.exit %m : !nfp.gpr<a 0>
^right:
  %random = nfp.csr_rd pseudo_random : !nfp.gpr<a 5>
  %r = nfp.live_in : !nfp.gpr<b 1>
  %s = nfp.alu b %r : !nfp.gpr<b 1> -> !nfp.gpr<a 0>
  nfp.exit %s : !nfp.gpr<a 0>
}

// -----

// A posted command and its override word go behind the exit together.
// CHECK-LABEL: @posted
nfp.func entry @posted() {
  %one = nfp.imm 1
  %hi = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %lo = nfp.const 256 : !nfp.gpr<b 1>
  %w = nfp.const 3216 : !nfp.gpr<b 2>
  // CHECK: nfp.const 2228224
  // CHECK-NEXT: %[[PREV:.*]] = nfp.shf or shl 16
  // CHECK-NEXT: nfp.cmd add_imm pair40 {{.*}} prev(%[[PREV]]) count 1 posted
  // CHECK-NEXT: nfp.exit {{.*}} {nfp.defer = 2 : i32}
  // NARROW-LABEL: @posted
  // NARROW: posted
  // NARROW: nfp.exit {{.*}} {nfp.defer = 1 : i32}
  %p = nfp.shf or shl 16 %w, %one : !nfp.gpr<b 2>, !nfp.imm prev !nfp.prev
  nfp.cmd add_imm pair40 %hi, %lo prev(%p) count 1 posted : (!nfp.gpr<a 1>, !nfp.gpr<b 1>)
  %code = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

// Not where the address is in the register that the exit word takes.
// CHECK-LABEL: @posted_needs_a0
nfp.func entry @posted_needs_a0() {
  %one = nfp.imm 1
  %lo = nfp.csr_rd pseudo_random : !nfp.gpr<a 0>
  %hi = nfp.const 256 : !nfp.gpr<b 1>
  %w = nfp.const 3216 : !nfp.gpr<b 2>
  // CHECK: nfp.cmd add_imm
  // CHECK-NEXT: nfp.const 2228224
  // CHECK-NEXT: nfp.exit {{.*}} {nfp.defer = 1 : i32}
  %p = nfp.shf or shl 16 %w, %one : !nfp.gpr<b 2>, !nfp.imm prev !nfp.prev
  nfp.cmd add_imm pair40 %hi, %lo prev(%p) count 1 posted : (!nfp.gpr<b 1>, !nfp.gpr<a 0>)
  %code = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

// Commands keep their order; a helper has room for one word only.
// CHECK-LABEL: @posted_before_others
nfp.func entry @posted_before_others() {
  %one = nfp.imm 1
  %hi = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %lo = nfp.const 256 : !nfp.gpr<b 1>
  %w = nfp.const 3216 : !nfp.gpr<b 2>
  // CHECK: nfp.cmd add_imm
  // CHECK: nfp.cmd read32_swap
  // CHECK: nfp.cmd add_imm
  // CHECK-NEXT: nfp.const 0
  // CHECK-NEXT: nfp.helper
  // CHECK: nfp.exit
  %p = nfp.shf or shl 16 %w, %one : !nfp.gpr<b 2>, !nfp.imm prev !nfp.prev
  nfp.cmd add_imm pair40 %hi, %lo prev(%p) count 1 posted : (!nfp.gpr<a 1>, !nfp.gpr<b 1>)
  %x = nfp.cmd read32_swap pair40 %hi, %lo count 1 : (!nfp.gpr<a 1>, !nfp.gpr<b 1>) -> !nfp.xfer<0>
  %q = nfp.shf or shl 16 %w, %one : !nfp.gpr<b 2>, !nfp.imm prev !nfp.prev
  nfp.cmd add_imm pair40 %hi, %lo prev(%q) count 1 posted : (!nfp.gpr<a 1>, !nfp.gpr<b 1>)
  %t = nfp.const 0 : !nfp.gpr<a 0>
  %l, %h = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  %code = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

// A posted command leaves the flags alone, so that it can be done behind a
// branch on a test that stands in front of it or behind it.
// CHECK-LABEL: @posted_over_test
nfp.func entry @posted_over_test() {
  %one = nfp.imm 1
  %hi = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %lo = nfp.const 256 : !nfp.gpr<b 1>
  %w = nfp.const 3216 : !nfp.gpr<b 2>
  // CHECK: nfp.alu sub {{.*}} flags
  // CHECK-NEXT: nfp.shf or
  // CHECK-NEXT: nfp.cmd add_imm
  // CHECK-NEXT: nfp.br_cc eq {{.*}} {nfp.defer = 2 : i32}
  %p = nfp.shf or shl 16 %w, %one : !nfp.gpr<b 2>, !nfp.imm prev !nfp.prev
  nfp.cmd add_imm pair40 %hi, %lo prev(%p) count 1 posted : (!nfp.gpr<a 1>, !nfp.gpr<b 1>)
  %c = nfp.alu sub %hi, %one : !nfp.gpr<a 1>, !nfp.imm flags !nfp.cc
  nfp.br_cc eq %c, ^yes, ^no
^no:
  // CHECK: nfp.cmd read32_swap
  // CHECK-NEXT: nfp.alu sub {{.*}} flags
  // CHECK-NEXT: nfp.shf or
  // CHECK-NEXT: nfp.cmd add_imm
  // CHECK-NEXT: nfp.br_cc ne {{.*}} {nfp.defer = 2 : i32}
  %h = nfp.live_in : !nfp.gpr<a 1>
  %l = nfp.live_in : !nfp.gpr<b 1>
  %v = nfp.live_in : !nfp.gpr<b 2>
  %two = nfp.imm 2
  %x = nfp.cmd read32_swap pair40 %h, %l count 1 : (!nfp.gpr<a 1>, !nfp.gpr<b 1>) -> !nfp.xfer<0>
  %d = nfp.alu sub %h, %two : !nfp.gpr<a 1>, !nfp.imm flags !nfp.cc
  %q = nfp.shf or shl 16 %v, %two : !nfp.gpr<b 2>, !nfp.imm prev !nfp.prev
  nfp.cmd add_imm pair40 %h, %l prev(%q) count 1 posted : (!nfp.gpr<a 1>, !nfp.gpr<b 1>)
  nfp.br_cc ne %d, ^yes, ^end
^end:
  %code = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
^yes:
  %random = nfp.csr_rd pseudo_random : !nfp.gpr<a 5>
  %r = nfp.alu b %random : !nfp.gpr<a 5> -> !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
}
