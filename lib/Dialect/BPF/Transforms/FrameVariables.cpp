//===- FrameVariables.cpp - What of a frame need not be memory ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FrameVariables.h"

#include "FrameEffects.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nfpbpf::bpf;

constexpr unsigned WordBytes = 4;
constexpr unsigned PairBytes = 8;

/// A store that can be divided for nothing.
static bool isConstantStore(Operation *op) {
  auto store = dyn_cast<StoreOp>(op);
  return store && isa<IntegerType>(store.getValue().getType()) &&
         matchPattern(store.getValue(), m_Constant());
}

static Type accessedType(Operation *op) {
  if (auto load = dyn_cast<LoadOp>(op))
    return load.getResult().getType();
  return cast<StoreOp>(op).getValue().getType();
}

bool FrameVariables::noteAccess(Operation *op, Address address,
                                unsigned bytes) {
  const int64_t end = address.offset + address.spread + bytes;
  if (address.offset < 0 || end > frame.getSize())
    return giveUp(op,
                  "something outside of it is accessed through its address");
  const auto begin = static_cast<unsigned>(address.offset);
  anyUncertain |= !address.certain;
  if (address.certain)
    list.push_back({op, begin, bytes});
  else
    shared.set(begin, static_cast<unsigned>(end));
  return true;
}

/// A helper reads or writes some bytes.
bool FrameVariables::noteShared(Operation *op) {
  SmallVector<ByteRange, 2> ranges = readBy(op, frame, memory);
  if (std::optional<ByteRange> written = writtenBy(op, frame, memory))
    ranges.push_back(*written);
  for (ByteRange range : ranges) {
    if (range.begin < 0 || range.end > frame.getSize())
      return giveUp(op, "its address is passed on");
    shared.set(static_cast<unsigned>(range.begin),
               static_cast<unsigned>(range.end));
  }
  return true;
}

/// The uses of an address are looked at, once for each place it may be.
bool FrameVariables::follow(Address address) {
  constexpr size_t maxFollowed = 512;
  if (followed.insert({address.pointer, {address.offset, address.spread}})
          .second)
    worklist.push_back(address);
  return followed.size() <= maxFollowed;
}

bool FrameVariables::noteUse(OpOperand &use, Address address) {
  constexpr llvm::StringLiteral computed =
      "it is accessed at addresses that are computed";
  Operation *op = use.getOwner();
  if (auto load = dyn_cast<LoadOp>(op)) {
    address.offset += load.getOffset();
    return noteAccess(op, address, load.getSize());
  }
  if (auto store = dyn_cast<StoreOp>(op);
      store && &use == &store.getPtrMutable()) {
    address.offset += store.getOffset();
    return noteAccess(op, address, store.getSize());
  }
  if (auto add = dyn_cast<PtrAddOp>(op)) {
    const llvm::ConstantRange range =
        ranges.rangeAt(add.getOffset(), add->getBlock());
    const int64_t least = range.getSignedMin().getSExtValue();
    const int64_t most = range.getSignedMax().getSExtValue();
    const int64_t size = frame.getSize();
    if (range.isEmptySet() || least < -size || most > size)
      return giveUp(op, computed);
    address.pointer = add;
    address.offset += least;
    address.spread += most - least;
    address.certain &= least == most;
    return follow(address) || giveUp(op, computed);
  }
  if (isa<IsNullOp, PtrCmpOp, PtrDiffOp>(op))
    return true;
  address.certain = false;
  if (isa<arith::SelectOp>(op)) {
    address.pointer = op->getResult(0);
    return follow(address) || giveUp(op, computed);
  }
  if (auto branch = dyn_cast<BranchOpInterface>(op)) {
    std::optional<BlockArgument> argument =
        branch.getSuccessorBlockArgument(use.getOperandNumber());
    if (!argument)
      return giveUp(op, "its address is passed on");
    address.pointer = *argument;
    return follow(address) || giveUp(op, computed);
  }
  if (auto store = dyn_cast<StoreOp>(op))
    return followStored(store, address) || giveUp(op, "its address is kept");
  if (isMemoryEffectFree(op))
    return giveUp(op, "its address is kept");
  return noteShared(op);
}

/// An address that is stored in the frame itself: a load of a pointer may be of
/// this one. False if others than this function may load it, or if numbers
/// become pointers.
bool FrameVariables::followStored(StoreOp store, Address address) {
  if (stripConstants(store.getPtr(), 0).root != frame.getResult())
    return false;
  bool isKnown = true;
  address.certain = false;
  frame->getParentOfType<FuncOp>().walk([&](Operation *op) {
    isKnown &= !isa<IntToPtrOp>(op);
    auto load = dyn_cast<LoadOp>(op);
    auto type =
        load ? dyn_cast<PtrType>(load.getResult().getType()) : PtrType();
    if (!type)
      return;
    isKnown &= type.getSpace() != Space::Opaque;
    if (type == frame.getType()) {
      address.pointer = load;
      isKnown &= follow(address);
    }
  });
  return isKnown;
}

bool FrameVariables::findAccesses() {
  Address start;
  start.pointer = frame;
  (void)follow(start);
  while (!worklist.empty()) {
    const Address address = worklist.pop_back_val();
    for (OpOperand &use : address.pointer.getUses())
      if (!noteUse(use, address))
        return false;
  }
  return true;
}

/// What a load may find there before any store did it. Backwards through the
/// function: the bytes that are read before they are written.
void FrameVariables::shareUninitialized() {
  struct Effects {
    llvm::BitVector read, written, live;
  };
  const auto size = static_cast<unsigned>(frame.getSize());
  llvm::DenseMap<Block *, SmallVector<const FrameAccess *>> ofBlock;
  for (const FrameAccess &access : list)
    ofBlock[access.op->getBlock()].push_back(&access);
  llvm::DenseMap<Block *, Effects> effects;
  Block *entry = frame->getBlock();
  SmallVector<Block *> order(llvm::post_order(entry));
  for (Block *block : order) {
    Effects &own = effects[block];
    own.read.resize(size);
    own.written.resize(size);
    own.live.resize(size);
    auto it = ofBlock.find(block);
    if (it == ofBlock.end())
      continue;
    llvm::sort(it->second, [](const auto *left, const auto *right) {
      return left->op->isBeforeInBlock(right->op);
    });
    for (const FrameAccess *access : llvm::reverse(it->second)) {
      const bool reads = isa<LoadOp>(access->op);
      (reads ? own.read : own.written).set(access->begin, access->end());
      if (!reads)
        own.read.reset(access->begin, access->end());
    }
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (Block *block : order) {
      Effects &own = effects[block];
      llvm::BitVector live(size);
      for (Block *next : block->getSuccessors())
        live |= effects[next].live;
      live.reset(own.written);
      live |= own.read;
      changed |= live != own.live;
      own.live = std::move(live);
    }
  }
  shared |= effects[entry].live;
}

void FrameVariables::add(unsigned begin, unsigned bytes) {
  const auto *first =
      llvm::find_if(accessesOf[begin / PairBytes], [&](unsigned index) {
        return list[index].touches(begin, begin + bytes);
      });
  std::fill_n(variableOf.begin() + begin, bytes,
              static_cast<int>(variables.size()));
  variables.push_back({begin, bytes, list[*first].op->getLoc()});
}

/// Loads, and stores of numbers that are computed, say which bytes of a word
/// belong together.
void FrameVariables::divideWord(unsigned word) {
  const unsigned end = word + WordBytes;
  SmallVector<std::pair<unsigned, unsigned>> fields;
  for (unsigned index : accessesOf[word / PairBytes]) {
    const FrameAccess &access = list[index];
    if (!access.touches(word, end) || isConstantStore(access.op))
      continue;
    if (isa<PtrType>(accessedType(access.op)))
      return;
    fields.emplace_back(std::max(access.begin, word),
                        std::min(access.end(), end));
  }
  llvm::sort(fields);
  SmallVector<std::pair<unsigned, unsigned>> numbers; // begin, bytes
  bool areNatural = true;
  for (size_t n = 0; n < fields.size();) {
    auto [begin, last] = fields[n];
    for (++n; n < fields.size() && fields[n].first < last; ++n)
      last = std::max(last, fields[n].second);
    numbers.emplace_back(begin, last - begin);
    areNatural &=
        llvm::isPowerOf2_32(last - begin) && begin % (last - begin) == 0;
  }
  if (!areNatural)
    numbers.assign(1, {word, WordBytes});
  for (auto [begin, bytes] : numbers)
    if (isFree(begin, begin + bytes) &&
        read.find_first_in(begin, begin + bytes) >= 0)
      add(begin, bytes);
}

void FrameVariables::divide(unsigned pair) {
  const unsigned end = std::min<unsigned>(pair + PairBytes, frame.getSize());
  // Pointers, and numbers of 64 bits that are never looked at in part.
  bool together = isFree(pair, end);
  Type pointer;
  bool hasNumbers = false, computed = false;
  for (unsigned index : accessesOf[pair / PairBytes]) {
    const FrameAccess &access = list[index];
    Type type = accessedType(access.op);
    if (isa<PtrType>(type)) {
      together &= access.begin == pair && (!pointer || pointer == type);
      pointer = type;
      continue;
    }
    hasNumbers = true;
    if (isConstantStore(access.op))
      continue;
    computed = true;
    together &= access.begin == pair && access.bytes == PairBytes;
  }
  if (pointer && (hasNumbers || !together))
    return;
  if (read.find_first_in(pair, end) < 0)
    return;
  if (together && (pointer || computed))
    return add(pair, PairBytes);
  for (unsigned word = pair; word < end; word += WordBytes)
    divideWord(word);
}

void FrameVariables::findMemory() {
  kept.clear();
  kept.resize(frame.getSize());
  for (unsigned word = 0; word < kept.size(); word += WordBytes) {
    auto isHere = [&](unsigned byte) { return variableOf[byte] < 0; };
    auto bytes = llvm::seq(word, word + WordBytes);
    if (llvm::none_of(bytes, [&](unsigned byte) {
          return isHere(byte) && read.test(byte);
        }))
      continue;
    for (unsigned byte : bytes)
      if (isHere(byte))
        kept.set(byte);
  }
}

bool FrameVariables::hasUnread() const {
  return llvm::any_of(list, [&](const FrameAccess &access) {
    for (unsigned byte = access.begin; byte < access.end(); ++byte)
      if (!kept.test(byte) && !variableAt(byte))
        return true;
    return false;
  });
}

ByteRange FrameVariables::memoryBytes() const {
  if (kept.none())
    return {};
  const auto begin = static_cast<unsigned>(kept.find_first());
  const auto last = static_cast<unsigned>(kept.find_last());
  return {begin / PairBytes * PairBytes,
          (last / PairBytes + 1) * int64_t{PairBytes}};
}

/// Registers that do not suffice are put behind the frame. Where all addresses
/// are certain, nfp-layout-frame gives them the place of the variables; where
/// not, variables stay until there is room.
void FrameVariables::dropLeastUsed() {
  auto numAccesses = [&](const Variable &variable) {
    return llvm::count_if(
        accessesOf[variable.begin / PairBytes], [&](unsigned index) {
          return list[index].touches(variable.begin,
                                     variable.begin + variable.bytes);
        });
  };
  auto needed = [&] {
    const ByteRange memory = memoryBytes();
    int64_t bytes = memory.end - memory.begin + 2 * promotedBytes;
    for (const Variable &variable : variables)
      bytes += 2 * int64_t{variable.bytes};
    return bytes;
  };
  while (!variables.empty() && needed() > MaxStackBytes) {
    auto *least = llvm::min_element(
        variables, [&](const Variable &left, const Variable &right) {
          return numAccesses(left) < numAccesses(right);
        });
    variables.erase(least);
    llvm::fill(variableOf, -1);
    for (auto [n, variable] : llvm::enumerate(variables))
      std::fill_n(variableOf.begin() + variable.begin, variable.bytes,
                  static_cast<int>(n));
    findMemory();
  }
}

bool FrameVariables::find() {
  constexpr unsigned maxBytes = 4096;
  if (frame.getSize() > maxBytes)
    return giveUp(frame, "it is too large");
  if (!findAccesses())
    return false;
  shareUninitialized();
  read = shared;
  for (const FrameAccess &access : list)
    if (isa<LoadOp>(access.op))
      read.set(access.begin, access.end());
  // A pointer stays or goes as a whole.
  for (const FrameAccess &access : list)
    if (isa<PtrType>(accessedType(access.op)) &&
        read.find_first_in(access.begin, access.end()) >= 0)
      read.set(access.begin, access.end());
  // In the program's order, whatever order the uses were found in.
  llvm::DenseMap<Operation *, unsigned> numbers;
  unsigned count = 0;
  frame->getParentOp()->walk([&](Operation *op) { numbers[op] = count++; });
  llvm::sort(list, [&](const FrameAccess &left, const FrameAccess &right) {
    return numbers.lookup(left.op) < numbers.lookup(right.op);
  });
  accessesOf.resize(frame.getSize() / PairBytes);
  for (auto [index, access] : llvm::enumerate(list))
    for (unsigned pair = access.begin / PairBytes;
         pair * PairBytes < access.end(); ++pair)
      accessesOf[pair].push_back(static_cast<unsigned>(index));
  for (unsigned pair = 0; pair < frame.getSize(); pair += PairBytes)
    divide(pair);
  findMemory();
  if (anyUncertain)
    dropLeastUsed();
  return true;
}
