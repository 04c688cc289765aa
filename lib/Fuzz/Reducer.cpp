//===- Reducer.cpp - The smallest case that still differs -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Fuzz/Reducer.h"

#include "nfpbpf/Fuzz/Validity.h"

using namespace nfpbpf;
using namespace nfpbpf::fuzz;

namespace {

class Reducer {
public:
  Reducer(Case C, llvm::function_ref<bool(const Case &)> IsInteresting,
          unsigned MaxQuestions)
      : Best(std::move(C)), IsInteresting(IsInteresting), Left(MaxQuestions) {}

  Case run() {
    bool Progress = true;
    while (Progress && Left) {
      Progress = false;
      Progress |= dropPackets();
      Progress |= dropInstructions();
      Progress |= simplifyInstructions();
      Progress |= dropEntries();
      Progress |= dropMaps();
      Progress |= simplifyPackets();
      Progress |= simplifyEntries();
    }
    return std::move(Best);
  }

private:
  bool keep(Case Candidate) {
    if (!Left)
      return false;
    if (llvm::Error Err = checkValidity(Candidate.P)) {
      llvm::consumeError(std::move(Err));
      return false;
    }
    --Left;
    if (!IsInteresting(Candidate))
      return false;
    Best = std::move(Candidate);
    return true;
  }

  /// Takes away runs of a list, long ones first.
  template <typename Size, typename Remove>
  bool dropRuns(Size Count, Remove Without) {
    bool Progress = false;
    for (size_t Run = std::max<size_t>(Count() / 2, 1); Run; Run /= 2)
      for (size_t At = 0; At < Count();) {
        const size_t End = std::min(At + Run, Count());
        if (keep(Without(At, End)))
          Progress = true;
        else
          At += Run;
      }
    return Progress;
  }

  bool dropPackets() {
    return dropRuns([&] { return Best.Packets.size(); },
                    [&](size_t From, size_t To) {
                      Case C = Best;
                      C.Packets.erase(C.Packets.begin() + From,
                                      C.Packets.begin() + To);
                      return C;
                    });
  }

  bool dropEntries() {
    return dropRuns([&] { return Best.State.Entries.size(); },
                    [&](size_t From, size_t To) {
                      Case C = Best;
                      auto &List = C.State.Entries;
                      List.erase(List.begin() + From, List.begin() + To);
                      return C;
                    });
  }

  bool dropInstructions() {
    return dropRuns([&] { return Best.P.Code.size(); },
                    [&](size_t From, size_t To) {
                      Case C = Best;
                      auto &Code = C.P.Code;
                      Code.erase(Code.begin() + From, Code.begin() + To);
                      for (Insn &I : Code) {
                        if (I.Target == Insn::NoTarget)
                          continue;
                        const auto T = static_cast<size_t>(I.Target);
                        if (T >= To)
                          I.Target -= static_cast<int32_t>(To - From);
                        else if (T > From)
                          I.Target = static_cast<int32_t>(From);
                      }
                      return C;
                    });
  }

  /// Conditional jumps that always or never jump, small immediates, full width.
  bool simplifyInstructions() {
    bool Progress = false;
    for (size_t At = 0; At < Best.P.Code.size(); ++At) {
      const Insn &I = Best.P.Code[At];
      auto with = [&](const Insn &New) {
        Case C = Best;
        C.P.Code[At] = New;
        return keep(std::move(C));
      };
      const unsigned Class = I.S.Code & 7;
      const bool IsCondition = I.Target != Insn::NoTarget &&
                               !I.namesFunction() && I.S.Code != 0x05 &&
                               I.S.Code != 0x06;
      if (IsCondition) {
        Insn Goto = I;
        Goto.S = ebpf::Slot(0x05, 0, 0, 0, 0);
        if (with(Goto)) {
          Progress = true;
          continue;
        }
      }
      if (I.isWide() && I.S.src() == 0) {
        Insn Short;
        Short.S = ebpf::Slot(0xb7, I.S.dst(), 0, 0, I.S.Imm);
        if (with(Short)) {
          Progress = true;
          continue;
        }
      }
      const bool HasImm = (Class == 4 || Class == 7 || IsCondition) &&
                          !(I.S.Code & 8) && (I.S.Code & 0xf0) != 0xd0;
      if (HasImm || Class == 2)
        for (int32_t Small : {0, 1, -1}) {
          if (Best.P.Code[At].S.Imm == Small)
            break;
          Insn New = Best.P.Code[At];
          New.S.Imm = Small;
          if (with(New)) {
            Progress = true;
            break;
          }
        }
    }
    return Progress;
  }

  bool dropMaps() {
    bool Progress = false;
    for (size_t M = Best.P.Maps.size(); M-- > 0;) {
      Case C = Best;
      bool IsUsed = false;
      for (Insn &I : C.P.Code)
        if (I.namesMap()) {
          IsUsed |= static_cast<size_t>(I.S.Imm) == M;
          I.S.Imm -= static_cast<size_t>(I.S.Imm) > M;
        }
      if (IsUsed)
        continue;
      C.P.Maps.erase(C.P.Maps.begin() + M);
      auto &List = C.State.Entries;
      List.erase(llvm::remove_if(List, [&](auto &E) { return E.Map == M; }),
                 List.end());
      for (auto &Entry : List)
        Entry.Map -= Entry.Map > M;
      Progress |= keep(std::move(C));
    }
    return Progress;
  }

  /// Shorter packets, and zero bytes.
  bool simplifyPackets() {
    bool Progress = false;
    for (size_t At = 0; At < Best.Packets.size(); ++At) {
      auto resize = [&](size_t Length) {
        Case C = Best;
        C.Packets[At].Bytes.resize(Length);
        C.Packets[At].WireLength = static_cast<uint32_t>(Length);
        return keep(std::move(C));
      };
      for (size_t Cut = Best.Packets[At].Bytes.size() / 2; Cut; Cut /= 2)
        while (Best.Packets[At].Bytes.size() >= 14 + Cut &&
               resize(Best.Packets[At].Bytes.size() - Cut))
          Progress = true;
      Progress |= zero([&](Case &C) -> std::vector<uint8_t> & {
        return C.Packets[At].Bytes;
      });
    }
    return Progress;
  }

  bool simplifyEntries() {
    bool Progress = false;
    for (size_t At = 0; At < Best.State.Entries.size(); ++At)
      Progress |= zero([&](Case &C) -> std::vector<uint8_t> & {
        return C.State.Entries[At].Value;
      });
    return Progress;
  }

  /// Zeroes runs of bytes.
  template <typename Bytes>
  bool zero(Bytes Of) {
    bool Progress = false;
    const size_t Size = Of(Best).size();
    for (size_t Run = std::max<size_t>(Size / 2, 1); Run; Run /= 2)
      for (size_t At = 0; At < Size; At += Run) {
        Case C = Best;
        std::vector<uint8_t> &List = Of(C);
        bool Changes = false;
        for (size_t I = At; I < std::min(At + Run, Size); ++I) {
          Changes |= List[I] != 0;
          List[I] = 0;
        }
        if (Changes)
          Progress |= keep(std::move(C));
      }
    return Progress;
  }

  Case Best;
  llvm::function_ref<bool(const Case &)> IsInteresting;
  unsigned Left;
};

} // namespace

Case fuzz::reduce(Case C, llvm::function_ref<bool(const Case &)> IsInteresting,
                  unsigned MaxQuestions) {
  return Reducer(std::move(C), IsInteresting, MaxQuestions).run();
}
