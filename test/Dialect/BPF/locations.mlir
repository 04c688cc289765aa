// RUN: nfp-bpf-opt %s --mlir-print-debuginfo | FileCheck %s

// CHECK: bpf.return %{{.*}} : i64 loc(#[[FUSED:.*]])
// CHECK: #[[LINE:.*]] = loc("f.c":7:3)
// CHECK: #[[FUSED]] = loc(fused<#bpf.insn<12>>[#[[LINE]]])
bpf.func @f(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<tc>} {
  %c0 = arith.constant 0 : i64
  bpf.return %c0 : i64 loc(fused<#bpf.insn<12>>["f.c":7:3])
}
