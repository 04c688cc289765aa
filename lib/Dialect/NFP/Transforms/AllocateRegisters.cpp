//===- AllocateRegisters.cpp - nfp-allocate-registers ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Translates each function for the allocator (lib/RegAlloc), callees first, and
// the answer back: operations get physical types, copies and spill code become
// instructions, values are renamed so that they live inside one block.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "mlir/Transforms/RegionUtils.h"
#include "nfpbpf/Dialect/NFP/IR/NFPDialect.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "nfpbpf/RegAlloc/RegAlloc.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"

#define DEBUG_TYPE "nfp-allocate-registers"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_ALLOCATEREGISTERS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

/// Bytes at the start of the stack that pointer 0 reaches.
constexpr unsigned NearBytes = 64;
/// Frames begin at multiples of this, so that pointer windows are aligned.
constexpr unsigned FrameAlign = 64;

} // namespace

static ra::PhysReg toPhysReg(GprType type) {
  return {static_cast<ra::Bank>(type.getBank()),
          static_cast<uint8_t>(type.getNumber())};
}

/// Register of argument or result word `index`, from register `first` on.
static ra::PhysReg callReg(unsigned first, unsigned index) {
  return {index % 2 ? ra::Bank::B : ra::Bank::A,
          static_cast<uint8_t>(first + index / 2)};
}

static ra::PhysReg argumentReg(unsigned index) { return callReg(2, index); }

static ra::PhysReg resultReg(unsigned index) { return callReg(0, index); }

namespace {

constexpr ra::PhysReg ReturnAddress = {ra::Bank::A, ReturnAddressGpr};
constexpr ra::PhysReg ExitCode = {ra::Bank::A, 0};

} // namespace

/// What a firmware routine may overwrite (offload ABI, section "Helpers").
static ra::RegMask helperClobbers() {
  ra::RegMask mask = 0;
  for (uint8_t n = 0; n < NumProgramGprs; ++n)
    if (n < 12 || n == 20 || n == 21 || n == 23)
      mask |= ra::maskOf({ra::Bank::Both, n});
  return mask;
}

namespace {

//===----------------------------------------------------------------------===//
// From operations to the allocator's function
//===----------------------------------------------------------------------===//

class Translator {
public:
  Translator(FuncOp function, const llvm::StringMap<ra::RegMask> &written)
      : function(function), written(written) {}

  FailureOr<ra::Function> run();
  /// Operation of each Origin.
  std::vector<Operation *> operations;

private:
  ra::Value number(Value value) {
    auto [it, isNew] = numbers.try_emplace(value, result.NumValues);
    if (isNew)
      ++result.NumValues;
    return it->second;
  }
  LogicalResult translate(Operation &op, Operation *previous, ra::Block &block);
  void constrain(Operation &op, ra::Instr &instr);

  FuncOp function;
  const llvm::StringMap<ra::RegMask> &written;
  ra::Function result;
  llvm::DenseMap<Value, ra::Value> numbers;
  ra::Value returnAddress = 0;
};

/// Rewrites done on the region before it is translated: reachable blocks only,
/// in reverse post-order, and no arguments on edges of conditional branches.
class RegionPreparation {
public:
  explicit RegionPreparation(FuncOp function) : function(function) {}
  void run() {
    IRRewriter rewriter(function.getContext());
    (void)eraseUnreachableBlocks(rewriter, function->getRegions());
    splitEdges();
    sortBlocks();
  }

private:
  void splitEdges();
  void sortBlocks();

  FuncOp function;
};

} // namespace

void RegionPreparation::splitEdges() {
  SmallVector<Block *> blocks;
  for (Block &block : function.getBody())
    blocks.push_back(&block);
  OpBuilder builder(function.getContext());
  for (Block *block : blocks) {
    Operation *terminator = block->getTerminator();
    if (terminator->getNumSuccessors() < 2)
      continue;
    auto branch = cast<BranchOpInterface>(terminator);
    for (unsigned n = 0; n < terminator->getNumSuccessors(); ++n) {
      SuccessorOperands operands = branch.getSuccessorOperands(n);
      if (operands.empty())
        continue;
      Block *target = terminator->getSuccessor(n);
      Block *split = builder.createBlock(target);
      BrOp::create(builder, terminator->getLoc(), target,
                   operands.getForwardedOperands());
      operands.getMutableForwardedOperands().clear();
      terminator->setSuccessor(split, n);
    }
  }
}

void RegionPreparation::sortBlocks() {
  llvm::ReversePostOrderTraversal<Region *> order(&function.getBody());
  Region &region = function.getBody();
  for (Block *block : order)
    block->moveBefore(&region, region.end());
}

/// Positions of general registers among the operands of an operation.
static SmallVector<unsigned, 4> gprOperands(Operation &op) {
  SmallVector<unsigned, 4> positions;
  for (auto [n, value] : llvm::enumerate(op.getOperands()))
    if (isa<GprType>(value.getType()))
      positions.push_back(static_cast<unsigned>(n));
  return positions;
}

static bool isGpr(Value value) {
  return value && isa<GprType>(value.getType());
}

/// Bank pairs, tied operands, fixed registers, clobbers. The instruction's uses
/// are already there, in operand order.
void Translator::constrain(Operation &op, ra::Instr &instr) {
  auto useOf = [&](Value value, unsigned from = 0) {
    for (unsigned n = from; n < instr.Uses.size(); ++n)
      if (instr.Uses[n].Val == number(value))
        return static_cast<uint8_t>(n);
    return uint8_t(0);
  };
  auto differ = [&](Value left, Value right) {
    if (isGpr(left) && isGpr(right))
      instr.DifferentBanks = ra::BankConflict{0, 1};
  };
  if (auto alu = dyn_cast<AluOp>(op)) {
    if (alu.getSrcs().size() == 2)
      differ(alu.getSrcs()[0], alu.getSrcs()[1]);
  } else if (auto shf = dyn_cast<ShfOp>(op)) {
    if (shf.getSrcs().size() == 2)
      differ(shf.getSrcs()[0], shf.getSrcs()[1]);
  } else if (auto mul = dyn_cast<MulOp>(op)) {
    differ(mul.getLhs(), mul.getRhs());
  } else if (auto cmd = dyn_cast<CmdOp>(op)) {
    differ(cmd.getAddr0(), cmd.getAddr1());
  } else if (auto field = dyn_cast<LdFieldOp>(op)) {
    bool registerSource = isGpr(field.getSrc());
    if (field.getInto()) {
      instr.TiedUse = useOf(field.getInto(), registerSource ? 1 : 0);
      if (registerSource)
        instr.DifferentBanks = ra::BankConflict{0, *instr.TiedUse};
    } else if (field.getDst() && registerSource) {
      instr.DifferentBanks = ra::BankConflict{0, 1};
    }
  } else if (isa<ImmedWOp>(op)) {
    instr.TiedUse = 0;
  } else if (isa<ConstOp, FrameAddrOp, MapAddressOp>(op)) {
    instr.Rematerializable = true;
  } else if (isa<ExitOp>(op)) {
    instr.Uses[0].Fixed = ExitCode;
  } else if (isa<ReturnOp>(op)) {
    for (auto [n, use] : llvm::enumerate(instr.Uses))
      use.Fixed = resultReg(static_cast<unsigned>(n));
    instr.Uses.push_back(returnAddress);
  } else if (auto call = dyn_cast<CallOp>(op)) {
    for (auto [n, use] : llvm::enumerate(instr.Uses))
      use.Fixed = argumentReg(static_cast<unsigned>(n));
    for (auto [n, def] : llvm::enumerate(instr.Defs))
      def.Fixed = resultReg(static_cast<unsigned>(n));
    instr.Clobbers =
        written.lookup(call.getCallee()) | ra::maskOf(ReturnAddress);
  } else if (auto helper = dyn_cast<HelperOp>(op)) {
    for (auto [n, attribute] : llvm::enumerate(helper.getArgRegs()))
      instr.Uses[n].Fixed =
          toPhysReg(cast<GprType>(cast<TypeAttr>(attribute).getValue()));
    for (auto [n, def] : llvm::enumerate(instr.Defs))
      def.Fixed = ra::PhysReg{ra::Bank::A, static_cast<uint8_t>(n)};
    instr.Clobbers = helperClobbers();
  }
}

LogicalResult Translator::translate(Operation &op, Operation *previous,
                                    ra::Block &block) {
  if (isa<LmLoadOp, LmStoreOp>(op))
    return op.emitOpError("is a macro: run nfp-expand-macros first");
  ra::Instr instr;
  instr.Origin = static_cast<uint32_t>(operations.size());
  operations.push_back(&op);
  for (Value operand : op.getOperands()) {
    if (isa<PrevType>(operand.getType())) {
      if (operand.getDefiningOp() != previous)
        return op.emitOpError("reads the previous result, but another "
                              "instruction stands before it");
      instr.Glued = true;
    }
    if (isa<XferType>(operand.getType()) &&
        !cast<XferType>(operand.getType()).isAllocated())
      return op.emitOpError("reads a transfer register without a number: run "
                            "nfp-expand-macros first");
  }
  // Block arguments travel on the edges.
  bool isBranch = op.getNumSuccessors() > 0;
  Value tested;
  if (auto bit = dyn_cast<BrBitOp>(op))
    tested = bit.getSrc();
  else if (auto byte = dyn_cast<BrByteOp>(op))
    tested = byte.getSrc();
  if (tested) {
    if (isGpr(tested))
      instr.Uses.push_back(number(tested));
  } else if (!isBranch) {
    for (unsigned n : gprOperands(op))
      instr.Uses.push_back(number(op.getOperand(n)));
  }
  for (Value value : op.getResults())
    if (isa<GprType>(value.getType()))
      instr.Defs.push_back(number(value));
  constrain(op, instr);
  block.Instrs.push_back(std::move(instr));
  return success();
}

FailureOr<ra::Function> Translator::run() {
  Region &region = function.getBody();
  llvm::DenseMap<Block *, uint32_t> index;
  for (Block &block : region)
    index.try_emplace(&block, static_cast<uint32_t>(index.size()));
  result.Blocks.resize(index.size());
  result.NumNearSlots =
      function.isEntry() && function.getFrameSize() < NearBytes
          ? (NearBytes - function.getFrameSize()) / 4
          : 0;
  for (auto [n, argument] : llvm::enumerate(region.front().getArguments()))
    result.EntryValues.push_back(
        {number(argument), argumentReg(static_cast<unsigned>(n))});
  if (!function.isEntry()) {
    returnAddress = result.NumValues++;
    result.EntryValues.push_back({returnAddress, ReturnAddress});
  }
  for (Block &mlirBlock : region) {
    ra::Block &block = result.Blocks[index[&mlirBlock]];
    if (&mlirBlock != &region.front())
      for (BlockArgument argument : mlirBlock.getArguments())
        block.Params.push_back(number(argument));
    Operation *previous = nullptr;
    for (Operation &op : mlirBlock) {
      if (isOperandOp(&op))
        continue;
      if (failed(translate(op, previous, block)))
        return failure();
      previous = &op;
    }
    auto branch = dyn_cast<BranchOpInterface>(mlirBlock.getTerminator());
    for (auto [n, successor] : llvm::enumerate(mlirBlock.getSuccessors())) {
      ra::Edge edge;
      edge.Target = index[successor];
      for (Value value : branch.getSuccessorOperands(static_cast<unsigned>(n))
                             .getForwardedOperands())
        edge.Args.push_back(number(value));
      block.Edges.push_back(std::move(edge));
    }
  }
  // Blocks between a branch back and its target run more often.
  for (size_t b = 0; b < result.Blocks.size(); ++b)
    for (const ra::Edge &edge : result.Blocks[b].Edges)
      if (edge.Target <= b)
        for (size_t n = edge.Target; n <= b; ++n)
          result.Blocks[n].Frequency =
              std::min(result.Blocks[n].Frequency * 8.0F, 4096.0F);
  return std::move(result);
}

//===----------------------------------------------------------------------===//
// From the allocation back to operations
//===----------------------------------------------------------------------===//

namespace {

class Rebuilder {
public:
  Rebuilder(FuncOp function, const ra::Allocation &allocation,
            ArrayRef<Operation *> operations)
      : function(function), allocation(allocation), operations(operations),
        builder(function.getContext()), placed(operations.size(), false) {}
  void run();

private:
  void rebuildBlock(Block &block, ArrayRef<ra::OutInstr> instrs);
  void placeOriginal(Block &block, const ra::OutInstr &out);
  void setSignature();
  void placeReturn(ReturnOp op, const ra::OutInstr &out);
  void createLoad(const ra::OutInstr &out, Location loc);
  void createStore(const ra::OutInstr &out, Location loc);
  /// The value in a register at this point.
  Value read(ra::PhysReg reg);
  void define(ra::PhysReg reg, Value value);
  Type typeOf(ra::PhysReg reg) {
    return GprType::get(function.getContext(), static_cast<Bank>(reg.InBank),
                        reg.Number);
  }
  Value &holder(unsigned bank, unsigned number) {
    return holders[bank * 32 + number];
  }
  /// Byte offset of a spill slot from the function's frame.
  uint32_t slotOffset(uint32_t slot) {
    return function.getFrameSize() + 4 * slot;
  }
  Operation *localOperand(Operation *producer);

  FuncOp function;
  const ra::Allocation &allocation;
  ArrayRef<Operation *> operations;
  OpBuilder builder;
  std::vector<bool> placed;
  Value holders[64];
  llvm::DenseMap<Operation *, Operation *> localCopies;
  SmallVector<Operation *> operandOps;
};

} // namespace

void Rebuilder::define(ra::PhysReg reg, Value value) {
  ra::RegMask mask = ra::maskOf(reg);
  for (unsigned n = 0; n < 64; ++n)
    if (mask >> n & 1)
      holders[n] = value;
}

Value Rebuilder::read(ra::PhysReg reg) {
  // A value can be used as it is if every register its type names still holds
  // it.
  auto usable = [&](Value value) {
    if (!value)
      return false;
    ra::RegMask mask = ra::maskOf(toPhysReg(cast<GprType>(value.getType())));
    if ((mask & ra::maskOf(reg)) != ra::maskOf(reg))
      return false;
    for (unsigned n = 0; n < 64; ++n)
      if (mask >> n & 1 && holders[n] != value)
        return false;
    return true;
  };
  unsigned first = static_cast<unsigned>(reg.InBank) & 1 ? 0 : 1;
  Value value = holder(first, reg.Number);
  if (usable(value))
    return value;
  // Nothing in this block has written it, or only a part of what the value's
  // type says is still there.
  Value here = LiveInOp::create(builder, builder.getUnknownLoc(), typeOf(reg));
  here.getDefiningOp()->setLoc(function.getLoc());
  define(reg, here);
  return here;
}

/// Constants and locations are repeated in each block that uses them.
Operation *Rebuilder::localOperand(Operation *producer) {
  Operation *&copy = localCopies[producer];
  if (!copy)
    copy = builder.clone(*producer);
  return copy;
}

void Rebuilder::placeReturn(ReturnOp op, const ra::OutInstr &out) {
  SmallVector<Value> values;
  for (ra::PhysReg reg : ArrayRef(out.Uses).drop_back())
    values.push_back(read(reg));
  Value address = read(out.Uses.back());
  RtnOp::create(builder, op.getLoc(), address, values);
  op.erase();
}

void Rebuilder::placeOriginal(Block &block, const ra::OutInstr &out) {
  Operation *op = operations[out.Origin];
  if (auto ret = dyn_cast<ReturnOp>(op)) {
    placed[out.Origin] = true;
    placeReturn(ret, out);
    return;
  }
  // What is computed again is a new instruction.
  bool isCopy = placed[out.Origin];
  placed[out.Origin] = true;
  SmallVector<Value> operands;
  unsigned use = 0;
  bool isBranch = op->getNumSuccessors() > 0;
  if (isBranch) {
    // Arguments of edges have become copies.
    auto branch = cast<BranchOpInterface>(op);
    for (unsigned n = 0; n < op->getNumSuccessors(); ++n)
      branch.getSuccessorOperands(n).getMutableForwardedOperands().clear();
  }
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    if (isa<GprType>(value.getType())) {
      value = read(out.Uses[use++]);
    } else if (Operation *producer = value.getDefiningOp();
               isa_and_present<ImmOp, LMOp>(producer)) {
      value = localOperand(producer)->getResult(0);
    }
    operands.push_back(value);
  }
  if (isCopy)
    op = builder.insert(op->clone());
  else
    op->moveBefore(&block, block.end());
  op->setOperands(operands);
  unsigned def = 0;
  for (OpResult value : op->getResults()) {
    if (!isa<GprType>(value.getType()))
      continue;
    ra::PhysReg reg = out.Defs[def++];
    value.setType(typeOf(reg));
  }
  def = 0;
  for (OpResult value : op->getResults())
    if (isa<GprType>(value.getType()))
      define(out.Defs[def++], value);
}

void Rebuilder::createLoad(const ra::OutInstr &out, Location loc) {
  Type type = typeOf(out.Defs[0]);
  Value location;
  if (function.isEntry() && slotOffset(out.Slot) < NearBytes) {
    location = LMOp::create(builder, loc, 0u, slotOffset(out.Slot) / 4);
  } else {
    // The destination holds the address first.
    uint32_t window = slotOffset(out.Slot) / NearBytes * NearBytes;
    Value address = FrameAddrOp::create(
        builder, loc, type,
        builder.getI32IntegerAttr(static_cast<int32_t>(window)));
    CsrWrOp::create(builder, loc, CSR::LMAddr2, address);
    location =
        LMOp::create(builder, loc, 2u, slotOffset(out.Slot) % NearBytes / 4);
  }
  auto load = AluOp::create(builder, loc, AluOpcode::B, ValueRange{location},
                            Value(), Value(), type, false, false);
  define(out.Defs[0], load.getDst());
}

void Rebuilder::createStore(const ra::OutInstr &out, Location loc) {
  Value value = read(out.Uses[0]);
  Value location;
  if (function.isEntry() && slotOffset(out.Slot) < NearBytes) {
    location = LMOp::create(builder, loc, 0u, slotOffset(out.Slot) / 4);
  } else {
    uint32_t window = slotOffset(out.Slot) / NearBytes * NearBytes;
    Value address = FrameAddrOp::create(
        builder, loc, typeOf(*out.Scratch),
        builder.getI32IntegerAttr(static_cast<int32_t>(window)));
    define(*out.Scratch, address);
    CsrWrOp::create(builder, loc, CSR::LMAddr2, address);
    location =
        LMOp::create(builder, loc, 2u, slotOffset(out.Slot) % NearBytes / 4);
  }
  AluOp::create(builder, loc, AluOpcode::B, ValueRange{value}, Value(),
                location, Type(), false, false);
}

void Rebuilder::rebuildBlock(Block &block, ArrayRef<ra::OutInstr> instrs) {
  llvm::fill(holders, Value());
  localCopies.clear();
  if (block.isEntryBlock())
    for (BlockArgument argument : block.getArguments())
      define(argumentReg(argument.getArgNumber()), argument);
  builder.setInsertionPointToEnd(&block);
  for (size_t n = 0; n < instrs.size(); ++n) {
    const ra::OutInstr &out = instrs[n];
    // Inserted code belongs to the instruction it is inserted for.
    Location loc = function.getLoc();
    for (size_t k = n; k < instrs.size(); ++k) {
      if (instrs[k].Kind != ra::OutKind::Original)
        continue;
      loc = operations[instrs[k].Origin]->getLoc();
      break;
    }
    switch (out.Kind) {
    case ra::OutKind::Original:
      placeOriginal(block, out);
      break;
    case ra::OutKind::Copy: {
      Value source = read(out.Uses[0]);
      auto copy =
          AluOp::create(builder, loc, AluOpcode::B, ValueRange{source}, Value(),
                        Value(), typeOf(out.Defs[0]), false, false);
      define(out.Defs[0], copy.getDst());
      break;
    }
    case ra::OutKind::Load:
      createLoad(out, loc);
      break;
    case ra::OutKind::Store:
      createStore(out, loc);
      break;
    }
    builder.setInsertionPointToEnd(&block);
  }
}

void Rebuilder::run() {
  function.setSpillSize(allocation.NumSlots * 4);
  setSignature();
  // Operations in their old order first leave the blocks' front, new code is
  // appended behind them; what has not been placed is dropped at the end.
  SmallVector<Block *> blocks;
  for (Block &block : function.getBody()) {
    blocks.push_back(&block);
    for (Operation &op : block)
      if (isOperandOp(&op))
        operandOps.push_back(&op);
  }
  for (auto [block, instrs] : llvm::zip_equal(blocks, allocation.Blocks))
    rebuildBlock(*block, instrs);
  SmallVector<Operation *> dropped;
  for (auto [n, op] : llvm::enumerate(operations))
    if (!placed[n])
      dropped.push_back(op);
  for (Operation *op : dropped) {
    op->dropAllUses();
    op->erase();
  }
  for (Operation *op : operandOps) {
    op->dropAllUses();
    op->erase();
  }
  for (Block *block : ArrayRef(blocks).drop_front())
    block->eraseArguments([](BlockArgument) { return true; });
}

/// Function arguments and results name their registers.
void Rebuilder::setSignature() {
  Block &entry = function.getBody().front();
  SmallVector<Type> inputs, results;
  for (BlockArgument argument : entry.getArguments()) {
    ra::PhysReg reg = argumentReg(argument.getArgNumber());
    argument.setType(typeOf(reg));
    inputs.push_back(typeOf(reg));
  }
  for (unsigned n = 0; n < function.getFunctionType().getNumResults(); ++n)
    results.push_back(typeOf(resultReg(n)));
  function.setFunctionType(
      FunctionType::get(function.getContext(), inputs, results));
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {

struct AllocateRegisters
    : nfpbpf::nfp::impl::AllocateRegistersBase<AllocateRegisters> {
  void runOnOperation() override;

private:
  FailureOr<SmallVector<FuncOp>> orderFunctions();
  LogicalResult allocate(FuncOp function);
  LogicalResult layOutStack(ArrayRef<FuncOp> calleesFirst);

  llvm::StringMap<ra::RegMask> written;
};

} // namespace

/// All functions, callees first. Recursion is an error.
FailureOr<SmallVector<FuncOp>> AllocateRegisters::orderFunctions() {
  enum State { New, Open, Done };
  SymbolTable symbols(getOperation());
  llvm::MapVector<Operation *, State> states;
  SmallVector<FuncOp> order;
  // Depth-first with an explicit stack of (function, calls still to visit).
  for (FuncOp root : getOperation().getOps<FuncOp>()) {
    if (states[root] == Done)
      continue;
    SmallVector<std::pair<FuncOp, SmallVector<CallOp>>> stack;
    auto open = [&](FuncOp function) {
      states[function] = Open;
      SmallVector<CallOp> calls;
      function.walk([&](CallOp call) { calls.push_back(call); });
      std::reverse(calls.begin(), calls.end());
      stack.push_back({function, std::move(calls)});
    };
    open(root);
    while (!stack.empty()) {
      auto &[function, calls] = stack.back();
      if (calls.empty()) {
        states[function] = Done;
        order.push_back(function);
        stack.pop_back();
        continue;
      }
      CallOp call = calls.pop_back_val();
      auto callee = symbols.lookup<FuncOp>(call.getCallee());
      if (!callee)
        return call.emitOpError("calls unknown function '")
               << call.getCallee() << "'";
      if (states[callee] == Open)
        return call.emitOpError("makes function '")
               << call.getCallee()
               << "' call itself; the stack is laid out without recursion";
      if (states[callee] == New)
        open(callee);
    }
  }
  return order;
}

/// What the allocation of a function came to.
static void report(FuncOp function, const ra::Allocation &allocation) {
  if (!hasRemarks(function))
    return;
  remark::analysis(function.getLoc(),
                   remarkOf(function, DEBUG_TYPE, "Registers"))
      << remark::add("{0} registers written, {1} between registers",
                     llvm::popcount(allocation.Written),
                     countOf(allocation.Stats.Copies, "move"));
  if (allocation.Stats.SpilledValues)
    remark::missed(function.getLoc(), remarkOf(function, DEBUG_TYPE, "Spilled"))
        << remark::add("{0} kept on the stack, in {1}",
                       countOf(allocation.Stats.SpilledValues, "value"),
                       countOf(function.getSpillSize().value_or(0), "byte"))
        << remark::reason("more values are needed at a time than there are "
                          "registers");
}

LogicalResult AllocateRegisters::allocate(FuncOp function) {
  RegionPreparation(function).run();
  Translator translator(function, written);
  FailureOr<ra::Function> input = translator.run();
  if (failed(input))
    return failure();
  llvm::Expected<ra::Allocation> allocation = ra::allocate(*input);
  if (!allocation)
    return function.emitOpError("cannot be allocated registers: ")
           << llvm::toString(allocation.takeError());
  ra::RegMask all = allocation->Written;
  written[function.getSymName()] = all;
  SmallVector<int32_t> registers;
  for (int32_t n = 0; n < 64; ++n)
    if (all >> n & 1)
      registers.push_back(n);
  function.setWrittenRegs(registers);
  Rebuilder(function, *allocation, translator.operations).run();
  numCopies += allocation->Stats.Copies;
  numSpilled += allocation->Stats.SpilledValues;
  report(function, *allocation);
  return success();
}

/// Gives every function a place behind the frames of all its callers.
LogicalResult AllocateRegisters::layOutStack(ArrayRef<FuncOp> calleesFirst) {
  llvm::StringMap<uint32_t> offsets;
  uint32_t deepest = 0;
  FuncOp deepestFunction;
  for (FuncOp function : llvm::reverse(calleesFirst)) {
    uint32_t offset = offsets.lookup(function.getSymName());
    uint32_t size =
        function.getFrameSize() + function.getSpillSize().value_or(0);
    function.setFrameOffset(offset);
    if (offset + size > deepest) {
      deepest = offset + size;
      deepestFunction = function;
    }
    uint32_t behind =
        (offset + size + FrameAlign - 1) / FrameAlign * FrameAlign;
    function.walk([&](CallOp call) {
      uint32_t &callee = offsets[call.getCallee()];
      callee = std::max(callee, behind);
    });
  }
  ModuleOp module = getOperation();
  Builder builder(module.getContext());
  module->setAttr(NFPDialect::kStackBytesAttr,
                  builder.getI64IntegerAttr(deepest));
  auto limit = module->getAttrOfType<IntegerAttr>(NFPDialect::kStackLimitAttr);
  if (!limit || deepest <= limit.getInt())
    return success();
  InFlightDiagnostic diagnostic =
      deepestFunction.emitOpError("needs ")
      << deepest << " bytes of stack with its callers, "
      << deepest - limit.getInt() << " more than the " << limit.getInt()
      << " of the profile";
  uint32_t spills = deepestFunction.getSpillSize().value_or(0);
  if (spills)
    diagnostic.attachNote() << spills << " bytes of it hold registers that "
                            << "did not fit";
  return diagnostic;
}

void AllocateRegisters::runOnOperation() {
  written.clear();
  FailureOr<SmallVector<FuncOp>> order = orderFunctions();
  if (failed(order))
    return signalPassFailure();
  for (FuncOp function : *order)
    if (failed(allocate(function)))
      return signalPassFailure();
  if (failed(layOutStack(*order)))
    return signalPassFailure();
}
