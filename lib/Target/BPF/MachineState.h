//===- MachineState.h - Kinds of values in registers ------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the importer knows of a value: whether it is a number or a pointer, and
// to what. The kinds form a lattice, from the bottom: Uninit; the constant 0
// (null); above null the pointers, above Uninit the other constants; and on top
// Scalar, any 64 bits.
//
// A pointer joined with the constant 0 stays a pointer (it may be null; not so
// the context, and a certain map becomes any map); with
// any other number or a pointer of another kind the result is a number.
// Uninit joined with anything gives the other: a program that the kernel
// accepts does not read the register on the path that left it unset.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_TARGET_BPF_MACHINESTATE_H
#define NFPBPF_LIB_TARGET_BPF_MACHINESTATE_H

#include "llvm/Support/raw_ostream.h"
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace nfpbpf::importer {

enum class Tag : uint8_t {
  Uninit,
  Const,
  Ctx,
  Packet,
  PacketEnd,
  PacketMeta,
  Stack,
  MapValue,
  Constants,
  Map,
  Opaque,
  Scalar,
  /// The address of a function, good only for being called.
  Function,
};

/// Text for messages: "a number", "a packet pointer" ...
const char *describe(Tag T);

struct Kind {
  Tag T = Tag::Uninit;
  /// Stack only: the frame it points into. 0 is the function's own, with
  /// offsets from r10; others are frames of callers, numbered per function,
  /// with offsets from the 8-byte-aligned place the first pointer to it had.
  uint8_t Region = 0;
  /// Ctx, Stack: Value is the byte offset. Map, MapValue: Value is the map
  /// index. Always true for Const, and for Constants (a certain place in the
  /// value of a read-only global data map), where Value holds the map index
  /// above the 32-bit byte offset. Function: Value is the function's index.
  bool Known = false;
  int64_t Value = 0;

  static Kind uninit() { return {}; }
  static Kind scalar() { return {Tag::Scalar, 0, false, 0}; }
  static Kind constant(int64_t V) { return {Tag::Const, 0, true, V}; }
  static Kind pointer(Tag T) { return {T, 0, false, 0}; }
  static Kind ctx(int64_t Offset) { return {Tag::Ctx, 0, true, Offset}; }
  static Kind stack(uint8_t Region, int64_t Offset) {
    return {Tag::Stack, Region, true, Offset};
  }
  static Kind map(Tag T, int64_t Index) { return {T, 0, true, Index}; }
  static Kind function(int64_t Index) {
    return {Tag::Function, 0, true, Index};
  }
  static Kind constants(int64_t MapIndex, uint32_t Offset) {
    return {Tag::Constants, 0, true, MapIndex << 32 | Offset};
  }

  /// Map and byte offset of Constants.
  int64_t constantsMap() const { return Value >> 32; }
  uint32_t constantsOffset() const { return static_cast<uint32_t>(Value); }

  bool isUninit() const { return T == Tag::Uninit; }
  bool isConst() const { return T == Tag::Const; }
  bool isNull() const { return T == Tag::Const && Value == 0; }
  bool isNumber() const { return T == Tag::Const || T == Tag::Scalar; }
  bool isPointer() const { return T > Tag::Const && T < Tag::Scalar; }
  bool isMapValue() const { return T == Tag::MapValue || T == Tag::Constants; }
  bool isPacketFamily() const {
    return T == Tag::Packet || T == Tag::PacketEnd || T == Tag::PacketMeta;
  }
  /// Differences and comparisons of the two addresses have a meaning.
  bool isComparableTo(const Kind &O) const {
    return isPointer() &&
           (T == O.T || (isPacketFamily() && O.isPacketFamily()) ||
            (isMapValue() && O.isMapValue()));
  }

  bool operator==(const Kind &O) const {
    return T == O.T && Region == O.Region && Known == O.Known &&
           Value == O.Value;
  }
  bool operator!=(const Kind &O) const { return !(*this == O); }
};

Kind join(const Kind &A, const Kind &B);
/// The same pointer, with no more than its map known if it is Constants.
Kind withoutPlace(const Kind &K);
/// A short unambiguous text, for signatures and tests.
void print(llvm::raw_ostream &OS, const Kind &K);

/// Registers r0 to r9 and the 8-byte slots of stack memory at one place in a
/// function.
class MachineState {
public:
  /// Region and byte offset of an 8-byte slot.
  using Slot = std::pair<uint8_t, int64_t>;

  std::array<Kind, 10> Regs;

  /// The kind of a register; r10 included.
  Kind reg(unsigned R) const { return R < 10 ? Regs[R] : Kind::stack(0, 0); }

  /// Kind of the 8 bytes at a place in a stack frame.
  Kind loadSlot(uint8_t Region, int64_t Offset) const;
  /// A store of `Size` bytes; `K` counts for 8-byte stores.
  void store(uint8_t Region, int64_t Offset, unsigned Size, const Kind &K);
  /// A write to an unknown place or of unknown length: from `From` upwards.
  void clobber(uint8_t Region, int64_t From);
  /// A write to an unknown place in a frame.
  void clobberAll(uint8_t Region);

  const std::map<Slot, Kind> &slots() const { return Slots; }
  void setSlot(Slot Where, const Kind &K) { Slots[Where] = K; }
  bool isClobbered(uint8_t Region) const {
    return Clobbered & (uint64_t(1) << Region);
  }
  /// Whether slots of this frame that are not listed hold anything.
  bool isAnyWhereAbsent(uint8_t Region) const {
    return (Clobbered | Foreign) & (uint64_t(1) << Region);
  }
  void setForeign(uint8_t Region) { Foreign |= uint64_t(1) << Region; }

  /// Joins another state into this one; true if it changed.
  bool joinWith(const MachineState &Other);

private:
  /// Kind of a slot that is not listed.
  Kind absent(uint8_t Region) const {
    return isAnyWhereAbsent(Region) ? Kind::scalar() : Kind::uninit();
  }

  std::map<Slot, Kind> Slots;
  uint64_t Clobbered = 0;
  uint64_t Foreign = 0;
};

/// Regions are numbered below this (the masks have that many bits).
constexpr unsigned MaxRegions = 64;

} // namespace nfpbpf::importer

#endif // NFPBPF_LIB_TARGET_BPF_MACHINESTATE_H
