// RUN: nfp-bpf-opt %s -verify-diagnostics -convert-bpf-to-nfp=profile=corenic
// RUN: not nfp-bpf-opt %s -convert-bpf-to-nfp=profile=nonesuch 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: nonesuch

bpf.map @m type 1 key 4 value 4 entries 4 flags 0 index 0
bpf.func @update(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %m = bpf.map_ref @m
  %any = arith.constant 0 : i64
  // expected-error @below {{helper map_update_elem (2) is not offered by firmware profile 'corenic'; profile 'agilio' does}}
  %r = bpf.map_update %m, %f, %f, %any : !bpf.ptr<stack>, !bpf.ptr<stack>
  bpf.return %r : i64
}
