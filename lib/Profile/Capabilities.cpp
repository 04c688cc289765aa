//===- Capabilities.cpp - Driver capability TLVs --------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Source: NFP BPF offload ABI, section "Capabilities TLV area".
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Profile/Profile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace nfpbpf {

namespace {
enum CapabilityType : uint32_t {
  CapFunc = 1,
  CapAdjustHead = 2,
  CapMaps = 3,
  CapRandom = 4,
  CapQueueSelect = 5,
  CapAdjustTail = 6,
  CapAbiVersion = 7,
  CapMultiEntry = 8,
};

/// adjust_head flag bit 0.
constexpr uint32_t NoMetaFlag = 1;

} // namespace

static void put(std::vector<uint8_t> &Out, uint32_t V) {
  uint8_t Bytes[4];
  support::endian::write32le(Bytes, V);
  Out.insert(Out.end(), Bytes, Bytes + 4);
}

static void putEntry(std::vector<uint8_t> &Out, uint32_t Type,
                     ArrayRef<uint32_t> Value) {
  put(Out, Type);
  put(Out, static_cast<uint32_t>(4 * Value.size()));
  for (uint32_t V : Value)
    put(Out, V);
}

static Error truncated(StringRef Name, size_t Offset, size_t Length) {
  return createStringError("truncated " + Twine(Name) +
                           " capability at offset " + Twine(Offset) +
                           ": length " + Twine(Length));
}

void Profile::writeCapabilities(std::vector<uint8_t> &Out) const {
  if (Random)
    putEntry(Out, CapRandom, {});
  if (QueueSelect)
    putEntry(Out, CapQueueSelect, {});
  if (AdjustTail)
    putEntry(Out, CapAdjustTail, {});
  if (AdjustHead)
    putEntry(Out, CapAdjustHead,
             {AdjustHead->NoMeta ? NoMetaFlag : 0, AdjustHead->OffMin,
              AdjustHead->OffMax, AdjustHead->GuaranteedSub,
              AdjustHead->GuaranteedAdd});
  if (Maps)
    putEntry(Out, CapMaps,
             {Maps->Types, Maps->MaxMaps, Maps->MaxElems, Maps->MaxKeySize,
              Maps->MaxValueSize, Maps->MaxElemSize});
  for (const ProfileHelper &H : Helpers)
    putEntry(Out, CapFunc, {H.Id, H.Address});
  // Version 2 is what the absence of the entry means.
  if (AbiVersion != 2)
    putEntry(Out, CapAbiVersion, {AbiVersion});
  if (MultiEntryMessages)
    putEntry(Out, CapMultiEntry, {});
}

Error Profile::readCapabilities(ArrayRef<uint8_t> Area,
                                std::vector<std::string> *Warnings) {
  Profile New = *this;
  New.Helpers.clear();
  New.AdjustHead.reset();
  New.Maps.reset();
  New.Random = New.QueueSelect = New.AdjustTail = New.MultiEntryMessages =
      false;
  New.AbiVersion = 2;

  auto warn = [&](const Twine &Message) {
    if (Warnings)
      Warnings->push_back(Message.str());
  };

  size_t Offset = 0;
  while (Area.size() - Offset >= 8) {
    const uint8_t *Entry = Area.data() + Offset;
    uint32_t Type = support::endian::read32le(Entry);
    uint32_t Length = support::endian::read32le(Entry + 4);
    size_t EntryOffset = Offset;
    if (Length > Area.size() - Offset - 8)
      return createStringError(
          "capability of type " + Twine(Type) + " at offset " +
          Twine(EntryOffset) + ": length " + Twine(Length) +
          " runs past the end of the area (" + Twine(Area.size()) + " bytes)");
    auto word = [&](unsigned N) {
      return support::endian::read32le(Entry + 8 + 4 * N);
    };
    switch (Type) {
    case CapFunc: {
      if (Length < 8)
        return truncated("function", EntryOffset, Length);
      uint32_t Id = word(0);
      if (Id == HelperMapLookup || Id == HelperMapUpdate ||
          Id == HelperMapDelete || Id == HelperPerfEventOutput) {
        // A later entry replaces an earlier one, as in the driver.
        erase_if(New.Helpers,
                 [&](const ProfileHelper &H) { return H.Id == Id; });
        New.Helpers.push_back({Id, word(1)});
      } else {
        warn("ignoring unknown helper " + Twine(Id));
      }
      break;
    }
    case CapAdjustHead: {
      if (Length < 20)
        return truncated("adjust_head", EntryOffset, Length);
      AdjustHeadLimits L;
      L.NoMeta = word(0) & NoMetaFlag;
      L.OffMin = word(1);
      L.OffMax = word(2);
      L.GuaranteedSub = word(3);
      L.GuaranteedAdd = word(4);
      if (L.OffMin > L.OffMax)
        return createStringError("invalid adjust_head capability at offset " +
                                 Twine(EntryOffset) + ": minimum " +
                                 Twine(L.OffMin) + " above maximum " +
                                 Twine(L.OffMax));
      if (L.OffMin > 255 || L.OffMax > 255)
        warn("adjust_head switched off: limits " + Twine(L.OffMin) + ".." +
             Twine(L.OffMax) + " do not fit 8 bits");
      else
        New.AdjustHead = L;
      break;
    }
    case CapMaps: {
      if (Length < 24)
        return truncated("maps", EntryOffset, Length);
      MapLimits L;
      L.Types = word(0);
      L.MaxMaps = word(1);
      L.MaxElems = word(2);
      L.MaxKeySize = word(3);
      L.MaxValueSize = word(4);
      L.MaxElemSize = word(5);
      New.Maps = L;
      break;
    }
    case CapRandom:
      New.Random = true;
      break;
    case CapQueueSelect:
      New.QueueSelect = true;
      break;
    case CapAdjustTail:
      New.AdjustTail = true;
      break;
    case CapAbiVersion:
      if (Length < 4)
        return truncated("ABI version", EntryOffset, Length);
      New.AbiVersion = word(0);
      if (New.AbiVersion != 2 && New.AbiVersion != 3)
        return createStringError("unsupported ABI version " +
                                 Twine(New.AbiVersion) + " at offset " +
                                 Twine(EntryOffset));
      break;
    case CapMultiEntry:
      New.MultiEntryMessages = true;
      break;
    default:
      warn("ignoring unknown capability " + Twine(Type) + " at offset " +
           Twine(EntryOffset));
      break;
    }
    Offset += 8 + Length;
  }
  if (Offset != Area.size())
    return createStringError("capabilities left after parsing: parsed " +
                             Twine(Offset) + " of " + Twine(Area.size()) +
                             " bytes");
  sort(New.Helpers, [](const ProfileHelper &A, const ProfileHelper &B) {
    return A.Id < B.Id;
  });
  *this = std::move(New);
  return Error::success();
}

} // namespace nfpbpf
