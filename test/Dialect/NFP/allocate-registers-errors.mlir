// RUN: nfp-bpf-opt %s --nfp-expand-macros --nfp-allocate-registers --split-input-file --verify-diagnostics

module attributes {nfp.stack_limit = 64 : i64} {
  // expected-error @below {{needs 72 bytes of stack with its callers, 8 more than the 64 of the profile}}
  nfp.func entry @stack() attributes {frame_size = 72 : i32} {
    %c = nfp.const 0 : !nfp.gpr
    nfp.exit %c : !nfp.gpr
  }
}

// -----

nfp.func entry @main() {
  nfp.call @again() : () -> ()
  %c = nfp.const 0 : !nfp.gpr
  nfp.exit %c : !nfp.gpr
}
nfp.func subprogram @again() {
  // expected-error @below {{makes function 'again' call itself; the stack is laid out without recursion}}
  nfp.call @again() : () -> ()
  nfp.return
}

// -----

nfp.func entry @previous() {
  %zero = nfp.imm 0
  %a = nfp.csr_rd pseudo_random : !nfp.gpr
  %p = nfp.alu or %a, %zero : !nfp.gpr, !nfp.imm prev !nfp.prev
  %b = nfp.csr_rd pseudo_random : !nfp.gpr
  // expected-error @below {{reads the previous result, but another instruction stands before it}}
  %s = nfp.shf b shl 0 indirect %b prev(%p) : !nfp.gpr -> !nfp.gpr
  nfp.exit %s : !nfp.gpr
}
