//===- PacketBounds.cpp - bpf-packet-bounds -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The highest packet byte that a program may access, and whether the card keeps
// it where programs reach it (NFP BPF offload ABI, section "CTM versus MU").
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "MemoryAccesses.h"
#include "ValueRanges.h"

#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nfpbpf::bpf {
#define GEN_PASS_DEF_PACKETBOUNDS
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h.inc"
} // namespace nfpbpf::bpf

using namespace mlir;
using namespace nfpbpf::bpf;

namespace {

constexpr int64_t Unbounded = UnboundedPacketOffset;
/// A pointer that grew this often is one that a loop moves.
constexpr unsigned MaxGrowth = 8;

/// Highest offset of every packet pointer from the packet's first byte.
class PacketPointers {
public:
  PacketPointers(ModuleOp module, ValueRanges &ranges) : ranges(ranges) {
    bool changed = true;
    while (changed) {
      changed = false;
      module.walk([&](Operation *op) { changed |= visit(op); });
    }
  }

  /// Nothing if no packet pointer reaches it.
  std::optional<int64_t> highest(Value pointer) const {
    auto it = facts.find(pointer);
    if (it == facts.end())
      return std::nullopt;
    return it->second.highest;
  }

private:
  struct Fact {
    int64_t highest = 0;
    unsigned growth = 0;
  };

  static bool isPacket(Value value) {
    auto type = dyn_cast<PtrType>(value.getType());
    return type && (type.getSpace() == Space::Packet ||
                    type.getSpace() == Space::PacketMeta);
  }

  static bool raise(Fact &fact, bool inserted, int64_t offset) {
    offset = std::min(std::max(offset, -Unbounded), Unbounded);
    if (inserted) {
      fact.highest = offset;
      return true;
    }
    if (offset <= fact.highest)
      return false;
    fact.highest = ++fact.growth > MaxGrowth ? Unbounded : offset;
    return true;
  }

  bool update(Value value, std::optional<int64_t> offset) {
    if (!isPacket(value) || !offset)
      return false;
    auto [it, inserted] = facts.try_emplace(value);
    return raise(it->second, inserted, *offset);
  }

  bool visit(Operation *op);

  ValueRanges &ranges;
  llvm::DenseMap<Value, Fact> facts;
  /// Of the packet pointers in memory, one fact for all.
  std::optional<Fact> stored;
};

} // namespace

bool PacketPointers::visit(Operation *op) {
  bool changed = false;
  if (auto branch = dyn_cast<BranchOpInterface>(op)) {
    for (unsigned i = 0, e = op->getNumSuccessors(); i != e; ++i) {
      SuccessorOperands operands = branch.getSuccessorOperands(i);
      for (auto [k, argument] :
           llvm::enumerate(op->getSuccessor(i)->getArguments()))
        if (Value value = operands[k])
          changed |= update(argument, highest(value));
    }
    return changed;
  }
  return TypeSwitch<Operation *, bool>(op)
      .Case<PacketDataOp, PacketMetaOp>(
          [&](auto data) { return update(data.getResult(), 0); })
      .Case<PtrAddOp>([&](auto add) {
        std::optional<int64_t> from = highest(add.getPtr());
        if (!from)
          return false;
        APInt most =
            ranges.rangeAt(add.getOffset(), op->getBlock()).getSignedMax();
        int64_t by = most.getSExtValue();
        // Kept small, so that the sum is exact.
        by = std::min(std::max(by, -2 * Unbounded), 2 * Unbounded);
        return update(add.getResult(),
                      *from == Unbounded ? Unbounded : *from + by);
      })
      .Case<arith::SelectOp>([&](auto select) {
        bool any = update(select.getResult(), highest(select.getTrueValue()));
        any |= update(select.getResult(), highest(select.getFalseValue()));
        return any;
      })
      .Case<LoadOp>([&](auto load) {
        return stored && update(load.getResult(), stored->highest);
      })
      .Case<StoreOp>([&](auto store) {
        std::optional<int64_t> offset = highest(store.getValue());
        if (!offset)
          return false;
        const bool first = !stored;
        if (first)
          stored.emplace();
        return raise(*stored, first, *offset);
      })
      .Case<CallOp>([&](auto call) {
        auto callee = SymbolTable::lookupNearestSymbolFrom<FuncOp>(
            call, call.getCalleeAttr());
        if (!callee || callee.isExternal())
          return false;
        bool any = false;
        for (auto [argument, value] :
             llvm::zip(callee.getArguments(), call.getArgs()))
          any |= update(argument, highest(value));
        for (Block &block : callee.getBody())
          if (auto ret = dyn_cast<ReturnOp>(block.getTerminator()))
            any |= update(call.getResult(), highest(ret.getValue()));
        return any;
      })
      // A null pointer is never followed.
      .Case<NullOp>([&](auto) { return false; })
      .Default([&](Operation *other) {
        bool any = false;
        for (Value result : other->getResults())
          any |= update(result, Unbounded);
        return any;
      });
}

namespace {

/// The access that reaches furthest.
struct Furthest {
  int64_t offset = 0;
  Operation *op = nullptr;

  void add(Operation *access, int64_t last) {
    last = std::min(last, Unbounded);
    if (last < 0 || (op && last <= offset))
      return;
    offset = last;
    op = access;
  }
};

struct PacketBounds : nfpbpf::bpf::impl::PacketBoundsBase<PacketBounds> {
  using Base::Base;
  void runOnOperation() override;
};

} // namespace

static Furthest findFurthest(ModuleOp module, const PacketPointers &pointers,
                             ValueRanges &ranges) {
  Furthest furthest;
  // `size` bytes from `offset` behind the pointer; no size: not known.
  auto access = [&](Operation *op, Value pointer, int64_t offset,
                    std::optional<uint64_t> size) {
    std::optional<int64_t> highest = pointers.highest(pointer);
    if (!highest || size == 0)
      return;
    furthest.add(op, *highest == Unbounded || !size
                         ? Unbounded
                         : *highest + offset +
                               static_cast<int64_t>(std::min<uint64_t>(
                                   *size, UnboundedPacketOffset)) -
                               1);
  };
  module.walk([&](Operation *op) {
    TypeSwitch<Operation *>(op)
        .Case<LoadOp, StoreOp>(
            [&](auto o) { access(op, o.getPtr(), o.getOffset(), o.getSize()); })
        .Case<AtomicRMWOp, AtomicFetchRMWOp, AtomicCmpXchgOp>([&](auto o) {
          access(op, o.getPtr(), o.getOffset(),
                 getSizeInBytes(o.getValue().getType()));
        })
        .Case<LdPacketOp>([&](auto o) {
          const uint64_t first = ranges.rangeAt(o.getOffset(), op->getBlock())
                                     .getUnsignedMax()
                                     .getZExtValue();
          furthest.add(op, static_cast<int64_t>(first + o.getSize() - 1));
        })
        .Case<MapLookupOp, MapDeleteOp>([&](auto o) {
          access(op, o.getKey(), 0, mapEntryBytes(o.getMap(), MapPart::Key));
        })
        .Case<MapUpdateOp>([&](auto o) {
          access(op, o.getKey(), 0, mapEntryBytes(o.getMap(), MapPart::Key));
          access(op, o.getValue(), 0,
                 mapEntryBytes(o.getMap(), MapPart::Value));
        })
        .Case<PerfEventOutputOp>([&](auto o) {
          access(op, o.getData(), 0,
                 ranges.rangeAt(o.getSize(), op->getBlock())
                     .getUnsignedMax()
                     .getLimitedValue());
        })
        .Case<CallHelperOp>([&](auto o) {
          for (Value argument : o.getArgs())
            access(op, argument, 0, std::nullopt);
        });
  });
  return furthest;
}

void PacketBounds::runOnOperation() {
  ModuleOp module = getOperation();
  ValueRanges ranges(getAnalysis<DominanceInfo>());
  const PacketPointers pointers(module, ranges);
  const Furthest furthest = findFurthest(module, pointers, ranges);
  module->setAttr(
      kMaxPacketOffsetAttr,
      IntegerAttr::get(IntegerType::get(&getContext(), 64), furthest.offset));
  markAllAnalysesPreserved();
  if (inlineBytes == 0 || !furthest.op || furthest.offset <= inlineBytes ||
      mtu <= inlineBytes)
    return;
  InFlightDiagnostic error = emitError(furthest.op->getLoc());
  if (furthest.offset == Unbounded)
    error << "accesses the packet at an offset without a known bound";
  else
    error << "may access byte " << furthest.offset << " of the packet";
  error << "; with MTU " << mtu.getValue() << " a program reaches the first "
        << inlineBytes.getValue()
        << " bytes only, the rest of a longer packet is in "
        << "memory that programs cannot address; limit the offset with a "
           "comparison or a mask, or the port's MTU to "
        << inlineBytes.getValue();
  signalPassFailure();
}
