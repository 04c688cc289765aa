//===- Case.h - A program with packets and map contents ---------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the differential fuzzer makes, runs and makes smaller: a program whose
// jumps name instructions instead of distances, and the world it runs in.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_FUZZ_CASE_H
#define NFPBPF_FUZZ_CASE_H

#include "nfpbpf/Check/MapState.h"
#include "nfpbpf/ISA/BPF/Instruction.h"
#include "nfpbpf/Object/BPF/LinkedProgram.h"
#include "nfpbpf/Runtime/Pcap.h"

#include <string>
#include <vector>

namespace nfpbpf::fuzz {

/// An instruction; LD_IMM64 is one, with its upper half in High.
struct Insn {
  static constexpr int32_t NoTarget = -1;

  ebpf::Slot S;
  int32_t High = 0;
  /// Jumps, calls between functions and loads of a function's address: index of
  /// the target instruction.
  int32_t Target = NoTarget;

  bool isWide() const { return S.Code == 0x18; }
  bool isLocalCall() const { return S.Code == 0x85 && S.src() == 1; }
  /// Loads the address of a function.
  bool isFunctionAddress() const { return isWide() && S.src() == 4; }
  bool namesFunction() const { return isLocalCall() || isFunctionAddress(); }
  /// Loads a map, or a place in a map's value.
  bool namesMap() const { return isWide() && (S.src() == 1 || S.src() == 2); }
  /// The distance is in the immediate, not in the offset.
  bool isLongTarget() const { return namesFunction() || S.Code == 0x06; }
};

struct Program {
  object::ProgramType Type = object::ProgramType::XDP;
  std::vector<Insn> Code; ///< the entry function first
  std::vector<object::MapInfo> Maps;

  /// Slots with distances filled in. Error: a distance that does not fit.
  llvm::Expected<std::vector<uint64_t>> slots() const;
  /// The same as a program that engines take.
  llvm::Expected<object::LinkedProgram> link() const;
  /// Indices of the instructions that functions begin with, ascending; 0 is
  /// one of them.
  std::vector<uint32_t> functionStarts() const;
};

struct Case {
  Program P;
  std::vector<rt::Packet> Packets;
  check::MapState State;
};

} // namespace nfpbpf::fuzz

#endif // NFPBPF_FUZZ_CASE_H
