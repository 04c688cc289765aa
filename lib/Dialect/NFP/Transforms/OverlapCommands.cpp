//===- OverlapCommands.cpp - nfp-overlap-commands -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In each block: commands are issued as early as what they need is there, right
// behind the one in front of them if they need nothing of it, and waited for as
// late as possible, together. What stands in between is done meanwhile.
//
//===----------------------------------------------------------------------===//

#include "ExpandMacros.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"
#include "nfpbpf/Dialect/Remarks.h"
#include "llvm/ADT/STLExtras.h"

#define DEBUG_TYPE "nfp-overlap-commands"

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::nfp;

namespace nfpbpf::nfp {
#define GEN_PASS_DEF_OVERLAPCOMMANDS
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h.inc"
} // namespace nfpbpf::nfp

namespace {

constexpr size_t MaxInFlight = LastCommandSignal - FirstCommandSignal + 1;

/// A command and what it needs, on their way up.
struct Bundle {
  /// The command and the instructions that have to move with it, last first.
  SmallVector<Operation *, 8> ops;
  /// Words of what they pass.
  unsigned passed = 0;
  /// The operation that it cannot pass; null at the start of the block.
  Operation *behind = nullptr;
};

/// Commands that are waited for together.
struct Group {
  SmallVector<CmdOp, 4> commands;
  /// How far up the first can move.
  Bundle first;
};

struct OverlapCommands
    : nfpbpf::nfp::impl::OverlapCommandsBase<OverlapCommands> {
  using OverlapCommandsBase::OverlapCommandsBase;
  void runOnOperation() override;

private:
  void findTies(Block &block);
  Bundle moveUp(CmdOp cmd) const;
  static bool canJoin(const Group &group, const Bundle &bundle);
  void runOnBlock(Block &block);
  void finish(Group &group);
  unsigned pullWork(const Group &group, Operation *place, unsigned room) const;

  /// Operations of the block in front of which flags or the previous result
  /// wait to be read.
  llvm::DenseSet<Operation *> tied;
};

/// A word of an address: a register and a constant.
struct AddressWord {
  Value base; ///< null: none
  uint32_t offset = 0;
};

} // namespace

//===----------------------------------------------------------------------===//
// Which bytes a command touches
//===----------------------------------------------------------------------===//

static AddressWord decompose(Value value) {
  AddressWord word;
  // Addresses are sums of few parts.
  for (unsigned n = 0; n < 4; ++n) {
    if (std::optional<uint32_t> constant = constantOf(value)) {
      word.offset += *constant;
      return word;
    }
    auto alu = value.getDefiningOp<AluOp>();
    if (!alu || alu.getSrcs().size() != 2 || alu.getDst() != value)
      break;
    std::optional<uint32_t> left = constantOf(alu.getSrcs()[0]);
    std::optional<uint32_t> right = constantOf(alu.getSrcs()[1]);
    if (alu.getOpcode() == AluOpcode::Add && (left || right)) {
      word.offset += right ? *right : *left;
      value = alu.getSrcs()[right ? 0 : 1];
    } else if (alu.getOpcode() == AluOpcode::Sub && right) {
      word.offset -= *right;
      value = alu.getSrcs()[0];
    } else {
      break;
    }
  }
  word.base = value;
  return word;
}

/// False only if nothing that one command changes is touched by the other.
static bool mayConflict(CmdOp left, CmdOp right) {
  if ((!left.isWrite() && !right.isWrite()) ||
      left.getMode() != right.getMode())
    return false;
  // Additions are posted only to words that nothing but additions of the same
  // bytes touches.
  if (left.getPosted() || right.getPosted())
    return false;
  AddressWord words[2][2] = {
      {decompose(left.getAddr0()), decompose(left.getAddr1())},
      {decompose(right.getAddr0()), decompose(right.getAddr1())}};
  uint32_t offset[2];
  for (unsigned n = 0; n < 2; ++n) {
    if (left.getMode() == AddressMode::Pair40) {
      // The high word counts in units of 256 bytes.
      if (words[n][0].base != words[0][0].base ||
          words[n][0].offset != words[0][0].offset ||
          words[n][1].base != words[0][1].base)
        return true;
      offset[n] = words[n][1].offset;
      continue;
    }
    if (!words[n][0].base)
      std::swap(words[n][0], words[n][1]);
    if (words[n][0].base != words[0][0].base ||
        words[n][1].base != words[0][1].base)
      return true;
    offset[n] = words[n][0].offset + words[n][1].offset;
  }
  const uint32_t distance = offset[1] - offset[0];
  return distance < left.getNumBytes() ||
         uint32_t(0) - distance < right.getNumBytes();
}

//===----------------------------------------------------------------------===//
// Moving
//===----------------------------------------------------------------------===//

static bool isLink(Type type) { return isa<CCType, PrevType>(type); }

/// An instruction that can move by itself: it has no effect but its results,
/// among them neither flags nor previous result.
static bool isFree(Operation *op) {
  return isRemovable(op) && !clobbersFlags(op) &&
         llvm::none_of(op->getOperandTypes(), isLink) &&
         llvm::none_of(op->getResultTypes(), isLink);
}

/// A command that may go on and be waited for later.
static bool canOverlap(Operation *op) {
  auto cmd = dyn_cast<CmdOp>(op);
  return cmd && cmd.swaps() && !cmd.getPrev() &&
         (cmd.getData().empty() || cmd.getNumResults() == 0) &&
         llvm::none_of(cmd.getData().getTypes(), llvm::IsaPred<XferOutType>);
}

/// Writes the packet vector, which says where the packet is.
static bool movesPacket(Operation *op) {
  Value written = getWrittenWord(op);
  auto lm = written ? written.getDefiningOp<LMOp>() : LMOp();
  return lm && lm.getPointer() == 1;
}

/// Nothing moves over it.
static bool isBoundary(Operation *op) {
  return isa<CallOp, HelperOp, CsrWrOp, CsrRdOp>(op) ||
         (waitsForMemory(op) && !canOverlap(op)) || movesPacket(op) ||
         op->hasTrait<OpTrait::IsTerminator>();
}

void OverlapCommands::findTies(Block &block) {
  tied.clear();
  bool areFlagsRead = false, isPreviousRead = false;
  for (Operation &op : llvm::reverse(block)) {
    if (!isOperandOp(&op)) {
      isPreviousRead =
          llvm::any_of(op.getOperandTypes(), llvm::IsaPred<PrevType>);
      if (llvm::any_of(op.getOperandTypes(), llvm::IsaPred<CCType>))
        areFlagsRead = true;
      else if (clobbersFlags(&op))
        areFlagsRead = false;
    }
    if (areFlagsRead || isPreviousRead)
      tied.insert(&op);
  }
}

/// Bytes of the stack that a macro accesses: [begin, end); nothing if that is
/// not known.
static std::optional<std::pair<int64_t, int64_t>> stackBytes(Operation *op) {
  auto range = [](auto access) -> std::optional<std::pair<int64_t, int64_t>> {
    if (access.getAddress())
      return std::nullopt;
    int64_t offset = static_cast<int32_t>(access.getOffset());
    return std::pair(offset, offset + static_cast<int64_t>(access.getSize()));
  };
  if (auto load = dyn_cast<LmLoadOp>(op))
    return range(load);
  if (auto store = dyn_cast<LmStoreOp>(op))
    return range(store);
  return std::nullopt;
}

/// True if one of two operations writes local memory that the other accesses.
static bool shareMemory(Operation *left, Operation *right) {
  auto writes = [](Operation *op) {
    return isa<LmStoreOp>(op) || getWrittenWord(op);
  };
  auto accesses = [](Operation *op) {
    return isa<LmLoadOp, LmStoreOp>(op) ||
           llvm::any_of(op->getOperandTypes(), llvm::IsaPred<LMType>);
  };
  if (isa<CmdOp>(left) || isa<CmdOp>(right) || !accesses(left) ||
      !accesses(right) || (!writes(left) && !writes(right)))
    return false;
  auto leftBytes = stackBytes(left), rightBytes = stackBytes(right);
  return !leftBytes || !rightBytes ||
         (leftBytes->first < rightBytes->second &&
          rightBytes->first < leftBytes->second);
}

static unsigned wordsOf(Operation *op) {
  return isa<LmLoadOp, LmStoreOp>(op) ? 1 : numWords(op);
}

/// How far a command can move up in its block: not further than to the command
/// in front of it.
Bundle OverlapCommands::moveUp(CmdOp cmd) const {
  Bundle bundle;
  bundle.ops.push_back(cmd);
  // Last first, each with the number of operations that move over it.
  SmallVector<std::pair<Operation *, size_t>, 16> passed;
  unsigned looked = 0;
  Operation *op = cmd->getPrevNode();
  for (; op && looked < window; op = op->getPrevNode(), ++looked) {
    if (isBoundary(op) || canOverlap(op))
      break;
    bool isNeeded = llvm::any_of(op->getUsers(), [&](Operation *user) {
      return llvm::is_contained(bundle.ops, user);
    });
    if (isNeeded) {
      if (!isFree(op) || llvm::any_of(passed, [&](const auto &other) {
            return shareMemory(op, other.first);
          }))
        break;
      bundle.ops.push_back(op);
      continue;
    }
    if (auto other = dyn_cast<CmdOp>(op); other && mayConflict(other, cmd))
      break;
    if (llvm::any_of(bundle.ops, [&](Operation *moving) {
          return shareMemory(op, moving);
        }))
      break;
    passed.emplace_back(op, bundle.ops.size());
    bundle.passed += wordsOf(op);
  }
  // Not between what makes flags or the previous result and what reads them.
  while (!passed.empty() && tied.contains(passed.back().first)) {
    size_t moving = 0;
    std::tie(op, moving) = passed.pop_back_val();
    bundle.ops.truncate(moving);
    bundle.passed -= wordsOf(op);
  }
  bundle.behind = op;
  return bundle;
}

static void place(const Bundle &bundle) {
  Block *block = bundle.ops.front()->getBlock();
  for (Operation *op : bundle.ops)
    if (bundle.behind)
      op->moveAfter(bundle.behind);
    else
      op->moveBefore(block, block->begin());
}

/// True if nothing that moves with the command needs the answer of the group,
/// and no two of them touch the same bytes.
bool OverlapCommands::canJoin(const Group &group, const Bundle &bundle) {
  if (group.commands.empty() || group.commands.size() >= MaxInFlight ||
      bundle.behind != group.commands.back())
    return false;
  for (CmdOp cmd : group.commands) {
    if (mayConflict(cmd, cast<CmdOp>(bundle.ops.front())))
      return false;
    for (Operation *op : bundle.ops)
      for (Value operand : op->getOperands())
        if (operand.getDefiningOp() == cmd)
          return false;
  }
  return true;
}

/// Moves instructions that need no answer of the group from behind the place of
/// its wait in front of it, where up to `room` words cost nothing. Returns the
/// words.
unsigned OverlapCommands::pullWork(const Group &group, Operation *place,
                                   unsigned room) const {
  llvm::SmallDenseSet<Operation *> left;
  unsigned moved = 0, looked = 0;
  Operation *next = nullptr;
  for (Operation *op = place; looked < window && moved < room;
       op = next, ++looked) {
    next = op->getNextNode();
    if (isBoundary(op) || isa<CmdOp>(op))
      break;
    if (isOperandOp(op))
      continue;
    auto isThere = [&](Value operand) {
      Operation *made = operand.getDefiningOp();
      return !made || (!left.contains(made) &&
                       !llvm::is_contained(group.commands, made));
    };
    auto store = dyn_cast<LmStoreOp>(op);
    if (op == place || (!isFree(op) && !(store && !store.getAddress())) ||
        wordsOf(op) > room - moved ||
        !llvm::all_of(op->getOperands(), isThere) ||
        llvm::any_of(
            left, [&](Operation *other) { return shareMemory(op, other); })) {
      left.insert(op);
      continue;
    }
    for (Value operand : op->getOperands())
      if (Operation *named = operand.getDefiningOp();
          named && isOperandOp(named) &&
          named->getBlock() == place->getBlock() &&
          place->isBeforeInBlock(named))
        named->moveBefore(place);
    op->moveBefore(place);
    moved += wordsOf(op);
  }
  return moved;
}

/// Puts the wait of a group as late as possible; a single command waits at once
/// if too little would be done meanwhile.
void OverlapCommands::finish(Group &group) {
  if (group.commands.empty())
    return;
  Operation *last = group.commands.back();
  Operation *latest = last->getNextNode();
  unsigned words = 0, overlap = 0, looked = 0;
  for (Operation *op = latest; looked < window;
       op = op->getNextNode(), ++looked) {
    if (!tied.contains(op)) {
      latest = op;
      overlap = words;
    }
    if (isBoundary(op) || canOverlap(op) ||
        llvm::any_of(op->getOperands(), [&](Value operand) {
          return llvm::is_contained(group.commands, operand.getDefiningOp());
        }))
      break;
    words += wordsOf(op);
  }
  overlap += group.first.passed;
  const size_t others = group.commands.size() - 1;
  if (others == 0 && overlap < minOverlap)
    return;
  place(group.first);
  const unsigned room = freeCycles(group.commands.back());
  if (overlap < room)
    overlap += pullWork(group, latest, room - overlap);
  Builder builder(&getContext());
  SmallVector<int32_t> signals;
  for (CmdOp cmd : group.commands) {
    signals.push_back(
        static_cast<int32_t>(FirstCommandSignal + signals.size()));
    cmd.setSignalAttr(builder.getI32IntegerAttr(signals.back()));
    remark::passed(cmd.getLoc(), remarkOf(cmd, DEBUG_TYPE, "Overlapped"))
        << remark::add(
               "goes on with {0} before it waits{1}", countOf(overlap, "word"),
               others ? ", for " + countOf(others, "other command") + " too"
                      : std::string());
  }
  OpBuilder at(latest);
  WaitOp::create(at, group.commands.front().getLoc(), signals);
  numOverlapped += group.commands.size();
  ++numWaits;
}

void OverlapCommands::runOnBlock(Block &block) {
  SmallVector<CmdOp> candidates;
  for (auto cmd : block.getOps<CmdOp>())
    if (canOverlap(cmd))
      candidates.push_back(cmd);
  if (candidates.empty())
    return;
  findTies(block);
  Group group;
  for (CmdOp cmd : candidates) {
    Bundle bundle = moveUp(cmd);
    if (canJoin(group, bundle)) {
      place(bundle);
      group.commands.push_back(cmd);
      continue;
    }
    finish(group);
    group.commands = {cmd};
    group.first = moveUp(cmd);
  }
  finish(group);
}

void OverlapCommands::runOnOperation() {
  for (FuncOp function : getOperation().getOps<FuncOp>())
    for (Block &block : function.getBody())
      runOnBlock(block);
}
