//===- Profile.cpp - What a card's firmware offers ------------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/Profile/Profile.h"

#include "llvm/ADT/Twine.h"

using namespace llvm;

namespace nfpbpf {

/// Code addresses are 14 bits in branches.
static constexpr uint32_t CodeStoreEnd = 1u << 14;
/// Local memory behind the packet vectors is shared by the four stacks.
static constexpr uint32_t MaxStackBytes = 512;

std::optional<uint32_t> Profile::helperAddress(uint32_t Id) const {
  for (const ProfileHelper &H : Helpers)
    if (H.Id == Id)
      return H.Address;
  return std::nullopt;
}

bool Profile::allowsHelper(uint32_t Id) const {
  switch (Id) {
  case HelperPrandom:
    return Random;
  case HelperXdpAdjustHead:
    return AdjustHead.has_value();
  case HelperXdpAdjustTail:
    return AdjustTail;
  default:
    return hasHelper(Id);
  }
}

double Profile::firmwareCycles() const {
  for (const FirmwareVariant &V : Timing.FirmwareVariants)
    if (V.Name == Timing.Firmware)
      return V.Cycles;
  return 0;
}

static Error bad(const Profile &P, const Twine &Message) {
  return createStringError("profile '" + Twine(P.Name) + "': " + Message);
}

Error Profile::validate() const {
  if (Name.empty())
    return bad(*this, "name: must not be empty");
  if (AbiVersion != 2 && AbiVersion != 3)
    return bad(*this, "code.abi: " + Twine(AbiVersion) + " is not 2 or 3");
  if (MaxLength == 0)
    return bad(*this, "code.max_length: must not be 0");
  if (Start >= CodeStoreEnd || MaxLength > CodeStoreEnd - Start)
    return bad(*this, "code.start + code.max_length: " +
                          Twine(uint64_t(Start) + MaxLength) +
                          " is beyond the 14-bit code address space");
  if (Done >= CodeStoreEnd || (Done >= Start && Done < Start + MaxLength))
    return bad(*this, "code.done: " + Twine(Done) +
                          " is beyond the code address space or inside the "
                          "program's space");
  if (StackBytes % 64 != 0 || StackBytes > MaxStackBytes)
    return bad(*this, "stack_bytes: " + Twine(StackBytes) +
                          " is not a multiple of 64 up to " +
                          Twine(MaxStackBytes));
  if (InlineMtu > 32)
    return bad(*this, "inline_mtu: " + Twine(InlineMtu) +
                          " is more than the largest packet buffer (32)");
  uint32_t LastId = 0;
  for (const ProfileHelper &H : Helpers) {
    if (H.Id <= LastId)
      return bad(*this, "capabilities.helpers: ids must ascend from 1, found " +
                            Twine(H.Id) + " after " + Twine(LastId));
    LastId = H.Id;
    if (H.Address >= CodeStoreEnd ||
        (H.Address >= Start && H.Address < Start + MaxLength) ||
        H.Address == Done)
      return bad(*this, "capabilities.helpers: address " + Twine(H.Address) +
                            " of helper " + Twine(H.Id) +
                            " is not in the firmware's part of the code store");
    for (const ProfileHelper &Other : Helpers)
      if (Other.Id != H.Id && Other.Address == H.Address)
        return bad(*this, "capabilities.helpers: helpers " + Twine(H.Id) +
                              " and " + Twine(Other.Id) + " share address " +
                              Twine(H.Address));
  }
  if (AdjustHead) {
    if (AdjustHead->OffMin > AdjustHead->OffMax)
      return bad(*this, "capabilities.adjust_head: off_min > off_max");
    if (AdjustHead->OffMax > 255)
      return bad(*this, "capabilities.adjust_head.off_max: " +
                            Twine(AdjustHead->OffMax) + " does not fit 8 bits");
  }
  if (ClockHz == 0)
    return bad(*this, "machine.clock_hz: must not be 0");
  if (Microengines == 0)
    return bad(*this, "machine.microengines: must not be 0");
  if (Contexts != 4)
    return bad(*this, "machine.contexts: " + Twine(Contexts) +
                          ": only 4-context mode is supported");
  if (Queues > 255)
    return bad(*this, "machine.queues: " + Twine(Queues) + " is above 255");
  bool Found = false;
  for (const FirmwareVariant &V : Timing.FirmwareVariants)
    Found |= V.Name == Timing.Firmware;
  if (!Found)
    return bad(*this, "timing.firmware: no variant is named '" +
                          Twine(Timing.Firmware) + "'");
  if (Timing.MapMissesPerSecond <= 0)
    return bad(*this, "timing.map_misses_per_second must be positive");
  if (Timing.MapContention < 1)
    return bad(*this, "timing.map_contention is below 1");
  return Error::success();
}

std::string findProfileFor(const ProfileNeeds &Needs, StringRef Except) {
  for (StringRef Name : shippedProfiles()) {
    if (Name == Except)
      continue;
    Expected<Profile> P = loadProfile(Name);
    if (!P) {
      consumeError(P.takeError());
      continue;
    }
    bool Fits =
        Needs.Words <= P->MaxLength && Needs.StackBytes <= P->StackBytes;
    for (uint32_t Id : Needs.Helpers)
      Fits &= P->allowsHelper(Id);
    for (uint32_t Type : Needs.MapTypes)
      Fits &= P->Maps && P->Maps->allowsType(Type);
    if (Needs.KeySize || Needs.ValueSize || Needs.ElemSize || Needs.Elems ||
        Needs.MapCount)
      Fits &= P->Maps && Needs.KeySize <= P->Maps->MaxKeySize &&
              Needs.ValueSize <= P->Maps->MaxValueSize &&
              Needs.ElemSize <= P->Maps->MaxElemSize &&
              Needs.Elems <= P->Maps->MaxElems &&
              Needs.MapCount <= P->Maps->MaxMaps;
    if (Fits)
      return P->Name;
  }
  return "";
}

} // namespace nfpbpf
