//===- PressureTest.cpp - More values than registers ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs that keep more words alive than there are registers, over loops,
// permuting edges and calls, run on the simulator: what was spilled must come
// back as it was.
//
//===----------------------------------------------------------------------===//

#include "TestMachine.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using namespace nfpbpf;
using namespace nfpbpf::test;

namespace {

std::vector<uint8_t> makePacket(unsigned words) {
  std::vector<uint8_t> packet;
  packet.reserve(4 * words);
  for (unsigned i = 0; i < 4 * words; ++i)
    packet.push_back(static_cast<uint8_t>(37 * i + (i >> 3) + 1));
  return packet;
}

uint32_t wordOf(llvm::ArrayRef<uint8_t> packet, unsigned index) {
  return llvm::support::endian::read32le(&packet[4 * index]);
}

/// "%x0, %x1, ..." or the types or block arguments that go with it.
template <typename Text>
std::string join(unsigned count, Text text) {
  std::string result;
  for (unsigned i = 0; i < count; ++i)
    result += (i ? ", " : "") + text(i);
  return result;
}

std::string loads(unsigned count) {
  std::string text;
  for (unsigned i = 0; i < count; ++i)
    text += llvm::formatv(
        "  %v{0} = bpf.load %p[{1}] : !bpf.ptr<packet> -> i32\n", i, 4 * i);
  return text;
}

const char *const header =
    "bpf.func @main(%ctx: !bpf.ptr<ctx>) -> i64\n"
    "    attributes {prog_type = #bpf.prog_type<xdp>, section = \"xdp\"} {\n"
    "  %c1 = arith.constant 1 : i32\n"
    "  %c0 = arith.constant 0 : i32\n"
    "  %pass = arith.constant 2 : i64\n"
    "  %p = bpf.packet_data %ctx\n";

/// Rotates `count` words of the packet by `rounds` places: every round passes
/// all of them over an edge, each to its neighbour.
std::string rotation(unsigned count, unsigned rounds) {
  auto type = [](unsigned) { return std::string("i32"); };
  const std::string types = join(count, type);
  std::string text = header + loads(count);
  text += llvm::formatv("  %n = arith.constant {0} : i32\n", rounds);
  text += "  cf.br ^loop(%n, " +
          join(count, [](unsigned i) { return "%v" + std::to_string(i); }) +
          " : i32, " + types + ")\n";
  text +=
      "^loop(%i: i32, " +
      join(count,
           [](unsigned i) { return "%a" + std::to_string(i) + ": i32"; }) +
      "):\n"
      "  %done = arith.cmpi eq, %i, %c0 : i32\n"
      "  cf.cond_br %done, ^exit, ^next\n"
      "^next:\n"
      "  %j = arith.subi %i, %c1 : i32\n"
      "  cf.br ^loop(%j, " +
      join(count,
           [&](unsigned i) { return "%a" + std::to_string((i + 1) % count); }) +
      " : i32, " + types + ")\n^exit:\n";
  for (unsigned i = 0; i < count; ++i)
    text += llvm::formatv(
        "  bpf.store %a{0}, %p[{1}] : i32, !bpf.ptr<packet>\n", i, 4 * i);
  return text + "  bpf.return %pass : i64\n}\n";
}

/// Adds a subprogram's result, which needs many registers itself, to every
/// word of the packet.
std::string callInBetween(unsigned count, unsigned inCallee) {
  std::string text = header + loads(count);
  text += "  %s = bpf.call @sum(%p) : (!bpf.ptr<packet>) -> i64\n"
          "  %t = arith.trunci %s : i64 to i32\n";
  for (unsigned i = 0; i < count; ++i)
    text +=
        llvm::formatv("  %r{0} = arith.addi %v{0}, %t : i32\n"
                      "  bpf.store %r{0}, %p[{1}] : i32, !bpf.ptr<packet>\n",
                      i, 4 * i);
  text += "  bpf.return %pass : i64\n}\n"
          "bpf.func @sum(%p: !bpf.ptr<packet>) -> i64 {\n" +
          loads(inCallee);
  // In the opposite order, so that all are alive together.
  text += llvm::formatv("  %x{0} = arith.constant 0 : i32\n", inCallee);
  for (unsigned i = inCallee; i-- > 0;)
    text +=
        llvm::formatv("  %x{0} = arith.addi %x{1}, %v{0} : i32\n", i, i + 1);
  return text + "  %w = arith.extui %x0 : i32 to i64\n"
                "  bpf.return %w : i64\n}\n";
}

class Pressure : public testing::TestWithParam<unsigned> {};

TEST_P(Pressure, RotatesOverEdges) {
  const unsigned count = 5 + 10 * (GetParam() / 2), level = GetParam() % 2;
  for (unsigned rounds : {0u, 1u, 2u, 7u}) {
    TestMachine machine;
    ASSERT_TRUE(machine.load(rotation(count, rounds), level))
        << machine.error();
    const std::vector<uint8_t> packet = makePacket(count);
    const std::vector<uint8_t> result = machine.run(packet);
    ASSERT_EQ(result.size(), packet.size()) << machine.error();
    EXPECT_EQ(machine.verdict(), rt::Verdict::Pass);
    for (unsigned i = 0; i < count; ++i)
      ASSERT_EQ(wordOf(result, i), wordOf(packet, (i + rounds) % count))
          << "word " << i << " of " << count << " after " << rounds;
  }
}

TEST_P(Pressure, KeepsValuesOverCalls) {
  const unsigned count = 5 + 10 * (GetParam() / 2), level = GetParam() % 2;
  for (unsigned inCallee : {3u, 60u}) {
    const unsigned words = std::max(count, inCallee);
    TestMachine machine;
    ASSERT_TRUE(machine.load(callInBetween(count, inCallee), level))
        << machine.error();
    const std::vector<uint8_t> packet = makePacket(words);
    const std::vector<uint8_t> result = machine.run(packet);
    ASSERT_EQ(result.size(), packet.size()) << machine.error();
    uint32_t sum = 0;
    for (unsigned i = 0; i < inCallee; ++i)
      sum += wordOf(packet, i);
    for (unsigned i = 0; i < count; ++i)
      ASSERT_EQ(wordOf(result, i), wordOf(packet, i) + sum)
          << "word " << i << " of " << count;
  }
}

INSTANTIATE_TEST_SUITE_P(Counts, Pressure, testing::Range(0u, 16u));

} // namespace
