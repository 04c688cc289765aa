//===- TransferRegisters.cpp - Transfer registers of commands -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data goes to transfer-out registers right before its command; since every
// command with data waits for completion, all of them can use the same ones.
// What a command delivers stays in its transfer-in registers as long as it is
// used in the same block, not across a call, and registers last; otherwise it
// is moved to a general register right after the command.
//
//===----------------------------------------------------------------------===//

#include "ExpandMacros.h"
#include "llvm/ADT/STLExtras.h"

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
  void prepare(CmdOp cmd);
  void stageData(CmdOp cmd, unsigned first);
  void addOverride(CmdOp cmd);
  void processBlock(Block &block);
  void moveToRegister(OpResult result);
  unsigned findRoom(unsigned count, ArrayRef<bool> taken) const;

  FuncOp function;
  OpBuilder builder;
  unsigned numMoves = 0;
};

} // namespace

/// Uses a general register instead of a transfer register from the end of the
/// command on.
void TransferAssigner::moveToRegister(OpResult result) {
  Operation *cmd = result.getOwner();
  builder.setInsertionPointAfter(cmd);
  Value copy = createMove(builder, cmd->getLoc(), result);
  result.replaceAllUsesExcept(copy, copy.getDefiningOp());
  ++numMoves;
}

/// Results in general registers become transfer registers with a move.
void TransferAssigner::prepare(CmdOp cmd) {
  for (OpResult result : cmd->getResults()) {
    if (!isa<GprType>(result.getType()))
      continue;
    result.setType(XferType::get(function.getContext()));
    if (!result.use_empty())
      moveToRegister(result);
  }
}

void TransferAssigner::stageData(CmdOp cmd, unsigned first) {
  builder.setInsertionPoint(getBundleStart(cmd));
  unsigned number = first;
  for (OpOperand &data : cmd.getDataMutable()) {
    Type type =
        XferOutType::get(function.getContext(), static_cast<int>(number++));
    if (isa<XferOutType>(data.get().getType())) {
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

/// First of `count` neighbouring free registers, or NumProgramXfers.
unsigned TransferAssigner::findRoom(unsigned count,
                                    ArrayRef<bool> taken) const {
  for (unsigned first = 0; first + count <= NumProgramXfers; ++first)
    if (llvm::none_of(taken.slice(first, count), [](bool t) { return t; }))
      return first;
  return NumProgramXfers;
}

void TransferAssigner::processBlock(Block &block) {
  // What leaves the block or crosses a call cannot stay.
  llvm::DenseMap<Operation *, unsigned> position;
  unsigned calls = 0;
  SmallVector<CmdOp> commands;
  for (Operation &op : block) {
    if (isa<CallOp, HelperOp>(op))
      ++calls;
    position[&op] = calls;
    if (auto cmd = dyn_cast<CmdOp>(op))
      commands.push_back(cmd);
  }
  for (CmdOp cmd : commands) {
    prepare(cmd);
    for (OpResult result : cmd->getResults()) {
      bool stays = llvm::all_of(result.getUsers(), [&](Operation *user) {
        if (user->getBlock() != &block)
          return false;
        auto it = position.find(user);
        return it == position.end() || it->second == position[cmd];
      });
      if (!stays)
        moveToRegister(result);
    }
  }
  // Positions of the last use, then first fit.
  llvm::DenseMap<Operation *, unsigned> order;
  unsigned number = 0;
  for (Operation &op : block)
    order[&op] = number++;
  struct Live {
    OpResult value;
    unsigned lastUse;
    unsigned reg;
  };
  SmallVector<Live> live;
  for (CmdOp cmd : commands) {
    unsigned here = order[cmd];
    llvm::erase_if(live, [&](const Live &l) { return l.lastUse <= here; });
    auto takenNow = [&] {
      SmallVector<bool, NumProgramXfers> taken(NumProgramXfers, false);
      for (const Live &l : live)
        taken[l.reg] = true;
      return taken;
    };
    unsigned first = 0;
    if (cmd->getNumResults() > 0) {
      first = findRoom(cmd->getNumResults(), takenNow());
      if (first == NumProgramXfers) {
        // Registers are used up: what is in them moves to general ones.
        for (const Live &l : live)
          moveToRegister(l.value);
        live.clear();
        first = 0;
      }
    }
    unsigned reg = first;
    for (OpResult result : cmd->getResults()) {
      result.setType(
          XferType::get(function.getContext(), static_cast<int>(reg)));
      unsigned lastUse = here;
      for (Operation *user : result.getUsers())
        if (auto it = order.find(user); it != order.end())
          lastUse = std::max(lastUse, it->second);
      if (lastUse > here)
        live.push_back({result, lastUse, reg});
      ++reg;
    }
    stageData(cmd, first);
    addOverride(cmd);
  }
}

unsigned TransferAssigner::run() {
  for (Block &block : function.getBody())
    processBlock(block);
  return numMoves;
}

unsigned nfpbpf::nfp::assignTransferRegisters(FuncOp function) {
  return TransferAssigner(function).run();
}
