//===- Printer.cpp - eBPF text in verifier syntax -----------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/BPF/Printer.h"
#include "nfpbpf/ISA/BPF/Helpers.h"
#include "llvm/Support/Format.h"

using namespace nfpbpf::ebpf;

namespace {

/// A register by its width: w1 or r1.
struct Reg {
  unsigned Number;
  unsigned Bits;
};

} // namespace

static llvm::raw_ostream &operator<<(llvm::raw_ostream &OS, Reg R) {
  return OS << (R.Bits == 32 ? 'w' : 'r') << R.Number;
}

static void printSigned(llvm::raw_ostream &OS, int64_t Value) {
  if (Value >= 0)
    OS << '+';
  OS << Value;
}

/// (r10 - 4)
static void printAddress(llvm::raw_ostream &OS, unsigned Base, int Off) {
  OS << 'r' << Base << (Off < 0 ? " - " : " + ") << (Off < 0 ? -Off : Off);
}

/// (u32 *)(r10 - 4)
static void printPlace(llvm::raw_ostream &OS, const Instruction &I,
                       char Sign = 'u') {
  OS << '(' << Sign << I.size() * 8 << " *)(";
  printAddress(OS, I.addressReg(), I.Off);
  OS << ')';
}

static void printAtomic(llvm::raw_ostream &OS, const Instruction &I) {
  const char *Text = I.Info->Text;
  Reg Src{I.Src, I.bits()};
  switch (I.op()) {
  case Op::LoadAcquire:
    OS << Reg{I.Dst, I.bits()} << " = " << Text << '(';
    printPlace(OS, I);
    OS << ')';
    return;
  case Op::StoreRelease:
    OS << Text << '(';
    printPlace(OS, I);
    OS << ", " << Src << ')';
    return;
  case Op::Xchg:
    OS << Src << " = " << Text << '(';
    printAddress(OS, I.Dst, I.Off);
    OS << ", " << Src << ')';
    return;
  case Op::CmpXchg: {
    Reg R0{0, I.bits()};
    OS << R0 << " = " << Text << '(';
    printAddress(OS, I.Dst, I.Off);
    OS << ", " << R0 << ", " << Src << ')';
    return;
  }
  default:
    break;
  }
  if (I.isFetch()) {
    OS << Src << " = " << Text << '(';
    printPlace(OS, I);
    OS << ", " << Src << ')';
    return;
  }
  OS << "lock *";
  printPlace(OS, I);
  OS << ' ' << Text << ' ' << Src;
}

static void printImm64(llvm::raw_ostream &OS, const Instruction &I,
                       const PrintOptions &Options) {
  OS << 'r' << unsigned(I.Dst) << " = ";
  if (!Options.Names || I.Kind == ImmKind::Value) {
    int64_t Value = I.Imm;
    if (I.Kind != ImmKind::Value)
      Value =
          static_cast<int64_t>(uint64_t(static_cast<uint32_t>(I.Imm)) |
                               uint64_t(static_cast<uint32_t>(I.Imm2)) << 32);
    OS << Value << " ll";
    return;
  }
  switch (I.Kind) {
  case ImmKind::Value:
    break;
  case ImmKind::MapFd:
  case ImmKind::MapIndex:
    OS << "map[" << I.Imm << "] ll";
    break;
  case ImmKind::MapFdValue:
  case ImmKind::MapIndexValue:
    OS << "map[" << I.Imm << "][0]";
    printSigned(OS, static_cast<uint32_t>(I.Imm2));
    OS << " ll";
    break;
  case ImmKind::Variable:
    OS << "variable btf_id " << I.Imm << " ll";
    break;
  case ImmKind::Function:
    OS << "function pc";
    printSigned(OS, I.Imm);
    OS << " ll";
    break;
  }
}

static void printCall(llvm::raw_ostream &OS, const Instruction &I,
                      const PrintOptions &Options) {
  OS << I.Info->Text << ' ';
  if (!Options.Names) {
    OS << I.Imm;
    return;
  }
  switch (I.op()) {
  case Op::CallLocal:
    OS << "pc";
    printSigned(OS, I.Imm);
    return;
  case Op::CallKfunc:
    OS << "kfunc btf_id " << I.Imm;
    return;
  default:
    break;
  }
  llvm::StringRef Name = helperName(static_cast<uint32_t>(I.Imm));
  if (Name.empty())
    OS << I.Imm;
  else
    OS << Name;
}

void nfpbpf::ebpf::print(llvm::raw_ostream &OS, const Instruction &I,
                         const PrintOptions &Options) {
  const char *Text = I.Info->Text;
  Reg Dst{I.Dst, I.bits()}, Src{I.Src, I.bits()};
  switch (I.shape()) {
  case Form::DstImm:
    OS << Dst << ' ' << Text << ' ' << I.Imm;
    return;
  case Form::DstSrc:
    OS << Dst << ' ' << Text;
    if (I.op() != Op::MovSX)
      OS << ' ';
    OS << Src;
    return;
  case Form::Dst:
    OS << Dst << " = " << Text;
    if (I.op() != Op::Neg)
      OS << ' ';
    OS << Dst;
    return;
  case Form::JumpImm:
  case Form::JumpSrc:
    OS << "if " << Dst << ' ' << Text << ' ';
    if (I.shape() == Form::JumpSrc)
      OS << Src;
    else
      OS << I.Imm;
    OS << " goto ";
    printSigned(OS, I.jumpOffset());
    return;
  case Form::Goto:
  case Form::GotoLong:
    OS << Text << ' ';
    printSigned(OS, I.jumpOffset());
    return;
  case Form::DstOnly:
    OS << Text << ' ' << Dst;
    return;
  case Form::Nothing:
    OS << Text;
    return;
  case Form::CallImm:
  case Form::CallKfunc:
    printCall(OS, I, Options);
    return;
  case Form::Imm64:
    printImm64(OS, I, Options);
    return;
  case Form::PktAbs:
    OS << "r0 = *(u" << I.size() * 8 << " *)skb[" << I.Imm << ']';
    return;
  case Form::PktInd:
    OS << "r0 = *(u" << I.size() * 8 << " *)skb[";
    if (I.Imm == 0)
      OS << 'r' << unsigned(I.Src);
    else
      printAddress(OS, I.Src, static_cast<int>(I.Imm));
    OS << ']';
    return;
  case Form::Load:
    if (I.isAtomic()) {
      printAtomic(OS, I);
      return;
    }
    OS << Dst << " = *";
    printPlace(OS, I, I.op() == Op::LdxSX ? 's' : 'u');
    return;
  case Form::StoreImm:
    OS << '*';
    printPlace(OS, I);
    OS << " = " << I.Imm;
    return;
  case Form::StoreReg:
    if (I.isAtomic()) {
      printAtomic(OS, I);
      return;
    }
    OS << '*';
    printPlace(OS, I);
    OS << " = " << Src;
    return;
  case Form::AtomicReg:
    printAtomic(OS, I);
    return;
  }
}

std::string nfpbpf::ebpf::toString(const Instruction &I,
                                   const PrintOptions &Options) {
  std::string Text;
  llvm::raw_string_ostream OS(Text);
  print(OS, I, Options);
  return Text;
}

std::string nfpbpf::ebpf::toString(llvm::ArrayRef<uint64_t> Words,
                                   uint32_t Index,
                                   const PrintOptions &Options) {
  llvm::Expected<Instruction> I = decode(Words, Index);
  if (I)
    return toString(*I, Options);
  llvm::consumeError(I.takeError());
  std::string Text;
  llvm::raw_string_ostream OS(Text);
  OS << "<invalid";
  if (Index < Words.size())
    OS << ' ' << llvm::format_hex(Words[Index], 18);
  OS << '>';
  return Text;
}

void nfpbpf::ebpf::printProgram(llvm::raw_ostream &OS,
                                llvm::ArrayRef<uint64_t> Words,
                                const PrintOptions &Options) {
  for (uint32_t Index = 0; Index < Words.size();) {
    OS << Index << ": " << toString(Words, Index, Options) << '\n';
    llvm::Expected<Instruction> I = decode(Words, Index);
    Index += I ? I->slots() : 1;
    if (!I)
      llvm::consumeError(I.takeError());
  }
}
