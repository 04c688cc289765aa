//===- ImportDamagedTest.cpp - Damaged programs are refused ---------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs with random damage either import to a module that verifies, or give
// an error. The seeds are fixed.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Object/BPF/BPFObject.h"
#include "nfpbpf/Target/BPF/Assembler.h"
#include "nfpbpf/Target/BPF/Import.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/MemoryBufferRef.h"
#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace nfpbpf;

namespace {

/// A bit of everything: packet, stack, maps, calls, loops, atomics.
constexpr const char *Source = R"(
	.section xdp,"ax",@progbits
	.globl f
	.type f,@function
f:
	r6 = r1
	r7 = *(u32 *)(r1 + 0)
	r8 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r7
	r2 += 14
	if r2 > r8 goto 9f
	w3 = *(u8 *)(r7 + 12)
	*(u64 *)(r10 - 8) = r7
	*(u32 *)(r10 - 12) = w3
	r2 = r10
	r2 += -12
	r1 = m ll
	call 1
	if r0 == 0 goto 9f
	r1 = 1
	lock *(u64 *)(r0 + 0) += r1
	r9 = 0
1:	r9 += 1
	w9 <<= 1
	if r9 < 20 goto 1b
	r1 = r10
	r1 += -24
	r2 = *(u64 *)(r10 - 8)
	call g
	r2 = *(u64 *)(r10 - 24)
	r0 = *(u8 *)(r2 + 1)
	r2 = 4
	r1 = r6
	call 44
	r0 = be16 r0
	w0 s/= 3
9:	exit
	.size f, .-f
	.text
	.type g,@function
g:
	*(u64 *)(r1 + 0) = r2
	r0 = *(u8 *)(r2 + 0)
	if r0 s> 7 goto 1f
	r0 = 0x1122334455667788 ll
1:	exit
	.size g, .-g
	.section maps,"aw",@progbits
	.globl m
	.type m,@object
m:	.long 2, 4, 8, 16, 0
	.size m, 20
)";

object::LinkedProgram undamaged() {
  llvm::Expected<SmallVector<char, 0>> bytes = assembleBPF(Source);
  EXPECT_TRUE(static_cast<bool>(bytes)) << llvm::toString(bytes.takeError());
  llvm::Expected<object::BPFObject> file =
      object::BPFObject::parse(llvm::MemoryBufferRef(
          StringRef(bytes->data(), bytes->size()), "damaged.o"));
  EXPECT_TRUE(static_cast<bool>(file)) << llvm::toString(file.takeError());
  llvm::Expected<object::LinkedProgram> program = file->link(0);
  EXPECT_TRUE(static_cast<bool>(program))
      << llvm::toString(program.takeError());
  return std::move(*program);
}

/// Whether the program imports; no error without a message.
bool imports(const object::LinkedProgram &program, MLIRContext &context) {
  unsigned errors = 0;
  std::string text;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diag) {
    if (diag.getSeverity() == DiagnosticSeverity::Error) {
      ++errors;
      text = diag.str();
    }
    return success();
  });
  OwningOpRef<ModuleOp> module = importProgram(program, &context);
  EXPECT_EQ(static_cast<bool>(module), errors == 0) << text;
  // The importer itself must refuse: an operation that does not verify is a
  // defect of it.
  EXPECT_EQ(text.find("'bpf."), std::string::npos) << text;
  EXPECT_EQ(text.find("'arith."), std::string::npos) << text;
  return static_cast<bool>(module);
}

TEST(ImportDamaged, TheUndamagedProgramImports) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  EXPECT_TRUE(imports(undamaged(), context));
}

TEST(ImportDamaged, FlippedBits) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  object::LinkedProgram program = undamaged();
  std::mt19937_64 random(1);
  unsigned good = 0, bad = 0;
  for (unsigned round = 0; round < 3000; ++round) {
    object::LinkedProgram damaged = program;
    for (unsigned n = random() % 3 + 1; n-- > 0;)
      damaged.Insns[random() % damaged.Insns.size()] ^= uint64_t(1)
                                                        << (random() % 64);
    ++(imports(damaged, context) ? good : bad);
  }
  // Both happen; a test that never reaches one of them proves little.
  EXPECT_GT(good, 100u);
  EXPECT_GT(bad, 100u);
}

TEST(ImportDamaged, MovedInstructions) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  object::LinkedProgram program = undamaged();
  std::mt19937_64 random(2);
  for (unsigned round = 0; round < 3000; ++round) {
    object::LinkedProgram damaged = program;
    for (unsigned n = random() % 4 + 1; n-- > 0;) {
      size_t to = random() % damaged.Insns.size();
      damaged.Insns[to] = damaged.Insns[random() % damaged.Insns.size()];
      // Other registers.
      if (random() % 2)
        damaged.Insns[to] ^= (random() % 256) << 8;
    }
    imports(damaged, context);
  }
}

TEST(ImportDamaged, RandomInstructions) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  std::mt19937_64 random(3);
  // Opcode bytes of ALU, jump, load and store instructions.
  const uint8_t opcodes[] = {0x07, 0x0f, 0x17, 0x1f, 0xb7, 0xbf, 0x04, 0x5c,
                             0x57, 0x2d, 0x15, 0x1d, 0x1e, 0x61, 0x79, 0x7b,
                             0x7a, 0x63, 0x85, 0x95, 0x05, 0xdb, 0x67, 0x77};
  for (unsigned round = 0; round < 3000; ++round) {
    object::LinkedProgram program;
    program.Name = "random";
    program.FileName = "random.o";
    program.Type = object::ProgramType::XDP;
    unsigned size = random() % 12 + 2;
    for (unsigned n = 0; n < size; ++n) {
      uint64_t word = opcodes[random() % sizeof(opcodes)];
      word |= (random() % 11) << 8 | (random() % 11) << 12;
      word |= uint64_t(static_cast<uint16_t>(random() % 16 - 10)) << 16;
      word |= (random() % 8) << 32;
      program.Insns.push_back(word);
    }
    program.Insns.back() = 0x95;
    object::Function function;
    function.Name = "random";
    function.Count = size;
    program.Functions.push_back(function);
    imports(program, context);
  }
}

} // namespace
