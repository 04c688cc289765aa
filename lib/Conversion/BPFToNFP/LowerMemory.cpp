//===- LowerMemory.cpp - Pointers, loads, stores, atomics -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Packet bytes are read with read32_swap and written with write8_swap at 32-bit
// addresses, map values at 40-bit addresses (NFP BPF offload ABI, section
// "Packet vector and packet addressing"). Reads deliver whole words from any
// byte address. The stack is local memory, reached word by word.
//
//===----------------------------------------------------------------------===//

#include "FunctionLowering.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::convert;
using llvm::ArrayRef;
using nfp::AddressMode;
using nfp::MemCommand;

/// Of the packet vector (NFP BPF offload ABI, section "Packet vector").
constexpr unsigned PacketLengthBits = 14;

static bpf::Space spaceOf(Value pointer) {
  return cast<bpf::PtrType>(pointer.getType()).getSpace();
}

//===----------------------------------------------------------------------===//
// Pointers
//===----------------------------------------------------------------------===//

std::pair<Value, int64_t> FunctionLowering::baseOf(Value pointer) {
  int64_t offset = 0;
  while (auto add = pointer.getDefiningOp<bpf::PtrAddOp>()) {
    APInt constant;
    if (!matchPattern(add.getOffset(), m_ConstantInt(&constant)))
      break;
    offset += constant.getSExtValue();
    pointer = add.getPtr();
  }
  return {pointer, offset};
}

std::optional<int64_t> FunctionLowering::frameOffset(Value pointer) {
  auto [base, offset] = baseOf(pointer);
  if (base.getDefiningOp<bpf::FrameOp>())
    return offset;
  return std::nullopt;
}

LogicalResult FunctionLowering::lowerPointer(Operation *op) {
  auto frameAddress = [&](int64_t offset) {
    return Word::of(
        nfp::FrameAddrOp::create(b, loc, static_cast<int32_t>(offset))
            .getDst());
  };
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case<bpf::FrameOp>([&](auto o) {
        set(o.getResult(), frameAddress(0));
        return success();
      })
      .Case<bpf::MapRefOp>([&](auto o) {
        unsigned map = module.pointers.indexOf(o.getMap());
        bpf::MapOp declared = module.pointers.maps()[map];
        set(o.getResult(), Word::constant(declared.getIndex()));
        return success();
      })
      .Case<bpf::NullOp>([&](auto o) {
        set(o.getResult(), Words(*wordsOf(o.getType()), nullWord(o.getType())));
        return success();
      })
      .Case<bpf::PtrAddOp>([&](auto o) -> LogicalResult {
        // The sum is there for those who need it in a register; accesses fold
        // constant offsets and leave it to be removed.
        Words words = get(o.getPtr());
        if (words.empty())
          return refuse(op) << "arithmetic on the context pointer; access "
                               "context fields at constant offsets";
        // The verifier's limit too; addresses have 32 bits.
        constexpr int64_t farthest = int64_t(1) << 29;
        auto [base, distance] = baseOf(o.getResult());
        if (distance < -farthest || distance > farthest)
          return refuse(op) << "moves a pointer " << distance
                            << " bytes away from where it started; " << farthest
                            << " is the limit";
        Word offset = word(o.getOffset());
        std::optional<int64_t> inFrame = frameOffset(o.getResult());
        if (inFrame && *inFrame >= 0 && *inFrame <= ownFrameSize)
          words[0] = frameAddress(*inFrame);
        else if (base != o.getResult()) // from the start of the chain
          words[0] = add(get(base)[0],
                         Word::constant(static_cast<uint32_t>(distance)));
        else
          words[0] = add(words[0], offset);
        set(o.getResult(), std::move(words));
        return success();
      })
      .Case<bpf::PtrDiffOp>([&](auto o) {
        const Words &x = get(o.getLhs()), &y = get(o.getRhs());
        if (x.empty() || y.empty()) {
          set(o.getResult(), Pair::constant(0));
          return success();
        }
        Word difference = sub(x[0], y[0]);
        // The packet's whole length has as many bits as the packet vector
        // gives it.
        if (o.getLhs().template getDefiningOp<bpf::PacketEndOp>() &&
            o.getRhs().template getDefiningOp<bpf::PacketDataOp>())
          set(o.getResult(), Pair{Word::of(gpr(difference), PacketLengthBits),
                                  Word::constant(0)});
        else
          set(o.getResult(), Pair{difference, sar(difference, 31)});
        return success();
      })
      .Case<bpf::PtrCmpOp>([&](auto o) {
        const Words &x = get(o.getLhs()), &y = get(o.getRhs());
        bpf::PtrPred predicate = o.getPredicate();
        Pred pred = Pred::EQ;
        switch (predicate) {
        case bpf::PtrPred::Eq:
          pred = Pred::EQ;
          break;
        case bpf::PtrPred::Ne:
          pred = Pred::NE;
          break;
        case bpf::PtrPred::Ult:
          pred = Pred::ULT;
          break;
        case bpf::PtrPred::Ule:
          pred = Pred::ULE;
          break;
        case bpf::PtrPred::Ugt:
          pred = Pred::UGT;
          break;
        case bpf::PtrPred::Uge:
          pred = Pred::UGE;
          break;
        }
        if (x.empty() || y.empty()) // there is one context
          set(o.getResult(),
              compareValue(pred, Word::constant(0), Word::constant(0)));
        else
          set(o.getResult(),
              compareValue(pred, pair(o.getLhs()), pair(o.getRhs())));
        return success();
      })
      .Case<bpf::IsNullOp>([&](auto o) {
        const Words &words = get(o.getPtr());
        if (words.empty() || frameOffset(o.getPtr()))
          set(o.getResult(), Word::constant(0));
        else // of a map value the high word decides
          set(o.getResult(), compareValue(Pred::EQ, words.back(),
                                          nullWord(o.getPtr().getType())));
        return success();
      })
      .Case<bpf::PtrToIntOp>([&](auto o) {
        if (get(o.getPtr()).empty()) // any number but that of null
          set(o.getResult(), Pair::constant(1));
        else
          set(o.getResult(), pair(o.getPtr()));
        return success();
      })
      .Default([&](Operation *o) -> LogicalResult {
        return refuse(o) << "a number is used as a pointer; its address space "
                            "and bounds are unknown, so it cannot be "
                            "translated";
      });
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

FunctionLowering::Address FunctionLowering::addressOf(Value pointer,
                                                      int64_t offset) {
  auto [base, constant] = baseOf(pointer);
  int64_t total = constant + offset;
  if (spaceOf(pointer) == bpf::Space::MapValue) {
    Pair words = pair(base);
    Word low = add(words.lo, Word::constant(static_cast<uint32_t>(total)));
    return {AddressMode::Pair40, gpr(words.hi), gpr(low)};
  }
  // Command operands take constants up to 127.
  if (total >= 0 && total <= 127)
    return {AddressMode::Sum32, gpr(word(base)),
            imm(static_cast<uint32_t>(total))};
  if (offset >= 0 && offset <= 127)
    return {AddressMode::Sum32, gpr(word(pointer)),
            imm(static_cast<uint32_t>(offset))};
  return {AddressMode::Sum32, gpr(word(base)),
          gpr(Word::constant(static_cast<uint32_t>(total)))};
}

SmallVector<Value, 2> FunctionLowering::readCommand(MemCommand command,
                                                    const Address &address,
                                                    unsigned words) {
  SmallVector<Type> types(words, nfp::XferType::get(b.getContext()));
  auto cmd =
      nfp::CmdOp::create(b, loc, types, command, address.mode, address.first,
                         address.second, ValueRange{}, Value(), words, false);
  return SmallVector<Value, 2>(cmd.getResults());
}

void FunctionLowering::writeCommand(MemCommand command, const Address &address,
                                    ArrayRef<Word> data, unsigned count) {
  SmallVector<Value> sources;
  for (const Word &w : data)
    sources.push_back(src(w));
  nfp::CmdOp::create(b, loc, TypeRange{}, command, address.mode, address.first,
                     address.second, sources, Value(), count, false);
}

//===----------------------------------------------------------------------===//
// Stack
//===----------------------------------------------------------------------===//

Word FunctionLowering::lmLoad(Value address, int64_t offset, unsigned size) {
  return Word::of(
      nfp::LmLoadOp::create(b, loc, static_cast<int32_t>(offset), size, address)
          .getDst(),
      8 * size);
}

void FunctionLowering::lmStore(const Word &value, Value address, int64_t offset,
                               unsigned size) {
  nfp::LmStoreOp::create(b, loc, src(value), static_cast<int32_t>(offset), size,
                         address);
}

LogicalResult FunctionLowering::checkFrame(Operation *op, int64_t offset,
                                           unsigned size) {
  if (offset >= 0 && offset + size <= ownFrameSize)
    return success();
  return refuse(op) << "accesses " << size << " bytes at R10"
                    << (offset < ownFrameSize ? " - " : " + ")
                    << std::abs(offset - ownFrameSize)
                    << ", outside the function's stack frame of "
                    << ownFrameSize << " bytes";
}

FailureOr<Words> FunctionLowering::loadStack(Operation *op, Value pointer,
                                             int64_t offset, unsigned size) {
  const PointerFact &fact = module.pointers.factOf(pointer);
  Value address; // null: the frame
  if (std::optional<int64_t> inFrame = frameOffset(pointer)) {
    offset += *inFrame;
    if (failed(checkFrame(op, offset, size)))
      return failure();
  } else if (fact.lowBitsKnown) {
    Word start = word(pointer);
    if (fact.lowBits != 0)
      start = sub(start, Word::constant(fact.lowBits));
    address = gpr(start);
    offset += fact.lowBits;
  } else {
    // Whole words around the bytes, shifted by the low bits of the address
    // times eight.
    Word start =
        add(word(pointer), Word::constant(static_cast<uint32_t>(offset)));
    Word amount = bitAnd(shl(start, 3), Word::constant(24));
    address = gpr(bitAnd(start, Word::constant(~3u)));
    Word w0 = lmLoad(address, 0, 4);
    if (size == 1)
      return Words{zext(shrVar(w0, amount), 8)};
    // The word of the last byte: one more may be behind the end of the stack.
    Word last =
        bitAnd(add(start, Word::constant(size - 1)), Word::constant(~3u));
    Word end = lmLoad(gpr(last), 0, 4);
    if (size <= 4)
      return Words{zext(dblVar(end, w0, amount), 8 * size)};
    Word w1 = lmLoad(address, 4, 4);
    return Words{dblVar(w1, w0, amount), dblVar(end, w1, amount)};
  }

  // Shift within the word that holds the first byte.
  unsigned shift = static_cast<unsigned>(offset & 3);
  if (size <= 4 && shift % size == 0)
    return Words{lmLoad(address, offset, size)};
  if (size == 8 && shift == 0)
    return Words{lmLoad(address, offset, 4), lmLoad(address, offset + 4, 4)};
  int64_t first = offset - shift;
  SmallVector<Word, 3> words;
  for (unsigned i = 0; i < (shift + size + 3) / 4; ++i)
    words.push_back(lmLoad(address, first + 4 * i, 4));
  if (size == 8)
    return Words{dbl(words[1], words[0], 8 * shift),
                 dbl(words[2], words[1], 8 * shift)};
  if (words.size() == 1)
    return Words{zext(shr(words[0], 8 * shift), 8 * size)};
  return Words{zext(dbl(words[1], words[0], 8 * shift), 8 * size)};
}

LogicalResult FunctionLowering::storeStack(Operation *op, ArrayRef<Word> words,
                                           Value pointer, int64_t offset,
                                           unsigned size) {
  const PointerFact &fact = module.pointers.factOf(pointer);
  Value address;
  if (std::optional<int64_t> inFrame = frameOffset(pointer)) {
    offset += *inFrame;
    if (failed(checkFrame(op, offset, size)))
      return failure();
  } else if (fact.lowBitsKnown) {
    Word start = word(pointer);
    if (fact.lowBits != 0)
      start = sub(start, Word::constant(fact.lowBits));
    address = gpr(start);
    offset += fact.lowBits;
  } else {
    // Byte by byte, each into the word around it.
    Pair bytes{words[0], words.size() > 1 ? words[1] : Word::constant(0)};
    for (unsigned done = 0; done < size; ++done) {
      Word at = add(word(pointer),
                    Word::constant(static_cast<uint32_t>(offset + done)));
      Word amount = bitAnd(shl(at, 3), Word::constant(24));
      Value around = gpr(bitAnd(at, Word::constant(~3u)));
      Word mask = shlVar(Word::constant(0xff), amount);
      Word byte = shlVar(zext(shr(bytes, 8 * done).lo, 8), amount);
      Word others = bitAnd(lmLoad(around, 0, 4), bitNot(mask));
      lmStore(bitOr(others, byte), around, 0, 4);
    }
    return success();
  }
  Pair value{words[0], words.size() > 1 ? words[1] : Word::constant(0)};
  for (unsigned done = 0; done < size;) {
    unsigned piece = 4;
    while (piece > size - done || (offset + done) % piece != 0)
      piece /= 2;
    lmStore(shr(value, 8 * done).lo, address, offset + done, piece);
    done += piece;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

FailureOr<bool> FunctionLowering::isCounter(Operation *op,
                                            const PointerFact &fact,
                                            int64_t offset) {
  if (std::optional<bool> atomic = module.pointers.isAtomicWord(fact, offset))
    return *atomic;
  return refuse(op) << "may access the last word of a map value, of which the "
                       "value has only a part, as well as words that are "
                       "atomic counters, which the card keeps in the other "
                       "byte order; make the value's size a multiple of 4";
}

FailureOr<bool> FunctionLowering::hasCounters(Operation *op,
                                              const PointerFact &fact,
                                              int64_t offset, unsigned size) {
  bool any = false;
  for (int64_t at = offset; at < offset + size + 3; at += 4) {
    // The last byte decides the last word.
    FailureOr<bool> counter =
        isCounter(op, fact, std::min<int64_t>(at, offset + size - 1));
    if (failed(counter))
      return failure();
    any |= *counter;
  }
  return any;
}

FailureOr<Words> FunctionLowering::loadCounters(Operation *op, Value pointer,
                                                int64_t offset, unsigned size) {
  const PointerFact &fact = module.pointers.factOf(pointer);
  if (!fact.lowBitsKnown) {
    // Whole words around the bytes, all counters, shifted by the low bits of
    // the address times eight.
    Pair address = pair(pointer);
    Word start = add(address.lo, Word::constant(static_cast<uint32_t>(offset)));
    Word amount = bitAnd(shl(start, 3), Word::constant(24));
    Address aligned{AddressMode::Pair40, gpr(address.hi),
                    gpr(bitAnd(start, Word::constant(~3u)))};
    unsigned count = (size + 6) / 4;
    SmallVector<Value, 2> read =
        readCommand(MemCommand::Read32, aligned, count);
    Words words;
    for (Value value : read)
      words.push_back(Word::of(value));
    if (size == 1)
      return Words{zext(shrVar(words[0], amount), 8)};
    Word low = dblVar(words[1], words[0], amount);
    if (size <= 4)
      return Words{zext(low, 8 * size)};
    return Words{low, dblVar(words[2], words[1], amount)};
  }
  // Word by word, each in the byte order it has on the card.
  unsigned shift = static_cast<unsigned>((fact.lowBits + offset) & 3);
  int64_t first = offset - shift;
  SmallVector<Word, 4> words;
  for (unsigned i = 0; i < (shift + size + 3) / 4; ++i) {
    FailureOr<bool> counter = isCounter(op, fact, first + 4 * i);
    if (failed(counter))
      return failure();
    words.push_back(Word::of(
        readCommand(*counter ? MemCommand::Read32 : MemCommand::Read32Swap,
                    addressOf(pointer, first + 4 * i), 1)[0]));
  }
  words.push_back(Word::constant(0));
  Words result{dbl(words[1], words[0], 8 * shift)};
  if (size == 8)
    result.push_back(shift == 0 ? words[1]
                                : dbl(words[2], words[1], 8 * shift));
  else
    result[0] = zext(result[0], 8 * size);
  return result;
}

LogicalResult FunctionLowering::storeCounters(Operation *op,
                                              ArrayRef<Word> words,
                                              Value pointer, int64_t offset,
                                              unsigned size) {
  const PointerFact &fact = module.pointers.factOf(pointer);
  Pair value{words[0], words.size() > 1 ? words[1] : Word::constant(0)};
  if (!fact.lowBitsKnown) {
    // Byte by byte: the byte at an address of a little-endian word is at the
    // mirrored place of the big-endian one.
    Pair address = pair(pointer);
    for (unsigned done = 0; done < size; ++done) {
      Word at =
          add(address.lo, Word::constant(static_cast<uint32_t>(offset + done)));
      Address mirrored{AddressMode::Pair40, gpr(address.hi),
                       gpr(bitXor(at, Word::constant(3)))};
      writeCommand(MemCommand::Write8Swap, mirrored, shr(value, 8 * done).lo,
                   1);
    }
    return success();
  }
  for (unsigned done = 0; done < size;) {
    int64_t at = offset + done;
    unsigned inWord = static_cast<unsigned>((fact.lowBits + at) & 3);
    unsigned piece = 4;
    while (piece > size - done || inWord % piece != 0)
      piece /= 2;
    FailureOr<bool> counter = isCounter(op, fact, at);
    if (failed(counter))
      return failure();
    Word data = shr(value, 8 * done).lo;
    if (!*counter) {
      writeCommand(MemCommand::Write8Swap, addressOf(pointer, at), data, piece);
    } else if (piece == 4) {
      writeCommand(MemCommand::Write32, addressOf(pointer, at), data, 1);
    } else {
      // The mirrored place in the word; write8 takes bytes from the top.
      int64_t mirrored = at - inWord + (inWord ^ (4 - piece));
      writeCommand(MemCommand::Write8, addressOf(pointer, mirrored),
                   shl(data, 32 - 8 * piece), piece);
    }
    done += piece;
  }
  return success();
}

/// The bytes of a number in opposite order.
static Words swapBytes(MachineBuilder &b, ArrayRef<Word> words, unsigned size) {
  switch (size) {
  case 1:
    return Words(words);
  case 2:
    return {b.bswap16(words[0])};
  case 4:
    return {b.bswap32(words[0])};
  default:
    return {b.bswap32(words[1]), b.bswap32(words[0])};
  }
}

FailureOr<Words> FunctionLowering::load(Operation *op, Value pointer,
                                        int64_t offset, unsigned size,
                                        bool bigEndian) {
  bpf::Space space = spaceOf(pointer);
  if (space == bpf::Space::Stack) {
    FailureOr<Words> words = loadStack(op, pointer, offset, size);
    if (succeeded(words) && bigEndian)
      return swapBytes(*this, *words, size);
    return words;
  }
  if (space != bpf::Space::Packet && space != bpf::Space::MapValue)
    return refuse(op) << "load through a " << pointer.getType()
                      << "; only packet, stack and map value memory can be "
                         "read";
  if (space == bpf::Space::MapValue) {
    FailureOr<bool> counters =
        hasCounters(op, module.pointers.factOf(pointer), offset, size);
    if (failed(counters))
      return failure();
    if (*counters) {
      FailureOr<Words> words = loadCounters(op, pointer, offset, size);
      if (succeeded(words) && bigEndian)
        return swapBytes(*this, *words, size);
      return words;
    }
  }
  SmallVector<Value, 2> read =
      readCommand(bigEndian ? MemCommand::Read32 : MemCommand::Read32Swap,
                  addressOf(pointer, offset), (size + 3) / 4);
  Word first = Word::of(read[0]);
  if (size == 8) {
    Word second = Word::of(read[1]);
    return bigEndian ? Words{second, first} : Words{first, second};
  }
  if (size == 4)
    return Words{first};
  return Words{bigEndian ? shr(first, 32 - 8 * size) : zext(first, 8 * size)};
}

LogicalResult FunctionLowering::store(Operation *op, ArrayRef<Word> words,
                                      Value pointer, int64_t offset,
                                      unsigned size, bool bigEndian) {
  bpf::Space space = spaceOf(pointer);
  if (space == bpf::Space::Stack) {
    if (bigEndian)
      return storeStack(op, swapBytes(*this, words, size), pointer, offset,
                        size);
    return storeStack(op, words, pointer, offset, size);
  }
  if (space != bpf::Space::Packet && space != bpf::Space::MapValue)
    return refuse(op) << "store through a " << pointer.getType()
                      << "; only packet, stack and map value memory can be "
                         "written";
  Words data(words);
  if (space == bpf::Space::MapValue) {
    const PointerFact &fact = module.pointers.factOf(pointer);
    FailureOr<bool> counters = hasCounters(op, fact, offset, size);
    if (failed(counters))
      return failure();
    if (*counters) {
      if (bigEndian)
        data = swapBytes(*this, data, size);
      // Whole counters in one command.
      FailureOr<bool> last = isCounter(op, fact, offset + size - 1);
      FailureOr<bool> first = isCounter(op, fact, offset);
      if (size >= 4 && fact.lowBitsKnown &&
          ((fact.lowBits + offset) & 3) == 0 && *first && *last) {
        writeCommand(MemCommand::Write32, addressOf(pointer, offset), data,
                     size / 4);
        return success();
      }
      return storeCounters(op, data, pointer, offset, size);
    }
  }
  MemCommand command = MemCommand::Write8Swap;
  if (bigEndian) {
    // write8 takes the first byte from the top of the first register.
    if (size == 8)
      std::swap(data[0], data[1]);
    else if (size < 4)
      data[0] = shl(data[0], 32 - 8 * size);
    command = MemCommand::Write8;
  }
  writeCommand(command, addressOf(pointer, offset), data, size);
  return success();
}

/// Some of the words may be counters, or parts of them.
FailureOr<bool> FunctionLowering::reachesCounters(Operation *op, Value pointer,
                                                  int64_t offset,
                                                  unsigned size) {
  if (spaceOf(pointer) != bpf::Space::MapValue)
    return false;
  return hasCounters(op, module.pointers.factOf(pointer), offset, size);
}

LogicalResult FunctionLowering::lowerLoadWords(bpf::LoadWordsOp op) {
  FailureOr<bool> counters =
      reachesCounters(op, op.getPtr(), op.getOffset(), 4 * op.getNumResults());
  if (failed(counters))
    return failure();
  if (*counters) {
    for (auto [index, result] : llvm::enumerate(op.getWords())) {
      FailureOr<Words> words = loadCounters(
          op, op.getPtr(), op.getOffset() + 4 * static_cast<int64_t>(index), 4);
      if (failed(words))
        return failure();
      Word word = (*words)[0];
      set(result, op.getOrder() == bpf::ByteOrder::BE ? bswap32(word) : word);
    }
    return success();
  }
  MemCommand command = op.getOrder() == bpf::ByteOrder::BE
                           ? MemCommand::Read32
                           : MemCommand::Read32Swap;
  SmallVector<Value, 2> read = readCommand(
      command, addressOf(op.getPtr(), op.getOffset()), op.getNumResults());
  for (auto [result, value] : llvm::zip_equal(op.getWords(), read))
    set(result, Word::of(value));
  return success();
}

LogicalResult FunctionLowering::lowerStoreWords(bpf::StoreWordsOp op) {
  bool bigEndian = op.getOrder() == bpf::ByteOrder::BE;
  SmallVector<Word> data;
  for (Value value : op.getWords())
    data.push_back(word(value));
  // Up to 32 bytes go byte by byte, which costs an override word for more than
  // 8; words need one for more than 8 of them.
  constexpr unsigned maxBytes = 32;
  unsigned size = op.getSize(), done = 0;
  FailureOr<bool> counters =
      reachesCounters(op, op.getPtr(), op.getOffset(), size);
  if (failed(counters))
    return failure();
  if (*counters) {
    for (unsigned at = 0; at < size; at += 4) {
      const unsigned piece = std::min(4u, size - at);
      // The first byte becomes the least significant one.
      Word word = data[at / 4];
      if (bigEndian)
        word = bswap32(word);
      if (failed(storeCounters(op, {word}, op.getPtr(), op.getOffset() + at,
                               piece)))
        return failure();
    }
    return success();
  }
  if (size % 4 == 0 || size > maxBytes) {
    done = size & ~3u;
    writeCommand(bigEndian ? MemCommand::Write32 : MemCommand::Write32Swap,
                 addressOf(op.getPtr(), op.getOffset()),
                 ArrayRef(data).take_front(done / 4), done / 4);
  }
  if (done < size)
    writeCommand(bigEndian ? MemCommand::Write8 : MemCommand::Write8Swap,
                 addressOf(op.getPtr(), op.getOffset() + done),
                 ArrayRef(data).drop_front(done / 4), size - done);
  return success();
}

LogicalResult FunctionLowering::lowerLoad(bpf::LoadOp op) {
  unsigned size = op.getSize();
  FailureOr<Words> words = load(op, op.getPtr(), op.getOffset(), size,
                                op.getOrder() == bpf::ByteOrder::BE);
  if (failed(words))
    return failure();
  // A pointer's bytes in memory are those of its number.
  words->resize(*wordsOf(op.getType()));
  set(op.getResult(), std::move(*words));
  return success();
}

LogicalResult FunctionLowering::lowerStore(bpf::StoreOp op) {
  Words words = get(op.getValue());
  unsigned size = op.getSize();
  if (isa<bpf::PtrType>(op.getValue().getType())) {
    if (words.empty())
      words.push_back(Word::constant(1)); // the context's number
    words.resize(2, Word::constant(0));
  }
  return store(op, words, op.getPtr(), op.getOffset(), size,
               op.getOrder() == bpf::ByteOrder::BE);
}

//===----------------------------------------------------------------------===//
// Atomics
//===----------------------------------------------------------------------===//

/// What an atomic operation leaves in memory.
static Words combine(MachineBuilder &b, bpf::AtomicKind kind,
                     ArrayRef<Word> old, ArrayRef<Word> value) {
  if (kind == bpf::AtomicKind::Xchg)
    return Words(value);
  if (kind == bpf::AtomicKind::Add) {
    if (old.size() == 1)
      return {b.add(old[0], value[0])};
    Pair sum = b.add(Pair{old[0], old[1]}, Pair{value[0], value[1]});
    return {sum.lo, sum.hi};
  }
  Words result;
  for (auto [x, y] : llvm::zip(old, value))
    result.push_back(kind == bpf::AtomicKind::And  ? b.bitAnd(x, y)
                     : kind == bpf::AtomicKind::Or ? b.bitOr(x, y)
                                                   : b.bitXor(x, y));
  return result;
}

/// The memory engine's command for an operation on big-endian words (NFP
/// instruction set, section "Commands"). The bitwise ones and `swap` take two
/// words for 64 bits, the addition has a form of its own.
Words FunctionLowering::atomicCommand(bpf::AtomicKind kind,
                                      ArrayRef<Word> value,
                                      const Address &address, bool fetch) {
  unsigned count = value.size();
  Words data(value);
  MemCommand command = MemCommand::Add;
  switch (kind) {
  case bpf::AtomicKind::Add:
    if (count == 2)
      command = fetch ? MemCommand::TestAdd64 : MemCommand::Add64;
    else
      command = fetch ? MemCommand::TestAdd : MemCommand::Add;
    break;
  case bpf::AtomicKind::Or:
    command = fetch ? MemCommand::TestSet : MemCommand::Set;
    break;
  case bpf::AtomicKind::And: // clears the bits of the operand
    for (Word &w : data)
      w = bitNot(w);
    command = fetch ? MemCommand::TestClr : MemCommand::Clr;
    break;
  case bpf::AtomicKind::Xor:
    command = fetch ? MemCommand::TestXor : MemCommand::Xor;
    break;
  case bpf::AtomicKind::Xchg:
    command = fetch ? MemCommand::Swap : MemCommand::AtomicWrite;
    break;
  }
  bool isAdd = kind == bpf::AtomicKind::Add;
  SmallVector<Value> sources;
  for (const Word &w : data)
    sources.push_back(src(w));
  SmallVector<Type> types(fetch ? count : 0,
                          nfp::XferType::get(b.getContext()));
  auto cmd = nfp::CmdOp::create(b, loc, types, command, address.mode,
                                address.first, address.second, sources, Value(),
                                isAdd ? 1u : count, false);
  Words old;
  for (Value result : cmd.getResults())
    old.push_back(Word::of(result));
  return old;
}

LogicalResult FunctionLowering::lowerAtomic(bpf::AtomicRMWOp op) {
  Words value = get(op.getValue());
  unsigned size = 4 * value.size();
  if (spaceOf(op.getPtr()) != bpf::Space::MapValue) {
    // Nobody else reaches this context's packet and stack meanwhile.
    FailureOr<Words> old = load(op, op.getPtr(), op.getOffset(), size, false);
    if (failed(old))
      return failure();
    return store(op, combine(*this, op.getKind(), *old, value), op.getPtr(),
                 op.getOffset(), size, false);
  }
  bool isAdd = op.getKind() == bpf::AtomicKind::Add;
  if (!isAdd) {
    atomicCommand(op.getKind(), value, addressOf(op.getPtr(), op.getOffset()),
                  false);
    return success();
  }
  bool narrow = true;
  for (const Word &high : llvm::drop_begin(value))
    narrow &= high.isZero();
  if (narrow && value[0].isZero())
    return success();
  Address address = addressOf(op.getPtr(), op.getOffset());
  // Nothing says when a command that is not waited for has been done, so it
  // must not be one whose effect the program looks at.
  bool readBack = module.pointers.isReadBack(
      module.pointers.factOf(op.getPtr()), op.getOffset(), size);
  if (narrow && value[0].bits <= 15 && !readBack) {
    // add_imm: the override word before the command holds the operand in bits
    // 31:16, length 8 (32 bit) or 12 (64 bit) in 12:8, its enable bit 7, and
    // in 5:3 the code 2 for immediate data. No result, nothing to wait for.
    uint32_t length = size == 8 ? 12 : 8;
    uint32_t control = length << 8 | 1u << 7 | 2u << 3;
    Value prev = nfp::ShfOp::create(
                     b, loc, Type(), Type(), nfp::PrevType::get(b.getContext()),
                     nfp::ShfOpcode::Or, nfp::ShiftKind::Shl, 16u, false,
                     ValueRange{gpr(Word::constant(control)), src(value[0])},
                     Value(), Value())
                     .getPrevOut();
    nfp::CmdOp::create(b, loc, TypeRange{},
                       size == 8 ? MemCommand::Add64Imm : MemCommand::AddImm,
                       address.mode, address.first, address.second,
                       ValueRange{}, prev, 1u, true);
    return success();
  }
  atomicCommand(op.getKind(), value, address, false);
  return success();
}

LogicalResult FunctionLowering::lowerCmpXchg(bpf::AtomicCmpXchgOp op) {
  if (spaceOf(op.getPtr()) == bpf::Space::MapValue)
    return refuse(op)
           << "compare-and-exchange on a map value; the memory engine compares "
              "no more than 16 bits, and changes the word where they differ; "
              "use another atomic operation (exchange, or, and, xor, add, each "
              "with the old value)";
  Words value = get(op.getValue()), expected = get(op.getExpected());
  unsigned size = 4 * value.size();
  FailureOr<Words> old = load(op, op.getPtr(), op.getOffset(), size, false);
  if (failed(old))
    return failure();
  set(op.getResult(), *old);
  Test equal = size == 8 ? compare(Pred::EQ, Pair{(*old)[0], (*old)[1]},
                                   Pair{expected[0], expected[1]})
                         : compare(Pred::EQ, (*old)[0], expected[0]);
  return store(op, choose(equal, value, *old), op.getPtr(), op.getOffset(),
               size, false);
}

LogicalResult FunctionLowering::lowerAtomicFetch(bpf::AtomicFetchRMWOp op) {
  Words value = get(op.getValue());
  unsigned size = 4 * value.size();
  if (spaceOf(op.getPtr()) == bpf::Space::MapValue) {
    set(op.getResult(),
        atomicCommand(op.getKind(), value,
                      addressOf(op.getPtr(), op.getOffset()), true));
    return success();
  }
  FailureOr<Words> old = load(op, op.getPtr(), op.getOffset(), size, false);
  if (failed(old))
    return failure();
  set(op.getResult(), *old);
  return store(op, combine(*this, op.getKind(), *old, value), op.getPtr(),
               op.getOffset(), size, false);
}
