// RUN: nfp-bpf-opt %s -convert-bpf-to-nfp=profile=extended | FileCheck %s
// RUN: nfp-bpf-opt %s -convert-bpf-to-nfp -verify-diagnostics

// Where the loader tells programs the addresses of arrays: the address in
// front, index times 24 bytes (8 of key, 16 of value) behind it.
bpf.map @array type 2 key 4 value 12 entries 4 flags 0 index 3
bpf.map @data type 2 key 4 value 16 entries 1 flags 0 index 5

// CHECK-LABEL: nfp.func entry @element
// CHECK: nfp.map_address @array : !nfp.gpr
// CHECK-NOT: nfp.helper
// CHECK: nfp.map_address @data : !nfp.gpr
// CHECK-NOT: nfp.helper
// CHECK: nfp.exit
bpf.func @element(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>, section = "xdp"} {
  %data = bpf.packet_data %ctx
  %i = bpf.load %data[0] : !bpf.ptr<packet> -> i32
  // expected-error@+1 {{firmware profile 'agilio' does not tell programs where arrays lie}}
  %v = bpf.array_element @array[%i]
  %x = bpf.load %v[4] : !bpf.ptr<map_value> -> i32
  %g = bpf.map_value_ref @data[8]
  bpf.store %x, %g[0] : i32, !bpf.ptr<map_value>
  %r = arith.constant 2 : i64
  bpf.return %r : i64
}
