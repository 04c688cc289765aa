//===- KindAnalysis.cpp - Pointers and numbers in a program ---------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KindAnalysis.h"
#include "nfpbpf/Target/BPF/ContextFields.h"

#include "nfpbpf/ISA/BPF/Helpers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

using namespace llvm;
using namespace nfpbpf;
using namespace nfpbpf::importer;
using ebpf::Op;

/// The kernel's limit on a frame (MAX_BPF_STACK).
static constexpr int64_t MaxFrame = 512;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

std::optional<int64_t> importer::evaluate(const ebpf::Instruction &I,
                                          int64_t Dst, int64_t Src) {
  bool Is64 = I.is64();
  uint64_t A = Is64 ? Dst : static_cast<uint32_t>(Dst);
  uint64_t B = Is64 ? Src : static_cast<uint32_t>(Src);
  unsigned Shift = B & (Is64 ? 63 : 31);
  uint64_t R;
  switch (I.op()) {
  case Op::Add:
    R = A + B;
    break;
  case Op::Sub:
    R = A - B;
    break;
  case Op::Mul:
    R = A * B;
    break;
  case Op::Or:
    R = A | B;
    break;
  case Op::And:
    R = A & B;
    break;
  case Op::Xor:
    R = A ^ B;
    break;
  case Op::Lsh:
    R = A << Shift;
    break;
  case Op::Rsh:
    R = A >> Shift;
    break;
  case Op::Arsh:
    R = Is64 ? static_cast<int64_t>(A) >> Shift
             : static_cast<int32_t>(A) >> Shift;
    break;
  case Op::Neg:
    R = 0 - A;
    break;
  case Op::Mov:
    R = B;
    break;
  default:
    return std::nullopt;
  }
  return Is64 ? R : static_cast<uint32_t>(R);
}

bool importer::isTaken(const ebpf::Instruction &I, int64_t Dst, int64_t Src) {
  int64_t SA = I.is64() ? Dst : static_cast<int32_t>(Dst);
  int64_t SB = I.is64() ? Src : static_cast<int32_t>(Src);
  uint64_t UA = I.is64() ? Dst : static_cast<uint32_t>(Dst);
  uint64_t UB = I.is64() ? Src : static_cast<uint32_t>(Src);
  switch (I.op()) {
  case Op::JEq:
    return UA == UB;
  case Op::JNe:
    return UA != UB;
  case Op::JGt:
    return UA > UB;
  case Op::JGe:
    return UA >= UB;
  case Op::JLt:
    return UA < UB;
  case Op::JLe:
    return UA <= UB;
  case Op::JSGt:
    return SA > SB;
  case Op::JSGe:
    return SA >= SB;
  case Op::JSLt:
    return SA < SB;
  case Op::JSLe:
    return SA <= SB;
  case Op::JSet:
    return (UA & UB) != 0;
  default:
    return true;
  }
}

Kind importer::sourceOperand(const MachineState &S,
                             const ebpf::Instruction &I) {
  return I.usesSrcReg() ? S.reg(I.Src) : Kind::constant(I.Imm);
}

//===----------------------------------------------------------------------===//
// Signatures
//===----------------------------------------------------------------------===//

static void printSignature(raw_ostream &OS, const Signature &Sig,
                           const std::set<MachineState::Slot> *Only) {
  OS << Sig.FuncIndex;
  if (Sig.Foreign)
    OS << " foreign " << Sig.Foreign;
  for (unsigned R = 1; R <= 5; ++R) {
    OS << ' ';
    print(OS, Sig.Args[R]);
  }
  for (const auto &[Where, K] : Sig.Slots) {
    if (Only && !Only->count(Where))
      continue;
    OS << " [" << static_cast<unsigned>(Where.first) << ',' << Where.second
       << "]=";
    print(OS, K);
  }
}

std::string Signature::key() const {
  std::string Text;
  raw_string_ostream OS(Text);
  printSignature(OS, *this, nullptr);
  return Text;
}

std::string Specialization::codeKey() const {
  std::string Text;
  raw_string_ostream OS(Text);
  printSignature(OS, Sig, &UsedSlots);
  return Text;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

/// How a caller's frames are numbered in the callee.
struct KindAnalysis::CallMap {
  struct Region {
    uint8_t Caller; ///< the caller's number
    bool Known;     ///< whether Origin is known
    int64_t Origin; ///< the caller's offset of the callee's offset 0
  };
  Signature Sig;
  /// The callee's region n is Regions[n - 1].
  SmallVector<Region> Regions;

  /// A kind of the caller as the callee sees it.
  Kind enter(const Kind &K) {
    if (K.T != Tag::Stack)
      return K.isConst() && !K.isNull() ? Kind::scalar() : withoutPlace(K);
    unsigned N = 0;
    while (N < Regions.size() && Regions[N].Caller != K.Region)
      ++N;
    if (N == Regions.size()) {
      if (N + 1 >= MaxRegions)
        return Kind::scalar();
      Regions.push_back({K.Region, K.Known, K.Value & ~int64_t(7)});
    }
    Kind Mapped = Kind::pointer(Tag::Stack);
    Mapped.Region = static_cast<uint8_t>(N + 1);
    if (K.Known && Regions[N].Known) {
      Mapped.Known = true;
      Mapped.Value = K.Value - Regions[N].Origin;
    }
    return Mapped;
  }

  /// A kind of the callee as the caller sees it after the return.
  Kind leave(const Kind &K) const {
    if (K.T != Tag::Stack)
      return K;
    // The callee's own frame is gone.
    if (K.Region == 0)
      return Kind::scalar();
    const Region &R = Regions[K.Region - 1];
    Kind Mapped = Kind::pointer(Tag::Stack);
    Mapped.Region = R.Caller;
    if (K.Known && R.Known) {
      Mapped.Known = true;
      Mapped.Value = K.Value + R.Origin;
    }
    return Mapped;
  }
};

std::optional<KindAnalysis::CallMap>
KindAnalysis::mapCall(const MachineState &S, uint32_t Index) const {
  CallMap Map;
  const ebpf::Instruction &I = C.insn(Index);
  // What is called, and what its r1 to r5 are.
  std::array<Kind, 6> Args;
  for (unsigned R = 1; R <= 5; ++R)
    Args[R] = S.reg(R);
  if (I.op() == Op::CallLocal) {
    Map.Sig.FuncIndex = C.callee(Index);
  } else {
    bool IsLoop = I.op() == Op::Call;
    Kind Callee = S.reg(IsLoop ? 2 : I.Dst);
    if (Callee.T != Tag::Function)
      return std::nullopt;
    Map.Sig.FuncIndex = static_cast<unsigned>(Callee.Value);
    if (IsLoop) {
      // The number of the round, the context of the caller, nothing else.
      Args = {Kind::uninit(), Kind::scalar(), S.reg(3),
              Kind::uninit(), Kind::uninit(), Kind::uninit()};
    }
  }
  RegSet Live = C.graph(Map.Sig.FuncIndex)->liveIn();
  for (unsigned R = 1; R <= 5; ++R)
    if (Live & (1u << R))
      Map.Sig.Args[R] = Map.enter(Args[R]);
  // Regions may grow while pointers in them are followed.
  for (unsigned N = 0; N < Map.Regions.size(); ++N) {
    CallMap::Region R = Map.Regions[N];
    if (!R.Known)
      continue;
    for (const auto &[Where, K] : S.slots())
      if (Where.first == R.Caller)
        Map.Sig.Slots[{static_cast<uint8_t>(N + 1), Where.second - R.Origin}] =
            Map.enter(K);
  }
  for (unsigned N = 0; N < Map.Regions.size(); ++N)
    if (!Map.Regions[N].Known || S.isAnyWhereAbsent(Map.Regions[N].Caller))
      Map.Sig.Foreign |= uint64_t(1) << (N + 1);
  return Map;
}

const Specialization *KindAnalysis::calleeOf(const MachineState &S,
                                             uint32_t Index) {
  const ebpf::Instruction &I = C.insn(Index);
  MachineState Before = S;
  if (I.op() == Op::Call) {
    // What the rounds of a loop find on the stack.
    transferLoop(Before, Index, nullptr);
    Before.Regs = S.Regs;
  }
  std::optional<CallMap> Map = mapCall(Before, Index);
  return Map ? &analyze(Map->Sig) : nullptr;
}

void KindAnalysis::transferCall(MachineState &S, uint32_t Index,
                                Specialization *Current) {
  Kind Result = Kind::scalar();
  if (std::optional<CallMap> Map = mapCall(S, Index))
    Result = Map->leave(applyCall(S, *Map, Current).Ret);
  for (unsigned Reg = 1; Reg <= 5; ++Reg)
    S.Regs[Reg] = Kind::uninit();
  S.Regs[0] = Result;
}

/// bpf_loop: the callback is called any number of times.
void KindAnalysis::transferLoop(MachineState &S, uint32_t Index,
                                Specialization *Current) {
  std::optional<CallMap> Map;
  do {
    Map = mapCall(S, Index);
    if (!Map)
      break;
    MachineState After = S;
    applyCall(After, *Map, Current);
    if (!S.joinWith(After))
      break;
  } while (true);
  for (unsigned Reg = 1; Reg <= 5; ++Reg)
    S.Regs[Reg] = Kind::uninit();
  S.Regs[0] = Kind::scalar();
}

/// What a call does to the stack of its callers.
const Specialization &KindAnalysis::applyCall(MachineState &S,
                                              const CallMap &Map,
                                              Specialization *Current) {
  const Specialization &Callee = analyze(Map.Sig);

  // What the callee depends on in our callers' frames, we depend on too.
  if (Current) {
    for (const MachineState::Slot &Used : Callee.UsedSlots) {
      const CallMap::Region &R = Map.Regions[Used.first - 1];
      if (R.Caller != 0)
        Current->UsedSlots.insert({R.Caller, Used.second + R.Origin});
    }
  }

  for (unsigned N = 0; N < Map.Regions.size(); ++N) {
    const CallMap::Region &R = Map.Regions[N];
    uint8_t Region = static_cast<uint8_t>(N + 1);
    bool Written = Callee.Exit.isClobbered(Region);
    for (const auto &[Where, K] : Callee.Exit.slots()) {
      if (Where.first != Region)
        continue;
      if (!R.Known) {
        Written = true;
        continue;
      }
      int64_t Offset = Where.second + R.Origin;
      Kind New = Map.leave(K);
      auto Old = S.slots().find({R.Caller, Offset});
      if (Old == S.slots().end() || Old->second != New)
        S.store(R.Caller, Offset, 8, New);
    }
    if (Written)
      S.clobberAll(R.Caller);
  }
  return Callee;
}

Kind importer::lookupResult(uint32_t MapType, int64_t MapIndex) {
  switch (MapType) {
  case 12: // ARRAY_OF_MAPS
  case 13: // HASH_OF_MAPS
    return Kind::pointer(Tag::Map);
  case 15: // SOCKMAP
  case 17: // XSKMAP
  case 18: // SOCKHASH
    return Kind::pointer(Tag::Opaque);
  default:
    return Kind::map(Tag::MapValue, MapIndex);
  }
}

Kind importer::unknownHelperResult(uint32_t Id) {
  switch (Id) {
  case 81:  // get_local_storage
  case 107: // sk_storage_get
  case 145: // inode_storage_get
  case 156: // task_storage_get
  case 195: // map_lookup_percpu_elem
  case 210: // cgrp_storage_get
    return Kind::pointer(Tag::MapValue);
  case 84:  // sk_lookup_tcp
  case 85:  // sk_lookup_udp
  case 95:  // sk_fullsock
  case 96:  // tcp_sock
  case 98:  // get_listener_sock
  case 99:  // skc_lookup_tcp
  case 131: // ringbuf_reserve
  case 136: // skc_to_tcp6_sock
  case 137: // skc_to_tcp_sock
  case 138: // skc_to_tcp_timewait_sock
  case 139: // skc_to_tcp_request_sock
  case 140: // skc_to_udp6_sock
  case 153: // per_cpu_ptr
  case 154: // this_cpu_ptr
  case 158: // get_current_task_btf
  case 162: // sock_from_file
  case 175: // task_pt_regs
  case 178: // skc_to_unix_sock
  case 194: // kptr_xchg
  case 196: // skc_to_mptcp_sock
  case 203: // dynptr_data
    return Kind::pointer(Tag::Opaque);
  default:
    return Kind::scalar();
  }
}

std::optional<uint32_t> importer::calledHelper(const MachineState &S,
                                               const ebpf::Instruction &I) {
  if (I.op() == Op::Call)
    return static_cast<uint32_t>(I.Imm);
  if (I.op() != Op::Callx)
    return std::nullopt;
  Kind Callee = S.reg(I.Dst);
  if (!Callee.isConst() || !isUInt<32>(Callee.Value))
    return std::nullopt;
  uint32_t Id = static_cast<uint32_t>(Callee.Value);
  // bpf_loop is made of instructions, and of its own kind of call.
  if (Id == ebpf::Loop || ebpf::helperName(Id).empty())
    return std::nullopt;
  return Id;
}

void KindAnalysis::transferHelper(MachineState &S, uint32_t Id) {
  const ebpf::HelperInfo *Info = ebpf::helperInfo(Id);
  Kind Result = Kind::scalar();
  if (Info) {
    // None of these writes memory of the program.
    if (Info->Ret == ebpf::RetKind::MapValueOrNull) {
      Kind Map = S.reg(1);
      if (Map.T == Tag::Map && Map.Known)
        Result = lookupResult(C.program().Maps[Map.Value].Type, Map.Value);
      else
        Result = Kind::pointer(Tag::MapValue);
    }
  } else {
    Result = unknownHelperResult(Id);
    // It may write through any stack pointer: as many bytes as the next
    // argument says if that is a number, as kernel helpers are declared.
    for (unsigned R = 1; R <= 5; ++R) {
      Kind K = S.reg(R);
      if (K.T != Tag::Stack)
        continue;
      if (!K.Known) {
        S.clobberAll(K.Region);
        continue;
      }
      Kind Size = R < 5 ? S.reg(R + 1) : Kind::uninit();
      if (!Size.isConst() || Size.Value < 0 || Size.Value > MaxFrame) {
        S.clobber(K.Region, K.Value);
        continue;
      }
      for (int64_t Byte = 0; Byte < Size.Value; ++Byte)
        S.store(K.Region, K.Value + Byte, 1, Kind::scalar());
    }
  }
  S.Regs[0] = Result;
  for (unsigned R = 1; R <= 5; ++R)
    S.Regs[R] = Kind::uninit();
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

static Kind addOffset(Kind Pointer, const Kind &Offset, bool Negate) {
  // No verifier lets a program follow a pointer that was moved further
  // (BPF_MAX_VAR_OFF): it is used as a number.
  constexpr int64_t Farthest = int64_t(1) << 29;
  if (Pointer.T == Tag::Map || (Offset.isConst() && (Offset.Value < -Farthest ||
                                                     Offset.Value > Farthest)))
    return Kind::scalar();
  if (Pointer.T == Tag::Constants) {
    if (!Offset.isConst() || !isInt<32>(Offset.Value))
      return withoutPlace(Pointer);
    int64_t Sum =
        Pointer.constantsOffset() + (Negate ? -Offset.Value : Offset.Value);
    return isInt<31>(Sum) && Sum >= 0
               ? Kind::constants(Pointer.constantsMap(),
                                 static_cast<uint32_t>(Sum))
               : withoutPlace(Pointer);
  }
  if (Pointer.T != Tag::Stack && Pointer.T != Tag::Ctx)
    return Pointer;
  if (Offset.isConst() && Pointer.Known && isInt<31>(Offset.Value)) {
    int64_t Sum = Pointer.Value + (Negate ? -Offset.Value : Offset.Value);
    if (isInt<31>(Sum)) {
      Pointer.Value = Sum;
      return Pointer;
    }
  }
  Pointer.Known = false;
  Pointer.Value = 0;
  return Pointer;
}

static Kind aluKind(const MachineState &S, const ebpf::Instruction &I) {
  Kind Dst = S.reg(I.Dst);
  Kind Src = sourceOperand(S, I);
  if (I.op() == Op::Mov && I.is64())
    return Src;
  if (I.is64() && I.op() == Op::Add) {
    if (Dst.isPointer() && Src.isNumber())
      return addOffset(Dst, Src, /*Negate=*/false);
    if (Dst.isNumber() && Src.isPointer())
      return addOffset(Src, Dst, /*Negate=*/false);
  }
  if (I.is64() && I.op() == Op::Sub && Dst.isPointer() && Src.isNumber())
    return addOffset(Dst, Src, /*Negate=*/true);
  bool Unary = I.op() == Op::Neg;
  bool Binary = I.op() != Op::Mov && !Unary;
  if ((Unary || Src.isConst()) && (!(Unary || Binary) || Dst.isConst()))
    if (std::optional<int64_t> V = evaluate(I, Dst.Value, Src.Value))
      return Kind::constant(*V);
  return Kind::scalar();
}

/// What a load from a place of read-only global data gives.
static Kind loadConstant(const object::MapInfo &Map, int64_t Offset,
                         const ebpf::Instruction &I) {
  unsigned Size = I.size();
  if (Offset < 0 || Offset + Size > static_cast<int64_t>(Map.Contents.size()))
    return Kind::scalar();
  uint64_t Value = 0;
  for (unsigned Byte = 0; Byte < Size; ++Byte)
    Value |= uint64_t(Map.Contents[Offset + Byte]) << (8 * Byte);
  return Kind::constant(I.op() == Op::LdxSX
                            ? llvm::SignExtend64(Value, 8 * Size)
                            : static_cast<int64_t>(Value));
}

Kind KindAnalysis::loadKind(const MachineState &S, const ebpf::Instruction &I,
                            Specialization *Current) const {
  Kind Address = S.reg(I.addressReg());
  if (Address.T == Tag::Constants && (I.op() == Op::Ldx || I.op() == Op::LdxSX))
    return loadConstant(C.program().Maps[Address.constantsMap()],
                        int64_t(Address.constantsOffset()) + I.Off, I);
  if (I.op() != Op::Ldx || !Address.Known)
    return Kind::scalar();
  int64_t Offset = Address.Value + I.Off;
  if (Address.T == Tag::Ctx) {
    const ContextField *Field =
        findContextField(C.program().Type, Offset, I.size());
    if (!Field || I.size() != Field->Size)
      return Kind::scalar();
    switch (Field->Role) {
    case FieldRole::Data:
      return Kind::pointer(Tag::Packet);
    case FieldRole::DataEnd:
      return Kind::pointer(Tag::PacketEnd);
    case FieldRole::DataMeta:
      return Kind::pointer(Tag::PacketMeta);
    case FieldRole::Plain:
    case FieldRole::Length:
      return Kind::scalar();
    }
  }
  if (Address.T == Tag::Stack && I.size() == 8) {
    if (Current && Address.Region != 0)
      Current->UsedSlots.insert({Address.Region, Offset});
    return S.loadSlot(Address.Region, Offset);
  }
  return Kind::scalar();
}

void KindAnalysis::transfer(MachineState &S, uint32_t Index,
                            Specialization *Current) {
  const ebpf::Instruction &I = C.insn(Index);
  auto StoreTo = [&](const Kind &Value) {
    Kind Address = S.reg(I.addressReg());
    if (Address.T != Tag::Stack)
      return;
    if (Address.Known)
      S.store(Address.Region, Address.Value + I.Off, I.size(), Value);
    else
      S.clobberAll(Address.Region);
  };

  if (I.isAlu()) {
    S.Regs[I.Dst] = aluKind(S, I);
    return;
  }
  switch (I.op()) {
  case Op::LdImm64:
    switch (I.Kind) {
    case ebpf::ImmKind::Value:
      S.Regs[I.Dst] = Kind::constant(I.Imm);
      break;
    case ebpf::ImmKind::MapFd:
      S.Regs[I.Dst] = Kind::map(Tag::Map, I.Imm);
      break;
    case ebpf::ImmKind::MapFdValue:
      S.Regs[I.Dst] =
          C.program().Maps[I.Imm].isReadOnlyData()
              ? Kind::constants(I.Imm, static_cast<uint32_t>(I.Imm2))
              : Kind::map(Tag::MapValue, I.Imm);
      break;
    case ebpf::ImmKind::Function:
      S.Regs[I.Dst] = Kind::function(C.addressed(Index));
      break;
    default:
      S.Regs[I.Dst] = Kind::scalar();
      break;
    }
    return;
  case Op::Ldx:
  case Op::LdxSX:
  case Op::LoadAcquire: {
    // Before the destination changes: it may be the address too.
    Kind Loaded = loadKind(S, I, Current);
    S.Regs[I.Dst] = Loaded;
    return;
  }
  case Op::St:
    StoreTo(Kind::constant(I.Imm));
    return;
  case Op::Stx:
  case Op::StoreRelease:
    StoreTo(S.reg(I.Src));
    return;
  case Op::LdAbs:
  case Op::LdInd:
    S.Regs[0] = Kind::scalar();
    for (unsigned R = 1; R <= 5; ++R)
      S.Regs[R] = Kind::uninit();
    return;
  case Op::Call:
  case Op::CallLocal:
  case Op::Callx:
    if (I.op() == Op::Call && I.Imm == ebpf::Loop)
      transferLoop(S, Index, Current);
    else if (std::optional<uint32_t> Id = calledHelper(S, I))
      transferHelper(S, *Id);
    else
      transferCall(S, Index, Current);
    return;
  case Op::CallKfunc:
    S.Regs[0] = Kind::scalar();
    for (unsigned R = 1; R <= 5; ++R)
      S.Regs[R] = Kind::uninit();
    return;
  default:
    break;
  }
  if (I.isAtomic()) {
    StoreTo(Kind::scalar());
    if (I.op() == Op::CmpXchg)
      S.Regs[0] = Kind::scalar();
    else if (I.isFetch())
      S.Regs[I.Src] = Kind::scalar();
  }
}

std::optional<MachineState>
KindAnalysis::edge(const MachineState &S, const Block &B, unsigned Succ) const {
  const ebpf::Instruction &I = C.insn(B.Last);
  MachineState Out = S;
  if (!I.isCondJump())
    return Out;
  bool Taken = Succ == 0;
  Kind Dst = S.reg(I.Dst);
  Kind Src = sourceOperand(S, I);
  if (Dst.isConst() && Src.isConst() &&
      isTaken(I, Dst.Value, Src.Value) != Taken)
    return std::nullopt;
  // Where a pointer compared equal with null it is the number zero.
  bool Equal = (I.op() == Op::JEq && Taken) || (I.op() == Op::JNe && !Taken);
  if (Equal && I.is64() && Dst.isPointer() && Src.isNull() && I.Dst < 10)
    Out.Regs[I.Dst] = Kind::constant(0);
  return Out;
}

//===----------------------------------------------------------------------===//
// Fixpoint
//===----------------------------------------------------------------------===//

const Specialization &KindAnalysis::analyzeEntry() {
  Signature Sig;
  Sig.Args[1] = Kind::ctx(0);
  return analyze(std::move(Sig));
}

Specialization &KindAnalysis::analyze(Signature Sig) {
  std::unique_ptr<Specialization> &Place = Done[Sig.key()];
  if (Place)
    return *Place;
  Place = std::make_unique<Specialization>();
  Specialization &Spec = *Place;
  Spec.Sig = std::move(Sig);
  Spec.Graph = C.graph(Spec.Sig.FuncIndex);

  MachineState Entry;
  for (unsigned R = 1; R <= 5; ++R)
    Entry.Regs[R] = Spec.Sig.Args[R];
  for (unsigned Region = 1; Region < MaxRegions; ++Region)
    if (Spec.Sig.Foreign & (uint64_t(1) << Region))
      Entry.setForeign(static_cast<uint8_t>(Region));
  for (const auto &[Where, K] : Spec.Sig.Slots)
    Entry.setSlot(Where, K);
  Spec.NodesOf.resize(Spec.Graph->Blocks.size());
  Spec.NodesOf[0].push_back(0);
  Spec.Nodes.push_back({0, std::move(Entry), {}});
  Spec.Nodes[0].Targets.assign(Spec.Graph->Blocks[0].Succs.size(), -1);

  solve(Spec);
  orderNodes(Spec);
  computeFrame(Spec);
  return Spec;
}

/// A block is analysed for at most so many different states.
static constexpr unsigned MaxNodesPerBlock = 16;

/// Whether the joined state can still be used as each of the two can.
static bool canJoin(const MachineState &A, const MachineState &B, RegSet Live) {
  for (unsigned R = 0; R < 10; ++R) {
    if (!(Live & (1u << R)))
      continue;
    Kind K = join(A.Regs[R], B.Regs[R]);
    bool AnyPointer = A.Regs[R].isPointer() || B.Regs[R].isPointer();
    if (AnyPointer && K.T == Tag::Scalar && A.Regs[R].T != B.Regs[R].T)
      return false;
    if (K.T == Tag::Map && !K.Known && A.Regs[R].Known && B.Regs[R].Known)
      return false;
  }
  for (const auto &[Where, K] : A.slots()) {
    auto It = B.slots().find(Where);
    if (It != B.slots().end() && K.isPointer() && It->second.isPointer() &&
        !join(K, It->second).isPointer())
      return false;
  }
  return true;
}

/// The node of a block that takes the state in; `Changed` when it must be
/// analysed (again).
unsigned KindAnalysis::findNode(Specialization &Spec, int Previous,
                                unsigned Block, const MachineState &S,
                                bool &Changed) const {
  RegSet Live = Spec.Graph->Blocks[Block].LiveIn;
  std::optional<unsigned> Fitting, Last;
  llvm::SmallVectorImpl<unsigned> &Here = Spec.NodesOf[Block];
  for (unsigned Id : Here) {
    Last = Id;
    bool Fits = !Split || canJoin(Spec.Nodes[Id].In, S, Live);
    if (Fits && (!Fitting || static_cast<int>(Id) == Previous))
      Fitting = Id;
  }
  if (!Fitting && Here.size() >= MaxNodesPerBlock)
    Fitting = Last;
  if (Fitting) {
    Changed = Spec.Nodes[*Fitting].In.joinWith(S);
    return *Fitting;
  }
  Changed = true;
  Here.push_back(Spec.Nodes.size());
  Spec.Nodes.push_back({Block, S, {}});
  Spec.Nodes.back().Targets.assign(Spec.Graph->Blocks[Block].Succs.size(), -1);
  return Spec.Nodes.size() - 1;
}

void KindAnalysis::solve(Specialization &Spec) {
  const FlowGraph &G = *Spec.Graph;
  std::vector<unsigned> Position(G.Blocks.size());
  for (unsigned N = 0; N < G.Order.size(); ++N)
    Position[G.Order[N]] = N;
  std::set<std::pair<unsigned, unsigned>> Work = {{Position[0], 0}};
  while (!Work.empty()) {
    unsigned Id = Work.begin()->second;
    Work.erase(Work.begin());
    const Block &B = G.Blocks[Spec.Nodes[Id].Block];
    MachineState S = Spec.Nodes[Id].In;
    for (uint32_t Index = B.First; Index < B.Last; Index = C.next(Index))
      transfer(S, Index, &Spec);
    if (C.insn(B.Last).op() == Op::Exit) {
      Spec.Ret = Spec.Returns ? join(Spec.Ret, S.reg(0)) : S.reg(0);
      if (Spec.Returns)
        Spec.Exit.joinWith(S);
      else
        Spec.Exit = S;
      Spec.Returns = true;
      continue;
    }
    transfer(S, B.Last, &Spec);
    for (unsigned N = 0; N < B.Succs.size(); ++N) {
      std::optional<MachineState> Out = edge(S, B, N);
      if (!Out)
        continue;
      bool Changed = false;
      unsigned Target =
          findNode(Spec, Spec.Nodes[Id].Targets[N], B.Succs[N], *Out, Changed);
      Spec.Nodes[Id].Targets[N] = static_cast<int>(Target);
      if (Changed)
        Work.insert({Position[B.Succs[N]], Target});
    }
  }
}

void KindAnalysis::orderNodes(Specialization &Spec) const {
  std::vector<bool> Seen(Spec.Nodes.size());
  SmallVector<std::pair<unsigned, unsigned>> Stack;
  Seen[0] = true;
  Stack.push_back({0, 0});
  while (!Stack.empty()) {
    auto &[Id, Next] = Stack.back();
    ArrayRef<int> Targets = Spec.Nodes[Id].Targets;
    if (Next < Targets.size()) {
      int Target = Targets[Next++];
      if (Target >= 0 && !Seen[Target]) {
        Seen[Target] = true;
        Stack.push_back({static_cast<unsigned>(Target), 0});
      }
      continue;
    }
    Spec.Order.push_back(Id);
    Stack.pop_back();
  }
  std::reverse(Spec.Order.begin(), Spec.Order.end());
}

void KindAnalysis::computeFrame(Specialization &Spec) {
  int64_t Lowest = 0;
  auto Note = [&](const Kind &K, int64_t Offset) {
    if (K.T == Tag::Stack && K.Region == 0 && K.Known)
      Lowest = std::min(Lowest, K.Value + Offset);
  };
  for (unsigned Id : Spec.Order) {
    const Block &B = Spec.Graph->Blocks[Spec.Nodes[Id].Block];
    MachineState S = Spec.Nodes[Id].In;
    for (uint32_t Index = B.First; Index <= B.Last; Index = C.next(Index)) {
      const ebpf::Instruction &I = C.insn(Index);
      if (I.isMemory())
        Note(S.reg(I.addressReg()), I.Off);
      Kind Before = I.isAlu() ? S.reg(I.Dst) : Kind::uninit();
      Kind Source = I.isAlu() ? sourceOperand(S, I) : Kind::uninit();
      transfer(S, Index, nullptr);
      if (!I.isAlu())
        continue;
      Kind After = S.reg(I.Dst);
      Note(After, 0);
      // A variable offset from a known place stays above that place, unless
      // it is subtracted or the place is the top.
      if (After.T != Tag::Stack || After.Region != 0 || After.Known)
        continue;
      bool FromTop =
          (Before.T == Tag::Stack && Before.Known && Before.Value >= 0) ||
          (Source.T == Tag::Stack && Source.Known && Source.Value >= 0 &&
           I.op() == Op::Add);
      if (I.op() == Op::Sub || FromTop)
        Lowest = std::min(Lowest, -MaxFrame);
    }
  }
  // An access below the limit is an error where it is made.
  Lowest = std::max(Lowest, -MaxFrame);
  Spec.FrameSize = static_cast<unsigned>((-Lowest + 7) & ~int64_t(7));
}
