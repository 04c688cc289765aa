//===- Pipelines.cpp - The compiler's passes in order ---------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Driver/Driver.h"

#include "nfpbpf/Conversion/Passes.h"
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"
#include "nfpbpf/Dialect/NFP/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace nfpbpf;

/// What runs on the bpf dialect.
static void addPreparation(mlir::OpPassManager &Manager, unsigned OptLevel,
                           uint32_t InlineBytes, uint32_t Mtu) {
  bpf::PacketBoundsOptions Bounds;
  Bounds.inlineBytes = InlineBytes;
  Bounds.mtu = Mtu;
  Manager.addPass(bpf::createPacketBounds(Bounds));
  if (OptLevel == 0)
    return;
  Manager.addPass(mlir::createCanonicalizerPass());
  Manager.addPass(mlir::createSCCPPass());
  Manager.addPass(mlir::createCSEPass());
  Manager.addPass(mlir::createCanonicalizerPass());
}

void nfpbpf::buildPipeline(mlir::OpPassManager &Manager, const Profile &P,
                           unsigned OptLevel, uint32_t Mtu) {
  addPreparation(Manager, OptLevel, P.inlinePacketBytes(), Mtu);
  Manager.addPass(createConvertBPFToNFPPass(P));
  nfp::buildMachinePipeline(Manager, OptLevel);
}

namespace {
struct NamedPipelineOptions
    : public mlir::PassPipelineOptions<NamedPipelineOptions> {
  Option<std::string> ProfileName{
      *this, "profile",
      llvm::cl::desc("Firmware profile: a shipped one by name, or a YAML file "
                     "(default: the first shipped one)")};
  Option<uint32_t> Mtu{*this, "mtu",
                       llvm::cl::desc("MTU of the port the program runs on"),
                       llvm::cl::init(DefaultMtu)};
};
} // namespace

template <unsigned OptLevel>
static void registerLevel(llvm::StringRef Name, llvm::StringRef Description) {
  mlir::PassPipelineRegistration<NamedPipelineOptions>(
      Name, Description,
      [](mlir::OpPassManager &Manager, const NamedPipelineOptions &Options) {
        // An unknown profile is an error of the conversion.
        uint32_t InlineBytes = 0;
        if (llvm::Expected<Profile> P = loadProfile(Options.ProfileName))
          InlineBytes = P->inlinePacketBytes();
        else
          llvm::consumeError(P.takeError());
        addPreparation(Manager, OptLevel, InlineBytes, Options.Mtu);
        ConvertBPFToNFPOptions Conversion;
        Conversion.profile = Options.ProfileName;
        Manager.addPass(createConvertBPFToNFP(Conversion));
        nfp::buildMachinePipeline(Manager, OptLevel);
      });
}

void nfpbpf::registerPipelines() {
  registerLevel<0>("bpf-to-nfp-O0",
                   "Imported bpf code to allocated nfp code, as it stands");
  registerLevel<1>("bpf-to-nfp-O1",
                   "Imported bpf code to allocated nfp code, after clean-up");
}
