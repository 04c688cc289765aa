// RUN: nfp-bpf-opt %s --nfp-fill-defer-slots --nfp-insert-hazard-slots --nfp-verify-machine --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --nfp-fill-defer-slots=sink=false --split-input-file | FileCheck %s --check-prefix=STAYS

// What only the way behind needs goes there with what makes it, and on to the
// way behind the next branch; what both need stays.
// CHECK-LABEL: @behind
// STAYS-LABEL: @behind
nfp.func entry @behind() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %three = nfp.imm 3
  // CHECK: nfp.alu not %{{.*}} -> !nfp.gpr<b 4>
  // CHECK-NEXT: nfp.br_bit set 3 {{.*}} {nfp.defer = 1 : i32}
  // CHECK-NOT: nfp.alu add
  // CHECK: nfp.br_bit set 4
  // CHECK: ^bb2:
  // CHECK-NEXT: %[[IN:.*]] = nfp.live_in : !nfp.gpr<a 1>
  // CHECK-NEXT: %[[THREE:.*]] = nfp.imm 3
  // CHECK-NEXT: %[[X:.*]] = nfp.alu add %[[IN]], %[[THREE]]
  // STAYS: nfp.br_bit set 3 {{.*}} {nfp.defer = 3 : i32}
  %x = nfp.alu add %p, %three : !nfp.gpr<a 1>, !nfp.imm -> !nfp.gpr<b 2>
  %y = nfp.alu b %x : !nfp.gpr<b 2> -> !nfp.gpr<a 3>
  %z = nfp.alu not %p : !nfp.gpr<a 1> -> !nfp.gpr<b 4>
  nfp.br_bit set 3 %p : !nfp.gpr<a 1> weights([5, 95]), ^out, ^second
^second:
  %q = nfp.live_in : !nfp.gpr<a 1>
  nfp.br_bit set 4 %q : !nfp.gpr<a 1> weights([5, 95]), ^out, ^third
^third:
  %a = nfp.live_in : !nfp.gpr<a 3>
  %b = nfp.live_in : !nfp.gpr<b 4>
  %i = nfp.imm 0
  %v = nfp.cmd read32_swap sum32 %a, %i count 1 : (!nfp.gpr<a 3>, !nfp.imm) -> !nfp.xfer<0>
  %r = nfp.alu xor %b, %v : !nfp.gpr<b 4>, !nfp.xfer<0> -> !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
^out:
  %c = nfp.live_in : !nfp.gpr<b 4>
  %d = nfp.alu b %c : !nfp.gpr<b 4> -> !nfp.gpr<a 0>
  nfp.exit %d : !nfp.gpr<a 0>
}

// -----

// The way behind may be reached from elsewhere: nothing moves there. Nor does
// what stands in front of a command that waits.
// CHECK-LABEL: @two_ways
nfp.func entry @two_ways() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  // CHECK: nfp.alu not
  // CHECK-NEXT: nfp.cmd
  // CHECK: nfp.br_bit set 3
  %z = nfp.alu not %p : !nfp.gpr<a 1> -> !nfp.gpr<b 4>
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  nfp.br_bit set 3 %x : !nfp.xfer<0> weights([5, 95]), ^out, ^second
^second:
  // CHECK: nfp.alu b
  // CHECK-NEXT: nfp.br_bit set 4 {{.*}} {nfp.defer = 1 : i32}
  %q = nfp.live_in : !nfp.gpr<a 1>
  %w = nfp.alu b %q : !nfp.gpr<a 1> -> !nfp.gpr<b 3>
  nfp.br_bit set 4 %q : !nfp.gpr<a 1> weights([5, 95]), ^out, ^third
^third:
  %a = nfp.live_in : !nfp.gpr<b 3>
  %r = nfp.alu not %a : !nfp.gpr<b 3> -> !nfp.gpr<a 2>
  nfp.br_bit set 5 %r : !nfp.gpr<a 2> weights([95, 5]), ^third, ^end
^end:
  %b = nfp.live_in : !nfp.gpr<b 4>
  %s = nfp.alu not %b : !nfp.gpr<b 4> -> !nfp.gpr<a 0>
  nfp.exit %s : !nfp.gpr<a 0>
^out:
  %random = nfp.csr_rd pseudo_random : !nfp.gpr<a 0>
  nfp.exit %random : !nfp.gpr<a 0>
}

// -----

// A word of the stack that the routine on the other way may read stays; one
// that nothing reads there goes, but not what keeps uses of a pointer waiting.
// CHECK-LABEL: @words
nfp.func entry @words() attributes {frame_size = 16 : i32, frame_offset = 0 : i32} {
  // CHECK: nfp.alu not
  // CHECK: nfp.alu b %{{.*}} to %
  // CHECK-NEXT: nfp.br_bit set 3 {{.*}} {nfp.defer = 2 : i32}
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %early = nfp.alu not %p : !nfp.gpr<a 1> -> !nfp.gpr<b 5>
  %w = nfp.lm index0[1]
  nfp.alu b %p to %w : !nfp.gpr<a 1>
  nfp.br_bit set 3 %p : !nfp.gpr<a 1> weights([5, 95]), ^lookup, ^second
^second:
  // CHECK-NOT: nfp.alu
  // CHECK: nfp.br_bit set 4
  // CHECK: ^bb2:
  // CHECK: nfp.alu not %{{.*}} to %
  %q = nfp.live_in : !nfp.gpr<a 1>
  %v = nfp.lm index0[2]
  nfp.alu not %q to %v : !nfp.gpr<a 1>
  nfp.br_bit set 4 %q : !nfp.gpr<a 1> weights([5, 95]), ^out, ^third
^third:
  %u = nfp.lm index0[2]
  %e = nfp.live_in : !nfp.gpr<b 5>
  %r = nfp.alu xor %u, %e : !nfp.lm, !nfp.gpr<b 5> -> !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
^lookup:
  %t = nfp.const 0 : !nfp.gpr<a 0>
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  nfp.exit %lo : !nfp.gpr<a 0>
^out:
  %random = nfp.csr_rd pseudo_random : !nfp.gpr<a 0>
  nfp.exit %random : !nfp.gpr<a 0>
}
