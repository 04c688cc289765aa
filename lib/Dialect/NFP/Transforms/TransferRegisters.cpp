//===- TransferRegisters.cpp - Transfer registers of commands -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data goes to transfer-out registers right before its command; since every
// command with data waits for completion, all of them can use the same ones.
//
// What a command delivers stays in its transfer-in registers, neighbours, for
// the whole function: in preorder of the dominator tree each command gets the
// first group that holds nothing that is needed later. Calls destroy all
// transfer registers; where no group is free, the command takes the one whose
// values are cheapest to move. What is used behind either is moved to a general
// register as late as possible (TransferRanges).
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

/// Length up to which a command needs no override word.
constexpr unsigned MaxDirectCount = 8;

class TransferAssigner {
public:
  explicit TransferAssigner(FuncOp function)
      : function(function), builder(function.getContext()) {}
  unsigned run();

private:
  /// What the registers hold at a place.
  using Registers = std::array<TransferValue *, NumProgramXfers>;

  void prepare(CmdOp cmd);
  void stageData(CmdOp cmd, unsigned first);
  void addOverride(CmdOp cmd);
  void findRanges();
  void assign(CmdOp cmd, Registers &registers);
  unsigned cheapestGroup(CmdOp cmd, const Registers &registers) const;
  float costOfMove(const TransferValue &transfer, CmdOp cmd) const;

  FuncOp function;
  OpBuilder builder;
  std::unique_ptr<TransferRanges> ranges;
  std::deque<TransferValue> values;
  llvm::DenseMap<Value, TransferValue *> valueOf;
  /// What may be live at the start of a block.
  llvm::DenseMap<Block *, SmallVector<TransferValue *, 4>> liveAtStart;
  llvm::DenseMap<Block *, SmallVector<CmdOp>> commands;
  /// Number of each command's first transfer register.
  llvm::DenseMap<Operation *, unsigned> firstOf;
  unsigned numMoves = 0;
};

} // namespace

/// Results in general registers become transfer registers with a move.
void TransferAssigner::prepare(CmdOp cmd) {
  for (OpResult result : cmd->getResults()) {
    if (!isa<GprType>(result.getType()))
      continue;
    result.setType(XferType::get(function.getContext()));
    if (result.use_empty())
      continue;
    builder.setInsertionPointAfter(cmd);
    Value copy = createMove(builder, cmd->getLoc(), result);
    result.replaceAllUsesExcept(copy, copy.getDefiningOp());
    ++numMoves;
  }
}

/// The instruction that computes a number for a command alone can put it into
/// the transfer register: nothing up to the command writes those registers.
static bool canComputeInPlace(Value value, CmdOp cmd) {
  Operation *made = value.getDefiningOp();
  if (!isa_and_present<AluOp, ShfOp>(made) || !isa<GprType>(value.getType()) ||
      made->getBlock() != cmd->getBlock() || !value.hasOneUse())
    return false;
  for (Operation *op = made->getNextNode(); op != cmd; op = op->getNextNode()) {
    auto other = dyn_cast<CmdOp>(op);
    if (isa<HelperOp, CallOp>(op) || (other && !other.getData().empty()))
      return false;
  }
  return true;
}

void TransferAssigner::stageData(CmdOp cmd, unsigned first) {
  builder.setInsertionPoint(getBundleStart(cmd));
  unsigned number = first;
  for (OpOperand &data : cmd.getDataMutable()) {
    Type type =
        XferOutType::get(function.getContext(), static_cast<int>(number++));
    if (isa<XferOutType>(data.get().getType()) ||
        canComputeInPlace(data.get(), cmd)) {
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

/// Bits 12:8 of the override word are the length field, bit 7 enables it (NFP
/// instruction set, section "indirect_ref override words").
void TransferAssigner::addOverride(CmdOp cmd) {
  if (cmd.getCount() <= MaxDirectCount || cmd.getPrev())
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
    for (CmdOp cmd : commands.lookup(&block))
      for (OpResult result : cmd->getResults()) {
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
/// there is one.
unsigned TransferAssigner::cheapestGroup(CmdOp cmd,
                                         const Registers &registers) const {
  unsigned count = cmd->getNumResults();
  auto isFree = [](const TransferValue *t) { return !t; };
  auto isFreeGroup = [&](unsigned first) {
    return llvm::all_of(ArrayRef(registers).slice(first, count), isFree);
  };
  for (unsigned first = 0; first + count <= NumProgramXfers; ++first)
    if (isFreeGroup(first))
      return first;
  std::array<float, NumProgramXfers> costs;
  for (unsigned n = 0; n < NumProgramXfers; ++n)
    costs[n] = registers[n] ? costOfMove(*registers[n], cmd) : 0;
  unsigned best = 0;
  float bestCost = 0;
  for (unsigned first = 0; first + count <= NumProgramXfers; ++first) {
    float cost = 0;
    for (unsigned n = first; n < first + count; ++n)
      cost += costs[n];
    if (first == 0 || cost < bestCost) {
      best = first;
      bestCost = cost;
    }
  }
  return best;
}

void TransferAssigner::assign(CmdOp cmd, Registers &registers) {
  if (cmd->getNumResults() == 0)
    return;
  for (TransferValue *&transfer : registers)
    if (transfer && !ranges->isLiveAfter(*transfer, cmd))
      transfer = nullptr;
  unsigned reg = cheapestGroup(cmd, registers);
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
    for (auto cmd : llvm::make_early_inc_range(block.getOps<CmdOp>())) {
      commands[&block].push_back(cmd);
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
    for (CmdOp cmd : it->second)
      assign(cmd, registers);
  }
  for (Block &block : function.getBody())
    for (CmdOp cmd : commands.lookup(&block)) {
      stageData(cmd, firstOf.lookup(cmd));
      addOverride(cmd);
    }
  return numMoves;
}

unsigned nfpbpf::nfp::assignTransferRegisters(FuncOp function) {
  return TransferAssigner(function).run();
}
