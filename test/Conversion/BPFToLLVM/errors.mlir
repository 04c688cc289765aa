// RUN: nfp-bpf-opt %s --convert-bpf-to-llvm --split-input-file --verify-diagnostics

bpf.func @big() -> i64 {
  // expected-error @below {{a frame of 520 bytes; functions have 512}}
  %f = bpf.frame 520
  %v = bpf.ptr_to_int %f : !bpf.ptr<stack>
  bpf.return %v : i64
}

// -----

// expected-error @below {{function 'outside' has no body; there is nothing to run}}
bpf.func @outside(i64) -> i64

// -----

bpf.func @many(%a: i64) -> i64 {
  // expected-error @below {{failed to legalize operation 'bpf.call_helper'}}
  %r = bpf.call_helper 6 "trace_printk"(%a, %a, %a, %a, %a, %a) : (i64, i64, i64, i64, i64, i64) -> i64
  bpf.return %r : i64
}
