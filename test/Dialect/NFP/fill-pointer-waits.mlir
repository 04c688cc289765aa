// RUN: nfp-bpf-opt %s --nfp-fill-pointer-waits --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --nfp-fill-pointer-waits --nfp-insert-hazard-slots --nfp-verify-machine --split-input-file | FileCheck %s --check-prefix=SLOTS

// The entry counts as setting pointer 0: instructions behind the store that do
// not need the stack come first.

// CHECK-LABEL: nfp.func entry @entry
// CHECK: nfp.const 7 : <a 1>
// CHECK-NEXT: nfp.const 8 : <b 1>
// CHECK: nfp.alu b %{{.+}} to
// CHECK: nfp.alu b %{{.+}} to
// CHECK: nfp.const 1114112
// SLOTS-LABEL: nfp.func entry @entry
// SLOTS-COUNT-1: nfp.nop
// SLOTS-NOT: nfp.nop
nfp.func entry @entry() {
  %zero = nfp.imm 0
  %w0 = nfp.lm index0[0]
  nfp.alu b %zero to %w0 : !nfp.imm
  %w1 = nfp.lm index0[1]
  nfp.alu b %zero to %w1 : !nfp.imm
  %seven = nfp.const 7 : !nfp.gpr<a 1>
  %eight = nfp.const 8 : !nfp.gpr<b 1>
  // Flags stay next to what reads them.
  %c = nfp.alu sub %seven, %eight : !nfp.gpr<a 1>, !nfp.gpr<b 1> flags !nfp.cc
  nfp.br_cc eq %c, ^end, ^end
^end:
  %one = nfp.const 1114112 : !nfp.gpr<a 0>
  nfp.exit %one : !nfp.gpr<a 0>
}

// -----

// Setting pointer 3 moves up, with the sum that makes the address, but not
// between an instruction and the one that makes its previous result, and not
// over a command.

// CHECK-LABEL: nfp.func entry @earlier
// CHECK: nfp.cmd
// CHECK-NEXT: %[[BASE:.+]] = nfp.frame_addr 64 : <b 2>
// CHECK-NEXT: nfp.csr_wr lm_addr3 %[[BASE]]
// CHECK: nfp.alu or
// CHECK-NEXT: nfp.shf b shl 0 indirect
// CHECK-NEXT: nfp.const 5
// CHECK: nfp.alu b %{{.+}} : !nfp.lm
// SLOTS-LABEL: nfp.func entry @earlier
// SLOTS-NOT: nfp.nop
nfp.func entry @earlier() attributes {frame_offset = 0 : i32, frame_size = 128 : i32} {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %zero = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<0>
  %prev = nfp.alu or %p, %zero : !nfp.gpr<a 1>, !nfp.imm prev !nfp.prev
  %y = nfp.shf b shl 0 indirect %x prev(%prev) : !nfp.xfer<0> -> !nfp.gpr<b 1>
  %five = nfp.const 5 : !nfp.gpr<a 3>
  %base = nfp.frame_addr 64 : !nfp.gpr<b 2>
  nfp.csr_wr lm_addr3 %base : !nfp.gpr<b 2>
  %w = nfp.lm index3[0]
  %v = nfp.alu b %w : !nfp.lm -> !nfp.gpr<a 0>
  nfp.exit %v : !nfp.gpr<a 0>
}

// -----

// Nothing can move: what follows needs the value, reads what a command brings,
// or uses the same pointer.

// CHECK-LABEL: nfp.func entry @needed
// CHECK: nfp.csr_wr lm_addr3
// CHECK-NEXT: nfp.lm index3[0]
// CHECK-NEXT: nfp.alu b
// SLOTS-LABEL: nfp.func entry @needed
// SLOTS-COUNT-3: nfp.nop
nfp.func entry @needed() attributes {frame_offset = 0 : i32, frame_size = 128 : i32} {
  %base = nfp.frame_addr 64 : !nfp.gpr<b 2>
  nfp.csr_wr lm_addr3 %base : !nfp.gpr<b 2>
  %w = nfp.lm index3[0]
  %v = nfp.alu b %w : !nfp.lm -> !nfp.gpr<a 1>
  %w1 = nfp.lm index3[1]
  %u = nfp.alu add %v, %w1 : !nfp.gpr<a 1>, !nfp.lm -> !nfp.gpr<b 1>
  %zero = nfp.imm 0
  %x = nfp.cmd read32_swap sum32 %u, %zero count 1 : (!nfp.gpr<b 1>, !nfp.imm) -> !nfp.xfer<0>
  %y = nfp.alu b %x : !nfp.xfer<0> -> !nfp.gpr<a 0>
  nfp.exit %y : !nfp.gpr<a 0>
}

// -----

// The first instruction of a pair needs the register of the address: setting
// the pointer moves neither over it nor between the two.

// CHECK-LABEL: nfp.func entry @inside
// CHECK: nfp.alu or %{{.+}} prev
// CHECK-NEXT: nfp.shf b shl 0 indirect
// CHECK-NEXT: nfp.frame_addr 64
nfp.func entry @inside() attributes {frame_offset = 0 : i32, frame_size = 128 : i32} {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<b 2>
  %q = nfp.csr_rd pseudo_random : !nfp.gpr<a 1>
  %zero = nfp.imm 0
  %prev = nfp.alu or %p, %zero : !nfp.gpr<b 2>, !nfp.imm prev !nfp.prev
  %y = nfp.shf b shl 0 indirect %q prev(%prev) : !nfp.gpr<a 1> -> !nfp.gpr<b 1>
  %base = nfp.frame_addr 64 : !nfp.gpr<b 2>
  nfp.csr_wr lm_addr3 %base : !nfp.gpr<b 2>
  %w = nfp.lm index3[0]
  %v = nfp.alu b %w : !nfp.lm -> !nfp.gpr<a 0>
  nfp.exit %v : !nfp.gpr<a 0>
}
