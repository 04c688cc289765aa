//===- FrameVariables.h - What of a frame need not be memory ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bytes of a function's frame that only loads and stores at constant places
// reach, divided into variables. Offsets are bytes from the frame's lowest
// address.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_FRAMEVARIABLES_H
#define NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_FRAMEVARIABLES_H

#include "MemoryAccesses.h"
#include "ValueRanges.h"

namespace nfpbpf::bpf {

/// A load or store of the frame.
struct FrameAccess {
  mlir::Operation *op;
  unsigned begin, bytes;
  unsigned end() const { return begin + bytes; }
  bool touches(unsigned first, unsigned last) const {
    return begin < last && first < end();
  }
};

/// What the kernel's verifier lets a program and all functions in a chain of
/// calls have, in bytes.
constexpr int64_t MaxStackBytes = 512;

class FrameVariables {
public:
  /// 1, 2 or 4 bytes within a word of 4, or 8 bytes that are accessed together
  /// only: a number, or a pointer. Something reads it.
  struct Variable {
    unsigned begin, bytes;
    mlir::Location loc; ///< of the first access to it
  };

  /// `promotedBytes` of the frame have become registers before.
  FrameVariables(FrameOp frame, const MemoryAccesses &memory,
                 ValueRanges &ranges, int64_t promotedBytes)
      : frame(frame), memory(memory), ranges(ranges),
        promotedBytes(promotedBytes), shared(frame.getSize()),
        variableOf(frame.getSize(), -1) {}

  /// False if the whole frame is memory; `reason` says why, and `culprit` is
  /// the operation that makes it so.
  bool find();
  llvm::StringRef reason() const { return why; }
  mlir::Operation *culprit() const { return blocker; }

  llvm::ArrayRef<Variable> all() const { return variables; }
  /// Null for bytes that stay memory.
  const Variable *variableAt(unsigned byte) const {
    const int n = variableOf[byte];
    return n < 0 ? nullptr : &variables[static_cast<size_t>(n)];
  }
  /// The byte stays memory, as something may read it or one in the same word of
  /// 4. Nothing reads those that are neither memory nor of a variable.
  bool isMemory(unsigned byte) const { return kept.test(byte); }
  /// Some store is to bytes that nothing reads.
  bool hasUnread() const;
  /// Bytes [begin, end) of the frame that are memory, in whole units of 8.
  ByteRange memoryBytes() const;
  /// All loads and stores of the frame, in the program's order.
  llvm::ArrayRef<FrameAccess> accesses() const { return list; }

private:
  bool findAccesses();
  /// An address in the frame, or one of those up to `spread` bytes behind it;
  /// one that is not `certain` may be another on another way.
  struct Address {
    mlir::Value pointer;
    int64_t offset = 0, spread = 0;
    bool certain = true;
  };
  bool follow(Address address);
  bool followStored(StoreOp store, Address address);
  bool noteUse(mlir::OpOperand &use, Address address);
  bool noteAccess(mlir::Operation *op, Address address, unsigned bytes);
  bool noteShared(mlir::Operation *op);
  bool giveUp(mlir::Operation *op, llvm::StringRef reason) {
    blocker = op;
    why = reason;
    return false;
  }
  void shareUninitialized();
  void divide(unsigned pair);
  void divideWord(unsigned word);
  void dropLeastUsed();
  void findMemory();
  bool isFree(unsigned begin, unsigned end) const {
    return shared.find_first_in(begin, end) < 0;
  }
  void add(unsigned begin, unsigned bytes);

  FrameOp frame;
  const MemoryAccesses &memory;
  ValueRanges &ranges;
  int64_t promotedBytes;
  bool anyUncertain = false;
  llvm::StringRef why;
  mlir::Operation *blocker = nullptr;
  llvm::SmallVector<FrameAccess> list;
  /// Bytes that something else than loads and stores reaches, and bytes that
  /// may be read before they are written.
  llvm::BitVector shared;
  llvm::BitVector read; ///< shared, or loaded
  llvm::BitVector kept;
  /// By 8 bytes of the frame: the accesses to them, as indices into the list.
  std::vector<llvm::SmallVector<unsigned, 4>> accessesOf;
  llvm::SmallVector<Variable> variables;
  std::vector<int> variableOf; ///< by byte
  llvm::SmallVector<Address> worklist;
  llvm::DenseSet<std::pair<mlir::Value, std::pair<int64_t, int64_t>>> followed;
};

} // namespace nfpbpf::bpf

#endif // NFPBPF_LIB_DIALECT_BPF_TRANSFORMS_FRAMEVARIABLES_H
