//===- LowerHelpers.cpp - Maps, events, random numbers --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Firmware routines take the map's table id in A0, the key through pointer 0
// and the value through pointer 2, both on the stack at word addresses; other
// arguments are in the registers of R1 to R5 (NFP BPF offload ABI, section
// "Helpers").
//
//===----------------------------------------------------------------------===//

#include "FunctionLowering.h"

#include "mlir/IR/Matchers.h"
#include "nfpbpf/ISA/BPF/Alternatives.h"
#include "nfpbpf/ISA/BPF/MapTypes.h"
#include "nfpbpf/Runtime/MapStore.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::convert;
using llvm::ArrayRef;
using llvm::StringRef;
using nfp::Bank;

namespace {
constexpr uint32_t CurrentCpu = 0xffffffff;

/// What perf_event_output's data pointer points to, for the firmware.
enum PointerKind : uint32_t { KindMapValue = 4, KindStack = 6, KindPacket = 8 };
} // namespace

static bpf::Space spaceOf(Value pointer) {
  return cast<bpf::PtrType>(pointer.getType()).getSpace();
}

/// "; profile 'x' does" for the first profile that would do, or that there is
/// none and what to do instead.
static std::string otherProfile(const ProfileNeeds &needs,
                                const Profile &current) {
  std::string name = findProfileFor(needs, current.Name);
  if (!name.empty())
    return "; profile '" + name + "' does";
  StringRef instead;
  if (!needs.Helpers.empty())
    instead = ebpf::helperAlternative(needs.Helpers.front());
  else if (!needs.MapTypes.empty())
    instead = ebpf::mapTypeAlternative(needs.MapTypes.front());
  std::string text = "; no profile offers it";
  return instead.empty() ? text : text + "; " + instead.str();
}

LogicalResult FunctionLowering::requireHelper(Operation *op, unsigned id,
                                              StringRef name) {
  if (module.profile.allowsHelper(id))
    return success();
  ProfileNeeds needs;
  needs.Helpers.push_back(id);
  return refuse(op) << "helper " << name << " (" << id
                    << ") is not offered by firmware profile '"
                    << module.profile.Name << "'"
                    << otherProfile(needs, module.profile);
}

Pair FunctionLowering::callHelper(unsigned id, StringRef name,
                                  ArrayRef<std::pair<Word, nfp::GprType>> args,
                                  Value lm0, Value lm2) {
  SmallVector<Value> values;
  SmallVector<Attribute> registers;
  for (const auto &[value, type] : args) {
    values.push_back(gpr(value));
    registers.push_back(TypeAttr::get(type));
  }
  SmallVector<Type> results(2, gprType());
  auto call = nfp::HelperOp::create(b, loc, results, id, name, values,
                                    b.getArrayAttr(registers), lm0, lm2);
  return {Word::of(call.getResult(0)), Word::of(call.getResult(1))};
}

FailureOr<Value> FunctionLowering::stackCopy(Operation *op, Value pointer,
                                             unsigned size, int64_t &scratch,
                                             bool &copied, bool always) {
  const PointerFact &fact = module.pointers.factOf(pointer);
  std::optional<int64_t> inFrame = frameOffset(pointer);
  bool aligned =
      inFrame ? (*inFrame & 3) == 0 : fact.lowBitsKnown && fact.lowBits == 0;
  copied = always || spaceOf(pointer) != bpf::Space::Stack || !aligned;
  if (!copied)
    return gpr(word(pointer));
  // One place for all copies of a kind: no two are needed at a time.
  unsigned words = (size + 3) / 4;
  if (scratch < 0 || scratch + 4 * words > frameSize) {
    scratch = frameSize;
    frameSize += 4 * words;
  }
  for (unsigned done = 0; done < size;) {
    unsigned piece = 4;
    while (piece > size - done)
      piece /= 2;
    FailureOr<Words> value = load(op, pointer, done, piece, false);
    if (failed(value))
      return failure();
    lmStore((*value)[0], Value(), scratch + done, piece);
    done += piece;
  }
  return nfp::FrameAddrOp::create(b, loc, static_cast<int32_t>(scratch))
      .getDst();
}

bool FunctionLowering::areDisjoint(Value a, unsigned aBytes, Value b,
                                   unsigned bBytes) {
  if (spaceOf(a) != bpf::Space::Stack || spaceOf(b) != bpf::Space::Stack)
    return true;
  std::optional<int64_t> aAt = frameOffset(a), bAt = frameOffset(b);
  // The firmware works on whole words.
  return aAt && bAt &&
         (*aAt + int64_t(llvm::alignTo(aBytes, 4)) <= *bAt ||
          *bAt + int64_t(llvm::alignTo(bBytes, 4)) <= *aAt);
}

LogicalResult FunctionLowering::checkMaps(Operation *op, Value handle,
                                          bpf::MapOp &map) {
  const PointerFact &fact = module.pointers.factOf(handle);
  map = {};
  for (unsigned index : fact.maps.set_bits()) {
    bpf::MapOp candidate = module.pointers.maps()[index];
    uint32_t type = candidate.getMapType();
    bool events = isa<bpf::PerfEventOutputOp>(op);
    if (events != (type == ebpf::MapPerfEventArray))
      return refuse(op) << "map '" << candidate.getSymName() << "' has type "
                        << ebpf::mapTypeName(type) << ", which this "
                        << (events ? "helper cannot send events to"
                                   : "helper cannot access");
    if (!events &&
        !(module.profile.Maps && module.profile.Maps->allowsType(type))) {
      ProfileNeeds needs;
      needs.MapTypes.push_back(type);
      InFlightDiagnostic diagnostic =
          refuse(op) << "map '" << candidate.getSymName() << "' has type "
                     << ebpf::mapTypeName(type) << ", which firmware profile '"
                     << module.profile.Name << "' does not have"
                     << otherProfile(needs, module.profile);
      diagnostic.attachNote(candidate.getLoc()) << "map declared here";
      return diagnostic;
    }
    if (map && (map.getKeySize() != candidate.getKeySize() ||
                map.getValueSize() != candidate.getValueSize()))
      return refuse(op) << "the map may be '" << map.getSymName() << "' or '"
                        << candidate.getSymName()
                        << "', which differ in key or value size";
    map = candidate;
  }
  if (!map)
    return refuse(op) << "the map is not known; use a map's address directly";
  return success();
}

LogicalResult FunctionLowering::lowerMapHelper(Operation *op, unsigned id,
                                               StringRef name, Value handle,
                                               Value key, Value value,
                                               Value flags) {
  bpf::MapOp map;
  if (failed(requireHelper(op, id, name)) || failed(checkMaps(op, handle, map)))
    return failure();
  unsigned keySize = map.getKeySize(), valueSize = map.getValueSize();

  // What changes in place for the call, bytes behind the key and counters of
  // the value, must not be part of the other.
  bool apart = !value || areDisjoint(key, keySize, value, valueSize) ||
               (keySize % 4 == 0 && !module.pointers.hasAtomicWords(
                                        module.pointers.factOf(handle)));
  bool keyCopied = false;
  FailureOr<Value> keyAddress =
      stackCopy(op, key, keySize, scratchKey, keyCopied, /*always=*/!apart);
  if (failed(keyAddress))
    return failure();

  // The routine clears the bytes of the last word behind the key, in place;
  // they may belong to something else.
  std::optional<Word> behindKey;
  int64_t lastWord = keySize & ~3u;
  Value keyBase = frameOffset(key) ? Value() : *keyAddress;
  int64_t keyOffset = frameOffset(key).value_or(0);
  if (keySize % 4 != 0 && !keyCopied)
    behindKey = lmLoad(keyBase, keyOffset + lastWord, 4);

  SmallVector<std::pair<Word, nfp::GprType>> args;
  args.push_back({word(handle), reg(Bank::A, 0)});
  Value valueAddress;
  // Words that are atomic counters are big-endian on the card: turned over for
  // the call.
  SmallVector<std::pair<int64_t, Word>> turned;
  Value valueBase;
  if (value) {
    bool valueCopied = false;
    FailureOr<Value> address =
        stackCopy(op, value, valueSize, scratchValue, valueCopied);
    if (failed(address))
      return failure();
    valueAddress = *address;
    int64_t valueOffset = valueCopied ? scratchValue : 0;
    if (!valueCopied) {
      if (std::optional<int64_t> inFrame = frameOffset(value))
        valueOffset = *inFrame;
      else
        valueBase = valueAddress;
    }
    PointerFact target = module.pointers.factOf(handle);
    for (unsigned at = 0; at < valueSize; at += 4) {
      FailureOr<bool> counter = isCounter(op, target, at);
      if (failed(counter))
        return failure();
      if (!*counter)
        continue;
      Word before = lmLoad(valueBase, valueOffset + at, 4);
      lmStore(bswap32(before), valueBase, valueOffset + at, 4);
      if (!valueCopied)
        turned.push_back({valueOffset + at, before});
    }
    Pair flagWords = pair(flags);
    args.push_back({flagWords.lo, reg(Bank::AB, 8)});
    args.push_back({flagWords.hi, reg(Bank::AB, 9)});
  }

  Pair result = callHelper(id, name, args, *keyAddress, valueAddress);

  if (behindKey)
    lmStore(*behindKey, keyBase, keyOffset + lastWord, 4);
  for (const auto &[offset, before] : turned)
    lmStore(before, valueBase, offset, 4);
  set(op->getResult(0), result);
  return success();
}

/// The loader's address of the array in front, the distance behind it.
LogicalResult FunctionLowering::lowerArrayElement(bpf::ArrayElementOp op) {
  if (!module.profile.Maps || !module.profile.Maps->ArrayAddresses)
    return refuse(op) << "firmware profile '" << module.profile.Name
                      << "' does not tell programs where arrays lie";
  bpf::MapOp map = module.pointers.maps()[module.pointers.indexOf(op.getMap())];
  Word stride =
      Word::constant(rt::entryBytes(map.getKeySize(), map.getValueSize()));
  Word first = Word::constant(rt::valueOffset(map.getKeySize()));
  Word high =
      Word::of(nfp::MapAddressOp::create(b, loc, map.getSymName()).getDst());
  set(op.getResult(), Pair{add(mul(word(op.getIndex()), stride), first), high});
  return success();
}

LogicalResult FunctionLowering::lowerMapValueRef(bpf::MapValueRefOp op) {
  if (module.profile.Maps && module.profile.Maps->ArrayAddresses) {
    bpf::MapOp map =
        module.pointers.maps()[module.pointers.indexOf(op.getMap())];
    Word high =
        Word::of(nfp::MapAddressOp::create(b, loc, map.getSymName()).getDst());
    set(op.getResult(),
        Pair{Word::constant(rt::valueOffset(map.getKeySize()) + op.getOffset()),
             high});
    return success();
  }
  // The only value of an array: looked up with the key 0.
  if (failed(requireHelper(op, HelperMapLookup, "map_lookup_elem")))
    return failure();
  if (scratchKey < 0) {
    scratchKey = frameSize;
    frameSize += 4;
  }
  lmStore(Word::constant(0), Value(), scratchKey, 4);
  Value key = nfp::FrameAddrOp::create(b, loc, static_cast<int32_t>(scratchKey))
                  .getDst();
  bpf::MapOp map = module.pointers.maps()[module.pointers.indexOf(op.getMap())];
  Pair value =
      callHelper(HelperMapLookup, "map_lookup_elem",
                 {{Word::constant(map.getIndex()), reg(Bank::A, 0)}}, key);
  value.lo = add(value.lo, Word::constant(op.getOffset()));
  set(op.getResult(), value);
  return success();
}

LogicalResult FunctionLowering::lowerPerfEvent(bpf::PerfEventOutputOp op) {
  bpf::MapOp map;
  if (failed(requireHelper(op, HelperPerfEventOutput, "perf_event_output")) ||
      failed(checkMaps(op, op.getMap(), map)))
    return failure();
  Pair flagWords = pair(op.getFlags());
  if (!flagWords.lo.isConst(CurrentCpu))
    return refuse(op) << "helper perf_event_output: the low 32 bits of the "
                         "flags must be the constant BPF_F_CURRENT_CPU "
                         "(0xffffffff); the card has no other target";
  Value data = op.getData();
  uint32_t kind = 0;
  switch (spaceOf(data)) {
  case bpf::Space::Stack:
    kind = KindStack;
    break;
  case bpf::Space::Packet:
    kind = KindPacket;
    break;
  case bpf::Space::MapValue:
    kind = KindMapValue;
    if (module.pointers.hasAtomicWords(module.pointers.factOf(data)))
      return refuse(op) << "helper perf_event_output: the data is a map value "
                           "with atomic counters, which the card keeps in the "
                           "other byte order; copy it to the stack first";
    break;
  default:
    return refuse(op) << "helper perf_event_output: data must be on the stack, "
                         "in the packet or in a map value";
  }
  Pair address = pair(data), size = pair(op.getSize());
  Pair result = callHelper(HelperPerfEventOutput, "perf_event_output",
                           {{Word::constant(kind), reg(Bank::A, 1)},
                            {word(op.getMap()), reg(Bank::AB, 4)},
                            {Word::constant(0), reg(Bank::AB, 5)},
                            {flagWords.lo, reg(Bank::AB, 6)},
                            {flagWords.hi, reg(Bank::AB, 7)},
                            {address.lo, reg(Bank::AB, 8)},
                            {address.hi, reg(Bank::AB, 9)},
                            {size.lo, reg(Bank::AB, 10)},
                            {size.hi, reg(Bank::AB, 11)}});
  set(op.getResult(), result);
  return success();
}

LogicalResult FunctionLowering::lowerHelper(Operation *op) {
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case<bpf::MapLookupOp>([&](auto o) {
        return lowerMapHelper(o, HelperMapLookup, "map_lookup_elem", o.getMap(),
                              o.getKey(), Value(), Value());
      })
      .Case<bpf::MapUpdateOp>([&](auto o) {
        return lowerMapHelper(o, HelperMapUpdate, "map_update_elem", o.getMap(),
                              o.getKey(), o.getValue(), o.getFlags());
      })
      .Case<bpf::MapDeleteOp>([&](auto o) {
        return lowerMapHelper(o, HelperMapDelete, "map_delete_elem", o.getMap(),
                              o.getKey(), Value(), Value());
      })
      .Case<bpf::MapValueRefOp>([&](auto o) { return lowerMapValueRef(o); })
      .Case<bpf::ArrayElementOp>([&](auto o) { return lowerArrayElement(o); })
      .Case<bpf::PerfEventOutputOp>([&](auto o) { return lowerPerfEvent(o); })
      .Case<bpf::GetPrandomU32Op>([&](auto o) -> LogicalResult {
        if (failed(requireHelper(o, HelperPrandom, "get_prandom_u32")))
          return failure();
        Word value = Word::of(
            nfp::CsrRdOp::create(b, loc, gprType(), nfp::CSR::PseudoRandom)
                .getDst());
        set(o.getResult(), Pair{value, Word::constant(0)});
        return success();
      })
      .Case<bpf::CallHelperOp>([&](auto o) -> LogicalResult {
        if (module.profile.allowsHelper(o.getId()))
          return refuse(o) << "helper " << o.getName() << " (" << o.getId()
                           << ") is called with arguments that the card cannot "
                              "take; the map must be known at compile time, "
                              "keys and data must be in the stack, the packet "
                              "or a map value";
        ProfileNeeds needs;
        needs.Helpers.push_back(o.getId());
        return refuse(o) << "helper " << o.getName() << " (" << o.getId()
                         << ") cannot be called from the card with firmware "
                            "profile '"
                         << module.profile.Name << "'"
                         << otherProfile(needs, module.profile);
      })
      .Default([&](Operation *o) -> LogicalResult {
        return refuse(o) << "operation '" << o->getName()
                         << "' cannot be translated to machine code";
      });
}
