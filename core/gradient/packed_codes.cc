// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// packed_codes.cc: small whole numbers side by side in bytes (see packed_codes.h).
// On the way of the data: the quantising codecs of this folder -> here -> their payloads.
#include "core/gradient/packed_codes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/packed_codes.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR  // which has one lane, and nothing to put together

// Two vectors of codes of kBits become one of codes twice as wide: as 16 bits, c0 + 256 c1 shifted right by 8
// - kBits puts c1 beside c0 in the lower byte.
template <int kBits, class D8, class V8>
HWY_INLINE V8 PackPairs(D8 d8, V8 low, V8 high) {
  const hn::RepartitionToWide<D8> d16;
  const auto pair = [&](V8 v) HWY_ATTR {
    const auto w = hn::BitCast(d16, v);
    return hn::BitCast(d8, hn::Or(w, hn::ShiftRight<8 - kBits>(w)));
  };
  return hn::ConcatEven(d8, pair(high), pair(low));
}

// A vector of bytes from 8 / kBits vectors of codes.
template <int kBits, class D8>
HWY_INLINE hn::Vec<D8> PackVector(D8 d8, const uint8_t* codes) {
  if constexpr (kBits == 8) {
    return hn::LoadU(d8, codes);
  } else {
    // The codes of half a byte come from the first half of the vectors.
    const auto lanes = static_cast<int64_t>(hn::Lanes(d8));
    const auto load = [&](int64_t i) HWY_ATTR { return hn::LoadU(d8, codes + i * lanes); };
    const auto pack = [&](int64_t i) HWY_ATTR {  // vectors i and i + 1, to pairs
      return PackPairs<kBits>(d8, load(i), load(i + 1));
    };
    if constexpr (kBits == 4) {
      return pack(0);
    } else {
      const auto quads = [&](int64_t i) HWY_ATTR { return PackPairs<2 * kBits>(d8, pack(i), pack(i + 2)); };
      if constexpr (kBits == 2)
        return quads(0);
      else
        return PackPairs<4>(d8, quads(0), quads(4));
    }
  }
}

// A vector of codes.
template <int kBits, class D8>
HWY_INLINE hn::Vec<D8> UnpackVector(D8 d8, const uint8_t* packed) {
  if constexpr (kBits == 8) {
    return hn::LoadU(d8, packed);
  } else if constexpr (kBits == 4) {
    const hn::RepartitionToWide<D8> d16;
    const auto w = hn::PromoteTo(d16, hn::LoadU(hn::Rebind<uint8_t, decltype(d16)>(), packed));
    return hn::BitCast(d8, hn::And(hn::Or(w, hn::ShiftLeft<4>(w)), hn::Set(d16, uint16_t{0x0f0f})));
  } else if constexpr (kBits == 2) {
    const hn::RepartitionToWide<hn::RepartitionToWide<D8>> d32;
    auto w = hn::PromoteTo(d32, hn::LoadU(hn::Rebind<uint8_t, decltype(d32)>(), packed));
    w = hn::And(hn::Or(w, hn::ShiftLeft<12>(w)), hn::Set(d32, 0x000f000fU));
    return hn::BitCast(d8, hn::And(hn::Or(w, hn::ShiftLeft<6>(w)), hn::Set(d32, 0x03030303U)));
  } else {
    uint8_t bits[8] = {};  // as many bytes as LoadMaskBits may read
    std::memcpy(bits, packed, hn::Lanes(d8) / 8);
    return hn::IfThenElseZero(hn::LoadMaskBits(d8, bits), hn::Set(d8, uint8_t{1}));
  }
}

#endif

template <int kBits>
void PackOne(const uint8_t* codes, int64_t n, uint8_t* packed) {
  constexpr int64_t kFull = 8 / kBits;
  int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<uint8_t> d8;
  const auto step = kFull * static_cast<int64_t>(hn::Lanes(d8));
  for (; i + step <= n; i += step) hn::StoreU(PackVector<kBits>(d8, codes + i), d8, packed + i / kFull);
#endif
  for (; i < n; i += kFull) {
    unsigned byte = 0;
    for (int64_t j = 0; j < kFull && i + j < n; ++j)
      byte |= static_cast<unsigned>(codes[i + j]) << (kBits * j);
    packed[i / kFull] = static_cast<uint8_t>(byte);
  }
}

template <int kBits>
void UnpackOne(const uint8_t* packed, uint8_t* codes, int64_t n) {
  constexpr int64_t kFull = 8 / kBits;
  int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<uint8_t> d8;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d8));
  for (; i + lanes <= n; i += lanes) hn::StoreU(UnpackVector<kBits>(d8, packed + i / kFull), d8, codes + i);
#endif
  for (; i < n; ++i)
    codes[i] = static_cast<uint8_t>(packed[i / kFull] >> (kBits * (i % kFull)) & ((1 << kBits) - 1));
}

void PackAny(const uint8_t* codes, int64_t n, int bits, uint8_t* packed) {
  if (bits == 1) PackOne<1>(codes, n, packed);
  if (bits == 2) PackOne<2>(codes, n, packed);
  if (bits == 4) PackOne<4>(codes, n, packed);
  if (bits == 8) PackOne<8>(codes, n, packed);
}

void UnpackAny(const uint8_t* packed, int bits, uint8_t* codes, int64_t n) {
  if (bits == 1) UnpackOne<1>(packed, codes, n);
  if (bits == 2) UnpackOne<2>(packed, codes, n);
  if (bits == 4) UnpackOne<4>(packed, codes, n);
  if (bits == 8) UnpackOne<8>(packed, codes, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cassert>

#include "fmt/format.h"

namespace concertina {

HWY_EXPORT(PackAny);
HWY_EXPORT(UnpackAny);

void PackCodes(std::span<const uint8_t> codes, int bits, uint8_t* packed) {
  assert(bits == 1 || bits == 2 || bits == 4 || bits == 8);
  HWY_DYNAMIC_DISPATCH(PackAny)(codes.data(), static_cast<int64_t>(codes.size()), bits, packed);
}

void UnpackCodes(const uint8_t* packed, int bits, std::span<uint8_t> codes) {
  assert(bits == 1 || bits == 2 || bits == 4 || bits == 8);
  HWY_DYNAMIC_DISPATCH(UnpackAny)(packed, bits, codes.data(), static_cast<int64_t>(codes.size()));
}

absl::Status CheckPadding(std::string_view codec, std::span<const uint8_t> packed, int64_t n, int bits) {
  const int64_t used = n * bits % 8;
  if (used == 0 || packed.back() >> used == 0) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("{} payload: bits are set after the last of {} elements, expected none", codec, n));
}

}  // namespace concertina
#endif  // HWY_ONCE
