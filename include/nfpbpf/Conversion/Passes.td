//===- Passes.td - Conversions between dialects ------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CONVERSION_PASSES_TD
#define NFPBPF_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertBPFToNFP : Pass<"convert-bpf-to-nfp", "::mlir::ModuleOp"> {
  let summary = "Translate eBPF programs to machine operations";
  let description = [{
    Instruction selection: takes `bpf`, `arith` and `cf` in a module with one
    program, and leaves `nfp` with virtual registers. 64-bit numbers become two
    registers, comparisons that only branches use become flags, constants stay
    operands where the instruction has room. The uses of every word of the maps'
    values are determined on the way (see `nfp.map`).

    Run `bpf-*` passes, `canonicalize` and `cse` before it, and
    `nfp-expand-macros` and what follows after it.

    ```mlir
    bpf.func @main(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
      %c = arith.constant 2 : i64
      bpf.return %c : i64
    }
    ```
    becomes
    ```mlir
    nfp.func @main() kind entry {
      %c = nfp.const 1114112 : !nfp.gpr
      nfp.exit %c : !nfp.gpr
    }
    ```
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let options = [
    Option<"profile", "profile", "std::string", /*default=*/"",
           "firmware profile: a shipped one by name or a YAML file (default: "
           "the first shipped one)">];
}

def ConvertBPFToLLVM : Pass<"convert-bpf-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Translate eBPF programs to code for the host";
  let description = [{
    Takes `bpf`, `arith` and `cf` and leaves the `llvm` dialect. Pointers become
    64-bit program addresses that are translated and checked at every access;
    an access out of bounds, too many rounds of loops, or too many nested
    functions end the program, not the process. Packets, maps, helpers and the
    context are functions that the caller provides (`nfpbpf.helper` and others,
    see `Conversion/BPFToLLVM/RunState.h`). Byte order of the host:
    little-endian.

    ```mlir
    bpf.func @main(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
      %c = arith.constant 2 : i64
      bpf.return %c : i64
    }
    ```
    becomes
    ```mlir
    llvm.func @bpf.main(%state: !llvm.ptr, %frame: !llvm.ptr, %ctx: i64) -> i64 {
      %c = llvm.mlir.constant(2 : i64) : i64
      llvm.return %c : i64
    }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // NFPBPF_CONVERSION_PASSES_TD
