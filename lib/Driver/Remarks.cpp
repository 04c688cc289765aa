//===- Remarks.cpp - What optimisations did and could not do --------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Driver/Remarks.h"
#include "RemarkCollector.h"

#include "nfpbpf/Dialect/BPF/IR/BPFLocation.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Remarks/Remark.h"
#include "llvm/Remarks/RemarkSerializer.h"
#include "llvm/Support/FormatVariadic.h"

#include <set>
#include <tuple>

using namespace nfpbpf;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Collecting
//===----------------------------------------------------------------------===//

static OptimizationRemark::Outcome outcomeOf(llvm::remarks::Type Type) {
  switch (Type) {
  case llvm::remarks::Type::Passed:
    return OptimizationRemark::Passed;
  case llvm::remarks::Type::Missed:
    return OptimizationRemark::Missed;
  case llvm::remarks::Type::Failure:
    return OptimizationRemark::Failed;
  default:
    return OptimizationRemark::Analysis;
  }
}

namespace {
class ListStreamer : public mlir::remark::detail::MLIRRemarkStreamerBase {
public:
  explicit ListStreamer(std::vector<OptimizationRemark> &List) : List(List) {}

  void streamOptimizationRemark(
      const mlir::remark::detail::Remark &Source) override {
    OptimizationRemark R;
    R.Kind = outcomeOf(Source.getRemarkType());
    R.Pass = Source.getCategoryName().str();
    R.Name = Source.getRemarkName().str();
    R.Function = Source.getFunction().str();
    R.Insn = bpf::getInsnIndex(Source.getLocation());
    if (std::optional<mlir::FileLineColLoc> Place =
            bpf::getSourceLocation(Source.getLocation())) {
      R.File = Place->getFilename().str();
      R.Line = Place->getLine();
      R.Column = Place->getColumn();
    }
    for (const mlir::remark::detail::Remark::Arg &Arg : Source.getArgs())
      R.Args.emplace_back(Arg.key, Arg.val);
    List.push_back(std::move(R));
  }

private:
  std::vector<OptimizationRemark> &List;
};
} // namespace

RemarkCollector::RemarkCollector(mlir::MLIRContext &Context, StringRef Filter,
                                 std::vector<OptimizationRemark> &List)
    : Context(Context) {
  // `all` alone enables none, and a name must match from end to end.
  mlir::remark::RemarkCategories Categories;
  Categories.passed = Categories.missed = Categories.analysis =
      Categories.failed = (".*(" + Filter + ").*").str();
  // Fails only where a streamer cannot open its file.
  (void)mlir::remark::enableOptimizationRemarks(
      Context, std::make_unique<ListStreamer>(List),
      std::make_unique<mlir::remark::RemarkEmittingPolicyAll>(), Categories);
}

RemarkCollector::~RemarkCollector() { Context.setRemarkEngine(nullptr); }

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

std::string OptimizationRemark::text() const {
  std::string Text, Reason, Suggestion;
  for (const auto &[Key, Value] : Args) {
    if (Key == "Remark")
      Text += Value;
    else if (Key == "Reason")
      Reason = ": " + Value;
    else if (Key == "Suggestion")
      Suggestion = "; " + Value;
  }
  return Text + Reason + Suggestion;
}

std::string OptimizationRemark::str() const {
  static constexpr const char *Outcomes[] = {"passed", "missed", "failed",
                                             "analysis"};
  std::string S;
  if (!File.empty())
    S += Line ? llvm::formatv("{0}:{1}:{2}: ", File, Line, Column).str()
              : File + ": ";
  S += "remark: ";
  if (Insn)
    S += llvm::formatv("instruction {0}: ", *Insn);
  return S + text() + " [" + Pass + ", " + Outcomes[Kind] + "]";
}

void nfpbpf::sortRemarks(std::vector<OptimizationRemark> &Remarks) {
  std::vector<std::pair<size_t, OptimizationRemark>> Numbered;
  Numbered.reserve(Remarks.size());
  for (auto [Index, R] : llvm::enumerate(Remarks))
    Numbered.emplace_back(Index, std::move(R));
  llvm::sort(Numbered, [](const auto &A, const auto &B) {
    return std::tie(A.second.File, A.second.Line, A.second.Column, A.first) <
           std::tie(B.second.File, B.second.Line, B.second.Column, B.first);
  });
  // A pass that runs again says the same again.
  Remarks.clear();
  std::set<std::string> Said;
  for (auto &[Index, R] : Numbered)
    if (Said.insert(R.str()).second)
      Remarks.push_back(std::move(R));
}

llvm::Error
nfpbpf::writeRemarksYAML(llvm::raw_ostream &OS,
                         llvm::ArrayRef<OptimizationRemark> Remarks) {
  llvm::Expected<std::unique_ptr<llvm::remarks::RemarkSerializer>> Serializer =
      llvm::remarks::createRemarkSerializer(llvm::remarks::Format::YAML, OS);
  if (!Serializer)
    return Serializer.takeError();
  for (const OptimizationRemark &R : Remarks) {
    llvm::remarks::Remark Out;
    switch (R.Kind) {
    case OptimizationRemark::Passed:
      Out.RemarkType = llvm::remarks::Type::Passed;
      break;
    case OptimizationRemark::Missed:
      Out.RemarkType = llvm::remarks::Type::Missed;
      break;
    case OptimizationRemark::Failed:
      Out.RemarkType = llvm::remarks::Type::Failure;
      break;
    case OptimizationRemark::Analysis:
      Out.RemarkType = llvm::remarks::Type::Analysis;
      break;
    }
    Out.PassName = R.Pass;
    Out.RemarkName = R.Name;
    Out.FunctionName = R.Function;
    if (R.Line)
      Out.Loc = llvm::remarks::RemarkLocation{R.File, R.Line, R.Column};
    // The number is a string of ours, as the record refers to it.
    const std::string Insn = R.Insn ? std::to_string(*R.Insn) : "";
    if (R.Insn)
      Out.Args.push_back(llvm::remarks::Argument("Instruction", Insn));
    for (const auto &[Key, Value] : R.Args)
      Out.Args.push_back(llvm::remarks::Argument(Key, Value));
    (*Serializer)->emit(Out);
  }
  return llvm::Error::success();
}
