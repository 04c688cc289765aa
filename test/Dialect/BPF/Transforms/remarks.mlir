// RUN: nfp-bpf-opt %s --bpf-promote-packet-cache --remark-format=emitRemark --remarks-filter='bpf-.*' 2>&1 | FileCheck %s --check-prefix=CACHE
// RUN: nfp-bpf-opt %s --bpf-fuse-memcpy --remark-format=emitRemark --remarks-filter='bpf-.*' 2>&1 | FileCheck %s --check-prefix=FUSE
// RUN: nfp-bpf-opt %s --bpf-fuse-memcpy --bpf-promote-packet-cache --remark-format=emitRemark --remarks-filter=cse 2>&1 | FileCheck %s --check-prefix=NONE

// What passes did, what they left and why; of other passes nothing.
// NONE-NOT: remark:

bpf.map @m type 1 key 4 value 16 entries 4 flags 0 index 0

bpf.func @reads(%p: !bpf.ptr<packet>, %q: !bpf.ptr<packet>, %x: i32) -> i64 {
  // CACHE: :[[#@LINE+1]]:8: remark: [Passed] Window | Category:bpf-promote-packet-cache | Function=reads | Bytes=8, Loads=2, Remark="one read of 8 bytes of the packet for 2 loads"
  %a = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  // CACHE: :[[#@LINE+1]]:8: remark: [Passed] LoadOfWindow {{.*}}4 bytes of the packet taken from the read of line [[#@LINE-1]]"
  %b = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  // CACHE: :[[#@LINE+1]]:8: remark: [Missed] LoadAlone {{.*}}the read of line [[#@LINE-1]] is too far away for one command"{{.*}}a read of 4 bytes of the packet stays by itself
  %c = bpf.load %p[400] : !bpf.ptr<packet> -> i32
  bpf.store %x, %q[0] : i32, !bpf.ptr<packet>
  // CACHE: :[[#@LINE+1]]:8: remark: [Missed] LoadAlone {{.*}}the bytes may have changed since the read of line [[#@LINE-2]]"
  %e = bpf.load %p[404] : !bpf.ptr<packet> -> i32
  %d = arith.addi %a, %b : i32
  %f = arith.addi %d, %c : i32
  %g = arith.addi %e, %f : i32
  %r = arith.extui %g : i32 to i64
  bpf.return %r : i64
}

// The write is where the stores can wait no longer.
bpf.func @writes(%p: !bpf.ptr<packet>, %k: !bpf.ptr<stack>, %x: i32, %y: i32) -> i64 {
  bpf.store %x, %p[0] : i32, !bpf.ptr<packet>
  bpf.store %y, %p[4] : i32, !bpf.ptr<packet>
  // FUSE: :[[#@LINE+1]]:8: remark: [Passed] LoadOfStore {{.*}}"4 bytes known from what was stored at line [[#@LINE-1]]"
  %l = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  %m = bpf.map_ref @m
  // FUSE: :[[#@LINE+2]]:8: remark: [Missed] StoresEnd {{.*}}the firmware's routine destroys the transfer registers
  // FUSE: :[[#@LINE-5]]:3: remark: [Passed] Store {{.*}}Bytes=8, Remark="one write of 8 bytes for the stores of line [[#@LINE-6]], line [[#@LINE-5]]"
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %r = arith.extui %l : i32 to i64
  bpf.return %r : i64
}
