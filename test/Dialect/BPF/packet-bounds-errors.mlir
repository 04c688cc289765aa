// RUN: nfp-bpf-opt %s --bpf-packet-bounds="inline-bytes=1888 mtu=9000" --split-input-file --verify-diagnostics
// RUN: nfp-bpf-opt %s --bpf-packet-bounds="inline-bytes=1888 mtu=1888" --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --bpf-packet-bounds="mtu=9000" --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --bpf-packet-bounds --split-input-file | FileCheck %s

// The driver's rule: the smaller of last offset and MTU against the bytes that
// are kept where programs reach them.
// CHECK: bpf.max_packet_offset = 1889
bpf.func @far(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %p = bpf.packet_data %ctx
  %a = bpf.load %p[1880] : <packet> -> i32
  // expected-error @below {{may access byte 1889 of the packet; with MTU 9000 a program reaches the first 1888 bytes only}}
  %b = bpf.load %p[1889] : <packet> -> i8
  %c = arith.constant 2 : i64
  bpf.return %c : i64
}

// -----

// CHECK: bpf.max_packet_offset = 1888
bpf.func @near(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %p = bpf.packet_data %ctx
  %b = bpf.load %p[1888] : <packet> -> i8
  %c = arith.constant 2 : i64
  bpf.return %c : i64
}

// -----

// CHECK: bpf.max_packet_offset = 65535
bpf.func @unbounded(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %p = bpf.packet_data %ctx
  %a = bpf.load %p[0] : <packet> -> i64
  %q = bpf.ptr_add %p, %a : !bpf.ptr<packet>
  // expected-error @below {{accesses the packet at an offset without a known bound; with MTU 9000}}
  %b = bpf.load %q[0] : <packet> -> i8
  %c = arith.constant 2 : i64
  bpf.return %c : i64
}
