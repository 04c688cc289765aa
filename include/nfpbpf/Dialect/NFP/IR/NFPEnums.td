//===- NFPEnums.td - Opcode enums of the nfp dialect -------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where an enum stands for a field of the instruction word, its values are the
// codes of the field (NFP instruction set, sections 1.6 and 2).
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_NFP_IR_NFPENUMS_TD
#define NFPBPF_DIALECT_NFP_IR_NFPENUMS_TD

include "mlir/IR/EnumAttr.td"
include "nfpbpf/Dialect/NFP/IR/NFPDialect.td"

class NFP_Enum<string name, string summary,
               list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::nfpbpf::nfp";
  let genSpecializedAttr = 0;
}
class NFP_EnumAttr<EnumInfo info, string mnemonic>
    : EnumAttr<NFP_Dialect, info, mnemonic>;

def NFP_Bank : NFP_Enum<"Bank", "register bank", [
  I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"A", 1, "a">,
  I32EnumAttrCase<"B", 2, "b">, I32EnumAttrCase<"AB", 3, "ab">]>;

def NFP_AluOpcode : NFP_Enum<"AluOpcode", "ALU operation", [
  I32EnumAttrCase<"B", 0x00, "b">,            // right
  I32EnumAttrCase<"Add", 0x01, "add">,        // left + right
  I32EnumAttrCase<"NotB", 0x04, "not">,       // ~right
  I32EnumAttrCase<"Add16", 0x05, "add16">,    // left + (right & 0xffff)
  I32EnumAttrCase<"And", 0x08, "and">,
  I32EnumAttrCase<"Add8", 0x09, "add8">,      // left + (right & 0xff)
  I32EnumAttrCase<"NotAnd", 0x0c, "notand">,  // ~left & right
  I32EnumAttrCase<"SubC", 0x0d, "subc">,      // left - right - !C
  I32EnumAttrCase<"Ffs", 0x0e, "ffs">,        // index of lowest set bit
  I32EnumAttrCase<"AndNot", 0x10, "andnot">,  // left & ~right
  I32EnumAttrCase<"AddC", 0x11, "addc">,      // left + right + C
  I32EnumAttrCase<"Or", 0x14, "or">,
  I32EnumAttrCase<"Sub", 0x15, "sub">,        // left - right
  I32EnumAttrCase<"Xor", 0x18, "xor">,
  I32EnumAttrCase<"RSub", 0x19, "rsub">]>;    // right - left
def NFP_AluOpcodeAttr : NFP_EnumAttr<NFP_AluOpcode, "alu_op">;

def NFP_ShfOpcode : NFP_Enum<"ShfOpcode",
                             "operation applied after the shift", [
  I32EnumAttrCase<"B", 0, "b">, I32EnumAttrCase<"NotB", 1, "not">,
  I32EnumAttrCase<"And", 2, "and">, I32EnumAttrCase<"NotAnd", 3, "notand">,
  I32EnumAttrCase<"AndNot", 4, "andnot">, I32EnumAttrCase<"Or", 5, "or">,
  I32EnumAttrCase<"Asr", 6, "asr">]>;
def NFP_ShfOpcodeAttr : NFP_EnumAttr<NFP_ShfOpcode, "shf_op">;

def NFP_ShiftKind : NFP_Enum<"ShiftKind", "kind of shift", [
  I32EnumAttrCase<"RotR", 0, "rotr">,   // rotate right; amount 0: no shift
  I32EnumAttrCase<"Shr", 1, "shr">, I32EnumAttrCase<"Shl", 2, "shl">,
  I32EnumAttrCase<"Dbl", 3, "dbl">]>;   // (left:right) >> amount, low word
def NFP_ShiftKindAttr : NFP_EnumAttr<NFP_ShiftKind, "shift">;

def NFP_Cond : NFP_Enum<"Cond", "branch condition", [
  I32EnumAttrCase<"EQ", 0, "eq">, I32EnumAttrCase<"NE", 1, "ne">,
  I32EnumAttrCase<"MI", 2, "mi">, I32EnumAttrCase<"PL", 3, "pl">,
  I32EnumAttrCase<"HS", 4, "hs">, I32EnumAttrCase<"LO", 5, "lo">,
  I32EnumAttrCase<"VS", 6, "vs">, I32EnumAttrCase<"VC", 7, "vc">,
  I32EnumAttrCase<"GE", 8, "ge">, I32EnumAttrCase<"LT", 9, "lt">,
  I32EnumAttrCase<"LE", 10, "le">, I32EnumAttrCase<"GT", 11, "gt">]>;
def NFP_CondAttr : NFP_EnumAttr<NFP_Cond, "cond">;

def NFP_BitTest : NFP_Enum<"BitTest", "tested state of a bit", [
  I32EnumAttrCase<"Clr", 0, "clr">, I32EnumAttrCase<"Set", 1, "set">]>;
def NFP_BitTestAttr : NFP_EnumAttr<NFP_BitTest, "bit_test">;

def NFP_ByteTest : NFP_Enum<"ByteTest", "comparison of a byte", [
  I32EnumAttrCase<"NE", 0, "ne">, I32EnumAttrCase<"EQ", 1, "eq">]>;
def NFP_ByteTestAttr : NFP_EnumAttr<NFP_ByteTest, "byte_test">;

def NFP_MulType : NFP_Enum<"MulType", "operand widths", [
  I32EnumAttrCase<"M24x8", 1, "m24x8">, I32EnumAttrCase<"M16x16", 2, "m16x16">,
  I32EnumAttrCase<"M32x32", 3, "m32x32">]>;
def NFP_MulTypeAttr : NFP_EnumAttr<NFP_MulType, "mul_type">;

// Values are CSR byte addresses.
def NFP_CSR : NFP_Enum<"CSR", "control and status register", [
  I32EnumAttrCase<"LMAddr0", 0x64, "lm_addr0">,
  I32EnumAttrCase<"LMAddr2", 0x94, "lm_addr2">,
  I32EnumAttrCase<"LMAddr3", 0x9c, "lm_addr3">,
  I32EnumAttrCase<"PseudoRandom", 0x148, "pseudo_random">]>;
def NFP_CSRAttr : NFP_EnumAttr<NFP_CSR, "csr">;

// Memory-unit commands. Value = action << 2 | token (section 4.15); the
// 64-bit atomics add 0x100 (their length field carries the width).
def NFP_MemCommand : NFP_Enum<"MemCommand", "memory command", [
  I32EnumAttrCase<"AtomicRead", 0x0c, "atomic_read">,
  I32EnumAttrCase<"Read8", 0x0d, "read8">,
  I32EnumAttrCase<"Write8", 0x08, "write8">,
  I32EnumAttrCase<"Write8Swap", 0x0a, "write8_swap">,
  I32EnumAttrCase<"AtomicWrite", 0x10, "atomic_write">,
  I32EnumAttrCase<"Swap", 0x11, "swap">,
  I32EnumAttrCase<"Set", 0x14, "set">,
  I32EnumAttrCase<"TestSet", 0x15, "test_set">,
  I32EnumAttrCase<"Clr", 0x18, "clr">,
  I32EnumAttrCase<"TestClr", 0x19, "test_clr">,
  I32EnumAttrCase<"Add", 0x1c, "add">,
  I32EnumAttrCase<"TestAdd", 0x1d, "test_add">,
  I32EnumAttrCase<"AddImm", 0x1e, "add_imm">,
  I32EnumAttrCase<"Add64", 0x11c, "add64">,
  I32EnumAttrCase<"TestAdd64", 0x11d, "test_add64">,
  I32EnumAttrCase<"Add64Imm", 0x11e, "add64_imm">,
  I32EnumAttrCase<"Xor", 0x3c, "xor">,
  I32EnumAttrCase<"TestXor", 0x3d, "test_xor">,
  I32EnumAttrCase<"Read32", 0x70, "read32">,
  I32EnumAttrCase<"Read32Swap", 0x72, "read32_swap">,
  I32EnumAttrCase<"Write32", 0x7c, "write32">,
  I32EnumAttrCase<"Write32Swap", 0x7e, "write32_swap">]>;
def NFP_MemCommandAttr : NFP_EnumAttr<NFP_MemCommand, "mem_command">;

def NFP_AddressMode : NFP_Enum<"AddressMode", "command address", [
  I32EnumAttrCase<"Sum32", 0, "sum32">,    // first + second, 32 bit (packet)
  I32EnumAttrCase<"Pair40", 1, "pair40">]>; // (first << 8) + second (map value)
def NFP_AddressModeAttr : NFP_EnumAttr<NFP_AddressMode, "address_mode">;

def NFP_FuncKind : NFP_Enum<"FuncKind", "kind of function", [
  I32EnumAttrCase<"Entry", 0, "entry">,
  I32EnumAttrCase<"Subprogram", 1, "subprogram">]>;
def NFP_FuncKindAttr : NFP_EnumAttr<NFP_FuncKind, "func_kind">;

#endif // NFPBPF_DIALECT_NFP_IR_NFPENUMS_TD
