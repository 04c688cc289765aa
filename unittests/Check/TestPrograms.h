//===- TestPrograms.h - Programs and engines for comparison tests -*- C++ -*-=//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_UNITTESTS_CHECK_TESTPROGRAMS_H
#define NFPBPF_UNITTESTS_CHECK_TESTPROGRAMS_H

#include "nfpbpf/Check/InterpEngine.h"
#include "nfpbpf/Check/SimEngine.h"
#include "nfpbpf/Runtime/Pcap.h"

namespace nfpbpf::check::test {

/// Assembles text in verifier syntax as an XDP program. It may use the hash map
/// "flows" (4-byte keys, 8-byte values, 16 entries).
object::LinkedProgram assemble(llvm::StringRef Text);

std::unique_ptr<InterpEngine> interpret(const object::LinkedProgram &Program);
std::unique_ptr<SimEngine> simulate(const object::LinkedProgram &Program,
                                    std::string Name = "sim");

/// Frames of 64 bytes, the first byte counting up.
std::vector<rt::Packet> makePackets(unsigned Count);

} // namespace nfpbpf::check::test

#endif // NFPBPF_UNITTESTS_CHECK_TESTPROGRAMS_H
