// RUN: nfp-bpf-opt %s --nfp-layout-blocks --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --nfp-layout-blocks=max-copied=0 --split-input-file | FileCheck %s --check-prefix=NOCOPY

// What only leaves the program is out of the way, whatever the condition says;
// a loop stays together.

// CHECK-LABEL: nfp.func entry @checks
nfp.func entry @checks() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  // CHECK: nfp.br_bit clr 3 %{{.+}}, ^[[OUT:.+]], ^bb1
  nfp.br_bit set 3 %p : !nfp.gpr<a 1>, ^work, ^out
^out:
  %two = nfp.const 2 : !nfp.gpr<a 0>
  nfp.exit %two : !nfp.gpr<a 0>
// CHECK: ^bb1:
^work:
  %q = nfp.live_in : !nfp.gpr<a 1>
  %none = nfp.imm 0
  // CHECK: nfp.cmd
  %x = nfp.cmd read32_swap sum32 %q, %none count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  %n, %c = nfp.alu sub %q, %x : !nfp.gpr<a 1>, !nfp.xfer<0> -> !nfp.gpr<a 1> flags !nfp.cc
  // CHECK: nfp.br_cc ne %{{.+}}, ^bb1, ^bb2
  nfp.br_cc eq %c, ^done, ^work
// CHECK: ^bb2:
^done:
  %y = nfp.alu b %x : !nfp.xfer<0> -> !nfp.gpr<a 0>
  nfp.exit %y : !nfp.gpr<a 0>
// CHECK: ^[[OUT]]:
// CHECK-NEXT: nfp.const 2
}

// -----

// Equality is rare, but IPv4 is not. Short ends are copied, long ones are not.

// CHECK-LABEL: nfp.func entry @types
// NOCOPY-LABEL: nfp.func entry @types
nfp.func entry @types() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<b 1>
  %ipv6 = nfp.const 34525 : !nfp.gpr<a 2>
  %c = nfp.alu sub %p, %ipv6 : !nfp.gpr<b 1>, !nfp.gpr<a 2> flags !nfp.cc
  // CHECK: nfp.br_cc eq %{{.+}}, ^[[IPV6:.+]], ^bb1
  nfp.br_cc ne %c, ^other, ^ipv6
^ipv6:
  %a = nfp.live_in : !nfp.gpr<b 1>
  %i = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %a, %i count 1 : (!nfp.gpr<b 1>, !nfp.imm) -> !nfp.xfer<0>
  nfp.br ^join
// CHECK: ^bb1:
^other:
  %b = nfp.live_in : !nfp.gpr<b 1>
  %ipv4 = nfp.const 2048 : !nfp.gpr<a 2>
  %d = nfp.alu sub %b, %ipv4 : !nfp.gpr<b 1>, !nfp.gpr<a 2> flags !nfp.cc
  // CHECK: nfp.br_cc ne %{{.+}}, ^[[DEFAULT:.+]], ^bb2
  nfp.br_cc eq %d, ^ipv4, ^default
^default:
  %e = nfp.live_in : !nfp.gpr<b 1>
  %j = nfp.imm 1
  %y = nfp.cmd read32_swap sum32 %e, %j count 1 : (!nfp.gpr<b 1>, !nfp.imm) -> !nfp.xfer<0>
  nfp.br ^join
// CHECK: ^bb2:
^ipv4:
  %f = nfp.live_in : !nfp.gpr<b 1>
  %k = nfp.imm 2
  // CHECK: nfp.imm 2
  // CHECK: nfp.exit
  // NOCOPY: nfp.imm 2
  // NOCOPY: nfp.exit
  // NOCOPY-NOT: nfp.exit
  %z = nfp.cmd read32_swap sum32 %f, %k count 1 : (!nfp.gpr<b 1>, !nfp.imm) -> !nfp.xfer<0>
  nfp.br ^join
^join:
  %one = nfp.const 1 : !nfp.gpr<a 0>
  nfp.exit %one : !nfp.gpr<a 0>
// CHECK: ^[[IPV6]]:
// CHECK: nfp.imm 0
// CHECK: nfp.exit
// CHECK: ^[[DEFAULT]]:
// CHECK: nfp.imm 1
// CHECK: nfp.exit
}

// -----

// Where neither case can be the next block, a branch stands behind.

// CHECK-LABEL: nfp.func entry @neither
nfp.func entry @neither() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  nfp.br_bit set 3 %p : !nfp.gpr<a 1>, ^left, ^right
^left:
  %a = nfp.live_in : !nfp.gpr<a 1>
  %i = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %a, %i count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  // CHECK: nfp.br_bit {{.*}}, ^bb2, ^bb1
  // CHECK: nfp.br_bit {{.*}}, ^bb1, ^bb2
  // CHECK: nfp.br_bit {{.*}}, ^bb2, ^bb3
  // CHECK-NEXT: ^bb3:
  // CHECK-NEXT: nfp.br ^bb1
  nfp.br_bit set 4 %a : !nfp.gpr<a 1>, ^left, ^right
^right:
  %b = nfp.live_in : !nfp.gpr<a 1>
  %j = nfp.imm 1
  %y = nfp.cmd read32_swap sum32 %b, %j count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  nfp.br_bit set 4 %b : !nfp.gpr<a 1>, ^left, ^right
}

// -----

// A profile is better than a guess: equality that is common falls through, and
// the weights change places with the successors.

// CHECK-LABEL: nfp.func entry @profile
// NOCOPY-LABEL: nfp.func entry @profile
nfp.func entry @profile() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<b 1>
  %nine = nfp.imm 9
  %d, %c = nfp.alu sub %p, %nine : !nfp.gpr<b 1>, !nfp.imm -> !nfp.gpr<b 2> flags !nfp.cc
  // CHECK: nfp.br_cc ne %{{.+}} weights([5, 95]), ^[[RARE:.+]], ^bb1
  nfp.br_cc eq %c weights([95, 5]), ^common, ^rare
^rare:
  %q = nfp.live_in : !nfp.gpr<b 1>
  %x = nfp.alu b %q : !nfp.gpr<b 1> -> !nfp.gpr<a 1>
  %y = nfp.alu b %x : !nfp.gpr<a 1> -> !nfp.gpr<b 1>
  %r = nfp.alu b %y : !nfp.gpr<b 1> -> !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
// CHECK: ^bb1:
// CHECK-NEXT: nfp.const 4
^common:
  %two = nfp.const 4 : !nfp.gpr<a 0>
  nfp.exit %two : !nfp.gpr<a 0>
// CHECK: ^[[RARE]]:
// CHECK-NEXT: nfp.live_in
}

// -----

// A chain becomes one block.

// CHECK-LABEL: nfp.func entry @chain
// CHECK-NOT: nfp.br
// CHECK: nfp.const 4
// CHECK-NEXT: nfp.exit
nfp.func entry @chain() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<b 1>
  nfp.br ^second
^third:
  %two = nfp.const 4 : !nfp.gpr<a 0>
  nfp.exit %two : !nfp.gpr<a 0>
^second:
  %q = nfp.live_in : !nfp.gpr<b 1>
  %x = nfp.alu b %q : !nfp.gpr<b 1> -> !nfp.gpr<a 1>
  nfp.br ^third
}

// -----

// A length is seldom below what is needed: the work follows, whatever stands
// behind a packet that is too short.

// CHECK-LABEL: nfp.func entry @length
// CHECK: nfp.br_cc lo %{{.+}}, ^[[SHORT:.+]], ^bb1
// CHECK: ^bb1:
// CHECK-NEXT: nfp.live_in
// CHECK-NEXT: nfp.imm 4
nfp.func entry @length() {
  %n = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %least = nfp.imm 34
  %cc = nfp.alu sub %n, %least : !nfp.gpr<a 1>, !nfp.imm flags !nfp.cc
  nfp.br_cc lo %cc, ^short, ^work
^short:
  %a = nfp.live_in : !nfp.gpr<a 1>
  %i = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %a, %i count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  nfp.br ^end
^work:
  %b = nfp.live_in : !nfp.gpr<a 1>
  %j = nfp.imm 4
  %y = nfp.cmd read32_swap sum32 %b, %j count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  nfp.br ^end
^end:
  %z = nfp.live_in : !nfp.xfer<0>
  %v = nfp.alu b %z : !nfp.xfer<0> -> !nfp.gpr<a 2>
  %w = nfp.alu b %v : !nfp.gpr<a 2> -> !nfp.gpr<b 2>
  %u = nfp.alu b %w : !nfp.gpr<b 2> -> !nfp.gpr<a 3>
  %code = nfp.alu b %u : !nfp.gpr<a 3> -> !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

// What is expected of a branch on a byte decides; equality without it is rare.
// Turned round, the branch expects the other case.

// CHECK-LABEL: nfp.func entry @bytes
nfp.func entry @bytes() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  // CHECK: nfp.br_byte ne 0 8 %{{.+}} : !nfp.gpr<a 1> expect(20), ^[[OTHER:.+]], ^bb1
  nfp.br_byte eq 0 8 %p : !nfp.gpr<a 1> expect(80), ^second, ^other
// CHECK: ^bb1:
^second:
  %q = nfp.live_in : !nfp.gpr<a 1>
  // CHECK: nfp.br_byte eq 1 0 %{{.+}} : !nfp.gpr<a 1>, ^[[RARE:.+]], ^bb2
  nfp.br_byte ne 1 0 %q : !nfp.gpr<a 1>, ^other, ^rare
^rare:
  %r = nfp.live_in : !nfp.gpr<a 1>
  %i = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %r, %i count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  nfp.br ^join
// CHECK: ^bb2:
^other:
  %s = nfp.live_in : !nfp.gpr<a 1>
  %k = nfp.imm 4
  %y = nfp.cmd read32_swap sum32 %s, %k count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  nfp.br ^join
^join:
  %w = nfp.live_in : !nfp.xfer<0>
  %code = nfp.alu b %w : !nfp.xfer<0> -> !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}
