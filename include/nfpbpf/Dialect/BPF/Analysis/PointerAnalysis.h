//===- PointerAnalysis.h - What pointers point to ---------------*- C++ -*-===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows map values and stack pointers through pointer arithmetic, blocks,
// calls and memory of the whole module, and derives how every 4-byte word of a
// map's value is used. Flow-insensitive: one fact for every SSA value.
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_ANALYSIS_POINTERANALYSIS_H
#define NFPBPF_DIALECT_BPF_ANALYSIS_POINTERANALYSIS_H

#include "nfpbpf/Dialect/BPF/IR/BPF.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallBitVector.h"

namespace nfpbpf::bpf {

/// How a program uses a 4-byte word of a map's value; the numbers are those of
/// `nfp.map`. `Atomic` says that the card keeps the word big-endian.
enum class WordUse : int8_t { Unused = 0, Read = 1, Write = 2, Atomic = 3 };

/// What is known of a pointer. Starts as "nothing reaches it" and only grows.
struct PointerFact {
  bool reached = false;
  /// Maps whose handle or value it may be, by position in the module.
  llvm::SmallBitVector maps;
  /// Byte offset from the start of the value (map values) or of the frame
  /// (stack pointers), if one and the same on all paths.
  bool offsetKnown = true;
  int64_t offset = 0;
  /// Low two bits of the address, if the same on all paths.
  bool lowBitsKnown = true;
  unsigned lowBits = 0;

  /// Adds what \p other allows; true if that changed anything.
  bool join(const PointerFact &other);
  bool operator==(const PointerFact &other) const;
};

class PointerAnalysis {
public:
  explicit PointerAnalysis(mlir::ModuleOp module);

  const PointerFact &factOf(mlir::Value pointer) const;

  mlir::ArrayRef<MapOp> maps() const { return mapOps; }
  unsigned indexOf(mlir::StringRef map) const { return mapIndices.lookup(map); }
  /// Uses of the words of a map's value, by position of the map.
  mlir::ArrayRef<WordUse> usesOf(unsigned map) const { return uses[map]; }

  /// Whether the word at a byte offset (from the pointer) is an atomic counter
  /// in the maps the pointer may point into. Nothing if it depends, which is
  /// possible only where a value ends inside a word.
  std::optional<bool> isAtomicWord(const PointerFact &fact,
                                   int64_t offset) const;
  /// Whether an atomic operation may change a word that the program also reads
  /// or changes by anything but additions of the same bytes whose old value it
  /// does not take, or the order of whose accesses a fence determines.
  bool isReadBack(const PointerFact &fact, int64_t offset, uint64_t size) const;
  /// True if any word of the maps is an atomic counter.
  bool hasAtomicWords(const PointerFact &fact) const;

private:
  void propagate(mlir::ModuleOp module);
  bool visit(mlir::Operation *op);
  /// The fact is a copy: those that are known move when one is added.
  bool update(mlir::Value value, PointerFact fact);
  PointerFact unknown() const;
  /// Bytes of map values that an operation accesses; size 0: any.
  struct Access {
    PointerFact fact;
    int64_t offset;
    uint64_t size;
    WordUse use;
    bool isAddition;
  };
  void collectUses(mlir::ModuleOp module);
  bool unify(const Access &access);
  std::pair<int64_t, int64_t> wordsOf(const PointerFact &fact, unsigned map,
                                      int64_t offset, uint64_t size) const;
  /// Words of a map's value that are complete.
  int64_t wholeWords(unsigned map) const;

  llvm::SmallVector<MapOp> mapOps;
  llvm::StringMap<unsigned> mapIndices;
  llvm::SmallVector<llvm::SmallVector<WordUse>> uses;
  /// Words that something else than additions of the same bytes accesses.
  llvm::SmallVector<llvm::SmallBitVector> readBack;
  bool hasFences = false;
  llvm::DenseMap<mlir::Value, PointerFact> facts;
  /// Join of all pointers stored to memory, by space.
  llvm::DenseMap<unsigned, PointerFact> stored;
  PointerFact nothing;
};

/// Number of low bits of an integer that are certainly zero.
unsigned trailingZeros(mlir::Value value);

} // namespace nfpbpf::bpf

#endif // NFPBPF_DIALECT_BPF_ANALYSIS_POINTERANALYSIS_H
