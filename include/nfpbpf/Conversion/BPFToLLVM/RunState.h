//===- RunState.h - What host code shares with its environment --*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code that convert-bpf-to-llvm makes has for a pointer a 64-bit *program
// address*, never an address of the process. Every access is translated:
// inside the own frame at a known offset at once, in the packet and in the map
// value reached last by comparisons with members of RunState, anything else by
// a function of the environment, which knows every region.
//
// A function of the program takes the RunState, the host address of its frame,
// and its arguments. When Stopped is set after a call, the program has ended
// and every function returns at once; results then mean nothing.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_CONVERSION_BPFTOLLVM_RUNSTATE_H
#define NFPBPF_CONVERSION_BPFTOLLVM_RUNSTATE_H

#include <cstdint>

namespace nfpbpf::host {

/// Program addresses. Those of packets fit 32 bits, since context fields with
/// packet pointers have no more. Map values have their card address. No region
/// has the address zero.
enum ProgramAddress : uint64_t {
  ContextAddress = 0x10000000,
  ContextAddressBytes = 192,  ///< of the largest context, __sk_buff
  PacketAddress = 0x40000000, ///< of the packet buffer's first byte
  PacketAddressBytes = 0x10000,
  /// Frames lie apart, so that no offset leads from one to another.
  StackAddress = 0x7f0000000000,
  FrameAddressStep = 0x100000,
  FrameTopOffset = FrameAddressStep / 2, ///< r10
  /// Handle of map 0 and distance to the next.
  MapHandleAddress = 0xffffc00000000000,
  MapHandleStep = 0x10000,
};

/// Bytes of stack of each function.
constexpr uint32_t FrameBytes = 512;

/// An instruction index that is not known.
constexpr uint32_t NoInsn = ~0u;

/// State of a run that generated code reads and writes itself.
struct RunState {
  /// Packet: program addresses of the first byte and of the end, and what must
  /// be added (modulo 2^64) to a program address for the host address.
  uint64_t PacketBegin = 0;
  uint64_t PacketEnd = 0;
  uint64_t PacketToHost = 0;
  /// The writable map value that was translated last, likewise.
  uint64_t ValueBegin = 0;
  uint64_t ValueEnd = 0;
  uint64_t ValueToHost = 0;
  /// Rounds of loops that may still begin.
  uint64_t Budget = 0;
  /// Functions active, without the entry.
  uint32_t Depth = 0;
  /// The program has ended early.
  uint32_t Stopped = 0;
};

/// Names of the environment's functions. All take the RunState first. `insn` is
/// an instruction index for messages.
namespace env {
/// ptr (state, i32 insn): frame of a function about to be called, cleared; null
/// and Stopped if there are too many. The caller lowers Depth again.
constexpr char Enter[] = "nfpbpf.enter";
/// ptr (state, i64 address, i64 bytes, i32 write, i32 insn): host address, or
/// null and Stopped.
constexpr char At[] = "nfpbpf.at";
/// i64 (state, i64 address, i32 bytes, i32 insn): from any region, the context
/// among them; may stop.
constexpr char Load[] = "nfpbpf.load";
/// void (state, i64 address, i32 bytes, i64 value, i32 insn)
constexpr char Store[] = "nfpbpf.store";
/// i64 (state, i32 offset, i32 bytes, i32 insn): from the context; may stop.
constexpr char ContextLoad[] = "nfpbpf.ctx_load";
/// void (state, i32 offset, i32 bytes, i64 value, i32 insn)
constexpr char ContextStore[] = "nfpbpf.ctx_store";
/// i64 (state, i32 offset, i32 bytes): big-endian number at the offset in the
/// packet; ends the program if it has not all of it.
constexpr char PacketLoad[] = "nfpbpf.ld_packet";
/// i64 (state, i32 map): program address of the only value of an array.
constexpr char GlobalAddress[] = "nfpbpf.global";
/// i64 (state, i32 helper, 5 x i64, i32 insn); may stop.
constexpr char Helper[] = "nfpbpf.helper";
/// void (state, i32 insn): the budget is used up; stops.
constexpr char Exhausted[] = "nfpbpf.exhausted";
} // namespace env

} // namespace nfpbpf::host

#endif // NFPBPF_CONVERSION_BPFTOLLVM_RUNSTATE_H
