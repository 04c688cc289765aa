//===- FuseMemcpy.cpp - bpf-fuse-memcpy -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stores wait as long as nothing can see their bytes, through blocks and over
// joins where all ways in have stored the same. What has come together by then
// is written with as few commands as possible, and bytes that were overwritten
// meanwhile are not written at all. Loads of bytes whose content is known take
// them from the stored numbers.
//
//===----------------------------------------------------------------------===//

#include "BoundsChecks.h"
#include "ByteTracking.h"
#include "FrameEffects.h"
#include "MemoryAccesses.h"
#include "Remarks.h"
#include "SinkStores.h"

#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"
#include <map>

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_FUSEMEMCPY
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

#define DEBUG_TYPE "bpf-fuse-memcpy"

using namespace mlir;
using namespace nfpbpf::bpf;

namespace {

/// Bytes that one command writes at most: 32 words (NFP instruction set,
/// section "Commands").
constexpr int64_t MaxCommandBytes = 128;
/// Bytes that one command writes one by one at most; what is longer is written
/// in whole words, with a second command for the rest.
constexpr size_t MaxBytesOneByOne = 32;
/// Bytes that are known at most; bounds the time for huge functions.
constexpr size_t MaxKnown = 256;

/// Bytes between stores that are written with them at most, if what they hold
/// is known: a word more costs less than a command more.
constexpr int64_t MaxGap = 8;

/// A byte of memory whose content is known, and the store that made it so, or
/// the load that found it.
struct Known {
  ByteSource source;
  Location loc;
  bool waits;  ///< has not been written yet
  bool loaded; ///< was there
  bool operator==(const Known &other) const {
    return source == other.source && waits == other.waits;
  }
};

/// What is known of one memory. All bytes have one root, so they are either the
/// same byte or different ones.
struct Content {
  Value root;
  /// The pointer that the last store went through; leads to the root.
  Value pointer;
  int64_t pointerOffset = 0; // of the pointer from the root
  std::map<int64_t, Known> bytes;

  bool anyWaits() const {
    return llvm::any_of(bytes, [](const auto &b) { return b.second.waits; });
  }
  void clear() {
    root = pointer = Value();
    bytes.clear();
  }
  /// But for bytes of numbers that are to be kept.
  void forgetLoaded(llvm::function_ref<bool(Value)> isKept) {
    for (auto it = bytes.begin(); it != bytes.end();)
      it = it->second.loaded && !isKept(it->second.source.root)
               ? bytes.erase(it)
               : std::next(it);
  }
};

constexpr unsigned NumMemories = 3;
constexpr Space Memories[NumMemories] = {Space::Packet, Space::MapValue,
                                         Space::Stack};
using Contents = std::array<Content, NumMemories>;

/// Pointers that lie in the function's frame, by the offset of their first
/// byte.
using Pointers = std::map<int64_t, Value>;
constexpr int64_t PointerBytes = 8;

enum class Access : uint8_t { Any, Read, Write };

struct FuseMemcpy : nfpbpf::bpf::impl::FuseMemcpyBase<FuseMemcpy> {
  using FuseMemcpyBase::FuseMemcpyBase;
  void runOnOperation() override;
};

/// One function.
class StoreFuser {
public:
  StoreFuser(FuncOp function, const MemoryAccesses &accesses)
      : function(function), accesses(accesses), dominance(function),
        starts(function) {}
  void run();

  unsigned numLoads = 0, numStores = 0, numCommands = 0, numUnread = 0;

private:
  void findStackReaders();
  bool meetBeforeUse(Block *block) const;
  void enter(Block *block);
  void writeOnEdge(Block *from, Block *to);
  void visit(Operation *op);
  void visitLoad(LoadOp load);
  bool forward(LoadOp load);
  void visitWords(LoadWordsOp load);
  void noteLoaded(unsigned memory, Place place, ArrayRef<ByteSource> bytes,
                  Location loc);
  bool visitPointerLoad(LoadOp load);
  void notePointer(StoreOp store);
  void forgetPointers(Value root, int64_t offset, int64_t size);
  void visitStore(StoreOp store);
  void visitStore(StoreWordsOp store);
  void visitStore(Operation *store, Value pointer, int64_t offset,
                  ArrayRef<ByteSource> bytes, size_t size);
  void visitOther(Operation *op);
  void leave(Block *block);
  void dropUnread();

  void flush(Content &content, int64_t begin, int64_t end, OpBuilder &b);
  void flush(Content &content, OpBuilder &b);
  void flushBefore(unsigned memory, Operation *op) {
    OpBuilder b(op);
    flush(now[memory], b);
  }
  void completeWords(const Content &content, int64_t first,
                     SmallVectorImpl<Known> &run, OpBuilder &b);
  void write(const Content &content, int64_t at, ArrayRef<Known> bytes,
             OpBuilder &b);

  FuncOp function;
  const MemoryAccesses &accesses;
  DominanceInfo dominance;
  PacketStarts starts;
  Contents now;
  llvm::DenseMap<Block *, Contents> atEnd;
  Pointers pointers;
  llvm::DenseMap<Block *, Pointers> pointersAtEnd;
  llvm::SmallPtrSet<Block *, 32> done;
  /// Blocks from which something that reads the stack can be reached.
  llvm::SmallPtrSet<Block *, 32> readsStack;
  llvm::SmallPtrSet<Block *, 32> touchesStack;
  SmallVector<Operation *> toErase;
};

} // namespace

static Space spaceOf(Value pointer) {
  return cast<PtrType>(pointer.getType()).getSpace();
}

static std::optional<unsigned> memoryOf(Space space) {
  for (unsigned n = 0; n < NumMemories; ++n)
    if (Memories[n] == space)
      return n;
  return std::nullopt;
}

static SideEffects::Resource *resourceOf(Space space) {
  switch (space) {
  case Space::Packet:
    return PacketResource::get();
  case Space::MapValue:
    return MapResource::get();
  default:
    return StackResource::get();
  }
}

/// Effects on a resource, or unknown ones.
static bool touches(Operation *op, SideEffects::Resource *resource,
                    Access access = Access::Any) {
  std::optional<SmallVector<MemoryEffects::EffectInstance>> effects =
      getEffectsRecursively(op);
  if (!effects)
    return true;
  return llvm::any_of(*effects, [&](const auto &effect) {
    if (access != Access::Any && isa<MemoryEffects::Read>(effect.getEffect()) !=
                                     (access == Access::Read))
      return false;
    return effect.getResource() == resource ||
           effect.getResource() == SideEffects::DefaultResource::get();
  });
}

/// The card calls a routine for the operation.
static bool isRoutineCall(Operation *op) {
  return isa<MapLookupOp, MapUpdateOp, MapDeleteOp, PerfEventOutputOp, CallOp,
             CallHelperOp>(op);
}

void StoreFuser::findStackReaders() {
  SmallVector<Block *> worklist;
  for (Block &block : function.getBody())
    for (Operation &op : block) {
      if (isMemoryEffectFree(&op) || isa<ReturnOp>(op) ||
          !touches(&op, StackResource::get()))
        continue;
      touchesStack.insert(&block);
      if (!isa<StoreOp>(op) &&
          touches(&op, StackResource::get(), Access::Read) &&
          readsStack.insert(&block).second)
        worklist.push_back(&block);
    }
  while (!worklist.empty())
    for (Block *predecessor : worklist.pop_back_val()->getPredecessors())
      if (readsStack.insert(predecessor).second)
        worklist.push_back(predecessor);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// The bytes of a word or number, the least significant one first.
static SmallVector<ByteSource> inOrder(ArrayRef<ByteSource> bytes,
                                       ByteOrder order) {
  SmallVector<ByteSource> result(bytes);
  if (order == ByteOrder::BE)
    std::reverse(result.begin(), result.end());
  return result;
}

/// What building the words of a command costs.
static unsigned costOf(ArrayRef<ByteSource> sources, ByteOrder order) {
  unsigned sum = 0;
  for (; !sources.empty();
       sources = sources.drop_front(std::min<size_t>(4, sources.size())))
    sum += countPieces(inOrder(
        sources.take_front(std::min<size_t>(4, sources.size())), order));
  return sum;
}

/// Adds what is cheapest where nothing is written.
static void fillWord(SmallVectorImpl<ByteSource> &bytes, ByteOrder order) {
  while (bytes.size() < 4) {
    ByteSource next = order == ByteOrder::BE ? bytes.front() : bytes.back();
    if (next.isConstant())
      next = {};
    else if (order == ByteOrder::BE)
      next = next.byte > 0
                 ? ByteSource{next.root, static_cast<uint8_t>(next.byte - 1)}
                 : ByteSource{};
    else
      next = 8u * (next.byte + 1u) < next.root.getType().getIntOrFloatBitWidth()
                 ? ByteSource{next.root, static_cast<uint8_t>(next.byte + 1)}
                 : ByteSource{};
    bytes.insert(order == ByteOrder::BE ? bytes.begin() : bytes.end(), next);
  }
}

/// The places that the bytes come from.
static std::string describeStores(ArrayRef<Known> bytes) {
  constexpr size_t maxNamed = 8;
  llvm::SmallSetVector<Location, 8> places;
  std::vector<std::string> names;
  for (const Known &known : bytes)
    if (places.insert(known.loc)) {
      std::string name = describePlace(known.loc);
      if (!llvm::is_contained(names, name))
        names.push_back(std::move(name));
    }
  std::string result = llvm::join(ArrayRef(names).take_front(maxNamed), ", ");
  if (names.size() > maxNamed)
    result += " and others";
  return result;
}

/// Writes neighbouring bytes, the first `at` bytes behind the root.
void StoreFuser::write(const Content &content, int64_t at,
                       ArrayRef<Known> bytes, OpBuilder &b) {
  Location loc = bytes.back().loc;
  SmallVector<ByteSource> sources;
  for (const Known &known : bytes)
    sources.push_back(known.source);
  ++numCommands;
  llvm::SmallPtrSet<const void *, 8> stores;
  for (const Known &known : bytes)
    stores.insert(known.loc.getAsOpaquePointer());
  if (stores.size() > 1)
    remark::passed(
        loc,
        remarkOf(function, DEBUG_TYPE, "Store").function(function.getSymName()))
        << remark::add("one write of {0} bytes for the stores of {1}",
                       bytes.size(), describeStores(bytes))
        << remark::metric("Bytes", bytes.size());
  // In the order in which the numbers need the least rearrangement.
  ByteOrder order =
      costOf(sources, ByteOrder::BE) < costOf(sources, ByteOrder::LE)
          ? ByteOrder::BE
          : ByteOrder::LE;
  size_t size = sources.size();
  if (size == 1)
    order = ByteOrder::LE;
  auto orderAttr = ByteOrderAttr::get(b.getContext(), order);
  auto offset = b.getIntegerAttr(
      IntegerType::get(b.getContext(), 32, IntegerType::Signed),
      at - content.pointerOffset);
  if (size == 1 || size == 2 || size == 4 || size == 8) {
    StoreOp::create(b, loc, assembleBytes(b, loc, inOrder(sources, order)),
                    content.pointer, offset, orderAttr);
    return;
  }
  SmallVector<Value> words;
  for (size_t k = 0; k < size; k += 4) {
    SmallVector<ByteSource> part = inOrder(
        ArrayRef(sources).slice(k, std::min<size_t>(4, size - k)), order);
    fillWord(part, order);
    words.push_back(assembleBytes(b, loc, part));
  }
  StoreWordsOp::create(b, loc, words, content.pointer, offset,
                       b.getI32IntegerAttr(static_cast<int32_t>(size)),
                       orderAttr);
}

/// The end of the known bytes from `at` on behind which more waits, not far
/// away; `at` if there are none.
static int64_t endOfGap(const Content &content, int64_t at, int64_t end) {
  for (int64_t next = at; next < end && next <= at + MaxGap; ++next) {
    auto it = content.bytes.find(next);
    if (it == content.bytes.end())
      return at;
    if (it->second.waits)
      return next;
  }
  return at;
}

/// Adds the known bytes behind a run to one that would take a second command
/// for what is more than whole words, if they are certainly in the packet.
void StoreFuser::completeWords(const Content &content, int64_t first,
                               SmallVectorImpl<Known> &run, OpBuilder &b) {
  const size_t missing = llvm::alignTo<4>(run.size()) - run.size();
  if (missing == 0 || run.size() <= MaxBytesOneByOne ||
      run.size() + missing > MaxCommandBytes)
    return;
  const int64_t end = first + static_cast<int64_t>(run.size() + missing);
  SmallVector<Known, 3> behind;
  for (int64_t at = first + static_cast<int64_t>(run.size()); at < end; ++at)
    if (auto it = content.bytes.find(at);
        it != content.bytes.end() && !it->second.waits)
      behind.push_back(it->second);
  if (behind.size() != missing)
    return;
  Block *block = b.getInsertionBlock();
  const void *packetEnd = starts.endBefore(block, b.getInsertionPoint());
  if (packetEnd &&
      leastEndAt(block, content.root, packetEnd, dominance, starts) >= end)
    run.append(behind);
}

/// Writes what waits of some bytes; it stays known.
void StoreFuser::flush(Content &content, int64_t begin, int64_t end,
                       OpBuilder &b) {
  auto it = content.bytes.lower_bound(begin);
  while (it != content.bytes.end() && it->first < end) {
    if (!it->second.waits) {
      ++it;
      continue;
    }
    int64_t first = it->first;
    // Other programs may change map values meanwhile; the packet is ours.
    const bool fillsGaps = spaceOf(content.pointer) == Space::Packet;
    int64_t gapEnd = first;
    SmallVector<Known> run;
    for (; it != content.bytes.end() && it->first < end &&
           it->first == first + static_cast<int64_t>(run.size()) &&
           static_cast<int64_t>(run.size()) < MaxCommandBytes;
         ++it) {
      if (!it->second.waits && it->first >= gapEnd) {
        gapEnd = fillsGaps ? endOfGap(content, it->first,
                                      std::min(end, first + MaxCommandBytes))
                           : it->first;
        if (gapEnd == it->first)
          break;
      }
      run.push_back(it->second);
      it->second.waits = false;
    }
    if (fillsGaps)
      completeWords(content, first, run, b);
    if (spaceOf(content.pointer) != Space::Stack) {
      write(content, first, run, b);
      continue;
    }
    // The stack is written word by word; parts of words at their own
    // alignment.
    for (size_t k = 0; k < run.size();) {
      int64_t at = first + static_cast<int64_t>(k);
      size_t size = 4;
      while (size > run.size() - k || at % static_cast<int64_t>(size) != 0)
        size /= 2;
      write(content, at, ArrayRef(run).slice(k, size), b);
      k += size;
    }
  }
}

void StoreFuser::flush(Content &content, OpBuilder &b) {
  if (!content.bytes.empty())
    flush(content, content.bytes.begin()->first,
          content.bytes.rbegin()->first + 1, b);
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

/// The number is needed behind the operation anyway.
static bool isUsedBehind(Value value, Operation *op, DominanceInfo &dominance) {
  return value && llvm::any_of(value.getUsers(), [&](Operation *user) {
           return dominance.properlyDominates(op, user);
         });
}

/// Writes what an operation other than a plain load or store may see, forgets
/// what it may change.
void StoreFuser::visitOther(Operation *op) {
  if (isMemoryEffectFree(op))
    return;
  for (unsigned n = 0; n < NumMemories; ++n) {
    if (now[n].bytes.empty())
      continue;
    Space space = Memories[n];
    bool sees = touches(op, resourceOf(space));
    bool changes = sees && touches(op, resourceOf(space), Access::Write);
    if (space == Space::Packet) {
      // The packet's ends may move over what waits; its bytes stay.
      changes |= touches(op, PacketVectorResource::get(), Access::Write);
      sees |= changes;
      changes &= !isa<AdjustHeadOp>(op);
    } else if (space == Space::MapValue) {
      // The routine looks at keys; values change under other operations.
      if (auto lookup = dyn_cast<MapLookupOp>(op)) {
        sees = spaceOf(lookup.getKey()) == Space::MapValue;
        changes = false;
      }
      changes |= isa<FenceOp>(op);
      sees |= changes;
    }
    // A routine destroys the transfer registers, where numbers that wait to be
    // written often are.
    bool destroys = isRoutineCall(op) && space != Space::Stack;
    if ((sees || destroys) && space != Space::Stack && now[n].anyWaits())
      remark::missed(op->getLoc(), remarkOf(op, DEBUG_TYPE, "StoresEnd"))
          << remark::add("stores to the {0} wait no longer than this",
                         space == Space::MapValue ? "map value" : "packet")
          << (sees ? remark::reason("it may see what they write")
                   : remark::reason("the firmware's routine destroys the "
                                    "transfer registers that hold it"));
    OpBuilder b(op);
    if (space == Space::Stack && sees && !changes)
      for (ByteRange read : readBy(op, now[n].root, accesses))
        flush(now[n], read.begin, read.end, b);
    else if (sees || destroys)
      flush(now[n], b);
    if (changes)
      now[n].clear();
    else if (destroys)
      now[n].forgetLoaded(
          [&](Value root) { return isUsedBehind(root, op, dominance); });
  }
  if (touches(op, StackResource::get(), Access::Write))
    pointers.clear();
}

/// A pointer that was put into the frame is taken from there no more: what is
/// known of it stays known.
bool StoreFuser::visitPointerLoad(LoadOp load) {
  if (isa<IntegerType>(load.getResult().getType()))
    return false;
  Place place = accesses.placeOf(load.getPtr(), load.getOffset());
  auto it = pointers.find(place.offset);
  if (!place.root.getDefiningOp<FrameOp>() || it == pointers.end() ||
      it->second.getType() != load.getResult().getType())
    return false;
  remark::passed(load.getLoc(), remarkOf(load, DEBUG_TYPE, "PointerOfFrame"))
      << remark::add("the pointer that was put on the stack is used as it was");
  load.getResult().replaceAllUsesWith(it->second);
  toErase.push_back(load);
  ++numLoads;
  return true;
}

void StoreFuser::notePointer(StoreOp store) {
  Place place = accesses.placeOf(store.getPtr(), store.getOffset());
  if (isa<PtrType>(store.getValue().getType()) &&
      place.root.getDefiningOp<FrameOp>())
    pointers[place.offset] = store.getValue();
}

/// Bytes of the stack get another content.
void StoreFuser::forgetPointers(Value root, int64_t offset, int64_t size) {
  if (!root.getDefiningOp<FrameOp>())
    return pointers.clear();
  pointers.erase(pointers.lower_bound(offset - PointerBytes + 1),
                 pointers.lower_bound(offset + size));
}

void StoreFuser::visitLoad(LoadOp load) {
  std::optional<unsigned> n = memoryOf(spaceOf(load.getPtr()));
  if (!n)
    return visitOther(load);
  if (Memories[*n] == Space::Stack && visitPointerLoad(load))
    return;
  if (!forward(load) && isa<IntegerType>(load.getResult().getType()))
    noteLoaded(*n, accesses.placeOf(load.getPtr(), load.getOffset()),
               inOrder(traceBytes(load.getResult()), load.getOrder()),
               load.getLoc());
}

/// Bytes that were read are what the packet holds.
void StoreFuser::noteLoaded(unsigned memory, Place place,
                            ArrayRef<ByteSource> bytes, Location loc) {
  Content &content = now[memory];
  if (Memories[memory] != Space::Packet ||
      content.bytes.size() + bytes.size() > MaxKnown)
    return;
  if (content.bytes.empty()) {
    content.clear();
    content.root = place.root;
  }
  if (content.root != place.root)
    return;
  for (auto [k, source] : llvm::enumerate(bytes))
    content.bytes.try_emplace(place.offset + static_cast<int64_t>(k),
                              Known{source, loc, false, true});
}

/// Takes a number from what was stored. Writes what it may see otherwise.
bool StoreFuser::forward(LoadOp load) {
  unsigned memory = *memoryOf(spaceOf(load.getPtr()));
  Content &content = now[memory];
  if (content.bytes.empty())
    return false;
  Place place = accesses.placeOf(load.getPtr(), load.getOffset());
  if (place.root != content.root) {
    if (!accesses.areApart(place.root, content.root))
      flushBefore(memory, load);
    return false;
  }
  int64_t begin = place.offset, end = begin + load.getSize();
  SmallVector<ByteSource> bytes;
  for (int64_t at = begin; at < end; ++at)
    if (auto it = content.bytes.find(at);
        it != content.bytes.end() && !it->second.loaded)
      bytes.push_back(it->second.source);
  OpBuilder b(load);
  if (static_cast<int64_t>(bytes.size()) != end - begin ||
      !isa<IntegerType>(load.getResult().getType())) {
    flush(content, begin, end, b);
    return false;
  }
  remark::passed(load.getLoc(), remarkOf(load, DEBUG_TYPE, "LoadOfStore"))
      << remark::add("{0} known from what was stored at {1}",
                     countOf(load.getSize(), "byte"),
                     describePlace(content.bytes.find(begin)->second.loc));
  load.getResult().replaceAllUsesWith(
      assembleBytes(b, load.getLoc(), inOrder(bytes, load.getOrder())));
  toErase.push_back(load);
  ++numLoads;
  return true;
}

void StoreFuser::visitWords(LoadWordsOp load) {
  unsigned n = *memoryOf(spaceOf(load.getPtr()));
  Content &content = now[n];
  Place place = accesses.placeOf(load.getPtr(), load.getOffset());
  if (!content.bytes.empty() && !accesses.areApart(place.root, content.root)) {
    OpBuilder b(load);
    if (place.root != content.root)
      flush(content, b);
    else
      flush(content, place.offset,
            place.offset + 4 * static_cast<int64_t>(load.getNumResults()), b);
  }
  SmallVector<ByteSource> bytes;
  for (Value word : load.getResults())
    bytes.append(inOrder(traceBytes(word), load.getOrder()));
  // The first bytes may be in front of the packet, where there is nothing.
  constexpr int64_t rounding = 3;
  place.offset += rounding;
  noteLoaded(n, place, ArrayRef(bytes).drop_front(rounding), load.getLoc());
}

/// A store of the given bytes, in the order of their addresses; no bytes: of
/// something that is no number.
void StoreFuser::visitStore(Operation *store, Value pointer, int64_t offset,
                            ArrayRef<ByteSource> bytes, size_t size) {
  std::optional<unsigned> n = memoryOf(spaceOf(pointer));
  if (!n)
    return visitOther(store);
  Content &content = now[*n];
  Place place = accesses.placeOf(pointer, offset);
  int64_t begin = place.offset, end = begin + static_cast<int64_t>(size);
  if (Memories[*n] == Space::Stack)
    forgetPointers(place.root, begin, static_cast<int64_t>(size));
  if (!content.bytes.empty() && place.root != content.root) {
    if (content.anyWaits() && Memories[*n] != Space::Stack)
      remark::missed(store->getLoc(), remarkOf(store, DEBUG_TYPE, "StoresEnd"))
          << remark::add("stores to the {0} wait no longer than this",
                         Memories[*n] == Space::MapValue ? "map value"
                                                         : "packet")
          << remark::reason("it goes through another pointer, and whether the "
                            "bytes are others is not known");
    flushBefore(*n, store);
    content.clear();
  }
  bool known = Memories[*n] != Space::Stack ||
               place.root.getDefiningOp<FrameOp>() != nullptr;
  if (bytes.empty() || !known ||
      !accesses.mayJoin(place, static_cast<unsigned>(size), Memories[*n])) {
    // Done in its place. What waits at these bytes is overwritten.
    content.bytes.erase(content.bytes.lower_bound(begin),
                        content.bytes.lower_bound(end));
    return;
  }
  if (content.bytes.size() + bytes.size() > MaxKnown)
    content.forgetLoaded([](Value) { return false; });
  if (content.bytes.size() + bytes.size() > MaxKnown) {
    flushBefore(*n, store);
    content.clear();
  }
  content.root = place.root;
  // The pointer before constant distances, if it leads there from here.
  content.pointer = pointer;
  content.pointerOffset = begin - offset;
  while (auto add = content.pointer.getDefiningOp<PtrAddOp>()) {
    Place before = accesses.placeOf(add.getPtr(), 0);
    if (before.root != place.root)
      break;
    content.pointer = add.getPtr();
    content.pointerOffset = before.offset;
  }
  for (auto [k, source] : llvm::enumerate(bytes))
    content.bytes.insert_or_assign(begin + static_cast<int64_t>(k),
                                   Known{source, store->getLoc(), true, false});
  toErase.push_back(store);
  ++numStores;
}

void StoreFuser::visitStore(StoreOp store) {
  SmallVector<ByteSource> bytes;
  if (isa<IntegerType>(store.getValue().getType()))
    bytes = inOrder(traceBytes(store.getValue()), store.getOrder());
  visitStore(store, store.getPtr(), store.getOffset(), bytes, store.getSize());
  if (bytes.empty() && spaceOf(store.getPtr()) == Space::Stack)
    notePointer(store);
}

void StoreFuser::visitStore(StoreWordsOp store) {
  SmallVector<ByteSource> bytes;
  for (Value word : store.getWords())
    bytes.append(inOrder(traceBytes(word), store.getOrder()));
  bytes.truncate(store.getSize());
  visitStore(store, store.getPtr(), store.getOffset(), bytes, store.getSize());
}

void StoreFuser::visit(Operation *op) {
  if (auto load = dyn_cast<LoadOp>(op))
    return visitLoad(load);
  if (auto words = dyn_cast<LoadWordsOp>(op))
    return visitWords(words);
  if (auto store = dyn_cast<StoreOp>(op))
    return visitStore(store);
  if (auto words = dyn_cast<StoreWordsOp>(op))
    return visitStore(words);
  visitOther(op);
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// Writes what waits at the end of a block and does not go on waiting in the
/// next one.
void StoreFuser::writeOnEdge(Block *from, Block *to) {
  std::optional<OpBuilder> b;
  for (unsigned n = 0; n < NumMemories; ++n) {
    Content rest = atEnd[from][n];
    for (const auto &[at, known] : now[n].bytes)
      rest.bytes.erase(at);
    if (!rest.anyWaits() ||
        (Memories[n] == Space::Stack && !readsStack.contains(to)))
      continue;
    if (!b) {
      Operation *terminator = from->getTerminator();
      b.emplace(terminator);
      if (from->getNumSuccessors() > 1) {
        // The end of the block leads elsewhere too.
        Block *between = b->createBlock(to);
        auto branch = cast<BranchOpInterface>(terminator);
        unsigned s = terminator->getSuccessor(0) == to ? 0 : 1;
        SuccessorOperands operands = branch.getSuccessorOperands(s);
        SmallVector<Value> arguments(operands.getForwardedOperands());
        operands.getMutableForwardedOperands().clear();
        terminator->setSuccessor(between, s);
        b->setInsertionPoint(
            cf::BranchOp::create(*b, terminator->getLoc(), to, arguments));
        done.insert(between);
      }
    }
    flush(rest, *b);
  }
}

/// What is known at the end of every way into the block stays known; what else
/// waits is written on the way in.
void StoreFuser::enter(Block *block) {
  for (Content &content : now)
    content.clear();
  SmallVector<Block *> ways;
  bool all = !block->isEntryBlock();
  for (Block *predecessor : block->getPredecessors()) {
    all &= done.contains(predecessor);
    if (done.contains(predecessor) && !llvm::is_contained(ways, predecessor))
      ways.push_back(predecessor);
  }
  pointers.clear();
  if (ways.empty())
    return;
  if (all) {
    now = atEnd[ways.front()];
    pointers = pointersAtEnd[ways.front()];
    for (Block *way : ArrayRef(ways).drop_front()) {
      const Pointers &others = pointersAtEnd[way];
      for (auto it = pointers.begin(); it != pointers.end();) {
        auto same = others.find(it->first);
        it = same != others.end() && same->second == it->second
                 ? std::next(it)
                 : pointers.erase(it);
      }
    }
  }
  for (unsigned n = 0; n < NumMemories; ++n) {
    Content &content = now[n];
    for (Block *way : ArrayRef(ways).drop_front()) {
      const Content &other = atEnd[way][n];
      if (other.root != content.root || other.pointer != content.pointer) {
        content.bytes.clear();
        break;
      }
      for (auto it = content.bytes.begin(); it != content.bytes.end();) {
        auto theirs = other.bytes.find(it->first);
        bool same = theirs != other.bytes.end() && theirs->second == it->second;
        it = same ? std::next(it) : content.bytes.erase(it);
      }
    }
    if (content.bytes.empty())
      content.clear();
  }
  for (Block *way : ways)
    writeOnEdge(way, block);
}

/// True if the block stores to the memory before it calls a routine.
static bool storesTo(Block *block, Space space) {
  for (Operation &op : *block) {
    if (isRoutineCall(&op))
      return false;
    if (auto store = dyn_cast<StoreOp>(op))
      if (spaceOf(store.getPtr()) == space)
        return true;
    if (auto store = dyn_cast<StoreWordsOp>(op))
      if (spaceOf(store.getPtr()) == space)
        return true;
  }
  return false;
}

/// True if all ways on that still read the stack come together before they
/// touch it: stores that wait are then written once.
bool StoreFuser::meetBeforeUse(Block *block) const {
  constexpr unsigned maxVisited = 64;
  llvm::SmallPtrSet<Block *, 16> seen;
  SmallVector<Block *> worklist(block->getSuccessors());
  Block *use = nullptr;
  while (!worklist.empty()) {
    Block *next = worklist.pop_back_val();
    if (!readsStack.contains(next) || !seen.insert(next).second)
      continue;
    if (seen.size() > maxVisited || done.contains(next))
      return false;
    if (!touchesStack.contains(next))
      worklist.append(next->succ_begin(), next->succ_end());
    else if (use && use != next)
      return false;
    else
      use = next;
  }
  return true;
}

/// At the end of the function all is written, except what nobody reads. Before
/// a branch it is, unless more may come on one of the ways: it would have to be
/// written on each of them.
void StoreFuser::leave(Block *block) {
  Operation *terminator = block->getTerminator();
  unsigned ways = terminator->getNumSuccessors();
  // Edges that cannot be told apart.
  bool together =
      ways > 1 && (!isa<BranchOpInterface>(terminator) || ways > 2 ||
                   terminator->getSuccessor(0) == terminator->getSuccessor(1));
  // Into a loop, or round it.
  bool back = llvm::any_of(terminator->getSuccessors(), [&](Block *next) {
    return next == block || done.contains(next);
  });
  for (unsigned n = 0; n < NumMemories; ++n) {
    Space space = Memories[n];
    auto joinsMore = [&](Block *next) {
      return next->getSinglePredecessor() && storesTo(next, space);
    };
    if (now[n].bytes.empty())
      continue;
    if (ways == 0 && space == Space::Stack)
      now[n].clear();
    else if (ways == 0 || together || back ||
             (ways > 1 &&
              (space == Space::Stack
                   ? !meetBeforeUse(block)
                   : llvm::none_of(terminator->getSuccessors(), joinsMore))))
      flushBefore(n, terminator);
  }
  atEnd[block] = now;
  pointersAtEnd[block] = pointers;
  done.insert(block);
}

/// Removes stores to bytes of the frame that nothing ever reads.
void StoreFuser::dropUnread() {
  auto frames = function.getBody().front().getOps<FrameOp>();
  if (frames.empty())
    return;
  FrameOp frame = *frames.begin();
  const auto size = static_cast<int64_t>(frame.getSize());
  constexpr int64_t maxBytes = 1 << 16;
  if (size > maxBytes)
    return;
  llvm::BitVector read(static_cast<unsigned>(size));
  for (Block &block : function.getBody())
    for (Operation &op : block)
      for (ByteRange range : readBy(&op, frame, accesses)) {
        const int64_t begin = std::max<int64_t>(range.begin, 0);
        const int64_t end = std::min(range.end, size);
        if (begin < end)
          read.set(static_cast<unsigned>(begin), static_cast<unsigned>(end));
      }
  for (Block &block : function.getBody())
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (!isa<StoreOp, StoreWordsOp>(op))
        continue;
      std::optional<ByteRange> written = writtenBy(&op, frame, accesses);
      if (!written || written->begin < 0 || written->end > size ||
          read.find_first_in(static_cast<unsigned>(written->begin),
                             static_cast<unsigned>(written->end)) >= 0)
        continue;
      remark::passed(op.getLoc(), remarkOf(&op, DEBUG_TYPE, "Unread"))
          << remark::add("not stored on the stack: nothing reads it");
      op.erase();
      ++numUnread;
    }
}

void StoreFuser::run() {
  findStackReaders();
  llvm::ReversePostOrderTraversal<Region *> traversal(&function.getBody());
  SmallVector<Block *> order(traversal.begin(), traversal.end());
  for (Block *block : order) {
    enter(block);
    for (Operation &op :
         llvm::make_early_inc_range(block->without_terminator()))
      visit(&op);
    visitOther(block->getTerminator());
    leave(block);
  }
  for (Operation *op : llvm::reverse(toErase))
    op->erase();
  dropUnread();
}

void FuseMemcpy::runOnOperation() {
  const MemoryAccesses accesses(getOperation());
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    if (function.getBody().empty())
      continue;
    StoreFuser fuser(function, accesses);
    fuser.run();
    numLoads += fuser.numLoads;
    numStores += fuser.numStores;
    numCommands += fuser.numCommands;
    numUnread += fuser.numUnread;
    numSunk += sinkStores(function, accesses);
  }
}
