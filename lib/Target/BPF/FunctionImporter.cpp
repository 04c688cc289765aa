//===- FunctionImporter.cpp - One function to SSA -------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers become SSA values while the blocks are walked in reverse
// post-order, in lockstep with the states of the kind analysis. A block with
// one incoming edge uses its predecessor's values; any other gets arguments
// for the registers that are live into it. On an edge a value is converted
// when the state after it says so (a pointer that meets a number).
//
// The context pointer and map handles are never passed around: the first is
// the function's argument, the second are made where they are used.
//
//===----------------------------------------------------------------------===//

#include "FunctionImporter.h"
#include "InsnError.h"

#include "nfpbpf/ISA/BPF/Alternatives.h"
#include "nfpbpf/ISA/BPF/Helpers.h"
#include "nfpbpf/ISA/BPF/MapTypes.h"
#include "nfpbpf/Target/BPF/ContextFields.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::importer;
using Opc = ebpf::Op;
using llvm::Error;
using llvm::Twine;
using BPFBlock = nfpbpf::importer::Block;

/// Bytes below r10 that a program may use.
static constexpr int64_t StackLimit = 512;

Type importer::typeOf(MLIRContext *Context, const Kind &K) {
  switch (K.T) {
  case Tag::Uninit:
  case Tag::Const:
  case Tag::Scalar:
  case Tag::Function:
    return IntegerType::get(Context, 64);
  case Tag::Ctx:
    return bpf::PtrType::get(Context, bpf::Space::Ctx);
  case Tag::Packet:
    return bpf::PtrType::get(Context, bpf::Space::Packet);
  case Tag::PacketEnd:
    return bpf::PtrType::get(Context, bpf::Space::PacketEnd);
  case Tag::PacketMeta:
    return bpf::PtrType::get(Context, bpf::Space::PacketMeta);
  case Tag::Stack:
    return bpf::PtrType::get(Context, bpf::Space::Stack);
  case Tag::MapValue:
  case Tag::Constants:
    return bpf::PtrType::get(Context, bpf::Space::MapValue);
  case Tag::Map:
    return bpf::PtrType::get(Context, bpf::Space::Map);
  case Tag::Opaque:
    return bpf::PtrType::get(Context, bpf::Space::Opaque);
  }
  return {};
}

/// What can take the place of a map type, as the end of a message.
static std::string insteadOf(uint32_t MapType) {
  llvm::StringRef Text = ebpf::mapTypeAlternative(MapType);
  return Text.empty() ? "" : "; " + Text.str();
}

/// A handle of a certain map, or a certain place of constant data: made where
/// it is used.
static bool isMadeAtUse(const Kind &K) {
  return (K.T == Tag::Map && K.Known) || K.T == Tag::Constants ||
         K.T == Tag::Function;
}

bool importer::isPassed(const Kind &K) {
  return !K.isUninit() && !isMadeAtUse(K);
}

FunctionType importer::functionType(MLIRContext *Context,
                                    const Specialization &Spec) {
  SmallVector<Type> Inputs;
  for (unsigned R = 1; R <= 5; ++R)
    if (isPassed(Spec.Sig.Args[R]))
      Inputs.push_back(typeOf(Context, Spec.Sig.Args[R]));
  return FunctionType::get(Context, Inputs, typeOf(Context, Spec.Ret));
}

namespace {

class FunctionImporter {
public:
  FunctionImporter(const Code &C, KindAnalysis &Analysis,
                   const Specialization &Spec, ModuleContext &Module,
                   bpf::FuncOp Func)
      : C(C), Analysis(Analysis), Spec(Spec), G(*Spec.Graph), Module(Module),
        Func(Func), B(Func.getContext()), Loc(Func.getLoc()) {}

  Error run();

private:
  //===--- Blocks ---------------------------------------------------------===//
  void makeBlocks();
  void makeEntry();
  void startBlock(unsigned Id);
  Error importBlock(unsigned Id);
  void importTerminator(unsigned Id, const MachineState &S);
  void importReturn(const MachineState &S);
  SmallVector<Value> edgeArguments(const MachineState &S, unsigned Succ);

  //===--- Instructions ---------------------------------------------------===//
  Error importInsn(const MachineState &S, uint32_t Index);
  Error checkReads(const MachineState &S, uint32_t Index);
  Error checkResolved(uint32_t Index);
  void importAlu(const MachineState &S, const ebpf::Instruction &I,
                 uint32_t Index);
  Value alu64(const MachineState &S, const ebpf::Instruction &I,
              uint32_t Index);
  Value alu32(const MachineState &S, const ebpf::Instruction &I);
  Value arithmetic(Opc Operation, Value L, Value R);
  Value byteOrder(const ebpf::Instruction &I, Value V);
  Value condition(const MachineState &S, const ebpf::Instruction &I,
                  bool &Negated);
  Error importLdImm64(const ebpf::Instruction &I, uint32_t Index);
  Error importLoad(const MachineState &S, const ebpf::Instruction &I,
                   uint32_t Index);
  Error importCtxLoad(const MachineState &S, const ebpf::Instruction &I,
                      uint32_t Index);
  Error importStore(const MachineState &S, const ebpf::Instruction &I,
                    uint32_t Index);
  Error importAtomic(const MachineState &S, const ebpf::Instruction &I,
                     uint32_t Index);
  Error importLdPacket(const MachineState &S, const ebpf::Instruction &I,
                       uint32_t Index);
  Error importHelper(const MachineState &S, uint32_t Id, uint32_t Index);
  Error importCall(const MachineState &S, uint32_t Index);
  Error importLoop(const MachineState &S, uint32_t Index);
  Value call(const Specialization &Callee, const MachineState &S,
             llvm::function_ref<std::pair<Value, Kind>(unsigned)> Argument);
  Error checkMemory(const Kind &Address, unsigned Reg,
                    const ebpf::Instruction &I, uint32_t Index);

  //===--- Values ---------------------------------------------------------===//
  Value constant(uint64_t V, unsigned Bits = 64) {
    return arith::ConstantOp::create(
        B, Loc, B.getIntegerAttr(B.getIntegerType(Bits), llvm::APInt(Bits, V)));
  }
  Value truncate(Value V, unsigned Bits) {
    if (V.getType().isInteger(Bits))
      return V;
    return arith::TruncIOp::create(B, Loc, B.getIntegerType(Bits), V);
  }
  Value extend(Value V, bool Signed, unsigned Bits = 64) {
    if (V.getType().isInteger(Bits))
      return V;
    Type T = B.getIntegerType(Bits);
    if (Signed)
      return arith::ExtSIOp::create(B, Loc, T, V);
    return arith::ExtUIOp::create(B, Loc, T, V);
  }
  /// The value of a register as what it is.
  Value get(const MachineState &S, unsigned R) {
    const Kind K = S.reg(R);
    if (R == ebpf::FramePointer)
      return FrameTop;
    if (K.T == Tag::Function) {
      UsesFunctionAddress = true;
      return constant(0);
    }
    if (isMadeAtUse(K))
      return K.T == Tag::Map
                 ? mapRef(K.Value)
                 : mapValueRef(K.constantsMap(), K.constantsOffset());
    if (!Regs[R])
      return undefined(typeOf(B.getContext(), K));
    return Regs[R];
  }
  /// The value of a register as a 64-bit number.
  Value getNumber(const MachineState &S, unsigned R) {
    return number(get(S, R));
  }
  Value number(Value V) {
    if (isa<bpf::PtrType>(V.getType()))
      return bpf::PtrToIntOp::create(B, Loc, B.getI64Type(), V);
    return V;
  }
  /// The second operand of an ALU operation or jump as a number.
  Value sourceNumber(const MachineState &S, const ebpf::Instruction &I) {
    return I.usesSrcReg() ? getNumber(S, I.Src)
                          : constant(static_cast<uint64_t>(I.Imm));
  }
  Value mapRef(int64_t Index) {
    return bpf::MapRefOp::create(
        B, Loc, Module.mapSymbol(static_cast<uint32_t>(Index)));
  }
  Value mapValueRef(int64_t Index, uint32_t Offset) {
    return bpf::MapValueRefOp::create(
        B, Loc, Module.mapSymbol(static_cast<uint32_t>(Index)), Offset);
  }
  /// Stands for a register that was not written on this path.
  Value undefined(Type T) {
    if (isa<bpf::PtrType>(T))
      return bpf::NullOp::create(B, Loc, T);
    return constant(0);
  }
  /// A value of kind `From` where the type is that of another kind.
  Value convert(Value V, const Kind &From, Type To);

  std::string regName(unsigned R) { return ("r" + Twine(R)).str(); }

  const Code &C;
  KindAnalysis &Analysis;
  const Specialization &Spec;
  const FlowGraph &G;
  ModuleContext &Module;
  bpf::FuncOp Func;
  OpBuilder B;
  Location Loc;

  /// Something else than a call needs the address of a function.
  bool UsesFunctionAddress = false;

  /// r10 and, if the function has one, the context argument.
  Value FrameTop, Context;
  std::array<Value, 10> Regs;

  /// Per node: the MLIR block, the number of edges that reach it, and where
  /// that is one the registers at its other end.
  struct BlockInfo {
    mlir::Block *MLIR = nullptr;
    unsigned Edges = 0;
    std::array<Value, 10> Values;
    std::array<Kind, 10> Kinds;
    /// Registers passed as arguments.
    SmallVector<unsigned> Args;
  };
  std::vector<BlockInfo> Infos;
};

} // namespace

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

void FunctionImporter::makeBlocks() {
  Infos.resize(Spec.Nodes.size());
  for (unsigned Id : Spec.Order)
    for (int Target : Spec.Nodes[Id].Targets)
      if (Target >= 0)
        ++Infos[Target].Edges;
  // The way in counts as an edge.
  ++Infos[0].Edges;

  for (unsigned Id : Spec.Order) {
    BlockInfo &Info = Infos[Id];
    // Nothing branches to MLIR's entry block.
    if (Id == 0 && Info.Edges == 1) {
      Info.MLIR = &Func.getBody().front();
      continue;
    }
    Info.MLIR = Func.addBlock();
    if (Info.Edges == 1)
      continue;
    const BPFBlock &Blk = G.Blocks[Spec.Nodes[Id].Block];
    for (unsigned R = 0; R < 10; ++R) {
      const Kind &K = Spec.Nodes[Id].In.Regs[R];
      if (!(Blk.LiveIn & (1u << R)) || !isPassed(K) || K.isConst() ||
          (K.T == Tag::Ctx && Context))
        continue;
      Info.Args.push_back(R);
      Info.MLIR->addArgument(typeOf(B.getContext(), K),
                             Module.locationOf(Blk.First));
    }
  }
}

void FunctionImporter::makeEntry() {
  mlir::Block *Entry = &Func.getBody().front();
  B.setInsertionPointToStart(Entry);
  unsigned N = 0;
  for (unsigned R = 1; R <= 5; ++R) {
    if (!isPassed(Spec.Sig.Args[R]))
      continue;
    Regs[R] = Func.getArgument(N++);
    if (Spec.Sig.Args[R].T == Tag::Ctx && !Context)
      Context = Regs[R];
  }
  Value Frame = bpf::FrameOp::create(B, Loc, Spec.FrameSize);
  FrameTop = bpf::PtrAddOp::create(B, Loc, Frame, constant(Spec.FrameSize));
}

Value FunctionImporter::convert(Value V, const Kind &From, Type To) {
  if (V && V.getType() == To)
    return V;
  bool ToPointer = isa<bpf::PtrType>(To);
  if (From.isUninit() || (ToPointer && From.isNull()))
    return undefined(To);
  if (!ToPointer)
    return number(V);
  // The lattice has no other way up to a pointer.
  return bpf::IntToPtrOp::create(B, Loc, To, number(V));
}

SmallVector<Value> FunctionImporter::edgeArguments(const MachineState &S,
                                                   unsigned Succ) {
  SmallVector<Value> Values;
  for (auto [Position, R] : llvm::enumerate(Infos[Succ].Args)) {
    const Kind &K = S.Regs[R];
    Type T = Infos[Succ].MLIR->getArgument(Position).getType();
    Values.push_back(convert(K.isUninit() ? Value() : get(S, R), K, T));
  }
  return Values;
}

/// Sets the registers at the start of a block.
void FunctionImporter::startBlock(unsigned Id) {
  BlockInfo &Info = Infos[Id];
  const BPFBlock &Blk = G.Blocks[Spec.Nodes[Id].Block];
  const MachineState &In = Spec.Nodes[Id].In;
  Loc = Module.locationOf(Blk.First);
  B.setInsertionPointToEnd(Info.MLIR);

  if (Info.Edges == 1 && Id != 0) {
    for (unsigned R = 0; R < 10; ++R) {
      Regs[R] = Info.Values[R];
      if (!(Blk.LiveIn & (1u << R)) || !isPassed(In.Regs[R]))
        continue;
      Regs[R] = In.Regs[R].isConst() && Info.Kinds[R] != In.Regs[R]
                    ? constant(static_cast<uint64_t>(In.Regs[R].Value))
                    : convert(Regs[R], Info.Kinds[R],
                              typeOf(B.getContext(), In.Regs[R]));
    }
    return;
  }
  if (Info.Edges == 1)
    return;
  Regs.fill({});
  for (auto [Position, R] : llvm::enumerate(Info.Args))
    Regs[R] = Info.MLIR->getArgument(Position);
  for (unsigned R = 0; R < 10; ++R) {
    const Kind &K = In.Regs[R];
    if (!(Blk.LiveIn & (1u << R)))
      continue;
    if (K.isConst())
      Regs[R] = constant(static_cast<uint64_t>(K.Value));
    else if (K.T == Tag::Ctx && Context)
      Regs[R] = Context;
  }
}

Error FunctionImporter::run() {
  Func.addEntryBlock();
  makeEntry();
  makeBlocks();
  if (Infos[0].MLIR != &Func.getBody().front()) {
    MachineState S;
    for (unsigned R = 1; R <= 5; ++R)
      S.Regs[R] = Spec.Sig.Args[R];
    cf::BranchOp::create(B, Loc, Infos[0].MLIR, edgeArguments(S, 0));
  }
  for (unsigned Id : Spec.Order)
    if (Error E = importBlock(Id))
      return E;
  removeRedundantArguments(Func.getBody());
  return Error::success();
}

Error FunctionImporter::importBlock(unsigned Id) {
  startBlock(Id);
  const BPFBlock &Blk = G.Blocks[Spec.Nodes[Id].Block];
  MachineState S = Spec.Nodes[Id].In;
  for (uint32_t Index = Blk.First; Index <= Blk.Last; Index = C.next(Index)) {
    Loc = Module.locationOf(Index);
    if (Error E = checkResolved(Index))
      return E;
    if (Error E = checkReads(S, Index))
      return E;
    if (Index == Blk.Last &&
        (C.insn(Index).isJump() || C.insn(Index).op() == Opc::Exit))
      break;
    if (Error E = importInsn(S, Index))
      return E;
    if (UsesFunctionAddress)
      return insnError(Index, "uses the address of a function as a number; a "
                              "function can be called or be the callback of "
                              "bpf_loop");
    Analysis.transfer(S, Index);
  }
  importTerminator(Id, S);
  if (UsesFunctionAddress)
    return insnError(Blk.Last, "the address of a function meets another value "
                               "behind this, so that it is not known which "
                               "function is called");
  return Error::success();
}

void FunctionImporter::importReturn(const MachineState &S) {
  Type T = Func.getResultTypes()[0];
  const Kind &K = S.Regs[0];
  Value V = convert(K.isUninit() ? Value() : get(S, 0), K, T);
  bpf::ReturnOp::create(B, Loc, V);
}

void FunctionImporter::importTerminator(unsigned Id, const MachineState &S) {
  const BPFBlock &Blk = G.Blocks[Spec.Nodes[Id].Block];
  ArrayRef<int> Targets = Spec.Nodes[Id].Targets;
  const ebpf::Instruction &I = C.insn(Blk.Last);
  if (I.op() == Opc::Exit)
    return importReturn(S);

  Value Condition;
  bool Negated = false;
  SmallVector<unsigned> Taken;
  for (unsigned N = 0; N < Blk.Succs.size(); ++N)
    if (Targets[N] >= 0)
      Taken.push_back(N);
  if (Taken.size() == 2)
    Condition = condition(S, I, Negated);

  SmallVector<SmallVector<Value>> Arguments;
  for (unsigned N : Taken) {
    BlockInfo &Info = Infos[Targets[N]];
    Arguments.push_back(edgeArguments(S, Targets[N]));
    if (Info.Edges == 1) {
      Info.Values = Regs;
      Info.Kinds = S.Regs;
    }
  }
  if (Taken.size() == 1) {
    cf::BranchOp::create(B, Loc, Infos[Targets[Taken[0]]].MLIR, Arguments[0]);
    return;
  }
  unsigned True = Negated ? 1 : 0, False = Negated ? 0 : 1;
  auto Branch = cf::CondBranchOp::create(
      B, Loc, Condition, Infos[Targets[True]].MLIR, Arguments[True],
      Infos[Targets[False]].MLIR, Arguments[False]);
  Branch.setBranchWeightsAttr(Module.weightsOf(Blk.Last, Negated));
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

Error FunctionImporter::checkResolved(uint32_t Index) {
  for (const object::Unresolved &U : C.program().unresolved(Index))
    if (!U.IsStable)
      return insnError(Index, U.Message);
  return Error::success();
}

Error FunctionImporter::checkReads(const MachineState &S, uint32_t Index) {
  const ebpf::Instruction &I = C.insn(Index);
  RegSet Reads = I.readRegs();
  if (I.isCall())
    Reads = I.op() == Opc::Callx ? 1u << I.Dst : 0;
  // A subprogram without a result leaves r0 unset.
  if (I.op() == Opc::Exit && !Func.isEntry())
    Reads = 0;
  for (unsigned R = 0; R < 10; ++R)
    if ((Reads & (1u << R)) && S.Regs[R].isUninit())
      return insnError(Index,
                       "reads " + regName(R) + ", which holds no value here");
  return Error::success();
}

Error FunctionImporter::checkMemory(const Kind &Address, unsigned Reg,
                                    const ebpf::Instruction &I,
                                    uint32_t Index) {
  switch (Address.T) {
  case Tag::Packet:
  case Tag::PacketMeta:
  case Tag::MapValue:
  case Tag::Constants:
  case Tag::Opaque:
    return Error::success();
  case Tag::Stack: {
    if (!Address.Known || Address.Region != 0)
      return Error::success();
    int64_t Offset = Address.Value + I.Off;
    if (Offset < -StackLimit)
      return insnError(Index, "accesses the stack at r10 - " + Twine(-Offset) +
                                  ", below its " + Twine(StackLimit) +
                                  " bytes");
    if (Offset + I.size() > 0)
      return insnError(Index, "accesses " + Twine(I.size()) + " bytes at r10 " +
                                  (Offset < 0 ? "- " : "+ ") +
                                  Twine(Offset < 0 ? -Offset : Offset) +
                                  ", beyond the stack's top");
    return Error::success();
  }
  case Tag::Const:
    if (Address.isNull())
      return insnError(Index, "accesses memory through " + regName(Reg) +
                                  ", which is null");
    [[fallthrough]];
  case Tag::Uninit:
  case Tag::Scalar:
  case Tag::Ctx:
  case Tag::PacketEnd:
  case Tag::Map:
  case Tag::Function:
    return insnError(Index, "accesses memory through " + regName(Reg) +
                                ", which holds " + describe(Address.T));
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Arithmetic and conditions
//===----------------------------------------------------------------------===//

Value FunctionImporter::arithmetic(Opc Operation, Value L, Value R) {
  unsigned Bits = L.getType().getIntOrFloatBitWidth();
  auto Amount = [&]() -> Value {
    llvm::APInt Known;
    if (matchPattern(R, m_ConstantInt(&Known)))
      return Known.ult(Bits)
                 ? R
                 : constant(Known.getZExtValue() & (Bits - 1), Bits);
    return arith::AndIOp::create(B, Loc, R, constant(Bits - 1, Bits));
  };
  switch (Operation) {
  case Opc::Add:
    return arith::AddIOp::create(B, Loc, L, R);
  case Opc::Sub:
    return arith::SubIOp::create(B, Loc, L, R);
  case Opc::Mul:
    return arith::MulIOp::create(B, Loc, L, R);
  case Opc::Div:
    return bpf::UDivOp::create(B, Loc, L, R);
  case Opc::SDiv:
    return bpf::SDivOp::create(B, Loc, L, R);
  case Opc::Mod:
    return bpf::UModOp::create(B, Loc, L, R);
  case Opc::SMod:
    return bpf::SModOp::create(B, Loc, L, R);
  case Opc::Or:
    return arith::OrIOp::create(B, Loc, L, R);
  case Opc::And:
    return arith::AndIOp::create(B, Loc, L, R);
  case Opc::Xor:
    return arith::XOrIOp::create(B, Loc, L, R);
  case Opc::Lsh:
    return arith::ShLIOp::create(B, Loc, L, Amount());
  case Opc::Rsh:
    return arith::ShRUIOp::create(B, Loc, L, Amount());
  case Opc::Arsh:
    return arith::ShRSIOp::create(B, Loc, L, Amount());
  default:
    llvm_unreachable("not a binary ALU operation");
  }
}

/// The conversions keep the low bytes and clear the others.
Value FunctionImporter::byteOrder(const ebpf::Instruction &I, Value V) {
  Value Low = truncate(V, I.size() * 8);
  // eBPF here is little-endian: to little-endian changes nothing.
  if (I.op() != Opc::ToLE)
    Low = bpf::BswapOp::create(B, Loc, Low);
  return extend(Low, /*Signed=*/false);
}

Value FunctionImporter::alu64(const MachineState &S, const ebpf::Instruction &I,
                              uint32_t Index) {
  Kind Dst = S.reg(I.Dst);
  Kind Src = sourceOperand(S, I);
  switch (I.op()) {
  case Opc::Mov:
    return I.usesSrcReg() ? get(S, I.Src)
                          : constant(static_cast<uint64_t>(I.Imm));
  case Opc::MovSX:
    return extend(truncate(getNumber(S, I.Src), I.size() * 8), /*Signed=*/true);
  case Opc::Neg:
    return arith::SubIOp::create(B, Loc, constant(0), getNumber(S, I.Dst));
  case Opc::ToLE:
  case Opc::ToBE:
  case Opc::ByteSwap:
    return byteOrder(I, getNumber(S, I.Dst));
  case Opc::Add:
  case Opc::Sub: {
    bool IsAdd = I.op() == Opc::Add;
    unsigned Pointer = I.Dst;
    Kind PointerKind = Dst;
    if (IsAdd && Dst.isNumber() && Src.isPointer()) {
      Pointer = I.Src;
      PointerKind = Src;
    } else if (!(Dst.isPointer() && Src.isNumber())) {
      if (!IsAdd && Dst.isComparableTo(Src))
        return bpf::PtrDiffOp::create(B, Loc, B.getI64Type(), get(S, I.Dst),
                                      get(S, I.Src));
      break;
    }
    MachineState After = S;
    Analysis.transfer(After, Index);
    if (!After.reg(I.Dst).isPointer())
      break;
    // The offset into the context is part of the kind.
    if (PointerKind.T == Tag::Ctx)
      return get(S, Pointer);
    Value Offset;
    if (Pointer == I.Src && I.usesSrcReg() && IsAdd && Dst.isNumber())
      Offset = get(S, I.Dst);
    else if (!I.usesSrcReg())
      Offset = constant(IsAdd ? static_cast<uint64_t>(I.Imm)
                              : 0 - static_cast<uint64_t>(I.Imm));
    else
      Offset = IsAdd
                   ? get(S, I.Src)
                   : arith::SubIOp::create(B, Loc, constant(0), get(S, I.Src));
    return bpf::PtrAddOp::create(B, Loc, get(S, Pointer), Offset);
  }
  default:
    break;
  }
  return arithmetic(I.op(), getNumber(S, I.Dst), sourceNumber(S, I));
}

Value FunctionImporter::alu32(const MachineState &S,
                              const ebpf::Instruction &I) {
  auto Source = [&] {
    return I.usesSrcReg() ? truncate(getNumber(S, I.Src), 32)
                          : constant(static_cast<uint32_t>(I.Imm), 32);
  };
  switch (I.op()) {
  case Opc::Mov:
    return extend(Source(), /*Signed=*/false);
  case Opc::MovSX: {
    Value Low = truncate(getNumber(S, I.Src), I.size() * 8);
    return extend(extend(Low, /*Signed=*/true, 32), /*Signed=*/false);
  }
  case Opc::Neg: {
    Value Low = truncate(getNumber(S, I.Dst), 32);
    return extend(arith::SubIOp::create(B, Loc, constant(0, 32), Low),
                  /*Signed=*/false);
  }
  case Opc::ToLE:
  case Opc::ToBE:
  case Opc::ByteSwap:
    return byteOrder(I, getNumber(S, I.Dst));
  default: {
    Value Low = truncate(getNumber(S, I.Dst), 32);
    return extend(arithmetic(I.op(), Low, Source()), /*Signed=*/false);
  }
  }
}

void FunctionImporter::importAlu(const MachineState &S,
                                 const ebpf::Instruction &I, uint32_t Index) {
  auto IsPlace = [&](unsigned R) {
    return S.reg(R).T == Tag::Constants || S.reg(R).T == Tag::Function;
  };
  if (IsPlace(I.Dst) || (I.usesSrcReg() && IsPlace(I.Src))) {
    MachineState After = S;
    Analysis.transfer(After, Index);
    if (isMadeAtUse(After.Regs[I.Dst])) {
      Regs[I.Dst] = {};
      return;
    }
  }
  Regs[I.Dst] = I.is64() ? alu64(S, I, Index) : alu32(S, I);
}

static std::optional<arith::CmpIPredicate> integerPredicate(Opc Operation) {
  switch (Operation) {
  case Opc::JEq:
    return arith::CmpIPredicate::eq;
  case Opc::JNe:
    return arith::CmpIPredicate::ne;
  case Opc::JGt:
    return arith::CmpIPredicate::ugt;
  case Opc::JGe:
    return arith::CmpIPredicate::uge;
  case Opc::JLt:
    return arith::CmpIPredicate::ult;
  case Opc::JLe:
    return arith::CmpIPredicate::ule;
  case Opc::JSGt:
    return arith::CmpIPredicate::sgt;
  case Opc::JSGe:
    return arith::CmpIPredicate::sge;
  case Opc::JSLt:
    return arith::CmpIPredicate::slt;
  case Opc::JSLe:
    return arith::CmpIPredicate::sle;
  default:
    return std::nullopt;
  }
}

static std::optional<bpf::PtrPred> pointerPredicate(Opc Operation) {
  switch (Operation) {
  case Opc::JEq:
    return bpf::PtrPred::Eq;
  case Opc::JNe:
    return bpf::PtrPred::Ne;
  case Opc::JGt:
    return bpf::PtrPred::Ugt;
  case Opc::JGe:
    return bpf::PtrPred::Uge;
  case Opc::JLt:
    return bpf::PtrPred::Ult;
  case Opc::JLe:
    return bpf::PtrPred::Ule;
  default:
    return std::nullopt;
  }
}

/// The condition of a jump; `Negated` when it holds where the jump is not
/// taken.
Value FunctionImporter::condition(const MachineState &S,
                                  const ebpf::Instruction &I, bool &Negated) {
  if (I.op() == Opc::MayGoto)
    return bpf::MayGotoOp::create(B, Loc);
  Kind Dst = S.reg(I.Dst);
  Kind Src = sourceOperand(S, I);
  if (I.is64()) {
    bool IsEquality = I.op() == Opc::JEq || I.op() == Opc::JNe;
    if (IsEquality && (Dst.isPointer() && Src.isNull())) {
      Negated = I.op() == Opc::JNe;
      return bpf::IsNullOp::create(B, Loc, get(S, I.Dst));
    }
    if (IsEquality && (Dst.isNull() && Src.isPointer())) {
      Negated = I.op() == Opc::JNe;
      return bpf::IsNullOp::create(B, Loc, get(S, I.Src));
    }
    std::optional<bpf::PtrPred> Predicate = pointerPredicate(I.op());
    if (Predicate && Dst.isComparableTo(Src))
      return bpf::PtrCmpOp::create(B, Loc, B.getI1Type(), *Predicate,
                                   get(S, I.Dst), get(S, I.Src));
  }
  Value L = getNumber(S, I.Dst), R = sourceNumber(S, I);
  if (!I.is64()) {
    L = truncate(L, 32);
    R = I.usesSrcReg() ? truncate(R, 32)
                       : constant(static_cast<uint32_t>(I.Imm), 32);
  }
  if (I.op() == Opc::JSet)
    return arith::CmpIOp::create(
        B, Loc, arith::CmpIPredicate::ne, arith::AndIOp::create(B, Loc, L, R),
        constant(0, L.getType().getIntOrFloatBitWidth()));
  return arith::CmpIOp::create(B, Loc, *integerPredicate(I.op()), L, R);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Error FunctionImporter::importLdImm64(const ebpf::Instruction &I,
                                      uint32_t Index) {
  switch (I.Kind) {
  case ebpf::ImmKind::Value:
    Regs[I.Dst] = constant(static_cast<uint64_t>(I.Imm));
    return Error::success();
  case ebpf::ImmKind::MapFd:
  case ebpf::ImmKind::MapFdValue: {
    // Handles are made where they are used.
    if (I.Kind == ebpf::ImmKind::MapFd) {
      Regs[I.Dst] = {};
      return Error::success();
    }
    const object::MapInfo &Map = C.program().Maps[I.Imm];
    uint32_t Offset = static_cast<uint32_t>(I.Imm2);
    if (Offset > Map.ValueSize)
      return insnError(Index, "refers to byte " + Twine(Offset) + " of map '" +
                                  Map.Name + "', whose value has " +
                                  Twine(Map.ValueSize) + " bytes");
    Regs[I.Dst] = Map.isReadOnlyData() ? Value() : mapValueRef(I.Imm, Offset);
    return Error::success();
  }
  case ebpf::ImmKind::Function:
    Regs[I.Dst] = {};
    return Error::success();
  case ebpf::ImmKind::Variable:
    return insnError(Index, "takes the address of a kernel variable");
  case ebpf::ImmKind::MapIndex:
  case ebpf::ImmKind::MapIndexValue:
    return insnError(Index, "refers to a map by index into a loader's array; "
                            "only linked map references are supported");
  }
  return Error::success();
}

Error FunctionImporter::importCtxLoad(const MachineState &S,
                                      const ebpf::Instruction &I,
                                      uint32_t Index) {
  Kind Ctx = S.reg(I.Src);
  if (!Ctx.Known)
    return insnError(Index, "accesses the context at a variable offset");
  object::ProgramType Type = C.program().Type;
  int64_t Offset = Ctx.Value + I.Off;
  const ContextField *Field = findContextField(Type, Offset, I.size());
  if (!Field && isContextKnown(Type))
    return insnError(Index, "reads " + Twine(I.size()) + " bytes at offset " +
                                Twine(Offset) + " of the context, where the " +
                                object::stringifyProgramType(Type) +
                                " context has no field");
  Value Pointer = get(S, I.Src);
  FieldRole Role = Field ? Field->Role : FieldRole::Plain;
  bool Whole = Field && I.size() == Field->Size && I.op() == Opc::Ldx;
  Value V;
  if (Whole && Role == FieldRole::Data)
    V = bpf::PacketDataOp::create(B, Loc, Pointer);
  else if (Whole && Role == FieldRole::DataEnd)
    V = bpf::PacketEndOp::create(B, Loc, Pointer);
  else if (Whole && Role == FieldRole::DataMeta)
    V = bpf::PacketMetaOp::create(B, Loc, Pointer);
  else if (Whole && Role == FieldRole::Length)
    V = bpf::PacketLenOp::create(B, Loc, Pointer);
  else
    V = bpf::CtxLoadOp::create(B, Loc, B.getIntegerType(I.size() * 8), Pointer,
                               Field ? std::string(Field->Name)
                                     : ("offset " + Twine(Offset)).str(),
                               static_cast<int32_t>(Offset));
  Regs[I.Dst] = isa<bpf::PtrType>(V.getType())
                    ? V
                    : extend(V, /*Signed=*/I.op() == Opc::LdxSX);
  return Error::success();
}

Error FunctionImporter::importLoad(const MachineState &S,
                                   const ebpf::Instruction &I, uint32_t Index) {
  Kind Address = S.reg(I.Src);
  if (Address.T == Tag::Ctx)
    return importCtxLoad(S, I, Index);
  if (Error E = checkMemory(Address, I.Src, I, Index))
    return E;
  // What the analysis says is loaded: a spilled pointer keeps its type.
  MachineState After = S;
  Analysis.transfer(After, Index);
  Kind Loaded = After.Regs[I.Dst];
  if (isMadeAtUse(Loaded)) {
    Regs[I.Dst] = {};
    return Error::success();
  }
  if (Address.T == Tag::Constants && Loaded.isConst()) {
    Regs[I.Dst] = constant(static_cast<uint64_t>(Loaded.Value));
    return Error::success();
  }
  if (Loaded.T == Tag::Ctx && Context) {
    Regs[I.Dst] = Context;
    return Error::success();
  }
  Type T = Loaded.isPointer() ? typeOf(B.getContext(), Loaded)
                              : B.getIntegerType(I.size() * 8);
  Value V = bpf::LoadOp::create(B, Loc, T, get(S, I.Src), I.Off);
  Regs[I.Dst] =
      Loaded.isPointer() ? V : extend(V, /*Signed=*/I.op() == Opc::LdxSX);
  if (I.op() == Opc::LoadAcquire)
    bpf::FenceOp::create(B, Loc);
  return Error::success();
}

Error FunctionImporter::importStore(const MachineState &S,
                                    const ebpf::Instruction &I,
                                    uint32_t Index) {
  Kind Address = S.reg(I.Dst);
  unsigned Bits = I.size() * 8;
  bool IsImm = I.op() == Opc::St;
  auto StoredNumber = [&]() -> Value {
    if (IsImm)
      return constant(
          llvm::APInt(64, I.Imm, /*isSigned=*/true).trunc(Bits).getZExtValue(),
          Bits);
    return truncate(getNumber(S, I.Src), Bits);
  };
  if (Address.T == Tag::Ctx) {
    if (!Address.Known)
      return insnError(Index, "accesses the context at a variable offset");
    object::ProgramType Type = C.program().Type;
    int64_t Offset = Address.Value + I.Off;
    const ContextField *Field = findContextField(Type, Offset, I.size());
    if (!Field && isContextKnown(Type))
      return insnError(Index, "writes " + Twine(I.size()) +
                                  " bytes at offset " + Twine(Offset) +
                                  " of the context, where the " +
                                  object::stringifyProgramType(Type) +
                                  " context has no field");
    bpf::CtxStoreOp::create(B, Loc, StoredNumber(), get(S, I.Dst),
                            Field ? std::string(Field->Name)
                                  : ("offset " + Twine(Offset)).str(),
                            static_cast<int32_t>(Offset));
    return Error::success();
  }
  if (Error E = checkMemory(Address, I.Dst, I, Index))
    return E;
  // The analysis knows which function a slot of the stack holds.
  if (!IsImm && Bits == 64 && Address.T == Tag::Stack &&
      S.reg(I.Src).T == Tag::Function) {
    bpf::StoreOp::create(B, Loc, constant(0), get(S, I.Dst), I.Off);
    return Error::success();
  }
  bool AsPointer = !IsImm && Bits == 64 && Address.T == Tag::Stack &&
                   S.reg(I.Src).isPointer();
  if (I.op() == Opc::StoreRelease)
    bpf::FenceOp::create(B, Loc);
  Value V = AsPointer ? get(S, I.Src) : StoredNumber();
  bpf::StoreOp::create(B, Loc, V, get(S, I.Dst), I.Off);
  return Error::success();
}

static bpf::AtomicKind atomicKind(Opc Operation) {
  switch (Operation) {
  case Opc::AtomicOr:
  case Opc::FetchOr:
    return bpf::AtomicKind::Or;
  case Opc::AtomicAnd:
  case Opc::FetchAnd:
    return bpf::AtomicKind::And;
  case Opc::AtomicXor:
  case Opc::FetchXor:
    return bpf::AtomicKind::Xor;
  case Opc::Xchg:
    return bpf::AtomicKind::Xchg;
  default:
    return bpf::AtomicKind::Add;
  }
}

Error FunctionImporter::importAtomic(const MachineState &S,
                                     const ebpf::Instruction &I,
                                     uint32_t Index) {
  if (Error E = checkMemory(S.reg(I.Dst), I.Dst, I, Index))
    return E;
  unsigned Bits = I.size() * 8;
  Value Pointer = get(S, I.Dst);
  Value V = truncate(getNumber(S, I.Src), Bits);
  if (I.op() == Opc::CmpXchg) {
    Value Expected = truncate(getNumber(S, 0), Bits);
    Value Old =
        bpf::AtomicCmpXchgOp::create(B, Loc, Expected, V, Pointer, I.Off);
    Regs[0] = extend(Old, /*Signed=*/false);
    return Error::success();
  }
  // Compilers emit the fetching form where nobody looks at the old value.
  if (!I.isFetch() || !(G.liveAfter(Index) & (1u << I.Src))) {
    bpf::AtomicRMWOp::create(B, Loc, atomicKind(I.op()), V, Pointer, I.Off);
    if (I.isFetch())
      Regs[I.Src] = {};
    return Error::success();
  }
  Value Old = bpf::AtomicFetchRMWOp::create(B, Loc, atomicKind(I.op()), V,
                                            Pointer, I.Off);
  Regs[I.Src] = extend(Old, /*Signed=*/false);
  return Error::success();
}

Error FunctionImporter::importLdPacket(const MachineState &S,
                                       const ebpf::Instruction &I,
                                       uint32_t Index) {
  if (S.reg(6).T != Tag::Ctx || !S.reg(6).Known || S.reg(6).Value != 0)
    return insnError(Index, "needs the context pointer in r6, which holds " +
                                Twine(describe(S.reg(6).T)));
  Value Offset = constant(static_cast<uint32_t>(I.Imm), 32);
  if (I.op() == Opc::LdInd)
    Offset = arith::AddIOp::create(B, Loc, truncate(getNumber(S, I.Src), 32),
                                   Offset);
  Value V = bpf::LdPacketOp::create(B, Loc, I.size(), get(S, 6), Offset);
  Regs[0] = extend(V, /*Signed=*/false);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

Error FunctionImporter::importHelper(const MachineState &S, uint32_t Id,
                                     uint32_t Index) {
  // A clock that nobody looks at needs none.
  if (ebpf::isClock(Id) && !(G.liveAfter(Index) & 1)) {
    for (unsigned R = 0; R <= 5; ++R)
      Regs[R] = {};
    return Error::success();
  }
  std::string Name = ebpf::helperName(Id).str();
  if (Name.empty())
    Name = ("helper " + Twine(Id)).str();
  MachineState After = S;
  Analysis.transfer(After, Index);
  Kind Result = After.Regs[0];

  const ebpf::HelperInfo *Info = ebpf::helperInfo(Id);
  if (Info) {
    for (unsigned N = 0; N < Info->Args.size(); ++N) {
      Kind K = S.reg(N + 1);
      bool Good = false;
      const char *Wanted = "";
      switch (Info->Args[N]) {
      case ebpf::ArgKind::Ctx:
        Good = K.T == Tag::Ctx && K.Known && K.Value == 0;
        Wanted = "the context pointer";
        break;
      case ebpf::ArgKind::Map:
        Good = K.T == Tag::Map;
        Wanted = "a map";
        break;
      case ebpf::ArgKind::MapKey:
      case ebpf::ArgKind::MapValue:
      case ebpf::ArgKind::Memory:
        Good = K.T == Tag::Packet || K.T == Tag::PacketMeta ||
               K.T == Tag::Stack || K.isMapValue() || K.T == Tag::Opaque;
        Wanted = "a pointer to memory";
        break;
      case ebpf::ArgKind::MemorySize:
      case ebpf::ArgKind::Scalar:
        Good = !K.isUninit();
        Wanted = "a number";
        break;
      }
      if (!Good)
        return insnError(Index, "argument " + Twine(N + 1) + " of " + Name +
                                    " must be " + Wanted + "; " +
                                    regName(N + 1) + " holds " + describe(K.T));
    }
  }

  Value V;
  switch (Id) {
  case ebpf::MapLookupElem:
    if (Result.T == Tag::MapValue) {
      V = bpf::MapLookupOp::create(B, Loc, get(S, 1), get(S, 2));
    } else if (S.reg(1).Known) {
      const object::MapInfo &Map = C.program().Maps[S.reg(1).Value];
      return insnError(Index, "looks up map '" + Map.Name + "' of type " +
                                  ebpf::mapTypeName(Map.Type) +
                                  ", whose entries (maps, sockets) exist in "
                                  "the kernel only" +
                                  insteadOf(Map.Type));
    }
    break;
  case ebpf::MapUpdateElem:
    V = bpf::MapUpdateOp::create(B, Loc, get(S, 1), get(S, 2), get(S, 3),
                                 getNumber(S, 4));
    break;
  case ebpf::MapDeleteElem:
    V = bpf::MapDeleteOp::create(B, Loc, get(S, 1), get(S, 2));
    break;
  case ebpf::GetPrandomU32:
    V = bpf::GetPrandomU32Op::create(B, Loc);
    break;
  case ebpf::PerfEventOutput:
    V = bpf::PerfEventOutputOp::create(B, Loc, get(S, 1), get(S, 2),
                                       getNumber(S, 3), get(S, 4),
                                       getNumber(S, 5));
    break;
  case ebpf::XdpAdjustHead:
    V = bpf::AdjustHeadOp::create(B, Loc, get(S, 1), getNumber(S, 2));
    break;
  case ebpf::XdpAdjustTail:
    V = bpf::AdjustTailOp::create(B, Loc, get(S, 1), getNumber(S, 2));
    break;
  default:
    break;
  }
  if (!V) {
    SmallVector<Value> Args;
    unsigned Count = Info ? Info->Args.size() : 5;
    for (unsigned R = 1; R <= Count && !S.reg(R).isUninit(); ++R) {
      if (S.reg(R).T == Tag::Function)
        return insnError(Index, "calls helper " + Twine(Name) + " (" +
                                    Twine(Id) +
                                    ") with a callback, which the card cannot "
                                    "call; of such helpers only bpf_loop is "
                                    "made of instructions: make a loop with "
                                    "it, or one of the program's own");
      Args.push_back(get(S, R));
    }
    V = bpf::CallHelperOp::create(B, Loc, typeOf(B.getContext(), Result), Id,
                                  Name, Args);
  }
  for (unsigned R = 1; R <= 5; ++R)
    Regs[R] = {};
  Regs[0] = V;
  return Error::success();
}

Error FunctionImporter::importCall(const MachineState &S, uint32_t Index) {
  const Specialization *Callee = Analysis.calleeOf(S, Index);
  if (!Callee) {
    unsigned R = C.insn(Index).Dst;
    return insnError(Index, "calls through " + regName(R) + ", which holds " +
                                describe(S.reg(R).T) +
                                " and neither the address of one certain "
                                "function nor the number of a helper");
  }
  Regs[0] = call(*Callee, S, [&](unsigned R) {
    return std::pair<Value, Kind>(get(S, R), S.reg(R));
  });
  for (unsigned R = 1; R <= 5; ++R)
    Regs[R] = {};
  return Error::success();
}

/// Calls a function with those arguments that it takes.
Value FunctionImporter::call(
    const Specialization &Callee, const MachineState &S,
    llvm::function_ref<std::pair<Value, Kind>(unsigned)> Argument) {
  bpf::FuncOp Target = Module.functionFor(Callee);
  SmallVector<Value> Args;
  FunctionType T = Target.getFunctionType();
  for (unsigned R = 1; R <= 5; ++R) {
    if (!isPassed(Callee.Sig.Args[R]))
      continue;
    auto [V, K] = Argument(R);
    Args.push_back(convert(V, K, T.getInput(Args.size())));
  }
  return bpf::CallOp::create(B, Loc, T.getResult(0), Target.getSymName(), Args,
                             /*arg_attrs=*/nullptr, /*res_attrs=*/nullptr)
      .getResult();
}

/// bpf_loop(rounds, callback, context, flags) as a loop: the number of rounds
/// made, -EINVAL for flags, -E2BIG for too many rounds.
Error FunctionImporter::importLoop(const MachineState &S, uint32_t Index) {
  const Specialization *Callback = Analysis.calleeOf(S, Index);
  if (!Callback)
    return insnError(Index, "bpf_loop calls back through r2, which holds " +
                                Twine(describe(S.reg(2).T)) +
                                " and not the address of one certain function");
  for (unsigned R : {1u, 4u})
    if (!S.reg(R).isNumber())
      return insnError(
          Index, "argument " + Twine(R) + " of bpf_loop must be a number; " +
                     regName(R) + " holds " + describe(S.reg(R).T));
  Value Rounds = extend(truncate(getNumber(S, 1), 32), /*Signed=*/false);
  Value Flags = getNumber(S, 4);
  Value Data;
  if (!S.reg(3).isUninit() && !isMadeAtUse(S.reg(3)))
    Data = get(S, 3);

  auto Block = [&](unsigned Arguments) {
    mlir::Block *Made = Func.addBlock();
    for (unsigned N = 0; N < Arguments; ++N)
      Made->addArgument(B.getI64Type(), Loc);
    return Made;
  };
  mlir::Block *Check = Block(0), *Head = Block(1), *Body = Block(0),
              *Done = Block(1);
  auto Compare = [&](arith::CmpIPredicate P, Value L, Value R) -> Value {
    return arith::CmpIOp::create(B, Loc, P, L, R);
  };
  Value Zero = constant(0), One = constant(1);
  Value Limit = constant(ebpf::MaxLoopRounds);
  Value Invalid = constant(static_cast<uint64_t>(-22));
  Value TooMany = constant(static_cast<uint64_t>(-7));
  cf::CondBranchOp::create(B, Loc,
                           Compare(arith::CmpIPredicate::ne, Flags, Zero), Done,
                           ValueRange{Invalid}, Check, ValueRange{});
  B.setInsertionPointToEnd(Check);
  cf::CondBranchOp::create(B, Loc,
                           Compare(arith::CmpIPredicate::ugt, Rounds, Limit),
                           Done, ValueRange{TooMany}, Head, ValueRange{Zero});
  B.setInsertionPointToEnd(Head);
  Value Round = Head->getArgument(0);
  cf::CondBranchOp::create(B, Loc,
                           Compare(arith::CmpIPredicate::ult, Round, Rounds),
                           Body, ValueRange{}, Done, ValueRange{Round});
  B.setInsertionPointToEnd(Body);
  Value Result = number(call(*Callback, S, [&](unsigned R) {
    return R == 1 ? std::pair<Value, Kind>(Round, Kind::scalar())
                  : std::pair<Value, Kind>(Data, S.reg(3));
  }));
  Value Next = arith::AddIOp::create(B, Loc, Round, One);
  cf::CondBranchOp::create(B, Loc,
                           Compare(arith::CmpIPredicate::ne, Result, Zero),
                           Done, ValueRange{Next}, Head, ValueRange{Next});
  B.setInsertionPointToEnd(Done);
  for (unsigned R = 1; R <= 5; ++R)
    Regs[R] = {};
  Regs[0] = Done->getArgument(0);
  return Error::success();
}

Error FunctionImporter::importInsn(const MachineState &S, uint32_t Index) {
  const ebpf::Instruction &I = C.insn(Index);
  if (I.isAlu()) {
    importAlu(S, I, Index);
    return Error::success();
  }
  switch (I.op()) {
  case Opc::LdImm64:
    return importLdImm64(I, Index);
  case Opc::LdAbs:
  case Opc::LdInd:
    return importLdPacket(S, I, Index);
  case Opc::Ldx:
  case Opc::LdxSX:
  case Opc::LoadAcquire:
    return importLoad(S, I, Index);
  case Opc::St:
  case Opc::Stx:
  case Opc::StoreRelease:
    return importStore(S, I, Index);
  case Opc::Call:
  case Opc::CallLocal:
  case Opc::Callx:
    if (I.op() == Opc::Call && I.Imm == ebpf::Loop)
      return importLoop(S, Index);
    if (std::optional<uint32_t> Id = calledHelper(S, I))
      return importHelper(S, *Id, Index);
    return importCall(S, Index);
  case Opc::CallKfunc:
    return insnError(Index, "calls a function of the kernel");
  case Opc::Gotox:
    return insnError(Index, "jumps through a register (gotox): the machine's "
                            "branches have fixed targets; compile without jump "
                            "tables (-fno-jump-tables)");
  default:
    break;
  }
  if (I.isAtomic())
    return importAtomic(S, I, Index);
  return insnError(Index, "is not supported");
}

Error importer::importFunction(const Code &C, KindAnalysis &Analysis,
                               const Specialization &Spec,
                               ModuleContext &Module, bpf::FuncOp Func) {
  return FunctionImporter(C, Analysis, Spec, Module, Func).run();
}
