//===- BPFToNFP.cpp - From bpf to nfp -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: maps with the uses of their words, every function translated, the
// profile's limits recorded for the passes that follow.
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Conversion/Passes.h"
#include "nfpbpf/Dialect/BPF/Transforms/Passes.h"

#include "FunctionLowering.h"
#include "ReportMaps.h"
#include "nfpbpf/Dialect/BPF/Analysis/PointerAnalysis.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/MathExtras.h"

namespace nfpbpf {
#define GEN_PASS_DEF_CONVERTBPFTONFP
#include "nfpbpf/Conversion/Passes.h.inc"
} // namespace nfpbpf

using namespace mlir;
using namespace nfpbpf;
using namespace nfpbpf::convert;

static void convertMaps(ModuleOp module, const PointerAnalysis &pointers) {
  for (auto [index, map] : llvm::enumerate(pointers.maps())) {
    OpBuilder b(map);
    SmallVector<int8_t> uses;
    for (WordUse use : pointers.usesOf(index))
      uses.push_back(static_cast<int8_t>(use));
    bpf::MapOp source = map;
    auto i32 = [&](uint32_t value) {
      return b.getI32IntegerAttr(static_cast<int32_t>(value));
    };
    nfp::MapOp::create(b, source.getLoc(), source.getSymNameAttr(),
                       i32(source.getMapType()), i32(source.getKeySize()),
                       i32(source.getValueSize()), i32(source.getMaxEntries()),
                       i32(source.getFlags()), i32(source.getIndex()),
                       b.getDenseI8ArrayAttr(uses));
  }
}

/// Values above this have no place on any card, whatever the map's type.
static constexpr uint64_t MaxAnyValueSize = 1u << 20;

/// Maps must fit the firmware's limits, as the driver checks them when it makes
/// them. Maps of types that the firmware does not have are refused where they
/// are used, and perf event arrays live on the host.
static LogicalResult checkMapLimits(ModuleOp module, const Profile &profile) {
  if (!profile.Maps)
    return success();
  const MapLimits &limits = *profile.Maps;
  uint64_t elements = 0, count = 0;
  for (auto map : module.getOps<bpf::MapOp>()) {
    auto check = [&](const char *what, uint64_t is, uint64_t limit,
                     const ProfileNeeds *needs = nullptr) -> LogicalResult {
      if (is <= limit)
        return success();
      std::string larger =
          needs ? findProfileFor(*needs, profile.Name) : std::string();
      // Where the program first names the map, if reachable code does.
      std::optional<SymbolTable::UseRange> users =
          SymbolTable::getSymbolUses(map, module);
      const bool isUsed = users && !users->empty();
      InFlightDiagnostic diagnostic = emitError(
          isUsed ? users->begin()->getUser()->getLoc() : map.getLoc());
      diagnostic << "map '" << map.getSymName() << "' has " << what << ' ' << is
                 << ", firmware profile '" << profile.Name << "' takes at most "
                 << limit << " (" << is - limit << " too many)";
      if (!larger.empty())
        diagnostic << "; profile '" << larger << "' has room";
      diagnostic.attachNote(map.getLoc()) << "map declared here";
      return diagnostic;
    };
    if (!limits.allowsType(map.getMapType())) {
      if (failed(check("a value size of", map.getValueSize(), MaxAnyValueSize)))
        return failure();
      continue;
    }
    const uint64_t key = llvm::alignTo<8>(uint64_t(map.getKeySize()));
    const uint64_t value = llvm::alignTo<8>(uint64_t(map.getValueSize()));
    elements += map.getMaxEntries();
    ++count;
    ProfileNeeds needs;
    needs.KeySize = map.getKeySize();
    needs.ValueSize = map.getValueSize();
    needs.ElemSize = static_cast<uint32_t>(key + value);
    needs.Elems = elements;
    needs.MapCount = static_cast<uint32_t>(count);
    if (failed(check("a key size of", map.getKeySize(), limits.MaxKeySize,
                     &needs)) ||
        failed(check("a value size of", map.getValueSize(), limits.MaxValueSize,
                     &needs)) ||
        failed(check("a size of key and value, each rounded up to 8, of",
                     key + value, limits.MaxElemSize, &needs)) ||
        failed(check("entries that bring the program's maps to", elements,
                     limits.MaxElems, &needs)) ||
        failed(check("a place in the program's list of", count, limits.MaxMaps,
                     &needs)))
      return failure();
  }
  return success();
}

LogicalResult nfpbpf::convertBPFToNFP(ModuleOp module, const Profile &profile) {
  if (failed(checkMapLimits(module, profile)))
    return failure();
  PointerAnalysis pointers(module);
  reportMaps(module, pointers);
  ModuleContext context{profile, pointers};
  for (auto func : module.getOps<bpf::FuncOp>())
    if (func.isEntry()) {
      context.progType = *func.getProgType();
      break;
    }

  SmallVector<bpf::FuncOp> functions(module.getOps<bpf::FuncOp>());
  SmallVector<nfp::FuncOp> made;
  bool ok = true;
  for (bpf::FuncOp func : functions) {
    FailureOr<nfp::FuncOp> result = FunctionLowering(func, context).run();
    if (failed(result)) {
      // One error per function; a subprogram's errors are worth knowing too.
      ok = false;
      continue;
    }
    made.push_back(*result);
  }
  if (!ok) {
    for (nfp::FuncOp func : made)
      func.erase();
    return failure();
  }

  convertMaps(module, pointers);
  for (bpf::FuncOp func : functions)
    func.erase();
  SmallVector<bpf::MapOp> maps(module.getOps<bpf::MapOp>());
  for (bpf::MapOp map : maps)
    map.erase();
  Builder b(module.getContext());
  module->setAttr(nfp::NFPDialect::kProfileAttr, b.getStringAttr(profile.Name));
  module->setAttr(nfp::NFPDialect::kStackLimitAttr,
                  b.getI64IntegerAttr(profile.StackBytes));
  module->setAttr(nfp::NFPDialect::kCodeLimitAttr,
                  b.getI64IntegerAttr(profile.MaxLength));
  if (Attribute offset = module->removeAttr(bpf::kMaxPacketOffsetAttr))
    module->setAttr(nfp::NFPDialect::kMaxPacketOffsetAttr, offset);
  return success();
}

namespace {
struct ConvertBPFToNFPPass
    : nfpbpf::impl::ConvertBPFToNFPBase<ConvertBPFToNFPPass> {
  using Base::Base;
  ConvertBPFToNFPPass(const Profile &given) : fixed(given) {}

  void runOnOperation() override {
    if (fixed) {
      if (failed(convertBPFToNFP(getOperation(), *fixed)))
        signalPassFailure();
      return;
    }
    llvm::Expected<Profile> loaded = loadProfile(profile);
    if (!loaded) {
      emitError(getOperation().getLoc()) << llvm::toString(loaded.takeError());
      return signalPassFailure();
    }
    if (failed(convertBPFToNFP(getOperation(), *loaded)))
      signalPassFailure();
  }

  std::optional<Profile> fixed;
};
} // namespace

std::unique_ptr<Pass>
nfpbpf::createConvertBPFToNFPPass(const Profile &profile) {
  return std::make_unique<ConvertBPFToNFPPass>(profile);
}
