// RUN: nfp-bpf-opt %s -convert-bpf-to-nfp | FileCheck %s

// Neighbouring words of which one is a counter: each has its own command, in
// its own byte order, whatever pass put them together.
bpf.map @mixed type 2 key 4 value 12 entries 4 flags 0 index 0

// CHECK-LABEL: nfp.func entry @words
// CHECK: nfp.cmd read32_swap pair40 {{.*}} count 1
// CHECK: nfp.cmd read32 pair40 {{.*}} count 1
// CHECK: nfp.cmd read32_swap pair40 {{.*}} count 1
// CHECK: nfp.cmd write8_swap pair40
// CHECK: nfp.cmd write32 pair40
// CHECK: nfp.cmd write8_swap pair40
bpf.func @words(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>, section = "xdp"} {
  %g = bpf.map_value_ref @mixed[0]
  %one = arith.constant 1 : i32
  bpf.atomic_rmw add %one, %g[4] : i32, !bpf.ptr<map_value>
  %w:3 = bpf.load_words %g[0] : !bpf.ptr<map_value> -> i32, i32, i32
  bpf.store_words (%w#2, %w#0, %w#1), %g[0] size 12 : !bpf.ptr<map_value>
  %r = arith.extui %w#1 : i32 to i64
  bpf.return %r : i64
}
