//===- PointerAnalysis.cpp - What pointers point to -----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Dialect/BPF/Analysis/PointerAnalysis.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::bpf;

bool PointerFact::operator==(const PointerFact &other) const {
  return reached == other.reached && maps == other.maps &&
         offsetKnown == other.offsetKnown && offset == other.offset &&
         lowBitsKnown == other.lowBitsKnown && lowBits == other.lowBits;
}

bool PointerFact::join(const PointerFact &other) {
  if (!other.reached)
    return false;
  if (!reached) {
    *this = other;
    return true;
  }
  PointerFact before = *this;
  maps |= other.maps;
  if (!other.offsetKnown || (offsetKnown && offset != other.offset)) {
    offsetKnown = false;
    offset = 0;
  }
  if (!other.lowBitsKnown || (lowBitsKnown && lowBits != other.lowBits)) {
    lowBitsKnown = false;
    lowBits = 0;
  }
  return !(*this == before);
}

unsigned bpf::trailingZeros(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.isZero() ? constant.getBitWidth() : constant.countr_zero();
  Operation *op = value.getDefiningOp();
  if (!op)
    return 0;
  return TypeSwitch<Operation *, unsigned>(op)
      .Case<arith::ShLIOp>([](auto shl) {
        APInt amount;
        if (!matchPattern(shl.getRhs(), m_ConstantInt(&amount)))
          return trailingZeros(shl.getLhs());
        return trailingZeros(shl.getLhs()) +
               static_cast<unsigned>(amount.getLimitedValue(64));
      })
      .Case<arith::MulIOp>([](auto mul) {
        return trailingZeros(mul.getLhs()) + trailingZeros(mul.getRhs());
      })
      .Case<arith::AndIOp>([](auto op) {
        return std::max(trailingZeros(op.getLhs()), trailingZeros(op.getRhs()));
      })
      .Case<arith::AddIOp, arith::SubIOp, arith::OrIOp, arith::XOrIOp>(
          [](auto op) {
            return std::min(trailingZeros(op.getLhs()),
                            trailingZeros(op.getRhs()));
          })
      .Case<arith::ExtUIOp, arith::ExtSIOp, arith::TruncIOp>(
          [](auto op) { return trailingZeros(op.getIn()); })
      .Default([](Operation *) { return 0u; });
}

/// Words of a value that are told apart. A damaged map may declare any size;
/// larger values have no place on any card.
constexpr uint64_t MaxWords = 1 << 18;

PointerAnalysis::PointerAnalysis(ModuleOp module) {
  for (auto map : module.getOps<MapOp>()) {
    mapIndices[map.getSymName()] = mapOps.size();
    mapOps.push_back(map);
    const auto words = static_cast<unsigned>(std::min<uint64_t>(
        llvm::divideCeil<uint64_t>(map.getValueSize(), 4), MaxWords));
    uses.emplace_back(words, WordUse::Unused);
    readBack.emplace_back(words);
  }
  nothing.maps.resize(mapOps.size());
  propagate(module);
  collectUses(module);
}

const PointerFact &PointerAnalysis::factOf(Value pointer) const {
  auto it = facts.find(pointer);
  return it == facts.end() ? nothing : it->second;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): see the declaration
bool PointerAnalysis::update(Value value, PointerFact fact) {
  if (!isa<PtrType>(value.getType()) || !fact.reached)
    return false;
  auto [it, inserted] = facts.try_emplace(value, nothing);
  return it->second.join(fact);
}

PointerFact PointerAnalysis::unknown() const {
  PointerFact fact = nothing;
  fact.reached = true;
  fact.maps.set();
  fact.offsetKnown = false;
  fact.lowBitsKnown = false;
  return fact;
}

bool PointerAnalysis::visit(Operation *op) {
  bool changed = false;
  // Values handed to the blocks that may come next.
  if (auto branch = dyn_cast<BranchOpInterface>(op)) {
    for (unsigned i = 0, e = op->getNumSuccessors(); i != e; ++i) {
      SuccessorOperands operands = branch.getSuccessorOperands(i);
      for (auto [k, argument] :
           llvm::enumerate(op->getSuccessor(i)->getArguments()))
        if (Value value = operands[k])
          changed |= update(argument, factOf(value));
    }
    return changed;
  }
  auto inMap = [&](StringRef map, int64_t offset) {
    PointerFact fact = nothing;
    fact.reached = true;
    fact.maps.set(indexOf(map));
    fact.offset = offset;
    fact.lowBits = offset & 3;
    return fact;
  };
  return TypeSwitch<Operation *, bool>(op)
      .Case<MapRefOp>([&](auto ref) {
        return update(ref.getResult(), inMap(ref.getMap(), 0));
      })
      .Case<MapValueRefOp>([&](auto ref) {
        return update(ref.getResult(), inMap(ref.getMap(), ref.getOffset()));
      })
      .Case<ArrayElementOp>([&](auto element) {
        return update(element.getResult(), inMap(element.getMap(), 0));
      })
      .Case<MapLookupOp>([&](auto lookup) {
        return update(lookup.getResult(), factOf(lookup.getMap()));
      })
      .Case<FrameOp>([&](auto frame) {
        PointerFact fact = nothing;
        fact.reached = true;
        return update(frame.getResult(), fact);
      })
      .Case<PtrAddOp>([&](auto add) {
        PointerFact fact = factOf(add.getPtr());
        APInt offset;
        if (matchPattern(add.getOffset(), m_ConstantInt(&offset))) {
          if (fact.offsetKnown)
            fact.offset += offset.getSExtValue();
          fact.lowBits = (fact.lowBits + offset.getSExtValue()) & 3;
        } else {
          fact.offsetKnown = false;
          fact.offset = 0;
          if (trailingZeros(add.getOffset()) < 2)
            fact.lowBitsKnown = false;
        }
        if (!fact.lowBitsKnown)
          fact.lowBits = 0;
        return update(add.getResult(), fact);
      })
      .Case<arith::SelectOp>([&](auto select) {
        bool any = update(select.getResult(), factOf(select.getTrueValue()));
        any |= update(select.getResult(), factOf(select.getFalseValue()));
        return any;
      })
      .Case<LoadOp>([&](auto load) {
        auto type = dyn_cast<PtrType>(load.getResult().getType());
        if (!type)
          return false;
        auto it = stored.find(static_cast<unsigned>(type.getSpace()));
        return it != stored.end() && update(load.getResult(), it->second);
      })
      .Case<StoreOp>([&](auto store) {
        auto type = dyn_cast<PtrType>(store.getValue().getType());
        if (!type)
          return false;
        return stored
            .try_emplace(static_cast<unsigned>(type.getSpace()), nothing)
            .first->second.join(factOf(store.getValue()));
      })
      .Case<CallOp>([&](auto call) {
        auto callee = SymbolTable::lookupNearestSymbolFrom<FuncOp>(
            call, call.getCalleeAttr());
        if (!callee || callee.isExternal())
          return false;
        bool any = false;
        for (auto [argument, value] :
             llvm::zip(callee.getArguments(), call.getArgs()))
          any |= update(argument, factOf(value));
        for (Block &block : callee.getBody())
          if (auto ret = dyn_cast<ReturnOp>(block.getTerminator()))
            any |= update(call.getResult(), factOf(ret.getValue()));
        return any;
      })
      // A null pointer is never followed.
      .Case<NullOp>([&](auto) { return false; })
      .Default([&](Operation *other) {
        bool any = false;
        for (Value result : other->getResults())
          any |= update(result, unknown());
        return any;
      });
}

void PointerAnalysis::propagate(ModuleOp module) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (auto func : module.getOps<FuncOp>())
      for (Block &block : func.getBody())
        for (Operation &op : block)
          changed |= visit(&op);
  }
}

//===----------------------------------------------------------------------===//
// Uses of map words
//===----------------------------------------------------------------------===//

int64_t PointerAnalysis::wholeWords(unsigned map) const {
  MapOp declared = mapOps[map];
  return declared.getValueSize() / 4;
}

/// First and last word of a map's value that an access may reach.
std::pair<int64_t, int64_t> PointerAnalysis::wordsOf(const PointerFact &fact,
                                                     unsigned map,
                                                     int64_t offset,
                                                     uint64_t size) const {
  int64_t first = 0, last = static_cast<int64_t>(uses[map].size()) - 1;
  if (fact.offsetKnown && size != 0) {
    first = std::max<int64_t>(first, (fact.offset + offset) >> 2);
    last = std::min<int64_t>(
        last, (fact.offset + offset + static_cast<int64_t>(size) - 1) >> 2);
  }
  return {first, last};
}

/// Generated code must know the byte order of what it accesses. Where one
/// access may reach several words, or words of several maps, and one of them is
/// a counter, all are kept in the order of counters. True if that changed
/// anything.
bool PointerAnalysis::unify(const Access &access) {
  const PointerFact &fact = access.fact;
  bool changed = false;
  auto makeAtomic = [&](unsigned map, int64_t word) {
    if (word >= wholeWords(map) || uses[map][word] == WordUse::Atomic)
      return;
    uses[map][word] = WordUse::Atomic;
    changed = true;
  };
  if (!fact.offsetKnown) {
    if (hasAtomicWords(fact))
      for (unsigned map : fact.maps.set_bits())
        for (int64_t word = 0; word < wholeWords(map); ++word)
          makeAtomic(map, word);
    return changed;
  }
  llvm::SmallBitVector atomic;
  for (unsigned map : fact.maps.set_bits()) {
    auto [first, last] = wordsOf(fact, map, access.offset, access.size);
    for (int64_t word = first; word <= last; ++word)
      if (uses[map][word] == WordUse::Atomic) {
        if (atomic.size() <= static_cast<unsigned>(word))
          atomic.resize(static_cast<unsigned>(word) + 1);
        atomic.set(static_cast<unsigned>(word));
      }
  }
  for (unsigned map : fact.maps.set_bits())
    for (unsigned word : atomic.set_bits())
      makeAtomic(map, word);
  return changed;
}

void PointerAnalysis::collectUses(ModuleOp module) {
  auto isMapValue = [](Value value) {
    auto type = dyn_cast<PtrType>(value.getType());
    return type && type.getSpace() == Space::MapValue;
  };
  SmallVector<Access> accesses;
  auto mark = [&](Value pointer, int64_t offset, uint64_t size, WordUse use,
                  bool isAddition = false) {
    if (isMapValue(pointer))
      accesses.push_back({factOf(pointer), offset, size, use, isAddition});
  };
  auto keySize = [&](Value map) {
    uint64_t size = 0;
    for (unsigned index : factOf(map).maps.set_bits())
      size = std::max<uint64_t>(size, mapOps[index].getKeySize());
    return size;
  };
  auto valueSize = [&](Value map) {
    uint64_t size = 0;
    for (unsigned index : factOf(map).maps.set_bits())
      size = std::max<uint64_t>(size, mapOps[index].getValueSize());
    return size;
  };
  module.walk([&](Operation *op) {
    TypeSwitch<Operation *>(op)
        .Case<LoadOp>([&](auto load) {
          mark(load.getPtr(), load.getOffset(), load.getSize(), WordUse::Read);
        })
        .Case<LoadWordsOp>([&](auto load) {
          mark(load.getPtr(), load.getOffset(), 4 * load.getNumResults(),
               WordUse::Read);
        })
        .Case<StoreWordsOp>([&](auto store) {
          mark(store.getPtr(), store.getOffset(), store.getSize(),
               WordUse::Write);
        })
        .Case<StoreOp>([&](auto store) {
          mark(store.getPtr(), store.getOffset(), store.getSize(),
               WordUse::Write);
        })
        .Case<AtomicRMWOp>([&](auto atomic) {
          mark(atomic.getPtr(), atomic.getOffset(),
               getSizeInBytes(atomic.getValue().getType()), WordUse::Atomic,
               atomic.getKind() == AtomicKind::Add);
        })
        .Case<AtomicFetchRMWOp, AtomicCmpXchgOp>([&](auto atomic) {
          mark(atomic.getPtr(), atomic.getOffset(),
               getSizeInBytes(atomic.getValue().getType()), WordUse::Atomic);
        })
        .Case<FenceOp>([&](auto) { hasFences = true; })
        .Case<MapLookupOp, MapDeleteOp>([&](auto helper) {
          mark(helper.getKey(), 0, keySize(helper.getMap()), WordUse::Read);
        })
        .Case<MapUpdateOp>([&](auto helper) {
          mark(helper.getKey(), 0, keySize(helper.getMap()), WordUse::Read);
          mark(helper.getValue(), 0, valueSize(helper.getMap()), WordUse::Read);
          // The routine writes the value as it lies on the stack.
          accesses.push_back({factOf(helper.getMap()), 0,
                              valueSize(helper.getMap()), WordUse::Unused,
                              false});
        })
        .Case<PerfEventOutputOp>([&](auto output) {
          APInt size;
          bool known = matchPattern(output.getSize(), m_ConstantInt(&size));
          mark(output.getData(), 0, known ? size.getLimitedValue(1 << 20) : 0,
               WordUse::Read);
        })
        .Case<CallHelperOp>([&](auto helper) {
          for (Value argument : helper.getArgs())
            mark(argument, 0, 0, WordUse::Read);
        });
  });

  // Additions commute if they change the same bytes: the carry of a wide one
  // leaves the word, that of a narrow one does not. By word, the size in bytes
  // and which of its words this is; atomic operations are naturally aligned.
  SmallVector<SmallVector<std::pair<uint64_t, int64_t>>> additions;
  for (const SmallVector<WordUse> &words : uses)
    additions.emplace_back(words.size());
  for (const Access &access : accesses)
    for (unsigned map : access.fact.maps.set_bits()) {
      auto [first, last] =
          wordsOf(access.fact, map, access.offset, access.size);
      // Atomic wins over write, write over read: it is what decides the byte
      // order, and then what may change the word.
      for (int64_t word = first; word <= last; ++word) {
        uses[map][word] = std::max(uses[map][word], access.use);
        auto &addition = additions[map][word];
        const std::pair<uint64_t, int64_t> own(
            access.size,
            (word - first) %
                static_cast<int64_t>(std::max<uint64_t>(access.size / 4, 1)));
        if (!access.isAddition || (addition.first != 0 && addition != own))
          readBack[map].set(static_cast<unsigned>(word));
        if (access.isAddition)
          addition = own;
      }
    }
  bool changed = true;
  while (changed) {
    changed = false;
    for (const Access &access : accesses)
      changed |= unify(access);
  }
}

std::optional<bool> PointerAnalysis::isAtomicWord(const PointerFact &fact,
                                                  int64_t offset) const {
  std::optional<bool> result;
  bool depends = false;
  auto see = [&](bool atomic) {
    depends |= result && *result != atomic;
    result = atomic;
  };
  for (unsigned map : fact.maps.set_bits()) {
    if (!fact.offsetKnown) {
      for (WordUse use : uses[map])
        see(use == WordUse::Atomic);
      continue;
    }
    int64_t word = (fact.offset + offset) >> 2;
    see(word >= 0 && word < static_cast<int64_t>(uses[map].size()) &&
        uses[map][word] == WordUse::Atomic);
  }
  if (depends)
    return std::nullopt;
  return result.value_or(false);
}

bool PointerAnalysis::isReadBack(const PointerFact &fact, int64_t offset,
                                 uint64_t size) const {
  if (hasFences)
    return true;
  for (unsigned map : fact.maps.set_bits()) {
    auto [first, last] = wordsOf(fact, map, offset, size);
    for (int64_t word = first; word <= last; ++word)
      if (readBack[map].test(static_cast<unsigned>(word)))
        return true;
  }
  return false;
}

bool PointerAnalysis::hasAtomicWords(const PointerFact &fact) const {
  for (unsigned map : fact.maps.set_bits())
    if (llvm::is_contained(uses[map], WordUse::Atomic))
      return true;
  return false;
}
