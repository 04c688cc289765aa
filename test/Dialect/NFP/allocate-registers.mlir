// RUN: nfp-bpf-opt %s --nfp-expand-macros --nfp-allocate-registers --nfp-layout-blocks --nfp-insert-hazard-slots --nfp-verify-machine --split-input-file | FileCheck %s

// Operands of one instruction come from different banks; the code goes to A0
// without a copy.

// CHECK-LABEL: nfp.func entry @banks
// CHECK: nfp.csr_rd pseudo_random : <{{a|b}} {{[0-9]+}}>
// CHECK: nfp.alu add %{{.+}}, %{{.+}} : !nfp.gpr<{{a|b}} {{[0-9]+}}>, !nfp.gpr<{{a|b}} {{[0-9]+}}> -> !nfp.gpr<a 0>
// CHECK-NEXT: nfp.exit %{{.+}} : <a 0>
nfp.func entry @banks() {
  %a = nfp.csr_rd pseudo_random : !nfp.gpr
  %b = nfp.csr_rd pseudo_random : !nfp.gpr
  %s = nfp.alu add %a, %b : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %s : !nfp.gpr
}

// -----

// Three instructions stand before the first use of pointer 0 at entry.

// CHECK-LABEL: nfp.func entry @wait
// CHECK: nfp.csr_rd
// CHECK: nfp.nop
// CHECK-NOT: nfp.nop
// CHECK: nfp.alu b %{{.+}} to
nfp.func entry @wait() attributes {frame_size = 8 : i32} {
  %a = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.lm_store %a, 0 size 4 : !nfp.gpr
  nfp.exit %a : !nfp.gpr
}

// -----

// Nothing comes between an instruction and the one that reads its previous
// result, whatever copies the operands need.

// CHECK-LABEL: nfp.func entry @bundle
// CHECK: %[[P:.+]] = nfp.alu or
// CHECK-NEXT: nfp.shf b dbl 0 indirect %{{.+}}, %{{.+}} prev(%[[P]])
nfp.func entry @bundle() {
  %zero = nfp.imm 0
  %a = nfp.csr_rd pseudo_random : !nfp.gpr
  %p = nfp.alu or %a, %zero : !nfp.gpr, !nfp.imm prev !nfp.prev
  %s = nfp.shf b dbl 0 indirect %a, %a prev(%p) : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %s : !nfp.gpr
}

// -----

// The callee's frame lies behind the caller's; what lives over the call is in
// a register that the callee leaves alone.

// CHECK: nfp.func entry @caller
// CHECK-SAME: frame_offset = 0
// CHECK: nfp.call @callee(%{{.+}}) : (!nfp.gpr<a 2>) -> !nfp.gpr<a 0>
// CHECK: nfp.func subprogram @callee(%{{.+}}: !nfp.gpr<a 2>) -> !nfp.gpr<a 0>
// CHECK-SAME: frame_offset = 64
// CHECK: nfp.rtn %{{.+}} : <a 21> with %{{.+}} : !nfp.gpr<a 0>
nfp.func entry @caller() attributes {frame_size = 16 : i32} {
  %a = nfp.csr_rd pseudo_random : !nfp.gpr
  %b = nfp.csr_rd pseudo_random : !nfp.gpr
  %r = nfp.call @callee(%a) : (!nfp.gpr) -> !nfp.gpr
  %s = nfp.alu add %r, %b : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %s : !nfp.gpr
}
nfp.func subprogram @callee(%a: !nfp.gpr) -> !nfp.gpr attributes {frame_size = 8 : i32} {
  nfp.lm_store %a, 4 size 4 : !nfp.gpr
  %l = nfp.lm_load 4 size 4 : !nfp.gpr
  nfp.return %l : !nfp.gpr
}

// -----

// The condition is inverted so that the loop falls through; block arguments
// have become registers.

// CHECK-LABEL: nfp.func entry @loop
// CHECK-NOT: ^bb{{.*}}(
nfp.func entry @loop() {
  %one = nfp.imm 1
  %a = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.br ^head(%a : !nfp.gpr)
^head(%i: !nfp.gpr):
  %n, %cc = nfp.alu sub %i, %one : !nfp.gpr, !nfp.imm -> !nfp.gpr flags !nfp.cc
  nfp.br_cc ne %cc, ^head(%n : !nfp.gpr), ^end
^end:
  nfp.exit %n : !nfp.gpr
}

// -----

// Of two results that one instruction takes from both banks, the first leaves
// A0, where the exit word goes.

// CHECK-LABEL: nfp.func entry @helper_results
// CHECK: %[[R:.*]]:2 = nfp.helper
// CHECK-NEXT: nfp.alu b %[[R]]#0 : !nfp.gpr<a 0> -> !nfp.gpr<b
// CHECK-NOT: nfp.alu b
// CHECK: nfp.cmd read32_swap pair40 %[[R]]#1
nfp.func entry @helper_results() {
  %t = nfp.const 0 : !nfp.gpr
  %l, %h = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %x = nfp.cmd read32_swap pair40 %h, %l count 1 : (!nfp.gpr, !nfp.gpr) -> !nfp.xfer
  %y = nfp.alu b %x : !nfp.xfer -> !nfp.gpr
  nfp.exit %y : !nfp.gpr
}
