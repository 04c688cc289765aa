//===- Commands.h - The command table ---------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// I/O commands by target, action and token. Source: NFP instruction set,
// appendix "Command mnemonics by target, action and token" and section
// "Commands".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_NFP_COMMANDS_H
#define NFPBPF_ISA_NFP_COMMANDS_H

#include "nfpbpf/ISA/NFP/Instruction.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace nfpbpf::isa {

/// Where a command's data goes.
enum class CmdDirection : uint8_t {
  None,     ///< No transfer registers (or data from the override word).
  Push,     ///< Into transfer-in registers (reads).
  Pull,     ///< From transfer-out registers (writes, atomics).
  PullPush, ///< Takes operands and returns the old value (test_ forms, swap).
  Unknown,  ///< Not specified by the sources.
};

/// One row of the command table.
struct CommandInfo {
  CmdTarget Target;
  uint8_t Action;
  uint8_t Token;
  /// The row applies when (CNT & LengthMask) == LengthValue.
  uint8_t LengthMask;
  uint8_t LengthValue;
  const char *Name;
  CmdDirection Direction;
  /// Bytes per unit of length: 1, 4 or 8; 0 where the length is not a count.
  uint8_t UnitBytes;
};

/// The row for a command, or null if there is none. \p Count is the CNT field.
const CommandInfo *lookupCommand(CmdTarget Target, unsigned Action,
                                 unsigned Token, unsigned Count);
const CommandInfo *lookupCommand(const Instruction &I);
/// Name of the target as in assembly text (`mem`, `cls`, ...), empty if none.
llvm::StringRef targetName(CmdTarget Target);

/// Data bytes a command moves per direction, if the table says: (length field +
/// 1) units, or for add/sub families the word count of its low bits.
/// \p LengthOverride is the 5-bit override length field, if overridden.
std::optional<unsigned>
commandBytes(const Instruction &I,
             std::optional<unsigned> LengthOverride = std::nullopt);

/// The override word of `indirect_ref` (from PREV_ALU).
struct IndirectOverride {
  bool OverrideLength = false;
  uint8_t Length = 0;   ///< 5-bit length field.
  uint8_t DataMode = 0; ///< OVE_DATA, 0..6; 2 is 16-bit immediate data.
  uint16_t Data = 0;
  uint8_t MasterMode = 0; ///< OVE_MASTER.
  bool OverrideSignalMaster = false, ByteMaskFromCsr = false,
       OverrideSignalNumber = false, OverrideSignalContext = false;
};
uint32_t packIndirect(const IndirectOverride &O);
IndirectOverride unpackIndirect(uint32_t Word);

} // namespace nfpbpf::isa

#endif // NFPBPF_ISA_NFP_COMMANDS_H
