// RUN: nfp-bpf-opt %s --nfp-direct-exits --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --nfp-direct-exits --nfp-layout-blocks --nfp-verify-machine --split-input-file | FileCheck %s --check-prefix=LAYOUT

// The word is loaded in front of the command that waits, once for both ways
// out. The other word, which fewer leave with, keeps its block.

// CHECK-LABEL: nfp.func entry @checks
// CHECK: nfp.csr_rd
// CHECK-NEXT: nfp.imm 0
// CHECK-NEXT: nfp.const 1114112 : <a 0>
// CHECK-NEXT: nfp.cmd
// CHECK: nfp.br_cc eq %{{.+}} weights([50, 50]), ^[[EXIT:bb[0-9]+]], ^bb1
// CHECK: ^bb1:
// CHECK-NOT: nfp.const
// CHECK: nfp.br_bit set 3 %{{.+}}, ^[[EXIT]], ^bb2
// CHECK: ^bb2:
// CHECK: nfp.br_bit set 4 %{{.+}} weights([1, 99]), ^bb4, ^bb3
// CHECK: ^bb4:
// CHECK-NEXT: nfp.const 2228224 : <a 0>
// CHECK-NEXT: nfp.exit
// CHECK: ^[[EXIT]]:
// CHECK-NEXT: %[[WORD:.+]] = nfp.live_in : !nfp.gpr<a 0>
// CHECK-NEXT: nfp.exit %[[WORD]]

// What only leaves comes last: nothing falls into it.
// LAYOUT-LABEL: nfp.func entry @checks
// LAYOUT: nfp.live_in : !nfp.gpr<a 0>
// LAYOUT-NEXT: nfp.exit
// LAYOUT-NEXT: }
nfp.func entry @checks() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<b 1>
  %none = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %p, %none count 1 : (!nfp.gpr<b 1>, !nfp.imm) -> !nfp.xfer<0>
  %n, %c = nfp.alu b %x : !nfp.xfer<0> -> !nfp.gpr<a 1> flags !nfp.cc
  nfp.br_cc eq %c weights([50, 50]), ^pass, ^more
^more:
  %q = nfp.live_in : !nfp.gpr<a 1>
  nfp.br_bit set 3 %q : !nfp.gpr<a 1>, ^pass, ^rest
^rest:
  %r = nfp.live_in : !nfp.gpr<a 1>
  nfp.br_bit set 4 %r : !nfp.gpr<a 1> weights([1, 99]), ^drop, ^work
^work:
  %s = nfp.live_in : !nfp.gpr<a 1>
  %t = nfp.alu b %s : !nfp.gpr<a 1> -> !nfp.gpr<a 0>
  nfp.exit %t : !nfp.gpr<a 0>
^drop:
  %two = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %two : !nfp.gpr<a 0>
^pass:
  %one = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %one : !nfp.gpr<a 0>
}

// -----

// A0 holds something that is needed behind the branch.

// CHECK-LABEL: nfp.func entry @needed
// CHECK: nfp.br_bit set 3 %{{.+}}, ^bb2, ^bb1
// CHECK: ^bb2:
// CHECK-NEXT: nfp.const 1114112 : <a 0>
nfp.func entry @needed() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 0>
  nfp.br_bit set 3 %p : !nfp.gpr<a 0>, ^pass, ^work
^work:
  %s = nfp.live_in : !nfp.gpr<a 0>
  %t = nfp.alu b %s : !nfp.gpr<a 0> -> !nfp.gpr<b 1>
  %u = nfp.alu b %t : !nfp.gpr<b 1> -> !nfp.gpr<a 0>
  nfp.exit %u : !nfp.gpr<a 0>
^pass:
  %one = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %one : !nfp.gpr<a 0>
}

// -----

// On one of the ways in A0 is not free: the word is loaded behind them, if
// enough leave for it.

// CHECK-LABEL: nfp.func entry @join
// CHECK: ^bb3:
// CHECK-NOT: nfp.br
// CHECK: nfp.const 1114112 : <a 0>
// CHECK: nfp.br_cc eq %{{.+}} weights([90, 10]), ^bb6, ^bb4
nfp.func entry @join() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<b 1>
  nfp.br_bit set 3 %p : !nfp.gpr<b 1>, ^left, ^right
^left:
  %s = nfp.live_in : !nfp.gpr<b 1>
  %t = nfp.alu b %s : !nfp.gpr<b 1> -> !nfp.gpr<a 0>
  %u = nfp.alu b %t : !nfp.gpr<a 0> -> !nfp.gpr<b 2>
  nfp.br ^meet
^right:
  %v = nfp.live_in : !nfp.gpr<b 1>
  %w = nfp.alu b %v : !nfp.gpr<b 1> -> !nfp.gpr<a 0>
  %y = nfp.alu b %w : !nfp.gpr<a 0> -> !nfp.gpr<b 2>
  nfp.br ^meet
^meet:
  %a = nfp.live_in : !nfp.gpr<b 2>
  %n, %c = nfp.alu b %a : !nfp.gpr<b 2> -> !nfp.gpr<a 1> flags !nfp.cc
  nfp.br_cc eq %c weights([90, 10]), ^pass, ^work
^work:
  %b = nfp.live_in : !nfp.gpr<b 2>
  %d = nfp.alu b %b : !nfp.gpr<b 2> -> !nfp.gpr<a 0>
  nfp.exit %d : !nfp.gpr<a 0>
^pass:
  %one = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %one : !nfp.gpr<a 0>
}

// -----

// Too few leave to be worth an instruction on every way.

// CHECK-LABEL: nfp.func entry @rare
// CHECK: nfp.br_cc eq %{{.+}} weights([1, 99]), ^bb2, ^bb1
// CHECK: ^bb2:
// CHECK-NEXT: nfp.const 1114112 : <a 0>
nfp.func entry @rare() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<b 1>
  %n, %c = nfp.alu b %p : !nfp.gpr<b 1> -> !nfp.gpr<a 1> flags !nfp.cc
  nfp.br_cc eq %c weights([1, 99]), ^pass, ^work
^work:
  %s = nfp.live_in : !nfp.gpr<b 1>
  %t = nfp.alu b %s : !nfp.gpr<b 1> -> !nfp.gpr<a 0>
  nfp.exit %t : !nfp.gpr<a 0>
^pass:
  %one = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %one : !nfp.gpr<a 0>
}

// -----

// Whether a protocol is UDP is decided by the packet, not by what the program
// does with it: two in five leave, for whom the word is worth loading. Of other
// numbers it is known that few leave.

// CHECK-LABEL: nfp.func entry @protocol
// CHECK: nfp.const 2228224 : <a 0>
// CHECK-NEXT: nfp.alu sub
// CHECK-NEXT: nfp.br_cc ne
nfp.func entry @protocol() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<b 1>
  %udp = nfp.imm 17
  %cc = nfp.alu sub %p, %udp : !nfp.gpr<b 1>, !nfp.imm flags !nfp.cc
  nfp.br_cc ne %cc, ^pass, ^work
^work:
  %q = nfp.live_in : !nfp.gpr<b 1>
  %none = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %q, %none count 1 : (!nfp.gpr<b 1>, !nfp.imm) -> !nfp.xfer<0>
  %t = nfp.alu b %x : !nfp.xfer<0> -> !nfp.gpr<a 0>
  nfp.exit %t : !nfp.gpr<a 0>
^pass:
  %two = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %two : !nfp.gpr<a 0>
}

// CHECK-LABEL: nfp.func entry @other_number
// CHECK: nfp.br_cc ne
// CHECK: nfp.const 2228224 : <a 0>
// CHECK-NEXT: nfp.exit
nfp.func entry @other_number() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<b 1>
  %some = nfp.imm 18
  %cc = nfp.alu sub %p, %some : !nfp.gpr<b 1>, !nfp.imm flags !nfp.cc
  nfp.br_cc ne %cc, ^pass, ^work
^work:
  %q = nfp.live_in : !nfp.gpr<b 1>
  %none = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %q, %none count 1 : (!nfp.gpr<b 1>, !nfp.imm) -> !nfp.xfer<0>
  %t = nfp.alu b %x : !nfp.xfer<0> -> !nfp.gpr<a 0>
  nfp.exit %t : !nfp.gpr<a 0>
^pass:
  %two = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %two : !nfp.gpr<a 0>
}
