//===- FunctionLowering.h - Instruction selection of a function -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Translates one bpf.func to an nfp.func, operation by operation in an order in
// which definitions come before uses. One value becomes no, one or two words
// (Architecture, "value representation"); words that are constants stay
// constants until an instruction needs them in a register. An operation may
// become several blocks: the builder then stands in the last one.
//
// The first thing that cannot be translated is reported at its location and
// ends the translation of the function.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_CONVERSION_BPFTONFP_FUNCTIONLOWERING_H
#define NFPBPF_LIB_CONVERSION_BPFTONFP_FUNCTIONLOWERING_H

#include "MachineBuilder.h"
#include "nfpbpf/Dialect/BPF/Analysis/PointerAnalysis.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"
#include "nfpbpf/Profile/Profile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"

#include <map>

namespace nfpbpf::convert {

using bpf::PointerAnalysis;
using bpf::PointerFact;
using bpf::WordUse;

/// What the functions of a module share.
struct ModuleContext {
  const Profile &profile;
  const PointerAnalysis &pointers;
  /// Type of the program; subprograms have that of the entry.
  bpf::ProgType progType = bpf::ProgType::Other;
};

using Words = llvm::SmallVector<Word, 2>;

class FunctionLowering : public MachineBuilder {
public:
  FunctionLowering(bpf::FuncOp source, const ModuleContext &module);

  /// Creates the nfp.func right after the source. Fails after a diagnostic.
  mlir::FailureOr<nfp::FuncOp> run();

private:
  // FunctionLowering.cpp: values, blocks, control flow.

  /// Words of a type; nothing if the type has no representation.
  std::optional<unsigned> wordsOf(mlir::Type type);
  /// What the (upper) word of a pointer of the type is where it is null.
  static Word nullWord(mlir::Type type);
  const Words &get(mlir::Value value);
  Word word(mlir::Value value) { return get(value)[0]; }
  Pair pair(mlir::Value value);
  /// One word with the bits above an integer's width cleared, or copies of its
  /// sign.
  Word zeroExtended(mlir::Value value);
  Word signExtended(mlir::Value value);
  /// An integer as 64 bits (i64), or zero-extended.
  Pair zeroExtendedPair(mlir::Value value);
  void set(mlir::Value value, Words words) { values[value] = std::move(words); }
  void set(mlir::Value value, const Word &word) { values[value] = {word}; }
  void set(mlir::Value value, const Pair &pair) {
    values[value] = {pair.lo, pair.hi};
  }
  void setInteger(mlir::Value value, const Pair &pair);

  mlir::LogicalResult lower(mlir::Operation *op);
  /// Reports what is wrong at the operation, with its instruction index.
  mlir::InFlightDiagnostic refuse(mlir::Operation *op);

  mlir::Block *newBlock(unsigned arguments = 0);
  void branch(mlir::Block *dest, llvm::ArrayRef<Word> args = {});
  /// \p weights: how often the first and the second follow; may be null.
  void branch(const Test &test, mlir::Block *yes, mlir::Block *no,
              mlir::DenseI32ArrayAttr weights = {});
  /// The words of the block arguments after `test ? yes : no`.
  Words choose(const Test &test, llvm::ArrayRef<Word> yes,
               llvm::ArrayRef<Word> no);
  Words argumentsOf(mlir::Block *block);
  llvm::SmallVector<mlir::Value> registers(llvm::ArrayRef<Word> words);
  Test testOf(mlir::Value condition);
  mlir::LogicalResult lowerBranch(mlir::cf::BranchOp op);
  mlir::LogicalResult lowerCondBranch(mlir::cf::CondBranchOp op);
  mlir::LogicalResult lowerSwitch(mlir::cf::SwitchOp op);
  mlir::LogicalResult lowerMayGoto(bpf::MayGotoOp op);
  mlir::LogicalResult lowerCall(bpf::CallOp op);
  void finish();

  // LowerVerdict.cpp

  /// Finds the block arguments that become codes of verdicts.
  void findVerdicts();
  /// Takes outcomes out of the registers that they share with codes, at the
  /// start of their block.
  void splitOutcomes(mlir::Block *block);
  Words handedOver(mlir::BlockArgument argument, mlir::ValueRange operands);
  /// Block to go to for an edge of the source, and what to hand over.
  mlir::Block *edge(mlir::Block *dest, mlir::ValueRange operands, Words &args);
  mlir::Block *exitFor(mlir::Value verdict);
  void branchToExits(mlir::arith::SelectOp choice);
  mlir::LogicalResult lowerReturn(bpf::ReturnOp op);
  uint32_t exitCode(uint32_t verdict);
  mlir::Block *exitBlock(uint32_t code);
  /// Code of a verdict known only at run time.
  Word exitCode(const Word &verdict);

  // LowerArith.cpp
  mlir::LogicalResult lowerArith(mlir::Operation *op);
  mlir::LogicalResult lowerConstant(mlir::arith::ConstantOp op);
  mlir::LogicalResult lowerShift(mlir::Operation *op);
  mlir::LogicalResult lowerBswap(bpf::BswapOp op);
  Pair shiftLeftVar(const Pair &x, const Word &n);
  Pair shiftRightVar(const Pair &x, const Word &n, bool arithmetic);

  // LowerDivision.cpp
  mlir::LogicalResult lowerDivision(mlir::Operation *op);
  Word divideByConstant(const Word &x, uint32_t divisor);
  /// Quotient and remainder; a divisor of zero gives all ones and the dividend.
  std::pair<Word, Word> divideLoop(const Word &x, const Word &y);
  std::pair<Pair, Pair> divideLoop(const Pair &x, const Pair &y);
  Word divide(const Word &x, const Word &y, bool remainder);
  Pair divide(const Pair &x, const Pair &y, bool remainder);
  Word divideSigned(const Word &x, const Word &y, bool remainder);
  Pair divideSigned(const Pair &x, const Pair &y, bool remainder);

  // LowerMemory.cpp
  mlir::LogicalResult lowerPointer(mlir::Operation *op);
  mlir::LogicalResult lowerLoad(bpf::LoadOp op);
  mlir::LogicalResult lowerLoadWords(bpf::LoadWordsOp op);
  mlir::LogicalResult lowerStoreWords(bpf::StoreWordsOp op);
  mlir::LogicalResult lowerStore(bpf::StoreOp op);
  mlir::LogicalResult lowerAtomic(bpf::AtomicRMWOp op);
  mlir::LogicalResult lowerAtomicFetch(bpf::AtomicFetchRMWOp op);
  mlir::LogicalResult lowerCmpXchg(bpf::AtomicCmpXchgOp op);
  /// Reads `size` bytes (1, 2, 4 or 8) at pointer + offset. One or two words.
  mlir::FailureOr<Words> load(mlir::Operation *op, mlir::Value pointer,
                              int64_t offset, unsigned size, bool bigEndian);
  mlir::LogicalResult store(mlir::Operation *op, llvm::ArrayRef<Word> words,
                            mlir::Value pointer, int64_t offset, unsigned size,
                            bool bigEndian);
  /// A constant offset of a pointer from another value.
  std::pair<mlir::Value, int64_t> baseOf(mlir::Value pointer);
  /// Byte offset in this function's frame, if constant.
  std::optional<int64_t> frameOffset(mlir::Value pointer);
  /// Refuses constant accesses outside the function's own frame.
  mlir::LogicalResult checkFrame(mlir::Operation *op, int64_t offset,
                                 unsigned size);
  struct Address {
    nfp::AddressMode mode;
    mlir::Value first, second;
  };
  Address addressOf(mlir::Value pointer, int64_t offset);
  mlir::FailureOr<Words> loadStack(mlir::Operation *op, mlir::Value pointer,
                                   int64_t offset, unsigned size);
  mlir::LogicalResult storeStack(mlir::Operation *op,
                                 llvm::ArrayRef<Word> words,
                                 mlir::Value pointer, int64_t offset,
                                 unsigned size);
  /// Whether the word of a map value at an offset from the pointer is kept in
  /// the order of atomic counters.
  mlir::FailureOr<bool> isCounter(mlir::Operation *op, const PointerFact &fact,
                                  int64_t offset);
  mlir::FailureOr<bool> hasCounters(mlir::Operation *op,
                                    const PointerFact &fact, int64_t offset,
                                    unsigned size);
  mlir::FailureOr<bool> reachesCounters(mlir::Operation *op,
                                        mlir::Value pointer, int64_t offset,
                                        unsigned size);
  /// Accesses to bytes of map values where there are counters.
  mlir::FailureOr<Words> loadCounters(mlir::Operation *op, mlir::Value pointer,
                                      int64_t offset, unsigned size);
  mlir::LogicalResult storeCounters(mlir::Operation *op,
                                    llvm::ArrayRef<Word> words,
                                    mlir::Value pointer, int64_t offset,
                                    unsigned size);
  /// The old value, if it is fetched.
  Words atomicCommand(bpf::AtomicKind kind, llvm::ArrayRef<Word> value,
                      const Address &address, bool fetch);
  llvm::SmallVector<mlir::Value, 2>
  readCommand(nfp::MemCommand command, const Address &address, unsigned words);
  void writeCommand(nfp::MemCommand command, const Address &address,
                    llvm::ArrayRef<Word> data, unsigned count);
  /// Joins bytes of a little-endian number read in pieces.
  Word lmLoad(mlir::Value address, int64_t offset, unsigned size);
  void lmStore(const Word &value, mlir::Value address, int64_t offset,
               unsigned size);

  // LowerContext.cpp
  mlir::LogicalResult lowerContext(mlir::Operation *op);
  mlir::LogicalResult lowerQueueSelect(bpf::CtxStoreOp op);
  mlir::LogicalResult lowerLdPacket(bpf::LdPacketOp op);
  mlir::LogicalResult lowerAdjustHead(bpf::AdjustHeadOp op);
  mlir::LogicalResult lowerAdjustTail(bpf::AdjustTailOp op);
  Word packetLength();

  // LowerHelpers.cpp
  mlir::LogicalResult lowerHelper(mlir::Operation *op);
  mlir::LogicalResult lowerMapHelper(mlir::Operation *op, unsigned id,
                                     llvm::StringRef name, mlir::Value map,
                                     mlir::Value key, mlir::Value value,
                                     mlir::Value flags);
  mlir::LogicalResult lowerMapValueRef(bpf::MapValueRefOp op);
  mlir::LogicalResult lowerArrayElement(bpf::ArrayElementOp op);
  mlir::LogicalResult lowerPerfEvent(bpf::PerfEventOutputOp op);
  mlir::LogicalResult requireHelper(mlir::Operation *op, unsigned id,
                                    llvm::StringRef name);
  Pair callHelper(unsigned id, llvm::StringRef name,
                  llvm::ArrayRef<std::pair<Word, nfp::GprType>> args,
                  mlir::Value lm0 = {}, mlir::Value lm2 = {});
  /// The stack address of `size` bytes at a pointer: the pointer itself, or
  /// that of a copy in the frame (at offset `scratch`, allocated when negative)
  /// when firmware cannot reach the bytes where they are, or always.
  mlir::FailureOr<mlir::Value> stackCopy(mlir::Operation *op,
                                         mlir::Value pointer, unsigned size,
                                         int64_t &scratch, bool &copied,
                                         bool always = false);
  /// No word of the stack belongs to both; true for other memory.
  bool areDisjoint(mlir::Value a, unsigned aBytes, mlir::Value b,
                   unsigned bBytes);
  /// The map of a handle (one of them, all alike in size), allowed here.
  mlir::LogicalResult checkMaps(mlir::Operation *op, mlir::Value handle,
                                bpf::MapOp &map);
  nfp::GprType reg(nfp::Bank bank, unsigned number) {
    return nfp::GprType::get(b.getContext(), bank, number);
  }

  bpf::FuncOp source;
  const ModuleContext &module;
  nfp::FuncOp target;
  mlir::Region *region = nullptr;
  llvm::DenseMap<mlir::Value, Words> values;
  llvm::DenseMap<mlir::Block *, mlir::Block *> blocks;
  std::map<uint32_t, mlir::Block *> exitBlocks;
  /// Arguments that are codes, each with the argument whose register it shares
  /// (null: none), and the reverse.
  llvm::DenseMap<mlir::Value, mlir::BlockArgument> verdicts;
  llvm::DenseMap<mlir::BlockArgument, mlir::BlockArgument> outcomes;
  /// Bytes of the frame: the program's own, and with the scratch space behind.
  int64_t ownFrameSize = 0, frameSize = 0;
  /// Frame offset of the function's counter for may_goto, if it has one.
  std::optional<int64_t> mayGotoCounter;
  /// Frame offsets of the copies of keys and values; negative: none yet.
  int64_t scratchKey = -1, scratchValue = -1;
};

/// An error at an operation's location that starts with its instruction index.
mlir::InFlightDiagnostic emitInsnError(mlir::Operation *op);

} // namespace nfpbpf::convert

#endif // NFPBPF_LIB_CONVERSION_BPFTONFP_FUNCTIONLOWERING_H
