// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// element_kernels.cc: what is done element by element: grids, pools, sums (see kernels.h).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/edge/element_kernels.cc"
// clang-format off
#include "core/edge/kernel_targets.h"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
// clang-format on

#include <algorithm>
#include <cmath>

#include "core/edge/kernels.h"
#include "core/edge/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace concertina::edge {
namespace HWY_NAMESPACE {

HWY_ATTR void Quantize(const float* x, int64_t n, float scale, int32_t zero_point, int32_t most, uint8_t* q) {
  const Floats d;
  const FloatV inverse = hn::Set(d, 1.0F / scale);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    // Bounded first: what is beyond int32 has no nearest whole number.
    const FloatV scaled =
        hn::Min(hn::Max(hn::Mul(hn::LoadU(d, x + i), inverse), hn::Set(d, -1e6F)), hn::Set(d, 1e6F));
    const IntV sum = hn::Add(hn::NearestInt(scaled), hn::Set(Ints(), zero_point));
    StoreSomeBytes(hn::Min(hn::Max(sum, hn::Zero(Ints())), hn::Set(Ints(), most)), kLanes, q + i);
  }
  for (; i < n; ++i) {
    const float scaled = std::min(std::max(x[i] * (1.0F / scale), -1e6F), 1e6F);
    q[i] =
        static_cast<uint8_t>(std::clamp(static_cast<int32_t>(std::nearbyint(scaled)) + zero_point, 0, most));
  }
}

HWY_ATTR void Dequantize(const uint8_t* q, int64_t n, float scale, int32_t zero_point, float* x) {
  for (int64_t i = 0; i < n; ++i) x[i] = scale * static_cast<float>(static_cast<int32_t>(q[i]) - zero_point);
}

HWY_ATTR void Pair(const uint8_t* q, int64_t n, int32_t zero_point, int16_t* pairs) {
  for (int64_t i = 0; i < n; ++i) pairs[i] = static_cast<int16_t>(static_cast<int32_t>(q[i]) - zero_point);
  if (n % 2 != 0) pairs[n] = 0;
}

HWY_ATTR void Pool2Float(int64_t channels, int64_t height, int64_t width, const float* x, float* y) {
  const Floats d;
  const int64_t out_height = height / 2, out_width = width / 2;
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t row = 0; row < out_height; ++row) {
      const float* const above = x + (c * height + 2 * row) * width;
      const float* const below = above + width;
      float* const to = y + (c * out_height + row) * out_width;
      int64_t i = 0;
      for (; i + kLanes <= out_width; i += kLanes) {
        FloatV a0, a1, b0, b1;
        hn::LoadInterleaved2(d, above + 2 * i, a0, a1);
        hn::LoadInterleaved2(d, below + 2 * i, b0, b1);
        hn::StoreU(hn::Max(hn::Max(a0, a1), hn::Max(b0, b1)), d, to + i);
      }
      for (; i < out_width; ++i)
        to[i] = std::max(std::max(above[2 * i], above[2 * i + 1]), std::max(below[2 * i], below[2 * i + 1]));
    }
}

HWY_ATTR void Pool2Bytes(int64_t channels, int64_t height, int64_t width, const uint8_t* x, uint8_t* y) {
  const hn::CappedTag<uint8_t, 16> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t out_height = height / 2, out_width = width / 2;
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t row = 0; row < out_height; ++row) {
      const uint8_t* const above = x + (c * height + 2 * row) * width;
      const uint8_t* const below = above + width;
      uint8_t* const to = y + (c * out_height + row) * out_width;
      int64_t i = 0;
      for (; i + lanes <= out_width; i += lanes) {
        hn::Vec<decltype(d)> a0, a1, b0, b1;
        hn::LoadInterleaved2(d, above + 2 * i, a0, a1);
        hn::LoadInterleaved2(d, below + 2 * i, b0, b1);
        hn::StoreU(hn::Max(hn::Max(a0, a1), hn::Max(b0, b1)), d, to + i);
      }
      for (; i < out_width; ++i)
        to[i] = std::max(std::max(above[2 * i], above[2 * i + 1]), std::max(below[2 * i], below[2 * i + 1]));
    }
}

HWY_ATTR void SumFloat(const float* a, const float* b, int64_t n, bool rectifies, float* y) {
  if (rectifies) {
    for (int64_t i = 0; i < n; ++i) y[i] = std::max(a[i] + b[i], 0.0F);
  } else {
    for (int64_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
  }
}

HWY_ATTR void SumBytes(const uint8_t* a, const uint8_t* b, int64_t n, const AddGrids& g, uint8_t* y) {
  const Floats df;
  const Ints d;
  const hn::Rebind<uint8_t, Ints> d8;
  const auto value = [&](const uint8_t* from, int32_t zero, float scale) HWY_ATTR {
    const IntV q = hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, from)), hn::Set(d, zero));
    return hn::Mul(hn::ConvertTo(df, q), hn::Set(df, scale));
  };
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const FloatV sum = hn::Add(value(a + i, g.a_zero, g.a_scale), value(b + i, g.b_zero, g.b_scale));
    StoreSomeBytes(WithinGrid(hn::NearestInt(sum), g.zero_point, g.least, g.most), kLanes, y + i);
  }
  for (; i < n; ++i) {
    const float left = static_cast<float>(static_cast<int32_t>(a[i]) - g.a_zero) * g.a_scale;
    const float right = static_cast<float>(static_cast<int32_t>(b[i]) - g.b_zero) * g.b_scale;
    const float q = std::clamp(std::nearbyint(left + right), static_cast<float>(g.least - g.zero_point),
                               static_cast<float>(g.most - g.zero_point));
    y[i] = static_cast<uint8_t>(static_cast<int32_t>(q) + g.zero_point);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina::edge {
namespace {

HWY_EXPORT(Quantize);
HWY_EXPORT(Dequantize);
HWY_EXPORT(Pair);
HWY_EXPORT(Pool2Float);
HWY_EXPORT(Pool2Bytes);
HWY_EXPORT(SumFloat);
HWY_EXPORT(SumBytes);

}  // namespace

void QuantizeBytes(std::span<const float> x, float scale, int32_t zero_point, int32_t most, uint8_t* q) {
  HWY_DYNAMIC_DISPATCH(Quantize)(x.data(), static_cast<int64_t>(x.size()), scale, zero_point, most, q);
}
void DequantizeBytes(std::span<const uint8_t> q, float scale, int32_t zero_point, float* x) {
  HWY_DYNAMIC_DISPATCH(Dequantize)(q.data(), static_cast<int64_t>(q.size()), scale, zero_point, x);
}
void PairBytes(std::span<const uint8_t> q, int32_t zero_point, int16_t* pairs) {
  HWY_DYNAMIC_DISPATCH(Pair)(q.data(), static_cast<int64_t>(q.size()), zero_point, pairs);
}
void MaxPool2Float(int64_t channels, int64_t height, int64_t width, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(Pool2Float)(channels, height, width, x, y);
}
void MaxPool2Bytes(int64_t channels, int64_t height, int64_t width, const uint8_t* x, uint8_t* y) {
  HWY_DYNAMIC_DISPATCH(Pool2Bytes)(channels, height, width, x, y);
}
void AddFloat(std::span<const float> a, const float* b, bool rectifies, float* y) {
  HWY_DYNAMIC_DISPATCH(SumFloat)(a.data(), b, static_cast<int64_t>(a.size()), rectifies, y);
}
void AddBytes(std::span<const uint8_t> a, const uint8_t* b, const AddGrids& grids, uint8_t* y) {
  HWY_DYNAMIC_DISPATCH(SumBytes)(a.data(), b, static_cast<int64_t>(a.size()), grids, y);
}

}  // namespace concertina::edge
#endif  // HWY_ONCE
