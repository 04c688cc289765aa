//===- Fault.cpp - Hazards the simulator reports --------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Sim/Fault.h"
#include "State.h"

using namespace llvm;

namespace nfpbpf::sim {

StringRef stringifyFaultKind(FaultKind Kind) {
  switch (Kind) {
  case FaultKind::BadEcc:
    return "bad-ecc";
  case FaultKind::Undecodable:
    return "undecodable";
  case FaultKind::Unsupported:
    return "unsupported";
  case FaultKind::PastEnd:
    return "past-end";
  case FaultKind::BadTarget:
    return "bad-target";
  case FaultKind::InstructionLimit:
    return "instruction-limit";
  case FaultKind::SameKindOperands:
    return "same-kind-operands";
  case FaultKind::BranchInDefer:
    return "branch-in-defer";
  case FaultKind::DeferLimit:
    return "defer-limit";
  case FaultKind::StaleLMPointer:
    return "stale-lm-pointer";
  case FaultKind::StaleCsr:
    return "stale-csr";
  case FaultKind::StaleShiftAmount:
    return "stale-shift-amount";
  case FaultKind::StaleSign:
    return "stale-result";
  case FaultKind::DoubleShiftAmount:
    return "double-shift-amount";
  case FaultKind::ByteAlignState:
    return "byte-align-state";
  case FaultKind::MulSequence:
    return "mul-sequence";
  case FaultKind::CsrReadNotTaken:
    return "csr-read-not-taken";
  case FaultKind::UndefinedAddress:
    return "undefined-address";
  case FaultKind::UndefinedBranch:
    return "undefined-branch";
  case FaultKind::UndefinedCsr:
    return "undefined-csr";
  case FaultKind::UndefinedStore:
    return "undefined-store";
  case FaultKind::UndefinedArgument:
    return "undefined-argument";
  case FaultKind::UndefinedExit:
    return "undefined-exit";
  case FaultKind::ReadBeforeSignal:
    return "read-before-signal";
  case FaultKind::TransferOverwritten:
    return "transfer-overwritten";
  case FaultKind::SignalReused:
    return "signal-reused";
  case FaultKind::SignalNeverSent:
    return "signal-never-sent";
  case FaultKind::MemoryOrder:
    return "memory-order";
  case FaultKind::PacketAccess:
    return "packet-access";
  case FaultKind::MapAccess:
    return "map-access";
  case FaultKind::MapReadOnly:
    return "map-read-only";
  case FaultKind::LocalMemoryAccess:
    return "local-memory-access";
  case FaultKind::Unaligned:
    return "unaligned";
  case FaultKind::AtomicOrder:
    return "atomic-order";
  case FaultKind::AmbiguousImmediate:
    return "ambiguous-immediate";
  case FaultKind::CommandTarget:
    return "command-target";
  case FaultKind::FirmwareRegister:
    return "firmware-register";
  case FaultKind::PacketVector:
    return "packet-vector";
  case FaultKind::HelperArgument:
    return "helper-argument";
  case FaultKind::ExitWord:
    return "exit-word";
  case FaultKind::PacketWindow:
    return "packet-window";
  }
  return "unknown";
}

std::string Fault::str() const {
  return ("word " + Twine(Word) + ": " + stringifyFaultKind(Kind) + ": " + Text)
      .str();
}

bool State::fault(FaultKind Kind, const MicroOp *Op, const Twine &Text) {
  ++ME->Stats.Faults;
  ++ME->Stats.FaultsByKind[static_cast<unsigned>(Kind)];
  ++PacketFaults;
  // An entry point has no word: the instruction that went there has.
  const MicroOp *Place = Op;
  if (Op->IsPseudo && Op->Word >= Prog->Words) {
    if (RunStart < Op && Op == &Prog->Ops[Prog->Words])
      Place = Op - 1;
    else if (LastOp)
      Place = LastOp;
  }
  if (ME->Faults.size() < ME->Options.KeepFaults)
    ME->Faults.push_back({Kind, Place->Word, PacketNumber, Text.str()});
  if (!ME->Options.StopOnFault)
    return true;
  Stopped = true;
  StopOp = Op;
  return false;
}

void State::fatal(FaultKind Kind, const MicroOp *Op, const Twine &Text) {
  fault(Kind, Op, Text);
  Stopped = true;
  StopOp = Op;
}

} // namespace nfpbpf::sim
