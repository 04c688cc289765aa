// RUN: nfp-bpf-opt %s --nfp-layout-frame --split-input-file | FileCheck %s

// The key of the helper comes to the stack base. The word that nobody reads
// lies where it does no harm; the one that is read and never written keeps a
// place of its own.

nfp.map @m {type = 1 : i32, key_size = 4 : i32, value_size = 8 : i32, max_entries = 4 : i32, flags = 0 : i32, index = 0 : i32, uses = array<i8: 1, 1>}

// CHECK-LABEL: nfp.func entry @key_first
// CHECK-SAME: frame_size = 8
nfp.func entry @key_first() attributes {frame_size = 16 : i32} {
  %v = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: nfp.lm_store %{{.+}}, 0 size 4
  nfp.lm_store %v, 0 size 4 : !nfp.gpr
  // CHECK-NEXT: nfp.lm_store %{{.+}}, 0 size 4
  nfp.lm_store %v, 4 size 4 : !nfp.gpr
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

// -----

// Two keys that are needed one after the other share the base; what is needed
// over a lookup does not lie there.

nfp.map @m {type = 1 : i32, key_size = 4 : i32, value_size = 8 : i32, max_entries = 4 : i32, flags = 0 : i32, index = 0 : i32, uses = array<i8: 1, 1>}
nfp.map @n {type = 1 : i32, key_size = 8 : i32, value_size = 8 : i32, max_entries = 4 : i32, flags = 0 : i32, index = 1 : i32, uses = array<i8: 1, 1>}

// CHECK-LABEL: nfp.func entry @one_after_the_other
// CHECK-SAME: frame_size = 12
nfp.func entry @one_after_the_other() attributes {frame_size = 20 : i32} {
  %v = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: nfp.lm_store %{{.+}}, 0 size 4
  // CHECK-NEXT: nfp.lm_store %{{.+}}, 4 size 4
  // CHECK-NEXT: nfp.lm_store %{{.+}}, 8 size 4
  nfp.lm_store %v, 12 size 4 : !nfp.gpr
  nfp.lm_store %v, 16 size 4 : !nfp.gpr
  nfp.lm_store %v, 4 size 4 : !nfp.gpr
  %t = nfp.const 1 : !nfp.gpr
  %key = nfp.frame_addr 12 : !nfp.gpr
  // CHECK: %[[KEY:.+]] = nfp.frame_addr 0
  // CHECK: nfp.helper 1 {{.*}} lm0(%[[KEY]]
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  // CHECK: nfp.lm_store %{{.+}}, 0 size 4
  nfp.lm_store %lo, 0 size 4 : !nfp.gpr
  %t2 = nfp.const 0 : !nfp.gpr
  %key2 = nfp.frame_addr 0 : !nfp.gpr
  // CHECK: %[[KEY2:.+]] = nfp.frame_addr 0
  // CHECK: nfp.helper 1 {{.*}} lm0(%[[KEY2]]
  %lo2, %hi2 = nfp.helper 1 "map_lookup_elem" (%t2) in [!nfp.gpr<a 0>] lm0(%key2 : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  // CHECK: nfp.lm_load 8 size 4
  %r = nfp.lm_load 4 size 4 : !nfp.gpr
  nfp.exit %r : !nfp.gpr
}

// The second key is written before the first one has been looked up, and in a
// loop both are needed again.
// CHECK-LABEL: nfp.func entry @at_the_same_time
// CHECK-SAME: frame_size = 8
nfp.func entry @at_the_same_time() attributes {frame_size = 8 : i32} {
  %v = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.lm_store %v, 0 size 4 : !nfp.gpr
  nfp.lm_store %v, 4 size 4 : !nfp.gpr
  nfp.br ^loop
^loop:
  %t = nfp.const 0 : !nfp.gpr
  %key = nfp.frame_addr 0 : !nfp.gpr
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %key2 = nfp.frame_addr 4 : !nfp.gpr
  %lo2, %hi2 = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key2 : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  nfp.br_bit set 3 %lo2 : !nfp.gpr, ^loop, ^end
^end:
  nfp.exit %lo2 : !nfp.gpr
}

// -----

// A routine may clear the bytes behind a key of 6 bytes: what is needed behind
// the lookup does not lie there.

nfp.map @m {type = 1 : i32, key_size = 6 : i32, value_size = 8 : i32, max_entries = 4 : i32, flags = 0 : i32, index = 0 : i32, uses = array<i8: 1, 1>}

// CHECK-LABEL: nfp.func entry @behind_the_key
// CHECK-SAME: frame_size = 12
// CHECK: nfp.lm_store %{{.+}}, 8 size 4
// CHECK: nfp.lm_store %{{.+}}, 0 size 4
// CHECK: nfp.lm_store %{{.+}}, 4 size 2
nfp.func entry @behind_the_key() attributes {frame_size = 16 : i32} {
  %v = nfp.csr_rd pseudo_random : !nfp.gpr
  nfp.lm_store %v, 0 size 4 : !nfp.gpr
  nfp.lm_store %v, 8 size 4 : !nfp.gpr
  nfp.lm_store %v, 12 size 2 : !nfp.gpr
  %t = nfp.const 0 : !nfp.gpr
  %key = nfp.frame_addr 8 : !nfp.gpr
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  %r = nfp.lm_load 0 size 4 : !nfp.gpr
  nfp.exit %r : !nfp.gpr
}
