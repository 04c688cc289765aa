//===- StackAccess.cpp - Stack loads and stores as instructions -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pointer 0 holds the stack base all through the program, so the first 64 bytes
// of the stack, which are the start of the entry function's frame, are operands
// like any other. Everything else goes through pointer 3, which is set to
// windows of 64 bytes (frames begin at multiples of 64) or to computed
// addresses. It stays at the window that is accessed most often
// (PointerPlacement.h), but for accesses elsewhere; inside a block its place is
// remembered. Pointer 2 is for spilled registers. Source: offload ABI, section
// "Stack".
//
//===----------------------------------------------------------------------===//

#include "ExpandMacros.h"
#include "PointerPlacement.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace nfpbpf::nfp;

namespace {

constexpr unsigned WindowBytes = 64;
/// Offsets above this do not fit restricted operands.
constexpr unsigned MaxRestrictedOffset = 7;

class StackExpander {
public:
  explicit StackExpander(FuncOp function)
      : function(function), builder(function.getContext()) {}
  void run();

private:
  /// Finds the window at which the pointer stays, and sets it there.
  void placePointerAtHome();
  bool isAtHome(Operation *op) const;
  bool isElsewhere(Operation *op) const;
  bool needsPointer(unsigned offset) const {
    return !FuncOp(function).isEntry() || offset >= WindowBytes;
  }
  /// The location of the word that holds byte `offset`.
  LMOp locate(Location loc, unsigned offset);
  LMOp locateDynamic(Location loc, Value address);
  Value addOffset(Location loc, Value address, int32_t offset);
  /// Shift amount that brings the addressed byte to bit 0, published for an
  /// indirect shift.
  Value publishShift(Location loc, Value amount);
  void expand(LmLoadOp op);
  void expand(LmStoreOp op);
  Value loadDynamicPart(LmLoadOp op, Value address, LMOp word);
  void storeDynamicPart(LmStoreOp op, Value address, LMOp word);
  void storePart(LmStoreOp op, LMOp word, unsigned byte);
  static bool isMadeFor(LmStoreOp op);
  bool computeInPlace(LmStoreOp op, LMOp word);
  bool storeField(LmStoreOp op, LMOp word);
  void storeField(LmStoreOp op, LMOp word, unsigned mask, ShiftKind shift,
                  unsigned amount, bool clear, Value source);

  Value imm(Location loc, uint32_t value) {
    return ImmOp::create(builder, loc, value);
  }

  FuncOp function;
  OpBuilder builder;
  /// The window at which pointer 3 stays.
  std::optional<unsigned> home;
  /// Window of pointer 3 in the current block, if known.
  std::optional<unsigned> window;
};

} // namespace

/// The byte of the frame that an operation accesses at a known place.
static std::optional<unsigned> knownOffset(Operation *op) {
  if (auto load = dyn_cast<LmLoadOp>(op))
    return load.getAddress() ? std::nullopt
                             : std::optional<unsigned>(load.getOffset());
  if (auto store = dyn_cast<LmStoreOp>(op))
    return store.getAddress() ? std::nullopt
                              : std::optional<unsigned>(store.getOffset());
  return std::nullopt;
}

static unsigned windowOf(unsigned offset) {
  return offset / WindowBytes * WindowBytes;
}

bool StackExpander::isAtHome(Operation *op) const {
  const std::optional<unsigned> offset = knownOffset(op);
  return offset && needsPointer(*offset) && windowOf(*offset) == home;
}

/// Pointer 3 is somewhere else behind the operation.
bool StackExpander::isElsewhere(Operation *op) const {
  if (isa<CallOp, HelperOp>(op))
    return true;
  if (!isa<LmLoadOp, LmStoreOp>(op))
    return false;
  const std::optional<unsigned> offset = knownOffset(op);
  return !offset || (needsPointer(*offset) && windowOf(*offset) != home);
}

void StackExpander::placePointerAtHome() {
  llvm::MapVector<unsigned, SmallVector<Operation *>> accesses;
  function.walk([&](Operation *op) {
    if (std::optional<unsigned> offset = knownOffset(op);
        offset && needsPointer(*offset))
      accesses[windowOf(*offset)].push_back(op);
  });
  if (accesses.empty())
    return;
  const BlockWeights weights(function);
  float most = -1;
  for (const auto &[start, ops] : accesses) {
    float weight = 0;
    for (Operation *op : ops)
      weight += weights.of(op->getBlock());
    if (weight > most) {
      most = weight;
      home = start;
    }
  }
  for (Operation *place : placePointer(
           function, weights, [&](Operation *op) { return isAtHome(op); },
           [&](Operation *op) { return isElsewhere(op); })) {
    builder.setInsertionPoint(place);
    Value base = FrameAddrOp::create(builder, place->getLoc(),
                                     static_cast<int32_t>(*home));
    CsrWrOp::create(builder, place->getLoc(), CSR::LMAddr3, base);
  }
}

LMOp StackExpander::locate(Location loc, unsigned offset) {
  unsigned inWindow = offset % WindowBytes / 4;
  if (!needsPointer(offset))
    return LMOp::create(builder, loc, 0u, inWindow);
  const unsigned wanted = windowOf(offset);
  if (window != wanted && wanted != home) {
    Value base =
        FrameAddrOp::create(builder, loc, static_cast<int32_t>(wanted));
    CsrWrOp::create(builder, loc, CSR::LMAddr3, base);
  }
  window = wanted;
  return LMOp::create(builder, loc, 3u, inWindow);
}

LMOp StackExpander::locateDynamic(Location loc, Value address) {
  CsrWrOp::create(builder, loc, CSR::LMAddr3, address);
  window.reset();
  return LMOp::create(builder, loc, 3u, 0u);
}

Value StackExpander::addOffset(Location loc, Value address, int32_t offset) {
  if (offset == 0)
    return address;
  uint32_t magnitude = offset < 0 ? -static_cast<uint32_t>(offset)
                                  : static_cast<uint32_t>(offset);
  Value value = magnitude <= 255
                    ? imm(loc, magnitude)
                    : ConstOp::create(builder, loc, magnitude).getResult();
  return AluOp::create(builder, loc,
                       offset < 0 ? AluOpcode::Sub : AluOpcode::Add,
                       ValueRange{address, value})
      .getDst();
}

Value StackExpander::publishShift(Location loc, Value amount) {
  return AluOp::create(builder, loc, AluOpcode::Or,
                       ValueRange{amount, imm(loc, 0)}, Value(), Value(),
                       Type(), /*setsCC=*/false, /*setsPrev=*/true)
      .getPrevOut();
}

/// Mask of the low `size` bytes of a word.
static unsigned byteMask(unsigned size) { return (1u << size) - 1; }

Value StackExpander::loadDynamicPart(LmLoadOp op, Value address, LMOp word) {
  Location loc = op.getLoc();
  Value whole = createMove(builder, loc, word);
  Value amount = ShfOp::create(builder, loc, ShfOpcode::B, ShiftKind::Shl, 3u,
                               ValueRange{address})
                     .getDst();
  Value prev = publishShift(loc, amount);
  Value shifted = ShfOp::create(builder, loc, ShfOpcode::B, ShiftKind::Shr,
                                ValueRange{whole}, prev)
                      .getDst();
  return LdFieldOp::create(builder, loc, byteMask(op.getSize()), Value(),
                           shifted)
      .getDst();
}

void StackExpander::expand(LmLoadOp op) {
  Location loc = op.getLoc();
  builder.setInsertionPoint(op);
  Value result;
  if (op.getAddress()) {
    Value address =
        addOffset(loc, op.getAddress(), static_cast<int32_t>(op.getOffset()));
    LMOp word = locateDynamic(loc, address);
    result = op.getSize() == 4 ? createMove(builder, loc, word)
                               : loadDynamicPart(op, address, word);
  } else {
    LMOp word = locate(loc, op.getOffset());
    unsigned byte = op.getOffset() % 4;
    if (op.getSize() == 4) {
      result = createMove(builder, loc, word);
    } else {
      Value source = word.getOffset() <= MaxRestrictedOffset
                         ? word.getResult()
                         : createMove(builder, loc, word);
      result = LdFieldOp::create(
                   builder, loc, byteMask(op.getSize()), Value(), source,
                   byte ? ShiftKind::Shr : ShiftKind::RotR, 8 * byte)
                   .getDst();
    }
  }
  op.getDst().replaceAllUsesWith(result);
  op.erase();
}

/// word = (word & ~(mask << s)) | ((value & mask) << s)
void StackExpander::storeDynamicPart(LmStoreOp op, Value address, LMOp word) {
  Location loc = op.getLoc();
  Value whole = createMove(builder, loc, word);
  Value amount = ShfOp::create(builder, loc, ShfOpcode::B, ShiftKind::Shl, 3u,
                               ValueRange{address})
                     .getDst();
  uint32_t mask = op.getSize() == 1 ? 0xff : 0xffff;
  auto shiftLeft = [&](Value value) -> Value {
    Value prev = publishShift(loc, amount);
    return ShfOp::create(builder, loc, ShfOpcode::B, ShiftKind::Shl,
                         ValueRange{value}, prev)
        .getDst();
  };
  Value part = LdFieldOp::create(builder, loc, byteMask(op.getSize()), Value(),
                                 op.getValue())
                   .getDst();
  Value placed = shiftLeft(part);
  Value hole = shiftLeft(ConstOp::create(builder, loc, mask));
  Value rest =
      AluOp::create(builder, loc, AluOpcode::AndNot, ValueRange{whole, hole})
          .getDst();
  AluOp::create(builder, loc, AluOpcode::Or, ValueRange{rest, placed}, Value(),
                word, Type(), false, false);
}

void StackExpander::storeField(LmStoreOp op, LMOp word, unsigned mask,
                               ShiftKind shift, unsigned amount, bool clear,
                               Value source) {
  LdFieldOp::create(builder, op.getLoc(), Type(), Type(), Type(),
                    builder.getI32IntegerAttr(static_cast<int32_t>(mask)),
                    ShiftKindAttr::get(op.getContext(), shift),
                    builder.getI32IntegerAttr(static_cast<int32_t>(amount)),
                    UnitAttr(), clear ? builder.getUnitAttr() : UnitAttr(),
                    source, Value(), word, Value());
}

/// Stores bytes at a known place in the word.
void StackExpander::storePart(LmStoreOp op, LMOp word, unsigned byte) {
  Location loc = op.getLoc();
  unsigned mask = byteMask(op.getSize()) << byte;
  ShiftKind shift = byte ? ShiftKind::Shl : ShiftKind::RotR;
  if (word.getOffset() <= MaxRestrictedOffset) {
    Value value = op.getValue();
    if (isa<LMType>(value.getType()))
      value = createMove(builder, loc, value);
    return storeField(op, word, mask, shift, 8 * byte, /*clear=*/false, value);
  }
  Value whole = createMove(builder, loc, word);
  Value merged = LdFieldOp::create(builder, loc, mask, whole, op.getValue(),
                                   shift, 8 * byte)
                     .getDst();
  AluOp::create(builder, loc, AluOpcode::B, ValueRange{merged}, Value(), word,
                Type(), false, false);
}

/// The value is made for the word alone, by an instruction that could stand
/// where it is stored.
bool StackExpander::isMadeFor(LmStoreOp op) {
  Operation *made = op.getValue().getDefiningOp();
  if (!made || !made->hasOneUse() || made->getNumResults() != 1 ||
      made->getBlock() != op->getBlock())
    return false;
  // A transfer register may be gone behind a command.
  for (Operation *between = made->getNextNode(); between != op;
       between = between->getNextNode())
    if (isa<CmdOp, CallOp, HelperOp>(between))
      return false;
  return true;
}

/// A number that is computed for the word alone is written by the instruction
/// that makes it. False if it is not such a number.
bool StackExpander::computeInPlace(LmStoreOp op, LMOp word) {
  if (!isMadeFor(op))
    return false;
  Operation *made = op.getValue().getDefiningOp();
  // Flags and previous results may have changed, and so may words.
  if (!llvm::all_of(made->getOperandTypes(),
                    llvm::IsaPred<GprType, XferType, ImmType>))
    return false;
  auto alu = dyn_cast<AluOp>(made);
  auto shf = dyn_cast<ShfOp>(made);
  if (alu)
    AluOp::create(builder, op.getLoc(), alu.getOpcode(), alu.getSrcs(), Value(),
                  word, Type(), /*setsCC=*/false, /*setsPrev=*/false);
  else if (shf && word.getOffset() <= MaxRestrictedOffset)
    ShfOp::create(builder, op.getLoc(), Type(), Type(), Type(), shf.getOpcode(),
                  shf.getShift(), shf.getAmount(),
                  /*indirect=*/false, shf.getSrcs(), word, Value());
  else
    return false;
  return true;
}

/// A number that is shifted or cut for the word alone is written by the
/// instruction that makes it. False if it is not such a number.
bool StackExpander::storeField(LmStoreOp op, LMOp word) {
  if (!isMadeFor(op) || word.getOffset() > MaxRestrictedOffset)
    return false;
  Operation *made = op.getValue().getDefiningOp();
  unsigned mask = 15, amount = 0;
  ShiftKind shift = ShiftKind::RotR;
  Value source;
  if (auto shf = dyn_cast<ShfOp>(made)) {
    if (shf.getOpcode() != ShfOpcode::B || shf.getIndirect() || shf.getPrev() ||
        shf.getShift() == ShiftKind::Dbl || shf.getSrcs().size() != 1)
      return false;
    shift = shf.getShift();
    amount = static_cast<unsigned>(shf.getAmount());
    source = shf.getSrcs()[0];
  } else if (auto field = dyn_cast<LdFieldOp>(made)) {
    if (field.getInto() || field.getIndirect() || field.getPrev())
      return false;
    mask = field.getMask();
    shift = field.getShift();
    amount = field.getAmount();
    source = field.getSrc();
  } else if (auto cut = dyn_cast<AluOp>(made)) {
    if (cut.getOpcode() != AluOpcode::And || cut.getSrcs().size() != 2)
      return false;
    auto bits = cut.getSrcs()[1].getDefiningOp<ImmOp>();
    if (!bits || bits.getValue() != 0xff)
      return false;
    mask = 1;
    source = cut.getSrcs()[0];
  }
  if (!source || !isa<GprType, XferType>(source.getType()))
    return false;
  storeField(op, word, mask, shift, amount, /*clear=*/true, source);
  return true;
}

void StackExpander::expand(LmStoreOp op) {
  Location loc = op.getLoc();
  builder.setInsertionPoint(op);
  LMOp word;
  Value address;
  if (op.getAddress()) {
    address =
        addOffset(loc, op.getAddress(), static_cast<int32_t>(op.getOffset()));
    word = locateDynamic(loc, address);
  } else {
    word = locate(loc, op.getOffset());
  }
  if (op.getSize() == 4) {
    if (!storeField(op, word) && !computeInPlace(op, word))
      AluOp::create(builder, loc, AluOpcode::B, ValueRange{op.getValue()},
                    Value(), word, Type(), false, false);
  } else if (address)
    storeDynamicPart(op, address, word);
  else
    storePart(op, word, op.getOffset() % 4);
  op.erase();
}

void StackExpander::run() {
  placePointerAtHome();
  for (Block &block : function.getBody()) {
    window.reset();
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (auto load = dyn_cast<LmLoadOp>(op))
        expand(load);
      else if (auto store = dyn_cast<LmStoreOp>(op))
        expand(store);
      else if (isa<CallOp, HelperOp, CsrWrOp>(op))
        window.reset();
    }
  }
}

void nfpbpf::nfp::expandStackAccesses(FuncOp function) {
  StackExpander(function).run();
}
