//===- Runner.cpp - r0 of a bare program, on any engine -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Conformance/Runner.h"

#include "nfpbpf/Check/HostEngine.h"
#include "nfpbpf/Check/SimEngine.h"
#include "nfpbpf/ISA/BPF/Helpers.h"
#include "nfpbpf/ISA/BPF/Instruction.h"
#include "nfpbpf/Interp/Interpreter.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

using namespace nfpbpf;
using namespace nfpbpf::conformance;

llvm::StringRef conformance::engineName(Configuration::Kind Engine) {
  switch (Engine) {
  case Configuration::Interp:
    return "interp";
  case Configuration::Host:
    return "host";
  case Configuration::Sim:
    return "sim";
  }
  llvm_unreachable("covered");
}

std::string Configuration::name() const {
  std::string Name = engineName(Engine).str();
  if (hasLevels())
    Name += "-O" + std::to_string(OptLevel);
  if (!DisabledPasses.empty())
    Name += "-without-" + llvm::join(DisabledPasses, ",");
  return Name;
}

llvm::Expected<Configuration>
conformance::parseConfiguration(llvm::StringRef Engine, llvm::StringRef Level) {
  Configuration Config;
  std::optional<Configuration::Kind> Kind;
  for (Configuration::Kind Known :
       {Configuration::Interp, Configuration::Host, Configuration::Sim})
    if (engineName(Known) == Engine)
      Kind = Known;
  if (!Kind)
    return llvm::createStringError("no engine '" + Engine +
                                   "'; there are interp, host and sim");
  Config.Engine = *Kind;
  Config.OptLevel = std::min(DefaultOptLevel, Config.highestLevel());
  if (Level.empty())
    return Config;
  llvm::StringRef Digits = Level;
  Digits.consume_front("O");
  if (Digits.getAsInteger(10, Config.OptLevel) || Config.OptLevel > MaxOptLevel)
    return llvm::createStringError("no optimisation level '" + Level +
                                   "'; the highest is O" +
                                   llvm::Twine(MaxOptLevel));
  return Config;
}

unsigned Configuration::highestLevel() const {
  switch (Engine) {
  case Interp:
    return MaxOptLevel;
  case Host:
    return host::MaxHostOptLevel;
  case Sim:
    return MaxOptLevel;
  }
  llvm_unreachable("covered");
}

std::vector<Configuration> conformance::allConfigurations() {
  std::vector<Configuration> All = {{Configuration::Interp, MaxOptLevel, {}}};
  for (unsigned Level = 0; Level <= host::MaxHostOptLevel; ++Level)
    All.push_back({Configuration::Host, Level, {}});
  for (unsigned Level = 0; Level <= MaxOptLevel; ++Level)
    All.push_back({Configuration::Sim, Level, {}});
  return All;
}

Runner::Runner(Profile P, std::optional<Profile> Larger)
    : Default(std::move(P)) {
  if (Larger)
    this->Larger.emplace(std::move(*Larger));
}

namespace {

/// Room for the result in front of the memory.
constexpr int32_t ResultBytes = 8;
/// Packets without memory, and those whose length no test sees.
constexpr size_t MinPacket = 64;

// Opcodes of the caller (RFC 9669).
enum : uint8_t {
  MovReg = 0xbf,
  MovImm = 0xb7,
  AddImm = 0x07,
  LoadImm64 = 0x18,
  LoadWord = 0x61,
  StoreDouble = 0x7b,
  Call = 0x85,
  CallThroughRegister = 0x8d,
  Exit = 0x95,
};
constexpr unsigned LocalCall = 1;  ///< source register of a call by distance
constexpr unsigned ValueOfMap = 2; ///< of a load of a place in a map's value
constexpr int16_t ContextData = 0;
constexpr int32_t PassVerdict = 2;

/// An XDP program around a test, and the packet it runs on.
struct Wrapped {
  std::vector<uint8_t> Code;
  uint32_t Prologue = 0; ///< slots in front of the test
  std::vector<uint8_t> Packet;
  std::vector<object::MapInfo> Maps;

  llvm::Expected<object::LinkedProgram> link() const {
    return object::LinkedProgram::fromBytes(Code, "program",
                                            object::ProgramType::XDP, Maps);
  }
};

} // namespace

static uint32_t reachOf(const Profile &P) { return 64 * P.InlineMtu; }

/// Memory as global data: an array with one value.
static object::MapInfo mapOf(llvm::ArrayRef<uint8_t> Memory) {
  object::MapInfo Map;
  Map.Name = "memory";
  Map.Style = object::MapStyle::GlobalData;
  Map.Global = object::GlobalDataKind::Data;
  Map.Type = rt::Array;
  Map.KeySize = 4;
  Map.ValueSize = static_cast<uint32_t>(Memory.size());
  Map.MaxEntries = 1;
  Map.Contents = Memory.vec();
  return Map;
}

/// \p Reach: bytes of a packet that programs can access.
static Wrapped wrap(llvm::ArrayRef<uint64_t> Test,
                    llvm::ArrayRef<uint8_t> Memory, Entry How, uint32_t Reach) {
  using ebpf::Slot;
  std::vector<Slot> Slots;
  Wrapped W;
  if (How == Entry::Context) {
    // The packet is the memory and nothing else, so that data_end is right;
    // there is room for the result once the test is over.
    W.Packet.assign(Memory.begin(), Memory.end());
    Slots = {Slot(MovReg, 6, 1, 0, 0),
             Slot(Call, 0, LocalCall, 0, 0),
             Slot(MovReg, 7, 0, 0, 0),
             Slot(MovReg, 1, 6, 0, 0),
             Slot(MovImm, 2, 0, 0, -ResultBytes),
             Slot(Call, 0, 0, 0, ebpf::XdpAdjustHead),
             Slot(LoadWord, 1, 6, ContextData, 0),
             Slot(StoreDouble, 1, 7, 0, 0)};
    Slots[1].Imm = static_cast<int32_t>(Slots.size());
  } else {
    const bool IsInPacket = ResultBytes + Memory.size() <= Reach;
    W.Packet.assign(ResultBytes, 0);
    if (IsInPacket)
      W.Packet.insert(W.Packet.end(), Memory.begin(), Memory.end());
    W.Packet.resize(std::max(W.Packet.size(), MinPacket));
    Slots = {Slot(MovReg, 6, 1, 0, 0)};
    if (Memory.empty()) {
      Slots.push_back(Slot(MovImm, 1, 0, 0, 0));
    } else if (!IsInPacket) {
      W.Maps.push_back(mapOf(Memory));
      Slots.push_back(Slot(LoadImm64, 1, ValueOfMap, 0, 0));
      Slots.push_back(Slot(0, 0, 0, 0, 0));
    } else {
      Slots.push_back(Slot(LoadWord, 1, 6, ContextData, 0));
      Slots.push_back(Slot(AddImm, 1, 0, 0, ResultBytes));
    }
    Slots.push_back(Slot(MovImm, 2, 0, 0, static_cast<int32_t>(Memory.size())));
    // Behind the call: load, store and the two that leave.
    Slots.push_back(Slot(Call, 0, LocalCall, 0, 4));
    Slots.push_back(Slot(LoadWord, 1, 6, ContextData, 0));
    Slots.push_back(Slot(StoreDouble, 1, 0, 0, 0));
  }
  Slots.push_back(Slot(MovImm, 0, 0, 0, PassVerdict));
  Slots.push_back(Slot(Exit, 0, 0, 0, 0));

  W.Prologue = static_cast<uint32_t>(Slots.size());
  W.Code.resize(8 * (Slots.size() + Test.size()));
  uint8_t *To = W.Code.data();
  for (const Slot &S : Slots) {
    llvm::support::endian::write64le(To, S.toWord());
    To += 8;
  }
  for (uint64_t Word : Test) {
    llvm::support::endian::write64le(To, Word);
    To += 8;
  }
  return W;
}

static RunResult refused(std::string Message) {
  return {RunResult::Refused, 0, std::move(Message)};
}

static RunResult refused(llvm::Error Err) {
  return refused(llvm::toString(std::move(Err)));
}

/// Loads the packet, runs, and reads the result from the packet.
static RunResult runOn(check::Engine &E, const Wrapped &W) {
  if (llvm::Error Err = E.packet().load(W.Packet))
    return refused(std::move(Err));
  const check::Outcome Out = E.run();
  if (Out.Failed)
    return {RunResult::Stopped, 0, Out.Error};
  llvm::ArrayRef<uint8_t> Frame = E.packet().frame();
  if (Out.Verdict != rt::Verdict::Pass || Frame.size() < ResultBytes)
    return {RunResult::Stopped, 0, "the test did not return to its caller"};
  return {RunResult::Value, llvm::support::endian::read64le(Frame.data()), ""};
}

RunResult Runner::interpret(llvm::ArrayRef<uint64_t> Code,
                            llvm::ArrayRef<uint8_t> Memory, Entry How) {
  auto finish = [&](const interp::Result &Result) -> RunResult {
    if (!Result.Error)
      return {RunResult::Value, Result.R0, ""};
    // What the interpreter does not have is refused: instructions, and calls
    // through a register that holds no function of the program.
    const interp::Fault &F = *Result.Error;
    const bool IsUnknown =
        F.K == interp::Fault::Kind::Opcode ||
        (F.K == interp::Fault::Kind::Control && F.Insn < Code.size() &&
         (Code[F.Insn] & 0xff) == CallThroughRegister);
    return {IsUnknown ? RunResult::Refused : RunResult::Stopped, 0,
            "instruction " + std::to_string(F.Insn) + ": " + F.Message};
  };
  if (How == Entry::Memory) {
    std::vector<uint8_t> Copy(Memory.begin(), Memory.end());
    return finish(interp::Interpreter::forCode(Code.vec()).runOn(Copy));
  }
  object::LinkedProgram Program;
  Program.Name = "program";
  Program.Type = object::ProgramType::XDP;
  Program.Insns = Code.vec();
  llvm::Expected<interp::Interpreter> I = interp::Interpreter::create(Program);
  if (!I)
    return refused(I.takeError());
  rt::PacketBuffer Packet;
  rt::MapStore Maps;
  rt::EventLog Events;
  rt::Random Rng;
  if (llvm::Error Err = Packet.load(Memory))
    return refused(std::move(Err));
  return finish(I->run({Packet, Maps, Events, Rng}));
}

RunResult Runner::run(llvm::ArrayRef<uint64_t> Code,
                      llvm::ArrayRef<uint8_t> Memory, Entry How,
                      const Configuration &Config) {
  if (Code.empty())
    return refused("no instructions");
  if (Config.Engine == Configuration::Interp)
    return interpret(Code, Memory, How);

  if (Config.Engine == Configuration::Sim) {
    RunResult Result = simulate(Code, Memory, How, Config, Default);
    if (Result.Status != RunResult::Refused || !Larger)
      return Result;
    RunResult Second = simulate(Code, Memory, How, Config, *Larger);
    if (Second.Status == RunResult::Refused)
      return Result;
    Second.LargerProfile = Larger->Firmware.Name;
    return Second;
  }
  const Wrapped W = wrap(Code, Memory, How, reachOf(Default.Firmware));
  llvm::Expected<object::LinkedProgram> Program = W.link();
  if (!Program)
    return refused(Program.takeError());
  llvm::Expected<std::unique_ptr<check::HostEngine>> E =
      check::HostEngine::create(Config.name(), *Program, Default.Firmware,
                                Config.OptLevel);
  return E ? runOn(**E, W) : refused(E.takeError());
}

RunResult Runner::simulate(llvm::ArrayRef<uint64_t> Code,
                           llvm::ArrayRef<uint8_t> Memory, Entry How,
                           const Configuration &Config, Card &On) {
  const uint32_t Reach = reachOf(On.Firmware);
  const Wrapped W = wrap(Code, Memory, How, Reach);
  if (W.Packet.size() > Reach)
    return refused("the packet has " + std::to_string(W.Packet.size()) +
                   " bytes, and programs reach " + std::to_string(Reach) +
                   " of one");
  llvm::Expected<object::LinkedProgram> Program = W.link();
  if (!Program)
    return refused(Program.takeError());
  CompileOptions Options;
  Options.Pipeline.OptLevel = Config.OptLevel;
  Options.Pipeline.DisabledPasses = Config.DisabledPasses;
  CompileResult Compiled = On.C.compile(*Program, Options);
  if (!Compiled.Succeeded) {
    // In the test's own numbering; in front of it is nothing to complain about.
    Diagnosis D = *Compiled.firstError();
    D.File.clear();
    if (D.Insn && *D.Insn >= W.Prologue)
      *D.Insn -= W.Prologue;
    return refused(D.str());
  }
  llvm::Expected<check::SimProgram> Loaded =
      check::makeSimProgram(*Compiled.Image, On.Firmware);
  if (!Loaded)
    return refused(Loaded.takeError());
  llvm::Expected<std::unique_ptr<check::SimEngine>> E =
      check::SimEngine::create(Config.name(), On.Firmware, *Loaded);
  if (!E)
    return refused(E.takeError());
  return runOn(**E, W);
}
