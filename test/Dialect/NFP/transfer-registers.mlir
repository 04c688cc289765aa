// RUN: nfp-bpf-opt %s --nfp-expand-macros --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --nfp-expand-macros --nfp-allocate-registers --nfp-layout-blocks \
// RUN:   --nfp-insert-hazard-slots --nfp-verify-machine --split-input-file -o /dev/null

// What a command delivers stays in its registers in other blocks and in loops;
// a command in between takes others.

// CHECK-LABEL: nfp.func entry @blocks
nfp.func entry @blocks() {
  %zero = nfp.imm 0
  %one = nfp.imm 1
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[X:.+]]:2 = nfp.cmd {{.*}} -> !nfp.xfer<0>, !nfp.xfer<1>
  // CHECK-NOT: nfp.alu b
  %x:2 = nfp.cmd read32_swap sum32 %p, %zero count 2 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer
  nfp.br ^loop(%p : !nfp.gpr)
^loop(%i: !nfp.gpr):
  // CHECK: nfp.alu add %[[X]]#0
  %s = nfp.alu add %x#0, %i : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  // CHECK: %[[Y:.+]] = nfp.cmd {{.*}} -> !nfp.xfer<2>
  %y = nfp.cmd read32_swap sum32 %s, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  // CHECK-NOT: nfp.alu b
  // CHECK: nfp.alu sub %[[Y]]
  %n, %c = nfp.alu sub %y, %one : !nfp.xfer, !nfp.imm -> !nfp.gpr flags !nfp.cc
  nfp.br_cc ne %c, ^loop(%n : !nfp.gpr), ^end
^end:
  // CHECK: nfp.alu add %[[X]]#1
  %r = nfp.alu add %x#1, %n : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.exit %r : !nfp.gpr
}

// -----

// A register that is free again is used again, also in the other case.

// CHECK-LABEL: nfp.func entry @cases
nfp.func entry @cases() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: nfp.cmd {{.*}} -> !nfp.xfer<0>, !nfp.xfer<1>
  %x:2 = nfp.cmd read32_swap sum32 %p, %zero count 2 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer
  nfp.br_bit set 3 %p : !nfp.gpr, ^left, ^right
^left:
  %a = nfp.alu add %x#0, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  // CHECK: nfp.cmd {{.*}} -> !nfp.xfer<0>
  %y = nfp.cmd read32_swap sum32 %a, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %b = nfp.alu add %y, %a : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.exit %b : !nfp.gpr
^right:
  // The unused word is overwritten as well.
  // CHECK: nfp.cmd {{.*}} -> !nfp.xfer<2>, !nfp.xfer<3>
  %z:2 = nfp.cmd read32_swap sum32 %p, %zero count 2 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer
  %d = nfp.alu add %z#1, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  // CHECK: nfp.cmd {{.*}} -> !nfp.xfer<2>
  %w = nfp.cmd read32_swap sum32 %d, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %e = nfp.alu add %w, %d : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %f = nfp.alu add %x#0, %e : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %g = nfp.alu add %x#1, %f : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.exit %g : !nfp.gpr
}

// -----

// A call destroys all transfer registers: a move in front of it, on its path
// alone, for the uses behind it alone.

// CHECK-LABEL: nfp.func entry @call
nfp.func entry @call() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[X:.+]] = nfp.cmd {{.*}} -> !nfp.xfer<0>
  // CHECK-NOT: nfp.alu b
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  // CHECK: nfp.alu add %[[X]]
  %a = nfp.alu add %x, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.br_bit set 3 %p : !nfp.gpr, ^left, ^right
// CHECK: ^bb1:
^left:
  // CHECK: nfp.alu sub %[[X]]
  %b = nfp.alu sub %x, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: %[[G:.+]] = nfp.alu b %[[X]] : !nfp.xfer<0> -> !nfp.gpr
  // CHECK-NEXT: nfp.helper
  %lo, %hi = nfp.helper 3 "map_delete_elem" (%b) in [!nfp.gpr<a 0>] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  // CHECK-NEXT: nfp.alu add %[[G]]
  %c = nfp.alu add %x, %lo : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.br_bit set 4 %c : !nfp.gpr, ^more, ^end(%c : !nfp.gpr)
// CHECK: ^bb2:
^more:
  // CHECK-NEXT: nfp.alu sub %[[G]]
  %d = nfp.alu sub %x, %c : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.br ^end(%d : !nfp.gpr)
// CHECK: ^bb3:
^right:
  // CHECK-NEXT: nfp.alu sub %[[X]]
  %e = nfp.alu sub %x, %a : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.br ^end(%e : !nfp.gpr)
^end(%r: !nfp.gpr):
  nfp.exit %r : !nfp.gpr
}

// -----

// The move for a call in a loop stands in front of the loop.

// CHECK-LABEL: nfp.func entry @call_in_loop
nfp.func entry @call_in_loop() {
  %zero = nfp.imm 0
  %one = nfp.imm 1
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[X:.+]] = nfp.cmd
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  // CHECK: nfp.alu add %[[X]]
  %a = nfp.alu add %x, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: %[[G:.+]] = nfp.alu b %[[X]]
  // CHECK-NEXT: nfp.br
  nfp.br ^loop(%a : !nfp.gpr)
^loop(%i: !nfp.gpr):
  // CHECK: nfp.alu add %[[G]]
  %b = nfp.alu add %x, %i : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %lo, %hi = nfp.helper 3 "map_delete_elem" (%b) in [!nfp.gpr<a 0>] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %n, %c = nfp.alu sub %lo, %one : !nfp.gpr, !nfp.imm -> !nfp.gpr flags !nfp.cc
  nfp.br_cc ne %c, ^loop(%n : !nfp.gpr), ^end
^end:
  nfp.exit %n : !nfp.gpr
}

// -----

// A loop whose command delivers anew keeps the move inside.

// CHECK-LABEL: nfp.func entry @command_in_loop
nfp.func entry @command_in_loop() {
  %zero = nfp.imm 0
  %one = nfp.imm 1
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.br ^loop(%p : !nfp.gpr)
^loop(%i: !nfp.gpr):
  // CHECK: %[[X:.+]] = nfp.cmd
  %x = nfp.cmd read32_swap sum32 %i, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  // CHECK-NEXT: nfp.alu add %[[X]]
  %b = nfp.alu add %x, %i : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  // CHECK-NEXT: %[[G:.+]] = nfp.alu b %[[X]]
  // CHECK-NEXT: nfp.helper
  %lo, %hi = nfp.helper 3 "map_delete_elem" (%b) in [!nfp.gpr<a 0>] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  // CHECK-NEXT: nfp.alu sub %[[G]]
  %n, %c = nfp.alu sub %x, %one : !nfp.xfer, !nfp.imm -> !nfp.gpr flags !nfp.cc
  nfp.br_cc ne %c, ^loop(%n : !nfp.gpr), ^end
^end:
  nfp.exit %n : !nfp.gpr
}

// -----

// When the registers are used up, only what stands in the way moves, and what
// has the fewest uses first.

// CHECK-LABEL: nfp.func entry @shortage
nfp.func entry @shortage() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[X:.+]]:31 = nfp.cmd
  %x:31 = nfp.cmd read32_swap sum32 %p, %zero count 31 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer
  // CHECK-NOT: nfp.alu b
  // CHECK: %[[G:.+]] = nfp.alu b %[[X]]#30 : !nfp.xfer<30> -> !nfp.gpr
  // CHECK-NEXT: nfp.cmd {{.*}} -> !nfp.xfer<30>, !nfp.xfer<31>
  %y:2 = nfp.cmd read32_swap sum32 %p, %zero count 2 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer
  nfp.br ^next
^next:
  // CHECK-NOT: nfp.alu b
  // CHECK: nfp.alu add %[[X]]#0
  %s0 = nfp.alu add %x#0, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s1 = nfp.alu add %x#1, %s0 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s2 = nfp.alu add %x#2, %s1 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s3 = nfp.alu add %x#3, %s2 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s4 = nfp.alu add %x#4, %s3 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s5 = nfp.alu add %x#5, %s4 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s6 = nfp.alu add %x#6, %s5 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s7 = nfp.alu add %x#7, %s6 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s8 = nfp.alu add %x#8, %s7 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s9 = nfp.alu add %x#9, %s8 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s10 = nfp.alu add %x#10, %s9 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s11 = nfp.alu add %x#11, %s10 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s12 = nfp.alu add %x#12, %s11 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s13 = nfp.alu add %x#13, %s12 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s14 = nfp.alu add %x#14, %s13 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s15 = nfp.alu add %x#15, %s14 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s16 = nfp.alu add %x#16, %s15 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s17 = nfp.alu add %x#17, %s16 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s18 = nfp.alu add %x#18, %s17 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s19 = nfp.alu add %x#19, %s18 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s20 = nfp.alu add %x#20, %s19 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s21 = nfp.alu add %x#21, %s20 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s22 = nfp.alu add %x#22, %s21 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s23 = nfp.alu add %x#23, %s22 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s24 = nfp.alu add %x#24, %s23 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s25 = nfp.alu add %x#25, %s24 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s26 = nfp.alu add %x#26, %s25 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s27 = nfp.alu add %x#27, %s26 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s28 = nfp.alu add %x#28, %s27 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s29 = nfp.alu add %x#29, %s28 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  // CHECK: nfp.alu add %[[G]]
  %s30 = nfp.alu add %x#30, %s29 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s31 = nfp.alu add %y#0, %s30 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %s32 = nfp.alu add %y#1, %s31 : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.exit %s32 : !nfp.gpr
}

// -----

// Of two transfer registers in one instruction one moves, but not twice.

// CHECK-LABEL: nfp.func entry @two_sources
nfp.func entry @two_sources() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %x:3 = nfp.cmd read32_swap sum32 %p, %zero count 3 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer, !nfp.xfer
  // CHECK: %[[X:.+]]:3 = nfp.cmd
  // CHECK-NEXT: %[[G:.+]] = nfp.alu b %[[X]]#0
  // CHECK-NEXT: nfp.alu add %[[G]], %[[X]]#1
  // CHECK-NEXT: nfp.alu sub %[[X]]#2, %[[G]]
  %a = nfp.alu add %x#0, %x#1 : !nfp.xfer, !nfp.xfer -> !nfp.gpr
  %b = nfp.alu sub %x#2, %x#0 : !nfp.xfer, !nfp.xfer -> !nfp.gpr
  %c = nfp.alu add %a, %b : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %c : !nfp.gpr
}

// -----

// What only a command needs is computed in its register, also before a read;
// not before another command that takes data, nor a call.

// CHECK-LABEL: nfp.func entry @in_place
// CHECK: nfp.alu add %{{.*}} -> !nfp.xfer_out<[[N:[0-9]+]]>
// CHECK-NEXT: nfp.cmd read32_swap
// CHECK-NEXT: nfp.cmd write32_swap
nfp.func entry @in_place() {
  %one = nfp.imm 1
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %sum = nfp.alu add %p, %one : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %x = nfp.cmd read32_swap sum32 %p, %one count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  nfp.cmd write32_swap sum32 %p, %one data(%sum : !nfp.gpr) count 1 : (!nfp.gpr, !nfp.imm)
  %code = nfp.alu b %x : !nfp.xfer -> !nfp.gpr
  nfp.exit %code : !nfp.gpr
}

// CHECK-LABEL: nfp.func entry @not_in_place
// CHECK: nfp.alu add %{{.*}} : !nfp.gpr, !nfp.imm -> !nfp.gpr
// CHECK: nfp.alu add %{{.*}} : !nfp.gpr, !nfp.imm -> !nfp.gpr
// CHECK: nfp.cmd write32_swap
// CHECK: nfp.cmd write32_swap
// CHECK: nfp.helper
// CHECK: nfp.cmd write32_swap
nfp.func entry @not_in_place() {
  %one = nfp.imm 1
  %two = nfp.imm 2
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %sum = nfp.alu add %p, %one : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %more = nfp.alu add %p, %two : !nfp.gpr, !nfp.imm -> !nfp.gpr
  nfp.cmd write32_swap sum32 %p, %one data(%p : !nfp.gpr) count 1 : (!nfp.gpr, !nfp.imm)
  nfp.cmd write32_swap sum32 %p, %one data(%sum : !nfp.gpr) count 1 : (!nfp.gpr, !nfp.imm)
  %t = nfp.const 0 : !nfp.gpr
  %l, %h = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  nfp.cmd write32_swap sum32 %p, %one data(%more : !nfp.gpr) count 1 : (!nfp.gpr, !nfp.imm)
  nfp.exit %h : !nfp.gpr
}

// -----

// Commands under way keep their registers in both directions, also those whose
// results nobody reads, until the wait.

// CHECK-LABEL: nfp.func entry @under_way
// CHECK: nfp.cmd read32_swap {{.*}} signal 2 {{.*}} -> !nfp.xfer<0>, !nfp.xfer<1>
// CHECK: nfp.alu b %{{.*}} -> !nfp.xfer_out<0>
// CHECK: nfp.cmd write32_swap {{.*}} signal 3
// CHECK: nfp.alu b %{{.*}} -> !nfp.xfer_out<1>
// CHECK: nfp.cmd write32_swap {{.*}} signal 4
// CHECK: nfp.cmd read32_swap {{.*}} signal 5 {{.*}} -> !nfp.xfer<2>
// CHECK: nfp.wait [2, 3, 4, 5]
// CHECK: nfp.cmd read32_swap {{.*}} -> !nfp.xfer<0>
// CHECK: nfp.alu b %{{.*}} -> !nfp.xfer_out<0>
// CHECK: nfp.cmd write32_swap
nfp.func entry @under_way() {
  %zero = nfp.imm 0
  %four = nfp.imm 4
  %eight = nfp.imm 8
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %x:2 = nfp.cmd read32_swap sum32 %p, %zero count 2 signal 2 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer
  nfp.cmd write32_swap sum32 %p, %eight data(%p : !nfp.gpr) count 1 signal 3 : (!nfp.gpr, !nfp.imm)
  nfp.cmd write32_swap sum32 %p, %four data(%p : !nfp.gpr) count 1 signal 4 : (!nfp.gpr, !nfp.imm)
  %y = nfp.cmd read32_swap sum32 %p, %zero count 1 signal 5 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  nfp.wait [2, 3, 4, 5]
  %z = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  nfp.cmd write32_swap sum32 %p, %eight data(%p : !nfp.gpr) count 1 : (!nfp.gpr, !nfp.imm)
  %a = nfp.alu add %y, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %code = nfp.alu add %z, %a : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.exit %code : !nfp.gpr
}

// -----

// A value in a general register is moved behind the wait; what is computed in a
// transfer register is not computed where a command under way has its data.

// CHECK-LABEL: nfp.func entry @behind_the_wait
// CHECK: nfp.cmd write32_swap {{.*}} signal 2
// CHECK-NEXT: %[[X:.+]] = nfp.cmd read32_swap {{.*}} signal 3
// CHECK-NEXT: %[[SUM:.+]] = nfp.alu add {{.*}} -> !nfp.gpr
// CHECK-NEXT: nfp.wait [2, 3]
// CHECK-NEXT: nfp.alu b %[[X]]
// CHECK-NEXT: nfp.alu b %[[SUM]] {{.*}} -> !nfp.xfer_out<0>
// CHECK-NEXT: nfp.cmd write32_swap
nfp.func entry @behind_the_wait() {
  %zero = nfp.imm 0
  %four = nfp.imm 4
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.cmd write32_swap sum32 %p, %zero data(%p : !nfp.gpr) count 1 signal 2 : (!nfp.gpr, !nfp.imm)
  %x = nfp.cmd read32_swap sum32 %p, %four count 1 signal 3 : (!nfp.gpr, !nfp.imm) -> !nfp.gpr
  %sum = nfp.alu add %p, %four : !nfp.gpr, !nfp.imm -> !nfp.gpr
  nfp.wait [2, 3]
  nfp.cmd write32_swap sum32 %p, %four data(%sum : !nfp.gpr) count 1 : (!nfp.gpr, !nfp.imm)
  nfp.exit %x : !nfp.gpr
}

// -----

// Without enough registers for all, those under way are waited for at once.

// CHECK-LABEL: nfp.func entry @too_many
// CHECK: nfp.cmd read32_swap
// CHECK-NOT: signal 2
// CHECK: nfp.cmd read32_swap
// CHECK-SAME: signal 3
// CHECK: nfp.wait [3]
nfp.func entry @too_many() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %x:20 = nfp.cmd read32_swap sum32 %p, %zero count 20 signal 2 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer
  %y:20 = nfp.cmd read32_swap sum32 %p, %zero count 20 signal 3 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer, !nfp.xfer
  nfp.wait [2, 3]
  %a = nfp.alu add %x#1, %p : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  %code = nfp.alu add %y#1, %a : !nfp.xfer, !nfp.gpr -> !nfp.gpr
  nfp.exit %code : !nfp.gpr
}
