// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dropout.cc: masks from a counter. The mixing is MurmurHash3's 32-bit finalizer (Appleby, public domain),
// applied to the feature under one half of the key, and then with the sample under the other.
// On the way of the data: graph/dropout_operator.cc -> here.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/dropout.cc"
#include "core/tensor/highway_targets.h"
// clang-format off
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "core/tensor/register_tile-inl.h"
// clang-format on

#include <algorithm>

#include "core/tensor/dropout.h"
#include "core/tensor/parallel_for.h"

#ifndef CORE_TENSOR_DROPOUT_MIX_
#define CORE_TENSOR_DROPOUT_MIX_
namespace concertina {
inline constexpr uint32_t kMixFirst = 0x85ebca6bU;
inline constexpr uint32_t kMixSecond = 0xc2b2ae35U;
inline constexpr uint32_t kGolden = 0x9e3779b9U;  // keeps neighbouring samples apart before they are mixed

inline uint32_t Mix(uint32_t x) {
  x = (x ^ (x >> 16)) * kMixFirst;
  x = (x ^ (x >> 13)) * kMixSecond;
  return x ^ (x >> 16);
}
// Dropped where the top 31 bits of the mix are below this: comparisons of signed integers are the ones that
// every vector unit has.
inline int32_t DropoutThreshold(double rate) { return static_cast<int32_t>(rate * 0x1.0p31); }
inline float KeptScale(double rate) { return static_cast<float>(1 / (1 - rate)); }
inline uint32_t FeatureKey(DropoutKey key, int64_t feature) {
  return Mix(static_cast<uint32_t>(feature) ^ key.first) ^ key.second;
}
}  // namespace concertina
#endif

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {

struct DropoutRange {
  HWY_ATTR void operator()(int64_t begin, int64_t end) const {
    const FloatTag d;
    const hn::RebindToUnsigned<FloatTag> du;
    const hn::RebindToSigned<FloatTag> di;
    const auto threshold = hn::Set(di, DropoutThreshold(shape.rate));
    const FloatVector scale = hn::Set(d, KeptScale(shape.rate));
    const auto golden = hn::Set(du, kGolden);
    for (int64_t f = begin; f < end; ++f) {
      const auto feature = hn::Set(du, FeatureKey(key, shape.first_feature + f));
      for (int64_t lane = 0; lane < shape.lanes; lane += kVectorLanes) {
        const int64_t i = f * shape.lanes + lane;
        auto bits =
            hn::Xor(hn::Mul(hn::Iota(du, static_cast<uint32_t>(shape.first_sample + lane)), golden), feature);
        bits = hn::Mul(hn::Xor(bits, hn::ShiftRight<16>(bits)), hn::Set(du, kMixFirst));
        bits = hn::Mul(hn::Xor(bits, hn::ShiftRight<13>(bits)), hn::Set(du, kMixSecond));
        bits = hn::Xor(bits, hn::ShiftRight<16>(bits));
        const auto dropped = hn::Lt(hn::BitCast(di, hn::ShiftRight<1>(bits)), threshold);
        FloatVector value =
            hn::IfThenZeroElse(hn::RebindMask(d, dropped), hn::Mul(hn::LoadU(d, x + i), scale));
        if (accumulate) value = hn::Add(value, hn::LoadU(d, y + i));
        hn::StoreU(value, d, y + i);
      }
    }
  }
  const DropoutShape& shape;
  DropoutKey key;
  const float* x;
  bool accumulate;
  float* y;
};

HWY_ATTR void DropElements(const DropoutShape& shape, DropoutKey key, const float* x, bool accumulate,
                           float* y) {
  ParallelFor(shape.threads, shape.features, DropoutRange{shape, key, x, accumulate, y});
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina {
namespace {
HWY_EXPORT(DropElements);
}  // namespace

void Dropout(const DropoutShape& shape, DropoutKey key, const float* x, bool accumulate, float* y) {
  HWY_DYNAMIC_DISPATCH(DropElements)(shape, key, x, accumulate, y);
}

float DropoutFactor(double rate, DropoutKey key, int64_t feature, int64_t sample) {
  const uint32_t bits = Mix((static_cast<uint32_t>(sample) * kGolden) ^ FeatureKey(key, feature));
  return static_cast<int32_t>(bits >> 1) < DropoutThreshold(rate) ? 0.0F : KeptScale(rate);
}

}  // namespace concertina
#endif  // HWY_ONCE
