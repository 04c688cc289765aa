// RUN: nfp-bpf-opt %s --nfp-test-lengths --split-input-file | FileCheck %s

// The first check makes the difference with the largest bound of up to 60
// bytes; the others test its sign. Packets that are shorter are asked the old
// question, unless that is the one for the largest bound.

// CHECK-LABEL: nfp.func entry @parser
// CHECK: %[[LENGTH:.+]] = nfp.alu and
// CHECK: %[[BOUND:.+]] = nfp.imm 54
// CHECK-NEXT: %[[LESS:.+]], %[[CC:.+]] = nfp.alu sub %[[LENGTH]], %[[BOUND]]
// CHECK-NEXT: nfp.br_cc lo %[[CC]] weights([0, 1000]), ^[[ASK14:bb[0-9]+]], ^bb1
// CHECK: ^bb1:
// CHECK: nfp.cmd
// CHECK-NOT: nfp.alu
// CHECK: nfp.br_bit set 31 %[[LESS]] : !nfp.gpr weights([0, 1000]), ^[[ASK34:bb[0-9]+]], ^bb2
// CHECK: ^bb2:
// CHECK: nfp.br_bit set 31 %[[LESS]] : !nfp.gpr weights([0, 1000]), ^bb5(%{{.+}} : !nfp.gpr), ^bb3
// No frame is bound to have 74 bytes.
// CHECK: ^bb3:
// CHECK: nfp.imm 74
// CHECK: nfp.alu sub %[[LENGTH]]
// CHECK: nfp.br_cc hs %{{.+}}, ^bb4, ^bb5
// CHECK: ^[[ASK14]]:
// CHECK-NEXT: %[[CC14:.+]] = nfp.alu sub %[[LENGTH]], %{{.+}}
// CHECK-NEXT: nfp.br_cc lo %[[CC14]], ^bb5(%{{.+}} : !nfp.gpr), ^bb1
// CHECK: ^[[ASK34]]:
// CHECK-NEXT: %[[CC34:.+]] = nfp.alu sub %[[LENGTH]], %{{.+}}
// CHECK-NEXT: nfp.br_cc hs %[[CC34]], ^bb2, ^bb5(%{{.+}} : !nfp.gpr)
nfp.func entry @parser() {
  %word = nfp.lm index1[0]
  %mask = nfp.const 16383 : !nfp.gpr
  %length = nfp.alu and %word, %mask : !nfp.lm, !nfp.gpr -> !nfp.gpr
  %start = nfp.lm index1[2]
  %p = nfp.alu b %start : !nfp.lm -> !nfp.gpr
  %drop = nfp.const 2228224 : !nfp.gpr
  %n14 = nfp.imm 14
  %n34 = nfp.imm 34
  %c14 = nfp.alu sub %length, %n14 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc lo %c14, ^out(%drop : !nfp.gpr), ^read
^read:
  %none = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %p, %none count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %c34 = nfp.alu sub %length, %n34 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc hs %c34, ^tcp, ^out(%drop : !nfp.gpr)
^tcp:
  %n54 = nfp.imm 54
  %c54 = nfp.alu sub %length, %n54 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc lo %c54, ^out(%drop : !nfp.gpr), ^long
^long:
  %n74 = nfp.imm 74
  %c74 = nfp.alu sub %length, %n74 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc hs %c74, ^pass, ^out(%drop : !nfp.gpr)
^pass:
  %one = nfp.const 1114112 : !nfp.gpr
  nfp.br ^out(%one : !nfp.gpr)
^out(%code: !nfp.gpr):
  nfp.exit %code : !nfp.gpr
}

// -----

// The length behind bpf_xdp_adjust_head: the frame has 20 bytes more. No check
// stands beside the length, so that the difference is an instruction of its
// own, which two tests pay for.

// CHECK-LABEL: nfp.func entry @moved
// CHECK: %[[SUM:.+]] = nfp.alu add
// CHECK: %[[LESS:.+]] = nfp.alu sub %[[SUM]], %{{.+}} -> !nfp.gpr
// CHECK: nfp.br_bit set 3 %{{.+}} weights([99, 1]), ^bb1,
// CHECK: ^bb1:
// CHECK: nfp.br_bit set 31 %[[LESS]]
// CHECK: nfp.br_bit set 31 %[[LESS]]
nfp.func entry @moved() {
  %word = nfp.lm index1[0]
  %mask = nfp.const 16383 : !nfp.gpr
  %old = nfp.alu and %word, %mask : !nfp.lm, !nfp.gpr -> !nfp.gpr
  %n20 = nfp.imm 20
  %length = nfp.alu add %old, %n20 : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %r = nfp.csr_rd pseudo_random : !nfp.gpr
  %drop = nfp.const 2228224 : !nfp.gpr
  nfp.br_bit set 3 %r : !nfp.gpr weights([99, 1]), ^first, ^out(%drop : !nfp.gpr)
^first:
  %n74 = nfp.imm 74
  %c74 = nfp.alu sub %length, %n74 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc lt %c74, ^out(%drop : !nfp.gpr), ^second
^second:
  %n80 = nfp.imm 80
  %c80 = nfp.alu sub %length, %n80 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc lo %c80, ^out(%drop : !nfp.gpr), ^pass
^pass:
  %one = nfp.const 1114112 : !nfp.gpr
  nfp.br ^out(%one : !nfp.gpr)
^out(%code: !nfp.gpr):
  nfp.exit %code : !nfp.gpr
}

// -----

// Not a length; a test for equality; a difference that is needed itself; one
// check alone.

// CHECK-LABEL: nfp.func entry @others
// CHECK-NOT: nfp.br_bit
nfp.func entry @others() {
  %word = nfp.lm index1[0]
  %mask = nfp.const 16383 : !nfp.gpr
  %length = nfp.alu and %word, %mask : !nfp.lm, !nfp.gpr -> !nfp.gpr
  %r = nfp.csr_rd pseudo_random : !nfp.gpr
  %drop = nfp.const 2228224 : !nfp.gpr
  %n14 = nfp.imm 14
  %c14 = nfp.alu sub %length, %n14 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc lo %c14, ^out(%drop : !nfp.gpr), ^number
^number:
  %cr = nfp.alu sub %r, %n14 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc lo %cr, ^out(%drop : !nfp.gpr), ^equal
^equal:
  %ce = nfp.alu sub %length, %n14 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc eq %ce, ^out(%drop : !nfp.gpr), ^needed
^needed:
  %d, %cd = nfp.alu sub %length, %n14 : !nfp.gpr, !nfp.imm -> !nfp.gpr flags !nfp.cc
  nfp.br_cc lo %cd, ^out(%d : !nfp.gpr), ^out(%drop : !nfp.gpr)
^out(%code: !nfp.gpr):
  nfp.exit %code : !nfp.gpr
}

// -----

// A profile says that one packet in three is too short: nothing changes.

// CHECK-LABEL: nfp.func entry @profile
// CHECK-NOT: nfp.br_bit
nfp.func entry @profile() {
  %word = nfp.lm index1[0]
  %mask = nfp.const 16383 : !nfp.gpr
  %length = nfp.alu and %word, %mask : !nfp.lm, !nfp.gpr -> !nfp.gpr
  %drop = nfp.const 2228224 : !nfp.gpr
  %n14 = nfp.imm 14
  %c14 = nfp.alu sub %length, %n14 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc lo %c14 weights([0, 100]), ^out(%drop : !nfp.gpr), ^ip
^ip:
  %n34 = nfp.imm 34
  %c34 = nfp.alu sub %length, %n34 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc hs %c34 weights([66, 34]), ^tcp, ^out(%drop : !nfp.gpr)
^tcp:
  %n54 = nfp.imm 54
  %c54 = nfp.alu sub %length, %n54 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc lo %c54 weights([0, 66]), ^out(%drop : !nfp.gpr), ^pass
^pass:
  %one = nfp.const 1114112 : !nfp.gpr
  nfp.br ^out(%one : !nfp.gpr)
^out(%code: !nfp.gpr):
  nfp.exit %code : !nfp.gpr
}
