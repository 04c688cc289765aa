//===- LowerContext.cpp - Context fields and packet bounds ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The packet vector is in local memory at `*l$index1`: word 0 of it holds the
// length in bits 13:0, word 2 is the packet's address, words 4 and 6 select the
// receive queue (NFP BPF offload ABI, sections "Packet vector" and "Helpers").
//
//===----------------------------------------------------------------------===//

#include "FunctionLowering.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::convert;
using nfp::AluOpcode;
using nfp::Cond;
using nfp::ShiftKind;

namespace {
/// Words of the packet vector relative to pointer 1.
enum VectorWord : unsigned {
  LengthWord = 0,
  AddressWord = 2,
  FlagsWord = 4,
  QueueWord = 6,
};
constexpr uint32_t LengthMask = 0x3fff;
/// Bit of FlagsWord: the program has chosen a queue.
constexpr uint32_t QueueSelected = 1u << 4;
/// A queue number that means "none".
constexpr uint32_t NoQueue = 64;
/// An Ethernet header must remain.
constexpr uint32_t MinimumLength = 14;
constexpr int64_t EINVAL_ = 22;
} // namespace

Word FunctionLowering::packetLength() {
  return bitAnd(Word::of(lm(1, LengthWord)), Word::constant(LengthMask));
}

LogicalResult FunctionLowering::lowerContext(Operation *op) {
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case<bpf::PacketDataOp>([&](auto o) {
        set(o.getResult(), alu(AluOpcode::B, Value(), lm(1, AddressWord)));
        return success();
      })
      .Case<bpf::PacketEndOp>([&](auto o) {
        set(o.getResult(),
            alu(AluOpcode::Add, packetLength().reg, lm(1, AddressWord)));
        return success();
      })
      .Case<bpf::PacketLenOp>([&](auto o) {
        set(o.getResult(), packetLength());
        return success();
      })
      .Case<bpf::LdPacketOp>([&](auto o) { return lowerLdPacket(o); })
      .Case<bpf::AdjustHeadOp>([&](auto o) { return lowerAdjustHead(o); })
      .Case<bpf::AdjustTailOp>([&](auto o) { return lowerAdjustTail(o); })
      .Case<bpf::PacketMetaOp>([&](auto o) -> LogicalResult {
        return refuse(o) << "reads context field 'data_meta'; the firmware "
                            "gives programs no metadata in front of the packet";
      })
      .Case<bpf::CtxStoreOp>([&](auto o) -> LogicalResult {
        if (module.progType == bpf::ProgType::XDP &&
            o.getField() == "rx_queue_index" && o.getOffset() == 16 &&
            o.getValue().getType().isInteger(32))
          return lowerQueueSelect(o);
        return refuse(o) << "writes context field '" << o.getField()
                         << "' (offset " << o.getOffset()
                         << "); the only field a program on the card can write "
                            "is an XDP program's rx_queue_index";
      })
      .Case<bpf::CtxLoadOp>([&](auto o) -> LogicalResult {
        bool xdp = module.progType == bpf::ProgType::XDP;
        return refuse(o) << "reads context field '" << o.getField()
                         << "' (offset " << o.getOffset()
                         << "), which the card does not have; "
                         << (xdp ? "an XDP program can read data and data_end"
                                 : "a TC program can read len, data and "
                                   "data_end");
      })
      .Default([&](Operation *o) -> LogicalResult {
        return refuse(o) << "operation '" << o->getName()
                         << "' cannot be translated to machine code";
      });
}

LogicalResult FunctionLowering::lowerQueueSelect(bpf::CtxStoreOp op) {
  if (!module.profile.QueueSelect) {
    return refuse(op) << "writes context field 'rx_queue_index'; firmware "
                         "profile '"
                      << module.profile.Name
                      << "' does not let programs select the queue";
  }
  Word queue = word(op.getValue());
  Value flagsWord = lm(1, FlagsWord), queueWord = lm(1, QueueWord);
  nfp::AluOp::create(b, loc, AluOpcode::Or,
                     ValueRange{flagsWord, imm(QueueSelected)}, Value(),
                     flagsWord, Type(), false, false);
  auto setQueue = [&](const Word &number) {
    nfp::LdFieldOp::create(b, loc, Type(), Type(), Type(), 1u, ShiftKind::RotR,
                           0u, false, false, src(number), Value(), queueWord,
                           Value());
  };
  if (queue.isConst()) {
    setQueue(queue.imm <= 255 ? queue : Word::constant(NoQueue));
    return success();
  }
  Block *join = newBlock();
  Block *none = newBlock();
  Block *some = newBlock();
  Test tooLarge = compare(Pred::UGT, queue, Word::constant(255));
  branch(tooLarge, none, some);
  b.setInsertionPointToEnd(some);
  setQueue(queue);
  branch(join);
  b.setInsertionPointToEnd(none);
  queueWord = lm(1, QueueWord);
  setQueue(Word::constant(NoQueue));
  branch(join);
  b.setInsertionPointToEnd(join);
  return success();
}

LogicalResult FunctionLowering::lowerLdPacket(bpf::LdPacketOp op) {
  unsigned size = op.getSize();
  Word offset = word(op.getOffset());
  Block *abort = exitBlock(exitCode(0));
  Word length = packetLength();
  // Leave unless offset + size <= length, without overflow.
  if (offset.isConst()) {
    uint64_t end = uint64_t(offset.imm) + size;
    Block *inside = newBlock();
    Test outside = end > LengthMask
                       ? compare(Pred::EQ, Word::constant(0), Word::constant(0))
                       : compare(Pred::ULT, length,
                                 Word::constant(static_cast<uint32_t>(end)));
    branch(outside, abort, inside);
    b.setInsertionPointToEnd(inside);
  } else {
    Block *longEnough = newBlock();
    branch(compare(Pred::ULT, length, Word::constant(size)), abort, longEnough);
    b.setInsertionPointToEnd(longEnough);
    Word last = sub(length, Word::constant(size));
    Block *inside = newBlock();
    branch(compare(Pred::UGT, offset, last), abort, inside);
    b.setInsertionPointToEnd(inside);
  }
  Word data = alu(AluOpcode::B, Value(), lm(1, AddressWord));
  Address address{nfp::AddressMode::Sum32, data.reg, Value()};
  address.second =
      offset.isConst() && offset.imm <= 127 ? imm(offset.imm) : gpr(offset);
  Word value = Word::of(readCommand(nfp::MemCommand::Read32, address, 1)[0]);
  set(op.getResult(), shr(value, 32 - 8 * size));
  return success();
}

LogicalResult FunctionLowering::lowerAdjustHead(bpf::AdjustHeadOp op) {
  if (failed(requireHelper(op, HelperXdpAdjustHead, "xdp_adjust_head")))
    return failure();
  const AdjustHeadLimits &limits = *module.profile.AdjustHead;
  if (!limits.NoMeta)
    return refuse(op) << "helper xdp_adjust_head: firmware profile '"
                      << module.profile.Name
                      << "' keeps metadata in front of the packet that would "
                         "have to be moved";
  Word delta = word(op.getDelta());
  Block *done = newBlock(2);
  Block *fail = newBlock();
  Block *checkLength = newBlock();
  Block *apply = newBlock();

  // The new offset in the buffer, within the limits.
  Word offset = alu(AluOpcode::Add16, src(delta), lm(1, AddressWord));
  Word above = sub(offset, Word::constant(limits.OffMin));
  branch(
      compare(Pred::UGT, above, Word::constant(limits.OffMax - limits.OffMin)),
      fail, checkLength);
  b.setInsertionPointToEnd(checkLength);
  Word length = sub(packetLength(), delta);
  length.bits = 32;
  branch(compare(Pred::SLT, length, Word::constant(MinimumLength)), fail,
         apply);

  b.setInsertionPointToEnd(apply);
  nfp::LdFieldOp::create(b, loc, Type(), Type(), Type(), 3u, ShiftKind::RotR,
                         0u, false, false, offset.reg, Value(),
                         lm(1, AddressWord), Value());
  Value lengthWord = lm(1, LengthWord);
  nfp::AluOp::create(b, loc, AluOpcode::Sub, ValueRange{lengthWord, src(delta)},
                     Value(), lengthWord, Type(), false, false);
  branch(done, {Word::constant(0), Word::constant(0)});
  b.setInsertionPointToEnd(fail);
  Pair error = Pair::constant(static_cast<uint64_t>(-EINVAL_));
  branch(done, {error.lo, error.hi});
  b.setInsertionPointToEnd(done);
  set(op.getResult(), argumentsOf(done));
  return success();
}

LogicalResult FunctionLowering::lowerAdjustTail(bpf::AdjustTailOp op) {
  if (failed(requireHelper(op, HelperXdpAdjustTail, "xdp_adjust_tail")))
    return failure();
  Word delta = word(op.getDelta());
  Block *done = newBlock(2);
  Block *fail = newBlock();
  Block *checkLength = newBlock();
  Block *apply = newBlock();

  // Only shrinking: the sum carries exactly when delta is negative and no
  // larger than the length.
  auto [length, carry] =
      aluFlags(AluOpcode::Add, packetLength().reg, src(delta));
  nfp::BrCCOp::create(b, loc, Cond::LO, carry, fail, ValueRange{}, checkLength,
                      ValueRange{});
  b.setInsertionPointToEnd(checkLength);
  branch(compare(Pred::SLT, length, Word::constant(MinimumLength)), fail,
         apply);
  b.setInsertionPointToEnd(apply);
  Value lengthWord = lm(1, LengthWord);
  nfp::AluOp::create(b, loc, AluOpcode::Add, ValueRange{lengthWord, src(delta)},
                     Value(), lengthWord, Type(), false, false);
  branch(done, {Word::constant(0), Word::constant(0)});
  b.setInsertionPointToEnd(fail);
  Pair error = Pair::constant(static_cast<uint64_t>(-EINVAL_));
  branch(done, {error.lo, error.hi});
  b.setInsertionPointToEnd(done);
  set(op.getResult(), argumentsOf(done));
  return success();
}
