// RUN: nfp-bpf-opt %s --nfp-fill-defer-slots --nfp-insert-hazard-slots --nfp-verify-machine --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --nfp-fill-defer-slots=copy-targets=false --split-input-file | FileCheck %s --check-prefix=NOCOPY
// NOCOPY-NOT: nfp.br_{{.*}}nfp.defer = 2

// The exit word is loaded in a slot and the branch leaves the program itself.
// Its own branch saves more than the slot costs where it is not taken.
// CHECK-LABEL: @exit
nfp.func entry @exit() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  // CHECK: nfp.const 1114112 : <a 0>
  // CHECK-NEXT: nfp.br_bit set 3 %{{.*}} weights([30, 70]), ^[[OUT:.*]], ^bb1 {nfp.defer = 1 : i32}
  nfp.br_bit set 3 %p : !nfp.gpr<a 1> weights([30, 70]), ^out, ^behind
// CHECK: ^bb1:
^behind:
  %q = nfp.live_in : !nfp.gpr<a 1>
  %r = nfp.alu b %q : !nfp.gpr<a 1> -> !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
// CHECK: ^[[OUT]]:
// CHECK-NEXT: nfp.live_in : !nfp.gpr<a 0>
// CHECK-NEXT: nfp.exit
^out:
  %code = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
// CHECK-NOT: nfp.const 1114112
}

// -----

// Hardly ever taken: the slot would cost more.
// CHECK-LABEL: @rare
nfp.func entry @rare() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  // CHECK: nfp.br_bit {{.*}} weights([10, 90]), ^bb2, ^bb1{{$}}
  nfp.br_bit set 3 %p : !nfp.gpr<a 1> weights([10, 90]), ^out, ^behind
^behind:
  %q = nfp.live_in : !nfp.gpr<a 1>
  %r = nfp.alu b %q : !nfp.gpr<a 1> -> !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
^out:
  %code = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

// As rare, but the way behind waits for memory anyway.
// CHECK-LABEL: @rare_before_command
nfp.func entry @rare_before_command() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  // CHECK: nfp.br_bit {{.*}} weights([10, 90]), ^bb2, ^bb1 {nfp.defer = 1 : i32}
  nfp.br_bit set 3 %p : !nfp.gpr<a 1> weights([10, 90]), ^out, ^behind
^behind:
  %q = nfp.live_in : !nfp.gpr<a 1>
  %i = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %q, %i count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  %r = nfp.alu b %x : !nfp.xfer<0> -> !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
^out:
  %code = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

// A0 is needed where the branch is not taken.
// CHECK-LABEL: @needed_behind
nfp.func entry @needed_behind() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 0>
  %z = nfp.alu b %p : !nfp.gpr<a 0> -> !nfp.gpr<b 1>
  // CHECK: nfp.br_bit {{.*}} weights([70, 30]), ^bb3, ^bb1{{$}}
  nfp.br_bit set 3 %z : !nfp.gpr<b 1> weights([70, 30]), ^out, ^behind
^behind:
  nfp.br ^more
^more:
  %q = nfp.live_in : !nfp.gpr<a 0>
  %s = nfp.alu b %q : !nfp.gpr<a 0> -> !nfp.gpr<b 2>
  %r = nfp.alu b %s : !nfp.gpr<b 2> -> !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
^out:
  %code = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

// Nor may a slot change the register that is tested.
// CHECK-LABEL: @tested
nfp.func entry @tested() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 0>
  // CHECK: nfp.br_bit {{.*}} weights([70, 30]), ^bb2, ^bb1{{$}}
  nfp.br_bit set 3 %p : !nfp.gpr<a 0> weights([70, 30]), ^out, ^behind
^behind:
  %s = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %s : !nfp.gpr<a 0>
^out:
  %code = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

// The target of a likely branch has another way to it: the words are copied,
// and the branch enters behind them. What makes flags stays there.
// CHECK-LABEL: @likely
nfp.func entry @likely() attributes {frame_size = 8 : i32, frame_offset = 0 : i32} {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  // CHECK: %[[IN:.*]] = nfp.live_in : !nfp.gpr<a 1>
  // CHECK-NEXT: %[[X:.*]] = nfp.alu not %[[IN]]
  // CHECK-NEXT: nfp.alu b %[[X]]
  // CHECK: nfp.br_bit {{.*}} ^[[TAIL:.*]], ^bb1 {nfp.defer = 2 : i32}
  nfp.br_bit set 3 %p : !nfp.gpr<a 1> weights([90, 10]), ^target, ^behind
^behind:
  %c = nfp.live_in : !nfp.gpr<a 1>
  nfp.br_bit set 4 %c : !nfp.gpr<a 1> weights([10, 90]), ^target, ^last
^last:
  %code = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
// CHECK: ^bb3:
// CHECK-NEXT: nfp.live_in : !nfp.gpr<a 1>
// CHECK-NEXT: nfp.alu not
// CHECK-NEXT: nfp.alu b
// CHECK: nfp.br ^[[TAIL]]
// CHECK: ^[[TAIL]]:
// CHECK-NEXT: %[[B:.*]] = nfp.live_in : !nfp.gpr<b 2>
// CHECK: nfp.alu sub %[[B]], %{{.*}} flags
^target:
  %in = nfp.live_in : !nfp.gpr<a 1>
  %x = nfp.alu not %in : !nfp.gpr<a 1> -> !nfp.gpr<b 1>
  %y = nfp.alu b %x : !nfp.gpr<b 1> -> !nfp.gpr<b 2>
  %one = nfp.imm 1
  %f = nfp.alu sub %y, %one : !nfp.gpr<b 2>, !nfp.imm flags !nfp.cc
  nfp.br_cc eq %f, ^last, ^end
^end:
  %r = nfp.live_in : !nfp.gpr<b 1>
  %s = nfp.alu b %r : !nfp.gpr<b 1> -> !nfp.gpr<a 0>
  nfp.exit %s : !nfp.gpr<a 0>
}

// -----

// A target that branches on with nothing left is skipped. The word of local
// memory that it writes is written again behind the branch; the packet vector's
// is not to be touched, and so is a word that a key may be in.
// CHECK-LABEL: @words
nfp.func entry @words() attributes {frame_size = 16 : i32, frame_offset = 0 : i32} {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  // CHECK: nfp.alu b %{{.*}} to %
  // CHECK-NEXT: nfp.br_bit set 3 {{.*}}, ^[[JOIN:.*]], ^bb1 {nfp.defer = 1 : i32}
  nfp.br_bit set 3 %p : !nfp.gpr<a 1> weights([50, 50]), ^skipped, ^behind
^behind:
  %w = nfp.lm index0[0]
  %q = nfp.live_in : !nfp.gpr<a 1>
  nfp.alu b %q to %w : !nfp.gpr<a 1>
  // CHECK: nfp.br_bit set 4 {{.*}} weights([90, 10]), ^{{[a-z0-9]*}}, ^bb2 {nfp.defer = 1 : i32}
  nfp.br_bit set 4 %q : !nfp.gpr<a 1> weights([90, 10]), ^vector, ^second
^second:
  %u = nfp.live_in : !nfp.gpr<a 1>
  // CHECK: nfp.br_bit set 5 {{.*}} weights([90, 10]), ^{{[a-z0-9]*}}, ^bb3{{$}}
  nfp.br_bit set 5 %u : !nfp.gpr<a 1> weights([90, 10]), ^key, ^third
^third:
  nfp.br ^join
^skipped:
  %w1 = nfp.lm index0[0]
  %one = nfp.imm 1
  nfp.alu b %one to %w1 : !nfp.imm
  nfp.br ^join
^key:
  %wk = nfp.lm index0[1]
  %qk = nfp.live_in : !nfp.gpr<a 1>
  nfp.alu b %qk to %wk : !nfp.gpr<a 1>
  nfp.br ^join
^vector:
  %v = nfp.lm index1[3]
  %qv = nfp.live_in : !nfp.gpr<a 1>
  nfp.alu b %qv to %v : !nfp.gpr<a 1>
  nfp.br ^join
// CHECK: ^[[JOIN]]:
// CHECK-NEXT: nfp.const 0
// CHECK-NEXT: nfp.helper
^join:
  %t = nfp.const 0 : !nfp.gpr<a 0>
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  nfp.exit %lo : !nfp.gpr<a 0>
}
