//===- ConvertArith.cpp - Numbers and pointers as numbers -----------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

using namespace mlir;
using namespace nfpbpf;
using Predicate = LLVM::ICmpPredicate;

namespace {

/// Divisions: the divisor is replaced where LLVM's result is undefined.
template <typename OpT, typename DivOpT, bool IsSigned, bool IsRemainder>
struct DivisionPattern : public BPFPattern<OpT> {
  using BPFPattern<OpT>::BPFPattern;

  LogicalResult
  matchAndRewrite(OpT op, typename OpT::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    Value lhs = adaptor.getLhs(), rhs = adaptor.getRhs();
    unsigned bits = lhs.getType().getIntOrFloatBitWidth();
    Value zero = b.constant(0, bits), one = b.constant(1, bits);
    Value byZero = b.compare(Predicate::eq, rhs, zero);
    Value divisor = b.select(byZero, one, rhs);
    // The smallest number divided by -1 does not fit; the quotient wraps.
    Value byMinusOne;
    if (IsSigned) {
      byMinusOne = b.compare(Predicate::eq, rhs, b.constant(~0ull, bits));
      divisor = b.select(byMinusOne, one, divisor);
    }
    Value result = DivOpT::create(rewriter, op.getLoc(), lhs, divisor);
    if (IsSigned)
      result =
          b.select(byMinusOne, IsRemainder ? zero : b.sub(zero, lhs), result);
    rewriter.replaceOp(op, b.select(byZero, IsRemainder ? lhs : zero, result));
    return success();
  }
};

struct BswapPattern : public BPFPattern<bpf::BswapOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::BswapOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    rewriter.replaceOp(op, b.byteSwap(adaptor.getValue()));
    return success();
  }
};

struct NullPattern : public BPFPattern<bpf::NullOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::NullOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    rewriter.replaceOp(op, b.constant(0));
    return success();
  }
};

struct IsNullPattern : public BPFPattern<bpf::IsNullOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::IsNullOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    rewriter.replaceOp(op, b.isZero(adaptor.getPtr()));
    return success();
  }
};

struct PtrAddPattern : public BPFPattern<bpf::PtrAddOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::PtrAddOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    rewriter.replaceOp(op, b.add(adaptor.getPtr(), adaptor.getOffset()));
    return success();
  }
};

struct PtrDiffPattern : public BPFPattern<bpf::PtrDiffOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::PtrDiffOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    rewriter.replaceOp(op, b.sub(adaptor.getLhs(), adaptor.getRhs()));
    return success();
  }
};

} // namespace

static Predicate predicateOf(bpf::PtrPred predicate) {
  switch (predicate) {
  case bpf::PtrPred::Eq:
    return Predicate::eq;
  case bpf::PtrPred::Ne:
    return Predicate::ne;
  case bpf::PtrPred::Ult:
    return Predicate::ult;
  case bpf::PtrPred::Ule:
    return Predicate::ule;
  case bpf::PtrPred::Ugt:
    return Predicate::ugt;
  case bpf::PtrPred::Uge:
    return Predicate::uge;
  }
  llvm_unreachable("covered");
}

namespace {

struct PtrCmpPattern : public BPFPattern<bpf::PtrCmpOp> {
  using BPFPattern::BPFPattern;

  LogicalResult
  matchAndRewrite(bpf::PtrCmpOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    HostBuilder b(rewriter, op.getLoc());
    rewriter.replaceOp(op, b.compare(predicateOf(op.getPredicate()),
                                     adaptor.getLhs(), adaptor.getRhs()));
    return success();
  }
};

/// Pointers are numbers.
template <typename OpT>
struct CastPattern : public BPFPattern<OpT> {
  using BPFPattern<OpT>::BPFPattern;

  LogicalResult
  matchAndRewrite(OpT op, typename OpT::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, adaptor.getOperands()[0]);
    return success();
  }
};

} // namespace

void nfpbpf::populateArithPatterns(const TypeConverter &converter,
                                   const ModuleFacts &facts,
                                   RewritePatternSet &patterns) {
  patterns.add<DivisionPattern<bpf::UDivOp, LLVM::UDivOp, false, false>,
               DivisionPattern<bpf::UModOp, LLVM::URemOp, false, true>,
               DivisionPattern<bpf::SDivOp, LLVM::SDivOp, true, false>,
               DivisionPattern<bpf::SModOp, LLVM::SRemOp, true, true>,
               BswapPattern, NullPattern, IsNullPattern, PtrAddPattern,
               PtrDiffPattern, PtrCmpPattern, CastPattern<bpf::PtrToIntOp>,
               CastPattern<bpf::IntToPtrOp>>(converter, patterns.getContext(),
                                             facts);
}
