//===- BlockWeights.cpp - How often blocks are executed -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockWeights.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/GenericDomTreeConstruction.h"

using namespace mlir;
using namespace nfpbpf::nfp;

namespace {

/// Probabilities of successors that stay in a loop, that end the program while
/// the other one does not, and that follow where two values are equal.
constexpr float StaysInLoop = 0.9F;
constexpr float Leaves = 0.2F;
constexpr float IsEqual = 0.3F;
/// Numbers, of bytes mostly, are seldom below what is needed.
constexpr float IsBelow = 0.1F;
/// The Ethernet type of IPv4, in both byte orders, is the one to expect.
constexpr uint32_t CommonTypes[] = {0x0800, 0x0008};
constexpr float IsCommonType = 0.8F;
/// Of the others that of IPv6 is the most frequent.
constexpr uint32_t SecondTypes[] = {0x86dd, 0xdd86};
constexpr float IsSecondType = 0.35F;
constexpr float IsSecondTypeOfOthers = 0.7F;
/// TCP and UDP are the protocols to expect.
constexpr uint32_t CommonProtocols[] = {6, 17};
constexpr float IsCommonProtocol = 0.6F;
/// Of flags in headers and rules most are clear.
constexpr float AreClear = 0.6F;
/// Rounds of a loop, and more than enough of them in all.
constexpr float Rounds = 8.0F;
constexpr float MaxWeight = 1.0e6F;

} // namespace

/// Backwards from the ends of the program.
void BlockWeights::findLeaving(ArrayRef<Block *> postOrder) {
  for (Block *block : postOrder) {
    bool works = llvm::any_of(
        *block, [](Operation &op) { return isa<CmdOp, CallOp, HelperOp>(op); });
    if (!works && !isa<RtnOp>(block->getTerminator()) &&
        llvm::all_of(block->getSuccessors(), [&](Block *successor) {
          return leaving.contains(successor);
        }))
      leaving.insert(block);
  }
}

BlockWeights::BlockWeights(FuncOp function) {
  Region &body = function.getBody();
  llvm::DominatorTreeBase<Block, false> tree;
  tree.recalculate(body);
  loops = std::make_unique<CFGLoopInfo>(tree);
  SmallVector<Block *> order;
  for (Block *block : llvm::post_order(&body.front()))
    order.push_back(block);
  findLeaving(order);
  weights[&body.front()] = 1;
  llvm::DenseSet<Block *> seen;
  for (Block *block : llvm::reverse(order)) {
    seen.insert(block);
    float &weight = weights[block];
    if (CFGLoop *loop = loops->getLoopFor(block);
        loop && loop->getHeader() == block)
      weight = std::min(weight * roundsOf(*loop), MaxWeight);
    float own = weight;
    // What leads back has been counted in the rounds.
    for (unsigned n = 0; n < block->getNumSuccessors(); ++n)
      if (Block *successor = block->getSuccessor(n); !seen.contains(successor))
        weights[successor] += own * probability(block, n);
  }
}

/// The weights of a branch with two successors, or nothing.
static ArrayRef<int32_t> weightsOf(Block *block) {
  auto branch = dyn_cast<WeightedBranchOpInterface>(block->getTerminator());
  return branch ? branch.getWeights() : ArrayRef<int32_t>();
}

/// Executions of the loop's most executed exit for one time that the loop is
/// left.
float BlockWeights::roundsOf(const CFGLoop &loop) const {
  SmallVector<Block *> exiting;
  loop.getExitingBlocks(exiting);
  float executed = 0, left = 0;
  for (Block *block : exiting) {
    ArrayRef<int32_t> weights = weightsOf(block);
    if (weights.empty())
      return Rounds;
    for (unsigned n = 0; n < 2; ++n)
      if (!loop.contains(block->getSuccessor(n)))
        left += static_cast<float>(weights[n]);
    executed = std::max(executed, static_cast<float>(weights[0]) +
                                      static_cast<float>(weights[1]));
  }
  // One more of each: what was never seen may still happen.
  return (executed + 1) / (left + 1);
}

/// The constant that a branch compares with, if it compares.
static std::optional<uint32_t> comparedConstant(BrCCOp branch) {
  auto test = branch.getCc().getDefiningOp<AluOp>();
  if (!test || (test.getOpcode() != AluOpcode::Sub &&
                test.getOpcode() != AluOpcode::Xor))
    return std::nullopt;
  for (Value source : test.getSrcs()) {
    if (auto imm = source.getDefiningOp<ImmOp>())
      return static_cast<uint32_t>(imm.getValue());
    if (auto constant = source.getDefiningOp<ConstOp>())
      return static_cast<uint32_t>(constant.getValue());
  }
  return std::nullopt;
}

/// The branch asks whether some bits of a number are clear.
static bool testsBits(BrCCOp branch) {
  Operation *test = branch.getCc().getDefiningOp();
  if (auto alu = dyn_cast_if_present<AluOp>(test))
    return alu.getOpcode() == AluOpcode::And;
  auto shf = dyn_cast_if_present<ShfOp>(test);
  return shf && shf.getOpcode() == ShfOpcode::And;
}

float nfpbpf::nfp::guessEqual(uint32_t constant, ArrayRef<uint32_t> excluded) {
  if (llvm::is_contained(CommonTypes, constant))
    return IsCommonType;
  if (llvm::is_contained(SecondTypes, constant))
    return llvm::any_of(excluded,
                        [](uint32_t other) {
                          return llvm::is_contained(CommonTypes, other);
                        })
               ? IsSecondTypeOfOthers
               : IsSecondType;
  if (llvm::is_contained(CommonProtocols, constant))
    return IsCommonProtocol;
  return IsEqual;
}

float nfpbpf::nfp::guessLeaves() { return Leaves; }

static float probabilityOfEqual(BrCCOp branch) {
  if (testsBits(branch))
    return AreClear;
  std::optional<uint32_t> constant = comparedConstant(branch);
  return constant ? guessEqual(*constant) : IsEqual;
}

bool BlockWeights::decidesLoop(Block *block) const {
  return llvm::any_of(block->getSuccessors(), [&](Block *successor) {
    return loops->getLoopFor(successor) != loops->getLoopFor(block);
  });
}

/// The branch asks whether a number is that of a common protocol.
static bool comparesProtocol(BrCCOp branch) {
  if (branch.getCond() != Cond::EQ && branch.getCond() != Cond::NE)
    return false;
  std::optional<uint32_t> constant = comparedConstant(branch);
  return constant && llvm::is_contained(CommonProtocols, *constant);
}

float BlockWeights::probability(Block *block, unsigned n) const {
  if (block->getNumSuccessors() != 2)
    return 1;
  auto choose = [n](float first) { return n == 0 ? first : 1 - first; };
  if (ArrayRef<int32_t> weights = weightsOf(block); !weights.empty()) {
    const auto first = static_cast<float>(weights[0]);
    return choose((first + 1) / (first + static_cast<float>(weights[1]) + 2));
  }
  if (auto branch = dyn_cast<BrByteOp>(block->getTerminator()))
    if (std::optional<uint32_t> expected = branch.getExpected())
      return choose(static_cast<float>(*expected) / 100);
  Block *first = block->getSuccessor(0), *second = block->getSuccessor(1);
  if (CFGLoop *loop = loops->getLoopFor(block)) {
    bool firstStays = loop->contains(first);
    if (firstStays != loop->contains(second))
      return choose(firstStays ? StaysInLoop : 1 - StaysInLoop);
  }
  auto branch = dyn_cast<BrCCOp>(block->getTerminator());
  // What a packet carries says more than where its kind is handled.
  if (branch && comparesProtocol(branch))
    return choose(branch.getCond() == Cond::EQ ? IsCommonProtocol
                                               : 1 - IsCommonProtocol);
  bool firstLeaves = leaving.contains(first);
  if (firstLeaves != leaving.contains(second))
    return choose(firstLeaves ? Leaves : 1 - Leaves);
  if (branch) {
    if (branch.getCond() == Cond::EQ)
      return choose(probabilityOfEqual(branch));
    if (branch.getCond() == Cond::NE)
      return choose(1 - probabilityOfEqual(branch));
    if (branch.getCond() == Cond::LO)
      return choose(IsBelow);
    if (branch.getCond() == Cond::HS)
      return choose(1 - IsBelow);
  }
  if (auto branch = dyn_cast<BrByteOp>(block->getTerminator()))
    return choose(branch.getTest() == ByteTest::EQ ? IsEqual : 1 - IsEqual);
  return 0.5F;
}
