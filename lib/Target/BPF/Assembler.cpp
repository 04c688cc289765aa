//===- Assembler.cpp - eBPF assembly text to an object --------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Target/BPF/Assembler.h"

#include "llvm/MC/MCAsmBackend.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCCodeEmitter.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCObjectFileInfo.h"
#include "llvm/MC/MCObjectWriter.h"
#include "llvm/MC/MCParser/MCAsmParser.h"
#include "llvm/MC/MCParser/MCTargetAsmParser.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCStreamer.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

extern "C" {
void LLVMInitializeBPFTargetInfo();
void LLVMInitializeBPFTargetMC();
void LLVMInitializeBPFAsmParser();
}

static Error failure(const Twine &Message) {
  return createStringError(inconvertibleErrorCode(), Message);
}

/// Runs a part of LLVM that ends the process where the text asks for something
/// that has no encoding. False, and why, if it would have.
static bool runRecovering(std::string &Why, function_ref<void()> Body) {
  CrashRecoveryContext::Enable();
  bool Done;
  {
    ScopedFatalErrorHandler Handler(
        [](void *Out, const char *Reason, bool) {
          *static_cast<std::string *>(Out) = Reason;
          CrashRecoveryContext::GetCurrent()->HandleExit(1);
        },
        &Why);
    CrashRecoveryContext Recovery;
    Done = Recovery.RunSafely(Body);
  }
  CrashRecoveryContext::Disable();
  if (!Done && Why.empty())
    Why = "LLVM's assembler crashed";
  return Done;
}

Expected<SmallVector<char, 0>>
nfpbpf::assembleBPF(StringRef text, StringRef cpu, StringRef name) {
  static const bool Initialized = [] {
    LLVMInitializeBPFTargetInfo();
    LLVMInitializeBPFTargetMC();
    LLVMInitializeBPFAsmParser();
    return true;
  }();
  (void)Initialized;

  if (cpu != "v1" && cpu != "v2" && cpu != "v3" && cpu != "v4")
    return failure("unknown eBPF level '" + cpu + "'; known are v1 to v4");

  Triple TheTriple("bpfel");
  std::string Reason;
  const Target *TheTarget = TargetRegistry::lookupTarget(TheTriple, Reason);
  if (!TheTarget)
    return failure("LLVM has no eBPF assembler: " + Reason);

  MCTargetOptions Options;
  std::unique_ptr<MCRegisterInfo> Registers(
      TheTarget->createMCRegInfo(TheTriple));
  std::unique_ptr<MCAsmInfo> AsmInfo(
      TheTarget->createMCAsmInfo(*Registers, TheTriple, Options));
  std::unique_ptr<MCInstrInfo> Instructions(TheTarget->createMCInstrInfo());
  std::unique_ptr<MCSubtargetInfo> Subtarget(
      TheTarget->createMCSubtargetInfo(TheTriple, cpu, ""));
  if (!Registers || !AsmInfo || !Instructions || !Subtarget)
    return failure("LLVM's eBPF assembler is incomplete");

  std::string Messages;
  SourceMgr Sources;
  Sources.AddNewSourceBuffer(MemoryBuffer::getMemBufferCopy(text, name),
                             SMLoc());
  Sources.setDiagHandler(
      [](const SMDiagnostic &Diag, void *Out) {
        raw_string_ostream OS(*static_cast<std::string *>(Out));
        OS << Diag.getFilename() << ':' << Diag.getLineNo() << ':'
           << Diag.getColumnNo() + 1 << ": " << Diag.getMessage() << '\n';
      },
      &Messages);

  MCContext Context(TheTriple, AsmInfo.get(), Registers.get(), Subtarget.get(),
                    &Sources, &Options);
  Context.setDiagnosticHandler([&Messages](const SMDiagnostic &Diag, bool,
                                           const SourceMgr &,
                                           std::vector<const MDNode *> &) {
    raw_string_ostream OS(Messages);
    OS << Diag.getFilename() << ':' << Diag.getLineNo() << ':'
       << Diag.getColumnNo() + 1 << ": " << Diag.getMessage() << '\n';
  });
  std::unique_ptr<MCObjectFileInfo> FileInfo(
      TheTarget->createMCObjectFileInfo(Context, /*PIC=*/false));
  Context.setObjectFileInfo(FileInfo.get());

  SmallVector<char, 0> Object;
  raw_svector_ostream OS(Object);
  std::unique_ptr<MCAsmBackend> Backend(
      TheTarget->createMCAsmBackend(*Subtarget, *Registers, Options));
  std::unique_ptr<MCCodeEmitter> Emitter(
      TheTarget->createMCCodeEmitter(*Instructions, Context));
  if (!Backend || !Emitter)
    return failure("LLVM's eBPF assembler is incomplete");
  std::unique_ptr<MCObjectWriter> Writer = Backend->createObjectWriter(OS);
  std::unique_ptr<MCStreamer> Streamer(TheTarget->createMCObjectStreamer(
      TheTriple, Context, std::move(Backend), std::move(Writer),
      std::move(Emitter), *Subtarget));

  std::unique_ptr<MCAsmParser> Parser(
      createMCAsmParser(Sources, Context, *Streamer, *AsmInfo));
  std::unique_ptr<MCTargetAsmParser> TargetParser(TheTarget->createMCAsmParser(
      *Subtarget, *Parser, *Instructions, Options));
  if (!TargetParser)
    return failure("LLVM's eBPF assembler is incomplete");
  Parser->setTargetParser(*TargetParser);
  bool Failed = false;
  std::string Fatal;
  if (!runRecovering(Fatal, [&] {
        Failed = Parser->Run(/*NoInitialTextSection=*/false);
      })) {
    // In the middle of something: not to be taken apart.
    (void)TargetParser.release();
    (void)Parser.release();
    (void)Streamer.release();
    return failure(name + ": " + Fatal +
                   "; eBPF jumps reach 32767 instructions, gotol of level v4 "
                   "further");
  }
  if (Failed || Context.hadError())
    return failure(Messages.empty() ? Twine("the assembler failed")
                                    : Twine(StringRef(Messages).rtrim()));
  return Object;
}
