//===- NFPDialect.cpp - The nfp dialect: types and queries ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

#include "nfpbpf/Dialect/NFP/IR/NFPDialect.cpp.inc"
#include "nfpbpf/Dialect/NFP/IR/NFPEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "nfpbpf/Dialect/NFP/IR/NFPAttributes.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "nfpbpf/Dialect/NFP/IR/NFPTypes.cpp.inc"

void NFPDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "nfpbpf/Dialect/NFP/IR/NFPTypes.cpp.inc"
      >();
}

void NFPDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "nfpbpf/Dialect/NFP/IR/NFPAttributes.cpp.inc"
      >();
}

void NFPDialect::initialize() {
  registerTypes();
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "nfpbpf/Dialect/NFP/IR/NFPOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

Type GprType::parse(AsmParser &parser) {
  if (failed(parser.parseOptionalLess()))
    return GprType::get(parser.getContext());
  StringRef keyword;
  unsigned number = 0;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return {};
  std::optional<Bank> bank = symbolizeBank(keyword);
  if (!bank || *bank == Bank::None) {
    parser.emitError(loc, "expected register bank 'a', 'b' or 'ab'");
    return {};
  }
  if (parser.parseInteger(number) || parser.parseGreater())
    return {};
  return GprType::getChecked([&] { return parser.emitError(loc); },
                             parser.getContext(), *bank, number);
}

void GprType::print(AsmPrinter &printer) const {
  if (isAllocated())
    printer << "<" << stringifyBank(getBank()) << " " << getNumber() << ">";
}

LogicalResult GprType::verify(function_ref<InFlightDiagnostic()> emitError,
                              Bank bank, unsigned number) {
  if (number >= NumProgramGprs)
    return emitError() << "register " << number
                       << " belongs to the firmware; programs own 0 to "
                       << NumProgramGprs - 1;
  if (bank == Bank::None && number != 0)
    return emitError() << "virtual register with a number";
  return success();
}

/// Parses the optional `<n>` of a transfer register; -1 if there is none.
static FailureOr<int> parseXferNumber(AsmParser &parser) {
  if (failed(parser.parseOptionalLess()))
    return -1;
  int number = 0;
  if (parser.parseInteger(number) || parser.parseGreater())
    return failure();
  return number;
}

static LogicalResult
verifyXferNumber(function_ref<InFlightDiagnostic()> emitError, int number) {
  if (number < -1 || number >= static_cast<int>(NumProgramXfers))
    return emitError() << "transfer register " << number
                       << " does not belong to the program, which owns 0 to "
                       << NumProgramXfers - 1;
  return success();
}

Type XferType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  FailureOr<int> number = parseXferNumber(parser);
  if (failed(number))
    return {};
  return XferType::getChecked([&] { return parser.emitError(loc); },
                              parser.getContext(), *number);
}

void XferType::print(AsmPrinter &printer) const {
  if (isAllocated())
    printer << "<" << getNumber() << ">";
}

LogicalResult XferType::verify(function_ref<InFlightDiagnostic()> emitError,
                               int number) {
  return verifyXferNumber(emitError, number);
}

Type XferOutType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  FailureOr<int> number = parseXferNumber(parser);
  if (failed(number))
    return {};
  return XferOutType::getChecked([&] { return parser.emitError(loc); },
                                 parser.getContext(), *number);
}

void XferOutType::print(AsmPrinter &printer) const {
  if (isAllocated())
    printer << "<" << getNumber() << ">";
}

LogicalResult XferOutType::verify(function_ref<InFlightDiagnostic()> emitError,
                                  int number) {
  return verifyXferNumber(emitError, number);
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

bool nfp::isOperandOp(Operation *op) { return isa<ImmOp, LMOp, LiveInOp>(op); }

std::optional<uint32_t> nfp::constantOf(Value value) {
  if (auto constant = value.getDefiningOp<ConstOp>())
    return static_cast<uint32_t>(constant.getValue());
  if (auto imm = value.getDefiningOp<ImmOp>())
    return static_cast<uint32_t>(imm.getValue());
  return std::nullopt;
}

bool nfp::waitsForMemory(Operation *op) {
  auto cmd = dyn_cast<CmdOp>(op);
  return cmd ? cmd.swaps() : isa<WaitOp>(op);
}

bool nfp::clobbersFlags(Operation *op) {
  // They outlive commands, but not another context's turn.
  if (isa<CallOp, HelperOp, MulOp>(op) || waitsForMemory(op))
    return true;
  if (auto alu = dyn_cast<AluOp>(op))
    return alu.getCcOut() != nullptr;
  if (auto shf = dyn_cast<ShfOp>(op))
    return shf.getCcOut() != nullptr;
  if (auto field = dyn_cast<LdFieldOp>(op))
    return field.getCcOut() != nullptr;
  return false;
}

bool nfp::hasRestrictedOperands(Operation *op) {
  return isa<ShfOp, LdFieldOp, BrBitOp, BrByteOp, CmdOp>(op);
}

Value nfp::getWrittenWord(Operation *op) {
  if (auto alu = dyn_cast<AluOp>(op))
    return alu.getDstLm();
  if (auto shf = dyn_cast<ShfOp>(op))
    return shf.getDstLm();
  if (auto field = dyn_cast<LdFieldOp>(op))
    return field.getDstLm();
  if (auto immed = dyn_cast<ImmedOp>(op))
    return immed.getDstLm();
  return {};
}

static constexpr StringLiteral LeavesPointer0Attr = "nfp.leaves_pointer0";

bool nfp::restoresPointer0(HelperOp helper) {
  return helper.getLm0() && !helper->hasAttr(LeavesPointer0Attr);
}

void nfp::leavePointer0(HelperOp helper) {
  helper->setAttr(LeavesPointer0Attr, UnitAttr::get(helper.getContext()));
}

unsigned nfp::numWords(Operation *op) {
  return TypeSwitch<Operation *, unsigned>(op)
      .Case<ImmOp, LMOp, LiveInOp, LmLoadOp, LmStoreOp>([](auto) { return 0u; })
      .Case<ConstOp>([](ConstOp c) {
        uint32_t v = static_cast<uint32_t>(c.getValue());
        uint32_t inverted = ~v;
        for (uint32_t x : {v, inverted})
          if ((x & 0xffff0000u) == 0 || (x & 0xff0000ffu) == 0 ||
              (x & 0x0000ffffu) == 0)
            return 1u;
        return 2u;
      })
      .Case<MulOp>([](MulOp mul) {
        unsigned steps = mul.getType() == MulType::M24x8    ? 1
                         : mul.getType() == MulType::M16x16 ? 2
                                                            : 4;
        return 2 + steps + (mul.getHi() ? 1 : 0);
      })
      .Case<CsrRdOp, MapAddressOp>([](auto) { return 2u; })
      .Case<CallOp>([](auto) { return 2u; })
      .Case<HelperOp>([](HelperOp h) {
        return 2u + (h.getLm0() ? 1 : 0) + (h.getLm2() ? 1 : 0) +
               (restoresPointer0(h) ? 1 : 0);
      })
      .Case<BrCCOp, BrBitOp, BrByteOp>([](auto) { return 2u; })
      .Default([](Operation *) { return 1u; });
}
