// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checks.cc: the checks that every codec makes (see checks.h).
// On the way of the data: the codecs of this folder -> here.
#include "core/gradient/checks.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/checks.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A float is NaN or infinite if the bits of its magnitude, as an integer, are at least those of infinity. The
// largest magnitude of a pass is kept, so that the loops have no branch.
constexpr int32_t kInfinityBits = 0x7f800000;

template <class DI>
struct Largest {
  using V = hn::Vec<DI>;
  explicit Largest(DI d) : largest(hn::Zero(d)), mask(hn::Set(d, 0x7fffffff)) {}
  template <class VF>
  void Take(VF v) {
    largest = hn::Max(largest, hn::And(hn::BitCast(DI(), v), mask));
  }
  bool IsFinite() const { return hn::AllTrue(DI(), hn::Lt(largest, hn::Set(DI(), kInfinityBits))); }
  V largest, mask;
};

bool IsFiniteAny(const float* values, int64_t n) {
  const hn::ScalableTag<float> d;
  Largest<hn::RebindToSigned<decltype(d)>> largest{hn::RebindToSigned<decltype(d)>()};
  ForEachVector(
      d, n, 0, [&](int64_t i) HWY_ATTR { largest.Take(hn::LoadU(d, values + i)); },
      [&](int64_t i, int64_t count) HWY_ATTR { largest.Take(LoadPart(d, values + i, count)); });
  return largest.IsFinite();
}

bool CopyFiniteAny(const uint8_t* from, uint8_t* to, int64_t n) {
  const hn::ScalableTag<float> d;
  Largest<hn::RebindToSigned<decltype(d)>> largest{hn::RebindToSigned<decltype(d)>()};
  const auto* source = reinterpret_cast<const float*>(from);  // only ever loaded unaligned
  auto* target = reinterpret_cast<float*>(to);
  const auto part = [&](int64_t i, int64_t count) HWY_ATTR {
    const auto v = LoadPart(d, source + i, count);
    largest.Take(v);
    StorePart(d, v, target + i, count);
  };
  if (StreamsTo(to, 4, n)) {
    ForEachVector(
        d, n, ElementsToAlignment(d, to),
        [&](int64_t i) HWY_ATTR {
          const auto v = hn::LoadU(d, source + i);
          largest.Take(v);
          hn::Stream(v, d, target + i);
        },
        part);
    hwy::FlushStream();
  } else {
    ForEachVector(
        d, n, 0,
        [&](int64_t i) HWY_ATTR {
          const auto v = hn::LoadU(d, source + i);
          largest.Take(v);
          hn::StoreU(v, d, target + i);
        },
        part);
  }
  return largest.IsFinite();
}

bool AddFiniteAny(const uint8_t* from, float* to, int64_t n) {
  const hn::ScalableTag<float> d;
  Largest<hn::RebindToSigned<decltype(d)>> largest{hn::RebindToSigned<decltype(d)>()};
  const auto* source = reinterpret_cast<const float*>(from);
  ForEachVector(
      d, n, 0,
      [&](int64_t i) HWY_ATTR {
        const auto v = hn::LoadU(d, source + i);
        largest.Take(v);
        hn::StoreU(hn::Add(hn::LoadU(d, to + i), v), d, to + i);
      },
      [&](int64_t i, int64_t count) HWY_ATTR {
        const auto v = LoadPart(d, source + i, count);
        largest.Take(v);
        StorePart(d, hn::Add(LoadPart(d, to + i, count), v), to + i, count);
      });
  return largest.IsFinite();
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>
#include <limits>

#include "fmt/format.h"

namespace concertina {

HWY_EXPORT(IsFiniteAny);
HWY_EXPORT(CopyFiniteAny);
HWY_EXPORT(AddFiniteAny);

bool IsFinite(std::span<const float> values) {
  return HWY_DYNAMIC_DISPATCH(IsFiniteAny)(values.data(), static_cast<int64_t>(values.size()));
}

int64_t FirstNotFinite(const void* values, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    float value;
    std::memcpy(&value, static_cast<const uint8_t*>(values) + 4 * i, 4);
    if (!std::isfinite(value)) return i;
  }
  return -1;
}

bool CopyFinite(const uint8_t* from, uint8_t* to, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(CopyFiniteAny)(from, to, n);
}

bool AddFinite(const uint8_t* from, float* to, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(AddFiniteAny)(from, to, n);
}

absl::Status NotFiniteError(std::span<const float> gradient, int64_t offset) {
  const int64_t index = FirstNotFinite(gradient.data(), static_cast<int64_t>(gradient.size()));
  return absl::OutOfRangeError(
      fmt::format("gradient element {} is {}, expected a finite number; lower the learning rate",
                  offset + index, gradient[static_cast<size_t>(index)]));
}

absl::Status DamagedElementError(std::string_view codec, int64_t index) {
  return absl::DataLossError(
      fmt::format("{} payload: element {} is infinite or not a number, expected a finite one", codec, index));
}

absl::Status CheckPayloadSize(std::string_view codec, int64_t payload_bytes, int64_t expected_bytes,
                              int64_t d) {
  if (payload_bytes == expected_bytes) return absl::OkStatus();
  return absl::DataLossError(fmt::format("{} payload: {} bytes, expected {} for {} elements", codec,
                                         payload_bytes, expected_bytes, d));
}

absl::Status CheckNoState(std::string_view codec, std::span<const uint8_t> state) {
  if (state.empty()) return absl::OkStatus();
  return absl::DataLossError(fmt::format("{} state: {} bytes, expected none", codec, state.size()));
}

absl::Status BucketLength::Check(std::span<const float> gradient) {
  const auto d = static_cast<int64_t>(gradient.size());
  if (d < 1 || d > std::numeric_limits<uint32_t>::max())
    return absl::InvalidArgumentError(
        fmt::format("gradient has {} elements, expected 1 to {}", d, std::numeric_limits<uint32_t>::max()));
  if (d_ != 0 && d != d_)
    return absl::InvalidArgumentError(fmt::format(
        "gradient has {} elements, expected {} as at the first step; make a codec for each bucket", d, d_));
  d_ = d;
  return absl::OkStatus();
}

}  // namespace concertina
#endif  // HWY_ONCE
