// RUN: nfp-bpf-opt %s --nfp-overlap-commands --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --nfp-overlap-commands=min-overlap=0 --split-input-file | FileCheck %s --check-prefix=ALL

// The second read needs nothing of the first: its address is made in front, and
// one wait stands where the first answer is needed.

// CHECK-LABEL: nfp.func entry @two_reads
// CHECK: %[[P:.+]] = nfp.csr_rd
// CHECK: %[[X:.+]] = nfp.cmd read32_swap sum32 %[[P]], %{{.+}} count 1 signal 2
// CHECK: %[[Q:.+]] = nfp.alu add %[[P]]
// CHECK-NEXT: %[[Y:.+]] = nfp.cmd read8 sum32 %[[Q]], %{{.+}} count 3 signal 3
// CHECK-NEXT: nfp.wait [2, 3]
// CHECK-NEXT: nfp.ld_field 3 rotr 0 clear %[[X]]
// CHECK-NEXT: nfp.lm_store
// CHECK-NEXT: nfp.alu and %[[Y]]
nfp.func entry @two_reads() attributes {frame_size = 8 : i32} {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %low = nfp.ld_field 3 rotr 0 clear %x : !nfp.xfer -> !nfp.gpr
  nfp.lm_store %low, 4 size 2 : !nfp.gpr
  %two = nfp.imm 2
  %q = nfp.alu add %p, %two : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %y = nfp.cmd read8 sum32 %q, %zero count 3 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %code = nfp.alu and %y, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.exit %code : !nfp.gpr
}

// -----

// Not if the second address comes from the first answer, or is loaded from
// where it is stored.

// CHECK-LABEL: nfp.func entry @chain
// CHECK-NOT: signal
// CHECK-LABEL: nfp.func entry @through_the_stack
// CHECK-NOT: signal
nfp.func entry @chain() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %q = nfp.alu add %p, %x : !nfp.gpr, !nfp.xfer -> !nfp.gpr
  %y = nfp.cmd read32_swap sum32 %q, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %code = nfp.alu and %y, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.exit %code : !nfp.gpr
}
nfp.func entry @through_the_stack() attributes {frame_size = 8 : i32} {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  nfp.lm_store %x, 4 size 4 : !nfp.xfer
  %q = nfp.lm_load 4 size 2 : !nfp.gpr
  %y = nfp.cmd read32_swap sum32 %q, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %code = nfp.alu and %y, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.exit %code : !nfp.gpr
}

// -----

// Bytes beside each other may be written at the same time; not the same bytes
// twice, not bytes at distances that are not known. Packet and map values never
// meet.

// CHECK-LABEL: nfp.func entry @writes
// CHECK: data({{.*}}) count 8 signal 2
// CHECK: data({{.*}}) count 2 signal 3
// CHECK: nfp.cmd write8_swap pair40 {{.*}} signal 4
// CHECK-NEXT: nfp.wait [2, 3, 4]
// CHECK-NEXT: nfp.cmd write8_swap sum32 {{.*}} count 2 :
// CHECK-NEXT: nfp.cmd write8_swap sum32 {{.*}} count 1 :
nfp.func entry @writes() {
  %zero = nfp.imm 0
  %eight = nfp.imm 8
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  %end = nfp.alu add %p, %eight : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %last = nfp.imm 1
  nfp.cmd write8_swap sum32 %p, %zero data(%p, %p : !nfp.gpr, !nfp.gpr) count 8 : (!nfp.gpr, !nfp.imm)
  nfp.cmd write8_swap sum32 %zero, %end data(%p : !nfp.gpr) count 2 : (!nfp.imm, !nfp.gpr)
  nfp.cmd write8_swap pair40 %p, %q data(%p : !nfp.gpr) count 4 : (!nfp.gpr, !nfp.gpr)
  nfp.cmd write8_swap sum32 %end, %last data(%p : !nfp.gpr) count 2 : (!nfp.gpr, !nfp.imm)
  nfp.cmd write8_swap sum32 %q, %zero data(%p : !nfp.gpr) count 1 : (!nfp.gpr, !nfp.imm)
  nfp.exit %p : !nfp.gpr
}

// -----

// A read may not overtake a write of the same bytes, nor the other way round.

// CHECK-LABEL: nfp.func entry @order
// CHECK-NOT: signal
nfp.func entry @order() {
  %zero = nfp.imm 0
  %three = nfp.imm 3
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.cmd write8_swap sum32 %p, %zero data(%p : !nfp.gpr) count 4 : (!nfp.gpr, !nfp.imm)
  %x = nfp.cmd read8 sum32 %p, %three count 4 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  nfp.cmd write8_swap sum32 %p, %three data(%p : !nfp.gpr) count 1 : (!nfp.gpr, !nfp.imm)
  %code = nfp.alu and %x, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.exit %code : !nfp.gpr
}

// -----

// A command alone: enough to do in front of it and behind it.

// CHECK-LABEL: nfp.func entry @alone
// CHECK: %[[P:.+]] = nfp.csr_rd
// CHECK: %[[X:.+]] = nfp.cmd read32_swap sum32 %[[P]], %{{.+}} count 1 signal 2
// CHECK-NEXT: nfp.const 70000
// CHECK-NEXT: nfp.const 80000
// CHECK-NEXT: nfp.wait [2]
// CHECK-NEXT: nfp.alu and
// ALL-LABEL: nfp.func entry @alone
// ALL: nfp.wait
nfp.func entry @alone() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %a = nfp.const 70000 : !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %b = nfp.const 80000 : !nfp.gpr
  %c = nfp.alu and %x, %a : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %d = nfp.alu and %c, %b : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %d : !nfp.gpr
}

// Not enough to do.
// CHECK-LABEL: nfp.func entry @nothing_to_do
// CHECK-NOT: signal
// ALL-LABEL: nfp.func entry @nothing_to_do
// ALL: signal 2
// ALL-NEXT: nfp.const 7
// ALL-NEXT: nfp.wait [2]
nfp.func entry @nothing_to_do() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %a = nfp.const 7 : !nfp.gpr
  %c = nfp.alu and %x, %a : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.exit %c : !nfp.gpr
}

// -----

// Not over calls and changes of where the packet is; the wait stands in front
// of the end of the block, and not between flags and what reads them.

// CHECK-LABEL: nfp.func entry @boundaries
// CHECK: nfp.helper
// CHECK-NEXT: nfp.imm
// CHECK-NEXT: nfp.cmd write8_swap pair40 {{.*}} count 4 :
// CHECK: nfp.alu add {{.*}} to
// CHECK: nfp.cmd write8_swap {{.*}} signal 2
// CHECK: nfp.cmd write8_swap {{.*}} signal 3
// CHECK-NEXT: nfp.const 90000
// CHECK-NEXT: nfp.const 80000
// CHECK-NEXT: nfp.wait [2, 3]
// CHECK-NEXT: nfp.alu sub
// CHECK-NEXT: nfp.br_cc
nfp.func entry @boundaries() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %a = nfp.const 70000 : !nfp.gpr
  %a2 = nfp.const 70001 : !nfp.gpr
  %t = nfp.const 0 : !nfp.gpr
  %l, %h = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %zero = nfp.imm 0
  nfp.cmd write8_swap pair40 %h, %l data(%a : !nfp.gpr) count 4 : (!nfp.gpr, !nfp.gpr)
  %length = nfp.lm index1[0]
  nfp.alu add %length, %zero to %length : !nfp.lm, !nfp.imm
  nfp.cmd write8_swap sum32 %p, %zero data(%a : !nfp.gpr) count 4 : (!nfp.gpr, !nfp.imm)
  %four = nfp.imm 4
  nfp.cmd write8_swap sum32 %p, %four data(%a : !nfp.gpr) count 4 : (!nfp.gpr, !nfp.imm)
  %c = nfp.const 90000 : !nfp.gpr
  %f = nfp.alu sub %a, %a2 : !nfp.gpr, !nfp.gpr flags !nfp.cc
  %b = nfp.const 80000 : !nfp.gpr
  nfp.br_cc eq %f, ^one, ^two
^one:
  nfp.exit %b : !nfp.gpr
^two:
  nfp.exit %c : !nfp.gpr
}

// -----

// A command that would come to stand between flags and what reads them stays
// behind that.

// CHECK-LABEL: nfp.func entry @between_flags
// CHECK: nfp.helper
// CHECK: nfp.alu sub
// CHECK-NEXT: nfp.alu subc
// CHECK-NEXT: nfp.cmd write8_swap {{.*}} signal 2
// CHECK-NEXT: nfp.const 70000
// CHECK-NEXT: nfp.const 80000
// CHECK-NEXT: nfp.alu and
// CHECK-NEXT: nfp.alu and
// CHECK-NEXT: nfp.wait [2]
nfp.func entry @between_flags() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %t = nfp.const 0 : !nfp.gpr
  %l, %h = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %d, %f = nfp.alu sub %p, %l : !nfp.gpr, !nfp.gpr -> !nfp.gpr flags !nfp.cc
  %s = nfp.alu subc %p, %h cc(%f) : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %a = nfp.const 70000 : !nfp.gpr
  %b = nfp.const 80000 : !nfp.gpr
  nfp.cmd write8_swap sum32 %d, %zero data(%p : !nfp.gpr) count 4 : (!nfp.gpr, !nfp.imm)
  %c = nfp.alu and %a, %b : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %e = nfp.alu and %c, %s : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %e : !nfp.gpr
}

// -----

// Work behind the wait that needs no answer is done in front of it, as long as
// that costs nothing: up to 13 words behind a command on packet memory. What
// shares memory with something that stays, or needs it, stays.

// CHECK-LABEL: nfp.func entry @pulled
// CHECK: nfp.cmd read32_swap {{.*}} signal 2
// CHECK: nfp.cmd read32_swap {{.*}} signal 3
// CHECK-NEXT: nfp.const 90000
// CHECK-NEXT: nfp.imm 7
// CHECK-NEXT: nfp.lm_store %{{.+}}, 8 size 4
// CHECK-NEXT: nfp.wait [2, 3]
// CHECK-NEXT: nfp.alu add
// CHECK-NEXT: nfp.lm_store %{{.+}}, 0 size 4
// CHECK-NEXT: nfp.lm_load 0 size 2
// CHECK-NEXT: nfp.alu and
nfp.func entry @pulled() attributes {frame_size = 16 : i32} {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %y = nfp.cmd read32_swap sum32 %q, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %s = nfp.alu add %x, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.lm_store %s, 0 size 4 : !nfp.gpr
  %l = nfp.lm_load 0 size 2 : !nfp.gpr
  %c = nfp.const 90000 : !nfp.gpr
  %seven = nfp.imm 7
  nfp.lm_store %seven, 8 size 4 : !nfp.imm
  %t = nfp.alu and %l, %c : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %u = nfp.alu add %t, %y : !nfp.gpr, !nfp.xfer -> !nfp.gpr
  nfp.exit %u : !nfp.gpr
}
