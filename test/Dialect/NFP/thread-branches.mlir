// RUN: nfp-bpf-opt %s --nfp-thread-branches --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --nfp-thread-branches=max-copied=2 --split-input-file | FileCheck %s --check-prefix=NONE

// Short packets, which are rare, get a copy of what stands between the two
// tests, with the second one decided; so is it for the others.

// CHECK-LABEL: nfp.func entry @twice
// CHECK: nfp.br_bit set 31 %{{.+}} weights([0, 1000]), ^[[ASK:bb[0-9]+]], ^bb1
// CHECK: ^bb1:
// CHECK-NEXT: nfp.live_in : !nfp.gpr<a 2>
// CHECK-NEXT: nfp.imm 5
// CHECK-NEXT: nfp.alu add
// CHECK-NEXT: nfp.br ^[[LONG:bb[0-9]+]]
// CHECK: ^[[ASK]]:
// CHECK: nfp.br_bit set 3 %{{.+}}, ^[[DROP:bb[0-9]+]], ^[[COPY:bb[0-9]+]]
// CHECK: ^[[LONG]]:
// CHECK-NEXT: nfp.const 1114112
// CHECK: ^[[COPY]]:
// CHECK-NEXT: nfp.live_in : !nfp.gpr<a 2>
// CHECK-NEXT: nfp.imm 5
// CHECK-NEXT: nfp.alu add
// CHECK-NEXT: nfp.br ^[[DROP]]
// NONE-LABEL: nfp.func entry @twice
// NONE-COUNT-3: nfp.br_bit
nfp.func entry @twice() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %q = nfp.csr_rd pseudo_random : !nfp.gpr<a 2>
  nfp.br_bit set 31 %p : !nfp.gpr<a 1> weights([0, 1000]), ^ask, ^middle
^middle:
  %r = nfp.live_in : !nfp.gpr<a 2>
  %five = nfp.imm 5
  %s = nfp.alu add %r, %five : !nfp.gpr<a 2>, !nfp.imm -> !nfp.gpr<a 2>
  %t = nfp.live_in : !nfp.gpr<a 1>
  nfp.br_bit clr 31 %t : !nfp.gpr<a 1>, ^pass, ^drop
^ask:
  %u = nfp.live_in : !nfp.gpr<a 2>
  nfp.br_bit set 3 %u : !nfp.gpr<a 2>, ^drop, ^middle
^pass:
  %one = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %one : !nfp.gpr<a 0>
^drop:
  %two = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %two : !nfp.gpr<a 0>
}

// -----

// The register changes between the tests, on one way.

// CHECK-LABEL: nfp.func entry @changes
// CHECK-COUNT-3: nfp.br_bit
nfp.func entry @changes() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %q = nfp.csr_rd pseudo_random : !nfp.gpr<a 2>
  nfp.br_bit set 31 %p : !nfp.gpr<a 1> weights([0, 1000]), ^ask, ^middle
^middle:
  %t = nfp.live_in : !nfp.gpr<a 1>
  nfp.br_bit clr 31 %t : !nfp.gpr<a 1>, ^pass, ^drop
^ask:
  %n = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %u = nfp.live_in : !nfp.gpr<a 2>
  nfp.br_bit set 3 %u : !nfp.gpr<a 2>, ^drop, ^middle
^pass:
  %one = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %one : !nfp.gpr<a 0>
^drop:
  %two = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %two : !nfp.gpr<a 0>
}

// -----

// A command is not copied.

// CHECK-LABEL: nfp.func entry @command
// CHECK-COUNT-3: nfp.br_bit
nfp.func entry @command() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %q = nfp.csr_rd pseudo_random : !nfp.gpr<b 2>
  nfp.br_bit set 31 %p : !nfp.gpr<a 1> weights([0, 1000]), ^ask, ^middle
^middle:
  %r = nfp.live_in : !nfp.gpr<b 2>
  %none = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %r, %none count 1 : (!nfp.gpr<b 2>, !nfp.imm) -> !nfp.xfer<0>
  %t = nfp.live_in : !nfp.gpr<a 1>
  nfp.br_bit clr 31 %t : !nfp.gpr<a 1>, ^pass, ^drop
^ask:
  %u = nfp.live_in : !nfp.gpr<b 2>
  nfp.br_bit set 3 %u : !nfp.gpr<b 2>, ^drop, ^middle
^pass:
  %one = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %one : !nfp.gpr<a 0>
^drop:
  %two = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %two : !nfp.gpr<a 0>
}

// -----

// Neither outcome is rare: nothing is copied. A test below another one of the
// same bit is decided without copies.

// CHECK-LABEL: nfp.func entry @below
// CHECK: nfp.br_bit set 31 %{{.+}}, ^bb1, ^bb2
// CHECK: ^bb1:
// CHECK-NEXT: nfp.br ^
// CHECK: ^bb2:
// CHECK: nfp.br_bit set 3
nfp.func entry @below() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  nfp.br_bit set 31 %p : !nfp.gpr<a 1>, ^again, ^other
^again:
  %q = nfp.live_in : !nfp.gpr<a 1>
  nfp.br_bit set 31 %q : !nfp.gpr<a 1>, ^pass, ^drop
^other:
  %r = nfp.live_in : !nfp.gpr<a 1>
  nfp.br_bit set 3 %r : !nfp.gpr<a 1>, ^pass, ^drop
^pass:
  %one = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %one : !nfp.gpr<a 0>
^drop:
  %two = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %two : !nfp.gpr<a 0>
}
