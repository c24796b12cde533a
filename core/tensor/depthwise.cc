// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// depthwise.cc: see depthwise.h.
#include "core/tensor/depthwise.h"

#include <algorithm>

#include "core/tensor/batch_lanes.h"
#include "core/tensor/parallel_for.h"

namespace concertina {
namespace {

// Calls visit(tap, input position, output position) for every tap that meets an input, position by position.
template <class Visit>
void EachTap(const DepthwiseShape& s, const Visit& visit) {
  for (int64_t oy = 0; oy < s.out_height(); ++oy)
    for (int64_t ox = 0; ox < s.out_width(); ++ox) {
      const int64_t top = oy * s.stride - s.padding, left = ox * s.stride - s.padding;
      const int64_t last_ky = std::min(s.kernel_height, s.height - top);
      const int64_t last_kx = std::min(s.kernel_width, s.width - left);
      for (int64_t ky = std::max<int64_t>(0, -top); ky < last_ky; ++ky)
        for (int64_t kx = std::max<int64_t>(0, -left); kx < last_kx; ++kx)
          visit(ky * s.kernel_width + kx, (top + ky) * s.width + left + kx, oy * s.out_width() + ox);
    }
}

// to[…] += w[tap] from[…] for every tap that meets an input: to outputs from inputs, or the other way. Planes
// are those of one channel.
enum class Way { kForward, kBackward };
void AddChannels(const DepthwiseShape& s, Way way, const float* from, const float* weight, bool accumulate,
                 float* to) {
  const int64_t taps = s.kernel_height * s.kernel_width, lanes = s.lanes;
  const bool is_forward = way == Way::kForward;
  const int64_t in_plane = s.height * s.width * lanes, out_plane = s.out_height() * s.out_width() * lanes;
  const int64_t from_plane = is_forward ? in_plane : out_plane, to_plane = is_forward ? out_plane : in_plane;
  ParallelFor(s.threads, s.channels, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      const float *const a = from + c * from_plane, *const w = weight + c * taps;
      float* const b = to + c * to_plane;
      if (!accumulate) std::fill_n(b, to_plane, 0.0F);
      EachTap(s, [&](int64_t tap, int64_t in, int64_t out) {
        const float* const x = a + (is_forward ? in : out) * lanes;
        float* const y = b + (is_forward ? out : in) * lanes;
        for (int64_t lane = 0; lane < lanes; ++lane) y[lane] += w[tap] * x[lane];
      });
    }
  });
}

}  // namespace

void DepthwiseForward(const DepthwiseShape& s, const float* x, const float* weight, float* y) {
  AddChannels(s, Way::kForward, x, weight, /*accumulate=*/false, y);
}

void DepthwiseInputGradient(const DepthwiseShape& s, const float* dy, const float* weight, bool accumulate,
                            float* dx) {
  AddChannels(s, Way::kBackward, dy, weight, accumulate, dx);
}

void DepthwiseWeightGradient(const DepthwiseShape& s, const float* x, const float* dy, bool accumulate,
                             float* dw) {
  const int64_t taps = s.kernel_height * s.kernel_width, lanes = s.lanes;
  const int64_t in_plane = s.height * s.width * lanes, out_plane = s.out_height() * s.out_width() * lanes;
  ParallelFor(s.threads, s.channels, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      const float *const a = x + c * in_plane, *const b = dy + c * out_plane;
      for (int64_t tap = 0; tap < taps; ++tap) {
        // A sum for each lane, so that the loop over lanes needs no order of its own.
        double sums[kBatchLanes] = {};
        const int64_t ky = tap / s.kernel_width, kx = tap % s.kernel_width;
        for (int64_t oy = 0; oy < s.out_height(); ++oy) {
          const int64_t iy = oy * s.stride - s.padding + ky;
          if (iy < 0 || iy >= s.height) continue;
          for (int64_t ox = 0; ox < s.out_width(); ++ox) {
            const int64_t ix = ox * s.stride - s.padding + kx;
            if (ix < 0 || ix >= s.width) continue;
            const float* const in = a + (iy * s.width + ix) * lanes;
            const float* const out = b + (oy * s.out_width() + ox) * lanes;
            for (int64_t first = 0; first < lanes; first += kBatchLanes)
              for (int64_t lane = 0; lane < kBatchLanes; ++lane)
                sums[lane] += in[first + lane] * out[first + lane];
          }
        }
        double sum = 0;
        for (const double each : sums) sum += each;
        float& to = dw[c * taps + tap];
        to = (accumulate ? to : 0.0F) + static_cast<float>(sum);
      }
    }
  });
}

}  // namespace concertina
