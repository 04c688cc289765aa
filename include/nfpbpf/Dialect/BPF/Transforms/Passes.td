//===- Passes.td - Passes of the bpf dialect ---------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_TRANSFORMS_PASSES_TD
#define NFPBPF_DIALECT_BPF_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def PacketBounds : Pass<"bpf-packet-bounds", "::mlir::ModuleOp"> {
  let summary = "Find the highest packet byte that the program may access";
  let description = [{
    First pass of every pipeline, so that its answer depends on no optimisation
    level. Follows packet pointers through arithmetic, blocks, calls and stack
    slots. Variable offsets count with the largest value that masks, widths and
    the comparisons on the way to the access leave. The result, the offset of
    the last byte, becomes the module's attribute `bpf.max_packet_offset`; 65535
    stands for an access without a known bound.

    The kernel's verifier counts the same way, except that it leaves legacy
    packet loads out and knows numbers that were kept on the stack.

    A card keeps only the first bytes of a packet where programs reach them.
    With `inline-bytes` given, the access that reaches furthest is an error if
    both its offset and `mtu` are greater than that: the driver's rule.

    ```mlir
    %p = bpf.packet_data %ctx
    %v = bpf.load %p[40] : <packet> -> i32
    ```
    makes the module's attribute `bpf.max_packet_offset = 43 : i64`.
  }];
  let options = [
    Option<"mtu", "mtu", "uint32_t", /*default=*/"1500",
           "largest frame of the port the program runs on, in bytes without "
           "the Ethernet header">,
    Option<"inlineBytes", "inline-bytes", "uint32_t", /*default=*/"0",
           "bytes of a packet that programs reach (0: do not check)">];
}

def NarrowSubregisters : Pass<"bpf-narrow-subregisters", "::mlir::ModuleOp"> {
  let summary = "Make 64-bit numbers 32-bit ones where the upper half is zero or unread";
  let description = [{
    eBPF computes in 64 bits, the NFP in 32: a number whose upper half is known
    to be zero, or is read by nobody, needs one register instead of two. Known
    bits go forward and demanded bits backward through the whole function,
    block arguments and loops included; dominating comparisons count. Rewrites
    arithmetic, comparisons (of numbers without sign bit), and block arguments;
    conversions at the borders are left to canonicalization.

    Not part of a level yet: the conversion to the nfp dialect knows halves that
    are zero or unread inside a block by itself, and `utils/bench` shows longer
    code with this pass.

    ```mlir
    ^bb1(%port: i64):          // passed: extended from i16
      %c = arith.cmpi slt, %port, %c1024_i64 : i64
    ```
    becomes
    ```mlir
    ^bb1(%port: i32):
      %c = arith.cmpi ult, %port, %c1024_i32 : i32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numArguments", "num-arguments", "Number of block arguments narrowed">,
    Statistic<"numOperations", "num-operations", "Number of operations narrowed">,
    Statistic<"numComparisons", "num-comparisons", "Number of comparisons narrowed">];
}

def PromotePacketCache : Pass<"bpf-promote-packet-cache", "::mlir::ModuleOp"> {
  let summary = "Read packet bytes once and wide";
  let description = [{
    Loads from one packet pointer at constant offsets, with no write to the
    packet between them, become parts of the words that the first of them
    reads; that one must come before the others on every path.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let options = [
    Option<"maxWords", "max-words", "unsigned", "32",
           "Words that one window may have (at most 32)">];
  let statistics = [
    Statistic<"numWindows", "num-windows", "Number of windows">,
    Statistic<"numLoads", "num-loads", "Number of loads replaced">];
}

#endif // NFPBPF_DIALECT_BPF_TRANSFORMS_PASSES_TD
