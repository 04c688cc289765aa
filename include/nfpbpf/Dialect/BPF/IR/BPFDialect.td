//===- BPFDialect.td - The bpf dialect ---------------------*- tablegen -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_IR_BPFDIALECT_TD
#define NFPBPF_DIALECT_BPF_IR_BPFDIALECT_TD

include "mlir/IR/OpBase.td"

def BPF_Dialect : Dialect {
  let name = "bpf";
  let cppNamespace = "::nfpbpf::bpf";
  let summary = "Programs of eBPF in SSA form";
  let description = [{
    What eBPF has and the upstream dialects lack: typed pointers with an address
    space, packet and context access, maps, helper calls, atomics, and the
    arithmetic whose corner cases differ. Scalars are builtin integers computed
    with `arith`; a register value is an `i64`. Control flow is `cf`.

    Every operation keeps the location of its eBPF instruction: a fused location
    with the metadata `#bpf.insn<index>`.

    Memory effects name what they touch: the packet's bytes (`bpf.packet`),
    where packet and metadata begin and end (`bpf.packet_vector`), stack frames
    (`bpf.stack`), map contents (`bpf.map`), the random number generator
    (`bpf.random`), the event stream to user space (`bpf.event`), and the
    context's other fields (`bpf.context`).

    A pointer stored to memory takes 8 bytes: those of `bpf.ptr_to_int`. The
    null pointer is the number zero in every space.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect"
  ];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let hasCanonicalizer = 1;
}

#endif // NFPBPF_DIALECT_BPF_IR_BPFDIALECT_TD
