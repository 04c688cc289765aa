// RUN: nfp-bpf-opt %s -bpf-to-nfp-O2=profile=extended | FileCheck %s --check-prefix=DIRECT
// RUN: nfp-bpf-opt %s -bpf-to-nfp-O2 | FileCheck %s --check-prefix=LOOKUP
// RUN: sed -E 's/^  maps:/&\n    complete_arrays: false/' %src_root/profiles/agilio.yaml > %t.yaml
// RUN: nfp-bpf-opt %s -bpf-to-nfp-O2=profile=%t.yaml | FileCheck %s --check-prefix=SPARSE

// The profile says whether arrays are addressed, and whether all elements are
// there.
bpf.map @array type 2 key 4 value 8 entries 4 flags 0 index 0

// DIRECT: nfp.map_address @array
// DIRECT-NOT: nfp.helper
// LOOKUP: nfp.helper 1
// LOOKUP-NOT: nfp.br_cc
// SPARSE: nfp.helper 1
// SPARSE: nfp.br_cc
bpf.func @element(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>, section = "xdp"} {
  %frame = bpf.frame 8
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %three = arith.constant 3 : i32
  %m = bpf.map_ref @array
  bpf.store %three, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^none, ^found
^found:
  bpf.atomic_rmw add %c1, %v[0] : i64, !bpf.ptr<map_value>
  bpf.return %c2 : i64
^none:
  bpf.return %c1 : i64
}
