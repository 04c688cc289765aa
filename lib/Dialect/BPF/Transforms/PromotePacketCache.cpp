//===- PromotePacketCache.cpp - bpf-promote-packet-cache ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bytes of the packet, and of map values, are read once and wide. A window is
// read where a load stands that dominates others of the same memory; a load
// becomes a part of it if no path from there to the load changes its bytes. So
// no path waits more often than before: what is read again behind a lookup
// shares the wait for the value that was found.
//
//===----------------------------------------------------------------------===//

#include "JoinLoads.h"
#include "ReadWindows.h"
#include "Remarks.h"

#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_PROMOTEPACKETCACHE
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

#define DEBUG_TYPE "bpf-promote-packet-cache"

using namespace mlir;
using namespace nfpbpf::bpf;

namespace {

/// Words that are kept in registers over a lookup for the case that it finds
/// something; more are read again there, together with the value.
constexpr unsigned MostKept = 1;

struct PromotePacketCache
    : nfpbpf::bpf::impl::PromotePacketCacheBase<PromotePacketCache> {
  using PromotePacketCacheBase::PromotePacketCacheBase;
  void runOnOperation() override;

private:
  void promote(FuncOp function, const MemoryAccesses &accesses);
  void findMembers(Group &group, size_t leader, const MemoryAccesses &accesses,
                   ChangedBytes &changed,
                   SmallVectorImpl<Candidate *> &members);
  void readBehindLookups(const Group &group,
                         SmallVectorImpl<Candidate *> &members, Block *from,
                         LoadOp anchor, const ChangedBytes &changed,
                         const MemoryAccesses &accesses,
                         DominanceInfo &dominance);
  void makeWindow(const Group &group, ArrayRef<Candidate *> members,
                  LoadOp anchor, Operation *place,
                  const MemoryAccesses &accesses, DominanceInfo &dominance);
  void explainLeft(const Group &group, DominanceInfo &dominance);
};

} // namespace

/// The offset of the start of a value or of the packet that a load's pointer
/// comes from, from the same root; the lowest number there is for other roots.
static int64_t startOf(LoadOp load, const MemoryAccesses &accesses) {
  Operation *root = accesses.placeOf(load.getPtr(), 0).root.getDefiningOp();
  if (isa_and_present<MapLookupOp, MapValueRefOp, ArrayElementOp>(root))
    return 0;
  if (!isa_and_present<PacketDataOp>(root))
    return std::numeric_limits<int64_t>::min();
  Value start = load.getPtr();
  while (auto add = start.getDefiningOp<PtrAddOp>())
    start = add.getPtr();
  return accesses.placeOf(start, 0).offset;
}

/// The loads of each root, those that dominate others first.
static SmallVector<Group> collect(Region &region,
                                  const MemoryAccesses &accesses) {
  llvm::MapVector<Value, Group> groups;
  llvm::ReversePostOrderTraversal<Region *> order(&region);
  for (Block *block : order)
    for (Operation &op : *block)
      if (std::optional<MemoryAccesses::Read> read = accesses.readOf(&op)) {
        Group &group = groups[read->place.root];
        group.root = read->place.root;
        group.space = read->space;
        group.loads.push_back({cast<LoadOp>(op), read->place.offset, read->size,
                               startOf(cast<LoadOp>(op), accesses), block,
                               op.getLoc()});
      }
  SmallVector<Group> result;
  for (auto &[root, group] : groups)
    result.push_back(std::move(group));
  return result;
}

/// `size` (at most 4) bytes of the window from byte `at` on, in the low bits of
/// a word, in the order of the window; bits above them are not cleared.
static Value extract(OpBuilder &b, Location loc, ValueRange words, unsigned at,
                     unsigned size, bool bigEndian) {
  auto constant = [&](int64_t value) {
    return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
  };
  unsigned shift = at % 4;
  Value word = words[at / 4];
  if (shift + size <= 4) {
    unsigned amount = 8 * (bigEndian ? 4 - shift - size : shift);
    return amount == 0 ? word
                       : arith::ShRUIOp::create(b, loc, word, constant(amount))
                             .getResult();
  }
  Value next = words[at / 4 + 1];
  if (!bigEndian)
    return arith::OrIOp::create(
        b, loc, arith::ShRUIOp::create(b, loc, word, constant(8 * shift)),
        arith::ShLIOp::create(b, loc, next, constant(32 - 8 * shift)));
  unsigned below = shift + size - 4; // bytes of the second word
  return arith::OrIOp::create(
      b, loc, arith::ShLIOp::create(b, loc, word, constant(8 * below)),
      arith::ShRUIOp::create(b, loc, next, constant(32 - 8 * below)));
}

/// Instructions that getting the member out of a window from `first` on takes.
static unsigned extractionCost(const Candidate &member, int64_t first) {
  int64_t shift = (member.offset - first) & 3;
  switch (member.size) {
  case 8:
    return shift == 0 ? 0 : 5;
  case 4:
    return shift == 0 ? 0 : 2;
  default:
    return shift + member.size <= 4 ? 1 : 3;
  }
}

/// Reads in front of `place`, through the pointer of the anchor, which
/// dominates it.
void PromotePacketCache::makeWindow(const Group &group,
                                    ArrayRef<Candidate *> members,
                                    LoadOp anchor, Operation *place,
                                    const MemoryAccesses &accesses,
                                    DominanceInfo &dominance) {
  int64_t lowest = members.front()->offset, end = lowest;
  int64_t balance = 0;
  for (Candidate *member : members) {
    lowest = std::min(lowest, member->offset);
    end = std::max<int64_t>(end, member->offset + member->size);
    if (member->load.getSize() > 1)
      balance += member->load.getOrder() == ByteOrder::BE ? 1 : -1;
  }
  // The order that saves more swaps, the start that aligns more members.
  ByteOrder order = balance > 0 ? ByteOrder::BE : ByteOrder::LE;
  bool bigEndian = order == ByteOrder::BE;
  bool fromValue = group.space == Space::MapValue;
  std::optional<int64_t> valueEnd =
      fromValue ? accesses.valueSize(group.root) : std::nullopt;
  std::optional<unsigned> leastCost;
  int64_t first = lowest;
  for (int64_t before = 0; before < 4; ++before) {
    int64_t start = lowest - before;
    int64_t stop = start + int64_t(llvm::alignTo(end - start, 4));
    // There are always some bytes in front of a packet in its buffer; nobody
    // uses what is read of them.
    if (fromValue && start < members.front()->lowest)
      break;
    if (before > 0 && (stop - start > Reach || (fromValue && !valueEnd)))
      break;
    if (before > 0 &&
        !accesses.mayJoin({group.root, start},
                          static_cast<unsigned>(stop - start), group.space))
      continue;
    unsigned cost = 0;
    for (Candidate *member : members)
      cost += extractionCost(*member, start);
    if (!leastCost || cost < *leastCost) {
      leastCost = cost;
      first = start;
    }
  }

  LoadOp leader = members.front()->load;
  OpBuilder b(place);
  SmallVector<Type> types(llvm::divideCeil(end - first, 4), b.getI32Type());
  // The anchor's own pointer is there; the root may come from further on.
  const Place start = accesses.placeOf(anchor.getPtr(), 0);
  Value pointer = anchor.getPtr();
  int64_t distance = first - start.offset;
  while (auto add = pointer.getDefiningOp<PtrAddOp>()) {
    Place before = accesses.placeOf(add.getPtr(), 0);
    if (before.root != start.root)
      break;
    pointer = add.getPtr();
    distance = first - before.offset;
  }
  auto window = LoadWordsOp::create(
      b, leader.getLoc(), types, pointer,
      b.getIntegerAttr(
          IntegerType::get(b.getContext(), 32, IntegerType::Signed), distance),
      ByteOrderAttr::get(b.getContext(), order));
  const Location leaderLoc = leader.getLoc();
  const char *memory = fromValue ? "map value" : "packet";
  remark::passed(leaderLoc, remarkOf(leader, DEBUG_TYPE, "Window"))
      << remark::add("one read of {0} bytes of the {1} for {2} loads",
                     4 * types.size(), memory, members.size())
      << remark::metric("Bytes", 4 * types.size())
      << remark::metric("Loads", members.size());
  for (Candidate *member : members) {
    LoadOp load = member->load;
    Location loc = load.getLoc();
    if (member != members.front())
      remark::passed(loc, remarkOf(load, DEBUG_TYPE, "LoadOfWindow"))
          << remark::add("{0} of the {1} taken from the read of {2}",
                         countOf(member->size, "byte"), memory,
                         describePlace(leaderLoc));
    // A load in front of the window is needed behind it only.
    if (load->getBlock() == window->getBlock()
            ? window->isBeforeInBlock(load)
            : dominance.dominates(window->getBlock(), load->getBlock()))
      b.setInsertionPoint(load);
    else
      b.setInsertionPointAfter(window);
    unsigned size = member->size;
    auto at = static_cast<unsigned>(member->offset - first);
    Type type = load.getResult().getType();
    Value value;
    if (size == 8) {
      Value words[2];
      for (unsigned i = 0; i < 2; ++i)
        words[i] = arith::ExtUIOp::create(
            b, loc, type,
            extract(b, loc, window.getWords(), at + 4 * i, 4, bigEndian));
      Value c32 = arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(32));
      value = arith::OrIOp::create(
          b, loc, words[bigEndian],
          arith::ShLIOp::create(b, loc, words[!bigEndian], c32));
    } else {
      value = extract(b, loc, window.getWords(), at, size, bigEndian);
      if (size < 4)
        value = arith::TruncIOp::create(b, loc, type, value);
    }
    if (size > 1 && load.getOrder() != order)
      value = BswapOp::create(b, loc, value);
    load.replaceAllUsesWith(value);
    load.erase();
    member->done = true;
  }
  ++numWindows;
  numLoads += members.size();
}

/// The loads that a window at the leader can serve.
void PromotePacketCache::findMembers(Group &group, size_t leader,
                                     const MemoryAccesses &accesses,
                                     ChangedBytes &changed,
                                     SmallVectorImpl<Candidate *> &members) {
  const int64_t limit =
      4 * int64_t(std::min<unsigned>(maxWords, MaxCommandWords));
  Candidate &lead = group.loads[leader];
  llvm::SmallPtrSet<Operation *, 16> unchanged = changed.unchanged();
  members.push_back(&lead);
  int64_t first = lead.offset, end = lead.offset + lead.size;
  for (Candidate &other : llvm::drop_begin(group.loads, leader + 1)) {
    if (other.done || !unchanged.contains(other.load))
      continue;
    int64_t low = std::min(first, other.offset);
    int64_t high = std::max<int64_t>(end, other.offset + other.size);
    if (high - low > limit || low < lead.lowest ||
        !accesses.mayJoin({group.root, low}, static_cast<unsigned>(high - low),
                          group.space))
      continue;
    first = low;
    end = high;
    members.push_back(&other);
  }
}

/// The first block on the way from one that dominates it to this one that reads
/// what a lookup behind the first has found; null if there is none.
static Block *firstHit(Block *block, Block *from, LoadOp anchor,
                       const MemoryAccesses &accesses,
                       DominanceInfo &dominance) {
  Block *found = nullptr;
  for (DominanceInfoNode *node = dominance.getNode(block);
       node && node->getBlock() != from; node = node->getIDom()) {
    Block *hit = node->getBlock();
    const bool readsValue = llvm::any_of(*hit, [&](Operation &op) {
      std::optional<MemoryAccesses::Read> read = accesses.readOf(&op);
      auto lookup =
          read ? read->place.root.getDefiningOp<MapLookupOp>() : MapLookupOp();
      return lookup && lookup->getBlock() != hit &&
             dominance.dominates(from, lookup->getBlock()) &&
             dominance.properlyDominates(anchor.getOperation(),
                                         lookup.getOperation());
    });
    if (readsValue)
      found = hit;
  }
  return found;
}

/// The block that dominates all that use the number, its own included.
static Block *usedIn(LoadOp load, DominanceInfo &dominance) {
  Block *common = nullptr;
  for (Operation *user : load->getUsers())
    common =
        common ? dominance.findNearestCommonDominator(common, user->getBlock())
               : user->getBlock();
  return common ? common : load->getBlock();
}

/// Many words that are needed only where a lookup has found something are read
/// again there, together with what was found: helpers leave few registers, and
/// where nothing was found keeping them was in vain.
void PromotePacketCache::readBehindLookups(
    const Group &group, SmallVectorImpl<Candidate *> &members, Block *from,
    LoadOp anchor, const ChangedBytes &changed, const MemoryAccesses &accesses,
    DominanceInfo &dominance) {
  if (from->getParent()->hasOneBlock())
    return;
  llvm::MapVector<Block *, SmallVector<Candidate *>> behind;
  for (Candidate *member : members) {
    if (member->load == anchor)
      continue;
    // Where it is needed, if nothing changes on the way there.
    Block *needed = usedIn(member->load, dominance);
    Block *hit = firstHit(needed, from, anchor, accesses, dominance);
    if (hit && (dominance.dominates(hit, member->block) ||
                changed.isUnchangedAt(hit, *member)))
      behind[hit].push_back(member);
  }
  for (auto &[hit, found] : behind) {
    const SmallVector<Candidate *> &loads = found;
    llvm::SmallDenseSet<int64_t> words;
    for (const Candidate *load : loads)
      for (int64_t byte = load->offset; byte < load->offset + load->size;
           ++byte)
        words.insert(byte >> 2);
    if (words.size() <= MostKept)
      continue;
    LoadOp load = loads.front()->load;
    remark::passed(load.getLoc(), remarkOf(load, DEBUG_TYPE, "ReadBehind"))
        << remark::add("{0} read where a lookup has found something, which "
                       "is all that needs them",
                       countOf(words.size(), "word"));
    llvm::erase_if(members, [&](Candidate *member) {
      return llvm::is_contained(loads, member);
    });
    SmallVector<Candidate *> here(loads);
    readBehindLookups(group, here, hit, anchor, changed, accesses, dominance);
    if (!here.empty())
      makeWindow(group, here, anchor, &hit->front(), accesses, dominance);
  }
}

/// Says of each load that stays by itself why.
void PromotePacketCache::explainLeft(const Group &group,
                                     DominanceInfo &dominance) {
  if (!group.root.getContext()->getRemarkEngine() || group.loads.size() == 1)
    return;
  for (const auto &[index, left] : llvm::enumerate(group.loads)) {
    if (left.done)
      continue;
    // The nearest one before it that is executed whenever it is.
    const Candidate *before = nullptr;
    for (const Candidate &other : ArrayRef(group.loads).take_front(index))
      if (dominance.dominates(other.block, left.block))
        before = &other;
    const bool isFar =
        before &&
        std::max(before->offset + before->size, left.offset + left.size) -
                std::min(before->offset, left.offset) >
            4 * int64_t(std::min<unsigned>(maxWords, MaxCommandWords));
    remark::missed(left.loc, remarkOf(left.load, DEBUG_TYPE, "LoadAlone"))
        << remark::add("a read of {0} of the {1} stays by itself",
                       countOf(left.size, "byte"),
                       group.space == Space::MapValue ? "map value" : "packet")
        << (!before ? remark::reason("no other read of the same memory is on "
                                     "every way here")
            : isFar ? remark::reason("the read of {0} is too far away for one "
                                     "command",
                                     describePlace(before->loc))
                    : remark::reason("the bytes may have changed since the "
                                     "read of {0}",
                                     describePlace(before->loc)));
  }
}

void PromotePacketCache::promote(FuncOp function,
                                 const MemoryAccesses &accesses) {
  DominanceInfo dominance(function);
  for (Group &group : collect(function.getBody(), accesses)) {
    for (size_t leader = 0; leader < group.loads.size(); ++leader) {
      if (group.loads[leader].done)
        continue;
      SmallVector<Candidate *> members;
      ChangedBytes changed(group, group.loads[leader], accesses, dominance);
      findMembers(group, leader, accesses, changed, members);
      LoadOp anchor = members.front()->load;
      if (group.space == Space::Packet)
        readBehindLookups(group, members, members.front()->block, anchor,
                          changed, accesses, dominance);
      if (members.size() > 1)
        makeWindow(group, members, anchor, anchor, accesses, dominance);
    }
    explainLeft(group, dominance);
  }
}

void PromotePacketCache::runOnOperation() {
  const MemoryAccesses accesses(getOperation());
  for (FuncOp function : getOperation().getOps<FuncOp>()) {
    if (function.getBody().empty())
      continue;
    numJoinLoads += loadInFrontOfJoins(
        function, accesses, 4 * int64_t(std::min(+maxWords, MaxCommandWords)));
    promote(function, accesses);
  }
}
