// RUN: nfp-bpf-opt %s --nfp-fill-waits --split-input-file | FileCheck %s

// The first command of a program waits: what does not need it, and constants of
// blocks behind it, go in front.

// CHECK-LABEL: nfp.func entry @first
nfp.func entry @first() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[P:.+]] = nfp.csr_rd
  // CHECK-NEXT: nfp.alu add %[[P]]
  // CHECK-NEXT: nfp.const 1000
  // CHECK-NEXT: nfp.const 2000
  // CHECK-NEXT: nfp.const 4000
  // CHECK-NEXT: nfp.const 5001
  // CHECK-NEXT: nfp.const 5002
  // CHECK-NEXT: nfp.const 5003
  // CHECK-NEXT: %[[X:.+]] = nfp.cmd
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  // CHECK-NEXT: %[[Y:.+]] = nfp.alu add %[[X]]
  %y = nfp.alu add %x, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %a = nfp.alu add %p, %p : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %k = nfp.const 1000 : !nfp.gpr
  // CHECK-NEXT: nfp.alu and %[[Y]]
  %b = nfp.alu and %y, %k : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.br ^next
^next:
  // What a helper wants in a certain register stays with it.
  // CHECK: ^bb1:
  // CHECK-NEXT: nfp.alu xor
  // CHECK-NEXT: nfp.const 3000
  // CHECK-NEXT: nfp.helper
  %m = nfp.const 2000 : !nfp.gpr
  %c = nfp.alu xor %b, %m : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %t = nfp.const 3000 : !nfp.gpr
  %lo, %hi = nfp.helper 3 "map_delete_elem" (%t) in [!nfp.gpr<a 0>] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  // Over a helper call only four, for which registers are left.
  // CHECK: nfp.const 5004
  %n = nfp.const 4000 : !nfp.gpr
  %d0 = nfp.alu xor %c, %n : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %n1 = nfp.const 5001 : !nfp.gpr
  %d1 = nfp.alu xor %d0, %n1 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %n2 = nfp.const 5002 : !nfp.gpr
  %d2 = nfp.alu xor %d1, %n2 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %n3 = nfp.const 5003 : !nfp.gpr
  %d3 = nfp.alu xor %d2, %n3 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %n4 = nfp.const 5004 : !nfp.gpr
  %d4 = nfp.alu xor %d3, %n4 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.br ^behind(%d4 : !nfp.gpr)
^behind(%d5: !nfp.gpr):
  %k1 = nfp.const 2000 : !nfp.gpr
  %d = nfp.alu and %d5, %k1 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %e = nfp.alu xor %d, %a : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %e : !nfp.gpr
}

// -----

// A command that comes late enough does not wait; nor is anything known of the
// time in a subprogram.

// CHECK-LABEL: nfp.func entry @late
nfp.func entry @late() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.nop
  nfp.nop
  nfp.nop
  nfp.nop
  nfp.nop
  nfp.nop
  nfp.nop
  nfp.nop
  nfp.nop
  nfp.nop
  // Room for one more.
  // CHECK: nfp.const 1000
  // CHECK-NEXT: nfp.cmd
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %k = nfp.const 1000 : !nfp.gpr
  // CHECK-NEXT: nfp.const 2000
  %m = nfp.const 2000 : !nfp.gpr
  %a = nfp.alu and %x, %k : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %b = nfp.alu and %a, %m : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %b : !nfp.gpr
}

// CHECK-LABEL: nfp.func subprogram @called
nfp.func subprogram @called(%p: !nfp.gpr) -> !nfp.gpr {
  %zero = nfp.imm 0
  // CHECK: nfp.cmd
  // CHECK-NEXT: nfp.const 1000
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %k = nfp.const 1000 : !nfp.gpr
  %a = nfp.alu and %x, %k : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.return %a : !nfp.gpr
}

// -----

// Numbers for the stack, too: nothing between reads the word, and no other way
// needs what it held. Stores of one number on several ways become one.

nfp.map @m {type = 1 : i32, key_size = 8 : i32, value_size = 8 : i32, max_entries = 4 : i32, flags = 0 : i32, index = 0 : i32, uses = array<i8: 1, 1>}

// CHECK-LABEL: nfp.func entry @stores
// CHECK: nfp.csr_rd
// CHECK: nfp.lm_store %{{.+}}, 4 size 4
// CHECK-NEXT: %[[X:.+]] = nfp.cmd
// CHECK: ^bb1:
// CHECK-NEXT: nfp.lm_store %[[X]], 0 size 4
// CHECK-NOT: nfp.lm_store
// CHECK: ^bb2:
// CHECK-NEXT: nfp.lm_store %{{.+}}, 0 size 4
// CHECK-NOT: nfp.lm_store
// CHECK: ^bb3:
nfp.func entry @stores() attributes {frame_size = 8 : i32} {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  nfp.br_bit set 3 %p : !nfp.gpr, ^one, ^two
^one:
  nfp.lm_store %x, 0 size 4 : !nfp.xfer
  %zero1 = nfp.imm 0
  nfp.lm_store %zero1, 4 size 4 : !nfp.imm
  nfp.br ^look
^two:
  nfp.lm_store %p, 0 size 4 : !nfp.gpr
  %zero2 = nfp.imm 0
  nfp.lm_store %zero2, 4 size 4 : !nfp.imm
  nfp.br ^look
^look:
  %t = nfp.const 0 : !nfp.gpr
  %key = nfp.frame_addr 0 : !nfp.gpr
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  nfp.exit %lo : !nfp.gpr
}

// The other way needs what the word held.
// CHECK-LABEL: nfp.func entry @needed_elsewhere
// CHECK: nfp.cmd
// CHECK: ^bb1:
// CHECK: nfp.lm_store %{{.+}}, 4 size 4
// CHECK: ^bb2:
nfp.func entry @needed_elsewhere() attributes {frame_size = 8 : i32} {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.lm_store %p, 4 size 4 : !nfp.gpr
  nfp.lm_store %p, 0 size 4 : !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  nfp.br_bit set 3 %x : !nfp.xfer, ^one, ^look
^one:
  %zero1 = nfp.imm 0
  nfp.lm_store %zero1, 4 size 4 : !nfp.imm
  nfp.br ^look
^look:
  %t = nfp.const 0 : !nfp.gpr
  %key = nfp.frame_addr 0 : !nfp.gpr
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  nfp.exit %lo : !nfp.gpr
}

// It is read on the way, or written with something else.
// CHECK-LABEL: nfp.func entry @accessed_between
// CHECK: nfp.cmd
// CHECK: nfp.lm_load 4 size 1
// CHECK: nfp.lm_store %{{.+}}, 0 size 2
// CHECK: nfp.lm_store %{{.+}}, 4 size 4
// CHECK: nfp.lm_store %{{.+}}, 0 size 4
nfp.func entry @accessed_between() attributes {frame_size = 8 : i32} {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.lm_store %p, 4 size 4 : !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %old = nfp.lm_load 4 size 1 : !nfp.gpr
  nfp.lm_store %p, 0 size 2 : !nfp.gpr
  nfp.br_bit set 3 %old : !nfp.gpr, ^one, ^two
^one:
  %zero1 = nfp.imm 0
  nfp.lm_store %zero1, 4 size 4 : !nfp.imm
  nfp.lm_store %zero1, 0 size 4 : !nfp.imm
  %t = nfp.const 0 : !nfp.gpr
  %key = nfp.frame_addr 0 : !nfp.gpr
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  nfp.exit %lo : !nfp.gpr
^two:
  nfp.exit %old : !nfp.gpr
}

// -----

// Most ways wait, but not all: what is needed where they have met again is
// made in front of the decision. On half of the ways it would cost too much.

// CHECK-LABEL: nfp.func entry @most_wait
// CHECK: nfp.alu sub
// CHECK-NEXT: %[[K:.+]] = nfp.const 1000
// CHECK-NEXT: nfp.br_cc lo
// CHECK-NOT: nfp.const 1000
// CHECK: nfp.alu or %{{.+}}, %[[K]]
nfp.func entry @most_wait() {
  %zero = nfp.imm 0
  %ten = nfp.imm 10
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %cc = nfp.alu sub %p, %ten : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc lo %cc weights([10, 90]), ^end(%p : !nfp.gpr), ^read
^read:
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %y = nfp.alu b %x : !nfp.xfer -> !nfp.gpr
  nfp.br ^end(%y : !nfp.gpr)
^end(%v: !nfp.gpr):
  %k = nfp.const 1000 : !nfp.gpr
  %r = nfp.alu or %v, %k : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %r : !nfp.gpr
}

// CHECK-LABEL: nfp.func entry @half_wait
// CHECK-NOT: nfp.const
// CHECK: ^bb2(
// CHECK: nfp.const 1000
nfp.func entry @half_wait() {
  %zero = nfp.imm 0
  %ten = nfp.imm 10
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %cc = nfp.alu sub %p, %ten : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc lo %cc weights([60, 40]), ^end(%p : !nfp.gpr), ^read
^read:
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %y = nfp.alu b %x : !nfp.xfer -> !nfp.gpr
  nfp.br ^end(%y : !nfp.gpr)
^end(%v: !nfp.gpr):
  %k = nfp.const 1000 : !nfp.gpr
  %r = nfp.alu or %v, %k : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %r : !nfp.gpr
}

// -----

// A long command needs an instruction that says so, and a word to leave the
// program with is loaded in front of the first command later: there is room for
// 5 instructions between, not 7.

// CHECK-LABEL: nfp.func entry @room
// CHECK: nfp.const 1005
// CHECK-NEXT: nfp.cmd
// CHECK: nfp.const 1006
// CHECK: nfp.const 1007
nfp.func entry @room() {
  %zero = nfp.imm 0
  %a0 = nfp.csr_rd pseudo_random : !nfp.gpr
  %a1 = nfp.csr_rd pseudo_random : !nfp.gpr
  %a2 = nfp.csr_rd pseudo_random : !nfp.gpr
  %x:9 = nfp.cmd read32_swap sum32 %a0, %zero count 9 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer
  %b = nfp.alu add %x#8, %a2 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.br_bit set 3 %b : !nfp.gpr, ^out, ^more
^more:
  %k1 = nfp.const 1001 : !nfp.gpr
  %c1 = nfp.alu xor %b, %k1 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %k2 = nfp.const 1002 : !nfp.gpr
  %c2 = nfp.alu xor %c1, %k2 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %k3 = nfp.const 1003 : !nfp.gpr
  %c3 = nfp.alu xor %c2, %k3 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %k4 = nfp.const 1004 : !nfp.gpr
  %c4 = nfp.alu xor %c3, %k4 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %k5 = nfp.const 1005 : !nfp.gpr
  %c5 = nfp.alu xor %c4, %k5 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %k6 = nfp.const 1006 : !nfp.gpr
  %c6 = nfp.alu xor %c5, %k6 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %k7 = nfp.const 1007 : !nfp.gpr
  %c7 = nfp.alu xor %c6, %k7 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %k8 = nfp.const 1008 : !nfp.gpr
  %c8 = nfp.alu xor %c7, %k8 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %k9 = nfp.const 1009 : !nfp.gpr
  %c9 = nfp.alu xor %c8, %k9 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %k10 = nfp.const 1010 : !nfp.gpr
  %c10 = nfp.alu xor %c9, %k10 : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %c10 : !nfp.gpr
^out:
  %e = nfp.const 1114112 : !nfp.gpr
  nfp.exit %e : !nfp.gpr
}
