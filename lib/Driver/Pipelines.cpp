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
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace nfpbpf;

namespace {

/// Operations that level 3 copies for ways of their own in a function.
constexpr unsigned LargeCopies = 256;
/// Operations that level 3 lets the code grow by for one subprogram.
constexpr unsigned LargeGrowth = 1024;

/// Puts passes in their order. The filter decides about those that code can do
/// without.
class PipelineBuilder {
public:
  PipelineBuilder(mlir::OpPassManager &Manager, unsigned OptLevel,
                  nfp::PassFilter IsWanted)
      : Manager(Manager), OptLevel(OptLevel), IsWanted(IsWanted) {}

  /// From the imported bpf dialect to allocated nfp code, for the profile that
  /// the conversion has; a null profile is one that could not be read, which
  /// the conversion says.
  void build(const Profile *P, uint32_t Mtu,
             std::unique_ptr<mlir::Pass> Conversion) {
    bpf::PacketBoundsOptions Bounds;
    Bounds.inlineBytes = P ? P->inlinePacketBytes() : 0;
    Bounds.mtu = Mtu;
    Manager.addPass(bpf::createPacketBounds(Bounds));
    optional(1, mlir::createCanonicalizerPass());
    optional(2, inlining());
    optional(1, mlir::createSCCPPass());
    cleanUp();
    optional(2, bpf::createNarrowSubregisters());
    cleanUp(2);
    optional(2, specialization());
    optional(2, mapPlacement(P));
    optional(2, bpf::createPromoteStack());
    cleanUp(2);
    optional(2, bpf::createOrderChecks());
    optional(2, bpf::createDecideBranches());
    optional(2, bpf::createFuseMemcpy());
    cleanUp(2);
    optional(2, bpf::createPromotePacketCache());
    optional(1, bpf::createCombineBytes());
    optional(2, bpf::createFuseMemcpy());
    cleanUp(2);
    optional(2, bpf::createChooseVerdicts());
    // Once more, for what was put together from bytes.
    optional(2, bpf::createNarrowSubregisters());
    cleanUp(2);
    Manager.addPass(std::move(Conversion));
    nfp::buildMachinePipeline(Manager, IsWanted);
  }

private:
  /// Not made with its options: a release build of MLIR leaves the statistics
  /// of such a pass uninitialised.
  static std::unique_ptr<mlir::Pass>
  withOptions(std::unique_ptr<mlir::Pass> Pass, const std::string &Options) {
    if (failed(Pass->initializeOptions(
            Options, [](const llvm::Twine &) { return mlir::failure(); })))
      llvm_unreachable("the pass has these options");
    return Pass;
  }
  std::unique_ptr<mlir::Pass> specialization() const {
    std::unique_ptr<mlir::Pass> Pass = bpf::createSpecializePaths();
    if (OptLevel < 3)
      return Pass;
    return withOptions(std::move(Pass),
                       "max-copied=" + std::to_string(LargeCopies));
  }
  std::unique_ptr<mlir::Pass> inlining() const {
    std::unique_ptr<mlir::Pass> Pass = bpf::createInlineSubprograms();
    if (OptLevel < 3)
      return Pass;
    return withOptions(std::move(Pass),
                       "max-growth=" + std::to_string(LargeGrowth));
  }
  static std::unique_ptr<mlir::Pass> mapPlacement(const Profile *P) {
    std::string Options;
    if (P && P->Maps && !P->Maps->CompleteArrays)
      Options += " complete-arrays=false";
    if (P && P->Maps && P->Maps->ArrayAddresses)
      Options += " array-addresses=true";
    return withOptions(bpf::createPlaceMaps(), Options);
  }
  void optional(unsigned FromLevel, std::unique_ptr<mlir::Pass> Pass) {
    if (IsWanted(Pass->getArgument(), FromLevel))
      Manager.addPass(std::move(Pass));
  }
  void cleanUp(unsigned FromLevel = 1) {
    optional(FromLevel, mlir::createCSEPass());
    optional(FromLevel, mlir::createCanonicalizerPass());
  }

  mlir::OpPassManager &Manager;
  unsigned OptLevel;
  nfp::PassFilter IsWanted;
};

} // namespace

void nfpbpf::buildPipeline(mlir::OpPassManager &Manager, const Profile &P,
                           const PipelineSettings &Settings) {
  auto IsWanted = [&](llvm::StringRef Name, unsigned FromLevel) {
    return Settings.OptLevel >= FromLevel &&
           !llvm::is_contained(Settings.DisabledPasses, Name);
  };
  PipelineBuilder(Manager, Settings.OptLevel, IsWanted)
      .build(&P, Settings.Mtu, createConvertBPFToNFPPass(P));
}

std::vector<std::string> nfpbpf::getOptionalPasses() {
  std::vector<std::string> Names;
  auto IsWanted = [&](llvm::StringRef Name, unsigned) {
    if (!llvm::is_contained(Names, Name))
      Names.push_back(Name.str());
    return false;
  };
  mlir::OpPassManager Unused;
  PipelineBuilder(Unused, MaxOptLevel, IsWanted)
      .build(nullptr, DefaultMtu, createConvertBPFToNFP());
  return Names;
}

llvm::Error nfpbpf::checkDisabledPasses(llvm::ArrayRef<std::string> Names) {
  std::vector<std::string> Known = getOptionalPasses();
  for (const std::string &Name : Names)
    if (!llvm::is_contained(Known, Name))
      return llvm::createStringError("no pass '" + Name +
                                     "' that can be disabled; there are " +
                                     llvm::join(Known, ", "));
  return llvm::Error::success();
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
  ListOption<std::string> DisabledPasses{
      *this, "disable-pass", llvm::cl::desc("Passes to leave out, by name")};
};
} // namespace

template <unsigned OptLevel>
static void registerLevel(llvm::StringRef Name, llvm::StringRef Description) {
  mlir::PassPipelineRegistration<NamedPipelineOptions>(
      Name, Description,
      [](mlir::OpPassManager &Manager, const NamedPipelineOptions &Options) {
        // An unknown profile is an error of the conversion.
        std::optional<Profile> Known;
        if (llvm::Expected<Profile> P = loadProfile(Options.ProfileName))
          Known = std::move(*P);
        else
          llvm::consumeError(P.takeError());
        ConvertBPFToNFPOptions Conversion;
        Conversion.profile = Options.ProfileName;
        auto IsWanted = [&](llvm::StringRef Pass, unsigned FromLevel) {
          return OptLevel >= FromLevel &&
                 !llvm::is_contained(Options.DisabledPasses, Pass);
        };
        PipelineBuilder(Manager, OptLevel, IsWanted)
            .build(Known ? &*Known : nullptr, Options.Mtu,
                   createConvertBPFToNFP(Conversion));
      });
}

void nfpbpf::registerPipelines() {
  registerLevel<0>("bpf-to-nfp-O0",
                   "Imported bpf code to allocated nfp code, as it stands");
  registerLevel<1>("bpf-to-nfp-O1",
                   "Imported bpf code to allocated nfp code, after clean-up");
  registerLevel<2>("bpf-to-nfp-O2",
                   "Imported bpf code to allocated nfp code, optimised");
  registerLevel<3>("bpf-to-nfp-O3", "Imported bpf code to allocated nfp code, "
                                    "optimised without regard to size");
}
