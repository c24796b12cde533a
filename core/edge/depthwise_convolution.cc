// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// depthwise_convolution.cc: a convolution of each channel by itself (see kernels.h).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/edge/depthwise_convolution.cc"
// clang-format off
#include "core/edge/kernel_targets.h"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
// clang-format on

#include <algorithm>

#include "core/edge/kernels.h"
#include "core/edge/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace concertina::edge {
namespace HWY_NAMESPACE {

// to[i] += factor * from[i * stride], each by one fused step, so that the bits do not depend on the lanes.
HWY_ATTR void AddScaled(float factor, const float* from, int64_t stride, int64_t count, float* to) {
  int64_t i = 0;
  if (stride == 1) {
    const Floats d;
    const FloatV w = hn::Set(d, factor);
    for (; i + kLanes <= count; i += kLanes)
      hn::StoreU(hn::MulAdd(w, hn::LoadU(d, from + i), hn::LoadU(d, to + i)), d, to + i);
  }
  const hn::CappedTag<float, 1> one;
  for (; i < count; ++i)
    hn::StoreU(hn::MulAdd(hn::Set(one, factor), hn::Set(one, from[i * stride]), hn::LoadU(one, to + i)), one,
               to + i);
}

// Few multiplications for each float that is read: a tap after the other, along a row.
HWY_ATTR void Depthwise(const ConvolutionShape& s, const float* weight, const float* x, float* y) {
  for (int64_t c = 0; c < s.out_channels; ++c)
    for (int64_t row = 0; row < s.out_height; ++row) {
      float* const to = y + (c * s.out_height + row) * s.out_width;
      std::fill_n(to, s.out_width, 0.0F);
      for (int64_t ky = 0; ky < s.kernel_height; ++ky) {
        const int64_t from_row = row * s.stride - s.padding + ky;
        if (from_row < 0 || from_row >= s.height) continue;
        const float* const from = x + (c * s.height + from_row) * s.width;
        for (int64_t kx = 0; kx < s.kernel_width; ++kx) {
          // Of the outputs those whose tap meets the image.
          const int64_t shift = kx - s.padding, begin = shift >= 0 ? 0 : (-shift + s.stride - 1) / s.stride;
          const int64_t room = s.width - 1 - shift;
          const int64_t end = room < 0 ? 0 : std::min(s.out_width, room / s.stride + 1);
          if (begin < end)
            AddScaled(weight[(c * s.kernel_height + ky) * s.kernel_width + kx],
                      from + begin * s.stride + shift, s.stride, end - begin, to + begin);
        }
      }
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina::edge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace concertina::edge {
namespace {

HWY_EXPORT(Depthwise);

}  // namespace

void DepthwiseFloat(const ConvolutionShape& shape, const float* weight, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(Depthwise)(shape, weight, x, y);
}

}  // namespace concertina::edge
#endif  // HWY_ONCE
