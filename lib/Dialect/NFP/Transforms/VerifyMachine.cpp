//===- VerifyMachine.cpp - nfp-verify-machine -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Independent of the passes that made the code: follows what every register
// holds through each block, which registers have been written on every path to
// it, and which results of commands the transfer registers hold on every path.
//
//===----------------------------------------------------------------------===//

#include "Effects.h"
#include "MachineRules.h"
#include "nfpbpf/Dialect/NFP/IR/DeferSlots.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include <array>
#include <deque>

using namespace mlir;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_VERIFYMACHINE
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

class FunctionVerifier {
public:
  FunctionVerifier(FuncOp function, const llvm::StringSet<> &setsPointer0,
                   const SymbolTable &symbols)
      : function(function), symbols(symbols), pointers(function, setsPointer0) {
  }
  LogicalResult run();

private:
  /// What the transfer registers hold: null where paths differ.
  using Transfers = std::array<Value, NumProgramXfers>;

  void computeWritten();
  void computeTransfers();
  static void applyToTransfers(Operation *op, Transfers &state);
  uint64_t writtenBy(Operation *op) const;
  uint64_t clobberedBy(Operation *op) const;
  LogicalResult verifyBlock(Block &block);
  LogicalResult verifyOperand(Operation *op, Value value);
  LogicalResult verifyConvention(Operation *op);
  LogicalResult verifySlots(Operation *branch);
  LogicalResult verifyPending(Operation *op);
  void applyWrites(Operation *op);

  FuncOp function;
  const SymbolTable &symbols;
  PointerAnalysis pointers;
  /// Registers written on every path to a block.
  llvm::DenseMap<Block *, uint64_t> writtenAt;
  llvm::DenseMap<Block *, Transfers> transfersAt;
  // What the registers hold at the current place in the current block: the
  // value written last and others that nfp.live_in has given it.
  SmallVector<Value, 2> gprs[64];
  Transfers xfers;
  Value flags;
  Operation *previous = nullptr;
  /// Commands under way, by their signals.
  std::array<CmdOp, LastCommandSignal + 1> pending;
};

struct VerifyMachine : nfpbpf::nfp::impl::VerifyMachineBase<VerifyMachine> {
  void runOnOperation() override;
};

} // namespace

/// Registers whose content an operation destroys besides its results.
uint64_t FunctionVerifier::clobberedBy(Operation *op) const {
  uint64_t mask = 0;
  if (isa<HelperOp>(op)) {
    for (unsigned n = 0; n < NumProgramGprs; ++n)
      if (n < 12 || n == 20 || n == 21 || n == 23)
        mask |= uint64_t(1) << n | uint64_t(1) << (32 + n);
  } else if (auto call = dyn_cast<CallOp>(op)) {
    mask |= uint64_t(1) << ReturnAddressGpr;
    auto callee = symbols.lookup<FuncOp>(call.getCallee());
    std::optional<ArrayRef<int32_t>> written;
    if (callee)
      written = callee.getWrittenRegs();
    if (!written)
      return ~uint64_t(0);
    for (int32_t n : *written)
      mask |= uint64_t(1) << n;
  }
  return mask;
}

uint64_t FunctionVerifier::writtenBy(Operation *op) const {
  uint64_t mask = 0;
  for (Type type : op->getResultTypes())
    if (auto gpr = dyn_cast<GprType>(type); gpr && gpr.isAllocated())
      mask |= registerMask(gpr);
  return mask;
}

void FunctionVerifier::computeWritten() {
  uint64_t entry = uint64_t(1) << StackBaseGpr;
  for (Type type : function.getFunctionType().getInputs())
    if (auto gpr = dyn_cast<GprType>(type); gpr && gpr.isAllocated())
      entry |= registerMask(gpr);
  if (!function.isEntry())
    entry |= uint64_t(1) << ReturnAddressGpr;
  Block *first = &function.getBody().front();
  writtenAt[first] = entry;
  std::deque<Block *> worklist = {first};
  while (!worklist.empty()) {
    Block *block = worklist.front();
    worklist.pop_front();
    uint64_t state = writtenAt[block];
    for (Operation &op : *block)
      if (!isa<LiveInOp>(op))
        state = (state & ~clobberedBy(&op)) | writtenBy(&op);
    for (Block *successor : block->getSuccessors()) {
      auto [it, isNew] = writtenAt.try_emplace(successor, state);
      if (!isNew && (it->second & ~state) == 0)
        continue;
      it->second &= state;
      worklist.push_back(successor);
    }
  }
}

void FunctionVerifier::applyToTransfers(Operation *op, Transfers &state) {
  if (isa<CallOp, HelperOp>(op))
    state.fill(Value());
  for (Value result : op->getResults())
    if (auto xfer = dyn_cast<XferType>(result.getType()))
      if (xfer.isAllocated())
        state[xfer.getNumber()] = result;
}

void FunctionVerifier::computeTransfers() {
  // What each block leaves: the registers it gives another content.
  llvm::DenseMap<Block *, SmallVector<std::pair<unsigned, Value>>> changes;
  llvm::DenseSet<Block *> destroys;
  for (Block &block : function.getBody()) {
    Transfers state = {};
    for (Operation &op : block) {
      if (isa<CallOp, HelperOp>(op))
        destroys.insert(&block);
      applyToTransfers(&op, state);
    }
    for (unsigned n = 0; n < NumProgramXfers; ++n)
      if (state[n])
        changes[&block].push_back({n, state[n]});
  }
  Block *first = &function.getBody().front();
  transfersAt[first] = {};
  std::deque<Block *> worklist = {first};
  while (!worklist.empty()) {
    Block *block = worklist.front();
    worklist.pop_front();
    Transfers state = transfersAt[block];
    if (destroys.contains(block))
      state.fill(Value());
    if (auto it = changes.find(block); it != changes.end())
      for (auto [n, value] : it->second)
        state[n] = value;
    for (Block *successor : block->getSuccessors()) {
      auto [it, changed] = transfersAt.try_emplace(successor, state);
      for (unsigned n = 0; n < NumProgramXfers; ++n)
        if (it->second[n] && it->second[n] != state[n]) {
          it->second[n] = Value();
          changed = true;
        }
      if (changed)
        worklist.push_back(successor);
    }
  }
}

LogicalResult FunctionVerifier::verifyOperand(Operation *op, Value value) {
  Type type = value.getType();
  if (auto gpr = dyn_cast<GprType>(type)) {
    if (!gpr.isAllocated())
      return op->emitOpError("reads a register that has not been allocated");
    uint64_t mask = registerMask(gpr);
    for (unsigned n = 0; n < 64; ++n)
      if (mask >> n & 1 && !llvm::is_contained(gprs[n], value))
        return op->emitOpError("reads register ")
               << (n < 32 ? "a" : "b") << n % 32
               << ", which no longer holds the value";
  } else if (auto xfer = dyn_cast<XferType>(type)) {
    if (!xfer.isAllocated())
      return op->emitOpError("reads a transfer register without a number");
    if (xfers[xfer.getNumber()] != value)
      return op->emitOpError("reads transfer register ")
             << xfer.getNumber() << ", which no longer holds the value";
  } else if (isa<CCType>(type)) {
    if (flags != value)
      return op->emitOpError("reads condition codes that another instruction "
                             "has changed");
  } else if (isa<PrevType>(type)) {
    if (value.getDefiningOp() != previous)
      return op->emitOpError("reads the previous result, but another "
                             "instruction stands before it");
  }
  return success();
}

/// Operands that must be in one certain register.
LogicalResult FunctionVerifier::verifyConvention(Operation *op) {
  MLIRContext *context = op->getContext();
  auto expect = [&](Value value, Bank bank, unsigned number) -> LogicalResult {
    auto wanted = GprType::get(context, bank, number);
    auto actual = cast<GprType>(value.getType());
    if ((registerMask(wanted) & ~registerMask(actual)) == 0)
      return success();
    return op->emitOpError("has an operand in ")
           << actual << " that belongs in " << wanted;
  };
  auto expectWords = [&](ValueRange values, unsigned first) -> LogicalResult {
    for (auto [n, value] : llvm::enumerate(values))
      if (failed(expect(value, n % 2 ? Bank::B : Bank::A,
                        first + static_cast<unsigned>(n) / 2)))
        return failure();
    return success();
  };
  if (auto exit = dyn_cast<ExitOp>(op))
    return expect(exit.getCode(), Bank::A, 0);
  if (auto call = dyn_cast<CallOp>(op))
    return expectWords(call.getArgs(), 2);
  if (auto rtn = dyn_cast<RtnOp>(op))
    return expectWords(rtn.getValues(), 0);
  if (auto helper = dyn_cast<HelperOp>(op))
    for (auto [value, attribute] :
         llvm::zip_equal(helper.getArgs(), helper.getArgRegs())) {
      auto type = cast<GprType>(cast<TypeAttr>(attribute).getValue());
      if (failed(expect(value, type.getBank(), type.getNumber())))
        return failure();
    }
  return success();
}

/// What stands in the slots of a branch is executed after the branch has read
/// its operands.
LogicalResult FunctionVerifier::verifySlots(Operation *branch) {
  unsigned slots = getDeferSlots(branch);
  if (slots == 0)
    return success();
  if (slots > maxDeferSlots(branch))
    return branch->emitOpError("fills ")
           << slots << " defer slots of " << maxDeferSlots(branch);
  SmallVector<Operation *, 3> deferred = getDeferredOps(branch);
  if (deferred.empty())
    return branch->emitOpError("has no ")
           << slots << " words before it for its defer slots";
  Effects branchEffects;
  if (isa<BrBitOp, BrByteOp>(branch))
    branchEffects = Effects(branch);
  else if (auto rtn = dyn_cast<RtnOp>(branch))
    branchEffects.gprsRead =
        registerMask(cast<GprType>(rtn.getAddress().getType()));
  else if (auto helper = dyn_cast<HelperOp>(branch)) {
    // The pointers are written before the branch.
    for (Value address : {helper.getLm0(), helper.getLm2()})
      if (address)
        branchEffects.gprsRead |=
            registerMask(cast<GprType>(address.getType()));
    branchEffects.pointersWritten =
        (helper.getLm0() ? 1u : 0u) | (helper.getLm2() ? 4u : 0u);
  }
  if (auto command = dyn_cast<CmdOp>(deferred.front()))
    return command.emitOpError("stands in the first defer slot of ")
           << branch->getName() << ", apart from its override word";
  for (Operation *op : deferred)
    if (!canBeDeferred(op) || Effects(op).conflictsWith(branchEffects))
      return op->emitOpError("may not stand in a defer slot of ")
             << branch->getName();
  return success();
}

/// What commands under way deliver is not there yet, what they take may still
/// be in its registers, and only an nfp.wait of the block ends that.
LogicalResult FunctionVerifier::verifyPending(Operation *op) {
  if (auto wait = dyn_cast<WaitOp>(op)) {
    for (int32_t signal : wait.getSignals()) {
      if (!pending[signal])
        return op->emitOpError("waits for signal ")
               << signal << ", which no command will send";
      pending[signal] = CmdOp();
    }
    return success();
  }
  auto numbers = [](TypeRange types) {
    uint64_t mask = 0;
    for (Type type : types)
      if (auto in = dyn_cast<XferType>(type); in && in.isAllocated())
        mask |= uint64_t(1) << in.getNumber();
      else if (auto out = dyn_cast<XferOutType>(type); out && out.isAllocated())
        mask |= uint64_t(1) << (32 + out.getNumber());
    return mask;
  };
  for (CmdOp cmd : pending) {
    if (!cmd)
      continue;
    unsigned signal = *cmd.getSignal();
    if (isa<CallOp, HelperOp>(op) || op->hasTrait<OpTrait::IsTerminator>())
      return op->emitOpError("stands before the nfp.wait for signal ")
             << signal;
    for (Value operand : op->getOperands())
      if (operand.getDefiningOp() == cmd)
        return op->emitOpError("reads what a command delivers before the "
                               "nfp.wait for its signal ")
               << signal;
    if (numbers(op->getResultTypes()) &
        (numbers(cmd->getResultTypes()) | numbers(cmd.getData().getTypes())))
      return op->emitOpError("writes a transfer register of a command before "
                             "the nfp.wait for its signal ")
             << signal;
    auto other = dyn_cast<CmdOp>(op);
    if (other && other.getSignal() == signal)
      return op->emitOpError("has signal ")
             << signal << ", which no nfp.wait has taken since it was used";
  }
  if (auto cmd = dyn_cast<CmdOp>(op); cmd && cmd.getSignal())
    pending[*cmd.getSignal()] = cmd;
  return success();
}

void FunctionVerifier::applyWrites(Operation *op) {
  uint64_t clobbered = clobberedBy(op);
  for (unsigned n = 0; n < 64; ++n)
    if (clobbered >> n & 1)
      gprs[n].clear();
  applyToTransfers(op, xfers);
  if (clobbersFlags(op))
    flags = Value();
  for (Value result : op->getResults()) {
    if (auto gpr = dyn_cast<GprType>(result.getType())) {
      uint64_t mask = registerMask(gpr);
      for (unsigned n = 0; n < 64; ++n)
        if (mask >> n & 1) {
          if (!isa<LiveInOp>(op))
            gprs[n].clear();
          gprs[n].push_back(result);
        }
    } else if (isa<CCType>(result.getType())) {
      flags = result;
    }
  }
}

LogicalResult FunctionVerifier::verifyBlock(Block &block) {
  for (SmallVector<Value, 2> &held : gprs)
    held.clear();
  xfers = transfersAt.lookup(&block);
  flags = Value();
  previous = nullptr;
  pending.fill(CmdOp());
  if (!block.isEntryBlock() && block.getNumArguments() != 0)
    return function.emitOpError("has blocks with arguments after allocation");
  for (BlockArgument argument : block.getArguments())
    if (auto gpr = dyn_cast<GprType>(argument.getType());
        gpr && gpr.isAllocated())
      for (unsigned n = 0; n < 64; ++n)
        if (registerMask(gpr) >> n & 1)
          gprs[n].push_back(argument);
  uint64_t written = writtenAt.lookup(&block);
  PointerState state = pointers.atStart(&block);
  const llvm::DenseMap<Operation *, Operation *> slots = findDeferredOps(block);
  for (Operation &op : block) {
    if (isa<LmLoadOp, LmStoreOp, ReturnOp>(op))
      return op.emitOpError("is a macro that should have been expanded");
    for (Value result : op.getResults()) {
      auto gpr = dyn_cast<GprType>(result.getType());
      if (gpr && !gpr.isAllocated())
        return op.emitOpError("writes a register that has not been allocated");
      if (gpr && !isa<LiveInOp>(op) && gpr.getNumber() == StackBaseGpr &&
          gpr.getBank() != Bank::B)
        return op.emitOpError("writes a22, the stack base");
    }
    if (auto in = dyn_cast<LiveInOp>(op)) {
      if (auto gpr = dyn_cast<GprType>(in.getResult().getType()))
        if (registerMask(gpr) & ~written)
          return op.emitOpError("reads ")
                 << gpr << ", which is not written on every path";
      applyWrites(&op);
      continue;
    }
    if (isOperandOp(&op))
      continue;
    for (Value operand : op.getOperands())
      if (failed(verifyOperand(&op, operand)))
        return failure();
    if (failed(verifyConvention(&op)) || failed(verifySlots(&op)) ||
        failed(verifyPending(&op)))
      return failure();
    bool wantsStackBase = isa<CallOp, RtnOp>(op);
    if (auto helper = dyn_cast<HelperOp>(op))
      wantsStackBase = !helper.getLm0();
    if (wantsStackBase && !state.isSet[0])
      return op.emitOpError("needs local-memory pointer 0 at the stack base, "
                            "but a helper call has left it elsewhere");
    for (unsigned pointer : usedPointers(&op)) {
      if (!state.isSet[pointer])
        return op.emitOpError("uses local-memory pointer ")
               << pointer << ", which nothing has set";
      // A branch comes before its slots.
      const unsigned age = state.age[pointer] + (slots.contains(&op) ? 1 : 0);
      if (age < PointerLatency)
        return op.emitOpError("uses local-memory pointer ")
               << pointer << " " << age << " instructions after it was set; "
               << PointerLatency << " must stand between";
    }
    pointers.apply(&op, state);
    applyWrites(&op);
    written = (written & ~clobberedBy(&op)) | writtenBy(&op);
    previous = &op;
  }
  return success();
}

LogicalResult FunctionVerifier::run() {
  computeWritten();
  computeTransfers();
  for (Block &block : function.getBody())
    if (writtenAt.contains(&block) && failed(verifyBlock(block)))
      return failure();
  return success();
}

void VerifyMachine::runOnOperation() {
  ModuleOp module = getOperation();
  SymbolTable symbols(module);
  llvm::StringSet<> setsPointer0 = functionsThatSetPointer0(module);
  for (FuncOp function : module.getOps<FuncOp>())
    if (failed(FunctionVerifier(function, setsPointer0, symbols).run()))
      return signalPassFailure();
}
