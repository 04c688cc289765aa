//===- Effects.cpp - What allocated instructions read and write -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Effects.h"

using namespace mlir;
using namespace nfpbpf::nfp;

uint64_t nfpbpf::nfp::registerMask(GprType type) {
  uint64_t mask = 0;
  if (type.getBank() == Bank::A || type.getBank() == Bank::AB)
    mask |= uint64_t(1) << type.getNumber();
  if (type.getBank() == Bank::B || type.getBank() == Bank::AB)
    mask |= uint64_t(1) << (32 + type.getNumber());
  return mask;
}

static uint64_t wordMask(LMOp lm) {
  return uint64_t(1) << (16 * lm.getPointer() + lm.getOffset() % 16);
}

Effects::Effects(Operation *op) {
  isBarrier = isa<CallOp, HelperOp>(op);
  writesFlags = clobbersFlags(op);
  Value written = getWrittenWord(op);
  for (Value operand : op->getOperands()) {
    Type type = operand.getType();
    if (auto gpr = dyn_cast<GprType>(type))
      gprsRead |= registerMask(gpr);
    else if (auto xfer = dyn_cast<XferType>(type); xfer && xfer.isAllocated())
      xfersRead |= uint64_t(1) << xfer.getNumber();
    else if (auto out = dyn_cast<XferOutType>(type); out && out.isAllocated())
      xferOutsRead |= uint64_t(1) << out.getNumber();
    else if (isa<CCType>(type))
      readsFlags = true;
    else if (auto lm = operand.getDefiningOp<LMOp>())
      (operand == written ? wordsWritten : wordsRead) |= wordMask(lm);
  }
  // A merged word keeps what it does not replace; the same location may be a
  // source too.
  if (written)
    wordsRead |= wordsWritten;
  bool isRead = isa<LiveInOp>(op);
  for (Type type : op->getResultTypes()) {
    if (auto gpr = dyn_cast<GprType>(type))
      (isRead ? gprsRead : gprsWritten) |= registerMask(gpr);
    else if (auto xfer = dyn_cast<XferType>(type); xfer && xfer.isAllocated())
      (isRead ? xfersRead : xfersWritten) |= uint64_t(1) << xfer.getNumber();
    else if (auto out = dyn_cast<XferOutType>(type); out && out.isAllocated())
      xferOutsWritten |= uint64_t(1) << out.getNumber();
  }
  if (isa<FrameAddrOp>(op))
    gprsRead |= uint64_t(1) << StackBaseGpr;
  if (auto csr = dyn_cast<CsrWrOp>(op)) {
    if (csr.getCsr() == CSR::LMAddr0)
      pointersWritten = 1u << 0;
    else if (csr.getCsr() == CSR::LMAddr2)
      pointersWritten = 1u << 2;
    else if (csr.getCsr() == CSR::LMAddr3)
      pointersWritten = 1u << 3;
    else
      isBarrier = true;
  }
}

Effects &Effects::operator|=(const Effects &other) {
  gprsRead |= other.gprsRead;
  gprsWritten |= other.gprsWritten;
  xfersRead |= other.xfersRead;
  xfersWritten |= other.xfersWritten;
  xferOutsRead |= other.xferOutsRead;
  xferOutsWritten |= other.xferOutsWritten;
  wordsRead |= other.wordsRead;
  wordsWritten |= other.wordsWritten;
  pointersWritten |= other.pointersWritten;
  readsFlags |= other.readsFlags;
  writesFlags |= other.writesFlags;
  isBarrier |= other.isBarrier;
  return *this;
}

/// Words that may be among those of the other set: the packet vector's are what
/// they are; the stack's are distinct only through one pointer.
static bool wordsOverlap(uint64_t left, uint64_t right) {
  constexpr uint64_t vector = uint64_t(0xffff) << 16;
  if (left & right)
    return true;
  uint64_t leftStack = left & ~vector, rightStack = right & ~vector;
  if (!leftStack || !rightStack)
    return false;
  for (unsigned pointer : {0u, 2u, 3u}) {
    uint64_t words = uint64_t(0xffff) << (16 * pointer);
    if (((leftStack | rightStack) & ~words) == 0)
      return false;
  }
  return true;
}

static unsigned pointersOf(uint64_t words) {
  unsigned pointers = 0;
  for (unsigned p = 0; p < 4; ++p)
    if (words >> (16 * p) & 0xffff)
      pointers |= 1u << p;
  return pointers;
}

unsigned Effects::usedPointers() const {
  return pointersOf(wordsRead | wordsWritten);
}

bool Effects::conflictsWith(const Effects &other) const {
  auto clash = [](uint64_t read, uint64_t written, uint64_t otherRead,
                  uint64_t otherWritten) {
    return (written & (otherRead | otherWritten)) || (otherWritten & read);
  };
  unsigned pointers = usedPointers();
  unsigned otherPointers = other.usedPointers();
  return isBarrier || other.isBarrier ||
         clash(gprsRead, gprsWritten, other.gprsRead, other.gprsWritten) ||
         clash(xfersRead, xfersWritten, other.xfersRead, other.xfersWritten) ||
         clash(xferOutsRead, xferOutsWritten, other.xferOutsRead,
               other.xferOutsWritten) ||
         clash(readsFlags, writesFlags, other.readsFlags, other.writesFlags) ||
         clash(pointers, pointersWritten, otherPointers,
               other.pointersWritten) ||
         wordsOverlap(wordsWritten, other.wordsRead | other.wordsWritten) ||
         wordsOverlap(other.wordsWritten, wordsRead);
}
