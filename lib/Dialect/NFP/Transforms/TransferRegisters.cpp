//===- TransferRegisters.cpp - Transfer registers of commands -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data goes to transfer-out registers right before its command, to the first
// ones that hold nothing for a command under way.
//
// What a command delivers stays in its transfer-in registers, neighbours, for
// the whole function: in preorder of the dominator tree each command gets the
// first group that holds nothing that is needed later. Calls destroy all
// transfer registers; where no group is free, the command takes the one whose
// values are cheapest to move. What is used behind either is moved to a general
// register as late as possible (TransferRanges).
//
// What commands under way deliver or take is not disturbed: where there are not
// enough registers for that, they wait at once.
//
//===----------------------------------------------------------------------===//

#include "ExpandMacros.h"
#include "TransferRanges.h"
#include "llvm/ADT/DepthFirstIterator.h"
#include "llvm/ADT/STLExtras.h"
#include <array>
#include <deque>

using namespace mlir;
using namespace nfpbpf::nfp;

namespace {

class TransferAssigner {
public:
  explicit TransferAssigner(FuncOp function)
      : function(function), builder(function.getContext()) {}
  unsigned run();

private:
  /// What the registers hold at a place.
  using Registers = std::array<TransferValue *, NumProgramXfers>;

  /// Commands under way, by their signals, and masks of their registers.
  struct Pending {
    std::array<CmdOp, LastCommandSignal + 1> commands;
    uint64_t in = 0, out = 0;
  };

  void prepare(CmdOp cmd);
  void waitAtOnce(CmdOp cmd);
  static void updateMasks(Pending &pending);
  static void start(CmdOp cmd, Pending &pending);
  static void finish(WaitOp wait, Pending &pending);
  void finishAll(Pending &pending);
  unsigned firstForData(CmdOp cmd, Pending &pending);
  bool canComputeInPlace(Value value, CmdOp cmd, unsigned number) const;
  void stageData(CmdOp cmd, unsigned first);
  void addOverride(CmdOp cmd);
  void findRanges();
  void assign(CmdOp cmd, Registers &registers, Pending &pending);
  std::optional<unsigned> cheapestGroup(CmdOp cmd, const Registers &registers,
                                        uint64_t pending) const;
  float costOfMove(const TransferValue &transfer, CmdOp cmd) const;

  FuncOp function;
  OpBuilder builder;
  std::unique_ptr<TransferRanges> ranges;
  std::deque<TransferValue> values;
  llvm::DenseMap<Value, TransferValue *> valueOf;
  /// What may be live at the start of a block.
  llvm::DenseMap<Block *, SmallVector<TransferValue *, 4>> liveAtStart;
  /// Commands and waits.
  llvm::DenseMap<Block *, SmallVector<Operation *>> commands;
  /// Number of each command's first transfer register.
  llvm::DenseMap<Operation *, unsigned> firstOf;
  /// Transfer-out registers of commands with signals in the current block.
  uint64_t signalledOuts = 0;
  unsigned numMoves = 0;
};

} // namespace

Operation *nfpbpf::nfp::getReadyPlace(CmdOp cmd) {
  if (!cmd.getSignal())
    return cmd;
  const auto signal = static_cast<int32_t>(*cmd.getSignal());
  for (Operation *op = cmd->getNextNode(); op; op = op->getNextNode())
    if (auto wait = dyn_cast<WaitOp>(op))
      if (llvm::is_contained(wait.getSignals(), signal))
        return wait;
  return cmd;
}

static uint64_t maskOf(unsigned first, size_t count) {
  return ((uint64_t(1) << count) - 1) << first;
}

/// Takes the signal from a command.
void TransferAssigner::waitAtOnce(CmdOp cmd) {
  auto wait = dyn_cast<WaitOp>(getReadyPlace(cmd));
  const auto signal = static_cast<int32_t>(*cmd.getSignal());
  cmd.removeSignalAttr();
  if (!wait)
    return;
  SmallVector<int32_t> rest;
  llvm::copy_if(wait.getSignals(), std::back_inserter(rest),
                [&](int32_t other) { return other != signal; });
  if (!rest.empty()) {
    wait.setSignals(rest);
    return;
  }
  for (Operation *&op : commands[cmd->getBlock()])
    if (op == wait)
      op = nullptr;
  wait.erase();
}

void TransferAssigner::updateMasks(Pending &pending) {
  pending.in = pending.out = 0;
  for (CmdOp cmd : pending.commands) {
    if (!cmd)
      continue;
    for (Type type : cmd->getResultTypes())
      if (auto in = cast<XferType>(type); in.isAllocated())
        pending.in |= maskOf(in.getNumber(), 1);
    for (Type type : cmd.getData().getTypes())
      if (auto out = dyn_cast<XferOutType>(type); out && out.isAllocated())
        pending.out |= maskOf(out.getNumber(), 1);
  }
}

void TransferAssigner::start(CmdOp cmd, Pending &pending) {
  if (!cmd.getSignal())
    return;
  pending.commands[*cmd.getSignal()] = cmd;
  updateMasks(pending);
}

void TransferAssigner::finish(WaitOp wait, Pending &pending) {
  for (int32_t signal : wait.getSignals())
    pending.commands[signal] = CmdOp();
  updateMasks(pending);
}

/// No command is under way any longer.
void TransferAssigner::finishAll(Pending &pending) {
  for (CmdOp cmd : pending.commands)
    if (cmd)
      waitAtOnce(cmd);
  pending = Pending();
}

/// Results in general registers become transfer registers with a move.
void TransferAssigner::prepare(CmdOp cmd) {
  for (OpResult result : cmd->getResults()) {
    if (!isa<GprType>(result.getType()))
      continue;
    result.setType(XferType::get(function.getContext()));
    if (result.use_empty())
      continue;
    builder.setInsertionPointAfter(getReadyPlace(cmd));
    Value copy = createMove(builder, cmd->getLoc(), result);
    result.replaceAllUsesExcept(copy, copy.getDefiningOp());
    ++numMoves;
  }
}

/// The instruction that computes a number for a command alone can put it into
/// the transfer register, if nothing else holds data there in between.
bool TransferAssigner::canComputeInPlace(Value value, CmdOp cmd,
                                         unsigned number) const {
  Operation *made = value.getDefiningOp();
  if (!isa_and_present<AluOp, ShfOp>(made) || !isa<GprType>(value.getType()) ||
      made->getBlock() != cmd->getBlock() || !value.hasOneUse())
    return false;
  for (Operation *op = made->getNextNode(); op != cmd; op = op->getNextNode()) {
    if (isa<HelperOp, CallOp>(op) ||
        (isa<WaitOp>(op) && (signalledOuts >> number & 1)))
      return false;
    // Commands in front have their registers already.
    if (auto other = dyn_cast<CmdOp>(op))
      for (Type type : other.getData().getTypes())
        if (cast<XferOutType>(type).getNumber() == int(number))
          return false;
  }
  return true;
}

/// The first registers for a command's data that no command under way may still
/// take.
unsigned TransferAssigner::firstForData(CmdOp cmd, Pending &pending) {
  const size_t count = cmd.getData().size();
  if (cmd->getNumResults()) {
    // They are those of the results.
    const unsigned first = firstOf.lookup(cmd);
    if (pending.out & maskOf(first, count))
      finishAll(pending);
    return first;
  }
  for (unsigned first = 0; first + count <= NumProgramXfers; ++first)
    if (!(pending.out & maskOf(first, count)))
      return first;
  finishAll(pending);
  return 0;
}

void TransferAssigner::stageData(CmdOp cmd, unsigned first) {
  builder.setInsertionPoint(getBundleStart(cmd));
  unsigned number = first;
  for (OpOperand &data : cmd.getDataMutable()) {
    const unsigned reg = number++;
    Type type = XferOutType::get(function.getContext(), static_cast<int>(reg));
    if (isa<XferOutType>(data.get().getType()) ||
        canComputeInPlace(data.get(), cmd, reg)) {
      data.get().setType(type);
      continue;
    }
    Value staged;
    if (auto imm = data.get().getDefiningOp<ImmOp>())
      staged = ImmedOp::create(builder, cmd.getLoc(), type, Type(),
                               imm.getValueAttr(), builder.getI32IntegerAttr(0),
                               UnitAttr(), Value())
                   .getDst();
    else
      staged = AluOp::create(builder, cmd.getLoc(), AluOpcode::B,
                             ValueRange{data.get()}, Value(), Value(), type,
                             false, false)
                   .getDst();
    data.set(staged);
    ++numMoves;
  }
}

bool nfpbpf::nfp::needsOverride(CmdOp cmd) {
  // Words that the instruction itself can count.
  constexpr unsigned maxDirectCount = 8;
  return cmd.getCount() > maxDirectCount && !cmd.getPrev();
}

/// Bits 12:8 of the override word are the length field, bit 7 enables it (NFP
/// instruction set, section "indirect_ref override words").
void TransferAssigner::addOverride(CmdOp cmd) {
  if (!needsOverride(cmd))
    return;
  builder.setInsertionPoint(cmd);
  uint32_t word = (cmd.getCount() - 1) << 8 | 1 << 7;
  auto immed = ImmedOp::create(
      builder, cmd.getLoc(), Type(), PrevType::get(function.getContext()),
      builder.getI32IntegerAttr(static_cast<int32_t>(word)),
      builder.getI32IntegerAttr(0), UnitAttr(), Value());
  cmd.getPrevMutable().assign(immed.getPrevOut());
}

void TransferAssigner::findRanges() {
  ranges = std::make_unique<TransferRanges>(function);
  for (Block &block : function.getBody())
    for (Operation *op : commands.lookup(&block))
      for (OpResult result : op->getResults()) {
        if (result.use_empty())
          continue;
        TransferValue &transfer = values.emplace_back();
        transfer.value = result;
        valueOf[result] = &transfer;
        numMoves += ranges->update(transfer);
        for (const auto &[live, lastUse] : transfer.range)
          if (transfer.isLiveAtStart(live))
            liveAtStart[live].push_back(&transfer);
      }
}

/// A value is moved at most as often as it is delivered and as its register is
/// taken; the more uses, the longer a general register is needed.
float TransferAssigner::costOfMove(const TransferValue &transfer,
                                   CmdOp cmd) const {
  constexpr float costOfUse = 1.0F / 64;
  auto uses = static_cast<float>(
      std::distance(transfer.value.use_begin(), transfer.value.use_end()));
  return std::min(ranges->frequency(transfer.definingBlock()),
                  ranges->frequency(cmd->getBlock())) *
         (1 + std::min(uses * costOfUse, 1.0F));
}

/// First register of the group that is cheapest to empty: one that is empty, if
/// there is one; nothing if commands under way deliver to all groups.
std::optional<unsigned>
TransferAssigner::cheapestGroup(CmdOp cmd, const Registers &registers,
                                uint64_t pending) const {
  unsigned count = cmd->getNumResults();
  auto isFree = [](const TransferValue *t) { return !t; };
  auto isFreeGroup = [&](unsigned first) {
    return !(pending & maskOf(first, count)) &&
           llvm::all_of(ArrayRef(registers).slice(first, count), isFree);
  };
  for (unsigned first = 0; first + count <= NumProgramXfers; ++first)
    if (isFreeGroup(first))
      return first;
  std::array<float, NumProgramXfers> costs;
  for (unsigned n = 0; n < NumProgramXfers; ++n)
    costs[n] = registers[n] ? costOfMove(*registers[n], cmd) : 0;
  std::optional<unsigned> best;
  float bestCost = 0;
  for (unsigned first = 0; first + count <= NumProgramXfers; ++first) {
    if (pending & maskOf(first, count))
      continue;
    float cost = 0;
    for (unsigned n = first; n < first + count; ++n)
      cost += costs[n];
    if (!best || cost < bestCost) {
      best = first;
      bestCost = cost;
    }
  }
  return best;
}

void TransferAssigner::assign(CmdOp cmd, Registers &registers,
                              Pending &pending) {
  if (cmd->getNumResults() == 0)
    return;
  for (TransferValue *&transfer : registers)
    if (transfer && !ranges->isLiveAfter(*transfer, cmd))
      transfer = nullptr;
  std::optional<unsigned> group = cheapestGroup(cmd, registers, pending.in);
  if (!group) {
    finishAll(pending);
    group = cheapestGroup(cmd, registers, pending.in);
  }
  unsigned reg = *group;
  firstOf[cmd] = reg;
  for (OpResult result : cmd->getResults()) {
    if (registers[reg]) {
      registers[reg]->evictedBy.push_back(cmd);
      numMoves += ranges->update(*registers[reg]);
    }
    registers[reg] = valueOf.lookup(result);
    if (registers[reg])
      registers[reg]->reg = reg;
    result.setType(
        XferType::get(function.getContext(), static_cast<int>(reg++)));
  }
}

unsigned TransferAssigner::run() {
  for (Block &block : function.getBody())
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (isa<CmdOp, WaitOp>(op))
        commands[&block].push_back(&op);
      if (auto cmd = dyn_cast<CmdOp>(op))
        prepare(cmd);
    }
  findRanges();
  for (auto *node : llvm::depth_first(ranges->dominators().getRootNode())) {
    Block *block = node->getBlock();
    auto it = commands.find(block);
    if (it == commands.end())
      continue;
    // The definitions of these dominate the block: they have registers.
    Registers registers = {};
    for (TransferValue *transfer : liveAtStart.lookup(block))
      if (transfer->isLiveAtStart(block))
        registers[transfer->reg] = transfer;
    Pending pending;
    for (Operation *op : it->second)
      if (auto cmd = dyn_cast_if_present<CmdOp>(op)) {
        assign(cmd, registers, pending);
        start(cmd, pending);
      } else if (auto wait = dyn_cast_if_present<WaitOp>(op)) {
        finish(wait, pending);
      }
  }
  for (Block &block : function.getBody()) {
    auto it = commands.find(&block);
    if (it == commands.end())
      continue;
    signalledOuts = 0;
    Pending pending;
    for (Operation *op : it->second) {
      if (auto wait = dyn_cast_if_present<WaitOp>(op))
        finish(wait, pending);
      auto cmd = dyn_cast_if_present<CmdOp>(op);
      if (!cmd)
        continue;
      if (!cmd.getData().empty())
        stageData(cmd, firstForData(cmd, pending));
      addOverride(cmd);
      start(cmd, pending);
      if (cmd.getSignal())
        signalledOuts |= pending.out;
    }
  }
  return numMoves;
}

unsigned nfpbpf::nfp::assignTransferRegisters(FuncOp function) {
  return TransferAssigner(function).run();
}
