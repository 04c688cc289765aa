//===- Commands.cpp - The command table -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/NFP/Commands.h"

using namespace nfpbpf::isa;

static const CommandInfo Commands[] = {
#define NFP_COMMAND(TARGET, ACTION, TOKEN, MASK, VALUE, NAME, DIRECTION, UNIT) \
  {CmdTarget::TARGET,       ACTION, TOKEN, MASK, VALUE, NAME,                  \
   CmdDirection::DIRECTION, UNIT},
#include "Commands.def"
#undef NFP_COMMAND
};

const CommandInfo *nfpbpf::isa::lookupCommand(CmdTarget Target, unsigned Action,
                                              unsigned Token, unsigned Count) {
  for (const CommandInfo &C : Commands)
    if (C.Target == Target && C.Action == Action && C.Token == Token &&
        (Count & C.LengthMask) == C.LengthValue)
      return &C;
  return nullptr;
}

const CommandInfo *nfpbpf::isa::lookupCommand(const Instruction &I) {
  if (I.Fmt != Format::Cmd)
    return nullptr;
  // Immediate data overlays the length field, which still tells commands apart.
  unsigned Count =
      I.Address == CmdAddress::ImmAddrData ? I.CmdData >> 7 & 7 : I.CmdCount;
  return lookupCommand(I.CmdTgt, I.CmdAction, I.CmdToken, Count);
}

llvm::StringRef nfpbpf::isa::targetName(CmdTarget Target) {
  switch (Target) {
  case CmdTarget::Invalid:
    return "";
  case CmdTarget::NBI:
    return "nbi";
  case CmdTarget::VQDR:
    return "sram";
  case CmdTarget::ILA:
    return "ila";
  case CmdTarget::MU:
    return "mem";
  case CmdTarget::PCIe:
    return "pcie";
  case CmdTarget::ARM:
    return "arm";
  case CmdTarget::Crypto:
    return "crypto";
  case CmdTarget::CT:
    return "ct";
  case CmdTarget::CLS:
    return "cls";
  }
  return "";
}

std::optional<unsigned>
nfpbpf::isa::commandBytes(const Instruction &I,
                          std::optional<unsigned> LengthOverride) {
  const CommandInfo *C = lookupCommand(I);
  if (!C || C->Direction == CmdDirection::Unknown)
    return std::nullopt;
  unsigned Length = LengthOverride.value_or(I.CmdCount);
  if (C->UnitBytes)
    return (Length + 1) * C->UnitBytes;
  if (C->Target == CmdTarget::MU && C->Action >= 7 && C->Action <= 10) {
    // Add and subtract: bit 2 selects 64-bit words, bits 1:0 hold count - 1.
    unsigned Words = (Length & 3) + 1;
    return Words * (Length & 4 ? 8 : 4);
  }
  return std::nullopt;
}

uint32_t nfpbpf::isa::packIndirect(const IndirectOverride &O) {
  return uint32_t(O.OverrideSignalMaster) | uint32_t(O.MasterMode & 3) << 1 |
         uint32_t(O.DataMode & 7) << 3 | uint32_t(O.ByteMaskFromCsr) << 6 |
         uint32_t(O.OverrideLength) << 7 | uint32_t(O.Length & 31) << 8 |
         uint32_t(O.OverrideSignalNumber) << 13 |
         uint32_t(O.OverrideSignalContext) << 14 | uint32_t(O.Data) << 16;
}

IndirectOverride nfpbpf::isa::unpackIndirect(uint32_t W) {
  IndirectOverride O;
  O.OverrideSignalMaster = W & 1;
  O.MasterMode = W >> 1 & 3;
  O.DataMode = W >> 3 & 7;
  O.ByteMaskFromCsr = W >> 6 & 1;
  O.OverrideLength = W >> 7 & 1;
  O.Length = W >> 8 & 31;
  O.OverrideSignalNumber = W >> 13 & 1;
  O.OverrideSignalContext = W >> 14 & 1;
  O.Data = W >> 16;
  return O;
}
