//===- ArithmeticTest.cpp - Arithmetic against the host's -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every integer operation on edge values, compiled and run on the simulator,
// compared with the host's arithmetic: with both operands unknown, with a
// constant on the right, and with a constant on the left.
//
//===----------------------------------------------------------------------===//

#include "TestMachine.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include "gtest/gtest.h"

#include <functional>

using namespace nfpbpf::test;

namespace {

const uint64_t Edges[] = {0,
                          1,
                          2,
                          3,
                          7,
                          10,
                          14,
                          28,
                          31,
                          32,
                          33,
                          63,
                          64,
                          127,
                          128,
                          255,
                          256,
                          641,
                          1000,
                          0x7fff,
                          0x8000,
                          0xff00,
                          0xffff,
                          0x10000,
                          0x00ff00ff,
                          0x7fffffff,
                          0x80000000,
                          0x80000001,
                          0xffffff00,
                          0xffffffff,
                          0x100000000,
                          0x123456789abcdef0,
                          0x7fffffffffffffff,
                          0x8000000000000000,
                          0xffffffff00000000,
                          0xfedcba9876543210,
                          0xffffffffffffff01,
                          0xffffffffffffff00,
                          0xfffffffffffffffe,
                          0xffffffffffffffff};

struct Operation {
  std::string name;
  /// IR text; %a and %b are the operands, %r the result, all of type T.
  std::string text;
  std::function<uint64_t(uint64_t, uint64_t, unsigned)> value;
};

int64_t sext(uint64_t x, unsigned w) { return llvm::SignExtend64(x, w); }

std::vector<Operation> operationsFor(unsigned width) {
  using U = uint64_t;
  std::vector<Operation> list;
  auto binary = [&](const char *name, std::function<U(U, U, unsigned)> value) {
    list.push_back({name, llvm::formatv("%r = {0} %a, %b : T\n", name), value});
  };
  binary("arith.addi", [](U a, U b, unsigned) { return a + b; });
  binary("arith.subi", [](U a, U b, unsigned) { return a - b; });
  binary("arith.muli", [](U a, U b, unsigned) { return a * b; });
  binary("arith.andi", [](U a, U b, unsigned) { return a & b; });
  binary("arith.ori", [](U a, U b, unsigned) { return a | b; });
  binary("arith.xori", [](U a, U b, unsigned) { return a ^ b; });
  binary("arith.maxui", [](U a, U b, unsigned) { return std::max(a, b); });
  binary("arith.minui", [](U a, U b, unsigned) { return std::min(a, b); });
  binary("arith.maxsi", [](U a, U b, unsigned w) {
    return U(std::max(sext(a, w), sext(b, w)));
  });
  binary("arith.minsi", [](U a, U b, unsigned w) {
    return U(std::min(sext(a, w), sext(b, w)));
  });
  auto shift = [&](const char *name, std::function<U(U, U, unsigned)> value) {
    list.push_back({name,
                    llvm::formatv("%m = arith.constant {0} : T\n"
                                  "%n = arith.andi %b, %m : T\n"
                                  "%r = {1} %a, %n : T\n",
                                  width - 1, name),
                    value});
  };
  shift("arith.shli", [](U a, U b, unsigned w) { return a << (b & (w - 1)); });
  shift("arith.shrui", [](U a, U b, unsigned w) { return a >> (b & (w - 1)); });
  shift("arith.shrsi",
        [](U a, U b, unsigned w) { return U(sext(a, w) >> (b & (w - 1))); });
  if (width >= 32) {
    binary("bpf.udiv", [](U a, U b, unsigned) { return b ? a / b : 0; });
    binary("bpf.umod", [](U a, U b, unsigned) { return b ? a % b : a; });
    binary("bpf.sdiv", [](U a, U b, unsigned w) {
      if (b == 0)
        return U(0);
      if (sext(b, w) == -1)
        return 0 - a;
      return U(sext(a, w) / sext(b, w));
    });
    binary("bpf.smod", [](U a, U b, unsigned w) {
      if (b == 0)
        return a;
      if (sext(b, w) == -1)
        return U(0);
      return U(sext(a, w) % sext(b, w));
    });
  }
  if (width >= 16)
    list.push_back(
        {"bpf.bswap", "%r = bpf.bswap %a : T\n",
         [](U a, U, unsigned w) { return llvm::byteswap(a) >> (64 - w); }});
  struct Predicate {
    const char *name;
    std::function<bool(U, U, unsigned)> value;
  };
  const Predicate predicates[] = {
      {"eq", [](U a, U b, unsigned) { return a == b; }},
      {"ne", [](U a, U b, unsigned) { return a != b; }},
      {"ult", [](U a, U b, unsigned) { return a < b; }},
      {"ule", [](U a, U b, unsigned) { return a <= b; }},
      {"ugt", [](U a, U b, unsigned) { return a > b; }},
      {"uge", [](U a, U b, unsigned) { return a >= b; }},
      {"slt", [](U a, U b, unsigned w) { return sext(a, w) < sext(b, w); }},
      {"sle", [](U a, U b, unsigned w) { return sext(a, w) <= sext(b, w); }},
      {"sgt", [](U a, U b, unsigned w) { return sext(a, w) > sext(b, w); }},
      {"sge", [](U a, U b, unsigned w) { return sext(a, w) >= sext(b, w); }},
  };
  for (const Predicate &p : predicates) {
    auto value = p.value;
    list.push_back(
        {std::string("value of cmpi ") + p.name,
         llvm::formatv("%c = arith.cmpi {0}, %a, %b : T\n"
                       "%r = arith.extui %c : i1 to T\n",
                       p.name),
         [value](U a, U b, unsigned w) { return U(value(a, b, w)); }});
    list.push_back(
        {std::string("branch on cmpi ") + p.name,
         llvm::formatv("%c = arith.cmpi {0}, %a, %b : T\n"
                       "%r = arith.select %c, %a, %b : T\n",
                       p.name),
         [value](U a, U b, unsigned w) { return value(a, b, w) ? a : b; }});
  }
  list.push_back({"branch on bits in common",
                  "%z = arith.constant 0 : T\n"
                  "%m = arith.andi %a, %b : T\n"
                  "%c = arith.cmpi ne, %m, %z : T\n"
                  "%r = arith.select %c, %a, %b : T\n",
                  [](U a, U b, unsigned) { return (a & b) ? a : b; }});
  list.push_back({"negated branch",
                  "%t = arith.constant true\n"
                  "%c = arith.cmpi ult, %a, %b : T\n"
                  "%x = arith.xori %c, %t : i1\n"
                  "%r = arith.select %x, %a, %b : T\n",
                  [](U a, U b, unsigned) { return a < b ? b : a; }});
  for (unsigned other : {8u, 16u, 32u, 64u}) {
    if (other >= width)
      continue;
    list.push_back({llvm::formatv("zero extension from i{0}", other),
                    llvm::formatv("%s = arith.addi %a, %b : T\n"
                                  "%n = arith.trunci %s : T to i{0}\n"
                                  "%r = arith.extui %n : i{0} to T\n",
                                  other),
                    [other](U a, U b, unsigned) {
                      return (a + b) & llvm::maskTrailingOnes<U>(other);
                    }});
    list.push_back(
        {llvm::formatv("sign extension from i{0}", other),
         llvm::formatv("%s = arith.addi %a, %b : T\n"
                       "%n = arith.trunci %s : T to i{0}\n"
                       "%r = arith.extsi %n : i{0} to T\n",
                       other),
         [other](U a, U b, unsigned) { return U(sext(a + b, other)); }});
  }
  return list;
}

constexpr unsigned FirstResult = 32;

/// Packet: operand a at 0, b at 8, results from 32 on, 8 bytes apart. `first`
/// and `second` define %a and %b.
std::string programFor(llvm::ArrayRef<Operation> operations, unsigned width,
                       const std::string &first, const std::string &second) {
  std::string text =
      "bpf.func @main(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = "
      "#bpf.prog_type<xdp>} {\n  %d = bpf.packet_data %ctx\n";
  text += first + second;
  for (size_t i = 0; i < operations.size(); ++i) {
    std::string body = operations[i].text;
    // Names of their own for every operation.
    for (const char *name : {"r", "m", "n", "c", "z", "t", "x", "s"}) {

      for (std::string suffix : {" ", ",", "\n"}) {
        std::string needle = std::string("%") + name + suffix;
        size_t at = 0;
        while ((at = body.find(needle, at)) != std::string::npos) {
          std::string with = llvm::formatv("%{0}{1}{2}", name, i, suffix).str();
          body.replace(at, needle.size(), with);
          at += with.size();
        }
      }
    }
    text += body;
    text += llvm::formatv("  bpf.store %r{0}, %d[{1}] : T, !bpf.ptr<packet>\n",
                          i, FirstResult + 8 * i);
  }
  text += "  %pass = arith.constant 2 : i64\n  bpf.return %pass : i64\n}\n";
  // The type, where it stands alone.
  std::string type = llvm::formatv("i{0}", width).str(), result;
  for (size_t i = 0; i < text.size(); ++i) {
    bool alone = text[i] == 'T' && (i == 0 || !llvm::isAlnum(text[i - 1])) &&
                 (i + 1 == text.size() || !llvm::isAlnum(text[i + 1]));
    if (alone)
      result += type;
    else
      result += text[i];
  }
  return result;
}

void put(std::vector<uint8_t> &packet, size_t at, uint64_t value,
         unsigned bytes) {
  for (unsigned k = 0; k < bytes; ++k)
    packet[at + k] = static_cast<uint8_t>(value >> (8 * k));
}

uint64_t take(llvm::ArrayRef<uint8_t> packet, size_t at, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned k = 0; k < bytes; ++k)
    value |= uint64_t(packet[at + k]) << (8 * k);
  return value;
}

class Arithmetic : public testing::TestWithParam<unsigned> {
protected:
  void check(TestMachine &machine, llvm::ArrayRef<Operation> operations,
             uint64_t a, uint64_t b) {
    unsigned width = GetParam();
    uint64_t mask = llvm::maskTrailingOnes<uint64_t>(width);
    a &= mask;
    b &= mask;
    std::vector<uint8_t> packet(FirstResult + 8 * operations.size(), 0xa5);
    put(packet, 0, a, 8);
    put(packet, 8, b, 8);
    std::vector<uint8_t> after = machine.run(packet);
    ASSERT_FALSE(after.empty()) << machine.error();
    for (size_t i = 0; i < operations.size(); ++i)
      EXPECT_EQ(take(after, FirstResult + 8 * i, width / 8),
                operations[i].value(a, b, width) & mask)
          << operations[i].name << " of i" << width << ": a = " << a
          << ", b = " << b;
  }

  std::string loadOf(const char *name, unsigned offset) {
    return llvm::formatv("  %{0} = bpf.load %d[{1}] : !bpf.ptr<packet> -> T\n",
                         name, offset);
  }
  std::string constantOf(const char *name, uint64_t value) {
    return llvm::formatv("  %{0} = arith.constant {1} : T\n", name,
                         sext(value, GetParam()));
  }
};

TEST_P(Arithmetic, BothUnknown) {
  std::vector<Operation> operations = operationsFor(GetParam());
  for (unsigned level : {0u, 1u}) {
    TestMachine machine;
    ASSERT_TRUE(machine.load(
        programFor(operations, GetParam(), loadOf("a", 0), loadOf("b", 8)),
        level))
        << machine.error();
    for (uint64_t a : Edges)
      for (uint64_t b : Edges) {
        check(machine, operations, a, b);
        if (HasFatalFailure())
          return;
      }
  }
}

TEST_P(Arithmetic, ConstantRight) {
  std::vector<Operation> operations = operationsFor(GetParam());
  TestMachine machine;
  for (uint64_t b : Edges) {
    ASSERT_TRUE(machine.load(
        programFor(operations, GetParam(), loadOf("a", 0), constantOf("b", b)),
        0))
        << machine.error();
    for (uint64_t a : Edges) {
      check(machine, operations, a, b);
      if (HasFatalFailure())
        return;
    }
  }
}

TEST_P(Arithmetic, ConstantLeft) {
  std::vector<Operation> operations = operationsFor(GetParam());
  TestMachine machine;
  for (uint64_t a : Edges) {
    ASSERT_TRUE(machine.load(
        programFor(operations, GetParam(), constantOf("a", a), loadOf("b", 8)),
        0))
        << machine.error();
    for (uint64_t b : Edges) {
      check(machine, operations, a, b);
      if (HasFatalFailure())
        return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, Arithmetic, testing::Values(8u, 16u, 32u, 64u),
                         [](const testing::TestParamInfo<unsigned> &info) {
                           return "i" + std::to_string(info.param);
                         });

} // namespace
