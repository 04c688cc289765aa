// RUN: nfp-bpf-opt %s --nfp-place-keys --split-input-file | FileCheck %s

// The key of the first helper comes to the stack base, the word in front of it
// goes to the end.

nfp.map @m {type = 1 : i32, key_size = 4 : i32, value_size = 8 : i32, max_entries = 4 : i32, flags = 0 : i32, index = 0 : i32, uses = array<i8: 1, 1>}

// CHECK-LABEL: nfp.func entry @rotated
nfp.func entry @rotated() attributes {frame_size = 16 : i32} {
  %v = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: nfp.lm_store %{{.+}}, 12 size 4
  nfp.lm_store %v, 0 size 4 : !nfp.gpr
  // CHECK-NEXT: nfp.lm_store %{{.+}}, 1 size 1
  nfp.lm_store %v, 5 size 1 : !nfp.gpr
  %key = nfp.frame_addr 4 : !nfp.gpr
  %t = nfp.const 0 : !nfp.gpr
  // CHECK: %[[KEY:.+]] = nfp.frame_addr 0
  // CHECK: nfp.helper 1 {{.*}} lm0(%[[KEY]]
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %r = nfp.lm_load 8 size 4 : !nfp.gpr
  // CHECK-NEXT: nfp.lm_load 4 size 4
  nfp.exit %r : !nfp.gpr
}

// -----

// Not where a key would be cut, an address goes elsewhere, or another helper
// may read any number of bytes. The address is made in the helper's block.

nfp.map @m {type = 1 : i32, key_size = 6 : i32, value_size = 8 : i32, max_entries = 4 : i32, flags = 0 : i32, index = 0 : i32, uses = array<i8: 1, 1>}

// CHECK-LABEL: nfp.func entry @cut
nfp.func entry @cut() attributes {frame_size = 16 : i32} {
  %v = nfp.csr_rd pseudo_random : !nfp.gpr
  %key = nfp.frame_addr 4 : !nfp.gpr
  %other = nfp.frame_addr 0 : !nfp.gpr
  %t = nfp.const 0 : !nfp.gpr
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  nfp.br_bit set 3 %lo : !nfp.gpr, ^more, ^end
// CHECK: ^bb1:
^more:
  // CHECK-NEXT: %[[KEY:.+]] = nfp.frame_addr 4
  // CHECK-NEXT: nfp.helper 1 {{.*}} lm0(%[[KEY]]
  %lo2, %hi2 = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  // CHECK-NEXT: %[[OTHER:.+]] = nfp.frame_addr 0
  // CHECK-NEXT: nfp.helper 1 {{.*}} lm0(%[[OTHER]]
  %lo3, %hi3 = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%other : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  nfp.exit %lo3 : !nfp.gpr
^end:
  nfp.exit %lo : !nfp.gpr
}

// CHECK-LABEL: nfp.func entry @address
nfp.func entry @address() attributes {frame_size = 16 : i32} {
  %v = nfp.csr_rd pseudo_random : !nfp.gpr
  %key = nfp.frame_addr 8 : !nfp.gpr
  %t = nfp.const 0 : !nfp.gpr
  // CHECK: nfp.frame_addr 8
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %base = nfp.frame_addr 0 : !nfp.gpr
  // CHECK: nfp.lm_load 4 size 4
  %r = nfp.lm_load 4 size 4 at(%base : !nfp.gpr) : !nfp.gpr
  nfp.exit %r : !nfp.gpr
}

// CHECK-LABEL: nfp.func entry @other_helper
nfp.func entry @other_helper() attributes {frame_size = 16 : i32} {
  %key = nfp.frame_addr 8 : !nfp.gpr
  %data = nfp.frame_addr 0 : !nfp.gpr
  %t = nfp.const 0 : !nfp.gpr
  // CHECK: nfp.frame_addr 8
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %lo2, %hi2 = nfp.helper 25 "perf_event_output" (%t) in [!nfp.gpr<a 0>] lm2(%data : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  nfp.exit %lo : !nfp.gpr
}
