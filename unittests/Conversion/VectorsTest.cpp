//===- VectorsTest.cpp - Instruction test cases with results --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The shared collections of eBPF programs with known results, imported,
// compiled and run on the simulator. A program's result is stored to the packet
// before it leaves. Each runs as it is, after clean-up, and with its constants
// read from the packet, so that the general code sequences run as well.
//
//===----------------------------------------------------------------------===//

#include "TestMachine.h"

#include "nfpbpf/Dialect/BPF/IR/BPF.h"
#include "nfpbpf/Object/BPF/LinkedProgram.h"
#include "nfpbpf/Target/BPF/Import.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include "gtest/gtest.h"

#include <cstdlib>
#include <map>

using namespace nfpbpf;
using namespace nfpbpf::test;

namespace {

struct Case {
  std::string name;
  std::vector<uint8_t> code;
  uint64_t result = 0;
  uint64_t mask = ~uint64_t(0); ///< bits of the result that count
};

std::vector<uint8_t> codeOf(const llvm::json::Object &entry) {
  std::vector<uint8_t> code;
  for (const llvm::json::Value &slot : *entry.getArray("insns"))
    for (char c : llvm::fromHex(*slot.getAsString()))
      code.push_back(static_cast<uint8_t>(c));
  return code;
}

/// Bytes from hexadecimal text.
std::vector<uint8_t> bytesOf(llvm::StringRef text) {
  std::string raw = llvm::fromHex(text);
  return std::vector<uint8_t>(raw.begin(), raw.end());
}

/// The cases of a file that take no memory.
std::vector<Case> readCases(const std::string &path, bool kernelTests) {
  std::vector<Case> cases;
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return cases;
  llvm::SmallVector<llvm::StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n', -1, false);
  for (llvm::StringRef line : lines) {
    llvm::Expected<llvm::json::Value> value = llvm::json::parse(line);
    if (!value) {
      ADD_FAILURE() << path << ": " << llvm::toString(value.takeError());
      continue;
    }
    const llvm::json::Object &entry = *value->getAsObject();
    Case c;
    c.name = entry.getString("name")->str();
    c.code = codeOf(entry);
    if (kernelTests) {
      if (*entry.getBoolean("large_mem") || *entry.getBoolean("ld_abs") ||
          *entry.getBoolean("expected_fail") ||
          entry.getArray("tests")->empty())
        continue;
      c.result = static_cast<uint64_t>(
          *(*entry.getArray("tests"))[0].getAsObject()->getInteger("result"));
      c.mask = 0xffffffff;
    } else {
      if (!entry.getString("mem")->empty())
        continue;
      llvm::StringRef text = *entry.getString("result");
      text.consume_front("0x");
      if (text.getAsInteger(16, c.result)) {
        ADD_FAILURE() << c.name << ": result " << text.str();
        continue;
      }
    }
    cases.push_back(std::move(c));
  }
  return cases;
}

constexpr unsigned FirstConstant = 16;
constexpr unsigned MaxConstants = 200;

/// Makes the entry store its result at the packet's first byte and leave with
/// XDP_PASS. With \p constants, every number comes from the packet; they are
/// appended to the list.
void instrument(mlir::ModuleOp module, std::vector<uint64_t> *constants) {
  for (auto func : module.getOps<bpf::FuncOp>()) {
    if (!func.isEntry())
      continue;
    mlir::OpBuilder b(module.getContext());
    b.setInsertionPointToStart(&func.getBody().front());
    mlir::Location loc = func.getLoc();
    mlir::Value data =
        bpf::PacketDataOp::create(b, loc, func.getArgument(0)).getResult();
    if (constants) {
      llvm::SmallVector<mlir::arith::ConstantOp> all;
      func.walk([&](mlir::arith::ConstantOp op) { all.push_back(op); });
      llvm::MapVector<std::pair<mlir::Type, uint64_t>, mlir::Value> loads;
      for (mlir::arith::ConstantOp op : all) {
        mlir::Type type = op.getType();
        if (!type.isInteger(32) && !type.isInteger(64))
          continue;
        // Offsets of pointers must stay what they are.
        if (llvm::any_of(op->getUsers(), [](mlir::Operation *user) {
              return llvm::isa<bpf::PtrAddOp>(user);
            }))
          continue;
        uint64_t value = llvm::cast<mlir::IntegerAttr>(op.getValue())
                             .getValue()
                             .getZExtValue();
        // What fits the part of the packet that programs reach.
        if (constants->size() == MaxConstants && !loads.count({type, value}))
          continue;
        mlir::Value &load = loads[{type, value}];
        if (!load) {
          load = bpf::LoadOp::create(b, loc, type, data,
                                     static_cast<int32_t>(
                                         FirstConstant + 8 * constants->size()))
                     .getResult();
          constants->push_back(value);
        }
        op.replaceAllUsesWith(load);
      }
    }
    func.walk([&](bpf::ReturnOp ret) {
      b.setInsertionPoint(ret);
      bpf::StoreOp::create(b, ret.getLoc(), ret.getValue(), data, 0);
      mlir::Value pass = mlir::arith::ConstantOp::create(
          b, ret.getLoc(), b.getI64IntegerAttr(2));
      ret.getValueMutable().set(pass);
    });
  }
}

enum class Mode { AsIs, Cleaned, Opaque };

void runCases(const std::vector<Case> &cases, Mode mode) {
  TestMachine machine;
  std::map<std::string, unsigned> refusals;
  unsigned passed = 0;
  for (const Case &c : cases) {
    llvm::Expected<object::LinkedProgram> program =
        object::LinkedProgram::fromBytes(c.code, c.name,
                                         object::ProgramType::XDP);
    if (!program) {
      ADD_FAILURE() << c.name << ": " << llvm::toString(program.takeError());
      continue;
    }
    std::string messages;
    mlir::OwningOpRef<mlir::ModuleOp> module;
    {
      mlir::ScopedDiagnosticHandler handler(
          &machine.context(),
          [&](mlir::Diagnostic &d) { messages += d.str() + "\n"; });
      module = importProgram(*program, &machine.context());
    }
    if (!module) {
      ++refusals[messages.substr(0, 200)];
      continue;
    }
    std::vector<uint64_t> constants;
    instrument(*module, mode == Mode::Opaque ? &constants : nullptr);
    if (!machine.load(*module, mode == Mode::AsIs ? 0 : 1)) {
      ++refusals[machine.error().substr(0, 200)];
      continue;
    }
    std::vector<uint8_t> packet(
        std::max<size_t>(64, FirstConstant + 8 * constants.size()), 0x5a);
    for (size_t i = 0; i < constants.size(); ++i)
      for (unsigned k = 0; k < 8; ++k)
        packet[FirstConstant + 8 * i + k] =
            static_cast<uint8_t>(constants[i] >> (8 * k));
    std::vector<uint8_t> after = machine.run(packet);
    if (after.empty()) {
      ADD_FAILURE() << c.name << ": " << machine.error();
      continue;
    }
    uint64_t result = 0;
    for (unsigned k = 0; k < 8; ++k)
      result |= uint64_t(after[k]) << (8 * k);
    EXPECT_EQ(result & c.mask, c.result & c.mask) << c.name;
    ++passed;
  }
  for (const auto &[reason, count] : refusals)
    std::printf("%4u refused: %s\n", count, reason.c_str());
  std::printf("%4u ran\n", passed);
  // What is left is too long for the code store or no eBPF that a verifier
  // would pass.
  EXPECT_GE(passed + 6, cases.size());
}

std::string sharedFile(const char *name) {
  const char *folder = std::getenv("NFPBPF_SHARED");
  return folder ? std::string(folder) + "/" + name : std::string();
}

class Vectors : public testing::TestWithParam<Mode> {};

TEST_P(Vectors, KernelTests) {
  std::string path = sharedFile("jit-cases/dev.jsonl");
  if (path.empty())
    GTEST_SKIP() << "NFPBPF_SHARED is not set";
  std::vector<Case> cases = readCases(path, true);
  ASSERT_GT(cases.size(), 300u);
  runCases(cases, GetParam());
}

TEST_P(Vectors, Conformance) {
  std::string path = sharedFile("conformance/dev.jsonl");
  if (path.empty())
    GTEST_SKIP() << "NFPBPF_SHARED is not set";
  std::vector<Case> cases = readCases(path, false);
  ASSERT_GT(cases.size(), 100u);
  runCases(cases, GetParam());
}

/// A map of the kernel's verifier tests by name; nothing for kinds that no
/// profile has.
std::optional<object::MapInfo> mapNamed(llvm::StringRef name) {
  struct Shape {
    const char *name;
    uint32_t type, key, value, entries;
  };
  static const Shape shapes[] = {
      {"map_hash_8b", 1, 8, 8, 1},     {"map_hash_16b", 1, 8, 16, 1},
      {"map_hash_48b", 1, 8, 48, 1},   {"map_array_48b", 2, 4, 48, 1},
      {"map_array_small", 2, 4, 1, 1}, {"map_event_output", 4, 4, 4, 1},
      {"map_array_ro", 2, 4, 48, 1},   {"map_array_wo", 2, 4, 48, 1}};
  for (const Shape &shape : shapes)
    if (name == shape.name) {
      object::MapInfo map;
      map.Name = name.str();
      map.Type = shape.type;
      map.KeySize = shape.key;
      map.ValueSize = shape.value;
      map.MaxEntries = shape.entries;
      return map;
    }
  return std::nullopt;
}

/// Programs that the kernel's verifier refuses must not crash the compiler,
/// programs that it runs must give its results where the card can take them.
TEST_P(Vectors, VerifierCases) {
  if (GetParam() == Mode::Opaque)
    GTEST_SKIP() << "programs with maps are run as they are";
  std::string path = sharedFile("verifier-cases/dev.jsonl");
  if (path.empty())
    GTEST_SKIP() << "NFPBPF_SHARED is not set";
  auto buffer = llvm::MemoryBuffer::getFile(path);
  ASSERT_TRUE(static_cast<bool>(buffer));
  llvm::SmallVector<llvm::StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n', -1, false);
  TestMachine machine;
  unsigned ran = 0, refused = 0;
  std::map<std::string, unsigned> reasons;
  for (llvm::StringRef line : lines) {
    llvm::Expected<llvm::json::Value> value = llvm::json::parse(line);
    ASSERT_TRUE(static_cast<bool>(value));
    const llvm::json::Object &entry = *value->getAsObject();
    std::string name = entry.getString("name")->str();
    std::vector<uint8_t> code = codeOf(entry);
    std::vector<object::MapInfo> maps;
    bool usable = entry.getArray("kfuncs")->empty();
    for (const auto &[mapName, places] : *entry.getObject("fixups")) {
      std::optional<object::MapInfo> map = mapNamed(mapName);
      if (!map) {
        usable = false;
        break;
      }
      for (const llvm::json::Value &place : *places.getAsArray())
        code[8 * *place.getAsInteger() + 4] = static_cast<uint8_t>(maps.size());
      maps.push_back(*map);
    }
    if (!usable)
      continue;
    bool xdp = *entry.getString("prog_type") == "xdp";
    llvm::Expected<object::LinkedProgram> program =
        object::LinkedProgram::fromBytes(
            code, name,
            xdp ? object::ProgramType::XDP : object::ProgramType::TC, maps);
    if (!program) {
      llvm::consumeError(program.takeError());
      continue;
    }
    mlir::OwningOpRef<mlir::ModuleOp> module;
    {
      mlir::ScopedDiagnosticHandler handler(&machine.context(),
                                            [](mlir::Diagnostic &) {});
      module = importProgram(*program, &machine.context());
    }
    bool accepted = *entry.getString("result") == "ACCEPT";
    if (!module) {
      refused += accepted;
      continue;
    }
    instrument(*module, nullptr);
    if (!machine.load(*module, GetParam() == Mode::AsIs ? 0 : 1)) {
      EXPECT_FALSE(machine.error().empty()) << name;
      refused += accepted;
      if (accepted)
        ++reasons[machine.error().substr(0, 150)];
      continue;
    }
    if (!accepted || *entry.getInteger("runs") < 1)
      continue;
    for (size_t i = 0; i < maps.size(); ++i)
      if (maps[i].Name == "map_array_48b") {
        std::vector<uint8_t> key(4, 0), contents(48, 0);
        contents[0] = 28;
        const uint8_t foo[] = {0x12, 0xef, 0xcd, 0xab};
        llvm::copy(foo, contents.begin() + 28);
        for (uint32_t at = 0; at < machine.maps().size(); ++at)
          if (machine.maps().spec(at).Name == maps[i].Name)
            machine.maps().update(at, key, contents, 0);
      }
    for (const llvm::json::Value &test : *entry.getArray("cases")) {
      std::optional<int64_t> expected =
          test.getAsObject()->getInteger("retval");
      std::vector<uint8_t> after =
          machine.run(bytesOf(*test.getAsObject()->getString("data")));
      if (after.empty()) {
        ADD_FAILURE() << name << ": " << machine.error();
        continue;
      }
      uint32_t result = 0;
      for (unsigned k = 0; k < 4; ++k)
        result |= uint32_t(after[k]) << (8 * k);
      if (expected) {
        EXPECT_EQ(result, static_cast<uint32_t>(*expected)) << name;
      }
      ++ran;
    }
  }
  for (const auto &[reason, count] : reasons)
    std::printf("%4u refused: %s\n", count, reason.c_str());
  std::printf("%4u runs, %u accepted programs refused\n", ran, refused);
  EXPECT_GT(ran, 50u);
}

INSTANTIATE_TEST_SUITE_P(Modes, Vectors,
                         testing::Values(Mode::AsIs, Mode::Cleaned,
                                         Mode::Opaque),
                         [](const testing::TestParamInfo<Mode> &info) {
                           switch (info.param) {
                           case Mode::AsIs:
                             return "AsIs";
                           case Mode::Cleaned:
                             return "Cleaned";
                           case Mode::Opaque:
                             return "Opaque";
                           }
                           return "";
                         });

} // namespace
