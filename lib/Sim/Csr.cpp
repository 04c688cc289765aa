//===- Csr.cpp - Handlers of local_csr_rd and local_csr_wr ----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NFP instruction set, sections 1.6 and 5.2.
//
//===----------------------------------------------------------------------===//

#include "Dispatch.h"
#include "nfpbpf/ISA/NFP/Text.h"

using namespace llvm;

namespace nfpbpf::sim {

/// Cycles between the write of a CSR and its first use.
constexpr unsigned CsrLatency = 3;

const MicroOp *csrReadHandler(State &S, const MicroOp *Op) {
  const isa::Instruction &I = S.Prog->Side[Op->Side].Insn;
  if (!S.Exited)
    S.Unvalidated |= UnvalidatedCsrRead;
  Value V = 0;
  switch (I.CsrAddress) {
  case isa::csr::PseudoRndNum:
    V = S.Random->next();
    break;
  case isa::csr::ActLMAddr0:
  case isa::csr::ActLMAddr1:
  case isa::csr::ActLMAddr2:
  case isa::csr::ActLMAddr3: {
    unsigned P = I.CsrAddress == isa::csr::ActLMAddr0   ? 0
                 : I.CsrAddress == isa::csr::ActLMAddr1 ? 1
                 : I.CsrAddress == isa::csr::ActLMAddr2 ? 2
                                                        : 3;
    V = S.LMReady[P] == Never ? StaleLatch : makeValue(S.LMWord[P] << 2);
    break;
  }
  case isa::csr::ActCtxStatus:
    // Running, microengine 4, this context; island and PC left 0.
    V = makeValue(1u << 31 | 4u << 3 | S.Context);
    break;
  case isa::csr::ByteIndex:
    V = S.ByteIndex;
    break;
  case isa::csr::XferIndex:
    V = S.XferIndex;
    break;
  case isa::csr::NNPut:
    V = S.NNPut;
    break;
  case isa::csr::NNGet:
    V = S.NNGet;
    break;
  case isa::csr::CRCRemainder:
    if (S.archAt(Op) < S.CrcReadable &&
        !S.fault(FaultKind::StaleCsr, Op,
                 "CRC_REMAINDER is read " +
                     Twine(S.CrcReadable - S.archAt(Op)) +
                     " cycles before the last crc has reached it"))
      return nullptr;
    V = S.CrcRemainder;
    break;
  case isa::csr::TimestampLow:
    V = makeValue(static_cast<uint32_t>(S.archAt(Op) / 16));
    break;
  case isa::csr::TimestampHgh:
    V = 0;
    break;
  default:
    S.fatal(FaultKind::Unsupported, Op,
            "read of CSR " + isa::csrName(I.CsrAddress));
    return nullptr;
  }
  S.CsrLatch = V;
  S.CsrValid = true;
  NFPSIM_NEXT(S, Op + 1);
}

const MicroOp *csrWriteHandler(State &S, const MicroOp *Op) {
  const isa::Instruction &I = S.Prog->Side[Op->Side].Insn;
  Value V;
  if (!fetch(S, Op, Op->A, V))
    return nullptr;
  if (undefOf(V)) {
    if (S.PendingIn && !checkPendingOperands(S, Op))
      return nullptr;
    if (!S.fault(FaultKind::UndefinedCsr, Op,
                 "undefined value written to CSR " +
                     isa::csrName(I.CsrAddress)))
      return nullptr;
  }
  uint64_t Ready = S.archAt(Op) + CsrLatency + 1;
  auto pointer = [&](unsigned P) {
    // What the pointer was until the write takes effect.
    S.LMOld[P] = S.LMWord[P];
    S.LMWord[P] = (bitsOf(V) >> 2) & (LMWords - 1);
    S.LMReady[P] = undefOf(V) ? Never : Ready;
  };
  auto byteIndex = [&] {
    S.ByteIndex = makeValue(bitsOf(V) & 3, undefOf(V) & 3);
    S.ByteIndexReady = Ready;
  };
  switch (I.CsrAddress) {
  case isa::csr::ActLMAddr0:
    pointer(0);
    break;
  case isa::csr::ActLMAddr2:
    pointer(2);
    break;
  case isa::csr::ActLMAddr3:
    pointer(3);
    break;
  case isa::csr::ActLMAddr0BytIdx:
    pointer(0);
    byteIndex();
    break;
  case isa::csr::ActLMAddr2BytIdx:
    pointer(2);
    byteIndex();
    break;
  case isa::csr::ActLMAddr3BytIdx:
    pointer(3);
    byteIndex();
    break;
  case isa::csr::ByteIndex:
    byteIndex();
    break;
  case isa::csr::XfrAndBytIdx:
    byteIndex();
    S.XferIndex = makeValue(bitsOf(V) & 0x3fc, undefOf(V) & 0x3fc);
    S.XferIndexReady = Ready;
    break;
  case isa::csr::XferIndex:
    S.XferIndex = makeValue(bitsOf(V) & 0x3fc, undefOf(V) & 0x3fc);
    S.XferIndexReady = Ready;
    break;
  case isa::csr::NNPut:
    S.NNPut = makeValue(bitsOf(V) & 127, undefOf(V) & 127);
    S.NNReady = Ready;
    break;
  case isa::csr::NNGet:
    S.NNGet = makeValue(bitsOf(V) & 127, undefOf(V) & 127);
    S.NNReady = Ready;
    break;
  case isa::csr::IndPredCC:
    S.PredCC = makeValue(bitsOf(V) & 15, undefOf(V) & 15);
    S.PredReady = Ready;
    break;
  case isa::csr::CRCRemainder:
    S.CrcRemainder = V;
    S.CrcReady = S.archAt(Op) + CsrLatency + 2;
    S.CrcReadable = S.CrcReady;
    break;
  case isa::csr::CmdIndirectRef0:
    S.IndirectRef0 = V;
    break;
  default:
    // The predecoder has made every other CSR a fault.
    if (!S.fault(FaultKind::FirmwareRegister, Op,
                 "write to CSR " + isa::csrName(I.CsrAddress) +
                     ", which the firmware owns"))
      return nullptr;
    break;
  }
  NFPSIM_NEXT(S, Op + 1);
}

} // namespace nfpbpf::sim
