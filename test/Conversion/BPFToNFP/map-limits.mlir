// RUN: nfp-bpf-opt %s --convert-bpf-to-nfp --split-input-file --verify-diagnostics

// Maps must fit what the profile's firmware takes; the error says by how much
// they do not, where the program first uses the map.

// expected-note@+1 {{map declared here}}
bpf.map @wide type 2 key 4 value 64 entries 4 flags 0 index 0
bpf.func @value(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %frame = bpf.frame 8
  // expected-error@+1 {{map 'wide' has a value size of 64, firmware profile 'agilio' takes at most 56 (8 too many)}}
  %map = bpf.map_ref @wide
  %v = bpf.map_lookup %map, %frame : !bpf.ptr<stack>
  %r = arith.constant 2 : i64
  bpf.return %r : i64
}

// -----

// Nothing is allocated for a map of absurd size, whatever its type.

// expected-error@+2 {{map 'absurd' has a value size of 4294967288}}
// expected-note@+1 {{map declared here}}
bpf.map @absurd type 9 key 4 value 4294967288 entries 1 flags 0 index 0
bpf.func @unused(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %r = arith.constant 2 : i64
  bpf.return %r : i64
}
