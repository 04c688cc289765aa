//===- Operand.h - Operands of NFP instructions -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operands of the NFP-6000 microengine in 4-context mode, as values without
// any encoding. Source of the facts: NFP instruction set, sections "Machine
// model" and "Operand encodings".
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_ISA_NFP_OPERAND_H
#define NFPBPF_ISA_NFP_OPERAND_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace nfpbpf::isa {

/// Registers of one bank that a context of 4-context mode owns.
constexpr unsigned NumGprsPerBank = 32;
/// Absolute (not context-relative) registers of one bank.
constexpr unsigned NumAbsGprsPerBank = 128;
/// Transfer registers of one context and direction.
constexpr unsigned NumXferRegs = 64;
/// Next-neighbour registers of one context.
constexpr unsigned NumNNRegs = 32;
/// Local memory pointers of one context.
constexpr unsigned NumLMPointers = 4;

enum class OperandKind : uint8_t {
  /// No operand: a destination that is dropped, or an unused source.
  None,
  /// Context-relative general register of bank A or B; Value is 0..31.
  GprA,
  GprB,
  /// The register of that number in both banks, which hold the same value: as
  /// a source the builders read whichever bank fits, as a destination they
  /// write both (`gpr_wrboth`). Only builders take it; decoded instructions
  /// never have it and encode() refuses it.
  GprAB,
  /// Absolute general register of bank A or B; Value is 0..127.
  AbsGprA,
  AbsGprB,
  /// Transfer register, Value 0..63: the transfer-in register as a source, the
  /// transfer-out register of the same number as a destination.
  Xfer,
  /// The transfer register that CSR T_INDEX selects, with post-modify.
  XferIndex,
  /// Next-neighbour register, Value 0..31.
  NN,
  /// The next-neighbour register that NN_GET / NN_PUT selects, with optional
  /// post-increment.
  NNIndex,
  /// Local memory word through pointer LMPointer. The word address is the
  /// pointer's word address OR Value (0..15, or 0..7 in restricted operands).
  /// With a post-modify Value is 0.
  LM,
  /// Immediate; Value is 0..255, or 0..127 in commands.
  Imm,
  /// A pattern the hardware does not define; Value holds the field.
  Invalid,
};

enum class PostModify : uint8_t { None, Increment, Decrement };

/// One operand. A plain value; no rule about which port can read it.
struct Operand {
  OperandKind Kind = OperandKind::None;
  PostModify Modify = PostModify::None;
  /// Number of the local memory pointer, 0..3 (Kind LM only).
  uint8_t LMPointer = 0;
  /// Register number, word offset or immediate value.
  uint16_t Value = 0;

  static Operand none() { return {}; }
  static Operand gprA(unsigned N) { return make(OperandKind::GprA, N); }
  static Operand gprB(unsigned N) { return make(OperandKind::GprB, N); }
  static Operand gprAB(unsigned N) { return make(OperandKind::GprAB, N); }
  static Operand absGprA(unsigned N) { return make(OperandKind::AbsGprA, N); }
  static Operand absGprB(unsigned N) { return make(OperandKind::AbsGprB, N); }
  static Operand xfer(unsigned N) { return make(OperandKind::Xfer, N); }
  static Operand xferIndex(PostModify M = PostModify::None) {
    return {OperandKind::XferIndex, M, 0, 0};
  }
  static Operand nn(unsigned N) { return make(OperandKind::NN, N); }
  static Operand nnIndex(PostModify M = PostModify::None) {
    return {OperandKind::NNIndex, M, 0, 0};
  }
  static Operand lm(unsigned Pointer, unsigned WordOffset = 0) {
    return {OperandKind::LM, PostModify::None, static_cast<uint8_t>(Pointer),
            static_cast<uint16_t>(WordOffset)};
  }
  static Operand lmModify(unsigned Pointer, PostModify M) {
    return {OperandKind::LM, M, static_cast<uint8_t>(Pointer), 0};
  }
  static Operand imm(unsigned V) { return make(OperandKind::Imm, V); }
  static Operand invalid(unsigned Field) {
    return make(OperandKind::Invalid, Field);
  }

  bool isNone() const { return Kind == OperandKind::None; }
  bool isImm() const { return Kind == OperandKind::Imm; }
  bool isLM() const { return Kind == OperandKind::LM; }
  bool isXfer() const {
    return Kind == OperandKind::Xfer || Kind == OperandKind::XferIndex;
  }
  bool isNN() const {
    return Kind == OperandKind::NN || Kind == OperandKind::NNIndex;
  }
  /// General register of bank A, context-relative or absolute.
  bool isBankA() const {
    return Kind == OperandKind::GprA || Kind == OperandKind::AbsGprA;
  }
  /// General register of bank B, context-relative or absolute.
  bool isBankB() const {
    return Kind == OperandKind::GprB || Kind == OperandKind::AbsGprB;
  }
  bool isGpr() const {
    return isBankA() || isBankB() || Kind == OperandKind::GprAB;
  }

  bool operator==(const Operand &O) const {
    return Kind == O.Kind && Modify == O.Modify && LMPointer == O.LMPointer &&
           Value == O.Value;
  }
  bool operator!=(const Operand &O) const { return !(*this == O); }

private:
  static Operand make(OperandKind K, unsigned V) {
    return {K, PostModify::None, 0, static_cast<uint16_t>(V)};
  }
};

} // namespace nfpbpf::isa

#endif // NFPBPF_ISA_NFP_OPERAND_H
