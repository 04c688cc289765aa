// RUN: nfp-bpf-opt %s --nfp-expand-macros --split-input-file | FileCheck %s

// The first 64 bytes of the entry's frame are operands; the rest goes through
// pointer 3, which is set once for a window, at the start.

// CHECK-LABEL: nfp.func entry @stack
nfp.func entry @stack() attributes {frame_size = 96 : i32} {
  // CHECK-NEXT: %[[WINDOW:.+]] = nfp.frame_addr 64 : !nfp.gpr
  // CHECK-NEXT: nfp.csr_wr lm_addr3 %[[WINDOW]]
  // CHECK-NOT: csr_wr
  %v = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[NEAR:.+]] = nfp.lm index0[3]
  // CHECK-NEXT: nfp.alu b %{{.+}} to %[[NEAR]] : !nfp.gpr
  nfp.lm_store %v, 12 size 4 : !nfp.gpr
  // CHECK-NEXT: %[[FAR:.+]] = nfp.lm index3[1]
  // CHECK-NEXT: nfp.ld_field 4 shl 16 %{{.+}} to %[[FAR]] : !nfp.gpr
  nfp.lm_store %v, 70 size 1 : !nfp.gpr
  // CHECK: %[[SAME:.+]] = nfp.lm index3[7]
  // CHECK-NEXT: %[[R:.+]] = nfp.ld_field 3 shr 16 clear %[[SAME]] : !nfp.lm
  %r = nfp.lm_load 94 size 2 : !nfp.gpr
  // CHECK: nfp.exit %[[R]]
  nfp.exit %r : !nfp.gpr
}

// -----

// A call loses the pointer. It is set again behind it, where it is more likely
// than not to be used, and not again where it holds.

// CHECK-LABEL: nfp.func entry @behind_calls
// CHECK-NOT: csr_wr
// CHECK: nfp.helper
// CHECK-NEXT: %[[WINDOW:.+]] = nfp.frame_addr 64 : !nfp.gpr
// CHECK-NEXT: nfp.csr_wr lm_addr3 %[[WINDOW]]
// CHECK-NOT: csr_wr
// CHECK: nfp.exit
nfp.func entry @behind_calls() attributes {frame_size = 96 : i32} {
  %v = nfp.csr_rd pseudo_random : !nfp.gpr
  %tid = nfp.const 0 : !nfp.gpr
  %key = nfp.frame_addr 0 : !nfp.gpr
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%tid) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %c = nfp.alu b %hi : !nfp.gpr flags !nfp.cc
  nfp.br_cc eq %c weights([40, 60]), ^out, ^found
^found:
  nfp.lm_store %v, 64 size 4 : !nfp.gpr
  nfp.br_bit set 3 %v : !nfp.gpr, ^more, ^out
^more:
  %r = nfp.lm_load 68 size 4 : !nfp.gpr
  nfp.lm_store %r, 72 size 4 : !nfp.gpr
  nfp.br ^out
^out:
  %one = nfp.const 1114112 : !nfp.gpr
  nfp.exit %one : !nfp.gpr
}

// -----

// Seldom used: set where it is.

// CHECK-LABEL: nfp.func entry @seldom
// CHECK-NOT: csr_wr
// CHECK: nfp.br_bit
// CHECK: ^bb1:
// CHECK-NEXT: %[[WINDOW:.+]] = nfp.frame_addr 64 : !nfp.gpr
// CHECK-NEXT: nfp.csr_wr lm_addr3 %[[WINDOW]]
nfp.func entry @seldom() attributes {frame_size = 96 : i32} {
  %v = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.br_bit set 3 %v : !nfp.gpr weights([10, 90]), ^used, ^out
^used:
  nfp.lm_store %v, 64 size 4 : !nfp.gpr
  nfp.br ^out
^out:
  %one = nfp.const 1114112 : !nfp.gpr
  nfp.exit %one : !nfp.gpr
}

// -----

// The window that is accessed more often is the pointer's home: behind an
// access elsewhere it goes back there.

// CHECK-LABEL: nfp.func entry @windows
// CHECK-NEXT: %[[HOME:.+]] = nfp.frame_addr 64 : !nfp.gpr
// CHECK-NEXT: nfp.csr_wr lm_addr3 %[[HOME]]
// CHECK: nfp.lm index3[0]
// CHECK: nfp.lm index3[1]
// CHECK: %[[ELSEWHERE:.+]] = nfp.frame_addr 128 : !nfp.gpr
// CHECK-NEXT: nfp.csr_wr lm_addr3 %[[ELSEWHERE]]
// CHECK: nfp.lm index3[2]
// CHECK: %[[BACK:.+]] = nfp.frame_addr 64 : !nfp.gpr
// CHECK-NEXT: nfp.csr_wr lm_addr3 %[[BACK]]
// CHECK: nfp.lm index3[3]
nfp.func entry @windows() attributes {frame_size = 192 : i32} {
  %v = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.lm_store %v, 64 size 4 : !nfp.gpr
  nfp.lm_store %v, 68 size 4 : !nfp.gpr
  nfp.lm_store %v, 136 size 4 : !nfp.gpr
  %r = nfp.lm_load 76 size 4 : !nfp.gpr
  nfp.exit %r : !nfp.gpr
}

// -----

// Offsets beyond 7 do not fit the operands of ld_field.

// CHECK-LABEL: nfp.func entry @restricted
nfp.func entry @restricted() attributes {frame_size = 64 : i32} {
  // CHECK: %[[L:.+]] = nfp.lm index0[15]
  // CHECK-NEXT: %[[W:.+]] = nfp.alu b %[[L]]
  // CHECK-NEXT: nfp.ld_field 1 shr 24 clear %[[W]] : !nfp.gpr
  %r = nfp.lm_load 63 size 1 : !nfp.gpr
  nfp.exit %r : !nfp.gpr
}

// -----

// Data goes to transfer registers, two transfer registers cannot be read at
// once, and more than 8 words need an override word right before the command.

// CHECK-LABEL: nfp.func entry @transfer
nfp.func entry @transfer() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[X:.+]]:2 = nfp.cmd read32_swap sum32 {{.*}} -> !nfp.xfer<0>, !nfp.xfer<1>
  %x:2 = nfp.cmd read32_swap sum32 %p, %zero count 2 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer
  // CHECK: %[[M:.+]] = nfp.alu b %[[X]]#0 : !nfp.xfer<0> -> !nfp.gpr
  // CHECK-NEXT: %[[OUT:.+]] = nfp.alu add %[[M]], %[[X]]#1 : !nfp.gpr, !nfp.xfer<1> -> !nfp.xfer_out<0>
  %s = nfp.alu add %x#0, %x#1 : !nfp.xfer, !nfp.xfer -> !nfp.gpr
  // CHECK-NEXT: nfp.cmd write8_swap sum32 {{.*}} data(%[[OUT]] : !nfp.xfer_out<0>) count 4
  nfp.cmd write8_swap sum32 %p, %zero data(%s : !nfp.gpr) count 4 : (!nfp.gpr, !nfp.imm)
  // CHECK: %[[O:.+]] = nfp.immed 2432 prev !nfp.prev
  // CHECK-NEXT: nfp.cmd read32 sum32 {{.*}} prev(%[[O]]) count 10
  %y:10 = nfp.cmd read32 sum32 %p, %zero count 10 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer
  %code = nfp.alu b %y#9 : !nfp.xfer -> !nfp.gpr
  nfp.exit %code : !nfp.gpr
}

// -----

// Dead code goes, flags and all.

// CHECK-LABEL: nfp.func entry @dead
// CHECK-NEXT: nfp.const
// CHECK-NEXT: nfp.exit
nfp.func entry @dead() {
  %c = nfp.const 7 : !nfp.gpr
  %d, %cc = nfp.alu add %c, %c : !nfp.gpr, !nfp.gpr -> !nfp.gpr flags !nfp.cc
  %e = nfp.alu addc %d, %c cc(%cc) : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %c : !nfp.gpr
}

// -----

// A number made for one word is written there by the instruction that makes it,
// if nothing else reads it and no command stands between.

// CHECK-LABEL: nfp.func entry @fields
nfp.func entry @fields() attributes {frame_size = 64 : i32} {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: nfp.ld_field 15 shr 24 clear %{{.+}} to %{{.+}} : !nfp.gpr
  %a = nfp.shf b shr 24 %p : !nfp.gpr -> !nfp.gpr
  nfp.lm_store %a, 0 size 4 : !nfp.gpr
  // CHECK: nfp.ld_field 1 rotr 0 clear %{{.+}} to %{{.+}} : !nfp.gpr
  %m = nfp.imm 255
  %b = nfp.alu and %p, %m : !nfp.gpr, !nfp.imm -> !nfp.gpr
  nfp.lm_store %b, 4 size 4 : !nfp.gpr
  // CHECK: nfp.ld_field 3 shr 16 clear %{{.+}} to %{{.+}} : !nfp.gpr
  %c = nfp.ld_field 3 shr 16 clear %p : !nfp.gpr -> !nfp.gpr
  nfp.lm_store %c, 8 size 4 : !nfp.gpr
  // Word 9 is out of reach for ld_field.
  // CHECK: nfp.shf b shr 8
  // CHECK: nfp.alu b %{{.+}} to
  %d = nfp.shf b shr 8 %p : !nfp.gpr -> !nfp.gpr
  nfp.lm_store %d, 36 size 4 : !nfp.gpr
  // CHECK: %[[TWICE:.+]] = nfp.shf b shr 4
  // CHECK: nfp.alu b %[[TWICE]] to
  %e = nfp.shf b shr 4 %p : !nfp.gpr -> !nfp.gpr
  nfp.lm_store %e, 12 size 4 : !nfp.gpr
  // CHECK: %[[BEFORE:.+]] = nfp.shf b shr 2
  // CHECK: nfp.cmd
  // CHECK: nfp.alu b %[[BEFORE]] to
  %f = nfp.shf b shr 2 %p : !nfp.gpr -> !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  nfp.lm_store %f, 16 size 4 : !nfp.gpr
  %g = nfp.alu xor %e, %x : !nfp.gpr, !nfp.xfer -> !nfp.gpr
  nfp.exit %g : !nfp.gpr
}

// -----

// Branches on bytes read transfer registers and near words of local memory; far
// words and constants are moved.

// CHECK-LABEL: nfp.func entry @bytes
nfp.func entry @bytes() {
  %k = nfp.imm 5
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %k count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  // CHECK: nfp.br_byte eq 0 1 %{{.+}} : !nfp.xfer<0>
  nfp.br_byte eq 0 1 %x : !nfp.xfer, ^out, ^near
^near:
  %near = nfp.lm index1[7]
  // CHECK: nfp.br_byte eq 1 2 %{{.+}} : !nfp.lm
  nfp.br_byte eq 1 2 %near : !nfp.lm, ^out, ^far
^far:
  %far = nfp.lm index1[8]
  // CHECK: %[[FAR:.+]] = nfp.lm index1[8]
  // CHECK-NEXT: %[[MOVED:.+]] = nfp.alu b %[[FAR]]
  // CHECK-NEXT: nfp.br_byte ne 2 3 %[[MOVED]] : !nfp.gpr
  nfp.br_byte ne 2 3 %far : !nfp.lm, ^out, ^constant
^constant:
  // CHECK: %[[K:.+]] = nfp.const 5
  // CHECK-NEXT: nfp.br_byte ne 3 4 %[[K]] : !nfp.gpr
  nfp.br_byte ne 3 4 %k : !nfp.imm, ^out, ^end
^out:
  nfp.exit %p : !nfp.gpr
^end:
  %q = nfp.alu add %p, %p : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %q : !nfp.gpr
}

// -----

// What is computed for a word of the stack alone is computed there, if nothing
// stands between that could take an operand away.

// CHECK-LABEL: nfp.func entry @in_place
nfp.func entry @in_place() attributes {frame_size = 64 : i32} {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: nfp.alu or %[[P:.+]], %[[Q:.+]] to %{{.+}} : !nfp.gpr, !nfp.gpr
  %a = nfp.alu or %p, %q : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.lm_store %a, 0 size 4 : !nfp.gpr
  // CHECK: nfp.shf or shl 16 %[[P]], %[[Q]] to %{{.+}} : !nfp.gpr, !nfp.gpr
  %b = nfp.shf or shl 16 %p, %q : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.lm_store %b, 28 size 4 : !nfp.gpr
  // Word 8 is in reach of alu, but out of reach of shf.
  // CHECK: nfp.alu xor %[[P]], %[[Q]] to %{{.+}} : !nfp.gpr, !nfp.gpr
  %c = nfp.alu xor %p, %q : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.lm_store %c, 32 size 4 : !nfp.gpr
  // CHECK: %[[FAR:.+]] = nfp.shf and shr 3 %[[P]], %[[Q]]
  // CHECK: nfp.alu b %[[FAR]] to
  %d = nfp.shf and shr 3 %p, %q : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.lm_store %d, 32 size 4 : !nfp.gpr
  // Flags come from another instruction.
  // CHECK: %{{.+}}, %[[CC:.+]] = nfp.alu add
  // CHECK: %[[CARRY:.+]] = nfp.alu addc %[[P]], %[[Q]] cc(%[[CC]])
  // CHECK: nfp.alu b %[[CARRY]] to
  %e, %cc = nfp.alu add %p, %q : !nfp.gpr, !nfp.gpr -> !nfp.gpr flags !nfp.cc
  %f = nfp.alu addc %p, %q cc(%cc) : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.lm_store %f, 4 size 4 : !nfp.gpr
  // Another reads it, too.
  // CHECK: %[[TWICE:.+]] = nfp.alu sub %[[P]], %[[Q]]
  // CHECK: nfp.alu b %[[TWICE]] to
  %g = nfp.alu sub %p, %q : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.lm_store %g, 8 size 4 : !nfp.gpr
  // The transfer register is taken by the second command.
  // CHECK: nfp.cmd
  // CHECK: %[[BEFORE:.+]] = nfp.alu add %{{.+}}, %[[P]]
  // CHECK: nfp.cmd
  // CHECK: nfp.alu b %[[BEFORE]] to
  %x = nfp.cmd read32_swap sum32 %g, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %h = nfp.alu add %x, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %y = nfp.cmd read32_swap sum32 %e, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  nfp.lm_store %h, 12 size 4 : !nfp.gpr
  // The old content is an operand.
  // CHECK: %[[SUM:.+]] = nfp.alu add %{{.+}}, %{{.+}} : !nfp.lm, !nfp.gpr -> !nfp.gpr
  // CHECK: nfp.alu b %[[SUM]] to
  %w = nfp.lm index0[0]
  %i = nfp.alu add %w, %p : !nfp.lm, !nfp.gpr -> !nfp.gpr
  nfp.lm_store %i, 16 size 4 : !nfp.gpr
  %r = nfp.alu b %y : !nfp.xfer -> !nfp.gpr
  nfp.exit %r : !nfp.gpr
}
